//! What students get wrong, and what they are told: the name of the explanation, or nothing.

use dfdx::prelude::*;
use gradus_exercise::proof::Mutants;
use lab2::{
    Adam, BatchNorm, BatchNormGradients, DenseGradients,
    given::{Matrix, matrix, rows},
    questions as q,
};

use super::exercises::{
    self, adadelta, adagrad, adam, batch_norm_backward, batch_norm_test, batch_norm_train,
    dead_units, dense_backward, dropout, early_stopping, has_twins, he, inverse_time_decay, l1, l2,
    leaky_relu, leaky_relu_prime, maxout, momentum, nesterov, normal, relu, rmsprop,
    saturated_share, tanh, tanh_prime, xavier,
};
use super::untrained;

pub fn mutants() -> Mutants {
    [
        dense(),
        activations(),
        monitors(),
        inits(),
        batch_norms(),
        optimizers(),
        adams(),
        regularizers(),
        capstones(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn negative(m: &Matrix) -> Matrix {
    m.clone() * -1.0
}

fn transposed(m: &Matrix) -> Matrix {
    let m = rows(m);
    let column = |k: usize| m.iter().map(|row| row[k]).collect::<Vec<_>>();
    matrix(&(0..m[0].len()).map(column).collect::<Vec<_>>())
}

fn dense() -> Mutants {
    let count = |x: &Matrix| x.shape().0 as f64;
    vec![
        (
            "dx:sign",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    dx: negative(&g.dx),
                    ..g
                }
            }),
        ),
        (
            "dw:divided:len(x)",
            q::dense_backward(move |x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    dw: g.dw / count(x),
                    ..g
                }
            }),
        ),
        (
            "dx:divided:len(x)",
            q::dense_backward(move |x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    dx: g.dx / count(x),
                    ..g
                }
            }),
        ),
        (
            "dw:double",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    dw: g.dw * 2.0,
                    ..g
                }
            }),
        ),
        (
            "sign",
            q::dense_backward(|x, w, dz| dense_backward(x, w, &negative(dz))),
        ),
        (
            "dx:transposed",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    dx: transposed(&g.dx),
                    ..g
                }
            }),
        ),
        (
            "dx:unchanged",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    dx: dz.clone(),
                    ..g
                }
            }),
        ),
        (
            "dw:unchanged",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients { dw: w.clone(), ..g }
            }),
        ),
        (
            "db_of_the_first",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                let first = rows(dz)[0].clone();
                DenseGradients {
                    db: lab2::given::vector(&first),
                    ..g
                }
            }),
        ),
        (
            "db:zeros",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    db: g.db * 0.0,
                    ..g
                }
            }),
        ),
    ]
}

