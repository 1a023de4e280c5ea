//! Live controls: a slider, a list, a box or a button beside the result of a cell, which is computed anew with what they say.
//!
//! ```
//! use gradus::prelude::*;
//!
//! let valley = Landscape::parabola();
//! interact(slider("η", 0.01..3.0).log().start(0.1), |eta| gradient_descent(&valley, eta, 20)?.plot())
//! # ;
//! ```
//!
//! Several controls are a tuple, and so is what the closure gets: `interact((slider("η", 0.01..3.0), checkbox("noise", true)), |(eta,
//! noise)| …)`. It may borrow the variables of the session, print, show things, and gives a value, which is shown as the last one of a
//! cell is; where that is a [`Result`], what it holds or its error.
//!
//! In the Gradus kernel each change of a control **runs the whole cell again**, without compiling it, and `interact` then hands the
//! closure the new values. So nothing is special about the closure, and three things follow. Statements before `interact` run
//! again too: what takes long and does not depend on the controls belongs in an earlier cell. What the closure changes in a variable of the
//! session adds up. And what it moves is gone the second time: borrow it or clone it. What the cell shows from `interact` on takes the
//! place of what it showed before. While one moves a slider the latest value counts; a run that is overtaken is given 0.3 s and then asked
//! to end, as by an interrupt, but never by force.
//!
//! Everywhere else, in `gradus run`, under the stock kernel, in a program, the closure runs once, with the first values.

use std::fmt;
use std::ops::{Bound, RangeBounds};

use gradus_text::display::{self, Show};
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// Run a closure with what the controls say, now and whenever they change. The [module](self) says how that works.
///
/// ```
/// use gradus::prelude::*;
/// interact((select("rule", ["plain", "doubled"]), slider("n", 1..=10)), |(rule, n)| {
///     if rule == "plain" { n } else { 2 * n }
/// })
/// # ;
/// ```
///
/// A control that makes no sense (an empty range, a logarithmic slider from 0, a list without options) is said where the result would
/// stand, and the closure does not run.
pub fn interact<C: Controls, T>(controls: C, run: impl FnOnce(C::Values) -> T) -> Interact<T> {
    let value = controls.describe_all().map(|described| {
        let set = display::controls(&described);
        run(controls.values(&set))
    });
    Interact { value }
}

/// What [`interact`] gives: a value that shows itself.
#[must_use = "its value is shown where it stands at the end of a cell"]
pub struct Interact<T> {
    value: Result<T>,
}

impl<T: Show> Show for Interact<T> {
    fn forms(&self) -> Vec<(&'static str, String)> {
        self.value.forms()
    }

    fn evcxr_display(&self) {
        self.value.evcxr_display();
    }
}

/// The value, as a cell shows one.
impl<T: fmt::Debug> fmt::Debug for Interact<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Ok(value) => value.fmt(f),
            Err(error) => write!(f, "{error}"),
        }
    }
}

/// One control.
pub trait Control {
    /// What it gives.
    type Value;

    /// What a front end needs to know of it.
    ///
    /// # Errors
    /// When it makes no sense.
    #[doc(hidden)]
    fn describe(&self) -> Result<Value>;

    /// What it was set to, or else its first value.
    #[doc(hidden)]
    fn value(self, set: Option<&Value>) -> Self::Value;
}

/// A control, or a tuple of two to five of them.
pub trait Controls {
    /// What the closure gets.
    type Values;

    /// All of them.
    ///
    /// # Errors
    /// When one makes no sense.
    #[doc(hidden)]
    fn describe_all(&self) -> Result<Vec<Value>>;

    /// What they were set to, in their order.
    #[doc(hidden)]
    fn values(self, set: &[Value]) -> Self::Values;
}

impl<C: Control> Controls for C {
    type Values = C::Value;

    fn describe_all(&self) -> Result<Vec<Value>> {
        Ok(vec![self.describe()?])
    }

