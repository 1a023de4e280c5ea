//! What a student reads when a cell is wrong: the code of the error, the cell's own line, and a hint, in both languages,
//! without a word about how the kernel works.

use gradus::Language;
use gradus_kernel::hints::examples;
use gradus_tests::client::{Cell, Kernel};
use gradus_tests::without_colours;
use serde_json::json;

/// A kernel that speaks this language.
fn kernel(language: &str) -> Kernel {
    Kernel::start_with(|command| {
        command.env("GRADUS_LANG", language);
    })
}

/// The text of a reply's traceback.
fn trace(cell: &Cell) -> String {
    let lines = cell.reply["traceback"].as_array();
    let lines = lines.into_iter().flatten().filter_map(|line| line.as_str());
    without_colours(&lines.collect::<Vec<_>>().join("\n"))
}

/// What a student must never read.
const INTERNAL: [&str; 13] = [
    "evcxr",
    "run_user_code",
    "ctx",
    "gradus_",
    "CellError",
    "notebook::",
    "cell-",
    ".rs",
    "/rustc",
    "Kept",
    "Probe",
    "ShowDebug",
    "sessions/",
];

/// Code, what the first line of the answer contains, and its line in the cell.
const WRONG: [(&str, &str, usize); 58] = [
    ("let v = vec![1];\nlet w = v;\nv.len()", "E0382", 3),
    (
        "let mut s = String::new();\nlet a = &mut s;\nlet b = &mut s;\na.push('x');\nb.push('y');",
        "E0499",
        3,
    ),
    (
        "let mut v = vec![1, 2];\nlet first = &v[0];\nv.push(3);\nprintln!(\"{first}\");",
        "E0502",
        3,
    ),
    (
        "let s = String::new();\nlet r = &s;\ndrop(s);\nprintln!(\"{r}\");",
        "E0505",
        3,
    ),
    (
        "let mut i = 1;\nlet r = &i;\ni = 2;\nprintln!(\"{r}\");",
        "E0506",
        3,
    ),
    (
        "let r;\n{\n    let x = 5;\n    r = &x;\n}\nprintln!(\"{r}\");",
        "E0597",
        4,
    ),
    ("let v = vec![String::new()];\nlet s = v[0];", "E0507", 2),
    ("let x: f64 = 2;", "E0308", 1),
    ("fn double(x: i32) -> i32 {\n    x * 2;\n}", "E0308", 1),
    ("nothing + 1", "E0425", 1),
    ("let m = HashMap::<i32, i32>::new();", "E0433", 1),
    ("let m = Nothing::new();", "E0433", 1),
    ("use nowhere::Thing;", "E0432", 1),
    ("let v = vec![1];\nv.push_all(3)", "E0599", 2),
    ("let a = 1.0 + 1;", "E0277", 1),
    ("let v = vec![1, 2];\nlet i: i32 = 0;\nv[i]", "E0277", 3),
    ("let q = Some(1)?;", "E0277", 1),
    ("struct S;\nprintln!(\"{}\", S);", "E0277", 2),
    ("let z = 1;\nz = 2;", "E0384", 2),
    ("let v = Vec::new();\nv.push(1);", "E0596", 2),
    (
        "struct P { x: i32 }\nlet p = P { x: 1 };\np.x = 2;",
        "E0594",
        3,
    ),
    (
        "fn add(a: i32, b: i32) -> i32 { a + b }\nadd(1)",
        "E0061",
        2,
    ),
    ("let v = Vec::new();", "E0282", 1),
    ("let s = \"5\".parse().unwrap();", "E0284", 1),
    ("struct Q;\nlet a = Q + Q;", "E0369", 2),
    ("fn g(x: Flot) {}", "E0425", 1),
    ("struct W { a: i32 }\nlet w = W(1);", "E0423", 2),
    ("print(5)", "E0423", 1),
    ("struct W { a: i32 }\nlet w = W { a: 1, b: 2 };", "E0560", 2),
    ("struct W { a: i32 }\nlet w = W { a: 1 };\nw.b", "E0609", 3),
    (
        "struct W { a: i32, b: i32 }\nlet w = W { a: 1 };",
        "E0063",
        2,
    ),
    (
        "let o = Some(1);\nmatch o {\n    Some(x) => x,\n}",
        "E0004",
        2,
    ),
    (
        "fn h() -> &'static str {\n    let s = String::new();\n    &s\n}",
        "E0515",
        3,
    ),
    ("let n = 1u32;\n*n", "E0614", 2),
    ("!\"a\"", "E0600", 1),
    ("let n = 5;\nn(3)", "E0618", 2),
    ("let u: i32;\nprintln!(\"{u}\");", "E0381", 2),
    (
        "trait T { fn a(&self); }\nstruct S;\nimpl T for S {}",
        "E0046",
        3,
    ),
    (
        "trait T { fn a(&self); }\nstruct S;\nimpl T for S { fn a(&mut self) {} }",
        "E0053",
        3,
    ),
    (
        "impl std::fmt::Display for Vec<i32> {\n    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { Ok(()) }\n}",
        "E0117",
        1,
    ),
    ("const C: Vec<i32> = vec![1].clone();", "E0015", 1),
    ("1 = 2;", "E0070", 1),
    ("1 += 2;", "E0067", 1),
    ("let x = for i in 0..3 {\n    break i;\n};", "E0571", 2),
    ("struct R { s: &str }", "E0106", 1),
    (
        "let n = 1;\nlet t = std::thread::spawn(|| println!(\"{n}\"));",
        "E0373",
        2,
    ),
    ("prinln!(\"a\");", "cannot find macro", 1),
    ("println!(\"{} {}\", 1);", "2 positional arguments", 1),
    ("let mut i = 0;\ni++;", "increment operator", 2),
    ("def f(x):\n    return x", "expected one of", 1),
    ("if true { 1 } else 2", "expected `{`", 1),
    ("let a = 5\nlet b = 6;", "expected `;`", 1),
    ("let s = \"abc;", "E0765", 1),
    ("fn f() {\n    let a = 1;", "unclosed delimiter: `{`", 1),
    ("println!(\"a\";", "unclosed delimiter: `(`", 1),
    ("let v = vec![1, 2;", "unclosed delimiter: `[`", 1),
    ("println!(\"a\"));", "unexpected closing delimiter: `)`", 1),
    ("let b: u8 = 300;\nb", "literal out of range", 1),
];

