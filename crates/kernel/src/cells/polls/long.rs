//! What in a loop takes long, as far as its text tells: a hundred instructions or more, beside which those for looking do not
//! count.

use ra_ap_syntax::ast::{self, AstNode, HasArgList, HasLoopBody};
use ra_ap_syntax::{SyntaxKind, SyntaxNode};

pub(super) fn body_of_loop(node: &SyntaxNode) -> Option<ast::BlockExpr> {
    match ast::Expr::cast(node.clone())? {
        ast::Expr::ForExpr(one) => one.loop_body(),
        ast::Expr::LoopExpr(one) => one.loop_body(),
        ast::Expr::WhileExpr(one) => one.loop_body(),
        _ => None,
    }
}

/// A loop, or a call that goes through all of something; a few turns do not count.
pub(super) fn repeats(node: &SyntaxNode) -> bool {
    match ast::Expr::cast(node.clone()) {
        Some(ast::Expr::ForExpr(one)) => one
            .iterable()
            .is_none_or(|range| !is_short(&range.syntax().text().to_string())),
        Some(ast::Expr::LoopExpr(_) | ast::Expr::WhileExpr(_)) => true,
        Some(ast::Expr::MethodCallExpr(call)) => {
            let name = call.name_ref().map(|name| name.text().to_owned());
            let has_arguments = call
                .arg_list()
                .is_some_and(|list| list.args().next().is_some());
            let through_all = name.is_some_and(|name| match name.as_str() {
                "min" | "max" => !has_arguments,
                name => GOES_THROUGH_ALL.contains(&name) || name.starts_with("sort"),
            });
            let chain = call.syntax().text().to_string();
            let range = chain
                .strip_prefix('(')
                .and_then(|rest| rest.split_once(')'));
            through_all && range.is_none_or(|(range, _)| !is_short(range))
        }
        _ => false,
    }
}

const GOES_THROUGH_ALL: &[&str] = &[
    "all",
    "any",
    "collect",
    "count",
    "find",
    "find_map",
    "fold",
    "for_each",
    "max_by",
    "max_by_key",
    "min_by",
    "min_by_key",
    "partition",
    "position",
    "product",
    "reduce",
    "retain",
    "sum",
    "try_fold",
    "try_for_each",
    "unzip",
];

/// `0..3` and the like.
fn is_short(range: &str) -> bool {
    range.split_once("..").is_some_and(|(from, to)| {
        let to = to.trim_start_matches('=').trim();
        from.trim().parse::<u8>().is_ok() && to.parse::<u8>().is_ok()
    })
}

/// Whether a function takes long; cheap ones that loops call do not.
pub(super) fn is_slow(body: &SyntaxNode, name: &str) -> bool {
    body.descendants().any(|node| {
        let calls_itself = call(&node).is_some_and(|(called, _)| called == name);
        calls_itself || ((takes_long(&node) || repeats(&node)) && !is_cold(&node))
    })
}

pub(super) fn takes_long(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::MACRO_CALL => macro_name(node).is_none(),
        SyntaxKind::AWAIT_EXPR => true,
        _ => false,
    }
}

/// What a macro's rules hold: loops, or other macros.
pub(super) fn says_long(rules: &SyntaxNode) -> bool {
    let tokens = rules
        .descendants_with_tokens()
        .filter_map(|part| part.into_token())
        .filter(|token| !token.kind().is_trivia())
        .map(|token| (token.kind(), token.text().to_owned()));
    let tokens: Vec<(SyntaxKind, String)> = tokens.skip(3).collect();
    let loops = [
        SyntaxKind::FOR_KW,
        SyntaxKind::WHILE_KW,
        SyntaxKind::LOOP_KW,
    ];
    tokens.windows(3).any(|three| {
        let calls = three[0].0 == SyntaxKind::IDENT
            && three[1].0 == SyntaxKind::BANG
            && matches!(three[2].1.as_str(), "(" | "[" | "{");
        loops.contains(&three[0].0) || (calls && !CHEAP_MACROS.contains(&three[0].1.as_str()))
    })
}

