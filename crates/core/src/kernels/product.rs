//! The product of matrices, with every sum in one order.
//!
//! `c[i][j] = Σ_p a[i][p] b[p][j]` is a chain of fused multiply-adds from `p = 0` on, in blocks of [`BLOCK`] terms; the sums of
//! the blocks are added one after the other. Vectors go along `j` and tiles along `i` and `j`, so neither the width of the
//! vectors nor the cut into tiles changes what happens to one number: its bits are the same on every processor. Where a few
//! rows meet a transposed `b`, whose rows lie along `p`, a sum is [`LANES`] chains instead of one ([`dots`]); the shape and the
//! layout alone say where.
//!
//! A tile keeps its sums in registers. `a` and `b` are read where they are; a copy that puts what is read side by side pays only
//! for a transposed operand, and where many rows of `a` meet a `b` whose own rows are far apart ([`rows_for_a_copy`]). A `c` of few
//! columns is made as its transpose where `a` is stored so, or turned 8 rows at a time.

use std::cell::RefCell;

use pulp::{Simd, WithSimd};

use super::Numbers;

/// A matrix inside of a slice: where it starts, and the steps from row to row and from column to column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strided<P> {
    pub(super) start: P,
    pub(super) row: usize,
    pub(super) column: usize,
}

impl Strided<*const f32> {
    /// From this row and column on.
    ///
    /// # Safety
    /// They are inside of the slice.
    #[inline(always)]
    unsafe fn from(self, row: usize, column: usize) -> Self {
        // SAFETY: the caller's promise.
        let start = unsafe { self.start.add(row * self.row + column * self.column) };
        Strided { start, ..self }
    }
}

impl Strided<*mut f32> {
    /// From this row and column on.
    ///
    /// # Safety
    /// They are inside of the slice.
    #[inline(always)]
    unsafe fn from(self, row: usize, column: usize) -> Self {
        // SAFETY: the caller's promise.
        let start = unsafe { self.start.add(row * self.row + column * self.column) };
        Strided { start, ..self }
    }
}

// SAFETY: it is a pointer into a slice that the threads of a product share, reading it or writing parts that do not overlap.
unsafe impl<P> Sync for Strided<P> {}

/// Terms that are added up before their sum goes to that of the others: a longer chain would lose more digits.
const BLOCK: usize = 256;
/// Columns that are worked on at once.
pub(super) const PANEL: usize = 64;
/// Rows of a tile: with 4 vectors of 32 registers, or 2 of 16, the sums take most of them.
pub(super) const TILE: usize = 6;
/// Rows of a tile of a single vector: fewer sums would wait for their own last terms.
const TALL: usize = 12;
/// Chains of a sum whose terms lie side by side.
const LANES: usize = 16;
/// With so few rows, a transposed `b` is not worth being turned.
pub(super) const FEW: usize = 4;
/// Rows of a transposed `a` that are copied at once: they stay in the second cache for all panels of `b`. The terms of a row, so
/// many numbers apart, fall into all lines of the cache.
const ROWS: usize = 240;
/// A `b` of so many numbers stays in the first cache as it is.
const SHORT: usize = 4096;
/// The rows of a matrix with such a multiple of columns start in the same lines of the cache.
const ALIASED: usize = 512;
/// Side of the squares in which a transposed `b` is turned.
const SIDE: usize = 8;

/// `c = a b`, or `c += a b`, by the thread that calls.
///
/// Whoever makes one promises that the shapes are inside of the matrices, that these are alive, that nobody else touches that
/// part of `c`, and that the numbers of a row of `c`, and of a row or of a column of `a` and of `b`, lie side by side.
pub(super) struct Product {
    pub(super) c: Strided<*mut f32>,
    pub(super) a: Strided<*const f32>,
    pub(super) b: Strided<*const f32>,
    /// `(m, k, n)`.
    pub(super) shape: (usize, usize, usize),
    pub(super) accumulate: bool,
}

