//! The matrix product of [dfdx](https://docs.rs/dfdx), by the crate [`matrixmultiply`].
//!
//! dfdx 0.13 multiplies by the crate `gemm` 0.15, which also has products of complex and of half numbers and brings 20 crates with
//! it: a quarter of the processor time that the first test of a lab took to build. This crate has its name and the one function that
//! dfdx calls, and `[patch.crates-io]` of the workspace puts it in that place. Where nothing does, in a project elsewhere that
//! depends on `gradus`, dfdx takes the other one, and only last digits differ.

#![allow(unsafe_code)] // The function of the other crate takes pointers.

/// How many threads a product may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parallelism {
    /// That of the caller.
    None,
    /// So many of rayon's.
    Rayon(usize),
}

/// With fewer multiplications for each, other threads are not worth being woken.
const ENOUGH: usize = 1 << 18;

/// A number that can be multiplied: `f32` or `f64`.
pub trait Number: Copy + Send + Sync + 'static {
    #[doc(hidden)]
    const ZERO: Self;

    /// `c = α a b + β c`; `c` is not read where β is 0.
    #[doc(hidden)]
    unsafe fn product(
        shape: (usize, usize, usize),
        alpha: Self,
        a: Strided<*const Self>,
        b: Strided<*const Self>,
        beta: Self,
        c: Strided<*mut Self>,
    );
}

/// Where a matrix starts, and the steps from row to row and from column to column.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Strided<P> {
    start: P,
    row: isize,
    column: isize,
}

impl<T> Strided<*const T> {
    /// From this row on.
    ///
    /// # Safety
    /// It is inside of the matrix.
    unsafe fn at_row(self, row: usize) -> Self {
        // SAFETY: the caller's promise.
        let start = unsafe { self.start.offset(row as isize * self.row) };
        Strided { start, ..self }
    }
}

impl<T> Strided<*mut T> {
    /// From this row on.
    ///
    /// # Safety
    /// It is inside of the matrix.
    unsafe fn at_row(self, row: usize) -> Self {
        // SAFETY: the caller's promise.
        let start = unsafe { self.start.offset(row as isize * self.row) };
        Strided { start, ..self }
    }
}

// SAFETY: a pointer to a matrix that all threads of a product read, or to the rows of one that a single thread writes.
unsafe impl<P> Send for Strided<P> {}
// SAFETY: as above.
unsafe impl<P> Sync for Strided<P> {}

macro_rules! number {
    ($type:ty, $product:ident) => {
        impl Number for $type {
            const ZERO: $type = 0.0;

            unsafe fn product(
                (m, k, n): (usize, usize, usize),
                alpha: $type,
                a: Strided<*const $type>,
                b: Strided<*const $type>,
                beta: $type,
                c: Strided<*mut $type>,
            ) {
                // SAFETY: the promise of whoever calls.
                unsafe {
                    matrixmultiply::$product(
                        m, k, n, alpha, a.start, a.row, a.column, b.start, b.row, b.column, beta,
                        c.start, c.row, c.column,
                    );
                }
            }
        }
    };
}

number!(f32, sgemm);
number!(f64, dgemm);

