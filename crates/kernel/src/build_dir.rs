//! The folder where cells are compiled.
//!
//! It outlives the session, so that the second notebook, and the second run, find the libraries
//! built. Two sessions at a time must not share one (each writes its own `src/lib.rs`), so there is
//! a row of them per toolchain and every session takes the first that nobody has locked.

use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// A folder for compiling cells, ours until it is dropped.
pub(crate) struct BuildDir {
    pub(crate) path: PathBuf,
    _lock: File,
}

impl BuildDir {
    /// Takes a folder under `cache`. A Cargo.lock given is the one that decides about versions.
    pub(crate) fn take(cache: &Path, cargo_lock: Option<&Path>) -> Result<BuildDir, Error> {
        let dir = (0..)
            .find_map(|slot| BuildDir::try_slot(&cache.join(slot.to_string())).transpose())
            .expect("the numbers do not end")?;
        if let Some(lock) = cargo_lock {
            let target = dir.path.join("Cargo.lock");
            fs::copy(lock, &target)
                .map_err(|error| Error::io("cannot copy Cargo.lock to", &target, error))?;
        }
        // Left by a session that was killed, it would be compiled again for nothing.
        let _ = fs::remove_file(dir.path.join("src/lib.rs"));
        Ok(dir)
    }

    /// `None` when another session has it.
    fn try_slot(path: &Path) -> Result<Option<BuildDir>, Error> {
        fs::create_dir_all(path).map_err(|error| Error::io("cannot create", path, error))?;
        let file = path.join(".gradus-lock");
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&file)
            .map_err(|error| Error::io("cannot write", &file, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(BuildDir {
                path: path.to_owned(),
                _lock: lock,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io("cannot lock", &file, error)),
        }
    }
}

/// The cache of the kernel for this toolchain: `$GRADUS_CACHE` or the user's cache folder, and a
/// temporary one where neither can be written.
pub(crate) fn cache_dir(rustc_version: &str) -> Result<PathBuf, Error> {
    let mut hasher = DefaultHasher::new();
    (
        rustc_version,
        env!("CARGO_PKG_VERSION"),
        crate::session::CELL_RUNTIME,
    )
        .hash(&mut hasher);
    let name = format!("cells-{:016x}", hasher.finish());
    let wanted = std::env::var_os("GRADUS_CACHE")
        .map(PathBuf::from)
        .or_else(|| dirs::cache_dir().map(|cache| cache.join("gradus")));
    let fallback = || std::env::temp_dir().join(format!("gradus-{}", user_id()));
    if let Some(project) = wanted
        .iter()
        .flat_map(|dir| dir.ancestors())
        .find(|dir| dir.join("Cargo.toml").exists())
    {
        return Err(Error::new(format!(
            "the cache for compiled cells must not lie in a cargo project, {}: set GRADUS_CACHE to a folder elsewhere",
            project.display()
        )));
    }
    for base in wanted.into_iter().chain([fallback()]) {
        let dir = std::path::absolute(base.join(&name)).unwrap_or_else(|_| base.join(&name));
        if fs::create_dir_all(&dir).is_ok() && tempfile::tempfile_in(&dir).is_ok() {
            return Ok(dir);
        }
    }
    Err(Error::new(format!(
        "no folder can be written for compiled cells: set GRADUS_CACHE to one, or free space in {}",
        fallback().display()
    )))
}

fn user_id() -> String {
    std::env::var("USER").unwrap_or_else(|_| "user".to_owned())
}

/// What `rustc -vV` says.
pub(crate) fn rustc_version() -> Result<String, Error> {
    let advice = "install Rust from https://rustup.rs and make sure that `rustc -vV` works";
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .map_err(|error| Error::new(format!("cannot run rustc: {error}; {advice}")))?;
    if !output.status.success() {
        return Err(Error::new(format!(
            "rustc does not work: {}; {advice}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_a_time_do_not_share_and_the_next_one_reuses() {
        let cache = tempfile::tempdir().unwrap();
        let lock = cache.path().join("Cargo.lock");
        fs::write(&lock, "version = 4\n").unwrap();
        let first = BuildDir::take(cache.path(), Some(&lock)).unwrap();
        let second = BuildDir::take(cache.path(), None).unwrap();
        assert_ne!(first.path, second.path);
        assert!(first.path.join("Cargo.lock").exists());
        let path = first.path.clone();
        drop(first);
        assert_eq!(BuildDir::take(cache.path(), None).unwrap().path, path);
    }
}
