//! lab1.4

use crate::given::{Descent, Ending};

/// es: x ← x − η ∇f(x), hasta que converge, diverge o ha dado `max_steps` pasos
/// en: x ← x − η ∇f(x), until it converges, diverges or has taken `max_steps` steps
pub fn gradient_descent(
    gradient: &dyn Fn(&[f64]) -> Vec<f64>,
    start: &[f64],
    eta: f64,
    tolerance: f64,
    max_steps: usize,
) -> Descent {
    // BEGIN SOLUTION lab1.4
    let mut x = start.to_vec();
    let mut steps = 0;
    let ending = loop {
        if x.iter().any(|x| !x.is_finite() || x.abs() > 1e12) {
            break Ending::Diverged;
        }
        let g = gradient(&x);
        if g.iter().map(|g| g * g).sum::<f64>().sqrt() < tolerance {
            break Ending::Converged;
        }
        if steps == max_steps {
            break Ending::OutOfSteps;
        }
        x.iter_mut().zip(&g).for_each(|(x, g)| *x -= eta * g);
        steps += 1;
    };
    Descent { x, steps, ending }
    // END SOLUTION
}
