//! What a class handed in: who, and which files of the lab. Only the lab's own exercise files are taken, whatever else is there,
//! and nothing is ever unpacked to disk.

mod archive;
mod layout;
mod paths;
mod read;

use std::path::PathBuf;

use gradus_exercise::Text;
use serde::{Deserialize, Serialize};

pub use layout::{Found, find};
pub use paths::Allowed;
pub use read::{Taken, read};

/// Who handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Student {
    /// What tells students apart: the name of the folder or archive, the first column of the list, a number of the platform.
    pub id: String,
    /// As people write it.
    pub name: String,
    /// Where a platform says it, else empty.
    #[serde(default)]
    pub email: String,
    /// The number that Moodle knows the participant by, else empty.
    #[serde(default)]
    pub moodle: String,
}

/// What one student handed in, not opened yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Who.
    pub student: Student,
    /// Folders, archives and files.
    pub sources: Vec<PathBuf>,
    /// When, where a list or a platform says it, in seconds since 1970; otherwise the times of the files tell.
    pub handed_in: Option<i64>,
}

/// How much of a submission is looked at; beyond that it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Files and folders.
    pub entries: usize,
    /// Bytes of everything that has to be unpacked to get at the files.
    pub unpacked: u64,
    /// Bytes of one exercise file.
    pub file: u64,
    /// Bytes of a zip's list of contents.
    pub listing: u64,
    /// Folders within folders.
    pub depth: usize,
}

impl Default for Limits {
    /// Room for a whole workspace with what was built in it.
    fn default() -> Self {
        Self {
            entries: 50_000,
            unpacked: 1 << 30,
            file: 256 << 10,
            listing: 8 << 20,
            depth: 40,
        }
    }
}

/// What ends the reading of a source.
pub(crate) enum Stop {
    /// More than the limits allow, or not what it says to be: nothing of it is taken.
    Refused(Text),
}

impl From<Text> for Stop {
    fn from(why: Text) -> Self {
        Self::Refused(why)
    }
}

#[cfg(test)]
mod tests;
