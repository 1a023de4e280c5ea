//! What the kernel needs from the machine, and what to do where it is missing.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::cells::compile::Compiler;
use crate::cells::probe;
use crate::folders::{cache_dir, wanted_cache};
use crate::jupyter::spec;
use crate::system::Security;
use crate::toolchain::Toolchain;
use crate::{Language, config, system};

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

/// One of two texts.
fn in_language<'a>(spanish: &'a str, english: &'a str) -> &'a str {
    Language::current().pick(spanish, english)
}

fn install_rust() -> &'static str {
    in_language(
        "instala Rust desde https://rustup.rs",
        "install Rust from https://rustup.rs",
    )
}

/// Looks at everything.
pub fn examine() -> Vec<Finding> {
    let rustc = rustc();
    let has_rustc = rustc.state == State::Good;
    // Without a compiler nothing can be said about these.
    let with_rustc = |about: &'static str, look: fn(&'static str) -> Finding| {
        if has_rustc {
            look(about)
        } else {
            Finding {
                about,
                state: State::Lacking,
                detail: in_language(
                    "no se puede comprobar sin compilador",
                    "cannot be looked at without a compiler",
                )
                .to_owned(),
                fix: install_rust(),
            }
        }
    };
    vec![
        rustc,
        cargo(),
        with_rustc("linker", linker),
        analysis("analysis"),
        with_rustc("rust-src", rust_src),
        with_rustc("cache", cache),
        with_rustc("notes", notes),
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
            detail: format!(
                "`{program} --version` {}: {problem}",
                in_language("no funciona", "does not work")
            ),
            fix,
        },
    }
}

/// Whether the kernel understands what this compiler says of a cell.
fn notes(about: &'static str) -> Finding {
    let broken = |detail: String| Finding {
        about,
        state: State::Broken,
        detail,
        fix: in_language(
            "este Rust es más nuevo que gradus: actualiza gradus, o usa la versión de Rust que indica su README",
            "this Rust is newer than gradus: update gradus, or use the version of Rust that its README names",
        ),
    };
    let probed = Toolchain::find().and_then(|toolchain| {
        let cache = cache_dir(&toolchain.version)?;
        let work = tempfile::tempdir()
            .map_err(|error| crate::Error::new(format!("no temporary folder: {error}")))?;
        let compiler = Compiler::new(toolchain, &cache, work.path().to_owned())?;
        probe::probe(&compiler)
    });
    match probed {
        Ok(None) => good(
            about,
            in_language(
                "los tipos y los movimientos de las variables se entienden",
                "types and moves of variables are understood",
            ),
        ),
        Ok(Some(cell)) => broken(format!(
            "{} {cell}",
            in_language(
                "el compilador dice algo que el kernel no conoce de",
                "the compiler says something that the kernel does not know about",
            )
        )),
        Err(error) => broken(error.to_string()),
    }
}

fn rustc() -> Finding {
    let finding = tool("compiler", "rustc", install_rust());
    let minor = finding
        .detail
        .strip_prefix("rustc 1.")
        .and_then(|rest| rest.split('.').next())
        .and_then(|minor| minor.parse::<u32>().ok());
    match minor {
        Some(minor) if minor < 95 => Finding {
            state: State::Broken,
            fix: in_language(
                "hace falta Rust 1.95 o posterior: rustup update stable",
                "Rust 1.95 or newer is needed: rustup update stable",
            ),
            ..finding
        },
        _ => finding,
    }
}

fn cargo() -> Finding {
    tool("cargo", "cargo", install_rust())
}

/// Compiles, links and runs an empty program.
fn linker(about: &'static str) -> Finding {
    let broken = |detail: String| Finding {
        about,
        state: State::Broken,
        fix: if detail.contains("No space left") {
            in_language("haz sitio en el disco", "make room on the disk")
        } else {
            in_language(
                "instala un compilador de C: apt install gcc, o dnf install gcc, o xcode-select --install",
                "install a C compiler: apt install gcc, or dnf install gcc, or xcode-select --install",
            )
        },
        detail,
    };
    let dir = match tempfile::tempdir() {
        Ok(dir) => dir,
        Err(error) => return broken(error.to_string()),
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
            good(
                about,
                in_language(
                    "un programa vacío se enlaza y se ejecuta",
                    "an empty program links and runs",
                ),
            )
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let line = said
                .lines()
                .find(|line| line.starts_with("error"))
                .unwrap_or(in_language(
                    "un programa no se enlaza",
                    "a program does not link",
                ));
            broken(line.to_owned())
        }
        Err(error) => broken(error.to_string()),
    }
}

fn analysis(about: &'static str) -> Finding {
    match crate::analysis::installed() {
        Some(file) => good(about, file.display().to_string()),
        None => Finding {
            about,
            state: State::Lacking,
            detail: in_language(
                "el autocompletado solo conoce los nombres del cuaderno y de las bibliotecas",
                "completion only knows the names of the notebook and of the libraries",
            )
            .to_owned(),
            fix: "gradus kernel analysis",
        },
    }
}

fn rust_src(about: &'static str) -> Finding {
    let sysroot = first_line("rustc", &["--print", "sysroot"]).unwrap_or_default();
    if Path::new(&sysroot)
        .join("lib/rustlib/src/rust/library")
        .is_dir()
    {
        return good(about, in_language("está", "found"));
    }
    Finding {
        about,
        state: State::Lacking,
        detail: in_language(
            "las fuentes de la biblioteca estándar no están instaladas: el autocompletado sabe menos",
            "the sources of the standard library are not installed: completion knows less",
        )
        .to_owned(),
        fix: "rustup component add rust-src",
    }
}

