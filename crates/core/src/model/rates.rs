//! The same training with several learning rates.

use std::fmt;

use super::{Callback, Epoch, Fit, Next, Sequential};
use crate::cost::Cost;
use crate::data::Dataset;
use crate::error::{Error, ErrorKind, Result};
use crate::figure::pictured;
use crate::figure::{Figure, curves};
use crate::format::number;
use crate::optim::Optimizer;
use gradus_text::display::Show;
use gradus_text::say;

/// The loss by epoch for each learning rate. Made by [`Sequential::compare_learning_rates`].
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRates {
    /// In the order they were given.
    pub runs: Vec<LearningRateRun>,
}

/// One training.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRateRun {
    /// Its learning rate.
    pub learning_rate: f32,
    /// The training loss of each epoch that was completed.
    pub loss: Vec<f64>,
    /// The epoch in which the loss stopped being a finite number.
    pub diverged: Option<usize>,
}

#[derive(Default)]
struct Losses(Vec<f64>);

impl Callback for Losses {
    fn after_epoch(&mut self, _net: &Sequential, epoch: &Epoch) -> Result<Next> {
        self.0.push(epoch.loss);
        Ok(Next::Continue)
    }
}

impl Sequential {
    /// Train copies of this network, one with each learning rate: the figure of cs231n that shows a low, a good, a high and a
    /// very high one, <https://cs231n.github.io/neural-networks-3/#loss>. A training that diverges is part of the result.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let net = Sequential::input(64).dense(16).activation(Relu).init(He).dense(10);
    /// let fit = || Fit::epochs(3).batch(32).quiet();
    /// let rates = net.compare_learning_rates(&Dataset::digits(), CrossEntropy, &[1e-3, 0.1, 1e6], Sgd::new, fit)?;
    /// assert_eq!(rates.best().learning_rate, 0.1);
    /// rates.plot().svg()?;
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When there is no learning rate, or as [`Sequential::fit`], but for divergence.
    pub fn compare_learning_rates<'a, O: Optimizer + 'static>(
        &self,
        data: &Dataset,
        cost: Cost,
        rates: &[f32],
        optimizer: impl Fn(f32) -> O,
        fit: impl Fn() -> Fit<'a>,
    ) -> Result<LearningRates> {
        if rates.is_empty() {
            return Err(Error::empty((
                "la lista de learning rates",
                "the list of learning rates",
            )));
        }
        let mut runs = Vec::with_capacity(rates.len());
        for &learning_rate in rates {
            let mut losses = Losses::default();
            let result = self.clone().fit(
                data,
                cost,
                optimizer(learning_rate),
                fit().callback(&mut losses),
            );
            let diverged = match result {
                Ok(_) => None,
                Err(error) => match error.kind() {
                    ErrorKind::Diverged { epoch, .. } => Some(*epoch),
                    _ => return Err(error),
                },
            };
            runs.push(LearningRateRun {
                learning_rate,
                loss: losses.0,
                diverged,
            });
        }
        Ok(LearningRates { runs })
    }
}

impl LearningRateRun {
    /// The loss of the last epoch; infinite for a training that diverged.
    pub fn end(&self) -> f64 {
        match (self.diverged, self.loss.last()) {
            (None, Some(&loss)) => loss,
            _ => f64::INFINITY,
        }
    }
}

impl LearningRates {
    /// The training that ended with the lowest loss.
    pub fn best(&self) -> &LearningRateRun {
        self.runs
            .iter()
            .min_by(|a, b| a.end().total_cmp(&b.end()))
            .expect("there is at least one learning rate")
    }

    /// The loss by epoch, a curve for each learning rate.
    pub fn plot(&self) -> Figure {
        let best = self.best();
        let (eta, end) = (best.learning_rate, number(best.end()));
        let title = match best.end().is_finite() {
            true => say(
                format!("Con η = {eta} el coste acaba más bajo: {end}"),
                format!("η = {eta} ends lowest, at {end}"),
            ),
            false => say("Todos divergen", "All of them diverge").to_owned(),
        };
        let name = |run: &LearningRateRun| match run.diverged {
            Some(epoch) => say(
                format!("η = {} (diverge, época {epoch})", run.learning_rate),
                format!("η = {} (diverges, epoch {epoch})", run.learning_rate),
            ),
            None => format!("η = {}", run.learning_rate),
        };
        let series = self.runs.iter().map(|run| (name(run), &run.loss));
        curves(title, ("época", "epoch"), ("coste", "loss"), series)
            .log_y()
            .into()
    }
}

impl fmt::Display for LearningRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(say(
            "            η  primer coste último coste",
            "learning rate   first loss    last loss",
        ))?;
        for run in &self.runs {
            let cell = |loss: Option<&f64>| loss.map_or("-".to_owned(), |l| format!("{l:.4}"));
            write!(
                f,
                "\n{:>13}   {:>10}   {:>10}",
                run.learning_rate,
                cell(run.loss.first()),
                cell(run.loss.last())
            )?;
            if let Some(epoch) = run.diverged {
                let words = say("diverge en la época", "diverged in epoch");
                write!(f, "   {words} {epoch}")?;
            }
        }
        Ok(())
    }
}

impl Show for LearningRates {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}
