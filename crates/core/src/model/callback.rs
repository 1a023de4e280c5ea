//! What can look at a training, and end it.

use std::path::PathBuf;

use super::{ActivationReport, Epoch, Sequential};
use crate::cost::Cost;
use crate::data::Dataset;
use crate::error::Result;

/// What `fit` does after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Go on.
    Continue,
    /// Stop here.
    Stop,
}

/// Something that `fit` calls after each epoch. Given by value or, to look at it afterwards, by `&mut`.
///
/// ```
/// use gradus::prelude::*;
/// struct Target(f64);
/// impl Callback for Target {
///     fn after_epoch(&mut self, _net: &Sequential, epoch: &Epoch) -> Result<Next> {
///         Ok(if epoch.loss < self.0 { Next::Stop } else { Next::Continue })
///     }
/// }
/// let mut net = Sequential::input(64).dense(10);
/// let fit = Fit::epochs(100).callback(Target(1.0)).quiet();
/// let history = net.fit(&Dataset::digits(), CrossEntropy, Adam::new(1e-2), fit)?;
/// assert!(history.last().loss < 1.0 && history.epochs().len() < 100);
/// # Ok::<(), Error>(())
/// ```
pub trait Callback {
    /// After each epoch, with the network as it is then.
    ///
    /// # Errors
    /// An error ends the training with it.
    fn after_epoch(&mut self, net: &Sequential, epoch: &Epoch) -> Result<Next>;

    /// After the last epoch, with the network to change.
    ///
    /// # Errors
    /// An error is what `fit` returns.
    fn after_training(&mut self, _net: &mut Sequential) -> Result<()> {
        Ok(())
    }
}

impl<C: Callback + ?Sized> Callback for &mut C {
    fn after_epoch(&mut self, net: &Sequential, epoch: &Epoch) -> Result<Next> {
        (**self).after_epoch(net, epoch)
    }

    fn after_training(&mut self, net: &mut Sequential) -> Result<()> {
        (**self).after_training(net)
    }
}

/// Save the network after each epoch that is the best so far by validation loss (by training loss without validation).
#[derive(Clone, Debug)]
pub struct Checkpoint {
    path: PathBuf,
    best: f64,
}

impl Checkpoint {
    /// Into this file; see [`Sequential::save`].
    pub fn new(path: impl Into<PathBuf>) -> Checkpoint {
        Checkpoint {
            path: path.into(),
            best: f64::INFINITY,
        }
    }
}

impl Callback for Checkpoint {
    fn after_epoch(&mut self, net: &Sequential, epoch: &Epoch) -> Result<Next> {
        let loss = epoch.val_loss.unwrap_or(epoch.loss);
        if loss < self.best {
            self.best = loss;
            net.save(&self.path)?;
        }
        Ok(Next::Continue)
    }
}

/// Record, epoch after epoch, what the units do and how large the gradients are.
///
/// ```
/// use gradus::prelude::*;
/// let (train, test) = Dataset::digits().split(0.8, 0)?;
/// let mut net = Sequential::input(64).dense(32).activation(Relu).dense(10);
/// let mut recorder = Recorder::new(&test, CrossEntropy);
/// net.fit(&train, CrossEntropy, Sgd::new(0.5), Fit::epochs(3).callback(&mut recorder).quiet())?;
/// assert_eq!(recorder.activations().len(), 3);
/// assert_eq!(recorder.gradient_norms()[0].1.len(), 3); // dense_1.weight, three epochs
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recorder {
    data: Dataset,
    cost: Cost,
    activations: Vec<ActivationReport>,
    gradients: Vec<(String, Vec<f64>)>,
}

impl Recorder {
    /// On this data set, with the gradients of this cost.
    pub fn new(data: &Dataset, cost: Cost) -> Recorder {
        Recorder {
            data: data.clone(),
            cost,
            activations: Vec::new(),
            gradients: Vec::new(),
        }
    }

    /// The activations after each epoch.
    pub fn activations(&self) -> &[ActivationReport] {
        &self.activations
    }

    /// For each parameter, the Euclidean norm of its gradient after each epoch.
    pub fn gradient_norms(&self) -> &[(String, Vec<f64>)] {
        &self.gradients
    }
}

impl Callback for Recorder {
    fn after_epoch(&mut self, net: &Sequential, _epoch: &Epoch) -> Result<Next> {
        self.activations.push(net.activations(&self.data)?);
        let (_, gradients) = net.gradients(&self.data, self.cost)?;
        if self.gradients.is_empty() {
            self.gradients = gradients
                .iter()
                .map(|g| (g.name.clone(), Vec::new()))
                .collect();
        }
        for ((_, norms), gradient) in self.gradients.iter_mut().zip(gradients) {
            norms.push(gradient.norm());
        }
        Ok(Next::Continue)
    }
}
