//! A class on several machines: a plan says who is marked from what, each shard leaves a file for each mark, and merging them is as
//! if one machine had done it all. Whoever runs the shards may kill them, run them again, or run one twice.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    course::sorted,
    gradebook::{Entry, Gradebook, Late},
    grading::{self, Class, Done, Fate, Marker, Summary, What},
    marking::{Identity, Level, Mark},
    release::put,
    submissions::{self, Allowed, Limits, Student, Submission, Taken},
};

const VERSION: u32 = 1;

/// What is to be marked, in `plan.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    version: u32,
    /// The lab.
    pub lab: String,
    /// The seed of the run.
    pub seed: u64,
    /// Into how many parts it is cut.
    pub shards: usize,
    /// The policy for late submissions, where one was given.
    pub late: Option<Late>,
    /// By the students' ids.
    pub submissions: Vec<Planned>,
}

/// A submission, and what was in it when the plan was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Planned {
    #[serde(flatten)]
    submission: Submission,
    content: String,
}

/// One mark, in a file of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Marked {
    student: Student,
    content: String,
    /// Without the files themselves.
    taken: Taken,
    prints: Vec<u64>,
    mark: Mark,
}

/// What is left to do before shards can be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// All are in the gradebook.
    All(usize),
    /// So many have no mark yet; these shards have them. Nothing was written.
    Missing {
        /// How many.
        count: usize,
        /// Of which shards, counted from 1.
        shards: Vec<usize>,
    },
}

impl Plan {
    /// Looks at what was handed in, and writes the plan into a folder.
    ///
    /// # Errors
    /// When it cannot be written, or there are no shards.
    pub fn make(
        folder: &Path,
        lab: &str,
        seed: u64,
        shards: usize,
        late: Option<Late>,
        submissions: Vec<Submission>,
        allowed: &Allowed,
    ) -> Result<Self, String> {
        if shards == 0 {
            return Err("a class is cut into one shard at least".to_owned());
        }
        let planned = submissions.into_iter().map(|mut submission| {
            for source in &mut submission.sources {
                *source = std::path::absolute(&source)
                    .map_err(|e| format!("{}: {e}", source.display()))?;
            }
            let content = submissions::read(&submission, allowed, &Limits::default()).hash();
            Ok(Planned {
                submission,
                content,
            })
        });
        let plan = Self {
            version: VERSION,
            lab: lab.to_owned(),
            seed,
            shards,
            late,
            submissions: planned.collect::<Result<_, String>>()?,
        };
        write(&folder.join("plan.json"), &plan)?;
        Ok(plan)
    }

