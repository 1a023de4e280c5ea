//! Hostile exercises through `cargo labs check`: none gets a point that its answers do not earn, none takes one from another
//! exercise, and what does not end as it should is said.
//!
//! What is left to draws that nobody can see, in a grader elsewhere: a program that finds the lab's files on the disk while it
//! runs, or that has the public inputs and their answers in a table, is right about all that it has seen. That holds for a
//! student's copy by its nature: whoever owns the machine can change what judges on it, which `check` says when it sees it.

mod release;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

struct Lab(release::Release);

impl Lab {
    /// A release with lab1.1 solved, so that there are points to lose.
    fn new() -> Self {
        let lab = Self(release::release());
        lab.edit("e1_sigmoid", |text| {
            text.replacen("todo!(\"lab1.1\")", "1.0 / (1.0 + (-z).exp())", 1)
                .replacen("todo!(\"lab1.1\")", "sigmoid(z) * sigmoid(-z)", 1)
        });
        lab
    }

    fn out(&self) -> &Path {
        &self.0.out
    }

    fn gradus(&self, arguments: &[&str]) -> Output {
        let mut command = release::command(self.out(), arguments);
        command
            .env("GRADUS_LANG", "en")
            .output()
            .expect("gradus runs")
    }

    /// `cargo test`, as a student types it.
    fn cargo_test(&self, more: &[&str]) -> Output {
        Command::new("cargo")
            .args(["test", "-q", "-p", "lab1"])
            .args(more)
            .current_dir(self.out())
            .env("CARGO_TARGET_DIR", release::target())
            .env("GRADUS_LANG", "en")
            .env("INSTA_UPDATE", "always")
            .env("INSTA_FORCE_PASS", "1")
            .output()
            .expect("cargo runs")
    }

    fn file(&self, stem: &str) -> PathBuf {
        self.out()
            .join(format!("labs/lab1/src/exercises/{stem}.rs"))
    }

    fn edit(&self, stem: &str, change: impl Fn(&str) -> String) {
        let text = fs::read_to_string(self.file(stem)).expect("the exercise");
        let changed = change(&text);
        assert_ne!(text, changed, "nothing was changed");
        fs::write(self.file(stem), changed).expect("to write");
    }

    /// lab1.5 as a whole file, and what `check` makes of it.
    fn batches(&self, code: &str) -> Checked {
        fs::write(self.file("e5_batches"), code).expect("to write");
        self.check()
    }

    fn check(&self) -> Checked {
        self.checked(self.gradus(&["check", "lab1", "--json"]))
    }

    fn checked(&self, output: Output) -> Checked {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let labs: Value = serde_json::from_str(&said)
            .unwrap_or_else(|e| panic!("{e}: {said}{}", String::from_utf8_lossy(&output.stderr)));
        Checked {
            lab: labs[0].clone(),
            status: output.status.code(),
        }
    }
}

#[derive(Debug)]
struct Checked {
    lab: Value,
    status: Option<i32>,
}

impl Checked {
    fn exercise(&self, id: &str) -> &Value {
        let all = self.lab["exercises"].as_array().expect("outcomes");
        let found = all.iter().find(|exercise| exercise["id"] == id);
        found.expect("every exercise is there")
    }

    /// lab1.1 keeps its ten points, lab1.5 has these, and nobody says more.
    #[track_caller]
    fn earns(&self, points: u64) -> String {
        assert_eq!(self.lab["exercises"].as_array().expect("outcomes").len(), 7);
        assert_eq!(self.lab["earned"], 10 + points, "{self:?}");
        assert_eq!(self.lab["points"], 100, "{self:?}");
        assert_eq!(self.status, Some(1));
        self.exercise("lab1.5").to_string()
    }
}

const HEAD: &str = "#![allow(unused)]\nuse gradus_exercise::Random;\n";

fn batches(body: &str) -> String {
    format!(
        "{HEAD}pub fn mini_batches(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {{\n{body}\n}}\n"
    )
}

/// A JSON line as a solved exercise has it, in code that prints it.
const FORGED: &str = r##"println!("\n{}", r#"{"id":"lab1.5","title":{"es":"","en":""},"file":"x","points":1000,"verdicts":[{"question":"mini_batches","points":1000,"state":"right"}]}"#);"##;

