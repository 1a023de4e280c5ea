use crate::error::{Result, fraction, positive};
use crate::kernels::{normal_or_zero, vectorized};
use crate::optim::{Optimizer, setters, slots};

/// Nesterov's accelerated gradient: momentum that looks ahead, `v ← μ v - η g`, `w ← w + μ v - η g`. Y. Nesterov, 1983; in
/// this form I. Sutskever et al., 2013, <https://proceedings.mlr.press/v28/sutskever13.html>; Keras's and PyTorch's
/// `nesterov=True`.
#[derive(Clone, Debug, PartialEq)]
pub struct Nag {
    /// The learning rate `η > 0`.
    pub learning_rate: f32,
    /// How much of the velocity is kept, `μ` in `[0, 1)`; 0.9 by default, the usual choice.
    pub momentum: f32,
}

impl Nag {
    /// With this learning rate and momentum 0.9.
    pub fn new(learning_rate: f32) -> Nag {
        Nag {
            learning_rate,
            momentum: 0.9,
        }
    }
}

setters!(Nag { momentum: f32 });

impl Optimizer for Nag {
    fn name(&self) -> &'static str {
        "NAG"
    }

    fn check(&self) -> Result<()> {
        positive(
            ("el learning rate", "the learning rate"),
            self.learning_rate,
        )?;
        fraction(("el momentum", "the momentum"), self.momentum)
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn slots(&self) -> usize {
        1
    }

    fn step(&self, _t: u64, eta: f32, w: &mut [f32], g: &mut [f32], memory: &mut [&mut [f32]]) {
        let [v] = slots(memory);
        let mu = self.momentum;
        vectorized!({
            for ((w, g), v) in w.iter_mut().zip(&*g).zip(v.iter_mut()) {
                *v = normal_or_zero(mu * *v - eta * g);
                *w += mu * *v - eta * g;
            }
        });
    }
}
