//! The three kinds of problem: how they are drawn, answered and got wrong.

use rand::Rng;
use rand::seq::SliceRandom;

use super::Level;
use super::formula::{Added, Inner, Outer, sigmoid};
use super::networks::Network;
use super::steps::{Known, Step};
use gradus_text::Language;

/// A usual mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slip {
    /// The derivative of the inner function is missing.
    ForgotInner,
    /// The sign is the opposite.
    Sign,
    /// The outer derivative was evaluated at `x` instead of at `g(x)`.
    OuterAtX,
    /// `σ'` was computed as `z(1 - z)` instead of `a(1 - a)`, or `tanh'` as `1 - z²`.
    SigmoidOfZ,
    /// The derivative of a product was taken as the product of the derivatives.
    ProductOfDerivatives,
    /// One of the two terms of the product rule is missing.
    HalfProduct,
    /// A term of the sum is missing.
    ForgotTerm,
    /// The derivative of the output's sigmoid is missing.
    ForgotOutputSigmoid,
    /// The derivative of the hidden sigmoid is missing.
    ForgotHiddenSigmoid,
    /// The weight that leads from the hidden neuron to the output is missing.
    ForgotWeight,
    /// The input that the weight multiplies is missing.
    ForgotInput,
    /// The derivative of the activation is missing.
    ForgotSlope,
    /// The derivative of the activation of the output is missing.
    ForgotOutputSlope,
    /// Of several paths only one was followed.
    OnePath,
    /// The weights on the way back are missing.
    ForgotWeights,
    /// The weight of the other neuron was taken.
    OtherWeight,
    /// The other input was taken.
    OtherInput,
    /// A ReLU that is not active let the gradient through.
    InactivePasses,
    /// The value of the ReLU stands where its derivative belongs.
    ReluTimesA,
    /// `e^z` without the sum it is divided by.
    NotNormalised,
    /// `y` is missing in `p - y`.
    ForgotTarget,
    /// `p(1 - p)` was multiplied to `p - y`, which has it already.
    SlopeTwice,
    /// The `1/n` of the mean over the examples is missing.
    ForgotMean,
    /// Of the examples only the first was taken.
    OneExample,
}