fn activations() -> Mutants {
    vec![
        ("sign", q::tanh(|z| -tanh(z))),
        ("double", q::tanh(|z| 2.0 * tanh(z))),
        ("inverse", q::tanh(|z| 1.0 / tanh(z))),
        ("halved:z", q::tanh(|z| tanh(z / 2.0))),
        ("doubled:z", q::tanh(|z| tanh(2.0 * z))),
        ("absolute", q::tanh(|z| tanh(z).abs())),
        ("no_negatives", q::tanh(|z| tanh(z).max(0.0))),
        ("unchanged", q::tanh(|z| z)),
        (
            "sign_only",
            q::tanh(|z| if z == 0.0 { 0.0 } else { z.signum() }),
        ),
        ("", q::tanh(f64::atan)),
        ("", q::tanh(|z| z.clamp(-1.0, 1.0))),
        ("one_minus", q::tanh_prime(|z| tanh(z).powi(2))),
        ("sign", q::tanh_prime(|z| -tanh_prime(z))),
        ("squared", q::tanh_prime(|z| tanh_prime(z).powi(2))),
        ("root", q::tanh_prime(|z| tanh_prime(z).sqrt())),
        ("not_squared", q::tanh_prime(|z| 1.0 - tanh(z))),
        ("plus", q::tanh_prime(|z| 1.0 + tanh(z).powi(2))),
        ("not_derived", q::tanh_prime(tanh)),
        ("unchanged", q::relu(|z| z)),
        ("sign", q::relu(|z| -relu(z))),
        ("negated:z", q::relu(|z| relu(-z))),
        ("zeros", q::relu(|_| 0.0)),
        ("divided:z", q::relu(|z| if z > 0.0 { 1.0 } else { 0.0 })),
        (
            "for_negatives:z",
            q::relu(|z| if z > 0.0 { z } else { 0.01 * z }),
        ),
        ("minimum", q::relu(|z| z.min(0.0))),
        (
            "one_minus",
            q::relu_prime(|z| if z > 0.0 { 0.0 } else { 1.0 }),
        ),
        ("", q::relu_prime(|z| if z > 1.0 { 1.0 } else { 0.0 })),
        ("constant", q::relu_prime(|_| 1.0)),
        (
            "for_negatives:z",
            q::relu_prime(|z| {
                if z < 0.0 {
                    -1.0
                } else if z == 0.0 {
                    0.0
                } else {
                    1.0
                }
            }),
        ),
        (
            "at_zero:z",
            q::relu_prime(|z| {
                if z == 0.0 {
                    0.5
                } else if z > 0.0 {
                    1.0
                } else {
                    0.0
                }
            }),
        ),
        (
            "frozen(0.01):slope",
            q::leaky_relu(|z, _| leaky_relu(z, 0.01)),
        ),
        (
            "complement:slope",
            q::leaky_relu(|z, slope| leaky_relu(z, 1.0 - slope)),
        ),
        ("negated:z", q::leaky_relu(|z, slope| leaky_relu(-z, slope))),
        (
            "up_to_zero:z",
            q::leaky_relu(|z, slope| if z > 0.0 { z } else { slope }),
        ),
        ("for_positives:z", q::leaky_relu(|z, slope| z * slope)),
        (
            "up_to_zero:z",
            q::leaky_relu(|z, slope| if z > 0.0 { z } else { z - slope }),
        ),
        (
            "inverse:slope",
            q::leaky_relu(|z, slope| if z > 0.0 { z } else { z / slope }),
        ),
        ("unchanged", q::leaky_relu(|z, slope| leaky_relu(slope, z))),
        (
            "frozen(0.01):slope",
            q::leaky_relu_prime(|z, _| leaky_relu_prime(z, 0.01)),
        ),
        (
            "negated:slope",
            q::leaky_relu_prime(|z, slope| leaky_relu_prime(z, -slope)),
        ),
        (
            "at_zero:z",
            q::leaky_relu_prime(|z, slope| if z >= 0.0 { 1.0 } else { slope }),
        ),
        ("unchanged", q::maxout(|z1, _| z1)),
        ("unchanged", q::maxout(|_, z2| z2)),
        ("no_negatives", q::maxout(|z1, z2| z1.max(z2).max(0.0))),
        ("product", q::maxout(|z1, z2| z1 * z2)),
        ("mean", q::maxout(|z1, z2| (z1 + z2) / 2.0)),
        ("sign", q::maxout(|z1, z2| -maxout(z1, z2))),
        (
            "values",
            q::maxout_prime(|z1, z2| if z1 >= z2 { (z1, 0.0) } else { (0.0, z2) }),
        ),
        ("constant", q::maxout_prime(|_, _| (1.0, 1.0))),
        ("constant", q::maxout_prime(|_, _| (1.0, 0.0))),
    ]
}

