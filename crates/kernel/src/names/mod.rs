//! Names that can stand at a place in a cell, and what is said of them, without a compiler: those of the session, of the
//! libraries, of the language.
//!
//! The sources of the libraries are read when they are needed first. What an expression is, is followed through variables,
//! fields, functions and methods with a type that says so; where that ends, nothing is offered. Only what a cell may use is: nothing
//! private, nothing hidden.

mod library;
mod place;
mod types;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{Edition, SourceFile};

use library::{About, Crate, Item, Kind, Member, MemberKind, Ty};
use place::Place;
use types::View;

/// What can stand at a place in the code.
#[derive(Clone, Debug, Default)]
pub struct Completions {
    /// The code that would be there.
    pub matches: Vec<Match>,
    /// The bytes that it replaces.
    pub range: Range<usize>,
}

/// One thing that can stand at a place in the code.
#[derive(Clone, Debug)]
pub struct Match {
    /// The code.
    pub code: String,
    /// `function`, `variable`, ...
    pub kind: String,
    /// With its type, where it has one.
    pub label: String,
}

/// The documentation of a name, as text and as HTML.
pub type Documentation = (String, String);

/// What a question is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spot {
    /// The definitions of the cells before.
    pub(crate) items: String,
    /// Their variables, as `let` lines.
    pub(crate) variables: String,
    /// The cell, with blanks in place of its commands.
    pub(crate) code: String,
    /// A byte of it.
    pub(crate) at: usize,
}

/// The file of each library's root, by the name that cells call it by.
pub(crate) type Sources = BTreeMap<String, PathBuf>;

/// The libraries of a session.
#[derive(Debug, Default)]
pub(crate) struct Names {
    sources: Sources,
    read: RefCell<HashMap<String, Arc<Crate>>>,
}

/// A name that can stand somewhere.
#[derive(Clone, Debug)]
struct Candidate {
    name: String,
    kind: &'static str,
    about: About,
    /// It can be called, and wants something for it.
    call: Option<bool>,
}

/// What a path leads to.
#[derive(Clone, Debug)]
enum Found {
    Module(Arc<Crate>, usize),
    Item(Arc<Crate>, Item),
    /// Something in a type, which is named.
    Member(Arc<Crate>, String, Member),
}

/// Imports that lead to imports end somewhere, those of everything soon: there are many ways to go on.
const DEPTH: usize = 16;
const GLOB: usize = 4;

const KEYWORDS: [&str; 30] = [
    "as", "async", "await", "break", "const", "continue", "else", "enum", "false", "fn", "for",
    "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "static", "struct", "trait", "true", "use", "where", "while",
];
/// Of the standard library, the names that need no import, as they are written.
const STANDARD: [(&str, &str); 19] = [
    ("assert!(", "function"),
    ("assert_eq!(", "function"),
    ("Box", "class"),
    ("dbg!(", "function"),
    ("Err(", "function"),
    ("format!(", "function"),
    ("None", "instance"),
    ("Ok(", "function"),
    ("Option", "class"),
    ("panic!(", "function"),
    ("print!(", "function"),
    ("println!(", "function"),
    ("Result", "class"),
    ("Some(", "function"),
    ("std", "module"),
    ("String", "class"),
    ("todo!(", "function"),
    ("Vec", "class"),
    ("vec![", "function"),
];

impl Names {
    pub(crate) fn new(sources: Sources) -> Names {
        Names {
            sources,
            read: RefCell::default(),
        }
    }

