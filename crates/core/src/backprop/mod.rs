//! Block 5: backpropagation, the chain rule on a graph.
//!
//! Forward, each operation computes its value and its *local derivatives*. Backward, each receives the *upstream gradient*
//! `∂C/∂a` of its own output and hands every input its share:
//!
//! ```text
//! ∂C/∂x = Σ over the uses of x   ∂C/∂a · ∂a/∂x        (upstream · local)
//! ```
//!
//! [`Expr`] is a number that knows how it was computed, [`Graph`] the table and the picture of both passes,
//! [`Graph::tape_gradients`] the same on dfdx's tape, and [`gradient_check`] the test that every gradient should pass. Left
//! out: tensors. A layer does the same with matrices (see [`model`](crate::model)).

pub(crate) mod check;
mod expr;
mod tape;

use serde_json::{Value, json};

use gradus_text::say;
use std::fmt;

pub use check::{Agreement, Component, GradientCheck, gradient_check};
pub use expr::Expr;

use crate::format::number;
pub(crate) use expr::Op;

/// Both passes through an expression: values forward, gradients backward. Made by [`Expr::backward`].
#[derive(Clone, Debug)]
pub struct Graph {
    /// Inputs before what is computed from them; the output is the last.
    pub(crate) nodes: Vec<Node>,
    /// The graph step by step, of one that was folded.
    whole: Option<Box<Graph>>,
}

/// One operation with what passes through it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    id: u64,
    pub(crate) name: String,
    pub(crate) op: Op,
    pub(crate) value: f64,
    pub(crate) gradient: f64,
    pub(crate) edges: Vec<Edge>,
    /// Whether somebody gave it its name.
    named: bool,
    /// The whole formula, of a node that others were folded into.
    folded: Option<String>,
}

/// One use of a value by an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    /// The position of the input in the graph.
    pub(crate) from: usize,
    /// The derivative of the operation by this input.
    pub(crate) local: f64,
}

impl Expr {
    /// Backpropagation from this expression: its gradient with respect to everything it was computed from.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let (x, y, z) = (Expr::input("x", -2.0), Expr::input("y", 5.0), Expr::input("z", -4.0));
    /// let q = (&x + &y).named("q");
    /// let f = (&q * &z).named("f");
    /// let graph = f.backward();
    /// assert_eq!(graph.gradient(&x), -4.0); // df/dq · dq/dx = z · 1
    /// assert_eq!(graph.gradient(&z), 3.0);
    /// println!("{graph}");
    /// ```
    pub fn backward(&self) -> Graph {
        let order = self.before();
        let position = |e: &Expr| order.partition_point(|other| other.id() < e.id());
        let mut computed = 0;
        let mut nodes: Vec<Node> = order
            .iter()
            .map(|e| Node {
                id: e.id(),
                name: match (e.name(), e.op()) {
                    ("", Op::Constant) => number(e.value()),
                    ("", _) => {
                        computed += 1;
                        format!("v{computed}")
                    }
                    (name, _) => name.to_owned(),
                },
                op: e.op(),
                value: e.value(),
                gradient: 0.0,
                named: !e.name().is_empty(),
                folded: None,
                edges: e
                    .inputs()
                    .iter()
                    .map(|(input, local)| Edge {
                        from: position(input),
                        local: *local,
                    })
                    .collect(),
            })
            .collect();
        // The derivative of the output by itself.
        if let Some(output) = nodes.last_mut() {
            output.gradient = 1.0;
        }
        for i in (0..nodes.len()).rev() {
            let upstream = nodes[i].gradient;
            for Edge { from, local } in nodes[i].edges.clone() {
                nodes[from].gradient += upstream * local;
            }
        }
        Graph { nodes, whole: None }
    }
}

impl Graph {
    /// The value of the output.
    pub fn value(&self) -> f64 {
        self.nodes.last().map_or(f64::NAN, |node| node.value)
    }

    /// The gradient of the output with respect to `expr`; 0 where the output does not depend on it.
    pub fn gradient(&self, expr: &Expr) -> f64 {
        self.nodes
            .iter()
            .find(|node| node.id == expr.id())
            .map_or(0.0, |node| node.gradient)
    }

