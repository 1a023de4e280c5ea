//! What looking costs: the table in the README.

use std::path::Path;
use std::process::Command;

use super::super::compile::compile_runtime;
use super::super::link::Linker;
use super::super::parse::parse;
use super::{Functions, POLL};
use crate::toolchain::Toolchain;

/// Runs of each loop in a process, and processes.
const RUNS: usize = 60;
const PROCESSES: usize = 8;

/// Cells with a hot loop, and what stands before it; `n` and `k` are unknown to the compiler.
const LOOPS: [(&str, &str, usize, usize); 24] = [
    (
        "product of two 120 x 120 matrices",
        "let (a, b) = (vec![vec![0.5f64; n]; n], vec![vec![0.5f64; n]; n]); let mut c = vec![vec![0.0; n]; n];\n\
         for i in 0..n { for j in 0..n { for k in 0..n { c[i][j] += a[i][k] * b[k][j]; } } }\nblack_box(&c);",
        120,
        0,
    ),
    (
        "sieve of 300,000 by `while` in `while`",
        "let mut is = vec![true; n + 1]; let mut i = 2;\n\
         while i * i <= n { if is[i] { let mut j = i * i; while j <= n { is[j] = false; j += i; } } i += 1; }\nblack_box(&is);",
        300_000,
        0,
    ),
    (
        "sieve of 300,000 by `for i in 2..=n { if is[i] { for j in ... } }`",
        "let mut is = vec![true; n + 1];\n\
         for i in 2..=n { if is[i] { for j in (i * i..=n).step_by(i) { is[j] = false; } } }\nblack_box(&is);",
        300_000,
        0,
    ),
    (
        "the same with `while` inside",
        "let mut is = vec![true; n + 1];\n\
         for i in 2..=n { if is[i] { let mut j = i * i; while j <= n { is[j] = false; j += i; } } }\nblack_box(&is);",
        300_000,
        0,
    ),
    (
        "distances of 400 points",
        "let p: Vec<(f64, f64)> = (0..n).map(|i| (i as f64, (i % 7) as f64)).collect(); let mut s = 0.0;\n\
         for i in 0..n { for j in 0..i { let (x, y) = (p[i].0 - p[j].0, p[i].1 - p[j].1); s += (x * x + y * y).sqrt(); } }\nblack_box(s);",
        400,
        0,
    ),
    (
        "greatest common divisors of 200 x 200 pairs",
        "let mut s = 0;\nfor i in 1..n { for j in 1..n { let (mut a, mut b) = (i, j); while b > 0 { (a, b) = (b, a % b); } s += a; } }\nblack_box(s);",
        200,
        0,
    ),
    (
        "3x + 1 up to 10,000",
        "let mut best = 0;\nfor i in 1..n { let (mut x, mut c) = (i, 0); while x != 1 { x = if x % 2 == 0 { x / 2 } else { 3 * x + 1 }; c += 1; } best = best.max(c); }\nblack_box(best);",
        10_000,
        0,
    ),
    (
        "steps of a training by hand, 16 weights",
        "let x: Vec<Vec<f64>> = (0..50).map(|i| (0..k).map(|j| ((i * j) % 5) as f64).collect()).collect(); let mut w = vec![0.0; k];\n\
         for _ in 0..n { for row in &x { let mut y = 0.0; for j in 0..k { y += w[j] * row[j]; } for j in 0..k { w[j] -= 1e-3 * (y - 1.0) * row[j]; } } }\nblack_box(&w);",
        100,
        16,
    ),
    (
        "`format!` in each turn",
        "let mut s = 0;\nfor i in 0..n { s += format!(\"{i}\").len(); }\nblack_box(s);",
        5_000,
        0,
    ),
    (
        "`println!` in one turn of 1,000",
        "let mut s = 0usize;\nfor i in 0..n { if i % 1000 == 999 { print!(\"\"); } s = s.wrapping_add(i ^ k); }\nblack_box(s);",
        500_000,
        1,
    ),
    (
        "`checked_add(x)?` in each turn",
        "let v: Vec<i64> = (0..n as i64).collect();\n\
         let s = || -> Option<i64> { let mut s = 0i64; for x in &v { s = s.checked_add(*x)?; } Some(s) };\nblack_box(s());",
        300_000,
        0,
    ),
    (
        "`mem::swap` in each turn",
        "let (mut a, mut b) = (0u64, 1u64);\nfor _ in 0..n { a = a.wrapping_add(b); std::mem::swap(&mut a, &mut b); }\nblack_box(a);",
        1_000_000,
        0,
    ),
    (
        "`map_or` with a closure in each turn",
        "let v: Vec<Option<i64>> = (0..n as i64).map(|x| (x % 3 > 0).then_some(x)).collect(); let mut s = 0;\n\
         for x in &v { s += x.map_or(0, |x| x & 7); }\nblack_box(s);",
        300_000,
        0,
    ),
    (
        "a look into a `HashMap` in each turn",
        "let m: std::collections::HashMap<usize, usize> = (0..1000).map(|x| (x, x)).collect(); let mut s = 0;\n\
         for i in 0..n { if let Some(x) = m.get(&(i % 1500)) { s += x; } }\nblack_box(s);",
        50_000,
        0,
    ),
    (
        "a small function that gets references in each turn",
        "fn dist(a: &[f64; 2], b: &[f64; 2]) -> f64 { (a[0] - b[0]).abs() + (a[1] - b[1]).abs() }\n\
         let p = vec![[1.0, 2.0]; 1000]; let mut s = 0.0;\n\
         for i in 0..n { s += dist(&p[i % 1000], &p[0]); }\nblack_box(s);",
        300_000,
        0,
    ),
    (
        "a function of the notebook with a loop of 32 turns",
        "fn dot(a: &[f64], b: &[f64]) -> f64 { let mut s = 0.0; for i in 0..a.len() { s += a[i] * b[i]; } s }\n\
         let (a, b) = (vec![0.5; k], vec![1.5; k]); let mut s = 0.0;\nfor _ in 0..n { s += dot(&a, &b); }\nblack_box(s);",
        20_000,
        32,
    ),
    (
        "sums of rows of 32 by `iter().sum()`",
        "let m = vec![vec![1.5f64; k]; 1000]; let mut s = 0.0;\n\
         for _ in 0..n { for row in &m { s += row.iter().sum::<f64>(); } }\nblack_box(s);",
        20,
        32,
    ),
    (
        "a plain loop while a lock is held",
        "let m = std::sync::Mutex::new(vec![1u64; 1024]); let all = m.lock().unwrap(); let mut s = 0u64;\n\
         for i in 0..n { s = s.wrapping_add(all[i & 1023]); }\nblack_box(s);",
        300_000,
        0,
    ),
    (
        "an inner loop of 16 turns",
        "let x: Vec<u64> = (0..1024).collect(); let mut s = 0u64;\n\
         for i in 0..n { for j in 0..k { s = s.wrapping_add(x[(i + j) & 1023]); } }\nblack_box(s);",
        50_000,
        16,
    ),
    (
        "an inner loop of 8 turns",
        "let x: Vec<u64> = (0..1024).collect(); let mut s = 0u64;\n\
         for i in 0..n { for j in 0..k { s = s.wrapping_add(x[(i + j) & 1023]); } }\nblack_box(s);",
        100_000,
        8,
    ),
    (
        "an inner loop of 2 turns, of numbers with a point",
        "let x = vec![1.5f64; 1024]; let mut s = 0.0;\n\
         for i in 0..n { for j in 0..k { s += 0.5 * x[(i + j) & 1023]; } }\nblack_box(s);",
        200_000,
        2,
    ),
    (
        "an inner loop of 2 turns, of whole numbers",
        "let x: Vec<u64> = (0..1024).collect(); let mut s = 0u64;\n\
         for i in 0..n { for j in 0..k { s = s.wrapping_add(x[(i + j) & 1023]); } }\nblack_box(s);",
        200_000,
        2,
    ),
    (
        "an inner loop `for j in 0..2`",
        "let x: Vec<u64> = (0..1024).collect(); let mut s = 0u64;\n\
         for i in 0..n { for j in 0..2 { s = s.wrapping_add(x[(i + j) & 1023]); } }\nblack_box(s);",
        200_000,
        0,
    ),
    (
        "products of 2 x 2 matrices by a function",
        "fn product(a: &[[f64; 4]], b: &[[f64; 4]], c: &mut [[f64; 4]], n: usize) {\n\
         for i in 0..n { for j in 0..n { let mut s = 0.0; for k in 0..n { s += a[i][k] * b[k][j]; } c[i][j] = s; } } }\n\
         let (a, b, mut c) = ([[0.5; 4]; 4], [[0.5; 4]; 4], [[0.0; 4]; 4]);\n\
         for _ in 0..n { product(black_box(&a), black_box(&b), &mut c, k); }\nblack_box(&c);",
        20_000,
        2,
    ),
];

