//! Notebooks, cell by cell: what they say, and how the student's changes and the course's come together.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

/// What the cells of a notebook say, without their outputs; nothing when it is none.
pub(crate) fn sources(bytes: &[u8]) -> Option<String> {
    let cells = read(bytes)?;
    let cells = cells["cells"].as_array()?;
    let said: Vec<Value> = (cells.iter())
        .map(|cell| json!([cell["cell_type"], source(cell)]))
        .collect();
    Some(Value::Array(said).to_string())
}

/// The notebook without outputs, and without what the course holds against its cells: what a student gets, and what a later merge
/// starts from.
pub(crate) fn without_outputs(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut notebook = read(bytes)?;
    for cell in notebook["cells"].as_array_mut()? {
        if cell["cell_type"] == "code" {
            cell["outputs"] = json!([]);
            cell["execution_count"] = Value::Null;
        }
        if let Some(metadata) = cell["metadata"].as_object_mut() {
            metadata.remove("gradus");
        }
    }
    written(&notebook)
}

/// The student's notebook with what is new in the course's. Nothing where both changed the same cell, or cells have no names.
pub(crate) fn merge(base: &[u8], mine: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let (base, mine, mut theirs) = (read(base)?, read(mine)?, read(theirs)?);
    let (was, yours, ours) = (named(&base)?, named(&mine)?, named(&theirs)?);
    let says = |cells: &BTreeMap<String, Value>, id: &str| cells.get(id).map(source);
    let mut merged: Vec<Value> = Vec::new();
    for cell in theirs["cells"].as_array()? {
        let id = cell["id"].as_str()?;
        match (says(&was, id), says(&yours, id), source(cell)) {
            // New in the course, or the same as the student's.
            (None, None, _) => merged.push(cell.clone()),
            (_, Some(mine), new) if mine == new => merged.push(yours.get(id)?.clone()),
            (Some(old), Some(mine), _) if mine == old => merged.push(cell.clone()),
            (Some(old), Some(_), new) if new == old => merged.push(yours.get(id)?.clone()),
            // Taken out by the student, and the same as ever in the course.
            (Some(old), None, new) if new == old => (),
            _ => return None,
        }
    }
    // What only the student has: cells of their own, and those that were edited and are gone in the course.
    let mut before: Option<String> = None;
    let mut placed: BTreeSet<String> = ours.keys().cloned().collect();
    for cell in mine["cells"].as_array()? {
        let id = cell["id"].as_str()?.to_owned();
        let is_untouched = says(&was, &id).is_some_and(|old| old == source(cell));
        if !placed.contains(&id) && !is_untouched {
            let at = (before.as_ref())
                .and_then(|before| merged.iter().position(|cell| cell["id"] == **before))
                .map_or(0, |at| at + 1);
            merged.insert(at, cell.clone());
            placed.insert(id.clone());
        }
        if merged.iter().any(|cell| cell["id"] == *id) {
            before = Some(id);
        }
    }
    theirs["cells"] = Value::Array(merged);
    written(&theirs)
}

fn read(bytes: &[u8]) -> Option<Value> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).ok()
}

/// As Jupyter writes it.
fn written(notebook: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let pretty = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, pretty);
    notebook.serialize(&mut serializer).ok()?;
    bytes.push(b'\n');
    Some(bytes)
}

/// A source is one text or a list of lines.
fn source(cell: &Value) -> String {
    let text = match &cell["source"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        text => text.as_str().unwrap_or_default().to_owned(),
    };
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// The cells by name, when each has one of its own.
fn named(notebook: &Value) -> Option<BTreeMap<String, Value>> {
    let cells = notebook["cells"].as_array()?;
    let named: Option<BTreeMap<_, _>> = (cells.iter())
        .map(|cell| Some((cell["id"].as_str()?.to_owned(), cell.clone())))
        .collect();
    named.filter(|named| named.len() == cells.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook(cells: &[(&str, &str)]) -> Vec<u8> {
        let cells: Vec<Value> = (cells.iter())
            .map(|(id, source)| json!({"cell_type": "code", "id": id, "source": [source], "outputs": [1]}))
            .collect();
        json!({ "cells": cells }).to_string().into_bytes()
    }

    fn cells(bytes: &[u8]) -> Vec<String> {
        let notebook = read(bytes).expect("a notebook");
        let all = notebook["cells"].as_array().expect("cells").iter();
        all.map(|cell| format!("{}={}", cell["id"].as_str().expect("a name"), source(cell)))
            .collect()
    }

    #[test]
    fn both_sides_of_a_merge_are_kept() {
        let base = notebook(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
        let mine = notebook(&[
            ("a", "1"),
            ("x", "own"),
            ("b", "mine"),
            ("c", "3"),
            ("y", "end"),
        ]);
        let theirs = notebook(&[("a", "1!"), ("b", "2"), ("n", "new"), ("d", "4")]);
        let merged = merge(&base, &mine, &theirs).expect("no conflict");
        assert_eq!(
            cells(&merged),
            ["a=1!", "x=own", "b=mine", "y=end", "n=new"]
        );
    }

    #[test]
    fn a_cell_that_both_changed_is_no_merge() {
        let of = |text| notebook(&[("a", text)]);
        assert!(merge(&of("1"), &of("mine"), &of("theirs")).is_none());
        assert!(merge(&of("1"), &of("same"), &of("same")).is_some());
        assert!(merge(&of("1"), &notebook(&[]), &of("changed")).is_none());
    }

    #[test]
    fn what_the_course_holds_against_a_cell_is_not_handed_out() {
        let claim = json!({"gradus": {"check": ["assert!(mean > 0.9);"]}, "tags": ["kept"]});
        let cell = json!({"cell_type": "code", "id": "a", "source": ["1"], "outputs": [], "metadata": claim});
        let bytes = json!({ "cells": [cell] }).to_string().into_bytes();
        let bare = without_outputs(&bytes).expect("a notebook");
        let bare = String::from_utf8_lossy(&bare).into_owned();
        assert!(!bare.contains("assert") && bare.contains("kept"), "{bare}");
    }

    #[test]
    fn outputs_are_no_source() {
        let run = notebook(&[("a", "1")]);
        let bare = without_outputs(&run).expect("a notebook");
        assert_eq!(sources(&run), sources(&bare));
        assert_ne!(run, bare);
    }
}
