//! Checks before a long training: does the cost begin where a guess would, do a few examples fit, do the steps have a sensible size?

use std::fmt;

use super::{Evaluation, Fit, Sequential};
use crate::cost::Cost;
use crate::data::{Dataset, Targets};
use crate::error::{ErrorKind, Result};
use crate::format::number;
use crate::optim::Optimizer;
use gradus_text::display::{Show, aligned};
use gradus_text::say;

/// So few examples every network that learns at all can learn by heart.
const FEW: usize = 20;
/// Passes over them.
const PASSES: usize = 300;
/// A step that moves a weight by a thousandth of its size is about right; by a factor of ten more or less is still usual.
const USUAL_STEP: (f64, f64) = (1e-4, 1e-1);

/// What was found before a training. Made by [`Sequential::sanity_check`].
#[derive(Clone, Debug, PartialEq)]
pub struct SanityCheck {
    /// The cost before the first step.
    pub initial_cost: f64,
    /// The cost of an answer that prefers no class: `ln K` with `K` classes, `ln 2` for yes or no. `None` for other costs.
    pub guess: Option<f64>,
    /// Each parameter, at the first step.
    pub steps: Vec<FirstStep>,
    /// How well twenty examples were learned by heart; `None` where the cost left the range of numbers.
    pub few: Option<Evaluation>,
    examples: usize,
}

/// What the first step does to a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstStep {
    /// Its name: `dense_1.weight`.
    pub name: String,
    /// The norm of its gradient.
    pub gradient: f64,
    /// The norm of the step by the norm of what it changes, `‖Δw‖ / ‖w‖`; `None` for what starts at 0, as biases do.
    pub ratio: Option<f64>,
}

impl Sequential {
    /// Look before a long training, as cs231n advises (<https://cs231n.github.io/neural-networks-3/#sanitycheck>): the cost
    /// before the first step, the size of that step, and whether twenty examples can be learned by heart. Works on copies: this
    /// network stays as it is.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let net = Sequential::input(64).dense(32).activation(Relu).init(He).dense(10);
    /// let check = net.sanity_check(&Dataset::digits(), CrossEntropy, || Adam::new(0.01))?;
    /// assert!(check.findings().is_empty(), "{check}");
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the data do not fit the network, or a hyperparameter is out of range.
    pub fn sanity_check<O: Optimizer + 'static>(
        &self,
        data: &Dataset,
        cost: Cost,
        optimizer: impl Fn() -> O,
    ) -> Result<SanityCheck> {
        self.sanity_check_with(data, cost, &|| Box::new(optimizer()))
    }

    fn sanity_check_with(
        &self,
        data: &Dataset,
        cost: Cost,
        optimizer: &dyn Fn() -> Box<dyn Optimizer>,
    ) -> Result<SanityCheck> {
        let guess = match (cost, data.targets()) {
            (Cost::CrossEntropy, Targets::Classes { .. }) => Some((data.classes() as f64).ln()),
            (Cost::BinaryCrossEntropy, _) => Some(2_f64.ln()),
            _ => None,
        };
        let initial_cost = self.evaluate(data, cost)?.loss;
        let batch = data.take(data.len().min(64))?;
        let (_, gradients) = self.gradients(&batch, cost)?;
        let mut stepped = self.clone();
        let one = Fit::epochs(1).batch(batch.len()).quiet();
        unless_diverged(stepped.fit(&batch, cost, optimizer(), one))?;
        let before = self.parameters();
        let pairs = before.iter().zip(stepped.parameters()).zip(&gradients);
        let steps = pairs.map(|((before, after), gradient)| {
            let moved = before.value.as_vec().into_iter().zip(after.value.as_vec());
            let squares = moved.map(|(a, b)| f64::from(b - a).powi(2));
            let (step, norm) = (squares.sum::<f64>().sqrt(), before.norm());
            FirstStep {
                name: before.name.clone(),
                gradient: gradient.norm(),
                ratio: (norm > 0.0).then(|| step / norm),
            }
        });
        let steps = steps.collect();
        let few = data.take(data.len().min(FEW))?;
        let mut by_heart = self.clone();
        let fit = Fit::epochs(PASSES).batch(few.len()).quiet();
        let learned = unless_diverged(by_heart.fit(&few, cost, optimizer(), fit))?;
        let examples = few.len();
        let few = learned.then(|| by_heart.evaluate(&few, cost)).transpose()?;
        Ok(SanityCheck {
            initial_cost,
            guess,
            steps,
            few,
            examples,
        })
    }
}

