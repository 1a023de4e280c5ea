//! Figures to play with: pages without a network. The frames of an [`Animation`] are computed here and only shown there; a
//! lab computes in the page, with `trainer.js`, which does what the library does.

mod animation;

pub use animation::{Animation, animation};

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::figure::draw::COLOURS;
use gradus_text::Language;
use gradus_text::html::escape;

/// The largest page: notebooks carry it in their outputs.
const LARGEST: usize = 1 << 20;

/// An interactive figure: its page, and what is shown where pages are not.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) still: String,
    pub(crate) text: String,
}

impl Page {
    /// `data` has what `player.js` and `draw`, the source of a JavaScript function, need; `still` is an SVG document and
    /// `text` says what it shows.
    pub(crate) fn new(
        title: &str,
        mut data: Value,
        draw: &str,
        still: String,
        text: String,
    ) -> Result<Page> {
        let language = Language::current();
        let say = |es: &str, en: &str| language.pick(es.to_owned(), en.to_owned());
        data["words"] = json!({
            "play": say("Reproducir", "Play"),
            "pause": say("Pausa", "Pause"),
            "step": say("Un paso adelante", "One step forward"),
            "back": say("Un paso atrás", "One step back"),
            "reset": say("Volver al principio", "Back to the start"),
            "frame": say("Momento", "Moment"),
        });
        let style = include_str!("player.css");
        let player = include_str!("player.js").trim_end();
        Page::of(
            title,
            data,
            ("gradus-player", style),
            still,
            text,
            |hash, data| format!("({player})(\"{hash}\", {data}, {draw});"),
        )
    }

    /// A page that computes: `figure` is the source of a JavaScript function of the element, `data`, the trainer and the
    /// controls.
    pub(crate) fn lab(
        title: &str,
        mut data: Value,
        figure: &str,
        still: String,
        text: String,
    ) -> Result<Page> {
        data["language"] = Language::current().pick("es", "en").into();
        data["colours"] = COLOURS
            .map(|c| format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2))
            .to_vec()
            .into();
        let style = include_str!("lab.css");
        let [trainer, controls, start] = [
            include_str!("trainer.js"),
            include_str!("controls.js"),
            include_str!("lab.js"),
        ]
        .map(str::trim_end);
        Page::of(
            title,
            data,
            ("gradus-lab", style),
            still,
            text,
            |hash, data| format!("({start})(\"{hash}\", {data}, {trainer}, {controls}, {figure});"),
        )
    }

    fn of(
        title: &str,
        mut data: Value,
        (class, style): (&str, &str),
        still: String,
        text: String,
        script: impl FnOnce(&str, &str) -> String,
    ) -> Result<Page> {
        data["title"] = title.into();
        let still = compact(&still);
        // What would end the script element early.
        let data = data
            .to_string()
            .replace("</", "<\\/")
            .replace("<!--", "\\u003c!--");
        let hash = hash(&data);
        let html = format!(
            "<div class=\"{class}\" data-gradus=\"{hash}\" data-lm-suppress-shortcuts=\"true\">\n\
             <style>{style}</style>\n<div class=\"gradus-stage\"><img alt=\"{}\" src=\"{}\"></div>\n\
             <script>{}</script>\n</div>",
            escape(&text),
            data_url(&still),
            script(&hash, &data),
        );
        if html.len() > LARGEST {
            return Err(Error::misuse((
                format!(
                    "la figura interactiva «{title}» ocupa {:.1} MiB, más del MiB que debería llevar un cuaderno; \
                     dale menos fotogramas o menos datos",
                    html.len() as f64 / LARGEST as f64
                ),
                format!(
                    "the interactive figure “{title}” has {:.1} MiB, more than the 1 MiB that a notebook should carry; \
                     give it fewer frames or fewer data",
                    html.len() as f64 / LARGEST as f64
                ),
            )));
        }
        Ok(Page { html, still, text })
    }

    pub(crate) fn forms(&self) -> Vec<(&'static str, String)> {
        vec![
            ("text/html", self.html.clone()),
            ("image/svg+xml", self.still.clone()),
            ("text/plain", self.text.clone()),
        ]
    }
}

/// The same picture in fewer letters: many rectangles in a row, such as the cells of a decision boundary, become one path for each
/// look. They lie beside each other, so it does not matter which is drawn first.
fn compact(svg: &str) -> String {
    const MANY: usize = 40;
    let lines: Vec<&str> = svg.lines().collect();
    let mut out = String::with_capacity(svg.len());
    for run in lines.chunk_by(|a, b| rectangle(a).is_some() == rectangle(b).is_some()) {
        let rectangles: Vec<(&str, String)> =
            run.iter().filter_map(|line| rectangle(line)).collect();
        if rectangles.len() < MANY {
            run.iter().for_each(|line| out.extend([line, "\n"]));
            continue;
        }
        let mut paths: BTreeMap<&str, String> = BTreeMap::new();
        for (look, path) in rectangles {
            paths.entry(look).or_default().push_str(&path);
        }
        for (look, path) in paths {
            out.push_str(&format!("<path {look} d=\"{path}\"/>\n"));
        }
    }
    out
}

/// How a filled rectangle looks, and its way round, from its line in an SVG document.
fn rectangle(line: &str) -> Option<(&str, String)> {
    let (x, rest) = line.strip_prefix("<rect x=\"")?.split_once("\" y=\"")?;
    let (y, rest) = rest.split_once("\" width=\"")?;
    let (width, rest) = rest.split_once("\" height=\"")?;
    let (height, rest) = rest.split_once("\" ")?;
    let look = rest.strip_suffix("/>")?;
    let filled = look.ends_with("stroke=\"none\"");
    filled.then(|| (look, format!("M{x} {y}h{width}v{height}h-{width}z")))
}

/// An image in an attribute.
fn data_url(svg: &str) -> String {
    let mut url = String::from("data:image/svg+xml,");
    for c in svg.chars() {
        match c {
            '%' => url.push_str("%25"),
            '#' => url.push_str("%23"),
            '"' => url.push('\''),
            '<' => url.push_str("%3C"),
            '>' => url.push_str("%3E"),
            '&' => url.push_str("%26"),
            '\n' => url.push_str("%0A"),
            c => url.push(c),
        }
    }
    url
}

/// A name for a page that is the same in each run (FNV-1a).
fn hash(text: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn many_rectangles_become_a_path_for_each_look_and_few_stay() {
        let cell = |i: usize| {
            let fill = ["#000", "#fff"][i % 2];
            format!(
                "<rect x=\"{i}\" y=\"2\" width=\"3\" height=\"4\" opacity=\"1\" fill=\"{fill}\" stroke=\"none\"/>\n"
            )
        };
        let few: String = (0..5).map(cell).collect();
        assert_eq!(compact(&few), few);
        let many: String = (0..100).map(cell).collect();
        let whole = format!("<svg>\n{many}<text>\nten\n</text>\n</svg>\n");
        let compact = compact(&whole);
        assert_eq!(compact.matches("<path ").count(), 2);
        assert!(
            compact.contains("d=\"M0 2h3v4h-3zM2 2h3v4h-3z"),
            "{compact}"
        );
        assert!(compact.ends_with("<text>\nten\n</text>\n</svg>\n"));
        assert!(compact.len() * 4 < whole.len());
    }
}
