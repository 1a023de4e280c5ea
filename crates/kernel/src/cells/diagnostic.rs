//! What the compiler says about a program, said about the cell that it was made of.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use super::map::{Map, Origin};
use super::source::Why;
use super::torn::Torn;
use crate::problem::{Advice, Mark, Problem};
use crate::transcript::Cells;
use gradus_text::Language;

/// Whether a future is waited for where nobody can wait.
pub(crate) fn is_about_waiting(errors: &[Value]) -> bool {
    errors.iter().any(|error| error["code"]["code"] == "E0728")
}

/// Where the errors are in cell `number`: the places themselves, then those that have to do with them.
pub(crate) fn places(errors: &[Value], map: &Map, number: usize) -> Vec<usize> {
    let of = |primary: bool| {
        let spans = errors
            .iter()
            .flat_map(|error| error["spans"].as_array().into_iter().flatten());
        spans.filter(move |span| span["is_primary"] == primary)
    };
    // Of what stands in a macro, the places where that was called, too.
    let all = of(true).chain(of(false)).flat_map(|span| {
        std::iter::successors(Some(span), |span| {
            Some(&span["expansion"]["span"]).filter(|outer| outer.is_object())
        })
    });
    let ours = all.filter(|span| is_in_cell(span));
    let places = ours.filter_map(|span| map.in_cell(place(span, map)?.start));
    let here = places.filter(|(cell, _)| *cell == number);
    here.map(|(_, at)| at).collect()
}

/// What a student reads about the errors.
pub(crate) fn problems(errors: &[Value], map: &Map, cells: &Cells, number: usize) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for error in errors {
        let problem = problem(error, map, cells, number);
        let is_same = |other: &&mut Problem| {
            other.message == problem.message
                && (problem.own_words
                    || (other.cell == problem.cell && is_about_a_name(problem.code.as_deref())))
        };
        if let Some(first) = problems.iter_mut().find(is_same) {
            // A name that is missing is missing everywhere.
            let known = first.marks.clone();
            let more = problem.marks.into_iter().filter(|_| !problem.own_words);
            first
                .marks
                .extend(more.filter(|mark| !known.contains(mark)));
        } else if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    // What the compiler makes of code that it could not read is its own. Only behind a missing `;` it goes on well.
    let first = problems.iter().position(is_about_syntax);
    if let Some(first) = first.map(|first| problems.swap_remove(first)) {
        problems.retain(|problem| {
            is_about_syntax(problem) && problem.message.starts_with("expected `;`")
        });
        problems.insert(0, first);
    }
    // What follows from a mistake in the cell is not shown besides the mistake.
    if problems.iter().any(|problem| !problem.marks.is_empty()) {
        problems.retain(|problem| !problem.marks.is_empty());
    }
    problems
}

fn is_about_a_name(code: Option<&str>) -> bool {
    matches!(
        code,
        Some("E0412" | "E0422" | "E0423" | "E0425" | "E0432" | "E0433" | "E0405")
    )
}

fn is_about_syntax(problem: &Problem) -> bool {
    let begins = [
        "expected ",
        "unexpected ",
        "unknown start of token",
        "prefix `",
        "missing `",
        "mismatched closing",
        "unclosed delimiter",
        "unterminated",
    ];
    problem.code.is_none()
        && !problem.marks.is_empty()
        && begins
            .iter()
            .any(|begin| problem.message.starts_with(begin))
}

