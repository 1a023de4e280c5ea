//! What earlier cells left for the next one: definitions and variables.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::follow::Added;
use super::items::{Definition, DefinitionKind, Static};
use super::modules;
use super::parse::Cell;
use super::polls::{Functions, Polls};

#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) definitions: Vec<Stored>,
    /// Those that do not fit what was defined after them.
    pub(crate) outdated: Vec<Stored>,
    pub(crate) variables: BTreeMap<String, Variable>,
    /// Those that can be set again, but whose values were moved.
    pub(crate) emptied: BTreeMap<String, Variable>,
    /// Macros are left as they are: what is written in them does not fit.
    pub(crate) has_plain_macros: bool,
    /// Where modules in files are.
    folder: PathBuf,
    /// Where links to them can stand.
    links: PathBuf,
    /// The loops of the cells that these definitions, and the newest statements, stand in.
    polls: HashMap<usize, Polls>,
}

/// A definition and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) definition: Definition,
    pub(crate) text: String,
    /// The number of its cell.
    pub(crate) cell: usize,
    /// The bytes of its text where a name means what a glob imports, though a later cell has an item of that name.
    pub(crate) from_globs: Vec<usize>,
    /// Of a module: the file that it is in.
    pub(crate) file: Option<PathBuf>,
    /// A link to that file beside links to the modules in it, if these have a folder of their own.
    pub(crate) link: Option<PathBuf>,
}

impl Stored {
    /// Lets a name go on meaning what a glob imports; false where it stands nowhere, or does so already.
    pub(crate) fn take_from_globs(&mut self, name: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let places = self.text.match_indices(name).filter(|(at, _)| {
            let (before, after) = (&self.text[..*at], &self.text[at + name.len()..]);
            let is_whole = !before.ends_with(is_part) && !after.starts_with(is_part);
            is_whole && !before.ends_with("::") && !before.ends_with('.')
        });
        let places = places.map(|(at, _)| at);
        let new: Vec<usize> = places.filter(|at| !self.from_globs.contains(at)).collect();
        let found = !new.is_empty();
        self.from_globs.extend(new);
        found
    }

    /// Removes a member of an `impl` block; false when none is left.
    pub(crate) fn forget_member(&mut self, name: &str) -> bool {
        let members = &mut self.definition.members;
        let Some(index) = members.iter().position(|(other, _)| other == name) else {
            return true;
        };
        let (_, range) = members.remove(index);
        // All other places stay.
        let blanks: String = self.text[range.clone()]
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
            .collect();
        self.text.replace_range(range, &blanks);
        !self.definition.members.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variable {
    pub(crate) type_name: String,
    pub(crate) is_mut: bool,
    pub(crate) is_copy: bool,
    /// It was made of a bare number: its use could give it another type.
    pub(crate) is_number: bool,
    /// What made it, or another one of its type: that tells the type where it cannot be written.
    pub(crate) made_by: Option<Making>,
    /// Its type is private in a library.
    pub(crate) is_private: bool,
    /// Of the definitions that its type is made of.
    made_of: u64,
}

/// Statements, with what they need, and the variable that they make.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Making {
    pub(crate) code: Arc<str>,
    pub(crate) name: String,
}

impl Variable {
    /// A closure that is never called, and gives a value of its type, where that cannot be written.
    pub(crate) fn like(&self) -> Option<String> {
        let Making { code, name } = self.made_by.as_ref().filter(|_| self.is_private)?;
        Some(format!(
            "(|| -> ::std::result::Result<_, ::gradus_cell::CellError> {{ {code} ::std::result::Result::Ok({name}) }})"
        ))
    }
}

impl Scope {
    /// An empty one, whose modules in files are in this folder; in `work` files can be written.
    pub(crate) fn in_folder(folder: &Path, work: &Path) -> Scope {
        Scope {
            folder: folder.to_owned(),
            links: work.join("modules"),
            ..Scope::default()
        }
    }

