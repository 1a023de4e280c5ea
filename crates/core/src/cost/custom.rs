//! A cost of somebody's own.

use dfdx::prelude::*;

use super::Cost;
use crate::error::Result;
use crate::registry::{Custom, attempt, part};
use crate::tensor::{Matrix, Scalar, Tape, device, gradient_of};

/// A cost of outputs and targets.
pub struct CostFunction(Box<CostOf>);

type CostOf = dyn Fn(Matrix<Tape>, &Matrix) -> Result<Scalar<Tape>> + Send + Sync;

part!(CostFunction);

impl Cost {
    /// A cost of one's own, in dfdx's operations: its gradient comes from the tape. It gets the outputs of the network and the
    /// targets, both `(n, outputs)`, classes as one-hot rows, and gives the *mean* over the `n` examples, as the costs of
    /// [`crate::cost`] do: `Cost::custom("mine", cost::quadratic)` is [`Cost::Quadratic`].
    pub fn custom(
        name: impl Into<String>,
        cost: impl Fn(Matrix<Tape>, &Matrix) -> Result<Scalar<Tape>> + Send + Sync + 'static,
    ) -> Cost {
        Cost::Custom(Custom::new(name, CostFunction(Box::new(cost))))
    }
}

impl Custom<CostFunction> {
    /// The cost of a batch of `outputs` and `targets`, both of this shape, and its gradient with respect to the outputs.
    pub(crate) fn run(
        self,
        outputs: &[f32],
        targets: Vec<f32>,
        shape: (usize, usize),
    ) -> Result<(f32, Vec<f32>)> {
        let outputs = device().tensor_from_vec(outputs.to_vec(), shape);
        let targets = device().tensor_from_vec(targets, shape);
        let cost = (self.part().0)(outputs.leaky_trace(), &targets)?;
        let value = cost.array();
        let mut grads = cost.backward();
        Ok((value, gradient_of(&mut grads, &outputs)))
    }

    /// Try it on some examples of a network with so many outputs.
    pub(crate) fn check(self, outputs: usize) -> Result<()> {
        attempt(self.name(), || {
            for n in 1..=3 {
                self.run(
                    &vec![0.5; n * outputs],
                    vec![0.0; n * outputs],
                    (n, outputs),
                )?;
            }
            Ok(())
        })
    }
}
