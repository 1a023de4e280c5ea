//! `gradus labs`: are the exercises complete?

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use gradus_grader::{
    Course, lint,
    new::{self, New},
};

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
    /// Begin an exercise: its files, with `TODO` where something is left to say, and its place in the lists
    New {
        /// Its name, such as lab2.9
        id: String,
        /// The name of its files, such as e9_hinge
        #[arg(long, value_name = "NAME")]
        file: String,
        /// A function that it asks for, such as "mean(x: &[f64]) -> f64"; once for each
        #[arg(
            long = "function",
            alias = "functions",
            value_name = "FUNCTION",
            required = true
        )]
        functions: Vec<String>,
        /// An exercise whose functions it uses; once for each
        #[arg(long, value_name = "ID")]
        needs: Vec<String>,
    },
    /// Mark a whole class
    #[cfg(feature = "class")]
    Grade(Box<crate::grade::Args>),
    /// The grades, for people and for other programs
    #[cfg(feature = "class")]
    Grades(crate::grades::Args),
}

/// Does it.
pub fn run(command: &Command) -> ExitCode {
    #[cfg(feature = "class")]
    match command {
        Command::Grade(args) => return crate::grade::run(args),
        Command::Grades(args) => return crate::grades::run(args),
        _ => {}
    }
    let root = match Course::find(Path::new(".")) {
        Ok(root) => root,
        Err(problem) => return refuse(&[problem]),
    };
    match command {
        Command::Lint { quick } => lint(&root, *quick),
        Command::New {
            id,
            file,
            functions,
            needs,
        } => {
            let new = New {
                id: id.clone(),
                stem: file.clone(),
                functions: functions.clone(),
                needs: needs.clone(),
            };
            match new::add(&root, &new) {
                Err(problem) => refuse(&[problem]),
                Ok(by_hand) => {
                    println!("left to fill in (gradus labs lint says what is missing):");
                    for path in by_hand {
                        println!("    {path}");
                    }
                    ExitCode::SUCCESS
                }
            }
        }
        #[cfg(feature = "class")]
        Command::Grade(_) | Command::Grades(_) => ExitCode::SUCCESS, // done above
    }
}

fn lint(root: &Path, quick: bool) -> ExitCode {
    let mut problems = lint::read_through(root);
    // A lab that is incomplete on paper is not worth building.
    if problems.is_empty() && !quick {
        problems = lint::run_through(root, |what| eprintln!("{what}"));
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