/// Whether a training came to its end; a cost that left the range of numbers is a finding, not an error.
fn unless_diverged<T>(result: Result<T>) -> Result<bool> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::Diverged { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

impl SanityCheck {
    /// What looks wrong, each in a sentence; nothing where all is as usual.
    pub fn findings(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(guess) = self.guess
            && !(0.5 * guess..1.5 * guess).contains(&self.initial_cost)
        {
            let (cost, guess) = (number(self.initial_cost), number(guess));
            found.push(say(
                format!("el coste empieza en {cost}, y el de una respuesta al azar es {guess}: ¿salidas enormes, o datos sin estandarizar?"),
                format!("the cost begins at {cost}, and that of a guess is {guess}: huge outputs, or data that are not standardised?"),
            ));
        }
        for step in &self.steps {
            let name = &step.name;
            if step.gradient == 0.0 {
                found.push(say(
                    format!("a {name} no le llega ningún gradiente"),
                    format!("no gradient reaches {name}"),
                ));
                continue;
            }
            let Some(ratio) = step.ratio else { continue };
            let (low, high) = USUAL_STEP;
            let written = number(ratio);
            if ratio == 0.0 {
                found.push(say(
                    format!("{name} no se mueve, aunque tiene gradiente"),
                    format!("{name} does not move, though it has a gradient"),
                ));
            } else if !ratio.is_finite() || ratio > high {
                found.push(say(
                    format!("el primer paso cambia {name} en {written} veces su tamaño: ¿η demasiado grande?"),
                    format!("the first step changes {name} by {written} of its size: is η too large?"),
                ));
            } else if ratio < low {
                found.push(say(
                    format!("el primer paso solo cambia {name} en {written} de su tamaño: ¿η demasiado pequeña?"),
                    format!("the first step changes {name} by {written} of its size only: is η too small?"),
                ));
            }
        }
        let all = self.examples;
        match &self.few {
            None => found.push(say(
                format!("con {all} ejemplos el coste se sale del rango de los números"),
                format!("with {all} examples the cost leaves the range of numbers"),
            )),
            Some(few) if few.accuracy.is_some_and(|accuracy| accuracy < 1.0) => {
                let right = (few.accuracy.unwrap_or_default() * all as f64).round();
                found.push(say(
                    format!(
                        "de {all} ejemplos solo se aprende {right}: así no puede aprender de muchos"
                    ),
                    format!("of {all} examples it learns only {right}: it cannot learn from many"),
                ));
            }
            Some(_) => (),
        }
        found
    }
}

impl fmt::Display for SanityCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let initial = number(self.initial_cost);
        f.write_str(&say(
            format!("coste antes del primer paso: {initial}"),
            format!("cost before the first step: {initial}"),
        ))?;
        if let Some(guess) = self.guess {
            let guess = number(guess);
            f.write_str(&say(
                format!(" (al azar: {guess})"),
                format!(" (a guess: {guess})"),
            ))?;
        }
        let name = say("parámetro", "parameter");
        let gradient = say("‖gradiente‖", "‖gradient‖");
        write!(f, "\n{name:<18} {gradient:>12} {:>12}", "‖Δw‖/‖w‖")?;
        for step in &self.steps {
            let ratio = step.ratio.map_or("-".to_owned(), number);
            let gradient = number(step.gradient);
            write!(f, "\n{:<18} {gradient:>12} {ratio:>12}", step.name)?;
        }
        if let Some(few) = &self.few {
            let (all, cost) = (self.examples, number(few.loss));
            write!(
                f,
                "\n{}",
                say(
                    format!("{all} ejemplos de memoria: coste {cost}"),
                    format!("{all} examples by heart: cost {cost}")
                )
            )?;
            if let Some(accuracy) = few.accuracy {
                write!(f, ", accuracy {}", number(accuracy))?;
            }
        }
        for finding in self.findings() {
            write!(f, "\n! {finding}")?;
        }
        Ok(())
    }
}

impl Show for SanityCheck {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}
