//! Rust in colours.

use gradus_text::html::escape;
use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T};

/// A cell as HTML; every piece that has a colour is a `span` with one of the classes of `site.css`.
pub fn coloured(code: &str) -> String {
    let tokens = LexedStr::new(Edition::CURRENT, code);
    (0..tokens.len())
        .map(|at| {
            let text = escape(tokens.text(at));
            match class(&tokens, at) {
                Some(class) => format!("<span class=\"{class}\">{text}</span>"),
                None => text,
            }
        })
        .collect()
}

fn class(tokens: &LexedStr<'_>, at: usize) -> Option<&'static str> {
    let next = (at + 1 < tokens.len()).then(|| tokens.kind(at + 1));
    match tokens.kind(at) {
        SyntaxKind::COMMENT => Some("comment"),
        SyntaxKind::STRING
        | SyntaxKind::BYTE_STRING
        | SyntaxKind::C_STRING
        | SyntaxKind::CHAR
        | SyntaxKind::BYTE => Some("string"),
        SyntaxKind::INT_NUMBER | SyntaxKind::FLOAT_NUMBER => Some("number"),
        SyntaxKind::LIFETIME_IDENT => Some("keyword"),
        kind if kind.is_keyword(Edition::CURRENT) => Some("keyword"),
        SyntaxKind::IDENT if next == Some(T!['(']) || next == Some(T![!]) => Some("function"),
        SyntaxKind::IDENT if tokens.text(at).starts_with(char::is_uppercase) => Some("type"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_stays_and_words_have_colours() {
        let code =
            "// a < b\nlet x: Vec<f64> = f(\"é\", 'c', 1.5)?; println!(\"{x}\") \u{7f} \"open";
        let html = coloured(code);
        for wanted in [
            "<span class=\"comment\">// a &lt; b</span>",
            "<span class=\"keyword\">let</span>",
            "<span class=\"type\">Vec</span>",
            "<span class=\"function\">f</span>(<span class=\"string\">&quot;é&quot;</span>",
            "<span class=\"number\">1.5</span>",
            "<span class=\"function\">println</span>!",
        ] {
            assert!(html.contains(wanted), "no {wanted} in {html}");
        }
        let plain: String = html
            .split("<span")
            .map(|piece| match piece.split_once("\">") {
                Some((_, rest)) => rest.replace("</span>", ""),
                None => piece.to_owned(),
            })
            .collect();
        assert_eq!(plain, escape(code));
    }
}
