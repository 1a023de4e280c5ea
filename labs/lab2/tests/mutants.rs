//! The lab notices wrong answers: one mutant per usual mistake, each called by its name, and no impostor gets a point.
//! For instructors: not part of a release. `INSTA_UPDATE=always` seals the answers anew.

#[path = "mutants/explained.rs"]
mod explained;
#[path = "mutants/refused.rs"]
mod refused;
#[path = "mutants/slips.rs"]
mod slips;
#[path = "mutants/steps.rs"]
mod steps;

use dfdx::prelude::*;
use exercises::{batch_norm_backward, batch_norm_test, batch_norm_train, dense_backward, normal};
use gradus_exercise::{
    Question, Random,
    proof::{self, Mutants},
};
use lab2::{
    BatchNorm, BatchNormGradients, Block, Decision, DenseGradients, EarlyStopping, Recipe, Task,
    Trained,
    given::{self, Matrix, Vector, matrix, repeat, rows},
    questions as q,
};

#[path = "../src/exercises/mod.rs"]
mod exercises;

/// The reference, bound to the questions.
fn reference() -> Vec<Question> {
    vec![
        q::dense_backward(exercises::dense_backward),
        q::tanh(exercises::tanh),
        q::tanh_prime(exercises::tanh_prime),
        q::relu(exercises::relu),
        q::relu_prime(exercises::relu_prime),
        q::leaky_relu(exercises::leaky_relu),
        q::leaky_relu_prime(exercises::leaky_relu_prime),
        q::maxout(exercises::maxout),
        q::maxout_prime(exercises::maxout_prime),
        q::saturated_share(exercises::saturated_share),
        q::dead_units(exercises::dead_units),
        q::zeros(exercises::zeros),
        q::normal(exercises::normal),
        q::xavier(exercises::xavier),
        q::he(exercises::he),
        q::has_twins(exercises::has_twins),
        q::batch_norm_train(exercises::batch_norm_train),
        q::batch_norm_test(exercises::batch_norm_test),
        q::batch_norm_backward(exercises::batch_norm_backward),
        q::momentum(exercises::momentum),
        q::nesterov(exercises::nesterov),
        q::adagrad(exercises::adagrad),
        q::rmsprop(exercises::rmsprop),
        q::adadelta(exercises::adadelta),
        q::adam(exercises::adam),
        q::inverse_time_decay(exercises::inverse_time_decay),
        q::l2(exercises::l2),
        q::l1(exercises::l1),
        q::dropout(exercises::dropout),
        q::early_stopping(exercises::early_stopping),
        q::train(exercises::train),
        q::blocks(exercises::train),
        q::ablation(exercises::train, exercises::ablation),
    ]
}

fn dense() -> Mutants {
    vec![
        (
            "averaged",
            q::dense_backward(|x, w, dz| {
                let n = x.shape().0 as f64;
                let g = dense_backward(x, w, dz);
                DenseGradients {
                    dx: g.dx,
                    dw: g.dw / n,
                    db: g.db / n,
                }
            }),
        ),
        (
            "db_averaged",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                let db = dz.clone().mean::<_, Axis<0>>();
                DenseGradients { db, ..g }
            }),
        ),
        (
            "dw_transposed",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                let dw = x.clone().permute().matmul(dz.clone());
                DenseGradients { dw, ..g }
            }),
        ),
        (
            "dx_transposed",
            q::dense_backward(|x, w, dz| {
                let g = dense_backward(x, w, dz);
                let dx = dz.clone().matmul(w.clone().permute());
                DenseGradients { dx, ..g }
            }),
        ),
    ]
}

