//! `cargo test -p lab2` runs this: one line per exercise, what is wrong with the wrong ones, the points.

use std::process::ExitCode;

fn main() -> ExitCode {
    gradus_exercise::harness::main(lab2::lab(), |name, answers, near_enough| {
        insta::with_settings!({
            comparator => near_enough,
            snapshot_path => "../snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, answers);
        });
    })
}
