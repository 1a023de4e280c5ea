//! Dense layer, bias and activation in one operation: `a = f(x W + b)`.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};

use super::kernels::{Layout::*, matmul};
use super::{Buffer, Param, Pool, Value};
use crate::activation::Activation;
use crate::tensor::Tape;

/// `a = f(x W + b)`. Shapes: `x`: `(n, n_in)`, `W`: `(n_in, n_out)`, `b`: `(1, n_out)`, `a`: `(n, n_out)`.
///
/// Backward, with `δ = ∂C/∂a ⊙ f'(z)`: `∂C/∂W = xᵀ δ`, `∂C/∂b = Σ_rows δ`, `∂C/∂x = δ Wᵀ` (only where it is needed).
pub(crate) fn dense(
    x: &Value,
    w: &Param,
    b: &Param,
    f: Activation,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let (n, n_in, n_out) = (x.rows, w.rows, w.columns);
    let mut z = pool.take(n * n_out);
    for row in z.chunks_exact_mut(n_out) {
        row.copy_from_slice(&b.data);
    }
    matmul(
        &mut z,
        (&x.data, Plain),
        (&w.data, Plain),
        (n, n_in, n_out),
        true,
    );
    activate(&mut z, f);
    let a = Value::new(z, n, n_out, tape.is_some());

    if let Some(tape) = tape {
        let (x, w_data, pool) = (x.clone(), Arc::clone(&w.data), pool.clone());
        let (w_node, b_node) = (w.node.clone(), b.node.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, n * n_out, &pool)?;
            times_derivative(&mut delta, &a_data, f);
            let mut dw = pool.take(n_in * n_out);
            matmul(
                &mut dw,
                (&x.data, Transposed),
                (&delta, Plain),
                (n_in, n, n_out),
                false,
            );
            w_node.put_gradient(grads, dw)?;
            b_node.put_gradient(grads, sum_rows(&delta, n_out, &pool))?;
            if x.needs_gradient {
                let mut dx = pool.take(n * n_in);
                matmul(
                    &mut dx,
                    (&delta, Plain),
                    (&w_data, Transposed),
                    (n, n_out, n_in),
                    false,
                );
                x.node.put_gradient(grads, dx)?;
            }
            Ok(())
        });
    }
    a
}

/// An activation by itself.
pub(crate) fn activation(x: &Value, f: Activation, pool: &Pool, tape: Option<&mut Tape>) -> Value {
    let len = x.data.len();
    let mut data = pool.take(len);
    data.copy_from_slice(&x.data);
    activate(&mut data, f);
    let a = Value::new(data, x.rows, x.columns, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let (x_node, pool) = (x.node.clone(), pool.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, len, &pool)?;
            times_derivative(&mut delta, &a_data, f);
            x_node.put_gradient(grads, delta)
        });
    }
    a
}

fn activate(z: &mut [f32], f: Activation) {
    // One loop per function: the branch stays outside, so that the simple ones become vector instructions.
    match f {
        Activation::Linear => {}
        Activation::Relu => z.iter_mut().for_each(|z| *z = z.max(0.0)),
        f => z.iter_mut().for_each(|z| *z = f.value(*z)),
    }
}

/// `δ ← δ ⊙ f'(z)` from the output `a`. ReLU and leaky ReLU keep the sign of `z`, so `a` tells it.
fn times_derivative(delta: &mut [f32], a: &[f32], f: Activation) {
    match f {
        Activation::Linear => {}
        Activation::Relu => {
            for (delta, a) in delta.iter_mut().zip(a) {
                *delta = if *a > 0.0 { *delta } else { 0.0 };
            }
        }
        f => {
            for (delta, &a) in delta.iter_mut().zip(a) {
                *delta *= f.derivative_at(a, a);
            }
        }
    }
}

fn sum_rows(x: &[f32], columns: usize, pool: &Pool) -> Buffer {
    let mut sums = pool.zeros(columns);
    for row in x.chunks_exact(columns) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += x;
        }
    }
    sums
}