fn activations() -> Mutants {
    let step = |z: f64, low: f64| if z > 0.0 { 1.0 } else { low };
    vec![
        (
            "overflow",
            q::tanh(|z| (z.exp() - (-z).exp()) / (z.exp() + (-z).exp())),
        ),
        ("sigmoid", q::tanh(|z| 1.0 / (1.0 + (-z).exp()))),
        ("in_terms_of_a", q::tanh_prime(|z| 1.0 - z * z)),
        (
            "of_the_sigmoid",
            q::tanh_prime(|z| z.tanh() * (1.0 - z.tanh())),
        ),
        ("absolute", q::relu(f64::abs)),
        (
            "one_at_zero",
            q::relu_prime(|z| if z >= 0.0 { 1.0 } else { 0.0 }),
        ),
        ("the_unit_itself", q::relu_prime(|z| z.max(0.0))),
        (
            "subtracted",
            q::leaky_relu(|z, slope| if z > 0.0 { z } else { -slope * z }),
        ),
        ("plain_relu", q::leaky_relu(|z, _| z.max(0.0))),
        (
            "times_z",
            q::leaky_relu_prime(|z, slope| if z > 0.0 { 1.0 } else { slope * z }),
        ),
        ("plain_relu", q::leaky_relu_prime(move |z, _| step(z, 0.0))),
        ("sum", q::maxout(|z1, z2| z1 + z2)),
        ("minimum", q::maxout(f64::min)),
        (
            "swapped",
            q::maxout_prime(|z1, z2| if z1 >= z2 { (0.0, 1.0) } else { (1.0, 0.0) }),
        ),
        (
            "tie",
            q::maxout_prime(|z1, z2| if z1 > z2 { (1.0, 0.0) } else { (0.0, 1.0) }),
        ),
        ("shared", q::maxout_prime(|_, _| (0.5, 0.5))),
    ]
}

fn monitors() -> Mutants {
    let share = |a: &Matrix, saturated: &dyn Fn(f64) -> bool| {
        let all = a.as_vec();
        all.iter().filter(|a| saturated(**a)).count() as f64 / all.len() as f64
    };
    let both = move |a: &Matrix, m: f64| share(a, &|a| a < m || a > 1.0 - m);
    let units = |a: &Matrix, dead: &dyn Fn(Vec<f64>) -> bool| {
        let rows = rows(a);
        (0..rows[0].len())
            .filter(|k| dead(rows.iter().map(|row| row[*k]).collect()))
            .collect::<Vec<_>>()
    };
    vec![
        (
            "only_high",
            q::saturated_share(move |a, m| share(a, &|a| a > 1.0 - m)),
        ),
        (
            "only_low",
            q::saturated_share(move |a, m| share(a, &|a| a < m)),
        ),
        (
            "count",
            q::saturated_share(move |a, m| both(a, m) * a.as_vec().len() as f64),
        ),
        (
            "percent",
            q::saturated_share(move |a, m| both(a, m) * 100.0),
        ),
        (
            "examples",
            q::dead_units(|a| {
                let rows = rows(a);
                let dead = |i: &usize| rows[*i].iter().all(|a| *a <= 0.0);
                (0..rows.len()).filter(dead).collect()
            }),
        ),
        (
            "any_example",
            q::dead_units(move |a| units(a, &|column| column.iter().any(|a| *a <= 0.0))),
        ),
        (
            "alive",
            q::dead_units(move |a| units(a, &|column| column.iter().any(|a| *a > 0.0))),
        ),
    ]
}

