use super::Gelu;
use crate::activation::formula::Formula;
use crate::kernels::elementary::normal;

impl Formula for Gelu {
    fn name(self) -> &'static str {
        "GELU"
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        z * normal(z).0
    }

    /// `Φ(z) + z φ(z)` with the normal density `φ(z) = e^(-z²/2) / √(2π)`. On dfdx's tensors it is this one, too: dfdx 0.13 has a
    /// GELU, but its gradient takes `1/√π` for the `1/√2π` of the density.
    #[inline(always)]
    fn slope(self, z: f32, _a: f32) -> f32 {
        let (cumulative, density) = normal(z);
        z * density + cumulative
    }
}
