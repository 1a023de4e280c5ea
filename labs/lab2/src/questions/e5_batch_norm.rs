use gradus_exercise::{
    Question, Random, Value, near, proptest::strategy::Strategy, record, within,
};

use super::e1_dense::drawn;
use crate::{
    BatchNorm, BatchNormGradients,
    given::{Matrix, matrix, rows, vector},
};

fn batch_norm(i: &Value) -> BatchNorm {
    let at = |name: &str| vector(&i.get(name).numbers());
    BatchNorm {
        gamma: at("gamma"),
        beta: at("beta"),
        running_mean: at("running_mean"),
        running_var: at("running_var"),
        momentum: 0.1,
        epsilon: 1e-5,
    }
}

// BEGIN HIDDEN
/// What training makes of `x`, number by number.
fn normalised(x: &[Vec<f64>], i: &Value) -> Vec<Vec<f64>> {
    let bn = batch_norm(i);
    let (gamma, beta) = (bn.gamma.as_vec(), bn.beta.as_vec());
    let n = x.len() as f64;
    let mut y = x.to_vec();
    for (k, (gamma, beta)) in gamma.iter().zip(&beta).enumerate() {
        let mean = x.iter().map(|row| row[k]).sum::<f64>() / n;
        let variance = x.iter().map(|row| (row[k] - mean).powi(2)).sum::<f64>() / n;
        for row in &mut y {
            row[k] = gamma * (row[k] - mean) / (variance + bn.epsilon).sqrt() + beta;
        }
    }
    y
}
// END HIDDEN

/// Units of different mean and spread.
fn layer(seed: u64, n: usize, units: usize) -> Value {
    let mut rng = Random::new(seed);
    let mut x = drawn(n, units, &mut rng);
    for row in &mut x {
        for (k, x) in row.iter_mut().enumerate() {
            *x = (*x * (k as f64 + 0.5) + 3.0 * k as f64 - 1.0) * 2.0;
        }
    }
    let mut numbers = || drawn(1, units, &mut rng).concat();
    let (gamma, beta, mean) = (numbers(), numbers(), numbers());
    let var: Vec<f64> = numbers().iter().map(|v| v * v + 0.5).collect();
    let dy = drawn(n, units, &mut rng);
    record! {
        x: Value::from(x).rounded(4), gamma: gamma, beta: beta,
        running_mean: mean, running_var: Value::from(var).rounded(4), dy: dy,
    }
}

fn layers() -> impl Strategy<Value = Value> + Send + Sync + 'static {
    (0_u64..1000, 3_usize..7, 1_usize..4).prop_map(|(seed, n, units)| layer(seed, n, units))
}

/// The input with γ = 1 and β = 0.
fn plain(i: &Value) -> Value {
    let units = i.get("gamma").items().len();
    record! {
        x: i.get("x"), gamma: vec![1.0; units], beta: vec![0.0; units],
        running_mean: i.get("running_mean"), running_var: i.get("running_var"), dy: i.get("dy"),
    }
}

/// `fn batch_norm_train(bn: &mut BatchNorm, x: &Matrix) -> Matrix`
pub fn batch_norm_train(
    f: impl Fn(&mut BatchNorm, &Matrix) -> Matrix + Send + 'static,
) -> Question {
    Question::new("batch_norm_train", move |i| {
        let mut bn = batch_norm(i);
        let y = rows(&f(&mut bn, &matrix(&i.get("x").rows())));
        record! { y: y, running_mean: bn.running_mean.as_vec(), running_var: bn.running_var.as_vec() }
    })
    .case(record! {
        x: vec![vec![1.0], vec![3.0]], gamma: [1.0], beta: [0.0], running_mean: [0.0], running_var: [1.0],
    })
    .case(layer(1, 4, 2))
    .case(layer(2, 6, 3))
    .inputs(layers())
    .property(
        "con γ = 1 y β = 0, cada columna tiene media 0",
        "with γ = 1 and β = 0 each column has mean 0",
        |f, i| {
            let y = f(&plain(i)).get("y").rows();
            let units = i.get("gamma").items().len();
            let mean = |k: usize| y.iter().map(|row| row[k]).sum::<f64>() / y.len() as f64;
            near((0..units).map(mean).collect::<Vec<_>>(), vec![0.0; units])
        },
    )
}

