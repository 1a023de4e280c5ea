//! The programs of Rust that this machine has.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::{Error, Language};

/// The compiler, found once per session.
#[derive(Clone, Debug)]
pub(crate) struct Toolchain {
    pub(crate) rustc: PathBuf,
    pub(crate) cargo: PathBuf,
    /// Where the dynamic standard library is.
    pub(crate) libraries: PathBuf,
    /// What `rustc -vV` says.
    pub(crate) version: String,
}

/// What to do about a compiler that does not run.
fn advice() -> &'static str {
    Language::current().pick(
        "instala Rust desde https://rustup.rs y comprueba que `rustc -vV` funciona",
        "install Rust from https://rustup.rs and make sure that `rustc -vV` works",
    )
}

pub(crate) fn cannot_run(error: &std::io::Error) -> Error {
    let words = Language::current().pick("no se puede ejecutar rustc", "cannot run rustc");
    Error::new(format!("{words}: {error}; {}", advice()))
}

impl Toolchain {
    /// Asks the `rustc` on the search path. What it answers is called directly from then on: the stand-in of rustup
    /// costs time at every call.
    pub(crate) fn find() -> Result<Toolchain, Error> {
        let ask = |program: &Path, arguments: &[&str]| -> Result<String, Error> {
            let output = Command::new(program)
                .env("PATH", original_path())
                .args(arguments)
                .output()
                .map_err(|error| cannot_run(&error))?;
            if output.status.success() {
                return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
            }
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let language = Language::current();
            let silent = language.pick("falla sin decir nada", "it fails without a word");
            let words = language.pick("rustc no funciona", "rustc does not work");
            let line = said.lines().next().unwrap_or(silent);
            Err(Error::new(format!("{words}: {line}; {}", advice())))
        };
        let rustc = find("rustc", original_path()).ok_or_else(|| {
            let words = Language::current().pick(
                "rustc no está en el camino de búsqueda",
                "rustc is not on the search path",
            );
            Error::new(format!("{words}: {}", advice()))
        })?;
        let answer = ask(&rustc, &["--print=sysroot", "--print=target-libdir"])?;
        let (sysroot, libraries) = answer.split_once('\n').unwrap_or((&answer, ""));
        let of_sysroot = |name: &str| {
            Some(Path::new(sysroot).join("bin").join(name)).filter(|path| path.is_file())
        };
        let rustc = of_sysroot("rustc").unwrap_or(rustc);
        let version = ask(&rustc, &["-vV"])?;
        let cargo = of_sysroot("cargo")
            .or_else(|| find("cargo", original_path()))
            .ok_or_else(|| {
                Error::new(Language::current().pick(
                    "cargo no está en el camino de búsqueda: instala Rust desde https://rustup.rs",
                    "cargo is not on the search path: install Rust from https://rustup.rs",
                ))
            })?;
        Ok(Toolchain {
            rustc,
            cargo,
            libraries: PathBuf::from(libraries),
            version,
        })
    }

    /// What it says about an error code.
    pub(crate) fn explain(&self, code: &str) -> Result<String, Error> {
        let output = Command::new(&self.rustc)
            .args(["--explain", code])
            .output()
            .map_err(|error| cannot_run(&error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let words = Language::current().pick(
            "rustc no conoce ese código",
            "rustc does not know this code",
        );
        Err(Error::new(format!("{words}: {code}")))
    }

    /// The name of this kind of machine.
    pub(crate) fn host(&self) -> &str {
        let mut lines = self.version.lines();
        lines
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap_or_default()
    }
}

/// The search path that this process was started with.
pub(crate) fn original_path() -> &'static OsStr {
    static PATH: OnceLock<OsString> = OnceLock::new();
    PATH.get_or_init(|| std::env::var_os("PATH").unwrap_or_default())
}

/// The version of Rust on this machine, such as `1.95.0`; empty when there is none.
pub(crate) fn rust_release() -> &'static str {
    static RELEASE: OnceLock<String> = OnceLock::new();
    RELEASE.get_or_init(|| {
        let toolchain = Toolchain::find();
        let version = toolchain
            .map(|toolchain| toolchain.version)
            .unwrap_or_default();
        let release = version
            .lines()
            .find_map(|line| line.strip_prefix("release: "));
        release.unwrap_or_default().to_owned()
    })
}

/// The first program of a name on a search path.
pub(crate) fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
