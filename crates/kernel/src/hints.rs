//! What a beginner should know about a compiler error, beyond what the compiler says.
//!
//! The words are about notebooks: cells, variables that live on, values that an earlier cell gave away.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The language that students read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Spanish.
    Es,
    /// English.
    En,
}

/// The language of the notebook that runs, when its folder tells.
static OF_NOTEBOOK: Mutex<Option<Language>> = Mutex::new(None);

impl Language {
    /// That of the notebook that runs, whose folder is called `es` or `en`; elsewhere that of `GRADUS_LANG` or of the
    /// locale. English unless one of them says Spanish. The library answers in the same one.
    pub fn current() -> Language {
        if let Some(language) = *OF_NOTEBOOK.lock().unwrap_or_else(PoisonError::into_inner) {
            return language;
        }
        let names = ["GRADUS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
        let value = names
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        Language::of_locale(&value.unwrap_or_default())
    }

    /// From now on the cells run in `folder`.
    pub(crate) fn use_that_of(folder: &Path) {
        let language = match folder.file_name().and_then(|name| name.to_str()) {
            Some("es") => Some(Language::Es),
            Some("en") => Some(Language::En),
            _ => None,
        };
        *OF_NOTEBOOK.lock().unwrap_or_else(PoisonError::into_inner) = language;
    }

    fn of_locale(locale: &str) -> Language {
        let language = locale
            .split(['_', '.', '-', '@'])
            .next()
            .unwrap_or_default();
        if language.eq_ignore_ascii_case("es") {
            Language::Es
        } else {
            Language::En
        }
    }

    /// How a hint begins.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Language::Es => "pista",
            Language::En => "hint",
        }
    }
}

/// A hint for a compiler error, if there is one for it.
pub(crate) fn hint(code: Option<&str>, message: &str, language: Language) -> Option<&'static str> {
    let (es, en) = match code {
        Some(code) => by_code(code)?,
        None => by_message(message)?,
    };
    Some(match language {
        Language::Es => es,
        Language::En => en,
    })
}

/// Spanish and English.
type Hint = (&'static str, &'static str);

/// Syntax errors have no code.
fn by_message(message: &str) -> Option<Hint> {
    let hint = if message.starts_with("expected `;`") {
        (
            "Cada instrucción acaba en `;`. Solo la última línea de la celda va sin él, y entonces se muestra su valor.",
            "Every statement ends with `;`. Only the last line of a cell goes without, and then its value is shown.",
        )
    } else if message.contains("unclosed delimiter") {
        (
            "Falta cerrar un paréntesis, un corchete o una llave: el compilador señala dónde se abrió.",
            "A parenthesis, bracket or brace is not closed: the compiler points to where it was opened.",
        )
    } else if message.contains("unexpected closing delimiter")
        || message.contains("mismatched closing delimiter")
    {
        (
            "Sobra un cierre o no es el que corresponde: comprueba los pares ( ), [ ] y { }.",
            "One closing bracket is too many or of the wrong kind: check the pairs ( ), [ ] and { }.",
        )
    } else if message.contains("unterminated double quote string") {
        (
            "A un texto le faltan las comillas del final.",
            "A text lacks its closing quotes.",
        )
    } else if message.contains("cannot find macro") {
        (
            "No hay ninguna macro con ese nombre. ¿Está bien escrito? ¿Falta un `use`?",
            "There is no macro of this name. Is it spelt right? Is a `use` missing?",
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
            "No se encuentra ese módulo, tipo o crate. ¿Has ejecutado la primera celda, la de `:dep` y `use gradus::prelude::*;`?",
            "This module, type or crate is not found. Have you run the first cell, with `:dep` and `use gradus::prelude::*;`?",
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
            "No se puede asignar a algo que no es `mut`: decláralo con `let mut`.",
            "Something that is not `mut` cannot be assigned to: declare it with `let mut`.",
        ),
        "E0061" => (
            "El número de argumentos no es el que pide la función.",
            "The function takes another number of arguments.",
        ),
        "E0282" | "E0283" => (
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
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_picks_the_language() {
        for (locale, language) in [
            ("es_ES.UTF-8", Language::Es),
            ("es", Language::Es),
            ("ES-ar", Language::Es),
            ("en_GB.UTF-8", Language::En),
            ("est", Language::En),
            ("C", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn the_commonest_errors_have_a_hint_in_both_languages() {
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
