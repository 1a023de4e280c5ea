//! What to do differently after the compiler has refused a program, where the cell may still be right.
//!
//! The compiler says by its error codes and places which variable was moved, which one cannot outlive the cell, which
//! definition another one leaves no room for. Every answer leads to another program; a mistake of the cell's own remains in
//! all of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use serde_json::Value;

use super::diagnostic::{Span, spans};
use super::follow::Followed;
use super::items::DefinitionKind;
use super::kit::Kit;
use super::map::Origin;
use super::parse::Cell;
use super::scope::Scope;
use super::source::{Choices, Errors, Source, Why};
use super::types::{Noted, can_be_written, function_pointer, roots};

/// An attempt to compile a cell.
pub(crate) struct Attempt {
    /// What earlier cells left, with the definitions of this one.
    pub(crate) scope: Scope,
    pub(crate) cell: Cell,
    pub(crate) number: usize,
    pub(crate) choices: Choices,
    /// Whether the compiler was asked if the cell is right when nothing of it is kept.
    was_plain: bool,
    /// Where something was wrong before errors were told in words.
    wrong_before_told: Vec<usize>,
    /// Definitions of earlier cells that do not fit any more: what they are called, and their cells.
    pub(crate) outdated: Vec<(String, usize)>,
}

impl Attempt {
    pub(crate) fn new(scope: Scope, cell: Cell, number: usize) -> Attempt {
        let mut choices = Choices::default();
        for (name, variable) in &scope.variables {
            // A reference may be lent on where another value would be moved.
            if variable.is_copy || variable.type_name.starts_with('&') {
                continue;
            }
            if let Some(places) = cell.moved.get(name) {
                match Followed::new(&cell, name, places.clone()) {
                    Some(followed) => {
                        choices.followed.insert(name.clone(), followed);
                    }
                    None => {
                        choices.inside.insert(name.clone());
                    }
                }
            }
            if cell.gone.contains(name) {
                choices.gone.insert(name.clone());
            }
        }
        Attempt {
            scope,
            cell,
            number,
            choices,
            was_plain: false,
            wrong_before_told: Vec::new(),
            outdated: Vec::new(),
        }
    }

    /// Takes over the types that a program without mistakes has; whether they ask for another one.
    pub(crate) fn learn(&mut self, types: &[Noted], source: &Source, kit: Option<&Kit>) -> bool {
        let before = self.choices.clone();
        for noted in types {
            let type_name = &noted.type_name;
            let Some(name) = source.variables.get(noted.number) else {
                let is_value = noted.number == source.variables.len();
                if is_value && can_be_written(type_name) {
                    self.choices.value_type = Some(type_name.clone());
                }
                continue;
            };
            if self.choices.given.contains(name) {
                continue;
            }
            let is_closure = noted.closure.as_ref();
            if let Some((kind, signature)) = is_closure {
                let function = format!("fn{signature}");
                self.choices.functions.insert(name.clone(), function);
                if !self.choices.plain {
                    self.choices.boxed.insert(name.clone(), kind.clone());
                }
            } else if let Some(pointer) = function_pointer(type_name) {
                self.choices.functions.insert(name.clone(), pointer);
            } else if let Some(kit) =
                kit.filter(|kit| self.choices.crates.is_empty() && lacks_a_name(type_name, kit))
            {
                self.choices.crates = kit.hidden_crates();
            } else if !can_be_written(type_name) || self.is_local(type_name) {
                let name = name.clone();
                self.choices.unkept.insert(name, Why::Unnamed);
            }
        }
        self.choices.plain = false;
        self.choices != before
    }

    /// Whether a type is defined inside a function.
    fn is_local(&self, type_name: &str) -> bool {
        roots(type_name).any(|root| {
            let keys = self
                .scope
                .definitions
                .iter()
                .flat_map(|stored| &stored.definition.keys);
            let kinds: Vec<&str> = keys
                .filter_map(|key| key.split_once(' '))
                .filter(|(_, name)| *name == root)
                .map(|(kind, _)| kind)
                .collect();
            kinds.contains(&"value") && !kinds.contains(&"type")
        })
    }

