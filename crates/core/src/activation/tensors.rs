//! Activations with parameters that are learned, on dfdx tensors.

use dfdx::prelude::*;

use super::formula::negative;
use crate::error::{Error, Result};

/// PReLU: leaky ReLU whose slope is learned, one for each unit. `a = max(0, z) + s · min(0, z)`.
///
/// Shapes: `z`, `a`: `(n, units)`, `slope`: `(units,)`. The gradient of a slope is `Σ_x ∂C/∂a · min(0, z)`. K. He et al.,
/// 2015, <https://arxiv.org/abs/1502.01852>; they start from 0.25.
///
/// # Errors
/// When there is not one slope per column of `z`.
pub fn prelu<B: Dim, C: Dim, T: Tape<f32, Cpu> + Merge<T> + Merge<R>, R: Tape<f32, Cpu>>(
    z: Tensor<(B, C), f32, Cpu, T>,
    slope: Tensor<(C,), f32, Cpu, R>,
) -> Result<Tensor<(B, C), f32, Cpu, T>> {
    let (shape, slopes) = (*z.shape(), slope.shape().0.size());
    let units = shape.1.size();
    if slopes != units {
        return Err(Error::shape(
            "prelu",
            (
                format!("{units} pendientes para {units} unidades"),
                format!("{units} slopes for {units} units"),
            ),
            slopes,
        ));
    }
    let below = negative(z.retaped::<T>()) * slope.broadcast_like::<_, Axis<0>>(&shape);
    Ok(z.relu() + below)
}

/// Maxout: the larger of two linear functions of the input, `max(x W₁ + b₁, x W₂ + b₂)`, given both.
///
/// With `W₁ = 0` and `b₁ = 0` it is ReLU, with `z₁ = 0.01 z₂` leaky ReLU, with `z₁ = -z₂` the absolute value. Shapes: all
/// the same, such as `(n, units)`. Where both are equal, each gets half of the gradient. I. Goodfellow et al., 2013,
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
pub fn maxout<S: dfdx::shapes::Shape, T: Tape<f32, Cpu> + Merge<R>, R: Tape<f32, Cpu>>(
    z1: Tensor<S, f32, Cpu, T>,
    z2: Tensor<S, f32, Cpu, R>,
) -> Result<Tensor<S, f32, Cpu, T>> {
    if z1.shape() != z2.shape() {
        return Err(Error::shape(
            "maxout",
            (
                format!("dos tensores de forma {:?}", z1.shape()),
                format!("two tensors of shape {:?}", z1.shape()),
            ),
            format!("{:?}", z2.shape()),
        ));
    }
    Ok(z1.maximum(z2))
}
