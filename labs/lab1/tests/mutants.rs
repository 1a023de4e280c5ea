//! The lab notices wrong answers: one mutant per usual mistake, each called by its name, and no impostor gets a point.
//! For instructors: not part of a release. `INSTA_UPDATE=always` writes the mutants' answers down anew.

use gradus_exercise::Question;
use lab1::questions as q;

fn mutants() -> Vec<(&'static str, Question)> {
    vec![
        ("overflow", q::sigmoid(|z| z.exp() / (1.0 + z.exp()))),
        ("wrong_sign", q::sigmoid(|z| lab1::sigmoid(-z))),
        ("tanh", q::sigmoid(f64::tanh)),
        ("in_terms_of_a", q::sigmoid_prime(|z| z * (1.0 - z))),
        (
            "overflow",
            q::sigmoid_prime(|z| (-z).exp() / (1.0 + (-z).exp()).powi(2)),
        ),
        (
            "not_multiplied",
            q::sigmoid_prime(|z| 1.0 - lab1::sigmoid(z)),
        ),
    ]
}

#[test]
fn every_mutant_is_called_by_its_name() {
    let problems = lab1::lab().convict(mutants(), |name, answers, near_enough| {
        insta::with_settings!({
            comparator => near_enough,
            snapshot_path => "../snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, answers);
        });
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_impostor_gets_a_point() {
    let undetected = lab1::lab().impostors();
    assert!(undetected.is_empty(), "{}", undetected.join("\n"));
}
