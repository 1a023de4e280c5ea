//! What is being written at a place in a cell.

use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind, SyntaxNode, SyntaxToken, TextSize};

use super::library::segments;

/// A cell that is parsed with a word in the place where something is to be found.
pub(super) struct Asked {
    /// The function that stands for the session.
    pub(super) root: SyntaxNode,
    pub(super) place: Place,
    /// Of the word, in the text that was parsed.
    pub(super) at: TextSize,
    /// What is written of the word.
    pub(super) typed: String,
}

#[derive(Debug)]
pub(super) enum Place {
    /// Behind the dot of this expression.
    Member(ast::Expr),
    /// Behind `a::b::`, or `use a::{b, `.
    Path(Vec<String>),
    /// The name of a field in `Type { ... }`.
    Field(Vec<String>),
    Name,
    /// The beginning of a path that is imported.
    Import,
}

/// Makes the word that is being written one, whatever it is.
pub(super) const MARK: &str = "GradusIsAsked";

/// What stands in byte `at` of `code`, where `before` are the definitions and variables of the session; nothing in a text,
/// a comment, or where a new name is made.
pub(super) fn find(before: &str, code: &str, at: usize) -> Option<Asked> {
    let (left, right) = (code.get(..at)?, code.get(at..)?);
    let word = left
        .trim_end_matches(|c: char| c.is_alphanumeric() || c == '_')
        .len();
    let typed = &left[word..];
    if typed.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let head = format!("fn cell() {{\n{before}\n");
    let text = format!("{head}{left}{MARK}{right}\n}}\n");
    let place = head.len() + word;
    let (root, token) = parse(&text, place)?;
    let (root, token, place) = match in_macro(&text, &token) {
        Some((text, place)) => {
            let (root, token) = parse(&text, place)?;
            (root, token, place)
        }
        None => (root, token, place),
    };
    Some(Asked {
        place: place_of(&token)?,
        root,
        at: TextSize::try_from(place).ok()?,
        typed: typed.to_owned(),
    })
}

fn parse(text: &str, at: usize) -> Option<(SyntaxNode, SyntaxToken)> {
    let root = SourceFile::parse(text, Edition::Edition2024).syntax_node();
    let at = TextSize::try_from(at).ok()?;
    let token = root.token_at_offset(at).right_biased()?;
    (token.kind() == SyntaxKind::IDENT).then_some((root, token))
}

/// What a macro is given is no syntax yet: the expression that the word ends, in place of the macro, and where the word is.
fn in_macro(text: &str, token: &SyntaxToken) -> Option<(String, usize)> {
    let tree = token
        .parent()
        .filter(|node| node.kind() == SyntaxKind::TOKEN_TREE)?;
    let call = token
        .parent_ancestors()
        .filter_map(ast::MacroCall::cast)
        .last()?;
    let mut begin = tree.text_range().start();
    for part in tree.children_with_tokens() {
        if part.text_range().start() >= token.text_range().start() {
            break;
        }
        if matches!(
            part.kind(),
            SyntaxKind::COMMA
                | SyntaxKind::SEMICOLON
                | SyntaxKind::EQ
                | SyntaxKind::FAT_ARROW
                | SyntaxKind::L_PAREN
                | SyntaxKind::L_BRACK
                | SyntaxKind::L_CURLY
        ) {
            begin = part.text_range().end();
        }
    }
    let (begin, end) = (usize::from(begin), usize::from(token.text_range().end()));
    let call = usize::from(call.syntax().text_range().start());
    let (before, expression) = (text.get(..call)?, text.get(begin..end)?);
    let at = call + usize::from(token.text_range().start()) - begin;
    Some((format!("{before}{expression};\n}}\n"), at))
}

fn place_of(token: &SyntaxToken) -> Option<Place> {
    let name = token
        .parent()
        .filter(|node| node.kind() == SyntaxKind::NAME_REF)?;
    let around = name.parent()?;
    if let Some(field) = ast::FieldExpr::cast(around.clone()) {
        return Some(Place::Member(field.expr()?));
    }
    if let Some(call) = ast::MethodCallExpr::cast(around.clone()) {
        return Some(Place::Member(call.receiver()?));
    }
    if ast::RecordExprField::can_cast(around.kind()) {
        return field_of(&around);
    }
    let path = ast::PathSegment::cast(around)?.parent_path();
    let before = path.qualifier();
    if let Some(tree) = path.syntax().ancestors().find_map(ast::UseTree::cast) {
        let mut names: Vec<Vec<String>> = Vec::new();
        names.extend(before.iter().map(segments_of_use));
        let outer = tree
            .syntax()
            .ancestors()
            .skip(1)
            .filter_map(ast::UseTree::cast);
        names.extend(outer.filter_map(|tree| Some(segments_of_use(&tree.path()?))));
        let names: Vec<String> = names.into_iter().rev().flatten().collect();
        return Some(if names.is_empty() {
            Place::Import
        } else {
            Place::Path(names)
        });
    }
    match before {
        Some(before) => Some(Place::Path(segments_of_use(&before))),
        None => {
            let field = path.syntax().parent().and_then(|node| node.parent());
            let field = field.filter(|node| ast::RecordExprField::can_cast(node.kind()));
            field
                .and_then(|field| field_of(&field))
                .or(Some(Place::Name))
        }
    }
}

fn field_of(field: &SyntaxNode) -> Option<Place> {
    let record = field.ancestors().find_map(ast::RecordExpr::cast)?;
    Some(Place::Field(segments(&record.path()?)))
}

/// With `crate`, `self` and `super`.
fn segments_of_use(path: &ast::Path) -> Vec<String> {
    let mut names = path
        .qualifier()
        .map_or(Vec::new(), |first| segments_of_use(&first));
    let last = path
        .segment()
        .and_then(|segment| segment.syntax().first_token());
    names.extend(last.map(|token| token.text().trim_start_matches("r#").to_owned()));
    names
}
