//! Plausible wrong answers that must get no point, for whatever reason they are refused.

use dfdx::prelude::*;
use gradus_exercise::{Digits, Question, Random, proof::Mutants};
use lab2::{
    Ablation, Adam, BatchNorm, Block, Claim, Decision, DenseGradients, EarlyStopping, Init, Recipe,
    RmsProp, Task, Trained,
    given::{Matrix, Vector, matrix, repeat, rows, t95},
    questions as q,
};

use super::{exercises, untrained};

pub fn mutants() -> Mutants {
    vec![
        (
            "dx-wrong-for-more-examples",
            q::dense_backward(dense_backward_dx_wrong_for_more_examples),
        ),
        ("hard-beyond-2", q::tanh(tanh_hard_beyond_2)),
        ("zero-beyond-3", q::tanh_prime(tanh_prime_zero_beyond_3)),
        (
            "first-weight-only",
            q::has_twins(has_twins_first_weight_only),
        ),
        ("sums", q::has_twins(has_twins_sums)),
        ("own-clock", q::normal(normal_own_clock)),
        ("no-epsilon", q::batch_norm_test(batch_norm_test_no_epsilon)),
        (
            "rho-fixed-at-0.9",
            q::batch_norm_train(batch_norm_train_rho_fixed),
        ),
        (
            "no-epsilon",
            q::batch_norm_train(batch_norm_train_no_epsilon),
        ),
        ("amsgrad", q::adam(adam_amsgrad)),
        (
            "correction-only-for-five-steps",
            q::adam(adam_correction_only_for_five_steps),
        ),
        (
            "epsilon-inside-the-root",
            q::adam(adam_epsilon_inside_the_root),
        ),
        ("no-epsilon", q::adam(adam_no_epsilon)),
        ("rho-fixed", q::rmsprop(rmsprop_rho_fixed)),
        ("a-block", q::dropout(dropout_a_block)),
        ("pairs", q::dropout(dropout_pairs)),
        ("positive-only", q::dropout(dropout_positive_only)),
        ("best-creeps", q::early_stopping(early_stopping_best_creeps)),
        (
            "best-minus-delta",
            q::early_stopping(early_stopping_best_minus_delta),
        ),
        (
            "relative-delta",
            q::early_stopping(early_stopping_relative_delta),
        ),
        (
            "last-of-many-is-the-bias",
            q::l2(l2_last_of_many_is_the_bias),
        ),
        (
            "trained-with-all-images",
            q::train(|recipe, task, seed| {
                let train = Digits::all();
                let task = Task {
                    train,
                    ..task.clone()
                };
                exercises::train(recipe, &task, seed)
            }),
        ),
        ("looked-up", q::train(|_, _, seed| looked_up(seed))),
        (
            "own-seed",
            q::train(|recipe, task, _| exercises::train(recipe, task, 7)),
        ),
        (
            "last-not-best",
            q::train(|recipe, task, seed| {
                let all = Recipe {
                    patience: None,
                    ..recipe.clone()
                };
                exercises::train(&all, task, seed)
            }),
        ),
        (
            "init-ignored",
            q::blocks(|recipe, task, seed| {
                let he = Recipe {
                    init: Init::He,
                    ..recipe.clone()
                };
                exercises::train(&he, task, seed)
            }),
        ),
        (
            "never-regularised",
            q::blocks(|_, task, seed| {
                let free = Recipe::full().without(Block::Regularization);
                exercises::train(&free, task, seed)
            }),
        ),
        (
            "made-up",
            q::ablation(quick, |task, seeds| {
                exercises::table(
                    |recipe, task, seed| quick(recipe, task, seed + 100),
                    task,
                    seeds,
                )
            }),
        ),
        ("rows-missing", table(|table| drop(table.rows.pop()))),
        ("rows-swapped", table(|table| table.rows.swap(0, 3))),
        (
            "other-sign",
            table(|table| {
                for row in &mut table.rows {
                    row.difference *= -1.0;
                    (row.low, row.high) = (-row.high, -row.low);
                }
            }),
        ),
        (
            "normal-quantile",
            table(|table| {
                let n = table.full.len();
                reach(table, |reach| reach / t95(n) * 1.96);
            }),
        ),
        (
            "divided-by-n",
            table(|table| {
                let n = table.full.len() as f64;
                reach(table, |reach| reach * ((n - 1.0) / n).sqrt());
            }),
        ),
        (
            "deviation-of-one",
            table(|table| {
                let n = table.full.len() as f64;
                reach(table, |reach| reach * n.sqrt());
            }),
        ),
        (
            "everything-helps",
            table(|table| {
                for row in &mut table.rows {
                    row.claim = Claim::Helps;
                }
            }),
        ),
    ]
}

