//! Hints about types that do not go together.

use super::entry::{Entry, Said};

/// Whether an operation is said not to exist between one of these and a decimal number.
fn mixes(said: &Said, others: &[&str]) -> bool {
    let names = |kind: &&str| said.message.contains(&format!("`{kind}`"));
    said.message.starts_with("cannot ")
        && ["f64", "f32", "{float}"].iter().any(names)
        && others.iter().any(names)
}

const NUMBERS: [&str; 16] = [
    "f64", "f32", "float", "usize", "isize", "i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32",
    "u64", "u128", "integer",
];

/// What the compiler expected and what it found, where it says both by name: "expected `f64`, found `&f64`".
fn expected_and_found<'a>(said: &Said<'a>) -> Option<(&'a str, &'a str)> {
    if said.problem.code.as_deref() != Some("E0308") {
        return None;
    }
    let mut texts = said.problem.advice.iter().map(|advice| &*advice.text);
    texts.find_map(|text| {
        let (expected, found) = text.strip_prefix("expected ")?.split_once(", found ")?;
        Some((expected, found))
    })
}

/// Whether these are kinds of numbers, one for the other.
fn are_numbers(said: &Said) -> bool {
    expected_and_found(said).is_some_and(|both| {
        let is_number = |kind: &str| {
            let kind = kind.trim_matches('`');
            NUMBERS.contains(&kind)
                || matches!(kind, "floating-point number" | "{float}" | "{integer}")
        };
        is_number(both.0) && is_number(both.1)
    })
}

/// Whether a number was found behind a reference.
fn lacks_star(said: &Said) -> bool {
    let number = |kind: &str| NUMBERS.contains(&kind.trim_matches(|c| "`{}".contains(c)));
    said.advises("consider dereferencing the borrow")
        || expected_and_found(said).is_some_and(|(expected, found)| {
            let inner = found.strip_prefix("`&");
            let inner = inner.map(|kind| kind.strip_prefix("mut ").unwrap_or(kind));
            number(expected) && inner.is_some_and(number)
        })
}