impl WithSimd for Product {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (m, _, n) = self.shape;
        if self.b.column != 1 && self.a.column == 1 && m <= FEW {
            dots(simd, &self);
        } else if m > FEW && (n == 1 || (n <= FEW && self.a.column != 1)) {
            few_columns(simd, &self);
        } else {
            COPIES.with_borrow_mut(|copies| panels(simd, &self, copies));
        }
    }
}

/// `cᵀ = bᵀ aᵀ`, with vectors along the many rows of `c`: along its few columns they would be short. The sums are the same.
#[inline(always)]
fn few_columns<S: Simd>(simd: S, product: &Product) {
    let Product {
        c,
        a,
        b,
        shape: (m, k, n),
        accumulate,
    } = *product;
    fn transposed(x: Strided<*const f32>) -> Strided<*const f32> {
        Strided {
            row: x.column,
            column: x.row,
            ..x
        }
    }
    #[cfg(target_arch = "x86_64")]
    if S::F32_LANES >= SIDE && n == 1 && k > 0 && a.column == 1 && b.row == 1 {
        // SAFETY: inside of the matrices, by the promise of whoever made the product; so long vectors have these instructions.
        return unsafe { column(product) };
    }
    let mut turned = [0.0_f32; FEW * PANEL];
    for row in (0..m).step_by(PANEL) {
        let rows = PANEL.min(m - row);
        // SAFETY: inside of the matrices, by the promise of whoever made the product.
        unsafe {
            let number = |i: usize, j: usize| c.start.add((row + i) * c.row + j);
            if accumulate {
                for j in 0..n {
                    for i in 0..rows {
                        turned[j * PANEL + i] = *number(i, j);
                    }
                }
            }
            let part = Product {
                c: Strided {
                    start: turned.as_mut_ptr(),
                    row: PANEL,
                    column: 1,
                },
                a: transposed(b),
                b: transposed(a.from(row, 0)),
                shape: (n, k, rows),
                accumulate,
            };
            COPIES.with_borrow_mut(|copies| panels(simd, &part, copies));
            for i in 0..rows {
                for j in 0..n {
                    *number(i, j) = turned[j * PANEL + i];
                }
            }
        }
    }
}

/// The only column of `c`: 8 rows of `a` beside each other, turned in registers.
///
/// # Safety
/// The promise of [`Product`]; the numbers of `b` lie side by side.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx,fma")]
unsafe fn column(product: &Product) {
    let (m, most) = (product.shape.0, 4 * SIDE);
    let mut row = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while row + most <= m {
            column_of::<4>(product, row);
            row += most;
        }
        while row + SIDE <= m {
            column_of::<1>(product, row);
            row += SIDE;
        }
        for row in row..m {
            let (c, k) = (product.c.start.add(row * product.c.row), product.shape.1);
            for first in (0..k).step_by(BLOCK) {
                let mut sum = 0.0_f32;
                for p in first..k.min(first + BLOCK) {
                    sum = (*product.a.from(row, p).start).mul_add(*product.b.start.add(p), sum);
                }
                let add = product.accumulate || first > 0;
                *c = if add { *c + sum } else { sum };
            }
        }
    }
}

