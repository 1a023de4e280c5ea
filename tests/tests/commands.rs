//! The lines of a cell that are for the kernel, and what else stands around the code of cells.

use std::process::Command;

use gradus_tests::client::{Cell, Kernel};
use gradus_tests::{Desk, assert_ended, joined, without_colours};

fn kernel() -> Kernel {
    Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    })
}

fn said(cell: &Cell) -> String {
    let lines = cell.reply["traceback"].as_array();
    let lines = lines.into_iter().flatten().filter_map(|line| line.as_str());
    without_colours(&lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn commands_stand_among_comments_and_a_refused_one_takes_nothing_along() {
    let mut kernel = kernel();
    let cell = kernel.run(
        "// faster\n:opt 2 // for this cell\n/* a */ fn f() -> i32 { 1 }\nlet t = \"\n:vars\n\";",
    );
    assert!(cell.is_ok(), "{}", said(&cell));
    assert_eq!(kernel.run("f() + t.len() as i32").value(), Some("8"));
    let cell = kernel.run(":nonsense 1\n%matplotlib inline\nlet x = f() + 1;");
    let text = said(&cell);
    assert!(
        text.contains(":nonsense") && text.contains("magic"),
        "{text}"
    );
    assert_eq!(
        kernel.run("x").value(),
        Some("2"),
        "the rest of the cell was run"
    );
    for (command, answer) in [
        (":type x + 1", "i32"),
        (":vars", "i32"),
        (":version", "rustc"),
        (":explain E0382", "moved"),
        (":deps", "library"),
        (":help", ":sccache"),
    ] {
        let cell = kernel.run(command);
        let value = cell.value().unwrap_or_default();
        assert!(value.contains(answer), "{command}: {value} {}", said(&cell));
    }
    assert_eq!(
        kernel.run(":fmt {:#?}\nvec![1]").value(),
        Some("[\n    1,\n]")
    );
    assert_eq!(kernel.run(":fmt\n:types\n1.5").value(), Some(": f64 = 1.5"));
    assert_eq!(kernel.run(":types\nx").value(), Some("2"));
    assert!(kernel.run(":env GRADUS_TEST=a b").is_ok());
    assert!(kernel.run(":restart").is_ok());
    assert_eq!(
        kernel.run("(std::env::var(\"GRADUS_TEST\"), f())").value(),
        Some("(Ok(\"a b\"), 1)")
    );
    assert!(
        said(&kernel.run("x")).contains("E0425"),
        "variables go with the process"
    );
}

#[test]
fn a_session_starts_with_the_files_of_evcxr() {
    let settings = tempfile::tempdir().unwrap();
    std::fs::write(settings.path().join("init.evcxr"), ":types\n:nonsense\n").unwrap();
    std::fs::write(
        settings.path().join("prelude.rs"),
        "fn seven() -> i32 { 7 }\nlet eight = 8;",
    )
    .unwrap();
    let mut kernel = Kernel::start_with(|command| {
        command
            .envs([("GRADUS_LANG", "en")])
            .env("EVCXR_CONFIG_DIR", settings.path());
    });
    let cell = kernel.run("seven()");
    assert_eq!(cell.value(), Some(": i32 = 7"), "{}", said(&cell));
    assert!(
        cell.stream("stderr").contains(":nonsense"),
        "{:?}",
        cell.outputs
    );
    assert_eq!(kernel.run("eight + 1").value(), Some(": i32 = 9"));
    assert_eq!(
        kernel.run(":load_config\nseven()").value(),
        Some("7"),
        "the types are off again"
    );
}

#[test]
fn the_shell_is_heard_and_its_failure_is_one() {
    let mut kernel = kernel();
    let cell = kernel.run("!echo one; echo two >&2");
    assert_eq!(
        (
            cell.stream("stdout").as_str(),
            cell.stream("stderr").as_str()
        ),
        ("one\n", "two\n")
    );
    let cell = kernel.run("!exit 3\nlet y = 1;");
    assert!(said(&cell).contains("exit status: 3"), "{}", said(&cell));
    let cell = kernel.run("let done = y == 1;\n!done");
    assert_eq!(cell.value(), Some("false"), "{}", said(&cell));
    assert_eq!(
        kernel.run("!done").value(),
        Some("false"),
        "a variable is none of the shell's"
    );
}

#[test]
fn a_cell_waits_for_futures() {
    let mut kernel = kernel();
    assert!(kernel.run("async fn three() -> i32 { 3 }").is_ok());
    let cell = kernel.run("let n: i32 = { three().await; \"4\".parse()? };\nn + three().await");
    assert_eq!(cell.value(), Some("7"), "{}", said(&cell));
    // One that never comes ends with an interrupt, and the variables stay.
    let id = kernel.send_cell("println!(\"go\");\nstd::future::pending::<()>().await;");
    let cell = kernel.finish(&id, |control, kind, _| {
        if kind == "stream" {
            let wish: jupyter_protocol::JupyterMessage =
                jupyter_protocol::InterruptRequest {}.into();
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime
                .block_on(control.send(wish.with_session("tests")))
                .unwrap();
        }
    });
    assert_eq!(cell.error().0, "KeyboardInterrupt");
    assert!(
        cell.error().1.contains("Variables are kept"),
        "{:?}",
        cell.error()
    );
    assert_eq!(kernel.run("n").value(), Some("4"));
}

#[test]
fn signs_from_elsewhere_are_mended_or_named() {
    let mut kernel = kernel();
    let cell = kernel.run("\u{feff}let a\u{a0}= \"x\u{a0}\r\ny\";\r\na.chars().count()");
    assert_eq!(cell.value(), Some("4"), "{}", said(&cell));
    let text = said(&kernel.run("let ok = 1;\nprintln!(“hola”);"));
    assert!(text.contains("line 2") && !text.contains("E0"), "{text}");
}

#[test]
fn habits_of_python_and_names_that_are_missing_have_one_answer() {
    let mut kernel = kernel();
    for (code, answer) in [
        ("z = 5;", "let z = 5;"),
        ("len(\"a\")", "v.len()"),
        ("import numpy as np", ":dep name"),
        ("let a = True;", "`true`"),
        ("2 ** 3", "powi"),
        ("use gradus::prelude::*;", ":dep gradus"),
    ] {
        let text = said(&kernel.run(code));
        assert!(text.contains(answer), "{code}: {text}");
    }
    let text = said(&kernel.run("let q = foo + foo;\nlet r = foo * foo;"));
    assert_eq!(
        (text.matches("hint:").count(), text.matches("^^^").count()),
        (1, 4),
        "{text}"
    );
    let text = said(&kernel.run("let q = 5\nprintln!(\"{q}\")"));
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    assert!(kernel.run("fn pick(v: &[i32]) -> i32 { v[9] }").is_ok());
    let text = said(&kernel.run("let v = [1];\npick(&v)"));
    assert!(
        text.contains("fn pick") && text.contains("2 | pick(&v)"),
        "both lines: {text}"
    );
}

#[test]
fn a_question_shows_its_prompt_once() {
    let mut kernel = kernel();
    let code = "print!(\"name? \");\nlet mut s = String::new();\nstd::io::stdin().read_line(&mut s)?;\nprint!(\"hello \");";
    let mut prompts = Vec::new();
    let cell = kernel.run_answering(code, |prompt| {
        prompts.push(prompt.to_owned());
        Some("Ada".to_owned())
    });
    assert_eq!(prompts, ["name? "]);
    assert_eq!(cell.stream("stdout"), "hello ");
}

#[test]
fn what_goes_to_two_streams_stays_in_order() {
    let mut kernel = kernel();
    let cell = kernel
        .run("println!(\"1\");\ndbg!(2);\nprintln!(\"3\");\neprintln!(\"4\");\nprintln!(\"5\");");
    let streams = cell.of_kind("stream");
    let texts: Vec<&str> = streams
        .filter_map(|content| content["text"].as_str())
        .collect();
    assert_eq!(
        texts,
        ["1\n", "[cell 1, line 2] 2 = 2\n", "3\n", "4\n", "5\n"]
    );
    let desk = Desk::default();
    let code = "std::thread::spawn(|| for i in 0..200 { println!(\"o{i}\"); eprintln!(\"e{i}\"); }).join().unwrap();";
    desk.notebook("two.ipynb", &[code]);
    assert!(desk.run(&["two.ipynb"]).status.success());
    let outputs = desk.executed("two.ipynb").outputs(1);
    let text: String = outputs
        .iter()
        .map(|output| joined(&output["text"]))
        .collect();
    let expected: String = (0..200).map(|i| format!("o{i}\ne{i}\n")).collect();
    assert_eq!(text, expected);
}

#[test]
fn forms_that_are_json_arrive_so() {
    let mut kernel = kernel();
    let cell = kernel.run("println!(\"EVCXR_BEGIN_CONTENT application/vnd.a+json\\n{{\\\"x\\\": [1]}}\\nEVCXR_END_CONTENT\");");
    let forms = cell
        .outputs
        .iter()
        .map(|(_, content, _)| &content["data"]["application/vnd.a+json"]["x"][0]);
    assert!(forms.clone().any(|form| *form == 1), "{:?}", cell.outputs);
    assert!(
        kernel
            .run("std::env::var(\"EVCXR_IS_RUNTIME\")")
            .value()
            .unwrap_or_default()
            .starts_with("Ok")
    );
}

#[test]
fn the_kernel_ends_with_the_front_end_that_started_it() {
    let mut parent = Command::new("sleep").arg("600").spawn().unwrap();
    let mut kernel = Kernel::start_with(|command| {
        command.env("JPY_PARENT_PID", parent.id().to_string());
    });
    assert_eq!(
        kernel
            .run("std::process::Command::new(\"sleep\").arg(\"600\").spawn()?; 1")
            .value(),
        Some("1")
    );
    let id = kernel.id().to_string();
    let mut all = gradus_tests::processes_below(&id);
    all.push(id);
    assert!(
        all.len() > 3,
        "the kernel, the guardian, the cells, and what they started: {all:?}"
    );
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_ended(&all);
}

#[test]
fn a_file_written_elsewhere_is_run_and_keeps_what_it_had() {
    let desk = Desk::default();
    let text = "\u{feff}{\"nbformat\": 4, \"nbformat_minor\": 2, \"metadata\": {\"kernelspec\": {\"name\": \"rust\"}}, \"cells\": [\
        {\"cell_type\": \"code\", \"id\": null, \"source\": [\"1 +\\r\\n\", \"1\"], \"metadata\": {\"scrolled\": \"auto\"}},\
        {\"cell_type\": \"code\", \"id\": null, \"source\": \"2\"}]}";
    desk.file("odd.ipynb", text);
    let output = desk.run(&["odd.ipynb"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let written = std::fs::read_to_string(desk.path().join("out/odd.ipynb")).unwrap();
    let written: serde_json::Value = serde_json::from_str(&written).unwrap();
    let cells = &written["cells"];
    assert_eq!(joined(&cells[0]["outputs"][0]["data"]["text/plain"]), "2");
    assert_eq!(cells[0]["metadata"]["scrolled"], "auto");
    assert_ne!(cells[0]["id"], cells[1]["id"]);
}
