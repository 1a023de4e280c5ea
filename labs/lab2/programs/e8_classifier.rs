//! lab2.8 as a program of its own. Nothing to edit here.

use exercises::e8_classifier::classifier;
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    mod e1_dense;
    mod e2_activations;
    mod e3_monitors;
    mod e4_init;
    mod e5_batch_norm;
    mod e6_optimizers;
    mod e7_regularization;
    pub mod e8_classifier;
    pub use e1_dense::dense_backward;
    pub use e2_activations::{
        leaky_relu, leaky_relu_prime, maxout, maxout_prime, relu, relu_prime, tanh, tanh_prime,
    };
    pub use e3_monitors::{dead_units, saturated_share};
    pub use e4_init::{has_twins, he, normal, xavier, zeros};
    pub use e5_batch_norm::{batch_norm_backward, batch_norm_test, batch_norm_train};
    pub use e6_optimizers::{
        adadelta, adagrad, adam, inverse_time_decay, momentum, nesterov, rmsprop,
    };
    pub use e7_regularization::{dropout, early_stopping, l1, l2};
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![q::classifier(classifier)])
}
