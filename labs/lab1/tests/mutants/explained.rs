//! What students get wrong, and what they are told: the name of the explanation, or nothing.

use dfdx::prelude::*;
use gradus_exercise::proof::Mutants;
use lab1::{
    Descent, Ending,
    given::{Matrix, Network, Training},
    questions as q,
};

use super::exercises::{
    binary_cross_entropy, binary_cross_entropy_gradient, cross_entropy, cross_entropy_gradient,
    forward, gradient_descent, mini_batches, quadratic_cost, quadratic_gradient, sigmoid,
    sigmoid_prime, softmax, train,
};

pub fn mutants() -> Mutants {
    [
        sigmoids(),
        costs(),
        more_costs(),
        cost_gradients(),
        descents(),
        batches(),
        forwards(),
        trainings(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn len(z: &[f64]) -> f64 {
    z.len() as f64
}

fn each(z: &[f64], y: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    z.iter().zip(y).map(|(z, y)| f(*z, *y)).collect()
}

fn sum(z: &[f64], y: &[f64], f: impl Fn(f64, f64) -> f64) -> f64 {
    each(z, y, f).iter().sum()
}

fn sigmoids() -> Mutants {
    vec![
        // The sign of the whole, the complement, a factor.
        ("sign", q::sigmoid(|z| -sigmoid(z))),
        ("double", q::sigmoid(|z| 2.0 * sigmoid(z))),
        ("half", q::sigmoid(|z| sigmoid(z) / 2.0)),
        ("one_more", q::sigmoid(|z| 1.0 + sigmoid(z))),
        ("no_fraction", q::sigmoid(|z| 1.0 / sigmoid(z))),
        ("exponential", q::sigmoid(|z| sigmoid(z).exp())),
        ("squared", q::sigmoid(|z| sigmoid(z).powi(2))),
        ("rounded", q::sigmoid(|z| sigmoid(z).round())),
        ("unchanged", q::sigmoid(|z| z)),
        ("zeros", q::sigmoid(|_| 0.0)),
        ("constant", q::sigmoid(|_| 0.5)),
        // Base 2 or 10 for e, e² for e.
        ("other_base", q::sigmoid(|z| 1.0 / (1.0 + 2_f64.powf(-z)))),
        ("other_base", q::sigmoid(|z| 1.0 / (1.0 + 10_f64.powf(-z)))),
        ("doubled:z", q::sigmoid(|z| sigmoid(2.0 * z))),
        ("halved:z", q::sigmoid(|z| sigmoid(z / 2.0))),
        ("absolute:z", q::sigmoid(|z| sigmoid(z.abs()))),
        ("squared:z", q::sigmoid(|z| sigmoid(z * z))),
        ("minus", q::sigmoid(|z| 1.0 / (1.0 - (-z).exp()))),
        ("no_fraction", q::sigmoid(|z| 1.0 + (-z).exp())),
        ("", q::sigmoid(|z| (0.2 * z + 0.5).clamp(0.0, 1.0))),
        ("", q::sigmoid(|z| z.clamp(0.0, 1.0))),
        // Derivatives.
        ("sign", q::sigmoid_prime(|z| -sigmoid_prime(z))),
        ("double", q::sigmoid_prime(|z| 2.0 * sigmoid_prime(z))),
        ("root", q::sigmoid_prime(|z| sigmoid_prime(z).sqrt())),
        (
            "plus",
            q::sigmoid_prime(|z| sigmoid(z) * (1.0 + sigmoid(z))),
        ),
        ("squared", q::sigmoid_prime(|z| 1.0 - sigmoid(z).powi(2))),
        ("", q::sigmoid_prime(|z| sigmoid(z) - 1.0)),
        ("not_derived", q::sigmoid_prime(sigmoid)),
        (
            "not_finite",
            q::sigmoid_prime(|z| 1.0 / (1.0 / sigmoid_prime(z) - 0.0 * z.exp())),
        ),
    ]
}

fn costs() -> Mutants {
    vec![
        ("sign", q::quadratic_cost(|a, y| -quadratic_cost(a, y))),
        ("half", q::quadratic_cost(|a, y| quadratic_cost(a, y) / 2.0)),
        (
            "root",
            q::quadratic_cost(|a, y| quadratic_cost(a, y).sqrt()),
        ),
        (
            "double,times:len(a)",
            q::quadratic_cost(|a, y| sum(a, y, |a, y| (y - a).powi(2))),
        ),
        (
            "divided:len(a)",
            q::quadratic_cost(|a, y| quadratic_cost(a, y) / len(a)),
        ),
        (
            "n_plus_1:len(a)",
            q::quadratic_cost(|a, y| quadratic_cost(a, y) * len(a) / (len(a) + 1.0)),
        ),
        (
            "without_last:a",
            q::quadratic_cost(|a, y| quadratic_cost(&a[..a.len() - 1], &y[..a.len() - 1])),
        ),
        (
            "without_first:a",
            q::quadratic_cost(|a, y| quadratic_cost(&a[1..], &y[1..])),
        ),
        (
            "first_only:a",
            q::quadratic_cost(|a, y| quadratic_cost(&a[..1], &y[..1])),
        ),
        (
            "last_only:a",
            q::quadratic_cost(|a, y| quadratic_cost(&a[a.len() - 1..], &y[a.len() - 1..])),
        ),
        (
            "negated:a",
            q::quadratic_cost(|a, y| sum(a, y, |a, y| (y + a).powi(2)) / 2.0 / len(a)),
        ),
        (
            "square_of_the_sum",
            q::quadratic_cost(|a, y| sum(a, y, |a, y| y - a).powi(2) / 2.0 / len(a)),
        ),
        (
            "difference_of_squares",
            q::quadratic_cost(|a, y| sum(a, y, |a, y| y * y - a * a) / 2.0 / len(a)),
        ),
        (
            "zero:y",
            q::quadratic_cost(|a, _| a.iter().map(|a| a * a).sum::<f64>() / 2.0 / len(a)),
        ),
        (
            "zero:a",
            q::quadratic_cost(|_, y| y.iter().map(|y| y * y).sum::<f64>() / 2.0 / len(y)),
        ),
        (
            "whole_numbers",
            q::quadratic_cost(|a, y| quadratic_cost(a, y).trunc()),
        ),
        (
            "not_squared",
            q::quadratic_cost(|a, y| sum(a, y, |a, y| y - a) / 2.0 / len(a)),
        ),
        (
            "",
            q::quadratic_cost(|a, y| sum(a, y, |a, y| (y - a).powi(3)) / 2.0 / len(a)),
        ),
        (
            "no_half",
            q::quadratic_cost(|a, y| 2.0 * quadratic_cost(a, y) + 0.0),
        ),
        // Binary cross-entropy.
        (
            "log2",
            q::binary_cross_entropy(|z, y| binary_cross_entropy(z, y) / 2_f64.ln()),
        ),
        (
            "log10",
            q::binary_cross_entropy(|z, y| binary_cross_entropy(z, y) / 10_f64.ln()),
        ),
        (
            "half",
            q::binary_cross_entropy(|z, y| binary_cross_entropy(z, y) / 2.0),
        ),
        (
            "double",
            q::binary_cross_entropy(|z, y| 2.0 * binary_cross_entropy(z, y)),
        ),
        (
            "negated:z",
            q::binary_cross_entropy(|z, y| {
                let other: Vec<f64> = y.iter().map(|y| 1.0 - y).collect();
                binary_cross_entropy(z, &other)
            }),
        ),
        (
            "zero:y",
            q::binary_cross_entropy(|z, y| binary_cross_entropy(z, &vec![0.0; y.len()])),
        ),
        (
            "without_last:z",
            q::binary_cross_entropy(|z, y| {
                binary_cross_entropy(&z[..z.len() - 1], &y[..y.len() - 1])
            }),
        ),
        (
            "first_only:z",
            q::binary_cross_entropy(|z, y| binary_cross_entropy(&z[..1], &y[..1])),
        ),
        (
            "cut_off",
            q::binary_cross_entropy(|z, y| {
                -sum(z, y, |z, y| {
                    y * sigmoid(z).max(1e-12).ln() + (1.0 - y) * (1.0 - sigmoid(z)).max(1e-12).ln()
                }) / len(z)
            }),
        ),
        (
            "quadratic",
            q::binary_cross_entropy(|z, y| {
                sum(z, y, |z, y| (y - sigmoid(z)).powi(2)) / 2.0 / len(z)
            }),
        ),
        (
            "",
            q::binary_cross_entropy(|z, y| sum(z, y, |z, y| (y - sigmoid(z)).abs()) / len(z)),
        ),
    ]
}

fn more_costs() -> Mutants {
    let softmaxes = |z: &[f64]| softmax(z);
    vec![
        (
            "sign",
            q::softmax(move |z| softmaxes(z).iter().map(|a| -a).collect()),
        ),
        (
            "double",
            q::softmax(|z| softmax(z).iter().map(|a| 2.0 * a).collect()),
        ),
        (
            "divided:len(z)",
            q::softmax(|z| softmax(z).iter().map(|a| a / len(z)).collect()),
        ),
        (
            "reversed",
            q::softmax(|z| softmax(z).into_iter().rev().collect()),
        ),
        (
            "negated:z",
            q::softmax(|z| softmax(&z.iter().map(|z| -z).collect::<Vec<_>>())),
        ),
        (
            "last_missing",
            q::softmax(|z| softmax(z)[..z.len() - 1].to_vec()),
        ),
        ("unchanged", q::softmax(<[f64]>::to_vec)),
        (
            "logarithm",
            q::softmax(|z| softmax(z).iter().map(|a| a.ln()).collect()),
        ),
        (
            "one_minus",
            q::softmax(|z| softmax(z).iter().map(|a| 1.0 - a).collect()),
        ),
        (
            "no_exponential",
            q::softmax(|z| {
                let sum: f64 = z.iter().sum();
                z.iter().map(|z| z / sum).collect()
            }),
        ),
        (
            "not_normalised",
            q::softmax(|z| {
                let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                z.iter().map(|z| (z - max).exp()).collect()
            }),
        ),
        (
            "one_hot",
            q::softmax(|z| {
                let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                z.iter().map(|z| f64::from(u8::from(*z == max))).collect()
            }),
        ),
        (
            "",
            q::softmax(|z| softmax(&z.iter().map(|z| 2.0 * z).collect::<Vec<_>>())),
        ),
        // Cross-entropy.
        ("sign", q::cross_entropy(|z, k| -cross_entropy(z, k))),
        (
            "log2",
            q::cross_entropy(|z, k| cross_entropy(z, k) / 2_f64.ln()),
        ),
        (
            "log10",
            q::cross_entropy(|z, k| cross_entropy(z, k) / 10_f64.ln()),
        ),
        (
            "divided:columns(z)",
            q::cross_entropy(|z, k| cross_entropy(z, k) / len(&z[0])),
        ),
        (
            "without_last:z",
            q::cross_entropy(|z, k| cross_entropy(&z[..z.len() - 1], &k[..k.len() - 1])),
        ),
        (
            "first_only:z",
            q::cross_entropy(|z, k| cross_entropy(&z[..1], &k[..1])),
        ),
        (
            "zero:labels",
            q::cross_entropy(|z, k| cross_entropy(z, &vec![0; k.len()])),
        ),
        (
            "negated:z",
            q::cross_entropy(|z, k| {
                let z: Vec<Vec<f64>> = z.iter().map(|z| z.iter().map(|z| -z).collect()).collect();
                cross_entropy(&z, k)
            }),
        ),
        ("half", q::cross_entropy(|z, k| cross_entropy(z, k) / 2.0)),
        (
            "sigmoid",
            q::cross_entropy(|z, k| {
                let one = |(z, k): (&Vec<f64>, &usize)| binary_cross_entropy(&z[*k..=*k], &[1.0]);
                z.iter().zip(k).map(one).sum::<f64>() / z.len() as f64
            }),
        ),
        (
            "no_softmax",
            q::cross_entropy(|z, k| {
                let one = |(z, k): (&Vec<f64>, &usize)| -z[*k];
                z.iter().zip(k).map(one).sum::<f64>() / z.len() as f64
            }),
        ),
    ]
}

fn cost_gradients() -> Mutants {
    vec![
        (
            "double",
            q::quadratic_gradient(|z, y| {
                quadratic_gradient(z, y).iter().map(|g| 2.0 * g).collect()
            }),
        ),
        (
            "half",
            q::quadratic_gradient(|z, y| {
                quadratic_gradient(z, y).iter().map(|g| g / 2.0).collect()
            }),
        ),
        (
            "divided:len(z)",
            q::quadratic_gradient(|z, y| {
                quadratic_gradient(z, y)
                    .iter()
                    .map(|g| g / len(z))
                    .collect()
            }),
        ),
        (
            "sum",
            q::quadratic_gradient(|z, y| vec![quadratic_gradient(z, y).iter().sum::<f64>()]),
        ),
        (
            "first_only",
            q::quadratic_gradient(|z, y| quadratic_gradient(z, y)[..1].to_vec()),
        ),
        (
            "absolute",
            q::quadratic_gradient(|z, y| {
                quadratic_gradient(z, y).iter().map(|g| g.abs()).collect()
            }),
        ),
        (
            "sign,times:len(z)",
            q::quadratic_gradient(|z, y| each(z, y, |z, y| (y - sigmoid(z)) * sigmoid_prime(z))),
        ),
        (
            "not_derived",
            q::quadratic_gradient(|z, y| each(z, y, |t, y| (sigmoid(t) - y) * sigmoid(t) / len(z))),
        ),
        (
            "z_for_a",
            q::quadratic_gradient(|z, y| each(z, y, |t, y| (t - y) * sigmoid_prime(t) / len(z))),
        ),
        (
            "sign",
            q::binary_cross_entropy_gradient(|z, y| each(z, y, |t, y| (y - sigmoid(t)) / len(z))),
        ),
        (
            "double",
            q::binary_cross_entropy_gradient(|z, y| {
                each(z, y, |t, y| 2.0 * (sigmoid(t) - y) / len(z))
            }),
        ),
        (
            "zero:y",
            q::binary_cross_entropy_gradient(|z, y| each(z, y, |t, _| sigmoid(t) / len(z))),
        ),
        (
            "one_minus:y",
            q::binary_cross_entropy_gradient(|z, y| {
                each(z, y, |t, y| (sigmoid(t) - (1.0 - y)) / len(z))
            }),
        ),
        (
            "z_for_a",
            q::binary_cross_entropy_gradient(|z, y| each(z, y, |t, y| (t - y) / len(z))),
        ),
        (
            "sign,times:len(z)",
            q::binary_cross_entropy_gradient(|z, y| each(z, y, |z, y| y - sigmoid(z))),
        ),
        (
            "mean",
            q::binary_cross_entropy_gradient(|z, y| {
                let g = binary_cross_entropy_gradient(z, y);
                vec![g.iter().sum::<f64>() / len(&g)]
            }),
        ),
        (
            "sign",
            q::cross_entropy_gradient(|z, k| {
                cross_entropy_gradient(z, k)
                    .iter()
                    .map(|g| g.iter().map(|g| -g).collect())
                    .collect()
            }),
        ),
        (
            "transposed",
            q::cross_entropy_gradient(|z, k| {
                let g = cross_entropy_gradient(z, k);
                (0..g[0].len())
                    .map(|c| g.iter().map(|row| row[c]).collect())
                    .collect()
            }),
        ),
        (
            "divided:columns(z)",
            q::cross_entropy_gradient(|z, k| {
                let g = cross_entropy_gradient(z, k);
                g.iter()
                    .map(|row| row.iter().map(|g| g / len(row)).collect())
                    .collect()
            }),
        ),
        (
            "zero:labels",
            q::cross_entropy_gradient(|z, k| cross_entropy_gradient(z, &vec![0; k.len()])),
        ),
        (
            "last_only",
            q::cross_entropy_gradient(|z, k| cross_entropy_gradient(z, k).split_off(z.len() - 1)),
        ),
        (
            "extra_sigma_prime",
            q::cross_entropy_gradient(|z, k| {
                let n = z.len() as f64;
                let one = |(z, k): (&Vec<f64>, &usize)| -> Vec<f64> {
                    let a = softmax(z);
                    (0..a.len())
                        .map(|c| (a[c] - f64::from(u8::from(c == *k))) * a[c] * (1.0 - a[c]) / n)
                        .collect()
                };
                z.iter().zip(k).map(one).collect()
            }),
        ),
    ]
}

/// A descent with its rules left open.
fn descend(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
    (eta, tolerance, max_steps): (f64, f64, usize),
    norm: impl Fn(&[f64]) -> f64,
    step: impl Fn(usize, f64) -> f64,
    limit: f64,
) -> Descent {
    let (mut x, mut steps) = (start.to_vec(), 0);
    let ending = loop {
        if x.iter().any(|x| !x.is_finite() || x.abs() > limit) {
            break Ending::Diverged;
        }
        let g = gradient(&x);
        if norm(&g) < tolerance {
            break Ending::Converged;
        }
        if steps == max_steps {
            break Ending::OutOfSteps;
        }
        x.iter_mut()
            .zip(&g)
            .for_each(|(x, g)| *x -= step(steps, eta) * g);
        steps += 1;
    };
    Descent { x, steps, ending }
}

fn two(g: &[f64]) -> f64 {
    g.iter().map(|g| g * g).sum::<f64>().sqrt()
}

fn descents() -> Mutants {
    vec![
        (
            "one_less:max_steps",
            q::gradient_descent(|g, x, eta, tol, max| {
                gradient_descent(g, x, eta, tol, max.saturating_sub(1))
            }),
        ),
        (
            "one_more:max_steps",
            q::gradient_descent(|g, x, eta, tol, max| gradient_descent(g, x, eta, tol, max + 1)),
        ),
        (
            "steps:one_more",
            q::gradient_descent(|g, x, eta, tol, max| {
                let mut d = gradient_descent(g, x, eta, tol, max);
                d.steps += 1;
                d
            }),
        ),
        (
            "steps:zeros",
            q::gradient_descent(|g, x, eta, tol, max| {
                let d = gradient_descent(g, x, eta, tol, max);
                Descent { steps: 0, ..d }
            }),
        ),
        (
            "x:unchanged",
            q::gradient_descent(|g, x, eta, tol, max| {
                let d = gradient_descent(g, x, eta, tol, max);
                Descent { x: x.to_vec(), ..d }
            }),
        ),
        (
            "frozen(0.1):eta",
            q::gradient_descent(|g, x, _, tol, max| gradient_descent(g, x, 0.1, tol, max)),
        ),
        (
            "frozen(0.001):tolerance",
            q::gradient_descent(|g, x, eta, _, max| gradient_descent(g, x, eta, 1e-3, max)),
        ),
        (
            "doubled:eta",
            q::gradient_descent(|g, x, eta, tol, max| gradient_descent(g, x, 2.0 * eta, tol, max)),
        ),
        (
            "halved:eta",
            q::gradient_descent(|g, x, eta, tol, max| gradient_descent(g, x, eta / 2.0, tol, max)),
        ),
        (
            "squared:tolerance",
            q::gradient_descent(|g, x, eta, tol, max| gradient_descent(g, x, eta, tol * tol, max)),
        ),
        (
            "swapped:eta,tolerance",
            q::gradient_descent(|g, x, eta, tol, max| gradient_descent(g, x, tol, eta, max)),
        ),
        (
            "frozen(1):eta",
            q::gradient_descent(|g, x, _, tol, max| gradient_descent(g, x, 1.0, tol, max)),
        ),
        (
            "other_norm",
            q::gradient_descent(|g, x, eta, tol, max| {
                descend(
                    g,
                    x,
                    (eta, tol, max),
                    |g| g.iter().map(|g| g.abs()).sum(),
                    |_, eta| eta,
                    1e12,
                )
            }),
        ),
        (
            "other_norm",
            q::gradient_descent(|g, x, eta, tol, max| {
                descend(g, x, (eta, tol, max), |g| g[0].abs(), |_, eta| eta, 1e12)
            }),
        ),
        (
            "",
            q::gradient_descent(|g, x, eta, tol, max| {
                descend(
                    g,
                    x,
                    (eta, tol, max),
                    two,
                    |step, eta| eta / (1.0 + step as f64),
                    1e12,
                )
            }),
        ),
        (
            "",
            q::gradient_descent(|g, x, eta, tol, max| {
                descend(g, x, (eta, tol, max), two, |_, eta| eta, 1e9)
            }),
        ),
    ]
}

fn cut(order: &[usize], batch: usize) -> Vec<Vec<usize>> {
    order.chunks(batch).map(<[usize]>::to_vec).collect()
}

fn batches() -> Mutants {
    vec![
        // Not `with_replacement`, as it was once called.
        (
            "from_1",
            q::mini_batches(|n, batch, rng| {
                let mut order: Vec<usize> = (1..=n).collect();
                rng.shuffle(&mut order);
                cut(&order, batch)
            }),
        ),
        (
            "one_less:n",
            q::mini_batches(|n, batch, rng| {
                let mut order: Vec<usize> = (0..n.saturating_sub(1)).collect();
                rng.shuffle(&mut order);
                cut(&order, batch)
            }),
        ),
        (
            "one_more:batch",
            q::mini_batches(|n, batch, rng| {
                let mut order: Vec<usize> = (0..n).collect();
                rng.shuffle(&mut order);
                cut(&order, batch + 1)
            }),
        ),
        (
            "one_batch",
            q::mini_batches(|n, batch, rng| vec![mini_batches(n, batch, rng).concat()]),
        ),
        (
            "",
            q::mini_batches(|n, batch, rng| {
                let mut order: Vec<usize> = (0..n).collect();
                rng.shuffle(&mut order);
                order.sort_unstable();
                order.reverse();
                cut(&order, batch)
            }),
        ),
        (
            "",
            q::mini_batches(|n, batch, rng| {
                let mut all = mini_batches(n, batch, rng);
                all.truncate(1);
                all
            }),
        ),
        (
            "short_one_first",
            q::mini_batches(|n, batch, rng| {
                let mut all = mini_batches(n, batch, rng);
                all.reverse();
                all
            }),
        ),
    ]
}

fn layer(x: Matrix, w: &Matrix, b: Option<&Tensor<(usize,), f64, Cpu>>) -> Matrix {
    let (n, k) = (x.shape().0, w.shape().0);
    let z = x.matmul(w.clone().permute());
    match b {
        Some(b) => z + b.clone().broadcast_like::<_, Axis<0>>(&(n, k)),
        None => z,
    }
}

fn forwards() -> Mutants {
    let run = |net: Network, x: Matrix| forward(&net, x);
    vec![
        (
            "zero:net.b1",
            q::forward(|net, x| {
                let a = layer(x, &net.w1, None).sigmoid();
                layer(a, &net.w2, Some(&net.b2))
            }),
        ),
        (
            "zero:net.b2",
            q::forward(|net, x| {
                let a = layer(x, &net.w1, Some(&net.b1)).sigmoid();
                layer(a, &net.w2, None)
            }),
        ),
        (
            "negated:net.b1",
            q::forward(move |net, x| {
                run(
                    Network {
                        b1: net.b1.clone() * -1.0,
                        ..net.clone()
                    },
                    x,
                )
            }),
        ),
        (
            "one_minus",
            q::forward(|net, x| forward(net, x) * -1.0 + 1.0),
        ),
        ("sign", q::forward(|net, x| forward(net, x) * -1.0)),
        ("double", q::forward(|net, x| forward(net, x) * 2.0)),
        (
            "transposed",
            q::forward(|net, x| {
                let a = lab1::given::rows(&forward(net, x));
                let column = |k: usize| a.iter().map(|row| row[k]).collect::<Vec<_>>();
                lab1::given::matrix(&(0..a[0].len()).map(column).collect::<Vec<_>>())
            }),
        ),
        (
            "other_activation",
            q::forward(|net, x| {
                let a = layer(x, &net.w1, Some(&net.b1)).tanh();
                layer(a, &net.w2, Some(&net.b2))
            }),
        ),
        (
            "other_activation",
            q::forward(|net, x| {
                let a = layer(x, &net.w1, Some(&net.b1)).relu();
                layer(a, &net.w2, Some(&net.b2))
            }),
        ),
        (
            "only_hidden",
            q::forward(|net, x| layer(x, &net.w1, Some(&net.b1)).sigmoid()),
        ),
        (
            "twice",
            q::forward(|net, x| {
                let a = layer(x, &net.w1, Some(&net.b1)).sigmoid().sigmoid();
                layer(a, &net.w2, Some(&net.b2))
            }),
        ),
    ]
}

fn trainings() -> Mutants {
    vec![
        (
            "one_more:epochs",
            q::train(|net, data, epochs, batch, eta, rng| {
                train(net, data, epochs + 1, batch, eta, rng)
            }),
        ),
        (
            "one_less:epochs",
            q::train(|net, data, epochs, batch, eta, rng| {
                train(net, data, epochs.saturating_sub(1), batch, eta, rng)
            }),
        ),
        (
            "doubled:eta",
            q::train(|net, data, epochs, batch, eta, rng| {
                train(net, data, epochs, batch, 2.0 * eta, rng)
            }),
        ),
        (
            "frozen(0.5):eta",
            q::train(|net, data, epochs, batch, _, rng| train(net, data, epochs, batch, 0.5, rng)),
        ),
        (
            "frozen(1):eta",
            q::train(|net, data, epochs, batch, _, rng| train(net, data, epochs, batch, 1.0, rng)),
        ),
        (
            "unchanged",
            q::train(|net, data, epochs, batch, eta, rng| {
                let trained = train(net.clone(), data, epochs, batch, eta, rng);
                Training { net, ..trained }
            }),
        ),
    ]
}
