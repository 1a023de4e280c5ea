//! Early stopping as a small machine: it is shown the value of each epoch and says what to do.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::history::Epoch;

/// The number that early stopping watches, from [`Epoch`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Monitor {
    /// The cost on the validation data; less is better. Keras's default.
    #[default]
    ValLoss,
    /// The accuracy on the validation data; more is better.
    ValAccuracy,
    /// The cost on the training data; less is better.
    Loss,
    /// The accuracy on the training data; more is better.
    Accuracy,
}

impl Monitor {
    /// Its name in Keras.
    pub fn name(self) -> &'static str {
        match self {
            Monitor::ValLoss => "val_loss",
            Monitor::ValAccuracy => "val_accuracy",
            Monitor::Loss => "loss",
            Monitor::Accuracy => "accuracy",
        }
    }

    /// Its value at the end of an epoch.
    ///
    /// # Errors
    /// When the epoch has none: there is no validation data, or the data has no classes.
    pub fn value(self, epoch: &Epoch) -> Result<f64> {
        let value = match self {
            Monitor::ValLoss => epoch.val_loss,
            Monitor::ValAccuracy => epoch.val_accuracy,
            Monitor::Loss => Some(epoch.loss),
            Monitor::Accuracy => epoch.accuracy,
        };
        value.ok_or_else(|| {
            let name = self.name();
            Error::misuse((
                format!(
                    "no hay nada que vigilar: la época no tiene {name}; da a fit datos de validación con \
                     Fit::validate y, para la accuracy, clases"
                ),
                format!(
                    "nothing to watch: the epoch has no {name}; give fit validation data with Fit::validate, \
                     and classes for an accuracy"
                ),
            ))
        })
    }

    /// Whether `value` is better than `best` by more than `min_delta`. NaN never is.
    pub fn is_better(self, value: f64, best: f64, min_delta: f64) -> bool {
        match self {
            Monitor::ValLoss | Monitor::Loss => value < best - min_delta,
            Monitor::ValAccuracy | Monitor::Accuracy => value > best + min_delta,
        }
    }
}

/// Early stopping: end the training when the validation cost has stopped improving, and keep the weights of the best epoch.
///
/// As Keras's `EarlyStopping`, but it restores the best weights unless told otherwise, as the slides say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlyStopping {
    /// What is watched; the validation cost by default.
    pub monitor: Monitor,
    /// After how many epochs without improvement in a row the training ends; 0 means 1.
    pub patience: usize,
    /// How much better than the best an epoch must be to count, at least 0; 0 by default.
    pub min_delta: f64,
    /// Whether the network gets the weights of the best epoch back at the end; true by default (Keras: false).
    pub restore_best: bool,
}

impl EarlyStopping {
    /// Watch the validation cost and wait this many epochs for it to improve.
    pub fn patience(epochs: usize) -> EarlyStopping {
        EarlyStopping {
            monitor: Monitor::default(),
            patience: epochs,
            min_delta: 0.0,
            restore_best: true,
        }
    }

    /// Watch something else.
    pub fn monitor(mut self, monitor: Monitor) -> EarlyStopping {
        self.monitor = monitor;
        self
    }

    /// Count an epoch as better only when it is better by more than this.
    pub fn min_delta(mut self, min_delta: f64) -> EarlyStopping {
        self.min_delta = min_delta;
        self
    }

    /// Check `min_delta`.
    ///
    /// # Errors
    /// When it is negative, NaN or infinite.
    pub fn check(&self) -> Result<()> {
        if self.min_delta.is_finite() && self.min_delta >= 0.0 {
            return Ok(());
        }
        Err(Error::range(
            ("min_delta de early stopping", "min_delta of early stopping"),
            self.min_delta,
            (
                "un número finito no negativo",
                "a finite number of at least 0",
            ),
        ))
    }

    /// Begin to watch a training.
    pub fn watch(self) -> Watch {
        Watch {
            rule: self,
            best: None,
            waited: 0,
        }
    }
}

/// Early stopping at work: what it has seen so far.
///
/// ```
/// use gradus::regularization::{EarlyStopping, Verdict};
/// let mut watch = EarlyStopping::patience(2).watch();
/// let verdicts: Vec<Verdict> = [0.9, 0.5, 0.6, 0.7].iter().enumerate()
///     .map(|(i, val_loss)| watch.see(i + 1, *val_loss))
///     .collect();
/// assert_eq!(verdicts, [Verdict::Best, Verdict::Best, Verdict::Wait, Verdict::Stop]);
/// assert_eq!(watch.best(), Some((2, 0.5)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    rule: EarlyStopping,
    best: Option<(usize, f64)>,
    waited: usize,
}

/// What to do after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The best epoch so far: keep a copy of its weights.
    Best,
    /// No better than the best: go on, for now.
    Wait,
    /// Patience is at its end: stop.
    Stop,
}

impl Watch {
    /// Look at the value of an epoch, in the order of the training.
    pub fn see(&mut self, epoch: usize, value: f64) -> Verdict {
        let EarlyStopping {
            monitor, min_delta, ..
        } = self.rule;
        let better = match self.best {
            None => !value.is_nan(),
            Some((_, best)) => monitor.is_better(value, best, min_delta),
        };
        if better {
            self.best = Some((epoch, value));
            self.waited = 0;
            return Verdict::Best;
        }
        self.waited += 1;
        if self.waited >= self.rule.patience.max(1) {
            Verdict::Stop
        } else {
            Verdict::Wait
        }
    }

    /// The best epoch so far and its value.
    pub fn best(&self) -> Option<(usize, f64)> {
        self.best
    }

    /// The rule it follows.
    pub fn rule(&self) -> &EarlyStopping {
        &self.rule
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn early_stopping_ends_after_patience_epochs_without_a_better_one(
            values in proptest::collection::vec(prop_oneof![9 => 0.0..1.0, 1 => Just(f64::NAN)], 1..40),
            patience in 0..6_usize,
            min_delta in 0.0..0.2,
            more_is_better: bool,
        ) {
            let monitor = if more_is_better { Monitor::ValAccuracy } else { Monitor::ValLoss };
            let rule = EarlyStopping::patience(patience).min_delta(min_delta).monitor(monitor);
            let mut watch = rule.watch();
            let mut since_best = 0;
            for (i, &value) in values.iter().enumerate() {
                let before = watch.best();
                let verdict = watch.see(i + 1, value);
                if verdict == Verdict::Best {
                    since_best = 0;
                    prop_assert_eq!(watch.best(), Some((i + 1, value)));
                    if let Some((_, best)) = before {
                        let gain = if more_is_better { value - best } else { best - value };
                        prop_assert!(gain > min_delta - 1e-12);
                    }
                } else {
                    since_best += 1;
                    prop_assert_eq!(watch.best(), before);
                    prop_assert_eq!(verdict == Verdict::Stop, since_best >= patience.max(1));
                }
                if verdict == Verdict::Stop {
                    break;
                }
            }
        }
    }
}
