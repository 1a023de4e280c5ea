//! Noticing that a file was saved. The few files of the labs are looked at several times a second: that works on every system and
//! disk, also where nobody tells of changes, such as a folder shared over a network or with a container.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, SystemTime},
};

const OFTEN: Duration = Duration::from_millis(200);
/// Editors write, rename and touch in several steps: it is over when nothing has changed for so long.
const QUIET: Duration = Duration::from_millis(80);

/// What tells that a file was saved: when, and how long it is.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Watches the sources of the labs.
pub struct Watch {
    labs: PathBuf,
    seen: Seen,
}

impl Watch {
    /// Begins to watch the folder `labs` of the workspace.
    pub fn new(root: &Path) -> Self {
        let labs = root.join("labs");
        Self {
            seen: look(&labs),
            labs,
        }
    }

    /// Waits for a save, and for the rest of it. Returns the files, relative to the folder `labs`.
    pub fn wait(&mut self) -> BTreeSet<PathBuf> {
        let mut now = look(&self.labs);
        while now == self.seen {
            sleep(OFTEN);
            now = look(&self.labs);
        }
        loop {
            sleep(QUIET);
            let next = look(&self.labs);
            if next == now {
                break;
            }
            now = next;
        }
        let before = std::mem::replace(&mut self.seen, now);
        let paths = before.keys().chain(self.seen.keys());
        let changed = paths.filter(|path| before.get(*path) != self.seen.get(*path));
        changed
            .filter_map(|path| path.strip_prefix(&self.labs).ok())
            .map(Path::to_owned)
            .collect()
    }
}

/// The sources and declarations in a folder.
fn look(folder: &Path) -> Seen {
    let mut seen = Seen::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(about) = entry.metadata() else {
            continue;
        };
        if about.is_dir() {
            if entry.file_name() != "target" {
                seen.extend(look(&path));
            }
        } else if path.extension().is_some_and(|e| e == "rs" || e == "toml") {
            seen.insert(path, (about.modified().ok(), about.len()));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_is_noticed_wherever_the_folder_lies() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("labs/mine");
        let file = root.join("labs/lab1/src/exercises/e1.rs");
        fs::create_dir_all(file.parent().expect("a folder")).expect("to make it");
        fs::write(&file, "one").expect("to write");
        let mut watch = Watch::new(&root);
        fs::write(&file, "another").expect("to write");
        let saved = watch.wait();
        assert_eq!(saved, BTreeSet::from(["lab1/src/exercises/e1.rs".into()]));
    }
}
