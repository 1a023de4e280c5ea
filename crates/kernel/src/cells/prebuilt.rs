//! Libraries that were built elsewhere and came along with the course: they are linked, and nothing is compiled.
//!
//! In the folder `prebuilt` of a course lie the crates as cargo made them, and a note on what they were made of. They are taken
//! where the compiler is the same to the commit, the notebook asks for those libraries alone, and the packages in folders say
//! what they said; else everything is built as usual.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::kit::{self, Dependencies, Kit};
use crate::Error;
use crate::toolchain::Toolchain;

const FOLDER: &str = "prebuilt";
const NOTE: &str = "prebuilt.json";

/// What stands in the note.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Note {
    /// What `rustc -vV` says.
    toolchain: String,
    sets: Vec<Set>,
}

/// What a notebook may ask for.
#[derive(Debug, Serialize, Deserialize)]
struct Set {
    /// Names and folders of libraries, from the folder of the course on.
    dependencies: BTreeMap<String, PathBuf>,
    /// The packages in folders, and a digest of what their files say.
    packages: BTreeMap<PathBuf, String>,
    /// The files of each package, by name and version.
    files: BTreeMap<String, Vec<String>>,
}

/// What came along for these dependencies.
pub(crate) struct Ready {
    folder: PathBuf,
    files: BTreeMap<String, Vec<String>>,
}

/// Looks in the folders above the libraries.
pub(crate) fn find(dependencies: &Dependencies, toolchain: &Toolchain) -> Option<Ready> {
    let first = kit::folders(dependencies).next()?;
    let (root, note) = first.ancestors().find_map(|root| {
        let text = fs::read(root.join(FOLDER).join(NOTE)).ok()?;
        Some((root, serde_json::from_slice::<Note>(&text).ok()?))
    })?;
    if note.toolchain != toolchain.version {
        return None;
    }
    let set = note.sets.into_iter().find(|set| {
        let wanted = set.dependencies.iter();
        let wanted = wanted.map(|(name, folder)| (name.clone(), kit::plain(&root.join(folder))));
        wanted.collect::<Dependencies>() == *dependencies
    })?;
    let mut packages = set.packages.iter();
    let same = packages
        .all(|(folder, digest)| said_in(&root.join(folder)).is_ok_and(|now| now == *digest));
    same.then(|| Ready {
        folder: root.join(FOLDER),
        files: set.files,
    })
}

impl Ready {
    /// The files of each package, by cargo's name of it in `metadata`. All, or none: versions may be others here.
    pub(crate) fn artifacts(&self, metadata: &Value) -> Option<BTreeMap<String, Vec<PathBuf>>> {
        let mut found = BTreeMap::new();
        for package in metadata["packages"].as_array()? {
            if let (Some(id), Some(files)) =
                (package["id"].as_str(), self.files.get(&label(package)?))
            {
                let files = files.iter().map(|name| self.folder.join(name));
                found.insert(id.to_owned(), files.collect());
            }
        }
        (found.len() == self.files.len()).then_some(found)
    }
}

/// The dependencies on these libraries of the course at `root`.
pub(crate) fn dependencies(root: &Path, libraries: &[(String, PathBuf)]) -> Dependencies {
    let one = |(name, folder): &(String, PathBuf)| (name.clone(), kit::plain(&root.join(folder)));
    libraries.iter().map(one).collect()
}

/// `serde 1.0.228`: two of one name and version are not told apart, and cargo does not have them in one place either.
pub(crate) fn label(package: &Value) -> Option<String> {
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    Some(format!("{name} {version}"))
}

/// Puts the crates of a kit into the course at `root`, which its packages in folders are a part of.
///
/// # Errors
/// When that cannot be written, or a package lies elsewhere.
pub(crate) fn add(
    kit: &Kit,
    toolchain: &Toolchain,
    root: &Path,
    libraries: &[(String, PathBuf)],
) -> Result<(), Error> {
    let to = root.join(FOLDER);
    let failed = |error| Error::io("cannot write in", &to, error);
    fs::create_dir_all(&to).map_err(failed)?;
    let place = to.join(NOTE);
    let mut note: Note = match fs::read(&place) {
        Ok(text) => serde_json::from_slice(&text).unwrap_or_default(),
        Err(_) => Note::default(),
    };
    note.toolchain.clone_from(&toolchain.version);
    let (packages, files) = kit.parts();
    for name in files.values().flatten() {
        fs::copy(kit.folder.join(name), to.join(name)).map_err(failed)?;
    }
    let packages = packages.iter().map(|folder| {
        let inside = folder.strip_prefix(root).map_err(|_| {
            let (folder, root) = (folder.display(), root.display());
            Error::new(format!("{folder} is not in {root}"))
        })?;
        let said = said_in(folder).map_err(|error| Error::io("cannot read", folder, error))?;
        Ok((inside.to_owned(), said))
    });
    note.sets.push(Set {
        dependencies: libraries.iter().cloned().collect(),
        packages: packages.collect::<Result<_, Error>>()?,
        files: files.clone(),
    });
    let text = serde_json::to_vec(&note).unwrap_or_default();
    fs::write(&place, text).map_err(failed)
}

/// A digest of what the files of a package say.
fn said_in(package: &Path) -> std::io::Result<String> {
    let files = kit::files_of(package).into_iter();
    let mut files: Vec<PathBuf> = files.map(|(file, _)| file).collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let inside = file.strip_prefix(package).unwrap_or(&file);
        let text = fs::read(&file)?;
        digest.update(format!("{} {}\n", inside.display(), text.len()));
        digest.update(text);
    }
    let digest = digest.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::kit::{Built, Workshop};
    use crate::{Stop, warm};

    #[test]
    fn what_came_along_is_linked_wherever_it_lies_until_it_is_edited() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        let libraries = [("tiny".to_owned(), PathBuf::from("tiny"))];
        let made = place.join("made");
        fs::create_dir_all(made.join("tiny/src")).unwrap();
        let manifest = "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        fs::write(made.join("tiny/Cargo.toml"), manifest).unwrap();
        fs::write(made.join("tiny/src/lib.rs"), "pub fn one() -> i32 { 1 }\n").unwrap();
        warm::pack(&made, &[libraries.to_vec()], &Stop::default(), &mut |_| ()).unwrap();

        // With a space in its name, as on many a desk.
        let course = place.join("un packed");
        fs::rename(&made, &course).unwrap();
        let cache = place.join("cache");
        fs::create_dir(&cache).unwrap();
        let toolchain = Toolchain::find().unwrap();
        let built_by_cargo = || {
            let mut workshop = Workshop {
                toolchain: &toolchain,
                cache: &cache,
                lock: None,
                is_offline: true,
                is_local: true,
                environment: &[],
                stop: &|| false,
                progress: &mut |_| (),
            };
            let kit = match workshop.kit(&dependencies(&course, &libraries)).unwrap() {
                Built::Kit(kit) => kit,
                Built::Stopped => panic!("nobody has stopped it"),
                Built::Failed(said) => panic!("{said}"),
            };
            assert!(
                kit.arguments
                    .iter()
                    .any(|one| one.starts_with("--extern=tiny="))
            );
            cache.join("kits/target").exists()
        };
        assert!(!built_by_cargo());
        fs::write(
            course.join("tiny/src/lib.rs"),
            "pub fn one() -> i32 { 11 }\n",
        )
        .unwrap();
        assert!(built_by_cargo());
    }
}
