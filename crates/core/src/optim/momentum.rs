use super::{Optimizer, setters, slots};
use crate::error::{Result, fraction, positive};
use crate::kernels::{normal_or_zero, vectorized};

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
