//! The kinds of layer.

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::batchnorm::BatchNorm;
use crate::custom::CustomLayer;
use crate::data::Shape;
use crate::engine::activate::activation;
use crate::engine::batchnorm::{Moments, batch_norm};
use crate::engine::conv::{Tail, conv};
use crate::engine::custom::custom;
use crate::engine::dense::dense;
use crate::engine::dropout::dropout;
use crate::engine::maxout::max_pieces;
use crate::engine::pooling::{average_pooling, max_pooling};
use crate::engine::prelu::prelu;
use crate::engine::window::Window;
use crate::engine::{Param, Pool, Tape, Value};
use crate::error::{Error, Result, fraction};
use crate::init::Init;
use crate::registry::Custom;
use crate::regularization::Regularizer;
use gradus_text::Text;

/// What happens at the border of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Padding {
    /// The window stays on the image: the output is smaller. Keras's default.
    #[default]
    Valid,
    /// Zeros around the image: with stride 1 the output is as large as the input.
    Same,
}

/// What a layer is, without its numbers: enough to build it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Config {
    Dense {
        units: usize,
        activation: Activation,
        init: Init,
        regularizer: Regularizer,
    },
    Activation(Activation),
    Prelu,
    BatchNorm {
        convention: BatchNorm,
        activation: Activation,
    },
    Dropout(f32),
    Conv2d {
        filters: usize,
        size: usize,
        stride: usize,
        padding: Padding,
        activation: Activation,
        init: Init,
        regularizer: Regularizer,
    },
    MaxPool2d(usize),
    AveragePool2d(usize),
    Flatten,
    Maxout {
        units: usize,
        pieces: usize,
        init: Init,
        regularizer: Regularizer,
    },
    Custom(Custom<CustomLayer>),
}

/// Where the slopes of PReLU start, as in its paper.
const SLOPE: f32 = 0.25;

/// One layer: what it is, its shapes, what it learns.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    config: Config,
    name: String,
    output: Shape,
    params: Vec<Param>,
    window: Option<Window>,
    running: Option<Moments>,
}

impl Layer {
    /// Build a layer for inputs of this shape, with all weights 0.
    pub(crate) fn new(config: Config, input: &Shape) -> Result<Layer> {
        let features = input.features();
        let zeros = |name, rows: usize, columns: usize| {
            Param::new(name, rows, columns, vec![0.0; rows * columns])
        };
        let mut window = None;
        let mut running = None;
        let (output, params) = match &config {
            Config::Dense { units, .. } => {
                outputs(
                    (
                        "el número de unidades de una capa densa",
                        "the units of a dense layer",
                    ),
                    *units,
                    features,
                )?;
                let params = vec![zeros("weight", features, *units), zeros("bias", 1, *units)];
                ((*units).into(), params)
            }
            Config::Maxout { units, pieces, .. } => {
                outputs(
                    (
                        "el número de unidades de una capa maxout",
                        "the units of a maxout layer",
                    ),
                    *units,
                    features.saturating_mul(*pieces),
                )?;
                at_least_one(
                    (
                        "el número de piezas de una capa maxout",
                        "the pieces of a maxout layer",
                    ),
                    *pieces,
                )?;
                let columns = units * pieces;
                let params = vec![
                    zeros("weight", features, columns),
                    zeros("bias", 1, columns),
                ];
                ((*units).into(), params)
            }
            Config::BatchNorm { convention, .. } => {
                convention.check()?;
                let columns = input.image().map_or(features, |(_, _, channels)| channels);
                running = Some(Moments {
                    mean: vec![0.0; columns],
                    variance: vec![1.0; columns],
                    count: 0,
                });
                let gamma = Param::new("gamma", 1, columns, vec![1.0; columns]);
                (input.clone(), vec![gamma, zeros("beta", 1, columns)])
            }
            Config::Conv2d {
                filters,
                size,
                stride,
                padding,
                ..
            } => {
                at_least_one(
                    (
                        "el número de filtros de una convolución",
                        "the filters of a convolution",
                    ),
                    *filters,
                )?;
                let place = place("conv2d", input, *size, *stride, *padding)?;
                window = Some(place);
                let (down, across) = place.places;
                outputs(
                    (
                        "el número de filtros de una convolución",
                        "the filters of a convolution",
                    ),
                    *filters,
                    place.patch().max(place.positions()),
                )?;
                let params = vec![
                    zeros("weight", size * size * place.input.2, *filters),
                    zeros("bias", 1, *filters),
                ];
                ([down, across, *filters].into(), params)
            }
            Config::MaxPool2d(size) | Config::AveragePool2d(size) => {
                let place = place("pooling", input, *size, *size, Padding::Valid)?;
                window = Some(place);
                let (down, across) = place.places;
                ([down, across, place.input.2].into(), Vec::new())
            }
            Config::Dropout(p) => {
                fraction(
                    ("la probabilidad de dropout", "the probability of dropout"),
                    *p,
                )?;
                (input.clone(), Vec::new())
            }
            Config::Activation(_) => (input.clone(), Vec::new()),
            Config::Prelu => {
                let columns = input.image().map_or(features, |(_, _, channels)| channels);
                let slope = Param::new("slope", 1, columns, vec![SLOPE; columns]);
                (input.clone(), vec![slope])
            }
            Config::Flatten => (features.into(), Vec::new()),
            Config::Custom(custom) => {
                let output = match custom.output() {
                    Some(count) => {
                        outputs(
                            (
                                "la salida de una capa propia",
                                "the output of a custom layer",
                            ),
                            count,
                            1,
                        )?;
                        count.into()
                    }
                    None => input.clone(),
                };
                custom.check(features, output.features())?;
                let starts = custom.parameters().iter();
                let params = starts.map(|start| zeros(start.name, start.rows, start.columns));
                (output, params.collect())
            }
        };
        Ok(Layer {
            config,
            name: String::new(),
            output,
            params,
            window,
            running,
        })
    }

