//! The process that runs the cells, seen from outside.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::wire::{Item, Parser};
use crate::{Error, Language, child, processes, tools};

/// A process that runs cells, one after the other.
#[derive(Debug)]
pub(crate) struct CellProcess {
    child: Child,
    control: UnixStream,
    input: UnixStream,
    events: Receiver<Event>,
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
        let (input, its_input) = UnixStream::pair().map_err(failed)?;
        let (out, its_out) = UnixStream::pair().map_err(failed)?;
        let (err, its_err) = UnixStream::pair().map_err(failed)?;
        let mut command = Command::new(exe);
        command
            .current_dir(folder)
            .env("PATH", tools::original_path())
            .env_remove("CARGO")
            .env(child::RUNTIME, runtime)
            .env(child::INTERRUPT, interrupt)
            .env("GRADUS_LANG", Language::current().code())
            // What the runtime of Rust says about itself is nothing for a student.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::from(OwnedFd::from(its_control)))
            .stdout(Stdio::from(OwnedFd::from(its_out)))
            .stderr(Stdio::from(OwnedFd::from(its_err)));
        child::inherit(&mut command, &its_input);
        processes::tied_to_us(&mut command);
        let child = command.spawn().map_err(failed)?;
        // Bounded: a cell that prints faster than anyone reads has to wait.
        let (events_in, events) = crossbeam_channel::bounded(256);
        for (stream, source) in [(out, Source::Out), (err, Source::Err)] {
            let events = events_in.clone();
            std::thread::spawn(move || read(stream, source, &events));
        }
        Ok(CellProcess {
            child,
            control,
            input,
            events,
        })
    }

    /// Makes it load and run a compiled cell. When it is gone, the events tell.
    pub(crate) fn load(&mut self, library: &Path) {
        let mut line = library.as_os_str().as_bytes().to_vec();
        line.push(b'\n');
        let _ = self.control.write_all(&line);
    }

    pub(crate) fn next(&self, patience: Duration) -> Result<Event, RecvTimeoutError> {
        self.events.recv_timeout(patience)
    }

    pub(crate) fn waits_for_input(&self) -> bool {
        processes::waits_for_input(self.child.id())
    }

    /// Gives the cell a line, or the end of its input.
    pub(crate) fn answer(&mut self, line: Option<&str>) {
        // The process may just have ended; the events tell.
        let _ = match line {
            Some(line) => self.input.write_all(format!("{line}\n").as_bytes()),
            None => self.input.shutdown(Shutdown::Write),
        };
    }

    /// Ends it, with everything that it started.
    pub(crate) fn kill(&mut self) {
        processes::kill_group(self.child.id());
        let _ = self.child.kill();
    }

    /// How it ended, once its streams have.
    pub(crate) fn wait(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait();
        processes::kill_group(self.child.id());
        status
    }
}

impl Drop for CellProcess {
    fn drop(&mut self) {
        self.kill();
        let _ = self.child.wait();
    }
}

fn read(mut stream: UnixStream, source: Source, events: &Sender<Event>) {
    let mut parser = Parser::default();
    let mut buffer = vec![0; 64 << 10];
    let mut items = Vec::new();
    loop {
        let length = stream.read(&mut buffer).unwrap_or(0);
        if length == 0 {
            parser.finish(&mut items);
        } else {
            parser.feed(&buffer[..length], &mut items);
        }
        for item in items.drain(..) {
            if events.send((source, Some(item))).is_err() {
                return;
            }
        }
        if length == 0 {
            let _ = events.send((source, None));
            return;
        }
    }
}
