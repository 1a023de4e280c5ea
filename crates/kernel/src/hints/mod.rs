//! What a beginner should know about a compiler error, beyond what the compiler says.
//!
//! The words are about notebooks: cells, variables that live on, values that an earlier cell gave away.

mod python;
mod system;

use gradus_text::Language;

pub(crate) use self::system::for_build;
use crate::problem::Problem;

/// A hint for a compiler error about a line of a cell, if there is one for it.
pub(crate) fn hint(problem: &Problem, line: &str, language: Language) -> Option<String> {
    let by_code = || by_code(problem.code.as_deref()?);
    let general = || {
        let (es, en) = by_message(problem).or_else(by_code)?;
        Some(language.pick(es, en).to_owned())
    };
    of_the_library(problem, language)
        .or_else(|| python::hint(problem, line, language))
        .or_else(general)
}

/// The course library was not asked for.
fn of_the_library(problem: &Problem, language: Language) -> Option<String> {
    let is_missing = matches!(problem.code.as_deref(), Some("E0432" | "E0433" | "E0463"))
        && problem.message.contains("`gradus`");
    let hint = language.pick(
        "Falta la biblioteca del curso: ejecuta antes una celda con la línea `:dep gradus`.",
        "The course library is missing: first run a cell with the line `:dep gradus`.",
    );
    is_missing.then(|| hint.to_owned())
}

/// A hint for the message of a panic.
pub(crate) fn for_panic(message: &str, language: Language) -> Option<&'static str> {
    let has_no_words = message.starts_with("assertion failed: ")
        || (message.starts_with("assertion `left ")
            && message
                .lines()
                .next()
                .is_some_and(|line| line.ends_with("failed")));
    has_no_words.then(|| {
        language.pick(
            "Algo que esta celda afirma no se cumple con tus números. Vuelve al valor de antes, o averigua por qué ha cambiado.",
            "Something that this cell claims does not hold with your numbers. Put the value back, or find out why it changed.",
        )
    })
}

/// A hint as a line of a traceback.
pub(crate) fn line(hint: &str, language: Language) -> String {
    let (colour, reset) = (crate::colour::CYAN, crate::colour::RESET);
    format!("{colour}{}{reset}: {hint}", language.pick("pista", "hint"))
}

/// Spanish and English.
type Hint = (&'static str, &'static str);

/// Syntax errors have no code, and some codes stand for many mistakes.
fn by_message(problem: &Problem) -> Option<Hint> {
    let message = problem.message.as_str();
    let advises = |words: &str| {
        problem
            .advice
            .iter()
            .any(|advice| advice.text.contains(words))
    };
    let mut lines = problem.advice.iter().flat_map(|advice| &advice.lines);
    let hint = if message.starts_with("expected `;`") {
        (
            "Cada instrucción acaba en `;`. Solo la última línea de la celda va sin él, y entonces se muestra su valor.",
            "Every statement ends with `;`. Only the last line of a cell goes without, and then its value is shown.",
        )
    } else if message.contains("unclosed delimiter") {
        (
            "Falta cerrar un paréntesis, un corchete o una llave: la marca señala dónde se abrió.",
            "A parenthesis, bracket or brace is not closed: the mark shows where it was opened.",
        )
    } else if message.contains("closing delimiter") {
        (
            "Sobra un cierre o no es el que corresponde: comprueba los pares ( ), [ ] y { }.",
            "One closing bracket is too many or of the wrong kind: check the pairs ( ), [ ] and { }.",
        )
    } else if message.starts_with("the cell is not complete") {
        (
            "A la celda le falta algo al final: un valor detrás de un signo, o el bloque `{ ... }` de lo que empieza.",
            "The cell lacks something at its end: a value behind a sign, or the block `{ ... }` of what it begins.",
        )
    } else if message.contains("cannot find macro") {
        (
            "No hay ninguna macro con ese nombre. ¿Está bien escrito? ¿Falta un `use`?",
            "There is no macro of this name. Is it spelt right? Is a `use` missing?",
        )
    } else if message.contains("increment operator") || message.contains("decrement operator") {
        (
            "En Rust no hay `++` ni `--`: escribe `i += 1` o `i -= 1`.",
            "Rust has no `++` and no `--`: write `i += 1` or `i -= 1`.",
        )
    } else if advises("instead of `def`") {
        (
            "Las funciones de Rust se escriben `fn f(x: f64) -> f64 { ... }`, con los tipos y entre llaves.",
            "Functions in Rust are written `fn f(x: f64) -> f64 { ... }`, with the types and between braces.",
        )
    } else if message.starts_with("expected `{`") {
        (
            "Lo que sigue a `if`, `else`, `for`, `while` o `fn` va siempre entre llaves: `if a { b } else { c }`.",
            "What follows `if`, `else`, `for`, `while` or `fn` always stands between braces: `if a { b } else { c }`.",
        )
    } else if message.contains("format string") || message.contains("argument never used") {
        (
            "Tantos valores como llaves: cada `{}` del texto necesita el suyo detrás de la coma, o un nombre dentro, `{x}`.",
            "As many values as braces: every `{}` in the text needs its own behind the comma, or a name inside, `{x}`.",
        )
    } else if message.starts_with("literal out of range") {
        (
            "Ese número no cabe en su tipo: usa uno mayor, como `i64`, `u32` o `f64`.",
            "This number does not fit into its type: use a larger one, such as `i64`, `u32` or `f64`.",
        )
    } else if message.contains("will panic at runtime") || message.contains("will overflow") {
        (
            "El compilador ya ve que esto fallaría al ejecutarse: una división por cero, un índice que no existe o un número que no cabe.",
            "The compiler sees already that this would fail when it runs: a division by zero, an index that is not there, or a number that does not fit.",
        )
    } else if message.contains("`?` operator can only be used on `Result`s, not `Option`s") {
        (
            "Aquí `?` necesita un `Result`, y esto es un `Option`: ponle un error con `.ok_or(\"falta el valor\")?`, o mira dentro \
             con `if let Some(x) = ... { }`.",
            "Here `?` needs a `Result`, and this is an `Option`: give it an error with `.ok_or(\"there is no value\")?`, or look inside \
             with `if let Some(x) = ... { }`.",
        )
    } else if message.contains("cannot be indexed by") {
        (
            "Los índices son `usize`: convierte el tuyo con `i as usize`.",
            "Indices are `usize`: convert yours with `i as usize`.",
        )
    } else if lines.any(|line| line.starts_with("use ")) {
        (
            "Falta un `use`: pon la línea que se propone al principio de la celda.",
            "A `use` is missing: put the proposed line at the beginning of the cell.",
        )
    } else if advises("remove this semicolon") {
        (
            "Una función devuelve su última línea solo si va sin `;`: quítalo.",
            "A function returns its last line only without a `;`: remove it.",
        )
    } else {
        return None;
    };
    Some(hint)
}