    /// Whether another program may do better than the one that got these errors.
    pub(crate) fn revise(&mut self, errors: &[Value], source: &Source) -> bool {
        let no_copies: Vec<String> = errors
            .iter()
            .filter_map(|error| no_copy(error, source))
            .collect();
        let known = self.choices.no_copy.len();
        self.choices.no_copy.extend(no_copies);
        if self.choices.no_copy.len() > known {
            return true;
        }
        if !self.choices.no_copies && errors.iter().any(|error| asks_for_copies(error, source)) {
            self.choices.no_copies = true;
            return true;
        }
        if self.find_private(errors, source) {
            return true;
        }
        if self.choices.shows && errors.iter().any(shows_twice) {
            self.choices.shows = false;
            return true;
        }
        if self.make_room(errors, source) {
            return true;
        }
        let definitions = self.set_aside(errors, source);
        if self.find_names(errors, source) || definitions {
            return true;
        }
        let before = self.choices.clone();
        let mut all = true;
        let mut asks = false;
        // What is moved is not there afterwards; that is said again, of a program that does not know it yet.
        let captured: HashSet<String> = errors
            .iter()
            .filter_map(|error| captured(error, source))
            .collect();
        let follows = |error: &&Value| {
            let primary = spans(error, &source.map).find(|span| span.primary);
            let origin = primary.and_then(|span| source.map.origin(span.start));
            let is_again =
                matches!(origin, Some((Origin::Back(name), _)) if captured.contains(name));
            !(is_again && code(error) == "E0382")
        };
        for error in errors.iter().filter(follows) {
            match self.revise_variables(error, source) {
                Verdict::Known => (),
                Verdict::Ask => asks = true,
                Verdict::Own => all = false,
            }
        }
        let is_new = self.choices != before;
        // What was to be kept for good may be all that the others are about: a second borrow, a move.
        // But where a `?` may hold the borrow in its error, that is tried first.
        let leaves_out =
            self.choices.unkept.len() > before.unkept.len() && !self.error_may_borrow(errors);
        if is_new && (leaves_out || (all && !asks)) {
            return true;
        }
        self.choices = before;
        if self.stop_following(errors, source) {
            return true;
        }
        if (asks || !all)
            && !self.was_plain
            && errors.iter().any(|error| may_be_ours(error, source))
        {
            (self.was_plain, self.choices.plain) = (true, true);
            return true;
        }
        self.give_numbers(errors, source) || self.take_any_error(errors, source)
    }

    /// The compiler says that the cell moves an old variable.
    fn follow(&mut self, name: &str, spans: &[Span], source: &Source) {
        if self.choices.inside.contains(name) {
            return;
        }
        let primary = spans.iter().find(|span| span.primary);
        let place = primary.and_then(|span| {
            let (cell, at) = source.map.in_cell(span.start)?;
            (cell == self.number).then_some((at, span.length))
        });
        let followed = place.and_then(|place| match self.choices.followed.get(name) {
            Some(followed) => followed.also(&self.cell, name, place),
            None => Followed::new(&self.cell, name, [place].into()),
        });
        match followed {
            Some(followed) => {
                if self.moves_for_good(name, spans, source) {
                    self.choices.gone.insert(name.to_owned());
                }
                self.choices.followed.insert(name.to_owned(), followed);
            }
            None => {
                self.choices.followed.remove(name);
                self.choices.inside.insert(name.to_owned());
            }
        }
    }

    /// Where more is wrong than that the cell moves something, the variables that it moves go into it as they are: so the
    /// errors are those of the cell, unless they are so already.
    fn stop_following(&mut self, errors: &[Value], source: &Source) -> bool {
        let captured: Vec<String> = errors
            .iter()
            .filter_map(|error| captured(error, source))
            .collect();
        if captured.is_empty() && (!source.has_twin || has_own_errors(errors, source)) {
            return false;
        }
        let followed = std::mem::take(&mut self.choices.followed);
        self.choices.inside.extend(followed.into_keys());
        self.choices.inside.extend(captured);
        true
    }

