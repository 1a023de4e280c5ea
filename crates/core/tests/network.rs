//! `Sequential` end to end: against PyTorch's numbers, against finite differences, on real data, and with bad input.

use gradus::prelude::*;
use gradus::{ErrorKind, model::Parameter};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    x: Vec<f32>,
    y: Vec<usize>,
    sizes: Vec<usize>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    activation: String,
    cost: String,
    parameters: Vec<Vec<f32>>,
    outputs: Vec<f32>,
    value: f64,
    gradients: Vec<Vec<f32>>,
}

fn network(sizes: &[usize], activation: Activation) -> Sequential {
    let mut net = Sequential::input(sizes[0]);
    for &units in &sizes[1..sizes.len() - 1] {
        net = net.dense(units).activation(activation);
    }
    net.dense(sizes[sizes.len() - 1])
}

/// `‖a - b‖ / ‖b‖`, 0 where both are 0.
fn relative_error(a: &[f32], b: &[f32]) -> f64 {
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    let size = norm(&mut b.iter().map(|b| f64::from(*b)));
    if difference == 0.0 {
        0.0
    } else {
        difference / size
    }
}

#[test]
fn forward_cost_and_gradients_equal_pytorch() {
    let reference: Reference =
        serde_json::from_str(include_str!("reference/network.json")).unwrap();
    let data = Dataset::classification(reference.x, reference.sizes[0], reference.y, 3).unwrap();
    for case in reference.cases {
        let name = format!("{} with {}", case.activation, case.cost);
        let activation = match case.activation.as_str() {
            "sigmoid" => Sigmoid,
            "tanh" => Tanh,
            "relu" => Relu,
            _ => LeakyRelu(0.01),
        };
        let cost = match case.cost.as_str() {
            "cross_entropy" => CrossEntropy,
            "binary_cross_entropy" => BinaryCrossEntropy,
            _ => Quadratic,
        };
        let mut net = network(&reference.sizes, activation);
        for (Parameter { name, value }, numbers) in
            net.parameters().into_iter().zip(case.parameters)
        {
            use gradus::dfdx::prelude::HasShape;
            let (rows, columns) = *value.shape();
            net.set_parameter(&name, &matrix(numbers, rows, columns).unwrap())
                .unwrap();
        }
        let outputs = net.predict(&data).unwrap().as_vec();
        assert!(
            relative_error(&outputs, &case.outputs) < 1e-5,
            "{name}: {outputs:?}"
        );
        let (value, gradients) = net.gradients(&data, cost).unwrap();
        assert!(
            (value - case.value).abs() < 1e-5 * case.value,
            "{name}: {value}, expected {}",
            case.value
        );
        assert!((net.evaluate(&data, cost).unwrap().loss - value).abs() < 1e-6);
        for (gradient, expected) in gradients.iter().zip(&case.gradients) {
            let error = relative_error(&gradient.value.as_vec(), expected);
            assert!(
                error < 1e-4,
                "{name}, {}: relative error {error:.1e}",
                gradient.name
            );
        }
    }
}

#[test]
fn gradients_agree_with_central_differences() {
    let (data, _) = Dataset::digits().split(0.003, 3).unwrap();
    for activation in [Sigmoid, Tanh, Relu, LeakyRelu(0.1)] {
        for cost in [CrossEntropy, BinaryCrossEntropy, Quadratic] {
            // A start at which no unit stands so near to its kink that the step crosses it.
            let mut net = network(&[64, 9, 8, 10], activation).seed(0);
            let (_, gradients) = net.gradients(&data, cost).unwrap();
            for (parameter, gradient) in net.parameters().into_iter().zip(gradients) {
                let (start, gradient) = (parameter.value.as_vec(), gradient.value.as_vec());
                // The largest component of each parameter: the one that rounding disturbs least.
                let i = (0..gradient.len())
                    .max_by(|&i, &j| gradient[i].abs().total_cmp(&gradient[j].abs()))
                    .unwrap();
                let mut at = |shift: f32| {
                    let mut moved = start.clone();
                    moved[i] += shift;
                    let shape = gradus::dfdx::prelude::HasShape::shape(&parameter.value);
                    net.set_parameter(
                        &parameter.name,
                        &matrix(moved.clone(), shape.0, shape.1).unwrap(),
                    )
                    .unwrap();
                    (f64::from(moved[i]), net.evaluate(&data, cost).unwrap().loss)
                };
                // The forward pass is f32: the step is as wide as its rounding asks, and the rule of fourth order pays for it.
                // ReLU's kink asks for a narrow one.
                let h = if matches!(activation, Sigmoid | Tanh) {
                    2e-2
                } else {
                    2e-3
                };
                let mut difference = |h: f32| {
                    let ((high, c_high), (low, c_low)) = (at(h), at(-h));
                    (c_high - c_low) / (high - low)
                };
                let slope = (4.0 * difference(h / 2.0) - difference(h)) / 3.0;
                at(0.0);
                let error = (slope - f64::from(gradient[i])).abs() / slope.abs();
                assert!(
                    error < 1e-3,
                    "{activation:?} {cost:?} {}: {slope} and {}",
                    parameter.name,
                    gradient[i]
                );
            }
        }
    }
}

