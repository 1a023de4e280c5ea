//! Modules in files: what a file names as `mod y;` is where rustc looks for it.
//!
//! A cell's program is in another folder than the notebook, so it names the file of `mod x;` by `#[path]`. Of a file that is
//! named so, rustc looks for the modules beside it, and not in the folder `x` as without the attribute. So where there is
//! such a folder, the program names a link to the file, which stands among links to what is in the folder.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::compile::hash;

/// A link to the file of a module, if there is a folder for the modules in it; in `links` there is place for it.
pub(super) fn link(file: &Path, links: &Path) -> Option<PathBuf> {
    let inside = file.with_extension("");
    if file.file_name()? == "mod.rs" || !inside.is_dir() {
        return None;
    }
    let folder = links.join(format!("{:016x}", hash(&file)));
    // Without them the compiler says what it does not find.
    make(file, &inside, &folder).ok()
}

fn make(file: &Path, inside: &Path, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for old in fs::read_dir(folder)? {
        fs::remove_file(old?.path())?;
    }
    let link = folder.join("mod.rs");
    symlink(file, &link)?;
    for entry in fs::read_dir(inside)? {
        let entry = entry?;
        if entry.file_name() != "mod.rs" {
            symlink(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(link)
}

/// The files that a module in this file can be made of: those beside it, and those in its folder.
pub(super) fn sources(file: &Path) -> Vec<PathBuf> {
    let mut found = vec![file.to_owned()];
    found.extend(
        file.parent()
            .into_iter()
            .flat_map(|folder| sources_in(folder, 0)),
    );
    found.extend(sources_in(&file.with_extension(""), DEEPEST));
    found.sort();
    found.dedup();
    found
}

const DEEPEST: usize = 8;

fn sources_in(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        if depth > 0 && path.is_dir() {
            found.extend(sources_in(&path, depth - 1));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}
