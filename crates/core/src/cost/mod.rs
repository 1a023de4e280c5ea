//! Block 1: cost functions, what training makes small.
//!
//! `n` is the number of examples of the batch, `a` what the network puts out, `y` what it should, all `(n, outputs)`. Each
//! cost stands beside its gradient in closed form. Those that take *logits* `z` (before sigmoid or softmax) stay finite
//! where `ln a` would not, and their gradients lose the factor `σ'(z)` that makes learning slow where a unit is saturated:
//!
//! | cost | `C` | `∂C/∂a` | `∂C/∂z` |
//! |---|---|---|---|
//! | quadratic | `1/2n Σ_x ‖y - a‖²` | `(a - y) / n` | |
//! | binary cross-entropy, `a = σ(z)` | `-1/n Σ_x Σ_j [y_j ln a_j + (1 - y_j) ln(1 - a_j)]` | `(a - y) / (n a (1 - a))` | `(a - y) / n` |
//! | categorical cross-entropy, `a = softmax(z)` | `-1/n Σ_x Σ_j y_j ln a_j` | `-y / (n a)` | `(a - y) / n` |
//! | the same with a weight for each class | `-1/n Σ_x w_y ln a_y` | | `w_y (a - y) / n` |
//!
//! The costs take matrices of sizes known when the program runs, as here, or known to the compiler, as dfdx's networks put them out.
//!
//! M. Nielsen, *Neural Networks and Deep Learning*, chapter 3, <http://neuralnetworksanddeeplearning.com/chap3.html>.

mod custom;

use dfdx::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::registry::Custom;
use crate::tensor::{Batch, Matrix, Scalar};

pub use custom::CostFunction;

/// The cost that `fit` makes small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cost {
    /// `C = -1/n Σ_x ln softmax(z)_y`: one class out of several. The outputs are logits.
    CrossEntropy,
    /// `C = -1/n Σ_x Σ_j [y_j ln a_j + (1 - y_j) ln(1 - a_j)]` with `a = σ(z)`: each output is a yes or no of its own. The
    /// outputs are logits: a network that ends with a `Sigmoid` is refused.
    BinaryCrossEntropy,
    /// `C = 1/2n Σ_x ‖y - a‖²`: the distance of the outputs themselves.
    Quadratic,
    /// One of one's own, made by [`Cost::custom`].
    Custom(Custom<CostFunction>),
}

/// How close to 0 and 1 an output may come before its logarithm is taken: `ln 0` is not a number to train with. Keras's value.
pub const CLIP: f32 = 1e-7;

/// The quadratic cost, `C = 1/2n Σ_x ‖y - a‖²`.
///
/// ```
/// use gradus::cost::quadratic;
/// use gradus::prelude::*;
/// let a = matrix(vec![0.0, 1.0, 0.5, 0.5], 2, 2)?;
/// let y = matrix(vec![0.0, 1.0, 1.0, 0.0], 2, 2)?;
/// assert_eq!(quadratic(a, &y)?.as_vec(), [0.125]); // (0 + 0 + 0.25 + 0.25) / (2 · 2)
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When the shapes differ.
pub fn quadratic<B: Dim, C: Dim, T: Tape<f32, Cpu>>(
    a: Batch<B, C, T>,
    y: &Batch<B, C>,
) -> Result<Scalar<T>> {
    let n = examples("quadratic", &a, y)?;
    Ok((a - y.clone()).square().sum() / (2.0 * n))
}

/// `∂C/∂a = (a - y) / n` of [`quadratic`].
///
/// # Errors
/// When the shapes differ.
pub fn quadratic_gradient(a: &Matrix, y: &Matrix) -> Result<Matrix> {
    let n = examples("quadratic_gradient", a, y)?;
    Ok((a.clone() - y.clone()) / n)
}

