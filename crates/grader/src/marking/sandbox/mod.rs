//! Sandboxes: what a command may reach, and how it is started so that it reaches no more.
//!
//! The program that marks starts itself once more as a launcher ([`launch_if_asked`]), which gives up all rights but those of the
//! [`Spec`] and becomes the command. So no code runs between a fork and an exec, and nothing of the grader's memory is in the child.

#[cfg(target_os = "linux")]
mod launch;
#[cfg(target_os = "linux")]
mod rights;
#[cfg(target_os = "linux")]
mod room;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

use super::Level;

/// The first argument of a launcher.
const ASKED: &str = "gradus-sandbox";

/// A command and all that it may use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    /// Whether it gets namespaces of its own: level `full`.
    pub(super) namespaces: bool,
    /// An empty folder where the root of those namespaces is mounted.
    pub(super) room: PathBuf,
    /// The user to become first, when the grader is root.
    pub(super) user: Option<u32>,
    /// Files and folders that may be read and executed.
    pub(super) readable: Vec<PathBuf>,
    /// Folders that may be written.
    pub(super) writable: Vec<PathBuf>,
    /// Where it starts.
    pub(super) folder: PathBuf,
    /// Whether it may start processes.
    pub(super) forks: bool,
    /// Seconds of processor time. A text, so that the judge can put it in: see `Submitted::Command`.
    pub(super) cpu: String,
    /// Seconds by the clock.
    pub(super) wall: u64,
    /// Bytes of address space.
    pub(super) memory: u64,
    /// Bytes of the largest file it may write.
    pub(super) file_size: u64,
    /// The environment.
    pub(super) environment: Vec<(String, String)>,
    /// The program and its arguments.
    pub(super) command: Vec<String>,
}

impl Spec {
    /// The words of the command that starts it: those of the launcher.
    pub(super) fn words(&self, launcher: &Path) -> Result<Vec<String>, String> {
        let spec = serde_json::to_string(self).map_err(|e| e.to_string())?;
        let launcher = launcher
            .to_str()
            .ok_or_else(|| format!("{}: the path is not UTF-8", launcher.display()))?;
        Ok(vec![launcher.to_owned(), ASKED.to_owned(), spec])
    }
}

/// Becomes a sandboxed command where this process was started to be one; else it comes back at once. To be called first in the
/// `main` of every program that marks.
pub fn launch_if_asked() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(ASKED) {
        return;
    }
    let spec = arguments.next().unwrap_or_default();
    #[cfg(target_os = "linux")]
    launch::launch(&spec);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = spec;
        eprintln!("there are no sandboxes on this system");
        std::process::exit(125);
    }
}

/// The highest level that this machine reaches, found by trying; with the reason why it is not a higher one.
pub(super) fn probe(base: &Spec, launcher: &Path, most: Level) -> (Level, String) {
    if !cfg!(target_os = "linux") {
        return (
            Level::None,
            "only Linux has what sandboxes are made of".to_owned(),
        );
    }
    let mut why = String::new();
    for (level, namespaces) in [(Level::Full, true), (Level::Standard, false)] {
        if level > most {
            continue;
        }
        match try_out(base, launcher, namespaces) {
            Ok(()) => return (level, why),
            Err(problem) => why = why + &format!("{level}: {problem}\n"),
        }
    }
    (Level::None, why)
}

/// Starts what must run, and what must not be able to see a file of the grader's.
fn try_out(base: &Spec, launcher: &Path, namespaces: bool) -> Result<(), String> {
    let run = |command: &[&str]| {
        let spec = Spec {
            namespaces,
            cpu: "5".to_owned(),
            command: command.iter().map(|&word| word.to_owned()).collect(),
            ..base.clone()
        };
        let words = spec.words(launcher)?;
        Command::new(&words[0])
            .args(&words[1..])
            .env_clear()
            .stdin(std::process::Stdio::null())
            .output()
            .map_err(|e| format!("{}: {e}", launcher.display()))
    };
    let well = run(&["/bin/echo", "it runs"])?;
    if !well.status.success() || well.stdout != b"it runs\n" {
        let said = String::from_utf8_lossy(&well.stderr);
        return Err(match said.lines().next() {
            Some(line) => line.to_owned(),
            None => format!(
                "{} cannot start a command in a sandbox: its `main` has to call \
                 `gradus_grader::marking::launch_if_asked` first ({})",
                launcher.display(),
                well.status
            ),
        });
    }
    let secret = base.folder.join("nobody-reads-this");
    let secret = secret.to_string_lossy();
    for path in ["/etc/passwd", "/proc/self/environ", &secret] {
        if run(&["/bin/cat", path])?.status.success() {
            return Err(format!("{path} can be read in spite of Landlock"));
        }
    }
    Ok(())
}
