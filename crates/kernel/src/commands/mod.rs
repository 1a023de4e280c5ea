//! The lines of a cell that are for the kernel and not for the compiler.
//!
//! Those of the stock kernel are all understood: done, or accepted with one line that says why they are not needed here.

mod changes;
mod dep;
mod export;
mod format;
mod look;
mod shell;
mod stale;
pub(crate) mod startup;

use serde::Deserialize;
use serde_json::Value;

pub(crate) use changes::{changes, lost_on_the_way, not_kept};
pub(crate) use dep::{extern_crate, would_lose};
pub(crate) use format::Format;
pub(crate) use look::{description, prelude, short_type, table, variable_at};
pub(crate) use stale::leftovers;

use crate::run::Watch;
use crate::wire::Bundle;
use crate::{Completions, Failure, Match, Output, Session};
use gradus_text::Language;

/// Name, arguments, and what it does in Spanish and English.
type Described = (&'static str, &'static str, &'static str, &'static str);

const COMMANDS: [Described; 25] = [
    (
        ":dep",
        "NAME = VALUE",
        "usar una biblioteca: `:dep gradus` (la del curso), `:dep rand = \"0.8\"`, `:dep ./carpeta`, `:dep x = { git = \"…\" }`",
        "use a library: `:dep gradus` (that of the course), `:dep rand = \"0.8\"`, `:dep ./folder`, `:dep x = { git = \"…\" }`",
    ),
    (
        ":deps",
        "",
        "las bibliotecas en uso (también `:show_deps`)",
        "the libraries in use (also `:show_deps`)",
    ),
    (
        ":offline",
        "0|1",
        "no descargar nada para las bibliotecas",
        "download nothing for libraries",
    ),
    (
        ":build_env",
        "NAME=VALUE",
        "una variable de entorno para compilar",
        "an environment variable for compiling",
    ),
    (
        ":env",
        "NAME=VALUE",
        "una variable de entorno para las celdas",
        "an environment variable for the cells",
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
        ":stale",
        "on|off",
        "las celdas que ya no valen, porque usaron lo que otra ha cambiado después, y por qué; `off`: no avisar de resultados cuyo código ya no está",
        "the cells that are out of date, because they used what another has changed since, and why; `off`: say nothing of results whose code is gone",
    ),
    (
        ":type",
        "EXPRESSION",
        "el tipo de una variable o expresión (también `:t`)",
        "the type of a variable or expression (also `:t`)",
    ),
    (
        ":doc",
        "NAME",
        "la documentación de una variable, un tipo, una función o un módulo",
        "the documentation of a variable, type, function or module",
    ),
    (
        ":explain",
        "[E0382]",
        "qué significa el último error, o uno por su código",
        "what the last error means, or one by its code",
    ),
    (
        ":last_error_json",
        "",
        "el último error como lo da rustc",
        "the last error as rustc gives it",
    ),
    (
        ":fmt",
        "{:?}",
        "con qué formato se muestran los valores; `:fmt` vuelve al habitual",
        "the format in which values are shown; `:fmt` goes back to the usual one",
    ),
    (
        ":efmt",
        "{}|{:?}|{:#?}",
        "con qué formato se muestran los errores que devuelve `?`",
        "the format in which errors that `?` returns are shown",
    ),
    (
        ":types",
        "",
        "mostrar también el tipo de cada valor, o dejar de hacerlo",
        "show the type of each value too, or stop doing so",
    ),
    (
        ":time",
        "on|off|auto",
        "cuánto tardan en compilarse y ejecutarse las celdas: siempre, nunca, o cuando es mucho (auto)",
        "how long cells take to compile and to run: always, never, or when it is long (auto)",
    ),
    (
        ":timing",
        "",
        "lo mismo: siempre, o dejar de hacerlo",
        "the same: always, or stop doing so",
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
        ":restart",
        "",
        "empezar con otro proceso: se pierden las variables, no las definiciones",
        "start another process: variables are lost, definitions are not",
    ),
    (
        ":load_config",
        "",
        "leer otra vez init.evcxr, prelude.rs y evcxr.toml",
        "read init.evcxr, prelude.rs and evcxr.toml again",
    ),
    (
        ":last_compile_dir",
        "",
        "dónde se compilan las celdas",
        "where the cells are compiled",
    ),
    (
        ":version",
        "",
        "las versiones de gradus y de Rust",
        "the versions of gradus and of Rust",
    ),
    (":help", "", "esta ayuda", "this help"),
    (
        "!",
        "COMMAND",
        "ejecutar una orden del sistema: `!ls`",
        "run a command of the system: `!ls`",
    ),
];

