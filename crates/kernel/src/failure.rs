//! A cell that failed, in words for a student.

use std::env::consts::DLL_SUFFIX;

use gradus_text::Language;
use gradus_text::html::escape;

use crate::colour::{BLUE, BOLD, CYAN, RED, RESET};
use crate::hints;
use crate::problem::{Mark, Problem};
use crate::transcript::Cells;

/// Why a cell failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// It does not compile, or a `:command` was wrong.
    Compile,
    /// It panicked; a failed assert is a panic.
    Panic,
    /// A `?` returned an error.
    ErrorReturned,
    /// It compiles, but something that it needs is not there when it should run.
    NotLoaded,
    /// The process that runs the cells ended: the variables are lost.
    Died,
    /// It took longer than allowed.
    Timeout,
    /// The user stopped it.
    Interrupted,
    /// A defect in the kernel.
    Internal,
}

impl FailureKind {
    /// The name that a notebook's error output carries.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Compile => "CompileError",
            FailureKind::Panic => "Panic",
            FailureKind::ErrorReturned => "Error",
            FailureKind::NotLoaded => "LoadError",
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

impl Failure {
    /// The traceback as HTML, for front ends that do not know ANSI colours.
    pub fn html(&self) -> String {
        let mut html = String::from("<pre>");
        for line in &self.traceback {
            let mut parts = line.split("\u{1b}[");
            html.push_str(&escape(parts.next().unwrap_or_default()));
            let mut open = false;
            for part in parts {
                let (sequence, text) = part.split_once('m').unwrap_or(("", part));
                if std::mem::take(&mut open) {
                    html.push_str("</span>");
                }
                let style = match sequence {
                    "1;31" => "color:#c0392b;font-weight:bold",
                    "1;34" => "color:#1f6fb2;font-weight:bold",
                    "1;36" => "color:#0e8577;font-weight:bold",
                    "1" => "font-weight:bold",
                    _ => "",
                };
                if !style.is_empty() {
                    html.push_str(&format!("<span style=\"{style}\">"));
                    open = true;
                }
                html.push_str(&escape(text));
            }
            html.push_str(if open { "</span>\n" } else { "\n" });
        }
        html.push_str("</pre>");
        html
    }
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

/// Problems that are shown of one cell: the others mostly follow from these.
const MOST_PROBLEMS: usize = 6;

/// The compiler's errors about a cell.
pub(crate) fn from_compiler(problems: &[Problem], cells: &Cells) -> Failure {
    let mut traceback = Vec::new();
    let mut messages = Vec::new();
    for problem in problems.iter().take(MOST_PROBLEMS) {
        if !traceback.is_empty() {
            traceback.push(String::new());
        }
        traceback.extend(render(problem, cells));
        let message = clean(&problem.message);
        messages.push(match &problem.code {
            Some(code) => format!("[{code}] {message}"),
            None => message,
        });
    }
    if problems.len() > MOST_PROBLEMS {
        let more = problems.len() - MOST_PROBLEMS;
        traceback.push(match Language::current() {
            Language::Es => format!("... y {more} más"),
            Language::En => format!("... and {more} more"),
        });
    }
    Failure {
        kind: FailureKind::Compile,
        message: messages.join("\n"),
        traceback,
    }
}

/// Where something is.
pub(crate) fn arrow(cell: &str, line: Option<usize>) -> String {
    let word = Language::current().pick("línea", "line");
    let line = line.map_or(String::new(), |line| format!(", {word} {line}"));
    format!("{BLUE}-->{RESET} {cell}{line}")
}

fn render(problem: &Problem, cells: &Cells) -> Vec<String> {
    let code_name = problem
        .code
        .as_ref()
        .map(|code| format!("[{code}]"))
        .unwrap_or_default();
    let message = clean(&problem.message);
    let mut lines = message.lines();
    let mut out = vec![format!(
        "{RED}error{code_name}{RESET}{BOLD}: {}{RESET}",
        lines.next().unwrap_or_default()
    )];
    out.extend(lines.map(str::to_owned));
    let mut marks = problem.marks.clone();
    for mark in &mut marks {
        mark.label = if is_about_internals(&mark.label) {
            String::new()
        } else {
            clean(&mark.label)
        };
    }
    let place = marks.iter().find(|mark| mark.primary).or(marks.first());
    let line = place.map(|mark| mark.line);
    out.push(arrow(&cells.name(problem.cell), line));
    let code = cells.code(problem.cell);
    let marked = line.and_then(|line| code.lines().nth(line.checked_sub(1)?));
    let marked = marked.unwrap_or_default();
    out.extend(snippet(code, marks));
    for advice in &problem.advice {
        let mut texts = advice.lines.iter().chain([&advice.text]);
        if texts.any(|text| is_about_internals(text)) {
            continue;
        }
        let text = clean(&advice.text);
        out.push(format!("{CYAN}{}{RESET}: {text}", advice.level));
        out.extend(advice.lines.iter().map(|line| format!("    {line}")));
    }
    let language = Language::current();
    if !problem.own_words
        && let Some(hint) = hints::hint(problem, marked, language)
    {
        out.push(hints::line(&hint, language));
    }
    out
}

fn is_about_internals(text: &str) -> bool {
    [
        "gradus_cell",
        "gradus_copy",
        "gradus_shared",
        "gradus_dep_",
        "CellError",
        "AnyCellError",
        "evcxr_display",
        "Box<dyn std::error::Error>",
        "cell-",
        "/rustc/",
        "` on by default",
    ]
    .iter()
    .any(|name| text.contains(name))
}

/// Names of our own making mean nothing to a student.
fn clean(text: &str) -> String {
    text.replace("AnyCellError", "CellError")
        .replace("`CellError`", "an error that a cell can end with")
        .replace(
            "`gradus_cell::CellError`",
            "an error that a cell can end with",
        )
        .replace("in a closure that returns `Result`", "in a cell")
        .replace("crate `notebook`", "this notebook")
        .replace("the crate root", "this notebook")
        .replace("notebook::", "")
}

/// What the runtime of Rust adds to its last words.
pub(crate) const BACKTRACE_NOTE: &str =
    "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";

/// The process that runs the cells is gone; what it said last, on standard error and in a panic, may tell why.
pub(crate) fn died(
    status: &str,
    last_words: &str,
    panic: Option<&str>,
    variables: &[String],
) -> Failure {
    let language = Language::current();
    let bytes = last_words
        .rsplit_once("memory allocation of ")
        .and_then(|(_, rest)| rest.split_once(" bytes failed"))
        .map(|(bytes, _)| bytes);
    let why = if last_words.contains("has overflowed its stack") {
        language
            .pick(
                "la pila se ha desbordado: una función se llama a sí misma sin fin, o una variable local es enorme",
                "the stack overflowed: a function calls itself without end, or a local variable is huge",
            )
            .to_owned()
    } else if let Some(bytes) = bytes {
        match language {
            Language::Es => format!("no hay memoria para {bytes} bytes más"),
            Language::En => format!("there is no memory for {bytes} more bytes"),
        }
    } else if let Some(panic) = panic {
        panic.trim_end().to_owned()
    } else if status.contains("SIGKILL") {
        language
            .pick(
                "quizá se ha acabado la memoria",
                "the memory may have run out",
            )
            .to_owned()
    } else if status.contains("SIGSEGV") {
        language
            .pick(
                "se ha usado memoria que no es suya; solo `unsafe` puede hacerlo",
                "memory was used that is not its own; only `unsafe` can do that",
            )
            .to_owned()
    } else {
        String::new()
    };
    let why = match why.as_str() {
        "" => String::new(),
        why => format!(": {why}"),
    };
    let lost = lost(variables);
    let message = match language {
        Language::Es => {
            format!("el proceso que ejecuta las celdas ha terminado ({status}){why}. {lost}")
        }
        Language::En => format!("the process that runs the cells ended ({status}){why}. {lost}"),
    };
    Failure::new(FailureKind::Died, message)
}

/// How a cell was stopped.
pub(crate) enum How<'a> {
    WhileCompiling,
    ByItself,
    /// Where it was, with these variables.
    Left(&'a [String]),
    /// With these variables.
    Killed(&'a [String]),
}

/// The cell was stopped.
pub(crate) fn stopped(kind: FailureKind, how: How) -> Failure {
    let timeout = kind == FailureKind::Timeout;
    let message = match Language::current() {
        Language::Es => {
            let what = if timeout {
                "la celda ha tardado más de lo permitido"
            } else {
                "la celda se ha interrumpido"
            };
            match how {
                How::WhileCompiling => {
                    format!("{what} mientras se compilaba. No se ha perdido nada.")
                }
                How::ByItself => {
                    format!("{what} y ha terminado por sí misma. Las variables se conservan.")
                }
                How::Left([]) => format!("{what}. Las variables se conservan."),
                How::Left(lost) => format!(
                    "{what} a mitad de un cálculo. Se pierden las variables que estaba cambiando: {}; las demás se conservan.",
                    lost.join(", ")
                ),
                How::Killed(variables) => {
                    format!("{what} y se ha cerrado su proceso. {}", lost(variables))
                }
            }
        }
        Language::En => {
            let what = if timeout {
                "the cell took longer than allowed"
            } else {
                "the cell was interrupted"
            };
            match how {
                How::WhileCompiling => {
                    format!("{what} while it was being compiled. Nothing is lost.")
                }
                How::ByItself => format!("{what} and ended by itself. Variables are kept."),
                How::Left([]) => format!("{what}. Variables are kept."),
                How::Left(lost) => format!(
                    "{what} in the middle of a computation. Lost, because the cell was changing them: {}; the other variables are kept.",
                    lost.join(", ")
                ),
                How::Killed(variables) => {
                    format!("{what} and its process was ended. {}", lost(variables))
                }
            }
        }
    };
    Failure::new(kind, message)
}

/// The compiled cell cannot be loaded; these libraries want what is not there.
pub(crate) fn not_loaded(reason: &str, libraries: &[String]) -> Failure {
    let language = Language::current();
    // The name of our own file is nothing for a student.
    let reason = reason
        .rsplit_once(&format!("{DLL_SUFFIX}: "))
        .map_or(reason, |(_, reason)| reason);
    let what = language.pick(
        "la celda se ha compilado, pero no se puede cargar, así que no se ha ejecutado",
        "the cell was compiled but cannot be loaded, so it did not run",
    );
    let mut message = format!("{what}: {reason}");
    if !libraries.is_empty() {
        let names = libraries.join(", ");
        message += &match language {
            Language::Es => format!(
                "\nLo necesita {names}: le falta una biblioteca del sistema, o una opción (`features`) que la incluya."
            ),
            Language::En => format!(
                "\n{names} needs it: a library of the system is missing, or a feature that brings it along."
            ),
        };
    }
    Failure::new(FailureKind::NotLoaded, message)
}

/// What the end of the process means.
fn lost(variables: &[String]) -> String {
    let names = variables.join(", ");
    match (Language::current(), variables.is_empty()) {
        (Language::Es, true) => {
            "No había variables que perder; las definiciones y los `use` se conservan.".to_owned()
        }
        (Language::Es, false) => {
            format!("Variables perdidas: {names}; las definiciones y los `use` se conservan.")
        }
        (Language::En, true) => {
            "There were no variables to lose; definitions and imports are kept.".to_owned()
        }
        (Language::En, false) => {
            format!("Lost variables: {names}; definitions and imports are kept.")
        }
    }
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
