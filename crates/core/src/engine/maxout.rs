//! Maxout: the largest of several linear functions.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};

use super::pooling::exceeds;
use super::{Pool, Value};
use crate::tensor::Tape;

/// `a_j = max_p z_{j·pieces + p}`. Shapes: `z`: `(n, units · pieces)`, `a`: `(n, units)`. Backward: the gradient goes to the
/// largest piece, the first of equals.
pub(crate) fn max_pieces(z: &Value, pieces: usize, pool: &Pool, tape: Option<&mut Tape>) -> Value {
    let units = z.columns / pieces;
    let len = z.data.len();
    let mut data = pool.take(z.rows * units);
    for (a, z) in data.iter_mut().zip(z.data.chunks_exact(pieces)) {
        let largest = |a, &z| if exceeds(z, a) { z } else { a };
        *a = z.iter().fold(f32::NEG_INFINITY, largest);
    }
    let a = Value::new(data, z.rows, units, z.needs_gradient);
    if let (Some(tape), true) = (tape, z.needs_gradient) {
        let (z, pool) = (z.clone(), pool.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let delta = a_node.take_gradient(grads, a_data.len(), &pool)?;
            let mut dz = pool.zeros(len);
            let columns = dz.chunks_exact_mut(pieces).zip(z.data.chunks_exact(pieces));
            for ((dz, z), (a, delta)) in columns.zip(a_data.iter().zip(delta.iter())) {
                if let Some(p) = z.iter().position(|z| z == a) {
                    dz[p] = *delta;
                }
            }
            z.node.put_gradient(grads, dz)
        });
    }
    a
}
