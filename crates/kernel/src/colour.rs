//! The colours of messages, as ANSI sequences.

pub(crate) const RED: &str = "\u{1b}[1;31m";
pub(crate) const BLUE: &str = "\u{1b}[1;34m";
pub(crate) const CYAN: &str = "\u{1b}[1;36m";
pub(crate) const BOLD: &str = "\u{1b}[1m";
pub(crate) const RESET: &str = "\u{1b}[0m";