/// Binary cross-entropy as the unit writes it, `C = -1/n Σ_x Σ_j [y_j ln a_j + (1 - y_j) ln(1 - a_j)]`.
///
/// `a` is in `[0, 1]`, what a sigmoid puts out; it is first kept within [`CLIP`] of 0 and 1, so the cost of one output is 16.1 at
/// most. [`binary_cross_entropy_with_logits`] has no such limit.
///
/// ```
/// use gradus::cost::binary_cross_entropy;
/// use gradus::prelude::*;
/// let a = matrix(vec![0.9, 0.2], 2, 1)?;
/// let y = matrix(vec![1.0, 0.0], 2, 1)?;
/// let by_hand = -(0.9_f32.ln() + 0.8_f32.ln()) / 2.0;
/// assert!((binary_cross_entropy(a, &y)?.as_vec()[0] - by_hand).abs() < 1e-6);
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When the shapes differ.
pub fn binary_cross_entropy<B: Dim, C: Dim, T: Tape<f32, Cpu>>(
    a: Batch<B, C, T>,
    y: &Batch<B, C>,
) -> Result<Scalar<T>> {
    let n = examples("binary_cross_entropy", &a, y)?;
    let a = a.clamp(CLIP, 1.0 - CLIP);
    let not_y = -y.clone() + 1.0;
    // `retaped` leaves the operations so far with the first use of `a`; the second starts from an empty tape.
    let no = (-a.retaped::<T>() + 1.0).ln() * not_y;
    let yes = a.ln() * y.clone();
    Ok((yes + no).sum() / -n)
}

/// `∂C/∂a = (a - y) / (n a (1 - a))` of [`binary_cross_entropy`]; 0 where `a` is outside the clip and its change does nothing.
///
/// # Errors
/// When the shapes differ.
pub fn binary_cross_entropy_gradient(a: &Matrix, y: &Matrix) -> Result<Matrix> {
    let n = examples("binary_cross_entropy_gradient", a, y)?;
    Ok(elementwise(a, y, |a, y| {
        if clipped(a) {
            0.0
        } else {
            (a - y) / (n * a * (1.0 - a))
        }
    }))
}

/// Binary cross-entropy from logits, `C = 1/n Σ_x Σ_j [max(z, 0) - z y + ln(1 + e^-|z|)]`: the formula of
/// [`binary_cross_entropy`] with `a = σ(z)` put in, arranged so that no exponential overflows. Finite for every finite `z`.
///
/// # Errors
/// When the shapes differ.
pub fn binary_cross_entropy_with_logits<B: Dim, C: Dim, T: Tape<f32, Cpu>>(
    z: Batch<B, C, T>,
    y: &Batch<B, C>,
) -> Result<Scalar<T>> {
    let n = examples("binary_cross_entropy_with_logits", &z, y)?;
    let softplus = ((-z.retaped::<T>().abs()).exp() + 1.0).ln();
    // max(z, 0) = (z + |z|) / 2: unlike relu's, its derivative at the kink is the ½ that σ(0) - y asks for.
    let largest = (z.retaped::<T>().abs() + z.retaped::<T>()) * 0.5;
    Ok((largest - z * y.clone() + softplus).sum() / n)
}

/// `∂C/∂z = (σ(z) - y) / n` of [`binary_cross_entropy_with_logits`].
///
/// # Errors
/// When the shapes differ.
pub fn binary_cross_entropy_with_logits_gradient(z: &Matrix, y: &Matrix) -> Result<Matrix> {
    let n = examples("binary_cross_entropy_with_logits_gradient", z, y)?;
    Ok((z.clone().sigmoid() - y.clone()) / n)
}

/// Categorical cross-entropy from probabilities, `C = -1/n Σ_x Σ_j y_j ln a_j`.
///
/// Each row of `a` is what a softmax puts out, each row of `y` a one-hot label or a distribution. `a` is kept within [`CLIP`]
/// of 0 and 1 first, as in [`binary_cross_entropy`].
///
/// # Errors
/// When the shapes differ.
pub fn categorical_cross_entropy<B: Dim, C: Dim, T: Tape<f32, Cpu>>(
    a: Batch<B, C, T>,
    y: &Batch<B, C>,
) -> Result<Scalar<T>> {
    let n = examples("categorical_cross_entropy", &a, y)?;
    Ok((a.clamp(CLIP, 1.0 - CLIP).ln() * y.clone()).sum() / -n)
}

/// `∂C/∂a = -y / (n a)` of [`categorical_cross_entropy`]; 0 where `a` is outside the clip.
///
/// # Errors
/// When the shapes differ.
pub fn categorical_cross_entropy_gradient(a: &Matrix, y: &Matrix) -> Result<Matrix> {
    let n = examples("categorical_cross_entropy_gradient", a, y)?;
    Ok(elementwise(a, y, |a, y| {
        if clipped(a) { 0.0 } else { -y / (n * a) }
    }))
}

