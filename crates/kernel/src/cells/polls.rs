//! Where a cell's own loops look whether somebody wants the cell to stop.
//!
//! Looking costs a load and a branch, and keeps the compiler from joining the turns of a loop. So a loop of plain arithmetic
//! never looks, only loops with something in each turn that takes far longer: a macro such as `println!`, `?`, a call that
//! gets a reference, a function of the notebook that itself takes long; and all loops of a cell that locks something. Of
//! loops in loops the outermost one looks.

use std::collections::HashMap;
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasArgList, HasLoopBody, HasName};
use ra_ap_syntax::{SyntaxKind, SyntaxNode};

/// Looks.
pub(crate) const POLL: &str = " ::gradus_cell::poll();";

/// What there is to know about the loops of one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Polls {
    loops: Vec<Loop>,
    functions: Vec<Function>,
}

#[derive(Clone, Debug, PartialEq)]
struct Loop {
    /// The byte behind the bracket that opens its body.
    at: usize,
    /// A turn takes long for sure.
    is_heavy: bool,
    /// The functions and methods that its body calls, and whether they get a reference.
    calls: Vec<(String, bool)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Function {
    name: String,
    at: usize,
    /// It loops or calls itself.
    is_slow: bool,
}

/// The functions and methods of the notebook, and whether they take long.
pub(crate) type Functions = HashMap<String, bool>;

impl Polls {
    /// Reads the code of a cell; `position` gives the byte of the cell for one of the tree.
    pub(crate) fn read(code: &SyntaxNode, position: &dyn Fn(usize) -> usize) -> Polls {
        let mut polls = Polls::default();
        // Who is frozen while it holds standard output, or anything else, holds it for good.
        let locks = code.descendants().any(|node| {
            let call = ast::MethodCallExpr::cast(node);
            let name = call.and_then(|call| call.name_ref());
            name.is_some_and(|name| matches!(name.text(), "lock" | "read" | "write"))
        });
        for node in code.descendants() {
            if let Some(body) = body_of_loop(&node) {
                let bracket = body
                    .stmt_list()
                    .and_then(|list| list.l_curly_token())
                    .filter(|_| !is_constant(&node));
                if let Some(bracket) = bracket {
                    let body = body.syntax();
                    polls.loops.push(Loop {
                        at: position(usize::from(bracket.text_range().end())),
                        is_heavy: is_heavy(body)
                            || (is_outermost(&node) && (locks || repeats(body))),
                        calls: calls(body),
                    });
                }
            } else if let Some(function) = ast::Fn::cast(node.clone())
                && let (Some(name), Some(body)) = (function.name(), function.body())
            {
                let name = name.to_string();
                let body = body.syntax();
                let is_slow = repeats(body)
                    || is_heavy(body)
                    || calls(body).iter().any(|(called, _)| *called == name);
                polls.functions.push(Function {
                    name,
                    at: position(usize::from(function.syntax().text_range().start())),
                    is_slow,
                });
            }
        }
        polls
    }

    /// Notes the functions in a part of the cell.
    pub(crate) fn note(&self, part: &Range<usize>, functions: &mut Functions) {
        for one in self.functions.iter().filter(|one| part.contains(&one.at)) {
            *functions.entry(one.name.clone()).or_default() |= one.is_slow;
        }
    }

