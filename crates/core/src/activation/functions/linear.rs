use dfdx::prelude::*;

use super::Linear;
use crate::activation::formula::Formula;

impl Formula for Linear {
    fn name(self) -> &'static str {
        "linear"
    }

    fn needs_input(self) -> bool {
        false
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        z
    }

    #[inline(always)]
    fn slope(self, _z: f32, _a: f32) -> f32 {
        1.0
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z
    }
}