    /// Takes the definitions of a cell in; a later one replaces an earlier one of the same name. Gives those that end
    /// with the type that they are about, and their cells.
    pub(crate) fn define(
        &mut self,
        cell: &Cell,
        code: &str,
        number: usize,
    ) -> Vec<(String, usize)> {
        let mut ended = Vec::new();
        let new: Vec<&String> = cell.definitions.iter().flat_map(|one| &one.keys).collect();
        for definition in &cell.definitions {
            self.definitions.retain(|old| {
                // What a cell has twice is for the compiler, which knows what `#[cfg]` leaves of it.
                let is_old = old.cell != number;
                let replaced = is_old && definition.replaces(&old.definition);
                let follows = old.definition.follows.as_ref();
                let orphan = is_old && follows.is_some_and(|key| definition.keys.contains(key));
                if orphan && !replaced && !old.definition.keys.iter().any(|key| new.contains(&key))
                {
                    ended.push((old.definition.title().to_owned(), old.cell));
                }
                !replaced && !orphan
            });
            for (name, _) in &definition.members {
                self.forget_members(definition, name, number);
            }
            self.outdated
                .retain(|old| !definition.replaces(&old.definition));
            let text = match &definition.text {
                Some(text) => text.clone(),
                None => code[definition.range.clone()].to_owned(),
            };
            let file = definition.file.as_ref().and_then(|file| {
                let paths = file.names.iter().map(|name| self.folder.join(name));
                paths.into_iter().find(|path| path.is_file())
            });
            self.definitions.push(Stored {
                file,
                link: None,
                definition: definition.clone(),
                text,
                cell: number,
                from_globs: Vec::new(),
            });
        }
        for stored in &mut self.definitions {
            // Beside what `#[path]` names are the modules in it.
            let names = stored.definition.file.as_ref().map(|file| &file.names);
            if let (Some(file), Some([_, _])) = (&stored.file, names.map(Vec::as_slice)) {
                stored.link = modules::link(file, &self.links);
            }
        }
        let used: HashSet<usize> = self.definitions.iter().map(|one| one.cell).collect();
        self.polls.retain(|cell, _| used.contains(cell));
        self.polls.insert(number, cell.polls.clone());
        ended
    }

    /// The functions of the cells.
    pub(crate) fn functions(&self) -> Functions {
        let mut functions = Functions::new();
        for stored in &self.definitions {
            if let Some(polls) = self.polls.get(&stored.cell) {
                polls.note(&stored.definition.range, &mut functions);
            }
        }
        functions
    }

    /// Where the loops in a part of a cell look whether they should go on.
    pub(crate) fn polls(
        &self,
        cell: usize,
        part: &Range<usize>,
        functions: &Functions,
    ) -> Vec<usize> {
        self.polls
            .get(&cell)
            .map_or(Vec::new(), |polls| polls.places(part, functions))
    }

    /// A member of a later `impl` block replaces that of the same name.
    fn forget_members(&mut self, new: &Definition, name: &str, number: usize) {
        self.definitions.retain_mut(|old| {
            if old.cell == number || old.definition.keys != new.keys {
                return true;
            }
            old.forget_member(name)
        });
    }

    /// The definition in which byte `at` of cell `cell` stands.
    pub(crate) fn at(&self, cell: usize, at: usize) -> Option<usize> {
        let is_there =
            |stored: &Stored| stored.cell == cell && stored.definition.range.contains(&at);
        self.definitions.iter().position(is_there)
    }

    /// The links to modules in files, and what they stand for, the most particular last.
    pub(crate) fn links(&self) -> Vec<(PathBuf, PathBuf)> {
        let linked = self.definitions.iter().filter_map(|stored| {
            let (link, file) = (stored.link.clone()?, stored.file.clone()?);
            let folder = link.parent()?.to_owned();
            Some([(folder, file.with_extension("")), (link, file)])
        });
        linked.flatten().collect()
    }

    /// What globs import, by its path.
    pub(crate) fn globs(&self) -> impl Iterator<Item = &str> {
        let keys = self
            .definitions
            .iter()
            .map(|stored| &stored.definition.keys[0]);
        keys.filter_map(|key| key.strip_prefix("use ")?.strip_suffix("::*"))
    }

    /// Sets a definition aside that does not fit the others any more.
    pub(crate) fn set_aside(&mut self, index: usize) {
        let stored = self.definitions.remove(index);
        self.outdated.push(stored);
    }

    /// Notes a variable and what its type is made of now.
    pub(crate) fn keep(&mut self, name: &str, type_name: String, is_mut: bool, is_copy: bool) {
        let made_of = self.made_of(&type_name);
        let variable = Variable {
            type_name,
            is_mut,
            is_copy,
            is_number: false,
            made_by: None,
            is_private: false,
            made_of,
        };
        self.emptied.remove(name);
        self.variables.insert(name.to_owned(), variable);
    }

