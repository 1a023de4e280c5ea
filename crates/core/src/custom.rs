//! Parts of one's own in a network: an activation, a cost, an initialiser, a schedule, a layer. (An optimiser is the trait
//! [`Optimizer`](crate::optim::Optimizer).)
//!
//! ```
//! use gradus::prelude::*;
//!
//! // L. Ziyin et al., 2020: periodic, and yet it grows.
//! let snake = Activation::custom("snake", |z| z + z.sin().powi(2), |z| 1.0 + (2.0 * z).sin());
//! let lecun = Init::custom("LeCun", |n_in, _, draw| draw.normal() / (n_in as f32).sqrt());
//! let absolute = Cost::custom("absolute error", |a, y| Ok((a - y.clone()).abs().mean()));
//! let circle = CustomLayer::new("circle", |x, w| Ok(x.matmul(w[0].clone()).cos()))
//!     .parameter("frequency", 3, 3, Normal(1.0));
//!
//! let data = Dataset::regression(vec![0.0, 0.5, 1.0, 1.5], 1, vec![0.0, 1.0, 0.0, -1.0], 1)?;
//! let mut net = Sequential::input(1).dense(3).activation(snake).init(lecun).custom(circle).dense(1);
//! assert!(net.check_gradients(&data, Quadratic, 3, 0)?.passes());
//! let rate = Schedule::custom("saw", |t| 1.0 - (t % 10) as f64 / 20.0);
//! net.fit(&data, absolute, Adam::new(0.01), Fit::epochs(20).schedule(rate).quiet())?;
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! Each has a name, and a file of a network keeps that name alone: make the part before [`Sequential::load`]. A part made again
//! under the same name takes the place of the one before in what is loaded from then on. Parts are never freed.
//!
//! [`Sequential::load`]: crate::model::Sequential::load

use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use dfdx::prelude::*;
use rand::RngCore;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::activation::Activation;
use crate::cost::Cost;
use crate::error::{Error, Result};
use crate::init::Init;
use crate::language::say;
use crate::optim::Schedule;
use crate::tensor::{Grads, Matrix, Scalar, Tape, device};

/// A part that somebody made: its number among those of its kind. As small as a number, so that an [`Activation`] stays one word.
pub struct Custom<P>(u32, PhantomData<fn() -> P>);

/// A part and its name.
#[doc(hidden)]
pub struct Named<P> {
    name: String,
    part: P,
}

/// What can be a [`Custom`] part.
pub trait Part: Sized + Sync + 'static {
    /// Those that were made, in their order.
    #[doc(hidden)]
    fn made() -> &'static Mutex<Vec<&'static Named<Self>>>;
}

/// An activation and its derivative.
pub struct Function {
    value: Box<dyn Fn(f32) -> f32 + Send + Sync>,
    derivative: Box<dyn Fn(f32) -> f32 + Send + Sync>,
}

/// A cost of outputs and targets.
pub struct CostFunction(Box<CostOf>);

type CostOf = dyn Fn(Matrix<Tape>, &Matrix) -> Result<Scalar<Tape>> + Send + Sync;

/// A weight of a layer with so many inputs and outputs.
pub struct Weight(Box<WeightOf>);

type WeightOf = dyn Fn(usize, usize, &mut Draw<'_>) -> f32 + Send + Sync;

/// A factor for each step.
pub struct Factor(Box<dyn Fn(u64) -> f64 + Send + Sync>);

/// A layer of one's own: a function of the batch and of what it learns, in dfdx's operations, whose gradients come from the
/// tape. Added by [`Sequential::custom`](crate::model::Sequential::custom).
pub struct CustomLayer {
    name: String,
    forward: Box<Forward>,
    output: Option<usize>,
    parameters: Vec<Start>,
}

type Forward = dyn Fn(Matrix<Tape>, &[Matrix]) -> Result<Matrix<Tape>> + Send + Sync;

/// A parameter of a custom layer as it starts.
pub(crate) struct Start {
    pub(crate) name: &'static str,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) init: Init,
}

/// Random numbers for an initialiser.
pub struct Draw<'a>(pub(crate) &'a mut dyn RngCore);

macro_rules! parts {
    ($($part:ty),*) => {
        $(impl Part for $part {
            fn made() -> &'static Mutex<Vec<&'static Named<Self>>> {
                static MADE: Mutex<Vec<&'static Named<$part>>> = Mutex::new(Vec::new());
                &MADE
            }
        })*
    };
}

parts!(Function, CostFunction, Weight, Factor, CustomLayer);

impl<P: Part> Custom<P> {
    pub(crate) fn new(name: impl Into<String>, part: P) -> Custom<P> {
        let name = name.into();
        let mut made = P::made().lock().unwrap_or_else(PoisonError::into_inner);
        made.push(Box::leak(Box::new(Named { name, part })));
        Custom::number(made.len() - 1)
    }

