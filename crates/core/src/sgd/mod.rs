//! Block 3: stochastic gradient descent goes through the data in mini-batches.
//!
//! For each epoch the examples are shuffled and cut into batches: each example is used exactly once per epoch, and the last
//! batch is smaller where the sizes do not divide.
//!
//! ```text
//! for epoch = 1 to num_epochs:
//!     while there are examples not yet seen in this epoch:
//!         choose a batch of m of them
//!         g ← 1/m Σ_{x in the batch} ∇C_x
//!         w ← w - η g
//! ```
//!
//! With `m = n` it is gradient descent on the *full batch*, with `m = 1` it goes *one by one*, between them lie *mini-batches*. A
//! smaller batch gives a noisier gradient ([`gradient_noise`](crate::model::gradient_noise)) and more steps for the same work.
//!
//! [`stochastic_gradient_descent`] is that loop for a gradient of one's own, [`train_model`] for any dfdx model.

mod models;

pub use models::train_model;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, ErrorKind, Result, positive};
use crate::interrupt::Watch;

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
            return Err(Error::empty(("el conjunto de datos", "the data set")));
        }
        if size == 0 {
            return Err(Error::range(
                ("el tamaño del batch", "the batch size"),
                0.0,
                ("al menos 1", "at least 1"),
            ));
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

/// The loop above, for any parameters `w`: `gradient(w, rows)` is the mean gradient over the examples `rows`. Returns `w` before
/// the first step and after each.
///
/// [`Sequential::fit`](crate::model::Sequential::fit) does the same for a network.
///
/// ```
/// use gradus::sgd::{Batches, stochastic_gradient_descent};
/// // The mean of four numbers makes C = 1/n Σ (w - x)²/2 smallest.
/// let x = [1.0, 2.0, 3.0, 6.0];
/// let mean_gradient = |w: &[f32], rows: &[usize]| vec![rows.iter().map(|&i| w[0] - x[i]).sum::<f32>() / rows.len() as f32];
/// let full_batch = stochastic_gradient_descent(&[0.0], &mut Batches::new(4, 4, 0)?, 50, 0.2, mean_gradient)?;
/// assert!((full_batch[50][0] - 3.0).abs() < 1e-3);
/// let one_by_one = stochastic_gradient_descent(&[0.0], &mut Batches::new(4, 1, 0)?, 50, 0.2, mean_gradient)?;
/// assert_eq!(one_by_one.len(), 1 + 200);
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When the learning rate is not a finite number greater than 0, a gradient has another length than `w`, or a parameter stops
/// being finite.
pub fn stochastic_gradient_descent(
    start: &[f32],
    batches: &mut Batches,
    epochs: usize,
    learning_rate: f32,
    mut gradient: impl FnMut(&[f32], &[usize]) -> Vec<f32>,
) -> Result<Vec<Vec<f32>>> {
    positive(("el learning rate", "the learning rate"), learning_rate)?;
    let eta = learning_rate;
    let mut w = start.to_vec();
    let mut way = vec![w.clone()];
    let mut watch = Watch::new();
    for epoch in 1..=epochs {
        for (step, rows) in batches.epoch().enumerate() {
            watch.check(
                ("el descenso estocástico", "stochastic gradient descent"),
                way.len() - 1,
            )?;
            let g = gradient(&w, rows);
            if g.len() != w.len() {
                return Err(Error::shape(
                    "stochastic_gradient_descent",
                    (
                        format!("un gradiente de {} números, como w", w.len()),
                        format!("a gradient of {} numbers, like w", w.len()),
                    ),
                    g.len(),
                ));
            }
            for (w, g) in w.iter_mut().zip(g) {
                *w -= eta * g;
            }
            if w.iter().any(|w| !w.is_finite()) {
                return Err(ErrorKind::Diverged {
                    epoch,
                    step: step + 1,
                    learning_rate,
                }
                .into());
            }
            way.push(w.clone());
        }
    }
    Ok(way)
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
