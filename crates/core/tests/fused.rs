//! The fused operations of the engine against their readable twins in the topic modules, over random shapes, and a whole
//! training against the same training written out with them.

use gradus::batchnorm::{BatchNorm, RunningStatistics, batch_norm, batch_norm_test};
use gradus::cost::{
    binary_cross_entropy_with_logits, categorical_cross_entropy_with_logits, quadratic,
};
use gradus::dfdx::prelude::{
    AsArray, Axis, Backward, BroadcastTo, HasShape, PutTape, ReshapeTo, SplitTape, Trace, TryMatMul,
};
use gradus::model::{Padding, Parameter};
use gradus::prelude::*;
use gradus::regularization::soft_threshold;
use gradus::tensor::{Scalar, Tape};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

type Traced = Matrix<Tape>;

fn numbers(rng: &mut ChaCha8Rng, n: usize) -> Vec<f32> {
    (0..n).map(|_| rng.gen_range(-1.5..1.5)).collect()
}

/// Examples with `dim` targets each. Probabilities are between 0 and 1; others are on one side of what a network puts out, so
/// that sums of differences do not cancel.
fn examples(rng: &mut ChaCha8Rng, [n, width, dim]: [usize; 3], probabilities: bool) -> Dataset {
    let range = if probabilities { 0.0..1.0 } else { 4.0..6.0 };
    let targets = (0..n * dim).map(|_| rng.gen_range(range.clone())).collect();
    Dataset::regression(numbers(rng, n * width), width, targets, dim).unwrap()
}

fn targets(data: &Dataset) -> Matrix {
    match data.targets() {
        Targets::Values { values, dim } => matrix(values.clone(), data.len(), *dim).unwrap(),
        _ => data.one_hot(),
    }
}

/// `x W + b`, as the slides write it.
fn dense(x: Traced, w: &Parameter, b: &Parameter) -> Traced {
    let z = x.matmul(w.value.clone());
    let shape = *z.shape();
    let (z, tape) = z.split_tape();
    // A bias is a matrix of one row: its rows are summed back by the backward of the broadcast.
    let b = b.value.clone().put_tape(tape);
    let b = b
        .reshape_like(&(shape.1,))
        .broadcast_like::<_, Axis<0>>(&shape);
    b + z
}

fn readable_cost(cost: Cost, outputs: Traced, y: &Matrix) -> Scalar<Tape> {
    match cost {
        Quadratic => quadratic(outputs, y),
        BinaryCrossEntropy => binary_cross_entropy_with_logits(outputs, y),
        _ => categorical_cross_entropy_with_logits(outputs, y),
    }
    .unwrap()
}

type Checked = std::result::Result<(), TestCaseError>;

fn check(what: &str, fused: &[f32], readable: &[f32]) -> Checked {
    let error = relative_error(fused, readable);
    prop_assert!(error < 1e-5, "{what}: {error:.1e}");
    Ok(())
}

fn check_cost(fused: f64, readable: f64) -> Checked {
    let error = (fused - readable).abs() / readable.abs().max(0.1);
    prop_assert!(error < 1e-5, "cost: {fused} and {readable}");
    Ok(())
}

/// Each parameter's gradient by itself, against its own length. A gradient all of whose sums cancel has as few digits as
/// its formula leaves: below a tenth of the longest, that is what it is measured by. Both sides are sums of 32 bits, and
/// a layer normalised over a few rows divides by what is left of them: in some hundred thousand draws the two were once
/// farther apart than 1e-5, by 1.14e-5.
fn check_gradients(fused: &[Vec<f32>], readable: &[Vec<f32>]) -> Checked {
    prop_assert_eq!(fused.len(), readable.len());
    let floor = 0.1 * readable.iter().map(|g| length(g)).fold(0.0, f64::max);
    for (i, (fused, readable)) in fused.iter().zip(readable).enumerate() {
        let error = distance(fused, readable) / length(readable).max(floor);
        prop_assert!(error < 2e-5, "gradient of parameter {i}: {error:.1e}");
    }
    Ok(())
}

fn length(x: &[f32]) -> f64 {
    wide(x).iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares = a.iter().zip(b).map(|(a, b)| f64::from(*a) - f64::from(*b));
    squares.map(|d| d * d).sum::<f64>().sqrt()
}

/// `‖a - b‖ / ‖b‖`. What is compared are sums of numbers of about size 1: where they all but cancel, a tenth of that is the
/// measure.
fn relative_error(a: &[f32], b: &[f32]) -> f64 {
    distance(a, b) / length(b).max(0.1 * (b.len() as f64).sqrt())
}

/// Whether rounding could decide on which side of a kink one of the numbers is.
fn near_a_kink(z: &[f32], margin: f32) -> bool {
    z.iter().any(|z| z.abs() <= margin)
}

fn values(parameters: &[Parameter]) -> Vec<Vec<f32>> {
    parameters.iter().map(|p| p.value.as_vec()).collect()
}

fn cost_named(i: usize) -> Cost {
    [Quadratic, BinaryCrossEntropy, CrossEntropy][i % 3]
}

/// One step on all the data at once: its cost, and the gradients that it saw. A step of plain SGD moves each parameter by
/// `rate` times its gradient.
fn trained(net: &mut Sequential, data: &Dataset, cost: Cost) -> (f64, Vec<Vec<f32>>) {
    // Large, so that the difference of the weights has as many digits as the gradient.
    let rate = 4096.0;
    let before = net.parameters();
    let fit = Fit::epochs(1).batch(data.len()).quiet();
    let history = net.fit(data, cost, Sgd::new(rate), fit).unwrap();
    let steps = before.iter().zip(net.parameters());
    let gradients = steps.map(|(before, after)| {
        let both = before.value.as_vec().into_iter().zip(after.value.as_vec());
        both.map(|(before, after)| (before - after) / rate)
            .collect()
    });
    (history.last().loss, gradients.collect())
}

