//! What was found in a table, in words.

use std::path::Path;

use super::columns::{Kind, Plan, Target};
use super::fill::Filled;
use super::layout::{Layout, separator_name};
use super::text::Encoding;
use crate::data::Dataset;
use gradus_text::say;

/// More names than this are not listed.
const MOST: usize = 12;

pub(super) fn first_line(
    path: &Path,
    layout: &Layout,
    encoding: Encoding,
    rows: usize,
    width: usize,
) -> String {
    let file = path
        .file_name()
        .map_or("?".into(), |name| name.to_string_lossy().into_owned());
    let separator = separator_name(layout.separator);
    let mut line = say(
        format!("{file}: {rows} filas y {width} columnas, separadas por {separator}"),
        format!("{file}: {rows} rows and {width} columns, separated by {separator}"),
    );
    if layout.numbers.decimal_comma {
        line += say(
            "; números con coma decimal",
            "; numbers with a decimal comma",
        );
    }
    line += match (layout.header, layout.names.is_empty()) {
        (true, _) => say("; nombres en la primera línea", "; names in the first line"),
        (false, true) => say("; sin nombres", "; without names"),
        (false, false) => say("; nombres en un comentario", "; names in a comment"),
    };
    if let Some(mark) = layout.comment {
        let mark = char::from(mark);
        line += &say(
            format!("; las líneas con {mark} son comentarios"),
            format!("; lines with {mark} are comments"),
        );
    }
    line += match encoding {
        Encoding::Utf8 => "",
        Encoding::Utf16 => "; UTF-16",
        Encoding::Windows1252 => say(
            "; no es UTF-8: leído como Windows-1252",
            "; not UTF-8: read as Windows-1252",
        ),
    };
    line
}

fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST {
        text += &format!(", … {}", names[names.len() - 1]);
    }
    text
}

pub(super) fn report(
    first: String,
    plan: &Plan,
    data: &Dataset,
    notes: &[String],
    filled: &Filled,
) -> String {
    let mut lines = vec![first];
    let names = |of: &dyn Fn(&Kind) -> bool| -> Vec<String> {
        plan.features
            .iter()
            .filter(|f| of(&f.kind))
            .map(|f| f.name.clone())
            .collect()
    };
    let numbers = names(&|kind| matches!(kind, Kind::Number));
    let mut parts = Vec::new();
    if !numbers.is_empty() {
        parts.push(format!(
            "{} {} ({})",
            numbers.len(),
            say("de números", "of numbers"),
            listed(&numbers)
        ));
    }
    let yes_no = names(&|kind| matches!(kind, Kind::YesNo));
    if !yes_no.is_empty() {
        parts.push(format!(
            "{} {} ({})",
            yes_no.len(),
            say("de sí o no → 1 o 0", "of yes or no → 1 or 0"),
            listed(&yes_no)
        ));
    }
    for feature in &plan.features {
        if let Kind::OneHot(levels) = &feature.kind {
            let k = levels.len();
            parts.push(say(
                format!(
                    "{} con {k} textos → one-hot ({})",
                    feature.name,
                    listed(&feature.names())
                ),
                format!(
                    "{} with {k} texts → one-hot ({})",
                    feature.name,
                    listed(&feature.names())
                ),
            ));
        }
    }
    lines.push(format!(
        "  {} {}: {}",
        say("características:", "features:"),
        data.shape(),
        parts.join("; ")
    ));
    lines.push(match &plan.target {
        Target::Classes { name, classes, .. } => {
            let mut counts = vec![0_usize; classes.len()];
            data.labels().iter().for_each(|&label| counts[label] += 1);
            let each: Vec<String> = classes
                .iter()
                .zip(counts)
                .map(|(class, n)| format!("{class} ({n})"))
                .collect();
            let k = classes.len();
            say(
                format!("  objetivo: {name}, {k} clases: {}", listed(&each)),
                format!("  target: {name}, {k} classes: {}", listed(&each)),
            )
        }
        Target::Values { names, .. } => format!(
            "  {}: {}",
            say("objetivo (números)", "target (numbers)"),
            listed(names)
        ),
    });
    lines.extend(notes.iter().map(|note| format!("  {note}")));
    if filled.dropped > 0 {
        let n = filled.dropped;
        lines.push(say(
            format!("  filas quitadas: {n}"),
            format!("  rows left out: {n}"),
        ));
    }
    for (value, n) in filled.unknown.iter().take(MOST) {
        lines.push(say(
            format!("  {value} no estaba en los datos de entrenamiento: {n} filas quedan a 0 en esa columna"),
            format!("  {value} was not in the training data: {n} rows stay 0 in that column"),
        ));
    }
    lines.join("\n")
}

impl Plan {
    pub(super) fn classes(&self) -> &[String] {
        match &self.target {
            Target::Classes { classes, .. } => classes,
            Target::Values { .. } => &[],
        }
    }
}
