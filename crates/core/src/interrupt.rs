//! Stopping work that takes long, without losing what is there.
//!
//! The kernel of a notebook writes a file when somebody interrupts a cell, and says in `GRADUS_INTERRUPT` which. `fit` looks
//! for it now and then and ends with [`crate::ErrorKind::Interrupted`] after a whole step, and the
//! other loops of the library with [`crate::ErrorKind::Stopped`]; a loop of your own can do the same:
//!
//! ```
//! for step in 0..1_000_000 {
//!     if gradus::interrupt::requested() {
//!         break;
//!     }
//!     # break;
//! }
//! ```

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::error::{ErrorKind, Result};
use gradus_text::say;

/// Whether somebody asked the running cell to stop. Takes a microsecond or two: it looks for a file. Always false outside a
/// notebook of the Gradus kernel.
pub fn requested() -> bool {
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let file = FILE.get_or_init(|| std::env::var_os("GRADUS_INTERRUPT").map(PathBuf::from));
    file.as_ref().is_some_and(|file| file.exists())
}

/// Looks for the wish to stop now and then, so that a loop of short turns can ask in each.
pub(crate) struct Watch(Instant);

impl Watch {
    const EVERY: Duration = Duration::from_millis(50);

    pub(crate) fn new() -> Watch {
        Watch(Instant::now())
    }

    /// [`requested`], as it was at most 50 milliseconds ago.
    pub(crate) fn requested(&mut self) -> bool {
        let look = self.0.elapsed() >= Watch::EVERY;
        if look {
            self.0 = Instant::now();
        }
        look && requested()
    }

    /// An error once somebody wants `what`, of which so many turns are done, to stop.
    pub(crate) fn check(&mut self, what: (&str, &str), done: usize) -> Result<()> {
        match self.requested() {
            true => {
                let what = say(what.0, what.1).to_owned();
                Err(ErrorKind::Stopped { what, done }.into())
            }
            false => Ok(()),
        }
    }
}
