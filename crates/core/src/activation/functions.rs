//! The formulas: each function with its local derivative beside it.
//!
//! Both are finite for every finite `z`, and keep their relative precision where a straightforward formula would subtract
//! equal numbers: `1 - σ(z)` is written `σ(-z)`, `e^z - 1` is `expm1`.

use std::f32::consts::{FRAC_1_SQRT_2, PI};

/// `σ(z) = 1 / (1 + e^-z)`. Written so that the exponential never overflows.
pub(crate) fn sigmoid(z: f32) -> f32 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}

/// `z` where `z > 0`, else `slope · z`.
pub(super) fn leaky(z: f32, slope: f32) -> f32 {
    if z > 0.0 { z } else { slope * z }
}

/// `1` where `z > 0`, else `slope`.
pub(super) fn leaky_slope(z: f32, slope: f32) -> f32 {
    if z > 0.0 { 1.0 } else { slope }
}

/// `z` where `z > 0`, else `α (e^z - 1)`.
pub(super) fn elu(z: f32, alpha: f32) -> f32 {
    if z > 0.0 { z } else { alpha * z.exp_m1() }
}

/// `1` where `z > 0`, else `α e^z = a + α`.
pub(super) fn elu_slope(z: f32, a: f32, alpha: f32) -> f32 {
    if z > 0.0 { 1.0 } else { a + alpha }
}

/// The two numbers of SELU, from the paper: with them, mean 0 and variance 1 are a fixed point.
pub(super) const SELU_SCALE: f32 = 1.050_701;
pub(super) const SELU_ALPHA: f32 = 1.673_263_2;

/// `ln(1 + e^z)`.
pub(super) fn softplus(z: f32) -> f32 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

/// `σ(z) = 1 - e^-a`.
pub(super) fn softplus_slope(a: f32) -> f32 {
    -(-a).exp_m1()
}

/// `z σ(z)`.
pub(super) fn swish(z: f32) -> f32 {
    z * sigmoid(z)
}

/// `σ(z) + z σ(z) (1 - σ(z))`.
pub(super) fn swish_slope(z: f32) -> f32 {
    sigmoid(z) + z * sigmoid(z) * sigmoid(-z)
}

/// `z tanh(ln(1 + e^z))`.
pub(super) fn mish(z: f32) -> f32 {
    z * softplus(z).tanh()
}

/// `t + z σ(z) (1 - t²)` with `t = tanh(ln(1 + e^z))`.
pub(super) fn mish_slope(z: f32) -> f32 {
    let t = softplus(z).tanh();
    t + z * sigmoid(z) * (1.0 - t * t)
}

/// `Φ(z)`, the probability that a standard normal number is below `z`.
fn normal_cdf(z: f32) -> f32 {
    0.5 * libm::erfcf(-z * FRAC_1_SQRT_2)
}

/// `z Φ(z)`.
pub(super) fn gelu(z: f32) -> f32 {
    z * normal_cdf(z)
}

/// `Φ(z) + z φ(z)` with the normal density `φ(z) = e^(-z²/2) / √(2π)`.
pub(super) fn gelu_slope(z: f32) -> f32 {
    normal_cdf(z) + z * (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// `u = √(2/π) (z + 0.044715 z³)` of the tanh form of GELU, and `du/dz`.
fn gelu_inner(z: f32) -> (f32, f32) {
    let c = (2.0 / PI).sqrt();
    (
        c * (z + 0.044_715 * z * z * z),
        c * (1.0 + 3.0 * 0.044_715 * z * z),
    )
}

/// `½ z (1 + tanh u) = z σ(2u)`.
pub(super) fn gelu_tanh(z: f32) -> f32 {
    z * sigmoid(2.0 * gelu_inner(z).0)
}

/// `σ(2u) + z · 2 σ(2u) σ(-2u) · du/dz`.
pub(super) fn gelu_tanh_slope(z: f32) -> f32 {
    let (u, du) = gelu_inner(z);
    let flat = sigmoid(2.0 * u) * sigmoid(-2.0 * u);
    // Far out the slope of the sigmoid is 0 before du/dz becomes infinite.
    let bend = if flat == 0.0 {
        0.0
    } else {
        2.0 * z * flat * du
    };
    sigmoid(2.0 * u) + bend
}
