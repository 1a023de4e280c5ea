//! What a cell shows, and what those who watch it say: answers, and that it should stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::controls::Control;
use crate::wire::Bundle;

/// Something that a cell shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Text on standard output.
    Stdout(String),
    /// Text on standard error.
    Stderr(String),
    /// Something to look at, in one or more forms.
    Display(Bundle),
    /// The value of the cell's last expression.
    Result(Bundle),
    /// Something to look at that can be changed later, or such a change.
    Shared {
        /// Its forms.
        data: Bundle,
        /// Its name for later changes.
        id: String,
        /// Replaces what was shown under this name.
        update: bool,
    },
    /// What the cell has shown so far goes away.
    Clear {
        /// Not before the next thing comes.
        wait: bool,
    },
    /// What follows depends on these, and takes the place of what it showed before where they can be used.
    Controls(Vec<Control>),
    /// What the kernel is doing for the cell that takes long, such as building a library. Not part of its outputs.
    Progress(String),
    /// Nothing came for a moment: the time to pass on what was held back.
    Quiet,
}

/// Asks the user for a line: gets the prompt, and whether the answer must not be shown. `None` is the end of input.
pub type Ask = Box<dyn FnMut(&str, bool) -> Option<String> + Send>;

/// How long a cell took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// Until there was something to run.
    pub compile: Duration,
    /// From then on.
    pub run: Duration,
}

/// Stops what the session is doing, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the running cell, or the next one, to end.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Forgets what was asked.
    pub(crate) fn reset(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
