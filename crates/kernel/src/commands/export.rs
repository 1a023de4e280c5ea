//! `:export`: the session as a cargo project.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use super::{in_language, text};
use crate::cells::items::DefinitionKind;
use crate::cells::parse;
use crate::cells::scope::Scope;
use crate::{Output, Session};

/// Writes the project, and says whether it compiles.
pub(super) fn execute(
    session: &Session,
    folder: &str,
    show: &mut dyn FnMut(Output),
) -> Result<(), String> {
    let folder = export(session, folder)?;
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
    show(text(format!(
        "{} {}\n{outcome}\ncargo run --release --manifest-path {}",
        in_language("Escrito en", "Written to"),
        folder.display(),
        folder.join("Cargo.toml").display()
    )));
    Ok(())
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
        let code = cell.code.as_str();
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