pub(super) const ENTRIES: &[Entry] = &[
    Entry::when(
        |said| {
            mixes(said, &["{integer}"])
                || said.message.contains("an integer") && said.message.contains("a float")
        },
        "Un entero y un decimal no se mezclan: escribe el número con punto, `1.0` en lugar de `1`.",
        "An integer and a decimal do not mix: write the number with a point, `1.0` instead of `1`.",
        "let a = 1.0 + 1;",
    ),
    Entry::when(
        |said| {
            mixes(
                said,
                &[
                    "usize", "isize", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64",
                ],
            )
        },
        "Un entero y un decimal no se mezclan: convierte el entero, `n as f64`; entre paréntesis si es una cuenta, `(n - 1) as f64`.",
        "An integer and a decimal do not mix: convert the integer, `n as f64`; in parentheses if it is a sum, `(n - 1) as f64`.",
        "let n = 3_usize;\nlet a = 1.5 / n;",
    ),
    Entry::when(
        |said| said.message.starts_with("no implementation for") && said.message.contains(" ^ "),
        "En Rust `^` no es la potencia: escribe `x.powi(2)` con decimales, `x.pow(2)` con enteros, o `x.powf(0.5)`.",
        "In Rust `^` is not the power: write `x.powi(2)` with decimals, `x.pow(2)` with integers, or `x.powf(0.5)`.",
        "let a = 1.5 ^ 2;",
    ),
    Entry::when(
        |said| {
            let is_integer =
                |(_, found): (&str, &str)| found == "integer" || found == "`{integer}`";
            said.line.contains('^') && expected_and_found(said).is_some_and(is_integer)
        },
        "En Rust `^` no es la potencia: escribe `x.powi(2)` con decimales, `x.pow(2)` con enteros, `1e12` en lugar de `10^12`.",
        "In Rust `^` is not the power: write `x.powi(2)` with decimals, `x.pow(2)` with integers, `1e12` instead of `10^12`.",
        "let a: f64 = 10^12;",
    ),
    Entry::when(
        |said| {
            let is_decimal = |kind: &str| {
                ["f64", "f32", "float"]
                    .iter()
                    .any(|name| kind.contains(name))
            };
            let both = expected_and_found(said);
            are_numbers(said)
                && both.is_some_and(|(expected, found)| !is_decimal(expected) && is_decimal(found))
        },
        "Aquí va un número entero y el tuyo es decimal: escríbelo sin punto o, si sale de una cuenta, quédate con su parte entera, `x as usize`.",
        "A whole number goes here and yours is a decimal: write it without a point or, if it is calculated, take its whole part, `x as usize`.",
        "let v = vec![1.0, 2.0];\nlet n: usize = v[0];",
    ),
    Entry::when(
        are_numbers,
        "Los números no se convierten solos: escribe `2.0` en vez de `2`, o `x as f64`.",
        "Numbers are not converted by themselves: write `2.0` instead of `2`, or `x as f64`.",
        "let x: f64 = 2;",
    ),
    Entry::when(
        lacks_star,
        "Eso es una referencia al valor, y aquí va el valor: pon `*` delante.",
        "This is a reference to the value, and the value itself goes here: put `*` in front.",
        "fn half(x: f64) -> f64 { x / 2.0 }\nlet v = vec![1.0];\nfor x in &v {\n    half(x);\n}",
    ),
    Entry::when(
        |said| {
            said.problem.code.as_deref() == Some("E0308")
                && (said.advises("consider borrowing here")
                    || said.advises("consider mutably borrowing here"))
        },
        "Aquí se pide prestado, no entregado: pon `&` delante, o `&mut` si la función lo va a cambiar.",
        "This is to be lent, not given away: put `&` in front, or `&mut` if the function changes it.",
        "fn total(v: &[f64]) -> f64 { v.iter().sum() }\nlet v = vec![1.0];\ntotal(v)",
    ),
    Entry::when(
        |said| {
            let lazy = [
                "Map<",
                "Filter<",
                "Zip<",
                "Rev<",
                "Take<",
                "Skip<",
                "Chain<",
                "Enumerate<",
                "Chunks<",
                "Iter<",
            ];
            let is_lazy = |(_, found): (&str, &str)| lazy.iter().any(|name| found.contains(name));
            expected_and_found(said).is_some_and(is_lazy)
        },
        "Un iterador todavía no es una lista: acábalo con `.collect()`.",
        "An iterator is no list yet: end it with `.collect()`.",
        "fn double(v: &[f64]) -> Vec<f64> { v.iter().map(|x| 2.0 * x) }",
    ),
    Entry::when(
        |said| {
            let is_slice = |(expected, found): (&str, &str)| {
                expected.starts_with("`Vec<") && found.starts_with("`&")
            };
            expected_and_found(said).is_some_and(is_slice)
        },
        "Se pide una lista propia y esto es una parte prestada de otra: haz una copia con `.to_vec()`.",
        "A list of one's own is asked for and this is a part lent by another: make a copy with `.to_vec()`.",
        "fn first(v: &[f64]) -> Vec<f64> { &v[..1] }",
    ),
    Entry::when(
        |said| {
            let is_nothing =
                |(expected, found): (&str, &str)| found == "`()`" && expected != "`()`";
            expected_and_found(said).is_some_and(is_nothing)
        },
        "Aquí hace falta un valor y no llega ninguno: un `if` que da un valor necesita su `else`, y un `while` o un `for` no dan ninguno (un `loop` sí, con `break valor`).",
        "A value is needed here and none comes: an `if` that gives a value needs its `else`, and a `while` or a `for` gives none (a `loop` does, with `break value`).",
        "fn f(x: f64) -> f64 { while x > 1.0 { return x; } }",
    ),
    Entry::code(
        &["E0308"],
        "Se esperaba un tipo y ha llegado otro: compara los dos que nombra el compilador. Lo que falta suele ser poco, como un `&`, un `*` o un método al final.",
        "One type was expected and another one came: compare the two that the compiler names. What is missing is often small, such as a `&`, a `*` or a method at the end.",
        "let b: Box<f64> = 1.0;",
    ),
    Entry::when(
        |said| said.message.contains("cannot be indexed by `&"),
        "El índice es una referencia: pon `*` delante, `v[*i]`.",
        "The index is a reference: put `*` in front, `v[*i]`.",
        "let v = [1.0, 2.0];\nfor i in &[0_usize, 1] {\n    println!(\"{}\", v[i]);\n}",
    ),
    Entry::when(
        |said| {
            said.message
                .contains("cannot be built from an iterator over elements of type `&[")
                || said.message.contains("`Vec<Vec<") && said.message.contains("cannot be built")
        },
        "Los elementos son partes prestadas de otra lista: haz de cada una una lista, `.map(|c| c.to_vec())`, antes de `.collect()`.",
        "The elements are parts lent by another list: make each a list, `.map(|c| c.to_vec())`, before `.collect()`.",
        "let v = vec![1, 2, 3];\nlet c: Vec<Vec<i32>> = v.chunks(2).collect();",
    ),
    Entry::when(
        |said| {
            let bounds = ["`f64: Ord`", "`{float}: Ord`"];
            bounds.iter().any(|bound| said.message.contains(bound))
        },
        "Los decimales no tienen un orden completo, por NaN: usa `a.max(b)`, y para toda una lista `.fold(f64::NEG_INFINITY, |a, b| a.max(*b))`.",
        "Decimals have no total order, because of NaN: use `a.max(b)`, and for a whole list `.fold(f64::NEG_INFINITY, |a, b| a.max(*b))`.",
        "let v = vec![1.0, 2.0];\nlet m = v.iter().max();",
    ),
    Entry::code(
        &["E0277"],
        "A este tipo le falta algo que la operación necesita. Si mezclas tipos de número, convierte uno: `x as f64`. Si es por `?`, \
             la función tiene que devolver `Result`. Si es por mostrar un valor, prueba con `{:?}`.",
        "This type lacks something that the operation needs. If you mix kinds of numbers, convert one: `x as f64`. If it is about \
             `?`, the function must return a `Result`. If it is about printing, try `{:?}`.",
        "fn f<T: Copy>(_: T) {}\nf(String::new());",
    ),
    Entry::code(
        &["E0369"],
        "Esta operación no existe entre estos tipos. Con referencias prueba a poner `*` delante, o usa un método.",
        "This operation does not exist between these types. With references try a `*` in front, or use a method.",
        "struct Q;\nlet a = Q + Q;",
    ),
    Entry::code(
        &["E0282", "E0283", "E0284", "E0689"],
        "El compilador no puede deducir el tipo. Escríbelo: `let v: Vec<f64> = ...;` o `|x: f64| ...`.",
        "The compiler cannot deduce the type. Write it down: `let v: Vec<f64> = ...;` or `|x: f64| ...`.",
        "let v = Vec::new();",
    ),
    Entry::code(
        &["E0600", "E0604", "E0605", "E0606"],
        "Esa conversión u operación no existe para el tipo. Entre números se convierte con `x as f64`; de texto a número, con `texto.parse::<f64>()?`.",
        "This conversion or operation does not exist for the type. Numbers are converted with `x as f64`, text to number with `text.parse::<f64>()?`.",
        "!\"a\"",
    ),
    Entry::code(
        &["E0614"],
        "`*` sigue una referencia hasta su valor, y esto ya es el valor: quita el `*`.",
        "`*` follows a reference to its value, and this is the value already: remove the `*`.",
        "let n = 1u32;\n*n",
    ),
    Entry::code(
        &["E0618"],
        "Solo se llama con paréntesis a una función. Si querías multiplicar, escribe `*`; si es un elemento, `v[i]`.",
        "Only functions are called with parentheses. To multiply write `*`; for an element, `v[i]`.",
        "let n = 5;\nn(3)",
    ),
    Entry::code(
        &["E0107"],
        "El número de tipos entre `<` y `>` no es el que pide ese tipo.",
        "The type takes another number of types between `<` and `>`.",
        "let v: Vec<i32, i32, i32> = Vec::new();",
    ),
    Entry::code(
        &["E0023", "E0026", "E0027"],
        "El patrón no coincide con los campos del tipo.",
        "The pattern does not match the fields of the type.",
        "let o = Some(1);\nif let Some(a, b) = o {}",
    ),
    Entry::code(
        &["E0004"],
        "El `match` no cubre todos los casos: añade los que faltan, o `_ => ...` para el resto.",
        "The `match` does not cover all cases: add the missing ones, or `_ => ...` for the rest.",
        "let o = Some(1);\nmatch o {\n    Some(x) => x,\n}",
    ),
    Entry::code(
        &["E0061"],
        "El número de argumentos no es el que pide la función.",
        "The function takes another number of arguments.",
        "fn add(a: i32, b: i32) -> i32 { a + b }\nadd(1)",
    ),
    Entry::code(
        &["E0070", "E0067"],
        "A la izquierda de `=` va una variable, un campo o un elemento. Para comparar se escribe `==`.",
        "A variable, a field or an element stands to the left of `=`. To compare, write `==`.",
        "1 = 2;",
    ),
    Entry::code(
        &["E0571"],
        "Solo un `loop` puede acabar con un valor, `break valor`. En un `for` o `while`, guárdalo en una variable.",
        "Only a `loop` can end with a value, `break value`. In a `for` or `while`, keep it in a variable.",
        "let x = for i in 0..3 {\n    break i;\n};",
    ),
];
