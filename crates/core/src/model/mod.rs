//! Networks as a sequence of layers, with Keras's loop around them: `fit`, `evaluate`, `predict`, `summary`.
//!
//! ```
//! use gradus::prelude::*;
//!
//! let (train, test) = Dataset::digits().split(0.8, 42)?;
//! let mut net = Sequential::input(64).dense(32).activation(Relu).init(He).dense(10);
//! let history = net.fit(&train, CrossEntropy, Adam::new(1e-2), Fit::epochs(3).batch(64).validate(&test))?;
//! assert!(history.last().val_accuracy > Some(0.7));
//! # Ok::<(), gradus::Error>(())
//! ```

mod callback;
mod check;
mod confusion;
mod dfdx;
mod fit;
pub mod keras;
mod layer;
mod monitor;
mod noise;
mod profile;
mod progress;
mod rates;
mod sanity;
mod save;
mod summary;
mod symmetry;

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::activation::Activation;
use crate::batchnorm::BatchNorm;
use crate::cost::Cost;
use crate::custom::CustomLayer;
use crate::data::{Dataset, Preparation, Shape};
use crate::engine::loss::{answer, backward, cost};
use crate::engine::{Param, Pool, Tape, Value};
use crate::error::{Error, Result};
use crate::init::Init;
use crate::interrupt::Watch;
use crate::kernels::elementary;
use crate::regularization::Regularizer;
use crate::tensor::{Matrix, matrix};
use gradus_text::display::{Show, aligned};
use gradus_text::{Text, say};

pub use crate::confusion::ConfusionMatrix;
pub use crate::history::{Epoch, Evaluation, History};
pub use callback::{Callback, Checkpoint, Next, Recorder};
pub use fit::Fit;
pub use layer::Padding;
pub use monitor::{ActivationReport, LayerActivations};
pub use noise::{GradientNoise, gradient_noise};
pub use profile::{LayerProfile, Profile};
pub use rates::{LearningRateRun, LearningRates};
pub use sanity::{FirstStep, SanityCheck};
pub use summary::Summary;
pub use symmetry::{LayerSymmetry, SymmetryReport};

pub(crate) use layer::Config;
use layer::{AveragePool2d, BatchNormLayer, Conv2d, Dense, Dropout, Layer, MaxPool2d, Maxout};

/// How many examples are pushed through at once where nothing is learned.
const EVALUATION_BATCH: usize = 1024;

/// A network: layers one after the other.
///
/// Built by naming the input and then each layer. A mistake in the building (no units, an initialiser with no layer to act
/// on) is reported by the first method that uses the network.
#[derive(Clone, Debug)]
pub struct Sequential {
    input: Shape,
    layers: Vec<Layer>,
    seed: u64,
    mistake: Option<String>,
    history: History,
    /// The cost that it learned to make small.
    cost: Option<Cost>,
    pool: Pool,
    /// The names of the classes it learned.
    classes: Vec<String>,
    /// What was done to the data that it learned from.
    prepared: Option<Arc<Preparation>>,
}

/// One parameter of a network, or its gradient.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Layer and parameter, such as `dense_1.weight`.
    pub name: String,
    /// Its numbers. A weight has shape `(n_in, n_out)`, a bias `(1, n_out)`.
    pub value: Matrix,
}

impl Parameter {
    /// Its length as a vector: `√Σ w²`.
    pub fn norm(&self) -> f64 {
        let squares = self
            .value
            .as_vec()
            .into_iter()
            .map(|w| f64::from(w).powi(2));
        squares.sum::<f64>().sqrt()
    }

    /// The numbers that belong to one neuron of a dense layer: column `j`, one per input. Empty past the last neuron.
    pub fn neuron(&self, j: usize) -> Vec<f32> {
        use ::dfdx::prelude::HasShape;
        let columns = self.value.shape().1;
        let all = self.value.as_vec();
        all.chunks_exact(columns)
            .filter_map(|row| row.get(j).copied())
            .collect()
    }
}

impl Sequential {
    /// A network for inputs of this shape: a number of features, or `[height, width, channels]`.
    pub fn input(shape: impl Into<Shape>) -> Sequential {
        let input = shape.into();
        Sequential {
            mistake: (input.features() == 0).then(|| "the input has no features".to_owned()),
            input,
            layers: Vec::new(),
            seed: 0,
            history: History::new(),
            cost: None,
            pool: Pool::default(),
            classes: Vec::new(),
            prepared: None,
        }
    }

