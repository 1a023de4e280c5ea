//! The types of the new variables, and how another cell writes them.

use serde::{Deserialize, Serialize};

/// What rustc notes about a new variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Noted {
    /// Which one it is.
    pub(crate) number: usize,
    pub(crate) type_name: String,
    /// Of a closure: how it can be called, as in `("FnMut", "(i32) -> i32")`.
    pub(crate) closure: Option<(String, String)>,
}

/// The types of the new variables, as rustc's notes (MIR) declare them.
pub(super) fn types(notes: &str) -> Vec<Noted> {
    let mut found: Vec<Noted> = Vec::new();
    for line in notes.lines() {
        let Some((_, rest)) = line.split_once(": gradus_cell::Kept<") else {
            continue;
        };
        let Some((number, name)) = rest
            .strip_suffix(">;")
            .and_then(|rest| rest.split_once(", "))
        else {
            continue;
        };
        if let Ok(number) = number.parse()
            && !found.iter().any(|other| other.number == number)
        {
            found.push(Noted {
                number,
                type_name: name.to_owned(),
                closure: signature(notes, name),
            });
        }
    }
    found
}

/// How a cell uses a variable of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Use {
    Reads,
    Changes,
    /// It goes into the cell as a whole.
    Takes,
}

/// What the cell uses of the variables that were taken for it: the notes say what its closure captures.
pub(super) fn uses(notes: &str, entry: &str) -> Vec<(String, Use)> {
    let mut lines = notes.lines();
    let head = format!("fn {entry}(");
    let body: Vec<&str> = lines
        .by_ref()
        .skip_while(|line| !line.starts_with(&head))
        .take_while(|line| *line != "}")
        .map(str::trim_start)
        .collect();
    let captured = body.iter().find_map(|line| {
        let closure = line.split_once("= {closure@")?.1;
        closure.split_once("} { ")?.1.strip_suffix(" };")
    });
    let mut uses: Vec<(String, Use)> = Vec::new();
    for part in captured.iter().flat_map(|captured| captured.split(", ")) {
        let Some((name, local)) = part.split_once(": ") else {
            continue;
        };
        let local = local.rsplit(' ').next().unwrap_or_default();
        let type_name = body.iter().find_map(|line| {
            let line = line.strip_prefix("let ")?;
            let line = line.strip_prefix("mut ").unwrap_or(line);
            line.strip_prefix(local)?.strip_prefix(": ")
        });
        let new = match type_name {
            Some(name) if name.starts_with("&mut ") => Use::Changes,
            Some(name) if name.starts_with('&') => Use::Reads,
            _ => Use::Takes,
        };
        match uses.iter_mut().find(|(other, _)| other == name) {
            // Parts of it are used in different ways.
            Some((_, known)) if *known == Use::Reads => *known = new,
            Some(_) => (),
            None => uses.push((name.to_owned(), new)),
        }
    }
    uses
}

/// How a closure can be called, which the notes name `{closure@file:line}`.
fn signature(notes: &str, closure: &str) -> Option<(String, String)> {
    if !closure.starts_with("{closure@") {
        return None;
    }
    let kinds = [("Fn", "&"), ("FnMut", "&mut "), ("FnOnce", "")];
    let (kind, head, line) = kinds.iter().find_map(|(kind, by)| {
        let head = format!("(_1: {by}{closure}");
        let mut lines = notes.lines();
        let line = lines.find(|line| line.starts_with("fn ") && line.contains(&head))?;
        Some((kind, head, line))
    })?;
    let (mut parameters, result) = line.split_once(&head)?.1.rsplit_once(") -> ")?;
    let mut types = Vec::new();
    for number in 2.. {
        let Some(rest) = parameters.strip_prefix(&format!(", _{number}: ")) else {
            break;
        };
        let end = rest.find(&format!(", _{}: ", number + 1));
        let (one, after) = rest.split_at(end.unwrap_or(rest.len()));
        types.push(one);
        parameters = after;
    }
    let result = result.strip_suffix(" {")?;
    Some((
        (*kind).to_owned(),
        format!("({}) -> {result}", types.join(", ")),
    ))
}

/// The type of pointers to a function, of which the compiler says `fn(f64) -> f64 {sigmoid}`.
pub(crate) fn function_pointer(type_name: &str) -> Option<String> {
    let is_function = type_name.starts_with("fn(") || type_name.starts_with("for<");
    let (pointer, name) = type_name.strip_suffix('}')?.rsplit_once(" {")?;
    (is_function && !name.contains('{')).then(|| pointer.to_owned())
}

/// Whether another cell can write this type.
pub(crate) fn can_be_written(type_name: &str) -> bool {
    !type_name.contains('{') && !type_name.contains("impl ")
}

/// What the paths in a type start with: crates, and modules of the notebook.
pub(crate) fn roots(type_name: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    type_name.match_indices("::").filter_map(move |(at, _)| {
        let before = &type_name[..at];
        let start = before.trim_end_matches(is_name).len();
        let is_first = !before[..start].ends_with("::") && start < at;
        is_first.then_some(&before[start..])
    })
}

/// Whether a part of a type is not the standard library's.
pub(crate) fn is_of_library(type_name: &str) -> bool {
    roots(type_name).any(|root| !["std", "core", "alloc"].contains(&root))
}

