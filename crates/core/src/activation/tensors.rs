//! Activations on dfdx tensors: the formula in dfdx's operations, and its derivative comes from the tape.

use dfdx::prelude::*;

use super::Activation;
use super::functions::{SELU_ALPHA, SELU_SCALE};
use crate::error::{Error, Result};
use crate::tensor::device;

impl Activation {
    /// `a = f(z)` on a dfdx tensor of any shape, with or without a tape.
    ///
    /// These are the formulas; [`Activation::value`] and [`Activation::derivative`] are the same for one number, worked out by
    /// hand as training uses them: they stay precise and finite at the ends of `f32`, where a formula may overflow.
    pub fn apply<S: dfdx::shapes::Shape, T: Tape<f32, Cpu> + Merge<T>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        match self {
            Activation::Linear => z,
            Activation::Sigmoid => z.sigmoid(),
            Activation::Tanh => z.tanh(),
            Activation::Relu => z.relu(),
            Activation::LeakyRelu(slope) => z.retaped::<T>().relu() + negative(z) * slope,
            Activation::Elu(alpha) => z.retaped::<T>().relu() + (negative(z).exp() - 1.0) * alpha,
            Activation::Selu => Activation::Elu(SELU_ALPHA).apply(z) * SELU_SCALE,
            Activation::Softplus => softplus(z),
            Activation::Swish => z.retaped::<T>().sigmoid() * z,
            Activation::Mish => softplus(z.retaped::<T>()).tanh() * z,
            // dfdx 0.13 has a GELU, too, but its gradient takes 1/√π for the 1/√2π of the normal distribution.
            Activation::Gelu => pointwise(self, z),
            Activation::GeluTanh => z.fast_gelu(),
            Activation::Custom(_) => pointwise(self, z),
        }
    }
}

/// `min(0, z)`. At 0 its derivative is 1 and that of ReLU 0: at a kink the left one counts, as in PyTorch and Keras.
fn negative<S: dfdx::shapes::Shape, T: Tape<f32, Cpu>>(
    z: Tensor<S, f32, Cpu, T>,
) -> Tensor<S, f32, Cpu, T> {
    z.clamp(f32::NEG_INFINITY, 0.0)
}

/// `ln(1 + e^z) = max(0, z) + ln(1 + e^-|z|)`, in which no exponential overflows; `max(0, z)` as `(z + |z|) / 2`, whose derivative
/// at 0 is the ½ that belongs there.
fn softplus<S: dfdx::shapes::Shape, T: Tape<f32, Cpu> + Merge<T>>(
    z: Tensor<S, f32, Cpu, T>,
) -> Tensor<S, f32, Cpu, T> {
    let corner = (z.retaped::<T>().abs() + z.retaped::<T>()) * 0.5;
    corner + ((-z.abs()).exp() + 1.0).ln()
}

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
