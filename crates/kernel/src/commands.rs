//! The lines of a cell that start with `:`, which are for the kernel and not for the compiler.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::cells::parse::{self, DefinitionKind};
use crate::cells::scope::Scope;
use crate::failure::escape;
use crate::hints::Language;
use crate::wire::Bundle;
use crate::{Output, Session};

/// Name, arguments, and what it does in Spanish and English.
const COMMANDS: [(&str, &str, &str, &str); 8] = [
    (
        ":dep",
        "NAME = VALUE",
        "usar una biblioteca: `:dep rand = \"0.8\"`, `:dep gradus = { path = \"../../crates/core\" }`",
        "use a library: `:dep rand = \"0.8\"`, `:dep gradus = { path = \"../../crates/core\" }`",
    ),
    (
        ":opt",
        "0|1|2|3",
        "optimizar esta celda, o, si está sola en la suya, todas las siguientes (3 es lo más rápido al ejecutar)",
        "optimise this cell, or, alone in its cell, all that follow (3 runs fastest)",
    ),
    (
        ":vars",
        "",
        "las variables y sus tipos",
        "the variables and their types",
    ),
    (
        ":time",
        "on|off|auto",
        "cuánto tardan en compilarse y ejecutarse las celdas: siempre, nunca, o cuando es mucho (auto)",
        "how long cells take to compile and to run: always, never, or when it is long (auto)",
    ),
    (
        ":export",
        "FOLDER",
        "escribir lo ejecutado hasta aquí como un proyecto de cargo",
        "write what was executed so far as a cargo project",
    ),
    (
        ":clear",
        "",
        "olvidar todas las variables y definiciones",
        "forget all variables and definitions",
    ),
    (
        ":deps",
        "",
        "las bibliotecas en uso",
        "the libraries in use",
    ),
    (":help", "", "esta ayuda", "this help"),
];

fn in_language<'a>(es: &'a str, en: &'a str) -> &'a str {
    match Language::current() {
        Language::Es => es,
        Language::En => en,
    }
}