    /// The plan in a folder.
    ///
    /// # Errors
    /// When there is none, or it is of another version.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join("plan.json");
        let plan: Self = read(&path).map_err(|e| format!("{e}; `grade plan` writes it"))?;
        match plan.version {
            VERSION => Ok(plan),
            other => Err(format!(
                "{}: of version {other}, not {VERSION}: plan again",
                path.display()
            )),
        }
    }

    /// Those of a shard, counted from 0.
    fn shard(&self, shard: usize) -> impl Iterator<Item = &Planned> {
        self.submissions.iter().skip(shard).step_by(self.shards)
    }

    /// Marks what a shard (counted from 0) has and what has no mark yet.
    ///
    /// # Errors
    /// When a mark cannot be written, or there is no such shard.
    pub fn run(
        &self,
        folder: &Path,
        shard: usize,
        class: &Class<'_>,
        marker: &dyn Marker,
        each: &mut dyn FnMut(&Done),
    ) -> Result<Summary, String> {
        if shard >= self.shards {
            return Err(format!(
                "there are {} shards, and no number {}",
                self.shards,
                shard + 1
            ));
        }
        let all: Vec<&Planned> = self.shard(shard).collect();
        let work = |planned: &&Planned| self.one(folder, planned, class, marker);
        let mut write = |planned: &&Planned, fate: Result<Fate, String>| {
            let name = planned.submission.student.name.clone();
            Ok(Done { name, fate: fate? })
        };
        grading::in_parallel(class, &all, &work, &mut write, each)
    }

    fn one(
        &self,
        folder: &Path,
        planned: &Planned,
        class: &Class<'_>,
        marker: &dyn Marker,
    ) -> Result<Fate, String> {
        let student = &planned.submission.student;
        let path = folder
            .join("marks")
            .join(self.name(planned, marker.identity(), marker.level()));
        // What another machine has left half, or what is no mark, is marked again.
        if read::<Marked>(&path).is_ok() {
            return Ok(Fate::Kept);
        }
        let came = grading::mark(class, &planned.submission, &[], marker);
        if came.content != planned.content {
            return Ok(Fate::Failed(
                "it has changed since the plan was made: plan again".to_owned(),
            ));
        }
        let mark = match came.what {
            What::Marked(mark) => mark,
            What::Failed(why) => return Ok(Fate::Failed(why)),
            What::Kept(_) => return Ok(Fate::Kept),
            What::Earlier => return Ok(Fate::Earlier),
        };
        let fate = Fate::Marked {
            earned: mark.earned(),
            points: mark.points(),
            seconds: mark.seconds,
        };
        let marked = Marked {
            student: student.clone(),
            content: came.content,
            taken: Taken {
                files: BTreeMap::new(),
                ..came.taken
            },
            prints: came.prints,
            mark,
        };
        write(&path, &marked)?;
        Ok(fate)
    }

    /// The name says what is in it: two machines that mark the same write the same file.
    fn name(&self, planned: &Planned, identity: &Identity, level: Level) -> String {
        let mut hash = Sha256::new();
        for part in [
            &self.lab,
            &planned.submission.student.id,
            &planned.content,
            &self.seed.to_string(),
            &identity.toolchain,
            &identity.material,
            &level.to_string(),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let hex: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        format!("{hex}.json")
    }

    /// Brings the marks of all shards into a gradebook.
    ///
    /// # Errors
    /// When marks or gradebook cannot be read or written.
    pub fn merge(&self, folder: &Path, gradebook: &mut Gradebook) -> Result<Merged, String> {
        let mut found: BTreeMap<(String, String), BTreeMap<usize, (Level, PathBuf)>> =
            BTreeMap::new();
        let places: BTreeMap<&str, usize> = (self.submissions.iter().enumerate())
            .map(|(at, planned)| (planned.submission.student.id.as_str(), at))
            .collect();
        for path in sorted(&folder.join("marks"))? {
            let Ok(marked) = read::<Marked>(&path) else {
                continue;
            };
            let Some(at) = places.get(marked.student.id.as_str()) else {
                continue;
            };
            let seed = grading::seed_of(self.seed, &self.lab, &marked.student.id);
            if marked.content != self.submissions[*at].content || marked.mark.seed != seed {
                continue;
            }
            let Identity {
                toolchain,
                material,
            } = marked.mark.identity;
            let all = found.entry((toolchain, material)).or_default();
            let best = all.entry(*at).or_insert((marked.mark.level, path.clone()));
            if best.0 < marked.mark.level {
                *best = (marked.mark.level, path);
            }
        }
        // Marks by two compilers are not compared: those of the one that has most.
        let best = found
            .into_values()
            .max_by_key(BTreeMap::len)
            .unwrap_or_default();
        let missing: Vec<usize> = (0..self.submissions.len())
            .filter(|at| !best.contains_key(at))
            .collect();
        if !missing.is_empty() {
            let mut shards: Vec<usize> = missing.iter().map(|at| at % self.shards + 1).collect();
            shards.sort_unstable();
            shards.dedup();
            return Ok(Merged::Missing {
                count: missing.len(),
                shards,
            });
        }
        gradebook.seed(&self.lab, Some(self.seed))?;
        if let Some(late) = &self.late {
            gradebook.set_late(&self.lab, late)?;
        }
        for (_, path) in best.values() {
            let marked: Marked = read(path)?;
            let entry = Entry {
                student: &marked.student,
                taken: &marked.taken,
                content: &marked.content,
                prints: &marked.prints,
            };
            gradebook.record(&self.lab, &entry, &marked.mark)?;
        }
        Ok(Merged::All(best.len()))
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, what: &impl Serialize) -> Result<(), String> {
    let bytes = serde_json::to_vec(what).map_err(|e| format!("{}: {e}", path.display()))?;
    put(path, &bytes)
}