fn dense_backward_dx_wrong_for_more_examples(
    x: &Matrix,
    w: &Matrix,
    dz: &Matrix,
) -> DenseGradients {
    let mut g = DenseGradients {
        dx: dz.clone().matmul(w.clone()),
        dw: dz.clone().permute().matmul(x.clone()),
        db: dz.clone().sum::<_, Axis<0>>(),
    };
    let n = x.shape().0 as f64;
    if n > 3.0 {
        g.dx = g.dx / n;
        g.db = g.db / n;
    }
    g
}

fn tanh_hard_beyond_2(z: f64) -> f64 {
    if z.abs() > 2.0 { z.signum() } else { z.tanh() }
}

fn tanh_prime_zero_beyond_3(z: f64) -> f64 {
    if z.abs() > 3.0 {
        0.0
    } else {
        1.0 - z.tanh().powi(2)
    }
}

fn has_twins_first_weight_only(w: &Matrix, b: &Vector) -> bool {
    let (w, b) = (rows(w), b.as_vec());
    (0..w.len()).any(|i| (0..i).any(|j| w[i][0] == w[j][0] && b[i] == b[j]))
}

fn has_twins_sums(w: &Matrix, b: &Vector) -> bool {
    let (w, b) = (rows(w), b.as_vec());
    let sum = |i: usize| w[i].iter().sum::<f64>();
    (0..w.len()).any(|i| (0..i).any(|j| sum(i) == sum(j) && b[i] == b[j]))
}

fn normal_own_clock(n_out: usize, n_in: usize, std: f64, _rng: &mut Random) -> Matrix {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |t| t.as_nanos());
    let mut own = Random::new(nanos as u64);
    let mut row = || (0..n_in).map(|_| own.normal() * std).collect();
    matrix(&(0..n_out).map(|_| row()).collect::<Vec<_>>())
}

fn batch_norm_test_no_epsilon(bn: &BatchNorm, x: &Matrix) -> Matrix {
    let n = x.shape().0;
    let std = bn.running_var.clone().sqrt();
    (x.clone() - repeat(&bn.running_mean, n)) / repeat(&std, n) * repeat(&bn.gamma, n)
        + repeat(&bn.beta, n)
}

fn batch_norm_train_rho_fixed(bn: &mut BatchNorm, x: &Matrix) -> Matrix {
    let n = x.shape().0;
    let mean: Vector = x.clone().mean::<_, Axis<0>>();
    let centred = x.clone() - repeat(&mean, n);
    let var: Vector = centred.clone().square().mean::<_, Axis<0>>();
    let m = 0.1;
    bn.running_mean = bn.running_mean.clone() * (1.0 - m) + mean * m;
    bn.running_var =
        bn.running_var.clone() * (1.0 - m) + var.clone() * (m * n as f64 / (n as f64 - 1.0));
    let std = (var + 1e-5).sqrt();
    centred / repeat(&std, n) * repeat(&bn.gamma, n) + repeat(&bn.beta, n)
}