    /// What a cell does, in code that never runs: a variable that it makes has there the type that it has in the cell.
    pub(crate) fn told_by(&self, cell: &Cell) -> Option<Arc<str>> {
        /// Every cell that uses such a variable has it checked.
        const LONGEST: usize = 20_000;
        if cell.is_async {
            return None;
        }
        let mut text = String::new();
        let used = self.variables.iter();
        for (name, variable) in used.filter(|(name, _)| cell.names.contains(*name)) {
            let value = match variable.like() {
                Some(like) => format!("::gradus_cell::like(&{like})"),
                None => format!("::gradus_cell::never::<{}>()", variable.type_name),
            };
            text.push_str(&format!("let mut {name} = {value};\n"));
        }
        for range in &cell.statements {
            text.push_str(&cell.code[range.clone()]);
            text.push('\n');
        }
        (text.len() <= LONGEST).then(|| text.into())
    }

    /// Notes that the value of a variable was moved.
    pub(crate) fn empty(&mut self, name: &str) {
        if let Some(variable) = self.variables.remove(name)
            && variable.is_mut
        {
            self.emptied.insert(name.to_owned(), variable);
        }
    }

    /// Removes the variables whose type is another one now, since one of its parts was defined anew.
    pub(crate) fn drop_redefined(&mut self) -> Vec<String> {
        let changed = |variable: &Variable| self.made_of(&variable.type_name) != variable.made_of;
        let names: Vec<String> = self
            .variables
            .iter()
            .filter(|(_, variable)| changed(variable))
            .map(|(name, _)| name.clone())
            .collect();
        for name in &names {
            self.variables.remove(name);
        }
        let emptied = std::mem::take(&mut self.emptied);
        let same = emptied
            .into_iter()
            .filter(|(_, variable)| self.made_of(&variable.type_name) == variable.made_of);
        self.emptied = same.collect();
        names
    }

    /// The variables whose types may be made of these libraries, as far as the texts of types and definitions tell; when in
    /// doubt they are.
    pub(crate) fn made_of_libraries(&self, libraries: &[String]) -> Vec<String> {
        if libraries.is_empty() {
            return Vec::new();
        }
        let names_one =
            |text: &str| words(text).any(|word| libraries.iter().any(|name| name == word));
        // What `use library::*` brings in has no name that tells.
        let brings =
            |stored: &Stored| stored.definition.keys[0].ends_with("::*") && names_one(&stored.text);
        let may_be_from_one = self.definitions.iter().any(brings);
        let is_made = |type_name: &str| {
            let texts = self.texts_of(type_name);
            let is_own = || {
                texts
                    .iter()
                    .any(|text| !text.trim_start().starts_with("use "))
            };
            names_one(type_name)
                || texts.iter().any(|text| names_one(text))
                || (may_be_from_one && is_own())
        };
        let variables = self.variables.iter();
        variables
            .filter(|(_, variable)| is_made(&variable.type_name))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Whether this is the name of a variable or definition.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let mut definitions = self.definitions.iter();
        self.variables.contains_key(name)
            || definitions.any(|stored| stored.definition.is_called(name))
    }

    /// What a definition is for those who use it: of a function not the body.
    pub(crate) fn outside(&self, name: &str) -> Option<&str> {
        let stored = self
            .definitions
            .iter()
            .find(|stored| stored.definition.is_called(name))?;
        let head = stored.text.split('{').next().unwrap_or_default();
        Some(if stored.is_function() {
            head
        } else {
            &stored.text
        })
    }

    /// What a static is called in all cells, so that they have one together: another one where it is defined anew, or where
    /// its type is.
    pub(crate) fn shared_name(&self, stored: &Stored, one: &Static) -> String {
        let (cell, at) = (stored.cell, stored.definition.range.start + one.at);
        let made_of = self.made_of(&one.type_name);
        format!("gradus_static_{cell}_{at}_{}_{made_of:x}", one.name)
    }

    /// Whether macros of the notebook, or `lazy_static!`, make statics that all cells share.
    pub(crate) fn makes_statics(&self) -> bool {
        self.definitions
            .iter()
            .any(|stored| self.shares(stored).next().is_some())
    }

    /// Whether a macro of the notebook makes statics.
    pub(crate) fn has_tags(&self) -> bool {
        let mut macros = self
            .definitions
            .iter()
            .filter(|stored| stored.definition.kind == DefinitionKind::Macro);
        macros.any(|stored| self.shares(stored).next().is_some())
    }