/// The name of a macro that may be cheap, with `!`.
fn macro_name(node: &SyntaxNode) -> Option<String> {
    let path = ast::MacroCall::cast(node.clone())?.path()?;
    let name = path.segment()?.name_ref()?.text().to_owned();
    let is_own = path.qualifier().is_none() && !LONG_MACROS.contains(&name.as_str());
    (is_own || CHEAP_MACROS.contains(&name.as_str())).then(|| format!("{name}!"))
}

const LONG_MACROS: &[&str] = &[
    "dbg", "eprint", "eprintln", "format", "print", "println", "vec", "write", "writeln",
];

/// Checks and marks that end up as an instruction or two.
const CHEAP_MACROS: &[&str] = &[
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "cfg",
    "concat",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "ensure",
    "env",
    "line",
    "matches",
    "panic",
    "stringify",
    "todo",
    "unimplemented",
    "unreachable",
];

/// The function, method or macro that is called here, and whether it takes long if nobody knows it.
pub(super) fn call(node: &SyntaxNode) -> Option<(String, bool)> {
    if node.kind() == SyntaxKind::MACRO_CALL {
        let name = macro_name(node)?;
        let is_cheap = CHEAP_MACROS.contains(&name.trim_end_matches('!'));
        return Some((name, !is_cheap));
    }
    let (name, arguments) = match ast::Expr::cast(node.clone())? {
        ast::Expr::CallExpr(call) => match call.expr()? {
            ast::Expr::PathExpr(path) => (path.path()?.segment()?.name_ref()?, call.arg_list()),
            _ => return None,
        },
        ast::Expr::MethodCallExpr(call) => (call.name_ref()?, call.arg_list()),
        _ => return None,
    };
    let name = name.text().to_owned();
    let is_cheap = CHEAP_CALLS.contains(&name.as_str())
        || name.starts_with(char::is_uppercase)
        || ["checked_", "strip_", "as_", "wrapping_", "saturating_"]
            .iter()
            .any(|start| name.starts_with(start));
    let if_unknown = !is_cheap && (gets_reference(arguments) || may_fail(node));
    Some((name, if_unknown))
}

/// What the standard library does in some instructions, or some dozen, though it gets a reference or may fail.
const CHEAP_CALLS: &[&str] = &[
    "black_box",
    "clone",
    "cmp",
    "contains",
    "contains_key",
    "copied",
    "cloned",
    "entry",
    "eq",
    "first",
    "from_str",
    "get",
    "get_mut",
    "get_or_insert_with",
    "insert",
    "last",
    "max",
    "min",
    "ne",
    "new",
    "next",
    "next_back",
    "ok",
    "ok_or",
    "ok_or_else",
    "parse",
    "partial_cmp",
    "peek",
    "pop",
    "pop_back",
    "pop_front",
    "ptr_eq",
    "push",
    "push_str",
    "remove",
    "replace",
    "starts_with",
    "ends_with",
    "swap",
    "take",
    "total_cmp",
    "transpose",
    "try_from",
    "try_into",
];

/// Whether a `?` looks at what becomes of this call.
fn may_fail(node: &SyntaxNode) -> bool {
    let mut inner = node.clone();
    while let Some(outer) = inner.parent() {
        match outer.kind() {
            SyntaxKind::TRY_EXPR => return true,
            SyntaxKind::METHOD_CALL_EXPR if outer.first_child().as_ref() == Some(&inner) => {
                inner = outer
            }
            _ => return false,
        }
    }
    false
}

fn gets_reference(arguments: Option<ast::ArgList>) -> bool {
    arguments
        .iter()
        .flat_map(|list| list.syntax().children())
        .any(|argument| argument.kind() == SyntaxKind::REF_EXPR)
}

/// Whether it is done only on the way out, or when something has failed.
pub(super) fn is_cold(node: &SyntaxNode) -> bool {
    node.ancestors()
        .skip(1)
        .take_while(|outer| outer.kind() != SyntaxKind::FN && body_of_loop(outer).is_none())
        .any(|outer| match outer.kind() {
            SyntaxKind::RETURN_EXPR | SyntaxKind::BREAK_EXPR => true,
            SyntaxKind::CLOSURE_EXPR => {
                let method = outer.ancestors().find_map(ast::MethodCallExpr::cast);
                let name = method.and_then(|method| method.name_ref());
                name.is_some_and(|name| name.text().ends_with("_else") || name.text() == "map_err")
            }
            _ => false,
        })
}
