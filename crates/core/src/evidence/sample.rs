//! Several runs of one thing, and the difference of two.

use std::fmt;

use super::student;
use crate::format::number;
use gradus_text::display::{Show, aligned};
use gradus_text::say;

/// How sure an interval is.
const CONFIDENCE: f64 = 0.95;

/// What the same experiment gave with each of several seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// A number for each seed.
    pub values: Vec<f64>,
}

impl Sample {
    /// How many runs there are.
    pub fn n(&self) -> usize {
        self.values.len()
    }

    /// Their mean.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.n() as f64
    }

    /// Their standard deviation, with `n − 1`: how much one run differs from another.
    pub fn std(&self) -> f64 {
        let mean = self.mean();
        let squares = self.values.iter().map(|value| (value - mean).powi(2));
        (squares.sum::<f64>() / (self.n() as f64 - 1.0)).sqrt()
    }

    /// How far the mean may be off: half of the 95 % confidence interval, `t · s / √n`. It shrinks with more runs, the
    /// standard deviation does not.
    pub fn margin(&self) -> f64 {
        let t = student::quantile(CONFIDENCE, self.n().saturating_sub(1).max(1));
        t * self.std() / (self.n() as f64).sqrt()
    }

    /// The 95 % confidence interval of the mean.
    pub fn interval(&self) -> (f64, f64) {
        (self.mean() - self.margin(), self.mean() + self.margin())
    }
}

impl fmt::Display for Sample {
    /// `0.952 [0.944, 0.960], n = 10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval();
        let digits = decimals(self.margin());
        write!(
            f,
            "{:.digits$} [{low:.digits$}, {high:.digits$}], n = {}",
            self.mean(),
            self.n()
        )
    }
}

/// As many decimals as an uncertainty of this size leaves a meaning.
pub(super) fn decimals(margin: f64) -> usize {
    match margin {
        margin if margin > 0.0 && margin.is_finite() => {
            (1.0 - margin.log10().floor()).clamp(0.0, 8.0) as usize
        }
        _ => 3,
    }
}

/// How much more one way gives than another, seed by seed. Made by [`Comparison::difference`](super::Comparison::difference).
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub(super) names: (String, String),
    /// One way's number less the other's, for each seed.
    pub each: Sample,
}

impl Difference {
    /// The mean of the differences.
    pub fn mean(&self) -> f64 {
        self.each.mean()
    }

    /// The 95 % confidence interval of that mean.
    pub fn interval(&self) -> (f64, f64) {
        self.each.interval()
    }

    /// With how many of the seeds the first way gives more.
    pub fn wins(&self) -> usize {
        self.each
            .values
            .iter()
            .filter(|value| **value > 0.0)
            .count()
    }

    /// Whether the interval leaves 0 out: chance alone would do that in one comparison of twenty.
    pub fn is_clear(&self) -> bool {
        let (low, high) = self.interval();
        low > 0.0 || high < 0.0
    }

    /// How often chance alone would give a mean at least so far from 0, were there no difference (two-sided paired t test).
    pub fn p_value(&self) -> f64 {
        let t = self.mean() / (self.each.std() / (self.each.n() as f64).sqrt());
        match t.is_nan() {
            // Not a single seed makes a difference.
            true => 1.0,
            false => 1.0 - student::within(t, self.each.n().saturating_sub(1).max(1)),
        }
    }
}

impl fmt::Display for Difference {
    /// `NAG − SGD: +0.013 [+0.005, +0.021], n = 10; more with 9 of 10 seeds`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval();
        let digits = decimals(self.each.margin());
        let (n, wins) = (self.each.n(), self.wins());
        write!(
            f,
            "{} − {}: {:+.digits$} [{low:+.digits$}, {high:+.digits$}], n = {n}; {}",
            self.names.0,
            self.names.1,
            self.mean(),
            say(
                format!("más con {wins} de {n} semillas"),
                format!("more with {wins} of {n} seeds")
            )
        )?;
        if !self.is_clear() {
            let words = say(
                "no se ha visto ninguna diferencia",
                "no difference was shown",
            );
            write!(f, "; {words}")?;
        }
        Ok(())
    }
}

impl Show for Sample {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}

impl Show for Difference {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}

/// A value as a title says it.
pub(super) fn short(value: f64) -> String {
    number((value * 1e4).round() / 1e4)
}

/// Where the highest is; what is no number is no result.
pub(super) fn highest(means: &[f64]) -> usize {
    let number = |mean: f64| {
        if mean.is_nan() {
            f64::NEG_INFINITY
        } else {
            mean
        }
    };
    let means = means.iter().map(|mean| number(*mean)).enumerate();
    let best = means.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map_or(0, |best| best.0)
}
