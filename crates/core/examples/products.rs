//! The matrix product of the engine beside what this machine can do, PyTorch's (MKL) and NumPy's (OpenBLAS).
//!
//! cargo run --release -p gradus --example products
//!
//! Products of 512 by 512 by 512 of which one side, or all, change; both operands as they lie (`a b`, a layer forward), the
//! second transposed (`a bᵀ`, the gradient of its inputs) or the first (`aᵀ b`, that of its weights). The three take turns, and
//! the shortest time counts. Prints where ours is farthest behind the best, and draws
//! `crates/core/benches/results/products.svg`. `--rounds N` [3], `--ours`: alone, and nothing is drawn.
//! `GRADUS_SIMD` holds the others to its vector instructions, too.

use std::process::Command;
use std::time::{Duration, Instant};

use gradus::measure::{peak_operations_per_second, product};
use gradus::plot::Chart;
use gradus::prelude::*;

#[path = "../benches/harness/mod.rs"]
mod harness;
use harness::{Outcome, Peer, Places, hold_to, short};

type Shape = (usize, usize, usize);
type Sweep = (&'static str, fn(usize) -> Shape);

const SIDE: usize = 512;
const SIZES: [usize; 6] = [1, 4, 16, 64, 256, 1024];
const SWEEPS: [Sweep; 4] = [
    ("rows of c", |s| (s, SIDE, SIDE)),
    ("columns of c", |s| (SIDE, SIDE, s)),
    ("length of the sums", |s| (SIDE, s, SIDE)),
    ("all three", |s| (s, s, s)),
];
const LAYOUTS: [(&str, (bool, bool)); 3] = [
    ("a b", (false, false)),
    ("a bᵀ", (false, true)),
    ("aᵀ b", (true, false)),
];
/// A round of each.
const SECONDS: f64 = 0.03;
const PAUSE: Duration = Duration::from_millis(150);

fn main() {
    if let Err(error) = talk() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn talk() -> Outcome<()> {
    let (mut rounds, mut alone) = (3, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--ours" => alone = true,
            "--rounds" => rounds = arguments.next().ok_or("--rounds needs a number")?.parse()?,
            _ => {
                return Err(
                    format!("no option {argument}: there are --rounds N and --ours").into(),
                );
            }
        }
    }
    let places = Places::find()?;
    let mut peers = Vec::new();
    if !alone {
        places.install_python(&["pytorch"])?;
        for (name, script) in [("PyTorch (MKL)", "pytorch"), ("NumPy (OpenBLAS)", "numpy")] {
            let mut command = Command::new(places.python());
            command
                .arg(places.scripts().join("products.py"))
                .arg(script);
            // Somebody may have told OpenBLAS about another machine.
            command
                .env_remove("OPENBLAS_CORETYPE")
                .env_remove("OPENBLAS_L2_SIZE");
            if let Ok(level) = std::env::var("GRADUS_SIMD") {
                hold_to(&mut command, script, &level);
                if level != "avx512" {
                    command.env("OPENBLAS_CORETYPE", "Haswell");
                }
            }
            peers.push(Peer::start(name, format!("{script} "), command)?);
        }
    }
    let mut peak = peak_operations_per_second();
    // Shares of the peak, in the order gradus, peers.
    let mut panels = Vec::new();
    let mut behind: Vec<(f64, String)> = Vec::new();
    for (what, shape) in SWEEPS {
        for (layout, transposed) in LAYOUTS {
            let mut series = vec![Vec::new(); 1 + peers.len()];
            for size in SIZES {
                let (m, k, n) = shape(size);
                let operations = (2 * m * k * n) as f64;
                let mut rates = vec![0.0_f64; 1 + peers.len()];
                for _ in 0..rounds {
                    if !peers.is_empty() {
                        // Their threads look for work for a while, on the cores that ours needs.
                        std::thread::sleep(PAUSE);
                    }
                    rates[0] = rates[0].max(operations / seconds((m, k, n), transposed));
                    for (peer, rate) in peers.iter_mut().zip(&mut rates[1..]) {
                        let (a, b) = (u8::from(transposed.0), u8::from(transposed.1));
                        let question = format!("{m} {k} {n} {a} {b} {SECONDS}");
                        let time = peer.number(&question, "")?.ok_or("no time")?;
                        *rate = rate.max(operations / time);
                    }
                }
                peak = peak.max(peak_operations_per_second());
                let best = rates.iter().copied().fold(0.0, f64::max);
                behind.push((rates[0] / best, format!("{layout}, {m} x {k} x {n}")));
                for (series, rate) in series.iter_mut().zip(&rates) {
                    series.push((size as f64, *rate));
                }
                let shown: Vec<String> = rates.iter().map(|r| short(r / 1e9)).collect();
                println!(
                    "{layout} {m:>5} x {k:>5} x {n:>5}: {} GFLOP/s",
                    shown.join(", ")
                );
            }
            panels.push((what, layout, series));
        }
    }
    println!(
        "\nthe peak: {} GFLOP/s; gradus{}",
        short(peak / 1e9),
        if alone { "" } else { ", PyTorch, NumPy" }
    );
    if alone {
        return Ok(());
    }
    behind.sort_by(|a, b| a.0.total_cmp(&b.0));
    let logarithms: f64 = behind.iter().map(|(ratio, _)| ratio.ln()).sum();
    let mean = (logarithms / behind.len() as f64).exp();
    println!(
        "ours over the best: {} in the geometric mean; the farthest behind:",
        short(mean)
    );
    for (ratio, what) in behind.iter().take(5) {
        println!("{:>6} {what}", short(*ratio));
    }
    let names: Vec<&str> = std::iter::once("gradus")
        .chain(peers.iter().map(|p| p.name))
        .collect();
    let charts = panels.into_iter().map(|(what, layout, series)| {
        let chart = Chart::new(format!("{layout}: 512 x 512 x 512, other {what}"));
        let chart = chart.x_label(what).y_label("part of the peak").log_x();
        let named = names.iter().zip(series);
        named.fold(chart, |chart, (name, series)| {
            chart.path(
                *name,
                series.into_iter().map(|(size, rate)| (size, rate / peak)),
            )
        })
    });
    Figure::grid(3, charts).save(places.results().join("products.svg"))?;
    Ok(())
}

/// The shortest time of one product of ours.
fn seconds(shape: Shape, transposed: (bool, bool)) -> f64 {
    let (m, k, n) = shape;
    let (a, b, mut c) = (vec![1.0; m * k], vec![1.0; k * n], vec![0.0; m * n]);
    let (mut best, begun) = (f64::INFINITY, Instant::now());
    // Short products several at a time, for the clock.
    let count = (1_000_000 / (m * k * n)).max(1);
    while begun.elapsed().as_secs_f64() < SECONDS {
        let started = Instant::now();
        for _ in 0..count {
            product(&mut c, &a, &b, shape, transposed);
        }
        best = best.min(started.elapsed().as_secs_f64() / count as f64);
    }
    assert!(c.iter().all(|c| *c == k as f32), "the product is wrong");
    best
}
