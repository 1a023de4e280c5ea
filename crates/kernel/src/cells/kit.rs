//! Libraries for cells, built once.
//!
//! What the `:dep` lines name is built by cargo, optimised, in a folder of its own per set of dependencies, and then linked
//! into one shared object: linking a cell against that is quick. A *kit* is what came out, kept apart from cargo's own
//! folder, so that a later build does not pull it away under a session that uses it. Whether it is still the newest is
//! seen by the files of the packages that stand in folders (`path = ...`), without asking cargo.

use std::collections::BTreeMap;
use std::env::consts::DLL_SUFFIX;
use std::fs::{self, File, Metadata, TryLockError};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::building::{self, Made, Progress};
use super::compile::{self, hash};
use super::link::Linker;
use super::{native, prebuilt, vendored, workspace};
use crate::show::{self, Part};
use crate::toolchain::Toolchain;
use crate::{Error, Language, processes, system, toolchain};

/// Built libraries.
#[derive(Debug)]
pub(crate) struct Kit {
    /// Other libraries, another id.
    pub(crate) id: String,
    pub(crate) dependencies: Dependencies,
    pub(crate) folder: PathBuf,
    /// For rustc, to use them.
    pub(crate) arguments: Vec<String>,
    /// What cells call tokio, and its features, when it is one of them.
    tokio: Option<(String, Vec<String>)>,
    /// There are traits in it that show values of some of the libraries.
    pub(crate) shows: bool,
    /// Goes at the end of a cell, to use them as one shared object.
    pub(crate) ending: &'static str,
    /// The file of each library's root, as far as cells can name it.
    pub(crate) sources: BTreeMap<String, PathBuf>,
    /// The packages that stand in folders, and what their files were like.
    packages: Vec<PathBuf>,
    /// The files of each package, by name and version.
    files: BTreeMap<String, Vec<String>>,
    stamp: String,
    /// Held while the kit is in use, so that nobody tidies it away.
    _in_use: File,
}

/// What runs the futures of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Executor {
    /// An expression with a method `block_on`.
    pub(crate) code: String,
    /// It has a method `enter`, which gives a guard.
    pub(crate) has_guard: bool,
}

/// The dependencies of a session: name and what stands behind `=`, with absolute paths.
pub(crate) type Dependencies = BTreeMap<String, String>;

/// What is written beside a kit.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    dependencies: Dependencies,
    /// The packages whose files decide whether the kit is still good.
    packages: Vec<PathBuf>,
    #[serde(default)]
    sources: BTreeMap<String, PathBuf>,
    stamp: String,
    arguments: Vec<String>,
    is_shared: bool,
    shows: bool,
    #[serde(default)]
    tokio: Option<(String, Vec<String>)>,
    /// The files of each package, by name and version.
    #[serde(default)]
    files: BTreeMap<String, Vec<String>>,
}

const SHARED: &str = "gradus_shared";
/// The crates that show values of the libraries are called so, with a number.
const SHOWS: &str = "gradus_show_";
const NOTE: &str = "kit.json";
/// How a kit is made and what is noted of it: another number where that changes, so that those made before are not used.
const FORM: u32 = 4;

/// Every crate of a kit has a name that starts like this besides, for types of crates that the notebook does not name.
pub(crate) const HIDDEN: &str = "gradus_dep_";

/// How a kit comes to be.
pub(crate) struct Workshop<'a> {
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) cache: &'a Path,
    /// The text of a `Cargo.lock` that decides about versions.
    pub(crate) lock: Option<String>,
    /// Nothing may be downloaded.
    pub(crate) is_offline: bool,
    /// For this user alone: what was built with the program of the course may be taken.
    pub(crate) is_local: bool,
    /// For the compilers.
    pub(crate) environment: &'a [(String, String)],
    pub(crate) stop: &'a dyn Fn() -> bool,
    /// Hears how far it is, in words.
    pub(crate) progress: &'a mut dyn FnMut(&str),
}

pub(crate) enum Built {
    Kit(Box<Kit>),
    Stopped,
    /// cargo's words.
    Failed(String),
}