/// `8 G` rows from this one on.
///
/// # Safety
/// As for [`column`], and there are so many rows.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx,fma")]
unsafe fn column_of<const G: usize>(product: &Product, row: usize) {
    use std::arch::x86_64::*;
    let Product {
        c,
        a,
        b,
        shape: (_, k, _),
        accumulate,
    } = *product;
    // SAFETY: the caller's promise.
    unsafe {
        for first in (0..k).step_by(BLOCK) {
            let terms = BLOCK.min(k - first);
            let b = b.start.add(first);
            let mut sums = [_mm256_setzero_ps(); G];
            // What a line of the cache holds of a row is used at once.
            let whole = terms / (2 * SIDE) * 2 * SIDE;
            for p in (0..whole).step_by(2 * SIDE) {
                for (g, sum) in sums.iter_mut().enumerate() {
                    for p in [p, p + SIDE] {
                        let from = a.from(row + g * SIDE, first + p).start;
                        for (q, x) in turned(from, a.row).into_iter().enumerate() {
                            *sum = _mm256_fmadd_ps(x, _mm256_broadcast_ss(&*b.add(p + q)), *sum);
                        }
                    }
                }
            }
            for p in whole..terms {
                for (g, sum) in sums.iter_mut().enumerate() {
                    let numbers: [f32; SIDE] =
                        std::array::from_fn(|i| *a.from(row + g * SIDE + i, first + p).start);
                    let x = _mm256_loadu_ps(numbers.as_ptr());
                    *sum = _mm256_fmadd_ps(x, _mm256_broadcast_ss(&*b.add(p)), *sum);
                }
            }
            let add = accumulate || first > 0;
            for (g, sum) in sums.into_iter().enumerate() {
                let numbers: [f32; SIDE] = std::mem::transmute(sum);
                for (i, sum) in numbers.into_iter().enumerate() {
                    let to = c.start.add((row + g * SIDE + i) * c.row);
                    *to = if add { *to + sum } else { sum };
                }
            }
        }
    }
}

/// The first 8 numbers of 8 rows, turned: the first of each row, the second, and so on.
///
/// # Safety
/// They can be read.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
#[inline]
unsafe fn turned(from: *const f32, row: usize) -> [std::arch::x86_64::__m256; SIDE] {
    use std::arch::x86_64::*;
    // Halves of rows 4 apart, pairs of lines, pairs of pairs.
    let half = |i: usize, q: usize| {
        // SAFETY: the caller's promise.
        unsafe {
            let low = _mm_loadu_ps(from.add(i * row + q));
            let high = _mm_loadu_ps(from.add((i + 4) * row + q));
            _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
        }
    };
    let mut turned = [_mm256_setzero_ps(); SIDE];
    for q in [0, 4] {
        let x = [half(0, q), half(1, q), half(2, q), half(3, q)];
        let low = [
            _mm256_unpacklo_ps(x[0], x[1]),
            _mm256_unpacklo_ps(x[2], x[3]),
        ];
        let high = [
            _mm256_unpackhi_ps(x[0], x[1]),
            _mm256_unpackhi_ps(x[2], x[3]),
        ];
        turned[q] = _mm256_shuffle_ps::<0x44>(low[0], low[1]);
        turned[q + 1] = _mm256_shuffle_ps::<0xee>(low[0], low[1]);
        turned[q + 2] = _mm256_shuffle_ps::<0x44>(high[0], high[1]);
        turned[q + 3] = _mm256_shuffle_ps::<0xee>(high[0], high[1]);
    }
    turned
}

/// What is copied so that it lies side by side: some rows of `a`, a panel of `b`.
struct Copies {
    a: Numbers,
    b: Numbers,
}

thread_local! {
    static COPIES: RefCell<Copies> = RefCell::new(Copies {
        a: Numbers::zeros(BLOCK * ROWS),
        b: Numbers::zeros(BLOCK * PANEL),
    });
}

