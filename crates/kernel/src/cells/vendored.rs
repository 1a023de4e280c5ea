//! Where a course has the sources of crates from.
//!
//! cargo reads `.cargo/config.toml`, and the manifest of a workspace, in the folders above the one it works in. Libraries for cells
//! are built elsewhere, so what these say about sources is repeated there: folders with the sources of all crates, so that
//! nothing needs the network, and crates that stand in the place of others.

use std::path::Path;

use toml::{Table, Value};

use super::kit::{self, Dependencies};
use super::workspace;

/// The file of cargo's settings in a folder.
pub(crate) const CONFIG: &str = ".cargo/config.toml";

/// What the settings above the libraries in folders say about sources, with absolute folders.
pub(crate) fn sources(dependencies: &Dependencies) -> Option<String> {
    let folder = kit::folders(dependencies).next()?;
    folder.ancestors().find_map(|root| {
        let text = std::fs::read_to_string(root.join(CONFIG)).ok()?;
        only_sources(root, &text)
    })
}

fn only_sources(root: &Path, text: &str) -> Option<String> {
    let mut config: Table = text.parse().ok()?;
    let mut sources = config.remove("source")?;
    for (_, source) in sources.as_table_mut()?.iter_mut() {
        for key in ["directory", "local-registry"] {
            if let Some(Value::String(folder)) = source.get_mut(key) {
                *folder = root.join(&*folder).display().to_string();
            }
        }
    }
    toml::to_string(&Table::from_iter([("source".to_owned(), sources)])).ok()
}

/// What the workspace of the libraries in folders puts in the place of crates from a registry, with absolute folders.
pub(crate) fn patches(dependencies: &Dependencies) -> Option<String> {
    let folder = kit::folders(dependencies).next()?;
    let (root, workspace) = workspace::above(&folder)?;
    only_patches(root, workspace)
}

fn only_patches(root: &Path, mut workspace: Table) -> Option<String> {
    let mut patches = workspace.remove("patch")?;
    let registries = patches.as_table_mut()?.iter_mut();
    for (_, patch) in registries.flat_map(|(_, crates)| crates.as_table_mut().into_iter().flatten())
    {
        if let Some(Value::String(folder)) = patch.get_mut("path") {
            *folder = root.join(&*folder).display().to_string();
        }
    }
    toml::to_string(&Table::from_iter([("patch".to_owned(), patches)])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_in_the_place_of_others_are_found_from_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("crates/core")).unwrap();
        let write = |path: &str, text: &str| std::fs::write(root.join(path), text).unwrap();
        write("crates/core/Cargo.toml", "[package]\nname = \"x\"\n");
        let found = || {
            let x = kit::plain(&root.join("crates/core"));
            patches(&Dependencies::from([("x".to_owned(), x)]))
        };
        assert_eq!(found(), None);
        let patches =
            "[patch.crates-io]\na = { path = \"crates/a\" }\nb = { git = \"https://b\" }\n";
        write("Cargo.toml", &format!("[workspace]\n{patches}"));
        let found: Table = found().unwrap().parse().unwrap();
        let crates = &found["patch"]["crates-io"];
        let a = root.join("crates/a").display().to_string();
        assert_eq!(crates["a"]["path"].as_str(), Some(&*a));
        assert_eq!(crates["b"]["git"].as_str(), Some("https://b"));
    }

    #[test]
    fn folders_of_sources_are_found_from_elsewhere() {
        let text = "[alias]\nlabs = \"run\"\n[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"vendor\"\n";
        let found = only_sources(Path::new("/course"), text).unwrap();
        let found: Table = found.parse().unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            found["source"]["here"]["directory"].as_str(),
            Some("/course/vendor")
        );
        assert_eq!(only_sources(Path::new("/course"), "[alias]\n"), None);
    }
}