    /// What can stand there, the session's own first.
    pub(crate) fn complete(&self, spot: &Spot) -> Completions {
        let nothing = Completions {
            matches: Vec::new(),
            range: spot.at..spot.at,
        };
        let Some((asked, candidates)) = self.candidates(spot) else {
            return nothing;
        };
        let is_name = matches!(asked.place, Place::Name);
        let is_import = match &asked.place {
            Place::Import => true,
            Place::Path(_) => asked.is_in_use(),
            _ => false,
        };
        let is_called = spot.code[spot.at..].starts_with(['(', '!', '[']);
        let mut seen = HashSet::new();
        let fits =
            |one: &Candidate| one.name.starts_with(&asked.typed) && !one.name.contains(place::MARK);
        let mut matches: Vec<Match> = Vec::new();
        for one in candidates.iter().filter(|one| fits(one)) {
            let code = match one.call {
                Some(wants) if !is_import && !is_called => {
                    let open = if one.name.ends_with('!') || wants {
                        "("
                    } else {
                        "()"
                    };
                    format!("{}{open}", one.name)
                }
                _ => one.name.trim_end_matches('!').to_owned(),
            };
            if seen.insert(one.name.clone()) {
                matches.push(Match {
                    code,
                    kind: one.kind.to_owned(),
                    label: one.about.signature.clone(),
                });
            }
        }
        if is_name && !asked.typed.is_empty() {
            let words = KEYWORDS.map(|word| (word, "keyword"));
            let words = STANDARD.into_iter().chain(words);
            let words = words.filter(|(word, _)| {
                word.starts_with(&asked.typed) && !seen.contains(word.trim_end_matches(['(', '[']))
            });
            matches.extend(words.map(|(word, kind)| Match {
                code: word.to_owned(),
                kind: kind.to_owned(),
                label: String::new(),
            }));
        }
        Completions {
            matches,
            range: spot.at - asked.typed.len()..spot.at,
        }
    }

    /// What is said of the name that ends there.
    pub(crate) fn document(&self, spot: &Spot) -> Option<Documentation> {
        let (asked, candidates) = self.candidates(spot)?;
        let found = candidates.into_iter().find(|one| {
            one.name.trim_end_matches('!') == asked.typed && !one.about.signature.is_empty()
        })?;
        let About { signature, docs } = found.about;
        let text = format!("{signature}\n\n{docs}").trim_end().to_owned();
        let html = gradus_text::html::preformatted(&text);
        Some((text, html))
    }

    /// The names of the session: those of its variables and definitions.
    pub(crate) fn own(spot: &Spot) -> HashSet<String> {
        let text = format!(
            "fn cell() {{\n{}\n{}\n{}\n}}",
            spot.items, spot.variables, spot.code
        );
        let root = SourceFile::parse(&text, Edition::Edition2024).syntax_node();
        let names = root.descendants().filter_map(ast::Name::cast);
        names.map(|name| name.text().to_string()).collect()
    }

    fn candidates(&self, spot: &Spot) -> Option<(place::Asked, Vec<Candidate>)> {
        let before = format!("{}\n{}", spot.items, spot.variables);
        let asked = place::find(&before, &spot.code, spot.at)?;
        let own = Arc::new(own_crate(&asked.root));
        let view = View {
            names: self,
            own: &own,
            root: &asked.root,
            at: asked.at,
        };
        let found = match &asked.place {
            Place::Member(receiver) => view.members(&view.infer(receiver, 0)),
            Place::Path(path) => match self.resolve(&own, 0, path, 0)? {
                Found::Module(krate, module) => {
                    let is_own = Arc::ptr_eq(&krate, &own);
                    self.names_in(&krate, module, is_own, &mut HashSet::new())
                }
                Found::Item(krate, item) => view.associated(&krate, &item),
                Found::Member(..) => Vec::new(),
            },
            Place::Field(path) => match self.resolve(&own, 0, path, 0)? {
                Found::Item(krate, item) => view.fields(&krate, &item),
                _ => Vec::new(),
            },
            Place::Name => {
                let mut found = view.variables();
                found.extend(self.names_in(&own, 0, true, &mut HashSet::new()));
                found.extend(self.crates());
                found
            }
            Place::Import => {
                let mut found = self.names_in(&own, 0, true, &mut HashSet::new());
                found.extend(self.crates());
                found
            }
        };
        Some((asked, found))
    }

    fn crates(&self) -> impl Iterator<Item = Candidate> {
        self.sources.keys().map(|name| Candidate {
            name: name.clone(),
            kind: "module",
            about: About {
                signature: format!("crate {name}"),
                docs: String::new(),
            },
            call: None,
        })
    }

