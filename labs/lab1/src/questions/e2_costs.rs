use gradus_exercise::{Question, draw, ensure, near, record, within};

use super::{any_row, several_outputs, single_outputs};

/// `fn quadratic_cost(a: &[f64], y: &[f64]) -> f64`
pub fn quadratic_cost(f: impl Fn(&[f64], &[f64]) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&[f64], &[f64]) -> f64 + Send>) -> Question {
        Question::new("quadratic_cost", move |i| {
            f(&i.get("a").numbers(), &i.get("y").numbers()).into()
        })
        .case(record! { a: [0.8], y: [1.0] })
        .case(record! { a: [0.2, 0.9, 0.4], y: [0.0, 1.0, 1.0] })
        .case(record! { a: [1.0, 3.0], y: [3.0, -1.0] })
        .inputs(|rng| {
            let n = draw::whole(rng, 1, 8);
            let mut numbers =
                || -> Vec<f64> { (0..n).map(|_| draw::between(rng, -5.0, 5.0)).collect() };
            record! { a: numbers(), y: numbers() }
        })
        .property(
            "el coste es 0 cuando a = y",
            "the cost is 0 when a = y",
            |f, i| near(f(&record! { a: i.get("y"), y: i.get("y") }), 0.0),
        )
        .property(
            "repetir todos los ejemplos no cambia el coste: es una media",
            "repeating every example does not change the cost: it is a mean",
            |f, i| {
                let twice = |name: &str| [i.get(name).numbers(), i.get(name).numbers()].concat();
                near(f(&record! { a: twice("a"), y: twice("y") }), f(i))
            },
        )
    }
    ask(Box::new(f))
}

/// `fn binary_cross_entropy(z: &[f64], y: &[f64]) -> f64`
pub fn binary_cross_entropy(f: impl Fn(&[f64], &[f64]) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&[f64], &[f64]) -> f64 + Send>) -> Question {
        Question::new("binary_cross_entropy", move |i| {
            f(&i.get("z").numbers(), &i.get("y").numbers()).into()
        })
        .case(record! { z: [0.0], y: [1.0] })
        .case(record! { z: [2.0, -1.0, 0.5], y: [1.0, 0.0, 0.0] })
        .case(record! { z: [1.5, -2.5], y: [0.25, 0.75] })
        .case(record! { z: [1000.0, -1000.0], y: [0.0, 0.0] })
        .inputs(single_outputs(1000.0))
        .property(
            "el coste nunca es negativo ni NaN",
            "the cost is never negative nor NaN",
            |f, i| {
                let c = f(i).number();
                ensure(c >= 0.0 && c.is_finite(), "C >= 0", c)
            },
        )
        .property(
            "cambiar z por −z e y por 1 − y no cambia el coste",
            "replacing z by −z and y by 1 − y does not change the cost",
            |f, i| {
                let z: Vec<f64> = i.get("z").numbers().iter().map(|z| -z).collect();
                let y: Vec<f64> = i.get("y").numbers().iter().map(|y| 1.0 - y).collect();
                near(f(&record! { z: z, y: y }), f(i))
            },
        )
    }
    ask(Box::new(f))
}

/// `fn softmax(z: &[f64]) -> Vec<f64>`
pub fn softmax(f: impl Fn(&[f64]) -> Vec<f64> + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&[f64]) -> Vec<f64> + Send>) -> Question {
        Question::new("softmax", move |i| f(&i.get("z").numbers()).into())
            .case(record! { z: [0.0, 0.0] })
            .case(record! { z: [1.0, 2.0, 3.0] })
            .case(record! { z: [-1.0, 0.5, 4.0, 0.5] })
            .case(record! { z: [1000.0, 1001.0] })
            .inputs(|rng| {
                let n = draw::whole(rng, 1, 8);
                record! { z: any_row(rng, n, 1000.0) }
            })
            .property(
                "las probabilidades suman 1",
                "the probabilities add up to 1",
                // A small number added to the sum against a division by 0 shows only here.
                |f, i| within(f(i).numbers().iter().sum::<f64>(), 1.0, 1e-9, 0.0),
            )
            .property(
                "sumar lo mismo a todas las z no cambia nada",
                "adding the same to every z changes nothing",
                |f, i| {
                    let z: Vec<f64> = i.get("z").numbers().iter().map(|z| z + 10.0).collect();
                    near(f(&record! { z: z }), f(i))
                },
            )
    }
    ask(Box::new(f))
}

/// `fn cross_entropy(z: &[Vec<f64>], labels: &[usize]) -> f64`
pub fn cross_entropy(f: impl Fn(&[Vec<f64>], &[usize]) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&[Vec<f64>], &[usize]) -> f64 + Send>) -> Question {
        Question::new("cross_entropy", move |i| {
            f(&i.get("z").rows(), &i.get("labels").counts()).into()
        })
        .case(record! { z: vec![vec![0.0, 0.0, 0.0]], labels: [1_usize] })
        .case(record! {
            z: vec![vec![1.0, 2.0, 3.0], vec![0.5, -1.0, 0.0], vec![-2.0, 0.0, 1.0]],
            labels: [2_usize, 0, 1],
        })
        .case(record! { z: vec![vec![1000.0, 0.0, -1000.0]], labels: [2_usize] })
        .case(record! { z: vec![vec![0.3, -0.7], vec![1.5, 0.2]], labels: [1_usize, 0] })
        .inputs(several_outputs(500.0))
        .property(
            "el coste nunca es negativo ni NaN",
            "the cost is never negative nor NaN",
            |f, i| {
                let c = f(i).number();
                ensure(c > -1e-9 && c.is_finite(), "C >= 0", c)
            },
        )
    }
    ask(Box::new(f))
}
