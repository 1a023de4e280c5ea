//! What the kernel shows of itself: tables, types, the values of variables.

use std::time::Duration;

use serde_json::Value;

use super::{Refused, in_language, say, text};
use crate::analysis::PATIENCE_OF_COMMANDS;
use crate::run::Watch;
use crate::wire::Bundle;
use crate::{Output, Session};
use gradus_text::Language;
use gradus_text::html::escape;

/// `:vars`.
pub(super) fn variables(session: &Session, show: &mut dyn FnMut(Output)) {
    let rows = session.scope.variables.iter().map(|(name, variable)| {
        let mutable = if variable.is_mut { "mut" } else { "" };
        vec![
            name.clone(),
            mutable.to_owned(),
            short_type(&variable.type_name),
        ]
    });
    let head = [
        in_language("variable", "variable"),
        "",
        in_language("tipo", "type"),
    ];
    show(table(&head, rows.collect()));
}

/// `:type`.
pub(super) fn type_of(
    session: &mut Session,
    expression: &str,
    watch: &Watch,
    show: &mut dyn FnMut(Output),
) -> Result<(), String> {
    if expression.is_empty() {
        let words = in_language(
            "escribe `:type` y una variable o expresión",
            "write `:type` and a variable or expression",
        );
        return Err(words.to_owned());
    }
    let known = session.scope.variables.get(expression);
    let type_name = match known.map(|variable| variable.type_name.clone()) {
        Some(type_name) => type_name,
        None => session.type_of(expression, watch)?,
    };
    show(text(format!("{expression}: {}", short_type(&type_name))));
    Ok(())
}

/// `:doc`.
pub(super) fn documentation(
    session: &mut Session,
    name: &str,
    watch: &Watch,
    show: &mut dyn FnMut(Output),
) -> Result<(), Refused> {
    if name.is_empty() {
        let words = in_language("escribe `:doc` y un nombre", "write `:doc` and a name");
        return Err(words.to_owned().into());
    }
    let patience = || match watch.wants_an_end() {
        true => Duration::ZERO,
        false => PATIENCE_OF_COMMANDS,
    };
    match session.inspect(name, name.len(), &patience) {
        Some((plain, html)) => show(Output::Result(Bundle::from_iter([
            ("text/html".to_owned(), Value::String(html)),
            ("text/plain".to_owned(), Value::String(plain)),
        ]))),
        None if watch.wants_an_end() => return Err(Refused::Stopped(watch.stopped_beside())),
        None => {
            let words = in_language(
                "no se ha encontrado documentación; búscala en",
                "no documentation was found; look for it at",
            );
            let url = "https://doc.rust-lang.org/std/?search=";
            say(
                &format!("{words} {url}{}", name.replace("::", "%3A%3A")),
                show,
            );
        }
    }
    Ok(())
}

/// `:explain`.
pub(super) fn explanation(
    session: &Session,
    code: &str,
    show: &mut dyn FnMut(Output),
) -> Result<(), String> {
    let errors = session.last_errors.iter();
    let last = errors.filter_map(|error| error["code"]["code"].as_str());
    let mut codes: Vec<&str> = match code {
        "" => last.filter(|code| code.starts_with('E')).collect(),
        code => vec![code],
    };
    codes.dedup();
    if codes.is_empty() {
        let words = in_language(
            "no hay ningún error con código que explicar",
            "there is no error with a code to explain",
        );
        say(words, show);
        return Ok(());
    }
    let mut said = String::new();
    for code in codes {
        said.push_str(&session.explain(code)?);
    }
    show(Output::Result(Bundle::from_iter([
        ("text/markdown".to_owned(), Value::String(said.clone())),
        ("text/plain".to_owned(), Value::String(said)),
    ])));
    Ok(())
}

