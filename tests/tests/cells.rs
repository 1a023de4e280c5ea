//! What a session keeps, and how it answers while it is busy.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gradus_tests::client::{Cell, Kernel};
use gradus_tests::lists::{lists, name, read, run};
use gradus_tests::{Desk, analysis, gradus, without_colours};
use serde_json::json;

/// A library in a folder of its own, and the line that uses it.
fn library(folder: &Path, name: &str, code: &str) -> String {
    let root = folder.join(name);
    std::fs::create_dir_all(root.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    std::fs::write(root.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(root.join("src/lib.rs"), code).unwrap();
    format!(
        ":dep {name} = {{ path = {:?} }}",
        root.display().to_string()
    )
}

#[test]
fn a_library_that_does_not_compile_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(
        folder.path(),
        "gradus_test_wrong",
        "pub fn number() -> i32 {\n    \"one\"\n}",
    );
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    let text = text_of(&kernel.run(&library));
    for part in ["mismatched types", "gradus_test_wrong/src/lib.rs:2:5"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(kernel.run("1 + 1").value(), Some("2"));
}

fn text_of(cell: &Cell) -> String {
    let lines = cell.reply["traceback"].as_array();
    let lines = lines.into_iter().flatten().filter_map(|line| line.as_str());
    without_colours(&lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn what_the_stock_kernel_runs_runs_here() {
    let lists = lists(|name| name.starts_with("stock-") && !name.starts_with("stock-crates"));
    assert!(lists.len() > 4, "{lists:?}");
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs = lists.iter().map(|list| {
            let run = scope.spawn(|| run(&read(list)).0);
            (name(list), run)
        });
        let runs: Vec<_> = runs.collect();
        let ended = runs
            .into_iter()
            .map(|(name, run)| (name, run.join().unwrap()));
        ended
            .flat_map(|(name, wrong)| wrong.into_iter().map(move |one| format!("{name}: {one}")))
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn questions_have_the_answers_of_the_stock_kernel() {
    let mut kernel = Kernel::start();
    let cell = kernel.run(
        "mod bar { pub struct Baz {} impl Baz { pub fn fff5() {} } }\n\
         let var1 = 42;\nlet var2 = String::new();",
    );
    assert!(cell.is_ok(), "{}", text_of(&cell));
    // The first questions come too early for the compiler's answer; what has none is asked for last.
    let mut complete = |code: &str, tries: usize| {
        let at = code.chars().count();
        let question = json!({"code": code, "cursor_pos": at});
        let mut answers = (0..tries).map(|_| kernel.ask("complete_request", question.clone()));
        let last = answers.find(|found| found["matches"][0].is_string());
        last.unwrap_or_default()
    };
    assert!(analysis().is_file());
    let of = |found: &serde_json::Value| -> Vec<String> {
        let matches = found["matches"].as_array().into_iter().flatten();
        matches
            .map(|one| one.as_str().unwrap().to_owned())
            .collect()
    };
    let code = "fn foo() -> Vec<String> {\n    vec![]\n}\nfoo().res";
    let found = complete(code, 200);
    let matches = of(&found);
    let start = code.len() - "res".len();
    assert!(
        matches.iter().any(|one| one == "reserve(")
            && matches.iter().all(|one| one.starts_with("res")),
        "{found}"
    );
    assert_eq!(
        (found["cursor_start"].as_u64(), found["cursor_end"].as_u64()),
        (Some(start as u64), Some(code.len() as u64))
    );
    let types = found["metadata"]["_jupyter_types_experimental"].as_array();
    let types = types.expect("what each of them is");
    assert!(types.iter().all(|one| one["signature"] != ""), "{found}");
    assert!(
        types
            .iter()
            .any(|one| one["text"] == "reserve(" && one["type"] == "function"),
        "{found}"
    );
    let found = complete(":de", 1);
    assert!(of(&found).iter().any(|one| one == ":dep"), "{found}");
    let kind = &found["metadata"]["_jupyter_types_experimental"][0]["type"];
    assert_eq!(kind, "magic");
    assert_eq!(
        (&found["cursor_start"], &found["cursor_end"]),
        (&json!(0), &json!(3))
    );
    for (code, wanted) in [
        ("let _ = v", &["var1", "var2"][..]),
        ("use bar::", &["Baz"]),
        ("use bar::Baz; Baz::", &["fff5()"]),
    ] {
        let matches = of(&complete(code, 3));
        let has = |wanted: &&str| matches.iter().any(|one| one == wanted);
        assert!(wanted.iter().all(has), "{code}: {matches:?}");
        assert!(
            !matches
                .iter()
                .any(|one| one.contains("gradus") || one.contains("evcxr"))
        );
    }
    assert_eq!(
        of(&complete(
            "fn foo() -> Vec<u8> { vec![] }\nfoo().asdfasdf",
            1
        )),
        [""; 0]
    );
    let mut inspect = |code: &str, at: usize| {
        kernel.ask(
            "inspect_request",
            json!({"code": code, "cursor_pos": at, "detail_level": 0}),
        )
    };
    let found = inspect("let _v: Vec<i32> = Vec::new()", 27);
    let html = found["data"]["text/html"].as_str().unwrap_or_default();
    assert!(html.contains('<') && html.contains("new"), "{found}");
    let found = inspect("totally_unknown_function()", 24);
    assert_eq!(
        (&found["status"], &found["found"]),
        (&json!("ok"), &json!(false))
    );
}

#[test]
fn another_library_takes_no_variables_along() {
    let folder = tempfile::tempdir().unwrap();
    let first = library(
        folder.path(),
        "gradus_test_first",
        "#[derive(Debug)] pub struct P { pub x: i32 }\npub fn make(x: i32) -> P { P { x } }",
    );
    let second = library(
        folder.path(),
        "gradus_test_second",
        "pub fn twice(x: i32) -> i32 { 2 * x }",
    );
    // Not behind a build for another test.
    let cache = folder.path().join("cache").display().to_string();
    let mut kernel = Kernel::start_with(|command| {
        command.envs([("GRADUS_LANG", "en"), ("GRADUS_CACHE", &cache)]);
    });
    let cell = kernel.run(&format!(
        "{first}\nlet p = gradus_test_first::make(4);\nlet list = vec![gradus_test_first::make(5)];"
    ));
    assert!(cell.is_ok(), "{}", text_of(&cell));
    let cell = kernel.run(&format!("{second}\ngradus_test_second::twice(p.x)"));
    assert_eq!(cell.value(), Some("8"), "{}", text_of(&cell));
    assert_eq!(cell.stream("stderr"), "");
    assert_eq!(
        kernel
            .run("(&p, list.len(), gradus_test_first::make(1))")
            .value(),
        Some("(P { x: 4 }, 1, P { x: 1 })")
    );
    // A library that is another one now is not taken in over the variables made of it.
    let changed = "#[derive(Debug)] pub struct P { pub x: i32, pub y: i32 }\npub fn make(x: i32) -> P { P { x, y: 0 } }";
    library(folder.path(), "gradus_test_first", changed);
    let cell = kernel.run(&format!("{first}\np.y"));
    let text = text_of(&cell);
    assert!(
        text.contains("list, p") && text.contains(":clear"),
        "{text}"
    );
    assert_eq!(kernel.run("p.x").value(), Some("4"), "nothing is lost");
    assert!(kernel.run(":clear").is_ok());
    let cell = kernel.run(&format!("{first}\ngradus_test_first::make(3).y"));
    assert_eq!(cell.value(), Some("0"), "{}", text_of(&cell));
}

#[test]
fn a_type_that_a_library_keeps_to_itself_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(
        folder.path(),
        "gradus_test_private",
        "mod inner {\n#[derive(Clone)] pub struct T(pub i32);\nimpl T { pub fn get(&self) -> i32 { self.0 }\n\
         pub fn add(&mut self, n: i32) { self.0 += n; } }\n#[derive(Clone, Copy)] pub struct C(pub i32);\n}\n\
         pub fn make(n: i32) -> inner::T { inner::T(n) }\npub fn pair() -> (inner::T, inner::C) { (make(7), inner::C(8)) }",
    );
    let cache = folder.path().join("cache").display().to_string();
    let mut kernel = Kernel::start_with(|command| {
        command.envs([("GRADUS_LANG", "en"), ("GRADUS_CACHE", &cache)]);
    });
    let cell = kernel.run(&format!(
        "{library}\nuse gradus_test_private::{{make, pair}};\nlet n = 3;\nlet mut list = vec![make(n)];\n\
         let (a, c) = pair();"
    ));
    assert!(cell.is_ok(), "{}", text_of(&cell));
    for (code, wanted) in [
        ("list.push(a.clone());\nlist[1].get() + c.0", "15"),
        // Of one that is of such a type itself.
        (
            "let mut b = list[0].clone();\nlet two = (c, c);\nlist.len()",
            "2",
        ),
        ("b.add(two.1.0);\nb.get() + c.0", "19"),
        // Moved, and set again.
        ("let moved = b;\nmoved.get()", "11"),
        ("b = make(5);\nmoved.get()", "11"),
        ("b.get()", "5"),
    ] {
        let cell = kernel.run(code);
        assert_eq!(cell.value(), Some(wanted), "{code}: {}", text_of(&cell));
    }
    let cell = kernel.run("let gone = a;\npanic!(\"after it\");");
    assert_eq!(cell.error().1, "after it");
    assert_eq!(kernel.run("list.len()").value(), Some("2"));
}

#[test]
fn a_type_that_is_known_late_need_not_be_copy() {
    let mut kernel = Kernel::start();
    let cell = kernel.run(
        "#[derive(Debug)] struct Big(Vec<u32>);\n\
         impl std::ops::Shr<i32> for &Big { type Output = Big; fn shr(self, n: i32) -> Big { Big(vec![self.0[0] >> n]) } }\n\
         impl std::ops::Shr<u8> for &Big { type Output = Big; fn shr(self, n: u8) -> Big { Big(vec![self.0[0] >> n]) } }\n\
         let big = Big(vec![8]);",
    );
    assert!(cell.is_ok(), "{}", text_of(&cell));
    let cell =
        kernel.run("let half = &big >> 1;\nlet quarter = &big >> 2;\nlet all = vec![quarter];");
    assert!(cell.is_ok(), "{}", text_of(&cell));
    let cell = kernel.run("let mine = half;\n(&big, mine.0[0], all[0].0[0])");
    assert_eq!(cell.value(), Some("(Big([8]), 4, 2)"), "{}", text_of(&cell));
}

#[test]
fn an_edited_library_is_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let name = "gradus_test_edited";
    let uses = library(
        folder.path(),
        name,
        "pub struct P;\npub fn f() -> i32 { 1 }",
    );
    let cache = folder.path().join("cache").display().to_string();
    let mut kernel = Kernel::start_with(|command| {
        command.envs([("GRADUS_LANG", "en"), ("GRADUS_CACHE", &cache)]);
    });
    let cell = kernel.run(&format!("{uses}\n{name}::f()"));
    assert_eq!(cell.value(), Some("1"), "{}", text_of(&cell));
    library(
        folder.path(),
        name,
        "pub struct P;\npub fn f() -> i32 { 10 + 1 }",
    );
    let cell = kernel.run(&format!("{name}::f()"));
    assert_eq!(cell.value(), Some("11"), "{}", text_of(&cell));
    // A variable that is made of it is more worth.
    assert!(
        kernel
            .run(&format!("let p = {name}::P;\nlet n = 2;"))
            .is_ok()
    );
    library(
        folder.path(),
        name,
        "pub struct P(i32);\npub fn f() -> i32 { 100 + 2 }",
    );
    let cell = kernel.run(&format!("{name}::f() + n"));
    assert_eq!(cell.value(), Some("13"), "{}", text_of(&cell));
    assert!(cell.stream("stderr").contains("still used as it was"));
    let cell = kernel.run(&format!("{name}::f() + n"));
    assert_eq!(
        (cell.value(), cell.stream("stderr")),
        (Some("13"), String::new())
    );
    // So is a library that works.
    assert!(kernel.run(":clear").is_ok());
    let cell = kernel.run(&format!("{name}::f()"));
    assert_eq!(cell.value(), Some("102"), "{}", text_of(&cell));
    library(folder.path(), name, "pub fn f() -> i32 { 1000 + }");
    let cell = kernel.run(&format!("{name}::f()"));
    assert_eq!(cell.value(), Some("102"), "{}", text_of(&cell));
    assert!(cell.stream("stderr").contains("cannot be built"));
}

#[test]
fn an_error_needs_only_to_be_shown_and_a_name_keeps_its_meaning() {
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    for code in [
        "struct Quiet; impl std::fmt::Display for Quiet { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { \
         f.write_str(\"quietly\") } }\n#[derive(Debug)] struct Plain(i32);\n\
         fn quiet(n: i32) -> Result<i32, Quiet> { if n > 1 { Err(Quiet) } else { Ok(n) } }\n\
         fn plain(n: i32) -> Result<i32, Plain> { if n > 3 { Err(Plain(n)) } else { Ok(n) } }",
        "let shared = std::sync::Arc::new(std::sync::Mutex::new(5));",
        "mod shapes { pub trait Dtype { fn name() -> String; } impl Dtype for f32 { fn name() -> String { \"f32\".into() } } \
         pub fn twice(x: f64) -> f64 { 2.0 * x } }\nuse shapes::*;\n\
         fn show<T: Dtype>() -> String { T::name() }\nfn four(x: f64) -> f64 { twice(twice(x)) }",
        "type Dtype = f32;",
        "fn twice(x: f64, y: f64) -> f64 { 2.0 * (x + y) }",
    ] {
        let cell = kernel.run(code);
        assert!(cell.is_ok(), "{code}: {}", text_of(&cell));
        assert_eq!(cell.stream("stderr"), "", "{code}");
    }
    for (code, value) in [
        ("quiet(1)?", "1"),
        ("*shared.lock()? += 1;\n*shared.lock()?", "6"),
        ("show::<Dtype>()", "\"f32\""),
        ("four(3.0) + twice(1.0, 2.0)", "18.0"),
        (
            "let sum = quiet(1)? + \"2\".parse::<i32>()?; vec![-quiet(sum - 2)?, plain(sum)?].len()",
            "2",
        ),
    ] {
        let cell = kernel.run(code);
        assert_eq!(cell.value(), Some(value), "{code}: {}", text_of(&cell));
    }
    for (code, said) in [
        ("quiet(2)?;", "quietly"),
        ("plain(4)?;", "Plain(4)"),
        ("quiet(1)?; plain(5)?", "Plain(5)"),
        ("plain(1)?; println!(\"{}\", quiet(2)?)", "quietly"),
        (
            "plain(1)?; quiet(1)?; \"x\".parse::<i32>()?",
            "invalid digit found in string",
        ),
    ] {
        let cell = kernel.run(code);
        assert_eq!(cell.error().1, said, "{code}: {}", text_of(&cell));
    }
}

#[test]
fn what_stands_in_a_main_stands_in_a_cell() {
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    // As older editions write it.
    let foreign = "extern \"C\" { fn abs(n: i32) -> i32; }\n#[no_mangle]\npub extern \"C\" fn gradus_twice(n: i32) -> i32 { 2 * n }";
    let cell = kernel.run(foreign);
    assert!(cell.is_ok(), "{}", text_of(&cell));
    for (code, value) in [
        ("gradus_twice(2) + unsafe { abs(-3) }", "7"),
        ("let n: i32 = \"4\".parse()?;\nOk(n)", "Ok(4)"),
        ("if n == 5 { return Err(\"five\".into()); }\nn", "4"),
    ] {
        let cell = kernel.run(code);
        assert_eq!(cell.value(), Some(value), "{code}: {}", text_of(&cell));
    }
    let cell = kernel.run("if n == 4 { return Ok(()); }\nn");
    assert!(cell.is_ok() && cell.value().is_none(), "{}", text_of(&cell));
    let digits =
        "match \"x\".parse::<i32>() { Ok(n) => println!(\"{n}\"), Err(e) => return Err(e) }";
    for (code, said) in [
        (digits, "invalid digit found in string"),
        ("if n == 4 { return Err(\"four\".into()); }", "four"),
        ("if n == 4 { return Err(String::from(\"no\")); }", "no"),
    ] {
        let cell = kernel.run(code);
        assert_eq!(cell.error().1, said, "{code}: {}", text_of(&cell));
    }
}

#[test]
fn thread_locals_keep_their_state_and_modules_may_be_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, code: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, code).unwrap();
    };
    write(
        "beside.rs",
        "pub struct P { pub x: i32 }\npub fn f() -> i32 { 1 }",
    );
    write("inner/mod.rs", "pub mod deep;");
    write("inner/deep.rs", "pub const N: i32 = 20;");
    write("other/name.rs", "pub const N: i32 = 300;");
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en").current_dir(folder.path());
    });
    for code in [
        "use std::cell::{Cell, RefCell};\nthread_local! {\n    /// How many.\n    static COUNT: Cell<i32> = const { Cell::new(1) };\n    \
         pub static NAMES: RefCell<Vec<String>> = RefCell::new(Vec::new())\n}\nCOUNT.set(COUNT.get() + 1);",
        "COUNT.with(|count| count.set(count.get() + 1)); NAMES.with_borrow_mut(|names| names.push(\"a\".to_owned()));",
        "fn add(name: &str) { NAMES.with_borrow_mut(|names| names.push(name.to_owned())) }\nadd(\"b\");",
        "mod beside;\n/// Deep.\npub mod inner;\n#[path = \"other/name.rs\"]\nmod other;\nlet p = beside::P { x: 4 };",
    ] {
        let cell = kernel.run(code);
        assert!(cell.is_ok(), "{code}: {}", text_of(&cell));
    }
    let cell = kernel.run("(COUNT.get(), NAMES.take())");
    assert_eq!(
        cell.value(),
        Some("(3, [\"a\", \"b\"])"),
        "{}",
        text_of(&cell)
    );
    let sum = "p.x + beside::f() + inner::deep::N + other::N";
    let cell = kernel.run(sum);
    assert_eq!(cell.value(), Some("325"), "{}", text_of(&cell));
    // Edited, they are others, and a variable of a type that may be another one is not taken for it.
    write(
        "beside.rs",
        "pub struct P { pub x: f64, pub y: f64 }\npub fn f() -> i32 { 2 }",
    );
    let cell = kernel.run("beside::f()");
    assert_eq!(cell.value(), Some("2"), "{}", text_of(&cell));
    assert!(cell.stream("stderr").contains("defined anew: p"));
}