impl Slip {
    pub(super) fn hint(self, language: Language) -> &'static str {
        let (es, en) = match self {
            Slip::ForgotInner => (
                "Te falta la derivada de la función interior: h'(x) = f'(g(x)) · g'(x).",
                "The derivative of the inner function is missing: h'(x) = f'(g(x)) · g'(x).",
            ),
            Slip::Sign => (
                "El valor absoluto es correcto, pero el signo es el contrario. Repasa los signos de cada derivada local.",
                "The size is right but the sign is the opposite. Go over the sign of each local derivative.",
            ),
            Slip::OuterAtX => (
                "Has evaluado la derivada exterior en x; hay que evaluarla en g(x).",
                "You evaluated the outer derivative at x; it must be evaluated at g(x).",
            ),
            Slip::SigmoidOfZ => (
                "La derivada de la activación se escribe con la salida a, no con z: σ'(z) = a(1 - a) y tanh'(z) = 1 - a².",
                "The derivative of the activation is written with the output a, not with z: σ'(z) = a(1 - a) and tanh'(z) = 1 - a².",
            ),
            Slip::ProductOfDerivatives => (
                "La derivada de un producto no es el producto de las derivadas: (p·f)' = p'·f + p·f'.",
                "The derivative of a product is not the product of the derivatives: (p·f)' = p'·f + p·f'.",
            ),
            Slip::HalfProduct => (
                "Al producto le falta un sumando: (p·f)' = p'·f + p·f'.",
                "One term of the product rule is missing: (p·f)' = p'·f + p·f'.",
            ),
            Slip::ForgotTerm => (
                "Te falta un sumando: la derivada de una suma es la suma de todas las derivadas.",
                "A term is missing: the derivative of a sum is the sum of all the derivatives.",
            ),
            Slip::ForgotOutputSigmoid => (
                "Falta la derivada de la sigmoide de salida: a₂(1 - a₂).",
                "The derivative of the output's sigmoid is missing: a₂(1 - a₂).",
            ),
            Slip::ForgotHiddenSigmoid => (
                "Falta la derivada de la sigmoide oculta: a₁(1 - a₁).",
                "The derivative of the hidden sigmoid is missing: a₁(1 - a₁).",
            ),
            Slip::ForgotWeight => (
                "Para llegar a la primera capa, el gradiente se multiplica por el peso w₂.",
                "On its way to the first layer the gradient is multiplied by the weight w₂.",
            ),
            Slip::ForgotInput => (
                "La derivada de z respecto de un peso es la entrada que ese peso multiplica; te falta ese factor.",
                "The derivative of z with respect to a weight is the input that the weight multiplies; that factor is missing.",
            ),
            Slip::ForgotSlope => (
                "Falta atravesar la activación: σ'(z) = a(1 - a).",
                "You still have to go through the activation: σ'(z) = a(1 - a).",
            ),
            Slip::ForgotOutputSlope => (
                "Falta la derivada de la sigmoide de salida: a(1 - a).",
                "The derivative of the output's sigmoid is missing: a(1 - a).",
            ),
            Slip::OnePath => (
                "Lo que alimenta a dos salidas recibe por las dos, y se suma; aquí solo ha llegado lo de la segunda: la primera se ha perdido.",
                "What feeds two outputs receives from both, and the two add up; only that of the second arrived: the first was lost.",
            ),
            Slip::ForgotWeights => (
                "Falta el peso: por cada arista, el gradiente vuelve multiplicado por el peso de esa arista.",
                "The weight is missing: along each edge the gradient comes back multiplied by the weight of that edge.",
            ),
            Slip::OtherWeight => (
                "Has tomado el peso de la otra neurona: el gradiente vuelve por la misma arista por la que salió el valor.",
                "You took the weight of the other neuron: the gradient comes back along the edge by which the value left.",
            ),
            Slip::OtherInput => (
                "Has tomado la otra entrada: al gradiente de un peso le toca la entrada que ese peso multiplica.",
                "You took the other input: the gradient of a weight gets the input that this weight multiplies.",
            ),
            Slip::InactivePasses => (
                "Una ReLU con z < 0 no deja pasar nada: su derivada es 0, no 1.",
                "A ReLU with z < 0 lets nothing through: its derivative is 0, not 1.",
            ),
            Slip::ReluTimesA => (
                "La derivada de ReLU no es su valor: es 1 si z > 0 y 0 si no.",
                "The derivative of ReLU is not its value: it is 1 where z > 0, else 0.",
            ),
            Slip::NotNormalised => (
                "Falta dividir entre la suma de las tres exponenciales: las p suman 1.",
                "It must be divided by the sum of the three exponentials: the p add up to 1.",
            ),
            Slip::ForgotTarget => (
                "Falta restar y: con softmax y entropía cruzada, δ = p - y.",
                "y must be subtracted: with softmax and cross-entropy, δ = p - y.",
            ),
            Slip::SlopeTwice => (
                "Sobra p(1 - p): la derivada de softmax ya está dentro de p - y.",
                "p(1 - p) is too much: the derivative of softmax is in p - y already.",
            ),
            Slip::ForgotMean => (
                "Falta el 1/n: el coste es la media de los ejemplos.",
                "The 1/n is missing: the cost is the mean over the examples.",
            ),
            Slip::OneExample => (
                "Solo has tomado el primer ejemplo: la fila de Xᵀ multiplica a toda la columna Δ, y se suma.",
                "You took the first example only: the row of Xᵀ multiplies the whole column Δ, and it adds up.",
            ),
        };
        match language {
            Language::Es => es,
            Language::En => en,
        }
    }
}

/// The parameter of the neuron that is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Parameter {
    W1,
    B1,
    W2,
    B2,
}

#[derive(Clone, Debug)]
pub(super) enum Problem {
    Composition {
        outer: Outer,
        inner: Inner,
        x: f64,
    },
    /// `(p x + q) · f(g(x)) + r · k(x)`
    SumsAndProducts {
        outer: Outer,
        inner: Inner,
        p: f64,
        q: f64,
        r: f64,
        added: Added,
        x: f64,
    },
    Neuron(Neuron),
    Network(Network),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Neuron {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w1: f64,
    pub(super) b1: f64,
    pub(super) w2: f64,
    pub(super) b2: f64,
    pub(super) asked: Parameter,
}

/// What the forward and the backward pass through the neuron compute.
pub(super) struct Passes {
    pub(super) z1: f64,
    pub(super) a1: f64,
    pub(super) z2: f64,
    pub(super) a2: f64,
    pub(super) delta2: f64,
    pub(super) delta1: f64,
    pub(super) gradient: f64,
}

impl Neuron {
    #[cfg(test)]
    fn cost(&self) -> f64 {
        let a1 = sigmoid(self.w1 * self.x + self.b1);
        let a2 = sigmoid(self.w2 * a1 + self.b2);
        (a2 - self.y).powi(2) / 2.0
    }

