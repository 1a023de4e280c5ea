//! Where a cell's own loops look whether somebody wants the cell to stop.
//!
//! Looking costs a load and a branch, and keeps the compiler from joining the turns of a loop. So a loop of plain arithmetic
//! never looks, only loops with something that takes far longer: a macro such as `println!`, a call that gets a reference or
//! may fail, a function of the notebook that itself takes long, and of loops in loops the outermost one. It looks in the
//! block in which that stands, so turns that do not come there cost nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasName};
use ra_ap_syntax::{SyntaxKind, SyntaxNode};

use self::long::{body_of_loop, call, is_cold, is_slow, repeats, says_long, takes_long};

#[cfg(test)]
mod cost;
mod long;

/// Looks.
pub(crate) const POLL: &str = " ::gradus_cell::poll();";

/// What there is to know about the loops of one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Polls {
    places: Vec<Place>,
    functions: Vec<Function>,
    /// Closures with names, and whether they take long.
    closures: Functions,
}

/// A block that a loop runs.
#[derive(Clone, Debug, Default, PartialEq)]
struct Place {
    /// The byte behind the bracket that opens it.
    at: usize,
    /// Those of the blocks around it, as far as the same loop runs them.
    around: Vec<usize>,
    /// Something in it takes long for sure.
    is_long: bool,
    /// The functions and methods that it calls, and whether they take long if nobody knows them.
    calls: Vec<(String, bool)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Function {
    name: String,
    at: usize,
    /// It loops or calls itself.
    is_slow: bool,
}

/// The functions, methods and macros (`name!`) of the notebook, and whether they take long.
pub(crate) type Functions = HashMap<String, bool>;

impl Polls {
    /// Reads the code of a cell; `position` gives the byte of the cell for one of the tree.
    pub(crate) fn read(code: &SyntaxNode, position: &dyn Fn(usize) -> usize) -> Polls {
        let mut polls = Polls::default();
        let mut places: BTreeMap<usize, Place> = BTreeMap::new();
        let locks: Vec<SyntaxNode> = code.descendants().filter(locks).collect();
        for node in code.descendants() {
            if let Some(one) = polls.named(&node, position) {
                polls.functions.push(one);
            }
            let mut blocks = None;
            let mut note = Place::default();
            if let Some(call) = call(&node) {
                note.calls.push(call);
            }
            if takes_long(&node) {
                note.is_long = true;
            } else if repeats(&node) {
                blocks = blocks_around(&node).filter(|(outer, _)| is_outermost(outer));
                note.is_long = blocks.is_some();
            }
            if holds_a_lock(&node, &locks) {
                blocks = body_of_loop(&node).map(|body| (node.clone(), vec![body]));
                note.is_long = true;
            }
            if !note.is_long && note.calls.is_empty() {
                continue;
            }
            let Some((outer, blocks)) = blocks.or_else(|| blocks_around(&node)) else {
                continue;
            };
            let mut inside = blocks.iter().filter_map(behind_bracket).map(position);
            if let Some(at) = inside.next()
                && !is_constant(&outer)
                && !is_cold(&node)
            {
                let place = places.entry(at).or_default();
                (place.at, place.around) = (at, inside.collect());
                place.is_long |= note.is_long;
                place.calls.append(&mut note.calls);
            }
        }
        polls.places = places.into_values().collect();
        polls
    }

    /// A function or a macro; a closure with a name is noted.
    fn named(&mut self, node: &SyntaxNode, position: &dyn Fn(usize) -> usize) -> Option<Function> {
        let (name, is_slow) = if let Some(function) = ast::Fn::cast(node.clone()) {
            let name = function.name()?.to_string();
            let is_slow = is_slow(function.body()?.syntax(), &name);
            (name, is_slow)
        } else if let Some(rules) = ast::MacroRules::cast(node.clone()) {
            (format!("{}!", rules.name()?), says_long(rules.syntax()))
        } else {
            let made = ast::LetStmt::cast(node.clone())?;
            if let (Some(ast::Pat::IdentPat(pattern)), Some(ast::Expr::ClosureExpr(closure))) =
                (made.pat(), made.initializer())
            {
                let name = pattern.name()?.to_string();
                let is_slow = is_slow(closure.body()?.syntax(), &name);
                self.closures.insert(name, is_slow);
            }
            return None;
        };
        let at = position(usize::from(node.text_range().start()));
        Some(Function { name, at, is_slow })
    }

    /// Notes the functions in a part of the cell.
    pub(crate) fn note(&self, part: &Range<usize>, functions: &mut Functions) {
        for one in self.functions.iter().filter(|one| part.contains(&one.at)) {
            *functions.entry(one.name.clone()).or_default() |= one.is_slow;
        }
    }

