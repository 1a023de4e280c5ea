//! Networks drawn by chance: how long a training step takes, in Gradus, PyTorch and JAX.
//!
//! cargo run --release -p gradus --example draws -- --draws 10
//!
//! Each draw is a recipe (layers, widths, activation, normalisation, dropout, cost, rule, batch) that Gradus and the peers build
//! the same network from, with the same weights and data. First the costs of the first steps must agree; then all train in
//! turns, and the shortest round of each counts. A ratio is the time of the fastest peer over ours: above 1 we are faster. Its
//! limit is that peer's time over the least that a step can take here: its operations at the peak of the machine, or its weights
//! and what the rule remembers of them going through the cores once, whichever is longer. Prints each ratio with its limit,
//! their geometric means and the three worst with their recipes.
//!
//! `--fixed` takes recipes with a name instead of draws, `--ours` leaves the peers out, `--verify` compares Gradus with itself
//! at every vector width and number of threads, and its gradients with central differences, `--profile` tells where the time of
//! our steps goes. The peers are installed as the
//! example `peers` does it, and `GRADUS_PEERS` names another folder for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use gradus::dfdx::prelude::HasShape;
use gradus::plot::Chart;
use gradus::prelude::*;
use serde::{Deserialize, Serialize};

#[path = "../benches/draws/mod.rs"]
mod draws;
#[path = "../benches/harness/mod.rs"]
mod harness;

use draws::{Recipe, fixed, random};
use harness::{
    LEVELS, Outcome, Peer, Places, framework, hold_to, machine, read_or_default, replace,
    replace_in_readme, short,
};

/// Those that can be asked for; without `--peers` all but the last, which compiles each step alone.
const PEERS: [&str; 4] = ["pytorch", "pytorch-compiled", "jax-scan", "jax"];
/// Steps whose costs are compared, from the same start.
const CHECKED: usize = 4;
/// How far a cost may be from ours, as a part of it: sums of other orders, and what the steps make of that.
const APART: f64 = 2e-3;
/// What a round of a peer takes, about.
const SECONDS: f64 = 0.25;
/// A peer this many times slower than ours is not measured again.
const FAR: f64 = 4.0;

const USAGE: &str = "usage: draws [OPTIONS]

  --draws N          how many networks [10]
  --seed S           which ones [1]
  --fixed            the recipes with a name, instead
  --only A,B,...     only these of them, by number or name
  --list             print the recipes and end
  --peers A,B,...    among pytorch, pytorch-compiled, jax-scan, jax [the first three]; compiled takes half a minute each
  --rounds N         rounds of each, in turns [5]
  --threads N        cores for everybody [all]
  --simd LEVEL       scalar, avx2 or avx512: what everybody may use at most [all there is; scalar is for --ours]
  --ours             no peers
  --verify           no times: the bits of ours at every level and number of threads, and its gradients
  --profile          no peers: where the time of a step of ours goes, layer by layer
  --json FILE        write what was measured
  --save             keep it in crates/core/benches/results, draw it and write it into the README; with --only these
                     take the place of what was kept of them
  --help";

