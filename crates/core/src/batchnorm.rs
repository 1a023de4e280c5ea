//! Block 9: batch normalisation, between the linear part of a layer and its activation: `f(BN(W x + b))`.
//!
//! Each column of a batch (each unit before its activation) gets mean 0 and variance 1, and then a scale `γ` and a shift `β`
//! that are learned, so that the network can undo it if it wants to:
//!
//! `x̂ = (x - μ) / √(σ² + ε)`, `BN(x) = γ x̂ + β`, with the mean `μ` and the variance `σ²` of the batch.
//!
//! At test time there may be no batch: `μ` and `σ²` are then running averages kept during training. For images a column is a
//! channel, and every position of every image is a row. S. Ioffe, C. Szegedy, 2015, <https://arxiv.org/abs/1502.03167>.
//!
//! [`batch_norm`] and [`batch_norm_test`] are the two modes in dfdx's operations, [`BatchNormModule`] both as a layer of dfdx's
//! networks.

mod module;

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, fraction, positive};
use crate::tensor::{Batch, Matrix, Vector, vector};

pub use module::BatchNormModule;

/// A number for each column, shape `(units,)`.
type Columns<C, T = NoneTape> = Tensor<(C,), f32, Cpu, T>;

/// Mean and variance of each column of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchStatistics {
    /// `μ`, one number per column.
    pub mean: Vec<f32>,
    /// `σ²` over `n`, one number per column.
    pub variance: Vec<f32>,
    /// The number of rows `n`, at least 2.
    pub count: usize,
}

/// Batch normalisation in training: `γ (x - μ) / √(σ² + ε) + β` with the batch's own `μ` and `σ²`, through which the gradient
/// flows too.
///
/// Shapes: `x`: `(n, units)`, `gamma`, `beta`: `(units,)`. On a tape, the formula is all that backward needs;
/// [`batch_norm_gradient`] is its closed form.
///
/// ```
/// use gradus::prelude::*;
/// use gradus::batchnorm::batch_norm;
/// let x = matrix(vec![1.0, 3.0], 2, 1)?;
/// let (a, batch) = batch_norm(x, vector(vec![1.0])?, vector(vec![0.0])?, 1e-9)?;
/// assert_eq!((batch.mean[0], batch.variance[0]), (2.0, 1.0));
/// assert_eq!(a.as_vec(), [-1.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// When the batch has a single row (its variance is 0 and nothing is left of it), `gamma` or `beta` do not have one number
/// per column, or `epsilon` is not a positive number.
pub fn batch_norm<B: Dim, C: Dim, T: Tape<f32, Cpu> + Merge<T>>(
    x: Batch<B, C, T>,
    gamma: Columns<C, T>,
    beta: Columns<C, T>,
    epsilon: f32,
) -> Result<(Batch<B, C, T>, BatchStatistics)> {
    let shape = *x.shape();
    let sizes = [gamma.shape().0.size(), beta.shape().0.size()];
    check_columns(shape.1.size(), &sizes, epsilon)?;
    several_rows(shape.0.size())?;
    let mean = x.retaped::<T>().mean::<_, Axis<0>>();
    let mu = mean.as_vec();
    let centred = x - mean.broadcast_like::<_, Axis<0>>(&shape);
    let variance = centred.retaped::<T>().square().mean::<_, Axis<0>>();
    let statistics = BatchStatistics {
        mean: mu,
        variance: variance.as_vec(),
        count: shape.0.size(),
    };
    let std = (variance + epsilon).sqrt();
    let x_hat = centred / std.broadcast_like::<_, Axis<0>>(&shape);
    let scaled = x_hat * gamma.broadcast_like::<_, Axis<0>>(&shape);
    Ok((
        scaled + beta.broadcast_like::<_, Axis<0>>(&shape),
        statistics,
    ))
}