    /// In one program the use of a variable made of a bare number gives it its type.
    fn give_numbers(&mut self, errors: &[Value], source: &Source) -> bool {
        let mut found = false;
        for error in errors
            .iter()
            .filter(|error| matches!(code(error), "E0308" | "E0277"))
        {
            let message = error["message"].as_str().unwrap_or_default();
            let spans: Vec<Span> = spans(error, &source.map)
                .filter(|span| span.primary)
                .collect();
            for span in spans {
                let expected = span
                    .label
                    .strip_prefix("expected `")
                    .and_then(|rest| rest.trim_start_matches('&').split('`').next());
                let number = match (code(error), expected) {
                    ("E0308", Some("usize")) => "usize",
                    ("E0308", Some("f32")) => "f32",
                    ("E0308", Some("u64")) => "u64",
                    ("E0308", Some("u32")) => "u32",
                    ("E0308", Some("i64")) => "i64",
                    ("E0308", Some("u8")) => "u8",
                    ("E0277", _) if message.contains("cannot be indexed by `i32`") => "usize",
                    _ => continue,
                };
                let text = text_at(source, &span).unwrap_or_default();
                let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
                for word in words {
                    let old = self.scope.variables.get(word).filter(|old| old.is_number);
                    let fits = old.is_some_and(|old| {
                        let is_same_kind = (old.type_name == "f64") == (number == "f32");
                        // One that changes may be below zero by now.
                        is_same_kind && !(old.is_mut && number.starts_with('u'))
                    });
                    if fits && !self.choices.numbers.contains_key(word) {
                        self.choices.numbers.insert(word.to_owned(), number);
                        found = true;
                    }
                }
            }
        }
        found
    }

    /// Whether what a `?` makes the cell's error of may be what borrows: such a one cannot leave the cell as it is.
    fn error_may_borrow(&self, errors: &[Value]) -> bool {
        let borrows = |error: &Value| matches!(code(error), "E0597" | "E0716" | "E0505" | "E0521");
        self.cell.has_question && self.choices.errors == Errors::Typed && errors.iter().any(borrows)
    }

    /// An error that a `?` cannot turn into one, or that borrows.
    fn take_any_error(&mut self, errors: &[Value], source: &Source) -> bool {
        if !self.cell.has_question {
            return false;
        }
        let places = |error: &Value| {
            let spans: Vec<Span> = spans(error, &source.map).collect();
            let places = spans.iter().filter_map(|span| {
                let (cell, at) = source.map.in_cell(span.called)?;
                (cell == self.number && span.primary).then_some(at)
            });
            places.collect::<Vec<_>>()
        };
        let is_asked = |error: &&Value| {
            let mut spans = spans(error, &source.map).filter(|span| span.primary);
            code(error) == "E0277" && spans.any(|span| text_at(source, &span) == Some("?"))
        };
        let asked: Vec<&Value> = errors.iter().filter(is_asked).collect();
        if !self.choices.told.is_empty() {
            let told = |at: &usize| {
                let mut told = self.choices.told.iter();
                told.any(|(end, start)| (*start..=*end).contains(at))
            };
            let mut here = errors.iter().flat_map(places).filter(told);
            let is_ours = |error: &Value| {
                spans(error, &source.map).any(|span| text_at(source, &span) == Some("gradus_told"))
            };
            if here.all(|at| self.wrong_before_told.contains(&at)) && !errors.iter().any(is_ours) {
                return false;
            }
            // What stands there is no `Result`, for one: the compiler says that better without ours.
            self.choices.told.clear();
            return true;
        }
        let parts = asked.iter().map(|error| {
            let mut places = places(error).into_iter();
            places.find_map(|at| self.cell.asked(at))
        });
        let told: Option<BTreeMap<usize, usize>> = parts
            .map(|part| part.map(|part| (part.end, part.start)))
            .collect();
        if let Some(told) = told.filter(|told| !told.is_empty()) {
            if !self.wrong_before_told.is_empty() {
                return false;
            }
            self.wrong_before_told = errors.iter().flat_map(places).collect();
            self.choices.told = told;
            return true;
        }
        if asked.is_empty() && !self.error_may_borrow(errors) {
            return false;
        }
        self.choices.errors = match self.choices.errors {
            Errors::Typed => Errors::Debug,
            Errors::Debug => Errors::Display,
            Errors::Display => return false,
        };
        true
    }

    /// Removes the older one of two definitions that leave no room for each other: of one name, impls of one trait, methods of
    /// one name.
    pub(crate) fn make_room(&mut self, errors: &[Value], source: &Source) -> bool {
        const NO_ROOM: [&str; 8] = [
            "E0428", "E0119", "E0592", "E0255", "E0252", "E0254", "E0260", "E0201",
        ];
        let no_room = errors.iter().filter(|error| NO_ROOM.contains(&code(error)));
        for error in no_room {
            let places = self.definitions_at(error, source);
            let oldest = places.iter().min_by_key(|place| place.cell);
            if let Some(place) = oldest.filter(|place| place.cell != self.number)
                && places.iter().any(|place| place.primary)
            {
                self.replace(place.index, place.cell, place.at, code(error));
                return true;
            }
        }
        false
    }

