use dfdx::prelude::*;

use super::LeakyRelu;
use crate::activation::formula::{Formula, negative};

impl Formula for LeakyRelu {
    fn name(self) -> &'static str {
        "leaky ReLU"
    }

    /// With a negative slope it takes values twice.
    fn needs_input(self) -> bool {
        self.slope < 0.0
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        if z > 0.0 { z } else { self.slope * z }
    }

    #[inline(always)]
    fn slope(self, z: f32, _a: f32) -> f32 {
        if z > 0.0 { 1.0 } else { self.slope }
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z.retaped::<T>().relu() + negative(z) * self.slope
    }
}
