//! Small figures in which a knob teaches: softmax, one neuron with two costs, a chain of units, gradient descent in a bowl,
//! mini-batches, batch normalisation.

use serde_json::{Value, json};

use crate::batchnorm::{BatchNorm, batch_norm};
use crate::data::Dataset;
use crate::descent::{Landscape, gradient_descent, race, with_descents};
use crate::error::{Error, ErrorKind, Result, positive};
use crate::figure::interactive::Page;
use crate::figure::{Chart, Contour, Figure, Histogram};
use crate::init::Init;
use crate::sgd::{Batches, stochastic_gradient_descent};
use crate::tensor::{matrix, vector};
use gradus_text::{Text, say};

/// Three logits with sliders, a number that is added to all of them, and a temperature `T` that divides them: the probabilities,
/// the cost of the right class and its gradient; beside them what the formula gives as it is written, in 32 bits.
///
/// # Errors
/// When its picture cannot be drawn.
pub fn softmax_lab(title: impl Into<Text>) -> Result<Page> {
    let z = [2.0_f64, 1.0, 0.1];
    let mut chart = Chart::new("softmax(z / T)")
        .x_label("T")
        .y_label("a")
        .log_x();
    for (j, of) in z.iter().enumerate() {
        let line = (-13..=13).map(|k| {
            let t = 10_f64.powf(f64::from(k) / 10.0);
            let e = z.map(|other| libm::exp((other - z[0]) / t));
            (t, e[j] / e.iter().sum::<f64>())
        });
        chart = chart.line(format!("z = {of}"), line);
    }
    lab(title, json!({}), include_str!("small/softmax.js"), chart)
}

/// One sigmoid neuron that should answer 0 for `x = 1`, trained with the quadratic cost and with cross-entropy from a start of one's
/// choice, step by step. M. Nielsen, 2015, <http://neuralnetworksanddeeplearning.com/chap3.html>.
///
/// # Errors
/// When its picture cannot be drawn.
pub fn neuron_lab(title: impl Into<Text>) -> Result<Page> {
    let way = |delta: fn(f64) -> f64| {
        let mut z = 4.0; // w + b, which get the same step
        (0..=300).map(move |t| {
            let a = 1.0 / (1.0 + libm::exp(-z));
            z -= 2.0 * 0.15 * delta(a);
            (f64::from(t), a)
        })
    };
    let chart = Chart::new("w = b = 2, η = 0.15")
        .x_label(say("época", "epoch"))
        .y_label("a  (y = 0)")
        .line(say("cuadrático", "quadratic"), way(|a| a * a * (1.0 - a)))
        .line(say("entropía cruzada", "cross-entropy"), way(|a| a));
    lab(title, json!({}), include_str!("small/neuron.js"), chart)
}

/// A chain of up to 40 units, each the input of the next, `a ← f(w a + b)`: what of the gradient is left at each of them, for five
/// activations.
///
/// # Errors
/// When its picture cannot be drawn.
pub fn chain_lab(title: impl Into<Text>) -> Result<Page> {
    const DEPTH: usize = 20;
    let way = |f: fn(f64) -> f64, slope: fn(f64) -> f64| {
        let (mut a, mut slopes) = (0.5, Vec::new());
        for _ in 0..DEPTH {
            a = f(a);
            slopes.push(slope(a));
        }
        let mut left = 1.0;
        let back = slopes.into_iter().rev().map(move |slope| {
            left *= slope;
            left
        });
        let back = std::iter::once(1.0).chain(back).enumerate();
        back.map(|(l, left)| ((DEPTH - l) as f64, left))
    };
    let chart = Chart::new("w = 1, b = 0, x = 0.5")
        .x_label(say("unidad", "unit"))
        .y_label("∂a_L/∂a_l")
        .log_y()
        .line(
            say("sigmoide", "sigmoid"),
            way(|z| 1.0 / (1.0 + libm::exp(-z)), |a| a * (1.0 - a)),
        )
        .line("tanh", way(libm::tanh, |a| 1.0 - a * a))
        .line("ReLU", way(|z| z.max(0.0), |a| f64::from(a > 0.0)));
    lab(title, json!({}), include_str!("small/chain.js"), chart)
}

