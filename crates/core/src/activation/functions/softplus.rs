use dfdx::prelude::*;

use super::Softplus;
use crate::activation::formula::Formula;
use crate::kernels::elementary::{self, exp_m1};

impl Formula for Softplus {
    fn name(self) -> &'static str {
        "softplus"
    }

    fn needs_input(self) -> bool {
        false
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        elementary::softplus(z)
    }

    /// `σ(z) = 1 - e^-a`.
    #[inline(always)]
    fn slope(self, _z: f32, a: f32) -> f32 {
        -exp_m1(-a)
    }

    /// `ln(1 + e^z) = max(0, z) + ln(1 + e^-|z|)`, in which no exponential overflows; `max(0, z)` as `(z + |z|) / 2`, whose
    /// derivative at 0 is the ½ that belongs there.
    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        let corner = (z.retaped::<T>().abs() + z.retaped::<T>()) * 0.5;
        corner + ((-z.abs()).exp() + 1.0).ln()
    }
}
