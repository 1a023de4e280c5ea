//! One student's conversation with the compiler: code goes in, outputs come as they are made.
//!
//! Four threads work for a session. The *worker* owns evcxr, which compiles a cell and waits until
//! it has run. Two *readers* turn what the cell prints into [`Item`]s, and one *listener* accepts the
//! connections of the process that runs the cells, a new one each time it is restarted. The thread
//! that calls [`Session::execute`] hears them all over one channel; it alone decides: what is shown,
//! when the cell is over, when it is stopped.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use evcxr::{CommandContext, EvalContext, EvalOutputs};
use serde_json::Value;

use crate::build_dir::{BuildDir, cache_dir, rustc_version};
use crate::failure::{self, Failure, FailureKind, Mark};
use crate::wire::{self, Bundle, Item, PanicReport, Parser, Report};
use crate::{Error, child, processes, tools};

/// The source of the part that lives beside the cells.
pub(crate) const CELL_RUNTIME: &str = include_str!("cell_runtime.rs");

/// How a session starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that the cells see as current, and that `:dep x = { path = ... }` starts from;
    /// the current one by default. The whole process changes to it: evcxr resolves paths so.
    pub folder: Option<PathBuf>,
    /// Decides about the versions of dependencies, so that nothing newer is fetched. By default the
    /// nearest one above the folder.
    pub cargo_lock: Option<PathBuf>,
}

/// Something that a cell shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Text on standard output.
    Stdout(String),
    /// Text on standard error.
    Stderr(String),
    /// Something to look at, in one or more forms.
    Display(Bundle),
    /// The value of the cell's last expression.
    Result(Bundle),
}

/// A running evcxr, with the variables and definitions of the cells so far.
pub struct Session {
    jobs: Option<Sender<String>>,
    events: Receiver<Event>,
    control: Arc<Mutex<Option<UnixStream>>>,
    stop: Stop,
    child: Option<Arc<Mutex<Child>>>,
    worker: Option<JoinHandle<()>>,
    /// The code of the cells so far, to find the line of a panic.
    cells: Vec<String>,
    folder: PathBuf,
    socket: PathBuf,
    // Dropped last: the folder must stay ours until nothing runs in it.
    build: BuildDir,
    _private: tempfile::TempDir,
}

/// Stops what the session is doing, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the running cell, or the next one, to end.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

enum Event {
    /// From the process that runs the cells; `None` is the end of the stream.
    Child(Source, Option<Item>),
    Worker(Answer),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Out,
    Err,
}

enum Answer {
    Ready(Arc<Mutex<Child>>),
    Executed(Result<EvalOutputs, evcxr::Error>),
    Panicked(String),
}

/// What was seen of the running cell.
#[derive(Default)]
struct Seen {
    running: bool,
    out_ended: bool,
    err_ended: bool,
    panic: Option<PanicReport>,
    panic_caught: bool,
    error_returned: bool,
    /// The last text on standard error: what `?` printed.
    last_stderr: String,
    /// Blocks of one thing to show that may still get company.
    bundle: Bundle,
    bundle_since: Option<Instant>,
    stopped: Option<FailureKind>,
    child_killed: bool,
}

/// A display that arrives this shortly before the end of a cell is its result.
const RESULT_DELAY: Duration = Duration::from_millis(80);
const TICK: Duration = Duration::from_millis(20);

