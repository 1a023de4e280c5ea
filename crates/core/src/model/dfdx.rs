//! The same network in dfdx: weights go from a [`Sequential`] into a model of dfdx and back.

use std::collections::BTreeMap;

use ::dfdx::nn::tensor_collection::{
    RecursiveWalker, ScalarOptions, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut,
    ViewTensorName, ViewTensorRef,
};
use ::dfdx::shapes::{HasShape, Shape};
use ::dfdx::tensor::{Cpu, Tensor};

use super::Sequential;
use super::layer::{Config, Layer};
use crate::batchnorm::BatchNorm;
use crate::error::{Error, Result};
use crate::tensor::matrix;

impl Sequential {
    /// Write what the network has learned into a dfdx model of the same layers, which then computes the same. The running statistics
    /// of a batch normalisation go along, and its `ε`.
    ///
    /// Layers without parameters may stand where they like; those with parameters must come in the network's order:
    ///
    /// | network | dfdx model |
    /// |---|---|
    /// | `dense` | `Linear` |
    /// | `batch_norm` | [`BatchNormModule`](crate::batchnorm::BatchNormModule), dfdx's `BatchNorm1D` |
    /// | `prelu` | [`modules::Prelu`](crate::activation::modules::Prelu) |
    /// | `maxout(units, 2)` | [`modules::Maxout`](crate::activation::modules::Maxout) of two `Linear` |
    /// | `custom` | whatever has its parameters, in their order and with their shapes |
    ///
    /// Convolutions stay behind: dfdx has them for old nightly compilers only.
    ///
    /// ```
    /// use gradus::dfdx::prelude::*;
    /// use gradus::prelude::{Activation::Relu, Dataset, Sequential};
    /// let net = Sequential::input(64).dense(32).activation(Relu).dense(10);
    /// let mut model = Cpu::default().build_module::<(Linear<64, 32>, ReLU, Linear<32, 10>), f32>();
    /// net.copy_into(&mut model)?;
    /// let data = Dataset::digits().take(5)?;
    /// let theirs = model.forward(data.x().realize::<(usize, Const<64>)>());
    /// for (a, b) in net.predict(&data)?.as_vec().iter().zip(theirs.as_vec()) {
    ///     assert!((a - b).abs() < 1e-5);
    /// }
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the layers differ (nothing is changed then), or the network has a convolution.
    pub fn copy_into<M: TensorCollection<f32, Cpu>>(&self, model: &mut M) -> Result<()> {
        self.check_built()?;
        let parts = self.tensors()?;
        check_places(&parts, &read(model)?.places)?;
        M::iter_tensors(&mut RecursiveWalker {
            m: (model, String::new()),
            f: &mut Write {
                parts: parts.iter(),
                convention: None,
            },
        })?;
        Ok(())
    }

    /// Take what a dfdx model of the same layers has learned; see [`Sequential::copy_into`].
    ///
    /// # Errors
    /// When the layers differ, the network has a convolution, or a batch normalisation has another `ε` than the network's: it would
    /// not compute the same. Nothing is changed then.
    pub fn copy_from<M: TensorCollection<f32, Cpu>>(&mut self, model: &M) -> Result<()> {
        self.check_built()?;
        let parts = self.tensors()?;
        let Read { places, epsilons } = read(model)?;
        check_places(&parts, &places)?;
        for (place, epsilon) in epsilons {
            let ours = place
                .checked_sub(1)
                .and_then(|last| parts[last].convention)
                .map(|convention| f64::from(convention.epsilon));
            if let Some(ours) = ours.filter(|ours| (ours - epsilon).abs() > 1e-6 * ours) {
                let name = &places[place - 1].name;
                return Err(Error::misuse((
                    format!(
                        "{name} normaliza con ε = {epsilon} y la red con {ours}; construye la red con `.batch_norm_with(…)` y ese ε"
                    ),
                    format!(
                        "{name} normalises with ε = {epsilon} and the network with {ours}; build the network with \
                         `.batch_norm_with(…)` and that ε"
                    ),
                )));
            }
        }
        let mut learned: BTreeMap<String, (usize, usize, Vec<f32>)> = BTreeMap::new();
        for (part, place) in parts.iter().zip(places) {
            let (_, _, numbers) = learned
                .entry(part.name.clone())
                .or_insert_with(|| (part.rows, part.columns, part.numbers.to_vec()));
            for (at, number) in part.order.iter().zip(place.numbers) {
                numbers[*at] = number;
            }
        }
        for (name, (rows, columns, numbers)) in learned {
            self.set_parameter(&name, &matrix(numbers, rows, columns)?)?;
        }
        Ok(())
    }