/// Categorical cross-entropy from logits, `C = -1/n Σ_x Σ_j y_j ln softmax(z)_j` with `ln softmax(z)_j = z_j - ln Σ_k e^{z_k}`,
/// the largest logit taken off first. Finite for every finite `z`.
///
/// # Errors
/// When the shapes differ.
pub fn categorical_cross_entropy_with_logits<B: Dim, C: Dim, T: Tape<f32, Cpu>>(
    z: Batch<B, C, T>,
    y: &Batch<B, C>,
) -> Result<Scalar<T>> {
    let n = examples("categorical_cross_entropy_with_logits", &z, y)?;
    Ok((z.log_softmax::<Axis<1>>() * y.clone()).sum() / -n)
}

/// `∂C/∂z = (softmax(z) - y) / n` of [`categorical_cross_entropy_with_logits`], for rows of `y` that add up to 1.
///
/// # Errors
/// When the shapes differ.
pub fn categorical_cross_entropy_with_logits_gradient(z: &Matrix, y: &Matrix) -> Result<Matrix> {
    let n = examples("categorical_cross_entropy_with_logits_gradient", z, y)?;
    Ok((z.clone().softmax::<Axis<1>>() - y.clone()) / n)
}

/// Categorical cross-entropy from logits where each class has a weight, `C = -1/n Σ_x w_y ln softmax(z)_y`: a mistake in a class
/// of weight 3 costs as much as three. [`crate::data::Dataset::class_weights`] has those that make rare classes count as much as
/// frequent ones, and `Fit::class_weights` trains with them.
///
/// The sum is divided by the number of examples, as Keras does for its `class_weight`. PyTorch's `CrossEntropyLoss(weight=w)`
/// divides by `Σ_x w_y` instead, so its cost is this one times `n / Σ_x w_y`.
///
/// ```
/// use gradus::cost::weighted_cross_entropy_with_logits;
/// use gradus::prelude::*;
/// let z = matrix(vec![0.0, 0.0, 0.0, 0.0], 2, 2)?; // both classes equally likely: each example costs ln 2
/// let y = matrix(vec![1.0, 0.0, 0.0, 1.0], 2, 2)?;
/// let cost = weighted_cross_entropy_with_logits(z, &y, &[1.0, 3.0])?.as_vec()[0];
/// assert!((cost - 2.0 * 2.0_f32.ln()).abs() < 1e-6); // (1 + 3) / 2 · ln 2
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When the shapes differ, or there is not one weight for each class.
pub fn weighted_cross_entropy_with_logits<B: Dim, C: Dim, T: Tape<f32, Cpu>>(
    z: Batch<B, C, T>,
    y: &Batch<B, C>,
    weights: &[f32],
) -> Result<Scalar<T>> {
    let n = examples("weighted_cross_entropy_with_logits", &z, y)?;
    let wy = weighted(y, weights)?;
    Ok((z.log_softmax::<Axis<1>>() * wy).sum() / -n)
}

/// `∂C/∂z = w_y (softmax(z) - y) / n` of [`weighted_cross_entropy_with_logits`], for one-hot rows of `y`.
///
/// # Errors
/// When the shapes differ, or there is not one weight for each class.
pub fn weighted_cross_entropy_with_logits_gradient(
    z: &Matrix,
    y: &Matrix,
    weights: &[f32],
) -> Result<Matrix> {
    let n = examples("weighted_cross_entropy_with_logits_gradient", z, y)?;
    let (rows, columns) = *z.shape();
    let w = weighted(y, weights)?.sum::<_, Axis<1>>();
    let w = w.broadcast_like::<_, Axis<1>>(&(rows, columns));
    Ok((z.clone().softmax::<Axis<1>>() - y.clone()) * w / n)
}

/// `w_j y_j`.
fn weighted<B: Dim, C: Dim>(y: &Batch<B, C>, weights: &[f32]) -> Result<Batch<B, C>> {
    one_for_each_class(weights, y.shape().1.size())?;
    let values = y.as_vec().into_iter().zip(weights.iter().cycle());
    let values = values.map(|(y, w)| y * w).collect();
    Ok(crate::tensor::device().tensor_from_vec(values, *y.shape()))
}

/// That there is one weight for each class.
pub(crate) fn one_for_each_class(weights: &[f32], classes: usize) -> Result<()> {
    if weights.len() != classes {
        return Err(Error::shape(
            ("los pesos de las clases", "class weights"),
            classes.to_string(),
            weights.len(),
        ));
    }
    Ok(())
}

