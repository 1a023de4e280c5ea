//! What the kernel needs from the machine, and what to do where it is missing.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::cells::compile::Toolchain;
use crate::folders::cache_dir;
use crate::jupyter::spec;
use crate::{config, processes};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// It works without, but not as well.
    Lacking,
    /// It does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is about.
    pub about: &'static str,
    /// How it is.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// What to do, unless it is good.
    pub fix: &'static str,
}

fn good(about: &'static str, detail: impl Into<String>) -> Finding {
    Finding {
        about,
        state: State::Good,
        detail: detail.into(),
        fix: "",
    }
}

/// Looks at everything.
pub fn examine() -> Vec<Finding> {
    vec![
        rustc(),
        cargo(),
        linker(),
        rust_src(),
        cache(),
        settings(),
        jupyter(),
        kernelspec(),
        sandbox(),
    ]
}

fn first_line(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(args)
        .output()
        .map_err(|error| error.to_string())?;
    let text = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    let line = String::from_utf8_lossy(&text)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    if output.status.success() {
        Ok(line)
    } else {
        Err(line)
    }
}

fn tool(about: &'static str, program: &str, fix: &'static str) -> Finding {
    match first_line(program, &["--version"]) {
        Ok(version) => good(about, version),
        Err(problem) => Finding {
            about,
            state: State::Broken,
            detail: format!("`{program} --version` does not work: {problem}"),
            fix,
        },
    }
}

fn rustc() -> Finding {
    let finding = tool("compiler", "rustc", "install Rust from https://rustup.rs");
    let minor = finding
        .detail
        .strip_prefix("rustc 1.")
        .and_then(|rest| rest.split('.').next())
        .and_then(|minor| minor.parse::<u32>().ok());
    match minor {
        Some(minor) if minor < 95 => Finding {
            state: State::Broken,
            fix: "Rust 1.95 or newer is needed: rustup update stable",
            ..finding
        },
        _ => finding,
    }
}

fn cargo() -> Finding {
    tool("cargo", "cargo", "install Rust from https://rustup.rs")
}

/// Compiles, links and runs an empty program.
fn linker() -> Finding {
    let about = "linker";
    let broken = |detail: String| Finding {
        about,
        state: State::Broken,
        detail,
        fix: "install a C compiler: apt install gcc, or dnf install gcc, or xcode-select --install",
    };
    let Ok(dir) = tempfile::tempdir() else {
        return broken("no temporary folder can be made".to_owned());
    };
    let source = dir.path().join("empty.rs");
    let program = dir.path().join("empty");
    if let Err(error) = std::fs::write(&source, "fn main() {}\n") {
        return broken(error.to_string());
    }
    let output = Command::new("rustc")
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .output();
    match output {
        Ok(output)
            if output.status.success()
                && Command::new(&program)
                    .status()
                    .is_ok_and(|status| status.success()) =>
        {
            good(about, "an empty program links and runs")
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let line = said
                .lines()
                .find(|line| line.starts_with("error"))
                .unwrap_or("a program does not link");
            broken(line.to_owned())
        }
        Err(error) => broken(error.to_string()),
    }
}

fn rust_src() -> Finding {
    let about = "rust-src";
    let sysroot = first_line("rustc", &["--print", "sysroot"]).unwrap_or_default();
    if Path::new(&sysroot)
        .join("lib/rustlib/src/rust/library")
        .is_dir()
    {
        return good(about, "found");
    }
    Finding {
        about,
        state: State::Lacking,
        detail: "the sources of the standard library are not installed: completion knows less"
            .to_owned(),
        fix: "rustup component add rust-src",
    }
}

fn cache() -> Finding {
    let about = "cache";
    let broken = |detail, fix| Finding {
        about,
        state: State::Broken,
        detail,
        fix,
    };
    let dir = match Toolchain::find().and_then(|toolchain| cache_dir(&toolchain.version)) {
        Ok(dir) => dir,
        Err(error) => {
            return broken(
                error.to_string(),
                "set GRADUS_CACHE to a folder that you may write, outside of cargo projects",
            );
        }
    };
    // A full disk still makes folders.
    let written = tempfile::tempfile_in(&dir).and_then(|mut file| file.write_all(&[0; 1 << 20]));
    match written {
        Ok(()) => good(about, dir.display().to_string()),
        Err(error) => broken(
            format!("cannot write to {}: {error}", dir.display()),
            "make room on that disk, or set GRADUS_CACHE to a folder on another one",
        ),
    }
}

fn settings() -> Finding {
    let about = "settings";
    let place = config::path().map_or("no folder for them".to_owned(), |path| {
        path.display().to_string()
    });
    match config::read() {
        Ok(settings) if settings == config::Settings::default() => {
            good(about, format!("the usual ones ({place})"))
        }
        Ok(_) => good(about, place),
        Err(error) => Finding {
            about,
            state: State::Broken,
            detail: error.to_string(),
            fix: "correct the file, or remove it; crates/kernel/README.md says what can stand there",
        },
    }
}

/// What this machine offers to run a stranger's program apart from everything else.
fn sandbox() -> Finding {
    let about = "sandbox";
    if !cfg!(target_os = "linux") {
        return Finding {
            about,
            state: State::Lacking,
            detail: "only Linux can run hostile programs apart from the rest".to_owned(),
            fix: "grade classes on a Linux machine, or in a container",
        };
    }
    let modules = std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    let landlock = processes::landlock_version();
    let namespaces = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    match (landlock, namespaces) {
        (Some(version), true) => good(
            about,
            format!("Landlock {version}, and namespaces for users and networks"),
        ),
        (landlock, namespaces) => Finding {
            about,
            state: State::Lacking,
            detail: format!(
                "{}; {}",
                landlock.map_or("no Landlock".to_owned(), |version| format!(
                    "Landlock {version}"
                )),
                if namespaces {
                    "namespaces"
                } else {
                    "no namespaces for users and networks"
                }
            ),
            fix: if landlock.is_none() && !modules.is_empty() {
                "add landlock to the lsm= line of the boot loader, or use Linux 5.13 or newer"
            } else {
                "sysctl kernel.unprivileged_userns_clone=1, and install util-linux; it matters for grading only"
            },
        },
    }
}

fn jupyter() -> Finding {
    let about = "Jupyter";
    match first_line("jupyter", &["--version"]) {
        Ok(_) => good(about, "found"),
        Err(_) => Finding {
            about,
            state: State::Lacking,
            detail: "`jupyter` is not on the search path; `gradus run` works without it".to_owned(),
            fix: "pip install jupyterlab, or open the notebooks in VS Code",
        },
    }
}

fn kernelspec() -> Finding {
    let about = "kernel";
    let fix = "gradus kernel install";
    let found = spec::installed();
    match found
        .iter()
        .find(|(_, program)| Path::new(program).is_file())
    {
        Some((dir, _)) => good(about, dir.display().to_string()),
        None if found.is_empty() => Finding {
            about,
            state: State::Lacking,
            detail: "not installed for Jupyter".to_owned(),
            fix,
        },
        None => Finding {
            about,
            state: State::Broken,
            detail: format!(
                "{} starts a program that is gone: {}",
                found[0].0.display(),
                found[0].1
            ),
            fix,
        },
    }
}
