//! `:dep` in all its forms.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::in_language;
use crate::cells::kit::Dependencies;
use crate::cells::parse::Cell;

/// The course library: `:dep gradus` alone means the one of the course.
const COURSE: &str = "gradus";

/// Takes the libraries of a `:dep` line in.
pub(super) fn add(line: &str, folder: &Path, to: &mut Dependencies) -> Result<(), String> {
    for (name, what) in libraries(line, folder)? {
        // Cargo takes them for two, rustc for one.
        let known = to
            .keys()
            .find(|known| crate_name(known) == crate_name(&name))
            .cloned();
        if let Some(known) = known {
            to.remove(&known);
        }
        to.insert(name, what);
    }
    Ok(())
}

/// The libraries that the `:dep` lines of a cell ask for, as far as they can be read.
pub(crate) fn asked(cell: &Cell, folder: &Path) -> Vec<(String, String)> {
    let lines = cell.commands.iter().filter_map(|(_, command)| {
        let rest = super::without_comment(command).strip_prefix(":dep")?;
        let rest = rest.strip_prefix(char::is_whitespace)?;
        libraries(rest.trim(), folder).ok()
    });
    lines.flatten().collect()
}

/// The library that an `extern crate` asks for, unless it is there already.
pub(crate) fn extern_crate(item: &str, known: &Dependencies) -> Option<String> {
    let mut words = item.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.find(|word| *word == "extern")?;
    if words.next() != Some("crate") {
        return None;
    }
    let name = words.next().filter(|name| !name.is_empty())?;
    let is_there = ["std", "core", "alloc", "proc_macro", "test", "self"].contains(&name)
        || name.starts_with("gradus_")
        || known.keys().any(|known| crate_name(known) == name);
    (!is_there).then(|| name.to_owned())
}

/// What a library is called in code.
fn crate_name(package: &str) -> String {
    package.replace('-', "_")
}

/// Names and what stands behind `=` for them in a manifest, with absolute paths.
fn libraries(line: &str, folder: &Path) -> Result<Vec<(String, String)>, String> {
    let line = line.trim_end_matches(';').trim();
    if line.starts_with(['.', '/', '~']) {
        let path = absolute(line, folder)?;
        let name = package_in(&path)?;
        return Ok(vec![(name, inline(&in_folder(&path)))]);
    }
    let (name, version) = line.split_once('@').unwrap_or((line, "*"));
    if is_name(name) {
        let what = match version {
            "*" if name == COURSE => in_folder(&course(folder)?),
            version => Value::String(version.to_owned()),
        };
        return Ok(vec![(name.to_owned(), inline(&what))]);
    }
    let table = parse(line)?;
    if table.is_empty() {
        return Err(examples());
    }
    let entries = table.into_iter();
    entries
        .map(|(name, what)| {
            if !is_name(&name) {
                return Err(examples());
            }
            let what = match what {
                Value::String(version) => Value::String(version),
                Value::Table(what) => Value::Table(completed(&name, what, folder)?),
                _ => {
                    let quotes = in_language(
                        "la versión va entre comillas",
                        "the version stands between quotes",
                    );
                    return Err(format!("{quotes}; {}", examples()));
                }
            };
            Ok((name, inline(&what)))
        })
        .collect()
}

/// `name = ...` or `{ name = ..., other = ... }`.
fn parse(line: &str) -> Result<Table, String> {
    let failed = |error: toml::de::Error| format!("{}: {}", error.message(), examples());
    if !line.starts_with('{') {
        return toml::from_str(line).map_err(failed);
    }
    let whole: Table = toml::from_str(&format!("x = {line}")).map_err(failed)?;
    match whole.into_iter().next() {
        Some((_, Value::Table(table))) => Ok(table),
        _ => Err(examples()),
    }
}

/// Cargo's words for what a line says.
fn completed(name: &str, mut what: Table, folder: &Path) -> Result<Table, String> {
    let from = ["path", "version", "git", "registry", "package"];
    if name == COURSE && !from.iter().any(|key| what.contains_key(*key)) {
        let path = course(folder)?.display().to_string();
        what.insert("path".to_owned(), Value::String(path));
    }
    let entries = what
        .into_iter()
        .map(|(key, value)| match (key.as_str(), value) {
            ("path", Value::String(path)) => {
                let path = absolute(&path, folder)?;
                package_in(&path)?;
                Ok((key, Value::String(path.display().to_string())))
            }
            // Older notebooks have it so.
            ("default_features", value) => Ok(("default-features".to_owned(), value)),
            (_, value) => Ok((key, value)),
        });
    entries.collect()
}

