//! The kernel, as a front end sees it.

use std::process::Command;
use std::time::{Duration, Instant};

use gradus_tests::client::Kernel;
use gradus_tests::{
    Desk, Disk, assert_ended, gradus, processes_below, python_has, root, signal, without_colours,
};
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
fn an_interrupt_stops_whatever_a_cell_does_and_keeps_the_variables() {
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

    // Code that does not is stopped all the same. What it was changing is said, if it cannot be had back.
    assert!(
        kernel
            .run("let data = vec![1u64, 2]; let mut count = 0u64; let mut list = vec![0u64];")
            .is_ok()
    );
    let stop = |kernel: &mut Kernel, code: &str| {
        let id = kernel.send_cell(&format!("println!(\"go\");\n{code}"));
        let mut sent = None;
        let cell = kernel.finish(&id, |control, kind, _| {
            if kind == "stream" && sent.is_none() {
                sent = Some(Instant::now());
                interrupt_over(control);
            }
        });
        assert_eq!(
            cell.error().0,
            "KeyboardInterrupt",
            "{code}: {:?}",
            cell.reply
        );
        assert!(sent.unwrap().elapsed() < Duration::from_secs(3), "{code}");
        cell.error().1.to_owned()
    };
    for code in [
        "loop {}",
        "list.push(1); loop { println!(\"{count}\"); count += 1; }",
        "list.push(2); std::thread::sleep(std::time::Duration::from_secs(60));",
        "list.push(3); std::process::Command::new(\"sleep\").arg(\"60\").status()?; println!(\"not this\");",
        "let (_end, receive) = std::sync::mpsc::channel::<u64>(); let got = receive.recv();",
        "let wait = std::thread::spawn(|| loop { println!(\"on\"); }).join().is_ok();",
        "let sum: u64 = (data[0]..).fold(0, |sum, x| std::hint::black_box(sum ^ x));",
        "let out = std::io::stdout().lock(); let mut turns = 0u64; loop { turns = turns.wrapping_add(data[0]); }",
        "struct Last; impl Drop for Last { fn drop(&mut self) { for i in 0..3 { println!(\"{i}\"); } } }\n\
         let last = Last; loop { println!(\"on\"); }",
    ] {
        assert!(
            stop(&mut kernel, code).contains("Variables are kept"),
            "{code}"
        );
        assert_eq!(
            kernel.run("data[1] + lost as u64").value(),
            Some("7"),
            "{code}"
        );
    }
    assert_eq!(kernel.run("count > 0").value(), Some("true"));
    assert_eq!(kernel.run("&list").value(), Some("[0, 1, 2, 3]"));
    let lost = stop(
        &mut kernel,
        "loop { list[0] = list[0].wrapping_add(data[0]); count += 1; }",
    );
    assert!(lost.contains("changing them: list;"), "{lost}");
    assert_eq!(kernel.run("data[1] + lost as u64").value(), Some("7"));
    assert_eq!(
        kernel.run("count > 0").value(),
        Some("true"),
        "as it was before that cell"
    );
    assert!(kernel.run("list").error().1.contains("list"));
    assert_eq!(kernel.run("kept()").value(), Some("11"));
}

#[test]
fn an_interrupt_leaves_what_earlier_cells_started() {
    let mut kernel = Kernel::start();
    let start = "use std::sync::{Arc, atomic::{AtomicU64, Ordering}};\nlet turns = Arc::new(AtomicU64::new(0));\nlet its = turns.clone();\n\
                 std::thread::spawn(move || loop { its.fetch_add(1, Ordering::Relaxed); print!(\"\"); std::thread::sleep(std::time::Duration::from_millis(2)); });\n\
                 let mut child = std::process::Command::new(\"sleep\").arg(\"60\").spawn()?;";
    assert!(kernel.run(start).is_ok());
    // Its age is told in hundredths of a second.
    assert!(
        kernel
            .run("std::thread::sleep(std::time::Duration::from_millis(50));")
            .is_ok()
    );
    let id = kernel.send_cell("println!(\"go\"); loop { println!(\"on\"); std::thread::sleep(std::time::Duration::from_millis(5)); }");
    let mut sent = false;
    let cell = kernel.finish(&id, |control, kind, _| {
        if kind == "stream" && !std::mem::replace(&mut sent, true) {
            interrupt_over(control);
        }
    });
    assert!(
        cell.error().1.contains("Variables are kept"),
        "{:?}",
        cell.error()
    );
    let goes_on = "let before = turns.load(Ordering::Relaxed);\nstd::thread::sleep(std::time::Duration::from_millis(300));\n\
                   turns.load(Ordering::Relaxed) > before && child.try_wait()?.is_none()";
    assert_eq!(kernel.run(goes_on).value(), Some("true"));
    assert!(kernel.run("child.kill()?;").is_ok());
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
}

