//! Gradus beside PyTorch, Keras, JAX, candle, burn and plain dfdx: time per step, memory, and time to an accuracy.
//!
//! GRADUS_DATA=../shared/data cargo run --release -p gradus --example peers -- --rounds 5
//!
//! Installs the peers under `target/peers` (some gigabytes, the first time; it needs python3, and g++ for what PyTorch
//! compiles), starts one process for each, and lets them train in turns, so that whatever else the machine does slows all
//! of them. `--save` keeps the figures in `crates/core/benches/results`, beside those of earlier runs for what was not
//! measured again, draws them, and writes the tables of `crates/core/README.md`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use gradus::plot::Chart;
use gradus::prelude::*;
use serde::{Deserialize, Serialize};

/// The name in the tables, and the workloads it has. The best line of each framework is in the figure.
const PEERS: [(&str, &str); 11] = [
    ("gradus", "ABCDE"),
    ("pytorch", "ABCDE"),
    ("pytorch-fused", "ABCDE"),
    ("pytorch-compiled", "ABCDE"),
    ("keras", "ABCDE"),
    ("keras-xla", "ABCDE"),
    ("jax", "ABCDE"),
    ("jax-scan", "ABCDE"),
    ("candle", "ABCDE"),
    ("burn", "ABCDE"),
    ("dfdx", "ABC"),
];
const FRAMEWORKS: [&str; 6] = ["pytorch", "keras", "jax", "candle", "burn", "dfdx"];
/// The network that is trained to an accuracy.
const TO_ACCURACY: &str = "C";

const USAGE: &str = "usage: peers [OPTIONS]

  --rounds N         rounds of each peer and workload; medians are taken over them [5]
  --workloads ABCDE  which workloads [all; E needs minutes and 20 GB]
  --peers A,B,...    which peers, gradus always among them [all]
  --accuracy         also the accuracy on the test images after 3 epochs from the start
  --to-accuracy      instead: seconds until 0.87 on Fashion-MNIST's test images, seeds 0 to rounds - 1;
                     gradus and keras where --peers does not say otherwise
  --save             keep the figures, draw them and write the tables of the README
  --tables           only draw and write again what was kept
  --help";

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Everything measured, by workload and peer.
#[derive(Default, Serialize, Deserialize)]
struct Results {
    machine: String,
    /// Milliseconds per step, one number for each round.
    time: BTreeMap<String, BTreeMap<String, Vec<f64>>>,
    /// The most memory that the process held, in MiB.
    memory: BTreeMap<String, BTreeMap<String, f64>>,
    /// On the test images after 3 epochs.
    accuracy: BTreeMap<String, BTreeMap<String, f64>>,
    /// Seconds until the accuracy, one number for each seed; null where it was not reached.
    to_accuracy: BTreeMap<String, Vec<Option<f64>>>,
}

struct Options {
    rounds: usize,
    workloads: String,
    peers: Vec<&'static str>,
    accuracy: bool,
    to_accuracy: bool,
    save: bool,
    tables: bool,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Outcome<Options> {
        let mut options = Options {
            rounds: 5,
            workloads: "ABCDE".to_owned(),
            peers: Vec::new(),
            accuracy: false,
            to_accuracy: false,
            save: false,
            tables: false,
        };
        let mut named = Vec::new();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or(format!("{argument} needs a value\n\n{USAGE}"))
            };
            match argument.as_str() {
                "--rounds" => options.rounds = value()?.parse()?,
                "--workloads" => options.workloads = value()?,
                "--peers" => named = value()?.split(',').map(str::to_owned).collect(),
                "--accuracy" => options.accuracy = true,
                "--to-accuracy" => options.to_accuracy = true,
                "--save" => options.save = true,
                "--tables" => options.tables = true,
                "--help" => {
                    println!("{USAGE}");
                    std::process::exit(0);
                }
                _ => return Err(format!("no option {argument}\n\n{USAGE}").into()),
            }
        }
        let least = if options.save { 5 } else { 1 };
        if options.rounds < least {
            return Err(
                format!("--rounds needs at least {least}: medians of fewer are not kept").into(),
            );
        }
        if let Some(wrong) = options.workloads.chars().find(|c| !"ABCDE".contains(*c)) {
            return Err(format!("no workload {wrong}: there are A, B, C, D and E").into());
        }
        let names = || PEERS.iter().map(|(name, _)| *name);
        if let Some(wrong) = named.iter().find(|name| !names().any(|n| n == *name)) {
            let all: Vec<_> = names().collect();
            return Err(format!("no peer {wrong}: there are {}", all.join(", ")).into());
        }
        if named.is_empty() && options.to_accuracy {
            named = vec!["keras".to_owned(), "keras-xla".to_owned()];
        }
        options.peers = names()
            .filter(|name| *name == "gradus" || named.is_empty() || named.iter().any(|n| n == name))
            .collect();
        Ok(options)
    }
}

