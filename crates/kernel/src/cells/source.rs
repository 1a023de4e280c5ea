//! The program that a cell becomes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use serde_json::Value;

use super::follow::{Added, Followed, Twin};
use super::format::Format;
use super::items::DefinitionKind;
use super::kit::{Executor, HIDDEN};
use super::made::TAG;
use super::map::{Map, Origin};
use super::parse::{Cell, NewVariable};
use super::polls::{Functions, POLL};
use super::scope::{Scope, Stored, Variable};
use super::types::{self, Noted};

/// A program and its map.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) map: Map,
    /// The new variables, by their number.
    pub(crate) variables: Vec<String>,
    /// Where the part that runs begins. If a twin of it stands before, which never runs, the errors of that one tell.
    pub(crate) runs_from: usize,
    pub(crate) has_twin: bool,
    /// Links to modules in files, and what they stand for.
    pub(crate) links: Vec<(PathBuf, PathBuf)>,
}

/// What a `?` makes the error of a cell of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Errors {
    #[default]
    Typed,
    /// Whatever has `Debug`, also with what it borrows.
    Debug,
    /// Whatever has `Display`.
    Display,
}

/// Why a variable cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It refers to another one.
    Refers,
    /// It is a closure that uses others.
    Captures,
    /// Its type cannot be written.
    Unnamed,
}

/// What is done differently in another attempt.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Choices {
    /// Old variables that the cell moves, and where: they come back whichever way it ends, if nothing of them was moved.
    pub(crate) followed: BTreeMap<String, Followed>,
    /// Those that cannot be followed. They go into the cell whole, and come back if it comes to its end.
    pub(crate) inside: HashSet<String>,
    /// Old variables whose values were moved, and that the cell sets again.
    pub(crate) empty: BTreeSet<String>,
    /// Old variables that are not there at the end of the cell.
    pub(crate) gone: BTreeSet<String>,
    /// And new ones.
    pub(crate) given: HashSet<String>,
    /// New variables that no other cell can have.
    pub(crate) unkept: BTreeMap<String, Why>,
    /// Those end before the others are kept: what they do at their end uses what they refer to.
    pub(crate) ends_unkept: bool,
    /// Functions, each of a type of its own, that are kept as pointers of these types.
    pub(crate) functions: HashMap<String, String>,
    /// Closures that are kept in a box, and as what: `Fn`, `FnMut` or `FnOnce`.
    pub(crate) boxed: HashMap<String, String>,
    /// No early copies: asking a type whether it is `Copy` was too early.
    pub(crate) no_copies: bool,
    /// New variables that were taken for copies before their types were known, and are none.
    pub(crate) no_copy: HashSet<String>,
    /// What a `?` takes.
    pub(crate) errors: Errors,
    /// Where expressions end whose errors are turned into words before their `?`, and where they begin.
    pub(crate) told: BTreeMap<usize, usize>,
    /// The names of their own of the libraries' crates, so that all types have names.
    pub(crate) crates: Vec<String>,
    /// Old variables made of a bare number, which have another type in this cell as they would have in one program.
    pub(crate) numbers: BTreeMap<String, &'static str>,
    /// Nothing is kept or shown, and only the types of closures and of the value are noted: a mistake that is still there
    /// is the cell's own.
    pub(crate) plain: bool,
    /// The type of the value, where the compiler does not know it early enough to show it.
    pub(crate) value_type: Option<String>,
    /// The cell waits for futures: where that stands in a macro, only the compiler sees it.
    pub(crate) is_async: bool,
    /// What runs futures in the libraries; without it the small one of the runtime does.
    pub(crate) executor: Option<Executor>,
    /// How values and errors are shown.
    pub(crate) format: Format,
    /// The libraries bring tables and pictures for values of theirs.
    pub(crate) shows: bool,
}

impl Choices {
    /// Those that are followed, with their numbers.
    fn followed(&self) -> impl Iterator<Item = (usize, &String, &Followed)> {
        let all = self.followed.iter().enumerate();
        let all = all.map(|(index, (name, followed))| (index, name, followed));
        all.filter(|(_, name, _)| self.follows(name))
    }

    pub(crate) fn follows(&self, name: &str) -> bool {
        !self.plain && self.followed.contains_key(name) && !self.inside.contains(name)
    }
}

