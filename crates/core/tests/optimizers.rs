//! Block 10 against PyTorch: 50 steps of every rule on the same gradients, with weight decay and momentum variants.

use gradus::dfdx::nn::TensorCollection;
use gradus::dfdx::optim as theirs;
use gradus::dfdx::prelude::{Linear as Dense, Tanh as Tanhs, *};
use gradus::optim::{ForDfdx, Optimizer};
use gradus::prelude::{
    Adadelta, Adagrad, Adam, AdamW, Clip, Momentum, Nag, RmsProp, Schedule, Sgd,
};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Reference {
    a: Vec<f32>,
    start: Vec<f32>,
    noise: Vec<Vec<f32>>,
    runs: HashMap<String, Vec<Vec<f64>>>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/optimizers.json")).unwrap()
}

/// The rules of the reference under its names.
fn rules() -> Vec<(&'static str, Box<dyn Optimizer>)> {
    let rms = |rho, epsilon| RmsProp {
        rho,
        epsilon,
        ..RmsProp::new(0.01)
    };
    let delta = |rho| Adadelta {
        rho,
        ..Adadelta::default()
    };
    vec![
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
                weight_decay: 0.5,
                ..AdamW::new(0.05)
            }
            .into(),
        ),
    ]
}

fn assert_near(what: &str, ours: &[f32], expected: &[f64]) {
    let pairs = ours.iter().zip(expected);
    let difference = pairs.map(|(w, e)| (f64::from(*w) - e).powi(2)).sum::<f64>();
    let size = expected.iter().map(|e| e * e).sum::<f64>().sqrt();
    assert!(
        difference.sqrt() <= 1e-4 * size,
        "{what}: {ours:?}, expected {expected:?}"
    );
}

#[test]
fn fifty_steps_equal_pytorch() {
    let (rules, reference) = (rules(), reference());
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
            assert_near(&format!("{name}, step {}", t + 1), &w, expected);
        }
    }
}

#[test]
fn fifty_steps_on_a_dfdx_tensor_equal_pytorch() {
    let (reference, dev) = (reference(), Cpu::default());
    let tensor = |numbers: &[f32]| -> Tensor<Rank1<6>, f32, Cpu> { dev.tensor(numbers.to_vec()) };
    let a = tensor(&reference.a);
    for (name, rule) in rules() {
        let mut rule = ForDfdx::new(rule).unwrap();
        let mut w = tensor(&reference.start);
        for (noise, expected) in reference.noise.iter().zip(&reference.runs[name]) {
            // Its gradient is the a w + noise of the reference.
            let parabola = w.leaky_trace().square() * (a.clone() / 2.0);
            let cost = (parabola + w.retaped::<OwnedTape<f32, Cpu>>() * tensor(noise)).sum();
            theirs::Optimizer::update(&mut rule, &mut w, &cost.backward()).unwrap();
            assert_near(name, &w.as_vec(), expected);
        }
        assert_eq!(rule.steps(), 50);
    }
}

type Net = (Dense<3, 8>, Tanhs, Dense<8, 2>);
type BuiltNet = <Net as BuildOnDevice<Cpu, f32>>::Built;

/// All parameters of a small dfdx network after 50 steps from the same start on the same examples.
fn fifty_steps(rule: &mut impl theirs::Optimizer<BuiltNet, Cpu, f32>) -> Vec<f64> {
    let dev = Cpu::seed_from_u64(3);
    let mut net = dev.build_module::<Net, f32>();
    let x: Tensor<Rank2<16, 3>, f32, _> = dev.sample_normal();
    let y: Tensor<Rank2<16, 2>, f32, _> = dev.sample_normal();
    for _ in 0..50 {
        let cost = (net.forward(x.leaky_trace()) - y.clone()).square().mean();
        rule.update(&mut net, &cost.backward()).unwrap();
    }
    let (first, second) = (&net.0, &net.2);
    let all = [
        first.weight.as_vec(),
        first.bias.as_vec(),
        second.weight.as_vec(),
    ];
    all.concat().into_iter().map(f64::from).collect()
}

