//! Live controls: what a front end sees of a cell that calls `interact`, whose report is printed here as the library prints it.

use std::time::{Duration, Instant};

use gradus_tests::client::Kernel;
use serde_json::{Value, json};

/// A cell with a slider at 0.1, from 0.01 to 1, and what it does with `v`, the slider's value.
fn cell(before: &str, with: &str) -> String {
    let report = r#"{"controls":[{"slider":{"name":"η","min":0.01,"max":1.0,"step":0.01,"value":0.1,"is_log":false,"is_whole":false}}]}"#;
    let line = format!("\u{1e}gradus {report}");
    format!(
        "{before}\nprintln!(\"{{}}\", {line:?});\n\
         let set = std::env::var(\"GRADUS_CONTROLS\").unwrap_or_default();\n\
         let v: f64 = set.trim_matches(['[', ']']).parse().unwrap_or(0.1);\n{with}"
    )
}

/// The comms that were opened, by the names of their models.
fn opened(outputs: &[(String, Value, Duration)]) -> Vec<(String, String)> {
    let comms = outputs.iter().filter(|(kind, _, _)| kind == "comm_open");
    let name = |content: &Value, key: &str| content[key].as_str().unwrap_or_default().to_owned();
    comms
        .map(|(_, content, _)| {
            (
                name(&content["data"]["state"], "_model_name"),
                name(content, "comm_id"),
            )
        })
        .collect()
}

fn slider(outputs: &[(String, Value, Duration)]) -> String {
    let mut comms = opened(outputs).into_iter();
    comms
        .find(|(name, _)| name == "FloatSliderModel")
        .unwrap()
        .1
}

/// Moves a slider.
fn slide(kernel: &mut Kernel, comm: &str, value: f64) {
    let data = json!({"method": "update", "state": {"value": value}, "buffer_paths": []});
    kernel.send("comm_msg", json!({"comm_id": comm, "data": data}));
}

/// What is shown in the place of the result, once that is so.
fn until_shown(kernel: &mut Kernel, is_it: impl Fn(&str) -> bool) -> Vec<String> {
    let until = Instant::now() + Duration::from_secs(60);
    let mut shown = Vec::new();
    while Instant::now() < until {
        let Some((kind, content)) = kernel.next_published(Duration::from_millis(200)) else {
            continue;
        };
        assert!(
            !["stream", "display_data", "execute_result", "error"].contains(&kind.as_str()),
            "besides its place: {kind} {content}"
        );
        if kind == "update_display_data" {
            let text = content["data"]["text/plain"].as_str().unwrap().to_owned();
            shown.push(text.clone());
            if is_it(&text) {
                return shown;
            }
        }
    }
    panic!("not shown: {shown:?}");
}

