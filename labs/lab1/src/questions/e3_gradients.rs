use gradus_exercise::{Question, near, record, within};

use super::{several_outputs, single_outputs};

/// `fn quadratic_gradient(z: &[f64], y: &[f64]) -> Vec<f64>`
pub fn quadratic_gradient(f: impl Fn(&[f64], &[f64]) -> Vec<f64> + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&[f64], &[f64]) -> Vec<f64> + Send>) -> Question {
        Question::new("quadratic_gradient", move |i| {
            f(&i.get("z").numbers(), &i.get("y").numbers()).into()
        })
        .case(record! { z: [0.5], y: [1.0] })
        .case(record! { z: [2.0, -1.0, 0.5], y: [1.0, 0.0, 0.0] })
        .case(record! { z: [-8.0, 8.0], y: [1.0, 1.0] })
        .axes("", &[("ejemplo", "example")])
        .inputs(single_outputs(6.0))
        .property(
            "el gradiente es la pendiente del coste: (C(z+h) − C(z−h)) / 2h, con h = 10⁻⁴",
            "the gradient is the slope of the cost: (C(z+h) − C(z−h)) / 2h, with h = 10⁻⁴",
            |f, i| {
                let (z, y) = (i.get("z").numbers(), i.get("y").numbers());
                let cost = |z: &[f64]| {
                    let terms = z.iter().zip(&y);
                    let sum: f64 = terms
                        .map(|(z, y)| (y - 0.5 - 0.5 * (z / 2.0).tanh()).powi(2))
                        .sum();
                    sum / 2.0 / y.len() as f64
                };
                within(f(i), slopes(&z, cost), 1e-5, 1e-7)
            },
        )
    }
    ask(Box::new(f))
}

/// `fn binary_cross_entropy_gradient(z: &[f64], y: &[f64]) -> Vec<f64>`
pub fn binary_cross_entropy_gradient(
    f: impl Fn(&[f64], &[f64]) -> Vec<f64> + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(&[f64], &[f64]) -> Vec<f64> + Send>) -> Question {
        Question::new("binary_cross_entropy_gradient", move |i| {
            f(&i.get("z").numbers(), &i.get("y").numbers()).into()
        })
        .case(record! { z: [0.5], y: [1.0] })
        .case(record! { z: [2.0, -1.0, 0.5], y: [1.0, 0.0, 0.0] })
        .case(record! { z: [-8.0, 8.0], y: [1.0, 1.0] })
        .case(record! { z: [1000.0, -1000.0], y: [0.0, 0.0] })
        .axes("", &[("ejemplo", "example")])
        .inputs(single_outputs(6.0))
        .property(
            "el gradiente es la pendiente del coste: (C(z+h) − C(z−h)) / 2h, con h = 10⁻⁴",
            "the gradient is the slope of the cost: (C(z+h) − C(z−h)) / 2h, with h = 10⁻⁴",
            |f, i| {
                let (z, y) = (i.get("z").numbers(), i.get("y").numbers());
                let cost = |z: &[f64]| {
                    let a = |z: f64| 0.5 + 0.5 * (z / 2.0).tanh();
                    let terms = z.iter().zip(&y);
                    let sum: f64 = terms
                        .map(|(z, y)| y * a(*z).ln() + (1.0 - y) * a(-z).ln())
                        .sum();
                    -sum / y.len() as f64
                };
                within(f(i), slopes(&z, cost), 1e-5, 1e-7)
            },
        )
    }
    ask(Box::new(f))
}

/// `fn cross_entropy_gradient(z: &[Vec<f64>], labels: &[usize]) -> Vec<Vec<f64>>`
pub fn cross_entropy_gradient(
    f: impl Fn(&[Vec<f64>], &[usize]) -> Vec<Vec<f64>> + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(&[Vec<f64>], &[usize]) -> Vec<Vec<f64>> + Send>) -> Question {
        Question::new("cross_entropy_gradient", move |i| {
            f(&i.get("z").rows(), &i.get("labels").counts()).into()
        })
        .case(record! { z: vec![vec![0.0, 0.0, 0.0]], labels: [1_usize] })
        .case(record! {
            z: vec![vec![1.0, 2.0, 3.0], vec![0.5, -1.0, 0.0]],
            labels: [2_usize, 0],
        })
        .case(record! { z: vec![vec![1000.0, 0.0, -1000.0]], labels: [2_usize] })
        .axes("", &[("ejemplo", "example"), ("clase", "class")])
        .inputs(several_outputs(6.0))
        .property(
            "en cada fila, el gradiente suma 0: lo que gana una clase lo pierden las demás",
            "in each row the gradient adds up to 0: what one class wins, the others lose",
            |f, i| {
                let sums: Vec<f64> = f(i).rows().iter().map(|row| row.iter().sum()).collect();
                near(sums, vec![0.0; i.get("labels").items().len()])
            },
        )
        .property(
            "solo la clase correcta tiene gradiente negativo: bajar C es subir su z",
            "only the right class has a negative gradient: lowering C means raising its z",
            |f, i| {
                let negative: Vec<usize> = f(i)
                    .rows()
                    .iter()
                    .map(|row| row.iter().position(|g| *g < 0.0).unwrap_or(usize::MAX))
                    .collect();
                near(negative, i.get("labels"))
            },
        )
    }
    ask(Box::new(f))
}

/// The slope of `cost` along each coordinate of z, by central differences.
fn slopes(z: &[f64], cost: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    const H: f64 = 1e-4;
    (0..z.len())
        .map(|i| {
            let at = |shift: f64| {
                let mut z = z.to_vec();
                z[i] += shift;
                cost(&z)
            };
            (at(H) - at(-H)) / (2.0 * H)
        })
        .collect()
}
