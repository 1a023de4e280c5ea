//! PReLU: leaky ReLU whose slopes are learned.

use std::sync::Arc;

use super::{Gradient, Param, Pool, Tape, Value};
use crate::kernels::{by_rows, by_rows_with_sums, vectorized};

/// `a = max(0, z) + s · min(0, z)`. Columns are units, or channels with the positions of an image as further rows. Shapes: `z`,
/// `a`: `(n, c)`, `s`: `(1, c)`.
///
/// Backward, with `δ = ∂C/∂a`: `∂C/∂s = Σ_rows δ · min(0, z)`, `∂C/∂z = δ` where `z > 0`, else `s δ`.
pub(crate) fn prelu(z: &Value, slope: &Param, pool: &Pool, tape: Option<&mut Tape>) -> Value {
    let (len, columns) = (z.data.len(), slope.columns);
    let mut a = pool.take(len);
    by_rows(&mut a, columns, |first, rows| {
        let z = z.data[first * columns..].chunks_exact(columns);
        vectorized!(for (a, z) in rows.chunks_exact_mut(columns).zip(z) {
            for ((a, &z), &slope) in a.iter_mut().zip(z).zip(slope.data.iter()) {
                *a = if z > 0.0 { z } else { slope * z };
            }
        });
    });
    let a = Value::new(a, z.rows, z.columns, true);

    if let Some(tape) = tape {
        let (z, slopes, pool) = (z.clone(), Arc::clone(&slope.data), pool.clone());
        tape.push(move |mut delta, grads| {
            let mut dslope = pool.take(columns);
            by_rows_with_sums(&mut delta, columns, &mut dslope, |first, delta, sums| {
                let z = z.data[first * columns..].chunks_exact(columns);
                vectorized!(for (delta, z) in delta.chunks_exact_mut(columns).zip(z) {
                    let columns = delta.iter_mut().zip(sums.iter_mut());
                    for (((delta, sum), &z), &slope) in columns.zip(z).zip(slopes.iter()) {
                        *sum += *delta * z.min(0.0);
                        *delta *= if z > 0.0 { 1.0 } else { slope };
                    }
                });
            });
            grads.push(Gradient::Whole(dslope));
            z.needs_gradient.then_some(delta)
        });
    }
    a
}