/// The gradients of [`batch_norm`] in closed form, given `δ = ∂C/∂BN(x)`:
///
/// - `∂C/∂β = Σ δ`, `∂C/∂γ = Σ δ x̂`, sums over the rows;
/// - `∂C/∂x = γ / √(σ² + ε) · (δ - mean(δ) - x̂ mean(δ x̂))`: the two means are what `μ` and `σ²` send back.
///
/// Shapes: `x`, `delta`: `(n, units)`, `gamma`: `(units,)`; gives `∂C/∂x`, `∂C/∂γ`, `∂C/∂β`.
///
/// # Errors
/// As [`batch_norm`], and when `x` and `delta` have different shapes.
pub fn batch_norm_gradient(
    x: &Matrix,
    gamma: &Vector,
    epsilon: f32,
    delta: &Matrix,
) -> Result<(Matrix, Vector, Vector)> {
    let (n, units) = *x.shape();
    check_columns(units, &[gamma.shape().0], epsilon)?;
    several_rows(n)?;
    if delta.shape() != x.shape() {
        return Err(Error::shape(
            "batch_norm_gradient",
            (
                format!("un gradiente de forma {n} x {units}"),
                format!("a gradient of shape {n} x {units}"),
            ),
            format!("{} x {}", delta.shape().0, delta.shape().1),
        ));
    }
    let shape = (n, units);
    let ones = vector(vec![1.0; units])?;
    let (x_hat, batch) = batch_norm(x.clone(), ones.clone(), ones.clone() - 1.0, epsilon)?;
    let d_beta = delta.clone().sum::<_, Axis<0>>();
    let d_gamma = (delta.clone() * x_hat.clone()).sum::<_, Axis<0>>();
    let mean_delta = (d_beta.clone() / n as f32).broadcast_like::<_, Axis<0>>(&shape);
    let mean_product = (d_gamma.clone() / n as f32).broadcast_like::<_, Axis<0>>(&shape);
    let scale = gamma.clone() / (vector(batch.variance)? + epsilon).sqrt();
    let d_x = (delta.clone() - mean_delta - x_hat * mean_product)
        * scale.broadcast_like::<_, Axis<0>>(&shape);
    Ok((d_x, d_gamma, d_beta))
}

/// Batch normalisation at test time: `γ (x - μ) / √(σ² + ε) + β` with the running `μ` and `σ²`. One row is enough.
///
/// # Errors
/// When `gamma`, `beta` or the running statistics do not have one number per column, or `epsilon` is not a positive number.
pub fn batch_norm_test(
    x: &Matrix,
    gamma: &Vector,
    beta: &Vector,
    running: &RunningStatistics,
    epsilon: f32,
) -> Result<Matrix> {
    let sizes = [
        gamma.shape().0,
        beta.shape().0,
        running.mean.len(),
        running.variance.len(),
    ];
    check_columns(x.shape().1, &sizes, epsilon)?;
    let (mean, variance) = (
        vector(running.mean.clone())?,
        vector(running.variance.clone())?,
    );
    Ok(normalised(
        x.clone(),
        mean,
        variance,
        (gamma.clone(), beta.clone()),
        epsilon,
    ))
}

/// `γ (x - μ) / √(σ² + ε) + β` with a mean and a variance that are given.
fn normalised<B: Dim, C: Dim>(
    x: Batch<B, C>,
    mean: Columns<C>,
    variance: Columns<C>,
    (gamma, beta): (Columns<C>, Columns<C>),
    epsilon: f32,
) -> Batch<B, C> {
    let shape = *x.shape();
    let std = (variance + epsilon).sqrt();
    let x_hat =
        (x - mean.broadcast_like::<_, Axis<0>>(&shape)) / std.broadcast_like::<_, Axis<0>>(&shape);
    x_hat * gamma.broadcast_like::<_, Axis<0>>(&shape) + beta.broadcast_like::<_, Axis<0>>(&shape)
}

fn several_rows(rows: usize) -> Result<()> {
    if rows < 2 {
        return Err(Error::range(
            (
                "el tamaño de un batch con el que entrena la batch normalization",
                "the size of a batch that batch normalisation trains on",
            ),
            rows as f64,
            (
                "al menos 2: un solo ejemplo no tiene varianza",
                "at least 2: a single example has no variance",
            ),
        ));
    }
    Ok(())
}