    /// What it is, in lower case.
    pub(crate) fn kind(&self) -> &'static str {
        match self.config {
            Config::Dense { .. } => "dense",
            Config::Activation(_) => "activation",
            Config::Prelu => "prelu",
            Config::BatchNorm { .. } => "batch_norm",
            Config::Dropout(_) => "dropout",
            Config::Conv2d { .. } => "conv2d",
            Config::MaxPool2d(_) => "max_pool2d",
            Config::AveragePool2d(_) => "average_pool2d",
            Config::Flatten => "flatten",
            Config::Maxout { .. } => "maxout",
            Config::Custom(custom) => custom.name(),
        }
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

    /// Change the configuration and build the layer anew.
    pub(crate) fn configure(
        &mut self,
        input: &Shape,
        change: impl FnOnce(&mut Config),
    ) -> Result<()> {
        let mut config = self.config.clone();
        change(&mut config);
        let name = std::mem::take(&mut self.name);
        *self = Layer {
            name,
            ..Layer::new(config, input)?
        };
        Ok(())
    }

    pub(crate) fn output(&self) -> &Shape {
        &self.output
    }

    /// What a convolution or a pooling looks at.
    pub(crate) fn window(&self) -> Option<Window> {
        self.window
    }

    pub(crate) fn params(&self) -> &[Param] {
        &self.params
    }

    pub(crate) fn params_mut(&mut self) -> &mut [Param] {
        &mut self.params
    }

    /// The running statistics of a batch normalisation.
    pub(crate) fn running(&self) -> Option<&Moments> {
        self.running.as_ref()
    }

    pub(crate) fn running_mut(&mut self) -> Option<&mut Moments> {
        self.running.as_mut()
    }

    /// The activation at its end.
    pub(crate) fn activation(&self) -> Activation {
        match self.config {
            Config::Dense { activation, .. }
            | Config::Activation(activation)
            | Config::BatchNorm { activation, .. }
            | Config::Conv2d { activation, .. } => activation,
            _ => Activation::Linear,
        }
    }

