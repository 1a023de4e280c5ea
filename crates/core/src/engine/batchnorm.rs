//! Batch normalisation and activation in one operation: `a = f(γ x̂ + β)`.

use std::sync::Arc;

use super::activate::{apply, apply_from, keep_input, times_derivative};
use super::rows::{LANES, add_by_lanes, add_rows, is_by_lanes, together};
use super::{Gradient, Param, Pool, Tape, Value};
use crate::activation::Activation;
use crate::kernels::{by_rows, by_rows_with_sums, rows_at_once, team, vectorized};

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
        let parts = x.chunks(rows_at_once(columns) * columns);
        let mut parts: Vec<_> = parts.map(|rows| (rows, None)).collect();
        team::for_each_of(x.len(), &mut parts, |_, (rows, moments)| {
            *moments = Some(Moments::of_rows(rows, columns));
        });
        let moments = parts.into_iter().filter_map(|(_, moments)| moments);
        moments
            .reduce(Moments::and)
            .unwrap_or_else(|| Moments::of_rows(x, columns))
    }

    fn of_rows(x: &[f32], columns: usize) -> Moments {
        let count = x.len() / columns;
        let scale = 1.0 / count as f32;
        let mut mean = vec![0.0; columns];
        let mut variance = vec![0.0; columns];
        add_rows(x, &mut mean);
        mean.iter_mut().for_each(|m| *m *= scale);
        if is_by_lanes(columns) {
            add_by_lanes(
                count,
                &mut variance,
                #[inline(always)]
                |at: usize, j: usize, i: usize| {
                    let apart = x[at..][..LANES][i] - mean[j..][..LANES][i];
                    apart * apart
                },
            );
        } else {
            vectorized!(for row in x.chunks_exact(columns) {
                for ((v, m), x) in variance.iter_mut().zip(&mean).zip(row) {
                    *v += (x - m) * (x - m);
                }
            });
        }
        variance.iter_mut().for_each(|v| *v *= scale);
        Moments {
            mean,
            variance,
            count,
        }
    }

    /// Of the rows of both. T. Chan, G. Golub, R. LeVeque, 1983, <https://doi.org/10.1080/00031305.1983.10483115>.
    fn and(mut self, other: Moments) -> Moments {
        let count = self.count + other.count;
        let (own, theirs) = (
            self.count as f32 / count as f32,
            other.count as f32 / count as f32,
        );
        let means = self.mean.iter_mut().zip(other.mean);
        let variances = self.variance.iter_mut().zip(other.variance);
        for ((mean, their_mean), (variance, their_variance)) in means.zip(variances) {
            let apart = their_mean - *mean;
            *mean += apart * theirs;
            *variance = own * *variance + theirs * (their_variance + own * apart * apart);
        }
        Moments { count, ..self }
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
    let together = together(columns);
    let of_columns =
        [&mean[..], &inverse_std, &gamma.data, &beta.data].map(|of| of.repeat(together));
    by_rows(normalised, columns, |first, rows| {
        vectorized!({
            let [mean, inverse_std, gamma, beta] = &of_columns;
            let x = x.data[first * columns..].chunks(mean.len());
            for (z, x) in rows.chunks_mut(mean.len()).zip(x) {
                // All as long, so that the loop needs no checks.
                let len = z.len();
                let (x, mean, inverse_std) = (&x[..len], &mean[..len], &inverse_std[..len]);
                let (gamma, beta) = (&gamma[..len], &beta[..len]);
                for j in 0..len {
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
        let (x, pool) = (x.clone(), pool.clone());
        let a_data = Arc::clone(&a.data);
        tape.push(move |mut delta, grads| {
            let mut sums = pool.take(2 * columns);
            by_rows_with_sums(&mut delta, columns, &mut sums, |first, delta, sums| {
                let part = first * columns..first * columns + delta.len();
                let z = z.as_ref().map(|z| &z[part.clone()]);
                times_derivative(delta, &a_data[part.clone()], z, f);
                let (d_beta, d_gamma) = sums.split_at_mut(columns);
                if is_by_lanes(columns) {
                    let x = &x.data[part];
                    add_rows(delta, d_beta);
                    return add_by_lanes(
                        delta.len() / columns,
                        d_gamma,
                        #[inline(always)]
                        |at: usize, j: usize, i: usize| {
                            let (x, delta) = (x[at..][..LANES][i], delta[at..][..LANES][i]);
                            delta * ((x - mean[j..][..LANES][i]) * inverse_std[j..][..LANES][i])
                        },
                    );
                }
                vectorized!({
                    let (mean, inverse_std) = (&mean[..columns], &inverse_std[..columns]);
                    let x = x.data[part].chunks_exact(columns);
                    for (delta, x) in delta.chunks_exact(columns).zip(x) {
                        for j in 0..columns {
                            d_beta[j] += delta[j];
                            d_gamma[j] += delta[j] * ((x[j] - mean[j]) * inverse_std[j]);
                        }
                    }
                });
            });
            let (mut d_beta, mut d_gamma) = (pool.take(columns), pool.take(columns));
            d_beta.copy_from_slice(&sums[..columns]);
            d_gamma.copy_from_slice(&sums[columns..]);
            if x.needs_gradient {
                // How much the two means over the batch take part.
                let scale = if of_this_batch {
                    columns as f32 / delta.len() as f32
                } else {
                    0.0
                };
                let [mean, inverse_std, gamma, _] = &of_columns;
                let of_columns = [&d_beta, &d_gamma].map(|of| of.repeat(together));
                by_rows(&mut delta, columns, |first, delta| {
                    vectorized!({
                        let [d_beta, d_gamma] = &of_columns;
                        let x = x.data[first * columns..].chunks(mean.len());
                        for (delta, x) in delta.chunks_mut(mean.len()).zip(x) {
                            let len = delta.len();
                            let (x, mean, inverse_std) =
                                (&x[..len], &mean[..len], &inverse_std[..len]);
                            let (gamma, d_beta) = (&gamma[..len], &d_beta[..len]);
                            let d_gamma = &d_gamma[..len];
                            for j in 0..len {
                                let x_hat = (x[j] - mean[j]) * inverse_std[j];
                                let means = (d_beta[j] + x_hat * d_gamma[j]) * scale;
                                delta[j] = gamma[j] * inverse_std[j] * (delta[j] - means);
                            }
                        }
                    });
                });
            }
            grads.push(Gradient::Whole(d_beta));
            grads.push(Gradient::Whole(d_gamma));
            x.needs_gradient.then_some(delta)
        });
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_many_rows_are_those_of_all() {
        let columns = 7;
        let x: Vec<f32> = (0..30_000 * columns)
            .map(|i| ((i * 7919) % 2003) as f32 / 100.0 + 10.0 * (i % columns) as f32)
            .collect();
        let moments = Moments::of(&x, columns);
        assert_eq!(moments.count, 30_000);
        for j in 0..columns {
            let column = || x.iter().skip(j).step_by(columns).map(|x| f64::from(*x));
            let mean = column().sum::<f64>() / 30_000.0;
            let variance = column().map(|x| (x - mean).powi(2)).sum::<f64>() / 30_000.0;
            assert!((f64::from(moments.mean[j]) / mean - 1.0).abs() < 1e-5);
            assert!((f64::from(moments.variance[j]) / variance - 1.0).abs() < 1e-4);
        }
    }
}
