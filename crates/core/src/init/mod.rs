//! Block 8: initialisation of parameters.
//!
//! With the same value in all weights every neuron of a layer stays a copy of its neighbours: random numbers break the
//! symmetry ([`SymmetryReport`](crate::model::SymmetryReport)). How large they are decides whether the signal keeps its variance from layer to layer, on
//! its way forward and back ([`signal_flow`]). Biases start at 0: once the weights differ they break no symmetry.
//!
//! With `n_in` inputs and `n_out` outputs, `Var(z) = n_in Var(w) Var(x)`, and on the way back `Var(∂C/∂x) = n_out Var(w)
//! Var(∂C/∂z)`. Xavier's `Var(w) = 2 / (n_in + n_out)` is the compromise of the two; ReLU halves `Var`, so He's is `2 / n_in`.
//!
//! [`Init::weights`] gives a matrix, [`Init::fill`] starts any dfdx model.

mod custom;
mod fill;
mod flow;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, non_negative};
use crate::kernels::with_room;
use crate::registry::Custom;
use crate::tensor::{Matrix, matrix};

pub use custom::{Draw, Weight};
pub use flow::{SignalFlow, plot_flows, signal_flow};

/// How the weights of a layer start. Biases start at 0, as in Keras.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Init {
    /// All 0: the mistake to avoid.
    Zeros,
    /// All the same number: the same mistake.
    Constant(f32),
    /// Normal with mean 0 and this standard deviation; the slides' simple choice is 0.01.
    Normal(f32),
    /// Uniform between minus and plus this limit; its standard deviation is `limit / √3`.
    Uniform(f32),
    /// Normal with variance `2 / (n_in + n_out)`. X. Glorot, Y. Bengio, 2010,
    /// <https://proceedings.mlr.press/v9/glorot10a.html>.
    Xavier,
    /// The same variance from a uniform distribution, limit `√(6 / (n_in + n_out))`: the paper's own form, and Keras's
    /// default (`glorot_uniform`), as it is of the layers here.
    #[default]
    XavierUniform,
    /// Normal with variance `2 / n_in`, for ReLU. K. He et al., 2015, <https://arxiv.org/abs/1502.01852>.
    He,
    /// The same variance from a uniform distribution, limit `√(6 / n_in)`.
    HeUniform,
    /// A random rotation: orthonormal columns (or rows, where there are fewer), which keep lengths exactly. A. M. Saxe et
    /// al., 2014, <https://arxiv.org/abs/1312.6120>.
    Orthogonal,
    /// One of one's own, made by [`Init::custom`].
    Custom(Custom<Weight>),
}

impl Init {
    /// The standard deviation of the weights of a layer with `n_in` inputs and `n_out` outputs; 0 where they are all equal.
    pub fn std(self, n_in: usize, n_out: usize) -> f32 {
        let (n_in, n_out) = (n_in.max(1) as f32, n_out.max(1) as f32);
        match self {
            Init::Zeros | Init::Constant(_) => 0.0,
            Init::Normal(std) => std,
            Init::Uniform(limit) => limit / 3.0_f32.sqrt(),
            Init::Xavier | Init::XavierUniform => (2.0 / (n_in + n_out)).sqrt(),
            Init::He | Init::HeUniform => (2.0 / n_in).sqrt(),
            Init::Orthogonal => 1.0 / n_in.max(n_out).sqrt(),
            Init::Custom(custom) => {
                // Nothing but its weights is known of it.
                const DRAWS: u16 = 10_000;
                let mut rng = ChaCha8Rng::seed_from_u64(0);
                let weight = custom.part();
                let mut draw = || f64::from(weight.draw(n_in as usize, n_out as usize, &mut rng));
                let squares: f64 = (0..DRAWS).map(|_| draw().powi(2)).sum();
                (squares / f64::from(DRAWS)).sqrt() as f32
            }
        }
    }