/// Block by block of the sums, some rows of `a` after the other, panel by panel, tile by tile.
#[inline(always)]
fn panels<S: Simd>(simd: S, product: &Product, copies: &mut Copies) {
    let Product {
        c,
        a,
        b,
        shape: (m, k, n),
        accumulate,
    } = *product;
    let most = if S::F32_LANES > 1 && n <= S::F32_LANES {
        TALL
    } else {
        TILE
    };
    let b_is_short = k.min(BLOCK) * n <= SHORT;
    let b_is_copied = b.column != 1 || (!b_is_short && m >= rows_for_a_copy::<S>(b.row));
    let a_is_copied = a.column != 1 && n > PANEL;
    // Of about the same height, too.
    let rows_at_once = if a_is_copied {
        m.div_ceil(m.div_ceil(ROWS).max(1))
    } else {
        m
    }
    .max(1);
    // SAFETY: inside of the matrices, by the promise of whoever made the product.
    unsafe {
        if k == 0 && !accumulate {
            for row in 0..m {
                std::slice::from_raw_parts_mut(c.start.add(row * c.row), n).fill(0.0);
            }
        }
        for first in (0..k).step_by(BLOCK) {
            let terms = BLOCK.min(k - first);
            let add = accumulate || first > 0;
            for row in (0..m).step_by(rows_at_once) {
                let rows = rows_at_once.min(m - row);
                let mut a = a.from(row, first);
                let tiles = rows.div_ceil(most);
                // Of about the same height.
                let start = |tile: usize| tile * rows / tiles;
                if a_is_copied {
                    a = copy_rows(&mut copies.a, a, terms, rows);
                }
                // A short b stays in the first cache as it is; then the rows of c are written one after the other.
                let panel = if !b_is_copied && (b_is_short || m <= 2) {
                    n
                } else {
                    PANEL
                };
                for column in (0..n).step_by(panel) {
                    let columns = panel.min(n - column);
                    let mut b = b.from(first, column);
                    if b_is_copied {
                        b = copy_panel::<S>(&mut copies.b, b, terms, columns);
                    }
                    for tile in 0..tiles {
                        let (from, to) = (start(tile), start(tile + 1));
                        Tile {
                            c: c.from(row + from, column),
                            a: a.from(from, 0),
                            b,
                            terms,
                            columns,
                            add,
                        }
                        .across(simd, to - from);
                    }
                }
            }
        }
    }
}

/// With so many rows of `a`, a panel of a `b` whose own rows are so far apart is read often enough to be copied first: the fewer, the
/// longer it takes to read it where it is. By measurement.
const fn rows_for_a_copy<S: Simd>(row: usize) -> usize {
    let is_long = S::REGISTER_COUNT >= 32;
    let over_two_lines = is_long && row > 2 * PANEL && !row.is_multiple_of(S::F32_LANES);
    if over_two_lines || (!is_long && row.is_multiple_of(ALIASED)) {
        24
    } else if is_long && row >= ALIASED {
        64
    } else if row >= ALIASED / 2 {
        96
    } else {
        usize::MAX
    }
}

/// Some rows of a transposed `a`, term after term.
///
/// # Safety
/// The terms and rows are inside of `a`.
#[inline(always)]
unsafe fn copy_rows(
    copy: &mut Numbers,
    a: Strided<*const f32>,
    terms: usize,
    rows: usize,
) -> Strided<*const f32> {
    assert!(terms <= BLOCK && rows <= ROWS);
    for (p, to) in copy.chunks_exact_mut(ROWS).take(terms).enumerate() {
        // SAFETY: the caller's promise.
        let from = unsafe { std::slice::from_raw_parts(a.from(0, p).start, rows) };
        to[..rows].copy_from_slice(from);
    }
    Strided {
        start: copy.as_ptr(),
        row: 1,
        column: ROWS,
    }
}

