//! `gradus check` and `gradus hint` without the rest of `gradus`: a student who wants to know how a lab is going does not wait
//! for a kernel to be built.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gradus_labs::{check, hint};

#[derive(Parser)]
#[command(name = "gradus-labs", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try the exercises of the labs and see what to do next
    Check(check::Args),
    /// The next hint for an exercise
    Hint(hint::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Hint(args) => hint::run(&args),
    }
}
