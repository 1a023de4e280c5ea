//! The kinds of layer. Each is a [`Kind`]: its settings, and what it does; [`Config`] is the list of them.

mod batch_norm;
mod conv;
mod dense;
mod others;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::custom::CustomLayer;
use crate::data::Shape;
use crate::engine::batchnorm::Moments;
use crate::engine::window::Window;
use crate::engine::{Param, Pool, Tape, Value};
use crate::error::{Error, Result};
use crate::init::Init;
use crate::registry::Custom;
use crate::regularization::Regularizer;
use gradus_text::Text;

pub(crate) use batch_norm::BatchNormLayer;
pub use conv::Padding;
pub(crate) use conv::{AveragePool2d, Conv2d, MaxPool2d};
pub(crate) use dense::{Dense, Maxout};
pub(crate) use others::{Dropout, Flatten, Prelu};

/// What a layer is, without its numbers: enough to build it again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Config {
    Dense(Dense),
    Activation(Activation),
    Prelu,
    BatchNorm(BatchNormLayer),
    Dropout(Dropout),
    Conv2d(Conv2d),
    MaxPool2d(MaxPool2d),
    AveragePool2d(AveragePool2d),
    Flatten,
    Maxout(Maxout),
    Custom(Custom<CustomLayer>),
}

impl Config {
    fn kind(&self) -> &dyn Kind {
        match self {
            Config::Dense(dense) => dense,
            Config::Activation(activation) => activation,
            Config::Prelu => &Prelu,
            Config::BatchNorm(batch_norm) => batch_norm,
            Config::Dropout(dropout) => dropout,
            Config::Conv2d(conv) => conv,
            Config::MaxPool2d(pooling) => pooling,
            Config::AveragePool2d(pooling) => pooling,
            Config::Flatten => &Flatten,
            Config::Maxout(maxout) => maxout,
            Config::Custom(custom) => custom,
        }
    }

    /// Its settings, to change them; none where there are none that could be.
    fn kind_mut(&mut self) -> Option<&mut dyn Kind> {
        match self {
            Config::Dense(dense) => Some(dense),
            Config::Activation(activation) => Some(activation),
            Config::BatchNorm(batch_norm) => Some(batch_norm),
            Config::Conv2d(conv) => Some(conv),
            Config::Maxout(maxout) => Some(maxout),
            _ => None,
        }
    }
}

/// A kind of layer.
pub(crate) trait Kind {
    /// What it is, in lower case.
    fn name(&self) -> &'static str;

    /// What it has for inputs of this shape, with all weights 0.
    ///
    /// # Errors
    /// When a setting is out of range, or the input has not the shape that it needs.
    fn build(&self, input: &Shape) -> Result<Built>;

    /// The activation at its end, if it has room for one.
    fn activation_mut(&mut self) -> Option<&mut Activation> {
        None
    }

    /// The initialiser of its weights, if it has weights.
    fn init_mut(&mut self) -> Option<&mut Init> {
        None
    }

    /// The penalty on its weights, if it has weights; biases have none.
    fn regularizer_mut(&mut self) -> Option<&mut Regularizer> {
        None
    }

    /// Draw the weights anew.
    fn sample(&self, _params: &mut [Param], _rng: &mut ChaCha8Rng) {}

    /// How often each weight is used for an example.
    fn weight_uses(&self, _built: &Built) -> usize {
        0
    }

    /// Whether it learns from several rows at once only. (An image brings one row per position.)
    fn needs_several_rows(&self) -> bool {
        false
    }

    /// Whether it can do the max pooling after it in its own operation.
    fn can_pool(&self) -> bool {
        false
    }

    /// As the trained network does it.
    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value;

    /// In training, where that is something else: `key` decides which units drop out, and the running statistics move.
    fn train(&self, built: &mut Built, with: Forward, _key: u64, tape: &mut Tape) -> Value {
        self.forward(built, with, Some(tape))
    }
}

/// What goes into a layer.
#[derive(Clone, Copy)]
pub(crate) struct Forward<'a> {
    pub(crate) x: &'a Value,
    /// The max pooling that a convolution does, too.
    pub(crate) pooling: Option<Window>,
    pub(crate) pool: &'a Pool,
}

/// What a layer has: its shapes, what it learns.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    output: Shape,
    params: Vec<Param>,
    window: Option<Window>,
    running: Option<Moments>,
}

impl Built {
    fn new(output: impl Into<Shape>, params: Vec<Param>) -> Built {
        Built {
            output: output.into(),
            params,
            window: None,
            running: None,
        }
    }
}

/// One layer of a network.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    config: Config,
    name: String,
    built: Built,
}

impl Layer {
    /// Build a layer for inputs of this shape, with all weights 0.
    pub(crate) fn new(config: Config, input: &Shape) -> Result<Layer> {
        let built = config.kind().build(input)?;
        let name = String::new();
        Ok(Layer {
            config,
            name,
            built,
        })
    }

