//! Activations inside and outside of fused operations.

use std::ops::Range;
use std::sync::Arc;

use super::rows::together;
use super::{Buffer, Pool, Tape, Value};
use crate::activation::modules::Relu;
use crate::activation::{Activation, Formula, with_formula};
use crate::kernels::{Columns, by_columns, in_parts, vectorized};

/// So many rows are worth a copy of what is added to each.
const MANY_ROWS: usize = 256;

/// `z ← f(z)`, by the thread that calls.
pub(crate) fn apply(z: &mut [f32], f: Activation) {
    if f != Activation::Linear {
        // The parameter of `f` by value: behind the closure's reference it might be one of the numbers that are written.
        with_formula!(f, f => vectorized!({
            let own = f;
            for z in z.iter_mut() {
                *z = own.value(*z);
            }
        }));
    }
}

/// `a = f(z)`, on all cores where there is much of it.
pub(crate) fn apply_from(z: &[f32], a: &mut [f32], f: Activation) {
    in_parts([a], |start, [a]| {
        a.copy_from_slice(&z[start..start + a.len()]);
        apply(a, f);
    });
}

/// `z ← f(z + b)` for each row of `z`; `keep` gets `z + b` itself, for derivatives that need it.
pub(crate) fn add_bias(z: &mut [f32], bias: &[f32], f: Activation, keep: Option<&mut [f32]>) {
    let together = together(bias.len());
    if together > 1 && z.len() > MANY_ROWS * bias.len() {
        return add_bias(z, &bias.repeat(together), f, keep);
    }
    let columns = bias.len();
    match (f, keep) {
        (Activation::Relu, _) => vectorized!({
            for row in z.chunks_mut(columns) {
                for (z, b) in row.iter_mut().zip(bias) {
                    *z = Relu.value(*z + b);
                }
            }
        }),
        (f, keep) => {
            vectorized!({
                for row in z.chunks_mut(columns) {
                    for (z, b) in row.iter_mut().zip(bias) {
                        *z += b;
                    }
                }
            });
            if let Some(keep) = keep {
                keep.copy_from_slice(z);
            }
            apply(z, f);
        }
    }
}

/// A buffer for `z` where the derivative of `f` will ask for it.
pub(crate) fn keep_input(f: Activation, len: usize, pool: &Pool, training: bool) -> Option<Buffer> {
    (training && f.needs_input()).then(|| pool.take(len))
}

/// `δ ← δ ⊙ f'(z)`, from the output `a`, and from `z` for the functions whose output does not tell; by the thread that calls.
#[inline(always)]
pub(crate) fn times_derivative(delta: &mut [f32], a: &[f32], z: Option<&[f32]>, f: Activation) {
    if f != Activation::Linear {
        let z = z.unwrap_or(a);
        with_formula!(f, f => vectorized!({
            let own = f;
            for ((delta, &z), &a) in delta.iter_mut().zip(z).zip(a) {
                *delta = own.back(*delta, z, a);
            }
        }));
    }
}

/// [`times_derivative`] of some columns of a matrix; `a` and `z` are whole.
pub(crate) fn times_derivative_of(
    delta: &mut Columns,
    range: &Range<usize>,
    a: &[f32],
    z: Option<&[f32]>,
    f: Activation,
) {
    match (f, delta.whole()) {
        (Activation::Linear, _) => {}
        (f, Some(delta)) => times_derivative(delta, a, z, f),
        (f, None) => {
            let columns = delta.of();
            for row in 0..a.len() / columns {
                let at = row * columns + range.start..row * columns + range.end;
                times_derivative(delta.row(row), &a[at.clone()], z.map(|z| &z[at]), f);
            }
        }
    }
}

/// `δ ← δ ⊙ f'(z)` and `sums = Σ_rows δ`, on all cores where there is much of it.
pub(crate) fn times_derivative_and_sum(
    delta: &mut [f32],
    a: &[f32],
    z: Option<&[f32]>,
    f: Activation,
    sums: &mut [f32],
) {
    let columns = sums.len();
    let rows = delta.len() / columns;
    let len = delta.len();
    by_columns(
        len,
        [delta, sums],
        columns,
        |range, [mut delta, mut sums]| {
            times_derivative_of(&mut delta, &range, a, z, f);
            let sums = sums.row(0);
            sums.fill(0.0);
            vectorized!(for row in 0..rows {
                for (sum, delta) in sums.iter_mut().zip(delta.row(row)) {
                    *sum += *delta;
                }
            });
        },
    );
}

/// An activation by itself.
pub(crate) fn activation(x: &Value, f: Activation, pool: &Pool, tape: Option<&mut Tape>) -> Value {
    let len = x.data.len();
    let mut data = pool.take(len);
    apply_from(&x.data, &mut data, f);
    let a = Value::new(data, x.rows, x.columns, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let x = x.clone();
        let a_data = Arc::clone(&a.data);
        tape.push(move |mut delta, _| {
            in_parts([&mut delta], |start, [delta]| {
                let part = start..start + delta.len();
                let z = f.needs_input().then_some(&x.data[part.clone()]);
                times_derivative(delta, &a_data[part], z, f);
            });
            Some(delta)
        });
    }
    a
}
