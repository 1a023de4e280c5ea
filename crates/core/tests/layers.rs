//! Every kind of layer against PyTorch, and its shapes.

use gradus::dfdx::prelude::HasShape;
use gradus::prelude::*;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<f32>,
    shape: Vec<usize>,
    y: Vec<usize>,
    cost: f64,
    parameters: BTreeMap<String, (Vec<f32>, [usize; 2])>,
    gradients: BTreeMap<String, Vec<f32>>,
    running: Option<[Vec<f32>; 2]>,
}

fn relative_error(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    difference / norm(&mut b.iter().map(|b| f64::from(*b))).max(1e-12)
}

fn network(case: &Case) -> Sequential {
    use Padding::Same;
    let net = Sequential::input(&case.shape[..]);
    let net = match case.name.as_str() {
        "conv 3x3" => net.conv2d(4, 3).activation(Tanh),
        "conv 3x3 same" => net.conv2d(4, 3).padding(Same).activation(Tanh),
        "conv 2x2 stride 2" => net.conv2d(4, 2).stride(2).activation(Tanh),
        "conv 5x5 same" => net.conv2d(4, 5).padding(Same).activation(Tanh),
        "conv, max pool, conv" => net.conv2d(3, 3).activation(Relu).max_pool2d(2).conv2d(2, 2),
        "conv, average pool, conv" => net
            .conv2d(3, 3)
            .activation(Relu)
            .average_pool2d(2)
            .conv2d(2, 2),
        "maxout" => net.maxout(4, 2),
        "prelu" => net.dense(4).prelu(),
        "conv, prelu" => net.conv2d(3, 3).prelu(),
        "batch norm" => net
            .dense(4)
            .batch_norm_with(BatchNorm::pytorch())
            .activation(Relu),
        "conv, batch norm" => net
            .conv2d(3, 3)
            .batch_norm_with(BatchNorm::pytorch())
            .activation(Relu),
        other => panic!("no network for {other}"),
    };
    let mut net = net.flatten().dense(3);
    for (name, (values, [rows, columns])) in &case.parameters {
        net.set_parameter(name, &matrix(values.clone(), *rows, *columns).unwrap())
            .unwrap();
    }
    net
}

#[test]
fn one_step_of_every_layer_equals_pytorch() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("reference/layers.json")).unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        let mut net = network(&case);
        let data =
            Dataset::classification(case.x.clone(), &case.shape[..], case.y.clone(), 3).unwrap();
        let rate = 0.125;
        let before: Vec<_> = net.parameters();
        let fit = Fit::epochs(1).batch(case.y.len()).quiet();
        let history = net.fit(&data, CrossEntropy, Sgd::new(rate), fit).unwrap();
        let cost = history.last().loss;
        assert!(
            (cost - case.cost).abs() < 1e-5 * case.cost,
            "{}: cost {cost}, expected {}",
            case.name,
            case.cost
        );
        assert_eq!(before.len(), case.gradients.len(), "{}", case.name);
        for (before, after) in before.iter().zip(net.parameters()) {
            let step = before.value.as_vec().into_iter().zip(after.value.as_vec());
            let gradient: Vec<f32> = step
                .map(|(before, after)| (before - after) / rate)
                .collect();
            let expected = &case.gradients[&before.name];
            // Before a batch norm the bias changes nothing: its gradient is 0 but for rounding.
            if expected.iter().all(|g| g.abs() < 1e-9) {
                assert!(
                    gradient.iter().all(|g| g.abs() < 1e-6),
                    "{}, {}: {gradient:?}",
                    case.name,
                    before.name
                );
                continue;
            }
            let error = relative_error(&gradient, expected);
            assert!(
                error < 1e-4,
                "{}, {}: relative error {error:.1e}",
                case.name,
                before.name
            );
        }
        if let Some(running) = &case.running {
            for (found, expected) in net.statistics().iter().zip(running) {
                let error = relative_error(&found.value.as_vec(), expected);
                assert!(
                    error < 1e-5,
                    "{}, {}: relative error {error:.1e}",
                    case.name,
                    found.name
                );
            }
        }
    }
}

