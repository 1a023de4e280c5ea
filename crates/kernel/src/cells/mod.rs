//! Cells: what a student's code consists of, the program made of it, and what the compiler says about that.
//!
//! A cell becomes one small crate and costs one call of rustc. `text` and `lines` take out what is not for the compiler;
//! `parse` splits the rest into definitions, statements and a value; `follow` edits the places where old variables are moved; `scope` is what earlier cells left; `source` writes the crate and remembers where each part came from;
//! `compile` calls rustc and reads the types of the new variables out of what it writes down; `diagnostic` takes its
//! complaints back to the student's lines; `kit` builds libraries, once; `runtime` is what every cell links.

pub(crate) mod compile;
pub(crate) mod diagnostic;
pub(crate) mod follow;
pub(crate) mod items;
pub(crate) mod kit;
mod lines;
pub(crate) mod made;
pub(crate) mod map;
mod modules;
pub(crate) mod moves;
pub(crate) mod native;
pub(crate) mod parse;
pub(crate) mod polls;
pub(crate) mod probe;
pub(crate) mod revise;
pub(crate) mod scope;
pub(crate) mod source;
pub(crate) mod text;
pub(crate) mod torn;
pub(crate) mod types;

use crate::Language;

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

/// The cells so far, by their place in the session from 1.
#[derive(Debug, Default)]
pub(crate) struct Cells(Vec<Sent>);

#[derive(Debug)]
struct Sent {
    /// What its front end calls it; some cells run without a number.
    number: Option<usize>,
    code: String,
}

impl Cells {
    pub(crate) fn push(&mut self, number: Option<usize>, code: &str) {
        let code = code.to_owned();
        self.0.push(Sent { number, code });
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }

    /// The place of the newest.
    pub(crate) fn last(&self) -> usize {
        self.0.len()
    }

    fn get(&self, place: usize) -> Option<&Sent> {
        self.0.get(place.checked_sub(1)?)
    }

    pub(crate) fn code(&self, place: usize) -> &str {
        self.get(place).map_or("", |sent| &sent.code)
    }

    pub(crate) fn number(&self, place: usize) -> Option<usize> {
        self.get(place)?.number
    }

    /// What a student calls it.
    pub(crate) fn name(&self, place: usize) -> String {
        let word = Language::current().pick("celda", "cell");
        match self.number(place) {
            Some(number) => format!("{word} {number}"),
            None => word.to_owned(),
        }
    }
}
