//! What can stand here, what is this: with the program that knows what the compiler knows, without it, and when it dies.

use std::path::Path;
use std::time::{Duration, Instant};

use gradus_tests::client::Kernel;
use gradus_tests::{analysis, root};
use serde_json::{Value, json};

fn ask(kernel: &mut Kernel, kind: &str, code: &str) -> Value {
    let at = code.chars().count();
    kernel.ask(
        kind,
        json!({"code": code, "cursor_pos": at, "detail_level": 0}),
    )
}

fn codes(found: &Value) -> Vec<String> {
    let matches = found["matches"].as_array().into_iter().flatten();
    matches
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

fn complete(kernel: &mut Kernel, code: &str) -> Vec<String> {
    codes(&ask(kernel, "complete_request", code))
}

/// The program of a kernel, once it runs.
fn program_of(kernel: &Kernel) -> Option<i32> {
    let parent = kernel.id().to_string();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .find_map(|entry| {
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The system cuts names.
            let is_it = stat.contains("(gradus-analysis)") || stat.contains("(gradus-analysi)");
            let (_, rest) = stat.rsplit_once(") ")?;
            (is_it && rest.split(' ').nth(1) == Some(&parent)).then_some(())?;
            entry.file_name().to_str()?.parse().ok()
        })
}

fn kill(id: i32) {
    let status = std::process::Command::new("kill")
        .args(["-9", &id.to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn without_the_program_the_names_of_the_session_and_the_library_are_there_at_once() {
    let mut kernel = Kernel::start_with(|command| {
        command.envs([("GRADUS_ANALYSIS", ""), ("GRADUS_LANG", "en")]);
    });
    let library = root().join("crates/core");
    let cell = kernel.run(&format!(
        ":dep gradus = {{ path = {:?} }}\nuse gradus::prelude::*;\nlet data = Dataset::digits();\n\
         let net = Sequential::input(64).dense(10);\nlet sequence = vec![1, 2, 3];\n\
         struct Point {{ x: f64, y: f64 }}\nimpl Point {{ fn length(&self) -> f64 {{ self.x.hypot(self.y) }} }}\n\
         let point = Point {{ x: 3.0, y: 4.0 }};\nfn seed_of(n: u64) -> u64 {{ n }}",
        library.display().to_string()
    ));
    assert!(cell.is_ok(), "{:?}", cell.reply);
    let begin = Instant::now();
    let found = complete(&mut kernel, "data.sp");
    let first = begin.elapsed();
    assert!(found.contains(&"split(".to_owned()), "{found:?}");
    assert!(first < Duration::from_secs(1), "{first:?}");
    for (code, wanted) in [
        (
            "let other = Sequential::input(64).dense(32).acti",
            "activation(",
        ),
        ("println!(\"{}\", Dataset::digits().sp", "split("),
        (
            "let (train, test) = data.split(0.8, 42)?;\ntrain.sp",
            "split(",
        ),
        ("let history = net.clone().fi", "fit("),
        ("Sequential::inp", "input("),
        ("use gradus::prelude::{Sequential, Rel", "Relu"),
        ("net.dense(3).activation(Rel", "Relu"),
        ("point.", "x"),
        ("point.le", "length()"),
        ("Point { x", "x"),
        (":va", ":vars"),
        ("let a = 1; whi", "while"),
    ] {
        let found = complete(&mut kernel, code);
        assert!(found.iter().any(|one| one == wanted), "{code}: {found:?}");
    }
    // The session's own names come first.
    let found = complete(&mut kernel, "let a = se");
    assert_eq!(found[..2], ["sequence", "seed_of("], "{found:?}");
    // Only what a cell may use: the compiler agrees.
    for code in complete(&mut kernel, "net.") {
        let cell = kernel.run(&match code.split_once('(') {
            Some((name, _)) => format!("let _ = Sequential::{name};"),
            None => format!("let _ = |net: Sequential| net.{code};"),
        });
        let said = cell.reply.to_string();
        assert!(
            !said.contains("private") && !said.contains("no field"),
            "{code}: {said}"
        );
    }
    for code in ["\"data.sp", "// data.sp", "let sp", "nobody().sp"] {
        assert_eq!(complete(&mut kernel, code), [""; 0], "{code}");
    }
    let found = ask(&mut kernel, "inspect_request", "Sequential::input(3).dense");
    let text = found["data"]["text/plain"].as_str().unwrap_or_default();
    assert!(
        text.contains("units: usize") && text.lines().count() > 2,
        "{found}"
    );
    assert!(program_of(&kernel).is_none());
}

#[test]
fn a_program_that_is_killed_takes_nothing_along_and_is_started_again() {
    assert!(analysis().is_file());
    let mut kernel = Kernel::start();
    assert!(kernel.run("let kept = vec![1, 2];").is_ok());
    assert!(program_of(&kernel).is_none(), "nobody has asked");
    let until = |kernel: &mut Kernel| {
        let begin = Instant::now();
        // Its type is known to the compiler alone.
        while !complete(kernel, "kept.iter().max().is_so").contains(&"is_some()".to_owned()) {
            assert!(begin.elapsed() < Duration::from_secs(120), "no answer");
        }
    };
    // While it reads in, in the middle of a question, and when it waits.
    ask(&mut kernel, "complete_request", "kept.iter().");
    kill(program_of(&kernel).expect("it runs"));
    std::thread::sleep(Duration::from_secs(20));
    until(&mut kernel);
    let first = program_of(&kernel).expect("it runs");
    let question = kernel.send(
        "complete_request",
        json!({"code": "kept.iter().", "cursor_pos": 12}),
    );
    kill(first);
    let cell = kernel.send_cell("kept.iter().sum::<i32>()");
    let answer = kernel.finish(&question, |_, _, _| ());
    assert_eq!(answer.reply["status"], "ok");
    let cell = kernel.finish(&cell, |_, _, _| ());
    assert_eq!(cell.value(), Some("3"));
    until(&mut kernel);
    let second = program_of(&kernel).expect("it runs again");
    assert_ne!(first, second);
    kill(second);
    until(&mut kernel);
    assert_eq!(kernel.run("kept.len()").value(), Some("2"));
}

#[test]
fn it_ends_with_its_kernel() {
    let mut kernel = Kernel::start();
    ask(&mut kernel, "complete_request", "String::ne");
    let id = program_of(&kernel).expect("it runs");
    drop(kernel);
    let begin = Instant::now();
    while Path::new(&format!("/proc/{id}")).exists() {
        assert!(begin.elapsed() < Duration::from_secs(10), "it lives on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The memory (PSS) of a process and of all that it has started, in MiB.
fn memory_of(id: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let own: u64 = line
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    let below = std::fs::read_dir("/proc").unwrap().flatten();
    let below = below.filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        let parent: u32 = rest.split(' ').nth(1)?.parse().ok()?;
        let below: u32 = entry.file_name().to_str()?.parse().ok()?;
        (parent == id).then_some(below)
    });
    own / 1024 + below.map(memory_of).sum::<u64>()
}

/// For `crates/kernel/README.md`:
/// `cargo test --release -p gradus-tests --test questions -- --ignored --nocapture memory`.
#[test]
#[ignore = "measures, and needs a quiet machine"]
fn memory_and_time_of_questions() {
    let mut kernel = Kernel::start();
    std::thread::sleep(Duration::from_secs(5));
    println!("idle: {} MiB", memory_of(kernel.id()));
    let library = root().join("crates/core");
    let cell = kernel.run(&format!(
        ":dep gradus = {{ path = {:?} }}\nuse gradus::prelude::*;\nlet data = Dataset::digits();",
        library.display().to_string()
    ));
    assert!(cell.is_ok(), "{:?}", cell.reply);
    std::thread::sleep(Duration::from_secs(5));
    println!("with the library: {} MiB", memory_of(kernel.id()));
    let begin = Instant::now();
    let found = complete(&mut kernel, "data.sp");
    println!(
        "first Tab: {:.3} s, {found:?}",
        begin.elapsed().as_secs_f64()
    );
    println!("the names of the library: {} MiB", {
        let program = program_of(&kernel).map_or(0, |id| memory_of(id.cast_unsigned()));
        memory_of(kernel.id()) - program
    });
    // Its type is known to the compiler alone.
    while complete(&mut kernel, "vec![1].iter().max().is_so").is_empty() {}
    println!(
        "the compiler's answer: after {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    for code in [
        "data.sp",
        "data.",
        "Sequential::input(3).dense(4).acti",
        "let a = Se",
    ] {
        let begin = Instant::now();
        let found = complete(&mut kernel, code).len();
        println!(
            "{code}: {:.3} s, {found} names",
            begin.elapsed().as_secs_f64()
        );
    }
    let program = program_of(&kernel).expect("it runs").cast_unsigned();
    println!("gradus-analysis: {} MiB", memory_of(program));
}