/// Give all parameters numbers, so that no bias, shift or scale stays at what it starts with.
fn scramble(net: &mut Sequential, rng: &mut ChaCha8Rng) {
    for p in net.parameters() {
        let (rows, columns) = *p.value.shape();
        let scale = if rows > 1 {
            (rows as f32).sqrt().recip()
        } else {
            1.0
        };
        let numbers = numbers(rng, rows * columns);
        let numbers = numbers.into_iter().map(|x| x * scale).collect();
        net.set_parameter(&p.name, &matrix(numbers, rows, columns).unwrap())
            .unwrap();
    }
}

/// A row of numbers on a tape of its own.
fn on_tape(v: &Vector) -> Vector<Tape> {
    v.clone().put_tape(Tape::default())
}

/// A hidden layer with activation and penalty, and a cost: as the trained network does it, with values and gradients.
fn dense_case(
    [n, width, hidden, dim]: [usize; 4],
    f: Activation,
    cost: Cost,
    margin: f32,
    seed: u64,
) -> Checked {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let data = match cost {
        CrossEntropy => {
            let labels = (0..n).map(|_| rng.gen_range(0..dim)).collect();
            Dataset::classification(numbers(&mut rng, n * width), width, labels, dim).unwrap()
        }
        _ => examples(&mut rng, [n, width, dim], cost == BinaryCrossEntropy),
    };
    let rule = Regularizer {
        l2: 0.02,
        ..l1(0.01)
    };
    let net = Sequential::input(width).dense(hidden).activation(f);
    let mut net = net.regularizer(rule).dense(dim);
    scramble(&mut net, &mut rng);

    let p = net.parameters();
    let z = dense(data.x().leaky_trace(), &p[0], &p[1]);
    prop_assume!(!near_a_kink(&z.as_vec(), margin));
    let outputs = dense(f.apply(z), &p[2], &p[3]);
    check(
        "outputs",
        &net.predict(&data).unwrap().as_vec(),
        &outputs.as_vec(),
    )?;
    let (alone, tape) = readable_cost(cost, outputs, &targets(&data)).split_tape();
    // The sum over all weights in 64 bits: on the tape it has as few digits as 100,000 additions leave of 32.
    let expected = f64::from(alone.array()) + rule.penalty(&p[0].value.as_vec());
    let total = rule.cost(p[0].value.clone().put_tape(tape)) + alone;
    let (found, gradients) = net.gradients(&data, cost).unwrap();
    check_cost(found, expected)?;
    check_cost(net.evaluate(&data, cost).unwrap().loss, found)?;
    let readable = total.backward();
    let expected: Vec<_> = p.iter().map(|p| readable.get(&p.value).as_vec()).collect();
    check_gradients(&values(&gradients), &expected)?;
    // And as `fit` does it, which adds the penalty piece by piece.
    let (found_by_fit, gradients) = trained(&mut net, &data, cost);
    check_cost(found_by_fit, found)?;
    check_gradients(&gradients, &expected)
}

/// Batch normalisation by the numbers of the batch, between two dense layers.
fn batch_norm_case([n, width, hidden, dim]: [usize; 4], f: Activation, seed: u64) -> Checked {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let data = examples(&mut rng, [n, width, dim], true);
    // Two or three rows, normalised, can hardly be anything else, nor can what two or three inputs span: the gradient that
    // goes further back all but cancels. A larger ε leaves more of it.
    let convention = BatchNorm {
        epsilon: if n < 4 || width < 4 { 1.0 } else { 1e-3 },
        ..BatchNorm::default()
    };
    let net = Sequential::input(width)
        .dense(hidden)
        .batch_norm_with(convention);
    let mut net = net.activation(f).dense(dim);
    scramble(&mut net, &mut rng);
    let p = net.parameters();
    let row = |i: usize| vector(p[i].value.as_vec()).unwrap();
    let (gamma, beta) = (row(2), row(3));
    let z = dense(data.x().leaky_trace(), &p[0], &p[1]);
    let (gamma_on, beta_on) = (on_tape(&gamma), on_tape(&beta));
    let (z, _) = batch_norm(z, gamma_on, beta_on, convention.epsilon).unwrap();
    prop_assume!(!near_a_kink(&z.as_vec(), 1e-5));
    let total = quadratic(dense(f.apply(z), &p[4], &p[5]), &targets(&data)).unwrap();
    let cost = f64::from(total.array());
    let readable = total.backward();
    let (found_cost, found) = trained(&mut net, &data, Quadratic);
    check_cost(found_cost, cost)?;
    let of = |i: usize| readable.get(&p[i].value).as_vec();
    let (d_gamma, d_beta) = (readable.get(&gamma).as_vec(), readable.get(&beta).as_vec());
    // The bias before it changes nothing: its gradient is 0 but for rounding, which has no digits to compare.
    prop_assert!(length(&found[1]) <= 1e-5 * length(&d_beta).max(length(&found[0])));
    let (w, rest) = (&found[..1], &found[2..]);
    check_gradients(&[w, rest].concat(), &[of(0), d_gamma, d_beta, of(4), of(5)])
}

