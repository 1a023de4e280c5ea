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
