//! `run --check` refuses what is not what a lesson shows: each kind of change, in every cell of the real lessons that has such
//! a thing.

use std::path::{Path, PathBuf};

use gradus_kernel::compare::{Difference, differences};
use gradus_kernel::notebook::Notebook;
use serde_json::Value;

fn lessons() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notebooks/en");
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut lessons: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "ipynb"))
        .collect();
    lessons.sort();
    lessons
}

fn text(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

fn code_cells(notebook: &mut Value) -> impl Iterator<Item = &mut Value> {
    let cells = notebook["cells"].as_array_mut().unwrap().iter_mut();
    cells.filter(|cell| cell["cell_type"] == "code" && !text(&cell["source"]).trim().is_empty())
}

/// The differences after writing `changed` and reading it again.
fn differences_of(path: &Path, changed: &Value) -> Vec<Difference> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("changed.ipynb");
    std::fs::write(&copy, changed.to_string()).unwrap();
    differences(
        &Notebook::read(path).unwrap(),
        &Notebook::read(&copy).unwrap(),
    )
}

/// Let `change` act on each output of each cell that has no tag, and tell what it changed; each such cell has to be refused.
/// Returns how many there were.
fn each_is_refused(change: impl Fn(&mut Value) -> Option<String>) -> usize {
    let mut count = 0;
    for path in lessons() {
        let mut notebook: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut changed = Vec::new();
        for (i, cell) in code_cells(&mut notebook).enumerate() {
            let tagged = cell["metadata"]["tags"]
                .as_array()
                .is_some_and(|t| !t.is_empty());
            if tagged {
                continue;
            }
            let outputs = cell["outputs"].as_array_mut().unwrap();
            if let Some(what) = outputs.iter_mut().find_map(&change) {
                changed.push((i + 1, what));
            }
        }
        let refused = differences_of(&path, &notebook);
        for (cell, what) in &changed {
            assert!(
                refused.iter().any(|difference| difference.cell == *cell),
                "{}, cell {cell}, unseen: {what}",
                path.display()
            );
        }
        assert_eq!(
            refused.len(),
            changed.len(),
            "{}: {refused:?}",
            path.display()
        );
        count += changed.len();
    }
    count
}

/// Let `change` act on what a stream says or on the text of a result.
fn in_text(output: &mut Value, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let place = match output["output_type"].as_str()? {
        "stream" => &mut output["text"],
        "execute_result" | "display_data" => &mut output["data"]["text/plain"],
        _ => return None,
    };
    let new = change(&text(place))?;
    *place = Value::String(new.clone());
    Some(new)
}

#[test]
fn a_lesson_is_equal_to_itself() {
    for path in lessons() {
        let notebook: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(differences_of(&path, &notebook), []);
    }
}

#[test]
fn an_accuracy_that_is_a_hundredth_lower_is_refused() {
    // The first word such as 0.957 or (0.957, that no unit follows.
    let lower = |said: &str| {
        let words: Vec<&str> = said.split_inclusive(char::is_whitespace).collect();
        let at = |word: &str| Some(word.find("0.9")?..word.find("0.9")? + 5);
        let (i, range) = words.iter().enumerate().find_map(|(i, word)| {
            let range = at(word).filter(|range| word.get(range.clone()).is_some())?;
            let alone = word[..range.start].chars().all(|c| !c.is_ascii_digit());
            let number = word[range.clone()].parse::<f64>().is_ok();
            let next = words.get(i + 1).map_or("", |next| next.trim());
            let time = ["s", "ms", "µs", "ns"].contains(&next);
            (alone && number && !time).then_some((i, range))
        })?;
        let value: f64 = words[i][range.clone()].parse().ok()?;
        let mut word = words[i].to_owned();
        word.replace_range(range, &format!("{:.3}", value - 0.01));
        Some([words[..i].concat(), word, words[i + 1..].concat()].concat())
    };
    let count = each_is_refused(|output| in_text(output, lower));
    assert!(count >= 20, "only {count} cells show an accuracy");
}

#[test]
fn a_missing_line_is_refused() {
    let without_a_line = |said: &str| {
        let lines: Vec<&str> = said.lines().collect();
        let last = lines.iter().rposition(|line| !line.trim().is_empty())?;
        Some([&lines[..last], &lines[last + 1..]].concat().join("\n"))
    };
    let count = each_is_refused(|output| match output["output_type"] == "stream" {
        true => in_text(output, without_a_line),
        false => None,
    });
    assert!(count >= 60, "only {count} cells print something");
}

#[test]
fn a_swapped_series_in_a_figure_is_refused() {
    // Series are lines of width 2; each gets the points of the other.
    let swapped = |output: &mut Value| {
        let place = output["data"].get_mut("image/svg+xml")?;
        let picture = text(place);
        let mut series = picture.match_indices(r#"stroke-width="2" points=""#);
        let mut points = || {
            let (at, start) = series.next()?;
            let from = at + start.len();
            Some(from..from + picture[from..].find('"')?)
        };
        let (first, second) = (points()?, points()?);
        if picture[first.clone()] == picture[second.clone()] {
            return None;
        }
        let new = [
            &picture[..first.start],
            &picture[second.clone()],
            &picture[first.end..second.start],
            &picture[first],
            &picture[second.end..],
        ];
        *place = Value::String(new.concat());
        Some("two series swapped".to_owned())
    };
    let count = each_is_refused(swapped);
    assert!(count >= 20, "only {count} cells draw two series");
}
