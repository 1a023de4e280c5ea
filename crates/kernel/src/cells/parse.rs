//! What a cell consists of: commands, definitions, statements, new variables, a value.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasArgList, HasName};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind, SyntaxNode, TextRange, TextSize};

use super::follow::Added;
use super::items::{Definition, DefinitionKind};
use super::lines;
use super::moves::{Moves, mentions};
use super::polls::Polls;
use super::torn::{self, Torn};

/// A cell, taken apart. Ranges are bytes of its code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// Lines for the kernel such as `:dep x = "1"`, each with its number from 1.
    pub(crate) commands: Vec<(usize, String)>,
    /// The cell with blanks in their place: what stands around a command may be one definition.
    pub(crate) code: String,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) statements: Vec<Range<usize>>,
    /// The last expression, when no semicolon follows it.
    pub(crate) value: Option<Range<usize>>,
    /// A `?` stands somewhere.
    pub(crate) has_question: bool,
    /// Nothing but a `let` stands among the statements.
    pub(crate) only_makes_variables: bool,
    /// In the order of their first `let`.
    pub(crate) variables: Vec<NewVariable>,
    /// Every name in the statements and the value: variables that do not stand here are not touched.
    pub(crate) names: HashSet<String>,
    /// Names of earlier cells' variables that are moved somewhere, unless their type has copies, and where: bytes and lengths.
    pub(crate) moved: HashMap<String, BTreeSet<(usize, usize)>>,
    /// Those that are not there at the end.
    pub(crate) gone: HashSet<String>,
    /// Calls of macros among the statements, or as the value.
    pub(crate) calls: Vec<Call>,
    pub(crate) moves: Moves,
    /// What the program has besides, and where: a bare `return` needs a value in it.
    pub(crate) added: Vec<Added>,
    pub(super) list: Option<SyntaxNode>,
    /// Its loops.
    pub(crate) polls: Polls,
    /// The program that it becomes would be torn at another place than the cell.
    pub(crate) torn: Option<Torn>,
    /// It waits for futures, outside of functions and blocks of its own.
    pub(crate) is_async: bool,
    /// The parser does not understand it; the compiler will say why.
    pub(crate) is_wrong: bool,
}

/// A call of a macro that may make items, statements or a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) macro_name: String,
    /// What it is as an item.
    pub(crate) definition: Definition,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewVariable {
    pub(crate) name: String,
    pub(crate) is_mut: bool,
    /// The place of its last `let`.
    pub(crate) at: usize,
    /// A closure is kept as a function pointer of this type, which may have holes.
    pub(crate) closure: Option<Closure>,
    /// Its value is a number whose type only its use tells.
    pub(crate) is_number: bool,
    /// The statement that moves it for certain, unless its type has copies: a copy made before that has its last value.
    pub(crate) copied_before: Option<usize>,
}

/// What is written of a closure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Closure {
    /// `(A, _) -> R`, with holes for what is not.
    pub(crate) signature: String,
    pub(crate) is_move: bool,
}

pub(super) const BEFORE: &str = "fn cell() {\n";

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
        let key = &code[range.clone()];
        cell.definitions
            .push(Definition::plain(DefinitionKind::Attribute, key, range));
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
            cell.torn = torn::torn(&text, &file);
            cell.is_wrong = true;
            cell.statements.push(0..text.len());
        }
    }
    cell
}

pub(super) fn bytes(range: TextRange) -> Range<usize> {
    let start = usize::from(range.start()).saturating_sub(BEFORE.len());
    start..usize::from(range.end()).saturating_sub(BEFORE.len())
}

/// A name as it is kept: `r#` only where it is needed.
pub(crate) fn plain_name(name: &str) -> String {
    let plain = name.strip_prefix("r#").unwrap_or(name);
    match SyntaxKind::from_keyword(plain, Edition::Edition2024) {
        Some(_) => name.to_owned(),
        None => plain.to_owned(),
    }
}

