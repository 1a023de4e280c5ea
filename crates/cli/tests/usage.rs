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
fn shells_and_man_know_every_command() {
    let (_, help, _) = gradus(&["--help"]);
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        // Those further in go on with a description.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .collect();
    assert!(
        commands.contains(&"run") && commands.contains(&"notebook"),
        "{help}"
    );
    for shell in ["bash", "zsh", "fish"] {
        let (status, script, _) = gradus(&["completions", shell]);
        assert_eq!(status, Some(0));
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let pages = tempfile::tempdir().unwrap();
    let (status, _, err) = gradus(&["man", "--out", &pages.path().display().to_string()]);
    assert_eq!(status, Some(0), "{err}");
    for command in commands {
        let page = pages.path().join(format!("gradus-{command}.1"));
        let page = std::fs::read_to_string(&page).expect(command);
        assert!(page.contains(".TH"), "{command}");
    }
}

#[test]
fn doctor_ends_with_ready_or_the_next_thing_to_do() {
    let last = |out: &str| out.lines().last().unwrap_or_default().to_owned();
    let (status, out, _) = gradus(&["doctor"]);
    let said = last(&out);
    match status {
        Some(0) => assert!(said.contains("gradus notebook"), "{out}"),
        _ => assert!(
            said.starts_with("Next: ") || said.starts_with("Lo primero: "),
            "{out}"
        ),
    }
    // Without a compiler there is a first thing to do.
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .arg("doctor")
        .env("PATH", "")
        .env("HOME", "/nowhere")
        .env("GRADUS_LANG", "en")
        .output()
        .expect("gradus starts");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(last(&out).starts_with("Next: "), "{out}");
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

#[test]
fn doctor_and_data_are_read_by_scripts() {
    let json = |args: &[&str], path: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
            .args(args)
            .env("PATH", path)
            .env("GRADUS_DATA", "/nowhere")
            .env("XDG_CACHE_HOME", "/nowhere-either")
            .output()
            .expect("gradus starts");
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (output.status.code(), value)
    };
    let (status, said) = json(&["doctor", "--json"], "/nowhere");
    assert_eq!((status, &said["ready"]), (Some(1), &false.into()));
    let compiler = &said["findings"][0];
    assert_eq!(compiler["about"], "compiler");
    assert_eq!(compiler["state"], "broken");
    assert!(compiler["fix"].as_str().unwrap().contains("rustup"));
    let (status, sets) = json(&["data", "list", "--json"], "/nowhere");
    assert_eq!((status, &sets), (Some(0), &said["data"]));
    let mnist = sets.as_array().unwrap().iter();
    let mnist = mnist.clone().find(|set| set["name"] == "mnist").unwrap();
    assert!(mnist["found"].is_null());
    assert!(mnist["searched"].to_string().contains("/nowhere/mnist"));
}
