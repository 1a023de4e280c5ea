//! What a student does with a lab besides solving it. `gradus` has these subcommands too.

pub mod check;
#[cfg(feature = "class")]
pub mod grade;
#[cfg(feature = "class")]
pub mod grades;
pub mod help;
pub mod hint;
pub mod instructor;
pub mod release;
mod screen;
#[cfg(feature = "class")]
mod share;
pub mod update;

use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use gradus_grader::{Course, handed::HandedOut};
use gradus_text::Language;

/// The language to read, when it is not that of GRADUS_LANG or the locale.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LanguageArg {
    /// Spanish.
    Es,
    /// English.
    En,
}

/// The language asked for, or that of GRADUS_LANG, or that of the release when it has only one, or that of the locale.
pub fn language(asked: Option<LanguageArg>) -> Language {
    let is_set = std::env::var_os("GRADUS_LANG").is_some_and(|lang| !lang.is_empty());
    match asked {
        Some(LanguageArg::Es) => Language::Es,
        Some(LanguageArg::En) => Language::En,
        None if is_set => Language::current(),
        None => Course::find(Path::new("."))
            .ok()
            .and_then(|root| HandedOut::read(&root)?.language())
            .unwrap_or_else(Language::current),
    }
}

/// Whether the current folder lies in a release, where there is nothing for instructors.
pub fn is_released() -> bool {
    let root = Course::find(Path::new("."));
    root.is_ok_and(|root| HandedOut::read(&root).is_some())
}

/// The course that the current folder lies in.
///
/// # Errors
/// What is wrong with it, or that there is none.
pub fn course() -> Result<Course, Vec<String>> {
    let root = Course::find(Path::new(".")).map_err(|problem| vec![problem])?;
    Course::read(&root)
}

/// Wrong use or unreadable input: a line for each problem, exit status 2.
pub fn refuse(problems: &[String]) -> ExitCode {
    for problem in problems {
        eprintln!("gradus: {problem}");
    }
    ExitCode::from(2)
}
