use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Complaint, Exercise, Gallery, Question, Report, State, Text, Uncompiled, Value, Verdict,
    assess::{self, Known, Secret},
    elsewhere, fork,
    remote::{Copied, Farewell, Remote, Start},
    sealed::Sealed,
    snapshot::Snapshot,
};

/// A lab: its exercises, and what is asked in them. The functions are elsewhere.
#[derive(Default)]
pub struct Lab {
    name: &'static str,
    threads: Option<Threads>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) problems: Vec<String>,
}

/// Runs what it is given with new threads of the lab's libraries.
pub type Threads = fn(&mut (dyn FnMut() + Send));

pub(crate) struct Entry {
    pub(crate) exercise: Exercise,
    pub(crate) known: Known,
    pub(crate) questions: Vec<Question>,
}

/// The three files of an exercise, embedded with [`exercise_files!`](crate::exercise_files).
pub struct Files {
    /// Where the declaration stands, for error messages.
    pub path: &'static str,
    /// The declaration: TOML.
    pub declaration: &'static str,
    /// The right answers to the public inputs.
    pub answers: &'static str,
    /// Those to drawn inputs, and what the usual mistakes answer.
    pub sealed: &'static str,
}

/// Embeds the files of the exercise `$id` of the lab that calls it.
#[macro_export]
macro_rules! exercise_files {
    ($id:literal) => {
        $crate::Files {
            path: concat!("exercises/", $id, ".toml"),
            declaration: include_str!(concat!("../exercises/", $id, ".toml")),
            answers: include_str!(concat!("../snapshots/", $id, ".snap")),
            sealed: include_str!(concat!("../snapshots/", $id, ".sealed.snap")),
        }
    };
}

/// What became of one exercise.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// `lab1.3`.
    pub id: String,
    /// A few words.
    pub title: Text,
    /// The file to edit, relative to the lab.
    pub file: String,
    /// The most it is worth.
    pub points: u32,
    /// Question by question.
    pub verdicts: Vec<Verdict>,
    /// Why nothing could be tried, when it does not compile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncompiled: Option<Uncompiled>,
    /// What the student's code printed in the calls that were wrong, by question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub printed: BTreeMap<String, String>,
    /// Pictures of what was trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gallery: Option<Gallery>,
    /// What was not as it should be beside the answers: a program that would not end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Text>,
}

impl Outcome {
    /// The points earned.
    pub fn earned(&self) -> u32 {
        self.verdicts.iter().map(Verdict::earned).sum()
    }
}

impl Lab {
    /// A lab without exercises yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Adds an exercise: what is declared in its files, and the questions, each bound to [`elsewhere`](crate::elsewhere).
    pub fn exercise(mut self, files: Files, questions: Vec<Question>) -> Self {
        match Exercise::parse(files.path, files.declaration) {
            Err(problem) => self.problems.push(problem),
            Ok(exercise) => {
                let declared: Vec<_> = exercise.questions.iter().map(|q| &*q.name).collect();
                let bound: Vec<_> = questions.iter().map(|q| q.name).collect();
                if declared != bound {
                    self.problems.push(format!(
                        "{}:1: declares the questions {declared:?}, the code binds {bound:?}",
                        files.path
                    ));
                }
                self.entries.push(Entry {
                    exercise,
                    known: Known {
                        answers: Snapshot::parse(files.answers),
                        sealed: Sealed::parse(files.sealed),
                    },
                    questions,
                });
            }
        }
        self
    }

    /// With what the functions run in [`check`](Self::check): a copy of a process has none of the threads that libraries have
    /// started, and would wait for them.
    pub fn threads(mut self, threads: Threads) -> Self {
        self.threads = Some(threads);
        self
    }

    /// The lab's name: `lab1`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What is wrong with the declarations, each as `file:line: message`.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The exercises, in order.
    pub fn exercises(&self) -> impl Iterator<Item = &Exercise> {
        self.entries.iter().map(|entry| &entry.exercise)
    }

    /// Tries one function of this process, in a copy of it where the system makes one: this is what `check!` calls.
    pub fn check(&self, question: Question) -> Report {
        match self.entry_of(question.name) {
            Some(entry) if fork::IS_POSSIBLE => {
                let Question { name, call, asking } = question;
                let start = Start::Copy(Arc::new(Copied {
                    call: Mutex::new(call),
                    threads: self.threads.unwrap_or(|run| run()),
                }));
                let question = Question {
                    name,
                    call: Box::new(|_| elsewhere()),
                    asking,
                };
                let mut outcome = entry.outcome();
                entry.try_question(&question, &start, None, &mut outcome);
                Report(outcome)
            }
            Some(entry) => entry.try_here(question),
            None => Report(Outcome {
                id: self.name.to_owned(),
                ..Outcome::default()
            }),
        }
    }

