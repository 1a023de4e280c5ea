//! A cell that failed, in words for a student.

use evcxr::CompilationError;

use crate::hints::{self, Language};

/// Why a cell failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// It does not compile, or a `:command` was wrong.
    Compile,
    /// It panicked; a failed assert is a panic.
    Panic,
    /// A `?` returned an error.
    ErrorReturned,
    /// The process that runs the cells ended: the variables are lost.
    Died,
    /// It took longer than allowed.
    Timeout,
    /// The user stopped it.
    Interrupted,
    /// A defect in the kernel or in evcxr.
    Internal,
}

impl FailureKind {
    /// The name that a notebook's error output carries.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Compile => "CompileError",
            FailureKind::Panic => "Panic",
            FailureKind::ErrorReturned => "Error",
            FailureKind::Died => "ProcessDied",
            FailureKind::Timeout => "Timeout",
            FailureKind::Interrupted => "KeyboardInterrupt",
            FailureKind::Internal => "InternalError",
        }
    }
}

/// Why and where a cell failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What happened.
    pub kind: FailureKind,
    /// One line, or the message of the panic.
    pub message: String,
    /// Lines to show, coloured with ANSI sequences; the message is part of them.
    pub traceback: Vec<String>,
}

pub(crate) const RED: &str = "\u{1b}[1;31m";
pub(crate) const BLUE: &str = "\u{1b}[1;34m";
pub(crate) const CYAN: &str = "\u{1b}[1;36m";
pub(crate) const BOLD: &str = "\u{1b}[1m";
pub(crate) const RESET: &str = "\u{1b}[0m";

impl Failure {
    /// A failure without a place in the code.
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        let message = message.into();
        let traceback = format!("{RED}{}{RESET}: {message}", kind.name())
            .lines()
            .map(str::to_owned)
            .collect();
        Failure {
            kind,
            message,
            traceback,
        }
    }

    /// The traceback without colours.
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        for line in &self.traceback {
            let mut rest = line.as_str();
            while let Some(start) = rest.find("\u{1b}[") {
                plain.push_str(&rest[..start]);
                rest = rest[start..].split_once('m').map_or("", |(_, after)| after);
            }
            plain.push_str(rest);
            plain.push('\n');
        }
        plain
    }
}

/// A line of a cell, with some of its characters underlined.
pub(crate) struct Mark {
    /// From 1.
    pub(crate) line: usize,
    /// Characters from 1; `end` is the first one after it.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) label: String,
    pub(crate) primary: bool,
}

/// The marked lines of a cell with their numbers, and the marks below them.
pub(crate) fn snippet(code: &str, mut marks: Vec<Mark>) -> Vec<String> {
    let lines: Vec<&str> = code.lines().collect();
    marks.retain(|mark| (1..=lines.len()).contains(&mark.line));
    marks.sort_by_key(|mark| (mark.line, std::cmp::Reverse(mark.start)));
    let width = marks
        .iter()
        .map(|mark| mark.line.to_string().len())
        .max()
        .unwrap_or(1);
    let gutter = format!("{BLUE}{:width$} |{RESET}", "");
    let mut out = Vec::new();
    let mut last = 0;
    for mark in &marks {
        if mark.line != last {
            if last != 0 && mark.line > last + 1 {
                out.push(format!("{BLUE}...{RESET}"));
            }
            let text = lines[mark.line - 1].replace('\t', " ");
            out.push(format!("{BLUE}{:width$} |{RESET} {text}", mark.line));
            last = mark.line;
        }
        let (colour, sign) = if mark.primary {
            (RED, "^")
        } else {
            (BLUE, "-")
        };
        let signs = sign.repeat(mark.end.saturating_sub(mark.start).max(1));
        let indent = " ".repeat(mark.start.saturating_sub(1));
        let mut label = mark.label.lines();
        let first = label.next().unwrap_or_default();
        out.push(
            format!("{gutter} {indent}{colour}{signs} {first}{RESET}")
                .replace(&format!(" {RESET}"), RESET),
        );
        for line in label {
            let space = " ".repeat(signs.len());
            out.push(format!("{gutter} {indent}{space} {colour}{line}{RESET}"));
        }
    }
    out
}

