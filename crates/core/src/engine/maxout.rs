//! Maxout: the largest of several linear functions.

use std::sync::Arc;

use super::pooling::exceeds;
use super::{Pool, Tape, Value};
use crate::kernels::{by_rows, keep_if, vectorized};

/// `a_j = max_p z_{j·pieces + p}`. Shapes: `z`: `(n, units · pieces)`, `a`: `(n, units)`. Backward: the gradient goes to the
/// largest piece, the first of equals.
pub(crate) fn max_pieces(z: &Value, pieces: usize, pool: &Pool, tape: Option<&mut Tape>) -> Value {
    let units = z.columns / pieces;
    let len = z.data.len();
    let mut data = pool.take(z.rows * units);
    by_rows(&mut data, units, |first, a| {
        let z = z.data[first * z.columns..].chunks_exact(pieces);
        vectorized!(for (a, z) in a.iter_mut().zip(z) {
            *a = f32::NEG_INFINITY;
            for &z in z {
                *a = if exceeds(z, *a) { z } else { *a };
            }
        });
    });
    let a = Value::new(data, z.rows, units, z.needs_gradient);
    if let (Some(tape), true) = (tape, z.needs_gradient) {
        let (z, pool) = (z.clone(), pool.clone());
        let a_data = Arc::clone(&a.data);
        tape.push(move |delta, _| {
            let mut dz = pool.take(len);
            by_rows(&mut dz, z.columns, |first, dz| {
                let z = z.data[first * z.columns..].chunks_exact(pieces);
                let columns = dz.chunks_exact_mut(pieces).zip(z);
                let outputs = a_data[first * units..].iter().zip(&delta[first * units..]);
                vectorized!(for ((dz, z), (&a, &delta)) in columns.zip(outputs) {
                    let mut sent = false;
                    for (dz, &z) in dz.iter_mut().zip(z) {
                        let here = z == a && !sent;
                        *dz = keep_if(here, delta);
                        sent |= here;
                    }
                });
            });
            Some(dz)
        });
    }
    a
}
