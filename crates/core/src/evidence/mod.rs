//! Evidence: does one way of training really do better than another, or was it chance?
//!
//! One run proves little: another seed, another number. Here the same experiment runs with several seeds, each way with the *same*
//! ones, and what is said comes with its uncertainty:
//!
//! - [`Sample`]: the mean of `n` runs, with the 95 % confidence interval of Student's t, `x̄ ± t · s / √n`, where `s` is their
//!   standard deviation and `t` the 97.5 % quantile with `n − 1` degrees of freedom.
//! - [`Difference`]: two ways are compared seed by seed. What a seed does to both (an easy split, a lucky start) cancels, so the
//!   interval of the *differences* can be far from 0 where the two samples overlap.
//! - [`Sweep`]: the same for each value of a hyperparameter. Who chooses its best value on the validation data reports the test
//!   data; a best value at the edge of the grid is none, so the grid is widened, and it is said.
//!
//! ```
//! use gradus::evidence;
//! let ways = ["plain", "with noise"];
//! let compared = evidence::compare(ways, 0..10, |way, seed| {
//!     let luck = (seed as f64 * 0.7).sin() / 50.0;
//!     Ok(0.9 + luck + if *way == "plain" { 0.0 } else { 0.004 })
//! })?;
//! println!("{compared}");
//! let difference = compared.difference("with noise", "plain")?;
//! assert!(difference.is_clear() && difference.wins() == 10);
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! Source: Student (1908), *The probable error of a mean*, <https://doi.org/10.1093/biomet/6.1.1>. The numbers are held against
//! SciPy's (`tests/reference/evidence.py`).

mod compare;
mod sample;
mod student;
mod sweep;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub use compare::{Comparison, compare};
pub use sample::{Difference, Sample};
pub use sweep::{Score, Sweep, decades, forgiven, reported, sweep};

use crate::error::{Error, ErrorKind, Result};
use crate::interrupt;
use crate::kernels::team;
use gradus_text::{display, say};

/// Run `run(i, seed)` for each of so many ways and each seed, on all cores, with a bar that says how far it is: a row for each way.
fn runs<T: Send>(
    ways: usize,
    seeds: &Range<u64>,
    run: impl Fn(usize, u64) -> Result<T> + Sync,
) -> Result<Vec<Vec<T>>> {
    if seeds.end.saturating_sub(seeds.start) < 2 {
        return Err(Error::misuse((
            "hacen falta al menos dos semillas: con una no se ve la casualidad",
            "at least two seeds are needed: one does not show what is chance",
        )));
    }
    // Seed by seed, so that what is there when somebody stops it is comparable.
    let each = seeds
        .clone()
        .flat_map(|seed| (0..ways).map(move |way| (way, seed, None)));
    let mut each: Vec<(usize, u64, Option<Result<T>>)> = each.collect();
    let (total, done) = (each.len(), AtomicUsize::new(0));
    let here = thread::current().id();
    team::for_each(&mut each, |_, (way, seed, result)| {
        let stopped = interrupt::requested();
        let one = || match stopped {
            true => Err(ErrorKind::Stopped {
                what: say("la comparación", "the comparison").to_owned(),
                done: done.load(Ordering::Relaxed),
            }
            .into()),
            false => run(*way, *seed),
        };
        *result = Some(one());
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        // A bar belongs to the thread that shows it.
        if thread::current().id() == here && !stopped {
            display::progress(done.min(total - 1), total);
        }
    });
    display::progress(total, total);
    let mut rows: Vec<Vec<T>> = (0..ways).map(|_| Vec::new()).collect();
    for (way, _, result) in each {
        rows[way].extend(result.transpose()?);
    }
    Ok(rows)
}
