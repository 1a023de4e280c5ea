//! `gradus`: the one command of the course.

mod about;
mod bundle;
mod data;
mod doctor;
mod export;
mod kernel;
mod notebook;
mod run;
mod solution;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use gradus_labs::{check, hint, instructor, release, update};

const EXAMPLES: &str = "\
Examples:
  gradus notebook                           the course in JupyterLab, which comes along where there is none
  gradus run notebooks                      execute every notebook, outputs go to target/notebooks
  gradus run notebooks/es --out /tmp/es     those in Spanish, written elsewhere
  gradus run my.ipynb --timeout 60          no cell may take longer than a minute
  gradus run notebooks --check              do the notebooks still show what they were committed with?
  gradus export --html site notebooks       a static site of the lessons, with their outputs
  gradus kernel install                     use the kernel in JupyterLab and VS Code
  gradus data list                          which data sets are here, and where the others belong
  gradus data fetch mnist                   download one, check it, and put it where it is looked for
  gradus check lab1.3 --watch               try an exercise again each time it is saved
  gradus hint lab1.3                        the next hint for it
  gradus release --out /tmp/class --lang es the workspace that students get
  gradus bundle --out /tmp/class.tar.gz     the same as one archive that needs no network
  gradus doctor                             is everything here that the course needs?

Exit status: 0 all cells ran, 1 a cell failed or an output changed, 2 wrong use or unreadable input, 130 interrupted.";

/// A course on training neural networks, in Rust.
#[derive(Parser)]
#[command(name = "gradus", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Execute notebooks without Jupyter
    Run(run::Args),
    /// Make a static site of notebooks
    Export(export::Args),
    /// The data sets of the course
    #[command(subcommand)]
    Data(data::Command),
    /// Try the exercises of the labs and see what to do next
    Check(check::Args),
    /// The next hint for an exercise
    Hint(hint::Args),
    /// Bring a newer release of the course into this workspace; nothing of yours is lost
    Update(update::Args),
    /// For instructors: write the student's workspace
    Release(release::Args),
    /// For instructors: the student's workspace as one archive, built and with all sources, to be used without a network
    Bundle(bundle::Args),
    /// For instructors: show the reference solution of an exercise
    Solution(solution::Args),
    /// For instructors: mark a whole class
    #[cfg(feature = "class")]
    Grade(Box<gradus_labs::grade::Args>),
    /// For instructors: the grades, for people and for other programs
    #[cfg(feature = "class")]
    Grades(gradus_labs::grades::Args),
    /// For instructors: the labs themselves
    #[command(subcommand)]
    Labs(instructor::Command),
    /// The kernel for JupyterLab, VS Code and other front ends
    #[command(subcommand)]
    Kernel(kernel::Command),
    /// Open the course in JupyterLab, which is installed where there is none
    Notebook(notebook::Args),
    /// Check that everything is here, with a fix for what is not
    Doctor(doctor::Args),
    /// What a shell needs to complete this command with Tab
    Completions(about::Completions),
    /// Write the manual pages
    Man(about::Man),
}

fn main() -> ExitCode {
    #[cfg(feature = "class")]
    gradus_grader::marking::launch_if_asked();
    gradus_kernel::runtime_hook();
    match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Data(command) => data::run(&command),
        Command::Check(args) => check::run(&args),
        Command::Hint(args) => hint::run(&args),
        Command::Update(args) => update::run(&args),
        Command::Release(args) => release::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Solution(args) => solution::run(&args),
        #[cfg(feature = "class")]
        Command::Grade(args) => gradus_labs::grade::run(&args),
        #[cfg(feature = "class")]
        Command::Grades(args) => gradus_labs::grades::run(&args),
        Command::Labs(command) => instructor::run(&command),
        Command::Kernel(command) => kernel::run(&command),
        Command::Notebook(args) => notebook::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Completions(args) => about::completions(&args, &mut Cli::command()),
        Command::Man(args) => about::man(&args, Cli::command()),
    }
}