impl Workshop<'_> {
    /// The kit for these dependencies; builds it if need be.
    pub(crate) fn kit(&mut self, dependencies: &Dependencies) -> Result<Built, Error> {
        let manifest = manifest(dependencies);
        let lock = self.lock.clone();
        let room = self.cache.join("kits").join(format!(
            "{:016x}",
            hash(&(&manifest, &lock, FORM, show::sources().collect::<Vec<_>>()))
        ));
        if let Some(kit) = newest(&room) {
            note_use(self.cache, &room);
            return Ok(Built::Kit(Box::new(kit)));
        }
        let write = |name: &str, text: &str| {
            let path = room.join(name);
            let same = fs::read_to_string(&path).is_ok_and(|before| before == text);
            if same {
                Ok(())
            } else {
                fs::write(&path, text).map_err(|error| Error::io("cannot write", &path, error))
            }
        };
        fs::create_dir_all(&room).map_err(|error| Error::io("cannot create", &room, error))?;
        let guard = File::create(room.join("lock"))
            .map_err(|error| Error::io("cannot write in", &room, error))?;
        let mut progress = Progress::new();
        let mut waited = false;
        while let Err(error) = guard.try_lock() {
            if let TryLockError::Error(error) = error {
                return Err(Error::io("cannot lock", &room, error));
            }
            if (self.stop)() {
                return Ok(Built::Stopped);
            }
            waited = true;
            progress.say(building::elsewhere(), self.progress);
            std::thread::sleep(building::TICK);
        }
        if let Some(kit) = newest(&room).filter(|_| waited) {
            return Ok(Built::Kit(Box::new(kit)));
        }
        write("Cargo.toml", &manifest)?;
        write("lib.rs", "")?;
        if let Some(lock) = &lock
            && !room.join("Cargo.lock").exists()
        {
            write("Cargo.lock", lock)?;
        }
        let sources = vendored::sources(dependencies);
        if let Some(sources) = &sources {
            fs::create_dir_all(room.join(".cargo"))
                .map_err(|error| Error::io("cannot create", &room, error))?;
            write(vendored::CONFIG, sources)?;
        }
        if let Some(ready) = prebuilt::find(dependencies, self.toolchain) {
            let metadata = self.metadata(&room)?;
            if let Some(artifacts) = ready.artifacts(&metadata) {
                note_use(self.cache, &room);
                return self.assemble(&room, dependencies, &metadata, &artifacts);
            }
        }
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        if self.is_local
            && let Some(members) = workspace::find(dependencies, target.as_deref())
        {
            match self.build_members(&members)? {
                Made::Artifacts(messages) => {
                    note_use(self.cache, &room);
                    let metadata = self.metadata(&room)?;
                    return self.assemble(&room, dependencies, &metadata, &libraries(&messages));
                }
                Made::Stopped => return Ok(Built::Stopped),
                // The same would come of it elsewhere.
                Made::Failed(said) if said.contains("could not compile") => {
                    return Ok(Built::Failed(said));
                }
                // Crates may be missing, or the folder be somebody else's.
                Made::Failed(_) => (),
            }
        }
        let mut outcome = self.build(&room, true)?;
        if let Made::Failed(said) = &outcome
            && !self.is_offline
            && lacks_a_crate(said)
        {
            // Everything was tried with what is here; now the network is needed.
            if sources.is_some() {
                let _ = fs::remove_file(room.join(vendored::CONFIG));
            }
            (self.progress)(Language::current().pick("descargando", "downloading"));
            outcome = self.build(&room, false)?;
        }
        match outcome {
            Made::Artifacts(messages) => {
                note_use(self.cache, &room);
                let metadata = self.metadata(&room)?;
                self.assemble(&room, dependencies, &metadata, &libraries(&messages))
            }
            Made::Failed(said) => Ok(Built::Failed(said)),
            Made::Stopped => Ok(Built::Stopped),
        }
    }

    fn cargo(&self, room: &Path, arguments: &[&str], offline: bool) -> Command {
        let mut command = self.cargo_in(room);
        command
            .args(arguments)
            // One for all kits: most have most of their libraries in common.
            .env("CARGO_TARGET_DIR", self.cache.join("kits/target"));
        if offline {
            command.arg("--offline");
        }
        command
    }

    fn cargo_in(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.toolchain.cargo);
        command
            .current_dir(folder)
            .envs(self.environment.iter().cloned())
            .env("PATH", toolchain::original_path())
            .env("RUSTC", &self.toolchain.rustc)
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
    }

    /// Builds libraries where the course's program was built. Without the network, and without a change to its `Cargo.lock`.
    fn build_members(&mut self, members: &workspace::Members) -> Result<Made, Error> {
        let mut command = self.cargo_in(&members.root);
        command
            .args(["build", "--release", "--lib", "--frozen"])
            .args(&members.arguments);
        building::follow(command, self.stop, self.progress)
    }

    fn build(&mut self, room: &Path, offline: bool) -> Result<Made, Error> {
        let command = self.cargo(room, &["build", "--release", "--lib"], offline);
        building::follow(command, self.stop, self.progress)
    }

    /// What cargo says about the packages; null where that cannot be read.
    fn metadata(&self, room: &Path) -> Result<Value, Error> {
        let host = self.toolchain.host().to_owned();
        let arguments = ["metadata", "--format-version=1", "--filter-platform", &host];
        let mut command = self.cargo(room, &arguments, true);
        // Ctrl-C is not for it.
        let output = command
            .stdin(Stdio::null())
            .process_group(0)
            .output()
            .map_err(|error| Error::new(format!("cannot run cargo: {error}")))?;
        Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
    }

    /// Puts what cargo built together.
    fn assemble(
        &mut self,
        room: &Path,
        dependencies: &Dependencies,
        metadata: &Value,
        artifacts: &BTreeMap<String, Vec<PathBuf>>,
    ) -> Result<Built, Error> {
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let own = room.join("Cargo.toml");
        let packages: Vec<PathBuf> = packages
            .filter(|package| package["source"].is_null())
            .filter_map(|package| package["manifest_path"].as_str().map(PathBuf::from))
            .filter(|path| *path != own)
            .filter_map(|path| path.parent().map(Path::to_owned))
            .collect();
        let stamp = stamp(&packages);
        let folder = room.join(format!("kit-{stamp}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| Error::io("cannot create", &folder, error))?;
        // In the cache lies the part that lives beside the cells.
        let mut arguments = [folder.as_path(), self.cache]
            .map(|folder| format!("-Ldependency={}", folder.display()))
            .to_vec();
        let mut put = BTreeMap::new();
        let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (package, files) in artifacts {
            let known = metadata["packages"].as_array().into_iter().flatten();
            let label = known
                .clone()
                .find(|one| one["id"] == **package)
                .and_then(prebuilt::label);
            for file in files {
                let Some(name) = file.file_name() else {
                    continue;
                };
                let to = folder.join(name);
                // cargo's final place and its working folder may hold the same file.
                fs::hard_link(file, &to)
                    .or_else(|_| fs::copy(file, &to).map(|_| ()))
                    .map_err(|error| Error::io("cannot write", &to, error))?;
                if let Some(label) = &label {
                    let names = named.entry(label.clone()).or_default();
                    names.push(name.to_string_lossy().into_owned());
                }
                put.insert(package.clone(), to);
            }
        }
        let root = metadata["resolve"]["root"].as_str().unwrap_or_default();
        let nodes = metadata["resolve"]["nodes"]
            .as_array()
            .into_iter()
            .flatten();
        let features = |package: &str| -> Option<Vec<String>> {
            let node = nodes.clone().find(|node| node["id"] == package)?;
            let features = node["features"].as_array()?.iter();
            Some(
                features
                    .filter_map(|name| name.as_str().map(str::to_owned))
                    .collect(),
            )
        };
        let direct = nodes
            .clone()
            .filter(|node| node["id"] == root)
            .flat_map(|node| node["deps"].as_array().into_iter().flatten());
        let root_file = |package: &str| -> Option<PathBuf> {
            let packages = metadata["packages"].as_array()?;
            let package = packages.iter().find(|one| one["id"] == package)?;
            let mut targets = package["targets"].as_array()?.iter();
            let library = targets.find(|target| {
                let kinds = target["kind"].as_array().into_iter().flatten();
                kinds
                    .filter_map(Value::as_str)
                    .any(|kind| kind.contains("lib"))
            })?;
            library["src_path"].as_str().map(PathBuf::from)
        };
        // What the libraries of a library are called in it is what its own names lead to.
        let mut sources = BTreeMap::new();
        let all = nodes
            .clone()
            .flat_map(|node| node["deps"].as_array().into_iter().flatten());
        for dependency in all.chain(direct.clone()) {
            if let (Some(name), Some(package)) =
                (dependency["name"].as_str(), dependency["pkg"].as_str())
                && let Some(file) = root_file(package)
            {
                sources.insert(name.to_owned(), file);
            }
        }
        let mut names = Vec::new();
        let mut tokio = None;
        for dependency in direct {
            let (name, package) = (
                dependency["name"].as_str().unwrap_or_default(),
                dependency["pkg"].as_str().unwrap_or_default(),
            );
            if package.contains("#tokio@") || package.ends_with("/tokio") {
                tokio = features(package).map(|features| (name.to_owned(), features));
            }
            if let Some(file) = put.get(package) {
                arguments.push(format!("--extern={name}={}", file.display()));
                names.push(name.to_owned());
            }
        }
        let crates = put.values().filter_map(|file| {
            let name = file_name(file)?;
            Some(format!(
                "--extern={HIDDEN}{}={}",
                name.replace('-', "_"),
                file.display()
            ))
        });
        let crates: Vec<String> = crates.collect();
        (self.progress)(Language::current().pick("enlazando", "linking"));
        let shared = folder.join(shared_name(&folder));
        let parts = put.iter().filter_map(|(package, file)| {
            let (name, _) = file_name(file)?.rsplit_once('-')?;
            let features = features(package).unwrap_or_default();
            Part::new(name, file, features)
        });
        let parts: Vec<Part> = parts.collect();
        let shows = self.compile_shows(&parts, &folder)?;
        let link = |shows: &[String]| self.link(&folder, &shared, &arguments, &names, shows);
        let with_shows = !shows.is_empty() && link(&shows)?;
        let is_shared = with_shows || link(&[])?;
        if (self.stop)() {
            return Ok(Built::Stopped);
        }
        if is_shared {
            arguments.push(format!("--extern={SHARED}={}", shared.display()));
        }
        arguments.extend(crates);
        let note = serde_json::to_string(&Note {
            dependencies: dependencies.clone(),
            packages,
            sources,
            stamp,
            arguments,
            is_shared,
            shows: with_shows,
            tokio,
            files: named,
        })
        .unwrap_or_default();
        let new = room.join(format!("{NOTE}.new"));
        fs::write(&new, note)
            .and_then(|()| fs::rename(&new, room.join(NOTE)))
            .map_err(|error| Error::io("cannot write in", room, error))?;
        forget_others(room, &folder);
        newest(room)
            .map(|kit| Built::Kit(Box::new(kit)))
            .ok_or_else(|| Error::new(format!("the libraries in {} are not whole", room.display())))
    }

    /// Compiles what shows values of these libraries, as far as their versions let it be compiled; gives its crates.
    fn compile_shows(&self, parts: &[Part], folder: &Path) -> Result<Vec<String>, Error> {
        let mut made = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let name = format!("{SHOWS}{index}");
            let source = folder.join(format!("{name}.rs"));
            fs::write(&source, part.source)
                .map_err(|error| Error::io("cannot write", &source, error))?;
            let mut command = Command::new(&self.toolchain.rustc);
            command
                .current_dir(folder)
                .args(["--edition=2024", "--crate-type=rlib", "--cap-lints=allow"])
                .args(["-Copt-level=2", "-Cdebuginfo=0", "--crate-name", &name])
                // Another kit may be loaded beside this one.
                .arg(format!("-Cmetadata={:016x}", hash(&folder)))
                .arg(format!("-Ldependency={}", folder.display()))
                .args(part.arguments())
                .arg(format!(
                    "--extern=gradus_cell={}",
                    compile::runtime(self.cache).display()
                ))
                .arg(&source);
            let output = processes::run(command, self.stop)
                .map_err(|error| Error::new(format!("cannot run rustc: {error}")))?;
            if output.is_some_and(|output| output.status.success()) {
                made.push(name);
            }
        }
        Ok(made)
    }

    /// Links everything into one shared object, if it can be.
    fn link(
        &self,
        folder: &Path,
        shared: &Path,
        arguments: &[String],
        names: &[String],
        shows: &[String],
    ) -> Result<bool, Error> {
        let source = folder.join(format!("{SHARED}.rs"));
        let names = names.iter().chain(shows);
        let mut text: String = names
            .map(|name| format!("pub extern crate {name};\n"))
            .collect();
        let traits = shows
            .iter()
            .map(|name| format!("    pub use super::{name}::Show as _;\n"));
        text += &format!("pub mod show {{\n{}}}\n", traits.collect::<String>());
        fs::write(&source, text).map_err(|error| Error::io("cannot write", &source, error))?;
        let [flag, name] = system::naming(&shared_name(folder));
        let mut command = Command::new(&self.toolchain.rustc);
        command
            .current_dir(folder)
            .args([
                "--edition=2024",
                "--crate-type=dylib",
                "-Cprefer-dynamic",
                "-Cstrip=debuginfo",
                "-Copt-level=2",
            ])
            .args(Linker::SYSTEM.arguments(&[&flag, &name]))
            .args(["--crate-name", SHARED])
            .args(Linker::SYSTEM.finding(&[&self.toolchain.libraries]))
            .args(arguments)
            .args(shows.iter().flat_map(|name| {
                let file = folder.join(format!("lib{name}.rlib"));
                [format!("--extern={name}={}", file.display())]
            }))
            .args(Linker::SYSTEM.finding(&[self.cache]))
            .arg("-o")
            .arg(shared)
            .arg(&source);
        let linker =
            native::linker(folder).map_err(|error| Error::io("cannot write in", folder, error))?;
        if let Some(linker) = linker {
            command.arg(format!("-Clinker={}", linker.display()));
        }
        let output = processes::run(command, self.stop)
            .map_err(|error| Error::new(format!("cannot run rustc: {error}")))?;
        // A library that cannot be part of a shared object is linked into each cell.
        Ok(output.is_some_and(|output| output.status.success()))
    }
}