    /// The places in a part of the cell where its loops look.
    pub(crate) fn places(&self, part: &Range<usize>, functions: &Functions) -> Vec<usize> {
        let takes_long = |(name, if_unknown): &(String, bool)| {
            let known = self.closures.get(name).or_else(|| functions.get(name));
            known.copied().unwrap_or(*if_unknown)
        };
        let places = self.places.iter().filter(|one| part.contains(&one.at));
        let long: Vec<&Place> = places
            .filter(|one| one.is_long || one.calls.iter().any(takes_long))
            .collect();
        let all: HashSet<usize> = long.iter().map(|one| one.at).collect();
        let outer = long
            .iter()
            .filter(|one| one.around.iter().all(|at| !all.contains(at)));
        outer.map(|one| one.at).collect()
    }
}

/// The loop in which something is done, and the blocks of it around that, from the innermost one.
fn blocks_around(node: &SyntaxNode) -> Option<(SyntaxNode, Vec<ast::BlockExpr>)> {
    let mut blocks = Vec::new();
    let mut inner = node.clone();
    for outer in node.ancestors().skip(1) {
        if let Some(body) = body_of_loop(&outer) {
            let is_body = *body.syntax() == inner;
            if !is_body && outer.kind() == SyntaxKind::WHILE_EXPR {
                return Some((outer, vec![body]));
            }
            if is_body {
                return Some((outer, blocks));
            }
        } else if ast::Fn::can_cast(outer.kind()) {
            return None;
        } else if ast::ClosureExpr::can_cast(outer.kind()) {
            // It may be called elsewhere.
            blocks.clear();
        } else if let Some(block) = ast::BlockExpr::cast(outer.clone()) {
            if block.async_token().is_some() {
                blocks.clear();
            } else {
                blocks.push(block);
            }
        }
        inner = outer;
    }
    None
}

/// Where a block begins in which something can be put in front.
fn behind_bracket(block: &ast::BlockExpr) -> Option<usize> {
    let list = block.stmt_list()?;
    let bracket = list.l_curly_token()?;
    let is_plain = list.attrs().next().is_none();
    is_plain.then(|| usize::from(bracket.text_range().end()))
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

fn locks(node: &SyntaxNode) -> bool {
    let call = ast::MethodCallExpr::cast(node.clone());
    let name = call.and_then(|call| call.name_ref());
    name.is_some_and(|name| matches!(name.text(), "lock" | "read" | "write"))
}

/// Whether this is a loop without an end to be seen that may hold standard output, or anything else: who is frozen there
/// holds it for good.
fn holds_a_lock(node: &SyntaxNode, locks: &[SyntaxNode]) -> bool {
    let has_end = ast::ForExpr::cast(node.clone()).is_some_and(|one| {
        let range = one
            .iterable()
            .map(|range| range.syntax().text().to_string());
        range.is_none_or(|range| !range.trim_end_matches(')').ends_with(".."))
    });
    let holds = |lock: &SyntaxNode| {
        let block = lock
            .ancestors()
            .find(|outer| ast::BlockExpr::can_cast(outer.kind()));
        let in_block =
            block.is_none_or(|block| block.text_range().contains_range(node.text_range()));
        in_block || node.text_range().contains_range(lock.text_range())
    };
    !has_end && body_of_loop(node).is_some() && locks.iter().any(holds) && is_outermost(node)
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
            "for x in v { std::mem::swap(&mut a, &mut b); s = s.checked_add(*x).ok_or_else(|| format!(\"{x}\"))?; }",
            "for x in v { s += x.map_or(0, |x| x + 1); if s > 9 { return Err(format!(\"{x}\").into()); } }",
            "macro_rules! square { ($x:expr) => { $x * $x } }\nfor x in v { s += square!(*x); }",
            "let all = lock.lock()?;\nfor i in 0..n { s += all[i]; }",
            "let double = |x: i64| 2 * x;\nfor i in 0..n { s += double(i); }",
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
            "for i in 0..n { if i % 100 == 0 {! println!(\"{i}\"); } s += v[i]; }",
            "for i in 2..n { if is[i] {! for j in (i..n).step_by(i) { is[j] = false; } } }",
            "for i in 0..n { if i > 3 {! f(&x); if i > 4 { g(&x); } } else {! h(&x); } }",
            "while step(&mut w) {! n += 1; }",
            "for i in 0..n {! for x in v.iter().map(|x| { println!(\"{x}\"); x }) { s += x; } }",
            "macro_rules! all { ($x:expr) => { for x in $x { s += x; } } }\nloop {! all!(v); }",
            "let step = |w: f64| { let mut v = w; while v > 1.0 { v /= 2.0; } v };\nloop {! w = step(w); }",
            "loop { #![allow(unused)] loop { if x {! println!(); } } }",
            "fn outer() { loop {! v.iter().map(|x| x + 1).sum::<i32>(); } }",
        ] {
            assert_eq!(looks(&code.replace("{!", "{")), code);
        }
    }
}
