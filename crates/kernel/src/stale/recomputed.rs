//! A run of the whole notebook, in thought, and how it differs from what the session has.

use std::collections::BTreeMap;

use super::facts::{Defined, Facts, hash_of};
use super::file::Order;
use super::state::{Done, State, Version};
use super::{Entry, History, Stale, Why};
use crate::cells::parse;

/// A run of everything, in thought.
pub(super) struct Recomputed<'a> {
    history: &'a History,
    /// Those of the notebook, in its order.
    cells: Vec<Planned<'a>>,
    /// That order is the one of the notebook's file.
    is_sure: bool,
    state: State,
    /// By the places of their last runs.
    stale: BTreeMap<usize, Why>,
}

/// A cell that is to be run.
struct Planned<'a> {
    entry: &'a Entry,
    facts: Option<Facts>,
    salt: Option<u64>,
    is_edited: bool,
}

impl Planned<'_> {
    /// As it did when it was run.
    fn fails(&self) -> bool {
        !self.is_edited && (self.salt.is_some() || self.facts.is_none())
    }
}

impl<'a> Recomputed<'a> {
    pub(super) fn of(history: &'a History, order: Option<&Order>) -> Recomputed<'a> {
        let mut last = 0;
        let mut cells: Vec<(usize, Planned<'a>)> = Vec::new();
        for (salt, entry) in (u64::MAX / 2..).zip(&history.entries) {
            let known = order
                .zip(entry.id.as_ref())
                .and_then(|(order, id)| order.find(id));
            if let Some(order) = order
                && known.is_none()
                && entry.id.is_some()
                && order.written > entry.at
            {
                // It is in the notebook no more.
                continue;
            }
            last = known.map_or(last, |(index, _)| index);
            let ran = entry.ran.as_ref();
            let mut planned = Planned {
                entry,
                facts: ran.map(|(facts, _)| facts.clone()),
                // Like nothing that there is.
                salt: entry.salt.map(|salt| !salt),
                is_edited: false,
            };
            if let (Some((_, cell)), Some(order)) = (known, order)
                && order.written > entry.at
                && hash_of(&cell.source) != entry.text
            {
                planned.is_edited = true;
                planned.salt = Some(salt);
                if let Some(facts) = &mut planned.facts {
                    let cell = parse::parse(&cell.source);
                    facts.read_definitions(&cell, &cell.code, entry.place);
                }
            }
            cells.push((last, planned));
        }
        cells.sort_by_key(|(at, _)| *at);
        Recomputed {
            history,
            cells: cells.into_iter().map(|(_, planned)| planned).collect(),
            is_sure: order.is_some(),
            state: State::default(),
            stale: BTreeMap::new(),
        }
    }

    pub(super) fn run(&mut self) {
        // What a session starts with is there before the first cell.
        let definitions = self.history.actual.definitions.iter();
        let runs = &self.history.runs;
        let from_start = definitions.filter(|one| !runs.contains_key(&one.cell));
        self.state.definitions = from_start.cloned().collect();
        // Items can be used above their place.
        for planned in self.cells.iter().rev() {
            for new in planned.facts.iter().flat_map(|facts| &facts.defines) {
                self.state.definitions.retain(|old| old.key != new.key);
                self.state.definitions.push(new.clone());
            }
        }
        let mut open: Vec<usize> = (0..self.cells.len()).collect();
        while !open.is_empty() {
            // In an order that is a guess a cell comes after those that make what it uses.
            let next = open
                .iter()
                .position(|index| self.is_sure || self.is_ready(*index));
            let index = open.remove(next.unwrap_or(0));
            self.run_one(index);
        }
    }

    fn is_ready(&self, index: usize) -> bool {
        let facts = self.cells[index].facts.iter();
        let mut used = facts.flat_map(|facts| facts.uses.keys());
        used.all(|name| {
            let is_made_elsewhere = || self.makers(name).any(|other| other != index);
            self.state.variables.contains_key(name)
                || self.state.gone.contains_key(name)
                || !is_made_elsewhere()
        })
    }

    /// The cells that keep a variable of this name.
    fn makers(&self, name: &str) -> impl Iterator<Item = usize> {
        let cells = self.cells.iter().enumerate();
        let makes = move |planned: &Planned<'_>| {
            planned
                .facts
                .as_ref()
                .is_some_and(|facts| facts.kept.contains(name))
        };
        cells
            .filter(move |(_, planned)| makes(planned))
            .map(|(index, _)| index)
    }

    fn run_one(&mut self, index: usize) {
        let Planned {
            entry,
            facts: Some(facts),
            salt,
            is_edited,
        } = &self.cells[index]
        else {
            return;
        };
        let known = entry.ran.as_ref().map(|(_, done)| done);
        let done = self.state.apply(facts, entry.place, known, *salt);
        let why = match known {
            _ if *is_edited => Some(Why::Edited),
            Some(known) if salt.is_none() => self.why(index, known, &done),
            _ => None,
        };
        if let Some(why) = why {
            self.stale.insert(entry.place, why);
        }
    }

    /// What a cell found that it would not find now.
    fn why(&self, index: usize, known: &Done, done: &Done) -> Option<Why> {
        let here = self.cells[index].entry.place;
        let number = |place: usize| self.history.runs.get(&place).map(|(number, _)| *number);
        let mut whys = Vec::new();
        for (name, found) in &known.read {
            let name = name.clone();
            match done.read.get(&name) {
                Some(now) if now.hash == found.hash => (),
                _ if number(found.place) == number(here) => {
                    let maker = self.makers(&name).next();
                    let maker = maker.map(|maker| self.cells[maker].entry.place);
                    whys.push((1, Why::Twice(name, maker.filter(|maker| *maker != here))));
                }
                Some(now) if self.stale.contains_key(&now.place) => {
                    whys.push((4, Why::After(name, now.place)))
                }
                Some(now) if self.is_failed(now.place) => {
                    whys.push((2, Why::Failed(name, now.place)))
                }
                Some(now) => whys.push((2, Why::Made(name, now.place))),
                None => {
                    let gone = self.state.gone.get(&name);
                    let below = self.makers(&name).find(|other| *other > index);
                    let mut cells = self.cells.iter();
                    let failed = cells
                        .find(|planned| planned.fails() && planned.entry.makes.contains(&name));
                    whys.push(match (gone, below, failed) {
                        (Some(place), ..) => (0, Why::Moved(name, *place)),
                        (_, Some(other), _) => (0, Why::Below(name, self.cells[other].entry.place)),
                        (_, _, Some(failed)) => (0, Why::Failed(name, failed.entry.place)),
                        _ => (0, Why::Nowhere(name)),
                    });
                }
            }
        }
        for (known, now) in known.used.iter().zip(&done.used) {
            for (key, used) in known {
                let now = now.get(key);
                if now.map(|now| now.hash) != Some(used.hash) {
                    let by = now.map(|now| now.cell).or_else(|| self.definer(key));
                    whys.push((3, Why::Defined(used.title.clone(), by)));
                }
            }
        }
        whys.sort_by_key(|(rank, _)| *rank);
        whys.into_iter().next().map(|(_, why)| why)
    }

    fn is_failed(&self, place: usize) -> bool {
        self.cells
            .iter()
            .any(|planned| planned.entry.place == place && planned.fails())
    }

    fn definer(&self, key: &str) -> Option<usize> {
        let found = self.state.definitions.iter().find(|one| one.key == key);
        found.map(|one| one.cell)
    }

    /// Cells whose results are not what the session has.
    pub(super) fn compare_ends(&mut self) {
        let actual = &self.history.actual;
        let mut found = Vec::new();
        for (name, version) in &self.state.variables {
            let now = actual.variables.get(name);
            if now.map(|now| now.hash) == Some(version.hash) {
                continue;
            }
            found.push((
                version.place,
                match now {
                    Some(now) => Why::Replaced(name.clone(), self.history.now(now.place)),
                    None => match actual.gone.get(name) {
                        Some(place) => Why::Moved(name.clone(), self.history.now(*place)),
                        None => Why::Lost(name.clone()),
                    },
                },
            ));
        }
        let is_there = |one: &Defined| {
            actual
                .definitions
                .iter()
                .any(|other| other.key == one.key && other.hash == one.hash)
        };
        for one in self.state.definitions.iter().filter(|one| !is_there(one)) {
            let other = actual.definitions.iter().find(|other| other.key == one.key);
            found.push((
                one.cell,
                match other {
                    Some(other) => Why::Replaced(one.title.clone(), self.history.now(other.cell)),
                    None => Why::Lost(one.title.clone()),
                },
            ));
        }
        // Without what it mentions a definition cannot be compiled, unless it is a macro.
        let none = Facts::default();
        for planned in &self.cells {
            let defines = planned.facts.iter().flat_map(|facts| &facts.defines);
            let mut others = defines.filter(|one| !one.key.starts_with("macro "));
            let gone = others.find_map(|one| {
                let now = self.state.used(&none, &one.mentions, &one.members);
                let used = actual.used(&none, &one.mentions, &one.members);
                let mut used = used.into_iter();
                used.find_map(|(key, used)| (!now.contains_key(&key)).then_some(used.title))
            });
            found.extend(gone.map(|title| (planned.entry.place, Why::Defined(title, None))));
        }
        for (place, why) in found {
            let failed = self.is_failed(place);
            if !failed {
                self.stale.entry(place).or_insert(why);
            }
        }
    }

    pub(super) fn found(self) -> Vec<Stale> {
        let cells = self.cells.iter().filter_map(|planned| {
            let place = planned.entry.place;
            Some(Stale::Cell(place, self.stale.get(&place)?.clone()))
        });
        let is_left = |(name, version): &(&String, &Version)| {
            !self.state.variables.contains_key(*name) && self.history.is_leftover(version.place)
        };
        let variables = self.history.actual.variables.iter().filter(is_left);
        let variables = variables.map(|(name, _)| Stale::Variable(name.clone()));
        cells.chain(variables).collect()
    }
}