    /// The definitions that an error speaks of; of what a macro makes the call of it.
    fn definitions_at(&self, error: &Value, source: &Source) -> Vec<InDefinition> {
        let places = spans(error, &source.map).filter_map(|span| {
            let (cell, at) = source.map.in_cell(span.called)?;
            Some(InDefinition {
                primary: span.primary,
                cell,
                index: self.scope.at(cell, at)?,
                at,
            })
        });
        places.collect()
    }

    /// Sets the definitions of earlier cells aside that do not fit any more.
    fn set_aside(&mut self, errors: &[Value], source: &Source) -> bool {
        let mut aside = Vec::new();
        for error in errors
            .iter()
            .filter(|error| captured(error, source).is_none())
        {
            let places = self.definitions_at(error, source);
            let primary = places.iter().find(|place| place.primary);
            if let Some(place) = primary.filter(|place| place.cell != self.number)
                && !aside.contains(&place.index)
            {
                aside.push(place.index);
            }
        }
        let changed = !aside.is_empty();
        aside.sort_unstable();
        for index in aside.into_iter().rev() {
            if self.keep_meaning(index) {
                continue;
            }
            let stored = &self.scope.definitions[index];
            let name = stored.definition.title().to_owned();
            self.outdated.push((name, stored.cell));
            self.scope.set_aside(index);
        }
        changed
    }

    /// A definition of an earlier cell may use what a glob imports, which an item of this cell hides by its name.
    fn keep_meaning(&mut self, index: usize) -> bool {
        if self.scope.globs().next().is_none() {
            return false;
        }
        let stored = &mut self.scope.definitions[index];
        let items = self.cell.definitions.iter();
        let items = items.filter(|item| item.kind == DefinitionKind::Item);
        let keys = items.flat_map(|item| &item.keys);
        let names = keys.filter_map(|key| {
            let (space, name) = key.split_once(' ')?;
            matches!(space, "type" | "value").then_some(name)
        });
        let names: BTreeSet<&str> = names.collect();
        let found = names
            .into_iter()
            .filter(|name| stored.take_from_globs(name));
        found.count() > 0
    }

    /// Removes a definition of an earlier cell, or the member of it that a new one replaces.
    fn replace(&mut self, index: usize, cell: usize, at: usize, code: &str) {
        let stored = &mut self.scope.definitions[index];
        debug_assert_eq!(stored.cell, cell);
        let within = at - stored.definition.range.start;
        let member = stored.definition.members.iter();
        let member = member
            .clone()
            .find(|(_, range)| range.contains(&within))
            .map(|(name, _)| name.clone());
        let is_left = match member {
            Some(name) if code == "E0592" => stored.forget_member(&name),
            _ => false,
        };
        if !is_left {
            self.scope.definitions.remove(index);
        }
    }

    /// Types that cannot be written, since a library keeps them to itself: what made their variables tells them.
    fn find_private(&mut self, errors: &[Value], source: &Source) -> bool {
        let mut found = false;
        for error in errors {
            let primary = spans(error, &source.map).find(|span| span.primary);
            let origin = primary.and_then(|span| source.map.origin(span.start));
            if let Some((Origin::Take(name), _)) = origin
                && matches!(code(error), "E0603" | "E0433" | "E0412" | "E0425" | "E0423")
                && let Some(variable) = self.scope.variables.get_mut(name)
                && variable.made_by.is_some()
            {
                found |= !std::mem::replace(&mut variable.is_private, true);
            }
        }
        found
    }

    /// Names of variables that stand where the text does not show them.
    fn find_names(&mut self, errors: &[Value], source: &Source) -> bool {
        let mut found = false;
        for error in errors.iter().filter(|error| code(error) == "E0425") {
            for span in spans(error, &source.map).filter(|span| span.primary) {
                let name = text_at(source, &span);
                let is_variable = name.is_some_and(|name| self.scope.variables.contains_key(name));
                // A function does not see them.
                let in_body = source.map.in_cell(span.start).is_some_and(|(cell, at)| {
                    cell == self.number && self.scope.at(cell, at).is_none()
                });
                let Some(name) = name.filter(|_| in_body) else {
                    continue;
                };
                if is_variable {
                    found |= self.cell.names.insert(name.to_owned());
                } else if self.scope.emptied.contains_key(name)
                    && self.cell.moves.is_set_after(name, 0)
                {
                    found |= self.choices.empty.insert(name.to_owned());
                    // At the end its name means the new one.
                    if self.cell.makes(name) {
                        self.choices.gone.insert(name.to_owned());
                    }
                }
            }
        }
        found
    }

