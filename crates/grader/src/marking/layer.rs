//! What submissions are compiled against, made once and then only read: the dependencies, the compiler, the solution, the judge.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{Identity, source::Program, system};
use crate::{
    Course, LabFolder,
    course::{read, sorted},
    markers,
};

/// It. The folder goes when it does.
#[derive(Debug)]
pub(super) struct Layer {
    folder: TempDir,
    /// Held as long as the folder is in use.
    _lock: File,
    /// The compiler, not rustup's stand-in for it.
    pub(super) rustc: PathBuf,
    pub(super) sysroot: PathBuf,
    /// The dependencies.
    pub(super) libraries: PathBuf,
    /// The judge: the lab's tests, which know the answers.
    pub(super) judge: PathBuf,
    /// How the compiler is called, but for the file, the names of outputs, and what is particular to submissions.
    pub(super) flags: Vec<String>,
    /// The exercises' programs, by the name of the file.
    pub(super) programs: BTreeMap<String, Program>,
    /// The exercises as they are handed out, by path relative to the lab.
    pub(super) stubs: BTreeMap<String, String>,
    /// The solution's.
    pub(super) solutions: BTreeMap<String, String>,
    pub(super) identity: Identity,
}

impl Layer {
    /// Builds it for one lab. With `for_others`, another user must be able to read it.
    pub(super) fn build(
        course: &Course,
        lab: &LabFolder,
        for_others: bool,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, String> {
        let toolchain = Toolchain::find(&course.root)?;
        progress(&format!("{}: building what its exercises need", lab.name));
        let package = format!("{}-programs", lab.name);
        let one = lab.exercises.first().map_or("", |e| stem(&e.file));
        let built = cargo(&course.root, &["build", "-p", &package, "--bin", one])?;
        progress(&format!("{}: building the judge", lab.name));
        let tests = ["test", "-p", &lab.name, "--test", "exercises", "--no-run"];
        let tests = cargo(&course.root, &tests)?;
        let judge = (tests.iter())
            .find(|message| message["target"]["name"] == "exercises")
            .and_then(|message| message["executable"].as_str())
            .ok_or_else(|| format!("cargo does not say where the tests of {} are", lab.name))?;

        let (folder, lock) = private_folder(for_others)?;
        let libraries = folder.path().join("libraries");
        make(&libraries)?;
        let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
        for message in &built {
            let files = message["filenames"].as_array().into_iter().flatten();
            for file in files.filter_map(Json::as_str).map(Path::new) {
                let extension = file.extension().unwrap_or_default();
                if extension != "rlib" && extension != std::env::consts::DLL_EXTENSION {
                    continue;
                }
                let to = libraries.join(file.file_name().unwrap_or_default());
                put(file, &to, for_others)?;
                let name = message["target"]["name"].as_str().unwrap_or_default();
                names.insert(name.replace('-', "_"), to);
            }
        }
        let own = built
            .iter()
            .find(|message| message["target"]["name"] == one);
        let own = own.ok_or_else(|| format!("cargo does not say how {package} is compiled"))?;
        let text = |value: &Json, else_: &str| value.as_str().unwrap_or(else_).to_owned();
        let mut flags = vec![
            format!("--edition={}", text(&own["target"]["edition"], "2024")),
            format!("-Copt-level={}", text(&own["profile"]["opt_level"], "1")),
            // One thread of the compiler for one submission.
            "-Ccodegen-units=1".to_owned(),
            "-Cdebuginfo=line-tables-only".to_owned(),
            "-Cembed-bitcode=no".to_owned(),
            "--crate-type=bin".to_owned(),
            "--emit=link".to_owned(),
            format!("-Ldependency={}", libraries.display()),
        ];
        let folder_of = course.root.join("labs").join(&lab.name);
        for name in dependencies(&read(&folder_of.join("programs/Cargo.toml"))?) {
            let path = names
                .get(&name)
                .ok_or_else(|| format!("{package} needs `{name}`, which cargo has not built"))?;
            flags.push(format!("--extern={name}={}", path.display()));
        }
        let judge_here = folder.path().join("judge");
        put(Path::new(judge), &judge_here, false)?;
        let sysroot = toolchain.for_sandboxes(folder.path(), for_others)?;
        flags.push(format!("--sysroot={}", sysroot.display()));

        let (mut programs, mut stubs, mut solutions) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for exercise in &lab.exercises {
            let name = stem(&exercise.file).to_owned();
            let path = folder_of.join(format!("programs/{name}.rs"));
            let program = Program::parse(&path.display().to_string(), &read(&path)?)?;
            programs.insert(name, program);
            let path = course.file_of(lab, exercise);
            let text = read(&path)?;
            let marked = markers::parse(&path.display().to_string(), &text);
            let stub = marked.map_err(|problems| problems.join("\n"))?.stubbed;
            stubs.insert(exercise.file.clone(), stub);
            solutions.insert(exercise.file.clone(), text);
        }
        Ok(Self {
            rustc: sysroot.join("bin/rustc"),
            sysroot,
            libraries,
            judge: judge_here,
            flags,
            programs,
            stubs,
            solutions,
            identity: Identity {
                toolchain: toolchain.version,
                material: material(&course.root, &lab.name)?,
            },
            folder,
            _lock: lock,
        })
    }

    /// The folder that is nobody else's.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// `src/exercises/e3_gradients.rs` has the program `e3_gradients`.
pub(super) fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    name.strip_suffix(".rs").unwrap_or(name)
}

struct Toolchain {
    sysroot: PathBuf,
    version: String,
    host: String,
}

impl Toolchain {
    fn find(root: &Path) -> Result<Self, String> {
        let ask = |arguments: &[&str]| -> Result<String, String> {
            let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
            let said = Command::new(rustc)
                .args(arguments)
                .current_dir(root)
                .output();
            let said = said.map_err(|e| {
                format!("rustc cannot be started ({e}): marking needs the Rust toolchain, see https://rustup.rs")
            })?;
            match said.status.success() {
                true => Ok(String::from_utf8_lossy(&said.stdout).into_owned()),
                false => Err(format!("rustc: {}", String::from_utf8_lossy(&said.stderr))),
            }
        };
        let version = ask(&["-vV"])?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        Ok(Self {
            sysroot: ask(&["--print", "sysroot"])?.trim().into(),
            host: host.unwrap_or_default().to_owned(),
            version: version.lines().next().unwrap_or_default().to_owned(),
        })
    }

