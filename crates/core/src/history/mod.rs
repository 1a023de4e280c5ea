//! What a training recorded.

mod plot;

use std::fmt;
use std::time::Duration;

use gradus_text::say;

pub use plot::compare;

/// What [`Sequential::evaluate`](crate::model::Sequential::evaluate) found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean cost over the data set.
    pub loss: f64,
    /// The fraction of examples classified right, in `[0, 1]`; `None` for regression.
    pub accuracy: Option<f64>,
}

/// One epoch of training.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// The mean cost of its batches, each measured before its step.
    pub loss: f64,
    /// The fraction of its examples classified right, each before its step; `None` for regression.
    pub accuracy: Option<f64>,
    /// The cost on the validation data after the epoch.
    pub val_loss: Option<f64>,
    /// The accuracy on the validation data after the epoch.
    pub val_accuracy: Option<f64>,
    /// How long it took, validation included.
    pub duration: Duration,
}

impl Epoch {
    pub(crate) fn new(
        epoch: usize,
        train: Evaluation,
        validation: Option<Evaluation>,
        duration: Duration,
    ) -> Epoch {
        Epoch {
            epoch,
            loss: train.loss,
            accuracy: train.accuracy,
            val_loss: validation.map(|v| v.loss),
            val_accuracy: validation.and_then(|v| v.accuracy),
            duration,
        }
    }
}

// The clock is not part of what was learned: the same seed gives an equal history.
impl PartialEq for Epoch {
    fn eq(&self, other: &Epoch) -> bool {
        (
            self.epoch,
            self.loss,
            self.accuracy,
            self.val_loss,
            self.val_accuracy,
        ) == (
            other.epoch,
            other.loss,
            other.accuracy,
            other.val_loss,
            other.val_accuracy,
        )
    }
}

/// The record of a training, epoch after epoch. One that `fit` returns has at least one epoch.
#[derive(Clone, PartialEq)]
pub struct History {
    epochs: Vec<Epoch>,
}

impl History {
    pub(crate) fn new() -> History {
        History { epochs: Vec::new() }
    }

    pub(crate) fn push(&mut self, epoch: Epoch) {
        self.epochs.push(epoch);
    }

    /// All epochs in order.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// The last epoch; before any, one with number 0 and a loss that is not a number.
    pub fn last(&self) -> &Epoch {
        const NONE: Epoch = Epoch {
            epoch: 0,
            loss: f64::NAN,
            accuracy: None,
            val_loss: None,
            val_accuracy: None,
            duration: Duration::ZERO,
        };
        self.epochs.last().unwrap_or(&NONE)
    }

    /// The training cost of each epoch.
    pub fn loss(&self) -> Vec<f64> {
        self.epochs.iter().map(|e| e.loss).collect()
    }

    /// The training accuracy of each epoch; empty for regression.
    pub fn accuracy(&self) -> Vec<f64> {
        self.epochs.iter().filter_map(|e| e.accuracy).collect()
    }

    /// The validation cost of each epoch; empty without validation data.
    pub fn val_loss(&self) -> Vec<f64> {
        self.epochs.iter().filter_map(|e| e.val_loss).collect()
    }

    /// The validation accuracy of each epoch; empty without validation data and for regression.
    pub fn val_accuracy(&self) -> Vec<f64> {
        self.epochs.iter().filter_map(|e| e.val_accuracy).collect()
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epoch = say("época", "epoch");
        write!(f, "{epoch}     loss  accuracy  val_loss  val_accuracy")?;
        let cell = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.4}"));
        for e in &self.epochs {
            let line = format!(
                "{:>5} {:>8} {:>9} {:>9} {:>13}",
                e.epoch,
                cell(Some(e.loss)),
                cell(e.accuracy),
                cell(e.val_loss),
                cell(e.val_accuracy)
            );
            write!(f, "\n{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
