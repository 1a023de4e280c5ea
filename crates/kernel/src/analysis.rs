//! Questions about code: what can stand here, what is this. evcxr answers them, with rust-analyzer.
//!
//! That takes seconds to get started and half a gigabyte of memory, so it happens in a thread of its own, when the
//! first question comes, and never for running a cell.

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use evcxr::{CommandContext, EvalContext};

use crate::cells::kit::Dependencies;

/// What can stand at a place in the code.
#[derive(Clone, Debug, Default)]
pub struct Completions {
    /// The code that would be there.
    pub matches: Vec<Match>,
    /// The bytes that it replaces.
    pub range: Range<usize>,
}

/// One thing that can stand at a place in the code.
#[derive(Clone, Debug)]
pub struct Match {
    /// The code.
    pub code: String,
    /// `function`, `variable`, ...
    pub kind: String,
    /// With its type, where it has one.
    pub label: String,
}

/// The documentation of a name, as text and as HTML.
pub type Documentation = (String, String);

/// A question waits this long for its answer: the first one of a session takes longest.
const PATIENCE: Duration = Duration::from_secs(14);

/// The thread that answers.
#[derive(Debug)]
pub struct Analysis {
    folder: PathBuf,
    thread: Option<(Sender<Question>, Receiver<Answer>)>,
    /// The number of the last question: older answers came too late.
    asked: u64,
}

#[derive(Debug)]
struct Question {
    number: u64,
    dependencies: Dependencies,
    /// What the cells before left.
    prelude: String,
    code: String,
    at: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Completion,
    Documentation,
}

#[derive(Debug)]
struct Answer {
    number: u64,
    completions: Completions,
    documentation: Option<Documentation>,
}

impl Analysis {
    pub(crate) fn new(folder: PathBuf) -> Analysis {
        Analysis {
            folder,
            thread: None,
            asked: 0,
        }
    }

    /// What can stand at byte `at` of `code`, which is not run.
    pub(crate) fn complete(
        &mut self,
        dependencies: &Dependencies,
        prelude: String,
        code: &str,
        at: usize,
    ) -> Completions {
        self.ask(dependencies, prelude, code, at, What::Completion)
            .map(|answer| answer.completions)
            .unwrap_or_default()
    }

    /// The documentation of what stands before byte `at` of `code`.
    pub(crate) fn document(
        &mut self,
        dependencies: &Dependencies,
        prelude: String,
        code: &str,
        at: usize,
    ) -> Option<Documentation> {
        self.ask(dependencies, prelude, code, at, What::Documentation)?
            .documentation
    }

    fn ask(
        &mut self,
        dependencies: &Dependencies,
        prelude: String,
        code: &str,
        at: usize,
        what: What,
    ) -> Option<Answer> {
        self.asked += 1;
        let number = self.asked;
        let folder = &self.folder;
        let (questions, answers) = self.thread.get_or_insert_with(|| start(folder.clone()));
        let question = Question {
            number,
            dependencies: dependencies.clone(),
            prelude,
            code: code.to_owned(),
            at,
            what,
        };
        let deadline = Instant::now() + PATIENCE;
        let sent = questions.send(question).is_ok();
        loop {
            match answers.recv_deadline(deadline) {
                Ok(answer) if answer.number == number => return Some(answer),
                Ok(_) => (),
                Err(_) => {
                    if !sent {
                        // It has failed: the next question starts another one.
                        self.thread = None;
                    }
                    return None;
                }
            }
        }
    }
}

fn start(folder: PathBuf) -> (Sender<Question>, Receiver<Answer>) {
    let (questions_in, questions) = crossbeam_channel::unbounded();
    let (answers_in, answers) = crossbeam_channel::unbounded();
    std::thread::spawn(move || {
        // A failure inside ends the thread; whoever asks next starts another one.
        let _ =
            std::panic::catch_unwind(AssertUnwindSafe(|| work(&folder, &questions, &answers_in)));
    });
    (questions_in, answers)
}

fn work(folder: &Path, questions: &Receiver<Question>, answers: &Sender<Answer>) -> Option<()> {
    std::fs::create_dir_all(folder).ok()?;
    crate::tools::name_analysis_folder(folder);
    let mut command = Command::new(std::env::current_exe().ok()?);
    crate::processes::tied_to_us(&mut command);
    let started = EvalContext::with_subprocess_command(command);
    let (context, _outputs) = started
        .inspect_err(|error| eprintln!("gradus: no completion: {error}"))
        .ok()?;
    let mut context = CommandContext::with_eval_context(context);
    let _ = context.execute(":offline 1");
    let mut known = Dependencies::new();
    for question in questions {
        if question.dependencies != known {
            for (name, what) in &question.dependencies {
                // Without it there is less to be found, no more.
                let _ = context.execute(&format!(":dep {name} = {what}"));
            }
            known = question.dependencies;
        }
        let before = question.prelude.len();
        let code = format!("{}{}", question.prelude, question.code);
        let mut answer = Answer {
            number: question.number,
            completions: Completions::default(),
            documentation: None,
        };
        match question.what {
            What::Completion => {
                if let Ok(found) = context.completions(&code, before + question.at) {
                    answer.completions = Completions {
                        range: found.start_offset.saturating_sub(before)
                            ..found.end_offset.saturating_sub(before),
                        matches: found
                            .completions
                            .into_iter()
                            .map(|found| Match {
                                code: found.code,
                                kind: found.kind.to_owned(),
                                label: found.label,
                            })
                            .collect(),
                    };
                }
            }
            What::Documentation => {
                let found = context.hover_at(&code, before + question.at).ok();
                answer.documentation = found.filter(|(text, _)| {
                    !text.trim().is_empty() && text != "No documentation found"
                });
            }
        }
        answers.send(answer).ok()?;
    }
    Some(())
}