/// Gradient descent in the bowl [`C = (x² + κ y²)/2`](Landscape::bowl), with knobs for `η` and the condition number `κ` and a start
/// to be dragged: the path, the cost at each step, and how many steps each `η` takes, under the border `2/λ_max`.
///
/// # Errors
/// When `κ` is not a finite number of at least 1, or `η` none above 0.
pub fn descent_lab(title: impl Into<Text>, condition: f64, learning_rate: f64) -> Result<Page> {
    let way = gradient_descent(&Landscape::bowl(condition)?, learning_rate, 100)?;
    let figure = with_descents(include_str!("small/descent.js"));
    let data = json!({ "kappa": condition, "eta": learning_rate });
    lab(title, data, &figure, race(&[way])?)
}

/// A line `a = w x + b` through points, found by gradient descent in batches of 1, 8, 64 and all of them: the paths from one start
/// with the same work, and how far the gradient of a batch is from that of all examples, beside `σ/√m`. With knobs for `η`, the
/// epochs and the noise of the data, and a start to be dragged.
///
/// # Errors
/// When the data are not from 2 to 500 examples of one feature and one target, when `η` is no number above 0, or so large that the
/// first three epochs diverge.
pub fn batch_lab(title: impl Into<Text>, data: &Dataset, learning_rate: f32) -> Result<Page> {
    positive(("el learning rate", "the learning rate"), learning_rate)?;
    let (x, targets) = (data.features(), data.one_hot().as_vec());
    let fits = data.shape().features() == 1 && targets.len() == data.len();
    if !fits || !(2..=500).contains(&data.len()) {
        return Err(Error::shape(
            "plot::batch_lab",
            (
                "entre 2 y 500 ejemplos de una característica y un valor",
                "from 2 to 500 examples of one feature and one target",
            ),
            format!("{data:?}"),
        ));
    }
    let n = data.len();
    let line = Line { x, y: &targets };
    let (w, b) = line.least_squares();
    let window = [(w - 2.5, w + 2.5), (b - 2.5, b + 2.5)];
    let start = [window[0].0 as f32 + 0.3, window[1].1 as f32 - 0.5];
    let mut map = Contour::new(
        say("Tres épocas con cada tamaño", "Three epochs with each size"),
        |w, b| line.cost(w, b),
        window[0],
        window[1],
    )
    .labels("w", "b")
    .mark(w, b);
    let mut sizes: Vec<usize> = [1, 8, 64, n].into_iter().filter(|m| *m <= n).collect();
    sizes.dedup();
    for m in sizes {
        let mut batches = Batches::new(n, m, 0)?;
        let way = stochastic_gradient_descent(&start, &mut batches, 3, learning_rate, |w, rows| {
            line.gradient(w, rows).to_vec()
        });
        let way = match way {
            Err(error) if matches!(error.kind(), ErrorKind::Diverged { .. }) => continue,
            way => way?,
        };
        let points = way.iter().map(|w| (f64::from(w[0]), f64::from(w[1])));
        map = map.path(format!("m = {m}"), points);
    }
    let sigma = line.spread(&start);
    let law = (0..)
        .map(|k| f64::from(1 << k))
        .take_while(|m| *m < n as f64);
    let law: Vec<f64> = law.collect();
    let repeats = |m: &f64| (*m, sigma / m.sqrt());
    let shuffled = |m: &f64| {
        let part = (n as f64 - m) / (n as f64 - 1.0);
        (*m, sigma / m.sqrt() * part.sqrt())
    };
    let noise = Chart::new(say("La dispersión del gradiente", "The gradient's spread"))
        .x_label("m")
        .y_label("‖g_m - g‖")
        .log_x()
        .log_y()
        .line("σ/√m", law.iter().map(repeats))
        .line(say("sin repetir", "no repeats"), law.iter().map(shuffled));
    let data = json!({ "x": x, "y": targets, "eta": learning_rate });
    let (batches, lines) = (
        include_str!("small/batches.js").trim_end(),
        include_str!("small/line.js").trim_end(),
    );
    let figure = format!(
        "(host, data, trainer, controls) => ({batches})(host, data, trainer, controls, ({lines})(trainer))"
    );
    let panels: [Figure; 2] = [map.into(), noise.into()];
    lab(title, data, &figure, Figure::grid(2, panels))
}

