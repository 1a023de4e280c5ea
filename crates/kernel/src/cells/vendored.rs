//! Where a course keeps the sources of crates, so that libraries are built without the network.
//!
//! cargo reads `.cargo/config.toml` in the folders above the one it works in. Libraries for cells are built elsewhere, so what the
//! course's own file says about sources is repeated there.

use std::path::Path;

use toml::{Table, Value};

use super::kit::{self, Dependencies};

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

#[cfg(test)]
mod tests {
    use super::*;

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
