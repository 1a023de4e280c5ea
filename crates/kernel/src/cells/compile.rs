//! From a program to a library that the process for the cells can load: one call of rustc, or none.

use std::collections::HashMap;
use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::kit::Kit;
use super::link::{self, Linker};
use super::source::{ENTRY, Source};
use super::turns;
use super::types::{Noted, Use, types, uses};
use crate::toolchain::{Toolchain, cannot_run};
use crate::{Error, processes, system};

/// What rustc writes down about a cell.
const NOTES: &str = "cell.mir";

/// Compiles the cells of one session.
#[derive(Debug)]
pub(crate) struct Compiler {
    pub(crate) toolchain: Toolchain,
    /// `runtime.rs`, compiled.
    pub(crate) runtime: PathBuf,
    linker: Linker,
    /// The session's own folder.
    work: PathBuf,
    /// Compiled cells of all sessions.
    cache: PathBuf,
    count: usize,
    /// What came of programs that run again and again, by their keys: each is loaded once.
    kept: HashMap<String, Compiled>,
    /// For `env!`.
    pub(crate) environment: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) enum Compiled {
    Done(Built),
    /// What rustc complains about: its own JSON.
    Errors(Vec<Value>),
    /// Stopped from outside.
    Stopped,
}

#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub(crate) library: PathBuf,
    pub(crate) types: Vec<Noted>,
    /// What it uses of the variables that it takes.
    pub(crate) uses: Vec<(String, Use)>,
}

impl Compiler {
    pub(crate) fn new(
        toolchain: Toolchain,
        cache: &Path,
        work: PathBuf,
    ) -> Result<Compiler, Error> {
        let runtime = compile_runtime(&toolchain, cache)?;
        let cells = cache.join("compiled");
        fs::create_dir_all(&cells).map_err(|error| Error::io("cannot create", &cells, error))?;
        Ok(Compiler {
            toolchain,
            runtime,
            linker: Linker::read(cache),
            work,
            cache: cells,
            count: 0,
            kept: HashMap::new(),
            environment: Vec::new(),
        })
    }

