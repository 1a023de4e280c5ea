//! The labs as instructors meet them: through the binary. What students do is tested with `crates/labs`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the workspace").to_owned()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("GRADUS_LANG", "es")
        .env("CARGO_TARGET_DIR", target())
        .stdin(Stdio::null());
    command
}

fn gradus(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("gradus runs")
}

fn text(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    both.concat()
}

/// The build folder that these tests were built in.
fn target() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_gradus"));
    binary
        .ancestors()
        .nth(2)
        .expect("the build folder")
        .to_owned()
}

/// A fresh release in Spanish.
fn release() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("alumno");
    let made = gradus(
        &repository(),
        &[
            "release",
            "--lang",
            "es",
            "--out",
            &out.display().to_string(),
        ],
    );
    assert!(made.status.success(), "{}", text(&made));
    (folder, out)
}

#[test]
fn the_reference_is_for_the_instructor() {
    let shown = text(&gradus(&repository(), &["solution", "lab1.5"]));
    assert!(shown.contains("rng.shuffle(&mut order);"), "{shown}");
    let (_folder, out) = release();
    let refused = gradus(&out, &["solution", "lab1.5"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused).contains("student's workspace"),
        "{}",
        text(&refused)
    );
    let again = gradus(
        &repository(),
        &["release", "--out", &out.display().to_string()],
    );
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again).contains("--update"), "{}", text(&again));
}

#[test]
fn the_labs_pass_their_own_lint() {
    let lint = command(&repository(), &["labs", "lint"])
        .output()
        .expect("gradus runs");
    assert!(lint.status.success(), "{}", text(&lint));
}
