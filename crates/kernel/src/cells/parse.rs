//! What a cell consists of: commands, definitions, statements, new variables, a value.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasLoopBody, HasName};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind, SyntaxNode, TextRange};

use super::lines;

/// A cell, taken apart. Ranges are bytes of its code.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// Lines for the kernel such as `:dep x = "1"`, each with its number from 1.
    pub(crate) commands: Vec<(usize, String)>,
    /// The cell with blanks in their place: what stands around a command may be one definition.
    pub(crate) code: String,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) statements: Vec<Range<usize>>,
    /// The last expression, when no semicolon follows it.
    pub(crate) value: Option<Range<usize>>,
    /// In the order of their first `let`.
    pub(crate) variables: Vec<NewVariable>,
    /// Every name in the statements and the value: variables that do not stand here are not touched.
    pub(crate) names: HashSet<String>,
    /// Names of earlier cells' variables that are given away, unless their type has copies.
    pub(crate) moved: HashSet<String>,
    /// The program that it becomes would be torn at another place than the cell.
    pub(crate) torn: Option<Torn>,
    /// The parser does not understand it; the compiler will say why.
    pub(crate) is_wrong: bool,
}

/// What is left open in some code, or closed without being open. Positions are bytes.
#[derive(Debug, PartialEq)]
pub(crate) enum Torn {
    /// The bracket here is not closed.
    Open(usize),
    /// The bracket here closes nothing, or one of another kind.
    Closed { at: usize, open: Option<usize> },
    /// The text or comment that starts here does not end.
    Endless(usize),
    /// The code ends where something has to follow, in rust-analyzer's words.
    TooShort { end: usize, lacks: String },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition {
    /// A later definition with the same key takes its place.
    pub(crate) key: String,
    /// The named definition before it in the same cell: without that, an `impl` has no meaning.
    pub(crate) follows: Option<String>,
    pub(crate) kind: DefinitionKind,
    pub(crate) range: Range<usize>,
    /// Written in place of the range; the imports of one `use` are kept one by one.
    pub(crate) text: Option<String>,
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

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewVariable {
    pub(crate) name: String,
    pub(crate) is_mut: bool,
    /// A closure is kept as a function pointer of this type, which may have holes.
    pub(crate) as_fn: Option<String>,
    /// Where the last statement ends that makes it.
    pub(crate) made_at: usize,
    pub(crate) given_away: GivenAway,
}

/// Whether a new variable is still there at the end of its cell, as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenAway {
    No,
    /// If its type has no copies; a copy made at once has the last value.
    UnlessCopy,
    /// Its type has no copies.
    Yes,
}

const BEFORE: &str = "fn cell() {\n";

pub(crate) fn parse(code: &str) -> Cell {
    parse_with(code, &|_| false)
}

/// Takes a cell apart where these names are known.
pub(crate) fn parse_with(code: &str, is_known: &dyn Fn(&str) -> bool) -> Cell {
    let lines = lines::split(code, is_known);
    let mut text = lines.code;
    let mut cell = Cell {
        commands: lines.commands,
        code: text.clone(),
        ..Cell::default()
    };
    for range in lines::inner_attributes(&mut text) {
        cell.definitions.push(Definition {
            key: code[range.clone()].to_owned(),
            follows: None,
            kind: DefinitionKind::Attribute,
            range,
            text: None,
        });
    }
    let file = SourceFile::parse(&format!("{BEFORE}{text}\n}}"), Edition::Edition2024);
    let function = file
        .tree()
        .syntax()
        .children()
        .find_map(ast::Fn::cast)
        .and_then(|function| function.body())
        .and_then(|body| body.stmt_list());
    match function {
        Some(list) if file.errors().is_empty() => cell.take_apart(&text, &list),
        _ if text.trim().is_empty() => (),
        // The compiler will say what is wrong with it.
        _ => {
            cell.torn = torn(&text, &file);
            cell.is_wrong = true;
            cell.statements.push(0..text.len());
        }
    }
    cell
}

/// `file` is the parsed function with the code `text` in it.
fn torn(text: &str, file: &ra_ap_syntax::Parse<SourceFile>) -> Option<Torn> {
    let errors = file.errors();
    let is_endless = |error: &&ra_ap_syntax::SyntaxError| {
        let words = error.to_string();
        words.starts_with("Missing trailing")
            // A raw one whose end is wrong is not told from one without.
            || (words == "Invalid raw string literal"
                && bytes(error.range()).end >= text.trim_end().len())
    };
    if let Some(error) = errors.iter().find(is_endless) {
        return Some(Torn::Endless(bytes(error.range()).start));
    }
    let mut open: Vec<(usize, SyntaxKind)> = Vec::new();
    let tokens = file.syntax_node().descendants_with_tokens();
    for token in tokens.filter_map(|part| part.into_token()) {
        let at = usize::from(token.text_range().start());
        if !(BEFORE.len()..BEFORE.len() + text.len()).contains(&at) {
            continue;
        }
        let at = at - BEFORE.len();
        let opening = match token.kind() {
            SyntaxKind::L_PAREN | SyntaxKind::L_BRACK | SyntaxKind::L_CURLY => {
                open.push((at, token.kind()));
                continue;
            }
            SyntaxKind::R_PAREN => SyntaxKind::L_PAREN,
            SyntaxKind::R_BRACK => SyntaxKind::L_BRACK,
            SyntaxKind::R_CURLY => SyntaxKind::L_CURLY,
            _ => continue,
        };
        match open.pop() {
            Some((_, kind)) if kind == opening => (),
            other => {
                let open = other.map(|(at, _)| at);
                return Some(Torn::Closed { at, open });
            }
        }
    }
    if let Some((at, _)) = open.pop() {
        return Some(Torn::Open(at));
    }
    let end = text.trim_end().len();
    let error = errors.iter().min_by_key(|error| error.range().start())?;
    (bytes(error.range()).start >= end).then(|| Torn::TooShort {
        end,
        lacks: error.to_string(),
    })
}

fn bytes(range: TextRange) -> Range<usize> {
    let start = usize::from(range.start()).saturating_sub(BEFORE.len());
    start..usize::from(range.end()).saturating_sub(BEFORE.len())
}

impl Cell {
    fn take_apart(&mut self, text: &str, list: &ast::StmtList) {
        let value = list.tail_expr();
        let mut follows = None;
        let mut moves = Moves::default();
        let mut lets = Vec::new();
        for node in list.syntax().children() {
            let range = bytes(node.text_range());
            if value.as_ref().is_some_and(|value| *value.syntax() == node) {
                self.value = Some(range);
                self.mention(&node);
                moves.look(&node, true);
            } else if let Some(item) = ast::Item::cast(node.clone())
                && !matches!(item, ast::Item::MacroCall(_))
            {
                self.define(text, &item, range, &mut follows);
            } else {
                if let Some(statement) = ast::LetStmt::cast(node.clone()) {
                    lets.push(statement);
                }
                self.statements.push(range);
                self.mention(&node);
                moves.look(&node, false);
            }
        }
        self.find_variables(&lets, &moves);
        // The first `let` of a name: from there on it means another variable.
        let mut shadowed_at: HashMap<String, usize> = HashMap::new();
        for statement in &lets {
            let end = bytes(statement.syntax().text_range()).end;
            for (name, _) in top_names(statement) {
                shadowed_at.entry(name).or_insert(end);
            }
        }
        for name in &self.names {
            let until = shadowed_at
                .get(name.as_str())
                .copied()
                .unwrap_or(usize::MAX);
            if moves.is_given_away(name, 0..until) {
                self.moved.insert(name.clone());
            }
        }
    }