fn inits() -> Mutants {
    let with_std = |std: fn(f64, f64) -> f64| {
        move |n_out: usize, n_in: usize, rng: &mut Random| {
            normal(n_out, n_in, std(n_out as f64, n_in as f64), rng)
        }
    };
    let same = |a: &[f64], b: &[f64]| a == b;
    vec![
        (
            "ones",
            q::zeros(|n_out, n_in| matrix(&vec![vec![1.0; n_in]; n_out])),
        ),
        (
            "not_scaled",
            q::normal(|n_out, n_in, _, rng| normal(n_out, n_in, 1.0, rng)),
        ),
        (
            "variance_as_std",
            q::normal(|n_out, n_in, std, rng| normal(n_out, n_in, std * std, rng)),
        ),
        (
            "uniform",
            q::normal(|n_out, n_in, std, rng| {
                let scale = std * 12.0_f64.sqrt();
                let mut row = || (0..n_in).map(|_| (rng.uniform() - 0.5) * scale).collect();
                matrix(&(0..n_out).map(|_| row()).collect::<Vec<_>>())
            }),
        ),
        (
            "same_every_time",
            q::normal(|n_out, n_in, std, _| normal(n_out, n_in, std, &mut Random::new(7))),
        ),
        (
            "variance_as_std",
            q::xavier(with_std(|n_out, n_in| 2.0 / (n_in + n_out))),
        ),
        (
            "only_n_in",
            q::xavier(with_std(|_, n_in| (1.0 / n_in).sqrt())),
        ),
        ("he", q::xavier(with_std(|_, n_in| (2.0 / n_in).sqrt()))),
        ("variance_as_std", q::he(with_std(|_, n_in| 2.0 / n_in))),
        ("n_out", q::he(with_std(|n_out, _| (2.0 / n_out).sqrt()))),
        ("no_two", q::he(with_std(|_, n_in| (1.0 / n_in).sqrt()))),
        (
            "bias_ignored",
            q::has_twins(move |w, _| {
                let w = rows(w);
                (0..w.len()).any(|i| (0..i).any(|j| same(&w[i], &w[j])))
            }),
        ),
        (
            "all_equal",
            q::has_twins(|w, b| {
                let (w, b) = (rows(w), b.as_vec());
                (0..w.len()).all(|i| w[i] == w[0] && b[i] == b[0])
            }),
        ),
        (
            "columns",
            q::has_twins(|w, _| {
                let w = rows(w);
                let column = |k: usize| w.iter().map(|row| row[k]).collect::<Vec<_>>();
                (0..w[0].len()).any(|i| (0..i).any(|j| column(i) == column(j)))
            }),
        ),
    ]
}

/// Mean and variance of each column, with the divisor left open.
fn moments(x: &Matrix, divisor: f64) -> (Vector, Vector) {
    let mean: Vector = x.clone().mean::<_, Axis<0>>();
    let centred = x.clone() - repeat(&mean, x.shape().0);
    (mean, centred.square().sum::<_, Axis<0>>() / divisor)
}

fn normalised(bn: &BatchNorm, x: &Matrix, mean: &Vector, var: &Vector) -> Matrix {
    let n = x.shape().0;
    let std = (var.clone() + bn.epsilon).sqrt();
    (x.clone() - repeat(mean, n)) / repeat(&std, n)
}

fn scaled(bn: &BatchNorm, x_hat: Matrix) -> Matrix {
    let n = x_hat.shape().0;
    x_hat * repeat(&bn.gamma, n) + repeat(&bn.beta, n)
}

fn size(x: &Matrix) -> f64 {
    x.shape().0 as f64
}

