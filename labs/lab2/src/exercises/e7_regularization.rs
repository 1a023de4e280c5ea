//! lab2.7

use gradus_exercise::Random;

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

/// es: Lo que recuerda early stopping.
/// en: What early stopping remembers.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    /// es: Cuántas épocas seguidas sin mejora terminan el entrenamiento
    /// en: How many epochs in a row without improvement end the training
    pub patience: usize,
    /// es: Cuánto tiene que bajar el coste respecto del mejor para contar como mejora
    /// en: By how much the loss must fall below the best one to count as an improvement
    pub min_delta: f64,
    /// es: El mejor coste hasta ahora; infinito al principio
    /// en: The best loss so far; infinite at the start
    pub best: f64,
    /// es: La época del mejor coste, cuyos pesos son los que se guardan
    /// en: The epoch of the best loss, whose weights are the ones to keep
    pub best_epoch: usize,
    /// es: Épocas seguidas sin mejora
    /// en: Epochs in a row without improvement
    pub waited: usize,
}

/// es: Qué hacer después de una época.
/// en: What to do after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// es: El coste ha mejorado: guarda estos pesos y sigue.
    /// en: The loss improved: keep these weights and go on.
    Improved,
    /// es: No ha mejorado, pero queda paciencia.
    /// en: It did not, but there is patience left.
    Wait,
    /// es: Se acabó la paciencia: para y vuelve a los mejores pesos.
    /// en: Patience has run out: stop and go back to the best weights.
    Stop,
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