impl Session {
    /// Starts evcxr and the process for the cells. Takes some seconds: evcxr compiles a first cell.
    pub fn start(options: Options, stop: Stop) -> Result<Session, Error> {
        let folder = match &options.folder {
            Some(folder) => std::path::absolute(folder)
                .map_err(|error| Error::io("cannot find", folder, error))?,
            None => std::env::current_dir()
                .map_err(|error| Error::new(format!("no current folder: {error}")))?,
        };
        let cargo_lock = options
            .cargo_lock
            .clone()
            .or_else(|| nearest_cargo_lock(&folder));
        let version = rustc_version()?;
        let cache = cache_dir(&version)?;
        let build = BuildDir::take(&cache, cargo_lock.as_deref())?;
        let runtime = compile_runtime(&cache)?;

        let private = tempfile::Builder::new()
            .prefix("gradus-")
            .tempdir()
            .map_err(|error| {
                Error::io("cannot create a folder in", &std::env::temp_dir(), error)
            })?;
        tools::install(&private.path().join("bin"), &version)?;
        let socket = private.path().join("s");
        let listener = UnixListener::bind(&socket)
            .map_err(|error| Error::io("cannot listen on", &socket, error))?;
        // Bounded: a cell that prints faster than anyone reads has to wait.
        let (events_in, events) = crossbeam_channel::bounded(256);
        let control = Arc::new(Mutex::new(None));
        std::thread::spawn({
            let (events, control) = (events_in.clone(), control.clone());
            move || listen(&listener, &events, &control)
        });

        // Read by evcxr from the current folder; a file of the user's would change how cells run.
        let config = format!(
            "[evcxr]\ntmpdir = {}\noffline_mode = true\n",
            Value::String(build.path.to_string_lossy().into_owned())
        );
        let config_path = private.path().join("evcxr.toml");
        std::fs::write(&config_path, config)
            .map_err(|error| Error::io("cannot write", &config_path, error))?;

        let exe = std::env::current_exe()
            .map_err(|error| Error::new(format!("cannot find my own program: {error}")))?;
        let mut command = Command::new(exe);
        command
            .current_dir(&folder)
            .env("PATH", tools::original_path())
            .env_remove("CARGO")
            .env(child::SOCKET, &socket)
            .env(child::RUNTIME, &runtime);
        let (jobs, worker_jobs) = crossbeam_channel::unbounded();
        enter(private.path())?;
        let worker = std::thread::Builder::new()
            .name(WORKER.to_owned())
            .spawn(move || work(command, &worker_jobs, &events_in))
            .map_err(|error| Error::new(format!("cannot start a thread: {error}")))?;

        let mut session = Session {
            jobs: Some(jobs),
            events,
            control,
            stop,
            child: None,
            worker: Some(worker),
            cells: Vec::new(),
            folder,
            socket,
            build,
            _private: private,
        };
        let mut said = String::new();
        let mut seen = Seen::default();
        let answer = session.wait(&mut seen, None, &mut |output| {
            if let Output::Stderr(text) = output {
                said.push_str(&text);
            }
        });
        match answer {
            Answer::Ready(child) => session.child = Some(child),
            Answer::Executed(Err(error)) if seen.stopped.is_none() => {
                return Err(Error::new(format!("evcxr does not start: {error}\n{said}")));
            }
            Answer::Panicked(message) => {
                return Err(Error::new(format!(
                    "evcxr does not start: {message}\n{said}"
                )));
            }
            Answer::Executed(_) => return Err(Error::new("stopped while evcxr was starting")),
        }
        enter(&session.folder)?;
        // What cargo compiles is no output of a cell.
        session
            .attempt(":build_env CARGO_TERM_QUIET=true", None, &mut |_| ())
            .map_err(|failure| Error::new(failure.message))?;
        Ok(session)
    }

    /// Compiles and runs one cell; `show` gets what it shows, as it comes. After `limit` the cell is
    /// ended, whatever it does.
    pub fn execute(
        &mut self,
        code: &str,
        limit: Option<Duration>,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        self.cells.push(code.to_owned());
        if code.lines().any(|line| line.trim() == ":quit") {
            return Err(Failure::new(
                FailureKind::Compile,
                "`:quit` has no meaning in a notebook",
            ));
        }
        let deadline = limit.map(|limit| Instant::now() + limit);
        match self.attempt(code, deadline, show) {
            Err(failure) if failure.kind == FailureKind::Compile && lacks_a_crate(&failure) => {
                // Everything was tried without the network; now it is needed.
                self.attempt(":offline 0", deadline, &mut |_| ())?;
                let result = self.attempt(code, deadline, show);
                self.attempt(":offline 1", deadline, &mut |_| ())?;
                result
            }
            result => result,
        }
    }