#[test]
fn statics_keep_their_state_whoever_made_them() {
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    for code in [
        "use std::sync::{Mutex, atomic::{AtomicU32, Ordering::SeqCst}};\nstatic FIRST: AtomicU32 = AtomicU32::new(0);",
        // Each cell has its own ones.
        "static SECOND: AtomicU32 = AtomicU32::new(10);\nSECOND.fetch_add(1, SeqCst);",
        "macro_rules! counter { ($f:ident $(, $from:expr)?) => { fn $f() -> u32 { static N: AtomicU32 = AtomicU32::new(0 \
         $(+ $from)?); N.fetch_add(1, SeqCst) } } }\nmacro_rules! global { ($(#[$m:meta])* $v:vis $n:ident: $t:ty = \
         $e:expr) => { $(#[$m])* $v static $n: $t = $e; } }",
        "counter!(a);\ncounter!(b, 100);\nglobal!(/// Doc.\n pub TOTAL: AtomicU32 = AtomicU32::new(20));\na();",
        "TOTAL.fetch_add(a(), SeqCst); FIRST.fetch_add(1, SeqCst); SECOND.fetch_add(1, SeqCst);",
        "lazy_static! {\n    /// Names.\n    pub static ref NAMES: Mutex<Vec<String>> = Mutex::new(vec![\"a\".to_owned()]);\n}\n\
         NAMES.lock().unwrap().push(\"b\".to_owned());",
        "fn add(name: &str) { NAMES.lock().unwrap().push(name.to_owned()) }\nadd(\"c\");",
    ] {
        let cell = kernel.run(code);
        assert!(cell.is_ok(), "{code}: {}", text_of(&cell));
    }
    for (code, value) in [
        ("(a(), b(), b())", "(2, 100, 101)"),
        ("(&FIRST, &SECOND, &TOTAL)", "(1, 12, 21)"),
        ("NAMES.lock().unwrap().join(\" \")", "\"a b c\""),
        // Two of one name in one piece of code: then each cell has its own, and all of them run.
        ("counter!(c); c(); { counter!(c); c() }", "0"),
    ] {
        let cell = kernel.run(code);
        assert_eq!(cell.value(), Some(value), "{code}: {}", text_of(&cell));
    }
    // What a macro makes is made anew like anything else, and its mistakes take nothing away.
    for (code, said) in [
        (
            "macro_rules! make { ($n:ident, $e:expr) => { fn $n() -> i32 { $e } } }\nmake!(m, 1);",
            None,
        ),
        ("make!(m, 2);", None),
        ("make!(bad, \"text\");", Some("mismatched types")),
        (
            "macro_rules! square { ($x:expr) => { $x * $x } }\nfn nine() -> i32 { square!(3) }",
            None,
        ),
        ("square!(\"a\")", Some("cannot multiply")),
        ("make!(bad, square!(2));", None),
        (
            "macro_rules! held { ($n:ident, $e:expr) => { let $n = $e; } }\nheld!(x, 4); println!(\"{x}\");",
            None,
        ),
    ] {
        let cell = kernel.run(code);
        match said {
            None => assert!(cell.is_ok(), "{code}: {}", text_of(&cell)),
            Some(said) => assert!(cell.error().1.contains(said), "{code}: {}", text_of(&cell)),
        }
    }
    let cell = kernel.run("(m(), bad(), nine(), square!(4))");
    assert_eq!(cell.value(), Some("(2, 4, 9, 16)"), "{}", text_of(&cell));
}

