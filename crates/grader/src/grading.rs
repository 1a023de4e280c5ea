//! A whole class: what changed is marked, several submissions at once, and each mark is written down as it comes.

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use gradus_exercise::{Exercise, Outcome, State, Verdict};
use sha2::{Digest, Sha256};

use crate::{
    Course,
    gradebook::{Attempt, Entry, Gradebook},
    marking::{Grader, Identity, Level, Mark},
    similar,
    submissions::{self, Allowed, Limits, Submission, Taken},
};

/// So many failures of the machine in a row are no accident.
const FAILURES: usize = 5;

/// Who marks: [`Grader`], and in tests something quicker.
pub trait Marker: Sync {
    /// As [`Grader::mark`].
    ///
    /// # Errors
    /// When the machine fails.
    fn mark(&self, files: &BTreeMap<String, String>, seed: u64) -> Result<Mark, String>;
    /// By what is marked.
    fn identity(&self) -> &Identity;
    /// The level of the sandbox.
    fn level(&self) -> Level;
}

impl Marker for Grader {
    fn mark(&self, files: &BTreeMap<String, String>, seed: u64) -> Result<Mark, String> {
        Self::mark(self, files, seed)
    }

    fn identity(&self) -> &Identity {
        self.identity()
    }

    fn level(&self) -> Level {
        self.level()
    }
}

/// What a class is marked with.
pub struct Class<'a> {
    /// The lab.
    pub lab: &'a str,
    /// Its exercises.
    pub exercises: &'a [Exercise],
    /// The files that are taken.
    pub allowed: &'a Allowed,
    /// How much of a submission is looked at.
    pub limits: Limits,
    /// The seed of the run, from which each student has an own.
    pub seed: u64,
    /// How many at once.
    pub jobs: usize,
    /// Only what was handed in since then, in seconds since 1970.
    pub since: Option<i64>,
    /// Set to leave: what is being marked is marked to its end.
    pub stop: &'a AtomicBool,
}

/// A submission that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Whose, as people write it.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Marked now.
    Marked {
        /// The points earned.
        earned: u32,
        /// Of so many.
        points: u32,
        /// How long it took.
        seconds: f64,
    },
    /// Marked before, and nothing has changed.
    Kept,
    /// Handed in before the time that was asked for.
    Earlier,
    /// The machine failed; it is tried again in the next run.
    Failed(String),
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Marked now.
    pub marked: usize,
    /// Marked before.
    pub kept: usize,
    /// Not looked at, since they are from before.
    pub earlier: usize,
    /// What failed and why.
    pub failed: Vec<(String, String)>,
    /// Whether there are some left, because of [`Class::stop`].
    pub is_stopped: bool,
}

/// A seed for a run that nobody can guess.
///
/// # Errors
/// When the system gives no random number.
pub fn new_seed() -> Result<u64, String> {
    getrandom::u64().map_err(|e| format!("no random number: {e}"))
}

/// The seed of one student's inputs: of the run's seed, the lab and the student, so that neither the order nor others matter.
pub fn seed_of(run: u64, lab: &str, student: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(b"gradus marking\0");
    hash.update(run.to_le_bytes());
    hash.update(lab.as_bytes());
    hash.update(b"\0");
    hash.update(student.as_bytes());
    let bytes = hash.finalize();
    u64::from_le_bytes(std::array::from_fn(|k| bytes[k]))
}

/// What one submission came to.
pub(crate) struct Came {
    pub taken: Taken,
    pub content: String,
    pub prints: Vec<u64>,
    pub what: What,
}

pub(crate) enum What {
    Marked(Mark),
    /// The attempt that is as good.
    Kept(i64),
    Earlier,
    Failed(String),
}

/// Marks what changed since the gradebook's last attempts; `each` is told of every submission as it is done.
///
/// # Errors
/// When the gradebook cannot be read or written, or the machine fails again and again. What was marked before is in the gradebook.
pub fn run(
    class: &Class<'_>,
    submissions: &[Submission],
    gradebook: &mut Gradebook,
    marker: &dyn Marker,
    each: &mut dyn FnMut(&Done),
) -> Result<Summary, String> {
    let attempts = gradebook.attempts(class.lab)?;
    let work = |submission: &Submission| {
        let known = attempts.get(&submission.student.id);
        mark(class, submission, known.map_or(&[], Vec::as_slice), marker)
    };
    let mut write = |submission: &Submission, came| {
        let fate = note(class.lab, submission, came, gradebook)?;
        let name = submission.student.name.clone();
        Ok(Done { name, fate })
    };
    in_parallel(class, submissions, &work, &mut write, each)
}