/// Which units of the second layer `fit` drops at its first step, and what it multiplies the others by: `(n, hidden)`.
/// Told by a network of the same shape up to there, whose hidden units are all 1 and each of whose outputs belongs to one
/// example: with `δ = 1` for its own and 0 for the others, the gradient of its weights is the mask.
fn dropped(n: usize, width: usize, hidden: usize, p: f32) -> Matrix {
    let mut own = vec![0.0; n * n];
    (0..n).for_each(|i| own[i * n + i] = -(n as f32));
    let data = Dataset::regression(vec![0.0; n * width], width, own, n).unwrap();
    let mut net = Sequential::input(width).dense(hidden).dropout(p).dense(n);
    for (name, rows, columns, value) in [
        ("dense_1.bias", 1, hidden, 1.0),
        ("dense_2.weight", hidden, n, 0.0),
    ] {
        let numbers = matrix(vec![value; rows * columns], rows, columns).unwrap();
        net.set_parameter(name, &numbers).unwrap();
    }
    let gradient = &trained(&mut net, &data, Quadratic).1[2];
    let by_example = (0..n).flat_map(|i| (0..hidden).map(move |j| gradient[j * n + i]));
    matrix(by_example.collect(), n, hidden).unwrap()
}

/// Dropout between two dense layers, with the mask that was drawn.
fn dropout_case([n, width, hidden, dim]: [usize; 4], p: f32, seed: u64) -> Checked {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let data = examples(&mut rng, [n, width, dim], false);
    let mut net = Sequential::input(width)
        .dense(hidden)
        .activation(Sigmoid)
        .dropout(p)
        .dense(dim);
    scramble(&mut net, &mut rng);
    let mask = dropped(n, width, hidden, p);
    let kept = 1.0 / (1.0 - p);
    let is_kept = |m: &f32| (m - kept).abs() < 1e-5 * kept;
    let by_example = mask.as_vec();
    prop_assert!(by_example.iter().all(|m| *m == 0.0 || is_kept(m)));
    // In the order in which the batch has them: no part that a thread draws repeats the first.
    let mut order = Batches::new(n, n, 0).unwrap();
    let order = order.epoch().flatten();
    let drawn: Vec<f32> = order
        .flat_map(|i| &by_example[i * hidden..][..hidden])
        .copied()
        .collect();
    if let Some(next) = drawn.get(8192..) {
        prop_assert!(next.len() < 100 || drawn[..next.len()] != *next);
    }

    let w = net.parameters();
    // At test time nothing is dropped.
    let plain = Sigmoid.apply(dense(data.x().leaky_trace(), &w[0], &w[1]));
    let plain = dense(plain, &w[2], &w[3]).as_vec();
    check("outputs", &net.predict(&data).unwrap().as_vec(), &plain)?;
    let a = Sigmoid.apply(dense(data.x().leaky_trace(), &w[0], &w[1])) * mask;
    let total = quadratic(dense(a, &w[2], &w[3]), &targets(&data)).unwrap();
    let cost = f64::from(total.array());
    let readable = total.backward();
    let (found_cost, found) = trained(&mut net, &data, Quadratic);
    check_cost(found_cost, cost)?;
    let expected: Vec<_> = w.iter().map(|p| readable.get(&p.value).as_vec()).collect();
    check_gradients(&found, &expected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn dense_layers_activations_penalties_and_costs(
        n in 1..40_usize, width in 1..70_usize, hidden in 1..70_usize, dim in 2..9_usize,
        f in 0..Activation::ALL.len(), cost in 0..3_usize, seed in 0..100_000_u64,
    ) {
        dense_case([n, width, hidden, dim], Activation::ALL[f], cost_named(cost), 1e-5, seed)?;
    }

    #[test]
    fn batch_normalisation_in_training(
        n in 2..40_usize, width in 1..30_usize, hidden in 2..50_usize, dim in 1..6_usize,
        f in 0..Activation::ALL.len(), seed in 0..100_000_u64,
    ) {
        batch_norm_case([n, width, hidden, dim], Activation::ALL[f], seed)?;
    }

    #[test]
    fn batch_normalisation_of_a_trained_network(
        n in 1..40_usize, width in 1..30_usize, hidden in 1..50_usize, dim in 1..6_usize,
        f in 0..Activation::ALL.len(), seed in 0..100_000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (data, f) = (examples(&mut rng, [n, width, dim], false), Activation::ALL[f]);
        let mut net = Sequential::input(width).dense(hidden).batch_norm().activation(f).dense(dim);
        scramble(&mut net, &mut rng);
        let running = RunningStatistics {
            mean: numbers(&mut rng, hidden),
            variance: (0..hidden).map(|_| rng.gen_range(0.0..4.0)).collect(),
        };
        for (name, numbers) in [("running_mean", &running.mean), ("running_variance", &running.variance)] {
            let name = format!("batch_norm_1.{name}");
            net.set_parameter(&name, &matrix(numbers.clone(), 1, hidden).unwrap()).unwrap();
        }
        let p = net.parameters();
        let row = |i: usize| vector(p[i].value.as_vec()).unwrap();
        let (gamma, beta) = (row(2), row(3));
        let epsilon = BatchNorm::default().epsilon;
        let z = dense(data.x().leaky_trace(), &p[0], &p[1]);
        let expected = batch_norm_test(&matrix(z.as_vec(), n, hidden).unwrap(), &gamma, &beta, &running, epsilon).unwrap();
        // The same on the tape, which `batch_norm_test` does without.
        let shape = (n, hidden);
        let inverse = running.variance.iter().map(|v| (v + epsilon).sqrt().recip()).collect();
        let scale = on_tape(&gamma) * vector(inverse).unwrap();
        let shift = vector(running.mean.iter().map(|m| -m).collect()).unwrap();
        let centred = z + shift.broadcast_like::<_, Axis<0>>(&shape);
        let z = centred * scale.broadcast_like::<_, Axis<0>>(&shape) + on_tape(&beta).broadcast_like::<_, Axis<0>>(&shape);
        check("z", &z.as_vec(), &expected.as_vec())?;
        prop_assume!(!near_a_kink(&z.as_vec(), 1e-5));
        let outputs = dense(f.apply(z), &p[4], &p[5]);
        check("outputs", &net.predict(&data).unwrap().as_vec(), &outputs.as_vec())?;
        let total = quadratic(outputs, &targets(&data)).unwrap();
        let (cost, gradients) = net.gradients(&data, Quadratic).unwrap();
        check_cost(cost, f64::from(total.array()))?;
        let readable = total.backward();
        let of = |i: usize| readable.get(&p[i].value).as_vec();
        let expected = [of(0), of(1), readable.get(&gamma).as_vec(), readable.get(&beta).as_vec(), of(4), of(5)];
        check_gradients(&values(&gradients), &expected)?;
    }

    #[test]
    fn batch_normalisation_of_images_is_by_channel(
        n in 1..8_usize, height in 2..7_usize, width in 1..7_usize, channels in 1..10_usize, f in 0..Activation::ALL.len(),
        seed in 0..100_000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let f = Activation::ALL[f];
        let features = height * width * channels;
        let x = numbers(&mut rng, n * features);
        let y = (0..n * 3).map(|_| rng.gen_range(4.0..6.0)).collect();
        let data = Dataset::regression(x.clone(), [height, width, channels], y, 3).unwrap();
        let mut net = Sequential::input([height, width, channels]).batch_norm().activation(f).dense(3);
        scramble(&mut net, &mut rng);
        let p = net.parameters();
        let row = |i: usize| vector(p[i].value.as_vec()).unwrap();
        let (gamma, beta) = (row(0), row(1));
        let rows = matrix(x, n * height * width, channels).unwrap();
        let (gamma_on, beta_on) = (on_tape(&gamma), on_tape(&beta));
        let (z, _) = batch_norm(rows.leaky_trace(), gamma_on, beta_on, BatchNorm::default().epsilon).unwrap();
        prop_assume!(!near_a_kink(&z.as_vec(), 1e-5));
        let a = f.apply(z).reshape_like(&(n, features));
        let total = quadratic(dense(a, &p[2], &p[3]), &targets(&data)).unwrap();
        let cost = f64::from(total.array());
        let readable = total.backward();
        let (found_cost, found) = trained(&mut net, &data, Quadratic);
        check_cost(found_cost, cost)?;
        let of = |i: usize| readable.get(&p[i].value).as_vec();
        check_gradients(&found, &[readable.get(&gamma).as_vec(), readable.get(&beta).as_vec(), of(2), of(3)])?;
    }

    #[test]
    fn maxout_is_the_largest_of_several_dense_layers(
        n in 1..30_usize, width in 1..50_usize, units in 1..40_usize, pieces in 2..5_usize, seed in 0..100_000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let data = examples(&mut rng, [n, width, units], false);
        let mut net = Sequential::input(width).maxout(units, pieces);
        scramble(&mut net, &mut rng);
        let p = net.parameters();
        // Piece `p` of unit `j` is column `pieces j + p`.
        let piece = |from: &Parameter, which: usize| {
            let all = from.value.as_vec();
            let values = all.into_iter().skip(which).step_by(pieces).collect();
            Parameter { name: from.name.clone(), value: matrix(values, from.value.shape().0, units).unwrap() }
        };
        let layers: Vec<_> = (0..pieces).map(|i| (piece(&p[0], i), piece(&p[1], i))).collect();
        let linear: Vec<_> = layers.iter().map(|(w, b)| dense(data.x().leaky_trace(), w, b)).collect();
        let all: Vec<_> = linear.iter().map(|z| z.as_vec()).collect();
        let closest = (0..n * units).flat_map(|i| all.iter().enumerate().flat_map({
            let all = &all;
            move |(k, z)| all[..k].iter().map(move |other| other[i] - z[i])
        }));
        prop_assume!(!near_a_kink(&closest.collect::<Vec<_>>(), 1e-5));
        let a = linear.into_iter().reduce(|a, b| activation::maxout(a, b).unwrap()).unwrap();
        check("outputs", &net.predict(&data).unwrap().as_vec(), &a.as_vec())?;
        let total = quadratic(a, &targets(&data)).unwrap();
        let (cost, fused) = net.gradients(&data, Quadratic).unwrap();
        check_cost(cost, f64::from(total.array()))?;
        let readable = total.backward();
        let of_pieces = |part: usize| (0..pieces).flat_map(|i| piece(&fused[part], i).value.as_vec()).collect();
        let expected = [
            layers.iter().flat_map(|(w, _)| readable.get(&w.value).as_vec()).collect(),
            layers.iter().flat_map(|(_, b)| readable.get(&b.value).as_vec()).collect(),
        ];
        check_gradients(&[of_pieces(0), of_pieces(1)], &expected)?;
    }

    #[test]
    fn dropout_drops_the_same_units_forward_and_backward(
        n in 1..30_usize, width in 1..20_usize, hidden in 1..200_usize, dim in 1..5_usize, p in 0.05..0.9_f32,
        seed in 0..100_000_u64,
    ) {
        dropout_case([n, width, hidden, dim], p, seed)?;
    }

    #[test]
    fn convolutions_and_pooling_are_the_sums_of_their_formulas(
        n in 1..9_usize, height in 5..12_usize, width in 5..12_usize, channels in 1..4_usize, filters in 1..9_usize,
        size in 1..4_usize, stride in 1..3_usize, same: bool, pool in 1..4_usize, largest: bool, f in 0..4_usize,
        last in 1..4_usize, seed in 0..100_000_u64,
    ) {
        // Max pooling is done by the convolution before it, except where that has a function that goes up and down.
        let f = [Linear, Tanh, Relu, Swish][f];
        let pooling = if largest { Stage::Largest(pool) } else { Stage::Mean(pool) };
        let first = Stage::Conv { filters, size, stride, same, f };
        image_case([height, width, channels], n, &[first, pooling, to_features(last)], seed)?;
    }

    // The numbers of channels and filters for which convolutions go by tiles.
    #[test]
    fn convolutions_by_tiles_are_the_sums_of_their_formulas(
        n in 1..4_usize, height in 5..12_usize, width in 5..12_usize, channels in 1..3_usize, filters in 1..4_usize, same: bool,
        pool in 1..4_usize, f in 0..4_usize, seed in 0..100_000_u64,
    ) {
        let stage = |filters, size, f| Stage::Conv { filters, size, stride: 1, same, f };
        // The first gives the second an input that has a gradient.
        let (first, second) = (stage(8 * channels, 1, Tanh), stage(8 * filters, 3, [Linear, Tanh, Relu, Swish][f]));
        image_case([height, width, 2], n, &[first, second, Stage::Largest(pool), to_features(2)], seed)?;
    }
}

// As large as it takes for several parts: products above half a million multiplications, dropout above 8192 units.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn large_dense_layers_in_parts(
        n in 60..300_usize, width in 250..400_usize, hidden in 150..300_usize, dim in 2..40_usize, f in 0..4_usize,
        cost in 0..3_usize, seed in 0..100_000_u64,
    ) {
        let f = [Sigmoid, Tanh, Relu, Swish][f];
        dense_case([n, width, hidden, dim], f, cost_named(cost), 3e-6, seed)?;
    }

    #[test]
    fn large_batch_normalisations_in_parts(
        n in 60..200_usize, width in 100..300_usize, hidden in 150..300_usize, dim in 2..20_usize, relu: bool,
        seed in 0..100_000_u64,
    ) {
        batch_norm_case([n, width, hidden, dim], if relu { Relu } else { Tanh }, seed)?;
    }

    #[test]
    fn large_dropout_in_parts(
        n in 60..130_usize, width in 1..20_usize, hidden in 150..300_usize, dim in 1..5_usize, p in 0.05..0.9_f32,
        seed in 0..100_000_u64,
    ) {
        dropout_case([n, width, hidden, dim], p, seed)?;
    }
}

