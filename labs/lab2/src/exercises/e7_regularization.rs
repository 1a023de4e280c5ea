//! lab2.7

use gradus_exercise::Random;

use crate::given::{Decision, EarlyStopping};

/// es: La penalización λ/(2n) Σ w² y su gradiente respecto de cada peso
/// en: The penalty λ/(2n) Σ w² and its gradient with respect to each weight
pub fn l2(w: &[f64], lambda: f64, n: usize) -> (f64, Vec<f64>) {
    // BEGIN SOLUTION lab2.7
    let strength = lambda / n as f64;
    let penalty = strength / 2.0 * w.iter().map(|w| w * w).sum::<f64>();
    (penalty, w.iter().map(|w| strength * w).collect())
    // END SOLUTION
}

/// es: La penalización λ/n Σ |w| y su gradiente respecto de cada peso, que es 0 donde w = 0
/// en: The penalty λ/n Σ |w| and its gradient with respect to each weight, which is 0 where w = 0
pub fn l1(w: &[f64], lambda: f64, n: usize) -> (f64, Vec<f64>) {
    // BEGIN SOLUTION lab2.7
    let strength = lambda / n as f64;
    let sign = |w: &f64| if *w == 0.0 { 0.0 } else { w.signum() };
    let penalty = strength * w.iter().map(|w| w.abs()).sum::<f64>();
    (penalty, w.iter().map(|w| strength * sign(w)).collect())
    // END SOLUTION
}

/// es: Inverted dropout: en el entrenamiento cada activación pasa a 0 con probabilidad p, y si no, a a/(1 − p); en el test no cambia nada
/// en: Inverted dropout: at training time each activation becomes 0 with probability p, else a/(1 − p); at test time nothing changes
pub fn dropout(a: &[f64], p: f64, training: bool, rng: &mut Random) -> Vec<f64> {
    // BEGIN SOLUTION lab2.7
    if !training {
        return a.to_vec();
    }
    let mut one = |a: &f64| {
        if rng.uniform() < p {
            0.0
        } else {
            a / (1.0 - p)
        }
    };
    a.iter().map(&mut one).collect()
    // END SOLUTION
}

/// es: Dice a early stopping el coste de validación de `epoch`
/// en: Tells early stopping the validation loss of `epoch`
pub fn early_stopping(state: &mut EarlyStopping, epoch: usize, loss: f64) -> Decision {
    // BEGIN SOLUTION lab2.7
    if loss < state.best - state.min_delta {
        state.best = loss;
        state.best_epoch = epoch;
        state.waited = 0;
        return Decision::Improved;
    }
    state.waited += 1;
    if state.waited >= state.patience {
        Decision::Stop
    } else {
        Decision::Wait
    }
    // END SOLUTION
}