    fn attempt(
        &mut self,
        code: &str,
        deadline: Option<Instant>,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let worker_gone = || {
            Failure::new(
                FailureKind::Internal,
                "the compiler session is gone; restart the kernel",
            )
        };
        self.jobs
            .as_ref()
            .ok_or_else(worker_gone)?
            .send(code.to_owned())
            .map_err(|_| worker_gone())?;
        let mut seen = Seen::default();
        let answer = self.wait(&mut seen, deadline, show);
        if let Some(panic) = seen.panic.take_if(|_| !seen.panic_caught) {
            // Somebody caught it, so it is a message, not the end.
            show(Output::Stderr(format!("{}\n", describe_panic(&panic))));
        }
        let ends_with_value = !code.trim_end().ends_with(';');
        seen.flush_bundle(
            ends_with_value && !seen.panic_caught && seen.stopped.is_none(),
            show,
        );

        let outcome = match answer {
            Answer::Executed(Ok(outputs)) => {
                if let Some(bundle) = command_output(&outputs) {
                    show(Output::Result(bundle));
                }
                if seen.panic_caught {
                    Err(self.panicked(seen.panic.take()))
                } else if seen.error_returned {
                    Err(self.error_returned(&seen.last_stderr))
                } else {
                    Ok(())
                }
            }
            Answer::Executed(Err(evcxr::Error::SubprocessTerminated(status))) => {
                self.drain(&mut seen, show);
                Err(died(&status))
            }
            Answer::Executed(Err(evcxr::Error::CompilationErrors(errors))) => {
                Err(failure::from_compiler(&errors, self.cells.len(), code))
            }
            Answer::Executed(Err(error)) => {
                Err(Failure::new(FailureKind::Compile, error.to_string()))
            }
            Answer::Panicked(message) => Err(Failure::new(
                FailureKind::Internal,
                format!("the compiler session failed inside: {message}"),
            )),
            Answer::Ready(_) => Ok(()),
        };
        match seen.stopped {
            // It may have ended by itself in the same moment.
            Some(kind) => outcome.map_err(|_| stopped(kind, seen.child_killed)),
            None => outcome,
        }
    }

