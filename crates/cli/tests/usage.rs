//! What the binary says about itself. (That this test needs the binary is also why cargo builds it before it runs
//! the tests of the whole workspace.)

use std::process::Command;

fn gradus(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(args)
        .output()
        .expect("gradus starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn help_has_examples() {
    let (status, out, _) = gradus(&["--help"]);
    assert_eq!(status, Some(0));
    assert!(
        out.contains("gradus run notebooks") && out.contains("Exit status"),
        "{out}"
    );
}

#[test]
fn wrong_use_is_2() {
    for args in [
        &["run"][..],
        &["run", "x.ipynb", "--timeout", "0"],
        &["walk"],
        &[],
    ] {
        let (status, _, err) = gradus(args);
        assert_eq!(status, Some(2), "{args:?}");
        assert!(!err.is_empty());
    }
}

#[test]
fn data_list_names_every_set_and_where_the_missing_ones_belong() {
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(["data", "list"])
        .env("GRADUS_DATA", "/nowhere")
        .env("XDG_CACHE_HOME", "/nowhere-either")
        .output()
        .expect("gradus starts");
    let out = String::from_utf8(output.stdout).expect("text");
    for wanted in [
        "digits",
        "mnist",
        "fashion-mnist",
        "inside gradus",
        "/nowhere/mnist",
    ] {
        assert!(out.contains(wanted), "no {wanted} in\n{out}");
    }
}

#[test]
fn doctor_names_what_is_broken_and_how_to_mend_it() {
    let (status, out, _) = gradus(&["doctor"]);
    assert_eq!(
        status,
        Some(0),
        "this machine builds the project, so nothing is broken:\n{out}"
    );
    for wanted in ["compiler", "cargo", "linker", "cache", "kernel"] {
        assert!(out.contains(wanted), "no {wanted} in\n{out}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .arg("doctor")
        .env("PATH", "/nowhere")
        .output()
        .expect("gradus starts");
    let out = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(
        out.contains("BROKEN") && out.contains("https://rustup.rs"),
        "{out}"
    );
}

/// A limit on the size of files stands for a full disk: folders can be made, nothing can be written.
#[cfg(unix)]
#[test]
fn doctor_sees_that_nothing_can_be_written() {
    let cache = tempfile::tempdir().expect("a folder");
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" doctor"])
        .arg(env!("CARGO_BIN_EXE_gradus"))
        .env("GRADUS_CACHE", cache.path())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("gradus starts");
    let out = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{out}");
    let line = out.lines().find(|line| line.contains("cannot write to"));
    let line = line.unwrap_or_else(|| panic!("nothing about the cache in\n{out}"));
    assert!(
        line.starts_with("BROKEN") && line.contains("make room"),
        "{line}"
    );
}
