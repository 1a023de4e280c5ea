//! What a cell does with variables and definitions, statement by statement.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ra_ap_parser::LexedStr;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind};

use crate::cells::compile::hash;
use crate::cells::items::{Definition, DefinitionKind};
use crate::cells::parse::{Cell, plain_name, words_in_braces};
use crate::cells::scope::{Scope, Stored};

/// What a run of a cell did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(super) statements: Vec<Words>,
    pub(super) defines: Vec<Arc<Defined>>,
    /// The variables of earlier cells that the compiler says it uses, and whether they may be others after it.
    pub(super) uses: BTreeMap<String, bool>,
    /// Of the variables that it uses and makes, the words of their types.
    pub(super) types: BTreeMap<String, BTreeSet<String>>,
    pub(super) kept: BTreeSet<String>,
    pub(super) gone: BTreeSet<String>,
    /// It did not come to its end.
    pub(super) failed: bool,
}

/// What the words of a piece of code tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// Of the words, without what means nothing to the compiler.
    pub(super) hash: u64,
    /// Names that can be those of variables or definitions.
    pub(super) names: BTreeSet<String>,
    /// Names behind a dot.
    pub(super) members: BTreeSet<String>,
    /// What a `let` makes.
    pub(super) lets: BTreeSet<String>,
    /// Those of them that later statements may change.
    pub(super) mutable: BTreeSet<String>,
    /// It can leave out those below.
    pub(super) returns: bool,
}

/// A definition, one member of an `impl` block, or a library.
#[derive(Clone, Debug, Default)]
pub(super) struct Defined {
    pub(super) key: String,
    /// What a student calls it.
    pub(super) title: String,
    /// By which names it is reached; without any by the type that it is about.
    pub(super) names: BTreeSet<String>,
    pub(super) about: Option<String>,
    pub(super) hash: u64,
    pub(super) mentions: BTreeSet<String>,
    pub(super) members: BTreeSet<String>,
    /// What stands in the head of an `impl`: its trait and its types.
    pub(super) head: BTreeSet<String>,
    /// What stands in it and is reached by a glob: the variants of an enum, the items of a module.
    pub(super) inside: BTreeSet<String>,
    /// The functions of the traits in it.
    pub(super) methods: BTreeSet<String>,
    /// What it may make, where only a macro knows.
    pub(super) guesses: BTreeSet<String>,
    /// It is a `use ...::*`.
    pub(super) is_glob: bool,
    /// The place of its cell in the session.
    pub(super) cell: usize,
}

impl Facts {
    /// What stands in the text of a cell; what the compiler and the run add comes later.
    pub(crate) fn read(cell: &Cell, code: &str) -> Facts {
        let parts = cell.statements.iter().chain(&cell.value);
        Facts {
            statements: parts
                .filter_map(|range| code.get(range.clone()))
                .map(Words::read)
                .collect(),
            ..Facts::default()
        }
    }

    /// Notes the type of a variable.
    pub(crate) fn has_type(&mut self, name: &str, type_name: &str) {
        let words = Words::read(type_name).names;
        self.types.entry(name.to_owned()).or_default().extend(words);
    }

    /// Notes what the compiler saw it use, and what became of that.
    pub(crate) fn ran(
        &mut self,
        uses: BTreeMap<String, bool>,
        kept: impl Iterator<Item = String>,
        gone: impl Iterator<Item = String>,
        failed: bool,
    ) {
        self.uses = uses;
        self.kept = kept.collect();
        self.gone = gone.collect();
        self.failed = failed;
    }

    /// Takes the definitions over that the cell at this place has in the session.
    pub(super) fn take_definitions(&mut self, all: &[Arc<Defined>], place: usize) {
        let own = all.iter().filter(|one| one.cell == place);
        self.defines = own.cloned().collect();
    }

    /// Takes the definitions over that stand in the text.
    pub(super) fn read_definitions(&mut self, cell: &Cell, code: &str, place: usize) {
        let texts = cell.definitions.iter().map(|definition| {
            let text = match &definition.text {
                Some(text) => text.as_str(),
                None => &code[definition.range.clone()],
            };
            (definition, text)
        });
        // What a `:dep` line asks for is known when it runs.
        self.defines.retain(|one| one.is_library());
        let read = texts.flat_map(|(definition, text)| Defined::of(definition, text, place));
        self.defines.extend(read.map(Arc::new));
    }
}