/// All loops as one program, with the looking or without it.
fn program(looks: bool) -> String {
    let mut text = String::from(
        "#![allow(warnings)]\nuse std::hint::black_box;\nuse std::time::Instant;\n\
         fn main() {\nlet mut arguments = std::env::args().skip(1).map(|one| one.parse::<usize>().unwrap());\n\
         let (which, runs) = (arguments.next().unwrap(), arguments.next().unwrap());\n\
         let mut best = u128::MAX;\nfor _ in 0..runs {\nlet begin = Instant::now();\nmatch which {\n",
    );
    let mut loops = String::new();
    for (index, (_, code, n, k)) in LOOPS.iter().enumerate() {
        let mut code = (*code).to_owned();
        if looks {
            let polls = parse(&code).polls;
            let mut functions = Functions::new();
            polls.note(&(0..code.len()), &mut functions);
            for at in polls.places(&(0..code.len()), &functions).iter().rev() {
                code.insert_str(*at, POLL);
            }
        }
        text.push_str(&format!(
            "{index} => loop_{index}(black_box({n}), black_box({k})),\n"
        ));
        loops.push_str(&format!(
            "fn loop_{index}(n: usize, k: usize) {{\n{code}\n}}\n"
        ));
    }
    text + "_ => (),\n}\nbest = best.min(begin.elapsed().as_nanos());\n}\nprintln!(\"{best}\");\n}\n"
        + &loops
}

