//! The fused operations of the engine beside their readable twins and the limits of the machine: `cargo bench -p gradus --bench
//! fused`.
//!
//! `fused` and `readable` train one layer for 32 batches of 64, from gathering the examples to the step of the optimiser, by
//! `fit` and by the same formulas written out with the topic modules on dfdx's tape; both make the memory of the optimiser
//! anew each time. The column of items counts floating-point operations of the matrix products (multiplications and additions;
//! of a convolution by tiles those that it spares, too), so it stands beside the first line, the most that the threads can do
//! in registers, and `gemm`, the most in a large product; `triad` says how many bytes a second come and go, which is what limits
//! the rest. `workload` trains the networks A to E whole (E with 3 steps, and its optimiser's memory of 700 MB counts),
//! `evaluated` puts 1024 images through them; items are images there. A to D take Fashion-MNIST where GRADUS_DATA says where
//! it is, else images of noise.

use std::fmt;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use gradus::batchnorm::{BatchNorm, batch_norm};
use gradus::cost::{categorical_cross_entropy_with_logits, quadratic};
use gradus::dfdx::prelude::{
    Axis, Backward, BroadcastTo, HasShape, PutTape, ReshapeTo, SplitTape, Trace, TryMatMul,
};
use gradus::prelude::*;
use gradus::regularization::dropout_mask;
use gradus::tensor::Tape;
use rayon::prelude::*;

mod workloads;

const BATCH: usize = 64;
const STEPS: usize = 32;
const WIDTH: usize = 784;
const UNITS: usize = 256;

fn main() {
    let peak = gradus::measure::peak_operations_per_second();
    println!("at most {:.1} Gitem/s in registers", peak / 1e9);
    divan::main();
}

type Traced = Matrix<Tape>;

type Net = fn() -> Sequential;
type Rule = fn() -> Box<dyn Optimizer>;
type Formula = fn(Traced, &[Matrix]) -> Traced;

/// A layer, how `fit` trains it, and its formula; convolutions have no readable twin.
#[derive(Clone, Copy)]
struct Op {
    name: &'static str,
    net: Net,
    rule: Rule,
    formula: Option<Formula>,
    cost: Cost,
    penalty: Regularizer,
}

const NO_PENALTY: Regularizer = Regularizer {
    l1: 0.0,
    l2: 0.0,
    exact_zeros: false,
};

/// By plain SGD and the quadratic cost; in steps so small that however many go nowhere.
const fn op(name: &'static str, net: Net, formula: Option<Formula>) -> Op {
    Op {
        name,
        net,
        rule: || Sgd::new(1e-6).into(),
        formula,
        cost: Quadratic,
        penalty: NO_PENALTY,
    }
}

const fn with_rule(name: &'static str, rule: Rule) -> Op {
    Op {
        rule,
        ..op(name, linear, Some(linear_formula))
    }
}

const fn with_penalty(name: &'static str, penalty: Regularizer) -> Op {
    Op {
        penalty,
        ..op(name, linear, Some(linear_formula))
    }
}

fn linear() -> Sequential {
    Sequential::input(WIDTH).dense(UNITS)
}

fn linear_formula(x: Traced, p: &[Matrix]) -> Traced {
    dense(x, &p[0], &p[1])
}

fn images() -> Sequential {
    Sequential::input([28, 28, 1])
        .conv2d(32, 3)
        .activation(Relu)
}

