//! Statics that macros make: all cells share them, as they share others.
//!
//! What a macro makes is known to the compiler only. So its own text gives each static that it makes a name outside: that of
//! the call, which stands before each definition as `gradus_tag!`, with the place in the macro and the name of the static.
//! `lazy_static!` belongs to a library, so what stands in it is written as the `LazyLock` that it is nowadays. Where the
//! compiler does not agree with that, macros are left as they are, and each cell has such statics for itself.

use std::ops::Range;

use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasName, HasVisibility};
use ra_ap_syntax::{Edition, NodeOrToken, SourceFile, SyntaxKind, SyntaxNode, SyntaxToken};

use super::follow::Added;
use super::items::Static;
use super::parse::bytes;

/// The macro that says which call it is.
pub(crate) const TAG: &str = "gradus_tag";

/// The statics in what a `macro_rules!` writes, which begins at `start`.
pub(super) fn by_macro(item: &ast::MacroRules, start: usize) -> Vec<Added> {
    let trees: Vec<SyntaxNode> = item
        .token_tree()
        .iter()
        .flat_map(|all| all.syntax().children())
        .collect();
    let visibilities: Vec<String> = trees
        .iter()
        .step_by(2)
        .flat_map(|pattern| fragments(&tokens(pattern), "vis"))
        .collect();
    let mut added = Vec::new();
    for tree in trees.iter().skip(1).step_by(2) {
        let tokens = tokens(tree);
        for at in (0..tokens.len()).filter(|at| tokens[*at].kind() == SyntaxKind::STATIC_KW) {
            let Some(name) = name_of_static(&tokens[at + 1..]) else {
                continue;
            };
            let front = &tokens[front_of(&tokens, at, &visibilities)];
            let number = added.len();
            added.push(Added::before(
                bytes(front.text_range()).start - start,
                &format!(
                    "#[unsafe(export_name = concat!(\"gradus_static_\", {TAG}!(), \"_{number}_\", stringify!({name})))]"
                ),
            ));
        }
    }
    added
}

/// The tokens that mean something. What stands in `thread_local!` is no static.
fn tokens(tree: &SyntaxNode) -> Vec<SyntaxToken> {
    let mut found = Vec::new();
    for part in tree.children_with_tokens() {
        match part {
            NodeOrToken::Token(token) if !token.kind().is_trivia() => found.push(token),
            NodeOrToken::Node(inner) => {
                let before: Vec<&str> = found.iter().rev().take(2).map(|one| one.text()).collect();
                if before != ["!", "thread_local"] {
                    found.extend(tokens(&inner));
                }
            }
            NodeOrToken::Token(_) => (),
        }
    }
    found
}

/// The names that stand for something of this kind: `$v:vis`.
fn fragments(tokens: &[SyntaxToken], kind: &str) -> Vec<String> {
    let found = tokens.windows(4).filter(|part| {
        let [dollar, _, colon, of] = part else {
            return false;
        };
        (dollar.text(), colon.text(), of.text()) == ("$", ":", kind)
    });
    found.map(|part| part[1].text().to_owned()).collect()
}

/// `N`, or `$n`, where a colon follows.
fn name_of_static(behind: &[SyntaxToken]) -> Option<String> {
    let is_mut = behind.first()?.kind() == SyntaxKind::MUT_KW;
    let behind = &behind[usize::from(is_mut)..];
    let length = if behind.first()?.text() == "$" { 2 } else { 1 };
    let is_one = behind.get(length)?.kind() == SyntaxKind::COLON;
    let name = behind[..length].iter().map(SyntaxToken::text).collect();
    is_one.then_some(name)
}

/// Where what belongs to the `static` at this place begins, so that an attribute can stand there.
fn front_of(tokens: &[SyntaxToken], at: usize, visibilities: &[String]) -> usize {
    let text = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at].text());
    if text(1) == "pub" {
        return at - 1;
    }
    if text(2) == "$" && visibilities.iter().any(|name| name == text(1)) {
        return at - 2;
    }
    if text(1) == ")" {
        let open = (2..6).find(|back| text(*back) == "(");
        if let Some(open) = open.filter(|open| text(open + 1) == "pub") {
            return at - open - 1;
        }
    }
    at
}

