//! Where a cell moves variables of earlier cells, and what its program does there instead.
//!
//! A variable that is moved stays in its place, with a note that it is empty (`moved.rs`), so that it can be given back
//! whichever way the cell ends. The compiler says where it is moved; here each such place becomes an edit of the cell's
//! text, and so does each assignment that fills it again. Where that cannot be told for certain, as in a macro of the
//! notebook, there is no answer, and the variable goes into the cell as it is.

use std::collections::BTreeSet;
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasArgList};
use ra_ap_syntax::{SyntaxKind, SyntaxNode, TextSize};

use super::parse::{BEFORE, Cell, STATEMENTS, bytes, plain_name, top_names};

/// A variable that the cell moves.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Followed {
    /// Where the compiler, or the text without a doubt, says so.
    places: BTreeSet<(usize, usize)>,
    edits: Vec<Edit>,
}

#[derive(Clone, Debug, PartialEq)]
struct Edit {
    range: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// The variable, or a part of it, is moved.
    Move { part: u64 },
    /// So it is, in `P { x }`.
    MoveIntoField,
    /// A closure, or an `async` block, takes it with it.
    MoveInto,
    /// It gets a value; the range is that of what is assigned to.
    Set { parts: u64, value: Range<usize> },
    /// It gets one with others, in the assignment at this place.
    SetAmong {
        parts: u64,
        path: String,
        start: usize,
        end: usize,
    },
}

/// Which of the two programs is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Twin {
    /// The one that runs.
    Runs,
    /// The one that is only checked.
    Checked,
}

/// A text that takes the place of a part of the cell, or stands before it where that is empty; in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Added {
    at: usize,
    /// What belongs to the code before comes first; of brackets the inner one closes first and the outer one opens first.
    opens: bool,
    depth: usize,
    pub(crate) end: usize,
    pub(crate) text: String,
}

impl Added {
    /// Belongs to the code before.
    pub(crate) fn after(at: usize, text: &str) -> Added {
        Added {
            at,
            opens: false,
            depth: 0,
            end: at,
            text: text.to_owned(),
        }
    }

    /// Belongs to the code behind.
    pub(crate) fn before(at: usize, text: &str) -> Added {
        Added {
            opens: true,
            ..Added::after(at, text)
        }
    }

    /// Brackets around a part of the code.
    pub(crate) fn around(part: &Range<usize>, before: &str, after: &str) -> [Added; 2] {
        [
            Added {
                depth: usize::MAX - part.len(),
                ..Added::before(part.start, before)
            },
            Added {
                depth: part.len(),
                ..Added::after(part.end, after)
            },
        ]
    }

    /// In place of a part of the code.
    pub(crate) fn instead(range: &Range<usize>, text: &str) -> Added {
        Added {
            end: range.end,
            ..Added::before(range.start, text)
        }
    }

    /// Where it stands, if that is in this part of the code.
    pub(crate) fn within(&self, part: &Range<usize>) -> Option<usize> {
        let is_in = match self.opens {
            true => part.contains(&self.at),
            false => part.start < self.at && self.at <= part.end,
        };
        is_in.then_some(self.at)
    }
}

impl Followed {
    /// One that the text moves here.
    pub(crate) fn new(cell: &Cell, name: &str, places: BTreeSet<(usize, usize)>) -> Option<Self> {
        let edits = edits(cell, name, &places)?;
        Some(Followed { places, edits })
    }

    /// The compiler says that it is moved here, too. `None` if it was known, or if nothing can be done about it.
    pub(crate) fn also(&self, cell: &Cell, name: &str, place: (usize, usize)) -> Option<Self> {
        let mut places = self.places.clone();
        let is_new = places.insert(place);
        is_new.then(|| Followed::new(cell, name, places))?
    }

