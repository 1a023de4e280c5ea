//! The loops that take the time. The only module of the crate with `unsafe`.
#![allow(unsafe_code)] // gemm's interface takes pointers, and threads share what a step works on.

pub(crate) mod team;

use gemm_common::Parallelism;

/// Run a loop with the widest vector instructions of this machine. The compiler vectorises it for each kind; the operations
/// and their order are the same on all, so the results are too.
///
/// What the loop calls must be `#[inline(always)]`, closures too: what stays outside is compiled for any machine.
macro_rules! vectorized {
    ($body:expr) => {
        $crate::engine::kernels::dispatch(
            #[inline(always)]
            || $body,
        )
    };
}
pub(crate) use vectorized;

/// What [`vectorized!`] stands for.
#[inline(always)]
pub(crate) fn dispatch<R>(body: impl FnOnce() -> R) -> R {
    use std::sync::OnceLock;
    static ARCH: OnceLock<pulp::Arch> = OnceLock::new();
    ARCH.get_or_init(pulp::Arch::new).dispatch(body)
}

/// An empty vector with room for `len` numbers; a large one on large pages, where the system has them: going through it then
/// misses fewer addresses, and its first use is not interrupted every 4 KiB.
pub(crate) fn with_room(len: usize) -> Vec<f32> {
    let room = Vec::with_capacity(len);
    #[cfg(target_os = "linux")]
    if size_of::<f32>() * len >= 4 << 20 {
        const PAGE: usize = 4096;
        let start = room.as_ptr() as usize;
        let from = start.next_multiple_of(PAGE);
        let bytes = (start + size_of::<f32>() * len - from) / PAGE * PAGE;
        // SAFETY: an advice that changes no content, on whole pages that belong to the vector. That it is not taken is no harm.
        unsafe { libc::madvise(from as *mut libc::c_void, bytes, libc::MADV_HUGEPAGE) };
    }
    room
}

