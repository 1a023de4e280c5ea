//! The costs at the end of the tape.

use dfdx::prelude::{Backward, PutTape, Tape as _, TensorFrom};

use super::{Pool, Value};
use crate::activation::sigmoid;
use crate::cost::Cost;
use crate::data::Targets;
use crate::tensor::{Grads, Tape, device};

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
/// `(a - y) / n`.
pub(crate) fn cost(
    kind: Cost,
    outputs: &[f32],
    columns: usize,
    targets: &Targets,
    mut gradient: Option<&mut [f32]>,
) -> BatchCost {
    let n = outputs.len() / columns;
    let scale = 1.0 / n as f32;
    let mut total = 0.0_f64;
    let mut right = 0;
    let mut scratch = vec![0.0; columns];
    for (row, z) in outputs.chunks_exact(columns).enumerate() {
        let g = match &mut gradient {
            Some(gradient) => &mut gradient[row * columns..(row + 1) * columns],
            None => &mut scratch[..],
        };
        let y = |j: usize| match targets {
            Targets::Classes { labels, .. } => f32::from(u8::from(labels[row] == j)),
            Targets::Values { values, .. } => values[row * columns + j],
        };
        if let Targets::Classes { labels, .. } = targets {
            right += usize::from(argmax(z) == labels[row]);
        }
        match kind {
            Cost::CrossEntropy => {
                let largest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let mut sum = 0.0;
                for (g, z) in g.iter_mut().zip(z) {
                    *g = (z - largest).exp();
                    sum += *g;
                }
                let log_sum = sum.ln();
                for (j, g) in g.iter_mut().enumerate() {
                    let y = y(j);
                    if y != 0.0 {
                        total -= f64::from(y * (z[j] - largest - log_sum));
                    }
                    *g = (*g / sum - y) * scale;
                }
            }
            Cost::BinaryCrossEntropy => {
                for (j, (g, &z)) in g.iter_mut().zip(z).enumerate() {
                    let y = y(j);
                    total += f64::from(z.max(0.0) - z * y + (-z.abs()).exp().ln_1p());
                    *g = (sigmoid(z) - y) * scale;
                }
            }
            Cost::Quadratic => {
                for (j, (g, &a)) in g.iter_mut().zip(z).enumerate() {
                    let difference = a - y(j);
                    total += 0.5 * f64::from(difference) * f64::from(difference);
                    *g = difference * scale;
                }
            }
        }
    }
    BatchCost {
        cost: total / n as f64,
        right,
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

/// Close the tape with the cost and run it backwards: every parameter's gradient.
pub(crate) fn backward(
    kind: Cost,
    outputs: &Value,
    targets: &Targets,
    pool: &Pool,
    mut tape: Tape,
) -> (BatchCost, Grads) {
    let mut gradient = pool.take(outputs.data.len());
    let result = cost(
        kind,
        &outputs.data,
        outputs.columns,
        targets,
        Some(&mut gradient),
    );
    let node = outputs.node.clone();
    let loss = device().tensor(result.cost as f32);
    // The gradient of the cost with respect to itself is 1: what reaches the outputs is the one computed above.
    tape.add_backward_op(move |grads| node.put_gradient(grads, gradient));
    (result, loss.put_tape(tape).backward())
}
