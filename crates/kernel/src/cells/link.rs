//! What links a cell.
//!
//! rustc asks the system's C compiler to link, which asks another program of its own, which asks the linker: a tenth of the time
//! of a small cell goes there. Where rustc has brought a linker, cells are linked by that one alone; the C compiler only tells,
//! once, where the system's libraries are. Whether it works is seen when the runtime of the cells is built; a cell that it cannot
//! link, because of a library with wishes of its own, is linked by the C compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Error;
use crate::toolchain::{Toolchain, original_path};

/// The arguments for rustc that choose the linker; none for the C compiler.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Linker(Vec<String>);

impl Linker {
    /// The C compiler.
    pub(crate) const SYSTEM: Linker = Linker(Vec::new());

    /// The linker of this toolchain, if it has one.
    pub(crate) fn of(toolchain: &Toolchain) -> Option<Linker> {
        let program = toolchain.libraries.parent()?.join("bin/rust-lld");
        if !toolchain.host().ends_with("-linux-gnu") || !program.is_file() {
            return None;
        }
        let mut arguments = vec![
            format!("-Clinker={}", program.display()),
            "-Clinker-flavor=ld.lld".to_owned(),
        ];
        for library in ["libc.so", "libgcc_s.so"] {
            let output = Command::new("cc")
                .env("PATH", original_path())
                .arg(format!("-print-file-name={library}"))
                .output()
                .ok()?;
            // What is not found is named as it was asked for.
            let file = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
            let folder = file
                .is_absolute()
                .then_some(file)
                .filter(|file| file.exists())?;
            let argument = format!("-Lnative={}", folder.parent()?.display());
            if !arguments.contains(&argument) {
                arguments.push(argument);
            }
        }
        Some(Linker(arguments))
    }

    /// The one that was noted in the cache, if it is still there: the same version of Rust may be installed elsewhere by now.
    pub(crate) fn read(cache: &Path) -> Linker {
        let noted = fs::read_to_string(file(cache)).unwrap_or_default();
        let arguments: Vec<String> = serde_json::from_str(&noted).unwrap_or_default();
        let mut programs = arguments.iter().filter_map(|a| a.strip_prefix("-Clinker="));
        match programs.all(|program| Path::new(program).is_file()) {
            true => Linker(arguments),
            false => Linker::SYSTEM,
        }
    }

    /// Notes it in the cache, for all sessions.
    pub(crate) fn write(&self, cache: &Path) -> Result<(), Error> {
        let file = file(cache);
        let text = Value::from(self.0.clone()).to_string();
        let new = file.with_extension(std::process::id().to_string());
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &file))
            .map_err(|error| Error::io("cannot write", &file, error))
    }

    pub(crate) fn is_system(&self) -> bool {
        self.0.is_empty()
    }

    /// For rustc, with arguments for the linker itself.
    pub(crate) fn arguments(&self, own: &[&str]) -> Vec<String> {
        let mut all = self.0.clone();
        for argument in own {
            // The C compiler's `-Wl,` would end at a comma of a path.
            if self.is_system() {
                all.push("-Clink-arg=-Xlinker".to_owned());
            }
            all.push(format!("-Clink-arg={argument}"));
        }
        all
    }

    /// For rustc, with the folders where the result finds shared libraries when it is loaded.
    pub(crate) fn finding(&self, folders: &[&Path]) -> Vec<String> {
        let folders: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
        let own = folders.iter().flat_map(|folder| ["-rpath", folder]);
        self.arguments(&own.collect::<Vec<_>>())
    }
}

fn file(cache: &Path) -> PathBuf {
    cache.join("linker.json")
}

/// Whether what rustc says is that a program was compiled but could not be linked.
pub(crate) fn has_failed(errors: &[Value]) -> bool {
    errors.iter().any(|error| {
        let message = error["message"].as_str().unwrap_or_default();
        error["code"].is_null() && message.starts_with("linking with ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_reach_the_linker_whatever_stands_before_it() {
        let folder = Path::new("/a, b");
        let system = Linker::SYSTEM.finding(&[folder]);
        let passed = ["-Xlinker", "-rpath", "-Xlinker", "/a, b"];
        assert_eq!(
            system,
            passed.map(|argument| format!("-Clink-arg={argument}"))
        );
        let own = Linker(vec!["-Clinker=lld".to_owned()]).finding(&[folder]);
        assert_eq!(
            own,
            ["-Clinker=lld", "-Clink-arg=-rpath", "-Clink-arg=/a, b"]
        );
    }

    #[test]
    fn what_is_noted_is_read_again_and_nothing_noted_is_the_c_compiler() {
        let cache = tempfile::tempdir().unwrap();
        assert_eq!(Linker::read(cache.path()), Linker::SYSTEM);
        let program = cache.path().join("a \"b\"");
        fs::write(&program, "").unwrap();
        let linker = Linker(vec![format!("-Clinker={}", program.display())]);
        linker.write(cache.path()).unwrap();
        assert_eq!(Linker::read(cache.path()), linker);
        fs::remove_file(program).unwrap();
        assert_eq!(Linker::read(cache.path()), Linker::SYSTEM);
    }
}