/// Some columns of `b`, row after row.
///
/// # Safety
/// The terms and columns are inside of `b`.
#[inline(always)]
unsafe fn copy_panel<S: Simd>(
    copy: &mut Numbers,
    b: Strided<*const f32>,
    terms: usize,
    columns: usize,
) -> Strided<*const f32> {
    assert!(terms <= BLOCK && columns <= PANEL);
    // SAFETY: the caller's promise for `b`; the assertion for the copy.
    unsafe {
        if b.column == 1 {
            for (p, row) in copy.chunks_exact_mut(PANEL).take(terms).enumerate() {
                row[..columns]
                    .copy_from_slice(std::slice::from_raw_parts(b.start.add(p * b.row), columns));
            }
        } else {
            // Squares of 8 x 8 are turned in registers.
            let turns = cfg!(target_arch = "x86_64") && S::F32_LANES >= SIDE;
            let (squares, whole) = if turns {
                (terms / SIDE * SIDE, columns / SIDE * SIDE)
            } else {
                (0, 0)
            };
            #[cfg(target_arch = "x86_64")]
            for p in (0..squares).step_by(2 * SIDE) {
                // Two of them are what a line of the cache holds.
                let to = copy.as_mut_ptr().add(p * PANEL);
                turn(
                    b.start.add(p),
                    b.column,
                    to,
                    whole,
                    2.min((squares - p) / SIDE),
                );
            }
            for p in 0..terms {
                let first = if p < squares { whole } else { 0 };
                for j in first..columns {
                    copy[p * PANEL + j] = *b.start.add(p + j * b.column);
                }
            }
        }
    }
    Strided {
        start: copy.as_ptr(),
        row: PANEL,
        column: 1,
    }
}

/// The first numbers of each of these rows, `squares` times 8, as so many rows of a panel.
///
/// # Safety
/// `columns / 8 * 8` rows of so many numbers can be read, and so many rows of a panel be written.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
unsafe fn turn(mut from: *const f32, row: usize, mut to: *mut f32, columns: usize, squares: usize) {
    use std::arch::x86_64::*;
    for _ in 0..columns / SIDE {
        for square in 0..squares {
            // SAFETY: the caller's promise.
            unsafe {
                let to = to.add(square * SIDE * PANEL);
                let lines = turned(from.add(square * SIDE), row);
                for (i, line) in lines.into_iter().enumerate() {
                    _mm256_storeu_ps(to.add(i * PANEL), line);
                }
            }
        }
        from = from.wrapping_add(SIDE * row);
        to = to.wrapping_add(SIDE);
    }
}

