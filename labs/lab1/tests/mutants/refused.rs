//! Plausible wrong answers that must get no point, for whatever reason they are refused.

use gradus_exercise::{Random, proof::Mutants};
use lab1::{
    Descent, Ending,
    given::{Data, Network, Training},
    questions as q,
};

use super::{exercises::mini_batches, gradient, moved, sgd};

pub fn mutants() -> Mutants {
    vec![
        (
            "hard-labels",
            q::binary_cross_entropy(binary_cross_entropy_hard_labels),
        ),
        (
            "three-classes",
            q::cross_entropy(cross_entropy_three_classes),
        ),
        ("epsilon-in-the-sum", q::softmax(softmax_epsilon_in_the_sum)),
        ("largest-from-0", q::softmax(softmax_largest_from_0)),
        (
            "largest-from-0",
            q::cross_entropy(|z, labels| {
                let one = |(z, k): (&Vec<f64>, &usize)| -softmax_largest_from_0(z)[*k].ln();
                z.iter().zip(labels).map(one).sum::<f64>() / labels.len() as f64
            }),
        ),
        (
            "diverged-answer-made-up",
            q::gradient_descent(gradient_descent_diverged_answer_made_up),
        ),
        (
            "diverged-at-100",
            q::gradient_descent(gradient_descent_diverged_at_100),
        ),
        ("no-abs", q::gradient_descent(gradient_descent_no_abs)),
        (
            "two-coordinates",
            q::gradient_descent(gradient_descent_two_coordinates),
        ),
        ("one-swap", q::mini_batches(mini_batches_one_swap)),
        (
            "swapped-with-any",
            q::mini_batches(mini_batches_swapped_with_any),
        ),
        (
            "only-the-first-batch",
            q::mini_batches(mini_batches_only_the_first_batch),
        ),
        (
            "rotated-not-shuffled",
            q::mini_batches(mini_batches_rotated_not_shuffled),
        ),
        ("batch-size-ignored", q::train(batch_size_ignored)),
        ("never-shuffled", q::train(never_shuffled)),
        ("partial-batch-dropped", q::train(partial_batch_dropped)),
        ("stops-after-three-epochs", q::train(three_epochs_at_most)),
    ]
}

fn binary_cross_entropy_hard_labels(z: &[f64], y: &[f64]) -> f64 {
    // Soft labels beyond 0.2 and 0.8 become hard ones.
    let hard = |y: f64| {
        if y > 0.8 {
            1.0
        } else if y < 0.2 {
            0.0
        } else {
            y
        }
    };
    let one = |(z, y): (&f64, &f64)| z.max(0.0) - z * hard(*y) + (-z.abs()).exp().ln_1p();
    z.iter().zip(y).map(one).sum::<f64>() / z.len() as f64
}

fn cross_entropy_three_classes(z: &[Vec<f64>], labels: &[usize]) -> f64 {
    // Only the first three classes count in the denominator.
    let one = |(z, label): (&Vec<f64>, &usize)| {
        let z3 = &z[..3];
        let max = z3.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        max + z3.iter().map(|z| (z - max).exp()).sum::<f64>().ln() - z[*label]
    };
    z.iter().zip(labels).map(one).sum::<f64>() / z.len() as f64
}