    /// What is written in the text of a macro, or of a call of one, for the statics that it makes.
    pub(crate) fn shares<'a>(&self, stored: &'a Stored) -> impl Iterator<Item = &'a Added> {
        let shares = Some(&stored.definition.shares).filter(|_| self.may_share(stored));
        shares.into_iter().flatten()
    }

    /// The statics in a definition.
    pub(crate) fn statics<'a>(&self, stored: &'a Stored) -> impl Iterator<Item = &'a Static> {
        let all = Some(&stored.definition.statics);
        let all = all.filter(|_| stored.definition.shares.is_empty() || self.may_share(stored));
        all.into_iter().flatten()
    }

    fn may_share(&self, stored: &Stored) -> bool {
        // The notebook may have a `lazy_static!` of its own.
        let is_own = |other: &Stored| other.definition.keys[0] == "macro lazy_static";
        !self.has_plain_macros
            && (stored.definition.kind == DefinitionKind::Macro
                || !self.definitions.iter().any(is_own))
    }

    /// What tells the statics that macros make in a definition from all others, in all cells.
    pub(crate) fn tag(&self, stored: &Stored) -> String {
        let (cell, at) = (stored.cell, stored.definition.range.start);
        format!("{cell}_{at}_{:x}", self.made_of(&stored.text))
    }

    fn made_of(&self, type_name: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        let texts = self.texts_of(type_name);
        let files = self
            .definitions
            .iter()
            .filter(|stored| texts.contains(&stored.text));
        for file in files.filter_map(|stored| stored.file.as_ref()) {
            for source in modules::sources(file) {
                std::fs::read(source).ok().hash(&mut hasher);
            }
        }
        texts.hash(&mut hasher);
        hasher.finish()
    }

    /// The definitions that a type is made of.
    fn texts_of(&self, type_name: &str) -> BTreeSet<&String> {
        let mut texts = BTreeSet::new();
        let mut open = vec![type_name];
        while let Some(text) = open.pop() {
            for name in own_words(text) {
                let meant = |stored: &&Stored| stored.is_meant(text, name);
                for stored in self.definitions.iter().filter(meant) {
                    if texts.insert(&stored.text) {
                        open.push(&stored.text);
                    }
                }
            }
        }
        texts
    }
}

/// The words that may be names of the notebook's: not those behind a path into something else.
fn own_words(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter(|word| {
        // It is a part of the text.
        let at = word.as_ptr().addr() - text.as_ptr().addr();
        let before = text[..at].strip_suffix("::");
        before.is_none_or(|before| {
            ["self", "super", "crate"]
                .iter()
                .any(|own| before.ends_with(own))
        })
    })
}

impl Stored {
    /// Whether a word of a type, or of the text of a definition, may mean this one.
    fn is_meant(&self, text: &str, word: &str) -> bool {
        if !self.definition.is_called(word) {
            return false;
        }
        // It is a part of the text.
        let at = word.as_ptr().addr() - text.as_ptr().addr();
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        let mut keys = self.definition.keys.iter();
        let space = keys.find_map(|key| {
            let (space, name) = key.split_once(' ')?;
            (name == word).then_some(space)
        });
        match space {
            // A path starts with a crate, which may be called as a function is, and which `use` may name as it is.
            Some("value" | "macro") if after.starts_with("::") => false,
            Some("use") if after.starts_with("::") => {
                self.text.contains("::") || self.text.contains(" as ")
            }
            // A field may be called as a function is.
            Some("value") if self.is_function() => {
                after.starts_with('(') && !before.trim_end().ends_with("fn")
            }
            _ => true,
        }
    }

