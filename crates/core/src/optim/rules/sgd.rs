use crate::error::{Result, positive};
use crate::kernels::vectorized;
use crate::optim::Optimizer;

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
    fn name(&self) -> &'static str {
        "SGD"
    }

    fn check(&self) -> Result<()> {
        positive(
            ("el learning rate", "the learning rate"),
            self.learning_rate,
        )
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        0
    }

    fn step(&self, _t: u64, eta: f32, w: &mut [f32], g: &mut [f32], _slots: &mut [&mut [f32]]) {
        vectorized!({
            for (w, g) in w.iter_mut().zip(&*g) {
                *w -= eta * g;
            }
        });
    }
}
