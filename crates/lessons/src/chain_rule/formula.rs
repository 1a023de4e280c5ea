//! Functions with their derivatives, values and LaTeX.

/// A number to four significant figures, with the point that code has too.
pub(crate) fn number(value: f64) -> String {
    let decimals = if value == 0.0 {
        0
    } else {
        (3 - value.abs().log10().floor() as i32).clamp(0, 12) as usize
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    text.to_owned()
}

/// A negative number in parentheses, to stand after an operator.
pub(super) fn factor(value: f64) -> String {
    let text = number(value);
    if value < 0.0 {
        format!("({text})")
    } else {
        text
    }
}

/// `c · symbol` at the start of a sum; 1 and -1 are not written.
pub(super) fn term(c: f64, symbol: &str) -> String {
    match (c, symbol) {
        (1.0, s) if !s.is_empty() => s.to_owned(),
        (-1.0, s) if !s.is_empty() => format!("-{s}"),
        (c, s) => format!("{}{}{s}", number(c), if s.is_empty() { "" } else { r"\," }),
    }
}

/// `+ c · symbol` or `- c · symbol`, nothing for 0.
pub(super) fn plus(c: f64, symbol: &str) -> String {
    if c == 0.0 {
        return String::new();
    }
    let sign = if c < 0.0 { '-' } else { '+' };
    format!(" {sign} {}", term(c.abs(), symbol))
}

/// `σ(z)`.
pub(super) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-z))
}

/// The function outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outer {
    Power(i32),
    Exp,
    Ln,
    Sqrt,
    Sin,
    Cos,
    Sigmoid,
    Tanh,
}

impl Outer {
    pub(super) const ALL: [Outer; 9] = [
        Outer::Power(2),
        Outer::Power(3),
        Outer::Exp,
        Outer::Ln,
        Outer::Sqrt,
        Outer::Sin,
        Outer::Cos,
        Outer::Sigmoid,
        Outer::Tanh,
    ];

    /// Whether `u` is a value to compute with by hand.
    pub(super) fn accepts(self, u: f64) -> bool {
        match self {
            Outer::Ln | Outer::Sqrt => (0.2..=9.0).contains(&u),
            Outer::Power(_) => u.abs() <= 5.0,
            _ => u.abs() <= 2.5,
        }
    }

    pub(super) fn value(self, u: f64) -> f64 {
        match self {
            Outer::Power(n) => u.powi(n),
            Outer::Exp => libm::exp(u),
            Outer::Ln => libm::log(u),
            Outer::Sqrt => u.sqrt(),
            Outer::Sin => libm::sin(u),
            Outer::Cos => libm::cos(u),
            Outer::Sigmoid => sigmoid(u),
            Outer::Tanh => libm::tanh(u),
        }
    }

    pub(super) fn derivative(self, u: f64) -> f64 {
        match self {
            Outer::Power(n) => f64::from(n) * u.powi(n - 1),
            Outer::Exp => libm::exp(u),
            Outer::Ln => 1.0 / u,
            Outer::Sqrt => 0.5 / u.sqrt(),
            Outer::Sin => libm::cos(u),
            Outer::Cos => -libm::sin(u),
            Outer::Sigmoid => sigmoid(u) * (1.0 - sigmoid(u)),
            Outer::Tanh => 1.0 - libm::tanh(u).powi(2),
        }
    }

    pub(super) fn latex(self, u: &str) -> String {
        let name = match self {
            Outer::Power(n) => return format!(r"\left({u}\right)^{{{n}}}"),
            Outer::Exp => return format!("e^{{{u}}}"),
            Outer::Sqrt => return format!(r"\sqrt{{{u}}}"),
            Outer::Ln => r"\ln",
            Outer::Sin => r"\sin",
            Outer::Cos => r"\cos",
            Outer::Sigmoid => r"\sigma",
            Outer::Tanh => r"\tanh",
        };
        format!(r"{name}\left({u}\right)")
    }

    /// `f(u)` and `f'(u)` of the bare `u`.
    pub(super) fn rule(self) -> (String, String) {
        let (f, derivative) = match self {
            Outer::Power(2) => ("u^2", "2u"),
            Outer::Power(n) => return (format!("u^{n}"), format!("{n}u^{}", n - 1)),
            Outer::Exp => ("e^u", "e^u"),
            Outer::Ln => (r"\ln u", r"\frac{1}{u}"),
            Outer::Sqrt => (r"\sqrt{u}", r"\frac{1}{2\sqrt{u}}"),
            Outer::Sin => (r"\sin u", r"\cos u"),
            Outer::Cos => (r"\cos u", r"-\sin u"),
            Outer::Sigmoid => (r"\sigma(u)", r"\sigma(u)\,(1-\sigma(u))"),
            Outer::Tanh => (r"\tanh u", r"1-\tanh^2 u"),
        };
        (f.to_owned(), derivative.to_owned())
    }
}

/// The function inside, `a xⁿ + b` with `n` 1 or 2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inner {
    pub(super) a: f64,
    pub(super) n: i32,
    pub(super) b: f64,
}

impl Inner {
    pub(super) fn value(self, x: f64) -> f64 {
        self.a * x.powi(self.n) + self.b
    }

    pub(super) fn derivative(self, x: f64) -> f64 {
        self.a * f64::from(self.n) * x.powi(self.n - 1)
    }

    pub(super) fn latex(self) -> String {
        let x = if self.n == 1 { "x" } else { "x^2" };
        format!("{}{}", term(self.a, x), plus(self.b, ""))
    }

    pub(super) fn derivative_latex(self) -> String {
        match self.n {
            1 => number(self.a),
            _ => term(2.0 * self.a, "x"),
        }
    }
}

/// What is added: `c · q(x)`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Added {
    Square,
    Cube,
    Sine,
}

impl Added {
    #[cfg(test)]
    pub(super) fn value(self, x: f64) -> f64 {
        match self {
            Added::Square => x * x,
            Added::Cube => x.powi(3),
            Added::Sine => libm::sin(x),
        }
    }

    pub(super) fn derivative(self, x: f64) -> f64 {
        match self {
            Added::Square => 2.0 * x,
            Added::Cube => 3.0 * x * x,
            Added::Sine => libm::cos(x),
        }
    }

    pub(super) fn latex(self) -> (&'static str, &'static str) {
        match self {
            Added::Square => ("x^2", "2x"),
            Added::Cube => ("x^3", "3x^2"),
            Added::Sine => (r"\sin x", r"\cos x"),
        }
    }
}