fn is_name(name: &str) -> bool {
    name.starts_with(char::is_alphabetic)
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn absolute(path: &str, folder: &Path) -> Result<PathBuf, String> {
    let home = path
        .strip_prefix("~/")
        .and_then(|rest| Some(dirs::home_dir()?.join(rest)));
    let absolute = home.unwrap_or_else(|| folder.join(path));
    fs::canonicalize(&absolute)
        .ok()
        .filter(|path| path.join("Cargo.toml").is_file())
        .ok_or_else(|| {
            format!(
                "{} {}",
                in_language("no hay ninguna biblioteca en", "there is no library in"),
                absolute.display()
            )
        })
}

/// The name of the package in a folder.
fn package_in(folder: &Path) -> Result<String, String> {
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap_or_default();
    let manifest_says: Option<Table> = toml::from_str(&text).ok();
    let name = manifest_says
        .as_ref()
        .and_then(|table| table.get("package")?.get("name")?.as_str());
    name.map(str::to_owned).ok_or_else(|| {
        format!(
            "{} {}",
            in_language("no hay ningún `[package]` en", "there is no `[package]` in"),
            manifest.display()
        )
    })
}

fn in_folder(path: &Path) -> Value {
    let path = Value::String(path.display().to_string());
    Value::Table(Table::from_iter([("path".to_owned(), path)]))
}

/// Where the course library is: above the notebook, or where this program was made.
fn course(folder: &Path) -> Result<PathBuf, String> {
    let program = std::env::current_exe().unwrap_or_default();
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [folder, &program, source];
    let found = folders.into_iter().find_map(crate::warm::library);
    found.ok_or_else(|| {
        let words = in_language(
            "no encuentro la biblioteca del curso: di dónde está la carpeta `crates/core` de tu copia, por ejemplo",
            "the course library is not found: say where the folder `crates/core` of your clone is, for example",
        );
        format!("{words} `:dep gradus = {{ path = \"../../crates/core\" }}`")
    })
}

/// A value as it stands behind `=`.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Table(table) => {
            let entries = table.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| match is_name(key) {
                    true => format!("{key} = {}", inline(value)),
                    false => format!("{} = {}", quoted(key), inline(value)),
                })
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(time) => time.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn examples() -> String {
    let how = "`:dep rand = \"0.8\"`, `:dep gradus`, `:dep ./my_library`, `:dep serde = { version = \"1\", features = [\"derive\"] }`";
    format!(
        "{} {how}",
        in_language("escribe, por ejemplo,", "write, for example,")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str, folder: &Path) -> Result<(String, String), String> {
        libraries(line, folder).map(|mut found| found.remove(0))
    }

    #[test]
    fn every_form_becomes_one_of_cargo() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("mi librería");
        fs::create_dir(&library).unwrap();
        fs::write(library.join("Cargo.toml"), "[package]\nname = \"my-lib\"").unwrap();
        let path = fs::canonicalize(&library).unwrap().display().to_string();
        let path = quoted(&path);
        for (line, name, what) in [
            ("rand", "rand", "\"*\"".to_owned()),
            ("rand@0.8", "rand", "\"0.8\"".to_owned()),
            ("rand = \"0.8\" # why", "rand", "\"0.8\"".to_owned()),
            ("rand=\"0.8\";", "rand", "\"0.8\"".to_owned()),
            ("{ rand = \"0.7.3\" }", "rand", "\"0.7.3\"".to_owned()),
            ("./mi librería", "my-lib", format!("{{ path = {path} }}")),
            (
                "my-lib = { path = './mi librería', features = [\"a\"] }",
                "my-lib",
                format!("{{ features = [\"a\"], path = {path} }}"),
            ),
            (
                "a = { version = \"1\", default_features = false }",
                "a",
                "{ default-features = false, version = \"1\" }".to_owned(),
            ),
            (
                "a = { git = \"https://example.org/a\", rev = \"1a\" }",
                "a",
                "{ git = \"https://example.org/a\", rev = \"1a\" }".to_owned(),
            ),
        ] {
            let found = one(line, folder.path());
            assert_eq!(found, Ok((name.to_owned(), what)), "{line}");
        }
        for wrong in [
            "",
            "x = {",
            "x = 1.0",
            "= \"1\"",
            "x = { path = \"nowhere\" }",
            "./nowhere",
            "a b",
        ] {
            assert!(one(wrong, folder.path()).is_err(), "{wrong}");
        }
        let mut known = Dependencies::new();
        add("my-lib = \"1\"", folder.path(), &mut known).unwrap();
        add("my_lib = \"2\"", folder.path(), &mut known).unwrap();
        assert_eq!(known.len(), 1, "they are one library");
        let course = one("gradus", folder.path()).unwrap().1;
        assert!(course.contains("crates/core"));
        let with_jpeg = one("gradus = { features = [\"jpeg\"] }", folder.path());
        let with_jpeg = with_jpeg.unwrap().1;
        assert_eq!(
            with_jpeg,
            course.replace("{ ", "{ features = [\"jpeg\"], "),
            "the course library with something more"
        );
    }

    #[test]
    fn an_extern_crate_asks_for_what_is_not_there() {
        let known = Dependencies::from([("my-lib".to_owned(), "\"1\"".to_owned())]);
        for (item, wanted) in [
            ("extern crate itoa;", Some("itoa")),
            (
                "#[macro_use] extern crate lazy_static;",
                Some("lazy_static"),
            ),
            ("extern crate std as mine;", None),
            ("extern crate my_lib;", None),
            ("extern \"C\" { fn f(); }", None),
        ] {
            assert_eq!(extern_crate(item, &known).as_deref(), wanted, "{item}");
        }
    }
}
