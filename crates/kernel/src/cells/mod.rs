//! Cells: what a student's code consists of, the program made of it, and what the compiler says about that.
//!
//! A cell becomes one small crate and costs one call of rustc. `text` and `lines` take out what is not for the compiler;
//! `parse` splits the rest into definitions, statements and a value; `follow` edits the places where old variables are moved; `scope` is what earlier cells left; `source` writes the crate and remembers where each part came from;
//! `compile` calls rustc and reads the types of the new variables out of what it writes down; `diagnostic` takes its
//! complaints back to the student's lines; `kit` builds libraries, once, as `building` follows cargo; `runtime` is what every cell links.

pub(crate) mod building;
pub(crate) mod compile;
pub(crate) mod diagnostic;
pub(crate) mod follow;
pub(crate) mod format;
pub(crate) mod items;
pub(crate) mod kit;
mod lines;
mod link;
pub(crate) mod made;
pub(crate) mod map;
mod modules;
pub(crate) mod moves;
pub(crate) mod native;
pub(crate) mod parse;
pub(crate) mod polls;
pub(crate) mod prebuilt;
pub(crate) mod probe;
pub(crate) mod revise;
pub(crate) mod scope;
pub(crate) mod source;
pub(crate) mod text;
pub(crate) mod torn;
mod turns;
pub(crate) mod types;
mod vendored;
mod workspace;

/// The source of the part that lives beside the cells.
pub(crate) const RUNTIME: &str = concat!(
    include_str!("runtime.rs"),
    include_str!("stop.rs"),
    include_str!("moved.rs"),
    include_str!("../show/forms.rs"),
    include_str!("../show/records.rs")
);
/// The name of the crate that a cell becomes.
pub(crate) const CRATE: &str = "notebook";
