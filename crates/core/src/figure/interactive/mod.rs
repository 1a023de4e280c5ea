//! Figures with a slider: pages without a network, whose frames are computed here and only shown there.

mod animation;

pub use animation::{Animation, animation};

use serde_json::{Value, json};

use crate::error::{Error, Result};
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
        data["title"] = title.into();
        data["words"] = json!({
            "play": say("Reproducir", "Play"),
            "pause": say("Pausa", "Pause"),
            "step": say("Un paso adelante", "One step forward"),
            "back": say("Un paso atrás", "One step back"),
            "reset": say("Volver al principio", "Back to the start"),
            "frame": say("Momento", "Moment"),
        });
        // What would end the script element early.
        let data = data
            .to_string()
            .replace("</", "<\\/")
            .replace("<!--", "\\u003c!--");
        let hash = hash(&data);
        let html = format!(
            "<div class=\"gradus-player\" data-gradus=\"{hash}\" data-lm-suppress-shortcuts=\"true\">\n\
             <style>{}</style>\n<div class=\"gradus-stage\"><img alt=\"{}\" src=\"{}\"></div>\n\
             <script>({})(\"{hash}\", {data}, {draw});</script>\n</div>",
            include_str!("player.css"),
            escape(&text),
            data_url(&still),
            include_str!("player.js").trim_end(),
        );
        if html.len() > LARGEST {
            return Err(Error::misuse((
                format!(
                    "la figura interactiva «{title}» ocupa {:.1} MiB, más del MiB que debería llevar un cuaderno; \
 dale menos fotogramas",
                    html.len() as f64 / LARGEST as f64
                ),
                format!(
                    "the interactive figure “{title}” has {:.1} MiB, more than the 1 MiB that a notebook should carry; \
                 give it fewer frames",
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
