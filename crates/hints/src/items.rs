//! Hints about traits, constants and other items.

use super::entry::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::code(
        &["E0046"],
        "Al `impl` le faltan funciones que el trait pide: escríbelas todas.",
        "The `impl` lacks functions that the trait asks for: write all of them.",
        "trait T { fn a(&self); }\nstruct S;\nimpl T for S {}",
    ),
    Entry::code(
        &["E0053"],
        "Los tipos de la función no son los que pide el trait: copia su primera línea de la definición del trait.",
        "The function's types are not those of the trait: copy its first line from the definition of the trait.",
        "trait T { fn a(&self); }\nstruct S;\nimpl T for S { fn a(&mut self) {} }",
    ),
    Entry::code(
        &["E0117"],
        "Solo se puede implementar un trait ajeno para un tipo tuyo. Envuelve el otro: `struct Mio(Vec<i32>);`.",
        "Another's trait can be implemented only for a type of your own. Wrap the other one: `struct Mine(Vec<i32>);`.",
        "impl std::fmt::Display for Vec<i32> {\n    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { Ok(()) }\n}",
    ),
    Entry::code(
        &["E0015", "E0493"],
        "Una `const` se calcula al compilar, y ahí casi nada se puede llamar: usa una variable, `let`.",
        "A `const` is computed by the compiler, where almost nothing can be called: use a variable, `let`.",
        "const C: Vec<i32> = vec![1].clone();",
    ),
    Entry::code(
        &["E0133"],
        "Eso solo se puede hacer dentro de `unsafe { ... }`, y en este curso no hace falta.",
        "That can be done only inside `unsafe { ... }`, and this course does not need it.",
        "let p: *const i32 = std::ptr::null();\n*p",
    ),
];
