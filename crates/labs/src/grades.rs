//! `gradus grades`: what the gradebook says.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use comfy_table::{Cell, CellAlignment, Table, presets};
use gradus_grader::feedback;
use gradus_grader::gradebook::{self, Gradebook, Standing};
use gradus_text::Language;

use crate::grade::{lock, plain, say};
use crate::release::Languages;
use crate::{LanguageArg, course, language, refuse};

/// What was asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gradus grades                                   the table of the lab
  gradus grades --csv --out lab2.csv              for a spreadsheet
  gradus grades --moodle --out moodle.csv         for Moodle's `Upload grading worksheet`
  gradus grades --gradescope --out results        results/STUDENT/results.json
  gradus grades adjust 'Ana García' lab2.3 +2 --why 'explained it in class'
  gradus grades forget 'Ana García'               what would be removed of her; with --yes it is")]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The lab, where the gradebook has several
    #[arg(long)]
    lab: Option<String>,
    /// Where `grade` has left the gradebook
    #[arg(long, value_name = "DIR", default_value = "grades")]
    from: PathBuf,
    /// As CSV
    #[arg(long, group = "form")]
    csv: bool,
    /// As Moodle takes it
    #[arg(long, group = "form")]
    moodle: bool,
    /// As Gradescope takes it: a results.json for each student, in the folder of --out
    #[arg(long, group = "form", requires = "out")]
    gradescope: bool,
    /// All that is known, as JSON
    #[arg(long, group = "form")]
    json: bool,
    /// Write it here, and not to the terminal
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// The language of what students read, when not that of GRADUS_LANG or the locale
    #[arg(long, value_enum)]
    lang: Option<LanguageArg>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Give or take points by hand; it stays, whatever is marked later
    Adjust {
        /// As the table has it
        student: String,
        /// Such as lab2.3
        exercise: String,
        /// Such as +2 or -1
        #[arg(allow_negative_numbers = true)]
        points: i32,
        /// The reason, which the student reads
        #[arg(long)]
        why: String,
        /// Where `grade` has left the gradebook
        #[arg(long, value_name = "DIR", default_value = "grades")]
        from: PathBuf,
        /// The languages of the pages, which are written anew
        #[arg(long, value_enum, default_value = "both")]
        lang: Languages,
    },
    /// Remove a student from the gradebook and the pages, for good
    Forget {
        /// As the table or `--json` has it
        student: String,
        /// Do it; without this, say what would be removed
        #[arg(long)]
        yes: bool,
        /// Where `grade` has left the gradebook
        #[arg(long, value_name = "DIR", default_value = "grades")]
        from: PathBuf,
        /// The languages of the pages about the class, which are written anew
        #[arg(long, value_enum, default_value = "both")]
        lang: Languages,
    },
}

