//! What the panels share.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, RGBColor};

use crate::error::{Error, ErrorKind};
use gradus_text::say;

/// The colours of Okabe and Ito, dark ones first.
pub(crate) const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
    RGBColor(0, 0, 0),
];

/// What the others are drawn on: a function under its points.
pub(super) const GROUND: RGBColor = RGBColor(150, 150, 150);

/// DejaVu Sans, cut down to the signs that figures use.
pub(super) const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-subset.ttf");

/// Make the font known to plotters, which measures text with it and draws it into PNG files.
pub(super) fn register_font() -> Result<(), Error> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let register = || plotters::style::register_font("sans-serif", FontStyle::Normal, FONT).is_ok();
    if *DONE.get_or_init(register) {
        Ok(())
    } else {
        let message = say(
            "la fuente incluida está dañada",
            "the embedded font is damaged",
        )
        .to_owned();
        Err(ErrorKind::Plot { message }.into())
    }
}

pub(crate) fn colour(i: usize) -> RGBColor {
    COLOURS[i % COLOURS.len()]
}

pub(super) fn text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size)
        .into_font()
        .transform(FontTransform::None)
        .color(&RGBColor(30, 30, 30))
}

/// How wide a text is, in pixels.
pub(super) fn width(words: &str, style: &TextStyle<'_>) -> u32 {
    let size = register_font()
        .ok()
        .and_then(|()| style.font.layout_box(words).ok());
    size.map_or(0, |((left, _), (right, _))| (right - left).max(0) as u32)
}

/// The lines of a text that may be `most` pixels wide; a single word may be wider.
pub(super) fn lines(words: &str, style: &TextStyle<'_>, most: u32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ') {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (longer, lines.last_mut()) {
            (Some(longer), Some(line)) if width(&longer, style) <= most => *line = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The size of the title of a panel.
pub(super) const TITLE: u32 = 16;
/// Room around a title, in pixels.
const ROOM: u32 = 8;

/// How high [`titled`] makes a title.
pub(super) fn title_height(title: &str, size: u32, wide: u32) -> u32 {
    let count = lines(title, &text(size), wide.saturating_sub(2 * ROOM)).len() as u32;
    ROOM + count * (size + 3)
}

/// Write a title in as many lines as it needs; what is left of the area is under it.
pub(super) fn titled<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    title: &str,
    size: u32,
) -> Result<DrawingArea<B, Shift>, Failure> {
    if title.is_empty() {
        return Ok(area.clone());
    }
    let (wide, _) = area.dim_in_pixel();
    let style = text(size).pos(Pos::new(HPos::Center, VPos::Top));
    let lines = lines(title, &style, wide.saturating_sub(2 * ROOM));
    for (i, line) in lines.into_iter().enumerate() {
        let at = (wide as i32 / 2, (ROOM + i as u32 * (size + 3)) as i32);
        area.draw(&Text::new(line, at, style.clone()))?;
    }
    let height = title_height(title, size, wide);
    Ok(area.margin(height, 0, 0, 0))
}

/// Why a figure was not drawn.
#[derive(Debug)]
pub(super) enum Failure {
    Ours(Error),
    Backend(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Ours(error)
    }
}

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for Failure {
    fn from(error: DrawingAreaErrorKind<E>) -> Failure {
        Failure::Backend(error.to_string())
    }
}

/// The smallest range around all finite values, with a little room, never empty.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
    if low > high {
        return None;
    }
    let room = if high > low {
        0.04 * (high - low)
    } else {
        0.5 * low.abs().max(1.0)
    };
    Some((low - room, high + room))
}