    fn values(self, set: &[Value]) -> C::Value {
        self.value(set.first())
    }
}

macro_rules! tuples {
    ($(($($control:ident $at:tt),+))+) => {
        $(impl<$($control: Control),+> Controls for ($($control,)+) {
            type Values = ($($control::Value,)+);

            fn describe_all(&self) -> Result<Vec<Value>> {
                Ok(vec![$(self.$at.describe()?),+])
            }

            fn values(self, set: &[Value]) -> Self::Values {
                ($(self.$at.value(set.get($at)),)+)
            }
        })+
    };
}

tuples! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
}

/// A number that a slider can give.
pub trait Number: Copy {
    /// Whether it is a whole one.
    #[doc(hidden)]
    const IS_WHOLE: bool;
    #[doc(hidden)]
    fn to_f64(self) -> f64;
    #[doc(hidden)]
    fn from_f64(value: f64) -> Self;
}

macro_rules! numbers {
    ($is_whole:literal: $($number:ty)+) => {
        $(impl Number for $number {
            const IS_WHOLE: bool = $is_whole;

            #[allow(clippy::cast_precision_loss, clippy::cast_lossless)] // 2⁵³ is more than a slider has places
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole, and within the slider's range
            fn from_f64(value: f64) -> $number {
                value as $number
            }
        })+
    };
}

numbers!(false: f32 f64);
numbers!(true: u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

/// A number between two: of a range of whole numbers one of those, of any other range one of a hundred steps or so, with few digits.
///
/// ```
/// use gradus::prelude::*;
/// let eta = slider("η", 0.001..1.0).log().start(0.1);
/// let hidden = slider("hidden units", 1..=64).start(16);
/// # _ = (eta, hidden);
/// ```
///
/// The first value is the one in the middle, unless [`Slider::start`] says another. Which kind of number it is the closure tells by what
/// it does with it; where it only calls its methods, one says so: `|eta: f64| eta.sqrt()`.
pub fn slider<N: Number>(name: impl Into<String>, range: impl RangeBounds<N>) -> Slider<N> {
    let end = |bound: Bound<&N>, beyond: f64| match bound {
        Bound::Included(end) => Some(end.to_f64()),
        // Between two numbers there is no last one before the end.
        Bound::Excluded(end) if N::IS_WHOLE => Some(end.to_f64() - beyond),
        Bound::Excluded(end) => Some(end.to_f64()),
        Bound::Unbounded => None,
    };
    Slider {
        name: name.into(),
        min: end(range.start_bound(), -1.0),
        max: end(range.end_bound(), 1.0),
        step: None,
        start: None,
        is_log: false,
    }
}

/// See [`slider`].
#[derive(Clone, Debug)]
pub struct Slider<N> {
    name: String,
    /// The ends, unless the range has none.
    min: Option<f64>,
    max: Option<f64>,
    step: Option<N>,
    start: Option<N>,
    is_log: bool,
}

impl<N: Number> Slider<N> {
    /// Begin at this value.
    pub fn start(mut self, value: N) -> Slider<N> {
        self.start = Some(value);
        self
    }

    /// Equal distances are equal factors: for what is tried in powers, such as η. Not for whole numbers.
    pub fn log(mut self) -> Slider<N> {
        self.is_log = true;
        self
    }

    /// Go in steps of this size; a logarithmic slider has a hundred equal factors instead.
    pub fn step(mut self, step: N) -> Slider<N> {
        self.step = Some(step);
        self
    }

    /// Where the handle starts: inside of a range that makes sense.
    fn first(&self, min: f64, max: f64) -> f64 {
        match self.start {
            Some(start) => start.to_f64(),
            None if N::IS_WHOLE => min + ((max - min) / 2.0).floor(),
            None if self.is_log => self.rounded((min * max).sqrt(), min, max),
            None => self.rounded(min + (max - min) / 2.0, min, max),
        }
    }

    /// What stands beside the slider, not what a division left of it.
    fn rounded(&self, value: f64, min: f64, max: f64) -> f64 {
        let digits = if self.is_log { 2 } else { 11 };
        let rounded = format!("{value:.digits$e}").parse().unwrap_or(value);
        f64::clamp(rounded, min, max)
    }

    fn wrong<T>(&self, (es, en): (String, String)) -> Result<T> {
        let name = &self.name;
        Err(Error::misuse((
            format!("el deslizador «{name}» {es}"),
            format!("the slider “{name}” {en}"),
        )))
    }
}

/// The largest of 1, 2 and 5 times a power of ten that is not above.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powi(step.log10().floor() as i32);
    let times = [5.0, 2.0].into_iter().find(|times| times * power <= step);
    times.unwrap_or(1.0) * power
}

