//! Activations inside and outside of fused operations.

use std::ops::Range;
use std::sync::Arc;

use super::{Buffer, Pool, Tape, Value};
use crate::activation::{Activation, functions};
use crate::kernels::{Columns, by_columns, in_parts, keep_if, vectorized};

/// `z ← f(z)`, by the thread that calls.
pub(crate) fn apply(z: &mut [f32], f: Activation) {
    // One loop per function: the branch stays outside, so that each becomes vector instructions.
    macro_rules! all {
        ($value:expr) => {
            vectorized!(for z in z.iter_mut() {
                *z = $value(*z);
            })
        };
    }
    match f {
        Activation::Linear => {}
        Activation::Relu => all!(functions::relu),
        Activation::LeakyRelu(slope) => all!(|z| functions::leaky(z, slope)),
        Activation::Elu(alpha) => all!(|z| functions::elu(z, alpha)),
        Activation::Selu => all!(functions::selu),
        Activation::Sigmoid => all!(functions::sigmoid),
        Activation::Tanh => all!(functions::tanh),
        Activation::Softplus => all!(functions::softplus),
        Activation::Swish => all!(functions::swish),
        Activation::Mish => all!(functions::mish),
        Activation::Gelu => all!(functions::gelu),
        Activation::GeluTanh => all!(functions::gelu_tanh),
        Activation::Custom(f) => {
            let f = f.part();
            z.iter_mut().for_each(|z| *z = f.value(*z));
        }
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
    let columns = bias.len();
    match (f, keep) {
        (Activation::Relu, _) => vectorized!({
            for row in z.chunks_exact_mut(columns) {
                for (z, b) in row.iter_mut().zip(bias) {
                    *z = functions::relu(*z + b);
                }
            }
        }),
        (f, keep) => {
            vectorized!({
                for row in z.chunks_exact_mut(columns) {
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
    // Where the output tells the derivative it has the sign of z, so it can stand for it.
    let z = z.unwrap_or(a);
    macro_rules! all {
        ($slope:expr) => {
            vectorized!(for ((delta, &a), &z) in delta.iter_mut().zip(a).zip(z) {
                *delta *= $slope(z, a);
            })
        };
    }
    match f {
        Activation::Linear => {}
        Activation::Relu => vectorized!({
            for (delta, a) in delta.iter_mut().zip(a) {
                *delta = keep_if(*a > 0.0, *delta);
            }
        }),
        Activation::LeakyRelu(slope) => all!(|z, _| functions::leaky_slope(z, slope)),
        Activation::Elu(alpha) => all!(|z, a| functions::elu_slope(z, a, alpha)),
        Activation::Selu => all!(functions::selu_slope),
        Activation::Sigmoid => all!(|_, a| functions::sigmoid_slope(a)),
        Activation::Tanh => all!(|_, a| functions::tanh_slope(a)),
        Activation::Softplus => all!(|_, a| functions::softplus_slope(a)),
        Activation::Swish => all!(|z, _| functions::swish_slope(z)),
        Activation::Mish => all!(|z, _| functions::mish_slope(z)),
        Activation::Gelu => all!(|z, _| functions::gelu_slope(z)),
        Activation::GeluTanh => all!(|z, _| functions::gelu_tanh_slope(z)),
        Activation::Custom(f) => {
            let f = f.part();
            let delta = delta.iter_mut().zip(z);
            delta.for_each(|(delta, z)| *delta *= f.derivative(*z));
        }
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
