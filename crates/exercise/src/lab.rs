use serde::{Deserialize, Serialize};

use crate::{Exercise, Question, Report, Text, Value, Verdict, assess, snapshot::Snapshot};
#[cfg(feature = "insta")]
use crate::{alone::Note, snapshot};

/// A lab: its exercises with the questions bound to the lab's own functions.
#[derive(Default)]
pub struct Lab {
    name: &'static str,
    entries: Vec<Entry>,
    problems: Vec<String>,
}

struct Entry {
    exercise: Exercise,
    expected: Snapshot,
    mistakes: Snapshot,
    questions: Vec<Question>,
}

/// The three files of an exercise, embedded with [`exercise_files!`](crate::exercise_files).
pub struct Files {
    /// Where the declaration stands, for error messages.
    pub path: &'static str,
    /// The declaration: TOML.
    pub declaration: &'static str,
    /// The right answers to the public inputs.
    pub answers: &'static str,
    /// The answers that the usual mistakes give to them.
    pub mistakes: &'static str,
}

/// Embeds the files of the exercise `$id` of the lab that calls it.
#[macro_export]
macro_rules! exercise_files {
    ($id:literal) => {{
        // Cargo goes by the times of the files, which a copy may set back; `gradus check` gives it what they say, too.
        const _: Option<&str> = option_env!("GRADUS_SOURCES");
        $crate::Files {
            path: concat!("exercises/", $id, ".toml"),
            declaration: include_str!(concat!("../exercises/", $id, ".toml")),
            answers: include_str!(concat!("../snapshots/", $id, ".snap")),
            mistakes: include_str!(concat!("../snapshots/", $id, ".mistakes.snap")),
        }
    }};
}