fn monitors() -> Mutants {
    vec![
        (
            "one_minus",
            q::saturated_share(|a, m| 1.0 - saturated_share(a, m)),
        ),
        (
            "doubled:margin",
            q::saturated_share(|a, m| saturated_share(a, 2.0 * m)),
        ),
        (
            "halved:margin",
            q::saturated_share(|a, m| saturated_share(a, m / 2.0)),
        ),
        (
            "frozen(0.05):margin",
            q::saturated_share(|a, _| saturated_share(a, 0.05)),
        ),
        (
            "half",
            q::saturated_share(|a, m| saturated_share(a, m) / 2.0),
        ),
        (
            "whole_numbers",
            q::saturated_share(|a, m| saturated_share(a, m).trunc()),
        ),
        (
            "times:len(a)",
            q::saturated_share(|a, m| saturated_share(a, m) * a.shape().0 as f64),
        ),
        (
            "times:columns(a)",
            q::saturated_share(|a, m| saturated_share(a, m) * a.shape().1 as f64),
        ),
        (
            "bounds_counted",
            q::saturated_share(|a, m| {
                let all = rows(a).concat();
                all.iter().filter(|a| **a <= m || **a >= 1.0 - m).count() as f64 / all.len() as f64
            }),
        ),
        (
            "one_more",
            q::dead_units(|a| dead_units(a).iter().map(|k| k + 1).collect()),
        ),
        (
            "reversed",
            q::dead_units(|a| dead_units(a).into_iter().rev().collect()),
        ),
        ("constant", q::dead_units(|_| vec![])),
        ("number", q::dead_units(|a| vec![dead_units(a).len()])),
        (
            "first_only:a",
            q::dead_units(|a| {
                let a = rows(a);
                (0..a[0].len()).filter(|k| a[0][*k] == 0.0).collect()
            }),
        ),
    ]
}

fn inits() -> Mutants {
    vec![
        (
            "transposed",
            q::zeros(|n_out, n_in| exercises::zeros(n_in, n_out)),
        ),
        (
            "doubled:std",
            q::normal(|o, i, std, rng| normal(o, i, 2.0 * std, rng)),
        ),
        ("", q::normal(|o, i, std, rng| normal(o, i, std, rng) + 1.0)),
        (
            "swapped:n_out,n_in",
            q::normal(|o, i, std, rng| normal(i, o, std, rng)),
        ),
        (
            "one_row",
            q::normal(|o, i, std, rng| {
                let row = rows(&normal(1, i, std, rng)).swap_remove(0);
                matrix(&vec![row; o])
            }),
        ),
        (
            "no_two",
            q::xavier(|o, i, rng| normal(o, i, (1.0 / (i + o) as f64).sqrt(), rng)),
        ),
        (
            "six",
            q::xavier(|o, i, rng| normal(o, i, (6.0 / (i + o) as f64).sqrt(), rng)),
        ),
        (
            "product",
            q::xavier(|o, i, rng| normal(o, i, (2.0 / (i * o) as f64).sqrt(), rng)),
        ),
        (
            "xavier",
            q::he(|o, i, rng| normal(o, i, (2.0 / (i + o) as f64).sqrt(), rng)),
        ),
        ("xavier", q::he(xavier)),
        ("", q::he(|o, i, rng| he(o, i, rng) * 2.0)),
        // Not `all_equal`, as it was once called.
        (
            "neighbours_only",
            q::has_twins(|w, b| {
                let (w, b) = (rows(w), b.as_vec());
                (1..w.len()).any(|i| w[i] == w[i - 1] && b[i] == b[i - 1])
            }),
        ),
        ("negated", q::has_twins(|w, b| !has_twins(w, b))),
        ("constant", q::has_twins(|_, _| true)),
        ("constant", q::has_twins(|_, _| false)),
        (
            "zero:w",
            q::has_twins(|_, b| {
                let b = b.as_vec();
                (0..b.len()).any(|i| (0..i).any(|j| b[i] == b[j]))
            }),
        ),
        (
            "first_only",
            q::has_twins(|w, b| {
                let (w, b) = (rows(w), b.as_vec());
                (1..w.len()).any(|i| w[i] == w[0] && b[i] == b[0])
            }),
        ),
    ]
}

