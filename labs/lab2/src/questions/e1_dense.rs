use gradus_exercise::{Question, Random, Value, proptest::strategy::Strategy, record, within};

use crate::{
    DenseGradients,
    given::{Matrix, matrix, rows},
};

/// Numbers from N(0, 1) with three digits.
pub(super) fn drawn(n: usize, width: usize, rng: &mut Random) -> Vec<Vec<f64>> {
    let mut row = || (0..width).map(|_| rng.normal()).collect::<Vec<_>>();
    let numbers: Vec<_> = (0..n).map(|_| row()).collect();
    Value::from(numbers).rounded(3).rows()
}

fn layer(seed: u64, n: usize, inputs: usize, outputs: usize) -> Value {
    let mut rng = Random::new(seed);
    record! {
        x: drawn(n, inputs, &mut rng), w: drawn(outputs, inputs, &mut rng), dz: drawn(n, outputs, &mut rng)
    }
}

/// `fn dense_backward(x: &Matrix, w: &Matrix, dz: &Matrix) -> DenseGradients`
pub fn dense_backward(
    f: impl Fn(&Matrix, &Matrix, &Matrix) -> DenseGradients + Send + 'static,
) -> Question {
    Question::new("dense_backward", move |i| {
        let at = |name: &str| matrix(&i.get(name).rows());
        let g = f(&at("x"), &at("w"), &at("dz"));
        record! { dx: rows(&g.dx), dw: rows(&g.dw), db: g.db.as_vec() }
    })
    .case(record! { x: vec![vec![1.0, 2.0]], w: vec![vec![3.0, 4.0]], dz: vec![vec![10.0]] })
    .case(layer(1, 3, 2, 2))
    .case(layer(2, 2, 3, 4))
    .inputs(
        (0_u64..1000, 1_usize..4, 1_usize..4, 1_usize..4)
            .prop_map(|(seed, n, inputs, outputs)| layer(seed, n, inputs, outputs)),
    )
    .property(
        "dW es la pendiente del coste al mover cada peso (diferencias centrales)",
        "dW is the slope of the cost as each weight moves (central differences)",
        |f, i| {
            // A cost whose derivative with respect to z is dz: C = Σ dz·z, with z = x·Wᵀ.
            let (x, w, dz) = (i.get("x").rows(), i.get("w").rows(), i.get("dz").rows());
            let cost = |w: &[Vec<f64>]| -> f64 {
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                (x.iter().zip(&dz))
                    .map(|(x, dz)| w.iter().zip(dz).map(|(w, d)| d * dot(w, x)).sum::<f64>())
                    .sum()
            };
            let slope = |j: usize, k: usize| {
                let at = |shift: f64| {
                    let mut w = w.clone();
                    w[j][k] += shift;
                    cost(&w)
                };
                (at(1e-4) - at(-1e-4)) / 2e-4
            };
            let slopes: Vec<Vec<f64>> = (0..w.len())
                .map(|j| (0..w[0].len()).map(|k| slope(j, k)).collect())
                .collect();
            within(f(i).get("dw"), slopes, 1e-6, 1e-7)
        },
    )
}
