use super::Optimizer;
use crate::error::{Result, fraction, positive};

/// Adam: momentum and a learning rate of its own for each parameter.
///
/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`, `w ← w - η m̂ / (√v̂ + ε)` with the estimates freed from their start
/// at 0: `m̂ = m / (1 - β₁ᵗ)`, `v̂ = v / (1 - β₂ᵗ)`. D. P. Kingma, J. Ba, 2015, <https://arxiv.org/abs/1412.6980>.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// The learning rate `η > 0`; the paper's default is 0.001.
    pub learning_rate: f32,
    /// Decay of the mean of the gradients, in `[0, 1)`; 0.9 by default, as in the paper.
    pub beta1: f32,
    /// Decay of the mean of their squares, in `[0, 1)`; 0.999 by default, as in the paper.
    pub beta2: f32,
    /// Keeps the division finite; 1e-8 by default, as in the paper and PyTorch (Keras: 1e-7).
    pub epsilon: f32,
}

impl Adam {
    /// With this learning rate and the paper's other defaults.
    pub fn new(learning_rate: f32) -> Adam {
        Adam {
            learning_rate,
            ..Adam::default()
        }
    }
}

impl Default for Adam {
    fn default() -> Adam {
        Adam {
            learning_rate: 0.001,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

impl Optimizer for Adam {
    fn check(&self) -> Result<()> {
        positive("the learning rate", f64::from(self.learning_rate))?;
        fraction("beta1", f64::from(self.beta1))?;
        fraction("beta2", f64::from(self.beta2))?;
        positive("epsilon", f64::from(self.epsilon))
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        2
    }

    fn step(&self, t: u64, w: &mut [f32], g: &[f32], slots: &mut [Vec<f32>]) {
        let [m, v] = slots else {
            unreachable!("the caller keeps slots() vectors");
        };
        let Adam {
            learning_rate: eta,
            beta1,
            beta2,
            epsilon,
        } = *self;
        let t = i32::try_from(t).unwrap_or(i32::MAX);
        let correct_m = (1.0 - f64::from(beta1).powi(t)) as f32;
        let correct_v = (1.0 - f64::from(beta2).powi(t)) as f32;
        for (((w, g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            let m_hat = *m / correct_m;
            let v_hat = *v / correct_v;
            *w -= eta * m_hat / (v_hat.sqrt() + epsilon);
        }
    }
}
