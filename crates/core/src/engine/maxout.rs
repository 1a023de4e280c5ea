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
        let z = &z.data[first * z.columns..];
        match pieces {
            2 => vectorized!(largest(z.as_chunks::<2>().0, a)),
            3 => vectorized!(largest(z.as_chunks::<3>().0, a)),
            4 => vectorized!(largest(z.as_chunks::<4>().0, a)),
            _ => vectorized!(largest(z.chunks_exact(pieces), a)),
        }
    });
    let a = Value::new(data, z.rows, units, z.needs_gradient);
    if let (Some(tape), true) = (tape, z.needs_gradient) {
        let (z, pool) = (z.clone(), pool.clone());
        let a_data = Arc::clone(&a.data);
        tape.push(move |delta, _| {
            let mut dz = pool.take(len);
            by_rows(&mut dz, z.columns, |first, dz| {
                let z = &z.data[first * z.columns..];
                let outputs = (&a_data[first * units..], &delta[first * units..]);
                match pieces {
                    2 => vectorized!(to_largest_of::<2>(dz, z, outputs)),
                    3 => vectorized!(to_largest_of::<3>(dz, z, outputs)),
                    4 => vectorized!(to_largest_of::<4>(dz, z, outputs)),
                    _ => vectorized!(to_largest(
                        dz.chunks_exact_mut(pieces),
                        z.chunks_exact(pieces),
                        outputs
                    )),
                }
            });
            Some(dz)
        });
    }
    a
}

/// The largest of each group of `z`. Groups of a length that the compiler knows become vector instructions.
#[inline(always)]
fn largest(z: impl IntoIterator<Item = impl AsRef<[f32]>>, a: &mut [f32]) {
    for (a, z) in a.iter_mut().zip(z) {
        let mut most = f32::NEG_INFINITY;
        for &z in z.as_ref() {
            most = if exceeds(z, most) { z } else { most };
        }
        *a = most;
    }
}

/// [`to_largest`] for groups of `P`.
#[inline(always)]
fn to_largest_of<const P: usize>(dz: &mut [f32], z: &[f32], outputs: (&[f32], &[f32])) {
    to_largest(dz.as_chunks_mut::<P>().0, z.as_chunks::<P>().0, outputs);
}

/// The transpose of [`largest`]: of each group the first that is the output `a` gets its `δ`, the others 0.
#[inline(always)]
fn to_largest<'a>(
    dz: impl IntoIterator<Item = &'a mut (impl AsMut<[f32]> + ?Sized + 'a)>,
    z: impl IntoIterator<Item = impl AsRef<[f32]>>,
    (a, delta): (&[f32], &[f32]),
) {
    for ((dz, z), (&a, &delta)) in dz.into_iter().zip(z).zip(a.iter().zip(delta)) {
        let mut sent = false;
        for (dz, &z) in dz.as_mut().iter_mut().zip(z.as_ref()) {
            let here = (z == a) & !sent;
            *dz = keep_if(here, delta);
            sent |= here;
        }
    }
}
