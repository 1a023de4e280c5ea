//! Block 7: units of activation, the non-linearity between two layers.
//!
//! A neuron computes `a = f(z)` with `z = w·x + b`. What matters for training is the local derivative `f'(z)`: it
//! multiplies the gradient on its way back. Where it is almost 0 the unit is *saturated* and kills the gradient.
//!
//! [`Activation::apply`] has the formulas in dfdx's operations, and the tape finds the derivatives; [`modules`] are the same as
//! layers of dfdx's networks. [`Activation::value`] and [`Activation::derivative`] are the hand-made ones that training uses.

mod custom;
pub(crate) mod functions;
pub mod modules;
mod tensors;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::kernels::vectorized;
use crate::registry::Custom;

pub use custom::Function;
pub(crate) use tensors::pointwise;
pub use tensors::{maxout, prelu};

/// An activation function `a = f(z)`, applied to each element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Activation {
    /// `f(z) = z`: no activation.
    #[default]
    Linear,
    /// `σ(z) = 1 / (1 + e^-z)`, in (0, 1).
    Sigmoid,
    /// `tanh(z) = (e^z - e^-z) / (e^z + e^-z)`, in (-1, 1), centred at 0.
    Tanh,
    /// `max(0, z)`.
    Relu,
    /// `z` where `z > 0`, else `slope · z`. The usual slope is 0.01 (Maas et al., 2013); Keras's default is 0.3.
    LeakyRelu(f32),
    /// `z` where `z > 0`, else `α (e^z - 1)`: the mean of its outputs is nearer to 0; `α` is 1 in the paper. D.-A. Clevert
    /// et al., 2016, <https://arxiv.org/abs/1511.07289>.
    Elu(f32),
    /// ELU with `α = 1.6733`, times 1.0507: mean 0 and variance 1 keep themselves from layer to layer, with weights of
    /// variance `1 / n_in`. G. Klambauer et al., 2017, <https://arxiv.org/abs/1706.02515>.
    Selu,
    /// `ln(1 + e^z)`: ReLU with a round corner; its derivative is `σ(z)`. C. Dugas et al., 2000,
    /// <https://papers.nips.cc/paper/1920>.
    Softplus,
    /// `z σ(z)`, also called SiLU. P. Ramachandran et al., 2017, <https://arxiv.org/abs/1710.05941>.
    Swish,
    /// `z tanh(ln(1 + e^z))`. D. Misra, 2019, <https://arxiv.org/abs/1908.08681>.
    Mish,
    /// `z Φ(z)`, where `Φ` is the normal distribution function. D. Hendrycks, K. Gimpel, 2016,
    /// <https://arxiv.org/abs/1606.08415>.
    Gelu,
    /// `½ z (1 + tanh(√(2/π) (z + 0.044715 z³)))`: the same paper's approximation of GELU.
    GeluTanh,
    /// One of one's own, made by [`Activation::custom`].
    Custom(Custom<Function>),
}

impl Activation {
    /// One of each, those with a parameter at its usual value.
    pub const ALL: [Activation; 12] = [
        Activation::Linear,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu(0.01),
        Activation::Elu(1.0),
        Activation::Selu,
        Activation::Softplus,
        Activation::Swish,
        Activation::Mish,
        Activation::Gelu,
        Activation::GeluTanh,
    ];

    /// The value `f(z)`. Finite for every finite `z` (a slope or `α` above 1 may overflow at the ends of `f32`).
    pub fn value(self, z: f32) -> f32 {
        match self {
            Activation::Linear => z,
            Activation::Relu => functions::relu(z),
            Activation::LeakyRelu(slope) => functions::leaky(z, slope),
            Activation::Custom(f) => f.part().value(z),
            // What is compiled for any processor would call a function for each fused multiply-add.
            f => vectorized!(match f {
                Activation::Sigmoid => functions::sigmoid(z),
                Activation::Tanh => functions::tanh(z),
                Activation::Elu(alpha) => functions::elu(z, alpha),
                Activation::Selu => functions::selu(z),
                Activation::Softplus => functions::softplus(z),
                Activation::Swish => functions::swish(z),
                Activation::Mish => functions::mish(z),
                Activation::Gelu => functions::gelu(z),
                Activation::GeluTanh => functions::gelu_tanh(z),
                Activation::Linear
                | Activation::Relu
                | Activation::LeakyRelu(_)
                | Activation::Custom(_) => z,
            }),
        }
    }

    /// The local derivative `f'(z)`. At the kink of ReLU and its kin the left one, as PyTorch and Keras do.
    pub fn derivative(self, z: f32) -> f32 {
        self.derivative_at(z, self.value(z))
    }