fn with(bn: &BatchNorm, change: impl Fn(&mut BatchNorm)) -> BatchNorm {
    let mut other = bn.clone();
    change(&mut other);
    other
}

/// Trains with other settings, and keeps what that does to the running statistics.
fn trained(bn: &mut BatchNorm, x: &Matrix, change: impl Fn(&mut BatchNorm)) -> Matrix {
    let mut other = with(bn, change);
    let y = batch_norm_train(&mut other, x);
    bn.running_mean = other.running_mean;
    bn.running_var = other.running_var;
    y
}

fn batch_norms() -> Mutants {
    vec![
        (
            "frozen(0.00001):epsilon",
            q::batch_norm_train(|bn, x| trained(bn, x, |bn| bn.epsilon = 1e-5)),
        ),
        (
            "frozen(0.9):rho",
            q::batch_norm_train(|bn, x| trained(bn, x, |bn| bn.rho = 0.9)),
        ),
        (
            "one:gamma",
            q::batch_norm_train(|bn, x| {
                trained(bn, x, |bn| bn.gamma = bn.gamma.clone() * 0.0 + 1.0)
            }),
        ),
        (
            "zero:beta",
            q::batch_norm_train(|bn, x| trained(bn, x, |bn| bn.beta = bn.beta.clone() * 0.0)),
        ),
        (
            "negated:beta",
            q::batch_norm_train(|bn, x| trained(bn, x, |bn| bn.beta = bn.beta.clone() * -1.0)),
        ),
        (
            "squared:epsilon",
            q::batch_norm_train(|bn, x| trained(bn, x, |bn| bn.epsilon *= bn.epsilon)),
        ),
        (
            "swapped:gamma,beta",
            q::batch_norm_train(|bn, x| {
                trained(bn, x, |bn| std::mem::swap(&mut bn.gamma, &mut bn.beta))
            }),
        ),
        (
            "swapped:rho,epsilon",
            q::batch_norm_train(|bn, x| {
                trained(bn, x, |bn| std::mem::swap(&mut bn.rho, &mut bn.epsilon))
            }),
        ),
        (
            "running_mean:unchanged",
            q::batch_norm_train(|bn, x| {
                let before = bn.running_mean.clone();
                let y = batch_norm_train(bn, x);
                bn.running_mean = before;
                y
            }),
        ),
        (
            "running_var:unchanged",
            q::batch_norm_train(|bn, x| {
                let before = bn.running_var.clone();
                let y = batch_norm_train(bn, x);
                bn.running_var = before;
                y
            }),
        ),
        (
            "y:sign",
            q::batch_norm_train(|bn, x| batch_norm_train(bn, x) * -1.0),
        ),
        (
            "y:unchanged",
            q::batch_norm_train(|bn, x| {
                batch_norm_train(bn, x);
                x.clone()
            }),
        ),
        (
            "",
            q::batch_norm_test(|bn, x| batch_norm_test(&with(bn, |bn| bn.epsilon = 1e-5), x)),
        ),
        (
            "zero:running_mean",
            q::batch_norm_test(|bn, x| {
                batch_norm_test(
                    &with(bn, |bn| bn.running_mean = bn.running_mean.clone() * 0.0),
                    x,
                )
            }),
        ),
        (
            "negated:running_mean",
            q::batch_norm_test(|bn, x| {
                batch_norm_test(
                    &with(bn, |bn| bn.running_mean = bn.running_mean.clone() * -1.0),
                    x,
                )
            }),
        ),
        (
            "one:running_var",
            q::batch_norm_test(|bn, x| {
                batch_norm_test(
                    &with(bn, |bn| bn.running_var = bn.running_var.clone() * 0.0 + 1.0),
                    x,
                )
            }),
        ),
        (
            "swapped:running_mean,running_var",
            q::batch_norm_test(|bn, x| {
                batch_norm_test(
                    &with(bn, |bn| {
                        std::mem::swap(&mut bn.running_mean, &mut bn.running_var)
                    }),
                    x,
                )
            }),
        ),
        (
            "zero:beta",
            q::batch_norm_test(|bn, x| {
                batch_norm_test(&with(bn, |bn| bn.beta = bn.beta.clone() * 0.0), x)
            }),
        ),
        ("unchanged", q::batch_norm_test(|_, x| x.clone())),
        (
            "one:gamma",
            q::batch_norm_test(|bn, x| {
                batch_norm_test(&with(bn, |bn| bn.gamma = bn.gamma.clone() * 0.0 + 1.0), x)
            }),
        ),
        (
            "dx:unchanged",
            q::batch_norm_backward(|bn, x, dy| {
                let g = batch_norm_backward(bn, x, dy);
                BatchNormGradients {
                    dx: dy.clone(),
                    ..g
                }
            }),
        ),
        (
            "dbeta:divided:len(x)",
            q::batch_norm_backward(|bn, x, dy| {
                let g = batch_norm_backward(bn, x, dy);
                BatchNormGradients {
                    dbeta: g.dbeta / x.shape().0 as f64,
                    ..g
                }
            }),
        ),
        (
            "dgamma:divided:len(x)",
            q::batch_norm_backward(|bn, x, dy| {
                let g = batch_norm_backward(bn, x, dy);
                BatchNormGradients {
                    dgamma: g.dgamma / x.shape().0 as f64,
                    ..g
                }
            }),
        ),
        (
            "dx:sign",
            q::batch_norm_backward(|bn, x, dy| {
                let g = batch_norm_backward(bn, x, dy);
                BatchNormGradients {
                    dx: negative(&g.dx),
                    ..g
                }
            }),
        ),
        (
            "one:gamma",
            q::batch_norm_backward(|bn, x, dy| {
                batch_norm_backward(
                    &with(bn, |bn| bn.gamma = bn.gamma.clone() * 0.0 + 1.0),
                    x,
                    dy,
                )
            }),
        ),
        (
            "swapped",
            q::batch_norm_backward(|bn, x, dy| {
                let g = batch_norm_backward(bn, x, dy);
                BatchNormGradients {
                    dgamma: g.dbeta.clone(),
                    dbeta: g.dgamma,
                    ..g
                }
            }),
        ),
    ]
}

