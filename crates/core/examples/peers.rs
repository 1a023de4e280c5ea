//! Gradus beside PyTorch, Keras, JAX, candle, burn and plain dfdx: time per step, memory, and time to an accuracy.
//!
//! GRADUS_DATA=../shared/data cargo run --release -p gradus --example peers -- --rounds 5
//!
//! Installs the peers under `target/peers`, or where GRADUS_PEERS says (some gigabytes, the first time; it needs python3, and g++ for what PyTorch
//! compiles), starts one process for each, and lets them train in turns, so that whatever else the machine does slows all
//! of them. `--save` keeps the figures in `crates/core/benches/results`, beside those of earlier runs for the workloads that
//! were not measured again, draws them, and writes the tables of `crates/core/README.md`.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use gradus::plot::Chart;
use gradus::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../benches/harness/mod.rs"]
mod harness;
use harness::{
    LEVELS, Outcome, Peer, Places, framework, hold_to, machine, median, read_or_default, replace,
    replace_in_readme, short,
};

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
/// Built for the processor as it is: nothing holds them to narrower vectors.
const OF_RUST: [&str; 3] = ["candle", "burn", "dfdx"];
const FRAMEWORKS: [&str; 6] = ["pytorch", "keras", "jax", "candle", "burn", "dfdx"];
/// The network that is trained to an accuracy.
const TO_ACCURACY: &str = "C";

const USAGE: &str = "usage: peers [OPTIONS]

  --rounds N         rounds of each peer and workload; medians are taken over them [5]
  --workloads ABCDE  which workloads [all; E needs minutes and 20 GB]
  --peers A,B,...    which peers, gradus always among them [all]
  --simd LEVEL       scalar, avx2 or avx512: what everybody may use at most [all there is]. Without candle, burn and
                     dfdx: they are built for the processor as it is
  --accuracy         also the accuracy on the test images after 3 epochs from the start
  --to-accuracy      instead: seconds until 0.87 on Fashion-MNIST's test images, seeds 0 to rounds - 1;
                     gradus and keras where --peers does not say otherwise
  --save             keep the figures, draw them and write the tables of the README
  --tables           only draw and write again what was kept
  --help";

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
    simd: Option<String>,
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
            simd: None,
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
                "--simd" => options.simd = Some(value()?),
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
        if let Some(level) = options.simd.as_deref().filter(|l| !LEVELS.contains(l)) {
            return Err(format!("no vector level {level}: there are {}", LEVELS.join(", ")).into());
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
            .filter(|name| options.simd.is_none() || !OF_RUST.contains(name))
            .collect();
        Ok(options)
    }
}

/// Install what these peers need and is not there yet, and build ourselves.
fn install(places: &Places, peers: &[&str]) -> Outcome<()> {
    let frameworks: Vec<&str> = peers.iter().map(|peer| framework(peer)).collect();
    places.install_python(&frameworks)?;
    if OF_RUST.iter().any(|peer| frameworks.contains(peer)) {
        places.build_peers()?;
    }
    places.build_example("step_time")
}

fn command(places: &Places, peer: &str, workload: &str, simd: Option<&str>) -> Command {
    let mut command = match framework(peer) {
        "gradus" => Command::new(places.examples.join("step_time")),
        python @ ("pytorch" | "keras" | "jax") => {
            let mut command = Command::new(places.python());
            command
                .arg(places.scripts().join(format!("peer_{python}.py")))
                .arg(peer)
                .env("TORCHINDUCTOR_CACHE_DIR", places.compiled(simd));
            command
        }
        rust => Command::new(places.home.join("cargo/release").join(rust)),
    };
    command.args([workload, "--listen"]).stderr(Stdio::null());
    if let Some(level) = simd {
        hold_to(&mut command, peer, level);
    }
    command
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
        let prefix = format!("{name} {workload} ");
        match Peer::start(
            name,
            prefix,
            command(places, name, workload, options.simd.as_deref()),
        ) {
            Ok(peer) => peers.push(peer),
            Err(error) => eprintln!("{name} is left out: {error}"),
        }
    }
    peers
}

/// Let all peers train `workload` in turns.
fn measure(places: &Places, options: &Options, workload: &str, results: &mut Results) {
    let mut peers = start(places, options, workload);
    // Times of different runs do not stand beside each other.
    let mut times = BTreeMap::<String, Vec<f64>>::new();
    for round in 1..=options.rounds {
        peers.retain_mut(|peer| match peer.number("time", "") {
            Ok(Some(milliseconds)) => {
                println!(
                    "{workload} round {round}: {} {milliseconds:.4} ms",
                    peer.name
                );
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
    results.time.insert(workload.to_owned(), times);
    results.memory.remove(workload);
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

impl Results {
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
    fn figure(&self, level: &str) -> Chart {
        let workloads: Vec<&String> = self.time.keys().collect();
        let title = "How many times longer a step takes than with Gradus";
        let mut chart = Chart::new(match level {
            WIDEST => title.to_owned(),
            level => format!("{title}, {level} at most"),
        })
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
        chart.line("gradus", ends.map(|x| (x, 1.0)))
    }
}

/// What was measured at each level.
type Levels = BTreeMap<String, Results>;
/// The level of those who may use all that the processor has.
const WIDEST: &str = "widest";

/// Keep it, draw it, and write the tables into the README.
fn save(levels: &Levels, places: &Places) -> Outcome<()> {
    let folder = places.results();
    std::fs::create_dir_all(&folder)?;
    replace(
        &folder.join("peers.json"),
        &(serde_json::to_string_pretty(levels)? + "\n"),
    )?;
    let panels: Vec<Chart> = levels
        .iter()
        .map(|(l, results)| results.figure(l))
        .collect();
    Figure::grid(panels.len().min(2), panels).save(folder.join("peers.svg"))?;
    let texts = levels.iter().rev().map(|(level, results)| {
        let held = match level.as_str() {
            WIDEST => String::new(),
            level => format!(", everybody held to {level}"),
        };
        format!("{}{held}:\n\n{}", results.machine, results.tables())
    });
    replace_in_readme(places, "peers", &texts.collect::<Vec<_>>().join("\n"))
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
    let mut levels: Levels = match options.save || options.tables {
        true => read_or_default(&places.results().join("peers.json"))?,
        false => Levels::new(),
    };
    if options.tables {
        return save(&levels, &places);
    }
    install(&places, &options.peers)?;
    let level = options.simd.clone().unwrap_or(WIDEST.to_owned());
    let results = levels.entry(level).or_default();
    results.machine = machine();
    if options.to_accuracy {
        measure_to_accuracy(&places, &options, results);
    } else {
        for workload in options.workloads.chars() {
            measure(&places, &options, &workload.to_string(), results);
        }
    }
    print!("\n{}", results.tables());
    if options.save {
        save(&levels, &places)?;
    }
    Ok(())
}
