//! lab2.6

use crate::given::{Adadelta, Adagrad, Adam, Momentum, RmsProp};

/// v ← μv − ηg;  w ← w + v
pub fn momentum(o: &mut Momentum, w: &mut [f64], g: &[f64]) {
    // BEGIN SOLUTION lab2.6
    for i in 0..w.len() {
        o.v[i] = o.mu * o.v[i] - o.eta * g[i];
        w[i] += o.v[i];
    }
    // END SOLUTION
}

/// es: v ← μv − ηg;  w ← w + μv − ηg, con la v nueva
/// en: v ← μv − ηg;  w ← w + μv − ηg, with the new v
pub fn nesterov(o: &mut Momentum, w: &mut [f64], g: &[f64]) {
    // BEGIN SOLUTION lab2.6
    for i in 0..w.len() {
        o.v[i] = o.mu * o.v[i] - o.eta * g[i];
        w[i] += o.mu * o.v[i] - o.eta * g[i];
    }
    // END SOLUTION
}

/// s ← s + g²;  w ← w − η g / (√s + ε)
pub fn adagrad(o: &mut Adagrad, w: &mut [f64], g: &[f64]) {
    // BEGIN SOLUTION lab2.6
    for i in 0..w.len() {
        o.s[i] += g[i] * g[i];
        w[i] -= o.eta * g[i] / (o.s[i].sqrt() + o.epsilon);
    }
    // END SOLUTION
}

/// s ← ρs + (1 − ρ)g²;  w ← w − η g / (√s + ε)
pub fn rmsprop(o: &mut RmsProp, w: &mut [f64], g: &[f64]) {
    // BEGIN SOLUTION lab2.6
    for i in 0..w.len() {
        o.s[i] = o.rho * o.s[i] + (1.0 - o.rho) * g[i] * g[i];
        w[i] -= o.eta * g[i] / (o.s[i].sqrt() + o.epsilon);
    }
    // END SOLUTION
}

/// s ← ρs + (1 − ρ)g²;  Δ = −g √(d + ε)/√(s + ε);  d ← ρd + (1 − ρ)Δ²;  w ← w + Δ
pub fn adadelta(o: &mut Adadelta, w: &mut [f64], g: &[f64]) {
    // BEGIN SOLUTION lab2.6
    for i in 0..w.len() {
        o.s[i] = o.rho * o.s[i] + (1.0 - o.rho) * g[i] * g[i];
        let delta = -g[i] * ((o.d[i] + o.epsilon) / (o.s[i] + o.epsilon)).sqrt();
        o.d[i] = o.rho * o.d[i] + (1.0 - o.rho) * delta * delta;
        w[i] += delta;
    }
    // END SOLUTION
}

/// es: t ← t + 1;  m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  w ← w − η m̂ / (√v̂ + ε), con m̂ = m/(1 − β₁ᵗ) y v̂ = v/(1 − β₂ᵗ)
/// en: t ← t + 1;  m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  w ← w − η m̂ / (√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ)
pub fn adam(o: &mut Adam, w: &mut [f64], g: &[f64]) {
    // BEGIN SOLUTION lab2.6
    o.t += 1;
    for i in 0..w.len() {
        o.m[i] = o.beta1 * o.m[i] + (1.0 - o.beta1) * g[i];
        o.v[i] = o.beta2 * o.v[i] + (1.0 - o.beta2) * g[i] * g[i];
        let m_hat = o.m[i] / (1.0 - o.beta1.powi(o.t));
        let v_hat = o.v[i] / (1.0 - o.beta2.powi(o.t));
        w[i] -= o.eta * m_hat / (v_hat.sqrt() + o.epsilon);
    }
    // END SOLUTION
}

/// η(t) = η₀ / (1 + k t)
pub fn inverse_time_decay(eta0: f64, k: f64, t: usize) -> f64 {
    // BEGIN SOLUTION lab2.6
    eta0 / (1.0 + k * t as f64)
    // END SOLUTION
}
