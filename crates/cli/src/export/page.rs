//! A notebook as a plain HTML page: Markdown, formulas as MathML, code and its outputs. No script but those of the outputs.

use gradus_text::html::escape;
use pulldown_cmark::{Event, Options, Parser, html};
use pulldown_latex::config::DisplayMode;
use pulldown_latex::{RenderConfig, Storage, push_mathml};
use serde_json::Value;

/// The words of the rich forms of an output, the best first.
const FORMS: [&str; 7] = [
    "text/html",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/markdown",
    "text/latex",
    "text/plain",
];

/// The cells of a notebook, as HTML.
pub fn body(notebook: &Value) -> String {
    let mut out = String::new();
    for cell in list(&notebook["cells"]) {
        let source = joined(&cell["source"]);
        match cell["cell_type"].as_str() {
            Some("markdown") => {
                out.push_str("<section class=\"words\">\n");
                out.push_str(&markdown(&source));
                out.push_str("</section>\n");
            }
            Some("code") => {
                if !source.trim().is_empty() {
                    out.push_str(&format!(
                        "<pre class=\"code\"><code>{}</code></pre>\n",
                        escape(&source)
                    ));
                }
                for output in list(&cell["outputs"]) {
                    out.push_str(&format!("<div class=\"output\">{}</div>\n", shown(output)));
                }
            }
            _ => out.push_str(&format!("<pre>{}</pre>\n", escape(&source))),
        }
    }
    out
}

/// The first heading of a notebook, as plain text.
pub fn title(notebook: &Value) -> Option<String> {
    let cells = list(&notebook["cells"]).iter();
    let markdown = cells.filter(|cell| cell["cell_type"] == "markdown");
    let sources: Vec<String> = markdown.map(|cell| joined(&cell["source"])).collect();
    let mut lines = sources.iter().flat_map(|source| source.lines());
    lines.find_map(|line| Some(line.strip_prefix("# ")?.trim().to_owned()))
}

fn shown(output: &Value) -> String {
    match output["output_type"].as_str() {
        Some("stream") => preformatted(&joined(&output["text"])),
        Some("error") => {
            let lines: Vec<&str> = list(&output["traceback"])
                .iter()
                .filter_map(Value::as_str)
                .collect();
            preformatted(&lines.join("\n"))
        }
        _ => {
            let data = &output["data"];
            let best = FORMS.iter().find(|form| !data[**form].is_null());
            let content = best.map_or(String::new(), |form| joined(&data[*form]));
            match best.copied() {
                Some("text/html" | "image/svg+xml") => content,
                Some(image @ ("image/png" | "image/jpeg")) => {
                    let text = escape(&joined(&data["text/plain"]));
                    format!(
                        "<img alt=\"{text}\" src=\"data:{image};base64,{}\">",
                        content.replace('\n', "")
                    )
                }
                Some("text/markdown" | "text/latex") => markdown(&content),
                _ => preformatted(&content),
            }
        }
    }
}

pub fn markdown(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_MATH
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES;
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::InlineMath(formula) => {
            Event::InlineHtml(mathml(&formula, DisplayMode::Inline).into())
        }
        Event::DisplayMath(formula) => {
            Event::InlineHtml(mathml(&formula, DisplayMode::Block).into())
        }
        other => other,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

/// A formula that browsers typeset themselves; its source where it cannot be read.
fn mathml(formula: &str, display_mode: DisplayMode) -> String {
    let storage = Storage::new();
    let read = || pulldown_latex::Parser::new(formula, &storage);
    let config = RenderConfig {
        display_mode,
        ..RenderConfig::default()
    };
    let mut out = String::new();
    let whole = read().all(|event| event.is_ok());
    match push_mathml(&mut out, read(), config) {
        Ok(()) if whole => out,
        _ => format!("<code>{}</code>", escape(formula)),
    }
}

fn preformatted(text: &str) -> String {
    format!("<pre>{}</pre>", escape(&without_colours(text)))
}

/// The text without the terminal's colours.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(
            part.split_once(|c: char| c.is_ascii_alphabetic())
                .map_or("", |(_, after)| after),
        );
    }
    plain
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A string that a notebook may hold as a list of lines.
fn joined(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_formulas_code_and_outputs_become_html() {
        let notebook = json!({"cells": [
            {"cell_type": "markdown", "source": ["# 8. Start\n", "with $\\sigma(z)$ and\n\n$$\\frac{1}{n}$$"]},
            {"cell_type": "code", "source": "a < b", "outputs": [
                {"output_type": "stream", "text": "x\u{1b}[31m & y\u{1b}[0m"},
                {"output_type": "execute_result", "data": {"text/plain": "no", "text/html": ["<b>", "yes</b>"]}},
                {"output_type": "display_data", "data": {"text/plain": "a \"dot\"", "image/png": "AAAA\n"}},
                {"output_type": "error", "traceback": ["<oops>"]},
            ]},
            {"cell_type": "raw", "source": "<raw>"},
        ]});
        assert_eq!(title(&notebook).unwrap(), "8. Start");
        let html = body(&notebook);
        for wanted in [
            "<h1>8. Start</h1>",
            "<mi>σ</mi>",
            "<mfrac>",
            "a &lt; b",
            "x &amp; y",
            "<b>yes</b>",
            "alt=\"a &quot;dot&quot;\"",
            "base64,AAAA\"",
            "&lt;oops&gt;",
            "&lt;raw&gt;",
        ] {
            assert!(html.contains(wanted), "no {wanted} in\n{html}");
        }
        assert!(!html.contains("<pre>no"), "{html}");
    }

    #[test]
    fn what_cannot_be_typeset_is_shown_as_it_is() {
        assert!(markdown("$\\nonsense{x}$").contains("\\nonsense"));
        assert!(markdown("costs $5").contains("$5"));
        assert_eq!(body(&json!({"cells": 3})), "");
        assert_eq!(title(&json!([])), None);
    }
}