impl<N: Number> Control for Slider<N> {
    type Value = N;

    fn describe(&self) -> Result<Value> {
        let (Some(min), Some(max)) = (self.min, self.max) else {
            return self.wrong((
                "necesita los dos extremos, como en 0.0..1.0".to_owned(),
                "needs both ends, as in 0.0..1.0".to_owned(),
            ));
        };
        if !(min.is_finite() && max.is_finite()) {
            return self.wrong((
                format!("va de {min} a {max}: sus extremos tienen que ser números finitos"),
                format!("goes from {min} to {max}: its ends have to be finite numbers"),
            ));
        }
        if min >= max {
            return self.wrong((
                format!("está vacío: va de {min} a {max}; escribe primero el extremo menor"),
                format!("is empty: it goes from {min} to {max}; write the smaller end first"),
            ));
        }
        if self.is_log && N::IS_WHOLE {
            return self.wrong((
                "es de números enteros, que no pueden ir por factores: escribe los extremos con decimales, como 1.0..100.0".to_owned(),
                "has whole numbers, which cannot go by factors: write its ends with decimals, as in 1.0..100.0".to_owned(),
            ));
        }
        if self.is_log && min <= 0.0 {
            return self.wrong((
                format!("es logarítmico y no puede empezar en {min}: empieza por encima de 0, por ejemplo en 0.001"),
                format!("is logarithmic and cannot begin at {min}: begin above 0, such as at 0.001"),
            ));
        }
        let step = self.step.map(Number::to_f64);
        if let Some(step) = step
            && !(step > 0.0 && step.is_finite())
        {
            return self.wrong((
                format!("no puede ir de {step} en {step}: el paso tiene que ser mayor que 0"),
                format!("cannot go in steps of {step}: a step has to be larger than 0"),
            ));
        }
        let first = self.first(min, max);
        if !(min..=max).contains(&first) {
            return self.wrong((
                format!("va de {min} a {max} y no puede empezar en {first}"),
                format!("goes from {min} to {max} and cannot start at {first}"),
            ));
        }
        let usual = match N::IS_WHOLE {
            true => 1.0,
            false => round_step((max - min) / 100.0),
        };
        Ok(json!({"slider": {
            "name": self.name,
            "min": min,
            "max": max,
            "step": step.unwrap_or(usual),
            "value": first,
            "is_log": self.is_log,
            "is_whole": N::IS_WHOLE,
        }}))
    }

    fn value(self, set: Option<&Value>) -> N {
        let (min, max) = (self.min.unwrap_or(0.0), self.max.unwrap_or(0.0));
        let set = set.and_then(Value::as_f64);
        let set = set.filter(|set| set.is_finite() && min <= max);
        let set = set.map(|set| match N::IS_WHOLE {
            true => set.round().clamp(min, max),
            false => self.rounded(set, min, max),
        });
        N::from_f64(set.unwrap_or_else(|| self.first(min, max)))
    }
}

