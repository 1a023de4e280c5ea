//! `gradus labs`: are the exercises complete? And what the subcommands about labs share.

use std::path::Path;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use gradus_text::Language;

use gradus_grader::{Course, lint};

#[derive(Subcommand)]
pub enum Command {
    /// Find what an exercise lacks: statements, hints, points, stubs, tests that notice mistakes
    Lint {
        /// Only read the files; do not run the labs' own tests
        #[arg(long)]
        quick: bool,
    },
}

/// The language to read, when it is not that of GRADUS_LANG or the locale.
#[derive(Clone, Copy, ValueEnum)]
pub enum LanguageArg {
    Es,
    En,
}

pub fn language(asked: Option<LanguageArg>) -> Language {
    match asked {
        Some(LanguageArg::Es) => Language::Es,
        Some(LanguageArg::En) => Language::En,
        None => Language::current(),
    }
}

pub fn run(command: &Command) -> ExitCode {
    let Command::Lint { quick } = command;
    let root = match Course::find(Path::new(".")) {
        Ok(root) => root,
        Err(problem) => return refuse(&[problem]),
    };
    let mut problems = lint::read_through(&root);
    // A lab that is incomplete on paper is not worth building.
    if problems.is_empty() && !quick {
        problems = lint::run_through(&root, |what| eprintln!("{what}"));
    }
    if problems.is_empty() {
        println!("the labs are complete");
        ExitCode::SUCCESS
    } else {
        for problem in &problems {
            println!("{problem}");
        }
        ExitCode::FAILURE
    }
}

/// The course that the current folder lies in.
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
