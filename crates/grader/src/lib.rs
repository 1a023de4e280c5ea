//! The tools around the labs. For instructors: [`release`] writes the student's workspace from the one source that holds the
//! solutions, [`lint`] finds what is missing in an exercise, and a class is graded: `submissions` reads what was handed in,
//! [`marking`] gives the marks, `grading` goes through a class (`shards`: on several machines), `gradebook` keeps what came of it,
//! `feedback` shows it. For students: [`check`] tries the exercises and says what to do next.
//!
//! An exercise's declaration is read from its file, so hints and statements are there even when the lab does not compile.

pub mod check;
pub mod course;
pub mod handed;
pub mod lint;
pub mod markers;
pub mod new;
mod notebook;
pub mod release;
pub mod renew;
mod tables;
pub mod watch;

#[cfg(feature = "class")]
pub mod feedback;
#[cfg(feature = "class")]
pub mod gradebook;
#[cfg(feature = "class")]
pub mod grading;
#[cfg(feature = "class")]
pub mod marking;
#[cfg(feature = "class")]
pub mod moment;
#[cfg(feature = "class")]
pub mod shards;
#[cfg(feature = "class")]
pub mod similar;
#[cfg(feature = "class")]
pub mod submissions;

pub use course::{Course, LabFolder};
