//! What a beginner should know about an error in a notebook. What holds for any compiler error is in `gradus-hints`.

mod system;

use gradus_text::Language;

use gradus_hints::Advice;
#[doc(hidden)]
pub use gradus_hints::examples;

pub(crate) use self::system::for_build;
use crate::problem::Problem;

/// A hint for a compiler error about a line of a cell, if there is one for it.
pub(crate) fn hint(problem: &Problem, line: &str, language: Language) -> Option<String> {
    of_the_library(problem, language).or_else(|| {
        let problem = gradus_hints::Problem {
            code: problem.code.clone(),
            message: problem.message.clone(),
            advice: (problem.marks.iter())
                .filter(|mark| mark.primary)
                .map(|mark| Advice {
                    level: "label".to_owned(),
                    text: mark.label.clone(),
                    lines: Vec::new(),
                })
                .chain(problem.advice.iter().cloned())
                .collect(),
        };
        gradus_hints::hint(&problem, line, language)
    })
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