fn digits_network(seed: u64) -> Sequential {
    Sequential::input(64)
        .dense(32)
        .activation(Relu)
        .init(He)
        .dense(10)
        .seed(seed)
}

#[test]
fn digits_reach_95_percent_with_every_seed() {
    for seed in 0..5 {
        let (train, test) = Dataset::digits().split(0.8, seed).unwrap();
        let mut net = digits_network(seed);
        let fit = Fit::epochs(30).batch(32).seed(seed).validate(&test).quiet();
        let history = net.fit(&train, CrossEntropy, Adam::new(3e-3), fit).unwrap();
        let accuracy = history.last().val_accuracy.unwrap();
        println!(
            "seed {seed}: {accuracy:.4} on {} held-out digits",
            test.len()
        );
        assert!(accuracy >= 0.95, "seed {seed}: {accuracy}");
        assert_eq!(
            net.evaluate(&test, CrossEntropy).unwrap().accuracy,
            Some(accuracy)
        );
        let classes = net.predict_classes(&test).unwrap();
        let right = classes
            .iter()
            .zip(test.labels())
            .filter(|(a, b)| a == b)
            .count();
        assert_eq!(right as f64 / test.len() as f64, accuracy);
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let (train, test) = Dataset::digits().split(0.8, 1).unwrap();
    let run = |seed| {
        let mut net = digits_network(seed);
        let fit = Fit::epochs(3).batch(50).seed(seed).validate(&test).quiet();
        let history = net.fit(&train, CrossEntropy, Adam::new(1e-3), fit).unwrap();
        let weights: Vec<u32> = net
            .parameters()
            .iter()
            .flat_map(|p| p.value.as_vec())
            .map(f32::to_bits)
            .collect();
        (history, weights)
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).0, run(8).0);
}

#[test]
fn a_clone_learns_on_its_own() {
    let (train, test) = Dataset::digits().split(0.8, 1).unwrap();
    let net = digits_network(0);
    let before = net.evaluate(&test, CrossEntropy).unwrap();
    let mut copy = net.clone();
    copy.fit(&train, CrossEntropy, Sgd::new(0.1), Fit::epochs(1).quiet())
        .unwrap();
    assert_eq!(net.evaluate(&test, CrossEntropy).unwrap(), before);
    assert!(copy.evaluate(&test, CrossEntropy).unwrap().loss < before.loss);
}

