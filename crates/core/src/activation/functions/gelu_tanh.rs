use dfdx::prelude::*;

use super::GeluTanh;
use crate::activation::formula::Formula;
use crate::kernels::elementary::{exp, sigmoid};

impl Formula for GeluTanh {
    fn name(self) -> &'static str {
        "GELU (tanh)"
    }

    /// `½ z (1 + tanh u) = z σ(2u)`.
    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        z * sigmoid(2.0 * inner(z).0)
    }

    /// `σ(2u) + z · 2 σ(2u) σ(-2u) · du/dz`.
    #[inline(always)]
    fn slope(self, z: f32, _a: f32) -> f32 {
        let (u, du) = inner(z);
        let e = exp(-(2.0 * u).abs());
        let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
        let flat = small * large;
        // Far out the slope of the sigmoid is 0 before du/dz becomes infinite.
        let bend = if flat == 0.0 {
            0.0
        } else {
            2.0 * z * flat * du
        };
        bend + if u < 0.0 { small } else { large }
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        z.fast_gelu()
    }
}

/// `u = √(2/π) (z + 0.044715 z³)`, and `du/dz`.
#[inline(always)]
fn inner(z: f32) -> (f32, f32) {
    const C: f32 = 0.797_884_6; // √(2/π)
    let square = z * z;
    (
        C * z * (1.0 + 0.044_715 * square),
        C * (1.0 + 3.0 * 0.044_715 * square),
    )
}
