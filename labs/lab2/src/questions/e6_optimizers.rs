use gradus_exercise::{Question, Random, Value, draw, record};

use crate::{Adadelta, Adagrad, Adam, Momentum, RmsProp};

/// Gradients that change sign, size and, for the second weight, are sometimes 0.
fn some() -> Value {
    record! { w: [1.0, -2.0], gradients: vec![vec![1.0, -1.0], vec![0.5, 0.0], vec![-2.0, 3.0], vec![0.25, 0.0]] }
}

/// Always the same gradient: the steps show what the memory does.
fn steady() -> Value {
    record! { w: [0.0], gradients: vec![vec![0.1]; 5] }
}

/// A large gradient, then small ones and none: what is remembered falls again.
fn falling() -> Value {
    record! { w: [0.5, 0.5], gradients: vec![vec![3.0, 0.0], vec![0.1, 0.0], vec![-0.2, 0.01], vec![0.05, 0.0], vec![0.1, -0.02]] }
}

/// A few steps, or many; large and small gradients, and weights that never get one.
fn any_path(rng: &mut Random) -> Value {
    let weights = draw::whole(rng, 1, 3);
    let steps = match draw::chance(rng, 0.15) {
        true => draw::whole(rng, 20, 50),
        false => draw::whole(rng, 1, 8),
    };
    let sizes: Vec<f64> = (0..weights)
        .map(|_| match rng.below(6) {
            0 => 0.0,
            1 => draw::magnitude(rng, 1e-6, 1e-2),
            _ => draw::magnitude(rng, 0.1, 5.0),
        })
        .collect();
    let mut gradients = draw::table(rng, steps, weights);
    for (step, gradient) in gradients.iter_mut().enumerate() {
        // The first one may be by far the largest.
        let fall = if step == 0 { 3.0 } else { 1.0 };
        for (g, size) in gradient.iter_mut().zip(&sizes) {
            *g = draw::round(*g * size * fall);
        }
    }
    record! { w: draw::normals(rng, weights), gradients: gradients }
}

/// The settings of one optimizer, then a path.
fn joined(settings: Value, path: Value) -> Value {
    match (settings, path) {
        (Value::Record(mut all), Value::Record(path)) => {
            all.extend(path);
            Value::Record(all)
        }
        (_, path) => path,
    }
}

/// The weights after each step of an optimizer made by `new` from the settings, for so many weights.
fn steps<O>(
    name: &'static str,
    new: impl Fn(&Value, usize) -> O + Send + 'static,
    step: impl Fn(&mut O, &mut [f64], &[f64]) + Send + 'static,
    usual: Value,
    other: Value,
    settings: impl Fn(&mut Random) -> Value + Send + Sync + 'static,
) -> Question {
    Question::new(name, move |i| {
        let mut w = i.get("w").numbers();
        let mut optimizer = new(i, w.len());
        let path: Vec<Vec<f64>> = (i.get("gradients").rows().iter())
            .map(|g| {
                step(&mut optimizer, &mut w, g);
                w.clone()
            })
            .collect();
        path.into()
    })
    .word("eta", "η (eta)", "η (eta)")
    .word("mu", "μ (mu)", "μ (mu)")
    .word("rho", "ρ (rho)", "ρ (rho)")
    .word("epsilon", "ε (epsilon)", "ε (epsilon)")
    .word("beta1", "β₁ (beta1)", "β₁ (beta1)")
    .word("beta2", "β₂ (beta2)", "β₂ (beta2)")
    .word("w", "w al principio", "w at the start")
    .word(
        "gradients",
        "gradiente g de cada paso",
        "gradient g of each step",
    )
    .axes(
        "",
        &[("paso, desde 0:", "step, from 0:"), ("peso", "weight")],
    )
    .case(joined(usual.clone(), some()))
    .case(joined(usual, steady()))
    .case(joined(other, falling()))
    .inputs(move |rng| {
        let settings = settings(rng);
        joined(settings, any_path(rng))
    })
}

fn any_eta(rng: &mut Random) -> f64 {
    draw::magnitude(rng, 1e-3, 1.0)
}

/// How much of a mean is kept.
fn any_share(rng: &mut Random) -> f64 {
    draw::one_of(rng, &[0.5, 0.8, 0.9, 0.95, 0.99])
}

fn any_epsilon(rng: &mut Random) -> f64 {
    draw::magnitude(rng, 1e-8, 0.1)
}

fn still(i: &Value, n: usize) -> Momentum {
    Momentum {
        eta: i.get("eta").number(),
        mu: i.get("mu").number(),
        v: vec![0.0; n],
    }
}

fn with_momentum(
    name: &'static str,
    f: impl Fn(&mut Momentum, &mut [f64], &[f64]) + Send + 'static,
) -> Question {
    let usual = record! { eta: 0.1, mu: 0.9 };
    steps(
        name,
        still,
        f,
        usual,
        record! { eta: 0.02, mu: 0.5 },
        |rng| {
            record! { eta: any_eta(rng), mu: any_share(rng) }
        },
    )
}

