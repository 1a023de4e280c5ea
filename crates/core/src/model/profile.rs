//! Where the time of a training step goes.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::layer::Layer;
use super::{History, Sequential};
use crate::cost::Cost;
use crate::data::Dataset;
use crate::engine::loss::backward;
use crate::engine::{Pool, Tape, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::figure::pictured;
use crate::figure::{Chart, Figure};
use crate::interrupt;
use crate::kernels::{Numbers, peak, team};
use crate::optim::{Adam, Optimizer};
use crate::sgd::Batches;
use crate::vector_instructions;
use gradus_text::display::Show;
use gradus_text::say;

/// The time of a step, layer by layer. Made by [`Sequential::profile`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    /// Examples of a step.
    pub batch: usize,
    /// Layer by layer; a pooling that its convolution does at once stands in the row of the convolution.
    pub layers: Vec<LayerProfile>,
    /// Collecting the examples of the batch, and the cost with its gradient.
    pub other: Duration,
    /// Floating-point operations a second that this machine does at most, with the same threads and vector instructions.
    pub peak: f64,
}

/// The time of one layer in a step: medians over many.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LayerProfile {
    /// The layer.
    pub layer: String,
    /// From its inputs to its outputs.
    pub forward: Duration,
    /// From the gradient of its outputs to that of its inputs.
    pub backward: Duration,
    /// The rule on its parameters. The gradient of a dense layer's weights is multiplied out here, part by part, so that it
    /// never goes through the memory.
    pub update: Duration,
    /// Multiplications and additions of its products, as the formulas count them: forward, for the gradient of its weights,
    /// and for that of its inputs where something learns before it.
    pub operations: u64,
}

impl LayerProfile {
    /// All three.
    pub fn total(&self) -> Duration {
        self.forward + self.backward + self.update
    }

    /// Operations a second; `None` where the layer multiplies no matrices. Above the peak where a convolution spares
    /// some of them.
    pub fn operations_per_second(&self) -> Option<f64> {
        let seconds = self.total().as_secs_f64();
        (self.operations > 0 && seconds > 0.0).then(|| self.operations as f64 / seconds)
    }
}

/// How long to look, and how many steps at least.
const LOOK: Duration = Duration::from_millis(300);
const STEPS: usize = 10;

impl Sequential {
    /// Where the time of a training step goes: with [`Adam`] on 64 examples, or all where there are fewer, and the cost that
    /// fits the targets. The network itself learns nothing. Takes less than a second where a step does.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let net = Sequential::input(64).dense(32).activation(Relu).dense(10);
    /// let profile = net.profile(&Dataset::digits())?;
    /// assert_eq!(profile.layers[0].layer, "dense_1");
    /// println!("{profile}");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// When the data do not fit the network.
    pub fn profile(&self, data: &Dataset) -> Result<Profile> {
        let cost = match data.classes() {
            0 => Cost::Quadratic,
            _ => Cost::CrossEntropy,
        };
        self.profile_with(data, cost, Adam::default(), 64)
    }

    /// The same for another cost, rule and number of examples in a step.
    ///
    /// # Errors
    /// When the data do not fit the network or a hyperparameter is out of range.
    pub fn profile_with(
        &self,
        data: &Dataset,
        cost: Cost,
        optimizer: impl Into<Box<dyn Optimizer>>,
        batch: usize,
    ) -> Result<Profile> {
        self.profile_inner(data, cost, &*optimizer.into(), batch.min(data.len()))
    }

