//! A build by cargo, followed while it goes on.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::processes::Tied;
use crate::{Error, Language};

/// What came of a build.
pub(crate) enum Made {
    /// cargo's messages about what it made, or found made.
    Artifacts(Vec<Value>),
    /// cargo's words.
    Failed(String),
    Stopped,
}

/// Runs cargo to its end, or until `stop` says so; `progress` hears how far it is.
pub(crate) fn follow(
    mut command: Command,
    stop: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(&str),
) -> Result<Made, Error> {
    command
        // What the compiler says of a mistake stays with cargo's words.
        .arg("--message-format=json-render-diagnostics")
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "120")
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Tied::start(&mut command)
        .map_err(|error| Error::new(format!("cannot run cargo: {error}")))?;
    let (said_in, said) = crossbeam_channel::unbounded();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let artifacts = std::thread::spawn(move || {
        let lines = stdout
            .into_iter()
            .flat_map(|out| BufReader::new(out).lines());
        let messages = lines.map_while(Result::ok);
        let messages = messages.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        messages
            .filter(|message| message["reason"] == "compiler-artifact")
            .collect::<Vec<Value>>()
    });
    std::thread::spawn(move || {
        let mut bytes = stderr
            .into_iter()
            .flat_map(|err| BufReader::new(err).bytes());
        let mut line = Vec::new();
        while let Some(Ok(byte)) = bytes.next() {
            if matches!(byte, b'\r' | b'\n') {
                let _ =
                    said_in.send(String::from_utf8_lossy(&std::mem::take(&mut line)).into_owned());
            } else {
                line.push(byte);
            }
        }
    });
    let mut lines = Vec::new();
    let mut shown = Progress::new();
    loop {
        match said.recv_timeout(TICK) {
            Ok(line) if line.trim().is_empty() => (),
            Ok(line) => match how_far(&line) {
                Some(words) => shown.say(&words, progress),
                None => lines.push(line),
            },
            Err(crossbeam_channel::RecvTimeoutError::Timeout) if stop() => {
                child.kill();
                let _ = child.wait();
                return Ok(Made::Stopped);
            }
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => shown.tick(progress),
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child
        .wait()
        .map_err(|error| Error::new(format!("cannot run cargo: {error}")))?;
    let artifacts = artifacts.join().unwrap_or_default();
    Ok(if status.success() {
        Made::Artifacts(artifacts)
    } else {
        Made::Failed(lines.join("\n"))
    })
}

/// Between two looks at what goes on.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// Says how far a build is, and since when.
pub(super) struct Progress {
    began: Instant,
    words: String,
    said: Option<Instant>,
}

impl Progress {
    pub(super) fn new() -> Progress {
        Progress {
            began: Instant::now(),
            words: String::new(),
            said: None,
        }
    }

    pub(super) fn say(&mut self, words: &str, hear: &mut dyn FnMut(&str)) {
        if self.words != words {
            words.clone_into(&mut self.words);
            self.said = None;
        }
        self.tick(hear);
    }

    /// The time goes on while one crate is built.
    fn tick(&mut self, hear: &mut dyn FnMut(&str)) {
        let is_due = |said: Instant| said.elapsed() >= Duration::from_secs(1);
        if !self.words.is_empty() && self.said.is_none_or(is_due) {
            self.said = Some(Instant::now());
            let seconds = self.began.elapsed().as_secs();
            let time = match seconds {
                0..60 => format!("{seconds} s"),
                _ => format!("{} min {} s", seconds / 60, seconds % 60),
            };
            hear(&format!("{} ({time})", self.words));
        }
    }
}

/// What a line of cargo tells of its progress, if that is what it is about.
fn how_far(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with("Blocking waiting for file lock") {
        return Some(elsewhere().to_owned());
    }
    let (word, rest) = line.split_once(' ')?;
    let bar = rest
        .trim_start()
        .strip_prefix('[')
        .and_then(|bar| bar.split_once("] "));
    let downloads = Language::current().pick("descargando", "downloading");
    match (word, bar) {
        // `12/40: one, another`
        ("Building", Some((_, count))) => Some(count.trim().to_owned()),
        ("Downloading" | "Fetch" | "Updating", Some((_, count))) => {
            Some(format!("{downloads}: {}", count.trim()))
        }
        ("Downloading" | "Downloaded" | "Updating" | "Locking" | "Adding", None) => {
            Some(downloads.to_owned())
        }
        // Its bar says the same.
        ("Compiling", None) => Some(
            Language::current()
                .pick("compilando", "compiling")
                .to_owned(),
        ),
        _ => None,
    }
}

pub(super) fn elsewhere() -> &'static str {
    Language::current().pick(
        "otro cuaderno está construyendo bibliotecas, o hay otra orden de cargo en marcha; se espera a que termine",
        "another notebook is building libraries, or another cargo command is at work; waiting for it",
    )
}