/// dfdx's RMSprop: the mean of squares starts at 1, and ε stands under the root.
#[derive(Debug)]
struct FromOne(RmsProp);

impl Optimizer for FromOne {
    fn check(&self) -> gradus::Result<()> {
        self.0.check()
    }
    fn learning_rate(&self) -> f32 {
        self.0.learning_rate
    }
    fn slots(&self) -> usize {
        1
    }
    fn step(&self, t: u64, eta: f32, w: &mut [f32], g: &mut [f32], slots: &mut [&mut [f32]]) {
        if t == 1 {
            slots[0].fill(1.0);
        }
        self.0.step(t, eta, w, g, slots);
    }
}

#[test]
fn fifty_steps_on_a_dfdx_network_equal_dfdx_where_it_has_the_rule() {
    fn compare(
        name: &str,
        ours: impl Into<Box<dyn Optimizer>>,
        mut dfdx: impl theirs::Optimizer<BuiltNet, Cpu, f32>,
    ) {
        let expected = fifty_steps(&mut dfdx);
        let ours = fifty_steps(&mut ForDfdx::new(ours).unwrap());
        let ours: Vec<f32> = ours.into_iter().map(|w| w as f32).collect();
        assert_near(name, &ours, &expected);
    }
    let net = Cpu::default().build_module::<Net, f32>();
    let sgd = |momentum, weight_decay| {
        let lr = 0.05;
        theirs::Sgd::new(
            &net,
            SgdConfig {
                lr,
                momentum,
                weight_decay,
            },
        )
    };
    let adam = |weight_decay| {
        let config = AdamConfig {
            lr: 0.01,
            weight_decay,
            ..AdamConfig::default()
        };
        theirs::Adam::new(&net, config)
    };
    use theirs::Momentum::{Classic, Nesterov};
    use theirs::WeightDecay::{Decoupled, L2};
    compare("SGD", Sgd::new(0.05), sgd(None, None));
    compare(
        "SGD, L2",
        Sgd::new(0.05).weight_decay(0.1),
        sgd(None, Some(L2(0.1))),
    );
    // Without momentum it is one and the same where the decay stands.
    compare(
        "SGD, decoupled",
        Sgd::new(0.05).weight_decay(0.1),
        sgd(None, Some(Decoupled(0.1))),
    );
    compare(
        "momentum",
        Momentum::new(0.05),
        sgd(Some(Classic(0.9)), None),
    );
    compare(
        "momentum, L2",
        Momentum::new(0.05).weight_decay(0.1),
        sgd(Some(Classic(0.9)), Some(L2(0.1))),
    );
    compare("Nesterov", Nag::new(0.05), sgd(Some(Nesterov(0.9)), None));
    compare("Adam", Adam::new(0.01), adam(None));
    compare(
        "Adam, L2",
        Adam::new(0.01).weight_decay(0.1),
        adam(Some(L2(0.1))),
    );
    let decoupled = AdamW {
        weight_decay: 0.1,
        ..AdamW::new(0.01)
    };
    compare("AdamW", decoupled, adam(Some(Decoupled(0.1))));
    let rms = RmsProp {
        epsilon: 1e-8,
        epsilon_under_root: true,
        ..RmsProp::new(0.01)
    };
    let config = RMSpropConfig {
        lr: 0.01,
        alpha: 0.9,
        eps: 1e-8,
        ..RMSpropConfig::default()
    };
    compare("RMSProp", FromOne(rms), theirs::RMSprop::new(&net, config));
}

