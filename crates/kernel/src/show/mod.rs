//! How values of crates that people bring show themselves: a table, a matrix, a picture beside the text.
//!
//! What is common to all is part of the runtime (`forms.rs`, `records.rs`). For each crate there is one file here, a small
//! crate with a trait `Show` for its types; the student's own rustc compiles it when the libraries of a session are built,
//! against the version that is among them. One that does not compile there is left out, and the values are shown as text.
//! A cell has those traits in reach where it shows its value, so the compiler decides, and the type's own method comes first.

use std::path::{Path, PathBuf};

/// A crate whose types are shown.
struct Shown {
    /// Its name in Rust.
    name: &'static str,
    source: &'static str,
}

const SHOWN: [Shown; 5] = [
    Shown {
        name: "polars",
        source: include_str!("polars.rs"),
    },
    Shown {
        name: "ndarray",
        source: include_str!("ndarray.rs"),
    },
    Shown {
        name: "nalgebra",
        source: include_str!("nalgebra.rs"),
    },
    Shown {
        name: "image",
        source: include_str!("image.rs"),
    },
    Shown {
        name: "dfdx",
        source: include_str!("dfdx.rs"),
    },
];

/// What decides how values of crates are shown.
pub(crate) fn sources() -> impl Iterator<Item = &'static str> {
    SHOWN.iter().map(|shown| shown.source)
}

/// A crate of a kit whose types are shown.
pub(crate) struct Part {
    name: &'static str,
    file: PathBuf,
    features: Vec<String>,
    pub(crate) source: &'static str,
}

impl Part {
    /// The part for the crate of this name, if there is one.
    pub(crate) fn new(name: &str, file: &Path, features: Vec<String>) -> Option<Part> {
        let shown = SHOWN.iter().find(|shown| shown.name == name)?;
        Some(Part {
            name: shown.name,
            file: file.to_owned(),
            features,
            source: shown.source,
        })
    }

    /// For rustc: where the crate is, and which of its features are there.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = String> {
        let file = format!("--extern={}={}", self.name, self.file.display());
        let features = self.features.iter();
        let features = features.map(|feature| format!("--cfg=feature={feature:?}"));
        std::iter::once(file).chain(features)
    }
}
