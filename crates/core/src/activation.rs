//! Block 7: units of activation, the non-linearity between two layers.
//!
//! A neuron computes `a = f(z)` with `z = w·x + b`. What matters for training is the local derivative `f'(z)`: it
//! multiplies the gradient on its way back. Where it is almost 0 the unit is *saturated* and kills the gradient.

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

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
}

impl Activation {
    /// The value `f(z)`. Finite for every finite `z`.
    pub fn value(self, z: f32) -> f32 {
        match self {
            Activation::Linear => z,
            Activation::Sigmoid => sigmoid(z),
            Activation::Tanh => z.tanh(),
            Activation::Relu => z.max(0.0),
            Activation::LeakyRelu(slope) => {
                if z > 0.0 {
                    z
                } else {
                    slope * z
                }
            }
        }
    }

    /// The local derivative `f'(z)`. At the kink of ReLU and its kin the left one, as PyTorch and Keras do.
    pub fn derivative(self, z: f32) -> f32 {
        self.derivative_at(z, self.value(z))
    }

    /// `f'(z)` where the value `a = f(z)` is known already.
    #[inline]
    pub(crate) fn derivative_at(self, z: f32, a: f32) -> f32 {
        match self {
            Activation::Linear => 1.0,
            Activation::Sigmoid => a * (1.0 - a),
            Activation::Tanh => 1.0 - a * a,
            Activation::Relu => f32::from(z > 0.0),
            Activation::LeakyRelu(slope) => {
                if z > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
        }
    }

    /// Whether `f'(z)` cannot be told from the value `f(z)` alone.
    pub(crate) fn needs_input(self) -> bool {
        false
    }

    /// The same on a dfdx tensor of any shape, with or without a tape.
    pub fn apply<S: dfdx::shapes::Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        match self {
            Activation::Linear => z,
            Activation::Sigmoid => z.sigmoid(),
            Activation::Tanh => z.tanh(),
            Activation::Relu => z.relu(),
            Activation::LeakyRelu(slope) => z.prelu(slope),
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
        }
    }

    /// Whether the unit is in its flat part at `z`: `|f'(z)| < 0.01`, 4 % of what a sigmoid has at its best.
    pub fn is_saturated(self, z: f32) -> bool {
        self.derivative(z).abs() < 0.01
    }
}

/// `σ(z) = 1 / (1 + e^-z)`. Written so that the exponential never overflows.
pub(crate) fn sigmoid(z: f32) -> f32 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::vector;

    const ALL: [Activation; 5] = [
        Activation::Linear,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu(0.01),
    ];

    #[test]
    fn derivatives_agree_with_central_differences_and_with_dfdx() {
        let points = [-30.0, -3.0, -0.5, 0.25, 1.0, 8.0_f32];
        for f in ALL {
            let z = vector(points.to_vec()).unwrap();
            let a = f.apply(z.leaky_trace());
            let values = a.as_vec();
            let gradient = a.sum().backward().get(&z).as_vec();
            for (i, &z) in points.iter().enumerate() {
                let h = 1e-2;
                let slope = (f64::from(f.value(z + h)) - f64::from(f.value(z - h)))
                    / f64::from((z + h) - (z - h));
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
        for f in ALL {
            for z in [f32::MIN, -1e4, -0.0, 0.0, 1e4, f32::MAX] {
                assert!(
                    f.value(z).is_finite() && f.derivative(z).is_finite(),
                    "{f:?} at {z}"
                );
            }
        }
        assert_eq!((sigmoid(-1e4), sigmoid(1e4)), (0.0, 1.0));
    }
}
