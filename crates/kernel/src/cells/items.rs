//! The definitions of a cell, and the names that they take.

use std::collections::BTreeMap;
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasName, HasVisibility};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind, SyntaxNode, TextRange};

use super::follow::Added;
use super::made;
use super::parse::{bytes, plain_name};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition {
    /// What it is known by, such as `type P`. A later definition with one of these keys takes its place.
    pub(crate) keys: Vec<String>,
    /// The type of its cell that an `impl` is about: it ends with that.
    pub(crate) follows: Option<String>,
    /// The name of the type that an `impl` is about.
    pub(crate) about: Option<String>,
    pub(crate) kind: DefinitionKind,
    pub(crate) range: Range<usize>,
    /// Written in place of the range; the imports of one `use` are kept one by one.
    pub(crate) text: Option<String>,
    /// The members of an `impl` without a trait, by name, with their places in the text: such blocks add up.
    pub(crate) members: Vec<(String, Range<usize>)>,
    /// The statics in it.
    pub(crate) statics: Vec<Static>,
    /// Of a macro, or of a call of one, what has to be written in its text so that all cells share the statics that it makes.
    pub(crate) shares: Vec<Added>,
    /// Of a module that is in a file.
    pub(crate) file: Option<ModuleFile>,
    /// What older editions write without `unsafe`: places in the text, and what to write there.
    pub(crate) unsafe_words: Vec<(Range<usize>, String)>,
}

/// `mod x;`: a module in a file beside the notebook.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModuleFile {
    /// The files that it may be in, as they are written.
    pub(crate) names: Vec<String>,
    /// The attribute that says so, or where one can stand, in the text of the definition.
    pub(crate) attribute: Range<usize>,
}

/// A static, with its places in the text of its definition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Static {
    pub(crate) name: String,
    /// Where attributes can stand.
    pub(crate) at: usize,
    pub(crate) type_name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefinitionKind {
    /// Before everything: `#![...]`.
    Attribute,
    /// Must stand before its use.
    Macro,
    Import,
    Item,
}

impl Definition {
    /// One that only its text tells from others.
    pub(crate) fn plain(kind: DefinitionKind, key: &str, range: Range<usize>) -> Definition {
        Definition {
            keys: vec![key.to_owned()],
            follows: None,
            about: None,
            kind,
            range,
            text: None,
            members: Vec::new(),
            statics: Vec::new(),
            shares: Vec::new(),
            file: None,
            unsafe_words: Vec::new(),
        }
    }

    /// Whether it makes something of this name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }

