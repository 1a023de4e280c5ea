//! Lab 1: costs, gradient descent, stochastic gradient descent (blocks 1 to 3 of the unit).
//!
//! The exercises stand in `src/exercises`; `cargo test -p lab1` says which are right. `src/given.rs` has what they start from,
//! `src/questions` how they are tried.

mod exercises;
pub mod given;
pub mod questions;

pub use exercises::*;
pub use gradus_exercise::{Random, check};

use gradus_exercise::{Lab, exercise_files};

/// The lab, bound to the functions of this crate.
pub fn lab() -> Lab {
    use questions as q;
    Lab::new("lab1")
        .exercise(
            exercise_files!("lab1.1"),
            vec![q::sigmoid(sigmoid), q::sigmoid_prime(sigmoid_prime)],
        )
        .exercise(
            exercise_files!("lab1.2"),
            vec![
                q::quadratic_cost(quadratic_cost),
                q::binary_cross_entropy(binary_cross_entropy),
                q::softmax(softmax),
                q::cross_entropy(cross_entropy),
            ],
        )
        .exercise(
            exercise_files!("lab1.3"),
            vec![
                q::quadratic_gradient(quadratic_gradient),
                q::binary_cross_entropy_gradient(binary_cross_entropy_gradient),
                q::cross_entropy_gradient(cross_entropy_gradient),
            ],
        )
        .exercise(
            exercise_files!("lab1.4"),
            vec![q::gradient_descent(gradient_descent)],
        )
        .exercise(
            exercise_files!("lab1.5"),
            vec![q::mini_batches(mini_batches)],
        )
        .exercise(exercise_files!("lab1.6"), vec![q::forward(forward)])
        .exercise(
            exercise_files!("lab1.7"),
            vec![q::train(train), q::train_digits(train)],
        )
}
