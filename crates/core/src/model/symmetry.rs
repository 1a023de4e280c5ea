//! How many neurons of a layer are really different.

use std::fmt;

use crate::cost::Cost;
use crate::data::Dataset;
use crate::error::Result;
use crate::model::{Parameter, Sequential};
use gradus_text::display::{Show, aligned};
use gradus_text::say;

/// The symmetry of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerSymmetry {
    /// The layer.
    pub layer: String,
    /// How many neurons it has.
    pub units: usize,
    /// How many different ones: neurons with the same weights and bias count once.
    pub distinct_neurons: usize,
    /// How many different gradients their weights and biases get.
    pub distinct_gradients: usize,
}

/// How many neurons of each layer are different, and how many will become so: neurons with equal parameters and equal
/// gradients stay equal for ever.
///
/// ```
/// use gradus::prelude::*;
/// let data = Dataset::digits().take(50)?;
/// let net = Sequential::input(64).dense(16).activation(Sigmoid).init(Zeros).dense(10);
/// let report = SymmetryReport::of(&net, &data, CrossEntropy)?;
/// assert_eq!(report.layers[0].distinct_neurons, 1); // sixteen copies of one neuron
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SymmetryReport {
    /// Layer by layer, those with weights and biases.
    pub layers: Vec<LayerSymmetry>,
}

impl SymmetryReport {
    /// Look at a network and at its gradients on a data set taken as one batch. Two neurons are equal when no number of
    /// theirs differs by more than a millionth of the largest of the layer.
    ///
    /// # Errors
    /// When the data do not fit the network.
    pub fn of(net: &Sequential, data: &Dataset, cost: Cost) -> Result<SymmetryReport> {
        let (_, gradients) = net.gradients(data, cost)?;
        let parameters = net.parameters();
        let mut layers = Vec::new();
        for i in 1..parameters.len() {
            let owner = |p: &Parameter, kind: &str| p.name.strip_suffix(kind).map(str::to_owned);
            let layer = owner(&parameters[i - 1], ".weight");
            if let (Some(layer), Some(_)) = (layer, owner(&parameters[i], ".bias")) {
                let count = |p: &[Parameter]| distinct(&neurons(&p[i - 1], &p[i]));
                layers.push(LayerSymmetry {
                    layer,
                    units: parameters[i].value.as_vec().len(),
                    distinct_neurons: count(&parameters),
                    distinct_gradients: count(&gradients),
                });
            }
        }
        Ok(SymmetryReport { layers })
    }
}

/// The weights of each neuron with its bias at the end.
fn neurons(weight: &Parameter, bias: &Parameter) -> Vec<Vec<f32>> {
    let (weights, biases) = (weight.value.as_vec(), bias.value.as_vec());
    let units = biases.len();
    (0..units)
        .map(|j| {
            let column = weights.iter().skip(j).step_by(units);
            column.chain([&biases[j]]).copied().collect()
        })
        .collect()
}

fn distinct(neurons: &[Vec<f32>]) -> usize {
    let largest = neurons
        .iter()
        .flatten()
        .fold(0.0_f32, |largest, w| largest.max(w.abs()));
    let mut found: Vec<&Vec<f32>> = Vec::new();
    for neuron in neurons {
        let equal = |other: &&Vec<f32>| {
            neuron
                .iter()
                .zip(*other)
                .all(|(a, b)| (a - b).abs() <= 1e-6 * largest)
        };
        if !found.iter().any(equal) {
            found.push(neuron);
        }
    }
    found.len()
}

impl fmt::Display for SymmetryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<14} {:>5} {:>16} {:>18}",
            say("capa", "layer"),
            say("unid.", "units"),
            say("neuronas dist.", "distinct neurons"),
            say("gradientes dist.", "distinct gradients")
        )?;
        for l in &self.layers {
            write!(
                f,
                "\n{:<14} {:>5} {:>16} {:>18}",
                l.layer, l.units, l.distinct_neurons, l.distinct_gradients
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for SymmetryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Show for SymmetryReport {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}
