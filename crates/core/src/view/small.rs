//! Small figures in which a knob teaches: softmax, one neuron with two costs, a chain of units.

use std::fmt;

use serde_json::json;

use crate::error::Result;
use crate::figure::interactive::Page;
use crate::figure::{Chart, Figure};
use gradus_text::display::Show;
use gradus_text::{Text, say};

/// A figure with knobs, to be shown. Made by [`softmax_lab`], [`neuron_lab`] and [`chain_lab`].
#[derive(Clone)]
pub struct Lab(Page);

/// Three logits with sliders, a number that is added to all of them, and a temperature `T` that divides them: the probabilities,
/// the cost of the right class and its gradient; beside them what the formula gives as it is written, in 32 bits.
///
/// # Errors
/// When its picture cannot be drawn.
pub fn softmax_lab(title: impl Into<Text>) -> Result<Lab> {
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
    lab("softmax", title, chart)
}

/// One sigmoid neuron that should answer 0 for `x = 1`, trained with the quadratic cost and with cross-entropy from a start of one's
/// choice, step by step. M. Nielsen, 2015, <http://neuralnetworksanddeeplearning.com/chap3.html>.
///
/// # Errors
/// When its picture cannot be drawn.
pub fn neuron_lab(title: impl Into<Text>) -> Result<Lab> {
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
    lab("neuron", title, chart)
}

/// A chain of up to 40 units, each the input of the next, `a ← f(w a + b)`: what of the gradient is left at each of them, for five
/// activations.
///
/// # Errors
/// When its picture cannot be drawn.
pub fn chain_lab(title: impl Into<Text>) -> Result<Lab> {
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
    lab("chain", title, chart)
}

fn lab(kind: &str, title: impl Into<Text>, still: impl Into<Figure>) -> Result<Lab> {
    let title = title.into().into_current();
    let still = still.into().title(&title);
    let text = still.to_string();
    let figure = include_str!("small.js").trim_end();
    Page::lab(&title, json!({ "kind": kind }), figure, still.svg()?, text).map(Lab)
}

impl Show for Lab {
    fn forms(&self) -> Vec<(&'static str, String)> {
        self.0.forms()
    }
}

// Thousands of numbers help nobody: the text says what is to be seen.
impl fmt::Debug for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What its picture shows.
impl fmt::Display for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}
