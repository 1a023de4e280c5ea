//! The language that students read.

use std::path::Path;

/// Spanish or English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Spanish, with a decimal comma.
    Es,
    /// English.
    En,
}

impl Language {
    /// The language of the notebook that runs, whose folder is called `es` or `en`; elsewhere that of `GRADUS_LANG` or of
    /// the locale. English unless one of them says Spanish.
    pub fn current() -> Language {
        let names = ["GRADUS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
        let values = names.iter().filter_map(|name| std::env::var(name).ok());
        let set = values.into_iter().find(|value| !value.is_empty());
        let folder = std::env::current_dir().unwrap_or_default();
        Language::of(&folder, &set.unwrap_or_default())
    }

    fn of(folder: &Path, locale: &str) -> Language {
        match folder.file_name().and_then(|name| name.to_str()) {
            Some("es") => return Language::Es,
            Some("en") => return Language::En,
            _ => {}
        }
        match locale.split(['_', '-', '.']).next() {
            Some(code) if code.eq_ignore_ascii_case("es") => Language::Es,
            _ => Language::En,
        }
    }

    /// One of two texts.
    pub(crate) fn pick<T>(self, spanish: T, english: T) -> T {
        match self {
            Language::Es => spanish,
            Language::En => english,
        }
    }
}

/// The first in a Spanish notebook, the second in an English one: both carry the same cells.
///
/// ```
/// use gradus::prelude::*;
/// println!("{}: {:.2}", say("coste", "cost"), 0.25);
/// ```
pub fn say<T>(spanish: T, english: T) -> T {
    Language::current().pick(spanish, english)
}

/// What a figure says: one text, or a pair of which the language of the notebook chooses, Spanish first.
///
/// ```
/// use gradus::prelude::*;
/// let chart = plot::Chart::new(("El coste baja", "The cost goes down"))
///     .x_label(("paso", "step"))
///     .line("C", [(0.0, 1.0), (1.0, 0.5)]);
/// # let _ = chart;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub(crate) String);

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(text)
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Text {
        Text(text.clone())
    }
}

impl<Spanish: Into<String>, English: Into<String>> From<(Spanish, English)> for Text {
    fn from((spanish, english): (Spanish, English)) -> Text {
        Text(match Language::current() {
            Language::Es => spanish.into(),
            Language::En => english.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, En, Es};

    #[test]
    fn the_folder_of_the_notebook_decides_then_the_locale() {
        for (folder, locale, language) in [
            ("/course/notebooks/es", "en_GB.UTF-8", Es),
            ("/course/notebooks/en", "es_ES.UTF-8", En),
            ("/home/me", "es_ES.UTF-8", Es),
            ("/home/me", "ES-ar", Es),
            ("/home/me", "est", En),
            ("/home/me", "C", En),
            ("/", "", En),
        ] {
            assert_eq!(
                Language::of(folder.as_ref(), locale),
                language,
                "{folder} {locale}"
            );
        }
    }
}