/// The compiler's errors about a cell.
pub(crate) fn from_compiler(errors: &[CompilationError], cell: usize, code: &str) -> Failure {
    let mut traceback = Vec::new();
    let mut messages = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for error in errors {
        let block = render(error, cell, code);
        // One mistake can be reported twice: with and without the code around the cell.
        if !seen.insert(block.clone()) {
            continue;
        }
        if !traceback.is_empty() {
            traceback.push(String::new());
        }
        traceback.extend(block);
        messages.push(title(error));
    }
    Failure {
        kind: FailureKind::Compile,
        message: messages.join("\n"),
        traceback,
    }
}

fn title(error: &CompilationError) -> String {
    match error.code() {
        Some(code) => format!("[{code}] {}", clean(&error.message())),
        None => clean(&error.message()),
    }
}

fn render(error: &CompilationError, cell: usize, code: &str) -> Vec<String> {
    let code_name = error
        .code()
        .map(|code| format!("[{code}]"))
        .unwrap_or_default();
    let message = clean(&error.message());
    let mut lines = message.lines();
    let mut out = vec![format!(
        "{RED}error{code_name}{RESET}{BOLD}: {}{RESET}",
        lines.next().unwrap_or_default()
    )];
    out.extend(lines.map(str::to_owned));

    let mut marks = Vec::new();
    for message in error.spanned_messages() {
        let Some(span) = message.span else { continue };
        let first_line = code.lines().nth(span.start_line - 1).unwrap_or_default();
        let end = if span.end_line == span.start_line {
            span.end_column
        } else {
            first_line.chars().count() + 1
        };
        // evcxr repeats the title where the compiler has no label.
        let label = if message.label.starts_with("error: ") {
            ""
        } else {
            &message.label
        };
        marks.push(Mark {
            line: span.start_line,
            start: span.start_column,
            end,
            label: clean(label),
            primary: message.is_primary,
        });
    }
    let place = marks.iter().find(|mark| mark.primary).or(marks.first());
    let place = match place {
        Some(mark) => format!("cell {cell}, line {}", mark.line),
        None => format!("cell {cell}"),
    };
    out.push(format!("{BLUE}-->{RESET} {place}"));
    out.extend(snippet(code, marks));

    let children = error.json["children"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    for child in children {
        let level = child["level"].as_str().unwrap_or_default();
        let text = clean(child["message"].as_str().unwrap_or_default());
        if !matches!(level, "help" | "note") || text.is_empty() || is_about_internals(&text) {
            continue;
        }
        let replacements: Vec<&str> = child["spans"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|span| span["suggested_replacement"].as_str())
            .map(str::trim)
            .filter(|text| !text.is_empty() && !is_about_internals(text))
            .collect();
        let replacement = match replacements.as_slice() {
            [] => String::new(),
            parts => format!(": `{}`", parts.join(" … ")),
        };
        out.push(format!("{CYAN}{level}{RESET}: {text}{replacement}"));
    }
    let language = Language::current();
    if let Some(hint) = hints::hint(error.code(), &message, language) {
        out.push(format!("{CYAN}{}{RESET}: {hint}", language.hint()));
    }
    out
}

fn is_about_internals(text: &str) -> bool {
    text.contains("evcxr") || text.contains("run_user_code_") || text.contains("Evcxr")
}

/// Names of our own making mean nothing to a student.
fn clean(text: &str) -> String {
    text.replace("`evcxr_variable_store`", "the end of the cell")
        .replace("crate `ctx`", "this notebook")
        .replace("the crate root", "this notebook")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_below_the_characters_they_are_about() {
        let mark = |line, start, end, label: &str, primary| Mark {
            line,
            start,
            end,
            label: label.to_owned(),
            primary,
        };
        let failure = Failure {
            kind: FailureKind::Compile,
            message: String::new(),
            traceback: snippet(
                "let ñ = a;\nlet b = a;\n\nuse_it(b, a);",
                vec![
                    mark(4, 11, 12, "used here", true),
                    mark(1, 9, 10, "moved here", false),
                    mark(9, 1, 2, "outside the cell", true),
                ],
            ),
        };
        let expected = "1 | let ñ = a;\n  |         - moved here\n...\n4 | use_it(b, a);\n  |           ^ used here\n";
        assert_eq!(failure.plain(), expected);
    }
}
