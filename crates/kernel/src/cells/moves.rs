//! Which values a cell gives away, as far as its text tells for certain.
//!
//! The compiler decides what was moved; what is found here only saves it a second run. So a place counts only where the
//! language leaves no doubt: a variable by its bare name where a value is needed. What stands in macros, behind a dot or
//! under a name that is also an inner one counts for nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasLoopBody, HasName};
use ra_ap_syntax::{SyntaxKind, SyntaxNode};

use super::parse::{bytes, words_in_braces};

/// Where names stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moves {
    /// Where a value is moved if its type has no copies, and whether that happens whenever its statement runs.
    moves: HashMap<String, Vec<(usize, bool)>>,
    /// The last place where a name, or a part of it, may get a new value.
    set: HashMap<String, usize>,
    /// Every place where a name stands, in macros and texts too.
    mentions: HashMap<String, Vec<usize>>,
    /// Names that also mean something inside a closure or a block.
    inner: HashSet<String>,
}

impl Moves {
    /// Whether such a value is not there at the end.
    pub(crate) fn is_gone(&self, name: &str, within: Range<usize>) -> bool {
        self.places(name, within)
            .any(|(at, always)| always && !self.is_set_after(name, at))
    }

    /// Where a value without copies that is there at first is moved, and the length of its name there.
    pub(crate) fn places_of(&self, name: &str, within: Range<usize>) -> BTreeSet<(usize, usize)> {
        let places = self.places(name, within);
        places.map(|(at, _)| (at, name.len())).collect()
    }

    /// Whether the name also means something inside a closure or a block.
    pub(crate) fn is_inner(&self, name: &str) -> bool {
        self.inner.contains(name)
    }

    /// Whether a value may come back after byte `at`.
    pub(crate) fn is_set_after(&self, name: &str, at: usize) -> bool {
        self.set.get(name).is_some_and(|set| *set > at)
    }

    /// Whether the last mention of a name, and the only one in this statement, moves it whenever the statement runs.
    pub(crate) fn ends_with(&self, name: &str, statement: &Range<usize>) -> bool {
        let mentions = self.mentions.get(name).map_or(&[][..], Vec::as_slice);
        let inside = mentions.iter().filter(|at| statement.contains(at)).count();
        let is_last = mentions.iter().all(|at| *at < statement.end);
        let mut places = self.places(name, statement.clone());
        inside == 1 && is_last && places.any(|(_, always)| always)
    }

    /// Whether what stands at byte `at` happens whenever the cell comes to its end.
    pub(crate) fn is_always(list: &SyntaxNode, at: usize) -> bool {
        let token = list
            .descendants_with_tokens()
            .filter_map(|part| part.into_token())
            .find(|token| bytes(token.text_range()).contains(&at));
        token
            .and_then(|token| token.parent())
            .is_some_and(|node| runs_always(&node, list))
    }

    fn places(&self, name: &str, within: Range<usize>) -> impl Iterator<Item = (usize, bool)> {
        let places = self.moves.get(name).filter(|_| !self.inner.contains(name));
        let places = places.map_or(&[][..], Vec::as_slice).iter().copied();
        places.filter(move |(at, _)| within.contains(at))
    }

    /// Notes what stands in a statement of `list`; of the value of the cell only a reference is taken.
    pub(crate) fn look(&mut self, list: &SyntaxNode, statement: &SyntaxNode, is_value: bool) {
        let top = ast::LetStmt::cast(statement.clone()).and_then(|statement| statement.pat());
        for node in statement.descendants() {
            let at = bytes(node.text_range()).start;
            if let Some(pattern) = ast::IdentPat::cast(node.clone()) {
                let is_top = top
                    .as_ref()
                    .is_some_and(|top| top.syntax().text_range().contains_range(node.text_range()));
                if let Some(name) = pattern.name().filter(|_| !is_top) {
                    self.inner.insert(name.to_string());
                }
            } else if let Some(expression) = ast::PathExpr::cast(node.clone())
                && let Some(name) = expression.path().and_then(|path| path.as_single_name_ref())
                && !(is_value && node == *statement)
                && !is_assigned(&node)
                && (needs_value(&node) || is_captured_whole(&node))
            {
                let place = (at, runs_always(&node, list));
                let places = self.moves.entry(name.text().to_string()).or_default();
                places.push(place);
            } else if let Some(binary) = ast::BinExpr::cast(node.clone())
                && binary.op_kind() == Some(ast::BinaryOp::Assignment { op: None })
            {
                let side = binary.lhs().map(|side| side.syntax().clone());
                // After what stands on the right.
                self.set(side.as_ref(), bytes(node.text_range()).end);
            } else if node.kind() == SyntaxKind::TOKEN_TREE {
                let has_sign = node
                    .children_with_tokens()
                    .any(|part| part.kind() == SyntaxKind::EQ);
                if has_sign {
                    self.set(Some(&node), bytes(node.text_range()).end);
                }
            }
        }
        for (name, at) in mentions(statement) {
            self.mentions.entry(name).or_default().push(at);
        }
    }

    fn set(&mut self, side: Option<&SyntaxNode>, at: usize) {
        for (name, _) in side.into_iter().flat_map(mentions) {
            let last = self.set.entry(name).or_default();
            *last = at.max(*last);
        }
    }
}

