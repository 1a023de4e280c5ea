//! `gradus release`: the student's workspace.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use gradus_grader::{Course, release};
use gradus_text::Language;

use crate::{refuse, update::tell};

/// What was asked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to write; it should not exist yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The languages of notebooks, README and statements
    #[arg(long, value_enum, default_value = "both")]
    lang: Languages,
    /// Renew a release that is there already; what was edited stays
    #[arg(long)]
    update: bool,
}

/// The languages of a release.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Languages {
    /// Spanish.
    Es,
    /// English.
    En,
    /// Both.
    Both,
}

impl Languages {
    /// One by one.
    pub fn all(self) -> Vec<Language> {
        match self {
            Languages::Es => vec![Language::Es],
            Languages::En => vec![Language::En],
            Languages::Both => vec![Language::Es, Language::En],
        }
    }
}

/// Writes it.
pub fn run(args: &Args) -> ExitCode {
    let root = match Course::find(Path::new(".")) {
        Ok(root) => root,
        Err(problem) => return refuse(&[problem]),
    };
    let options = release::Options {
        out: args.out.clone(),
        langs: args.lang.all(),
        update: args.update,
    };
    match release::write(&root, &options) {
        Err(problems) => refuse(&problems),
        Ok(released) => {
            tell(&released, Language::current());
            println!("{}: {} files", args.out.display(), released.files);
            ExitCode::SUCCESS
        }
    }
}
