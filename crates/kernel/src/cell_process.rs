//! The process that runs the cells, seen from outside.

use std::fs::File;
use std::io::{PipeReader, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::wire::{Item, Parser};
use crate::{Error, Language, child, processes, tools};

/// A process that runs cells, one after the other.
#[derive(Debug)]
pub(crate) struct CellProcess {
    guardian: Child,
    control: UnixStream,
    /// What the cells read; who holds the other end can open it again.
    input: PipeReader,
    /// Its other end, until it ends.
    answers: Option<File>,
    events: Receiver<Event>,
    /// Those who may read the input, and when to look for them again.
    readers: Vec<i32>,
    look_again: Instant,
}

pub(crate) type Event = (Source, Option<Item>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Out,
    Err,
}

impl CellProcess {
    pub(crate) fn start(
        folder: &Path,
        runtime: &Path,
        interrupt: &Path,
    ) -> Result<CellProcess, Error> {
        let failed = |error| Error::io("cannot start the process for the cells in", folder, error);
        let exe = std::env::current_exe().map_err(failed)?;
        let (control, its_control) = UnixStream::pair().map_err(failed)?;
        let (input, answers) = std::io::pipe().map_err(failed)?;
        let (out, its_out) = UnixStream::pair().map_err(failed)?;
        let (err, its_err) = UnixStream::pair().map_err(failed)?;
        let mut command = Command::new(exe);
        command
            .current_dir(folder)
            .env("PATH", tools::original_path())
            .env_remove("CARGO")
            .env(child::RUNTIME, runtime)
            .env(child::INTERRUPT, interrupt)
            .env(child::IS_RUNTIME, "1")
            .env("GRADUS_LANG", Language::current().code())
            // What the runtime of Rust says about itself is nothing for a student.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::from(OwnedFd::from(its_control)))
            .stdout(Stdio::from(OwnedFd::from(its_out)))
            .stderr(Stdio::from(OwnedFd::from(its_err)));
        child::inherit(&mut command, &input);
        // Away from the signals of a terminal, and of Jupyter, which kills groups.
        command.process_group(0);
        child::with_deep_stack(&mut command);
        let guardian = command.spawn().map_err(failed)?;
        // Bounded: a cell that prints faster than anyone reads has to wait.
        let (events_in, events) = crossbeam_channel::bounded(256);
        std::thread::spawn(move || read_all([out, err], &events_in));
        Ok(CellProcess {
            guardian,
            control,
            input,
            answers: Some(File::from(OwnedFd::from(answers))),
            events,
            readers: Vec::new(),
            look_again: Instant::now(),
        })
    }

    /// Makes it load and run a compiled cell. When it is gone, the events tell.
    pub(crate) fn load(&mut self, library: &Path) {
        self.open_input();
        let mut line = library.as_os_str().as_bytes().to_vec();
        line.push(b'\n');
        let _ = self.control.write_all(&line);
    }

    /// Sets one of its environment variables, before it loads the next cell.
    pub(crate) fn set_environment(&mut self, name: &str, value: &str) {
        let line = format!("{}{name}={value}\n", child::ENVIRONMENT);
        let _ = self.control.write_all(line.as_bytes());
    }

    pub(crate) fn next(&self, patience: Duration) -> Result<Event, RecvTimeoutError> {
        self.events.recv_timeout(patience)
    }

    /// Whether the cell, or a program that it started, waits for a line; `None` where nobody can see that.
    pub(crate) fn waits_for_input(&mut self) -> Option<bool> {
        if self.answers.is_none() {
            return Some(false);
        }
        let now = Instant::now();
        if now >= self.look_again {
            self.readers = processes::descendants(self.guardian.id());
            // A machine may have thousands of processes: looking at all of them must stay a small part of the time.
            self.look_again = now + (20 * now.elapsed()).max(Duration::from_millis(200));
        }
        let looks = self
            .readers
            .iter()
            .map(|id| processes::waits_to_read(*id, &self.input));
        looks.flatten().reduce(|one, other| one || other)
    }

    /// Gives the cell a line, or the end of its input.
    pub(crate) fn answer(&mut self, line: Option<&str>) {
        let Some(line) = line else {
            self.answers = None;
            return;
        };
        self.open_input();
        if let Some(answers) = &mut self.answers {
            // The process may just have ended; the events tell.
            let _ = answers.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// After an end of the input there can be more of it, for another cell.
    fn open_input(&mut self) {
        if self.answers.is_none() {
            let path = format!("/proc/self/fd/{}", self.input.as_raw_fd());
            self.answers = File::options().write(true).open(path).ok();
        }
    }

    /// Ends it, with everything that it started.
    pub(crate) fn kill(&mut self) {
        // The guardian takes it for our end.
        let _ = self.control.shutdown(Shutdown::Write);
    }

    /// Whether it has ended; what it printed may still be on its way.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.guardian.try_wait(), Ok(None))
    }

    /// How it ended, once its streams have.
    pub(crate) fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.kill();
        let mut status = [0; 4];
        match self.control.read_exact(&mut status) {
            Ok(()) => Ok(ExitStatus::from_raw(i32::from_ne_bytes(status))),
            // Something ended the guardian.
            Err(_) => self.guardian.wait(),
        }
    }
}

impl Drop for CellProcess {
    fn drop(&mut self) {
        self.kill();
        let _ = self.guardian.wait();
    }
}

/// Reads both streams, in one thread: what is said on one after the other mostly stays in this order.
fn read_all(streams: [UnixStream; 2], events: &Sender<Event>) {
    let mut streams = streams.map(Some);
    let mut parsers = [Parser::default(), Parser::default()];
    let mut buffer = vec![0; 64 << 10];
    let mut items = Vec::new();
    while streams.iter().any(Option::is_some) {
        let ready = processes::wait_readable([streams[0].as_ref(), streams[1].as_ref()]);
        for (at, source) in [Source::Out, Source::Err].into_iter().enumerate() {
            let Some(mut stream) = streams[at].as_ref().filter(|_| ready[at]) else {
                continue;
            };
            let length = stream.read(&mut buffer).unwrap_or(0);
            if length == 0 {
                parsers[at].finish(&mut items);
                streams[at] = None;
            } else {
                parsers[at].feed(&buffer[..length], &mut items);
            }
            let ended = (length == 0).then_some(None);
            for item in items.drain(..).map(Some).chain(ended) {
                if events.send((source, item)).is_err() {
                    return;
                }
            }
        }
    }
}