    fn mention(&mut self, node: &SyntaxNode) {
        for token in node
            .descendants_with_tokens()
            .filter_map(|part| part.into_token())
        {
            match token.kind() {
                SyntaxKind::IDENT => {
                    self.names
                        .insert(token.text().trim_start_matches("r#").to_owned());
                }
                // Names inside `{}` of a text.
                SyntaxKind::STRING => {
                    for part in token.text().split('{').skip(1) {
                        let name: String = part
                            .chars()
                            .take_while(|c| c.is_alphanumeric() || *c == '_')
                            .collect();
                        if !name.is_empty() {
                            self.names.insert(name);
                        }
                    }
                }
                _ => (),
            }
        }
    }

    fn define(
        &mut self,
        text: &str,
        item: &ast::Item,
        range: Range<usize>,
        follows: &mut Option<String>,
    ) {
        let mut kind = DefinitionKind::Item;
        let name = match item {
            ast::Item::Use(item) => {
                let mut imports = BTreeMap::new();
                if let Some(tree) = item.use_tree() {
                    leaves(&tree, "", &mut imports);
                }
                let whole = bytes(item.syntax().text_range());
                let is_one = imports.len() == 1 && !text[whole.clone()].contains('{');
                for (key, path) in imports {
                    self.definitions.push(Definition {
                        key,
                        follows: None,
                        kind: DefinitionKind::Import,
                        range: range.clone(),
                        text: (!is_one).then(|| format!("use {path};")),
                    });
                }
                return;
            }
            ast::Item::Impl(item) => {
                let end = item
                    .assoc_item_list()
                    .map_or(range.end, |list| bytes(list.syntax().text_range()).start);
                let start = item
                    .impl_token()
                    .map_or(range.start, |token| bytes(token.text_range()).start);
                let head: Vec<&str> = text[start..end].split_whitespace().collect();
                self.definitions.push(Definition {
                    key: head.join(" "),
                    follows: follows.clone(),
                    kind,
                    range,
                    text: None,
                });
                return;
            }
            ast::Item::MacroRules(item) => {
                kind = DefinitionKind::Macro;
                item.name().map(|name| format!("{name}!"))
            }
            ast::Item::Const(item) => item.name().map(|name| name.to_string()),
            ast::Item::Enum(item) => item.name().map(|name| name.to_string()),
            ast::Item::Fn(item) => item.name().map(|name| name.to_string()),
            ast::Item::Module(item) => item.name().map(|name| name.to_string()),
            ast::Item::Static(item) => item.name().map(|name| name.to_string()),
            ast::Item::Struct(item) => item.name().map(|name| name.to_string()),
            ast::Item::Trait(item) => item.name().map(|name| name.to_string()),
            ast::Item::TypeAlias(item) => item.name().map(|name| name.to_string()),
            ast::Item::Union(item) => item.name().map(|name| name.to_string()),
            _ => None,
        };
        let key = name
            .clone()
            .unwrap_or_else(|| text[range.clone()].trim().to_owned());
        if name.is_some() && kind == DefinitionKind::Item {
            follows.clone_from(&name);
        }
        self.definitions.push(Definition {
            key,
            follows: None,
            kind,
            range,
            text: None,
        });
    }

