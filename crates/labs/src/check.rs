//! `gradus check`: the exercises as a progress screen.

use std::io::IsTerminal;
use std::process::ExitCode;

use gradus_exercise::{Outcome, report};
use gradus_grader::check::{self, Checked, Watch};
use gradus_grader::{Course, LabFolder};
use gradus_text::Language;
use indicatif::ProgressBar;

use crate::{LanguageArg, course, language, refuse};

/// What was asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 all that was asked for is solved, 1 something is not, 2 wrong use.")]
pub struct Args {
    /// A lab or an exercise, such as lab1 or lab1.3; all labs when left out
    what: Option<String>,
    /// Check again each time a file of the labs is saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// The language, when not that of GRADUS_LANG or the locale
    #[arg(long, value_enum)]
    lang: Option<LanguageArg>,
}

/// Tries what was asked for and shows what came of it.
pub fn run(args: &Args) -> ExitCode {
    let lang = language(args.lang);
    let course = match course() {
        Ok(course) => course,
        Err(problems) => return refuse(&problems),
    };
    let (labs, only) = match wanted(&course, args.what.as_deref()) {
        Ok(wanted) => wanted,
        Err(problem) => return refuse(&[problem]),
    };
    if !args.watch {
        let mut solved = true;
        for lab in labs {
            match once(&course, lab, only, lang) {
                Err(problem) => return refuse(&[problem]),
                Ok(all) => solved &= all,
            }
        }
        return ExitCode::from(u8::from(!solved));
    }
    let watch = match Watch::new(&course.root) {
        Ok(watch) => watch,
        Err(problem) => return refuse(&[problem]),
    };
    let mut now = labs;
    loop {
        clear();
        for lab in &now {
            if let Err(problem) = once(&course, lab, only, lang) {
                eprintln!("gradus: {problem}");
            }
        }
        println!(
            "{}",
            lang.pick(
                "(esperando a que guardes un fichero; Ctrl-C para salir)",
                "(waiting for you to save a file; Ctrl-C to leave)"
            )
        );
        // Only the lab that was edited is checked again.
        now = loop {
            let Some(edited) = watch.wait() else {
                return ExitCode::SUCCESS;
            };
            let (all, _) = match wanted(&course, args.what.as_deref()) {
                Ok(wanted) => wanted,
                Err(problem) => return refuse(&[problem]),
            };
            let edited: Vec<_> = all.into_iter().filter(|lab| lab.name == edited).collect();
            if !edited.is_empty() {
                break edited;
            }
        };
    }
}

/// The labs that `what` names, and the one exercise when it names one.
fn wanted<'a>(
    course: &'a Course,
    what: Option<&'a str>,
) -> Result<(Vec<&'a LabFolder>, Option<&'a str>), String> {
    match what {
        None => Ok((course.labs.iter().collect(), None)),
        Some(id) if id.contains('.') => course.exercise(id).map(|(lab, _)| (vec![lab], Some(id))),
        Some(name) => match course.labs.iter().find(|lab| lab.name == name) {
            Some(lab) => Ok((vec![lab], None)),
            None => {
                let names: Vec<_> = course.labs.iter().map(|lab| lab.name.as_str()).collect();
                Err(format!(
                    "no lab is called `{name}`; there are {}",
                    names.join(", ")
                ))
            }
        },
    }
}

/// Checks one lab and shows what came of it. Whether all is solved.
fn once(
    course: &Course,
    lab: &LabFolder,
    only: Option<&str>,
    lang: Language,
) -> Result<bool, String> {
    let spinner = ProgressBar::new_spinner().with_message(format!(
        "{} {}",
        lang.pick("compilando y probando", "building and trying"),
        lab.name
    ));
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    let checked = check::run(&course.root, &lab.name, only, |outcome| {
        spinner.set_message(outcome.id.clone());
    });
    spinner.finish_and_clear();
    match checked? {
        Checked::Broken(said) => {
            println!(
                "{}\n\n{}",
                lang.pick("No se ha podido probar:", "It could not be tried:"),
                said.trim_end()
            );
            Ok(false)
        }
        Checked::Ran(outcomes) => {
            show(course, lab, &outcomes, lang);
            Ok(outcomes.iter().all(|o| o.earned() == o.points))
        }
    }
}

fn show(course: &Course, lab: &LabFolder, outcomes: &[Outcome], lang: Language) {
    for outcome in outcomes {
        print!("{}", report::text(outcome, lang, false));
    }
    let earned: u32 = outcomes.iter().map(Outcome::earned).sum();
    let points: u32 = outcomes.iter().map(|o| o.points).sum();
    const WIDTH: u32 = 40;
    let full = (WIDTH * earned).checked_div(points).unwrap_or(0);
    let bar: String = (0..WIDTH)
        .map(|i| if i < full { '█' } else { '░' })
        .collect();
    println!("\n{} {bar} {earned}/{points}", lab.name);
    let Some(next) = outcomes.iter().find(|o| o.earned() < o.points) else {
        return;
    };
    let Ok((_, exercise)) = course.exercise(&next.id) else {
        return;
    };
    let what = lang.pick("Ahora", "Now");
    println!("\n{what}: {} {}", next.id, next.title.get(lang));
    println!("labs/{}/{}\n", lab.name, next.file);
    println!("{}", exercise.statement.get(lang));
    let stuck = lang.pick("¿Atascado?", "Stuck?");
    println!("\n{stuck} {} hint {}", command(), next.id);
}

/// What the user has typed to get here.
fn command() -> &'static str {
    let program = std::env::current_exe();
    let is_ours = program.is_ok_and(|program| program.file_stem() == Some("gradus-labs".as_ref()));
    if is_ours { "cargo labs" } else { "gradus" }
}

/// Empties the screen, when there is one.
fn clear() {
    if std::io::stdout().is_terminal() {
        print!("\x1b[2J\x1b[H");
    }
}
