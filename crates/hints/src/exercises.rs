//! Hints for the files of the labs: their tensors, what they import, and lists of the wrong numbers.

use gradus_text::Language;

use super::entry::Said;

/// What a student's file has wrong, where it is about the labs.
pub(super) fn of_exercise(said: &Said, language: Language) -> Option<String> {
    import(said, language)
        .or_else(|| tensors(said).map(|(es, en)| language.pick(es, en).to_owned()))
        .or_else(|| numbers(said).map(|(es, en)| language.pick(es, en).to_owned()))
}

/// A `use` that the compiler proposes.
fn import(said: &Said, language: Language) -> Option<String> {
    let mut proposed = said.problem.advice.iter().flat_map(|advice| &advice.lines);
    let line = proposed.find(|line| line.starts_with("use "))?;
    let line = line.lines().next().unwrap_or(line);
    if ["max", "min"]
        .iter()
        .any(|name| line.contains(&format!("std::cmp::{name};")))
    {
        return Some(
            language
                .pick(
                    "Para decimales es un método: `a.max(b)`, `a.min(b)`; para toda una lista, `.fold(f64::NEG_INFINITY, |a, b| a.max(*b))`.",
                    "For decimals it is a method: `a.max(b)`, `a.min(b)`; for a whole list, `.fold(f64::NEG_INFINITY, |a, b| a.max(*b))`.",
                )
                .to_owned(),
        );
    }
    // Where a trait of dfdx's stands is its own affair.
    let line = match line.starts_with("use dfdx::") {
        true => "use dfdx::prelude::*;",
        false => line,
    };
    Some(match language {
        Language::Es => format!("Falta un `use`: añade `{line}` al principio del fichero."),
        Language::En => {
            format!("A `use` is missing: add `{line}` at the beginning of the file.")
        }
    })
}

type Texts = (&'static str, &'static str);

fn tensors(said: &Said) -> Option<Texts> {
    let message = said.message;
    // With a tape that any function may have, or with a real one: neither has `clone`.
    let has_tape = said.advises(", T>`, which does not") || said.advises("OwnedTape");
    if said.problem.code.as_deref() == Some("E0382") && has_tape {
        return Some((
            "Este tensor lleva consigo la cinta, así que ni se copia ni se usa dos veces: sigue con lo que ha salido de él, como `a1` después de `z1.sigmoid()`.",
            "This tensor carries the tape with it, so it is neither copied nor used twice: go on with what came of it, such as `a1` after `z1.sigmoid()`.",
        ));
    }
    if !message.contains("Tensor<") {
        return None;
    }
    let cannot = ["add", "subtract", "multiply", "divide"]
        .iter()
        .any(|what| message.starts_with(&format!("cannot {what} ")));
    let number_first = [
        "`f64` by",
        "`{float}` by",
        "`{integer}` by",
        "`f64` to",
        "`{float}` to",
    ];
    if cannot && number_first.iter().any(|words| message.contains(words)) {
        return Some((
            "El tensor va delante y el número detrás: `g * eta`, no `eta * g`.",
            "The tensor comes first and the number second: `g * eta`, not `eta * g`.",
        ));
    }
    if cannot && message.contains('&') {
        return Some((
            "Las operaciones gastan el tensor de la izquierda, y con una referencia no van: escribe `x.clone() - y.clone()`.",
            "The operations use up the tensor on the left and do not work on a reference: write `x.clone() - y.clone()`.",
        ));
    }
    let operation = [": TryAdd<", ": TrySub<", ": TryMul<", ": TryDiv<"];
    let bound = operation.iter().find_map(|op| message.split_once(op));
    let (left, right) = bound?;
    if right.starts_with("usize") || right.starts_with("{integer}") || right.starts_with("i32") {
        return Some((
            "Un tensor se opera con decimales: escribe `n as f64`, o el número con punto.",
            "A tensor goes together with decimals: write `n as f64`, or the number with a point.",
        ));
    }
    if right.starts_with('&') && !right.contains("(usize,)") {
        return Some((
            "A la derecha va el tensor, no una referencia: ponle `.clone()`.",
            "The tensor itself stands on the right, not a reference: put `.clone()` behind it.",
        ));
    }
    let is_vector = |side: &str| side.contains("(usize,)");
    (is_vector(left) != is_vector(right)).then_some((
        "Una matriz y un vector no se operan directamente: haz del vector una matriz, con una fila por ejemplo, con `repeat(&v, n)`.",
        "A matrix and a vector do not go together as they are: make the vector a matrix, a row per example, with `repeat(&v, n)`.",
    ))
}