    fn is_function(&self) -> bool {
        let head = self.text.split('{').next().unwrap_or_default();
        head.split_whitespace().any(|word| word == "fn")
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn run(scope: &mut Scope, code: &str, number: usize) {
        scope.define(&parse(code), code, number);
    }

    #[test]
    fn a_definition_replaces_the_one_before_with_all_that_follows_it() {
        let mut scope = Scope::default();
        run(
            &mut scope,
            "struct P { x: i32 }\nimpl P { fn f() {} }\nimpl Clone for P { fn clone(&self) -> P { todo!() } }",
            1,
        );
        run(&mut scope, "impl P { fn g() {} }\nfn h() {}", 2);
        run(&mut scope, "struct P { x: f64 }", 3);
        let texts: Vec<&str> = scope
            .definitions
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        assert_eq!(
            texts,
            ["impl P { fn g() {} }", "fn h() {}", "struct P { x: f64 }"]
        );
    }

    #[test]
    fn what_is_made_of_a_library_is_known() {
        let mut scope = Scope::default();
        run(
            &mut scope,
            "use itoa::Buffer;\nstruct A { b: Buffer }\nstruct C(i32);",
            1,
        );
        for (name, type_name) in [
            ("direct", "std::vec::Vec<itoa::Buffer>"),
            ("inside", "std::option::Option<A>"),
            ("own", "C"),
            ("plain", "std::vec::Vec<f64>"),
        ] {
            scope.keep(name, type_name.to_owned(), false, false);
        }
        let changed = |scope: &Scope, name: &str| scope.made_of_libraries(&[name.to_owned()]);
        assert_eq!(changed(&scope, "itoa"), ["direct", "inside"]);
        assert!(changed(&scope, "ryu").is_empty());
        run(&mut scope, "use ryu::*;", 2);
        assert_eq!(changed(&scope, "ryu"), ["inside", "own"], "it may be");
    }

    #[test]
    fn a_variable_stays_when_its_type_gets_an_impl() {
        let mut scope = Scope::default();
        run(&mut scope, "struct P { x: i32 }", 1);
        for (name, type_name) in [("p", "P"), ("n", "i32")] {
            scope.keep(name, type_name.to_owned(), false, false);
        }
        let impls = "impl P { fn a() {} }\nimpl Clone for P { fn clone(&self) -> P { todo!() } }\n\
                     trait T {}\nimpl T for i32 {}";
        run(&mut scope, impls, 2);
        assert!(scope.drop_redefined().is_empty());
        // What stands at the start of a path is a crate, and a field is none of the functions.
        scope.keep("v", "std::vec::Vec<rand::StdRng>".to_owned(), false, false);
        run(
            &mut scope,
            "fn std() {}\nuse rand::{self, Rng};\nfn x() {}",
            2,
        );
        assert!(scope.drop_redefined().is_empty());
        run(&mut scope, "struct P { x: f64 }", 3);
        assert_eq!(scope.drop_redefined(), ["p"]);
    }

    #[test]
    fn impl_blocks_add_up() {
        let mut scope = Scope::default();
        run(&mut scope, "struct P;\nimpl P { fn a() {} fn b() {} }", 1);
        run(&mut scope, "impl P { fn c() {} }", 2);
        run(&mut scope, "impl P { fn b() -> i32 { 1 } }", 3);
        run(&mut scope, "impl P { fn c() -> i32 { 1 } }", 4);
        let texts: Vec<&str> = scope
            .definitions
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        let expected = [
            "struct P;",
            "impl P { fn a() {}           }",
            "impl P { fn b() -> i32 { 1 } }",
            "impl P { fn c() -> i32 { 1 } }",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn what_a_cell_has_twice_is_left_to_the_compiler() {
        let mut scope = Scope::default();
        let code = "#[cfg(unix)]\nfn f() {}\n#[cfg(not(unix))]\nfn f() {}\nstruct f;";
        run(&mut scope, code, 1);
        assert_eq!(scope.definitions.len(), 3);
        run(&mut scope, "struct f { x: i32 }", 2);
        assert_eq!(scope.definitions.len(), 3, "a type is no value");
        run(&mut scope, "fn f() {}", 3);
        assert_eq!(scope.definitions.len(), 2);
    }

    #[test]
    fn a_variable_ends_with_the_meaning_of_its_type() {
        let mut scope = Scope::default();
        run(
            &mut scope,
            "struct A { b: B }\nstruct B { x: i32 }\nstruct C;",
            1,
        );
        scope.keep("list", "std::vec::Vec<A>".to_owned(), false, false);
        scope.keep("other", "C".to_owned(), false, false);
        run(&mut scope, "struct B { x: i32 }", 2);
        assert!(
            scope.drop_redefined().is_empty(),
            "the same again is no change"
        );
        run(&mut scope, "struct B { x: f64 }", 3);
        assert_eq!(scope.drop_redefined(), ["list"]);
        scope.keep("theirs", "other::A".to_owned(), false, false);
        run(&mut scope, "struct A;", 4);
        assert!(scope.drop_redefined().is_empty(), "another one");
    }
}
