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
    /// The language of `GRADUS_LANG`; without it that of the notebook that runs, whose folder is called `es` or `en`, then
    /// that of the locale. English unless one of them says Spanish.
    pub fn current() -> Language {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        let folder = std::env::current_dir().unwrap_or_default();
        Language::of(
            set("GRADUS_LANG").as_deref(),
            &folder,
            &locale.unwrap_or_default(),
        )
    }

    fn of(wish: Option<&str>, folder: &Path, locale: &str) -> Language {
        let folder = folder.file_name().and_then(|name| name.to_str());
        let said = wish
            .or_else(|| folder.filter(|name| matches!(*name, "es" | "en")))
            .unwrap_or(locale);
        match said.split(['_', '-', '.']).next() {
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
    fn the_wish_decides_then_the_folder_of_the_notebook_then_the_locale() {
        for (wish, folder, locale, language) in [
            (Some("en"), "/course/notebooks/es", "es_ES.UTF-8", En),
            (Some("es_ES.UTF-8"), "/course/notebooks/en", "C", Es),
            (None, "/course/notebooks/es", "en_GB.UTF-8", Es),
            (None, "/course/notebooks/en", "es_ES.UTF-8", En),
            (None, "/home/me", "es_ES.UTF-8", Es),
            (None, "/home/me", "ES-ar", Es),
            (None, "/home/me", "est", En),
            (None, "/home/me", "C", En),
            (None, "/", "", En),
        ] {
            assert_eq!(
                Language::of(wish, folder.as_ref(), locale),
                language,
                "{wish:?} {folder} {locale}"
            );
        }
    }
}
