//! Lab 1: costs, gradient descent, stochastic gradient descent (blocks 1 to 3 of the unit).
//!
//! The exercises stand in `src/exercises`; `cargo test -p lab1` says which are right. `src/questions` says how they are tried.

mod exercises;
pub mod questions;

pub use exercises::*;
pub use gradus_exercise::check;

use gradus_exercise::{Lab, exercise_files};

/// The lab, bound to the functions of this crate.
pub fn lab() -> Lab {
    use questions as q;
    Lab::new("lab1").exercise(
        exercise_files!("lab1.1"),
        vec![q::sigmoid(sigmoid), q::sigmoid_prime(sigmoid_prime)],
    )
}
