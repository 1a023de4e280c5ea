//! The lab notices wrong answers: one mutant per usual mistake, each called by its name, and no impostor gets a point.
//! For instructors: not part of a release. `INSTA_UPDATE=always` seals the answers anew.

#[path = "mutants/explained.rs"]
mod explained;
#[path = "mutants/refused.rs"]
mod refused;
#[path = "mutants/slips.rs"]
mod slips;

use dfdx::prelude::*;
use exercises::{
    cross_entropy, cross_entropy_gradient, forward, mini_batches, sigmoid, sigmoid_prime, softmax,
};
use gradus_exercise::{
    Question, Random,
    proof::{self, Mutants},
};
use lab1::{
    Descent, Ending,
    given::{self, Data, Matrix, Network, Training, gradients},
    questions as q,
};

#[path = "../src/exercises/mod.rs"]
mod exercises;

/// The reference, bound to the questions.
fn reference() -> Vec<Question> {
    vec![
        q::sigmoid(exercises::sigmoid),
        q::sigmoid_prime(exercises::sigmoid_prime),
        q::quadratic_cost(exercises::quadratic_cost),
        q::binary_cross_entropy(exercises::binary_cross_entropy),
        q::softmax(exercises::softmax),
        q::cross_entropy(exercises::cross_entropy),
        q::quadratic_gradient(exercises::quadratic_gradient),
        q::binary_cross_entropy_gradient(exercises::binary_cross_entropy_gradient),
        q::cross_entropy_gradient(exercises::cross_entropy_gradient),
        q::gradient_descent(exercises::gradient_descent),
        q::mini_batches(exercises::mini_batches),
        q::forward(forward),
        q::train(exercises::train),
        q::train_digits(exercises::train),
    ]
}

fn mean(terms: impl Iterator<Item = f64>, n: usize) -> f64 {
    terms.sum::<f64>() / n as f64
}

fn pairs<'a>(z: &'a [f64], y: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    z.iter().copied().zip(y.iter().copied())
}

fn sigmoids() -> Mutants {
    vec![
        ("overflow", q::sigmoid(|z| z.exp() / (1.0 + z.exp()))),
        ("wrong_sign", q::sigmoid(|z| sigmoid(-z))),
        ("tanh", q::sigmoid(f64::tanh)),
        ("in_terms_of_a", q::sigmoid_prime(|z| z * (1.0 - z))),
        (
            "overflow",
            q::sigmoid_prime(|z| (-z).exp() / (1.0 + (-z).exp()).powi(2)),
        ),
        ("not_multiplied", q::sigmoid_prime(|z| 1.0 - sigmoid(z))),
    ]
}

fn costs() -> Mutants {
    let squares = |a: &[f64], y: &[f64]| pairs(a, y).map(|(a, y)| (a - y).powi(2)).sum::<f64>();
    let log_likelihood = |z: f64, y: f64| y * sigmoid(z).ln() + (1.0 - y) * (1.0 - sigmoid(z)).ln();
    let stable = exercises::binary_cross_entropy;
    vec![
        (
            "no_half",
            q::quadratic_cost(move |a, y| squares(a, y) / a.len() as f64),
        ),
        ("sum", q::quadratic_cost(move |a, y| squares(a, y) / 2.0)),
        (
            "absolute",
            q::quadratic_cost(|a, y| mean(pairs(a, y).map(|(a, y)| (a - y).abs() / 2.0), a.len())),
        ),
        (
            "unstable",
            q::binary_cross_entropy(move |z, y| {
                -mean(pairs(z, y).map(|(z, y)| log_likelihood(z, y)), z.len())
            }),
        ),
        (
            "wrong_sign",
            q::binary_cross_entropy(move |z, y| -stable(z, y)),
        ),
        (
            "only_the_ones",
            q::binary_cross_entropy(|z, y| {
                -mean(pairs(z, y).map(|(z, y)| y * sigmoid(z).ln()), z.len())
            }),
        ),
        (
            "sum",
            q::binary_cross_entropy(move |z, y| stable(z, y) * z.len() as f64),
        ),
        (
            "overflow",
            q::softmax(|z| {
                let sum: f64 = z.iter().map(|z| z.exp()).sum();
                z.iter().map(|z| z.exp() / sum).collect()
            }),
        ),
        (
            "not_normalised",
            q::softmax(|z| z.iter().map(|z| z.exp()).collect()),
        ),
        (
            "sigmoids",
            q::softmax(|z| z.iter().map(|z| sigmoid(*z)).collect()),
        ),
        (
            "sum",
            q::cross_entropy(|z, labels| exercises::cross_entropy(z, labels) * z.len() as f64),
        ),
        (
            "unstable",
            q::cross_entropy(|z, labels| {
                let one = |(z, k): (&Vec<f64>, &usize)| -softmax(z)[*k].ln();
                mean(z.iter().zip(labels).map(one), z.len())
            }),
        ),
        (
            "no_logarithm",
            q::cross_entropy(|z, labels| {
                let one = |(z, k): (&Vec<f64>, &usize)| 1.0 - softmax(z)[*k];
                mean(z.iter().zip(labels).map(one), z.len())
            }),
        ),
    ]
}

