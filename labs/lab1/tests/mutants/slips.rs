//! One line of the right function gone wrong, in the ways in which it goes wrong: more mutants of usual mistakes.

use std::sync::atomic::{AtomicU64, Ordering};

use dfdx::prelude::*;
use gradus_exercise::{Question, Random, proof::Mutants};
use lab1::{
    Descent, Ending,
    given::{Matrix, Training, add_row},
    questions as q,
};

use super::{
    exercises::{mini_batches, quadratic_cost, sigmoid, sigmoid_prime, softmax, train},
    layer, mean, moved, norm, pairs, training,
};

pub fn mutants() -> Mutants {
    [
        sigmoids(),
        costs(),
        cross_entropies(),
        cost_gradients(),
        descents(),
        batches(),
        forwards(),
        trainings(),
        parameters(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sigmoids() -> Mutants {
    let base = |base: f64| q::sigmoid(move |z| 1.0 / (1.0 + base.powf(-z)));
    vec![
        ("minus", q::sigmoid(|z| 1.0 / (1.0 - (-z).exp()))),
        ("minus", q::sigmoid(|z| 1.0 - (-z).exp())),
        ("no_fraction", q::sigmoid(|z| 1.0 + (-z).exp())),
        ("other_base", base(2.0)),
        ("other_base", base(10.0)),
        ("not_derived", q::sigmoid_prime(sigmoid)),
        (
            "plus",
            q::sigmoid_prime(|z| sigmoid(z) * (1.0 + sigmoid(z))),
        ),
        ("squared", q::sigmoid_prime(|z| 1.0 - sigmoid(z).powi(2))),
    ]
}

fn costs() -> Mutants {
    let one = |of: fn(f64, f64) -> f64| {
        move |z: &[f64], y: &[f64]| mean(pairs(z, y).map(|(z, y)| of(z, y)), z.len())
    };
    let clipped = |least: f64| {
        q::binary_cross_entropy(move |z, y| {
            let one = |(z, y): (f64, f64)| {
                let a = sigmoid(z).clamp(least, 1.0 - least);
                -(y * a.ln() + (1.0 - y) * (1.0 - a).ln())
            };
            mean(pairs(z, y).map(one), z.len())
        })
    };
    vec![
        (
            "square_of_the_sum",
            q::quadratic_cost(|a, y| {
                let sum: f64 = pairs(a, y).map(|(a, y)| y - a).sum();
                sum * sum / (2.0 * a.len() as f64)
            }),
        ),
        (
            "difference_of_squares",
            q::quadratic_cost(one(|a, y| (y * y - a * a) / 2.0)),
        ),
        ("not_squared", q::quadratic_cost(one(|a, y| (y - a) / 2.0))),
        (
            "other_logarithm",
            q::binary_cross_entropy(one(|z, y| {
                z.max(0.0) - z * y + (1.0 + (-z.abs()).exp()).log10()
            })),
        ),
        (
            "other_logarithm",
            q::binary_cross_entropy(one(|z, y| {
                z.max(0.0) - z * y + (1.0 + (-z.abs()).exp()).log2()
            })),
        ),
        (
            "other_logarithm",
            q::binary_cross_entropy(one(|z, y| {
                -(y * sigmoid(z).log10() + (1.0 - y) * (1.0 - sigmoid(z)).log10())
            })),
        ),
        (
            "other_logarithm",
            q::binary_cross_entropy(one(|z, y| {
                -(y * sigmoid(z).log2() + (1.0 - y) * (1.0 - sigmoid(z)).log2())
            })),
        ),
        ("cut_off", clipped(1e-15)),
        ("cut_off", clipped(1e-12)),
        ("cut_off", clipped(1e-10)),
        ("cut_off", clipped(1e-9)),
        ("cut_off", clipped(1e-8)),
        ("cut_off", clipped(1e-7)),
        ("cut_off", clipped(1e-6)),
        (
            "quadratic",
            q::binary_cross_entropy(|z, y| {
                let a: Vec<f64> = z.iter().map(|z| sigmoid(*z)).collect();
                quadratic_cost(&a, y)
            }),
        ),
    ]
}

fn cross_entropies() -> Mutants {
    let stable = |logarithm: fn(f64) -> f64| {
        move |z: &[Vec<f64>], labels: &[usize]| {
            let one = |(z, k): (&Vec<f64>, &usize)| {
                let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                logarithm(z.iter().map(|z| (z - max).exp()).sum()) + max - z[*k]
            };
            mean(z.iter().zip(labels).map(one), z.len())
        }
    };
    let of_label = |of: fn(f64) -> f64| {
        move |z: &[Vec<f64>], labels: &[usize]| {
            mean(z.iter().zip(labels).map(|(z, k)| of(z[*k])), z.len())
        }
    };
    let unstable = |logarithm: fn(f64) -> f64| {
        move |z: &[Vec<f64>], labels: &[usize]| {
            let one = |(z, k): (&Vec<f64>, &usize)| -logarithm(softmax(z)[*k]);
            mean(z.iter().zip(labels).map(one), z.len())
        }
    };
    vec![
        (
            "not_normalised",
            q::softmax(|z| {
                let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                z.iter().map(|z| (z - max).exp()).collect()
            }),
        ),
        (
            "no_exponential",
            q::softmax(|z| {
                let sum: f64 = z.iter().sum();
                z.iter().map(|z| z / sum).collect()
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
            "logarithm",
            q::softmax(|z| {
                let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = z.iter().map(|z| (z - max).exp()).sum();
                z.iter().map(|z| z - max - sum.ln()).collect()
            }),
        ),
        (
            "logarithm",
            q::softmax(|z| softmax(z).iter().map(|a| a.ln()).collect()),
        ),
        ("other_logarithm", q::cross_entropy(stable(f64::log10))),
        ("other_logarithm", q::cross_entropy(stable(f64::log2))),
        ("other_logarithm", q::cross_entropy(unstable(f64::log10))),
        ("other_logarithm", q::cross_entropy(unstable(f64::log2))),
        ("no_softmax", q::cross_entropy(of_label(|z| -z))),
        ("sigmoid", q::cross_entropy(of_label(|z| -sigmoid(z).ln()))),
        (
            "sigmoid",
            q::cross_entropy(of_label(|z| (-z).max(0.0) + (-z.abs()).exp().ln_1p())),
        ),
    ]
}

fn cost_gradients() -> Mutants {
    let over_n = |of: fn(f64, f64) -> f64| {
        move |z: &[f64], y: &[f64]| -> Vec<f64> {
            let n = z.len() as f64;
            pairs(z, y).map(|(z, y)| of(z, y) / n).collect()
        }
    };
    vec![
        (
            "z_for_a",
            q::quadratic_gradient(over_n(|z, y| (z - y) * sigmoid_prime(z))),
        ),
        (
            "not_derived",
            q::quadratic_gradient(over_n(|z, y| (sigmoid(z) - y) * sigmoid(z))),
        ),
        (
            "z_for_a",
            q::binary_cross_entropy_gradient(over_n(|z, y| z - y)),
        ),
        (
            "extra_sigma_prime",
            q::cross_entropy_gradient(|z, labels| {
                let n = z.len() as f64;
                let one = |(z, k): (&Vec<f64>, &usize)| -> Vec<f64> {
                    let mut a = softmax(z);
                    let slope: Vec<f64> = a.iter().map(|a| a * (1.0 - a)).collect();
                    a[*k] -= 1.0;
                    a.iter().zip(&slope).map(|(a, s)| a * s / n).collect()
                };
                z.iter().zip(labels).map(one).collect()
            }),
        ),
    ]
}

/// A descent that ends as `diverged` and `norm` say.
fn descent(diverged: fn(f64) -> bool, norm: fn(&[f64]) -> f64) -> Question {
    q::gradient_descent(move |gradient, start, eta, tolerance, max_steps| {
        let (mut x, mut steps) = (start.to_vec(), 0);
        let ending = loop {
            if x.iter().any(|x| diverged(*x)) {
                break Ending::Diverged;
            }
            let g = gradient(&x);
            if norm(&g) < tolerance {
                break Ending::Converged;
            }
            if steps == max_steps {
                break Ending::OutOfSteps;
            }
            x.iter_mut().zip(&g).for_each(|(x, g)| *x -= eta * g);
            steps += 1;
        };
        Descent { x, steps, ending }
    })
}

fn descents() -> Mutants {
    let right = |x: f64| !x.is_finite() || x.abs() > 1e12;
    vec![
        ("no_is_finite", descent(|x| x.abs() > 1e12, norm)),
        ("no_limit", descent(|x| !x.is_finite(), norm)),
        ("no_limit", descent(f64::is_nan, norm)),
        ("no_absolute", descent(|x| !x.is_finite() || x > 1e12, norm)),
        ("no_absolute", descent(|x| x.is_nan() || x > 1e12, norm)),
        ("no_absolute", descent(|x| x > 1e12, norm)),
        (
            "other_norm",
            descent(right, |g| g.iter().map(|g| g.abs()).sum()),
        ),
        (
            "other_norm",
            descent(right, |g| g.iter().map(|g| g.abs()).fold(0.0, f64::max)),
        ),
        ("other_norm", descent(right, |g| g[0].abs())),
        (
            "other_norm",
            descent(right, |g| g.iter().sum::<f64>().abs()),
        ),
    ]
}

fn batches() -> Mutants {
    let cut = |order: &[usize], batch: usize| -> Vec<Vec<usize>> {
        order.chunks(batch).map(<[usize]>::to_vec).collect()
    };
    let ordered = |n: usize| (0..n).collect::<Vec<usize>>();
    // A source of its own, which is another one in each call.
    static CALLS: AtomicU64 = AtomicU64::new(0);
    vec![
        (
            "from_1",
            q::mini_batches(move |n, batch, rng| {
                let mut order: Vec<usize> = (1..=n).collect();
                rng.shuffle(&mut order);
                cut(&order, batch)
            }),
        ),
        (
            "only_batches_shuffled",
            q::mini_batches(move |n, batch, rng| {
                let mut batches = cut(&ordered(n), batch);
                rng.shuffle(&mut batches);
                batches
            }),
        ),
        (
            "shuffled_within_batches",
            q::mini_batches(move |n, batch, rng| {
                let mut batches = cut(&ordered(n), batch);
                batches.iter_mut().for_each(|batch| rng.shuffle(batch));
                batches
            }),
        ),
        (
            "rotated",
            q::mini_batches(move |n, batch, rng| {
                let mut order = ordered(n);
                order.rotate_left(rng.below(n));
                cut(&order, batch)
            }),
        ),
        (
            "sattolo",
            q::mini_batches(move |n, batch, rng| {
                let mut order = ordered(n);
                for i in (1..n).rev() {
                    order.swap(i, rng.below(i));
                }
                cut(&order, batch)
            }),
        ),
        (
            "not_all_alike",
            q::mini_batches(move |n, batch, rng| {
                let mut order = ordered(n);
                for i in 0..n {
                    order.swap(i, rng.below(n));
                }
                cut(&order, batch)
            }),
        ),
        (
            "not_all_alike",
            q::mini_batches(move |n, batch, rng| {
                let mut order = ordered(n);
                for _ in 0..n {
                    let (i, j) = (rng.below(n), rng.below(n));
                    order.swap(i, j);
                }
                cut(&order, batch)
            }),
        ),
        (
            "one_batch",
            q::mini_batches(|n, batch, rng| vec![mini_batches(n, batch, rng).concat()]),
        ),
        (
            "one_by_one",
            q::mini_batches(move |n, _, rng| mini_batches(n, 1, rng)),
        ),
        (
            "short_one_first",
            q::mini_batches(|n, batch, rng| {
                let mut batches = mini_batches(n, batch, rng);
                batches.reverse();
                batches
            }),
        ),
        (
            "own_randomness",
            q::mini_batches(|n, batch, _| {
                let seed = CALLS.fetch_add(1, Ordering::Relaxed);
                mini_batches(n, batch, &mut Random::new(seed))
            }),
        ),
    ]
}

fn forwards() -> Mutants {
    let hidden = |of: fn(Matrix) -> Matrix| {
        q::forward(move |net, x| layer(of(layer(x, &net.w1, &net.b1)), &net.w2, &net.b2))
    };
    vec![
        (
            "not_transposed",
            q::forward(|net, x| {
                let z1 = add_row(x.matmul(net.w1.clone()), &net.b1);
                layer(z1.sigmoid(), &net.w2, &net.b2)
            }),
        ),
        (
            "not_transposed",
            q::forward(|net, x| {
                let a1 = layer(x, &net.w1, &net.b1).sigmoid();
                add_row(a1.matmul(net.w2.clone()), &net.b2)
            }),
        ),
        ("other_activation", hidden(|z| z.tanh())),
        ("other_activation", hidden(|z| z.relu())),
        ("twice", hidden(|z| z.sigmoid().sigmoid())),
        (
            "only_hidden",
            q::forward(|net, x| layer(x, &net.w1, &net.b1).sigmoid()),
        ),
        (
            "softmax",
            q::forward(|net, x| {
                let a1 = layer(x, &net.w1, &net.b1).sigmoid();
                layer(a1, &net.w2, &net.b2).softmax::<Axis<1>>()
            }),
        ),
    ]
}

fn trainings() -> Mutants {
    vec![
        (
            "eta_over_batch",
            training(|net, g, plan, _| moved(net, g, plan.eta / plan.batch as f64, [1.0; 4])),
        ),
        (
            "eta_over_batch",
            training(|net, g, plan, n| moved(net, g, plan.eta / n as f64, [1.0; 4])),
        ),
        (
            "eta_times_batch",
            training(|net, g, plan, _| moved(net, g, plan.eta * plan.batch as f64, [1.0; 4])),
        ),
        (
            "eta_times_batch",
            training(|net, g, plan, n| moved(net, g, plan.eta * n as f64, [1.0; 4])),
        ),
        (
            "own_seed",
            q::train(|net, data, epochs, batch, eta, _| {
                train(net, data, epochs, batch, eta, &mut Random::new(7))
            }),
        ),
        (
            "own_seed",
            q::train(|net, data, epochs, batch, eta, _| {
                let (mut net, mut costs) = (net, Vec::new());
                for _ in 0..epochs {
                    let one = train(net, data, 1, batch, eta, &mut Random::new(7));
                    net = one.net;
                    costs.extend(one.costs);
                }
                Training { net, costs }
            }),
        ),
    ]
}

/// One of the four parameters left out, or with the wrong sign.
fn parameters() -> Mutants {
    let one = |k: usize, factor: f64| {
        training(move |net, g, plan, _| {
            let mut by = [1.0; 4];
            by[k] = factor;
            moved(net, g, plan.eta, by)
        })
    };
    vec![
        ("w1_forgotten", one(0, 0.0)),
        ("b1_forgotten", one(1, 0.0)),
        ("w2_forgotten", one(2, 0.0)),
        ("b2_forgotten", one(3, 0.0)),
        ("w1_ascends", one(0, -1.0)),
        ("b1_ascends", one(1, -1.0)),
        ("w2_ascends", one(2, -1.0)),
        ("b2_ascends", one(3, -1.0)),
        (
            "one_layer",
            training(|net, g, plan, _| moved(net, g, plan.eta, [0.0, 0.0, 1.0, 1.0])),
        ),
        (
            "one_layer",
            training(|net, g, plan, _| moved(net, g, plan.eta, [1.0, 1.0, 0.0, 0.0])),
        ),
    ]
}
