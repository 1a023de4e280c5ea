//! Networks as a sequence of layers, with Keras's loop around them: `fit`, `evaluate`, `predict`, `summary`.
//!
//! ```
//! use gradus::prelude::*;
//!
//! let (train, test) = Dataset::digits().split(0.8, 42)?;
//! let mut net = Sequential::input(64).dense(32).activation(Relu).init(He).dense(10);
//! let history = net.fit(&train, CrossEntropy, Adam::new(1e-3), Fit::epochs(3).batch(64).validate(&test))?;
//! assert!(history.last().val_accuracy > Some(0.7));
//! # Ok::<(), gradus::Error>(())
//! ```

mod fit;
mod history;
mod layer;
mod monitor;
mod progress;
mod summary;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::activation::Activation;
use crate::cost::Cost;
use crate::data::{Dataset, Shape};
use crate::engine::loss::{BatchCost, argmax, backward, cost};
use crate::engine::{Param, Pool, Value};
use crate::error::{Error, Result};
use crate::init::Init;
use crate::tensor::{Grads, Matrix, Tape, matrix};

pub use fit::Fit;
pub use history::{Epoch, History};
pub use monitor::{ActivationReport, LayerActivations};
pub use summary::Summary;

use layer::Layer;

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
    pool: Pool,
}

