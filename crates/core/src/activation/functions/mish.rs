use dfdx::prelude::*;

use super::{Mish, Softplus};
use crate::activation::formula::Formula;
use crate::kernels::elementary::{exp, sigmoid};

impl Formula for Mish {
    fn name(self) -> &'static str {
        "mish"
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        z * tanh_of_softplus(z)
    }

    /// `t + z σ(z) (1 - t²)` with `t = tanh(ln(1 + e^z))`.
    #[inline(always)]
    fn slope(self, z: f32, _a: f32) -> f32 {
        let t = tanh_of_softplus(z);
        z * sigmoid(z) * (1.0 - t * t) + t
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        Softplus.tensor(z.retaped::<T>()).tanh() * z
    }
}

/// `tanh(ln(1 + e^z)) = n / (n + 2)` with `n = e^z (e^z + 2)`.
#[inline(always)]
fn tanh_of_softplus(z: f32) -> f32 {
    // Beyond 20 it is 1 to the last digit.
    let e = exp(if z > 20.0 { 20.0 } else { z });
    let n = e * (e + 2.0);
    n / (n + 2.0)
}
