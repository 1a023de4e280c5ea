//! Block 3: stochastic gradient descent goes through the data in mini-batches.
//!
//! For each epoch the examples are shuffled and cut into batches: each example is used exactly once per epoch, and the last
//! batch is smaller where the sizes do not divide.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, Result};

/// The order of the examples, epoch after epoch, in batches.
///
/// ```
/// let mut batches = gradus::sgd::Batches::new(5, 2, 0)?;
/// let sizes: Vec<usize> = batches.epoch().map(|batch| batch.len()).collect();
/// assert_eq!(sizes, [2, 2, 1]);
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batches {
    order: Vec<usize>,
    size: usize,
    rng: ChaCha8Rng,
}

impl Batches {
    /// For `n` examples in batches of `size`, shuffled by a generator that starts from `seed`.
    ///
    /// # Errors
    /// When there is no example or `size` is 0.
    pub fn new(n: usize, size: usize, seed: u64) -> Result<Batches> {
        if n == 0 {
            return Err(Error::empty("the data set"));
        }
        if size == 0 {
            return Err(Error::range("the batch size", 0.0, "at least 1"));
        }
        Ok(Batches {
            order: (0..n).collect(),
            size,
            rng: ChaCha8Rng::seed_from_u64(seed),
        })
    }

    /// Batches per epoch: `⌈n / size⌉`.
    pub fn steps(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// Shuffle, and give the positions of the examples of each batch.
    pub fn epoch(&mut self) -> impl Iterator<Item = &[usize]> {
        self.order.shuffle(&mut self.rng);
        self.order.chunks(self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_example_comes_exactly_once_per_epoch(n in 1..200_usize, size in 1..70_usize, seed: u64) {
            let mut batches = Batches::new(n, size, seed).unwrap();
            let steps = batches.steps();
            for _ in 0..2 {
                let epoch: Vec<Vec<usize>> = batches.epoch().map(<[usize]>::to_vec).collect();
                prop_assert_eq!(epoch.len(), steps);
                prop_assert!(epoch[..steps - 1].iter().all(|batch| batch.len() == size));
                let mut seen = epoch.concat();
                seen.sort_unstable();
                prop_assert_eq!(seen, (0..n).collect::<Vec<_>>());
            }
        }
    }
}
