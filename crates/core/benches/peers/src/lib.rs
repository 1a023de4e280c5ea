//! What the peers in Rust share: the data of the workloads, and the conversation with the one who measures. The same as
//! `workloads.py` for those in Python.

use std::io::{BufRead, Read};
use std::time::Instant;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub const BATCH: usize = 64;
/// On the hidden kernel of B: adds `L2 * sum(w**2)` to the loss.
pub const L2: f64 = 0.01;

/// Images row after row, and their classes.
pub struct Images {
    pub x: Vec<f32>,
    pub y: Vec<u32>,
    /// Numbers per image.
    pub width: usize,
}

impl Images {
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// A mini-batch: the pixels and the classes of these rows.
    pub fn gather(&self, rows: &[usize]) -> (Vec<f32>, Vec<u32>) {
        let mut x = Vec::with_capacity(rows.len() * self.width);
        for &row in rows {
            x.extend_from_slice(&self.x[row * self.width..(row + 1) * self.width]);
        }
        (x, rows.iter().map(|&row| self.y[row]).collect())
    }

    fn fashion_mnist(split: &str) -> Images {
        let folder = std::env::var("GRADUS_DATA").expect("GRADUS_DATA names the folder that contains fashion-mnist/");
        let read = |name: String, header: usize| {
            let path = format!("{folder}/fashion-mnist/{name}.gz");
            let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let mut bytes = Vec::new();
            let mut file = flate2::read::GzDecoder::new(file);
            file.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
            bytes.split_off(header)
        };
        let pixels = read(format!("{split}-images-idx3-ubyte"), 16);
        let labels = read(format!("{split}-labels-idx1-ubyte"), 8);
        Images {
            x: pixels.into_iter().map(|p| f32::from(p) / 255.0).collect(),
            y: labels.into_iter().map(u32::from).collect(),
            width: 784,
        }
    }
}

/// The training data, and the test data where there are any.
pub fn data(workload: char) -> (Images, Option<Images>) {
    if workload == 'E' {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let (n, width) = (3 * BATCH, 32 * 32 * 3);
        let x = (0..n * width).map(|_| rng.r#gen()).collect();
        let y = (0..n as u32).map(|i| i % 10).collect();
        return (Images { x, y, width }, None);
    }
    (Images::fashion_mnist("train"), Some(Images::fashion_mnist("t10k")))
}

/// The rows of the mini-batches of an epoch over the first `n` examples: every example once, shuffled.
pub fn shuffled(n: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(rng);
    order
}

/// A network at the start of its training, and what happens to it.
pub trait Peer {
    fn new(workload: char, seed: u64) -> Self;
    /// Go once through the first `rows` examples.
    fn epoch(&mut self, train: &Images, rows: usize);
    /// The fraction of these that it classifies right.
    fn accuracy(&mut self, test: &Images) -> f64;
}

struct Session<P> {
    workload: char,
    train: Images,
    test: Option<Images>,
    warm: Option<P>,
}

impl<P: Peer> Session<P> {
    fn time(&mut self) -> f64 {
        let (steps, rows, warm_up) = match self.workload {
            'D' => (200, 200 * BATCH, 20 * BATCH),
            'E' => (3, 3 * BATCH, BATCH),
            _ => (938, self.train.len(), self.train.len()),
        };
        let (workload, train) = (self.workload, &self.train);
        let net = self.warm.get_or_insert_with(|| {
            let mut net = P::new(workload, 0);
            net.epoch(train, warm_up);
            net
        });
        let start = Instant::now();
        net.epoch(train, rows);
        1e3 * start.elapsed().as_secs_f64() / f64::from(steps)
    }

    fn accuracy(&self) -> f64 {
        let Some(test) = &self.test else { return f64::NAN };
        let mut net = P::new(self.workload, 0);
        for _ in 0..3 {
            net.epoch(&self.train, self.train.len());
        }
        net.accuracy(test)
    }

    fn obey(&mut self, line: &str) -> String {
        match line {
            "time" => format!("{:.4} acc=nan", self.time()),
            "accuracy" => format!("nan acc={:.4}", self.accuracy()),
            "memory" => format!("memory {:.1} MiB", peak_memory()),
            _ => format!("does not know {line:?}"),
        }
    }
}

/// MiB of memory that this process has held at most.
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib / 1024.0)
}

/// `PEER WORKLOADS [--listen]`, as the scripts in Python take them.
pub fn main<P: Peer>(peer: &str, workloads: &str) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let letters = arguments.first().map_or("", String::as_str);
    if letters.is_empty() || !letters.chars().all(|letter| workloads.contains(letter)) {
        eprintln!("usage: {peer} WORKLOADS [--listen]; it has {workloads}");
        std::process::exit(2);
    }
    for workload in letters.chars() {
        let (train, test) = data(workload);
        let mut session = Session::<P> { workload, train, test, warm: None };
        if arguments.iter().any(|argument| argument == "--listen") {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                println!("{peer} {workload} {}", session.obey(line.trim()));
            }
        } else {
            println!("{peer} {workload} {:.3} acc={:.4}", session.time(), session.accuracy());
        }
    }
}