    /// What the network has learned, in the order in which dfdx goes through the tensors of a model.
    fn tensors(&self) -> Result<Vec<Part<'_>>> {
        let mut parts = Vec::new();
        for layer in &self.layers {
            match layer.config() {
                Config::Dense(_) => linear(&mut parts, layer, 1),
                Config::Maxout(maxout) => linear(&mut parts, layer, maxout.pieces),
                Config::BatchNorm(batch_norm) => {
                    let learned = layer.params().iter().map(|p| (p.name, &p.data[..]));
                    let running = layer.running().into_iter().flat_map(|running| {
                        [
                            ("running_mean", &running.mean[..]),
                            ("running_variance", &running.variance[..]),
                        ]
                    });
                    for (name, numbers) in learned.chain(running) {
                        parts.push(Part {
                            convention: Some(batch_norm.convention),
                            ..Part::plain(layer, name, 1, numbers)
                        });
                    }
                }
                Config::Prelu | Config::Custom(_) => {
                    let params = layer.params().iter();
                    parts.extend(params.map(|p| Part::plain(layer, p.name, p.rows, &p.data)));
                }
                Config::Conv2d(_) => {
                    let name = layer.name();
                    return Err(Error::misuse((
                        format!(
                            "{name} no tiene capa equivalente en dfdx: sus convoluciones piden un compilador nightly antiguo"
                        ),
                        format!(
                            "{name} has no counterpart in dfdx: its convolutions need an old nightly compiler"
                        ),
                    )));
                }
                Config::Activation(_)
                | Config::Dropout(_)
                | Config::MaxPool2d(_)
                | Config::AveragePool2d(_)
                | Config::Flatten => {}
            }
        }
        Ok(parts)
    }
}

/// A tensor of a dfdx model as the network has it.
struct Part<'a> {
    /// The parameter that it is, or is a piece of.
    name: String,
    rows: usize,
    columns: usize,
    numbers: &'a [f32],
    /// Its shape in dfdx.
    sizes: Vec<usize>,
    /// Where its numbers stand in the parameter, in dfdx's order.
    order: Vec<usize>,
    convention: Option<BatchNorm>,
}

impl<'a> Part<'a> {
    /// A parameter that dfdx has in the same order: a matrix, or a vector where it has a single row.
    fn plain(layer: &Layer, name: &str, rows: usize, numbers: &'a [f32]) -> Part<'a> {
        let columns = numbers.len() / rows;
        Part {
            name: format!("{}.{name}", layer.name()),
            rows,
            columns,
            numbers,
            sizes: match rows {
                1 => vec![columns],
                _ => vec![rows, columns],
            },
            order: (0..numbers.len()).collect(),
            convention: None,
        }
    }
}

/// Weight and bias of each piece of a dense layer, which has one, or a maxout layer. dfdx's weight is `(n_out, n_in)`, the network's
/// `(n_in, n_out · pieces)` with the pieces of a unit beside each other.
fn linear<'a>(parts: &mut Vec<Part<'a>>, layer: &'a Layer, pieces: usize) {
    let [weight, bias] = layer.params() else {
        return;
    };
    let (n_in, columns) = (weight.rows, weight.columns);
    let units = columns / pieces;
    for piece in 0..pieces {
        let column = move |unit: usize| unit * pieces + piece;
        let turned = (0..units).flat_map(|j| (0..n_in).map(move |i| i * columns + column(j)));
        parts.push(Part {
            sizes: vec![units, n_in],
            order: turned.collect(),
            ..Part::plain(layer, weight.name, n_in, &weight.data)
        });
        parts.push(Part {
            sizes: vec![units],
            order: (0..units).map(column).collect(),
            ..Part::plain(layer, bias.name, 1, &bias.data)
        });
    }
}

/// A tensor of a dfdx model.
struct Place {
    name: String,
    sizes: Vec<usize>,
    numbers: Vec<f32>,
}

