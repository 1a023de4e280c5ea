//! The gradients of a whole network, checked.

use dfdx::prelude::HasShape;
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;

use super::Sequential;
use crate::backprop::GradientCheck;
use crate::backprop::check::{component, finite};
use crate::cost::Cost;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::interrupt::Watch;
use crate::tensor::matrix;

impl Sequential {
    /// Check the gradients of the network on a data set: up to `count` components of each parameter, chosen with `seed`.
    ///
    /// The network computes in `f32`: its cost is known to about seven digits, so the step must be wide (0.01) and two of them
    /// are combined for a rule of fourth order. Even a right gradient then shows relative errors of 1e-4 to 1e-2, and a small
    /// component drowns in rounding; each row says how much that is. Use few examples: the cost of a kink grows with them.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let net = Sequential::input(64).dense(16).activation(Tanh).dense(10);
    /// let check = net.check_gradients(&Dataset::digits().take(8)?, CrossEntropy, 5, 0)?;
    /// assert!(check.passes(), "{check}");
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When `count` is 0, the data do not fit the network, or a cost is not finite.
    pub fn check_gradients(
        &self,
        data: &Dataset,
        cost: Cost,
        count: usize,
        seed: u64,
    ) -> Result<GradientCheck> {
        if count == 0 {
            return Err(Error::range(
                (
                    "el número de componentes que se comprueban",
                    "the components to check",
                ),
                0.0,
                ("al menos 1", "at least 1"),
            ));
        }
        let (_, gradients) = self.gradients(data, cost)?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut moving = self.clone();
        let mut components = Vec::new();
        let mut watch = Watch::new();
        for (parameter, gradient) in self.parameters().into_iter().zip(gradients) {
            let (start, gradient) = (parameter.value.as_vec(), gradient.value.as_vec());
            let (rows, columns) = *parameter.value.shape();
            let mut chosen = sample(&mut rng, start.len(), count.min(start.len())).into_vec();
            chosen.sort_unstable();
            for i in chosen {
                watch.check(
                    ("la comprobación del gradiente", "the gradient check"),
                    components.len(),
                )?;
                let at_shift = |shift: f64| {
                    let mut moved = start.clone();
                    moved[i] += shift as f32;
                    let position = f64::from(moved[i]);
                    moving.set_parameter(&parameter.name, &matrix(moved, rows, columns)?)?;
                    Ok((position, moving.evaluate(data, cost)?.loss))
                };
                let name = format!("{}[{}, {}]", parameter.name, i / columns, i % columns);
                let analytic = f64::from(gradient[i]);
                finite(
                    (
                        format!("el gradiente respecto a {name}"),
                        format!("the gradient by {name}"),
                    ),
                    analytic,
                )?;
                let epsilon = f64::from(f32::EPSILON);
                components.push(component(name, analytic, 1e-2, epsilon, true, at_shift)?);
            }
            moving.set_parameter(&parameter.name, &parameter.value)?;
        }
        Ok(GradientCheck {
            components,
            precision: "f32",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Activation::Tanh;
    use crate::backprop::Agreement;

    #[test]
    fn a_gradient_that_is_ten_percent_off_is_found_even_in_f32() {
        let data = Dataset::digits().take(6).unwrap();
        let net = Sequential::input(64).dense(12).activation(Tanh).dense(10);
        let (_, gradients) = net.gradients(&data, Cost::CrossEntropy).unwrap();
        let gradient = gradients[3].value.as_vec();
        assert_eq!(gradients[3].name, "dense_2.bias");
        for (i, &right) in gradient.iter().enumerate() {
            for (factor, expected) in [(1.0, false), (1.1, true), (-1.0, true)] {
                let at = |shift: f64| {
                    let mut net = net.clone();
                    let mut bias = vec![0.0; 10];
                    bias[i] = shift as f32;
                    let position = f64::from(bias[i]);
                    net.set_parameter("dense_2.bias", &matrix(bias, 1, 10)?)?;
                    Ok((position, net.evaluate(&data, Cost::CrossEntropy)?.loss))
                };
                let analytic = f64::from(right) * factor;
                let epsilon = f64::from(f32::EPSILON);
                let c = component(String::new(), analytic, 1e-2, epsilon, true, at).unwrap();
                assert_eq!(c.agreement == Agreement::Wrong, expected, "{factor}: {c:?}");
            }
        }
    }
}
