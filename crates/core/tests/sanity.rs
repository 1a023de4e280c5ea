//! Checks before a training: a healthy network has no findings, and each fault has its own.

use gradus::model::SanityCheck;
use gradus::prelude::*;

fn net() -> Sequential {
    Sequential::input(64)
        .dense(32)
        .activation(Relu)
        .init(He)
        .dense(10)
}

fn check(net: &Sequential, eta: f32) -> SanityCheck {
    let digits = Dataset::digits();
    net.sanity_check(&digits, CrossEntropy, || Sgd::new(eta))
        .unwrap()
}

#[test]
fn a_healthy_network_begins_as_a_guess_and_learns_twenty_examples() {
    let before = net();
    let found = check(&before, 0.1);
    assert!(found.findings().is_empty(), "{found}");
    assert!((found.guess.unwrap() - 10_f64.ln()).abs() < 1e-12);
    let same = before
        .parameters()
        .iter()
        .zip(net().parameters())
        .all(|(a, b)| a.value.as_vec() == b.value.as_vec());
    assert!(same, "the network stays as it was");
}

/// The first step of plain gradient descent is `η ‖g‖`, by definition.
#[test]
fn the_ratio_of_the_first_step_is_that_of_its_rule() {
    let net = net();
    let found = check(&net, 0.1);
    let batch = Dataset::digits().take(64).unwrap();
    let (_, gradients) = net.gradients(&batch, CrossEntropy).unwrap();
    for (step, (weights, gradient)) in found
        .steps
        .iter()
        .zip(net.parameters().iter().zip(&gradients))
    {
        assert!((step.gradient - gradient.norm()).abs() < 1e-9);
        match step.ratio {
            Some(ratio) => {
                let expected = 0.1 * gradient.norm() / weights.norm();
                assert!(
                    (ratio / expected - 1.0).abs() < 1e-3,
                    "{}: {ratio} {expected}",
                    step.name
                );
            }
            None => assert!(step.name.ends_with(".bias")),
        }
    }
}

#[test]
fn each_fault_is_found() {
    let finds = |net: &Sequential, eta: f32, words: &str| {
        let found = check(net, eta);
        assert!(
            found.findings().iter().any(|said| said.contains(words)),
            "{words}: {found}"
        );
    };
    let huge = Sequential::input(64)
        .dense(32)
        .activation(Relu)
        .init(Normal(3.0))
        .dense(10)
        .init(Normal(3.0));
    finds(&huge, 0.1, "the cost begins at");
    finds(&net(), 30.0, "η too large");
    finds(&net(), 1e-7, "η too small");
    finds(&net(), 1e-7, "examples it learns only");
    let zeros = Sequential::input(64)
        .dense(32)
        .activation(Relu)
        .init(Zeros)
        .dense(10)
        .init(Zeros);
    finds(&zeros, 0.1, "no gradient reaches dense_1.weight");
}

#[test]
fn costs_without_a_guess_and_wrong_data_are_said() {
    let line = Dataset::linear(50, 2.0, 1.0, 0.1, 0).unwrap();
    let net = Sequential::input(1).dense(1);
    let found = net
        .sanity_check(&line, Quadratic, || Sgd::new(0.1))
        .unwrap();
    assert_eq!(found.guess, None);
    assert!(!found.to_string().contains("guess"), "{found}");
    assert!(
        net.sanity_check(&Dataset::digits(), CrossEntropy, || Sgd::new(0.1))
            .is_err()
    );
}
