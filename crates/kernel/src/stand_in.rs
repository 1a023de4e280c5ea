//! A stand-in for cargo, in front of the real one.
//!
//! evcxr and rust-analyzer start cargo by themselves, in their own way. Two things about that must be
//! different here. `cargo metadata` wants the crates of *every* platform, which a machine that only
//! ever built for itself does not have, so without a network it fails: it gets `--filter-platform`.
//! And a compiler that nobody waits for any more must end: it dies with the session.
//!
//!
//! The stand-in is this program under another name. evcxr asks `rustup which cargo` first, so there
//! is one for rustup too, which answers only that.
#![allow(unsafe_code)] // prctl, and the environment of this process

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::Error;
use crate::toolchain::{Toolchain, find, original_path};

/// Beside the stand-ins: the path of the real cargo, and the host's target triple.
const REAL: &str = "cargo.real";
const HOST: &str = "host";
/// The name under which cargo finds the stand-in for rustc.
const RUSTC: &str = "gradus-rustc";
/// Where evcxr wants to read which file was built.
const BUILT_FILE: &str = "EVCXR_EXECUTION_SO_PATH";

/// Acts as cargo or rustup if this program was started under that name.
pub(crate) fn stand_in_hook() {
    let mut args = std::env::args_os();
    let Some(program) = args.next().map(PathBuf::from) else {
        return;
    };
    let Some(name) = program
        .file_name()
        .filter(|name| ["cargo", "rustup", RUSTC].iter().any(|ours| name == ours))
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
    } else if name == "rustup" {
        rustup(folder, &args)
    } else {
        rustc(args)
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
    die_with_parent();
    if args.iter().any(|arg| arg == "build") {
        return compile_for_analysis();
    }
    Command::new(real).args(args).exec()
}

/// evcxr compiles and runs the cell `42` when it starts. Nothing else is run there, the cells are compiled elsewhere, so
/// its crate is compiled without the dependencies, and with a value's display that shows nothing.
fn compile_for_analysis() -> std::io::Error {
    let prepared = std::env::current_dir().and_then(|folder| {
        let target = folder.join("target");
        std::fs::create_dir_all(&target)?;
        let code = std::fs::read_to_string("src/lib.rs")?;
        std::fs::write(target.join("analysis.rs"), code + NO_DISPLAY)?;
        let library = target.join("libanalysis.so");
        let file = std::env::var_os(BUILT_FILE).ok_or(std::io::ErrorKind::NotFound)?;
        std::fs::write(file, library.as_os_str().as_encoded_bytes())?;
        Ok(library)
    });
    let library = match prepared {
        Ok(library) => library,
        Err(error) => return error,
    };
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let arguments = [
        "--edition=2024",
        "--crate-type=cdylib",
        "--crate-name=ctx",
        "-Cprefer-dynamic",
        "-Crpath",
        "target/analysis.rs",
        "-o",
    ];
    Command::new(rustc).args(arguments).arg(library).exec()
}

const NO_DISPLAY: &str =
    "\ntrait NoDisplay { fn evcxr_display(&self) {} }\nimpl<T: ?Sized> NoDisplay for T {}\n";

fn die_with_parent() {
    // SAFETY: a plain system call.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// Stands in front of rustc in cargo's builds, so that no compiler outlives the kernel.
fn rustc(args: Vec<OsString>) -> std::io::Error {
    die_with_parent();
    match args.split_first() {
        Some((program, args)) => Command::new(program).args(args).exec(),
        None => std::io::ErrorKind::InvalidInput.into(),
    }
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

/// Where the stand-ins of this process are: those of its newest session.
static FOLDER: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The stand-in for rustc, once it is there.
pub(crate) fn rustc_stand_in() -> Option<PathBuf> {
    let folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    folder
        .as_ref()
        .map(|folder| folder.join(RUSTC))
        .filter(|path| path.exists())
}

/// Puts the stand-ins into `folder` and in front of the search path.
pub(crate) fn install(folder: &Path, toolchain: &Toolchain) -> Result<(), Error> {
    let path = original_path();
    let failed = |error| Error::io("cannot write to", folder, error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let exe = std::env::current_exe().map_err(failed)?;
    for name in ["cargo", "rustup", RUSTC] {
        std::os::unix::fs::symlink(&exe, folder.join(name)).map_err(failed)?;
    }
    std::fs::write(
        folder.join(REAL),
        toolchain.cargo.as_os_str().as_encoded_bytes(),
    )
    .map_err(failed)?;
    std::fs::write(folder.join(HOST), toolchain.host()).map_err(failed)?;
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
    *FOLDER.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder.to_owned());
    Ok(())
}

/// Tells evcxr, which only reads the environment, where to work.
pub(crate) fn name_analysis_folder(folder: &Path) {
    // SAFETY: everything in this process reads its environment through std, which locks.
    unsafe { std::env::set_var("EVCXR_TMPDIR", folder) };
}
