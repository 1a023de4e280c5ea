//! JupyterLab: the one of this machine, or one in an environment of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use gradus_text::Language;

use super::{Room, lock};
use crate::kernel::build;

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// A JupyterLab that can be started.
pub(super) struct Lab {
    /// `jupyter-lab`.
    pub(super) program: PathBuf,
}

impl Lab {
    /// Signs notebooks; what cannot be signed is only shown as text.
    pub(super) fn sign(&self, room: &Room, files: &[PathBuf]) -> Result<(), String> {
        let program = self.program.with_file_name("jupyter-trust");
        if !program.is_file() {
            return Ok(());
        }
        let mut command = Command::new(program);
        super::server::environment(&mut command, room);
        let output = output(command.args(files))?;
        if !output.status.success() {
            eprintln!("gradus: {}", last_line(&output.stderr));
        }
        Ok(())
    }
}

/// That of an earlier start, or of the search path, or a new one.
pub(super) fn find_or_make(room: &Room) -> Result<Lab, String> {
    let own = room.at("env");
    let ready = own.join(".ready");
    let program = own.join("bin/jupyter-lab");
    let is_ready = || fs::read_to_string(&ready).is_ok_and(|what| what == REQUIREMENTS);
    if !is_ready() {
        if let Some(program) = on_path("jupyter-lab").filter(|program| is_recent(program)) {
            return Ok(Lab { program });
        }
        let _lock = lock(room)?;
        // Another start may have made it meanwhile.
        if !is_ready() {
            make(room, &own)?;
            fs::write(&ready, REQUIREMENTS)
                .map_err(|error| format!("{}: {error}", ready.display()))?;
        }
    }
    Ok(Lab { program })
}

/// JupyterLab 4 draws progress in place and asks the kernel whether a cell is complete.
fn is_recent(program: &Path) -> bool {
    let Ok(output) = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
    else {
        return false;
    };
    let version = String::from_utf8_lossy(&output.stdout);
    let major = version
        .trim()
        .split('.')
        .next()
        .and_then(|n| n.parse::<u32>().ok());
    output.status.success() && major.is_some_and(|major| major >= 4)
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// An environment with JupyterLab, at `own`; what was there before is not whole and goes.
fn make(room: &Room, own: &Path) -> Result<(), String> {
    let lang = room.lang;
    if own.exists() {
        fs::remove_dir_all(own).map_err(|error| format!("{}: {error}", own.display()))?;
    }
    let list = room.at("requirements.txt");
    room.write("requirements.txt", REQUIREMENTS)?;
    let uv = on_path("uv");
    let (mut create, mut install) = match &uv {
        Some(uv) => {
            let (mut create, mut install) = (Command::new(uv), Command::new(uv));
            create.arg("venv").arg(own);
            install
                .args(["pip", "install", "--python"])
                .arg(own)
                .arg("-r")
                .arg(&list);
            (create, install)
        }
        None => {
            let python = python(lang)?;
            let mut create = Command::new(python);
            create.args(["-m", "venv"]).arg(own);
            let mut install = Command::new(own.join("bin/python"));
            install
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--disable-pip-version-check",
                    "--progress-bar",
                    "off",
                    "-r",
                ])
                .arg(&list);
            (create, install)
        }
    };
    let what = lang.pick(
        "Instalando JupyterLab para el curso",
        "Installing JupyterLab for the course",
    );
    let (_, time) = build(what, |stop, progress| {
        for command in [&mut create, &mut install] {
            let said = follow(command, stop, progress)?;
            if let Some(said) = said {
                let _ = fs::remove_dir_all(own);
                return Err(explain(&said, lang));
            }
        }
        Ok(())
    })?;
    println!(
        "{} ({:.0} s): {}",
        lang.pick("JupyterLab está instalado", "JupyterLab is installed"),
        time.as_secs_f64(),
        own.display()
    );
    Ok(())
}