    /// `f'(z)` where the value `a = f(z)` is known already. Where [`Activation::needs_input`] says no, `a` may stand for
    /// `z`.
    pub(crate) fn derivative_at(self, z: f32, a: f32) -> f32 {
        match self {
            Activation::Linear => 1.0,
            Activation::Sigmoid => functions::sigmoid_slope(a),
            Activation::Tanh => functions::tanh_slope(a),
            Activation::Relu => f32::from(z > 0.0),
            Activation::LeakyRelu(slope) => functions::leaky_slope(z, slope),
            Activation::Elu(alpha) => functions::elu_slope(z, a, alpha),
            Activation::Selu => functions::selu_slope(z, a),
            Activation::Custom(f) => f.part().derivative(z),
            f => vectorized!(match f {
                Activation::Softplus => functions::softplus_slope(a),
                Activation::Swish => functions::swish_slope(z),
                Activation::Mish => functions::mish_slope(z),
                Activation::Gelu => functions::gelu_slope(z),
                _ => functions::gelu_tanh_slope(z),
            }),
        }
    }

    /// Whether `f'(z)` cannot be told from the value `f(z)` alone: the function takes some values twice, or nothing is known of
    /// it.
    pub(crate) fn needs_input(self) -> bool {
        match self {
            Activation::LeakyRelu(factor) | Activation::Elu(factor) => factor < 0.0,
            Activation::Swish
            | Activation::Mish
            | Activation::Gelu
            | Activation::GeluTanh
            | Activation::Custom(_) => true,
            Activation::Linear
            | Activation::Sigmoid
            | Activation::Tanh
            | Activation::Relu
            | Activation::Selu
            | Activation::Softplus => false,
        }
    }

    /// Check its parameter, for those that have one.
    ///
    /// # Errors
    /// When it is NaN or infinite.
    pub fn check(self) -> Result<()> {
        match self {
            Activation::LeakyRelu(factor) | Activation::Elu(factor) if !factor.is_finite() => {
                Err(Error::range(
                    (
                        format!("el parámetro de {}", self.name()),
                        format!("the parameter of {}", self.name()),
                    ),
                    f64::from(factor),
                    ("un número finito", "finite"),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Linear => "linear",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "ReLU",
            Activation::LeakyRelu(_) => "leaky ReLU",
            Activation::Elu(_) => "ELU",
            Activation::Selu => "SELU",
            Activation::Softplus => "softplus",
            Activation::Swish => "swish",
            Activation::Mish => "mish",
            Activation::Gelu => "GELU",
            Activation::GeluTanh => "GELU (tanh)",
            Activation::Custom(f) => f.name(),
        }
    }

    /// Whether the unit is in its flat part at `z`: `|f'(z)| < 0.01`, 4 % of what a sigmoid has at its best.
    pub fn is_saturated(self, z: f32) -> bool {
        self.derivative(z).abs() < 0.01
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::vector;
    use dfdx::prelude::*;

    #[test]
    fn derivatives_agree_with_central_differences_and_with_dfdx() {
        let points = [-30.0, -3.0, -0.5, 0.25, 1.0, 8.0_f32];
        for f in Activation::ALL {
            let z = vector(points.to_vec()).unwrap();
            let a = f.apply(z.leaky_trace());
            let values = a.as_vec();
            let gradient = a.sum().backward().get(&z).as_vec();
            for (i, &z) in points.iter().enumerate() {
                let (above, below) = (z + 1e-2, z - 1e-2);
                let slope = (f64::from(f.value(above)) - f64::from(f.value(below)))
                    / f64::from(above - below);
                let derivative = f64::from(f.derivative(z));
                assert!(
                    (derivative - slope).abs() < 1e-4,
                    "{f:?} at {z}: {derivative} and {slope}"
                );
                assert!((f.value(z) - values[i]).abs() < 1e-6, "{f:?} at {z}");
                assert!((f.derivative(z) - gradient[i]).abs() < 1e-6, "{f:?} at {z}");
            }
        }
    }

    #[test]
    fn extremes_stay_finite() {
        for f in Activation::ALL {
            for z in [f32::MIN, -1e4, -0.0, 0.0, 1e4, f32::MAX] {
                assert!(
                    f.value(z).is_finite() && f.derivative(z).is_finite(),
                    "{f:?} at {z}"
                );
            }
        }
        let sigmoid = |z| Activation::Sigmoid.value(z);
        assert_eq!((sigmoid(-1e4), sigmoid(1e4)), (0.0, 1.0));
    }
}
