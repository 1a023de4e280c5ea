use crate::error::{Result, fraction, positive};
use crate::kernels::{normal_or_zero, vectorized};
use crate::optim::{Optimizer, setters, slots};

/// SGD with momentum: a ball that keeps its velocity, `v ← μ v - η g`, `w ← w + v`. Steps in a lasting direction add up,
/// steps to and fro cancel. B. T. Polyak, 1964, <https://doi.org/10.1016/0041-5553(64)90137-5>.
///
/// As in Keras and cs231n the learning rate is inside the velocity; in PyTorch it stands outside (`v ← μ v + g`,
/// `w ← w - η v`), which is the same as long as `η` does not change.
#[derive(Clone, Debug, PartialEq)]
pub struct Momentum {
    /// The learning rate `η > 0`.
    pub learning_rate: f32,
    /// How much of the velocity is kept, `μ` in `[0, 1)`; 0.9 by default, the usual choice.
    pub momentum: f32,
}

impl Momentum {
    /// With this learning rate and momentum 0.9.
    pub fn new(learning_rate: f32) -> Momentum {
        Momentum {
            learning_rate,
            momentum: 0.9,
        }
    }
}

setters!(Momentum { momentum: f32 });

impl Optimizer for Momentum {
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
                *w += *v;
            }
        });
    }
}
