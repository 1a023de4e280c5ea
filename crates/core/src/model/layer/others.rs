//! Layers that act on each number by itself, and layers of somebody's own.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Built, Forward, Kind, channels, outputs, zeros};
use crate::activation::Activation;
use crate::custom::CustomLayer;
use crate::data::Shape;
use crate::engine::activate::activation;
use crate::engine::custom::custom;
use crate::engine::dropout::dropout;
use crate::engine::prelu::prelu;
use crate::engine::{Param, Tape, Value};
use crate::error::{Result, fraction};
use crate::registry::Custom;

impl Kind for Activation {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        Ok(Built::new(input.clone(), Vec::new()))
    }

    fn activation_mut(&mut self) -> Option<&mut Activation> {
        Some(self)
    }

    fn forward(&self, _: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        activation(with.x, *self, with.pool, tape)
    }
}

/// `a = max(0, z) + s · min(0, z)` with a slope `s` that is learned.
pub(crate) struct Prelu;

impl Prelu {
    /// Where the slopes start, as in the paper.
    const SLOPE: f32 = 0.25;
}

impl Kind for Prelu {
    fn name(&self) -> &'static str {
        "prelu"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        let columns = channels(input);
        let slope = Param::new("slope", 1, columns, vec![Prelu::SLOPE; columns]);
        Ok(Built::new(input.clone(), vec![slope]))
    }

    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        prelu(with.x, &built.params[0], with.pool, tape)
    }
}

/// In training each number becomes 0 with this probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dropout(pub(crate) f32);

impl Kind for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        fraction(
            ("la probabilidad de dropout", "the probability of dropout"),
            self.0,
        )?;
        Ok(Built::new(input.clone(), Vec::new()))
    }

    fn forward(&self, _: &Built, with: Forward, _: Option<&mut Tape>) -> Value {
        with.x.clone()
    }

    fn train(&self, _: &mut Built, with: Forward, key: u64, tape: &mut Tape) -> Value {
        match self.0 {
            0.0 => with.x.clone(),
            p => dropout(with.x, p, key, with.pool, Some(tape)),
        }
    }
}

/// A row of features of an image: the numbers stay as they are.
pub(crate) struct Flatten;

impl Kind for Flatten {
    fn name(&self) -> &'static str {
        "flatten"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        Ok(Built::new(input.features(), Vec::new()))
    }

    fn forward(&self, _: &Built, with: Forward, _: Option<&mut Tape>) -> Value {
        with.x.clone()
    }
}

impl Kind for Custom<CustomLayer> {
    fn name(&self) -> &'static str {
        Custom::name(*self)
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        let output: Shape = match self.output() {
            Some(count) => {
                let name = (
                    "la salida de una capa propia",
                    "the output of a custom layer",
                );
                outputs(name, count, 1)?;
                count.into()
            }
            None => input.clone(),
        };
        self.check(input.features(), output.features())?;
        let starts = self.parameters().iter();
        let params = starts.map(|start| zeros(start.name, start.rows, start.columns));
        Ok(Built::new(output, params.collect()))
    }

    fn sample(&self, params: &mut [Param], rng: &mut ChaCha8Rng) {
        for (param, start) in params.iter_mut().zip(self.parameters()) {
            let (count, rows, columns) = (param.len(), start.rows, start.columns);
            param.set(start.init.sample(count, rows, columns, rng));
        }
    }

    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        let features = built.output.features();
        custom(with.x, &built.params, *self, features, with.pool, tape)
    }
}
