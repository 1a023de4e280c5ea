//! Early stopping that keeps the best model, whatever a model is.

use super::{EarlyStopping, Verdict, Watch};

/// Early stopping together with a copy of the best model so far, for a training loop of one's own. Made by
/// [`EarlyStopping::keeping`].
///
/// ```
/// use gradus::dfdx::prelude::*;
/// use gradus::optim::{ForDfdx, Sgd};
/// use gradus::regularization::{EarlyStopping, Verdict};
/// let dev = Cpu::default();
/// let mut model = dev.build_module::<Linear<3, 1>, f32>();
/// let (x, y): (Tensor<Rank2<8, 3>, f32, _>, Tensor<Rank2<8, 1>, f32, _>) = (dev.sample_normal(), dev.sample_normal());
/// let mut rule = ForDfdx::new(Sgd::new(0.1))?;
/// let mut best = EarlyStopping::patience(3).keeping();
/// for epoch in 1..=100 {
///     let cost = (model.forward(x.leaky_trace()) - y.clone()).square().mean();
///     rule.minimise(&mut model, cost)?;
///     let val_loss = model.weight.clone().square().sum::<Rank0, _>().array(); // stands for the cost of validation data
///     if best.see(epoch, f64::from(val_loss), &model) == Verdict::Stop {
///         break;
///     }
/// }
/// let model = best.restore(model); // of the best epoch
/// # let _ = model;
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Best<M> {
    watch: Watch,
    model: Option<M>,
}

impl EarlyStopping {
    /// Begin to watch a training, and keep the best model of it.
    pub fn keeping<M: Clone>(self) -> Best<M> {
        Best {
            watch: self.watch(),
            model: None,
        }
    }
}

impl<M: Clone> Best<M> {
    /// Look at the value of an epoch, in the order of the training; the model is copied when it is the best.
    pub fn see(&mut self, epoch: usize, value: f64, model: &M) -> Verdict {
        let verdict = self.watch.see(epoch, value);
        if verdict == Verdict::Best {
            self.model = Some(model.clone());
        }
        verdict
    }

    /// The rule at work, with the best epoch and its value.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The best model, or the one given where there is none or the rule does not restore it.
    pub fn restore(self, last: M) -> M {
        let restore = self.watch.rule().restore_best;
        self.model.filter(|_| restore).unwrap_or(last)
    }
}
