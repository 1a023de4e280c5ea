use super::{Optimizer, setters, slots};
use crate::error::{Result, fraction, non_negative, positive};
use crate::kernels::{normal_or_zero, vectorized};

/// Adam: momentum, and a learning rate of its own for each parameter.
///
/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`, `w ← w - η m̂ / (√v̂ + ε)` with the means freed from their start at
/// 0: `m̂ = m / (1 - β₁ᵗ)`, `v̂ = v / (1 - β₂ᵗ)`. D. P. Kingma, J. Ba, 2015, <https://arxiv.org/abs/1412.6980>.
///
/// Keras's legacy `decay` of the slides' `Adam(lr=0.0001, decay=1e-6)` is [`super::Schedule::one_over_t`].
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// The learning rate `η > 0`; the paper's default is 0.001.
    pub learning_rate: f32,
    /// How much of the mean of the gradients is kept, in `[0, 1)`; 0.9 by default, as in the paper.
    pub beta1: f32,
    /// How much of the mean of their squares is kept, in `[0, 1)`; 0.999 by default, as in the paper.
    pub beta2: f32,
    /// Keeps the division finite; 1e-8 by default, as in the paper and PyTorch (Keras: 1e-7).
    pub epsilon: f32,
}

impl Adam {
    /// With this learning rate and the paper's other defaults.
    pub fn new(learning_rate: f32) -> Adam {
        Adam {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

setters!(Adam {
    beta1: f32,
    beta2: f32,
    epsilon: f32
});

impl Default for Adam {
    fn default() -> Adam {
        Adam::new(0.001)
    }
}

impl Optimizer for Adam {
    fn check(&self) -> Result<()> {
        positive(
            ("el learning rate", "the learning rate"),
            self.learning_rate,
        )?;
        fraction("beta1", self.beta1)?;
        fraction("beta2", self.beta2)?;
        positive("epsilon", self.epsilon)
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        2
    }

    fn step(&self, t: u64, eta: f32, w: &mut [f32], g: &mut [f32], memory: &mut [&mut [f32]]) {
        self.step_keeping(1.0, t, eta, w, g, memory);
    }
}

impl Adam {
    /// The step, on the part `keep` of each parameter: all of it, or what weight decay leaves.
    fn step_keeping(
        &self,
        keep: f32,
        t: u64,
        eta: f32,
        w: &mut [f32],
        g: &[f32],
        memory: &mut [&mut [f32]],
    ) {
        let [m, v] = slots(memory);
        let Adam {
            beta1,
            beta2,
            epsilon,
            ..
        } = *self;
        let t = i32::try_from(t).unwrap_or(i32::MAX);
        // The corrections in f64: 1 - 0.999 in f32 is 1 % of a digit off already.
        let correct_m = (1.0 / (1.0 - f64::from(beta1).powi(t))) as f32;
        let correct_v = (1.0 / (1.0 - f64::from(beta2).powi(t))) as f32;
        vectorized!({
            for (((w, g), m), v) in w.iter_mut().zip(g).zip(m.iter_mut()).zip(v.iter_mut()) {
                *m = normal_or_zero(beta1 * *m + (1.0 - beta1) * g);
                *v = normal_or_zero(beta2 * *v + (1.0 - beta2) * g * g);
                let m_hat = *m * correct_m;
                let v_hat = *v * correct_v;
                *w = keep * *w - eta * m_hat / (v_hat.sqrt() + epsilon);
            }
        });
    }
}

/// AdamW: [`Adam`], with weight decay that does not go through the means: `w ← w - η λ w`. I. Loshchilov, F. Hutter, 2019,
/// <https://arxiv.org/abs/1711.05101>.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamW {
    /// The rule that it adds to.
    pub adam: Adam,
    /// The decay `λ`, at least 0; 0.01 by default, as in PyTorch (Keras: 0.004).
    pub weight_decay: f32,
}

impl AdamW {
    /// With this learning rate and `λ = 0.01`.
    pub fn new(learning_rate: f32) -> AdamW {
        AdamW {
            adam: Adam::new(learning_rate),
            weight_decay: 0.01,
        }
    }
}

impl AdamW {
    /// With another decay `λ`. It goes past the means, unlike that of [`Optimizer::weight_decay`] with another rule.
    pub fn weight_decay(self, weight_decay: f32) -> AdamW {
        AdamW {
            weight_decay,
            ..self
        }
    }

    /// With other hyperparameters of the [`Adam`] that it adds to.
    pub fn adam(self, adam: Adam) -> AdamW {
        AdamW { adam, ..self }
    }
}

impl Optimizer for AdamW {
    fn check(&self) -> Result<()> {
        non_negative(("el weight decay", "the weight decay"), self.weight_decay)?;
        self.adam.check()
    }

    fn learning_rate(&self) -> f32 {
        self.adam.learning_rate
    }

    fn slots(&self) -> usize {
        self.adam.slots()
    }

    fn step(&self, t: u64, eta: f32, w: &mut [f32], g: &mut [f32], memory: &mut [&mut [f32]]) {
        let keep = 1.0 - eta * self.weight_decay;
        self.adam.step_keeping(keep, t, eta, w, g, memory);
    }
}