/// The names that a cell makes by its text: by them it is known where the front end does not name it.
pub(crate) fn makes(cell: &Cell, libraries: &[(String, String)]) -> BTreeSet<String> {
    let variables = cell.variables.iter().map(|variable| variable.name.clone());
    let definitions = cell.definitions.iter().flat_map(|one| one.keys.clone());
    let libraries = libraries.iter().map(|(name, _)| library(name));
    variables.chain(definitions).chain(libraries).collect()
}

/// What a library is known by.
fn library(name: &str) -> String {
    format!("library {name}")
}

/// A text without what means nothing to the compiler.
pub(super) fn hash_of(text: &str) -> u64 {
    Words::read(text).hash
}

/// The definitions of a session, read once each.
#[derive(Debug, Default)]
pub(super) struct Definitions(HashMap<Read, Vec<Arc<Defined>>>);

/// The cell, the place in it, the name of one of several imports, and how many members are left.
type Read = (usize, usize, String, usize);

impl Definitions {
    /// Those that there are now.
    pub(super) fn read(&mut self, scope: &Scope) -> Vec<Arc<Defined>> {
        let mut known = std::mem::take(&mut self.0);
        let mut all = Vec::new();
        for stored in &scope.definitions {
            let Stored {
                definition,
                text,
                cell,
                ..
            } = stored;
            let key = definition.keys.first().cloned().unwrap_or_default();
            let read = (*cell, definition.range.start, key, definition.members.len());
            let made = known.remove(&read).unwrap_or_else(|| {
                let made = Defined::of(definition, text, *cell);
                made.into_iter().map(Arc::new).collect()
            });
            all.extend(made.iter().cloned());
            self.0.insert(read, made);
        }
        all
    }
}

impl Defined {
    /// A library that a `:dep` line brings.
    pub(super) fn library(name: &str, what: &str, cell: usize) -> Defined {
        Defined {
            key: library(name),
            title: name.to_owned(),
            names: BTreeSet::from([name.replace('-', "_")]),
            hash: hash(&what),
            cell,
            ..Defined::default()
        }
    }

    fn is_library(&self) -> bool {
        self.key == library(&self.title)
    }

    fn of(definition: &Definition, text: &str, cell: usize) -> Vec<Defined> {
        let head = definition.keys.first().cloned().unwrap_or_default();
        let about = definition.about.clone();
        let starts = |words: &[&str]| words.iter().any(|word| head.starts_with(word));
        let is_impl = starts(&["impl ", "impl<"]);
        let is_plain = starts(&["type ", "value ", "macro ", "use "]);
        let is_call = !is_impl && !is_plain && definition.kind == DefinitionKind::Item;
        let make = |key: String, title: String, names: BTreeSet<String>, text: &str| {
            let tokens = Words::read(text);
            let (inside, methods) = contents(text);
            Defined {
                head: match is_impl {
                    true => Words::read(&head).names,
                    false => BTreeSet::new(),
                },
                inside,
                methods,
                guesses: match is_call {
                    true => tokens.names.clone(),
                    false => BTreeSet::new(),
                },
                is_glob: definition.kind == DefinitionKind::Import && head.ends_with("::*"),
                key,
                title,
                names,
                about: about.clone(),
                hash: tokens.hash,
                mentions: tokens.names,
                members: tokens.members,
                cell,
            }
        };
        if !definition.members.is_empty() {
            let members = definition.members.iter();
            return members
                .map(|(name, range)| {
                    let title = format!("{}::{name}", about.as_deref().unwrap_or_default());
                    let names = BTreeSet::from([name.clone()]);
                    make(
                        format!("{head}::{name}"),
                        title,
                        names,
                        &text[range.clone()],
                    )
                })
                .collect();
        }
        let names = definition.names().map(str::to_owned).collect();
        vec![make(
            head.clone(),
            definition.title().to_owned(),
            names,
            text,
        )]
    }
}

/// The names of what stands in an enum or a module, and of the functions of all traits in a definition.
fn contents(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let file = SourceFile::parse(text, Edition::Edition2024).tree();
    let plain = |name: Option<ast::Name>| name.map(|name| plain_name(name.text()));
    let mut inside = BTreeSet::new();
    match file.items().next() {
        Some(ast::Item::Enum(item)) => {
            let variants = item.variant_list().into_iter();
            inside.extend(
                variants
                    .flat_map(|list| list.variants())
                    .filter_map(|one| plain(one.name())),
            );
        }
        Some(ast::Item::Module(item)) => {
            let items = item.item_list().into_iter().flat_map(|list| list.items());
            let nodes = items.flat_map(|item| item.syntax().children());
            inside.extend(
                nodes
                    .filter_map(ast::Name::cast)
                    .filter_map(|name| plain(Some(name))),
            );
        }
        _ => (),
    }
    let traits = file.syntax().descendants().filter_map(ast::Trait::cast);
    let members = traits
        .filter_map(|one| one.assoc_item_list())
        .flat_map(|list| list.assoc_items());
    let functions = members.filter_map(|member| match member {
        ast::AssocItem::Fn(member) => plain(member.name()),
        _ => None,
    });
    (inside, functions.collect())
}

