//! What can go wrong outside the student's code.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use crate::Language;

/// The session cannot start or go on; the text says why and what to do.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Error {
        Error(message.into())
    }

    pub(crate) fn io(doing: &str, path: &Path, error: std::io::Error) -> Error {
        let language = Language::current();
        let doing = match language {
            Language::Es => in_spanish(doing),
            Language::En => doing,
        };
        let path = path.display();
        Error(match error.kind() {
            ErrorKind::StorageFull => format!("{doing} {path}: {}", disk_is_full(language)),
            _ => format!("{doing} {path}: {error}"),
        })
    }

    /// What rustc says when it cannot do its work, in one line.
    pub(crate) fn of_rustc(said: &str) -> Error {
        let language = Language::current();
        let line = said.lines().find(|line| line.starts_with("error"));
        Error(if said.contains("No space left on device") {
            disk_is_full(language).to_owned()
        } else if said.contains("linker `") && said.contains("not found") {
            language
                .pick(
                    "no hay enlazador de C (`cc`): instala uno, por ejemplo con `apt install gcc`",
                    "there is no C linker (`cc`): install one, for example with `apt install gcc`",
                )
                .to_owned()
        } else {
            let words = language.pick("rustc no funciona", "rustc does not work");
            let line = line.or(said.lines().next()).unwrap_or_default();
            format!("{words}: {line}")
        })
    }
}

fn disk_is_full(language: Language) -> &'static str {
    language.pick(
        "el disco está lleno: haz sitio, o pon en GRADUS_CACHE una carpeta de otro",
        "the disk is full: make room, or set GRADUS_CACHE to a folder on another one",
    )
}

fn in_spanish(doing: &str) -> &str {
    match doing {
        "cannot create" => "no se puede crear",
        "cannot create a folder in" => "no se puede crear una carpeta en",
        "cannot find" => "no se encuentra",
        "cannot lock" => "no se puede bloquear",
        "cannot read" => "no se puede leer",
        "cannot read the settings in" => "no se pueden leer los ajustes de",
        "cannot start the process for the cells in" => {
            "no se puede iniciar el proceso de las celdas en"
        }
        "cannot write" => "no se puede escribir",
        "cannot write in" | "cannot write to" => "no se puede escribir en",
        other => other,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
