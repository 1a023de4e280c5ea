//! lab1.4 as a program of its own. Nothing to edit here.

use exercises::e4_descent::gradient_descent;
#[allow(unused_imports)]
use lab1::given;
use lab1::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e4_descent;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![q::gradient_descent(gradient_descent)])
}
