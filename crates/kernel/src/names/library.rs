//! What a crate offers, read from its source: names, kinds, signatures, documentation. Macros are not expanded and nothing is
//! checked, so it takes a tenth of a second where a compiler takes many.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use ra_ap_syntax::ast::{
    self, AstNode, HasAttrs, HasDocComments, HasGenericArgs, HasModuleItem, HasName, HasVisibility,
};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind};

/// One crate.
#[derive(Debug, Default)]
pub(super) struct Crate {
    pub(super) name: String,
    /// The first is its root.
    pub(super) modules: Vec<Module>,
    /// Structs, enums and traits, by their names alone: two of one name in a crate count as one.
    pub(super) types: HashMap<String, Type>,
    /// The enum that each macro defines, for those that are lists of its variants.
    lists: HashMap<String, String>,
    /// The calls of macros as items: their modules, the names of the macros, the names with documentation that they are given.
    calls: Vec<(usize, String, Vec<Member>)>,
}

#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) parent: usize,
    pub(super) items: Vec<Item>,
    /// The paths of `use path::*`, and whether others see what they bring.
    pub(super) globs: Vec<(Vec<String>, bool)>,
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_public: bool,
    pub(super) about: About,
}

/// What is said of a name.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) signature: String,
    pub(super) docs: String,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Module(usize),
    /// A struct, an enum or a trait.
    Type,
    Alias(Ty),
    Function(Call),
    Value(Ty),
    Macro,
    /// Another path has it.
    Import(Vec<String>),
}

/// How something is called.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    pub(super) has_self: bool,
    /// Besides `self`.
    pub(super) has_parameters: bool,
    pub(super) returns: Ty,
}

#[derive(Debug, Default)]
pub(super) struct Type {
    pub(super) members: Vec<Member>,
    /// The traits that it has, by their names.
    pub(super) traits: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) kind: MemberKind,
    pub(super) is_public: bool,
    pub(super) about: About,
}

#[derive(Clone, Debug)]
pub(super) enum MemberKind {
    Field(Ty),
    Function(Call),
    /// A variant with fields in parentheses, or not; or a constant.
    Variant {
        has_parameters: bool,
    },
}

/// A type as far as it matters for what follows a dot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Ty {
    Named {
        /// The first name of its path, where that has more than one.
        root: Option<String>,
        name: String,
        arguments: Vec<Ty>,
    },
    Tuple(Vec<Ty>),
    /// `Self`.
    Own,
    #[default]
    Unknown,
}

impl Ty {
    pub(super) fn of(ty: Option<ast::Type>) -> Ty {
        match ty {
            Some(ast::Type::PathType(ty)) => ty.path().map_or(Ty::Unknown, |path| Ty::at(&path)),
            Some(ast::Type::RefType(ty)) => Ty::of(ty.ty()),
            Some(ast::Type::ParenType(ty)) => Ty::of(ty.ty()),
            Some(ast::Type::TupleType(ty)) => {
                Ty::Tuple(ty.fields().map(|field| Ty::of(Some(field))).collect())
            }
            Some(ast::Type::ImplTraitType(ty)) => Ty::bound(ty.type_bound_list()),
            Some(ast::Type::DynTraitType(ty)) => Ty::bound(ty.type_bound_list()),
            _ => Ty::Unknown,
        }
    }

    fn bound(bounds: Option<ast::TypeBoundList>) -> Ty {
        let first = bounds.and_then(|list| list.bounds().next());
        Ty::of(first.and_then(|bound| bound.ty()))
    }

    pub(super) fn at(path: &ast::Path) -> Ty {
        let names = segments(path);
        let Some(name) = names.last().cloned() else {
            return Ty::Unknown;
        };
        if names == ["Self"] {
            return Ty::Own;
        }
        let arguments = path
            .segment()
            .and_then(|segment| segment.generic_arg_list());
        let arguments = arguments.into_iter().flat_map(|list| list.generic_args());
        let arguments = arguments.filter_map(|argument| match argument {
            ast::GenericArg::TypeArg(argument) => Some(Ty::of(argument.ty())),
            _ => None,
        });
        Ty::Named {
            root: (names.len() > 1).then(|| names[0].clone()),
            name,
            arguments: arguments.collect(),
        }
    }

    /// With the type that `Self` means.
    pub(super) fn with_own(&self, own: &Ty) -> Ty {
        let all = |types: &[Ty]| types.iter().map(|ty| ty.with_own(own)).collect();
        match self {
            Ty::Own => own.clone(),
            Ty::Tuple(types) => Ty::Tuple(all(types)),
            Ty::Named {
                root,
                name,
                arguments,
            } => Ty::Named {
                root: root.clone(),
                name: name.clone(),
                arguments: all(arguments),
            },
            Ty::Unknown => Ty::Unknown,
        }
    }
}

