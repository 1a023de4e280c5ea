//! The program that a cell becomes, and where each part of it came from.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::parse::{Cell, DefinitionKind, GivenAway};
use super::scope::Scope;
use crate::commands::Format;

/// A program and its map.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) map: Map,
    /// The new variables, by their number.
    pub(crate) variables: Vec<(String, bool)>,
}

/// Where the parts of a program came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    parts: Vec<(Range<usize>, Origin)>,
    line_starts: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// Byte `offset` of cell `cell` and what follows.
    Cell { cell: usize, offset: usize },
    /// One import of the `use` at this place.
    Import { cell: usize, range: Range<usize> },
    /// Loads a variable.
    Take(String),
    /// Keeps a new variable, or puts back an old one.
    Keep(String),
    /// Keeps a closure.
    Closure(String),
}

/// What is done differently in another attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    /// Variables that are not there at the end of the cell.
    pub(crate) gone: HashSet<String>,
    /// Functions, each of a type of its own, that are kept as pointers of these types.
    pub(crate) functions: HashMap<String, String>,
    /// No early copies: asking a type whether it is `Copy` was too early.
    pub(crate) no_copies: bool,
    /// Nothing is kept or shown, and only the types of closures and of the value are noted: a mistake that is still there
    /// is the cell's own.
    pub(crate) plain: bool,
    /// The type of the value, where the compiler does not know it early enough to show it.
    pub(crate) value_type: Option<String>,
    /// How values and errors are shown.
    pub(crate) format: Format,
}

impl Choices {
    /// Takes over the types, by number, that a plain attempt noted: those of closures, and behind the variables that of
    /// the value.
    pub(crate) fn learn(&mut self, types: &[(usize, String)], variables: &[(String, bool)]) {
        for (index, type_name) in types.iter().filter(|(_, name)| can_be_written(name)) {
            match variables.get(*index) {
                Some((name, _)) => {
                    self.functions.insert(name.clone(), type_name.clone());
                }
                None => self.value_type = Some(type_name.clone()),
            }
        }
    }
}

/// Whether another cell can write this type.
pub(crate) fn can_be_written(type_name: &str) -> bool {
    !type_name.contains('{') && !type_name.contains("impl ")
}

/// The function that a cell becomes.
pub(crate) const ENTRY: &str = "gradus_cell_run";

#[derive(Default)]
struct Writer {
    text: String,
    parts: Vec<(Range<usize>, Origin)>,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn put_from(&mut self, text: &str, origin: Origin) {
        let start = self.text.len();
        self.put(text);
        self.parts.push((start..self.text.len(), origin));
    }

    fn put_cell(&mut self, code: &str, range: &Range<usize>, cell: usize) {
        self.put_from(
            &code[range.clone()],
            Origin::Cell {
                cell,
                offset: range.start,
            },
        );
    }

    fn definitions(&mut self, scope: &Scope, kind: DefinitionKind) {
        for stored in scope
            .definitions
            .iter()
            .filter(|stored| stored.definition.kind == kind)
        {
            let range = stored.definition.range.clone();
            let origin = match stored.definition.text {
                Some(_) => Origin::Import {
                    cell: stored.cell,
                    range,
                },
                None => Origin::Cell {
                    cell: stored.cell,
                    offset: range.start,
                },
            };
            self.put_from(&stored.text, origin);
        }
    }
}