    /// The same layer, with the same weights, up to its activation: what it puts out is `z`.
    pub(crate) fn without_activation(&self) -> Layer {
        let mut linear = self.clone();
        if let Config::Dense { activation, .. }
        | Config::Activation(activation)
        | Config::BatchNorm { activation, .. }
        | Config::Conv2d { activation, .. } = &mut linear.config
        {
            *activation = Activation::Linear;
        }
        linear
    }

    /// Put the activation into the layer itself, where it has room for one; whether it had.
    pub(crate) fn set_activation(&mut self, new: Activation) -> bool {
        match &mut self.config {
            Config::Dense { activation, .. }
            | Config::BatchNorm { activation, .. }
            | Config::Conv2d { activation, .. }
                if *activation == Activation::Linear =>
            {
                *activation = new;
                true
            }
            _ => false,
        }
    }

    /// The initialiser of its weights, if it has weights.
    pub(crate) fn init_mut(&mut self) -> Option<&mut Init> {
        match &mut self.config {
            Config::Dense { init, .. }
            | Config::Conv2d { init, .. }
            | Config::Maxout { init, .. } => Some(init),
            _ => None,
        }
    }

    /// The penalty on its weights, if it has weights.
    pub(crate) fn regularizer_mut(&mut self) -> Option<&mut Regularizer> {
        match &mut self.config {
            Config::Dense { regularizer, .. }
            | Config::Conv2d { regularizer, .. }
            | Config::Maxout { regularizer, .. } => Some(regularizer),
            _ => None,
        }
    }

    /// The penalty on its weights, where there is one; biases have none.
    pub(crate) fn regularizer(&self) -> Option<Regularizer> {
        match self.config {
            Config::Dense { regularizer, .. }
            | Config::Conv2d { regularizer, .. }
            | Config::Maxout { regularizer, .. }
                if !regularizer.is_nothing() =>
            {
                Some(regularizer)
            }
            _ => None,
        }
    }

    /// Draw the weights anew; biases start at 0.
    pub(crate) fn sample(&mut self, rng: &mut impl Rng) {
        if let Config::Custom(custom) = self.config {
            for (param, start) in self.params.iter_mut().zip(custom.parameters()) {
                let (count, rows, columns) = (param.len(), start.rows, start.columns);
                param.data = start.init.sample(count, rows, columns, rng).into();
            }
            return;
        }
        let (init, n_in, n_out) = match self.config {
            Config::Dense { init, units, .. } | Config::Maxout { init, units, .. } => {
                (init, self.params[0].rows, units)
            }
            // As in Keras: every place of the window counts as inputs and outputs.
            Config::Conv2d {
                init,
                size,
                filters,
                ..
            } => (init, self.params[0].rows, size * size * filters),
            _ => return,
        };
        let count = self.params[0].len();
        self.params[0].data = init.sample(count, n_in, n_out, rng).into();
        let biases = self.params[1].len();
        self.params[1].data = vec![0.0; biases].into();
    }

    /// Whether it needs several examples at once to learn from.
    pub(crate) fn needs_several_examples(&self) -> bool {
        // An image brings one row per position.
        matches!(self.config, Config::BatchNorm { .. })
            && self.output.image().is_none_or(|(h, w, _)| h * w == 1)
    }

