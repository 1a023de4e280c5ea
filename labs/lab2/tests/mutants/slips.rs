//! One line of the right function gone wrong, in the ways in which it goes wrong: more mutants of usual mistakes.

use dfdx::shapes::HasShape;
use gradus_exercise::{Question, Random, proof::Mutants};
use lab2::{
    BatchNorm, BatchNormGradients, DenseGradients, EarlyStopping,
    given::{Matrix, Vector, column_sums, matrix, repeat, rows, transpose, vector},
    questions as q,
};

use super::{
    exercises::{
        self, batch_norm_backward, batch_norm_train, dead_units, dense_backward, dropout,
        early_stopping, has_twins, he, l1, l2, normal, tanh, xavier,
    },
    moments, normalised, scaled, size,
};

pub fn mutants() -> Mutants {
    [
        dense(),
        activations(),
        monitors(),
        inits(),
        batch_norms(),
        batch_norm_gradients(),
        regularizers(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn dense() -> Mutants {
    vec![(
        "db_of_the_first",
        q::dense_backward(|x, w, dz| DenseGradients {
            db: vector(&rows(dz)[0]),
            ..dense_backward(x, w, dz)
        }),
    )]
}

fn activations() -> Mutants {
    vec![
        ("not_squared", q::tanh_prime(|z| 1.0 - tanh(z))),
        ("plus", q::tanh_prime(|z| 1.0 + tanh(z).powi(2))),
        ("not_derived", q::tanh_prime(tanh)),
        ("minimum", q::relu(|z| z.min(0.0))),
        ("product", q::maxout(|z1, z2| z1 * z2)),
        ("mean", q::maxout(|z1, z2| (z1 + z2) / 2.0)),
        (
            "values",
            q::maxout_prime(|z1, z2| if z1 >= z2 { (z1, 0.0) } else { (0.0, z2) }),
        ),
    ]
}

fn monitors() -> Mutants {
    vec![
        (
            "bounds_counted",
            q::saturated_share(|a, m| {
                let all = rows(a).concat();
                let saturated = all.iter().filter(|a| **a <= m || **a >= 1.0 - m).count();
                saturated as f64 / all.len() as f64
            }),
        ),
        ("number", q::dead_units(|a| vec![dead_units(a).len()])),
    ]
}

fn inits() -> Mutants {
    let with = |std: fn(f64, f64) -> f64| {
        move |n_out: usize, n_in: usize, rng: &mut Random| {
            normal(n_out, n_in, std(n_out as f64, n_in as f64), rng)
        }
    };
    /// As many rows as columns.
    fn square(
        side: fn(usize, usize) -> usize,
        o: usize,
        i: usize,
        std: f64,
        rng: &mut Random,
    ) -> Matrix {
        normal(side(o, i), side(o, i), std, rng)
    }
    let outputs = |o: usize, _: usize| o;
    let inputs = |_: usize, i: usize| i;
    let of_xavier = |o: usize, i: usize| (2.0 / (i + o) as f64).sqrt();
    let of_he = |_: usize, i: usize| (2.0 / i as f64).sqrt();
    vec![
        (
            "square",
            q::normal(move |o, i, std, rng| square(outputs, o, i, std, rng)),
        ),
        (
            "square",
            q::normal(move |o, i, std, rng| square(inputs, o, i, std, rng)),
        ),
        (
            "one_row",
            q::normal(|o, i, std, rng| {
                let row = rows(&normal(1, i, std, rng)).swap_remove(0);
                matrix(&vec![row; o])
            }),
        ),
        (
            "transposed",
            q::xavier(|o, i, rng| transpose(&xavier(o, i, rng))),
        ),
        (
            "square",
            q::xavier(move |o, i, rng| square(outputs, o, i, of_xavier(o, i), rng)),
        ),
        (
            "square",
            q::xavier(move |o, i, rng| square(inputs, o, i, of_xavier(o, i), rng)),
        ),
        ("no_two", q::xavier(with(|o, i| (1.0 / (i + o)).sqrt()))),
        ("six", q::xavier(with(|o, i| (6.0 / (i + o)).sqrt()))),
        ("product", q::xavier(with(|o, i| (2.0 / (i * o)).sqrt()))),
        ("transposed", q::he(|o, i, rng| transpose(&he(o, i, rng)))),
        (
            "square",
            q::he(move |o, i, rng| square(outputs, o, i, of_he(o, i), rng)),
        ),
        (
            "square",
            q::he(move |o, i, rng| square(inputs, o, i, of_he(o, i), rng)),
        ),
        ("xavier", q::he(xavier)),
        ("six", q::he(with(|_, i| (6.0 / i).sqrt()))),
        ("negated", q::has_twins(|w, b| !has_twins(w, b))),
        (
            "neighbours_only",
            q::has_twins(|w, b| {
                let (w, b) = (rows(w), b.as_vec());
                (1..w.len()).any(|i| w[i] == w[i - 1] && b[i] == b[i - 1])
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

/// Batch norm with what it divides by to normalise, and how it mixes the running averages: (old, mean, new).
fn training(
    divisor: fn(f64) -> f64,
    kept: fn(f64) -> f64,
    mixed: [fn(Vector, Vector, f64) -> Vector; 2],
) -> Question {
    q::batch_norm_train(move |bn: &mut BatchNorm, x: &Matrix| {
        let n = size(x);
        let (mean, var) = moments(x, divisor(n));
        let (_, kept) = moments(x, kept(n));
        let y = scaled(bn, normalised(bn, x, &mean, &var));
        bn.running_mean = mixed[0](bn.running_mean.clone(), mean, bn.rho);
        bn.running_var = mixed[1](bn.running_var.clone(), kept, bn.rho);
        y
    })
}

fn batch_norms() -> Mutants {
    let right = |old: Vector, new: Vector, rho: f64| old * rho + new * (1.0 - rho);
    let reversed = |old: Vector, new: Vector, rho: f64| old * (1.0 - rho) + new * rho;
    let n = |n: f64| n;
    let less = |n: f64| n - 1.0;
    // σ²·n/(n − 1), of a σ² that has been divided by n − 1 already.
    let twice = |n: f64| (n - 1.0) * (n - 1.0) / n;
    let epsilon = |of: fn(Vector, f64) -> Vector| {
        q::batch_norm_test(move |bn, x| {
            let n = x.shape().0;
            let std = of(bn.running_var.clone(), bn.epsilon);
            let x_hat = (x.clone() - repeat(&bn.running_mean, n)) / repeat(&std, n);
            scaled(bn, x_hat)
        })
    };
    vec![
        (
            "divided_by_n_minus_1",
            training(less, twice, [right, right]),
        ),
        ("rho_reversed", training(n, less, [reversed, right])),
        ("rho_reversed", training(n, less, [right, reversed])),
        ("rho_reversed", training(n, n, [reversed, reversed])),
        (
            "not_averaged",
            training(n, less, [|_, new, _| new, |_, new, _| new]),
        ),
        (
            "running_statistics",
            q::batch_norm_train(|bn, x| {
                let before = bn.clone();
                batch_norm_train(bn, x);
                exercises::batch_norm_test(&before, x)
            }),
        ),
        ("epsilon_outside", epsilon(|var, e| var.sqrt() + e)),
    ]
}

/// The gradients with what x̂ and the slope are divided by left open, from variance and ε, and the divisor of the variance.
fn gradients(
    divisor: fn(f64) -> f64,
    spread: fn(Vector, f64) -> Vector,
    slope: fn(Vector, f64) -> Vector,
) -> Question {
    q::batch_norm_backward(move |bn, x, dy| {
        let n = x.shape().0;
        let (mean, var) = moments(x, divisor(n as f64));
        let std = spread(var.clone(), bn.epsilon);
        let x_hat = (x.clone() - repeat(&mean, n)) / repeat(&std, n);
        let dbeta = column_sums(dy);
        let dgamma = column_sums(&(dy.clone() * x_hat.clone()));
        let scale = bn.gamma.clone() / slope(var, bn.epsilon);
        let towards = (repeat(&dbeta, n) + x_hat * repeat(&dgamma, n)) / n as f64;
        BatchNormGradients {
            dx: (dy.clone() - towards) * repeat(&scale, n),
            dgamma,
            dbeta,
        }
    })
}

fn batch_norm_gradients() -> Mutants {
    let right = |var: Vector, e: f64| (var + e).sqrt();
    let without = |var: Vector, _: f64| var.sqrt();
    let outside = |var: Vector, e: f64| var.sqrt() + e;
    let changed = |of: fn(BatchNormGradients, f64) -> BatchNormGradients| {
        q::batch_norm_backward(move |bn, x, dy| of(batch_norm_backward(bn, x, dy), size(x)))
    };
    vec![
        ("no_epsilon", gradients(|n| n, without, without)),
        ("no_epsilon", gradients(|n| n, right, without)),
        ("no_epsilon", gradients(|n| n, without, right)),
        ("epsilon_outside", gradients(|n| n, outside, outside)),
        ("divided_by_n_minus_1", gradients(|n| n - 1.0, right, right)),
        (
            "no_root",
            gradients(|n| n, right, |var: Vector, e: f64| var + e),
        ),
        (
            "swapped",
            changed(|g, _| BatchNormGradients {
                dgamma: g.dbeta,
                dbeta: g.dgamma,
                ..g
            }),
        ),
        (
            "averaged",
            changed(|g, n| BatchNormGradients {
                dgamma: g.dgamma / n,
                dbeta: g.dbeta / n,
                ..g
            }),
        ),
    ]
}

/// Early stopping that looks at a loss in its own way: whether it is better, and what is kept as the best.
fn stopping(
    better: fn(&EarlyStopping, f64) -> bool,
    kept: fn(&EarlyStopping, f64) -> f64,
) -> Question {
    q::early_stopping(move |s, epoch, loss| {
        use lab2::Decision;
        if better(s, loss) {
            s.best = loss;
            s.best_epoch = epoch;
            s.waited = 0;
            return Decision::Improved;
        }
        s.best = kept(s, loss);
        s.waited += 1;
        match s.waited >= s.patience {
            true => Decision::Stop,
            false => Decision::Wait,
        }
    })
}

/// What is no better the other way round: with NaN on either side this is so.
#[allow(clippy::neg_cmp_op_on_partial_ord)]
fn not_worse(s: &EarlyStopping, loss: f64) -> bool {
    !(loss >= s.best - s.min_delta)
}

fn regularizers() -> Mutants {
    let kept = |test: fn(f64, f64) -> bool, scale: fn(f64) -> f64| {
        q::dropout(move |a, p, training, rng| {
            let mut one = |a: &f64| match test(rng.uniform(), p) {
                true => 0.0,
                false => a / scale(p),
            };
            match training {
                true => a.iter().map(&mut one).collect(),
                false => a.to_vec(),
            }
        })
    };
    vec![
        ("by_weights", q::l2(|w, lambda, _| l2(w, lambda, w.len()))),
        ("squares", q::l1(l2)),
        (
            "no_absolute",
            q::l1(|w, lambda, n| {
                let (_, g) = l1(w, lambda, n);
                (lambda / n as f64 * w.iter().sum::<f64>(), g)
            }),
        ),
        ("keeps_with_p", kept(|u, p| u >= p, |p| 1.0 - p)),
        ("keeps_with_p", kept(|u, p| u >= p, |_| 1.0)),
        ("divided_by_p", kept(|u, p| u < p, |p| p)),
        (
            "only_at_test",
            q::dropout(|a, p, training, rng| dropout(a, p, !training, rng)),
        ),
        ("nan_improves", stopping(not_worse, |s, _| s.best)),
        (
            "nan_improves",
            stopping(
                |s, loss| loss.is_nan() || loss < s.best - s.min_delta,
                |s, _| s.best,
            ),
        ),
        (
            "best_is_the_last",
            stopping(|s, loss| loss < s.best - s.min_delta, |_, loss| loss),
        ),
        (
            "added_delta",
            stopping(|s, loss| loss < s.best + s.min_delta, |s, _| s.best),
        ),
        (
            "ties_improve",
            stopping(|s, loss| loss <= s.best - s.min_delta, |s, _| s.best),
        ),
        (
            "one_epoch_late",
            q::early_stopping(|s, epoch, loss| early_stopping(s, epoch + 1, loss)),
        ),
    ]
}
