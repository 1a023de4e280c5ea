//! Which of its libraries a crate names in public places. Nobody who uses it comes to see the others.
//!
//! It is read, not compiled: macros are not expanded, and what is public in a private module counts. A library too many costs
//! memory, and one too few the methods of a few types.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use ra_ap_syntax::ast::{self, AstNode, HasGenericParams, HasModuleItem, HasName, HasVisibility};
use ra_ap_syntax::{Edition, SourceFile, SyntaxNode};

/// Those of `libraries` that a crate names in public, by the file of its root.
pub fn named<'a>(root: &Path, libraries: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let mut search = Search {
        libraries,
        found: BTreeSet::new(),
    };
    if let Some(folder) = root.parent() {
        search.folder(folder);
    }
    search.found
}

struct Search<'a, 's> {
    libraries: &'s BTreeSet<&'a str>,
    found: BTreeSet<&'a str>,
}

/// The names that a module has of libraries.
type Names<'a> = HashMap<String, &'a str>;

impl<'a> Search<'a, '_> {
    fn folder(&mut self, folder: &Path) {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            if self.found.len() == self.libraries.len() {
                return;
            }
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() {
                if name != "tests" && name != "benches" && name != "examples" && name != "target" {
                    self.folder(&path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && let Ok(text) = fs::read_to_string(&path)
                // Most files name none of them.
                && self.libraries.iter().any(|name| text.contains(name))
            {
                let file = SourceFile::parse(&text, Edition::CURRENT).tree();
                self.items(file.items(), &Names::new());
            }
        }
    }

    fn items(&mut self, items: impl Iterator<Item = ast::Item>, outer: &Names<'a>) {
        let items: Vec<_> = items.collect();
        let mut names = outer.clone();
        for item in &items {
            match item {
                ast::Item::Use(import) => {
                    if let Some(tree) = import.use_tree() {
                        self.import(&tree, None, is_public(import), &mut names);
                    }
                }
                ast::Item::ExternCrate(import) => {
                    if let Some(library) = import.name_ref().and_then(|name| self.library(&name)) {
                        if is_public(import) {
                            self.found.insert(library);
                        }
                        if let Some(name) = import.rename().and_then(|rename| rename.name()) {
                            names.insert(name.text().to_string(), library);
                        }
                    }
                }
                _ => (),
            }
        }
        for item in &items {
            self.item(item, &names);
        }
    }

    /// Notes what a `use` brings; `from` is the library that the tree stands in.
    fn import(
        &mut self,
        tree: &ast::UseTree,
        from: Option<&'a str>,
        is_public: bool,
        names: &mut Names<'a>,
    ) {
        let path = tree.path();
        let first = path
            .as_ref()
            .and_then(|path| path.first_segment()?.name_ref());
        let library = from.or_else(|| {
            let first = first?;
            self.library(&first)
                .or_else(|| names.get(first.text()).copied())
        });
        if let Some(list) = tree.use_tree_list() {
            for inner in list.use_trees() {
                self.import(&inner, library, is_public, names);
            }
            return;
        }
        let Some(library) = library else {
            return;
        };
        // What a `*` brings can be anywhere.
        if is_public || tree.star_token().is_some() {
            self.found.insert(library);
        }
        let last = path.and_then(|path| path.segment()?.name_ref());
        let name = match tree.rename() {
            Some(rename) => rename.name().map(|name| name.text().to_string()),
            None => last.map(|name| name.text().to_string()),
        };
        if let Some(name) = name.filter(|name| name != "self") {
            names.insert(name, library);
        }
    }

    fn item(&mut self, item: &ast::Item, names: &Names<'a>) {
        match item {
            ast::Item::Module(module) => {
                if let Some(list) = module.item_list() {
                    self.items(list.items(), names);
                }
            }
            // Many macros take items and give them back, where a feature is on.
            ast::Item::MacroCall(call) => {
                let tree = call
                    .token_tree()
                    .map(|tree| tree.syntax().text().to_string());
                // Without the brackets.
                let text = tree
                    .as_ref()
                    .and_then(|tree| tree.get(1..tree.len().saturating_sub(1)));
                if let Some(text) = text {
                    let file = SourceFile::parse(text, Edition::CURRENT).tree();
                    self.items(file.items(), names);
                }
            }
            ast::Item::Impl(block) => {
                let own = [
                    block.generic_param_list().map(|node| node.syntax().clone()),
                    block.where_clause().map(|node| node.syntax().clone()),
                    block.self_ty().map(|node| node.syntax().clone()),
                    block.trait_().map(|node| node.syntax().clone()),
                ];
                let is_of_trait = block.trait_().is_some();
                let own: Vec<_> = own.into_iter().flatten().collect();
                let inner = block
                    .assoc_item_list()
                    .into_iter()
                    .flat_map(|list| list.assoc_items());
                let inner: Vec<_> = inner.collect();
                if is_of_trait || inner.iter().any(is_public_inside) {
                    own.iter().for_each(|node| self.paths(node, names));
                }
                for item in inner {
                    if is_of_trait || is_public_inside(&item) {
                        self.associated(&item, names);
                    }
                }
            }
            ast::Item::Trait(item) if is_public(item) => {
                for part in item.syntax().children() {
                    if ast::AssocItemList::can_cast(part.kind()) {
                        continue;
                    }
                    self.paths(&part, names);
                }
                let inner = item
                    .assoc_item_list()
                    .into_iter()
                    .flat_map(|list| list.assoc_items());
                inner.for_each(|item| self.associated(&item, names));
            }
            ast::Item::Fn(item) if is_public(item) => self.signature(item.syntax(), names),
            ast::Item::Struct(item) if is_public(item) => self.signature(item.syntax(), names),
            ast::Item::Union(item) if is_public(item) => self.signature(item.syntax(), names),
            ast::Item::Enum(item) if is_public(item) => self.paths(item.syntax(), names),
            ast::Item::TypeAlias(item) if is_public(item) => self.paths(item.syntax(), names),
            ast::Item::Const(item) if is_public(item) => self.signature(item.syntax(), names),
            ast::Item::Static(item) if is_public(item) => self.signature(item.syntax(), names),
            _ => (),
        }
    }

    fn associated(&mut self, item: &ast::AssocItem, names: &Names<'a>) {
        self.signature(item.syntax(), names);
    }

    /// All but bodies, values and private fields.
    fn signature(&mut self, item: &SyntaxNode, names: &Names<'a>) {
        for part in item.children() {
            if let Some(fields) = ast::RecordFieldList::cast(part.clone()) {
                let fields = fields.fields().filter(is_public);
                fields.for_each(|field| self.paths(field.syntax(), names));
            } else if let Some(fields) = ast::TupleFieldList::cast(part.clone()) {
                let fields = fields.fields().filter(is_public);
                fields.for_each(|field| self.paths(field.syntax(), names));
            } else if !ast::Expr::can_cast(part.kind()) {
                self.paths(&part, names);
            }
        }
    }

    fn paths(&mut self, part: &SyntaxNode, names: &Names<'a>) {
        for path in part.descendants().filter_map(ast::Path::cast) {
            if path.qualifier().is_none()
                && let Some(name) = path.segment().and_then(|segment| segment.name_ref())
                && let Some(library) = names
                    .get(name.text())
                    .copied()
                    .or_else(|| self.library(&name))
            {
                self.found.insert(library);
            }
        }
    }

    fn library(&self, name: &ast::NameRef) -> Option<&'a str> {
        self.libraries.get(name.text()).copied()
    }
}