/// `serde-1f2e` of `libserde-1f2e.rlib`.
fn file_name(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?;
    name.strip_prefix("lib")?.strip_suffix(".rlib")
}

/// The shared object of a kit. No other kit has this name, so that one can be loaded beside another.
fn shared_name(folder: &Path) -> String {
    format!("lib{SHARED}-{:016x}{DLL_SUFFIX}", hash(&folder))
}

impl Kit {
    /// What the files of the packages in folders are like now, if that is not as they were.
    pub(crate) fn edited(&self) -> Option<String> {
        let now = stamp(&self.packages);
        (now != self.stamp).then_some(now)
    }

    /// The libraries, as cells call them, whose types are others here than in `old`, which has them too: one that is
    /// there with the same content was built once, for both.
    pub(crate) fn changed_since(&self, old: &Kit) -> Vec<String> {
        let libraries = old.arguments.iter().filter_map(|argument| {
            let (name, path) = argument.strip_prefix("--extern=")?.split_once('=')?;
            Some((name, Path::new(path))).filter(|_| name != SHARED && !name.starts_with(HIDDEN))
        });
        let is_same = |path: &Path| {
            // The name has the versions and features in it, the content the rest, and what it was made with.
            let name = path.file_name()?;
            let here = fs::read(self.folder.join(name)).ok()?;
            Some(here == fs::read(path).ok()?)
        };
        libraries
            .filter(|(_, path)| is_same(path) != Some(true))
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    /// What runs futures, the same in all cells: tokio, where it can.
    pub(crate) fn executor(&self) -> Option<Executor> {
        let (name, features) = self.tokio.as_ref()?;
        let has = |name: &str| features.iter().any(|feature| feature == name);
        let (make, handle) = if has("rt-multi-thread") {
            ("new_multi_thread()", "")
        } else if has("rt") {
            ("new_current_thread()", "")
        } else if has("rt-threaded") {
            // tokio 0.2: only its handle can be shared, and that is entered with a closure.
            ("new().threaded_scheduler()", ".handle()")
        } else {
            return None;
        };
        Some(Executor {
            code: format!(
                "::gradus_cell::shared({:?}, || ::{name}::runtime::Builder::{make}.enable_all().build().unwrap()){handle}",
                self.id
            ),
            has_guard: handle.is_empty(),
        })
    }

    fn externs(&self) -> impl Iterator<Item = (&str, &str)> {
        let externs = self.arguments.iter();
        externs.filter_map(|argument| argument.strip_prefix("--extern=")?.split_once('='))
    }

    /// The names of their own of the crates that are called so in themselves.
    fn hidden<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let hidden = self.externs().map(|(hidden, _)| hidden);
        hidden.filter(move |hidden| {
            let own = hidden
                .strip_prefix(HIDDEN)
                .and_then(|own| own.rsplit_once('_'));
            own.is_some_and(|(own, _)| own == name)
        })
    }

