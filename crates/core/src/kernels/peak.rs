//! The most that this machine can do: multiply-adds in registers, with no memory in the way.

use std::hint::black_box;
use std::time::Instant;

use super::simd::arch;
use super::team;

/// Floating-point operations a second, multiplications and additions, of all threads together with the vector instructions
/// that training uses. Takes some milliseconds.
pub(crate) fn operations_per_second() -> f64 {
    const ROUNDS: usize = 100_000;
    let arch = arch();
    let mut sums = vec![0.0; team::threads()];
    let operations = 2 * sums.len() * ROUNDS * CHAINS * arch.dispatch(Lanes);
    let seconds = (0..5).map(|_| {
        let started = Instant::now();
        team::for_each(&mut sums, |_, sum| *sum = arch.dispatch(Chains(ROUNDS)));
        black_box(&mut sums);
        started.elapsed().as_secs_f64()
    });
    operations as f64 / seconds.fold(f64::INFINITY, f64::min)
}

/// Enough that each starts while the others are under way.
const CHAINS: usize = 12;

/// Chains of multiply-adds, so many rounds.
struct Chains(usize);

impl pulp::WithSimd for Chains {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> f32 {
        let (a, b) = (
            simd.splat_f32s(black_box(0.999)),
            simd.splat_f32s(black_box(1e-3)),
        );
        let mut sums = [simd.splat_f32s(1.0); CHAINS];
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, a, b);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

/// Numbers in a register.
struct Lanes;

impl pulp::WithSimd for Lanes {
    type Output = usize;

    fn with_simd<S: pulp::Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}
