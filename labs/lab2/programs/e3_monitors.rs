//! lab2.3 as a program of its own. Nothing to edit here.

use exercises::e3_monitors::{dead_units, saturated_share};
#[allow(unused_imports)]
use lab2::given;
use lab2::questions as q;

// An exercise need not use all that it could.
#[allow(dead_code, unused_imports)]
#[path = "../src/exercises"]
mod exercises {
    pub mod e3_monitors;
}

fn main() -> std::process::ExitCode {
    gradus_exercise::program::main(vec![
        q::saturated_share(saturated_share),
        q::dead_units(dead_units),
    ])
}
