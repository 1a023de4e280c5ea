//! Which features go together: a cell for each pair.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{Failure, colour, text};
use gradus_text::say;

/// Longer names are cut.
const LONGEST: usize = 14;
const TOP: i32 = 34;
const BOTTOM: i32 = 40;

/// Correlations between features, blue where both grow together, orange where one falls.
#[derive(Clone, Debug)]
pub(super) struct Correlations {
    pub(super) title: String,
    pub(super) names: Vec<String>,
    /// Row after row; nothing where a feature is constant.
    pub(super) values: Vec<Option<f64>>,
}

impl Correlations {
    fn name(&self, i: usize, longest: usize) -> String {
        let name = &self.names[i];
        match name.char_indices().nth(longest) {
            Some((cut, _)) => format!("{}…", &name[..cut]),
            None => name.clone(),
        }
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let n = self.names.len() as i32;
        let (width, height) = area.dim_in_pixel();
        let ink = RGBColor(30, 30, 30);
        let write = |words: String, at: (i32, i32), size: u32, ink: RGBColor, side: HPos| {
            let mut style = text(size).pos(Pos::new(side, VPos::Center));
            style.color = ink.to_backend_color();
            area.draw(&Text::new(words, at, style))
        };
        let middle = (width as i32 / 2, 16);
        write(self.title.clone(), middle, 16, ink, HPos::Center)?;
        let longest = (0..self.names.len()).map(|i| self.name(i, LONGEST).chars().count());
        let left = 24 + 7 * longest.max().unwrap_or(0) as i32;
        let wide = (width as i32 - left - 12) / n.max(1);
        let high = (height as i32 - TOP - BOTTOM) / n.max(1);
        for i in 0..self.names.len() {
            let (y, x) = (TOP + i as i32 * high, left + i as i32 * wide);
            let label = (left - 10, y + high / 2);
            write(self.name(i, LONGEST), label, 13, ink, HPos::Right)?;
            // Under the columns there is less room.
            let short = self.name(i, (wide as usize / 7).saturating_sub(1).max(1));
            let under = (x + wide / 2, TOP + n * high + 12);
            write(short, under, 12, ink, HPos::Center)?;
            for j in 0..self.names.len() {
                let x = left + j as i32 * wide;
                let cell = [(x, y), (x + wide - 2, y + high - 2)];
                area.draw(&Rectangle::new(cell, RGBColor(245, 245, 245).filled()))?;
                let Some(r) = self.values[i * self.names.len() + j].filter(|_| i != j) else {
                    continue;
                };
                let shade = colour(usize::from(r < 0.0)).mix(r.abs());
                area.draw(&Rectangle::new(cell, shade.filled()))?;
                let on = if r.abs() > 0.75 { WHITE } else { ink };
                let centre = (x + wide / 2 - 1, y + high / 2 - 1);
                write(format!("{r:.2}"), centre, 12, on, HPos::Center)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Correlations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.names.len();
        let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
        let pairs = pairs.filter_map(|(a, b)| {
            let r = self.values[a * n + b]?;
            let and = say("y", "and");
            Some(format!("{} {and} {} {r:.2}", self.names[a], self.names[b]))
        });
        write!(
            f,
            "{}: {}",
            self.title,
            pairs.collect::<Vec<_>>().join(", ")
        )
    }
}
