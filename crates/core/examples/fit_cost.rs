//! What `fit` costs besides training: progress, callbacks and metrics, in percent of a step of workload A, the shortest.
//!
//! cargo run --release -p gradus --example fit_cost [ROUNDS]
//!
//! 784-30-10 with sigmoid and SGD on 60,000 made-up images in batches of 64. One process for each way to look at the training,
//! because a process settles once what it prints for; they train in turns, 12 epochs a round, and the median counts. One
//! thread each, and its processor time (on Linux), so that it counts less what else the machine does.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Instant;

use gradus::prelude::*;

const BATCH: usize = 64;
const EPOCHS: usize = 12;

/// The first is what the others are compared with.
const WAYS: [&str; 5] = ["quiet", "quiet again", "callback", "lines", "notebook"];

struct Count(usize);

impl Callback for Count {
    fn after_epoch(&mut self, _: &Sequential, _: &Epoch) -> Result<Next> {
        self.0 += 1;
        Ok(Next::Continue)
    }
}

/// Train for a round at each line that comes in, and tell the microseconds per step: on stderr, stdout is for the progress.
fn child(way: &str) -> Result<()> {
    let n = 60_000;
    let pixels = (0..n * 784).map(|i| (i as f32 * 0.37).sin().abs());
    let labels = (0..n).map(|i| i % 10).collect();
    let data = Dataset::classification(pixels.collect(), 784, labels, 10)?;
    let net = Sequential::input(784).dense(30).activation(Sigmoid);
    let mut net = net.dense(10);
    for _ in std::io::stdin().lines() {
        let mut count = Count(0);
        let fit = Fit::epochs(EPOCHS).batch(BATCH);
        let fit = match way {
            "callback" => fit.quiet().callback(&mut count),
            "lines" | "notebook" => fit,
            _ => fit.quiet(),
        };
        let (started, at) = (Instant::now(), processor_seconds());
        net.fit(&data, CrossEntropy, Sgd::new(0.1), fit)?;
        let seconds = match at.zip(processor_seconds()) {
            Some((at, now)) => now - at,
            None => started.elapsed().as_secs_f64(),
        };
        eprintln!("{}", 1e6 * seconds / (EPOCHS * n.div_ceil(BATCH)) as f64);
    }
    Ok(())
}

/// What the first thread of this process has computed, where the system tells.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(text.split_whitespace().next()?.parse::<f64>().ok()? * 1e-9)
}

/// Microseconds that it takes to find the largest of 10 outputs for each example of a batch: what the accuracy costs.
fn accuracy() -> f64 {
    const TIMES: usize = 100_000;
    let outputs: Vec<f32> = (0..BATCH * 10).map(|i| (i as f32 * 0.7).sin()).collect();
    let started = Instant::now();
    let mut right = 0;
    for _ in 0..TIMES {
        let rows = std::hint::black_box(&outputs).chunks_exact(10).enumerate();
        right += rows.filter(|(i, z)| largest(z) == i % 10).count();
    }
    std::hint::black_box(right);
    1e6 * started.elapsed().as_secs_f64() / TIMES as f64
}

fn largest(values: &[f32]) -> usize {
    let larger = |best, i: usize| if values[i] > values[best] { i } else { best };
    (1..values.len()).fold(0, larger)
}

struct Way {
    name: &'static str,
    child: Child,
    answers: BufReader<ChildStderr>,
    times: Vec<f64>,
}

impl Way {
    fn start(name: &'static str) -> std::io::Result<Way> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--way", name]).env("GRADUS_THREADS", "1");
        command.env_remove("EVCXR_IS_RUNTIME");
        match name {
            // What the kernel of a notebook leaves in the environment of its cells.
            "notebook" => command.env("GRADUS_INTERRUPT", "/nonexistent"),
            _ => command.env_remove("GRADUS_INTERRUPT"),
        };
        let command = command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let answers = child.stderr.take().map(BufReader::new);
        Ok(Way {
            name,
            child,
            answers: answers.ok_or(std::io::ErrorKind::BrokenPipe)?,
            times: Vec::new(),
        })
    }

    fn round(&mut self) -> std::result::Result<f64, Box<dyn std::error::Error>> {
        if let Some(input) = &mut self.child.stdin {
            writeln!(input)?;
        }
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rounds = match &arguments[..] {
        [flag, way] if flag == "--way" => return Ok(child(way)?),
        [] => 9,
        [rounds] => rounds.parse::<usize>()?.max(1),
        _ => return Err("usage: fit_cost [ROUNDS]".into()),
    };
    let ways: std::io::Result<Vec<Way>> = WAYS.into_iter().map(Way::start).collect();
    let mut ways = ways?;
    for round in 0..=rounds {
        for way in &mut ways {
            let time = way.round()?;
            if round > 0 {
                way.times.push(time); // the first is to warm up
            }
        }
    }
    // The ways of a round stand side by side, so each is compared with the quiet one of its round.
    let quiet = ways[0].times.clone();
    let step = median(&mut quiet.clone());
    println!("{:12} {step:8.2} µs a step", ways[0].name);
    for way in &mut ways[1..] {
        let pairs = way.times.iter().zip(&quiet);
        let mut more: Vec<f64> = pairs.map(|(time, quiet)| time / quiet).collect();
        let (more, time) = (median(&mut more), median(&mut way.times));
        println!(
            "{:12} {time:8.2} µs a step {:+6.2} %",
            way.name,
            1e2 * (more - 1.0)
        );
    }
    let accuracy = accuracy();
    println!(
        "{:12} {accuracy:8.2} µs of a step {:5.2} %",
        "accuracy",
        1e2 * accuracy / step
    );
    for way in &mut ways {
        drop(way.child.stdin.take()); // the end of its rounds
        way.child.wait()?;
    }
    Ok(())
}
