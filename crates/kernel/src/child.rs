//! The process that runs the cells.
//!
//! evcxr starts it and tells it over standard input which compiled cell to load. Stock evcxr also
//! reads the cell's output through the same pipe, line by line, and hides what it means. Here the
//! cell's standard output and error are two sockets to the [`Session`](crate::Session), which reads
//! everything as it comes; a third one carries back the few lines that evcxr must see.
#![allow(unsafe_code)] // loading compiled cells, and dup2

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

/// Set by evcxr for its child.
const IS_RUNTIME: &str = "EVCXR_IS_RUNTIME";
/// Where the session listens.
pub(crate) const SOCKET: &str = "GRADUS_CELL_SOCKET";
/// The compiled `cell_runtime.rs`.
pub(crate) const RUNTIME: &str = "GRADUS_CELL_RUNTIME";
/// A file that exists while the user wants the running cell to stop. The library looks for it in its loops.
pub(crate) const INTERRUPT: &str = "GRADUS_INTERRUPT";

/// Every connection starts with one of these bytes.
pub(crate) const CONTROL: u8 = b'c';
pub(crate) const STDOUT: u8 = b'o';
pub(crate) const STDERR: u8 = b'e';
pub(crate) const STDIN: u8 = b'i';

/// Reported on both streams around each cell; the text is a line of `wire.rs`.
pub(crate) const BEGIN: &str = "\u{1e}gradus {\"begin\":null}\n";
pub(crate) const END: &str = "\u{1e}gradus {\"end\":null}\n";

/// Turns this process into the one that runs the cells, or into a stand-in for cargo, if it was
/// started as such.
///
/// Must be the first call in `main` of every binary that opens a [`Session`](crate::Session).
pub fn runtime_hook() {
    crate::tools::stand_in_hook();
    if std::env::var_os(IS_RUNTIME).is_none() {
        // evcxr may also use this program in front of rustc.
        evcxr::runtime_hook();
    } else if std::env::var_os(SOCKET).is_some() {
        let status = match run() {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("gradus: the process for the cells stops: {error:?}");
                99
            }
        };
        std::process::exit(status);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let socket = std::env::var_os(SOCKET).ok_or("no socket")?;
    let runtime = std::env::var_os(RUNTIME).ok_or("no runtime")?;
    let connect = |kind: u8| -> std::io::Result<UnixStream> {
        let mut stream = UnixStream::connect(&socket)?;
        stream.write_all(&[kind])?;
        Ok(stream)
    };
    let control = connect(CONTROL)?;
    let out = connect(STDOUT)?;
    let err = connect(STDERR)?;
    let input = connect(STDIN)?;

    let commands = File::from(duplicate(0)?);
    let evcxr = File::from(duplicate(1)?);
    replace(0, input.as_raw_fd())?;
    replace(1, out.as_raw_fd())?;
    replace(2, err.as_raw_fd())?;
    // SAFETY: no thread of this process exists yet. A program that a cell starts must not take
    // itself for this process; and a group of our own keeps the terminal's Ctrl-C with the session.
    unsafe {
        std::env::remove_var(SOCKET);
        std::env::remove_var(RUNTIME);
        libc::setpgid(0, 0);
    }

    // SAFETY: the library is `cell_runtime.rs`, compiled for this toolchain; both functions have
    // this signature. It is never unloaded.
    let (start, flush) = unsafe {
        let library = libloading::Library::new(&runtime)?;
        let start = *library.get::<extern "C" fn()>(b"gradus_runtime_start")?;
        let flush = *library.get::<extern "C" fn()>(b"gradus_runtime_flush")?;
        std::mem::forget(library);
        (start, flush)
    };
    start();
    std::thread::spawn(move || relay(control, evcxr));

    let mut variables: *mut std::ffi::c_void = std::ptr::null_mut();
    for line in BufReader::new(commands).lines() {
        let line = line?;
        let mut words = line.split(' ');
        let (Some("LOAD_AND_RUN"), Some(library), Some(function)) =
            (words.next(), words.next(), words.next())
        else {
            return Err(format!("unknown command {line:?}").into());
        };
        (&out).write_all(BEGIN.as_bytes())?;
        // SAFETY: evcxr just compiled this library, and its function takes and returns the
        // variables in this form. A cell may have left threads or references behind, so it stays
        // loaded for good.
        unsafe {
            let cell = libloading::Library::new(library)?;
            let call = *cell.get::<extern "C" fn(*mut std::ffi::c_void) -> *mut std::ffi::c_void>(
                function.as_bytes(),
            )?;
            std::mem::forget(cell);
            variables = call(variables);
        }
        flush();
        (&out).write_all(END.as_bytes())?;
        (&err).write_all(END.as_bytes())?;
    }
    Ok(())
}

/// Passes on what evcxr must see. The end of the stream means that the session is gone, however
/// it died: then this process and all that it started have no reason to live.
fn relay(control: UnixStream, mut evcxr: File) {
    for line in BufReader::new(control).lines() {
        let Ok(line) = line else { break };
        if writeln!(evcxr, "{line}").is_err() {
            break;
        }
    }
    // SAFETY: plain system calls. Our group holds only what the cells started.
    unsafe {
        libc::kill(0, libc::SIGKILL);
        libc::_exit(0);
    }
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