fn batch_norms() -> Mutants {
    vec![
        (
            "divided_by_n_minus_1",
            q::batch_norm_train(|bn, x| {
                batch_norm_train(bn, x);
                let (mean, var) = moments(x, size(x) - 1.0);
                scaled(bn, normalised(bn, x, &mean, &var))
            }),
        ),
        (
            "biased_running_variance",
            q::batch_norm_train(|bn, x| {
                let before = bn.running_var.clone();
                let y = batch_norm_train(bn, x);
                bn.running_var = before * bn.rho + moments(x, size(x)).1 * (1.0 - bn.rho);
                y
            }),
        ),
        (
            "rho_reversed",
            q::batch_norm_train(|bn, x| {
                bn.rho = 1.0 - bn.rho;
                batch_norm_train(bn, x)
            }),
        ),
        (
            "running_untouched",
            q::batch_norm_train(|bn, x| batch_norm_train(&mut bn.clone(), x)),
        ),
        (
            "no_gamma_beta",
            q::batch_norm_train(|bn, x| {
                batch_norm_train(bn, x);
                let (mean, var) = moments(x, size(x));
                normalised(bn, x, &mean, &var)
            }),
        ),
        (
            "batch_statistics",
            q::batch_norm_test(|bn, x| batch_norm_train(&mut bn.clone(), x)),
        ),
        (
            "no_root",
            q::batch_norm_test(|bn, x| {
                let n = x.shape().0;
                let centred = x.clone() - repeat(&bn.running_mean, n);
                let x_hat = centred / repeat(&(bn.running_var.clone() + bn.epsilon), n);
                scaled(bn, x_hat)
            }),
        ),
        (
            "no_gamma_beta",
            q::batch_norm_test(|bn, x| {
                let plain = BatchNorm {
                    gamma: bn.gamma.clone() * 0.0 + 1.0,
                    beta: bn.beta.clone() * 0.0,
                    ..bn.clone()
                };
                batch_norm_test(&plain, x)
            }),
        ),
        (
            "statistics_as_constants",
            q::batch_norm_backward(|bn, x, dy| {
                let g = batch_norm_backward(bn, x, dy);
                let (_, var) = moments(x, size(x));
                let scale = bn.gamma.clone() / (var + bn.epsilon).sqrt();
                let dx = dy.clone() * repeat(&scale, x.shape().0);
                BatchNormGradients { dx, ..g }
            }),
        ),
        (
            "variance_as_constant",
            q::batch_norm_backward(|bn, x, dy| {
                let n = x.shape().0;
                let g = batch_norm_backward(bn, x, dy);
                let (_, var) = moments(x, size(x));
                let scale = bn.gamma.clone() / (var + bn.epsilon).sqrt();
                let centred = dy.clone() - repeat(&(g.dbeta.clone() / n as f64), n);
                BatchNormGradients {
                    dx: centred * repeat(&scale, n),
                    ..g
                }
            }),
        ),
        (
            "x_instead_of_x_hat",
            q::batch_norm_backward(|bn, x, dy| {
                let g = batch_norm_backward(bn, x, dy);
                let dgamma = (dy.clone() * x.clone()).sum::<_, Axis<0>>();
                BatchNormGradients { dgamma, ..g }
            }),
        ),
    ]
}

fn optimizers() -> Mutants {
    let mut mutants: Mutants = Vec::new();
    mutants.push((
        "plain_sgd",
        q::momentum(|o, w, g| (0..w.len()).for_each(|i| w[i] -= o.eta * g[i])),
    ));
    mutants.push((
        "not_decayed",
        q::momentum(|o, w, g| {
            for i in 0..w.len() {
                o.v[i] -= o.eta * g[i];
                w[i] += o.v[i];
            }
        }),
    ));
    mutants.push((
        "ascent",
        q::momentum(|o, w, g| {
            o.eta = -o.eta.abs();
            exercises::momentum(o, w, g);
        }),
    ));
    mutants.push(("plain_momentum", q::nesterov(exercises::momentum)));
    mutants.push((
        "only_ahead",
        q::nesterov(|o, w, g| {
            for i in 0..w.len() {
                o.v[i] = o.mu * o.v[i] - o.eta * g[i];
                w[i] += o.mu * o.v[i];
            }
        }),
    ));
    mutants.push((
        "not_accumulated",
        q::adagrad(|o, w, g| {
            o.s.fill(0.0);
            exercises::adagrad(o, w, g);
        }),
    ));
    mutants.push((
        "no_root",
        q::adagrad(|o, w, g| {
            for i in 0..w.len() {
                o.s[i] += g[i] * g[i];
                w[i] -= o.eta * g[i] / (o.s[i] + o.epsilon);
            }
        }),
    ));
    mutants.push((
        "accumulated",
        q::rmsprop(|o, w, g| {
            for i in 0..w.len() {
                o.s[i] += g[i] * g[i];
                w[i] -= o.eta * g[i] / (o.s[i].sqrt() + o.epsilon);
            }
        }),
    ));
    mutants.push((
        "rho_swapped",
        q::rmsprop(|o, w, g| {
            o.rho = 1.0 - o.rho;
            exercises::rmsprop(o, w, g);
            o.rho = 1.0 - o.rho;
        }),
    ));
    for (name, mistake) in [
        ("new_d", 0_usize),
        ("squared_gradients_twice", 1),
        ("no_d", 2),
    ] {
        mutants.push((
            name,
            q::adadelta(move |o, w, g| {
                for i in 0..w.len() {
                    o.s[i] = o.rho * o.s[i] + (1.0 - o.rho) * g[i] * g[i];
                    if mistake == 0 {
                        let guess = -g[i] * ((o.d[i] + o.epsilon) / (o.s[i] + o.epsilon)).sqrt();
                        o.d[i] = o.rho * o.d[i] + (1.0 - o.rho) * guess * guess;
                    }
                    let root = (o.s[i] + o.epsilon).sqrt();
                    let delta = match mistake {
                        2 => -g[i] / root,
                        _ => -g[i] * (o.d[i] + o.epsilon).sqrt() / root,
                    };
                    if mistake == 1 {
                        o.d[i] = o.rho * o.d[i] + (1.0 - o.rho) * g[i] * g[i];
                    }
                    w[i] += delta;
                }
            }),
        ));
    }
    for (name, mistake) in [
        ("no_bias_correction", 0_usize),
        ("t_starts_at_0", 1),
        ("t_per_weight", 2),
        ("no_root", 3),
    ] {
        mutants.push((
            name,
            q::adam(move |o, w, g| {
                if mistake != 2 {
                    o.t += 1;
                }
                for i in 0..w.len() {
                    if mistake == 2 {
                        o.t += 1;
                    }
                    o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
                    o.v[i] = o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i];
                    let (one, two) = match mistake {
                        0 => (1.0, 1.0),
                        1 => (1.0 - o.beta1.powi(o.t - 1), 1.0 - o.beta2.powi(o.t - 1)),
                        _ => (1.0 - o.beta1.powi(o.t), 1.0 - o.beta2.powi(o.t)),
                    };
                    let spread = match mistake {
                        3 => o.v[i] / two,
                        _ => (o.v[i] / two).sqrt(),
                    };
                    w[i] -= o.eta * (o.m[i] / one) / (spread + o.epsilon);
                }
            }),
        ));
    }
    mutants.push((
        "exponential",
        q::inverse_time_decay(|eta0, k, t| eta0 * (-k * t as f64).exp()),
    ));
    mutants.push((
        "linear",
        q::inverse_time_decay(|eta0, k, t| eta0 * (1.0 - k * t as f64)),
    ));
    mutants
}

