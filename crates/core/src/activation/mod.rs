//! Block 7: units of activation, the non-linearity between two layers.
//!
//! A neuron computes `a = f(z)` with `z = w·x + b`. What matters for training is the local derivative `f'(z)`: it
//! multiplies the gradient on its way back. Where it is almost 0 the unit is *saturated* and kills the gradient.
//!
//! Each function has a file in `activation/functions`, and `activation/functions.rs` is the list of them. [`Activation::apply`] has
//! the formulas in dfdx's operations, and the tape finds the derivatives; [`modules`] are the same as layers of dfdx's networks.
//! [`Activation::value`] and [`Activation::derivative`] are the hand-made ones that training uses.

mod custom;
pub(crate) mod formula;
mod functions;
pub mod modules;
mod tensors;

use std::fmt;

use dfdx::prelude::{Cpu, Shape, Tape, Tensor};

use crate::error::{Error, Result};
use crate::kernels::vectorized;

pub use custom::Function;
pub(crate) use formula::Formula;
pub use functions::Activation;
pub(crate) use functions::with_formula;
pub use tensors::{maxout, prelu};

impl Activation {
    /// The value `f(z)`. Finite for every finite `z` (a slope or `α` above 1 may overflow at the ends of `f32`).
    pub fn value(self, z: f32) -> f32 {
        // What is compiled for any processor would call a function for each fused multiply-add.
        with_formula!(self, f => vectorized!(f.value(z)))
    }

    /// The local derivative `f'(z)`. At the kink of ReLU and its kin the left one, as PyTorch and Keras do.
    pub fn derivative(self, z: f32) -> f32 {
        with_formula!(self, f => vectorized!(f.slope(z, f.value(z))))
    }

    /// `a = f(z)` on a dfdx tensor of any shape, with or without a tape.
    ///
    /// These are the formulas; [`Activation::value`] and [`Activation::derivative`] are the same for one number, worked out by
    /// hand as training uses them: they stay precise and finite at the ends of `f32`, where a formula may overflow.
    pub fn apply<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        with_formula!(self, f => f.tensor(z))
    }

    /// The same as one operation on dfdx's tape, with value and derivative as training uses them.
    pub(crate) fn pointwise<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        with_formula!(self, f => formula::pointwise(f, z))
    }

    /// Whether `f'(z)` cannot be told from the value `f(z)` alone: the function takes some values twice, or nothing is known of
    /// it.
    pub(crate) fn needs_input(self) -> bool {
        with_formula!(self, f => f.needs_input())
    }

    /// Check its parameter, for those that have one.
    ///
    /// # Errors
    /// When it is NaN or infinite.
    pub fn check(self) -> Result<()> {
        match self.parameter() {
            Some(parameter) if !parameter.is_finite() => Err(Error::range(
                (
                    format!("el parámetro de {}", self.name()),
                    format!("the parameter of {}", self.name()),
                ),
                f64::from(parameter),
                ("un número finito", "finite"),
            )),
            _ => Ok(()),
        }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Custom(f) => f.name(),
            known => with_formula!(known, f => f.name()),
        }
    }

    /// Whether the unit is in its flat part at `z`: `|f'(z)| < 0.01`, 4 % of what a sigmoid has at its best.
    pub fn is_saturated(self, z: f32) -> bool {
        self.derivative(z).abs() < 0.01
    }
}

/// Its usual name.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
