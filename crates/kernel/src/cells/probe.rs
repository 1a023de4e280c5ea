//! Whether this rustc says what the kernel asks of it in a form that the kernel knows.
//!
//! Types come from its notes (MIR), moves and borrows from its error codes and their places. Neither is promised to stay as
//! it is, so `gradus doctor` tries all of them on real cells.

use super::compile::{Compiled, Compiler};
use super::parse;
use super::revise::Attempt;
use super::scope::Scope;
use super::source;
use super::types::written;

/// A cell beside `v`, a `Vec<i32>`; the types of the variables that it leaves; whether it moves `v`.
type Case = (&'static str, &'static [(&'static str, &'static str)], bool);

const CASES: [Case; 5] = [
    (
        "let a = vec![(1, 2.5)];\nlet f = |x: f64| x + 1.0;\nlet s = \"text\";",
        &[
            ("a", "std::vec::Vec<(i32, f64)>"),
            ("f", "fn(f64) -> f64"),
            ("s", "&'static str"),
        ],
        false,
    ),
    (
        "let n = 2;\nlet c = move |x: i32| x + n;",
        &[
            ("n", "i32"),
            ("c", "std::boxed::Box<dyn std::ops::Fn(i32) -> i32>"),
        ],
        false,
    ),
    // Only the compiler sees these.
    (
        "println!(\"{}\", std::convert::identity(v).len());",
        &[],
        true,
    ),
    ("if let w = v { drop(w) }", &[], true),
    // It refers to another one, and cannot be kept.
    ("let r = &v;\nlet n = r.len();", &[("n", "usize")], false),
];

/// What is in another form, as a cell and what is known of it; none if all is well.
///
/// # Errors
/// When the compiler does not run.
pub(crate) fn probe(compiler: &Compiler) -> Result<Option<String>, crate::Error> {
    for (code, types, moves) in CASES {
        let mut scope = Scope::default();
        scope.keep("v", "std::vec::Vec<i32>".to_owned(), false, false);
        let cell = parse::parse(code);
        let mut attempt = Attempt::new(scope, cell, 1);
        let found = loop {
            let source = source::write(&attempt.scope, &attempt.cell, code, 1, &attempt.choices);
            match compiler.compile_afresh(&source, None, "0", &|| false)? {
                Compiled::Done(built) => {
                    let _ = std::fs::remove_file(&built.library);
                    if !attempt.learn(&built.types, &source, None) {
                        break Some(source.named(built.types));
                    }
                }
                Compiled::Errors(errors) if attempt.revise(&errors, &source) => (),
                _ => break None,
            }
        };
        let found: Option<Vec<(String, String)>> = found.map(|found| {
            let found = found.into_iter();
            found.map(|(name, of)| (name, written(&of))).collect()
        });
        let is_there = |(name, of): &(&str, &str)| {
            let found = found.as_ref();
            found.is_some_and(|found| found.contains(&((*name).to_owned(), (*of).to_owned())))
        };
        let is_known = found.is_some()
            && types.iter().all(is_there)
            && attempt.choices.followed.contains_key("v") == moves;
        if !is_known {
            return Ok(Some(format!("`{}`: {found:?}", code.replace('\n', " "))));
        }
    }
    Ok(None)
}
