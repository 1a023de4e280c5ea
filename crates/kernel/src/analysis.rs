//! Questions about code: what can stand here, what is this. evcxr answers them, with rust-analyzer.
//!
//! That takes many seconds to get started and half a gigabyte of memory, so it happens in a thread of its own that gives way
//! to others, when a library comes in or the first question comes, and never for running a cell.

use std::collections::HashSet;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use evcxr::{CommandContext, EvalContext};
use ra_ap_syntax::ast::{self, AstNode, HasName, HasVisibility};
use ra_ap_syntax::{Edition, SourceFile};

use crate::cells::kit::{self, Dependencies};

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
/// And this long when a cell, or another question, waits behind it.
const PATIENCE_OF_OTHERS: Duration = Duration::from_secs(1);
/// A command that asks is all that its cell is for.
pub(crate) const PATIENCE_OF_COMMANDS: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_millis(50);

/// How long somebody who is typing waits for an answer, when others wait too or not.
pub(crate) fn patience(others_wait: bool) -> Duration {
    if others_wait {
        PATIENCE_OF_OTHERS
    } else {
        PATIENCE
    }
}

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
    /// No question: one may come.
    Preparation,
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
        patience: &dyn Fn() -> Duration,
    ) -> Completions {
        self.ask(dependencies, prelude, code, at, What::Completion, patience)
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
        patience: &dyn Fn() -> Duration,
    ) -> Option<Documentation> {
        self.ask(
            dependencies,
            prelude,
            code,
            at,
            What::Documentation,
            patience,
        )?
        .documentation
    }

    /// Reads the libraries in, so that the first question does not wait for that.
    pub(crate) fn prepare(&mut self, dependencies: &Dependencies) {
        self.send(dependencies, String::new(), "", 0, What::Preparation);
    }

    fn ask(
        &mut self,
        dependencies: &Dependencies,
        prelude: String,
        code: &str,
        at: usize,
        what: What,
        patience: &dyn Fn() -> Duration,
    ) -> Option<Answer> {
        let begin = Instant::now();
        let answers = self.send(dependencies, prelude, code, at, what);
        loop {
            match answers.recv_timeout(TICK) {
                Ok(answer) if answer.number == self.asked => return Some(answer),
                Ok(_) => (),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    if begin.elapsed() >= patience() {
                        return None;
                    }
                }
            }
        }
    }

    fn send(
        &mut self,
        dependencies: &Dependencies,
        prelude: String,
        code: &str,
        at: usize,
        what: What,
    ) -> Receiver<Answer> {
        self.asked += 1;
        let mut question = Question {
            number: self.asked,
            dependencies: dependencies.clone(),
            prelude,
            code: code.to_owned(),
            at,
            what,
        };
        loop {
            let folder = &self.folder;
            let (questions, answers) = self.thread.get_or_insert_with(|| start(folder.clone()));
            match questions.send(question) {
                Ok(()) => return answers.clone(),
                Err(unsent) => {
                    // It has failed: another one starts.
                    question = unsent.0;
                    self.thread = None;
                }
            }
        }
    }
}

const THREAD: &str = "gradus-analysis";

fn start(folder: PathBuf) -> (Sender<Question>, Receiver<Answer>) {
    static QUIET: Once = Once::new();
    // rust-analyzer panics now and then about code that is being written; nobody needs to read that.
    QUIET.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() != Some(THREAD) {
                others(info);
            }
        }));
    });
    let (questions_in, questions) = crossbeam_channel::unbounded();
    let (answers_in, answers) = crossbeam_channel::unbounded();
    let thread = std::thread::Builder::new().name(THREAD.to_owned());
    // Where no thread can start, the channels are closed, and there is no answer.
    let _ = thread.spawn(move || {
        crate::processes::give_way();
        let _ =
            std::panic::catch_unwind(AssertUnwindSafe(|| work(&folder, &questions, &answers_in)));
    });
    (questions_in, answers)
}

fn work(folder: &Path, questions: &Receiver<Question>, answers: &Sender<Answer>) -> Option<()> {
    std::fs::create_dir_all(folder).ok()?;
    crate::stand_in::name_analysis_folder(folder);
    let mut command = Command::new(std::env::current_exe().ok()?);
    command.env(crate::child::ANALYSIS, "1");
    crate::processes::tied_to_us(&mut command);
    let started = EvalContext::with_subprocess_command(command);
    let (context, _outputs) = started
        .inspect_err(|error| eprintln!("gradus: no completion: {error}"))
        .ok()?;
    let mut context = CommandContext::with_eval_context(context);
    let _ = context.execute(":offline 1");
    let mut known = Dependencies::new();
    let mut structs_known = Vec::new();
    for question in questions {
        if question.dependencies != known {
            for (name, what) in &question.dependencies {
                // Without it there is less to be found, no more.
                let _ = context.execute(&format!(":dep {name} = {what}"));
            }
            known = question.dependencies;
            structs_known = structs(&known);
        }
        let mut answer = Answer {
            number: question.number,
            completions: Completions::default(),
            documentation: None,
        };
        match question.what {
            What::Completion | What::Preparation => {
                answer.completions =
                    completions(&mut context, &question.prelude, &question.code, question.at);
                let name = name_before(&question.code, question.at);
                if answer.completions.matches.is_empty() && !name.is_empty() {
                    // Without what stands around it: there it panics, or knows nothing.
                    let start = question.at - name.len();
                    let alone = completions(&mut context, &question.prelude, name, name.len());
                    answer.completions = Completions {
                        range: start + alone.range.start..start + alone.range.end,
                        ..alone
                    };
                }
                let found = &mut answer.completions;
                let typed = question.code.get(found.range.start..question.at);
                hide_private(
                    &mut found.matches,
                    typed.unwrap_or_default(),
                    &structs_known,
                );
            }
            What::Documentation => {
                let code = format!("{}{}", question.prelude, question.code);
                let at = question.prelude.len() + question.at;
                let found =
                    std::panic::catch_unwind(AssertUnwindSafe(|| context.hover_at(&code, at).ok()));
                answer.documentation = found.ok().flatten().filter(|(text, _)| {
                    !text.trim().is_empty() && text != "No documentation found"
                });
            }
        }
        answers.send(answer).ok()?;
    }
    Some(())
}