/// `body` with each number below a constant of at most 12, written out: of a loop over many registers the compiler may make a
/// loop, and keep the sums in memory. What a `const` block rules out is not compiled at all, which is most of it.
macro_rules! each {
    ($i:ident < $count:ident $body:block) => {
        each!(@ $i $count $body 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    (@ $i:ident $count:ident $body:block $($number:literal)*) => {
        $(if const { $number < $count } {
            const $i: usize = $number;
            $body
        })*
    };
}

/// The first numbers, fewer than a vector has, and zeros.
///
/// # Safety
/// They can be read.
#[inline(always)]
unsafe fn load_first<S: Simd>(simd: S, from: *const f32, count: usize) -> S::f32s {
    // pulp's own way jumps into a table for each load.
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the caller's promise; of 16 and of 8 lanes are the vectors of these instructions alone.
    unsafe {
        use std::arch::x86_64::*;
        if S::F32_LANES == 16 {
            let vector = _mm512_maskz_loadu_ps(((1_u32 << count) - 1) as u16, from);
            return std::mem::transmute_copy(&vector);
        }
        if S::F32_LANES == 8 {
            let vector = _mm256_maskload_ps(from, first_lanes(count));
            return std::mem::transmute_copy(&vector);
        }
    }
    // SAFETY: the caller's promise.
    simd.partial_load_f32s(unsafe { std::slice::from_raw_parts(from, count) })
}

/// Write the first numbers of a vector.
///
/// # Safety
/// They can be written.
#[inline(always)]
unsafe fn store_first<S: Simd>(simd: S, to: *mut f32, vector: S::f32s, count: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: as in `load_first`.
    unsafe {
        use std::arch::x86_64::*;
        if S::F32_LANES == 16 {
            let mask = ((1_u32 << count) - 1) as u16;
            return _mm512_mask_storeu_ps(to, mask, std::mem::transmute_copy(&vector));
        }
        if S::F32_LANES == 8 {
            let lanes = first_lanes(count);
            return _mm256_maskstore_ps(to, lanes, std::mem::transmute_copy(&vector));
        }
    }
    // SAFETY: the caller's promise.
    simd.partial_store_f32s(unsafe { std::slice::from_raw_parts_mut(to, count) }, vector);
}

/// A mask of the first of 8 lanes.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn first_lanes(count: usize) -> std::arch::x86_64::__m256i {
    const LANES: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    // SAFETY: 8 numbers from one of the first 9; called where the processor has AVX2.
    unsafe { std::arch::x86_64::_mm256_loadu_si256(LANES[8 - count..].as_ptr().cast()) }
}

/// So many vectors side by side do the registers hold for this many rows.
const fn widest<S: Simd>(rows: usize) -> usize {
    match (S::F32_LANES, S::REGISTER_COUNT, rows) {
        (1, _, 7..) => 0,
        (_, _, 7..) => 1,
        (_, _, 1) | (_, 32.., 2) => 8,
        (1, ..) | (_, 32.., _) | (_, _, 2..=3) => 4,
        _ => 2,
    }
}

/// Whether a tile is ever cut so; a vector of one number has no edge.
const fn is_asked_for<S: Simd>(rows: usize, vectors: usize, edge: bool) -> bool {
    vectors <= widest::<S>(rows) && (!edge || S::F32_LANES > 1)
}

/// Some rows of some columns of `c`.
#[derive(Clone, Copy)]
struct Tile {
    c: Strided<*mut f32>,
    a: Strided<*const f32>,
    b: Strided<*const f32>,
    terms: usize,
    columns: usize,
    add: bool,
}

impl Tile {
    /// From left to right, as wide as the registers allow.
    ///
    /// # Safety
    /// The tile is inside of the matrices, and nobody else touches it.
    #[inline(always)]
    unsafe fn across<S: Simd>(mut self, simd: S, height: usize) {
        let most = widest::<S>(height);
        // SAFETY: the caller's promise; the next columns are inside, too.
        unsafe {
            loop {
                let vectors = (self.columns / S::F32_LANES).min(most);
                let done = match vectors {
                    8.. => self.tall::<S, 8, false>(simd, height),
                    4.. => self.tall::<S, 4, false>(simd, height),
                    2.. => self.tall::<S, 2, false>(simd, height),
                    1 if self.columns == S::F32_LANES => self.tall::<S, 1, false>(simd, height),
                    1 => self.tall::<S, 2, true>(simd, height),
                    _ => self.tall::<S, 1, true>(simd, height),
                };
                if done >= self.columns {
                    return;
                }
                self.columns -= done;
                self.b.start = self.b.start.add(done);
                self.c.start = self.c.start.add(done);
            }
        }
    }

    /// How many columns are done: `V` vectors, the last of them not all where it is the `EDGE`.
    ///
    /// # Safety
    /// As for [`Tile::across`].
    #[inline(always)]
    unsafe fn tall<S: Simd, const V: usize, const EDGE: bool>(
        self,
        simd: S,
        height: usize,
    ) -> usize {
        // SAFETY: the caller's promise.
        unsafe {
            // Each is long to compile: only those that `across` asks for.
            macro_rules! of_height {
                ($($rows:literal)*) => {
                    match height {
                        $($rows if const { is_asked_for::<S>($rows, V, EDGE) } => {
                            self.vectorized::<S, $rows, V, EDGE>(simd);
                        })*
                        _ => unreachable!("a tile has 1 to 12 rows, and no more vectors than registers"),
                    }
                };
            }
            of_height!(1 2 3 4 5 6 7 8 9 10 11 12);
        }
        V * S::F32_LANES
    }

    /// [`Tile::run`], compiled for the vectors.
    ///
    /// # Safety
    /// As for [`Tile::across`].
    #[inline(always)]
    unsafe fn vectorized<S: Simd, const R: usize, const V: usize, const EDGE: bool>(self, simd: S) {
        struct Run<const R: usize, const V: usize, const EDGE: bool>(Tile);
        impl<const R: usize, const V: usize, const EDGE: bool> WithSimd for Run<R, V, EDGE> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                // SAFETY: the promise of whoever called `vectorized`.
                unsafe {
                    if self.0.a.row == 1 {
                        self.0.run::<S, R, V, EDGE, true>(simd);
                    } else {
                        self.0.run::<S, R, V, EDGE, false>(simd);
                    }
                }
            }
        }
        simd.vectorize(Run::<R, V, EDGE>(self));
    }

    /// `R` rows of `V` vectors; `DOWN` says that the numbers of a column of `a` lie side by side.
    ///
    /// # Safety
    /// As for [`Tile::across`].
    #[inline(always)]
    unsafe fn run<S: Simd, const R: usize, const V: usize, const EDGE: bool, const DOWN: bool>(
        self,
        simd: S,
    ) {
        let Tile {
            c,
            a,
            b,
            terms,
            columns,
            add,
        } = self;
        let zero = simd.splat_f32s(0.0);
        let rest = if EDGE {
            columns - (V - 1) * S::F32_LANES
        } else {
            S::F32_LANES
        };
        let load = |from: *const f32, j: usize| {
            let from = from.wrapping_add(j * S::F32_LANES);
            // SAFETY: called with rows of the tile.
            unsafe {
                if const { EDGE } && j == V - 1 {
                    load_first(simd, from, rest)
                } else {
                    from.cast::<S::f32s>().read_unaligned()
                }
            }
        };
        let mut sums = [[zero; V]; R];
        // SAFETY: the caller's promise.
        unsafe {
            let (mut a_next, mut b_next) = (a.start, b.start);
            let a_step = if DOWN { a.column } else { 1 };
            // Not a function: with as many callers as there are copies it would not be inlined.
            macro_rules! step {
                () => {{
                    let mut y = [zero; V];
                    each!(J < V { y[J] = load(b_next, J); });
                    each!(I < R {
                        let x = simd.splat_f32s(*a_next.add(if DOWN { I } else { I * a.row }));
                        each!(J < V { sums[I][J] = simd.mul_add_f32s(x, y[J], sums[I][J]); });
                    });
                    a_next = a_next.wrapping_add(a_step);
                    b_next = b_next.wrapping_add(b.row);
                }};
            }
            let mut left = terms;
            if const { V <= 2 } {
                while left >= 4 {
                    step!();
                    step!();
                    step!();
                    step!();
                    left -= 4;
                }
            }
            for _ in 0..left {
                step!();
            }
            each!(I < R {
                each!(J < V {
                    let to = c.start.add(I * c.row);
                    let sum = if add { simd.add_f32s(load(to, J), sums[I][J]) } else { sums[I][J] };
                    let to = to.add(J * S::F32_LANES);
                    if const { EDGE && J == V - 1 } {
                        store_first(simd, to, sum, rest);
                    } else {
                        to.cast::<S::f32s>().write_unaligned(sum);
                    }
                });
            });
        }
    }
}