    /// The window of the max pooling that comes `next`, where this layer can do it in its own operation.
    pub(crate) fn pooling_after(&self, next: &Layer) -> Option<Window> {
        match (&self.config, &next.config) {
            (Config::Conv2d { activation, .. }, Config::MaxPool2d(_))
                if !activation.needs_input() =>
            {
                next.window
            }
            _ => None,
        }
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
        match (&self.config, &mut self.running) {
            (
                Config::BatchNorm {
                    convention,
                    activation,
                },
                Some(running),
            ) => {
                let moments = Moments::of(&x.data, self.params[0].columns);
                running.follow(&moments, convention);
                let (gamma, beta) = (&self.params[0], &self.params[1]);
                let epsilon = convention.epsilon;
                batch_norm(
                    x,
                    gamma,
                    beta,
                    moments,
                    true,
                    epsilon,
                    *activation,
                    pool,
                    Some(tape),
                )
            }
            (Config::Dropout(p), _) if *p > 0.0 => dropout(x, *p, key, pool, Some(tape)),
            _ => self.forward(x, pooling, pool, Some(tape)),
        }
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
        let p = &self.params;
        match (&self.config, self.window, &self.running) {
            (Config::Dense { activation, .. }, _, _) => {
                dense(x, &p[0], &p[1], *activation, pool, tape)
            }
            (Config::Activation(f), _, _) => activation(x, *f, pool, tape),
            (Config::Prelu, _, _) => prelu(x, &p[0], pool, tape),
            (
                Config::BatchNorm {
                    convention,
                    activation,
                },
                _,
                Some(running),
            ) => {
                let (moments, epsilon) = (running.clone(), convention.epsilon);
                batch_norm(
                    x,
                    &p[0],
                    &p[1],
                    moments,
                    false,
                    epsilon,
                    *activation,
                    pool,
                    tape,
                )
            }
            (Config::Conv2d { activation, .. }, Some(window), _) => {
                let f = *activation;
                conv(x, &p[0], &p[1], window, Tail { f, pooling }, pool, tape)
            }
            (Config::MaxPool2d(_), Some(window), _) => max_pooling(x, window, pool, tape),
            (Config::AveragePool2d(_), Some(window), _) => average_pooling(x, window, pool, tape),
            (Config::Maxout { pieces, .. }, _, _) => match tape {
                Some(tape) => {
                    let z = dense(x, &p[0], &p[1], Activation::Linear, pool, Some(tape));
                    max_pieces(&z, *pieces, pool, Some(tape))
                }
                None => max_pieces(
                    &dense(x, &p[0], &p[1], Activation::Linear, pool, None),
                    *pieces,
                    pool,
                    None,
                ),
            },
            (Config::Custom(layer), _, _) => {
                custom(x, p, *layer, self.output.features(), pool, tape)
            }
            // Flatten and, when nothing is learned, dropout: the numbers stay as they are.
            _ => x.clone(),
        }
    }
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

fn place(op: &str, input: &Shape, size: usize, stride: usize, padding: Padding) -> Result<Window> {
    at_least_one(
        (format!("la ventana de {op}"), format!("the window of {op}")),
        size,
    )?;
    at_least_one(
        (
            format!("el paso (stride) de {op}"),
            format!("the stride of {op}"),
        ),
        stride,
    )?;
    let Some((height, width, channels)) = input.image() else {
        return Err(Error::shape(
            op,
            (
                "una entrada de alto x ancho x canales",
                "an input of height x width x channels",
            ),
            input,
        ));
    };
    let along = |side: usize| match padding {
        Padding::Valid if side < size => Err(Error::shape(
            op,
            (
                format!("una imagen de al menos {size}x{size} píxeles"),
                format!("an image of at least {size}x{size} pixels"),
            ),
            format!("{height}x{width}"),
        )),
        Padding::Valid => Ok(((side - size) / stride + 1, 0)),
        Padding::Same => {
            let places = side.div_ceil(stride);
            let padding = ((places - 1) * stride + size).saturating_sub(side);
            Ok((places, padding / 2))
        }
    };
    let (down, above) = along(height)?;
    let (across, left) = along(width)?;
    Ok(Window {
        input: (height, width, channels),
        size: (size, size),
        stride,
        padding: (above, left),
        places: (down, across),
    })
}

impl Moments {
    /// `running ← keep · running + (1 - keep) · batch`.
    fn follow(&mut self, batch: &Moments, convention: &BatchNorm) {
        let keep = convention.keep;
        let n = batch.count as f32;
        let correction = if convention.unbiased {
            n / (n - 1.0).max(1.0)
        } else {
            1.0
        };
        for (running, batch) in self.mean.iter_mut().zip(&batch.mean) {
            *running = keep * *running + (1.0 - keep) * batch;
        }
        for (running, batch) in self.variance.iter_mut().zip(&batch.variance) {
            *running = keep * *running + (1.0 - keep) * batch * correction;
        }
    }
}
