use dfdx::prelude::*;

use super::Relu;
use crate::activation::formula::Formula;
use crate::kernels::keep_if;

impl Formula for Relu {
    fn name(self) -> &'static str {
        "ReLU"
    }

    fn needs_input(self) -> bool {
        false
    }

    /// `max(0, z)`, but NaN stays NaN: a training that has failed must show it.
    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        if z < 0.0 { 0.0 } else { z }
    }

    #[inline(always)]
    fn slope(self, z: f32, _a: f32) -> f32 {
        f32::from(z > 0.0)
    }

    /// 0 where the unit is off, whatever comes back: no product, in which `0 · ∞` would be NaN.
    #[inline(always)]
    fn back(self, delta: f32, _z: f32, a: f32) -> f32 {
        keep_if(a > 0.0, delta)
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z.relu()
    }
}