/// Where everything is.
struct Places {
    /// The crate.
    core: PathBuf,
    /// What the peers are installed in.
    home: PathBuf,
    /// Our own examples.
    examples: PathBuf,
}

impl Places {
    fn find() -> Outcome<Places> {
        let examples = std::env::current_exe()?;
        let examples = examples.parent().ok_or("this program is in no folder")?;
        let target = examples.ancestors().nth(2).ok_or("no target folder")?;
        Ok(Places {
            core: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            home: target.join("peers"),
            examples: examples.to_owned(),
        })
    }

    fn scripts(&self) -> PathBuf {
        self.core.join("benches/peers")
    }

    fn results(&self) -> PathBuf {
        self.core.join("benches/results")
    }

    fn python(&self) -> PathBuf {
        self.home.join("venv/bin/python")
    }

    /// Install what these peers need and is not there yet, and build ourselves.
    fn install(&self, peers: &[&str]) -> Outcome<()> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let of_python = ["pytorch", "keras", "jax"];
        if peers
            .iter()
            .any(|peer| of_python.contains(&framework(peer)))
        {
            let requirements = self.scripts().join("requirements.txt");
            let wanted = std::fs::read_to_string(&requirements)?;
            let stamp = self.home.join("installed.txt");
            if std::fs::read_to_string(&stamp).ok() != Some(wanted.clone()) {
                run(Command::new("python3")
                    .args(["-m", "venv"])
                    .arg(self.home.join("venv")))?;
                run(Command::new(self.python())
                    .args(["-m", "pip", "install", "-r"])
                    .arg(&requirements))?;
                std::fs::write(stamp, wanted)?;
            }
        }
        if peers
            .iter()
            .any(|peer| ["candle", "burn", "dfdx"].contains(peer))
        {
            // In the folder, for its own .cargo/config.toml to count.
            run(Command::new(&cargo)
                .args(["build", "--release", "--bins", "--locked"])
                .env("CARGO_TARGET_DIR", self.home.join("cargo"))
                .current_dir(self.scripts()))?;
        }
        run(Command::new(&cargo)
            .args([
                "build",
                "--release",
                "-p",
                "gradus",
                "--example",
                "step_time",
            ])
            .current_dir(&self.core))
    }

    fn command(&self, peer: &str, workload: &str) -> Command {
        let mut command = match framework(peer) {
            "gradus" => Command::new(self.examples.join("step_time")),
            python @ ("pytorch" | "keras" | "jax") => {
                let mut command = Command::new(self.python());
                command
                    .arg(self.scripts().join(format!("peer_{python}.py")))
                    .arg(peer);
                command
            }
            rust => Command::new(self.home.join("cargo/release").join(rust)),
        };
        command.args([workload, "--listen"]);
        command
    }
}

