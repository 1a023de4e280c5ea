//! What `gradus` does with labs, without the rest of it: a student who wants to know how a lab is going does not wait
//! for a kernel to be built.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use gradus_labs::{check, help, hint, instructor, is_released, language, release, update};

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
    /// Bring a newer release of the course into this workspace; nothing of yours is lost
    Update(update::Args),
    /// For instructors: write the student's workspace
    Release(release::Args),
    #[command(flatten)]
    Instructor(instructor::Command),
}

fn main() -> ExitCode {
    #[cfg(feature = "class")]
    gradus_grader::marking::launch_if_asked();
    let command = help::spoken(Cli::command(), language(None), is_released());
    let cli = Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|e| e.exit());
    match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Hint(args) => hint::run(&args),
        Command::Update(args) => update::run(&args),
        Command::Release(args) => release::run(&args),
        Command::Instructor(command) => instructor::run(&command),
    }
}
