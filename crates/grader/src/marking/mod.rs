//! The mark of a submission: its exercises are compiled and run in sandboxes, asked about inputs that nobody could know before,
//! and compared with what the solution answers to the same inputs.
//!
//! Nothing that a submission prints, exits with or leaves behind counts: only answers do, and they are judged elsewhere.

mod compile;
mod confined;
mod judges;
mod layer;
mod sandbox;
mod source;
mod system;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use gradus_exercise::{
    Exercise, Outcome, Text, Uncompiled,
    judge::{Request, Submitted},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::{compile::Workshop, confined::Confined, judges::Judges, layer::Layer};
use crate::Course;

pub use self::sandbox::launch_if_asked;

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
    layer: Layer,
    confined: Confined,
    judges: Judges,
    /// The lab's folder in the course.
    folder: PathBuf,
    declared: Vec<Exercise>,
    exercises: Vec<Marked>,
    /// Outcomes by what they depend on: half a class hands in some exercises as they were handed out.
    known: Mutex<HashMap<[u8; 32], Outcome>>,
}

/// So many outcomes are remembered.
const REMEMBERED: usize = 512;
/// A file of this many bytes is no exercise.
const LONGEST: usize = 1 << 20;

impl Grader {
    /// Builds what marking a lab needs: dependencies, the solution's program, the judge. `progress` is told what is being done.
    ///
    /// # Errors
    /// When the course has no such lab, the toolchain is missing or does not build it, or the machine does not reach the level.
    pub fn prepare(
        course: &Course,
        lab: &str,
        options: &Options,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, String> {
        Self::prepare_at_most(Level::Full, course, lab, options, progress)
    }

    /// The same with no more of a sandbox than `most`, even where the machine has it.
    ///
    /// # Errors
    /// As with [`prepare`](Self::prepare).
    pub fn prepare_at_most(
        most: Level,
        course: &Course,
        lab: &str,
        options: &Options,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, String> {
        let folder = course.labs.iter().find(|folder| folder.name == lab);
        let folder = folder.ok_or_else(|| {
            let names: Vec<&str> = course.labs.iter().map(|lab| &*lab.name).collect();
            format!("there is no lab `{lab}`; there are {}", names.join(", "))
        })?;
        let layer = Layer::build(course, folder, system::is_root(), progress)?;
        progress("trying the sandbox");
        let least = options.level.unwrap_or(Level::Standard);
        let confined = Confined::find(layer.folder(), least, most)?;
        for line in confined.lacks.lines() {
            progress(&format!("not at the level {line}"));
        }
        progress(&format!("{lab}: compiling the solution"));
        let here = course.root.join("labs").join(lab);
        let solution = layer.folder().join("solution");
        Workshop::new(&layer, &confined, &here, &layer.solutions)?.compile_solution(&solution)?;
        let judges = Judges::new(&layer.judge, &solution, &layer.folder().join("judge.log"));
        let marked = |exercise: &Exercise| Marked {
            id: exercise.id.clone(),
            file: exercise.file.clone(),
            points: exercise.points,
        };
        Ok(Self {
            exercises: folder.exercises.iter().map(marked).collect(),
            declared: folder.exercises.clone(),
            folder: here,
            known: Mutex::default(),
            layer,
            confined,
            judges,
        })
    }

    /// The level that the sandboxes reach.
    pub fn level(&self) -> Level {
        self.confined.level
    }

    /// By what is marked.
    pub fn identity(&self) -> &Identity {
        &self.layer.identity
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
        let begun = Instant::now();
        // Of each exercise its file, or the one that was handed out.
        let taken: BTreeMap<String, String> = (self.layer.stubs.iter())
            .map(|(file, stub)| {
                let text = files.get(file).filter(|text| text.len() <= LONGEST);
                (file.clone(), text.unwrap_or(stub).clone())
            })
            .collect();
        let mut outcomes: BTreeMap<&str, Outcome> = BTreeMap::new();
        let mut open: Vec<&Exercise> = Vec::new();
        let judge = |exercise: &Exercise, submitted: Submitted| {
            self.judges.judge(&Request {
                exercise: exercise.id.clone(),
                seed,
                submitted,
            })
        };
        for exercise in &self.declared {
            let handed_in = files.get(&exercise.file);
            if handed_in.is_some_and(|text| text.len() > LONGEST) {
                let why = too_long(&exercise.file, &self.folder);
                outcomes.insert(&exercise.id, judge(exercise, Submitted::Uncompiled(why))?);
            } else if handed_in.is_none_or(|text| self.is_stub(&exercise.file, text)) {
                outcomes.insert(&exercise.id, judge(exercise, Submitted::NotDone)?);
            } else if let Some(outcome) = self.lock().get(&self.key(exercise, &taken, seed)) {
                outcomes.insert(&exercise.id, outcome.clone());
            } else {
                open.push(exercise);
            }
        }
        if !open.is_empty() {
            let all: Vec<&Exercise> = self.declared.iter().collect();
            let mut workshop = Workshop::new(&self.layer, &self.confined, &self.folder, &taken)?;
            let mut compiled = workshop.compile(&open, &all)?;
            for exercise in open {
                let submitted = compiled.remove(&exercise.id).unwrap_or(Submitted::NotDone);
                let outcome = judge(exercise, submitted)?;
                let mut known = self.lock();
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(self.key(exercise, &taken, seed), outcome.clone());
                outcomes.insert(&exercise.id, outcome);
            }
        }
        Ok(Mark {
            exercises: (self.declared.iter())
                .filter_map(|exercise| outcomes.remove(&*exercise.id))
                .collect(),
            seed,
            level: self.level(),
            identity: self.identity().clone(),
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// The command that runs a program as those of submissions are run: to see what a sandbox holds back.
    ///
    /// # Errors
    /// When a path is not UTF-8.
    pub fn confine(&self, program: &Path, arguments: &[String]) -> Result<Command, String> {
        let user = self.confined.another_user();
        let mut spec = self.confined.program(program, Path::new("/"), user);
        spec.cpu = "5".to_owned();
        spec.command.extend(arguments.iter().cloned());
        self.confined.start(&spec)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Outcome>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a file says what was handed out, whatever its comments.
    fn is_stub(&self, file: &str, text: &str) -> bool {
        let stub = self.layer.stubs.get(file);
        stub.is_some_and(|stub| said(stub) == said(text))
    }

    /// What the outcome of an exercise depends on.
    fn key(&self, exercise: &Exercise, taken: &BTreeMap<String, String>, seed: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(format!("{} {seed}\n", exercise.id));
        let program = self.layer.programs.get(layer::stem(&exercise.file));
        for (file, text) in taken {
            if program.is_none_or(|program| program.modules.contains(layer::stem(file))) {
                hash.update(format!("{file} {}\n{text}", text.len()));
            }
        }
        hash.finalize().into()
    }
}

/// A text without comments, blanks and the line that a release puts on top.
fn said(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("//") && *line != "#![allow(unused)]");
    lines
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect()
}

fn too_long(file: &str, lab: &Path) -> Uncompiled {
    let lab = lab.file_name().unwrap_or_default().to_string_lossy();
    let most = LONGEST >> 20;
    Uncompiled {
        place: format!("labs/{lab}/{file}"),
        message: Text::new(
            format!("el fichero pasa de {most} MiB"),
            format!("the file has more than {most} MiB"),
        ),
        ..Uncompiled::default()
    }
}
