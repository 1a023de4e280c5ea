//! Functions to go down on: curves of one parameter and surfaces of two.

use std::fmt;
use std::sync::Arc;

use dfdx::shapes::Rank0;
use dfdx::tensor::{AsArray, Cpu, OwnedTape, Tensor, TensorFrom, Trace};
use dfdx::tensor_ops::Backward;

use crate::error::{Error, ErrorKind, Result, positive};
use crate::tensor::device;
use gradus_text::{Text, say};

/// A parameter, or what is computed from it, on dfdx's tape: one number in `f64`.
pub type Variable = Tensor<Rank0, f64, Cpu, OwnedTape<f64, Cpu>>;

type Value = dyn Fn(&[f64]) -> f64 + Send + Sync;
type Gradient = dyn Fn(&[f64]) -> Vec<f64> + Send + Sync;

/// A cost `C(w)` of one or two parameters, with its gradient `∇C`, a place to start and a window to draw.
///
/// ```
/// use gradus::prelude::*;
/// let c = Landscape::curve("C(w) = w⁴", |w| w.powi(4), |w| 4.0 * w.powi(3), (-2.0, 2.0)).starting_at(&[1.5])?;
/// assert_eq!(c.gradient(&[1.0])?, [4.0]);
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone)]
pub struct Landscape {
    name: String,
    value: Arc<Value>,
    gradient: Arc<Gradient>,
    window: Vec<(f64, f64)>,
    start: Vec<f64>,
    minima: Vec<Vec<f64>>,
    /// The surface as `formula.js` reads it, for pages that go down on it themselves.
    formula: Option<String>,
}

impl Landscape {
    /// A curve `C(w)` with its derivative, drawn over `window`; it starts at the window's left end.
    pub fn curve(
        name: impl Into<Text>,
        value: impl Fn(f64) -> f64 + Send + Sync + 'static,
        derivative: impl Fn(f64) -> f64 + Send + Sync + 'static,
        window: (f64, f64),
    ) -> Landscape {
        Landscape {
            name: name.into().into_current(),
            value: Arc::new(move |w| value(w[0])),
            gradient: Arc::new(move |w| vec![derivative(w[0])]),
            window: vec![window],
            start: vec![window.0],
            minima: Vec::new(),
            formula: None,
        }
    }

    /// A surface `C(x, y)` with its gradient, drawn over `x` and `y`; it starts at the window's lower left corner.
    pub fn surface(
        name: impl Into<Text>,
        value: impl Fn(f64, f64) -> f64 + Send + Sync + 'static,
        gradient: impl Fn(f64, f64) -> [f64; 2] + Send + Sync + 'static,
        x: (f64, f64),
        y: (f64, f64),
    ) -> Landscape {
        Landscape {
            name: name.into().into_current(),
            value: Arc::new(move |w| value(w[0], w[1])),
            gradient: Arc::new(move |w| gradient(w[0], w[1]).to_vec()),
            window: vec![x, y],
            start: vec![x.0, y.0],
            minima: Vec::new(),
            formula: None,
        }
    }

    /// A surface `C(x, y)` in dfdx's operations: its gradient comes from the tape. Drawn over `x` and `y`; it starts at the window's
    /// lower left corner.
    ///
    /// Each operation uses up its operands; [`again`] gives a variable once more.
    ///
    /// ```
    /// use gradus::descent::{Landscape, again};
    /// let c = Landscape::expression("C(x, y) = x² y + sin x", |x, y| again(&x).square() * y + x.sin(), (-2.0, 2.0), (-2.0, 2.0));
    /// assert_eq!(c.gradient(&[0.0, 3.0])?, [1.0, 0.0]); // 2xy + cos x, x²
    /// # Ok::<(), gradus::Error>(())
    /// ```
    pub fn expression(
        name: impl Into<Text>,
        cost: impl Fn(Variable, Variable) -> Variable + Send + Sync + 'static,
        x: (f64, f64),
        y: (f64, f64),
    ) -> Landscape {
        let point = |w: &[f64]| [device().tensor(w[0]), device().tensor(w[1])];
        let cost = Arc::new(cost);
        let value = Arc::clone(&cost);
        Landscape {
            name: name.into().into_current(),
            value: Arc::new(move |w| {
                let [x, y] = point(w);
                value(x.leaky_traced(), y.leaky_traced()).array()
            }),
            gradient: Arc::new(move |w| {
                let w = point(w);
                let mut gradients = cost(w[0].leaky_trace(), w[1].leaky_trace()).backward();
                // 0 where the cost does not depend on it.
                let of = |w| gradients.get_or_alloc_mut(w).map_or(0.0, |g| g[0]);
                w.iter().map(of).collect()
            }),
            window: vec![x, y],
            start: vec![x.0, y.0],
            minima: Vec::new(),
            formula: None,
        }
    }