#[test]
fn only_right_answers_earn_points() {
    let lab = Lab::new();
    let ended = "the program ended in the middle of the call";
    for (body, says) in [
        ("std::process::exit(0)".to_owned(), ended),
        ("std::process::abort()".to_owned(), ended),
        (format!("{FORGED} std::process::exit(0)"), ended),
        // A thread that goes on while the function waits.
        (
            format!("std::thread::spawn(|| {{ {FORGED} std::process::exit(0) }}); std::thread::sleep(std::time::Duration::from_secs(1)); Vec::new()"),
            ended,
        ),
        (
            format!("std::panic::set_hook(Box::new(|_| {{ {FORGED} std::process::exit(0) }})); todo!()"),
            ended,
        ),
        // An answer in the harness's own words is an answer: a wrong one.
        (
            r#"println!("\n\u{1e}{{\"answer\":{{\"sizes\":[4,4,2],\"each_once\":true,\"shuffled\":true,\"epochs_differ\":true}}}}"); loop { std::thread::park() }"#
                .to_owned(),
            "",
        ),
        (
            "fn deep(n: u64) -> u64 { std::hint::black_box(deep(n + 1)) + 1 } vec![vec![deep(0) as usize]]".to_owned(),
            "the stack has overflowed",
        ),
        (
            "let mut all: Vec<Vec<u8>> = Vec::new(); loop { all.push(Vec::with_capacity(1 << 30)) }".to_owned(),
            "not so much memory",
        ),
    ] {
        let said = lab.batches(&batches(&body)).earns(0);
        assert!(said.contains(says), "{body}: {said}");
    }
}

#[test]
fn what_does_not_compile_costs_one_exercise() {
    let lab = Lab::new();
    let reference = "let mut order: Vec<usize> = (0..n).collect(); rng.shuffle(&mut order); order.chunks(batch).map(<[usize]>::to_vec).collect()";
    for code in [
        // No Rust at all; an unsafe start before `main`; another's function; the library's source; the answers; the checker.
        "def mini_batches(n, batch, rng):".to_owned(),
        format!(
            "{}#[used]\n#[unsafe(link_section = \".init_array\")]\nstatic FIRST: extern \"C\" fn() = first;\nextern \"C\" fn first() {{ {FORGED} std::process::exit(0) }}\n",
            batches(reference)
        ),
        format!(
            "{}#[unsafe(no_mangle)]\npub extern \"C\" fn write(_: i32, _: *const u8, n: usize) -> isize {{ n as isize }}\n",
            batches(reference)
        ),
        format!(
            "{}#[path = \"../../../../crates/text/src/../../core/src/error.rs\"]\nmod library;\n",
            batches(reference)
        ),
        batches("let table = include_str!(\"../../snapshots/lab1.5.snap\"); Vec::new()"),
        batches(
            "lab1::lab().check(lab1::questions::mini_batches(|_, _, _| Vec::new())); Vec::new()",
        ),
        format!("{HEAD}pub fn mini_batches(n: usize) -> usize {{ n }}\n"),
        format!("{HEAD}pub fn other() {{}}\n"),
    ] {
        let checked = lab.batches(&code);
        let said = checked.earns(0);
        assert!(
            checked.exercise("lab1.5")["uncompiled"].is_object(),
            "{code}: {said}"
        );
    }
    // Another's function of the same name is one's own affair.
    let twice = format!(
        "{}pub fn sigmoid(z: f64) -> f64 {{ z }}\n",
        batches(reference)
    );
    let checked = lab.batches(&twice);
    checked.earns(15);
}

#[test]
fn a_child_does_not_live_on_and_the_process_must_end() {
    let lab = Lab::new();
    let mark = lab.out().join("it-lived-on");
    let reference = "let mut order: Vec<usize> = (0..n).collect(); rng.shuffle(&mut order); order.chunks(batch).map(<[usize]>::to_vec).collect()";
    let child = format!(
        "static ONCE: std::sync::Once = std::sync::Once::new(); ONCE.call_once(|| {{ let _ = std::process::Command::new(\"sh\").args([\"-c\", \"(sleep 5; touch {}) >/dev/null 2>&1 &\"]).spawn(); }}); {reference}",
        mark.display()
    );
    lab.batches(&batches(&child)).earns(15);
    // Right answers, and then an end that is none.
    let end = format!(
        "struct Last; thread_local! {{ static LAST: Last = const {{ Last }}; }} impl Drop for Last {{ fn drop(&mut self) {{ std::process::abort() }} }} LAST.with(|_| ()); {reference}"
    );
    lab.batches(&batches(&end)).earns(15);
    std::thread::sleep(std::time::Duration::from_secs(5));
    assert!(!mark.exists(), "a child went on after the check");
}

