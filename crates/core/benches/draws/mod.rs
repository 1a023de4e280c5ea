//! What a drawn training is: the recipe that Gradus and the peers build the same network from.

pub mod fixed;
pub mod random;

use gradus::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// A network, its rule and its data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recipe {
    pub name: String,
    /// Of the weights and the data.
    pub seed: u64,
    /// Features, or height, width and channels.
    pub input: Vec<usize>,
    /// Classes, or numbers to predict.
    pub outputs: usize,
    /// Up to the last dense layer, which the outputs give.
    pub layers: Vec<Layer>,
    pub cost: Cost,
    pub rule: Rule,
    pub batch: usize,
    /// A multiple of the batch.
    pub examples: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Layer {
    Dense {
        units: usize,
    },
    Maxout {
        units: usize,
        pieces: usize,
    },
    Conv2d {
        filters: usize,
        size: usize,
        stride: usize,
        padding: Padding,
    },
    BatchNorm,
    Activation {
        of: Activation,
    },
    Prelu,
    MaxPool {
        size: usize,
    },
    AveragePool {
        size: usize,
    },
    Dropout {
        p: f32,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub learning_rate: f32,
    /// `λ w` added to the gradient; 0 for none.
    pub weight_decay: f32,
    /// The largest norm of the gradient; 0 for any.
    pub clip: f32,
}

pub const RULES: [&str; 8] = [
    "sgd", "momentum", "nag", "adagrad", "rmsprop", "adadelta", "adam", "adamw",
];

impl Rule {
    /// With a learning rate at which nothing diverges.
    pub fn new(name: &str) -> Rule {
        Rule {
            name: name.to_owned(),
            learning_rate: match name {
                "adadelta" => 1.0,
                "sgd" | "adagrad" => 0.01,
                "momentum" | "nag" => 0.002,
                _ => 0.001,
            },
            weight_decay: 0.0,
            clip: 0.0,
        }
    }

    pub fn optimizer(&self) -> Box<dyn Optimizer> {
        fn decayed<O: Optimizer + 'static>(rule: O, lambda: f32) -> Box<dyn Optimizer> {
            match lambda {
                0.0 => rule.into(),
                lambda => rule.weight_decay(lambda).into(),
            }
        }
        let (eta, lambda) = (self.learning_rate, self.weight_decay);
        match self.name.as_str() {
            "sgd" => decayed(Sgd::new(eta), lambda),
            "momentum" => decayed(Momentum::new(eta), lambda),
            "nag" => decayed(Nag::new(eta), lambda),
            "adagrad" => decayed(Adagrad::new(eta), lambda),
            "rmsprop" => decayed(RmsProp::new(eta), lambda),
            "adadelta" => decayed(Adadelta::default(), lambda),
            "adam" => decayed(Adam::new(eta), lambda),
            _ => AdamW::new(eta).into(),
        }
    }
}

impl Recipe {
    /// Steps in an epoch.
    pub fn steps(&self) -> usize {
        self.examples / self.batch
    }

    pub fn is_conv(&self) -> bool {
        self.input.len() == 3
    }

    /// The network.
    pub fn network(&self) -> Sequential {
        self.with_layers(true)
    }

    /// The same network, with the same weights, without its dropout.
    pub fn without_dropout(&self) -> Result<Sequential> {
        let mut net = self.with_layers(false);
        for parameter in self.network().parameters() {
            net.set_parameter(&parameter.name, &parameter.value)?;
        }
        Ok(net)
    }

    fn with_layers(&self, dropout: bool) -> Sequential {
        let start = Sequential::input(&self.input[..]);
        let net = self.layers.iter().fold(start, |net, layer| match *layer {
            Layer::Dense { units } => net.dense(units).init(He),
            Layer::Maxout { units, pieces } => net.maxout(units, pieces),
            Layer::Conv2d {
                filters,
                size,
                stride,
                padding,
            } => net
                .conv2d(filters, size)
                .stride(stride)
                .padding(padding)
                .init(He),
            Layer::BatchNorm => net.batch_norm(),
            Layer::Activation { of } => net.activation(of),
            Layer::Prelu => net.prelu(),
            Layer::MaxPool { size } => net.max_pool2d(size),
            Layer::AveragePool { size } => net.average_pool2d(size),
            Layer::Dropout { p } if dropout => net.dropout(p),
            Layer::Dropout { .. } => net,
        });
        net.dense(self.outputs).seed(self.seed)
    }

