//! lab1.7 as a program of its own. Nothing to edit here.

use exercises::e7_training::train;
#[allow(unused_imports)]
use lab1::given;
use lab1::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    mod e5_batches;
    mod e6_forward;
    pub mod e7_training;
    pub use e5_batches::mini_batches;
    pub use e6_forward::forward;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![q::train(train), q::train_digits(train)])
}
