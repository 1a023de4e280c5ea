//! What somebody who writes Python out of habit should write in Rust.

use gradus_text::Language;

use super::entry::{Entry, Said};

/// A name of Python, how it stands there, and what stands in its place in Rust.
type Name = (&'static str, &'static str, &'static str);

const NAMES: [Name; 40] = [
    ("len", "len(v)", "v.len()"),
    ("range", "range(3)", "0..3"),
    ("print", "print(x)", "println!(\"{x}\")"),
    ("str", "str(x)", "x.to_string()"),
    (
        "int",
        "int(x)",
        "x as i64`, o de un texto, `x.parse::<i64>()?",
    ),
    (
        "float",
        "float(x)",
        "x as f64`, o de un texto, `x.parse::<f64>()?",
    ),
    ("bool", "bool(x)", "x != 0"),
    ("sum", "sum(v)", "v.iter().sum::<f64>()"),
    ("max", "max(a, b)", "a.max(b)"),
    ("min", "min(a, b)", "a.min(b)"),
    ("abs", "abs(x)", "x.abs()"),
    ("round", "round(x)", "x.round()"),
    ("pow", "pow(x, 2)", "x.powi(2)"),
    ("sqrt", "sqrt(x)", "x.sqrt()"),
    ("exp", "exp(x)", "x.exp()"),
    ("log", "log(x)", "x.ln()"),
    ("sin", "sin(x)", "x.sin()"),
    ("cos", "cos(x)", "x.cos()"),
    (
        "sorted",
        "sorted(v)",
        "{ let mut w = v.clone(); w.sort(); w }",
    ),
    ("reversed", "reversed(v)", "v.iter().rev()"),
    ("enumerate", "enumerate(v)", "v.iter().enumerate()"),
    ("zip", "zip(a, b)", "a.iter().zip(&b)"),
    ("map", "map(f, v)", "v.iter().map(f)"),
    ("filter", "filter(f, v)", "v.iter().filter(f)"),
    ("any", "any(v)", "v.iter().any(|x| ...)"),
    ("all", "all(v)", "v.iter().all(|x| ...)"),
    ("list", "list(v)", "v.into_iter().collect::<Vec<_>>()"),
    ("tuple", "tuple(v)", "(a, b)"),
    ("dict", "dict()", "std::collections::HashMap::new()"),
    ("set", "set()", "std::collections::HashSet::new()"),
    (
        "input",
        "input()",
        "{ let mut s = String::new(); std::io::stdin().read_line(&mut s)?; s }",
    ),
    ("open", "open(f)", "std::fs::read_to_string(f)?"),
    ("isinstance", "isinstance(x, T)", "let x: T"),
    ("True", "True", "true"),
    ("False", "False", "false"),
    ("null", "null", "None"),
    ("nil", "nil", "None"),
    ("NULL", "NULL", "None"),
    ("nullptr", "nullptr", "None"),
    ("pass", "pass", "{}"),
];

/// Libraries of Python by their usual names, and what there is instead: Spanish and English.
const LIBRARIES: [(&str, &str, &str); 9] = [
    (
        "np",
        "vectores, `vec![1.0, 2.0]`, y sus iteradores; con más dimensiones, `:dep ndarray = \"0.16\"`",
        "vectors, `vec![1.0, 2.0]`, and their iterators; with more dimensions, `:dep ndarray = \"0.16\"`",
    ),
    (
        "numpy",
        "vectores, `vec![1.0, 2.0]`, y sus iteradores; con más dimensiones, `:dep ndarray = \"0.16\"`",
        "vectors, `vec![1.0, 2.0]`, and their iterators; with more dimensions, `:dep ndarray = \"0.16\"`",
    ),
    (
        "plt",
        "`plot::curves(...)` de `gradus::prelude`",
        "`plot::curves(...)` of `gradus::prelude`",
    ),
    (
        "pd",
        "`:dep polars = \"...\"`, o para un CSV, `Dataset` de `gradus::prelude`",
        "`:dep polars = \"...\"`, or for a CSV `Dataset` of `gradus::prelude`",
    ),
    (
        "tf",
        "`Sequential` de `gradus::prelude`",
        "`Sequential` of `gradus::prelude`",
    ),
    (
        "torch",
        "`Sequential` de `gradus::prelude`",
        "`Sequential` of `gradus::prelude`",
    ),
    (
        "math",
        "métodos, `x.sqrt()`, y `std::f64::consts::PI`",
        "methods, `x.sqrt()`, and `std::f64::consts::PI`",
    ),
    ("random", "`:dep rand = \"0.8\"`", "`:dep rand = \"0.8\"`"),
    (
        "time",
        "`std::time::Instant::now()`",
        "`std::time::Instant::now()`",
    ),
];

/// What to write instead of a name of Python.
pub(super) fn of_name(said: &Said, language: Language) -> Option<String> {
    name(missing(said.message)?, said.line, language)
}

/// The name that is not found, or is something else than in Python.
pub(super) fn missing(message: &str) -> Option<&str> {
    let begins = [
        "cannot find value `",
        "cannot find function `",
        "cannot find function, tuple struct or tuple variant `",
        "cannot find module or crate `",
        "expected function, found macro `",
        "expected value, found macro `",
        "expected function, found builtin type `",
        "expected function, found module `",
        "use of unresolved module or unlinked crate `",
        "failed to resolve: use of unresolved module or unlinked crate `",
    ];
    let rest = begins
        .iter()
        .find_map(|begin| message.strip_prefix(begin))?;
    rest.split_once('`').map(|(name, _)| name)
}

fn name(name: &str, line: &str, language: Language) -> Option<String> {
    let sets = line
        .strip_prefix(name)
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix('='))
        .filter(|rest| !rest.starts_with('='));
    if let Some(value) = sets {
        let value = value.split(';').next().unwrap_or_default().trim();
        return Some(match language {
            Language::Es => format!(
                "Una variable se crea con `let`: `let {name} = {value};`, o con `let mut` si va a cambiar."
            ),
            Language::En => format!(
                "A variable is made with `let`: `let {name} = {value};`, or with `let mut` if it is to change."
            ),
        });
    }
    if let Some((_, python, rust)) = NAMES.iter().find(|(known, ..)| *known == name) {
        let rust = match language {
            Language::Es => (*rust).to_owned(),
            Language::En => rust.replace("`, o de un texto, `", "`, or of a text, `"),
        };
        return Some(match language {
            Language::Es => format!("`{python}` es de otro lenguaje; en Rust se escribe `{rust}`."),
            Language::En => {
                format!("`{python}` belongs to another language; in Rust write `{rust}`.")
            }
        });
    }
    let (_, es, en) = LIBRARIES.iter().find(|(known, ..)| *known == name)?;
    Some(match language {
        Language::Es => format!("`{name}` es una biblioteca de Python; aquí tienes {es}."),
        Language::En => format!("`{name}` is a library of Python; here there are {en}."),
    })
}

