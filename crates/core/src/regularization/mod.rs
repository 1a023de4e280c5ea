//! Block 11: regularisation, what keeps a network from learning its training data by heart.
//!
//! Four ways, often used together: a penalty on large weights (L2, L1), units that fall out at random (dropout), and an
//! end to the training before it begins to memorise (early stopping). Penalties act on weights, not on biases.
//!
//! `C = C₀ + λ/2n Σ w²` (L2) and `C = C₀ + λ/n Σ |w|` (L1) are the slides' forms, with `n` training examples; Keras's
//! `l2(λ)` is `λ Σ w²` and its `l1(λ)` is `λ Σ |w|`. They differ by a factor only, so both are one type here.
//!
//! For dfdx's models there are [`Regularizer::cost_of`], [`DropoutModule`] and [`EarlyStopping::keeping`].

mod best;
mod dropout;
mod early_stopping;
mod models;

use dfdx::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, fraction, non_negative};
use crate::kernels::vectorized;
use crate::tensor::{Matrix, matrix};
use gradus_text::display::{Show, aligned};
use gradus_text::say;

pub use best::Best;
pub use dropout::DropoutModule;
pub use early_stopping::{EarlyStopping, Monitor, Verdict, Watch};

/// A penalty on the weights of a layer: `l1 Σ|w| + l2 Σw²`.
///
/// ```
/// use gradus::prelude::*;
/// let slides = gradus::regularization::l2_over_2n(5.0, 1000); // λ/2n Σw² with λ = 5, n = 1000
/// assert_eq!(slides, l2(0.0025)); // Keras's λ Σw²
/// assert!((slides.penalty(&[1.0, -2.0]) - 0.0125).abs() < 1e-9);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Regularizer {
    /// The factor of `Σ|w|`, at least 0.
    pub l1: f32,
    /// The factor of `Σw²`, at least 0.
    pub l2: f32,
    /// Whether `fit` takes L1 by [`soft_threshold`] after each step, which makes zeros, instead of by its gradient, as Keras
    /// does; false by default.
    pub exact_zeros: bool,
}

/// Keras's `l2(λ)`: `λ Σw²`. It pulls each weight towards 0 in proportion to its size: many small weights, few zeros.
pub fn l2(lambda: f32) -> Regularizer {
    Regularizer {
        l2: lambda,
        ..Regularizer::default()
    }
}

/// Keras's `l1(λ)`: `λ Σ|w|`. It pulls with the same force whatever the size, so small weights end at 0: sparse weights.
pub fn l1(lambda: f32) -> Regularizer {
    Regularizer {
        l1: lambda,
        ..Regularizer::default()
    }
}

/// The slides' L2: `λ/2n Σw²`, where `n` is the number of training examples (0 counts as 1).
pub fn l2_over_2n(lambda: f32, n: usize) -> Regularizer {
    l2(lambda / (2.0 * n.max(1) as f32))
}

/// The slides' L1: `λ/n Σ|w|`, where `n` is the number of training examples (0 counts as 1).
pub fn l1_over_n(lambda: f32, n: usize) -> Regularizer {
    l1(lambda / n.max(1) as f32)
}

impl Regularizer {
    /// Let L1 make weights that are exactly 0; see [`soft_threshold`].
    pub fn exact_zeros(self) -> Regularizer {
        Regularizer {
            exact_zeros: true,
            ..self
        }
    }

