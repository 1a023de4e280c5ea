//! The costs at the end of the tape.

use super::{Gradient, Pool, Tape, Value};
use crate::cost::Cost;
use crate::data::Targets;
use crate::kernels::elementary::{exp, ln_1p, sigmoid};
use crate::kernels::vectorized;

/// The cost of a batch, and how many of its examples were classified right (0 for regression).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BatchCost {
    /// The mean cost over the examples.
    pub(crate) cost: f64,
    /// Examples whose largest output is the right class.
    pub(crate) right: usize,
}

/// The cost of `outputs` against `targets`, and its gradient with respect to the outputs where `gradient` is given.
/// The gradients are short: softmax cross-entropy `(softmax(z) - y) / n`, binary cross-entropy `(σ(z) - y) / n`, quadratic
/// `(a - y) / n`. With `weights`, one for each class, an example counts as often as its class says; the sum is still divided
/// by `n`.
pub(crate) fn cost(
    kind: Cost,
    outputs: &[f32],
    columns: usize,
    targets: &Targets,
    weights: Option<&[f32]>,
    gradient: Option<&mut [f32]>,
) -> BatchCost {
    let n = outputs.len() / columns;
    let scale = 1.0 / n as f32;
    let mut scratch = Vec::new();
    let gradient = gradient.unwrap_or_else(|| {
        scratch.resize(outputs.len(), 0.0);
        &mut scratch
    });
    let y = |row: usize, j: usize| match targets {
        // One unit for two classes: how likely the second is.
        Targets::Classes {
            labels,
            classes: 1 | 2,
        } if columns == 1 => labels[row] as f32,
        Targets::Classes { labels, .. } => f32::from(u8::from(labels[row] == j)),
        Targets::Values { values, .. } => values[row * columns + j],
    };
    let weight = |row: usize| match (weights, targets) {
        (Some(weights), Targets::Classes { labels, .. }) => weights[labels[row]],
        _ => 1.0,
    };
    let total = match kind {
        Cost::CrossEntropy => softmax_cross_entropy(outputs, columns, targets, weight, gradient),
        Cost::BinaryCrossEntropy => sum_of(outputs, columns, gradient, |row, j, z| {
            let y = y(row, j);
            let above = if z < 0.0 { 0.0 } else { z };
            let cost = above - z * y + ln_1p(exp(-z.abs()));
            (f64::from(weight(row)) * f64::from(cost), sigmoid(z) - y)
        }),
        Cost::Quadratic => sum_of(outputs, columns, gradient, |row, j, a| {
            let difference = a - y(row, j);
            let square = f64::from(difference) * f64::from(difference);
            (f64::from(weight(row)) * 0.5 * square, difference)
        }),
        Cost::Custom(custom) => {
            let targets = (0..outputs.len()).map(|i| y(i / columns, i % columns));
            let (cost, slopes) = custom
                .run(outputs, targets.collect(), (n, columns))
                .unwrap_or_else(|error| panic!("{}: {error}", custom.name()));
            let slopes = slopes.iter().map(|slope| slope * n as f32);
            gradient
                .iter_mut()
                .zip(slopes)
                .for_each(|(g, slope)| *g = slope);
            f64::from(cost) * n as f64
        }
    };
    if weights.is_some() {
        for (row, g) in gradient.chunks_exact_mut(columns).enumerate() {
            g.iter_mut().for_each(|g| *g *= weight(row));
        }
    }
    vectorized!(gradient.iter_mut().for_each(|g| *g *= scale));
    let rows = outputs.chunks_exact(columns);
    let threshold = match kind {
        Cost::BinaryCrossEntropy => 0.0, // a logit
        _ => 0.5,
    };
    let right = match targets {
        Targets::Classes { labels, .. } => rows
            .zip(labels)
            .filter(|(z, label)| answer(z, threshold) == **label)
            .count(),
        Targets::Values { .. } => 0,
    };
    BatchCost {
        cost: total / n as f64,
        right,
    }
}

/// `C = -Σ w y ln softmax(z)` and `softmax(z) - y`, without the `w`, with the largest of each row taken off first.
fn softmax_cross_entropy(
    outputs: &[f32],
    columns: usize,
    targets: &Targets,
    weight: impl Fn(usize) -> f32,
    gradient: &mut [f32],
) -> f64 {
    // Of a class, the only `y` that is not 0.
    let each_y = |row: usize, see: &mut dyn FnMut(usize, f32)| match targets {
        Targets::Classes { labels, .. } => see(labels[row], 1.0),
        Targets::Values { values, .. } => {
            let y = values[row * columns..][..columns].iter().enumerate();
            y.filter(|(_, y)| **y != 0.0).for_each(|(j, y)| see(j, *y));
        }
    };
    let mut total = 0.0;
    let rows = gradient.chunks_exact_mut(columns);
    for (row, (g, z)) in rows.zip(outputs.chunks_exact(columns)).enumerate() {
        let largest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        g.iter_mut().zip(z).for_each(|(g, z)| *g = z - largest);
        let w = f64::from(weight(row));
        each_y(row, &mut |j, y| total -= w * f64::from(y * g[j]));
    }
    vectorized!(gradient.iter_mut().for_each(|g| *g = exp(*g)));
    for (row, g) in gradient.chunks_exact_mut(columns).enumerate() {
        let sum: f32 = g.iter().sum();
        let log_sum = libm::logf(sum);
        g.iter_mut().for_each(|g| *g /= sum);
        let w = f64::from(weight(row));
        each_y(row, &mut |j, y| {
            total += w * f64::from(y * log_sum);
            g[j] -= y;
        });
    }
    total
}

/// The sum of a cost that is one number per output; `each(row, column, output)` gives it and its derivative.
fn sum_of(
    outputs: &[f32],
    columns: usize,
    gradient: &mut [f32],
    each: impl Fn(usize, usize, f32) -> (f64, f32),
) -> f64 {
    let mut total = 0.0;
    for (i, (g, z)) in gradient.iter_mut().zip(outputs).enumerate() {
        let (cost, derivative) = each(i / columns, i % columns, *z);
        total += cost;
        *g = derivative;
    }
    total
}

/// The class that the outputs of an example stand for: the largest of several; of one, whether it is above the threshold.
pub(crate) fn answer(outputs: &[f32], threshold: f32) -> usize {
    match outputs {
        [output] => usize::from(*output > threshold),
        _ => argmax(outputs),
    }
}

/// The position of the largest number; the first of equals, 0 where none compares.
pub(crate) fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = i;
        }
    }
    best
}

/// The cost, and back from it: every parameter's gradient, in their order.
pub(crate) fn backward(
    kind: Cost,
    outputs: &Value,
    targets: &Targets,
    weights: Option<&[f32]>,
    pool: &Pool,
    tape: Tape,
) -> (BatchCost, Vec<Gradient>) {
    let mut gradient = pool.take(outputs.data.len());
    let result = cost(
        kind,
        &outputs.data,
        outputs.columns,
        targets,
        weights,
        Some(&mut gradient),
    );
    (result, tape.run(gradient))
}
