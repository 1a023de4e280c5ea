//! Grids of images.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;

use super::draw::{Failure, text, title_height, titled};
use super::{Figure, Panel, pictured};
use crate::data::Dataset;
use crate::error::{Error, Result};
use gradus_text::display::Show;
use gradus_text::say;

const COLUMNS: usize = 10;
const CELL: (i32, i32) = (74, 92);
const SIDE: i32 = 64;

/// Small pictures with a caption each.
#[derive(Clone, Debug)]
pub(crate) struct Images {
    pub(super) title: String,
    images: Vec<Picture>,
    height: usize,
    width: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) pixels: Vec<RGBColor>,
    pub(crate) caption: String,
    /// The colour of the caption.
    pub(crate) ink: RGBColor,
}

/// The colour of most captions.
pub(crate) const INK: RGBColor = RGBColor(30, 30, 30);

/// The first `count` images of a data set with their labels. Values are drawn from 0 (black) to 1 (white).
///
/// # Errors
/// When the examples are not images of 1 or 3 channels, or `count` is 0.
pub fn images(data: &Dataset, count: usize) -> Result<Figure> {
    let rows: Vec<usize> = (0..count.min(data.len())).collect();
    let caption = |i: usize| {
        let label = data.labels().get(i);
        (
            label.map_or(String::new(), |&label| data.class_name(label)),
            INK,
        )
    };
    grid(data, format!("{data:?}"), &rows, caption)
}

/// The images at `rows` with a caption each, given as text and colour.
pub(crate) fn grid(
    data: &Dataset,
    title: String,
    rows: &[usize],
    caption: impl Fn(usize) -> (String, RGBColor),
) -> Result<Figure> {
    let Some((height, width, channels @ (1 | 3))) = data.shape().image() else {
        return Err(Error::shape(
            ("una cuadrícula de imágenes", "a grid of images"),
            (
                "ejemplos de forma alto x ancho x (1 o 3 canales)",
                "examples of shape height x width x (1 or 3 channels)",
            ),
            data.shape(),
        ));
    };
    if rows.is_empty() {
        return Err(Error::empty((
            "la cuadrícula de imágenes",
            "the image grid",
        )));
    }
    let images = rows
        .iter()
        .map(|&i| {
            let pixels = data.example(i).unwrap_or_default().chunks_exact(channels);
            let (caption, ink) = caption(i);
            Picture {
                pixels: pixels.map(rgb).collect(),
                caption,
                ink,
            }
        })
        .collect();
    Ok(pictures(title, images, (height, width)))
}

/// Pictures of one size, `(height, width)`, in rows of ten.
pub(crate) fn pictures(
    title: String,
    images: Vec<Picture>,
    (height, width): (usize, usize),
) -> Figure {
    Figure::of(Panel::Images(Images {
        title,
        images,
        height,
        width,
    }))
}

/// The colour of a pixel of 1 or 3 channels, from 0 (black) to 1 (white).
pub(crate) fn rgb(pixel: &[f32]) -> RGBColor {
    let level = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let [red, green, blue] = match *pixel {
        [red, green, blue] => [red, green, blue],
        _ => [pixel.first().copied().unwrap_or_default(); 3],
    };
    RGBColor(level(red), level(green), level(blue))
}

impl Images {
    pub(super) fn size(&self) -> (u32, u32) {
        let rows = self.images.len().div_ceil(COLUMNS) as u32;
        let width = COLUMNS as u32 * CELL.0 as u32 + 20;
        let title = title_height(&self.title, 16, width);
        (width, rows * CELL.1 as u32 + title + 12)
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let area = titled(area, &self.title, 16)?;
        // Whole pixels per side, so that no seams show.
        let scale = (SIDE / self.height.max(self.width).max(1) as i32).max(1);
        for (i, picture) in self.images.iter().enumerate() {
            let x0 = 10 + (i % COLUMNS) as i32 * CELL.0;
            let y0 = 4 + (i / COLUMNS) as i32 * CELL.1;
            for (row, line) in picture.pixels.chunks_exact(self.width).enumerate() {
                let y = y0 + row as i32 * scale;
                let mut start = 0;
                // Equal neighbours are one rectangle: a third of the size of the file.
                while start < self.width {
                    let end = (start..self.width)
                        .find(|&j| line[j] != line[start])
                        .unwrap_or(self.width);
                    let corners = [
                        (x0 + start as i32 * scale, y),
                        (x0 + end as i32 * scale, y + scale),
                    ];
                    area.draw(&Rectangle::new(corners, line[start].filled()))?;
                    start = end;
                }
            }
            let under = y0 + self.height as i32 * scale + 3;
            let mut style = text(14);
            style.color = picture.ink.to_backend_color();
            area.draw(&Text::new(picture.caption.clone(), (x0 + 2, under), style))?;
        }
        Ok(())
    }
}

impl fmt::Display for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let captions: Vec<&str> = self
            .images
            .iter()
            .map(|picture| picture.caption.as_str())
            .collect();
        write!(
            f,
            "{}\n  {} {}: {}",
            self.title,
            self.images.len(),
            say("imágenes", "images"),
            captions.join(" ")
        )
    }
}

impl Show for Dataset {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(images(self, 20).ok(), format!("{self:?}"))
    }
}