/// The named fields of a struct, and whether they are public.
type Fields = Vec<(String, bool)>;

/// The structs of the libraries that stand in folders: rust-analyzer takes the authors of those for the ones who ask, and
/// offers them private fields.
fn structs(dependencies: &Dependencies) -> Vec<Fields> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = kit::folders(dependencies)
        .map(|folder| folder.join("src"))
        .collect();
    while let Some(path) = open.pop() {
        if let Ok(entries) = std::fs::read_dir(&path) {
            open.extend(entries.flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            let file = SourceFile::parse(&text, Edition::Edition2024).syntax_node();
            let lists = file.descendants().filter_map(ast::RecordFieldList::cast);
            found.extend(lists.map(|list| {
                let fields = list.fields().filter_map(|field| {
                    let visibility = field.visibility();
                    let public =
                        visibility.is_some_and(|visibility| visibility.syntax().text() == "pub");
                    Some((field.name()?.to_string(), public))
                });
                fields.collect()
            }));
        }
    }
    found
}

/// Takes out the private fields where the fields among the matches, which begin with `prefix`, are those of a struct.
fn hide_private(matches: &mut Vec<Match>, prefix: &str, structs: &[Fields]) {
    let is_field = |one: &Match| one.kind == "instance";
    let offered: HashSet<&str> = matches
        .iter()
        .filter(|one| is_field(one))
        .map(|one| one.code.as_str())
        .collect();
    let mut known = false;
    let mut public: HashSet<&str> = HashSet::new();
    for fields in structs {
        let named = fields.iter().filter(|(name, _)| name.starts_with(prefix));
        let names: HashSet<&str> = named.clone().map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() && names == offered {
            known = true;
            public.extend(
                named
                    .filter(|(_, public)| *public)
                    .map(|(name, _)| name.as_str()),
            );
        }
    }
    matches.retain(|one| !known || !is_field(one) || public.contains(one.code.as_str()));
}

fn completions(context: &mut CommandContext, prelude: &str, code: &str, at: usize) -> Completions {
    let before = prelude.len();
    let code = format!("{prelude}{code}");
    let found = std::panic::catch_unwind(AssertUnwindSafe(|| {
        context.completions(&code, before + at).ok()
    }));
    let Ok(Some(found)) = found else {
        return Completions::default();
    };
    let matches = found.completions.into_iter().map(|found| Match {
        code: found.code,
        kind: found.kind.to_owned(),
        label: found.label,
    });
    Completions {
        range: found.start_offset.saturating_sub(before)..found.end_offset.saturating_sub(before),
        matches: matches.collect(),
    }
}

/// The name that ends at byte `at`, with the path before it; nothing where a method or field stands.
fn name_before(code: &str, at: usize) -> &str {
    let before = code.get(..at).unwrap_or_default();
    let start = before
        .trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
        .len();
    if before[..start].ends_with('.') {
        ""
    } else {
        &before[start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_fields_are_not_offered() {
        let one = |code: &str, kind: &str| Match {
            code: code.to_owned(),
            kind: kind.to_owned(),
            label: String::new(),
        };
        let field = |name: &str, public| (name.to_owned(), public);
        let structs = [
            vec![field("layers", false), field("seed", false)],
            vec![
                field("layers", true),
                field("loss", true),
                field("pool", false),
            ],
        ];
        for (offered, prefix, left) in [
            (&["layers", "seed"][..], "", &["fit()"][..]),
            (
                &["layers", "loss", "pool"],
                "",
                &["layers", "loss", "fit()"],
            ),
            (&["mine"], "", &["mine", "fit()"]),
            (&["pool"], "po", &["fit()"]),
        ] {
            let mut matches: Vec<Match> =
                offered.iter().map(|name| one(name, "instance")).collect();
            matches.push(one("fit()", "function"));
            hide_private(&mut matches, prefix, &structs);
            let codes: Vec<&str> = matches.iter().map(|one| one.code.as_str()).collect();
            assert_eq!(codes, left);
        }
    }
}
