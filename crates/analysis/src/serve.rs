//! Who asks, in which order they are answered, and when it is time to end.

use std::fs::{self, File, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use serde_json::{Value, json};

use crate::engine::{Engine, Question};

/// Nobody who works on a notebook is silent for so long.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// It waits so long for a kernel, the first one or the next. A kernel that is started again soon asks again.
const ALONE: Duration = Duration::from_secs(60);
/// Another time for that, in seconds: for tests.
const ALONE_VARIABLE: &str = "GRADUS_ANALYSIS_ALONE";
/// How often it is looked whether it is time to end.
const LOOK: Duration = Duration::from_secs(5);
/// What has to be left for others, in KiB.
const SPARE: u64 = 300 << 10;
/// A question may take so long while somebody else waits.
const TURN: Duration = Duration::from_secs(3);
/// And so long in any case.
const LIMIT: Duration = Duration::from_secs(120);

/// What happens outside.
enum Event {
    Came(Client),
    Asked(u64, Question),
    Left(u64),
}

/// One kernel.
struct Client {
    id: u64,
    answers: Box<dyn Write + Send>,
}

/// Those who ask, and their questions.
pub struct Questions {
    events: Receiver<Event>,
    clients: Vec<Client>,
    /// The last question of each client that has one, in the order in which they began to wait.
    waiting: Vec<(u64, Question)>,
    last: Instant,
    alone_since: Instant,
    /// It is removed at the end.
    socket: Option<Socket>,
}

struct Socket {
    path: PathBuf,
    lock: PathBuf,
    /// Held as long as this process serves.
    _held: File,
}

/// Answers whoever has started this process, and ends with its input.
pub fn stdio() -> Questions {
    let (events_in, events) = crossbeam_channel::unbounded();
    let client = Client {
        id: 0,
        answers: Box::new(std::io::stdout()),
    };
    let _ = events_in.send(Event::Came(client));
    std::thread::spawn(move || {
        read(0, std::io::stdin().lock(), &events_in);
        // The kernel is gone.
        std::process::exit(0);
    });
    Questions::new(events, None)
}

/// Answers everybody who connects to a socket; `None` when another process does that.
#[cfg(unix)]
pub fn listen(path: PathBuf) -> Result<Option<Questions>, String> {
    use std::os::unix::net::UnixListener;

    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let lock = path.with_extension("lock");
    let held = File::create(&lock).map_err(|error| failed(&lock, error))?;
    match held.try_lock() {
        Ok(()) => (),
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(failed(&lock, error)),
    }
    // Who held the lock before is gone.
    let _ = fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(|error| failed(&path, error))?;
    let (events_in, events) = crossbeam_channel::unbounded();
    std::thread::spawn(move || {
        for (id, connection) in (0..).zip(listener.incoming()) {
            let Ok((connection, answers)) = connection.and_then(|its| Ok((its.try_clone()?, its)))
            else {
                // No descriptor is left, for example.
                std::thread::sleep(Duration::from_millis(100));
                continue;
            };
            // A kernel that does not read keeps nobody else from being answered.
            let _ = answers.set_write_timeout(Some(TURN));
            let client = Client {
                id,
                answers: Box::new(shared::Line(answers)),
            };
            let events = events_in.clone();
            if events.send(Event::Came(client)).is_err() {
                return;
            }
            std::thread::spawn(move || {
                read(id, BufReader::new(connection), &events);
                let _ = events.send(Event::Left(id));
            });
        }
    });
    let socket = Socket {
        path,
        lock,
        _held: held,
    };
    Ok(Some(Questions::new(events, Some(socket))))
}

#[cfg(unix)]
mod shared {
    use std::io::{Result, Write};
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;

    /// The way to a kernel. Where it ends, the way back does, too: the kernel sees that nobody hears it.
    pub struct Line(pub UnixStream);

    impl Write for Line {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> Result<()> {
            self.0.flush()
        }
    }

    impl Drop for Line {
        fn drop(&mut self) {
            let _ = self.0.shutdown(Shutdown::Both);
        }
    }
}

/// Elsewhere each kernel has a process of its own.
#[cfg(not(unix))]
pub fn listen(_: PathBuf) -> Result<Option<Questions>, String> {
    Err("this system has no Unix sockets: start it without one".to_owned())
}

fn read(client: u64, input: impl BufRead, events: &Sender<Event>) {
    for line in input.lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(question) => drop(events.send(Event::Asked(client, question))),
            Err(error) => eprintln!("gradus-analysis: this is no question: {error}"),
        }
    }
}

