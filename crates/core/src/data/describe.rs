//! The first look at a data set: what is in each feature, what is missing, how many examples each class has.

use std::fmt;

use super::table::fill::median;
use super::{Dataset, Targets};
use gradus_text::say;

/// More features than this are not listed one by one.
pub(crate) const MOST_FEATURES: usize = 40;

/// A data set in a table; [`Description::plot`] and the last line of a notebook cell draw it. Made by [`Dataset::describe`].
#[derive(Clone, Debug)]
pub struct Description {
    pub(crate) data: Dataset,
    features: Vec<Feature>,
}

#[derive(Clone, Debug)]
struct Feature {
    name: String,
    missing: usize,
    mean: f64,
    std: f64,
    /// Smallest, median, largest.
    spread: [f32; 3],
}

impl Dataset {
    /// Mean, deviation, smallest, median and largest value and the holes of each feature, and the count of each class.
    pub fn describe(&self) -> Description {
        let width = self.shape().features();
        let listed = if width <= MOST_FEATURES { width } else { 0 };
        let features = (0..listed).map(|j| {
            let values: Vec<f32> = self.column(j).filter(|x| !x.is_nan()).collect();
            let n = values.len().max(1) as f64;
            let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            let squares = values.iter().map(|&x| (f64::from(x) - mean).powi(2));
            let std = (squares.sum::<f64>() / n).sqrt();
            let smallest = values.iter().copied().fold(f32::INFINITY, f32::min);
            let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            Feature {
                name: self.feature_name(j),
                missing: self.len() - values.len(),
                mean,
                std,
                spread: [
                    smallest,
                    median(values.into_iter()).unwrap_or(f32::NAN),
                    largest,
                ],
            }
        });
        Description {
            features: features.collect(),
            data: self.clone(),
        }
    }

    pub(crate) fn column(&self, j: usize) -> impl Iterator<Item = f32> + '_ {
        let width = self.shape().features();
        self.features().iter().skip(j).step_by(width).copied()
    }
}

impl Description {
    /// Pearson's correlation of two features, named as in the table, over the examples that have both; `None` where a name is
    /// unknown or one of them is constant.
    pub fn correlation(&self, a: &str, b: &str) -> Option<f64> {
        let width = self.data.shape().features();
        let find = |name: &str| (0..width).find(|&j| self.data.feature_name(j) == name);
        self.correlation_of(find(a)?, find(b)?)
    }

    pub(crate) fn correlation_of(&self, a: usize, b: usize) -> Option<f64> {
        let pairs = self.data.column(a).zip(self.data.column(b));
        let pairs: Vec<(f64, f64)> = pairs
            .filter(|(x, y)| !x.is_nan() && !y.is_nan())
            .map(|(x, y)| (f64::from(x), f64::from(y)))
            .collect();
        let n = pairs.len() as f64;
        let (mean_x, mean_y) = (
            pairs.iter().map(|p| p.0).sum::<f64>() / n,
            pairs.iter().map(|p| p.1).sum::<f64>() / n,
        );
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for (x, y) in pairs {
            xx += (x - mean_x).powi(2);
            yy += (y - mean_y).powi(2);
            xy += (x - mean_x) * (y - mean_y);
        }
        (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
    }

    /// The classes and how many examples each has.
    pub(crate) fn counts(&self) -> Vec<(String, usize)> {
        let mut counts = vec![0; self.data.classes()];
        self.data
            .labels()
            .iter()
            .for_each(|&label| counts[label] += 1);
        let named = counts.into_iter().enumerate();
        named
            .map(|(class, n)| (self.data.class_name(class), n))
            .collect()
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.data)?;
        let missing: usize = self.data.missing().iter().sum();
        if missing > 0 {
            write!(
                f,
                "\n{}",
                say(
                    format!("faltan {missing} valores"),
                    format!("{missing} values are missing")
                )
            )?;
        }
        if let Targets::Classes { .. } = self.data.targets() {
            let counts: Vec<String> = self
                .counts()
                .iter()
                .take(20)
                .map(|(name, n)| format!("{name} {n}"))
                .collect();
            write!(
                f,
                "\n{}: {}",
                say("ejemplos por clase", "examples of each class"),
                counts.join(", ")
            )?;
        }
        if self.features.is_empty() {
            return Ok(());
        }
        let columns = [
            say("faltan", "missing"),
            say("media", "mean"),
            say("desv.", "std"),
            say("mínimo", "min"),
            say("mediana", "median"),
            say("máximo", "max"),
        ];
        let longest = self
            .features
            .iter()
            .map(|feature| feature.name.chars().count())
            .max();
        let first = longest.unwrap_or(0).max(14);
        write!(f, "\n{:<first$}", say("característica", "feature"))?;
        for column in columns {
            write!(f, "{column:>11}")?;
        }
        for feature in &self.features {
            write!(f, "\n{:<first$}{:>11}", feature.name, feature.missing)?;
            let [smallest, middle, largest] = feature.spread.map(f64::from);
            for number in [feature.mean, feature.std, smallest, middle, largest] {
                write!(f, "{:>11}", short(number))?;
            }
        }
        Ok(())
    }
}

/// Four significant figures.
fn short(number: f64) -> String {
    if !number.is_finite() {
        return "-".to_owned();
    }
    let size = if number == 0.0 {
        0.0
    } else {
        number.abs().log10().floor()
    };
    if !(-4.0..7.0).contains(&size) {
        return format!("{number:.3e}");
    }
    let text = format!("{number:.*}", (3.0 - size).max(0.0) as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