#[test]
fn nothing_outlives_the_kernel() {
    // What has a session of its own, and whose parent has ended, too.
    let spawn = "use std::process::Command;\nCommand::new(\"sleep\").arg(\"1000\").spawn()?;\n\
                 Command::new(\"setsid\").args([\"sleep\", \"1001\"]).spawn()?;\n\
                 Command::new(\"sh\").args([\"-c\", \"setsid sleep 1002 &\"]).status()?;";
    let cache = tempfile::tempdir().unwrap();
    let sessions = || -> Vec<_> {
        let caches = std::fs::read_dir(cache.path()).unwrap().flatten();
        let sessions =
            caches.filter_map(|cache| std::fs::read_dir(cache.path().join("sessions")).ok());
        sessions
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect()
    };
    for how in ["-KILL", "-TERM", "restart", "shutdown"] {
        let mut kernel = Kernel::start_with(|command| {
            command.env("GRADUS_CACHE", cache.path());
        });
        let cell = kernel.run(spawn);
        assert!(cell.is_ok(), "{:?}", cell.reply);
        let below = processes_below(&kernel.id().to_string());
        assert!(below.len() >= 5, "{below:?}");
        assert_eq!(sessions().len(), 1);
        match how {
            "restart" | "shutdown" => {
                let restart = how == "restart";
                let reply = kernel.command("shutdown_request", json!({"restart": restart}));
                assert_eq!(reply, json!({"status": "ok", "restart": restart}));
            }
            how => signal(how, kernel.id()),
        }
        assert_ended(&below);
        assert_ended(&[kernel.id().to_string()]);
        let until = Instant::now() + Duration::from_secs(5);
        while !sessions().is_empty() {
            assert!(Instant::now() < until, "{how} leaves {:?}", sessions());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    // While it compiles.
    let mut kernel = Kernel::start();
    assert!(kernel.run("1").is_ok());
    kernel.send_cell(&slow_to_compile());
    let below = loop {
        let below = processes_below(&kernel.id().to_string());
        let compiles = |id: &String| {
            let line = std::fs::read_to_string(format!("/proc/{id}/cmdline"));
            line.is_ok_and(|line| line.contains("rustc"))
        };
        if below.iter().any(compiles) {
            break below;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    signal("-KILL", kernel.id());
    assert_ended(&below);
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
    std::fs::create_dir(&file).unwrap();
    assert!(start("unreadable").contains("cannot read the connection file"));
    std::fs::remove_dir(&file).unwrap();
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
fn closures_and_references_are_kept_or_the_cell_says_what_was_not() {
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
    // It runs, its other variables are kept, and a line says what was not and what to write.
    assert!(cell.is_ok(), "{:?}", cell.reply);
    let said = cell.stream("stdout") + &cell.stream("stderr");
    assert!(said.contains("`scaled`") && said.contains("move"), "{said}");
    assert_eq!(kernel.run("k").value(), Some("2.0"));
    let reply = kernel.run("scaled(3.0)").reply.to_string();
    assert!(
        reply.contains("`scaled`") && reply.contains("Box<dyn Fn"),
        "{reply}"
    );
    let cell = kernel
        .run("let boxed: Box<dyn Fn(f64) -> f64> = { let k = 2.0; Box::new(move |x| k * x) };");
    assert!(cell.is_ok(), "{:?}", cell.reply);
    assert_eq!(kernel.run("boxed(4.0)").value(), Some("8.0"));
    let cell = kernel.run("let v = vec![1, 2];\nlet r = &v;");
    assert!(cell.is_ok(), "{:?}", cell.reply);
    assert_eq!(kernel.run("v.len()").value(), Some("2"));
    let reply = kernel.run("r").reply.to_string();
    assert!(reply.contains("`r`") && reply.contains("clone"), "{reply}");
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
    // Ten times in a row, while its progress comes.
    for _ in 0..10 {
        let id = kernel.send_cell(
            "let history = net.fit(&data, CrossEntropy, Adam::new(1e-3), Fit::epochs(100000).batch(8))?;",
        );
        let mut shown = 0;
        let mut sent = None;
        let cell = kernel.finish(&id, |control, kind, _| {
            shown += usize::from(matches!(kind, "display_data" | "update_display_data"));
            if shown == 4 && sent.is_none() {
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
        assert!(
            sent.unwrap().elapsed() < Duration::from_secs(3),
            "{:?}",
            sent.unwrap().elapsed()
        );
    }
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
        kernel.run("m.shape().concrete()").error().0,
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

/// A cell that the compiler needs long for.
fn slow_to_compile() -> String {
    let functions =
        (0..3000).map(|i| format!("fn f{i}(x: f64) -> f64 {{ (x + {i}.0).sin() * {i}.5 }}\n"));
    let calls = (0..3000).map(|i| format!("println!(\"{{}}\", f{i}(1.0));\n"));
    format!(
        ":opt 3\n{}{}",
        functions.collect::<String>(),
        calls.collect::<String>()
    )
}

#[test]
fn a_compiler_is_interrupted_ten_times() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("let kept = 5;").is_ok());
    let slow = slow_to_compile();
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

/// The memory of the kernel's own process, in KiB.
fn memory(kernel: &Kernel) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", kernel.id())).unwrap();
    let mut lines = status.lines();
    let line = lines.find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// That of all processes below it, too.
fn memory_of_all(kernel: &Kernel) -> u64 {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let number = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        if let (Some(id), Some(parent)) = (number("Pid:"), number("PPid:")) {
            parents.push((id, parent, number("VmRSS:").unwrap_or(0)));
        }
    }
    let mut below = vec![u64::from(kernel.id())];
    for _ in 0..4 {
        let more = parents
            .iter()
            .filter(|(_, parent, _)| below.contains(parent));
        let more: Vec<u64> = more
            .map(|(id, ..)| *id)
            .filter(|id| !below.contains(id))
            .collect();
        below.extend(more);
    }
    let all = parents.iter().filter(|(id, ..)| below.contains(id));
    all.map(|(.., size)| size).sum()
}

/// `cargo test --release --workspace --test kernel -- --ignored --nocapture a_long_session`: some minutes.
#[test]
#[ignore = "takes minutes"]
fn a_long_session_stays_small_and_fast() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("let mut x = 0; let mut list = vec![0];").is_ok());
    let mut times = Vec::new();
    let mut before = 0;
    for i in 0..1000 {
        let code = match i % 8 {
            0 => format!("let v{} = vec![{i}; 10];", i % 40),
            1 => format!("fn f{}(n: i32) -> i32 {{ n + {i} }}", i % 50),
            2 => format!(
                "#[derive(Debug, Clone)] struct S{} {{ a: i32, b: [u8; {}] }}",
                i % 20,
                i % 7
            ),
            3 => format!("x += f{}({i}); x", (i - 2) % 50),
            4 => format!("list.push({i}); list = list.into_iter().take(20).collect();"),
            5 => "let y: i32 = \"text\";".to_owned(),
            6 => "list[1000]".to_owned(),
            _ => format!(
                "let s = S{} {{ a: {i}, b: [0; {}] }}; s",
                (i - 5) % 20,
                (i - 5) % 7
            ),
        };
        let begin = Instant::now();
        let cell = kernel.run(&code);
        times.push(begin.elapsed());
        let should_fail = matches!(i % 8, 5 | 6);
        assert_eq!(cell.is_ok(), !should_fail, "{i}: {code}: {:?}", cell.reply);
        if i == 99 {
            before = memory_of_all(&kernel);
        }
    }
    let after = memory_of_all(&kernel);
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort();
        times[times.len() / 2]
    };
    let (first, last) = (median(&times[..200]), median(&times[800..]));
    println!(
        "{before} KiB after 100 cells, {after} KiB after 1000; medians {first:?} and {last:?}"
    );
    assert!(after < before + (100 << 10));
    assert!(
        last < first.mul_f64(1.2),
        "{first:?} at first, {last:?} at last"
    );
}

#[test]
fn a_thousand_cells_take_little_memory() {
    let mut kernel = Kernel::start();
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

#[test]
fn nothing_that_a_cell_shows_floods_the_front_end() {
    let mut kernel = Kernel::start();
    let memory_before = memory(&kernel);

    let cell = kernel.run(
        "for i in 0..20_000 { println!(\"o{i}\"); eprintln!(\"e{i}\"); }\nstd::thread::sleep(std::time::Duration::from_millis(200));",
    );
    for (name, letter) in [("stdout", 'o'), ("stderr", 'e')] {
        let wanted: String = (0..20_000).map(|i| format!("{letter}{i}\n")).collect();
        assert!(
            cell.stream(name) == wanted,
            "{name} is not what was printed"
        );
    }
    // Some thirty a second for each, and the changes of stream.
    let most = 20.0 + 80.0 * cell.outputs.last().unwrap().2.as_secs_f64();
    #[allow(clippy::cast_precision_loss)]
    let streams = cell.count("stream") as f64;
    assert!(streams <= most, "{streams} messages");

    let html = "EVCXR_BEGIN_CONTENT text/html\\n<b>{i}</b>{filler}\\nEVCXR_END_CONTENT";
    let displays = |count: u32, filler: u32| {
        format!(
            "let filler = \"x\".repeat({filler});\nfor i in 0..{count} {{ println!(\"{html}\"); }}"
        )
    };
    let cell = kernel.run(&displays(50, 0));
    // The last thing is the value.
    let shown = cell.count("display_data") + cell.count("execute_result");
    assert_eq!(shown, 50, "fifty figures are shown");
    for (count, filler) in [(5_000, 0), (100_000, 2_000)] {
        let cell = kernel.run(&displays(count, filler));
        assert!(cell.is_ok(), "{:?}", cell.reply);
        assert!(cell.count("display_data") < 1_100);
        assert!(
            cell.stream("stderr").contains("more outputs are not shown"),
            "{}",
            cell.stream("stderr")
        );
    }

    let update = "println!(\"\\u{1e}gradus {{\\\"display\\\":{{\\\"data\\\":{{\\\"text/plain\\\":\\\"{i}\\\"}},\\\"id\\\":\\\"a\\\",\\\"update\\\":{}}}}}\", i > 0);";
    let cell = kernel.run(&format!(
        "for i in 0..1000 {{ {update} std::thread::sleep(std::time::Duration::from_millis(1)); }}"
    ));
    let updates: Vec<_> = cell.of_kind("update_display_data").collect();
    assert!((3..200).contains(&updates.len()), "{}", updates.len());
    assert_eq!(updates[updates.len() - 1]["data"]["text/plain"], "999");

    let cell = kernel.run("vec![1u32; 20_000_000]");
    let value = cell.value().unwrap();
    assert!(value.starts_with("[1, 1,") && value.ends_with("MB more]"));
    assert!(value.len() < 2 << 20, "{} bytes", value.len());
    let cell = kernel.run("panic!(\"{}\", \"x\".repeat(30_000_000))");
    assert_eq!(cell.error().0, "Panic");
    assert!(cell.error().1.len() < 2 << 20 && cell.error().1.ends_with("MB more]"));
    assert!(trace(&cell).len() < 4 << 20);

    let id = kernel.send_cell(&format!("let filler = \"\";\nlet mut i = 0u64;\nprintln!(\"go\");\nloop {{ println!(\"{html}\"); i += 1; }}"));
    let mut begin = None;
    let cell = kernel.finish(&id, |control, kind, _| {
        if kind == "stream" && begin.is_none() {
            begin = Some(Instant::now());
            interrupt_over(control);
        }
    });
    assert_eq!(cell.error().0, "KeyboardInterrupt");
    assert!(begin.unwrap().elapsed() < Duration::from_secs(8));
    assert!(cell.count("display_data") < 1_100);

    let grown = memory(&kernel).saturating_sub(memory_before);
    assert!(grown < 200 << 10, "{grown} KiB more than at the beginning");
}

#[test]
fn what_a_cell_leaves_open_ends_with_it() {
    let mut kernel = Kernel::start();
    let cell = kernel.run("println!(\"EVCXR_BEGIN_CONTENT x\");");
    assert_eq!(cell.stream("stdout"), "EVCXR_BEGIN_CONTENT x\n");
    let cell = kernel.run("print!(\"EVCXR_BEGIN_CONTENT x\"); 3");
    assert_eq!(cell.stream("stdout"), "EVCXR_BEGIN_CONTENT x");
    assert_eq!(cell.value(), Some("3"));
}

#[test]
fn a_cell_that_ends_the_process_does_not_wait_for_its_children() {
    let mut kernel = Kernel::start();
    let spawn = "std::process::Command::new(\"sleep\").arg(\"60\").spawn()?;\n\
                 std::process::Command::new(\"setsid\").args([\"sleep\", \"60\"]).spawn()?;\n";
    for (end, wanted) in [
        ("std::process::exit(0)", "exit status: 0"),
        ("std::process::abort()", "SIGABRT"),
    ] {
        assert!(kernel.run(spawn).is_ok());
        let mut below = processes_below(&kernel.id().to_string());
        // It waits for the end of the kernel.
        below.retain(|id| {
            let line = std::fs::read_to_string(format!("/proc/{id}/cmdline"));
            !line.is_ok_and(|line| line.contains("gradus-watcher"))
        });
        assert!(below.len() >= 4, "guardian, cells, two sleepers: {below:?}");
        let id = kernel.send_cell(&format!("println!(\"go\");\n{end}"));
        let mut begin = Instant::now();
        let cell = kernel.finish(&id, |_, kind, _| {
            if kind == "stream" {
                begin = Instant::now();
            }
        });
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{:?}",
            begin.elapsed()
        );
        assert!(cell.error().1.contains(wanted), "{:?}", cell.error());
        assert_ended(&below);
    }
}

#[test]
fn every_way_to_read_gets_a_line_or_the_end() {
    let mut kernel = Kernel::start();
    let read = "let mut s = String::new();\nprint!(\"name? \");\nlet n = std::io::stdin().read_line(&mut s)?;\n(n, s.trim().to_owned())";
    let thread = "std::thread::spawn(|| std::io::stdin().lines().next().is_some()).join().unwrap()";
    let program = "let out = std::process::Command::new(\"sh\").args([\"-c\", \"head -n 1\"]).output();\n\
                   std::process::Command::new(\"sh\").args([\"-c\", \"read x; test \\\"$x\\\" = Ada\"]).status()?.success()";
    for _ in 0..2 {
        // Nobody may be asked: the end of the input.
        assert_eq!(kernel.run(read).value(), Some("(0, \"\")"));
        assert_eq!(kernel.run(thread).value(), Some("false"));
        assert_eq!(kernel.run(program).value(), Some("false"));
        assert!(
            kernel
                .run("std::process::Command::new(\"cat\").status()?;")
                .is_ok()
        );
        // Somebody is asked, also after that.
        let mut prompts = Vec::new();
        let mut ada = |prompt: &str| {
            prompts.push(prompt.to_owned());
            Some("Ada".to_owned())
        };
        assert_eq!(
            kernel.run_answering(read, &mut ada).value(),
            Some("(4, \"Ada\")")
        );
        assert_eq!(kernel.run_answering(thread, &mut ada).value(), Some("true"));
        assert_eq!(
            kernel.run_answering(program, &mut ada).value(),
            Some("true")
        );
        assert_eq!(prompts, ["name? ", "", ""]);
        // An interrupt at the question ends the input of this cell only.
        let cell = kernel.run_answering(read, |_| None);
        assert_eq!(cell.error().0, "KeyboardInterrupt");
    }
}

#[test]
fn panics_of_threads_say_who_and_where() {
    let mut kernel = Kernel::start();
    let cell = kernel.run("let x = 1;\nstd::thread::spawn(|| panic!(\"one\")).join().is_err()");
    assert!(
        cell.stream("stderr")
            .contains("a thread panicked (cell 1, line 2): one"),
        "{}",
        cell.stream("stderr")
    );
    let cell = kernel.run(
        "std::thread::Builder::new().name(\"loader\".to_owned()).spawn(|| {\n    std::thread::sleep(std::time::Duration::from_millis(300));\n    panic!(\"two\")\n})?;",
    );
    assert!(cell.is_ok(), "{:?}", cell.reply);
    // Its cell is over, and no other one comes.
    loop {
        let (kind, content) = kernel
            .next_published(Duration::from_secs(10))
            .expect("what the thread says comes by itself");
        if kind == "stream" {
            let text = content["text"].as_str().unwrap();
            assert!(
                text.contains("the thread `loader` panicked (cell 2, line 3): two"),
                "{text}"
            );
            break;
        }
    }
}

#[test]
fn a_session_without_its_folder_goes_on_when_it_is_back() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("fn kept() -> i32 { 11 }").is_ok());
    let folder = kernel.folder().to_owned();
    std::fs::remove_dir_all(&folder).unwrap();
    let cell = kernel.run("std::process::exit(1)");
    assert!(
        cell.error().1.contains("cannot start the process"),
        "{:?}",
        cell.error()
    );
    assert!(
        kernel
            .run("kept()")
            .error()
            .1
            .contains("cannot start the process")
    );
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(kernel.run("kept()").value(), Some("11"));
}

#[test]
fn requests_of_every_kind_are_answered() {
    let mut kernel = Kernel::start();
    assert!(kernel.is_beating());
    assert!(!kernel.answers_to_another_key());

    let cell = kernel.run_with(json!({
        "code": "let x = 4;\nx", "allow_stdin": false,
        "user_expressions": {"twice": "x * 2", "wrong": "y", "shown": "println!(\"no output of the cell\"); x"},
    }));
    let values = &cell.reply["user_expressions"];
    assert_eq!(values["twice"]["data"]["text/plain"], "8", "{values}");
    assert_eq!(values["wrong"]["status"], "error");
    assert_eq!(values["wrong"]["ename"], "CompileError");
    assert_eq!(values["shown"]["data"]["text/plain"], "4");
    assert_eq!(cell.stream("stdout"), "");

    let cell = kernel.run_with(json!({"code": "let silent = 5;\nsilent", "silent": true}));
    assert!(cell.is_ok());
    assert_eq!(
        cell.count("execute_input") + cell.count("execute_result"),
        0,
        "{:?}",
        cell.outputs
    );
    let cell = kernel.run_with(json!({"code": "silent + 1", "store_history": false}));
    assert_eq!(cell.value(), Some("6"));
    assert_eq!(cell.reply["execution_count"], 1, "neither counts");
    assert_eq!(kernel.run("x + 1").reply["execution_count"], 2);

    let mut history =
        |wanted: serde_json::Value| kernel.ask("history_request", wanted)["history"].clone();
    assert_eq!(
        history(json!({"hist_access_type": "tail", "n": 1, "output": true})),
        json!([[1, 2, ["x + 1", "5"]]])
    );
    assert_eq!(
        history(json!({"hist_access_type": "range", "session": 0, "start": 1, "stop": 2})),
        json!([[1, 1, "let x = 4;\nx"]])
    );
    assert_eq!(
        history(json!({"hist_access_type": "search", "pattern": "x*1", "n": 5})),
        json!([[1, 2, "x + 1"]])
    );

    let comms = kernel.ask("comm_info_request", json!({}));
    assert_eq!(comms, json!({"status": "ok", "comms": {}}));
    kernel.send(
        "comm_open",
        json!({"comm_id": "c", "target_name": "nobody", "data": {}}),
    );
    let mut seen = Vec::new();
    while seen.last().is_none_or(|(kind, _)| kind != "comm_close") {
        seen.push(
            kernel
                .next_published(Duration::from_secs(10))
                .expect("it is closed"),
        );
    }
    assert_eq!(seen[seen.len() - 1].1["comm_id"], "c");
    while kernel.next_published(Duration::from_millis(200)).is_some() {}

    for (kind, content) in [
        ("nonsense_request", json!({})),
        ("kernel_info_request", json!({})),
    ] {
        kernel.command(kind, content);
        let states: Vec<_> =
            std::iter::from_fn(|| kernel.next_published(Duration::from_millis(500)))
                .map(|(_, content)| content["execution_state"].clone())
                .collect();
        assert_eq!(states, ["busy", "idle"], "{kind}");
    }
    assert_eq!(
        kernel.command("nonsense_request", json!({}))["status"],
        "error"
    );
    assert_eq!(kernel.ask("nonsense_request", json!({}))["status"], "error");
    assert_eq!(kernel.run("x").value(), Some("4"));
}

#[test]
fn a_busy_loop_is_interrupted_ten_times_by_the_signal() {
    let mut kernel = Kernel::start();
    let id = kernel.id();
    assert!(kernel.run("fn kept() -> i32 { 11 }").is_ok());
    for _ in 0..10 {
        let cell = kernel.send_cell(
            "println!(\"go\");\nlet mut n = 0u64;\nloop { n = std::hint::black_box(n + 1); }",
        );
        let mut begin = None;
        let cell = kernel.finish(&cell, |_, kind, _| {
            if kind == "stream" && begin.is_none() {
                begin = Some(Instant::now());
                signal("-INT", id);
            }
        });
        assert_eq!(cell.error().0, "KeyboardInterrupt", "{:?}", cell.reply);
        assert!(begin.unwrap().elapsed() < Duration::from_secs(8));
    }
    assert_eq!(kernel.run("kept()").value(), Some("11"));
}

#[test]
fn a_full_disk_is_said_and_room_helps() {
    let cache = tempfile::tempdir().unwrap();
    let Some(_disk) = Disk::mount(cache.path(), "size=6m") else {
        return;
    };
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_CACHE", cache.path());
    });
    assert!(kernel.run("let a = 1;").is_ok());
    let filler = cache.path().join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
    let cell = kernel.run("let b = 2;");
    assert!(
        cell.error().1.contains("the disk is full"),
        "{:?}",
        cell.error()
    );
    drop(file);
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(kernel.run("a + 2").value(), Some("3"));
}

