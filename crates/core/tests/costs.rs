//! Block 1: the readable costs have PyTorch's values and gradients, and the reason to prefer logits shows.

use gradus::dfdx::prelude::{AsArray, Backward, Trace};
use gradus::prelude::*;
use gradus::tensor::{Scalar, Tape};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    rows: usize,
    columns: usize,
    y: Vec<f32>,
    weights: Vec<f32>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    cost: String,
    x: Vec<f32>,
    value: f32,
    gradient: Vec<f32>,
}

#[test]
fn values_and_gradients_equal_pytorch() {
    let reference: Reference = serde_json::from_str(include_str!("reference/costs.json")).unwrap();
    let of = |values: &[f32]| matrix(values.to_vec(), reference.rows, reference.columns).unwrap();
    let y = of(&reference.y);
    assert_eq!(reference.cases.len(), 6);
    for case in &reference.cases {
        let x = of(&case.x);
        let (value, gradient) = match &*case.cost {
            "quadratic" => (
                cost::quadratic(x.clone(), &y),
                cost::quadratic_gradient(&x, &y),
            ),
            "binary" => (
                cost::binary_cross_entropy(x.clone(), &y),
                cost::binary_cross_entropy_gradient(&x, &y),
            ),
            "binary, logits" => (
                cost::binary_cross_entropy_with_logits(x.clone(), &y),
                cost::binary_cross_entropy_with_logits_gradient(&x, &y),
            ),
            "categorical" => (
                cost::categorical_cross_entropy(x.clone(), &y),
                cost::categorical_cross_entropy_gradient(&x, &y),
            ),
            "categorical, weighted" => (
                cost::weighted_cross_entropy_with_logits(x.clone(), &y, &reference.weights),
                cost::weighted_cross_entropy_with_logits_gradient(&x, &y, &reference.weights),
            ),
            _ => (
                cost::categorical_cross_entropy_with_logits(x.clone(), &y),
                cost::categorical_cross_entropy_with_logits_gradient(&x, &y),
            ),
        };
        let value = value.unwrap().array();
        assert!(
            (value - case.value).abs() < 1e-5 * case.value,
            "{}: {value}",
            case.cost
        );
        for (g, expected) in gradient.unwrap().as_vec().iter().zip(&case.gradient) {
            let close = (g - expected).abs() <= 1e-4 * expected.abs() + 1e-7;
            assert!(close, "{}: {g}, expected {expected}", case.cost);
        }
    }
}

/// Why cross-entropy: a sigmoid that is wrong and sure learns from it at full speed, where the quadratic cost's gradient has
/// the factor σ'(z) that is almost 0.
#[test]
fn cross_entropy_does_not_slow_down_where_the_sigmoid_is_saturated() {
    let z = matrix(vec![8.0], 1, 1).unwrap();
    let y = matrix(vec![0.0], 1, 1).unwrap();
    let slope = |cost: Scalar<Tape>| cost.backward().get(&z).as_vec()[0];
    let a = || z.leaky_trace().sigmoid();
    let quadratic = slope(cost::quadratic(a(), &y).unwrap());
    let entropy = slope(cost::binary_cross_entropy(a(), &y).unwrap());
    assert!(
        quadratic < 1e-3 && entropy > 0.99,
        "{quadratic} and {entropy}"
    );
}