#[test]
fn the_gradients_of_evaluation_agree_with_central_differences() {
    // Batch normalisation by its running statistics, dropout silent: `gradients` is the derivative of `evaluate`.
    let (data, _) = Dataset::digits().split(0.01, 3).unwrap();
    let mut net = Sequential::input([8, 8, 1])
        .conv2d(3, 3)
        .batch_norm()
        .activation(Tanh)
        .average_pool2d(2)
        .dropout(0.5)
        .dense(6)
        .activation(Sigmoid)
        .dense(10);
    let (_, gradients) = net.gradients(&data, CrossEntropy).unwrap();
    for (parameter, gradient) in net.parameters().into_iter().zip(gradients) {
        let (start, gradient) = (parameter.value.as_vec(), gradient.value.as_vec());
        let i = (0..gradient.len())
            .max_by(|&i, &j| gradient[i].abs().total_cmp(&gradient[j].abs()))
            .unwrap();
        let mut at = |shift: f32| {
            let mut moved = start.clone();
            moved[i] += shift;
            let (rows, columns) = *parameter.value.shape();
            net.set_parameter(
                &parameter.name,
                &matrix(moved.clone(), rows, columns).unwrap(),
            )
            .unwrap();
            (
                f64::from(moved[i]),
                net.evaluate(&data, CrossEntropy).unwrap().loss,
            )
        };
        let ((high, c_high), (low, c_low)) = (at(1e-2), at(-1e-2));
        at(0.0);
        let slope = (c_high - c_low) / (high - low);
        let error = (slope - f64::from(gradient[i])).abs() / slope.abs();
        assert!(
            error < 1e-3,
            "{}: {slope} and {}",
            parameter.name,
            gradient[i]
        );
    }
}

#[test]
fn shapes_and_counts_are_keras() {
    // The convolutions of the slides' CNN, counted by Keras.
    let net = Sequential::input([32, 32, 3])
        .conv2d(128, 3)
        .activation(Relu)
        .conv2d(128, 3)
        .activation(Relu)
        .conv2d(128, 3)
        .activation(Relu)
        .dropout(0.25)
        .flatten();
    assert_eq!(net.output().sizes(), [26 * 26 * 128]);
    assert_eq!(net.parameter_count(), 3_584 + 147_584 + 147_584);
    let shape = |net: Sequential| net.output().sizes().to_vec();
    let image = || Sequential::input([7, 8, 2]);
    assert_eq!(
        shape(image().conv2d(5, 3).padding(Padding::Same)),
        [7, 8, 5]
    );
    assert_eq!(
        shape(image().conv2d(5, 3).padding(Padding::Same).stride(2)),
        [4, 4, 5]
    );
    assert_eq!(shape(image().conv2d(5, 3).stride(2)), [3, 3, 5]);
    assert_eq!(shape(image().max_pool2d(2)), [3, 4, 2]);
    assert_eq!(shape(image().maxout(4, 3)), [4]);
}

#[test]
fn mistakes_in_building_are_told_when_the_network_is_used() {
    let image = || Sequential::input([4, 4, 1]);
    for (net, expected) in [
        (
            Sequential::input(16).conv2d(3, 3),
            "conv2d: expected an input of height x width x channels, got 16",
        ),
        (
            image().conv2d(3, 5),
            "conv2d: expected an image of at least 5x5 pixels, got 4x4",
        ),
        (
            image().conv2d(0, 3),
            "the filters of a convolution must be at least 1, got 0",
        ),
        (
            image().conv2d(2, 0),
            "the window of conv2d must be at least 1, got 0",
        ),
        (
            image().conv2d(2, 3).stride(0),
            "the stride of conv2d must be at least 1, got 0",
        ),
        (
            image().dense(3).stride(2),
            "stride needs a conv2d right before it",
        ),
        (
            image().max_pool2d(5),
            "pooling: expected an image of at least 5x5 pixels, got 4x4",
        ),
        (
            image().dropout(1.0),
            "the probability of dropout must be at least 0 and less than 1, got 1",
        ),
        (
            image().maxout(2, 0),
            "the pieces of a maxout layer must be at least 1, got 0",
        ),
        (
            image().batch_norm_with(BatchNorm {
                epsilon: 0.0,
                ..BatchNorm::keras()
            }),
            "the epsilon of batch normalisation must be a finite number greater than 0, got 0",
        ),
    ] {
        let data = Dataset::classification(vec![0.0; 16], [4, 4, 1], vec![0], 1).unwrap();
        assert_eq!(net.predict(&data).unwrap_err().to_string(), expected);
        assert!(net.summary().to_string().contains("cannot be used"));
    }
}

