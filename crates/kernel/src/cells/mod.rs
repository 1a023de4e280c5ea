//! Cells: what a student's code consists of, the program made of it, and what the compiler says about that.
//!
//! A cell becomes one small crate and costs one call of rustc. `parse` splits it into definitions, statements and a
//! value; `scope` is what earlier cells left; `source` writes the crate and remembers where each part came from;
//! `compile` calls rustc and reads the types of the new variables out of what it writes down; `diagnostic` takes its
//! complaints back to the student's lines; `kit` builds libraries, once; `runtime` is what every cell links.

pub(crate) mod compile;
pub(crate) mod diagnostic;
pub(crate) mod kit;
pub(crate) mod parse;
pub(crate) mod scope;
pub(crate) mod source;

/// The source of the part that lives beside the cells.
pub(crate) const RUNTIME: &str = include_str!("runtime.rs");
/// The name of the crate that a cell becomes.
pub(crate) const CRATE: &str = "notebook";
