//! Block 10 against PyTorch: 50 steps of every rule on the same gradients, with weight decay and momentum variants.

use gradus::prelude::*;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Reference {
    a: Vec<f32>,
    start: Vec<f32>,
    noise: Vec<Vec<f32>>,
    runs: HashMap<String, Vec<Vec<f64>>>,
}

#[test]
fn fifty_steps_equal_pytorch() {
    let reference: Reference =
        serde_json::from_str(include_str!("reference/optimizers.json")).unwrap();
    let rms = |rho, epsilon| RmsProp {
        rho,
        epsilon,
        ..RmsProp::new(0.01)
    };
    let delta = |rho| Adadelta {
        rho,
        ..Adadelta::new()
    };
    let rules: Vec<(&str, Box<dyn Optimizer>)> = vec![
        ("sgd", Sgd::new(0.05).into()),
        ("sgd_weight_decay", Sgd::new(0.05).weight_decay(0.1).into()),
        ("momentum", Momentum::new(0.02).into()),
        (
            "momentum_weight_decay",
            Momentum::new(0.02).momentum(0.5).weight_decay(0.1).into(),
        ),
        ("nag", Nag::new(0.02).into()),
        ("nag_weight_decay", Nag::new(0.02).weight_decay(0.1).into()),
        ("adagrad", Adagrad::new(0.1).into()),
        (
            "adagrad_keras",
            Adagrad {
                initial: 0.1,
                epsilon: 1e-7,
                ..Adagrad::new(0.1)
            }
            .into(),
        ),
        (
            "adagrad_weight_decay",
            Adagrad::new(0.1).weight_decay(0.1).into(),
        ),
        ("rmsprop", RmsProp::new(0.01).into()),
        ("rmsprop_pytorch", rms(0.99, 1e-8).into()),
        (
            "rmsprop_weight_decay",
            RmsProp::new(0.01).weight_decay(0.1).into(),
        ),
        ("adadelta", delta(0.95).into()),
        ("adadelta_pytorch", delta(0.9).into()),
        (
            "adadelta_weight_decay",
            delta(0.95).weight_decay(0.1).into(),
        ),
        ("adam", Adam::new(0.05).into()),
        (
            "adam_weight_decay",
            Adam::new(0.05).weight_decay(0.1).into(),
        ),
        ("adamw", AdamW::new(0.05).into()),
        (
            "adamw_strong",
            AdamW {
                lambda: 0.5,
                ..AdamW::new(0.05)
            }
            .into(),
        ),
    ];
    assert_eq!(rules.len(), reference.runs.len());
    for (name, rule) in rules {
        rule.check().unwrap();
        let mut w = reference.start.clone();
        let mut slots = vec![vec![0.0; w.len()]; rule.slots()];
        for (t, (noise, expected)) in reference
            .noise
            .iter()
            .zip(&reference.runs[name])
            .enumerate()
        {
            let mut g: Vec<f32> = (0..w.len())
                .map(|i| reference.a[i] * w[i] + noise[i])
                .collect();
            let mut memory: Vec<&mut [f32]> = slots.iter_mut().map(Vec::as_mut_slice).collect();
            rule.step(
                t as u64 + 1,
                rule.learning_rate(),
                &mut w,
                &mut g,
                &mut memory,
            );
            let difference = w
                .iter()
                .zip(expected)
                .map(|(w, e)| (f64::from(*w) - e).powi(2))
                .sum::<f64>()
                .sqrt();
            let size = expected.iter().map(|e| e * e).sum::<f64>().sqrt();
            assert!(
                difference <= 1e-4 * size,
                "{name}, step {}: {w:?}, expected {expected:?}",
                t + 1
            );
        }
    }
}

#[test]
fn conventions_are_the_same_rule_where_they_should_be() {
    // Keras puts ε under the root; with a gradient far from 0 that changes next to nothing, with one near it everything.
    let step = |under, g: f32| {
        let rule = RmsProp {
            epsilon: 1e-3,
            epsilon_under_root: under,
            ..RmsProp::new(0.1)
        };
        let (mut w, mut slot) = ([0.0], [0.0]);
        rule.step(1, 0.1, &mut w, &mut [g], &mut [&mut slot]);
        w[0]
    };
    assert!((step(true, 100.0) - step(false, 100.0)).abs() < 1e-4);
    assert!(step(true, 1e-3).abs() < 0.2 * step(false, 1e-3).abs());
}

#[test]
fn hyperparameters_out_of_range_are_named() {
    let bad: Vec<(Box<dyn Optimizer>, &str)> = vec![
        (
            Momentum::new(0.1).momentum(1.0).into(),
            "the momentum must be at least 0 and less than 1, got 1",
        ),
        (
            Nag::new(-0.5).into(),
            "the learning rate must be a finite number greater than 0, got -0.5",
        ),
        (
            Sgd::new(0.1).weight_decay(-1.0).into(),
            "the weight decay must be a finite number of at least 0, got -1",
        ),
        (
            Adagrad {
                epsilon: 0.0,
                ..Adagrad::new(0.1)
            }
            .into(),
            "epsilon must be a finite number greater than 0, got 0",
        ),
        (
            RmsProp {
                rho: f32::NAN,
                ..RmsProp::new(0.1)
            }
            .into(),
            "rho must be at least 0 and less than 1, got NaN",
        ),
        (
            Adadelta {
                rho: 1.5,
                ..Adadelta::new()
            }
            .into(),
            "rho must be at least 0 and less than 1, got 1.5",
        ),
        (
            AdamW {
                lambda: f32::INFINITY,
                ..AdamW::new(0.1)
            }
            .into(),
            "the weight decay must be a finite number of at least 0, got inf",
        ),
    ];
    for (rule, message) in bad {
        assert_eq!(rule.check().unwrap_err().to_string(), message);
    }
}