/// What became of one exercise.
#[derive(Clone, Debug, Serialize, Deserialize)]
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

    /// Adds an exercise: what is declared in its files, asked of these functions.
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
                    expected: Snapshot::parse(files.answers),
                    mistakes: Snapshot::parse(files.mistakes),
                    questions,
                });
            }
        }
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

    /// The exercises with the questions bound to the lab's own functions, to be called one by one.
    pub fn questions(&self) -> impl Iterator<Item = (&Exercise, &[Question])> {
        self.entries.iter().map(|e| (&e.exercise, &*e.questions))
    }

    /// Tries one function, the lab's own or another: this is what `check!` calls.
    pub fn check(&self, question: Question) -> Report {
        match self.entry_of(question.name) {
            Some(entry) => Report(Outcome {
                verdicts: vec![
                    assess::assess(&entry.exercise, question, &entry.expected, &entry.mistakes).0,
                ],
                ..entry.outcome()
            }),
            None => Report(Outcome {
                id: self.name.to_owned(),
                title: Text::default(),
                file: String::new(),
                points: 0,
                verdicts: Vec::new(),
            }),
        }
    }

    /// Tries the questions of the exercise `id` in this process, writing `notes`; with a table of its answers.
    #[cfg(feature = "insta")]
    pub(crate) fn assess(
        self,
        id: &str,
        mut note: impl FnMut(&Note),
    ) -> Option<(Outcome, Exercise, String)> {
        let mut entries = self.entries.into_iter();
        let entry = entries.find(|entry| entry.exercise.id == id)?;
        let mut outcome = entry.outcome();
        let mut table = String::new();
        for question in entry.questions {
            note(&Note::Trying(question.name.to_owned()));
            let inputs = question.cases.clone();
            let (verdict, answers) =
                assess::assess(&entry.exercise, question, &entry.expected, &entry.mistakes);
            table += &snapshot::lines(&verdict.question, &inputs, &answers);
            note(&Note::Verdict(verdict.clone()));
            outcome.verdicts.push(verdict);
        }
        Some((outcome, entry.exercise, table))
    }

    /// The exercises, each with its outcome before anything is tried.
    #[cfg(feature = "insta")]
    pub(crate) fn starts(&self) -> impl Iterator<Item = (&Exercise, Outcome)> {
        self.entries
            .iter()
            .map(|entry| (&entry.exercise, entry.outcome()))
    }

    fn entry_of(&self, question: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|e| e.exercise.questions.iter().any(|q| q.name == question))
    }

    /// Proves that the lab notices wrong answers: each mutant must be called by its own mistake's name, every mistake must have
    /// a mutant, each exercise at least three, and whoever answers the same whatever the input must fail.
    ///
    /// `record` writes the mutants' answers down, one table per exercise, for the failure messages of the students.
    #[cfg(feature = "insta")]
    pub fn check_mutants(
        &self,
        mutants: Vec<(&'static str, Question)>,
        mut record: impl FnMut(&str, &str, Box<dyn insta::Comparator>),
    ) -> Vec<String> {
        let mut problems = self.problems.clone();
        let mut tables = vec![String::new(); self.entries.len()];
        let mut seen = std::collections::BTreeSet::new();
        let mut verdicts = Vec::new();
        for (mistake, mutant) in mutants {
            let label = format!("{}/{mistake}", mutant.name);
            let Some(at) = self.entries.iter().position(|e| {
                (e.exercise.questions.iter())
                    .any(|q| q.name == mutant.name && q.mistakes.iter().any(|m| m.name == mistake))
            }) else {
                problems.push(format!("{label}: no exercise declares this mistake"));
                continue;
            };
            let (name, inputs) = (mutant.name, mutant.cases.clone());
            let entry = &self.entries[at];
            // Judged with no mistakes known, for the answers alone.
            let (verdict, answers) = assess::assess(
                &entry.exercise,
                mutant,
                &entry.expected,
                &Snapshot::default(),
            );
            tables[at] += &snapshot::lines(&label, &inputs, &answers);
            seen.insert(label.clone());
            verdicts.push((label, at, name, mistake, verdict, answers));
        }
        for (entry, table) in self.entries.iter().zip(&tables) {
            record(
                &format!("{}.mistakes", entry.exercise.id),
                table,
                Box::new(snapshot::NearEnough(entry.exercise.clone())),
            );
        }
        for (label, at, name, mistake, verdict, answers) in verdicts {
            // Against the answers just given, so that a stale snapshot cannot hide an unrecognised mistake.
            let mistakes = Snapshot::parse(&tables[at]);
            let asked = (self.entries[at].exercise.questions.iter()).find(|q| q.name == name);
            let named = verdict.mistake().map(str::to_owned).or_else(|| {
                let found = assess::recognise(asked?, &answers, &mistakes)?;
                (verdict.earned() == 0).then_some(found.0)
            });
            if named.as_deref() != Some(mistake) {
                problems.push(format!(
                    "{label}: recognised as {named:?}: {:?}",
                    verdict.state
                ));
            }
        }
        for entry in &self.entries {
            let id = &entry.exercise.id;
            let count: usize = entry
                .exercise
                .questions
                .iter()
                .map(|q| q.mistakes.len())
                .sum();
            if count < 3 {
                problems.push(format!("{id}: {count} mistakes declared, three are wanted"));
            }
            for asked in &entry.exercise.questions {
                for mistake in &asked.mistakes {
                    let label = format!("{}/{}", asked.name, mistake.name);
                    if !seen.contains(&label) {
                        problems.push(format!("{label}: declared in {id}, but no mutant makes it"));
                    }
                }
            }
        }
        problems
    }

    /// Tries an impostor in place of every question: a function that gives the same answer whatever the input, for each answer
    /// that is right for some public input, and for 0. Returns who got away with it.
    pub fn impostors(self) -> Vec<String> {
        let mut undetected = Vec::new();
        for entry in self.entries {
            let measured = |name: &str| {
                let asked = entry.exercise.questions.iter().find(|q| q.name == name);
                asked.is_some_and(|q| q.tolerance.is_bounds())
            };
            for question in entry.questions.iter().filter(|q| !measured(q.name)) {
                let constants = entry
                    .expected
                    .answers(question.name)
                    .into_iter()
                    .cloned()
                    .chain([Value::from(0.0)]);
                for constant in constants {
                    let label = format!("{}: always {constant}", question.name);
                    let answer = constant.clone();
                    let impostor = question.asked_to(move |_| answer.clone());
                    let (verdict, _) =
                        assess::assess(&entry.exercise, impostor, &entry.expected, &entry.mistakes);
                    if verdict.earned() > 0 {
                        undetected.push(label);
                    }
                }
            }
        }
        undetected
    }
}

impl Entry {
    fn outcome(&self) -> Outcome {
        Outcome {
            id: self.exercise.id.clone(),
            title: self.exercise.title.clone(),
            file: self.exercise.file.clone(),
            points: self.exercise.points,
            verdicts: Vec::new(),
        }
    }
}

/// Checks one function against the lab's public inputs and properties and shows what came of it:
/// `check!(lab1::sigmoid, my_function)`. The lab says what the function must look like.
#[macro_export]
macro_rules! check {
    ($lab:ident :: $question:ident, $function:expr $(,)?) => {
        $lab::lab().check($lab::questions::$question($function))
    };
}