/// Whole numbers where decimals are asked for, and the other way round.
fn numbers(said: &Said) -> Option<Texts> {
    let says = |words: &str| said.message.contains(words) || said.advises(words);
    let whole = ["i32", "i64", "u32", "u64", "usize"];
    let found = |kind: &str| {
        let list = format!("found `Vec<{kind}>`");
        let lent = format!("found `&Vec<{kind}>`");
        says(&list) || says(&lent)
    };
    let decimals = [
        "expected `Vec<f64>`",
        "expected `&[f64]`",
        "expected `&Vec<f64>`",
    ];
    if decimals.iter().any(|words| says(words)) && whole.iter().any(|kind| found(kind)) {
        return Some((
            "Se pide una lista de decimales y la tuya es de enteros: declárala `Vec<f64>` y escribe los números con punto, `vec![1.0, 2.0]`.",
            "A list of decimals is asked for and yours is one of integers: declare it `Vec<f64>` and write the numbers with a point, `vec![1.0, 2.0]`.",
        ));
    }
    let whole_wanted = |kind: &&str| says(&format!("expected `Vec<{kind}>`"));
    if whole.iter().any(whole_wanted) && found("f64") {
        return Some((
            "Se pide una lista de enteros y la tuya es de decimales: si la has declarado tú, que sea `Vec<f64>`.",
            "A list of integers is asked for and yours is one of decimals: if it is you who declared it, make it `Vec<f64>`.",
        ));
    }
    let built =
        "a value of type `Vec<f64>` cannot be built from an iterator over elements of type `";
    let rest = said.message.strip_prefix(built)?;
    Some(match rest.starts_with("&f64") {
        true => (
            "Los elementos son referencias: pon `.copied()` antes de `.collect()`.",
            "The elements are references: put `.copied()` before `.collect()`.",
        ),
        false => (
            "Se pide una lista de `f64` y los elementos son otra cosa: conviértelos antes de `.collect()`, por ejemplo con `.map(|x| x as f64)`.",
            "A list of `f64` is asked for and the elements are something else: convert them before `.collect()`, for example with `.map(|x| x as f64)`.",
        ),
    })
}

#[cfg(test)]
mod tests {
    use crate::{Advice, Problem, hint_in_file};
    use gradus_text::Language;

    fn said(code: &str, message: &str, line: &str, advice: &str) -> String {
        let problem = Problem {
            code: Some(code.to_owned()),
            message: message.to_owned(),
            advice: vec![Advice {
                level: "label".to_owned(),
                text: advice.to_owned(),
                lines: match advice.starts_with("use ") {
                    true => vec![advice.to_owned()],
                    false => Vec::new(),
                },
            }],
        };
        let [es, en] = [Language::Es, Language::En]
            .map(|language| hint_in_file(&problem, line, language).unwrap_or_default());
        assert!(es != en && es.is_empty() == en.is_empty(), "{es} {en}");
        en
    }

    /// The messages are those of the compiler about a student's line.
    #[test]
    fn what_students_write_is_answered_in_words_of_the_labs() {
        let tensor = "dfdx::tensor::Tensor<(usize, usize), f64, dfdx::tensor::Cpu>";
        let (matrix, vector) = (
            "Tensor<(usize, usize), f64, Cpu>",
            "Tensor<(usize,), f64, Cpu>",
        );
        let bound = |op: &str, right: &str| {
            format!("the trait bound `{matrix}: {op}<{right}>` is not satisfied")
        };
        for (code, message, line, advice, says) in [
            ("E0277", format!("cannot multiply `f64` by `{tensor}`"), "eta * g.w1", "", "`g * eta`"),
            ("E0369", format!("cannot subtract `&{tensor}` from `&{tensor}`"), "x - m", "", "clone()"),
            ("E0369", format!("cannot multiply `&{tensor}` by `f64`"), "x * 2.0", "", "clone()"),
            ("E0277", bound("TrySub", vector), "x - mean", "", "repeat("),
            ("E0277", bound("TryDiv", "usize"), "g / n", "", "`n as f64`"),
            (
                "E0382",
                "use of moved value: `z1`".to_owned(),
                "a1 * z1",
                "move occurs because `z1` has type `Tensor<(usize, usize), f64, dfdx::tensor::Cpu, T>`, which does not implement the `Copy` trait",
                "carries the tape",
            ),
            ("E0425", "cannot find function `max` in this scope".to_owned(), "max(0.0, z)", "use std::cmp::max;", "`a.max(b)`"),
            ("E0599", "no method named `shape` found".to_owned(), "x.shape()", "use dfdx::shapes::shape::HasShape;", "`use dfdx::prelude::*;`"),
            ("E0308", "mismatched types".to_owned(), "half(x)", "expected `f64`, found `&f64`", "`*`"),
            ("E0308", "mismatched types".to_owned(), "net.add(v)", "consider borrowing here", ""),
            ("E0277", bound("TryAdd", "&Tensor<..., f64, ...>"), "x + &m", "", "`.clone()`"),
            ("E0277", "cannot add `f64` to `{integer}`".to_owned(), "1 / (1 + z.exp())", "", "`1.0`"),
            ("E0277", "cannot divide `f64` by `usize`".to_owned(), "sum / z.len()", "", "as f64"),
            ("E0308", "mismatched types".to_owned(), "v", "expected `Vec<f64>`, found `Vec<i32>`", "Vec<f64>"),
            ("E0308", "mismatched types".to_owned(), "v", "expected `Vec<i32>`, found `Vec<f64>`", "Vec<f64>"),
            (
                "E0277",
                "a value of type `Vec<f64>` cannot be built from an iterator over elements of type `i32`".to_owned(),
                "v",
                "",
                "before `.collect()`",
            ),
            ("E0369", "no implementation for `f64 ^ {integer}`".to_owned(), "(y - a)^2", "", "powi(2)"),
            ("E0425", "cannot find function `transpose` in this scope".to_owned(), "transpose(&w)", "use crate::given::transpose;", "add `use crate::given::transpose;`"),
            ("E0425", "cannot find value `etta` in this scope".to_owned(), "x -= etta", "", "spelt right"),
            ("E0000", "mismatched closing delimiter: `}`".to_owned(), "(1 + 2", "", "not closed"),
            ("E0000", "unexpected closing delimiter: `)`".to_owned(), "f(1))", "", "too many"),
        ] {
            let hint = said(code, &message, line, advice);
            assert!(hint.contains(says), "{message}: {hint}");
        }
    }
}
