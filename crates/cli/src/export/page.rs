//! A notebook as the middle of a page: words, code and outputs, with an address for each cell. No script but those of the outputs.

use gradus_text::Language;
use gradus_text::html::escape;
use serde_json::Value;

use super::code::coloured;
use super::markdown::{Heading, Part, words};

/// The forms of an output, the best first.
const FORMS: [&str; 7] = [
    "text/html",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/markdown",
    "text/latex",
    "text/plain",
];

/// Code with more lines can be folded.
const LONG: usize = 10;

pub struct Page {
    pub html: String,
    /// From each heading to the next, for the side bar and the search; the text above the first heading stands in the first.
    pub parts: Vec<Part>,
    language: Language,
    /// A prediction's experiment has begun, and nothing has been said about it yet.
    predicted: bool,
}

impl Page {
    pub fn new(notebook: &Value, language: Language) -> Page {
        let mut page = Page {
            html: String::new(),
            parts: vec![Part::default()],
            language,
            predicted: false,
        };
        for (at, cell) in list(&notebook["cells"]).iter().enumerate() {
            // Before version 4.5 cells had no names.
            let id = cell["id"]
                .as_str()
                .map_or_else(|| format!("cell-{at}"), escape);
            page.html += &format!("<section id=\"{id}\" class=\"cell\">\n");
            page.cell(cell, &id);
            page.html += "</section>\n";
        }
        page
    }

    /// The first heading, if it is one of the first level.
    pub fn title(&self) -> Option<&str> {
        let first = self.headings().next()?;
        (first.level == 1).then_some(first.text.as_str())
    }

    pub fn headings(&self) -> impl Iterator<Item = &Heading> {
        self.parts.iter().filter_map(|part| part.heading.as_ref())
    }

    fn cell(&mut self, cell: &Value, id: &str) {
        let source = joined(&cell["source"]);
        match cell["cell_type"].as_str() {
            Some("markdown") => {
                self.predicted = false;
                let words = words(&source, id);
                self.html += &words.html;
                for part in words.parts {
                    if part.heading.is_some() {
                        self.parts.push(part);
                    } else {
                        self.read(&part.text);
                    }
                }
            }
            Some("code") => {
                self.read(&source);
                if !source.trim().is_empty() {
                    self.html += &self.code(&source, is_hidden(cell));
                }
                let outputs = list(&cell["outputs"]).iter().enumerate();
                let outputs: String = outputs
                    .map(|(at, output)| shown(output, &format!("{id}.output-{at}")))
                    .collect();
                let revealed = source.contains("reveal(");
                self.predicted |= revealed;
                // Readers predict first. A figure to play with that comes after it is no result.
                let waits = revealed || self.predicted && !outputs.contains("<script");
                self.html += &if waits && !outputs.is_empty() {
                    let button = self.language.pick("Ver el resultado", "Show the result");
                    format!(
                        "<details class=\"reveal\"><summary>{button}</summary>\n{outputs}</details>\n"
                    )
                } else {
                    outputs
                };
            }
            _ => self.html += &preformatted(&source),
        }
    }

    /// Below the last heading the search finds this, too.
    fn read(&mut self, text: &str) {
        if let Some(part) = self.parts.last_mut() {
            part.text.push_str(text);
            part.text.push(' ');
        }
    }

    fn code(&self, source: &str, hidden: bool) -> String {
        let code = format!(
            "<pre class=\"code\"><code>{}</code></pre>\n",
            coloured(source)
        );
        let lines = source.lines().count();
        if lines <= LONG && !hidden {
            return code;
        }
        let open = if hidden { "" } else { " open" };
        let mut name = self.language.pick("Código", "Code").to_owned();
        if lines > LONG {
            name += &format!(", {lines} {}", self.language.pick("líneas", "lines"));
        }
        format!("<details class=\"fold\"{open}><summary>{name}</summary>\n{code}</details>\n")
    }
}

/// As JupyterLab and Jupyter Book say that code is secondary.
fn is_hidden(cell: &Value) -> bool {
    let metadata = &cell["metadata"];
    let tag = |tag: &Value| tag == "hide-input" || tag == "hide-cell";
    metadata["jupyter"]["source_hidden"] == true || list(&metadata["tags"]).iter().any(tag)
}

/// `id` begins the addresses of headings in it.
fn shown(output: &Value, id: &str) -> String {
    let content = match output["output_type"].as_str() {
        Some("stream") => preformatted(&joined(&output["text"])),
        Some("error") => {
            let lines = list(&output["traceback"]).iter();
            let lines: Vec<&str> = lines.filter_map(Value::as_str).collect();
            preformatted(&lines.join("\n"))
        }
        _ => best(&output["data"], id),
    };
    if content.is_empty() {
        return content;
    }
    format!("<div class=\"output\">{content}</div>\n")
}

/// The best of the forms of an output.
fn best(data: &Value, id: &str) -> String {
    let Some(form) = FORMS.into_iter().find(|form| !data[*form].is_null()) else {
        return String::new();
    };
    let content = joined(&data[form]);
    let plain = escape(&without_colours(&joined(&data["text/plain"])));
    match form {
        "text/html" => figure(&content, ""),
        // A picture in words, for those who do not see it.
        "image/svg+xml" => figure(&content, &format!("<p class=\"unseen\">{plain}</p>")),
        "image/png" | "image/jpeg" => {
            let bytes = content.replace('\n', "");
            format!("<img alt=\"{plain}\" src=\"data:{form};base64,{bytes}\">")
        }
        "text/markdown" | "text/latex" => words(&content, id).html,
        _ if is_full_bar(&content) => String::new(),
        _ => preformatted(&content),
    }
}