fn batch_norm_train_no_epsilon(bn: &mut BatchNorm, x: &Matrix) -> Matrix {
    let n = x.shape().0;
    let mean: Vector = x.clone().mean::<_, Axis<0>>();
    let centred = x.clone() - repeat(&mean, n);
    let var: Vector = centred.clone().square().mean::<_, Axis<0>>();
    let m = 1.0 - bn.rho;
    bn.running_mean = bn.running_mean.clone() * (1.0 - m) + mean * m;
    bn.running_var =
        bn.running_var.clone() * (1.0 - m) + var.clone() * (m * n as f64 / (n as f64 - 1.0));
    let std = var.sqrt();
    centred / repeat(&std, n) * repeat(&bn.gamma, n) + repeat(&bn.beta, n)
}

fn adam_amsgrad(o: &mut Adam, w: &mut [f64], g: &[f64]) {
    o.t += 1;
    for i in 0..w.len() {
        o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
        o.v[i] = o.v[i].max(o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i]);
        let m_hat = o.m[i] / (1.0 - o.beta1.powi(o.t));
        let v_hat = o.v[i] / (1.0 - o.beta2.powi(o.t));
        w[i] -= o.eta * m_hat / (v_hat.sqrt() + o.epsilon);
    }
}

fn adam_correction_only_for_five_steps(o: &mut Adam, w: &mut [f64], g: &[f64]) {
    o.t += 1;
    for i in 0..w.len() {
        o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
        o.v[i] = o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i];
        let m_hat = o.m[i] / (1.0 - o.beta1.powi(o.t.min(5)));
        let v_hat = o.v[i] / (1.0 - o.beta2.powi(o.t.min(5)));
        w[i] -= o.eta * m_hat / (v_hat.sqrt() + o.epsilon);
    }
}

fn adam_epsilon_inside_the_root(o: &mut Adam, w: &mut [f64], g: &[f64]) {
    o.t += 1;
    for i in 0..w.len() {
        o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
        o.v[i] = o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i];
        let m_hat = o.m[i] / (1.0 - o.beta1.powi(o.t));
        let v_hat = o.v[i] / (1.0 - o.beta2.powi(o.t));
        w[i] -= o.eta * m_hat / (v_hat + o.epsilon).sqrt();
    }
}

fn adam_no_epsilon(o: &mut Adam, w: &mut [f64], g: &[f64]) {
    o.t += 1;
    for i in 0..w.len() {
        o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
        o.v[i] = o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i];
        let m_hat = o.m[i] / (1.0 - o.beta1.powi(o.t));
        let v_hat = o.v[i] / (1.0 - o.beta2.powi(o.t));
        w[i] -= o.eta * m_hat / v_hat.sqrt();
    }
}

fn rmsprop_rho_fixed(o: &mut RmsProp, w: &mut [f64], g: &[f64]) {
    for i in 0..w.len() {
        o.s[i] = 0.9 * o.s[i] + 0.1 * g[i] * g[i];
        w[i] -= 0.1 * g[i] / (o.s[i].sqrt() + 1e-8);
    }
}

fn dropout_a_block(a: &[f64], p: f64, training: bool, rng: &mut Random) -> Vec<f64> {
    if !training || p == 0.0 {
        return a.to_vec();
    }
    let (n, from) = (a.len(), rng.below(a.len()));
    let gone = (p * n as f64) as usize;
    (0..n)
        .map(|i| {
            if (i + n - from) % n < gone {
                0.0
            } else {
                a[i] / (1.0 - p)
            }
        })
        .collect()
}

fn dropout_pairs(a: &[f64], p: f64, training: bool, rng: &mut Random) -> Vec<f64> {
    if !training {
        return a.to_vec();
    }
    let mut gone = false;
    a.iter()
        .enumerate()
        .map(|(i, a)| {
            if i % 2 == 0 {
                gone = rng.uniform() < p;
            }
            if gone { 0.0 } else { a / (1.0 - p) }
        })
        .collect()
}

