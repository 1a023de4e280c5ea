use dfdx::prelude::*;

use super::Swish;
use crate::activation::formula::Formula;
use crate::kernels::elementary::{exp, sigmoid};

impl Formula for Swish {
    fn name(self) -> &'static str {
        "swish"
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        z * sigmoid(z)
    }

    /// `σ(z) + z σ(z) σ(-z)`.
    #[inline(always)]
    fn slope(self, z: f32, _a: f32) -> f32 {
        let e = exp(-z.abs());
        let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
        let s = if z < 0.0 { small } else { large };
        z * small * large + s
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z.retaped::<T>().sigmoid() * z
    }
}
