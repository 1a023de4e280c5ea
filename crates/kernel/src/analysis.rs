//! The program that knows what the compiler knows: `gradus-analysis`, which is rust-analyzer.
//!
//! It is started with the first question of a user's kernels and takes seconds to read the libraries in, so nobody waits for it
//! longer than for `names`, which answer meanwhile. When it ends, for whatever reason, the next question starts
//! it again. It is built and installed by `gradus kernel install` and never needed.

mod connection;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use connection::Connection;
use crossbeam_channel::RecvTimeoutError;
use serde::Deserialize;
use serde_json::json;

use crate::names::{Completions, Documentation, Match, Spot};
use crate::toolchain::Toolchain;

/// The program; beside this one, or where `gradus kernel install` has put it.
const PROGRAM: &str = "gradus-analysis";
/// Names another one; none when it is empty.
const OTHER: &str = "GRADUS_ANALYSIS";

/// Somebody who is typing waits so long while it reads the libraries in.
const PATIENCE_AT_FIRST: Duration = Duration::from_millis(700);
/// And so long once it has answered.
const PATIENCE: Duration = Duration::from_secs(3);
/// And so long when a cell, or another question, waits behind it.
const PATIENCE_OF_OTHERS: Duration = Duration::from_secs(1);
/// A command that asks is all that its cell is for.
pub(crate) const PATIENCE_OF_COMMANDS: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_millis(20);

/// One that has ended without an answer is not started again for so long; twice as long each time that it happens again.
const PAUSE: Duration = Duration::from_secs(1);
/// And never longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(64);
/// One that is silent for so long is left.
const SILENCE: Duration = Duration::from_secs(120);

/// How long somebody who is typing waits for an answer, when others wait too or not.
pub(crate) fn patience(others_wait: bool) -> Duration {
    if others_wait {
        PATIENCE_OF_OTHERS
    } else {
        PATIENCE
    }
}

/// Where the program is that a kernel of this command starts.
pub fn installed() -> Option<PathBuf> {
    if let Some(other) = std::env::var_os(OTHER) {
        return Some(PathBuf::from(other)).filter(|file| file.is_file());
    }
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| place_beside(&exe));
    let places = beside.into_iter().chain(place());
    places.into_iter().find(|file| file.is_file())
}

fn place_beside(exe: &Path) -> Option<PathBuf> {
    // Where a link leads is where it was built.
    let exe = exe.canonicalize().ok()?;
    Some(exe.parent()?.join(PROGRAM))
}

/// Where it is put when this command stands elsewhere than where things are built.
pub(crate) fn place() -> Option<PathBuf> {
    Some(dirs::data_local_dir()?.join("gradus").join(PROGRAM))
}

#[derive(Debug)]
pub(crate) struct Analysis {
    running: Option<Running>,
    /// The number of the last question.
    asked: u64,
    /// When one ended that had not answered, and how often that happened without an answer between.
    failed: Option<Instant>,
    failures: u32,
}

/// What a session's code can name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Package {
    /// There it is, with the libraries as its dependencies.
    pub(crate) folder: PathBuf,
    /// Another one where the libraries are others, or have changed.
    pub(crate) id: String,
}

#[derive(Debug)]
struct Running {
    connection: Connection,
    /// What it has read in.
    package: Package,
    has_answered: bool,
    /// When the first of the questions came that have no answer yet.
    waits_since: Option<Instant>,
}

#[derive(Debug, Default, Deserialize)]
struct Answer {
    number: u64,
    #[serde(default)]
    matches: Vec<Found>,
    range: Option<(usize, usize)>,
    text: Option<String>,
    html: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Found {
    code: String,
    kind: String,
    label: String,
}

/// A question that was sent.
#[derive(Debug)]
pub(crate) struct Asked {
    began: Instant,
    /// So many bytes stand before the cell in the code that was sent.
    before: usize,
}

impl Analysis {
    pub(crate) fn new() -> Analysis {
        Analysis {
            running: None,
            asked: 0,
            failed: None,
            failures: 0,
        }
    }

    /// Asks what can stand at a place, if there is somebody to ask; the `package` has the session's libraries.
    pub(crate) fn ask_names(
        &mut self,
        toolchain: &Toolchain,
        package: &Package,
        spot: &Spot,
    ) -> Option<Asked> {
        self.ask(toolchain, package, spot, "completion")
    }

    /// Asks what stands there.
    pub(crate) fn ask_documentation(
        &mut self,
        toolchain: &Toolchain,
        package: &Package,
        spot: &Spot,
    ) -> Option<Asked> {
        self.ask(toolchain, package, spot, "documentation")
    }

