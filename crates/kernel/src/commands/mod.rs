//! The lines of a cell that are for the kernel and not for the compiler.
//!
//! Those of the stock kernel are all understood: done, or accepted with one line that says why they are not needed here.

mod dep;
mod export;
mod look;
mod shell;
mod stale;
pub(crate) mod startup;

use serde_json::Value;

pub(crate) use dep::{asked, extern_crate};
pub(crate) use look::{description, prelude, short_type, table, variable_at};
pub(crate) use stale::leftovers;

use crate::command_list::{ALIASES, COMMANDS, NOT_NEEDED, described};
use crate::config::TimeLine;
use crate::run::Watch;
use crate::wire::Bundle;
use crate::{Completions, Failure, Match, Output, Session};
use gradus_text::Language;

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
}
