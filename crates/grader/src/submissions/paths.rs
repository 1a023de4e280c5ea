//! Which path inside of a submission is which exercise.

use std::collections::{BTreeMap, BTreeSet};

use gradus_exercise::Text;

use crate::Course;

/// The files that a lab takes.
#[derive(Clone, Debug)]
pub struct Allowed {
    lab: String,
    /// From `e1_dense.rs` to `src/exercises/e1_dense.rs`.
    files: BTreeMap<String, String>,
    others: BTreeSet<String>,
}

/// What a path inside of a submission is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An exercise of the lab: its file, and how sure that is, the surest first.
    Exercise { file: String, rank: u8 },
    /// Nothing that is asked for.
    Other,
    /// It leads out of its folder.
    Outside,
}

impl Allowed {
    /// Those of the exercises of a lab.
    ///
    /// # Errors
    /// When there is no such lab; the message lists those there are.
    pub fn of(course: &Course, lab: &str) -> Result<Self, String> {
        let names: Vec<_> = course.labs.iter().map(|lab| lab.name.as_str()).collect();
        let Some(found) = course.labs.iter().find(|it| it.name == lab) else {
            return Err(format!(
                "there is no lab `{lab}`; there are {}",
                names.join(", ")
            ));
        };
        let files = found.exercises.iter().map(|exercise| {
            let name = exercise.file.rsplit('/').next().unwrap_or_default();
            (name.to_owned(), exercise.file.clone())
        });
        Ok(Self {
            lab: lab.to_owned(),
            files: files.collect(),
            others: (names.into_iter().filter(|name| *name != lab))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// The names of the files, without folders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files, relative to the lab.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(String::as_str)
    }

    /// What `path` is. Windows' archives may have `\` in it.
    pub(crate) fn place(&self, path: &str) -> Place {
        let mut parts: Vec<&str> = path.split(['/', '\\']).collect();
        let is_absolute = parts[0].is_empty() || parts[0].ends_with(':');
        if is_absolute || parts.contains(&"..") {
            return Place::Outside;
        }
        parts.retain(|part| !part.is_empty() && *part != ".");
        let Some((name, folders)) = parts.split_last() else {
            return Place::Other;
        };
        let Some(file) = self.files.get(*name) else {
            return Place::Other;
        };
        if folders.iter().any(|folder| is_passed_over(folder)) {
            return Place::Other;
        }
        let rank = match folders {
            [.., "labs", lab, "src", "exercises"] if *lab == self.lab => 0,
            [.., lab, "src", "exercises"] if *lab == self.lab => 1,
            _ if folders.iter().any(|folder| self.others.contains(*folder)) => return Place::Other,
            [.., "src", "exercises"] => 2,
            [.., "exercises"] => 3,
            _ => 4,
        };
        Place::Exercise {
            file: file.clone(),
            rank,
        }
    }
}

/// Folders with copies of what was handed out, and with what programs leave behind.
pub(crate) fn is_passed_over(folder: &str) -> bool {
    folder.starts_with('.') || matches!(folder, "target" | "__MACOSX" | "node_modules")
}

/// A path as a student is shown it: no end of line, and not too long.
pub(crate) fn shown(path: &str) -> String {
    let clean: String = path
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    match clean.char_indices().rev().nth(119) {
        Some((at, _)) if at > 0 => format!("…{}", &clean[at..]),
        _ => clean,
    }
}

/// A remark that begins with a path.
pub(crate) fn about(path: &str, es: &str, en: &str) -> Text {
    let path = shown(path);
    Text::new(format!("{path}: {es}"), format!("{path}: {en}"))
}