    /// What can stand there, when the answer comes in time. The `patience` is asked for while it is awaited; `has_other` says that
    /// there is something to show without it.
    pub(crate) fn names(
        &mut self,
        asked: &Asked,
        spot: &Spot,
        has_other: bool,
        patience: &dyn Fn() -> Duration,
    ) -> Option<Completions> {
        let answer = self.wait(asked, has_other, patience)?;
        let in_cell = |byte: usize| byte.saturating_sub(asked.before);
        let (start, end) = answer.range?;
        let (start, end) = (in_cell(start), in_cell(end));
        // What is put between brackets there was for other code.
        let range = start.min(spot.at)..end.clamp(spot.at, spot.code.len());
        let matches = answer.matches.into_iter().map(|found| Match {
            code: found.code,
            kind: found.kind,
            label: found.label,
        });
        Some(Completions {
            matches: matches.collect(),
            range,
        })
    }

    /// What stands there, when the answer comes in time.
    pub(crate) fn documentation(
        &mut self,
        asked: &Asked,
        has_other: bool,
        patience: &dyn Fn() -> Duration,
    ) -> Option<Documentation> {
        let answer = self.wait(asked, has_other, patience)?;
        Some((answer.text?, answer.html?))
    }

    fn ask(
        &mut self,
        toolchain: &Toolchain,
        package: &Package,
        spot: &Spot,
        what: &str,
    ) -> Option<Asked> {
        let began = Instant::now();
        self.take_in();
        let is_stuck = |running: &Running| {
            running
                .waits_since
                .is_some_and(|since| since.elapsed() > SILENCE)
        };
        if self.running.as_ref().is_some_and(is_stuck) {
            self.give_up();
        }
        if self
            .running
            .as_ref()
            .is_some_and(|running| running.package != *package)
        {
            self.running = None;
        }
        self.asked += 1;
        let before = spot.variables.len() + 1;
        let question = json!({
            "number": self.asked,
            "items": spot.items,
            "code": format!("{}\n{}", spot.variables, spot.code),
            "at": before + spot.at,
            "what": what,
        });
        // The second one is for a program that has ended since the last question.
        for _ in 0..2 {
            if self.running.is_none() {
                self.running = self.start(toolchain, package);
            }
            let running = self.running.as_mut()?;
            if running.connection.send(format!("{question}\n")).is_some() {
                running.waits_since.get_or_insert(began);
                return Some(Asked { began, before });
            }
            self.give_up();
        }
        None
    }

    /// Takes what came too late for the last question, and notes when nothing will come any more.
    fn take_in(&mut self) {
        while let Some(running) = &mut self.running {
            match running.connection.next() {
                Ok(Some(answer)) => {
                    running.note(&answer, self.asked);
                    self.failures = 0;
                }
                Ok(None) => return,
                Err(()) => self.give_up(),
            }
        }
    }

    fn give_up(&mut self) {
        if let Some(running) = self.running.take()
            && !running.has_answered
        {
            self.failed = Some(Instant::now());
            self.failures = (self.failures + 1).min(16);
        }
    }

    fn start(&self, toolchain: &Toolchain, package: &Package) -> Option<Running> {
        let pause = (PAUSE * 2u32.pow(self.failures.saturating_sub(1))).min(LONGEST_PAUSE);
        if self.failed.is_some_and(|failed| failed.elapsed() < pause) {
            return None;
        }
        Some(Running {
            connection: Connection::open(toolchain, package)?,
            package: package.clone(),
            has_answered: false,
            waits_since: None,
        })
    }

    fn wait(
        &mut self,
        asked: &Asked,
        has_other: bool,
        patience: &dyn Fn() -> Duration,
    ) -> Option<Answer> {
        loop {
            let running = self.running.as_mut()?;
            match running.connection.answers.recv_timeout(TICK) {
                Ok(answer) => {
                    self.failures = 0;
                    if running.note(&answer, self.asked) {
                        return Some(answer);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.give_up();
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {
                    let patience = patience();
                    let limit = match (running.has_answered, has_other) {
                        (true, _) => patience,
                        (false, true) => return None,
                        (false, false) if patience == PATIENCE_OF_COMMANDS => patience,
                        (false, false) => patience.min(PATIENCE_AT_FIRST),
                    };
                    if asked.began.elapsed() >= limit {
                        return None;
                    }
                }
            }
        }
    }
}

impl Running {
    /// Notes that an answer came; tells whether it is the one to the last question.
    fn note(&mut self, answer: &Answer, asked: u64) -> bool {
        self.has_answered = true;
        let is_last = answer.number == asked;
        if is_last {
            self.waits_since = None;
        }
        is_last
    }
}