#[test]
fn a_home_that_cannot_be_written_is_no_obstacle() {
    let home = tempfile::tempdir().unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let Some(_disk) = Disk::mount(home.path(), "ro") else {
        return;
    };
    let real = std::env::var("HOME").unwrap();
    let mut kernel = Kernel::start_with(|command| {
        for (name, folder) in [("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")] {
            if std::env::var_os(name).is_none() {
                command.env(name, std::path::Path::new(&real).join(folder));
            }
        }
        command
            .env("HOME", home.path())
            .env("TMPDIR", temporary.path())
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("GRADUS_CACHE");
    });
    assert_eq!(kernel.run("1 + 1").value(), Some("2"));
}

#[test]
fn opening_a_notebook_of_a_course_builds_its_library_beside_what_its_program_was_built_of() {
    let desk = Desk::default();
    // A cache lies in no project.
    let cache = tempfile::tempdir().unwrap();
    for (folder, name, file, text) in [
        (
            "crates/core",
            "gradus",
            "lib.rs",
            "pub fn one() -> i32 { 1 }\n",
        ),
        ("crates/cli", "program", "main.rs", "fn main() {}\n"),
    ] {
        let folder = desk.path().join(folder);
        std::fs::create_dir_all(folder.join("src")).unwrap();
        std::fs::write(folder.join("src").join(file), text).unwrap();
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    }
    desk.file(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\ndefault-members = [\"crates/cli\"]\n",
    );
    let program = Command::new("cargo")
        .args(["build", "--release", "--quiet"])
        .current_dir(desk.path())
        .env_remove("CARGO_TARGET_DIR")
        .status()
        .unwrap();
    assert!(program.success());
    let library = ":dep gradus = { path = \"crates/core\" }";
    let notebook = desk.notebook("lesson.ipynb", &[library, "gradus::one()"]);
    let mut kernel = Kernel::start_with(|command| {
        command
            .current_dir(desk.path())
            .env("JPY_SESSION_NAME", &notebook)
            .env("GRADUS_CACHE", cache.path())
            .env_remove("CARGO_TARGET_DIR");
    });
    let kits = || {
        let cells = std::fs::read_dir(cache.path()).into_iter().flatten();
        let rooms = cells
            .flat_map(|cells| std::fs::read_dir(cells.unwrap().path().join("kits")).into_iter());
        let rooms = rooms.flatten().map(|room| room.unwrap().path());
        rooms.collect::<Vec<_>>()
    };
    // Nobody has run a cell yet.
    let begin = Instant::now();
    while !kits().iter().any(|room| room.join("kit.json").exists()) {
        assert!(begin.elapsed() < Duration::from_secs(120), "{:?}", kits());
        std::thread::sleep(Duration::from_millis(50));
    }
    let cell = kernel.run(&format!("{library}\ngradus::one()"));
    assert_eq!(cell.value(), Some("1"));
    assert!(
        !kits().iter().any(|room| room.ends_with("target")),
        "nothing is built apart: {:?}",
        kits()
    );
    let built = std::fs::read_dir(desk.path().join("target/release/deps")).unwrap();
    let built = built.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(built.into_iter().any(|name| name.starts_with("libgradus-")));
}