/// `a` of at most [`FEW`] rows and `b` transposed: both lie along `p`. Each sum is [`LANES`] chains, of the terms whose number
/// leaves the same remainder, and these are added in pairs of halves.
#[inline(always)]
fn dots<S: Simd>(simd: S, product: &Product) {
    let wide = S::F32_LANES == LANES;
    match (product.shape.0, wide) {
        (1, true) => dots_of::<S, 1, 8>(simd, product),
        (1, false) => dots_of::<S, 1, 4>(simd, product),
        (2, true) => dots_of::<S, 2, 4>(simd, product),
        (3, true) => dots_of::<S, 3, 4>(simd, product),
        (4, true) => dots_of::<S, 4, 4>(simd, product),
        (2, false) => dots_of::<S, 2, 2>(simd, product),
        (3, false) => dots_of::<S, 3, 2>(simd, product),
        (4, false) => dots_of::<S, 4, 1>(simd, product),
        _ => {}
    }
}

/// `R` rows, `C` columns at a time.
#[inline(always)]
fn dots_of<S: Simd, const R: usize, const C: usize>(simd: S, product: &Product) {
    let n = product.shape.2;
    for column in (0..n / C * C).step_by(C) {
        simd.vectorize(Dots::<R, C> { product, column });
    }
    for column in n / C * C..n {
        simd.vectorize(Dots::<R, 1> { product, column });
    }
}