    /// The places in a part of the cell where its loops look.
    pub(crate) fn places(&self, part: &Range<usize>, functions: &Functions) -> Vec<usize> {
        let takes_long = |(name, gets_reference): &(String, bool)| {
            functions.get(name).copied().unwrap_or(*gets_reference)
        };
        self.loops
            .iter()
            .filter(|one| part.contains(&one.at))
            .filter(|one| one.is_heavy || one.calls.iter().any(takes_long))
            .map(|one| one.at)
            .collect()
    }
}

fn body_of_loop(node: &SyntaxNode) -> Option<ast::BlockExpr> {
    match ast::Expr::cast(node.clone())? {
        ast::Expr::ForExpr(one) => one.loop_body(),
        ast::Expr::LoopExpr(one) => one.loop_body(),
        ast::Expr::WhileExpr(one) => one.loop_body(),
        _ => None,
    }
}

/// What the compiler itself computes cannot be stopped by calls.
fn is_constant(node: &SyntaxNode) -> bool {
    node.ancestors().any(|outer| match outer.kind() {
        SyntaxKind::CONST | SyntaxKind::STATIC | SyntaxKind::CONST_ARG | SyntaxKind::ARRAY_TYPE => {
            true
        }
        SyntaxKind::FN => ast::Fn::cast(outer).is_some_and(|outer| outer.const_token().is_some()),
        SyntaxKind::BLOCK_EXPR => {
            ast::BlockExpr::cast(outer).is_some_and(|outer| outer.const_token().is_some())
        }
        _ => false,
    })
}

fn is_outermost(node: &SyntaxNode) -> bool {
    node.ancestors()
        .skip(1)
        .take_while(|outer| !matches!(outer.kind(), SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR))
        .all(|outer| body_of_loop(&outer).is_none())
}

/// Whether it has a loop in it, or a closure, which a chain of iterators calls; a few turns do not count.
fn repeats(body: &SyntaxNode) -> bool {
    body.descendants().any(|node| match ast::Expr::cast(node) {
        Some(ast::Expr::ForExpr(one)) => one
            .iterable()
            .is_none_or(|range| !is_short(&range.syntax().text().to_string())),
        Some(ast::Expr::LoopExpr(_) | ast::Expr::WhileExpr(_)) => true,
        Some(ast::Expr::ClosureExpr(closure)) => {
            let chain = closure
                .syntax()
                .ancestors()
                .find(|outer| outer.kind() == SyntaxKind::METHOD_CALL_EXPR)
                .map(|outer| outer.text().to_string());
            chain.is_none_or(|chain| {
                let range = chain
                    .strip_prefix('(')
                    .and_then(|rest| rest.split_once(')'));
                range.is_none_or(|(range, _)| !is_short(range))
            })
        }
        _ => false,
    })
}

/// `0..3` and the like.
fn is_short(range: &str) -> bool {
    range.split_once("..").is_some_and(|(from, to)| {
        let to = to.trim_start_matches('=').trim();
        from.trim().parse::<u8>().is_ok() && to.parse::<u8>().is_ok()
    })
}

fn is_heavy(body: &SyntaxNode) -> bool {
    body.descendants().any(|node| match node.kind() {
        SyntaxKind::MACRO_CALL => !is_cheap_macro(&node),
        SyntaxKind::TRY_EXPR | SyntaxKind::AWAIT_EXPR => true,
        _ => false,
    })
}

/// Checks and marks that end up as an instruction or two.
fn is_cheap_macro(node: &SyntaxNode) -> bool {
    let name = ast::MacroCall::cast(node.clone())
        .and_then(|call| call.path())
        .map(|path| path.syntax().text().to_string());
    name.is_some_and(|name| {
        [
            "assert",
            "debug_assert",
            "matches",
            "panic",
            "unreachable",
            "todo",
        ]
        .iter()
        .any(|cheap| name.starts_with(cheap))
    })
}

fn calls(body: &SyntaxNode) -> Vec<(String, bool)> {
    let call = |node: SyntaxNode| match ast::Expr::cast(node)? {
        ast::Expr::CallExpr(call) => match call.expr()? {
            ast::Expr::PathExpr(path) => {
                let name = path.path()?.segment()?.name_ref()?;
                Some((name.text().to_string(), gets_reference(call.arg_list())))
            }
            _ => None,
        },
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?.text().to_string();
            Some((name, gets_reference(call.arg_list())))
        }
        _ => None,
    };
    body.descendants().filter_map(call).collect()
}

fn gets_reference(arguments: Option<ast::ArgList>) -> bool {
    arguments
        .iter()
        .flat_map(|list| list.syntax().children())
        .any(|argument| argument.kind() == SyntaxKind::REF_EXPR)
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    /// The code with `!` where it looks.
    fn looks(code: &str) -> String {
        let polls = parse(code).polls;
        let all = 0..code.len();
        let mut functions = Functions::new();
        polls.note(&all, &mut functions);
        let mut marked = code.to_owned();
        for at in polls.places(&all, &functions).iter().rev() {
            marked.insert(*at, '!');
        }
        marked
    }

    #[test]
    fn loops_look_when_a_turn_takes_long() {
        for code in [
            "for i in 0..n { s += v[i].sqrt() * w[i]; }",
            "loop { n = n.wrapping_add(1); assert!(n > 0); }",
            "while x != 1 { x = if x % 2 == 0 { x / 2 } else { 3 * x + 1 }; }",
            "fn f(x: f64) -> f64 { x * x }\nfor i in 0..n { s += f(i as f64); }",
            "const N: usize = { let mut i = 0; while i < 3 { while i < 2 { i += 1; } } i };",
            "const fn f() { loop { loop {} } }",
            "fn conv() { for i in 0..3 { for j in 0..=2 { s += a[i][j]; } } }",
            "for i in 0..n { s += (0..10).map(|x| x * i).sum::<usize>(); }",
            "fn dist(a: &P, b: &P) -> f64 { a.x - b.x }\nfor i in 0..n { s += dist(&p, &q); }",
        ] {
            assert_eq!(looks(code), code);
        }
        for code in [
            "loop {! println!(\"{n}\"); }",
            "for i in 0..n {! for j in 0..n { for k in 0..n { s += a[i][j][k]; } } }",
            "'a: while let Some(x) = it.next() {! net.evaluate(&x); }",
            "for i in 0..n {! f(i)?; }",
            "fn step(w: f64) -> f64 { let mut v = w; while v > 1.0 { v /= 2.0; } v }\nloop {! w = step(w); }",
            "fn fib(n: u64) -> u64 { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }\nfor i in 0..90 {! fib(i); }",
            "let out = std::io::stdout().lock();\nloop {! n += 1; }",
            "fn outer() { loop {! v.iter().map(|x| x + 1).sum::<i32>(); } }",
        ] {
            assert_eq!(looks(&code.replace("{!", "{")), code);
        }
    }
}
