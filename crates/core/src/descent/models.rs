//! The same descent with a dfdx model or tensor.

use dfdx::nn::TensorCollection;
use dfdx::tensor::{AsArray, Cpu};

use crate::error::{ErrorKind, Result};
use crate::interrupt::Watch;
use crate::optim::ForDfdx;
use crate::tensor::{Scalar, Tape};

/// Gradient descent on the parameters of a dfdx model, or on a tensor: `steps` times the cost, its gradient from the tape, and a step
/// of the rule, `w ← w - η ∇C(w)` with [`Sgd`](crate::optim::Sgd). Gives the cost before each step.
///
/// ```
/// use gradus::descent::descend_model;
/// use gradus::dfdx::prelude::*;
/// use gradus::optim::{ForDfdx, Sgd};
/// // Three points on the line y = 2x + 1.
/// let dev = Cpu::default();
/// let x: Tensor<Rank2<3, 1>, f32, _> = dev.tensor([[-1.0], [0.0], [2.0]]);
/// let y: Tensor<Rank2<3, 1>, f32, _> = dev.tensor([[-1.0], [1.0], [5.0]]);
/// let mut line = dev.build_module::<Linear<1, 1>, f32>();
/// let costs = descend_model(&mut line, &mut ForDfdx::new(Sgd::new(0.2))?, 200, |line| {
///     Ok((line.forward(x.leaky_trace()) - y.clone()).square().mean())
/// })?;
/// assert!(costs[199] < 1e-6);
/// assert!((line.weight.array()[0][0] - 2.0).abs() < 1e-3 && (line.bias.array()[0] - 1.0).abs() < 1e-3);
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// What `cost` says; when the cost stops being a finite number (with the learning rate; the parameters stay as the last step left
/// them), or does not depend on some parameter.
pub fn descend_model<M: TensorCollection<f32, Cpu>>(
    model: &mut M,
    rule: &mut ForDfdx,
    steps: usize,
    mut cost: impl FnMut(&mut M) -> Result<Scalar<Tape>>,
) -> Result<Vec<f32>> {
    let mut costs = Vec::with_capacity(steps.min(1 << 20));
    let mut watch = Watch::new();
    for step in 1..=steps {
        watch.check(("el descenso", "the descent"), step - 1)?;
        let cost = cost(model)?;
        if !cost.array().is_finite() {
            // A descent is one epoch: each step sees all the data.
            return Err(ErrorKind::Diverged {
                epoch: 1,
                step,
                learning_rate: rule.learning_rate(),
            }
            .into());
        }
        costs.push(rule.minimise(model, cost)?);
    }
    Ok(costs)
}