fn run(command: &mut Command) -> Outcome<()> {
    eprintln!("{command:?}");
    match command
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?
    {
        status if status.success() => Ok(()),
        status => Err(format!("{command:?} ended with {status}").into()),
    }
}

/// What a peer is a variant of.
fn framework(peer: &str) -> &str {
    peer.split_once('-')
        .map_or(peer, |(framework, _)| framework)
}

/// A peer at a workload: a process that waits until it is asked.
struct Peer {
    name: &'static str,
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(places: &Places, name: &'static str, workload: &str) -> Outcome<Peer> {
        let mut command = places.command(name, workload);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::null());
        let mut child = command
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let answers = child.stdout.take().ok_or("no standard output")?;
        let mut peer = Peer {
            name,
            questions: child.stdin.take(),
            child,
            answers: BufReader::new(answers),
        };
        // It answers once its data are there; the others shall not measure before.
        peer.ask("memory")?;
        Ok(peer)
    }

    /// Ask, and wait for the answer without the names of the peer and the workload in front.
    fn ask(&mut self, question: &str) -> Outcome<String> {
        let questions = self.questions.as_mut().ok_or("it was told to end")?;
        let said = writeln!(questions, "{question}").and_then(|()| questions.flush());
        let mut answer = String::new();
        // A peer may print lines of its own.
        while said.is_ok() && self.answers.read_line(&mut answer)? > 0 {
            if let Some(answer) = answer.strip_prefix(&format!("{} ", self.name)) {
                let answer = answer.split_once(' ').map_or("", |(_, answer)| answer);
                return Ok(answer.trim().to_owned());
            }
            answer.clear();
        }
        Err(format!(
            "{} ended at “{question}”; its own words: start it by hand",
            self.name
        )
        .into())
    }

    /// The number in the answer after the word `before`; the first where it is empty. NaN is no number.
    fn number(&mut self, question: &str, before: &str) -> Outcome<Option<f64>> {
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

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n => 0.5 * (values[(n - 1) / 2] + values[n / 2]),
    }
}

fn start(places: &Places, options: &Options, workload: &str) -> Vec<Peer> {
    let mut peers = Vec::new();
    for &name in &options.peers {
        let has = PEERS
            .iter()
            .any(|(n, has)| *n == name && has.contains(workload));
        if !has {
            continue;
        }
        match Peer::start(places, name, workload) {
            Ok(peer) => peers.push(peer),
            Err(error) => eprintln!("{name} is left out: {error}"),
        }
    }
    peers
}

/// Let all peers train `workload` in turns.
fn measure(places: &Places, options: &Options, workload: &str, results: &mut Results) {
    let mut peers = start(places, options, workload);
    for peer in &peers {
        let name = peer.name.to_owned();
        results
            .time
            .entry(workload.to_owned())
            .or_default()
            .insert(name, Vec::new());
    }
    for round in 1..=options.rounds {
        peers.retain_mut(|peer| match peer.number("time", "") {
            Ok(Some(milliseconds)) => {
                println!(
                    "{workload} round {round}: {} {milliseconds:.4} ms",
                    peer.name
                );
                let times = results.time.entry(workload.to_owned()).or_default();
                times
                    .entry(peer.name.to_owned())
                    .or_default()
                    .push(milliseconds);
                true
            }
            Ok(None) => true,
            Err(error) => {
                eprintln!("{} is left out: {error}", peer.name);
                false
            }
        });
    }
    for peer in &mut peers {
        let mut keep =
            |question: &str, before, to: &mut BTreeMap<String, BTreeMap<String, f64>>| match peer
                .number(question, before)
            {
                Ok(Some(number)) => {
                    println!("{workload} {}: {question} {number}", peer.name);
                    let table = to.entry(workload.to_owned()).or_default();
                    table.insert(peer.name.to_owned(), number);
                }
                Ok(None) => (),
                Err(error) => eprintln!("{}: {error}", peer.name),
            };
        keep("memory", "memory", &mut results.memory);
        if options.accuracy {
            keep("accuracy", "acc=", &mut results.accuracy);
        }
    }
    results
        .time
        .values_mut()
        .for_each(|times| times.retain(|_, rounds| !rounds.is_empty()));
}

