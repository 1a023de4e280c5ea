//! Figures to play with: pages without a network. The frames of an [`Animation`] are computed here and only shown there; a
//! lab computes in the page, with `trainer.js`, which does what the library does.

mod animation;

pub use animation::{Animation, animation};

use std::fmt;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::figure::draw::COLOURS;
use gradus_text::Language;
use gradus_text::display::Show;
use gradus_text::html::escape;

/// The largest page: notebooks carry it in their outputs.
const LARGEST: usize = 1 << 20;

/// A figure with knobs, to be shown: its page, and a picture and a text where pages are not.
#[derive(Clone)]
pub struct Page {
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
}

impl Show for Page {
    fn forms(&self) -> Vec<(&'static str, String)> {
        vec![
            ("text/html", self.html.clone()),
            ("image/svg+xml", self.still.clone()),
            ("text/plain", self.text.clone()),
        ]
    }
}

// Thousands of numbers help nobody: the text says what is to be seen.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What its picture shows.
impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The same picture in fewer letters: many rectangles in a row, such as the cells of a decision boundary, become one path for each
/// look (they lie beside each other, so it does not matter which is drawn first); so do the dots of a way; and a long line says
/// how far it is from point to point, without those that it goes straight through.
fn compact(svg: &str) -> String {
    const MANY: usize = 40;
    let lines: Vec<&str> = svg.lines().collect();
    let mut out = String::with_capacity(svg.len());
    for run in lines.chunk_by(|a, b| kind(a) == kind(b)) {
        let shapes: Vec<(String, String)> = match kind(run[0]) {
            "<rect" if run.len() >= MANY => run.iter().filter_map(|line| rectangle(line)).collect(),
            "<circle" => run.iter().filter_map(|line| dot(line)).collect(),
            _ => Vec::new(),
        };
        if shapes.len() < run.len() {
            for line in run {
                out.push_str(shorter(line).as_deref().unwrap_or(line));
                out.push('\n');
            }
            continue;
        }
        // One look after the other for rectangles; dots stay in their order, since they may lie upon each other.
        let mut paths: Vec<(&str, Vec<&str>)> = Vec::new();
        let any = kind(run[0]) == "<rect";
        for (look, path) in &shapes {
            let near = paths.len().saturating_sub(1);
            let place = paths.iter().position(|(other, _)| other == look);
            match place.filter(|&place| any || place == near) {
                Some(place) if any || paths[place].1.last() != Some(&path.as_str()) => {
                    paths[place].1.push(path);
                }
                Some(_) => {}
                None => paths.push((look, vec![path])),
            }
        }
        for (look, path) in paths {
            out.push_str(&format!("<path {look} d=\"{}\"/>\n", path.concat()));
        }
    }
    out
}

/// What a line of an SVG document begins: a filled rectangle, a filled dot, or anything else.
fn kind(line: &str) -> &'static str {
    ["<rect", "<circle"]
        .into_iter()
        .find(|kind| line.starts_with(kind) && line.contains(" stroke=\"none\""))
        .unwrap_or_default()
}

/// How a filled rectangle looks, and its way round, from its line in an SVG document.
fn rectangle(line: &str) -> Option<(String, String)> {
    let (x, rest) = line.strip_prefix("<rect x=\"")?.split_once("\" y=\"")?;
    let (y, rest) = rest.split_once("\" width=\"")?;
    let (width, rest) = rest.split_once("\" height=\"")?;
    let (height, rest) = rest.split_once("\" ")?;
    let look = rest.strip_suffix("/>")?;
    Some((
        look.to_owned(),
        format!("M{x} {y}h{width}v{height}h-{width}z"),
    ))
}

/// The same of a filled dot: a line without length, with round ends.
fn dot(line: &str) -> Option<(String, String)> {
    let (x, rest) = line.strip_prefix("<circle cx=\"")?.split_once("\" cy=\"")?;
    let (y, rest) = rest.split_once("\" r=\"")?;
    let (radius, rest) = rest.split_once("\" opacity=\"")?;
    let (opacity, rest) = rest.split_once("\" fill=\"")?;
    let (colour, _) = rest.split_once('"')?;
    let width = 2.0 * radius.parse::<f64>().ok()?;
    let look = format!(
        "fill=\"none\" opacity=\"{opacity}\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linecap=\"round\""
    );
    Some((look, format!("M{x} {y}h0")))
}

/// A line of many points as a path.
fn shorter(line: &str) -> Option<String> {
    let (look, points) = line
        .strip_prefix("<polyline ")?
        .strip_suffix("\"/>")?
        .split_once(" points=\"")?;
    let points = points.split_whitespace().map(|point| {
        let (x, y) = point.split_once(',')?;
        Some((x.parse::<i64>().ok()?, y.parse::<i64>().ok()?))
    });
    let points = points.collect::<Option<Vec<(i64, i64)>>>()?;
    let (first, rest) = points.split_first()?;
    let (mut at, mut moves) = (*first, Vec::<(i64, i64)>::new());
    for next in rest {
        let (dx, dy) = (next.0 - at.0, next.1 - at.1);
        at = *next;
        match moves.last_mut() {
            _ if (dx, dy) == (0, 0) => {}
            Some((x, y)) if *x * dy == *y * dx && *x * dx + *y * dy > 0 => {
                (*x, *y) = (*x + dx, *y + dy);
            }
            _ => moves.push((dx, dy)),
        }
    }
    let mut path = format!("M{} {}l", first.0, first.1);
    for (dx, dy) in moves {
        let gap = if dx < 0 || path.ends_with('l') {
            ""
        } else {
            " "
        };
        let middle = if dy < 0 { "" } else { " " };
        path.push_str(&format!("{gap}{dx}{middle}{dy}"));
    }
    let short = format!("<path {look} d=\"{path}\"/>");
    (rest.len() > 8 && short.len() < line.len()).then_some(short)
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

    #[test]
    fn a_line_keeps_its_corners_and_its_dots() {
        let dot = |x: i32, colour: &str| {
            format!(
                "<circle cx=\"{x}\" cy=\"7\" r=\"3\" opacity=\"1\" fill=\"{colour}\" stroke=\"none\" stroke-width=\"1\"/>\n"
            )
        };
        let points = "0,0 1,2 2,4 2,4 3,3 9,3 8,3 7,3 7,2 6,5 ";
        let line = format!("<polyline fill=\"none\" stroke=\"#123456\" points=\"{points}\"/>\n");
        let dots = [dot(1, "#a"), dot(1, "#a"), dot(2, "#a"), dot(2, "#b")].concat();
        let found = compact(&(line + &dots));
        let ends = "stroke-width=\"6\" stroke-linecap=\"round\"";
        let wanted = format!(
            "<path fill=\"none\" stroke=\"#123456\" d=\"M0 0l2 4 1-1 6 0-2 0 0-1-1 3\"/>\n\
             <path fill=\"none\" opacity=\"1\" stroke=\"#a\" {ends} d=\"M1 7h0M2 7h0\"/>\n\
             <path fill=\"none\" opacity=\"1\" stroke=\"#b\" {ends} d=\"M2 7h0\"/>\n"
        );
        assert_eq!(found, wanted);
    }
}