/// Shows or changes them.
pub fn run(args: &Args) -> ExitCode {
    let done = match &args.command {
        Some(Command::Adjust {
            student,
            exercise,
            points,
            why,
            from,
            lang,
        }) => adjust(student, exercise, *points, why, from, *lang),
        Some(Command::Forget {
            student,
            yes,
            from,
            lang,
        }) => forget(student, *yes, from, *lang),
        None => show(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => refuse(&[problem]),
    }
}

fn adjust(
    student: &str,
    exercise: &str,
    points: i32,
    why: &str,
    from: &Path,
    lang: Languages,
) -> Result<(), String> {
    let mut book = Gradebook::existing(&from.join("gradebook.sqlite"))?;
    let _lock = lock(from)?;
    book.adjust(student, exercise, points, why)?;
    let lab = exercise.split('.').next().unwrap_or(exercise);
    if let Some(one) = book.standings(lab, Some(student))?.first() {
        say(&format!(
            "{}: {}/{}",
            plain(&one.student.name),
            one.total(),
            one.out_of()
        ));
    }
    // The pages show it; where there is no course to write them with, the next `grade` does.
    if let Ok(course) = course() {
        feedback::write(from, &course, lab, &book, &lang.all())?;
    }
    book.close()
}

fn forget(student: &str, yes: bool, from: &Path, lang: Languages) -> Result<(), String> {
    let mut book = Gradebook::existing(&from.join("gradebook.sqlite"))?;
    let _lock = lock(from)?;
    let labs = book.labs_of(student)?;
    let pages = (labs.iter())
        .map(|lab| {
            let pages = from.join("feedback").join(lab);
            pages.join(feedback::file_name(student))
        })
        .filter(|page| page.exists());
    let pages: Vec<PathBuf> = pages.collect();
    let name = plain(student);
    if !yes {
        say(&format!(
            "{name}: the marks and answers of {} in {}",
            labs.join(", "),
            book.path().display()
        ));
        for page in &pages {
            say(&format!("{name}: {}", page.display()));
        }
        say("nothing was removed; --yes removes all of it, and cannot be undone");
        return Ok(());
    }
    // The pages first: while the gradebook knows the student, the command can be given again.
    let gone = |page: &Path| fs::remove_file(page).map_err(|e| format!("{}: {e}", page.display()));
    pages.iter().try_for_each(|page| gone(page))?;
    book.forget(student)?;
    let course = course();
    for lab in &labs {
        match &course {
            Ok(course) => feedback::write(from, course, lab, &book, &lang.all())?,
            // It names everybody, and cannot be written anew here; the next `grade` does.
            Err(_) => {
                let page = from.join(format!("{lab}.html"));
                if page.exists() {
                    gone(&page)?;
                }
            }
        }
    }
    book.close()?;
    say(&format!(
        "{name}: removed. What was handed in is yours to delete, or the next `grade` brings it back; so are tables that were exported, \
         plans of `grade plan`, and backups"
    ));
    Ok(())
}

fn show(args: &Args) -> Result<(), String> {
    let book = Gradebook::to_read(&args.from.join("gradebook.sqlite"))?;
    let labs = book.labs()?;
    let lab = match (&args.lab, labs.as_slice()) {
        (Some(lab), _) if labs.contains(lab) => lab,
        (None, [lab]) => lab,
        (None, []) => return Err("nothing was marked yet".to_owned()),
        (Some(lab), _) => {
            return Err(format!(
                "the gradebook has no {lab}; it has {}",
                labs.join(", ")
            ));
        }
        (None, _) => return Err(format!("which lab? --lab {}", labs.join(" or --lab "))),
    };
    let standings = book.standings(lab, None)?;
    let lang = language(args.lang);
    if args.gradescope {
        let out = args.out.as_deref().unwrap_or(Path::new("."));
        for one in &standings {
            let name = feedback::file_name(&one.student.id);
            let path = out
                .join(name.trim_end_matches(".html"))
                .join("results.json");
            write(&path, &format!("{:#}\n", gradebook::gradescope(one, lang)))?;
        }
        say(&format!("{}: {} students", out.display(), standings.len()));
        return Ok(());
    }
    let text = match () {
        () if args.csv => gradebook::csv(&standings)?,
        () if args.moodle => gradebook::moodle(&standings, lang)?,
        () if args.json => format!("{:#}\n", gradebook::json(lab, &standings)),
        () => table(&standings, lang),
    };
    match &args.out {
        Some(path) => write(path, &text),
        None => {
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(())
        }
    }
}

/// Written whole under another name first.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let problem = |e: std::io::Error| format!("{}: {e}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(problem)?;
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    fs::write(&draft, text).map_err(problem)?;
    fs::rename(&draft, path).map_err(problem)
}

fn table(standings: &[Standing], lang: Language) -> String {
    let exercises: Vec<&str> = (standings.first().into_iter())
        .flat_map(|one| one.exercises.iter().map(|outcome| outcome.id.as_str()))
        .collect();
    let is_late = standings.iter().any(|one| one.late.days > 0);
    let is_adjusted = standings.iter().any(|one| !one.adjustments.is_empty());
    let mut header = vec![lang.pick("estudiante", "student").to_owned()];
    header.extend(exercises.iter().map(|id| (*id).to_owned()));
    if is_late {
        header.push(lang.pick("retraso", "late").to_owned());
    }
    if is_adjusted {
        header.push(lang.pick("ajuste", "adjusted").to_owned());
    }
    header.push("total".to_owned());
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_header(header);
    for one in standings {
        let mut row = vec![Cell::new(plain(&one.student.name))];
        let mut number =
            |text: String| row.push(Cell::new(text).set_alignment(CellAlignment::Right));
        for id in &exercises {
            let outcome = one.exercises.iter().find(|outcome| outcome.id == *id);
            number(outcome.map_or_else(String::new, |outcome| outcome.earned().to_string()));
        }
        if is_late {
            number(match one.late.points {
                0 => String::new(),
                points => format!("−{points}"),
            });
        }
        if is_adjusted {
            number(match one.adjusted() {
                0 => String::new(),
                points => format!("{points:+}"),
            });
        }
        number(format!("{}/{}", one.total(), one.out_of()));
        table.add_row(row);
    }
    format!("{table}\n")
}