    /// The names of the inputs, their values and their gradients.
    pub fn inputs(&self) -> Vec<(String, f64, f64)> {
        let inputs = self.nodes.iter().filter(|node| node.op == Op::Input);
        inputs
            .map(|node| (node.name.clone(), node.value, node.gradient))
            .collect()
    }

    /// The graph of what has a name. A step without one becomes a part of the step that uses it, whose local derivatives are then
    /// those of the whole: `z = w · x + b` is one box with three edges instead of two boxes. Values and gradients stay.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let [w, x, b] = [("w", 2.0), ("x", 3.0), ("b", 1.0)].map(|(name, value)| Expr::input(name, value));
    /// let a = (&w * &x + &b).named("z").tanh().named("a");
    /// assert!(a.backward().folded().to_string().contains("z = w · x + b"));
    /// ```
    pub fn folded(&self) -> Graph {
        let whole = self.step_by_step();
        let last = whole.nodes.len().saturating_sub(1);
        let stays = |i: usize| {
            let node = &whole.nodes[i];
            node.named || node.op == Op::Input || i == last
        };
        // What each step is made of, as edges from those that stay, and its formula.
        let mut parts: Vec<Vec<Edge>> = Vec::new();
        let mut formulas: Vec<String> = Vec::new();
        let mut places = vec![0; whole.nodes.len()];
        let mut nodes: Vec<Node> = Vec::new();
        for (i, node) in whole.nodes.iter().enumerate() {
            let mut edges: Vec<Edge> = Vec::new();
            for edge in &node.edges {
                let inner: &[Edge] = match stays(edge.from) {
                    true => &[Edge {
                        from: edge.from,
                        local: 1.0,
                    }],
                    false => &parts[edge.from],
                };
                for part in inner {
                    let local = edge.local * part.local;
                    match edges.iter_mut().find(|known| known.from == part.from) {
                        Some(known) => known.local += local,
                        None => edges.push(Edge {
                            from: part.from,
                            local,
                        }),
                    }
                }
            }
            let texts = node.edges.iter().enumerate().map(|(k, edge)| {
                let inner = &whole.nodes[edge.from];
                let text = &formulas[edge.from];
                match !stays(edge.from) && node.op.needs_brackets(k, inner.op) {
                    true => format!("({text})"),
                    false => text.clone(),
                }
            });
            let texts: Vec<String> = texts.collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let formula = match node.op {
                Op::Input | Op::Constant => node.name.clone(),
                op => op.formula(&texts),
            };
            if stays(i) {
                places[i] = nodes.len();
                let mut kept = node.clone();
                kept.edges = edges.clone();
                for edge in &mut kept.edges {
                    edge.from = places[edge.from];
                }
                kept.folded = (node.edges.iter().any(|edge| !stays(edge.from)))
                    .then(|| format!("{} = {formula}", node.name));
                nodes.push(kept);
            }
            formulas.push(if stays(i) { node.name.clone() } else { formula });
            parts.push(edges);
        }
        let whole = Some(Box::new(whole.clone()));
        Graph { nodes, whole }
    }

    /// The graph in which every operation is a step.
    fn step_by_step(&self) -> &Graph {
        self.whole.as_deref().unwrap_or(self)
    }

    /// Every operation as `autograd.js` computes it, and which of them each node of this graph is.
    pub(crate) fn steps(&self) -> (Vec<Value>, Vec<usize>) {
        let whole = &self.step_by_step().nodes;
        let step = |node: &Node| {
            let from: Vec<usize> = node.edges.iter().map(|edge| edge.from).collect();
            match node.op {
                Op::Input | Op::Constant => json!({ "value": node.value }),
                Op::Power(n) => json!({ "op": "Power", "n": n, "from": from }),
                op => json!({ "op": format!("{op:?}"), "from": from }),
            }
        };
        let place = |node: &Node| whole.iter().position(|step| step.id == node.id);
        let places = self.nodes.iter().filter_map(place).collect();
        (whole.iter().map(step).collect(), places)
    }

