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

use dfdx::prelude::*;
use gradus_text::say;

use crate::error::{Error, Result};
use crate::init::Init;
use crate::registry::{Custom, attempt, part};
use crate::tensor::{Matrix, Tape, device};

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

part!(CustomLayer);

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
                            format!("{outputs} números en cada ejemplo, como dice `.output(…)`"),
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
