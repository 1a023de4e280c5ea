//! Block 8: initialisation of parameters.
//!
//! With the same value in all weights every neuron of a layer stays a copy of its neighbours: random numbers break the
//! symmetry. How large they are decides whether the signal keeps its variance from layer to layer.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How the weights of a layer start. Biases start at 0, as in Keras.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Init {
    /// All 0: the mistake to avoid.
    Zeros,
    /// Normal with mean 0 and this standard deviation; the slides' simple choice is 0.01.
    Normal(f32),
    /// Normal with variance `2 / (n_in + n_out)`. X. Glorot, Y. Bengio, 2010,
    /// <https://proceedings.mlr.press/v9/glorot10a.html>.
    #[default]
    Xavier,
    /// Normal with variance `2 / n_in`, for ReLU. K. He et al., 2015, <https://arxiv.org/abs/1502.01852>.
    He,
}

impl Init {
    /// The standard deviation of the weights of a layer with `n_in` inputs and `n_out` outputs.
    pub fn std(self, n_in: usize, n_out: usize) -> f32 {
        match self {
            Init::Zeros => 0.0,
            Init::Normal(std) => std,
            Init::Xavier => (2.0 / (n_in + n_out) as f32).sqrt(),
            Init::He => (2.0 / n_in as f32).sqrt(),
        }
    }

    /// `count` weights for a layer with `n_in` inputs and `n_out` outputs.
    pub(crate) fn sample(
        self,
        count: usize,
        n_in: usize,
        n_out: usize,
        rng: &mut impl Rng,
    ) -> Vec<f32> {
        let std = self.std(n_in, n_out);
        (0..count)
            .map(|_| {
                let z: f32 = StandardNormal.sample(rng);
                std * z
            })
            .collect()
    }

    pub(crate) fn check(self) -> Result<()> {
        match self {
            Init::Normal(std) if !(std.is_finite() && std >= 0.0) => Err(Error::range(
                "the standard deviation of Init::Normal",
                f64::from(std),
                "a finite number of at least 0",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn samples_have_the_promised_spread() {
        for init in [Init::Zeros, Init::Normal(0.01), Init::Xavier, Init::He] {
            let w = init.sample(100 * 400, 400, 100, &mut ChaCha8Rng::seed_from_u64(1));
            let variance = w.iter().map(|w| w * w).sum::<f32>() / w.len() as f32;
            let expected = init.std(400, 100).powi(2);
            assert!(
                (variance - expected).abs() <= 0.03 * expected,
                "{init:?}: {variance} for {expected}"
            );
        }
    }
}
