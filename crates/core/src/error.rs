//! What can go wrong, said so that a student knows what to do next.

use std::fmt;
use std::path::{Path, PathBuf};

use gradus_text::{Text, say};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate. [`Error::kind`] tells what happened, with the values; its text tells a person.
pub struct Error(Box<ErrorKind>);

/// What happened, with the values that show it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Two sizes that must agree do not.
    Shape {
        /// The operation or layer that noticed.
        op: String,
        /// What it needs.
        expected: String,
        /// What it was given.
        got: String,
    },
    /// There is nothing to work on.
    Empty {
        /// What is empty.
        what: String,
    },
    /// A number is outside the range where it means something.
    OutOfRange {
        /// The name of the argument or hyperparameter.
        name: String,
        /// The value given.
        value: f64,
        /// The range, in words.
        expected: String,
    },
    /// A label names a class that does not exist.
    Label {
        /// The position of the example.
        row: usize,
        /// Its label.
        label: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A value is NaN or infinite.
    NotFinite {
        /// Where it stands.
        what: String,
        /// The value.
        value: f64,
    },
    /// The loss became NaN or infinite while training.
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step within the epoch, counted from 1.
        step: usize,
        /// The learning rate in use.
        learning_rate: f32,
    },
    /// Somebody stopped the training; see [`crate::interrupt`].
    Interrupted {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The steps of it that were done.
        steps: usize,
    },
    /// Somebody stopped something other than a training; see [`crate::interrupt`].
    Stopped {
        /// What was stopped.
        what: String,
        /// How many of its turns were done.
        done: usize,
    },
    /// A data set is not on this machine.
    MissingData {
        /// Its name.
        name: String,
        /// The file that was looked for.
        file: String,
        /// The folders that were searched.
        searched: Vec<PathBuf>,
    },
    /// A file is not what it should be.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Parts that do not go together.
    Misuse {
        /// What is wrong and what to do.
        message: String,
    },
    /// A figure could not be drawn.
    Plot {
        /// What the drawing library said.
        message: String,
    },
}

