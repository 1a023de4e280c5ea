//! Trying a lab of which some files do not compile: each of them costs its own exercise and no other.
//!
//! The compiler says which files they are. The lab is tried in a copy where each is as it was handed out, so what builds on
//! it says which exercise to solve first. The student's files stay as they are.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Stdio,
};

use gradus_exercise::{Complaint, Exercise, Outcome, State, Text};
use serde_json::Value;

use crate::{
    Course, LabFolder,
    check::{self, Checked, cargo},
    course::{name_of, read, shown, sorted},
    markers, release,
};

/// An exercise whose file does not compile.
#[derive(Clone, Debug)]
pub struct Uncompiled {
    /// `lab1.3`.
    pub id: String,
    /// Where: `labs/lab1/src/exercises/e3.rs:12`.
    pub place: String,
    /// The first error in one line.
    pub message: String,
    /// All that the compiler says about it.
    pub said: String,
}

/// Tries the exercises of `lab` as [`check::run`] does; where files of exercises do not compile, without those.
///
/// # Errors
/// When cargo cannot be started, or the copy cannot be written.
pub fn run(
    course: &Course,
    lab: &LabFolder,
    only: Option<&str>,
    mut each: impl FnMut(&Outcome),
) -> Result<(Checked, Vec<Uncompiled>), String> {
    let root = &course.root;
    let whole = check::run(root, &lab.name, only, &mut each)?;
    let Checked::Broken(said) = whole else {
        return Ok((whole, Vec::new()));
    };
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => root.join(target),
        None => root.join("target"),
    };
    let copy = Copy::new(course, lab, &target)?;
    let mut found: BTreeMap<String, Uncompiled> = BTreeMap::new();
    loop {
        let blamed = copy.blamed(lab, &target)?;
        let new: Vec<_> = blamed
            .into_iter()
            .filter(|one| !found.contains_key(&one.id))
            .collect();
        for one in &new {
            // Without the file as it was handed out there is nothing to try the others with.
            let Some(stub) = lab.exercises.iter().find(|exercise| exercise.id == one.id) else {
                continue;
            };
            if !copy.hand_out_again(course, lab, stub)? {
                return Ok((Checked::Broken(said), Vec::new()));
            }
        }
        if new.is_empty() {
            break;
        }
        found.extend(new.into_iter().map(|one| (one.id.clone(), one)));
    }
    if found.is_empty() {
        return Ok((Checked::Broken(said), Vec::new()));
    }
    let checked = check::run_in(&target, copy.folder.path(), &lab.name, only, each)?;
    let Checked::Ran(mut outcomes) = checked else {
        return Ok((Checked::Broken(said), Vec::new()));
    };
    for outcome in &mut outcomes {
        let Some(one) = found.get(&outcome.id) else {
            continue;
        };
        let at = format!("{}: {}", one.place, one.message);
        for verdict in &mut outcome.verdicts {
            verdict.state = State::Wrong(Box::new(Complaint {
                says: Some(Text::new(
                    format!("no compila: {at}"),
                    format!("does not compile: {at}"),
                )),
                ..Complaint::default()
            }));
        }
    }
    let found = found.into_values().collect();
    Ok((Checked::Ran(outcomes), found))
}

