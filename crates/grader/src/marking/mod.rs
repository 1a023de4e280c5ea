//! The mark of a submission: its exercises are compiled and run in sandboxes, asked about inputs that nobody could know before,
//! and compared with what the solution answers to the same inputs.
//!
//! Nothing that a submission prints, exits with or leaves behind counts: only answers do, and they are judged elsewhere.

use std::{collections::BTreeMap, fmt};

use gradus_exercise::Outcome;
use serde::{Deserialize, Serialize};

use crate::Course;

/// How much of the machine is out of a submission's reach. A later one includes those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing is: for trusted submissions only.
    None,
    /// Files by Landlock, system calls by seccomp, limits, a session of its own, a clock.
    Standard,
    /// Also namespaces: users, processes, network and mounts of its own.
    Full,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Standard => "standard",
            Self::Full => "full",
        })
    }
}

impl std::str::FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "standard" => Ok(Self::Standard),
            "full" => Ok(Self::Full),
            _ => Err(format!(
                "there is no sandbox level `{text}`; there are none, standard, full"
            )),
        }
    }
}

/// How to mark.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Refuse where the machine does not reach this level; `Standard` unless said. `None` also goes on without any sandbox.
    pub level: Option<Level>,
    /// How many submissions are marked at once; 0 for as many as the machine has processors.
    pub jobs: usize,
}

/// What two marks must have in common to be comparable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The compiler: `rustc 1.95.0 (…)`.
    pub toolchain: String,
    /// A hash of the lab's questions, tolerances and solutions, and of what tries them.
    pub material: String,
}

/// An exercise of the lab that is marked.
#[derive(Clone, Debug)]
pub struct Marked {
    /// `lab1.3`.
    pub id: String,
    /// The only file that is taken of a submission for it, relative to the lab: `src/exercises/e3_gradients.rs`.
    pub file: String,
    /// The most that it is worth.
    pub points: u32,
}

/// What a submission earned.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// Exercise by exercise, all of them, in order.
    pub exercises: Vec<Outcome>,
    /// What the inputs were drawn from.
    pub seed: u64,
    /// The level of the sandbox.
    pub level: Level,
    /// By what it was marked.
    pub identity: Identity,
    /// How long it took.
    pub seconds: f64,
}

impl Mark {
    /// The points earned.
    pub fn earned(&self) -> u32 {
        self.exercises.iter().map(Outcome::earned).sum()
    }

    /// The most that can be earned.
    pub fn points(&self) -> u32 {
        self.exercises.iter().map(|outcome| outcome.points).sum()
    }
}

/// Marks submissions of one lab.
#[derive(Debug)]
pub struct Grader {
    level: Level,
    identity: Identity,
    exercises: Vec<Marked>,
}

impl Grader {
    /// Builds what marking a lab needs: dependencies, the solution's programs, the judge. `progress` is told what is being done.
    ///
    /// # Errors
    /// When the course has no such lab, the toolchain is missing or does not build it, or the machine does not reach the level.
    pub fn prepare(
        course: &Course,
        lab: &str,
        options: &Options,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, String> {
        let _ = (course, lab, options, progress);
        Err("submissions cannot be marked yet".to_owned())
    }

    /// The level that the sandboxes reach.
    pub fn level(&self) -> Level {
        self.level
    }

    /// By what is marked.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The exercises of the lab, in order.
    pub fn exercises(&self) -> &[Marked] {
        &self.exercises
    }

    /// Marks one submission: the texts of its files, by their paths relative to the lab. A file that is missing counts as not done,
    /// others than those of [`exercises`](Self::exercises) are ignored. May be called from several threads at once.
    ///
    /// # Errors
    /// When the machine fails: a full disk, a judge that cannot be started. Never because of what was submitted.
    pub fn mark(&self, files: &BTreeMap<String, String>, seed: u64) -> Result<Mark, String> {
        let _ = (files, seed);
        Err("submissions cannot be marked yet".to_owned())
    }
}
