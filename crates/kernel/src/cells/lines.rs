//! Which lines of a cell are for the kernel and not for the compiler: `:commands`, `!` lines for the shell, and the `%`
//! magics of IPython, which are only explained.
//!
//! Such a line stands where a statement could begin, never inside a text, a comment, or brackets. That is asked of the
//! lexer of rust-analyzer, only for the few lines that look like one.

use std::ops::Range;

use ra_ap_parser::LexedStr;
use ra_ap_syntax::{Edition, SyntaxKind};

/// A cell without the lines for the kernel.
pub(crate) struct Lines {
    /// Each with its number from 1.
    pub(crate) commands: Vec<(usize, String)>,
    /// The rest, with blanks in their place: all positions stay.
    pub(crate) code: String,
}

/// Magics whose cell holds another language.
const OF_THE_WHOLE_CELL: [&str; 12] = [
    "bash",
    "sh",
    "script",
    "html",
    "javascript",
    "js",
    "latex",
    "markdown",
    "svg",
    "writefile",
    "python",
    "python3",
];

/// Takes the lines for the kernel out; `is_known` tells what `!name` could be besides a program of the shell.
pub(crate) fn split(code: &str, is_known: &dyn Fn(&str) -> bool) -> Lines {
    let mut lines = Lines {
        commands: Vec::new(),
        code: String::with_capacity(code.len()),
    };
    for (index, line) in code.split_inclusive('\n').enumerate() {
        let text = line.trim();
        let is_one = match text.chars().next() {
            Some(':') => is_command(text, &lines.code),
            Some('!') => line.starts_with('!') && is_for_the_shell(text, &lines.code, is_known),
            Some('%') => is_magic(text, &lines.code),
            _ => false,
        };
        if is_one {
            lines.commands.push((index + 1, text.to_owned()));
            blank(line, &mut lines.code);
        } else {
            lines.code.push_str(line);
        }
        let magic = text.strip_prefix("%%").filter(|_| is_one);
        let name = magic.and_then(|magic| magic.split_whitespace().next());
        if name.is_some_and(|name| OF_THE_WHOLE_CELL.contains(&name)) {
            let rest = &code[lines.code.len()..];
            blank(rest, &mut lines.code);
            break;
        }
    }
    lines
}

/// Takes the `#![...]` out, which stand before everything else in a program, and says where they were.
pub(crate) fn inner_attributes(code: &mut String) -> Vec<Range<usize>> {
    if !code.contains("#!") {
        return Vec::new();
    }
    let lexed = LexedStr::new(Edition::Edition2024, code);
    let mut found = Vec::new();
    let mut depth = 0;
    let mut open: Option<(usize, usize)> = None;
    for token in 0..lexed.len() {
        match lexed.kind(token) {
            SyntaxKind::L_BRACK => {
                let is_attribute = token >= 2
                    && lexed.kind(token - 1) == SyntaxKind::BANG
                    && lexed.kind(token - 2) == SyntaxKind::POUND;
                if open.is_none() && depth == 0 && is_attribute {
                    open = Some((lexed.text_start(token - 2), depth));
                }
                depth += 1;
            }
            SyntaxKind::L_PAREN | SyntaxKind::L_CURLY => depth += 1,
            SyntaxKind::R_PAREN | SyntaxKind::R_CURLY | SyntaxKind::R_BRACK => {
                depth = depth.saturating_sub(1);
                if let Some((start, _)) = open.take_if(|(_, outside)| *outside == depth) {
                    found.push(start..lexed.text_range(token).end);
                }
            }
            _ => (),
        }
    }
    for range in &found {
        let mut blanks = String::new();
        blank(&code[range.clone()], &mut blanks);
        code.replace_range(range.clone(), &blanks);
    }
    found
}

fn is_command(line: &str, before: &str) -> bool {
    let name = &line[1..];
    let end = name
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(name.len());
    name.starts_with(char::is_alphabetic)
        && match place(before) {
            Place::Between { .. } => true,
            // `let x` may go on with `:i32` on the next line.
            Place::Behind => crate::command_list::exists(&line[..=end]),
            Place::Inside => false,
        }
}

/// As in the stock kernel only before any code, and here not where it can only be the `!` of Rust.
fn is_for_the_shell(line: &str, before: &str, is_known: &dyn Fn(&str) -> bool) -> bool {
    let command = line[1..].trim_start();
    let end = command
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(command.len());
    let (word, rest) = command.split_at(end);
    let is_rust = command.is_empty()
        || command.starts_with(['(', '{', '[', '&', '*', '!', '"', '\''])
        || command.starts_with(|c: char| c.is_ascii_digit())
        || ["true", "false"].contains(&word)
        || is_known(word)
        || (!word.is_empty() && ["(", "!(", "::"].iter().any(|sign| rest.starts_with(sign)));
    !is_rust && matches!(place(before), Place::Between { is_first: true })
}

