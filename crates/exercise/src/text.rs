//! What students read exists twice: in Spanish and in English.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The language a student reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Spanish.
    Es,
    /// English.
    En,
}

impl Lang {
    /// The language asked for by `GRADUS_LANG`; without it that of the notebook that runs, whose folder is called `es` or
    /// `en`, else that of the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`); English when none of them says Spanish.
    pub fn current() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let folder = std::env::current_dir().unwrap_or_default();
        let wish = set("GRADUS_LANG").map(|value| Self::from_code(&value));
        wish.or_else(|| Self::of_folder(&folder))
            .unwrap_or_else(|| {
                let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
                locale.map_or(Self::En, |value| Self::from_code(&value))
            })
    }

    fn of_folder(folder: &Path) -> Option<Self> {
        match folder.file_name()?.to_str()? {
            "es" => Some(Self::Es),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// `es`, `es_ES.UTF-8` and the like are Spanish, everything else is English.
    pub fn from_code(code: &str) -> Self {
        if code.to_ascii_lowercase().starts_with("es") {
            Self::Es
        } else {
            Self::En
        }
    }

    /// The one of the two that this language reads.
    pub fn pick<T>(self, es: T, en: T) -> T {
        match self {
            Self::Es => es,
            Self::En => en,
        }
    }
}

/// A text in both languages.
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
    pub fn new(es: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            es: es.into(),
            en: en.into(),
        }
    }

    /// The version for `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.es, &self.en).trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notebook_speaks_the_language_of_its_folder() {
        for (folder, language) in [
            ("/course/notebooks/es", Some(Lang::Es)),
            ("/course/notebooks/en", Some(Lang::En)),
            ("/course/labs/lab1", None),
            ("/", None),
        ] {
            assert_eq!(Lang::of_folder(Path::new(folder)), language, "{folder}");
        }
    }
}
