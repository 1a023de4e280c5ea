//! A training gives the same bits whichever the number of threads and the width of the vector instructions.

use std::process::{Command, Stdio};

use gradus::data::Shape;
use gradus::optim;
use gradus::prelude::*;

const TEST: &str = "the_bits_depend_neither_on_the_threads_nor_on_the_vectors";
const SIDE: usize = 20;

fn images(shape: impl Into<Shape>) -> Result<Dataset> {
    // 7 batches of 40, and one of 20.
    let n = 300;
    let x = (0..n * SIDE * SIDE).map(|i| ((i * 7919) % 2003) as f32 / 1001.0 - 1.0);
    let labels = (0..n).map(|i| i * i % 10).collect();
    Dataset::classification(x.collect(), shape, labels, 10)
}

/// The bits of everything that a training makes: parameters, statistics, costs, outputs.
fn bits(
    mut net: Sequential,
    data: &Dataset,
    optimizer: impl Into<Box<dyn Optimizer>>,
    batch: usize,
) -> Result<Vec<u32>> {
    let fit = Fit::epochs(2).batch(batch).quiet();
    let history = net.fit(data, CrossEntropy, optimizer, fit)?;
    let costs = history.loss().into_iter();
    let costs = costs.flat_map(|cost| [cost.to_bits() as u32, (cost.to_bits() >> 32) as u32]);
    let (parameters, statistics) = (net.parameters(), net.statistics());
    let numbers = parameters.iter().chain(&statistics);
    let numbers = numbers.flat_map(|p| p.value.as_vec());
    let outputs = net.predict(data)?.as_vec();
    let numbers: Vec<f32> = numbers.chain(outputs).collect();
    assert!(numbers.iter().all(|x| x.is_finite()));
    Ok(numbers.into_iter().map(f32::to_bits).chain(costs).collect())
}

/// Convolutions by patches and by tiles, both poolings, batch normalisation, dropout, penalties, an optimiser in several parts;
/// dense networks with every activation and every rule, with many examples a step, few and one.
fn trained() -> Result<Vec<u32>> {
    let image = images([SIDE, SIDE, 1])?;
    let convolutional = Sequential::input([SIDE, SIDE, 1])
        .conv2d(8, 3)
        .activation(Relu)
        .conv2d(20, 3)
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
        .prelu()
        .dense(200)
        .batch_norm()
        .activation(Swish)
        .maxout(10, 3);
    let mut all = bits(convolutional, &image, Adam::new(1e-3), 40)?;

    // Wide enough that activations and batch normalisation are cut into parts.
    let wide = Sequential::input(SIDE * SIDE)
        .dense(530)
        .batch_norm()
        .activation(Gelu)
        .dense(410)
        .activation(Mish)
        .dense(10);
    let flat = images(SIDE * SIDE)?;
    all.extend(bits(wide, &flat, AdamW::new(1e-3), 100)?);

    let (digits, _) = Dataset::digits().split(0.2, 1)?;
    let net = |f| {
        let net = Sequential::input(64).dense(33).activation(f).dense(17);
        net.activation(f).dense(10)
    };
    for f in activation::Activation::ALL {
        all.extend(bits(net(f), &digits, Sgd::new(0.01), 16)?);
    }
    let mut rules = optim::all();
    rules.push(Sgd::new(0.01).weight_decay(0.01).into());
    for (i, rule) in rules.into_iter().enumerate() {
        all.extend(bits(net(Elu(1.0)), &digits, rule, [1, 3, 8, 33][i % 4])?);
    }
    Ok(all)
}

#[test]
fn the_bits_depend_neither_on_the_threads_nor_on_the_vectors() {
    // Both are settled once in a process, so each has one of its own: this test again.
    if let Some(file) = std::env::var_os("GRADUS_TEST_BITS") {
        let bits = trained().unwrap().into_iter().flat_map(u32::to_le_bytes);
        let level = gradus::vector_instructions().as_bytes().iter().copied();
        return std::fs::write(file, level.chain([b'\n']).chain(bits).collect::<Vec<_>>()).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let with = |vectors: &str, threads: &str| {
        let file = folder.path().join(format!("{vectors}-{threads}"));
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST])
            .env("GRADUS_SIMD", vectors)
            .env("GRADUS_THREADS", threads)
            .env("GRADUS_TEST_BITS", &file)
            .stdout(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{vectors}, {threads}: {said}");
        let written = std::fs::read(file).unwrap();
        let end = written.iter().position(|byte| *byte == b'\n').unwrap();
        let used = String::from_utf8_lossy(&written[..end]).into_owned();
        (used, written[end + 1..].to_vec())
    };
    let (best, expected) = with("", "1");
    assert!(expected.len() > 4 * 300_000, "{} bytes", expected.len());
    let mut tried = vec![];
    for (vectors, threads) in [
        ("avx512", "2"),
        ("avx2", "1"),
        ("avx2", "2"),
        ("scalar", "3"),
        (best.as_str(), "3"),
        (best.as_str(), "5"),
    ] {
        let (used, bits) = with(vectors, threads);
        if used != vectors {
            println!("skipped: this processor has no {vectors}, its best is {best}");
            continue;
        }
        tried.push(used);
        let pairs = expected.chunks(4).zip(bits.chunks(4));
        let differ = pairs.filter(|(a, b)| a != b).count();
        assert_eq!(expected.len(), bits.len());
        assert_eq!(
            differ,
            0,
            "numbers that differ with {vectors} and {threads} threads, of {}",
            expected.len() / 4
        );
    }
    assert!(tried.iter().any(|used| used == "scalar"), "{tried:?}");
}

#[test]
fn an_unknown_level_is_named_and_the_best_is_used() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_product_is_computed"])
        .args(["--ignored", "--nocapture"])
        .env("GRADUS_SIMD", "mmx")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success());
    assert!(
        said.contains("GRADUS_SIMD=mmx") && said.contains("scalar"),
        "{said}"
    );
}

#[test]
#[ignore = "started by the test above"]
fn a_product_is_computed() {
    let (digits, _) = Dataset::digits().split(0.1, 0).unwrap();
    let net = Sequential::input(64).dense(10);
    net.predict(&digits).unwrap();
}
