//! Block 8: what the slides say of the first weights.

use gradus::prelude::*;
use proptest::prelude::*;

/// 100 steps, then how many neurons of the hidden layer differ.
fn distinct_after_100_steps(init: Init, f: Activation) -> usize {
    let data = Dataset::digits().take(320).unwrap();
    let mut net = Sequential::input(64)
        .dense(16)
        .activation(f)
        .init(init)
        .dense(10)
        .init(init);
    let fit = Fit::epochs(10).batch(32).quiet();
    let history = net.fit(&data, CrossEntropy, Sgd::new(0.1), fit).unwrap();
    assert_eq!(history.epochs().len() * 10, 100);
    let report = SymmetryReport::of(&net, &data, CrossEntropy).unwrap();
    assert_eq!(report.layers[0].units, 16);
    report.layers[0].distinct_neurons
}

#[test]
fn equal_weights_keep_neurons_identical_after_100_steps_and_random_ones_do_not() {
    for f in [Sigmoid, Tanh] {
        assert_eq!(distinct_after_100_steps(Zeros, f), 1, "{f:?}");
        assert_eq!(distinct_after_100_steps(Constant(0.1), f), 1, "{f:?}");
        assert_eq!(distinct_after_100_steps(Normal(0.01), f), 16, "{f:?}");
    }
}

#[test]
fn equal_neurons_get_equal_gradients_and_a_network_of_zeros_with_relu_learns_nothing() {
    let data = Dataset::digits().take(100).unwrap();
    let net = |init| {
        Sequential::input(64)
            .dense(16)
            .activation(Relu)
            .init(init)
            .dense(10)
            .init(init)
    };
    let constant = SymmetryReport::of(&net(Constant(0.1)), &data, CrossEntropy).unwrap();
    assert_eq!(
        (
            constant.layers[0].distinct_neurons,
            constant.layers[0].distinct_gradients
        ),
        (1, 1)
    );
    assert!(
        constant.layers[1].distinct_gradients > 1,
        "the classes differ: {constant}"
    );
    let random = SymmetryReport::of(&net(He), &data, CrossEntropy).unwrap();
    assert_eq!(
        (
            random.layers[0].distinct_neurons,
            random.layers[1].distinct_neurons
        ),
        (16, 10)
    );

    let (_, gradients) = net(Zeros).gradients(&data, CrossEntropy).unwrap();
    let norms: Vec<f64> = gradients
        .iter()
        .map(gradus::model::Parameter::norm)
        .collect();
    assert_eq!(
        norms[..3],
        [0.0; 3],
        "only the last bias gets a gradient: {norms:?}"
    );
    assert!(norms[3] > 0.0);
}

#[test]
fn small_weights_make_the_signal_vanish_with_depth() {
    let flow = signal_flow(10, 100, Tanh, Normal(0.01), 0).unwrap();
    // Each layer multiplies the variance by n_in Var(w) = 100 · 0.0001.
    for pair in flow.activations.windows(2) {
        let ratio = pair[1] / pair[0];
        assert!((0.005..0.02).contains(&ratio), "{flow}");
    }
    assert!(
        flow.activations[9] < 1e-18 && flow.gradients[0] < 1e-15,
        "{flow}"
    );
}

#[test]
fn large_weights_saturate_tanh() {
    let large = signal_flow(10, 256, Tanh, Normal(1.0), 0).unwrap();
    assert!(large.saturated.iter().all(|s| *s > 0.7), "{large}");
    assert!(
        large.activations.iter().all(|v| *v > 0.85),
        "±1 nearly everywhere: {large}"
    );
    let xavier = signal_flow(10, 256, Tanh, Xavier, 0).unwrap();
    assert!(xavier.saturated.iter().all(|s| *s < 0.05), "{xavier}");
}

#[test]
fn xavier_and_he_keep_both_variances_within_a_factor_of_two_over_ten_layers() {
    let cases = [
        (Linear, Xavier),
        (Linear, XavierUniform),
        (Linear, Orthogonal),
        (Relu, He),
        (Relu, HeUniform),
        (LeakyRelu(0.01), He),
    ];
    for (f, init) in cases {
        for seed in 0..3 {
            // A rotation keeps lengths whatever the width; random numbers do so on average.
            let width = if init == Orthogonal { 64 } else { 512 };
            let flow = signal_flow(10, width, f, init, seed).unwrap();
            for values in [&flow.activations, &flow.gradients] {
                for v in values {
                    let ratio = v / values[0];
                    assert!(
                        (0.5..2.0).contains(&ratio),
                        "{init:?} with {f:?}, seed {seed}: {flow}"
                    );
                }
            }
        }
    }
}

#[test]
fn at_depth_50_he_lives_and_xavier_with_relu_has_halved_each_time() {
    let he = signal_flow(50, 512, Relu, He, 1).unwrap();
    let xavier = signal_flow(50, 512, Relu, Xavier, 1).unwrap();
    let change = |flow: &SignalFlow| flow.activations[49] / flow.activations[0];
    assert!((0.1..10.0).contains(&change(&he)), "{he}");
    let halvings = -change(&xavier).log2();
    assert!((45.0..53.0).contains(&halvings), "{halvings} of 49");
    assert!(plot_flows(&[he, xavier]).svg().is_ok());
}

#[test]
fn sizes_that_no_memory_holds_are_errors() {
    assert!(Xavier.weights(1 << 20, 1 << 20, 0).is_err());
    assert!(signal_flow(1000, 4096, Relu, He, 0).is_err());
    assert!(gradus::regularization::dropout_mask(1 << 20, 1 << 20, 0.5, 0).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_size_or_number_makes_a_flow_panic(depth in 0..4_usize, width in 0..5_usize, parameter: f32, which in 0..3_usize) {
        let init = [Normal(parameter), Uniform(parameter), Constant(parameter)][which];
        let flow = signal_flow(depth, width, LeakyRelu(parameter), init, 0);
        let good = depth > 0 && width > 0 && parameter.is_finite() && (which == 2 || parameter >= 0.0);
        prop_assert_eq!(flow.is_ok(), good);
        if let Ok(flow) = flow {
            let _ = flow.plot().svg();
        }
    }
}
