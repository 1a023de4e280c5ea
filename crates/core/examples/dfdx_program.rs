//! A program of dfdx that takes its parts from Gradus: initialiser, activation, batch normalisation, cost, penalty, schedule,
//! clipping, optimiser, batches and early stopping, on a network whose shapes the compiler checks. Beside it the same training by
//! [`Sequential::fit`], from the same weights and the same seeds: after 100 steps the two networks are the same to 1e-4.
//!
//! `cargo run --release -p gradus --example dfdx_program`

use gradus::activation::modules::{Prelu, Swish};
use gradus::batchnorm::BatchNormModule;
use gradus::cost::categorical_cross_entropy_with_logits as cross_entropy;
use gradus::dfdx::prelude::{
    AsArray, Const, Cpu, DeviceBuildExt, Linear, Module, ModuleMut, RealizeTo, Tensor, Trace,
};
use gradus::optim::ForDfdx;
use gradus::prelude::{
    Activation, Batches, Clip, Cost, Dataset, EarlyStopping, Fit, Init, Nag, Result, Schedule,
    Sequential, l2,
};
use gradus::regularization::Verdict;
use gradus::sgd::train_model;

type Net = (
    (Linear<64, 32>, BatchNormModule<32>, Swish),
    (Linear<32, 32>, Prelu<32>),
    Linear<32, 10>,
);
/// Images of digits, one in each row.
type Digits = Tensor<(usize, Const<64>), f32, Cpu>;

const EPOCHS: usize = 4;
const BATCH: usize = 58; // 25 steps an epoch
const SEED: u64 = 3;

fn main() -> Result<()> {
    let difference = train_both()?;
    println!("the largest difference between two parameters after 100 steps: {difference:.1e}");
    Ok(())
}

/// Train the two networks; the largest difference between two of their parameters, relative to 1 where they are larger.
pub fn train_both() -> Result<f32> {
    let (train, test) = Dataset::digits().split(0.8, 42)?;
    let schedule = Schedule::cosine_to(100, 0.1).warm_up(10);
    let (clip, penalty) = (Clip::Norm(1.0), l2(1e-3));
    let stopping = EarlyStopping::patience(2);

    // dfdx, with the parts of Gradus.
    let mut model = Cpu::default().build_module::<Net, f32>();
    Init::He.fill(&mut model, SEED)?;
    let start = model.clone();
    let digits = |data: &Dataset| -> Digits { data.x().realize() };
    let mut rule = ForDfdx::new(Nag::new(0.1))?
        .schedule(schedule)?
        .clip(clip)?;
    let mut batches = Batches::new(train.len(), BATCH, SEED)?;
    let mut best = stopping.keeping();
    for epoch in 1..=EPOCHS {
        let costs = train_model(&mut model, &mut rule, &mut batches, 1, |model, rows| {
            let batch = train.select(rows)?;
            let z = model.forward_mut(digits(&batch).leaky_traced());
            let cost = cross_entropy(z.realize(), &batch.one_hot())?;
            Ok(cost + penalty.cost_of(&model.0.0)?)
        })?;
        let z = model.forward(digits(&test));
        // As in `fit`, the penalty counts on the test images, too.
        let validation = cross_entropy(z.realize(), &test.one_hot())?.array()
            + penalty.cost_of(&model.0.0)?.array();
        let mean = costs.iter().sum::<f32>() / costs.len() as f32;
        println!("epoch {epoch}: cost {mean:.4}, on the test images {validation:.4}");
        if best.see(epoch, f64::from(validation), &model) == Verdict::Stop {
            break;
        }
    }
    let model = best.restore(model);

    // Gradus alone.
    let build = || {
        Sequential::input(64)
            .dense(32)
            .regularizer(penalty)
            .batch_norm()
            .activation(Activation::Swish)
            .dense(32)
            .prelu()
            .dense(10)
    };
    let mut net = build();
    net.copy_from(&start)?;
    let fit = Fit::epochs(EPOCHS).batch(BATCH).seed(SEED);
    let fit = fit.schedule(schedule).clip(clip).validate(&test);
    let fit = fit.early_stopping(stopping).quiet();
    let history = net.fit(&train, Cost::CrossEntropy, Nag::new(0.1), fit)?;
    println!("{history}");

    // What dfdx's network learned, as a network of Gradus.
    let mut learned = build();
    learned.copy_from(&model)?;
    let (ours, theirs) = (net.parameters(), learned.parameters());
    let statistics = net.statistics().into_iter().zip(learned.statistics());
    let pairs = ours.into_iter().zip(theirs).chain(statistics);
    let differences = pairs.flat_map(|(a, b)| {
        let pairs = a.value.as_vec().into_iter().zip(b.value.as_vec());
        pairs.map(|(a, b)| (a - b).abs() / b.abs().max(1.0))
    });
    Ok(differences.fold(0.0, f32::max))
}
