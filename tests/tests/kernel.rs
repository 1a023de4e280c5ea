//! The kernel, as a front end sees it.

use std::process::Command;
use std::time::{Duration, Instant};

use gradus_tests::client::Kernel;
use gradus_tests::{gradus, is_alive, python_has, root, without_colours};
use serde_json::json;

#[test]
fn the_public_suite_passes() {
    if !python_has("jupyter_kernel_test") {
        return;
    }
    let prefix = tempfile::tempdir().unwrap();
    let install = Command::new(gradus())
        .args(["kernel", "install", "--prefix"])
        .arg(prefix.path())
        .output()
        .unwrap();
    assert!(install.status.success());
    let suite = Command::new("python3")
        .arg(root().join("tests/jupyter_suite.py"))
        .env("JUPYTER_PATH", prefix.path().join("share/jupyter"))
        .output()
        .unwrap();
    assert!(
        suite.status.success(),
        "{}",
        String::from_utf8_lossy(&suite.stderr)
    );
    let remove = Command::new(gradus())
        .args(["kernel", "uninstall", "--prefix"])
        .arg(prefix.path())
        .output()
        .unwrap();
    assert!(remove.status.success());
    assert!(!prefix.path().join("share/jupyter/kernels/gradus").exists());
}

#[test]
fn output_is_live_and_ordered_and_bounded() {
    let mut kernel = Kernel::start();
    let info = kernel.ask("kernel_info_request", json!({}));
    assert_eq!(info["protocol_version"], "5.4");
    let cell = kernel.run(
        "for i in 0..3 { print!(\"{i} \"); std::thread::sleep(std::time::Duration::from_millis(400)); }\n7",
    );
    assert_eq!(cell.stream("stdout"), "0 1 2 ");
    assert_eq!(cell.value(), Some("7"));
    assert_eq!(cell.reply["execution_count"], 1);
    let times: Vec<Duration> = cell
        .outputs
        .iter()
        .filter(|(kind, _, _)| kind == "stream")
        .map(|(_, _, time)| *time)
        .collect();
    assert!(
        times.len() >= 3,
        "parts of a line come one by one: {:?}",
        cell.outputs
    );
    assert!(
        times[times.len() - 1] - times[0] > Duration::from_millis(600),
        "while the cell runs: {times:?}"
    );

    let shown = |content: &str| {
        format!(
            "println!(\"{{}}\", {:?});",
            format!("\u{1e}gradus {content}")
        )
    };
    let code = [
        shown(r#"{"display":{"data":{"text/plain":"first"},"id":"a"}}"#),
        "println!(\"between\");".to_owned(),
        shown(r#"{"display":{"data":{"text/plain":"second"},"id":"a","update":true}}"#),
        shown(r#"{"clear":{"wait":true}}"#),
    ];
    let cell = kernel.run(&code.join("\n"));
    let kinds: Vec<&str> = cell
        .outputs
        .iter()
        .map(|(kind, _, _)| kind.as_str())
        .filter(|kind| !matches!(*kind, "status" | "execute_input"))
        .collect();
    assert_eq!(
        kinds,
        [
            "display_data",
            "stream",
            "update_display_data",
            "clear_output"
        ]
    );

    let begin = Instant::now();
    let cell =
        kernel.run("let line = \"x\".repeat(99);\nfor _ in 0..2_000_000 { println!(\"{line}\"); }");
    assert!(cell.is_ok(), "{:?}", cell.reply);
    let streams = cell
        .outputs
        .iter()
        .filter(|(kind, _, _)| kind == "stream")
        .count();
    assert!(
        cell.stream("stdout").len() <= 8 << 20,
        "200 MB are too much to show"
    );
    assert!(
        cell.stream("stderr").contains("MB more were printed"),
        "{}",
        cell.stream("stderr")
    );
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let most = (begin.elapsed().as_secs_f64() * 31.0) as usize + 5;
    assert!(
        streams <= most,
        "{streams} messages in {:?}",
        begin.elapsed()
    );
    assert_eq!(kernel.run("1 + 1").value(), Some("2"));
}

#[test]
fn interrupts_stop_a_loop_and_a_compiler_and_the_session_goes_on() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("fn kept() -> i32 { 11 }\nlet lost = 5;").is_ok());
    // An interrupt while nothing runs means nothing.
    kernel.interrupt();
    assert_eq!(kernel.run("lost").value(), Some("5"));

    // Code that looks for the wish, as the library's loops do, ends by itself and keeps its variables.
    let polite = "let stop = std::path::PathBuf::from(std::env::var(\"GRADUS_INTERRUPT\")?);\nlet mut steps = 0u64;\n\
                  println!(\"go\");\nwhile !stop.exists() { steps += 1; std::thread::sleep(std::time::Duration::from_millis(5)); }";
    for _ in 0..3 {
        let id = kernel.send_cell(polite);
        let mut sent = None;
        let cell = kernel.finish(&id, |control, kind, _| {
            if kind == "stream" && sent.is_none() {
                sent = Some(Instant::now());
                interrupt_over(control);
            }
        });
        assert_eq!(cell.error().0, "KeyboardInterrupt", "{:?}", cell.reply);
        assert!(
            cell.error().1.contains("Variables are kept"),
            "{:?}",
            cell.error()
        );
        assert!(sent.unwrap().elapsed() < Duration::from_secs(2));
        assert_eq!(kernel.run("steps > 0 && lost == 5").value(), Some("true"));
    }

    // Code that does not is ended, and what was lost is said.
    let id = kernel.send_cell("println!(\"go\");\nloop {}");
    let mut begin = Instant::now();
    let cell = kernel.finish(&id, |control, kind, _| {
        if kind == "stream" {
            begin = Instant::now();
            interrupt_over(control);
        }
    });
    assert!(
        begin.elapsed() < Duration::from_secs(8),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(cell.error().0, "KeyboardInterrupt");
    assert!(
        cell.error().1.contains("Lost variables: lost, steps, stop"),
        "{:?}",
        cell.error()
    );
    assert_eq!(
        kernel.run("kept()").value(),
        Some("11"),
        "definitions are kept"
    );
}

/// Sends the interrupt while the caller reads the other sockets.
fn interrupt_over(control: &mut jupyter_zmq_client::ClientControlConnection) {
    let content = jupyter_protocol::InterruptRequest {};
    let message: jupyter_protocol::JupyterMessage = content.into();
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(control.send(message.with_session("tests")))
        .unwrap();
}

#[test]
fn a_failed_cell_ends_the_queue() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("let x = 1;").is_ok());
    let failing = kernel.send_cell("panic!(\"on purpose\")");
    let next = kernel.send_cell("x");
    let question = kernel.send("is_complete_request", json!({"code": "fn f() {"}));
    let cell = kernel.finish(&failing, |_, _, _| ());
    assert_eq!(cell.error(), ("Panic", "on purpose"));
    let trace = cell.reply["traceback"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|line| line.as_str())
        .collect::<Vec<_>>();
    assert!(
        without_colours(&trace.join("\n")).contains("cell 2, line 1"),
        "{trace:?}"
    );
    let given_up = kernel.finish(&next, |_, _, _| ());
    assert_eq!(given_up.reply["status"], "aborted");
    let cell = kernel.finish(&question, |_, _, _| ());
    assert_eq!(cell.reply["status"], "incomplete");
    assert_eq!(kernel.run("x").value(), Some("1"));
}

