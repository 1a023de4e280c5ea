//! What can stand here, what is this: with the program that knows what the compiler knows, without it, and when it dies.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use gradus_tests::client::Kernel;
use gradus_tests::{Desk, analysis, root};
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

/// The program of the kernels that have this folder at run time, once it runs.
fn program_in(folder: &Path) -> Option<i32> {
    let mut found = programs_in(folder).into_iter();
    let first = found.next();
    assert_eq!(found.next(), None, "there are two");
    first
}

fn program_of(kernel: &Kernel) -> Option<i32> {
    program_in(kernel.folder())
}

fn programs_in(folder: &Path) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let found = processes.filter_map(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let mut words = line.split('\0');
        let is_it = words.next()?.ends_with("gradus-analysis")
            && words.nth(1)?.starts_with(folder.to_str()?);
        is_it.then(|| entry.file_name().to_str()?.parse().ok())?
    });
    found.collect()
}

fn wait_for_the_end_of(id: i32) {
    let begin = Instant::now();
    while Path::new(&format!("/proc/{id}")).exists() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it lives on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Asks until the compiler's answer is there; its type is known to the compiler alone.
fn until_it_answers(kernel: &mut Kernel, code: &str, wanted: &str) {
    let begin = Instant::now();
    while !complete(kernel, code).iter().any(|one| one == wanted) {
        assert!(begin.elapsed() < Duration::from_secs(120), "no answer");
        std::thread::sleep(Duration::from_millis(50));
    }
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
        until_it_answers(kernel, "kept.iter().max().is_so", "is_some()");
    };
    // While it reads in, in the middle of a question, and when it waits.
    ask(&mut kernel, "complete_request", "kept.iter().");
    kill(program_of(&kernel).expect("it runs"));
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
fn kernels_of_a_user_share_it_and_it_ends_after_the_last_of_them() {
    let runtime = tempfile::tempdir().unwrap();
    let start = || {
        Kernel::start_with(|command| {
            command.env("XDG_RUNTIME_DIR", runtime.path());
        })
    };
    let mut kernels = [start(), start(), start()];
    for (number, kernel) in kernels.iter_mut().enumerate() {
        let name = format!("name{number}");
        let cell = format!("let {name} = vec![{number}]; fn only{number}() {{}}");
        assert!(kernel.run(&cell).is_ok());
    }
    let questions = kernels
        .iter_mut()
        .map(|kernel| {
            kernel.send(
                "complete_request",
                json!({"code": "vec![1].", "cursor_pos": 8}),
            )
        })
        .collect::<Vec<_>>();
    for (kernel, question) in kernels.iter_mut().zip(&questions) {
        assert_eq!(kernel.finish(question, |_, _, _| ()).reply["status"], "ok");
    }
    let mut shared = None;
    for (number, kernel) in kernels.iter_mut().enumerate() {
        let code = format!("name{number}.iter().max().is_so");
        until_it_answers(kernel, &code, "is_some()");
        // Each has its own names.
        let only = complete(kernel, "only");
        assert_eq!(only, [format!("only{number}()")]);
        let program = program_in(runtime.path()).expect("it runs");
        assert_eq!(*shared.get_or_insert(program), program);
    }
    let shared = shared.unwrap();
    let [first, second, mut third] = kernels;
    drop((first, second));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(
        complete(&mut third, "name2.iter().max().is_so"),
        ["is_some()", "is_some_and("]
    );
    assert_eq!(program_in(runtime.path()), Some(shared));
    // Nobody else can look into its folder.
    let about = std::fs::metadata(runtime.path().join("gradus")).unwrap();
    assert_eq!(about.permissions().mode() & 0o777, 0o700);
    drop(third);
    wait_for_the_end_of(shared);
}

#[test]
fn other_libraries_have_another_program() {
    let desk = Desk::default();
    let folder = desk.path().join("zeppelin");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    desk.file(
        "zeppelin/Cargo.toml",
        "[package]\nname = \"zeppelin\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    desk.file(
        "zeppelin/src/lib.rs",
        "pub struct Ship; impl Ship { pub fn sizes(&self) -> impl Iterator<Item = u8> { [1].into_iter() } }",
    );
    let runtime = tempfile::tempdir().unwrap();
    let start = || {
        Kernel::start_with(|command| {
            command.env("XDG_RUNTIME_DIR", runtime.path());
        })
    };
    let (mut with, mut without) = (start(), start());
    let cell = format!(
        ":dep zeppelin = {{ path = {:?} }}\nlet ship = zeppelin::Ship;",
        folder.display().to_string()
    );
    assert!(with.run(&cell).is_ok());
    assert!(without.run("let ship = 1;").is_ok());
    until_it_answers(&mut with, "ship.sizes().max().is_so", "is_some()");
    until_it_answers(&mut without, "[ship].iter().max().is_so", "is_some()");
    assert_eq!(programs_in(runtime.path()).len(), 2);
    assert!(!complete(&mut without, "zeppelin::").contains(&"Ship".to_owned()));
    drop((with, without));
    for id in programs_in(runtime.path()) {
        wait_for_the_end_of(id);
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