#[test]
fn bad_input_says_what_was_expected_and_what_came() {
    let (train, test) = Dataset::digits().split(0.8, 1).unwrap();
    let adam = || Adam::new(1e-3);
    let message =
        |net: Sequential, data: &Dataset, cost, optimizer: Box<dyn Optimizer>, fit: Fit| {
            let mut net = net;
            net.fit(data, cost, optimizer, fit.quiet())
                .unwrap_err()
                .to_string()
        };
    let good = || digits_network(0);
    let one = || Fit::epochs(1);
    let small = Sequential::input(63).dense(10);
    let text = message(small, &train, CrossEntropy, adam().into(), one());
    assert!(
        text.contains("expected 63 features") && text.contains("got 64"),
        "{text}"
    );
    let text = message(
        Sequential::input(64).dense(9),
        &train,
        CrossEntropy,
        adam().into(),
        one(),
    );
    assert!(
        text.contains("expected 10 units") && text.contains("got 9"),
        "{text}"
    );
    let text = message(
        Sequential::input(64).dense(0),
        &train,
        CrossEntropy,
        adam().into(),
        one(),
    );
    assert_eq!(text, "the units of a dense layer must be at least 1, got 0");
    let text = message(
        Sequential::input(0).dense(10),
        &train,
        CrossEntropy,
        adam().into(),
        one(),
    );
    assert!(text.contains("no features"), "{text}");
    let text = message(
        Sequential::input(64).init(He).dense(10),
        &train,
        CrossEntropy,
        adam().into(),
        one(),
    );
    assert!(text.contains("init needs a layer"), "{text}");
    let text = message(
        good().init(Normal(f32::NAN)),
        &train,
        CrossEntropy,
        adam().into(),
        one(),
    );
    assert!(
        text.contains("standard deviation") && text.contains("NaN"),
        "{text}"
    );
    for rate in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let text = message(good(), &train, CrossEntropy, Sgd::new(rate).into(), one());
        assert_eq!(
            text,
            format!("the learning rate must be a finite number greater than 0, got {rate}")
        );
    }
    let text = message(
        good(),
        &train,
        CrossEntropy,
        Adam {
            beta1: 1.0,
            ..adam()
        }
        .into(),
        one(),
    );
    assert_eq!(text, "beta1 must be at least 0 and less than 1, got 1");
    let text = message(good(), &train, CrossEntropy, adam().into(), one().batch(0));
    assert_eq!(text, "the batch size must be at least 1, got 0");
    let text = message(good(), &train, CrossEntropy, adam().into(), Fit::epochs(0));
    assert_eq!(text, "the number of epochs must be at least 1, got 0");
    let values = Dataset::regression(vec![0.0; 128], 64, vec![0.0; 20], 10).unwrap();
    let text = message(good(), &values, CrossEntropy, adam().into(), one());
    assert!(text.contains("CrossEntropy needs classes"), "{text}");
    let text = message(
        good().activation(Sigmoid),
        &train,
        BinaryCrossEntropy,
        adam().into(),
        one(),
    );
    assert!(text.contains("applied twice"), "{text}");
    let text = message(
        good(),
        &train,
        CrossEntropy,
        adam().into(),
        one().validate(&values),
    );
    assert!(text.contains("CrossEntropy needs classes"), "{text}");

    let error = good()
        .fit(&train, Quadratic, Sgd::new(1e12), Fit::epochs(3).quiet())
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Diverged { epoch: 1, .. }),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("smaller than 1000000000000 (for example 1e11)"),
        "{error}"
    );
    assert!(good().set_parameter("dense_9.weight", &test.x()).is_err());
    assert!(good().set_parameter("dense_1.weight", &test.x()).is_err());
}