fn stop_early(
    state: &mut EarlyStopping,
    epoch: usize,
    loss: f64,
    patience: usize,
    delta: f64,
    resets: bool,
) -> Decision {
    if loss < state.best - delta {
        state.best = loss;
        state.best_epoch = epoch;
        if resets {
            state.waited = 0;
        }
        return Decision::Improved;
    }
    state.waited += 1;
    if state.waited >= patience {
        Decision::Stop
    } else {
        Decision::Wait
    }
}

fn regularizers() -> Mutants {
    vec![
        (
            "no_half",
            q::l2(|w, lambda, n| {
                let (penalty, gradient) = exercises::l2(w, lambda, n);
                (2.0 * penalty, gradient)
            }),
        ),
        (
            "keras",
            q::l2(|w, lambda, _| {
                let penalty = lambda * w.iter().map(|w| w * w).sum::<f64>();
                (penalty, w.iter().map(|w| 2.0 * lambda * w).collect())
            }),
        ),
        (
            "gradient_keeps_half",
            q::l2(|w, lambda, n| {
                let (penalty, gradient) = exercises::l2(w, lambda, n);
                (penalty, gradient.iter().map(|g| g / 2.0).collect())
            }),
        ),
        (
            "absolute_gradient",
            q::l1(|w, lambda, n| {
                let (penalty, gradient) = exercises::l1(w, lambda, n);
                (penalty, gradient.iter().map(|g| g.abs()).collect())
            }),
        ),
        (
            "one_at_zero",
            q::l1(|w, lambda, n| {
                let (penalty, _) = exercises::l1(w, lambda, n);
                let strength = lambda / n as f64;
                (penalty, w.iter().map(|w| strength * w.signum()).collect())
            }),
        ),
        (
            "not_rescaled",
            q::dropout(|a, p, training, rng| {
                let out = exercises::dropout(a, p, training, rng);
                let scale = if training { 1.0 - p } else { 1.0 };
                out.iter().map(|a| a * scale).collect()
            }),
        ),
        (
            "keeps_with_p",
            q::dropout(|a, p, training, rng| {
                let one = |a: &f64| if rng.uniform() < p { a / p } else { 0.0 };
                if training {
                    a.iter().map(one).collect()
                } else {
                    a.to_vec()
                }
            }),
        ),
        (
            "same_mask",
            q::dropout(|a, p, training, _| exercises::dropout(a, p, training, &mut Random::new(3))),
        ),
        (
            "active_at_test",
            q::dropout(|a, p, _, rng| exercises::dropout(a, p, true, rng)),
        ),
        (
            "no_patience",
            q::early_stopping(|s, epoch, loss| stop_early(s, epoch, loss, 1, s.min_delta, true)),
        ),
        (
            "waited_not_reset",
            q::early_stopping(|s, epoch, loss| {
                stop_early(s, epoch, loss, s.patience, s.min_delta, false)
            }),
        ),
        (
            "no_min_delta",
            q::early_stopping(|s, epoch, loss| stop_early(s, epoch, loss, s.patience, 0.0, true)),
        ),
        (
            "last_epoch",
            q::early_stopping(|s, epoch, loss| {
                let decision = stop_early(s, epoch, loss, s.patience, s.min_delta, true);
                s.best_epoch = epoch;
                decision
            }),
        ),
    ]
}

