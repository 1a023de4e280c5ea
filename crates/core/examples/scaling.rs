//! How the time and the memory of training grow with the batch, the width and the depth of a network.
//!
//! cargo run --release -p gradus --example scaling
//!
//! 784-256-10 with ReLU and Adam on made-up images, batches of 64; one of the three sizes changes at a time. Each measurement is
//! a process of its own, whose peak memory the system tells (on Linux). Prints a table and draws
//! `crates/core/benches/results/scaling.svg`.
//!
//! cargo run --release -p gradus --example scaling -- BATCH WIDTH DEPTH STEPS
//!
//! is one measurement: `ms_per_step MiB_at_the_start MiB_at_most`. Memory does not grow with the steps: try 100 and 10000.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use gradus::plot::Chart;
use gradus::prelude::*;

/// What a measurement may take, about: then there are fewer steps, but at least 3.
const MULTIPLY_ADDS: usize = 20_000_000_000;
const PIXELS: usize = 784;

/// Batch, width, depth.
type Size = [usize; 3];
const MIDDLE: Size = [64, 256, 1];
/// What changes, its place in a size, and its values.
const AXES: [(&str, usize, &[usize]); 3] = [
    ("batch", 0, &[1, 4, 16, 64, 256, 1024]),
    ("width", 1, &[16, 64, 256, 1024, 4096]),
    ("depth", 2, &[1, 2, 4, 8, 16, 32]),
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
    Ok([milliseconds, start, memory("VmHWM:")])
}

/// MiB that this process holds (`VmRSS:`) or held at most (`VmHWM:`); NaN where the system does not tell.
fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|l| l.strip_prefix(line));
    found
        .and_then(|found| found.trim().strip_suffix(" kB")?.parse::<f64>().ok())
        .map_or(f64::NAN, |kib| kib / 1024.0)
}

/// As many steps as fit into the time.
fn steps([batch, width, depth]: Size) -> usize {
    let weights = PIXELS * width + (depth - 1) * width * width + 10 * width;
    // Adam goes through the weights four times, which is what counts in small batches.
    (MULTIPLY_ADDS / (3 * batch * weights + 16 * weights)).clamp(3, 2000)
}

/// The same in a process of its own: the median time of three, and the largest memory.
fn in_a_process(size: Size) -> Option<[f64; 3]> {
    let program = std::env::current_exe().ok()?;
    let mut runs = Vec::new();
    for _ in 0..3 {
        let arguments = size.into_iter().chain([steps(size)]);
        let run = Command::new(&program)
            .args(arguments.map(|n| n.to_string()))
            .output();
        let text = String::from_utf8(run.ok()?.stdout).ok()?;
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        let mut next = || numbers.next()?.ok();
        runs.push([next()?, next()?, next()?]);
    }
    runs.sort_by(|a, b| a[0].total_cmp(&b[0]));
    Some(runs[1])
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<usize> = std::env::args().skip(1).flat_map(|a| a.parse()).collect();
    match (std::env::args().count(), &arguments[..]) {
        (5, &[batch, width, depth, steps])
            if [batch, width, depth, steps].iter().all(|n| *n > 0) =>
        {
            let [milliseconds, start, most] = measure([batch, width, depth], steps)?;
            println!("{milliseconds:.5} {start:.1} {most:.1}");
            return Ok(());
        }
        (1, _) => (),
        _ => {
            eprintln!("usage: scaling, or scaling BATCH WIDTH DEPTH STEPS, each at least 1");
            std::process::exit(2);
        }
    }
    let mut panels = Vec::new();
    for (name, place, values) in AXES {
        let (mut times, mut memories) = (Vec::new(), Vec::new());
        println!(
            "{name:>6} {:>12} {:>12} {:>8}",
            "ms/step", "µs/example", "MiB"
        );
        for &value in values {
            let mut size = MIDDLE;
            size[place] = value;
            let Some([milliseconds, start, most]) = in_a_process(size) else {
                eprintln!("{name} {value}: the measurement ended without its numbers");
                continue;
            };
            let each = 1e3 * milliseconds / size[0] as f64;
            println!(
                "{value:>6} {milliseconds:>12.4} {each:>12.3} {:>8.1}",
                most - start
            );
            times.push((value as f64, milliseconds));
            memories.push((value as f64, most - start));
        }
        let growth = |points: &[(f64, f64)]| match points {
            [first, .., last] => (last.1 / first.1, last.0 / first.0),
            _ => (f64::NAN, f64::NAN),
        };
        let (more, larger) = growth(&times);
        panels.push(
            Chart::new(format!(
                "{name} times {larger:.0}: {more:.1} times the time"
            ))
            .x_label(name)
            .y_label("ms per step")
            .log_x()
            .log_y()
            .path("", times),
        );
        let (more, _) = growth(&memories);
        panels.push(
            Chart::new(format!(
                "{name} times {larger:.0}: {more:.1} times the memory"
            ))
            .x_label(name)
            .y_label("MiB besides the data")
            .log_x()
            .log_y()
            .path("", memories),
        );
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/results");
    std::fs::create_dir_all(&folder)?;
    Figure::grid(2, panels)
        .title("784-256-10 with Adam in batches of 64, and one size changed")
        .save(folder.join("scaling.svg"))?;
    Ok(())
}
