//! Renewing a student's workspace: what is new comes in, and nothing of the student's is lost.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Component, Path, PathBuf},
};

use crate::{
    course::{name_of, sorted},
    handed::{HandedOut, LIST, RELEASED, is_exercise, is_students, says},
    notebook,
    release::put,
};

/// The files of a release, by their paths with `/`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// More than a release has.
const LARGEST: u64 = 1 << 30;

/// What a renewal did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// How many files were written.
    pub files: usize,
    /// What became of the files that the student had edited.
    pub edited: Vec<Edited>,
    /// The files that the course has no more.
    pub removed: Vec<String>,
}

/// A file that the student had edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Where.
    pub path: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an edited file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays, and the course has nothing new for it.
    Stays,
    /// It stays; the course's new one is beside it, under this name. The statement of an exercise may have changed.
    Beside {
        /// The name of the new one.
        new: String,
        /// Whether what is asked for is said in other words, or is something else.
        statement: bool,
    },
    /// A notebook, which has now what is new and what the student wrote.
    Merged,
    /// The course's own: renewed, with the student's version kept under this name.
    Saved(String),
}

/// Renews the student's workspace at `root` from a newer release: a folder, or a tar.gz or zip of one.
///
/// # Errors
/// When one of them is no release, or a file cannot be read or written.
pub fn from(root: &Path, newer: &Path) -> Result<Renewed, String> {
    if HandedOut::read(root).is_none() && !root.join(RELEASED).is_dir() {
        return Err(format!(
            "{} is not a student's workspace: nothing was handed out here",
            root.display()
        ));
    }
    let problem = |e: std::io::Error| format!("{}: {e}", newer.display());
    let files = if newer.is_dir() {
        if newer.canonicalize().map_err(problem)? == root.canonicalize().map_err(problem)? {
            return Err(format!("{} is this very workspace", newer.display()));
        }
        let mut files = Files::new();
        read_folder(newer, newer, &mut files)?;
        files
    } else {
        read_archive(newer)?
    };
    renew(root, &only_the_release(files, newer)?)
}

/// Writes the files of a release into a folder that has an older one.
pub(crate) fn renew(out: &Path, files: &Files) -> Result<Renewed, String> {
    let before = HandedOut::read(out);
    let listed = before.as_ref().map(|list| &list.files);
    let mut renewed = Renewed::default();
    let mut last = Vec::new();
    for (path, new) in files {
        if path == LIST || path.starts_with(RELEASED) {
            last.push((path, new));
            continue;
        }
        let here = out.join(path);
        let Ok(now) = fs::read(&here) else {
            put(&here, new)?;
            renewed.files += 1;
            continue;
        };
        if now == *new {
            continue;
        }
        let base = fs::read(out.join(RELEASED).join(path)).ok();
        let said = match (listed, &base) {
            (Some(listed), _) => listed.get(path).cloned(),
            (None, Some(base)) => Some(says(path, base)),
            // A release from before there were lists: what is not the student's is the course's.
            (None, None) => (!is_students(path)).then(|| says(path, &now)),
        };
        // Cargo leaves out of its own file what a student's workspace does not need.
        let is_cargos = path == "Cargo.lock";
        let same = |other: &String| *other == says(path, &now);
        if is_cargos || said.as_ref().is_some_and(same) || same(&says(path, new)) {
            put(&here, new)?;
            renewed.files += 1;
            continue;
        }
        let fate = if !is_students(path) {
            let saved = free_name(out, &format!("{path}.yours"));
            put(&out.join(&saved), &now)?;
            put(&here, new)?;
            Fate::Saved(saved)
        } else if said.as_ref() == Some(&says(path, new)) {
            Fate::Stays
        } else if let Some(merged) = (base.as_ref())
            .filter(|_| path.ends_with(".ipynb"))
            .and_then(|base| notebook::merge(base, &now, new))
        {
            put(&here, &merged)?;
            Fate::Merged
        } else {
            let beside = match path.rsplit_once('.') {
                Some((stem, extension)) => format!("{stem}.new.{extension}"),
                None => format!("{path}.new"),
            };
            put(&out.join(&beside), new)?;
            let statement = |bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                let lines = text.lines().take_while(|line| line.starts_with("//!"));
                lines.map(|line| line.to_owned() + "\n").collect::<String>()
            };
            let changed = base.is_some_and(|base| statement(&base) != statement(new));
            Fate::Beside {
                new: beside,
                statement: is_exercise(path) && changed,
            }
        };
        renewed.edited.push(Edited {
            path: path.clone(),
            fate,
        });
    }
    for (path, said) in listed.into_iter().flatten() {
        let here = out.join(path);
        if !files.contains_key(path) && fs::read(&here).is_ok_and(|now| says(path, &now) == *said) {
            fs::remove_file(&here).map_err(|e| format!("{}: {e}", here.display()))?;
            renewed.removed.push(path.clone());
        }
    }
    // Last: were it cut short before, the next one would know what was edited.
    for (path, new) in last {
        if fs::read(out.join(path)).ok().as_ref() != Some(new) {
            put(&out.join(path), new)?;
        }
    }
    Ok(renewed)
}

