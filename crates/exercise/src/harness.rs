//! The `main` of a lab's tests: calm lines, a points table, and what `cargo test` and `cargo nextest` ask of a test program.
//!
//! No student's code runs here. Each exercise is a program of its own, compiled by itself; it is asked for answers, and judged by
//! them alone.

use std::path::Path;
use std::process::ExitCode;

use crate::{
    Exercise, Lab, Language, Outcome, blame, compile::Compiled, compile::Programs, judge, report,
};

/// Compiles the exercises of a lab, whose folder is the second argument, and tries them.
///
/// Understands what libtest does where it makes sense here: names to filter by, `--exact`, `--skip`, `--list`, `--ignored`
/// and the flags of output and threads, which change nothing. `--json` prints one outcome per line, for `gradus check`;
/// `--judge` and the solution's program judge submissions, see [`judge`](crate::judge); `--full` shows all that the compiler says. Exits with 0 when all that was asked for is solved.
pub fn main(lab: Lab, folder: &str) -> ExitCode {
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
    if let Some(solution) = &arguments.judge {
        return judge::main(&lab, Path::new(solution));
    }
    let lang = Language::current();
    if arguments.help {
        println!(
            "{}",
            lang.pick(
                "cargo test -p LAB -- [EJERCICIO...] [--full] [--json] [--list] [--exact] [--skip EJERCICIO]\n\n\
                 Sin ejercicios los prueba todos. --full enseña todo lo que dice el compilador; --json, un resultado por línea.",
                "cargo test -p LAB -- [EXERCISE...] [--full] [--json] [--list] [--exact] [--skip EXERCISE]\n\n\
                 Without exercises it tries all. --full shows all that the compiler says; --json an outcome on each line.",
            )
        );
        return ExitCode::SUCCESS;
    }
    // By their places in the lab.
    let wanted: Vec<(usize, &Exercise)> = (lab.exercises().enumerate())
        .filter(|(_, exercise)| arguments.wants(&exercise.id))
        .collect();
    if arguments.list {
        // Nothing is ignored, so the list of the ignored tests is empty.
        for (_, exercise) in wanted.iter().filter(|_| !arguments.ignored) {
            println!("{}: test", exercise.id);
        }
        return ExitCode::SUCCESS;
    }
    if arguments.ignored {
        return ExitCode::SUCCESS;
    }
    if let Some(filter) = arguments.filters.first()
        && wanted.is_empty()
    {
        let all: Vec<&str> = lab.exercises().map(|exercise| &*exercise.id).collect();
        let all = all.join(", ");
        eprintln!(
            "{}",
            match lang {
                Language::Es => format!("no hay ningún ejercicio `{filter}`; los hay: {all}"),
                Language::En => format!("there is no exercise `{filter}`; there are {all}"),
            }
        );
        return ExitCode::from(2);
    }
    // Cargo says where the lab is now: the folder may have been moved since this was compiled.
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| folder.to_owned());
    let exercises: Vec<&Exercise> = wanted.iter().map(|(_, exercise)| *exercise).collect();
    let all: Vec<&Exercise> = lab.exercises().collect();
    let programs = Programs::of(Path::new(&here));
    let compiled = programs.and_then(|them| Ok((them.build(&exercises, &all)?, them)));
    let (compiled, programs) = match compiled {
        Ok(both) => both,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    if !arguments.json {
        println!();
    }
    let attempt = |at, compiled| match compiled {
        Compiled::Not(why) => (lab.uncompiled(at, why), true),
        Compiled::WaitsFor(other) => (lab.waiting(at, &other), true),
        Compiled::Program(program) => lab.assess(at, &program),
    };
    let (mut outcomes, mut well) = (Vec::new(), true);
    // Others that were not asked for, but on which a wrong one builds.
    let mut beside: Vec<Outcome> = Vec::new();
    for ((at, exercise), compiled) in wanted.into_iter().zip(compiled) {
        let (mut outcome, ended_well) = attempt(at, compiled);
        well &= ended_well;
        if blame::is_open(&outcome) {
            let source = Path::new(&here).join(&exercise.file);
            let source = std::fs::read_to_string(source).unwrap_or_default();
            let used = blame::used(&source, &exercise.id, &all);
            for (other, _) in &used {
                let is_known = |known: &Outcome| known.id == other.id;
                let place = all.iter().position(|one| one.id == other.id);
                if let Some(place) = place
                    && !outcomes.iter().chain(&beside).any(is_known)
                    && !exercises.iter().any(|wanted| wanted.id == other.id)
                    && let Ok(built) = programs.build(&[*other], &all)
                {
                    beside.extend(built.into_iter().map(|compiled| attempt(place, compiled).0));
                }
            }
            blame::blame(&mut outcome, &used, outcomes.iter().chain(&beside));
        }
        if arguments.json {
            match serde_json::to_string(&outcome) {
                Ok(line) => println!("{line}"),
                Err(e) => eprintln!("{}: {e}", outcome.id),
            }
        } else {
            print!("{}", report::text(&outcome, lang, arguments.full));
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

#[derive(Default)]
struct Arguments {
    filters: Vec<String>,
    skip: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
    json: bool,
    full: bool,
    help: bool,
    judge: Option<String>,
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
                "--full" => parsed.full = true,
                "--help" | "-h" => parsed.help = true,
                "--skip" => parsed.skip.extend(value()),
                "--judge" => parsed.judge = value(),
                "--format" | "--color" | "--test-threads" | "-Z" | "--logfile" => {
                    value();
                }
                "--include-ignored" | "--nocapture" | "--no-capture" | "--show-output"
                | "--quiet" | "-q" | "--test" | "--report-time" => {}
                _ if flag.starts_with('-') => {
                    return Err(format!(
                        "unknown flag `{flag}`; known: names of exercises, --exact, --skip, --list, --json, --full"
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
