//! Batch normalisation and activation in one operation: `a = f(γ x̂ + β)`.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};

use super::activate::{apply, keep_input, times_derivative};
use super::dense::add_rows;
use super::kernels::vectorized;
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
        add_rows(x, &mut mean);
        mean.iter_mut().for_each(|m| *m *= scale);
        let mut variance = vec![0.0; columns];
        vectorized!({
            for row in x.chunks_exact(columns) {
                for ((v, m), x) in variance.iter_mut().zip(&mean).zip(row) {
                    *v += (x - m) * (x - m);
                }
            }
        });
        variance.iter_mut().for_each(|v| *v *= scale);
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
    vectorized!({
        // As long as a row, so that the loop needs no checks.
        let (mean, inverse_std) = (&mean[..columns], &inverse_std[..columns]);
        let (gamma, beta) = (&gamma.data[..columns], &beta.data[..columns]);
        let rows = a.chunks_exact_mut(columns);
        for (z, x) in rows.zip(x.data.chunks_exact(columns)) {
            for j in 0..columns {
                z[j] = gamma[j] * ((x[j] - mean[j]) * inverse_std[j]) + beta[j];
            }
        }
    });
    let mut z = keep_input(f, x.data.len(), pool, tape.is_some());
    if let Some(z) = &mut z {
        z.copy_from_slice(&a);
    }
    apply(&mut a, f);
    let a = Value::new(a, x.rows, x.columns, true);

    if let Some(tape) = tape {
        let (x, gamma_data, pool) = (x.clone(), Arc::clone(&gamma.data), pool.clone());
        let (gamma_node, beta_node) = (gamma.node.clone(), beta.node.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, a_data.len(), &pool)?;
            times_derivative(&mut delta, &a_data, z.as_deref(), f);
            let mut d_beta = pool.zeros(columns);
            let mut d_gamma = pool.zeros(columns);
            vectorized!({
                let (mean, inverse_std) = (&mean[..columns], &inverse_std[..columns]);
                let (d_beta, d_gamma) = (&mut d_beta[..columns], &mut d_gamma[..columns]);
                let rows = delta.chunks_exact(columns);
                for (delta, x) in rows.zip(x.data.chunks_exact(columns)) {
                    for j in 0..columns {
                        d_beta[j] += delta[j];
                        d_gamma[j] += delta[j] * ((x[j] - mean[j]) * inverse_std[j]);
                    }
                }
            });
            if x.needs_gradient {
                let scale = if of_this_batch {
                    columns as f32 / delta.len() as f32
                } else {
                    0.0
                };
                vectorized!({
                    let (mean, inverse_std) = (&mean[..columns], &inverse_std[..columns]);
                    let (d_beta, d_gamma) = (&d_beta[..columns], &d_gamma[..columns]);
                    let gamma_data = &gamma_data[..columns];
                    let rows = delta.chunks_exact_mut(columns);
                    for (delta, x) in rows.zip(x.data.chunks_exact(columns)) {
                        for j in 0..columns {
                            let x_hat = (x[j] - mean[j]) * inverse_std[j];
                            let means = (d_beta[j] + x_hat * d_gamma[j]) * scale;
                            delta[j] = gamma_data[j] * inverse_std[j] * (delta[j] - means);
                        }
                    }
                });
                x.node.put_gradient(grads, delta)?;
            }
            gamma_node.put_gradient(grads, d_gamma)?;
            beta_node.put_gradient(grads, d_beta)
        });
    }
    a
}
