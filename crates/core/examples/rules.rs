//! What a step of each rule costs beside what its traffic costs.
//!
//! cargo run --release -p gradus --example rules
//!
//! A rule reads a parameter, its gradient and what it remembers, and writes the parameter and what it remembers: for `s` slots
//! `3 + 2 s` numbers go to or from memory where a copy of as many numbers has two go. Prints the shortest of many steps, by one
//! core, in copies of that traffic, for parameters that lie in the second cache, in the third and beyond.

use std::hint::black_box;
use std::time::Instant;

use gradus::optim;

const SIZES: [usize; 4] = [1 << 14, 1 << 17, 1 << 20, 1 << 24];
/// Numbers to go through for one figure.
const WORK: usize = 1 << 27;

fn shortest(numbers: usize, mut step: impl FnMut(u64)) -> f64 {
    let times = (1..=(WORK / numbers).clamp(8, 2000) as u64).map(|t| {
        let begin = Instant::now();
        step(t);
        begin.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

fn main() {
    print!("{:<10}", "numbers");
    for size in SIZES {
        print!("{size:>12}");
    }
    println!();
    let copies = SIZES.map(|size| {
        let from = vec![1.0_f32; size];
        let mut to = vec![0.0_f32; size];
        shortest(size, |_| {
            black_box(&mut to).copy_from_slice(black_box(&from))
        })
    });
    for rule in optim::all() {
        print!("{:<10}", rule.name());
        for (size, copy) in SIZES.into_iter().zip(copies) {
            let slots = rule.slots();
            let mut w = vec![0.1_f32; size];
            let mut g: Vec<f32> = (0..size).map(|i| 1e-3 * ((i % 97) as f32 - 48.5)).collect();
            let mut kept = vec![vec![0.0_f32; size]; slots];
            let time = shortest(size, |t| {
                let mut kept: Vec<&mut [f32]> = kept.iter_mut().map(Vec::as_mut_slice).collect();
                rule.step(
                    t,
                    rule.learning_rate(),
                    black_box(&mut w),
                    &mut g,
                    &mut kept,
                );
            });
            print!("{:>12.2}", time / copy * 2.0 / (3 + 2 * slots) as f64);
        }
        println!();
    }
    let gigabytes = |(size, copy): (usize, f64)| 8.0 * size as f64 / copy / 1e9;
    print!("{:<10}", "copy, GB/s");
    for one in SIZES.into_iter().zip(copies) {
        print!("{:>12.1}", gigabytes(one));
    }
    println!();
}
