//! Block 11: what the slides say of regularisation, on networks that learn their training data by heart.

use gradus::model::Parameter;
use gradus::prelude::*;
use gradus::regularization::Sparsity;

/// Few examples to learn from and many to be tested on: 100 and 1697 digits.
fn few() -> (Dataset, Dataset) {
    let digits = Dataset::digits();
    digits.split(100.5 / digits.len() as f64, 3).unwrap()
}

fn weight(net: &Sequential, layer: &str) -> Parameter {
    let name = format!("{layer}.weight");
    net.parameters()
        .into_iter()
        .find(|p| p.name == name)
        .unwrap()
}

fn trained(rule: Regularizer) -> Sequential {
    let (train, _) = few();
    let mut net = Sequential::input(64)
        .dense(32)
        .regularizer(rule)
        .activation(Relu)
        .init(He)
        .dense(10)
        .regularizer(rule);
    net.fit(
        &train,
        CrossEntropy,
        Sgd::new(0.1),
        Fit::epochs(200).batch(20).quiet(),
    )
    .unwrap();
    net
}

#[test]
fn l2_shrinks_the_weights_and_more_of_it_shrinks_them_more() {
    let norm = |lambda| {
        let net = trained(l2(lambda));
        weight(&net, "dense_1")
            .norm()
            .hypot(weight(&net, "dense_2").norm())
    };
    let (none, some, much) = (norm(0.0), norm(0.003), norm(0.03));
    assert!(
        some < 0.8 * none && much < 0.8 * some,
        "{none}, {some}, {much}"
    );
    let zeros = Sparsity::of(&weight(&trained(l2(0.03)), "dense_1").value.as_vec()).zeros;
    let unused = Sparsity::of(&weight(&trained(l2(0.0)), "dense_1").value.as_vec()).zeros;
    assert_eq!((zeros, unused), (0, 0), "L2 makes small weights, not zeros");
}

#[test]
fn l1_makes_exact_zeros_where_the_step_may_land_on_them_and_near_zeros_as_keras_takes_it() {
    let sparsity = |rule| Sparsity::of(&weight(&trained(rule), "dense_1").value.as_vec());
    let share = |lambda| {
        let found = sparsity(l1(lambda).exact_zeros());
        found.zeros as f64 / found.weights as f64
    };
    let (none, some, much) = (share(0.0), share(0.001), share(0.01));
    assert!(
        none == 0.0 && some > 0.25 && much > some + 0.1,
        "{none}, {some}, {much}"
    );

    let (plain, keras) = (sparsity(l1(0.0)), sparsity(l1(0.001)));
    assert!(
        keras.zeros * 10 < keras.weights,
        "its gradient jumps over 0: {keras}"
    );
    assert!(
        keras.near_zero > 10 * plain.near_zero,
        "{keras}; without it {plain}"
    );

    // The network still knows its digits.
    let (train, _) = few();
    let net = trained(l1(0.001).exact_zeros());
    let accuracy = net.evaluate(&train, CrossEntropy).unwrap().accuracy;
    assert!(accuracy > Some(0.95), "{accuracy:?}");
}

/// 200 digits to learn from, every fifth with a wrong label: there is much to learn by heart.
fn mislabelled() -> (Dataset, Dataset) {
    let digits = Dataset::digits();
    let (train, test) = digits.split(200.5 / digits.len() as f64, 3).unwrap();
    let wrong = |(i, label): (usize, &usize)| match i % 5 {
        0 => (label + 1 + i % 9) % 10,
        _ => *label,
    };
    let labels = train.labels().iter().enumerate().map(wrong).collect();
    let train = Dataset::classification(train.features().to_vec(), [8, 8, 1], labels, 10);
    (train.unwrap(), test)
}