    /// Compiles a program that will run again, unless it already has: then it gives the same library, with its statics.
    pub(crate) fn compile_to_keep(
        &mut self,
        source: &Source,
        kit: Option<&Kit>,
        level: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<Compiled, Error> {
        let key = key(&source.text, kit, level);
        if let Some(kept) = self.kept.get(&key) {
            return Ok(kept.clone());
        }
        let compiled = self.compile(source, kit, level, stop)?;
        if !matches!(compiled, Compiled::Stopped) && may_be_kept(&source.text) {
            self.kept.insert(key, compiled.clone());
        }
        Ok(compiled)
    }

    /// Compiles a program, unless the same one was compiled before.
    pub(crate) fn compile(
        &mut self,
        source: &Source,
        kit: Option<&Kit>,
        level: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<Compiled, Error> {
        self.count += 1;
        let key = key(&source.text, kit, level);
        let library = self.work.join(format!("cell-{}{DLL_SUFFIX}", self.count));
        let (cached, cached_types) = (
            self.cache.join(format!("{key}{DLL_SUFFIX}")),
            self.cache.join(format!("{key}.json")),
        );
        let find = || {
            let text = fs::read_to_string(&cached_types).ok()?;
            let (types, uses) = serde_json::from_str(&text).ok()?;
            // A copy: a library that is loaded twice would be one, with the same statics.
            fs::copy(&cached, &library).ok()?;
            let now = fs::File::options().append(true).open(&cached_types);
            // The time of its last use, for tidying up; not important.
            let _ = now.and_then(|file| file.set_modified(std::time::SystemTime::now()));
            Some(Built {
                library: library.clone(),
                types,
                uses,
            })
        };
        if let Some(built) = find() {
            return Ok(Compiled::Done(built));
        }
        let turn = turns::wait(&self.cache, stop);
        if turn.has_waited
            && let Some(built) = find()
        {
            return Ok(Compiled::Done(built));
        }
        let compiled = self.compile_afresh(source, kit, level, stop)?;
        if let Compiled::Done(Built {
            library,
            types,
            uses,
        }) = &compiled
            && may_be_kept(&source.text)
        {
            // Without it the next session compiles again. Under its own name only when it is whole.
            let new = self.cache.join(format!("{key}.{}", std::process::id()));
            let _ = fs::copy(library, &new)
                .and_then(|_| fs::rename(&new, &cached))
                .and_then(|()| fs::write(&new, serde_json::json!((types, uses)).to_string()))
                .and_then(|()| fs::rename(&new, &cached_types));
        }
        Ok(compiled)
    }

    /// Compiles a program.
    pub(crate) fn compile_afresh(
        &self,
        source: &Source,
        kit: Option<&Kit>,
        level: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<Compiled, Error> {
        let name = file_name(&source.text);
        let library = format!("cell-{}{DLL_SUFFIX}", self.count);
        let file = self.work.join(&name);
        let ending = kit.map_or("", |kit| kit.ending);
        fs::write(&file, format!("{}{ending}", source.text))
            .map_err(|error| Error::io("cannot write", &file, error))?;
        let run = |linker: &Linker| {
            let mut command = self.rustc(&name, kit, level, linker);
            for (link, file) in &source.links {
                let (link, file) = (link.display(), file.display());
                command.arg(format!("--remap-path-prefix={link}={file}"));
            }
            // Names without a folder: one may have a comma in it.
            command.arg(format!("--emit=link={library},mir={NOTES}"));
            let output = processes::run(command, stop).map_err(|error| cannot_run(&error))?;
            Ok(match output {
                None => Some(Compiled::Stopped),
                Some(output) if output.status.success() => None,
                Some(output) => Some(Compiled::Errors(errors(&output.stderr)?)),
            })
        };
        let mut failed = run(&self.linker);
        if !self.linker.is_system()
            && let Ok(Some(Compiled::Errors(errors))) = &failed
            && link::has_failed(errors)
        {
            failed = run(&Linker::SYSTEM);
        }
        let _ = fs::remove_file(&file);
        if let Some(failed) = failed? {
            return Ok(failed);
        }
        let notes = self.work.join(NOTES);
        let notes =
            fs::read_to_string(&notes).map_err(|error| Error::io("cannot read", &notes, error))?;
        Ok(Compiled::Done(Built {
            library: self.work.join(library),
            types: types(&notes),
            uses: uses(&notes, ENTRY),
        }))
    }

    /// Whether a program of its own would build: the first thing that is wrong with it, and the line.
    pub(crate) fn check(
        &self,
        program: &Path,
        kit: Option<&Kit>,
    ) -> Result<Option<(String, u64)>, Error> {
        let mut command = Command::new(&self.toolchain.rustc);
        command
            .args([
                "--edition=2024",
                "--error-format=json",
                "--crate-name=check",
                "--emit=metadata",
                "-o",
            ])
            .arg(self.work.join("check.rmeta"))
            .args(kit.map_or(&[][..], |kit| &kit.arguments))
            .arg(program);
        let output = processes::run(command, &|| false).map_err(|error| cannot_run(&error))?;
        match output {
            Some(output) if !output.status.success() => {
                let errors = errors(&output.stderr)?;
                let first = errors.first().map(|error| {
                    let message = error["message"].as_str().unwrap_or_default();
                    let line = error["spans"][0]["line_start"].as_u64();
                    (message.to_owned(), line.unwrap_or(1))
                });
                Ok(first)
            }
            _ => Ok(None),
        }
    }

    fn rustc(&self, file: &str, kit: Option<&Kit>, level: &str, linker: &Linker) -> Command {
        let mut command = Command::new(&self.toolchain.rustc);
        command
            .current_dir(&self.work)
            .envs(self.environment.iter().cloned())
            .args([
                "--edition=2024",
                "--crate-type=cdylib",
                "--error-format=json",
            ])
            .args(["--crate-name", super::CRATE])
            // The same in all cells, so that a type of one cell is the same type in the next.
            .arg("-Cmetadata=gradus")
            .args([
                "-Cprefer-dynamic",
                "-Cdebuginfo=0",
                "-Cdebug-assertions=yes",
                "-Cstrip=symbols",
            ])
            .arg(format!("-Copt-level={level}"))
            .arg(format!(
                "-Ccodegen-units={}",
                if level == "0" { 4 } else { 1 }
            ))
            .arg(format!("--extern=gradus_cell={}", self.runtime.display()));
        let beside = self.runtime.parent().unwrap_or(Path::new("/"));
        let mut folders = vec![self.toolchain.libraries.as_path(), beside];
        if let Some(kit) = kit {
            command.args(&kit.arguments);
            folders.push(&kit.folder);
        }
        command.args(linker.finding(&folders));
        command.arg(file);
        command
    }
}

/// The name of the file of a program: it also stands in the places of its panics.
pub(crate) fn file_name(text: &str) -> String {
    format!("cell-{:08x}.rs", hash(&(text, "name")) >> 32)
}

fn key(text: &str, kit: Option<&Kit>, level: &str) -> String {
    let kit = kit.map_or("", |kit| kit.id.as_str());
    format!(
        "{:016x}{:016x}",
        hash(&(text, kit, level, 1)),
        hash(&(text, kit, level, 2))
    )
}

pub(crate) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A program whose meaning is all in its text: it takes in no files and no environment.
fn may_be_kept(text: &str) -> bool {
    !["include", "env!", "#[path"]
        .iter()
        .any(|word| text.contains(word))
}

/// Removes what was not used for longest, so that the cache stays below some hundred megabytes.
pub(crate) fn tidy(cache: &Path) {
    const MOST: usize = 2000;
    let entries = fs::read_dir(cache.join("compiled"))
        .into_iter()
        .flatten()
        .flatten();
    let mut notes: Vec<_> = entries
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    if notes.len() > MOST {
        notes.sort();
        for (_, path) in &notes[..notes.len() - MOST / 2] {
            let _ = fs::remove_file(path);
            let _ = fs::remove_file(path.with_extension("so"));
        }
    }
}

/// The errors among the lines that rustc wrote.
fn errors(output: &[u8]) -> Result<Vec<Value>, Error> {
    let text = String::from_utf8_lossy(output);
    let is_about_us = ["\"linker `", "No space left on device"]
        .iter()
        .any(|words| text.contains(words));
    if is_about_us {
        return Err(Error::of_rustc(&text));
    }
    let found: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            message["level"]
                .as_str()
                .is_some_and(|level| level.starts_with("error"))
        })
        .filter(|message| {
            let text = message["message"].as_str().unwrap_or_default();
            !text.starts_with("aborting due to")
        })
        .collect();
    if found.is_empty() {
        let said = text.lines().find(|line| !line.starts_with('{'));
        return Err(Error::of_rustc(said.unwrap_or("it does not say why")));
    }
    Ok(found)
}

/// The part that lives beside the cells, compiled.
pub(crate) fn runtime(cache: &Path) -> PathBuf {
    cache.join(runtime_name())
}

fn runtime_name() -> String {
    format!("libgradus_cell{DLL_SUFFIX}")
}

/// Compiles the part that lives beside the cells, once per toolchain.
pub(crate) fn compile_runtime(toolchain: &Toolchain, cache: &Path) -> Result<PathBuf, Error> {
    let library = runtime(cache);
    if library.exists() {
        return Ok(library);
    }
    let work = tempfile::tempdir_in(cache)
        .map_err(|error| Error::io("cannot create a folder in", cache, error))?;
    let source = work.path().join("gradus_cell.rs");
    let built = work.path().join(runtime_name());
    let [flag, name] = system::naming(&runtime_name());
    fs::write(&source, super::RUNTIME)
        .map_err(|error| Error::io("cannot write", &source, error))?;
    let build = |linker: &Linker| {
        let output = Command::new(&toolchain.rustc)
            .args(["--edition=2024", "--crate-type=dylib"])
            .args(["--crate-name=gradus_cell", "-Cprefer-dynamic"])
            .arg("-Copt-level=2")
            .args(linker.arguments(&[
                &flag,
                &name,
                "-rpath",
                &toolchain.libraries.display().to_string(),
            ]))
            .arg("-o")
            .arg(&built)
            .arg(&source)
            .output()
            .map_err(|error| Error::new(format!("cannot run rustc: {error}")))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(Error::of_rustc(&String::from_utf8_lossy(&output.stderr))),
        }
    };
    let own = Linker::of(toolchain).filter(|linker| build(linker).is_ok());
    if own.is_none() {
        build(&Linker::SYSTEM)?;
    }
    own.unwrap_or(Linker::SYSTEM).write(cache)?;
    fs::rename(&built, &library).map_err(|error| Error::io("cannot write", &library, error))?;
    Ok(library)
}