#[test]
fn every_common_mistake_has_its_line_and_a_hint_in_both_languages() {
    for (language, hint, line_word) in [("en", "hint: ", "line"), ("es", "pista: ", "línea")] {
        let mut kernel = kernel(language);
        for (code, wanted, line) in WRONG {
            let cell = kernel.run(code);
            let text = trace(&cell);
            let about = format!("{language}: {code}\n{text}");
            assert_eq!(cell.error().0, "CompileError", "{about}");
            assert!(
                text.lines()
                    .next()
                    .is_some_and(|first| first.contains(wanted)),
                "{wanted}: {about}"
            );
            assert!(
                text.contains(&format!("{line_word} {line}\n")),
                "line {line}: {about}"
            );
            assert!(text.contains(hint), "no hint: {about}");
            // What the student wrote is no internal.
            for name in INTERNAL.iter().filter(|name| !code.contains(**name)) {
                assert!(!text.contains(name), "{name}: {about}");
                assert!(!cell.error().1.contains(name), "{name}: {about}");
            }
        }
    }
}

#[test]
fn every_hint_is_given_for_the_mistake_that_it_is_about() {
    for (name, language) in [("en", Language::En), ("es", Language::Es)] {
        let (mut kernel, mut wrong) = (kernel(name), Vec::new());
        for (code, hint) in examples(language) {
            let text = trace(&kernel.run(code));
            if !text.contains(hint) {
                wrong.push(format!("{code}\n  {hint}\n{text}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}

#[test]
fn a_suggestion_is_the_line_as_it_would_be() {
    let mut kernel = kernel("en");
    for (code, line) in [
        (
            "let v = vec![1];\nlet w = v;\nv.len()",
            "let w = v.clone();",
        ),
        ("let mut x = 1;\nif x = 2 { }", "if x == 2 { }"),
        ("print(5)", "print!(5)"),
        ("let v = Vec::new();\nv.push(1);", "let mut v = Vec::new();"),
        (
            "let m = HashMap::<i32, i32>::new();",
            "use std::collections::HashMap;",
        ),
        ("fn double(x: i32) -> i32 {\n    x * 2;\n}", "    x * 2"),
        ("let mut i = 0;\ni++;", "i += 1;"),
    ] {
        let text = trace(&kernel.run(code));
        assert!(
            text.lines().any(|one| one == format!("    {line}")),
            "{line}\n{text}"
        );
    }
    let text = trace(&kernel.run("let m = HashMap::<i32, i32>::new();"));
    assert!(text.contains("A `use` is missing"), "{text}");
}

#[test]
fn what_cannot_be_kept_is_said_only_when_nothing_else_is_wrong() {
    let mut kernel = kernel("en");
    // A cell of which nothing would be left.
    assert!(kernel.run("let v = vec![1];").is_ok());
    let cell = kernel.run("let r = &v;");
    assert!(
        cell.error().1.contains("`r` is a reference"),
        "{:?}",
        cell.error()
    );
    // One that does something besides.
    let cell = kernel.run("let r = &v;\nprintln!(\"{r:?}\");\nlet n = r.len();");
    assert_eq!(cell.stream("stdout"), "[1]\n", "{}", trace(&cell));
    let said = cell.stream("stderr");
    assert!(said.contains("`r` is a reference"), "{said}");
    assert_eq!(kernel.run("n").value(), Some("1"));
    let cell = kernel.run("r");
    assert!(
        trace(&cell).contains("`r` is a reference"),
        "{}",
        trace(&cell)
    );
    let cell = kernel.run("let mut v = vec![1];\nlet r = &v[0];\nv.push(2);\nprintln!(\"{r}\");");
    assert!(
        !cell.error().1.contains("pass from cell to cell"),
        "{:?}",
        cell.error()
    );
    assert!(!trace(&cell).contains("outlives"), "{}", trace(&cell));
    // A closure whose types only its use tells.
    assert_eq!(
        kernel.run("let twice = |x| x * 2;\ntwice(3)").value(),
        Some("6")
    );
    assert_eq!(kernel.run("twice(4)").value(), Some("8"));
    let cell = kernel.run("let same = |x| x;");
    assert!(
        trace(&cell).contains("|x: f64|"),
        "the remedy: {}",
        trace(&cell)
    );
}

#[test]
fn a_function_does_not_see_the_notebook() {
    let mut kernel = kernel("es");
    assert!(kernel.run("let eta = 0.1;\nlet kept: i32 = 3;").is_ok());
    let text = trace(&kernel.run("fn step(x: f64) -> f64 {\n    x - eta\n}"));
    assert!(text.contains("E0425") && text.contains("línea 2"), "{text}");
    assert!(
        text.contains("Una `fn` no ve las variables del cuaderno"),
        "{text}"
    );
    let text = trace(&kernel.run("kept = 4;"));
    assert!(
        text.contains("let mut x = x;"),
        "a variable of another cell: {text}"
    );
}

#[test]
fn a_panic_is_told_by_the_line_of_the_cell() {
    let mut kernel = kernel("en");
    for (code, message, line) in [
        ("let x = i32::MAX;\nx + 1", "overflow", 2),
        (
            "let n = 3;\nlet d = std::hint::black_box(0);\nn / d",
            "divide by zero",
            3,
        ),
        (
            "let v = vec![1];\nlet i = 4;\n\nv[i]",
            "index out of bounds",
            4,
        ),
        // Inside the standard library.
        (
            "let m = std::collections::HashMap::<i32, i32>::new();\nm[&3]",
            "no entry found",
            2,
        ),
        (
            "let a = 1;\nlet d = std::time::Duration::from_secs_f64(-1.0);",
            "negative",
            2,
        ),
    ] {
        let cell = kernel.run(code);
        assert_eq!(cell.error().0, "Panic", "{code}: {:?}", cell.reply);
        let text = trace(&cell);
        assert!(
            text.contains(message) && text.contains(&format!(", line {line}\n")),
            "{code}\n{text}"
        );
        for name in INTERNAL {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }
    let claim = "Something that this cell claims does not hold";
    for (code, is_claim) in [
        ("assert!(1.0 > 2.0);", true),
        ("assert_eq!(1 + 1, 3);", true),
        ("assert!(1.0 > 2.0, \"the loss fell\");", false),
        ("assert_eq!(1 + 1, 3, \"the sum\");", false),
        ("panic!(\"on purpose\");", false),
    ] {
        let text = trace(&kernel.run(code));
        assert_eq!(text.contains(claim), is_claim, "{code}\n{text}");
    }
    // What the compiler sees already is no surprise at run time.
    for code in ["1 / 0", "let a = [1, 2, 3];\na[5]", "let b: u8 = 300;\nb"] {
        assert_eq!(kernel.run(code).error().0, "CompileError", "{code}");
    }
}

#[test]
fn the_end_of_the_process_says_why_and_where() {
    for (language, deep, memory) in [
        ("en", "the stack overflowed", "there is no memory for"),
        ("es", "la pila se ha desbordado", "no hay memoria para"),
    ] {
        let mut kernel = kernel(language);
        let line = if language == "es" {
            "línea 2"
        } else {
            "line 2"
        };
        for (code, why) in [
            (
                "fn deep(n: u64) -> u64 { let a = std::hint::black_box([n; 64]); deep(n + 1) + a[3] }\ndeep(0)",
                deep,
            ),
            (
                "let a = 1;\nlet hoard: Vec<u8> = Vec::with_capacity(1 << 60);",
                memory,
            ),
            (
                "let p: *mut u8 = std::ptr::null_mut();\nunsafe { *p = 1 };",
                "null pointer dereference",
            ),
        ] {
            let cell = kernel.run(code);
            assert_eq!(cell.error().0, "ProcessDied", "{code}: {:?}", cell.reply);
            let text = trace(&cell);
            assert!(text.contains(why) && text.contains(line), "{code}\n{text}");
            let said = cell.stream("stderr");
            assert!(
                !said.contains("stack backtrace") && !said.contains("RUST_BACKTRACE"),
                "{said}"
            );
        }
        assert_eq!(kernel.run("1 + 1").value(), Some("2"));
    }
}

#[test]
fn cells_are_called_by_the_number_that_the_front_end_shows() {
    let mut kernel = kernel("en");
    assert!(kernel.run("let a = 1;").is_ok());
    let silent = kernel.send(
        "execute_request",
        json!({"code": "let b = 2;", "silent": true}),
    );
    kernel.finish(&silent, |_, _, _| ());
    let asking = json!({"code": "a", "user_expressions": {"one": "a + 1", "two": "a + b"}});
    let asking = kernel.send("execute_request", asking);
    let cell = kernel.finish(&asking, |_, _, _| ());
    assert_eq!(
        cell.reply["user_expressions"]["two"]["data"]["text/plain"],
        "3"
    );
    let cell = kernel.run("nothing");
    assert_eq!(cell.reply["execution_count"], 3);
    assert!(
        trace(&cell).contains("--> cell 3, line 1"),
        "{}",
        trace(&cell)
    );
}