const OPS: [Op; 20] = [
    op("dense", linear, Some(linear_formula)),
    op(
        "dense, ReLU",
        || linear().activation(Relu),
        Some(|x, p| Relu.apply(dense(x, &p[0], &p[1]))),
    ),
    op(
        "dense, sigmoid",
        || linear().activation(Sigmoid),
        Some(|x, p| Sigmoid.apply(dense(x, &p[0], &p[1]))),
    ),
    op(
        "dense, batch norm, ReLU",
        || linear().batch_norm().activation(Relu),
        Some(|x, p| {
            let row = |m: &Matrix| m.clone().put_tape(Tape::default()).reshape_like(&(UNITS,));
            let z = dense(x, &p[0], &p[1]);
            let (z, _) = batch_norm(z, row(&p[2]), row(&p[3]), BatchNorm::default().epsilon)
                .expect("64 rows, one γ and β per column");
            Relu.apply(z)
        }),
    ),
    op(
        "dense, dropout",
        || linear().dropout(0.5),
        Some(|x, p| {
            let mask = dropout_mask(BATCH, UNITS, 0.5, 7).expect("half is a probability");
            dense(x, &p[0], &p[1]) * mask
        }),
    ),
    op("maxout", || Sequential::input(WIDTH).maxout(UNITS, 2), None),
    Op {
        cost: CrossEntropy,
        ..op("dense, softmax", linear, Some(linear_formula))
    },
    with_penalty(
        "dense, L1",
        Regularizer {
            l1: 1e-3,
            ..NO_PENALTY
        },
    ),
    with_penalty(
        "dense, L2",
        Regularizer {
            l2: 1e-3,
            ..NO_PENALTY
        },
    ),
    with_rule("dense, Momentum", || Momentum::new(1e-3).into()),
    with_rule("dense, Nag", || Nag::new(1e-3).into()),
    with_rule("dense, Adagrad", || Adagrad::new(1e-3).into()),
    with_rule("dense, RmsProp", || RmsProp::new(1e-3).into()),
    with_rule("dense, Adadelta", || Adadelta::default().into()),
    with_rule("dense, Adam", || Adam::new(1e-3).into()),
    with_rule("dense, AdamW", || AdamW::new(1e-3).into()),
    // With one mean per filter at the end, so that the cost of many outputs does not count.
    op("conv 32 3x3, ReLU", || images().average_pool2d(26), None),
    op(
        "conv 32 3x3, max pooling",
        || images().max_pool2d(2).average_pool2d(13),
        None,
    ),
    op(
        "conv 32 3x3, average pooling",
        || images().average_pool2d(2).average_pool2d(13),
        None,
    ),
    op(
        "conv 64 3x3 by tiles",
        || {
            Sequential::input([13, 13, 32])
                .conv2d(64, 3)
                .average_pool2d(11)
        },
        None,
    ),
];

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Op {
    fn net(&self) -> Sequential {
        let net = (self.net)();
        // A penalty of nothing is none.
        net.regularizer(self.penalty)
    }

    /// Of the matrix products in a step: forward and the gradient of the weights. The gradient of the input is not needed.
    fn flops(&self) -> usize {
        let net = self.net();
        let weights = net.parameters()[0].value.shape().0 * net.parameters()[0].value.shape().1;
        let places = match net.input_shape().image() {
            Some((height, width, _)) => (height - 2) * (width - 2),
            None => 1,
        };
        2 * 2 * BATCH * weights * places
    }

    fn data(&self) -> Dataset {
        let net = self.net();
        let n = BATCH * STEPS;
        let numbers = |n: usize| (0..n).map(|i| (i as f32 * 0.37).sin()).collect();
        let (width, outputs) = (net.input_shape().features(), net.output().features());
        let data = match self.cost {
            CrossEntropy => {
                let labels = (0..n).map(|i| i % outputs).collect();
                Dataset::classification(numbers(n * width), width, labels, outputs)
            }
            _ => Dataset::regression(numbers(n * width), width, numbers(n * outputs), outputs),
        };
        data.expect("as many numbers as the shapes say")
    }
}

fn dense(x: Traced, w: &Matrix, b: &Matrix) -> Traced {
    let z = x.matmul(w.clone());
    let shape = *z.shape();
    let (z, tape) = z.split_tape();
    let b = b.clone().put_tape(tape).reshape_like(&(shape.1,));
    b.broadcast_like::<_, Axis<0>>(&shape) + z
}

#[divan::bench(args = OPS, sample_count = 30)]
fn fused(bencher: Bencher<'_, '_>, op: &Op) {
    let (data, mut net) = (op.data(), op.net());
    let bencher = bencher.counter(ItemsCount::new(STEPS * op.flops()));
    bencher.bench_local(|| {
        let fit = Fit::epochs(1).batch(BATCH).quiet();
        net.fit(&data, op.cost, (op.rule)(), fit)
            .expect("the data fit and the steps are small")
    });
}

