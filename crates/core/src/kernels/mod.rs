//! The loops that take the time. The only module of the crate with `unsafe`.
#![allow(unsafe_code)] // Tiles of products are pointers and vectors, and threads share what a step works on.

pub(crate) mod elementary;
mod numbers;
pub(crate) mod peak;
mod product;
pub(crate) mod simd;
pub(crate) mod team;
pub(crate) mod tensors;

use std::ops::Range;

pub(crate) use numbers::{LINE, Numbers, with_room};
use product::{FEW, PANEL, Product, Strided, TILE};

/// Run a loop with the widest vector instructions of this machine. The compiler vectorises it for each kind; the operations
/// and their order are the same on all, so the results are too.
///
/// What the loop calls must be `#[inline(always)]`, closures too: what stays outside is compiled for any machine.
macro_rules! vectorized {
    ($body:expr) => {
        $crate::kernels::dispatch(
            #[inline(always)]
            || $body,
        )
    };
}
pub(crate) use vectorized;

/// What [`vectorized!`] stands for.
#[inline(always)]
pub(crate) fn dispatch<R>(body: impl FnOnce() -> R) -> R {
    simd::arch().dispatch(body)
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

/// `x`, or 0 where it is too small for a normal number. What an optimiser remembers of a unit that has stopped learning shrinks
/// step by step, and the processor is slow with what is left below the normal numbers.
#[inline(always)]
pub(crate) fn normal_or_zero(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
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

/// About how long one core takes for so many multiplications of a product.
pub(crate) fn nanoseconds(multiplications: usize) -> usize {
    multiplications / 50
}

/// `c = a · b`, or `c += a · b`. Shapes: `a`: `(m, k)`, `b`: `(k, n)`, `c`: `(m, n)`, row after row; a transposed operand is
/// stored as `(k, m)` or `(n, k)`. How it is cut for several threads changes none of its sums, so the result does not
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

/// A `b` of so many numbers stays in a core's cache, and where the rows are many each core takes some of them: it finds there what
/// it has itself made of the same rows before. Else each takes some columns.
const SMALL: usize = 128 * 1024;
/// In how many parts a product is cut at most.
const MOST_PARTS: usize = 16;

/// How many rows or columns of `side` to take at a time in a product of so many multiplications: as even for all cores as it can
/// be in multiples of `step`.
fn part_of(side: usize, step: usize, multiplications: usize) -> usize {
    let threads = team::threads();
    let most = multiplications.div_ceil(MULTIPLICATIONS);
    let steps = side.div_ceil(step);
    let parts = (1..=most.clamp(1, MOST_PARTS)).map(|count| step * steps.div_ceil(count));
    // Until the last core is ready: the part that is left goes to one that has fewer, if there is one.
    let time = |part: usize| {
        let (whole, rest) = (side / part, side % part);
        part * whole.div_ceil(threads)
            + if whole.is_multiple_of(threads) {
                rest
            } else {
                0
            }
    };
    parts.min_by_key(|part| time(*part)).unwrap_or(side).max(1)
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
    let (a, b) = (strided(a, m, k), strided(b, k, n));
    let c = Strided {
        start: c.as_mut_ptr(),
        row: n,
        column: 1,
    };
    let by_columns = n >= 2 * PANEL && !(m >= 2 * PANEL && k * n <= SMALL);
    let side = if by_columns { n } else { m };
    // To read or write a number takes about as long as four of them.
    let multiplications = m * k * n + 4 * (m * k + k * n + m * n);
    let part = match threads {
        Threads::One => side.max(1),
        Threads::All if by_columns => part_of(n, PANEL, multiplications),
        Threads::All if n <= FEW => part_of(m, PANEL, multiplications),
        Threads::All => part_of(m, 2 * TILE, multiplications),
    };
    let mut starts = [0; MOST_PARTS];
    let count = side.div_ceil(part);
    for (i, start) in starts.iter_mut().enumerate() {
        *start = i * part;
    }
    // The whole of the captured structs, which are Sync, and not their pointers, which are not.
    let (a, b, c) = (&a, &b, &c);
    let time = nanoseconds(multiplications);
    team::for_each_of(time, &mut starts[..count], |_, start| {
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

/// A matrix of these rows and columns.
fn strided(
    (numbers, layout): (&[f32], Layout),
    rows: usize,
    columns: usize,
) -> Strided<*const f32> {
    let (row, column) = match layout {
        Layout::Plain => (columns, 1),
        Layout::Transposed => (1, rows),
    };
    Strided {
        start: numbers.as_ptr(),
        row,
        column,
    }
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
    // SAFETY: the caller's promise.
    let (c_start, a_start, b_start) = unsafe {
        (
            c.start.add(rows.0 * c.row + columns.0),
            a.start.add(rows.0 * a.row),
            b.start.add(columns.0 * b.column),
        )
    };
    simd::arch().dispatch(Product {
        c: Strided {
            start: c_start,
            ..c
        },
        a: Strided {
            start: a_start,
            ..a
        },
        b: Strided {
            start: b_start,
            ..b
        },
        shape: (rows.1, k, columns.1),
        accumulate,
    });
}

/// About as many numbers are worth a thread of their own.
const WORTH_A_THREAD: usize = 16 * 1024;

/// Call `work` with parts of slices of one length, on all cores where they are long: the first number of the part, and the
/// parts. The cut depends on the length alone.
pub(crate) fn in_parts<const N: usize>(
    slices: [&mut [f32]; N],
    work: impl Fn(usize, [&mut [f32]; N]) + Sync,
) {
    let len = slices.first().map_or(0, |slice| slice.len());
    assert!(slices.iter().all(|slice| slice.len() == len));
    if len <= WORTH_A_THREAD {
        return work(0, slices);
    }
    let mut chunks = slices.map(|slice| slice.chunks_mut(WORTH_A_THREAD));
    let count = len.div_ceil(WORTH_A_THREAD);
    let mut parts: Vec<_> = (0..count)
        .map(|_| {
            let part = chunks.each_mut().map(Iterator::next);
            part.map(|slice| Some(slice.expect("as many parts of each")))
        })
        .collect();
    team::for_each_of(len, &mut parts, |i, part| {
        let part = part
            .each_mut()
            .map(|slice| slice.take().expect("each once"));
        work(i * WORTH_A_THREAD, part);
    });
}

/// How many rows of a matrix are worth a thread of their own.
pub(crate) fn rows_at_once(columns: usize) -> usize {
    (WORTH_A_THREAD / columns).max(1)
}

/// Call `work` with some rows of a matrix, on all cores where it is large: the number of the first, and the rows.
pub(crate) fn by_rows(matrix: &mut [f32], columns: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let rows = rows_at_once(columns);
    let len = matrix.len();
    let mut parts: Vec<&mut [f32]> = matrix.chunks_mut(rows * columns).collect();
    team::for_each_of(len, &mut parts, |i, part| work(i * rows, part));
}

/// [`by_rows`] with sums, which begin at 0: each call of `work` adds to its own, and these are added up in the order of the rows.
pub(crate) fn by_rows_with_sums(
    matrix: &mut [f32],
    columns: usize,
    sums: &mut [f32],
    work: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
) {
    let rows = rows_at_once(columns);
    sums.fill(0.0);
    if matrix.len() <= rows * columns {
        return work(0, matrix, sums);
    }
    let len = matrix.len();
    let parts = len.div_ceil(rows * columns);
    let mut of_parts = vec![0.0; parts * sums.len()];
    let own = of_parts.chunks_mut(sums.len());
    let mut parts: Vec<_> = matrix.chunks_mut(rows * columns).zip(own).collect();
    team::for_each_of(len, &mut parts, |i, (part, own)| work(i * rows, part, own));
    for own in of_parts.chunks(sums.len()) {
        for (sum, own) in sums.iter_mut().zip(own) {
            *sum += own;
        }
    }
}

/// Some columns of a matrix.
pub(crate) struct Columns {
    start: *mut f32,
    rows: usize,
    columns: usize,
    range: Range<usize>,
}

impl Columns {
    /// The whole matrix, where these are all of its columns.
    pub(crate) fn whole(&mut self) -> Option<&mut [f32]> {
        (self.range == (0..self.columns)).then(|| {
            // SAFETY: as below.
            unsafe { std::slice::from_raw_parts_mut(self.start, self.rows * self.columns) }
        })
    }

    /// Of how many columns.
    pub(crate) fn of(&self) -> usize {
        self.columns
    }

    #[inline(always)]
    pub(crate) fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows);
        // SAFETY: `by_columns` makes one for each range, inside of a matrix that is borrowed mutably as long, and the ranges
        // do not overlap.
        unsafe {
            let start = self.start.add(row * self.columns + self.range.start);
            std::slice::from_raw_parts_mut(start, self.range.len())
        }
    }
}

/// Call `work` with some columns of matrices that have as many, row after row, on all cores where it is about many numbers
/// (`len`): the range of the columns, and those of each matrix. What is added up over rows has one order then, whoever does it.
pub(crate) fn by_columns<const N: usize>(
    len: usize,
    matrices: [&mut [f32]; N],
    columns: usize,
    work: impl Fn(Range<usize>, [Columns; N]) + Sync,
) {
    struct Matrix(*mut f32, usize);
    // SAFETY: the threads make slices of parts that do not overlap.
    unsafe impl Sync for Matrix {}
    let parts = len.div_ceil(WORTH_A_THREAD).max(1);
    let part = columns.div_ceil(parts).next_multiple_of(LINE);
    let matrices = matrices.map(|matrix| {
        assert_eq!(matrix.len() % columns, 0);
        Matrix(matrix.as_mut_ptr(), matrix.len() / columns)
    });
    let matrices = &matrices;
    let mut starts: Vec<usize> = (0..columns).step_by(part).collect();
    team::for_each_of(len, &mut starts, |_, start| {
        let range = *start..columns.min(*start + part);
        let columns_of = matrices.each_ref().map(|Matrix(start, rows)| Columns {
            start: *start,
            rows: *rows,
            columns,
            range: range.clone(),
        });
        work(range, columns_of);
    });
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

    fn fill(len: usize, salt: usize) -> Vec<f32> {
        let numbers = (0..len).map(|i| ((i + 7 * salt) * 7919 + salt * 104_729) % 2003);
        numbers.map(|x| x as f32 / 1001.0 - 1.0).collect()
    }

    /// The product at one level of instructions, in one part.
    fn at(
        arch: pulp::Arch,
        start: &[f32],
        a: (&[f32], Layout),
        b: (&[f32], Layout),
        shape: (usize, usize, usize),
        accumulate: bool,
    ) -> Vec<f32> {
        let (m, k, n) = shape;
        let mut c = start.to_vec();
        let product = Product {
            c: Strided {
                start: c.as_mut_ptr(),
                row: n,
                column: 1,
            },
            a: strided(a, m, k),
            b: strided(b, k, n),
            shape,
            accumulate,
        };
        arch.dispatch(product);
        c
    }

    proptest! {
        /// The product is the sum that defines it, and the same bits at every level, in one part and in several.
        #[test]
        fn a_product_is_the_sum_over_k_at_every_level(
            m in prop_oneof![1..9_usize, 1..70_usize], k in prop_oneof![0..20_usize, 0..600_usize],
            n in prop_oneof![1..5_usize, 1..20_usize, 1..200_usize, Just(512)], salt in 0..1000_usize, accumulate: bool,
        ) {
            let (a, b, start) = (fill(m * k, salt), fill(k * n, salt + 1), fill(m * n, salt + 2));
            let (at_, bt) = (transpose(&a, m, k), transpose(&b, k, n));
            let mut expected: Vec<f64> = start.iter().map(|c| if accumulate { f64::from(*c) } else { 0.0 }).collect();
            let mut sizes: Vec<f64> = expected.iter().map(|c| c.abs()).collect();
            for (i, row) in expected.chunks_mut(n).enumerate() {
                for p in 0..k {
                    for ((c, size), b) in row.iter_mut().zip(&mut sizes[i * n..]).zip(&b[p * n..]) {
                        let term = f64::from(a[i * k + p]) * f64::from(*b);
                        *c += term;
                        *size += term.abs();
                    }
                }
            }
            // Each of k additions rounds what has been summed, by half a unit of its last place at most, up as often as down.
            let rounding = f64::from(f32::EPSILON) * (k as f64 + 4.0).sqrt();
            use Layout::{Plain, Transposed};
            for a in [(&a[..], Plain), (&at_[..], Transposed)] {
                for b in [(&b[..], Plain), (&bt[..], Transposed)] {
                    let mut parts = start.clone();
                    matmul(&mut parts, a, b, (m, k, n), accumulate, Threads::All);
                    for ((c, e), size) in parts.iter().zip(&expected).zip(&sizes) {
                        prop_assert!((f64::from(*c) - e).abs() <= rounding * size, "{c} and {e}");
                    }
                    let mut one = start.clone();
                    matmul(&mut one, a, b, (m, k, n), accumulate, Threads::One);
                    for arch in simd::levels() {
                        let c = at(arch, &start, a, b, (m, k, n), accumulate);
                        let equal = c.iter().zip(&one).all(|(c, d)| c.to_bits() == d.to_bits());
                        prop_assert!(equal, "{arch:?}, {a:?}, {b:?}", a = a.1, b = b.1);
                    }
                }
            }
        }
    }
}
