//! The workloads A to E of the README of this crate.

use gradus::data::Shape;
use gradus::prelude::*;
use rand::{Rng, SeedableRng};

/// The network of a workload.
pub fn network(workload: char, seed: u64) -> Sequential {
    let flat = Sequential::input(784);
    let net = match workload {
        'A' => flat.dense(30).activation(Sigmoid).dense(10),
        'B' => flat
            .dense(1024)
            .activation(Relu)
            .init(He)
            .regularizer(l2(0.01))
            .dropout(0.5)
            .dense(10),
        'C' => (0..3)
            .fold(flat, |net, _| {
                net.dense(256).init(He).batch_norm().activation(Relu)
            })
            .dense(10),
        'D' => Sequential::input([28, 28, 1])
            .conv2d(32, 3)
            .activation(Relu)
            .max_pool2d(2)
            .conv2d(64, 3)
            .activation(Relu)
            .max_pool2d(2)
            .dense(128)
            .activation(Relu)
            .dense(10),
        _ => (0..3)
            .fold(Sequential::input([32, 32, 3]), |net, _| {
                net.conv2d(128, 3).activation(Relu)
            })
            .dense(1024)
            .activation(Relu)
            .dense(10),
    };
    net.seed(seed)
}

/// And the rule that trains it.
pub fn optimizer(workload: char) -> Box<dyn Optimizer> {
    match workload {
        'A' => Sgd::new(0.1).into(),
        'C' | 'D' => Adam::new(1e-3).into(),
        _ => Adam::new(1e-4).into(),
    }
}

/// Images of noise, in ten classes.
pub fn random_images(n: usize, shape: impl Into<Shape>) -> Result<Dataset> {
    let (mut rng, shape) = (rand_chacha::ChaCha8Rng::seed_from_u64(0), shape.into());
    let x = (0..n * shape.features())
        .map(|_| rng.r#gen::<f32>())
        .collect();
    let y = (0..n).map(|i| i % 10).collect();
    Dataset::classification(x, shape, y, 10)
}