/// Commands of the stock kernel that change nothing here, and why.
const NOT_NEEDED: [Described; 11] = [
    (
        ":sccache",
        "0|1",
        "no hace falta: las bibliotecas se construyen una sola vez y se guardan",
        "not needed: libraries are built only once and kept",
    ),
    (
        ":cache",
        "MIB",
        "no hace falta: lo compilado se guarda siempre, y lo más antiguo se borra",
        "not needed: what was compiled is always kept, and the oldest is removed",
    ),
    (
        ":clear_cache",
        "",
        "no hace falta: lo más antiguo se borra solo; `gradus doctor` dice dónde está la caché",
        "not needed: the oldest is removed by itself; `gradus doctor` says where the cache is",
    ),
    (
        ":linker",
        "NAME",
        "no hace falta: una celda se enlaza en milisegundos, con el enlazador del sistema",
        "not needed: a cell is linked in milliseconds, by the linker of the system",
    ),
    (
        ":codegen_backend",
        "NAME",
        "no hace falta: las celdas se compilan en décimas de segundo con el compilador estable",
        "not needed: cells are compiled in tenths of a second by the stable compiler",
    ),
    (
        ":toolchain",
        "NAME",
        "se elige al iniciar el kernel, con la variable RUSTUP_TOOLCHAIN: las variables de un compilador no sirven a otro",
        "chosen when the kernel starts, by the variable RUSTUP_TOOLCHAIN: variables of one compiler are of no use to another",
    ),
    (
        ":preserve_vars_on_panic",
        "0|1",
        "no hace falta: un pánico nunca pierde las variables",
        "not needed: a panic never loses the variables",
    ),
    (
        ":allow_static_linking",
        "0|1",
        "no hace falta: cada biblioteca se enlaza como mejor va",
        "not needed: each library is linked as suits it best",
    ),
    (
        ":time_passes",
        "",
        "necesita un compilador nocturno; `:time on` dice cuánto tarda cada celda",
        "needs a nightly compiler; `:time on` says how long each cell takes",
    ),
    (
        ":internal_debug",
        "",
        "aquí no hay nada que depurar por dentro: `:last_error_json` da el último error entero",
        "there is nothing to debug inside here: `:last_error_json` gives the whole last error",
    ),
    (
        ":quit",
        "",
        "el kernel se cierra desde el menú, Kernel → Shut Down",
        "the kernel is ended from the menu, Kernel → Shut Down",
    ),
];

/// Other names of commands.
const ALIASES: [(&str, &str); 2] = [(":t", ":type"), (":show_deps", ":deps")];

/// What `:commands` have changed in a session, besides its libraries.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    pub(crate) format: Format,
    pub(crate) is_offline: bool,
    /// For the cells.
    pub(crate) environment: Vec<(String, String)>,
}

/// Why a command was not done.
pub(crate) enum Refused {
    Because(String),
    /// The user stopped it, or it took too long.
    Stopped(Failure),
}

impl From<String> for Refused {
    fn from(message: String) -> Refused {
        Refused::Because(message)
    }
}

fn in_language<'a>(es: &'a str, en: &'a str) -> &'a str {
    Language::current().pick(es, en)
}

fn described() -> impl Iterator<Item = &'static Described> {
    COMMANDS.iter().chain(&NOT_NEEDED)
}