/// One of several things, the first of them at first. They are listed by their `Display`.
///
/// ```
/// use gradus::prelude::*;
/// let activation = select("f", [Relu, Tanh]);
/// let words = select("optimiser", ["SGD", "Adam"]);
/// # _ = (activation, words);
/// ```
pub fn select<T: fmt::Display>(
    name: impl Into<String>,
    options: impl IntoIterator<Item = T>,
) -> Select<T> {
    Select {
        name: name.into(),
        options: options.into_iter().collect(),
    }
}

/// See [`select`].
#[derive(Clone, Debug)]
pub struct Select<T> {
    name: String,
    options: Vec<T>,
}

impl<T: fmt::Display> Control for Select<T> {
    type Value = T;

    fn describe(&self) -> Result<Value> {
        let name = &self.name;
        if self.options.is_empty() {
            return Err(Error::misuse((
                format!("la lista «{name}» no tiene ninguna opción"),
                format!("the list “{name}” has no options"),
            )));
        }
        let options: Vec<String> = self.options.iter().map(ToString::to_string).collect();
        Ok(json!({"select": {"name": name, "options": options, "index": 0}}))
    }

    fn value(mut self, set: Option<&Value>) -> T {
        let set = set.and_then(Value::as_u64);
        let at = set.and_then(|at| usize::try_from(at).ok());
        let at = at.filter(|at| *at < self.options.len()).unwrap_or(0);
        self.options.swap_remove(at)
    }
}

/// Yes or no.
///
/// ```
/// use gradus::prelude::*;
/// interact(checkbox("noise", true), |noise| if noise { "with noise" } else { "without" })
/// # ;
/// ```
pub fn checkbox(name: impl Into<String>, value: bool) -> Checkbox {
    Checkbox {
        name: name.into(),
        value,
    }
}

/// See [`checkbox`].
#[derive(Clone, Debug)]
pub struct Checkbox {
    name: String,
    value: bool,
}

impl Control for Checkbox {
    type Value = bool;

    fn describe(&self) -> Result<Value> {
        Ok(json!({"checkbox": {"name": self.name, "value": self.value}}))
    }

    fn value(self, set: Option<&Value>) -> bool {
        set.and_then(Value::as_bool).unwrap_or(self.value)
    }
}

/// Something to press: it gives how often that was done, which may serve as a seed.
///
/// ```
/// use gradus::prelude::*;
/// interact(button("another seed"), |seed| Sequential::input(2).dense(1).seed(seed).summary().to_string())
/// # ;
/// ```
pub fn button(name: impl Into<String>) -> Button {
    Button { name: name.into() }
}

/// See [`button`].
#[derive(Clone, Debug)]
pub struct Button {
    name: String,
}

impl Control for Button {
    type Value = u64;

    fn describe(&self) -> Result<Value> {
        Ok(json!({"button": {"name": self.name, "clicks": 0}}))
    }