    /// Made-up examples.
    pub fn data(&self) -> Result<Dataset> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let features: usize = self.input.iter().product();
        let mut normal = |count: usize| -> Vec<f32> {
            let numbers = (0..count).map(|_| rng.sample::<f32, _>(StandardNormal));
            numbers.collect()
        };
        let x = normal(self.examples * features);
        let shape = &self.input[..];
        match self.cost {
            Cost::CrossEntropy => {
                let labels = (0..self.examples).map(|_| rng.gen_range(0..self.outputs));
                Dataset::classification(x, shape, labels.collect(), self.outputs)
            }
            cost => {
                let mut y = normal(self.examples * self.outputs);
                if cost == BinaryCrossEntropy {
                    y.iter_mut()
                        .for_each(|y| *y = f32::from(u8::from(*y > 0.0)));
                }
                Dataset::regression(x, shape, y, self.outputs)
            }
        }
    }

    pub fn fit(&self, epochs: usize) -> Fit<'static> {
        let fit = Fit::epochs(epochs)
            .batch(self.batch)
            .seed(self.seed)
            .quiet();
        match self.rule.clip {
            0.0 => fit,
            clip => fit.clip(Clip::Norm(clip)),
        }
    }

    /// Weights and biases, and the floating-point operations of a step in products and convolutions: forward, for the
    /// gradient of the weights, and for that of the inputs where something learns before.
    pub fn size(&self) -> Size {
        let mut shape = match self.input[..] {
            [height, width, channels] => (height, width, channels),
            _ => (1, 1, self.input[0]),
        };
        let (mut parameters, mut multiply_adds, mut first) = (0, 0, true);
        let (mut spared, mut smallest_side) = (0, usize::MAX);
        let last = Layer::Dense {
            units: self.outputs,
        };
        for layer in self.layers.iter().chain([&last]) {
            let features = shape.0 * shape.1 * shape.2;
            let (weights, per_example) = match *layer {
                Layer::Dense { units } => {
                    shape = (1, 1, units);
                    (features * units, features * units)
                }
                Layer::Maxout { units, pieces } => {
                    shape = (1, 1, units);
                    (features * units * pieces, features * units * pieces)
                }
                Layer::Conv2d {
                    filters,
                    size,
                    stride,
                    padding,
                } => {
                    let weights = size * size * shape.2 * filters;
                    let places = |side: usize| match padding {
                        Padding::Same => side.div_ceil(stride),
                        Padding::Valid => (side + stride).saturating_sub(size) / stride,
                    };
                    shape = (places(shape.0), places(shape.1), filters);
                    smallest_side = smallest_side.min(shape.0).min(shape.1);
                    (weights, shape.0 * shape.1 * weights)
                }
                Layer::MaxPool { size } | Layer::AveragePool { size } => {
                    shape = (shape.0 / size, shape.1 / size, shape.2);
                    smallest_side = smallest_side.min(shape.0).min(shape.1);
                    continue;
                }
                _ => continue,
            };
            parameters += weights;
            let of_step = if first { 2 } else { 3 } * per_example;
            multiply_adds += of_step;
            // F(4x4, 3x3) makes 36 multiplications of 144.
            let by_tiles = matches!(
                layer,
                Layer::Conv2d {
                    size: 3,
                    stride: 1,
                    ..
                }
            );
            spared += if by_tiles { of_step - of_step / 4 } else { 0 };
            first = false;
        }
        Size {
            parameters,
            operations: 2 * self.batch * multiply_adds,
            least_operations: 2 * self.batch * (multiply_adds - spared),
            smallest_side,
        }
    }
}

/// What [`Recipe::size`] counts.
pub struct Size {
    pub parameters: usize,
    pub operations: usize,
    /// With what Winograd's way spares in 3x3 convolutions, its transforms not counted.
    pub least_operations: usize,
    /// Of all images on the way; 0 where the layers leave nothing of one.
    pub smallest_side: usize,
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Layer::Dense { units } => write!(f, "{units}"),
            Layer::Maxout { units, pieces } => write!(f, "maxout {units} of {pieces}"),
            Layer::Conv2d {
                filters,
                size,
                stride,
                padding,
            } => {
                write!(f, "conv {filters} {size}x{size}")?;
                if stride > 1 {
                    write!(f, " stride {stride}")?;
                }
                match padding {
                    Padding::Same => write!(f, " same"),
                    Padding::Valid => Ok(()),
                }
            }
            Layer::BatchNorm => write!(f, "batch norm"),
            Layer::Activation { of } => write!(f, "{of:?}"),
            Layer::Prelu => write!(f, "PReLU"),
            Layer::MaxPool { size } => write!(f, "max pool {size}"),
            Layer::AveragePool { size } => write!(f, "average pool {size}"),
            Layer::Dropout { p } => write!(f, "dropout {p}"),
        }
    }
}

/// `23 - 2 times (895 Relu) - 3, CrossEntropy, adam with clipping, 70 at once`
impl std::fmt::Display for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A layer with weights, and what follows it; how often that comes one after the other.
        let mut blocks: Vec<(String, usize)> = Vec::new();
        let starts = |layer: &Layer| {
            use Layer::{Conv2d, Dense, Maxout};
            matches!(layer, Dense { .. } | Maxout { .. } | Conv2d { .. })
        };
        for block in self.layers.chunk_by(|_, next| !starts(next)) {
            let words: Vec<String> = block.iter().map(Layer::to_string).collect();
            let block = words.join(" ");
            match blocks.last_mut() {
                Some((last, times)) if *last == block => *times += 1,
                _ => blocks.push((block, 1)),
            }
        }
        let input: Vec<String> = self.input.iter().map(usize::to_string).collect();
        write!(f, "{}", input.join("x"))?;
        for (block, times) in blocks {
            match times {
                1 => write!(f, " - {block}")?,
                _ => write!(f, " - {times} times ({block})")?,
            }
        }
        let rule = &self.rule;
        write!(f, " - {}, {:?}, {}", self.outputs, self.cost, rule.name)?;
        if rule.weight_decay > 0.0 {
            write!(f, " with weight decay")?;
        }
        if rule.clip > 0.0 {
            write!(f, " with clipping")?;
        }
        write!(f, ", {} at once", self.batch)
    }
}

/// So many examples that a batch does not find them in a cache, and a scanned epoch is long enough to pay.
pub fn examples(recipe: &Recipe) -> usize {
    let features: usize = recipe.input.iter().product();
    let by_work = 2_000_000_000 / recipe.size().operations.max(1);
    let by_memory = 4_000_000 / (features * recipe.batch).max(1);
    recipe.batch * by_work.min(by_memory).clamp(8, 512)
}
