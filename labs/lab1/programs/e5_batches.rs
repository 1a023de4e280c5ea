//! lab1.5 as a program of its own. Nothing to edit here.

use exercises::e5_batches::mini_batches;
#[allow(unused_imports)]
use lab1::given;
use lab1::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e5_batches;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![q::mini_batches(mini_batches)])
}
