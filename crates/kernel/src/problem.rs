//! What is wrong with a cell, before it is put into words.

pub(crate) use gradus_hints::Advice;

/// A line of a cell, with some of its characters underlined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// From 1.
    pub(crate) line: usize,
    /// Characters from 1; `end` is the first one after it.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) label: String,
    pub(crate) primary: bool,
}

/// One thing that the compiler does not accept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Problem {
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    /// The number of the cell that the marks are in.
    pub(crate) cell: usize,
    pub(crate) marks: Vec<Mark>,
    pub(crate) advice: Vec<Advice>,
    /// The message is ours and says what to do.
    pub(crate) own_words: bool,
}