/// Whether there is a command of this name, with its colon.
pub(crate) fn exists(name: &str) -> bool {
    described().any(|(known, ..)| *known == name) || ALIASES.iter().any(|(alias, _)| *alias == name)
}

/// The commands that begin like the line that is being written, up to byte `at` of `code`.
pub(crate) fn completions(code: &str, at: usize) -> Option<Completions> {
    let line = code.get(..at)?.rsplit('\n').next()?;
    let typed = line.trim_start();
    let aliases = ALIASES.iter().map(|(alias, _)| *alias);
    let names = described().map(|(name, ..)| *name).chain(aliases);
    let mut names: Vec<&str> = names.filter(|name| name.starts_with(typed)).collect();
    names.sort_unstable();
    if !typed.starts_with(':') || names.is_empty() {
        return None;
    }
    let matches = names.into_iter().map(|name| Match {
        code: name.to_owned(),
        kind: "magic".to_owned(),
        label: name.to_owned(),
    });
    Some(Completions {
        matches: matches.collect(),
        range: at - typed.len()..at,
    })
}

/// Executes one line; `is_alone` when its cell has no code, `level` is that of this cell.
pub(crate) fn execute(
    session: &mut Session,
    line: &str,
    is_alone: bool,
    level: &mut String,
    watch: &mut Watch,
    show: &mut dyn FnMut(Output),
) -> Result<(), Refused> {
    if let Some(command) = line.strip_prefix('!') {
        return shell::run(command.trim(), session, watch, show);
    }
    if line.starts_with('%') {
        return Err(shell::magic(line).into());
    }
    let line = without_comment(line);
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    match alias.map_or(name, |(_, name)| *name) {
        ":dep" => dep::add(rest, &session.folder, &mut session.dependencies)?,
        ":deps" => {
            let lines = session
                .dependencies
                .iter()
                .map(|(name, what)| vec![name.clone(), what.clone()]);
            let head = [
                in_language("biblioteca", "library"),
                in_language("de", "from"),
            ];
            show(table(&head, lines.collect()));
        }
        ":offline" => session.switches.is_offline = rest != "0",
        ":build_env" => {
            let pair = assignment(rest)?;
            session.compiler.environment.push(pair);
        }
        ":env" => session.set_environment(assignment(rest)?),
        ":opt" => optimise(session, rest, is_alone, level, show)?,
        ":vars" => look::variables(session, show),
        ":stale" => stale::execute(session, rest, show)?,
        ":type" => look::type_of(session, rest, watch, show)?,
        ":doc" => look::documentation(session, rest, watch, show)?,
        ":explain" => look::explanation(session, rest, show)?,
        ":last_error_json" => {
            let lines: Vec<String> = session.last_errors.iter().map(Value::to_string).collect();
            show(text(lines.join("\n")));
        }
        ":fmt" => session.switches.format.set(rest)?,
        ":efmt" => session.switches.format.set_for_errors(rest)?,
        ":types" => {
            let types = &mut session.switches.format.types;
            *types = !*types;
            let is_on = in_language("se muestran los tipos", "types are shown");
            let is_off = in_language("no se muestran los tipos", "types are not shown");
            say(if *types { is_on } else { is_off }, show);
        }
        ":time" => {
            session.time_line = match rest {
                "on" => TimeLine::On,
                "off" => TimeLine::Off,
                "auto" | "" => TimeLine::Auto,
                _ => {
                    let words = in_language(
                        "escribe `:time on`, `off` o `auto`",
                        "write `:time on`, `off` or `auto`",
                    );
                    return Err(words.to_owned().into());
                }
            };
        }
        ":timing" => {
            session.time_line = match session.time_line {
                TimeLine::On => TimeLine::Auto,
                _ => TimeLine::On,
            };
        }
        ":clear" => session.clear().map_err(|error| error.to_string())?,
        ":restart" => session.restart().map_err(|error| error.to_string())?,
        ":load_config" => session.load_config(watch, show),
        ":export" => export::execute(session, rest, show)?,
        ":last_compile_dir" => show(text(session.compile_folder().display().to_string())),
        ":version" => show(text(format!(
            "gradus {}\n{}",
            env!("CARGO_PKG_VERSION"),
            session.rust_version()
        ))),
        ":help" => help(show),
        name => match NOT_NEEDED.iter().find(|(known, ..)| *known == name) {
            Some((_, _, es, en)) => say(&format!("{name}: {}", in_language(es, en)), show),
            None => return Err(not_known(name).into()),
        },
    }
    Ok(())
}

