//! The lessons of the course still do what their committed outputs say.

use std::process::Command;

use gradus_tests::client::Kernel;
use gradus_tests::{gradus, root, without_colours};

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

/// In the cache of the lessons, for which the lab is built anyway.
#[test]
fn whatever_a_function_does_in_check_the_notebook_goes_on() {
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    let lab = root().join("labs/lab1");
    let mut run = |code: &str| {
        let cell = kernel.run(code);
        let value = cell.value().unwrap_or_default();
        let said = format!("{value} {} {}", cell.stream("stdout"), cell.reply);
        (cell.is_ok(), without_colours(&said))
    };
    let start = format!(
        ":dep lab1 = {{ path = {lab:?} }}\nuse lab1::check;\nlet kept = vec![40, 2];\n\
         fn deep(z: f64) -> f64 {{ deep(z + 1.0) + 1.0 }}"
    );
    let (is_ok, said) = run(&start);
    assert!(is_ok, "{said}");
    for (function, what) in [
        ("deep", "the stack has overflowed"),
        (
            "|_| std::process::exit(0)",
            "ended in the middle of the call",
        ),
        (
            "|_| std::process::abort()",
            "ended in the middle of the call",
        ),
        (
            "|_| vec![1.0_f64; 1 << 40].len() as f64",
            "there is not so much memory",
        ),
        ("|_| panic!(\"at the {}\", \"end\")", "at the end"),
        ("|_| loop {}", "is there a loop without end?"),
        ("|_| f64::NAN", "NaN"),
        ("|z: f64| z / 3.0", "0.5"),
    ] {
        let (is_ok, said) = run(&format!("check!(lab1::sigmoid, {function})"));
        assert!(is_ok && said.contains(what), "{function}: {said}");
        let (is_ok, said) = run("println!(\"{}\", kept[0] + kept[1]);");
        assert!(is_ok && said.contains("42"), "after {function}: {said}");
    }
    let right =
        "|z: f64| if z < 0.0 { z.exp() / (1.0 + z.exp()) } else { 1.0 / (1.0 + (-z).exp()) }";
    let (is_ok, said) = run(&format!("check!(lab1::sigmoid, {right})"));
    assert!(is_ok && said.contains("right, 5/10"), "{said}");
}