fn optimizers() -> Mutants {
    vec![
        (
            "frozen(0.9):mu",
            q::momentum(|o, w, g| {
                o.mu = 0.9;
                momentum(o, w, g);
            }),
        ),
        (
            "frozen(0.1):eta",
            q::momentum(|o, w, g| {
                o.eta = 0.1;
                momentum(o, w, g);
            }),
        ),
        (
            "swapped:eta,mu",
            q::momentum(|o, w, g| {
                std::mem::swap(&mut o.eta, &mut o.mu);
                momentum(o, w, g);
                std::mem::swap(&mut o.eta, &mut o.mu);
            }),
        ),
        (
            "complement:mu",
            q::momentum(|o, w, g| {
                o.mu = 1.0 - o.mu;
                momentum(o, w, g);
                o.mu = 1.0 - o.mu;
            }),
        ),
        (
            "unchanged",
            q::momentum(|o, w, g| momentum(o, &mut w.to_vec(), g)),
        ),
        (
            "old_v",
            q::momentum(|o, w, g| {
                for i in 0..w.len() {
                    w[i] += o.v[i];
                    o.v[i] = o.mu * o.v[i] - o.eta * g[i];
                }
            }),
        ),
        (
            "damped",
            q::momentum(|o, w, g| {
                for i in 0..w.len() {
                    o.v[i] = o.mu * o.v[i] - (1.0 - o.mu) * o.eta * g[i];
                    w[i] += o.v[i];
                }
            }),
        ),
        (
            "",
            q::momentum(|o, w, g| {
                let n = w.len() - 1;
                let last = w[n];
                momentum(o, w, g);
                w[n] = last;
            }),
        ),
        (
            "one:eta",
            q::nesterov(|o, w, g| {
                o.eta = 1.0;
                nesterov(o, w, g);
            }),
        ),
        (
            "ascent",
            q::nesterov(|o, w, g| {
                nesterov(o, w, &g.iter().map(|g| -g).collect::<Vec<_>>());
            }),
        ),
        (
            "plain_momentum",
            q::nesterov(|o, w, g| {
                for i in 0..w.len() {
                    let old = o.v[i];
                    o.v[i] = o.mu * o.v[i] - o.eta * g[i];
                    w[i] += o.mu * old - o.eta * g[i];
                }
            }),
        ),
        (
            "frozen(1e-8):epsilon",
            q::adagrad(|o, w, g| {
                o.epsilon = 1e-8;
                adagrad(o, w, g);
            }),
        ),
        (
            "epsilon_inside",
            q::adagrad(|o, w, g| {
                for i in 0..w.len() {
                    o.s[i] += g[i] * g[i];
                    w[i] -= o.eta * g[i] / (o.s[i] + o.epsilon).sqrt();
                }
            }),
        ),
        (
            "old_s",
            q::adagrad(|o, w, g| {
                for i in 0..w.len() {
                    w[i] -= o.eta * g[i] / (o.s[i].sqrt() + o.epsilon);
                    o.s[i] += g[i] * g[i];
                }
            }),
        ),
        (
            "not_squared",
            q::adagrad(|o, w, g| {
                for i in 0..w.len() {
                    o.s[i] += g[i].abs();
                    w[i] -= o.eta * g[i] / (o.s[i].sqrt() + o.epsilon);
                }
            }),
        ),
        (
            "negated:eta",
            q::adagrad(|o, w, g| {
                adagrad(o, w, &g.iter().map(|g| -g).collect::<Vec<_>>());
            }),
        ),
        (
            "swapped:eta,epsilon",
            q::adagrad(|o, w, g| {
                std::mem::swap(&mut o.eta, &mut o.epsilon);
                adagrad(o, w, g);
                std::mem::swap(&mut o.eta, &mut o.epsilon);
            }),
        ),
        (
            "frozen(0.1):eta",
            q::rmsprop(|o, w, g| {
                o.eta = 0.1;
                rmsprop(o, w, g);
            }),
        ),
        (
            "epsilon_inside",
            q::rmsprop(|o, w, g| {
                for i in 0..w.len() {
                    o.s[i] = o.rho * o.s[i] + (1.0 - o.rho) * g[i] * g[i];
                    w[i] -= o.eta * g[i] / (o.s[i] + o.epsilon).sqrt();
                }
            }),
        ),
        (
            "",
            q::rmsprop(|o, w, g| {
                for i in 0..w.len() {
                    o.s[i] = o.rho * o.s[i] + (1.0 - o.rho) * g[i];
                    w[i] -= o.eta * g[i] / (o.s[i].abs().sqrt() + o.epsilon);
                }
            }),
        ),
        (
            "no_complement",
            q::rmsprop(|o, w, g| {
                for i in 0..w.len() {
                    o.s[i] = o.rho * o.s[i] + g[i] * g[i];
                    w[i] -= o.eta * g[i] / (o.s[i].sqrt() + o.epsilon);
                }
            }),
        ),
        (
            "frozen(0.95):rho",
            q::adadelta(|o, w, g| {
                o.rho = 0.95;
                adadelta(o, w, g);
            }),
        ),
        (
            "complement:rho",
            q::adadelta(|o, w, g| {
                o.rho = 1.0 - o.rho;
                adadelta(o, w, g);
                o.rho = 1.0 - o.rho;
            }),
        ),
        (
            "negated:gradients",
            q::adadelta(|o, w, g| {
                adadelta(o, w, &g.iter().map(|g| -g).collect::<Vec<_>>());
            }),
        ),
        (
            "frozen(1e-6):epsilon",
            q::adadelta(|o, w, g| {
                o.epsilon = 1e-6;
                adadelta(o, w, g);
            }),
        ),
        (
            "one_more:t",
            q::inverse_time_decay(|eta0, k, t| inverse_time_decay(eta0, k, t + 1)),
        ),
        (
            "one_less:t",
            q::inverse_time_decay(|eta0, k, t| inverse_time_decay(eta0, k, t.saturating_sub(1))),
        ),
        ("unchanged", q::inverse_time_decay(|eta0, _, _| eta0)),
        (
            "one:k",
            q::inverse_time_decay(|eta0, _, t| inverse_time_decay(eta0, 1.0, t)),
        ),
        (
            "swapped:eta0,k",
            q::inverse_time_decay(|eta0, k, t| inverse_time_decay(k, eta0, t)),
        ),
        (
            "power",
            q::inverse_time_decay(|eta0, k, t| eta0 * k.powi(t as i32)),
        ),
        (
            "root",
            q::inverse_time_decay(|eta0, k, t| eta0 / (1.0 + k * t as f64).sqrt()),
        ),
        (
            "no_one",
            q::inverse_time_decay(|eta0, k, t| eta0 / (k * t as f64)),
        ),
        (
            "inverse",
            q::inverse_time_decay(|eta0, k, t| 1.0 / inverse_time_decay(eta0, k, t)),
        ),
    ]
}

