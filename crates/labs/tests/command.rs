//! The light command, as a student types it.

use std::process::{Command, Output};

fn labs(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus-labs"));
    // In the course.
    command.args(args).env("GRADUS_LANG", "en");
    command.output().expect("it starts")
}

#[test]
fn it_knows_the_labs_and_their_exercises() {
    for (args, wanted) in [
        (&["check", "lab7"][..], "lab1, lab2"),
        (&["hint", "lab1.99"], "lab1.99"),
    ] {
        let output = labs(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(wanted), "{args:?}: {said}");
    }
}

#[test]
fn the_alias_of_the_repository_starts_it() {
    let alias = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.cargo/config.toml");
    let text = std::fs::read_to_string(alias).expect("the alias");
    assert!(text.contains("--package gradus-labs"), "{text}");
}
