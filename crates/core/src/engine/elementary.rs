//! Exponential and its kin without branches, so that loops over them become vector instructions. The polynomials are fits by
//! Chebyshev's points over the interval of the reduced argument; the tests hold the errors below 2 units in the last place or
//! so. NaN stays NaN.

/// `e^x`, for `x` in -87 to 88; beyond, what it is at the end.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // e^x = 2^n e^r with |r| ≤ ln 2 / 2. Adding 1.5 · 2^23 rounds to a whole number and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let p = 0.001_393_37;
    let p = p * r + 0.008_363_24;
    let p = p * r + 0.041_666_46;
    let p = p * r + 0.166_665_77;
    let p = p * r + 0.5;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    (p * r * r + r + 1.0) * power
}

/// `σ(x) = 1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let small = e / (1.0 + e);
    if x < 0.0 { small } else { 1.0 / (1.0 + e) }
}

/// `tanh x`.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let s = x * x;
    let p = -0.006_104_95;
    let p = p * s + 0.021_003_64;
    let p = p * s - 0.053_852_5;
    let p = p * s + 0.133_327_82;
    let p = p * s - 0.333_333_3;
    let small = x * s * p + x;
    let large = 1.0 - 2.0 / (exp(2.0 * x.abs()) + 1.0);
    if x.abs() > 0.625 {
        large.copysign(x)
    } else {
        small
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn largest_error(
        ours: impl Fn(f32) -> f32,
        exact: impl Fn(f64) -> f64,
        from: f32,
        to: f32,
    ) -> f64 {
        (0..=200_000)
            .map(|i| from + (to - from) * i as f32 / 200_000.0)
            .map(|x| (f64::from(ours(x)) / exact(f64::from(x)) - 1.0).abs())
            .filter(|error| !error.is_nan()) // 0/0 at tanh 0
            .fold(0.0, f64::max)
    }

    #[test]
    fn the_relative_error_is_that_of_single_precision() {
        let bounds = [
            largest_error(exp, f64::exp, -87.0, 88.0),
            largest_error(sigmoid, |x| 1.0 / (1.0 + (-x).exp()), -80.0, 80.0),
            largest_error(tanh, f64::tanh, -1.0, 1.0),
            largest_error(tanh, f64::tanh, -20.0, 20.0),
            largest_error(tanh, f64::tanh, -1e-4, 1e-4),
        ];
        for bound in bounds {
            assert!(bound < 2.5e-7, "{bounds:?}");
        }
    }

    #[test]
    fn the_ends_are_finite_and_nan_stays() {
        assert!(exp(1e9).is_finite() && exp(f32::NEG_INFINITY) < 1e-37);
        assert_eq!((sigmoid(1e9), tanh(1e9), tanh(-1e9)), (1.0, 1.0, -1.0));
        assert!(sigmoid(-1e9) < 1e-37);
        assert!(exp(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan() && tanh(f32::NAN).is_nan());
    }
}