/// Executes one command; `is_alone` when its cell has no code, `level` is that of this cell.
pub(crate) fn execute(
    session: &mut Session,
    command: &str,
    is_alone: bool,
    level: &mut String,
    show: &mut dyn FnMut(Output),
) -> Result<(), String> {
    let (name, rest) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    let rest = rest.trim();
    match name {
        ":dep" => {
            let (name, what) = dependency(rest, &session.folder)?;
            session.dependencies.insert(name, what);
        }
        ":deps" => {
            let lines = session
                .dependencies
                .iter()
                .map(|(name, what)| vec![name.clone(), what.clone()]);
            show(table(
                &[
                    in_language("biblioteca", "library"),
                    in_language("de", "from"),
                ],
                lines.collect(),
            ));
        }
        ":opt" => {
            if !["0", "1", "2", "3", "s"].contains(&rest) {
                return Err(in_language(
                    "escribe `:opt 0`, `1`, `2` o `3`",
                    "write `:opt 0`, `1`, `2` or `3`",
                )
                .to_owned());
            }
            rest.clone_into(level);
            if is_alone {
                rest.clone_into(&mut session.level);
            }
        }
        ":vars" => {
            let rows = session.scope.variables.iter().map(|(name, variable)| {
                let mutable = if variable.is_mut { "mut" } else { "" };
                vec![
                    name.clone(),
                    mutable.to_owned(),
                    short_type(&variable.type_name),
                ]
            });
            show(table(
                &[
                    in_language("variable", "variable"),
                    "",
                    in_language("tipo", "type"),
                ],
                rows.collect(),
            ));
        }
        ":time" => {
            session.time_line = match rest {
                "on" => TimeLine::On,
                "off" => TimeLine::Off,
                "auto" | "" => TimeLine::Auto,
                _ => {
                    return Err(in_language(
                        "escribe `:time on`, `off` o `auto`",
                        "write `:time on`, `off` or `auto`",
                    )
                    .to_owned());
                }
            };
        }
        ":clear" => session.clear().map_err(|error| error.to_string())?,
        ":export" => {
            let folder = export(session, rest)?;
            let outcome = match session.check(&folder.join("src/main.rs")) {
                Ok(None) => in_language(
                    "Se ha comprobado que compila.",
                    "It was checked, and compiles.",
                )
                .to_owned(),
                Ok(Some((problem, line))) => format!(
                    "{} src/main.rs:{line}: {problem}",
                    in_language("Todavía no compila:", "It does not compile yet:")
                ),
                Err(error) => format!(
                    "{} {error}",
                    in_language("No se ha comprobado:", "It was not checked:")
                ),
            };
            let text = format!(
                "{} {}\n{outcome}\ncargo run --release --manifest-path {}",
                in_language("Escrito en", "Written to"),
                folder.display(),
                folder.join("Cargo.toml").display()
            );
            show(Output::Result(
                [("text/plain".to_owned(), Value::String(text))]
                    .into_iter()
                    .collect(),
            ));
        }
        ":help" => {
            let rows = COMMANDS.iter().map(|(name, arguments, es, en)| {
                vec![
                    format!("{name} {arguments}").trim().to_owned(),
                    in_language(es, en).to_owned(),
                ]
            });
            show(table(
                &[
                    in_language("orden", "command"),
                    in_language("qué hace", "what it does"),
                ],
                rows.collect(),
            ));
        }
        ":quit" => {
            return Err(in_language(
                "`:quit` no tiene sentido en un cuaderno",
                "`:quit` has no meaning in a notebook",
            )
            .to_owned());
        }
        _ => {
            let known: Vec<&str> = COMMANDS.iter().map(|(name, ..)| *name).collect();
            return Err(format!(
                "{} {name}; {}: {}",
                in_language("no existe la orden", "there is no command"),
                in_language("existen", "there are"),
                known.join(", ")
            ));
        }
    }
    Ok(())
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

/// A table as text and as HTML.
pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>) -> Output {
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .chain([head[column].chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |cells: Vec<&str>| {
        let cells: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut text = vec![line(head.to_vec())];
    let cells = |tag: &str, cells: &[&str]| -> String {
        cells
            .iter()
            .map(|cell| format!("<{tag} style=\"text-align:left\">{}</{tag}>", escape(cell)))
            .collect()
    };
    let mut html = format!(
        "<table><thead><tr>{}</tr></thead><tbody>",
        cells("th", head)
    );
    for row in &rows {
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        html.push_str(&format!("<tr>{}</tr>", cells("td", &row)));
        text.push(line(row));
    }
    html.push_str("</tbody></table>");
    let mut bundle = Bundle::new();
    bundle.insert("text/html".to_owned(), Value::String(html));
    bundle.insert("text/plain".to_owned(), Value::String(text.join("\n")));
    Output::Result(bundle)
}

/// A type without the paths of its parts.
pub(crate) fn short_type(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() || c == '_' || c == ':' {
            word.push(c);
        } else {
            short.push_str(word.rsplit("::").next().unwrap_or_default());
            word.clear();
            short.push(c);
        }
    }
    short + word.rsplit("::").next().unwrap_or_default()
}

/// The name that ends at byte `at`, when it can be that of a variable: no method, field or part of a path.
pub(crate) fn variable_at(code: &str, at: usize) -> Option<&str> {
    let before = code.get(..at)?;
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let start = before.trim_end_matches(is_name).len();
    let name = &before[start..];
    let before = before[..start].trim_end();
    let alone = !before.ends_with('.') || before.ends_with("..");
    (alone && !before.ends_with("::") && !name.is_empty()).then_some(name)
}

/// A cell that says something about the value of a variable, when its type promises that this is short.
pub(crate) fn description(name: &str, type_name: &str) -> Option<String> {
    let spanish = Language::current() == Language::Es;
    let short = short_type(type_name);
    let is_number = |name: &str| {
        let numbers = [
            "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize", "isize",
        ];
        numbers.contains(&name)
    };
    let elements = short
        .strip_prefix("Vec<")
        .and_then(|rest| rest.strip_suffix('>'));
    let array = short
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(';'))
        .map(|(element, _)| element);
    if elements.or(array).is_some_and(is_number) {
        return Some(format!(
            "::gradus_cell::describe({spanish}, &format!(\"({{}},)\", {name}.len()), \
             &{name}.iter().map(|value| *value as f64).collect::<Vec<f64>>());"
        ));
    }
    if short.starts_with("Tensor<") && type_name.contains("dfdx") && short.contains("f32") {
        return Some(format!(
            "{{ use ::gradus::dfdx::shapes::{{HasShape as _, Shape as _}}; \
             let values: Vec<f64> = {name}.as_vec().into_iter().map(f64::from).collect(); \
             ::gradus_cell::describe({spanish}, &format!(\"{{:?}}\", {name}.shape().concrete()), &values); }}"
        ));
    }
    let is_plain = is_number(&short)
        || ["bool", "char", "String", "&str", "&'static str"].contains(&short.as_str());
    (is_plain || type_name.starts_with("gradus::")).then(|| name.to_owned())
}

/// The name of a library and what stands behind `=` for it in a manifest, with an absolute path.
fn dependency(text: &str, folder: &Path) -> Result<(String, String), String> {
    let wrong = || {
        let how = "`:dep rand = \"0.8\"`, `:dep gradus = { path = \"../../crates/core\" }`";
        format!(
            "{} {how}",
            in_language("escribe, por ejemplo,", "write, for example,")
        )
    };
    let (name, value) = text
        .split_once('=')
        .map_or((text.trim(), "\"*\""), |(name, value)| {
            (name.trim(), value.trim())
        });
    if name.is_empty()
        || !name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    {
        return Err(wrong());
    }
    let parsed: toml::Table = toml::from_str(&format!("x = {value}"))
        .map_err(|error| format!("{}: {}", error.message(), wrong()))?;
    let path = parsed
        .get("x")
        .and_then(|value| value.get("path"))
        .and_then(|path| path.as_str());
    let Some(path) = path else {
        return Ok((name.to_owned(), value.to_owned()));
    };
    let absolute = folder.join(path);
    let absolute = fs::canonicalize(&absolute)
        .ok()
        .filter(|path| path.join("Cargo.toml").is_file())
        .ok_or_else(|| {
            format!(
                "{} {}",
                in_language("no hay ninguna biblioteca en", "there is no library in"),
                absolute.display()
            )
        })?;
    let quoted = |quote: char| format!("{quote}{path}{quote}");
    let absolute = format!("{:?}", absolute.display().to_string());
    Ok((
        name.to_owned(),
        value
            .replacen(&quoted('"'), &absolute, 1)
            .replacen(&quoted('\''), &absolute, 1),
    ))
}

/// Rust code that tells an analysis what earlier cells left: definitions, and variables of their types.
pub(crate) fn prelude(session: &Session) -> String {
    let mut text = String::new();
    for stored in &session.scope.definitions {
        text.push_str(&stored.text);
        text.push('\n');
    }
    for (name, variable) in &session.scope.variables {
        let mutable = if variable.is_mut { "mut " } else { "" };
        text.push_str(&format!(
            "let {mutable}{name}: {} = todo!();\n",
            variable.type_name
        ));
    }
    text
}

const SHOW: &str = "\
/// The last expression of a cell is shown: by its own `evcxr_display`, or else as `Debug`.
mod show {
    pub trait ShowDebug {
        fn evcxr_display(&self);
    }
    impl<T: std::fmt::Debug + ?Sized> ShowDebug for &T {
        fn evcxr_display(&self) {
            println!(\"{self:?}\");
        }
    }
    pub trait ShowNothing {
        fn evcxr_display(&mut self);
    }
    impl<T: ?Sized> ShowNothing for &T {
        fn evcxr_display(&mut self) {}
    }
}
";

/// Writes the cells that ran to their end as a cargo project.
fn export(session: &Session, folder: &str) -> Result<PathBuf, String> {
    if folder.is_empty() {
        return Err(in_language("escribe `:export carpeta`", "write `:export folder`").to_owned());
    }
    let folder = session.folder.join(folder);
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!(
            "{} {}",
            in_language("ya hay algo en", "there is something already in"),
            folder.display()
        ));
    }
    let name: String = folder
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
    let name: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name
    } else {
        format!("notebook-{name}")
    };
    let mut manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n"
    );
    for (name, what) in &session.dependencies {
        manifest.push_str(&format!("{name} = {what}\n"));
    }
    let mut program = String::from("#![allow(unused)]\n\n");
    for kind in [
        DefinitionKind::Attribute,
        DefinitionKind::Macro,
        DefinitionKind::Import,
        DefinitionKind::Item,
    ] {
        for stored in session
            .scope
            .definitions
            .iter()
            .filter(|stored| stored.definition.kind == kind)
        {
            program.push_str(&stored.text);
            program.push('\n');
        }
    }
    let mut shows = false;
    let mut body = String::new();
    let mut replaced = Replaced::new(&session.scope);
    for place in &session.done {
        let code = session.cells.code(*place);
        let cell = parse::parse(code);
        replaced.scope.define(&cell, code, *place);
        if cell.statements.is_empty() && cell.value.is_none() {
            continue;
        }
        let number = session.cells.number(*place);
        let number = number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        body.push_str(&format!("\n    // [{number}]\n"));
        for (range, is_value) in cell
            .statements
            .iter()
            .map(|range| (range, false))
            .chain(cell.value.iter().map(|range| (range, true)))
        {
            let statement = &code[range.clone()];
            if replaced.takes_along(statement) {
                let first = statement.lines().next().unwrap_or_default();
                let why = in_language("sustituido después", "replaced later");
                body.push_str(&format!("    // {why}: {first}\n"));
            } else if is_value {
                shows = true;
                body.push_str(&indented(&format!("(&({statement})).evcxr_display();")));
            } else {
                body.push_str(&indented(statement));
            }
        }
    }
    let import = if shows {
        "    use show::{ShowDebug as _, ShowNothing as _};\n"
    } else {
        ""
    };
    program.push_str(&format!(
        "\nfn main() -> Result<(), Box<dyn std::error::Error>> {{\n{import}{body}    Ok(())\n}}\n"
    ));
    if shows {
        program.push_str(&format!("\n{SHOW}"));
    }
    let failed = |error: std::io::Error| {
        format!(
            "{} {}: {error}",
            in_language("no se puede escribir en", "cannot write to"),
            folder.display()
        )
    };
    fs::create_dir_all(folder.join("src")).map_err(failed)?;
    fs::write(folder.join("src/main.rs"), program).map_err(failed)?;
    if let Some(lock) = &session.cargo_lock {
        fs::copy(lock, folder.join("Cargo.lock")).map_err(failed)?;
    }
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failed)?;
    Ok(folder)
}

