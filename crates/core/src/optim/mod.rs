//! Block 10: optimisers, from a gradient to a step. Sorted by growing complexity.
//!
//! `w` is a parameter, `g` its gradient, `η` the learning rate, `t` the number of the step from 1. Every rule acts on each
//! element by itself, so the loop over the elements *is* the formula. What a rule remembers of a parameter (a velocity, a
//! mean of squares) stands in *slots* beside it that start at 0; what would sink below the normal numbers of `f32` becomes 0.
//!
//! | rule | remembers | step |
//! |---|---|---|
//! | [`Sgd`] | nothing | `w ← w - η g` |
//! | [`Momentum`] | velocity `v` | `v ← μ v - η g`, `w ← w + v` |
//! | [`Nag`] | velocity `v` | `v ← μ v - η g`, `w ← w + μ v - η g` |
//! | [`Adagrad`] | sum of squares `s` | `s ← s + g²`, `w ← w - η g / (√s + ε)` |
//! | [`RmsProp`] | mean of squares `s` | `s ← ρ s + (1 - ρ) g²`, `w ← w - η g / (√s + ε)` |
//! | [`Adadelta`] | means of squares of `g` and of the steps | no unit of `η` left: see there |
//! | [`Adam`] | means `m` of `g`, `v` of `g²` | `w ← w - η m̂ / (√v̂ + ε)` |
//! | [`AdamW`] | the same | Adam, and `w ← w - η λ w` apart from it |
//!
//! [`ForDfdx`] makes each of them, with its [`Schedule`] and its [`Clip`], an optimiser for dfdx's models.

mod clip;
mod for_dfdx;
pub(crate) mod rules;
mod schedule;

pub use clip::Clip;
pub(crate) use clip::{PartClip, sum_of_squares};
pub use for_dfdx::ForDfdx;
pub use rules::*;
pub use schedule::Schedule;

use serde_json::Value;

use crate::error::{Result, non_negative};
use crate::kernels::vectorized;

/// A rule that turns gradients into steps. It holds hyperparameters only.
pub trait Optimizer: std::fmt::Debug + Send + Sync {
    /// Its usual name, for labels; the name of its type unless it says another.
    fn name(&self) -> &'static str {
        let path = std::any::type_name::<Self>();
        path.rsplit("::").next().unwrap_or(path)
    }

    /// Check the hyperparameters.
    ///
    /// # Errors
    /// The first one out of range, with its range.
    fn check(&self) -> Result<()>;

    /// The learning rate `η` it starts with; a [`Schedule`] multiplies it.
    fn learning_rate(&self) -> f32;

    /// How many vectors as long as the parameter it remembers between steps. They start at 0.
    fn slots(&self) -> usize;

    /// Step number `t`, from 1, with learning rate `eta`, on one parameter. `w`, `g` and every slot have the same length;
    /// `g` may be changed on the way.
    /// A long parameter may come in pieces, each with its piece of the slots.
    fn step(&self, t: u64, eta: f32, w: &mut [f32], g: &mut [f32], slots: &mut [&mut [f32]]);

    /// The same rule with weight decay as PyTorch's optimisers take it: `g ← g + λ w` before the step. For SGD it is the
    /// same as a penalty `λ/2 Σw²`; with adaptive rules see [`AdamW`].
    fn weight_decay(self, lambda: f32) -> WeightDecay<Self>
    where
        Self: Sized,
    {
        WeightDecay { rule: self, lambda }
    }
}

/// One of each rule, with the usual hyperparameters: to compare them, or to try something with all.
pub fn all() -> Vec<Box<dyn Optimizer>> {
    rules::all()
}

/// The name of a rule's type and its hyperparameters, as its `Debug` says them; the rules are plain lists of numbers.
pub(crate) fn hyperparameters(rule: &dyn Optimizer) -> (String, serde_json::Map<String, Value>) {
    let spoken = format!("{rule:?}");
    let (kind, fields) = spoken.split_once(" {").unwrap_or((&spoken, ""));
    let fields = fields.split(['{', ',', '}']).filter_map(|field| {
        let (name, value) = field.split_once(':')?;
        let value: f64 = value.trim().parse().ok()?;
        Some((name.trim().to_owned(), value.into()))
    });
    (kind.to_owned(), fields.collect())
}

