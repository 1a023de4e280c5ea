//! What an activation costs: `cargo bench -p gradus --bench activations`.
//!
//! Each measurement is over 1000 numbers between -6 and 6, so the microseconds in the table are nanoseconds per element.
//! `value` and `derivative` are the formulas one number after the other; `tensor` is a dfdx tensor without a tape.

use divan::{Bencher, black_box};
use gradus::prelude::*;

const N: usize = 1000;

fn main() {
    divan::main();
}

fn numbers() -> Vec<f32> {
    (0..N).map(|i| 12.0 * i as f32 / N as f32 - 6.0).collect()
}

fn each(bencher: Bencher<'_, '_>, f: impl Fn(f32) -> f32 + Sync) {
    let z = numbers();
    let mut a = vec![0.0; N];
    bencher.bench_local(|| {
        for (a, z) in a.iter_mut().zip(black_box(&z)) {
            *a = f(*z);
        }
        black_box(&a);
    });
}

#[divan::bench(args = Activation::ALL)]
fn value(bencher: Bencher<'_, '_>, f: Activation) {
    each(bencher, |z| f.value(z));
}

#[divan::bench(args = Activation::ALL)]
fn derivative(bencher: Bencher<'_, '_>, f: Activation) {
    each(bencher, |z| f.derivative(z));
}

#[divan::bench(args = Activation::ALL)]
fn tensor(bencher: Bencher<'_, '_>, f: Activation) {
    let z = matrix(numbers(), 10, N / 10).expect("a thousand numbers fill ten rows");
    bencher.bench_local(|| f.apply(black_box(z.clone())));
}
