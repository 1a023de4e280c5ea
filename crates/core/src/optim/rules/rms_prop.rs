use crate::error::{Result, fraction, positive};
use crate::kernels::{normal_or_zero, vectorized};
use crate::optim::{Optimizer, setters, slots};

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
    fn name(&self) -> &'static str {
        "RMSProp"
    }

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
