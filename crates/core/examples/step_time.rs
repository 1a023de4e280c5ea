//! Time per training step and accuracy of the workloads A to E, in the form that the scripts of the peers print too.
//!
//! cargo run --release -p gradus --example step_time -- ABCDE
//!
//! For each letter a line `gradus WORKLOAD ms_per_step acc=ACCURACY`: A to C one epoch of 938 steps timed after an epoch to
//! warm up, then the accuracy on the 10,000 test images after 3 epochs; D 200 steps and E 3 steps, after a few to warm up.
//! A to D train on Fashion-MNIST (found through GRADUS_DATA), E on random images.

use std::time::Instant;

use gradus::data::Shape;
use gradus::prelude::*;
use rand::{Rng, SeedableRng};

fn network(workload: char) -> Option<(Sequential, Box<dyn Optimizer>)> {
    let flat = || Sequential::input(784);
    Some(match workload {
        'A' => (
            flat().dense(30).activation(Sigmoid).dense(10),
            Sgd::new(0.1).into(),
        ),
        'B' => (
            flat()
                .dense(1024)
                .activation(Relu)
                .init(He)
                .regularizer(l2(0.01))
                .dropout(0.5)
                .dense(10),
            Adam::new(1e-4).into(),
        ),
        'C' => {
            let mut net = flat();
            for _ in 0..3 {
                net = net.dense(256).init(He).batch_norm().activation(Relu);
            }
            (net.dense(10), Adam::new(1e-3).into())
        }
        'D' => (
            Sequential::input([28, 28, 1])
                .conv2d(32, 3)
                .activation(Relu)
                .max_pool2d(2)
                .conv2d(64, 3)
                .activation(Relu)
                .max_pool2d(2)
                .dense(128)
                .activation(Relu)
                .dense(10),
            Adam::new(1e-3).into(),
        ),
        'E' => {
            let mut net = Sequential::input([32, 32, 3]);
            for _ in 0..3 {
                net = net.conv2d(128, 3).activation(Relu);
            }
            (
                net.dense(1024).activation(Relu).dense(10),
                Adam::new(1e-4).into(),
            )
        }
        _ => return None,
    })
}

/// Milliseconds per step of one epoch over the data.
fn time(net: &mut Sequential, data: &Dataset, optimizer: Box<dyn Optimizer>) -> Result<f64> {
    let started = Instant::now();
    net.fit(
        data,
        CrossEntropy,
        optimizer,
        Fit::epochs(1).batch(64).quiet(),
    )?;
    Ok(1e3 * started.elapsed().as_secs_f64() / data.len().div_ceil(64) as f64)
}

fn main() -> Result<()> {
    let letters = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "ABCDE".to_owned());
    for letter in letters.chars() {
        let Some((mut net, optimizer)) = network(letter) else {
            eprintln!("no workload {letter}: there are A, B, C, D and E");
            std::process::exit(2);
        };
        let fresh = || network(letter).expect("it was there").1;
        if letter == 'E' {
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(0);
            let x = (0..192 * 3072).map(|_| rng.r#gen::<f32>()).collect();
            let images = Dataset::classification(
                x,
                Shape::from([32, 32, 3]),
                (0..192).map(|i| i % 10).collect(),
                10,
            )?;
            time(&mut net, &images.take(64)?, optimizer)?;
            println!("gradus E {:.3} acc=nan", time(&mut net, &images, fresh())?);
            continue;
        }
        let (train, test) = Dataset::fashion_mnist()?;
        let (warm_up, timed) = match letter {
            'D' => (train.take(64 * 20)?, train.take(64 * 200)?),
            _ => (train.clone(), train.clone()),
        };
        time(&mut net, &warm_up, optimizer)?;
        let milliseconds = time(&mut net, &timed, fresh())?;
        let (mut net, optimizer) = network(letter).expect("it was there");
        net.fit(
            &train,
            CrossEntropy,
            optimizer,
            Fit::epochs(3).batch(64).quiet(),
        )?;
        let accuracy = net
            .evaluate(&test, CrossEntropy)?
            .accuracy
            .unwrap_or(f64::NAN);
        println!("gradus {letter} {milliseconds:.3} acc={accuracy:.4}");
    }
    Ok(())
}
