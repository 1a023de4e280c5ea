//! `!` runs a command of the system, with its output as it comes; `%` magics belong to Python, and are answered with what
//! to write here.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender};

use super::{Refused, in_language};
use crate::processes::Tied;
use crate::run::Watch;
use crate::wire::{Item, Parser};
use crate::{Output, Session, toolchain};

const TICK: Duration = Duration::from_millis(20);
/// What a program leaves behind may hold its output open: nobody waits for that longer than this.
const PATIENCE: Duration = Duration::from_millis(200);

type Piece = (fn(String) -> Output, Option<Vec<u8>>);

pub(super) fn run(
    command: &str,
    session: &Session,
    watch: &mut Watch,
    show: &mut dyn FnMut(Output),
) -> Result<(), Refused> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(&session.folder)
        .env("PATH", toolchain::original_path())
        .env_remove("CARGO")
        .envs(session.switches.environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Tied::start(&mut shell).map_err(|error| {
        let words = in_language("no se puede ejecutar `sh`", "cannot run `sh`");
        format!("{words}: {error}")
    })?;
    let (pieces_in, pieces) = crossbeam_channel::bounded::<Piece>(64);
    if let Some(out) = child.stdout.take() {
        read(out, Output::Stdout, pieces_in.clone());
    }
    if let Some(err) = child.stderr.take() {
        read(err, Output::Stderr, pieces_in.clone());
    }
    drop(pieces_in);
    let mut parsers = [Parser::default(), Parser::default()];
    let mut pass = |(kind, bytes): Piece, show: &mut dyn FnMut(Output)| {
        let parser = &mut parsers[usize::from(matches!(kind(String::new()), Output::Stderr(_)))];
        let mut items = Vec::new();
        match bytes {
            Some(bytes) => parser.feed(&bytes, &mut items),
            None => parser.finish(&mut items),
        }
        for item in items {
            if let Item::Text(text) = item {
                show(kind(text));
            }
        }
    };
    let status = loop {
        match pieces.recv_timeout(TICK) {
            Ok(piece) => pass(piece, show),
            Err(RecvTimeoutError::Disconnected) => break child.wait(),
            Err(RecvTimeoutError::Timeout) => {
                show(Output::Quiet);
                if let Ok(Some(status)) = child.try_wait() {
                    while let Ok(piece) = pieces.recv_timeout(PATIENCE) {
                        pass(piece, show);
                    }
                    break Ok(status);
                }
            }
        }
        if watch.wants_an_end() {
            child.kill();
            let _ = child.wait();
            return Err(Refused::Stopped(watch.stopped_beside()));
        }
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let words = in_language("la orden ha fallado", "the command failed");
            Err(format!("{words} ({status}): {command}").into())
        }
        Err(error) => Err(error.to_string().into()),
    }
}

fn read(mut from: impl Read + Send + 'static, kind: fn(String) -> Output, to: Sender<Piece>) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = from.read(&mut buffer).unwrap_or(0);
            let piece = (length > 0).then(|| buffer[..length].to_vec());
            // Also when nobody listens any more: a program in the background must not stop at a full pipe.
            let _ = to.send((kind, piece));
            if length == 0 {
                return;
            }
        }
    });
}

/// What to write instead of a magic of IPython.
pub(super) fn magic(line: &str) -> String {
    let name = line.trim_start_matches('%');
    let name = name.split_whitespace().next().unwrap_or_default();
    let (es, en) = match name {
        "time" | "timeit" | "prun" => (
            "aquí `:time on` dice cuánto tarda cada celda en compilarse y en ejecutarse",
            "here `:time on` says how long each cell takes to compile and to run",
        ),
        "matplotlib" | "pylab" | "config" | "load_ext" | "reload_ext" | "autoreload" => (
            "aquí no hace falta: las figuras se muestran solas, y una biblioteca que cambia se construye otra vez con su `:dep`",
            "not needed here: figures are shown by themselves, and a library that changes is built again by its `:dep`",
        ),
        "pip" | "conda" | "mamba" | "uv" => (
            "las bibliotecas de Rust se piden con `:dep`, por ejemplo `:dep rand = \"0.8\"`",
            "libraries of Rust are asked for by `:dep`, for example `:dep rand = \"0.8\"`",
        ),
        "bash" | "sh" | "script" | "system" | "sx" | "ls" | "pwd" | "cat" | "mkdir" | "cp"
        | "mv" | "rm" => (
            "pon `!` delante de cada orden del sistema: `!ls`",
            "put `!` in front of each command of the system: `!ls`",
        ),
        "cd" => (
            "escribe `std::env::set_current_dir(\"carpeta\")?;`",
            "write `std::env::set_current_dir(\"folder\")?;`",
        ),
        "env" | "set_env" => ("escribe `:env NOMBRE=valor`", "write `:env NAME=value`"),
        "who" | "whos" | "who_ls" => ("escribe `:vars`", "write `:vars`"),
        "reset" | "reset_selective" => ("escribe `:clear`", "write `:clear`"),
        "pinfo" | "pdoc" => ("escribe `:doc nombre`", "write `:doc name`"),
        "lsmagic" | "magic" | "quickref" => ("escribe `:help`", "write `:help`"),
        "writefile" => (
            "escribe `std::fs::write(\"archivo\", \"texto\")?;`",
            "write `std::fs::write(\"file\", \"text\")?;`",
        ),
        "html" | "javascript" | "js" | "latex" | "markdown" | "svg" => {
            ("usa una celda de Markdown", "use a Markdown cell")
        }
        _ => (
            "`:help` enseña las órdenes de este cuaderno",
            "`:help` shows the commands of this notebook",
        ),
    };
    let words = in_language(
        "es una orden mágica (magic) de IPython, y este cuaderno es de Rust",
        "is a magic of IPython, and this notebook is one of Rust",
    );
    let sign = if line.starts_with("%%") { "%%" } else { "%" };
    format!("`{sign}{name}` {words}; {}", in_language(es, en))
}
