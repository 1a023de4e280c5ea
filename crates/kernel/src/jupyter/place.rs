//! One place of a front end for all that a cell shows from its controls on: what is shown there is replaced as a whole.

use gradus_text::html::{escape, preformatted};
use serde_json::{Value, json};

use super::bundle;
use crate::notebook::overwrite;
use crate::{Bundle, Failure, Language, Output};

/// More text than this is not shown in a place, which is sent anew whenever it changes.
const TEXT_LIMIT: usize = 256 << 10;
/// Nor are more things than this.
const PARTS: usize = 200;

/// What is to be seen there.
#[derive(Default)]
pub(super) struct Place {
    parts: Vec<Part>,
    /// What is there goes when the next thing comes.
    clears: bool,
    text: usize,
    /// Something was left out.
    is_cut: bool,
}

enum Part {
    Text { is_error: bool, text: String },
    Data { data: Bundle, id: Option<String> },
    Error { html: String, text: String },
}

impl Place {
    pub(super) fn push(&mut self, output: Output) {
        match output {
            Output::Quiet | Output::Progress(_) | Output::Controls(_) => (),
            Output::Stdout(text) => self.push_text(false, &text),
            Output::Stderr(text) => self.push_text(true, &text),
            Output::Display(data) | Output::Result(data) => {
                self.push_part(Part::Data { data, id: None });
            }
            Output::Shared {
                data,
                id,
                update: false,
            } => self.push_part(Part::Data { data, id: Some(id) }),
            Output::Shared { data, id, .. } => {
                for part in &mut self.parts {
                    if let Part::Data { data: old, id: its } = part
                        && its.as_ref() == Some(&id)
                    {
                        *old = data.clone();
                    }
                }
            }
            Output::Clear { wait: true } => self.clears = true,
            Output::Clear { wait: false } => *self = Place::default(),
        }
    }

    /// Whether a thing of this name is there.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut ids = self.parts.iter().filter_map(|part| match part {
            Part::Data { id, .. } => id.as_deref(),
            _ => None,
        });
        ids.any(|id| id == name)
    }

    /// Why the cell ended.
    pub(super) fn push_failure(&mut self, failure: &Failure) {
        let (html, text) = (failure.html(), failure.plain());
        self.push_part(Part::Error { html, text });
    }

    fn push_part(&mut self, part: Part) {
        self.make_room();
        // The reason of a failure is always told.
        if self.parts.len() < PARTS || matches!(part, Part::Error { .. }) {
            self.parts.push(part);
        } else {
            self.is_cut = true;
        }
    }

    fn push_text(&mut self, is_error: bool, more: &str) {
        self.make_room();
        let cut = more.floor_char_boundary(TEXT_LIMIT.saturating_sub(self.text));
        self.is_cut |= cut < more.len();
        let more = &more[..cut];
        self.text += more.len();
        match self.parts.last_mut() {
            Some(Part::Text {
                is_error: its,
                text,
            }) if *its == is_error => text.push_str(more),
            _ if more.is_empty() => (),
            _ => {
                let text = more.to_owned();
                self.push_part(Part::Text { is_error, text });
            }
        }
    }

    fn make_room(&mut self) {
        if self.clears {
            *self = Place::default();
        }
    }

    /// All of it as one thing: a single one as it is, several below each other.
    pub(super) fn bundle(&self) -> Bundle {
        if let ([Part::Data { data, .. }], false) = (&self.parts[..], self.is_cut) {
            return data.clone();
        }
        let (mut html, mut plain) = (String::new(), String::new());
        for part in &self.parts {
            let (page, text) = part.forms();
            html += &page;
            plain += &text;
            if !plain.ends_with('\n') {
                plain.push('\n');
            }
        }
        if self.is_cut {
            let words = Language::current().pick(
                "[hay más, demasiado para mostrarlo]\n",
                "[there is more, too much to show it]\n",
            );
            html += &preformatted(words);
            plain += words;
        }
        plain.truncate(plain.trim_end_matches('\n').len());
        match self.parts.iter().all(Part::is_text) {
            // It may have colours of a terminal, which a front end knows in text.
            true => bundle(json!({"text/plain": plain})),
            false => bundle(json!({"text/html": html, "text/plain": plain})),
        }
    }
}

impl Part {
    fn is_text(&self) -> bool {
        match self {
            Part::Text { is_error, .. } => !is_error,
            Part::Data { data, .. } => data.keys().all(|mime| mime == "text/plain"),
            Part::Error { .. } => false,
        }
    }