fn cost_gradients() -> Mutants {
    fn each(z: &[f64], y: &[f64], f: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
        let n = z.len() as f64;
        pairs(z, y).map(|(z, y)| f(z, y, n)).collect()
    }
    let rows = |z: &[Vec<f64>], labels: &[usize], f: fn(Vec<f64>, usize, f64) -> Vec<f64>| {
        let n = z.len() as f64;
        z.iter()
            .zip(labels)
            .map(|(z, k)| f(softmax(z), *k, n))
            .collect::<Vec<_>>()
    };
    vec![
        (
            "no_sigma_prime",
            q::quadratic_gradient(|z, y| each(z, y, |z, y, n| (sigmoid(z) - y) / n)),
        ),
        (
            "not_a_mean",
            q::quadratic_gradient(|z, y| each(z, y, |z, y, _| (sigmoid(z) - y) * sigmoid_prime(z))),
        ),
        (
            "wrong_sign",
            q::quadratic_gradient(|z, y| {
                each(z, y, |z, y, n| (y - sigmoid(z)) * sigmoid_prime(z) / n)
            }),
        ),
        (
            "with_respect_to_a",
            q::binary_cross_entropy_gradient(|z, y| {
                each(z, y, |z, y, n| (sigmoid(z) - y) / sigmoid_prime(z) / n)
            }),
        ),
        (
            "extra_sigma_prime",
            q::binary_cross_entropy_gradient(|z, y| {
                each(z, y, |z, y, n| (sigmoid(z) - y) * sigmoid_prime(z) / n)
            }),
        ),
        (
            "not_a_mean",
            q::binary_cross_entropy_gradient(|z, y| each(z, y, |z, y, _| sigmoid(z) - y)),
        ),
        (
            "label_not_subtracted",
            q::cross_entropy_gradient(move |z, labels| {
                rows(z, labels, |a, _, n| a.iter().map(|a| a / n).collect())
            }),
        ),
        (
            "not_a_mean",
            q::cross_entropy_gradient(move |z, labels| {
                rows(z, labels, |mut a, k, _| {
                    a[k] -= 1.0;
                    a
                })
            }),
        ),
        (
            "only_the_label",
            q::cross_entropy_gradient(move |z, labels| {
                rows(z, labels, |a, k, n| {
                    let mut g = vec![0.0; a.len()];
                    g[k] = (a[k] - 1.0) / n;
                    g
                })
            }),
        ),
    ]
}

/// A descent with its decisions left open.
fn descend(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
    step: f64,
    max_steps: usize,
    diverges: bool,
    converged: impl Fn(&[f64]) -> bool,
) -> Descent {
    let mut x = start.to_vec();
    let mut steps = 0;
    let ending = loop {
        if diverges && x.iter().any(|x| !x.is_finite() || x.abs() > 1e12) {
            break Ending::Diverged;
        }
        let g = gradient(&x);
        if converged(&g) {
            break Ending::Converged;
        }
        if steps == max_steps {
            break Ending::OutOfSteps;
        }
        x.iter_mut().zip(&g).for_each(|(x, g)| *x -= step * g);
        steps += 1;
    };
    Descent { x, steps, ending }
}

fn norm(g: &[f64]) -> f64 {
    g.iter().map(|g| g * g).sum::<f64>().sqrt()
}