    /// Add a layer of `units` neurons, each connected to every output of the layer before: `z = x W + b`.
    pub fn dense(self, units: usize) -> Sequential {
        self.push(Config::Dense(Dense {
            units,
            activation: Activation::Linear,
            init: Init::default(),
            regularizer: Regularizer::default(),
        }))
    }

    /// Apply an activation to what the last layer puts out.
    pub fn activation(mut self, activation: Activation) -> Sequential {
        if let Err(error) = activation.check() {
            return self.note(error.to_string());
        }
        if let Some(last) = self.layers.last_mut()
            && last.set_activation(activation)
        {
            return self;
        }
        self.push(Config::Activation(activation))
    }

    /// Add batch normalisation with Keras's conventions, after the linear part of a layer and before its activation:
    /// `.dense(64).batch_norm().activation(Relu)`. Images are normalised channel by channel.
    pub fn batch_norm(self) -> Sequential {
        self.batch_norm_with(BatchNorm::default())
    }

    /// Add batch normalisation with other conventions.
    pub fn batch_norm_with(self, convention: BatchNorm) -> Sequential {
        self.push(Config::BatchNorm(BatchNormLayer {
            convention,
            activation: Activation::Linear,
        }))
    }

    /// Add inverted dropout: in training each output becomes 0 with probability `p` in `[0, 1)`, and the others grow by
    /// `1 / (1 - p)`; a trained network drops nothing.
    pub fn dropout(self, p: f32) -> Sequential {
        self.push(Config::Dropout(Dropout(p)))
    }

    /// Add a convolution of `filters` windows of `size` x `size`, stride 1, no padding. The input is an image
    /// `[height, width, channels]`.
    pub fn conv2d(self, filters: usize, size: usize) -> Sequential {
        self.push(Config::Conv2d(Conv2d {
            filters,
            size,
            stride: 1,
            padding: Padding::Valid,
            activation: Activation::Linear,
            init: Init::default(),
            regularizer: Regularizer::default(),
        }))
    }

    /// Let the convolution before it step by `stride` pixels.
    pub fn stride(self, stride: usize) -> Sequential {
        self.configure_conv("stride", move |conv| conv.stride = stride)
    }

    /// Choose what the convolution before it does at the border.
    pub fn padding(self, padding: Padding) -> Sequential {
        self.configure_conv("padding", move |conv| conv.padding = padding)
    }

    fn configure_conv(mut self, what: &str, change: impl FnOnce(&mut Conv2d)) -> Sequential {
        let Some(last) = self.layers.len().checked_sub(1) else {
            return self.note((
                format!("{what} necesita antes una conv2d"),
                format!("{what} needs a conv2d before it"),
            ));
        };
        let Config::Conv2d(mut conv) = *self.layers[last].config() else {
            return self.note((
                format!("{what} necesita una conv2d justo antes"),
                format!("{what} needs a conv2d right before it"),
            ));
        };
        change(&mut conv);
        let input = match last {
            0 => self.input.clone(),
            _ => self.layers[last - 1].output().clone(),
        };
        match self.layers[last].configure(Config::Conv2d(conv), &input) {
            Ok(()) => {
                self.sample_layer(last);
                self
            }
            Err(error) => self.note(error.to_string()),
        }
    }

    /// Keep the largest of each `size` x `size` pixels, channel by channel.
    pub fn max_pool2d(self, size: usize) -> Sequential {
        self.push(Config::MaxPool2d(MaxPool2d(size)))
    }

    /// Keep the mean of each `size` x `size` pixels, channel by channel.
    pub fn average_pool2d(self, size: usize) -> Sequential {
        self.push(Config::AveragePool2d(AveragePool2d(size)))
    }

    /// Make a row of features of an image. `dense` does it by itself; the name is there for readers of Keras.
    pub fn flatten(self) -> Sequential {
        self.push(Config::Flatten)
    }

    /// Add a maxout layer: each unit is the largest of `pieces` linear functions, `max(w₁·x + b₁, w₂·x + b₂, …)`.
    /// I. Goodfellow et al., 2013, <https://arxiv.org/abs/1302.4389>.
    pub fn maxout(self, units: usize, pieces: usize) -> Sequential {
        self.push(Config::Maxout(Maxout {
            units,
            pieces,
            init: Init::default(),
            regularizer: Regularizer::default(),
        }))
    }

