//! Confusion matrices.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{Failure, colour, text};
use super::pictured;
use super::{Figure, Panel};
use crate::confusion::ConfusionMatrix;
use crate::error::Error;
use gradus_text::display::Show;
use gradus_text::say;

/// More classes cannot be read.
const MOST: usize = 30;
const CELL: i32 = 38;
/// Longer names are cut.
const LONGEST: usize = 12;
const LEFT: i32 = 64;
const TOP: i32 = 34;
const BOTTOM: i32 = 52;

/// Counts in cells, darker for a larger part of their row.
#[derive(Clone, Debug)]
pub(super) struct Confusion {
    pub(super) title: String,
    matrix: ConfusionMatrix,
}

impl ConfusionMatrix {
    /// The matrix as a picture: rows are the classes, columns the answers. More than 30 classes are too many to draw.
    pub fn plot(&self) -> Figure {
        Figure::of(Panel::Confusion(Confusion {
            title: self.finding(),
            matrix: self.clone(),
        }))
    }
}

impl Confusion {
    /// The name of a class, not longer than fits.
    fn name(&self, class: usize) -> String {
        let name = &self.matrix.names()[class];
        match name.char_indices().nth(LONGEST) {
            Some((cut, _)) => format!("{}…", &name[..cut]),
            None => name.clone(),
        }
    }

    /// The room for names at the left, and the width of a column.
    fn widths(&self) -> (i32, i32) {
        let names = 0..self.matrix.counts().len();
        let longest = names.map(|class| self.name(class).chars().count()).max();
        let longest = longest.unwrap_or(0) as i32 * 8;
        (LEFT.max(longest + 24), CELL.max(longest + 6))
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let classes = self.matrix.counts().len().min(MOST) as i32;
        let (left, wide) = self.widths();
        (
            (left + classes * wide + 24).max(420) as u32,
            (TOP + classes * CELL + BOTTOM) as u32,
        )
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let classes = self.matrix.counts().len();
        if classes > MOST {
            return Err(Error::range(
                (
                    "el número de clases de una matriz de confusión que se dibuja",
                    "the classes of a confusion matrix to draw",
                ),
                classes as f64,
                (
                    format!("como mucho {MOST}; imprime la matriz en su lugar"),
                    format!("at most {MOST}; print the matrix instead"),
                ),
            )
            .into());
        }
        let styled = |size: u32, colour: RGBColor, side: HPos| {
            let mut style = text(size).pos(Pos::new(side, VPos::Center));
            style.color = colour.to_backend_color();
            style
        };
        let ink = RGBColor(30, 30, 30);
        let write = |words: String, at: (i32, i32), style: TextStyle<'static>| {
            area.draw(&Text::new(words, at, style))
        };
        let (left, wide) = self.widths();
        let middle = left + classes as i32 * wide / 2;
        write(self.title.clone(), (12, 16), styled(16, ink, HPos::Left))?;
        for (i, row) in self.matrix.counts().iter().enumerate() {
            let all: usize = row.iter().sum();
            let y = TOP + i as i32 * CELL;
            let label = (left - 10, y + CELL / 2);
            write(self.name(i), label, styled(14, ink, HPos::Right))?;
            let under = TOP + classes as i32 * CELL + 12;
            let column = left + i as i32 * wide + wide / 2;
            write(self.name(i), (column, under), styled(14, ink, HPos::Center))?;
            for (j, &count) in row.iter().enumerate() {
                let x = left + j as i32 * wide;
                let part = count as f64 / all.max(1) as f64;
                let cell = [(x, y), (x + wide - 2, y + CELL - 2)];
                // A single mistake among hundreds is seen too: the root lifts small parts.
                let shade = colour(usize::from(i != j)).mix(part.sqrt());
                area.draw(&Rectangle::new(cell, RGBColor(245, 245, 245).filled()))?;
                area.draw(&Rectangle::new(cell, shade.filled()))?;
                if count > 0 {
                    let on_dark = part.sqrt() > 0.6;
                    let words = styled(13, if on_dark { WHITE } else { ink }, HPos::Center);
                    let centre = (x + wide / 2 - 1, y + CELL / 2 - 1);
                    write(count.to_string(), centre, words)?;
                }
            }
        }
        let bottom = TOP + classes as i32 * CELL + 34;
        write(
            say("respuesta", "answer").to_owned(),
            (middle, bottom),
            styled(14, ink, HPos::Center),
        )?;
        write(
            say("clase", "class").to_owned(),
            (8, TOP + CELL / 2),
            styled(14, ink, HPos::Left),
        )?;
        Ok(())
    }
}

impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (finding, all) = (self.matrix.finding(), self.matrix.to_string());
        f.write_str(&all.replacen(&finding, &self.title, 1))
    }
}

impl Show for ConfusionMatrix {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}