/// `fn batch_norm_test(bn: &BatchNorm, x: &Matrix) -> Matrix`
pub fn batch_norm_test(f: impl Fn(&BatchNorm, &Matrix) -> Matrix + Send + 'static) -> Question {
    Question::new("batch_norm_test", move |i| {
        rows(&f(&batch_norm(i), &matrix(&i.get("x").rows()))).into()
    })
    .case(record! {
        x: vec![vec![1.0], vec![3.0]], gamma: [1.0], beta: [0.0], running_mean: [1.0], running_var: [4.0],
    })
    .case(layer(1, 4, 2))
    .case(layer(3, 1, 3))
    .inputs(layers())
    .property(
        "la respuesta a un ejemplo no depende de los demás del lote",
        "the answer to an example does not depend on the others in the batch",
        |f, i| {
            let x = i.get("x").rows();
            let alone = record! {
                x: vec![x[0].clone()], gamma: i.get("gamma"), beta: i.get("beta"),
                running_mean: i.get("running_mean"), running_var: i.get("running_var"),
            };
            near(f(&alone).rows().concat(), f(i).rows().swap_remove(0))
        },
    )
    .names_mistake("batch_statistics")
}

/// `fn batch_norm_backward(bn: &BatchNorm, x: &Matrix, dy: &Matrix) -> BatchNormGradients`
pub fn batch_norm_backward(
    f: impl Fn(&BatchNorm, &Matrix, &Matrix) -> BatchNormGradients + Send + 'static,
) -> Question {
    Question::new("batch_norm_backward", move |i| {
        let at = |name: &str| matrix(&i.get(name).rows());
        let g = f(&batch_norm(i), &at("x"), &at("dy"));
        record! { dx: rows(&g.dx), dgamma: g.dgamma.as_vec(), dbeta: g.dbeta.as_vec() }
    })
    .case(layer(4, 3, 1))
    .case(layer(1, 4, 2))
    .case(layer(2, 6, 3))
    .inputs(layers())
    .property(
        "sumar lo mismo a toda una columna de x no cambia nada: cada columna de dx suma 0",
        "adding the same to a whole column of x changes nothing: each column of dx adds up to 0",
        |f, i| {
            let dx = f(i).get("dx").rows();
            let units = i.get("gamma").items().len();
            let sum = |k: usize| dx.iter().map(|row| row[k]).sum::<f64>();
            within(
                (0..units).map(sum).collect::<Vec<_>>(),
                vec![0.0; units],
                0.0,
                1e-6,
            )
        },
    )
    // BEGIN HIDDEN
    .property(
        "dx es la pendiente del coste al mover cada entrada (diferencias centrales)",
        "dx is the slope of the cost as each input moves (central differences)",
        |f, i| {
            let (x, dy) = (i.get("x").rows(), i.get("dy").rows());
            // A cost whose derivative with respect to y is dy: C = Σ dy·y.
            let cost = |x: &[Vec<f64>]| -> f64 {
                let y = normalised(x, i);
                y.concat().iter().zip(dy.concat()).map(|(y, d)| y * d).sum()
            };
            let slope = |j: usize, k: usize| {
                let at = |shift: f64| {
                    let mut x = x.clone();
                    x[j][k] += shift;
                    cost(&x)
                };
                (at(1e-4) - at(-1e-4)) / 2e-4
            };
            let slopes: Vec<Vec<f64>> = (0..x.len())
                .map(|j| (0..x[0].len()).map(|k| slope(j, k)).collect())
                .collect();
            within(f(i).get("dx"), slopes, 1e-3, 1e-5)
        },
    )
    // END HIDDEN
}
