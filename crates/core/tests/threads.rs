//! A training gives the same bits whichever the number of threads.

use std::process::{Command, Stdio};

use gradus::prelude::*;

const TEST: &str = "the_bits_do_not_depend_on_the_threads";
const SIDE: usize = 20;

/// Convolutions by patches and by tiles, both poolings, batch normalisation, dropout and an optimiser in several parts.
fn trained() -> Result<Vec<u32>> {
    // 7 batches of 40, and one of 20.
    let n = 300;
    let x = (0..n * SIDE * SIDE).map(|i| (i as f32 * 0.37).sin());
    let labels = (0..n).map(|i| i * i % 10).collect();
    let data = Dataset::classification(x.collect(), [SIDE, SIDE, 1], labels, 10)?;
    let mut net = Sequential::input([SIDE, SIDE, 1])
        .conv2d(8, 3)
        .activation(Relu)
        .conv2d(16, 3)
        .padding(Padding::Same)
        .batch_norm()
        .activation(Relu)
        .max_pool2d(2)
        .conv2d(5, 2)
        .activation(Tanh)
        .average_pool2d(2)
        // 40 x 250 units fall out in two parts, 80 x 250 weights are stepped in two.
        .dense(250)
        .regularizer(Regularizer {
            l2: 1e-3,
            ..l1(1e-4)
        })
        .activation(Relu)
        .dropout(0.3)
        .dense(200)
        .batch_norm()
        .activation(Swish)
        .maxout(10, 3);
    let fit = Fit::epochs(2).batch(40).quiet();
    let history = net.fit(&data, CrossEntropy, Adam::new(1e-3), fit)?;
    let costs = history.loss().into_iter().map(|cost| cost as f32);
    let (parameters, statistics) = (net.parameters(), net.statistics());
    let numbers = parameters.iter().chain(&statistics);
    let numbers = numbers.flat_map(|p| p.value.as_vec());
    let outputs = net.predict(&data)?.as_vec();
    Ok(numbers
        .chain(costs)
        .chain(outputs)
        .map(f32::to_bits)
        .collect())
}

#[test]
fn the_bits_do_not_depend_on_the_threads() {
    // The number of threads is settled once in a process, so each has one of its own: this test again.
    if let Some(file) = std::env::var_os("GRADUS_TEST_BITS") {
        let bits: Vec<u8> = trained()
            .unwrap()
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect();
        return std::fs::write(file, bits).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let with = |threads: &str| {
        let file = folder.path().join(threads);
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST])
            .env("GRADUS_THREADS", threads)
            .env("GRADUS_TEST_BITS", &file)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{threads} threads");
        std::fs::read(file).unwrap()
    };
    let one = with("1");
    assert!(one.len() > 4 * 70_000, "{} bytes", one.len());
    for threads in ["2", "3", "5"] {
        let other = with(threads);
        let differ = one
            .chunks(4)
            .zip(other.chunks(4))
            .filter(|(a, b)| a != b)
            .count();
        assert_eq!(one.len(), other.len());
        assert_eq!(
            differ,
            0,
            "numbers that differ with {threads} threads, of {}",
            one.len() / 4
        );
    }
}
