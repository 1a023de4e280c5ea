//! lab2.6 as a program of its own. Nothing to edit here.

use exercises::e6_optimizers::{
    adadelta, adagrad, adam, inverse_time_decay, momentum, nesterov, rmsprop,
};
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e6_optimizers;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![
        q::momentum(momentum),
        q::nesterov(nesterov),
        q::adagrad(adagrad),
        q::rmsprop(rmsprop),
        q::adadelta(adadelta),
        q::adam(adam),
        q::inverse_time_decay(inverse_time_decay),
    ])
}
