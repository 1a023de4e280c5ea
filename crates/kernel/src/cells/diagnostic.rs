//! What the compiler says about a program, said about the cell that it was made of.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::source::{Map, Origin};
use crate::failure::{Mark, Problem};
use crate::hints::Language;

/// The code of the cells, by number from 1.
pub(crate) type Cells = [String];

/// The variables that are not there at the end of the cell, as far as these errors are only about keeping them;
/// `None` when the cell has a mistake of its own.
pub(crate) fn gone(errors: &[Value], map: &Map) -> Option<HashSet<String>> {
    let mut names = HashSet::new();
    for error in errors {
        let code = error["code"]["code"].as_str().unwrap_or_default();
        let primary = spans(error).find(|span| span.primary);
        match (code, primary.and_then(|span| map.origin(span.start))) {
            // Moved, or never given a value.
            ("E0382" | "E0381", Some((Origin::Keep(name) | Origin::Closure(name), _))) => {
                names.insert(name.clone())
            }
            _ => return None,
        };
    }
    Some(names)
}

/// Whether an error comes from asking too early whether a type is `Copy`.
pub(crate) fn is_about_copies(errors: &[Value], text: &str) -> bool {
    let asks = |span: Span| {
        let line = text.get(span.start..).and_then(|rest| rest.lines().next());
        line.is_some_and(|line| line.contains(".copied()"))
    };
    errors.iter().any(|error| spans(error).any(asks))
}

/// What a student reads about the errors.
pub(crate) fn problems(errors: &[Value], map: &Map, cells: &Cells, number: usize) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for error in errors {
        let problem = problem(error, map, cells, number);
        let said = |other: &Problem| {
            *other == problem || (problem.own_words && other.message == problem.message)
        };
        if !problems.iter().any(said) {
            problems.push(problem);
        }
    }
    // What follows from a mistake in the cell is not shown besides the mistake.
    if problems.iter().any(|problem| !problem.marks.is_empty()) {
        problems.retain(|problem| !problem.marks.is_empty());
    }
    problems
}

fn problem(error: &Value, map: &Map, cells: &Cells, number: usize) -> Problem {
    let code = error["code"]["code"].as_str().map(str::to_owned);
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    let mut problem = Problem {
        code,
        message,
        cell: number,
        ..Problem::default()
    };
    let mut kept = None;
    let spans: Vec<Span> = spans(error).collect();
    for span in &spans {
        match map.origin(span.start) {
            Some((Origin::Closure(name), _)) => kept = Some((name.clone(), true)),
            Some((Origin::Keep(name), _)) if kept.is_none() || !span.primary => {
                kept = Some((name.clone(), false))
            }
            Some((Origin::Take(name), _)) => problem.message = cannot_be_named(name),
            _ => (),
        }
    }
    let in_cells = spans
        .iter()
        .filter_map(|span| Some((span.primary, map.in_cell(span.start)?)));
    if let Some((_, (cell, _))) = in_cells.min_by_key(|(primary, _)| !primary) {
        problem.cell = cell;
    }
    let text = cells
        .get(problem.cell.wrapping_sub(1))
        .map_or("", String::as_str);
    problem.marks = spans
        .iter()
        .filter_map(|span| mark(span, map, problem.cell, text))
        .collect();
    let reference = matches!(
        problem.code.as_deref(),
        Some("E0597" | "E0716" | "E0521" | "E0505" | "E0310" | "E0502" | "E0506" | "E0515")
    );
    if let Some((name, is_closure)) = kept
        && (is_closure || reference)
    {
        problem.message = if is_closure {
            captures(&name)
        } else {
            is_a_reference(&name)
        };
        problem.code = None;
        problem.own_words = true;
        mark_declaration(&mut problem, &name, cells, number);
        return problem;
    }
    for child in error["children"].as_array().into_iter().flatten() {
        let level = child["level"].as_str().unwrap_or_default();
        let text = child["message"].as_str().unwrap_or_default();
        if !matches!(level, "help" | "note") || text.is_empty() {
            continue;
        }
        let replacements: Vec<String> = self::spans(child)
            .filter(|span| map.in_cell(span.start).is_some())
            .filter_map(|span| span.replacement)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        problem
            .advice
            .push((level.to_owned(), text.to_owned(), replacements));
    }
    problem
}

/// A name that is not there because an earlier cell gave its value away: says which.
pub(crate) fn explain_given_away(problem: &mut Problem, given_away: &HashMap<String, usize>) {
    let rest = problem.message.strip_prefix("cannot find value `");
    let name = rest
        .and_then(|rest| rest.split_once('`'))
        .map(|(name, _)| name);
    let Some((name, cell)) = name.and_then(|name| given_away.get_key_value(name)) else {
        return;
    };
    let language = Language::current();
    let hint = match language {
        Language::Es => format!(
            "La celda {cell} entregó `{name}` (su valor se movió), así que ya no está. Ejecuta otra vez la celda que lo crea, \
             y en la {cell} presta una referencia, `&{name}`, o entrega una copia, `{name}.clone()`."
        ),
        Language::En => format!(
            "Cell {cell} gave `{name}` away (its value was moved), so it is not there any more. Run the cell that makes it \
             again, and in cell {cell} lend a reference, `&{name}`, or give a copy, `{name}.clone()`."
        ),
    };
    problem.advice = vec![(language.hint().to_owned(), hint, Vec::new())];
    problem.own_words = true;
}

