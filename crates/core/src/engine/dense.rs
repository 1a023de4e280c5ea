//! Dense layer, bias and activation in one operation: `a = f(x W + b)`.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};

use super::activate::{add_bias, keep_input, times_derivative};
use super::kernels::{Layout::*, Threads, matmul, vectorized};
use super::{Param, Pool, Value};
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
    let mut a = pool.take(n * n_out);
    let shape = (n, n_in, n_out);
    matmul(
        &mut a,
        (&x.data, Plain),
        (&w.data, Plain),
        shape,
        false,
        Threads::All,
    );
    let mut z = keep_input(f, n * n_out, pool, tape.is_some());
    add_bias(&mut a, &b.data, f, z.as_deref_mut());
    let a = Value::new(a, n, n_out, true);

    if let Some(tape) = tape {
        let (x, w_data, pool) = (x.clone(), Arc::clone(&w.data), pool.clone());
        let (w_node, b_node) = (w.node.clone(), b.node.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, n * n_out, &pool)?;
            times_derivative(&mut delta, &a_data, z.as_deref(), f);
            let mut dw = pool.take(n_in * n_out);
            let shape = (n_in, n, n_out);
            matmul(
                &mut dw,
                (&x.data, Transposed),
                (&delta, Plain),
                shape,
                false,
                Threads::All,
            );
            w_node.put_gradient(grads, dw)?;
            let mut db = pool.zeros(n_out);
            add_rows(&delta, &mut db);
            b_node.put_gradient(grads, db)?;
            if x.needs_gradient {
                let mut dx = pool.take(n * n_in);
                let shape = (n, n_out, n_in);
                matmul(
                    &mut dx,
                    (&delta, Plain),
                    (&w_data, Transposed),
                    shape,
                    false,
                    Threads::All,
                );
                x.node.put_gradient(grads, dx)?;
            }
            Ok(())
        });
    }
    a
}

/// `sums += Σ_rows x`.
pub(crate) fn add_rows(x: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    vectorized!({
        for row in x.chunks_exact(columns) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
    });
}
