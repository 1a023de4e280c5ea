//! lab1.4

/// How a descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The norm of the gradient fell below the tolerance.
    Converged,
    /// A coordinate became NaN, infinite, or larger than 10¹² in absolute value.
    Diverged,
    /// All steps were used up.
    OutOfSteps,
}

/// Where a descent ended.
#[derive(Clone, Debug)]
pub struct Descent {
    /// The last point.
    pub x: Vec<f64>,
    /// How many steps were taken.
    pub steps: usize,
    /// Why it ended.
    pub ending: Ending,
}

/// x ← x − η ∇f(x), until it converges, diverges or has taken `max_steps` steps
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
