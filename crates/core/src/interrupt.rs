//! Stopping work that takes long, without losing what is there.
//!
//! The kernel of a notebook writes a file when somebody interrupts a cell, and says in `GRADUS_INTERRUPT` which. `fit` looks
//! for it now and then and ends with [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) after a whole step; a loop of
//! your own can do the same:
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

/// Whether somebody asked the running cell to stop. Takes a microsecond or two: it looks for a file. Always false outside a
/// notebook of the Gradus kernel.
pub fn requested() -> bool {
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let file = FILE.get_or_init(|| std::env::var_os("GRADUS_INTERRUPT").map(PathBuf::from));
    file.as_ref().is_some_and(|file| file.exists())
}