/// The names of a path; none where it is of another kind, such as `<T as Trait>::x`.
pub(super) fn segments(path: &ast::Path) -> Vec<String> {
    let mut names = path
        .qualifier()
        .map_or(Vec::new(), |first| segments(&first));
    if let Some(name) = path.segment().and_then(|segment| segment.name_ref()) {
        names.push(name.text().trim_start_matches("r#").to_owned());
    }
    names
}

impl Crate {
    /// Reads a crate from the file of its root.
    pub(super) fn read(name: &str, root: &Path) -> Crate {
        let mut made = Crate::empty(name);
        made.read_file(root, 0, true);
        made.take_lists();
        made
    }

    pub(super) fn empty(name: &str) -> Crate {
        Crate {
            name: name.to_owned(),
            modules: vec![Module::default()],
            ..Crate::default()
        }
    }

    fn read_file(&mut self, file: &Path, module: usize, owns_folder: bool) {
        let Ok(text) = fs::read_to_string(file) else {
            return;
        };
        let Some(folder) = file.parent() else { return };
        let folder = match file.file_stem() {
            Some(stem) if !owns_folder => folder.join(stem),
            _ => folder.to_owned(),
        };
        let source = SourceFile::parse(&text, Edition::Edition2024).tree();
        self.add(source.items(), module, Some(&folder));
    }

    /// Takes items into a module whose own modules stand in `folder`.
    pub(super) fn add(
        &mut self,
        items: impl Iterator<Item = ast::Item>,
        module: usize,
        folder: Option<&Path>,
    ) {
        for item in items {
            if attributes(&item).any(|text| text.contains("cfg(test)")) {
                continue;
            }
            match &item {
                ast::Item::Module(inner) => self.add_module(inner, module, folder),
                ast::Item::Use(item) => {
                    let is_public = is_public(item);
                    if let Some(tree) = item.use_tree() {
                        self.add_use(&tree, Vec::new(), is_public, module);
                    }
                }
                ast::Item::Impl(item) => self.add_impl(item),
                _ => self.add_named(&item, module),
            }
        }
    }

    fn add_module(&mut self, item: &ast::Module, parent: usize, folder: Option<&Path>) {
        let Some(name) = item.name().map(|name| name.text().to_string()) else {
            return;
        };
        self.modules.push(Module {
            parent,
            ..Module::default()
        });
        let module = self.modules.len() - 1;
        self.push(parent, item, Kind::Module(module), format!("mod {name}"));
        let inside = folder.map(|folder| folder.join(&name));
        if let Some(list) = item.item_list() {
            self.add(list.items(), module, inside.as_deref());
        } else if let (Some(folder), Some(inside)) = (folder, inside) {
            let named = path_attribute(item).map(|path| (folder.join(path), true));
            let beside = (folder.join(format!("{name}.rs")), false);
            let files = named
                .into_iter()
                .chain([beside, (inside.join("mod.rs"), true)]);
            if let Some((file, owns)) = files.into_iter().find(|(file, _)| file.is_file()) {
                self.read_file(&file, module, owns);
            }
        }
    }

    fn add_use(
        &mut self,
        tree: &ast::UseTree,
        mut path: Vec<String>,
        is_public: bool,
        module: usize,
    ) {
        path.extend(tree.path().map_or(Vec::new(), |path| all_segments(&path)));
        if let Some(list) = tree.use_tree_list() {
            for tree in list.use_trees() {
                self.add_use(&tree, path.clone(), is_public, module);
            }
            return;
        }
        if tree.star_token().is_some() {
            self.modules[module].globs.push((path, is_public));
            return;
        }
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let renamed = tree
            .rename()
            .map(|rename| rename.name().map(|name| name.text().to_string()));
        let name = match renamed {
            Some(name) => name,
            None => path.last().cloned(),
        };
        if let Some(name) = name {
            self.modules[module].items.push(Item {
                name,
                kind: Kind::Import(path),
                is_public,
                about: About::default(),
            });
        }
    }

