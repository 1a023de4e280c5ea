use super::{Optimizer, setters, slots};
use crate::error::{Result, fraction, non_negative, positive};
use crate::kernels::{normal_or_zero, vectorized};

/// Adagrad: the more a parameter has moved, the smaller its steps, `s ← s + g²`, `w ← w - η g / (√s + ε)`. J. Duchi,
/// E. Hazan, Y. Singer, 2011, <https://jmlr.org/papers/v12/duchi11a.html>.
#[derive(Clone, Debug, PartialEq)]
pub struct Adagrad {
    /// The learning rate `η > 0`.
    pub learning_rate: f32,
    /// Where the sum of squares starts, at least 0; 0 by default, as in the paper and PyTorch (Keras: 0.1).
    pub initial: f32,
    /// Keeps the division finite; 1e-10 by default, as in PyTorch (Keras: 1e-7).
    pub epsilon: f32,
}

impl Adagrad {
    /// With this learning rate.
    pub fn new(learning_rate: f32) -> Adagrad {
        Adagrad {
            learning_rate,
            initial: 0.0,
            epsilon: 1e-10,
        }
    }
}

setters!(Adagrad {
    initial: f32,
    epsilon: f32
});

impl Optimizer for Adagrad {
    fn check(&self) -> Result<()> {
        positive(
            ("el learning rate", "the learning rate"),
            self.learning_rate,
        )?;
        non_negative(
            ("la suma inicial de cuadrados", "the initial sum of squares"),
            self.initial,
        )?;
        positive("epsilon", self.epsilon)
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        1
    }

    fn step(&self, _t: u64, eta: f32, w: &mut [f32], g: &mut [f32], memory: &mut [&mut [f32]]) {
        let [s] = slots(memory);
        let (initial, epsilon) = (self.initial, self.epsilon);
        vectorized!({
            for ((w, g), s) in w.iter_mut().zip(&*g).zip(s.iter_mut()) {
                *s += g * g;
                *w -= eta * g / ((*s + initial).sqrt() + epsilon);
            }
        });
    }
}

/// RMSProp: Adagrad that forgets, `s ← ρ s + (1 - ρ) g²`, `w ← w - η g / (√s + ε)`. G. Hinton, lecture 6e of *Neural
/// Networks for Machine Learning*, 2012.
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp {
    /// The learning rate `η > 0`; Keras's default is 0.001.
    pub learning_rate: f32,
    /// How much of the mean is kept, `ρ` in `[0, 1)`; 0.9 by default, as in the lecture and Keras (PyTorch: 0.99).
    pub rho: f32,
    /// Keeps the division finite; 1e-7 by default, as in Keras (PyTorch: 1e-8).
    pub epsilon: f32,
    /// Whether `ε` stands under the root, `√(s + ε)`, as in Keras; `√s + ε`, as in PyTorch and cs231n, by default.
    pub epsilon_under_root: bool,
}

impl RmsProp {
    /// With this learning rate.
    pub fn new(learning_rate: f32) -> RmsProp {
        RmsProp {
            learning_rate,
            rho: 0.9,
            epsilon: 1e-7,
            epsilon_under_root: false,
        }
    }
}

setters!(RmsProp {
    rho: f32,
    epsilon: f32,
    epsilon_under_root: bool
});

impl Optimizer for RmsProp {
    fn check(&self) -> Result<()> {
        positive(
            ("el learning rate", "the learning rate"),
            self.learning_rate,
        )?;
        fraction("rho", self.rho)?;
        positive("epsilon", self.epsilon)
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        1
    }

    fn step(&self, _t: u64, eta: f32, w: &mut [f32], g: &mut [f32], memory: &mut [&mut [f32]]) {
        let [s] = slots(memory);
        let rho = self.rho;
        let (under, beside) = if self.epsilon_under_root {
            (self.epsilon, 0.0)
        } else {
            (0.0, self.epsilon)
        };
        vectorized!({
            for ((w, g), s) in w.iter_mut().zip(&*g).zip(s.iter_mut()) {
                *s = normal_or_zero(rho * *s + (1.0 - rho) * g * g);
                *w -= eta * g / ((*s + under).sqrt() + beside);
            }
        });
    }
}

/// Adadelta: the size of the steps comes from the steps before, so that `η` has no unit left to choose.
///
/// `s ← ρ s + (1 - ρ) g²`, `Δ = √(d + ε) / √(s + ε) · g`, `d ← ρ d + (1 - ρ) Δ²`, `w ← w - η Δ`. M. D. Zeiler, 2012,
/// <https://arxiv.org/abs/1212.5701>.
#[derive(Clone, Debug, PartialEq)]
pub struct Adadelta {
    /// The factor `η > 0`; 1 by default, as in the paper and PyTorch (Keras: 0.001).
    pub learning_rate: f32,
    /// How much of the means is kept, `ρ` in `[0, 1)`; 0.95 by default, as in the paper and Keras (PyTorch: 0.9).
    pub rho: f32,
    /// Starts the steps and keeps the division finite; 1e-6 by default, as in the paper and PyTorch (Keras: 1e-7).
    pub epsilon: f32,
}

impl Adadelta {
    /// With this factor, and the paper's other hyperparameters.
    pub fn new(learning_rate: f32) -> Adadelta {
        Adadelta {
            learning_rate,
            rho: 0.95,
            epsilon: 1e-6,
        }
    }
}

setters!(Adadelta {
    rho: f32,
    epsilon: f32
});

impl Default for Adadelta {
    fn default() -> Adadelta {
        Adadelta::new(1.0)
    }
}

impl Optimizer for Adadelta {
    fn check(&self) -> Result<()> {
        positive(
            ("el learning rate", "the learning rate"),
            self.learning_rate,
        )?;
        fraction("rho", self.rho)?;
        positive("epsilon", self.epsilon)
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        2
    }

    fn step(&self, _t: u64, eta: f32, w: &mut [f32], g: &mut [f32], memory: &mut [&mut [f32]]) {
        let [s, d] = slots(memory);
        let (rho, epsilon) = (self.rho, self.epsilon);
        vectorized!({
            for (((w, g), s), d) in w.iter_mut().zip(&*g).zip(s.iter_mut()).zip(d.iter_mut()) {
                *s = normal_or_zero(rho * *s + (1.0 - rho) * g * g);
                let delta = (*d + epsilon).sqrt() / (*s + epsilon).sqrt() * g;
                *d = normal_or_zero(rho * *d + (1.0 - rho) * delta * delta);
                *w -= eta * delta;
            }
        });
    }
}