fn problem(error: &Value, map: &Map, cells: &Cells, number: usize) -> Problem {
    // A lint has a name in its place.
    let code = error["code"]["code"]
        .as_str()
        .filter(|code| code.starts_with('E'))
        .map(str::to_owned);
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    let mut problem = Problem {
        code,
        message,
        cell: number,
        ..Problem::default()
    };
    let mut kept = None;
    let spans: Vec<Span> = spans(error, map).collect();
    for span in &spans {
        match map.origin(span.start) {
            Some((Origin::Closure(name), _)) => kept = Some((name.clone(), true)),
            Some((Origin::Keep(name) | Origin::Back(name), _))
                if kept.is_none() || !span.primary =>
            {
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
    let text = cells.code(problem.cell);
    problem.marks = spans
        .iter()
        .filter_map(|span| mark(span, map, problem.cell, text))
        .collect();
    if spans.is_empty() {
        problem.advice.extend(in_another_file(error));
    }
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
        if let Some(lines) = suggestion(child, map, cells) {
            problem.advice.push(Advice {
                level: level.to_owned(),
                text: text.to_owned(),
                lines,
            });
        }
    }
    problem
}

/// Where an error lies that is in no cell, but in the file of a module.
fn in_another_file(error: &Value) -> Option<Advice> {
    let mut spans = error["spans"].as_array()?.iter();
    let span = spans.find(|span| span["is_primary"] == true)?;
    let (file, line) = (span["file_name"].as_str()?, span["line_start"].as_u64()?);
    let word = Language::current().pick("línea", "line");
    let text = span["text"][0]["text"].as_str();
    Some(Advice {
        level: "note".to_owned(),
        text: format!("{file}, {word} {line}"),
        lines: text.map(str::to_owned).into_iter().collect(),
    })
}

/// Ways out that are shown of one kind.
const MOST_WAYS: usize = 3;

/// The code as the compiler would have it, if it would change any; `None` when it would change what is not the cell's.
fn suggestion(child: &Value, map: &Map, cells: &Cells) -> Option<Vec<String>> {
    let mut imports = Vec::new();
    let mut edits: Vec<(usize, Range<usize>, String)> = Vec::new();
    for span in spans(child, map) {
        let Some(text) = span.replacement else {
            continue;
        };
        if text.trim_start().starts_with("use ") {
            imports.push(text.trim().to_owned());
            continue;
        }
        let (cell, start) = map.in_cell(span.start)?;
        edits.push((cell, start..start + span.length, text));
    }
    if !imports.is_empty() {
        imports.truncate(MOST_WAYS);
        return Some(imports);
    }
    let Some((cell, ..)) = edits.first() else {
        return Some(Vec::new());
    };
    let code = cells.code(*cell);
    let mut edits: Vec<(Range<usize>, &str)> = edits
        .iter()
        .filter(|(other, ..)| other == cell)
        .map(|(_, range, text)| (range.clone(), text.as_str()))
        .collect();
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    // Two for the same place are two ways out.
    let together = edits.is_sorted_by(|(one, _), (other, _)| {
        one.end <= other.start && (one.start, one.end) != (other.start, other.end)
    });
    if together {
        return edited(code, &edits);
    }
    let ways = edits.iter().take(MOST_WAYS);
    let ways: Option<Vec<_>> = ways
        .map(|edit| edited(code, std::slice::from_ref(edit)))
        .collect();
    Some(ways?.concat())
}

/// The lines of `code` that these edits change, as they are then.
fn edited(code: &str, edits: &[(Range<usize>, &str)]) -> Option<Vec<String>> {
    let mut new = String::new();
    let mut changed = Vec::new();
    let mut from = 0;
    for (range, text) in edits {
        new.push_str(code.get(from..range.start)?);
        let line = new.matches('\n').count();
        new.push_str(text);
        changed.extend(line..=new.matches('\n').count());
        from = range.end;
    }
    new.push_str(code.get(from..)?);
    changed.dedup();
    let lines: Vec<&str> = new.lines().collect();
    let lines = changed.iter().filter_map(|line| lines.get(*line));
    let lines = lines.map(|line| line.trim_end().to_owned());
    Some(lines.filter(|line| !line.is_empty()).collect())
}

/// A cell that the compiler need not see to know what is wrong.
pub(crate) fn torn(torn: &Torn, code: &str, cell: usize) -> Problem {
    let sign = |at: usize| code[at..].chars().next().unwrap_or_default();
    let is_comment = |at: usize| code[at..].starts_with("/*");
    let (message, number, at) = match torn {
        Torn::Open(at) => (format!("unclosed delimiter: `{}`", sign(*at)), None, *at),
        Torn::Closed { at, open: None } => {
            let message = format!("unexpected closing delimiter: `{}`", sign(*at));
            (message, None, *at)
        }
        Torn::Closed { at, open: Some(_) } => {
            let message = format!("mismatched closing delimiter: `{}`", sign(*at));
            (message, None, *at)
        }
        Torn::Endless(at) if is_comment(*at) => {
            ("unterminated block comment".to_owned(), Some("E0758"), *at)
        }
        Torn::Endless(at) if code[*at..].starts_with('\'') => (
            "unterminated character literal".to_owned(),
            Some("E0763"),
            *at,
        ),
        Torn::Endless(at) => {
            let message = "unterminated double quote string".to_owned();
            (message, Some("E0765"), *at)
        }
        Torn::TooShort { end, lacks } => {
            let message = match lacks.as_str() {
                "expected SEMICOLON" => "expected `;` at the end".to_owned(),
                lacks => format!("the cell is not complete: {lacks}"),
            };
            let last = code[..*end].char_indices().next_back();
            (message, None, last.map_or(0, |(at, _)| at))
        }
    };
    let mark_at = |at: usize, primary: bool, label: &str| {
        let line_start = code[..at].rfind('\n').map_or(0, |end| end + 1);
        let start = code[line_start..at].chars().count() + 1;
        Mark {
            line: code[..at].matches('\n').count() + 1,
            start,
            end: start + 1,
            label: label.to_owned(),
            primary,
        }
    };
    let mut marks = vec![mark_at(at, true, "")];
    if let Torn::Closed {
        open: Some(open), ..
    } = torn
    {
        marks.push(mark_at(*open, false, "this one is open"));
    }
    Problem {
        code: number.map(str::to_owned),
        message,
        cell,
        marks,
        ..Problem::default()
    }
}

/// A variable that is there, but not inside a function: says so.
pub(crate) fn explain_not_seen(problem: &mut Problem, is_variable: &dyn Fn(&str) -> bool) {
    let Some(name) = missing_value(problem).filter(|name| is_variable(name)) else {
        return;
    };
    let language = Language::current();
    let hint = match language {
        Language::Es => format!(
            "Una `fn` no ve las variables del cuaderno: pásale `{name}` como argumento, o haz de ella una constante, \
             `const {}: f64 = ...;`.",
            name.to_uppercase()
        ),
        Language::En => format!(
            "A `fn` does not see the notebook's variables: pass `{name}` as an argument, or make it a constant, \
             `const {}: f64 = ...;`.",
            name.to_uppercase()
        ),
    };
    problem.advice = vec![own_hint(hint)];
    problem.own_words = true;
}

fn own_hint(text: String) -> Advice {
    Advice {
        level: Language::current().pick("pista", "hint").to_owned(),
        text,
        lines: Vec::new(),
    }
}

/// The name of a value that the compiler does not find.
fn missing_value(problem: &Problem) -> Option<&str> {
    missing_name(problem).filter(|_| problem.message.starts_with("cannot find value"))
}

/// The name, of whatever it may be, that the compiler does not find.
fn missing_name(problem: &Problem) -> Option<&str> {
    let rest = problem.message.strip_prefix("cannot find ")?;
    rest.split('`').nth(1)
}

/// Why a name that an earlier cell made does not stand for anything now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Loss {
    /// A cell gave its value away.
    Moved,
    /// Its cell ended before the variable could be kept, or given back.
    Stopped,
    NotKept(Why),
    /// It does not fit what was defined after it.
    Outdated,
}

/// Names that are not there any more: the cell that has to do with it, and why.
pub(crate) type Losses = HashMap<String, (usize, Loss)>;

/// A name that is not there because of an earlier cell: says which.
pub(crate) fn explain_loss(problem: &mut Problem, losses: &Losses, cells: &Cells) {
    let name = missing_name(problem).and_then(|name| losses.get_key_value(name));
    let Some((name, (cell, loss))) = name else {
        return;
    };
    let cell = cells.name(*cell);
    let start = cell[..1].to_uppercase() + &cell[1..];
    let hint = match (loss, Language::current()) {
        (Loss::NotKept(why), _) => {
            let text = not_kept(name, *why);
            format!("{start}: {text}")
        }
        (Loss::Moved, Language::Es) => format!(
            "La {cell} entregó `{name}` (su valor se movió), así que ya no está. Ejecuta otra vez la celda que lo crea, \
             y en la {cell} presta una referencia, `&{name}`, o entrega una copia, `{name}.clone()`."
        ),
        (Loss::Moved, Language::En) => format!(
            "{start} gave `{name}` away (its value was moved), so it is not there any more. Run the cell that makes it \
             again, and in {cell} lend a reference, `&{name}`, or give a copy, `{name}.clone()`."
        ),
        (Loss::Stopped, Language::Es) => format!(
            "La {cell} se detuvo antes de dejar `{name}`. Ejecuta otra vez la celda que lo crea."
        ),
        (Loss::Stopped, Language::En) => format!(
            "{start} stopped before it could leave `{name}`. Run the cell that makes it again."
        ),
        (Loss::Outdated, Language::Es) => format!(
            "`{name}`, de la {cell}, ya no encaja con lo que se ha definido después. Adáptalo y ejecuta otra vez la {cell}."
        ),
        (Loss::Outdated, Language::En) => format!(
            "`{name}` of {cell} does not fit what was defined after it. Adapt it and run {cell} again."
        ),
    };
    problem.advice = vec![own_hint(hint)];
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
    for mark in &mut problem.marks {
        mark.label.clear();
    }
    let text = cells.code(number);
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
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) length: usize,
    /// Where the macro was called that it stands in, the outermost one; without any where it starts.
    pub(super) called: usize,
    pub(super) primary: bool,
    pub(super) label: String,
    replacement: Option<String>,
}