/// Drawings say how wide they are, so that a narrow page does not make their letters too small. On paper they are never dark.
fn figure(content: &str, more: &str) -> String {
    let dark = "(prefers-color-scheme: dark)";
    let content = content.replace(
        &format!("@media {dark}"),
        &format!("@media screen and {dark}"),
    );
    match width(&content) {
        Some(width) => {
            format!("<div class=\"figure\" style=\"--width: {width}px\">{content}{more}</div>")
        }
        None => content,
    }
}

/// The width of the first drawing, also of one inside an address (`data:image/svg+xml,…`).
fn width(content: &str) -> Option<u32> {
    let (_, rest) = content.split_once("svg width=")?;
    let digits = rest.get(1..)?.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// What is left of a progress bar at its end, `[=====] 64/64`, tells a reader nothing.
fn is_full_bar(text: &str) -> bool {
    let text = text.trim();
    let rest = text.strip_prefix("[=").and_then(|rest| {
        let (count, total) = rest
            .trim_start_matches('=')
            .strip_prefix("] ")?
            .split_once('/')?;
        Some(count == total)
    });
    rest == Some(true)
}

fn preformatted(text: &str) -> String {
    gradus_text::html::preformatted(&without_colours(text))
}

/// The text without the terminal's colours.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.split_once(|c: char| c.is_ascii_alphabetic());
        plain.push_str(end.map_or("", |(_, after)| after));
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

    fn page(notebook: &Value) -> Page {
        Page::new(notebook, Language::En)
    }

    #[test]
    fn words_formulas_code_and_outputs_become_html() {
        let page = page(&json!({"cells": [
            {"cell_type": "markdown", "id": "a", "source": ["# 8. Start\n", "with $\\sigma(z)$ and\n\n$$\\frac{1}{n}$$"]},
            {"cell_type": "code", "source": "a < b", "outputs": [
                {"output_type": "stream", "text": "x\u{1b}[31m & y\u{1b}[0m"},
                {"output_type": "execute_result", "data": {"text/plain": "no", "text/html": ["<b>", "yes</b>"]}},
                {"output_type": "display_data", "data": {"text/plain": "a \"dot\"", "image/png": "AAAA\n"}},
                {"output_type": "display_data", "data": {"text/plain": "[====] 64/64"}},
                {"output_type": "display_data", "data": {"text/plain": "one line", "image/svg+xml": "<svg width=\"520\" height=\"1\"></svg>"}},
                {"output_type": "error", "traceback": ["<oops>"]},
            ]},
            {"cell_type": "raw", "source": "<raw>"},
        ]}));
        assert_eq!(page.title(), Some("8. Start"));
        let html = &page.html;
        for wanted in [
            "<section id=\"a\" class=\"cell\">\n<h1 id=\"a.1\"><a href=\"#a.1\">8. Start</a></h1>",
            "<section id=\"cell-1\" class=\"cell\">",
            "<mi>σ</mi>",
            "<mfrac>",
            "a &lt; b",
            "x &amp; y",
            "<b>yes</b>",
            "alt=\"a &quot;dot&quot;\"",
            "base64,AAAA\"",
            "style=\"--width: 520px\"><svg width=\"520\" height=\"1\"></svg><p class=\"unseen\">one line</p>",
            "&lt;oops&gt;",
            "&lt;raw&gt;",
        ] {
            assert!(html.contains(wanted), "no {wanted} in\n{html}");
        }
        assert!(
            !html.contains("<pre>no") && !html.contains("64/64"),
            "{html}"
        );
        let text = &page.parts.last().unwrap().text;
        assert!(
            text.contains("with σ(z)") && text.contains("a < b"),
            "{text}"
        );
    }

    #[test]
    fn results_of_predictions_wait_and_long_or_secondary_code_folds() {
        let long = "let x = 1;\n".repeat(LONG + 1);
        let shown = [json!({"output_type": "stream", "text": "result"})];
        let page = page(&json!({"cells": [
            {"cell_type": "code", "source": "reveal(\"08.A\", x)", "outputs": shown},
            {"cell_type": "code", "source": "x.plot()", "outputs": shown},
            {"cell_type": "code", "source": "play(x)", "outputs": [
                {"output_type": "display_data", "data": {"text/html": "<script>1</script>"}}]},
            {"cell_type": "markdown", "source": "It is so."},
            {"cell_type": "code", "source": long, "outputs": shown},
            {"cell_type": "code", "source": "1", "metadata": {"tags": ["hide-input"]}},
        ]}));
        for wanted in [
            "<details class=\"reveal\"><summary>Show the result</summary>\n<div class=\"output\"><pre>result",
            "<details class=\"fold\" open><summary>Code, 11 lines</summary>",
            "<details class=\"fold\"><summary>Code</summary>",
        ] {
            assert!(page.html.contains(wanted), "no {wanted} in\n{}", page.html);
        }
        let waiting = page.html.matches("class=\"reveal\"").count();
        assert_eq!(waiting, 2, "what follows it, too, until it is talked about");
    }

    #[test]
    fn what_is_no_notebook_gives_an_empty_page() {
        assert_eq!(page(&json!({"cells": 3})).html, "");
        assert_eq!(page(&json!([])).title(), None);
    }
}
