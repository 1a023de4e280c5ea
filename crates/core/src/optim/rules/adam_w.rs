use super::Adam;
use crate::error::{Result, non_negative};
use crate::optim::Optimizer;

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
