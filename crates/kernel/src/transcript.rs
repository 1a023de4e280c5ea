//! The cells that a session was sent.

use std::sync::Arc;

use crate::Language;

/// The cells so far, by their place in the session from 1.
#[derive(Debug, Default)]
pub(crate) struct Cells(Vec<Sent>);

#[derive(Debug)]
struct Sent {
    /// What its front end calls it; some cells run without a number.
    number: Option<usize>,
    code: Arc<str>,
}

impl Cells {
    pub(crate) fn push(&mut self, number: Option<usize>, code: &str) {
        // A cell with controls runs again and again.
        let last = self.0.last().map(|last| &last.code);
        let same = last.filter(|last| ***last == *code).cloned();
        let code = same.unwrap_or_else(|| code.into());
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
