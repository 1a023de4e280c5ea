//! What an exercise must have: found by reading the files, and by running the lab's own proofs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use gradus_exercise::{Language, State};

use crate::{
    check::{self, Checked, cargo},
    course::{Course, read, shown},
    markers,
    release::{self, Options},
    tables,
};

/// What can be seen by reading: declarations, markers, files. Each problem is `file:line: message`.
pub fn read_through(root: &Path) -> Vec<String> {
    let course = match Course::read(root) {
        Ok(course) => course,
        Err(problems) => return problems,
    };
    let mut problems = Vec::new();
    for lab in &course.labs {
        let folder = root.join("labs").join(&lab.name);
        let sum: u32 = lab.exercises.iter().map(|e| e.points).sum();
        if sum != 100 {
            problems.push(format!(
                "labs/{}/exercises:1: the points add up to {sum}, not to 100",
                lab.name
            ));
        }
        for file in ["tests/exercises.rs", "tests/mutants.rs"] {
            if !folder.join(file).is_file() {
                problems.push(format!("labs/{}/{file}:1: missing", lab.name));
            }
        }
        for exercise in &lab.exercises {
            let id = &exercise.id;
            let declaration = format!("labs/{}/exercises/{id}.toml", lab.name);
            let count: usize = exercise.questions.iter().map(|q| q.mistakes.len()).sum();
            if count < 3 {
                problems.push(format!(
                    "{declaration}:1: {count} usual mistakes; at least three are wanted"
                ));
            }
            for kind in ["snap", "sealed.snap"] {
                let path = folder.join(format!("snapshots/{id}.{kind}"));
                let answers = fs::read_to_string(&path).unwrap_or_default();
                for asked in &exercise.questions {
                    let label = format!("\n{}", asked.name);
                    let wanted = kind == "snap" || !asked.mistakes.is_empty();
                    if wanted && !answers.contains(&label) {
                        problems.push(format!(
                            "{}:1: no answers to `{}`: INSTA_UPDATE=always cargo test",
                            shown(root, &path),
                            asked.name
                        ));
                    }
                }
            }
            let path = course.file_of(lab, exercise);
            let question = folder
                .join("src/questions")
                .join(path.file_name().unwrap_or_default());
            let toml = root.join(&declaration);
            for path in [&toml, &path, &question] {
                let text = fs::read_to_string(path).unwrap_or_default();
                let left = (text.lines().enumerate()).filter(|(_, line)| line.contains("TODO"));
                problems.extend(left.filter(|(_, line)| !line.starts_with('#')).map(
                    |(n, line)| {
                        format!(
                            "{}:{}: left to say: {}",
                            shown(root, path),
                            n + 1,
                            line.trim()
                        )
                    },
                ));
            }
            let at = shown(root, &path);
            let text = match read(&path) {
                Ok(text) => text,
                Err(problem) => {
                    problems.push(format!("{declaration}:1: {problem}"));
                    continue;
                }
            };
            if text.lines().next() != Some(&format!("//! {id}")) {
                problems.push(format!("{at}:1: the first line should be `//! {id}`"));
            }
            match markers::parse(&at, &text) {
                Err(wrong) => problems.extend(wrong),
                Ok(marked) => {
                    for solution in &marked.solutions {
                        if solution.code.contains("todo!(") {
                            let line = solution.line + 1;
                            problems
                                .push(format!("{at}:{line}: the solution is still to be written"));
                        }
                        if solution.id != *id {
                            let (line, other) = (solution.line, &solution.id);
                            problems.push(format!(
                                "{at}:{line}: marked as {other}, but this is the file of {id}"
                            ));
                        }
                    }
                    let stubs = format!("todo!(\"{id}\")");
                    if !marked.stubbed.contains(&stubs) {
                        problems.push(format!("{at}:1: nothing of {id} is left to the student"));
                    }
                }
            }
        }
    }
    problems.extend(tables::problems(root, &course));
    problems
}

/// What can only be seen by running: the reference solves everything, every mutant is called by its name, no impostor gets a point,
/// and in a release every question is not done yet. `doing` is told what is being done.
pub fn run_through(root: &Path, mut doing: impl FnMut(&str)) -> Vec<String> {
    let mut problems = Vec::new();
    let course = match Course::read(root) {
        Ok(course) => course,
        Err(problems) => return problems,
    };
    for lab in &course.labs {
        doing(&format!("{}: reference", lab.name));
        match check::run(root, &lab.name, None, |_| {}) {
            Err(problem) => return vec![problem],
            Ok(Checked::Broken(said)) => problems.push(format!("{}: {said}", lab.name)),
            Ok(Checked::Ran(outcomes)) => {
                for outcome in outcomes.iter().filter(|o| o.earned() < o.points) {
                    let (id, earned, points) = (&outcome.id, outcome.earned(), outcome.points);
                    problems.push(format!(
                        "{id}: the reference gets {earned} of {points} points"
                    ));
                }
            }
        }
        doing(&format!("{}: mutants and impostors", lab.name));
        let tests = cargo(root)
            .args(["test", "--release", "--quiet", "--package", &lab.name])
            .args(["--test", "mutants"])
            .stdin(Stdio::null())
            .output();
        match tests {
            Err(e) => return vec![format!("cargo cannot be started: {e}")],
            Ok(tests) if !tests.status.success() => {
                problems.push(format!("{}: {}", lab.name, said(&tests)));
            }
            Ok(_) => {}
        }
    }
    doing("release: everything is left to do");
    problems.extend(try_release(root, &course));
    problems
}

fn try_release(root: &Path, course: &Course) -> Vec<String> {
    let draft = match tempfile::tempdir() {
        Ok(draft) => draft,
        Err(e) => return vec![format!("no temporary folder: {e}")],
    };
    let options = Options {
        out: draft.path().join("release"),
        langs: vec![Language::Es, Language::En],
        update: false,
    };
    if let Err(problems) = release::write(root, &options) {
        return problems;
    }
    // Not the workspace's own build folder: there the release's labs would take the place of the instructor's, because cargo
    // tells packages apart by their path within the workspace.
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => PathBuf::from(target),
        None => root.join("target"),
    };
    let target = target.join("trial");
    let mut problems = Vec::new();
    for lab in &course.labs {
        match check::run_in(&target, &options.out, &lab.name, None, |_| {}) {
            Err(problem) => problems.push(problem),
            Ok(Checked::Broken(said)) => {
                problems.push(format!("{} of the release: {said}", lab.name));
            }
            Ok(Checked::Ran(outcomes)) => {
                for outcome in &outcomes {
                    for verdict in &outcome.verdicts {
                        if !matches!(&verdict.state, State::NotDone(_)) {
                            problems.push(format!(
                                "{}: the stub of `{}` is not `not done yet` but {:?}",
                                outcome.id, verdict.question, verdict.state
                            ));
                        }
                    }
                }
            }
        }
    }
    problems
}

fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    text.concat()
}
