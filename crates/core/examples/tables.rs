//! How fast a table of a million rows is read, and in how much memory, beside polars.
//!
//! python3 -m venv target/tables && target/tables/bin/pip install polars==2.1
//! cargo run --release -p gradus --example tables -- target/tables/bin/python [ROUNDS [ROWS]]
//!
//! Three made-up tables, written into the folder of that Python: numbers alone, numbers with texts (for Gradus one-hot), and what
//! a spreadsheet writes with semicolons and decimal commas. A fresh process for each reading; the two take turns, the median
//! counts. Gradus finds everything out by itself and makes examples in 32 bits of the rows; polars is told the separator and makes
//! columns in 64 bits. Memory is the most that a process held (on Linux) less what it held before it read.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use gradus::prelude::*;
use rand::{Rng, SeedableRng};

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Name, separator, decimal mark.
const TABLES: [(&str, char, char); 3] = [
    ("numbers", ',', '.'),
    ("numbers and texts", ',', '.'),
    ("semicolons and decimal commas", ';', ','),
];

fn status(name: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number
        .ok_or("the system does not tell the memory")?
        .parse()?)
}

/// Read one table and tell the milliseconds, the KiB, the KiB of its numbers, the rows.
fn child(path: &str) -> Outcome<()> {
    let before = status("VmRSS")?;
    let started = Instant::now();
    let data = Dataset::csv(path).target(-1).quiet().read()?;
    let took = started.elapsed().as_secs_f64() * 1e3;
    let most = status("VmHWM")?.saturating_sub(before);
    let numbers = (data.features().len() + data.len()) * size_of::<f32>() / 1024;
    println!("{took} {most} {numbers} {}", data.len());
    Ok(())
}

fn make(path: &Path, table: (&str, char, char), rows: usize) -> Outcome<()> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let (name, separator, decimal) = table;
    let has_texts = name.contains("texts");
    let mut names: Vec<String> = (0..8).map(|i| format!("x{i}")).collect();
    if has_texts {
        names.extend(["colour".to_owned(), "city".to_owned()]);
    }
    names.push("species".to_owned());
    let mut text = names.join(&separator.to_string()) + "\n";
    for _ in 0..rows {
        let mut line = String::new();
        for i in 0..8 {
            let x: f64 = rng.gen_range(0.0..100.0);
            let _ = match i % 4 {
                0 => write!(line, "{x:.1}{separator}"),
                1 => write!(line, "{x:.4}{separator}"),
                2 => write!(line, "{:.6}{separator}", x - 50.0),
                _ => write!(line, "{x:.0}{separator}"),
            };
        }
        text += &line.replace('.', &decimal.to_string());
        if has_texts {
            text += ["red", "green", "blue"][rng.gen_range(0..3)];
            text.push(separator);
            text += ["Madrid", "Sevilla", "Bilbao", "Valencia", "Vigo"][rng.gen_range(0..5)];
            text.push(separator);
        }
        text += ["setosa", "versicolor", "virginica"][rng.gen_range(0..3)];
        text.push('\n');
    }
    Ok(std::fs::write(path, text)?)
}

/// The numbers that a child tells.
fn told(command: &mut Command) -> Outcome<[f64; 4]> {
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().flat_map(str::parse).collect();
    let error = || String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(numbers.try_into().map_err(|_| error())?)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let ["--read", path] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return child(path);
    }
    let python = arguments
        .first()
        .ok_or("which Python has polars? See the top of the example")?;
    let number = |i: usize, default| arguments.get(i).map_or(Ok(default), |n| n.parse());
    let (rounds, rows) = (number(1, 5)?, number(2, 1_000_000)?);
    let folder = PathBuf::from(python).with_file_name("");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/tables_polars.py");
    let own = std::env::current_exe()?;
    println!("| table | MB | | ms | times as long | MB of memory | MB of numbers |");
    println!("|---|---:|---|---:|---:|---:|---:|");
    for table in TABLES {
        let path = folder.join(format!("{}-{rows}.csv", table.0));
        if !path.exists() {
            make(&path, table, rows)?;
        }
        let mut runs: [Vec<[f64; 4]>; 2] = Default::default();
        for _ in 0..rounds {
            runs[0].push(told(Command::new(&own).arg("--read").arg(&path))?);
            let (separator, decimal) = (table.1.to_string(), table.2.to_string());
            let mut polars = Command::new(python);
            runs[1].push(told(
                polars.arg(&script).arg(&path).args([separator, decimal]),
            )?);
        }
        let mb = std::fs::metadata(&path)?.len() as f64 / 1e6;
        let of = |run: usize, i: usize| median(runs[run].iter().map(|n| n[i]).collect());
        for (run, name) in ["gradus", "polars"].into_iter().enumerate() {
            assert_eq!(of(run, 3), rows as f64, "{name}");
            let [took, most, numbers] = [0, 1, 2].map(|i| of(run, i));
            println!(
                "| {} | {mb:.0} | {name} | {took:.0} | {:.2} | {:.0} | {:.0} |",
                table.0,
                took / of(1, 0),
                most * 1.024e-3,
                numbers * 1.024e-3,
            );
        }
    }
    Ok(())
}
