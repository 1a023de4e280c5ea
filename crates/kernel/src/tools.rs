//! A stand-in for cargo, in front of the real one.
//!
//! evcxr and rust-analyzer start cargo by themselves, in their own way. Two things about that must be
//! different here. `cargo metadata` wants the crates of *every* platform, which a machine that only
//! ever built for itself does not have, so without a network it fails: it gets `--filter-platform`.
//! And a compiler that nobody waits for any more must end: it dies with the session.
//!
//!
//! And it is the short way from a cell to rustc. The first build of a session with certain dependencies is
//! cargo's; a stand-in for rustc notes how the cell itself is compiled. From then on, as long as the
//! dependencies stay the same, rustc is called that way at once: cargo would only find out, each time
//! anew, that nothing else has changed. So that linking a cell is quick, the course library with
//! all that it uses is linked once into a shared object, and the cells against that.
//!
//! The stand-in is this program under another name. evcxr asks `rustup which cargo` first, so there
//! is one for rustup too, which answers only that.
#![allow(unsafe_code)] // prctl, and the environment of this process

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Beside the stand-ins: the path of the real cargo, and the host's target triple.
const REAL: &str = "cargo.real";
const HOST: &str = "host";
/// How the cells of this session are compiled, once that is known.
const RECORD: &str = "cell.json";
/// The name under which cargo finds the stand-in for rustc.
const RUSTC: &str = "gradus-rustc";
/// The library that becomes a shared object, the name of that, and what makes a cell use it.
const SHARED_LIBRARY: &str = "gradus";
const SHARED: &str = "gradus_shared";
const USE_SHARED: &str = "\nextern crate gradus_shared as _;\n";
/// The cell, as evcxr writes it.
const SOURCE: &str = "src/lib.rs";
/// evcxr's name for the crate that holds a cell.
const CELL: &str = "ctx";
/// Where evcxr wants to read which file was built.
const BUILT_FILE: &str = "EVCXR_EXECUTION_SO_PATH";

/// Acts as cargo or rustup if this program was started under that name.
pub(crate) fn stand_in_hook() {
    let mut args = std::env::args_os();
    let Some(program) = args.next().map(PathBuf::from) else {
        return;
    };
    let Some(name) = program
        .file_name()
        .filter(|name| ["cargo", "rustup", RUSTC].iter().any(|ours| name == ours))
    else {
        return;
    };
    // Started by its name alone it is the first one on the search path.
    let program = if program.components().count() > 1 {
        program.clone()
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        find(&name.to_string_lossy(), &path, None).unwrap_or_default()
    };
    let folder = program.parent().unwrap_or(Path::new(""));
    let args: Vec<OsString> = args.collect();
    let error = if name == "cargo" {
        cargo(folder, args)
    } else if name == "rustup" {
        rustup(folder, &args)
    } else {
        rustc(folder, args)
    };
    eprintln!("gradus: cannot start {}: {error}", name.display());
    std::process::exit(127);
}

fn cargo(folder: &Path, mut args: Vec<OsString>) -> std::io::Error {
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let (real, host) = match (read(REAL), read(HOST)) {
        (Ok(real), Ok(host)) => (real, host),
        (Err(error), _) | (_, Err(error)) => return error,
    };
    if args.iter().any(|arg| arg == "metadata")
        && !args.iter().any(|arg| arg == "--filter-platform")
    {
        args.extend(["--filter-platform".into(), host.into()]);
    }
    die_with_parent();
    let mut command = Command::new(real);
    if args.iter().any(|arg| arg == "build") {
        show_value_once();
        if let Some(mut rustc) = short_way(folder) {
            return rustc.exec();
        }
        command.env("RUSTC_WRAPPER", folder.join(RUSTC));
        // Cells are checked and quickly built; what they use is fast.
        for setting in [
            "opt-level=3",
            "debug-assertions=false",
            "overflow-checks=false",
        ] {
            command
                .arg("--config")
                .arg(format!("profile.dev.package.'*'.{setting}"));
        }
    }
    command.args(args).exec()
}

