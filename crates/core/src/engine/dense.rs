//! Dense layer, bias and activation in one operation: `a = f(x W + b)`.

use std::sync::Arc;

use super::activate::{add_bias, apply_from, keep_input, times_derivative_and_sum};
use super::value::Product;
use super::{Gradient, Param, Pool, Tape, Value};
use crate::activation::Activation;
use crate::kernels::{Layout::*, Threads, matmul, matmul_then};

/// `a = f(x W + b)`. Shapes: `x`: `(n, n_in)`, `W`: `(n_in, n_out)`, `b`: `(1, n_out)`, `a`: `(n, n_out)`.
///
/// Backward, with `δ = ∂C/∂a ⊙ f'(z)`: `∂C/∂W = xᵀ δ` (left as a [`Product`]), `∂C/∂b = Σ_rows δ`, `∂C/∂x = δ Wᵀ` (only where it
/// is needed).
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
    let mut z = keep_input(f, n * n_out, pool, tape.is_some());
    // Where `f` needs its input later, that is computed into a buffer of its own; else `f` acts on each part as soon as it is
    // there.
    let (product, at_once) = match &mut z {
        Some(z) => (z, Activation::Linear),
        None => (&mut a, f),
    };
    matmul_then(
        product,
        (&x.data, Plain),
        (&w.data, Plain),
        (n, n_in, n_out),
        false,
        Threads::All,
        |part| {
            let bias = &b.data[part.columns()];
            part.rows(|rows| add_bias(rows, bias, at_once, None));
        },
    );
    if let Some(z) = &z {
        apply_from(z, &mut a, f);
    }
    let a = Value::new(a, n, n_out, true);

    if let Some(tape) = tape {
        let (x, w_data, pool) = (x.clone(), Arc::clone(&w.data), pool.clone());
        let a_data = Arc::clone(&a.data);
        tape.push(move |mut delta, grads| {
            let mut db = pool.take(n_out);
            times_derivative_and_sum(&mut delta, &a_data, z.as_deref(), f, &mut db);
            let dx = x.needs_gradient.then(|| {
                let mut dx = pool.take(n * n_in);
                matmul(
                    &mut dx,
                    (&delta, Plain),
                    (&w_data, Transposed),
                    (n, n_out, n_in),
                    false,
                    Threads::All,
                );
                dx
            });
            let (x, shape) = (x.data, (n_in, n, n_out));
            grads.push(Gradient::Whole(db));
            grads.push(Gradient::Product(Product { x, delta, shape }));
            dx
        });
    }
    a
}