/// What later definitions make meaningless, cell by cell.
struct Replaced<'a> {
    /// The definitions as they are now.
    now: &'a Scope,
    /// And as they were at the cell.
    scope: Scope,
    /// The variables that are not made.
    gone: HashSet<String>,
}

impl Replaced<'_> {
    fn new(now: &Scope) -> Replaced<'_> {
        Replaced {
            now,
            scope: Scope::default(),
            gone: HashSet::new(),
        }
    }

    /// Whether a statement uses what is another thing now: a type, a signature, or a variable made of those.
    fn takes_along(&mut self, statement: &str) -> bool {
        let parsed = parse::parse(statement);
        let made: HashSet<String> = parsed
            .variables
            .into_iter()
            .map(|variable| variable.name)
            .collect();
        // A name that it makes is used only where it stands on the right too.
        let right = statement.split_once('=').map_or("", |(_, right)| right);
        let used = &(&parsed.names - &made) | &parse::parse(right).names;
        let is_gone = used.iter().any(|name| {
            self.gone.contains(name) || {
                let (then, now) = (self.scope.outside(name), self.now.outside(name));
                then.is_some() && then != now
            }
        });
        self.gone = if is_gone {
            &self.gone | &made
        } else {
            &self.gone - &made
        };
        is_gone
    }
}

