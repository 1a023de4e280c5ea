//! Questions about code that no compiler is needed for.

/// Whether a cell is complete, as `is_complete_request` asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Completeness {
    Complete,
    /// More has to come, indented by so many spaces.
    Incomplete(usize),
    Invalid,
}

/// Looks at brackets, strings, comments and what the cell ends with.
pub(super) fn completeness(code: &str) -> Completeness {
    let mut open = Vec::new();
    let mut rest = code.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = rest.next() {
        match c {
            '(' | '[' | '{' => open.push(c),
            ')' | ']' | '}' => {
                let matching = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(matching) {
                    return Completeness::Invalid;
                }
            }
            '/' if code[at..].starts_with("//") => {
                while rest.next_if(|(_, c)| *c != '\n').is_some() {}
                continue;
            }
            '/' if code[at..].starts_with("/*") => {
                let Some(length) = comment(&code[at..]) else {
                    return Completeness::Incomplete(indentation(code, open.len()));
                };
                while rest.next_if(|(i, _)| *i < at + length).is_some() {}
                continue;
            }
            '"' => {
                let Some(length) = string(code, at) else {
                    return Completeness::Incomplete(0);
                };
                while rest.next_if(|(i, _)| *i < at + length).is_some() {}
            }
            '\'' => {
                // A character, not a lifetime.
                let mut after = code[at + 1..].chars();
                let length = match (after.next(), after.next(), after.next()) {
                    (Some('\\'), Some(_), _) => code[at + 3..].find('\'').map(|end| end + 4),
                    (Some(c), Some('\''), _) => Some(c.len_utf8() + 2),
                    _ => None,
                };
                if let Some(length) = length {
                    while rest.next_if(|(i, _)| *i < at + length).is_some() {}
                }
            }
            _ => (),
        }
        if !c.is_whitespace() {
            last = c;
        }
    }
    if !open.is_empty() || "=+-*/.,&|<:".contains(last) {
        return Completeness::Incomplete(indentation(code, open.len()));
    }
    Completeness::Complete
}

fn indentation(code: &str, depth: usize) -> usize {
    if code.trim().is_empty() { 0 } else { 4 * depth }
}

/// The length of the comment, with those inside it.
fn comment(code: &str) -> Option<usize> {
    let bytes = code.as_bytes();
    let (mut depth, mut at) = (0, 0);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// The length of the string literal whose first quote is at `quote`.
fn string(code: &str, quote: usize) -> Option<usize> {
    let before = &code[..quote];
    let hashes = before
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'#')
        .count();
    let raw = before[..quote - hashes].ends_with('r');
    if raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return code[quote + 1..].find(&end).map(|at| at + 1 + end.len());
    }
    let mut escaped = false;
    for (at, c) in code[quote + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => (),
        }
    }
    None
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
            ("net\n    .dense(3).", Incomplete(0)),
            ("/* a /* b */", Incomplete(0)),
            ("fn f) {", Invalid),
            ("}", Invalid),
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