/// A table as text and as HTML.
pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>) -> Output {
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .chain([head[column].chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |cells: Vec<&str>| {
        let cells: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut text = vec![line(head.to_vec())];
    let cells = |tag: &str, cells: &[&str]| -> String {
        cells
            .iter()
            .map(|cell| format!("<{tag} style=\"text-align:left\">{}</{tag}>", escape(cell)))
            .collect()
    };
    let mut html = format!(
        "<table><thead><tr>{}</tr></thead><tbody>",
        cells("th", head)
    );
    for row in &rows {
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        html.push_str(&format!("<tr>{}</tr>", cells("td", &row)));
        text.push(line(row));
    }
    html.push_str("</tbody></table>");
    let mut bundle = Bundle::new();
    bundle.insert("text/html".to_owned(), Value::String(html));
    bundle.insert("text/plain".to_owned(), Value::String(text.join("\n")));
    Output::Result(bundle)
}

/// A type without the paths of its parts.
pub(crate) fn short_type(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() || c == '_' || c == ':' {
            word.push(c);
        } else {
            short.push_str(word.rsplit("::").next().unwrap_or_default());
            word.clear();
            short.push(c);
        }
    }
    short + word.rsplit("::").next().unwrap_or_default()
}

/// The name that ends at byte `at`, when it can be that of a variable: no method, field or part of a path.
pub(crate) fn variable_at(code: &str, at: usize) -> Option<&str> {
    let before = code.get(..at)?;
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let start = before.trim_end_matches(is_name).len();
    let name = &before[start..];
    let before = before[..start].trim_end();
    let alone = !before.ends_with('.') || before.ends_with("..");
    (alone && !before.ends_with("::") && !name.is_empty()).then_some(name)
}

/// A cell that says something about the value of a variable, when its type promises that this is short.
pub(crate) fn description(name: &str, type_name: &str) -> Option<String> {
    let spanish = Language::current() == Language::Es;
    let short = short_type(type_name);
    let is_number = |name: &str| {
        let numbers = [
            "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize", "isize",
        ];
        numbers.contains(&name)
    };
    let elements = short
        .strip_prefix("Vec<")
        .and_then(|rest| rest.strip_suffix('>'));
    let array = short
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(';'))
        .map(|(element, _)| element);
    if elements.or(array).is_some_and(is_number) {
        return Some(format!(
            "::gradus_cell::describe({spanish}, &format!(\"({{}},)\", {name}.len()), \
             &{name}.iter().map(|value| *value as f64).collect::<Vec<f64>>());"
        ));
    }
    if short.starts_with("Tensor<") && type_name.contains("dfdx") && short.contains("f32") {
        return Some(format!(
            "{{ use ::gradus::dfdx::shapes::{{HasShape as _, Shape as _}}; \
             let values: Vec<f64> = {name}.as_vec().into_iter().map(f64::from).collect(); \
             ::gradus_cell::describe({spanish}, &format!(\"{{:?}}\", {name}.shape().concrete()), &values); }}"
        ));
    }
    let is_plain = is_number(&short)
        || ["bool", "char", "String", "&str", "&'static str"].contains(&short.as_str());
    (is_plain || type_name.starts_with("gradus::")).then(|| name.to_owned())
}

/// Rust code that tells what earlier cells left: definitions, and variables of their types.
pub(crate) fn prelude(session: &Session) -> (String, String) {
    let definitions = session.scope.definitions.iter();
    let items: String = definitions
        .map(|stored| format!("{}\n", stored.text))
        .collect();
    let variables = session.scope.variables.iter().map(|(name, variable)| {
        let mutable = if variable.is_mut { "mut " } else { "" };
        format!("let {mutable}{name}: {} = todo!();\n", variable.type_name)
    });
    (items, variables.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_shown_without_paths() {
        assert_eq!(
            short_type("std::collections::HashMap<std::string::String, [f64; 3]>"),
            "HashMap<String, [f64; 3]>"
        );
        assert_eq!(short_type("fn(f64) -> gradus::Tensor"), "fn(f64) -> Tensor");
    }
}
