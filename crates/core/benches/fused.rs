//! The fused operations of the engine beside their readable twins and the limits of the machine: `cargo bench -p gradus --bench
//! fused`.
//!
//! Each measurement trains one layer for 8 batches of 64, from gathering the examples to the step of the optimiser, by `fit` and
//! by the same formulas written out with the topic modules on dfdx's tape. The column of items counts floating-point operations
//! of the matrix products (multiplications and additions), so it stands beside `fma`, the most that two threads can do in
//! registers; `triad` says how many bytes a second come and go, which is what limits the rest.

use std::fmt;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use gradus::batchnorm::{BatchNorm, batch_norm};
use gradus::cost::quadratic;
use gradus::dfdx::prelude::{
    Axis, Backward, BroadcastTo, HasShape, PutTape, ReshapeTo, SplitTape, Trace, TryMatMul,
};
use gradus::prelude::*;
use gradus::regularization::dropout_mask;
use gradus::tensor::Tape;
use rayon::prelude::*;

const BATCH: usize = 64;
const STEPS: usize = 8;
const WIDTH: usize = 784;
const UNITS: usize = 256;

fn main() {
    divan::main();
}

type Traced = Matrix<Tape>;

/// A layer, how `fit` trains it, and its formula; convolutions have no readable twin.
struct Op {
    name: &'static str,
    net: fn() -> Sequential,
    rule: fn() -> Box<dyn Optimizer>,
    formula: Option<fn(Traced, &[Matrix]) -> Traced>,
}

const OPS: [Op; 8] = [
    Op {
        name: "dense",
        net: || Sequential::input(WIDTH).dense(UNITS),
        rule: || Sgd::new(1e-3).into(),
        formula: Some(|x, p| dense(x, &p[0], &p[1])),
    },
    Op {
        name: "dense, ReLU",
        net: || Sequential::input(WIDTH).dense(UNITS).activation(Relu),
        rule: || Sgd::new(1e-3).into(),
        formula: Some(|x, p| Relu.apply(dense(x, &p[0], &p[1]))),
    },
    Op {
        name: "dense, sigmoid",
        net: || Sequential::input(WIDTH).dense(UNITS).activation(Sigmoid),
        rule: || Sgd::new(1e-3).into(),
        formula: Some(|x, p| Sigmoid.apply(dense(x, &p[0], &p[1]))),
    },
    Op {
        name: "dense, batch norm, ReLU",
        net: || {
            Sequential::input(WIDTH)
                .dense(UNITS)
                .batch_norm()
                .activation(Relu)
        },
        rule: || Sgd::new(1e-3).into(),
        formula: Some(|x, p| {
            let row = |m: &Matrix| m.clone().put_tape(Tape::default()).reshape_like(&(UNITS,));
            let z = dense(x, &p[0], &p[1]);
            let (z, _) = batch_norm(z, row(&p[2]), row(&p[3]), BatchNorm::default().epsilon)
                .expect("64 rows, one γ and β per column");
            Relu.apply(z)
        }),
    },
    Op {
        name: "dense, dropout",
        net: || Sequential::input(WIDTH).dense(UNITS).dropout(0.5),
        rule: || Sgd::new(1e-3).into(),
        formula: Some(|x, p| {
            let mask = dropout_mask(BATCH, UNITS, 0.5, 7).expect("half is a probability");
            dense(x, &p[0], &p[1]) * mask
        }),
    },
    Op {
        name: "dense, Momentum",
        net: || Sequential::input(WIDTH).dense(UNITS),
        rule: || Momentum::new(1e-3).into(),
        formula: Some(|x, p| dense(x, &p[0], &p[1])),
    },
    Op {
        name: "dense, Adam",
        net: || Sequential::input(WIDTH).dense(UNITS),
        rule: || Adam::new(1e-3).into(),
        formula: Some(|x, p| dense(x, &p[0], &p[1])),
    },
    Op {
        name: "conv 3x3x32, ReLU",
        net: || {
            Sequential::input([28, 28, 1])
                .conv2d(32, 3)
                .activation(Relu)
        },
        rule: || Sgd::new(1e-3).into(),
        formula: None,
    },
];

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Op {
    /// Of the matrix products in a step: forward and the gradient of the weights. The gradient of the input is not needed.
    fn flops(&self) -> usize {
        let net = (self.net)();
        let weights = net.parameters()[0].value.shape().0 * net.parameters()[0].value.shape().1;
        let places = match self.formula {
            Some(_) => 1,
            None => 26 * 26,
        };
        2 * 2 * BATCH * weights * places
    }

    fn data(&self) -> Dataset {
        let net = (self.net)();
        let n = BATCH * STEPS;
        let numbers = |n: usize| (0..n).map(|i| (i as f32 * 0.37).sin()).collect();
        let (width, outputs) = (net.input_shape().features(), net.output().features());
        Dataset::regression(numbers(n * width), width, numbers(n * outputs), outputs)
            .expect("as many numbers as the shapes say")
    }
}