    /// The names that it makes. An `impl` makes none, though its key ends with that of a type.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.keys.iter().filter_map(|key| key.split_once(' '));
        names
            .filter(|(space, _)| ["type", "value", "macro", "use"].contains(space))
            .map(|(_, name)| name)
    }

    /// Whether there is no place for `old` beside it.
    pub(crate) fn replaces(&self, old: &Definition) -> bool {
        let adds_up = !self.members.is_empty() || !old.members.is_empty();
        !adds_up && self.keys.iter().any(|key| old.keys.contains(key))
    }

    /// What a student calls it.
    pub(crate) fn title(&self) -> &str {
        let key = self.keys.first().map_or("", String::as_str);
        let name = ["type ", "value ", "macro "]
            .iter()
            .find_map(|space| key.strip_prefix(space));
        name.unwrap_or(key)
    }

    /// What an item makes.
    pub(crate) fn of(text: &str, item: &ast::Item) -> Vec<Definition> {
        let range = bytes(item.syntax().text_range());
        let mut definition = Definition::plain(DefinitionKind::Item, "", range.clone());
        let types = |name: Option<ast::Name>| names(&["type"], name);
        let values = |name: Option<ast::Name>| names(&["value"], name);
        definition.keys = match item {
            ast::Item::Use(item) => return imports(text, item),
            ast::Item::Impl(item) => {
                definition.describe_impl(text, item);
                return vec![definition];
            }
            ast::Item::MacroRules(item) => {
                definition.kind = DefinitionKind::Macro;
                definition.shares = made::by_macro(item, range.start);
                names(&["macro"], item.name())
            }
            ast::Item::Struct(item) => match item.field_list() {
                Some(ast::FieldList::RecordFieldList(_)) => types(item.name()),
                _ => names(&["type", "value"], item.name()),
            },
            ast::Item::Const(item) => values(item.name()),
            ast::Item::Fn(item) => values(item.name()),
            ast::Item::Static(item) => values(item.name()),
            ast::Item::Enum(item) => types(item.name()),
            ast::Item::Module(item) => {
                definition.file = module_file(item, range.start);
                types(item.name())
            }
            ast::Item::Trait(item) => types(item.name()),
            ast::Item::TypeAlias(item) => types(item.name()),
            ast::Item::Union(item) => types(item.name()),
            _ => Vec::new(),
        };
        if definition.keys.is_empty() {
            definition.keys = vec![text[range.clone()].trim().to_owned()];
        }
        definition.statics = statics(item.syntax(), range.start);
        definition.unsafe_words = unsafe_words(item.syntax(), range.start);
        vec![definition]
    }

    /// What a call of a macro that makes items seems to make.
    pub(crate) fn of_call(text: &str, call: &SyntaxNode) -> Definition {
        let mut calls = call.descendants().filter_map(ast::MacroCall::cast);
        let locals = calls
            .next()
            .and_then(|call| Definition::of_thread_locals(text, &call));
        if let Some(mut locals) = locals {
            locals.range = bytes(call.text_range());
            return locals;
        }
        let range = bytes(call.text_range());
        let mut definition = Definition::plain(DefinitionKind::Item, "", range.clone());
        definition.keys = vec![text[range].trim().to_owned()];
        let tree = call
            .descendants()
            .find(|node| node.kind() == SyntaxKind::TOKEN_TREE);
        let tokens = tree
            .iter()
            .flat_map(|tree| tree.children_with_tokens())
            .filter_map(|part| part.into_token())
            .filter(|token| !token.kind().is_trivia());
        let words: Vec<String> = tokens.map(|token| token.text().to_owned()).collect();
        for pair in words.windows(3) {
            let space = match pair[0].as_str() {
                "struct" => &["type", "value"][..],
                "enum" | "union" | "type" | "trait" => &["type"],
                "static" | "const" | "fn" => &["value"],
                _ => continue,
            };
            // `static ref X` is that of lazy_static.
            let name = if ["ref", "mut"].contains(&pair[1].as_str()) {
                &pair[2]
            } else {
                &pair[1]
            };
            let keys = space.iter().map(|space| format!("{space} {name}"));
            definition.keys.extend(keys);
        }
        let call = call.descendants().find_map(ast::MacroCall::cast);
        let lazy = call.and_then(|call| made::by_lazy_static(&call, &definition.range));
        if let Some((statics, shares)) = lazy {
            (definition.statics, definition.shares) = (statics, shares);
        }
        definition
    }

    /// What a call of `thread_local!` makes: statics that all cells can share, as they share others.
    fn of_thread_locals(text: &str, call: &ast::MacroCall) -> Option<Definition> {
        let path = call.path()?.syntax().text().to_string();
        if path.trim_start_matches("::").trim_start_matches("std::") != "thread_local" {
            return None;
        }
        let tokens = call.token_tree()?.syntax().text().to_string();
        let inside = tokens.get(1..tokens.len() - 1)?;
        // The last one needs no semicolon.
        let file = SourceFile::parse(&format!("{inside};"), Edition::Edition2024);
        let range = bytes(call.syntax().text_range());
        let key = text[range.clone()].trim();
        let mut definition = Definition::plain(DefinitionKind::Item, key, range);
        let mut made = String::new();
        for one in file
            .tree()
            .syntax()
            .children()
            .filter_map(ast::Static::cast)
        {
            let (name, of) = (
                one.name()?.to_string(),
                one.ty()?.syntax().text().to_string(),
            );
            let start = match one.visibility() {
                Some(part) => part.syntax().text_range().start(),
                None => one.static_token()?.text_range().start(),
            };
            let front = TextRange::new(start, one.static_token()?.text_range().start());
            let front = front - one.syntax().text_range().start();
            let front = one.syntax().text().slice(front).to_string();
            let whole = one.syntax().text_range();
            let before = TextRange::new(whole.start(), start) - whole.start();
            let before = one.syntax().text().slice(before).to_string();
            let value = one.body()?.syntax().text().to_string();
            made += &before;
            definition.keys.push(format!("value {name}"));
            definition.statics.push(Static {
                name: name.clone(),
                at: made.len(),
                type_name: of.clone(),
            });
            made += &format!(
                "{front}static {name}: ::gradus_cell::Local<{of}> = {{ ::std::thread_local! {{ static {name}: {of} = {value}; }} \
                 ::gradus_cell::Local::new({name}) }};\n"
            );
        }
        definition.text = Some(made).filter(|_| !definition.statics.is_empty());
        definition.text.is_some().then_some(definition)
    }

    fn describe_impl(&mut self, text: &str, item: &ast::Impl) {
        let list = item.assoc_item_list();
        let end = list.as_ref().map_or(self.range.end, |list| {
            bytes(list.syntax().text_range()).start
        });
        let start = item
            .impl_token()
            .map_or(self.range.start, |token| bytes(token.text_range()).start);
        let head: Vec<&str> = text[start..end].split_whitespace().collect();
        self.keys = vec![head.join(" ")];
        let path = match item.self_ty() {
            Some(ast::Type::PathType(of)) => of.path(),
            _ => None,
        };
        let name = path
            .and_then(|path| path.segment())
            .and_then(|last| last.name_ref());
        self.about = name.map(|name| plain_name(name.text()));
        self.follows = self.about.as_ref().map(|name| format!("type {name}"));
        self.statics = statics(item.syntax(), self.range.start);
        if item.trait_().is_some() {
            return;
        }
        let members = list.iter().flat_map(|list| list.assoc_items());
        self.members = members
            .filter_map(|member| {
                let name = match &member {
                    ast::AssocItem::Fn(member) => member.name(),
                    ast::AssocItem::Const(member) => member.name(),
                    _ => None,
                };
                let place = bytes(member.syntax().text_range());
                let (from, to) = (place.start - self.range.start, place.end - self.range.start);
                Some((name?.to_string(), from..to))
            })
            .collect();
    }
}