#[test]
fn a_batch_of_images_in_several_groups() {
    // 16 tiles of 120 channels and 8 filters an image: 42 images are transformed at once. Few windows of the pooling, so that
    // in none of them rounding decides.
    let conv = |filters, size, f| Stage::Conv {
        filters,
        size,
        stride: 1,
        same: true,
        f,
    };
    let (first, second) = (conv(120, 1, Tanh), conv(8, 3, Relu));
    let stages = [first, second, Stage::Largest(4), to_features(2)];
    image_case([16, 16, 2], 60, &stages, 3).unwrap();
}

/// Every rule on a parameter that `fit` cuts into pieces, with penalties: the rule on the whole parameter gives the same.
#[test]
fn optimisers_step_in_pieces_as_on_the_whole() {
    let rules: [fn() -> Box<dyn Optimizer>; 10] = [
        || Sgd::new(0.5).into(),
        || Momentum::new(0.5).into(),
        || Nag::new(0.5).into(),
        || Adagrad::new(0.1).into(),
        || RmsProp::new(0.1).into(),
        || {
            Adadelta {
                learning_rate: 100.0,
                ..Adadelta::default()
            }
            .into()
        },
        || Adam::new(0.1).into(),
        || AdamW::new(0.1).into(),
        || Sgd::new(0.5).weight_decay(0.1).into(),
        || Adam::new(0.1).weight_decay(0.1).into(),
    ];
    let penalties = [
        l2(0.0),
        l2(0.03),
        l1(0.02),
        l1(0.02).exact_zeros(),
        Regularizer {
            l2: 0.03,
            ..l1(0.02)
        },
    ];
    // 19500 and 520 weights; one example, so that no sum can be taken in another order.
    let (width, hidden, outputs, steps) = (150, 130, 4, 3);
    for (case, rule) in rules.iter().enumerate() {
        for penalty in penalties {
            let optimizer = rule();
            let name = format!("{optimizer:?}, {penalty:?}");
            let mut rng = ChaCha8Rng::seed_from_u64(case as u64);
            let data = examples(&mut rng, [1, width, outputs], false);
            let net = Sequential::input(width).dense(hidden);
            let net = net.activation(Tanh).regularizer(penalty);
            let mut net = net.dense(outputs).seed(case as u64);
            let start = values(&net.parameters());

            let (mut by_hand, mut costs) = (net.clone(), Vec::new());
            let mut slots: Vec<_> = start
                .iter()
                .map(|w| vec![vec![0.0; w.len()]; optimizer.slots()])
                .collect();
            for t in 1..=steps {
                costs.push(by_hand.evaluate(&data, Quadratic).unwrap().loss);
                // Where zeros are made, L1 is no part of the gradient.
                let mut smooth = by_hand.clone();
                if penalty.exact_zeros {
                    smooth = Sequential::input(width).dense(hidden).activation(Tanh);
                    smooth = smooth.dense(outputs);
                    for p in by_hand.parameters() {
                        smooth.set_parameter(&p.name, &p.value).unwrap();
                    }
                }
                let (_, gradients) = smooth.gradients(&data, Quadratic).unwrap();
                for ((p, g), slots) in by_hand.parameters().iter().zip(gradients).zip(&mut slots) {
                    let (mut w, mut g) = (p.value.as_vec(), g.value.as_vec());
                    let mut slots: Vec<&mut [f32]> = slots.iter_mut().map(|s| &mut s[..]).collect();
                    let eta = optimizer.learning_rate();
                    optimizer.step(t, eta, &mut w, &mut g, &mut slots);
                    if penalty.exact_zeros && p.name == "dense_1.weight" {
                        soft_threshold(&mut w, eta * penalty.l1);
                    }
                    let (rows, columns) = *p.value.shape();
                    let w = matrix(w, rows, columns).unwrap();
                    by_hand.set_parameter(&p.name, &w).unwrap();
                }
            }
            let fit = Fit::epochs(steps as usize).quiet();
            let history = net.fit(&data, Quadratic, optimizer, fit).unwrap();
            for (found, expected) in history.loss().iter().zip(&costs) {
                assert!(
                    (found - expected).abs() < 1e-5 * expected,
                    "{name}: {found} and {expected}"
                );
            }
            let both = net.parameters().into_iter().zip(by_hand.parameters());
            for ((found, expected), start) in both.zip(&start) {
                let [found_move, expected_move] = [&found, &expected].map(|p| {
                    let moved = p.value.as_vec().into_iter().zip(start);
                    moved.map(|(w, start)| w - start).collect::<Vec<f32>>()
                });
                assert!(length(&expected_move) > 0.0, "{name}, {}", found.name);
                let error = distance(&found_move, &expected_move) / length(&expected_move);
                assert!(error < 1e-5, "{name}, {}: {error:.1e}", found.name);
            }
        }
    }
}

