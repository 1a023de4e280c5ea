//! Trying the exercises of a lab through `cargo test`.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use crate::handed::HandedOut;
use gradus_exercise::Outcome;

/// What came of trying a lab.
#[derive(Debug)]
pub enum Checked {
    /// It ran; one outcome per exercise.
    Ran(Vec<Outcome>),
    /// It could not be tried: what cargo or the tests said. An exercise that does not compile is not the reason; that is an
    /// outcome of its own.
    Broken(String),
}

/// Tries the exercises of `lab` in the workspace at `root`: the exercise `only`, or all.
///
/// A student's workspace is built as `cargo test` builds it, so nothing is built twice; the instructor's with the release profile.
/// `each` is called for each outcome as it comes.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(
    root: &Path,
    lab: &str,
    only: Option<&str>,
    each: impl FnMut(&Outcome),
) -> Result<Checked, String> {
    let is_students = HandedOut::read(root).is_some();
    let profile = if is_students { "dev" } else { "release" };
    collect(cargo(root), profile, lab, only, each)
}

/// The same with a build folder of its own.
pub(crate) fn run_in(
    target: &Path,
    root: &Path,
    lab: &str,
    only: Option<&str>,
    each: impl FnMut(&Outcome),
) -> Result<Checked, String> {
    let mut command = cargo(root);
    command.env("CARGO_TARGET_DIR", target);
    collect(command, "release", lab, only, each)
}

fn collect(
    mut command: Command,
    profile: &str,
    lab: &str,
    only: Option<&str>,
    mut each: impl FnMut(&Outcome),
) -> Result<Checked, String> {
    command.args(["test", "--profile", profile, "--quiet", "--package", lab]);
    command.args(["--test", "exercises", "--", "--json"]);
    if let Some(id) = only {
        command.args(["--exact", id]);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cargo cannot be started: {e}"))?;
    let stderr = child.stderr.take();
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            // What could be read is shown; a broken pipe only cuts it short.
            let _ = stderr.read_to_end(&mut said);
        }
        String::from_utf8_lossy(&said).into_owned()
    });
    let mut outcomes = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            if let Ok(outcome) = serde_json::from_slice::<Outcome>(&line) {
                each(&outcome);
                outcomes.push(outcome);
            }
        }
    }
    let status = child
        .wait()
        .map_err(|e| format!("cargo cannot be waited for: {e}"))?;
    let said = said.join().unwrap_or_default();
    // 0: all solved; 101: some not. Anything else: the tests did not get to their end.
    if outcomes.is_empty() || !matches!(status.code(), Some(0 | 101)) {
        return Ok(Checked::Broken(said));
    }
    Ok(Checked::Ran(outcomes))
}

/// Cargo, run in the workspace; the one that runs us when there is one.
pub(crate) fn cargo(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}