/// That the tensors of the model are those of the network, one by one.
fn check_places(parts: &[Part<'_>], places: &[Place]) -> Result<()> {
    let shape = |sizes: &[usize]| {
        let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
        sizes.join(" x ")
    };
    for (part, place) in parts.iter().zip(places) {
        if part.sizes != place.sizes {
            return Err(Error::shape(
                (
                    format!("{} del modelo de dfdx", place.name),
                    format!("{} of the dfdx model", place.name),
                ),
                (
                    format!("{}, como {} de la red", shape(&part.sizes), part.name),
                    format!("{}, like {} of the network", shape(&part.sizes), part.name),
                ),
                shape(&place.sizes),
            ));
        }
    }
    let (ours, theirs) = (parts.len(), places.len());
    if ours != theirs {
        let next = parts.get(theirs).map(|part| part.name.as_str());
        let next = next
            .or(places.get(ours).map(|place| place.name.as_str()))
            .unwrap_or_default();
        return Err(Error::misuse((
            format!(
                "la red tiene {ours} tensores y el modelo de dfdx {theirs}: {next} no tiene pareja"
            ),
            format!(
                "the network has {ours} tensors and the dfdx model {theirs}: {next} has no counterpart"
            ),
        )));
    }
    Ok(())
}

/// The tensors of a dfdx model, and each `ε` with the number of tensors before it.
#[derive(Default)]
struct Read {
    places: Vec<Place>,
    epsilons: Vec<(usize, f64)>,
}

fn read<M: TensorCollection<f32, Cpu>>(model: &M) -> Result<Read> {
    let mut read = Read::default();
    M::iter_tensors(&mut RecursiveWalker {
        m: (model, String::new()),
        f: &mut read,
    })?;
    Ok(read)
}

impl TensorVisitor<f32, Cpu> for Read {
    type Viewer = (ViewTensorRef, ViewTensorName);
    type Err = Error;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, f32, Cpu>,
        (tensor, name): (&Tensor<S, f32, Cpu>, String),
    ) -> Result<Option<Tensor<S, f32, Cpu>>> {
        self.places.push(Place {
            name,
            sizes: tensor.shape().concrete().into_iter().collect(),
            numbers: tensor.as_vec(),
        });
        Ok(None)
    }

    fn visit_scalar<N: num_traits::NumCast>(
        &mut self,
        _: ScalarOptions<N>,
        (number, name): (&N, String),
    ) -> Result<Option<N>> {
        if let (true, Some(epsilon)) = (name.ends_with("epsilon"), number.to_f64()) {
            self.epsilons.push((self.places.len(), epsilon));
        }
        Ok(None)
    }
}

struct Write<'a> {
    parts: std::slice::Iter<'a, Part<'a>>,
    /// Of the tensor before.
    convention: Option<BatchNorm>,
}

impl TensorVisitor<f32, Cpu> for Write<'_> {
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = Error;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        _: TensorOptions<S, f32, Cpu>,
        (tensor, _): (&mut Tensor<S, f32, Cpu>, String),
    ) -> Result<Option<Tensor<S, f32, Cpu>>> {
        if let Some(part) = self.parts.next() {
            let numbers: Vec<f32> = part.order.iter().map(|at| part.numbers[*at]).collect();
            tensor.copy_from(&numbers);
            self.convention = part.convention;
        }
        Ok(None)
    }

    fn visit_scalar<N: num_traits::NumCast>(
        &mut self,
        _: ScalarOptions<N>,
        (number, name): (&mut N, String),
    ) -> Result<Option<N>> {
        let Some(BatchNorm {
            keep,
            epsilon,
            unbiased,
        }) = self.convention
        else {
            return Ok(None);
        };
        let value = match name.rsplit('.').next() {
            Some("epsilon") => f64::from(epsilon),
            Some("keep") => f64::from(keep),
            // dfdx's momentum is what is not kept.
            Some("momentum") => 1.0 - f64::from(keep),
            Some("unbiased") => f64::from(u8::from(unbiased)),
            _ => return Ok(None),
        };
        if let Some(value) = <N as num_traits::NumCast>::from(value) {
            *number = value;
        }
        Ok(None)
    }
}