/// A layer of images in the formulas below.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Conv {
        filters: usize,
        size: usize,
        stride: usize,
        same: bool,
        f: Activation,
    },
    Largest(usize),
    Mean(usize),
}

/// A convolution that makes a few features of each pixel.
fn to_features(filters: usize) -> Stage {
    Stage::Conv {
        filters,
        size: 1,
        stride: 1,
        same: false,
        f: Linear,
    }
}

/// What a stage remembers of an example for the way back.
struct Passed {
    x: Vec<f64>,
    z: Vec<f64>,
    from: Vec<Vec<usize>>,
}

/// A network of these stages against the formulas, example by example in 64 bits: outputs and gradients.
fn image_case(input: [usize; 3], n: usize, stages: &[Stage], seed: u64) -> Checked {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut net, mut image, mut windows) = (Sequential::input(input), input, Vec::new());
    for stage in stages {
        let (window, channels) = match *stage {
            Stage::Conv {
                filters,
                size,
                stride,
                same,
                f,
            } => {
                let padding = if same { Padding::Same } else { Padding::Valid };
                net = net.conv2d(filters, size).stride(stride);
                net = net.padding(padding).activation(f);
                let window = Windows::convolution(image, size, stride, same);
                (window, filters)
            }
            Stage::Largest(size) | Stage::Mean(size) => {
                net = match stage {
                    Stage::Largest(_) => net.max_pool2d(size),
                    _ => net.average_pool2d(size),
                };
                (Windows::convolution(image, size, size, false), image[2])
            }
        };
        image = window.places(channels);
        prop_assume!(image[0] > 0 && image[1] > 0);
        windows.push(window);
    }
    let net = net.flatten();
    let (features, outputs) = (input.iter().product(), image.iter().product());
    let x = numbers(&mut rng, n * features);
    // To one side of what comes out, so that sums over the places of an image do not cancel.
    let wanted: Vec<f32> = (0..n * outputs).map(|_| rng.gen_range(1.0..4.0)).collect();
    let data = Dataset::regression(x.clone(), input, wanted.clone(), outputs).unwrap();
    let mut net = net;
    scramble(&mut net, &mut rng);
    let p: Vec<Vec<f64>> = values(&net.parameters()).iter().map(|p| wide(p)).collect();

    let mut gradients: Vec<Vec<f64>> = p.iter().map(|p| vec![0.0; p.len()]).collect();
    let (mut predicted, mut cost, mut margin) = (Vec::new(), 0.0, f64::INFINITY);
    for (x, y) in x.chunks(features).zip(wanted.chunks(outputs)) {
        let (mut a, mut passed, mut parameter) = (wide(x), Vec::new(), 0);
        for ((stage, window), next) in stages
            .iter()
            .zip(&windows)
            .zip(stages[1..].iter().map(Some).chain([None]))
        {
            let (mut z, mut from, x) = (Vec::new(), Vec::new(), a);
            match *stage {
                Stage::Conv { f, .. } => {
                    z = window.convolve(&x, &p[parameter], &p[parameter + 1]);
                    parameter += 2;
                    // Of what is pooled afterwards only the largest counts.
                    if f == Relu && !matches!(next, Some(Stage::Largest(_))) {
                        margin = z.iter().fold(margin, |m, z| m.min(z.abs()));
                    }
                    a = z.iter().map(|z| wide_value(f, *z)).collect();
                }
                Stage::Largest(_) => {
                    let before: &Passed = passed.last().expect("a convolution before");
                    let (on, relu) = match stages[passed.len() - 1] {
                        Stage::Conv { f: Swish, .. } => (&x, false),
                        Stage::Conv { f, .. } => (&before.z, f == Relu),
                        _ => (&x, false),
                    };
                    let (gap, largest);
                    (largest, from, gap) = window.pool(on, window.image[2], true);
                    margin = margin.min(gap);
                    if relu {
                        margin = largest.iter().fold(margin, |m, z| m.min(z.abs()));
                    }
                    a = from.iter().map(|from| x[from[0]]).collect();
                }
                Stage::Mean(_) => (a, from, _) = window.pool(&x, window.image[2], false),
            }
            passed.push(Passed { x, z, from });
        }
        let mut delta: Vec<f64> = a.iter().zip(y).map(|(a, y)| a - f64::from(*y)).collect();
        cost += delta.iter().map(|d| 0.5 * d * d / n as f64).sum::<f64>();
        delta.iter_mut().for_each(|d| *d /= n as f64);
        predicted.extend(a);
        for ((stage, window), passed) in stages.iter().zip(&windows).zip(&passed).rev() {
            if let Stage::Conv { f, .. } = stage {
                parameter -= 2;
                for (d, z) in delta.iter_mut().zip(&passed.z) {
                    *d *= wide_slope(*f, *z);
                }
                let (dw, db, dx) = window.gradients(&passed.x, &p[parameter], &delta);
                add(&mut gradients[parameter], &dw);
                add(&mut gradients[parameter + 1], &db);
                delta = dx;
            } else {
                let mut dx = vec![0.0; passed.x.len()];
                for (sources, d) in passed.from.iter().zip(&delta) {
                    let share = d / sources.len() as f64;
                    sources.iter().for_each(|&i| dx[i] += share);
                }
                delta = dx;
            }
        }
    }
    prop_assume!(margin > 2e-5);
    let narrow = |x: &[f64]| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
    let expected: Vec<_> = gradients.iter().map(|g| narrow(g)).collect();
    let found = net.predict(&data).unwrap().as_vec();
    check("outputs", &found, &narrow(&predicted))?;
    let (found, fused) = net.gradients(&data, Quadratic).unwrap();
    check_cost(found, cost)?;
    check_gradients(&values(&fused), &expected)?;
    let (found, fused) = trained(&mut net, &data, Quadratic);
    check_cost(found, cost)?;
    check_gradients(&fused, &expected)
}

