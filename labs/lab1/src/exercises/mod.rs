//! The files to edit.

mod e1_sigmoid;

pub use e1_sigmoid::*;
