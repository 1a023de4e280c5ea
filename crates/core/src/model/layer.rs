//! The kinds of layer.

use rand::Rng;

use crate::activation::Activation;
use crate::data::Shape;
use crate::engine::dense::{activation, dense};
use crate::engine::{Param, Pool, Value};
use crate::error::{Error, Result};
use crate::init::Init;
use crate::tensor::Tape;

/// One layer: what it is, its shapes, what it learns.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    kind: Kind,
    name: String,
    output: Shape,
    params: Vec<Param>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Dense {
        n_in: usize,
        units: usize,
        activation: Activation,
        init: Init,
    },
    Activation(Activation),
}

impl Layer {
    pub(crate) fn dense(input: &Shape, units: usize) -> Result<Layer> {
        if units == 0 {
            return Err(Error::range(
                "the units of a dense layer",
                0.0,
                "at least 1",
            ));
        }
        let n_in = input.features();
        Ok(Layer {
            kind: Kind::Dense {
                n_in,
                units,
                activation: Activation::Linear,
                init: Init::default(),
            },
            name: String::new(),
            output: units.into(),
            params: vec![
                Param::new("weight", n_in, units, vec![0.0; n_in * units]),
                Param::new("bias", 1, units, vec![0.0; units]),
            ],
        })
    }

    pub(crate) fn activation(input: &Shape, activation: Activation) -> Layer {
        Layer {
            kind: Kind::Activation(activation),
            name: String::new(),
            output: input.clone(),
            params: Vec::new(),
        }
    }

    /// What it is, in lower case.
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Dense { .. } => "dense",
            Kind::Activation(_) => "activation",
        }
    }

    /// Name it by its number among the layers of its kind, from 1.
    pub(crate) fn set_number(&mut self, number: usize) {
        self.name = format!("{}_{number}", self.kind());
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn output(&self) -> &Shape {
        &self.output
    }

    pub(crate) fn params(&self) -> &[Param] {
        &self.params
    }

    pub(crate) fn params_mut(&mut self) -> &mut [Param] {
        &mut self.params
    }

    /// The activation at its end.
    pub(crate) fn activation_kind(&self) -> Activation {
        match self.kind {
            Kind::Dense { activation, .. } | Kind::Activation(activation) => activation,
        }
    }

    /// Put the activation into the layer itself, where it has room for one; whether it had.
    pub(crate) fn set_activation(&mut self, new: Activation) -> bool {
        match &mut self.kind {
            Kind::Dense { activation, .. } if *activation == Activation::Linear => {
                *activation = new;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn has_init(&self) -> bool {
        matches!(self.kind, Kind::Dense { .. })
    }

    pub(crate) fn set_init(&mut self, new: Init) {
        if let Kind::Dense { init, .. } = &mut self.kind {
            *init = new;
        }
    }

    /// Draw the weights anew; biases start at 0.
    pub(crate) fn sample(&mut self, rng: &mut impl Rng) {
        if let Kind::Dense {
            n_in, units, init, ..
        } = self.kind
        {
            self.params[0].data = init.sample(n_in * units, n_in, units, rng).into();
            self.params[1].data = vec![0.0; units].into();
        }
    }

    pub(crate) fn forward(&self, x: &Value, pool: &Pool, tape: Option<&mut Tape>) -> Value {
        match self.kind {
            Kind::Dense { activation, .. } => {
                dense(x, &self.params[0], &self.params[1], activation, pool, tape)
            }
            Kind::Activation(f) => activation(x, f, pool, tape),
        }
    }
}
