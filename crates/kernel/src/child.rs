//! The process that runs the cells, seen from inside.
//!
//! Its standard output and error are two sockets to the [`Session`](crate::Session), which reads everything as it comes;
//! a third one brings the names of the libraries to load; the cells' standard input is a pipe. Its parent is the
//! [`guardian`].
#![allow(unsafe_code)] // loading compiled cells, and the environment

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::time::Duration;

use libloading::os::unix::{Library, RTLD_NOW};

use crate::cell_runtime::Runtime;
use crate::cells::source::ENTRY;
use crate::guardian;
use crate::interrupts::{IN_CELL, Stopping};
use crate::system::{self, Thread};

/// The number of the descriptor that becomes standard input; set for this process only.
pub(crate) const INPUT: &str = "GRADUS_CELL_INPUT";
/// What libraries ask whether they run in a notebook, as they would under evcxr.
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

/// On the way to this process, in place of the name of a library: the running cell should end.
pub(crate) const STOP: &[u8] = b"stop\n";

/// The same, but only where nothing is lost with it.
pub(crate) const ASK: &[u8] = b"ask\n";

/// Reported on both streams after each cell; the text is a line of `wire.rs`.
pub(crate) const END: &str = "\u{1e}gradus {\"end\":null}\n";

/// Turns this process into the one that runs the cells, if it was started as such.
///
/// Must be the first call in `main` of every binary that opens a [`Session`](crate::Session).
pub fn runtime_hook() {
    if std::env::var_os(INPUT).is_none() {
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
    let control = UnixStream::from(system::duplicate(0)?);
    guardian::watch_over(&control, interrupt.parent().unwrap_or(&interrupt))?;
    // SAFETY: the session opened it for this process, and nobody else here knows it.
    system::replace(0, unsafe { OwnedFd::from_raw_fd(input) })?;
    let (out, err) = (system::duplicate(1)?, system::duplicate(2)?);
    let (out, err) = (File::from(out), File::from(err));
    // SAFETY: no thread of this process exists yet. A program that a cell starts must not take itself for this process.
    unsafe {
        std::env::remove_var(INPUT);
        std::env::remove_var(RUNTIME);
        match std::env::var_os(OTHERS).filter(|others| !others.is_empty()) {
            Some(others) => std::env::set_var(PRELOAD, others),
            None => std::env::remove_var(PRELOAD),
        }
        std::env::remove_var(OTHERS);
    }

    // When memory runs out, this is the process to end: the session lives on, and says what happened.
    system::end_first();

    // SAFETY: the library is `cells/runtime.rs`, compiled for this toolchain. It is never unloaded.
    let mut runtime = unsafe { Runtime::load(&runtime)? };
    let (news_in, news) = std::sync::mpsc::channel();
    let from_session = news_in.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(control).split(b'\n') {
            let Ok(line) = line else { break };
            let news = if line == STOP.trim_ascii_end() {
                News::Stop
            } else if line == ASK.trim_ascii_end() {
                News::Ask
            } else {
                News::Load(OsString::from_vec(line))
            };
            if from_session.send(news).is_err() {
                break;
            }
        }
        // The session is gone. The guardian ends us, but something may have ended the guardian.
        // Our group holds only what the cells started.
        system::signal(0, system::KILL);
        system::exit_at_once();
    });
    let mut worker = Worker::start(&runtime, news_in.clone())?;
    runtime.threads = system::threads();
    while let Ok(one) = news.recv() {
        // A wish to stop that comes when nothing runs comes too late.
        let News::Load(library) = one else { continue };
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
        let began = system::now();
        (runtime.begin)();
        worker.libraries.send(library)?;
        let mut stopping: Option<Stopping> = None;
        loop {
            let patience = stopping.as_ref().map_or(Duration::MAX, |_| BETWEEN_TRIES);
            match news.recv_timeout(patience) {
                Ok(News::Done) => break,
                Ok(News::Ask) if stopping.is_none() => {
                    stopping = Some(Stopping::asking(&runtime, worker.thread, began));
                }
                Ok(News::Stop) if stopping.as_ref().is_none_or(Stopping::asks) => {
                    stopping = Some(Stopping::new(&runtime, worker.thread, began));
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                _ => {
                    if stopping.as_mut().is_some_and(Stopping::try_again) {
                        // It may have ended at the last moment.
                        (runtime.give_up)();
                        // What it started is to end with the next wish, too.
                        let left =
                            |id: &i32| system::thread_started(*id).is_none_or(|at| at >= began);
                        runtime.threads.push(worker.thread.number());
                        runtime
                            .threads
                            .extend(system::threads().into_iter().filter(left));
                        worker = Worker::start(&runtime, news_in.clone())?;
                        break;
                    }
                }
            }
        }
        (&out).write_all(END.as_bytes())?;
        (&err).write_all(END.as_bytes())?;
    }
    Ok(())
}

/// How often a stopping cell is looked after.
const BETWEEN_TRIES: Duration = Duration::from_millis(15);

/// What can happen in this process.
enum News {
    /// The session sends the name of a compiled cell.
    Load(OsString),
    /// The session wants the cell to end.
    Stop,
    /// The session does not need the rest of it.
    Ask,
    /// The cell has ended.
    Done,
}

/// The thread that runs the cells, until one of them does not end.
struct Worker {
    libraries: Sender<OsString>,
    thread: Thread,
}

/// A variable passes over the stack, and may be an array of some megabytes; memory that nobody touches is not taken.
const STACK: usize = 256 << 20;

impl Worker {
    fn start(runtime: &Runtime, news: Sender<News>) -> std::io::Result<Worker> {
        let (start, flush) = (runtime.start, runtime.flush);
        let (libraries, received) = std::sync::mpsc::channel::<OsString>();
        let (ready_in, ready) = std::sync::mpsc::channel();
        // What a student knows the thread of a program as.
        let builder = std::thread::Builder::new()
            .name("main".to_owned())
            .stack_size(STACK);
        builder.spawn(move || {
            start();
            let _ = ready_in.send(Thread::this());
            for library in received {
                match load(&library) {
                    Ok(entry) => {
                        IN_CELL.store(true, Ordering::SeqCst);
                        entry();
                        IN_CELL.store(false, Ordering::SeqCst);
                    }
                    Err(error) => report_not_loaded(&error),
                }
                flush();
                if news.send(News::Done).is_err() {
                    break;
                }
            }
        })?;
        // From here on the runtime has its threads.
        let thread = ready.recv().map_err(std::io::Error::other)?;
        Ok(Worker { libraries, thread })
    }
}

/// Instead of the outcome of the cell.
fn report_not_loaded(error: &libloading::Error) {
    let reason = std::error::Error::source(error).map_or(error.to_string(), ToString::to_string);
    let outcome = serde_json::json!({"outcome": {"panicked": false, "not_loaded": reason}});
    // Nobody hears it when the session is gone.
    let _ = writeln!(std::io::stdout(), "\u{1e}gradus {outcome}");
    let _ = std::io::stdout().flush();
}

fn load(library: &OsString) -> Result<extern "C" fn(), libloading::Error> {
    // SAFETY: the session just compiled this library, and its entry has this signature. A cell may have left threads or
    // references behind, so it stays loaded for good.
    unsafe {
        // All at once: what is not there is found out before the cell runs.
        let library = Library::open(Some(library), RTLD_NOW)?;
        let entry = *library.get::<extern "C" fn()>(ENTRY.as_bytes())?;
        std::mem::forget(library);
        Ok(entry)
    }
}