    /// Handles events until the worker answers.
    fn wait(
        &mut self,
        seen: &mut Seen,
        deadline: Option<Instant>,
        show: &mut dyn FnMut(Output),
    ) -> Answer {
        loop {
            match self.events.recv_timeout(TICK) {
                Ok(Event::Worker(answer)) => return answer,
                Ok(Event::Child(source, item)) => self.handle(source, item, seen, show),
                Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => {
                    return Answer::Panicked("its thread ended".to_owned());
                }
            }
            if seen
                .bundle_since
                .is_some_and(|since| since.elapsed() > RESULT_DELAY)
            {
                seen.flush_bundle(false, show);
            }
            if seen.stopped.is_none() {
                if self.stop.is_asked() {
                    seen.stopped = Some(FailureKind::Interrupted);
                } else if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    seen.stopped = Some(FailureKind::Timeout);
                }
            }
            if seen.stopped.is_some() {
                self.end_what_runs(seen);
            }
        }
    }

    fn handle(
        &mut self,
        source: Source,
        item: Option<Item>,
        seen: &mut Seen,
        show: &mut dyn FnMut(Output),
    ) {
        let Some(item) = item else { return };
        match item {
            Item::Text(text) => {
                seen.flush_bundle(false, show);
                match source {
                    Source::Out => show(Output::Stdout(text)),
                    Source::Err => {
                        seen.last_stderr.push_str(&text);
                        keep_tail(&mut seen.last_stderr, 64 << 10);
                        show(Output::Stderr(text));
                    }
                }
            }
            Item::Content { mime, text } => {
                if seen.bundle.contains_key(&mime) {
                    seen.flush_bundle(false, show);
                }
                // Plain text is the last resort of a front end, and the last form of a thing.
                let complete = mime == "text/plain";
                seen.bundle.insert(mime, Value::String(text));
                seen.bundle_since.get_or_insert_with(Instant::now);
                if complete {
                    seen.bundle_complete();
                }
            }
            Item::PanicCaught => {
                seen.panic_caught = true;
                self.tell_evcxr(wire::PANIC);
            }
            Item::ErrorReturned => {
                seen.error_returned = true;
                self.tell_evcxr(wire::ERROR);
            }
            Item::VariableLost(name) => self.tell_evcxr(&format!("{}{name}", wire::VARIABLE)),
            Item::Report(Report::Begin) => seen.running = true,
            Item::Report(Report::Panic(panic)) if panic.in_cell => {
                if let Some(earlier) = seen.panic.replace(panic) {
                    show(Output::Stderr(format!("{}\n", describe_panic(&earlier))));
                }
            }
            Item::Report(Report::Panic(panic)) => {
                show(Output::Stderr(format!("{}\n", describe_panic(&panic))));
            }
            Item::Report(Report::End) => {
                match source {
                    Source::Out => seen.out_ended = true,
                    Source::Err => seen.err_ended = true,
                }
                // Only now has everything that the cell printed arrived.
                if seen.out_ended && seen.err_ended {
                    seen.out_ended = false;
                    seen.err_ended = false;
                    seen.running = false;
                    self.tell_evcxr(wire::COMPLETE);
                }
            }
        }
    }

    fn tell_evcxr(&self, line: &str) {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = control.as_mut() {
            // When the process is gone evcxr hears of it by itself.
            let _ = writeln!(stream, "{line}");
        }
    }

    fn end_what_runs(&self, seen: &mut Seen) {
        if seen.running && !seen.child_killed {
            seen.child_killed = true;
            self.kill_child();
        } else if !seen.running {
            processes::kill_those_in(&self.build.path);
        }
    }

    fn kill_child(&self) {
        if let Some(child) = &self.child {
            let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
            processes::kill_group(child.id());
            let _ = child.kill();
        }
    }

    /// Takes what the process had said before it died.
    fn drain(&mut self, seen: &mut Seen, show: &mut dyn FnMut(Output)) {
        let mut open = 2;
        let until = Instant::now() + Duration::from_millis(500);
        while open > 0 && Instant::now() < until {
            match self.events.recv_deadline(until) {
                Ok(Event::Child(_, None)) => open -= 1,
                Ok(Event::Child(source, item)) => self.handle(source, item, seen, show),
                Ok(Event::Worker(_)) | Err(_) => (),
            }
        }
        seen.flush_bundle(false, show);
    }

    fn panicked(&self, panic: Option<PanicReport>) -> Failure {
        let Some(panic) = panic else {
            return Failure::new(FailureKind::Panic, "the cell panicked");
        };
        let mut failure = Failure::new(FailureKind::Panic, panic.message.trim_end());
        if panic.file.ends_with("src/lib.rs") && !Path::new(&panic.file).is_absolute() {
            let source = std::fs::read_to_string(self.build.path.join("src/lib.rs"));
            if let Some((cell, line)) = source
                .ok()
                .and_then(|source| self.locate(&source, panic.line))
            {
                let code = &self.cells[cell - 1];
                let text = code.lines().nth(line - 1).unwrap_or_default();
                let start = 1 + text.chars().take_while(|c| c.is_whitespace()).count();
                failure.traceback.push(format!(
                    "{}-->{} cell {cell}, line {line}",
                    failure::BLUE,
                    failure::RESET
                ));
                failure.traceback.extend(failure::snippet(
                    code,
                    vec![Mark {
                        line,
                        start,
                        end: text.trim_end().chars().count() + 1,
                        label: String::new(),
                        primary: true,
                    }],
                ));
            }
        } else {
            failure.traceback.push(format!(
                "{}-->{} {}, line {}",
                failure::BLUE,
                failure::RESET,
                panic.file,
                panic.line
            ));
        }
        failure
    }

    /// The cell and the line, both from 1, that line `number` of the generated source came from.
    fn locate(&self, source: &str, number: usize) -> Option<(usize, usize)> {
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let wanted = *lines.get(number.checked_sub(1)?)?;
        let before = lines[..number - 1]
            .iter()
            .filter(|line| **line == wanted)
            .count();
        self.cells
            .iter()
            .enumerate()
            .rev()
            .find_map(|(cell, code)| {
                let matches: Vec<usize> = code
                    .lines()
                    .enumerate()
                    .filter(|(_, line)| line.trim() == wanted)
                    .map(|(index, _)| index + 1)
                    .collect();
                let line = match matches.get(before).or(matches.last()) {
                    Some(line) => *line,
                    // Of several statements in one line each gets its own in the generated source.
                    None if wanted.len() > 2 => {
                        code.lines().position(|line| line.contains(wanted))? + 1
                    }
                    None => return None,
                };
                Some((cell + 1, line))
            })
    }

    fn error_returned(&self, stderr: &str) -> Failure {
        let message = stderr
            .trim_end()
            .lines()
            .last()
            .unwrap_or("a `?` returned an error");
        let mut failure = Failure::new(FailureKind::ErrorReturned, message);
        failure.traceback.push(format!(
            "{}-->{} cell {}: `?` returned it",
            failure::BLUE,
            failure::RESET,
            self.cells.len()
        ));
        failure
    }
}