/// Right answers are no pass when their program does not end as it should: it may be at work on something else.
#[test]
#[cfg(target_os = "linux")]
fn a_bad_end_after_right_answers_fails_the_tests() {
    let lab = Lab::new();
    let tested = |code: &str, status: i32, says: &str| {
        lab.edit("e1_sigmoid", |text| {
            let begin = text.find("pub fn sigmoid(").expect("the function");
            let end = begin + text[begin..].find("\n}\n").expect("its end");
            let body =
                "if z >= 0.0 { 1.0 / (1.0 + (-z).exp()) } else { z.exp() / (1.0 + z.exp()) }";
            let one = format!("pub fn sigmoid(z: f64) -> f64 {{\n{code}\n{body}");
            format!("{}{one}{}", &text[..begin], &text[end..])
        });
        let tested = lab.cargo_test(&["--", "lab1.1"]);
        let said = String::from_utf8_lossy(&tested.stdout).into_owned();
        assert_eq!(tested.status.code(), Some(status), "{code}: {said}");
        assert!(
            said.contains("10/10") && said.contains(says),
            "{code}: {said}"
        );
    };
    let count = lab.out().join("calls");
    let calls = |then: &str| {
        format!(
            "static CALLS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);\n\
             let calls = CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);\n{then}"
        )
    };
    // Of the question about `sigmoid`, which is asked first; the other one calls it less often.
    let counted = format!(
        "let seen = std::fs::read_to_string({count:?}).ok().and_then(|n| n.parse().ok()).unwrap_or(0);\n\
         if calls > seen {{ std::fs::write({count:?}, calls.to_string()).unwrap(); }}"
    );
    tested(&calls(&counted), 0, "");
    let last = fs::read_to_string(&count).expect("a count");
    // Whoever holds the other end of its own input never hears that it is over.
    let held = format!(
        "if calls == {last} {{ std::mem::forget(std::fs::OpenOptions::new().write(true).open(\"/proc/self/fd/0\").unwrap()); }}"
    );
    tested(&calls(&held), 101, "does not end when it should");
    let exit = "std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_millis(200)); std::process::exit(3) });";
    tested(
        &calls(&format!("{held} if calls == {last} {{ {exit} }}")),
        101,
        "the program ended",
    );
}

#[test]
fn a_compilation_without_end_is_stopped_and_said() {
    let lab = Lab::new();
    lab.check().earns(0);
    let endless = "const N: usize = { let mut n: usize = 1; while n > 0 { n = n % 7 + 1; } n };";
    let code = batches("vec![vec![N; n]; batch]").replacen(
        HEAD,
        &format!("#![allow(long_running_const_eval)]\n{HEAD}{endless}\n"),
        1,
    );
    fs::write(lab.file("e5_batches"), code).expect("to write");
    let mut command = release::command(lab.out(), &["check", "lab1", "--json"]);
    let command = command.env("GRADUS_LANG", "en");
    // With one compiler at a time, it stands before the others.
    let command = command.env("CARGO_BUILD_JOBS", "1");
    let output = command.env("GRADUS_COMPILE_SECONDS", "40").output();
    let checked = lab.checked(output.expect("gradus runs"));
    let said = checked.earns(0);
    assert!(said.contains("compiling for more than 40 s"), "{said}");
}

#[test]
fn a_student_cannot_write_their_own_answers_down_and_changed_files_are_named() {
    let lab = Lab::new();
    let snapshot = lab.out().join("labs/lab1/snapshots/lab1.5.snap");
    let before = fs::read(&snapshot).expect("the answers");
    fs::write(lab.file("e5_batches"), batches("vec![vec![7; n]; batch]")).expect("to write");
    let tested = lab.cargo_test(&[]);
    assert_eq!(tested.status.code(), Some(101), "{tested:?}");
    assert_eq!(fs::read(&snapshot).expect("the answers"), before);
    assert_eq!(lab.check().lab["altered"], serde_json::json!([]));

    let declaration = lab.out().join("labs/lab1/exercises/lab1.5.toml");
    let text = fs::read_to_string(&declaration).expect("the declaration");
    fs::write(
        &declaration,
        text.replacen("[tolerance]\n", "[tolerance]\nrtol = 0.9\n", 1),
    )
    .expect("to write");
    let altered = lab.check().lab["altered"].clone();
    assert_eq!(
        altered,
        serde_json::json!(["labs/lab1/exercises/lab1.5.toml"])
    );
    let said = lab.gradus(&["check", "lab1.5"]);
    fs::write(&declaration, text).expect("to write");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("not as they were handed out"), "{said}");
}

#[test]
fn an_exercise_that_is_not_there_is_said_to_be_so() {
    let lab = Lab::new();
    let tested = lab.cargo_test(&["--", "lab1.9"]);
    assert!(!tested.status.success());
    let said = String::from_utf8_lossy(&tested.stderr);
    assert!(said.contains("there is no exercise `lab1.9`"), "{said}");
}