/// The names that may stand between the braces of a text: `{x:>width$}`.
pub(crate) fn words_in_braces(text: &str) -> Vec<String> {
    let inside = text.split('{').skip(1);
    let words = inside.flat_map(|part| {
        let part = part.split('}').next().unwrap_or_default();
        part.split(|c: char| !c.is_alphanumeric() && c != '_')
    });
    let words = words.filter(|word| !word.is_empty() && !word.starts_with(char::is_numeric));
    words.map(str::to_owned).collect()
}

impl Cell {
    /// Takes a call of a macro for an item.
    pub(crate) fn make_item(&mut self, call: &Call) {
        let range = &call.definition.range;
        self.calls.retain(|other| other != call);
        self.statements.retain(|statement| statement != range);
        if self.value.as_ref() == Some(range) {
            self.value = None;
        }
        self.definitions.push(call.definition.clone());
    }

    /// Whether it makes a variable of this name.
    pub(crate) fn makes(&self, name: &str) -> bool {
        self.variables.iter().any(|variable| variable.name == name)
    }

    /// Whether the value is written as a reference, `&x`.
    pub(crate) fn value_is_reference(&self) -> bool {
        let list = self.list.iter().flat_map(SyntaxNode::descendants);
        let mut references = list.filter_map(ast::RefExpr::cast);
        references.any(|reference| {
            let is_plain = reference.mut_token().is_none() && reference.raw_token().is_none();
            is_plain && self.value == Some(bytes(reference.syntax().text_range()))
        })
    }

    /// Whether what stands at byte `at` happens whenever the cell comes to its end.
    pub(crate) fn is_always(&self, at: usize) -> bool {
        let list = self.list.as_ref();
        list.is_some_and(|list| Moves::is_always(list, at))
    }

    /// The expression whose `?` stands at this byte, if that `?` ends the cell.
    pub(crate) fn asked(&self, at: usize) -> Option<Range<usize>> {
        let list = self.list.as_ref()?;
        let offset = TextSize::try_from(at + BEFORE.len()).ok()?;
        if !list.text_range().contains(offset) {
            return None;
        }
        let token = list.token_at_offset(offset).right_biased()?;
        if let Some(call) = token.parent_ancestors().find_map(ast::MacroCall::cast) {
            let ends = leaves_cell(call.syntax(), list);
            return asked_in_macro(&call, &self.code, at).filter(|_| ends);
        }
        let asked = token.parent().and_then(ast::TryExpr::cast)?;
        let ends = leaves_cell(asked.syntax(), list);
        Some(bytes(asked.expr()?.syntax().text_range())).filter(|_| ends)
    }

