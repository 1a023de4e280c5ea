//! The program that knows what the compiler knows: `gradus-analysis`, which is rust-analyzer.
//!
//! It is started with the first question and takes seconds to read the libraries in, so nobody waits for it longer than for
//! [`names`](crate::names), which answer meanwhile. When it ends, for whatever reason, the next question starts it again. It is built and
//! installed by `gradus kernel install` and never needed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use serde::Deserialize;
use serde_json::json;

use crate::names::{Completions, Documentation, Match, Spot};
use crate::processes;
use crate::toolchain::{Toolchain, original_path};

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

/// It is not started when less memory is left, in KiB.
const MEMORY: u64 = 1 << 20;
/// One that has ended without an answer is not started again for so long.
const PAUSE: Duration = Duration::from_secs(20);
/// And one that is silent for so long is ended.
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
    /// When one ended that had not answered.
    failed: Option<Instant>,
}

/// Ended when it is dropped.
#[derive(Debug)]
struct Running {
    child: Child,
    questions: Sender<String>,
    answers: Receiver<Answer>,
    /// What it has read in.
    folder: PathBuf,
    has_answered: bool,
    /// When the first of the questions came that have no answer yet.
    waits_since: Option<Instant>,
}

impl Drop for Running {
    fn drop(&mut self) {
        processes::kill_group(self.child.id());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
        }
    }

    /// Asks what can stand at a place, if there is somebody to ask; in `folder` is a package with the session's libraries.
    pub(crate) fn ask_names(
        &mut self,
        toolchain: &Toolchain,
        folder: &Path,
        spot: &Spot,
    ) -> Option<Asked> {
        self.ask(toolchain, folder, spot, "completion")
    }

    /// Asks what stands there.
    pub(crate) fn ask_documentation(
        &mut self,
        toolchain: &Toolchain,
        folder: &Path,
        spot: &Spot,
    ) -> Option<Asked> {
        self.ask(toolchain, folder, spot, "documentation")
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
        folder: &Path,
        spot: &Spot,
        what: &str,
    ) -> Option<Asked> {
        let began = Instant::now();
        if let Some(running) = &mut self.running {
            // What came too late for the last question.
            for answer in running.answers.try_iter() {
                running.has_answered = true;
                if answer.number == self.asked {
                    running.waits_since = None;
                }
            }
        }
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
            .is_some_and(|running| running.folder != folder)
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
                self.running = self.start(toolchain, folder);
            }
            let running = self.running.as_mut()?;
            let has_ended = !matches!(running.child.try_wait(), Ok(None));
            if !has_ended && running.questions.send(format!("{question}\n")).is_ok() {
                running.waits_since.get_or_insert(began);
                return Some(Asked { began, before });
            }
            self.give_up();
        }
        None
    }

    fn give_up(&mut self) {
        if let Some(running) = self.running.take()
            && !running.has_answered
        {
            self.failed = Some(Instant::now());
        }
    }

    fn start(&self, toolchain: &Toolchain, folder: &Path) -> Option<Running> {
        let pauses = self.failed.is_some_and(|failed| failed.elapsed() < PAUSE);
        if pauses || processes::memory_left().is_some_and(|left| left < MEMORY) {
            return None;
        }
        let mut command = Command::new(installed()?);
        command
            .arg(folder)
            .env("PATH", original_path())
            .env("CARGO", &toolchain.cargo)
            .env("RUSTC", &toolchain.rustc)
            // What the session uses was downloaded for it.
            .env("CARGO_NET_OFFLINE", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        processes::tied_to_us(&mut command);
        processes::gives_way(&mut command);
        let mut child = command.spawn().ok()?;
        let (mut input, output) = (child.stdin.take()?, child.stdout.take()?);
        let (questions, lines) = crossbeam_channel::unbounded::<String>();
        let (answers_in, answers) = crossbeam_channel::unbounded();
        std::thread::spawn(move || {
            while let Ok(line) = lines.recv() {
                if input.write_all(line.as_bytes()).is_err() {
                    break;
                }
            }
        });
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(answer) = serde_json::from_str(&line)
                    && answers_in.send(answer).is_err()
                {
                    break;
                }
            }
        });
        Some(Running {
            child,
            questions,
            answers,
            folder: folder.to_owned(),
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
            match running.answers.recv_timeout(TICK) {
                Ok(answer) => {
                    running.has_answered = true;
                    if answer.number == self.asked {
                        running.waits_since = None;
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
