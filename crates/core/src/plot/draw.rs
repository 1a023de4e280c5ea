//! What the panels share.

use plotters::prelude::*;
use plotters::style::{FontTransform, RGBColor};

use crate::error::Error;

/// The colours of Okabe and Ito, dark ones first.
pub(super) const COLOURS: [RGBColor; 8] = [
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

pub(super) fn colour(i: usize) -> RGBColor {
    COLOURS[i % COLOURS.len()]
}

pub(super) fn text(size: u32) -> TextStyle<'static> {
    ("sans-serif", size)
        .into_font()
        .transform(FontTransform::None)
        .color(&RGBColor(30, 30, 30))
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
pub(super) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
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

/// A number for an axis: few digits, powers of ten where it is very large or very small.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        format!("{value:.0e}")
    } else {
        let text = format!("{value:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}
