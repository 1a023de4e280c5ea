//! Block 9: batch normalisation against PyTorch and the engine, and what the slides say of it.

use gradus::batchnorm::{
    BatchStatistics, RunningStatistics, batch_norm, batch_norm_gradient, batch_norm_test,
};
use gradus::dfdx::prelude::{
    Backward, HasShape, PermuteTo, Rank0, SumTo, Tensor, Trace, TryMatMul,
};
use gradus::prelude::*;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    rows: usize,
    batches: Vec<Vec<f32>>,
    gamma: Vec<f32>,
    beta: Vec<f32>,
    delta: Vec<f32>,
    y: Vec<f32>,
    dx: Vec<f32>,
    dgamma: Vec<f32>,
    dbeta: Vec<f32>,
    running_mean: Vec<f32>,
    running_variance: Vec<f32>,
    keras_mean: Vec<f32>,
    keras_variance: Vec<f32>,
    test: Vec<f32>,
    test_y: Vec<f32>,
}

fn assert_close(what: &str, ours: &[f32], theirs: &[f32], relative: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let largest = theirs.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    for (a, b) in ours.iter().zip(theirs) {
        assert!(
            (a - b).abs() <= relative * (b.abs() + 0.1 * largest),
            "{what}: {ours:?}\n{theirs:?}"
        );
    }
}

#[test]
fn forward_backward_and_running_statistics_equal_pytorch() {
    let r: Reference = serde_json::from_str(include_str!("reference/batchnorm.json")).unwrap();
    let units = r.gamma.len();
    let batch = |i: usize| matrix(r.batches[i].clone(), r.rows, units).unwrap();
    let (gamma, beta) = (
        vector(r.gamma.clone()).unwrap(),
        vector(r.beta.clone()).unwrap(),
    );
    let delta = matrix(r.delta.clone(), r.rows, units).unwrap();
    let epsilon = BatchNorm::pytorch().epsilon;

    let mut running = RunningStatistics::new(units);
    let mut keras = RunningStatistics::new(units);
    for i in 0..3 {
        let (_, statistics) = batch_norm(batch(i), gamma.clone(), beta.clone(), epsilon).unwrap();
        running.follow(&statistics, BatchNorm::pytorch()).unwrap();
        keras.follow(&statistics, BatchNorm::keras()).unwrap();
    }
    assert_close("running mean", &running.mean, &r.running_mean, 1e-4);
    assert_close(
        "running variance",
        &running.variance,
        &r.running_variance,
        1e-4,
    );
    assert_close("Keras's running mean", &keras.mean, &r.keras_mean, 1e-4);
    assert_close(
        "Keras's running variance",
        &keras.variance,
        &r.keras_variance,
        1e-4,
    );

    let x = batch(2);
    let (y, _) = batch_norm(
        x.leaky_trace(),
        gamma.leaky_trace(),
        beta.leaky_trace(),
        epsilon,
    )
    .unwrap();
    assert_close("output", &y.as_vec(), &r.y, 1e-4);
    let cost: Tensor<Rank0, f32, _, _> = (y * delta.clone()).sum();
    let tape = cost.backward();
    let (dx, dgamma, dbeta) = batch_norm_gradient(&x, &gamma, epsilon, &delta).unwrap();
    for (name, ours, by_tape, theirs) in [
        ("x", dx.as_vec(), tape.get(&x).as_vec(), &r.dx),
        (
            "gamma",
            dgamma.as_vec(),
            tape.get(&gamma).as_vec(),
            &r.dgamma,
        ),
        ("beta", dbeta.as_vec(), tape.get(&beta).as_vec(), &r.dbeta),
    ] {
        assert_close(name, &ours, theirs, 1e-4);
        assert_close(name, &by_tape, theirs, 1e-4);
    }

    let one = matrix(r.test.clone(), 1, units).unwrap();
    let tested = batch_norm_test(&one, &gamma, &beta, &running, epsilon).unwrap();
    assert_close("test output", &tested.as_vec(), &r.test_y, 1e-4);
}

