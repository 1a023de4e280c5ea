//! What is asked and how it is solved, in words and LaTeX.

use super::formula::{factor, number, plus, term};
use super::problem::{Neuron, Parameter, Passes, Problem, right};
use super::steps::line;
use gradus_text::Language;

impl Problem {
    pub(super) fn statement(&self, language: Language) -> String {
        let es = language == Language::Es;
        let n = number;
        let figures = if es {
            "Da al menos tres cifras significativas."
        } else {
            "Give at least three significant figures."
        };
        match *self {
            Problem::Composition { x, .. } | Problem::SumsAndProducts { x, .. } => {
                let h = self.function();
                if es {
                    format!(
                        "Calcula la derivada de $h(x) = {h}$ en $x = {}$. {figures}",
                        n(x)
                    )
                } else {
                    format!(
                        "Find the derivative of $h(x) = {h}$ at $x = {}$. {figures}",
                        n(x)
                    )
                }
            }
            Problem::Neuron(neuron) => {
                let Neuron {
                    x,
                    y,
                    w1,
                    b1,
                    w2,
                    b2,
                    ..
                } = neuron;
                let net = r"z_1 = w_1 x + b_1,\quad a_1 = \sigma(z_1),\quad z_2 = w_2 a_1 + b_2,\quad a_2 = \sigma(z_2),\quad C = \tfrac{1}{2}(a_2 - y)^2";
                let values = format!(
                    "$x = {}$, $y = {}$, $w_1 = {}$, $b_1 = {}$, $w_2 = {}$, $b_2 = {}$",
                    n(x),
                    n(y),
                    n(w1),
                    n(b1),
                    n(w2),
                    n(b2)
                );
                let asked = format!(r"$\partial C / \partial {}$", neuron.symbol());
                if es {
                    format!(
                        "Una red de dos capas con una neurona en cada una calcula\n\n$${net}$$\n\ncon {values}. Calcula {asked}. {figures}"
                    )
                } else {
                    format!(
                        "A network of two layers with one neuron each computes\n\n$${net}$$\n\nwith {values}. Find {asked}. {figures}"
                    )
                }
            }
            Problem::Network(ref network) => network.statement(language),
        }
    }

    /// `h(x)` in LaTeX.
    fn function(&self) -> String {
        match *self {
            Problem::Composition { outer, inner, .. } => outer.latex(&inner.latex()),
            Problem::SumsAndProducts {
                outer,
                inner,
                p,
                q,
                r,
                added,
                ..
            } => format!(
                r"({}{})\,{}{}",
                term(p, "x"),
                plus(q, ""),
                outer.latex(&inner.latex()),
                plus(r, added.latex().0)
            ),
            Problem::Neuron(_) | Problem::Network(_) => "C".to_owned(),
        }
    }