    // Apart so that a notebook cell does not compile it again.
    fn profile_inner(
        &self,
        data: &Dataset,
        cost: Cost,
        optimizer: &dyn Optimizer,
        batch: usize,
    ) -> Result<Profile> {
        optimizer.check()?;
        let data = &self.ready(data)?;
        self.check(data, cost)?;
        let mut batches = Batches::new(data.len(), batch, 0)?;
        if batch == 1 && self.layers.iter().any(Layer::needs_several_examples) {
            return Err(Error::misuse((
                "la batch normalization no aprende de un solo ejemplo: perfila con al menos 2",
                "batch normalisation does not learn from a single example: profile with at least 2",
            )));
        }
        let mut parts = self.parts(optimizer);
        let mut other = Vec::new();
        let mut targets = data.targets().slice(0..0);
        let width = self.input.features();
        let mut watch = interrupt::Watch::new();
        let (mut t, started) = (0, Instant::now());
        'steps: loop {
            for rows in batches.epoch().filter(|rows| rows.len() == batch) {
                watch.check(("el perfil", "the profile"), t as usize)?;
                if t as usize >= STEPS && started.elapsed() >= LOOK {
                    break 'steps;
                }
                let mut clock = Clock::start();
                let mut input = self.pool.take(batch * width);
                data.gather(rows, &mut input, &mut targets);
                let mut spent = clock.lap();
                let mut tape = Tape::default();
                let back = Marks::default();
                let mut value = Value::new(input, batch, width, false);
                for part in &mut parts {
                    value = part.forward(&value, t, &self.pool, &mut tape);
                    back.leave(&mut tape);
                    part.times[0].push(clock.lap());
                }
                let (result, gradients) = backward(cost, &value, &targets, None, &self.pool, tape);
                let mut reached = back.take();
                reached.push(Instant::now());
                drop(value);
                spent += reached.first().map_or(Duration::ZERO, |at| *at - clock.0);
                other.push(spent);
                if !result.cost.is_finite() {
                    return Err(ErrorKind::Diverged {
                        epoch: 1,
                        step: t as usize + 1,
                        learning_rate: optimizer.learning_rate(),
                    }
                    .into());
                }
                for (part, at) in parts.iter_mut().rev().zip(reached.windows(2)) {
                    part.times[1].push(at[1] - at[0]);
                }
                t += 1;
                let mut gradients = gradients.into_iter();
                clock.lap();
                for part in &mut parts {
                    let eta = optimizer.learning_rate();
                    let Part { net, slots, .. } = part;
                    let own = gradients.by_ref().take(slots.len()).collect();
                    net.update(t, eta, optimizer, None, own, slots);
                    part.times[2].push(clock.lap());
                }
            }
        }
        let layers = parts.into_iter().enumerate();
        let layers = layers.map(|(i, part)| part.profile(batch, i)).collect();
        Ok(Profile {
            batch,
            layers,
            other: median(&mut other),
            peak: peak::operations_per_second(),
        })
    }

    /// The network cut where the time is taken.
    fn parts(&self, optimizer: &dyn Optimizer) -> Vec<Part> {
        let mut layers = self.layers.iter().peekable();
        let mut parts = Vec::new();
        while let Some(layer) = layers.next() {
            let mut own = vec![layer.clone()];
            if let Some(next) = layers.next_if(|next| layer.pooling_after(next).is_some()) {
                own.push(next.clone());
            }
            let net = Sequential {
                layers: own,
                history: History::new(),
                ..self.clone()
            };
            let slots = |len| {
                (0..optimizer.slots())
                    .map(|_| Numbers::zeros(len))
                    .collect()
            };
            parts.push(Part {
                slots: net.params().map(|param| slots(param.len())).collect(),
                net,
                times: Default::default(),
            });
        }
        parts
    }
}

/// A layer, or a convolution with its pooling.
struct Part {
    net: Sequential,
    slots: Vec<Vec<Numbers>>,
    /// Forward, backward and update of each step.
    times: [Vec<Duration>; 3],
}

impl Part {
    fn forward(&mut self, x: &Value, t: u64, pool: &Pool, tape: &mut Tape) -> Value {
        let (first, rest) = self
            .net
            .layers
            .split_first_mut()
            .expect("a part has a layer");
        let pooling = rest.first().and_then(|next| first.pooling_after(next));
        first.train(x, pooling, t, pool, tape)
    }