impl Questions {
    fn new(events: Receiver<Event>, socket: Option<Socket>) -> Questions {
        Questions {
            events,
            clients: Vec::new(),
            waiting: Vec::new(),
            last: Instant::now(),
            alone_since: Instant::now(),
            socket,
        }
    }

    /// Answers until it is time to end.
    pub fn serve(&mut self, mut engine: Engine) {
        let alone = std::env::var(ALONE_VARIABLE)
            .ok()
            .and_then(|text| text.parse().ok());
        let alone = alone.map_or(ALONE, Duration::from_secs);
        loop {
            self.take_in();
            if !self.waiting.is_empty() {
                let (client, question) = self.waiting.remove(0);
                let said = self.answer(&mut engine, question);
                self.say(client, &said);
                continue;
            }
            engine.tidy();
            match self.events.recv_timeout(LOOK.min(alone)) {
                Ok(event) => self.note(event),
                Err(RecvTimeoutError::Timeout) => {
                    let is_alone = self.clients.is_empty() && self.alone_since.elapsed() >= alone;
                    if is_alone || self.last.elapsed() >= IDLE || is_memory_short() {
                        break;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.leave();
    }

    /// One answer. The question is given up when it takes long and somebody else waits.
    fn answer(&mut self, engine: &mut Engine, question: Question) -> Value {
        let number = question.number;
        let begin = Instant::now();
        let done = engine.ask(question);
        let mut said = loop {
            match done.recv_timeout(Duration::from_millis(50)) {
                Ok(said) => break said,
                Err(RecvTimeoutError::Disconnected) => break json!({}),
                Err(RecvTimeoutError::Timeout) => {
                    self.take_in();
                    if begin.elapsed() >= LIMIT || is_memory_short() {
                        // It may not even let itself be stopped.
                        self.leave();
                        std::process::exit(1);
                    }
                    if begin.elapsed() >= TURN && !self.waiting.is_empty() {
                        engine.stop();
                        break json!({});
                    }
                }
            }
        };
        said["number"] = json!(number);
        said
    }

    fn take_in(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.note(event);
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Came(client) => self.clients.push(client),
            Event::Asked(client, question) => {
                self.last = Instant::now();
                match self.waiting.iter_mut().find(|(its, _)| *its == client) {
                    Some((_, older)) => *older = question,
                    None => self.waiting.push((client, question)),
                }
            }
            Event::Left(id) => {
                self.clients.retain(|client| client.id != id);
                self.waiting.retain(|(client, _)| *client != id);
                self.alone_since = Instant::now();
            }
        }
    }

    fn say(&mut self, id: u64, said: &Value) {
        let mut client = self.clients.iter_mut().filter(|client| client.id == id);
        if let Some(client) = client.next() {
            let line = format!("{said}\n");
            let sent = client.answers.write_all(line.as_bytes());
            if sent.and_then(|()| client.answers.flush()).is_err() {
                // Half an answer may be on its way: the next would not be understood.
                self.note(Event::Left(id));
            }
        }
    }

    fn leave(&mut self) {
        if let Some(socket) = self.socket.take() {
            let _ = fs::remove_file(&socket.path);
            let _ = fs::remove_file(&socket.lock);
        }
    }
}

fn is_memory_short() -> bool {
    // Where it does not tell, there is enough.
    gradus_machine::memory_left().is_some_and(|left| left < SPARE)
}
