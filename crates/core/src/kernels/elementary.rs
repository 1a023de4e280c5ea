//! The exponential and its kin without branches, so that loops over them become vector instructions, and with the same
//! operations in the same order on every processor, so that they give the same bits everywhere. The functions of the system's
//! library give neither. The coefficients come from `tests/reference/elementary.py`.
//!
//! Largest errors in units in the last place, over all numbers of `f32` (`cargo test --release -p gradus elementary -- --ignored`):
//!
//! | `exp` | `exp_m1` | `ln_1p` | `sigmoid` | `tanh` | `softplus` | `Φ` | `φ` |
//! |---|---|---|---|---|---|---|---|
//! | 1.0 | 1.5 | 2.0 | 2.5 | 2.4 | 2.7 | 7.5 | 2.8 |
//!
//! NaN stays NaN.

/// `2^n` and `e^r - 1` of `x = n ln 2 + r` with `|r| ≤ ln 2 / 2`; `2^n` as two factors, because it may be as large as `2^128`.
#[inline(always)]
fn reduced(x: f32) -> (f32, f32, f32) {
    // Adding 1.5 · 2^23 rounds to a whole number and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    let p = 0.000_195_547_75_f32;
    let p = p.mul_add(r, 0.001_393_403_5);
    let p = p.mul_add(r, 0.008_333_912);
    let p = p.mul_add(r, 0.041_666_474);
    let p = p.mul_add(r, 0.166_666_64);
    let p = p.mul_add(r, 0.5);
    let power = |n: i32| f32::from_bits((n << 23).wrapping_add(127 << 23) as u32);
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let half = n >> 1;
    ((p * r).mul_add(r, r), power(half), power(n - half))
}

/// `e^x`; 0 where it is below the smallest normal number.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const LEAST: f32 = -87.336_54; // ln 2^-126
    let (minus_1, low, high) = reduced(if x > 89.0 { 89.0 } else { x });
    let y = (minus_1 + 1.0) * low * high;
    if x < LEAST { 0.0 } else { y }
}

/// `e^x - 1`, exact to the last digits near 0.
#[inline(always)]
pub(crate) fn exp_m1(x: f32) -> f32 {
    let within = if x > 89.0 { 89.0 } else { x };
    let (minus_1, low, high) = reduced(if within < -20.0 { -20.0 } else { within });
    let power = low * high;
    // Near the largest numbers 2^n alone is infinite.
    if x > 88.0 {
        (minus_1 + 1.0) * low * high
    } else {
        minus_1.mul_add(power, power - 1.0)
    }
}

/// `ln(1 + u)` for `u` in `[0, 1]`.
#[inline(always)]
pub(crate) fn ln_1p(u: f32) -> f32 {
    // With s = u / (2 + u), ln(1 + u) = ln((1 + s) / (1 - s)) is an odd series in s.
    let s = u / (2.0 + u);
    let v = s * s;
    let q = 0.242_388_11_f32;
    let q = q.mul_add(v, 0.214_454_58);
    let q = q.mul_add(v, 0.286_150_9);
    let q = q.mul_add(v, 0.399_989_52);
    let q = q.mul_add(v, 0.666_666_75);
    (s * v).mul_add(q, 2.0 * s)
}

/// `σ(x) = 1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// `tanh x`.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    // Beyond 10 it is 1 to the last digit.
    let e = exp_m1(2.0 * if x.abs() > 10.0 { 10.0 } else { x.abs() });
    (e / (e + 2.0)).copysign(x)
}

/// `ln(1 + e^x)`.
#[inline(always)]
pub(crate) fn softplus(x: f32) -> f32 {
    (if x < 0.0 { 0.0 } else { x }) + ln_1p(exp(-x.abs()))
}