/// What is handed in instead of a training.
fn untrained(classifier: impl Fn(&Matrix) -> Matrix + 'static) -> Trained {
    Trained {
        classifier: Box::new(classifier),
        costs: Vec::new(),
        validation: Vec::new(),
    }
}

/// The reference with another recipe.
fn with(change: fn(&mut Recipe)) -> impl Fn(&Recipe, &Task, u64) -> Trained {
    move |recipe, task, seed| {
        let mut recipe = recipe.clone();
        change(&mut recipe);
        exercises::train(&recipe, task, seed)
    }
}

fn capstones() -> Mutants {
    let constant = |score: f64| {
        move |x: &Matrix| {
            let mut row = vec![0.0; 10];
            row[3] = score;
            matrix(&vec![row; x.shape().0])
        }
    };
    vec![
        (
            "always_the_same",
            q::train(move |_, _, _| untrained(constant(1.0))),
        ),
        (
            "diverged",
            q::train(move |_, _, _| untrained(constant(f64::NAN))),
        ),
        (
            "wrong_labels",
            q::train(with(|recipe| {
                *recipe = recipe.without(Block::Regularization);
            })),
        ),
        (
            "recipe_ignored",
            q::blocks(with(|recipe| *recipe = Recipe::full())),
        ),
        (
            "rule_ignored",
            q::blocks(with(|recipe| recipe.rule = Recipe::full().rule)),
        ),
        (
            "batch_norm_always",
            q::blocks(with(|recipe| recipe.batch_norm = true)),
        ),
    ]
}

fn mutants() -> Mutants {
    [
        dense(),
        activations(),
        monitors(),
        inits(),
        batch_norms(),
        optimizers(),
        regularizers(),
        capstones(),
        slips::mutants(),
        steps::mutants(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

gradus_exercise::prove!(
    lab2::lab(),
    reference: reference(),
    named: mutants(),
    refused: refused::mutants(),
    explained: explained::mutants(),
);

#[test]
fn shapes_that_do_not_fit_are_said_in_words() {
    let says = |mutant: Question| proof::tried(&lab2::lab(), mutant).to_string();
    let helper = says(q::dense_backward(|x, w, dz| DenseGradients {
        dx: given::product(x, &given::transpose(dz)),
        ..dense_backward(x, w, dz)
    }));
    assert!(
        helper.contains("(1, 2)") && helper.contains("(1, 1)") && helper.contains("`product`"),
        "{helper}"
    );
    assert!(helper.contains("labs/lab2/tests/mutants.rs:"), "{helper}");
    let tensors = says(q::batch_norm_test(|bn, x| {
        x.clone() - repeat(&bn.gamma, x.shape().0 + 1)
    }));
    // In the language of whoever runs it.
    let says_so = tensors.contains("do not fit") || tensors.contains("no cuadran");
    assert!(
        tensors.contains("(2, 1)") && tensors.contains("(3, 1)") && says_so,
        "{tensors}"
    );
}