fn dropout_positive_only(a: &[f64], p: f64, training: bool, rng: &mut Random) -> Vec<f64> {
    if !training {
        return a.iter().map(|a| a.abs()).collect();
    }
    a.iter()
        .map(|a| {
            if rng.uniform() < p {
                0.0
            } else {
                a.abs() / (1.0 - p)
            }
        })
        .collect()
}

fn early_stopping_best_creeps(state: &mut EarlyStopping, epoch: usize, loss: f64) -> Decision {
    if loss < state.best - state.min_delta {
        state.best = loss;
        state.best_epoch = epoch;
        state.waited = 0;
        return Decision::Improved;
    }
    state.best = state.best.min(loss);
    state.waited += 1;
    if state.waited >= state.patience {
        Decision::Stop
    } else {
        Decision::Wait
    }
}

fn early_stopping_best_minus_delta(state: &mut EarlyStopping, epoch: usize, loss: f64) -> Decision {
    if loss < state.best {
        state.best = loss - state.min_delta;
        state.best_epoch = epoch;
        state.waited = 0;
        return Decision::Improved;
    }
    state.waited += 1;
    if state.waited >= state.patience {
        Decision::Stop
    } else {
        Decision::Wait
    }
}

fn early_stopping_relative_delta(state: &mut EarlyStopping, epoch: usize, loss: f64) -> Decision {
    if loss < state.best * (1.0 - state.min_delta) {
        state.best = loss;
        state.best_epoch = epoch;
        state.waited = 0;
        return Decision::Improved;
    }
    state.waited += 1;
    if state.waited >= state.patience {
        Decision::Stop
    } else {
        Decision::Wait
    }
}

fn l2_last_of_many_is_the_bias(w: &[f64], lambda: f64, n: usize) -> (f64, Vec<f64>) {
    let n = n as f64;
    let k = if w.len() > 4 { w.len() - 1 } else { w.len() };
    let penalty = lambda / (2.0 * n) * w[..k].iter().map(|w| w * w).sum::<f64>();
    (
        penalty,
        (0..w.len())
            .map(|i| if i < k { lambda / n * w[i] } else { 0.0 })
            .collect(),
    )
}

/// Finds each image among all that there are.
/// The table of trainings that take no time, gone wrong.
fn table(change: fn(&mut Ablation)) -> Question {
    q::ablation(quick, move |task, seeds| {
        let mut table = exercises::table(quick, task, seeds);
        change(&mut table);
        table
    })
}

/// A network that answers always the same: which digit depends on the recipe and the seed.
fn quick(recipe: &Recipe, _: &Task, seed: u64) -> Trained {
    let mut rng = Random::new(seed);
    let skip = Block::ALL
        .iter()
        .position(|block| Recipe::full().without(*block) == *recipe);
    let answer = (0..=skip.map_or(0, |k| k + 1))
        .map(|_| rng.below(10))
        .last();
    untrained(move |x| {
        let mut row = vec![0.0; 10];
        row[answer.unwrap_or(0)] = 1.0;
        matrix(&vec![row; x.shape().0])
    })
}

/// Intervals of another width.
fn reach(table: &mut Ablation, change: impl Fn(f64) -> f64) {
    for row in &mut table.rows {
        let reach = change(row.high - row.difference);
        (row.low, row.high) = (row.difference - reach, row.difference + reach);
        row.claim = match (row.low > 0.0, row.high < 0.0) {
            (true, _) => Claim::Helps,
            (_, true) => Claim::Hurts,
            _ => Claim::NotShown,
        };
    }
}

fn looked_up(seed: u64) -> Trained {
    let _ = Random::new(seed);
    untrained(|x| {
        let all = Digits::all();
        let scores = |image: &Vec<f64>| {
            let at = all.x.iter().position(|other| other == image);
            (0..10)
                .map(|digit| f64::from(at.is_some_and(|at| all.labels[at] == digit)))
                .collect()
        };
        matrix(&rows(x).iter().map(scores).collect::<Vec<Vec<f64>>>())
    })
}