    /// The one of this name that was made last.
    fn find(name: &str) -> Option<Custom<P>> {
        let made = P::made().lock().unwrap_or_else(PoisonError::into_inner);
        let number = made.iter().rposition(|named| named.name == name);
        number.map(Custom::number)
    }

    fn number(number: usize) -> Custom<P> {
        let number = u32::try_from(number).expect("memory ends long before");
        Custom(number, PhantomData)
    }

    fn named(self) -> &'static Named<P> {
        let made = P::made().lock().unwrap_or_else(PoisonError::into_inner);
        made[self.0 as usize]
    }

    /// Loops ask for it once: it takes a lock.
    pub(crate) fn part(self) -> &'static P {
        &self.named().part
    }

    /// What it was called when it was made.
    pub fn name(self) -> &'static str {
        &self.named().name
    }
}

impl<P> Clone for Custom<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Custom<P> {}

impl<P: Part> fmt::Debug for Custom<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<P> PartialEq for Custom<P> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<P> Eq for Custom<P> {}

impl<P: Part> Serialize for Custom<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

impl<'de, P: Part> Deserialize<'de> for Custom<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Custom::find(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("nothing is called {name}")))
    }
}

/// The first custom part that a network in a file asks for and nobody has made, as an error that says how.
pub(crate) fn check_known(architecture: &serde_json::Value) -> Result<()> {
    fn check(value: &serde_json::Value, key: &str) -> Result<()> {
        match value {
            serde_json::Value::Array(values) => values.iter().try_for_each(|v| check(v, key)),
            serde_json::Value::Object(fields) => {
                for (field, value) in fields {
                    let Some(name) = value.as_str().filter(|_| field == "Custom") else {
                        check(value, field)?;
                        continue;
                    };
                    let (known, how) = match key {
                        "activation" | "Activation" => (
                            Custom::<Function>::find(name).is_some(),
                            "Activation::custom",
                        ),
                        "init" => (Custom::<Weight>::find(name).is_some(), "Init::custom"),
                        _ => (
                            Custom::<CustomLayer>::find(name).is_some(),
                            "CustomLayer::new",
                        ),
                    };
                    if !known {
                        return Err(Error::misuse((
                            format!(
                                "la red usa «{name}», que no es parte de Gradus: créala antes de cargar la red, con \
                                 {how}(\"{name}\", …)"
                            ),
                            format!(
                                "the network uses \"{name}\", which is no part of Gradus: make it before loading the network, with \
                                 {how}(\"{name}\", …)"
                            ),
                        )));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
    check(architecture, "")
}

impl Activation {
    /// An activation of one's own, from its value `f(z)` and its derivative `f'(z)`, for one number.
    /// [`Sequential::check_gradients`](crate::model::Sequential::check_gradients) tells whether they belong together.
    pub fn custom(
        name: impl Into<String>,
        value: impl Fn(f32) -> f32 + Send + Sync + 'static,
        derivative: impl Fn(f32) -> f32 + Send + Sync + 'static,
    ) -> Activation {
        let (value, derivative) = (Box::new(value), Box::new(derivative));
        Activation::Custom(Custom::new(name, Function { value, derivative }))
    }
}

impl Function {
    pub(crate) fn value(&self, z: f32) -> f32 {
        (self.value)(z)
    }

    pub(crate) fn derivative(&self, z: f32) -> f32 {
        (self.derivative)(z)
    }
}

impl Cost {
    /// A cost of one's own, in dfdx's operations: its gradient comes from the tape. It gets the outputs of the network and the
    /// targets, both `(n, outputs)`, classes as one-hot rows, and gives the *mean* over the `n` examples, as the costs of
    /// [`crate::cost`] do: `Cost::custom("mine", cost::quadratic)` is [`Cost::Quadratic`].
    pub fn custom(
        name: impl Into<String>,
        cost: impl Fn(Matrix<Tape>, &Matrix) -> Result<Scalar<Tape>> + Send + Sync + 'static,
    ) -> Cost {
        Cost::Custom(Custom::new(name, CostFunction(Box::new(cost))))
    }
}

impl Custom<CostFunction> {
    /// The cost of a batch of `outputs` and `targets`, both of this shape, and its gradient with respect to the outputs.
    pub(crate) fn run(
        self,
        outputs: &[f32],
        targets: Vec<f32>,
        shape: (usize, usize),
    ) -> Result<(f32, Vec<f32>)> {
        let outputs = device().tensor_from_vec(outputs.to_vec(), shape);
        let targets = device().tensor_from_vec(targets, shape);
        let cost = (self.part().0)(outputs.leaky_trace(), &targets)?;
        let value = cost.array();
        let mut grads = cost.backward();
        Ok((value, gradient_of(&mut grads, &outputs)))
    }

    /// Try it on some examples of a network with so many outputs.
    pub(crate) fn check(self, outputs: usize) -> Result<()> {
        attempt(self.name(), || {
            for n in 1..=3 {
                self.run(
                    &vec![0.5; n * outputs],
                    vec![0.0; n * outputs],
                    (n, outputs),
                )?;
            }
            Ok(())
        })
    }
}

impl Init {
    /// An initialiser of one's own: a weight of a layer, from its number of inputs, its number of outputs and random numbers.
    pub fn custom(
        name: impl Into<String>,
        weight: impl Fn(usize, usize, &mut Draw<'_>) -> f32 + Send + Sync + 'static,
    ) -> Init {
        Init::Custom(Custom::new(name, Weight(Box::new(weight))))
    }
}

impl Weight {
    pub(crate) fn draw(&self, n_in: usize, n_out: usize, rng: &mut dyn RngCore) -> f32 {
        (self.0)(n_in, n_out, &mut Draw(rng))
    }
}

impl Draw<'_> {
    /// From the standard normal distribution.
    pub fn normal(&mut self) -> f32 {
        StandardNormal.sample(self.0)
    }

    /// From `[low, high)`, all alike.
    pub fn uniform(&mut self, low: f32, high: f32) -> f32 {
        let u: f32 = rand::Rng::r#gen(self.0);
        low + (high - low) * u
    }
}

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

impl CustomLayer {
    /// A layer from a function of the batch, `(n, features)`, and of its parameters, in their order. It gives `(n, outputs)`.
    pub fn new(
        name: impl Into<String>,
        forward: impl Fn(Matrix<Tape>, &[Matrix]) -> Result<Matrix<Tape>> + Send + Sync + 'static,
    ) -> CustomLayer {
        CustomLayer {
            name: name.into(),
            forward: Box::new(forward),
            output: None,
            parameters: Vec::new(),
        }
    }

    /// How many numbers it puts out for each example; as many as come in, where nothing is said.
    pub fn output(mut self, features: usize) -> CustomLayer {
        self.output = Some(features);
        self
    }

    /// A matrix that it learns, and how it starts.
    pub fn parameter(
        mut self,
        name: impl Into<String>,
        rows: usize,
        columns: usize,
        init: Init,
    ) -> CustomLayer {
        let name = name.into().leak();
        self.parameters.push(Start {
            name,
            rows,
            columns,
            init,
        });
        self
    }

    pub(crate) fn make(self) -> Custom<CustomLayer> {
        Custom::new(self.name.clone(), self)
    }
}

impl Custom<CustomLayer> {
    pub(crate) fn output(self) -> Option<usize> {
        self.part().output
    }

    pub(crate) fn parameters(self) -> &'static [Start] {
        &self.part().parameters
    }

    pub(crate) fn forward(self, x: Matrix<Tape>, w: &[Matrix]) -> Result<Matrix<Tape>> {
        (self.part().forward)(x, w)
    }

    /// Try it on some examples: does it give `outputs` numbers for each?
    pub(crate) fn check(self, features: usize, outputs: usize) -> Result<()> {
        attempt(self.name(), || {
            for Start {
                name,
                rows,
                columns,
                init,
            } in self.parameters()
            {
                init.weights(*rows, *columns, 0)
                    .map_err(|error| Error::misuse(format!("{}.{name}: {error}", self.name())))?;
            }
            let parameters = self.parameters().iter();
            let w: Vec<Matrix> = parameters
                .map(|p| {
                    device().tensor_from_vec(vec![0.5; p.rows * p.columns], (p.rows, p.columns))
                })
                .collect();
            for n in 1..=3 {
                let x = device().tensor_from_vec(vec![0.5; n * features], (n, features));
                let a = self.forward(x.leaky_trace(), &w)?;
                if *a.shape() != (n, outputs) {
                    return Err(Error::shape(
                        self.name(),
                        (
                            format!("{outputs} números por ejemplo, como dice `.output(…)`"),
                            format!("{outputs} numbers for each example, as `.output(…)` says"),
                        ),
                        say(
                            format!(
                                "una salida de {} x {} de {n} ejemplos",
                                a.shape().0,
                                a.shape().1
                            ),
                            format!(
                                "an output of {} x {} from {n} examples",
                                a.shape().0,
                                a.shape().1
                            ),
                        ),
                    ));
                }
            }
            Ok(())
        })
    }
}

/// The gradient of one tensor; zeros where nothing depends on it.
pub(crate) fn gradient_of(grads: &mut Grads, x: &Matrix) -> Vec<f32> {
    match grads.get_or_alloc_mut(x) {
        Ok(gradient) => gradient.to_vec(),
        Err(_) => vec![0.0; x.as_vec().len()],
    }
}

/// Run what somebody wrote; a panic (a shape that dfdx refuses) becomes an error that names the part.
fn attempt(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or(payload.downcast_ref::<&str>().copied());
        let message = message.unwrap_or_default();
        Err(Error::misuse((
            format!("{name} falla con un batch de prueba: {message}"),
            format!("{name} fails on a batch to try it: {message}"),
        )))
    })
}