/// `fn momentum(o: &mut Momentum, w: &mut [f64], g: &[f64])`
pub fn momentum(f: impl Fn(&mut Momentum, &mut [f64], &[f64]) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&mut Momentum, &mut [f64], &[f64]) + Send>) -> Question {
        with_momentum("momentum", f)
    }
    ask(Box::new(f))
}

/// `fn nesterov(o: &mut Momentum, w: &mut [f64], g: &[f64])`
pub fn nesterov(f: impl Fn(&mut Momentum, &mut [f64], &[f64]) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&mut Momentum, &mut [f64], &[f64]) + Send>) -> Question {
        with_momentum("nesterov", f)
    }
    ask(Box::new(f))
}

/// `fn adagrad(o: &mut Adagrad, w: &mut [f64], g: &[f64])`
pub fn adagrad(f: impl Fn(&mut Adagrad, &mut [f64], &[f64]) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&mut Adagrad, &mut [f64], &[f64]) + Send>) -> Question {
        let new = |i: &Value, n| Adagrad {
            eta: i.get("eta").number(),
            epsilon: i.get("epsilon").number(),
            s: vec![0.0; n],
        };
        let usual = record! { eta: 0.1, epsilon: 1e-8 };
        steps(
            "adagrad",
            new,
            f,
            usual,
            record! { eta: 0.3, epsilon: 0.1 },
            |rng| {
                record! { eta: any_eta(rng), epsilon: any_epsilon(rng) }
            },
        )
    }
    ask(Box::new(f))
}

/// `fn rmsprop(o: &mut RmsProp, w: &mut [f64], g: &[f64])`
pub fn rmsprop(f: impl Fn(&mut RmsProp, &mut [f64], &[f64]) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&mut RmsProp, &mut [f64], &[f64]) + Send>) -> Question {
        let new = |i: &Value, n| RmsProp {
            eta: i.get("eta").number(),
            rho: i.get("rho").number(),
            epsilon: i.get("epsilon").number(),
            s: vec![0.0; n],
        };
        let usual = record! { eta: 0.1, rho: 0.9, epsilon: 1e-8 };
        let other = record! { eta: 0.03, rho: 0.5, epsilon: 0.1 };
        steps("rmsprop", new, f, usual, other, |rng| {
            record! { eta: any_eta(rng), rho: any_share(rng), epsilon: any_epsilon(rng) }
        })
    }
    ask(Box::new(f))
}

/// `fn adadelta(o: &mut Adadelta, w: &mut [f64], g: &[f64])`
pub fn adadelta(f: impl Fn(&mut Adadelta, &mut [f64], &[f64]) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&mut Adadelta, &mut [f64], &[f64]) + Send>) -> Question {
        let new = |i: &Value, n| Adadelta {
            rho: i.get("rho").number(),
            epsilon: i.get("epsilon").number(),
            s: vec![0.0; n],
            d: vec![0.0; n],
        };
        let usual = record! { rho: 0.95, epsilon: 1e-6 };
        steps(
            "adadelta",
            new,
            f,
            usual,
            record! { rho: 0.5, epsilon: 0.1 },
            |rng| {
                record! { rho: any_share(rng), epsilon: any_epsilon(rng) }
            },
        )
    }
    ask(Box::new(f))
}

/// `fn adam(o: &mut Adam, w: &mut [f64], g: &[f64])`
pub fn adam(f: impl Fn(&mut Adam, &mut [f64], &[f64]) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&mut Adam, &mut [f64], &[f64]) + Send>) -> Question {
        let new = |i: &Value, n| Adam {
            eta: i.get("eta").number(),
            beta1: i.get("beta1").number(),
            beta2: i.get("beta2").number(),
            epsilon: i.get("epsilon").number(),
            m: vec![0.0; n],
            v: vec![0.0; n],
            t: 0,
        };
        let usual = record! { eta: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        let other = record! { eta: 0.03, beta1: 0.5, beta2: 0.9, epsilon: 0.1 };
        steps("adam", new, f, usual, other, |rng| {
            let beta2 = draw::one_of(rng, &[0.9, 0.95, 0.99, 0.999]);
            record! { eta: any_eta(rng), beta1: any_share(rng), beta2: beta2, epsilon: any_epsilon(rng) }
        })
    }
    ask(Box::new(f))
}

/// `fn inverse_time_decay(eta0: f64, k: f64, t: usize) -> f64`
pub fn inverse_time_decay(f: impl Fn(f64, f64, usize) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64, f64, usize) -> f64 + Send>) -> Question {
        let case = |eta0: f64, k: f64, t: usize| record! { eta0: eta0, k: k, t: t };
        Question::new("inverse_time_decay", move |i| {
            f(
                i.get("eta0").number(),
                i.get("k").number(),
                i.get("t").count(),
            )
            .into()
        })
        .case(case(0.1, 0.01, 0))
        .case(case(0.1, 0.01, 100))
        .case(case(1.0, 0.5, 4))
        .case(case(1e-4, 1e-6, 1_000_000))
        .inputs(move |rng| {
            let t = match rng.below(3) {
                0 => draw::whole(rng, 0, 3),
                _ => draw::whole(rng, 1, 2000),
            };
            case(
                draw::magnitude(rng, 1e-4, 1.0),
                draw::magnitude(rng, 1e-4, 1.0),
                t,
            )
        })
    }
    ask(Box::new(f))
}