    /// Whether a path that starts with this crate, as the compiler writes it, leads nowhere in a cell, or to another one.
    pub(crate) fn hides(&self, name: &str) -> bool {
        let file = format!("/lib{name}-");
        let is_direct = self
            .externs()
            .any(|(known, path)| known == name && path.contains(&file));
        match self.hidden(name).count() {
            0 => false,
            1 => !is_direct,
            _ => true,
        }
    }

    /// The names of their own of all crates that need one.
    pub(crate) fn hidden_crates(&self) -> Vec<String> {
        let hidden = self.externs().filter_map(|(hidden, _)| {
            let (own, _) = hidden.strip_prefix(HIDDEN)?.rsplit_once('_')?;
            self.hides(own).then(|| hidden.to_owned())
        });
        hidden.collect()
    }

    /// The packages that stand in folders, and the files of each package by name and version.
    pub(crate) fn parts(&self) -> (&[PathBuf], &BTreeMap<String, Vec<String>>) {
        (&self.packages, &self.files)
    }

    /// The versions that it was built with.
    pub(crate) fn lock(&self) -> Option<String> {
        fs::read_to_string(self.folder.parent()?.join("Cargo.lock")).ok()
    }
}

/// The kit in a folder of kits, if its packages are still the same.
fn newest(room: &Path) -> Option<Kit> {
    let note: Note = serde_json::from_str(&fs::read_to_string(room.join(NOTE)).ok()?).ok()?;
    if stamp(&note.packages) != note.stamp {
        return None;
    }
    let folder = room.join(format!("kit-{}", note.stamp));
    let in_use = File::create(folder.join("in-use")).ok()?;
    in_use.try_lock_shared().ok()?;
    Some(Kit {
        id: folder.display().to_string(),
        dependencies: note.dependencies,
        folder,
        arguments: note.arguments,
        shows: note.shows,
        tokio: note.tokio,
        ending: if note.is_shared {
            "extern crate gradus_shared as _;\n"
        } else {
            ""
        },
        sources: note.sources,
        packages: note.packages,
        files: note.files,
        stamp: note.stamp,
        _in_use: in_use,
    })
}