    /// `C(w) = w²/2`. Gradient descent approaches the minimum from one side for `η < 1`, jumps across it for `1 < η < 2`,
    /// and diverges for `η > 2`.
    pub fn parabola() -> Landscape {
        Landscape::curve("C(w) = w²/2", |w| w * w / 2.0, |w| w, (-4.0, 4.0))
            .from(&[-3.0], &[&[0.0]])
    }

    /// `C(w) = (w² - 1)² + 0.3 w`: a global minimum on the left, a local one on the right, where it starts.
    pub fn two_valleys() -> Landscape {
        Landscape::curve(
            "C(w) = (w² - 1)² + 0.3 w",
            |w| (w * w - 1.0).powi(2) + 0.3 * w,
            |w| 4.0 * w * (w * w - 1.0) + 0.3,
            (-1.8, 1.8),
        )
        .from(&[1.6], &[&[-1.035_578_7], &[0.960_149_6]])
    }

    /// `C(x, y) = (x² + κ y²)/2`, a long valley. `κ ≥ 1` is its *condition number*: the steep direction allows no learning rate
    /// above `2/κ`, with which the flat one is slow; hence the zig-zags.
    ///
    /// # Errors
    /// When `κ` is not a finite number of at least 1.
    pub fn bowl(condition: f64) -> Result<Landscape> {
        if !(condition.is_finite() && condition >= 1.0) {
            return Err(Error::range(
                ("el número de condición", "the condition number"),
                condition,
                (
                    "un número finito de al menos 1",
                    "a finite number of at least 1",
                ),
            ));
        }
        Ok(Landscape::valley(condition))
    }

    /// [`Landscape::bowl`] of a condition number that is one.
    pub(super) fn valley(condition: f64) -> Landscape {
        Landscape::expression(
            format!("C(x, y) = (x² + {condition} y²)/2"),
            move |x, y| (x.square() + y.square() * condition) / 2.0,
            (-4.0, 4.0),
            (-2.0, 2.0),
        )
        .written(format!("(x^2 + {condition}*y^2)/2"))
        .from(&[-3.5, 1.0], &[&[0.0, 0.0]])
    }

    /// `C(x, y) = (1 - x)² + 100 (y - x²)²`: a bent, flat valley. H. H. Rosenbrock, 1960,
    /// <https://doi.org/10.1093/comjnl/3.3.175>.
    pub fn rosenbrock() -> Landscape {
        Landscape::expression(
            "Rosenbrock",
            |x, y| {
                let bend = y - again(&x).square();
                (-x + 1.0).square() + bend.square() * 100.0
            },
            (-2.0, 2.0),
            (-1.0, 3.0),
        )
        .written("(1 - x)^2 + 100*(y - x^2)^2")
        .from(&[-1.2, 1.0], &[&[1.0, 1.0]])
    }

    /// `C(x, y) = (x² + y - 11)² + (x + y² - 7)²`: four minima, all of cost 0; where one ends depends on where one starts.
    /// D. M. Himmelblau, 1972.
    pub fn himmelblau() -> Landscape {
        Landscape::expression(
            "Himmelblau",
            |x, y| {
                let p = again(&x).square() + again(&y) - 11.0;
                let q = x + y.square() - 7.0;
                p.square() + q.square()
            },
            (-5.0, 5.0),
            (-5.0, 5.0),
        )
        .written("(x^2 + y - 11)^2 + (x + y^2 - 7)^2")
        .from(
            &[-0.5, -1.5],
            &[
                &[3.0, 2.0],
                &[-2.805_118_1, 3.131_312_5],
                &[-3.779_310_3, -3.283_186_0],
                &[3.584_428_3, -1.848_126_5],
            ],
        )
    }

    /// `C(x, y) = x² - y² + y⁴/4`: a saddle at the origin between two minima at `y = ±√2`. It starts almost on the ridge, where
    /// the gradient leads to the saddle and next to nothing leads away from it.
    pub fn saddle() -> Landscape {
        let y = std::f64::consts::SQRT_2;
        Landscape::expression(
            ("Punto de silla", "Saddle"),
            |x, y| x.square() - again(&y).square() + y.powi(4) / 4.0,
            (-2.0, 2.0),
            (-2.0, 2.0),
        )
        .written("x^2 - y^2 + y^4/4")
        .from(&[-1.5, 1e-3], &[&[0.0, y], &[0.0, -y]])
    }