fn indented(code: &str) -> String {
    // A line inside a text would change if it were indented.
    if code.contains('"') && code.contains('\n') {
        format!("{code}\n")
    } else {
        code.lines().map(|line| format!("    {line}\n")).collect()
    }
}

/// Variables end with the meaning of their types.
pub(crate) fn lost_by_redefinition(names: &[String]) -> String {
    let names = names.join(", ");
    match Language::current() {
        Language::Es => format!("Se pierden, porque su tipo se ha definido de nuevo: {names}\n"),
        Language::En => format!("Lost, because their type was defined anew: {names}\n"),
    }
}

/// Other libraries would take the variables along that are made of those before.
pub(crate) fn would_lose<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    let names = names.join(", ");
    match Language::current() {
        Language::Es => format!(
            "esta orden cambia bibliotecas que ya están en uso, y se perderían las variables: {names}.\n\
             No se ha cambiado nada. Para seguir sin ellas, ejecuta antes `:clear`; si no, pon el `:dep` en \
             la primera celda y reinicia el kernel."
        ),
        Language::En => format!(
            "this command changes libraries that are in use already, and these variables would be lost: {names}.\n\
             Nothing was changed. To go on without them, run `:clear` first; else put the `:dep` into \
             the first cell and restart the kernel."
        ),
    }
}