#[test]
fn the_end_of_the_process_is_an_error_and_the_session_goes_on() {
    let mut kernel = Kernel::start();
    for (code, wanted) in [
        ("std::process::exit(7)", "exit status: 7"),
        ("std::process::abort()", "SIGABRT"),
        ("unsafe { *(8 as *mut u8) = 1 }", "SIGSEGV"),
        (
            "let hoard: Vec<u8> = Vec::with_capacity(1 << 60);",
            "SIGABRT",
        ),
        (
            "fn deep(n: u64) -> u64 { let a = std::hint::black_box([n; 64]); deep(n + 1) + a[3] }\ndeep(0)",
            "SIGABRT",
        ),
    ] {
        let cell = kernel.run("let mine = 3;");
        assert!(cell.is_ok(), "before {code}: {:?}", cell.reply);
        let cell = kernel.run(code);
        assert_eq!(cell.error().0, "ProcessDied", "{code}: {:?}", cell.reply);
        assert!(
            cell.error().1.contains(wanted),
            "{code}: {:?}",
            cell.error()
        );
        assert!(
            cell.error().1.contains("Lost variables: mine"),
            "{code}: {:?}",
            cell.error()
        );
    }
    let cell = kernel.run("std::thread::spawn(|| panic!(\"in a thread\")).join().is_err()");
    assert_eq!(cell.value(), Some("true"));
    assert!(
        cell.stream("stderr").contains("panicked: in a thread"),
        "{}",
        cell.stream("stderr")
    );
}

