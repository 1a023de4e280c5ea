//! lab2.5 as a program of its own. Nothing to edit here.

use exercises::e5_batch_norm::{batch_norm_backward, batch_norm_test, batch_norm_train};
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e5_batch_norm;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![
        q::batch_norm_train(batch_norm_train),
        q::batch_norm_test(batch_norm_test),
        q::batch_norm_backward(batch_norm_backward),
    ])
}