    fn take_apart(&mut self, text: &str, list: &ast::StmtList) {
        self.is_async = awaits(list.syntax());
        let value = list.tail_expr();
        let mut moves = Moves::default();
        let mut lets = Vec::new();
        self.polls = Polls::read(list.syntax(), &|at| at.saturating_sub(BEFORE.len()));
        for node in list.syntax().children() {
            let range = bytes(node.text_range());
            if let Some(call) = call_of(&node, text) {
                self.calls.push(call);
            }
            let is_value = value.as_ref().is_some_and(|value| *value.syntax() == node);
            if let Some(item) = ast::Item::cast(node.clone())
                && !matches!(item, ast::Item::MacroCall(_))
            {
                self.definitions.extend(Definition::of(text, &item));
                continue;
            }
            if let Some(statement) = ast::LetStmt::cast(node.clone()) {
                lets.push(statement);
            }
            // What has attributes can only be a statement.
            let has_attributes = node
                .children()
                .any(|child| child.kind() == SyntaxKind::ATTR);
            if is_value && !has_attributes {
                self.value = Some(range);
            } else {
                self.statements.push(range);
            }
            let returns = node.descendants().filter_map(ast::ReturnExpr::cast);
            let bare = returns
                .filter(|one| one.expr().is_none() && leaves_cell(one.syntax(), list.syntax()));
            self.added.extend(bare.map(|one| {
                let end = bytes(one.syntax().text_range()).end;
                Added::after(end, "::std::result::Result::Ok(())")
            }));
            let errors = node.descendants().filter_map(ast::ReturnExpr::cast);
            let errors = errors.filter(|one| leaves_cell(one.syntax(), list.syntax()));
            for error in errors.filter_map(|one| returned_error(&one)) {
                self.added
                    .push(Added::before(error.start, "::std::result::Result::Ok("));
                self.added.push(Added::after(error.end, "?)"));
                self.has_question = true;
            }
            if is_value && let Some(at) = untyped_ok(&node) {
                self.added
                    .push(Added::after(at, "::<_, ::std::convert::Infallible>"));
            }
            self.has_question |= text[bytes(node.text_range())].contains('?');
            self.names.extend(mentions(&node).map(|(name, _)| name));
            moves.look(list.syntax(), &node, is_value);
        }
        let own = |key: &String, definitions: &[Definition]| {
            definitions
                .iter()
                .any(|definition| definition.keys.contains(key))
        };
        for index in 0..self.definitions.len() {
            let follows = self.definitions[index].follows.take();
            self.definitions[index].follows = follows.filter(|key| own(key, &self.definitions));
        }
        self.only_makes_variables = self.value.is_none()
            && self.definitions.is_empty()
            && self.statements.len() == lets.len();
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
            let shadowed = shadowed_at.get(name.as_str()).copied();
            let old = 0..shadowed.unwrap_or(usize::MAX);
            let places = moves.places_of(name, old.clone());
            if !places.is_empty() {
                self.moved.insert(name.clone(), places);
            }
            if moves.is_gone(name, old) {
                self.gone.insert(name.clone());
            }
        }
        self.moves = moves;
        self.list = Some(list.syntax().clone());
    }

    fn find_variables(&mut self, lets: &[ast::LetStmt], moves: &Moves) {
        for statement in lets {
            let made_at = bytes(statement.syntax().text_range()).end;
            let closure = match (statement.pat(), statement.initializer()) {
                (Some(ast::Pat::IdentPat(_)), Some(ast::Expr::ClosureExpr(closure)))
                    if statement.ty().is_none() && closure.async_token().is_none() =>
                {
                    Some(Closure {
                        signature: signature(&closure),
                        is_move: closure.move_token().is_some(),
                    })
                }
                _ => None,
            };
            let is_literal = matches!(statement.initializer(), Some(ast::Expr::Literal(_)));
            let is_number = is_literal && statement.ty().is_none() && {
                let value = statement
                    .initializer()
                    .map(|value| value.syntax().text().to_string());
                value.is_some_and(|value| {
                    value.ends_with(|c: char| c.is_ascii_digit())
                        && !value.contains(['i', 'u', 'f', 'x'])
                })
            };
            for (name, is_mut) in top_names(statement) {
                let after = self.statements.iter().chain(&self.value);
                let copied_before = after
                    .filter(|other| other.start >= made_at && !is_literal)
                    .find(|other| moves.ends_with(&name, other))
                    .map(|other| other.start);
                self.variables.retain(|variable| variable.name != name);
                self.variables.push(NewVariable {
                    name,
                    is_mut,
                    at: bytes(statement.syntax().text_range()).start,
                    closure: closure.clone(),
                    is_number,
                    copied_before,
                });
            }
        }
    }
}

