//! The labs as students meet them: through the light command, in a release made on the spot.

mod release;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use release::{command, gradus, release, repository, target, text};

/// Puts `code` in the place of the first stub of a file.
fn solve(file: &Path, code: &str) {
    let text = fs::read_to_string(file).expect("the exercise");
    assert!(text.contains("todo!(\"lab1.1\")"), "{text}");
    fs::write(file, text.replacen("todo!(\"lab1.1\")", code, 1)).expect("to write");
}

#[test]
fn hints_come_one_by_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let lab = root.join("labs/lab1");
    fs::create_dir_all(lab.join("exercises")).expect("a folder");
    for (from, to) in [
        (
            "labs/lab1/exercises/lab1.1.toml",
            "labs/lab1/exercises/lab1.1.toml",
        ),
        ("labs/lab1/Cargo.toml", "labs/lab1/Cargo.toml"),
        ("Cargo.toml", "Cargo.toml"),
    ] {
        fs::copy(repository().join(from), root.join(to)).expect("to copy");
    }
    let hint = |more: &[&str]| {
        let mut arguments = vec!["hint", "lab1.1"];
        arguments.extend(more);
        text(&gradus(root, &arguments))
    };
    let first = hint(&[]);
    assert!(
        first.contains("Pista 1/3") && !first.contains("Pista 2/3"),
        "{first}"
    );
    let second = hint(&["--statement"]);
    assert!(
        second.contains("Pista 2/3") && second.contains("Escribe la unidad"),
        "{second}"
    );
    hint(&[]);
    assert!(hint(&[]).contains("No hay más pistas"));
    assert!(hint(&["--again", "--lang", "en"]).contains("Hint 1/3"));

    let unknown = gradus(root, &["hint", "lab1.99"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown).contains("los hay: lab1.1"),
        "{}",
        text(&unknown)
    );
    let outside = tempfile::tempdir().expect("a folder");
    let lost = gradus(outside.path(), &["hint", "lab1.1"]);
    assert_eq!(lost.status.code(), Some(2), "{}", text(&lost));
}

#[test]
fn a_student_works_through_an_exercise() {
    let release = release();
    let out = &release.out;
    let file = out.join("labs/lab1/src/exercises/e1_sigmoid.rs");

    let fresh = gradus(out, &["check", "lab1"]);
    let said = text(&fresh);
    assert_eq!(fresh.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("sin hacer").count(), 7, "{said}");
    assert!(
        said.contains("0/100") && said.contains("Ahora: lab1.1") && !said.contains("panic"),
        "{said}"
    );
    assert!(said.lines().count() <= 24, "{said}");
    assert!(!said.contains("Escribe la unidad"), "{said}");
    let said = text(&gradus(out, &["check", "lab1", "--statement"]));
    assert!(said.contains("Escribe la unidad"), "{said}");

    solve(&file, "1.0 / (1.0 + z.exp())");
    let said = text(&gradus(out, &["check", "lab1.1"]));
    assert!(
        said.contains("Falta el signo menos del exponente"),
        "{said}"
    );

    let wrong = fs::read_to_string(&file).expect("the exercise");
    fs::write(&file, wrong.replace("1.0 + z.exp()", "1.0 + z.exp(")).expect("to write");
    let broken = gradus(out, &["check", "lab1.1"]);
    let said = text(&broken);
    assert_eq!(broken.status.code(), Some(1), "{said}");
    assert!(
        said.contains("no compila") && said.contains("e1_sigmoid.rs"),
        "{said}"
    );

    fs::write(&file, wrong.replace("z.exp()", "(-z).exp()")).expect("to write");
    solve(&file, "sigmoid(z) * (1.0 - sigmoid(z))");
    let right = gradus(out, &["check", "lab1.1"]);
    assert!(right.status.success(), "{}", text(&right));
    assert!(text(&right).contains("10/10"), "{}", text(&right));

    // What clippy notes of an exercise, which is of no program.
    let note = target().join("debug/deps/e1_sigmoid-0123456789abcdef.d");
    let lint = "libe1_sigmoid.rmeta: labs/lab1/programs/e1_sigmoid.rs Cargo.toml\n";
    fs::write(&note, lint).expect("to write");
    let right = gradus(out, &["check", "lab1.1"]);
    fs::remove_file(&note).expect("to remove");
    assert!(text(&right).contains("10/10"), "{}", text(&right));
}