#[test]
fn the_engine_does_what_the_formula_does() {
    let (n, n_in, units) = (12, 5, 3);
    let number = |i: usize| ((i * 37 + 11) % 29) as f32 / 9.0 - 1.5;
    let features: Vec<f32> = (0..n * n_in).map(number).collect();
    let targets: Vec<f32> = (0..n * units).map(|i| number(i + 5)).collect();
    let data = Dataset::regression(features.clone(), n_in, targets.clone(), units).unwrap();
    for convention in [BatchNorm::keras(), BatchNorm::pytorch()] {
        let mut net = Sequential::input(n_in)
            .dense(units)
            .batch_norm_with(convention)
            .seed(4);
        let before = net.parameters();
        // One step of size 1 on the whole data: the parameters move by their gradients.
        net.fit(
            &data,
            Quadratic,
            Sgd::new(1.0),
            Fit::epochs(1).batch(n).quiet(),
        )
        .unwrap();
        let after = net.parameters();
        let moved = |name: &str| -> Vec<f32> {
            let find = |p: &[gradus::model::Parameter]| {
                p.iter().find(|p| p.name == name).unwrap().value.as_vec()
            };
            find(&before)
                .iter()
                .zip(find(&after))
                .map(|(a, b)| a - b)
                .collect()
        };

        let x = matrix(features.clone(), n, n_in).unwrap();
        let z = x.clone().matmul(before[0].value.clone());
        let (ones, zeros) = (
            vector(vec![1.0; units]).unwrap(),
            vector(vec![0.0; units]).unwrap(),
        );
        let epsilon = convention.epsilon;
        let (a, statistics) = batch_norm(z.clone(), ones.clone(), zeros, epsilon).unwrap();
        let y = matrix(targets.clone(), n, units).unwrap();
        let delta = (a - y) / n as f32;
        let (dz, dgamma, dbeta) = batch_norm_gradient(&z, &ones, epsilon, &delta).unwrap();
        let dw = x
            .clone()
            .permute::<_, gradus::dfdx::prelude::Axes2<1, 0>>()
            .matmul(dz);
        assert_close("W", &moved("dense_1.weight"), &dw.as_vec(), 1e-3);
        assert_close("γ", &moved("batch_norm_1.gamma"), &dgamma.as_vec(), 1e-3);
        assert_close("β", &moved("batch_norm_1.beta"), &dbeta.as_vec(), 1e-3);

        // At test time, with what the step left.
        let mut running = RunningStatistics::new(units);
        running.follow(&statistics, convention).unwrap();
        let z = x.matmul(after[0].value.clone()).as_vec();
        let bias = after[1].value.as_vec();
        let z: Vec<f32> = z
            .iter()
            .enumerate()
            .map(|(i, z)| z + bias[i % units])
            .collect();
        let row = |i: usize| vector(after[i].value.as_vec()).unwrap();
        let z = matrix(z, n, units).unwrap();
        let tested = batch_norm_test(&z, &row(2), &row(3), &running, epsilon).unwrap();
        let predicted = net.predict(&data).unwrap();
        assert_close("test mode", &predicted.as_vec(), &tested.as_vec(), 1e-4);
    }
}

fn deep(f: Activation, init: Init, normalised: bool) -> Sequential {
    let mut net = Sequential::input(64);
    for _ in 0..4 {
        net = net.dense(32).init(init);
        if normalised {
            net = net.batch_norm_with(BatchNorm::pytorch());
        }
        net = net.activation(f);
    }
    net.dense(10).init(init)
}

/// The accuracy on unseen digits after 15 epochs; 0 when the training diverged.
fn accuracy(mut net: Sequential, eta: f32) -> f64 {
    let (train, test) = Dataset::digits().split(0.8, 0).unwrap();
    match net.fit(
        &train,
        CrossEntropy,
        Sgd::new(eta),
        Fit::epochs(15).batch(64).quiet(),
    ) {
        Ok(_) => net.evaluate(&test, CrossEntropy).unwrap().accuracy.unwrap(),
        Err(_) => 0.0,
    }
}

#[test]
fn it_trains_with_ten_times_the_learning_rate_that_the_plain_network_survives() {
    let rates = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
    let largest = |normalised| {
        rates
            .into_iter()
            .filter(|eta| accuracy(deep(Relu, He, normalised), *eta) > 0.8)
            .fold(0.0, f32::max)
    };
    let (plain, normalised) = (largest(false), largest(true));
    assert!(
        plain > 0.0 && normalised >= 9.9 * plain,
        "plain up to η = {plain}, normalised up to {normalised}"
    );
}