    pub(super) fn steps(&self, language: Language) -> Vec<String> {
        let es = language == Language::Es;
        let n = number;
        let by = factor;
        let say = |spanish: String, english: String| if es { spanish } else { english };
        match *self {
            Problem::Composition { outer, inner, x } => {
                let (f, derivative) = outer.rule();
                let g = inner.latex();
                let by_x = inner.derivative_latex();
                let u = inner.value(x);
                vec![
                    say(
                        format!(
                            "La función exterior es $f(u) = {f}$ y la interior, $u = g(x) = {g}$."
                        ),
                        format!(
                            "The outer function is $f(u) = {f}$ and the inner one $u = g(x) = {g}$."
                        ),
                    ),
                    say(
                        format!("Sus derivadas son $f'(u) = {derivative}$ y $g'(x) = {by_x}$."),
                        format!(
                            "Their derivatives are $f'(u) = {derivative}$ and $g'(x) = {by_x}$."
                        ),
                    ),
                    say(
                        r"Regla de la cadena: $h'(x) = f'(g(x)) \cdot g'(x)$.".to_owned(),
                        r"The chain rule: $h'(x) = f'(g(x)) \cdot g'(x)$.".to_owned(),
                    ),
                    say(
                        format!(
                            "En $x = {}$: $u = {}$, $f'(u) = {}$ y $g'(x) = {}$.",
                            n(x),
                            n(u),
                            n(outer.derivative(u)),
                            n(inner.derivative(x))
                        ),
                        format!(
                            "At $x = {}$: $u = {}$, $f'(u) = {}$ and $g'(x) = {}$.",
                            n(x),
                            n(u),
                            n(outer.derivative(u)),
                            n(inner.derivative(x))
                        ),
                    ),
                    format!(
                        r"$h'({}) = {} \cdot {} \approx {}$",
                        n(x),
                        n(outer.derivative(u)),
                        by(inner.derivative(x)),
                        n(self.answer())
                    ),
                ]
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
                let (f, derivative) = outer.rule();
                let g = inner.latex();
                let by_x = inner.derivative_latex();
                let u = inner.value(x);
                let line = format!("{}{}", term(p, "x"), plus(q, ""));
                let (value, slope) = (outer.value(u), outer.derivative(u) * inner.derivative(x));
                let (k, k_slope) = added.latex();
                let rest = term(r, k);
                vec![
                    say(
                        format!("$h$ es una suma: el producto de $p(x) = {line}$ por $f(g(x))$, con $f(u) = {f}$ y $u = g(x) = {g}$, más $q(x) = {rest}$. Se deriva sumando a sumando."),
                        format!("$h$ is a sum: the product of $p(x) = {line}$ and $f(g(x))$, with $f(u) = {f}$ and $u = g(x) = {g}$, plus $q(x) = {rest}$. Differentiate term by term."),
                    ),
                    say(
                        r"Regla del producto: $(p \cdot f(g))' = p' \cdot f(g) + p \cdot f'(g) \cdot g'$. El último factor es el de la regla de la cadena.".to_owned(),
                        r"The product rule: $(p \cdot f(g))' = p' \cdot f(g) + p \cdot f'(g) \cdot g'$. The last factor is the chain rule's.".to_owned(),
                    ),
                    say(
                        format!(r"Derivadas: $p'(x) = {}$, $f'(u) = {derivative}$, $g'(x) = {by_x}$ y $q'(x) = {} \cdot {k_slope}$.", n(p), n(r)),
                        format!(r"The derivatives: $p'(x) = {}$, $f'(u) = {derivative}$, $g'(x) = {by_x}$ and $q'(x) = {} \cdot {k_slope}$.", n(p), n(r)),
                    ),
                    say(
                        format!("En $x = {}$: $u = {}$, $f(u) = {}$, $f'(u) = {}$, $g'(x) = {}$, $p(x) = {}$ y $q'(x) = {}$.", n(x), n(u), n(value), n(outer.derivative(u)), n(inner.derivative(x)), n(p * x + q), n(r * added.derivative(x))),
                        format!("At $x = {}$: $u = {}$, $f(u) = {}$, $f'(u) = {}$, $g'(x) = {}$, $p(x) = {}$ and $q'(x) = {}$.", n(x), n(u), n(value), n(outer.derivative(u)), n(inner.derivative(x)), n(p * x + q), n(r * added.derivative(x))),
                    ),
                    format!(
                        r"$h'({}) = {} \cdot {} + {} \cdot {} \cdot {} + {} \approx {} + {} + {} \approx {}$",
                        n(x),
                        n(p),
                        by(value),
                        by(p * x + q),
                        by(outer.derivative(u)),
                        by(inner.derivative(x)),
                        by(r * added.derivative(x)),
                        n(p * value),
                        by((p * x + q) * slope),
                        by(r * added.derivative(x)),
                        n(self.answer())
                    ),
                ]
            }
            Problem::Neuron(neuron) => {
                let Passes {
                    z1,
                    a1,
                    z2,
                    a2,
                    delta2,
                    delta1,
                    gradient,
                } = neuron.passes(right, right);
                let Neuron {
                    x,
                    y,
                    w1,
                    b1,
                    w2,
                    b2,
                    ..
                } = neuron;
                let mut steps = vec![
                    say(
                        format!(
                            r"Hacia delante: $z_1 = {} \cdot {} + {} = {}$ y $a_1 = \sigma(z_1) \approx {}$.",
                            n(w1),
                            by(x),
                            by(b1),
                            n(z1),
                            n(a1)
                        ),
                        format!(
                            r"Forward: $z_1 = {} \cdot {} + {} = {}$ and $a_1 = \sigma(z_1) \approx {}$.",
                            n(w1),
                            by(x),
                            by(b1),
                            n(z1),
                            n(a1)
                        ),
                    ),
                    say(
                        format!(
                            r"$z_2 = {} \cdot {} + {} \approx {}$ y $a_2 = \sigma(z_2) \approx {}$.",
                            n(w2),
                            by(a1),
                            by(b2),
                            n(z2),
                            n(a2)
                        ),
                        format!(
                            r"$z_2 = {} \cdot {} + {} \approx {}$ and $a_2 = \sigma(z_2) \approx {}$.",
                            n(w2),
                            by(a1),
                            by(b2),
                            n(z2),
                            n(a2)
                        ),
                    ),
                    say(
                        format!(
                            r"Hacia atrás, con $\sigma'(z) = a(1-a)$: $\delta_2 = \partial C/\partial z_2 = (a_2 - y)\,a_2(1-a_2) = ({} - {}) \cdot {} \cdot {} \approx {}$.",
                            n(a2),
                            n(y),
                            n(a2),
                            n(1.0 - a2),
                            n(delta2)
                        ),
                        format!(
                            r"Backward, with $\sigma'(z) = a(1-a)$: $\delta_2 = \partial C/\partial z_2 = (a_2 - y)\,a_2(1-a_2) = ({} - {}) \cdot {} \cdot {} \approx {}$.",
                            n(a2),
                            n(y),
                            n(a2),
                            n(1.0 - a2),
                            n(delta2)
                        ),
                    ),
                ];
                if neuron.is_first_layer() {
                    steps.push(format!(
                        r"$\delta_1 = \partial C/\partial z_1 = \delta_2\,w_2\,a_1(1-a_1) = {} \cdot {} \cdot {} \cdot {} \approx {}$.",
                        n(delta2),
                        by(w2),
                        n(a1),
                        n(1.0 - a1),
                        n(delta1)
                    ));
                }
                let symbol = neuron.symbol();
                let last = match neuron.asked {
                    Parameter::W1 => format!(r"\delta_1\,x = {} \cdot {}", n(delta1), by(x)),
                    Parameter::B1 => r"\delta_1".to_owned(),
                    Parameter::W2 => format!(r"\delta_2\,a_1 = {} \cdot {}", n(delta2), by(a1)),
                    Parameter::B2 => r"\delta_2".to_owned(),
                };
                steps.push(format!(
                    r"$\partial C/\partial {symbol} = {last} \approx {}$",
                    n(gradient)
                ));
                steps
            }
            Problem::Network(ref network) => {
                let known = network.known();
                let symbol = |name: &str| network.symbol(name);
                let steps = network.steps.iter();
                steps.map(|step| line(step, symbol, &known)).collect()
            }
        }
    }
}
