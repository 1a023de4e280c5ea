//! Numbers that know how they were computed.

use std::collections::HashSet;
use std::fmt;
use std::ops;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gradus_text::{Text, say};

/// A number and the operation it came from. Write formulas with `+ - * /` on values or references, and its methods; then call
/// [`Expr::backward`]. Cloning is cheap and means the same number, not another one of equal value.
#[derive(Clone)]
pub struct Expr(Arc<Inner>);

struct Inner {
    // Later expressions have larger numbers, so sorting by it puts inputs before what is computed from them.
    id: u64,
    name: String,
    op: Op,
    value: f64,
    inputs: Vec<(Expr, f64)>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    Input,
    Constant,
    Add,
    Sub,
    Mul,
    Div,
    Neg,
    Power(i32),
    Exp,
    Ln,
    Sqrt,
    Sin,
    Cos,
    Sigmoid,
    Tanh,
    Relu,
}

impl Op {
    /// The operation in terms of the names of its inputs.
    pub(crate) fn formula(self, x: &[&str]) -> String {
        match (self, x) {
            (Op::Add, [x, y]) => format!("{x} + {y}"),
            (Op::Sub, [x, y]) => format!("{x} - {y}"),
            (Op::Mul, [x, y]) => format!("{x} · {y}"),
            (Op::Div, [x, y]) => format!("{x} / {y}"),
            (Op::Neg, [x]) => format!("-{x}"),
            (Op::Power(n), [x]) => format!("{x}^{n}"),
            (Op::Sigmoid, [x]) => format!("σ({x})"),
            (op, x) => format!("{}({})", format!("{op:?}").to_lowercase(), x.join(", ")),
        }
    }

    /// Whether input `i` stands in brackets when it is the formula of another operation.
    pub(crate) fn needs_brackets(self, i: usize, inner: Op) -> bool {
        let is_sum = matches!(inner, Op::Add | Op::Sub | Op::Neg);
        let is_product = matches!(inner, Op::Mul | Op::Div | Op::Power(_));
        match self {
            Op::Sub => i == 1 && is_sum,
            Op::Mul | Op::Neg => is_sum,
            Op::Div => is_sum || (i == 1 && is_product),
            Op::Power(_) => is_sum || is_product,
            _ => false,
        }
    }

    /// Its local derivative with respect to input `i`, in terms of the names of its inputs `x` and its own name `a`.
    pub(crate) fn local_formula(self, i: usize, x: &[&str], a: &str) -> String {
        match (self, i, x) {
            (Op::Sub, 1, _) | (Op::Neg, ..) => "-1".to_owned(),
            (Op::Mul, i, [x, y]) => [y, x][i.min(1)].to_string(),
            (Op::Div, 0, [_, y]) => format!("1 / {y}"),
            (Op::Div, _, [x, y]) => format!("-{x} / {y}²"),
            (Op::Power(n), _, [x]) => format!("{n} {x}^{}", n.saturating_sub(1)),
            (Op::Exp, ..) => a.to_owned(),
            (Op::Ln, _, [x]) => format!("1 / {x}"),
            (Op::Sqrt, ..) => format!("1 / (2 {a})"),
            (Op::Sin, _, [x]) => format!("cos({x})"),
            (Op::Cos, _, [x]) => format!("-sin({x})"),
            (Op::Sigmoid, ..) => format!("{a} (1 - {a})"),
            (Op::Tanh, ..) => format!("1 - {a}²"),
            (Op::Relu, _, [x]) => say(
                format!("1 si {x} > 0, si no 0"),
                format!("1 where {x} > 0, else 0"),
            ),
            _ => "1".to_owned(),
        }
    }
}