/// How long a cell took, in a line, if it is to be said.
pub(crate) fn time_line(session: &Session) -> Option<String> {
    let times = session.times();
    let long = (times.compile + times.run).as_secs_f64() >= 2.0;
    let wanted = match session.time_line {
        TimeLine::On => true,
        TimeLine::Auto => long,
        TimeLine::Off => false,
    };
    let (compile, run) = (times.compile.as_secs_f64(), times.run.as_secs_f64());
    wanted.then(|| match Language::current() {
        Language::Es => format!("compilar {compile:.2} s · ejecutar {run:.2} s"),
        Language::En => format!("compile {compile:.2} s · run {run:.2} s"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_get_absolute_paths() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("lib")).unwrap();
        fs::write(folder.path().join("lib/Cargo.toml"), "").unwrap();
        let (name, what) = dependency(
            "my-lib = { path = \"./lib\", features = [\"a\"] }",
            folder.path(),
        )
        .unwrap();
        let path = fs::canonicalize(folder.path().join("lib")).unwrap();
        assert_eq!(
            (name.as_str(), what),
            (
                "my-lib",
                format!(
                    "{{ path = {:?}, features = [\"a\"] }}",
                    path.display().to_string()
                )
            )
        );
        assert_eq!(dependency("rand", folder.path()).unwrap().1, "\"*\"");
        assert!(dependency("x = { path = \"nowhere\" }", folder.path()).is_err());
        assert!(dependency("x = {", folder.path()).is_err());
    }

    #[test]
    fn types_are_shown_without_paths() {
        assert_eq!(
            short_type("std::collections::HashMap<std::string::String, [f64; 3]>"),
            "HashMap<String, [f64; 3]>"
        );
        assert_eq!(short_type("fn(f64) -> gradus::Tensor"), "fn(f64) -> Tensor");
    }
}
