//! Steps of optimisers gone wrong in one place, in the ways in which it goes wrong: more mutants of usual mistakes.

use gradus_exercise::{Question, proof::Mutants};
use lab2::{Adadelta, Adagrad, Adam, Momentum, RmsProp, questions as q};

use super::exercises;

pub fn mutants() -> Mutants {
    [momenta(), scaled_steps(), adams()]
        .into_iter()
        .flatten()
        .collect()
}

/// Momentum's step for one weight, and what is the velocity after it.
fn with_velocity(
    step: fn(&Momentum, f64, f64) -> (f64, f64),
) -> impl Fn(&mut Momentum, &mut [f64], &[f64]) {
    move |o, w, g| {
        for i in 0..w.len() {
            let (v, moved) = step(o, o.v[i], g[i]);
            o.v[i] = v;
            w[i] += moved;
        }
    }
}

fn momenta() -> Mutants {
    vec![
        (
            "old_v",
            q::momentum(with_velocity(|o, v, g| (o.mu * v - o.eta * g, v))),
        ),
        (
            "damped",
            q::momentum(with_velocity(|o, v, g| {
                let v = o.mu * v - (1.0 - o.mu) * o.eta * g;
                (v, v)
            })),
        ),
        (
            "no_mu",
            q::nesterov(with_velocity(|o, v, g| {
                let v = o.mu * v - o.eta * g;
                (v, v - o.eta * g)
            })),
        ),
        (
            "ascent",
            q::nesterov(with_velocity(|o, v, g| {
                let v = o.mu * v + o.eta * g;
                (v, o.mu * v + o.eta * g)
            })),
        ),
        (
            "half_ascent",
            q::nesterov(with_velocity(|o, v, g| {
                let v = o.mu * v - o.eta * g;
                (v, o.mu * v + o.eta * g)
            })),
        ),
    ]
}

/// Adagrad's and RMSProp's steps for one weight: what is kept after it, and the step.
fn adagrad(step: fn(&Adagrad, f64, f64) -> (f64, f64)) -> Question {
    q::adagrad(move |o, w, g| {
        for i in 0..w.len() {
            let (s, moved) = step(o, o.s[i], g[i]);
            o.s[i] = s;
            w[i] -= moved;
        }
    })
}

fn rmsprop(step: fn(&RmsProp, f64, f64) -> (f64, f64)) -> Question {
    q::rmsprop(move |o, w, g| {
        for i in 0..w.len() {
            let (s, moved) = step(o, o.s[i], g[i]);
            o.s[i] = s;
            w[i] -= moved;
        }
    })
}

/// Adadelta with the two roots left open: of d and of s, with ε.
fn adadelta(of_d: fn(f64, f64) -> f64, of_s: fn(f64, f64) -> f64) -> Question {
    q::adadelta(move |o: &mut Adadelta, w, g| {
        for i in 0..w.len() {
            o.s[i] = o.rho * o.s[i] + (1.0 - o.rho) * g[i] * g[i];
            let delta = -g[i] * of_d(o.d[i], o.epsilon) / of_s(o.s[i], o.epsilon);
            o.d[i] = o.rho * o.d[i] + (1.0 - o.rho) * delta * delta;
            w[i] += delta;
        }
    })
}

fn scaled_steps() -> Mutants {
    let inside = |x: f64, e: f64| (x + e).sqrt();
    let without = |x: f64, _: f64| x.sqrt();
    let outside = |x: f64, e: f64| x.sqrt() + e;
    vec![
        (
            "epsilon_inside",
            adagrad(|o, s, g| {
                let s = s + g * g;
                (s, o.eta * g / (s + o.epsilon).sqrt())
            }),
        ),
        (
            "old_s",
            adagrad(|o, s, g| (s + g * g, o.eta * g / (s.sqrt() + o.epsilon))),
        ),
        (
            "not_squared",
            adagrad(|o, s, g| {
                let s = s + g.abs();
                (s, o.eta * g / (s.sqrt() + o.epsilon))
            }),
        ),
        (
            "not_squared",
            adagrad(|o, s, g| {
                let s = s + g;
                (s, o.eta * g / (s.sqrt() + o.epsilon))
            }),
        ),
        (
            "epsilon_inside",
            rmsprop(|o, s, g| {
                let s = o.rho * s + (1.0 - o.rho) * g * g;
                (s, o.eta * g / (s + o.epsilon).sqrt())
            }),
        ),
        (
            "not_squared",
            rmsprop(|o, s, g| {
                let s = o.rho * s + (1.0 - o.rho) * g.abs();
                (s, o.eta * g / (s.sqrt() + o.epsilon))
            }),
        ),
        (
            "not_squared",
            rmsprop(|o, s, g| {
                let s = o.rho * s + (1.0 - o.rho) * g;
                (s, o.eta * g / (s.sqrt() + o.epsilon))
            }),
        ),
        (
            "no_complement",
            rmsprop(|o, s, g| {
                let s = o.rho * s + g * g;
                (s, o.eta * g / (s.sqrt() + o.epsilon))
            }),
        ),
        (
            "old_s",
            rmsprop(|o, s, g| {
                let new = o.rho * s + (1.0 - o.rho) * g * g;
                (new, o.eta * g / (s.sqrt() + o.epsilon))
            }),
        ),
        ("stuck", q::adadelta(|_, _, _| {})),
        ("stuck", adadelta(without, inside)),
        ("no_epsilon", adadelta(without, without)),
        ("no_epsilon", adadelta(inside, without)),
        ("epsilon_outside", adadelta(outside, outside)),
        ("epsilon_outside", adadelta(inside, outside)),
        ("epsilon_outside", adadelta(outside, inside)),
    ]
}

/// Adam with the last line left open: from m̂, v̂ and the rest.
fn adam(step: fn(&mut Adam, usize, f64, f64) -> f64) -> Question {
    q::adam(move |o, w, g| {
        o.t += 1;
        for i in 0..w.len() {
            o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
            o.v[i] = o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i];
            let m_hat = o.m[i] / (1.0 - o.beta1.powi(o.t));
            let v_hat = o.v[i] / (1.0 - o.beta2.powi(o.t));
            w[i] -= o.eta * step(o, i, m_hat, v_hat);
        }
    })
}

fn adams() -> Mutants {
    vec![
        (
            "epsilon_inside",
            adam(|o, _, m, v| m / (v + o.epsilon).sqrt()),
        ),
        ("no_epsilon", adam(|_, _, m, v| m / v.sqrt())),
        (
            "v_not_corrected",
            adam(|o, i, m, _| m / (o.v[i].sqrt() + o.epsilon)),
        ),
        (
            "m_not_corrected",
            adam(|o, i, _, v| o.m[i] / (v.sqrt() + o.epsilon)),
        ),
        (
            "corrected_kept",
            adam(|o, i, m, v| {
                (o.m[i], o.v[i]) = (m, v);
                m / (v.sqrt() + o.epsilon)
            }),
        ),
        (
            "t_stands_still",
            q::adam(|o, w, g| {
                exercises::adam(o, w, g);
                o.t = 0;
            }),
        ),
        (
            "power",
            q::inverse_time_decay(|eta0, k, t| eta0 * k.powi(t as i32)),
        ),
        (
            "root",
            q::inverse_time_decay(|eta0, k, t| eta0 / (1.0 + k * t as f64).sqrt()),
        ),
        (
            "no_one",
            q::inverse_time_decay(|eta0, k, t| eta0 / (k * t as f64)),
        ),
        (
            "not_divided",
            q::inverse_time_decay(|eta0, k, t| eta0 * (1.0 + k * t as f64)),
        ),
    ]
}