fn free_name(out: &Path, name: &str) -> String {
    let numbered = (2..).map(|n| format!("{name}{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !out.join(name).exists());
    free.unwrap_or_else(|| name.to_owned())
}

/// Of all that was found, what the release lists, by the paths within it.
fn only_the_release(mut files: Files, from: &Path) -> Result<Files, String> {
    let no_release = || {
        format!(
            "{} is not a release of the course: it has no {LIST}",
            from.display()
        )
    };
    // An archive often has all in a folder of its own.
    let list = files.keys().filter(|path| path.ends_with(LIST));
    let prefix = (list.min_by_key(|path| path.len()))
        .and_then(|path| path.strip_suffix(LIST))
        .ok_or_else(no_release)?
        .to_owned();
    let list = files
        .get(&format!("{prefix}{LIST}"))
        .ok_or_else(no_release)?;
    let list: HandedOut = serde_json::from_slice(list).map_err(|_| no_release())?;
    let mut release = Files::new();
    for path in list.files.keys() {
        let found = files.remove(&format!("{prefix}{path}"));
        let bytes = found.ok_or_else(|| format!("{}: {path} is missing", from.display()))?;
        release.insert(path.clone(), bytes);
    }
    let kept = files.into_iter().filter_map(|(path, bytes)| {
        let path = path.strip_prefix(&prefix)?;
        (path == LIST || path.starts_with(RELEASED)).then(|| (path.to_owned(), bytes))
    });
    release.extend(kept);
    Ok(release)
}

fn read_folder(root: &Path, folder: &Path, files: &mut Files) -> Result<(), String> {
    for path in sorted(folder)? {
        let name = name_of(&path);
        if path.is_symlink() || matches!(&*name, "target" | ".git") {
            continue;
        }
        if path.is_dir() {
            read_folder(root, &path, files)?;
        } else {
            let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            files.extend(inside(path.strip_prefix(root).unwrap_or(&path)).map(|at| (at, bytes)));
        }
    }
    Ok(())
}

/// A tar.gz, or else a zip.
fn read_archive(path: &Path) -> Result<Files, String> {
    let problem = |e: std::io::Error| format!("{}: {e}", path.display());
    let bytes = fs::read(path).map_err(problem)?;
    let mut files = Files::new();
    let mut left = LARGEST;
    let mut take = |name: PathBuf, from: &mut dyn Read| -> std::io::Result<()> {
        let mut content = Vec::new();
        let read = from.take(left + 1).read_to_end(&mut content)?;
        left = (left.checked_sub(read as u64)).ok_or_else(|| std::io::Error::other("too large"))?;
        files.extend(inside(&name).map(|at| (at, content)));
        Ok(())
    };
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
        for entry in archive.entries().map_err(problem)? {
            let mut entry = entry.map_err(problem)?;
            if entry.header().entry_type().is_file() {
                let name = entry.path().map_err(problem)?.into_owned();
                take(name, &mut entry).map_err(problem)?;
            }
        }
    } else {
        let unknown = |e: zip::result::ZipError| {
            format!(
                "{}: neither a folder, a tar.gz nor a zip ({e})",
                path.display()
            )
        };
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(unknown)?;
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).map_err(unknown)?;
            if let Some(name) = entry.enclosed_name().filter(|_| entry.is_file()) {
                take(name, &mut entry).map_err(problem)?;
            }
        }
    }
    Ok(files)
}

/// The path with `/`, unless it leads out of its folder.
fn inside(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => (),
            _ => return None,
        }
    }
    Some(parts.join("/"))
}
