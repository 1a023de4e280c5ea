//! State that does not hide: which cells would have other results if the whole notebook were run again, top to bottom.
//!
//! Each run of a cell is noted: what it read, made and changed (`facts`, from its text and from what the compiler says).
//! Two states are made of these notes (`state`): the one that the session has, by the runs as they were, and the one that
//! a run of everything would have. Where a cell found something else than it would find there, it is out of date.
//!
//! What a text does behind the compiler's back is not seen: a `RefCell` or a static that it changes, files, the clock.

mod facts;
mod file;
mod recomputed;
mod state;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use self::facts::{Defined, Definitions, hash_of};
pub(crate) use self::facts::{Facts, makes};
use self::file::Order;
use self::recomputed::Recomputed;
use self::state::{Done, State};
use crate::cells::scope::Scope;

/// What a session's runs of cells left.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The cells of the notebook, as far as they were run, in the order in which they first ran to their end.
    entries: Vec<Entry>,
    actual: State,
    definitions: Definitions,
    libraries: Vec<Arc<Defined>>,
    /// Which cell and which text ran at a place of the session.
    runs: HashMap<usize, (usize, u64)>,
    next: Front,
    /// What was said about results of texts that are gone.
    told: HashSet<(String, usize)>,
    /// Nothing is said of them.
    pub(crate) is_quiet: bool,
    salt: u64,
    /// The notebook's file, where the front end tells.
    pub(crate) file: Option<PathBuf>,
}

/// What the front end says of the cell that runs next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Front {
    pub(crate) id: Option<String>,
    pub(crate) deleted: Vec<String>,
}

/// A cell of the notebook.
#[derive(Debug)]
struct Entry {
    /// Its number among all entries that there ever were.
    number: usize,
    id: Option<String>,
    /// Of its last run.
    place: usize,
    text: u64,
    at: SystemTime,
    makes: BTreeSet<String>,
    /// Of its last run that began, if that was with this text.
    ran: Option<(Facts, Done)>,
    salt: Option<u64>,
    succeeded: bool,
}

/// A run of a cell.
pub(crate) struct Run<'a> {
    pub(crate) place: usize,
    pub(crate) code: &'a str,
    pub(crate) makes: BTreeSet<String>,
    /// Those that it brought, and what it asked for.
    pub(crate) libraries: Vec<(String, String)>,
    /// Unless it did not begin.
    pub(crate) facts: Option<Facts>,
}

/// A result whose text is not in the notebook any more: its name, and the place of the run that made it.
pub(crate) type Leftover = (String, usize);

/// Something that a run of everything would make another one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stale {
    /// The cell whose last run has this place in the session.
    Cell(usize, Why),
    /// A variable that nothing in the notebook makes.
    Variable(String),
}

/// Why. Cells are given by the places of their last runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Why {
    /// Its text is another one now.
    Edited,
    /// It has changed a variable again, which this cell makes.
    Twice(String, Option<usize>),
    /// It used a variable that this cell has made or changed since.
    Made(String, usize),
    /// It used a variable that this cell, which failed, is to make or change.
    Failed(String, usize),
    /// It used a result of a cell that is out of date itself.
    After(String, usize),
    /// It used a variable that only a cell below makes.
    Below(String, usize),
    /// It used a variable that this cell moves away.
    Moved(String, usize),
    /// It used a variable that no cell makes any more.
    Nowhere(String),
    /// It used a definition that is another one now, by which cell.
    Defined(String, Option<usize>),
    /// What it made was replaced by another cell.
    Replaced(String, usize),
    /// What it made is not there any more.
    Lost(String),
}

impl History {
    /// Takes what the front end says of the next cell.
    pub(crate) fn expect(&mut self, front: Front) {
        self.entries.retain(|entry| {
            !entry
                .id
                .as_ref()
                .is_some_and(|id| front.deleted.contains(id))
        });
        self.next = front;
    }

    /// The variables are gone, with the process.
    pub(crate) fn lose_variables(&mut self) {
        self.actual.variables.clear();
        self.actual.gone.clear();
    }

    /// Everything is gone.
    pub(crate) fn clear(&mut self) {
        *self = History {
            is_quiet: self.is_quiet,
            file: self.file.take(),
            next: std::mem::take(&mut self.next),
            ..History::default()
        };
    }