    /// The weights of a layer. Shape: `(n_in, n_out)`. The same seed gives the same weights.
    ///
    /// # Errors
    /// When a size is 0 or the parameter of the initialiser is out of range.
    pub fn weights(self, n_in: usize, n_out: usize, seed: u64) -> Result<Matrix> {
        self.check()?;
        let count = n_in
            .checked_mul(n_out)
            .filter(|n| *n <= crate::tensor::LARGEST);
        let count = count.ok_or_else(|| {
            Error::range(
                ("el número de entradas de una capa", "the inputs of a layer"),
                n_in as f64,
                (
                    "un número cuyos pesos quepan en la memoria",
                    "a number whose weights fit in memory",
                ),
            )
        })?;
        if count == 0 {
            return Err(Error::empty(("la matriz de pesos", "the weight matrix")));
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        matrix(self.sample(count, n_in, n_out, &mut rng), n_in, n_out)
    }

    /// `count` weights for a layer with `n_in` inputs and `n_out` outputs, as a matrix of `n_in` rows.
    pub(crate) fn sample(
        self,
        count: usize,
        n_in: usize,
        n_out: usize,
        rng: &mut impl Rng,
    ) -> Vec<f32> {
        let std = match self {
            Init::Custom(_) => 0.0, // it knows itself
            init => init.std(n_in, n_out),
        };
        match self {
            Init::Zeros => vec![0.0; count],
            Init::Constant(value) => vec![value; count],
            Init::Normal(_) | Init::Xavier | Init::He => {
                let mut weights = with_room(count);
                weights.extend((0..count).map(|_| {
                    let z: f32 = StandardNormal.sample(rng);
                    std * z
                }));
                weights
            }
            Init::Uniform(_) | Init::XavierUniform | Init::HeUniform => {
                let limit = std * 3.0_f32.sqrt();
                let mut weights = with_room(count);
                weights.extend((0..count).map(|_| limit * (2.0 * rng.r#gen::<f32>() - 1.0)));
                weights
            }
            Init::Orthogonal => orthogonal(n_in, count / n_in, rng),
            Init::Custom(custom) => {
                let weight = custom.part();
                (0..count).map(|_| weight.draw(n_in, n_out, rng)).collect()
            }
        }
    }

    /// Check its parameter, for those that have one.
    ///
    /// # Errors
    /// When a spread is negative, or a number is NaN or infinite.
    pub fn check(self) -> Result<()> {
        match self {
            Init::Normal(std) => non_negative(
                (
                    "la desviación típica (standard deviation) de Init::Normal",
                    "the standard deviation of Init::Normal",
                ),
                std,
            ),
            Init::Uniform(limit) => non_negative(
                ("el límite de Init::Uniform", "the limit of Init::Uniform"),
                limit,
            ),
            Init::Constant(value) if !value.is_finite() => Err(Error::range(
                ("el valor de Init::Constant", "the value of Init::Constant"),
                f64::from(value),
                ("un número finito", "finite"),
            )),
            _ => Ok(()),
        }
    }
}

/// A matrix with orthonormal columns, or rows where there are fewer of them, from normal numbers by Gram and Schmidt's
/// procedure: from each vector take away its part along every earlier one, then make its length 1.
fn orthogonal(rows: usize, columns: usize, rng: &mut impl Rng) -> Vec<f32> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    while basis.len() < count {
        let mut v: Vec<f64> = (0..length).map(|_| StandardNormal.sample(rng)).collect();
        // Twice: the first pass leaves rounding errors along the earlier vectors, the second takes those too.
        for _ in 0..2 {
            for u in &basis {
                let along: f64 = u.iter().zip(&v).map(|(u, v)| u * v).sum();
                v.iter_mut().zip(u).for_each(|(v, u)| *v -= along * u);
            }
        }
        let norm = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        if norm > 1e-6 {
            v.iter_mut().for_each(|v| *v /= norm);
            basis.push(v);
        }
    }
    let element = |i: usize, j: usize| {
        if rows <= columns {
            basis[i][j]
        } else {
            basis[j][i]
        }
    };
    (0..rows)
        .flat_map(|i| (0..columns).map(move |j| (i, j)))
        .map(|(i, j)| element(i, j) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_the_promised_mean_spread_and_limits() {
        for init in [
            Init::Zeros,
            Init::Normal(0.01),
            Init::Uniform(0.3),
            Init::Xavier,
            Init::XavierUniform,
            Init::He,
            Init::HeUniform,
            Init::Orthogonal,
        ] {
            let w = init.weights(400, 100, 1).unwrap().as_vec();
            let mean = w.iter().sum::<f32>() / w.len() as f32;
            let variance = w.iter().map(|w| w * w).sum::<f32>() / w.len() as f32;
            let expected = init.std(400, 100).powi(2);
            assert!(
                (variance - expected).abs() <= 0.03 * expected,
                "{init:?}: {variance} for {expected}"
            );
            assert!(
                mean.abs() <= 0.02 * expected.sqrt(),
                "{init:?}: mean {mean}"
            );
            if matches!(
                init,
                Init::Uniform(_) | Init::XavierUniform | Init::HeUniform
            ) {
                let largest = w.iter().fold(0.0_f32, |m, w| m.max(w.abs()));
                let limit = init.std(400, 100) * 3.0_f32.sqrt();
                assert!(
                    largest <= limit && largest > 0.99 * limit,
                    "{init:?}: {largest}"
                );
            }
        }
        assert_eq!(
            Init::Constant(0.5).weights(2, 2, 0).unwrap().as_vec(),
            [0.5; 4]
        );
    }

    #[test]
    fn orthogonal_columns_or_rows_are_orthonormal() {
        for (rows, columns) in [(30, 12), (12, 30), (16, 16), (1, 5), (5, 1)] {
            let w = Init::Orthogonal.weights(rows, columns, 3).unwrap().as_vec();
            let (count, length) = (rows.min(columns), rows.max(columns));
            let element = |k: usize, i: usize| match rows <= columns {
                true => w[k * columns + i],
                false => w[i * columns + k],
            };
            for a in 0..count {
                for b in 0..count {
                    let dot: f32 = (0..length).map(|i| element(a, i) * element(b, i)).sum();
                    let expected = f32::from(u8::from(a == b));
                    assert!(
                        (dot - expected).abs() < 1e-5,
                        "{rows}x{columns}: {a}·{b} = {dot}"
                    );
                }
            }
        }
    }

    #[test]
    fn bad_parameters_and_sizes_are_refused() {
        for bad in [f32::NAN, f32::INFINITY, -1.0] {
            assert!(Init::Normal(bad).weights(2, 2, 0).is_err());
            assert!(Init::Uniform(bad).weights(2, 2, 0).is_err());
        }
        assert!(Init::Constant(f32::NAN).weights(2, 2, 0).is_err());
        assert!(Init::Constant(-1.0).weights(2, 2, 0).is_ok());
        for (n_in, n_out) in [(0, 2), (2, 0), (usize::MAX, 2)] {
            assert!(Init::Xavier.weights(n_in, n_out, 0).is_err());
        }
    }
}