fn adams() -> Mutants {
    let swapped = |o: &mut Adam, w: &mut [f64], g: &[f64]| {
        std::mem::swap(&mut o.beta1, &mut o.beta2);
        adam(o, w, g);
        std::mem::swap(&mut o.beta1, &mut o.beta2);
    };
    vec![
        ("swapped:beta1,beta2", q::adam(swapped)),
        (
            "frozen(0.9):beta1",
            q::adam(|o, w, g| {
                o.beta1 = 0.9;
                adam(o, w, g);
            }),
        ),
        (
            "frozen(0.999):beta2",
            q::adam(|o, w, g| {
                o.beta2 = 0.999;
                adam(o, w, g);
            }),
        ),
        (
            "frozen(0.1):eta",
            q::adam(|o, w, g| {
                o.eta = 0.1;
                adam(o, w, g);
            }),
        ),
        (
            "negated:eta",
            q::adam(|o, w, g| adam(o, w, &g.iter().map(|g| -g).collect::<Vec<_>>())),
        ),
        (
            "zero:beta1",
            q::adam(|o, w, g| {
                o.beta1 = 0.0;
                adam(o, w, g);
            }),
        ),
        (
            "doubled:eta",
            q::adam(|o, w, g| {
                o.eta *= 2.0;
                adam(o, w, g);
                o.eta /= 2.0;
            }),
        ),
        (
            "complement:beta1",
            q::adam(|o, w, g| {
                o.beta1 = 1.0 - o.beta1;
                adam(o, w, g);
                o.beta1 = 1.0 - o.beta1;
            }),
        ),
        ("unchanged", q::adam(|o, w, g| adam(o, &mut w.to_vec(), g))),
        (
            "t_stands_still",
            q::adam(|o, w, g| {
                // The time is never moved on.
                adam(o, w, g);
                o.t = 0;
            }),
        ),
        (
            "corrected_kept",
            q::adam(|o, w, g| {
                o.t += 1;
                for i in 0..w.len() {
                    o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
                    o.v[i] = o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i];
                    // The corrected ones are kept in the place of the others.
                    o.m[i] /= 1.0 - o.beta1.powi(o.t);
                    o.v[i] /= 1.0 - o.beta2.powi(o.t);
                    w[i] -= o.eta * o.m[i] / (o.v[i].sqrt() + o.epsilon);
                }
            }),
        ),
    ]
}

