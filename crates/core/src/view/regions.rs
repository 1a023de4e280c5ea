//! Decision boundaries: what a network answers over the plane.

use gradus_text::say;

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::figure::Figure;
use crate::figure::draw::range;
use crate::figure::regions::{COLUMNS, ROWS, Regions, SHADES};
use crate::model::Sequential;

/// No more examples are drawn than this.
const POINTS: usize = 1500;

/// What a network with two inputs answers over the plane, with the examples of a data set on top. The colour is the class, and the
/// stronger it is, the surer the network.
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
    let right = || Ok(net.confusion(data)?.accuracy());
    let classes = |grid: Vec<f32>| {
        let places = grid.len() / 2;
        let grid = Dataset::classification(grid, 2, vec![0; places], 1)?.prepared_like(data);
        Ok((net.predict_classes(&grid)?, shades(net, &grid)))
    };
    over_the_plane("plot::decision_boundary", data, right, classes)
}

/// The same for anything that answers a class for two numbers, such as a network of one's own.
///
/// ```
/// use gradus::prelude::*;
/// let data = Dataset::moons(200, 0.1, 0)?;
/// let figure = plot::regions(&data, |x1, x2| usize::from(x1 > 2.0 * x2))?;
/// # figure.svg()?;
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When the examples do not have two features and a class.
pub fn regions(data: &Dataset, answer: impl Fn(f64, f64) -> usize) -> Result<Figure> {
    let answers = |places: &[f32]| -> Vec<usize> {
        let places = places.chunks_exact(2);
        let answers = places.map(|x| answer(f64::from(x[0]), f64::from(x[1])));
        answers.collect()
    };
    let right = || {
        let answers = answers(data.features());
        let pairs = answers.iter().zip(data.labels());
        let right = pairs.filter(|(answer, label)| answer == label).count();
        Ok(right as f64 / data.len().max(1) as f64)
    };
    // Nobody says how sure it is.
    let classes = |grid: Vec<f32>| Ok((answers(&grid), vec![SHADES / 2; grid.len() / 2]));
    over_the_plane("plot::regions", data, right, classes)
}

fn over_the_plane(
    of: &'static str,
    data: &Dataset,
    right: impl FnOnce() -> Result<f64>,
    classes: impl FnOnce(Vec<f32>) -> Result<(Vec<usize>, Vec<usize>)>,
) -> Result<Figure> {
    if data.shape().features() != 2 || data.classes() == 0 {
        return Err(Error::shape(
            of,
            (
                "ejemplos de 2 características con clases",
                "examples of 2 features with classes",
            ),
            format!("{data:?}"),
        ));
    }
    let right = right()?;
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
    let (answers, shades) = classes(grid)?;
    Ok(Regions {
        title: say(
            format!("{:.1} % de aciertos ({})", 100.0 * right, data.name()),
            format!("{:.1} % right ({})", 100.0 * right, data.name()),
        ),
        x,
        y,
        answers,
        shades,
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

/// How sure a network is of each answer, from a guess up to certainty.
fn shades(net: &Sequential, grid: &Dataset) -> Vec<usize> {
    let columns = net.output().features();
    // Not every network says how sure it is.
    let Ok(probabilities) = net.probabilities(grid) else {
        return vec![SHADES / 2; grid.len()];
    };
    let shade = |row: &[f32]| {
        let most = match row {
            [one] => one.max(1.0 - one),
            row => row.iter().copied().fold(0.0, f32::max),
        };
        let guess = 1.0 / columns.max(2) as f32;
        let sure = ((most - guess) / (1.0 - guess)).clamp(0.0, 1.0);
        (sure * (SHADES - 1) as f32).round() as usize
    };
    probabilities.as_vec().chunks(columns).map(shade).collect()
}
