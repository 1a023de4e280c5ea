//! Decision boundaries: what a network answers over the plane.

use gradus_text::say;

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::figure::Figure;
use crate::figure::draw::range;
use crate::figure::regions::{COLUMNS, ROWS, Regions};
use crate::model::Sequential;

/// No more examples are drawn than this.
const POINTS: usize = 1500;

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
    Ok(Regions {
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
    }
    .into())
}
