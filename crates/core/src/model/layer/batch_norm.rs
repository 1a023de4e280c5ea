//! Batch normalisation as a layer.

use serde::{Deserialize, Serialize};

use super::{Built, Forward, Kind, channels, zeros};
use crate::activation::Activation;
use crate::batchnorm::{BatchNorm, follow};
use crate::data::Shape;
use crate::engine::batchnorm::{Moments, batch_norm};
use crate::engine::{Param, Tape, Value};
use crate::error::Result;

/// `a = f(γ x̂ + β)`, column by column, or channel by channel of an image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BatchNormLayer {
    pub(crate) convention: BatchNorm,
    pub(crate) activation: Activation,
}

impl Kind for BatchNormLayer {
    fn name(&self) -> &'static str {
        "batch_norm"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        self.convention.check()?;
        let columns = channels(input);
        let gamma = Param::new("gamma", 1, columns, vec![1.0; columns]);
        let running = Moments {
            mean: vec![0.0; columns],
            variance: vec![1.0; columns],
            count: 0,
        };
        Ok(Built {
            running: Some(running),
            ..Built::new(input.clone(), vec![gamma, zeros("beta", 1, columns)])
        })
    }

    fn activation_mut(&mut self) -> Option<&mut Activation> {
        Some(&mut self.activation)
    }

    fn needs_several_rows(&self) -> bool {
        true
    }

    /// With the running statistics.
    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        match &built.running {
            Some(running) => self.normalise(built, with, running.clone(), false, tape),
            None => with.x.clone(),
        }
    }

    /// With those of the batch, which the running ones follow.
    fn train(&self, built: &mut Built, with: Forward, _key: u64, tape: &mut Tape) -> Value {
        let moments = Moments::of(&with.x.data, built.params[0].columns);
        if let Some(running) = &mut built.running {
            follow(
                (&mut running.mean, &mut running.variance),
                (&moments.mean, &moments.variance),
                moments.count,
                self.convention,
            );
        }
        self.normalise(built, with, moments, true, Some(tape))
    }
}

impl BatchNormLayer {
    fn normalise(
        &self,
        built: &Built,
        with: Forward,
        moments: Moments,
        of_batch: bool,
        tape: Option<&mut Tape>,
    ) -> Value {
        let (gamma, beta) = (&built.params[0], &built.params[1]);
        let (epsilon, f) = (self.convention.epsilon, self.activation);
        batch_norm(
            with.x, gamma, beta, moments, of_batch, epsilon, f, with.pool, tape,
        )
    }
}
