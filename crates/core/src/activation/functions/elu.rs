use dfdx::prelude::*;

use super::Elu;
use crate::activation::formula::{Formula, negative};
use crate::kernels::elementary::exp_m1;

impl Formula for Elu {
    fn name(self) -> &'static str {
        "ELU"
    }

    /// With a negative `α` it takes values twice.
    fn needs_input(self) -> bool {
        self.alpha < 0.0
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        // Where z is large its exponential is infinite: not even to be multiplied.
        let below = if z > 0.0 { 0.0 } else { z };
        let low = self.alpha * exp_m1(below);
        if z > 0.0 { z } else { low }
    }

    /// `1` where `z > 0`, else `α e^z = a + α`.
    #[inline(always)]
    fn slope(self, z: f32, a: f32) -> f32 {
        if z > 0.0 { 1.0 } else { a + self.alpha }
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z.retaped::<T>().relu() + (negative(z).exp() - 1.0) * self.alpha
    }
}