    /// Add PReLU: leaky ReLU whose slope is learned, one for each unit, or each channel of an image, starting at 0.25.
    /// `a = max(0, z) + s · min(0, z)`. K. He et al., 2015, <https://arxiv.org/abs/1502.01852>.
    pub fn prelu(self) -> Sequential {
        self.push(Config::Prelu)
    }

    /// Add a layer of one's own.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let square = CustomLayer::new("square", |x, _| Ok(x.square()));
    /// let net = Sequential::input(2).dense(4).custom(square).dense(1);
    /// assert!(net.summary().to_string().contains("square_1"));
    /// # Ok::<(), gradus::Error>(())
    /// ```
    pub fn custom(self, layer: CustomLayer) -> Sequential {
        self.push(Config::Custom(layer.make()))
    }

    /// Choose how the weights of the last layer start; [`Init::XavierUniform`] where nothing is said, as in Keras.
    pub fn init(mut self, init: Init) -> Sequential {
        if let Err(error) = init.check() {
            return self.note(error.to_string());
        }
        let slot = self.layers.iter_mut().rev().find_map(Layer::init_mut);
        let Some(slot) = slot else {
            return self.note(
                (
                    "init necesita antes una capa con pesos; llámalo después de dense",
                    "init needs a layer with weights before it; call it after dense",
                )
                    .to_owned(),
            );
        };
        *slot = init;
        self.sample();
        self
    }

    /// Put a penalty on the weights of the last layer: [`crate::regularization::l2`], [`crate::regularization::l1`]. As in
    /// Keras it counts in the cost that `fit` and `evaluate` tell, and biases have none.
    pub fn regularizer(mut self, regularizer: Regularizer) -> Sequential {
        if let Err(error) = regularizer.check() {
            return self.note(error.to_string());
        }
        match self
            .layers
            .iter_mut()
            .rev()
            .find_map(Layer::regularizer_mut)
        {
            Some(slot) => {
                *slot = regularizer;
                self
            }
            None => self.note(
                (
                    "regularizer necesita antes una capa con pesos",
                    "regularizer needs a layer with weights before it",
                )
                    .to_owned(),
            ),
        }
    }

    /// What the regularisers add to the cost.
    fn penalty(&self) -> f64 {
        let layers = self.layers.iter();
        let penalties =
            layers.filter_map(|layer| Some(layer.regularizer()?.penalty(&layer.params()[0].data)));
        penalties.sum()
    }

    /// Choose the seed of the random weights; 0 where nothing is said.
    pub fn seed(mut self, seed: u64) -> Sequential {
        self.seed = seed;
        self.sample();
        self
    }

    fn push(mut self, config: Config) -> Sequential {
        if let Some(error) = self.misfit() {
            return self.note(error.to_string());
        }
        match Layer::new(config, self.output()) {
            Ok(mut layer) => {
                let number = 1 + self
                    .layers
                    .iter()
                    .filter(|l| l.kind() == layer.kind())
                    .count();
                layer.set_number(number);
                self.layers.push(layer);
                self.sample_layer(self.layers.len() - 1);
                self
            }
            Err(error) => self.note(error.to_string()),
        }
    }

    /// Why the last layer cannot stay as it is.
    fn misfit(&self) -> Option<Error> {
        self.layers.last()?.check_fit().err()
    }

    /// Why the network cannot be used.
    fn wrong(&self) -> Option<String> {
        let misfit = || Some(self.misfit()?.to_string());
        self.mistake.clone().or_else(misfit)
    }

    /// Remember the first mistake only: the ones after it are often its consequences.
    fn note(mut self, mistake: impl Into<Text>) -> Sequential {
        self.mistake
            .get_or_insert_with(|| mistake.into().into_current());
        self
    }

    fn sample(&mut self) {
        for i in 0..self.layers.len() {
            self.sample_layer(i);
        }
    }

    /// What its layers are, in order.
    pub(crate) fn configs(&self) -> impl Iterator<Item = &Config> {
        self.layers.iter().map(Layer::config)
    }

    /// The seed of its weights.
    pub(crate) fn seed_number(&self) -> u64 {
        self.seed
    }