/// The statics of a call of `lazy_static!`, and what stands in place of the call.
pub(super) fn by_lazy_static(
    call: &ast::MacroCall,
    range: &Range<usize>,
) -> Option<(Vec<Static>, Vec<Added>)> {
    let path = call.path()?.syntax().text().to_string();
    let is_one = path
        .trim_start_matches("::")
        .trim_start_matches("lazy_static::")
        == "lazy_static";
    if !is_one || call.attrs().next().is_some() {
        return None;
    }
    let tree = call.token_tree()?;
    let inside = bytes(tree.syntax().text_range());
    let inside = inside.start + 1 - range.start..inside.end - 1 - range.start;
    let mut text = tree.syntax().text().to_string();
    let offset = bytes(tree.syntax().text_range()).start - range.start;
    let mut shares = vec![Added::instead(&(0..inside.start), "")];
    let all = tokens(tree.syntax());
    for pair in all.windows(2) {
        let word = bytes(pair[1].text_range());
        let word = word.start - range.start..word.end - range.start;
        if (pair[0].kind(), pair[1].text()) == (SyntaxKind::STATIC_KW, "ref") {
            text.replace_range(word.start - offset..word.end - offset, "   ");
            shares.push(Added::instead(&word, ""));
        }
    }
    let count = shares.len() - 1;
    // What stands between the brackets is items, now that no `ref` is there.
    let file = SourceFile::parse(text.get(1..text.len() - 1)?, Edition::Edition2024);
    if !file.errors().is_empty() {
        return None;
    }
    let at = |node: &SyntaxNode| {
        let place = node.text_range();
        let (start, end) = (usize::from(place.start()), usize::from(place.end()));
        inside.start + start..inside.start + end
    };
    let mut statics = Vec::new();
    for item in file.tree().syntax().children() {
        let item = ast::Static::cast(item)?;
        let front = match item.visibility() {
            Some(part) => at(part.syntax()).start,
            None => inside.start + usize::from(item.static_token()?.text_range().start()),
        };
        let (of, value) = (item.ty()?, item.body()?);
        let (of_range, value) = (at(of.syntax()), at(value.syntax()));
        shares.extend([
            Added::before(of_range.start, "::std::sync::LazyLock<"),
            Added::after(of_range.end, ">"),
            Added::before(value.start, "::std::sync::LazyLock::new(|| "),
            Added::after(value.end, ")"),
        ]);
        statics.push(Static {
            name: item.name()?.to_string(),
            at: front,
            type_name: of.syntax().text().to_string(),
        });
    }
    shares.push(Added::instead(&(inside.end..range.len()), ""));
    (statics.len() == count).then_some((statics, shares))
}

#[cfg(test)]
mod tests {
    use super::super::items::Definition;
    use super::super::parse::parse;

    fn written(definition: &Definition, text: &str) -> String {
        let mut added = definition.shares.clone();
        added.sort();
        let (mut out, mut from) = (String::new(), 0);
        for one in &added {
            let at = one.within(&(0..text.len())).unwrap();
            out += &text[from..at];
            out += &one.text;
            from = one.end;
        }
        out + &text[from..]
    }

    #[test]
    fn a_macro_names_the_statics_that_it_makes() {
        let code = "macro_rules! m { ($v:vis $n:ident) => { $v static $n: u8 = 1; fn f() { pub(crate) static mut M: u8 = 2; let c = \
                    static || (); } thread_local! { static T: u8 = 3; } }; (static $a:ident) => { lazy_static! { static ref $a: u8 = 4; } } }";
        let cell = parse(code);
        let text = written(&cell.definitions[0], code);
        let name = |number: usize, name: &str| {
            format!(
                "#[unsafe(export_name = concat!(\"gradus_static_\", gradus_tag!(), \"_{number}_\", stringify!({name})))]"
            )
        };
        let expected = code
            .replace("$v static", &(name(0, "$n") + "$v static"))
            .replace("pub(crate)", &(name(1, "M") + "pub(crate)"));
        assert_eq!(text, expected);
    }

    #[test]
    fn what_lazy_static_makes_is_a_static() {
        let code = "lazy_static! {\n    /// One.\n    pub static ref A: Vec<u8> = vec![1];\n    static ref B: u8 = { 2 };\n}";
        let cell = parse(code);
        let definition = &cell.calls[0].definition;
        let lazy = "::std::sync::LazyLock";
        assert_eq!(
            written(definition, code),
            format!(
                "\n    /// One.\n    pub static  A: {lazy}<Vec<u8>> = {lazy}::new(|| vec![1]);\n    static  B: {lazy}<u8> = \
                 {lazy}::new(|| {{ 2 }});\n"
            )
        );
        let statics: Vec<_> = definition
            .statics
            .iter()
            .map(|one| (one.name.as_str(), &code[one.at..one.at + 3]))
            .collect();
        assert_eq!(statics, [("A", "pub"), ("B", "sta")]);
        assert!(
            parse("lazy_static! { static X: u8 = ; }").calls[0]
                .definition
                .shares
                .is_empty()
        );
    }
}