/// `dst = α dst + β lhs rhs`, without reading `dst` where `read_dst` is false. Shapes: `dst`: `(m, n)`, `lhs`: `(m, k)`, `rhs`:
/// `(k, n)`; a stride is the number of elements from one column, or row, to the next. The order of each sum does not depend on the
/// number of threads. The last flags are for complex numbers.
///
/// # Safety
/// The matrices can be read, and `dst` be written, where shape and strides say; no two elements of `dst` are the same, and nobody
/// else touches it meanwhile.
#[allow(clippy::too_many_arguments)] // They are those of the other crate.
pub unsafe fn gemm<T: Number>(
    m: usize,
    n: usize,
    k: usize,
    dst: *mut T,
    dst_cs: isize,
    dst_rs: isize,
    read_dst: bool,
    lhs: *const T,
    lhs_cs: isize,
    lhs_rs: isize,
    rhs: *const T,
    rhs_cs: isize,
    rhs_rs: isize,
    alpha: T,
    beta: T,
    _conj_dst: bool,
    _conj_lhs: bool,
    _conj_rhs: bool,
    parallelism: Parallelism,
) {
    fn strided<P>(start: P, row: isize, column: isize) -> Strided<P> {
        Strided { start, row, column }
    }
    let (a, b) = (strided(lhs, lhs_rs, lhs_cs), strided(rhs, rhs_rs, rhs_cs));
    let c = strided(dst, dst_rs, dst_cs);
    let old = if read_dst { alpha } else { T::ZERO };
    let rows = move |first: usize, count: usize| {
        // SAFETY: these rows are inside of the matrices, by the promise of whoever calls.
        unsafe {
            T::product(
                (count, k, n),
                beta,
                a.at_row(first),
                b,
                old,
                c.at_row(first),
            )
        };
    };
    let most = match parallelism {
        Parallelism::None => 1,
        Parallelism::Rayon(threads) => threads.min(m * n * k / ENOUGH),
    };
    if most <= 1 {
        return rows(0, m);
    }
    let part = m.div_ceil(most);
    rayon::scope(|scope| {
        for first in (0..m).step_by(part) {
            scope.spawn(move |_| rows(first, part.min(m - first)));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers: their sums are exact in any order.
    fn numbers(count: usize) -> Vec<f64> {
        (0..count)
            .map(|i| ((i * 7919) % 23) as f64 - 11.0)
            .collect()
    }

    /// As the definition says, where rows lie behind each other or, transposed, columns.
    fn expected(
        (m, k, n): (usize, usize, usize),
        a: &[f64],
        b: &[f64],
        transposed: (bool, bool),
    ) -> Vec<f64> {
        let a = |i, p| a[if transposed.0 { p * m + i } else { i * k + p }];
        let b = |p, j| b[if transposed.1 { j * k + p } else { p * n + j }];
        let sum = |i, j| (0..k).map(|p| a(i, p) * b(p, j)).sum();
        (0..m * n).map(|at| sum(at / n, at % n)).collect()
    }

    fn product<T: Number>(
        (m, k, n): (usize, usize, usize),
        a: &[T],
        b: &[T],
        transposed: (bool, bool),
        one: T,
        old: Option<&[T]>,
        threads: usize,
    ) -> Vec<T> {
        let steps = |transposed, rows: usize, columns: usize| match transposed {
            true => (rows as isize, 1),
            false => (1, columns as isize),
        };
        let mut c = old.map_or(vec![one; m * n], <[T]>::to_vec);
        let ((a_cs, a_rs), (b_cs, b_rs)) = (steps(transposed.0, m, k), steps(transposed.1, k, n));
        // SAFETY: the slices have these shapes.
        unsafe {
            gemm(
                m,
                n,
                k,
                c.as_mut_ptr(),
                1,
                n as isize,
                old.is_some(),
                a.as_ptr(),
                a_cs,
                a_rs,
                b.as_ptr(),
                b_cs,
                b_rs,
                one,
                one,
                false,
                false,
                false,
                Parallelism::Rayon(threads),
            );
        }
        c
    }

    #[test]
    fn products_of_all_shapes_layouts_and_threads_are_those_of_the_definition() {
        for shape in [
            (1, 1, 1),
            (3, 0, 2),
            (1, 300, 7),
            (64, 5, 1),
            (17, 33, 9),
            (97, 300, 65),
        ] {
            let (m, k, n) = shape;
            let (a, b, old) = (numbers(m * k), numbers(k * n), numbers(m * n));
            for transposed in [(false, false), (true, false), (false, true), (true, true)] {
                let expected = expected(shape, &a, &b, transposed);
                let added: Vec<f64> = expected.iter().zip(&old).map(|(x, y)| x + y).collect();
                let small = |x: &[f64]| x.iter().map(|x| *x as f32).collect::<Vec<_>>();
                for threads in [1, 2, 5] {
                    let of = |old| product(shape, &a, &b, transposed, 1.0, old, threads);
                    assert_eq!(of(None), expected, "{shape:?} {transposed:?} {threads}");
                    assert_eq!(of(Some(&old)), added, "{shape:?} {transposed:?} {threads}");
                    let single = product(
                        shape,
                        &small(&a),
                        &small(&b),
                        transposed,
                        1.0,
                        None,
                        threads,
                    );
                    assert_eq!(single, small(&expected), "{shape:?} {transposed:?}");
                }
            }
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let shape = (301, 700, 45);
        let a: Vec<f32> = (0..301 * 700).map(|i| (i as f32).sin()).collect();
        let b: Vec<f32> = (0..700 * 45).map(|i| (i as f32).cos()).collect();
        let of = |threads| product(shape, &a, &b, (false, false), 1.0, None, threads);
        let bits = |c: Vec<f32>| c.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let one = bits(of(1));
        for threads in [2, 3, 7] {
            assert_eq!(bits(of(threads)), one, "{threads} threads");
        }
    }
}
