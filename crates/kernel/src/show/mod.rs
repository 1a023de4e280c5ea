//! How values of crates that people bring show themselves: a table, a matrix, a picture beside the text.
//!
//! What is common to all is part of the runtime (`forms.rs`, `records.rs`). For each crate there is one file here, a small
//! crate with a trait `Show` for its types; the student's own rustc compiles it when the libraries of a session are built,
//! against the version that is among them. One that does not compile there is left out, and the values are shown as text.
//! A cell has those traits in reach where it shows its value, so the compiler decides, and the type's own method comes first.

use std::path::{Path, PathBuf};

/// The crates whose types are shown, by their names in Rust, and how.
const SHOWN: [(&str, &str); 5] = [
    ("polars", include_str!("polars.rs")),
    ("ndarray", include_str!("ndarray.rs")),
    ("nalgebra", include_str!("nalgebra.rs")),
    ("image", include_str!("image.rs")),
    ("dfdx", include_str!("dfdx.rs")),
];

/// What decides how values of crates are shown.
pub(crate) fn sources() -> impl Iterator<Item = &'static str> {
    SHOWN.iter().map(|(_, source)| *source)
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
        let (name, source) = SHOWN.into_iter().find(|(shown, _)| *shown == name)?;
        Some(Part {
            name,
            file: file.to_owned(),
            features,
            source,
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
