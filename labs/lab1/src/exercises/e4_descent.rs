//! lab1.4

/// es: Cómo terminó un descenso.
/// en: How a descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// es: La norma del gradiente bajó de la tolerancia.
    /// en: The norm of the gradient fell below the tolerance.
    Converged,
    /// es: Alguna coordenada llegó a ser NaN, infinita o mayor que 10¹² en valor absoluto.
    /// en: A coordinate became NaN, infinite, or larger than 10¹² in absolute value.
    Diverged,
    /// es: Se gastaron todos los pasos.
    /// en: All steps were used up.
    OutOfSteps,
}

/// es: Dónde terminó un descenso.
/// en: Where a descent ended.
#[derive(Clone, Debug)]
pub struct Descent {
    /// es: El último punto.
    /// en: The last point.
    pub x: Vec<f64>,
    /// es: Cuántos pasos se dieron.
    /// en: How many steps were taken.
    pub steps: usize,
    /// es: Por qué terminó.
    /// en: Why it ended.
    pub ending: Ending,
}

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
