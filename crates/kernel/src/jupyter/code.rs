//! Questions about code that no compiler is needed for.

use crate::cells::parse;
use crate::cells::text;
use crate::cells::torn::Torn;

/// Whether a cell is complete, as `is_complete_request` asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Completeness {
    Complete,
    /// More has to come, indented by so many spaces.
    Incomplete(usize),
    Invalid,
}

/// By what is left open, and by whether something has to follow.
pub(super) fn completeness(code: &str) -> Completeness {
    let code = &text::tidy(code);
    let cell = parse::parse(code);
    match cell.torn {
        None if cell.is_wrong => Completeness::Invalid,
        None => Completeness::Complete,
        Some(Torn::Closed { .. }) => Completeness::Invalid,
        Some(Torn::Endless(_)) => Completeness::Incomplete(0),
        Some(Torn::Open(at)) => Completeness::Incomplete(4 + indentation(code, at)),
        Some(Torn::TooShort { end, .. }) => Completeness::Incomplete(indentation(code, end)),
    }
}

/// How far the line of byte `at` is indented.
fn indentation(code: &str, at: usize) -> usize {
    let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
    code[line..].len() - code[line..].trim_start_matches(' ').len()
}

/// The byte that stands at a position counted in Unicode code points.
pub(super) fn byte_offset(code: &str, characters: usize) -> usize {
    code.char_indices()
        .nth(characters)
        .map_or(code.len(), |(at, _)| at)
}

/// The position, in Unicode code points, of a byte.
pub(super) fn character_offset(code: &str, byte: usize) -> usize {
    code.char_indices().take_while(|(at, _)| *at < byte).count()
}

/// Where the name ends that the cursor, a byte, stands on or behind; `None` when there is none.
pub(super) fn end_of_name(code: &str, cursor: usize) -> Option<usize> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let after = code[cursor..]
        .find(|c| !is_name(c))
        .unwrap_or(code.len() - cursor);
    let end = cursor + after;
    code[..end]
        .chars()
        .next_back()
        .filter(|c| is_name(*c))
        .map(|_| end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_complete_or_not() {
        use Completeness::{Complete, Incomplete, Invalid};
        for (code, expected) in [
            ("let x = 1;", Complete),
            ("x", Complete),
            ("", Complete),
            ("fn f() {", Incomplete(4)),
            ("let x =", Incomplete(0)),
            ("let t = \"a", Incomplete(0)),
            ("vec![1,", Incomplete(4)),
            ("net\n    .dense(3).", Incomplete(4)),
            ("fn f()", Incomplete(0)),
            ("if x >", Incomplete(0)),
            ("for i in 0..3", Incomplete(0)),
            ("fn f() {\n    if x {", Incomplete(8)),
            ("/// Doc.\nfn f(x: f64) -> f64 { x }\n", Complete),
            ("/* a /* b */", Incomplete(0)),
            ("fn f) {", Invalid),
            ("}", Invalid),
            ("let = ;", Invalid),
            ("x = = 3\ny", Invalid),
            ("let t = r#\"a", Incomplete(0)),
            (":dep x = \"1\"\n!ls (\n%%time", Complete),
            ("let t = r#\"a\"#;\r\n", Complete),
            (
                "let q = '\"'; let l: &'static str = r#\"a \" ( b\"#; // (",
                Complete,
            ),
            ("let e = '\\''; f('{')", Complete),
            ("let e = '\\u{1F600}'; {", Incomplete(4)),
        ] {
            assert_eq!(completeness(code), expected, "{code}");
        }
    }

    #[test]
    fn positions_count_code_points() {
        let code = "let 🦀ñ = x;";
        assert_eq!(byte_offset(code, 5), 8);
        assert_eq!(character_offset(code, 8), 5);
        assert_eq!(byte_offset(code, 99), code.len());
        assert_eq!(end_of_name("let abc = 1", 5), Some(7));
        assert_eq!(end_of_name("a + ", 4), None);
    }
}