    /// Part number `i` of the network.
    fn profile(mut self, batch: usize, i: usize) -> LayerProfile {
        let names: Vec<&str> = self.net.layers.iter().map(Layer::name).collect();
        let layer = &self.net.layers[0];
        let weights = layer.params().first().map_or(0, |weight| weight.len());
        let passes = if i == 0 { 2 } else { 3 };
        let [forward, backward, update] = &mut self.times;
        LayerProfile {
            layer: names.join(" + "),
            forward: median(forward),
            backward: median(backward),
            update: median(update),
            operations: (2 * passes * batch * layer.weight_uses() * weights) as u64,
        }
    }
}

/// Tells the time since it was asked last.
struct Clock(Instant);

impl Clock {
    fn start() -> Clock {
        Clock(Instant::now())
    }

    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}

/// When the backward pass came by the places that were left on the tape, the last place first.
#[derive(Clone, Default)]
struct Marks(Arc<Mutex<Vec<Instant>>>);

impl Marks {
    fn leave(&self, tape: &mut Tape) {
        let marks = self.clone();
        tape.push(move |delta, _| {
            let mut marks = marks.0.lock().unwrap_or_else(PoisonError::into_inner);
            marks.push(Instant::now());
            Some(delta)
        });
    }

    fn take(&self) -> Vec<Instant> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

impl Profile {
    /// The time of a step: of all layers, and of the rest.
    pub fn step(&self) -> Duration {
        self.layers
            .iter()
            .map(LayerProfile::total)
            .sum::<Duration>()
            + self.other
    }

    /// Microseconds or milliseconds, whatever is easier to read.
    fn unit(&self) -> (&'static str, f64) {
        match self.step() < Duration::from_millis(1) {
            true => ("µs", 1e6),
            false => ("ms", 1e3),
        }
    }