impl Seen {
    fn bundle_complete(&mut self) {
        // Nothing may be added, but whether it is the cell's result only its end tells.
        self.bundle_since = Some(Instant::now());
        self.bundle.insert(COMPLETE_BUNDLE.to_owned(), Value::Null);
    }

    fn flush_bundle(&mut self, is_result: bool, show: &mut dyn FnMut(Output)) {
        self.bundle_since = None;
        let mut bundle = std::mem::take(&mut self.bundle);
        bundle.remove(COMPLETE_BUNDLE);
        // A cell that ends with a loop or a call without a value shows nothing.
        let unit = bundle.len() == 1 && bundle.get("text/plain").is_some_and(|text| text == "()");
        if bundle.is_empty() || (unit && is_result) {
            return;
        }
        show(if is_result {
            Output::Result(bundle)
        } else {
            Output::Display(bundle)
        });
    }
}

const COMPLETE_BUNDLE: &str = "";

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.jobs.take());
        self.kill_child();
        processes::kill_those_in(&self.build.path);
        // Wakes the listener, which ends on a byte that it does not know.
        if let Ok(mut stream) = UnixStream::connect(&self.socket) {
            let _ = stream.write_all(b"q");
        }
        if let Some(worker) = self.worker.take() {
            while !worker.is_finished() {
                let _ = self.events.recv_timeout(TICK);
                processes::kill_those_in(&self.build.path);
            }
            let _ = worker.join();
        }
    }
}

const WORKER: &str = "gradus-evcxr";

fn work(command: Command, jobs: &Receiver<String>, events: &Sender<Event>) {
    let answer = |answer| events.send(Event::Worker(answer)).is_ok();
    let started = std::panic::catch_unwind(AssertUnwindSafe(|| {
        EvalContext::with_subprocess_command(command)
    }));
    let mut context = match started {
        Ok(Ok((context, _outputs))) => CommandContext::with_eval_context(context),
        Ok(Err(error)) => {
            answer(Answer::Executed(Err(error)));
            return;
        }
        Err(payload) => {
            answer(Answer::Panicked(panic_text(&*payload)));
            return;
        }
    };
    if !answer(Answer::Ready(context.process_handle())) {
        return;
    }
    while let Ok(code) = jobs.recv() {
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| context.execute(&code)));
        let sent = answer(match result {
            Ok(result) => Answer::Executed(result),
            Err(payload) => Answer::Panicked(panic_text(&*payload)),
        });
        if !sent {
            return;
        }
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}

