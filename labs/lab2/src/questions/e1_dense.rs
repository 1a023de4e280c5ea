use gradus_exercise::{Question, Random, Value, draw, record, within};

use crate::{
    DenseGradients,
    given::{Matrix, matrix, rows},
};

fn layer(rng: &mut Random, n: usize, inputs: usize, outputs: usize) -> Value {
    record! {
        x: draw::table(rng, n, inputs), w: draw::table(rng, outputs, inputs), dz: draw::table(rng, n, outputs)
    }
}

/// `fn dense_backward(x: &Matrix, w: &Matrix, dz: &Matrix) -> DenseGradients`
pub fn dense_backward(
    f: impl Fn(&Matrix, &Matrix, &Matrix) -> DenseGradients + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(&Matrix, &Matrix, &Matrix) -> DenseGradients + Send>) -> Question {
        Question::new("dense_backward", move |i| {
            let at = |name: &str| matrix(&i.get(name).rows());
            let g = f(&at("x"), &at("w"), &at("dz"));
            record! { dx: rows(&g.dx), dw: rows(&g.dw), db: g.db.as_vec() }
        })
        .axes("dx", &[("ejemplo", "example"), ("entrada", "input")])
        .axes("dw", &[("salida", "output"), ("entrada", "input")])
        .axes("db", &[("salida", "output")])
        .case(record! { x: vec![vec![1.0, 2.0]], w: vec![vec![3.0, 4.0]], dz: vec![vec![10.0]] })
        .case(layer(&mut Random::new(1), 3, 2, 2))
        .case(layer(&mut Random::new(2), 2, 3, 4))
        .inputs(|rng| {
            let (n, inputs, outputs) = (
                draw::whole(rng, 1, 8),
                draw::whole(rng, 1, 5),
                draw::whole(rng, 1, 5),
            );
            layer(rng, n, inputs, outputs)
        })
        .property(
            "dx, dW y db son la pendiente del coste al mover cada número (diferencias centrales)",
            "dx, dW and db are the slope of the cost as each number moves (central differences)",
            |f, i| {
                // A cost whose derivative with respect to z is dz: C = Σ dz·z, with z = x·Wᵀ + b.
                let (x, w, dz) = (i.get("x").rows(), i.get("w").rows(), i.get("dz").rows());
                let cost = |x: &[Vec<f64>], w: &[Vec<f64>], b: &[f64]| -> f64 {
                    let dot =
                        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                    let one = |(x, dz): (&Vec<f64>, &Vec<f64>)| -> f64 {
                        (0..w.len()).map(|j| dz[j] * (dot(&w[j], x) + b[j])).sum()
                    };
                    x.iter().zip(&dz).map(one).sum()
                };
                let b = vec![vec![0.0; w.len()]];
                let given = f(i);
                within(
                    given.get("dx"),
                    slopes(&x, |x| cost(x, &w, &b[0])),
                    1e-6,
                    1e-7,
                )?;
                within(
                    given.get("dw"),
                    slopes(&w, |w| cost(&x, w, &b[0])),
                    1e-6,
                    1e-7,
                )?;
                within(
                    given.get("db"),
                    slopes(&b, |b| cost(&x, &w, &b[0])).swap_remove(0),
                    1e-6,
                    1e-7,
                )
            },
        )
    }
    ask(Box::new(f))
}

/// The slope of `cost` along each number of a matrix, by central differences.
pub(super) fn slopes(at: &[Vec<f64>], cost: impl Fn(&[Vec<f64>]) -> f64) -> Vec<Vec<f64>> {
    const H: f64 = 1e-4;
    let slope = |j: usize, k: usize| {
        let moved = |shift: f64| {
            let mut at = at.to_vec();
            at[j][k] += shift;
            cost(&at)
        };
        (moved(H) - moved(-H)) / (2.0 * H)
    };
    (0..at.len())
        .map(|j| (0..at[j].len()).map(|k| slope(j, k)).collect())
        .collect()
}
