//! A stand-in for rustc, in front of the real one in cargo's builds: a compiler that nobody waits for any more must end, so it
//! dies with the session. The stand-in is this program under another name.
#![allow(unsafe_code)] // prctl

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::Error;

/// The name under which cargo finds it.
const RUSTC: &str = "gradus-rustc";

/// Acts as rustc if this program was started under that name.
pub(crate) fn stand_in_hook() {
    let mut args = std::env::args_os();
    let program = args.next().map(PathBuf::from);
    if program.is_none_or(|program| program.file_name().is_none_or(|name| name != RUSTC)) {
        return;
    }
    let error = rustc(args.collect());
    eprintln!("gradus: cannot start rustc: {error}");
    std::process::exit(127);
}

fn rustc(args: Vec<OsString>) -> std::io::Error {
    // SAFETY: a plain system call.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    match args.split_first() {
        Some((program, args)) => Command::new(program).args(args).exec(),
        None => std::io::ErrorKind::InvalidInput.into(),
    }
}

/// Where the stand-in of this process is: that of its newest session.
static FOLDER: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The stand-in, once it is there.
pub(crate) fn rustc_stand_in() -> Option<PathBuf> {
    let folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    folder
        .as_ref()
        .map(|folder| folder.join(RUSTC))
        .filter(|path| path.exists())
}

/// Puts the stand-in into `folder`.
pub(crate) fn install(folder: &Path) -> Result<(), Error> {
    let failed = |error| Error::io("cannot write to", folder, error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let exe = std::env::current_exe().map_err(failed)?;
    std::os::unix::fs::symlink(&exe, folder.join(RUSTC)).map_err(failed)?;
    *FOLDER.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder.to_owned());
    Ok(())
}
