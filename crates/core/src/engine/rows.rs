//! Short rows, as the channels of an image are: eleven numbers fill no vector, and a loop over them ends before it has begun.

use crate::kernels::vectorized;

/// As long as this, a row is worked on by itself.
const LONG: usize = 64;
/// Columns, or channels, that are worked on together where there are as many: what is made of them stays in a register.
pub(crate) const LANES: usize = 8;

/// Where lanes of `L` columns begin. Where `L` does not divide the columns, the last lies over the one before.
#[inline(always)]
pub(crate) fn lanes<const L: usize>(columns: usize) -> impl Iterator<Item = usize> {
    (0..columns).step_by(L).map(
        #[inline(always)]
        move |first| first.min(columns - L),
    )
}

/// How many rows of so many columns are worked on as one where each number has to do with its own column alone. What belongs
/// to the columns is repeated as often.
pub(crate) fn together(columns: usize) -> usize {
    if columns == 0 {
        return 1;
    }
    LONG.div_ceil(columns)
}

/// `sums += Σ_rows x`.
pub(crate) fn add_rows(x: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    if is_by_lanes(columns) {
        return add_by_lanes(
            x.len() / columns,
            sums,
            #[inline(always)]
            |at, _, i| x[at..][..LANES][i],
        );
    }
    vectorized!({
        for row in x.chunks_exact(columns) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
    });
}

/// Whether the sums of so many columns are faster with [`add_by_lanes`].
pub(crate) fn is_by_lanes(columns: usize) -> bool {
    (LANES..LONG).contains(&columns) && !columns.is_multiple_of(LANES)
}

/// `sums += Σ_rows term`, [`LANES`] columns down all rows and then the next, each sum from the first row to the last. A term is of
/// the number where its lanes begin in the matrix and in the row, and which of the lanes it is.
#[inline(always)]
pub(crate) fn add_by_lanes(
    rows: usize,
    sums: &mut [f32],
    term: impl Fn(usize, usize, usize) -> f32,
) {
    vectorized!({
        let columns = sums.len();
        let mut done = 0;
        for first in lanes::<LANES>(columns) {
            let mut own: [f32; LANES] = sums[first..][..LANES].try_into().expect("so many");
            for row in 0..rows {
                for (i, sum) in own.iter_mut().enumerate() {
                    *sum += term(row * columns + first, first, i);
                }
            }
            // The last lanes lie over those before them, whose sums are ready.
            sums[done..first + LANES].copy_from_slice(&own[done - first..]);
            done = first + LANES;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_the_same_bits_by_lanes_and_row_by_row() {
        for columns in (1..80).chain([640]) {
            let x: Vec<f32> = (0..37 * columns)
                .map(|i| ((i * 7919) % 2003) as f32 / 100.0 - 7.0)
                .collect();
            let start: Vec<f32> = (0..columns).map(|j| j as f32 / 3.0).collect();
            let mut expected = start.clone();
            for row in x.chunks_exact(columns) {
                for (sum, x) in expected.iter_mut().zip(row) {
                    *sum += x;
                }
            }
            let mut sums = start;
            add_rows(&x, &mut sums);
            assert_eq!(sums, expected, "{columns} columns");
        }
    }

    #[test]
    fn few_columns_are_taken_together_until_they_are_long() {
        for columns in 1..200 {
            let long = columns * together(columns);
            assert!(long >= LONG && long < LONG.max(columns) + columns);
        }
    }
}