#[test]
fn a_weight_that_is_not_a_number_is_not_hidden_by_what_follows() {
    let data = Dataset::digits().take(64).unwrap();
    let image = || Sequential::input([8, 8, 1]);
    let dense = || Sequential::input(64).dense(12);
    let mut nets = vec![
        ("maxout", Sequential::input(64).maxout(12, 3).dense(10)),
        ("max pooling", image().conv2d(3, 3).max_pool2d(2).dense(10)),
        (
            "max pooling of lanes",
            image()
                .conv2d(8, 3)
                .activation(Relu)
                .max_pool2d(2)
                .dense(10),
        ),
        (
            "max pooling by itself",
            image()
                .conv2d(8, 3)
                .activation(Gelu)
                .max_pool2d(2)
                .dense(10),
        ),
        (
            "average pooling",
            image()
                .conv2d(8, 3)
                .activation(Relu)
                .average_pool2d(2)
                .dense(10),
        ),
        (
            "batch norm",
            dense().batch_norm().activation(Relu).dense(10),
        ),
    ];
    for f in Activation::ALL {
        nets.push((f.name(), dense().activation(f).dense(10)));
        nets.push((
            "by itself",
            dense().batch_norm().dropout(0.1).activation(f).dense(10),
        ));
    }
    for (name, mut net) in nets {
        let mut first = net.parameters().swap_remove(0);
        let (mut numbers, shape) = (
            first.value.as_vec(),
            *gradus::dfdx::prelude::HasShape::shape(&first.value),
        );
        numbers[shape.1 + 1] = f32::NAN;
        first.value = matrix(numbers, shape.0, shape.1).unwrap();
        net.set_parameter(&first.name, &first.value).unwrap();
        for cost in [CrossEntropy, BinaryCrossEntropy, Quadratic] {
            let loss = net.evaluate(&data, cost).unwrap().loss;
            assert!(loss.is_nan(), "{name}, {cost:?}: {loss}");
            let fit = Fit::epochs(1).quiet();
            let error = net.clone().fit(&data, cost, Sgd::new(1e-6), fit);
            let error = error.expect_err(name);
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::Diverged {
                        epoch: 1,
                        step: 1,
                        ..
                    }
                ),
                "{name}, {cost:?}: {error}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the shapes and numbers, training ends in a history or an error, never in a panic.
    #[test]
    fn no_input_panics(
        features in 0..6_usize, units in 0..5_usize, outputs in 0..4_usize, n in 0..9_usize, classes in 0..4_usize,
        batch in 0..5_usize, epochs in 0..3_usize, rate in prop_oneof![Just(f32::NAN), Just(1e38_f32), -1.0..10.0_f32],
        scale in prop_oneof![Just(f32::INFINITY), Just(f32::MAX), Just(1.0_f32)],
    ) {
        let x = (0..n * features).map(|i| (i as f32).sin() * scale).collect();
        let labels = (0..n).map(|i| i % (classes + 1)).collect();
        if let Ok(data) = Dataset::classification(x, features, labels, classes) {
            for cost in [CrossEntropy, BinaryCrossEntropy, Quadratic] {
                let mut net = Sequential::input(features).dense(units).activation(Sigmoid).dense(outputs);
                let result = net.fit(&data, cost, Sgd::new(rate), Fit::epochs(epochs).batch(batch).validate(&data).quiet());
                if let Ok(history) = result {
                    prop_assert_eq!(history.epochs().len(), epochs);
                }
                let _ = (net.evaluate(&data, cost), net.predict(&data), net.activations(&data), net.summary());
            }
        }
    }
}

#[test]
fn fashion_mnist_reaches_86_percent_in_3_epochs() {
    if std::env::var_os("GRADUS_DATA").is_none_or(|folder| folder.is_empty()) {
        println!("skipped: GRADUS_DATA does not say where Fashion-MNIST is");
        return;
    }
    let (train, test) = Dataset::fashion_mnist().unwrap();
    let pixels = Standardisation::fit_all(&train);
    let (train, test) = (pixels.apply(&train).unwrap(), pixels.apply(&test).unwrap());
    let mut net = Sequential::input(784)
        .dense(128)
        .activation(Relu)
        .init(He)
        .dense(10);
    let fit = Fit::epochs(3)
        .batch(64)
        .schedule(Schedule::cosine_to(3 * 938, 0.1))
        .quiet();
    net.fit(&train, CrossEntropy, Adam::new(2e-3), fit).unwrap();
    let accuracy = net.evaluate(&test, CrossEntropy).unwrap().accuracy.unwrap();
    println!("{accuracy:.4} on the {} test images", test.len());
    assert!(accuracy >= 0.86, "{accuracy}");
}

#[test]
fn an_interrupted_training_keeps_what_it_learned() {
    // The kernel's side of the agreement, in a process of its own: the variable is read once per process.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("interrupt");
    if let Some(file) = std::env::var_os("GRADUS_INTERRUPT") {
        let (train, test) = Dataset::digits().split(0.8, 0).unwrap();
        let mut net = digits_network(0);
        let untrained = net.evaluate(&test, CrossEntropy).unwrap().loss;
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(400));
            std::fs::write(file, "").unwrap();
        });
        let fit = Fit::epochs(1_000_000).quiet();
        let error = net
            .fit(&train, CrossEntropy, Sgd::new(0.01), fit)
            .unwrap_err();
        let ErrorKind::Interrupted { epoch, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(net.history().epochs().len(), epoch - 1);
        assert!(net.evaluate(&test, CrossEntropy).unwrap().loss < untrained);
        return;
    }
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_interrupted_training_keeps_what_it_learned"])
        .env("GRADUS_INTERRUPT", &file)
        .status()
        .unwrap();
    assert!(status.success());
    assert!(
        file.exists(),
        "the training was still running when it was asked to stop"
    );
}

#[derive(Deserialize)]
struct Weighted {
    x: Vec<f32>,
    y: Vec<usize>,
    start: Vec<f32>,
    weights: Vec<f32>,
    rate: f32,
    part: Vec<usize>,
    pytorch_mean: f64,
    keras: Trained,
    pytorch: Trained,
}