const LAST: &str = "last-kit";

fn note_use(cache: &Path, room: &Path) {
    // Only to have something to warm up with.
    let _ = fs::write(cache.join(LAST), room.as_os_str().as_encoded_bytes());
}

/// The kit that was used last, with which the next session probably starts.
pub(crate) fn last_used(cache: &Path) -> Option<Kit> {
    let room = fs::read_to_string(cache.join(LAST)).ok()?;
    newest(Path::new(&room)).filter(|kit| kit.dependencies.contains_key("gradus"))
}

/// Removes the kits that no session uses, except `current`.
fn forget_others(room: &Path, current: &Path) {
    for entry in fs::read_dir(room).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_kit = entry.file_name().to_string_lossy().starts_with("kit-");
        if is_kit
            && path != current
            && File::open(path.join("in-use")).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Sums up names, sizes and times of the files of packages.
fn stamp(packages: &[PathBuf]) -> String {
    let files = packages.iter().flat_map(|package| files_of(package));
    let mut files: Vec<_> = files
        .map(|(path, data)| (path, data.len(), data.modified().ok()))
        .collect();
    files.sort();
    format!("{:016x}", hash(&files))
}

/// The files that a package is built of.
pub(crate) fn files_of(package: &Path) -> Vec<(PathBuf, Metadata)> {
    let mut files = Vec::new();
    let mut open = vec![package.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(data) = entry.metadata() else { continue };
            let name = entry.file_name();
            let skipped = ["target", "tests", "benches", "examples"]
                .iter()
                .any(|other| name == *other);
            if data.is_dir() && !skipped && !name.to_string_lossy().starts_with('.') {
                open.push(entry.path());
            } else if data.is_file() {
                files.push((entry.path(), data));
            }
        }
    }
    files
}

