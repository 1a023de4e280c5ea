//! Block 10: optimisers, from a gradient to a step. Sorted by growing complexity.
//!
//! `w` is a parameter, `g` its gradient, `η` the learning rate, `t` the number of the step from 1. Every rule acts on each
//! element by itself, so the loop over the elements *is* the formula.

mod adam;
mod sgd;

pub use adam::Adam;
pub use sgd::Sgd;

use crate::error::Result;

/// A rule that turns gradients into steps. It holds hyperparameters only; what it remembers of a parameter stands in slots
/// kept by the caller.
pub trait Optimizer: std::fmt::Debug {
    /// Check the hyperparameters.
    ///
    /// # Errors
    /// The first one out of range, with its range.
    fn check(&self) -> Result<()>;

    /// The learning rate `η`.
    fn learning_rate(&self) -> f32;

    /// How many vectors as long as the parameter it remembers between steps. They start at 0.
    fn slots(&self) -> usize;

    /// Step number `t`, from 1, on one parameter: `w`, `g` and every slot have the same length.
    fn step(&self, t: u64, w: &mut [f32], g: &[f32], slots: &mut [Vec<f32>]);
}

impl<O: Optimizer + 'static> From<O> for Box<dyn Optimizer> {
    fn from(optimizer: O) -> Self {
        Box::new(optimizer)
    }
}
