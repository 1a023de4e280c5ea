//! Learning rate decay: large steps first, fine ones later.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::registry::{Custom, part};

/// A factor of the learning rate for each step of the optimiser. Steps count from 0: with 1000 examples in batches
/// of 50, epoch 3 starts at step 40.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    decay: Decay,
    warm_up: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Decay {
    #[default]
    Constant,
    Step {
        every: u64,
        factor: f64,
    },
    Exponential {
        rate: f64,
    },
    OneOverT {
        decay: f64,
    },
    Cosine {
        steps: u64,
        floor: f64,
    },
    Custom(Custom<Factor>),
}

impl Schedule {
    /// The same learning rate always.
    pub fn constant() -> Schedule {
        Schedule::default()
    }

    /// Step decay: `factor^⌊t / every⌋`, such as a half every 1000 steps.
    pub fn step(every: u64, factor: f64) -> Schedule {
        Decay::Step { every, factor }.into()
    }

    /// Exponential decay: `e^(-rate t)`.
    pub fn exponential(rate: f64) -> Schedule {
        Decay::Exponential { rate }.into()
    }

    /// 1/t decay: `1 / (1 + decay t)`. Keras's legacy argument `decay`, as in the slides' `Adam(lr=0.0001, decay=1e-6)`.
    pub fn one_over_t(decay: f64) -> Schedule {
        Decay::OneOverT { decay }.into()
    }

    /// Half a cosine from 1 down to 0 in `steps` steps, then 0. I. Loshchilov, F. Hutter, 2017,
    /// <https://arxiv.org/abs/1608.03983>.
    pub fn cosine(steps: u64) -> Schedule {
        Decay::Cosine { steps, floor: 0.0 }.into()
    }

    /// Half a cosine from 1 down to `floor` in `steps` steps, and `floor` from there.
    pub fn cosine_to(steps: u64, floor: f64) -> Schedule {
        Decay::Cosine { steps, floor }.into()
    }

    pub(crate) fn from_custom(custom: Custom<Factor>) -> Schedule {
        Decay::Custom(custom).into()
    }

    /// Grow from 0 to 1 in the first `steps` steps, then start the decay.
    pub fn warm_up(self, steps: u64) -> Schedule {
        Schedule {
            warm_up: steps,
            ..self
        }
    }

    /// The factor at step `t`, from 0.
    pub fn factor(&self, t: u64) -> f64 {
        if t < self.warm_up {
            return (t + 1) as f64 / self.warm_up as f64;
        }
        let t = t - self.warm_up;
        match self.decay {
            Decay::Constant => 1.0,
            Decay::Step { every, factor } => {
                factor.powi(i32::try_from(t / every.max(1)).unwrap_or(i32::MAX))
            }
            Decay::Exponential { rate } => libm::exp(-rate * t as f64),
            Decay::OneOverT { decay } => 1.0 / (1.0 + decay * t as f64),
            Decay::Cosine { steps, floor } => {
                let done = t.min(steps) as f64 / steps.max(1) as f64;
                floor + (1.0 - floor) * 0.5 * (1.0 + libm::cos(PI * done))
            }
            Decay::Custom(custom) => custom.factor(t),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        type Pair = (&'static str, &'static str);
        let range = |name: Pair, value: f64, ok: bool, expected: Pair| {
            if ok {
                Ok(())
            } else {
                Err(Error::range(name, value, expected))
            }
        };
        match self.decay {
            Decay::Constant => Ok(()),
            Decay::Step { every, factor } => {
                range(
                    (
                        "el número de pasos entre dos reducciones",
                        "the steps between two decays",
                    ),
                    every as f64,
                    every > 0,
                    ("al menos 1", "at least 1"),
                )?;
                range(
                    (
                        "el factor de la reducción por escalones",
                        "the factor of step decay",
                    ),
                    factor,
                    factor > 0.0 && factor <= 1.0,
                    ("mayor que 0 y como mucho 1", "greater than 0 and at most 1"),
                )
            }
            Decay::Exponential { rate: value } | Decay::OneOverT { decay: value } => range(
                ("el decaimiento", "the decay"),
                value,
                value.is_finite() && value >= 0.0,
                (
                    "un número finito no negativo",
                    "a finite number of at least 0",
                ),
            ),
            Decay::Custom(custom) => {
                let factors = (0..1000).map(|t| custom.factor(t));
                let bad = factors
                    .into_iter()
                    .find(|factor| !(*factor >= 0.0 && factor.is_finite()));
                range(
                    ("el factor de un paso", "the factor of a step"),
                    bad.unwrap_or_default(),
                    bad.is_none(),
                    (
                        "un número finito no negativo",
                        "a finite number of at least 0",
                    ),
                )
            }
            Decay::Cosine { steps, floor } => {
                range(
                    (
                        "el número de pasos de la reducción por coseno",
                        "the steps of cosine decay",
                    ),
                    steps as f64,
                    steps > 0,
                    ("al menos 1", "at least 1"),
                )?;
                range(
                    (
                        "el mínimo de la reducción por coseno",
                        "the floor of cosine decay",
                    ),
                    floor,
                    (0.0..=1.0).contains(&floor),
                    ("un número entre 0 y 1", "between 0 and 1"),
                )
            }
        }
    }
}

impl From<Decay> for Schedule {
    fn from(decay: Decay) -> Schedule {
        Schedule { decay, warm_up: 0 }
    }
}

/// A factor for each step.
pub struct Factor(Box<dyn Fn(u64) -> f64 + Send + Sync>);

part!(Factor);

impl Schedule {
    /// A schedule of one's own: by what the learning rate is multiplied at step `t`, from 0.
    pub fn custom(
        name: impl Into<String>,
        factor: impl Fn(u64) -> f64 + Send + Sync + 'static,
    ) -> Schedule {
        Schedule::from_custom(Custom::new(name, Factor(Box::new(factor))))
    }
}

impl Custom<Factor> {
    pub(crate) fn factor(self, t: u64) -> f64 {
        (self.part().0)(t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_follow_their_formulas() {
        let close = |schedule: Schedule, t, expected: f64| {
            let factor = schedule.factor(t);
            assert!(
                (factor - expected).abs() < 1e-12,
                "{schedule:?} at {t}: {factor}, expected {expected}"
            );
        };
        close(Schedule::constant(), 1_000_000, 1.0);
        close(Schedule::step(10, 0.5), 9, 1.0);
        close(Schedule::step(10, 0.5), 25, 0.25);
        close(Schedule::exponential(0.1), 10, (-1.0_f64).exp());
        close(Schedule::one_over_t(1e-6), 1_000_000, 0.5);
        close(Schedule::cosine(100), 0, 1.0);
        close(Schedule::cosine(100), 50, 0.5);
        close(Schedule::cosine_to(100, 0.1), 500, 0.1);
        close(Schedule::one_over_t(1.0).warm_up(4), 0, 0.25);
        close(Schedule::one_over_t(1.0).warm_up(4), 4, 1.0);
        close(Schedule::one_over_t(1.0).warm_up(4), 5, 0.5);
    }

    #[test]
    fn bad_schedules_are_refused() {
        for schedule in [
            Schedule::step(0, 0.5),
            Schedule::step(5, 0.0),
            Schedule::exponential(-1.0),
            Schedule::one_over_t(f64::NAN),
            Schedule::cosine(0),
            Schedule::cosine_to(5, 2.0),
        ] {
            assert!(schedule.check().is_err(), "{schedule:?}");
            assert!(schedule.factor(7).is_nan() || schedule.factor(7) >= 0.0);
        }
    }
}
