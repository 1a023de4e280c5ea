//! The product on dfdx tensors, for figures that must be the same on every processor: dfdx's own sums have an order
//! that depends on the sizes of the caches.

use dfdx::prelude::{Tape as _, *};

use super::{Layout::*, Threads, matmul};
use crate::tensor::{Matrix, Tape, device};

/// `z = a W` on `a`'s tape. Shapes: `a`: `(n, n_in)`, `W`: `(n_in, n_out)`, `z`: `(n, n_out)`. Backward: `∂C/∂a = ∂C/∂z Wᵀ`;
/// `W` is taken as a constant.
pub(crate) fn product(a: Matrix<Tape>, w: &Matrix) -> Matrix<Tape> {
    let ((n, n_in), (_, n_out)) = (*a.shape(), *w.shape());
    let (a, mut tape) = a.split_tape();
    let (numbers, w) = (a.as_vec(), w.as_vec());
    let mut z = vec![0.0; n * n_out];
    let shape = (n, n_in, n_out);
    matmul(
        &mut z,
        (&numbers, Plain),
        (&w, Plain),
        shape,
        false,
        Threads::All,
    );
    let z = device().tensor_from_vec(z, (n, n_out));
    let (a, z_ghost) = (a.ghost(), z.ghost());
    tape.add_backward_op(move |grads| {
        let dz = grads.get_or_alloc_mut(&z_ghost)?.clone();
        let da = grads.get_or_alloc_mut(&a)?;
        let (dz, w) = ((&dz[..], Plain), (&w[..], Transposed));
        matmul(da, dz, w, (n, n_out, n_in), true, Threads::All);
        Ok(())
    });
    z.put_tape(tape)
}