fn is_magic(line: &str, before: &str) -> bool {
    let name = line.trim_start_matches('%');
    name.starts_with(char::is_alphabetic) && matches!(place(before), Place::Between { .. })
}

enum Place {
    /// A statement can begin here; perhaps the first one.
    Between { is_first: bool },
    /// Behind something that may go on.
    Behind,
    /// In a text, a comment, or brackets.
    Inside,
}

/// What the place behind some code is.
fn place(code: &str) -> Place {
    let lexed = LexedStr::new(Edition::Edition2024, code);
    let mut depth = 0_usize;
    let mut last = None;
    for token in 0..lexed.len() {
        match lexed.kind(token) {
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => continue,
            SyntaxKind::L_PAREN | SyntaxKind::L_BRACK | SyntaxKind::L_CURLY => depth += 1,
            SyntaxKind::R_PAREN | SyntaxKind::R_BRACK | SyntaxKind::R_CURLY => {
                depth = depth.saturating_sub(1);
            }
            _ => (),
        }
        last = Some(lexed.kind(token));
    }
    let ends_open = lexed.len().checked_sub(1).is_some_and(|token| {
        let may = [
            SyntaxKind::COMMENT,
            SyntaxKind::STRING,
            SyntaxKind::BYTE_STRING,
            SyntaxKind::C_STRING,
        ];
        may.contains(&lexed.kind(token)) && lexed.error(token).is_some()
    });
    match last {
        _ if ends_open || depth > 0 => Place::Inside,
        None => Place::Between { is_first: true },
        Some(SyntaxKind::SEMICOLON | SyntaxKind::R_CURLY | SyntaxKind::SHEBANG) => {
            Place::Between { is_first: false }
        }
        Some(_) => Place::Behind,
    }
}

/// As many bytes, so that all positions stay.
fn blank(text: &str, out: &mut String) {
    out.extend(
        text.bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(code: &str) -> Vec<String> {
        let lines = split(code, &|name| name == "done");
        assert_eq!(lines.code.len(), code.len());
        lines.commands.into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn a_command_stands_where_a_statement_could() {
        for (code, expected) in [
            ("// why\n:dep a\nuse a;\n:opt 2", vec![":dep a", ":opt 2"]),
            ("/* why */\n  :vars\n", vec![":vars"]),
            ("let t = r#\"\n:param x\n\"#;", vec![]),
            ("let t = \"\n:vars\n\";", vec![]),
            ("/*\n:opt 9\n*/\n1", vec![]),
            ("f(\n:vars\n)", vec![]),
            ("let x\n:i32 = 5;", vec![]),
            ("x\n:vars", vec![":vars"]),
            ("::std::mem::drop(1)", vec![]),
            ("fn f() {}\n:nothing", vec![":nothing"]),
            ("!ls -l 'a\n1", vec!["!ls -l 'a"]),
            ("!echo it's\n:vars\nlet x = 1;", vec!["!echo it's", ":vars"]),
            ("!done", vec![]),
            ("!done.is_empty()", vec![]),
            ("!is_prime(4)", vec![]),
            ("!matches!(1, 2)", vec![]),
            ("!true", vec![]),
            ("!\"a\"", vec![]),
            ("!5u8", vec![]),
            ("let a = true;\n!a", vec![]),
            ("%%time\n1", vec!["%%time"]),
            ("%matplotlib inline", vec!["%matplotlib inline"]),
            ("x\n% 3", vec![]),
            ("let y = x\n%z;", vec![]),
            ("%%bash\nls (\n:x", vec!["%%bash"]),
        ] {
            assert_eq!(commands(code), expected, "{code}");
        }
    }

    #[test]
    fn attributes_are_found_over_several_lines_and_not_in_texts() {
        let mut code =
            "#![allow(\n  dead_code,\n)]\nfn f() { #![inline] }\nlet t = \"\n#![x]\n\"; #![a]"
                .to_owned();
        let before = code.clone();
        let found = inner_attributes(&mut code);
        let texts: Vec<&str> = found.iter().map(|range| &before[range.clone()]).collect();
        assert_eq!(texts, ["#![allow(\n  dead_code,\n)]", "#![a]"]);
        assert_eq!(code.len(), before.len());
        assert!(
            code.contains("#![inline]") && code.contains("\n#![x]\n") && !code.contains("allow")
        );
    }
}