#[derive(Default)]
struct Options {
    draws: u64,
    seed: u64,
    fixed: bool,
    only: Vec<String>,
    list: bool,
    peers: Vec<&'static str>,
    rounds: usize,
    threads: Option<usize>,
    simd: Option<String>,
    verify: bool,
    profile: bool,
    json: Option<PathBuf>,
    save: bool,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Outcome<Options> {
        let mut options = Options {
            draws: 10,
            seed: 1,
            peers: PEERS[..3].to_vec(),
            rounds: 5,
            ..Options::default()
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or(format!("{argument} needs a value\n\n{USAGE}"))
            };
            let list = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
            match argument.as_str() {
                "--draws" => options.draws = value()?.parse()?,
                "--seed" => options.seed = value()?.parse()?,
                "--fixed" => options.fixed = true,
                "--only" => options.only = list(value()?),
                "--list" => options.list = true,
                "--peers" => {
                    let known = |name: String| {
                        let found = PEERS.iter().find(|peer| **peer == name);
                        found.copied().ok_or(format!("no peer {name}\n\n{USAGE}"))
                    };
                    options.peers = list(value()?)
                        .into_iter()
                        .map(known)
                        .collect::<std::result::Result<_, _>>()?;
                }
                "--rounds" => options.rounds = value()?.parse()?,
                "--threads" => options.threads = Some(value()?.parse()?),
                "--simd" => options.simd = Some(value()?),
                "--ours" => options.peers.clear(),
                "--verify" => options.verify = true,
                "--profile" => options.profile = true,
                "--json" => options.json = Some(value()?.into()),
                "--save" => options.save = true,
                "--help" => {
                    println!("{USAGE}");
                    std::process::exit(0);
                }
                _ => return Err(format!("no option {argument}\n\n{USAGE}").into()),
            }
        }
        if let Some(level) = options.simd.as_deref().filter(|l| !LEVELS.contains(l)) {
            return Err(format!("no vector level {level}: there are {}", LEVELS.join(", ")).into());
        }
        if options.rounds == 0 || options.threads == Some(0) || options.draws == 0 {
            return Err("--draws, --rounds and --threads need at least 1".into());
        }
        Ok(options)
    }

    fn recipes(&self) -> Outcome<Vec<Recipe>> {
        let mut recipes = match self.fixed {
            true => fixed::all(),
            false => (0..self.draws)
                .map(|i| random::draw(self.seed, i))
                .collect(),
        };
        if let Some(wrong) = self.only.iter().find(|name| {
            let known = |recipe: &Recipe| recipe.name == **name;
            !recipes.iter().any(known)
        }) {
            return Err(format!("no recipe {wrong}: --list shows them").into());
        }
        recipes.retain(|recipe| self.only.is_empty() || self.only.contains(&recipe.name));
        Ok(recipes)
    }
}

/// One recipe and what was measured of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Measured {
    recipe: Recipe,
    /// Floating-point operations of a step.
    operations: usize,
    /// Milliseconds that a step takes at least: its operations, its traffic.
    least: [f64; 2],
    /// Milliseconds per step, one number a round; ours first.
    times: Vec<(String, Vec<f64>)>,
    /// Those whose first costs were others, with both.
    disagree: Vec<String>,
}

impl Measured {
    fn shortest(&self, name: &str) -> Option<f64> {
        let (_, rounds) = self.times.iter().find(|(peer, _)| peer == name)?;
        rounds.iter().copied().reduce(f64::min)
    }

