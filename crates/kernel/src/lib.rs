//! A notebook kernel for teaching: cells are compiled by one call of rustc and run in a process of their own; completion
//! has the names of the session and its libraries at once, and what rust-analyzer knows when `gradus-analysis` is installed.
//!
//! [`Session`] compiles and runs cells and is what every front shares; [`runner`] executes whole
//! notebooks without Jupyter. A binary that uses either calls [`runtime_hook`] first thing in `main`.

// The floors of the crate, from the ground up: a module uses those of its own floor and of the floors above it in this list,
// never the other way round (`tests/tests/floors.rs` of the workspace).

// Ground: errors, what is shown, what goes between processes, the programs of this machine.
mod colour;
mod command_list;
mod controls;
mod error;
mod output;
mod problem;
mod processes;
mod system;
mod toolchain;
mod transcript;
mod wire;

mod config;
#[doc(hidden)] // Public for the tests alone.
pub mod hints;

// A failed cell in words.
mod failure;

// Cells: their parts, the program made of them, the compiler's answers, the libraries that they use.
mod cells;
mod show;

mod changes;
mod folders;
mod names;

// The process that runs cells.
mod cell_process;
mod cell_runtime;
mod child;
mod guardian;
mod interrupts;
mod run;

// What knows more than one cell.
pub mod analysis;
mod stale;
pub mod warm;

// A session.
mod libraries;
mod session;

mod commands;

mod execute;
mod outcome;
mod questions;

// Notebooks, and who brings them.
pub mod compare;
pub mod doctor;
pub mod jupyter;
pub mod notebook;
pub mod runner;

pub use child::runtime_hook;
pub use controls::Control;
pub use error::Error;
pub use failure::{Failure, FailureKind};
pub use folders::wanted_cache;
pub use gradus_text::Language;
pub use names::{Completions, Documentation, Match};
pub use output::{Ask, Output, Stop, Times};
pub use session::{Options, Session};
pub use wire::Bundle;
