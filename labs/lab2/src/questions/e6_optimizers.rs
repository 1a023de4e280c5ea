use gradus_exercise::{Question, Value, record};

use crate::{Adadelta, Adagrad, Adam, Momentum, RmsProp};

/// Gradients that change sign, size and, for the second weight, are sometimes 0.
fn some() -> Value {
    record! { w: [1.0, -2.0], gradients: vec![vec![1.0, -1.0], vec![0.5, 0.0], vec![-2.0, 3.0], vec![0.25, 0.0]] }
}

/// Always the same gradient: the steps show what the memory does.
fn steady() -> Value {
    record! { w: [0.0], gradients: vec![vec![0.1]; 5] }
}

/// The weights after each step of an optimizer made by `new` for so many weights.
fn steps<O>(
    name: &'static str,
    new: impl Fn(usize) -> O + Send + 'static,
    step: impl Fn(&mut O, &mut [f64], &[f64]) + Send + 'static,
) -> Question {
    Question::new(name, move |i| {
        let mut w = i.get("w").numbers();
        let mut optimizer = new(w.len());
        let path: Vec<Vec<f64>> = (i.get("gradients").rows().iter())
            .map(|g| {
                step(&mut optimizer, &mut w, g);
                w.clone()
            })
            .collect();
        path.into()
    })
    .case(some())
    .case(steady())
}

fn still(n: usize) -> Momentum {
    Momentum {
        eta: 0.1,
        mu: 0.9,
        v: vec![0.0; n],
    }
}

/// `fn momentum(o: &mut Momentum, w: &mut [f64], g: &[f64])`
pub fn momentum(f: impl Fn(&mut Momentum, &mut [f64], &[f64]) + Send + 'static) -> Question {
    steps("momentum", still, f)
}

/// `fn nesterov(o: &mut Momentum, w: &mut [f64], g: &[f64])`
pub fn nesterov(f: impl Fn(&mut Momentum, &mut [f64], &[f64]) + Send + 'static) -> Question {
    steps("nesterov", still, f)
}

/// `fn adagrad(o: &mut Adagrad, w: &mut [f64], g: &[f64])`
pub fn adagrad(f: impl Fn(&mut Adagrad, &mut [f64], &[f64]) + Send + 'static) -> Question {
    let new = |n| Adagrad {
        eta: 0.1,
        epsilon: 1e-8,
        s: vec![0.0; n],
    };
    steps("adagrad", new, f)
}

/// `fn rmsprop(o: &mut RmsProp, w: &mut [f64], g: &[f64])`
pub fn rmsprop(f: impl Fn(&mut RmsProp, &mut [f64], &[f64]) + Send + 'static) -> Question {
    let new = |n| RmsProp {
        eta: 0.1,
        rho: 0.9,
        epsilon: 1e-8,
        s: vec![0.0; n],
    };
    steps("rmsprop", new, f)
}

/// `fn adadelta(o: &mut Adadelta, w: &mut [f64], g: &[f64])`
pub fn adadelta(f: impl Fn(&mut Adadelta, &mut [f64], &[f64]) + Send + 'static) -> Question {
    let new = |n| Adadelta {
        rho: 0.95,
        epsilon: 1e-6,
        s: vec![0.0; n],
        d: vec![0.0; n],
    };
    steps("adadelta", new, f)
}

/// `fn adam(o: &mut Adam, w: &mut [f64], g: &[f64])`
pub fn adam(f: impl Fn(&mut Adam, &mut [f64], &[f64]) + Send + 'static) -> Question {
    let new = |n| Adam {
        eta: 0.1,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        m: vec![0.0; n],
        v: vec![0.0; n],
        t: 0,
    };
    steps("adam", new, f)
}

/// `fn inverse_time_decay(eta0: f64, k: f64, t: usize) -> f64`
pub fn inverse_time_decay(f: impl Fn(f64, f64, usize) -> f64 + Send + 'static) -> Question {
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
}
