//! A package with its libraries, read in as rust-analyzer wants them: what stands in public places, and no more.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ra_ap_ide_db::{ChangeWithProcMacros, FxHashMap, RootDatabase};
use ra_ap_load_cargo::ProjectFolders;
use ra_ap_paths::{AbsPath, AbsPathBuf};
use ra_ap_project_model::{CargoConfig, ProjectJson, ProjectJsonData, ProjectWorkspace, Sysroot};
use ra_ap_vfs::{FileId, Vfs, VfsPath, loader};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::public;

/// The file that questions are about, beside the package's manifest.
const SOURCE: &str = "lib.rs";

/// The longest that somebody waits for the sources of the standard library: whoever uses the same toolchain can hold the lock.
const SOURCES: Duration = Duration::from_secs(120);

/// Reads in what is in `folder`: seconds.
pub fn load(folder: &Path) -> Result<(RootDatabase, FileId), String> {
    let folder =
        fs::canonicalize(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let base = folder
        .to_str()
        .and_then(|path| AbsPathBuf::try_from(path).ok());
    let base =
        base.ok_or_else(|| format!("{}: rust-analyzer wants a path in UTF-8", folder.display()))?;
    let sysroot = sysroot(&base, &folder);
    let mut data = json!({"crates": crates(&metadata(&folder)?, &folder)?});
    if let Some(root) = sysroot.root() {
        data["sysroot"] = json!(root.as_str());
    }
    if let Some(source) = sysroot.rust_lib_src_root() {
        data["sysroot_src"] = json!(source.as_str());
        data["sysroot_project"] = standard_library(source);
    }
    let data: ProjectJsonData = serde_json::from_value(data).map_err(|error| error.to_string())?;
    let project = ProjectJson::new(None, &base, data);
    let workspace = ProjectWorkspace::load_inline(project, &CargoConfig::default(), &|_| ());

    let mut files = Vfs::default();
    let folders = ProjectFolders::new(std::slice::from_ref(&workspace), &[], None);
    for entry in &folders.load {
        if let loader::Entry::Directories(directories) = entry {
            for folder in &directories.include {
                read(folder, &directories.exclude, &mut files);
            }
        }
    }
    if let Some(source) = sysroot.rust_lib_src_root() {
        let text = include_bytes!("hashbrown.rs").to_vec();
        files.set_file_contents(VfsPath::from(hashbrown(source)), Some(text));
    }
    let (graph, _) = workspace.to_crate_graph(
        &mut |path| {
            let (file, _) = files.file_id(&VfsPath::from(path.to_path_buf()))?;
            Some(file)
        },
        &FxHashMap::default(),
    );
    let source = VfsPath::from(base.join(SOURCE));
    let (file, _) = files
        .file_id(&source)
        .ok_or_else(|| format!("{source} was not read"))?;
    let mut change = ChangeWithProcMacros::default();
    for (id, changed) in files.take_changes() {
        if let ra_ap_vfs::Change::Create(text, _) = changed.change
            && let Ok(text) = String::from_utf8(text)
        {
            change.change_file(id, Some(text));
        }
    }
    change.set_roots(folders.source_root_config.partition(&files));
    change.set_crate_graph(graph);
    let mut database = RootDatabase::new(None);
    database.apply_change(change);
    Ok((database, file))
}

/// Where the compiler and the sources of the standard library are.
fn sysroot(base: &AbsPath, folder: &Path) -> Sysroot {
    // Where the sources are missing, rustup is asked for them. Who starts in the meantime would find half of them: it waits for
    // the one that asks, where folders can be locked.
    let place = ask("RUSTC", "rustc", &["--print", "sysroot"], folder).ok();
    let place = place.and_then(|root| File::open(Path::new(root.trim()).join("lib/rustlib")).ok());
    let begin = Instant::now();
    while let Some(Err(TryLockError::WouldBlock)) = place.as_ref().map(File::try_lock)
        && begin.elapsed() < SOURCES
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    Sysroot::discover(base, &FxHashMap::default())
}

/// What `cargo metadata` says, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    edition: String,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    root: Option<String>,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
    features: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    /// As the code calls it.
    name: String,
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

impl Package {
    /// Its library, unless that works inside the compiler.
    fn library(&self) -> Option<&Target> {
        const KINDS: [&str; 4] = ["lib", "rlib", "dylib", "cdylib"];
        let is_library = |target: &&Target| {
            KINDS
                .iter()
                .any(|kind| target.kind.iter().any(|its| its == kind))
        };
        self.targets.iter().find(is_library)
    }
}

fn metadata(folder: &Path) -> Result<Metadata, String> {
    let host = ask("RUSTC", "rustc", &["-vV"], folder)?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: "));
    let mut arguments = vec!["metadata", "--format-version", "1"];
    if let Some(host) = host {
        arguments.extend(["--filter-platform", host]);
    }
    let said = ask("CARGO", "cargo", &arguments, folder)?;
    serde_json::from_str(&said)
        .map_err(|error| format!("what cargo says of {}: {error}", folder.display()))
}

/// What a program of the toolchain prints.
fn ask(variable: &str, name: &str, arguments: &[&str], folder: &Path) -> Result<String, String> {
    let program = std::env::var_os(variable).unwrap_or_else(|| OsString::from(name));
    let output = Command::new(&program)
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.map_err(|error| format!("{}: {error}", Path::new(&program).display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", folder.display(), said.trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// The package in `folder` and the libraries that its code can come to know, as `rust-project.json` has them: those that it
/// depends on, those that the public parts of these name, and so on.
fn crates(metadata: &Metadata, folder: &Path) -> Result<Value, String> {
    let packages: HashMap<&str, &Package> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), package))
        .collect();
    let nodes: HashMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let root = metadata.resolve.root.as_deref();
    let root = root.ok_or_else(|| format!("{} holds no package", folder.display()))?;
    let mut found = vec![root];
    let mut crates = Vec::new();
    while let Some(id) = found.get(crates.len()).copied() {
        let (Some(package), Some(node)) = (packages.get(id), nodes.get(id)) else {
            return Err(format!("cargo does not say what {id} is"));
        };
        let library = package.library();
        let library = library.ok_or_else(|| format!("{id} has no library"))?;
        let dependencies: BTreeMap<&str, &str> = node
            .deps
            .iter()
            .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none()))
            .filter(|dependency| {
                packages
                    .get(dependency.pkg.as_str())
                    .is_some_and(|package| package.library().is_some())
            })
            .map(|dependency| (dependency.name.as_str(), dependency.pkg.as_str()))
            .collect();
        let names: BTreeSet<&str> = dependencies.keys().copied().collect();
        let names = if id == root {
            names
        } else {
            public::named(&library.src_path, &names)
        };
        let mut deps = Vec::new();
        for name in names {
            let its = dependencies[name];
            let at = found.iter().position(|id| *id == its).unwrap_or_else(|| {
                found.push(its);
                found.len() - 1
            });
            deps.push(json!({"crate": at, "name": name}));
        }
        let cfg: Vec<String> = node
            .features
            .iter()
            .map(|feature| format!("feature={feature:?}"))
            .collect();
        crates.push(json!({
            "display_name": library.name.replace('-', "_"),
            "root_module": library.src_path,
            "edition": package.edition,
            "deps": deps,
            "cfg": cfg,
            "is_workspace_member": id == root,
            "source": sources(&library.src_path),
        }));
    }
    Ok(Value::Array(crates))
}

