//! What the examples that measure Gradus beside other frameworks share: where the others are installed, and the conversation
//! with a process that measures.
#![allow(dead_code)] // Each example uses a part of it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde::de::DeserializeOwned;

pub type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where everything is.
pub struct Places {
    /// The crate.
    pub core: PathBuf,
    /// What the peers are installed in: `GRADUS_PEERS`, or `peers` in the target folder.
    pub home: PathBuf,
    /// Our own examples.
    pub examples: PathBuf,
}

impl Places {
    pub fn find() -> Outcome<Places> {
        let examples = std::env::current_exe()?;
        let examples = examples.parent().ok_or("this program is in no folder")?;
        let target = examples.ancestors().nth(2).ok_or("no target folder")?;
        let home = std::env::var_os("GRADUS_PEERS").map(PathBuf::from);
        Ok(Places {
            core: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            home: home.unwrap_or_else(|| target.join("peers")),
            examples: examples.to_owned(),
        })
    }

    pub fn scripts(&self) -> PathBuf {
        self.core.join("benches/peers")
    }

    pub fn results(&self) -> PathBuf {
        self.core.join("benches/results")
    }

    pub fn python(&self) -> PathBuf {
        self.home.join("venv/bin/python")
    }

    /// Where PyTorch keeps what it compiled for these vector instructions: what it made for others ends its process.
    pub fn compiled(&self, simd: Option<&str>) -> PathBuf {
        self.home.join("compiled").join(simd.unwrap_or("widest"))
    }