/// `f(z)` in 64 bits, and `f'(z)`.
fn wide_value(f: Activation, z: f64) -> f64 {
    match f {
        Tanh => z.tanh(),
        Relu => z.max(0.0),
        Swish => z / (1.0 + (-z).exp()),
        _ => z,
    }
}

fn wide_slope(f: Activation, z: f64) -> f64 {
    let s = 1.0 / (1.0 + (-z).exp());
    match f {
        Tanh => 1.0 - z.tanh() * z.tanh(),
        Relu => f64::from(u8::from(z > 0.0)),
        Swish => s + z * s * (1.0 - s),
        _ => 1.0,
    }
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|x| f64::from(*x)).collect()
}

fn add(sums: &mut [f64], x: &[f64]) {
    sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
}

/// Square windows on an image `(height, width, channels)`, place by place: the formulas, without any speed.
struct Windows {
    image: [usize; 3],
    size: usize,
    stride: usize,
    above: usize,
    left: usize,
    down: usize,
    across: usize,
}

impl Windows {
    fn convolution(image: [usize; 3], size: usize, stride: usize, same: bool) -> Windows {
        let along = |side: usize| match same {
            true => {
                let places = side.div_ceil(stride);
                (
                    places,
                    ((places - 1) * stride + size).saturating_sub(side) / 2,
                )
            }
            false if side < size => (0, 0),
            false => ((side - size) / stride + 1, 0),
        };
        let ((down, above), (across, left)) = (along(image[0]), along(image[1]));
        Windows {
            image,
            size,
            stride,
            above,
            left,
            down,
            across,
        }
    }