fn measure_to_accuracy(places: &Places, options: &Options, results: &mut Results) {
    let mut peers = start(places, options, TO_ACCURACY);
    for peer in &peers {
        results.to_accuracy.insert(peer.name.to_owned(), Vec::new());
    }
    for seed in 0..options.rounds {
        for peer in &mut peers {
            match peer.number(&format!("until 0.87 {seed}"), ": ") {
                Ok(seconds) => {
                    println!("to 0.87 seed {seed}: {} {seconds:?} s", peer.name);
                    results
                        .to_accuracy
                        .entry(peer.name.to_owned())
                        .or_default()
                        .push(seconds);
                }
                Err(error) => eprintln!("{}: {error}", peer.name),
            }
        }
    }
}

/// One line per peer, one column per workload; the line of gradus first.
fn table(title: &str, columns: &BTreeMap<String, BTreeMap<String, String>>) -> String {
    let mut text = format!("| {title} |");
    let letters: Vec<&String> = columns.keys().collect();
    letters
        .iter()
        .for_each(|letter| text += &format!(" {letter} |"));
    text += &format!("\n|---|{}\n", "---:|".repeat(letters.len()));
    for (peer, _) in PEERS {
        if !columns.values().any(|column| column.contains_key(peer)) {
            continue;
        }
        text += &format!("| {peer} |");
        for letter in &letters {
            let cell = columns[*letter].get(peer).map_or("", String::as_str);
            text += &format!(" {cell} |");
        }
        text += "\n";
    }
    text
}

/// Three significant digits.
fn short(value: f64) -> String {
    let digits = (2 - value.abs().log10().floor() as i64).clamp(0, 4) as usize;
    format!("{value:.digits$}")
}

