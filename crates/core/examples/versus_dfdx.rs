//! The same network by `fit` and by plain dfdx, in alternation: ms per step of each and their ratio.
//!
//! cargo run --release -p gradus --example versus_dfdx
//!
//! 64-128-10 with ReLU on the digits and 784-1024-10 on made-up numbers, batches of 64, Adam; the median of 7 runs each.

use std::time::Instant;

use gradus::dfdx::prelude::*;
use gradus::prelude::{CrossEntropy, Dataset, Fit, Relu, Sequential};
use gradus::tensor::device;

fn ours(data: &Dataset, hidden: usize) -> gradus::Result<f64> {
    let width = data.shape().features();
    let mut net = Sequential::input(width)
        .dense(hidden)
        .activation(Relu)
        .dense(10);
    let started = Instant::now();
    let adam = gradus::optim::Adam::new(1e-3);
    net.fit(data, CrossEntropy, adam, Fit::epochs(2).batch(64).quiet())?;
    Ok(started.elapsed().as_secs_f64() / (2 * data.len().div_ceil(64)) as f64)
}

fn plain<const WIDTH: usize, const HIDDEN: usize>(data: &Dataset) -> gradus::Result<f64> {
    let dev = device();
    type Net<const W: usize, const H: usize> = (Linear<W, H>, ReLU, Linear<H, 10>);
    let mut model = dev.build_module::<Net<WIDTH, HIDDEN>, f32>();
    let config = gradus::dfdx::optim::AdamConfig {
        lr: 1e-3,
        ..Default::default()
    };
    let mut adam = gradus::dfdx::optim::Adam::new(&model, config);
    let mut grads = model.alloc_grads();
    let mut batches = gradus::sgd::Batches::new(data.len(), 64, 0)?;
    let steps = 2 * batches.steps();
    let started = Instant::now();
    for _ in 0..2 {
        for rows in batches.epoch() {
            let mut x = Vec::with_capacity(rows.len() * WIDTH);
            let mut y = vec![0.0; rows.len() * 10];
            for (i, &row) in rows.iter().enumerate() {
                x.extend_from_slice(&data.features()[row * WIDTH..(row + 1) * WIDTH]);
                y[i * 10 + data.labels()[row]] = 1.0;
            }
            let x = dev.tensor_from_vec(x, (rows.len(), Const::<WIDTH>));
            let y = dev.tensor_from_vec(y, (rows.len(), Const::<10>));
            let z = model.forward(x.traced(grads));
            grads = cross_entropy_with_logits_loss(z, y).backward();
            adam.update(&mut model, &grads)
                .expect("every parameter is used");
            model.zero_grads(&mut grads);
        }
    }
    Ok(started.elapsed().as_secs_f64() / steps as f64)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> gradus::Result<()> {
    let digits = Dataset::digits();
    let numbers = (0..1280 * 784).map(|i| (i as f32 * 0.37).sin()).collect();
    let large = Dataset::classification(numbers, 784, (0..1280).map(|i| i % 10).collect(), 10)?;
    let mut times: [[Vec<f64>; 2]; 2] = Default::default();
    for _ in 0..7 {
        times[0][0].push(ours(&digits, 128)?);
        times[0][1].push(plain::<64, 128>(&digits)?);
        times[1][0].push(ours(&large, 1024)?);
        times[1][1].push(plain::<784, 1024>(&large)?);
    }
    for (name, [ours, plain]) in ["64-128-10", "784-1024-10"].into_iter().zip(times) {
        let (ours, plain) = (1e3 * median(ours), 1e3 * median(plain));
        println!(
            "{name}: gradus {ours:.3} ms, plain dfdx {plain:.3} ms, ratio {:.2}",
            plain / ours
        );
    }
    Ok(())
}
