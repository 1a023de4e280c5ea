//! What was handed out: a list of a release's files and what they said, so that later everybody knows what the student edited.
//!
//! An editor's byte order mark, its ends of lines and its formatting are no edit, nor are the outputs of a notebook. The list
//! tells accidents; whoever wants to deceive can write it anew, and a mark is given elsewhere.

use std::{collections::BTreeMap, fs, path::Path};

use gradus_exercise::Language;
use serde::{Deserialize, Serialize};

use crate::notebook;

/// Where a release keeps the list.
pub(crate) const LIST: &str = ".gradus/handed-out.json";

/// Where a release keeps the exercises and the notebooks as they were handed out.
pub(crate) const RELEASED: &str = ".gradus/released";

/// The list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HandedOut {
    /// The languages of the release: `es`, `en`.
    pub langs: Vec<String>,
    /// For each file, by its path with `/`, a short name for what it says.
    pub files: BTreeMap<String, String>,
}

impl HandedOut {
    /// The list of the release in this folder; nothing when it is none, as with the instructor.
    pub fn read(root: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(root.join(LIST)).ok()?).ok()
    }

    /// The language of the release, when it is only one.
    pub fn language(&self) -> Option<Language> {
        match self.langs.as_slice() {
            [one] if one == "es" => Some(Language::Es),
            [one] if one == "en" => Some(Language::En),
            _ => None,
        }
    }

    /// The files that `lab` is tried with and that are not as they were handed out: all but what a student is to edit.
    pub fn altered(&self, root: &Path, lab: &str) -> Vec<String> {
        let of_lab = format!("labs/{lab}/");
        let is_ours = |path: &str| {
            path.starts_with(&of_lab)
                || path == "Cargo.toml"
                || [
                    "crates/exercise/",
                    "crates/grader/",
                    "crates/hints/",
                    "crates/labs/",
                    "crates/text/",
                ]
                .iter()
                .any(|folder| path.starts_with(folder))
        };
        let ours = self
            .files
            .iter()
            .filter(|(path, _)| is_ours(path) && !is_students(path));
        ours.filter(|(path, said)| {
            fs::read(root.join(path)).map_or(true, |now| says(path, &now) != **said)
        })
        .map(|(path, _)| path.clone())
        .collect()
    }
}

/// Whether a file is there to be edited.
pub(crate) fn is_students(path: &str) -> bool {
    is_exercise(path) || path.ends_with(".ipynb")
}

pub(crate) fn is_exercise(path: &str) -> bool {
    path.starts_with("labs/") && path.contains("/src/exercises/") && !path.ends_with("/mod.rs")
}

/// A short name for what a file says (FNV-1a).
pub(crate) fn says(path: &str, bytes: &[u8]) -> String {
    let text = match path.rsplit('.').next() {
        Some("ipynb") => notebook::sources(bytes).unwrap_or_else(|| plain(bytes)),
        Some("rs") => unformatted(&plain(bytes)),
        _ => plain(bytes),
    };
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Without what an editor changes by itself.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    text.trim_end().to_owned()
}

/// Without what a formatter changes: blanks, and commas before a bracket that closes.
fn unformatted(text: &str) -> String {
    let mut out: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for closing in [")", "]", "}"] {
        out = out.replace(&format!(",{closing}"), closing);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editors_habits_are_no_edit() {
        let same =
            |path: &str, a: &str, b: &str| says(path, a.as_bytes()) == says(path, b.as_bytes());
        assert!(same("a.toml", "a = 1\nb = 2\n", "\u{feff}a = 1\r\nb = 2"));
        assert!(!same("a.toml", "a = 1\n", "a = 2\n"));
        assert!(same("a.rs", "f(a, b)\n", "f(\n    a,\n    b,\n)\n"));
        assert!(!same("a.rs", "f(a, b)\n", "f(b, a)\n"));
    }
}
