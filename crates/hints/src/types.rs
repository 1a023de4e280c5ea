//! Hints about types that do not go together.

use super::entry::Entry;

pub(super) const ENTRIES: &[Entry] = &[
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
        "let a = 1.0 + 1;",
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
