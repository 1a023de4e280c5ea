//! Hints about names that are not there, or not for everybody.

use super::entry::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::code(
        &["E0425", "E0412"],
        "Ese nombre no existe aquí. ¿Está bien escrito? ¿Has ejecutado la celda que lo define? Si la sesión se reinició, hay que volver a ejecutarla.",
        "This name does not exist here. Is it spelt right? Have you run the cell that defines it? After a restart it must be run again.",
        "nothing + 1",
    ),
    Entry::code(
        &["E0433", "E0432"],
        "No se encuentra ese módulo, tipo o biblioteca. ¿Está bien escrito? ¿Has ejecutado la primera celda, la de `:dep` y `use`?",
        "This module, type or library is not found. Is it spelt right? Have you run the first cell, the one with `:dep` and `use`?",
        "use nowhere::Thing;",
    ),
    Entry::code(
        &["E0599"],
        "El tipo no tiene ese método. Escribe `valor.` y pulsa Tab para ver los que tiene.",
        "The type has no such method. Type `value.` and press Tab to see those it has.",
        "let v = vec![1];\nv.push_all(3)",
    ),
    Entry::code(
        &["E0609", "E0560"],
        "La estructura no tiene ese campo. Mira cómo se llaman en su definición.",
        "The struct has no such field. Look up their names in its definition.",
        "struct W { a: i32 }\nlet w = W { a: 1 };\nw.b",
    ),
    Entry::code(
        &["E0616", "E0603", "E0624"],
        "Eso es privado: solo lo usa la biblioteca por dentro. Busca un método público que lo dé.",
        "That is private: only the library itself uses it. Look for a public method that gives it.",
        "mod m { pub struct S { x: i32 } impl S { pub fn new() -> S { S { x: 1 } } } }\nlet s = m::S::new();\ns.x",
    ),
    Entry::code(
        &["E0423"],
        "Ese nombre no es una función. Una macro lleva `!`, como `println!(...)`; una estructura con campos se hace con llaves: `P { x: 1.0 }`.",
        "This name is not a function. A macro takes a `!`, as `println!(...)`; a struct with fields is made with braces: `P { x: 1.0 }`.",
        "struct W { a: i32 }\nlet w = W(1);",
    ),
    Entry::code(
        &["E0063"],
        "Al crear una estructura hay que dar un valor a todos sus campos.",
        "A struct is made with a value for every one of its fields.",
        "struct W { a: i32, b: i32 }\nlet w = W { a: 1 };",
    ),
    Entry::code(
        &["E0434"],
        "Una `fn` no ve las variables de fuera: pásalas como argumentos, o usa una función anónima, `|x| ...`.",
        "A `fn` does not see the variables outside: pass them as arguments, or use a closure, `|x| ...`.",
        "fn outer() {\n    let a = 1;\n    fn inner() -> i32 { a }\n}",
    ),
];
