//! lab2.2 as a program of its own. Nothing to edit here.

use exercises::e2_activations::{
    leaky_relu, leaky_relu_prime, maxout, maxout_prime, relu, relu_prime, tanh, tanh_prime,
};
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e2_activations;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![
        q::tanh(tanh),
        q::tanh_prime(tanh_prime),
        q::relu(relu),
        q::relu_prime(relu_prime),
        q::leaky_relu(leaky_relu),
        q::leaky_relu_prime(leaky_relu_prime),
        q::maxout(maxout),
        q::maxout_prime(maxout_prime),
    ])
}