fn check_columns(units: usize, sizes: &[usize], epsilon: f32) -> Result<()> {
    positive(
        (
            "el épsilon de la batch normalization",
            "the epsilon of batch normalisation",
        ),
        epsilon,
    )?;
    match sizes.iter().find(|size| **size != units) {
        Some(size) => Err(Error::shape(
            ("batch normalization", "batch normalisation"),
            (
                format!("un número por cada una de las {units} columnas"),
                format!("one number for each of {units} columns"),
            ),
            size,
        )),
        None => Ok(()),
    }
}

/// What is remembered of the batches for test time.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningStatistics {
    /// The running mean, one number per column.
    pub mean: Vec<f32>,
    /// The running variance, one number per column.
    pub variance: Vec<f32>,
}

impl RunningStatistics {
    /// The start, as in Keras and PyTorch: mean 0 and variance 1.
    pub fn new(units: usize) -> RunningStatistics {
        RunningStatistics {
            mean: vec![0.0; units],
            variance: vec![1.0; units],
        }
    }

    /// Follow a batch: `running ← ρ · running + (1 - ρ) · batch`, by the given convention.
    ///
    /// # Errors
    /// When the batch has another number of columns or a single row, or the convention is out of range.
    pub fn follow(&mut self, batch: &BatchStatistics, convention: BatchNorm) -> Result<()> {
        convention.check()?;
        let units = self.mean.len();
        for size in [self.variance.len(), batch.mean.len(), batch.variance.len()] {
            if size != units {
                return Err(Error::shape(
                    ("las medias móviles", "the running statistics"),
                    (format!("{units} columnas"), format!("{units} columns")),
                    size,
                ));
            }
        }
        if batch.count < 2 {
            return Err(Error::range(
                ("el número de filas de un batch", "the rows of a batch"),
                batch.count as f64,
                ("al menos 2", "at least 2"),
            ));
        }
        follow(
            (&mut self.mean, &mut self.variance),
            (&batch.mean, &batch.variance),
            batch.count,
            convention,
        );
        Ok(())
    }
}

/// `running ← ρ · running + (1 - ρ) · batch` for mean and variance; the batch's variance divides by its `count`.
pub(crate) fn follow(
    (mean, variance): (&mut [f32], &mut [f32]),
    (batch_mean, batch_variance): (&[f32], &[f32]),
    count: usize,
    convention: BatchNorm,
) {
    let m = convention.keep;
    let n = count as f32;
    let correction = if convention.unbiased {
        n / (n - 1.0).max(1.0)
    } else {
        1.0
    };
    for (running, batch) in mean.iter_mut().zip(batch_mean) {
        *running = m * *running + (1.0 - m) * batch;
    }
    for (running, batch) in variance.iter_mut().zip(batch_variance) {
        *running = m * *running + (1.0 - m) * batch * correction;
    }
}

/// The conventions of a batch normalisation: the sources differ, so they have names.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchNorm {
    /// How much of the running statistics is kept at each step: `running ← ρ · running + (1 - ρ) · batch`. This is Keras's
    /// `momentum`; PyTorch's is `1 - ρ`.
    pub keep: f32,
    /// `ε` under the root, keeps the division finite.
    pub epsilon: f32,
    /// Whether the running variance divides by `n - 1`, as PyTorch does, or by `n`, as Keras does. The batch itself is
    /// always normalised with `n`.
    pub unbiased: bool,
}

impl BatchNorm {
    /// Keras's: keep 0.99, `ε` 1e-3, running variance over `n`.
    pub fn keras() -> BatchNorm {
        BatchNorm {
            keep: 0.99,
            epsilon: 1e-3,
            unbiased: false,
        }
    }

    /// PyTorch's: keep 0.9 (its `momentum` 0.1), `ε` 1e-5, running variance over `n - 1`.
    pub fn pytorch() -> BatchNorm {
        BatchNorm {
            keep: 0.9,
            epsilon: 1e-5,
            unbiased: true,
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        fraction(
            (
                "lo que la batch normalization conserva de sus medias móviles",
                "what batch normalisation keeps of its running statistics",
            ),
            self.keep,
        )?;
        positive(
            (
                "el épsilon de la batch normalization",
                "the epsilon of batch normalisation",
            ),
            self.epsilon,
        )
    }
}

impl Default for BatchNorm {
    /// Keras's, the library of the slides.
    fn default() -> BatchNorm {
        BatchNorm::keras()
    }
}
