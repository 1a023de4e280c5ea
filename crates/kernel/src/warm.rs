//! Building the course library for notebooks ahead of time.

use std::path::{Path, PathBuf};

use crate::cells::kit::{Built, Dependencies, Workshop};
use crate::folders::cache_dir;
use crate::toolchain::Toolchain;
use crate::{Error, Stop};

/// The course library of the repository that `folder` is in.
pub fn library(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join("crates/core"))
        .find(|core| core.join("Cargo.toml").is_file())
        .and_then(|core| std::fs::canonicalize(core).ok())
}

/// Builds the library for notebooks, as their line `:dep gradus = { path = ... }` would, and says where it is.
///
/// # Errors
/// When there is no working toolchain, no folder can be written, or the library does not build.
pub fn warm(library: &Path, stop: &Stop, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let toolchain = Toolchain::find()?;
    let cache = cache_dir(&toolchain.version)?;
    let lock = library
        .ancestors()
        .map(|folder| folder.join("Cargo.lock"))
        .find(|file| file.is_file());
    let what = format!("{{ path = {:?} }}", library.display().to_string());
    let mut workshop = Workshop {
        toolchain: &toolchain,
        cache: &cache,
        lock: lock.and_then(|file| std::fs::read_to_string(file).ok()),
        is_offline: false,
        environment: &[],
        stop: &|| stop.is_asked(),
        progress,
    };
    match workshop.kit(&Dependencies::from([("gradus".to_owned(), what)]))? {
        Built::Kit(kit) => Ok(kit.folder),
        Built::Stopped => Err(Error::new("stopped")),
        Built::Failed(said) => Err(Error::new(format!("the library does not build:\n{said}"))),
    }
}
