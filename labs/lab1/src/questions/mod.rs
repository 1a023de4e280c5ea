//! How each function is called, on which inputs, and what must hold of it. Nothing to edit here.

mod e1_sigmoid;

pub use e1_sigmoid::*;