/// What [`Sequential::evaluate`] found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean cost over the data set.
    pub loss: f64,
    /// The fraction of examples classified right, in `[0, 1]`; `None` for regression.
    pub accuracy: Option<f64>,
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
        let squares = self.value.as_vec().into_iter().map(|w| f64::from(w).powi(2));
        squares.sum::<f64>().sqrt()
    }

    /// The numbers that belong to one neuron of a dense layer: column `j`, one per input. Empty past the last neuron.
    pub fn neuron(&self, j: usize) -> Vec<f32> {
        use dfdx::prelude::HasShape;
        let columns = self.value.shape().1;
        let all = self.value.as_vec();
        all.chunks_exact(columns).filter_map(|row| row.get(j).copied()).collect()
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
            pool: Pool::default(),
        }
    }

    /// Add a layer of `units` neurons, each connected to every output of the layer before: `z = x W + b`.
    pub fn dense(self, units: usize) -> Sequential {
        self.push(|input| Layer::dense(input, units))
    }

    /// Apply an activation to what the last layer puts out.
    pub fn activation(mut self, activation: Activation) -> Sequential {
        if let Some(last) = self.layers.last_mut()
            && last.set_activation(activation)
        {
            return self;
        }
        self.push(|input| Ok(Layer::activation(input, activation)))
    }

    /// Choose how the weights of the last layer start; [`Init::Xavier`] where nothing is said, as in Keras.
    pub fn init(mut self, init: Init) -> Sequential {
        if let Err(error) = init.check() {
            return self.note(error.to_string());
        }
        let found = self.layers.iter_mut().rev().find(|layer| layer.has_init());
        let Some(layer) = found else {
            return self
                .note("init needs a layer with weights before it; call it after dense".to_owned());
        };
        layer.set_init(init);
        self.sample();
        self
    }

    /// Choose the seed of the random weights; 0 where nothing is said.
    pub fn seed(mut self, seed: u64) -> Sequential {
        self.seed = seed;
        self.sample();
        self
    }

    fn push(mut self, layer: impl FnOnce(&Shape) -> Result<Layer>) -> Sequential {
        match layer(self.output()) {
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

    /// Remember the first mistake only: the ones after it are often its consequences.
    fn note(mut self, mistake: String) -> Sequential {
        self.mistake.get_or_insert(mistake);
        self
    }

    fn sample(&mut self) {
        for i in 0..self.layers.len() {
            self.sample_layer(i);
        }
    }

    // Each layer has a stream of its own, so that its weights do not depend on how many numbers the others drew.
    fn sample_layer(&mut self, i: usize) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(i as u64);
        self.layers[i].sample(&mut rng);
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
        self.named(|param| param.data.to_vec())
    }

    fn named(&self, mut numbers: impl FnMut(&Param) -> Vec<f32>) -> Vec<Parameter> {
        let mut all = Vec::new();
        for layer in &self.layers {
            for param in layer.params() {
                all.push(Parameter {
                    name: format!("{}.{}", layer.name(), param.name),
                    value: matrix(numbers(param), param.rows, param.columns)
                        .expect("a layer has no empty parameters"),
                });
            }
        }
        all
    }

    /// Replace one parameter, named as in [`Sequential::parameters`].
    ///
    /// # Errors
    /// When there is no such parameter or the shape is another.
    pub fn set_parameter(&mut self, name: &str, value: &Matrix) -> Result<()> {
        use dfdx::prelude::HasShape;
        for layer in &mut self.layers {
            let owner = layer.name().to_owned();
            for param in layer.params_mut() {
                if format!("{owner}.{}", param.name) != name {
                    continue;
                }
                let (rows, columns) = *value.shape();
                if (rows, columns) != (param.rows, param.columns) {
                    return Err(Error::shape(
                        name,
                        format!("{} x {}", param.rows, param.columns),
                        format!("{rows} x {columns}"),
                    ));
                }
                param.data = value.as_vec().into();
                return Ok(());
            }
        }
        let names: Vec<String> = self.parameters().into_iter().map(|p| p.name).collect();
        Err(Error::misuse(format!(
            "no parameter is called {name}; there are {}",
            names.join(", ")
        )))
    }

    /// The cost of a data set taken as one batch, and its gradient with respect to each parameter.
    ///
    /// # Errors
    /// When the data do not fit the network.
    pub fn gradients(&self, data: &Dataset, cost: Cost) -> Result<(f64, Vec<Parameter>)> {
        self.check(data, cost)?;
        let features = self.pool.wrap(data.features().to_vec());
        let (result, mut grads) = self.run_backward(features, data, cost);
        let gradients = self.named(|param| {
            param
                .node
                .take_gradient(&mut grads, param.len(), &self.pool)
                .expect("a gradient of one element can be allocated")
                .into_vec()
        });
        Ok((result.cost, gradients))
    }

    fn run_backward(
        &self,
        features: crate::engine::Buffer,
        data: &Dataset,
        cost: Cost,
    ) -> (BatchCost, Grads) {
        let rows = features.len() / self.input.features();
        let input = Value::new(features, rows, self.input.features(), false);
        let mut tape = Tape::default();
        let outputs = self.forward(input, Some(&mut tape));
        backward(cost, &outputs, data.targets(), &self.pool, tape)
    }

    fn forward(&self, input: Value, mut tape: Option<&mut Tape>) -> Value {
        self.layers.iter().fold(input, |value, layer| {
            layer.forward(&value, &self.pool, tape.as_deref_mut())
        })
    }

    /// Call `visit` with the outputs of one slice of the data after the other, and where the slice starts.
    fn outputs(&self, data: &Dataset, mut visit: impl FnMut(usize, &[f32])) {
        let width = self.input.features();
        for (i, rows) in data.features().chunks(EVALUATION_BATCH * width).enumerate() {
            let mut features = self.pool.take(rows.len());
            features.copy_from_slice(rows);
            let input = Value::new(features, rows.len() / width, width, false);
            visit(i * EVALUATION_BATCH, &self.forward(input, None).data);
        }
    }

    /// Put a data set through the network: its outputs, one example per row.
    ///
    /// # Errors
    /// When the features do not fit the network.
    pub fn predict(&self, data: &Dataset) -> Result<Matrix> {
        self.check_input(data)?;
        let mut all = Vec::with_capacity(data.len() * self.output().features());
        self.outputs(data, |_, outputs| all.extend_from_slice(outputs));
        matrix(all, data.len(), self.output().features())
    }

    /// The class with the largest output, for each example.
    ///
    /// # Errors
    /// When the features do not fit the network.
    pub fn predict_classes(&self, data: &Dataset) -> Result<Vec<usize>> {
        self.check_input(data)?;
        let mut all = Vec::with_capacity(data.len());
        let columns = self.output().features();
        self.outputs(data, |_, outputs| {
            all.extend(outputs.chunks_exact(columns).map(argmax));
        });
        Ok(all)
    }

    /// The cost and, for classes, the accuracy on a data set.
    ///
    /// # Errors
    /// When the data do not fit the network.
    pub fn evaluate(&self, data: &Dataset, kind: Cost) -> Result<Evaluation> {
        self.check(data, kind)?;
        let columns = self.output().features();
        let (mut loss, mut right) = (0.0, 0);
        self.outputs(data, |start, outputs| {
            let n = outputs.len() / columns;
            let slice = data.targets().slice(start..start + n);
            let batch = cost(kind, outputs, columns, &slice, None);
            loss += batch.cost * n as f64;
            right += batch.right;
        });
        Ok(Evaluation {
            loss: loss / data.len() as f64,
            accuracy: (data.classes() > 0).then(|| right as f64 / data.len() as f64),
        })
    }

    fn check_built(&self) -> Result<()> {
        match &self.mistake {
            Some(mistake) => Err(Error::misuse(mistake.clone())),
            None => Ok(()),
        }
    }

    fn check_input(&self, data: &Dataset) -> Result<()> {
        self.check_built()?;
        if data.shape().features() != self.input.features() {
            return Err(Error::shape(
                "the input of the network",
                format!("{} features per example", self.input.features()),
                format!("{} in {data:?}", data.shape().features()),
            ));
        }
        Ok(())
    }

    fn check(&self, data: &Dataset, cost: Cost) -> Result<()> {
        self.check_input(data)?;
        if self.output().features() != data.outputs() {
            return Err(Error::shape(
                "the output of the network",
                format!("{} units for {data:?}", data.outputs()),
                self.output().features(),
            ));
        }
        if cost == Cost::CrossEntropy && data.classes() == 0 {
            return Err(Error::misuse(
                "CrossEntropy needs classes; use Quadratic for target values",
            ));
        }
        Ok(())
    }
}