impl Source {
    /// The new variables, by their names.
    pub(crate) fn named(&self, types: Vec<Noted>) -> Vec<(String, String)> {
        let named = types.into_iter().filter_map(|noted| {
            let name = self.variables.get(noted.number)?;
            Some((name.clone(), noted.type_name))
        });
        named.collect()
    }
}

/// What a function is made of.
struct Function<'a> {
    scope: &'a Scope,
    cell: &'a Cell,
    code: &'a str,
    number: usize,
    choices: &'a Choices,
    /// The old variables that the cell names.
    used: Vec<(&'a String, &'a Variable)>,
    twin: Twin,
}

/// The function that a cell becomes.
pub(crate) const ENTRY: &str = "gradus_cell_run";
const GLOBS: &str = "gradus_globs";
/// The number of those that get a value again.
const FULL: usize = 1 << 20;

#[derive(Default)]
struct Writer {
    text: String,
    parts: Vec<(Range<usize>, Origin)>,
    added: Vec<Range<usize>>,
    functions: Functions,
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

    /// A part of a cell, with what is added in it.
    fn put_cell(&mut self, code: &str, range: &Range<usize>, cell: usize, added: &[Added]) {
        let mut from = range.start;
        for one in added {
            let Some(to) = one.within(range) else {
                continue;
            };
            let origin = Origin::Cell { cell, offset: from };
            self.put_from(&code[from..to], origin);
            // With the line end before.
            let start = self.text.len() - 1;
            self.put(&one.text);
            self.added.push(start..self.text.len());
            from = one.end;
        }
        let origin = Origin::Cell { cell, offset: from };
        self.put_from(&code[from..range.end], origin);
    }

    fn definitions(&mut self, scope: &Scope, kind: DefinitionKind) {
        for stored in scope
            .definitions
            .iter()
            .filter(|stored| stored.definition.kind == kind)
        {
            let range = stored.definition.range.clone();
            if kind == DefinitionKind::Item && stored.text.contains('!') && scope.has_tags() {
                self.tag(&scope.tag(stored));
            }
            let is_own = stored.definition.text.is_none();
            if !is_own && stored.definition.statics.is_empty() {
                let cell = stored.cell;
                self.put_from(&stored.text, Origin::Import { cell, range });
                continue;
            }
            let names = scope.statics(stored).map(|one| {
                let name = scope.shared_name(stored, one);
                Added::before(one.at, &format!("#[unsafe(export_name = \"{name}\")]"))
            });
            let polls = scope.polls(stored.cell, &range, &self.functions);
            let polls = polls
                .into_iter()
                .filter(|_| is_own)
                .map(|at| at - range.start);
            // A member that was replaced is blank.
            let polls = polls.filter(|at| stored.text[..*at].ends_with('{'));
            let polls = polls.map(|at| Added::after(at, POLL));
            let globs = stored.from_globs.iter();
            let globs = globs.map(|at| Added::before(*at, &format!("crate::{GLOBS}::")));
            let file = stored.link.as_ref().or(stored.file.as_ref());
            let file = file.into_iter().zip(&stored.definition.file);
            let file = file.map(|(path, module)| {
                Added::instead(&module.attribute, &format!("#[path = {path:?}]"))
            });
            let words = stored.definition.unsafe_words.iter();
            let words = words.map(|(range, text)| Added::instead(range, text));
            let shares = scope.shares(stored).cloned();
            let mut added: Vec<Added> = names
                .chain(polls)
                .chain(globs)
                .chain(file)
                .chain(words)
                .chain(shares)
                .collect();
            added.sort();
            let mut whole = Writer::default();
            whole.put_cell(&stored.text, &(0..stored.text.len()), stored.cell, &added);
            let from = self.text.len();
            self.text.push_str(&whole.text);
            let added = whole.added.iter();
            self.added
                .extend(added.map(|one| one.start + from..one.end + from));
            for (part, origin) in whole.parts {
                let Origin::Cell { cell, offset } = origin else {
                    continue;
                };
                let part = part.start + from..part.end + from;
                let origin = match is_own {
                    true => Origin::Cell {
                        cell,
                        offset: offset + range.start,
                    },
                    false => Origin::Import {
                        cell,
                        range: range.clone(),
                    },
                };
                self.parts.push((part, origin));
            }
        }
    }