    /// Whether it does nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        self.l1 == 0.0 && self.l2 == 0.0
    }

    /// Add its gradient to `g`, except for an L1 that is taken by [`soft_threshold`]; its penalty on `w`.
    pub(crate) fn add_gradient(&self, w: &[f32], g: &mut [f32]) -> f64 {
        let rule = Regularizer {
            l1: if self.exact_zeros { 0.0 } else { self.l1 },
            ..*self
        };
        let mut penalty = 0.0;
        // The penalty in short sums, so that 32 bits are enough for each and the loop stays one of vectors.
        for (w, g) in w.chunks(1024).zip(g.chunks_mut(1024)) {
            let (absolute, squares) = vectorized!({
                let (mut absolute, mut squares) = ([0.0_f32; 16], [0.0_f32; 16]);
                let (w_lanes, w_rest) = w.as_chunks::<16>();
                let (g_lanes, g_rest) = g.as_chunks_mut::<16>();
                for (w, g) in w_lanes.iter().zip(g_lanes) {
                    for i in 0..16 {
                        absolute[i] += w[i].abs();
                        squares[i] += w[i] * w[i];
                        g[i] += rule.gradient(w[i]);
                    }
                }
                for (i, (w, g)) in w_rest.iter().zip(g_rest).enumerate() {
                    absolute[i] += w.abs();
                    squares[i] += w * w;
                    *g += rule.gradient(*w);
                }
                (absolute, squares)
            });
            let [absolute, squares] =
                [absolute, squares].map(|sum| f64::from(sum.iter().sum::<f32>()));
            penalty += f64::from(self.l1) * absolute + f64::from(self.l2) * squares;
        }
        penalty
    }

    /// Check the factors.
    ///
    /// # Errors
    /// When one is negative, NaN or infinite.
    pub fn check(&self) -> Result<()> {
        non_negative(("el factor de L1", "the factor of L1"), self.l1)?;
        non_negative(("el factor de L2", "the factor of L2"), self.l2)
    }

    /// What it adds to the cost: `l1 Σ|w| + l2 Σw²`. On a taped tensor of any shape; its gradient is that of
    /// [`Regularizer::gradient`], with dfdx's 0 at `w = 0`.
    pub fn cost<S: dfdx::shapes::Shape, T: Tape<f32, Cpu> + Merge<T>>(
        &self,
        w: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<Rank0, f32, Cpu, T> {
        let (w, tape) = w.split_tape();
        let absolute = w.clone().put_tape(tape).abs().sum() * self.l1;
        absolute + w.retaped::<T>().square().sum() * self.l2
    }

    /// The same number for a slice, summed in 64 bits.
    pub fn penalty(&self, w: &[f32]) -> f64 {
        let (mut absolute, mut squares) = (0.0, 0.0);
        for w in w.iter().map(|w| f64::from(*w)) {
            absolute += w.abs();
            squares += w * w;
        }
        f64::from(self.l1) * absolute + f64::from(self.l2) * squares
    }

    /// What it adds to `∂C/∂w`: `l1 sign(w) + 2 l2 w`, with `sign(0) = 0`.
    #[inline(always)] // it stands in vectorised loops
    pub fn gradient(&self, w: f32) -> f32 {
        let sign = f32::from(u8::from(w > 0.0)) - f32::from(u8::from(w < 0.0));
        self.l1 * sign + 2.0 * self.l2 * w
    }
}

/// Shrink every weight towards 0 by `amount`, and stop at 0: `w ← sign(w) max(|w| - amount, 0)`.
///
/// A gradient step with L1 jumps over 0 and back for ever: its weights get *near* 0. This step, taken after the step on
/// `C₀` alone with `amount = η λ`, lands on 0 *exactly*. It is the proximal step of L1 (ISTA: I. Daubechies et al., 2004,
/// <https://arxiv.org/abs/math/0307152>).
pub fn soft_threshold(w: &mut [f32], amount: f32) {
    vectorized!({
        for w in w.iter_mut() {
            *w = w.signum() * (w.abs() - amount).max(0.0);
        }
    });
}

/// How many of some weights are 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sparsity {
    /// How many weights there are.
    pub weights: usize,
    /// How many are exactly 0.
    pub zeros: usize,
    /// How many are smaller than 0.001 in absolute value, the zeros included.
    pub near_zero: usize,
}

impl Sparsity {
    /// Count.
    pub fn of(w: &[f32]) -> Sparsity {
        Sparsity {
            weights: w.len(),
            zeros: w.iter().filter(|w| **w == 0.0).count(),
            near_zero: w.iter().filter(|w| w.abs() < 1e-3).count(),
        }
    }
}

impl std::fmt::Display for Sparsity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = |count: usize| 100.0 * count as f64 / self.weights.max(1) as f64;
        let [zeros, near] = [self.zeros, self.near_zero].map(percent);
        f.write_str(&say(
            format!(
                "{} pesos: exactamente 0, {} ({zeros:.1} %); menos de 0.001, {} ({near:.1} %)",
                self.weights, self.zeros, self.near_zero
            ),
            format!(
                "{} weights: exactly 0, {} ({zeros:.1} %); below 0.001, {} ({near:.1} %)",
                self.weights, self.zeros, self.near_zero
            ),
        ))
    }
}

/// A mask for dropout: each number is 0 with probability `p`, else `1 / (1 - p)`. Draw a new one for each batch.
///
/// The division is what makes it *inverted* dropout: the mean of `x ⊙ m` is `x`, so nothing has to be scaled at test time,
/// when all units are there. N. Srivastava et al., 2014, <https://jmlr.org/papers/v15/srivastava14a.html>.
///
/// ```
/// use gradus::prelude::*;
/// use gradus::regularization::dropout_mask;
/// let a = matrix(vec![1.0; 6], 2, 3)?;
/// let trained = a.clone() * dropout_mask(2, 3, 0.5, 7)?; // in training: zeros and twos
/// let tested = a; // at test time: nothing happens
/// # let _ = (trained, tested);
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When `p` is not in `[0, 1)` or a size is 0.
pub fn dropout_mask(rows: usize, columns: usize, p: f32, seed: u64) -> Result<Matrix> {
    fraction(
        ("la probabilidad de dropout", "the probability of dropout"),
        p,
    )?;
    let count = rows
        .checked_mul(columns)
        .filter(|count| *count <= crate::tensor::LARGEST)
        .ok_or_else(|| {
            Error::range(
                ("el tamaño de una máscara", "the size of a mask"),
                rows as f64,
                ("uno que quepa en la memoria", "one that fits in memory"),
            )
        })?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    matrix(mask(count, p, &mut rng), rows, columns)
}