    /// Reads a library in, if it was not yet.
    fn library(&self, name: &str) -> Option<Arc<Crate>> {
        let file = self.sources.get(name)?;
        let mut read = self.read.borrow_mut();
        let krate = read
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Crate::read(name, file)));
        Some(krate.clone())
    }

    /// Where a type is defined that code of the crate `home` names; its root is the name of that crate then.
    fn locate(&self, ty: &Ty, home: &Arc<Crate>, own: &Arc<Crate>) -> Ty {
        let all = |types: &[Ty]| types.iter().map(|ty| self.locate(ty, home, own)).collect();
        let Ty::Named {
            root,
            name,
            arguments,
        } = ty
        else {
            return match ty {
                Ty::Tuple(types) => Ty::Tuple(all(types)),
                other => other.clone(),
            };
        };
        let has = |krate: &Arc<Crate>| krate.types.contains_key(name).then(|| krate.name.clone());
        let imported = |krate: &Arc<Crate>| match self.lookup(krate, 0, name, false, 0)? {
            Found::Item(krate, _) => has(&krate),
            _ => None,
        };
        let named = || root.as_ref().and_then(|root| self.library(root));
        let elsewhere = || {
            let read: Vec<Arc<Crate>> = self.read.borrow().values().cloned().collect();
            read.iter().find_map(has)
        };
        let is_standard = STANDARD.iter().any(|(known, _)| known == name);
        let place = has(home)
            .or_else(|| named().and_then(|krate| has(&krate)))
            .or_else(|| imported(own))
            .or_else(|| elsewhere().filter(|_| !is_standard));
        Ty::Named {
            root: place,
            name: name.clone(),
            arguments: all(arguments),
        }
    }

    fn crate_of(&self, name: &str, own: &Arc<Crate>) -> Option<Arc<Crate>> {
        if name == own.name {
            return Some(own.clone());
        }
        self.library(name)
    }

    /// What a path leads to that stands in a module.
    fn resolve(
        &self,
        home: &Arc<Crate>,
        module: usize,
        path: &[String],
        depth: usize,
    ) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        if depth > DEPTH {
            return None;
        }
        let mut found = match first.as_str() {
            "crate" => Found::Module(home.clone(), 0),
            "self" => Found::Module(home.clone(), module),
            "super" => Found::Module(home.clone(), home.modules[module].parent),
            name => self
                .lookup(home, module, name, false, depth + 1)
                .or_else(|| Some(Found::Module(self.library(name)?, 0)))?,
        };
        for name in rest {
            found = match &found {
                Found::Module(krate, module) if name == "super" => {
                    Found::Module(krate.clone(), krate.modules[*module].parent)
                }
                Found::Module(krate, module) => {
                    let is_outside = !Arc::ptr_eq(krate, home);
                    self.lookup(krate, *module, name, is_outside, depth + 1)?
                }
                Found::Item(krate, item) => {
                    let members = &krate.types.get(&item.name)?.members;
                    let member = members.iter().find(|member| member.name == *name)?;
                    Found::Member(krate.clone(), item.name.clone(), member.clone())
                }
                Found::Member(..) => return None,
            };
        }
        Some(found)
    }

    /// What a name stands for in a module.
    fn lookup(
        &self,
        krate: &Arc<Crate>,
        module: usize,
        name: &str,
        is_outside: bool,
        depth: usize,
    ) -> Option<Found> {
        if depth > DEPTH {
            return None;
        }
        let inside = &krate.modules[module];
        let sees = |is_public: bool| is_public || !is_outside;
        let items = inside.items.iter();
        for item in items.filter(|item| item.name == name && sees(item.is_public)) {
            let found = match &item.kind {
                Kind::Module(module) => Some(Found::Module(krate.clone(), *module)),
                // `use a::a` does not lead to itself.
                Kind::Import(path) if path.len() == 1 && path[0] == name => {
                    self.library(name).map(|krate| Found::Module(krate, 0))
                }
                Kind::Import(path) => self.resolve(krate, module, path, depth + 1),
                _ => Some(Found::Item(krate.clone(), item.clone())),
            };
            if found.is_some() {
                return found;
            }
        }
        inside.globs.iter().find_map(|(path, is_public)| {
            if !sees(*is_public) || path.first().is_some_and(|first| first == name) {
                return None;
            }
            match self.resolve(krate, module, path, depth + 1)? {
                Found::Module(to, module) => {
                    let is_outside = is_outside || !Arc::ptr_eq(&to, krate);
                    self.lookup(&to, module, name, is_outside, depth + GLOB)
                }
                Found::Item(krate, item) => {
                    let members = &krate.types.get(&item.name)?.members;
                    let member = members.iter().find(|member| member.name == name)?.clone();
                    Some(Found::Member(krate.clone(), item.name, member))
                }
                Found::Member(..) => None,
            }
        })
    }

    /// The names in a module: all of them where they are the session's own, else those that others see.
    fn names_in(
        &self,
        krate: &Arc<Crate>,
        module: usize,
        is_own: bool,
        seen: &mut HashSet<(String, usize)>,
    ) -> Vec<Candidate> {
        if !seen.insert((krate.name.clone(), module)) {
            return Vec::new();
        }
        let inside = &krate.modules[module];
        let visible = inside.items.iter().filter(|item| is_own || item.is_public);
        let (imports, items): (Vec<&Item>, Vec<&Item>) =
            visible.partition(|item| matches!(item.kind, Kind::Import(_)));
        let mut found: Vec<Candidate> = items
            .into_iter()
            .map(|item| as_candidate(item, &item.name))
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        let mut brought = Vec::new();
        for item in imports {
            brought.push(match self.lookup(krate, module, &item.name, false, 0) {
                Some(Found::Item(_, target)) => as_candidate(&target, &item.name),
                Some(Found::Member(_, _, member)) => Candidate {
                    name: item.name.clone(),
                    ..member_candidate(&member)
                },
                Some(Found::Module(..)) => plain(&item.name, "module"),
                None => plain(&item.name, by_case(&item.name)),
            });
        }
        for (path, is_public) in &inside.globs {
            if !is_own && !is_public {
                continue;
            }
            match self.resolve(krate, module, path, 0) {
                Some(Found::Module(krate, module)) => {
                    brought.extend(self.names_in(&krate, module, false, seen));
                }
                Some(Found::Item(krate, item)) => {
                    let members = krate.types.get(&item.name).map(|ty| ty.members.as_slice());
                    let variants = members.unwrap_or_default().iter();
                    let variants =
                        variants.filter(|one| matches!(one.kind, MemberKind::Variant { .. }));
                    brought.extend(variants.map(member_candidate));
                }
                _ => (),
            }
        }
        brought.sort_by(|a, b| a.name.cmp(&b.name));
        found.extend(brought);
        found
    }
}

