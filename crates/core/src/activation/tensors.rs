//! Activations on dfdx tensors.

use dfdx::prelude::*;

use super::Activation;
use crate::error::{Error, Result};
use crate::tensor::{Matrix, Vector, device};

/// `a = f(z)` element by element as an operation of our own on dfdx's tape. Backward: `∂C/∂z = ∂C/∂a ⊙ f'(z)`.
pub(crate) fn pointwise<S: dfdx::shapes::Shape, T: Tape<f32, Cpu>>(
    f: Activation,
    z: Tensor<S, f32, Cpu, T>,
) -> Tensor<S, f32, Cpu, T> {
    // A broadcast or permuted tensor keeps its numbers, and its gradient, in another order: they are laid out first.
    let shape = *z.shape();
    let (z, mut tape) = z.contiguous().split_tape();
    let numbers = z.as_vec();
    let values = numbers.iter().map(|&z| f.value(z)).collect();
    let a = device().tensor_from_vec(values, shape);
    let (z, a_ghost) = (z.ghost(), a.ghost());
    tape.add_backward_op(move |grads| {
        let da = grads.get_or_alloc_mut(&a_ghost)?.clone();
        let dz = grads.get_or_alloc_mut(&z)?;
        for ((dz, da), z) in dz.iter_mut().zip(da.iter()).zip(numbers) {
            *dz += da * f.derivative(z);
        }
        Ok(())
    });
    a.put_tape(tape)
}

/// PReLU: leaky ReLU whose slope is learned, one for each unit. `a = max(0, z) + s · min(0, z)`.
///
/// Shapes: `z`, `a`: `(n, units)`, `slope`: `(units,)`. The gradient of a slope is `Σ_x ∂C/∂a · min(0, z)`. K. He et al.,
/// 2015, <https://arxiv.org/abs/1502.01852>; they start from 0.25.
///
/// # Errors
/// When there is not one slope per column of `z`.
pub fn prelu<T: Tape<f32, Cpu> + Merge<R>, R: Tape<f32, Cpu>>(
    z: Matrix<T>,
    slope: Vector<R>,
) -> Result<Matrix<T>> {
    let (n, units) = *z.shape();
    if slope.shape().0 != units {
        return Err(Error::shape(
            "prelu",
            (
                format!("{units} pendientes para {units} unidades"),
                format!("{units} slopes for {units} units"),
            ),
            slope.shape().0,
        ));
    }
    Ok(z.prelu(slope.broadcast_like::<_, Axis<0>>(&(n, units))))
}

/// Maxout: the larger of two linear functions of the input, `max(x W₁ + b₁, x W₂ + b₂)`, given both.
///
/// With `W₁ = 0` and `b₁ = 0` it is ReLU, with `z₁ = 0.01 z₂` leaky ReLU, with `z₁ = -z₂` the absolute value. Shapes: all
/// `(n, units)`. Where both are equal, each gets half of the gradient. I. Goodfellow et al., 2013,
/// <https://arxiv.org/abs/1302.4389>.
///
/// ```
/// use gradus::prelude::*;
/// use gradus::activation::maxout;
/// let z = matrix(vec![-1.5, 0.0, 2.0], 1, 3)?;
/// let zero = matrix(vec![0.0; 3], 1, 3)?;
/// let a = maxout(zero, z.clone())?;
/// assert_eq!(a.as_vec(), Relu.apply(z).as_vec());
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// When the shapes differ.
pub fn maxout<T: Tape<f32, Cpu> + Merge<R>, R: Tape<f32, Cpu>>(
    z1: Matrix<T>,
    z2: Matrix<R>,
) -> Result<Matrix<T>> {
    if z1.shape() != z2.shape() {
        return Err(Error::shape(
            "maxout",
            (
                format!("dos matrices de forma {:?}", z1.shape()),
                format!("two matrices of shape {:?}", z1.shape()),
            ),
            format!("{:?}", z2.shape()),
        ));
    }
    Ok(z1.maximum(z2))
}
