//! Layers of linear units: dense and maxout.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Built, Forward, Kind, at_least_one, outputs, zeros};
use crate::activation::Activation;
use crate::data::Shape;
use crate::engine::dense::dense;
use crate::engine::maxout::max_pieces;
use crate::engine::{Param, Tape, Value};
use crate::error::Result;
use crate::init::Init;
use crate::regularization::Regularizer;

/// `a = f(x W + b)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dense {
    pub(crate) units: usize,
    pub(crate) activation: Activation,
    pub(crate) init: Init,
    pub(crate) regularizer: Regularizer,
}

impl Kind for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        let features = input.features();
        outputs(
            (
                "el número de unidades de una capa densa",
                "the units of a dense layer",
            ),
            self.units,
            features,
        )?;
        let params = vec![
            zeros("weight", features, self.units),
            zeros("bias", 1, self.units),
        ];
        Ok(Built::new(self.units, params))
    }

    fn activation_mut(&mut self) -> Option<&mut Activation> {
        Some(&mut self.activation)
    }

    fn init_mut(&mut self) -> Option<&mut Init> {
        Some(&mut self.init)
    }

    fn regularizer_mut(&mut self) -> Option<&mut Regularizer> {
        Some(&mut self.regularizer)
    }

    fn sample(&self, params: &mut [Param], rng: &mut ChaCha8Rng) {
        draw(params, self.init, self.units, rng);
    }

    fn weight_uses(&self, _: &Built) -> usize {
        1
    }

    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        let [weight, bias] = &built.params[..] else {
            return with.x.clone();
        };
        dense(with.x, weight, bias, self.activation, with.pool, tape)
    }
}

/// `a = max(x W₁ + b₁, x W₂ + b₂, …)`, unit by unit. The columns of one unit's pieces lie side by side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Maxout {
    pub(crate) units: usize,
    pub(crate) pieces: usize,
    pub(crate) init: Init,
    pub(crate) regularizer: Regularizer,
}

impl Kind for Maxout {
    fn name(&self) -> &'static str {
        "maxout"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        let features = input.features();
        outputs(
            (
                "el número de unidades de una capa maxout",
                "the units of a maxout layer",
            ),
            self.units,
            features.saturating_mul(self.pieces),
        )?;
        at_least_one(
            (
                "el número de piezas de una capa maxout",
                "the pieces of a maxout layer",
            ),
            self.pieces,
        )?;
        let columns = self.units * self.pieces;
        let params = vec![
            zeros("weight", features, columns),
            zeros("bias", 1, columns),
        ];
        Ok(Built::new(self.units, params))
    }

    fn init_mut(&mut self) -> Option<&mut Init> {
        Some(&mut self.init)
    }

    fn regularizer_mut(&mut self) -> Option<&mut Regularizer> {
        Some(&mut self.regularizer)
    }

    fn sample(&self, params: &mut [Param], rng: &mut ChaCha8Rng) {
        draw(params, self.init, self.units, rng);
    }

    fn weight_uses(&self, _: &Built) -> usize {
        1
    }

    fn forward(&self, built: &Built, with: Forward, mut tape: Option<&mut Tape>) -> Value {
        let [weight, bias] = &built.params[..] else {
            return with.x.clone();
        };
        let linear = Activation::Linear;
        let z = dense(with.x, weight, bias, linear, with.pool, tape.as_deref_mut());
        max_pieces(&z, self.pieces, with.pool, tape)
    }
}

/// Draw the weights of a layer with `n_out` outputs anew; biases start at 0.
pub(super) fn draw(params: &mut [Param], init: Init, n_out: usize, rng: &mut ChaCha8Rng) {
    if let [weight, bias] = params {
        weight.set(init.sample(weight.len(), weight.rows, n_out, rng));
        bias.set(vec![0.0; bias.len()]);
    }
}
