use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

#[cfg(feature = "insta")]
use crate::snapshot;
use crate::{
    Asked, Complaint, Exercise, Question, Report, State, Text, Uncompiled, Value, Verdict, assess,
    remote::{Farewell, Remote},
    snapshot::Snapshot,
};

/// A lab: its exercises, and what is asked in them. The functions are elsewhere.
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
    ($id:literal) => {
        $crate::Files {
            path: concat!("exercises/", $id, ".toml"),
            declaration: include_str!(concat!("../exercises/", $id, ".toml")),
            answers: include_str!(concat!("../snapshots/", $id, ".snap")),
            mistakes: include_str!(concat!("../snapshots/", $id, ".mistakes.snap")),
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

    /// Tries one function in this process: this is what `check!` calls.
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
                uncompiled: None,
                printed: BTreeMap::new(),
                remarks: Vec::new(),
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
            let remote = Remote::new(program, question.name);
            let caller = remote.clone();
            let asked = question.asked_to(move |input| caller.call(input));
            let (mut verdict, _) =
                assess::assess(&entry.exercise, asked, &entry.expected, &entry.mistakes);
            remote.give_up();
            if let State::Wrong(complaint) = &mut verdict.state
                && let Some(printed) = remote.printed(complaint.input.as_deref().unwrap_or(""))
            {
                outcome.printed.insert(verdict.question.clone(), printed);
            }
            if let Farewell::Badly(says) = remote.finish() {
                well = false;
                outcome.remarks.push(says);
            }
            outcome.verdicts.push(verdict);
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

    fn entry_of(&self, question: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|e| e.exercise.questions.iter().any(|q| q.name == question))
    }

    /// Writes the right answers down, a table per exercise: those of the reference, bound to the questions by hand here.
    /// Returns what the reference gets wrong.
    #[cfg(feature = "insta")]
    pub fn check_reference(
        &self,
        reference: Vec<Question>,
        mut record: impl FnMut(&str, &str, Box<dyn insta::Comparator>),
    ) -> Vec<String> {
        let mut problems = self.problems.clone();
        let mut tables = vec![String::new(); self.entries.len()];
        for question in reference {
            let (name, inputs) = (question.name, question.cases.clone());
            let Some(at) = (self.entries.iter())
                .position(|e| e.exercise.questions.iter().any(|q| q.name == name))
            else {
                problems.push(format!("{name}: no exercise asks for it"));
                continue;
            };
            let entry = &self.entries[at];
            let (verdict, answers) =
                assess::assess(&entry.exercise, question, &entry.expected, &entry.mistakes);
            tables[at] += &snapshot::lines(name, &inputs, &answers);
            if verdict.earned() < verdict.points {
                problems.push(format!("{name}: the reference is {:?}", verdict.state));
            }
        }
        for (entry, table) in self.entries.iter().zip(&tables) {
            let comparator = Box::new(snapshot::NearEnough(entry.exercise.clone()));
            record(&entry.exercise.id, table, comparator);
        }
        problems
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
            uncompiled: None,
            printed: BTreeMap::new(),
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
