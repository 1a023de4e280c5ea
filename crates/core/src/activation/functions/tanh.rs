use dfdx::prelude::*;

use super::Tanh;
use crate::activation::formula::Formula;
use crate::kernels::elementary;

impl Formula for Tanh {
    fn name(self) -> &'static str {
        "tanh"
    }

    fn needs_input(self) -> bool {
        false
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        elementary::tanh(z)
    }

    /// `tanh'(z) = 1 - a²`.
    #[inline(always)]
    fn slope(self, _z: f32, a: f32) -> f32 {
        1.0 - a * a
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z.tanh()
    }
}