    fn revise_variables(&mut self, error: &Value, source: &Source) -> Verdict {
        let code = code(error);
        let spans: Vec<Span> = spans(error, &source.map).collect();
        let origin = |span: &Span| {
            source
                .map
                .origin(span.start)
                .map(|(origin, _)| origin.clone())
        };
        let primary = spans.iter().find(|span| span.primary).and_then(origin);
        if let Some(name) = captured(error, source) {
            self.follow(&name, &spans, source);
            return Verdict::Known;
        }
        // Moved, never given a value, or not there at all where a `#[cfg]` has taken it out.
        let is_gone = matches!(code, "E0382" | "E0381");
        match primary {
            Some(Origin::Back(name)) if is_gone && self.choices.empty.contains(&name) => {
                self.choices.gone.insert(name);
                return Verdict::Known;
            }
            Some(Origin::Back(name)) if is_gone && self.choices.followed.contains_key(&name) => {
                self.choices.gone.insert(name);
                return Verdict::Known;
            }
            Some(Origin::Back(name)) if is_gone => {
                let again = !self.choices.inside.insert(name.clone());
                if again || self.moves_for_good(&name, &spans, source) {
                    self.choices.gone.insert(name);
                }
                return Verdict::Known;
            }
            Some(Origin::Keep(name) | Origin::Closure(name)) if is_gone || code == "E0425" => {
                self.choices.given.insert(name);
                return Verdict::Known;
            }
            _ => (),
        }
        let kept = |primary: bool| {
            let spans = spans.iter().filter(move |span| span.primary == primary);
            spans.filter_map(origin).find_map(|origin| match origin {
                Origin::Keep(name) => Some((name, false)),
                Origin::Closure(name) => Some((name, true)),
                _ => None,
            })
        };
        let Some((name, is_closure)) = kept(false).or_else(|| kept(true)) else {
            return match code {
                "E0282" | "E0283" | "E0284" => Verdict::Ask,
                "E0505" | "E0506" if matches!(primary, Some(Origin::Back(_))) => {
                    let again = std::mem::replace(&mut self.choices.ends_unkept, true);
                    if again { Verdict::Own } else { Verdict::Known }
                }
                _ => Verdict::Own,
            };
        };
        match code {
            // It captures variables.
            "E0605" if is_closure => self.box_closure(&name),
            "E0525" if is_closure => {
                let other = match self.choices.boxed.get(&name).map(String::as_str) {
                    Some("Fn") => "FnMut",
                    _ => "FnOnce",
                };
                self.choices.boxed.insert(name, other.to_owned());
            }
            // An error about lifetimes alone has no number.
            "" | "E0597" | "E0716" | "E0521" | "E0505" | "E0310" | "E0502" | "E0506" | "E0515"
            | "E0499" | "E0373" | "E0503" | "E0713" | "E0621" => {
                let why = if is_closure {
                    Why::Captures
                } else {
                    Why::Refers
                };
                if kept(false).is_none()
                    && !code.is_empty()
                    && !self.choices.unkept.is_empty()
                    && !self.choices.ends_unkept
                {
                    // What cannot be kept still uses it at its end.
                    self.choices.ends_unkept = true;
                } else {
                    self.choices.unkept.insert(name, why);
                }
            }
            _ if self.was_plain && is_closure => {
                self.choices.unkept.insert(name, Why::Captures);
            }
            _ => return Verdict::Ask,
        }
        Verdict::Known
    }

    fn box_closure(&mut self, name: &str) {
        let variable = self
            .cell
            .variables
            .iter()
            .find(|variable| variable.name == name);
        let is_move = variable.is_some_and(|variable| {
            let closure = variable.closure.as_ref();
            closure.is_some_and(|closure| closure.is_move)
        });
        if is_move {
            let is_mut = variable.is_some_and(|variable| variable.is_mut);
            let kind = if is_mut { "FnMut" } else { "Fn" };
            self.choices.boxed.insert(name.to_owned(), kind.to_owned());
        } else {
            self.choices.unkept.insert(name.to_owned(), Why::Captures);
        }
    }

    /// Whether the place that moves a variable, as the compiler names it, leaves nothing of it at the end of the cell.
    fn moves_for_good(&self, name: &str, spans: &[Span], source: &Source) -> bool {
        let places = spans.iter().filter_map(|span| {
            let (cell, at) = source.map.in_cell(span.start)?;
            (cell == self.number).then_some(at)
        });
        places
            .clone()
            .any(|at| self.cell.is_always(at) && !self.cell.moves.is_set_after(name, at))
    }
}

