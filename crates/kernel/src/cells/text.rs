//! Signs that come into a cell with text from elsewhere: spaces that only look like one, line ends of Windows, the quotes
//! of a word processor.

use ra_ap_parser::LexedStr;
use ra_ap_syntax::{Edition, SyntaxKind};

use crate::Language;
use crate::problem::{Mark, Problem};

/// The code as the compiler wants it: with line ends of one kind, and plain spaces outside of texts and comments.
pub(crate) fn tidy(code: &str) -> String {
    if code.is_ascii() && !code.contains('\r') {
        return code.to_owned();
    }
    let code = code.replace("\r\n", "\n");
    let code = code.strip_prefix('\u{feff}').unwrap_or(&code);
    let lexed = LexedStr::new(Edition::Edition2024, code);
    let mut tidied = String::with_capacity(code.len());
    for token in 0..lexed.len() {
        let text = lexed.text(token);
        if lexed.kind(token) == SyntaxKind::ERROR {
            tidied.extend(text.chars().filter_map(plain_space));
        } else {
            tidied.push_str(text);
        }
    }
    tidied
}

/// A space for what looks like one, nothing for what cannot be seen.
fn plain_space(c: char) -> Option<char> {
    match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(' ')
        }
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => None,
        other => Some(other),
    }
}

/// What to write for a sign that looks like one of Rust's.
fn meant(c: char) -> Option<&'static str> {
    Some(match c {
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '＂' => "\"",
        '‘' | '’' | '‚' | '‛' | '′' | '´' => "'",
        '–' | '—' | '−' | '‐' | '‑' => "-",
        '×' | '∗' | '·' => "*",
        '÷' | '∕' => "/",
        '…' => "..",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '→' => "->",
        '⇒' => "=>",
        '；' => ";",
        '，' => ",",
        '：' => ":",
        '（' => "(",
        '）' => ")",
        _ => return None,
    })
}

/// Places that are marked of one kind.
const MOST_MARKS: usize = 8;

/// The signs of a word processor in the code of a cell, if there are any: what the compiler would say besides is their
/// consequence.
pub(crate) fn look_alikes(code: &str, cell: usize) -> Option<Problem> {
    if code.is_ascii() {
        return None;
    }
    let lexed = LexedStr::new(Edition::Edition2024, code);
    let mut pairs: Vec<(char, &str)> = Vec::new();
    let mut marks = Vec::new();
    for token in (0..lexed.len()).filter(|token| lexed.kind(*token) == SyntaxKind::ERROR) {
        let at = lexed.text_start(token);
        for (offset, c) in lexed.text(token).char_indices() {
            let Some(sign) = meant(c) else { continue };
            if !pairs.contains(&(c, sign)) {
                pairs.push((c, sign));
            }
            if marks.len() < MOST_MARKS {
                marks.push(mark(code, at + offset));
            }
        }
    }
    if pairs.is_empty() {
        return None;
    }
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(c, sign)| format!("{c} → {sign}"))
        .collect();
    let pairs = pairs.join("   ");
    Some(Problem {
        message: match Language::current() {
            Language::Es => format!(
                "hay signos que vienen de un procesador de textos, no del teclado, y Rust no los conoce. Escribe: {pairs}"
            ),
            Language::En => format!(
                "there are signs of a word processor, not of the keyboard, and Rust does not know them. Write: {pairs}"
            ),
        },
        cell,
        marks,
        own_words: true,
        ..Problem::default()
    })
}

fn mark(code: &str, at: usize) -> Mark {
    let line_start = code[..at].rfind('\n').map_or(0, |end| end + 1);
    let start = code[line_start..at].chars().count() + 1;
    Mark {
        line: code[..at].matches('\n').count() + 1,
        start,
        end: start + 1,
        label: String::new(),
        primary: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_become_plain_outside_of_texts_only() {
        for (code, tidied) in [
            ("\u{feff}let x =\u{a0}1;", "let x = 1;"),
            ("let x\u{200b} = 1;", "let x = 1;"),
            (
                "let t = \"a\u{a0}b\r\nc\"; // d\u{a0}e",
                "let t = \"a\u{a0}b\nc\"; // d\u{a0}e",
            ),
            (":dep\u{a0}x = \"1\"\r\nñ()", ":dep x = \"1\"\nñ()"),
            ("let c = '\u{a0}';", "let c = '\u{a0}';"),
        ] {
            assert_eq!(tidy(code), tidied);
        }
    }

    #[test]
    fn signs_of_a_word_processor_are_named_with_their_places() {
        let problem = look_alikes("let x = 1;\nprintln!(“ñ”, x – 1);", 1).unwrap();
        assert!(
            problem.message.contains("“ → \"   ” → \"   – → -"),
            "{}",
            problem.message
        );
        let places: Vec<(usize, usize)> = problem
            .marks
            .iter()
            .map(|mark| (mark.line, mark.start))
            .collect();
        assert_eq!(places, [(2, 10), (2, 12), (2, 17)]);
        assert_eq!(look_alikes("let t = \"“a” – b\"; // ’", 1), None);
    }
}
