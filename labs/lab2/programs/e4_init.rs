//! lab2.4 as a program of its own. Nothing to edit here.

use exercises::e4_init::{has_twins, he, normal, xavier, zeros};
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e4_init;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![
        q::zeros(zeros),
        q::normal(normal),
        q::xavier(xavier),
        q::he(he),
        q::has_twins(has_twins),
    ])
}
