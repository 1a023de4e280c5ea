//! The same expression on dfdx's tape.

use dfdx::prelude::*;

use super::expr::Op;
use super::{Edge, Graph};
use crate::tensor::{Scalar, Tape as OwnTape, device};

impl Graph {
    /// Compute the expression again with dfdx's tensors of one number, and let its tape go backward: the inputs' names and
    /// gradients, in the order of [`Graph::inputs`]. They are `f32`, so they agree to about six digits.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let (w, x) = (Expr::input("w", 0.5), Expr::input("x", 2.0));
    /// let graph = (&w * &x).sigmoid().backward();
    /// for ((name, tape), (_, _, ours)) in graph.tape_gradients().iter().zip(graph.inputs()) {
    ///     assert!((f64::from(*tape) - ours).abs() < 1e-6, "{name}");
    /// }
    /// ```
    pub fn tape_gradients(&self) -> Vec<(String, f32)> {
        let nodes = &self.step_by_step().nodes;
        let mut tape = OwnTape::default();
        let mut tensors: Vec<Scalar> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let tensor = match node.edges[..] {
                [] => device().tensor(node.value as f32),
                [Edge { from, .. }] => {
                    let x = tensors[from].clone().put_tape(tape);
                    let (a, then) = unary(node.op, x).split_tape();
                    tape = then;
                    a
                }
                [first, second, ..] => {
                    let mut y = tensors[second.from].clone();
                    if first.from == second.from {
                        // The tape cannot take a tensor twice in one operation: let the second be computed from the first.
                        let (copy, then) = (y.put_tape(tape) * 1.0).split_tape();
                        (y, tape) = (copy, then);
                    }
                    let x = tensors[first.from].clone().put_tape(tape);
                    let (a, then) = binary(node.op, x, y).split_tape();
                    tape = then;
                    a
                }
            };
            tensors.push(tensor);
        }
        let Some(output) = tensors.last() else {
            return Vec::new();
        };
        // An operation at the end, so that even an expression that is only an input leaves something on the tape.
        let gradients = (output.clone().put_tape(tape) * 1.0).backward();
        nodes
            .iter()
            .zip(&tensors)
            .filter(|(node, _)| node.op == Op::Input)
            .map(|(node, tensor)| (node.name.clone(), gradients.get(tensor).array()))
            .collect()
    }
}

fn unary(op: Op, x: Scalar<OwnTape>) -> Scalar<OwnTape> {
    match op {
        Op::Neg => -x,
        Op::Power(n) => x.powi(n),
        Op::Exp => x.exp(),
        Op::Ln => x.ln(),
        Op::Sqrt => x.sqrt(),
        Op::Sin => x.sin(),
        Op::Cos => x.cos(),
        Op::Sigmoid => x.sigmoid(),
        Op::Tanh => x.tanh(),
        Op::Relu => x.relu(),
        Op::Input | Op::Constant | Op::Add | Op::Sub | Op::Mul | Op::Div => x,
    }
}

fn binary(op: Op, x: Scalar<OwnTape>, y: Scalar) -> Scalar<OwnTape> {
    match op {
        Op::Sub => x - y,
        Op::Mul => x * y,
        Op::Div => x / y,
        _ => x + y,
    }
}
