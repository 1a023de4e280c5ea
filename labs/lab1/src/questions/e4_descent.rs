use gradus_exercise::{Question, Random, Value, draw, ensure, record};

use crate::given::{Descent, Ending};

type Gradient<'a> = &'a dyn Fn(&[f64]) -> Vec<f64>;

/// The gradient of a surface of any number of coordinates.
fn gradient_of(surface: &str) -> fn(&[f64]) -> Vec<f64> {
    match surface {
        "valley" => |x| {
            (x.iter().enumerate())
                .map(|(k, x)| if k == 0 { *x } else { 10.0 * x })
                .collect()
        },
        "hill" => |x| x.iter().map(|x| -x).collect(),
        "plane" => |x| vec![1.0; x.len()],
        "funnel" => |x| x.iter().map(|x| x.sqrt()).collect(),
        _ => |x| x.to_vec(),
    }
}

fn descend(surface: &str, start: &[f64], eta: f64, tolerance: f64, max_steps: usize) -> Value {
    record! {
        surface: surface, start: start, eta: eta, tolerance: tolerance, max_steps: max_steps
    }
}

/// All endings, near the border of each, from 1 to 3 coordinates.
fn any_descent(rng: &mut Random) -> Value {
    let surface = draw::one_of(
        rng,
        &["bowl", "valley", "valley", "hill", "plane", "funnel"],
    );
    let n = draw::whole(rng, 1, 3);
    let far = draw::one_of(rng, &[1.0, 1.0, 10.0, 1e6]);
    let start: Vec<f64> = (0..n).map(|_| draw::between(rng, -far, far)).collect();
    let (start, eta) = match surface {
        "bowl" => (start, draw::between(rng, 0.05, 2.5)),
        "valley" => (start, draw::between(rng, 0.02, 0.25)),
        "hill" => (start, draw::between(rng, 0.1, 2.0)),
        // Down for ever, to −10¹².
        "plane" => (start, draw::magnitude(rng, 1.0, 1e12)),
        // Where a coordinate becomes negative, its gradient is NaN.
        _ => (
            start.iter().map(|x| x.abs()).collect(),
            draw::between(rng, 0.05, 0.5),
        ),
    };
    let tolerance = draw::magnitude(rng, 1e-6, 0.1);
    descend(surface, &start, eta, tolerance, draw::whole(rng, 0, 300))
}

/// `fn gradient_descent(gradient: &dyn Fn(&[f64]) -> Vec<f64>, start: &[f64], eta: f64, tolerance: f64, max_steps: usize) -> Descent`
pub fn gradient_descent(
    f: impl Fn(Gradient<'_>, &[f64], f64, f64, usize) -> Descent + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(Gradient<'_>, &[f64], f64, f64, usize) -> Descent + Send>) -> Question {
        Question::new("gradient_descent", move |i| {
            let descent = f(
                &gradient_of(i.get("surface").word()),
                &i.get("start").numbers(),
                i.get("eta").number(),
                i.get("tolerance").number(),
                i.get("max_steps").count(),
            );
            let ending = match descent.ending {
                Ending::Converged => "Converged",
                Ending::Diverged => "Diverged",
                Ending::OutOfSteps => "OutOfSteps",
            };
            record! { ending: ending, steps: descent.steps, x: descent.x }
        })
        .word("bowl", "cuenco (∇f = x)", "bowl (∇f = x)")
        .word(
            "valley",
            "valle (∇f = [x₀, 10·x₁, 10·x₂, ...])",
            "valley (∇f = [x₀, 10·x₁, 10·x₂, ...])",
        )
        .word("hill", "colina (∇f = −x)", "hill (∇f = −x)")
        .word(
            "plane",
            "plano inclinado (∇f = [1, 1, ...])",
            "tilted plane (∇f = [1, 1, ...])",
        )
        .word("funnel", "embudo (∇f = √x)", "funnel (∇f = √x)")
        .word("surface", "superficie", "surface")
        .axes("x", &[("coordenada", "coordinate")])
        .case(descend("bowl", &[4.0, 1.0], 0.1, 1e-3, 1000))
        .case(descend("bowl", &[4.0, 1.0], 0.1, 1e-3, 5))
        .case(descend("valley", &[4.0, 1.0], 0.19, 1e-3, 1000))
        .case(descend("valley", &[4.0, 1.0], 0.25, 1e-3, 1000))
        .case(descend("hill", &[4.0, 1.0], 0.5, 1e-3, 10_000))
        .case(descend("hill", &[-1.0], 0.5, 1e-3, 10_000))
        .case(descend("bowl", &[4.0, 1.0], 1.0, 1e-3, 1))
        .case(descend("bowl", &[1e6, -2.0, 3.0], 0.5, 0.01, 1000))
        .inputs(any_descent)
        .property(
            "nunca da más de max_steps pasos",
            "it never takes more than max_steps steps",
            |f, i| {
                let (steps, limit) = (f(i).get("steps").number(), i.get("max_steps").number());
                ensure(
                    steps <= limit,
                    (
                        format!("{limit} pasos como mucho"),
                        format!("{limit} steps at most"),
                    ),
                    steps,
                )
            },
        )
        .property(
            "si dice que ha convergido, la norma del gradiente es menor que la tolerancia",
            "when it says that it converged, the norm of the gradient is below the tolerance",
            |f, i| {
                let end = f(i);
                let g = gradient_of(i.get("surface").word())(&end.get("x").numbers());
                let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
                let tolerance = i.get("tolerance").number();
                ensure(
                    end.get("ending").word() != "Converged" || norm < tolerance,
                    format!("|∇f| < {tolerance}"),
                    norm,
                )
            },
        )
    }
    ask(Box::new(f))
}
