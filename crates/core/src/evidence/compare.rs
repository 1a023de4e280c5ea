//! Several ways of doing one thing, each with the same seeds.

use std::fmt::{self, Display};
use std::ops::Range;

use super::sample::{decimals, highest, short};
use super::{Difference, Sample, runs};
use crate::error::{Error, Result};
use crate::figure::{Chart, Figure, pictured};
use gradus_text::display::Show;
use gradus_text::say;

/// What each way gave with each seed: see [`compare`].
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub(super) names: Vec<String>,
    pub(super) samples: Vec<Sample>,
    pub(super) measured: String,
}

/// Run `run(way, seed)` for each way and each seed, on all cores; it gives the number to compare, such as the accuracy on test data.
///
/// # Errors
/// When there is no way or only one seed, when `run` gives an error, or when somebody stops it.
pub fn compare<W: Display + Sync>(
    ways: impl IntoIterator<Item = W>,
    seeds: Range<u64>,
    run: impl Fn(&W, u64) -> Result<f64> + Sync,
) -> Result<Comparison> {
    let ways: Vec<W> = ways.into_iter().collect();
    if ways.is_empty() {
        return Err(Error::empty(("la lista", "the list")));
    }
    let rows = runs(ways.len(), &seeds, |way, seed| run(&ways[way], seed))?;
    Ok(Comparison {
        names: ways.iter().map(ToString::to_string).collect(),
        samples: rows.into_iter().map(|values| Sample { values }).collect(),
        measured: String::new(),
    })
}

impl Comparison {
    /// What is compared, for the axis of the figure: `"accuracy"`.
    pub fn measured(mut self, what: impl Into<String>) -> Comparison {
        self.measured = what.into();
        self
    }

    /// The names of the ways, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What this way gave.
    ///
    /// # Errors
    /// When no way has that name.
    pub fn of(&self, name: &str) -> Result<&Sample> {
        let at = self.names.iter().position(|known| known == name);
        at.map(|at| &self.samples[at]).ok_or_else(|| {
            let all = self.names.join(", ");
            Error::misuse((
                format!("aquí no hay `{name}`: hay {all}"),
                format!("there is no `{name}` here: there is {all}"),
            ))
        })
    }

    /// How much more `one` gives than `other`, seed by seed.
    ///
    /// # Errors
    /// When no way has one of the names.
    pub fn difference(&self, one: &str, other: &str) -> Result<Difference> {
        let pairs = self.of(one)?.values.iter().zip(&self.of(other)?.values);
        Ok(Difference {
            names: (one.to_owned(), other.to_owned()),
            each: Sample {
                values: pairs.map(|(one, other)| one - other).collect(),
            },
        })
    }

    /// The name of the way with the highest mean; the first of equals.
    pub fn highest(&self) -> &str {
        &self.names[self.best()]
    }

    fn best(&self) -> usize {
        let means: Vec<f64> = self.samples.iter().map(Sample::mean).collect();
        highest(&means)
    }

    /// Every seed as a point, and the mean with its 95 % confidence interval.
    pub fn plot(&self) -> Figure {
        let best = self.best();
        let title = say(
            format!(
                "La media más alta: {}, {}",
                self.names[best],
                short(self.samples[best].mean())
            ),
            format!(
                "The highest mean: {}, {}",
                self.names[best],
                short(self.samples[best].mean())
            ),
        );
        let places = || (1..).map(f64::from).zip(&self.samples);
        let each = places().flat_map(|(x, sample)| {
            let n = sample.n() as f64;
            let beside = move |i: usize| x + 0.12 + 0.2 * i as f64 / n;
            (sample.values.iter().enumerate()).map(move |(i, value)| (beside(i), *value))
        });
        let means = places().map(|(x, sample)| (x, sample.mean(), sample.margin()));
        Chart::new(title)
            .y_label(self.measured.clone())
            .x_names(self.names.clone())
            .spread(
                ("media e intervalo del 95 %", "mean and 95 % interval"),
                means,
            )
            .points(("cada semilla", "each seed"), each)
            .into()
    }
}

impl Display for Comparison {
    /// A table: mean, 95 % interval, and how far behind the highest, seed by seed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = self.best();
        let width = self.names.iter().map(|name| name.chars().count()).max();
        let width = width.unwrap_or(0).max(6);
        let behind = say("diferencia con", "difference to");
        write!(
            f,
            "{:width$}  {:>8}  {:>20}   {behind} {}",
            "",
            say("media", "mean"),
            say("intervalo del 95 %", "95 % interval"),
            self.names[best]
        )?;
        for (name, sample) in self.names.iter().zip(&self.samples) {
            let digits = decimals(sample.margin());
            let (low, high) = sample.interval();
            let interval = format!("[{low:.digits$}, {high:.digits$}]");
            write!(
                f,
                "\n{name:<width$}  {:>8.digits$}  {interval:>20}",
                sample.mean()
            )?;
            if *name == self.names[best] {
                continue;
            }
            if let Ok(difference) = self.difference(name, &self.names[best]) {
                let (low, high) = difference.interval();
                let digits = decimals(difference.each.margin());
                let mean = difference.mean();
                write!(f, "   {mean:+.digits$} [{low:+.digits$}, {high:+.digits$}]")?;
                if !difference.is_clear() {
                    f.write_str(say(", puede ser casualidad", ", may be chance"))?;
                }
            }
        }
        let n = self.samples.first().map_or(0, Sample::n);
        write!(
            f,
            "\n{}",
            say(
                format!("n = {n} semillas, las mismas para todos"),
                format!("n = {n} seeds, the same for all")
            )
        )
    }
}

impl Show for Comparison {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}