/// A workspace that is the course but for one lab, which is a copy.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    /// Inside the build folder: what is built there for the course is built for the copy, too.
    fn new(course: &Course, lab: &LabFolder, target: &Path) -> Result<Copy, String> {
        let problem = |e: std::io::Error| format!("{}: {e}", target.display());
        let folder = tempfile::Builder::new()
            .prefix("gradus-check-")
            .tempdir_in(target)
            .map_err(problem)?;
        for path in sorted(&course.root)? {
            let name = name_of(&path);
            let to = folder.path().join(&name);
            match &*name {
                "Cargo.toml" | "Cargo.lock" => fs::copy(&path, to).map(|_| ()).map_err(problem)?,
                "crates" | "tests" | "data" => symlink(&path, to).map_err(problem)?,
                _ => (),
            }
        }
        let copy = Copy { folder };
        copy_all(&course.root.join("labs").join(&lab.name), &copy.lab(lab))?;
        Ok(copy)
    }

    fn lab(&self, lab: &LabFolder) -> PathBuf {
        self.folder.path().join("labs").join(&lab.name)
    }

    /// Puts what was handed out in place of the file of an exercise; false where nobody knows that.
    fn hand_out_again(
        &self,
        course: &Course,
        lab: &LabFolder,
        exercise: &Exercise,
    ) -> Result<bool, String> {
        let path = course.file_of(lab, exercise);
        let at = shown(&course.root, &path);
        let released = course.root.join(release::RELEASED).join(&at);
        let stub = match read(&released) {
            Ok(stub) => stub,
            // With the instructor the marks tell.
            Err(_) => match markers::parse(&at, &read(&path)?) {
                Ok(marked) if !marked.solutions.is_empty() => marked.stubbed,
                _ => return Ok(false),
            },
        };
        let to = self.lab(lab).join(&exercise.file);
        fs::write(&to, stub).map_err(|e| format!("{}: {e}", to.display()))?;
        Ok(true)
    }

    /// The exercises whose files are to blame for what the compiler finds wrong.
    fn blamed(&self, lab: &LabFolder, target: &Path) -> Result<Vec<Uncompiled>, String> {
        let output = cargo(self.folder.path())
            .args(["build", "--release", "--quiet", "--package", &lab.name])
            .args(["--lib", "--message-format=json"])
            .env("CARGO_TARGET_DIR", target)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("cargo cannot be started: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let messages = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["reason"] == "compiler-message")
            .map(|line| line["message"].clone());
        let errors: Vec<Value> = messages
            .filter(|message| message["level"] == "error")
            .filter(|message| {
                message["spans"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            })
            .collect();
        // What the lab asks of an exercise and does not find explains what its neighbours do not find.
        let mut blamed: Vec<Uncompiled> = Vec::new();
        for is_of_lab in [true, false] {
            for error in &errors {
                let inside = exercise_at(lab, error, true);
                let one = match is_of_lab {
                    true if inside.is_none() => exercise_meant(lab, error),
                    true => None,
                    false => inside,
                };
                if let Some(exercise) = one
                    && blamed.iter().all(|known| known.id != exercise.id)
                {
                    blamed.push(Uncompiled::new(lab, exercise, error));
                }
            }
            if !blamed.is_empty() {
                break;
            }
        }
        Ok(blamed)
    }
}

impl Uncompiled {
    fn new(lab: &LabFolder, exercise: &Exercise, error: &Value) -> Uncompiled {
        let spans = error["spans"].as_array().into_iter().flatten();
        let file = format!("labs/{}/{}", lab.name, exercise.file);
        let lines = spans
            .filter(|span| span["file_name"] == *file)
            .map(|span| (span["is_primary"] != true, span["line_start"].as_u64()));
        let line = lines.min().and_then(|(_, line)| line);
        let code = error["code"]["code"].as_str();
        let code = code.map_or(String::new(), |code| format!("[{code}] "));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Uncompiled {
            id: exercise.id.clone(),
            place: line.map_or(file.clone(), |line| format!("{file}:{line}")),
            message: code + &text(&error["message"]),
            said: text(&error["rendered"]),
        }
    }
}

/// The exercise in whose file an error lies.
fn exercise_at<'a>(lab: &'a LabFolder, error: &Value, primary: bool) -> Option<&'a Exercise> {
    let spans = error["spans"].as_array()?.iter();
    let mut files = spans
        .filter(|span| !primary || span["is_primary"] == true)
        .filter_map(|span| span["file_name"].as_str());
    files.find_map(|file| {
        let mut all = lab.exercises.iter();
        all.find(|exercise| file == format!("labs/{}/{}", lab.name, exercise.file))
    })
}

/// The exercise that an error in the lab's own files is about: it has another function than is asked for, or none.
fn exercise_meant<'a>(lab: &'a LabFolder, error: &Value) -> Option<&'a Exercise> {
    if let Some(exercise) = exercise_at(lab, error, false) {
        return Some(exercise);
    }
    let message = error["message"].as_str()?;
    let mut all = lab.exercises.iter();
    all.find(|exercise| {
        let mut asked = exercise.questions.iter();
        asked.any(|asked| message.contains(&format!("`{}`", asked.name)))
    })
}

fn copy_all(from: &Path, to: &Path) -> Result<(), String> {
    let problem = |e: std::io::Error| format!("{}: {e}", to.display());
    fs::create_dir_all(to).map_err(problem)?;
    for path in sorted(from)? {
        let name = name_of(&path);
        if path.is_dir() && name != "target" {
            copy_all(&path, &to.join(name))?;
        } else if path.is_file() {
            fs::copy(&path, to.join(name)).map_err(problem)?;
        }
    }
    Ok(())
}