/// Batch normalisation of one unit: histograms of `z`, `ẑ`, `γẑ + β` and the activation, with knobs for what comes in, `γ`, `β` and the
/// size of the batch; the running statistics, batch by batch, and what one example gives in training and at test time.
///
/// # Errors
/// When its picture cannot be drawn.
pub fn batch_norm_lab(title: impl Into<Text>) -> Result<Page> {
    const N: usize = 2000;
    let normal = Init::Normal(1.0).weights(1, N, 0)?.as_vec();
    let bumps = normal.iter().zip([1.5, -0.5, -0.5, -0.5].iter().cycle());
    let raw: Vec<f32> = bumps.map(|(z, centre)| centre + 0.5 * z).collect();
    let mean = raw.iter().sum::<f32>() / N as f32;
    let variance = raw.iter().map(|z| (z - mean).powi(2)).sum::<f32>() / N as f32;
    let shaped = raw.iter().map(|z| 3.0 + 2.0 * (z - mean) / variance.sqrt());
    let z = matrix(shaped.collect(), N, 1)?;
    let (one, zero) = (vector(vec![1.0])?, vector(vec![0.0])?);
    let normalised = batch_norm(z.clone(), one, zero, BatchNorm::default().epsilon)?.0;
    let panels =
        [("z", z), ("ẑ", normalised)].map(|(name, z)| Histogram::new(name, name, 48, z.as_vec()));
    let figure = include_str!("small/batch_norm.js");
    lab(title, json!({}), figure, Figure::grid(2, panels))
}

/// Points, and what a line `a = w x + b` costs: the mean of `½(a - y)²`.
struct Line<'a> {
    x: &'a [f32],
    y: &'a [f32],
}

impl Line<'_> {
    fn cost(&self, w: f64, b: f64) -> f64 {
        let pairs = self.x.iter().zip(self.y);
        let squares = pairs.map(|(x, y)| (w * f64::from(*x) + b - f64::from(*y)).powi(2));
        squares.sum::<f64>() / (2 * self.x.len()) as f64
    }

    fn gradient(&self, w: &[f32], rows: &[usize]) -> [f32; 2] {
        let n = rows.len() as f32;
        rows.iter().fold([0.0, 0.0], |[gw, gb], &i| {
            let error = w[0] * self.x[i] + w[1] - self.y[i];
            [gw + error * self.x[i] / n, gb + error / n]
        })
    }

    /// How far the gradient of one example is from that of all: the root of the mean square.
    fn spread(&self, w: &[f32]) -> f64 {
        let all: Vec<usize> = (0..self.x.len()).collect();
        let [gw, gb] = self.gradient(w, &all);
        let squares = all.iter().map(|&i| {
            let one = self.gradient(w, &[i]);
            f64::from((one[0] - gw).powi(2) + (one[1] - gb).powi(2))
        });
        (squares.sum::<f64>() / all.len() as f64).sqrt()
    }

    fn least_squares(&self) -> (f64, f64) {
        let n = self.x.len() as f64;
        let mean = |v: &[f32]| v.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let (mx, my) = (mean(self.x), mean(self.y));
        let pairs = self.x.iter().zip(self.y);
        let [up, down] = pairs.fold([0.0, 0.0], |[up, down], (x, y)| {
            let (dx, dy) = (f64::from(*x) - mx, f64::from(*y) - my);
            [up + dx * dy, down + dx * dx]
        });
        let w = if down > 0.0 { up / down } else { 0.0 };
        (w, my - w * mx)
    }
}

/// A page of the figure's function, with its picture.
fn lab(
    title: impl Into<Text>,
    data: Value,
    figure: &str,
    still: impl Into<Figure>,
) -> Result<Page> {
    let title = title.into().into_current();
    let still = still.into().title(&title);
    let text = still.to_string();
    Page::lab(&title, data, figure.trim_end(), still.svg()?, text)
}