    /// What it is, in lower case.
    pub(crate) fn kind(&self) -> &'static str {
        self.config.kind().name()
    }

    /// Name it by its number among the layers of its kind, from 1.
    pub(crate) fn set_number(&mut self, number: usize) {
        self.name = format!("{}_{number}", self.kind());
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Become a layer of another configuration, with the same name.
    pub(crate) fn configure(&mut self, config: Config, input: &Shape) -> Result<()> {
        self.built = config.kind().build(input)?;
        self.config = config;
        Ok(())
    }

    pub(crate) fn output(&self) -> &Shape {
        &self.built.output
    }

    /// An error where it is a convolution that is larger than its image: `.padding(Same)` may still follow.
    pub(crate) fn check_fit(&self) -> Result<()> {
        let window = self.built.window;
        window.map_or(Ok(()), |window| conv::fits(self.kind(), window))
    }

    /// What a convolution or a pooling looks at.
    pub(crate) fn window(&self) -> Option<Window> {
        self.built.window
    }

    pub(crate) fn params(&self) -> &[Param] {
        &self.built.params
    }

    pub(crate) fn params_mut(&mut self) -> &mut [Param] {
        &mut self.built.params
    }

    /// The running statistics of a batch normalisation.
    pub(crate) fn running(&self) -> Option<&Moments> {
        self.built.running.as_ref()
    }

    pub(crate) fn running_mut(&mut self) -> Option<&mut Moments> {
        self.built.running.as_mut()
    }

    /// The activation at its end.
    pub(crate) fn activation(&self) -> Activation {
        let mut config = self.config;
        let activation = config.kind_mut().and_then(Kind::activation_mut);
        activation.map_or(Activation::Linear, |activation| *activation)
    }

    /// The same layer, with the same weights, up to its activation: what it puts out is `z`.
    pub(crate) fn without_activation(&self) -> Layer {
        let mut linear = self.clone();
        if let Some(activation) = linear.config.kind_mut().and_then(Kind::activation_mut) {
            *activation = Activation::Linear;
        }
        linear
    }

    /// Put the activation into the layer itself, where it has room for one and none yet; whether it had.
    pub(crate) fn set_activation(&mut self, new: Activation) -> bool {
        match self.config.kind_mut().and_then(Kind::activation_mut) {
            Some(activation) if *activation == Activation::Linear => {
                *activation = new;
                true
            }
            _ => false,
        }
    }

    /// The initialiser of its weights, if it has weights.
    pub(crate) fn init_mut(&mut self) -> Option<&mut Init> {
        self.config.kind_mut()?.init_mut()
    }

    /// The penalty on its weights, if it has weights.
    pub(crate) fn regularizer_mut(&mut self) -> Option<&mut Regularizer> {
        self.config.kind_mut()?.regularizer_mut()
    }

    /// The penalty on its weights, where there is one; biases have none.
    pub(crate) fn regularizer(&self) -> Option<Regularizer> {
        let mut config = self.config;
        let regularizer = config.kind_mut()?.regularizer_mut()?;
        (!regularizer.is_nothing()).then_some(*regularizer)
    }

    /// Draw the weights anew; biases start at 0.
    pub(crate) fn sample(&mut self, rng: &mut ChaCha8Rng) {
        self.config.kind().sample(&mut self.built.params, rng);
    }

    /// How often each weight is used for an example.
    pub(crate) fn weight_uses(&self) -> usize {
        self.config.kind().weight_uses(&self.built)
    }

    /// Whether it needs several examples at once to learn from.
    pub(crate) fn needs_several_examples(&self) -> bool {
        self.config.kind().needs_several_rows()
            && self.output().image().is_none_or(|(h, w, _)| h * w == 1)
    }

    /// The window of the max pooling that comes `next`, where this layer can do it in its own operation.
    pub(crate) fn pooling_after(&self, next: &Layer) -> Option<Window> {
        let is_pooling = matches!(next.config, Config::MaxPool2d(_));
        (is_pooling && self.config.kind().can_pool()).then_some(next.window()?)
    }

    /// In training: `key` decides which units drop out, and the running statistics move.
    pub(crate) fn train(
        &mut self,
        x: &Value,
        pooling: Option<Window>,
        key: u64,
        pool: &Pool,
        tape: &mut Tape,
    ) -> Value {
        let with = Forward { x, pooling, pool };
        self.config.kind().train(&mut self.built, with, key, tape)
    }

    /// As the trained network does it: nothing drops out, batch normalisation uses its running statistics.
    /// A convolution can do the `pooling` after it.
    pub(crate) fn forward(
        &self,
        x: &Value,
        pooling: Option<Window>,
        pool: &Pool,
        tape: Option<&mut Tape>,
    ) -> Value {
        let with = Forward { x, pooling, pool };
        self.config.kind().forward(&self.built, with, tape)
    }
}

fn zeros(name: &'static str, rows: usize, columns: usize) -> Param {
    Param::new(name, rows, columns, vec![0.0; rows * columns])
}

/// What has a parameter each: the channels of an image, or all features.
fn channels(input: &Shape) -> usize {
    input
        .image()
        .map_or(input.features(), |(_, _, channels)| channels)
}

fn at_least_one(name: impl Into<Text>, value: usize) -> Result<()> {
    if value == 0 {
        return Err(Error::range(name, 0.0, ("al menos 1", "at least 1")));
    }
    Ok(())
}

/// At least one output, and weights that memory can hold: `each` numbers for every output.
fn outputs(name: impl Into<Text>, count: usize, each: usize) -> Result<()> {
    let name = name.into();
    let numbers = count.checked_mul(each.max(1));
    if numbers.is_none_or(|numbers| numbers > crate::tensor::LARGEST) {
        return Err(Error::range(
            name,
            count as f64,
            (
                "un número cuyos pesos quepan en la memoria",
                "a number whose weights fit in memory",
            ),
        ));
    }
    at_least_one(name, count)
}
