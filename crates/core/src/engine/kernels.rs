//! The loops that take the time. The only module of the crate with `unsafe`.
#![allow(unsafe_code)] // gemm's interface takes pointers.

use gemm_common::Parallelism;

/// Run a loop with the widest vector instructions of this machine. The compiler vectorises it for each kind; the operations
/// and their order are the same on all, so the results are too.
#[inline(always)]
pub(crate) fn vectorized<R>(body: impl FnOnce() -> R) -> R {
    use std::sync::OnceLock;
    static ARCH: OnceLock<pulp::Arch> = OnceLock::new();
    ARCH.get_or_init(pulp::Arch::new).dispatch(body)
}

/// Who works on a [`matmul`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    /// The one that calls: others are busy with their own.
    One,
    /// All of them, where the product is large enough to pay for it.
    All,
}

/// How an operand of [`matmul`] is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Row after row.
    Plain,
    /// Row after row of its transpose.
    Transposed,
}

/// `c = a · b`, or `c += a · b`. Shapes: `a`: `(m, k)`, `b`: `(k, n)`, `c`: `(m, n)`, row after row; a transposed operand is
/// stored as `(k, m)` or `(n, k)`.
///
/// # Panics
/// When a slice is not as long as its shape says: a mistake in this crate, not in its use.
#[allow(clippy::too_many_arguments)]
pub(crate) fn matmul(
    c: &mut [f32],
    a: (&[f32], Layout),
    b: (&[f32], Layout),
    (m, k, n): (usize, usize, usize),
    accumulate: bool,
    threads: Threads,
) {
    assert_eq!(c.len(), m * n);
    assert_eq!(a.0.len(), m * k);
    assert_eq!(b.0.len(), k * n);
    let strides = |rows: usize, columns: usize, layout| match layout {
        Layout::Plain => (1, columns as isize),
        Layout::Transposed => (rows as isize, 1),
    };
    let (a_columns, a_rows) = strides(m, k, a.1);
    let (b_columns, b_rows) = strides(k, n, b.1);
    // The micro-kernels write columns. Row after row of c is column after column of its transpose: cᵀ = bᵀ · aᵀ.
    // SAFETY: the assertions hold every index rows·i + columns·j of the three matrices inside its slice; c is borrowed
    // mutably, so it overlaps neither operand.
    unsafe {
        (gemm_f32::gemm::f32::get_gemm_fn())(
            n,
            m,
            k,
            c.as_mut_ptr(),
            n as isize,
            1,
            accumulate,
            b.0.as_ptr(),
            b_rows,
            b_columns,
            a.0.as_ptr(),
            a_rows,
            a_columns,
            1.0,
            1.0,
            false,
            false,
            false,
            match threads {
                Threads::One => Parallelism::None,
                Threads::All => Parallelism::Rayon(0),
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn transpose(x: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..columns)
            .flat_map(|j| (0..rows).map(move |i| x[i * columns + j]))
            .collect()
    }

    proptest! {
        #[test]
        fn matmul_is_the_sum_over_k(m in 1..40_usize, k in 1..40_usize, n in 1..40_usize, seed in 0..1000_u32) {
            let fill = |len: usize, salt: u32| -> Vec<f32> {
                (0..len).map(|i| ((i as u32 * 37 + salt * 11 + seed) % 23) as f32 / 8.0 - 1.0).collect()
            };
            let (a, b, start) = (fill(m * k, 1), fill(k * n, 2), fill(m * n, 3));
            let mut expected = start.clone();
            for i in 0..m {
                for j in 0..n {
                    expected[i * n + j] += (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum::<f32>();
                }
            }
            let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
            use Layout::{Plain, Transposed};
            for a in [(&a[..], Plain), (&at[..], Transposed)] {
                for b in [(&b[..], Plain), (&bt[..], Transposed)] {
                    let mut c = start.clone();
                    matmul(&mut c, a, b, (m, k, n), true, Threads::All);
                    for (c, e) in c.iter().zip(&expected) {
                        prop_assert!((c - e).abs() <= 1e-4 * (1.0 + e.abs()), "{c} and {e}");
                    }
                }
            }
        }
    }
}