struct Dots<'a, const R: usize, const C: usize> {
    product: &'a Product,
    column: usize,
}

impl<const R: usize, const C: usize> WithSimd for Dots<'_, R, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.run::<S, 1>(simd),
            8 => self.run::<S, 2>(simd),
            4 => self.run::<S, 4>(simd),
            _ => self.run::<S, LANES>(simd),
        }
    }
}

impl<const R: usize, const C: usize> Dots<'_, R, C> {
    /// With `V` vectors of the chains.
    #[inline(always)]
    fn run<S: Simd, const V: usize>(self, simd: S) {
        assert_eq!(V * S::F32_LANES, LANES);
        let Product {
            c,
            a,
            b,
            shape: (_, k, _),
            accumulate,
        } = *self.product;
        let mut sums = [[[simd.splat_f32s(0.0); V]; C]; R];
        // SAFETY: inside of the matrices, by the promise of whoever made the product.
        unsafe {
            let b_start = b.start.add(self.column * b.column);
            let whole = k / LANES * LANES;
            for p in (0..whole).step_by(LANES) {
                each!(J < C {
                    #[allow(clippy::needless_range_loop)] // V says how often the loop is written out.
                    for v in 0..V {
                        let p = p + v * S::F32_LANES;
                        let y = b_start.add(p + J * b.column).cast::<S::f32s>().read_unaligned();
                        each!(I < R {
                            let x = a.start.add(p + I * a.row).cast::<S::f32s>().read_unaligned();
                            sums[I][J][v] = simd.mul_add_f32s(x, y, sums[I][J][v]);
                        });
                    }
                });
            }
            // The last terms, with zeros behind them: a chain never is -0, so that adding 0 changes nothing.
            if whole < k {
                #[allow(clippy::needless_range_loop)]
                for v in 0..V {
                    let p = whole + v * S::F32_LANES;
                    let count = k.saturating_sub(p).min(S::F32_LANES);
                    each!(J < C {
                        let y = load_first(simd, b_start.wrapping_add(p + J * b.column), count);
                        each!(I < R {
                            let x = load_first(simd, a.start.wrapping_add(p + I * a.row), count);
                            sums[I][J][v] = simd.mul_add_f32s(x, y, sums[I][J][v]);
                        });
                    });
                }
            }
            for (i, row) in sums.iter().enumerate() {
                for (j, chains) in row.iter().enumerate() {
                    let mut sum = [0.0_f32; LANES];
                    for (v, vector) in chains.iter().enumerate() {
                        sum.as_mut_ptr()
                            .add(v * S::F32_LANES)
                            .cast::<S::f32s>()
                            .write_unaligned(*vector);
                    }
                    let sum: [f32; 8] = std::array::from_fn(|l| sum[l] + sum[l + 8]);
                    let sum: [f32; 4] = std::array::from_fn(|l| sum[l] + sum[l + 4]);
                    let sum: [f32; 2] = std::array::from_fn(|l| sum[l] + sum[l + 2]);
                    let sum = sum[0] + sum[1];
                    let to = c.start.add(i * c.row + self.column + j);
                    *to = if accumulate { *to + sum } else { sum };
                }
            }
        }
    }
}
