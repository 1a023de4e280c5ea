//! What a training step does backwards.

use super::{Buffer, Gradient};

/// The gradients of the parameters, the last parameter first.
pub(crate) type Gradients = Vec<Gradient>;

/// One operation backwards: from the gradient with respect to its output it makes those of its parameters, into the list, and
/// gives the one with respect to its input, where something before it learns.
type Backward = Box<dyn FnOnce(Buffer, &mut Gradients) -> Option<Buffer>>;

/// The operations of a forward pass, in their order. Each takes what the one before has put out and nothing else, so the way
/// back is a chain.
#[derive(Default)]
pub(crate) struct Tape(Vec<Backward>);

impl Tape {
    pub(crate) fn push(
        &mut self,
        backward: impl FnOnce(Buffer, &mut Gradients) -> Option<Buffer> + 'static,
    ) {
        self.0.push(Box::new(backward));
    }

    /// Go back from the gradient with respect to the last output: the gradient of each parameter, in their order.
    pub(crate) fn run(self, gradient: Buffer) -> Vec<Gradient> {
        let mut gradients = Gradients::new();
        let mut delta = Some(gradient);
        for backward in self.0.into_iter().rev() {
            delta = delta.and_then(|delta| backward(delta, &mut gradients));
        }
        gradients.reverse();
        gradients
    }
}