fn names(spaces: &[&str], name: Option<ast::Name>) -> Vec<String> {
    let name = name.map(|name| plain_name(name.text()));
    let name = name.filter(|name| name != "_");
    let keys = name
        .iter()
        .flat_map(|name| spaces.iter().map(move |space| format!("{space} {name}")));
    keys.collect()
}

fn statics(item: &SyntaxNode, start: usize) -> Vec<Static> {
    let found = item.descendants().filter_map(ast::Static::cast);
    // One that has a name outside already, or is another library's.
    let is_own = |one: &ast::Static| {
        let mut around = one.syntax().ancestors();
        let text = one.attrs().map(|attr| attr.syntax().text().to_string());
        let has_name = text.into_iter().any(|text| {
            let names = ["no_mangle", "export_name", "thread_local", "link_section"];
            names.iter().any(|name| text.contains(name))
        });
        !has_name && !around.any(|node| ast::ExternBlock::can_cast(node.kind()))
    };
    found
        .filter(is_own)
        .filter_map(|one| {
            let after_attributes = one
                .visibility()
                .map(|part| part.syntax().text_range())
                .or_else(|| Some(one.static_token()?.text_range()))?;
            Some(Static {
                name: one.name()?.to_string(),
                at: bytes(after_attributes).start - start,
                type_name: one.ty()?.syntax().text().to_string(),
            })
        })
        .collect()
}