    /// `C(x, y) = (x² - 1)² + 0.3 x + y²`: a global minimum on the left, a local one on the right, where it starts.
    pub fn double_well() -> Landscape {
        Landscape::expression(
            ("Dos valles", "Double well"),
            |x, y| (again(&x).square() - 1.0).square() + x * 0.3 + y.square(),
            (-2.0, 2.0),
            (-1.5, 1.5),
        )
        .written("(x^2 - 1)^2 + 0.3*x + y^2")
        .from(&[1.8, 1.0], &[&[-1.035_578_7, 0.0], &[0.960_149_6, 0.0]])
    }

    /// `C(x, y) = (1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²`: plains with steep walls. E. M. L. Beale, 1958.
    pub fn beale() -> Landscape {
        Landscape::expression(
            "Beale",
            |x, y| {
                let p = again(&x) * again(&y) - again(&x) + 1.5;
                let q = again(&x) * again(&y).square() - again(&x) + 2.25;
                let r = again(&x) * y.powi(3) - x + 2.625;
                p.square() + q.square() + r.square()
            },
            (-1.0, 4.0),
            (-1.5, 1.5),
        )
        .written("(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2")
        .from(&[1.0, 1.0], &[&[3.0, 0.5]])
    }

    /// `C(x, y) = (x² + y²)/20 - e^(-15 ((x - 1.2)² + y²)) - 0.8 e^(-((x + 1)² + y²))`: a narrow, deeper hole on the right and a wide
    /// one on the left. In the narrow one the curvature is 30, so gradient descent cannot stay there with `η > 1/15`.
    pub fn sharp_and_flat() -> Landscape {
        Landscape::expression(
            ("Mínimo agudo y mínimo plano", "Sharp and flat minimum"),
            |x, y| {
                let hole = |x: Variable, y: Variable, at: f64, width: f64| {
                    (((x - at).square() + y.square()) * -width).exp()
                };
                let bowl = (again(&x).square() + again(&y).square()) / 20.0;
                let sharp = hole(again(&x), again(&y), 1.2, 15.0);
                bowl - sharp - hole(x, y, -1.0, 1.0) * 0.8
            },
            (-3.0, 2.5),
            (-2.0, 2.0),
        )
        .written("(x^2 + y^2)/20 - exp(-15*((x - 1.2)^2 + y^2)) - 0.8*exp(-((x + 1)^2 + y^2))")
        .from(
            &[1.6, 0.3],
            &[&[1.195_068_677, 0.0], &[-0.940_983_345, 0.0]],
        )
    }

    /// Every landscape of this module, the bowl with condition number 20.
    pub fn all() -> Vec<Landscape> {
        vec![
            Landscape::parabola(),
            Landscape::two_valleys(),
            Landscape::valley(20.0),
            Landscape::rosenbrock(),
            Landscape::himmelblau(),
            Landscape::saddle(),
            Landscape::double_well(),
            Landscape::beale(),
            Landscape::sharp_and_flat(),
        ]
    }

    fn written(mut self, formula: impl Into<String>) -> Landscape {
        self.formula = Some(formula.into());
        self
    }

    /// As `formula.js` reads it, where that is known.
    pub(super) fn formula(&self) -> Option<&str> {
        self.formula.as_deref()
    }

    fn from(mut self, start: &[f64], minima: &[&[f64]]) -> Landscape {
        self.start = start.to_vec();
        self.minima = minima.iter().map(|w| w.to_vec()).collect();
        self
    }

    /// The same with another place to start.
    ///
    /// # Errors
    /// When `start` does not have one finite number per parameter.
    pub fn starting_at(mut self, start: &[f64]) -> Result<Landscape> {
        self.check(start)?;
        self.start = start.to_vec();
        Ok(self)
    }

    /// Its name or formula.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many parameters it has: 1 or 2.
    pub fn dimensions(&self) -> usize {
        self.window.len()
    }

    /// The cost `C(w)`; it may be infinite far from the window.
    ///
    /// # Errors
    /// When `w` does not have one finite number per parameter.
    pub fn value(&self, w: &[f64]) -> Result<f64> {
        self.check(w)?;
        Ok((self.value)(w))
    }

    /// Its gradient `∇C(w)`.
    ///
    /// # Errors
    /// When `w` does not have one finite number per parameter.
    pub fn gradient(&self, w: &[f64]) -> Result<Vec<f64>> {
        self.check(w)?;
        Ok((self.gradient)(w))
    }

    /// Where a descent starts.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// What is drawn: from and to, for each parameter.
    pub fn window(&self) -> &[(f64, f64)] {
        &self.window
    }

    /// Its known minima, global and local; none for a landscape of your own.
    pub fn minima(&self) -> &[Vec<f64>] {
        &self.minima
    }

    pub(super) fn check_window(&self) -> Result<()> {
        for (from, to) in &self.window {
            positive(
                ("el ancho de la ventana", "the width of the window"),
                to - from,
            )?;
        }
        self.check(&self.start)
    }

