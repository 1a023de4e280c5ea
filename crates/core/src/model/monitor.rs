//! Watching the activations: saturated and dead units, layer by layer.

use std::fmt;

use super::{EVALUATION_BATCH, Sequential};
use crate::data::Dataset;
use crate::engine::Value;
use crate::error::Result;
use crate::figure::{self, Figure, Histogram};
use gradus_text::display::{Show, aligned};
use gradus_text::say;

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
    /// The fraction of its outputs that are greater than 0; from 0.5 on they are the less centred the nearer it is to 1.
    pub positive: f64,
    /// Some of its outputs, evenly spread over units and examples: at most 10,000.
    pub sample: Vec<f32>,
}

/// How many outputs of a layer are kept for its histogram.
const SAMPLE: usize = 10_000;

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
    sample: Vec<f32>,
}

/// Each how many outputs one is kept, so that no unit is preferred: it shares no factor with the number of units.
fn stride(outputs: usize, units: usize) -> usize {
    let gcd = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    (outputs.div_ceil(SAMPLE)..)
        .find(|&stride| gcd(stride, units) == 1)
        .unwrap_or(1)
}

impl Sequential {
    /// Put a data set through the network and look at what each unit does.
    ///
    /// # Errors
    /// When the features do not fit the network.
    pub fn activations(&self, data: &Dataset) -> Result<ActivationReport> {
        let data = &self.ready(data)?;
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
                sample: Vec::new(),
            })
            .collect();
        let width = self.input.features();
        for rows in data.features().chunks(EVALUATION_BATCH * width) {
            let features = self.pool.wrap(rows);
            let mut value = Value::new(features, rows.len() / width, width, false);
            for (layer, tally) in self.layers.iter().zip(&mut tallies) {
                let f = layer.activation();
                let z = layer
                    .without_activation()
                    .forward(&value, None, &self.pool, None);
                value = layer.forward(&value, None, &self.pool, None);
                let keep = stride(data.len() * value.columns, value.columns);
                let seen = tally.rows * value.columns;
                let next = (keep - seen % keep) % keep;
                tally
                    .sample
                    .extend(value.data.iter().skip(next).step_by(keep));
                tally.rows += value.rows;
                let units = tally.saturated_by_unit.len();
                for (a, z) in value
                    .data
                    .chunks_exact(units)
                    .zip(z.data.chunks_exact(units))
                {
                    for ((&a, &z), saturated) in a.iter().zip(z).zip(&mut tally.saturated_by_unit) {
                        *saturated += usize::from(f.is_saturated(z));
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
                    sample: tally.sample,
                }
            })
            .collect();
        Ok(ActivationReport { layers })
    }
}

fn saturated(layer: &str, fraction: f64) -> String {
    let percent = 100.0 * fraction;
    say(
        format!("{layer}: {percent:.0} % de saturación"),
        format!("{layer}: {percent:.0} % saturated"),
    )
}

impl ActivationReport {
    /// By layer: the fractions of saturated outputs, dead units and positive outputs; mean and standard deviation.
    pub fn plot(&self) -> Figure {
        let column = |value: fn(&LayerActivations) -> f64| -> Vec<f64> {
            self.layers.iter().map(value).collect()
        };
        let worst = self
            .layers
            .iter()
            .max_by(|a, b| a.saturated.total_cmp(&b.saturated));
        let title = worst.map_or(String::new(), |l| saturated(&l.layer, l.saturated));
        let fractions = figure::curves(
            title,
            ("capa", "layer"),
            ("proporción", "fraction"),
            [
                (("saturadas", "saturated"), column(|l| l.saturated)),
                (("muertas", "dead"), column(LayerActivations::dead_fraction)),
                (("positivas", "positive"), column(|l| l.positive)),
            ],
        );
        let farthest = self
            .layers
            .iter()
            .max_by(|a, b| a.mean.abs().total_cmp(&b.mean.abs()));
        let title = farthest.map_or(String::new(), |l| {
            let (mean, std) = (say("media", "mean"), say("desv.", "std"));
            format!("{}: {mean} {:.2}, {std} {:.2}", l.layer, l.mean, l.std)
        });
        let moments = figure::curves(
            title,
            ("capa", "layer"),
            "a",
            [
                (("media", "mean"), column(|l| l.mean)),
                (("desviación", "std"), column(|l| l.std)),
            ],
        );
        Figure::grid(2, [fractions, moments])
    }

    /// A histogram of the outputs of each layer.
    pub fn histograms(&self) -> Figure {
        Figure::grid(
            3,
            self.layers.iter().map(|l| {
                let title = saturated(&format!("{} {}", l.layer, l.activation), l.saturated);
                Histogram::new(title, "a", 40, l.sample.iter().copied())
            }),
        )
    }
}

impl fmt::Display for ActivationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<14} {:<10} {:>5} {:>9} {:>10} {:>7} {:>6} {:>8}",
            say("capa", "layer"),
            say("activación", "activation"),
            say("unid.", "units"),
            say("saturadas", "saturated"),
            say("muertas", "dead"),
            say("media", "mean"),
            say("desv.", "std"),
            say("positiv.", "positive")
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

impl Show for ActivationReport {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}