/// A type as another cell writes it. The notes leave out all lifetimes but those that a `for<...>` binds; what can be kept
/// has no others than `'static`, which has to be said in the type of a function.
pub(crate) fn written(type_name: &str) -> String {
    let mut out = String::with_capacity(type_name.len());
    let mut depth = 0_usize;
    // Of each `dyn for<'a> Fn`: how deep it stands, and the lifetime that it binds if it is one. The notes leave that
    // out of its result.
    let mut binders: Vec<(usize, Option<&str>)> = Vec::new();
    // Deeper than this is such a result, with that lifetime.
    let mut results: Vec<(usize, &str)> = Vec::new();
    let mut rest = type_name;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("for<")
            && let Some((lifetimes, after)) = after.split_once('>')
        {
            let is_pointer = ["fn(", "unsafe ", "extern "]
                .iter()
                .any(|start| after.trim_start().starts_with(start));
            let one = (!is_pointer && !lifetimes.contains(',')).then_some(lifetimes);
            binders.push((depth, one));
            out.push_str(&rest[..rest.len() - after.len()]);
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix("-> ") {
            if let Some((_, Some(lifetime))) = binders.pop_if(|(at, _)| *at == depth) {
                results.push((depth, lifetime));
            }
            out.push_str("-> ");
            rest = after;
            continue;
        }
        let lifetime = results.last().map_or("'static", |(_, lifetime)| lifetime);
        if let Some(after) = rest.strip_prefix("'_") {
            out.push_str(lifetime);
            rest = after;
            continue;
        }
        match c {
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth = depth.saturating_sub(1),
            _ => (),
        }
        let ends = matches!(c, ',' | '+') || matches!(c, ')' | '>' | ']');
        results.retain(|(at, _)| *at <= depth && !(ends && *at == depth && matches!(c, ',' | '+')));
        out.push(c);
        rest = &rest[c.len_utf8()..];
        if c == '&' && !rest.starts_with('\'') {
            out.push_str(lifetime);
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_the_notes() {
        let noted = |number, type_name: &str, closure: Option<(&str, &str)>| Noted {
            number,
            type_name: type_name.to_owned(),
            closure: closure.map(|(kind, signature)| (kind.to_owned(), signature.to_owned())),
        };
        let notes = "    let _3: gradus_cell::Kept<0, std::vec::Vec<(i32, f64)>>;\n    let _9: gradus_cell::Kept<12, fn(f64) -> f64>;\n\
                     _3 = keep::<0, Vec<(i32, f64)>>(const \"x\")\n";
        let expected = [
            noted(0, "std::vec::Vec<(i32, f64)>", None),
            noted(12, "fn(f64) -> f64", None),
        ];
        assert_eq!(types(notes), expected);
        let notes = "    let _3: gradus_cell::Kept<0, {closure@cell-1.rs:8:9: 8:15}>;\n\
                     fn run::{closure#0}::{closure#0}(_1: &mut {closure@cell-1.rs:8:9: 8:15}, _2: &[f64], _3: (i32, u8)) -> Vec<f64> {\n";
        let signature = Some(("FnMut", "(&[f64], (i32, u8)) -> Vec<f64>"));
        assert_eq!(
            types(notes),
            [noted(0, "{closure@cell-1.rs:8:9: 8:15}", signature)]
        );
    }

    #[test]
    fn paths_start_with_crates_and_modules() {
        let found: Vec<&str> = roots("std::vec::Vec<(m::P<i32>, &dyn rand::rng::Core)>").collect();
        assert_eq!(found, ["std", "m", "rand"]);
    }

    #[test]
    fn a_type_is_written_with_the_lifetimes_that_its_notes_leave_out() {
        for (noted, as_written) in [
            ("std::vec::Vec<(i32, f64)>", "std::vec::Vec<(i32, f64)>"),
            ("&str", "&'static str"),
            ("&mut [u8; 3]", "&'static mut [u8; 3]"),
            (
                "std::borrow::Cow<'_, str>",
                "std::borrow::Cow<'static, str>",
            ),
            ("fn(&str) -> &str", "fn(&'static str) -> &'static str"),
            (
                "for<'a> fn(&'a str) -> &'a str",
                "for<'a> fn(&'a str) -> &'a str",
            ),
            (
                "(for<'a> fn(&'a str) -> &str, &str)",
                "(for<'a> fn(&'a str) -> &'static str, &'static str)",
            ),
            (
                "std::boxed::Box<dyn std::ops::Fn() -> &str>",
                "std::boxed::Box<dyn std::ops::Fn() -> &'static str>",
            ),
            (
                "(std::boxed::Box<dyn for<'a> std::ops::Fn(&'a W<'_>) -> &str + std::marker::Send>, &str)",
                "(std::boxed::Box<dyn for<'a> std::ops::Fn(&'a W<'static>) -> &'a str + std::marker::Send>, &'static str)",
            ),
            (
                "std::boxed::Box<dyn for<'a, 'b> std::ops::Fn(&'a str, &'b str) -> bool>",
                "std::boxed::Box<dyn for<'a, 'b> std::ops::Fn(&'a str, &'b str) -> bool>",
            ),
        ] {
            assert_eq!(written(noted), as_written);
        }
    }
}