impl Expr {
    fn new(op: Op, value: f64, inputs: Vec<(Expr, f64)>) -> Expr {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Expr(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            name: String::new(),
            op,
            value,
            inputs,
        }))
    }

    /// A number to differentiate by.
    pub fn input(name: impl Into<Text>, value: f64) -> Expr {
        Expr::new(Op::Input, value, Vec::new()).named(name)
    }

    /// A number that stays; plain numbers in a formula become this by themselves.
    pub fn constant(value: f64) -> Expr {
        Expr::new(Op::Constant, value, Vec::new())
    }

    /// Give it a name to show. Name a value before it is used: what was computed from it earlier does not see the name.
    pub fn named(self, name: impl Into<Text>) -> Expr {
        let Expr(inner) = Expr::new(self.0.op, self.0.value, self.0.inputs.clone());
        let mut inner = inner;
        if let Some(inner) = Arc::get_mut(&mut inner) {
            inner.name = name.into().into_current();
        }
        Expr(inner)
    }

    /// Its value.
    pub fn value(&self) -> f64 {
        self.0.value
    }

    pub(super) fn id(&self) -> u64 {
        self.0.id
    }

    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    pub(super) fn op(&self) -> Op {
        self.0.op
    }

    pub(super) fn inputs(&self) -> &[(Expr, f64)] {
        &self.0.inputs
    }

    /// Everything it was computed from and itself, inputs first.
    pub(super) fn before(&self) -> Vec<Expr> {
        let mut seen = HashSet::from([self.id()]);
        let mut found = vec![self.clone()];
        let mut next = 0;
        while next < found.len() {
            let inputs = Arc::clone(&found[next].0);
            for (input, _) in &inputs.inputs {
                if seen.insert(input.id()) {
                    found.push(input.clone());
                }
            }
            next += 1;
        }
        found.sort_by_key(Expr::id);
        found
    }

    fn unary(&self, op: Op, value: f64, local: f64) -> Expr {
        Expr::new(op, value, vec![(self.clone(), local)])
    }

    /// `xⁿ`, local derivative `n xⁿ⁻¹`.
    pub fn powi(&self, n: i32) -> Expr {
        let x = self.value();
        let local = if n == 0 {
            0.0
        } else {
            f64::from(n) * x.powi(n.saturating_sub(1))
        };
        self.unary(Op::Power(n), x.powi(n), local)
    }

    /// `eˣ`, local derivative `eˣ`: the value itself.
    pub fn exp(&self) -> Expr {
        let a = libm::exp(self.value());
        self.unary(Op::Exp, a, a)
    }

    /// `ln x`, local derivative `1/x`. NaN for `x < 0`.
    pub fn ln(&self) -> Expr {
        self.unary(Op::Ln, libm::log(self.value()), 1.0 / self.value())
    }

    /// `√x`, local derivative `1/(2√x)`. NaN for `x < 0`.
    pub fn sqrt(&self) -> Expr {
        let a = self.value().sqrt();
        self.unary(Op::Sqrt, a, 0.5 / a)
    }

    /// `sin x`, local derivative `cos x`.
    pub fn sin(&self) -> Expr {
        self.unary(Op::Sin, libm::sin(self.value()), libm::cos(self.value()))
    }

    /// `cos x`, local derivative `-sin x`.
    pub fn cos(&self) -> Expr {
        self.unary(Op::Cos, libm::cos(self.value()), -libm::sin(self.value()))
    }

    /// `σ(z) = 1/(1 + e⁻ᶻ)`, local derivative `a (1 - a)`.
    pub fn sigmoid(&self) -> Expr {
        let a = 1.0 / (1.0 + libm::exp(-self.value()));
        self.unary(Op::Sigmoid, a, a * (1.0 - a))
    }

    /// `tanh z`, local derivative `1 - a²`.
    pub fn tanh(&self) -> Expr {
        let a = libm::tanh(self.value());
        self.unary(Op::Tanh, a, 1.0 - a * a)
    }

    /// `max(0, z)`, local derivative 1 where `z > 0`, else 0.
    pub fn relu(&self) -> Expr {
        let z = self.value();
        self.unary(Op::Relu, z.max(0.0), f64::from(z > 0.0))
    }
}

fn add(x: &Expr, y: &Expr) -> Expr {
    let inputs = vec![(x.clone(), 1.0), (y.clone(), 1.0)];
    Expr::new(Op::Add, x.value() + y.value(), inputs)
}

fn sub(x: &Expr, y: &Expr) -> Expr {
    let inputs = vec![(x.clone(), 1.0), (y.clone(), -1.0)];
    Expr::new(Op::Sub, x.value() - y.value(), inputs)
}

fn mul(x: &Expr, y: &Expr) -> Expr {
    let inputs = vec![(x.clone(), y.value()), (y.clone(), x.value())];
    Expr::new(Op::Mul, x.value() * y.value(), inputs)
}

fn div(x: &Expr, y: &Expr) -> Expr {
    let (u, v) = (x.value(), y.value());
    let inputs = vec![(x.clone(), 1.0 / v), (y.clone(), -u / (v * v))];
    Expr::new(Op::Div, u / v, inputs)
}

// Rust asks for one implementation per combination of value, reference and plain number.
macro_rules! operators {
    ($($trait:ident $method:ident $of:ident),*) => {$(
        impl ops::$trait<&Expr> for &Expr {
            type Output = Expr;
            fn $method(self, other: &Expr) -> Expr {
                $of(self, other)
            }
        }
        impl ops::$trait<Expr> for &Expr {
            type Output = Expr;
            fn $method(self, other: Expr) -> Expr {
                $of(self, &other)
            }
        }
        impl ops::$trait<&Expr> for Expr {
            type Output = Expr;
            fn $method(self, other: &Expr) -> Expr {
                $of(&self, other)
            }
        }
        impl ops::$trait<Expr> for Expr {
            type Output = Expr;
            fn $method(self, other: Expr) -> Expr {
                $of(&self, &other)
            }
        }
        impl ops::$trait<f64> for &Expr {
            type Output = Expr;
            fn $method(self, other: f64) -> Expr {
                $of(self, &Expr::constant(other))
            }
        }
        impl ops::$trait<f64> for Expr {
            type Output = Expr;
            fn $method(self, other: f64) -> Expr {
                $of(&self, &Expr::constant(other))
            }
        }
        impl ops::$trait<&Expr> for f64 {
            type Output = Expr;
            fn $method(self, other: &Expr) -> Expr {
                $of(&Expr::constant(self), other)
            }
        }
        impl ops::$trait<Expr> for f64 {
            type Output = Expr;
            fn $method(self, other: Expr) -> Expr {
                $of(&Expr::constant(self), &other)
            }
        }
    )*};
}
operators!(Add add add, Sub sub sub, Mul mul mul, Div div div);

impl ops::Neg for &Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        self.unary(Op::Neg, -self.value(), -1.0)
    }
}

impl ops::Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        -&self
    }
}

// Without this a chain of many thousand operations would be dropped by as deep a recursion.
impl Drop for Inner {
    fn drop(&mut self) {
        let mut waiting: Vec<(Expr, f64)> = std::mem::take(&mut self.inputs);
        while let Some((Expr(inner), _)) = waiting.pop() {
            if let Some(mut inner) = Arc::into_inner(inner) {
                waiting.append(&mut inner.inputs);
            }
        }
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "" => write!(f, "{}", self.value()),
            name => write!(f, "{name} = {}", self.value()),
        }
    }
}
