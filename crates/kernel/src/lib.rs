//! A notebook kernel for teaching, on [evcxr](https://github.com/evcxr/evcxr).
//!
//! [`Session`] compiles and runs cells and is what every front shares; [`runner`] executes whole
//! notebooks without Jupyter. A binary that uses either calls [`runtime_hook`] first thing in `main`.

mod build_dir;
mod child;
pub mod compare;
pub mod doctor;
mod error;
mod failure;
mod hints;
pub mod jupyter;
pub mod notebook;
mod processes;
pub mod runner;
mod session;
mod tools;
mod wire;

pub use child::runtime_hook;
pub use error::Error;
pub use failure::{Failure, FailureKind};
pub use hints::Language;
pub use session::{Ask, Completions, Options, Output, Session, Stop};
pub use wire::Bundle;
