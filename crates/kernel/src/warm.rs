//! Building ahead of time: the course library for notebooks, and the program that knows what the compiler knows.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::analysis;
use crate::cells::building::{self, Made};
use crate::cells::kit::{Built, Dependencies, Kit, Workshop};
use crate::cells::prebuilt;
use crate::folders::{cache_dir, nearest_cargo_lock};
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
    let one = [("gradus".to_owned(), library.to_owned())];
    let dependencies = prebuilt::dependencies(Path::new(""), &one);
    let kit = kit(
        (&toolchain, &cache),
        library,
        &dependencies,
        true,
        stop,
        progress,
    )?;
    Ok(kit.folder)
}

/// Builds libraries of the course at `root`, as lines `:dep name = { path = ... }` would, and leaves what cargo made in its folder
/// `prebuilt`: wherever the course lies then, sessions with this compiler link it and build nothing.
///
/// Each of `sets` is what a notebook asks for: names of libraries, and their folders from `root` on.
///
/// # Errors
/// When there is no working toolchain, no folder can be written, or a library does not build.
pub fn pack(
    root: &Path,
    sets: &[Vec<(String, PathBuf)>],
    stop: &Stop,
    progress: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    let toolchain = Toolchain::find()?;
    let root = std::fs::canonicalize(root).map_err(|e| Error::io("cannot read", root, e))?;
    // Not the user's: nobody will use these kits again.
    let cache = tempfile::tempdir().map_err(|e| Error::new(format!("no temporary folder: {e}")))?;
    for libraries in sets {
        let dependencies = prebuilt::dependencies(&root, libraries);
        let place = (&toolchain, cache.path());
        let kit = kit(place, &root, &dependencies, false, stop, progress)?;
        prebuilt::add(&kit, &toolchain, &root, libraries)?;
    }
    Ok(())
}

/// The kit for these libraries, with the versions that stand beside `folder`.
fn kit(
    (toolchain, cache): (&Toolchain, &Path),
    folder: &Path,
    dependencies: &Dependencies,
    is_local: bool,
    stop: &Stop,
    progress: &mut dyn FnMut(&str),
) -> Result<Kit, Error> {
    let lock = nearest_cargo_lock(folder);
    let mut workshop = Workshop {
        toolchain,
        cache,
        lock: lock.and_then(|file| std::fs::read_to_string(file).ok()),
        is_offline: false,
        is_local,
        environment: &[],
        stop: &|| stop.is_asked(),
        progress,
    };
    match workshop.kit(dependencies)? {
        Built::Kit(kit) => Ok(*kit),
        Built::Stopped => Err(Error::new("stopped")),
        Built::Failed(said) => Err(Error::new(format!("the library does not build:\n{said}"))),
    }
}

/// The source of the program that answers questions about code, in the repository that `folder` is in.
pub fn analysis_source(folder: &Path) -> Option<PathBuf> {
    let mut folders = folder.ancestors();
    let root = folders.find(|folder| folder.join("crates/analysis/Cargo.toml").is_file())?;
    std::fs::canonicalize(root).ok()
}

/// Builds the program that answers questions about code from the repository at `root`, and puts it where kernels find it.
///
/// # Errors
/// When there is no working toolchain, it does not build, or cannot be put there.
pub fn analysis(
    root: &Path,
    stop: &Stop,
    progress: &mut dyn FnMut(&str),
) -> Result<PathBuf, Error> {
    let toolchain = Toolchain::find()?;
    let mut command = Command::new(&toolchain.cargo);
    command
        .current_dir(root)
        .args(["build", "--release", "--package", "gradus-analysis"]);
    let messages = match building::follow(command, &|| stop.is_asked(), progress)? {
        Made::Artifacts(messages) => messages,
        Made::Stopped => return Err(Error::new("stopped")),
        Made::Failed(said) => {
            return Err(Error::new(format!("the program does not build:\n{said}")));
        }
    };
    let mut made = messages
        .iter()
        .filter_map(|message| message["executable"].as_str());
    let made = made.next_back().map(PathBuf::from);
    let made = made.ok_or_else(|| Error::new("cargo has built no program"))?;
    if analysis::installed().is_some_and(|file| file.canonicalize().is_ok_and(|file| file == made))
    {
        return Ok(made);
    }
    let place = analysis::place().ok_or_else(|| Error::new("the user has no folder for data"))?;
    let new = place.with_extension("new");
    let folder = place.parent().unwrap_or(&place);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::copy(&made, &new))
        .and_then(|_| std::fs::rename(&new, &place))
        .map_err(|error| Error::io("cannot write", &place, error))?;
    Ok(place)
}
