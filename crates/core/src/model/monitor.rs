//! Watching the activations: saturated and dead units, layer by layer.

use std::fmt;

use super::{EVALUATION_BATCH, Sequential};
use crate::data::Dataset;
use crate::engine::Value;
use crate::error::Result;

/// What the units of one layer do over a data set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LayerActivations {
    /// The layer.
    pub layer: String,
    /// The name of its activation.
    pub activation: String,
    /// How many units it has.
    pub units: usize,
    /// The fraction of all its outputs where `|f'(z)| < 0.01`: there the gradient dies.
    pub saturated: f64,
    /// The units that are saturated for *every* example: nothing reaches their weights, they are dead.
    pub dead: usize,
    /// The mean of its outputs; far from 0 the next layer's gradients share a sign.
    pub mean: f64,
    /// Their standard deviation.
    pub std: f64,
    /// The fraction of its outputs that are greater than 0.
    pub positive: f64,
}

impl LayerActivations {
    /// The fraction of its units that are dead.
    pub fn dead_fraction(&self) -> f64 {
        self.dead as f64 / self.units as f64
    }
}

/// The activations of every layer that has an activation function, in order.
#[derive(Clone, PartialEq)]
pub struct ActivationReport {
    /// Layer by layer.
    pub layers: Vec<LayerActivations>,
}

#[derive(Clone)]
struct Tally {
    saturated_by_unit: Vec<usize>,
    sum: f64,
    squares: f64,
    positive: usize,
    rows: usize,
}

impl Sequential {
    /// Put a data set through the network and look at what each unit does.
    ///
    /// # Errors
    /// When the features do not fit the network.
    pub fn activations(&self, data: &Dataset) -> Result<ActivationReport> {
        self.check_input(data)?;
        let mut tallies: Vec<Tally> = self
            .layers
            .iter()
            .map(|layer| Tally {
                saturated_by_unit: vec![0; layer.output().features()],
                sum: 0.0,
                squares: 0.0,
                positive: 0,
                rows: 0,
            })
            .collect();
        let width = self.input.features();
        for rows in data.features().chunks(EVALUATION_BATCH * width) {
            let features = self.pool.wrap(rows.to_vec());
            let mut value = Value::new(features, rows.len() / width, width, false);
            for (layer, tally) in self.layers.iter().zip(&mut tallies) {
                value = layer.forward(&value, &self.pool, None);
                let f = layer.activation();
                tally.rows += value.rows;
                for row in value.data.chunks_exact(value.columns) {
                    for (&a, saturated) in row.iter().zip(&mut tally.saturated_by_unit) {
                        *saturated += usize::from(f.derivative_at(a, a).abs() < 0.01);
                        tally.positive += usize::from(a > 0.0);
                        tally.sum += f64::from(a);
                        tally.squares += f64::from(a) * f64::from(a);
                    }
                }
            }
        }
        let layers = self
            .layers
            .iter()
            .zip(tallies)
            .filter(|(layer, _)| layer.activation() != crate::Activation::Linear)
            .map(|(layer, tally)| {
                let units = tally.saturated_by_unit.len();
                let count = (tally.rows * units) as f64;
                let mean = tally.sum / count;
                LayerActivations {
                    layer: layer.name().to_owned(),
                    activation: layer.activation().name().to_owned(),
                    units,
                    saturated: tally.saturated_by_unit.iter().sum::<usize>() as f64 / count,
                    dead: tally
                        .saturated_by_unit
                        .iter()
                        .filter(|&&times| times == tally.rows)
                        .count(),
                    mean,
                    std: (tally.squares / count - mean * mean).max(0.0).sqrt(),
                    positive: tally.positive as f64 / count,
                }
            })
            .collect();
        Ok(ActivationReport { layers })
    }
}

impl fmt::Display for ActivationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<14} {:<10} {:>5} {:>9} {:>10} {:>7} {:>6} {:>8}",
            "layer", "activation", "units", "saturated", "dead", "mean", "std", "positive"
        )?;
        for l in &self.layers {
            write!(
                f,
                "\n{:<14} {:<10} {:>5} {:>7.1} % {:>4} ({:>2.0} %) {:>7.3} {:>6.3} {:>6.1} %",
                l.layer,
                l.activation,
                l.units,
                100.0 * l.saturated,
                l.dead,
                100.0 * l.dead_fraction(),
                l.mean,
                l.std,
                100.0 * l.positive
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for ActivationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
