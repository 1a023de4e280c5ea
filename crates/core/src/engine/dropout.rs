//! Inverted dropout with a generator that counts: which units fall is a function of the key and the position, so the
//! backward pass asks again instead of remembering.

use super::{Pool, Tape, Value};
use crate::kernels::{keep_if, team, vectorized};

/// `a = x ⊙ m / (1 - p)` with `m` 0 with probability `p`, else 1. Backward: `∂C/∂x = ∂C/∂a ⊙ m / (1 - p)`.
pub(crate) fn dropout(x: &Value, p: f32, key: u64, pool: &Pool, tape: Option<&mut Tape>) -> Value {
    let len = x.data.len();
    let mut data = pool.take(len);
    drop_units(&mut data, Some(&x.data), p, key);
    let a = Value::new(data, x.rows, x.columns, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        tape.push(move |mut delta, _| {
            drop_units(&mut delta, None, p, key);
            Some(delta)
        });
    }
    a
}

/// How many units one thread decides on at a time.
const PART: usize = 8192;

/// Drop some of `values`, or of `from` on the way into `values`.
fn drop_units(values: &mut [f32], from: Option<&[f32]>, p: f32, key: u64) {
    let threshold = (f64::from(p) * 2_f64.powi(32)) as u32;
    let scale = 1.0 / (1.0 - p);
    let (low, high) = (key as u32, (key >> 32) as u32);
    let len = values.len();
    let mut parts: Vec<&mut [f32]> = values.chunks_mut(PART).collect();
    team::for_each_of(len, &mut parts, |part, values| {
        if let Some(from) = from {
            values.copy_from_slice(&from[part * PART..][..values.len()]);
        }
        let first = (part * PART) as u32;
        vectorized!(keep_some(values, first, (low, high), threshold, scale));
    });
}

/// The factors come by value and both outcomes are computed: a loop without branches and without loads but the numbers'.
#[inline(always)]
fn keep_some(values: &mut [f32], first: u32, key: (u32, u32), threshold: u32, scale: f32) {
    for (i, value) in values.iter_mut().enumerate() {
        let kept = mix(mix(first.wrapping_add(i as u32) ^ key.0).wrapping_add(key.1)) >= threshold;
        *value = keep_if(kept, *value * scale);
    }
}

/// A permutation of the 32-bit numbers in which every bit of the input moves about half of the bits of the output; the
/// constants are those that C. Wellons found by search, 2018, <https://nullprogram.com/blog/2018/07/31/>.
#[inline(always)]
fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_p_falls_and_the_mean_stays() {
        for p in [0.0, 0.1, 0.25, 0.5, 0.9_f32] {
            let mut values = vec![1.0_f32; 100_000];
            drop_units(&mut values, None, p, 0x1234_5678_9abc_def0);
            let fallen = values.iter().filter(|v| **v == 0.0).count() as f32 / 1e5;
            let mean = values.iter().sum::<f32>() / 1e5;
            assert!((fallen - p).abs() < 0.005, "{fallen} for {p}");
            assert!((mean - 1.0).abs() < 0.03, "{mean} for {p}");
        }
    }

    #[test]
    fn masks_of_different_keys_are_independent() {
        let mask = |key| {
            let mut values = vec![1.0_f32; 10_000];
            drop_units(&mut values, None, 0.5, key);
            values.into_iter().map(|v| v > 0.0).collect::<Vec<_>>()
        };
        assert_eq!(mask(1), mask(1));
        for (a, b) in [(1, 2), (1, 1 << 32), (7, 7 << 32)] {
            let equal = mask(a).iter().zip(mask(b)).filter(|(a, b)| *a == b).count();
            assert!(
                (4800..5200).contains(&equal),
                "{equal} of 10000 for keys {a} and {b}"
            );
        }
    }
}
