//! Batch normalisation and activation in one operation: `a = f(γ x̂ + β)`.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};

use super::activate::{apply, apply_from, keep_input, times_derivative_of};
use super::kernels::{by_columns, by_rows, vectorized};
use super::{Param, Pool, Value};
use crate::activation::Activation;
use crate::tensor::Tape;

/// Mean and (biased) variance of each column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moments {
    pub(crate) mean: Vec<f32>,
    pub(crate) variance: Vec<f32>,
    /// Over how many rows.
    pub(crate) count: usize,
}

impl Moments {
    /// Of the columns of `x`, row after row.
    pub(crate) fn of(x: &[f32], columns: usize) -> Moments {
        let count = x.len() / columns;
        let scale = 1.0 / count as f32;
        let mut mean = vec![0.0; columns];
        let mut variance = vec![0.0; columns];
        let results: [&mut [f32]; 2] = [&mut mean, &mut variance];
        by_columns(
            x.len(),
            results,
            columns,
            |range, [mut mean, mut variance]| {
                let (mean, variance) = (mean.row(0), variance.row(0));
                let rows = || x.chunks_exact(columns).map(|row| &row[range.clone()]);
                vectorized!({
                    for row in rows() {
                        for (m, x) in mean.iter_mut().zip(row) {
                            *m += x;
                        }
                    }
                    mean.iter_mut().for_each(|m| *m *= scale);
                    for row in rows() {
                        for ((v, m), x) in variance.iter_mut().zip(&*mean).zip(row) {
                            *v += (x - m) * (x - m);
                        }
                    }
                    variance.iter_mut().for_each(|v| *v *= scale);
                });
            },
        );
        Moments {
            mean,
            variance,
            count,
        }
    }
}

/// `a = f(γ x̂ + β)` with `x̂ = (x - μ) / √(σ² + ε)`. Columns are features, or channels with the positions of an image as
/// further rows. Shapes: `x`, `a`: `(n, c)`, `γ`, `β`, `μ`, `σ²`: `(1, c)`.
///
/// Backward with the batch's own moments, with `δ = ∂C/∂a ⊙ f'`: `∂C/∂γ = Σ δ x̂`, `∂C/∂β = Σ δ`,
/// `∂C/∂x = γ / √(σ² + ε) · (δ - mean(δ) - x̂ mean(δ x̂))`; with given moments the two means are absent.
#[allow(clippy::too_many_arguments)]
pub(crate) fn batch_norm(
    x: &Value,
    gamma: &Param,
    beta: &Param,
    moments: Moments,
    of_this_batch: bool,
    epsilon: f32,
    f: Activation,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let columns = gamma.columns;
    let mut inverse_std = moments.variance;
    inverse_std
        .iter_mut()
        .for_each(|v| *v = 1.0 / (*v + epsilon).sqrt());
    let mean = moments.mean;
    let mut a = pool.take(x.data.len());
    let mut z = keep_input(f, x.data.len(), pool, tape.is_some());
    let (normalised, at_once) = match &mut z {
        Some(z) => (z, Activation::Linear),
        None => (&mut a, f),
    };
    by_rows(normalised, columns, |first, rows| {
        vectorized!({
            // As long as a row, so that the loop needs no checks.
            let (mean, inverse_std) = (&mean[..columns], &inverse_std[..columns]);
            let (gamma, beta) = (&gamma.data[..columns], &beta.data[..columns]);
            let x = x.data[first * columns..].chunks_exact(columns);
            for (z, x) in rows.chunks_exact_mut(columns).zip(x) {
                for j in 0..columns {
                    z[j] = gamma[j] * ((x[j] - mean[j]) * inverse_std[j]) + beta[j];
                }
            }
        });
        apply(rows, at_once);
    });
    if let Some(z) = &z {
        apply_from(z, &mut a, f);
    }
    let a = Value::new(a, x.rows, x.columns, true);

    if let Some(tape) = tape {
        let (x, gamma_data, pool) = (x.clone(), Arc::clone(&gamma.data), pool.clone());
        let (gamma_node, beta_node) = (gamma.node.clone(), beta.node.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, a_data.len(), &pool)?;
            let mut d_beta = pool.zeros(columns);
            let mut d_gamma = pool.zeros(columns);
            // How much the two means over the batch take part.
            let scale = if of_this_batch {
                columns as f32 / delta.len() as f32
            } else {
                0.0
            };
            let (len, all) = (delta.len(), [&mut delta[..], &mut d_beta, &mut d_gamma]);
            by_columns(
                len,
                all,
                columns,
                |range, [mut delta, mut d_beta, mut d_gamma]| {
                    times_derivative_of(&mut delta, &range, &a_data, z.as_deref(), f);
                    let (d_beta, d_gamma) = (d_beta.row(0), d_gamma.row(0));
                    let columns_here = range.len();
                    let (mean, inverse_std) = (&mean[range.clone()], &inverse_std[range.clone()]);
                    let gamma = &gamma_data[range.clone()];
                    let rows = || x.data.chunks_exact(columns).map(|row| &row[range.clone()]);
                    vectorized!({
                        for (i, x) in rows().enumerate() {
                            let delta = &delta.row(i)[..columns_here];
                            for j in 0..columns_here {
                                d_beta[j] += delta[j];
                                d_gamma[j] += delta[j] * ((x[j] - mean[j]) * inverse_std[j]);
                            }
                        }
                        if x.needs_gradient {
                            for (i, x) in rows().enumerate() {
                                let delta = &mut delta.row(i)[..columns_here];
                                for j in 0..columns_here {
                                    let x_hat = (x[j] - mean[j]) * inverse_std[j];
                                    let means = (d_beta[j] + x_hat * d_gamma[j]) * scale;
                                    delta[j] = gamma[j] * inverse_std[j] * (delta[j] - means);
                                }
                            }
                        }
                    });
                },
            );
            if x.needs_gradient {
                x.node.put_gradient(grads, delta)?;
            }
            gamma_node.put_gradient(grads, d_gamma)?;
            beta_node.put_gradient(grads, d_beta)
        });
    }
    a
}