/// A command without the comment behind it.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '/') if before.is_whitespace() && line[at..].starts_with("//") => {
                return line[..at].trim_end();
            }
            _ => (),
        }
        before = c;
    }
    line
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .map(|(name, value)| (name.trim(), value.trim()))
        .filter(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace))
        .ok_or_else(|| in_language("escribe NOMBRE=valor", "write NAME=value").to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

fn optimise(
    session: &mut Session,
    rest: &str,
    is_alone: bool,
    level: &mut String,
    show: &mut dyn FnMut(Output),
) -> Result<(), String> {
    let how = in_language(
        "escribe `:opt 0`, `1`, `2` o `3`",
        "write `:opt 0`, `1`, `2` or `3`",
    );
    if rest.is_empty() {
        let now = in_language("nivel de optimización", "optimisation level");
        say(&format!("{now}: {}; {how}", session.level), show);
    } else if ["0", "1", "2", "3", "s"].contains(&rest) {
        rest.clone_into(level);
        if is_alone {
            rest.clone_into(&mut session.level);
        }
    } else {
        return Err(how.to_owned());
    }
    Ok(())
}

fn help(show: &mut dyn FnMut(Output)) {
    let rows = described().map(|(name, arguments, es, en)| {
        vec![
            format!("{name} {arguments}").trim().to_owned(),
            in_language(es, en).to_owned(),
        ]
    });
    let head = [
        in_language("orden", "command"),
        in_language("qué hace", "what it does"),
    ];
    show(table(&head, rows.collect()));
}

fn not_known(name: &str) -> String {
    let known: Vec<&str> = COMMANDS.iter().map(|(name, ..)| *name).collect();
    format!(
        "{} {name}; {}: {}",
        in_language("no existe la orden", "there is no command"),
        in_language("existen", "there are"),
        known.join(", ")
    )
}

/// A line that is no result.
fn say(line: &str, show: &mut dyn FnMut(Output)) {
    show(Output::Stdout(format!("{line}\n")));
}

/// An answer.
fn text(text: String) -> Output {
    Output::Result(Bundle::from_iter([(
        "text/plain".to_owned(),
        Value::String(text),
    )]))
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
    fn a_comment_may_stand_behind_a_command() {
        for (line, command) in [
            (":opt 2 // faster", ":opt 2"),
            (
                ":dep a = { git = \"https://b.org/c\" } // d",
                ":dep a = { git = \"https://b.org/c\" }",
            ),
            (":dep //host/a", ":dep"),
            (":doc a::b", ":doc a::b"),
        ] {
            assert_eq!(without_comment(line), command);
        }
    }

    #[test]
    fn every_command_of_the_stock_kernel_is_known() {
        for name in [
            ":allow_static_linking",
            ":build_env",
            ":cache",
            ":clear",
            ":clear_cache",
            ":codegen_backend",
            ":dep",
            ":doc",
            ":efmt",
            ":env",
            ":explain",
            ":fmt",
            ":help",
            ":internal_debug",
            ":last_compile_dir",
            ":last_error_json",
            ":linker",
            ":load_config",
            ":offline",
            ":opt",
            ":preserve_vars_on_panic",
            ":quit",
            ":restart",
            ":sccache",
            ":show_deps",
            ":t",
            ":time_passes",
            ":timing",
            ":toolchain",
            ":type",
            ":types",
            ":vars",
            ":version",
        ] {
            assert!(exists(name), "{name}");
        }
        assert!(!exists(":param") && !exists(":"));
    }
}