    /// In a page, and as text.
    fn forms(&self) -> (String, String) {
        match self {
            Part::Text { is_error, text } => {
                let text = overwrite(text);
                let colour = if *is_error { ";color:#c0392b" } else { "" };
                let page = format!("<pre style=\"margin:0{colour}\">{}</pre>", escape(&text));
                (page, text)
            }
            Part::Data { data, .. } => {
                let form = |mime: &str| data.get(mime).and_then(Value::as_str);
                let text = form("text/plain").unwrap_or_default();
                let picture = ["image/png", "image/jpeg"].into_iter().find_map(|mime| {
                    let file = form(mime)?.replace('\n', "");
                    let text = escape(text);
                    Some(format!(
                        "<img src=\"data:{mime};base64,{file}\" alt=\"{text}\">"
                    ))
                });
                let page = form("text/html").or_else(|| form("image/svg+xml"));
                let page = page.map(str::to_owned).or(picture);
                let page = page.unwrap_or_else(|| preformatted(text));
                (format!("<div>{page}</div>"), text.to_owned())
            }
            Part::Error { html, text } => {
                let html = html.replacen("<pre>", "<pre style=\"margin:0\">", 1);
                (html, text.clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FailureKind;

    fn place(outputs: impl IntoIterator<Item = Output>) -> Place {
        let mut place = Place::default();
        for output in outputs {
            place.push(output);
        }
        place
    }

    fn shown(text: &str) -> Output {
        Output::Display(bundle(
            json!({"text/plain": text, "text/html": format!("<b>{text}</b>")}),
        ))
    }

    #[test]
    fn one_thing_stays_as_it_is_and_several_are_one_below_the_other() {
        assert_eq!(place([]).bundle(), bundle(json!({"text/plain": ""})));
        let one = bundle(json!({"application/json": {"a": 1}, "text/plain": "a"}));
        assert_eq!(place([Output::Result(one.clone())]).bundle(), one);
        let text = [
            Output::Stdout("1\n".to_owned()),
            Output::Stdout("2\n".to_owned()),
        ];
        assert_eq!(place(text).bundle(), bundle(json!({"text/plain": "1\n2"})));
        let text = [
            Output::Stdout("1\n".to_owned()),
            Output::Result(bundle(json!({"text/plain": "2"}))),
        ];
        assert_eq!(place(text).bundle(), bundle(json!({"text/plain": "1\n2"})));
        let many = place([
            Output::Stdout("10 %\r20 %\n".to_owned()),
            shown("x"),
            Output::Stderr("<oh>".to_owned()),
            Output::Display(bundle(
                json!({"image/png": "aGk=\n", "text/plain": "a \"picture\""}),
            )),
        ]);
        let many = many.bundle();
        assert_eq!(many["text/plain"], "20 %\nx\n<oh>\na \"picture\"");
        let html = many["text/html"].as_str().unwrap();
        let wanted = "<pre style=\"margin:0\">20 %\n</pre><div><b>x</b></div><pre style=\"margin:0;color:#c0392b\">&lt;oh&gt;</pre>\
                      <div><img src=\"data:image/png;base64,aGk=\" alt=\"a &quot;picture&quot;\"></div>";
        assert_eq!(html, wanted);
    }

    #[test]
    fn what_changes_or_goes_does_so_within_it() {
        let shared = |text: &str, update| Output::Shared {
            data: bundle(json!({"text/plain": text})),
            id: "a".to_owned(),
            update,
        };
        let changed = place([shared("1", false), shared("2", true)]);
        assert_eq!(changed.bundle()["text/plain"], "2");
        let mut cleared = place([shown("a"), Output::Clear { wait: true }]);
        assert_eq!(cleared.bundle()["text/plain"], "a", "nothing has come yet");
        cleared.push(shown("b"));
        assert_eq!(cleared.bundle()["text/plain"], "b");
    }

    #[test]
    fn what_is_too_much_is_left_out_but_never_the_reason_of_a_failure() {
        let many = (0..PARTS + 5).map(|at| shown(&at.to_string()));
        let mut place = place(many);
        place.push(Output::Stdout("x".repeat(2 * TEXT_LIMIT)));
        place.push_failure(&Failure::new(FailureKind::Panic, "on purpose"));
        let bundle = place.bundle();
        let text = bundle["text/plain"].as_str().unwrap();
        assert!(text.len() < 2 * TEXT_LIMIT);
        assert!(text.contains("on purpose"), "{text}");
        assert!(bundle["text/html"].as_str().unwrap().contains("on purpose"));
        assert!(text.ends_with(']'), "{text}");
    }
}