    /// Tries the exercise at `at` by the program that was made of it; the outcome, and whether its processes ended as they should.
    pub(crate) fn assess(&self, at: usize, program: &Path) -> (Outcome, bool) {
        let Some(entry) = self.entries.get(at) else {
            return (Outcome::default(), false);
        };
        let mut outcome = entry.outcome();
        let mut well = true;
        for question in &entry.questions {
            let start = Start::Limited(program.to_owned());
            well &= entry.try_question(question, &start, None, &mut outcome);
        }
        (outcome, well)
    }

    /// The outcome of an exercise that does not compile.
    pub(crate) fn uncompiled(&self, at: usize, why: Uncompiled) -> Outcome {
        let wrong = State::Wrong(Box::new(Complaint {
            says: Some(why.message.clone()),
            ..Complaint::default()
        }));
        Outcome {
            uncompiled: Some(why),
            ..self.untried(at, &wrong)
        }
    }

    /// The outcome of an exercise that builds on another, which has to be put right first.
    pub(crate) fn waiting(&self, at: usize, other: &str) -> Outcome {
        self.untried(at, &State::NotDone(other.to_owned()))
    }

    fn untried(&self, at: usize, state: &State) -> Outcome {
        let Some(entry) = self.entries.get(at) else {
            return Outcome::default();
        };
        let verdict = |asked: &Asked| Verdict {
            question: asked.name.clone(),
            points: asked.points,
            state: state.clone(),
        };
        Outcome {
            verdicts: entry.exercise.questions.iter().map(verdict).collect(),
            ..entry.outcome()
        }
    }

    pub(crate) fn entry_of(&self, question: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|e| e.exercise.questions.iter().any(|q| q.name == question))
    }
}

/// What a mark asks of a function beside what a student can try at home.
pub(crate) struct Terms {
    /// What inputs are drawn from.
    pub(crate) seed: u64,
    /// Those that are secret, with the right answers; none where the answer must reach bounds.
    pub(crate) cases: Vec<(Value, Option<Value>)>,
    /// How long all may take.
    pub(crate) limit: Duration,
}

impl Entry {
    /// Tries one function by a program of which it is a part, and writes down what comes of it; whether its process ended as it should.
    pub(crate) fn try_question(
        &self,
        question: &Question,
        start: &Start,
        terms: Option<Terms>,
        outcome: &mut Outcome,
    ) -> bool {
        let asked_to = |remote: &Remote| {
            let caller = remote.clone();
            question.asked_to(move |input| caller.call(input))
        };
        let remote = Remote::new(start.clone(), question.name);
        let another = Remote::new(start.clone(), question.name);
        let secret = terms.map(|terms| Secret {
            seed: terms.seed,
            cases: terms.cases,
            again: asked_to(&another),
            limit: terms.limit,
        });
        // Pictures are drawn from the first answer.
        let first: Arc<Mutex<Option<(Value, Value)>>> = Arc::default();
        let (caller, kept) = (remote.clone(), first.clone());
        let asked = question.asked_to(move |input| {
            let answer = caller.call(input);
            if let Ok(mut first) = kept.lock() {
                first.get_or_insert_with(|| (input.clone(), answer.clone()));
            }
            answer
        });
        let (mut verdict, _) = assess::assess_by(&self.exercise, asked, &self.known, secret);
        remote.give_up();
        another.give_up();
        if let State::Wrong(complaint) = &mut verdict.state
            && let Some(tried) = &complaint.tried
            && let Some(printed) = remote.printed(&tried.to_string())
        {
            outcome.printed.insert(verdict.question.clone(), printed);
        }
        outcome.verdicts.push(verdict);
        if let Ok(first) = first.lock()
            && let Some((input, answer)) = &*first
            && let Some(gallery) = question.asking.shown(input, answer)
        {
            outcome.gallery = Some(gallery);
        }
        another.finish();
        match remote.finish() {
            Farewell::Well => true,
            Farewell::Badly(says) => {
                outcome.remarks.push(says);
                false
            }
        }
    }

    /// Tries one function in this process.
    pub(crate) fn try_here(&self, question: Question) -> Report {
        Report(Outcome {
            verdicts: vec![assess::assess(&self.exercise, question, &self.known).0],
            ..self.outcome()
        })
    }

    pub(crate) fn outcome(&self) -> Outcome {
        Outcome {
            id: self.exercise.id.clone(),
            title: self.exercise.title.clone(),
            file: self.exercise.file.clone(),
            points: self.exercise.points,
            verdicts: Vec::new(),
            uncompiled: None,
            printed: BTreeMap::new(),
            gallery: None,
            remarks: Vec::new(),
        }
    }
}

/// Checks one function against the lab's public inputs and properties and shows what came of it:
/// `check!(lab1::sigmoid, my_function)`. The lab says what the function must look like.
#[macro_export]
macro_rules! check {
    ($lab:ident :: $question:ident, $($function:expr),+ $(,)?) => {
        $lab::lab().check($lab::questions::$question($($function),+))
    };
}
