//! The `main` of a lab's tests: calm lines, a points table, and what `cargo test` and `cargo nextest` ask of a test program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::{Lab, Language, alone, report};

/// Runs the tests of a lab, each exercise in a process of its own. `confirm` is called there for an exercise that is right, to
/// hold its answers against the snapshot file with insta: name, table of answers, comparator.
///
/// Understands what libtest does where it makes sense here: names to filter by, `--exact`, `--skip`, `--list`, `--ignored`
/// and the flags of output and threads, which change nothing. `--json` prints one outcome per line, for `gradus check`.
/// Exits with 0 when all that was asked for is solved.
#[cfg(feature = "insta")]
pub fn main(lab: Lab, confirm: impl Fn(&str, &str, Box<dyn insta::Comparator>)) -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if !lab.problems().is_empty() {
        for problem in lab.problems() {
            eprintln!("{problem}");
        }
        return ExitCode::from(2);
    }
    if arguments.list {
        // Nothing is ignored, so the list of the ignored tests is empty.
        for exercise in lab.exercises().filter(|_| !arguments.ignored) {
            if arguments.wants(&exercise.id) {
                println!("{}: test", exercise.id);
            }
        }
        return ExitCode::SUCCESS;
    }
    if let Some(notes) = &arguments.notes {
        return alone(lab, &arguments.filters, notes, confirm);
    }
    let lang = Language::current();
    if !arguments.json {
        println!();
    }
    let (mut outcomes, mut well) = (Vec::new(), true);
    for (exercise, start) in lab.starts() {
        if arguments.ignored || !arguments.wants(&exercise.id) {
            continue;
        }
        let outcome = match alone::assess(exercise, start) {
            Ok((outcome, ended_well)) => {
                well &= ended_well;
                outcome
            }
            Err(error) => {
                eprintln!("{}: {error}", exercise.id);
                return ExitCode::from(2);
            }
        };
        if arguments.json {
            match serde_json::to_string(&outcome) {
                // What the exercise printed may have left its line open.
                Ok(line) => println!("\n{line}"),
                Err(e) => eprintln!("{}: {e}", outcome.id),
            }
        } else {
            print!("{}", report::text(&outcome, lang));
        }
        outcomes.push(outcome);
    }
    if !arguments.json && outcomes.len() > 1 {
        println!("\n{}", report::table(lab.name(), &outcomes, lang));
    }
    if well && outcomes.iter().all(|o| o.earned() == o.points) {
        ExitCode::SUCCESS
    } else {
        // The status of libtest: for any other, cargo adds lines about a process that did not exit successfully.
        ExitCode::from(101)
    }
}

/// The exercise of this name in this process, which writes down in `notes` how it goes.
#[cfg(feature = "insta")]
fn alone(
    lab: Lab,
    id: &[String],
    notes: &Path,
    confirm: impl Fn(&str, &str, Box<dyn insta::Comparator>),
) -> ExitCode {
    let id = id.first().map_or("", String::as_str);
    let Some((outcome, exercise, answers)) = lab.assess(id, |note| alone::write(notes, note))
    else {
        eprintln!("no exercise is called `{id}`");
        return ExitCode::from(2);
    };
    // With INSTA_UPDATE an instructor renews the snapshots; otherwise only right answers reach insta, and it never complains.
    let updating = std::env::var_os("INSTA_UPDATE").is_some();
    let right = outcome.earned() == outcome.points;
    if updating || right {
        let comparator = Box::new(crate::snapshot::NearEnough(exercise));
        confirm(&outcome.id, &answers, comparator);
    }
    ExitCode::from(if right { 0 } else { 101 })
}

#[derive(Default)]
struct Arguments {
    filters: Vec<String>,
    skip: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
    json: bool,
    /// Only the exercise of this name, in this process, and where to write down how it goes: how the program starts itself.
    notes: Option<PathBuf>,
}

impl Arguments {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let (flag, value) = match argument.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || value.clone().or_else(|| arguments.next());
            match flag {
                "--list" => parsed.list = true,
                "--exact" => parsed.exact = true,
                "--ignored" => parsed.ignored = true,
                "--json" => parsed.json = true,
                "--notes" => parsed.notes = value().map(PathBuf::from),
                "--skip" => parsed.skip.extend(value()),
                "--format" | "--color" | "--test-threads" | "-Z" | "--logfile" => {
                    value();
                }
                "--include-ignored" | "--nocapture" | "--no-capture" | "--show-output"
                | "--quiet" | "-q" | "--test" | "--report-time" => {}
                _ if flag.starts_with('-') => {
                    return Err(format!(
                        "unknown flag `{flag}`; known: names of exercises, --exact, --skip, --list, --json"
                    ));
                }
                _ => parsed.filters.push(argument),
            }
        }
        Ok(parsed)
    }

    fn wants(&self, id: &str) -> bool {
        let matches = |filter: &String| {
            if self.exact {
                id == filter
            } else {
                id.contains(filter.as_str())
            }
        };
        (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skip.iter().any(matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn filters_pick_exercises() {
        let picks = |line: &str| {
            let arguments = parse(line).expect("known flags");
            ["lab1.1", "lab1.2", "lab2.1"]
                .into_iter()
                .filter(|id| arguments.wants(id))
                .collect::<Vec<_>>()
        };
        assert_eq!(picks(""), ["lab1.1", "lab1.2", "lab2.1"]);
        assert_eq!(picks("lab1"), ["lab1.1", "lab1.2"]);
        assert_eq!(picks("--exact lab1"), [""; 0]);
        assert_eq!(picks("--exact lab1.2 --nocapture"), ["lab1.2"]);
        assert_eq!(picks("lab1 --skip lab1.1 --test-threads 4"), ["lab1.2"]);
        assert_eq!(picks("--skip=lab1 --format terse"), ["lab2.1"]);
    }

    #[test]
    fn an_unknown_flag_is_an_error() {
        assert!(parse("--frobnicate").is_err());
    }
}
