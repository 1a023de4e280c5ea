//! The lessons of the course still do what their committed outputs say.

use std::process::{Command, Stdio};

use gradus_tests::client::Kernel;
use gradus_tests::{gradus, root, without_colours};

#[test]
fn every_lesson_shows_what_is_committed() {
    let out = tempfile::tempdir().unwrap();
    // Compiling a cell takes one core: the two languages share them.
    let runs = ["es", "en"].map(|language| {
        Command::new(gradus())
            .args(["run", "--check", "--keep-going", "--jobs=1", "--out"])
            .arg(out.path().join(language))
            .arg(root().join("notebooks").join(language))
            // The outputs are those without the large data sets, wherever this machine has them.
            .env("GRADUS_DATA", "")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    });
    let outputs = runs.map(|run| std::thread::spawn(|| run.wait_with_output().unwrap()));
    for output in outputs.map(|output| output.join().unwrap()) {
        assert!(
            output.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
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

/// As a student meets it: the result is hidden until there is a prediction, which then stays.
#[test]
fn a_result_shows_after_the_prediction() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("predictions.json");
    let mut kernel = Kernel::start_with(|command| {
        command
            .env("GRADUS_LANG", "en")
            .env("GRADUS_PREDICTIONS", &file);
    });
    let mut run = |code: &str| {
        let cell = kernel.run(code);
        assert!(cell.is_ok(), "{code}: {}", cell.reply);
        let shown = ["execute_result", "display_data"]
            .iter()
            .flat_map(|kind| cell.of_kind(kind));
        shown
            .map(|content| content["data"].to_string())
            .collect::<String>()
    };
    let library = root().join("crates/core");
    run(&format!(
        ":dep gradus = {{ path = {library:?} }}\nuse gradus::prelude::*;"
    ));
    let experiment = "let steps = 6 * 7;\nreveal(\"02.A\", format!(\"{steps} steps\"))";
    let hidden = run(experiment);
    assert!(
        hidden.contains("First predict") && !hidden.contains("42 steps"),
        "{hidden}"
    );
    let asked = run("predict(\"02.A\", \"?\")");
    assert!(asked.contains("a, b, c"), "{asked}");
    let noted = run("predict(\"02.A\", \"a\").sure(90)");
    assert!(noted.contains("Noted: a"), "{noted}");
    let shown = run(experiment);
    assert!(
        shown.contains("42 steps") && shown.contains("You predicted a, 90 % sure"),
        "{shown}"
    );
    let late = run("predict(\"02.A\", \"b\")");
    assert!(late.contains("it stays"), "{late}");
    let record = run("predictions()");
    assert!(record.contains("0/1 right"), "{record}");
    let figure = "let line = (0..9).map(|i| (f64::from(i), f64::from(i)));\n\
                  reveal(\"02.A\", Figure::from(plot::Chart::new(\"A line\").line(\"a\", line)))";
    assert!(run(figure).contains("A line"));
}