#[divan::bench(args = OPS.into_iter().filter(|op| op.formula.is_some()), sample_count = 30)]
fn readable(bencher: Bencher<'_, '_>, op: &Op) {
    let Some(formula) = op.formula else { return };
    let (data, rule) = (op.data(), (op.rule)());
    let named = op.net().parameters();
    let mut parameters: Vec<Matrix> = named.into_iter().map(|p| p.value).collect();
    let outputs = data.outputs();
    let targets = match data.targets() {
        Targets::Values { values, .. } => values.clone(),
        Targets::Classes { .. } => data.one_hot().as_vec(),
    };
    let mut batches = Batches::new(data.len(), BATCH, 0).expect("the batches fit");
    let bencher = bencher.counter(ItemsCount::new(STEPS * op.flops()));
    bencher.bench_local(|| {
        let mut slots: Vec<Vec<Vec<f32>>> = parameters
            .iter()
            .map(|p| vec![vec![0.0; p.shape().0 * p.shape().1]; rule.slots()])
            .collect();
        for (t, rows) in (1..).zip(batches.epoch()) {
            let of = |all: &[f32], width: usize| {
                let rows = rows.iter().flat_map(|r| &all[r * width..(r + 1) * width]);
                matrix(rows.copied().collect(), BATCH, width).expect("64 rows")
            };
            let (x, y) = (of(data.features(), WIDTH), of(&targets, outputs));
            let a = formula(x.leaky_trace(), &parameters);
            let cost = match op.cost {
                CrossEntropy => categorical_cross_entropy_with_logits(a, &y),
                _ => quadratic(a, &y),
            };
            let mut cost = cost.expect("the shapes are equal");
            if op.penalty != NO_PENALTY {
                let (cost_alone, tape) = cost.split_tape();
                cost = op.penalty.cost(parameters[0].clone().put_tape(tape)) + cost_alone;
            }
            let grads = cost.backward();
            for (parameter, slots) in parameters.iter_mut().zip(&mut slots) {
                let mut g = grads.get(parameter).as_vec();
                let mut w = parameter.as_vec();
                let mut slots: Vec<&mut [f32]> = slots.iter_mut().map(|s| &mut s[..]).collect();
                rule.step(t, rule.learning_rate(), &mut w, &mut g, &mut slots);
                let (rows, columns) = *parameter.shape();
                *parameter = matrix(w, rows, columns).expect("as before the step");
            }
        }
    });
}

/// Images for a workload: of Fashion-MNIST where it is, else noise.
fn images_for(workload: char, n: usize) -> Dataset {
    let shape = if workload == 'E' {
        [32, 32, 3]
    } else {
        [28, 28, 1]
    };
    let fashion = std::env::var_os("GRADUS_DATA").filter(|_| workload != 'E');
    match fashion.and_then(|_| Dataset::fashion_mnist().ok()) {
        Some((train, _)) => train.take(n),
        None => workloads::random_images(n, shape),
    }
    .expect("some images")
}

fn whole(bencher: Bencher<'_, '_>, workload: char, steps: usize) {
    let mut net = workloads::network(workload, 0);
    let data = images_for(workload, BATCH * steps);
    let bencher = bencher.counter(ItemsCount::new(data.len()));
    bencher.bench_local(|| {
        let fit = Fit::epochs(1).batch(BATCH).quiet();
        net.fit(&data, CrossEntropy, workloads::optimizer(workload), fit)
            .expect("the images fit")
    });
}

#[divan::bench(args = [('A', 300), ('B', 30), ('C', 60), ('D', 15)], sample_count = 20)]
fn workload(bencher: Bencher<'_, '_>, (name, steps): (char, usize)) {
    whole(bencher, name, steps);
}

#[divan::bench(sample_count = 3)]
fn workload_e(bencher: Bencher<'_, '_>) {
    whole(bencher, 'E', 3);
}

#[divan::bench(args = ['A', 'B', 'C', 'D'], sample_count = 20)]
fn evaluated(bencher: Bencher<'_, '_>, workload: char) {
    let (net, data) = (workloads::network(workload, 0), images_for(workload, 1024));
    let bencher = bencher.counter(ItemsCount::new(data.len()));
    bencher.bench_local(|| net.evaluate(&data, CrossEntropy).expect("the images fit"));
}

/// A product large enough that copies of its operands do not count: what the engine reaches of the first line.
#[divan::bench(sample_count = 10)]
fn gemm(bencher: Bencher<'_, '_>) {
    const SIDE: usize = 4096;
    const ROWS: usize = 1024;
    let net = Sequential::input(SIDE).dense(SIDE);
    let x = (0..ROWS * SIDE).map(|i| (i as f32 * 0.37).sin()).collect();
    let data = Dataset::regression(x, SIDE, vec![0.0; ROWS * SIDE], SIDE).expect("one row each");
    let bencher = bencher.counter(ItemsCount::new(2 * ROWS * SIDE * SIDE));
    bencher.bench_local(|| net.predict(&data).expect("the data fit"));
}

/// `a = b + s c` over arrays that no cache holds.
#[divan::bench]
fn triad(bencher: Bencher<'_, '_>) {
    const N: usize = 1 << 24;
    const PIECE: usize = 1 << 16;
    let (mut a, b, c) = (vec![0.0_f32; N], vec![1.0_f32; N], vec![2.0_f32; N]);
    let bencher = bencher.counter(BytesCount::new(3 * 4 * N));
    bencher.bench_local(|| {
        let pieces = a.par_chunks_mut(PIECE).zip(b.par_chunks(PIECE));
        pieces.zip(c.par_chunks(PIECE)).for_each(|((a, b), c)| {
            for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                *a = b + 0.5 * c;
            }
        });
        black_box(&mut a);
    });
}