/// The same of an argument of a macro of the standard library: they are expressions.
fn asked_in_macro(call: &ast::MacroCall, code: &str, at: usize) -> Option<Range<usize>> {
    let name = call.path()?.syntax().text().to_string();
    let tree = call.token_tree()?;
    if !STATEMENTS.contains(&name.trim_start_matches("std::")) {
        return None;
    }
    let all = bytes(tree.syntax().text_range());
    let (mut start, mut end) = (all.start + 1, all.end - 1);
    let parts = tree.syntax().children_with_tokens();
    for token in parts.filter_map(|part| part.into_token()) {
        if matches!(token.kind(), SyntaxKind::COMMA | SyntaxKind::SEMICOLON) {
            let place = bytes(token.text_range());
            if place.start > at {
                end = end.min(place.start);
            } else {
                start = place.end;
            }
        }
    }
    let code = code.get(start..end)?;
    let file = SourceFile::parse(&format!("{BEFORE}{code}\n}}"), Edition::Edition2024);
    let list = file
        .tree()
        .syntax()
        .descendants()
        .find_map(ast::StmtList::cast)?;
    let argument = Cell {
        code: code.to_owned(),
        list: Some(list.syntax().clone()),
        ..Cell::default()
    };
    let asked = argument.asked(at - start)?;
    Some(asked.start + start..asked.end + start)
}

/// Whether a `return` here ends the cell, and no function inside it.
fn leaves_cell(node: &SyntaxNode, list: &SyntaxNode) -> bool {
    let mut around = node.ancestors().take_while(|node| node != list);
    !around.any(|node| {
        let is_async = || {
            let block = ast::BlockExpr::cast(node.clone());
            block.is_some_and(|block| block.async_token().is_some())
        };
        matches!(node.kind(), SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR) || is_async()
    })
}

/// `Err(error)` behind a `return`. That of a cell takes any error, as its `?` does, but where the error is made by `into` the
/// compiler would not know of what.
fn returned_error(one: &ast::ReturnExpr) -> Option<Range<usize>> {
    let call = one.expr()?;
    let argument = argument_of(&call, "Err")?;
    let is_into = matches!(&argument, ast::Expr::MethodCallExpr(call)
        if call.name_ref().is_some_and(|name| name.text() == "into"));
    (!is_into).then(|| bytes(call.syntax().text_range()))
}

/// Where the `Ok` ends that the cell's value is made with: the type of an error that it has not is said nowhere.
fn untyped_ok(value: &SyntaxNode) -> Option<usize> {
    let value = ast::Expr::cast(value.clone())?;
    argument_of(&value, "Ok")?;
    let start = bytes(value.syntax().text_range()).start;
    Some(start + "Ok".len())
}

/// What stands in the brackets of a call of this name.
fn argument_of(call: &ast::Expr, name: &str) -> Option<ast::Expr> {
    let ast::Expr::CallExpr(call) = call else {
        return None;
    };
    let is_called = call.expr()?.syntax().text() == name;
    call.arg_list()?.args().next().filter(|_| is_called)
}

/// The call of a macro that a statement consists of, if that may make items.
fn call_of(node: &SyntaxNode, text: &str) -> Option<Call> {
    let call = match node.kind() {
        SyntaxKind::MACRO_CALL => ast::MacroCall::cast(node.clone()),
        SyntaxKind::EXPR_STMT => match ast::ExprStmt::cast(node.clone())?.expr() {
            Some(ast::Expr::MacroExpr(call)) => call.macro_call(),
            _ => None,
        },
        SyntaxKind::MACRO_EXPR => ast::MacroExpr::cast(node.clone())?.macro_call(),
        _ => None,
    }?;
    let macro_name = call.path()?.syntax().text().to_string();
    let is_value_of_std = STATEMENTS.contains(&macro_name.trim_start_matches("std::"));
    // An item in other brackets than braces has a semicolon.
    let ends = text[bytes(node.text_range())].ends_with([';', '}']);
    (ends && !is_value_of_std).then(|| Call {
        macro_name,
        definition: Definition::of_call(text, node),
    })
}

/// The macros of the standard library that make no items: nothing else is tried for them.
pub(super) const STATEMENTS: [&str; 21] = [
    "println",
    "print",
    "eprintln",
    "eprint",
    "dbg",
    "write",
    "writeln",
    "format",
    "vec",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "matches",
    "include_str",
];

