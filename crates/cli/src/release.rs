//! `gradus release`: the student's workspace.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use gradus_grader::{Course, release};
use gradus_text::Language;

use gradus_labs::refuse;

#[derive(clap::Args)]
pub struct Args {
    /// The folder to write; it should not exist yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The languages of notebooks, README and statements
    #[arg(long, value_enum, default_value = "both")]
    lang: Languages,
    /// Renew a release that is there already; exercises that were edited stay as they are
    #[arg(long)]
    update: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Languages {
    Es,
    En,
    Both,
}

impl Languages {
    pub fn all(self) -> Vec<Language> {
        match self {
            Languages::Es => vec![Language::Es],
            Languages::En => vec![Language::En],
            Languages::Both => vec![Language::Es, Language::En],
        }
    }
}

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
            for kept in &released.kept {
                println!("kept, because it was edited: {kept}");
            }
            println!("{}: {} files", args.out.display(), released.files);
            ExitCode::SUCCESS
        }
    }
}
