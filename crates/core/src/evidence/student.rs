//! Student's t distribution, for whole degrees of freedom.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// The probability that `|T| < t` with so many degrees of freedom: with `θ = atan(t / √ν)`, a finite sum of powers of `cos θ`.
///
/// Source: M. Abramowitz, I. Stegun (1964), *Handbook of mathematical functions*, 26.7.3 and 26.7.4.
pub(super) fn within(t: f64, freedom: usize) -> f64 {
    let theta = (t.abs() / (freedom as f64).sqrt()).atan();
    let square = theta.cos().powi(2);
    // 1 + a₁ cos² θ (1 + a₂ cos² θ (1 + …)), from the inside out.
    let sum = |first: usize, count: usize| {
        (0..count).rev().fold(1.0, |inner, i| {
            let k = (first + 2 * i) as f64;
            1.0 + k / (k + 1.0) * square * inner
        })
    };
    match freedom {
        1 => FRAC_2_PI * theta,
        odd if odd % 2 == 1 => {
            FRAC_2_PI * (theta + theta.sin() * theta.cos() * sum(2, (odd - 3) / 2))
        }
        even => theta.sin() * sum(1, (even - 2) / 2),
    }
}

/// The `t` with `|T| < t` in this fraction of cases.
pub(super) fn quantile(fraction: f64, freedom: usize) -> f64 {
    // tan turns the whole line into a quarter of a circle, which is halved until nothing is left of it.
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        let t = f64::tan(middle) * (freedom as f64).sqrt();
        if within(t, freedom) < fraction {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::tan(0.5 * (low + high)) * (freedom as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_one_degree_of_freedom_it_is_cauchy_s_and_with_many_it_is_normal() {
        assert!((within(1.0, 1) - 0.5).abs() < 1e-15);
        assert!((within(1.959_964, 100_000) - 0.95).abs() < 1e-5);
        for freedom in [1, 2, 3, 4, 9, 30] {
            assert!((within(quantile(0.95, freedom), freedom) - 0.95).abs() < 1e-12);
        }
    }
}