impl Error {
    /// What happened, with the values.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    pub(crate) fn shape(
        op: impl Into<Text>,
        expected: impl Into<Text>,
        got: impl fmt::Display,
    ) -> Error {
        ErrorKind::Shape {
            op: op.into().into_current(),
            expected: expected.into().into_current(),
            got: got.to_string(),
        }
        .into()
    }

    pub(crate) fn empty(what: impl Into<Text>) -> Error {
        let what = what.into().into_current();
        ErrorKind::Empty { what }.into()
    }

    pub(crate) fn range(name: impl Into<Text>, value: f64, expected: impl Into<Text>) -> Error {
        ErrorKind::OutOfRange {
            name: name.into().into_current(),
            value,
            expected: expected.into().into_current(),
        }
        .into()
    }

    pub(crate) fn misuse(message: impl Into<Text>) -> Error {
        ErrorKind::Misuse {
            message: message.into().into_current(),
        }
        .into()
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Error {
        ErrorKind::Io {
            path: path.to_owned(),
            source,
        }
        .into()
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<Text>) -> Error {
        ErrorKind::Damaged {
            path: path.to_owned(),
            reason: reason.into().into_current(),
        }
        .into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.kind() {
            ErrorKind::Shape { op, expected, got } => say(
                format!("{op}: se esperaba «{expected}» y ha llegado «{got}»"),
                format!("{op}: expected {expected}, got {got}"),
            ),
            ErrorKind::Empty { what } => say(
                format!("{what}: no hay nada; hace falta al menos un elemento"),
                format!("{what} is empty; give it at least one element"),
            ),
            ErrorKind::OutOfRange {
                name,
                value,
                expected,
            } => {
                // A number that came as an `f32` is said with the digits that it was written with.
                let short = *value as f32;
                let value = match f64::from(short) == *value {
                    true => short.to_string(),
                    false => value.to_string(),
                };
                say(
                    format!("{name} debe ser {expected}, no {value}"),
                    format!("{name} must be {expected}, got {value}"),
                )
            }
            ErrorKind::Label {
                row,
                label,
                classes,
            } => {
                let last = classes.saturating_sub(1);
                say(
                    format!(
                        "el ejemplo {row} tiene la etiqueta {label}, pero las {classes} clases van de 0 a {last}"
                    ),
                    format!(
                        "example {row} has label {label}, but the {classes} classes are 0 to {last}"
                    ),
                )
            }
            ErrorKind::NotFinite { what, value } => say(
                format!("{what} es {value}; todos los números deben ser finitos"),
                format!("{what} is {value}; every number must be finite"),
            ),
            ErrorKind::Diverged {
                epoch,
                step,
                learning_rate,
            } => {
                let smaller = learning_rate / 10.0;
                say(
                    format!(
                        "el entrenamiento diverge: el coste deja de ser un número finito en el paso {step} de la época \
                         {epoch}; prueba con un learning rate menor que {learning_rate} (por ejemplo, \
                         {smaller:.0e}) o normaliza las entradas"
                    ),
                    format!(
                        "training diverged: the loss is no longer a finite number at step {step} of epoch {epoch}; \
                         try a learning rate smaller than {learning_rate} (for example {smaller:.0e}), \
                         or normalise the inputs"
                    ),
                )
            }
            ErrorKind::Interrupted { epoch, steps } => say(
                format!(
                    "el entrenamiento se ha interrumpido en la época {epoch} tras {steps} pasos; la red conserva lo \
                     aprendido, e history() las épocas completas"
                ),
                format!(
                    "training was interrupted in epoch {epoch} after {steps} steps; the network keeps what it has learned, \
                     and history() the epochs that were completed"
                ),
            ),
            ErrorKind::Stopped { what, done } => say(
                format!("se ha interrumpido {what} tras {done} vueltas"),
                format!("{what} was interrupted after {done} turns"),
            ),
            ErrorKind::MissingData {
                name,
                file,
                searched,
            } => {
                let folders = searched.iter().map(|folder| folder.display().to_string());
                let folders = folders.collect::<Vec<_>>().join(", ");
                say(
                    format!(
                        "conjunto de datos {name}: el archivo {file} no está en {folders}; `gradus data fetch {name}` lo \
                         descarga"
                    ),
                    format!(
                        "data set {name}: no file {file} in {folders}; `gradus data fetch {name}` downloads it"
                    ),
                )
            }
            ErrorKind::Damaged { path, reason } => format!("{}: {reason}", path.display()),
            ErrorKind::Io { path, source } => format!("{}: {source}", path.display()),
            ErrorKind::Misuse { message } => message.clone(),
            ErrorKind::Plot { message } => say(
                format!("no se pudo dibujar la figura: {message}"),
                format!("the figure could not be drawn: {message}"),
            ),
        };
        f.write_str(&text)
    }
}

// `unwrap` and a `?` at the end of `main` print the Debug form: a student should read the message there too.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Check a hyperparameter that must be finite and greater than 0.
pub(crate) fn positive(name: impl Into<Text>, value: impl Into<f64>) -> Result<()> {
    let value = value.into();
    check(
        name,
        value,
        value.is_finite() && value > 0.0,
        (
            "un número finito mayor que 0",
            "a finite number greater than 0",
        ),
    )
}

/// Check a hyperparameter that must be finite and not negative.
pub(crate) fn non_negative(name: impl Into<Text>, value: f32) -> Result<()> {
    check(
        name,
        value,
        value.is_finite() && value >= 0.0,
        (
            "un número finito no negativo",
            "a finite number of at least 0",
        ),
    )
}

/// Check a hyperparameter that must be in `[0, 1)`.
pub(crate) fn fraction(name: impl Into<Text>, value: f32) -> Result<()> {
    check(
        name,
        value,
        (0.0..1.0).contains(&value),
        ("al menos 0 y menor que 1", "at least 0 and less than 1"),
    )
}

fn check(
    name: impl Into<Text>,
    value: impl Into<f64>,
    ok: bool,
    expected: impl Into<Text>,
) -> Result<()> {
    if ok {
        Ok(())
    } else {
        Err(Error::range(name, value.into(), expected))
    }
}