/// The normal distribution function `Φ(x)`, the probability that a standard normal number is below `x`, and its density `φ(x)`.
#[inline(always)]
pub(crate) fn normal(x: f32) -> (f32, f32) {
    const INVERSE_ROOT_2_PI: f32 = 0.398_942_3;
    let above = x.abs();
    let above = if above > 14.0 { 14.0 } else { above };
    // e^(-x²/2), with what rounding x² loses.
    let square = above * above;
    let lost = above.mul_add(above, -square);
    let e = exp(-0.5 * square);
    let e = e.mul_add(-0.5 * lost, e);
    // The tail over the density is smooth: a polynomial in w.
    let w = 1.0 / above.mul_add(0.3, 1.0);
    let g = 0.003_929_47_f32;
    let g = g.mul_add(w, 0.018_110_156);
    let g = g.mul_add(w, -0.124_125_05);
    let g = g.mul_add(w, 0.172_195_67);
    let g = g.mul_add(w, -0.032_604_687);
    let g = g.mul_add(w, 0.120_629_03);
    let g = g.mul_add(w, 0.101_685_95);
    let g = g.mul_add(w, 0.120_539_45);
    let g = g.mul_add(w, 0.119_640_05);
    let tail = e * (w * g);
    let cumulative = if x < 0.0 { tail } else { 1.0 - tail };
    (cumulative, e * INVERSE_ROOT_2_PI)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error in units in the last place over every `step`th number, where the exact result is a normal number.
    fn largest_error(
        step: u32,
        within: std::ops::RangeInclusive<f32>,
        ours: impl Fn(f32) -> f32,
        exact: impl Fn(f64) -> f64,
    ) -> (f64, f32) {
        let all = (0..=u32::MAX / step).map(|i| f32::from_bits(i * step));
        let mut worst = (0.0, 0.0);
        for x in all.filter(|x| within.contains(x)) {
            let exact = exact(f64::from(x));
            if exact.abs() < f64::from(f32::MIN_POSITIVE) || exact.abs() > f64::from(f32::MAX) {
                continue;
            }
            let exponent = exact.abs().log2().floor();
            let unit = (exponent - 23.0).exp2();
            let error = (f64::from(ours(x)) - exact).abs() / unit;
            if error > worst.0 || error.is_nan() {
                worst = (error, x);
            }
        }
        worst
    }

    type Case = (&'static str, f64, f32, f32, fn(f32) -> f32, fn(f64) -> f64);

    const CASES: [Case; 8] = [
        ("exp", 1.0, f32::MIN, f32::MAX, exp, libm::exp),
        ("exp_m1", 1.5, f32::MIN, f32::MAX, exp_m1, libm::expm1),
        ("ln_1p", 2.0, 0.0, 1.0, ln_1p, libm::log1p),
        ("sigmoid", 2.5, f32::MIN, f32::MAX, sigmoid, |x| {
            1.0 / (1.0 + libm::exp(-x))
        }),
        ("tanh", 2.4, f32::MIN, f32::MAX, tanh, libm::tanh),
        ("softplus", 2.7, f32::MIN, f32::MAX, softplus, |x| {
            x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
        }),
        (
            "Φ",
            7.5,
            f32::MIN,
            f32::MAX,
            |x| normal(x).0,
            |x| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2),
        ),
        (
            "φ",
            2.8,
            f32::MIN,
            f32::MAX,
            |x| normal(x).1,
            |x| libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt(),
        ),
    ];

    fn check(step: u32) {
        for (name, bound, from, to, ours, exact) in CASES {
            let (error, at) = largest_error(step, from..=to, ours, exact);
            println!("{name}: {error:.2} at {at}");
            assert!(
                error <= bound,
                "{name}: {error} units in the last place at {at}"
            );
        }
    }

    #[test]
    fn errors_are_of_the_last_place_at_every_exponent() {
        check(65_537);
    }

    #[test]
    #[ignore = "minutes: every number of f32"]
    fn errors_are_of_the_last_place_at_every_number() {
        check(1);
    }

    #[test]
    fn the_ends_are_right_and_nan_stays() {
        let (most, infinity) = (f32::MAX, f32::INFINITY);
        assert_eq!((exp(-most), exp(-infinity), exp(0.0)), (0.0, 0.0, 1.0));
        assert_eq!((exp(most), exp(infinity)), (infinity, infinity));
        assert_eq!(
            (exp_m1(-infinity), exp_m1(0.0), exp_m1(most)),
            (-1.0, 0.0, infinity)
        );
        assert_eq!((sigmoid(-most), sigmoid(most)), (0.0, 1.0));
        assert_eq!((tanh(-most), tanh(most)), (-1.0, 1.0));
        assert_eq!((softplus(-most), softplus(most)), (0.0, most));
        assert_eq!((normal(-most).0, normal(most).0), (0.0, 1.0));
        for f in [exp, exp_m1, sigmoid, tanh, softplus, |x| normal(x).0] {
            assert!(f(f32::NAN).is_nan());
        }
    }

    #[test]
    fn bits_are_the_same_at_every_level_and_alone() {
        let xs = (0..4000_u32).map(|i| f32::from_bits(i.wrapping_mul(1_073_741)));
        let xs: Vec<f32> = xs.filter(|x| !x.is_nan()).collect();
        for f in [exp, exp_m1, sigmoid, tanh, softplus, |x| normal(x).0] {
            let alone: Vec<f32> = xs.iter().map(|x| std::hint::black_box(f(*x))).collect();
            for arch in crate::kernels::simd::levels() {
                let mut together = xs.clone();
                arch.dispatch(|| together.iter_mut().for_each(|x| *x = f(*x)));
                for (x, (alone, together)) in xs.iter().zip(alone.iter().zip(&together)) {
                    let equal = alone.to_bits() == together.to_bits();
                    assert!(equal || alone.is_nan() && together.is_nan(), "{x}");
                }
            }
        }
    }
}
