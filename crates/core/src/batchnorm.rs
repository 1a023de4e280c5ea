//! Block 9: batch normalisation, between the linear part of a layer and its activation: `f(BN(W x + b))`.

use serde::{Deserialize, Serialize};

use crate::error::{Result, fraction, positive};

/// The conventions of a batch normalisation: the sources differ, so they have names.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchNorm {
    /// How much of the running statistics is kept at each step: `running ← m · running + (1 - m) · batch`. This is Keras's
    /// `momentum`; PyTorch's is `1 - m`.
    pub keep: f32,
    /// `ε` under the root, keeps the division finite.
    pub epsilon: f32,
    /// Whether the running variance divides by `n - 1`, as PyTorch does, or by `n`, as Keras does. The batch itself is
    /// always normalised with `n`.
    pub unbiased: bool,
}

impl BatchNorm {
    /// Keras's: keep 0.99, `ε` 1e-3, running variance over `n`.
    pub fn keras() -> BatchNorm {
        BatchNorm {
            keep: 0.99,
            epsilon: 1e-3,
            unbiased: false,
        }
    }

    /// PyTorch's: keep 0.9 (its `momentum` 0.1), `ε` 1e-5, running variance over `n - 1`.
    pub fn pytorch() -> BatchNorm {
        BatchNorm {
            keep: 0.9,
            epsilon: 1e-5,
            unbiased: true,
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        fraction(
            "what batch normalisation keeps of its running statistics",
            self.keep,
        )?;
        positive("the epsilon of batch normalisation", self.epsilon)
    }
}

impl Default for BatchNorm {
    /// Keras's, the library of the slides.
    fn default() -> BatchNorm {
        BatchNorm::keras()
    }
}