impl Words {
    fn read(text: &str) -> Words {
        let lexed = LexedStr::new(Edition::Edition2024, text);
        let all = (0..lexed.len()).map(|token| (lexed.kind(token), lexed.text(token)));
        let all: Vec<_> = all.filter(|(kind, _)| !kind.is_trivia()).collect();
        let kind = |at: Option<usize>| at.and_then(|at| all.get(at)).map(|(kind, _)| *kind);
        let mut read = Words {
            hash: hash(&all.iter().map(|(_, text)| text).collect::<Vec<_>>()),
            ..Words::default()
        };
        for (at, (its, text)) in all.iter().enumerate() {
            match its {
                SyntaxKind::IDENT => {
                    let name = plain_name(text);
                    let dot = |back| kind(at.checked_sub(back)) == Some(SyntaxKind::DOT);
                    if dot(1) && !dot(2) {
                        read.members.insert(name);
                    } else {
                        // What stands behind `Type::` can be a member, too.
                        if kind(at.checked_sub(1)) == Some(SyntaxKind::COLON) {
                            read.members.insert(name.clone());
                        }
                        read.names.insert(name);
                    }
                }
                SyntaxKind::STRING => read.names.extend(words_in_braces(text)),
                SyntaxKind::RETURN_KW => read.returns = true,
                _ => (),
            }
        }
        read.read_let(&all);
        read
    }

    /// What stands between `let` and `=`, without the type.
    fn read_let(&mut self, all: &[(SyntaxKind, &str)]) {
        if all
            .first()
            .is_none_or(|(kind, _)| *kind != SyntaxKind::LET_KW)
        {
            return;
        }
        let mut depth = 0_usize;
        let mut is_mut = false;
        let mut has_value = false;
        let mut is_type = false;
        for (at, (kind, text)) in all.iter().enumerate().skip(1) {
            let next = all.get(at + 1).map(|(kind, _)| *kind);
            match kind {
                SyntaxKind::L_PAREN | SyntaxKind::L_BRACK | SyntaxKind::L_CURLY => depth += 1,
                SyntaxKind::R_PAREN | SyntaxKind::R_BRACK | SyntaxKind::R_CURLY => {
                    depth = depth.saturating_sub(1);
                }
                SyntaxKind::COLON if depth == 0 => is_type = true,
                SyntaxKind::EQ if depth == 0 => {
                    has_value = true;
                    break;
                }
                SyntaxKind::MUT_KW => is_mut = true,
                SyntaxKind::IDENT if !is_type => {
                    let is_path = matches!(
                        next,
                        Some(SyntaxKind::L_PAREN | SyntaxKind::L_CURLY | SyntaxKind::L_ANGLE)
                    ) || (depth == 0
                        && next == Some(SyntaxKind::COLON)
                        && all
                            .get(at + 2)
                            .is_some_and(|(kind, _)| *kind == SyntaxKind::COLON));
                    if !is_path {
                        let name = plain_name(text);
                        if is_mut {
                            self.mutable.insert(name.clone());
                        }
                        self.lets.insert(name);
                    }
                    is_mut = false;
                }
                _ => (),
            }
        }
        if !has_value {
            // It gets its value later.
            self.mutable.extend(self.lets.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(set: &BTreeSet<String>) -> Vec<&str> {
        set.iter().map(String::as_str).collect()
    }

    #[test]
    fn a_statement_is_known_by_its_words() {
        let read = Words::read("let (mut a, P { x, .. }): (f64, P) = f(b.c, 0..n, \"{d:?}\");");
        assert_eq!(names(&read.lets), ["a", "x"]);
        assert_eq!(names(&read.mutable), ["a"]);
        assert_eq!(names(&read.members), ["c"]);
        assert_eq!(
            names(&read.names),
            ["P", "a", "b", "d", "f", "f64", "n", "x"]
        );
        assert_eq!(
            Words::read("f( 1 ) // one").hash,
            Words::read("f(1)").hash,
            "white space and comments mean nothing"
        );
        assert_ne!(Words::read("f(1)").hash, Words::read("f(2)").hash);
        assert_eq!(names(&Words::read("let x: Vec<u8>;").mutable), ["x"]);
    }
}
