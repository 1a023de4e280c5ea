//! How the time and the memory of training grow with the batch, the width and the depth of a network, beside PyTorch.
//!
//! cargo run --release -p gradus --example scaling
//!
//! 784-256-10 with ReLU and Adam on made-up images, batches of 64; one of the three sizes changes at a time. Each measurement is
//! a process of its own, whose peak memory the system tells (on Linux); PyTorch (the fused optimiser) and Gradus take turns.
//! Prints a table and draws `crates/core/benches/results/scaling.svg`. PyTorch is installed as the example `peers` does it;
//! `--ours` leaves it out, and draws nothing.
//!
//! cargo run --release -p gradus --example scaling -- BATCH WIDTH DEPTH STEPS
//!
//! is one measurement: `ms_per_step MiB_at_the_start MiB_at_most`. Memory does not grow with the steps: try 100 and 10000.

use std::process::{Command, Stdio};
use std::time::Instant;

use gradus::plot::Chart;
use gradus::prelude::*;

#[path = "../benches/harness/mod.rs"]
mod harness;
use harness::{Outcome, Places, memory, peak_memory};

/// What a measurement may take, about: then there are fewer steps, but at least 3.
const MULTIPLY_ADDS: usize = 20_000_000_000;
const PIXELS: usize = 784;

/// Batch, width, depth.
type Size = [usize; 3];
const MIDDLE: Size = [64, 256, 1];
/// What changes, its place in a size, and its values.
const AXES: [(&str, usize, &[usize]); 3] = [
    ("batch", 0, &[1, 4, 16, 64, 256, 1024]),
    ("width", 1, &[8, 32, 128, 512, 2048, 8192]),
    ("depth", 2, &[1, 4, 16, 64, 256, 1024]),
];

/// Milliseconds per step, and the memory in MiB before the training and at most.
fn measure([batch, width, depth]: Size, steps: usize) -> Result<[f64; 3]> {
    // Enough images that a batch does not find them in a cache, in one epoch or in several.
    let images = (batch * steps).min(4096.max(2 * batch)).max(1);
    let pixels = (0..images * PIXELS)
        .map(|i| (i as f32 * 0.37).sin())
        .collect();
    let labels = (0..images).map(|i| i % 10).collect();
    let data = Dataset::classification(pixels, PIXELS, labels, 10)?;
    let start = memory("VmRSS:");
    let hidden = |net: Sequential, _| net.dense(width).init(He).activation(Relu);
    let mut net = (0..depth).fold(Sequential::input(PIXELS), hidden).dense(10);
    let fit = |epochs| Fit::epochs(epochs).batch(batch).quiet();
    let warm_up = data.take((3 * batch).min(images))?;
    net.fit(&warm_up, CrossEntropy, Adam::new(1e-4), fit(1))?;
    let epochs = (batch * steps).div_ceil(images);
    let started = Instant::now();
    net.fit(&data, CrossEntropy, Adam::new(1e-4), fit(epochs))?;
    let taken = epochs * images.div_ceil(batch);
    let milliseconds = 1e3 * started.elapsed().as_secs_f64() / taken as f64;
    Ok([milliseconds, start, peak_memory()])
}

/// As many steps as fit into the time.
fn steps([batch, width, depth]: Size) -> usize {
    let weights = PIXELS * width + (depth - 1) * width * width + 10 * width;
    // Adam goes through the weights four times, which is what counts in small batches.
    (MULTIPLY_ADDS / (3 * batch * weights + 16 * weights)).clamp(3, 2000)
}

/// A measurement in a process of its own.
fn in_a_process(mut command: Command, size: Size) -> Outcome<[f64; 3]> {
    let arguments = size.into_iter().chain([steps(size)]);
    command.args(arguments.map(|n| n.to_string()));
    let run = command.stderr(Stdio::null()).output()?;
    let text = String::from_utf8(run.stdout)?;
    let numbers = text.split_whitespace().map(str::parse);
    let numbers: Vec<f64> = numbers.collect::<std::result::Result<_, _>>()?;
    let three = numbers.try_into();
    three.map_err(|_| format!("{command:?} ended without its numbers").into())
}

fn main() {
    if let Err(error) = talk() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn talk() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = arguments.iter().flat_map(|a| a.parse()).collect();
    let beside = match (&arguments[..], &numbers[..]) {
        ([_, _, _, _], &[batch, width, depth, steps]) if !numbers.contains(&0) => {
            let [milliseconds, start, most] = measure([batch, width, depth], steps)?;
            println!("{milliseconds:.5} {start:.1} {most:.1}");
            return Ok(());
        }
        ([], _) => true,
        ([option], _) if option == "--ours" => false,
        _ => {
            let usage =
                "scaling, scaling --ours, or scaling BATCH WIDTH DEPTH STEPS, each at least 1";
            return Err(format!("usage: {usage}").into());
        }
    };
    let places = Places::find()?;
    let mut names = vec!["gradus"];
    if beside {
        places.install_python(&["pytorch"])?;
        names.push("PyTorch");
    }
    let command = |name: &str| -> Outcome<Command> {
        if name == "gradus" {
            return Ok(Command::new(std::env::current_exe()?));
        }
        let mut command = Command::new(places.python());
        command.arg(places.scripts().join("scaling_pytorch.py"));
        Ok(command)
    };
    let mut panels = Vec::new();
    for (name, place, values) in AXES {
        println!(
            "{name:>6} {:>8} {:>12} {:>12} {:>8}",
            "", "ms/step", "µs/example", "MiB"
        );
        // Time and memory of each.
        let mut found = vec![(Vec::new(), Vec::new()); names.len()];
        for &value in values {
            let mut size = MIDDLE;
            size[place] = value;
            let mut runs = vec![Vec::new(); names.len()];
            for _ in 0..3 {
                for (who, runs) in names.iter().zip(&mut runs) {
                    runs.push(in_a_process(command(who)?, size)?);
                }
            }
            for ((who, mut runs), (times, memories)) in names.iter().zip(runs).zip(&mut found) {
                runs.sort_by(|a, b| a[0].total_cmp(&b[0]));
                // The shortest, because whatever else runs makes longer ones; memory is the same in all.
                let [milliseconds, start, most] = runs[0];
                let each = 1e3 * milliseconds / size[0] as f64;
                let held = most - start;
                println!("{value:>6} {who:>8} {milliseconds:>12.4} {each:>12.3} {held:>8.1}");
                times.push((value as f64, milliseconds));
                memories.push((value as f64, held));
            }
        }
        let growth = |points: &[(f64, f64)]| match points {
            [first, .., last] => (last.1 / first.1, last.0 / first.0),
            _ => (f64::NAN, f64::NAN),
        };
        let (more, larger) = growth(&found[0].0);
        let title = format!("{name} times {larger:.0}: {more:.0} times the time");
        let chart = |title: String, label: &str| {
            let chart = Chart::new(title).x_label(name).y_label(label);
            chart.log_x().log_y()
        };
        let (mut time, mut space) = (
            chart(title, "ms per step"),
            chart("and the memory".to_owned(), "MiB besides the data"),
        );
        for (who, (times, memories)) in names.iter().zip(found) {
            time = time.path(*who, times);
            space = space.path(*who, memories);
        }
        panels.extend([time, space]);
    }
    if beside {
        Figure::grid(2, panels)
            .title("784-256-10 with Adam in batches of 64, and one size changed")
            .save(places.results().join("scaling.svg"))?;
    }
    Ok(())
}