fn cache(about: &'static str) -> Finding {
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
                in_language(
                    "pon en GRADUS_CACHE una carpeta en la que puedas escribir, fuera de proyectos de cargo",
                    "set GRADUS_CACHE to a folder that you may write, outside of cargo projects",
                ),
            );
        }
    };
    // A full disk still makes folders.
    let written = tempfile::tempfile_in(&dir).and_then(|mut file| file.write_all(&[0; 1 << 20]));
    match written {
        Ok(()) => match wanted_cache().filter(|wanted| !dir.starts_with(wanted)) {
            None => good(about, dir.display().to_string()),
            Some(wanted) => Finding {
                about,
                state: State::Lacking,
                detail: format!(
                    "{}, {} {}",
                    dir.display(),
                    in_language(
                        "que puede desaparecer al reiniciar: no se puede escribir en",
                        "which may be gone after a restart: cannot write to",
                    ),
                    wanted.display()
                ),
                fix: in_language(
                    "pon en GRADUS_CACHE una carpeta en la que puedas escribir",
                    "set GRADUS_CACHE to a folder that you may write",
                ),
            },
        },
        Err(error) => broken(
            format!(
                "{} {}: {error}",
                in_language("no se puede escribir en", "cannot write to"),
                dir.display()
            ),
            in_language(
                "haz sitio en ese disco, o pon en GRADUS_CACHE una carpeta de otro",
                "make room on that disk, or set GRADUS_CACHE to a folder on another one",
            ),
        ),
    }
}

fn settings() -> Finding {
    let about = "settings";
    let place = config::path().map_or(
        in_language("no hay carpeta para ellos", "no folder for them").to_owned(),
        |path| path.display().to_string(),
    );
    match config::read() {
        Ok(settings) if settings == config::Settings::default() => good(
            about,
            format!(
                "{} ({place})",
                in_language("los habituales", "the usual ones")
            ),
        ),
        Ok(_) => good(about, place),
        Err(error) => Finding {
            about,
            state: State::Broken,
            detail: error.to_string(),
            fix: in_language(
                "corrige el archivo, o bórralo; crates/kernel/README.md dice qué puede contener",
                "correct the file, or remove it; crates/kernel/README.md says what can stand there",
            ),
        },
    }
}

/// What this machine offers to run a stranger's program apart from everything else.
fn sandbox() -> Finding {
    let about = "sandbox";
    let Some(Security {
        landlock,
        lists_modules,
    }) = system::security()
    else {
        return Finding {
            about,
            state: State::Lacking,
            detail: in_language(
                "solo Linux puede ejecutar programas hostiles aparte del resto",
                "only Linux can run hostile programs apart from the rest",
            )
            .to_owned(),
            fix: in_language(
                "corrige clases enteras en una máquina Linux, o en un contenedor",
                "grade classes on a Linux machine, or in a container",
            ),
        };
    };
    let namespaces = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    match (landlock, namespaces) {
        (Some(version), true) => good(
            about,
            format!(
                "Landlock {version}, {}",
                in_language(
                    "y espacios de nombres para usuarios y redes",
                    "and namespaces for users and networks",
                )
            ),
        ),
        (landlock, namespaces) => Finding {
            about,
            state: State::Lacking,
            detail: format!(
                "{}; {}",
                landlock.map_or(
                    in_language("sin Landlock", "no Landlock").to_owned(),
                    |version| format!("Landlock {version}")
                ),
                if namespaces {
                    in_language("espacios de nombres", "namespaces")
                } else {
                    in_language(
                        "sin espacios de nombres para usuarios y redes",
                        "no namespaces for users and networks",
                    )
                }
            ),
            fix: if landlock.is_none() && lists_modules {
                in_language(
                    "añade landlock a la línea lsm= del arranque, o usa Linux 5.13 o posterior",
                    "add landlock to the lsm= line of the boot loader, or use Linux 5.13 or newer",
                )
            } else {
                in_language(
                    "sysctl kernel.unprivileged_userns_clone=1, e instala util-linux; solo importa para corregir",
                    "sysctl kernel.unprivileged_userns_clone=1, and install util-linux; it matters for grading only",
                )
            },
        },
    }
}

fn jupyter() -> Finding {
    let about = "Jupyter";
    match first_line("jupyter", &["--version"]) {
        Ok(_) => good(about, in_language("está", "found")),
        Err(_) => Finding {
            about,
            state: State::Lacking,
            detail: in_language(
                "`jupyter` no está en el camino de búsqueda; `gradus run` funciona sin él",
                "`jupyter` is not on the search path; `gradus run` works without it",
            )
            .to_owned(),
            fix: in_language(
                "pip install jupyterlab, o abre los cuadernos en VS Code",
                "pip install jupyterlab, or open the notebooks in VS Code",
            ),
        },
    }
}

fn kernelspec() -> Finding {
    let about = "kernel";
    let fix = "gradus kernel install";
    let found = spec::installed();
    let broken: Vec<String> = found
        .iter()
        .filter(|spec| !spec.works())
        .map(|spec| format!("{}: {}", spec.folder.display(), spec.program))
        .collect();
    match found.first() {
        None => Finding {
            about,
            state: State::Lacking,
            detail: in_language(
                "no está instalado para Jupyter",
                "not installed for Jupyter",
            )
            .to_owned(),
            fix,
        },
        Some(_) if !broken.is_empty() => Finding {
            about,
            state: State::Broken,
            detail: format!(
                "{} {}",
                in_language(
                    "inicia un programa que ya no está:",
                    "starts a program that is gone:"
                ),
                broken.join("; ")
            ),
            fix,
        },
        Some(spec) => good(about, spec.folder.display().to_string()),
    }
}