    /// Both passes, with `σ'` as a function of `z` and `a`: the mistakes have other ones.
    pub(super) fn passes(
        &self,
        slope1: fn(f64, f64) -> f64,
        slope2: fn(f64, f64) -> f64,
    ) -> Passes {
        let z1 = self.w1 * self.x + self.b1;
        let a1 = sigmoid(z1);
        let z2 = self.w2 * a1 + self.b2;
        let a2 = sigmoid(z2);
        let delta2 = (a2 - self.y) * slope2(z2, a2);
        let delta1 = delta2 * self.w2 * slope1(z1, a1);
        let gradient = match self.asked {
            Parameter::W1 => delta1 * self.x,
            Parameter::B1 => delta1,
            Parameter::W2 => delta2 * a1,
            Parameter::B2 => delta2,
        };
        Passes {
            z1,
            a1,
            z2,
            a2,
            delta2,
            delta1,
            gradient,
        }
    }

    fn path(&self) -> (Known, Vec<Step>) {
        let given = Known::new(&[
            ("x", self.x),
            ("y", self.y),
            ("w1", self.w1),
            ("b1", self.b1),
            ("w2", self.w2),
            ("b2", self.b2),
        ]);
        let mut steps = vec![
            Step::of("z1", "z_1", "", |k| k.get("w1") * k.get("x") + k.get("b1")),
            Step::of("a1", "a_1", "", |k| sigmoid(k.get("z1"))),
            Step::of("z2", "z_2", "", |k| k.get("w2") * k.get("a1") + k.get("b2")),
            Step::of("a2", "a_2", "", |k| sigmoid(k.get("z2"))),
            Step::of("delta2", r"\delta_2", "", |k| {
                (k.get("a2") - k.get("y")) * right(0.0, k.get("a2"))
            })
            .slip(|k| k.get("a2") - k.get("y"), Slip::ForgotOutputSigmoid)
            .slip(
                |k| (k.get("a2") - k.get("y")) * of_z(k.get("z2"), 0.0),
                Slip::SigmoidOfZ,
            ),
        ];
        if self.is_first_layer() {
            let delta1 = Step::of("delta1", r"\delta_1", "", |k| {
                k.get("delta2") * k.get("w2") * right(0.0, k.get("a1"))
            });
            let delta1 = delta1
                .slip(|k| k.get("delta2") * k.get("w2"), Slip::ForgotHiddenSigmoid)
                .slip(
                    |k| k.get("delta2") * right(0.0, k.get("a1")),
                    Slip::ForgotWeight,
                )
                .slip(
                    |k| k.get("delta2") * k.get("w2") * of_z(k.get("z1"), 0.0),
                    Slip::SigmoidOfZ,
                );
            steps.push(delta1);
        }
        steps.push(match self.asked {
            Parameter::W1 => Step::of("dw1", r"\partial C/\partial w_1", "", |k| {
                k.get("delta1") * k.get("x")
            })
            .slip(|k| k.get("delta1"), Slip::ForgotInput),
            Parameter::B1 => Step::of("db1", r"\partial C/\partial b_1", "", |k| k.get("delta1")),
            Parameter::W2 => Step::of("dw2", r"\partial C/\partial w_2", "", |k| {
                k.get("delta2") * k.get("a1")
            })
            .slip(|k| k.get("delta2"), Slip::ForgotInput),
            Parameter::B2 => Step::of("db2", r"\partial C/\partial b_2", "", |k| k.get("delta2")),
        });
        (given, steps)
    }

    pub(super) fn is_first_layer(&self) -> bool {
        matches!(self.asked, Parameter::W1 | Parameter::B1)
    }

    pub(super) fn symbol(&self) -> &'static str {
        match self.asked {
            Parameter::W1 => "w_1",
            Parameter::B1 => "b_1",
            Parameter::W2 => "w_2",
            Parameter::B2 => "b_2",
        }
    }
}

pub(super) fn right(_z: f64, a: f64) -> f64 {
    a * (1.0 - a)
}

fn of_z(z: f64, _a: f64) -> f64 {
    z * (1.0 - z)
}

fn forgotten(_z: f64, _a: f64) -> f64 {
    1.0
}