/// The number of examples, where both have the same shape.
fn examples<B: Dim, C: Dim, T>(op: &str, outputs: &Batch<B, C, T>, y: &Batch<B, C>) -> Result<f32> {
    let [rows, columns] = outputs.shape().concrete();
    let [y_rows, y_columns] = y.shape().concrete();
    if (rows, columns) != (y_rows, y_columns) {
        return Err(Error::shape(
            op,
            (
                format!("valores objetivo de {rows} x {columns}, como las salidas"),
                format!("targets of {rows} x {columns}, like the outputs"),
            ),
            format!("{y_rows} x {y_columns}"),
        ));
    }
    Ok(rows as f32)
}

fn clipped(a: f32) -> bool {
    !(CLIP..=1.0 - CLIP).contains(&a)
}

fn elementwise(a: &Matrix, y: &Matrix, f: impl Fn(f32, f32) -> f32) -> Matrix {
    let values = a
        .as_vec()
        .into_iter()
        .zip(y.as_vec())
        .map(|(a, y)| f(a, y))
        .collect();
    crate::tensor::device().tensor_from_vec(values, *a.shape())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Targets;
    use crate::engine::loss;
    use crate::tensor::{Tape as OwnTape, matrix};
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    type Taped = fn(Matrix<OwnTape>, &Matrix) -> Result<Scalar<OwnTape>>;
    type Closed = fn(&Matrix, &Matrix) -> Result<Matrix>;

    const FROM_OUTPUTS: [(&str, Taped, Closed); 3] = [
        ("quadratic", quadratic, quadratic_gradient),
        (
            "binary",
            binary_cross_entropy,
            binary_cross_entropy_gradient,
        ),
        (
            "categorical",
            categorical_cross_entropy,
            categorical_cross_entropy_gradient,
        ),
    ];
    const FROM_LOGITS: [(&str, Taped, Closed); 2] = [
        (
            "binary, logits",
            binary_cross_entropy_with_logits,
            binary_cross_entropy_with_logits_gradient,
        ),
        (
            "categorical, logits",
            categorical_cross_entropy_with_logits,
            categorical_cross_entropy_with_logits_gradient,
        ),
    ];

    fn one_hot(labels: &[usize], classes: usize) -> Matrix {
        let mut y = vec![0.0; labels.len() * classes];
        for (row, &label) in labels.iter().enumerate() {
            y[row * classes + label] = 1.0;
        }
        matrix(y, labels.len(), classes).unwrap()
    }

    fn assert_close(what: &str, got: &[f32], expected: &[f32]) {
        assert_eq!(got.len(), expected.len(), "{what}");
        for (i, (g, e)) in got.iter().zip(expected).enumerate() {
            assert!(
                (g - e).abs() <= 1e-6 + 1e-5 * e.abs(),
                "{what}, element {i}: got {g}, expected {e}"
            );
        }
    }

    fn random(rng: &mut ChaCha8Rng, len: usize, range: std::ops::Range<f32>) -> Vec<f32> {
        (0..len).map(|_| rng.gen_range(range.clone())).collect()
    }

    #[test]
    fn closed_gradients_equal_the_tape() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let y = one_hot(&[0, 2, 1, 1, 0], 3);
        let a = matrix(random(&mut rng, 15, 0.02..0.98), 5, 3).unwrap();
        let z = matrix(random(&mut rng, 15, -6.0..6.0), 5, 3).unwrap();
        let cases = FROM_OUTPUTS.map(|c| (c, &a)).into_iter();
        for ((name, cost, gradient), x) in cases.chain(FROM_LOGITS.map(|c| (c, &z))) {
            let tape = cost(x.leaky_trace(), &y).unwrap().backward().get(x);
            assert_close(name, &gradient(x, &y).unwrap().as_vec(), &tape.as_vec());
        }
    }

    #[test]
    fn logits_and_outputs_agree_where_both_can_be_computed() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let y = one_hot(&[1, 0, 1, 1], 2);
        let z = matrix(random(&mut rng, 8, -8.0..8.0), 4, 2).unwrap();
        let value = |c: Result<Scalar>| c.unwrap().as_vec();
        assert_close(
            "binary",
            &value(binary_cross_entropy(z.clone().sigmoid(), &y)),
            &value(binary_cross_entropy_with_logits(z.clone(), &y)),
        );
        assert_close(
            "categorical",
            &value(categorical_cross_entropy(
                z.clone().softmax::<Axis<1>>(),
                &y,
            )),
            &value(categorical_cross_entropy_with_logits(z, &y)),
        );
    }

    #[test]
    fn extreme_outputs_stay_finite() {
        let extremes = [-1e4, -100.0, 0.0, 100.0, 1e4];
        for (name, cost, gradient) in FROM_LOGITS {
            for z1 in extremes {
                for z2 in extremes {
                    let z = matrix(vec![z1, z2], 1, 2).unwrap();
                    let y = one_hot(&[0], 2);
                    let c = cost(z.leaky_trace(), &y).unwrap();
                    let value = c.as_vec()[0];
                    let tape = c.backward().get(&z).as_vec();
                    let closed = gradient(&z, &y).unwrap().as_vec();
                    assert!(
                        value.is_finite() && value >= 0.0,
                        "{name} at {z1}, {z2}: {value}"
                    );
                    assert_close(name, &closed, &tape);
                }
            }
        }
        // From outputs, a confident mistake costs -ln 1e-7 = 16.1 and no more; from logits its full 1e4.
        for (name, cost, gradient) in &FROM_OUTPUTS[1..] {
            let a = matrix(vec![0.0, 1.0], 1, 2).unwrap();
            let value = cost(a.leaky_trace(), &one_hot(&[0], 2)).unwrap().as_vec()[0];
            assert!((16.0..33.0).contains(&value), "{name}: {value}");
            let gradient = gradient(&a, &one_hot(&[0], 2)).unwrap().as_vec();
            assert_eq!(gradient, [0.0, 0.0], "{name}");
        }
        let z = matrix(vec![-1e4], 1, 1).unwrap();
        let y = matrix(vec![1.0], 1, 1).unwrap();
        let cost = binary_cross_entropy_with_logits(z, &y).unwrap();
        assert_eq!(cost.as_vec(), [1e4]);
    }

    #[test]
    fn the_engine_computes_the_readable_costs() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        for scale in [1.0, 20.0, 1e4] {
            let labels: Vec<usize> = (0..7).map(|_| rng.gen_range(0..4)).collect();
            let z = matrix(random(&mut rng, 28, -scale..scale), 7, 4).unwrap();
            let y = one_hot(&labels, 4);
            let classes = Targets::Classes { labels, classes: 4 };
            let values = Targets::Values {
                values: y.as_vec(),
                dim: 4,
            };
            let cases: [(Cost, Taped, Closed); 3] = [
                (Cost::Quadratic, quadratic, quadratic_gradient),
                (Cost::BinaryCrossEntropy, FROM_LOGITS[0].1, FROM_LOGITS[0].2),
                (Cost::CrossEntropy, FROM_LOGITS[1].1, FROM_LOGITS[1].2),
            ];
            for (kind, cost, gradient) in cases {
                for targets in [&classes, &values] {
                    let mut engine = vec![0.0; 28];
                    let fused = loss::cost(kind, &z.as_vec(), 4, targets, None, Some(&mut engine));
                    let readable = cost(z.leaky_trace(), &y).unwrap().as_vec()[0];
                    assert!(
                        (fused.cost - f64::from(readable)).abs() <= 1e-5 * fused.cost.abs(),
                        "{kind:?}: engine {}, readable {readable}",
                        fused.cost
                    );
                    let expected = gradient(&z, &y).unwrap().as_vec();
                    assert_close(&format!("{kind:?}"), &engine, &expected);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_shapes_and_numbers_are_answered_without_a_panic(
            (rows, columns) in (1..5_usize, 1..5_usize),
            (y_rows, y_columns) in (1..5_usize, 1..5_usize),
            value in prop_oneof![Just(f32::NAN), Just(f32::INFINITY), Just(f32::NEG_INFINITY), any::<f32>()],
        ) {
            let x = matrix(vec![value; rows * columns], rows, columns).unwrap();
            let y = matrix(vec![1.0; y_rows * y_columns], y_rows, y_columns).unwrap();
            let same = (rows, columns) == (y_rows, y_columns);
            for (_, cost, gradient) in FROM_OUTPUTS.into_iter().chain(FROM_LOGITS) {
                prop_assert_eq!(cost(x.leaky_trace(), &y).is_ok(), same);
                prop_assert_eq!(gradient(&x, &y).is_ok(), same);
            }
        }
    }
}
