//! What a graded lab is made of.
//!
//! An exercise has two parts. What can be data is data ([`Exercise`], a TOML file): id, points, title, statement and hints in
//! two languages, the functions it asks for, their tolerances with the reason, the usual mistakes. What must be code is a
//! [`Question`] per function: how to call it, public inputs, where other inputs come from, properties that must hold. Inputs and
//! answers have one shape, [`Value`], that can be sent to another process: so the same question tries a student's function in a
//! process of its own ([`harness`], [`program!`]), a notebook's function in a copy of its process ([`check!`]), and an instructor's
//! mutants.
//!
//! The right answers to the public inputs stand in a snapshot, to be read. Those to inputs that were drawn once and for all are
//! sealed beside them, and so is what the usual mistakes answer: a wrong answer is recognised by its numbers, and no wrong or right
//! code has to be handed out for it.

mod assess;
mod blame;
mod changes;
mod compile;
mod declare;
mod digits;
mod dimensions;
pub mod draw;
mod explain;
mod fork;
mod gallery;
pub mod harness;
pub mod judge;
mod lab;
mod panics;
pub mod program;
#[cfg(feature = "insta")]
pub mod proof;
mod question;
mod quietly;
mod random;
mod remote;
pub mod report;
mod sealed;
mod shapes;
mod snapshot;
mod system;
mod value;

pub use assess::{Complaint, State, Verdict};
pub use compile::{Programs, Uncompiled};
pub use declare::{Asked, Exercise, Mistake, Tolerance};
pub use digits::Digits;
pub use gallery::Gallery;
pub use gradus_text::{Language, Text};
pub use lab::{Files, Lab, Outcome, Threads};
pub use question::{Broken, Call, Question, elsewhere, ensure, near, within};
pub use random::{Random, first_seed};
pub use report::Report;
pub use value::{Difference, Value};

/// What `text` says in each language.
pub(crate) fn both(text: impl Fn(Language) -> String) -> Text {
    Text::new(text(Language::Es), text(Language::En))
}
