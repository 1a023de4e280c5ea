//! An initialiser of somebody's own.

use rand::RngCore;
use rand_distr::{Distribution, StandardNormal};

use super::Init;
use crate::registry::{Custom, part};

/// A weight of a layer with so many inputs and outputs.
pub struct Weight(Box<WeightOf>);

type WeightOf = dyn Fn(usize, usize, &mut Draw<'_>) -> f32 + Send + Sync;

/// Random numbers for an initialiser.
pub struct Draw<'a>(pub(crate) &'a mut dyn RngCore);

part!(Weight);

impl Init {
    /// An initialiser of one's own: a weight of a layer, from its number of inputs, its number of outputs and random numbers.
    pub fn custom(
        name: impl Into<String>,
        weight: impl Fn(usize, usize, &mut Draw<'_>) -> f32 + Send + Sync + 'static,
    ) -> Init {
        Init::Custom(Custom::new(name, Weight(Box::new(weight))))
    }
}

impl Weight {
    pub(crate) fn draw(&self, n_in: usize, n_out: usize, rng: &mut dyn RngCore) -> f32 {
        (self.0)(n_in, n_out, &mut Draw(rng))
    }
}

impl Draw<'_> {
    /// From the standard normal distribution.
    pub fn normal(&mut self) -> f32 {
        StandardNormal.sample(self.0)
    }

    /// From `[low, high)`, all alike.
    pub fn uniform(&mut self, low: f32, high: f32) -> f32 {
        let u: f32 = rand::Rng::r#gen(self.0);
        low + (high - low) * u
    }
}