#[test]
fn a_change_runs_the_cell_again_and_its_outputs_take_the_place_of_the_former() {
    let mut kernel = Kernel::start();
    assert!(
        kernel
            .run("let mut runs = 0; let kept = vec![1, 2];")
            .is_ok()
    );
    let code = cell(
        "println!(\"before\"); runs += 1;",
        "println!(\"{kept:?}\");\nformat!(\"{v} in run {runs}\")",
    );
    let first = kernel.run_cell("a", &code, &[]);
    assert!(first.is_ok(), "{:?}", first.reply);
    assert_eq!(first.stream("stdout"), "before\n");
    let names: Vec<String> = opened(&first.outputs)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "LayoutModel",
            "SliderStyleModel",
            "FloatSliderModel",
            "VBoxModel"
        ]
    );
    let shown: Vec<&Value> = first.of_kind("display_data").collect();
    assert_eq!(shown.len(), 2, "the controls and the result: {shown:?}");
    let fallback = shown[0]["data"]["text/plain"].as_str().unwrap();
    assert!(
        fallback.contains("pip install jupyterlab_widgets"),
        "{fallback}"
    );
    assert_eq!(shown[1]["data"]["text/plain"], "[1, 2]\n\"0.1 in run 1\"");
    assert!(shown[1]["transient"]["display_id"].is_string());

    let comm = slider(&first.outputs);
    slide(&mut kernel, &comm, 0.5);
    let shown = until_shown(&mut kernel, |text| text.contains("0.5 in run 2"));
    assert_eq!(shown.len(), 1, "{shown:?}");
    slide(&mut kernel, &comm, 7.0);
    until_shown(&mut kernel, |text| text.contains("1 in run 3"));
    assert_eq!(
        kernel.run("runs").value(),
        Some("3"),
        "the variables are those of the session"
    );

    // What a front end asks that has just come.
    let comms = kernel.ask(
        "comm_info_request",
        json!({"target_name": "jupyter.widget"}),
    );
    assert_eq!(comms["comms"].as_object().unwrap().len(), 4);
    let none = kernel.ask("comm_info_request", json!({"target_name": "other"}));
    assert_eq!(none["comms"], json!({}));
    kernel.send(
        "comm_msg",
        json!({"comm_id": comm, "data": {"method": "request_state"}}),
    );
    let state = loop {
        let (kind, content) = kernel
            .next_published(Duration::from_secs(10))
            .expect("a state");
        if kind == "comm_msg" {
            break content;
        }
    };
    assert_eq!(state["data"]["state"]["value"], 1.0);

    // The cell again: the old controls go.
    let again = kernel.run_cell("a", &code, &[]);
    let closed: Vec<&Value> = again.of_kind("comm_close").collect();
    assert_eq!(closed.len(), 4);
    let comms = kernel.ask("comm_info_request", json!({}));
    assert_eq!(comms["comms"].as_object().unwrap().len(), 4);
    slide(&mut kernel, &comm, 0.2);
    assert_eq!(
        kernel.run("runs").value(),
        Some("4"),
        "the old slider does nothing"
    );
    // Its cell is deleted.
    let other = kernel.run_cell("b", "1", &["a"]);
    assert_eq!(other.of_kind("comm_close").count(), 4);
    assert_eq!(
        kernel.ask("comm_info_request", json!({}))["comms"],
        json!({})
    );
}

