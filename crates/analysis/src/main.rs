//! What can stand at a place in the code, and what stands there: the program that the kernel asks.
//!
//! [rust-analyzer](https://rust-analyzer.github.io) answers. It takes seconds to read libraries in and a gigabyte to
//! remember them, so it lives in a process of its own, which the kernel starts with the first question, and which ends when
//! nobody has asked for a while, when memory gets short, or when its input ends.
//!
//! ```sh
//! gradus-analysis FOLDER
//! ```
//!
//! FOLDER holds a package with a `lib.rs` and the libraries of the session as its dependencies: other libraries, another process.
//! One line of JSON goes each way. A question:
//!
//! ```json
//! {"number": 7, "items": "fn f() {}", "code": "let x: i32 = todo!();\nx.", "at": 24, "what": "completion"}
//! ```
//!
//! `items` stand in the file, `code` in a function behind them; `at` is a byte of `code`. `what` is `completion` or `documentation`.
//! An answer:
//!
//! ```json
//! {"number": 7, "matches": [{"code": "abs()", "kind": "function", "label": "fn(self) -> i32"}], "range": [24, 24]}
//! {"number": 8, "text": "fn abs(self) -> i32", "html": "<p>..."}
//! ```
//!
//! A question is not answered when another one has come since: nobody waits for that any more.

mod engine;

use std::io::{BufRead, Write};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::time::Duration;

use crossbeam_channel::Receiver;
use engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct Question {
    number: u64,
    items: String,
    code: String,
    at: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Completion,
    Documentation,
}

/// Nobody who works on a notebook is silent for so long.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// What has to be left for others, in KiB.
const SPARE: u64 = 300 << 10;

fn main() {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("gradus-analysis: a kernel starts this, with the folder of a package");
        std::process::exit(2);
    };
    // It panics now and then about code that is being written; nobody needs to read that.
    std::panic::set_hook(Box::new(|_| {}));
    let (questions_in, questions) = crossbeam_channel::unbounded();
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().lines();
        for line in lines.map_while(Result::ok) {
            match serde_json::from_str::<Question>(&line) {
                Ok(question) => drop(questions_in.send(question)),
                Err(error) => eprintln!("gradus-analysis: this is no question: {error}"),
            }
        }
        // The kernel is gone.
        std::process::exit(0);
    });
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(LOOK);
            if memory_left().is_some_and(|left| left < SPARE) {
                std::process::exit(0);
            }
        }
    });
    match Engine::load(&folder) {
        Ok(mut engine) => serve(&mut engine, &questions),
        Err(error) => {
            eprintln!("gradus-analysis: {error}");
            std::process::exit(1);
        }
    }
}

fn serve(engine: &mut Engine, questions: &Receiver<Question>) {
    while let Ok(first) = questions.recv_timeout(IDLE) {
        let question = questions.try_iter().last().unwrap_or(first);
        let found = std::panic::catch_unwind(AssertUnwindSafe(|| answer(engine, &question)));
        let mut said = found.unwrap_or_else(|_| json!({}));
        said["number"] = json!(question.number);
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{said}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

fn answer(engine: &mut Engine, question: &Question) -> Value {
    let (items, code, at) = (&question.items, &question.code, question.at);
    match question.what {
        What::Completion => {
            let (range, matches) = engine.complete(items, code, at);
            json!({"matches": matches, "range": [range.start, range.end]})
        }
        What::Documentation => match engine.document(items, code, at) {
            Some((text, html)) => json!({"text": text, "html": html}),
            None => json!({}),
        },
    }
}

/// The memory that this machine can still give, in KiB; where it does not tell, there is enough.
fn memory_left() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse().ok()
}