impl Results {
    fn read(path: &Path) -> Outcome<Results> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Results::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// How many times longer than ours, by peer.
    fn ratios(&self, workload: &str) -> BTreeMap<&str, f64> {
        let times = &self.time[workload];
        let ours = times
            .get("gradus")
            .map_or(f64::NAN, |rounds| median(rounds));
        let ratio = |(name, rounds): (&'static str, &Vec<f64>)| (name, median(rounds) / ours);
        let peers = PEERS
            .iter()
            .filter_map(|(name, _)| Some((*name, times.get(*name)?)));
        peers
            .map(ratio)
            .filter(|(_, ratio)| ratio.is_finite())
            .collect()
    }

    fn tables(&self) -> String {
        let columns = self.time.iter().map(|(workload, times)| {
            let cells = self.ratios(workload).into_iter().map(|(name, ratio)| {
                let cell = match name {
                    "gradus" => format!("**{} ms**", short(median(&times[name]))),
                    _ => short(ratio),
                };
                (name.to_owned(), cell)
            });
            (workload.clone(), cells.collect())
        });
        let columns: BTreeMap<_, _> = columns.collect();
        let mut text = table("times as long as gradus, per step", &columns);
        text += "| **the fastest of them** |";
        for workload in self.time.keys() {
            let ratios = self.ratios(workload);
            let peers = ratios.iter().filter(|(name, _)| **name != "gradus");
            let fastest = peers.map(|(_, ratio)| *ratio).fold(f64::INFINITY, f64::min);
            text += &format!(" **{}** |", short(fastest));
        }
        text += "\n";
        let cells = |values: &BTreeMap<String, BTreeMap<String, f64>>, show: fn(f64) -> String| {
            let column = |(workload, column): (&String, &BTreeMap<String, f64>)| {
                let cells = column
                    .iter()
                    .map(|(name, value)| (name.clone(), show(*value)));
                (workload.clone(), cells.collect())
            };
            values.iter().map(column).collect::<BTreeMap<_, _>>()
        };
        if !self.memory.is_empty() {
            text += "\n";
            text += &table(
                "peak memory in MiB",
                &cells(&self.memory, |v| format!("{v:.0}")),
            );
        }
        if !self.accuracy.is_empty() {
            text += "\n";
            text += &table(
                "accuracy after 3 epochs",
                &cells(&self.accuracy, |v| format!("{v:.3}")),
            );
        }
        if !self.to_accuracy.is_empty() {
            let seconds = self.to_accuracy.iter().map(|(name, seeds)| {
                let reached: Vec<f64> = seeds.iter().flatten().copied().collect();
                let missed = seeds.len() - reached.len();
                let cell = match missed {
                    0 => short(median(&reached)),
                    _ => format!(
                        "{} ({missed} of {} seeds never)",
                        short(median(&reached)),
                        seeds.len()
                    ),
                };
                (name.clone(), cell)
            });
            let columns = [(format!("network {TO_ACCURACY}"), seconds.collect())];
            text += "\n";
            text += &table("seconds to 0.87 on the test images", &columns.into());
        }
        text
    }

    /// The fastest variant of each framework, workload by workload.
    fn figure(&self) -> Figure {
        let workloads: Vec<&String> = self.time.keys().collect();
        let mut chart = Chart::new("How many times longer a step takes than with Gradus")
            .x_label("workload")
            .y_label("times as long")
            .x_names(workloads.iter().map(|w| w.as_str()))
            .log_y();
        for framework_name in FRAMEWORKS {
            let points = workloads.iter().enumerate().filter_map(|(i, workload)| {
                let ratios = self.ratios(workload);
                let of_it = ratios
                    .iter()
                    .filter(|(name, _)| framework(name) == framework_name);
                let best = of_it.map(|(_, ratio)| *ratio).reduce(f64::min)?;
                Some(((i + 1) as f64, best))
            });
            chart = chart.points(framework_name, points);
        }
        let ends = [0.5, workloads.len() as f64 + 0.5];
        chart.line("gradus", ends.map(|x| (x, 1.0))).into()
    }

    fn save(&self, places: &Places) -> Outcome<()> {
        let folder = places.results();
        std::fs::create_dir_all(&folder)?;
        replace(
            &folder.join("peers.json"),
            &(serde_json::to_string_pretty(self)? + "\n"),
        )?;
        self.figure().save(folder.join("peers.svg"))?;
        let path = places.core.join("README.md");
        let readme = std::fs::read_to_string(&path)?;
        let (start, end) = (
            "<!-- peers: written by the example -->\n",
            "<!-- /peers -->",
        );
        let (before, rest) = readme
            .split_once(start)
            .ok_or(format!("no {start} in the README"))?;
        let (_, after) = rest
            .split_once(end)
            .ok_or(format!("no {end} in the README"))?;
        let machine = &self.machine;
        replace(
            &path,
            &format!("{before}{start}{machine}.\n\n{}{end}{after}", self.tables()),
        )
    }
}

/// Write a file under another name first, so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> Outcome<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, text)?;
    Ok(std::fs::rename(part, path)?)
}

/// The processor and the date.
fn machine() -> String {
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

fn main() {
    if let Err(error) = talk() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn talk() -> Outcome<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let places = Places::find()?;
    let mut results = match options.save || options.tables {
        true => Results::read(&places.results().join("peers.json"))?,
        false => Results::default(),
    };
    if options.tables {
        print!("{}", results.tables());
        return results.save(&places);
    }
    places.install(&options.peers)?;
    results.machine = machine();
    if options.to_accuracy {
        measure_to_accuracy(&places, &options, &mut results);
    } else {
        for workload in options.workloads.chars() {
            measure(&places, &options, &workload.to_string(), &mut results);
        }
    }
    print!("\n{}", results.tables());
    if options.save {
        results.save(&places)?;
    }
    Ok(())
}
