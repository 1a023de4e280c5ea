//! Trainings as figures.

use gradus_text::display::Show;
use gradus_text::{Text, say};

use super::History;
use crate::figure::{Figure, curves, pictured};
use crate::format::number;

/// Several trainings beside each other: their cost and their accuracy by epoch, each on the validation data where all have
/// some, else on the training data. The titles say between which values they end.
///
/// ```
/// use gradus::prelude::*;
/// let data = Dataset::digits().take(200)?;
/// let mut runs = Vec::new();
/// for f in [Sigmoid, Relu] {
///     let mut net = Sequential::input(64).dense(16).activation(f).dense(10);
///     runs.push((f.name(), net.fit(&data, CrossEntropy, Sgd::new(0.5), Fit::epochs(5).quiet())?));
/// }
/// assert!(plot::compare(&runs).to_string().contains("(ReLU)"));
/// # Ok::<(), gradus::Error>(())
/// ```
pub fn compare<'a>(
    runs: impl IntoIterator<Item = &'a (impl Into<Text> + Clone + 'a, History)>,
) -> Figure {
    let runs: Vec<(String, &History)> = runs
        .into_iter()
        .map(|(name, history)| (name.clone().into().into_current(), history))
        .collect();
    let validated = runs.iter().all(|(_, run)| !run.val_loss().is_empty());
    let panel = |measure: Measure, values: &dyn Fn(&History) -> Vec<f64>| {
        let curve = |(name, run): &(String, &History)| (name.clone(), values(run));
        let series: Vec<_> = runs.iter().map(curve).collect();
        let series: Vec<_> = series.into_iter().filter(|s| !s.1.is_empty()).collect();
        let mut ends: Vec<(&str, f64)> = series
            .iter()
            .filter_map(|(name, values)| Some((name.as_str(), *values.last()?)))
            .filter(|(_, end)| end.is_finite())
            .collect();
        ends.sort_by(|a, b| a.1.total_cmp(&b.1));
        let title = match &ends[..] {
            [] => String::new(),
            [(low, from), .., (high, to)] if number(*from) != number(*to) => {
                let (from, to) = (number(*from), number(*to));
                say(
                    format!(
                        "{} al final: de {from} ({low}) a {to} ({high})",
                        measure.of(validated)
                    ),
                    format!(
                        "{} at the end: from {from} ({low}) to {to} ({high})",
                        measure.of(validated)
                    ),
                )
            }
            [(_, end), ..] => format!(
                "{} {}: {}",
                measure.of(validated),
                say("al final", "at the end"),
                number(*end)
            ),
        };
        let some = !series.is_empty();
        let chart = curves(title, ("época", "epoch"), measure.name(), series);
        some.then_some(chart)
    };
    let loss = panel(Measure::Loss, &|run| match validated {
        true => run.val_loss(),
        false => run.loss(),
    });
    let accuracy = panel(Measure::Accuracy, &|run| match validated {
        true => run.val_accuracy(),
        false => run.accuracy(),
    });
    Figure::grid(2, loss.into_iter().chain(accuracy))
}

/// What a panel of a training shows.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    Loss,
    Accuracy,
}

impl Measure {
    fn name(self) -> &'static str {
        match self {
            Measure::Loss => say("coste", "loss"),
            Measure::Accuracy => "accuracy",
        }
    }

    /// At the start of a title.
    fn of(self, validation: bool) -> &'static str {
        match (self, validation) {
            (Measure::Loss, true) => say("Coste de validación", "Validation loss"),
            (Measure::Loss, false) => say("Coste", "Loss"),
            (Measure::Accuracy, true) => say("Accuracy de validación", "Validation accuracy"),
            (Measure::Accuracy, false) => "Accuracy",
        }
    }

    /// The best value and its epoch, or that the validation loss rises while the training loss falls.
    fn finding(self, train: &[f64], validation: &[f64]) -> String {
        let values = if validation.is_empty() {
            train
        } else {
            validation
        };
        let finite = values.iter().enumerate().filter(|(_, v)| v.is_finite());
        // The first of equals.
        let best = finite.reduce(|best, next| {
            let better = match self {
                Measure::Loss => next.1 < best.1,
                Measure::Accuracy => next.1 > best.1,
            };
            if better { next } else { best }
        });
        let (Some((at, best)), Some(end)) = (best, values.last()) else {
            return self.name().to_owned();
        };
        let after = &values[at + 1..];
        let mean = after.iter().sum::<f64>() / after.len().max(1) as f64;
        let falls = train
            .get(at)
            .zip(train.last())
            .is_some_and(|(then, end)| end < then);
        let rises = after.len() >= 3 && mean > 1.05 * best && *end > 1.1 * best && falls;
        let (value, epoch) = (number(*best), at + 1);
        if self == Measure::Loss && !validation.is_empty() && rises {
            let end = number(*end);
            return say(
                format!(
                    "Sobreajuste: desde la época {epoch} el coste de validación sube de {value} a {end}"
                ),
                format!(
                    "Overfitting: from epoch {epoch} on the validation loss rises from {value} to {end}"
                ),
            );
        }
        let what = self.of(!validation.is_empty());
        match self {
            Measure::Loss => say(
                format!("{what}: mínimo {value} (época {epoch})"),
                format!("{what}: lowest {value} (epoch {epoch})"),
            ),
            Measure::Accuracy => say(
                format!("{what}: máxima {value} (época {epoch})"),
                format!("{what}: highest {value} (epoch {epoch})"),
            ),
        }
    }
}

impl History {
    /// Cost and accuracy by epoch, beside each other. The titles say the best value and its epoch, or that the network
    /// overfits: the validation loss ends more than a tenth above its lowest while the training loss goes on falling.
    pub fn plot(&self) -> Figure {
        let panel = |measure: Measure, train: Vec<f64>, validation: Vec<f64>| {
            let title = measure.finding(&train, &validation);
            let mut series = vec![(("entrenamiento", "train"), train)];
            if !validation.is_empty() {
                series.push((("validación", "validation"), validation));
            }
            curves(title, ("época", "epoch"), measure.name(), series)
        };
        let mut panels = vec![panel(Measure::Loss, self.loss(), self.val_loss())];
        if !self.accuracy().is_empty() {
            let (train, validation) = (self.accuracy(), self.val_accuracy());
            panels.push(panel(Measure::Accuracy, train, validation));
        }
        Figure::grid(2, panels)
    }
}

impl Show for History {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}
