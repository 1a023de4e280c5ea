//! Block 2: training with gradient descent, on costs of one or two parameters, where each step can be seen.
//!
//! ```text
//! w ← w - η ∇C(w)
//! ```
//!
//! With a learning rate `η` that is too small it crawls, with one that is too large it jumps over the minimum or diverges.
//! [`gradient_descent`] is that formula; [`descend`] does the same with any rule of [`optim`](crate::optim), which is how
//! block 10 shows the zig-zag, the local minimum and the saddle.
//!
//! The surfaces are expressions in dfdx's tensors, so that `∇C` is what its tape finds; [`descend_model`] goes down with any
//! dfdx model or tensor.

mod lab;
mod landscape;
mod models;
mod trajectory;

pub(crate) use lab::with_descents;
pub use lab::{OptimiserLab, optimiser_lab};
pub use landscape::{Landscape, Variable, again};
pub use models::descend_model;
pub use trajectory::{Outcome, Trajectory, race};

use crate::error::{Error, Result, positive};
use crate::interrupt::Watch;
use crate::optim::Optimizer;

/// A gradient shorter than this is a stationary point.
const STATIONARY: f64 = 1e-4;
/// As many windows away from the start a descent is lost.
const LOST: f64 = 1e3;

/// Gradient descent, `w ← w - η ∇C(w)`, from the landscape's start.
///
/// It ends after `steps` steps, at a point where `‖∇C‖ < 1e-4`, or where it gets lost: see [`Outcome`].
///
/// ```
/// use gradus::prelude::*;
/// let small = gradient_descent(&Landscape::parabola(), 0.01, 50)?;
/// let right = gradient_descent(&Landscape::parabola(), 0.5, 50)?;
/// let large = gradient_descent(&Landscape::parabola(), 2.5, 50)?;
/// assert!(small.cost() > 1.0 && right.cost() < 1e-6);
/// assert!(matches!(large.outcome(), Outcome::Diverged { .. }));
/// race(&[small, right, large])?.svg()?;
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When the learning rate is not a finite number greater than 0, or the landscape's window is empty.
pub fn gradient_descent(
    landscape: &Landscape,
    learning_rate: f64,
    steps: usize,
) -> Result<Trajectory> {
    positive(("el learning rate", "the learning rate"), learning_rate)?;
    let eta = learning_rate;
    run(
        landscape,
        format!("η = {learning_rate}"),
        steps,
        |_, w, gradient| {
            for (w, g) in w.iter_mut().zip(gradient) {
                *w -= eta * g;
            }
        },
    )
}

/// The same with any optimiser, at its own learning rate. The optimiser works in `f32`, as in training.
///
/// # Errors
/// When a hyperparameter is out of range, or the landscape's window is empty.
pub fn descend(
    landscape: &Landscape,
    optimizer: impl Into<Box<dyn Optimizer>>,
    steps: usize,
) -> Result<Trajectory> {
    descend_by(landscape, &*optimizer.into(), steps)
}

fn descend_by(
    landscape: &Landscape,
    optimizer: &dyn Optimizer,
    steps: usize,
) -> Result<Trajectory> {
    optimizer.check()?;
    let mut slots = vec![vec![0.0; landscape.dimensions()]; optimizer.slots()];
    let label = format!("{}, η = {}", optimizer.name(), optimizer.learning_rate());
    run(landscape, label, steps, |t, w, gradient| {
        let mut single: Vec<f32> = w.iter().map(|&w| w as f32).collect();
        let mut gradient: Vec<f32> = gradient.iter().map(|&g| g as f32).collect();
        let eta = optimizer.learning_rate();
        let mut pieces: Vec<&mut [f32]> = slots.iter_mut().map(Vec::as_mut_slice).collect();
        optimizer.step(t, eta, &mut single, &mut gradient, &mut pieces);
        for (w, single) in w.iter_mut().zip(single) {
            *w = f64::from(single);
        }
    })
}

