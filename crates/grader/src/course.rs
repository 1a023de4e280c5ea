//! The labs of a workspace, as their files declare them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use gradus_exercise::{Exercise, Language};

use crate::markers::{self, Solution};

/// A workspace with labs, the instructor's or a student's.
#[derive(Debug)]
pub struct Course {
    /// The folder of the workspace.
    pub root: PathBuf,
    /// The labs, in order.
    pub labs: Vec<LabFolder>,
}

/// One lab of a workspace.
#[derive(Debug)]
pub struct LabFolder {
    /// The package: `lab1`.
    pub name: String,
    /// Its exercises, in order.
    pub exercises: Vec<Exercise>,
}

impl Course {
    /// The workspace that `folder` lies in: the nearest folder upwards with a `Cargo.toml` and `labs`.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(folder: &Path) -> Result<PathBuf, String> {
        let folder = fs::canonicalize(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        folder
            .ancestors()
            .find(|at| at.join("labs").is_dir() && at.join("Cargo.toml").is_file())
            .map(Path::to_owned)
            .ok_or_else(|| {
                format!(
                    "{} is not inside a course: no folder upwards has `labs` and a Cargo.toml",
                    folder.display()
                )
            })
    }

    /// Reads the declarations of all exercises.
    ///
    /// # Errors
    /// Everything that is wrong with them, each as `file:line: message`.
    pub fn read(root: &Path) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut labs = Vec::new();
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for folder in sorted(&root.join("labs")).map_err(|e| vec![e])? {
            if !folder.join("Cargo.toml").is_file() {
                continue;
            }
            let name = name_of(&folder);
            let mut exercises = Vec::new();
            for path in sorted(&folder.join("exercises")).map_err(|e| vec![e])? {
                if path.extension().is_none_or(|e| e != "toml") {
                    continue;
                }
                let shown = shown(root, &path);
                let parsed = read(&path).and_then(|text| Exercise::parse(&shown, &text));
                let exercise = match parsed {
                    Ok(exercise) => exercise,
                    Err(problem) => {
                        problems.push(problem);
                        continue;
                    }
                };
                let id = &exercise.id;
                if let Some(other) = seen.insert(id.clone(), shown.clone()) {
                    problems.push(format!("{shown}:1: the id {id} is taken by {other}"));
                }
                if format!("{id}.toml") != name_of(&path) || !id.starts_with(&format!("{name}.")) {
                    problems.push(format!(
                        "{shown}:1: the id {id} does not fit the file and the lab"
                    ));
                }
                for asked in &exercise.questions {
                    let key = format!("{name} {}", asked.name);
                    if let Some(other) = names.insert(key, id.clone())
                        && other != *id
                    {
                        problems.push(format!(
                            "{shown}:1: `{}` is asked for in {other} already",
                            asked.name
                        ));
                    }
                }
                exercises.push(exercise);
            }
            // By number: lab1.10 comes after lab1.9.
            exercises.sort_by_key(|e| (e.id.len(), e.id.clone()));
            labs.push(LabFolder { name, exercises });
        }
        if labs.iter().all(|lab| lab.exercises.is_empty()) {
            problems.push(format!("{}: no exercises", root.join("labs").display()));
        }
        if problems.is_empty() {
            Ok(Self {
                root: root.to_owned(),
                labs,
            })
        } else {
            Err(problems)
        }
    }

    /// The exercise `id` and its lab.
    ///
    /// # Errors
    /// When there is none of that name; the message lists those there are.
    pub fn exercise(&self, id: &str) -> Result<(&LabFolder, &Exercise), String> {
        let all = || (self.labs.iter()).flat_map(|lab| lab.exercises.iter().map(move |e| (lab, e)));
        all().find(|(_, e)| e.id == id).ok_or_else(|| {
            let ids: Vec<_> = all().map(|(_, e)| e.id.as_str()).collect();
            let ids = ids.join(", ");
            match Language::current() {
                Language::Es => format!("no hay ningún ejercicio `{id}`; los hay: {ids}"),
                Language::En => format!("there is no exercise `{id}`; there are {ids}"),
            }
        })
    }

    /// The path of an exercise's file.
    pub fn file_of(&self, lab: &LabFolder, exercise: &Exercise) -> PathBuf {
        self.root.join("labs").join(&lab.name).join(&exercise.file)
    }

    /// The solution of an exercise, block by block.
    ///
    /// # Errors
    /// When its file cannot be read, its markers are wrong, or it has no solution, as in a student's workspace.
    pub fn solution(&self, id: &str) -> Result<Vec<Solution>, String> {
        let (lab, exercise) = self.exercise(id)?;
        let path = self.file_of(lab, exercise);
        let text = read(&path)?;
        let marked = markers::parse(&shown(&self.root, &path), &text).map_err(|e| e.join("\n"))?;
        if marked.solutions.is_empty() {
            return Err(format!(
                "{id} has no solution here: this is a student's workspace"
            ));
        }
        Ok(marked.solutions)
    }
}

/// The path as people see it: relative to the workspace.
pub(crate) fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

pub(crate) fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

pub(crate) fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// What a folder holds, sorted by name; nothing when it does not exist.
pub(crate) fn sorted(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let problem = |e: io::Error| format!("{}: {e}", folder.display());
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(problem)?,
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(problem)?;
    paths.sort();
    Ok(paths)
}