/// The problem, with the `let` of the variable `name` marked.
pub(crate) fn at_declaration(mut problem: Problem, name: &str, cells: &Cells) -> Problem {
    let number = problem.cell;
    mark_declaration(&mut problem, name, cells, number);
    problem
}

/// Marks the `let` of a variable, when nothing in the cell is marked.
fn mark_declaration(problem: &mut Problem, name: &str, cells: &Cells, number: usize) {
    problem.marks.retain(|mark| mark.primary);
    let text = cells.get(number.wrapping_sub(1)).map_or("", String::as_str);
    let declared = |line: &&str| {
        let rest = line
            .trim_start()
            .strip_prefix("let ")
            .map(|rest| rest.trim_start().trim_start_matches("mut "));
        rest.is_some_and(|rest| {
            rest.trim_start()
                .strip_prefix(name)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    };
    if let (true, Some(index)) = (
        problem.marks.is_empty(),
        text.lines().position(|line| declared(&line)),
    ) {
        let line = text.lines().nth(index).unwrap_or_default();
        let start = line
            .find(name)
            .map_or(1, |at| line[..at].chars().count() + 1);
        problem.cell = number;
        problem.marks.push(Mark {
            line: index + 1,
            start,
            end: start + name.chars().count(),
            label: String::new(),
            primary: true,
        });
    }
}

fn mark(span: &Span, map: &Map, cell: usize, text: &str) -> Option<Mark> {
    let (_, from) = map
        .in_cell(span.start)
        .filter(|(in_cell, _)| *in_cell == cell)?;
    let from = text.floor_char_boundary(from.min(text.len()));
    let line_start = text[..from].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[from..].find('\n').map_or(text.len(), |at| from + at);
    let to = text
        .floor_char_boundary((from + span.length).min(line_end))
        .max(from);
    let column = |at: usize| text[line_start..at].chars().count() + 1;
    Some(Mark {
        line: text[..from].matches('\n').count() + 1,
        start: column(from),
        end: column(to).max(column(from) + 1),
        label: span.label.clone(),
        primary: span.primary,
    })
}

/// A place in the program that an error speaks of.
struct Span {
    start: usize,
    length: usize,
    primary: bool,
    label: String,
    replacement: Option<String>,
}

fn spans(message: &Value) -> impl Iterator<Item = Span> {
    message["spans"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|span| {
            // For a place inside a macro of a library, the one where the macro was called.
            let mut place = span;
            while !place["file_name"].as_str()?.starts_with("cell-") {
                place = &place["expansion"]["span"];
            }
            let byte = |key: &str| place[key].as_u64().and_then(|at| usize::try_from(at).ok());
            let start = byte("byte_start")?;
            Some(Span {
                start,
                length: byte("byte_end")?.saturating_sub(start),
                primary: span["is_primary"] == true,
                label: span["label"].as_str().unwrap_or_default().to_owned(),
                replacement: span["suggested_replacement"].as_str().map(str::to_owned),
            })
        })
}

fn captures(name: &str) -> String {
    match Language::current() {
        Language::Es => format!(
            "la función anónima `{name}` usa variables de fuera, así que no se puede guardar para otras celdas.\n\
             Pásale esos valores como argumentos, escríbela como `fn {name}(...)`, o guárdala en una caja con su tipo:\n\
             let {name}: Box<dyn Fn(f64) -> f64> = Box::new(move |x| ...);"
        ),
        Language::En => format!(
            "the closure `{name}` uses variables from outside, so it cannot be kept for other cells.\n\
             Pass those values as arguments, write it as `fn {name}(...)`, or keep it in a box with its type:\n\
             let {name}: Box<dyn Fn(f64) -> f64> = Box::new(move |x| ...);"
        ),
    }
}

fn is_a_reference(name: &str) -> String {
    match Language::current() {
        Language::Es => format!(
            "la variable `{name}` es una referencia a otra, y una referencia no puede pasar de una celda a otra.\n\
             Guarda el valor (por ejemplo con `.clone()` o `.to_vec()`), o escribe la celda entre llaves `{{ ... }}`."
        ),
        Language::En => format!(
            "the variable `{name}` is a reference to another one, and a reference cannot pass from cell to cell.\n\
             Keep the value (with `.clone()` or `.to_vec()`, for example), or write the cell between braces `{{ ... }}`."
        ),
    }
}

/// For a type without a name that other cells could write.
pub(crate) fn cannot_be_named(name: &str) -> String {
    match Language::current() {
        Language::Es => format!(
            "el tipo de la variable `{name}` no tiene un nombre que otra celda pueda usar, así que no se puede guardar.\n\
             Si es un iterador, termina con `.collect::<Vec<_>>()`; si es una función anónima, ponla en `Box<dyn Fn(...) -> ...>`;\n\
             si no hace falta después, escribe la celda entre llaves `{{ ... }}`."
        ),
        Language::En => format!(
            "the type of the variable `{name}` has no name that another cell could use, so it cannot be kept.\n\
             If it is an iterator, end with `.collect::<Vec<_>>()`; if it is a closure, put it in a `Box<dyn Fn(...) -> ...>`;\n\
             if it is not needed later, write the cell between braces `{{ ... }}`."
        ),
    }
}
