//! The fused operations of the engine against their readable twins in the topic modules, over random shapes, and a whole
//! training against the same training written out with them.

use gradus::batchnorm::{BatchNorm, batch_norm};
use gradus::cost::{
    binary_cross_entropy_with_logits, categorical_cross_entropy_with_logits, quadratic,
};
use gradus::dfdx::prelude::{
    AsArray, Axis, Backward, BroadcastTo, HasShape, PutTape, ReshapeTo, SplitTape, Trace, TryMatMul,
};
use gradus::model::Parameter;
use gradus::prelude::*;
use gradus::tensor::{Scalar, Tape};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

type Traced = Matrix<Tape>;

/// `‖a - b‖ / ‖b‖`; absolute where `b` is nothing but rounding.
fn relative_error(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    difference / norm(&mut b.iter().map(|b| f64::from(*b))).max(1e-2)
}

fn numbers(rng: &mut ChaCha8Rng, n: usize) -> Vec<f32> {
    (0..n).map(|_| rng.gen_range(-1.5..1.5)).collect()
}

/// Examples with `dim` targets each between 0 and 1, which every cost takes.
fn examples(rng: &mut ChaCha8Rng, n: usize, width: usize, dim: usize) -> Dataset {
    let targets = (0..n * dim).map(|_| rng.r#gen()).collect();
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

fn check(what: &str, fused: &[f32], readable: &[f32]) -> std::result::Result<(), TestCaseError> {
    let error = relative_error(fused, readable);
    prop_assert!(error < 1e-5, "{what}: {error:.1e}\n{fused:?}\n{readable:?}");
    Ok(())
}

/// The gradient as the one vector it is: a part that is a sum of what cancels has as few digits as its formula leaves.
fn check_gradients(
    fused: &[Vec<f32>],
    readable: &[Vec<f32>],
) -> std::result::Result<(), TestCaseError> {
    check("gradient", &fused.concat(), &readable.concat())
}

fn values(parameters: &[Parameter]) -> Vec<Vec<f32>> {
    parameters.iter().map(|p| p.value.as_vec()).collect()
}

fn cost_named(i: usize) -> Cost {
    [Quadratic, BinaryCrossEntropy, CrossEntropy][i % 3]
}

/// The gradients that a training step saw: one step of plain SGD moves each parameter by `rate` times its gradient.
fn trained_gradients(net: &mut Sequential, data: &Dataset, cost: Cost) -> Vec<Vec<f32>> {
    // Large, so that the difference of the weights has as many digits as the gradient.
    let rate = 4096.0;
    let before = net.parameters();
    let fit = Fit::epochs(1).batch(data.len()).quiet();
    net.fit(data, cost, Sgd::new(rate), fit).unwrap();
    let steps = before.iter().zip(net.parameters());
    let gradients = steps.map(|(before, after)| {
        let both = before.value.as_vec().into_iter().zip(after.value.as_vec());
        both.map(|(before, after)| (before - after) / rate)
            .collect()
    });
    gradients.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn dense_layers_activations_penalties_and_costs(
        n in 1..40_usize, width in 1..70_usize, hidden in 1..70_usize, dim in 2..9_usize,
        f in 0..Activation::ALL.len(), cost in 0..3_usize, seed in 0..1000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let data = match cost {
            2 => {
                let labels = (0..n).map(|_| rng.gen_range(0..dim)).collect();
                Dataset::classification(numbers(&mut rng, n * width), width, labels, dim).unwrap()
            }
            _ => examples(&mut rng, n, width, dim),
        };
        let (cost, f) = (cost_named(cost), Activation::ALL[f]);
        let rule = Regularizer { l2: 0.02, ..l1(0.01) };
        let net = Sequential::input(width).dense(hidden).activation(f).regularizer(rule).dense(dim).seed(seed);

        let p = net.parameters();
        let x = data.x();
        let z = dense(x.leaky_trace(), &p[0], &p[1]);
        // At a kink rounding decides on the side.
        prop_assume!(z.as_vec().iter().all(|z| z.abs() > 1e-5));
        let outputs = dense(f.apply(z), &p[2], &p[3]);
        check("outputs", &net.predict(&data).unwrap().as_vec(), &outputs.as_vec())?;
        let (total, tape) = readable_cost(cost, outputs, &targets(&data)).split_tape();
        let total = rule.cost(p[0].value.clone().put_tape(tape)) + total;
        let (found, gradients) = net.gradients(&data, cost).unwrap();
        let expected = f64::from(total.array());
        prop_assert!((found - expected).abs() < 1e-5 * expected.abs().max(1.0), "{found} and {expected}");
        let readable = total.backward();
        let expected: Vec<_> = p.iter().map(|p| readable.get(&p.value).as_vec()).collect();
        check_gradients(&values(&gradients), &expected)?;
    }

    #[test]
    fn batch_normalisation_in_training(
        // Of two rows, normalised to ±1, the gradient that goes further back is what cancels but for ε: nothing but rounding.
        n in 4..40_usize, width in 1..30_usize, hidden in 1..50_usize, dim in 1..6_usize,
        f in 0..Activation::ALL.len(), seed in 0..1000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let data = examples(&mut rng, n, width, dim);
        // A kink at the mean is where rounding decides: nothing of it says anything about the formula.
        let f = match Activation::ALL[f] {
            Relu | LeakyRelu(_) | Elu(_) | Selu => Tanh,
            smooth => smooth,
        };
        let mut net = Sequential::input(width).dense(hidden).batch_norm().activation(f).dense(dim).seed(seed);
        let p = net.parameters();
        let row = |i: usize| vector(p[i].value.as_vec()).unwrap();
        let (gamma, beta) = (row(2), row(3));
        let z = dense(data.x().leaky_trace(), &p[0], &p[1]);
        let (z, tape) = z.split_tape();
        let epsilon = BatchNorm::default().epsilon;
        let (a, _) = batch_norm(z.put_tape(tape), gamma.clone().put_tape(Default::default()), beta.clone().put_tape(Default::default()), epsilon).unwrap();
        let total = quadratic(dense(f.apply(a), &p[4], &p[5]), &targets(&data)).unwrap();
        let readable = total.backward();
        let found = trained_gradients(&mut net, &data, Quadratic);
        let of = |i: usize| readable.get(&p[i].value).as_vec();
        let expected = [of(0), of(1), readable.get(&gamma).as_vec(), readable.get(&beta).as_vec(), of(4), of(5)];
        check_gradients(&found, &expected)?;
    }

    #[test]
    fn maxout_is_the_larger_of_two_dense_layers(
        n in 1..30_usize, width in 1..50_usize, units in 1..40_usize, seed in 0..1000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let data = examples(&mut rng, n, width, units);
        let net = Sequential::input(width).maxout(units, 2).seed(seed);
        let p = net.parameters();
        // Piece `p` of unit `j` is column `2 j + p`.
        let piece = |from: &Parameter, which: usize| {
            let all = from.value.as_vec();
            let values = all.into_iter().skip(which).step_by(2).collect();
            Parameter { name: from.name.clone(), value: matrix(values, from.value.shape().0, units).unwrap() }
        };
        let pieces = [0, 1].map(|i| (piece(&p[0], i), piece(&p[1], i)));
        let [z1, z2] = [&pieces[0], &pieces[1]].map(|(w, b)| dense(data.x().leaky_trace(), w, b));
        let a = activation::maxout(z1, z2).unwrap();
        check("outputs", &net.predict(&data).unwrap().as_vec(), &a.as_vec())?;
        let readable = quadratic(a, &targets(&data)).unwrap().backward();
        let (_, fused) = net.gradients(&data, Quadratic).unwrap();
        let (fused, mut expected) = ([0, 1].map(|part| [0, 1].map(|i| piece(&fused[part], i).value.as_vec()).concat()), Vec::new());
        expected.push(pieces.iter().flat_map(|(w, _)| readable.get(&w.value).as_vec()).collect());
        expected.push(pieces.iter().flat_map(|(_, b)| readable.get(&b.value).as_vec()).collect());
        check_gradients(&fused, &expected)?;
    }

    #[test]
    fn dropout_drops_the_same_units_forward_and_backward(
        width in 1..20_usize, hidden in 1..200_usize, p in 0.05..0.9_f32, seed in 0..1000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // A target far away, so that the difference to it does not cancel.
        let data = Dataset::regression(numbers(&mut rng, width), width, vec![20.0], 1).unwrap();
        let mut net = Sequential::input(width).dense(hidden).dropout(p).dense(1).seed(seed);
        let before = net.parameters();
        let found = trained_gradients(&mut net, &data, Quadratic);
        // Of one example the gradient of the second weights tells which units were dropped: 0 there. The output, and with it
        // δ, and the gradient of the first biases follow from that.
        let a = data.x().matmul(before[0].value.clone()).as_vec();
        let (w2, y) = (before[2].value.as_vec(), targets(&data).as_vec()[0]);
        let mask: Vec<f32> = found[2].iter().map(|g| if *g == 0.0 { 0.0 } else { 1.0 / (1.0 - p) }).collect();
        let output: f32 = (0..hidden).map(|j| a[j] * mask[j] * w2[j]).sum();
        let by_units = |of: &[f32]| (0..hidden).map(|j| (output - y) * mask[j] * of[j]).collect::<Vec<_>>();
        check("W₂", &found[2], &by_units(&a))?;
        check("b₁", &found[1], &by_units(&w2))?;
        // At test time nothing is dropped: the answer is that of the network without.
        let mut plain = Sequential::input(width).dense(hidden).dense(1);
        for parameter in net.parameters() {
            plain.set_parameter(&parameter.name, &parameter.value).unwrap();
        }
        prop_assert_eq!(net.predict(&data).unwrap().as_vec(), plain.predict(&data).unwrap().as_vec());
    }

    #[test]
    fn convolutions_and_pooling_are_the_sums_of_their_formulas(
        n in 1..9_usize, height in 5..12_usize, width in 5..12_usize, channels in 1..4_usize, filters in 1..6_usize,
        size in 1..4_usize, stride in 1..3_usize, same: bool, largest: bool, last in 1..4_usize, seed in 0..1000_u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let first = Windows::convolution([height, width, channels], size, stride, same);
        let pool = Windows::convolution(first.places(filters), 2, 2, false);
        prop_assume!(pool.down > 0 && pool.across > 0);
        let second = Windows::convolution(pool.places(filters), 1, 1, false);
        let outputs = second.down * second.across * last;

        let net = Sequential::input([height, width, channels]).conv2d(filters, size).stride(stride);
        let net = net.padding(if same { Padding::Same } else { Padding::Valid }).activation(Tanh);
        let net = if largest { net.max_pool2d(2) } else { net.average_pool2d(2) };
        let net = net.conv2d(last, 1).flatten().seed(seed);
        let features = numbers(&mut rng, n * height * width * channels);
        let wanted = numbers(&mut rng, n * outputs);
        let data = Dataset::regression(features.clone(), [height, width, channels], wanted.clone(), outputs).unwrap();
        let p: Vec<Vec<f64>> = net.parameters().iter().map(|p| wide(&p.value.as_vec())).collect();

        let mut gradients: Vec<Vec<f64>> = p.iter().map(|p| vec![0.0; p.len()]).collect();
        let mut predicted = Vec::new();
        let examples = features.chunks(height * width * channels).zip(wanted.chunks(outputs));
        for (x, y) in examples {
            let x = wide(x);
            let a: Vec<f64> = first.convolve(&x, &p[0], &p[1]).iter().map(|z| z.tanh()).collect();
            let (pooled, from) = pool.pool(&a, filters, largest);
            let z = second.convolve(&pooled, &p[2], &p[3]);
            let delta: Vec<f64> = z.iter().zip(y).map(|(z, y)| (z - f64::from(*y)) / n as f64).collect();
            predicted.extend(z);
            let (dw, db, dx) = second.gradients(&pooled, &p[2], &delta);
            add(&mut gradients[2], &dw);
            add(&mut gradients[3], &db);
            let mut da = vec![0.0; a.len()];
            for (sources, d) in from.iter().zip(&dx) {
                sources.iter().for_each(|&i| da[i] += d / sources.len() as f64);
            }
            let delta: Vec<f64> = da.iter().zip(&a).map(|(d, a)| d * (1.0 - a * a)).collect();
            let (dw, db, _) = first.gradients(&x, &p[0], &delta);
            add(&mut gradients[0], &dw);
            add(&mut gradients[1], &db);
        }
        let narrow = |x: &[f64]| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
        check("outputs", &net.predict(&data).unwrap().as_vec(), &narrow(&predicted))?;
        let (_, fused) = net.gradients(&data, Quadratic).unwrap();
        let expected: Vec<_> = gradients.iter().map(|g| narrow(g)).collect();
        check_gradients(&values(&fused), &expected)?;
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

    /// The largest or the mean under each window, channel by channel, and the inputs that it comes from.
    fn pool(&self, x: &[f64], channels: usize, largest: bool) -> (Vec<f64>, Vec<Vec<usize>>) {
        let mut from = vec![Vec::new(); self.down * self.across * channels];
        for (place, _, pixel) in self.pixels() {
            for c in 0..channels {
                from[place * channels + c].push(pixel * channels + c);
            }
        }
        if largest {
            for sources in &mut from {
                let best = sources
                    .iter()
                    .copied()
                    .max_by(|&i, &j| x[i].total_cmp(&x[j]));
                *sources = best.into_iter().collect();
            }
        }
        let mean = |sources: &Vec<usize>| {
            sources.iter().map(|&i| x[i]).sum::<f64>() / sources.len() as f64
        };
        (from.iter().map(mean).collect(), from)
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