    fn value(self, set: Option<&Value>) -> u64 {
        set.and_then(Value::as_u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a control that makes no sense.
    fn said(control: &impl Control) -> String {
        control
            .describe()
            .expect_err("it makes no sense")
            .to_string()
    }

    #[test]
    fn a_control_that_makes_no_sense_is_said_and_nothing_runs() {
        let empty: [f64; 0] = [];
        for (said, words) in [
            (said(&slider("η", 1.0..0.5)), "1"),
            (said(&slider("η", 1.0..1.0)), "1"),
            (said(&slider("k", 3..3)), "3"),
            (said(&slider("k", 3_usize..)), "0.0..1.0"),
            (said(&slider("η", ..1.0)), "0.0..1.0"),
            (said(&slider("η", 0.0..f64::INFINITY)), "inf"),
            (said(&slider("η", f64::NAN..1.0)), "NaN"),
            (said(&slider("η", 0.0..1.0).log()), "0.001"),
            (said(&slider("η", -1.0..1.0).log()), "0.001"),
            (said(&slider("k", 1..100).log()), "1.0..100.0"),
            (said(&slider("η", 0.0..1.0).step(0.0)), "0"),
            (said(&slider("η", 0.0..1.0).step(f64::NAN)), "NaN"),
            (said(&slider("η", 0.0..1.0).start(2.0)), "2"),
            (said(&slider("η", 0.0..1.0).start(f64::NAN)), "NaN"),
            (said(&slider("k", 1..5).start(5)), "5"),
            (said(&select("f", empty)), "f"),
        ] {
            assert!(said.contains(words), "{said:?} does not say {words:?}");
        }
        let shown = interact((checkbox("a", true), slider("η", 1.0..0.5)), |_| -> u8 {
            panic!("it runs")
        });
        assert!(format!("{shown:?}").contains('η'), "{shown:?}");
    }

    #[test]
    fn the_first_values_are_inside_and_those_that_come_are_kept_there() {
        assert_eq!(
            interact(slider("η", 0.0..1.0), |eta| eta).value.ok(),
            Some(0.5)
        );
        let eta = interact(slider("η", 0.01..1.0).log(), |eta: f64| eta).value;
        assert!((eta.expect("it makes sense") - 0.1).abs() < 1e-12);
        assert_eq!(slider("k", 1..10).value(None), 5_i32);
        assert_eq!(slider("k", 1..10).value(Some(&json!(9))), 9);
        assert_eq!(
            slider("k", 1..10).value(Some(&json!(10))),
            9,
            "1..10 ends with 9"
        );
        assert_eq!(slider("k", 1..=10).value(Some(&json!(1e9))), 10);
        assert_eq!(slider("k", 1_usize..=10).value(Some(&json!(2.4))), 2);
        assert_eq!(slider("k", 1..=10).value(Some(&json!("2"))), 5, "no number");
        assert_eq!(slider("η", 0.0..1.0).value(Some(&json!(-3.0))), 0.0);
        let few = |slider: Slider<f64>, set: f64| slider.value(Some(&json!(set)));
        assert_eq!(few(slider("η", 0.05..2.2), 1.8560000000000003), 1.856);
        assert_eq!(few(slider("η", 0.01..1.0).log(), 0.0316227766), 0.0316);
        assert_eq!(
            few(slider("η", 0.0123456..1.0).log(), 0.0123456),
            0.0123456,
            "within"
        );
        let step = |slider: Slider<f64>| {
            slider.describe().expect("it makes sense")["slider"]["step"].as_f64()
        };
        assert_eq!(step(slider("η", 0.05..2.2)), Some(0.02));
        assert_eq!(step(slider("η", 0.0..1.0)), Some(0.01));
        assert_eq!(step(slider("η", 0.0..700.0)), Some(5.0));
        assert_eq!(select("f", ["a", "b"]).value(Some(&json!(1))), "b");
        assert_eq!(select("f", ["a", "b"]).value(Some(&json!(2))), "a");
        assert!(!checkbox("n", true).value(Some(&json!(false))));
        assert_eq!(button("again").value(Some(&json!(3))), 3);
        let all = (
            slider("a", 0.0..2.0),
            select("b", [3, 4]),
            checkbox("c", true),
        );
        assert_eq!(all.values(&[json!(0.25), json!(1)]), (0.25, 4, true));
    }

    #[test]
    fn what_it_gives_is_shown_as_it_would_be_alone() {
        assert_eq!(
            format!("{:?}", interact(checkbox("a", true), |_| vec![1, 2])),
            "[1, 2]"
        );
        let text = |value: &dyn Show| value.forms().last().map(|form| form.1.clone());
        let shown = interact(checkbox("a", true), |_| "w = 1".to_owned());
        assert_eq!(text(&shown), Some("w = 1".to_owned()));
        let failed = interact(checkbox("a", true), |_| -> Result<String> {
            Err(Error::misuse(("no", "no")))
        });
        assert_eq!(text(&failed), Some("no".to_owned()));
    }
}
