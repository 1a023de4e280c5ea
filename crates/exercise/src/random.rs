use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

thread_local! {
    static WATCH: Cell<Watch> = const { Cell::new(Watch::Off) };
}

/// What is looked for in the seeds that sources are made with.
#[derive(Clone, Copy)]
enum Watch {
    Off,
    /// The first one; whether the run ends with it.
    First(bool),
    Seen(u64),
}

/// How a run ends whose first seed is all that was to be known.
struct Enough;

/// Runs `run` and tells the seed of the first source of random numbers that it makes; with `only`, it ends there and gives nothing.
///
/// So a question learns whether the seed that it hands over is the one that is used.
#[doc(hidden)]
pub fn first_seed<T>(only: bool, run: impl FnOnce() -> T) -> (Option<T>, Option<u64>) {
    let before = WATCH.replace(Watch::First(only));
    let result = catch_unwind(AssertUnwindSafe(run));
    let seed = match WATCH.replace(before) {
        Watch::Seen(seed) => Some(seed),
        _ => None,
    };
    match result {
        Ok(given) => (Some(given), seed),
        Err(payload) if payload.is::<Enough>() => (None, seed),
        Err(payload) => resume_unwind(payload),
    }
}

/// Whether [`first_seed`] runs something in this thread.
pub(crate) fn is_watched() -> bool {
    !matches!(WATCH.get(), Watch::Off)
}

/// A seeded source of random numbers: the same seed gives the same numbers on every machine.
///
/// ```
/// use gradus_exercise::Random;
/// let (mut a, mut b) = (Random::new(7), Random::new(7));
/// assert_eq!(a.uniform(), b.uniform());
/// ```
#[derive(Clone, Debug)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// A generator that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        if let Watch::First(only) = WATCH.get() {
            WATCH.set(Watch::Seen(seed));
            if only {
                // Not a panic that anybody should hear of.
                resume_unwind(Box::new(Enough));
            }
        }
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number drawn evenly from [0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0.r#gen()
    }

    /// A number drawn from N(0, 1): mean 0, standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }

    /// A whole number drawn evenly from 0, 1, ..., n-1; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { self.0.gen_range(0..n) }
    }

    /// Puts `items` in a random order, every order as likely as any other.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_seed_is_told() {
        let two = || Random::new(3).below(1) + Random::new(4).below(1);
        assert_eq!(first_seed(false, two), (Some(0), Some(3)));
        assert_eq!(first_seed(true, two), (None, Some(3)));
        assert_eq!(first_seed(true, || 5), (Some(5), None));
        // And afterwards nothing is looked at.
        assert_eq!(two(), 0);
    }
}
