//! Hints about types that do not go together.

use super::entry::{Entry, Said};

/// Whether an operation is said not to exist between one of these and a decimal number.
fn mixes(said: &Said, others: &[&str]) -> bool {
    let names = |kind: &&str| said.message.contains(&format!("`{kind}`"));
    said.message.starts_with("cannot ")
        && ["f64", "f32", "{float}"].iter().any(names)
        && others.iter().any(names)
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
    Entry::code(
        &["E0308"],
        "Se esperaba un tipo y ha llegado otro. Los números no se convierten solos: escribe `2.0` en vez de `2`, o `x as f64`.",
        "One type was expected and another one came. Numbers are not converted by themselves: write `2.0` instead of `2`, or `x as f64`.",
        "let x: f64 = 2;",
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
        &["E0282", "E0283", "E0284"],
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