fn lacks_a_name(type_name: &str, kit: &Kit) -> bool {
    roots(type_name).any(|root| kit.hides(root))
}

/// The old variable that an error says is moved out of the closure that the cell is in.
fn captured(error: &Value, source: &Source) -> Option<String> {
    let mut others = spans(error, &source.map).filter(|span| !span.primary);
    let name = others.find_map(|span| match source.map.origin(span.start) {
        Some((Origin::Take(name), _)) => Some(name.clone()),
        _ => None,
    });
    name.filter(|_| code(error) == "E0507")
}

/// Whether the twin of a cell has a mistake that has nothing to do with what is moved, since the cell has it, too.
fn has_own_errors(errors: &[Value], source: &Source) -> bool {
    let about_moves = [
        "E0373", "E0381", "E0382", "E0499", "E0502", "E0503", "E0505", "E0506", "E0507", "E0515",
        "E0521", "E0597", "E0713", "E0716",
    ];
    let place = |error: &Value| {
        let primary = spans(error, &source.map).find(|span| span.primary)?;
        let is_twin = primary.start < source.runs_from;
        Some((is_twin, source.map.in_cell(primary.start)?))
    };
    errors.iter().any(|error| {
        let Some((true, at)) = place(error) else {
            return false;
        };
        let same = |other: &Value| code(other) == code(error) && place(other) == Some((false, at));
        !about_moves.contains(&code(error)) && errors.iter().any(same)
    })
}

/// The errors that a student should read.
pub(crate) fn own_errors(errors: &[Value], source: &Source) -> Vec<Value> {
    let is_of_twin = |error: &&Value| {
        let primary = spans(error, &source.map).find(|span| span.primary);
        primary.is_none_or(|span| span.start < source.runs_from)
    };
    if !source.has_twin || !errors.iter().any(|error| is_of_twin(&error)) {
        return errors.to_vec();
    }
    errors.iter().filter(is_of_twin).cloned().collect()
}

/// A place in a definition.
struct InDefinition {
    primary: bool,
    cell: usize,
    index: usize,
    at: usize,
}

/// Whose an error is.
enum Verdict {
    /// Ours, and there is something to do about it.
    Known,
    /// Perhaps ours: the cell alone tells.
    Ask,
    /// The cell's.
    Own,
}

fn code(error: &Value) -> &str {
    error["code"]["code"].as_str().unwrap_or_default()
}

fn text_at<'a>(source: &'a Source, span: &Span) -> Option<&'a str> {
    let range: Range<usize> = span.start..span.start + span.length;
    source.text.get(range)
}

/// Whether an error comes from asking too early whether a type is `Copy`.
fn asks_for_copies(error: &Value, source: &Source) -> bool {
    let asks = |span: Span| {
        let rest = source.text.get(span.start..);
        let line = rest.and_then(|rest| rest.lines().next());
        line.is_some_and(|line| line.contains(".copied()"))
    };
    spans(error, &source.map).any(asks)
}

/// The new variable that was asked too early whether it is `Copy`: the compiler took that for granted, and now says that it
/// is not so.
fn no_copy(error: &Value, source: &Source) -> Option<String> {
    if code(error) != "E0277" {
        return None;
    }
    let primary = spans(error, &source.map).find(|span| span.primary)?;
    match source.map.origin(primary.start)? {
        (Origin::Keep(name), _) => {
            let message = error["message"].as_str().unwrap_or_default();
            message.contains(": Copy`").then(|| name.clone())
        }
        _ => None,
    }
}

/// Whether two traits say how the value is shown: one of the notebook is meant, which we do not know of.
fn shows_twice(error: &Value) -> bool {
    let label = error["spans"][0]["label"].as_str().unwrap_or_default();
    code(error) == "E0034" && label.contains("evcxr_display")
}

/// Whether an error may come from keeping the variables or from showing the value, and not from the cell.
fn may_be_ours(error: &Value, source: &Source) -> bool {
    let keeps = |span: Span| {
        let origin = source.map.origin(span.start).map(|(origin, _)| origin);
        matches!(origin, Some(Origin::Keep(_) | Origin::Closure(_)))
    };
    matches!(code(error), "E0282" | "E0283" | "E0284") || spans(error, &source.map).any(keeps)
}
