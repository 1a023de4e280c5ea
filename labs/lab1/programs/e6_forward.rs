//! lab1.6 as a program of its own. Nothing to edit here.

use exercises::e6_forward::forward;
#[allow(unused_imports)]
use lab1::given;
use lab1::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e6_forward;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![q::forward(forward)])
}
