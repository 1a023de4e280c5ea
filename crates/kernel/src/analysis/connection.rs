//! The way to the program: a socket where all kernels of a user meet, or, where that cannot be, pipes to one's own.
//!
//! The socket stands in a folder that is the user's alone. Its name is made of all that an answer depends on besides the
//! question: this program and its version, the compiler, the folder with the libraries. So whoever connects gets its own
//! answers, and another version or other libraries have another program. Whoever comes first starts it; it holds a lock, so
//! there is one, and ends by itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::{Answer, Package, installed};
use crate::processes::Tied;
use crate::system;
use crate::toolchain::{Toolchain, original_path};

/// Ends with its kernel: its own program too, and not one that others use.
#[derive(Debug)]
pub(super) struct Connection {
    questions: Sender<String>,
    pub(super) answers: Receiver<Answer>,
    own: Option<Own>,
}

/// The ends of the channels that a connection serves.
struct Ends {
    questions: Receiver<String>,
    answers: Sender<Answer>,
}

impl Connection {
    /// Connects to the program for a package, and starts it if need be.
    pub(super) fn open(toolchain: &Toolchain, package: &Package) -> Option<Connection> {
        let program = installed()?;
        let mut command = Command::new(&program);
        command
            .arg(&package.folder)
            .current_dir(&package.folder)
            .env("PATH", original_path())
            .env("CARGO", &toolchain.cargo)
            .env("RUSTC", &toolchain.rustc)
            // One arena: a fifth less memory, and nobody waits for the lock. For glibc, and nothing elsewhere.
            .env("MALLOC_ARENA_MAX", "1")
            // What the session uses was downloaded for it.
            .env("CARGO_NET_OFFLINE", "true")
            .stderr(Stdio::null());
        system::gives_way(&mut command);
        #[cfg(unix)]
        if let Some(socket) = shared::socket(&program, toolchain, package) {
            return Some(shared::connect(socket, command));
        }
        Connection::own(command)
    }

    /// Sends a question; `None` when nobody hears it any more.
    pub(super) fn send(&self, line: String) -> Option<()> {
        self.questions.send(line).ok()
    }

    /// An answer that is there already; an error when none will come any more.
    pub(super) fn next(&self) -> Result<Option<Answer>, ()> {
        match self.answers.try_recv() {
            Ok(answer) => Ok(Some(answer)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(()),
        }
    }

    fn own(mut command: Command) -> Option<Connection> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = Tied::start(&mut command).ok()?;
        let (input, output) = (child.stdin.take()?, child.stdout.take()?);
        let (mut connection, ends) = Connection::new();
        connection.own = Some(Own(child));
        let Ends { questions, answers } = ends;
        std::thread::spawn(move || read(output, &answers));
        std::thread::spawn(move || write(&questions, input));
        Some(connection)
    }

    fn new() -> (Connection, Ends) {
        let (questions, questions_out) = crossbeam_channel::unbounded();
        let (answers_in, answers) = crossbeam_channel::unbounded();
        let connection = Connection {
            questions,
            answers,
            own: None,
        };
        let ends = Ends {
            questions: questions_out,
            answers: answers_in,
        };
        (connection, ends)
    }
}

/// A program that nobody else uses.
#[derive(Debug)]
struct Own(Tied);

impl Drop for Own {
    fn drop(&mut self) {
        self.0.kill();
        let _ = self.0.wait();
    }
}

/// Until the connection ends, or nobody listens any more.
fn read(output: impl Read, answers: &Sender<Answer>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Ok(answer) = serde_json::from_str(&line)
            && answers.send(answer).is_err()
        {
            return;
        }
    }
}

/// Until nobody asks any more, or the connection ends.
fn write(questions: &Receiver<String>, mut input: impl Write) {
    for question in questions {
        if input.write_all(question.as_bytes()).is_err() {
            return;
        }
    }
}

#[cfg(unix)]
mod shared {

    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    use std::os::unix::net::UnixStream;
    use std::os::unix::process::CommandExt;
    use std::time::{Duration, Instant, SystemTime};

    use super::*;
    use crate::folders;

    /// What goes over the socket: another number, another socket.
    const PROTOCOL: u32 = 1;
    /// A path to a socket cannot be longer anywhere.
    const LONGEST: usize = 100;
    /// From its start until it listens; reading the libraries in comes later.
    const START: Duration = Duration::from_secs(10);
    const TICK: Duration = Duration::from_millis(5);
    /// It is not started when less memory is left, in KiB.
    const MEMORY: u64 = 1 << 20;

    /// Where the program for a package listens; `None` where there is no place for that.
    pub(super) fn socket(
        program: &Path,
        toolchain: &Toolchain,
        package: &Package,
    ) -> Option<PathBuf> {
        let about = std::fs::metadata(program).ok()?;
        let made = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let mut hasher = DefaultHasher::new();
        (PROTOCOL, program, about.len(), made).hash(&mut hasher);
        (&toolchain.rustc, &toolchain.version, &toolchain.cargo).hash(&mut hasher);
        (&package.folder, &package.id).hash(&mut hasher);
        std::env::var_os("CARGO_HOME").hash(&mut hasher);
        let socket = private_folder()?.join(format!("analysis-{:016x}", hasher.finish()));
        (socket.as_os_str().len() <= LONGEST).then_some(socket)
    }

    /// A folder that nobody else can look into.
    fn private_folder() -> Option<PathBuf> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let runtime = runtime.filter(|folder| folder.is_absolute() && folder.is_dir());
        let folder = match runtime {
            Some(folder) => folder.join("gradus"),
            None => folders::wanted_cache()?.join("run"),
        };
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        let about = made
            .and_then(|()| std::fs::symlink_metadata(&folder))
            .ok()?;
        let is_ours = about.uid() == system::user();
        (about.is_dir() && is_ours && about.mode() & 0o077 == 0).then_some(folder)
    }

    pub(super) fn connect(socket: PathBuf, mut command: Command) -> Connection {
        let (connection, ends) = Connection::new();
        // It outlives this kernel: others use it.
        command
            .arg(&socket)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        std::thread::spawn(move || {
            let Some(stream) = reach(&socket, command) else {
                return;
            };
            let Ok(output) = stream.try_clone() else {
                return;
            };
            let Ends { questions, answers } = ends;
            std::thread::spawn(move || read(output, &answers));
            write(&questions, &stream);
            let _ = stream.shutdown(std::net::Shutdown::Both);
        });
        connection
    }

    fn reach(socket: &Path, mut command: Command) -> Option<UnixStream> {
        if let Ok(stream) = UnixStream::connect(socket) {
            return Some(stream);
        }
        if gradus_machine::memory_left().is_some_and(|left| left < MEMORY) {
            return None;
        }
        let mut child = command.spawn().ok()?;
        let until = Instant::now() + START;
        let mut stream = None;
        while stream.is_none() && Instant::now() < until {
            std::thread::sleep(TICK);
            stream = UnixStream::connect(socket).ok();
            // When another kernel has started one meanwhile, this one ends well.
            let has_failed = |child: &mut std::process::Child| matches!(child.try_wait(), Ok(Some(status)) if !status.success());
            if stream.is_none() && has_failed(&mut child) {
                return None;
            }
        }
        // So that nothing is left of it in the system's table when it ends.
        std::thread::spawn(move || child.wait());
        stream
    }
}
