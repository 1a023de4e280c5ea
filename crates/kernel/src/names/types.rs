//! What an expression is, as far as types that are written tell.

use std::sync::Arc;

use ra_ap_syntax::ast::{self, AstNode, HasArgList, HasName};
use ra_ap_syntax::{SyntaxNode, TextSize};

use super::library::{Call, Crate, Item, Kind, Member, MemberKind, Ty, segments};
use super::{Candidate, Found, Names, member_candidate, plain};

/// A place in a session.
pub(super) struct View<'a> {
    pub(super) names: &'a Names,
    /// What the session defines.
    pub(super) own: &'a Arc<Crate>,
    pub(super) root: &'a SyntaxNode,
    pub(super) at: TextSize,
}

/// An expression that is longer is not followed.
const DEPTH: usize = 64;

impl View<'_> {
    /// What can stand behind the dot of a value.
    pub(super) fn members(&self, ty: &Ty) -> Vec<Candidate> {
        let all = self.all_members(ty);
        let of_value = all.iter().filter(|member| match &member.kind {
            MemberKind::Field(_) => true,
            MemberKind::Function(call) => call.has_self,
            MemberKind::Variant { .. } => false,
        });
        sorted(of_value)
    }

    /// What can stand behind `Type::`.
    pub(super) fn associated(&self, krate: &Arc<Crate>, item: &Item) -> Vec<Candidate> {
        let ty = match &item.kind {
            Kind::Type => Ty::Named {
                root: Some(krate.name.clone()),
                name: item.name.clone(),
                arguments: Vec::new(),
            },
            Kind::Alias(ty) => self.names.locate(ty, krate, self.own),
            _ => return Vec::new(),
        };
        let all = self.all_members(&ty);
        let without_fields = all
            .iter()
            .filter(|one| !matches!(one.kind, MemberKind::Field(_)));
        sorted(without_fields)
    }

    /// The fields of a struct.
    pub(super) fn fields(&self, krate: &Arc<Crate>, item: &Item) -> Vec<Candidate> {
        let ty = Ty::Named {
            root: Some(krate.name.clone()),
            name: item.name.clone(),
            arguments: Vec::new(),
        };
        let all = self.all_members(&ty);
        sorted(
            all.iter()
                .filter(|one| matches!(one.kind, MemberKind::Field(_))),
        )
    }

    /// The variables that there are at the place.
    pub(super) fn variables(&self) -> Vec<Candidate> {
        let patterns = self.root.descendants().filter_map(ast::IdentPat::cast);
        let names = patterns.filter(|pattern| self.is_visible(pattern.syntax()));
        let names = names.filter_map(|pattern| Some(pattern.name()?.text().to_string()));
        let mut found: Vec<Candidate> = names.map(|name| plain(&name, "instance")).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found.dedup_by(|a, b| a.name == b.name);
        found
    }

    /// What is made in a block that has ended is gone.
    fn is_visible(&self, pattern: &SyntaxNode) -> bool {
        let scope = pattern.ancestors().find(|node| {
            ast::StmtList::can_cast(node.kind())
                || ast::ClosureExpr::can_cast(node.kind())
                || ast::Fn::can_cast(node.kind())
                || ast::MatchArm::can_cast(node.kind())
                || ast::ForExpr::can_cast(node.kind())
        });
        pattern.text_range().end() <= self.at
            && scope.is_none_or(|scope| scope.text_range().contains_inclusive(self.at))
            // `let x = x.` means the one before.
            && pattern
                .ancestors()
                .find_map(ast::LetStmt::cast)
                .is_none_or(|made| !made.syntax().text_range().contains_inclusive(self.at)
                    || made.initializer().is_some_and(|value| value.syntax().text_range().end() < self.at))
    }

    /// All members that a cell may use.
    fn all_members(&self, ty: &Ty) -> Vec<Member> {
        let Ty::Named {
            root: Some(root),
            name,
            ..
        } = ty
        else {
            return Vec::new();
        };
        let Some(krate) = self.names.crate_of(root, self.own) else {
            return Vec::new();
        };
        let is_own = Arc::ptr_eq(&krate, self.own);
        let Some(known) = krate.types.get(name) else {
            return Vec::new();
        };
        let mut found: Vec<Member> = known
            .members
            .iter()
            .filter(|member| is_own || member.is_public)
            .cloned()
            .collect();
        for name in &known.traits {
            let ty = Ty::Named {
                root: None,
                name: name.clone(),
                arguments: Vec::new(),
            };
            if let Ty::Named {
                root: Some(root), ..
            } = self.names.locate(&ty, &krate, self.own)
                && let Some(home) = self.names.crate_of(&root, self.own)
                && let Some(known) = home.types.get(name)
            {
                let new = known.members.iter();
                let new: Vec<Member> = new
                    .filter(|one| found.iter().all(|member| member.name != one.name))
                    .cloned()
                    .collect();
                found.extend(new);
            }
        }
        found
    }

    fn member(&self, ty: &Ty, name: &str) -> Option<Ty> {
        let Ty::Named {
            root: Some(root), ..
        } = ty
        else {
            return None;
        };
        let home = self.names.crate_of(root, self.own)?;
        let member = self
            .all_members(ty)
            .into_iter()
            .find(|member| member.name == name)?;
        let its = match member.kind {
            MemberKind::Field(its) => its,
            MemberKind::Function(Call { returns, .. }) => returns,
            MemberKind::Variant { .. } => Ty::Own,
        };
        Some(self.names.locate(&its, &home, self.own).with_own(ty))
    }

    pub(super) fn infer(&self, expression: &ast::Expr, depth: usize) -> Ty {
        if depth > DEPTH {
            return Ty::Unknown;
        }
        self.inferred(expression, depth + 1).unwrap_or_default()
    }

    fn inferred(&self, expression: &ast::Expr, depth: usize) -> Option<Ty> {
        match expression {
            ast::Expr::ParenExpr(it) => Some(self.infer(&it.expr()?, depth)),
            ast::Expr::RefExpr(it) => Some(self.infer(&it.expr()?, depth)),
            ast::Expr::TryExpr(it) => first_argument(self.infer(&it.expr()?, depth)),
            ast::Expr::CastExpr(it) => {
                Some(self.names.locate(&Ty::of(it.ty()), self.own, self.own))
            }
            ast::Expr::TupleExpr(it) => Some(Ty::Tuple(
                it.fields().map(|field| self.infer(&field, depth)).collect(),
            )),
            ast::Expr::BlockExpr(it) => Some(self.infer(&it.stmt_list()?.tail_expr()?, depth)),
            ast::Expr::RecordExpr(it) => self.path(&it.path()?),
            ast::Expr::PathExpr(it) => {
                let path = it.path()?;
                let name = path.as_single_name_ref();
                let local = name.and_then(|name| self.variable(name.text(), depth));
                local.or_else(|| self.path(&path))
            }
            ast::Expr::CallExpr(it) => match it.expr()? {
                ast::Expr::PathExpr(callee) => {
                    let path = callee.path()?;
                    let name = path.as_single_name_ref();
                    let name = name.map(|name| name.text().to_string());
                    if let Some(wrapper @ ("Some" | "Ok")) = name.as_deref() {
                        let inner = it.arg_list()?.args().next()?;
                        let name = if wrapper == "Some" {
                            "Option"
                        } else {
                            "Result"
                        };
                        return Some(Ty::Named {
                            root: None,
                            name: name.to_owned(),
                            arguments: vec![self.infer(&inner, depth)],
                        });
                    }
                    self.path(&path)
                }
                _ => None,
            },
            ast::Expr::FieldExpr(it) => {
                let ty = self.infer(&it.expr()?, depth);
                let name = it.name_ref()?.text().to_string();
                match (&ty, name.parse::<usize>()) {
                    (Ty::Tuple(types), Ok(index)) => types.get(index).cloned(),
                    _ => self.member(&ty, &name),
                }
            }
            ast::Expr::MethodCallExpr(it) => {
                let ty = self.infer(&it.receiver()?, depth);
                let name = it.name_ref()?.text().to_string();
                if let Some(found) = self.member(&ty, &name) {
                    return Some(found);
                }
                match name.as_str() {
                    "unwrap" | "expect" | "unwrap_or" | "unwrap_or_default" | "unwrap_or_else" => {
                        first_argument(ty)
                    }
                    "clone" | "to_owned" | "as_ref" | "as_mut" | "borrow" | "borrow_mut"
                    | "by_ref" | "ok" | "take" | "cloned" | "copied" => Some(ty),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What a path is as an expression, or as a function that is called.
    fn path(&self, path: &ast::Path) -> Option<Ty> {
        let names = segments(path);
        match self.names.resolve(self.own, 0, &names, 0)? {
            Found::Item(krate, item) => Some(match &item.kind {
                Kind::Function(call) => self.names.locate(&call.returns, &krate, self.own),
                Kind::Value(ty) | Kind::Alias(ty) => self.names.locate(ty, &krate, self.own),
                Kind::Type => Ty::Named {
                    root: Some(krate.name.clone()),
                    name: item.name,
                    arguments: Vec::new(),
                },
                _ => Ty::Unknown,
            }),
            Found::Member(krate, name, member) => {
                let owner = Ty::Named {
                    root: Some(krate.name.clone()),
                    name,
                    arguments: Vec::new(),
                };
                let its = match member.kind {
                    MemberKind::Function(call) => call.returns,
                    _ => Ty::Own,
                };
                Some(self.names.locate(&its, &krate, self.own).with_own(&owner))
            }
            Found::Module(..) => None,
        }
    }

    /// The type of the newest variable of a name.
    fn variable(&self, name: &str, depth: usize) -> Option<Ty> {
        let patterns = self.root.descendants().filter_map(ast::IdentPat::cast);
        let is_it = |pattern: &ast::IdentPat| {
            pattern.name().is_some_and(|it| it.text() == name) && self.is_visible(pattern.syntax())
        };
        let pattern = patterns.filter(is_it).last()?;
        let pattern = ast::Pat::IdentPat(pattern);
        let made = pattern.syntax().ancestors().skip(1).find(|node| {
            ast::LetStmt::can_cast(node.kind())
                || ast::LetExpr::can_cast(node.kind())
                || ast::Param::can_cast(node.kind())
        })?;
        if let Some(made) = ast::LetExpr::cast(made.clone()) {
            return part(&made.pat()?, self.infer(&made.expr()?, depth), &pattern);
        }
        let (whole, ty) = match ast::LetStmt::cast(made.clone()) {
            Some(made) => {
                let ty = match made.ty() {
                    Some(ty) => self.names.locate(&Ty::of(Some(ty)), self.own, self.own),
                    None => self.infer(&made.initializer()?, depth),
                };
                (made.pat()?, ty)
            }
            None => {
                let made = ast::Param::cast(made)?;
                (
                    made.pat()?,
                    self.names.locate(&Ty::of(made.ty()), self.own, self.own),
                )
            }
        };
        part(&whole, ty, &pattern)
    }
}

/// The type of a part of a pattern.
fn part(whole: &ast::Pat, ty: Ty, wanted: &ast::Pat) -> Option<Ty> {
    if whole == wanted {
        return Some(ty);
    }
    match whole {
        ast::Pat::ParenPat(it) => part(&it.pat()?, ty, wanted),
        ast::Pat::RefPat(it) => part(&it.pat()?, ty, wanted),
        ast::Pat::TuplePat(it) => {
            let Ty::Tuple(types) = ty else { return None };
            it.fields()
                .zip(types)
                .find_map(|(field, ty)| part(&field, ty, wanted))
        }
        ast::Pat::TupleStructPat(it) => part(&it.fields().next()?, first_argument(ty)?, wanted),
        _ => None,
    }
}

/// What is in an `Option` or a `Result`.
fn first_argument(ty: Ty) -> Option<Ty> {
    match ty {
        Ty::Named {
            name, arguments, ..
        } if name == "Option" || name == "Result" => arguments.into_iter().next(),
        _ => None,
    }
}

/// Fields first, then methods, each by name.
fn sorted<'a>(members: impl Iterator<Item = &'a Member>) -> Vec<Candidate> {
    let mut found: Vec<&Member> = members.collect();
    found.sort_by_key(|member| {
        let is_field = matches!(member.kind, MemberKind::Field(_));
        (!is_field, member.name.clone())
    });
    found.into_iter().map(member_candidate).collect()
}
