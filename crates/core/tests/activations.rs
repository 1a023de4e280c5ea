//! Block 7: the activations against PyTorch, and what the slides say of them.

use std::collections::HashMap;

use gradus::activation::{maxout, prelu};
use gradus::dfdx::prelude::{Backward, Rank0, SumTo, Tensor, Trace};
use gradus::prelude::*;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    points: Vec<f32>,
    cases: HashMap<String, Case>,
    prelu: Prelu,
}

#[derive(Deserialize)]
struct Case {
    value: Vec<f64>,
    derivative: Vec<f64>,
}

#[derive(Deserialize)]
struct Prelu {
    z: Vec<f32>,
    slope: Vec<f32>,
    c: Vec<f32>,
    a: Vec<f32>,
    dz: Vec<f32>,
    dslope: Vec<f32>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/activations.json")).unwrap()
}

/// 1e-4 relative; below 1e-30 every number is as good as 0.
fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-4 * theirs.abs() + 1e-30
}

#[test]
fn values_and_derivatives_equal_pytorch_down_to_the_tails() {
    let reference = reference();
    assert_eq!(reference.cases.len(), Activation::ALL.len());
    for f in Activation::ALL {
        let case = &reference.cases[f.name()];
        for (i, &z) in reference.points.iter().enumerate() {
            let (value, derivative) = (f64::from(f.value(z)), f64::from(f.derivative(z)));
            assert!(
                close(value, case.value[i]),
                "{f:?}({z}) = {value}, PyTorch {}",
                case.value[i]
            );
            // 1 - a² and a (1 - a) of a saturated output are 0 in f32: that is the lesson, not a mistake.
            let saturated = matches!(f, Tanh | Sigmoid | Mish)
                && (derivative - case.derivative[i]).abs() < 1e-6;
            // An ELU's derivative a + α comes from its output, which is -α to the last bit far on the left.
            let flat = matches!(f, Elu(_) | Selu) && (derivative - case.derivative[i]).abs() < 2e-7;
            assert!(
                saturated || flat || close(derivative, case.derivative[i]),
                "{f:?}'({z}) = {derivative}, PyTorch {}",
                case.derivative[i]
            );
        }
    }
}

#[test]
fn tensors_of_any_layout_agree_with_the_formula_and_with_the_tape() {
    use gradus::dfdx::prelude::{Axes2, Axis, BroadcastTo, PermuteTo};
    let z = matrix(vec![-2.0, -0.5, 0.25, 1.0, 3.0, -7.0], 2, 3).unwrap();
    for f in Activation::ALL {
        let a = f.apply(z.leaky_trace());
        let expected: Vec<f32> = z.as_vec().into_iter().map(|z| f.value(z)).collect();
        for (a, e) in a.as_vec().iter().zip(&expected) {
            assert!(
                (a - e).abs() <= 1e-6 * (1.0 + e.abs()),
                "{f:?}: {a} and {e}"
            );
        }
        let cost: Tensor<Rank0, f32, _, _> = a.sum();
        for (g, z) in cost.backward().get(&z).as_vec().iter().zip(z.as_vec()) {
            assert!((g - f.derivative(z)).abs() < 1e-5, "{f:?}'({z}): {g}");
        }
        let turned: gradus::tensor::Matrix<_> =
            f.apply(z.leaky_trace().permute::<_, Axes2<1, 0>>());
        let weights = matrix(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2).unwrap();
        let cost: Tensor<Rank0, f32, _, _> = (turned * weights).sum();
        let gradient = cost.backward().get(&z).as_vec();
        for (i, (g, w)) in gradient
            .iter()
            .zip([1.0, 3.0, 5.0, 2.0, 4.0, 6.0])
            .enumerate()
        {
            let slope = w * f.derivative(z.as_vec()[i]);
            assert!((g - slope).abs() < 1e-4, "{f:?}: {g} and {slope}");
        }
        let row = vector(vec![-1.0, 0.5, 2.0]).unwrap();
        let wide = f.apply(row.leaky_trace().broadcast_like::<_, Axis<0>>(&(4, 3)));
        let cost: Tensor<Rank0, f32, _, _> = wide.sum();
        for (g, z) in cost.backward().get(&row).as_vec().iter().zip(row.as_vec()) {
            assert!((g - 4.0 * f.derivative(z)).abs() < 1e-4, "{f:?}: {g}");
        }
    }
}

#[test]
fn prelu_learns_its_slopes_as_in_pytorch() {
    let r = reference().prelu;
    let z = matrix(r.z, 2, 3).unwrap();
    let slope = vector(r.slope).unwrap();
    let a = prelu(z.leaky_trace(), slope.clone()).unwrap();
    assert_eq!(a.as_vec(), r.a);
    let cost: Tensor<Rank0, f32, _, _> = (a * matrix(r.c, 2, 3).unwrap()).sum();
    let grads = cost.backward();
    assert_eq!(grads.get(&z).as_vec(), r.dz);
    assert_eq!(grads.get(&slope).as_vec(), r.dslope);
    assert!(prelu(z, vector(vec![0.1; 2]).unwrap()).is_err());
}