    fn places(&self, filters: usize) -> [usize; 3] {
        [self.down, self.across, filters]
    }

    /// Which pixel is under each position of the window at each place: `(place, position in the window, pixel)`. Borders of
    /// zeros have none.
    fn pixels(&self) -> Vec<(usize, usize, usize)> {
        let [height, width, _] = self.image;
        let mut all = Vec::new();
        for (y, x) in (0..self.down).flat_map(|y| (0..self.across).map(move |x| (y, x))) {
            for (i, j) in (0..self.size).flat_map(|i| (0..self.size).map(move |j| (i, j))) {
                let row = (y * self.stride + i).checked_sub(self.above);
                let column = (x * self.stride + j).checked_sub(self.left);
                if let (Some(row), Some(column)) = (row, column)
                    && row < height
                    && column < width
                {
                    all.push((y * self.across + x, i * self.size + j, row * width + column));
                }
            }
        }
        all
    }

    /// `z[place][f] = b[f] + Σ_positions Σ_c x[pixel][c] w[position][c][f]`.
    fn convolve(&self, x: &[f64], w: &[f64], b: &[f64]) -> Vec<f64> {
        let (channels, filters) = (self.image[2], b.len());
        let mut z = b.repeat(self.down * self.across);
        for (place, position, pixel) in self.pixels() {
            for c in 0..channels {
                for f in 0..filters {
                    z[place * filters + f] +=
                        x[pixel * channels + c] * w[(position * channels + c) * filters + f];
                }
            }
        }
        z
    }

    /// `(∂C/∂w, ∂C/∂b, ∂C/∂x)` from `delta = ∂C/∂z`.
    fn gradients(&self, x: &[f64], w: &[f64], delta: &[f64]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let channels = self.image[2];
        let filters = delta.len() / (self.down * self.across);
        let (mut dw, mut db, mut dx) = (vec![0.0; w.len()], vec![0.0; filters], vec![0.0; x.len()]);
        delta.chunks(filters).for_each(|delta| add(&mut db, delta));
        for (place, position, pixel) in self.pixels() {
            for c in 0..channels {
                for f in 0..filters {
                    let (weight, delta) = (
                        (position * channels + c) * filters + f,
                        delta[place * filters + f],
                    );
                    dw[weight] += x[pixel * channels + c] * delta;
                    dx[pixel * channels + c] += w[weight] * delta;
                }
            }
        }
        (dw, db, dx)
    }