#[derive(Deserialize)]
struct Trained {
    loss: Vec<f64>,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

#[test]
fn class_weights_train_as_in_keras_and_pytorch() {
    let reference: Weighted =
        serde_json::from_str(include_str!("reference/class_weights.json")).unwrap();
    let data = Dataset::classification(reference.x, 3, reference.y, 3).unwrap();
    let weights = data.class_weights().unwrap();
    assert!(relative_error(&weights, &reference.weights) < 1e-6);
    let mut net = Sequential::input(3).dense(3);
    let name = net.parameters()[0].name.clone();
    net.set_parameter(&name, &matrix(reference.start, 3, 3).unwrap())
        .unwrap();
    let start = net.clone();
    let rule = || Sgd::new(reference.rate);
    let all = |epochs| Fit::epochs(epochs).batch(data.len()).quiet();
    let fit = all(reference.keras.loss.len()).class_weights(weights.clone());
    let history = net.fit(&data, CrossEntropy, rule(), fit).unwrap();
    let found: Vec<Vec<f32>> = net.parameters().iter().map(|p| p.value.as_vec()).collect();
    for trained in [&reference.keras, &reference.pytorch] {
        for (epoch, expected) in history.epochs().iter().zip(&trained.loss) {
            let loss = epoch.loss;
            assert!((loss - expected).abs() < 1e-5, "{loss} and {expected}");
        }
        assert!(relative_error(&found[0], &trained.weight) < 1e-5);
        assert!(relative_error(&found[1], &trained.bias) < 1e-5);
    }
    // PyTorch's mean: by the sum of the weights instead of the number of examples.
    let part = data.select(&reference.part).unwrap();
    let sum: f32 = part.labels().iter().map(|&label| weights[label]).sum();
    let mut same = start.clone();
    let fit = Fit::epochs(1)
        .batch(4)
        .quiet()
        .class_weights(weights.clone());
    let ours = same
        .fit(&part, CrossEntropy, rule(), fit)
        .unwrap()
        .last()
        .loss;
    let theirs = ours * 4.0 / f64::from(sum);
    let expected = reference.pytorch_mean;
    assert!((theirs - expected).abs() < 1e-5, "{theirs} and {expected}");
    // Every example counting once is the same as no weights, to the bit.
    for cost in [CrossEntropy, BinaryCrossEntropy, Quadratic] {
        let trained = |fit: Fit| {
            let mut net = start.clone();
            net.fit(&data, cost, rule(), fit).unwrap();
            net.parameters()
                .iter()
                .map(|p| p.value.as_vec())
                .collect::<Vec<_>>()
        };
        assert_eq!(trained(all(3).class_weights([1.0; 3])), trained(all(3)));
        // A weight of 2 is the same as each example twice.
        let twice: Vec<usize> = (0..data.len()).chain(14..data.len()).collect();
        let twice = data.select(&twice).unwrap();
        let mut net = start.clone();
        let fit = Fit::epochs(1).batch(twice.len()).quiet();
        let loss = net.fit(&twice, cost, rule(), fit).unwrap().last().loss * twice.len() as f64;
        let mut net = start.clone();
        let fit = all(1).class_weights([1.0, 2.0, 2.0]);
        let weighted = net.fit(&data, cost, rule(), fit).unwrap().last().loss * data.len() as f64;
        assert!(
            (loss - weighted).abs() < 1e-4,
            "{cost:?}: {loss} and {weighted}"
        );
    }
    for (wrong, says) in [
        (vec![1.0; 2], "3"),
        (vec![1.0, -1.0, 1.0], "weight of a class"),
        (vec![1.0, f32::NAN, 1.0], "weight of a class"),
        (vec![0.0; 3], "weight of a class"),
    ] {
        let fit = all(1).class_weights(wrong);
        let error = net.fit(&data, CrossEntropy, rule(), fit).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let line = Dataset::linear(10, 1.0, 0.5, 0.1, 4).unwrap();
    let fit = all(1).class_weights([1.0]);
    let mut net = Sequential::input(1).dense(1);
    let error = net.fit(&line, Quadratic, rule(), fit).unwrap_err();
    assert!(error.to_string().contains("need classes"), "{error}");
}

#[test]
fn two_threads_may_ask_one_network_for_its_gradients() {
    let data = Dataset::digits().take(64).unwrap();
    let net = Sequential::input(64).dense(48).activation(Relu).dense(10);
    let of = |data: &Dataset| -> Vec<Vec<f32>> {
        let (_, gradients) = net.gradients(data, CrossEntropy).unwrap();
        gradients.iter().map(|p| p.value.as_vec()).collect()
    };
    let (first, second) = (data.take(32).unwrap(), data.clone());
    let (of_first, of_second) = (of(&first), of(&second));
    std::thread::scope(|scope| {
        for (data, alone) in [(&first, &of_first), (&second, &of_second)] {
            scope.spawn(move || {
                for _ in 0..200 {
                    assert!(of(data) == *alone);
                }
            });
        }
    });
}