#[test]
fn a_run_that_fails_or_does_not_end_says_so_in_place_and_the_next_one_goes_on() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("let mut list = vec![0.0];").is_ok());
    let began = kernel.folder().join("began");
    let code = cell(
        "",
        &format!(
            "list.push(v);\nassert!(v != 0.2, \"on purpose\");\nif v == 0.3 {{ std::fs::write({began:?}, \"\")?; }}\n\
             while v == 0.3 {{ std::thread::sleep(std::time::Duration::from_millis(5)); }}\nlist.len()"
        ),
    );
    // However busy the machine is, a run is overtaken or interrupted once it has begun.
    let until_it_runs = || {
        let until = Instant::now() + Duration::from_secs(60);
        while std::fs::remove_file(&began).is_err() {
            assert!(Instant::now() < until, "it does not run");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let first = kernel.run(&code);
    let comm = slider(&first.outputs);
    slide(&mut kernel, &comm, 0.2);
    let failed = until_shown(&mut kernel, |text| text.contains("on purpose"));
    assert!(failed[0].contains("cell 2, line "), "{failed:?}");
    slide(&mut kernel, &comm, 0.3);
    until_it_runs();
    let asked = Instant::now();
    kernel.interrupt();
    until_shown(&mut kernel, |text| text.contains("Variables are kept"));
    assert!(asked.elapsed() < Duration::from_secs(3));
    slide(&mut kernel, &comm, 0.4);
    until_shown(&mut kernel, |text| text == "5");
    assert_eq!(
        kernel.run("list").value(),
        Some("[0.0, 0.1, 0.2, 0.3, 0.4]")
    );

    // One that is overtaken ends, and is not heard of.
    slide(&mut kernel, &comm, 0.3);
    until_it_runs();
    slide(&mut kernel, &comm, 0.5);
    let shown = until_shown(&mut kernel, |text| text == "7");
    assert_eq!(shown, ["7"], "{shown:?}");

    // Nor is the last value lost when it comes twice.
    slide(&mut kernel, &comm, 0.3);
    until_it_runs();
    slide(&mut kernel, &comm, 0.3);
    std::thread::sleep(Duration::from_millis(600));
    kernel.interrupt();
    until_shown(&mut kernel, |text| text.contains("Variables are kept"));

    // The first run, too, says it in place.
    let failed = kernel.run(&cell("", "panic!(\"at once\")"));
    assert_eq!(failed.error(), ("Panic", "at once"));
    assert_eq!(failed.count("error"), 0);
    let place = failed.of_kind("display_data").last().unwrap();
    assert!(
        place["data"]["text/plain"]
            .as_str()
            .unwrap()
            .contains("at once")
    );
}

#[test]
fn a_change_waits_for_a_cell_and_of_many_the_last_one_counts() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("let mut runs = 0;").is_ok());
    let code = cell(
        "runs += 1;",
        "std::thread::sleep(std::time::Duration::from_millis(20));\nv",
    );
    let first = kernel.run(&code);
    let comm = slider(&first.outputs);
    slide(&mut kernel, &comm, 0.11);
    until_shown(&mut kernel, |text| text == "0.11");

    let long = kernel.send_cell("let before = runs;\nstd::thread::sleep(std::time::Duration::from_millis(800));\nruns == before");
    for k in 0..50 {
        slide(&mut kernel, &comm, 0.2 + f64::from(k) / 100.0);
    }
    let long = kernel.finish(&long, |_, _, _| ());
    assert_eq!(long.value(), Some("true"), "no change runs beside a cell");
    let shown = until_shown(&mut kernel, |text| text == "0.69");
    assert_eq!(shown, ["0.69"], "what had not begun is dropped");
    assert_eq!(kernel.run("runs").value(), Some("3"));

    // A hundred changes: one state in the end, and the process that runs the cells does not grow.
    let size = "std::fs::read_to_string(\"/proc/self/statm\")?.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 256";
    let mebibytes = |kernel: &mut Kernel| kernel.run(size).value().unwrap().parse::<i64>().unwrap();
    let change_all = |kernel: &mut Kernel| {
        for k in 1..=100 {
            slide(kernel, &comm, f64::from(k) / 100.0);
            std::thread::sleep(Duration::from_millis(10));
        }
        until_shown(kernel, |text| text == "1.0");
        mebibytes(kernel)
    };
    let once = change_all(&mut kernel);
    let twice = change_all(&mut kernel);
    assert!(twice - once <= 2, "from {once} to {twice} MiB");
    let comms = kernel.ask("comm_info_request", json!({}));
    assert_eq!(comms["comms"].as_object().unwrap().len(), 4);
}

#[test]
fn what_a_cell_means_is_asked_anew_at_each_change() {
    let mut kernel = Kernel::start();
    assert!(
        kernel
            .run("struct Scale { by: f64 }\nlet scale = Scale { by: 2.0 };")
            .is_ok()
    );
    let first = kernel.run_cell("a", &cell("", "scale.by * v"), &[]);
    let comm = slider(&first.outputs);
    slide(&mut kernel, &comm, 0.5);
    until_shown(&mut kernel, |text| text == "1.0");
    // The same name for something of another shape.
    assert!(kernel.run("struct Scale { name: String, by: f64 }\nlet scale = Scale { name: \"ten\".to_owned(), by: 10.0 };").is_ok());
    slide(&mut kernel, &comm, 0.25);
    until_shown(&mut kernel, |text| text == "2.5");
    // Moved away by another cell.
    assert!(kernel.run("drop(scale);").is_ok());
    slide(&mut kernel, &comm, 0.75);
    let failed = until_shown(&mut kernel, |text| text.contains("scale"));
    assert!(failed[0].contains("E0"), "{failed:?}");
    assert!(
        kernel
            .run("let scale = Scale { name: String::new(), by: 4.0 };")
            .is_ok()
    );
    slide(&mut kernel, &comm, 0.5);
    until_shown(&mut kernel, |text| text == "2.0");
    // The process that held the variables ends.
    assert!(!kernel.run("std::process::abort()").is_ok());
    slide(&mut kernel, &comm, 0.75);
    until_shown(&mut kernel, |text| text.contains("scale"));
    assert!(
        kernel
            .run("let scale = Scale { name: String::new(), by: 8.0 };")
            .is_ok()
    );
    slide(&mut kernel, &comm, 0.5);
    until_shown(&mut kernel, |text| text == "4.0");
}