fn die_with_parent() {
    // SAFETY: a plain system call.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// How a cell is compiled when its dependencies are these.
#[derive(Serialize, Deserialize)]
struct Record {
    /// The `Cargo.toml` that it was noted for.
    manifest: String,
    program: String,
    args: Vec<String>,
    /// The file that comes out.
    output: PathBuf,
}

/// The rustc call for the cell in the current folder, if cargo has nothing to do.
fn short_way(folder: &Path) -> Option<Command> {
    let text = std::fs::read_to_string(folder.join(RECORD)).ok()?;
    let record: Record = serde_json::from_str(&text).ok()?;
    if std::fs::read_to_string("Cargo.toml").ok()? != record.manifest {
        return None;
    }
    let built_file = std::env::var_os(BUILT_FILE)?;
    std::fs::write(built_file, record.output.as_os_str().as_encoded_bytes()).ok()?;
    if is_shared(&record.args) {
        let source = std::fs::read_to_string(SOURCE).ok()?;
        std::fs::write(SOURCE, format!("{source}{USE_SHARED}")).ok()?;
    }
    let mut command = Command::new(record.program);
    command.args(record.args);
    Some(command)
}

/// Stands in front of rustc in cargo's builds.
fn rustc(folder: &Path, args: Vec<OsString>) -> std::io::Error {
    die_with_parent();
    let mut args = args
        .into_iter()
        .map(|arg| arg.to_string_lossy().into_owned());
    let Some(program) = args.next() else {
        return std::io::ErrorKind::InvalidInput.into();
    };
    let args: Vec<String> = args.collect();
    if value_of(&args, "--crate-name") == Some(CELL)
        && value_of(&args, "--crate-type") == Some("cdylib")
    {
        return compile_cell(folder, program, args);
    }
    Command::new(program).args(args).exec()
}

fn compile_cell(folder: &Path, program: String, args: Vec<String>) -> std::io::Error {
    let Ok(source) = std::fs::read_to_string(SOURCE) else {
        return std::io::ErrorKind::NotFound.into();
    };
    let mut ways = vec![args.clone()];
    if let Some(library) = shared_library(&program, &args) {
        let mut args = args;
        args.extend([
            "--extern".to_owned(),
            format!("{SHARED}={}", library.display()),
        ]);
        ways.insert(0, args);
    }
    for args in ways {
        let use_shared = if is_shared(&args) { USE_SHARED } else { "" };
        if let Err(error) = std::fs::write(SOURCE, format!("{source}{use_shared}")) {
            return error;
        }
        let output = match Command::new(&program).args(&args).output() {
            Ok(output) => output,
            Err(error) => return error,
        };
        let said = String::from_utf8_lossy(&output.stderr);
        // A crate that the library holds too must not come a second time: then all is linked statically.
        if !output.status.success() && is_shared(&args) && said.contains("only shows up once") {
            continue;
        }
        eprint!("{said}");
        if output.status.success() {
            note(folder, &program, args);
        }
        std::process::exit(output.status.code().unwrap_or(1));
    }
    std::io::Error::other("the cell's dependencies cannot be linked together")
}

fn is_shared(args: &[String]) -> bool {
    args.iter()
        .any(|arg| arg.starts_with(&format!("{SHARED}=")))
}

/// The course library as a shared object, if the cell uses it. Made from the form that cargo built, when that is
/// newer.
fn shared_library(program: &str, args: &[String]) -> Option<PathBuf> {
    let prefix = format!("{SHARED_LIBRARY}=");
    let built = args.iter().find_map(|arg| arg.strip_prefix(&prefix))?;
    let stem = Path::new(built).file_stem()?.to_str()?;
    let shared =
        Path::new(built).with_file_name(format!("{}.so", stem.replacen(SHARED_LIBRARY, SHARED, 1)));
    let time = |file: &Path| {
        std::fs::metadata(file)
            .and_then(|data| data.modified())
            .ok()
    };
    // Its name is written into it, so it cannot be made under another; this file says that it is whole.
    let done = shared.with_extension("done");
    if time(&done) > time(Path::new(built)) {
        return Some(shared);
    }
    let source = Path::new("src/shared.rs");
    std::fs::write(source, format!("extern crate {SHARED_LIBRARY};\n")).ok()?;
    let mut command = Command::new(program);
    command
        .args([
            "--edition=2024",
            "--crate-type=dylib",
            "-Cprefer-dynamic",
            "-Crpath",
            "-Cstrip=debuginfo",
        ])
        .args([
            "--crate-name",
            SHARED,
            "--extern",
            &format!("{prefix}{built}"),
        ])
        .arg("-o")
        .arg(&shared)
        .arg(source);
    for pair in args.windows(2).filter(|pair| pair[0] == "-L") {
        command.args(pair);
    }
    let output = command.output().ok()?;
    if !output.status.success() {
        eprintln!(
            "gradus: no shared form of the library: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        return None;
    }
    std::fs::write(done, "").ok()?;
    Some(shared)
}

fn note(folder: &Path, program: &str, args: Vec<String>) {
    let out_dir = value_of(&args, "--out-dir").map(PathBuf::from);
    if let (Some(out_dir), Ok(manifest)) = (out_dir, std::fs::read_to_string("Cargo.toml")) {
        let record = Record {
            manifest,
            program: program.to_owned(),
            args,
            output: out_dir.join(format!("lib{CELL}.so")),
        };
        // Without the note the next cell is built by cargo again.
        let written =
            serde_json::to_string(&record).map(|text| std::fs::write(folder.join(RECORD), text));
        let _ = written;
    }
}

fn value_of<'a>(args: &'a [String], key: &str) -> Option<&'a str> {
    args.windows(2)
        .find(|pair| pair[0] == key)
        .map(|pair| pair[1].as_str())
}

