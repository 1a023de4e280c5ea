//! `gradus bundle`: the student's workspace with everything built and every source in it, for machines without a network.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use gradus_grader::{Course, release};
use gradus_kernel::warm;
use gradus_labs::{refuse, release::Languages};
use serde_json::{Value, json};

use crate::kernel::build;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gradus bundle --out gradus.tar.gz              for machines like this one, with this version of rustc
  gradus bundle --out gradus.tar.gz --lang es    notebooks, README and statements in Spanish

Whoever unpacks it needs rustc, cargo and a linker, and no network: START.md in it says how to begin. \
This takes some minutes and needs the network, for the sources of all crates.")]
pub struct Args {
    /// The archive to write, .tar.gz
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The languages of notebooks, README and statements
    #[arg(long, value_enum, default_value = "both")]
    lang: Languages,
}

pub fn run(args: &Args) -> ExitCode {
    match write(args) {
        Ok(bytes) => {
            let size = bytes as f64 / (1 << 20) as f64;
            println!("{}: {size:.0} MiB", args.out.display());
            ExitCode::SUCCESS
        }
        Err(problems) => refuse(&problems),
    }
}

fn write(args: &Args) -> Result<u64, Vec<String>> {
    let one = |problem: String| vec![problem];
    let course = Course::read(&Course::find(Path::new(".")).map_err(one)?)?;
    let name = args.out.file_name().and_then(|name| name.to_str());
    let name = name.and_then(|name| name.strip_suffix(".tar.gz").or(name.strip_suffix(".tgz")));
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        let out = args.out.display();
        return Err(one(format!("{out}: call it something.tar.gz")));
    };
    let out = std::path::absolute(&args.out).map_err(|e| one(e.to_string()))?;
    let beside = out.parent().unwrap_or(Path::new("/"));
    let in_out = |error| one(format!("{}: {error}", beside.display()));
    // Found out now and not after minutes.
    let mut archive = new_file(beside).map_err(in_out)?;
    let draft = tempfile::tempdir().map_err(|e| one(format!("no temporary folder: {e}")))?;
    let root = draft.path().join(name);
    let options = release::Options {
        out: root.clone(),
        langs: args.lang.all(),
        update: false,
    };
    release::write(&course.root, &options)?;
    fill(&course, &root).map_err(one)?;
    let pack = |archive: &mut File| -> std::io::Result<()> {
        let mut tar = tar::Builder::new(GzEncoder::new(archive, Compression::default()));
        tar.follow_symlinks(false);
        tar.append_dir_all(name, &root)?;
        tar.into_inner()?.finish()?.sync_all()
    };
    build("Packing", |_, progress| {
        progress(name);
        pack(archive.as_file_mut())
    })
    .map_err(|problem| one(format!("{}: {problem}", out.display())))?;
    let archive = archive.persist(&out).map_err(|e| in_out(e.error))?;
    archive.metadata().map(|data| data.len()).map_err(in_out)
}

/// A file that gets its name in the end, and is everybody's to read as far as the user's mask lets it.
fn new_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    file.tempfile_in(folder)
}

/// Puts what is built, and all sources, into a release.
fn fill(course: &Course, root: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", root.display());
    vendor(root)?;
    let labs = course.labs.iter().map(|lab| &lab.name);
    let labs = labs.map(|lab| vec![(lab.clone(), PathBuf::from("labs").join(lab))]);
    let library = vec![("gradus".to_owned(), PathBuf::from("crates/core"))];
    let sets: Vec<_> = std::iter::once(library).chain(labs).collect();
    build("Building the libraries for notebooks", |stop, progress| {
        warm::pack(root, &sets, stop, progress)
    })?;
    let (analysis, _) = build("Building what completes names", |stop, progress| {
        warm::analysis(&course.root, stop, progress)
    })?;
    let bin = root.join("bin");
    fs::create_dir(&bin).map_err(failed)?;
    let command = std::env::current_exe().map_err(failed)?;
    for program in [command, analysis] {
        let name = program.file_name().unwrap_or_default();
        fs::copy(&program, bin.join(name)).map_err(|e| format!("{}: {e}", program.display()))?;
    }
    fs::write(root.join("START.md"), START).map_err(failed)
}

/// Puts the sources of all crates beside the course, and tells cargo.
fn vendor(root: &Path) -> Result<(), String> {
    build("Fetching the sources of all crates", |_, progress| {
        progress("cargo vendor");
        let settings = cargo(root, &["vendor", "--versioned-dirs", "vendor"])?;
        let config = root.join(".cargo/config.toml");
        let known = fs::read_to_string(&config).unwrap_or_default();
        let all = format!("{known}\n{settings}\n[net]\noffline = true\n");
        fs::write(&config, all).map_err(|error| format!("{}: {error}", config.display()))
    })?;
    forget_other_systems(root)
}

/// Leaves of the crates that this system does not need what cargo reads to know that.
fn forget_other_systems(root: &Path) -> Result<(), String> {
    let version = Command::new("rustc").arg("-vV").output();
    let version = version.map_err(|error| format!("cannot run rustc: {error}"))?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc -vV does not name the system")?;
    let arguments = ["metadata", "--format-version=1", "--filter-platform", host];
    let metadata = cargo(root, &arguments)?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let used: HashSet<String> = all(&metadata["resolve"]["nodes"])
        .iter()
        .filter_map(|node| node["id"].as_str().map(str::to_owned))
        .collect();
    let needed: HashSet<String> = all(&metadata["packages"])
        .iter()
        .filter(|package| package["id"].as_str().is_some_and(|id| used.contains(id)))
        .filter_map(|package| {
            let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
            Some(format!("{name}-{version}"))
        })
        .collect();
    let failed = |error: std::io::Error| format!("{}: {error}", root.display());
    for entry in fs::read_dir(root.join("vendor")).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !needed.contains(&*entry.file_name().to_string_lossy()) {
            hollow(&entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// A crate of which only the manifest is left.
fn hollow(folder: &Path) -> std::io::Result<()> {
    const CHECKSUM: &str = ".cargo-checksum.json";
    let manifest = fs::read(folder.join("Cargo.toml"))?;
    let checksum: Value = serde_json::from_slice(&fs::read(folder.join(CHECKSUM))?)?;
    fs::remove_dir_all(folder)?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let checksum = json!({ "files": {}, "package": checksum["package"] });
    fs::write(folder.join(CHECKSUM), checksum.to_string())
}

/// What cargo prints.
fn cargo(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("cargo");
    command.current_dir(root).args(arguments);
    // A build folder that the environment names is not this one's.
    command.env_remove("CARGO_TARGET_DIR").stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("cargo {}: {}", arguments[0], said.trim()))
}

const START: &str = "\
# Gradus, ready to use

Hacen falta Rust (`rustc` y `cargo`, de la versión con la que se hizo este archivo; con otra, la primera celda tarda un par de
minutos más) y un enlazador (`cc`). No hace falta red.

    bin/gradus run notebooks            # ejecuta los cuadernos
    bin/gradus kernel install           # el kernel para JupyterLab y VS Code
    cargo test -p lab1                  # los ejercicios del primer laboratorio
    bin/gradus check lab1 --watch       # lo mismo cada vez que guardes un fichero

---

You need Rust (`rustc` and `cargo`, of the version that this archive was made with; with another one the first cell takes two
minutes more) and a linker (`cc`), and no network.

    bin/gradus run notebooks            # executes the notebooks
    bin/gradus kernel install           # the kernel for JupyterLab and VS Code
    cargo test -p lab1                  # the exercises of the first lab
    bin/gradus check lab1 --watch       # the same each time you save a file
";
