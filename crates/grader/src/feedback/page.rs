//! What all pages have: the frame, the colours, the switch between the languages.

use std::fmt::Write as _;

use gradus_exercise::Language;
use gradus_text::html::escape;

const STYLE: &str = include_str!("style.css");

/// A page with a part for each language. What it names is escaped already.
pub(super) fn page(title: &str, langs: &[Language], body: impl Fn(Language) -> String) -> String {
    let first = langs.first().copied().unwrap_or(Language::En);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        first.code()
    );
    if langs.len() > 1 {
        for lang in langs {
            let code = lang.code();
            let checked = if *lang == first { " checked" } else { "" };
            let name = lang.pick("Español", "English");
            let _ = writeln!(
                out,
                "<input type=\"radio\" name=\"lang\" id=\"{code}\"{checked}><label for=\"{code}\" lang=\"{code}\">{name}</label>"
            );
        }
    }
    for lang in langs {
        let code = lang.code();
        let _ = write!(
            out,
            "<main class=\"{code}\" lang=\"{code}\">\n{}</main>\n",
            body(*lang)
        );
    }
    out + "</body>\n</html>\n"
}

/// A name of a person or a function: its direction does not change what stands around it.
pub(super) fn name(text: &str) -> String {
    format!("<bdi>{}</bdi>", safe(text))
}

/// A text from outside as HTML, with what would be invisible made visible.
pub(super) fn safe(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    let shown: String = text
        .chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .collect();
    escape(&shown)
}

/// A bar from nothing to all.
pub(super) fn bar(part: u32, all: u32) -> String {
    let percent = (100 * u64::from(part))
        .checked_div(u64::from(all))
        .unwrap_or(0)
        .min(100);
    format!(
        "<span class=\"bar\" aria-hidden=\"true\"><span style=\"width:{percent}%\"></span></span>"
    )
}

/// A number with one decimal place.
pub(super) fn decimal(x: f64, lang: Language) -> String {
    let text = format!("{x:.1}");
    lang.pick(text.replace('.', ","), text)
}