    fn find_variables(&mut self, lets: &[ast::LetStmt], moves: &Moves) {
        for statement in lets {
            let made_at = bytes(statement.syntax().text_range()).end;
            let as_fn = match (statement.pat(), statement.initializer()) {
                (Some(ast::Pat::IdentPat(_)), Some(ast::Expr::ClosureExpr(closure)))
                    if statement.ty().is_none() =>
                {
                    Some(function_type(&closure))
                }
                _ => None,
            };
            let nature = statement
                .initializer()
                .map_or(Nature::Unknown, |value| nature(&value));
            for (name, is_mut) in top_names(statement) {
                let given_away = match (moves.is_given_away(&name, made_at..usize::MAX), nature) {
                    (false, _) | (_, Nature::Copy) => GivenAway::No,
                    (true, Nature::Moves) => GivenAway::Yes,
                    // It may change after it was made, so an early copy would be wrong.
                    (true, Nature::Unknown) if is_mut => GivenAway::No,
                    (true, Nature::Unknown) => GivenAway::UnlessCopy,
                };
                self.variables.retain(|variable| variable.name != name);
                self.variables.push(NewVariable {
                    name,
                    is_mut,
                    as_fn: as_fn.clone(),
                    made_at,
                    given_away,
                });
            }
        }
    }
}

/// The names that a `let` makes, and whether they are `mut`.
fn top_names(statement: &ast::LetStmt) -> Vec<(String, bool)> {
    let pattern = statement.pat();
    let names = pattern
        .iter()
        .flat_map(|pattern| pattern.syntax().descendants())
        .filter_map(ast::IdentPat::cast);
    names
        .filter_map(|pattern| Some((pattern.name()?.to_string(), pattern.mut_token().is_some())))
        // Upper case is a constant or a variant to compare with.
        .filter(|(name, _)| !name.starts_with(char::is_uppercase))
        .collect()
}

/// `fn(A, _) -> R` of a closure, with what is written down.
fn function_type(closure: &ast::ClosureExpr) -> String {
    let parameters = closure
        .param_list()
        .into_iter()
        .flat_map(|list| list.params())
        .map(|parameter| {
            parameter
                .ty()
                .map_or_else(|| "_".to_owned(), |ty| ty.syntax().text().to_string())
        });
    let parameters: Vec<String> = parameters.collect();
    let result = closure.ret_type().and_then(|result| result.ty());
    let result = result.map_or_else(|| "_".to_owned(), |ty| ty.syntax().text().to_string());
    format!("fn({}) -> {result}", parameters.join(", "))
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

/// What the text of a value says about its type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    Copy,
    Moves,
    Unknown,
}

fn nature(value: &ast::Expr) -> Nature {
    let of_path = |text: String| {
        let makes = [
            "Vec",
            "String",
            "Box",
            "HashMap",
            "BTreeMap",
            "HashSet",
            "VecDeque",
            "Rc",
            "Arc",
            "Sequential",
        ];
        let first = text.split(['<', ':']).next().unwrap_or_default().to_owned();
        if makes.contains(&first.as_str()) {
            Nature::Moves
        } else {
            Nature::Unknown
        }
    };
    match value {
        ast::Expr::Literal(_) | ast::Expr::RefExpr(_) => Nature::Copy,
        ast::Expr::PrefixExpr(value) => {
            value.expr().map_or(Nature::Unknown, |value| nature(&value))
        }
        ast::Expr::MacroExpr(value) => {
            let text = value.syntax().text().to_string();
            let moves = ["vec!", "format!"]
                .iter()
                .any(|name| text.starts_with(name));
            if moves {
                Nature::Moves
            } else {
                Nature::Unknown
            }
        }
        ast::Expr::CallExpr(call) => match call.expr() {
            Some(ast::Expr::PathExpr(path)) => of_path(path.syntax().text().to_string()),
            _ => Nature::Unknown,
        },
        ast::Expr::MethodCallExpr(call) => match call
            .name_ref()
            .map(|name| name.text().to_string())
            .as_deref()
        {
            Some("to_string" | "to_owned" | "to_vec" | "collect") => Nature::Moves,
            Some("len" | "count") => Nature::Copy,
            _ => call
                .receiver()
                .map_or(Nature::Unknown, |receiver| match nature(&receiver) {
                    // A builder's methods give the builder.
                    Nature::Moves
                        if receiver
                            .syntax()
                            .text()
                            .to_string()
                            .starts_with("Sequential") =>
                    {
                        Nature::Moves
                    }
                    _ => Nature::Unknown,
                }),
        },
        _ => Nature::Unknown,
    }
}

/// Where names are given away.
#[derive(Default)]
struct Moves {
    given: Vec<(String, usize)>,
    /// Where a name gets a new value.
    set: Vec<(String, usize)>,
    /// Names that also mean something inside a closure or a block: about those the text tells nothing.
    inner: HashSet<String>,
}

impl Moves {
    fn is_given_away(&self, name: &str, within: Range<usize>) -> bool {
        let last = |list: &[(String, usize)]| {
            list.iter()
                .filter(|(other, at)| other == name && within.contains(at))
                .map(|(_, at)| *at)
                .max()
        };
        match (last(&self.given), last(&self.set)) {
            _ if self.inner.contains(name) => false,
            (Some(given), Some(set)) => given > set,
            (given, _) => given.is_some(),
        }
    }