fn instructions(program: &Path, which: usize, runs: usize) -> f64 {
    let output = Command::new("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
        ])
        .arg(program)
        .args([which.to_string(), runs.to_string()])
        .output()
        .expect("valgrind is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = said.lines().find(|line| line.contains("refs:"));
    let count = line.and_then(|line| line.split_whitespace().last());
    count.expect("a count").replace(',', "").parse().unwrap()
}

#[test]
#[ignore = "measures for some minutes, with valgrind"]
fn looking_costs_little() {
    let folder = tempfile::tempdir().unwrap();
    let toolchain = Toolchain::find().unwrap();
    let runtime = compile_runtime(&toolchain, folder.path()).unwrap();
    let programs = [false, true].map(|looks| {
        let name = if looks { "looks" } else { "plain" };
        let source = folder.path().join(format!("{name}.rs"));
        std::fs::write(&source, program(looks)).unwrap();
        let built = folder.path().join(name);
        let output = Command::new(&toolchain.rustc)
            .args([
                "--edition=2024",
                "-Cprefer-dynamic",
                "-Cdebuginfo=0",
                "-Copt-level=1",
            ])
            .args(["-Cdebug-assertions=yes", "-Ccodegen-units=1"])
            .args(Linker::SYSTEM.finding(&[&toolchain.libraries, runtime.parent().unwrap()]))
            .arg(format!("--extern=gradus_cell={}", runtime.display()))
            .arg("-o")
            .arg(&built)
            .arg(&source)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        built
    });
    println!("| loop | more instructions | more time |\n|---|---:|---:|");
    for (which, (name, ..)) in LOOPS.iter().enumerate() {
        let mut best = [f64::MAX; 2];
        for _ in 0..PROCESSES {
            for (program, best) in programs.iter().zip(&mut best) {
                let output = Command::new(program)
                    .args([which.to_string(), RUNS.to_string()])
                    .output()
                    .unwrap();
                let nanoseconds = String::from_utf8(output.stdout).unwrap();
                *best = best.min(nanoseconds.trim().parse().unwrap());
            }
        }
        // Of the loop alone: without what the start of the program takes.
        let [plain, looks] = programs
            .each_ref()
            .map(|program| instructions(program, which, 3) - instructions(program, which, 1));
        println!(
            "| {name} | {:.2} % | {:.1} % |",
            100.0 * (looks / plain - 1.0),
            100.0 * (best[1] / best[0] - 1.0)
        );
    }
}
