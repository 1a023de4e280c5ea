use crate::error::{Result, fraction, positive};
use crate::kernels::{normal_or_zero, vectorized};
use crate::optim::{Optimizer, setters, slots};

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