/// Works on all, several at once, and writes down one after another what came of it.
pub(crate) fn in_parallel<T: Sync, Came: Send>(
    class: &Class<'_>,
    all: &[T],
    work: &(dyn Fn(&T) -> Came + Sync),
    write: &mut dyn FnMut(&T, Came) -> Result<Done, String>,
    each: &mut dyn FnMut(&Done),
) -> Result<Summary, String> {
    let mut summary = Summary::default();
    let mut in_a_row = 0;
    let next = AtomicUsize::new(0);
    let leave = AtomicBool::new(false);
    let is_over = || leave.load(Ordering::SeqCst) || class.stop.load(Ordering::SeqCst);
    thread::scope(|scope| {
        let jobs = class.jobs.max(1);
        // None waits in the channel for long: the memory does not grow with the class.
        let (send, receive) = mpsc::sync_channel(jobs);
        for _ in 0..jobs {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                while !is_over() {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(one) = all.get(at) else {
                        return;
                    };
                    if send.send((one, work(one))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut take = || {
            for (one, came) in &receive {
                let done = write(one, came)?;
                match &done.fate {
                    Fate::Marked { .. } => (summary.marked, in_a_row) = (summary.marked + 1, 0),
                    Fate::Kept => summary.kept += 1,
                    Fate::Earlier => summary.earlier += 1,
                    Fate::Failed(why) => {
                        in_a_row += 1;
                        summary.failed.push((done.name.clone(), why.clone()));
                        if in_a_row == FAILURES {
                            return Err(format!(
                                "{FAILURES} submissions in a row could not be marked, so this is no accident: {why}"
                            ));
                        }
                    }
                }
                each(&done);
            }
            Ok(())
        };
        let taken = take();
        leave.store(true, Ordering::SeqCst);
        // Those who still have something to say are not kept waiting.
        drop(receive);
        taken
    })?;
    let done = summary.marked + summary.kept + summary.earlier + summary.failed.len();
    summary.is_stopped = done < all.len();
    Ok(summary)
}

fn note(
    lab: &str,
    submission: &Submission,
    came: Came,
    gradebook: &mut Gradebook,
) -> Result<Fate, String> {
    let entry = Entry {
        student: &submission.student,
        taken: &came.taken,
        content: &came.content,
        prints: &came.prints,
    };
    Ok(match came.what {
        What::Marked(mark) => {
            gradebook.record(lab, &entry, &mark)?;
            Fate::Marked {
                earned: mark.earned(),
                points: mark.points(),
                seconds: mark.seconds,
            }
        }
        What::Kept(attempt) => {
            gradebook.keep(lab, &entry, attempt)?;
            Fate::Kept
        }
        What::Earlier => Fate::Earlier,
        What::Failed(why) => Fate::Failed(why),
    })
}

/// Reads a submission, and marks it unless an attempt is as good.
pub(crate) fn mark(
    class: &Class<'_>,
    submission: &Submission,
    known: &[Attempt],
    marker: &dyn Marker,
) -> Came {
    let taken = submissions::read(submission, class.allowed, &class.limits);
    let content = taken.hash();
    let seed = seed_of(class.seed, class.lab, &submission.student.id);
    let is_as_good = |attempt: &&Attempt| {
        attempt.content == content
            && attempt.seed == seed
            && attempt.identity == *marker.identity()
            && attempt.level >= marker.level()
    };
    let what = if class
        .since
        .is_some_and(|since| taken.handed_in.is_none_or(|at| at < since))
    {
        What::Earlier
    } else if let Some(attempt) = known.iter().rev().find(is_as_good) {
        What::Kept(attempt.attempt)
    } else if taken.files.is_empty() {
        What::Marked(nothing(class.exercises, marker, seed))
    } else {
        match marker.mark(&taken.files, seed) {
            Ok(mark) => What::Marked(mark),
            Err(why) => What::Failed(why),
        }
    };
    Came {
        prints: similar::prints(taken.files.values()),
        taken,
        content,
        what,
    }
}

/// The mark of a submission without a file.
fn nothing(exercises: &[Exercise], marker: &dyn Marker, seed: u64) -> Mark {
    let outcomes = exercises.iter().map(|exercise| Outcome {
        id: exercise.id.clone(),
        title: exercise.title.clone(),
        file: exercise.file.clone(),
        points: exercise.points,
        verdicts: (exercise.questions.iter())
            .map(|asked| Verdict {
                question: asked.name.clone(),
                points: asked.points,
                state: State::NotDone(exercise.id.clone()),
            })
            .collect(),
        ..Outcome::default()
    });
    Mark {
        exercises: outcomes.collect(),
        seed,
        level: marker.level(),
        identity: marker.identity().clone(),
        seconds: 0.0,
    }
}

/// The fingerprints of what is handed out in a lab, which everybody has.
pub fn given(course: &Course, lab: &str) -> Vec<u64> {
    let folder = course.labs.iter().find(|it| it.name == lab);
    let texts: Vec<String> = (folder.into_iter())
        .flat_map(|lab| lab.exercises.iter().map(move |it| course.file_of(lab, it)))
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some(
                crate::markers::parse(&path.display().to_string(), &text)
                    .ok()?
                    .stubbed,
            )
        })
        .collect();
    similar::prints(&texts)
}
