//! What the end-to-end tests share. They use the real binary, as `cargo test --release --workspace` has just
//! built it: cargo builds it because `gradus-cli` has tests of its own that need it.

pub mod client;
pub mod lists;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use nbformat::v4;
use serde_json::{Value, json};

/// The `gradus` binary of the profile that this test was built with.
///
/// # Panics
/// When it is not there.
pub fn gradus() -> PathBuf {
    built("gradus", "cargo build --release")
}

/// The program that completes names, which kernels find beside it.
///
/// # Panics
/// When it is not there.
pub fn analysis() -> PathBuf {
    built(
        "gradus-analysis",
        "cargo build --release -p gradus-analysis",
    )
}

fn built(name: &str, by: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let binary = test
        .ancestors()
        .nth(2)
        .expect("target/<profile>/deps")
        .join(name);
    assert!(
        binary.is_file(),
        "{} is missing: run `cargo test --release --workspace`, or build it with `{by}`",
        binary.display()
    );
    binary
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is below the root")
}

/// A folder for notebooks that is removed in the end.
pub struct Desk(tempfile::TempDir);

impl Default for Desk {
    fn default() -> Desk {
        Desk(tempfile::tempdir().expect("a temporary folder"))
    }
}

impl Desk {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a file there.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).expect("the folder can be written");
        path
    }

    /// Puts a notebook with these code cells there.
    pub fn notebook(&self, name: &str, cells: &[&str]) -> PathBuf {
        let cells: Vec<Value> = cells
            .iter()
            .enumerate()
            .map(|(index, code)| {
                json!({
                    "cell_type": "code", "id": format!("cell-{index}"), "metadata": {},
                    "source": code, "outputs": [], "execution_count": null,
                })
            })
            .collect();
        let kernel = json!({"name": "rust", "display_name": "Rust", "language": "rust"});
        let notebook = json!({
            "cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5,
        });
        self.file(name, &notebook.to_string())
    }

    /// `gradus run` on paths in this folder; the executed notebooks go to `out` there.
    pub fn run_command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(gradus());
        command
            .current_dir(self.path())
            .arg("run")
            .args(args)
            .args(["--out", "out"])
            // A program for completion that this starts ends soon after it.
            .env("XDG_RUNTIME_DIR", self.path())
            .env("GRADUS_ANALYSIS_ALONE", "1");
        command
    }

    /// Runs it.
    pub fn run(&self, args: &[&str]) -> Output {
        self.run_command(args).output().expect("gradus starts")
    }

    /// Reads an executed notebook.
    pub fn executed(&self, name: &str) -> Executed {
        let path = self.path().join("out").join(name);
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        match nbformat::parse_notebook(&text).expect("a notebook") {
            nbformat::Notebook::V4(notebook) => Executed { path, notebook },
            other => panic!("not version 4.5: {other:?}"),
        }
    }
}

/// A notebook after its run.
pub struct Executed {
    /// Where it is.
    pub path: PathBuf,
    notebook: v4::Notebook,
}

impl Executed {
    /// The outputs of code cell `number`, from 1, as JSON.
    pub fn outputs(&self, number: usize) -> Vec<Value> {
        match &self.notebook.cells[number - 1] {
            v4::Cell::Code { outputs, .. } => outputs
                .iter()
                .map(|output| serde_json::to_value(output).expect("outputs are JSON"))
                .collect(),
            other => panic!("no code cell: {other:?}"),
        }
    }

    /// The number that a code cell got when it ran.
    pub fn execution_count(&self, number: usize) -> Option<i32> {
        match &self.notebook.cells[number - 1] {
            v4::Cell::Code {
                execution_count, ..
            } => *execution_count,
            other => panic!("no code cell: {other:?}"),
        }
    }

    /// The text that cell `number` wrote to `stdout` or `stderr`.
    pub fn stream(&self, number: usize, name: &str) -> String {
        self.outputs(number)
            .iter()
            .filter(|output| output["name"] == name)
            .map(|output| joined(&output["text"]))
            .collect()
    }

    /// The name, the message and the traceback, without colours, of the error of cell `number`.
    pub fn error(&self, number: usize) -> (String, String, String) {
        let outputs = self.outputs(number);
        let error = outputs
            .iter()
            .find(|output| output["output_type"] == "error")
            .unwrap_or_else(|| panic!("cell {number} has no error: {outputs:?}"));
        let text = |key: &str| error[key].as_str().expect("a string").to_owned();
        let lines: Vec<&str> = error["traceback"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| line.as_str().expect("a string"))
            .collect();
        (
            text("ename"),
            text("evalue"),
            without_colours(&lines.join("\n")),
        )
    }
}

/// A string that a notebook may hold as a list of lines.
pub fn joined(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// The text without ANSI colours.
pub fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

/// Whether Python can `import module`; says so when not.
pub fn python_has(module: &str) -> bool {
    let has = Command::new("python3")
        .args(["-c", &format!("import {module}")])
        .output()
        .is_ok_and(|output| output.status.success());
    if !has {
        skipped(&format!(
            "Python has no module {module}: pip install {module}"
        ));
    }
    has
}

/// Says that a test does nothing here, to whoever runs the tests: what `eprintln!` says of a test that passes is not shown.
pub fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED, because {why}");
}

/// The processes below `id`, at any depth.
pub fn processes_below(id: &str) -> Vec<String> {
    let mut found = vec![id.to_owned()];
    let mut next = 0;
    while let Some(parent) = found.get(next).cloned() {
        next += 1;
        for entry in std::fs::read_dir("/proc").expect("Linux").flatten() {
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let its_parent = stat
                .rsplit_once(") ")
                .and_then(|(_, rest)| rest.split(' ').nth(1));
            if its_parent == Some(parent.as_str()) {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    found.split_off(1)
}

/// Waits until none of these processes lives.
///
/// # Panics
/// When one still does after ten seconds.
pub fn assert_ended(ids: &[String]) {
    let until = Instant::now() + Duration::from_secs(10);
    while let Some(id) = ids.iter().find(|id| is_alive(id)) {
        let what = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        assert!(Instant::now() < until, "process {id} still lives: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal.
///
/// # Panics
/// When there is no such process.
pub fn signal(name: &str, id: u32) {
    let kill = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(kill.expect("kill").success(), "kill {name} {id}");
}

/// A folder on a disk of its own, until it is dropped.
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts a small one with these options of tmpfs in `folder`; says so when that is not allowed.
    pub fn mount(folder: &Path, options: &str) -> Option<Disk> {
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(folder)
            .output();
        if !mount.is_ok_and(|output| output.status.success()) {
            skipped(
                "nothing can be mounted here: run the tests as root to see what a full or read-only disk does",
            );
            return None;
        }
        Some(Disk(folder.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Whether a process with this id exists and is no zombie.
pub fn is_alive(id: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).is_ok_and(|stat| {
        !stat
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
    })
}