impl<O: Optimizer + 'static> From<O> for Box<dyn Optimizer> {
    fn from(optimizer: O) -> Self {
        Box::new(optimizer)
    }
}

/// A rule with `λ w` added to the gradient. Made by [`Optimizer::weight_decay`].
#[derive(Clone, Debug, PartialEq)]
pub struct WeightDecay<O> {
    rule: O,
    lambda: f32,
}

impl<O: Optimizer> Optimizer for WeightDecay<O> {
    fn name(&self) -> &'static str {
        self.rule.name()
    }

    fn check(&self) -> Result<()> {
        non_negative(("el weight decay", "the weight decay"), self.lambda)?;
        self.rule.check()
    }

    fn learning_rate(&self) -> f32 {
        self.rule.learning_rate()
    }

    fn slots(&self) -> usize {
        self.rule.slots()
    }

    fn step(&self, t: u64, eta: f32, w: &mut [f32], g: &mut [f32], slots: &mut [&mut [f32]]) {
        vectorized!({
            for (g, w) in g.iter_mut().zip(&*w) {
                *g += self.lambda * w;
            }
        });
        self.rule.step(t, eta, w, g, slots);
    }
}

/// Methods that set a hyperparameter and are called like its field.
macro_rules! setters {
    ($rule:ty { $($field:ident: $kind:ty),+ }) => {
        impl $rule {
            $(
                #[doc = concat!("With another [`", stringify!($field), "`](#structfield.", stringify!($field), ").")]
                pub fn $field(self, $field: $kind) -> Self {
                    Self { $field, ..self }
                }
            )+
        }
    };
}
pub(crate) use setters;

/// The slots of a rule by position; the caller keeps [`Optimizer::slots`] of them.
fn slots<'a, 'b, const N: usize>(slots: &'a mut [&'b mut [f32]]) -> &'a mut [&'b mut [f32]; N] {
    slots
        .try_into()
        .expect("the caller keeps as many slots as the rule asks for")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters after some steps on `½ Σ aᵢ wᵢ²`, taken in pieces of `size`.
    fn trained(rule: &dyn Optimizer, steps: u64, size: usize) -> Vec<f32> {
        let curvature = [0.1, 1.0, 4.0, 0.5, 2.0_f32];
        let mut w = vec![1.0, -2.0, 0.5, -0.25, 3.0];
        let mut memory = vec![vec![0.0; w.len()]; rule.slots()];
        for t in 1..=steps {
            let slope = |(a, w): (f32, &f32)| a * w;
            let mut g: Vec<f32> = curvature.into_iter().zip(&w).map(slope).collect();
            for start in (0..w.len()).step_by(size) {
                let piece = start..(start + size).min(w.len());
                let (w, g) = (&mut w[piece.clone()], &mut g[piece.clone()]);
                let mut memory: Vec<_> = memory.iter_mut().map(|m| &mut m[piece.clone()]).collect();
                rule.step(t, rule.learning_rate(), w, g, &mut memory);
            }
        }
        w
    }

    #[test]
    fn every_rule_goes_down_to_the_minimum_in_pieces_as_on_the_whole() {
        for rule in all() {
            rule.check().unwrap();
            let norm = |w: Vec<f32>| w.iter().map(|w| w * w).sum::<f32>().sqrt();
            let [start, later, last] = [0, 200, 4000].map(|t| norm(trained(&*rule, t, 5)));
            let name = rule.name();
            assert!(
                later < start && last < later,
                "{name}: {start} {later} {last}"
            );
            assert_eq!(trained(&*rule, 50, 5), trained(&*rule, 50, 2), "{name}");
        }
    }

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let mut names: Vec<_> = all().iter().map(|rule| rule.name()).collect();
        assert!(names.iter().all(|name| !name.contains(['<', ':'])));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