/// `extern { }` and `#[no_mangle]` as edition 2024 wants them.
fn unsafe_words(item: &SyntaxNode, start: usize) -> Vec<(Range<usize>, String)> {
    let place = |range: TextRange| {
        let range = bytes(range);
        range.start - start..range.end - start
    };
    let blocks = item.descendants().filter_map(ast::ExternBlock::cast);
    let blocks = blocks.filter(|block| block.unsafe_token().is_none());
    let blocks = blocks.filter_map(|block| {
        let at = place(block.abi()?.syntax().text_range()).start;
        Some((at..at, "unsafe ".to_owned()))
    });
    let attributes = item.descendants().filter_map(ast::Attr::cast);
    let attributes = attributes.filter_map(|attribute| {
        let text = attribute.syntax().text().to_string();
        let inside = text.strip_prefix("#[")?.strip_suffix(']')?;
        let name = inside.split(['=', ' ']).next()?;
        ["no_mangle", "export_name", "link_section"]
            .contains(&name)
            .then(|| {
                let place = place(attribute.syntax().text_range());
                (place, format!("#[unsafe({inside})]"))
            })
    });
    blocks.chain(attributes).collect()
}

fn module_file(item: &ast::Module, start: usize) -> Option<ModuleFile> {
    item.semicolon_token()?;
    let place = |range: TextRange| {
        let range = bytes(range);
        range.start - start..range.end - start
    };
    for attribute in item.attrs() {
        let range = place(attribute.syntax().text_range());
        let text = attribute.syntax().text().to_string();
        let inside = text.trim_start_matches("#[").trim_start();
        if let Some(value) = inside.strip_prefix("path") {
            let name = value.split('"').nth(1)?.to_owned();
            let (names, attribute) = (vec![name], range);
            return Some(ModuleFile { names, attribute });
        }
    }
    let first = match item.visibility() {
        Some(part) => part.syntax().text_range(),
        None => item.mod_token()?.text_range(),
    };
    let at = place(first).start;
    let name = plain_name(item.name()?.text().trim_start_matches("r#"));
    Some(ModuleFile {
        names: vec![format!("{name}.rs"), format!("{name}/mod.rs")],
        attribute: at..at,
    })
}

fn imports(text: &str, item: &ast::Use) -> Vec<Definition> {
    let mut imports = BTreeMap::new();
    if let Some(tree) = item.use_tree() {
        leaves(&tree, "", &mut imports);
    }
    let range = bytes(item.syntax().text_range());
    let is_one = imports.len() == 1 && !text[range.clone()].contains('{');
    // What stands in front of it, such as `pub` and attributes, goes for each.
    let start = item
        .use_token()
        .map_or(range.start, |token| bytes(token.text_range()).start);
    let front = &text[range.start..start];
    let of = |(key, path): (String, String)| Definition {
        text: (!is_one).then(|| format!("{front}use {path};")),
        ..Definition::plain(DefinitionKind::Import, &format!("use {key}"), range.clone())
    };
    imports.into_iter().map(of).collect()
}

/// Every import of a `use`: a key and the path with its new name.
fn leaves(tree: &ast::UseTree, before: &str, out: &mut BTreeMap<String, String>) {
    let path = tree
        .path()
        .map(|path| path.syntax().text().to_string())
        .unwrap_or_default();
    let absolute =
        if before.is_empty() && tree.coloncolon_token().is_some() && tree.path().is_none() {
            "::"
        } else {
            ""
        };
    let path = match (before, path.as_str()) {
        ("", path) => format!("{absolute}{path}"),
        (before, "") => before.to_owned(),
        (before, "self") => before.to_owned(),
        (before, path) => format!("{before}::{path}"),
    };
    if let Some(list) = tree.use_tree_list() {
        for tree in list.use_trees() {
            leaves(&tree, &path, out);
        }
    } else if tree.star_token().is_some() {
        out.insert(format!("{path}::*"), format!("{path}::*"));
    } else {
        let path = path.strip_suffix("::self").unwrap_or(&path).to_owned();
        let last = path.rsplit("::").next().unwrap_or_default().to_owned();
        match tree.rename() {
            Some(rename) => match rename.name() {
                Some(name) => out.insert(name.to_string(), format!("{path} as {name}")),
                None => out.insert(format!("{path} as _"), format!("{path} as _")),
            },
            None => out.insert(last, path),
        };
    }
}