#[test]
fn dropout_narrows_the_gap_between_training_and_test() {
    let (train, test) = mislabelled();
    let run = |p: f32, seed: u64| {
        let mut net = Sequential::input(64).seed(seed);
        for _ in 0..2 {
            net = net.dense(128).activation(Relu).init(He).dropout(p);
        }
        let mut net = net.dense(10);
        let fit = Fit::epochs(100).batch(20).seed(seed).quiet();
        net.fit(&train, CrossEntropy, Adam::new(1e-3), fit).unwrap();
        // At test time nothing drops out, on either set.
        let on = |data: &Dataset| net.evaluate(data, CrossEntropy).unwrap();
        let (known, unseen) = (on(&train), on(&test));
        (unseen.loss - known.loss, unseen.accuracy.unwrap())
    };
    for seed in 0..3 {
        let (gap, accuracy) = run(0.0, seed);
        let (gap_with, accuracy_with) = run(0.5, seed);
        assert!(
            gap_with < 0.5 * gap,
            "seed {seed}: the gap is {gap}, with dropout {gap_with}"
        );
        let better = accuracy_with > accuracy + 0.04;
        assert!(
            better,
            "seed {seed}: accuracy {accuracy}, with dropout {accuracy_with}"
        );
    }
}

#[test]
fn at_test_time_dropout_is_off_and_the_answer_is_always_the_same() {
    let (_, test) = few();
    let plain = Sequential::input(64).dense(32).activation(Relu).dense(10);
    let dropped = Sequential::input(64)
        .dense(32)
        .activation(Relu)
        .dropout(0.5)
        .dense(10);
    let mut same = dropped.clone();
    for p in plain.parameters() {
        same.set_parameter(&p.name, &p.value).unwrap();
    }
    let answer = plain.predict(&test).unwrap().as_vec();
    assert_eq!(same.predict(&test).unwrap().as_vec(), answer);
    assert_eq!(same.predict(&test).unwrap().as_vec(), answer);
}

#[test]
fn early_stopping_ends_the_overfitting_and_returns_the_weights_of_the_best_epoch() {
    let (train, test) = few();
    // A quarter of the training data is held out to decide; the test set decides nothing.
    let (learn, validation) = train.split(0.75, 0).unwrap();
    let start = || Sequential::input(64).dense(64).activation(Tanh).dense(10);
    let fit = || Fit::epochs(400).batch(15).validate(&validation).quiet();
    let run = |rule: Option<EarlyStopping>| {
        let mut net = start();
        let fit = match rule {
            Some(rule) => fit().early_stopping(rule),
            None => fit(),
        };
        let history = net.fit(&learn, CrossEntropy, Adam::new(1e-2), fit).unwrap();
        (net, history)
    };
    let (stopped, history) = run(Some(EarlyStopping::patience(10)));
    let losses = history.val_loss();
    let best = (0..losses.len())
        .min_by(|a, b| losses[*a].total_cmp(&losses[*b]))
        .unwrap();
    assert_eq!(
        losses.len(),
        best + 11,
        "ten epochs after the best: {history}"
    );
    assert!(losses.len() < 400);
    let now = stopped.evaluate(&validation, CrossEntropy).unwrap().loss;
    assert!(
        (now - losses[best]).abs() < 1e-9,
        "{now} is not that of epoch {}",
        best + 1
    );

    // Without it the validation cost has grown again, and the best weights are gone.
    let (overfitted, _) = run(None);
    let late = overfitted.evaluate(&validation, CrossEntropy).unwrap().loss;
    assert!(
        late > 1.1 * now,
        "{late} after 400 epochs, {now} at the best"
    );
    let loss = |net: &Sequential| net.evaluate(&test, CrossEntropy).unwrap().loss;
    assert!(
        loss(&stopped) < loss(&overfitted),
        "{} and {}",
        loss(&stopped),
        loss(&overfitted)
    );

    let mut kept = start();
    let rule = EarlyStopping {
        restore_best: false,
        ..EarlyStopping::patience(10)
    };
    kept.fit(
        &learn,
        CrossEntropy,
        Adam::new(1e-2),
        fit().early_stopping(rule),
    )
    .unwrap();
    let last = kept.evaluate(&validation, CrossEntropy).unwrap().loss;
    assert!((last - losses[losses.len() - 1]).abs() < 1e-9, "{last}");
}

#[test]
fn early_stopping_without_validation_data_says_what_to_do() {
    let (train, _) = few();
    let mut net = Sequential::input(64).dense(10);
    let fit = Fit::epochs(5)
        .quiet()
        .early_stopping(EarlyStopping::patience(2));
    let error = net
        .fit(&train, CrossEntropy, Sgd::new(0.1), fit)
        .unwrap_err();
    assert!(error.to_string().contains("Fit::validate"), "{error}");
}
