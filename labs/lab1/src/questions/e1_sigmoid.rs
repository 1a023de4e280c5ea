use gradus_exercise::{Question, Value, ensure, near, record};

use super::any_z;

const PUBLIC: [f64; 9] = [0.0, 0.5, -0.5, 3.0, -3.0, 40.0, -40.0, 1000.0, -1000.0];

fn at(z: f64) -> Value {
    record! { z: z }
}

/// `fn sigmoid(z: f64) -> f64`
pub fn sigmoid(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64) -> f64 + Send>) -> Question {
        PUBLIC
            .into_iter()
            .fold(
                Question::new("sigmoid", move |i| f(i.get("z").number()).into()),
                |question, z| question.case(at(z)),
            )
            .inputs(|rng| at(any_z(rng, 1000.0)))
            .property(
                "σ(z) está entre 0 y 1",
                "σ(z) lies between 0 and 1",
                |f, i| {
                    let a = f(i).number();
                    ensure((0.0..=1.0).contains(&a), "0 <= σ(z) <= 1", a)
                },
            )
            .property("σ(z) + σ(−z) = 1", "σ(z) + σ(−z) = 1", |f, i| {
                near(f(i).number() + f(&at(-i.get("z").number())).number(), 1.0)
            })
    }
    ask(Box::new(f))
}

/// `fn sigmoid_prime(z: f64) -> f64`
pub fn sigmoid_prime(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(f64) -> f64 + Send>) -> Question {
        PUBLIC
            .into_iter()
            .fold(
                Question::new("sigmoid_prime", move |i| f(i.get("z").number()).into()),
                |question, z| question.case(at(z)),
            )
            .inputs(|rng| at(any_z(rng, 1000.0)))
            .property(
                "σ' es par: σ'(z) = σ'(−z)",
                "σ' is even: σ'(z) = σ'(−z)",
                |f, i| near(f(i), f(&at(-i.get("z").number()))),
            )
            .property(
                "σ'(z) es la pendiente de σ: (σ(z+h) − σ(z−h)) / 2h, con h = 10⁻⁵",
                "σ'(z) is the slope of σ: (σ(z+h) − σ(z−h)) / 2h, with h = 10⁻⁵",
                |f, i| {
                    // Where the textbook formula does not overflow.
                    let z = i.get("z").number().clamp(-20.0, 20.0);
                    let sigma = |z: f64| 1.0 / (1.0 + f64::exp(-z));
                    let slope = (sigma(z + 1e-5) - sigma(z - 1e-5)) / 2e-5;
                    near(f(&at(z)), slope)
                },
            )
    }
    ask(Box::new(f))
}