    fn add_named(&mut self, item: &ast::Item, module: usize) {
        match item {
            ast::Item::Fn(item) => {
                let signature = head(item, item.body().map(|body| body.syntax().clone()));
                self.push(module, item, Kind::Function(call(item)), signature);
            }
            ast::Item::Struct(item) => {
                let fields = item.field_list();
                let end = match &fields {
                    Some(ast::FieldList::RecordFieldList(list)) => Some(list.syntax().clone()),
                    _ => None,
                };
                self.push(module, item, Kind::Type, head(item, end));
                let members = match fields {
                    Some(ast::FieldList::RecordFieldList(list)) => {
                        list.fields().filter_map(|field| as_field(&field)).collect()
                    }
                    _ => Vec::new(),
                };
                self.extend(item, members);
            }
            ast::Item::Enum(item) => {
                let variants = item.variant_list();
                let end = variants.as_ref().map(|list| list.syntax().clone());
                self.push(module, item, Kind::Type, head(item, end));
                let variants = variants.into_iter().flat_map(|list| list.variants());
                let members = variants.filter_map(|variant| {
                    Some(Member {
                        name: variant.name()?.text().to_string(),
                        kind: MemberKind::Variant {
                            has_parameters: matches!(
                                variant.field_list(),
                                Some(ast::FieldList::TupleFieldList(_))
                            ),
                        },
                        is_public: true,
                        about: About {
                            signature: head(&variant, None),
                            docs: docs(&variant),
                        },
                    })
                });
                self.extend(item, members.collect());
            }
            ast::Item::Trait(item) => {
                let list = item.assoc_item_list();
                let end = list.as_ref().map(|list| list.syntax().clone());
                self.push(module, item, Kind::Type, head(item, end));
                self.extend(item, members(list, true));
            }
            ast::Item::TypeAlias(item) => {
                self.push(
                    module,
                    item,
                    Kind::Alias(Ty::of(item.ty())),
                    head(item, None),
                );
            }
            ast::Item::Const(item) => {
                self.push(
                    module,
                    item,
                    Kind::Value(Ty::of(item.ty())),
                    head(item, None),
                );
            }
            ast::Item::Static(item) => {
                self.push(
                    module,
                    item,
                    Kind::Value(Ty::of(item.ty())),
                    head(item, None),
                );
            }
            ast::Item::MacroRules(item) => {
                let Some(name) = item.name().map(|name| name.text().to_string()) else {
                    return;
                };
                if let Some(list) = item.token_tree().and_then(|body| enum_of(&body)) {
                    self.lists.insert(name.clone(), list);
                }
                let exported = attributes(item).any(|text| text.contains("macro_export"));
                self.modules[if exported { 0 } else { module }]
                    .items
                    .push(Item {
                        about: About {
                            signature: format!("{name}!"),
                            docs: docs(item),
                        },
                        name,
                        kind: Kind::Macro,
                        is_public: exported,
                    });
            }
            ast::Item::MacroCall(item) => {
                let name = item.path().and_then(|path| segments(&path).pop());
                if let (Some(name), Some(given)) = (name, item.token_tree()) {
                    self.calls.push((module, name, documented(&given)));
                }
            }
            _ => (),
        }
    }

    /// Enums that a macro makes of a list: its text has their names, the call those of the variants, with documentation.
    fn take_lists(&mut self) {
        for (module, name, given) in std::mem::take(&mut self.calls) {
            let Some(list) = self.lists.get(&name).cloned() else {
                continue;
            };
            let known = self.types.entry(list.clone()).or_default();
            known.members.extend(given);
            self.modules[module].items.push(Item {
                about: About {
                    signature: format!("pub enum {list}"),
                    docs: String::new(),
                },
                name: list,
                kind: Kind::Type,
                is_public: true,
            });
        }
    }

    fn add_impl(&mut self, item: &ast::Impl) {
        let Ty::Named { name, .. } = Ty::of(item.self_ty()) else {
            return;
        };
        let of_trait = item.trait_().map(|ty| Ty::of(Some(ty)));
        let known = self.types.entry(name).or_default();
        known
            .members
            .extend(members(item.assoc_item_list(), of_trait.is_some()));
        if let Some(Ty::Named { name, .. }) = of_trait {
            known.traits.push(name);
        }
    }

    fn push<T>(&mut self, module: usize, item: &T, kind: Kind, signature: String)
    where
        T: HasName + HasVisibility + HasDocComments,
    {
        if let Some(name) = item.name() {
            self.modules[module].items.push(Item {
                name: name.text().trim_start_matches("r#").to_owned(),
                kind,
                is_public: is_public(item) && !is_hidden(item),
                about: About {
                    signature,
                    docs: docs(item),
                },
            });
        }
    }

    fn extend(&mut self, item: &impl HasName, members: Vec<Member>) {
        if let Some(name) = item.name() {
            let known = self.types.entry(name.text().to_string()).or_default();
            known.members.extend(members);
        }
    }
}

fn as_field(field: &ast::RecordField) -> Option<Member> {
    Some(Member {
        name: field.name()?.text().to_string(),
        kind: MemberKind::Field(Ty::of(field.ty())),
        is_public: is_public(field) && !is_hidden(field),
        about: About {
            signature: head(field, None),
            docs: docs(field),
        },
    })
}

/// The enum that a macro defines, if its text names one.
fn enum_of(body: &ast::TokenTree) -> Option<String> {
    let tokens = body.syntax().descendants_with_tokens();
    let tokens = tokens.filter_map(|part| part.into_token());
    let tokens: Vec<_> = tokens.filter(|token| !token.kind().is_trivia()).collect();
    tokens.windows(3).find_map(|three| {
        let [public, word, name] = three else {
            return None;
        };
        let is_one = public.text() == "pub" && word.text() == "enum";
        (is_one && name.kind() == SyntaxKind::IDENT).then(|| name.text().to_owned())
    })
}