/// Lines that are as one would write them in Python.
pub(super) const ENTRIES: &[Entry] = &[
    Entry::when(
        |said| said.message.contains("cannot be dereferenced") && said.line.contains("**"),
        "Las potencias se escriben `x.powi(2)` con decimales, `x.pow(2)` con enteros, o `x.powf(0.5)`.",
        "Powers are written `x.powi(2)` with decimals, `x.pow(2)` with integers, or `x.powf(0.5)`.",
        "let a = 2 ** 3;",
    ),
    Entry::when(
        |said| said.message.starts_with("prefix `f` is unknown"),
        "Un texto con valores dentro se hace con `format!(\"{x}\")`, y se escribe con `println!(\"{x}\")`.",
        "A text with values inside is made by `format!(\"{x}\")`, and printed by `println!(\"{x}\")`.",
        "let x = 1;\nlet s = f\"{x}\";",
    ),
    Entry::when(
        |said| {
            said.message
                .starts_with("character literal may only contain")
        },
        "Los textos van entre comillas dobles, \"así\"; las simples son para un solo carácter, 'a'.",
        "Texts stand between double quotes, \"so\"; single ones are for one character, 'a'.",
        "let s = 'abc';",
    ),
    Entry::when(
        |said| said.message.contains("cannot add `&str` to `&str`"),
        "Dos textos se juntan con `format!(\"{a}{b}\")`.",
        "Two texts are joined by `format!(\"{a}{b}\")`.",
        "let a = \"x\";\nlet b = \"y\";\na + b",
    ),
    Entry::when(
        |said| said.message.contains("cannot multiply") && said.line.contains('"'),
        "Un texto se repite con `\"a\".repeat(3)`.",
        "A text is repeated by `\"a\".repeat(3)`.",
        "\"a\" * 3",
    ),
    Entry::when(
        |said| {
            said.line.contains("[-")
                && ["Neg", "negative integer", "indexed"]
                    .iter()
                    .any(|words| said.message.contains(words))
        },
        "Los índices no son negativos: el último elemento es `v[v.len() - 1]`, o `v.last()`.",
        "Indices are not negative: the last element is `v[v.len() - 1]`, or `v.last()`.",
        "let v = vec![1];\nv[-1]",
    ),
    Entry::when(
        |said| {
            said.message.starts_with("no method named `append`") || said.line.contains(".append(")
        },
        "Un elemento se añade con `v.push(x)`; `v` tiene que ser `let mut`.",
        "An element is added by `v.push(x)`; `v` must be `let mut`.",
        "let mut v = vec![1];\nv.append(3);",
    ),
    Entry::when(
        |said| {
            said.is_syntax()
                && (said.begins("import") || (said.begins("from") && said.has("import")))
        },
        "`import` es de Python. Una biblioteca se pide con `:dep nombre`, y sus nombres se usan con `use nombre::…;`.",
        "`import` is Python. A library is asked for by `:dep name`, and its names are used by `use name::…;`.",
        "import numpy as np",
    ),
    Entry::when(
        |said| said.is_syntax() && said.begins("class"),
        "Un tipo se define con `struct`, y sus métodos dentro de `impl`.",
        "A type is defined by `struct`, and its methods inside `impl`.",
        "class P:\n    pass",
    ),
    Entry::when(
        |said| said.is_syntax() && (said.begins("elif") || said.has("elif")),
        "En Rust se escribe `else if`.",
        "In Rust write `else if`.",
        "let x = 1;\nif x > 1 { 1 } elif x > 0 { 2 } else { 3 }",
    ),
    Entry::when(
        |said| said.is_syntax() && said.has("lambda"),
        "Una función anónima se escribe `|x| x + 1`.",
        "An anonymous function is written `|x| x + 1`.",
        "let f = lambda x: x + 1;",
    ),
    Entry::when(
        |said| said.is_syntax() && said.line.contains('[') && said.has("for") && said.has("in"),
        "En vez de `[f(x) for x in v]` se escribe `v.iter().map(|x| f(x)).collect::<Vec<_>>()`.",
        "Instead of `[f(x) for x in v]` write `v.iter().map(|x| f(x)).collect::<Vec<_>>()`.",
        "let v = vec![1];\nlet w = [x * 2 for x in v];",
    ),
    Entry::when(
        |said| {
            said.is_syntax()
                && (said.begins("try")
                    || said.begins("except")
                    || said.begins("raise")
                    || said.begins("finally"))
        },
        "Los errores son valores `Result`: `?` los devuelve, y `match` o `if let Err(e)` los trata.",
        "Errors are values, `Result`: `?` returns them, and `match` or `if let Err(e)` handles them.",
        "try:\n    f()",
    ),
    Entry::when(
        |said| said.is_syntax() && said.begins("with") && said.has("as"),
        "No hace falta `with`: lo que se abre se cierra solo al acabar su bloque `{ }`.",
        "There is no need for `with`: what is opened is closed by itself at the end of its block `{ }`.",
        "with open(\"f\") as f:\n    g",
    ),
    Entry::when(
        |said| said.is_syntax() && said.begins("del"),
        "Un valor se suelta con `drop(x)`.",
        "A value is let go by `drop(x)`.",
        "let x = 1;\ndel x",
    ),
    Entry::when(
        |said| said.is_syntax() && said.begins("print") && !said.line.starts_with("print("),
        "Se escribe `println!(\"{x}\");`.",
        "Write `println!(\"{x}\");`.",
        "let x = 1;\nprint x",
    ),
    Entry::when(
        |said| said.is_syntax() && said.begins("assert") && !said.line.starts_with("assert!"),
        "Se escribe `assert!(x == 1);`, o `assert_eq!(x, 1);`.",
        "Write `assert!(x == 1);`, or `assert_eq!(x, 1);`.",
        "let x = 1;\nassert x == 1",
    ),
    Entry::when(
        |said| {
            said.is_syntax()
                && said.line.starts_with('#')
                && !said.line.starts_with("#[")
                && !said.line.starts_with("#!")
        },
        "Los comentarios empiezan por `//`.",
        "Comments begin with `//`.",
        "# a comment",
    ),
    Entry::when(
        |said| {
            said.is_syntax()
                && said.line.ends_with(':')
                && ["if", "else", "for", "while"]
                    .iter()
                    .any(|word| said.begins(word))
        },
        "Un bloque va entre llaves, sin dos puntos: `if a { ... }`, `for i in 0..3 { ... }`.",
        "A block stands between braces, without a colon: `if a { ... }`, `for i in 0..3 { ... }`.",
        "let x = 2;\nif x > 1:\n    x",
    ),
    Entry::when(
        |said| said.is_syntax() && (said.has("and") || said.has("or") || said.has("not")),
        "En Rust se escribe `&&`, `||` y `!`.",
        "In Rust write `&&`, `||` and `!`.",
        "let (a, b) = (true, false);\nlet c = a and b;",
    ),
    Entry::when(
        |said| said.is_syntax() && said.has("if") && said.has("else") && !said.line.contains('{'),
        "En vez de `a if c else b` se escribe `if c { a } else { b }`.",
        "Instead of `a if c else b` write `if c { a } else { b }`.",
        "let c = true;\nlet x = 1 if c else 2;",
    ),
    Entry::when(
        |said| {
            said.is_syntax()
                && said.line.contains('[')
                && said.line.contains(':')
                && said.message.contains("found `:`")
        },
        "Una parte de un vector se escribe `&v[1..3]`, `&v[..3]` o `&v[1..]`.",
        "A part of a vector is written `&v[1..3]`, `&v[..3]` or `&v[1..]`.",
        "let v = vec![1, 2, 3];\nlet w = v[0:2];",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::hint;
    use super::*;
    use crate::Problem;

    #[test]
    fn habits_of_python_are_answered_in_rust() {
        for (message, line, rust) in [
            ("cannot find value `x` in this scope", "x = 5", "let x = 5;"),
            ("cannot find value `x` in this scope", "x == 5", ""),
            (
                "cannot find function `len` in this scope",
                "len(v)",
                "v.len()",
            ),
            (
                "cannot find function `range` in this scope",
                "for i in range(3) {",
                "0..3",
            ),
            (
                "cannot find value `True` in this scope",
                "let a = True;",
                "`true`",
            ),
            (
                "expected function, found macro `print`",
                "print(x)",
                "println!",
            ),
            (
                "cannot find module or crate `np` in this scope",
                "np.array([1])",
                "vec!",
            ),
            (
                "expected one of `!` or `::`, found `numpy`",
                "import numpy as np",
                ":dep",
            ),
            ("type `{integer}` cannot be dereferenced", "2 ** 3", "powi"),
            ("prefix `f` is unknown", "f\"{x}\"", "format!"),
            ("expected `{`, found `:`", "if x > 1:", "braces"),
            ("expected one of `.`, `;`, found `and`", "a and b", "&&"),
            ("mismatched types", "let a: f64 = b and c", ""),
        ] {
            let problem = Problem {
                message: message.to_owned(),
                ..Problem::default()
            };
            let said = hint(&problem, line, Language::En).unwrap_or_default();
            assert!(
                said.contains(rust) && said.is_empty() == rust.is_empty(),
                "{line}: {said}"
            );
            let es = hint(&problem, line, Language::Es).unwrap_or_default();
            assert!(
                es.is_empty() == rust.is_empty() && (es != said || es.is_empty()),
                "{es}"
            );
        }
    }
}