fn descents() -> Mutants {
    vec![
        (
            "ascent",
            q::gradient_descent(|g, x, eta, tol, max| {
                descend(g, x, -eta, max, true, |g| norm(g) < tol)
            }),
        ),
        (
            "divergence_unnoticed",
            q::gradient_descent(|g, x, eta, tol, max| {
                descend(g, x, eta, max, false, |g| norm(g) < tol)
            }),
        ),
        (
            "squared_norm",
            q::gradient_descent(|g, x, eta, tol, max| {
                descend(g, x, eta, max, true, |g| norm(g).powi(2) < tol)
            }),
        ),
        (
            "never_converges",
            q::gradient_descent(|g, x, eta, _, max| descend(g, x, eta, max, true, |_| false)),
        ),
    ]
}

fn batches() -> Mutants {
    vec![
        (
            "drops_the_rest",
            q::mini_batches(|n, batch, rng| {
                let mut batches = mini_batches(n, batch, rng);
                batches.retain(|b| b.len() == batch);
                batches
            }),
        ),
        (
            "not_shuffled",
            q::mini_batches(|n, batch, _| {
                let order: Vec<usize> = (0..n).collect();
                order.chunks(batch).map(<[usize]>::to_vec).collect()
            }),
        ),
        (
            "only_batches_shuffled",
            q::mini_batches(|n, batch, rng| {
                let order: Vec<usize> = (0..n).collect();
                let mut batches: Vec<Vec<usize>> =
                    order.chunks(batch).map(<[usize]>::to_vec).collect();
                // The short one stays last, so that the sizes are right.
                let whole = n / batch;
                rng.shuffle(&mut batches[..whole]);
                batches
            }),
        ),
        (
            "with_replacement",
            q::mini_batches(|n, batch, rng| {
                let order: Vec<usize> = (0..n).map(|_| rng.below(n)).collect();
                order.chunks(batch).map(<[usize]>::to_vec).collect()
            }),
        ),
        (
            "same_order_every_epoch",
            q::mini_batches(|n, batch, _| mini_batches(n, batch, &mut Random::new(42))),
        ),
    ]
}

fn layer(x: Matrix, w: &Matrix, b: &Tensor<(usize,), f64, Cpu>) -> Matrix {
    let n = x.shape().0;
    let bias = b.clone().broadcast_like::<_, Axis<0>>(&(n, w.shape().0));
    x.matmul(w.clone().permute()) + bias
}

fn forwards() -> Mutants {
    vec![
        (
            "no_bias",
            q::forward(|net, x| {
                let a = x.matmul(net.w1.clone().permute()).sigmoid();
                a.matmul(net.w2.clone().permute())
            }),
        ),
        (
            "sigmoid_output",
            q::forward(|net, x| forward(net, x).sigmoid()),
        ),
        (
            "linear_hidden",
            q::forward(|net, x| layer(layer(x, &net.w1, &net.b1), &net.w2, &net.b2)),
        ),
        (
            "not_transposed",
            q::forward(|net, x| {
                let n = x.shape().0;
                let (h, k) = (net.w1.shape().0, net.w2.shape().0);
                let b1 = net.b1.clone().broadcast_like::<_, Axis<0>>(&(n, h));
                let a = (x.matmul(net.w1.clone()) + b1).sigmoid();
                let b2 = net.b2.clone().broadcast_like::<_, Axis<0>>(&(n, k));
                a.matmul(net.w2.clone()) + b2
            }),
        ),
    ]
}

/// In batches of which size, and with which η.
#[derive(Clone, Copy)]
struct Plan {
    batch: usize,
    eta: f64,
}

/// Training with its parts left open: which batches an epoch has, and what a step makes of the network and a batch.
fn sgd(
    net: Network,
    data: &Data,
    epochs: usize,
    mut deal: impl FnMut() -> Vec<Vec<usize>>,
    step: impl Fn(Network, &Matrix, &[usize]) -> Network,
) -> Training {
    let (mut net, mut costs) = (net, Vec::new());
    for _ in 0..epochs {
        for indices in deal() {
            let (x, labels) = data.batch(&indices);
            net = step(net, &x, &labels);
        }
        costs.push(cost(&net, data));
    }
    Training { net, costs }
}

fn cost(net: &Network, data: &Data) -> f64 {
    cross_entropy(
        &given::rows(&forward(net, given::matrix(&data.x))),
        &data.labels,
    )
}