#[test]
fn maxout_with_a_zero_piece_is_relu_and_sends_the_gradient_to_the_larger() {
    let z = matrix(vec![-2.0, -0.5, 0.25, 3.0], 1, 4).unwrap();
    let zero = matrix(vec![0.0; 4], 1, 4).unwrap();
    let a = maxout(z.leaky_trace(), zero.clone()).unwrap();
    assert_eq!(a.as_vec(), Relu.apply(z.clone()).as_vec());
    let cost: Tensor<Rank0, f32, _, _> = a.sum();
    assert_eq!(cost.backward().get(&z).as_vec(), [0.0, 0.0, 1.0, 1.0]);
    assert!(maxout(z, matrix(vec![0.0; 2], 1, 2).unwrap()).is_err());
}

#[test]
fn every_activation_trains_in_the_engine_with_the_gradients_of_the_formula() {
    let (train, test) = Dataset::digits().split(0.8, 1).unwrap();
    let batch = train.take(16).unwrap();
    for f in Activation::ALL
        .into_iter()
        .chain([Elu(-0.5), LeakyRelu(-0.3)])
    {
        let mut net = Sequential::input(64)
            .dense(12)
            .activation(f)
            .dense(10)
            .seed(3);
        // The readable network on dfdx's own tape, with the same weights.
        let p = net.parameters();
        let bias = |b: &Matrix| vector(b.as_vec()).unwrap();
        let (w1, b1, w2, b2) = (
            &p[0].value,
            bias(&p[1].value),
            &p[2].value,
            bias(&p[3].value),
        );
        let dense = |x: Matrix<_>, w: &Matrix, b: &Vector| {
            use gradus::dfdx::prelude::{Axis, BroadcastTo, HasShape, TryMatMul};
            let z = x.matmul(w.clone());
            let shape = *z.shape();
            z + b.clone().broadcast_like::<_, Axis<0>>(&shape)
        };
        let x = batch.x();
        let outputs = dense(f.apply(dense(x.leaky_trace(), w1, &b1)), w2, &b2);
        let mut y = vec![0.0; 160];
        for (i, label) in batch.labels().iter().enumerate() {
            y[10 * i + label] = 1.0;
        }
        let cost = gradus::cost::categorical_cross_entropy_with_logits(
            outputs,
            &matrix(y, 16, 10).unwrap(),
        )
        .unwrap();
        let grads = cost.backward();
        let (_, engine) = net.gradients(&batch, CrossEntropy).unwrap();
        for (ours, readable) in [(&engine[0], grads.get(w1)), (&engine[2], grads.get(w2))] {
            for (a, b) in ours.value.as_vec().iter().zip(readable.as_vec()) {
                assert!(
                    (a - b).abs() <= 1e-4 * b.abs() + 1e-6,
                    "{f:?} {}: {a} and {b}",
                    ours.name
                );
            }
        }
        net.fit(
            &train,
            CrossEntropy,
            Adam::new(3e-3),
            Fit::epochs(8).quiet(),
        )
        .unwrap();
        let accuracy = net.evaluate(&test, CrossEntropy).unwrap().accuracy.unwrap();
        assert!(accuracy > 0.85, "{f:?}: {accuracy}");
    }
}

/// The norm of the gradient of each layer's weights in a network of `depth` hidden layers, before training.
fn gradient_norms(depth: usize, f: Activation, init: Init) -> Vec<f64> {
    let mut net = Sequential::input(64);
    for _ in 0..depth {
        net = net.dense(32).activation(f).init(init);
    }
    let data = Dataset::digits().take(200).unwrap();
    let (_, gradients) = net.dense(10).gradients(&data, CrossEntropy).unwrap();
    gradients
        .iter()
        .step_by(2)
        .map(gradus::model::Parameter::norm)
        .collect()
}

#[test]
fn twenty_sigmoid_layers_kill_the_gradient_and_relu_with_he_does_not() {
    let sigmoid = gradient_norms(20, Sigmoid, Xavier);
    assert!(sigmoid[0] / sigmoid[20] < 1e-6, "{sigmoid:?}");
    let relu = gradient_norms(20, Relu, He);
    assert!(relu[0] / relu[20] > 0.1, "{relu:?}");
}

