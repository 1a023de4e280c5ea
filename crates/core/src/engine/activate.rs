//! Activations inside and outside of fused operations.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};

use super::elementary::{sigmoid, tanh};
use super::kernels::{keep_if, vectorized};
use super::{Buffer, Pool, Value};
use crate::activation::Activation;
use crate::tensor::Tape;

/// `max(0, z)`, but NaN stays NaN: a training that has failed must show it.
#[inline(always)]
fn relu(z: f32) -> f32 {
    if z < 0.0 { 0.0 } else { z }
}

/// `z ← f(z)`.
pub(crate) fn apply(z: &mut [f32], f: Activation) {
    // One loop per function: the branch stays outside, so that the simple ones become vector instructions.
    match f {
        Activation::Linear => {}
        Activation::Relu => vectorized!(z.iter_mut().for_each(|z| *z = relu(*z))),
        Activation::LeakyRelu(slope) => vectorized!({
            for z in z.iter_mut() {
                *z = if *z > 0.0 { *z } else { slope * *z };
            }
        }),
        Activation::Sigmoid => vectorized!(z.iter_mut().for_each(|z| *z = sigmoid(*z))),
        Activation::Tanh => vectorized!(z.iter_mut().for_each(|z| *z = tanh(*z))),
        Activation::Swish => vectorized!(z.iter_mut().for_each(|z| *z *= sigmoid(*z))),
        f => z.iter_mut().for_each(|z| *z = f.value(*z)),
    }
}

/// `z ← f(z + b)` for each row of `z`; `keep` gets `z + b` itself, for derivatives that need it.
pub(crate) fn add_bias(z: &mut [f32], bias: &[f32], f: Activation, keep: Option<&mut [f32]>) {
    let columns = bias.len();
    match (f, keep) {
        (Activation::Relu, _) => vectorized!({
            for row in z.chunks_exact_mut(columns) {
                for (z, b) in row.iter_mut().zip(bias) {
                    *z = relu(*z + b);
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

/// `δ ← δ ⊙ f'(z)`, from the output `a`, and from `z` for the functions whose output does not tell.
pub(crate) fn times_derivative(delta: &mut [f32], a: &[f32], z: Option<&[f32]>, f: Activation) {
    match (f, z) {
        (Activation::Linear, _) => {}
        (Activation::Relu, _) => vectorized!({
            for (delta, a) in delta.iter_mut().zip(a) {
                *delta = keep_if(*a > 0.0, *delta);
            }
        }),
        (Activation::Sigmoid, _) => vectorized!({
            for (delta, a) in delta.iter_mut().zip(a) {
                *delta *= a * (1.0 - a);
            }
        }),
        (Activation::Tanh, _) => vectorized!({
            for (delta, a) in delta.iter_mut().zip(a) {
                *delta *= 1.0 - a * a;
            }
        }),
        (Activation::Swish, Some(z)) => vectorized!({
            for (delta, &z) in delta.iter_mut().zip(z) {
                let s = sigmoid(z);
                *delta *= s + z * s * (1.0 - s);
            }
        }),
        (f, None) => vectorized!({
            // Where the output tells the derivative it has the sign of z, so it can stand for it.
            for (delta, &a) in delta.iter_mut().zip(a) {
                *delta *= f.derivative_at(a, a);
            }
        }),
        (f, Some(z)) => {
            for ((delta, &a), &z) in delta.iter_mut().zip(a).zip(z) {
                *delta *= f.derivative_at(z, a);
            }
        }
    }
}

/// An activation by itself.
pub(crate) fn activation(x: &Value, f: Activation, pool: &Pool, tape: Option<&mut Tape>) -> Value {
    let len = x.data.len();
    let mut data = pool.take(len);
    data.copy_from_slice(&x.data);
    apply(&mut data, f);
    let a = Value::new(data, x.rows, x.columns, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let (x, pool) = (x.clone(), pool.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, len, &pool)?;
            let z = f.needs_input().then_some(&x.data[..]);
            times_derivative(&mut delta, &a_data, z, f);
            x.node.put_gradient(grads, delta)
        });
    }
    a
}
