use dfdx::prelude::*;

use super::Sigmoid;
use crate::activation::formula::Formula;
use crate::kernels::elementary;

impl Formula for Sigmoid {
    fn name(self) -> &'static str {
        "sigmoid"
    }

    fn needs_input(self) -> bool {
        false
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        elementary::sigmoid(z)
    }

    /// `σ'(z) = a (1 - a)`.
    #[inline(always)]
    fn slope(self, _z: f32, a: f32) -> f32 {
        a * (1.0 - a)
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z.sigmoid()
    }
}
