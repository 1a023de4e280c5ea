//! A notebook kernel for teaching: cells are compiled by one call of rustc and run in a process of their own; completion is that
//! of [evcxr](https://github.com/evcxr/evcxr).
//!
//! [`Session`] compiles and runs cells and is what every front shares; [`runner`] executes whole
//! notebooks without Jupyter. A binary that uses either calls [`runtime_hook`] first thing in `main`.

mod analysis;
mod cell_process;
mod cells;
mod child;
mod commands;
pub mod compare;
mod config;
pub mod doctor;
mod error;
mod failure;
mod folders;
mod guardian;
mod hints;
mod interrupts;
pub mod jupyter;
mod libraries;
pub mod notebook;
mod processes;
mod run;
pub mod runner;
mod session;
mod show;
mod stale;
mod tools;
pub mod warm;
mod wire;

pub use analysis::{Completions, Documentation, Match};
pub use child::runtime_hook;
pub use error::Error;
pub use failure::{Failure, FailureKind};
pub use gradus_text::Language;
pub use session::{Ask, Options, Output, Session, Stop, Times};
pub use wire::Bundle;
