//! Grids of images.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;

use super::draw::{Failure, text};
use super::{Figure, Panel};
use crate::data::Dataset;
use crate::error::{Error, Result};

const COLUMNS: usize = 10;
const CELL: (i32, i32) = (74, 92);
const SIDE: i32 = 64;

/// Small pictures with a caption each.
#[derive(Clone, Debug)]
pub(super) struct Images {
    title: String,
    images: Vec<(Vec<RGBColor>, String)>,
    height: usize,
    width: usize,
}

/// The first `count` images of a data set with their labels. Values are drawn from 0 (black) to 1 (white).
///
/// # Errors
/// When the examples are not images of 1 or 3 channels, or `count` is 0.
pub fn images(data: &Dataset, count: usize) -> Result<Figure> {
    let Some((height, width, channels @ (1 | 3))) = data.shape().image() else {
        return Err(Error::shape(
            "plot::images",
            "examples of shape height x width x (1 or 3 channels)",
            data.shape(),
        ));
    };
    if count == 0 {
        return Err(Error::empty("the image grid"));
    }
    let level = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let images = data
        .features()
        .chunks_exact(height * width * channels)
        .take(count)
        .enumerate()
        .map(|(i, pixels)| {
            let colours = pixels
                .chunks_exact(channels)
                .map(|p| RGBColor(level(p[0]), level(p[channels / 2]), level(p[channels - 1])))
                .collect();
            let caption = data.labels().get(i).map_or(String::new(), usize::to_string);
            (colours, caption)
        })
        .collect();
    Ok(Figure::of(Panel::Images(Images {
        title: format!("{data:?}"),
        images,
        height,
        width,
    })))
}

impl Images {
    pub(super) fn size(&self) -> (u32, u32) {
        let rows = self.images.len().div_ceil(COLUMNS) as u32;
        (
            COLUMNS as u32 * CELL.0 as u32 + 20,
            rows * CELL.1 as u32 + 44,
        )
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let area = area.titled(&self.title, text(16))?;
        // Whole pixels per side, so that no seams show.
        let scale = (SIDE / self.height.max(self.width).max(1) as i32).max(1);
        for (i, (colours, caption)) in self.images.iter().enumerate() {
            let x0 = 10 + (i % COLUMNS) as i32 * CELL.0;
            let y0 = 4 + (i / COLUMNS) as i32 * CELL.1;
            for (row, line) in colours.chunks_exact(self.width).enumerate() {
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
            area.draw(&Text::new(caption.clone(), (x0 + 2, under), text(14)))?;
        }
        Ok(())
    }
}

impl fmt::Display for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let captions: Vec<&str> = self
            .images
            .iter()
            .map(|(_, caption)| caption.as_str())
            .collect();
        write!(
            f,
            "{}\n  {} images: {}",
            self.title,
            self.images.len(),
            captions.join(" ")
        )
    }
}