    fn check(&self, w: &[f64]) -> Result<()> {
        if w.len() != self.dimensions() {
            return Err(Error::shape(
                &self.name,
                (
                    format!("{} parámetros", self.dimensions()),
                    format!("{} parameters", self.dimensions()),
                ),
                w.len(),
            ));
        }
        match w.iter().find(|w| !w.is_finite()) {
            Some(&value) => Err(ErrorKind::NotFinite {
                what: say(
                    format!("un parámetro de {}", self.name),
                    format!("a parameter of {}", self.name),
                ),
                value,
            }
            .into()),
            None => Ok(()),
        }
    }
}

/// A variable once more, in an expression that needs it several times.
pub fn again(w: &Variable) -> Variable {
    w.retaped()
}

impl fmt::Debug for Landscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, starting at {:?}", self.name, self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn minima_are_minima() {
        for landscape in Landscape::all() {
            for minimum in landscape.minima() {
                let slope = landscape.gradient(minimum).unwrap();
                assert!(
                    slope.iter().all(|g| g.abs() < 1e-5),
                    "{landscape:?} at {minimum:?}: {slope:?}"
                );
                let lowest = landscape.value(minimum).unwrap();
                for shift in [[1e-2, 0.0], [-1e-2, 0.0], [0.0, 1e-2], [0.0, -1e-2]] {
                    let near: Vec<f64> = minimum.iter().zip(shift).map(|(w, s)| w + s).collect();
                    assert!(near == *minimum || landscape.value(&near).unwrap() > lowest);
                }
            }
        }
    }

    type Closed = fn(f64, f64) -> [f64; 2];

    /// The gradients of the surfaces as one derives them by hand, in the order of [`Landscape::all`].
    const BY_HAND: [Closed; 7] = [
        |x, y| [x, 20.0 * y],
        |x, y| {
            let bend = y - x * x;
            [-2.0 * (1.0 - x) - 400.0 * x * bend, 200.0 * bend]
        },
        |x, y| {
            let (p, q) = (x * x + y - 11.0, x + y * y - 7.0);
            [4.0 * x * p + 2.0 * q, 2.0 * p + 4.0 * y * q]
        },
        |x, y| [2.0 * x, -2.0 * y + y.powi(3)],
        |x, y| [4.0 * x * (x * x - 1.0) + 0.3, 2.0 * y],
        |x, y| {
            let p = 1.5 - x + x * y;
            let q = 2.25 - x + x * y * y;
            let r = 2.625 - x + x * y.powi(3);
            [
                2.0 * (p * (y - 1.0) + q * (y * y - 1.0) + r * (y.powi(3) - 1.0)),
                2.0 * x * (p + 2.0 * y * q + 3.0 * y * y * r),
            ]
        },
        |x, y| {
            let sharp = 30.0 * (-15.0 * ((x - 1.2).powi(2) + y * y)).exp();
            let flat = 1.6 * (-((x + 1.0).powi(2) + y * y)).exp();
            let pull = |x: f64, to: f64, from: f64| x / 10.0 + sharp * to + flat * from;
            [pull(x, x - 1.2, x + 1.0), pull(y, y, y)]
        },
    ];

    proptest! {
        #[test]
        fn the_gradients_of_the_tape_are_those_by_hand(x in -5.0..5.0_f64, y in -5.0..5.0_f64) {
            let all = Landscape::all();
            let surfaces = all.iter().filter(|landscape| landscape.dimensions() == 2);
            prop_assert_eq!(surfaces.clone().count(), BY_HAND.len());
            for (surface, by_hand) in surfaces.zip(BY_HAND) {
                let gradient = surface.gradient(&[x, y]).unwrap();
                for (tape, hand) in gradient.iter().zip(by_hand(x, y)) {
                    prop_assert!((tape - hand).abs() < 1e-9 * (1.0 + hand.abs()), "{surface:?} at {x}, {y}: {tape} and {hand}");
                }
            }
        }

        #[test]
        fn gradients_agree_with_central_differences(u in 0.0..1.0_f64, v in 0.0..1.0_f64) {
            for landscape in Landscape::all() {
                let w: Vec<f64> = landscape.window().iter().zip([u, v]).map(|((from, to), u)| from + (to - from) * u).collect();
                let gradient = landscape.gradient(&w).unwrap();
                for i in 0..w.len() {
                    let at = |h: f64| {
                        let mut w = w.clone();
                        w[i] += h;
                        landscape.value(&w).unwrap()
                    };
                    let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                    prop_assert!((slope - gradient[i]).abs() < 1e-5 * (1.0 + at(0.0).abs() + slope.abs()), "{landscape:?} at {w:?}: {slope} and {}", gradient[i]);
                }
            }
        }
    }
}