    /// What follows are the statics of another call.
    fn tag(&mut self, tag: &str) {
        self.put(&format!("macro_rules! {TAG} {{ () => {{ \"{tag}\" }} }}"));
    }

    /// All that globs import, for what stood before an item of the same name.
    fn globs(&mut self, scope: &Scope) {
        let mut all = scope.definitions.iter();
        if all.all(|stored| stored.from_globs.is_empty()) {
            return;
        }
        self.put(&format!("mod {GLOBS} {{"));
        for path in scope.globs() {
            let root = path.split("::").next().unwrap_or_default();
            let path = match root {
                "self" => path.replacen("self", "super", 1),
                _ if scope.knows(root) => format!("super::{path}"),
                _ => path.to_owned(),
            };
            self.put(&format!("pub(crate) use {path}::*;"));
        }
        self.put("}");
    }

    /// Takes the variables of earlier cells, all or none.
    fn take(&mut self, used: &[(&String, &Variable)], choices: &Choices) {
        if used.is_empty() {
            self.put("::gradus_cell::begin();");
            return;
        }
        for (index, (name, variable)) in used.iter().enumerate() {
            if let Some(like) = variable.like() {
                let line = format!("let gradus_like_{index} = {like};");
                self.put_from(&line, Origin::Take((*name).clone()));
            }
        }
        let is_private = |variable: &Variable| variable.is_private && variable.made_by.is_some();
        self.put("if !::gradus_cell::ready(&[");
        for (index, (name, variable)) in used.iter().enumerate() {
            let id = match is_private(variable) {
                true => format!("::gradus_cell::id_like(&gradus_like_{index})"),
                false => format!("::std::any::TypeId::of::<{}>()", variable.type_name),
            };
            let line = format!("(\"{name}\", {id}),");
            self.put_from(&line, Origin::Take((*name).clone()));
        }
        self.put("]) { return; }");
        for (index, (name, variable)) in used.iter().enumerate() {
            let mutable = if variable.is_mut { "mut " } else { "" };
            let type_name = &variable.type_name;
            if is_private(variable) {
                let line = format!(
                    "let {mutable}{name} = ::gradus_cell::take_like(\"{name}\", &gradus_like_{index});"
                );
                self.put_from(&line, Origin::Take((*name).clone()));
                continue;
            }
            let take = if variable.is_copy {
                "take_copy"
            } else {
                "take"
            };
            let number = choices.numbers.get(*name);
            let cast = number.map_or(String::new(), |number| format!(" as {number}"));
            self.put_from(
                &format!(
                    "let {mutable}{name} = ::gradus_cell::{take}::<{type_name}>(\"{name}\"){cast};"
                ),
                Origin::Take((*name).clone()),
            );
        }
    }

    /// What the cell only reads can be had back from one that does not end.
    fn lend(&mut self, used: &[(&String, &Variable)], choices: &Choices) {
        let reads = |(name, variable): &&(&String, &Variable)| {
            let moves = choices.inside.contains(*name) || choices.follows(name);
            !variable.is_mut && !variable.is_copy && !moves
        };
        for (name, _) in used.iter().filter(reads) {
            self.put(&format!("::gradus_cell::lend(\"{name}\", &{name});"));
        }
    }