/// The folders of the dependencies that stand in one.
pub(crate) fn folders(dependencies: &Dependencies) -> impl Iterator<Item = PathBuf> {
    dependencies.values().filter_map(|what| folder(what))
}

/// The folder that a dependency stands in, from what is behind its `=`.
pub(crate) fn folder(what: &str) -> Option<PathBuf> {
    let parsed: toml::Table = toml::from_str(&format!("x = {what}")).ok()?;
    parsed.get("x")?.get("path")?.as_str().map(PathBuf::from)
}

/// What no time is spent in, as the profile of the course has it: here for courses that are not built themselves.
const UNOPTIMISED: [&str; 9] = [
    "gradus-lessons",
    "pulldown-latex",
    "pulp",
    "raw-cpuid",
    "rustix",
    "safetensors",
    "ttf-parser",
    "typed-path",
    "zip",
];

pub(crate) fn manifest(dependencies: &Dependencies) -> String {
    let mut text = String::from(
        "[package]\nname = \"gradus-kit\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[lib]\npath = \"lib.rs\"\n\n\
         [workspace]\n\n[profile.release]\nopt-level = 3\ndebug = false\nstrip = \"debuginfo\"\n\n[dependencies]\n",
    );
    for (name, what) in dependencies {
        text.push_str(&format!("{name} = {what}\n"));
    }
    if dependencies.contains_key("gradus") {
        for package in UNOPTIMISED {
            text.push_str(&format!(
                "\n[profile.release.package.{package}]\nopt-level = 0\n"
            ));
        }
    }
    if let Some(patches) = vendored::patches(dependencies) {
        text.push_str(&format!("\n{patches}"));
    }
    text
}

