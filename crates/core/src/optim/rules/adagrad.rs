use crate::error::{Result, non_negative, positive};
use crate::kernels::vectorized;
use crate::optim::{Optimizer, setters, slots};

/// Adagrad: the more a parameter has moved, the smaller its steps, `s ← s + g²`, `w ← w - η g / (√s + ε)`. J. Duchi,
/// E. Hazan, Y. Singer, 2011, <https://jmlr.org/papers/v12/duchi11a.html>.
#[derive(Clone, Debug, PartialEq)]
pub struct Adagrad {
    /// The learning rate `η > 0`.
    pub learning_rate: f32,
    /// Where the sum of squares starts, at least 0; 0 by default, as in the paper and PyTorch (Keras: 0.1).
    pub initial: f32,
    /// Keeps the division finite; 1e-10 by default, as in PyTorch (Keras: 1e-7).
    pub epsilon: f32,
}

impl Adagrad {
    /// With this learning rate.
    pub fn new(learning_rate: f32) -> Adagrad {
        Adagrad {
            learning_rate,
            initial: 0.0,
            epsilon: 1e-10,
        }
    }
}

setters!(Adagrad {
    initial: f32,
    epsilon: f32
});

impl Optimizer for Adagrad {
    fn check(&self) -> Result<()> {
        positive(
            ("el learning rate", "the learning rate"),
            self.learning_rate,
        )?;
        non_negative(
            ("la suma inicial de cuadrados", "the initial sum of squares"),
            self.initial,
        )?;
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
        let (initial, epsilon) = (self.initial, self.epsilon);
        vectorized!({
            for ((w, g), s) in w.iter_mut().zip(&*g).zip(s.iter_mut()) {
                *s += g * g;
                *w -= eta * g / ((*s + initial).sqrt() + epsilon);
            }
        });
    }
}