fn by_code(code: &str) -> Option<Hint> {
    Some(match code {
        "E0382" => (
            "El valor ya se había entregado (se movió), aquí o en una celda anterior, y no se puede volver a usar. Presta una \
             referencia, `&x`, o entrega una copia, `x.clone()`. Si lo movió otra celda, vuelve a ejecutar la que lo crea.",
            "The value had already been given away (moved), here or in an earlier cell, and cannot be used again. Lend a \
             reference, `&x`, or give a copy, `x.clone()`. If another cell moved it, run the cell that creates it again.",
        ),
        "E0505" => (
            "Hay una referencia que todavía usa este valor: no se puede mover mientras tanto. Usa `clone()` o acaba antes con la referencia.",
            "A reference still uses this value, so it cannot be moved yet. Use `clone()`, or finish with the reference first.",
        ),
        "E0507" => (
            "Desde una referencia no se puede sacar el valor. Usa `.clone()`, o trabaja con la referencia.",
            "A value cannot be taken out from behind a reference. Use `.clone()`, or work with the reference.",
        ),
        "E0499" => (
            "Solo puede haber una referencia `&mut` a la vez. Acaba con la primera antes de pedir la segunda.",
            "There can be only one `&mut` reference at a time. Finish with the first before asking for the second.",
        ),
        "E0502" => (
            "Mientras se lee un valor (`&`) no se puede modificar (`&mut`). Guarda primero lo leído en otra variable, por ejemplo `let n = v.len();`.",
            "While a value is being read (`&`) it cannot be changed (`&mut`). Store what you read in a variable first, such as `let n = v.len();`.",
        ),
        "E0506" => (
            "No se puede asignar a una variable mientras una referencia la usa.",
            "A variable cannot be assigned while a reference uses it.",
        ),
        "E0308" => (
            "Se esperaba un tipo y ha llegado otro. Los números no se convierten solos: escribe `2.0` en vez de `2`, o `x as f64`.",
            "One type was expected and another one came. Numbers are not converted by themselves: write `2.0` instead of `2`, or `x as f64`.",
        ),
        "E0277" => (
            "A este tipo le falta algo que la operación necesita. Si mezclas tipos de número, convierte uno: `x as f64`. Si es por `?`, \
             la función tiene que devolver `Result`. Si es por mostrar un valor, prueba con `{:?}`.",
            "This type lacks something that the operation needs. If you mix kinds of numbers, convert one: `x as f64`. If it is about \
             `?`, the function must return a `Result`. If it is about printing, try `{:?}`.",
        ),
        "E0369" => (
            "Esta operación no existe entre estos tipos. Con referencias prueba a poner `*` delante, o usa un método.",
            "This operation does not exist between these types. With references try a `*` in front, or use a method.",
        ),
        "E0425" => (
            "Ese nombre no existe aquí. ¿Está bien escrito? ¿Has ejecutado la celda que lo define? Si la sesión se reinició, hay que volver a ejecutarla.",
            "This name does not exist here. Is it spelt right? Have you run the cell that defines it? After a restart it must be run again.",
        ),
        "E0433" | "E0432" => (
            "No se encuentra ese módulo, tipo o biblioteca. ¿Está bien escrito? ¿Has ejecutado la primera celda, la de `:dep` y `use`?",
            "This module, type or library is not found. Is it spelt right? Have you run the first cell, the one with `:dep` and `use`?",
        ),
        "E0412" => (
            "No existe ningún tipo con ese nombre. ¿Está bien escrito? ¿Has ejecutado la celda que lo define?",
            "There is no type of this name. Is it spelt right? Have you run the cell that defines it?",
        ),
        "E0599" => (
            "El tipo no tiene ese método. Escribe `valor.` y pulsa Tab para ver los que tiene.",
            "The type has no such method. Type `value.` and press Tab to see those it has.",
        ),
        "E0609" | "E0560" => (
            "La estructura no tiene ese campo. Mira cómo se llaman en su definición.",
            "The struct has no such field. Look up their names in its definition.",
        ),
        "E0616" | "E0603" | "E0624" => (
            "Eso es privado: solo lo usa la biblioteca por dentro. Busca un método público que lo dé.",
            "That is private: only the library itself uses it. Look for a public method that gives it.",
        ),
        "E0384" => (
            "Para cambiar una variable hay que declararla con `mut`: `let mut x = ...;`. Si es de otra celda: `let mut x = x;`.",
            "A variable must be declared with `mut` to be changed: `let mut x = ...;`. If it is from another cell: `let mut x = x;`.",
        ),
        "E0596" => (
            "Para modificar el valor hay que declararlo con `let mut`. Si es de otra celda: `let mut x = x;`.",
            "The value must be declared with `let mut` to be modified. If it is from another cell: `let mut x = x;`.",
        ),
        "E0594" => (
            "Para cambiar el valor hay que declararlo con `let mut`. Si es de otra celda: `let mut x = x;`.",
            "The value must be declared with `let mut` to be changed. If it is from another cell: `let mut x = x;`.",
        ),
        "E0061" => (
            "El número de argumentos no es el que pide la función.",
            "The function takes another number of arguments.",
        ),
        "E0282" | "E0283" | "E0284" => (
            "El compilador no puede deducir el tipo. Escríbelo: `let v: Vec<f64> = ...;` o `|x: f64| ...`.",
            "The compiler cannot deduce the type. Write it down: `let v: Vec<f64> = ...;` or `|x: f64| ...`.",
        ),
        "E0597" | "E0716" => (
            "La referencia viviría más que el valor al que apunta. En una variable de un cuaderno guarda el valor, no una referencia a él.",
            "The reference would outlive the value it points to. In a notebook variable keep the value, not a reference to it.",
        ),
        "E0373" => (
            "La función anónima usa variables que pueden desaparecer antes: pon `move` delante.",
            "The closure uses variables that may be gone before it: put `move` in front.",
        ),
        "E0106" => (
            "Una referencia dentro de un tipo necesita decir cuánto vive. Guarda el valor (`String`, `Vec<f64>`), que es más sencillo.",
            "A reference inside a type must say how long it lives. Keeping the value (`String`, `Vec<f64>`) is simpler.",
        ),
        "E0023" | "E0026" | "E0027" => (
            "El patrón no coincide con los campos del tipo.",
            "The pattern does not match the fields of the type.",
        ),
        "E0004" => (
            "El `match` no cubre todos los casos: añade los que faltan, o `_ => ...` para el resto.",
            "The `match` does not cover all cases: add the missing ones, or `_ => ...` for the rest.",
        ),
        "E0600" | "E0604" | "E0605" | "E0606" => (
            "Esa conversión u operación no existe para el tipo. Entre números se convierte con `x as f64`; de texto a número, con `texto.parse::<f64>()?`.",
            "This conversion or operation does not exist for the type. Numbers are converted with `x as f64`, text to number with `text.parse::<f64>()?`.",
        ),
        "E0423" => (
            "Ese nombre no es una función. Una macro lleva `!`, como `println!(...)`; una estructura con campos se hace con llaves: `P { x: 1.0 }`.",
            "This name is not a function. A macro takes a `!`, as `println!(...)`; a struct with fields is made with braces: `P { x: 1.0 }`.",
        ),
        "E0063" => (
            "Al crear una estructura hay que dar un valor a todos sus campos.",
            "A struct is made with a value for every one of its fields.",
        ),
        "E0046" => (
            "Al `impl` le faltan funciones que el trait pide: escríbelas todas.",
            "The `impl` lacks functions that the trait asks for: write all of them.",
        ),
        "E0053" => (
            "Los tipos de la función no son los que pide el trait: copia su primera línea de la definición del trait.",
            "The function's types are not those of the trait: copy its first line from the definition of the trait.",
        ),
        "E0117" => (
            "Solo se puede implementar un trait ajeno para un tipo tuyo. Envuelve el otro: `struct Mio(Vec<i32>);`.",
            "Another's trait can be implemented only for a type of your own. Wrap the other one: `struct Mine(Vec<i32>);`.",
        ),
        "E0381" => (
            "La variable se usa antes de tener un valor: dáselo al declararla, `let x = 0;`.",
            "The variable is used before it has a value: give it one where it is declared, `let x = 0;`.",
        ),
        "E0614" => (
            "`*` sigue una referencia hasta su valor, y esto ya es el valor: quita el `*`.",
            "`*` follows a reference to its value, and this is the value already: remove the `*`.",
        ),
        "E0618" => (
            "Solo se llama con paréntesis a una función. Si querías multiplicar, escribe `*`; si es un elemento, `v[i]`.",
            "Only functions are called with parentheses. To multiply write `*`; for an element, `v[i]`.",
        ),
        "E0515" => (
            "La función devolvería una referencia a algo que desaparece con ella: devuelve el valor (`String`, `Vec<f64>`).",
            "The function would return a reference to something that ends with it: return the value (`String`, `Vec<f64>`).",
        ),
        "E0070" | "E0067" => (
            "A la izquierda de `=` va una variable, un campo o un elemento. Para comparar se escribe `==`.",
            "A variable, a field or an element stands to the left of `=`. To compare, write `==`.",
        ),
        "E0571" => (
            "Solo un `loop` puede acabar con un valor, `break valor`. En un `for` o `while`, guárdalo en una variable.",
            "Only a `loop` can end with a value, `break value`. In a `for` or `while`, keep it in a variable.",
        ),
        "E0015" | "E0493" => (
            "Una `const` se calcula al compilar, y ahí casi nada se puede llamar: usa una variable, `let`.",
            "A `const` is computed by the compiler, where almost nothing can be called: use a variable, `let`.",
        ),
        "E0107" => (
            "El número de tipos entre `<` y `>` no es el que pide ese tipo.",
            "The type takes another number of types between `<` and `>`.",
        ),
        "E0434" => (
            "Una `fn` no ve las variables de fuera: pásalas como argumentos, o usa una función anónima, `|x| ...`.",
            "A `fn` does not see the variables outside: pass them as arguments, or use a closure, `|x| ...`.",
        ),
        "E0133" => (
            "Eso solo se puede hacer dentro de `unsafe { ... }`, y en este curso no hace falta.",
            "That can be done only inside `unsafe { ... }`, and this course does not need it.",
        ),
        "E0765" => (
            "A un texto le faltan las comillas del final.",
            "A string is not closed: its last `\"` is missing.",
        ),
        "E0758" => (
            "A un comentario que empieza por `/*` le falta `*/`.",
            "A comment that begins with `/*` lacks its `*/`.",
        ),
        "E0763" => (
            "Un carácter va entre dos comillas simples: `'a'`.",
            "A character stands between two single quotes: `'a'`.",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_errors_have_a_hint_in_both_languages() {
        let hint = |code: Option<&str>, message: &str, language| {
            let problem = Problem {
                code: code.map(str::to_owned),
                message: message.to_owned(),
                ..Problem::default()
            };
            hint(&problem, "", language)
        };
        let codes = [
            "E0004", "E0061", "E0106", "E0277", "E0282", "E0308", "E0369", "E0373", "E0382",
            "E0384", "E0412", "E0425", "E0432", "E0433", "E0499", "E0502", "E0505", "E0506",
            "E0507", "E0594", "E0596", "E0597", "E0599", "E0603", "E0609", "E0716",
        ];
        for code in codes {
            let es =
                hint(Some(code), "", Language::Es).unwrap_or_else(|| panic!("none for {code}"));
            let en =
                hint(Some(code), "", Language::En).unwrap_or_else(|| panic!("none for {code}"));
            assert_ne!(es, en);
        }
        assert!(hint(None, "expected `;`, found `let`", Language::En).is_some());
        assert_eq!(hint(Some("E9999"), "", Language::En), None);
    }
}
