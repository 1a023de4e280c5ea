//! The functions as training computes them: each with its local derivative beside it. The formulas in dfdx's operations are in
//! [`Activation::apply`](super::Activation::apply); the tests hold the two equal.
//!
//! Both are finite for every finite `z`, and keep their relative precision where a straightforward formula would subtract
//! equal numbers: `1 - σ(z)` is written `σ(-z)`, `e^z - 1` is `exp_m1`. They are made of the exponential and its kin in
//! [`crate::kernels::elementary`], which are the same bits everywhere, and have no branches, so that the compiler can work on
//! many numbers at once.

use crate::kernels::elementary::{exp, exp_m1, normal};
pub(crate) use crate::kernels::elementary::{sigmoid, softplus, tanh};

/// `σ'(z) = a (1 - a)`.
#[inline(always)]
pub(crate) fn sigmoid_slope(a: f32) -> f32 {
    a * (1.0 - a)
}

/// `tanh'(z) = 1 - a²`.
#[inline(always)]
pub(crate) fn tanh_slope(a: f32) -> f32 {
    1.0 - a * a
}

/// `max(0, z)`, but NaN stays NaN: a training that has failed must show it.
#[inline(always)]
pub(crate) fn relu(z: f32) -> f32 {
    if z < 0.0 { 0.0 } else { z }
}

/// `z` where `z > 0`, else `slope · z`.
#[inline(always)]
pub(crate) fn leaky(z: f32, slope: f32) -> f32 {
    if z > 0.0 { z } else { slope * z }
}

/// `1` where `z > 0`, else `slope`.
#[inline(always)]
pub(crate) fn leaky_slope(z: f32, slope: f32) -> f32 {
    if z > 0.0 { 1.0 } else { slope }
}

/// `z` where `z > 0`, else `α (e^z - 1)`.
#[inline(always)]
pub(crate) fn elu(z: f32, alpha: f32) -> f32 {
    // Where z is large its exponential is infinite: not even to be multiplied.
    let below = if z > 0.0 { 0.0 } else { z };
    let low = alpha * exp_m1(below);
    if z > 0.0 { z } else { low }
}

/// `1` where `z > 0`, else `α e^z = a + α`.
#[inline(always)]
pub(crate) fn elu_slope(z: f32, a: f32, alpha: f32) -> f32 {
    if z > 0.0 { 1.0 } else { a + alpha }
}

/// The two numbers of SELU, from the paper: with them, mean 0 and variance 1 are a fixed point.
pub(super) const SELU_SCALE: f32 = 1.050_701;
pub(super) const SELU_ALPHA: f32 = 1.673_263_2;

/// ELU with `α = 1.6733`, times 1.0507.
#[inline(always)]
pub(crate) fn selu(z: f32) -> f32 {
    let a = SELU_SCALE * elu(z, SELU_ALPHA);
    // The scale times the largest numbers of f32 is infinite: stop at the largest.
    if a > f32::MAX { f32::MAX } else { a }
}

/// The slope of ELU, times the scale.
#[inline(always)]
pub(crate) fn selu_slope(z: f32, a: f32) -> f32 {
    SELU_SCALE * elu_slope(z, a / SELU_SCALE, SELU_ALPHA)
}

/// `σ(z) = 1 - e^-a`, the slope of `ln(1 + e^z)`.
#[inline(always)]
pub(crate) fn softplus_slope(a: f32) -> f32 {
    -exp_m1(-a)
}

/// `z σ(z)`.
#[inline(always)]
pub(crate) fn swish(z: f32) -> f32 {
    z * sigmoid(z)
}

/// `σ(z) + z σ(z) σ(-z)`.
#[inline(always)]
pub(crate) fn swish_slope(z: f32) -> f32 {
    let e = exp(-z.abs());
    let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
    let s = if z < 0.0 { small } else { large };
    z * small * large + s
}

/// `tanh(ln(1 + e^z)) = n / (n + 2)` with `n = e^z (e^z + 2)`.
#[inline(always)]
fn tanh_of_softplus(z: f32) -> f32 {
    // Beyond 20 it is 1 to the last digit.
    let e = exp(if z > 20.0 { 20.0 } else { z });
    let n = e * (e + 2.0);
    n / (n + 2.0)
}

/// `z tanh(ln(1 + e^z))`.
#[inline(always)]
pub(crate) fn mish(z: f32) -> f32 {
    z * tanh_of_softplus(z)
}

/// `t + z σ(z) (1 - t²)` with `t = tanh(ln(1 + e^z))`.
#[inline(always)]
pub(crate) fn mish_slope(z: f32) -> f32 {
    let t = tanh_of_softplus(z);
    z * sigmoid(z) * (1.0 - t * t) + t
}

/// `z Φ(z)`.
#[inline(always)]
pub(crate) fn gelu(z: f32) -> f32 {
    z * normal(z).0
}

/// `Φ(z) + z φ(z)` with the normal density `φ(z) = e^(-z²/2) / √(2π)`.
#[inline(always)]
pub(crate) fn gelu_slope(z: f32) -> f32 {
    let (cumulative, density) = normal(z);
    z * density + cumulative
}

/// `u = √(2/π) (z + 0.044715 z³)` of the tanh form of GELU, and `du/dz`.
#[inline(always)]
fn gelu_inner(z: f32) -> (f32, f32) {
    const C: f32 = 0.797_884_6; // √(2/π)
    let square = z * z;
    (
        C * z * (1.0 + 0.044_715 * square),
        C * (1.0 + 3.0 * 0.044_715 * square),
    )
}

/// `½ z (1 + tanh u) = z σ(2u)`.
#[inline(always)]
pub(crate) fn gelu_tanh(z: f32) -> f32 {
    z * sigmoid(2.0 * gelu_inner(z).0)
}

/// `σ(2u) + z · 2 σ(2u) σ(-2u) · du/dz`.
#[inline(always)]
pub(crate) fn gelu_tanh_slope(z: f32) -> f32 {
    let (u, du) = gelu_inner(z);
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
