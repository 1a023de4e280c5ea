//! Five small networks to differentiate by hand: a value that is used twice, 2-2-1, ReLU, softmax with cross-entropy, a batch.

use rand::Rng;
use rand::seq::SliceRandom;

use super::Level;
use super::formula::{number, sigmoid};
use super::problem::{Slip, half};
use super::steps::{Known, Step, answers_of_slips, walk};
use gradus_text::Language;

/// A network with its numbers and the way to one of its gradients.
#[derive(Clone, Debug)]
pub(super) struct Network {
    level: Level,
    given: Vec<(&'static str, f64)>,
    pub(super) steps: Vec<Step>,
    /// The given number that is asked for: the name of it.
    asked: &'static str,
}

type K = Known;

fn slope(a: f64) -> f64 {
    a * (1.0 - a)
}

/// The LaTeX of what is given.
fn given_latex(level: Level, name: &str) -> String {
    let mut letters = name.chars();
    let letter = letters.next().unwrap_or_default();
    let index = letters.as_str();
    match (level, name) {
        (Level::TwoTwoOne, "v1") => "w^2_1".to_owned(),
        (Level::TwoTwoOne, "v2") => "w^2_2".to_owned(),
        (Level::TwoTwoOne, "c") => "b^2".to_owned(),
        (Level::TwoTwoOne, _) if letter == 'w' || letter == 'b' => {
            format!("{letter}^1_{{{index}}}")
        }
        _ if index.is_empty() => letter.to_string(),
        _ => format!("{letter}_{{{index}}}"),
    }
}

impl Network {
    pub(super) fn draw(level: Level, rng: &mut impl Rng) -> Network {
        match level {
            Level::FanOut => fan_out(rng),
            Level::Relu => relu(rng),
            Level::Softmax => softmax(rng),
            Level::Batch => batch(rng),
            _ => two_two_one(rng),
        }
    }

    pub(super) fn known(&self) -> Known {
        walk(&Known::new(&self.given), &self.steps)
    }

    pub(super) fn start(&self) -> Known {
        Known::new(&self.given)
    }

    pub(super) fn answer(&self) -> f64 {
        let last = self.steps.last().map_or("", |step| step.name);
        self.known().get(last)
    }

    pub(super) fn slips(&self) -> Vec<(f64, Slip)> {
        answers_of_slips(&self.start(), &self.steps)
    }

    /// The symbol of what is given or of a step.
    pub(super) fn symbol(&self, name: &str) -> String {
        let step = self.steps.iter().find(|step| step.name == name);
        step.map_or_else(
            || given_latex(self.level, name),
            |step| step.latex.to_owned(),
        )
    }

    /// The cost with the number that is asked for moved by `h`.
    #[cfg(test)]
    pub(super) fn moved(&self, h: f64) -> f64 {
        let mut known = Known::new(&self.given);
        known.set(self.asked, known.get(self.asked) + h);
        let known = walk(&known, &self.steps);
        let k = |name: &str| known.get(name);
        let square = |name: &str, y: &str| (k(name) - k(y)).powi(2) / 2.0;
        match self.level {
            Level::FanOut => square("o1", "y1") + square("o2", "y2"),
            Level::Relu => square("o", "y"),
            Level::Softmax => -["1", "2", "3"]
                .map(|j| k(&format!("y{j}")) * k(&format!("p{j}")).ln())
                .iter()
                .sum::<f64>(),
            Level::Batch => {
                let all = ["1", "2", "3"].map(|i| square(&format!("z{i}"), &format!("y{i}")));
                all.iter().sum::<f64>() / 3.0
            }
            _ => square("a2", "y"),
        }
    }