#[test]
fn nothing_outlives_the_kernel() {
    let mut kernel = Kernel::start();
    let cell = kernel.run("std::process::id()");
    let cells = cell.value().unwrap().to_owned();
    assert!(is_alive(&cells));
    let id = kernel.id();
    assert!(
        Command::new("kill")
            .args(["-KILL", &id.to_string()])
            .status()
            .unwrap()
            .success()
    );
    let until = Instant::now() + Duration::from_secs(10);
    while is_alive(&cells) {
        assert!(Instant::now() < until, "process {cells} is still there");
        std::thread::sleep(Duration::from_millis(20));
    }

    let mut kernel = Kernel::start();
    let cells = kernel.run("std::process::id()").value().unwrap().to_owned();
    let reply = kernel.command("shutdown_request", json!({"restart": false}));
    assert_eq!(reply["status"], "ok");
    let until = Instant::now() + Duration::from_secs(20);
    while is_alive(&cells) || is_alive(&kernel.id().to_string()) {
        assert!(Instant::now() < until, "shut down, but still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_wrong_connection_file_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("connection.json");
    let start = |what: &str| {
        let output = Command::new(gradus())
            .args(["kernel", "start"])
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{what}: {said}");
        assert_eq!(said.lines().count(), 1, "{what}: {said}");
        said
    };
    assert!(start("absent").contains("cannot read the connection file"));
    std::fs::write(&file, "{}").unwrap();
    assert!(start("empty").contains("is wrong"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut info = json!({
        "ip": "127.0.0.1", "transport": "tcp", "shell_port": port, "iopub_port": port, "stdin_port": port,
        "control_port": port, "hb_port": port, "key": "", "signature_scheme": "hmac-sha256",
    });
    std::fs::write(&file, info.to_string()).unwrap();
    assert!(start("taken").contains(&format!("port {port}")));
    info["transport"] = json!("pigeon");
    std::fs::write(&file, info.to_string()).unwrap();
    assert!(start("transport").contains("pigeon"));
}

/// The text of a reply's traceback.
fn trace(cell: &gradus_tests::client::Cell) -> String {
    let lines = cell.reply["traceback"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let lines: Vec<&str> = lines.iter().filter_map(|line| line.as_str()).collect();
    without_colours(&lines.join("\n"))
}

#[test]
fn variables_stay_move_and_end_as_in_one_program() {
    let mut kernel = Kernel::start();
    assert!(
        kernel
            .run("let v = vec![1, 2, 3];\nlet t = v;\nlet n = t.len();")
            .is_ok()
    );
    assert_eq!(kernel.run("(t.len(), n)").value(), Some("(3, 3)"));
    let cell = kernel.run("v");
    assert!(
        cell.error().1.contains("[E0425]"),
        "moved in its own cell: {:?}",
        cell.reply
    );
    // Copies are no moves.
    assert!(
        kernel
            .run(
                "let a = 2.5;\nlet b = a;\nfn id<T>(x: T) -> T { x }\nlet c = id(7u8);\nlet d = c;"
            )
            .is_ok()
    );
    assert_eq!(kernel.run("(a, b, c, d)").value(), Some("(2.5, 2.5, 7, 7)"));
    // Given away, and given back.
    assert!(
        kernel
            .run("let mut list = vec![1];\nlist = { let mut l = list; l.push(2); l };")
            .is_ok()
    );
    assert_eq!(kernel.run("list.push(3);\nlist").value(), Some("[1, 2, 3]"));
    assert!(kernel.run("drop(list);").is_ok());
    let cell = kernel.run("list.len()");
    assert!(cell.error().1.contains("[E0425]"));
    assert!(
        trace(&cell).contains("Cell 8 gave `list` away"),
        "{}",
        trace(&cell)
    );
    // A failure keeps what was there before.
    let cell = kernel.run("let t = 1;\nlet e: i32 = \"x\".parse()?;");
    assert_eq!(cell.error(), ("Error", "invalid digit found in string"));
    assert!(trace(&cell).contains("cell 10, line 2"), "{}", trace(&cell));
    assert_eq!(kernel.run("t").value(), Some("[1, 2, 3]"));
    assert_eq!(kernel.run("let t = t.len();\nt").value(), Some("3"));
    assert_eq!(kernel.run("t + 1").value(), Some("4"));
}

#[test]
fn closures_are_kept_or_refused_at_once() {
    let mut kernel = Kernel::start();
    assert!(
        kernel
            .run("let square = |x: f64| x * x;\nlet first = |x: &[f64]| x[0];")
            .is_ok()
    );
    assert_eq!(
        kernel.run("square(first(&[3.0, 1.0]))").value(),
        Some("9.0")
    );
    let begin = Instant::now();
    let cell = kernel.run("let k = 2.0;\nlet scaled = |x: f64| k * x;");
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
    assert!(
        cell.error().1.contains("`scaled`") && cell.error().1.contains("Box<dyn Fn"),
        "{:?}",
        cell.reply
    );
    let cell = kernel
        .run("let boxed: Box<dyn Fn(f64) -> f64> = { let k = 2.0; Box::new(move |x| k * x) };");
    assert!(cell.is_ok(), "{:?}", cell.reply);
    assert_eq!(kernel.run("boxed(4.0)").value(), Some("8.0"));
    let cell = kernel.run("let v = vec![1, 2];\nlet r = &v;");
    assert!(cell.error().1.contains("`r`"), "{:?}", cell.reply);
    let cell = kernel.run("let it = vec![1].into_iter().map(|x| x + 1);");
    assert!(
        cell.error().1.contains("`it`") && cell.error().1.contains("collect"),
        "{:?}",
        cell.reply
    );
}

#[test]
fn a_type_defined_anew_takes_its_variables_along() {
    let mut kernel = Kernel::start();
    assert!(
        kernel
            .run(
                "#[derive(Debug, Clone)]\nstruct P { x: i32 }\nlet p = P { x: 1 };\nlet other = 5;"
            )
            .is_ok()
    );
    assert_eq!(kernel.run("p.x").value(), Some("1"));
    let cell = kernel.run("#[derive(Debug, Clone)]\nstruct P { x: String }");
    assert!(cell.stream("stderr").contains('p'), "{:?}", cell.outputs);
    assert!(kernel.run("p").error().1.contains("[E0425]"));
    assert_eq!(kernel.run("other").value(), Some("5"));
}

#[test]
fn the_commands_of_the_kernel() {
    let mut kernel = Kernel::start();
    assert!(
        kernel
            .run("let x = 1.5;\nlet names = vec![String::from(\"a\")];")
            .is_ok()
    );
    let cell = kernel.run(":vars");
    assert!(
        cell.value().unwrap().contains("Vec<String>"),
        "{:?}",
        cell.value()
    );
    assert!(kernel.run(":help").value().unwrap().contains(":export"));
    assert_eq!(
        kernel.run(":opt 3\n(0..10).sum::<i32>()").value(),
        Some("45")
    );
    let cell = kernel.run(":time on\nx * 2.0");
    assert!(
        format!("{:?}", cell.outputs).contains("0."),
        "{:?}",
        cell.outputs
    );
    assert!(kernel.run(":time off").is_ok());
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    assert!(
        kernel
            .run("fn double(x: f64) -> f64 { 2.0 * x }\ndouble(x)")
            .is_ok()
    );
    let cell = kernel.run(&format!(":export {}", project.display()));
    assert!(cell.is_ok(), "{:?}", cell.reply);
    let run = Command::new("cargo")
        .args(["run", "--offline"])
        .current_dir(&project)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(
        String::from_utf8_lossy(&run.stdout).contains("3.0"),
        "{}",
        String::from_utf8_lossy(&run.stdout)
    );
}

#[test]
fn a_real_training_can_be_interrupted() {
    let mut kernel = Kernel::start();
    let library = root().join("crates/core");
    let cell = kernel.run(&format!(
        ":dep gradus = {{ path = {:?} }}\nuse gradus::prelude::*;\nlet data = Dataset::digits();\n\
         let mut net = Sequential::input(64).dense(256).activation(Relu).init(He).dense(10);",
        library.display().to_string()
    ));
    assert!(cell.is_ok(), "{:?}", cell.reply);
    let id = kernel.send_cell(
        "println!(\"go\");\nlet history = net.fit(&data, CrossEntropy, Adam::new(1e-3), Fit::epochs(100000).batch(8))?;",
    );
    let mut sent = None;
    let cell = kernel.finish(&id, |control, kind, _| {
        if kind == "stream" && sent.is_none() {
            sent = Some(Instant::now());
            interrupt_over(control);
        }
    });
    assert_eq!(cell.error().0, "KeyboardInterrupt", "{:?}", cell.reply);
    assert!(
        sent.unwrap().elapsed() < Duration::from_secs(3),
        "{:?}",
        sent.unwrap().elapsed()
    );
    assert!(kernel.run("net.summary()").is_ok(), "the network is kept");
    assert!(
        kernel.run("net.history().plot()").is_ok(),
        "and what was seen of the training"
    );
}

#[test]
fn the_front_end_can_ask_about_code() {
    let mut kernel = Kernel::start();
    let library = root().join("crates/core");
    let cell = kernel.run(&format!(
        ":dep gradus = {{ path = {:?} }}\nuse gradus::prelude::*;\nlet data = Dataset::digits();\n\
         let m = matrix(vec![1.0, 2.0, 3.0, 6.0], 2, 2)?;\nlet list = vec![1, 2, 3];",
        library.display().to_string()
    ));
    assert!(cell.is_ok(), "{:?}", cell.reply);
    for (name, wanted) in [
        (
            "m",
            "shape [2, 2], mean 3.0000, standard deviation 1.8708, minimum 1.0000, maximum 6.0000",
        ),
        ("list", "let list: Vec<i32>"),
        ("data", "1797 examples"),
    ] {
        let found = kernel.ask(
            "inspect_request",
            json!({"code": name, "cursor_pos": name.len(), "detail_level": 0}),
        );
        assert!(
            found["data"]["text/plain"]
                .as_str()
                .is_some_and(|text| text.contains(wanted)),
            "{name}: {found}"
        );
    }
    assert_eq!(
        kernel.run("m.shape()").error().0,
        "CompileError",
        "looking is no cell, and brings nothing into scope"
    );
    let mut complete = |code: &str| -> Vec<String> {
        // The first question waits until the library is read in.
        for _ in 0..5 {
            let found = kernel.ask(
                "complete_request",
                json!({"code": code, "cursor_pos": code.chars().count()}),
            );
            let matches: Vec<String> = found["matches"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one.as_str().unwrap().to_owned())
                .collect();
            if !matches.is_empty() {
                return matches;
            }
        }
        panic!("nothing for {code}")
    };
    let found = complete("let net = Sequential::input(64).dense(32).acti");
    assert!(
        found.iter().any(|code| code.starts_with("activation(")),
        "{found:?}"
    );
    let found = complete("let net = Sequential::input(64).dense(32).activation(Re");
    assert!(found.iter().any(|code| code == "Relu"), "{found:?}");
    let found = complete("data.sp");
    assert!(
        found.iter().any(|code| code.starts_with("split(")),
        "{found:?}"
    );
    let found = kernel.ask(
        "inspect_request",
        json!({"code": "Sequential::input(3).dense", "cursor_pos": 26, "detail_level": 0}),
    );
    assert!(
        found["data"]["text/plain"]
            .as_str()
            .is_some_and(|text| text.contains("units: usize")),
        "{found}"
    );
}

#[test]
fn a_compiler_is_interrupted_ten_times() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("let kept = 5;").is_ok());
    let slow: String = (0..3000)
        .map(|i| format!("fn f{i}(x: f64) -> f64 {{ (x + {i}.0).sin() * {i}.5 }}\n"))
        .collect();
    let slow = format!(
        ":opt 3\n{slow}{}",
        (0..3000)
            .map(|i| format!("println!(\"{{}}\", f{i}(1.0));\n"))
            .collect::<String>()
    );
    for _ in 0..10 {
        let id = kernel.send_cell(&slow);
        let begin = Instant::now();
        let mut sent = false;
        let cell = kernel.finish(&id, |control, kind, _| {
            if kind == "execute_input" && !sent {
                sent = true;
                std::thread::sleep(Duration::from_millis(100));
                interrupt_over(control);
            }
        });
        assert_eq!(cell.error().0, "KeyboardInterrupt", "{:?}", cell.reply);
        assert!(
            cell.error().1.contains("Nothing is lost"),
            "{:?}",
            cell.error()
        );
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{:?}",
            begin.elapsed()
        );
    }
    assert_eq!(kernel.run("kept").value(), Some("5"));
}

#[test]
fn a_thousand_cells_take_little_memory() {
    let mut kernel = Kernel::start();
    let memory = |kernel: &Kernel| -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", kernel.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    assert!(kernel.run("let mut x = 0;").is_ok());
    let before = memory(&kernel);
    for i in 0..1000 {
        let cell = kernel.run(if i % 2 == 0 { "x += 1;" } else { "x" });
        assert!(cell.is_ok(), "{:?}", cell.reply);
    }
    let after = memory(&kernel);
    assert!(
        after < before + (100 << 10),
        "{before} KiB before, {after} KiB after"
    );
    assert_eq!(kernel.run("x").value(), Some("500"));
}