/// Tell the processor that these numbers are wanted soon, without waiting for them.
#[inline]
pub(crate) fn prefetch(numbers: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in numbers.chunks(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint that neither reads nor faults, and the address is inside of the slice.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = numbers;
}

/// `value` where `condition` holds, else 0, without a branch and without a store that depends on it.
#[inline(always)]
pub(crate) fn keep_if(condition: bool, value: f32) -> f32 {
    f32::from_bits(value.to_bits() & 0_u32.wrapping_sub(u32::from(condition)))
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

/// A matrix inside of a slice: where it starts, and the steps from row to row and from column to column.
#[derive(Clone, Copy)]
struct Strided<P> {
    start: P,
    row: usize,
    column: usize,
}

// SAFETY: it is a pointer into a slice that the threads of a `matmul` share, reading it or writing parts that do not overlap.
unsafe impl<P> Sync for Strided<P> {}

/// The part of a [`matmul`] that one thread has just written: some rows, or some columns.
pub(crate) struct Part {
    c: Strided<*mut f32>,
    rows: usize,
    first_column: usize,
    columns: usize,
}

impl Part {
    /// Call `each` with its rows: all at once where they lie side by side, else one after the other.
    #[inline(always)]
    pub(crate) fn rows(self, each: impl Fn(&mut [f32])) {
        let (count, len) = if self.columns == self.c.row {
            (1, self.rows * self.columns)
        } else {
            (self.rows, self.columns)
        };
        for row in 0..count {
            // SAFETY: whoever makes a `Part` promises that these rows and columns are inside of c and nobody else's.
            each(unsafe {
                std::slice::from_raw_parts_mut(self.c.start.add(row * self.c.row), len)
            });
        }
    }

    /// The columns that it has of every row.
    pub(crate) fn columns(&self) -> std::ops::Range<usize> {
        self.first_column..self.first_column + self.columns
    }
}

/// Products with fewer multiplications than this stay in one part: about 10 microseconds of one core.
pub(crate) const MULTIPLICATIONS: usize = 500_000;

/// `c = a · b`, or `c += a · b`. Shapes: `a`: `(m, k)`, `b`: `(k, n)`, `c`: `(m, n)`, row after row; a transposed operand is
/// stored as `(k, m)` or `(n, k)`. How it is cut for several threads depends on the shapes alone, so the result does not
/// depend on their number.
///
/// # Panics
/// When a slice is not as long as its shape says: a mistake in this crate, not in its use.
pub(crate) fn matmul(
    c: &mut [f32],
    a: (&[f32], Layout),
    b: (&[f32], Layout),
    shape: (usize, usize, usize),
    accumulate: bool,
    threads: Threads,
) {
    matmul_then(c, a, b, shape, accumulate, threads, |_| {});
}

/// [`matmul`], and `then` for each part of it while it is still in the cache of the core that made it.
#[allow(clippy::too_many_arguments)]
pub(crate) fn matmul_then(
    c: &mut [f32],
    a: (&[f32], Layout),
    b: (&[f32], Layout),
    (m, k, n): (usize, usize, usize),
    accumulate: bool,
    threads: Threads,
    then: impl Fn(Part) + Sync,
) {
    assert_eq!(c.len(), m * n);
    assert_eq!(a.0.len(), m * k);
    assert_eq!(b.0.len(), k * n);
    let strided = |matrix: (&[f32], Layout), rows: usize, columns: usize| Strided {
        start: matrix.0.as_ptr(),
        row: if matrix.1 == Layout::Plain {
            columns
        } else {
            1
        },
        column: if matrix.1 == Layout::Plain { 1 } else { rows },
    };
    let (a, b) = (strided(a, m, k), strided(b, k, n));
    let c = Strided {
        start: c.as_mut_ptr(),
        row: n,
        column: 1,
    };
    let parts = match threads {
        Threads::One => 1,
        Threads::All => (m * k * n)
            .div_ceil(MULTIPLICATIONS)
            .next_power_of_two()
            .min(8),
    };
    // The micro-kernels want 64 columns; where there are few, each part gets all of them and some rows.
    const VECTOR: usize = 16;
    let by_columns = n >= 8 * VECTOR;
    let (side, least, step) = if by_columns {
        (n, 4 * VECTOR, VECTOR)
    } else {
        (m, 16, 1)
    };
    let part = side.div_ceil(parts).max(least).next_multiple_of(step);
    let mut starts = [0; 8];
    let count = side.div_ceil(part);
    for (i, start) in starts.iter_mut().enumerate() {
        *start = i * part;
    }
    // The whole of the captured structs, which are Sync, and not their pointers, which are not.
    let (a, b, c) = (&a, &b, &c);
    team::for_each(&mut starts[..count], |_, start| {
        let len = part.min(side - *start);
        let (rows, columns) = if by_columns {
            ((0, m), (*start, len))
        } else {
            ((*start, len), (0, n))
        };
        // SAFETY: the assertions hold every index of the three matrices inside of its slice, and the rows and columns are
        // theirs. c is borrowed mutably, so it overlaps neither operand, and the parts do not overlap.
        unsafe { product(*c, *a, *b, rows, k, columns, accumulate) };
        then(Part {
            c: Strided {
                // SAFETY: inside of c, as above.
                start: unsafe { c.start.add(rows.0 * c.row + columns.0) },
                ..*c
            },
            rows: rows.1,
            first_column: columns.0,
            columns: columns.1,
        });
    });
}

/// The first rows of `aᵀ b` are `c`'s: as many as fit, from row `first` on, by the thread that calls. Shapes: `a`: `(k, m)`,
/// `b`: `(k, n)`, row after row.
///
/// # Panics
/// When a slice is not as long as its shape says: a mistake in this crate, not in its use.
pub(crate) fn transposed_rows(
    c: &mut [f32],
    first: usize,
    a: &[f32],
    b: &[f32],
    (m, k, n): (usize, usize, usize),
) {
    let rows = c.len() / n;
    assert_eq!(c.len(), rows * n);
    assert!(first + rows <= m);
    assert_eq!(a.len(), m * k);
    assert_eq!(b.len(), k * n);
    let a = Strided {
        start: a[first..].as_ptr(),
        row: 1,
        column: m,
    };
    let b = Strided {
        start: b.as_ptr(),
        row: n,
        column: 1,
    };
    let c = Strided {
        start: c.as_mut_ptr(),
        row: n,
        column: 1,
    };
    // SAFETY: the assertions hold every index inside of its slice: the last element of a that is read is number
    // (k - 1) m + first + rows - 1. c is borrowed mutably, so it overlaps neither operand.
    unsafe { product(c, a, b, (0, rows), k, (0, n), false) };
}

/// The part of `c = a · b` of these rows and columns: first, and how many.
///
/// # Safety
/// The rows and columns are inside of the matrices, which are alive, and nobody else touches that part of `c`.
unsafe fn product(
    c: Strided<*mut f32>,
    a: Strided<*const f32>,
    b: Strided<*const f32>,
    rows: (usize, usize),
    k: usize,
    columns: (usize, usize),
    accumulate: bool,
) {
    // The micro-kernels write columns. Row after row of c is column after column of its transpose: cᵀ = bᵀ · aᵀ.
    // SAFETY: the caller's promise.
    unsafe {
        (gemm_f32::gemm::f32::get_gemm_fn())(
            columns.1,
            rows.1,
            k,
            c.start.add(rows.0 * c.row + columns.0 * c.column),
            c.row as isize,
            c.column as isize,
            accumulate,
            b.start.add(columns.0 * b.column),
            b.row as isize,
            b.column as isize,
            a.start.add(rows.0 * a.row),
            a.row as isize,
            a.column as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
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