    /// Bars of time: forward, backward and update of each layer, one upon the other.
    pub fn plot(&self) -> Figure {
        let (unit, scale) = self.unit();
        let slowest = self.layers.iter().max_by_key(|layer| layer.total());
        let title = slowest.map_or(String::new(), |layer| {
            let part = 100.0 * layer.total().as_secs_f64() / self.step().as_secs_f64();
            say(
                format!("{}: {part:.0} % de un paso", layer.layer),
                format!("{}: {part:.0} % of a step", layer.layer),
            )
        });
        let bars = |from: fn(&LayerProfile) -> Duration, time: fn(&LayerProfile) -> Duration| {
            let layers = self.layers.iter().enumerate();
            let bars = layers.map(move |(i, layer)| {
                let start = scale * from(layer).as_secs_f64();
                (
                    (i + 1) as f64,
                    start,
                    start + scale * time(layer).as_secs_f64(),
                )
            });
            bars.collect::<Vec<_>>()
        };
        Chart::new(title)
            .x_names(self.layers.iter().map(|layer| layer.layer.clone()))
            .y_label(unit)
            .bars("forward", bars(|_| Duration::ZERO, |l| l.forward))
            .bars("backward", bars(|l| l.forward, |l| l.backward))
            .bars(
                ("actualización", "update"),
                bars(|l| l.forward + l.backward, |l| l.update),
            )
            .into()
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, scale) = self.unit();
        let names = self.layers.iter().map(|l| l.layer.chars().count());
        let width = names.max().unwrap_or(0).max(12);
        let step = self.step().as_secs_f64();
        writeln!(
            f,
            "{:<width$} {:>9} {:>9} {:>14} {:>9} {:>6} {:>9} {:>11}",
            say("capa", "layer"),
            "forward",
            "backward",
            say("actualización", "update"),
            say("total", "total"),
            "",
            "GFLOP/s",
            say("del máximo", "of the peak")
        )?;
        for layer in &self.layers {
            let shown = |time: Duration| format!("{:.3}", scale * time.as_secs_f64());
            let (rate, part) = match layer.operations_per_second() {
                Some(rate) => (
                    format!("{:.1}", rate / 1e9),
                    format!("{:.0} %", 100.0 * rate / self.peak),
                ),
                None => ("—".to_owned(), "—".to_owned()),
            };
            writeln!(
                f,
                "{:<width$} {:>9} {:>9} {:>14} {:>9} {:>4.0} % {rate:>9} {part:>11}",
                layer.layer,
                shown(layer.forward),
                shown(layer.backward),
                shown(layer.update),
                shown(layer.total()),
                100.0 * layer.total().as_secs_f64() / step,
            )?;
        }
        let other = scale * self.other.as_secs_f64();
        writeln!(
            f,
            "{:<width$} {:>54.3} {:>4.0} %",
            say("datos y coste", "data, cost"),
            other,
            100.0 * self.other.as_secs_f64() / step
        )?;
        let (time, peak) = (scale * step, self.peak / 1e9);
        let (batch, threads, simd) = (self.batch, team::threads(), vector_instructions());
        f.write_str(&say(
            format!(
                "Un paso con {batch} ejemplos: {time:.3} {unit}. Máximo de esta máquina: {peak:.0} GFLOP/s ({simd}, hilos: {threads})"
            ),
            format!(
                "A step with {batch} examples: {time:.3} {unit}. The peak of this machine: {peak:.0} GFLOP/s ({simd}, threads: {threads})"
            ),
        ))
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Show for Profile {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn every_layer_has_its_time_and_operations_and_the_network_stays_as_it_was() {
        let net = Sequential::input([8, 8, 1])
            .conv2d(4, 3)
            .activation(Relu)
            .max_pool2d(2)
            .dense(16)
            .batch_norm()
            .activation(Relu)
            .dropout(0.2)
            .dense(10);
        let before = net.parameters();
        let data = Dataset::digits().take(100).unwrap();
        let digits = Dataset::classification(
            data.features().to_vec(),
            [8, 8, 1],
            data.labels().to_vec(),
            10,
        )
        .unwrap();
        let profile = net.profile(&digits).unwrap();
        let names: Vec<&str> = profile.layers.iter().map(|l| l.layer.as_str()).collect();
        assert_eq!(
            names,
            [
                "conv2d_1 + max_pool2d_1",
                "dense_1",
                "batch_norm_1",
                "dropout_1",
                "dense_2"
            ]
        );
        let operations: Vec<u64> = profile.layers.iter().map(|l| l.operations).collect();
        // Two of forward, dW and dx (not of the first layer), for 64 examples, each a multiplication and an addition.
        let conv = 2 * 2 * 64 * (6 * 6) * (3 * 3 * 4);
        assert_eq!(operations, [conv, 6 * 64 * 36 * 16, 0, 0, 6 * 64 * 16 * 10]);
        for layer in &profile.layers {
            assert!(layer.forward > Duration::ZERO, "{}", layer.layer);
            assert!(layer.backward > Duration::ZERO, "{}", layer.layer);
        }
        assert!(profile.step() > profile.other && profile.peak > 1e8);
        for (before, now) in before.iter().zip(net.parameters()) {
            assert_eq!(before.value.as_vec(), now.value.as_vec());
        }
        let text = profile.to_string();
        assert!(
            text.contains("dense_2") && text.contains("GFLOP/s"),
            "{text}"
        );
        let svg = profile.plot().svg().unwrap();
        assert!(svg.contains("batch_norm_1") && svg.contains("backward"));
    }

    #[test]
    fn what_cannot_be_trained_cannot_be_profiled() {
        let data = Dataset::digits().take(20).unwrap();
        let net = Sequential::input(64).dense(4).batch_norm().dense(10);
        assert!(Sequential::input(3).dense(10).profile(&data).is_err());
        let one = net.profile_with(&data, CrossEntropy, Sgd::new(0.1), 1);
        assert!(one.unwrap_err().to_string().contains("at least 2"));
        let rate = net.profile_with(&data, CrossEntropy, Sgd::new(-0.1), 8);
        assert!(rate.is_err());
        assert!(
            net.profile_with(&data, CrossEntropy, Sgd::new(0.1), 0)
                .is_err()
        );
        assert!(net.profile_with(&data, Quadratic, Sgd::new(0.1), 8).is_ok());
    }
}
