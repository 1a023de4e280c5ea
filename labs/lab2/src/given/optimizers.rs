//! es: Los ajustes y la memoria de los optimizadores.
//! en: Settings and memory of the optimisers.

/// es: Ajustes y memoria del momentum, el normal o el de Nesterov.
/// en: Settings and memory of momentum, plain or Nesterov's.
#[derive(Clone, Debug)]
pub struct Momentum {
    /// Learning rate η
    pub eta: f64,
    /// es: Cuánta velocidad se conserva, μ
    /// en: How much of the velocity is kept, μ
    pub mu: f64,
    /// es: Velocidad, un número por peso; 0 al principio
    /// en: Velocity, one number per weight; 0 at the start
    pub v: Vec<f64>,
}

/// es: Ajustes y memoria de Adagrad.
/// en: Settings and memory of Adagrad.
#[derive(Clone, Debug)]
pub struct Adagrad {
    /// Learning rate η
    pub eta: f64,
    /// es: ε, sumada a la raíz
    /// en: ε, added to the root
    pub epsilon: f64,
    /// es: Suma de los gradientes al cuadrado; 0 al principio
    /// en: Sum of the squared gradients; 0 at the start
    pub s: Vec<f64>,
}

/// es: Ajustes y memoria de RMSProp.
/// en: Settings and memory of RMSProp.
#[derive(Clone, Debug)]
pub struct RmsProp {
    /// Learning rate η
    pub eta: f64,
    /// es: Cuánto se conserva de la media, ρ
    /// en: How much of the mean is kept, ρ
    pub rho: f64,
    /// es: ε, sumada a la raíz
    /// en: ε, added to the root
    pub epsilon: f64,
    /// es: Media móvil de los gradientes al cuadrado; 0 al principio
    /// en: Running mean of the squared gradients; 0 at the start
    pub s: Vec<f64>,
}

/// es: Ajustes y memoria de Adadelta, que no tiene learning rate.
/// en: Settings and memory of Adadelta, which has no learning rate.
#[derive(Clone, Debug)]
pub struct Adadelta {
    /// es: Cuánto se conserva de las medias, ρ
    /// en: How much of the means is kept, ρ
    pub rho: f64,
    /// es: ε, dentro de las raíces
    /// en: ε, under the roots
    pub epsilon: f64,
    /// es: Media móvil de los gradientes al cuadrado; 0 al principio
    /// en: Running mean of the squared gradients; 0 at the start
    pub s: Vec<f64>,
    /// es: Media móvil de los pasos al cuadrado; 0 al principio
    /// en: Running mean of the squared steps; 0 at the start
    pub d: Vec<f64>,
}

/// es: Ajustes y memoria de Adam.
/// en: Settings and memory of Adam.
#[derive(Clone, Debug)]
pub struct Adam {
    /// Learning rate η
    pub eta: f64,
    /// es: Cuánto se conserva de la media de los gradientes, β₁
    /// en: How much of the mean of the gradients is kept, β₁
    pub beta1: f64,
    /// es: Cuánto se conserva de la media de sus cuadrados, β₂
    /// en: How much of the mean of their squares is kept, β₂
    pub beta2: f64,
    /// es: ε, sumada a la raíz
    /// en: ε, added to the root
    pub epsilon: f64,
    /// es: Media móvil de los gradientes; 0 al principio
    /// en: Running mean of the gradients; 0 at the start
    pub m: Vec<f64>,
    /// es: Media móvil de los gradientes al cuadrado; 0 al principio
    /// en: Running mean of the squared gradients; 0 at the start
    pub v: Vec<f64>,
    /// es: Pasos dados hasta ahora; 0 al principio
    /// en: Steps taken so far; 0 at the start
    pub t: i32,
}