    /// The sysroot, or where another user cannot get to it, the part that compiles, linked or copied to where they can.
    fn for_sandboxes(&self, folder: &Path, for_others: bool) -> Result<PathBuf, String> {
        if !for_others || system::all_reach(&self.sysroot) {
            return Ok(self.sysroot.clone());
        }
        let to = folder.join("sysroot");
        put(&self.sysroot.join("bin/rustc"), &to.join("bin/rustc"), true)?;
        for path in sorted(&self.sysroot.join("lib"))? {
            if path.is_file() {
                let name = path.file_name().unwrap_or_default();
                put(&path, &to.join("lib").join(name), true)?;
            }
        }
        let target = Path::new("lib/rustlib").join(&self.host);
        put_all(&self.sysroot.join(&target), &to.join(&target))?;
        Ok(to)
    }
}

/// What cargo says about what it has built.
fn cargo(root: &Path, arguments: &[&str]) -> Result<Vec<Json>, String> {
    let (verb, rest) = arguments.split_first().unwrap_or((&"build", &[]));
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .arg(verb)
        .args(["--release", "--quiet", "--message-format=json"])
        .args(rest)
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|e| {
            format!("cargo cannot be started ({e}): marking needs the Rust toolchain, see https://rustup.rs")
        })?;
    let lines = output.stdout.split(|&byte| byte == b'\n');
    let messages: Vec<Json> = lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    if output.status.success() {
        return Ok(messages);
    }
    let rendered = messages
        .iter()
        .filter_map(|message| message["message"]["rendered"].as_str());
    Err(format!(
        "cargo {}:\n{}{}",
        arguments.join(" "),
        rendered.collect::<String>(),
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// The names under `[dependencies]`, as crates.
fn dependencies(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().map(str::trim);
    lines
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .map(|name| name.replace('-', "_"))
        .collect()
}

/// A folder for one grader, with a name that nobody guesses.
fn private_folder(for_others: bool) -> Result<(TempDir, File), String> {
    let base = std::env::temp_dir();
    let problem = |e: io::Error| format!("{}: {e}", base.display());
    let base = base.canonicalize().map_err(problem)?;
    if for_others && !system::all_reach(&base) {
        return Err(format!(
            "{} is closed to other users, and submissions are run as one: set TMPDIR to a folder that is not, such as /var/tmp",
            base.display()
        ));
    }
    remove_abandoned(&base);
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempdir_in(&base)
        .map_err(problem)?;
    if for_others {
        system::permit(folder.path(), system::PASSED_BY_ALL).map_err(problem)?;
    }
    let lock = File::create(folder.path().join(LOCK)).map_err(problem)?;
    lock.lock().map_err(problem)?;
    Ok((folder, lock))
}

const PREFIX: &str = "gradus-marking-";
const LOCK: &str = "in-use";

/// Removes what graders have left that were killed.
fn remove_abandoned(base: &Path) {
    let folders = fs::read_dir(base).into_iter().flatten().flatten();
    for folder in folders.filter(|f| f.file_name().to_string_lossy().starts_with(PREFIX)) {
        // One that has none yet is just being made. Another user's cannot be opened, and is theirs.
        let lock = folder.path().join(LOCK);
        if !fs::symlink_metadata(&lock).is_ok_and(|about| about.is_file()) {
            continue;
        }
        let lock = File::options().write(true).open(lock);
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

fn make(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))
}

/// Links a file, or copies it where that cannot be or others could not read it.
pub(super) fn put(from: &Path, to: &Path, for_others: bool) -> Result<(), String> {
    if let Some(folder) = to.parent() {
        make(folder)?;
    }
    let problem = |e: io::Error| format!("{}: {e}", from.display());
    let _ = fs::remove_file(to);
    let from = from.canonicalize().map_err(problem)?;
    let is_open = system::all_may_read(&from).map_err(problem)?;
    if (!for_others || is_open) && fs::hard_link(&from, to).is_ok() {
        return Ok(());
    }
    fs::copy(&from, to).map_err(problem)?;
    if for_others {
        system::permit(to, system::RUN_BY_ALL).map_err(problem)?;
    }
    Ok(())
}

fn put_all(from: &Path, to: &Path) -> Result<(), String> {
    for path in sorted(from)? {
        let to = to.join(path.file_name().unwrap_or_default());
        match path.is_dir() {
            true => put_all(&path, &to)?,
            false => put(&path, &to, true)?,
        }
    }
    Ok(())
}

/// A hash of what decides about marks.
fn material(root: &Path, lab: &str) -> Result<String, String> {
    let mut hash = Sha256::new();
    for part in [
        &format!("labs/{lab}"),
        "crates/exercise",
        "crates/grader/src/marking",
        "Cargo.lock",
    ] {
        hash_of(root, &root.join(part), &mut hash)?;
    }
    let bytes = hash.finalize();
    Ok(bytes.iter().take(16).map(|b| format!("{b:02x}")).collect())
}

fn hash_of(root: &Path, path: &Path, hash: &mut Sha256) -> Result<(), String> {
    if path.is_dir() {
        for path in sorted(path)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with('.') && name != "target" {
                hash_of(root, &path, hash)?;
            }
        }
    } else if let Ok(bytes) = fs::read(path) {
        let shown = crate::course::shown(root, path).replace('\\', "/");
        hash.update(format!("{shown} {}\n", bytes.len()));
        hash.update(bytes);
    }
    Ok(())
}
