//! What is torn in a cell: brackets left open, texts without an end.

use ra_ap_syntax::{SourceFile, SyntaxKind};

use super::parse::{BEFORE, bytes};

/// What is left open in some code, or closed without being open. Positions are bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Torn {
    /// The bracket here is not closed.
    Open(usize),
    /// The bracket here closes nothing, or one of another kind.
    Closed { at: usize, open: Option<usize> },
    /// The text or comment that starts here does not end.
    Endless(usize),
    /// The code ends where something has to follow, in rust-analyzer's words.
    TooShort { end: usize, lacks: String },
}

/// `file` is the parsed function with the code `text` in it.
pub(super) fn torn(text: &str, file: &ra_ap_syntax::Parse<SourceFile>) -> Option<Torn> {
    let errors = file.errors();
    let is_endless = |error: &&ra_ap_syntax::SyntaxError| {
        let words = error.to_string();
        words.starts_with("Missing trailing")
            // A raw one whose end is wrong is not told from one without.
            || (words == "Invalid raw string literal"
                && bytes(error.range()).end >= text.trim_end().len())
    };
    if let Some(error) = errors.iter().find(is_endless) {
        return Some(Torn::Endless(bytes(error.range()).start));
    }
    let mut open: Vec<(usize, SyntaxKind)> = Vec::new();
    let tokens = file.syntax_node().descendants_with_tokens();
    for token in tokens.filter_map(|part| part.into_token()) {
        let at = usize::from(token.text_range().start());
        if !(BEFORE.len()..BEFORE.len() + text.len()).contains(&at) {
            continue;
        }
        let at = at - BEFORE.len();
        let opening = match token.kind() {
            SyntaxKind::L_PAREN | SyntaxKind::L_BRACK | SyntaxKind::L_CURLY => {
                open.push((at, token.kind()));
                continue;
            }
            SyntaxKind::R_PAREN => SyntaxKind::L_PAREN,
            SyntaxKind::R_BRACK => SyntaxKind::L_BRACK,
            SyntaxKind::R_CURLY => SyntaxKind::L_CURLY,
            _ => continue,
        };
        match open.pop() {
            Some((_, kind)) if kind == opening => (),
            other => {
                let open = other.map(|(at, _)| at);
                return Some(Torn::Closed { at, open });
            }
        }
    }
    if let Some((at, _)) = open.pop() {
        return Some(Torn::Open(at));
    }
    let end = text.trim_end().len();
    let error = errors.iter().min_by_key(|error| error.range().start())?;
    (bytes(error.range()).start >= end).then(|| Torn::TooShort {
        end,
        lacks: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn what_is_torn_is_found_where_it_is() {
        for (code, torn) in [
            (
                "let q = '\"'; let l: &'static str = r#\"a \" ( b\"#; // (",
                None,
            ),
            ("let e = '\\''; f('{')", None),
            ("fn f() {\n let a = (1);", Some(Torn::Open(7))),
            ("println!(\"a\";", Some(Torn::Open(8))),
            ("vec![1, 2;", Some(Torn::Open(4))),
            ("let e = '\\u{1F600}'; {", Some(Torn::Open(21))),
            ("f(1));", Some(Torn::Closed { at: 4, open: None })),
            ("}", Some(Torn::Closed { at: 0, open: None })),
            (
                "f(1];",
                Some(Torn::Closed {
                    at: 3,
                    open: Some(1),
                }),
            ),
            ("let s = \"abc;", Some(Torn::Endless(8))),
            ("/* a /* b */", Some(Torn::Endless(0))),
            ("let s = r##\"a \" b\"#;\nf(", Some(Torn::Endless(8))),
        ] {
            assert_eq!(parse(code).torn, torn, "{code}");
        }
        for code in [
            "x +",
            "let x =",
            "let x = 1",
            "fn f()",
            "if x >",
            "for i in 0..3 ",
            "net.\n",
        ] {
            let torn = parse(code).torn;
            assert!(
                matches!(torn, Some(Torn::TooShort { .. })),
                "{code}: {torn:?}"
            );
        }
    }
}