/// The names in a list that stand behind their documentation.
fn documented(given: &ast::TokenTree) -> Vec<Member> {
    let mut found = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for part in given.syntax().children_with_tokens() {
        let text = part.to_string();
        match part.kind() {
            SyntaxKind::COMMENT => {
                lines.extend(text.strip_prefix("///").map(|line| line.trim().to_owned()));
            }
            SyntaxKind::IDENT if !lines.is_empty() => found.push(Member {
                about: About {
                    signature: text.clone(),
                    docs: std::mem::take(&mut lines).join("\n"),
                },
                name: text,
                kind: MemberKind::Variant {
                    has_parameters: false,
                },
                is_public: true,
            }),
            SyntaxKind::WHITESPACE | SyntaxKind::POUND | SyntaxKind::TOKEN_TREE => (),
            _ => lines.clear(),
        }
    }
    found
}

/// What stands in an `impl` block or a trait.
fn members(list: Option<ast::AssocItemList>, all_public: bool) -> Vec<Member> {
    let items = list.into_iter().flat_map(|list| list.assoc_items());
    let members = items.filter_map(|item| match item {
        ast::AssocItem::Fn(item) => Some(Member {
            name: item.name()?.text().to_string(),
            kind: MemberKind::Function(call(&item)),
            is_public: (all_public || is_public(&item)) && !is_hidden(&item),
            about: About {
                signature: head(&item, item.body().map(|body| body.syntax().clone())),
                docs: docs(&item),
            },
        }),
        ast::AssocItem::Const(item) => Some(Member {
            name: item.name()?.text().to_string(),
            kind: MemberKind::Variant {
                has_parameters: false,
            },
            is_public: (all_public || is_public(&item)) && !is_hidden(&item),
            about: About {
                signature: head(&item, None),
                docs: docs(&item),
            },
        }),
        _ => None,
    });
    members.collect()
}

fn call(item: &ast::Fn) -> Call {
    let parameters = item.param_list();
    Call {
        has_self: parameters
            .as_ref()
            .is_some_and(|list| list.self_param().is_some()),
        has_parameters: parameters.is_some_and(|list| list.params().next().is_some()),
        returns: Ty::of(item.ret_type().and_then(|returns| returns.ty())),
    }
}

/// The names of a path with its keywords, as `use` has it.
fn all_segments(path: &ast::Path) -> Vec<String> {
    let mut names = path
        .qualifier()
        .map_or(Vec::new(), |first| all_segments(&first));
    names.extend(path.segment().map(|segment| {
        let text = segment.syntax().text().to_string();
        text.trim().trim_start_matches("r#").to_owned()
    }));
    names
}

fn is_public(item: &impl HasVisibility) -> bool {
    item.visibility()
        .is_some_and(|visibility| visibility.syntax().text() == "pub")
}

fn attributes(item: &impl HasAttrs) -> impl Iterator<Item = String> {
    item.attrs()
        .map(|attribute| attribute.syntax().text().to_string())
}

fn is_hidden(item: &impl HasAttrs) -> bool {
    attributes(item).any(|text| text.contains("doc(hidden)"))
}

fn path_attribute(item: &ast::Module) -> Option<PathBuf> {
    let mut texts = attributes(item).filter(|text| {
        text.trim_start_matches("#[")
            .trim_start()
            .starts_with("path")
    });
    texts.next()?.split('"').nth(1).map(PathBuf::from)
}

fn docs(item: &impl HasDocComments) -> String {
    let lines = item.doc_comments().filter_map(|comment| {
        let (text, _) = comment.doc_comment()?;
        Some(text.strip_prefix(' ').unwrap_or(text).to_owned())
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text of an item in one line, from behind its attributes and documentation up to `end`.
fn head(item: &impl AstNode, end: Option<ra_ap_syntax::SyntaxNode>) -> String {
    let node = item.syntax();
    let mut parts = node.children_with_tokens().skip_while(|part| {
        matches!(
            part.kind(),
            SyntaxKind::COMMENT | SyntaxKind::WHITESPACE | SyntaxKind::ATTR
        )
    });
    let from = parts
        .next()
        .map_or(node.text_range().start(), |part| part.text_range().start());
    let to = end.map_or(node.text_range().end(), |end| end.text_range().start());
    let text = node.text().to_string();
    let begin = node.text_range().start();
    let text = text
        .get(usize::from(from - begin)..usize::from(to - begin))
        .unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ").replace("( ", "(").replace(", )", ")");
    line.trim_end_matches([';', ',']).trim_end().to_owned()
}
