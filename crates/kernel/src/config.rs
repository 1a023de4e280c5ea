//! What a user prefers, from a file that need not exist: `gradus/kernel.toml` in the folder for settings, or the one that
//! `GRADUS_CONFIG` names.

use std::path::PathBuf;

use serde::Deserialize;

use crate::{Error, Language};

/// The settings; what the file does not say is as here.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// `"es"` or `"en"`, where neither `GRADUS_LANG` says it nor the folder of the notebook.
    pub(crate) language: Option<Language>,
    /// The optimisation level of cells, as `:opt` sets it.
    pub(crate) opt: u8,
    /// When to say how long a cell took, as `:time` sets it.
    pub(crate) time: TimeLine,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            language: None,
            opt: 1,
            time: TimeLine::default(),
        }
    }
}

/// Where the file is looked for.
pub(crate) fn path() -> Option<PathBuf> {
    let named = std::env::var_os("GRADUS_CONFIG").map(PathBuf::from);
    named.or_else(|| dirs::config_dir().map(|folder| folder.join("gradus/kernel.toml")))
}

/// Reads the settings.
///
/// # Errors
/// When the file is there but cannot be read, or says something that is no setting.
pub(crate) fn read() -> Result<Settings, Error> {
    let Some(path) = path() else {
        return Ok(Settings::default());
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Settings::default());
        }
        Err(error) => return Err(Error::io("cannot read the settings in", &path, error)),
    };
    parse(&text)
        .map_err(|problem| Error::new(format!("the settings in {}: {problem}", path.display())))
}

fn parse(text: &str) -> Result<Settings, String> {
    let settings: Settings =
        toml::from_str(text).map_err(|error| error.to_string().trim_end().replace('\n', " "))?;
    match settings.opt {
        0..=3 => Ok(settings),
        other => Err(format!("opt = {other} is not a level: use 0, 1, 2 or 3")),
    }
}

/// When a line says how long a cell took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TimeLine {
    On,
    Off,
    /// When it was long.
    #[default]
    Auto,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_mistakes_named() {
        assert_eq!(parse("").unwrap(), Settings::default());
        let all = parse("language = \"es\"\nopt = 3\ntime = \"off\"").unwrap();
        assert_eq!(
            (all.language, all.opt, all.time),
            (Some(Language::Es), 3, TimeLine::Off)
        );
        for (wrong, word) in [
            ("opt = 7", "opt = 7"),
            ("lang = \"es\"", "lang"),
            ("time = \"never\"", "never"),
            ("x", "x"),
        ] {
            assert!(
                parse(wrong).unwrap_err().contains(word),
                "{wrong}: {}",
                parse(wrong).unwrap_err()
            );
        }
    }
}