/// The standard library with little of what it is made of inside, as `rust-project.json` has it.
fn standard_library(source: &AbsPath) -> Value {
    let root = |name: &str| source.join(name).join("src").join("lib.rs");
    let one = |name: &str, root: AbsPathBuf, deps: &[(usize, &str)]| {
        let deps: Vec<Value> = deps
            .iter()
            .map(|(at, name)| json!({"crate": at, "name": name}))
            .collect();
        json!({
            "display_name": name,
            "root_module": root.as_str(),
            "edition": "2024",
            "deps": deps,
            "is_workspace_member": false,
            "source": sources(root.as_ref()),
        })
    };
    json!({"crates": [
        one("core", root("core"), &[]),
        one("alloc", root("alloc"), &[(0, "core")]),
        one("hashbrown", hashbrown(source), &[(0, "core")]),
        one("std_detect", root("std_detect"), &[(0, "core")]),
        one("std", root("std"), &[(0, "core"), (1, "alloc"), (2, "hashbrown"), (3, "std_detect")]),
    ]})
}

/// Where a file of this program seems to stand.
fn hashbrown(source: &AbsPath) -> AbsPathBuf {
    source.join("hashbrown").join("src").join("lib.rs")
}

/// Where the files of a crate stand, and what else stands there.
fn sources(root: &Path) -> Value {
    let folder = root.parent().unwrap_or(root);
    let others = ["tests", "benches", "examples", "target", ".git"];
    let others: Vec<PathBuf> = others.iter().map(|name| folder.join(name)).collect();
    json!({"include_dirs": [folder], "exclude_dirs": others})
}

/// Reads the source files below a folder.
fn read(folder: &AbsPath, excluded: &[AbsPathBuf], files: &mut Vfs) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        let path = folder.join(&name);
        if excluded.contains(&path) {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            read(&path, excluded, files);
        } else if name.ends_with(".rs")
            && let Ok(text) = fs::read(&path)
        {
            files.set_file_contents(VfsPath::from(path), Some(text));
        }
    }
}