#[test]
fn schedule_and_clip_are_those_of_fit() {
    // One tensor and a cost whose gradient is always (3, 4), of norm 5.
    let dev = Cpu::default();
    let mut w: Tensor<Rank1<2>, f32, _> = dev.zeros();
    let direction = dev.tensor([3.0, 4.0]);
    let mut rule = ForDfdx::new(Sgd::new(1.0)).unwrap();
    rule = rule.schedule(Schedule::step(1, 0.5)).unwrap();
    rule = rule.clip(Clip::Norm(1.0)).unwrap();
    let mut expected = 0.0;
    for eta in [1.0, 0.5, 0.25] {
        assert_eq!(rule.learning_rate(), eta);
        let cost = (w.leaky_trace() * direction.clone()).sum();
        rule.minimise(&mut w, cost).unwrap();
        expected -= eta;
        for (w, g) in w.array().iter().zip([0.6, 0.8]) {
            assert!((w - expected * g).abs() < 1e-6, "{w}");
        }
    }
    assert!(ForDfdx::new(Sgd::new(-1.0)).is_err());
    assert!(rule.schedule(Schedule::cosine(0)).is_err());
    let rule = ForDfdx::new(Sgd::new(1.0)).unwrap();
    assert!(rule.clip(Clip::Value(f32::NAN)).is_err());
}

#[test]
fn what_cannot_be_minimised_is_said_and_running_statistics_are_left_alone() {
    let dev = Cpu::default();
    let x: Tensor<Rank2<4, 3>, f32, _> = dev.sample_normal();
    let mut net = dev.build_module::<(Dense<3, 2>, BatchNorm1D<2>, Dense<2, 2>), f32>();
    let mut rule = ForDfdx::new(Adam::new(0.1)).unwrap();
    let before = (net.0.weight.array(), net.2.weight.array());
    // The last layer is not asked.
    let cost = net.0.forward(x.leaky_trace()).square().mean();
    let error = rule.minimise(&mut net, cost).unwrap_err().to_string();
    assert!(error.contains("does not depend on 4 of"), "{error}");
    assert_ne!(net.0.weight.array(), before.0);
    assert_eq!(net.2.weight.array(), before.1);
    assert_eq!(net.1.running_mean.array(), [0.0; 2]);

    let first = net.0.weight.array();
    let cost = net.0.forward(x.leaky_trace()).square().mean() * f32::NAN;
    let error = rule.minimise(&mut net, cost).unwrap_err().to_string();
    assert!(error.contains("the cost"), "{error}");
    assert_eq!(net.0.weight.array(), first);
}

#[test]
fn what_a_rule_remembers_of_a_tensor_belongs_to_that_tensor() {
    // Momentum on two tensors one after the other: as if each had a rule of its own.
    fn step<M: TensorCollection<f32, Cpu>>(
        rule: &mut ForDfdx,
        w: &mut M,
        cost: Tensor<Rank0, f32, Cpu, OwnedTape<f32, Cpu>>,
    ) {
        rule.minimise(w, cost).unwrap();
    }
    let dev = Cpu::default();
    let mut a: Tensor<Rank1<2>, f32, _> = dev.ones();
    let mut b: Tensor<Rank1<3>, f32, _> = dev.ones();
    let mut alone: Tensor<Rank1<3>, f32, _> = dev.ones();
    let mut shared = ForDfdx::new(Momentum::new(0.1)).unwrap();
    let mut own = ForDfdx::new(Momentum::new(0.1)).unwrap();
    for _ in 0..5 {
        let cost = a.leaky_trace().square().sum();
        step(&mut shared, &mut a, cost);
        let cost = b.leaky_trace().square().sum();
        step(&mut shared, &mut b, cost);
        let cost = alone.leaky_trace().square().sum();
        step(&mut own, &mut alone, cost);
    }
    assert_eq!(b.array(), alone.array());
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
                ..Adadelta::default()
            }
            .into(),
            "rho must be at least 0 and less than 1, got 1.5",
        ),
        (
            AdamW {
                weight_decay: f32::INFINITY,
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