/// Whether this is one of those that `(a, b) = ...` gives values to.
fn is_assigned(node: &SyntaxNode) -> bool {
    let mut child = node.clone();
    for parent in node.ancestors().skip(1) {
        if let Some(binary) = ast::BinExpr::cast(parent.clone()) {
            let is_left = binary.lhs().is_some_and(|side| *side.syntax() == child);
            return is_left && binary.op_kind() == Some(ast::BinaryOp::Assignment { op: None });
        }
        if ast::Stmt::can_cast(parent.kind()) {
            return false;
        }
        child = parent;
    }
    false
}

/// All names in some code, and where they stand.
pub(crate) fn mentions(node: &SyntaxNode) -> impl Iterator<Item = (String, usize)> {
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|part| part.into_token());
    tokens.flat_map(|token| {
        let at = bytes(token.text_range()).start;
        let names = match token.kind() {
            SyntaxKind::IDENT => vec![super::parse::plain_name(token.text())],
            SyntaxKind::STRING => words_in_braces(token.text()),
            _ => Vec::new(),
        };
        names.into_iter().map(move |name| (name, at))
    })
}

/// Whether the code around it runs it whenever the end of `list` is reached.
fn runs_always(node: &SyntaxNode, list: &SyntaxNode) -> bool {
    let mut child = node.clone();
    for parent in node.ancestors().skip(1) {
        if parent == *list {
            return true;
        }
        let is = |part: Option<SyntaxNode>| part.is_some_and(|part| part == child);
        let always = match parent.kind() {
            // It takes what it uses when it is made.
            SyntaxKind::CLOSURE_EXPR => true,
            SyntaxKind::IF_EXPR => is(ast::IfExpr::cast(parent.clone())
                .and_then(|parent| parent.condition())
                .map(|part| part.syntax().clone())),
            SyntaxKind::MATCH_EXPR => is(ast::MatchExpr::cast(parent.clone())
                .and_then(|parent| parent.expr())
                .map(|part| part.syntax().clone())),
            SyntaxKind::FOR_EXPR => !is(ast::ForExpr::cast(parent.clone())
                .and_then(|parent| parent.loop_body())
                .map(|part| part.syntax().clone())),
            SyntaxKind::BLOCK_EXPR => {
                ast::BlockExpr::cast(parent.clone()).is_some_and(|block| block.label().is_none())
            }
            SyntaxKind::BIN_EXPR => {
                let binary = ast::BinExpr::cast(parent.clone());
                !binary.is_some_and(|binary| {
                    matches!(binary.op_kind(), Some(ast::BinaryOp::LogicOp(_)))
                })
            }
            SyntaxKind::WHILE_EXPR
            | SyntaxKind::LOOP_EXPR
            | SyntaxKind::LET_ELSE
            | SyntaxKind::LET_EXPR
            | SyntaxKind::FN
            | SyntaxKind::RETURN_EXPR
            | SyntaxKind::BREAK_EXPR
            | SyntaxKind::MACRO_CALL => false,
            _ => true,
        };
        if !always {
            return false;
        }
        child = parent;
    }
    false
}

/// Whether a closure with `move` takes the whole variable that stands here.
fn is_captured_whole(node: &SyntaxNode) -> bool {
    let mut around = node.ancestors().skip(1);
    let in_closure = around.any(|node| {
        ast::ClosureExpr::cast(node).is_some_and(|closure| closure.move_token().is_some())
    });
    // Of `a.b` only the part is taken.
    in_closure
        && node
            .parent()
            .is_some_and(|parent| parent.kind() != SyntaxKind::FIELD_EXPR)
}

/// Whether a variable that stands here by its bare name is moved if its type has no copies.
fn needs_value(node: &SyntaxNode) -> bool {
    let Some(parent) = node.parent() else {
        return false;
    };
    let is = |child: Option<SyntaxNode>| child.as_ref() == Some(node);
    match parent.kind() {
        SyntaxKind::BIN_EXPR => {
            let Some(binary) = ast::BinExpr::cast(parent) else {
                return false;
            };
            let on_the_right = is(binary.rhs().map(|side| side.syntax().clone()));
            match binary.op_kind() {
                Some(ast::BinaryOp::Assignment { .. }) => on_the_right,
                Some(ast::BinaryOp::ArithOp(_)) => true,
                _ => false,
            }
        }
        SyntaxKind::LET_STMT => ast::LetStmt::cast(parent).is_some_and(|statement| {
            matches!(statement.pat(), Some(ast::Pat::IdentPat(pattern)) if pattern.ref_token().is_none())
        }),
        SyntaxKind::FOR_EXPR => ast::ForExpr::cast(parent)
            .is_some_and(|one| !is(one.loop_body().map(|body| body.syntax().clone()))),
        SyntaxKind::PAREN_EXPR => needs_value(&parent),
        SyntaxKind::ARG_LIST
        | SyntaxKind::RECORD_EXPR_FIELD
        | SyntaxKind::TUPLE_EXPR
        | SyntaxKind::ARRAY_EXPR
        | SyntaxKind::TRY_EXPR
        | SyntaxKind::CLOSURE_EXPR => true,
        SyntaxKind::STMT_LIST => {
            // The value of a block inside the cell.
            let mut outer = parent.ancestors().skip(1).map(|node| node.kind());
            outer.next() == Some(SyntaxKind::BLOCK_EXPR) && outer.next() != Some(SyntaxKind::FN)
        }
        _ => false,
    }
}