    /// The fastest peer, and how many times as long as ours it takes.
    fn ratio(&self) -> Option<(&str, f64)> {
        let ours = self.shortest("gradus")?;
        let peers = self.times.iter().filter(|(name, _)| name != "gradus");
        peers
            .filter_map(|(name, _)| Some((name.as_str(), self.shortest(name)? / ours)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// What the ratio would be if ours took the least that a step can take.
    fn limit(&self) -> Option<f64> {
        let least = self.least[0].max(self.least[1]);
        Some(self.ratio()?.1 * self.shortest("gradus")? / least)
    }
}

#[derive(Serialize, Deserialize)]
struct Results {
    machine: String,
    simd: Option<String>,
    threads: Option<usize>,
    draws: Vec<Measured>,
}

impl Results {
    /// The ratios, the worst first.
    fn ratios(&self) -> Vec<(f64, &str, &Measured)> {
        let mut all: Vec<_> = self
            .draws
            .iter()
            .filter_map(|draw| {
                let (peer, ratio) = draw.ratio()?;
                Some((ratio, peer, draw))
            })
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all
    }

    fn summary(&self) -> String {
        let ratios = self.ratios();
        if ratios.is_empty() {
            return String::new();
        }
        let mean = geometric_mean(ratios.iter().map(|(ratio, ..)| *ratio));
        let limit = geometric_mean(ratios.iter().filter_map(|(.., draw)| draw.limit()));
        let below = ratios.iter().filter(|(ratio, ..)| *ratio < 1.0).count();
        let mut text = format!(
            "{}{}{}: geometric mean of {} networks **{}**, {below} below 1; {} if ours took the least that a step can take. The three \
             worst:\n\n",
            self.machine,
            self.simd
                .as_ref()
                .map_or(String::new(), |level| format!(", with {level} at most")),
            self.threads
                .map_or(String::new(), |n| format!(", on {n} of them")),
            ratios.len(),
            short(mean),
            short(limit),
        );
        text += "| times as long | at most | who | network |\n|---:|---:|---|---|\n";
        for (ratio, peer, draw) in ratios.iter().take(3) {
            text += &format!(
                "| {} | {} | {peer} | {}: {} |\n",
                short(*ratio),
                draw.limit().map_or(String::new(), short),
                draw.recipe.name,
                draw.recipe
            );
        }
        text
    }

    fn figure(&self) -> Chart {
        let of = |conv: bool| {
            let ratios = self.ratios().into_iter();
            ratios
                .filter(move |(.., draw)| draw.recipe.is_conv() == conv)
                .map(|(ratio, _, draw)| (draw.operations as f64, ratio))
        };
        let limits = self.draws.iter();
        let limits = limits.filter_map(|draw| Some((draw.operations as f64, draw.limit()?)));
        let operations = self.draws.iter().map(|draw| draw.operations as f64);
        let ends = [
            operations.clone().fold(f64::INFINITY, f64::min),
            operations.fold(0.0, f64::max),
        ];
        let title = match &self.simd {
            Some(level) => format!("The fastest peer beside Gradus, {level} at most"),
            None => "The fastest peer beside Gradus".to_owned(),
        };
        Chart::new(title)
            .x_label("floating-point operations of a step")
            .y_label("times as long")
            .log_x()
            .log_y()
            .points("dense", of(false))
            .points("convolutions", of(true))
            .points("the limit of each", limits)
            .line("as fast as Gradus", ends.map(|x| (x, 1.0)))
    }

    /// Keep it beside the results of other levels, draw all, and write them into the README. Where only some networks were
    /// measured, `again`, they stand in the place of what was kept of them.
    fn save(mut self, places: &Places, again: bool) -> Outcome<()> {
        let folder = places.results();
        std::fs::create_dir_all(&folder)?;
        let path = folder.join("draws.json");
        let mut all: BTreeMap<String, Results> = read_or_default(&path)?;
        let level = self.simd.clone().unwrap_or("widest".to_owned());
        if let Some(mut kept) = all.remove(&level).filter(|_| again) {
            for draw in self.draws {
                let name = |draw: &Measured| (draw.recipe.name.clone(), draw.recipe.seed);
                let is_same = |old: &&mut Measured| name(old) == name(&draw);
                match kept.draws.iter_mut().find(is_same) {
                    Some(old) => *old = draw,
                    None => kept.draws.push(draw),
                }
            }
            self.draws = kept.draws;
        }
        all.insert(level, self);
        replace(&path, &(serde_json::to_string_pretty(&all)? + "\n"))?;
        let panels: Vec<Chart> = all.values().map(Results::figure).collect();
        Figure::grid(panels.len().min(2), panels).save(folder.join("draws.svg"))?;
        let texts: Vec<String> = all.values().map(Results::summary).collect();
        let figure = "![Points above the line take longer than Gradus](benches/results/draws.svg)";
        replace_in_readme(
            places,
            "draws",
            &format!("{}\n{figure}\n", texts.join("\n")),
        )
    }
}

/// The process of a peer, on these cores with these vector instructions.
fn command(places: &Places, name: &str, simd: Option<&str>, threads: Option<usize>) -> Command {
    let program = match framework(name) {
        "gradus" => std::env::current_exe().unwrap_or_else(|_| places.examples.join("draws")),
        _ => places.python(),
    };
    let mut command = match threads {
        Some(n) => {
            let mut command = Command::new("taskset");
            command
                .args(["-c", &format!("0-{}", n - 1)])
                .arg(program)
                .env("GRADUS_THREADS", n.to_string());
            command
        }
        None => Command::new(program),
    };
    match framework(name) {
        "gradus" => command.arg("--serve"),
        python => command
            .arg(places.scripts().join(format!("draws_{python}.py")))
            .arg(name)
            .env("TORCHINDUCTOR_CACHE_DIR", places.compiled(simd)),
    };
    if let Some(level) = simd {
        hold_to(&mut command, name, level);
    }
    command
}

/// Peers that stay for all recipes; one that ended is started again for the next recipe.
struct Crew<'a> {
    places: &'a Places,
    options: &'a Options,
    peers: Vec<(&'static str, Option<Peer>)>,
}

impl<'a> Crew<'a> {
    fn new(places: &'a Places, options: &'a Options) -> Crew<'a> {
        let names = std::iter::once("gradus").chain(options.peers.iter().copied());
        let peers = names.map(|name| (name, None)).collect();
        Crew {
            places,
            options,
            peers,
        }
    }

    /// Ask one; an answer that begins with `error` is one.
    fn ask(&mut self, i: usize, question: &str) -> Outcome<String> {
        let (name, peer) = &mut self.peers[i];
        if peer.is_none() {
            let Options { simd, threads, .. } = self.options;
            let mut command = command(self.places, name, simd.as_deref(), *threads);
            if *name != "gradus" {
                command.stderr(Stdio::null());
            }
            *peer = Some(Peer::start(name, format!("{name} "), command)?);
        }
        let answer = peer.as_mut().map(|peer| peer.ask(question));
        match answer.unwrap_or_else(|| Err("it did not start".into())) {
            Ok(answer) => match answer.strip_prefix("error ") {
                Some(error) => Err(error.into()),
                None => Ok(answer),
            },
            Err(error) => {
                *peer = None;
                Err(error)
            }
        }
    }

    fn number(&mut self, i: usize, question: &str) -> Outcome<f64> {
        Ok(self.ask(i, question)?.parse()?)
    }

    fn measure(&mut self, recipe: &Recipe, folder: &Path) -> Measured {
        let mut measured = Measured {
            recipe: recipe.clone(),
            operations: recipe.size().operations,
            least: [0.0; 2],
            times: Vec::new(),
            disagree: Vec::new(),
        };
        let load = format!("load {}", folder.display());
        let mut costs: Option<Vec<f64>> = None;
        // Who takes part, and the epochs of a round of each.
        let mut taking_part = Vec::new();
        for i in 0..self.peers.len() {
            let name = self.peers[i].0;
            let mut begin = || -> Outcome<Vec<f64>> {
                self.ask(i, &load)?;
                let answer = self.ask(i, "costs")?;
                let costs = answer.split_whitespace().map(str::parse);
                Ok(costs.collect::<std::result::Result<_, _>>()?)
            };
            let own = match begin() {
                Ok(costs) => costs,
                Err(error) => {
                    eprintln!("{}: {name} is left out: {error}", recipe.name);
                    if i == 0 {
                        return measured;
                    }
                    continue;
                }
            };
            let costs = costs.get_or_insert_with(|| own.clone());
            if own.len() != CHECKED || !agree(costs, &own) {
                let what = format!("{name}: costs {own:?}, ours {costs:?}");
                eprintln!("{}: {what}", recipe.name);
                measured.disagree.push(what);
                continue;
            }
            // Once to warm up, once to see how long it takes.
            let warm = self
                .number(i, "time 1")
                .and_then(|_| self.number(i, "time 1"));
            match warm {
                Ok(milliseconds) => {
                    let epoch = 1e-3 * milliseconds * recipe.steps() as f64;
                    let epochs = (SECONDS / epoch).round().clamp(1.0, 1e5);
                    taking_part.push((i, epochs as usize));
                    measured.times.push((name.to_owned(), vec![milliseconds]));
                }
                Err(error) => eprintln!("{}: {name} is left out: {error}", recipe.name),
            }
        }
        if let Ok(answer) = self.ask(0, "least") {
            let least = answer.split_whitespace().filter_map(|n| n.parse().ok());
            measured
                .least
                .iter_mut()
                .zip(least)
                .for_each(|(to, n)| *to = n);
        }
        for _ in 0..self.options.rounds {
            let ours = measured.shortest("gradus").unwrap_or(f64::NAN);
            for (at, (i, epochs)) in taking_part.iter().enumerate() {
                let name = self.peers[*i].0;
                let far = measured.shortest(name).is_some_and(|t| t > FAR * ours);
                if far {
                    continue;
                }
                match self.number(*i, &format!("time {epochs}")) {
                    Ok(milliseconds) => measured.times[at].1.push(milliseconds),
                    Err(error) => eprintln!("{}: {name}: {error}", recipe.name),
                }
            }
        }
        measured
    }
}

fn geometric_mean(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = numbers.clone().count() as f64;
    (numbers.map(f64::ln).sum::<f64>() / count).exp()
}

/// Seconds that it takes to read and write so many numbers, from where they stay between two times.
fn traffic(numbers: usize) -> f64 {
    let threads = std::env::var("GRADUS_THREADS").ok();
    let threads = threads
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut numbers = vec![1.0_f32; numbers.max(threads)];
    let times = (50_000_000 / numbers.len()).clamp(3, 10_000);
    let part = numbers.len().div_ceil(threads);
    let start = std::sync::Barrier::new(numbers.len().div_ceil(part));
    std::thread::scope(|scope| {
        let parts = numbers.chunks_mut(part).map(|part| {
            let start = &start;
            scope.spawn(move || {
                let mut pass = || {
                    part.iter_mut().for_each(|x| *x = -*x);
                    std::hint::black_box(&mut *part);
                };
                pass();
                start.wait();
                let started = Instant::now();
                (0..times).for_each(|_| pass());
                started.elapsed().as_secs_f64() / times as f64
            })
        });
        let parts: Vec<_> = parts.collect();
        let seconds = parts.into_iter().map(|part| part.join().unwrap_or(0.0));
        seconds.fold(0.0, f64::max)
    })
}

/// Whether these are the same costs but for rounding, and finite.
fn agree(ours: &[f64], theirs: &[f64]) -> bool {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= APART * a.abs().max(0.01);
    ours.iter().zip(theirs).all(close)
}

/// Write what the peers read: the recipe, the weights, the data.
fn write(recipe: &Recipe, folder: &Path) -> Outcome<()> {
    let data = recipe.data()?;
    let bytes = |numbers: &[f32]| -> Vec<u8> {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes());
        bytes.collect()
    };
    std::fs::write(folder.join("x.f32"), bytes(data.features()))?;
    let y: Vec<f32> = match data.targets() {
        Targets::Classes { labels, .. } => labels.iter().map(|&label| label as f32).collect(),
        Targets::Values { values, .. } => values.clone(),
    };
    std::fs::write(folder.join("y.f32"), bytes(&y))?;
    recipe.network().save(folder.join("net.safetensors"))?;
    std::fs::write(folder.join("recipe.json"), serde_json::to_string(recipe)?)?;
    Ok(())
}

/// Go along the gradient of each parameter: per unit of length the cost must change by the length of the gradient. The ends of
/// a step may lie on two sides of a kink, and a short one drowns in rounding, so the best of several lengths counts.
fn gradients(recipe: &Recipe, data: &Dataset) -> Outcome<String> {
    let mut net = recipe.without_dropout()?;
    let (_, gradients) = net.gradients(data, recipe.cost)?;
    let mut worst = (0.0, String::new());
    for (parameter, gradient) in net.parameters().into_iter().zip(gradients) {
        let norm = gradient.norm();
        let (rows, columns) = (gradient.value.shape().0, gradient.value.shape().1);
        let mut off = f64::INFINITY;
        for length in [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3] {
            let mut cost_at = |sign: f64| -> Outcome<f64> {
                let step = (sign * length / norm.max(1e-12)) as f32;
                let pairs = parameter.value.as_vec().into_iter();
                let moved = pairs.zip(gradient.value.as_vec());
                let moved = moved.map(|(w, g)| w + step * g).collect();
                net.set_parameter(&parameter.name, &matrix(moved, rows, columns)?)?;
                Ok(net.evaluate(data, recipe.cost)?.loss)
            };
            let slope = (cost_at(1.0)? - cost_at(-1.0)?) / (2.0 * length);
            off = off.min((slope - norm).abs() / (norm + 1e-3));
        }
        net.set_parameter(&parameter.name, &parameter.value)?;
        if off > worst.0 || off.is_nan() {
            worst = (off, parameter.name);
        }
    }
    let (off, name) = worst;
    Ok(match off < 0.02 {
        true => "pass".to_owned(),
        false => format!("WRONG: {name} {:.1} % off", 100.0 * off),
    })
}

/// Ours, as the process that is asked.
#[derive(Default)]
struct Session(Option<(Recipe, Dataset, Sequential)>);

impl Session {
    fn obey(&mut self, line: &str) -> Outcome<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["load", folder] = words[..] {
            let text = std::fs::read_to_string(Path::new(folder).join("recipe.json"))?;
            let recipe: Recipe = serde_json::from_str(&text)?;
            let (data, net) = (recipe.data()?, recipe.network());
            self.0 = Some((recipe, data, net));
            return Ok("loaded".to_owned());
        }
        if words == ["memory"] {
            return Ok(format!("{:.1}", harness::peak_memory()));
        }
        let (recipe, data, net) = self.0.as_mut().ok_or("nothing is loaded")?;
        let train = |net: &mut Sequential, data: &Dataset, epochs| {
            net.fit(
                data,
                recipe.cost,
                recipe.rule.optimizer(),
                recipe.fit(epochs),
            )
        };
        match words[..] {
            ["costs"] => {
                let batch = data.take(recipe.batch)?;
                let history = train(&mut recipe.without_dropout()?, &batch, CHECKED)?;
                let costs = history.epochs().iter().map(|e| format!("{:.7}", e.loss));
                Ok(costs.collect::<Vec<_>>().join(" "))
            }
            // The start of an optimiser, which happens once, does not count.
            ["time", epochs] => {
                let history = train(net, data, epochs.parse()?)?;
                let epochs = history.epochs();
                let seconds: f64 = epochs.iter().map(|e| e.duration.as_secs_f64()).sum();
                let steps = epochs.len() * recipe.steps();
                Ok(format!("{:.6}", 1e3 * seconds / steps as f64))
            }
            ["least"] => {
                let size = recipe.size();
                let numbers = size.parameters * (1 + recipe.rule.optimizer().slots());
                let peak = gradus::measure::peak_operations_per_second();
                let operations = size.least_operations as f64 / peak;
                Ok(format!("{} {}", 1e3 * operations, 1e3 * traffic(numbers)))
            }
            ["bits"] => {
                let mut net = recipe.network();
                let rows = data.take(CHECKED * recipe.batch)?;
                train(&mut net, &rows, 1)?;
                let evaluation = net.evaluate(&rows, recipe.cost)?;
                let parameters = net.parameters().into_iter().chain(net.statistics());
                let bits = parameters.flat_map(|p| p.value.as_vec());
                let bits = bits.map(|x| u64::from(x.to_bits()));
                let sum = bits.fold(evaluation.loss.to_bits(), |sum, bits| {
                    (sum ^ bits).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
                });
                Ok(format!("{sum:016x}"))
            }
            ["gradients"] => gradients(recipe, &data.take(8)?),
            _ => Err(format!("does not know {line:?}").into()),
        }
    }