    /// Notes a run, after which there is this scope; gives what it used of texts that are not in the notebook any more.
    pub(crate) fn note(&mut self, run: Run<'_>, scope: &Scope) -> Vec<Leftover> {
        let front = std::mem::take(&mut self.next);
        let text = hash_of(run.code);
        let Run {
            place,
            makes,
            libraries,
            mut facts,
            ..
        } = run;
        for (name, what) in libraries {
            let new = Arc::new(Defined::library(&name, &what, place));
            self.libraries.retain(|old| old.key != new.key);
            self.libraries.push(new);
        }
        let mut all = self.definitions.read(scope);
        all.extend(self.libraries.iter().cloned());
        let succeeded = facts.as_ref().is_some_and(|facts| !facts.failed);
        let index = self.entry(front.id, text, &makes, succeeded);
        let number = self.entries[index].number;
        self.runs.insert(place, (number, text));
        self.salt += 1;
        let salt = (!succeeded).then_some(self.salt);
        let mut left = Vec::new();
        if let Some(facts) = &mut facts {
            facts.take_definitions(&all, place);
        }
        self.actual.definitions = all;
        let done = facts
            .as_ref()
            .map(|facts| self.actual.apply(facts, place, None, salt));
        self.actual
            .variables
            .retain(|name, _| scope.variables.contains_key(name));
        let entry = &mut self.entries[index];
        (entry.place, entry.text, entry.makes, entry.salt) = (place, text, makes, salt);
        entry.at = SystemTime::now();
        entry.succeeded |= succeeded;
        entry.ran = facts.zip(done);
        if let (Some((_, done)), false) = (&self.entries[index].ran, self.is_quiet) {
            let variables = done
                .read
                .iter()
                .map(|(name, version)| (name, version.place));
            let used = done.used.iter().flat_map(|used| used.values());
            let definitions = used.map(|used| (&used.title, used.cell));
            let of = variables
                .chain(definitions)
                .filter(|(_, made)| *made != place && self.is_leftover(*made));
            left.extend(of.map(|(name, made)| (name.clone(), made)));
        }
        left.sort();
        left.dedup();
        left.retain(|one| self.told.insert(one.clone()));
        left
    }

    /// Whether what ran at a place is not in the notebook any more.
    fn is_leftover(&self, place: usize) -> bool {
        self.runs.get(&place).is_some_and(|(number, text)| {
            let entry = self.entries.iter().find(|entry| entry.number == *number);
            entry.is_none_or(|entry| entry.text != *text)
        })
    }

    /// The entry of the cell that runs.
    fn entry(
        &mut self,
        id: Option<String>,
        text: u64,
        makes: &BTreeSet<String>,
        succeeded: bool,
    ) -> usize {
        let same = |entry: &Entry| match &id {
            Some(_) => entry.id == id,
            None => entry.id.is_none() && entry.text == text,
        };
        let edited = |entry: &Entry| {
            id.is_none() && entry.id.is_none() && !makes.is_empty() && entry.makes == *makes
        };
        let found = self
            .entries
            .iter()
            .position(same)
            .or_else(|| self.entries.iter().position(edited));
        if let Some(index) = found {
            let is_first = succeeded && !self.entries[index].succeeded;
            if !is_first {
                return index;
            }
            let entry = self.entries.remove(index);
            self.entries.push(entry);
            return self.entries.len() - 1;
        }
        let number = self
            .runs
            .values()
            .map(|(number, _)| number + 1)
            .max()
            .unwrap_or(0);
        self.entries.push(Entry {
            number,
            id,
            place: 0,
            text,
            at: SystemTime::UNIX_EPOCH,
            makes: BTreeSet::new(),
            ran: None,
            salt: None,
            succeeded: false,
        });
        self.entries.len() - 1
    }

    /// The last place of the cell that ran at this one.
    pub(crate) fn now(&self, place: usize) -> usize {
        let number = self.runs.get(&place).map(|(number, _)| *number);
        let entry = self
            .entries
            .iter()
            .find(|entry| Some(entry.number) == number);
        entry.map_or(place, |entry| entry.place)
    }

    /// What a run of everything would make another one, in the order of the notebook, and how many cells with code never ran.
    pub(crate) fn stale(&self) -> (Vec<Stale>, usize) {
        let order = self.file.as_deref().and_then(Order::read);
        let has_ids = |order: &Order| {
            self.entries
                .iter()
                .any(|entry| entry.id.as_ref().is_some_and(|id| order.has(id)))
        };
        let order = order.filter(has_ids);
        let mut recomputed = Recomputed::of(self, order.as_ref());
        recomputed.run();
        recomputed.compare_ends();
        let never = order.as_ref().map_or(0, |order| {
            let ran = |id: &str| {
                self.entries
                    .iter()
                    .any(|entry| entry.id.as_deref() == Some(id))
            };
            order
                .cells
                .iter()
                .filter(|cell| !ran(&cell.id) && cell.has_code())
                .count()
        });
        (recomputed.found(), never)
    }
}