/// evcxr shows the last expression by `.evcxr_display()` and, when that does not compile, compiles again with
/// `{:?}`. Here the type decides instead: a reference to any `Debug` type has the method too, and the rule that
/// the compiler tries the value's own methods first does the rest. Lines keep their numbers.
fn show_value_once() {
    let Ok(source) = std::fs::read_to_string(SOURCE) else {
        return;
    };
    if let Some(rewritten) = rewrite_value(&source) {
        // When it cannot be written, evcxr's two attempts do.
        let _ = std::fs::write(SOURCE, rewritten);
    }
}

fn rewrite_value(source: &str) -> Option<String> {
    let mut lines: Vec<&str> = source.lines().collect();
    let end = lines
        .iter()
        .rposition(|line| *line == ").evcxr_display();")?;
    let start = lines[..end].iter().rposition(|line| *line == "(")?;
    lines[start] = "(&(";
    lines[end] = ")).evcxr_display();";
    Some(format!("{}\n{SHOW_VALUE}\n", lines.join("\n")))
}

const SHOW_VALUE: &str = r#"trait GradusShow { fn evcxr_display(&self); }
impl<T: std::fmt::Debug + ?Sized> GradusShow for &T {
    fn evcxr_display(&self) {
        let text = format!("EVCXR_BEGIN_CONTENT text/plain\n{:?}\nEVCXR_END_CONTENT\n", self);
        let _ = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
    }
}"#;

fn rustup(folder: &Path, args: &[OsString]) -> std::io::Error {
    if args == ["which", "cargo"] {
        println!("{}", folder.join("cargo").display());
        std::process::exit(0);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    match find("rustup", &path, Some(folder)) {
        Some(real) => Command::new(real).args(args).exec(),
        None => std::io::ErrorKind::NotFound.into(),
    }
}

/// The search path that this process was started with.
pub(crate) fn original_path() -> &'static OsStr {
    static PATH: OnceLock<OsString> = OnceLock::new();
    PATH.get_or_init(|| std::env::var_os("PATH").unwrap_or_default())
}

/// Puts the stand-ins into `folder` and in front of the search path. `rustc_version` is what
/// `rustc -vV` said.
pub(crate) fn install(folder: &Path, rustc_version: &str) -> Result<(), Error> {
    let path = original_path();
    let host = rustc_version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or_else(|| Error::new("`rustc -vV` does not name the host"))?;
    let real = real_cargo(path).ok_or_else(|| {
        Error::new("cargo is not on the search path: install Rust from https://rustup.rs")
    })?;
    let failed = |error| Error::io("cannot write to", folder, error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let exe = std::env::current_exe().map_err(failed)?;
    for name in ["cargo", "rustup", RUSTC] {
        std::os::unix::fs::symlink(&exe, folder.join(name)).map_err(failed)?;
    }
    std::fs::write(folder.join(REAL), real.as_os_str().as_encoded_bytes()).map_err(failed)?;
    std::fs::write(folder.join(HOST), host).map_err(failed)?;
    let folders = [folder.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(path));
    let with_ours = std::env::join_paths(folders)
        .map_err(|error| Error::new(format!("{}: {error}", folder.display())))?;
    // SAFETY: everything in this process reads its environment through std, which locks.
    unsafe {
        std::env::set_var("PATH", with_ours);
        std::env::set_var("CARGO", folder.join("cargo"));
    }
    Ok(())
}

/// The version of Rust on this machine, such as `1.95.0`; empty when there is none.
pub(crate) fn rust_release() -> String {
    let version = crate::build_dir::rustc_version().unwrap_or_default();
    let release = version
        .lines()
        .find_map(|line| line.strip_prefix("release: "));
    release.unwrap_or_default().to_owned()
}

/// The cargo of the toolchain itself: rustup's front for it costs time on every call.
fn real_cargo(path: &OsStr) -> Option<PathBuf> {
    let by_rustup = find("rustup", path, None).and_then(|rustup| {
        let output = Command::new(rustup)
            .args(["which", "cargo"])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| PathBuf::from(text.trim()))
    });
    by_rustup.or_else(|| find("cargo", path, None))
}

fn find(name: &str, path: &OsStr, except: Option<&Path>) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| Some(folder.as_path()) != except)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_cell_is_shown_by_its_type() {
        let source = "fn f() {\n(\nx * 2\n).evcxr_display();\n}\n";
        let rewritten = rewrite_value(source).unwrap();
        assert!(
            rewritten.starts_with("fn f() {\n(&(\nx * 2\n)).evcxr_display();\n}\n"),
            "{rewritten}"
        );
        assert_eq!(rewrite_value("fn f() {}\n"), None);
    }
}
