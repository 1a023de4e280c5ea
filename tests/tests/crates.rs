//! Crates that people bring, as their guides use them: the lists in `crates/kernel/tests/cells`.
//!
//! A list has a line `%%` before each cell, behind it what must come of it: `out: TEXT | TEXT` for what it shows as text,
//! `text/html: TEXT` for a form of its value, `fails` for an error, nothing for none. Their crates are built, so this is not part of the usual tests:
//! `cargo test --release -p gradus-tests --test crates -- --ignored --nocapture`; `GRADUS_CELLS=zstd` takes one of them.

use std::path::Path;
use std::time::Instant;

use gradus_tests::{Desk, joined, root, without_colours};
use serde_json::Value;

/// What must come of each cell, and its code.
fn read(list: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(list).unwrap();
    let cells = text.split("\n%%").skip(1);
    let cells = cells.map(|cell| cell.split_once('\n').unwrap_or((cell, "")));
    cells
        .map(|(wanted, code)| (wanted.trim().to_owned(), code.trim().to_owned()))
        .collect()
}

fn text_of(output: &Value, mime: &str) -> String {
    match output["output_type"].as_str() {
        Some("stream") => joined(&output["text"]),
        Some("error") => String::new(),
        _ => joined(&output["data"][mime]),
    }
}

/// What is wrong with a run of a list, and how long it took.
fn run(cells: &[(String, String)]) -> (Vec<String>, f64) {
    let desk = Desk::default();
    let codes: Vec<&str> = cells.iter().map(|(_, code)| code.as_str()).collect();
    desk.notebook("n.ipynb", &codes);
    let begin = Instant::now();
    let mut command = desk.run_command(&["n.ipynb", "--keep-going", "--timeout", "60"]);
    command.env("GRADUS_LANG", "en").output().unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    let executed = desk.executed("n.ipynb");
    let mut wrong = Vec::new();
    for (number, (wanted, code)) in (1..).zip(cells) {
        let outputs = executed.outputs(number);
        let failed = outputs.iter().find(|one| one["output_type"] == "error");
        let wanted_form = wanted
            .split_once(": ")
            .map(|(form, texts)| (if form == "out" { "text/plain" } else { form }, texts));
        let mime = wanted_form.map_or("text/plain", |(mime, _)| mime);
        let shown: String = outputs.iter().map(|one| text_of(one, mime)).collect();
        let is_right = match wanted_form {
            Some((_, texts)) => {
                failed.is_none() && texts.split('|').all(|text| shown.contains(text.trim()))
            }
            None => failed.is_some() == (wanted == "fails"),
        };
        if !is_right {
            let said = failed.map_or(String::new(), |error| joined(&error["traceback"]));
            wrong.push(format!(
                "{code}\n  wanted {wanted:?}, shows {shown:?} {}",
                without_colours(&said)
            ));
        }
    }
    (wrong, seconds)
}

#[test]
#[ignore = "builds crates for minutes; see above"]
fn crates_that_people_bring_work() {
    let folder = root().join("crates/kernel/tests/cells");
    let only = std::env::var("GRADUS_CELLS").unwrap_or_default();
    let files = std::fs::read_dir(folder).unwrap().flatten();
    let lists = files.map(|file| file.path());
    let mut lists: Vec<_> = lists
        .filter(|path| path.extension().is_some_and(|end| end == "cells"))
        .collect();
    lists.sort();
    lists.retain(|path| path.display().to_string().contains(&only));
    assert!(!lists.is_empty());
    let mut wrong = Vec::new();
    for list in lists {
        let cells = read(&list);
        let (first, seconds) = run(&cells);
        let (second, again) = run(&cells);
        let name = list.file_stem().unwrap_or_default().display();
        println!(
            "{name}: {seconds:.1} s, again {again:.1} s, {} cells wrong",
            first.len()
        );
        wrong.extend(
            first
                .into_iter()
                .chain(second)
                .map(|one| format!("{name}: {one}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
