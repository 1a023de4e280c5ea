//! Hints about who owns a value, and who has borrowed it.

use super::entry::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::code(
        &["E0382"],
        "El valor ya se había entregado (se movió), aquí o en una celda anterior, y no se puede volver a usar. Presta una \
             referencia, `&x`, o entrega una copia, `x.clone()`. Si lo movió otra celda, vuelve a ejecutar la que lo crea.",
        "The value had already been given away (moved), here or in an earlier cell, and cannot be used again. Lend a \
             reference, `&x`, or give a copy, `x.clone()`. If another cell moved it, run the cell that creates it again.",
        "let v = vec![1];\nlet w = v;\nv.len()",
    ),
    Entry::code(
        &["E0505"],
        "Hay una referencia que todavía usa este valor: no se puede mover mientras tanto. Usa `clone()` o acaba antes con la referencia.",
        "A reference still uses this value, so it cannot be moved yet. Use `clone()`, or finish with the reference first.",
        "let s = String::new();\nlet r = &s;\ndrop(s);\nprintln!(\"{r}\");",
    ),
    Entry::code(
        &["E0507"],
        "Desde una referencia no se puede sacar el valor. Usa `.clone()`, o trabaja con la referencia.",
        "A value cannot be taken out from behind a reference. Use `.clone()`, or work with the reference.",
        "let v = vec![String::new()];\nlet s = v[0];",
    ),
    Entry::code(
        &["E0499"],
        "Solo puede haber una referencia `&mut` a la vez. Acaba con la primera antes de pedir la segunda.",
        "There can be only one `&mut` reference at a time. Finish with the first before asking for the second.",
        "let mut s = String::new();\nlet a = &mut s;\nlet b = &mut s;\na.push('x');\nb.push('y');",
    ),
    Entry::code(
        &["E0502"],
        "Mientras se lee un valor (`&`) no se puede modificar (`&mut`). Guarda primero lo leído en otra variable, por ejemplo `let n = v.len();`.",
        "While a value is being read (`&`) it cannot be changed (`&mut`). Store what you read in a variable first, such as `let n = v.len();`.",
        "let mut v = vec![1, 2];\nlet first = &v[0];\nv.push(3);\nprintln!(\"{first}\");",
    ),
    Entry::code(
        &["E0506"],
        "No se puede asignar a una variable mientras una referencia la usa.",
        "A variable cannot be assigned while a reference uses it.",
        "let mut i = 1;\nlet r = &i;\ni = 2;\nprintln!(\"{r}\");",
    ),
    Entry::code(
        &["E0597", "E0716"],
        "La referencia viviría más que el valor al que apunta. En una variable de un cuaderno guarda el valor, no una referencia a él.",
        "The reference would outlive the value it points to. In a notebook variable keep the value, not a reference to it.",
        "let r;\n{\n    let x = 5;\n    r = &x;\n}\nprintln!(\"{r}\");",
    ),
    Entry::code(
        &["E0373"],
        "La función anónima usa variables que pueden desaparecer antes: pon `move` delante.",
        "The closure uses variables that may be gone before it: put `move` in front.",
        "let n = 1;\nlet t = std::thread::spawn(|| println!(\"{n}\"));",
    ),
    Entry::code(
        &["E0106"],
        "Una referencia dentro de un tipo necesita decir cuánto vive. Guarda el valor (`String`, `Vec<f64>`), que es más sencillo.",
        "A reference inside a type must say how long it lives. Keeping the value (`String`, `Vec<f64>`) is simpler.",
        "struct R { s: &str }",
    ),
    Entry::code(
        &["E0515"],
        "La función devolvería una referencia a algo que desaparece con ella: devuelve el valor (`String`, `Vec<f64>`).",
        "The function would return a reference to something that ends with it: return the value (`String`, `Vec<f64>`).",
        "fn h() -> &'static str {\n    let s = String::new();\n    &s\n}",
    ),
    Entry::code(
        &["E0384"],
        "Para cambiar una variable hay que declararla con `mut`: `let mut x = ...;`. Si es de otra celda: `let mut x = x;`.",
        "A variable must be declared with `mut` to be changed: `let mut x = ...;`. If it is from another cell: `let mut x = x;`.",
        "let z = 1;\nz = 2;",
    ),
    Entry::when(
        |said| {
            said.problem.code.as_deref() == Some("E0596")
                && said.message.contains("behind a `&` reference")
        },
        "Lo que se ha prestado con `&` solo se puede leer: en la cabecera de la función tiene que decir `&mut`.",
        "What was lent with `&` can only be read: the head of the function must say `&mut`.",
        "fn add(v: &Vec<i32>) { v.push(1); }",
    ),
    Entry::when(
        |said| said.problem.code.as_deref() == Some("E0596") && said.advises("remove the `&mut`"),
        "Esto ya es una referencia `&mut`: pásala tal cual, sin otro `&mut`.",
        "This is a `&mut` reference already: hand it on as it is, without another `&mut`.",
        "fn one(v: &mut Vec<i32>) { v.push(1); }\nfn two(v: &mut Vec<i32>) { one(&mut v); }",
    ),
    Entry::code(
        &["E0596"],
        "Para modificar el valor hay que declararlo con `let mut`. Si es de otra celda: `let mut x = x;`.",
        "The value must be declared with `let mut` to be modified. If it is from another cell: `let mut x = x;`.",
        "let v = Vec::new();\nv.push(1);",
    ),
    Entry::code(
        &["E0594"],
        "Para cambiar el valor hay que declararlo con `let mut`. Si es de otra celda: `let mut x = x;`.",
        "The value must be declared with `let mut` to be changed. If it is from another cell: `let mut x = x;`.",
        "struct P { x: i32 }\nlet p = P { x: 1 };\np.x = 2;",
    ),
    Entry::code(
        &["E0381"],
        "La variable se usa antes de tener un valor: dáselo al declararla, `let x = 0;`.",
        "The variable is used before it has a value: give it one where it is declared, `let x = 0;`.",
        "let u: i32;\nprintln!(\"{u}\");",
    ),
];