    fn values(&self, names: &[&'static str]) -> String {
        let all = self
            .given
            .iter()
            .filter(|(name, _)| names.is_empty() || names.contains(name));
        let all = all.map(|(name, value)| format!("${} = {}$", self.symbol(name), number(*value)));
        all.collect::<Vec<_>>().join(", ")
    }

    /// What is asked, in Spanish and in English.
    pub(super) fn statement(&self, language: Language) -> String {
        let asked = format!(r"\partial C/\partial {}", self.symbol(self.asked));
        let n = |name: &str| number(self.start().get(name));
        let (es, en, net, values) = match self.level {
            Level::FanOut => (
                "Una neurona que alimenta a dos salidas",
                "A neuron that feeds two outputs",
                r"z = w x + b,\quad a = \sigma(z),\quad o_1 = v_1 a,\quad o_2 = v_2 a,\quad C = \tfrac{1}{2}(o_1 - y_1)^2 + \tfrac{1}{2}(o_2 - y_2)^2",
                self.values(&[]),
            ),
            Level::Relu => (
                "Una red 1-2-1 con ReLU en la capa oculta",
                "A 1-2-1 network with ReLU in the hidden layer",
                r"z_j = w_j x + b_j,\quad a_j = \max(0, z_j)\quad (j = 1, 2),\qquad o = v_1 a_1 + v_2 a_2 + c,\qquad C = \tfrac{1}{2}(o - y)^2",
                self.values(&[]),
            ),
            Level::Softmax => (
                "Una capa de tres neuronas con softmax y entropía cruzada",
                "A layer of three neurons with softmax and cross-entropy",
                r"z_j = w_j x + b_j,\qquad p_j = \frac{e^{z_j}}{e^{z_1} + e^{z_2} + e^{z_3}}\quad (j = 1, 2, 3),\qquad C = -\sum_j y_j \ln p_j",
                self.values(&[]),
            ),
            Level::Batch => (
                "Una neurona lineal con dos entradas, para un batch de tres ejemplos (uno por fila),",
                "A linear neuron with two inputs, for a batch of three examples (one per row),",
                r"Z = X W + b,\qquad C = \tfrac{1}{2 \cdot 3} \sum_{i=1}^{3} (z_i - y_i)^2",
                format!(
                    r"$X = \begin{{pmatrix}} {} & {} \\ {} & {} \\ {} & {} \end{{pmatrix}}$, $W = \begin{{pmatrix}} {} \\ {} \end{{pmatrix}}$, $b = {}$, $Y = \begin{{pmatrix}} {} \\ {} \\ {} \end{{pmatrix}}$",
                    n("x11"),
                    n("x12"),
                    n("x21"),
                    n("x22"),
                    n("x31"),
                    n("x32"),
                    n("w1"),
                    n("w2"),
                    n("b"),
                    n("y1"),
                    n("y2"),
                    n("y3")
                ),
            ),
            _ => (
                "Una red 2-2-1 con sigmoides ($w^1_{jk}$ va de la entrada $k$ a la neurona $j$)",
                "A 2-2-1 network with sigmoids ($w^1_{jk}$ goes from input $k$ to neuron $j$)",
                concat!(
                    r"z^1_j = w^1_{j1} x_1 + w^1_{j2} x_2 + b^1_j,\quad a^1_j = \sigma(z^1_j)\quad (j = 1, 2)$$",
                    "\n\n",
                    r"$$z^2 = w^2_1 a^1_1 + w^2_2 a^1_2 + b^2,\quad a^2 = \sigma(z^2),\qquad C = \tfrac{1}{2}(a^2 - y)^2"
                ),
                self.values(&[]),
            ),
        };
        language.pick(
            format!("{es} calcula\n\n$${net}$$\n\ncon {values}. Calcula ${asked}$. Da al menos tres cifras significativas."),
            format!("{en} computes\n\n$${net}$$\n\nwith {values}. Find ${asked}$. Give at least three significant figures."),
        )
    }
}

fn fan_out(rng: &mut impl Rng) -> Network {
    let mut given: Vec<(&'static str, f64)> = Vec::new();
    for (name, limit) in [("x", 2), ("w", 1), ("b", 1), ("v1", 2), ("v2", 2)] {
        given.push((name, half(rng, limit)));
    }
    for name in ["y1", "y2"] {
        given.push((name, f64::from(rng.gen_range(0..=1))));
    }
    let steps = vec![
        Step::of("z", "z", r"<w> \cdot <x> + <b>", |k| {
            k.get("w") * k.get("x") + k.get("b")
        }),
        Step::of("a", "a", r"\sigma(<z>)", |k| sigmoid(k.get("z"))),
        Step::of("o1", "o_1", r"<v1> \cdot <a>", |k| k.get("v1") * k.get("a")),
        Step::of("o2", "o_2", r"<v2> \cdot <a>", |k| k.get("v2") * k.get("a")),
        Step::of("do1", r"\partial C/\partial o_1", "<o1> - <y1>", |k| {
            k.get("o1") - k.get("y1")
        }),
        Step::of("do2", r"\partial C/\partial o_2", "<o2> - <y2>", |k| {
            k.get("o2") - k.get("y2")
        }),
        Step::of(
            "da",
            r"\partial C/\partial a",
            r"<do1> \cdot <v1> + <do2> \cdot <v2>",
            |k| k.get("do1") * k.get("v1") + k.get("do2") * k.get("v2"),
        )
        .slip(|k| k.get("do2") * k.get("v2"), Slip::OnePath)
        .slip(|k| k.get("do1") + k.get("do2"), Slip::ForgotWeights),
        Step::of("delta", r"\delta", r"<da> \cdot <a> \cdot (1 - <a>)", |k| {
            k.get("da") * slope(k.get("a"))
        })
        .slip(|k| k.get("da"), Slip::ForgotSlope)
        .slip(|k| k.get("da") * slope(k.get("z")), Slip::SigmoidOfZ),
        Step::of("dw", r"\partial C/\partial w", r"<delta> \cdot <x>", |k| {
            k.get("delta") * k.get("x")
        })
        .slip(|k| k.get("delta"), Slip::ForgotInput),
    ];
    Network {
        level: Level::FanOut,
        given,
        steps,
        asked: "w",
    }
}

fn two_two_one(rng: &mut impl Rng) -> Network {
    let mut given: Vec<(&'static str, f64)> = Vec::new();
    for name in ["x1", "x2"] {
        given.push((name, half(rng, 2)));
    }
    given.push(("y", f64::from(rng.gen_range(0..=1))));
    for name in ["w11", "w12", "w21", "w22", "b1", "b2", "v1", "v2", "c"] {
        let limit = if name.starts_with(['b', 'c']) { 1 } else { 2 };
        given.push((name, half(rng, limit)));
    }
    let mut steps = vec![
        Step::of(
            "z1_1",
            "z^1_1",
            r"<w11> \cdot <x1> + <w12> \cdot <x2> + <b1>",
            |k| k.get("w11") * k.get("x1") + k.get("w12") * k.get("x2") + k.get("b1"),
        ),
        Step::of(
            "z1_2",
            "z^1_2",
            r"<w21> \cdot <x1> + <w22> \cdot <x2> + <b2>",
            |k| k.get("w21") * k.get("x1") + k.get("w22") * k.get("x2") + k.get("b2"),
        ),
        Step::of("a1_1", "a^1_1", r"\sigma(<z1_1>)", |k| {
            sigmoid(k.get("z1_1"))
        }),
        Step::of("a1_2", "a^1_2", r"\sigma(<z1_2>)", |k| {
            sigmoid(k.get("z1_2"))
        }),
        Step::of(
            "z2",
            "z^2",
            r"<v1> \cdot <a1_1> + <v2> \cdot <a1_2> + <c>",
            |k| k.get("v1") * k.get("a1_1") + k.get("v2") * k.get("a1_2") + k.get("c"),
        ),
        Step::of("a2", "a^2", r"\sigma(<z2>)", |k| sigmoid(k.get("z2"))),
        Step::of(
            "delta2",
            r"\delta^2",
            r"(<a2> - <y>) \cdot <a2> \cdot (1 - <a2>)",
            |k| (k.get("a2") - k.get("y")) * slope(k.get("a2")),
        )
        .slip(|k| k.get("a2") - k.get("y"), Slip::ForgotOutputSlope)
        .slip(
            |k| (k.get("a2") - k.get("y")) * slope(k.get("z2")),
            Slip::SigmoidOfZ,
        ),
    ];
    let hidden: [Step; 2] = [
        Step::of(
            "delta1_1",
            r"\delta^1_1",
            r"<v1> \cdot <delta2> \cdot <a1_1> \cdot (1 - <a1_1>)",
            |k| k.get("v1") * k.get("delta2") * slope(k.get("a1_1")),
        )
        .slip(|k| k.get("v1") * k.get("delta2"), Slip::ForgotSlope)
        .slip(
            |k| k.get("v1") * k.get("delta2") * slope(k.get("z1_1")),
            Slip::SigmoidOfZ,
        )
        .slip(
            |k| k.get("v2") * k.get("delta2") * slope(k.get("a1_1")),
            Slip::OtherWeight,
        )
        .slip(
            |k| k.get("delta2") * slope(k.get("a1_1")),
            Slip::ForgotWeights,
        ),
        Step::of(
            "delta1_2",
            r"\delta^1_2",
            r"<v2> \cdot <delta2> \cdot <a1_2> \cdot (1 - <a1_2>)",
            |k| k.get("v2") * k.get("delta2") * slope(k.get("a1_2")),
        )
        .slip(|k| k.get("v2") * k.get("delta2"), Slip::ForgotSlope)
        .slip(
            |k| k.get("v2") * k.get("delta2") * slope(k.get("z1_2")),
            Slip::SigmoidOfZ,
        )
        .slip(
            |k| k.get("v1") * k.get("delta2") * slope(k.get("a1_2")),
            Slip::OtherWeight,
        )
        .slip(
            |k| k.get("delta2") * slope(k.get("a1_2")),
            Slip::ForgotWeights,
        ),
    ];
    let dw = |latex, formula, rule: fn(&K) -> f64, other: fn(&K) -> f64, bare: fn(&K) -> f64| {
        Step::of("dw", latex, formula, rule)
            .slip(other, Slip::OtherInput)
            .slip(bare, Slip::ForgotInput)
    };
    let asked = *["w11", "w12", "w21", "w22"].choose(rng).unwrap_or(&"w11");
    let [first, second] = hidden;
    let last = match asked {
        "w11" => dw(
            r"\partial C/\partial w^1_{11}",
            r"<delta1_1> \cdot <x1>",
            |k| k.get("delta1_1") * k.get("x1"),
            |k| k.get("delta1_1") * k.get("x2"),
            |k| k.get("delta1_1"),
        ),
        "w12" => dw(
            r"\partial C/\partial w^1_{12}",
            r"<delta1_1> \cdot <x2>",
            |k| k.get("delta1_1") * k.get("x2"),
            |k| k.get("delta1_1") * k.get("x1"),
            |k| k.get("delta1_1"),
        ),
        "w21" => dw(
            r"\partial C/\partial w^1_{21}",
            r"<delta1_2> \cdot <x1>",
            |k| k.get("delta1_2") * k.get("x1"),
            |k| k.get("delta1_2") * k.get("x2"),
            |k| k.get("delta1_2"),
        ),
        _ => dw(
            r"\partial C/\partial w^1_{22}",
            r"<delta1_2> \cdot <x2>",
            |k| k.get("delta1_2") * k.get("x2"),
            |k| k.get("delta1_2") * k.get("x1"),
            |k| k.get("delta1_2"),
        ),
    };
    steps.push(if asked.starts_with("w1") {
        first
    } else {
        second
    });
    steps.push(last);
    Network {
        level: Level::TwoTwoOne,
        given,
        steps,
        asked,
    }
}

fn relu(rng: &mut impl Rng) -> Network {
    let mut given: Vec<(&'static str, f64)>;
    // One neuron active, the other not.
    loop {
        given = Vec::new();
        for name in ["x", "w1", "b1", "w2", "b2", "v1", "v2", "c"] {
            let limit = if name.starts_with(['b', 'c']) { 1 } else { 2 };
            given.push((name, half(rng, limit)));
        }
        given.push(("y", f64::from(rng.gen_range(0..=1))));
        let k = Known::new(&given);
        let z = |w, b| k.get(w) * k.get("x") + k.get(b);
        if z("w1", "b1") * z("w2", "b2") < 0.0 {
            break;
        }
    }
    let steps = vec![
        Step::of("z1", "z_1", r"<w1> \cdot <x> + <b1>", |k| {
            k.get("w1") * k.get("x") + k.get("b1")
        }),
        Step::of("z2", "z_2", r"<w2> \cdot <x> + <b2>", |k| {
            k.get("w2") * k.get("x") + k.get("b2")
        }),
        Step::of("a1", "a_1", r"\max(0, <z1>)", |k| k.get("z1").max(0.0)),
        Step::of("a2", "a_2", r"\max(0, <z2>)", |k| k.get("z2").max(0.0)),
        Step::of("o", "o", r"<v1> \cdot <a1> + <v2> \cdot <a2> + <c>", |k| {
            k.get("v1") * k.get("a1") + k.get("v2") * k.get("a2") + k.get("c")
        }),
        Step::of("do", r"\partial C/\partial o", "<o> - <y>", |k| {
            k.get("o") - k.get("y")
        }),
        Step::of(
            "delta1",
            r"\delta_1",
            r"<do> \cdot <v1> \cdot f'(<z1>)",
            |k| k.get("do") * k.get("v1") * f64::from(k.get("z1") > 0.0),
        )
        .slip(|k| k.get("do") * k.get("v1"), Slip::InactivePasses)
        .slip(
            |k| k.get("do") * k.get("v1") * k.get("a1"),
            Slip::ReluTimesA,
        ),
        Step::of(
            "delta2",
            r"\delta_2",
            r"<do> \cdot <v2> \cdot f'(<z2>)",
            |k| k.get("do") * k.get("v2") * f64::from(k.get("z2") > 0.0),
        )
        .slip(|k| k.get("do") * k.get("v2"), Slip::InactivePasses)
        .slip(
            |k| k.get("do") * k.get("v2") * k.get("a2"),
            Slip::ReluTimesA,
        ),
        Step::of(
            "dx",
            r"\partial C/\partial x",
            r"<delta1> \cdot <w1> + <delta2> \cdot <w2>",
            |k| k.get("delta1") * k.get("w1") + k.get("delta2") * k.get("w2"),
        )
        .slip(|k| k.get("delta1") + k.get("delta2"), Slip::ForgotWeights),
    ];
    Network {
        level: Level::Relu,
        given,
        steps,
        asked: "x",
    }
}

fn softmax(rng: &mut impl Rng) -> Network {
    let mut given: Vec<(&'static str, f64)> = vec![("x", half(rng, 2))];
    for name in ["w1", "w2", "w3", "b1", "b2", "b3"] {
        given.push((name, half(rng, 1)));
    }
    let class = rng.gen_range(0..3);
    for (j, name) in ["y1", "y2", "y3"].into_iter().enumerate() {
        given.push((name, f64::from(j == class)));
    }
    fn part(k: &K, z: &str) -> f64 {
        let all: f64 = ["z1", "z2", "z3"].iter().map(|z| libm::exp(k.get(z))).sum();
        libm::exp(k.get(z)) / all
    }
    let p = |name, latex, formula, rule, alone| {
        Step::of(name, latex, formula, rule).slip(alone, Slip::NotNormalised)
    };
    let mut steps = vec![
        Step::of("z1", "z_1", r"<w1> \cdot <x> + <b1>", |k| {
            k.get("w1") * k.get("x") + k.get("b1")
        }),
        Step::of("z2", "z_2", r"<w2> \cdot <x> + <b2>", |k| {
            k.get("w2") * k.get("x") + k.get("b2")
        }),
        Step::of("z3", "z_3", r"<w3> \cdot <x> + <b3>", |k| {
            k.get("w3") * k.get("x") + k.get("b3")
        }),
        p(
            "p1",
            "p_1",
            r"\frac{e^{<z1>}}{e^{<z1>} + e^{<z2>} + e^{<z3>}}",
            |k| part(k, "z1"),
            |k| libm::exp(k.get("z1")),
        ),
        p(
            "p2",
            "p_2",
            r"\frac{e^{<z2>}}{e^{<z1>} + e^{<z2>} + e^{<z3>}}",
            |k| part(k, "z2"),
            |k| libm::exp(k.get("z2")),
        ),
        p(
            "p3",
            "p_3",
            r"\frac{e^{<z3>}}{e^{<z1>} + e^{<z2>} + e^{<z3>}}",
            |k| part(k, "z3"),
            |k| libm::exp(k.get("z3")),
        ),
    ];
    let delta = |name, latex, formula, rule, alone, twice| {
        Step::of(name, latex, formula, rule)
            .slip(alone, Slip::ForgotTarget)
            .slip(twice, Slip::SlopeTwice)
    };
    let dw = |latex, formula, rule, bare| {
        Step::of("dw", latex, formula, rule).slip(bare, Slip::ForgotInput)
    };
    let asked = *["w1", "w2", "w3"].choose(rng).unwrap_or(&"w1");
    let (error, last) = match asked {
        "w1" => (
            delta(
                "delta1",
                r"\delta_1",
                "<p1> - <y1>",
                |k| k.get("p1") - k.get("y1"),
                |k| k.get("p1"),
                |k| (k.get("p1") - k.get("y1")) * slope(k.get("p1")),
            ),
            dw(
                r"\partial C/\partial w_1",
                r"<delta1> \cdot <x>",
                |k| k.get("delta1") * k.get("x"),
                |k| k.get("delta1"),
            ),
        ),
        "w2" => (
            delta(
                "delta2",
                r"\delta_2",
                "<p2> - <y2>",
                |k| k.get("p2") - k.get("y2"),
                |k| k.get("p2"),
                |k| (k.get("p2") - k.get("y2")) * slope(k.get("p2")),
            ),
            dw(
                r"\partial C/\partial w_2",
                r"<delta2> \cdot <x>",
                |k| k.get("delta2") * k.get("x"),
                |k| k.get("delta2"),
            ),
        ),
        _ => (
            delta(
                "delta3",
                r"\delta_3",
                "<p3> - <y3>",
                |k| k.get("p3") - k.get("y3"),
                |k| k.get("p3"),
                |k| (k.get("p3") - k.get("y3")) * slope(k.get("p3")),
            ),
            dw(
                r"\partial C/\partial w_3",
                r"<delta3> \cdot <x>",
                |k| k.get("delta3") * k.get("x"),
                |k| k.get("delta3"),
            ),
        ),
    };
    steps.push(error);
    steps.push(last);
    Network {
        level: Level::Softmax,
        given,
        steps,
        asked,
    }
}

fn batch(rng: &mut impl Rng) -> Network {
    let mut given: Vec<(&'static str, f64)> = Vec::new();
    for name in ["x11", "x12", "x21", "x22", "x31", "x32", "w1", "w2", "b"] {
        given.push((name, half(rng, if name.starts_with('x') { 2 } else { 1 })));
    }
    for name in ["y1", "y2", "y3"] {
        given.push((name, f64::from(rng.gen_range(-1..=2))));
    }
    let delta = |name, latex, formula, rule, alone| {
        Step::of(name, latex, formula, rule).slip(alone, Slip::ForgotMean)
    };
    let mut steps = vec![
        Step::of(
            "z1",
            "z_1",
            r"<x11> \cdot <w1> + <x12> \cdot <w2> + <b>",
            |k| k.get("x11") * k.get("w1") + k.get("x12") * k.get("w2") + k.get("b"),
        ),
        Step::of(
            "z2",
            "z_2",
            r"<x21> \cdot <w1> + <x22> \cdot <w2> + <b>",
            |k| k.get("x21") * k.get("w1") + k.get("x22") * k.get("w2") + k.get("b"),
        ),
        Step::of(
            "z3",
            "z_3",
            r"<x31> \cdot <w1> + <x32> \cdot <w2> + <b>",
            |k| k.get("x31") * k.get("w1") + k.get("x32") * k.get("w2") + k.get("b"),
        ),
        delta(
            "delta1",
            r"\Delta_1",
            r"\tfrac{1}{3}(<z1> - <y1>)",
            |k| (k.get("z1") - k.get("y1")) / 3.0,
            |k| k.get("z1") - k.get("y1"),
        ),
        delta(
            "delta2",
            r"\Delta_2",
            r"\tfrac{1}{3}(<z2> - <y2>)",
            |k| (k.get("z2") - k.get("y2")) / 3.0,
            |k| k.get("z2") - k.get("y2"),
        ),
        delta(
            "delta3",
            r"\Delta_3",
            r"\tfrac{1}{3}(<z3> - <y3>)",
            |k| (k.get("z3") - k.get("y3")) / 3.0,
            |k| k.get("z3") - k.get("y3"),
        ),
    ];
    fn column(k: &K, x: [&str; 3]) -> f64 {
        let pairs = x.into_iter().zip(["delta1", "delta2", "delta3"]);
        pairs.map(|(x, delta)| k.get(x) * k.get(delta)).sum()
    }
    fn sum(k: &K) -> f64 {
        ["delta1", "delta2", "delta3"]
            .iter()
            .map(|delta| k.get(delta))
            .sum()
    }
    let asked = *["w1", "w2"].choose(rng).unwrap_or(&"w1");
    steps.push(match asked {
        "w1" => Step::of(
            "dw",
            r"\partial C/\partial w_1",
            r"<x11> \cdot <delta1> + <x21> \cdot <delta2> + <x31> \cdot <delta3>",
            |k| column(k, ["x11", "x21", "x31"]),
        )
        .slip(|k| k.get("x11") * k.get("delta1"), Slip::OneExample)
        .slip(|k| column(k, ["x12", "x22", "x32"]), Slip::OtherInput)
        .slip(sum, Slip::ForgotInput),
        _ => Step::of(
            "dw",
            r"\partial C/\partial w_2",
            r"<x12> \cdot <delta1> + <x22> \cdot <delta2> + <x32> \cdot <delta3>",
            |k| column(k, ["x12", "x22", "x32"]),
        )
        .slip(|k| k.get("x12") * k.get("delta1"), Slip::OneExample)
        .slip(|k| column(k, ["x11", "x21", "x31"]), Slip::OtherInput)
        .slip(sum, Slip::ForgotInput),
    });
    Network {
        level: Level::Batch,
        given,
        steps,
        asked,
    }
}