    fn look(&mut self, statement: &SyntaxNode, is_value: bool) {
        let top_pattern =
            ast::LetStmt::cast(statement.clone()).and_then(|statement| statement.pat());
        for node in statement.descendants() {
            let at = bytes(node.text_range()).start;
            if let Some(pattern) = ast::IdentPat::cast(node.clone()) {
                let is_top = top_pattern
                    .as_ref()
                    .is_some_and(|top| top.syntax().text_range().contains_range(node.text_range()));
                if let Some(name) = pattern.name().filter(|_| !is_top) {
                    self.inner.insert(name.to_string());
                }
            } else if let Some(closure) = ast::ClosureExpr::cast(node.clone()) {
                if closure.move_token().is_some() {
                    let tokens = node
                        .descendants_with_tokens()
                        .filter_map(|part| part.into_token());
                    for token in tokens.filter(|token| token.kind() == SyntaxKind::IDENT) {
                        self.given.push((token.text().to_owned(), at));
                    }
                }
            } else if let Some(field) = ast::RecordExprField::cast(node.clone()) {
                if let (Some(name), true) = (field.name_ref(), field.colon_token().is_none()) {
                    self.given.push((name.text().to_string(), at));
                }
            } else if let Some(expression) = ast::PathExpr::cast(node.clone())
                && let Some(name) = expression.path().and_then(|path| path.as_single_name_ref())
                && !(is_value && node == *statement)
            {
                let name = name.text().to_string();
                match use_of(&node) {
                    Use::GivesAway => self.given.push((name, at)),
                    Use::Sets
                        if node
                            .parent()
                            .and_then(|node| node.parent())
                            .and_then(|node| node.parent())
                            == statement.parent() =>
                    {
                        // After what stands on the right.
                        let end = node
                            .parent()
                            .map_or(at, |assignment| bytes(assignment.text_range()).end);
                        self.set.push((name, end));
                    }
                    Use::Sets | Use::Looks => (),
                }
            }
        }
    }
}

enum Use {
    Looks,
    Sets,
    GivesAway,
}

/// What is done with a variable that stands here.
fn use_of(node: &SyntaxNode) -> Use {
    let Some(parent) = node.parent() else {
        return Use::Looks;
    };
    let is = |child: Option<SyntaxNode>| child.as_ref() == Some(node);
    if let Some(binary) = ast::BinExpr::cast(parent.clone()) {
        let on_the_left = is(binary.lhs().map(|side| side.syntax().clone()));
        return match binary.op_kind() {
            Some(ast::BinaryOp::Assignment { op: None }) if on_the_left => Use::Sets,
            Some(ast::BinaryOp::Assignment { .. }) if on_the_left => Use::Looks,
            Some(ast::BinaryOp::CmpOp(_) | ast::BinaryOp::LogicOp(_)) => Use::Looks,
            _ => Use::GivesAway,
        };
    }
    if let Some(call) = ast::MethodCallExpr::cast(parent.clone()) {
        let by_value = call
            .name_ref()
            .is_some_and(|name| name.text().starts_with("into_"));
        return if by_value && is(call.receiver().map(|receiver| receiver.syntax().clone())) {
            Use::GivesAway
        } else {
            Use::Looks
        };
    }
    if let Some(statement) = ast::LetStmt::cast(parent.clone()) {
        let plain = matches!(&statement.pat(), Some(ast::Pat::IdentPat(pattern)) if pattern.ref_token().is_none());
        return if plain { Use::GivesAway } else { Use::Looks };
    }
    if let Some(loop_) = ast::ForExpr::cast(parent.clone()) {
        let is_body = is(loop_.loop_body().map(|body| body.syntax().clone()));
        return if is_body { Use::Looks } else { Use::GivesAway };
    }
    match parent.kind() {
        SyntaxKind::ARG_LIST
        | SyntaxKind::RECORD_EXPR_FIELD
        | SyntaxKind::TUPLE_EXPR
        | SyntaxKind::ARRAY_EXPR
        | SyntaxKind::RETURN_EXPR
        | SyntaxKind::TRY_EXPR
        | SyntaxKind::RANGE_EXPR => Use::GivesAway,
        SyntaxKind::STMT_LIST
            if parent
                .parent()
                .and_then(|block| block.parent())
                .is_some_and(|outer| outer.kind() != SyntaxKind::FN) =>
        {
            Use::GivesAway
        }
        SyntaxKind::CLOSURE_EXPR => Use::GivesAway,
        _ => Use::Looks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_taken_apart() {
        let code = ":dep x = \"1\"\nuse std::collections::{HashMap, hash_map::Entry as E};\n/// Doc.\nstruct P { x: f64 }\n\
                    impl P { fn f(&self) {} }\nlet (a, mut b) = (1, vec![2]);\nlet f = |x: &[f64], y| x[0] + y;\nprintln!(\"{a:?}\");\nb.len()";
        let cell = parse(code);
        assert_eq!(cell.commands, [(1, ":dep x = \"1\"".to_owned())]);
        let keys: Vec<&str> = cell
            .definitions
            .iter()
            .map(|one| one.key.as_str())
            .collect();
        assert_eq!(keys, ["E", "HashMap", "P", "impl P"]);
        assert_eq!(
            cell.definitions[0].text.as_deref(),
            Some("use std::collections::hash_map::Entry as E;")
        );
        assert_eq!(cell.definitions[3].follows.as_deref(), Some("P"));
        assert!(code[cell.definitions[2].range.clone()].starts_with("/// Doc."));
        let variables: Vec<(&str, bool)> = cell
            .variables
            .iter()
            .map(|one| (one.name.as_str(), one.is_mut))
            .collect();
        assert_eq!(variables, [("a", false), ("b", true), ("f", false)]);
        assert_eq!(
            cell.variables[2].as_fn.as_deref(),
            Some("fn(&[f64], _) -> _")
        );
        assert_eq!(&code[cell.value.clone().unwrap()], "b.len()");
        assert!(cell.names.contains("a") && !cell.names.contains("P"));
        assert_eq!(cell.statements.len(), 3);
    }

    #[test]
    fn what_is_given_away_is_seen() {
        for (code, name, given) in [
            ("let w = v;", "v", true),
            ("f(v)", "v", true),
            ("f(&v)", "v", false),
            ("v.len()", "v", false),
            ("v.into_iter().sum::<i32>()", "v", true),
            ("for x in v {}", "v", true),
            ("for x in &v {}", "v", false),
            ("f(v); v = vec![];", "v", false),
            ("w.iter().map(|v| f(v));", "v", false),
            ("let v = v.len(); g(v)", "v", false),
            ("let v = f(v);", "v", true),
            ("v", "v", false),
            ("if v == w { 1 } else { 2 }", "v", false),
            ("std::thread::spawn(move || v.len())", "v", true),
            ("P { v }", "v", true),
            ("v += 1;", "v", false),
        ] {
            assert_eq!(parse(code).moved.contains(name), given, "{code}");
        }
        let given = |code: &str| parse(code).variables[0].given_away;
        assert_eq!(given("let v = vec![1];\nlet w = v;"), GivenAway::Yes);
        assert_eq!(given("let v = 1.5;\nlet w = v;"), GivenAway::No);
        assert_eq!(given("let v = f();\nlet w = v;"), GivenAway::UnlessCopy);
        assert_eq!(given("let v = vec![1];\nv.len()"), GivenAway::No);
    }

    #[test]
    fn broken_code_is_left_to_the_compiler() {
        let whole = 0..11;
        assert_eq!(parse("let x = (1;").statements, [whole]);
        assert!(parse("").statements.is_empty());
        assert_eq!(parse("x +\n").statements.len(), 1);
    }

    #[test]
    fn what_is_torn_is_found_where_it_is() {
        for (code, torn) in [
            (
                "let q = '\"'; let l: &'static str = r#\"a \" ( b\"#; // (",
                None,
            ),
            ("let e = '\\''; f('{')", None),
            ("fn f() {\n let a = (1);", Some(Torn::Open(7))),
            ("println!(\"a\";", Some(Torn::Open(8))),
            ("vec![1, 2;", Some(Torn::Open(4))),
            ("let e = '\\u{1F600}'; {", Some(Torn::Open(21))),
            ("f(1));", Some(Torn::Closed { at: 4, open: None })),
            ("}", Some(Torn::Closed { at: 0, open: None })),
            (
                "f(1];",
                Some(Torn::Closed {
                    at: 3,
                    open: Some(1),
                }),
            ),
            ("let s = \"abc;", Some(Torn::Endless(8))),
            ("/* a /* b */", Some(Torn::Endless(0))),
            ("let s = r##\"a \" b\"#;\nf(", Some(Torn::Endless(8))),
        ] {
            assert_eq!(parse(code).torn, torn, "{code}");
        }
        for code in [
            "x +",
            "let x =",
            "let x = 1",
            "fn f()",
            "if x >",
            "for i in 0..3 ",
            "net.\n",
        ] {
            let torn = parse(code).torn;
            assert!(
                matches!(torn, Some(Torn::TooShort { .. })),
                "{code}: {torn:?}"
            );
        }
    }
}
