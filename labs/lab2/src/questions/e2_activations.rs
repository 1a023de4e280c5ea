use gradus_exercise::{Question, Random, Value, draw, near, record};

const PUBLIC: [f64; 7] = [-1000.0, -2.0, -0.5, 0.0, 0.5, 2.0, 1000.0];

/// A number z up to 1000, most of them where the units bend.
fn any_z(rng: &mut Random) -> f64 {
    match rng.below(10) {
        0 => 0.0,
        1 | 2 => draw::between(rng, -1000.0, 1000.0),
        _ => draw::between(rng, -6.0, 6.0),
    }
}

fn of_z(name: &'static str, f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    PUBLIC
        .into_iter()
        .fold(
            Question::new(name, move |i| f(i.get("z").number()).into()),
            |question, z| question.case(record! { z: z }),
        )
        .inputs(|rng| record! { z: any_z(rng) })
}

fn of_z_and_slope(name: &'static str, f: impl Fn(f64, f64) -> f64 + Send + 'static) -> Question {
    PUBLIC
        .into_iter()
        .zip([0.01, 0.1, 0.2].into_iter().cycle())
        .fold(
            Question::new(name, move |i| {
                f(i.get("z").number(), i.get("slope").number()).into()
            }),
            |question, (z, slope)| question.case(record! { z: z, slope: slope }),
        )
        .inputs(|rng| record! { z: any_z(rng), slope: draw::between(rng, 0.0, 0.5) })
}

fn of_two<T: Into<Value>>(
    name: &'static str,
    f: impl Fn(f64, f64) -> T + Send + 'static,
) -> Question {
    [
        (1.0, 2.0),
        (2.0, 1.0),
        (-3.0, -1.0),
        (0.0, -5.0),
        (0.0, 5.0),
        (4.0, 4.0),
    ]
    .into_iter()
    .fold(
        Question::new(name, move |i| {
            f(i.get("z1").number(), i.get("z2").number()).into()
        }),
        |question, (z1, z2)| question.case(record! { z1: z1, z2: z2 }),
    )
    .inputs(|rng| {
        let z1 = any_z(rng);
        let tie = draw::chance(rng, 0.2);
        record! { z1: z1, z2: if tie { z1 } else { any_z(rng) } }
    })
}

/// `fn tanh(z: f64) -> f64`
pub fn tanh(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64) -> f64 + Send>) -> Question {
        of_z("tanh", f)
            .property(
                "tanh es impar: tanh(−z) = −tanh(z)",
                "tanh is odd: tanh(−z) = −tanh(z)",
                |f, i| near(f(&record! { z: -i.get("z").number() }), -f(i).number()),
            )
            .property(
                "tanh(2z) = 2t / (1 + t²), con t = tanh(z)",
                "tanh(2z) = 2t / (1 + t²), with t = tanh(z)",
                |f, i| {
                    let t = f(i).number();
                    let twice = f(&record! { z: 2.0 * i.get("z").number() });
                    near(twice, 2.0 * t / (1.0 + t * t))
                },
            )
    }
    ask(Box::new(f))
}

/// `fn tanh_prime(z: f64) -> f64`
pub fn tanh_prime(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64) -> f64 + Send>) -> Question {
        of_z("tanh_prime", f)
            .property(
                "tanh' es par: tanh'(−z) = tanh'(z)",
                "tanh' is even: tanh'(−z) = tanh'(z)",
                |f, i| near(f(&record! { z: -i.get("z").number() }), f(i)),
            )
            .property(
                "tanh'(z) es la pendiente de tanh: (tanh(z+h) − tanh(z−h)) / 2h, con h = 10⁻⁵",
                "tanh'(z) is the slope of tanh: (tanh(z+h) − tanh(z−h)) / 2h, with h = 10⁻⁵",
                |f, i| {
                    let z = i.get("z").number();
                    near(f(i), ((z + 1e-5).tanh() - (z - 1e-5).tanh()) / 2e-5)
                },
            )
    }
    ask(Box::new(f))
}

/// `fn relu(z: f64) -> f64`
pub fn relu(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64) -> f64 + Send>) -> Question {
        of_z("relu", f).property(
            "relu(z) − relu(−z) = z",
            "relu(z) − relu(−z) = z",
            |f, i| {
                let z = i.get("z").number();
                near(f(i).number() - f(&record! { z: -z }).number(), z)
            },
        )
    }
    ask(Box::new(f))
}

/// `fn relu_prime(z: f64) -> f64`
pub fn relu_prime(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64) -> f64 + Send>) -> Question {
        of_z("relu_prime", f)
    }
    ask(Box::new(f))
}

/// `fn leaky_relu(z: f64, slope: f64) -> f64`
pub fn leaky_relu(f: impl Fn(f64, f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64, f64) -> f64 + Send>) -> Question {
        of_z_and_slope("leaky_relu", f).property(
            "con pendiente 1 no cambia nada: leaky_relu(z, 1) = z",
            "with slope 1 nothing changes: leaky_relu(z, 1) = z",
            |f, i| near(f(&record! { z: i.get("z"), slope: 1.0 }), i.get("z")),
        )
    }
    ask(Box::new(f))
}

/// `fn leaky_relu_prime(z: f64, slope: f64) -> f64`
pub fn leaky_relu_prime(f: impl Fn(f64, f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64, f64) -> f64 + Send>) -> Question {
        of_z_and_slope("leaky_relu_prime", f)
    }
    ask(Box::new(f))
}

/// `fn maxout(z1: f64, z2: f64) -> f64`
pub fn maxout(f: impl Fn(f64, f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64, f64) -> f64 + Send>) -> Question {
        of_two("maxout", f).property(
            "con w1 = 0 y b1 = 0 es una ReLU: maxout(0, z) + maxout(0, −z) = |z|",
            "with w1 = 0 and b1 = 0 it is a ReLU: maxout(0, z) + maxout(0, −z) = |z|",
            |f, i| {
                let z = i.get("z2").number();
                let relu = |z: f64| f(&record! { z1: 0.0, z2: z }).number();
                near(relu(z) + relu(-z), z.abs())
            },
        )
    }
    ask(Box::new(f))
}

/// `fn maxout_prime(z1: f64, z2: f64) -> (f64, f64)`
pub fn maxout_prime(f: impl Fn(f64, f64) -> (f64, f64) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64, f64) -> (f64, f64) + Send>) -> Question {
        of_two("maxout_prime", move |z1, z2| {
            let (d1, d2) = f(z1, z2);
            record! { d1: d1, d2: d2 }
        })
    }
    ask(Box::new(f))
}