    /// What the cell does, between the brackets of its function.
    fn function(&mut self, function: &Function) {
        let Function {
            scope,
            cell,
            choices,
            used,
            ..
        } = function;
        let runs = function.twin == Twin::Runs;
        let inside =
            |name: &String| choices.inside.contains(name) || (!runs && choices.follows(name));
        self.take(used, choices);
        if runs {
            self.lend(used, choices);
        }
        let may_end_early = used
            .iter()
            .any(|(name, _)| choices.follows(name) || cell.makes(name));
        if may_end_early {
            self.put("let gradus_ended = ::std::cell::Cell::new(false);");
        }
        if runs {
            for (index, ..) in choices.followed() {
                self.put(&format!(
                    "let gradus_moved_{index} = ::gradus_cell::Moved::default();"
                ));
            }
        }
        let error = match choices.errors {
            Errors::Typed => "CellError",
            Errors::Debug => "AnyCellError",
            Errors::Display => "ShownCellError",
        };
        // What it moves must be known, unless it owns it.
        let once = choices.plain || used.iter().any(|(name, _)| inside(name));
        let run = if once { "run_once" } else { "run" };
        self.put(&format!("let gradus_outcome = ::gradus_cell::{run}(|| -> ::std::result::Result<(), ::gradus_cell::{error}> {{"));
        if let Some(executor) = choices.executor.as_ref().filter(|one| one.has_guard) {
            // Where a cell starts something without waiting for it.
            self.put(&format!("let gradus_guard = {}.enter();", executor.code));
        }
        let is_async = cell.is_async || choices.is_async;
        if is_async {
            let executor = match &choices.executor {
                Some(executor) => format!("{}.block_on", executor.code),
                None => "::gradus_cell::block_on".to_owned(),
            };
            self.put(&format!(
                "{executor}(::gradus_cell::until_interrupted(async {{"
            ));
        }
        if let Some(number) = choices.format.of_errors() {
            self.put(&format!("::gradus_cell::show_errors({number});"));
        }
        for (name, variable) in used {
            if inside(name) {
                let mutable = if variable.is_mut { "mut " } else { "" };
                self.put(&format!("let {mutable}{name} = {name};"));
            }
        }
        for name in &choices.empty {
            let old = scope.emptied.get(name).filter(|old| !old.is_private);
            let type_name = old.map_or("_", |old| &old.type_name);
            self.put(&format!("let mut {name}: {type_name};"));
        }
        self.body(function);
        if !choices.plain {
            self.keep(cell, choices);
            for name in choices.empty.difference(&choices.gone) {
                // It is no copy: that would not have been moved.
                let line = format!("::gradus_cell::keep::<{FULL}, _>(\"{name}\", false, {name});");
                self.put_from(&line, Origin::Back(name.clone()));
            }
            // The name of an old variable may mean a new one by now.
            for (name, _) in used {
                if inside(name) && !choices.gone.contains(*name) && !cell.makes(name) {
                    self.give_back("", name);
                }
            }
            if may_end_early {
                self.put("gradus_ended.set(true);");
            }
        }
        self.put(&if is_async {
            format!("::std::result::Result::Ok::<(), ::gradus_cell::{error}>(()) }})) }});")
        } else {
            "::std::result::Result::Ok(()) });".to_owned()
        });
        for (name, _) in used {
            if choices.plain || inside(name) {
                continue;
            }
            if let Some((index, ..)) = choices.followed().find(|(_, other, _)| other == name) {
                let ends = choices.gone.contains(*name) || cell.makes(name);
                let ends = if ends { "gradus_ended.get()" } else { "false" };
                self.put(&format!(
                    "::gradus_cell::back(\"{name}\", &gradus_moved_{index}, {ends}, {name});"
                ));
                continue;
            }
            // Where the cell made another variable of this name, the old one comes back only if the cell was left before.
            let condition = if cell.makes(name) {
                "if !gradus_ended.get() "
            } else {
                ""
            };
            self.give_back(condition, name);
        }
        self.put("::gradus_cell::end(gradus_outcome);\n}");
    }

