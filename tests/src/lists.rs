//! Lists of cells with what must come of them: `crates/kernel/tests/cells/*.cells`.
//!
//! A list has a line `%%` before each cell, behind it what must come of it: `out: TEXT | TEXT` for what it shows, `not: TEXT`
//! for what it does not show, `text/html: TEXT` for that form of its value, `fails` or `fails: TEXT | TEXT` for an error,
//! nothing for none, `any` for whatever.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use crate::{Desk, joined, root, without_colours};

/// The lists whose name is as wanted, in order.
pub fn lists(is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let folder = root().join("crates/kernel/tests/cells");
    let files = std::fs::read_dir(folder).expect("the lists").flatten();
    let mut lists: Vec<_> = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|end| end == "cells"))
        .filter(|path| is_wanted(name(path)))
        .collect();
    lists.sort();
    lists
}

/// The name of a list.
pub fn name(list: &Path) -> &str {
    list.file_stem()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// What must come of each cell, and its code.
pub fn read(list: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(list).expect("a list");
    let cells = text.split("\n%%").skip(1);
    let cells = cells.map(|cell| cell.split_once('\n').unwrap_or((cell, "")));
    cells
        .map(|(wanted, code)| (wanted.trim().to_owned(), code.trim_end().to_owned()))
        .collect()
}

/// What is wrong with a run of a list, and how long it took.
pub fn run(cells: &[(String, String)]) -> (Vec<String>, f64) {
    let desk = Desk::default();
    let codes: Vec<&str> = cells.iter().map(|(_, code)| code.as_str()).collect();
    desk.notebook("n.ipynb", &codes);
    let begin = Instant::now();
    let mut command = desk.run_command(&["n.ipynb", "--keep-going", "--timeout", "300"]);
    command
        .env("GRADUS_LANG", "en")
        .output()
        .expect("gradus starts");
    let seconds = begin.elapsed().as_secs_f64();
    let executed = desk.executed("n.ipynb");
    let mut wrong = Vec::new();
    for (number, (wanted, code)) in (1..).zip(cells) {
        let outputs = executed.outputs(number);
        let failed = outputs.iter().find(|one| one["output_type"] == "error");
        let said = failed.map_or(String::new(), |error| {
            without_colours(&joined(&error["traceback"]))
        });
        let shown: String = outputs
            .iter()
            .map(|one| text_of(one, form_wanted(wanted)))
            .collect();
        let is_right = is_right(wanted, &shown, failed.map(|_| said.as_str()));
        if !is_right {
            wrong.push(format!(
                "cell {number}: {code}\n  wanted {wanted:?}, shows {shown:?} {said}"
            ));
        }
    }
    (wrong, seconds)
}

/// Whether a cell did what is wanted: what it shows, and the text of its error if it has one.
pub fn is_right(wanted: &str, shown: &str, error: Option<&str>) -> bool {
    let (kind, texts) = wanted.split_once(':').unwrap_or((wanted, ""));
    let mut texts = texts.split('|').map(str::trim);
    match kind {
        "any" => true,
        "" => error.is_none(),
        "out" => error.is_none() && texts.all(|text| shown.contains(text)),
        "not" => error.is_none() && !texts.any(|text| shown.contains(text)),
        "fails" => error.is_some_and(|said| texts.all(|text| said.contains(text))),
        _ if form_wanted(wanted).is_some() => {
            error.is_none() && texts.all(|text| shown.contains(text))
        }
        other => panic!("{other:?} is nothing that can come of a cell"),
    }
}

/// The form of the value that is wanted, as in `text/html: TEXT`.
fn form_wanted(wanted: &str) -> Option<&str> {
    let (kind, _) = wanted.split_once(':')?;
    kind.contains('/').then_some(kind)
}

/// What an output says, in one form or in all.
fn text_of(output: &Value, form: Option<&str>) -> String {
    match output["output_type"].as_str() {
        Some("stream") => joined(&output["text"]),
        Some("error") => String::new(),
        _ => {
            let forms = output["data"].as_object().into_iter().flatten();
            forms
                .filter(|(mime, _)| form.is_none_or(|form| form == *mime))
                .map(|(_, content)| match content {
                    Value::Object(_) => content.to_string(),
                    text => joined(text),
                })
                .collect()
        }
    }
}