#[test]
fn a_module_in_a_file_finds_its_own_modules() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, code: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, code).unwrap();
    };
    write("x.rs", "pub mod y;\npub mod z;\npub const A: i32 = 1;");
    write(
        "x/y.rs",
        "pub mod deep;\npub struct P(pub i32);\npub fn f() -> i32 { super::A + crate::x::z::C }\npub fn fails() { panic!(\"deep down\") }",
    );
    write("x/y/deep.rs", "pub const D: i32 = 4000;");
    write("x/z/mod.rs", "pub const C: i32 = 300;");
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en").current_dir(folder.path());
    });
    let cell = kernel.run("mod x;\nlet p = x::y::P(20);");
    assert!(cell.is_ok(), "{}", text_of(&cell));
    let sum = "p.0 + x::y::f() + x::y::deep::D";
    let cell = kernel.run(sum);
    assert_eq!(cell.value(), Some("4321"), "{}", text_of(&cell));
    let said = without_colours(&kernel.run("x::y::fails()").reply.to_string());
    assert!(
        said.contains("deep down") && said.contains("x/y.rs, line 4"),
        "{said}"
    );
    write(
        "x/y.rs",
        "pub mod deep;\npub struct P(pub f32);\npub fn f() -> i32 { 2 }",
    );
    let cell = kernel.run("x::y::f()");
    assert_eq!(cell.value(), Some("2"), "{}", text_of(&cell));
    assert!(cell.stream("stderr").contains("defined anew: p"));
    write("x/y/deep.rs", "pub const D: i32 = \"text\";");
    let said = without_colours(&kernel.run("mod x;").reply.to_string());
    assert!(
        said.contains("mismatched types") && said.contains("x/y/deep.rs, line 1"),
        "{said}"
    );
}

