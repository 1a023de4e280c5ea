//! The process that runs the cells, seen from inside.
//!
//! Its standard output and error are two sockets to the [`Session`](crate::Session), which reads everything as it comes;
//! a third one brings the names of the libraries to load; the cells' standard input is a pipe. Its parent is the
//! [`guardian`].
#![allow(unsafe_code)] // loading compiled cells, and dup2

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use crate::cells::source::ENTRY;
use crate::guardian;

/// The number of the descriptor that becomes standard input; set for this process only.
pub(crate) const INPUT: &str = "GRADUS_CELL_INPUT";
/// Set for the process that evcxr starts for its analyses.
pub(crate) const ANALYSIS: &str = "GRADUS_ANALYSIS";
/// What libraries ask whether they run in a notebook; evcxr looks at it too.
pub(crate) const IS_RUNTIME: &str = "EVCXR_IS_RUNTIME";
/// The loader's name for what it loads first, and what else stood there.
pub(crate) const PRELOAD: &str = "LD_PRELOAD";
pub(crate) const OTHERS: &str = "GRADUS_CELL_PRELOAD";
/// The compiled runtime of the cells.
pub(crate) const RUNTIME: &str = "GRADUS_CELL_RUNTIME";
/// A file that exists while the user wants the running cell to stop. The library looks for it in its loops.
pub(crate) const INTERRUPT: &str = "GRADUS_INTERRUPT";

/// Instead of the path of a library, which begins with `/`: a variable of the environment to set.
pub(crate) const ENVIRONMENT: &str = "env ";

/// Reported on both streams after each cell; the text is a line of `wire.rs`.
pub(crate) const END: &str = "\u{1e}gradus {\"end\":null}\n";

/// Turns this process into the one that runs the cells, or into a stand-in for cargo, if it was
/// started as such.
///
/// Must be the first call in `main` of every binary that opens a [`Session`](crate::Session).
pub fn runtime_hook() {
    crate::tools::stand_in_hook();
    if std::env::var_os(INPUT).is_none() {
        if std::env::var_os(ANALYSIS).is_some() {
            // The one that evcxr starts for its analyses.
            evcxr::runtime_hook();
        }
        return;
    }
    let status = match run() {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("gradus: the process for the cells stops: {error}");
            99
        }
    };
    std::process::exit(status);
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let input: RawFd = std::env::var(INPUT)?.parse()?;
    let runtime = std::env::var_os(RUNTIME).ok_or("no runtime")?;
    let interrupt = PathBuf::from(std::env::var_os(INTERRUPT).ok_or("no place for interrupts")?);
    // Standard input is the socket for commands until the cells' own takes its place.
    let control = UnixStream::from(duplicate(0)?);
    guardian::stand(&control, interrupt.parent().unwrap_or(&interrupt))?;
    replace(0, input)?;
    let (out, err) = (File::from(duplicate(1)?), File::from(duplicate(2)?));
    // SAFETY: no thread of this process exists yet. A program that a cell starts must not take itself for this process.
    unsafe {
        libc::close(input);
        std::env::remove_var(INPUT);
        std::env::remove_var(RUNTIME);
        match std::env::var_os(OTHERS).filter(|others| !others.is_empty()) {
            Some(others) => std::env::set_var(PRELOAD, others),
            None => std::env::remove_var(PRELOAD),
        }
        std::env::remove_var(OTHERS);
    }

    // When memory runs out, this is the process to end: the session lives on, and says what happened.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");

    // SAFETY: the library is `cells/runtime.rs`, compiled for this toolchain; both functions have
    // this signature. It is never unloaded.
    let (start, flush) = unsafe {
        let library = libloading::Library::new(&runtime)?;
        let start = *library.get::<extern "C" fn()>(b"gradus_runtime_start")?;
        let flush = *library.get::<extern "C" fn()>(b"gradus_runtime_flush")?;
        std::mem::forget(library);
        (start, flush)
    };
    start();
    let (libraries_in, libraries) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(control).split(b'\n') {
            let Ok(line) = line else { break };
            if libraries_in.send(OsString::from_vec(line)).is_err() {
                break;
            }
        }
        // The session is gone. The guardian ends us, but something may have ended the guardian.
        // SAFETY: plain system calls. Our group holds only what the cells started.
        unsafe {
            libc::kill(0, libc::SIGKILL);
            libc::_exit(0);
        }
    });
    for library in libraries {
        if let Some(pair) = library
            .to_str()
            .and_then(|line| line.strip_prefix(ENVIRONMENT))
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // SAFETY: the cells and this process change their environment through std or libc, which lock; a cell's
            // thread that reads it in another way at this moment would be as unsafe beside `set_var` of a cell.
            unsafe { std::env::set_var(name, value) };
            continue;
        }
        // SAFETY: the session just compiled this library, and its entry has this signature. A cell may have left
        // threads or references behind, so it stays loaded for good.
        let cell = unsafe {
            libloading::Library::new(&library).and_then(|library| {
                let entry = *library.get::<extern "C" fn()>(ENTRY.as_bytes())?;
                std::mem::forget(library);
                Ok(entry)
            })
        };
        match cell {
            Ok(entry) => entry(),
            Err(error) => eprintln!("gradus: the compiled cell cannot be loaded: {error}"),
        }
        flush();
        (&out).write_all(END.as_bytes())?;
        (&err).write_all(END.as_bytes())?;
    }
    Ok(())
}

fn duplicate(fd: RawFd) -> std::io::Result<OwnedFd> {
    // SAFETY: the new descriptor is ours alone.
    unsafe {
        match libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3) {
            -1 => Err(std::io::Error::last_os_error()),
            new => Ok(OwnedFd::from_raw_fd(new)),
        }
    }
}

fn replace(fd: RawFd, by: RawFd) -> std::io::Result<()> {
    // SAFETY: `fd` is one of the standard streams, which nobody owns.
    match unsafe { libc::dup2(by, fd) } {
        -1 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// A variable passes over the stack, and may be an array of some megabytes.
const STACK: libc::rlim_t = 256 << 20;

/// Gives the program that `command` starts a stack for large values.
pub(crate) fn with_deep_stack(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt;
    // SAFETY: plain system calls, allowed between fork and exec.
    unsafe {
        command.pre_exec(|| {
            let mut limit = std::mem::zeroed::<libc::rlimit>();
            if libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) == 0 && limit.rlim_cur < STACK {
                limit.rlim_cur = STACK.min(limit.rlim_max);
                // Where it is not allowed, the usual stack does for most.
                libc::setrlimit(libc::RLIMIT_STACK, &raw const limit);
            }
            Ok(())
        });
    }
}

/// Lets the next program that `command` starts inherit a descriptor.
pub(crate) fn inherit(command: &mut std::process::Command, descriptor: &impl AsRawFd) {
    use std::os::unix::process::CommandExt;
    let descriptor = descriptor.as_raw_fd();
    command.env(INPUT, descriptor.to_string());
    // SAFETY: a plain system call, allowed between fork and exec.
    unsafe {
        command.pre_exec(move || match libc::fcntl(descriptor, libc::F_SETFD, 0) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
}
