//! What people read: the language, texts in Spanish and English, text inside of HTML, and how a value shows itself.
//!
//! The library, the labs, the kernel and the command line all take these from here, so that a course speaks one language.

mod language;

pub mod html;

pub mod display;

pub use language::{Language, Text, say};