fn regularizers() -> Mutants {
    let changed = |f: fn(f64, &[f64]) -> (f64, Vec<f64>)| {
        q::l2(move |w, lambda, n| {
            let (p, g) = l2(w, lambda, n);
            f(p, &g)
        })
    };
    vec![
        (
            "gradient:sign",
            changed(|p, g| (p, g.iter().map(|g| -g).collect())),
        ),
        (
            "gradient:double",
            changed(|p, g| (p, g.iter().map(|g| 2.0 * g).collect())),
        ),
        ("penalty:half", changed(|p, g| (p / 2.0, g.to_vec()))),
        ("penalty:root", changed(|p, g| (p.sqrt(), g.to_vec()))),
        (
            "gradient:unchanged",
            q::l2(|w, lambda, n| (l2(w, lambda, n).0, w.to_vec())),
        ),
        ("times:n", q::l2(|w, lambda, _| l2(w, lambda, 1))),
        ("divided:lambda", q::l2(|w, _, n| l2(w, 1.0, n))),
        (
            "without_last:w",
            q::l2(|w, lambda, n| {
                let (p, g) = l2(&w[..w.len() - 1], lambda, n);
                (p, g)
            }),
        ),
        ("by_weights", q::l2(|w, lambda, _| l2(w, lambda, w.len()))),
        ("sign", q::l2(|w, lambda, n| l2(w, -lambda, n))),
        ("half", q::l1(|w, lambda, n| l1(w, lambda, 2 * n))),
        ("times:n", q::l1(|w, lambda, _| l1(w, lambda, 1))),
        (
            "gradient:sign",
            q::l1(|w, lambda, n| {
                let (p, g) = l1(w, lambda, n);
                (p, g.iter().map(|g| -g).collect())
            }),
        ),
        ("squares", q::l1(l2)),
        (
            "no_absolute",
            q::l1(|w, lambda, n| {
                let (_, g) = l1(w, lambda, n);
                (lambda / n as f64 * w.iter().sum::<f64>(), g)
            }),
        ),
        (
            "active_at_test",
            q::dropout(|a, p, _, rng| dropout(a, p, true, rng)),
        ),
        (
            "always_false:training",
            q::dropout(|a, p, _, rng| dropout(a, p, false, rng)),
        ),
        (
            "keeps_with_p",
            q::dropout(|a, p, training, rng| dropout(a, 1.0 - p, training, rng)),
        ),
        (
            "squared:p",
            q::dropout(|a, p, training, rng| dropout(a, p * p, training, rng)),
        ),
        (
            "only_at_test",
            q::dropout(|a, p, training, rng| dropout(a, p, !training, rng)),
        ),
        (
            "frozen(0.5):p",
            q::dropout(|a, _, training, rng| dropout(a, 0.5, training, rng)),
        ),
        (
            "one_more:patience",
            q::early_stopping(|s, epoch, loss| {
                s.patience += 1;
                let decision = early_stopping(s, epoch, loss);
                s.patience -= 1;
                decision
            }),
        ),
        (
            "one_less:patience",
            q::early_stopping(|s, epoch, loss| {
                s.patience -= 1;
                let decision = early_stopping(s, epoch, loss);
                s.patience += 1;
                decision
            }),
        ),
        (
            "added_delta",
            q::early_stopping(|s, epoch, loss| {
                s.min_delta = -s.min_delta.abs();
                early_stopping(s, epoch, loss)
            }),
        ),
        (
            "one_epoch_late",
            q::early_stopping(|s, epoch, loss| early_stopping(s, epoch + 1, loss)),
        ),
        (
            "negated:losses",
            q::early_stopping(|s, epoch, loss| early_stopping(s, epoch, -loss)),
        ),
        (
            "best_is_the_last",
            q::early_stopping(|s, epoch, loss| {
                let decision = early_stopping(s, epoch, loss);
                s.best = loss;
                decision
            }),
        ),
    ]
}

fn capstones() -> Mutants {
    vec![
        // Not `diverged`, as it was once called.
        ("", q::train(|_, _, _| untrained(|x| x.clone()))),
        ("", q::train(|_, _, _| untrained(transposed))),
    ]
}
