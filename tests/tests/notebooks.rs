//! The lessons of the course still do what their committed outputs say.

use std::process::Command;

use gradus_tests::{gradus, root};

#[test]
fn every_lesson_shows_what_is_committed() {
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(gradus())
        .args(["run", "--check", "--keep-going", "--out"])
        .arg(out.path())
        .arg(root().join("notebooks"))
        // The outputs are those without the large data sets, wherever this machine has them.
        .env("GRADUS_DATA", "")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
