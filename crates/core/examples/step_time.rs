//! Time per training step and accuracy of the workloads A to E, in the form that the scripts of the peers print too.
//!
//! cargo run --release -p gradus --example step_time -- ABCDE
//!
//! For each letter a line `gradus WORKLOAD ms_per_step acc=ACCURACY`: A to C one epoch of 938 steps timed after an epoch to
//! warm up, then the accuracy on the 10,000 test images after 3 epochs; D 200 steps and E 3 steps, after a few to warm up.
//! A to D train on Fashion-MNIST (found through GRADUS_DATA), E on random images.
//!
//! `--profile` prints where the time of a step goes instead. With `--listen` and one letter it obeys the lines it reads, as the peers do: `time`, `accuracy`, `memory`,
//! `until ACCURACY SEED`.

use std::time::Instant;

use gradus::prelude::*;

#[path = "../benches/workloads/mod.rs"]
mod workloads;
use workloads::{network, optimizer, random_images};

fn fit() -> Fit<'static> {
    Fit::epochs(1).batch(64).quiet()
}

/// Ends a training at this accuracy on the validation data.
struct Target(f64);

impl Callback for Target {
    fn after_epoch(&mut self, _: &Sequential, epoch: &Epoch) -> Result<Next> {
        Ok(match epoch.val_accuracy >= Some(self.0) {
            true => Next::Stop,
            false => Next::Continue,
        })
    }
}

/// One workload and what is asked about it.
struct Session {
    workload: char,
    train: Dataset,
    test: Option<Dataset>,
    /// The examples of a timed round.
    timed: Dataset,
    /// The network that the rounds train, once it is warm.
    warm: Option<Sequential>,
}

impl Session {
    fn new(workload: char) -> Result<Session> {
        let (train, test) = match workload {
            'E' => (random_images(192, [32, 32, 3])?, None),
            _ => {
                let (train, test) = Dataset::fashion_mnist()?;
                (train, Some(test))
            }
        };
        Ok(Session {
            timed: match workload {
                'D' => train.take(200 * 64)?,
                _ => train.clone(),
            },
            workload,
            train,
            test,
            warm: None,
        })
    }

    fn train(&self, net: &mut Sequential, data: &Dataset, fit: Fit<'_>) -> Result<History> {
        net.fit(data, CrossEntropy, optimizer(self.workload), fit)
    }

    /// Milliseconds per step of a round.
    fn time(&mut self) -> Result<f64> {
        let mut net = match self.warm.take() {
            Some(net) => net,
            None => {
                let mut net = network(self.workload, 0);
                let steps = match self.workload {
                    'D' => 20,
                    'E' => 1,
                    _ => 938,
                };
                self.train(&mut net, &self.train.take(steps * 64)?, fit())?;
                net
            }
        };
        let started = Instant::now();
        let seconds = if self.workload == 'E' {
            // With 3 steps, the start of an optimiser with 180 million numbers would count: the second epoch of two.
            let two = Fit::epochs(2).batch(64).quiet();
            let history = self.train(&mut net, &self.timed, two)?;
            history.last().duration.as_secs_f64()
        } else {
            self.train(&mut net, &self.timed, fit())?;
            started.elapsed().as_secs_f64()
        };
        self.warm = Some(net);
        Ok(1e3 * seconds / self.timed.len().div_ceil(64) as f64)
    }

    /// The accuracy on the test images after 3 epochs from the start.
    fn accuracy(&self) -> Result<f64> {
        let Some(test) = &self.test else {
            return Ok(f64::NAN);
        };
        let mut net = network(self.workload, 0);
        let fit = Fit::epochs(3).batch(64).quiet();
        self.train(&mut net, &self.train, fit)?;
        Ok(net
            .evaluate(test, CrossEntropy)?
            .accuracy
            .unwrap_or(f64::NAN))
    }

    /// Seconds of training until this accuracy on the test images, looked at after each epoch, and the epochs.
    fn until(&mut self, target: f64, seed: u64) -> Result<(f64, usize)> {
        let Some(test) = &self.test else {
            return Ok((f64::NAN, 0));
        };
        if self.warm.is_none() {
            let mut net = network(self.workload, 0);
            self.train(&mut net, &self.train, fit().validate(test))?;
            self.warm = Some(net);
        }
        let mut net = network(self.workload, seed);
        let fit = Fit::epochs(30).batch(64).seed(seed).quiet();
        let fit = fit.validate(test).callback(Target(target));
        let started = Instant::now();
        let history = self.train(&mut net, &self.train, fit)?;
        let seconds = started.elapsed().as_secs_f64();
        let last = history.last();
        Ok(match last.val_accuracy >= Some(target) {
            true => (seconds, last.epoch),
            false => (f64::NAN, last.epoch),
        })
    }

    fn obey(&mut self, line: &str) -> Result<String> {
        Ok(match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["time"] => format!("{:.4} acc=nan", self.time()?),
            ["accuracy"] => format!("nan acc={:.4}", self.accuracy()?),
            ["memory"] => format!("memory {:.1} MiB", peak_memory()),
            ["until", target, seed] => match (target.parse(), seed.parse()) {
                (Ok(accuracy), Ok(number)) => {
                    let (seconds, epochs) = self.until(accuracy, number)?;
                    format!("until {target} seed {seed}: {seconds:.3} s {epochs} epochs")
                }
                _ => format!("cannot read {line:?}"),
            },
            _ => format!("does not know {line:?}"),
        })
    }
}

/// MiB of memory that this process has held at most; NaN where the system does not tell.
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok())
        .map_or(f64::NAN, |kib| kib / 1024.0)
}

fn main() -> Result<()> {
    let (options, letters): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let letters = letters.concat();
    let (listen, profile) = (options == ["--listen"], options == ["--profile"]);
    if let Some(wrong) = letters.chars().find(|letter| !"ABCDE".contains(*letter)) {
        eprintln!("no workload {wrong}: there are A, B, C, D and E");
        std::process::exit(2);
    }
    if !options.is_empty() && !listen && !profile || listen && letters.len() != 1 {
        eprintln!("usage: step_time [--profile] WORKLOADS, or step_time WORKLOAD --listen");
        std::process::exit(2);
    }
    let letters = match letters.as_str() {
        "" => "ABCDE",
        some => some,
    };
    for letter in letters.chars() {
        let mut session = Session::new(letter)?;
        if listen {
            for line in std::io::stdin().lines().map_while(std::result::Result::ok) {
                println!("gradus {letter} {}", session.obey(&line)?);
            }
        } else if profile {
            let (net, rule) = (network(letter, 0), optimizer(letter));
            let profile = net.profile_with(&session.timed, CrossEntropy, rule, 64)?;
            println!("gradus {letter}\n{profile}");
        } else {
            let milliseconds = session.time()?;
            let accuracy = session.accuracy()?;
            println!("gradus {letter} {milliseconds:.3} acc={accuracy:.4}");
        }
    }
    Ok(())
}