    /// What the program has in place of the cell's text; the variable has this number there.
    pub(crate) fn added(&self, name: &str, number: usize, is_mut: bool, twin: Twin) -> Vec<Added> {
        let mutable = if is_mut { "mut " } else { "" };
        let mut added = Vec::new();
        let moved = format!("&gradus_moved_{number}");
        for Edit { range, kind } in &self.edits {
            let mut around = |range: &Range<usize>, before: String, after: &str| {
                added.extend(Added::around(range, &before, after));
            };
            match (kind, twin) {
                (Kind::Move { part }, Twin::Runs) => {
                    let before = format!("::gradus_cell::out({moved}, {part}, &raw const (");
                    around(range, before, "))");
                }
                (Kind::Move { .. }, Twin::Checked) => around(range, "({".to_owned(), "})"),
                (Kind::MoveIntoField, Twin::Runs) => {
                    let before =
                        format!("{name}: ::gradus_cell::out({moved}, {WHOLE}, &raw const ");
                    around(range, before, ")");
                }
                (Kind::MoveInto, Twin::Runs) => {
                    let take = format!("::gradus_cell::out({moved}, {WHOLE}, &raw const {name})");
                    around(range, format!("({{ let {mutable}{name} = {take}; "), "})");
                }
                (Kind::MoveInto, Twin::Checked) => {
                    around(range, format!("({{ let {mutable}{name} = {name}; "), "})");
                }
                (Kind::Set { parts, value }, Twin::Runs) => {
                    let before = format!("::gradus_cell::set({moved}, {parts}, &raw mut (");
                    around(&(range.start..value.end), before, ")");
                    // In place of the sign.
                    added.push(Added {
                        depth: usize::MAX,
                        end: value.start,
                        ..Added::after(range.end, "), ")
                    });
                }
                (
                    Kind::SetAmong {
                        parts,
                        path,
                        start,
                        end,
                    },
                    Twin::Runs,
                ) => {
                    let new = format!("gradus_new_{}", range.start);
                    let after = format!(
                        "; ::gradus_cell::set({moved}, {parts}, &raw mut ({path}), {new}); }}"
                    );
                    around(&(*start..*end), format!("{{ let {new}; "), &after);
                    added.push(Added::instead(range, &new));
                }
                (Kind::MoveIntoField | Kind::Set { .. } | Kind::SetAmong { .. }, Twin::Checked) => {
                }
            }
        }
        added
    }
}

/// The part that is the whole variable.
const WHOLE: u64 = 1;