    /// The statements and the value.
    fn body(&mut self, function: &Function) {
        let &Function {
            scope,
            cell,
            code,
            number,
            choices,
            twin,
            ..
        } = function;
        let polls = scope.polls(number, &(0..code.len()), &self.functions);
        let polls = polls.into_iter().map(|at| Added::after(at, POLL));
        let mut added: Vec<Added> = cell.added.iter().cloned().chain(polls).collect();
        if !choices.told.is_empty() {
            self.put("use ::gradus_cell::{TellsDebug as _, TellsDisplay as _};");
        }
        for (end, start) in &choices.told {
            let (before, after) = (
                "::gradus_cell::Told(::std::option::Option::Some(",
                ")).gradus_told()",
            );
            added.extend(Added::around(&(*start..*end), before, after));
        }
        for (index, name, followed) in choices.followed() {
            let is_mut = scope.variables.get(name).is_some_and(|one| one.is_mut);
            added.extend(followed.added(name, index, is_mut, twin));
        }
        added.sort();
        let has_tags = scope.has_tags();
        for range in &cell.statements {
            if has_tags && code[range.clone()].contains('!') {
                self.tag(&format!("{number}_{}_{twin:?}", range.start));
            }
            self.copy_early(cell, range, choices);
            self.put(&format!("::gradus_cell::at({});", range.start));
            self.put_cell(code, range, number, &added);
            // A block with attributes would be a value where nothing follows it.
            if code[range.clone()].starts_with('#') {
                self.put(";");
            }
            let closures = cell.variables.iter().enumerate();
            let made = closures.filter(|(_, one)| {
                // Of one that is moved the type is noted: it may be set again.
                let asks = match choices.plain {
                    true => one.closure.is_some(),
                    false => one.is_mut && choices.given.contains(&one.name),
                };
                asks && one.at == range.start
            });
            for (index, variable) in made {
                let name = &variable.name;
                self.put(&format!("::gradus_cell::type_of::<{index}, _>(&{name});"));
            }
        }
        let Some(range) = &cell.value else {
            return;
        };
        if has_tags && code[range.clone()].contains('!') {
            self.tag(&format!("{number}_{}_{twin:?}", range.start));
        }
        self.copy_early(cell, range, choices);
        let (before, after) = if choices.plain {
            let index = cell.variables.len();
            (
                format!("::gradus_cell::type_of::<{index}, _>(&("),
                "));".to_owned(),
            )
        } else {
            let known = choices.value_type.as_ref();
            let cast = known.map_or(String::new(), |type_name| format!(" as &{type_name}"));
            self.put(&format!("::gradus_cell::at({});", range.start));
            let shows = match choices.format.code() {
                Some(_) => "use gradus_show::ShowFormatted as _; use ::gradus_cell::ShowName as _;",
                None if choices.shows => {
                    "use ::gradus_cell::{ShowDebug as _, ShowName as _}; use ::gradus_shared::show::*;"
                }
                None => "use ::gradus_cell::{ShowDebug as _, ShowName as _};",
            };
            // `&x` is shown as `x` is.
            let (open, close) = match known.is_none() && cell.value_is_reference() {
                true => ("*(", ")"),
                false => ("", ""),
            };
            (
                format!("{{ {shows}\n(&({open}"),
                format!("{close}){cast}).evcxr_display(); }}"),
            )
        };
        // On the line of the value: what goes wrong in it may be said of the bracket.
        self.text.push_str(&before);
        self.put_cell(code, range, number, &added);
        self.put(&after);
    }

    /// Copies the variables that this statement moves, if their types have copies.
    fn copy_early(&mut self, cell: &Cell, statement: &Range<usize>, choices: &Choices) {
        for (index, variable) in cell.variables.iter().enumerate() {
            if variable.copied_before == Some(statement.start) && copies_early(variable, choices) {
                let name = &variable.name;
                self.put_from(
                    &format!(
                        "let gradus_copy_{index} = {{ use ::gradus_cell::{{Copies as _, Moves as _}}; (&&::gradus_cell::Probe(&{name})).copied() }};"
                    ),
                    Origin::Keep(name.clone()),
                );
            }
        }
    }

    fn keep(&mut self, cell: &Cell, choices: &Choices) {
        for variable in cell.variables.iter().rev() {
            let name = &variable.name;
            if choices.ends_unkept
                && choices.unkept.contains_key(name)
                && !choices.given.contains(name)
            {
                let line = format!("::std::mem::drop({name});");
                self.put_from(&line, Origin::Keep(name.clone()));
            }
        }
        for (index, variable) in cell.variables.iter().enumerate() {
            let name = &variable.name;
            if choices.unkept.contains_key(name) || choices.given.contains(name) {
                continue;
            }
            let closure = variable.closure.as_ref();
            let signature = closure.map(|closure| format!("fn{}", closure.signature));
            let function = choices.functions.get(name).cloned().or(signature);
            let (line, origin) = match (choices.boxed.get(name), function) {
                (Some(kind), Some(function)) => {
                    let signature = function.strip_prefix("fn").unwrap_or_default();
                    let line = format!(
                        "::gradus_cell::keep::<{index}, _>(\"{name}\", false, \
                         ::std::boxed::Box::new({name}) as ::std::boxed::Box<dyn {kind}{signature}>);"
                    );
                    (line, Origin::Closure(name.clone()))
                }
                (_, Some(function)) => {
                    let line = format!(
                        "::gradus_cell::keep::<{index}, _>(\"{name}\", true, {name} as {function});"
                    );
                    (line, Origin::Closure(name.clone()))
                }
                (_, None) if copies_early(variable, choices) => {
                    let line = format!(
                        "::gradus_cell::keep_copy::<{index}, _>(\"{name}\", gradus_copy_{index});"
                    );
                    (line, Origin::Keep(name.clone()))
                }
                (_, None) if choices.no_copy.contains(name) => {
                    let line =
                        format!("::gradus_cell::keep::<{index}, _>(\"{name}\", false, {name});");
                    (line, Origin::Keep(name.clone()))
                }
                (_, None) => {
                    let line = format!(
                        "{{ use ::gradus_cell::{{Copies as _, Moves as _}}; ::gradus_cell::keep::<{index}, _>(\"{name}\", (&&::gradus_cell::Probe(&{name})).is_copy(), {name}); }}"
                    );
                    (line, Origin::Keep(name.clone()))
                }
            };
            self.put_from(&line, origin);
        }
    }

