//! What variables and definitions there are, as versions: two of one name are the same when the same texts made them of
//! the same things, one after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::facts::{Defined, Facts};
use crate::cells::compile::hash;

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) variables: BTreeMap<String, Version>,
    pub(super) definitions: Vec<Arc<Defined>>,
    /// Which cell moved a variable away.
    pub(super) gone: HashMap<String, usize>,
}

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) hash: u64,
    /// The place in the session of the run that made it so.
    pub(super) place: usize,
}

/// What a run of a cell found and made.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    /// Of all statements.
    pub(super) hash: u64,
    /// The variables of earlier cells that it used, as they were.
    pub(super) read: BTreeMap<String, Version>,
    /// The definitions that each statement used, by their keys.
    pub(super) used: Vec<BTreeMap<String, Used>>,
}

#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) hash: u64,
    pub(super) title: String,
    pub(super) cell: usize,
}

impl State {
    /// What a run with these facts makes of it. Where it repeats a run that is `known`, only the definitions count that
    /// were used then; what has a `salt` is like nothing else.
    pub(super) fn apply(
        &mut self,
        facts: &Facts,
        place: usize,
        known: Option<&Done>,
        salt: Option<u64>,
    ) -> Done {
        for new in &facts.defines {
            self.definitions.retain(|old| old.key != new.key);
            self.definitions.push(new.clone());
        }
        let mut done = Done::default();
        let mut local: HashMap<&str, u64> = HashMap::new();
        for name in facts.uses.keys() {
            match self.variables.get(name) {
                Some(version) => {
                    done.read.insert(name.clone(), *version);
                    local.insert(name, version.hash);
                }
                None => {
                    local.insert(name, 0);
                }
            }
        }
        let mut may_change: HashSet<&str> = facts
            .uses
            .iter()
            .filter(|(_, changes)| **changes)
            .map(|(name, _)| name.as_str())
            .collect();
        // What a local variable that ends with the cell may refer to.
        let mut behind: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut all = salt.unwrap_or_default();
        let mut before = all;
        for (number, statement) in facts.statements.iter().enumerate() {
            let used = self.used(facts, &statement.names, &statement.members);
            // What was defined since the known run is nothing to it.
            let known = known.and_then(|known| known.used.get(number));
            let definitions: Vec<(&String, Option<u64>)> = known
                .unwrap_or(&used)
                .keys()
                .map(|key| (key, used.get(key).map(|one| one.hash)))
                .collect();
            let of = |name: &String| local.get(name.as_str()).copied();
            let inputs: Vec<u64> = statement.names.iter().filter_map(of).collect();
            let result = hash(&(statement.hash, inputs, before, definitions));
            done.used.push(used);
            all = hash(&(all, result));
            if statement.returns {
                before = all;
            }
            let mut changed: Vec<&str> = Vec::new();
            for name in &statement.names {
                if may_change.contains(name.as_str()) {
                    changed.push(name);
                }
                changed.extend(behind.get(name.as_str()).into_iter().flatten());
            }
            for name in &statement.lets {
                local.insert(name, hash(&(result, name)));
                if statement.mutable.contains(name) {
                    may_change.insert(name);
                } else {
                    may_change.remove(name.as_str());
                }
                if !facts.kept.contains(name) && !changed.is_empty() {
                    behind.insert(name, changed.clone());
                }
            }
            for name in changed {
                if !statement.lets.contains(name) {
                    local.insert(name, hash(&(result, name)));
                }
            }
        }
        done.hash = all;
        let changed = facts
            .uses
            .iter()
            .filter(|(_, changes)| **changes)
            .map(|(name, _)| name);
        for name in changed.chain(&facts.kept) {
            if let Some(hash) = local.get(name.as_str()) {
                let hash = salt.map_or(*hash, |salt| crate::cells::compile::hash(&(salt, hash)));
                self.variables.insert(name.clone(), Version { hash, place });
                self.gone.remove(name);
            }
        }
        for name in facts.gone.iter().filter(|name| !facts.kept.contains(*name)) {
            self.variables.remove(name);
            self.gone.insert(name.clone(), place);
        }
        done
    }

    /// The definitions that these names lead to, and those that they use.
    pub(super) fn used(
        &self,
        facts: &Facts,
        names: &BTreeSet<String>,
        members: &BTreeSet<String>,
    ) -> BTreeMap<String, Used> {
        let mut used = BTreeMap::new();
        if self.definitions.is_empty() {
            return used;
        }
        let types = names
            .iter()
            .filter_map(|name| facts.types.get(name))
            .flatten();
        let mut names: HashSet<&str> = names.iter().chain(types).map(String::as_str).collect();
        let mut members: HashSet<&str> = members.iter().map(String::as_str).collect();
        let all = &self.definitions;
        let meet = |of: &BTreeSet<String>, names: &HashSet<&str>| {
            of.iter().any(|name| names.contains(name.as_str()))
        };
        loop {
            let before = used.len();
            for one in all {
                if used.contains_key(&one.key) {
                    continue;
                }
                let is_called = meet(&one.names, &names);
                let is_own = |about: &String| all.iter().any(|of| of.names.contains(about));
                let is_reached = if one.head.is_empty() {
                    let may_make = || {
                        let mut guesses = one.guesses.iter();
                        guesses.any(|name| {
                            names.contains(name.as_str()) && !facts.types.contains_key(name)
                        })
                    };
                    let by_glob = || {
                        let mut from = all
                            .iter()
                            .filter(|from| !from.names.is_disjoint(&one.mentions));
                        one.is_glob && from.any(|from| meet(&from.inside, &names))
                    };
                    let is_module = !one.inside.is_empty();
                    is_called
                        || may_make()
                        || by_glob()
                        || (is_module && meet(&one.methods, &members))
                } else if one.about.as_ref().is_some_and(is_own) {
                    one.about
                        .as_ref()
                        .is_some_and(|about| names.contains(about.as_str()))
                        && (one.names.is_empty() || is_called || meet(&one.names, &members))
                } else {
                    // Of a type that is not the notebook's, or of any: by its trait, or one of its functions.
                    let mut of = all.iter().filter(|of| !of.names.is_disjoint(&one.head));
                    of.any(|of| meet(&of.names, &names) || meet(&of.methods, &members))
                };
                if is_reached {
                    let (hash, title, cell) = (one.hash, one.title.clone(), one.cell);
                    used.insert(one.key.clone(), Used { hash, title, cell });
                    names.extend(one.mentions.iter().map(String::as_str));
                    members.extend(one.members.iter().map(String::as_str));
                }
            }
            if used.len() == before {
                return used;
            }
        }
    }
}
