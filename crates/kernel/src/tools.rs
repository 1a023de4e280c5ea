//! A stand-in for cargo, in front of the real one.
//!
//! evcxr and rust-analyzer start cargo by themselves, in their own way. Two things about that must be
//! different here. `cargo metadata` wants the crates of *every* platform, which a machine that only
//! ever built for itself does not have, so without a network it fails: it gets `--filter-platform`.
//! And a compiler that nobody waits for any more must end: it dies with the session.
//!
//! The stand-in is this program under another name. evcxr asks `rustup which cargo` first, so there
//! is one for rustup too, which answers only that.
#![allow(unsafe_code)] // prctl, and the environment of this process

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::Error;

/// Beside the stand-ins: the path of the real cargo, and the host's target triple.
const REAL: &str = "cargo.real";
const HOST: &str = "host";

/// Acts as cargo or rustup if this program was started under that name.
pub(crate) fn stand_in_hook() {
    let mut args = std::env::args_os();
    let Some(program) = args.next().map(PathBuf::from) else {
        return;
    };
    let Some(name) = program
        .file_name()
        .filter(|name| *name == "cargo" || *name == "rustup")
    else {
        return;
    };
    // Started by its name alone it is the first one on the search path.
    let program = if program.components().count() > 1 {
        program.clone()
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        find(&name.to_string_lossy(), &path, None).unwrap_or_default()
    };
    let folder = program.parent().unwrap_or(Path::new(""));
    let args: Vec<OsString> = args.collect();
    let error = if name == "cargo" {
        cargo(folder, args)
    } else {
        rustup(folder, &args)
    };
    eprintln!("gradus: cannot start {}: {error}", name.display());
    std::process::exit(127);
}

fn cargo(folder: &Path, mut args: Vec<OsString>) -> std::io::Error {
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let (real, host) = match (read(REAL), read(HOST)) {
        (Ok(real), Ok(host)) => (real, host),
        (Err(error), _) | (_, Err(error)) => return error,
    };
    if args.iter().any(|arg| arg == "metadata")
        && !args.iter().any(|arg| arg == "--filter-platform")
    {
        args.extend(["--filter-platform".into(), host.into()]);
    }
    // SAFETY: a plain system call.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    Command::new(real).args(args).exec()
}

fn rustup(folder: &Path, args: &[OsString]) -> std::io::Error {
    if args == ["which", "cargo"] {
        println!("{}", folder.join("cargo").display());
        std::process::exit(0);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    match find("rustup", &path, Some(folder)) {
        Some(real) => Command::new(real).args(args).exec(),
        None => std::io::ErrorKind::NotFound.into(),
    }
}

/// The search path that this process was started with.
pub(crate) fn original_path() -> &'static OsStr {
    static PATH: OnceLock<OsString> = OnceLock::new();
    PATH.get_or_init(|| std::env::var_os("PATH").unwrap_or_default())
}

/// Puts the stand-ins into `folder` and in front of the search path. `rustc_version` is what
/// `rustc -vV` said.
pub(crate) fn install(folder: &Path, rustc_version: &str) -> Result<(), Error> {
    let path = original_path();
    let host = rustc_version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or_else(|| Error::new("`rustc -vV` does not name the host"))?;
    let real = real_cargo(path).ok_or_else(|| {
        Error::new("cargo is not on the search path: install Rust from https://rustup.rs")
    })?;
    let failed = |error| Error::io("cannot write to", folder, error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let exe = std::env::current_exe().map_err(failed)?;
    for name in ["cargo", "rustup"] {
        std::os::unix::fs::symlink(&exe, folder.join(name)).map_err(failed)?;
    }
    std::fs::write(folder.join(REAL), real.as_os_str().as_encoded_bytes()).map_err(failed)?;
    std::fs::write(folder.join(HOST), host).map_err(failed)?;
    let folders = [folder.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(path));
    let with_ours = std::env::join_paths(folders)
        .map_err(|error| Error::new(format!("{}: {error}", folder.display())))?;
    // SAFETY: everything in this process reads its environment through std, which locks.
    unsafe {
        std::env::set_var("PATH", with_ours);
        std::env::set_var("CARGO", folder.join("cargo"));
    }
    Ok(())
}

/// The version of Rust on this machine, such as `1.95.0`; empty when there is none.
pub(crate) fn rust_release() -> String {
    let version = crate::build_dir::rustc_version().unwrap_or_default();
    let release = version
        .lines()
        .find_map(|line| line.strip_prefix("release: "));
    release.unwrap_or_default().to_owned()
}

/// The cargo of the toolchain itself: rustup's front for it costs time on every call.
fn real_cargo(path: &OsStr) -> Option<PathBuf> {
    let by_rustup = find("rustup", path, None).and_then(|rustup| {
        let output = Command::new(rustup)
            .args(["which", "cargo"])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| PathBuf::from(text.trim()))
    });
    by_rustup.or_else(|| find("cargo", path, None))
}

fn find(name: &str, path: &OsStr, except: Option<&Path>) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| Some(folder.as_path()) != except)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
