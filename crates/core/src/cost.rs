//! Block 1: cost functions, what training makes small.
//!
//! `n` is the number of examples of the batch, `a` what the network puts out, `y` what it should. The costs for
//! classification take the *logits* `z` (before sigmoid or softmax): so they stay finite where `ln(a)` would not.

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use crate::tensor::Matrix;

/// The cost that `fit` makes small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cost {
    /// `C = -1/n Σ_x ln softmax(z)_y`: one class out of several. The outputs are logits.
    CrossEntropy,
    /// `C = -1/n Σ_x Σ_j [y_j ln a_j + (1 - y_j) ln(1 - a_j)]` with `a = σ(z)`: each output is a yes or no of its own. The
    /// outputs are logits.
    BinaryCrossEntropy,
    /// `C = 1/2n Σ_x ‖y - a‖²`: the distance of the outputs themselves.
    Quadratic,
}

/// Softmax cross-entropy from logits, `C = -1/n Σ_x Σ_j y_j ln softmax(z)_j`. Shapes: `z` and `y`: `(n, classes)`.
pub fn cross_entropy<T: Tape<f32, Cpu>>(z: Matrix<T>, y: Matrix) -> Tensor<Rank0, f32, Cpu, T> {
    let n = y.shape().0 as f32;
    (z.log_softmax::<Axis<1>>() * y).sum() / -n
}

/// Binary cross-entropy from logits, `C = 1/n Σ [max(z, 0) - z y + ln(1 + e^-|z|)]`, which is the seed's formula with
/// `a = σ(z)` and no overflow. Shapes: `z` and `y`: `(n, outputs)`.
pub fn binary_cross_entropy<T: Tape<f32, Cpu>>(
    z: Matrix<T>,
    y: Matrix,
) -> Tensor<Rank0, f32, Cpu, T> {
    let (n, outputs) = *y.shape();
    dfdx::losses::binary_cross_entropy_with_logits_loss(z, y) * (n * outputs) as f32 / n as f32
}

/// The quadratic cost, `C = 1/2n Σ_x ‖y - a‖²`. Shapes: `a` and `y`: `(n, outputs)`.
pub fn quadratic<T: Tape<f32, Cpu>>(a: Matrix<T>, y: Matrix) -> Tensor<Rank0, f32, Cpu, T> {
    let n = y.shape().0 as f32;
    (a - y).square().sum() / (2.0 * n)
}
