//! `gradus labs`: are the exercises complete?

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use gradus_grader::{Course, lint};

use crate::refuse;

/// What was asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find what an exercise lacks: statements, hints, points, stubs, tests that notice mistakes
    Lint {
        /// Only read the files; do not run the labs' own tests
        #[arg(long)]
        quick: bool,
    },
}

/// Does it.
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
