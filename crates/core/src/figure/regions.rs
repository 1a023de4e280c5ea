//! Decision boundaries: what a network answers over the plane.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::chart::{MeshStyle, mesh};
use super::draw::{Failure, TITLE, colour, titled};
use super::legend::{Entry, Layout};
use super::{Figure, Panel};
use crate::format::number;
use gradus_text::say;

pub(crate) const COLUMNS: usize = 140;
pub(crate) const ROWS: usize = 100;
/// How many shades there are between a guess and certainty.
pub(crate) const SHADES: usize = 4;

/// The plane coloured by the class that a network answers, the stronger the surer it is, and examples on it.
#[derive(Clone, Debug)]
pub(crate) struct Regions {
    pub(crate) title: String,
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    /// `ROWS` rows of `COLUMNS` classes, from the lowest `y` up.
    pub(crate) answers: Vec<usize>,
    /// For each of them how sure the network is: a shade from 0 to `SHADES - 1`.
    pub(crate) shades: Vec<usize>,
    pub(crate) points: Vec<(f64, f64, usize)>,
    pub(crate) classes: usize,
}

impl From<Regions> for Figure {
    fn from(regions: Regions) -> Figure {
        Figure::of(Panel::Regions(regions))
    }
}

impl Regions {
    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let area = titled(area, &self.title, TITLE)?;
        let layout = self.layout(area.dim_in_pixel());
        let mut chart = layout
            .axes(&area)
            .build_cartesian_2d(self.x.0..self.x.1, self.y.0..self.y.1)?;
        mesh(&mut chart, "x₁", "x₂", MeshStyle::default())?;
        let at =
            |(from, to): (f64, f64), i: usize, n: usize| from + (to - from) * i as f64 / n as f64;
        let answers = self.answers.iter().copied();
        let cells: Vec<_> = answers.zip(self.shades.iter().copied()).collect();
        for (row, line) in cells.chunks_exact(COLUMNS).enumerate() {
            let mut start = 0;
            // Equal neighbours are one rectangle.
            for cells in line.chunk_by(|a, b| a == b) {
                let end = start + cells.len();
                let corners = [
                    (at(self.x, start, COLUMNS), at(self.y, row, ROWS)),
                    (at(self.x, end, COLUMNS), at(self.y, row + 1, ROWS)),
                ];
                let (class, shade) = cells[0];
                let strength = 0.08 + 0.3 * shade as f64 / (SHADES - 1) as f64;
                let shade = colour(class).mix(strength);
                chart.draw_series([Rectangle::new(corners, shade.filled())])?;
                start = end;
            }
        }
        for class in 0..self.classes {
            let colour = colour(class);
            let members = self.points.iter().filter(|p| p.2 == class);
            chart.draw_series(members.map(|&(x, y, _)| Circle::new((x, y), 3, colour.filled())))?;
        }
        layout.draw(&area)
    }

    fn layout(&self, size: (u32, u32)) -> Layout {
        let part = |v: f64, (from, to): (f64, f64)| (v - from) / (to - from);
        let places = self.points.iter();
        let ways: Vec<_> = places
            .map(|p| vec![(part(p.0, self.x), part(p.1, self.y))])
            .collect();
        let entries = (0..self.classes).filter(|_| self.classes <= 8);
        let entries = entries.map(|class| Entry {
            name: format!("{} {class}", say("clase", "class")),
            colour: colour(class),
            disc: true,
        });
        Layout::new(size, entries.collect(), &ways)
    }
}

impl fmt::Display for Regions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x0, x1, y0, y1] = [self.x.0, self.x.1, self.y.0, self.y.1].map(number);
        let plane = say(
            format!("x₁ de {x0} a {x1}, x₂ de {y0} a {y1}; del plano va"),
            format!("x₁ from {x0} to {x1}, x₂ from {y0} to {y1}; of the plane go"),
        );
        write!(f, "{}\n  {plane}", self.title)?;
        for class in 0..self.classes {
            let cells = self.answers.iter().filter(|&&a| a == class).count();
            let percent = 100.0 * cells as f64 / self.answers.len() as f64;
            let separator = if class == 0 { "" } else { "," };
            let to = say("a la clase", "to class");
            write!(f, "{separator} {percent:.0} % {to} {class}")?;
        }
        Ok(())
    }
}