    /// Install those of these frameworks that are written in Python and not there yet.
    pub fn install_python(&self, frameworks: &[&str]) -> Outcome<()> {
        let needs = |package: &str| match package {
            "torch" => frameworks.contains(&"pytorch"),
            "tensorflow" | "keras" => frameworks.contains(&"keras"),
            // It brings NumPy, which all scripts use.
            "jax" => !frameworks.is_empty(),
            package => frameworks.contains(&package),
        };
        let listed = std::fs::read_to_string(self.scripts().join("requirements.txt"))?;
        let stamp = self.home.join("installed.txt");
        let mut installed = std::fs::read_to_string(&stamp).unwrap_or_default();
        let missing: Vec<&str> = listed
            .lines()
            .filter(|line| needs(line.split("==").next().unwrap_or_default()))
            .filter(|line| !installed.lines().any(|there| there == *line))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        if !self.python().exists() {
            let venv = self.home.join("venv");
            run(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
        }
        run(Command::new(self.python())
            .args(["-m", "pip", "install"])
            .args(&missing))?;
        for line in missing {
            installed += line;
            installed += "\n";
        }
        replace(&stamp, &installed)
    }

    /// Build the peers that are written in Rust.
    pub fn build_peers(&self) -> Outcome<()> {
        // In the folder, for its own .cargo/config.toml to count.
        run(cargo()
            .args(["build", "--release", "--bins", "--locked"])
            .env("CARGO_TARGET_DIR", self.home.join("cargo"))
            .current_dir(self.scripts()))
    }

    /// Build one of our own examples.
    pub fn build_example(&self, name: &str) -> Outcome<()> {
        run(cargo()
            .args(["build", "--release", "-p", "gradus", "--example", name])
            .current_dir(&self.core))
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

pub fn run(command: &mut Command) -> Outcome<()> {
    eprintln!("{command:?}");
    match command
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?
    {
        status if status.success() => Ok(()),
        status => Err(format!("{command:?} ended with {status}").into()),
    }
}

/// The vector instructions that everybody may be held to.
pub const LEVELS: [&str; 3] = ["scalar", "avx2", "avx512"];

/// Let the program of this peer use no more than these vector instructions: ours, PyTorch with what multiplies matrices for it,
/// TensorFlow and XLA.
pub fn hold_to(command: &mut Command, peer: &str, level: &str) {
    command.env("GRADUS_SIMD", level);
    if level != "avx512" {
        // JAX multiplies matrices by YNNPACK, which asks the processor itself: without it oneDNN does, which obeys.
        let flags = match framework(peer) {
            "jax" => "--xla_cpu_max_isa=AVX2 --xla_cpu_experimental_ynn_fusion_type=",
            _ => "--xla_cpu_max_isa=AVX2",
        };
        command
            .env("ATEN_CPU_CAPABILITY", "avx2")
            .env("ONEDNN_MAX_CPU_ISA", "AVX2")
            .env("MKL_ENABLE_INSTRUCTIONS", "AVX2")
            .env("XLA_FLAGS", flags);
    }
}

/// What a peer is a variant of.
pub fn framework(peer: &str) -> &str {
    peer.split_once('-')
        .map_or(peer, |(framework, _)| framework)
}

/// What no answer takes: who has not given one by then hangs, as compilers of steps do now and then.
const PATIENCE: Duration = Duration::from_secs(150);

/// A process that waits until it is asked.
pub struct Peer {
    pub name: &'static str,
    /// What stands in front of each answer; other lines are the peer's own.
    prefix: String,
    child: Child,
    questions: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Peer {
    /// Start it, and wait until it answers: the others shall not measure before.
    pub fn start(name: &'static str, prefix: String, mut command: Command) -> Outcome<Peer> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let said = child.stdout.take().ok_or("no standard output")?;
        let (to, lines) = channel();
        std::thread::spawn(move || {
            let mut said = BufReader::new(said).lines().map_while(Result::ok);
            said.all(|line| to.send(line).is_ok());
        });
        let mut peer = Peer {
            name,
            prefix,
            questions: child.stdin.take(),
            child,
            lines,
        };
        peer.ask("memory")?;
        Ok(peer)
    }

    /// Ask, and wait for the answer.
    pub fn ask(&mut self, question: &str) -> Outcome<String> {
        let questions = self.questions.as_mut().ok_or("it was told to end")?;
        let said = writeln!(questions, "{question}").and_then(|()| questions.flush());
        while said.is_ok() {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    if let Some(answer) = line.strip_prefix(&self.prefix) {
                        return Ok(answer.trim().to_owned());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill()?;
                    return Err(format!(
                        "{} gave no answer to “{question}” in {} s and was ended",
                        self.name,
                        PATIENCE.as_secs()
                    )
                    .into());
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Err(format!(
            "{} ended at “{question}”; its own words: start it by hand",
            self.name
        )
        .into())
    }

    /// The number in the answer after the word `before`; the first where it is empty. NaN is no number.
    pub fn number(&mut self, question: &str, before: &str) -> Outcome<Option<f64>> {
        let answer = self.ask(question)?;
        let rest = match answer.split_once(before) {
            Some((_, rest)) if !before.is_empty() => rest,
            _ => &answer,
        };
        let word = rest.split_whitespace().next().unwrap_or("");
        let number: f64 = word
            .parse()
            .map_err(|_| format!("{} answered “{answer}” to “{question}”", self.name))?;
        Ok(number.is_finite().then_some(number))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.questions = None;
        let _ = self.child.wait();
    }
}

pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n => 0.5 * (values[(n - 1) / 2] + values[n / 2]),
    }
}

/// Three significant digits.
pub fn short(value: f64) -> String {
    let digits = (2 - value.abs().log10().floor() as i64).clamp(0, 4) as usize;
    format!("{value:.digits$}")
}

/// MiB of memory that this process has held at most; NaN where the system does not tell.
pub fn peak_memory() -> f64 {
    memory("VmHWM:")
}

/// MiB that this process holds (`VmRSS:`) or held at most (`VmHWM:`); NaN where the system does not tell.
pub fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|l| l.strip_prefix(line));
    found
        .and_then(|found| found.trim().strip_suffix(" kB")?.parse::<f64>().ok())
        .map_or(f64::NAN, |kib| kib / 1024.0)
}

/// What was kept in this file; nothing where it is not there.
pub fn read_or_default<T: DeserializeOwned + Default>(path: &Path) -> Outcome<T> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(error.into()),
    }
}

/// Write a file under another name first, so that nobody reads half of it.
pub fn replace(path: &Path, text: &str) -> Outcome<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, text)?;
    Ok(std::fs::rename(part, path)?)
}

/// Replace what stands in the README of the crate between `<!-- NAME: written by the example -->` and `<!-- /NAME -->`.
pub fn replace_in_readme(places: &Places, name: &str, text: &str) -> Outcome<()> {
    let path = places.core.join("README.md");
    let readme = std::fs::read_to_string(&path)?;
    let start = format!("<!-- {name}: written by the example -->\n");
    let end = format!("<!-- /{name} -->");
    let parts = readme.split_once(&start).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or(format!("no {start}…{end} in {}", path.display()))?;
    replace(&path, &format!("{before}{start}{text}{end}{after}"))
}

/// The processor and the date.
pub fn machine() -> String {
    let said = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let cpu = said("/proc/cpuinfo");
    let name = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let widest = match cpu.contains(" avx512f") {
        true => ", AVX-512",
        false => "",
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let date = Command::new("date").arg("+%Y-%m-%d").output();
    let date = date.map_or(String::new(), |date| {
        String::from_utf8_lossy(&date.stdout).trim().to_owned()
    });
    format!(
        "{}{widest}, {cores} cores, {date}",
        name.map_or("a processor", |(_, name)| name)
    )
}
