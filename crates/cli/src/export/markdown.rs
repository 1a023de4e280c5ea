//! Markdown as HTML: formulas as MathML, headings with an address of their own, tables that may be wider than the page.

use gradus_text::html::escape;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use pulldown_latex::config::DisplayMode;
use pulldown_latex::{RenderConfig, Storage, push_mathml};

/// What a cell of text became.
pub struct Words {
    pub html: String,
    /// The text as a search reads it; what stands above the first heading has none.
    pub parts: Vec<Part>,
}

#[derive(Default)]
pub struct Part {
    pub heading: Option<Heading>,
    pub text: String,
}

pub struct Heading {
    pub level: u8,
    /// The cell and the heading's number in it: the same in both languages.
    pub id: String,
    pub html: String,
    pub text: String,
}

/// `cell` begins the addresses of the headings.
pub fn words(text: &str, cell: &str) -> Words {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_MATH
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES;
    let mut words = Words {
        html: String::new(),
        parts: vec![Part::default()],
    };
    let mut headings = 0;
    let mut events = Vec::new();
    let mut parser = Parser::new_ext(text, options);
    while let Some(event) = parser.next() {
        if let Event::Start(Tag::Heading { level, .. }) = event {
            headings += 1;
            let mut part = Part::default();
            let inside: Vec<_> = parser
                .by_ref()
                .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
                .map(|event| prepared(event, &mut part.text))
                .collect();
            let heading = Heading {
                level: level as u8,
                id: format!("{cell}.{headings}"),
                html: rendered(inside),
                text: part.text.trim().to_owned(),
            };
            events.push(Event::Html(with_address(&heading).into()));
            part.heading = Some(heading);
            part.text.clear();
            words.parts.push(part);
        } else if let Some(part) = words.parts.last_mut() {
            match event {
                Event::Start(Tag::Table(_)) => {
                    events.push(Event::Html("<div class=\"table\">".into()));
                    events.push(event);
                }
                Event::End(TagEnd::Table) => {
                    events.push(event);
                    events.push(Event::Html("</div>\n".into()));
                }
                other => events.push(prepared(other, &mut part.text)),
            }
        }
    }
    words.html = rendered(events);
    words
}

fn rendered(events: Vec<Event<'_>>) -> String {
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out
}

/// A heading that is a link to itself, unless a link stands in it.
fn with_address(heading: &Heading) -> String {
    let Heading {
        level, id, html, ..
    } = heading;
    if html.contains("<a ") {
        format!("<h{level} id=\"{id}\">{html}</h{level}>\n")
    } else {
        format!("<h{level} id=\"{id}\"><a href=\"#{id}\">{html}</a></h{level}>\n")
    }
}

/// An event as it goes into the page; its text is added to `plain`.
fn prepared<'a>(event: Event<'a>, plain: &mut String) -> Event<'a> {
    match event {
        Event::InlineMath(source) => formula(&source, DisplayMode::Inline, plain),
        Event::DisplayMath(source) => formula(&source, DisplayMode::Block, plain),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: page_of(dest_url),
            title,
            id,
        }),
        other => {
            match &other {
                Event::Text(text) | Event::Code(text) => plain.push_str(text),
                Event::SoftBreak | Event::HardBreak => plain.push(' '),
                Event::End(tag) if !inline(*tag) => plain.push(' '),
                _ => {}
            }
            other
        }
    }
}

fn inline(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link
    )
}

/// Another notebook is another page of the site.
fn page_of(link: CowStr<'_>) -> CowStr<'_> {
    if link.contains("://") {
        link
    } else {
        link.replace(".ipynb", ".html").into()
    }
}

fn formula<'a>(source: &str, mode: DisplayMode, plain: &mut String) -> Event<'a> {
    let (source, number) = untagged(source);
    let typeset = mathml(&source, mode);
    match &typeset {
        Some(typeset) => plain.push_str(&text_of(typeset)),
        None => plain.push_str(&source),
    }
    let typeset = typeset.unwrap_or_else(|| format!("<code>{}</code>", escape(&source)));
    let html = match (mode, number) {
        (DisplayMode::Inline, _) => typeset,
        (DisplayMode::Block, None) => format!("<span class=\"formula\">{typeset}</span>"),
        (DisplayMode::Block, Some(number)) => {
            format!("<span class=\"formula\">{typeset}<span>({number})</span></span>")
        }
    };
    Event::InlineHtml(html.into())
}

/// A formula without its `\tag{…}`, and what stands in that.
fn untagged(source: &str) -> (String, Option<&str>) {
    let split = source.split_once("\\tag{").and_then(|(before, rest)| {
        let (number, after) = rest.split_once('}')?;
        Some((format!("{before}{after}"), Some(number)))
    });
    split.unwrap_or_else(|| (source.to_owned(), None))
}

/// A formula that browsers typeset themselves; `None` where it cannot be read.
fn mathml(formula: &str, display_mode: DisplayMode) -> Option<String> {
    let storage = Storage::new();
    let read = || pulldown_latex::Parser::new(formula, &storage);
    let config = RenderConfig {
        display_mode,
        ..RenderConfig::default()
    };
    let mut out = String::new();
    let whole = read().all(|event| event.is_ok());
    push_mathml(&mut out, read(), config).ok()?;
    whole.then_some(out)
}

/// The text between the tags, where a `<` of the formula stands as it is.
fn text_of(markup: &str) -> String {
    let mut text = String::new();
    for piece in markup.split('<').skip(1) {
        match piece.split_once('>') {
            Some((_, after)) => text.push_str(after),
            None => text.push('<'),
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_an_address_and_the_text_below_them() {
        let words = words(
            "before\n\n## Why $\\sigma$?\n\nA *word* and `code`,\n$a < b$.\n\n### And\n\n| a |\n|---|\n| b |",
            "08-1",
        );
        let found: Vec<_> = words
            .parts
            .iter()
            .map(|part| {
                let heading = part.heading.as_ref();
                let heading = heading.map(|it| (it.level, it.id.as_str(), it.text.as_str()));
                (heading, part.text.trim())
            })
            .collect();
        assert_eq!(
            found,
            [
                (None, "before"),
                (Some((2, "08-1.1", "Why σ?")), "A word and code, a<b."),
                (Some((3, "08-1.2", "And")), "a  b"),
            ]
        );
        assert!(
            words
                .html
                .contains("<h2 id=\"08-1.1\"><a href=\"#08-1.1\">Why <math"),
            "{}",
            words.html
        );
        assert!(words.html.contains("<div class=\"table\"><table>"));
    }

    #[test]
    fn a_formula_has_its_number_beside_it() {
        let html = words("$$x = 1 \\tag{7}$$", "a").html;
        assert!(html.contains("</math><span>(7)</span>"), "{html}");
    }

    #[test]
    fn what_cannot_be_typeset_is_shown_as_it_is() {
        let html = |text| words(text, "a").html;
        assert!(html("$\\nonsense{x}$").contains("<code>\\nonsense{x}</code>"));
        assert!(html("costs $5").contains("$5"));
    }

    #[test]
    fn another_notebook_is_another_page_and_other_addresses_stay() {
        let html = words("[a](03-sgd.ipynb#x) [b](https://a.org/b.ipynb)", "a").html;
        assert!(html.contains("\"03-sgd.html#x\""), "{html}");
        assert!(html.contains("\"https://a.org/b.ipynb\""), "{html}");
    }
}