pub(super) fn spans(message: &Value, map: &Map) -> impl Iterator<Item = Span> {
    message["spans"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|span| {
            // For a place inside a macro of a library, the one where the macro was called.
            let mut ours = span;
            while !is_in_cell(ours) {
                ours = ours["expansion"].get("span")?;
            }
            let calls = std::iter::successors(Some(ours), |span| span["expansion"].get("span"));
            let called = calls.filter(|span| is_in_cell(span)).last()?;
            let (place, called) = (place(ours, map)?, place(called, map)?);
            Some(Span {
                start: place.start,
                length: map.length(&place),
                called: called.start,
                primary: span["is_primary"] == true,
                label: span["label"].as_str().unwrap_or_default().to_owned(),
                replacement: span["suggested_replacement"].as_str().map(str::to_owned),
            })
        })
}

/// Whether a span that rustc names lies in the program of a cell.
fn is_in_cell(span: &Value) -> bool {
    span["file_name"]
        .as_str()
        .is_some_and(|name| name.starts_with("cell-"))
}

/// Where it lies there.
fn place(span: &Value, map: &Map) -> Option<Range<usize>> {
    let byte = |key: &str| usize::try_from(span[key].as_u64()?).ok();
    Some(map.clamp(&(byte("byte_start")?..byte("byte_end")?)))
}

