//! A function in another process. The student's code never runs in the process that judges it: whatever it does there, only
//! its answers count.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    panic::resume_unwind,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value as Json;

use crate::{Call, Complaint, Text, Value, fork, lab::Threads, program, system};

/// An answer longer than this is none, together with what was printed before it.
const LONGEST_LINE: u64 = 16 << 20;
/// Of what one call prints, this much is kept.
const PRINTED: usize = 4 << 10;
/// Of this many calls, the last ones.
const CALLS: usize = 512;
/// What follows the mark where a notebook's kernel speaks to itself.
const KERNELS: &str = "gradus ";
/// How long a program may take to end when nothing is asked any more.
const FAREWELL: Duration = Duration::from_secs(2);

/// A program that answers one question. It is started for the first input and never again: once it has ended, every call
/// says so.
#[derive(Clone)]
pub(crate) struct Remote(Arc<Inner>);

/// How a program is started.
#[derive(Clone)]
pub(crate) enum Start {
    /// By itself, with the limits that a shell can set.
    Limited(PathBuf),
    /// By this command, which sees to the limits.
    As(Vec<String>),
    /// As a copy of this process.
    Copy(Arc<Copied>),
}

/// What a copy of this process calls.
pub(crate) struct Copied {
    pub(crate) call: Mutex<Box<Call>>,
    pub(crate) threads: Threads,
}

impl Start {
    /// What it starts, for messages.
    fn name(&self) -> String {
        match self {
            Start::Limited(program) => program.display().to_string(),
            Start::As(words) => words.join(" "),
            Start::Copy(_) => "fork".to_owned(),
        }
    }
}

struct Inner {
    start: Start,
    question: String,
    running: Mutex<State>,
    /// The process group, or 0; beside the lock, so that a call that never ends can be stopped.
    group: AtomicU32,
}

#[derive(Default)]
struct State {
    process: Option<Process>,
    /// What every further call gets.
    ended: Option<Complaint>,
    /// What the calls printed, by input.
    printed: VecDeque<(String, String)>,
}

struct Process {
    child: Running,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// It has printed more than anybody reads.
    flooded: bool,
    /// What went to standard error, a message for each call.
    errors: Receiver<String>,
}

/// A process that was started.
enum Running {
    Program(Child),
    Copy(fork::Fork),
}

impl Running {
    fn id(&self) -> u32 {
        match self {
            Running::Program(child) => child.id(),
            Running::Copy(copy) => copy.id(),
        }
    }

    fn try_wait(&mut self) -> std::io::Result<Option<ExitStatus>> {
        match self {
            Running::Program(child) => child.try_wait(),
            Running::Copy(copy) => copy.try_wait(),
        }
    }

    fn wait(&mut self) -> std::io::Result<ExitStatus> {
        match self {
            Running::Program(child) => child.wait(),
            Running::Copy(copy) => copy.wait(),
        }
    }
}

/// How a program ended when it was not asked any more.
pub(crate) enum Farewell {
    /// As it should; or it was never started.
    Well,
    /// Otherwise, as the text says.
    Badly(Text),
}

impl Remote {
    pub(crate) fn new(start: Start, question: &str) -> Self {
        Self(Arc::new(Inner {
            start,
            question: question.to_owned(),
            running: Mutex::default(),
            group: AtomicU32::new(0),
        }))
    }

    /// Calls the function. Unwinds as the function did: with the message of its panic, with `todo!`'s, or with a [`Complaint`]
    /// when its process has ended.
    pub(crate) fn call(&self, input: &Value) -> Value {
        let mut state = self.lock();
        match self.ask(&mut state, input) {
            Ok(reply) => {
                drop(state);
                let text = |key: &str| reply[key].as_str().map(str::to_owned);
                if let Some(id) = text("todo") {
                    resume_unwind(Box::new(format!("not yet implemented: {id}")));
                }
                if let Some(message) = text("panic") {
                    resume_unwind(Box::new(message));
                }
                Value::from_json(&reply["answer"])
            }
            Err(complaint) => {
                drop(state);
                resume_unwind(complaint)
            }
        }
    }

    /// Ends the process where a call has not come back.
    pub(crate) fn give_up(&self) {
        if matches!(self.0.running.try_lock(), Err(TryLockError::WouldBlock)) {
            self.stop();
        }
    }

    /// Ends the process and all that it started.
    fn stop(&self) {
        system::kill(self.0.group.swap(0, Ordering::SeqCst));
    }