#[test]
fn positive_inputs_give_the_weights_of_a_neuron_gradients_of_one_sign() {
    let one = Dataset::digits().take(1).unwrap();
    let mixed_neurons = |f| {
        let net = Sequential::input(64).dense(32).activation(f).dense(10);
        let (_, gradients) = net.gradients(&one, CrossEntropy).unwrap();
        let neurons = (0..10).map(|j| gradients[2].neuron(j));
        neurons
            .filter(|dw| dw.iter().any(|g| *g > 0.0) && dw.iter().any(|g| *g < 0.0))
            .count()
    };
    assert_eq!(mixed_neurons(Sigmoid), 0);
    assert_eq!(mixed_neurons(Tanh), 10);
}

#[test]
fn a_large_step_kills_relus_for_good_and_a_smaller_rate_kills_fewer() {
    let train = Dataset::digits();
    let dead = |f, eta| {
        let mut net = Sequential::input(64)
            .dense(32)
            .activation(f)
            .init(He)
            .dense(10);
        let one_step = Fit::epochs(1).batch(train.len()).quiet();
        net.fit(&train, CrossEntropy, Sgd::new(eta), one_step)
            .unwrap();
        let after_step = net.activations(&train).unwrap().layers[0].dead;
        net.fit(&train, CrossEntropy, Sgd::new(0.1), Fit::epochs(5).quiet())
            .unwrap();
        (after_step, net.activations(&train).unwrap().layers[0].dead)
    };
    let (large, large_later) = dead(Relu, 10.0);
    let (small, _) = dead(Relu, 0.1);
    assert!(
        large >= 8 && small <= 2,
        "{large} die with η = 10, {small} with η = 0.1"
    );
    assert!(large_later >= large, "{large} were dead, {large_later} are");
    assert_eq!(dead(LeakyRelu(0.01), 10.0), (0, 0));
}

#[test]
fn the_monitor_counts_what_is_there() {
    // Two units over three examples: the first sees z = -1, 0, 2, the second only negative numbers.
    let data = Dataset::classification(vec![-1.0, 0.0, 2.0], 1, vec![0, 1, 0], 2).unwrap();
    let mut net = Sequential::input(1).dense(2).activation(Relu);
    net.set_parameter("dense_1.weight", &matrix(vec![1.0, -1.0], 1, 2).unwrap())
        .unwrap();
    net.set_parameter("dense_1.bias", &matrix(vec![0.0, -5.0], 1, 2).unwrap())
        .unwrap();
    let report = net.activations(&data).unwrap();
    let layer = &report.layers[0];
    assert_eq!((layer.units, layer.dead), (2, 1));
    assert!((layer.saturated - 5.0 / 6.0).abs() < 1e-12);
    assert!((layer.positive - 1.0 / 6.0).abs() < 1e-12);
    assert!((layer.mean - 2.0 / 6.0).abs() < 1e-6);
    assert_eq!(layer.sample, [0.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
    assert!(report.plot().svg().is_ok() && report.histograms().svg().is_ok());

    // The kink of a swish is not at 0: its derivative needs z, not a.
    let swish = Sequential::input(1).dense(1).activation(Swish);
    let at = |z: f32| {
        let mut net = swish.clone();
        net.set_parameter("dense_1.weight", &matrix(vec![1.0], 1, 1).unwrap())
            .unwrap();
        let one = Dataset::classification(vec![z], 1, vec![0], 1).unwrap();
        net.activations(&one).unwrap().layers[0].saturated
    };
    assert_eq!((at(-1.2784), at(-0.1)), (1.0, 0.0));
}

#[test]
fn samples_of_large_layers_are_bounded_and_prefer_no_unit() {
    let data = Dataset::digits();
    let report = Sequential::input(64)
        .dense(30)
        .activation(Tanh)
        .activations(&data)
        .unwrap();
    let layer = &report.layers[0];
    assert!(
        (5_000..=10_000).contains(&layer.sample.len()),
        "{}",
        layer.sample.len()
    );
    let mean = layer.sample.iter().map(|a| f64::from(*a)).sum::<f64>() / layer.sample.len() as f64;
    assert!(
        (mean - layer.mean).abs() < 0.02,
        "{mean} and {}",
        layer.mean
    );
}

proptest! {
    #[test]
    fn no_number_makes_an_activation_panic(bits: u32, parameter: u32) {
        let (z, parameter) = (f32::from_bits(bits), f32::from_bits(parameter));
        for f in Activation::ALL.into_iter().chain([LeakyRelu(parameter), Elu(parameter)]) {
            let (value, derivative) = (f.value(z), f.derivative(z));
            if Activation::ALL.contains(&f) && z.is_finite() {
                prop_assert!(value.is_finite() && derivative.is_finite(), "{f:?}({z}) = {value}, {derivative}");
            }
            f.is_saturated(z);
            let net = Sequential::input(1).dense(1).activation(f);
            let one = Dataset::classification(vec![1.0], 1, vec![0], 1).unwrap();
            prop_assert_eq!(net.predict(&one).is_err(), f.check().is_err());
        }
    }
}
