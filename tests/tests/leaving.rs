//! Whichever way a cell ends, what it has not moved is there afterwards, and what it has moved is named.

use gradus_tests::client::Kernel;
use gradus_tests::without_colours;

/// What a cell should do.
enum Does {
    /// It runs.
    Runs,
    /// It prints this.
    Prints(&'static str),
    /// It fails, and says this.
    Fails(&'static str),
    /// It fails and says nothing of lost variables.
    FailsWithoutLoss(&'static str),
}

use Does::{Fails, FailsWithoutLoss, Prints, Runs};

fn check(cells: &[(&str, Does)]) {
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    for (code, does) in cells {
        let cell = kernel.run(code);
        let said = without_colours(&cell.reply.to_string());
        let printed = cell.stream("stdout");
        match does {
            Runs => assert!(cell.is_ok(), "{code}: {said}"),
            Prints(text) => assert_eq!(printed.trim_end(), *text, "{code}: {said}"),
            Fails(text) => assert!(!cell.is_ok() && said.contains(text), "{code}: {said}"),
            FailsWithoutLoss(text) => {
                let lost = said.contains("Lost");
                assert!(
                    !cell.is_ok() && !lost && said.contains(text),
                    "{code}: {said}"
                );
            }
        }
    }
}

const START: &str = "\
#[derive(Debug)] struct P { s: String, n: i64, t: String }
fn step(mut v: Vec<i32>) -> Vec<i32> { v.push(0); v }
fn fails() -> Result<i32, String> { Err(\"no\".to_string()) }
let mut w = vec![1, 2, 3];
let s = String::from(\"s\");
let t = String::from(\"t\");
let mut n = 0;
let mut o = Some(Box::new(4));
let mut p = P { s: \"p\".to_string(), n: 5, t: \"t\".to_string() };";

#[test]
fn what_only_borrows_for_its_own_cell_does_not_keep_the_cell_from_running() {
    check(&[
        (START, Runs),
        ("let r = &mut w; r.push(4);", Runs),
        ("let r = &mut w;\nr.push(5);\nlet count = r.len();", Runs),
        ("let first = &w[0]; n += *first;", Runs),
        // Beside something that it moves, and sets again.
        (
            "drop(s);\nlet last = &mut w; last.push(6);\nw.iter_mut().for_each(|x| *x += 1);\nw.iter_mut().for_each(|x| *x -= 1);",
            Runs,
        ),
        (
            "println!(\"{w:?} {n} {count}\");",
            Prints("[1, 2, 3, 4, 5, 6] 1 5"),
        ),
    ]);
}

#[test]
fn a_variable_lives_unless_it_was_moved_before() {
    check(&[
        (START, Runs),
        // A panic in a loop that replaces it.
        (
            "for i in 0..5 { if i == 2 { panic!(\"half way\"); } w = step(w); n += 1; }",
            FailsWithoutLoss("half way"),
        ),
        ("println!(\"{w:?} {n}\");", Prints("[1, 2, 3, 0, 0] 2")),
        // `?` before it is moved.
        (
            "let x = fails()?; w = step(w); drop(s);",
            FailsWithoutLoss("no"),
        ),
        ("println!(\"{w:?} {s}\");", Prints("[1, 2, 3, 0, 0] s")),
        // A `return` before and behind.
        (
            "if n == 2 { return; } w = step(w); drop(s); let y = 3;",
            Runs,
        ),
        ("println!(\"{w:?} {s}\");", Prints("[1, 2, 3, 0, 0] s")),
        ("w = step(w); if n == 2 { return; } drop(w);", Runs),
        ("println!(\"{w:?}\");", Prints("[1, 2, 3, 0, 0, 0]")),
        // `break` with a value, an error behind it, and a move that is not reached.
        (
            "w = loop { if w.len() > 6 { break step(w); } w = step(w); }; fails()?; let v = w;",
            FailsWithoutLoss("no"),
        ),
        ("println!(\"{w:?}\");", Prints("[1, 2, 3, 0, 0, 0, 0, 0]")),
        // With others.
        (
            "(w, n) = (step(w), n + 1); w[20];",
            FailsWithoutLoss("out of bounds"),
        ),
        ("println!(\"{} {n}\", w.len());", Prints("9 3")),
        // What stands before the move of an argument.
        (
            "fn two(a: i32, b: Vec<i32>) {}\ntwo(fails()?, w);",
            FailsWithoutLoss("no"),
        ),
        ("println!(\"{}\", w.len());", Prints("9")),
        // Into a thread, and nothing of it.
        (
            "if n > 100 { std::thread::spawn(move || drop(s)); } fails()?;",
            FailsWithoutLoss("no"),
        ),
        ("println!(\"{s}\");", Prints("s")),
        // Parts of it.
        (
            "p.s = p.s + \"!\"; fails()?; drop(p.t);",
            FailsWithoutLoss("no"),
        ),
        (
            "println!(\"{p:?}\");",
            Prints("P { s: \"p!\", n: 5, t: \"t\" }"),
        ),
        // A new one of its name.
        (
            "let m = w.len(); if m == 9 { return; } let w = step(w);",
            Runs,
        ),
        ("println!(\"{}\", w.len());", Prints("9")),
        (
            "let n = n + 1; panic!(\"half way\");",
            FailsWithoutLoss("half way"),
        ),
        ("println!(\"{n}\");", Prints("3")),
    ]);
}

#[test]
fn what_was_moved_before_is_named() {
    check(&[
        (START, Runs),
        ("drop(s); panic!(\"half way\");", Fails("moving them: s")),
        ("println!(\"{s}\");", Fails("gave `s` away")),
        // Each of two for itself.
        (
            "let u = w; std::thread::spawn(move || u.len()); fails()?; drop(t);",
            Fails("moving them: w\""),
        ),
        ("println!(\"{t}\");", Prints("t")),
        // An argument that was moved before the next one failed.
        (
            "fn two(a: String, b: i32) {}\ntwo(t, fails()?);",
            Fails("moving them: t\""),
        ),
        (
            "if let Some(x) = o { n += 1; panic!(\"half way\") }",
            Fails("moving them: o"),
        ),
        ("o = Some(Box::new(7));", Runs),
        ("println!(\"{o:?}\");", Prints("Some(7)")),
        // One that is set again, and then a new one of its name.
        (
            "(w, n) = (vec![1], n + 1); let w = w.len() + 1; o = o.map(|x| x);",
            Runs,
        ),
        ("println!(\"{w} {o:?}\");", Prints("2 Some(7)")),
        // A part of it.
        (
            "let a = p.s; if a.len() == 1 { panic!(\"half way\"); } p.s = a;",
            Fails("moving them: p"),
        ),
        ("println!(\"{p:?}\");", Fails("gave `p` away")),
    ]);
}

#[test]
fn what_is_moved_where_only_the_compiler_sees_it_is_right() {
    check(&[
        (START, Runs),
        ("macro_rules! give { ($x:ident) => { drop($x) } }", Runs),
        ("give!(s);", Runs),
        ("println!(\"{s}\");", Fails("gave `s` away")),
        (
            "macro_rules! grow { ($x:ident) => { $x = step($x) } }\ngrow!(w);\ngrow!(w);",
            Runs,
        ),
        ("println!(\"{w:?}\");", Prints("[1, 2, 3, 0, 0]")),
        // A mistake is the cell's own, and costs nothing.
        ("drop(t); println!(\"{t}\");", Fails("E0382")),
        ("let r = &t; let u = t; println!(\"{r}\");", Fails("E0505")),
        ("drop(t); let x: i32 = \"a\";", Fails("E0308")),
        ("println!(\"{t}\");", Prints("t")),
        (
            "let P { s: a, n: b, t: c } = p; println!(\"{a}{b}{c}\");",
            Prints("p5t"),
        ),
        ("println!(\"{p:?}\");", Fails("gave `p` away")),
    ]);
}