/// Writes the program for a cell whose definitions `scope` has already.
pub(crate) fn write(
    scope: &Scope,
    cell: &Cell,
    code: &str,
    number: usize,
    choices: &Choices,
) -> Source {
    let mut out = Writer::default();
    out.put("#![allow(warnings)]");
    for kind in [
        DefinitionKind::Attribute,
        DefinitionKind::Macro,
        DefinitionKind::Import,
        DefinitionKind::Item,
    ] {
        out.definitions(scope, kind);
    }
    let shower = choices.format.code().filter(|_| cell.value.is_some());
    if let Some(code) = &shower {
        out.put(code);
    }
    out.put(&format!(
        "#[unsafe(no_mangle)]\npub extern \"C\" fn {ENTRY}() {{"
    ));
    let used: Vec<_> = scope
        .variables
        .iter()
        .filter(|(name, _)| cell.names.contains(*name))
        .collect();
    for (name, variable) in &used {
        let mutable = if variable.is_mut { "mut " } else { "" };
        let type_name = &variable.type_name;
        out.put_from(
            &format!("let {mutable}{name} = ::gradus_cell::take::<{type_name}>(\"{name}\");"),
            Origin::Take((*name).clone()),
        );
    }
    out.put("let gradus_outcome = ::gradus_cell::run(|| -> ::std::result::Result<(), ::gradus_cell::CellError> {");
    if let Some(number) = choices.format.of_errors() {
        out.put(&format!("::gradus_cell::show_errors({number});"));
    }
    let mut copies = cell
        .variables
        .iter()
        .enumerate()
        .filter(|(_, variable)| {
            if choices.plain {
                variable.as_fn.is_some()
            } else {
                variable.given_away == GivenAway::UnlessCopy && !choices.no_copies
            }
        })
        .peekable();
    for range in &cell.statements {
        out.put(&format!("::gradus_cell::at({});", range.start));
        out.put_cell(code, range, number);
        while let Some((index, variable)) =
            copies.next_if(|(_, variable)| variable.made_at <= range.end)
        {
            let name = &variable.name;
            if choices.plain {
                out.put(&format!("::gradus_cell::type_of::<{index}, _>(&{name});"));
                continue;
            }
            out.put_from(
                &format!(
                    "let gradus_copy_{index} = {{ use ::gradus_cell::{{Copies as _, Moves as _}}; (&&::gradus_cell::Probe(&{name})).copied() }};"
                ),
                Origin::Keep(name.clone()),
            );
        }
    }
    if let Some(range) = &cell.value {
        let (before, after) = if choices.plain {
            let index = cell.variables.len();
            (
                format!("::gradus_cell::type_of::<{index}, _>(&("),
                "));".to_owned(),
            )
        } else {
            let known = choices.value_type.as_ref();
            let cast = known.map_or(String::new(), |type_name| format!(" as &{type_name}"));
            out.put(&format!("::gradus_cell::at({});", range.start));
            let shows = match shower {
                Some(_) => "use gradus_show::ShowFormatted as _; use ::gradus_cell::ShowName as _;",
                None => "use ::gradus_cell::{ShowDebug as _, ShowName as _};",
            };
            (
                format!("{{ {shows}\n(&("),
                format!("){cast}).evcxr_display(); }}"),
            )
        };
        // On the line of the value: what goes wrong in it may be said of the bracket.
        out.text.push_str(&before);
        out.put_cell(code, range, number);
        out.put(&after);
    }
    for (index, variable) in cell.variables.iter().enumerate() {
        let name = &variable.name;
        if choices.plain || choices.gone.contains(name) || variable.given_away == GivenAway::Yes {
            continue;
        }
        let function = choices.functions.get(name).or(variable.as_fn.as_ref());
        let line = match (function, variable.given_away) {
            (Some(function), _) => format!(
                "::gradus_cell::keep::<{index}, _>(\"{name}\", true, {name} as {function});"
            ),
            (None, GivenAway::UnlessCopy) if !choices.no_copies => {
                format!("::gradus_cell::keep_copy::<{index}, _>(\"{name}\", gradus_copy_{index});")
            }
            _ => format!(
                "{{ use ::gradus_cell::{{Copies as _, Moves as _}}; ::gradus_cell::keep::<{index}, _>(\"{name}\", (&&::gradus_cell::Probe(&{name})).is_copy(), {name}); }}"
            ),
        };
        let origin = if function.is_some() {
            Origin::Closure(name.clone())
        } else {
            Origin::Keep(name.clone())
        };
        out.put_from(&line, origin);
    }
    out.put("::std::result::Result::Ok(()) });");
    for (name, variable) in used {
        let is_gone = cell.moved.contains(name) && !variable.is_copy;
        if !is_gone && !choices.gone.contains(name) {
            // Where the cell made another variable of this name, the old one comes back only if that failed.
            let is_replaced = cell.variables.iter().any(|variable| variable.name == *name);
            let condition = if is_replaced {
                "if !::std::matches!(gradus_outcome, Some(Ok(()))) "
            } else {
                ""
            };
            let line = format!("{condition}{{ ::gradus_cell::give_back(\"{name}\", {name}); }}");
            out.put_from(&line, Origin::Keep(name.clone()));
        }
    }
    out.put("::gradus_cell::end(gradus_outcome);\n}");
    let line_starts = std::iter::once(0)
        .chain(out.text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    Source {
        text: out.text,
        map: Map {
            parts: out.parts,
            line_starts,
        },
        variables: cell
            .variables
            .iter()
            .map(|variable| (variable.name.clone(), variable.is_mut))
            .collect(),
    }
}

impl Map {
    /// The part that byte `at` belongs to, and how far into it.
    pub(crate) fn origin(&self, at: usize) -> Option<(&Origin, usize)> {
        let (range, origin) = self.parts.iter().find(|(range, _)| range.contains(&at))?;
        Some((origin, at - range.start))
    }

    /// The cell and the byte in it that byte `at` came from.
    pub(crate) fn in_cell(&self, at: usize) -> Option<(usize, usize)> {
        match self.origin(at)? {
            (Origin::Cell { cell, offset }, into) => Some((*cell, offset + into)),
            (Origin::Import { cell, range }, _) => Some((*cell, range.start)),
            _ => None,
        }
    }

    /// The cell and a byte of the line in it that line `number`, from 1, came from.
    pub(crate) fn line_in_cell(&self, number: usize) -> Option<(usize, usize)> {
        let start = *self.line_starts.get(number.checked_sub(1)?)?;
        let end = self.line_starts.get(number).copied();
        self.in_cell(self.clamp(&(start..end.unwrap_or(usize::MAX))).start)
    }

    /// What is of a cell in a place that begins between the parts, as the brackets around a value do.
    pub(crate) fn clamp(&self, place: &Range<usize>) -> Range<usize> {
        let starts_line = |at: usize| {
            let line = self.line_starts.partition_point(|start| *start <= at);
            self.line_starts[line - 1]
        };
        let inside = self.parts.iter().find(|(range, origin)| {
            matches!(origin, Origin::Cell { .. })
                && place.contains(&range.start)
                && starts_line(range.start) <= place.start
        });
        match inside {
            Some((range, _)) if self.origin(place.start).is_none() => {
                range.start..place.end.min(range.end)
            }
            _ => place.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn every_part_knows_where_it_came_from() {
        let mut scope = Scope::default();
        let first = "fn f() -> i32 {\n    7\n}";
        scope.define(&parse(first), first, 1);
        scope.keep("x", "i32".to_owned(), true, true);
        scope.keep("unused", "i32".to_owned(), true, true);
        let code = "let y = x + 1;\nf() + y";
        let source = write(&scope, &parse(code), code, 2, &Choices::default());
        let at = |text: &str| source.text.find(text).unwrap();
        assert_eq!(source.map.in_cell(at("    7")), Some((1, 16)));
        assert_eq!(source.map.in_cell(at("f() + y")), Some((2, 15)));
        assert_eq!(
            source.map.origin(at("let mut x =")).unwrap().0,
            &Origin::Take("x".to_owned())
        );
        assert_eq!(source.map.in_cell(at("gradus_outcome")), None);
        assert!(
            !source.text.contains("unused\""),
            "what is not named is not touched"
        );
        let line = source.text[..at("    7")].lines().count();
        assert_eq!(source.map.line_in_cell(line + 1), Some((1, 16)));
    }
}