/// Whether there is an `.await` that no function or `async` block in it has for its own.
fn awaits(node: &SyntaxNode) -> bool {
    node.children().any(|child| match child.kind() {
        SyntaxKind::AWAIT_EXPR => true,
        SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR | SyntaxKind::MODULE | SyntaxKind::IMPL => false,
        SyntaxKind::BLOCK_EXPR
            if ast::BlockExpr::cast(child.clone())
                .is_some_and(|block| block.async_token().is_some()) =>
        {
            false
        }
        // What stands in a macro is only tokens.
        SyntaxKind::TOKEN_TREE => {
            let tokens = child.descendants_with_tokens();
            let kinds = tokens
                .filter_map(|part| part.into_token())
                .map(|token| token.kind());
            let kinds: Vec<_> = kinds
                .filter(|kind| *kind != SyntaxKind::WHITESPACE)
                .collect();
            kinds
                .windows(2)
                .any(|pair| pair == [SyntaxKind::DOT, SyntaxKind::AWAIT_KW])
                && !kinds.contains(&SyntaxKind::ASYNC_KW)
        }
        _ => awaits(&child),
    })
}

/// The names that a `let` makes, and whether they are `mut`.
pub(super) fn top_names(statement: &ast::LetStmt) -> Vec<(String, bool)> {
    let pattern = statement.pat();
    // Where the pattern may fail, upper case is a constant or a variant to compare with.
    let may_fail = statement.let_else().is_some();
    let names = pattern
        .iter()
        .flat_map(|pattern| pattern.syntax().descendants())
        .filter_map(ast::IdentPat::cast);
    names
        .filter_map(|pattern| {
            let name = plain_name(pattern.name()?.text());
            Some((name, pattern.mut_token().is_some()))
        })
        .filter(|(name, _)| !(may_fail && name.starts_with(char::is_uppercase)))
        .collect()
}