/// Why a variable cannot be kept, and what to write instead.
pub(crate) fn not_kept(name: &str, why: Why) -> String {
    match why {
        Why::Refers => is_a_reference(name),
        Why::Captures => captures(name),
        Why::Unnamed => cannot_be_named(name),
    }
}

/// The same in one line, of a variable that was of use in its own cell.
pub(crate) fn lasted(name: &str, why: Why) -> String {
    let (es, en) = match why {
        Why::Refers => (
            "es una referencia y solo ha durado esta celda; para conservarlo, guarda el valor (`.clone()`, `.to_vec()`)",
            "is a reference and lasted for this cell only; to keep it, keep the value (`.clone()`, `.to_vec()`)",
        ),
        Why::Captures => (
            "usa variables de fuera y solo ha durado esta celda; para conservarla, pon `move` delante: `move |x| ...`",
            "uses variables from outside and lasted for this cell only; to keep it, put `move` in front: `move |x| ...`",
        ),
        Why::Unnamed => (
            "es de un tipo sin nombre y solo ha durado esta celda; para conservarlo, termina los iteradores con \
             `.collect::<Vec<_>>()` y pon las funciones anónimas en cajas, `Box<dyn Fn(...) -> ...>`, también dentro de un `Vec` \
             o una tupla",
            "is of a type without a name and lasted for this cell only; to keep it, end iterators with \
             `.collect::<Vec<_>>()` and put closures in boxes, `Box<dyn Fn(...) -> ...>`, also inside of a `Vec` or a tuple",
        ),
    };
    format!("`{name}` {}", Language::current().pick(es, en))
}

fn captures(name: &str) -> String {
    match Language::current() {
        Language::Es => format!(
            "la función anónima `{name}` usa variables de fuera, así que no se puede guardar para otras celdas.\n\
             Pon `move` delante para que se los lleve, `move |x| ...`; pásale esos valores como argumentos, o guárdala en una caja:\n\
             let {name}: Box<dyn Fn(f64) -> f64> = Box::new(move |x| ...);"
        ),
        Language::En => format!(
            "the closure `{name}` uses variables from outside, so it cannot be kept for other cells.\n\
             Put `move` in front to make it take them along, `move |x| ...`; pass those values as arguments, or keep it in a box:\n\
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
fn cannot_be_named(name: &str) -> String {
    match Language::current() {
        Language::Es => format!(
            "el tipo de la variable `{name}` no tiene un nombre que otra celda pueda usar, así que no se puede guardar.\n\
             Termina los iteradores con `.collect::<Vec<_>>()` y pon las funciones anónimas en cajas, `Box<dyn Fn(...) -> ...>`,\n\
             también dentro de un `Vec` o una tupla; si no hace falta después, escribe la celda entre llaves `{{ ... }}`."
        ),
        Language::En => format!(
            "the type of the variable `{name}` has no name that another cell could use, so it cannot be kept.\n\
             End iterators with `.collect::<Vec<_>>()` and put closures in boxes, `Box<dyn Fn(...) -> ...>`,\n\
             also inside of a `Vec` or a tuple; if it is not needed later, write the cell between braces `{{ ... }}`."
        ),
    }
}
