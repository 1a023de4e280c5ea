//! Lab 2: backpropagation, activations, initialisation, batch normalisation, optimisers, regularisation (blocks 5 to 11 of the unit).
//!
//! The exercises stand in `src/exercises`; `cargo test -p lab2` says which are right. `src/given.rs` has what they start from,
//! `src/questions` how they are tried. Each exercise is compiled by itself, into a program in `programs`, which knows
//! no right answers: it has this crate without the feature `answers`.

pub mod given;
pub mod questions;

pub use given::{
    Ablation, Adadelta, Adagrad, Adam, BatchNorm, BatchNormGradients, Block, Claim, Classifier,
    Decision, DenseGradients, EarlyStopping, Init, Momentum, Recipe, RmsProp, Row, Rule, Task,
    Trained,
};
pub use gradus_exercise::{Digits, Random, check};

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
    Lab::new("lab2")
        .threads(with_threads)
        .exercise(
            exercise_files!("lab2.1"),
            vec![q::dense_backward(|_, _, _| elsewhere())],
        )
        .exercise(
            exercise_files!("lab2.2"),
            vec![
                q::tanh(|_| elsewhere()),
                q::tanh_prime(|_| elsewhere()),
                q::relu(|_| elsewhere()),
                q::relu_prime(|_| elsewhere()),
                q::leaky_relu(|_, _| elsewhere()),
                q::leaky_relu_prime(|_, _| elsewhere()),
                q::maxout(|_, _| elsewhere()),
                q::maxout_prime(|_, _| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab2.3"),
            vec![
                q::saturated_share(|_, _| elsewhere()),
                q::dead_units(|_| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab2.4"),
            vec![
                q::zeros(|_, _| elsewhere()),
                q::normal(|_, _, _, _| elsewhere()),
                q::xavier(|_, _, _| elsewhere()),
                q::he(|_, _, _| elsewhere()),
                q::has_twins(|_, _| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab2.5"),
            vec![
                q::batch_norm_train(|_, _| elsewhere()),
                q::batch_norm_test(|_, _| elsewhere()),
                q::batch_norm_backward(|_, _, _| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab2.6"),
            vec![
                q::momentum(|_, _, _| elsewhere()),
                q::nesterov(|_, _, _| elsewhere()),
                q::adagrad(|_, _, _| elsewhere()),
                q::rmsprop(|_, _, _| elsewhere()),
                q::adadelta(|_, _, _| elsewhere()),
                q::adam(|_, _, _| elsewhere()),
                q::inverse_time_decay(|_, _, _| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab2.7"),
            vec![
                q::l2(|_, _, _| elsewhere()),
                q::l1(|_, _, _| elsewhere()),
                q::dropout(|_, _, _, _| elsewhere()),
                q::early_stopping(|_, _, _| elsewhere()),
            ],
        )
        .exercise(
            exercise_files!("lab2.8"),
            vec![
                q::train(|_, _, _| elsewhere()),
                q::blocks(|_, _, _| elsewhere()),
                q::ablation(|_, _, _| elsewhere(), |_, _| elsewhere()),
            ],
        )
}
