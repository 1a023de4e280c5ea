//! The houses stand on floors: a module uses those of its own floor and of the floors below it, and no circle leads back.
//!
//! The `lib.rs` of a crate lists its modules from the ground up; a blank line begins the next floor. Who uses whom is read from
//! the code itself: every path that begins with `crate` or `super`, in `use` lines, in expressions, types and macros, through the
//! re-exports of `lib.rs`. Tests may use anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ra_ap_syntax::ast::{self, AstNode as _, HasAttrs as _, HasModuleItem as _, HasName as _};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind, SyntaxNode};

/// A crate as its `lib.rs` shows it.
struct House {
    src: PathBuf,
    /// The floor of each module, from the ground up.
    floors: BTreeMap<String, usize>,
    /// What `lib.rs` gives by another path: the module that a name comes from. A facade, a module that only names things for
    /// users, comes from nowhere.
    given: BTreeMap<String, Option<String>>,
}

/// One file of a module takes a name from another module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: String,
    to: String,
    file: String,
    name: String,
}

fn parse(text: &str) -> SourceFile {
    SourceFile::parse(text, Edition::Edition2024).tree()
}

impl House {
    fn read(src: &Path) -> House {
        let text = fs::read_to_string(src.join("lib.rs")).unwrap();
        let (mut floors, mut given) = (BTreeMap::new(), BTreeMap::new());
        let mut floor = 0;
        for item in parse(&text).items() {
            let before = item.syntax().prev_sibling_or_token();
            let leading = item.syntax().first_token().unwrap();
            let space = before.map_or(String::new(), |it| it.to_string());
            // The comment above a module belongs to it, and so does the space above that.
            if space.matches('\n').count() > 1 || leading.text().starts_with("//") {
                floor += 1;
            }
            match item {
                ast::Item::Module(module) => {
                    let name = module.name().unwrap().text().to_string();
                    match module.item_list() {
                        None => drop(floors.insert(name, floor)),
                        Some(_) => drop(given.insert(name, None)),
                    }
                }
                ast::Item::Use(item) => {
                    for path in item.use_tree().into_iter().flat_map(|tree| spread(&tree)) {
                        let name = path.last().unwrap().clone();
                        given.insert(name, Some(path[0].clone()));
                    }
                }
                _ => {}
            }
        }
        given.retain(|_, from| from.as_ref().is_none_or(|from| floors.contains_key(from)));
        House {
            src: src.to_owned(),
            floors,
            given,
        }
    }

    /// All arrows between different modules.
    fn arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for (module, file) in self.files() {
            let text = fs::read_to_string(self.src.join(&file)).unwrap();
            let depth = file.components().count() - usize::from(file.ends_with("mod.rs"));
            for path in paths(parse(&text).syntax()) {
                let Some(name) = self.target(&path, depth) else {
                    continue;
                };
                let to = match self.given.get(&name) {
                    Some(Some(from)) => from.clone(),
                    Some(None) => name,
                    None if self.floors.contains_key(&name) => name,
                    None => continue,
                };
                if to != module {
                    arrows.insert(Arrow {
                        from: module.clone(),
                        to,
                        file: file.display().to_string(),
                        name: path.join("::"),
                    });
                }
            }
        }
        arrows
    }

    /// The first name behind `crate` that a path stands for, in a file of a module so many levels deep.
    fn target(&self, path: &[String], depth: usize) -> Option<String> {
        let ups = path.iter().take_while(|part| *part == "super").count();
        match path[0].as_str() {
            "crate" => path.get(1).cloned(),
            _ if ups > 0 && ups == depth => path.get(ups).cloned(),
            _ => None,
        }
    }

    /// Every file with the module that it belongs to.
    fn files(&self) -> Vec<(String, PathBuf)> {
        let mut files = Vec::new();
        let mut folders = vec![self.src.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let file = path.strip_prefix(&self.src).unwrap().to_owned();
                if path.is_dir() {
                    folders.push(path);
                } else if file.extension().is_some_and(|ending| ending == "rs") {
                    let first = file.components().next().unwrap().as_os_str();
                    let module = Path::new(first).with_extension("");
                    files.push((module.display().to_string(), file));
                }
            }
        }
        files.retain(|(module, _)| module != "lib");
        files
    }

    /// What is wrong with the house, in sentences.
    fn faults(&self) -> Vec<String> {
        let arrows = self.arrows();
        let mut faults = Vec::new();
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for arrow in &arrows {
            let Arrow {
                from,
                to,
                file,
                name,
            } = arrow;
            uses.entry(from).or_default().insert(to);
            match (self.floors.get(from), self.floors.get(to)) {
                (Some(low), Some(high)) if low < high => faults.push(format!(
                    "{file} takes `{name}` from {}, which stands on a higher floor",
                    self.place(to)
                )),
                (Some(_), None) => faults.push(format!(
                    "{file} takes `{name}` from a module of lib.rs that is for users alone"
                )),
                _ => {}
            }
        }
        for start in uses.keys() {
            let mut seen = BTreeSet::new();
            let mut next: Vec<&str> = uses[start].iter().copied().collect();
            while let Some(module) = next.pop() {
                if module == *start {
                    let back =
                        |arrow: &&Arrow| arrow.to == *start && seen.contains(arrow.from.as_str());
                    let Arrow { file, name, .. } = arrows.iter().find(back).unwrap();
                    faults.push(format!(
                        "a circle: {file} takes `{name}` from {}, which needs that file",
                        self.place(start)
                    ));
                    break;
                }
                if seen.insert(module) {
                    next.extend(uses.get(module).into_iter().flatten());
                }
            }
        }
        faults
    }

    fn place(&self, module: &str) -> String {
        match self.src.join(module).is_dir() {
            true => format!("{module}/mod.rs"),
            false => format!("{module}.rs"),
        }
    }
}

