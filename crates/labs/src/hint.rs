//! `gradus hint`: one hint more each time it is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::{LanguageArg, course, language, refuse};

/// What was asked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The exercise, such as lab1.3
    exercise: String,
    /// Show the statement first
    #[arg(long)]
    statement: bool,
    /// Forget which hints were shown
    #[arg(long)]
    again: bool,
    /// The language, when not that of GRADUS_LANG or the locale
    #[arg(long, value_enum)]
    lang: Option<LanguageArg>,
}

/// Shows the next hint.
pub fn run(args: &Args) -> ExitCode {
    let lang = language(args.lang);
    let course = match course() {
        Ok(course) => course,
        Err(problems) => return refuse(&problems),
    };
    let exercise = match course.exercise(&args.exercise) {
        Ok((_, exercise)) => exercise,
        Err(problem) => return refuse(&[problem]),
    };
    if args.statement {
        println!("{} {}\n", exercise.id, exercise.title.get(lang));
        println!("{}\n", exercise.statement.get(lang));
    }
    // Disposable, so it lives with what is built.
    let file = course.root.join("target/gradus/hints.json");
    let mut shown: BTreeMap<String, usize> = fs::read(&file)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let before = if args.again {
        0
    } else {
        shown.get(&exercise.id).copied().unwrap_or(0)
    };
    let count = exercise.hints.len();
    let now = (before + 1).min(count);
    for (i, hint) in exercise.hints.iter().take(now).enumerate() {
        let label = lang.pick("Pista", "Hint");
        println!("{label} {}/{count}: {}\n", i + 1, hint.get(lang));
    }
    if now == before {
        let over = lang.pick("No hay más pistas.", "There are no more hints.");
        println!("{over}");
    }
    shown.insert(exercise.id.clone(), now);
    if let Err(problem) = remember(&file, &shown) {
        eprintln!("gradus: {problem}");
    }
    ExitCode::SUCCESS
}

fn remember(file: &Path, shown: &BTreeMap<String, usize>) -> Result<(), String> {
    let problem = |e: std::io::Error| format!("{}: {e}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(problem)?;
    }
    let draft = file.with_extension("tmp");
    let text = serde_json::to_vec(shown).map_err(|e| problem(e.into()))?;
    fs::write(&draft, text).map_err(problem)?;
    fs::rename(&draft, file).map_err(problem)
}
