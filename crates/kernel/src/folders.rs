//! Folders: the cache that outlives sessions, and the one that a session has for itself.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Error, Language};

/// A session's own folder; removed when it ends. If it was killed, the guardian of its cells does it, or the next session.
#[derive(Debug)]
pub(crate) struct WorkDir {
    pub(crate) path: PathBuf,
    _lock: File,
}

const LOCK: &str = ".gradus-lock";

impl WorkDir {
    pub(crate) fn take(cache: &Path) -> Result<WorkDir, Error> {
        let sessions = cache.join("sessions");
        let failed = |error| Error::io("cannot create a folder in", &sessions, error);
        fs::create_dir_all(&sessions).map_err(failed)?;
        for entry in fs::read_dir(&sessions).into_iter().flatten().flatten() {
            remove_left_behind(&entry.path());
        }
        let path = tempfile::Builder::new()
            .prefix("s")
            .tempdir_in(&sessions)
            .map_err(failed)?
            .keep();
        // Locked before it has its name: there is no moment in which another session could take it for left behind.
        let new = path.join("new");
        let lock = File::create(&new).map_err(failed)?;
        lock.lock().map_err(failed)?;
        fs::rename(&new, path.join(LOCK)).map_err(failed)?;
        Ok(WorkDir { path, _lock: lock })
    }
}

/// Removes the folder of a session that is no more; not one whose session lives.
pub(crate) fn remove_left_behind(folder: &Path) {
    // A folder without a lock is just being made.
    let lock = File::open(folder.join(LOCK));
    if lock.as_ref().is_ok_and(|lock| lock.try_lock().is_ok()) {
        // What the session started may be writing its last.
        for _ in 0..50 {
            if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Counts the ways in which the runtime of the cells was compiled so far: libraries that were built beside one do not go with
/// another.
const MAKING: u32 = 2;

/// The cache of the kernel for this toolchain: `$GRADUS_CACHE` or the user's cache folder, and a
/// temporary one where neither can be written.
pub(crate) fn cache_dir(rustc_version: &str) -> Result<PathBuf, Error> {
    let mut hasher = DefaultHasher::new();
    (
        rustc_version,
        env!("CARGO_PKG_VERSION"),
        crate::cells::RUNTIME,
        MAKING,
    )
        .hash(&mut hasher);
    let name = format!("cells-{:016x}", hasher.finish());
    let wanted = wanted_cache();
    let fallback = || std::env::temp_dir().join(format!("gradus-{}", user_id()));
    if let Some(project) = wanted
        .iter()
        .flat_map(|dir| dir.ancestors())
        .find(|dir| dir.join("Cargo.toml").exists())
    {
        let project = project.display();
        return Err(Error::new(match Language::current() {
            Language::Es => format!(
                "la caché de las celdas no debe estar dentro de un proyecto de cargo, {project}: pon en GRADUS_CACHE otra carpeta"
            ),
            Language::En => format!(
                "the cache for compiled cells must not lie in a cargo project, {project}: set GRADUS_CACHE to a folder elsewhere"
            ),
        }));
    }
    for base in wanted.into_iter().chain([fallback()]) {
        let dir = std::path::absolute(base.join(&name)).unwrap_or_else(|_| base.join(&name));
        if fs::create_dir_all(&dir).is_ok() && tempfile::tempfile_in(&dir).is_ok() {
            return Ok(dir);
        }
    }
    let fallback = fallback();
    let fallback = fallback.display();
    Err(Error::new(match Language::current() {
        Language::Es => format!(
            "no se puede escribir ninguna carpeta para las celdas: pon una en GRADUS_CACHE, o haz sitio en {fallback}"
        ),
        Language::En => format!(
            "no folder can be written for compiled cells: set GRADUS_CACHE to one, or free space in {fallback}"
        ),
    }))
}

/// Where the cache should be: `$GRADUS_CACHE`, or in the user's cache folder.
pub fn wanted_cache() -> Option<PathBuf> {
    std::env::var_os("GRADUS_CACHE")
        .map(PathBuf::from)
        .or_else(|| dirs::cache_dir().map(|cache| cache.join("gradus")))
}

fn user_id() -> String {
    std::env::var("USER").unwrap_or_else(|_| "user".to_owned())
}

/// The `Cargo.lock` of this folder, or of the nearest one above it that has one.
pub(crate) fn nearest_cargo_lock(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join("Cargo.lock"))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_session_left_is_removed() {
        let cache = tempfile::tempdir().unwrap();
        let first = WorkDir::take(cache.path()).unwrap();
        let left = cache.path().join("sessions/left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let second = WorkDir::take(cache.path()).unwrap();
        assert!(first.path.exists() && second.path.exists() && !left.exists());
        let path = first.path.clone();
        drop(first);
        assert!(!path.exists());
    }
}
