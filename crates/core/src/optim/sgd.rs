use super::Optimizer;
use crate::error::{Result, positive};

/// Stochastic gradient descent: `w ← w - η g`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sgd {
    /// The learning rate `η > 0`.
    pub learning_rate: f32,
}

impl Sgd {
    /// With this learning rate.
    pub fn new(learning_rate: f32) -> Sgd {
        Sgd { learning_rate }
    }
}

impl Optimizer for Sgd {
    fn check(&self) -> Result<()> {
        positive("the learning rate", f64::from(self.learning_rate))
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        0
    }

    fn step(&self, _t: u64, w: &mut [f32], g: &[f32], _slots: &mut [Vec<f32>]) {
        for (w, g) in w.iter_mut().zip(g) {
            *w -= self.learning_rate * g;
        }
    }
}
