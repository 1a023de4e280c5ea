//! One way of doing a thing with several values of a hyperparameter, each with the same seeds.

use std::fmt::{self, Display};
use std::ops::Range;

use super::sample::{decimals, highest, short};
use super::{Comparison, Sample, runs};
use crate::error::{Error, Result, positive};
use crate::figure::{Chart, Figure, pictured};
use crate::format::number;
use gradus_text::display::Show;
use gradus_text::say;

/// How often a grid is widened at most.
const WIDENINGS: usize = 6;

/// What one run gave on the validation data, by which a value is chosen, and on the test data, which is reported; more is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// On the data that choose.
    pub validation: f64,
    /// On the data that are looked at once the choice is made.
    pub test: f64,
}

/// What each value of a hyperparameter gave with each seed: see [`sweep`].
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    name: String,
    /// What is varied.
    symbol: String,
    /// The values, from low to high.
    grid: Vec<f32>,
    scores: Vec<Vec<Score>>,
    /// The grid as it was asked for: from and to.
    asked: (f32, f32),
}

/// The numbers from `low` to `high`, so many for each factor of ten, rounded to two figures: `decades(0.01, 1.0, 2)` is
/// `[0.01, 0.032, 0.1, 0.32, 1.0]`.
///
/// # Errors
/// When there is no such number.
pub fn decades(low: f32, high: f32, each: usize) -> Result<Vec<f32>> {
    positive("low", low)?;
    positive("each", each as f64)?;
    if !(low <= high && high.is_finite()) {
        return Err(Error::range("high", f64::from(high), format!("≥ {low}")));
    }
    let (low, high) = (f64::from(low), f64::from(high));
    let steps = (high / low).log10() * each as f64;
    let value = |i: usize| low * 10_f64.powf(i as f64 / each as f64);
    Ok((0..=(steps + 1e-6) as usize)
        .map(|i| rounded(value(i)))
        .collect())
}

/// To two figures.
fn rounded(value: f64) -> f32 {
    let scale = 10_f64.powf(1.0 - value.log10().floor());
    ((value * scale).round() / scale) as f32
}

/// Run `run(value, seed)` for each value of a hyperparameter, such as a learning rate, and each seed, on all cores. While the best
/// value stands at an edge of the grid, the grid is widened by as wide a step as the last one: at most six times.
///
/// A training that diverges is a result, not an end: `run` gives what a guess would score.
///
/// # Errors
/// When there are fewer than two values or seeds, when `run` gives an error, or when somebody stops it.
pub fn sweep(
    name: impl Into<String>,
    grid: impl Into<Vec<f32>>,
    seeds: Range<u64>,
    run: impl Fn(f32, u64) -> Result<Score> + Sync,
) -> Result<Sweep> {
    let mut grid: Vec<f32> = grid.into();
    for value in &grid {
        positive("grid", *value)?;
    }
    grid.sort_by(f32::total_cmp);
    grid.dedup();
    let [low, .., high] = grid[..] else {
        return Err(Error::misuse((
            "hacen falta al menos dos valores que comparar",
            "at least two values to compare are needed",
        )));
    };
    let scores = runs(grid.len(), &seeds, |at, seed| run(grid[at], seed))?;
    let mut sweep = Sweep {
        name: name.into(),
        symbol: "η".to_owned(),
        asked: (low, high),
        grid,
        scores,
    };
    for _ in 0..WIDENINGS {
        let last = sweep.grid.len() - 1;
        let best = sweep.best_at();
        let ratio = |a: usize, b: usize| f64::from(sweep.grid[a]) / f64::from(sweep.grid[b]);
        let next = match best {
            0 => rounded(f64::from(sweep.grid[0]) / ratio(1, 0)),
            best if best == last => rounded(f64::from(sweep.grid[last]) * ratio(last, last - 1)),
            _ => break,
        };
        if !(next > 0.0 && next.is_finite()) || sweep.grid.contains(&next) {
            break;
        }
        let more = runs(1, &seeds, |_, seed| run(next, seed))?;
        let at = if best == 0 { 0 } else { last + 1 };
        sweep.grid.insert(at, next);
        sweep.scores.splice(at..at, more);
    }
    Ok(sweep)
}

/// The test scores of each way with its own best value, as chosen on the validation data.
///
/// # Errors
/// When there is no sweep, or they have different numbers of seeds.
pub fn reported(sweeps: &[Sweep]) -> Result<Comparison> {
    let lengths: Vec<usize> = sweeps.iter().map(|sweep| sweep.test().n()).collect();
    if lengths.is_empty() || lengths.iter().any(|n| *n != lengths[0]) {
        return Err(Error::misuse((
            "se comparan barridos con las mismas semillas",
            "sweeps are compared that have the same seeds",
        )));
    }
    Ok(Comparison {
        names: sweeps.iter().map(|sweep| sweep.name.clone()).collect(),
        samples: sweeps.iter().map(Sweep::test).collect(),
        measured: say("accuracy en test", "test accuracy").to_owned(),
    })
}

/// What each way forgives, as [`Sweep::forgives`] measures it, but with each seed alone: so that the differences between the ways
/// have their intervals.
///
/// # Errors
/// When there is no sweep, or they have different numbers of seeds.
pub fn forgiven(sweeps: &[Sweep], loss: f64) -> Result<Comparison> {
    let compared = reported(sweeps)?;
    Ok(Comparison {
        samples: sweeps.iter().map(|s| s.forgives_each(loss)).collect(),
        measured: say("décadas de η", "decades of η").to_owned(),
        ..compared
    })
}