fn run(
    landscape: &Landscape,
    label: String,
    steps: usize,
    mut step: impl FnMut(u64, &mut [f64], &[f64]),
) -> Result<Trajectory> {
    landscape.check_window()?;
    let mut w = landscape.start().to_vec();
    let cost = landscape.value(&w)?;
    if !cost.is_finite() {
        return Err(Error::misuse((
            format!(
                "{} vale {cost} en su punto de partida {w:?}; parte de donde sea un número finito",
                landscape.name()
            ),
            format!(
                "{} is {cost} at its start {w:?}; start where it is a finite number",
                landscape.name()
            ),
        )));
    }
    let mut trajectory = Trajectory::new(landscape.clone(), label, w.clone(), cost);
    let mut watch = Watch::new();
    for t in 1..=steps {
        watch.check(("el descenso", "the descent"), t - 1)?;
        let gradient = landscape.gradient(&w)?;
        if norm(&gradient) < STATIONARY {
            trajectory.outcome = Outcome::Stationary { step: t - 1 };
            return Ok(trajectory);
        }
        step(t as u64, &mut w, &gradient);
        let near = w
            .iter()
            .zip(landscape.start())
            .zip(landscape.window())
            .all(|((w, start), (from, to))| (w - start).abs() <= LOST * (to - from));
        // A point that is NaN is not near either.
        let cost = if near { landscape.value(&w)? } else { f64::NAN };
        if !cost.is_finite() {
            trajectory.outcome = if trajectory.cost() < trajectory.costs()[0] {
                Outcome::Unbounded { step: t }
            } else {
                Outcome::Diverged { step: t }
            };
            return Ok(trajectory);
        }
        trajectory.push(w.clone(), cost);
    }
    if norm(&landscape.gradient(&w)?) < STATIONARY {
        trajectory.outcome = Outcome::Stationary { step: steps };
    }
    Ok(trajectory)
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|v| v * v).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::{Adam, Sgd};
    use proptest::prelude::*;

    #[test]
    fn sgd_takes_the_steps_of_the_formula() {
        for landscape in Landscape::all() {
            let formula = gradient_descent(&landscape, 1e-3, 40).unwrap();
            let rule = descend(&landscape, Sgd::new(1e-3), 40).unwrap();
            assert_eq!(formula.points().len(), rule.points().len());
            for (a, b) in formula.points().iter().zip(rule.points()) {
                for (a, b) in a.iter().zip(b) {
                    assert!((a - b).abs() < 1e-4, "{landscape:?}: {a} and {b}");
                }
            }
        }
    }

    #[test]
    fn a_cost_that_falls_without_end_is_not_called_divergence() {
        let ramp = Landscape::curve("C(w) = -w²", |w| -w * w, |w| -2.0 * w, (0.5, 2.0));
        let ramp = gradient_descent(&ramp, 0.5, 1000).unwrap();
        assert!(
            matches!(ramp.outcome(), Outcome::Unbounded { .. }),
            "{ramp}"
        );
    }

    proptest! {
        #[test]
        fn no_step_and_no_start_give_nan_or_a_panic(
            eta in prop_oneof![any::<f64>(), 1e-6..10.0_f64],
            (x, y) in (-6.0..6.0_f64, -6.0..6.0_f64),
            steps in 0..60_usize,
        ) {
            for landscape in Landscape::all() {
                let start = &[x, y][..landscape.dimensions()];
                let landscape = landscape.starting_at(start).unwrap();
                for descent in [gradient_descent(&landscape, eta, steps), descend(&landscape, Adam::new(eta as f32), steps)] {
                    let Ok(descent) = descent else { continue };
                    prop_assert!(descent.costs().iter().all(|c| c.is_finite()));
                    prop_assert!(descent.points().iter().flatten().all(|w| w.is_finite()));
                    prop_assert_eq!(descent.points().len(), descent.costs().len());
                }
            }
            prop_assert!(Landscape::saddle().starting_at(&[x]).is_err());
            prop_assert!(Landscape::saddle().starting_at(&[x, f64::NAN]).is_err());
        }
    }
}
