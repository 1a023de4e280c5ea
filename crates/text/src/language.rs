//! The language that people read, and texts that exist in both.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Spanish or English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish, with a decimal comma.
    Es,
    /// English.
    En,
}

/// What [`Language::prefer`] said, if it was asked: it may have found nothing that tells a language.
static PREFERRED: Mutex<Option<Option<Language>>> = Mutex::new(None);

impl Language {
    /// The language of `GRADUS_LANG`; without it that of the notebook that runs, whose folder is called `es` or `en`, then
    /// what [`Language::prefer`] said, then that of the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`). English unless one of them
    /// says Spanish.
    pub fn current() -> Language {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        let preferred = *PREFERRED.lock().unwrap_or_else(PoisonError::into_inner);
        let preferred =
            preferred.unwrap_or_else(|| Language::of_folder(&std::env::current_dir().ok()?));
        Language::of(
            set("GRADUS_LANG").as_deref(),
            preferred,
            &locale.unwrap_or_default(),
        )
    }

    /// From now on the notebook of `folder` runs, with this language in the settings: what a kernel says, whose own folder
    /// tells nothing.
    pub fn prefer(folder: &Path, setting: Option<Language>) {
        let language = Language::of_folder(folder).or(setting);
        *PREFERRED.lock().unwrap_or_else(PoisonError::into_inner) = Some(language);
    }

    /// `es`, `es_ES.UTF-8` and the like are Spanish, everything else is English.
    pub fn of_locale(locale: &str) -> Language {
        match locale.split(['_', '-', '.', '@']).next() {
            Some(code) if code.eq_ignore_ascii_case("es") => Language::Es,
            _ => Language::En,
        }
    }

    fn of_folder(folder: &Path) -> Option<Language> {
        match folder.file_name()?.to_str()? {
            "es" => Some(Language::Es),
            "en" => Some(Language::En),
            _ => None,
        }
    }

    fn of(wish: Option<&str>, preferred: Option<Language>, locale: &str) -> Language {
        wish.map(Language::of_locale)
            .or(preferred)
            .unwrap_or_else(|| Language::of_locale(locale))
    }

    /// As `GRADUS_LANG` has it.
    pub fn code(self) -> &'static str {
        self.pick("es", "en")
    }

    /// One of two texts, or of two of anything.
    pub fn pick<T>(self, spanish: T, english: T) -> T {
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

/// A text in both languages. Where one is asked for, as in a figure's title, one text for both will do, or a pair, Spanish first.
///
/// ```
/// use gradus::prelude::*;
/// let chart = plot::Chart::new(("El coste baja", "The cost goes down"))
///     .x_label(("paso", "step"))
///     .line("C", [(0.0, 1.0), (1.0, 0.5)]);
/// # let _ = chart;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Spanish.
    pub es: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its Spanish and its English version.
    pub fn new(es: impl Into<String>, en: impl Into<String>) -> Text {
        Text {
            es: es.into(),
            en: en.into(),
        }
    }

    /// The version in `language`, without blanks around it.
    pub fn get(&self, language: Language) -> &str {
        language.pick(&self.es, &self.en).trim()
    }

    /// The version in the [current language](Language::current), as it is.
    pub fn into_current(self) -> String {
        say(self.es, self.en)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::new(text, text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::new(text.clone(), text)
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Text {
        Text::new(text, text)
    }
}

impl<Spanish: Into<String>, English: Into<String>> From<(Spanish, English)> for Text {
    fn from((spanish, english): (Spanish, English)) -> Text {
        Text::new(spanish, english)
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
            (None, "/home/me", "es@euro", Es),
            (None, "/home/me", "ES-ar", Es),
            (None, "/home/me", "est", En),
            (None, "/home/me", "C", En),
            (None, "/course/labs/lab1", "", En),
            (None, "/", "", En),
        ] {
            let folder_says = Language::of_folder(folder.as_ref());
            assert_eq!(
                Language::of(wish, folder_says, locale),
                language,
                "{wish:?} {folder} {locale}"
            );
        }
    }
}