/// A multiple of `1/2` in `±limit`, never 0.
pub(super) fn half(rng: &mut impl Rng, limit: i32) -> f64 {
    loop {
        let steps = rng.gen_range(-2 * limit..=2 * limit);
        if steps != 0 {
            return f64::from(steps) / 2.0;
        }
    }
}

/// A whole number in `±limit`, never 0.
fn whole(rng: &mut impl Rng, limit: i32) -> f64 {
    loop {
        let n = rng.gen_range(-limit..=limit);
        if n != 0 {
            return f64::from(n);
        }
    }
}

fn composition(rng: &mut impl Rng) -> (Outer, Inner, f64) {
    loop {
        let outer = *Outer::ALL.choose(rng).expect("there are outer functions");
        let inner = Inner {
            a: whole(rng, 4),
            n: rng.gen_range(1..=2),
            b: whole(rng, 5),
        };
        let x = half(rng, 2);
        if outer.accepts(inner.value(x)) {
            return (outer, inner, x);
        }
    }
}

impl Problem {
    pub(super) fn draw(level: Level, rng: &mut impl Rng) -> Problem {
        match level {
            Level::Composition => {
                let (outer, inner, x) = composition(rng);
                Problem::Composition { outer, inner, x }
            }
            Level::SumsAndProducts => {
                let (outer, inner, x) = composition(rng);
                Problem::SumsAndProducts {
                    outer,
                    inner,
                    p: whole(rng, 3),
                    q: whole(rng, 4),
                    r: whole(rng, 3),
                    added: *[Added::Square, Added::Cube, Added::Sine]
                        .choose(rng)
                        .expect("there are functions to add"),
                    x,
                }
            }
            Level::Neuron => Problem::Neuron(Neuron {
                x: half(rng, 2),
                y: f64::from(rng.gen_range(0..=1)),
                w1: half(rng, 2),
                b1: half(rng, 1),
                w2: half(rng, 2),
                b2: half(rng, 1),
                asked: *[Parameter::W1, Parameter::B1, Parameter::W2, Parameter::B2]
                    .choose(rng)
                    .expect("there are parameters"),
            }),
            level => Problem::Network(Network::draw(level, rng)),
        }
    }

    /// The smallest answer worth asking for.
    pub(super) fn smallest(&self) -> f64 {
        match self {
            Problem::Neuron(_) => 0.005,
            Problem::Network(_) => 0.01,
            _ => 0.05,
        }
    }

    /// The function with what it is differentiated by moved by `h`.
    #[cfg(test)]
    pub(super) fn moved(&self, h: f64) -> f64 {
        match *self {
            Problem::Composition { outer, inner, x } => outer.value(inner.value(x + h)),
            Problem::SumsAndProducts {
                outer,
                inner,
                p,
                q,
                r,
                added,
                x,
            } => {
                let x = x + h;
                (p * x + q) * outer.value(inner.value(x)) + r * added.value(x)
            }
            Problem::Neuron(mut neuron) => {
                let parameter = match neuron.asked {
                    Parameter::W1 => &mut neuron.w1,
                    Parameter::B1 => &mut neuron.b1,
                    Parameter::W2 => &mut neuron.w2,
                    Parameter::B2 => &mut neuron.b2,
                };
                *parameter += h;
                neuron.cost()
            }
            Problem::Network(ref network) => network.moved(h),
        }
    }

    pub(super) fn answer(&self) -> f64 {
        match *self {
            Problem::Composition { outer, inner, x } => {
                outer.derivative(inner.value(x)) * inner.derivative(x)
            }
            Problem::SumsAndProducts {
                outer,
                inner,
                p,
                q,
                r,
                added,
                x,
            } => {
                let u = inner.value(x);
                p * outer.value(u)
                    + (p * x + q) * outer.derivative(u) * inner.derivative(x)
                    + r * added.derivative(x)
            }
            Problem::Neuron(neuron) => neuron.passes(right, right).gradient,
            Problem::Network(ref network) => network.answer(),
        }
    }