    // Each layer has a stream of its own, so that its weights do not depend on how many numbers the others drew.
    fn sample_layer(&mut self, i: usize) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(i as u64);
        self.layers[i].sample(&mut rng);
    }

    /// The shape of one example that it takes.
    pub fn input_shape(&self) -> &Shape {
        &self.input
    }

    /// The completed epochs of the last training, also of one that was interrupted or diverged. Without one it is empty.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The shape of what the last layer puts out.
    pub fn output(&self) -> &Shape {
        self.layers.last().map_or(&self.input, Layer::output)
    }

    /// How many numbers it learns.
    pub fn parameter_count(&self) -> usize {
        self.params().map(Param::len).sum()
    }

    fn params(&self) -> impl Iterator<Item = &Param> {
        self.layers.iter().flat_map(Layer::params)
    }

    /// Its parameters, layer after layer.
    pub fn parameters(&self) -> Vec<Parameter> {
        self.named(|_, param| param.data.to_vec())
    }

    /// What its layers keep that no gradient changes: the running mean and variance of each batch normalisation.
    pub fn statistics(&self) -> Vec<Parameter> {
        let mut all = Vec::new();
        for layer in &self.layers {
            let Some(running) = layer.running() else {
                continue;
            };
            for (name, numbers) in [
                ("running_mean", &running.mean),
                ("running_variance", &running.variance),
            ] {
                all.push(Parameter {
                    name: format!("{}.{name}", layer.name()),
                    value: matrix(numbers.clone(), 1, numbers.len())
                        .expect("a layer has no empty statistics"),
                });
            }
        }
        all
    }

    fn named(&self, mut numbers: impl FnMut(&Layer, &Param) -> Vec<f32>) -> Vec<Parameter> {
        let mut all = Vec::new();
        for layer in &self.layers {
            for param in layer.params() {
                all.push(Parameter {
                    name: format!("{}.{}", layer.name(), param.name),
                    value: matrix(numbers(layer, param), param.rows, param.columns)
                        .expect("a layer has no empty parameters"),
                });
            }
        }
        all
    }

    /// Replace one parameter or statistic, named as in [`Sequential::parameters`] and [`Sequential::statistics`].
    ///
    /// # Errors
    /// When there is no such parameter or the shape is another.
    pub fn set_parameter(&mut self, name: &str, value: &Matrix) -> Result<()> {
        use ::dfdx::prelude::HasShape;
        let (rows, columns) = *value.shape();
        let fits = |expected: (usize, usize)| {
            if (rows, columns) == expected {
                return Ok(());
            }
            Err(Error::shape(
                name,
                format!("{} x {}", expected.0, expected.1),
                format!("{rows} x {columns}"),
            ))
        };
        for layer in &mut self.layers {
            let Some(part) = name
                .strip_prefix(layer.name())
                .and_then(|part| part.strip_prefix('.'))
            else {
                continue;
            };
            if let Some(running) = layer.running_mut() {
                let slot = match part {
                    "running_mean" => Some(&mut running.mean),
                    "running_variance" => Some(&mut running.variance),
                    _ => None,
                };
                if let Some(slot) = slot {
                    fits((1, slot.len()))?;
                    *slot = value.as_vec();
                    return Ok(());
                }
            }
            if let Some(param) = layer
                .params_mut()
                .iter_mut()
                .find(|param| param.name == part)
            {
                fits((param.rows, param.columns))?;
                param.set(value.as_vec());
                return Ok(());
            }
        }
        let all = self.parameters().into_iter().chain(self.statistics());
        let names: Vec<String> = all.map(|p| p.name).collect();
        Err(Error::misuse((
            format!("ningún parámetro se llama {name}; hay {}", names.join(", ")),
            format!(
                "no parameter is called {name}; there are {}",
                names.join(", ")
            ),
        )))
    }

    /// The cost of a data set taken as one batch, and its gradient with respect to each parameter: of the network as
    /// [`Sequential::evaluate`] sees it, with nothing dropped out and batch normalisation by its running statistics.
    ///
    /// # Errors
    /// When the data do not fit the network.
    pub fn gradients(&self, data: &Dataset, cost: Cost) -> Result<(f64, Vec<Parameter>)> {
        let data = &self.ready(data)?;
        self.check(data, cost)?;
        let features = self.pool.wrap(data.features());
        let input = Value::new(features, data.len(), self.input.features(), false);
        let mut tape = Tape::default();
        let outputs = self.forward(input, Some(&mut tape));
        let (result, gradients) = backward(cost, &outputs, data.targets(), None, &self.pool, tape);
        let mut gradients = gradients.into_iter();
        let gradients = self.named(|layer, param| {
            let gradient = gradients.next().expect("one for each parameter");
            let mut gradient = gradient.whole(&self.pool).to_vec();
            if let Some(rule) = layer.regularizer().filter(|_| param.is_weight()) {
                for (g, w) in gradient.iter_mut().zip(param.data.iter()) {
                    *g += rule.gradient(*w);
                }
            }
            gradient
        });
        Ok((result.cost + self.penalty(), gradients))
    }

    fn forward(&self, input: Value, mut tape: Option<&mut Tape>) -> Value {
        let mut value = input;
        let mut layers = self.layers.iter().peekable();
        while let Some(layer) = layers.next() {
            let pooling = layers.peek().and_then(|next| layer.pooling_after(next));
            if pooling.is_some() {
                layers.next();
            }
            value = layer.forward(&value, pooling, &self.pool, tape.as_deref_mut());
        }
        value
    }

    /// Forward in training: `step` decides, with the seed of the training, which units drop out.
    fn train_forward(&mut self, input: Value, seed: u64, step: u64, tape: &mut Tape) -> Value {
        let Sequential { layers, pool, .. } = self;
        let mut value = input;
        let mut layers = layers.iter_mut().enumerate().peekable();
        while let Some((i, layer)) = layers.next() {
            let pooling = layers
                .peek()
                .and_then(|(_, next)| layer.pooling_after(next));
            if pooling.is_some() {
                layers.next();
            }
            // Odd multipliers spread the three counters over all bits, so that no two keys are close.
            let key = seed
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(step.wrapping_mul(0xbf58_476d_1ce4_e5b9))
                .wrapping_add((i as u64 + 1).wrapping_mul(0x94d0_49bb_1331_11eb));
            value = layer.train(&value, pooling, key ^ (key >> 29), pool, tape);
        }
        value
    }

    /// Call `visit` with the outputs of one slice of the data after the other, and where the slice starts.
    fn outputs(&self, data: &Dataset, mut visit: impl FnMut(usize, &[f32])) -> Result<()> {
        let mut watch = Watch::new();
        let width = self.input.features();
        for (i, rows) in data.features().chunks(EVALUATION_BATCH * width).enumerate() {
            watch.check(("la evaluación", "the evaluation"), i)?;
            let mut features = self.pool.take(rows.len());
            features.copy_from_slice(rows);
            let input = Value::new(features, rows.len() / width, width, false);
            visit(i * EVALUATION_BATCH, &self.forward(input, None).data);
        }
        Ok(())
    }

    /// Put a data set through the network: its outputs, one example per row. After training with `CrossEntropy` or
    /// `BinaryCrossEntropy` these are logits; [`Sequential::probabilities`] makes probabilities of them.
    ///
    /// # Errors
    /// When the features do not fit the network.
    pub fn predict(&self, data: &Dataset) -> Result<Matrix> {
        let data = &self.ready(data)?;
        self.check_input(data)?;
        let mut all = Vec::with_capacity(data.len() * self.output().features());
        self.outputs(data, |_, outputs| all.extend_from_slice(outputs))?;
        matrix(all, data.len(), self.output().features())
    }

    /// How likely each class is for each example, `(n, outputs)`: the softmax of the outputs of a network that was trained with
    /// `CrossEntropy`, the sigmoid of each output after `BinaryCrossEntropy`, and what a last `Sigmoid` puts out as it is. One
    /// unit tells the probability of the second of two classes.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let data = Dataset::digits().take(200)?;
    /// let mut net = Sequential::input(64).dense(10);
    /// net.fit(&data, CrossEntropy, Adam::new(0.01), Fit::epochs(2).quiet())?;
    /// let p = net.probabilities(&data)?.as_vec();
    /// let sum: f32 = p[..10].iter().sum();
    /// assert!((sum - 1.0).abs() < 1e-6);
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the features do not fit the network, it was not trained yet, or its outputs are no probabilities: after another cost,
    /// without a `Sigmoid` at the end.
    pub fn probabilities(&self, data: &Dataset) -> Result<Matrix> {
        let (n, columns) = (data.len(), self.output().features());
        let mut all = self.predict(data)?.as_vec();
        match self.cost {
            Some(Cost::CrossEntropy) => all.chunks_exact_mut(columns).for_each(softmax),
            Some(Cost::BinaryCrossEntropy) => {
                all.iter_mut().for_each(|z| *z = elementary::sigmoid(*z));
            }
            _ if self.last_activation() == Some(Activation::Sigmoid) => {}
            None => {
                return Err(Error::misuse((
                    "la red aún no se ha entrenado, y el coste dice qué probabilidades son sus salidas: llama antes a `fit`",
                    "the network was not trained yet, and the cost tells which probabilities its outputs are: call `fit` first",
                )));
            }
            Some(_) => {
                return Err(Error::misuse((
                    "las salidas de esta red no son probabilidades: entrénala con CrossEntropy o BinaryCrossEntropy, o termínala \
                     con `.activation(Sigmoid)`",
                    "the outputs of this network are no probabilities: train it with CrossEntropy or BinaryCrossEntropy, or end \
                     it with `.activation(Sigmoid)`",
                )));
            }
        }
        matrix(all, n, columns)
    }

    /// The class with the largest output, for each example. Of a network with one unit the second class, where that is more likely
    /// than not.
    ///
    /// # Errors
    /// When the features do not fit the network.
    pub fn predict_classes(&self, data: &Dataset) -> Result<Vec<usize>> {
        let data = &self.ready(data)?;
        self.check_input(data)?;
        let mut all = Vec::with_capacity(data.len());
        let columns = self.output().features();
        let is_logit = match self.cost {
            Some(cost) => cost == Cost::BinaryCrossEntropy,
            None => self.last_activation() != Some(Activation::Sigmoid),
        };
        let threshold = if is_logit { 0.0 } else { 0.5 };
        self.outputs(data, |_, outputs| {
            let rows = outputs.chunks_exact(columns);
            all.extend(rows.map(|outputs| answer(outputs, threshold)));
        })?;
        Ok(all)
    }

    /// The name of the class with the largest output, for each example: its number where the classes have no names.
    ///
    /// # Errors
    /// When the features do not fit the network.
    pub fn predict_names(&self, data: &Dataset) -> Result<Vec<String>> {
        let answers = self.predict_classes(data)?.into_iter();
        let name = |class: usize| self.classes.get(class).cloned();
        Ok(answers
            .map(|class| name(class).unwrap_or_else(|| class.to_string()))
            .collect())
    }

    /// The names of the classes that it learned, in the order of its outputs; empty where they have none.
    pub fn class_names(&self) -> &[String] {
        &self.classes
    }

    /// What was done to the data that it learned from, and what it does by itself to data that are not prepared.
    pub fn preparation(&self) -> Option<&Preparation> {
        self.prepared.as_deref()
    }

    /// The data as the network takes them: prepared as those that it learned from.
    pub(super) fn ready(&self, data: &Dataset) -> Result<Dataset> {
        match &self.prepared {
            Some(preparation) => preparation.apply(data),
            None => Ok(data.clone()),
        }
    }

    /// [`Sequential::evaluate`] with the cost that the network was last trained with: as `fit` was told.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let (train, test) = Dataset::digits().split(0.8, 0)?;
    /// let mut net = Sequential::input(64).dense(10);
    /// net.fit(&train, CrossEntropy, Adam::new(0.01), Fit::epochs(2).quiet())?;
    /// assert_eq!(net.score(&test)?, net.evaluate(&test, CrossEntropy)?);
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the data do not fit the network, or it was not trained yet.
    pub fn score(&self, data: &Dataset) -> Result<Evaluation> {
        let Some(cost) = self.cost else {
            return Err(Error::misuse((
                "la red aún no se ha entrenado: llama antes a `fit`, o di el coste con `evaluate`",
                "the network was not trained yet: call `fit` first, or say the cost with `evaluate`",
            )));
        };
        self.evaluate(data, cost)
    }

    /// The cost and, for classes, the accuracy on a data set. The last classes may be missing in it.
    ///
    /// # Errors
    /// When the data do not fit the network.
    pub fn evaluate(&self, data: &Dataset, kind: Cost) -> Result<Evaluation> {
        let data = &self.ready(data)?;
        self.check(data, kind)?;
        let columns = self.output().features();
        let (mut loss, mut right) = (0.0, 0);
        self.outputs(data, |start, outputs| {
            let n = outputs.len() / columns;
            let slice = data.targets().slice(start..start + n);
            let batch = cost(kind, outputs, columns, &slice, None, None);
            loss += batch.cost * n as f64;
            right += batch.right;
        })?;
        Ok(Evaluation {
            loss: loss / data.len() as f64 + self.penalty(),
            accuracy: (data.classes() > 0).then(|| right as f64 / data.len() as f64),
        })
    }

    fn check_built(&self) -> Result<()> {
        match self.wrong() {
            Some(mistake) => Err(Error::misuse(mistake)),
            None => Ok(()),
        }
    }

    fn check_input(&self, data: &Dataset) -> Result<()> {
        self.check_built()?;
        if data.shape().features() != self.input.features() {
            return Err(Error::shape(
                ("la entrada de la red", "the input of the network"),
                (
                    format!("{} características en cada ejemplo", self.input.features()),
                    format!("{} features per example", self.input.features()),
                ),
                say(
                    format!("{} en {data:?}", data.shape().features()),
                    format!("{} in {data:?}", data.shape().features()),
                ),
            ));
        }
        data.check_whole()
    }

    fn last_activation(&self) -> Option<Activation> {
        self.layers.last().map(Layer::activation)
    }

    /// Whether one unit tells two classes apart.
    fn is_yes_or_no(&self, data: &Dataset, cost: Cost) -> bool {
        self.output().features() == 1
            && (1..=2).contains(&data.classes())
            && cost != Cost::CrossEntropy
    }

    /// Training data have as many classes as the network has outputs, or two for one output.
    fn check_outputs(&self, data: &Dataset, cost: Cost) -> Result<()> {
        if self.output().features() != data.outputs() && !self.is_yes_or_no(data, cost) {
            return Err(Error::shape(
                ("la salida de la red", "the output of the network"),
                (
                    format!("{} unidades para {data:?}", data.outputs()),
                    format!("{} units for {data:?}", data.outputs()),
                ),
                self.output().features(),
            ));
        }
        Ok(())
    }

    fn check(&self, data: &Dataset, cost: Cost) -> Result<()> {
        self.check_input(data)?;
        let fewer = data.classes() > 0 && data.outputs() < self.output().features();
        if !fewer {
            self.check_outputs(data, cost)?;
        }
        let (own, others) = (&self.classes, data.class_names());
        if !own.is_empty() && !others.is_empty() && own != others {
            let (own, others) = (own.join(", "), others.join(", "));
            return Err(Error::misuse((
                format!(
                    "la red aprendió las clases {own}, y estos datos tienen {others}; lee el archivo con `.like(&train)` o \
                     `.classes([…])`, para que sean las mismas"
                ),
                format!(
                    "the network learned the classes {own}, and these data have {others}; read the file with \
                     `.like(&train)` or `.classes([…])`, so that they are the same"
                ),
            )));
        }
        if cost == Cost::CrossEntropy && data.classes() == 0 {
            return Err(Error::misuse((
                "CrossEntropy necesita clases; usa Quadratic para valores objetivo",
                "CrossEntropy needs classes; use Quadratic for target values",
            )));
        }
        if let Cost::Custom(custom) = cost {
            custom.check(self.output().features())?;
        }
        if cost == Cost::BinaryCrossEntropy && self.last_activation() == Some(Activation::Sigmoid) {
            return Err(Error::misuse((
                "BinaryCrossEntropy aplica ella misma la sigmoide a las salidas, y aquí se aplicaría dos veces: quita el último \
                 `.activation(Sigmoid)`",
                "BinaryCrossEntropy applies the sigmoid to the outputs itself, so here it would be applied twice: take the last \
                 `.activation(Sigmoid)` away",
            )));
        }
        Ok(())
    }
}

/// `e^z_j / Σ_k e^z_k`, with the largest taken off first.
fn softmax(z: &mut [f32]) {
    let largest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    z.iter_mut()
        .for_each(|z| *z = elementary::exp(*z - largest));
    let sum: f32 = z.iter().sum();
    z.iter_mut().for_each(|z| *z /= sum);
}

impl Show for Sequential {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.summary().to_string())
    }
}
