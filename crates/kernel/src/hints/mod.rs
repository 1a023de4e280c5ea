//! What a beginner should know about a compiler error, beyond what the compiler says.
//!
//! The words are about notebooks: cells, variables that live on, values that an earlier cell gave away.

mod entry;
mod items;
mod names;
mod ownership;
mod python;
mod syntax;
mod system;
mod types;

use gradus_text::Language;

use self::entry::{Entry, Said};
pub(crate) use self::system::for_build;
use crate::problem::Problem;

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
pub(crate) fn hint(problem: &Problem, line: &str, language: Language) -> Option<String> {
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
    of_the_library(problem, language)
        .or_else(|| python::of_name(&said, language))
        .or_else(general)
}

/// For each hint a wrong cell, and what the hint says about it.
#[doc(hidden)]
pub fn examples(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let entries = ENTRIES.into_iter().flatten();
    entries.map(move |entry| (entry.cell, entry.text(language)))
}

/// The course library was not asked for.
fn of_the_library(problem: &Problem, language: Language) -> Option<String> {
    let is_missing = matches!(problem.code.as_deref(), Some("E0432" | "E0433" | "E0463"))
        && problem.message.contains("`gradus`");
    let hint = language.pick(
        "Falta la biblioteca del curso: ejecuta antes una celda con la línea `:dep gradus`.",
        "The course library is missing: first run a cell with the line `:dep gradus`.",
    );
    is_missing.then(|| hint.to_owned())
}

/// A hint for the message of a panic.
pub(crate) fn for_panic(message: &str, language: Language) -> Option<&'static str> {
    let has_no_words = message.starts_with("assertion failed: ")
        || (message.starts_with("assertion `left ")
            && message
                .lines()
                .next()
                .is_some_and(|line| line.ends_with("failed")));
    has_no_words.then(|| {
        language.pick(
            "Algo que esta celda afirma no se cumple con tus números. Vuelve al valor de antes, o averigua por qué ha cambiado.",
            "Something that this cell claims does not hold with your numbers. Put the value back, or find out why it changed.",
        )
    })
}

/// A hint as a line of a traceback.
pub(crate) fn line(hint: &str, language: Language) -> String {
    let (colour, reset) = (crate::colour::CYAN, crate::colour::RESET);
    format!("{colour}{}{reset}: {hint}", language.pick("pista", "hint"))
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
}
