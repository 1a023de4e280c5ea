//! Lab 2: backpropagation, activations, initialisation, batch normalisation, optimisers, regularisation (blocks 5 to 11 of the unit).
//!
//! The exercises stand in `src/exercises`; `cargo test -p lab2` says which are right. `src/given.rs` has what they start from,
//! `src/questions` how they are tried.

mod exercises;
pub mod given;
pub mod questions;

pub use exercises::*;
pub use gradus_exercise::{Digits, Random, check};

use gradus_exercise::{Lab, exercise_files};

/// The lab, bound to the functions of this crate.
pub fn lab() -> Lab {
    use questions as q;
    Lab::new("lab2")
        .exercise(
            exercise_files!("lab2.1"),
            vec![q::dense_backward(dense_backward)],
        )
        .exercise(
            exercise_files!("lab2.2"),
            vec![
                q::tanh(tanh),
                q::tanh_prime(tanh_prime),
                q::relu(relu),
                q::relu_prime(relu_prime),
                q::leaky_relu(leaky_relu),
                q::leaky_relu_prime(leaky_relu_prime),
                q::maxout(maxout),
                q::maxout_prime(maxout_prime),
            ],
        )
        .exercise(
            exercise_files!("lab2.3"),
            vec![
                q::saturated_share(saturated_share),
                q::dead_units(dead_units),
            ],
        )
        .exercise(
            exercise_files!("lab2.4"),
            vec![
                q::zeros(zeros),
                q::normal(normal),
                q::xavier(xavier),
                q::he(he),
                q::has_twins(has_twins),
            ],
        )
        .exercise(
            exercise_files!("lab2.5"),
            vec![
                q::batch_norm_train(batch_norm_train),
                q::batch_norm_test(batch_norm_test),
                q::batch_norm_backward(batch_norm_backward),
            ],
        )
        .exercise(
            exercise_files!("lab2.6"),
            vec![
                q::momentum(momentum),
                q::nesterov(nesterov),
                q::adagrad(adagrad),
                q::rmsprop(rmsprop),
                q::adadelta(adadelta),
                q::adam(adam),
                q::inverse_time_decay(inverse_time_decay),
            ],
        )
        .exercise(
            exercise_files!("lab2.7"),
            vec![
                q::l2(l2),
                q::l1(l1),
                q::dropout(dropout),
                q::early_stopping(early_stopping),
            ],
        )
        .exercise(exercise_files!("lab2.8"), vec![q::classifier(classifier)])
}
