//! What evcxr reads when it starts: `init.evcxr` with commands, `prelude.rs` with code, and `evcxr.toml`, which says both.
//! They stand in `$EVCXR_CONFIG_DIR`, or `evcxr` in the user's folder for settings; `evcxr.toml` beside the notebook too.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What a session starts with.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Startup {
    pub(crate) opt: Option<String>,
    pub(crate) is_offline: bool,
    /// Code, and where it is from.
    pub(crate) cells: Vec<(PathBuf, String)>,
}

/// Reads the files that are there.
pub(crate) fn read(folder: &Path) -> Result<Startup, String> {
    let named = std::env::var_os("EVCXR_CONFIG_DIR").map(PathBuf::from);
    let settings = named.or_else(|| dirs::config_dir().map(|folder| folder.join("evcxr")));
    read_in(folder, settings.as_deref())
}

fn read_in(folder: &Path, settings: Option<&Path>) -> Result<Startup, String> {
    let mut startup = Startup::default();
    let mut cell = |path: &Path, code: String| {
        if !code.trim().is_empty() {
            startup.cells.push((path.to_owned(), code));
        }
    };
    let file = |name: &str| {
        let path = settings?.join(name);
        let text = fs::read_to_string(&path).ok()?;
        Some((path, text))
    };
    let beside = folder.join("evcxr.toml");
    let says = fs::read_to_string(&beside).ok().map(|text| (beside, text));
    let mut table = Table::new();
    let mut path = PathBuf::new();
    if let Some((file, text)) = says.or_else(|| file("evcxr.toml")) {
        table = toml::from_str(&text)
            .map_err(|error| format!("{}: {}", file.display(), error.message()))?;
        path = file;
    }
    match table.get("dependencies").and_then(Value::as_table) {
        Some(libraries) if !libraries.is_empty() => {
            let lines = libraries
                .iter()
                .map(|(name, what)| format!(":dep {name} = {}\n", super::dep::inline(what)));
            cell(&path, lines.collect());
        }
        _ => {
            if let Some((path, text)) = file("init.evcxr") {
                cell(&path, text);
            }
        }
    }
    let own = table.get("evcxr").and_then(Value::as_table);
    let value = |key: &str| own.and_then(|own| own.get(key));
    match value("prelude").and_then(Value::as_str) {
        Some(prelude) => cell(&path, prelude.to_owned()),
        None => {
            if let Some((path, text)) = file("prelude.rs") {
                cell(&path, text);
            }
        }
    }
    startup.opt = value("opt_level")
        .and_then(Value::as_str)
        .map(str::to_owned);
    startup.is_offline = value("offline_mode").and_then(Value::as_bool) == Some(true);
    Ok(startup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_evcxr_are_read_in_its_order() {
        let (desk, settings) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let read = || read_in(desk.path(), Some(settings.path()));
        assert_eq!(read(), Ok(Startup::default()));
        let init = settings.path().join("init.evcxr");
        let prelude = settings.path().join("prelude.rs");
        fs::write(&init, ":timing\n").unwrap();
        fs::write(&prelude, "const A: i32 = 1;").unwrap();
        let codes = |startup: Startup| -> Vec<String> {
            startup.cells.into_iter().map(|(_, code)| code).collect()
        };
        assert_eq!(codes(read().unwrap()), [":timing\n", "const A: i32 = 1;"]);
        let text = "[evcxr]\nopt_level = \"0\"\nprelude = \"let a = 1;\"\n[dependencies]\nitoa = { version = \"1\" }\n";
        fs::write(desk.path().join("evcxr.toml"), text).unwrap();
        let startup = read().unwrap();
        assert_eq!(startup.opt.as_deref(), Some("0"));
        assert_eq!(
            codes(startup),
            [":dep itoa = { version = \"1\" }\n", "let a = 1;"]
        );
        fs::write(desk.path().join("evcxr.toml"), "[evcxr").unwrap();
        assert!(read().unwrap_err().contains("evcxr.toml"));
    }
}
