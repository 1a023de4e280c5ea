//! What a beginner should know about a compiler error, beyond what the compiler says.
//!
//! The words are about notebooks: cells, variables that live on, values that an earlier cell gave away. [`hint_in_file`] leaves
//! out what is about them, for the exercises of the labs.

mod entry;
mod exercises;
mod items;
mod names;
mod ownership;
mod python;
mod syntax;
mod types;

use gradus_text::Language;

use self::entry::{Entry, Said};

/// One thing that the compiler does not accept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// Such as `E0308`.
    pub code: Option<String>,
    /// What it says.
    pub message: String,
    /// What it adds.
    pub advice: Vec<Advice>,
}

/// What the compiler adds to a problem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// `help` or `note`.
    pub level: String,
    /// In words.
    pub text: String,
    /// The code as it would be.
    pub lines: Vec<String>,
}

/// In this order, Python's first: the first that fits is given.
const ENTRIES: [&[Entry]; 6] = [
    python::ENTRIES,
    syntax::ENTRIES,
    ownership::ENTRIES,
    types::ENTRIES,
    names::ENTRIES,
    items::ENTRIES,
];

/// A hint for a compiler error about a line of a cell, if there is one for it.
pub fn hint(problem: &Problem, line: &str, language: Language) -> Option<String> {
    let said = Said {
        problem,
        message: &problem.message,
        line: line.trim(),
    };
    let general = || {
        // A name that is not found says nothing about the rest of its line.
        let begin = usize::from(python::missing(said.message).is_some());
        let mut entries = ENTRIES[begin..].iter().copied().flatten();
        let entry = entries.find(|entry| entry.is_for(&said))?;
        Some(entry.text(language).to_owned())
    };
    python::of_name(&said, language).or_else(general)
}

/// The same for a line of a file: in words of the labs, and without the sentences about cells and sessions.
pub fn hint_in_file(problem: &Problem, line: &str, language: Language) -> Option<String> {
    const OF_NOTEBOOKS: [&str; 5] = ["celda", "cell", "sesión", "session", ":dep"];
    let said = Said {
        problem,
        message: &problem.message,
        line: line.trim(),
    };
    if let Some(hint) = exercises::of_exercise(&said, language) {
        return Some(hint);
    }
    let hint = hint(problem, line, language)?;
    let mut rest = hint.as_str();
    let mut kept = String::new();
    while !rest.is_empty() {
        let ends = [". ", "? ", "! "].iter().filter_map(|end| rest.find(end));
        let (sentence, others) = rest.split_at(ends.min().map_or(rest.len(), |end| end + 2));
        if !OF_NOTEBOOKS.iter().any(|word| sentence.contains(word)) {
            kept += sentence;
        }
        rest = others;
    }
    Some(kept.trim().to_owned()).filter(|kept| !kept.is_empty())
}

/// For each hint a wrong cell, and what the hint says about it.
#[doc(hidden)]
pub fn examples(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let entries = ENTRIES.into_iter().flatten();
    entries.map(move |entry| (entry.cell, entry.text(language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_has_no_hint() {
        let problem = Problem {
            code: Some("E9999".to_owned()),
            ..Problem::default()
        };
        assert_eq!(hint(&problem, "", Language::En), None);
    }

    #[test]
    fn a_hint_in_a_file_speaks_of_no_cells() {
        let moved = Problem {
            code: Some("E0382".to_owned()),
            message: "borrow of moved value: `x`".to_owned(),
            ..Problem::default()
        };
        for (language, says) in [(Language::Es, "x.clone()"), (Language::En, "x.clone()")] {
            let said = hint_in_file(&moved, "f(x); g(x);", language).expect("a hint");
            assert!(said.contains(says), "{said}");
            assert!(!said.contains("celda") && !said.contains("cell"), "{said}");
        }
    }
}