fn gradient(net: &Network, x: &Matrix, labels: &[usize]) -> Network {
    gradients(forward, net, x, |z| cross_entropy_gradient(z, labels))
}

/// The step with these factors of η for w1, b1, w2 and b2.
fn moved(net: Network, g: Network, eta: f64, by: [f64; 4]) -> Network {
    Network {
        w1: net.w1 - g.w1 * (eta * by[0]),
        b1: net.b1 - g.b1 * (eta * by[1]),
        w2: net.w2 - g.w2 * (eta * by[2]),
        b2: net.b2 - g.b2 * (eta * by[3]),
    }
}

/// `train` with the step left open: the network, its gradient, the plan, and how many examples this batch has.
fn training(step: impl Fn(Network, Network, Plan, usize) -> Network + Send + 'static) -> Question {
    q::train(move |net, data: &Data, epochs, batch, eta, rng| {
        let plan = Plan { batch, eta };
        let deal = || mini_batches(data.len(), batch, rng);
        sgd(net, data, epochs, deal, |net, x, labels| {
            let g = gradient(&net, x, labels);
            step(net, g, plan, labels.len())
        })
    })
}

fn trainings() -> Mutants {
    vec![
        (
            "ascent",
            q::train(|net, data, epochs, batch, eta, rng| {
                exercises::train(net, data, epochs, batch, -eta, rng)
            }),
        ),
        (
            "one_epoch",
            q::train(|net, data, _, batch, eta, rng| {
                exercises::train(net, data, 1, batch, eta, rng)
            }),
        ),
        (
            "biases_untouched",
            training(|net, g, plan, _| moved(net, g, plan.eta, [1.0, 0.0, 1.0, 0.0])),
        ),
        (
            "unchanged",
            q::train(|net, data, epochs, batch, eta, rng| {
                let trained = exercises::train(net.clone(), data, epochs, batch, eta, rng);
                Training { net, ..trained }
            }),
        ),
        (
            "stale_gradient",
            q::train(|net, data, epochs, batch, eta, rng| {
                let first = net.clone();
                let deal = || mini_batches(data.len(), batch, rng);
                sgd(net, data, epochs, deal, |net, x, labels| {
                    moved(net, gradient(&first, x, labels), eta, [1.0; 4])
                })
            }),
        ),
        (
            "cost_before",
            q::train(|net, data, epochs, batch, eta, rng| {
                let before = cost(&net, data);
                let mut trained = exercises::train(net, data, epochs, batch, eta, rng);
                trained.costs.insert(0, before);
                trained.costs.pop();
                trained
            }),
        ),
        (
            "quadratic",
            q::train(|net, data, epochs, batch, eta, rng| {
                let deal = || mini_batches(data.len(), batch, rng);
                sgd(net, data, epochs, deal, |net, x, labels| {
                    let g = gradients(forward, &net, x, |z| quadratic(z, labels));
                    moved(net, g, eta, [1.0; 4])
                })
            }),
        ),
    ]
}

/// ∂/∂z of 1/2n Σ |y − σ(z)|², with y = 1 for the class and 0 for the others.
fn quadratic(z: &[Vec<f64>], labels: &[usize]) -> Vec<Vec<f64>> {
    let row = |(z, label): (&Vec<f64>, &usize)| {
        let one = |(k, z): (usize, &f64)| {
            let y = f64::from(u8::from(k == *label));
            (sigmoid(*z) - y) * sigmoid_prime(*z) / labels.len() as f64
        };
        z.iter().enumerate().map(one).collect()
    };
    z.iter().zip(labels).map(row).collect()
}

fn mutants() -> Mutants {
    [
        sigmoids(),
        costs(),
        cost_gradients(),
        descents(),
        batches(),
        forwards(),
        trainings(),
        slips::mutants(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

gradus_exercise::prove!(
    lab1::lab(),
    reference: reference(),
    named: mutants(),
    refused: refused::mutants(),
    explained: explained::mutants(),
);

#[test]
fn a_network_that_has_not_learnt_gets_no_point() {
    let untouched = q::train_digits(|net, _, _, _, _, _| Training {
        net,
        costs: Vec::new(),
    });
    let report = proof::tried(&lab1::lab(), untouched);
    assert_eq!(report.outcome().earned(), 0, "{report}");
}
