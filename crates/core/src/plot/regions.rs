//! Decision boundaries: what a network answers over the plane.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::chart::{MeshStyle, mesh};
use super::draw::{Failure, TITLE, colour, number, range, titled};
use super::legend::{Entry, Layout};
use super::{Figure, Panel};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::language::say;
use crate::model::Sequential;

const COLUMNS: usize = 140;
const ROWS: usize = 100;
/// No more examples are drawn than this.
const POINTS: usize = 1500;

/// The plane coloured by the class that a network answers, and examples on it.
#[derive(Clone, Debug)]
pub(super) struct Regions {
    pub(super) title: String,
    x: (f64, f64),
    y: (f64, f64),
    /// `ROWS` rows of `COLUMNS` classes, from the lowest `y` up.
    answers: Vec<usize>,
    points: Vec<(f64, f64, usize)>,
    classes: usize,
}

/// What a network with two inputs answers over the plane, in pale colours, with the examples of a data set on top.
///
/// ```
/// use gradus::prelude::*;
/// let data = Dataset::moons(200, 0.1, 0)?;
/// let mut net = Sequential::input(2).dense(16).activation(Tanh).dense(2);
/// net.fit(&data, CrossEntropy, Adam::new(0.02), Fit::epochs(30).quiet())?;
/// let figure = plot::decision_boundary(&net, &data)?;
/// assert!(figure.svg()?.starts_with("<svg"));
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When the examples do not have two features and a class, or the network does not fit them.
pub fn decision_boundary(net: &Sequential, data: &Dataset) -> Result<Figure> {
    if data.shape().features() != 2 || data.classes() == 0 {
        return Err(Error::shape(
            "plot::decision_boundary",
            (
                "ejemplos de 2 características con clases",
                "examples of 2 features with classes",
            ),
            format!("{data:?}"),
        ));
    }
    let right = net.confusion(data)?.accuracy();
    let feature = |i: usize| {
        data.features()
            .chunks_exact(2)
            .map(move |x| f64::from(x[i]))
    };
    let nothing = || Error::empty(("el conjunto de datos", "the data set"));
    let x = range(feature(0)).ok_or_else(nothing)?;
    let y = range(feature(1)).ok_or_else(nothing)?;
    // The middle of each cell.
    let at = |(from, to): (f64, f64), i: usize, n: usize| {
        (from + (to - from) * (i as f64 + 0.5) / n as f64) as f32
    };
    let grid = (0..ROWS)
        .flat_map(|row| (0..COLUMNS).map(move |column| (row, column)))
        .flat_map(|(row, column)| [at(x, column, COLUMNS), at(y, row, ROWS)])
        .collect();
    let grid = Dataset::classification(grid, 2, vec![0; ROWS * COLUMNS], 1)?.prepared_like(data);
    Ok(Figure::of(Panel::Regions(Regions {
        title: say(
            format!("{:.1} % de aciertos ({})", 100.0 * right, data.name()),
            format!("{:.1} % right ({})", 100.0 * right, data.name()),
        ),
        x,
        y,
        answers: net.predict_classes(&grid)?,
        points: feature(0)
            .zip(feature(1))
            .zip(data.labels())
            .map(|((x, y), &label)| (x, y, label))
            .take(POINTS)
            .collect(),
        classes: data.classes(),
    })))
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
        for (row, line) in self.answers.chunks_exact(COLUMNS).enumerate() {
            let mut start = 0;
            // Equal neighbours are one rectangle.
            for cells in line.chunk_by(|a, b| a == b) {
                let end = start + cells.len();
                let corners = [
                    (at(self.x, start, COLUMNS), at(self.y, row, ROWS)),
                    (at(self.x, end, COLUMNS), at(self.y, row + 1, ROWS)),
                ];
                let shade = colour(cells[0]).mix(0.22);
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
