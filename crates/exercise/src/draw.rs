//! Numbers for inputs: drawn, and round, so that the input which a student is shown is the one that was tried.

use crate::Random;

/// A number from `low` to `high`, with four significant digits.
pub fn between(rng: &mut Random, low: f64, high: f64) -> f64 {
    round(low + (high - low) * rng.uniform())
}

/// A positive number from `low` to `high`, each order of magnitude as likely as any other.
pub fn magnitude(rng: &mut Random, low: f64, high: f64) -> f64 {
    round(between(rng, low.ln(), high.ln()).exp())
}

/// A whole number from `low` to `high`, both included.
pub fn whole(rng: &mut Random, low: usize, high: usize) -> usize {
    low + rng.below(high - low + 1)
}

/// One of these.
pub fn one_of<T: Copy>(rng: &mut Random, of: &[T]) -> T {
    of[rng.below(of.len())]
}

/// Yes, with probability `p`.
pub fn chance(rng: &mut Random, p: f64) -> bool {
    rng.uniform() < p
}

/// Numbers from N(0, 1).
pub fn normals(rng: &mut Random, n: usize) -> Vec<f64> {
    (0..n).map(|_| round(rng.normal())).collect()
}

/// `n` rows of `width` numbers from N(0, 1).
pub fn table(rng: &mut Random, n: usize, width: usize) -> Vec<Vec<f64>> {
    (0..n).map(|_| normals(rng, width)).collect()
}

/// The nearest number with four significant digits.
pub fn round(x: f64) -> f64 {
    crate::Value::from(x).rounded(4).number()
}