/// `(A, _) -> R` of a closure, with what is written down.
fn signature(closure: &ast::ClosureExpr) -> String {
    let written = |ty: Option<ast::Type>| {
        ty.map_or_else(|| "_".to_owned(), |ty| ty.syntax().text().to_string())
    };
    let parameters = closure
        .param_list()
        .into_iter()
        .flat_map(|list| list.params())
        .map(|parameter| written(parameter.ty()));
    let parameters: Vec<String> = parameters.collect();
    let result = written(closure.ret_type().and_then(|result| result.ty()));
    format!("({}) -> {result}", parameters.join(", "))
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
            .map(|one| one.keys[0].as_str())
            .collect();
        assert_eq!(keys, ["use E", "use HashMap", "type P", "impl P"]);
        assert_eq!(
            cell.definitions[0].text.as_deref(),
            Some("use std::collections::hash_map::Entry as E;")
        );
        assert_eq!(cell.definitions[3].follows.as_deref(), Some("type P"));
        assert_eq!(cell.definitions[3].members, [("f".to_owned(), 9..23)]);
        assert!(code[cell.definitions[2].range.clone()].starts_with("/// Doc."));
        let variables: Vec<(&str, bool)> = cell
            .variables
            .iter()
            .map(|one| (one.name.as_str(), one.is_mut))
            .collect();
        assert_eq!(variables, [("a", false), ("b", true), ("f", false)]);
        assert_eq!(
            cell.variables[2]
                .closure
                .as_ref()
                .map(|closure| closure.signature.as_str()),
            Some("(&[f64], _) -> _")
        );
        assert_eq!(&code[cell.value.clone().unwrap()], "b.len()");
        assert!(cell.names.contains("a") && !cell.names.contains("P"));
        assert_eq!(cell.statements.len(), 3);
    }

    #[test]
    fn what_is_moved_for_certain_is_seen() {
        for (code, moved, gone) in [
            ("let w = v;", true, true),
            ("f(v)", true, true),
            ("f(&v)", false, false),
            ("v.len()", false, false),
            ("for x in v {}", true, true),
            ("for x in &v {}", false, false),
            ("f(v); v = vec![];", true, false),
            ("f(v); (v, n) = g();", true, false),
            ("for _ in 0..3 { v = f(v); }", true, false),
            ("if c { f(v); }", true, false),
            ("match n { 0 => f(v), _ => () }", true, false),
            ("{ f(v); }", true, true),
            ("w.iter().map(|v| f(v));", false, false),
            ("let v = v.len(); g(v)", false, false),
            ("let v = f(v);", true, true),
            ("v", false, false),
            ("let w = &v;", false, false),
            ("if v == w { 1 } else { 2 }", false, false),
            ("std::thread::spawn(move || v.len())", true, true),
            (
                "std::thread::spawn(move || w.v.len() + w.v())",
                false,
                false,
            ),
            ("std::thread::spawn(move || v.part.len())", false, false),
            ("P { v }", true, true),
            ("P { v: 1 }", false, false),
            ("v += 1;", false, false),
            ("m!(v)", false, false),
        ] {
            let cell = parse(code);
            assert_eq!(cell.moved.contains_key("v"), moved, "{code}");
            assert_eq!(cell.gone.contains("v"), gone, "{code}");
        }
        let copied = |code: &str| parse(code).variables[0].copied_before;
        assert_eq!(copied("let v = f();\nlet w = v;"), Some(13));
        assert_eq!(copied("let v = f();\nlet w = v;\nv + 1"), Some(24));
        assert_eq!(copied("let v = f();\nlet w = v;\nv.len()"), None);
        assert_eq!(copied("let v = 1.5;\nlet w = v;"), None);
        assert_eq!(copied("let v = f();\nv.len()"), None);
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let names = parse("println!(\"{x:>width$.p$} {{no}} {}\", r#match + r#y);").names;
        for name in ["x", "width", "p", "r#match", "y"] {
            assert!(names.contains(name), "{name}: {names:?}");
        }
        let variables =
            parse("let (X, r#type) = (1, 2);\nlet None = o else { panic!() };").variables;
        let names: Vec<_> = variables.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["X", "r#type"]);
    }

    #[test]
    fn what_has_attributes_is_no_value() {
        let cell = parse("#![allow(\n  unused\n)]\nlet a = 1;\n#[cfg(unix)]\n{ f(a); }");
        assert_eq!(cell.definitions[0].keys, ["#![allow(\n  unused\n)]"]);
        assert_eq!((cell.statements.len(), cell.value), (2, None));
    }

    #[test]
    fn a_call_of_a_macro_may_be_an_item() {
        let mut cell =
            parse("lazy_static! { static ref N: i32 = 1; }\nprintln!(\"a\");\nf(1);\nm!(x)");
        assert_eq!(cell.calls.len(), 1);
        let call = cell.calls[0].clone();
        assert!(call.definition.is_called("N"));
        cell.make_item(&call);
        assert_eq!((cell.definitions.len(), cell.statements.len()), (1, 2));
    }

    #[test]
    fn a_cell_that_waits_is_known() {
        for (code, is_async) in [
            ("f().await", true),
            ("let x = { f().await? } + 1;", true),
            ("println!(\"{}\", f().await);", true),
            ("for i in 0..3 { f(i).await; }", true),
            ("async fn g() { f().await }", false),
            ("let h = async { f().await };", false),
            ("spawn(async move { f().await });", false),
            ("vec![async { f().await }]", false),
            ("let h = async || f().await;", false),
        ] {
            assert_eq!(parse(code).is_async, is_async, "{code}");
        }
    }

    #[test]
    fn broken_code_is_left_to_the_compiler() {
        let whole = 0..11;
        assert_eq!(parse("let x = (1;").statements, [whole]);
        assert!(parse("").statements.is_empty());
        assert_eq!(parse("x +\n").statements.len(), 1);
    }
}