fn is_public(item: &impl HasVisibility) -> bool {
    let visibility = item.visibility().map(|visibility| visibility.kind());
    matches!(visibility, Some(ast::VisibilityKind::Pub))
}

fn is_public_inside(item: &ast::AssocItem) -> bool {
    match item {
        ast::AssocItem::Const(item) => is_public(item),
        ast::AssocItem::Fn(item) => is_public(item),
        ast::AssocItem::TypeAlias(item) => is_public(item),
        ast::AssocItem::MacroCall(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_others_can_see_counts() {
        let libraries: BTreeSet<&str> = ["one", "two", "three"].into();
        for (code, wanted) in [
            (
                "pub fn f(x: one::A) -> Vec<two::B> { three::c() }",
                vec!["one", "two"],
            ),
            (
                "use one::A; use two::{self, b::{C, D as E}}; use three::F; pub fn f(_: A, _: E) { F }",
                vec!["one", "two"],
            ),
            (
                "pub use one::A; pub(crate) use two::B; pub extern crate three;",
                vec!["one", "three"],
            ),
            (
                "fn f(_: one::A) {} struct S(two::B); pub(crate) struct T { pub x: three::C }",
                vec![],
            ),
            (
                "pub struct S { pub a: one::A, b: two::B } pub struct T(pub three::C);",
                vec!["one", "three"],
            ),
            (
                "pub enum E { A(one::A) } pub type T = two::B; pub const C: three::C = three::d();",
                vec!["one", "two", "three"],
            ),
            (
                "struct S; impl one::A for S { type B = two::B; fn f(&self) { three::c() } }",
                vec!["one", "two"],
            ),
            (
                "pub struct S; impl S { pub fn f<T: one::A>(&self) {} fn g(_: two::B) {} }",
                vec!["one"],
            ),
            (
                "pub trait T: one::A { type B: two::B; fn f(&self) where Self: three::C {} }",
                vec!["one", "two", "three"],
            ),
            (
                "mod inner { use one::*; pub mod deep { pub fn f(_: two::B) {} } }",
                vec!["one", "two"],
            ),
            ("cfg! {pub fn f(_: one::A) {}}", vec!["one"]),
            (
                "pub const X: i32 = one::f(); pub static Y: i32 = { two::g() };",
                vec![],
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().join("lib.rs");
            fs::write(&root, "mod other;").unwrap();
            fs::write(folder.path().join("other.rs"), code).unwrap();
            assert_eq!(
                named(&root, &libraries),
                wanted.into_iter().collect(),
                "{code}"
            );
        }
    }
}
