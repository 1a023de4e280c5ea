use gradus_exercise::{Question, Random, Value, draw, near, record, within};

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
        rho: i.get("rho").number(),
        epsilon: i.get("epsilon").number(),
    }
}

/// Units of different mean and spread.
fn layer(seed: u64, n: usize, units: usize, rho: f64, epsilon: f64) -> Value {
    let mut rng = Random::new(seed);
    let mut x = draw::table(&mut rng, n, units);
    for row in &mut x {
        for (k, x) in row.iter_mut().enumerate() {
            *x = (*x * (k as f64 + 0.5) + 3.0 * k as f64 - 1.0) * 2.0;
        }
    }
    let mut numbers = || draw::normals(&mut rng, units);
    let (gamma, beta, mean) = (numbers(), numbers(), numbers());
    let var: Vec<f64> = numbers().iter().map(|v| v * v + 0.5).collect();
    let dy = draw::table(&mut rng, n, units);
    record! {
        x: Value::from(x).rounded(4), gamma: gamma, beta: beta,
        running_mean: mean, running_var: Value::from(var).rounded(4),
        rho: rho, epsilon: epsilon, dy: dy,
    }
}

/// All settings; now and then a unit that always gives the same, and one whose gradient is 0.
fn any_layer(rng: &mut Random) -> Value {
    let (n, units) = (draw::whole(rng, 2, 8), draw::whole(rng, 1, 4));
    let rho = draw::between(rng, 0.01, 0.99);
    let epsilon = draw::magnitude(rng, 1e-8, 0.1);
    let seed = rng.below(1_000_000) as u64;
    let input = layer(seed, n, units, rho, epsilon);
    let (mut x, mut dy) = (input.get("x").rows(), input.get("dy").rows());
    if epsilon > 1e-6 && draw::chance(rng, 0.2) {
        x.iter_mut().for_each(|row| row[units - 1] = 0.5);
    }
    if draw::chance(rng, 0.1) {
        dy.iter_mut().for_each(|row| row[0] = 0.0);
    }
    with(&with(&input, "x", x), "dy", dy)
}