/// A dependency that is a folder and nothing else, as a `:dep` line gives it.
pub(crate) fn plain(folder: &Path) -> String {
    format!("{{ path = {:?} }}", folder.display().to_string())
}

/// The files of each package that cargo reports; only what a compiler needs.
fn libraries(messages: &[Value]) -> BTreeMap<String, Vec<PathBuf>> {
    let mut found = BTreeMap::new();
    for message in messages {
        if message["target"]["name"] == "gradus_kit" {
            continue;
        }
        let files = message["filenames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let files: Vec<PathBuf> = files
            .filter(|file| file.ends_with(".rlib") || file.ends_with(DLL_SUFFIX))
            .map(PathBuf::from)
            .collect();
        if let (Some(package), false) = (message["package_id"].as_str(), files.is_empty()) {
            let all: &mut Vec<PathBuf> = found.entry(package.to_owned()).or_default();
            all.extend(files);
        }
    }
    found
}

/// cargo's words when it may not use the network and would have to.
fn lacks_a_crate(said: &str) -> bool {
    [
        "--offline",
        "offline mode",
        "without the offline flag",
        "no matching package",
    ]
    .iter()
    .any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_optimised_is_not_in_the_course_either() {
        let text = include_str!("../../../../Cargo.toml");
        let course: toml::Table = text.parse().unwrap();
        let packages = &course["profile"]["release"]["package"];
        for package in UNOPTIMISED {
            let level = packages[package]["opt-level"].as_integer();
            assert_eq!(level, Some(0), "{package}");
        }
    }
}