fn listen(listener: &UnixListener, events: &Sender<Event>, control: &Mutex<Option<UnixStream>>) {
    while let Ok((mut stream, _)) = listener.accept() {
        let mut kind = [0];
        if stream.read_exact(&mut kind).is_err() {
            continue;
        }
        let source = match kind[0] {
            child::CONTROL => {
                *control.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
                continue;
            }
            child::STDOUT => Source::Out,
            child::STDERR => Source::Err,
            _ => return,
        };
        let events = events.clone();
        std::thread::spawn(move || read(stream, source, &events));
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
            if events.send(Event::Child(source, Some(item))).is_err() {
                return;
            }
        }
        if length == 0 {
            let _ = events.send(Event::Child(source, None));
            return;
        }
    }
}

fn enter(folder: &Path) -> Result<(), Error> {
    std::env::set_current_dir(folder)
        .map_err(|error| Error::io("cannot enter the folder", folder, error))
}

fn nearest_cargo_lock(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join("Cargo.lock"))
        .find(|file| file.is_file())
}

/// Compiles the part that lives beside the cells, once per toolchain.
fn compile_runtime(cache: &Path) -> Result<PathBuf, Error> {
    let library = cache.join("libgradus_cell_runtime.so");
    if library.exists() {
        return Ok(library);
    }
    let work = tempfile::tempdir_in(cache)
        .map_err(|error| Error::io("cannot create a folder in", cache, error))?;
    let source = work.path().join("gradus_cell_runtime.rs");
    // In the same folder: the path to the standard library that is written into it is relative.
    let built = cache.join(format!("runtime-{}.so", std::process::id()));
    std::fs::write(&source, CELL_RUNTIME)
        .map_err(|error| Error::io("cannot write", &source, error))?;
    let output = Command::new("rustc")
        .args([
            "--edition=2024",
            "--crate-type=cdylib",
            "-Cprefer-dynamic",
            "-Crpath",
            "-Copt-level=1",
        ])
        .arg("-o")
        .arg(&built)
        .arg(&source)
        .output()
        .map_err(|error| Error::new(format!("cannot run rustc: {error}")))?;
    if !output.status.success() {
        return Err(Error::new(format!(
            "rustc cannot build a small library (is a C linker installed?):\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    std::fs::rename(&built, &library)
        .map_err(|error| Error::io("cannot write", &library, error))?;
    Ok(library)
}

/// What a `:command` answered.
fn command_output(outputs: &EvalOutputs) -> Option<Bundle> {
    let bundle: Bundle = outputs
        .content_by_mime_type
        .iter()
        .map(|(mime, text)| (mime.clone(), Value::String(text.trim_end().to_owned())))
        .collect();
    (!bundle.is_empty()).then_some(bundle)
}

/// cargo's words when it may not use the network and would have to.
fn lacks_a_crate(failure: &Failure) -> bool {
    [
        "--offline",
        "offline mode",
        "without the offline flag",
        "no matching package",
    ]
    .iter()
    .any(|words| failure.message.contains(words))
}

fn describe_panic(panic: &PanicReport) -> String {
    let thread = if panic.in_cell {
        "the cell"
    } else {
        &panic.thread
    };
    format!("{thread} panicked: {}", panic.message)
}

fn died(status: &str) -> Failure {
    let status = status.trim_end().lines().last().unwrap_or_default();
    let status = status
        .strip_prefix("Subprocess terminated with status: ")
        .unwrap_or(status);
    Failure::new(
        FailureKind::Died,
        format!(
            "the process that runs the cells ended ({status}); all variables are lost, definitions are kept"
        ),
    )
}

fn stopped(kind: FailureKind, child_killed: bool) -> Failure {
    let what = match kind {
        FailureKind::Timeout => "the cell took longer than allowed and was ended",
        _ => "the cell was interrupted",
    };
    let lost = if child_killed {
        "; all variables are lost, definitions are kept"
    } else {
        " while it was being compiled; nothing is lost"
    };
    Failure::new(kind, format!("{what}{lost}"))
}

fn keep_tail(text: &mut String, limit: usize) {
    if text.len() > limit {
        let mut cut = text.len() - limit / 2;
        while !text.is_char_boundary(cut) {
            cut += 1;
        }
        text.drain(..cut);
    }
}
