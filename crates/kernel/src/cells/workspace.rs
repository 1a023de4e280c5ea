//! Libraries of a course whose program was built in the same workspace.
//!
//! What the program and the libraries have in common lies in the workspace's folder `target` already. So the libraries are built
//! there, too, where all that the cells ask for are members of a course that was built with `--release`; else in a folder of
//! their own.

use std::fs;
use std::path::{Path, PathBuf};

use toml::Table;

use super::kit::{self, Dependencies};

/// What cargo builds, and where.
#[derive(Debug, PartialEq)]
pub(crate) struct Members {
    pub(crate) root: PathBuf,
    /// For cargo: the libraries, and the program, which decides about features with them. It has no library, so that nothing
    /// of its own is built.
    pub(crate) arguments: Vec<String>,
}

/// These libraries and nothing else, if a built course has them all.
pub(crate) fn find(dependencies: &Dependencies, target: Option<&Path>) -> Option<Members> {
    let first = kit::folders(dependencies).next()?;
    let (root, manifest) = above(&first)?;
    let workspace = manifest.get("workspace")?;
    let is_course = root.join("crates/core/Cargo.toml").is_file();
    let is_built = target.map_or_else(|| root.join("target"), |target| root.join(target));
    if !is_course || !is_built.join("release/deps").is_dir() {
        return None;
    }
    let mut arguments = Vec::new();
    let mut take = |name: &str| arguments.push(format!("--package={name}"));
    for (name, what) in dependencies {
        let folder = kit::folder(what)?;
        // Features would be the program's, too.
        let is_plain = *what == kit::plain(&folder);
        if !is_plain || !folder.starts_with(root) || name_in(&folder)? != *name {
            return None;
        }
        take(name);
    }
    for member in workspace.get("default-members")?.as_array()? {
        let folder = root.join(member.as_str()?);
        if !folder.join("src/lib.rs").exists() {
            take(&name_in(&folder)?);
        }
    }
    Some(Members {
        root: root.to_owned(),
        arguments,
    })
}

/// The workspace that a folder stands in: where it is, and its manifest.
pub(crate) fn above(folder: &Path) -> Option<(&Path, Table)> {
    folder.ancestors().find_map(|root| {
        let manifest = read(root)?;
        manifest
            .contains_key("workspace")
            .then_some((root, manifest))
    })
}

fn read(folder: &Path) -> Option<Table> {
    fs::read_to_string(folder.join("Cargo.toml"))
        .ok()?
        .parse()
        .ok()
}

fn name_in(folder: &Path) -> Option<String> {
    let manifest = read(folder)?;
    let name = manifest.get("package")?.get("name")?;
    name.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_built_course_are_built_with_its_program() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let package = |folder: &str, name: &str, file: &str| {
            let folder = root.join(folder);
            fs::create_dir_all(folder.join("src")).unwrap();
            fs::write(folder.join("src").join(file), "").unwrap();
            let text = format!("[package]\nname = \"{name}\"\n");
            fs::write(folder.join("Cargo.toml"), text).unwrap();
            kit::plain(&folder)
        };
        let core = package("crates/core", "gradus", "lib.rs");
        package("crates/cli", "program", "main.rs");
        let text = "[workspace]\nmembers = [\"crates/*\"]\ndefault-members = [\"crates/cli\"]\n";
        fs::write(root.join("Cargo.toml"), text).unwrap();
        let found = |dependencies: &[(&str, &str)]| {
            let own = |(name, what): &(&str, &str)| ((*name).to_owned(), (*what).to_owned());
            let dependencies: Dependencies = dependencies.iter().map(own).collect();
            find(&dependencies, None).map(|members| members.arguments)
        };
        assert_eq!(found(&[("gradus", &core)]), None, "nothing is built yet");
        fs::create_dir_all(root.join("target/release/deps")).unwrap();
        let both = ["--package=gradus", "--package=program"].map(str::to_owned);
        assert_eq!(found(&[("gradus", &core)]), Some(both.to_vec()));
        let jpeg = core.replace(" }", ", features = [\"jpeg\"] }");
        assert_eq!(found(&[("gradus", &jpeg)]), None);
        assert_eq!(found(&[("gradus", &core), ("rand", "\"0.8\"")]), None);
        assert_eq!(found(&[("other", &core)]), None);
    }
}