fn dense(x: Traced, w: &Matrix, b: &Matrix) -> Traced {
    let z = x.matmul(w.clone());
    let shape = *z.shape();
    let (z, tape) = z.split_tape();
    let b = b.clone().put_tape(tape).reshape_like(&(shape.1,));
    b.broadcast_like::<_, Axis<0>>(&shape) + z
}

#[divan::bench(args = OPS)]
fn fused(bencher: Bencher<'_, '_>, op: &Op) {
    let (data, mut net) = (op.data(), (op.net)());
    let bencher = bencher.counter(ItemsCount::new(STEPS * op.flops()));
    bencher.bench_local(|| {
        let fit = Fit::epochs(1).batch(BATCH).quiet();
        net.fit(&data, Quadratic, (op.rule)(), fit)
            .expect("the data fit and the steps are small")
    });
}

#[divan::bench(args = OPS.into_iter().filter(|op| op.formula.is_some()))]
fn readable(bencher: Bencher<'_, '_>, op: &Op) {
    let Some(formula) = op.formula else { return };
    let (data, rule) = (op.data(), (op.rule)());
    let named = (op.net)().parameters();
    let mut parameters: Vec<Matrix> = named.into_iter().map(|p| p.value).collect();
    let mut slots: Vec<Vec<Vec<f32>>> = parameters
        .iter()
        .map(|p| vec![vec![0.0; p.shape().0 * p.shape().1]; rule.slots()])
        .collect();
    let outputs = data.outputs();
    let targets = match data.targets() {
        Targets::Values { values, .. } => values.clone(),
        Targets::Classes { .. } => Vec::new(),
    };
    let mut batches = Batches::new(data.len(), BATCH, 0).expect("the batches fit");
    let mut t = 0;
    let bencher = bencher.counter(ItemsCount::new(STEPS * op.flops()));
    bencher.bench_local(|| {
        for rows in batches.epoch() {
            let of = |all: &[f32], width: usize| {
                let rows = rows.iter().flat_map(|r| &all[r * width..(r + 1) * width]);
                matrix(rows.copied().collect(), BATCH, width).expect("64 rows")
            };
            let (x, y) = (of(data.features(), WIDTH), of(&targets, outputs));
            let a = formula(x.leaky_trace(), &parameters);
            let grads = quadratic(a, &y).expect("the shapes are equal").backward();
            t += 1;
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

/// Chains of multiply-adds in registers.
struct Chains(usize);

impl pulp::WithSimd for Chains {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> f32 {
        let (a, b) = (
            simd.splat_f32s(black_box(0.999)),
            simd.splat_f32s(black_box(1e-3)),
        );
        let mut sums = [simd.splat_f32s(1.0); CHAINS];
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, a, b);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

/// Enough that each starts while the others are under way.
const CHAINS: usize = 12;

/// Numbers in a register of `pulp`'s widest kind here.
fn lanes() -> usize {
    struct Width;
    impl pulp::WithSimd for Width {
        type Output = usize;
        fn with_simd<S: pulp::Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    pulp::Arch::new().dispatch(Width)
}

#[divan::bench]
fn fma(bencher: Bencher<'_, '_>) {
    const ROUNDS: usize = 1_000_000;
    let threads = rayon::current_num_threads();
    let flops = threads * ROUNDS * CHAINS * lanes() * 2;
    bencher.counter(ItemsCount::new(flops)).bench_local(|| {
        (0..threads)
            .into_par_iter()
            .map(|_| pulp::Arch::new().dispatch(Chains(black_box(ROUNDS))))
            .sum::<f32>()
    });
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