#[test]
fn batch_norm_refuses_a_batch_of_one_before_it_starts() {
    let (train, _) = Dataset::digits().split(0.8, 0).unwrap();
    let train = train.take(65).unwrap();
    let mut net = Sequential::input(64)
        .dense(8)
        .batch_norm()
        .activation(Relu)
        .dense(10);
    let before = net.parameters()[0].value.as_vec();
    for batch in [1, 64, 32] {
        let error = net
            .fit(
                &train,
                CrossEntropy,
                Sgd::new(0.1),
                Fit::epochs(1).batch(batch).quiet(),
            )
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("batch_norm_1 has no variance to learn from"),
            "{error}"
        );
    }
    assert_eq!(net.parameters()[0].value.as_vec(), before);
    assert!(
        net.fit(
            &train,
            CrossEntropy,
            Sgd::new(0.1),
            Fit::epochs(1).batch(60).quiet()
        )
        .is_ok()
    );
}

#[test]
fn a_convolutional_network_learns_the_digits() {
    let (train, test) = Dataset::digits().split(0.8, 0).unwrap();
    let mut net = Sequential::input([8, 8, 1])
        .conv2d(8, 3)
        .activation(Relu)
        .init(He)
        .max_pool2d(2)
        .dropout(0.25)
        .dense(32)
        .init(He)
        .batch_norm()
        .activation(Relu)
        .dense(10);
    let fit = Fit::epochs(15).batch(31).validate(&test).quiet();
    let history = net.fit(&train, CrossEntropy, Adam::new(3e-3), fit).unwrap();
    assert!(history.last().val_accuracy > Some(0.96), "{history}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the sizes, a network of images trains or says why not.
    #[test]
    fn no_image_network_panics(
        height in 0..6_usize, width in 0..6_usize, channels in 0..3_usize, size in 0..4_usize, stride in 0..3_usize,
        pool in 0..3_usize, same: bool, n in 1..4_usize,
    ) {
        let shape = [height, width, channels];
        let padding = if same { Padding::Same } else { Padding::Valid };
        let mut net = Sequential::input(shape).conv2d(2, size).stride(stride).padding(padding).activation(Relu)
            .max_pool2d(pool).batch_norm().average_pool2d(1).dense(2);
        let x = (0..n * height * width * channels).map(|i| (i as f32).sin()).collect();
        if let Ok(data) = Dataset::classification(x, shape, vec![1; n], 2) {
            let _ = net.fit(&data, CrossEntropy, Sgd::new(0.1), Fit::epochs(1).quiet());
            let _ = net.predict(&data);
        }
    }
}

#[test]
fn a_convolution_larger_than_its_image_needs_its_padding_and_may_get_it_in_the_next_call() {
    let data = Dataset::regression(vec![1.0; 8], [2, 2, 1], vec![1.0; 2], 1).unwrap();
    let start = || Sequential::input([2, 2, 1]).conv2d(4, 3);
    let mut padded = start().padding(Padding::Same).activation(Relu).dense(1);
    padded
        .fit(&data, Quadratic, Sgd::new(0.1), Fit::epochs(1).quiet())
        .unwrap();
    for wrong in [start(), start().dense(1), start().stride(2).dense(1)] {
        let error = wrong.predict(&data).unwrap_err().to_string();
        assert!(error.contains("3x3"), "{error}");
        assert!(wrong.summary().to_string().contains("3x3"));
    }
}