    fn serve() {
        let mut session = Session::default();
        for line in std::io::stdin().lines().map_while(std::result::Result::ok) {
            match session.obey(&line) {
                Ok(answer) => println!("gradus {answer}"),
                Err(error) => println!("gradus error {}", error.to_string().replace('\n', " ")),
            }
        }
    }
}

/// Ours at every level and number of threads.
fn verify(places: &Places, recipes: &[Recipe], folder: &Path) -> Outcome<()> {
    let mut crew = Vec::new();
    for level in ["scalar", "avx2", "avx512"] {
        for threads in [1, 2, 3] {
            let mut command = command(places, "gradus", Some(level), None);
            command.env("GRADUS_THREADS", threads.to_string());
            let peer = Peer::start("gradus", "gradus ".to_owned(), command)?;
            crew.push((format!("{level} {threads}"), peer));
        }
    }
    let mut wrong = 0;
    for recipe in recipes {
        write(recipe, folder)?;
        let mut bits = Vec::new();
        for (who, peer) in &mut crew {
            peer.ask(&format!("load {}", folder.display()))?;
            bits.push((who.clone(), peer.ask("bits")?));
        }
        let gradients = crew[0].1.ask("gradients")?;
        let same = bits.iter().all(|(_, sum)| *sum == bits[0].1);
        let well = same && gradients == "pass" && !bits[0].1.starts_with("error");
        wrong += usize::from(!well);
        println!(
            "{:>12} {} gradients {gradients} | {recipe}",
            recipe.name,
            if same { "same bits" } else { "OTHER BITS" }
        );
        if !same || bits[0].1.starts_with("error") {
            bits.iter()
                .for_each(|(who, sum)| println!("             {who}: {sum}"));
        }
    }
    match wrong {
        0 => Ok(()),
        n => Err(format!("{n} of {} are not as they should be", recipes.len()).into()),
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("--serve") {
        return Session::serve();
    }
    if let Err(error) = talk() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn talk() -> Outcome<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let recipes = options.recipes()?;
    if options.list {
        for recipe in &recipes {
            let operations = recipe.size().operations as f64;
            println!(
                "{:>12} {operations:9.2e} operations | {recipe}",
                recipe.name
            );
        }
        return Ok(());
    }
    if options.profile {
        for recipe in &recipes {
            let (net, data) = (recipe.network(), recipe.data()?);
            let profile =
                net.profile_with(&data, recipe.cost, recipe.rule.optimizer(), recipe.batch)?;
            println!("{}: {recipe}\n{profile}\n", recipe.name);
        }
        return Ok(());
    }
    let places = Places::find()?;
    let folder = std::env::temp_dir().join(format!("gradus-draws-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = match options.verify {
        true => verify(&places, &recipes, &folder),
        false => compare(&places, &options, &recipes, &folder),
    };
    std::fs::remove_dir_all(&folder)?;
    outcome
}

fn compare(places: &Places, options: &Options, recipes: &[Recipe], folder: &Path) -> Outcome<()> {
    let frameworks: Vec<&str> = options.peers.iter().map(|peer| framework(peer)).collect();
    places.install_python(&frameworks)?;
    let mut crew = Crew::new(places, options);
    let mut results = Results {
        machine: machine(),
        simd: options.simd.clone(),
        threads: options.threads,
        draws: Vec::new(),
    };
    for recipe in recipes {
        write(recipe, folder)?;
        let measured = crew.measure(recipe, folder);
        let ratio = measured.ratio().map_or(String::new(), |(peer, ratio)| {
            let limit = measured.limit().map_or(String::new(), short);
            format!("{:>6} of {limit:>6} {peer:<16}", short(ratio))
        });
        let times = measured.times.iter().filter_map(|(name, _)| {
            let milliseconds = measured.shortest(name)?;
            Some(format!("{name} {milliseconds:.4} ms"))
        });
        let times: Vec<String> = times.collect();
        println!(
            "{:>12} {ratio} {} | {recipe}",
            recipe.name,
            times.join(", ")
        );
        results.draws.push(measured);
        // After each: the whole may take an hour.
        if let Some(path) = &options.json {
            replace(path, &(serde_json::to_string_pretty(&results)? + "\n"))?;
        }
    }
    print!("\n{}", results.summary());
    let disagree: usize = results.draws.iter().map(|d| d.disagree.len()).sum();
    if options.save {
        results.save(places, !options.only.is_empty())?;
    }
    match disagree {
        0 => Ok(()),
        n => Err(format!(
            "{n} times the costs were not ours: what was measured there says nothing"
        )
        .into()),
    }
}
