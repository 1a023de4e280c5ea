//! `gradus run`: notebooks without Jupyter.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use gradus_tests::{Desk, is_alive, joined, python_has};
use serde_json::json;

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_good_notebook_gets_its_outputs() {
    let desk = Desk::default();
    desk.notebook(
        "good.ipynb",
        &[
            "let x = 20 + 1;",
            "x * 2",
            "println!(\"ñ\");\neprintln!(\"to stderr\");\nprint!(\"no line end\");",
            "for i in 0..3 { print!(\"\\rstep {i}\"); }",
            // Two things to show in one cell, and text around them, in order.
            "println!(\"a\");\nprint!(\"EVCXR_BEGIN_CONTENT text/html\\n<i>1</i>\\nEVCXR_END_CONTENT\\n\");\n\
             print!(\"EVCXR_BEGIN_CONTENT text/html\\n<i>2</i>\\nEVCXR_END_CONTENT\\n\");\nprintln!(\"b\");",
        ],
    );
    let output = desk.run(&["good.ipynb"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "", "nothing to complain about");
    let said = stdout(&output);
    for wanted in ["cell 5/5 ok", "good.ipynb", "failed"] {
        assert!(said.contains(wanted), "no {wanted:?} in\n{said}");
    }

    let executed = desk.executed("good.ipynb");
    assert_eq!(executed.outputs(1).len(), 0, "a `let` shows nothing");
    let value = &executed.outputs(2)[0];
    assert_eq!(value["output_type"], "execute_result");
    assert_eq!(value["execution_count"], 2);
    assert_eq!(joined(&value["data"]["text/plain"]), "42");
    assert_eq!(executed.stream(3, "stdout"), "ñ\nno line end");
    assert_eq!(executed.stream(3, "stderr"), "to stderr\n");
    assert_eq!(
        executed.stream(4, "stdout"),
        "step 2",
        "as a terminal shows it"
    );
    let kinds: Vec<String> = executed
        .outputs(5)
        .iter()
        .map(|output| match output["output_type"].as_str() {
            Some("stream") => joined(&output["text"]),
            Some("display_data") => joined(&output["data"]["text/html"]),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["a\n", "<i>1</i>", "<i>2</i>", "b\n"]);

    let left: Vec<_> = std::fs::read_dir(desk.path().join("out"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "no temporary file stays: {left:?}");
    if python_has("nbformat") {
        let check = std::process::Command::new("python3")
            .args([
                "-c",
                "import sys, nbformat; nbformat.validate(nbformat.read(sys.argv[1], 4))",
            ])
            .arg(&executed.path)
            .output()
            .unwrap();
        assert!(check.status.success(), "{}", stderr(&check));
    }
}

#[test]
fn as_many_notebooks_run_at_the_same_time_as_are_asked_for() {
    let desk = Desk::default();
    // Each waits for the other.
    for (name, own, other) in [("one.ipynb", "a", "b"), ("two.ipynb", "b", "a")] {
        let path = |name: &str| desk.path().join(name).display().to_string();
        let (own, other) = (path(own), path(other));
        let code = format!(
            "std::fs::write({own:?}, \"\")?;\nlet begin = std::time::Instant::now();\n\
             while !std::path::Path::new({other:?}).exists() {{\n    \
             assert!(begin.elapsed().as_secs() < 30, \"alone\");\n    \
             std::thread::sleep(std::time::Duration::from_millis(10));\n}}"
        );
        desk.notebook(name, &[&code]);
    }
    let output = desk.run(&["one.ipynb", "two.ipynb", "--jobs=2"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn every_kind_of_failure_is_one_and_says_where() {
    let desk = Desk::default();
    desk.notebook(
        "bad.ipynb",
        &[
            "fn pick(v: &[i32], i: usize) -> i32 {\n    v[i]\n}\nlet kept = 7;",
            "println!(\"before\");\nlet v = vec![1, 2];\npick(&v, 9)",
            "assert_eq!(kept, 8, \"not yet\");",
            "let n: i32 = \"seven\".parse()?;",
            "let text = String::from(\"a\");\nlet moved = text;\nprintln!(\"{text}\");",
            "no_such_function(1)",
            ":no_such_command",
            "std::panic::catch_unwind(|| panic!(\"caught\")).is_err()",
            "kept",
        ],
    );
    let output = desk
        .run_command(&["bad.ipynb", "--keep-going"])
        .env("GRADUS_LANG", "en")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let executed = desk.executed("bad.ipynb");

    let (name, message, trace) = executed.error(2);
    assert_eq!(
        (name.as_str(), message.as_str()),
        (
            "Panic",
            "index out of bounds: the len is 2 but the index is 9"
        )
    );
    assert!(
        trace.contains("cell 1, line 2\n2 |     v[i]"),
        "the line that panicked:\n{trace}"
    );
    assert_eq!(executed.stream(2, "stdout"), "before\n");

    let (name, message, trace) = executed.error(3);
    assert_eq!(name, "Panic");
    assert!(
        message.contains("not yet") && message.contains("left: 7"),
        "{message}"
    );
    assert!(trace.contains("cell 3, line 1"), "{trace}");

    let (name, message, _) = executed.error(4);
    assert_eq!(
        (name.as_str(), message.as_str()),
        ("Error", "invalid digit found in string")
    );

    let (name, message, trace) = executed.error(5);
    assert_eq!(name, "CompileError");
    assert!(message.contains("[E0382]"), "{message}");
    assert!(trace.contains("cell 5, line 3\n"), "{trace}");
    assert!(
        trace.contains(
            "3 | println!(\"{text}\");\n  |            ^^^^ value borrowed here after move"
        ),
        "{trace}"
    );

    assert!(
        trace.contains("hint: The value had already been given away"),
        "{trace}"
    );

    let (name, message, trace) = executed.error(6);
    assert_eq!(name, "CompileError");
    assert!(message.contains("[E0425]"), "{message}");
    assert!(
        trace.contains("hint: This name does not exist here"),
        "{trace}"
    );
    let (_, message, _) = executed.error(7);
    assert!(message.contains(":no_such_command"), "{message}");

    assert_eq!(
        joined(&executed.outputs(8).last().unwrap()["data"]["text/plain"]),
        "true",
        "a caught panic is no failure"
    );
    assert_eq!(
        joined(&executed.outputs(9)[0]["data"]["text/plain"]),
        "7",
        "variables survive all that"
    );
    for number in 2..=7 {
        let (_, message, trace) = executed.error(number);
        for internal in ["evcxr", "run_user_code", "ctx", "src/lib.rs"] {
            assert!(
                !format!("{message}{trace}").contains(internal),
                "{internal} in\n{message}\n{trace}"
            );
        }
    }
    assert!(
        stdout(&output).contains('6'),
        "the table counts six:\n{}",
        stdout(&output)
    );
}

#[test]
fn a_failure_ends_its_notebook_but_not_the_next_one() {
    let desk = Desk::default();
    std::fs::create_dir(desk.path().join("some")).unwrap();
    std::fs::create_dir(desk.path().join("some/.ipynb_checkpoints")).unwrap();
    desk.notebook("some/1.ipynb", &["nada(1)", "1"]);
    desk.notebook("some/2.ipynb", &["2"]);
    desk.notebook("some/.ipynb_checkpoints/1-checkpoint.ipynb", &["0"]);
    let output = desk
        .run_command(&["some"])
        .env("GRADUS_LANG", "es_ES.UTF-8")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let first = desk.executed("1.ipynb");
    assert!(
        first
            .error(1)
            .2
            .contains("pista: Ese nombre no existe aquí"),
        "{}",
        first.error(1).2
    );
    assert_eq!(first.execution_count(2), None, "not run");
    assert_eq!(
        joined(&desk.executed("2.ipynb").outputs(1)[0]["data"]["text/plain"]),
        "2"
    );
    assert!(!desk.path().join("out/.ipynb_checkpoints").exists());
    assert!(stdout(&output).contains("1 of 2"), "{}", stdout(&output));
}

#[test]
fn a_cell_that_never_ends_is_ended_and_the_session_goes_on() {
    let desk = Desk::default();
    desk.notebook(
        "loop.ipynb",
        &[
            "println!(\"{}\", std::process::id());\nloop {}",
            "1 + 1",
            "std::process::exit(3)",
            "std::process::abort()",
            "fn f() -> i32 { 5 }\nf()",
        ],
    );
    let output = desk.run(&["loop.ipynb", "--timeout", "15", "--keep-going"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let executed = desk.executed("loop.ipynb");
    assert_eq!(executed.error(1).0, "Timeout");
    assert!(
        !is_alive(&executed.stream(1, "stdout")),
        "its process is still there"
    );
    assert_eq!(joined(&executed.outputs(2)[0]["data"]["text/plain"]), "2");
    let (name, message, _) = executed.error(3);
    assert_eq!(name, "ProcessDied");
    assert!(message.contains("exit status: 3"), "{message}");
    assert!(
        executed.error(4).1.contains("SIGABRT"),
        "{}",
        executed.error(4).1
    );
    assert_eq!(joined(&executed.outputs(5)[0]["data"]["text/plain"]), "5");
}

/// Starts a run whose cell writes the id of its process to a file and then never ends; gives both ids.
fn start_endless(desk: &Desk) -> (std::process::Child, String) {
    let file = desk.path().join("id");
    let write = format!(
        "std::fs::write({:?}, std::process::id().to_string())?;\nloop {{}}",
        file.display()
    );
    desk.notebook("endless.ipynb", &["println!(\"done\");", &write]);
    let run = desk
        .run_command(&["endless.ipynb"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gradus starts");
    (run, content_of(&file))
}

/// Waits for a file to be written.
fn content_of(file: &Path) -> String {
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        match std::fs::read_to_string(file) {
            Ok(content) if !content.is_empty() => return content,
            _ => assert!(Instant::now() < until, "the cell did not start"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn wait_until_gone(id: &str) {
    let until = Instant::now() + Duration::from_secs(10);
    while is_alive(id) {
        assert!(
            Instant::now() < until,
            "process {id} of the cells is still alive"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(name: &str, id: u32) {
    let status = std::process::Command::new("kill")
        .args([name, &id.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_keeps_what_was_executed() {
    let desk = Desk::default();
    let (run, cells) = start_endless(&desk);
    signal("-INT", run.id());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    let executed = desk.executed("endless.ipynb");
    assert_eq!(executed.stream(1, "stdout"), "done\n");
    assert_eq!(executed.error(2).0, "KeyboardInterrupt");
    wait_until_gone(&cells);
}

#[test]
fn the_cells_do_not_outlive_gradus() {
    let desk = Desk::default();
    let (mut run, cells) = start_endless(&desk);
    signal("-KILL", run.id());
    run.wait().unwrap();
    wait_until_gone(&cells);
}

#[test]
fn what_cannot_be_run_is_said_in_one_line_and_nothing_is_written() {
    let desk = Desk::default();
    desk.notebook("good.ipynb", &["1"]);
    desk.file("broken.ipynb", "{\"cells\": [");
    desk.file("other.ipynb", "{\"some\": \"json\"}");
    desk.file(
        "python.ipynb",
        r#"{"cells": [], "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5}"#,
    );
    std::fs::create_dir(desk.path().join("empty")).unwrap();
    std::fs::write(desk.path().join("latin1.ipynb"), b"{\"a\": \"\xf1\"}").unwrap();
    for (path, wanted) in [
        ("broken.ipynb", "not JSON"),
        ("other.ipynb", "not a notebook"),
        ("python.ipynb", "not a Rust notebook"),
        ("latin1.ipynb", "cannot read"),
        ("absent.ipynb", "No such file"),
        ("empty", "no notebooks"),
    ] {
        let output = desk.run(&["good.ipynb", path]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        let said = stderr(&output);
        assert_eq!(said.lines().count(), 1, "{path}: {said}");
        assert!(
            said.contains(path) && said.contains(wanted),
            "{path}: {said}"
        );
    }
    assert!(!desk.path().join("out").exists());
    let over = desk
        .run_command(&["good.ipynb", "--out", "."])
        .output()
        .unwrap();
    assert_eq!(
        over.status.code(),
        Some(2),
        "given twice: {}",
        stderr(&over)
    );
}

#[test]
fn the_library_works_in_a_notebook() {
    let desk = Desk::default();
    let library = gradus_tests::root().join("crates/core");
    let dep = format!(
        ":dep gradus = {{ path = {:?} }}\nuse gradus::prelude::*;",
        library.display().to_string()
    );
    desk.notebook("library.ipynb", &[&dep, "Dataset::digits()"]);
    let output = desk.run(&["library.ipynb"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    let executed = desk.executed("library.ipynb");
    let outputs = executed.outputs(2);
    assert_eq!(outputs.len(), 1, "{outputs:?}");
    assert_eq!(outputs[0]["output_type"], "execute_result");
    assert!(joined(&outputs[0]["data"]["image/svg+xml"]).contains("<svg"));
    assert!(
        joined(&outputs[0]["data"]["text/plain"]).contains("1797"),
        "{:?}",
        outputs[0]["data"]["text/plain"]
    );
}

#[test]
fn check_compares_with_the_committed_outputs_and_in_place_writes_them() {
    let desk = Desk::default();
    let path = desk.notebook(
        "lesson.ipynb",
        &[
            "println!(\"loss 0.4231 after 12 s\");\n1.5_f64",
            "assert!(1 + 1 == 2);",
        ],
    );
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(gradus_tests::gradus());
        command.current_dir(desk.path()).arg("run").args(args);
        let output = command.output().expect("gradus starts");
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    let (status, said) = run(&["--check", "lesson.ipynb", "--out", "out"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("no cell has committed outputs"), "{said}");

    let (status, said) = run(&["--in-place", "lesson.ipynb"]);
    assert_eq!(status, Some(0), "{said}");
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed.contains("loss 0.4231"), "{committed}");
    let change = |from: &str, to: &str| {
        assert!(committed.contains(from), "{from} in {committed}");
        std::fs::write(&path, committed.replace(from, to)).unwrap();
        run(&["--check", "lesson.ipynb", "--out", "out"])
    };
    let (status, said) = change("after 12 s\\n\"", "after 3.5 s\\n\"");
    assert_eq!(status, Some(0), "{said}");
    for (from, to) in [
        ("loss 0.4231 after 12 s\\n\"", "loss 0.4232 after 12 s\\n\""),
        ("\"1.5\"", "\"high\""),
        ("\"text/plain\"", "\"text/html\""),
    ] {
        let (status, said) = change(from, to);
        assert_eq!(status, Some(1), "{to}: {said}");
        assert!(said.contains("lesson.ipynb cell 1: committed"), "{said}");
    }

    // A cell may declare that it depends on the platform, or that it says something else every time.
    for (tag, loss, expected) in [
        ("gradus-platform", "loss 0.4233", 0),
        ("gradus-platform", "loss 0.4131", 1),
        ("nbval-ignore-output", "loss 0.9", 0),
    ] {
        let metadata = format!("\"metadata\": {{\"tags\": [\"{tag}\"]}}");
        let tagged = committed.replace("\"metadata\": {}", &metadata);
        assert_ne!(tagged, committed);
        std::fs::write(
            &path,
            tagged.replace(
                "loss 0.4231 after 12 s\\n\"",
                &format!("{loss} after 12 s\\n\""),
            ),
        )
        .unwrap();
        let (status, said) = run(&["--check", "lesson.ipynb", "--out", "out"]);
        assert_eq!(status, Some(expected), "{tag} {loss}: {said}");
    }

    // A notebook in which a cell fails keeps what it had.
    let failing = desk.notebook("failing.ipynb", &["panic!(\"no\")"]);
    let before = std::fs::read_to_string(&failing).unwrap();
    let (status, said) = run(&["--in-place", "failing.ipynb"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("left as it was"), "{said}");
    assert_eq!(std::fs::read_to_string(&failing).unwrap(), before);
    assert_eq!(run(&["--in-place", "--check", "lesson.ipynb"]).0, Some(2));
}

#[test]
fn what_a_notebook_says_must_hold_is_run_with_check_and_in_place_only() {
    let desk = Desk::default();
    let path = desk.notebook(
        "claims.ipynb",
        &[
            "let mean = 2.0;",
            // The value takes what the claim is about, and a loop is no value.
            "let names = vec![1, 2];\nnames.into_iter().sum::<i32>()",
            "let mut turns = 0;\nfor _ in 0..3 {\n    turns += 1;\n}",
        ],
    );
    let text = std::fs::read_to_string(&path).unwrap();
    let claiming = |claims: [&str; 3]| {
        let mut notebook: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (cell, claim) in claims.iter().enumerate() {
            notebook["cells"][cell]["metadata"] = json!({"gradus": {"check": [claim]}});
        }
        std::fs::write(&path, notebook.to_string()).unwrap();
    };
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(gradus_tests::gradus());
        command.current_dir(desk.path()).arg("run").args(args);
        let output = command.output().expect("gradus starts");
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    let holds = [
        "assert!(mean > 1.0);",
        "assert_eq!(names.len(), 2);",
        "assert_eq!(turns, 3);",
    ];
    claiming(holds);
    let (status, said) = run(&["--in-place", "claims.ipynb"]);
    assert_eq!(status, Some(0), "{said}");
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept.contains("assert_eq!(names.len(), 2);"),
        "it stays: {kept}"
    );
    for wrong in 0..3 {
        let mut claims = holds;
        claims[wrong] = "assert!(1 > 2, \"it does not hold\");";
        claiming(claims);
        let (status, said) = run(&["--in-place", "claims.ipynb"]);
        assert_eq!(status, Some(1), "{wrong}: {said}");
        assert!(said.contains("it does not hold"), "{wrong}: {said}");
        let (status, said) = run(&["claims.ipynb", "--out", "out"]);
        assert_eq!(status, Some(0), "a reader's run: {said}");
    }
}