    fn give_back(&mut self, condition: &str, name: &str) {
        let line = format!("{condition}{{ ::gradus_cell::give_back(\"{name}\", {name}); }}");
        self.put_from(&line, Origin::Back(name.to_owned()));
    }
}

fn copies_early(variable: &NewVariable, choices: &Choices) -> bool {
    let moves = variable.copied_before.is_some() && variable.closure.is_none();
    let is_open = !choices.no_copies && !choices.no_copy.contains(&variable.name);
    moves && is_open && !choices.plain
}

/// Whether macros make two statics of one name.
pub(crate) fn is_about_tags(errors: &[Value]) -> bool {
    let message = |error: &Value| error["message"].as_str().map(str::to_owned);
    let mut messages = errors.iter().filter_map(message);
    messages.any(|message| message.contains("`gradus_static_") || message.contains(TAG))
}

/// Writes the program for a cell whose definitions `scope` has already.
pub(crate) fn write(
    scope: &Scope,
    cell: &Cell,
    code: &str,
    number: usize,
    choices: &Choices,
) -> Source {
    let mut out = Writer {
        functions: scope.functions(),
        ..Writer::default()
    };
    out.put("#![allow(warnings)]");
    for kind in [
        DefinitionKind::Attribute,
        DefinitionKind::Macro,
        DefinitionKind::Import,
        DefinitionKind::Item,
    ] {
        if kind == DefinitionKind::Macro && scope.has_tags() {
            out.tag("");
        }
        out.definitions(scope, kind);
    }
    out.globs(scope);
    if let Some(code) = choices.format.code().filter(|_| cell.value.is_some()) {
        out.put(&code);
    }
    let used: Vec<_> = scope
        .variables
        .iter()
        .filter(|(name, _)| cell.names.contains(*name))
        .collect();
    let mut crates: BTreeSet<&str> = choices.crates.iter().map(String::as_str).collect();
    for (_, variable) in &used {
        let roots = types::roots(&variable.type_name);
        crates.extend(roots.filter(|root| root.starts_with(HIDDEN)));
    }
    for name in crates {
        out.put(&format!("extern crate {name};"));
    }
    let has_tags = scope.has_tags();
    let is_new = |stored: &&Stored| {
        let calls = || has_tags && stored.text.contains('!');
        stored.cell == number && (!stored.definition.statics.is_empty() || calls())
    };
    let shares = scope.definitions.iter().any(|stored| is_new(&stored));
    let mut function = Function {
        scope,
        cell,
        code,
        number,
        choices,
        used,
        twin: Twin::Runs,
    };
    let has_twin = choices.followed().next().is_some();
    if has_twin {
        function.twin = Twin::Checked;
        out.put("fn gradus_twin() {");
        out.function(&function);
        function.twin = Twin::Runs;
    }
    let runs_from = out.text.len();
    out.put(&format!(
        "#[unsafe(no_mangle)]\npub extern \"C\" fn {ENTRY}() {{"
    ));
    if shares {
        // A function of its own: the entry of the first cell that shares anything would be taken for that of all.
        out.put("fn gradus_here() {}\n::gradus_cell::share(gradus_here as *const ());");
    }
    out.function(&function);
    let line_starts = std::iter::once(0)
        .chain(out.text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    Source {
        text: out.text,
        map: Map {
            parts: out.parts,
            added: out.added,
            line_starts,
        },
        variables: cell
            .variables
            .iter()
            .map(|variable| variable.name.clone())
            .collect(),
        runs_from,
        has_twin,
        links: scope.links(),
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
