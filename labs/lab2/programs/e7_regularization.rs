//! lab2.7 as a program of its own. Nothing to edit here.

use exercises::e7_regularization::{dropout, early_stopping, l1, l2};
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e7_regularization;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![
        q::l2(l2),
        q::l1(l1),
        q::dropout(dropout),
        q::early_stopping(early_stopping),
    ])
}
