//! The process that runs the cells, seen from outside.

use std::collections::VecDeque;
use std::ffi::OsString;
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

use crate::wire::{Item, Parser, Report};
use crate::{Error, Language, child, processes, system, toolchain};

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
            .env("PATH", toolchain::original_path())
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
        command.env(child::INPUT, input.as_raw_fd().to_string());
        system::inherit(&mut command, input.as_raw_fd());
        preload(&mut command, runtime);
        // Away from the signals of a terminal, and of Jupyter, which kills groups.
        command.process_group(0);
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

    /// Tells it that the running cell should end.
    pub(crate) fn interrupt(&mut self) {
        let _ = self.control.write_all(child::STOP);
    }

    /// Tells it that the running cell may end where that costs nothing.
    pub(crate) fn ask_to_end(&mut self) {
        let _ = self.control.write_all(child::ASK);
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
            .map(|id| system::waits_to_read(*id, &self.input));
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
            self.answers = system::open_again(&self.input);
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

/// Has the runtime loaded first of all, so that it sees what is written to the streams. A path that the loader would take
/// for two stays out: then the order between the streams is only likely.
fn preload(command: &mut Command, runtime: &Path) {
    let is_one = |byte: &u8| !matches!(byte, b' ' | b':');
    if !system::LOADS_FIRST || !runtime.as_os_str().as_bytes().iter().all(is_one) {
        return;
    }
    let others = std::env::var_os(child::PRELOAD).unwrap_or_default();
    let mut all = OsString::from(runtime);
    all.push(" ");
    all.push(&others);
    command.env(child::PRELOAD, all).env(child::OTHERS, others);
}

/// One of the two streams, as far as it was read.
struct Reader {
    /// Until it ends.
    stream: Option<UnixStream>,
    parser: Parser,
    /// What was not passed on yet; `None` is the end.
    items: VecDeque<Option<Item>>,
}

impl Reader {
    fn new(stream: UnixStream) -> Reader {
        Reader {
            stream: Some(stream),
            parser: Parser::default(),
            items: VecDeque::new(),
        }
    }

    /// Waits for the next bytes.
    fn read(&mut self, buffer: &mut [u8]) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        let length = stream.read(buffer).unwrap_or(0);
        let mut items = Vec::new();
        if length == 0 {
            self.parser.finish(&mut items);
            self.stream = None;
        } else {
            self.parser.feed(&buffer[..length], &mut items);
        }
        self.items.extend(items.into_iter().map(Some));
        self.items.extend((length == 0).then_some(None));
    }

    /// Reads what is there already, but for a stream that never stops; tells whether there is anything.
    fn catch_up(&mut self, buffer: &mut [u8]) -> bool {
        for _ in 0..16 {
            match &self.stream {
                Some(stream) if system::is_readable(stream) => self.read(buffer),
                _ => break,
            }
        }
        !self.items.is_empty()
    }
}

/// Reads both streams, in one thread. The process says on one when it goes on with the other, so what it said is put
/// in that order; what other programs write to them comes as it is found.
fn read_all(streams: [UnixStream; 2], events: &Sender<Event>) {
    let sources = [Source::Out, Source::Err];
    let mut readers = streams.map(Reader::new);
    let mut buffer = vec![0; 64 << 10];
    let mut active = 0;
    while readers.iter().any(|reader| reader.stream.is_some()) {
        let ready = system::wait_readable([readers[0].stream.as_ref(), readers[1].stream.as_ref()]);
        for at in (0..2).filter(|at| ready[*at]) {
            readers[at].read(&mut buffer);
        }
        loop {
            while let Some(item) = readers[active].items.pop_front() {
                if item == Some(Item::Report(Report::Turn)) {
                    active = 1 - active;
                } else if events.send((sources[active], item)).is_err() {
                    return;
                }
            }
            let other = 1 - active;
            let waiting = readers[other].items.len();
            // Whatever was written before that is there by now.
            if waiting == 0 {
                break;
            } else if readers[active].catch_up(&mut buffer) {
                continue;
            }
            for item in readers[other].items.drain(..waiting) {
                let is_turn = item == Some(Item::Report(Report::Turn));
                if !is_turn && events.send((sources[other], item)).is_err() {
                    return;
                }
            }
        }
    }
}
