//! Lab 1: costs, gradient descent, stochastic gradient descent (blocks 1 to 3 of the unit).
//!
//! The exercises stand in `src/exercises`; `cargo test -p lab1` says which are right. `src/given.rs` has what they start from,
//! `src/questions` how they are tried. Each exercise is compiled by itself, into a program in `programs`, which knows
//! no right answers: it has this crate without the feature `answers`.

pub mod given;
pub mod questions;

pub use given::{Descent, Ending};
pub use gradus_exercise::{Random, check};

/// Runs what `check!` tries where dfdx's products have threads of their own.
#[cfg(feature = "answers")]
fn with_threads(run: &mut (dyn FnMut() + Send)) {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(2);
    match threads.stack_size(8 << 20).build() {
        Ok(threads) => threads.install(run),
        Err(_) => run(),
    }
}

/// The lab, with the right answers. Its functions are elsewhere: in the programs of the exercises.
#[cfg(feature = "answers")]
pub fn lab() -> gradus_exercise::Lab {
    use gradus_exercise::{Lab, elsewhere, exercise_files};
    use questions as q;
    Lab::new("lab1")
        .threads(with_threads)
        .exercise(
            exercise_files!("lab1.1"),
            vec![
                q::sigmoid(|_| elsewhere()),
                q::sigmoid_prime(|_| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab1.2"),
            vec![
                q::quadratic_cost(|_, _| elsewhere()),
                q::binary_cross_entropy(|_, _| elsewhere()),
                q::softmax(|_| elsewhere()),
                q::cross_entropy(|_, _| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab1.3"),
            vec![
                q::quadratic_gradient(|_, _| elsewhere()),
                q::binary_cross_entropy_gradient(|_, _| elsewhere()),
                q::cross_entropy_gradient(|_, _| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab1.4"),
            vec![q::gradient_descent(|_, _, _, _, _| elsewhere())],
        )
        .exercise(
            exercise_files!("lab1.5"),
            vec![q::mini_batches(|_, _, _| elsewhere())],
        )
        .exercise(
            exercise_files!("lab1.6"),
            vec![q::forward(|_, _| elsewhere())],
        )
        .exercise(
            exercise_files!("lab1.7"),
            vec![
                q::train(|_, _, _, _, _, _| elsewhere()),
                q::train_digits(|_, _, _, _, _, _| elsewhere()),
            ],
        )
}