#[test]
fn an_exported_session_builds_without_what_was_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    for code in [
        "#[derive(Debug)]\nstruct P { x: i32 }\nlet p = P { x: 1 };\nlet n = 5;",
        "let q = p.x + 1;\nq",
        "#[derive(Debug)]\nstruct P { x: f64, y: f64 }\nfn half(p: &P) -> f64 { p.x / 2.0 }",
        "let p = P { x: 3.0, y: 1.0 };\nprintln!(\"half {}\", half(&p));",
        "fn half(p: &P) -> f64 { p.x * 0.5 }",
        "n + 1",
    ] {
        let cell = kernel.run(code);
        assert!(cell.is_ok(), "{code}: {}", text_of(&cell));
    }
    let to = folder.path().join("out");
    let cell = kernel.run(&format!(":export {}", to.display()));
    let said = cell.value().unwrap_or_default();
    assert!(
        said.contains("It was checked, and compiles."),
        "{said} {}",
        text_of(&cell)
    );
    let program = std::fs::read_to_string(to.join("src/main.rs")).unwrap();
    assert!(
        program.contains("// replaced later: let p = P { x: 1 };"),
        "{program}"
    );
    assert!(
        program.contains("// replaced later: let q = p.x + 1;"),
        "{program}"
    );
    let output = Command::new("cargo")
        .args(["run", "--offline", "--quiet", "--manifest-path"])
        .arg(to.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        printed,
        "half 1.5\n6\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_cell_does_not_wait_for_a_question() {
    let mut kernel = Kernel::start();
    assert!(kernel.run("let numbers = vec![1, 2, 3];").is_ok());
    let question = kernel.send(
        "complete_request",
        json!({"code": "numbers.le", "cursor_pos": 10}),
    );
    let begin = Instant::now();
    let cell = kernel.send_cell("numbers.len()");
    let answer = kernel.finish(&question, |_, _, _| ());
    assert_eq!(answer.reply["status"], "ok");
    let cell = kernel.finish(&cell, |_, _, _| ());
    assert_eq!(cell.value(), Some("3"));
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn code_that_has_to_go_on_is_incomplete() {
    let mut kernel = Kernel::start();
    for (code, status) in [
        ("fn f()", "incomplete"),
        ("if x >", "incomplete"),
        ("for i in 0..3", "incomplete"),
        ("fn f() {", "incomplete"),
        ("let x = 1;\nx", "complete"),
        ("f(1))", "invalid"),
        ("let = ;", "invalid"),
        ("x = = 3\ny", "invalid"),
    ] {
        let reply = kernel.ask("is_complete_request", json!({"code": code}));
        assert_eq!(reply["status"], status, "{code}");
    }
}

#[test]
fn the_wish_for_a_language_goes_before_the_folder() {
    let desk = Desk::default();
    std::fs::create_dir(desk.path().join("es")).unwrap();
    desk.notebook("es/a.ipynb", &["nothing"]);
    for (wish, word) in [(None, "pista: "), (Some("en"), "hint: ")] {
        let mut command = desk.run_command(&["es/a.ipynb"]);
        command
            .env_remove("GRADUS_LANG")
            .env("LC_ALL", "en_GB.UTF-8");
        command.envs(wish.map(|wish| ("GRADUS_LANG", wish)));
        command.output().unwrap();
        let (_, _, trace) = desk.executed("a.ipynb").error(1);
        assert!(trace.contains(word), "{wish:?}: {trace}");
    }
}

#[test]
fn an_installed_kernel_is_found_and_has_logos() {
    let prefix = tempfile::tempdir().unwrap();
    let install = Command::new(gradus())
        .args(["kernel", "install", "--prefix"])
        .arg(prefix.path())
        .output()
        .unwrap();
    assert!(install.status.success());
    let spec = prefix.path().join("share/jupyter/kernels/gradus");
    for (logo, start) in [
        ("logo-32x32.png", &b"\x89PNG"[..]),
        ("logo-64x64.png", b"\x89PNG"),
        ("logo-svg.svg", b"<svg"),
    ] {
        assert!(
            std::fs::read(spec.join(logo)).unwrap().starts_with(start),
            "{logo}"
        );
    }
    // A Python that says it lives there.
    let python = prefix.path().join("bin/python3");
    std::fs::create_dir(prefix.path().join("bin")).unwrap();
    std::fs::write(
        &python,
        format!("#!/bin/sh\necho {}\n", prefix.path().display()),
    )
    .unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let list = Command::new(gradus())
        .args(["kernel", "list"])
        .env(
            "PATH",
            format!("{}:{path}", prefix.path().join("bin").display()),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&list.stdout);
    assert!(said.contains(&spec.display().to_string()), "{said}");
}

#[test]
fn the_doctor_blames_the_cause() {
    let output = Command::new(gradus())
        .arg("doctor")
        .env("GRADUS_LANG", "en")
        .output();
    let out = String::from_utf8(output.unwrap().stdout).unwrap();
    let notes = out
        .lines()
        .find(|line| line.contains("notes"))
        .unwrap_or_default();
    assert!(notes.contains("are understood"), "{out}");
    let doctor = |language: &str, name: &str, value: &str| {
        let output = Command::new(gradus())
            .arg("doctor")
            .env("GRADUS_LANG", language)
            .env(name, value)
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let out = doctor("en", "PATH", "/nowhere");
    let broken: Vec<&str> = out
        .lines()
        .filter(|line| line.starts_with("BROKEN"))
        .collect();
    assert!(
        broken.len() == 2 && broken.iter().all(|line| line.contains("https://rustup.rs")),
        "{out}"
    );
    assert!(
        out.contains("cannot be looked at without a compiler"),
        "{out}"
    );
    let out = doctor("es", "GRADUS_CACHE", "/proc/nowhere");
    let cache = out
        .lines()
        .find(|line| line.contains("cache"))
        .unwrap_or_default();
    assert!(
        cache.starts_with("falta") && cache.contains("/proc/nowhere"),
        "{out}"
    );
}

#[test]
fn a_bar_and_a_named_thing_change_in_place() {
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    let library = gradus_tests::root().join("crates/core");
    let uses = format!(
        ":time off\n:dep gradus = {{ path = {:?} }}\nuse gradus::prelude::*;",
        library.display().to_string()
    );
    let cell = kernel.run(&uses);
    assert!(cell.is_ok(), "{}", text_of(&cell));
    let code = "for i in 1..=3 {\n    gradus::display::progress(i, 3);\n    \
                gradus::display::update(\"a\", &plot::curves(\"t\", \"x\", \"y\", [(\"a\", &vec![1.0, i as f64])]));\n}";
    // Every run of the cell shows them where it stands.
    for _ in 0..2 {
        let cell = kernel.run(code);
        assert!(cell.is_ok(), "{}", text_of(&cell));
        let of_kind = |wanted: &str| {
            cell.outputs
                .iter()
                .filter(|(kind, ..)| kind == wanted)
                .count()
        };
        assert_eq!(of_kind("display_data"), 2, "{:?}", cell.outputs);
        // Of changes that follow each other at once only the last is sent, so 1 or 2 of each of the two.
        let changes = of_kind("update_display_data");
        assert!((2..=4).contains(&changes), "{:?}", cell.outputs);
        let curves = cell.outputs.iter().rev();
        let mut curves = curves.filter_map(|(_, c, _)| c["data"]["text/plain"].as_str());
        assert!(
            curves
                .find(|text| text.starts_with("t\n"))
                .is_some_and(|t| t.contains("from 1 to 3")),
            "{:?}",
            cell.outputs
        );
        let bar = cell
            .outputs
            .iter()
            .rev()
            .filter_map(|(_, content, _)| content["data"]["text/plain"].as_str());
        assert!(
            bar.clone().any(|text| text.ends_with("] 3/3")),
            "{:?}",
            bar.collect::<Vec<_>>()
        );
    }
}

/// A library whose build script notes that it runs, in `log`, and waits for a file of this name.
fn slow_library(folder: &Path, name: &str, needs: &str, wait_for: &str) -> String {
    let line = library(folder, name, "pub fn answer() -> i32 { 42 }");
    let root = folder.join(name);
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    std::fs::write(root.join("Cargo.toml"), manifest + needs).unwrap();
    let script = format!(
        "use std::io::Write as _;\nfn main() {{\n    \
         println!(\"cargo:rerun-if-changed=build.rs\");\n    \
         let folder = std::path::Path::new({:?});\n    \
         let mut log = std::fs::File::options().create(true).append(true).open(folder.join(\"log\")).unwrap();\n    \
         writeln!(log, {name:?}).unwrap();\n    \
         for _ in 0..600 {{\n        if folder.join({wait_for:?}).exists() {{ return; }}\n        \
         std::thread::sleep(std::time::Duration::from_millis(100));\n    }}\n}}\n",
        folder.display().to_string()
    );
    std::fs::write(root.join("build.rs"), script).unwrap();
    line
}

#[test]
fn a_build_goes_on_where_it_was_and_other_notebooks_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    slow_library(folder.path(), "gradus_test_quick", "", "log");
    let needs = "[build-dependencies]\ngradus_test_quick = { path = \"../gradus_test_quick\" }\n";
    let slow = slow_library(folder.path(), "gradus_test_slow", needs, "go");
    let log = || {
        let text = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        let count = |name: &str| text.lines().filter(|line| *line == name).count();
        (count("gradus_test_quick"), count("gradus_test_slow"))
    };
    let until = |wanted: (usize, usize)| {
        let begin = Instant::now();
        while log() != wanted {
            assert!(begin.elapsed() < Duration::from_secs(100), "{:?}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let cache = folder.path().join("cache").display().to_string();
    let start = || {
        Kernel::start_with(|command| {
            command.envs([("GRADUS_LANG", "en"), ("GRADUS_CACHE", &cache)]);
        })
    };
    let code = format!("{slow}\ngradus_test_slow::answer()");
    let mut first = start();
    let id = first.send_cell(&code);
    until((1, 1));
    first.interrupt();
    let cell = first.finish(&id, |_, _, _| ());
    assert_eq!(cell.error().0, "KeyboardInterrupt", "{}", text_of(&cell));
    // What was built before is there; the other notebook says why it waits.
    let id = first.send_cell(&code);
    until((1, 2));
    let mut second = start();
    let other = second.send_cell(&code);
    let waiting = loop {
        let (_, content) = second
            .next_published(Duration::from_secs(100))
            .expect("a word");
        if let Some(text) = content["data"]["text/plain"].as_str() {
            break text.to_owned();
        }
    };
    assert!(
        waiting.contains("another notebook is building libraries"),
        "{waiting}"
    );
    std::fs::write(folder.path().join("go"), "").unwrap();
    let cell = first.finish(&id, |_, _, _| ());
    assert_eq!(cell.value(), Some("42"), "{}", text_of(&cell));
    let shown = cell.of_kind("display_data").next().unwrap();
    let shown = shown["data"]["text/plain"].as_str().unwrap_or_default();
    assert!(shown.starts_with("Building the libraries"), "{shown}");
    let cell = second.finish(&other, |_, _, _| ());
    assert_eq!(cell.value(), Some("42"), "{}", text_of(&cell));
    // And a third one finds them.
    let cell = start().run(&code);
    assert_eq!(cell.value(), Some("42"), "{}", text_of(&cell));
    assert_eq!(cell.count("display_data"), 0, "nothing is built");
    assert_eq!(log(), (1, 2));
}

#[test]
fn the_time_of_a_build_is_not_the_time_of_its_cell() {
    let desk = Desk::default();
    // It waits for a file that never comes, so it takes long; not a minute.
    let line = slow_library(desk.path(), "gradus_test_long", "", "never");
    let script = desk.path().join("gradus_test_long/build.rs");
    let text = std::fs::read_to_string(&script).unwrap();
    std::fs::write(&script, text.replace("0..600", "0..80")).unwrap();
    desk.notebook(
        "n.ipynb",
        &[
            &format!("{line}\ngradus_test_long::answer()"),
            "loop { std::hint::spin_loop() }",
        ],
    );
    let mut command = desk.run_command(&["n.ipynb", "--timeout", "7", "--keep-going"]);
    command.env("GRADUS_CACHE", desk.path().join("cache"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let executed = desk.executed("n.ipynb");
    let (name, message, _) = executed.error(2);
    assert_eq!(name, "Timeout", "{message}");
    let shown = executed.outputs(1);
    assert_eq!(
        shown[0]["output_type"], "execute_result",
        "{shown:?} {said}"
    );
}

#[test]
fn a_library_that_cannot_be_loaded_fails_its_cell_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let line = library(
        folder.path(),
        "gradus_test_unlinked",
        "unsafe extern \"C\" { fn gradus_test_is_nowhere() -> i32; }\n\
         pub fn answer() -> i32 { unsafe { gradus_test_is_nowhere() } }",
    );
    let cache = folder.path().join("cache").display().to_string();
    let mut kernel = Kernel::start_with(|command| {
        command.envs([("GRADUS_LANG", "en"), ("GRADUS_CACHE", &cache)]);
    });
    assert!(kernel.run("let kept = 7;").is_ok());
    let cell = kernel.run(&format!("{line}\nlet x = gradus_test_unlinked::answer();"));
    assert_eq!(cell.error().0, "LoadError", "{}", text_of(&cell));
    let text = text_of(&cell);
    assert!(text.contains("gradus_test_is_nowhere"), "{text}");
    assert!(text.contains("gradus_test_unlinked"), "{text}");
    // It is not asked for again.
    let cell = kernel.run("kept + 1");
    assert_eq!(cell.value(), Some("8"), "{}", text_of(&cell));
}