#[test]
fn what_stops_the_program_costs_one_exercise_and_an_old_file_gets_its_own_points() {
    let release = release();
    let out = &release.out;
    let file = |name: &str| out.join("labs/lab1/src/exercises").join(name);
    let first = file("e1_sigmoid.rs");
    let stub = fs::read_to_string(&first).expect("the exercise");
    solve(&first, "1.0 / (1.0 + (-z).exp())");
    solve(&first, "sigmoid(z) * (1.0 - sigmoid(z))");
    let costs = file("e2_costs.rs");
    let text_of_costs = fs::read_to_string(&costs).expect("the exercise");
    let check = || text(&gradus(out, &["check", "lab1"]));
    for (last_words, reason) in [
        ("print!(\"no end\"); std::process::abort()", "SIGABRT"),
        (
            "fn deep(n: u64) -> u64 { std::hint::black_box(deep(n + 1)) + 1 } deep(0) as f64",
            "la pila se ha desbordado",
        ),
        ("std::process::exit(0)", "exit status: 0"),
    ] {
        let code = text_of_costs.replacen("todo!(\"lab1.2\")", last_words, 1);
        fs::write(&costs, code).expect("to write");
        let said = check();
        assert!(
            said.contains("✓ lab1.1") && said.contains("✗ lab1.2") && said.contains(reason),
            "{said}"
        );
        assert!(said.contains("10/100"), "{said}");
    }
    // A line that the student's code leaves open does not hide what came of the exercise.
    let open = text_of_costs.replacen("todo!(\"lab1.2\")", "print!(\"no end\"); 0.5", 1);
    fs::write(&costs, open).expect("to write");
    assert!(check().contains("✗ lab1.2"));

    // The stub again, with the time that it had before: not the points of what stood there meanwhile.
    fs::write(&first, stub).expect("to write");
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(86_400);
    let restored = fs::File::options()
        .write(true)
        .open(&first)
        .expect("to open");
    restored.set_modified(long_ago).expect("to set the time");
    let said = check();
    assert!(
        said.contains("· lab1.1") && said.contains(" 0/100"),
        "{said}"
    );
}

#[test]
fn a_file_that_does_not_compile_costs_its_own_exercise() {
    let release = release();
    let out = &release.out;
    let file = |name: &str| out.join("labs/lab1/src/exercises").join(name);
    let (first, costs) = (file("e1_sigmoid.rs"), file("e2_costs.rs"));
    solve(&first, "1.0 / (1.0 + (-z).exp())");
    solve(&first, "sigmoid(z) * (1.0 - sigmoid(z))");
    let right = fs::read_to_string(&first).expect("the exercise");
    let stub = fs::read_to_string(&costs).expect("the exercise");
    let check = |what: &str| {
        let output = gradus(out, &["check", what]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        text(&output)
    };
    let line_of = |text: &str, wanted: &str| {
        let line = text.lines().position(|line| line.contains(wanted));
        line.expect("it stands there") + 1
    };
    // One that the compiler cannot read hides what is wrong in the other; with the other read, it says that, too.
    let broken = stub.replacen("todo!(\"lab1.2\")", "let cost = (1.0;", 1);
    fs::write(&costs, &broken).expect("to write");
    let batches = file("e5_batches.rs");
    let text_of_batches = fs::read_to_string(&batches).expect("the exercise");
    let wrong = text_of_batches.replacen("todo!(\"lab1.5\")", "\"no batches\"", 1);
    fs::write(&batches, &wrong).expect("to write");
    let said = check("lab1");
    let place = format!("e2_costs.rs:{}", line_of(&broken, "let cost"));
    assert!(
        said.contains("✓ lab1.1") && said.contains("10/100") && said.contains("antes lab1.2"),
        "{said}"
    );
    assert!(said.contains(&place) && said.contains("✗ lab1.2"), "{said}");
    assert!(
        said.contains("✗ lab1.5") && said.contains("no compila"),
        "{said}"
    );
    let full = check("lab1.5");
    assert!(
        full.contains("let batches") || full.contains("no batches"),
        "{full}"
    );
    assert!(
        fs::read_to_string(&costs).is_ok_and(|now| now == broken),
        "the file stays"
    );

    // What others build on: they say what comes first. And the function must be the one that is asked for.
    fs::write(&costs, &stub).expect("to write");
    fs::write(&batches, &text_of_batches).expect("to write");
    fs::write(
        &first,
        right.replace("fn sigmoid(z: f64)", "fn sigmoid(z: f32)"),
    )
    .expect("to write");
    let said = check("lab1");
    assert!(
        said.contains("✗ lab1.1")
            && said.contains("e1_sigmoid.rs:")
            && said.contains("· lab1.2")
            && said.contains("antes lab1.1"),
        "{said}"
    );
    fs::write(&first, &right).expect("to write");
    assert!(check("lab1").contains("10/100"));
}

#[test]
fn watch_reacts_to_a_save_and_survives_broken_code() {
    let release = release();
    let out = &release.out;
    let file = out.join("labs/lab1/src/exercises/e1_sigmoid.rs");
    let mut watch = command(out, &["check", "lab1.1", "--watch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("gradus runs");
    let stdout = watch.stdout.take().expect("piped");
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    let wait_for = |wanted: &str| -> Result<Duration, String> {
        let begin = Instant::now();
        let mut seen = String::new();
        // Far more than the seconds that it takes: the machine that tests may be busy.
        while begin.elapsed() < Duration::from_secs(240) {
            if let Ok(line) = lines.recv_timeout(Duration::from_secs(1)) {
                seen += &line;
                seen.push('\n');
                if line.contains(wanted) {
                    return Ok(begin.elapsed());
                }
            }
        }
        Err(format!("no `{wanted}` in: {seen}"))
    };
    let steps = || -> Result<Duration, String> {
        wait_for("esperando")?;
        solve(&file, "nonsense");
        wait_for("no compila")?;
        wait_for("esperando")?;
        let text = fs::read_to_string(&file).expect("the exercise");
        fs::write(&file, text.replace("nonsense", "1.0 / (1.0 + (-z).exp())")).expect("to write");
        let time = wait_for("✓ sigmoid")?;
        wait_for("esperando")?;
        Ok(time)
    };
    let result = steps();
    watch.kill().expect("it still watches");
    watch.wait().expect("it ends");
    match result {
        Ok(time) => println!("from save to answer: {time:.1?}"),
        Err(problem) => panic!("{problem}"),
    }
}