/// The paths of a `use` tree, each whole.
fn spread(tree: &ast::UseTree) -> Vec<Vec<String>> {
    let own = tree.path().map_or(Vec::new(), |path| names(&path));
    match tree.use_tree_list() {
        None => vec![own],
        Some(list) => list
            .use_trees()
            .flat_map(|tree| spread(&tree))
            .map(|rest| own.iter().cloned().chain(rest).collect())
            .collect(),
    }
}

fn names(path: &ast::Path) -> Vec<String> {
    path.segments()
        .map(|part| part.syntax().to_string())
        .collect()
}

/// Every path of a file that begins with `crate` or `super`, but for those of its tests.
fn paths(node: &SyntaxNode) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let is_test = ast::Module::cast(node.clone()).is_some_and(|module| {
        module
            .attrs()
            .any(|attribute| attribute.syntax().to_string() == "#[cfg(test)]")
    });
    if is_test {
        return found;
    }
    if let Some(item) = ast::Use::cast(node.clone()) {
        return item.use_tree().map_or(found, |tree| spread(&tree));
    }
    if let Some(path) = ast::Path::cast(node.clone()) {
        found.push(names(&path));
    }
    // What stands in a macro is only words.
    let words: Vec<String> = node
        .children_with_tokens()
        .filter_map(|child| child.into_token())
        .filter(|token| node.kind() == SyntaxKind::TOKEN_TREE && !token.kind().is_trivia())
        .map(|token| token.text().to_owned())
        .collect();
    for at in 0..words.len() {
        if let [first, one, two, name, ..] = &words[at..]
            && first == "crate"
            && (one.as_str(), two.as_str()) == (":", ":")
        {
            found.push(vec![first.clone(), name.clone()]);
        }
    }
    for child in node.children() {
        found.extend(paths(&child));
    }
    found.retain(|path| matches!(path.first().map(String::as_str), Some("crate" | "super")));
    found
}

fn house(name: &str) -> House {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    House::read(&crates.join(name).join("src"))
}

#[test]
fn no_module_uses_one_of_a_higher_floor() {
    for name in ["core", "kernel"] {
        let house = house(name);
        assert!(house.floors.len() > 20, "{name}: {:?}", house.floors);
        assert!(house.arrows().len() > 100, "{name}");
        assert!(house.faults().is_empty(), "{name}: {:#?}", house.faults());
    }
}

#[test]
fn an_arrow_that_runs_up_and_a_circle_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "lib.rs",
        "mod ground;\nmod stone;\n\n// The roof.\npub mod roof;\n\npub use roof::{Tile, inner::Slate};\npub mod all { pub use crate::roof::*; }\n",
    );
    write(
        "ground.rs",
        "use crate::stone::Stone;\npub struct Ground;\n",
    );
    write(
        "stone.rs",
        "pub struct Stone;\n#[cfg(test)]\nmod tests { use crate::roof::Tile; }\n",
    );
    write(
        "roof/mod.rs",
        "pub mod inner;\nuse super::ground::Ground;\npub struct Tile;\n",
    );
    write("roof/inner.rs", "use super::Tile;\npub struct Slate;\n");
    let faults = || House::read(folder.path()).faults();
    assert!(faults().is_empty(), "{:?}", faults());

    write(
        "stone.rs",
        "pub fn stone() -> crate::ground::Ground { todo!() }\n",
    );
    let circle =
        "a circle: ground.rs takes `crate::stone::Stone` from stone.rs, which needs that file";
    assert!(
        faults().iter().any(|fault| fault == circle),
        "{:?}",
        faults()
    );

    write("stone.rs", "pub fn stone() { vec![crate::Slate; 3]; }\n");
    let up = "stone.rs takes `crate::Slate` from roof/mod.rs, which stands on a higher floor";
    assert_eq!(faults()[0], up);

    write("stone.rs", "use crate::all::Slate;\n");
    assert!(faults()[0].contains("for users alone"), "{:?}", faults());
}