    /// The largest or the mean under each window, channel by channel, the inputs that it comes from, and the least distance
    /// of a largest from the next.
    fn pool(&self, x: &[f64], channels: usize, largest: bool) -> (Vec<f64>, Vec<Vec<usize>>, f64) {
        let mut from = vec![Vec::new(); self.down * self.across * channels];
        for (place, _, pixel) in self.pixels() {
            for c in 0..channels {
                from[place * channels + c].push(pixel * channels + c);
            }
        }
        let mut gap = f64::INFINITY;
        if largest {
            for sources in &mut from {
                sources.sort_by(|&i, &j| x[j].total_cmp(&x[i]));
                if let [first, second, ..] = sources[..] {
                    gap = gap.min(x[first] - x[second]);
                }
                sources.truncate(1);
            }
        }
        let mean = |sources: &Vec<usize>| {
            sources.iter().map(|&i| x[i]).sum::<f64>() / sources.len() as f64
        };
        (from.iter().map(mean).collect(), from, gap)
    }
}

#[test]
fn nothing_is_refused_with_a_word() {
    let empty = Dataset::regression(Vec::new(), 3, Vec::new(), 1);
    let text = empty.unwrap_err().to_string();
    assert!(text.contains("empty") || text.contains("no "), "{text}");
    assert!(matrix(Vec::new(), 0, 3).is_err());
    assert!(Dataset::digits().take(0).is_err());
}

/// The slides' training written out: mini-batch, forward, cost, backward on dfdx's tape, one step of the rule. The mean
/// cost of each epoch.
fn trained_by_hand(
    net: &Sequential,
    normalised: bool,
    rule: Regularizer,
    optimizer: &dyn Optimizer,
    data: &Dataset,
    (epochs, size): (usize, usize),
) -> Vec<f64> {
    let mut p: Vec<Parameter> = net.parameters();
    let mut slots: Vec<Vec<Vec<f32>>> = p
        .iter()
        .map(|p| vec![vec![0.0; p.value.as_vec().len()]; optimizer.slots()])
        .collect();
    let mut batches = Batches::new(data.len(), size, 0).unwrap();
    let (mut costs, mut t) = (Vec::new(), 0);
    for _ in 0..epochs {
        let mut total = 0.0;
        let rows: Vec<Vec<usize>> = batches.epoch().map(<[usize]>::to_vec).collect();
        for rows in rows {
            let batch = data.select(&rows).unwrap();
            let z = dense(batch.x().leaky_trace(), &p[0], &p[1]);
            let (a, scale, shift) = match normalised {
                true => {
                    let row = |i: usize| vector(p[i].value.as_vec()).unwrap();
                    let (gamma, beta) = (row(2), row(3));
                    let [g, b] = [&gamma, &beta].map(|v| v.clone().put_tape(Tape::default()));
                    let (a, _) = batch_norm(z, g, b, BatchNorm::default().epsilon).unwrap();
                    (a, Some(gamma), Some(beta))
                }
                false => (z, None, None),
            };
            let last = p.len() - 2;
            let outputs = dense(Relu.apply(a), &p[last], &p[last + 1]);
            let cost = categorical_cross_entropy_with_logits(outputs, &targets(&batch)).unwrap();
            let (cost, tape) = cost.split_tape();
            let cost = rule.cost(p[0].value.clone().put_tape(tape)) + cost;
            total += f64::from(cost.array()) * batch.len() as f64;
            let grads = cost.backward();
            t += 1;
            for (i, parameter) in p.iter_mut().enumerate() {
                let mut g = match (i, &scale, &shift) {
                    (2, Some(gamma), _) => grads.get(gamma).as_vec(),
                    (3, _, Some(beta)) => grads.get(beta).as_vec(),
                    _ => grads.get(&parameter.value).as_vec(),
                };
                let mut w = parameter.value.as_vec();
                let mut slots: Vec<&mut [f32]> = slots[i].iter_mut().map(|s| &mut s[..]).collect();
                optimizer.step(t, optimizer.learning_rate(), &mut w, &mut g, &mut slots);
                let (rows, columns) = *parameter.value.shape();
                parameter.value = matrix(w, rows, columns).unwrap();
            }
        }
        costs.push(total / data.len() as f64);
    }
    costs
}

#[test]
fn a_hundred_steps_cost_the_same_fused_and_written_out() {
    let data = Dataset::digits().take(75).unwrap();
    // Batches of 32, 32 and 11.
    let (epochs, size) = (34, 32);
    for (name, normalised, rule) in [
        ("dense", false, l2(0.0)),
        ("dense, L2", false, l2(0.01)),
        ("batch norm", true, l2(0.0)),
        ("batch norm, L2", true, l2(0.01)),
    ] {
        let rules: [(&str, Box<dyn Optimizer>); 2] = [
            ("SGD", Sgd::new(0.1).into()),
            ("Adam", Adam::new(3e-3).into()),
        ];
        for (rule_name, optimizer) in rules {
            let net = Sequential::input(64).dense(33).init(He).regularizer(rule);
            let net = if normalised { net.batch_norm() } else { net };
            let mut net = net.activation(Relu).dense(10);
            let by_hand =
                trained_by_hand(&net, normalised, rule, &*optimizer, &data, (epochs, size));
            let fit = Fit::epochs(epochs).batch(size).quiet();
            let fused = net.fit(&data, CrossEntropy, optimizer, fit).unwrap().loss();
            assert_eq!(fused.len(), by_hand.len());
            assert!(
                by_hand[epochs - 1] < 0.5 * by_hand[0],
                "{name}, {rule_name} did not learn"
            );
            for (epoch, (fused, by_hand)) in fused.iter().zip(&by_hand).enumerate() {
                assert!(
                    (fused - by_hand).abs() < 1e-4,
                    "{name}, {rule_name}, epoch {epoch}: {fused} and {by_hand}"
                );
            }
        }
    }
}
