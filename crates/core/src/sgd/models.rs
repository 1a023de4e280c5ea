//! The same loop with a dfdx model.

use dfdx::nn::TensorCollection;
use dfdx::tensor::{AsArray, Cpu};

use super::Batches;
use crate::error::{ErrorKind, Result};
use crate::interrupt::Watch;
use crate::optim::ForDfdx;
use crate::tensor::{Scalar, Tape};

/// Train a dfdx model: for each epoch, for each batch, the mean cost of its examples, the gradient from the tape, and a step of the
/// rule. `cost(model, rows)` is on a tape; `rows` are the positions of the batch's examples. Gives the cost before each step.
///
/// ```
/// use gradus::dfdx::prelude::*;
/// use gradus::optim::{ForDfdx, Momentum};
/// use gradus::sgd::{Batches, train_model};
/// use gradus::{cost, data::Dataset};
///
/// let data = Dataset::digits().take(500)?;
/// let mut model = Cpu::default().build_module::<(Linear<64, 32>, ReLU, Linear<32, 10>), f32>();
/// let mut rule = ForDfdx::new(Momentum::new(0.05))?;
/// let costs = train_model(&mut model, &mut rule, &mut Batches::new(data.len(), 50, 0)?, 20, |model, rows| {
///     let batch = data.select(rows)?;
///     let x = batch.x().realize::<(usize, Const<64>)>();
///     let z = model.forward_mut(x.leaky_traced());
///     cost::categorical_cross_entropy_with_logits(z.realize(), &batch.one_hot())
/// })?;
/// assert!(costs.len() == 20 * 10 && costs[199] < 0.1 * costs[0]);
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// What `cost` says; when the cost stops being a finite number (with epoch, step and learning rate; the parameters stay as the last
/// step left them), or does not depend on some parameter.
pub fn train_model<M: TensorCollection<f32, Cpu>>(
    model: &mut M,
    rule: &mut ForDfdx,
    batches: &mut Batches,
    epochs: usize,
    mut cost: impl FnMut(&mut M, &[usize]) -> Result<Scalar<Tape>>,
) -> Result<Vec<f32>> {
    let mut costs = Vec::new();
    let mut watch = Watch::new();
    for epoch in 1..=epochs {
        for (step, rows) in batches.epoch().enumerate() {
            watch.check(("el entrenamiento", "the training"), costs.len())?;
            let cost = cost(model, rows)?;
            if !cost.array().is_finite() {
                return Err(ErrorKind::Diverged {
                    epoch,
                    step: step + 1,
                    learning_rate: rule.learning_rate(),
                }
                .into());
            }
            costs.push(rule.minimise(model, cost)?);
        }
    }
    Ok(costs)
}
