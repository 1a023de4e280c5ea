//! lab2.1 as a program of its own. Nothing to edit here.

use exercises::e1_dense::dense_backward;
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e1_dense;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![q::dense_backward(dense_backward)])
}