fn mask(count: usize, p: f32, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let keep = 1.0 / (1.0 - p);
    (0..count)
        .map(|_| if rng.r#gen::<f32>() < p { 0.0 } else { keep })
        .collect()
}

impl Show for Sparsity {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::vector;

    #[test]
    fn gradients_are_those_of_the_tape() {
        let numbers = [-2.0, -0.5, 0.0, 0.25, 3.0];
        for rule in [l1(0.3), l2(0.7), Regularizer { l2: 0.2, ..l1(0.1) }] {
            let w = vector(numbers.to_vec()).unwrap();
            let cost = rule.cost(w.leaky_trace());
            assert!((f64::from(cost.array()) - rule.penalty(&numbers)).abs() < 1e-6);
            let gradient = cost.backward().get(&w).as_vec();
            for (g, w) in gradient.iter().zip(numbers) {
                assert!((g - rule.gradient(w)).abs() < 1e-6, "{rule:?} at {w}");
            }
        }
    }

    #[test]
    fn the_two_conventions_differ_by_a_factor() {
        let w = [0.5, -1.5];
        assert!((l2_over_2n(3.0, 10).penalty(&w) - 3.0 / 20.0 * 2.5).abs() < 1e-7);
        assert!((l1_over_n(3.0, 10).penalty(&w) - 3.0 / 10.0 * 2.0).abs() < 1e-7);
    }

    /// C₀ = ½ Σ (w - t)², whose minimum with `λ Σ|w|` is known: `t` moved towards 0 by λ, or 0 where |t| ≤ λ.
    #[test]
    fn soft_threshold_finds_the_exact_zeros_of_the_solution_and_gradient_steps_do_not() {
        let (eta, lambda) = (0.1, 0.5);
        let target = [2.0, 0.4, -0.3, -1.0];
        let start = [1.0_f32, -1.0, 0.7, 0.2];
        let (mut by_gradient, mut by_threshold) = (start, start);
        for _ in 0..300 {
            for (w, t) in by_gradient.iter_mut().zip(target) {
                *w -= eta * (*w - t + l1(lambda).gradient(*w));
            }
            for (w, t) in by_threshold.iter_mut().zip(target) {
                *w -= eta * (*w - t);
            }
            soft_threshold(&mut by_threshold, eta * lambda);
        }
        for (w, expected) in by_threshold.iter().zip([1.5, 0.0, 0.0, -0.5]) {
            assert!((w - expected).abs() < 1e-4, "{by_threshold:?}");
        }
        assert_eq!(Sparsity::of(&by_threshold).zeros, 2, "{by_threshold:?}");
        assert_eq!(Sparsity::of(&by_gradient).zeros, 0, "{by_gradient:?}");
        assert!(by_gradient[1].abs() < 0.1 && by_gradient[2].abs() < 0.1);
    }

    #[test]
    fn a_dropped_unit_gets_no_gradient_and_the_mean_stays() {
        let p = 0.25;
        let mask = dropout_mask(200, 300, p, 1).unwrap();
        let zeros = mask.as_vec().iter().filter(|m| **m == 0.0).count() as f32 / 60_000.0;
        let mean = mask.as_vec().iter().sum::<f32>() / 60_000.0;
        assert!((zeros - p).abs() < 0.01, "{zeros}");
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert_ne!(
            mask.as_vec(),
            dropout_mask(200, 300, p, 2).unwrap().as_vec()
        );

        let x = matrix(vec![3.0; 60_000], 200, 300).unwrap();
        let cost: Tensor<Rank0, _, _, _> = (x.leaky_trace() * mask.clone()).sum();
        let gradient = cost.backward().get(&x);
        assert_eq!(gradient.as_vec(), mask.as_vec());
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in [-0.1, f32::NAN, f32::INFINITY] {
            assert!(l1(bad).check().is_err() && l2(bad).check().is_err());
            assert!(dropout_mask(2, 2, bad, 0).is_err());
            assert!(
                EarlyStopping::patience(1)
                    .min_delta(bad.into())
                    .check()
                    .is_err()
            );
        }
        assert!(dropout_mask(2, 2, 1.0, 0).is_err());
        assert!(dropout_mask(0, 2, 0.5, 0).is_err());
        assert!(dropout_mask(usize::MAX, 2, 0.5, 0).is_err());
    }
}