    /// The usual mistakes and what they lead to.
    pub(super) fn slips(&self) -> Vec<(f64, Slip)> {
        let mut slips = vec![(-self.answer(), Slip::Sign)];
        let mut slip = |answer: f64, slip: Slip| slips.push((answer, slip));
        // What the derivative of the activation becomes when z is taken for a.
        let confused = |outer: Outer, u: f64| match outer {
            Outer::Sigmoid => Some(u * (1.0 - u)),
            Outer::Tanh => Some(1.0 - u * u),
            _ => None,
        };
        match *self {
            Problem::Composition { outer, inner, x } => {
                let (u, by_x) = (inner.value(x), inner.derivative(x));
                slip(outer.derivative(u), Slip::ForgotInner);
                if outer.accepts(x) {
                    slip(outer.derivative(x) * by_x, Slip::OuterAtX);
                }
                if let Some(slope) = confused(outer, u) {
                    slip(slope * by_x, Slip::SigmoidOfZ);
                }
            }
            Problem::SumsAndProducts {
                outer,
                inner,
                p,
                q,
                r,
                added,
                x,
            } => {
                let (u, by_x) = (inner.value(x), inner.derivative(x));
                let (f, slope) = (outer.value(u), outer.derivative(u));
                let (line, rest) = (p * x + q, r * added.derivative(x));
                slip(p * f + line * slope + rest, Slip::ForgotInner);
                slip(p * slope * by_x + rest, Slip::ProductOfDerivatives);
                slip(p * f + rest, Slip::HalfProduct);
                slip(line * slope * by_x + rest, Slip::HalfProduct);
                slip(p * f + line * slope * by_x, Slip::ForgotTerm);
                if let Some(slope) = confused(outer, u) {
                    slip(p * f + line * slope * by_x + rest, Slip::SigmoidOfZ);
                }
            }
            Problem::Neuron(neuron) => {
                let with = |slope1, slope2| neuron.passes(slope1, slope2).gradient;
                slip(with(right, forgotten), Slip::ForgotOutputSigmoid);
                slip(with(of_z, of_z), Slip::SigmoidOfZ);
                let good = neuron.passes(right, right);
                if neuron.is_first_layer() {
                    slip(with(forgotten, right), Slip::ForgotHiddenSigmoid);
                    slip(with(of_z, right), Slip::SigmoidOfZ);
                    slip(with(right, of_z), Slip::SigmoidOfZ);
                    if neuron.w2 != 1.0 {
                        slip(good.gradient / neuron.w2, Slip::ForgotWeight);
                    }
                }
                match neuron.asked {
                    Parameter::W1 if neuron.x != 1.0 => slip(good.delta1, Slip::ForgotInput),
                    Parameter::W2 => slip(good.delta2, Slip::ForgotInput),
                    _ => {}
                }
            }
            // A mistake that does not show with these numbers is none here.
            Problem::Network(ref network) => {
                let all = network.slips().into_iter();
                let differs = |a: f64| (a - self.answer()).abs() > 0.03 * self.answer().abs();
                slips.extend(all.filter(|(a, _)| a.is_finite() && differs(*a)));
            }
        }
        slips
    }

    /// The numbers that are given and the steps to the answer, the last of which is the answer.
    pub(super) fn path(&self) -> (Known, Vec<Step>) {
        match *self {
            Problem::Composition { outer, inner, x } => {
                let u = inner.value(x);
                let steps = vec![
                    Step::value("u", "u", "", u),
                    Step::value("outer", "f'(u)", "", outer.derivative(u)),
                    Step::value("inner", "g'(x)", "", inner.derivative(x)),
                    Step::of("dh", "h'(x)", r"<outer> \cdot <inner>", |k| {
                        k.get("outer") * k.get("inner")
                    }),
                ];
                (Known::default(), steps)
            }
            Problem::SumsAndProducts {
                outer,
                inner,
                p,
                q,
                r,
                added,
                x,
            } => {
                let u = inner.value(x);
                let steps = vec![
                    Step::value("u", "u", "", u),
                    Step::value("f", "f(u)", "", outer.value(u)),
                    Step::value("outer", "f'(u)", "", outer.derivative(u)),
                    Step::value("inner", "g'(x)", "", inner.derivative(x)),
                    Step::value("p", "p(x)", "", p * x + q),
                    Step::value("dp", "p'(x)", "", p),
                    Step::value("dq", "q'(x)", "", r * added.derivative(x)),
                    Step::of("dh", "h'(x)", "", |k| {
                        let product = k.get("p") * k.get("outer") * k.get("inner");
                        k.get("dp") * k.get("f") + product + k.get("dq")
                    }),
                ];
                (Known::default(), steps)
            }
            Problem::Neuron(neuron) => neuron.path(),
            Problem::Network(ref network) => (network.start(), network.steps.clone()),
        }
    }
}