/// A Python that can make environments for this JupyterLab.
fn python(lang: Language) -> Result<PathBuf, String> {
    let found = on_path("python3").ok_or_else(|| {
        lang.pick(
            "no hay JupyterLab ni Python con que instalarlo: instala Python 3.10 o posterior (en Debian y Ubuntu: sudo apt install \
             python3-venv), o abre los cuadernos en VS Code después de `gradus kernel install`",
            "there is no JupyterLab, and no Python to install it with: install Python 3.10 or newer (Debian and Ubuntu: sudo apt \
             install python3-venv), or open the notebooks in VS Code after `gradus kernel install`",
        )
        .to_owned()
    })?;
    let asked = output(Command::new(&found).args([
        "-c",
        "import sys; print(sys.version_info >= (3, 10), sys.version.split()[0])",
    ]))?;
    let said = String::from_utf8_lossy(&asked.stdout);
    match said.trim().split_once(' ') {
        Some(("True", _)) => Ok(found),
        Some((_, version)) => Err(match lang {
            Language::Es => format!(
                "{} es Python {version}; JupyterLab necesita 3.10 o posterior",
                found.display()
            ),
            Language::En => format!(
                "{} is Python {version}; JupyterLab needs 3.10 or newer",
                found.display()
            ),
        }),
        None => Err(format!("{}: {}", found.display(), last_line(&asked.stderr))),
    }
}

/// Runs it and says how far it is. Gives what it said when it has failed.
fn follow(
    command: &mut Command,
    stop: &gradus_kernel::Stop,
    progress: &mut dyn FnMut(&str),
) -> Result<Option<String>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let (send, lines) = std::sync::mpsc::channel();
    let pipes: [Option<Box<dyn std::io::Read + Send>>; 2] = [
        child.stdout.take().map(|pipe| Box::new(pipe) as _),
        child.stderr.take().map(|pipe| Box::new(pipe) as _),
    ];
    for pipe in pipes.into_iter().flatten() {
        let send = send.clone();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
    }
    drop(send);
    let mut said = String::new();
    loop {
        match lines.recv_timeout(std::time::Duration::from_millis(100)) {
            Ok(line) => {
                // `Collecting jupyterlab==4.6.6 (from -r …)`
                let short = line.split(" (from").next().unwrap_or(&line).trim();
                progress(&short.chars().take(70).collect::<String>());
                said.push_str(&line);
                said.push('\n');
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => (),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
        }
        if stop.is_asked() {
            let _ = child.kill();
            let _ = child.wait();
            return Err("Ctrl-C".to_owned());
        }
    }
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    Ok((!status.success()).then_some(said))
}

/// What went wrong, in a line with what to do.
fn explain(said: &str, lang: Language) -> String {
    let has = |words: &[&str]| words.iter().any(|words| said.contains(words));
    if has(&["ensurepip is not", "No module named venv"]) {
        return lang
            .pick(
                "a este Python le falta `venv`: sudo apt install python3-venv",
                "this Python has no `venv`: sudo apt install python3-venv",
            )
            .to_owned();
    }
    if has(&[
        "NewConnectionError",
        "Failed to establish",
        "Temporary failure in name resolution",
        "dns error",
        "ConnectTimeout",
        "Failed to fetch",
        "tcp connect error",
    ]) {
        return lang
            .pick(
                "no hay red con la que instalar JupyterLab: repite la orden cuando la haya, o instálalo tú (pip install jupyterlab)",
                "there is no network to install JupyterLab: say it again when there is one, or install it yourself (pip install jupyterlab)",
            )
            .to_owned();
    }
    let mut lines = said.lines().filter(|line| !line.trim().is_empty());
    let told = lines
        .clone()
        .find(|line| line.to_lowercase().contains("error"));
    told.or_else(|| lines.next_back())
        .unwrap_or("pip: ?")
        .trim()
        .to_owned()
}

fn output(command: &mut Command) -> Result<Output, String> {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(OsStr::new("?"))
        .to_string_lossy()
        .into_owned();
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name}: {error}"))
}

fn last_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .to_owned()
}