    /// Tells the program that it is over, and sees how it ends.
    pub(crate) fn finish(&self) -> Farewell {
        let process = self.lock_soon().map(|mut state| state.process.take());
        let Some(Some(mut process)) = process else {
            return Farewell::Well;
        };
        drop(process.requests.take());
        let status = process.wait(FAREWELL);
        self.stop();
        // Gathered in any case, so that no zombie is left.
        let killed = process.child.wait().ok();
        match status {
            Some(status) if status.success() => Farewell::Well,
            Some(status) => Farewell::Badly(ending(status, &process.said())),
            None => Farewell::Badly(Text::new(
                format!("el programa no termina cuando debe ({})", shown(killed)),
                format!(
                    "the program does not end when it should ({})",
                    shown(killed)
                ),
            )),
        }
    }

    /// What the call with this input printed.
    pub(crate) fn printed(&self, input: &str) -> Option<String> {
        let state = self.lock_soon()?;
        let found = state.printed.iter().rev().find(|(of, _)| of == input);
        found.map(|(_, text)| text.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A call unwinds on purpose; the state is whole all the same.
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, unless a call holds it that not even the end of its process ends: a process that went off on its own may keep
    /// the pipe open.
    fn lock_soon(&self) -> Option<MutexGuard<'_, State>> {
        let begin = Instant::now();
        loop {
            match self.0.running.try_lock() {
                Ok(state) => return Some(state),
                Err(TryLockError::Poisoned(state)) => return Some(state.into_inner()),
                Err(TryLockError::WouldBlock) if begin.elapsed() > FAREWELL => return None,
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    fn ask(&self, state: &mut State, input: &Value) -> Result<Json, Box<Complaint>> {
        if let Some(complaint) = &state.ended {
            return Err(Box::new(complaint.clone()));
        }
        if state.process.is_none() {
            match Process::start(&self.0.start, &self.0.question) {
                Ok(process) => {
                    self.0.group.store(process.child.id(), Ordering::SeqCst);
                    state.process = Some(process);
                }
                Err(e) => {
                    let says = format!("{}: {e}", self.0.start.name());
                    let says = Text::new(&says, &says);
                    return Err(Box::new(self.ended(state, input, says)));
                }
            }
        }
        let Some(process) = state.process.as_mut() else {
            return Err(Box::default());
        };
        let (reply, printed) = process.ask(&program::request(&self.0.question, input));
        if !printed.is_empty() {
            state.printed.push_back((input.to_string(), printed));
            if state.printed.len() > CALLS {
                state.printed.pop_front();
            }
        }
        if let Some(reply) = reply {
            return Ok(reply);
        }
        let says = match process.wait(FAREWELL) {
            _ if process.flooded => Text::new(
                format!("imprime más de {} MiB", LONGEST_LINE >> 20),
                format!("it prints more than {} MiB", LONGEST_LINE >> 20),
            ),
            Some(status) => ending(status, &process.said()),
            None => Text::new(
                "el programa ya no responde",
                "the program does not answer any more",
            ),
        };
        Err(Box::new(self.ended(state, input, says)))
    }

    fn ended(&self, state: &mut State, input: &Value, says: Text) -> Complaint {
        self.stop();
        if let Some(mut process) = state.process.take() {
            let _ = process.child.wait();
        }
        let complaint = Complaint {
            tried: Some(input.clone()),
            says: Some(says),
            ..Complaint::default()
        };
        state.ended = Some(complaint.clone());
        complaint
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        system::kill(self.group.swap(0, Ordering::SeqCst));
    }
}

impl Process {
    fn start(start: &Start, question: &str) -> std::io::Result<Self> {
        let mut command = match start {
            Start::Limited(program) => limited(program),
            Start::As(words) => as_told(words),
            Start::Copy(call) => return Self::copy(call, question),
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let missing = || std::io::Error::other("no pipe");
        let requests = child.stdin.take().ok_or_else(missing)?;
        let answers = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let errors = listen(child.stderr.take().ok_or_else(missing)?);
        Ok(Self {
            child: Running::Program(child),
            requests: Some(requests),
            answers,
            flooded: false,
            errors,
        })
    }

    fn copy(copied: &Copied, question: &str) -> std::io::Result<Self> {
        let (copy, pipes) = fork::fork(|requests| {
            let mut requests = Some(requests);
            (copied.threads)(&mut || {
                let call = copied.call.lock().unwrap_or_else(PoisonError::into_inner);
                let answer = |name: &str, input: &Value| (name == question).then(|| call(input));
                if let Some(requests) = requests.take() {
                    program::serve(requests, &answer, fork::leave);
                }
            });
        })?;
        Ok(Self {
            child: Running::Copy(copy),
            requests: Some(pipes.requests),
            answers: BufReader::new(pipes.answers),
            flooded: false,
            errors: listen(pipes.errors),
        })
    }

    /// The reply to a request, if one comes, and what was printed before it.
    fn ask(&mut self, request: &str) -> (Option<Json>, String) {
        let sent =
            (self.requests.as_mut()).is_some_and(|pipe| pipe.write_all(request.as_bytes()).is_ok());
        let mut printed = String::new();
        let mut reply = None;
        let mut left = LONGEST_LINE;
        while sent && reply.is_none() {
            let mut line = Vec::new();
            let mut some = (&mut self.answers).take(left);
            if !some.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                break;
            }
            left = left.saturating_sub(line.len() as u64);
            self.flooded = left == 0;
            if self.flooded {
                break;
            }
            let line = String::from_utf8_lossy(&line);
            match line.strip_prefix(program::MARK) {
                Some(words) if words.starts_with(KERNELS) => (),
                Some(json) => {
                    // What is no JSON is no answer: nothing is equal to it.
                    reply = Some(serde_json::from_str(json).unwrap_or(Json::Null));
                }
                None if printed.len() < PRINTED => printed += &line,
                None => (),
            }
        }
        // Of standard error, what came before the mark of this call.
        if reply.is_some()
            && let Ok(said) = self.errors.recv_timeout(Duration::from_millis(200))
        {
            printed += &said;
        }
        let lines = printed.lines().filter(|line| !line.trim().is_empty());
        let lines: Vec<&str> = lines.collect();
        (reply, program::plain_paths(&lines.join("\n")))
    }

    /// How it ended, if it does so in time.
    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let begin = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            if begin.elapsed() > limit {
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// What it said last on standard error.
    fn said(&self) -> String {
        let mut all = String::new();
        loop {
            match self.errors.recv_timeout(Duration::from_millis(100)) {
                Ok(said) => all += &said,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return all,
            }
        }
    }
}

/// Reads standard error all the time, so that it never holds the program up.
fn listen(errors: ChildStderr) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut errors = BufReader::new(errors);
        let mut said = String::new();
        loop {
            let mut line = Vec::new();
            let mut some = (&mut errors).take(LONGEST_LINE);
            if !some.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                break;
            }
            let line = String::from_utf8_lossy(&line);
            if let Some(words) = line.strip_prefix(program::MARK) {
                if !words.starts_with(KERNELS) && send.send(std::mem::take(&mut said)).is_err() {
                    return;
                }
            } else if said.len() < PRINTED {
                said += &line;
            }
        }
        // Nobody waits for it when the program has ended well.
        let _ = send.send(said);
    });
    receive
}

/// The program as a command: only what it needs of the environment, a group of its own, and limits where the system has them.
fn limited(program: &Path) -> Command {
    let mut command = system::limited(program);
    system::apart(&mut command);
    command.env_clear();
    for name in ["PATH", "SystemRoot", "TMPDIR", "TEMP", "TMP"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // Each thread reserves address space.
    command.env("RAYON_NUM_THREADS", "4");
    command.current_dir(std::env::temp_dir());
    command
}

/// The command that somebody else has put together, in a group of its own and without an environment.
fn as_told(words: &[String]) -> Command {
    let (program, arguments) = words
        .split_first()
        .map_or(("", &[][..]), |(program, arguments)| (program, arguments));
    let mut command = Command::new(program);
    command.args(arguments);
    system::apart(&mut command);
    command.env_clear();
    // Several submissions share the machine.
    command.env("RAYON_NUM_THREADS", "1");
    command
}

fn shown(status: Option<ExitStatus>) -> String {
    status.map(|status| status.to_string()).unwrap_or_default()
}

/// What made a program end.
fn ending(status: ExitStatus, said: &str) -> Text {
    let how = status.to_string();
    // In a sandbox the message does not come: a program is not told there where its stack ends.
    if said.contains("has overflowed its stack") || how.contains("SIGSEGV") {
        return Text::new(
            "la pila se ha desbordado: ¿una función se llama a sí misma sin fin?",
            "the stack has overflowed: does a function call itself without end?",
        );
    }
    if how.contains("SIGXCPU") {
        return Text::new(
            "ha gastado todo su tiempo de procesador: ¿hay un bucle sin fin?",
            "it has used up its processor time: is there a loop without end?",
        );
    }
    let mut lines = said.lines();
    if let Some(line) = lines.find(|line| line.contains("memory allocation of")) {
        return Text::new(
            format!("no hay tanta memoria: {line}"),
            format!("there is not so much memory: {line}"),
        );
    }
    Text::new(
        format!("el programa ha terminado en mitad de la llamada ({status})"),
        format!("the program ended in the middle of the call ({status})"),
    )
}