/// The same input with another value in one field.
fn with(i: &Value, field: &str, new: impl Into<Value>) -> Value {
    let new = new.into();
    match i {
        Value::Record(fields) => Value::Record(
            (fields.iter())
                .map(|(name, value)| {
                    (
                        name.clone(),
                        if name == field {
                            new.clone()
                        } else {
                            value.clone()
                        },
                    )
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The input with γ = 1 and β = 0.
fn plain(i: &Value) -> Value {
    let units = i.get("gamma").items().len();
    with(
        &with(i, "gamma", vec![1.0; units]),
        "beta",
        vec![0.0; units],
    )
}

/// `fn batch_norm_train(bn: &mut BatchNorm, x: &Matrix) -> Matrix`
pub fn batch_norm_train(
    f: impl Fn(&mut BatchNorm, &Matrix) -> Matrix + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(&mut BatchNorm, &Matrix) -> Matrix + Send>) -> Question {
        Question::new("batch_norm_train", move |i| {
            let mut bn = batch_norm(i);
            let y = rows(&f(&mut bn, &matrix(&i.get("x").rows())));
            record! { y: y, running_mean: bn.running_mean.as_vec(), running_var: bn.running_var.as_vec() }
        })
        .case(record! {
            x: vec![vec![1.0], vec![3.0]], gamma: [1.0], beta: [0.0], running_mean: [0.0], running_var: [1.0],
            rho: 0.9, epsilon: 1e-5,
        })
        .case(layer(1, 4, 2, 0.9, 1e-5))
        .case(layer(2, 6, 3, 0.9, 1e-5))
        .case(layer(5, 3, 2, 0.75, 0.1))
        .axes("y", &[("ejemplo", "example"), ("unidad", "unit")])
        .axes("running_mean", &[("unidad", "unit")])
        .axes("running_var", &[("unidad", "unit")])
        .inputs(any_layer)
        .property(
            "con γ = 1 y β = 0, cada columna tiene media 0",
            "with γ = 1 and β = 0 each column has mean 0",
            |f, i| {
                let y = f(&plain(i)).get("y").rows();
                let units = i.get("gamma").items().len();
                let at = |row: &Vec<f64>, k: usize| row.get(k).copied().unwrap_or(f64::NAN);
                let mean = |k: usize| y.iter().map(|row| at(row, k)).sum::<f64>() / y.len() as f64;
                near((0..units).map(mean).collect::<Vec<_>>(), vec![0.0; units])
            },
        )
    }
    ask(Box::new(f))
}

/// `fn batch_norm_test(bn: &BatchNorm, x: &Matrix) -> Matrix`
pub fn batch_norm_test(f: impl Fn(&BatchNorm, &Matrix) -> Matrix + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&BatchNorm, &Matrix) -> Matrix + Send>) -> Question {
        Question::new("batch_norm_test", move |i| {
            rows(&f(&batch_norm(i), &matrix(&i.get("x").rows()))).into()
        })
        .case(record! {
            x: vec![vec![1.0], vec![3.0]], gamma: [1.0], beta: [0.0], running_mean: [1.0], running_var: [4.0],
            rho: 0.9, epsilon: 1e-5,
        })
        .case(layer(1, 4, 2, 0.9, 1e-5))
        .case(layer(3, 1, 3, 0.9, 1e-5))
        .case(layer(5, 3, 2, 0.75, 0.1))
        .axes("", &[("ejemplo", "example"), ("unidad", "unit")])
        .inputs(any_layer)
        .property(
            "la respuesta a un ejemplo no depende de los demás del batch",
            "the answer to an example does not depend on the others in the batch",
            |f, i| {
                let x = i.get("x").rows();
                let alone = with(i, "x", vec![x[0].clone()]);
                let first = f(i).rows().into_iter().next().unwrap_or_default();
                near(f(&alone).rows().concat(), first)
            },
        )
    }
    ask(Box::new(f))
}

/// `fn batch_norm_backward(bn: &BatchNorm, x: &Matrix, dy: &Matrix) -> BatchNormGradients`
pub fn batch_norm_backward(
    f: impl Fn(&BatchNorm, &Matrix, &Matrix) -> BatchNormGradients + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(&BatchNorm, &Matrix, &Matrix) -> BatchNormGradients + Send>) -> Question {
        Question::new("batch_norm_backward", move |i| {
            let at = |name: &str| matrix(&i.get(name).rows());
            let g = f(&batch_norm(i), &at("x"), &at("dy"));
            // What dx is made of comes first.
            record! { dbeta: g.dbeta.as_vec(), dgamma: g.dgamma.as_vec(), dx: rows(&g.dx) }
        })
        .case(layer(4, 3, 1, 0.1, 1e-5))
        .case(layer(1, 4, 2, 0.9, 1e-5))
        .case(layer(2, 6, 3, 0.9, 1e-5))
        .case(layer(5, 3, 2, 0.75, 0.1))
        .axes("dx", &[("ejemplo", "example"), ("unidad", "unit")])
        .axes("dgamma", &[("unidad", "unit")])
        .axes("dbeta", &[("unidad", "unit")])
        .inputs(any_layer)
        .property(
            "sumar lo mismo a toda una columna de x no cambia nada: cada columna de dx suma 0",
            "adding the same to a whole column of x changes nothing: each column of dx adds up to 0",
            |f, i| {
                let dx = f(i).get("dx").rows();
                let units = i.get("gamma").items().len();
                let at = |row: &Vec<f64>, k: usize| row.get(k).copied().unwrap_or(f64::NAN);
                let sum = |k: usize| dx.iter().map(|row| at(row, k)).sum::<f64>();
                within(
                    (0..units).map(sum).collect::<Vec<_>>(),
                    vec![0.0; units],
                    0.0,
                    1e-6,
                )
            },
        )
    }
    ask(Box::new(f))
}
