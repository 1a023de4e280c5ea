use crate::error::{Result, fraction, positive};
use crate::kernels::{normal_or_zero, vectorized};
use crate::optim::{Optimizer, setters, slots};

/// Adam: momentum, and a learning rate of its own for each parameter.
///
/// `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`, `w ← w - η m̂ / (√v̂ + ε)` with the means freed from their start at
/// 0: `m̂ = m / (1 - β₁ᵗ)`, `v̂ = v / (1 - β₂ᵗ)`. D. P. Kingma, J. Ba, 2015, <https://arxiv.org/abs/1412.6980>.
///
/// Keras's legacy `decay` of the slides' `Adam(lr=0.0001, decay=1e-6)` is [`crate::optim::Schedule::one_over_t`].
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
    pub(super) fn step_keeping(
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