fn edits(cell: &Cell, name: &str, places: &BTreeSet<(usize, usize)>) -> Option<Vec<Edit>> {
    let list = cell.list.as_ref()?;
    if is_hidden(list, name) {
        return None;
    }
    let mut paths = vec![name.to_owned()];
    let mut edits: Vec<Edit> = Vec::new();
    for (start, length) in places {
        let (range, kind, path) = place(cell, list, name, *start..start + length)?;
        let part = match paths.iter().position(|known| *known == path) {
            Some(index) => index,
            None => {
                paths.push(path);
                paths.len() - 1
            }
        };
        let kind = match kind {
            Kind::Move { .. } if part < 64 => Kind::Move { part: 1 << part },
            Kind::Move { .. } => return None,
            kind => kind,
        };
        let edit = Edit { range, kind };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    let shadowed = shadowed_at(list, name);
    let taken: Vec<Range<usize>> = edits
        .iter()
        .filter(|edit| edit.kind == Kind::MoveInto)
        .map(|edit| edit.range.clone())
        .collect();
    for assignment in list.descendants().filter_map(ast::BinExpr::cast) {
        let at = bytes(assignment.syntax().text_range()).start;
        let is_another = at >= shadowed
            || taken.iter().any(|range| range.contains(&at))
            || is_in_item(assignment.syntax(), list);
        if assignment.op_kind() != Some(ast::BinaryOp::Assignment { op: None }) || is_another {
            continue;
        }
        let (side, value) = (assignment.lhs()?, assignment.rhs()?);
        let value = bytes(value.syntax().text_range());
        for target in targets(&side) {
            let Some(path) = path_of(&target).filter(|path| is_part(path, name)) else {
                continue;
            };
            if cell.moves.is_inner(name) || is_short(&target) {
                return None;
            }
            let parts = paths.iter().enumerate();
            let parts = parts.filter(|(_, moved)| is_part(moved, &path));
            let parts = parts.fold(0, |parts, (index, _)| parts | 1_u64 << index);
            if parts == 0 {
                continue;
            }
            let value = value.clone();
            let kind = match target == side {
                true => Kind::Set { parts, value },
                false => Kind::SetAmong {
                    parts,
                    path,
                    start: at,
                    end: value.end,
                },
            };
            let range = bytes(target.syntax().text_range());
            edits.push(Edit { range, kind });
        }
    }
    // A place that is moved and set at once would be none.
    let mut ranges: Vec<&Range<usize>> = edits.iter().map(|edit| &edit.range).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    let apart = |pair: &[&Range<usize>]| {
        pair[0].end <= pair[1].start
            || (pair[0].start <= pair[1].start && pair[1].end <= pair[0].end && pair[0] != pair[1])
    };
    ranges.windows(2).all(apart).then_some(edits)
}

/// What an assignment gives values to: `(a, b[0]) = ...` has two.
fn targets(side: &ast::Expr) -> Vec<ast::Expr> {
    let parts: Vec<ast::Expr> = match side {
        ast::Expr::TupleExpr(tuple) => tuple.fields().collect(),
        ast::Expr::ArrayExpr(array) => match array.kind() {
            ast::ArrayExprKind::ElementList(elements) => elements.collect(),
            ast::ArrayExprKind::Repeat { .. } => Vec::new(),
        },
        ast::Expr::ParenExpr(inner) => inner.expr().into_iter().collect(),
        ast::Expr::CallExpr(call) => match call.arg_list() {
            Some(list) => list.args().collect(),
            None => Vec::new(),
        },
        ast::Expr::RecordExpr(record) => {
            let list = record.record_expr_field_list();
            let fields = list.iter().flat_map(|list| list.fields());
            fields.filter_map(|field| field.expr()).collect()
        }
        _ => return vec![side.clone()],
    };
    parts.iter().flat_map(targets).collect()
}

/// Whether this is the `x` of `P { x }`.
fn is_short(expression: &ast::Expr) -> bool {
    let parent = expression.syntax().parent();
    let field = parent.and_then(ast::RecordExprField::cast);
    field.is_some_and(|field| field.colon_token().is_none())
}

/// Whether `part` is the place `whole` or something in it.
fn is_part(part: &str, whole: &str) -> bool {
    let rest = part.strip_prefix(whole);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// `a` and `a.b.c`.
fn path_of(expression: &ast::Expr) -> Option<String> {
    match expression {
        ast::Expr::PathExpr(path) => {
            let name = path.path()?.as_single_name_ref()?;
            Some(plain_name(name.text()))
        }
        ast::Expr::FieldExpr(field) => {
            let part = match field.field_access()? {
                ast::FieldKind::Name(name) => name.text().to_string(),
                ast::FieldKind::Index(index) => index.text().to_owned(),
            };
            Some(format!("{}.{part}", path_of(&field.expr()?)?))
        }
        _ => None,
    }
}

/// Whether this stands in a function, or the like, which sees no variables.
fn is_in_item(node: &SyntaxNode, list: &SyntaxNode) -> bool {
    let mut around = node.ancestors().take_while(|outer| outer != list);
    around.any(|outer| ast::Item::can_cast(outer.kind()) && outer.kind() != SyntaxKind::MACRO_CALL)
}

/// From here on a `let` of the cell itself has given the name to another variable.
fn shadowed_at(list: &SyntaxNode, name: &str) -> usize {
    let mut lets = list.children().filter_map(ast::LetStmt::cast);
    let makes = lets.find(|one| top_names(one).iter().any(|(other, _)| other == name));
    makes.map_or(usize::MAX, |one| bytes(one.syntax().text_range()).end)
}

/// Whether a macro may assign to the variable where nobody sees it.
fn is_hidden(list: &SyntaxNode, name: &str) -> bool {
    let mut calls = list.descendants().filter_map(ast::MacroCall::cast);
    calls.any(|call| {
        let tokens = call.token_tree().map(|tree| tree.syntax().clone());
        let tokens: Vec<_> = tokens
            .iter()
            .flat_map(|tree| tree.descendants_with_tokens())
            .filter_map(|part| part.into_token())
            .filter(|token| !token.kind().is_trivia())
            .collect();
        let is_name = |text: &str| plain_name(text) == name;
        if is_of_std(&call) {
            let text = |index: usize| tokens.get(index).map_or("", |token| token.text());
            // `=`, which `==` and `=>` begin with.
            (0..tokens.len()).any(|index| {
                is_name(text(index))
                    && text(index + 1) == "="
                    && !matches!(text(index + 2), "=" | ">")
            })
        } else {
            tokens.iter().any(|token| is_name(token.text()))
        }
    })
}

fn is_of_std(call: &ast::MacroCall) -> bool {
    let path = call.path().map(|path| path.syntax().text().to_string());
    path.is_some_and(|path| STATEMENTS.contains(&path.trim_start_matches("std::")))
}

/// What to edit where the compiler names this place, and what is moved there.
fn place(
    cell: &Cell,
    list: &SyntaxNode,
    name: &str,
    place: Range<usize>,
) -> Option<(Range<usize>, Kind, String)> {
    let offset = u32::try_from(place.start + BEFORE.len()).ok()?;
    let whole = list.text_range();
    if !whole.contains(TextSize::from(offset)) {
        return None;
    }
    let token = list
        .token_at_offset(TextSize::from(offset))
        .right_biased()?;
    let around = || token.parent_ancestors().take_while(|node| node != list);
    let closures = around().filter(takes_along);
    if let Some(closure) = closures.last() {
        return Some((bytes(closure.text_range()), Kind::MoveInto, name.to_owned()));
    }
    let part = Kind::Move { part: 0 };
    let fits = |node: &SyntaxNode| bytes(node.text_range()) == place;
    if let Some(expression) = around().filter(fits).find_map(ast::Expr::cast) {
        let path = path_of(&expression)?;
        let kind = match is_short(&expression) {
            true => Kind::MoveIntoField,
            false => part,
        };
        return is_part(&path, name).then_some((place, kind, path));
    }
    if around().any(|node| node.kind() == SyntaxKind::TOKEN_TREE) {
        let text = &cell.code[place.clone()];
        return (is_part(text, name)
            && around()
                .find_map(ast::MacroCall::cast)
                .is_some_and(|call| is_of_std(&call)))
        .then(|| (place, part, text.to_owned()));
    }
    // Something in the pattern of a `let`: then all of it is moved, if the twin agrees.
    let pattern = around().find_map(ast::Pat::cast)?;
    let statement = around().find_map(ast::LetStmt::cast)?;
    let is_its = statement
        .pat()?
        .syntax()
        .text_range()
        .contains_range(pattern.syntax().text_range());
    let value = statement.initializer().filter(|_| is_its)?;
    let path = path_of(&value).filter(|path| is_part(path, name))?;
    Some((bytes(value.syntax().text_range()), part, path))
}

/// Closures and `async` blocks own what they move.
fn takes_along(node: &SyntaxNode) -> bool {
    node.kind() == SyntaxKind::CLOSURE_EXPR
        || ast::BlockExpr::cast(node.clone()).is_some_and(|block| block.async_token().is_some())
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    /// The cell as it runs, with `out(…)` and `set(…)` in short.
    fn runs(code: &str, name: &str) -> Option<String> {
        let cell = parse(code);
        let places = cell.moved.get(name).cloned().unwrap_or_default();
        let followed = Followed::new(&cell, name, places)?;
        let mut added = followed.added(name, 0, true, Twin::Runs);
        added.sort();
        let (mut text, mut from) = (String::new(), 0);
        for one in added {
            text += &code[from..one.at];
            text += &one.text;
            from = one.end;
        }
        let text = text + &code[from..];
        let text = text
            .replace("::gradus_cell::", "")
            .replace("&gradus_moved_0, ", "");
        Some(text.replace("&raw const ", "").replace("&raw mut ", ""))
    }

    #[test]
    fn what_is_moved_leaves_its_place_and_what_is_set_comes_into_it() {
        for (code, expected) in [
            ("drop(v);", "drop(out(1, (v)));"),
            ("v = f(v);", "set(1, (v), f(out(1, (v))));"),
            ("drop(v);v = w;", "drop(out(1, (v)));set(1, (v), w);"),
            ("v = v;", "set(1, (v), out(1, (v)));"),
            (
                "for i in 0..3 { v = loop { break f(v); }; }",
                "for i in 0..3 { set(1, (v), loop { break f(out(1, (v))); }); }",
            ),
            (
                "let c = move || v.len();",
                "let c = ({ let mut v = out(1, v); move || v.len()});",
            ),
            ("P { v }", "P { v: out(1, v) }"),
            (
                "(v, n) = (f(v), 1);",
                "{ let gradus_new_1; (gradus_new_1, n) = (f(out(1, (v))), 1); set(1, (v), gradus_new_1); };",
            ),
            // What comes behind its own `let` is another one.
            ("let v = f(v); v = g();", "let v = f(out(1, (v))); v = g();"),
        ] {
            assert_eq!(runs(code, "v").as_deref(), Some(expected), "{code}");
        }
        for code in [
            "drop(v); m!(v);",
            "drop(v); assert!({ v = f(); true });",
            "drop(v); P { v } = f();",
        ] {
            assert_eq!(runs(code, "v"), None, "{code}");
        }
    }
}