/// How many factors of ten of the grid around its highest stay within `loss` of it.
fn width(grid: &[f32], means: &[f64], loss: f64) -> f64 {
    let best = highest(means);
    let floor = means[best] - loss;
    let place = |at: usize| f64::from(grid[at]).log10();
    // Where the line from the inner to the outer value falls below the floor.
    let cut = |inner: usize, outer: usize| match means[outer] {
        mean if mean >= floor => None,
        mean if mean.is_nan() => Some(place(inner)),
        mean => {
            let part = (means[inner] - floor) / (means[inner] - mean);
            Some(place(inner) + part * (place(outer) - place(inner)))
        }
    };
    let low = (1..=best).rev().find_map(|at| cut(at, at - 1));
    let high = (best + 1..means.len()).find_map(|at| cut(at - 1, at));
    high.unwrap_or(place(means.len() - 1)) - low.unwrap_or(place(0))
}

impl Sweep {
    /// Whose sweep it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is varied, for the figure and the text: `η` where nothing else is said.
    pub fn over(mut self, symbol: impl Into<String>) -> Sweep {
        self.symbol = symbol.into();
        self
    }

    /// The values, from low to high, with those that the grid was widened by.
    pub fn grid(&self) -> &[f32] {
        &self.grid
    }

    /// The validation scores of a value of the grid, by its place.
    fn validation(&self, at: usize) -> Sample {
        let scores = self.scores[at].iter();
        Sample {
            values: scores.map(|score| score.validation).collect(),
        }
    }

    fn best_at(&self) -> usize {
        let means = (0..self.grid.len()).map(|at| self.validation(at).mean());
        highest(&means.collect::<Vec<_>>())
    }

    /// The value with the highest mean on the validation data.
    pub fn best(&self) -> f32 {
        self.grid[self.best_at()]
    }

    /// The test scores with the best value: looked at after the choice.
    pub fn test(&self) -> Sample {
        let scores = self.scores[self.best_at()].iter();
        Sample {
            values: scores.map(|score| score.test).collect(),
        }
    }

    /// Whether the best value still stands at an edge of the grid, widened as it is: then the best may lie beyond.
    pub fn is_at_edge(&self) -> bool {
        let best = self.best_at();
        best == 0 || best + 1 == self.grid.len()
    }

    /// By how many factors of ten the value may vary while the mean on the validation data stays within `loss` of the best: what a
    /// method forgives. Between two values of the grid a straight line is taken; what lies outside of the grid does not count.
    pub fn forgives(&self, loss: f64) -> f64 {
        let means = (0..self.grid.len()).map(|at| self.validation(at).mean());
        width(&self.grid, &means.collect::<Vec<_>>(), loss)
    }

    /// The same for each seed alone, whose own best value counts.
    fn forgives_each(&self, loss: f64) -> Sample {
        let seeds = self.scores.first().map_or(0, Vec::len);
        let one = |seed: usize| {
            let scores = self.scores.iter().map(|scores| scores[seed].validation);
            width(&self.grid, &scores.collect::<Vec<_>>(), loss)
        };
        Sample {
            values: (0..seeds).map(one).collect(),
        }
    }

    /// Every seed as a point over the value, and a line through the means.
    pub fn plot(&self) -> Chart {
        let best = self.best_at();
        let edge = match self.is_at_edge() {
            true => say(", en el borde", ", at the edge"),
            false => "",
        };
        let title = format!(
            "{}: {} {} = {}{edge}",
            self.name,
            say("lo mejor,", "best with"),
            self.symbol,
            number(f64::from(self.grid[best]))
        );
        let places = || {
            self.grid
                .iter()
                .map(|value| f64::from(*value))
                .zip(&self.scores)
        };
        let each =
            places().flat_map(|(x, scores)| scores.iter().map(move |score| (x, score.validation)));
        let means = places()
            .enumerate()
            .map(|(at, (x, _))| (x, self.validation(at).mean()));
        Chart::new(title)
            .x_label(self.symbol.clone())
            .y_label(("accuracy en validación", "validation accuracy"))
            .log_x()
            .path(("media", "mean"), means)
            .points(("cada semilla", "each seed"), each)
    }
}

impl Display for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = self.best_at();
        let n = self.scores[best].len();
        write!(f, "{}, n = {n}", self.name)?;
        for (at, value) in self.grid.iter().enumerate() {
            let sample = self.validation(at);
            let digits = decimals(sample.margin());
            let mark = if at == best {
                say("  <- el mejor", "  <- the best")
            } else {
                ""
            };
            let value = number(f64::from(*value));
            write!(
                f,
                "\n{value:>10}  {:>8.digits$} ± {:.digits$}{mark}",
                sample.mean(),
                sample.margin()
            )?;
        }
        let (low, high) = (self.grid[0], self.grid[self.grid.len() - 1]);
        if (low, high) != self.asked {
            let (from, to) = (number(self.asked.0.into()), number(self.asked.1.into()));
            write!(
                f,
                "\n{}",
                say(
                    format!(
                        "el mejor estaba en el borde de {from} a {to}: la rejilla se ha ampliado"
                    ),
                    format!("the best was at the edge of {from} to {to}: the grid was widened")
                )
            )?;
        }
        if self.is_at_edge() {
            f.write_str(say(
                "\nel mejor sigue en el borde: puede haber otro mejor más allá",
                "\nthe best is still at the edge: there may be a better one beyond",
            ))?;
        }
        write!(f, "\n{}: {}", say("en test", "on test"), self.test())?;
        let (forgiven, symbol) = (self.forgives(0.05), &self.symbol);
        write!(
            f,
            "\n{}",
            say(
                format!(
                    "a menos de 0.05 del mejor: {} décadas de {symbol}",
                    short(forgiven)
                ),
                format!(
                    "within 0.05 of the best: {} decades of {symbol}",
                    short(forgiven)
                )
            )
        )
    }
}

impl Show for Sweep {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(Figure::from(self.plot())), self.to_string())
    }
}