/// The definitions of the session, as a crate without a name.
fn own_crate(root: &ra_ap_syntax::SyntaxNode) -> Crate {
    let mut own = Crate::empty("");
    let cell = root.children().find_map(ast::Fn::cast);
    let statements = cell
        .and_then(|cell| cell.body())
        .and_then(|body| body.stmt_list())
        .into_iter()
        .flat_map(|list| list.statements());
    let items = statements.filter_map(|statement| match statement {
        ast::Stmt::Item(item) => Some(item),
        _ => None,
    });
    own.add(items, 0, None);
    own
}

fn plain(name: &str, kind: &'static str) -> Candidate {
    Candidate {
        name: name.to_owned(),
        kind,
        about: About::default(),
        call: None,
    }
}

fn by_case(name: &str) -> &'static str {
    if name.starts_with(char::is_uppercase) {
        "class"
    } else {
        "instance"
    }
}

fn as_candidate(item: &Item, name: &str) -> Candidate {
    let (kind, call) = match &item.kind {
        Kind::Module(_) => ("module", None),
        Kind::Type | Kind::Alias(_) => ("class", None),
        Kind::Function(call) => ("function", Some(call.has_parameters)),
        Kind::Macro => ("function", Some(true)),
        Kind::Value(_) | Kind::Import(_) => ("instance", None),
    };
    let bang = if matches!(item.kind, Kind::Macro) {
        "!"
    } else {
        ""
    };
    Candidate {
        name: format!("{name}{bang}"),
        kind,
        about: item.about.clone(),
        call,
    }
}

fn member_candidate(member: &Member) -> Candidate {
    let (kind, call) = match &member.kind {
        MemberKind::Field(_) => ("instance", None),
        MemberKind::Function(call) => ("function", Some(call.has_parameters)),
        MemberKind::Variant { has_parameters } => ("instance", has_parameters.then_some(true)),
    };
    Candidate {
        name: member.name.clone(),
        kind,
        about: member.about.clone(),
        call,
    }
}

impl place::Asked {
    fn is_in_use(&self) -> bool {
        let token = self.root.token_at_offset(self.at).right_biased();
        let mut around = token.iter().flat_map(|token| token.parent_ancestors());
        around.any(|node| ast::UseTree::can_cast(node.kind()))
    }
}

#[cfg(test)]
mod tests;
