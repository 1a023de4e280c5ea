use gradus_exercise::{Question, Value, ensure, proptest::strategy::Strategy, record};

use crate::given::{Descent, Ending};

type Gradient<'a> = &'a dyn Fn(&[f64]) -> Vec<f64>;

/// The gradient of a surface: a `bowl` (x² + y²)/2, a `valley` (x² + 10y²)/2, a `hill` −(x² + y²)/2.
fn gradient_of(surface: &str) -> fn(&[f64]) -> Vec<f64> {
    match surface {
        "valley" => |x| vec![x[0], 10.0 * x[1]],
        "hill" => |x| x.iter().map(|x| -x).collect(),
        _ => |x| x.to_vec(),
    }
}

fn descend(surface: &str, eta: f64, max_steps: usize) -> Value {
    record! {
        surface: surface, start: [4.0, 1.0], eta: eta, tolerance: 1e-3, max_steps: max_steps
    }
}

/// `fn gradient_descent(gradient: &dyn Fn(&[f64]) -> Vec<f64>, start: &[f64], eta: f64, tolerance: f64, max_steps: usize) -> Descent`
pub fn gradient_descent(
    f: impl Fn(Gradient<'_>, &[f64], f64, f64, usize) -> Descent + Send + 'static,
) -> Question {
    Question::new("gradient_descent", move |i| {
        let descent = f(
            &gradient_of(i.get("surface").word()),
            &i.get("start").numbers(),
            i.get("eta").number(),
            i.get("tolerance").number(),
            i.get("max_steps").count(),
        );
        let ending = match descent.ending {
            Ending::Converged => "converged",
            Ending::Diverged => "diverged",
            Ending::OutOfSteps => "out of steps",
        };
        // Where a diverging descent stops is a matter of taste: only that it diverged counts.
        match descent.ending {
            Ending::Diverged => record! { ending: ending },
            _ => record! { ending: ending, steps: descent.steps, x: descent.x },
        }
    })
    .case(descend("bowl", 0.1, 1000))
    .case(descend("bowl", 0.1, 5))
    .case(descend("valley", 0.19, 1000))
    .case(descend("valley", 0.25, 1000))
    .case(descend("hill", 0.5, 10_000))
    .case(descend("bowl", 1.0, 1))
    .inputs(
        (-10.0..10.0, -10.0..10.0, 0.05..0.18, 0_usize..400).prop_map(|(x, y, eta, max_steps)| {
            record! {
                surface: "valley", start: [x, y], eta: eta, tolerance: 1e-6, max_steps: max_steps
            }
        }),
    )
    .property(
        "nunca da más de max_steps pasos",
        "it never takes more than max_steps steps",
        |f, i| {
            let (steps, limit) = (f(i).get("steps").number(), i.get("max_steps").number());
            ensure(steps <= limit, format!("steps <= {limit}"), steps)
        },
    )
    .property(
        "si dice que ha convergido, la norma del gradiente es menor que la tolerancia",
        "when it says that it converged, the norm of the gradient is below the tolerance",
        |f, i| {
            let end = f(i);
            let x = end.get("x").numbers();
            let norm = match x.as_slice() {
                [x, y] => x.hypot(10.0 * y),
                _ => f64::NAN,
            };
            ensure(
                end.get("ending").word() != "converged" || norm < 1e-6,
                "|∇f| < 1e-6",
                norm,
            )
        },
    )
}