    /// Whether it was folded: an edge then stands for all ways from one node to the next.
    pub(crate) fn is_folded(&self) -> bool {
        self.whole.is_some()
    }

    /// How a node is computed, such as `q = x + y`.
    pub(crate) fn formula(&self, node: &Node) -> String {
        if let Some(formula) = &node.folded {
            return formula.clone();
        }
        let names = self.input_names(node);
        match node.op {
            Op::Input | Op::Constant => node.name.clone(),
            op => format!("{} = {}", node.name, op.formula(&names)),
        }
    }

    fn input_names(&self, node: &Node) -> Vec<&str> {
        let names = node.edges.iter().map(|edge| &*self.nodes[edge.from].name);
        names.collect()
    }
}

/// The forward pass as a table, then the backward pass step by step.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let output = self.nodes.last().map_or("C", |node| &node.name);
        let formulas: Vec<String> = self.nodes.iter().map(|node| self.formula(node)).collect();
        let width = formulas.iter().map(|s| s.chars().count()).max();
        let width = width.unwrap_or(0).max(say(13, 8));
        write!(
            f,
            "{:<width$}  {:>12}  {:>12}",
            say("hacia delante", "forward"),
            say("valor", "value"),
            format!("d{output}/d·")
        )?;
        for (node, formula) in self.nodes.iter().zip(&formulas) {
            write!(
                f,
                "\n{formula:<width$}  {:>12.6}  {:>12.6}",
                node.value, node.gradient
            )?;
        }
        let backward = say(
            "hacia atrás: lo que llega · local = lo que pasa",
            "backward: upstream · local = passed on",
        );
        write!(f, "\n\n{backward}")?;
        for node in self.nodes.iter().rev() {
            let names = self.input_names(node);
            for (i, edge) in node.edges.iter().enumerate() {
                write!(
                    f,
                    "\n{} -> {}: {:.6} · {:.6} = {:.6}",
                    node.name,
                    names[i],
                    node.gradient,
                    edge.local,
                    node.gradient * edge.local,
                )?;
                if node.folded.is_none() {
                    let local = node.op.local_formula(i, &names, &node.name);
                    write!(f, "   (d{}/d{} = {local})", node.name, names[i])?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-5 * (1.0 + b.abs())
    }

    /// The neuron that cs231n's notes draw, with its numbers (printed there to two decimals):
    /// <https://cs231n.github.io/optimization-2/>.
    #[test]
    fn the_neuron_of_the_notes_has_its_numbers() {
        let [w0, x0, w1, x1, w2] = [
            ("w0", 2.0),
            ("x0", -1.0),
            ("w1", -3.0),
            ("x1", -2.0),
            ("w2", -3.0),
        ]
        .map(|(name, value)| Expr::input(name, value));
        let z = (&w0 * &x0 + &w1 * &x1 + &w2).named("z");
        let graph = z.sigmoid().named("a").backward();
        assert!((graph.value() - 0.73).abs() < 5e-3, "{graph}");
        for (x, expected) in [
            (&w0, -0.2),
            (&x0, 0.39),
            (&w1, -0.39),
            (&x1, -0.59),
            (&w2, 0.2),
        ] {
            let gradient = graph.gradient(x);
            assert!((gradient - expected).abs() < 7e-3, "{expected}\n{graph}");
        }
        let text = graph.to_string();
        assert!(text.contains("(da/dz = a (1 - a))"), "{text}");
    }

    #[test]
    fn a_value_used_twice_collects_both_gradients() {
        let x = Expr::input("x", 3.0);
        let y = (&x * &x + &x / &x - &x).backward();
        assert_eq!(y.gradient(&x), 2.0 * 3.0 - 1.0);
        assert!(close(y.tape_gradients()[0].1.into(), 5.0));
        let unused = Expr::input("u", 1.0);
        assert_eq!(y.gradient(&unused), 0.0);
    }

    #[test]
    fn a_folded_graph_has_the_named_steps_and_the_same_gradients() {
        let [w, x, b] = [("w", 2.0), ("x", 3.0), ("b", 0.5)].map(|(n, v)| Expr::input(n, v));
        let z = (&w * (&x - 1.0) + &b + &x).named("z");
        let whole = (0.5 * (z.tanh() - 1.0).powi(2)).named("C").backward();
        let folded = whole.folded();
        assert_eq!(folded.nodes.len(), 5, "{folded}");
        for input in [&w, &x, &b, &z] {
            assert_eq!(folded.gradient(input), whole.gradient(input));
        }
        let text = folded.to_string();
        assert!(text.contains("z = w · (x - 1) + b + x"), "{text}");
        assert!(text.contains("C = 0.5 · (tanh(z) - 1)^2"), "{text}");
        // The local derivatives are those of the whole step: x comes in twice.
        let into_z = folded.nodes.iter().find(|node| node.name == "z").unwrap();
        let locals: Vec<f64> = into_z.edges.iter().map(|edge| edge.local).collect();
        assert_eq!(locals, [2.0, 3.0, 1.0]);
        for ((name, tape), (_, _, ours)) in folded.tape_gradients().iter().zip(folded.inputs()) {
            assert!(close((*tape).into(), ours), "{name}");
        }
        assert_eq!(folded.folded().to_string(), text);
        let unnamed = (&w * &x).backward().folded();
        assert_eq!(unnamed.nodes.len(), 3);
    }

    #[test]
    fn a_long_chain_overflows_no_stack() {
        let mut x = Expr::input("x", 1.0);
        let start = x.clone();
        for _ in 0..200_000 {
            x = x + 1e-6;
        }
        assert_eq!(x.backward().gradient(&start), 1.0);
    }

    /// A random expression of two inputs that uses every operation sooner or later.
    fn expression(x: &Expr, y: &Expr, choices: &[u8]) -> Expr {
        let mut made = vec![x.clone(), y.clone()];
        for &choice in choices {
            let a = &made[usize::from(choice / 16) % made.len()];
            let b = &made[made.len() - 1];
            made.push(match choice % 16 {
                0 => a + b,
                1 => a - b,
                2 | 14 => a * b,
                3 => a / (b * b + 1.0),
                4 => -a,
                5 => (a * 0.1).tanh().exp(),
                6 => (a * a + 0.5).ln(),
                7 => a.sigmoid(),
                8 => a.tanh(),
                9 => a.sin(),
                10 => a.cos(),
                11 => (a * a + 1.0).sqrt(),
                12 => a.tanh().powi(3),
                13 => (a + 0.1).relu(),
                _ => 2.0 - 3.0 * a / 4.0,
            });
        }
        made.pop().expect("there are inputs")
    }

    proptest! {
        #[test]
        fn gradients_equal_the_tape_and_central_differences(
            (x0, y0) in (-2.0..2.0_f64, -2.0..2.0_f64),
            choices in proptest::collection::vec(any::<u8>(), 1..10),
        ) {
            let f = |w: &[f64]| {
                let (x, y) = (Expr::input("x", w[0]), Expr::input("y", w[1]));
                (expression(&x, &y, &choices).backward(), x, y)
            };
            let (graph, x, y) = f(&[x0, y0]);
            prop_assume!(graph.value().abs() < 1e3);
            let gradient = [graph.gradient(&x), graph.gradient(&y)];
            prop_assume!(gradient.iter().all(|g| g.abs() < 1e4));
            for (name, tape) in graph.tape_gradients() {
                let ours = graph.inputs().into_iter().find(|input| input.0 == name).unwrap().2;
                prop_assert!((f64::from(tape) - ours).abs() <= 1e-3 * (1.0 + ours.abs()), "{name}: tape {tape}\n{graph}");
            }
            let check = gradient_check(|w| f(w).0.value(), &gradient, &[x0, y0]).unwrap();
            prop_assert!(check.passes(), "{check}\n{graph}");
        }

        #[test]
        fn any_numbers_are_answered_without_a_panic(x0 in any::<f64>(), y0 in any::<f64>(), choices in proptest::collection::vec(any::<u8>(), 0..8)) {
            let (x, y) = (Expr::input("x", x0), Expr::input("y", y0));
            let graph = expression(&x, &y, &choices).backward();
            let _ = (graph.to_string(), graph.tape_gradients(), graph.plot().svg());
        }
    }
}
