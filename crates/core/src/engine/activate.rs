//! Activations inside and outside of fused operations.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};

use super::kernels::vectorized;
use super::{Buffer, Pool, Value};
use crate::activation::Activation;
use crate::tensor::Tape;

/// `a = f(z)`, and `z` itself where the derivative will ask for it.
pub(crate) fn activate(
    mut z: Buffer,
    f: Activation,
    pool: &Pool,
    training: bool,
) -> (Buffer, Option<Arc<Buffer>>) {
    let kept = (training && f.needs_input()).then(|| {
        let mut copy = pool.take(z.len());
        copy.copy_from_slice(&z);
        Arc::new(copy)
    });
    apply(&mut z, f);
    (z, kept)
}

/// `z ← f(z)`.
pub(crate) fn apply(z: &mut [f32], f: Activation) {
    // One loop per function: the branch stays outside, so that the simple ones become vector instructions.
    match f {
        Activation::Linear => {}
        Activation::Relu => vectorized(|| z.iter_mut().for_each(|z| *z = z.max(0.0))),
        Activation::LeakyRelu(slope) => vectorized(|| {
            for z in z.iter_mut() {
                *z = if *z > 0.0 { *z } else { slope * *z };
            }
        }),
        f => z.iter_mut().for_each(|z| *z = f.value(*z)),
    }
}

/// `δ ← δ ⊙ f'(z)`, from the output `a`, and from `z` for the functions whose output does not tell.
pub(crate) fn times_derivative(delta: &mut [f32], a: &[f32], z: Option<&Buffer>, f: Activation) {
    match (f, z) {
        (Activation::Linear, _) => {}
        (Activation::Relu, _) => vectorized(|| {
            for (delta, a) in delta.iter_mut().zip(a) {
                *delta = if *a > 0.0 { *delta } else { 0.0 };
            }
        }),
        (f, None) => vectorized(|| {
            // Where the output tells the derivative it has the sign of z, so it can stand for it.
            for (delta, &a) in delta.iter_mut().zip(a) {
                *delta *= f.derivative_at(a, a);
            }
        }),
        (f, Some(z)) => {
            for ((delta, &a), &z) in delta.iter_mut().zip(a).zip(&**z) {
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
            let z = f.needs_input().then_some(&*x.data);
            times_derivative(&mut delta, &a_data, z, f);
            x.node.put_gradient(grads, delta)
        });
    }
    a
}