/// Right unless all z are far below 0.
fn softmax_largest_from_0(z: &[f64]) -> Vec<f64> {
    let largest = z.iter().fold(0.0, |a: f64, z| a.max(*z));
    let e: Vec<f64> = z.iter().map(|z| (z - largest).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
}

fn softmax_epsilon_in_the_sum(z: &[f64]) -> Vec<f64> {
    let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = z.iter().map(|z| (z - max).exp()).collect();
    let sum = e.iter().sum::<f64>() + 1e-6;
    e.iter().map(|e| e / sum).collect()
}

fn gradient_descent_diverged_answer_made_up(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
    eta: f64,
    tolerance: f64,
    max_steps: usize,
) -> Descent {
    let mut x = start.to_vec();
    let mut steps = 0;
    let ending = loop {
        if x.iter().any(|x| !x.is_finite() || x.abs() > 1e12) {
            break Ending::Diverged;
        }
        let g = gradient(&x);
        if g.iter().map(|g| g * g).sum::<f64>().sqrt() < tolerance {
            break Ending::Converged;
        }
        if steps == max_steps {
            break Ending::OutOfSteps;
        }
        x.iter_mut().zip(&g).for_each(|(x, g)| *x -= eta * g);
        steps += 1;
    };
    if ending == Ending::Diverged {
        return Descent {
            x: Vec::new(),
            steps: 0,
            ending,
        };
    }
    Descent { x, steps, ending }
}

fn gradient_descent_diverged_at_100(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
    eta: f64,
    tolerance: f64,
    max_steps: usize,
) -> Descent {
    let mut x = start.to_vec();
    let mut steps = 0;
    let ending = loop {
        if x.iter().any(|x| x.is_nan() || x.abs() > 100.0) {
            break Ending::Diverged;
        }
        let g = gradient(&x);
        if g.iter().map(|g| g * g).sum::<f64>().sqrt() < tolerance {
            break Ending::Converged;
        }
        if steps == max_steps {
            break Ending::OutOfSteps;
        }
        x.iter_mut().zip(&g).for_each(|(x, g)| *x -= eta * g);
        steps += 1;
    };
    Descent { x, steps, ending }
}

fn gradient_descent_no_abs(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
    eta: f64,
    tolerance: f64,
    max_steps: usize,
) -> Descent {
    let mut x = start.to_vec();
    let mut steps = 0;
    let ending = loop {
        if x.iter().any(|x| *x > 1e12) {
            break Ending::Diverged;
        }
        let g = gradient(&x);
        if g.iter().map(|g| g * g).sum::<f64>().sqrt() < tolerance {
            break Ending::Converged;
        }
        if steps == max_steps {
            break Ending::OutOfSteps;
        }
        x.iter_mut().zip(&g).for_each(|(x, g)| *x -= eta * g);
        steps += 1;
    };
    Descent { x, steps, ending }
}

fn gradient_descent_two_coordinates(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
    eta: f64,
    tolerance: f64,
    max_steps: usize,
) -> Descent {
    let mut x = start.to_vec();
    let mut steps = 0;
    let ending = loop {
        if x[..2].iter().any(|x| x.is_nan() || x.abs() > 1e12) {
            break Ending::Diverged;
        }
        let g = gradient(&x);
        if g[0].hypot(g[1]) < tolerance {
            break Ending::Converged;
        }
        if steps == max_steps {
            break Ending::OutOfSteps;
        }
        x.iter_mut().zip(&g).for_each(|(x, g)| *x -= eta * g);
        steps += 1;
    };
    Descent { x, steps, ending }
}

fn mini_batches_one_swap(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..n).collect();
    if n > 1 {
        order.rotate_left(rng.below(n));
        order.swap(0, n - 1);
    }
    order.chunks(batch).map(<[usize]>::to_vec).collect()
}

fn mini_batches_swapped_with_any(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {
    // Each number changes places with any other, not with one of those that are left: some orders come twice as often.
    let mut all: Vec<usize> = (0..n).collect();
    for i in 0..n {
        all.swap(i, rng.below(n));
    }
    all.chunks(batch).map(<[usize]>::to_vec).collect()
}

fn mini_batches_only_the_first_batch(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..n).collect();
    rng.shuffle(&mut order[..batch.min(n)]);
    order.chunks(batch).map(<[usize]>::to_vec).collect()
}

fn mini_batches_rotated_not_shuffled(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..n).rev().collect();
    if n > 0 {
        order.rotate_left(rng.below(n));
    }
    order.chunks(batch).map(<[usize]>::to_vec).collect()
}

/// Training by the batches that `deal` gives.
fn dealt(
    net: Network,
    data: &Data,
    epochs: usize,
    eta: f64,
    deal: impl FnMut() -> Vec<Vec<usize>>,
) -> Training {
    sgd(net, data, epochs, deal, |net, x, labels| {
        let g = gradient(&net, x, labels);
        moved(net, g, eta, [1.0; 4])
    })
}

fn batch_size_ignored(
    net: Network,
    data: &Data,
    epochs: usize,
    batch: usize,
    eta: f64,
    rng: &mut Random,
) -> Training {
    let batch = if data.len() > 10 { 32 } else { batch };
    dealt(net, data, epochs, eta, || {
        mini_batches(data.len(), batch, rng)
    })
}

fn never_shuffled(
    net: Network,
    data: &Data,
    epochs: usize,
    batch: usize,
    eta: f64,
    _rng: &mut Random,
) -> Training {
    let all: Vec<usize> = (0..data.len()).collect();
    dealt(net, data, epochs, eta, || {
        all.chunks(batch).map(<[usize]>::to_vec).collect()
    })
}

fn partial_batch_dropped(
    net: Network,
    data: &Data,
    epochs: usize,
    batch: usize,
    eta: f64,
    rng: &mut Random,
) -> Training {
    dealt(net, data, epochs, eta, || {
        let mut batches = mini_batches(data.len(), batch, rng);
        batches.retain(|indices| indices.len() == batch);
        batches
    })
}

fn three_epochs_at_most(
    net: Network,
    data: &Data,
    epochs: usize,
    batch: usize,
    eta: f64,
    rng: &mut Random,
) -> Training {
    let mut trained = dealt(net, data, epochs.min(3), eta, || {
        mini_batches(data.len(), batch, rng)
    });
    let last = trained.costs.last().copied().unwrap_or(0.0);
    trained.costs.resize(epochs, last);
    trained
}