#[test]
fn it_trains_from_a_bad_initialisation() {
    for (f, init) in [
        (Relu, Normal(0.01)),
        (Tanh, Normal(0.01)),
        (Sigmoid, Xavier),
    ] {
        let plain = accuracy(deep(f, init, false), 0.1);
        let normalised = accuracy(deep(f, init, true), 0.1);
        assert!(
            plain < 0.3 && normalised > 0.85,
            "{f:?}, {init:?}: {plain} and {normalised}"
        );
    }
}

#[test]
fn a_batch_of_one_is_an_error_in_training_and_none_at_test_time() {
    let row = matrix(vec![1.0, 2.0], 1, 2).unwrap();
    let (ones, zeros) = (vector(vec![1.0; 2]).unwrap(), vector(vec![0.0; 2]).unwrap());
    let error = batch_norm(row.clone(), ones.clone(), zeros.clone(), 1e-3).unwrap_err();
    assert!(error.to_string().contains("at least 2"), "{error}");
    assert!(batch_norm_gradient(&row, &ones, 1e-3, &row).is_err());
    let running = RunningStatistics::new(2);
    assert!(batch_norm_test(&row, &ones, &zeros, &running, 1e-3).is_ok());
    let data = Dataset::classification(vec![1.0, 2.0], 2, vec![0], 2).unwrap();
    let mut net = Sequential::input(2).dense(2).batch_norm();
    assert!(
        net.fit(&data, CrossEntropy, Sgd::new(0.1), Fit::epochs(1).quiet())
            .is_err()
    );
}

proptest! {
    #[test]
    fn gamma_and_beta_can_undo_the_normalisation(
        (rows, units, x) in (2..9_usize, 1..5_usize).prop_flat_map(|(rows, units)| {
            (Just(rows), Just(units), proptest::collection::vec(-100.0..100.0_f32, rows * units))
        })
    ) {
        let x = matrix(x, rows, units).unwrap();
        let ones = vector(vec![1.0; units]).unwrap();
        let (x_hat, batch) = batch_norm(x.clone(), ones.clone(), vector(vec![0.0; units]).unwrap(), 1e-5).unwrap();
        for j in 0..units {
            let column: Vec<f32> = x_hat.as_vec().into_iter().skip(j).step_by(units).collect();
            let mean = column.iter().sum::<f32>() / rows as f32;
            let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / rows as f32;
            prop_assert!(mean.abs() < 1e-2 && variance < 1.01, "mean {mean}, variance {variance}");
        }
        let gamma = batch.variance.iter().map(|v| (v + 1e-5).sqrt()).collect();
        let (undone, _) = batch_norm(x.clone(), vector(gamma).unwrap(), vector(batch.mean).unwrap(), 1e-5).unwrap();
        for (a, b) in undone.as_vec().iter().zip(x.as_vec()) {
            prop_assert!((a - b).abs() < 1e-3 * (1.0 + b.abs()), "{a} and {b}");
        }
    }

    #[test]
    fn no_shape_or_number_makes_it_panic(
        rows in 1..4_usize, units in 1..4_usize, gamma in 1..4_usize, running in 0..4_usize,
        epsilon: f32, value: f32, keep: f32, count in 0..3_usize,
    ) {
        let x = matrix(vec![value; rows * units], rows, units).unwrap();
        let gamma = vector(vec![value; gamma]).unwrap();
        let fits = gamma.shape().0 == units && epsilon.is_finite() && epsilon > 0.0;
        let trained = batch_norm(x.clone(), gamma.clone(), gamma.clone(), epsilon);
        prop_assert_eq!(trained.is_ok(), fits && rows > 1);
        prop_assert_eq!(batch_norm_gradient(&x, &gamma, epsilon, &x).is_ok(), fits && rows > 1);
        let mut statistics = RunningStatistics::new(running);
        let tested = batch_norm_test(&x, &gamma, &gamma, &statistics, epsilon);
        prop_assert_eq!(tested.is_ok(), fits && running == units);
        let batch = BatchStatistics { mean: vec![value; units], variance: vec![value; units], count };
        let convention = BatchNorm { keep, epsilon, unbiased: true };
        let _ = statistics.follow(&batch, convention);
    }
}
