//! The variance of what flows through a deep network: activations forward, gradients backward.

use std::fmt;

use dfdx::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::Init;
use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::figure::pictured;
use crate::figure::{Figure, curves};
use crate::interrupt::Watch;
use crate::kernels::tensors::product;
use crate::tensor::matrix;
use gradus_text::display::Show;
use gradus_text::say;

/// Examples that are sent through.
const EXAMPLES: usize = 128;
/// Weights and activations that may be kept for the way back: 400 MB, enough for 50 layers of 1024 neurons.
const LARGEST: usize = 100_000_000;

/// What [`signal_flow`] measured. Position 0 of each list is layer 1.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignalFlow {
    /// The initialiser.
    pub init: Init,
    /// The activation.
    pub activation: Activation,
    /// The variance of the activations `a` of each layer.
    pub activations: Vec<f64>,
    /// The variance of the gradients `∂C/∂a` of each layer.
    pub gradients: Vec<f64>,
    /// The fraction of the units of each layer where `|f'(z)| < 0.01`.
    pub saturated: Vec<f64>,
}

/// Send standard normal inputs through `depth` layers of `width` neurons each, `a ← f(a W)`, and standard normal gradients
/// back through them; measure the variance at each layer. No training takes place.
///
/// ```
/// use gradus::prelude::*;
/// let small = signal_flow(10, 64, Tanh, Normal(0.01), 0)?;
/// assert!(small.activations[9] < 1e-10); // the slides: with small weights the signal dies with depth
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// When `depth` is not between 1 and 1000, `width` not between 1 and 4096, both together are too much for the memory of a
/// small computer, or a parameter of `f` or `init` is out of range.
pub fn signal_flow(
    depth: usize,
    width: usize,
    f: Activation,
    init: Init,
    seed: u64,
) -> Result<SignalFlow> {
    f.check()?;
    if !(1..=1000).contains(&depth) {
        return Err(Error::range(
            ("la profundidad", "the depth"),
            depth as f64,
            ("un número entre 1 y 1000", "between 1 and 1000"),
        ));
    }
    if !(1..=4096).contains(&width) {
        return Err(Error::range(
            ("el ancho", "the width"),
            width as f64,
            ("un número entre 1 y 4096", "between 1 and 4096"),
        ));
    }
    if depth * width * (width + EXAMPLES) > LARGEST {
        return Err(Error::range(
            ("el ancho", "the width"),
            width as f64,
            (
                format!(
                    "menor para una profundidad de {depth}: son demasiados pesos para la memoria"
                ),
                format!(
                    "smaller for a depth of {depth}: there are too many weights to keep in memory"
                ),
            ),
        ));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = || {
        let numbers = Init::Normal(1.0).sample(EXAMPLES * width, EXAMPLES, width, &mut rng);
        matrix(numbers, EXAMPLES, width)
    };
    let (x, upstream) = (normal()?, normal()?);

    let mut a = x.leaky_trace();
    let (mut layers, mut saturated) = (Vec::with_capacity(depth), Vec::with_capacity(depth));
    let mut watch = Watch::new();
    for layer in 1..=depth {
        watch.check(
            ("el paso por las capas", "the way through the layers"),
            layer - 1,
        )?;
        let w = init.weights(width, width, seed.wrapping_add(layer as u64))?;
        let z = product(a, &w);
        let flat = z.as_vec().into_iter().filter(|z| f.is_saturated(*z));
        saturated.push(flat.count() as f64 / (EXAMPLES * width) as f64);
        let (output, tape) = f.pointwise(z).split_tape();
        layers.push(output.clone());
        a = output.put_tape(tape);
    }
    // With C = Σ a ⊙ upstream, ∂C/∂a of the last layer is `upstream`.
    let cost: Tensor<Rank0, f32, _, _> = (a * upstream).sum();
    let grads = cost.backward();
    Ok(SignalFlow {
        init,
        activation: f,
        activations: layers.iter().map(|a| variance(&a.as_vec())).collect(),
        gradients: layers
            .iter()
            .map(|a| variance(&grads.get(a).as_vec()))
            .collect(),
        saturated,
    })
}

fn variance(values: &[f32]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
    let squares = values.iter().map(|v| (f64::from(*v) - mean).powi(2));
    squares.sum::<f64>() / n
}

impl SignalFlow {
    /// Activation and initialiser, such as `tanh, Normal(0.01)`.
    pub fn name(&self) -> String {
        format!("{}, {:?}", self.activation.name(), self.init)
    }

    /// Both variances by layer.
    pub fn plot(&self) -> Figure {
        plot_flows(std::slice::from_ref(self))
    }
}

/// Several flows beside each other: the variance of activations and of gradients by layer, on logarithmic axes. A variance
/// of 0 cannot be drawn on them.
pub fn plot_flows(flows: &[SignalFlow]) -> Figure {
    let panel = |what: &str, values: fn(&SignalFlow) -> &[f64], backward: bool| {
        // The title names the flow that changes most from where the signal enters to where it leaves.
        let change = |flow: &SignalFlow| {
            let values = values(flow);
            let (first, last) = (values[0], values[values.len() - 1]);
            if backward {
                (last, first)
            } else {
                (first, last)
            }
        };
        let size = |flow: &&SignalFlow| {
            let (from, to) = change(flow);
            libm::log(to / from).abs()
        };
        let most = flows.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
        let title = most.map_or(String::new(), |flow| {
            let (from, to) = change(flow);
            format!("Var({what}), {}: {from:.1e} → {to:.1e}", flow.name())
        });
        let series = flows.iter().map(|flow| (flow.name(), values(flow)));
        curves(title, ("capa", "layer"), format!("Var({what})"), series).log_y()
    };
    let panels = [
        panel("a", |flow| &flow.activations, false),
        panel("∂C/∂a", |flow| &flow.gradients, true),
    ];
    Figure::grid(2, panels)
}

impl fmt::Display for SignalFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (layer, saturated) = (say(" capa", "layer"), say("saturadas", "saturated"));
        let name = self.name();
        write!(f, "{name}\n{layer}    Var(a)  Var(∂C/∂a)  {saturated}")?;
        let rows = self
            .activations
            .iter()
            .zip(&self.gradients)
            .zip(&self.saturated);
        for (i, ((a, g), s)) in rows.enumerate() {
            write!(
                f,
                "\n{:>5} {a:>9.2e} {g:>11.2e} {:>8.1} %",
                i + 1,
                100.0 * s
            )?;
        }
        Ok(())
    }
}

impl Show for SignalFlow {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}
