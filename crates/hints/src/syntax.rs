//! Hints about syntax, and about what one code of the compiler, or none, says of many mistakes.

use super::entry::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::when(
        |said| said.message.starts_with("expected `;`"),
        "Cada instrucción acaba en `;`. Solo la última línea de la celda va sin él, y entonces se muestra su valor.",
        "Every statement ends with `;`. Only the last line of a cell goes without, and then its value is shown.",
        "let a = 5\nlet b = 6;",
    ),
    Entry::when(
        |said| said.message.contains("unclosed delimiter"),
        "Falta cerrar un paréntesis, un corchete o una llave: la marca señala dónde se abrió.",
        "A parenthesis, bracket or brace is not closed: the mark shows where it was opened.",
        "fn f() {\n    let a = 1;",
    ),
    Entry::when(
        |said| said.message.starts_with("mismatched closing delimiter"),
        "Hay un paréntesis, un corchete o una llave que no se ha cerrado, o se ha cerrado con otro signo: comprueba los pares ( ), [ ] y { }.",
        "A parenthesis, bracket or brace is not closed, or closed by another sign: check the pairs ( ), [ ] and { }.",
        "let a = (1 + 2];",
    ),
    Entry::when(
        |said| said.message.contains("closing delimiter"),
        "Sobra un cierre: comprueba los pares ( ), [ ] y { }.",
        "One closing bracket is too many: check the pairs ( ), [ ] and { }.",
        "println!(\"a\"));",
    ),
    Entry::when(
        |said| said.message.starts_with("the cell is not complete"),
        "A la celda le falta algo al final: un valor detrás de un signo, o el bloque `{ ... }` de lo que empieza.",
        "The cell lacks something at its end: a value behind a sign, or the block `{ ... }` of what it begins.",
        "let x =",
    ),
    Entry::when(
        |said| said.message.contains("cannot find macro"),
        "No hay ninguna macro con ese nombre. ¿Está bien escrito? ¿Falta un `use`?",
        "There is no macro of this name. Is it spelt right? Is a `use` missing?",
        "prinln!(\"a\");",
    ),
    Entry::when(
        |said| {
            said.message.contains("increment operator")
                || said.message.contains("decrement operator")
        },
        "En Rust no hay `++` ni `--`: escribe `i += 1` o `i -= 1`.",
        "Rust has no `++` and no `--`: write `i += 1` or `i -= 1`.",
        "let mut i = 0;\ni++;",
    ),
    Entry::when(
        |said| said.advises("instead of `def`"),
        "Las funciones de Rust se escriben `fn f(x: f64) -> f64 { ... }`, con los tipos y entre llaves.",
        "Functions in Rust are written `fn f(x: f64) -> f64 { ... }`, with the types and between braces.",
        "def f(x):\n    return x",
    ),
    Entry::when(
        |said| said.message.starts_with("expected `{`"),
        "Lo que sigue a `if`, `else`, `for`, `while` o `fn` va siempre entre llaves: `if a { b } else { c }`.",
        "What follows `if`, `else`, `for`, `while` or `fn` always stands between braces: `if a { b } else { c }`.",
        "if true { 1 } else 2",
    ),
    Entry::when(
        |said| {
            said.message.contains("format string") || said.message.contains("argument never used")
        },
        "Tantos valores como llaves: cada `{}` del texto necesita el suyo detrás de la coma, o un nombre dentro, `{x}`.",
        "As many values as braces: every `{}` in the text needs its own behind the comma, or a name inside, `{x}`.",
        "println!(\"{} {}\", 1);",
    ),
    Entry::when(
        |said| said.message.starts_with("literal out of range"),
        "Ese número no cabe en su tipo: usa uno mayor, como `i64`, `u32` o `f64`.",
        "This number does not fit into its type: use a larger one, such as `i64`, `u32` or `f64`.",
        "let b: u8 = 300;\nb",
    ),
    Entry::when(
        |said| {
            said.message.contains("will panic at runtime") || said.message.contains("will overflow")
        },
        "El compilador ya ve que esto fallaría al ejecutarse: una división por cero, un índice que no existe o un número que no cabe.",
        "The compiler sees already that this would fail when it runs: a division by zero, an index that is not there, or a number that does not fit.",
        "1 / 0",
    ),
    Entry::when(
        |said| {
            said.message
                .contains("`?` operator can only be used on `Result`s, not `Option`s")
        },
        "Aquí `?` necesita un `Result`, y esto es un `Option`: ponle un error con `.ok_or(\"falta el valor\")?`, o mira dentro \
             con `if let Some(x) = ... { }`.",
        "Here `?` needs a `Result`, and this is an `Option`: give it an error with `.ok_or(\"there is no value\")?`, or look inside \
             with `if let Some(x) = ... { }`.",
        "fn f() -> Result<i32, String> {\n    let x = Some(1)?;\n    Ok(x)\n}",
    ),
    Entry::when(
        |said| said.message.contains("cannot be indexed by") && !said.message.contains("by `&"),
        "Los índices son `usize`: convierte el tuyo con `i as usize`.",
        "Indices are `usize`: convert yours with `i as usize`.",
        "let v = vec![1, 2];\nlet i: i32 = 0;\nv[i]",
    ),
    Entry::when(
        |said| said.proposes("use "),
        "Falta un `use`: pon la línea que se propone al principio de la celda.",
        "A `use` is missing: put the proposed line at the beginning of the cell.",
        "let m = HashMap::<i32, i32>::new();",
    ),
    Entry::when(
        |said| said.advises("remove this semicolon"),
        "Una función devuelve su última línea solo si va sin `;`: quítalo.",
        "A function returns its last line only without a `;`: remove it.",
        "fn double(x: i32) -> i32 {\n    x * 2;\n}",
    ),
    Entry::code(
        &["E0765"],
        "A un texto le faltan las comillas del final.",
        "A string is not closed: its last `\"` is missing.",
        "let s = \"abc;",
    ),
    Entry::code(
        &["E0758"],
        "A un comentario que empieza por `/*` le falta `*/`.",
        "A comment that begins with `/*` lacks its `*/`.",
        "/* a",
    ),
    Entry::when(
        |said| {
            said.problem.code.as_deref() == Some("E0763") || said.advises("close the char literal")
        },
        "Un carácter va entre dos comillas simples: `'a'`.",
        "A character stands between two single quotes: `'a'`.",
        "let c = 'a;",
    ),
];
