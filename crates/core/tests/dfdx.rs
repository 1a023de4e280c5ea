//! Every topic in a program of dfdx: initialisers, activations, batch normalisation, regularisation, the training loop and the
//! weights of a network, on dfdx's typed models.

use gradus::Activation;
use gradus::activation::modules;
use gradus::batchnorm::{BatchNorm, BatchNormModule};
use gradus::dfdx::nn::modules::BatchNorm1D as DfdxBatchNorm;
use gradus::dfdx::prelude::{BatchNorm1D, *};
use gradus::init::Init;
use gradus::model::Sequential;
use gradus::optim::{ForDfdx, Sgd};
use gradus::regularization::{DropoutModule, EarlyStopping, Regularizer, Verdict, l1, l2};
use gradus::tensor::matrix;
use serde::Deserialize;

#[path = "../examples/dfdx_program.rs"]
#[allow(dead_code)]
mod dfdx_program;

#[test]
fn a_program_of_dfdx_trains_to_the_same_weights_as_fit() {
    let difference = dfdx_program::train_both().unwrap();
    assert!(difference < 1e-4, "{difference}");
}

fn dev() -> Cpu {
    Cpu::seed_from_u64(11)
}

#[track_caller]
fn assert_close(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        assert!(
            (a - b).abs() <= tolerance * (1.0 + b.abs()),
            "{what}: {a} and {b} in\n{ours:?}\n{theirs:?}"
        );
    }
}

/// The numbers of the parameters and statistics of a network, by name.
fn numbers(net: &Sequential, name: &str) -> Vec<f32> {
    let all = net.parameters().into_iter().chain(net.statistics());
    let found = all.into_iter().find(|parameter| parameter.name == name);
    found.unwrap().value.as_vec()
}

/// `(n_out, n_in)` of a `(n_in, n_out)` matrix.
fn turned(weight: &[f32], n_out: usize) -> Vec<f32> {
    (0..n_out)
        .flat_map(|j| weight.iter().skip(j).step_by(n_out).copied())
        .collect()
}

#[test]
fn an_initialiser_fills_a_dfdx_model_with_the_weights_of_the_network() {
    type Net = (Linear<7, 5>, ReLU, BatchNorm1D<5>, Linear<5, 3>);
    let mut net = dev().build_module::<Net, f32>();
    net.2.running_mean = dev().ones();
    net.2.scale = dev().zeros();
    for init in [
        Init::He,
        Init::XavierUniform,
        Init::Orthogonal,
        Init::Constant(0.5),
    ] {
        init.fill(&mut net, 9).unwrap();
        let ours = Sequential::input(7)
            .dense(5)
            .init(init)
            .dense(3)
            .init(init)
            .seed(9);
        let first = turned(&numbers(&ours, "dense_1.weight"), 5);
        let second = turned(&numbers(&ours, "dense_2.weight"), 3);
        assert_eq!(net.0.weight.as_vec(), first, "{init:?}");
        assert_eq!(net.3.weight.as_vec(), second, "{init:?}");
    }
    assert_eq!(
        (net.0.bias.array(), net.3.bias.array()),
        ([0.0; 5], [0.0; 3])
    );
    assert_eq!(
        (net.2.scale.array(), net.2.bias.array()),
        ([1.0; 5], [0.0; 5])
    );
    assert_eq!(net.2.running_mean.array(), [0.0; 5]);
    assert!(Init::Normal(-1.0).fill(&mut net, 0).is_err());
}

#[test]
fn a_window_counts_for_inputs_and_outputs() {
    // 6 filters of 3 x 3 pixels of 4 channels, as a convolution has them.
    let mut filters: Tensor<Rank4<6, 4, 3, 3>, f32, _> = dev().zeros();
    Init::Xavier.fill(&mut filters, 2).unwrap();
    let variance = filters.square().mean::<Rank0, _>().array();
    let expected = 2.0 / (4.0 * 9.0 + 6.0 * 9.0);
    assert!(
        (variance - expected).abs() < 0.3 * expected,
        "{variance}, {expected}"
    );
}

const POINTS: [f32; 12] = [
    -30.0, -8.0, -3.0, -1.0, -0.5, -0.01, 0.0, 0.01, 0.5, 1.0, 3.0, 8.0,
];

/// Value and gradient of a module at [`POINTS`], beside the functions that training uses.
fn holds<M>(f: Activation, module: M)
where
    M: Module<
            Tensor<Rank1<12>, f32, Cpu, OwnedTape<f32, Cpu>>,
            Output = Tensor<Rank1<12>, f32, Cpu, OwnedTape<f32, Cpu>>,
        >,
{
    let z = dev().tensor(POINTS);
    let a = module.forward(z.leaky_trace());
    assert_close(
        &format!("{f:?}"),
        &a.as_vec(),
        &POINTS.map(|z| f.value(z)),
        1e-6,
    );
    let slopes = a.sum::<Rank0, _>().backward().get(&z).array();
    assert_close(
        &format!("{f:?}'"),
        &slopes,
        &POINTS.map(|z| f.derivative(z)),
        1e-6,
    );
}

#[test]
fn each_activation_is_a_module_with_the_values_and_the_gradients_of_training() {
    holds(Activation::Linear, modules::Linear);
    holds(Activation::Sigmoid, modules::Sigmoid);
    holds(Activation::Tanh, modules::Tanh);
    holds(Activation::Relu, modules::Relu);
    holds(Activation::LeakyRelu(0.01), modules::LeakyRelu::default());
    holds(
        Activation::LeakyRelu(-0.3),
        modules::LeakyRelu { slope: -0.3 },
    );
    holds(Activation::Elu(1.0), modules::Elu::default());
    holds(Activation::Elu(0.3), modules::Elu { alpha: 0.3 });
    holds(Activation::Selu, modules::Selu);
    holds(Activation::Softplus, modules::Softplus);
    holds(Activation::Swish, modules::Swish);
    holds(Activation::Mish, modules::Mish);
    holds(Activation::Gelu, modules::Gelu);
    holds(Activation::GeluTanh, modules::GeluTanh);
    for f in Activation::ALL {
        holds(f, f); // the value itself is a module
    }
    let snake = Activation::custom(
        "snake in dfdx",
        |z| z + z.sin().powi(2),
        |z| 1.0 + (2.0 * z).sin(),
    );
    holds(snake, snake);
}

#[test]
fn a_step_changes_what_a_module_learns_and_not_how_it_is_set() {
    let mut net = dev().build_module::<(
        Linear<2, 2>,
        modules::Elu,
        BatchNormModule<2>,
        DropoutModule,
    ), f32>();
    net.1.alpha = 0.25;
    net.2.follow(BatchNorm::pytorch()).unwrap();
    net.3 = DropoutModule::new(0.25, 3).unwrap();
    let x: Tensor<Rank2<4, 2>, f32, _> = dev().sample_normal();
    let cost = net.forward_mut(x.leaky_traced()).square().mean();
    ForDfdx::new(Sgd::new(0.1))
        .unwrap()
        .minimise(&mut net, cost)
        .unwrap();
    assert_eq!(net.1.alpha, 0.25);
    assert_eq!(net.2.convention(), BatchNorm::pytorch());
    assert_eq!(net.3.p(), 0.25);
}

#[test]
fn prelu_and_maxout_learn_as_modules() {
    type Net = (
        modules::Maxout<Linear<2, 6>>,
        modules::Prelu<6>,
        Linear<6, 1>,
    );
    let mut net = dev().build_module::<Net, f32>();
    assert_eq!(net.1.slope.array(), [0.25; 6]);
    Init::He.fill(&mut net, 1).unwrap();
    assert_eq!(net.1.slope.array(), [0.25; 6]);
    let x: Tensor<Rank2<4, 2>, f32, _> =
        dev().tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let y: Tensor<Rank2<4, 1>, f32, _> = dev().tensor([[0.0], [1.0], [1.0], [0.0]]);
    let mut rule = ForDfdx::new(gradus::optim::Adam::new(0.05)).unwrap();
    let costs = gradus::descent::descend_model(&mut net, &mut rule, 200, |net| {
        Ok((net.forward(x.leaky_trace()) - y.clone()).square().mean())
    })
    .unwrap();
    assert!(
        costs[199] < 1e-3 && costs[0] > 0.1,
        "{} to {}",
        costs[0],
        costs[199]
    );
    assert_ne!(net.1.slope.array(), [0.25; 6]);
}

#[test]
fn costs_take_what_a_typed_network_puts_out() {
    use gradus::cost::*;
    use gradus::tensor::{Matrix, Scalar, Tape};
    type Typed = Tensor<Rank2<2, 3>, f32, Cpu>;
    type OnTape = Tensor<Rank2<2, 3>, f32, Cpu, Tape>;
    type Pair = (
        fn(OnTape, &Typed) -> gradus::Result<Scalar<Tape>>,
        fn(Matrix<Tape>, &Matrix) -> gradus::Result<Scalar<Tape>>,
    );
    let costs: [Pair; 5] = [
        (quadratic, quadratic),
        (binary_cross_entropy, binary_cross_entropy),
        (
            binary_cross_entropy_with_logits,
            binary_cross_entropy_with_logits,
        ),
        (categorical_cross_entropy, categorical_cross_entropy),
        (
            categorical_cross_entropy_with_logits,
            categorical_cross_entropy_with_logits,
        ),
    ];
    let a = dev().tensor([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]]);
    let y = dev().tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    let (any_a, any_y) = (a.clone().realize(), y.clone().realize());
    for (typed, any) in costs {
        let (typed, any) = (typed(a.leaky_trace(), &y), any(any_a.leaky_trace(), &any_y));
        let (typed, any) = (typed.unwrap(), any.unwrap());
        assert_eq!(typed.array(), any.array());
        let (typed, any) = (typed.backward().get(&a), any.backward().get(&any_a));
        assert_eq!(typed.as_vec(), any.as_vec());
    }
    let weights = [1.0, 2.0, 3.0];
    let typed = weighted_cross_entropy_with_logits(a, &y, &weights).unwrap();
    let any = weighted_cross_entropy_with_logits(any_a, &any_y, &weights).unwrap();
    assert_eq!(typed.array(), any.array());
}

#[derive(Deserialize)]
struct Reference {
    batches: Vec<Vec<f32>>,
    gamma: Vec<f32>,
    beta: Vec<f32>,
    delta: Vec<f32>,
    y: Vec<f32>,
    dx: Vec<f32>,
    dgamma: Vec<f32>,
    dbeta: Vec<f32>,
    running_mean: Vec<f32>,
    running_variance: Vec<f32>,
    keras_mean: Vec<f32>,
    keras_variance: Vec<f32>,
    test: Vec<f32>,
    test_y: Vec<f32>,
}

#[test]
fn the_batch_norm_module_equals_pytorch_in_both_conventions_and_both_modes() {
    let r: Reference = serde_json::from_str(include_str!("reference/batchnorm.json")).unwrap();
    let dev = dev();
    let batch = |i: usize| -> Tensor<Rank2<7, 3>, f32, Cpu> { dev.tensor(r.batches[i].clone()) };
    let delta: Tensor<Rank2<7, 3>, f32, _> = dev.tensor(r.delta.clone());
    let build = |convention| {
        let mut norm = dev.build_module::<BatchNormModule<3>, f32>();
        assert_eq!(norm.convention(), BatchNorm::keras());
        norm.follow(convention).unwrap();
        norm.gamma.copy_from(&r.gamma);
        norm.beta.copy_from(&r.beta);
        norm
    };
    let mut norm = build(BatchNorm::pytorch());
    let mut keras = build(BatchNorm::keras());
    let mut dfdx = dev.build_module::<BatchNorm1D<3>, f32>();
    dfdx.scale = norm.gamma.clone();
    dfdx.bias = norm.beta.clone();
    for i in 0..3 {
        let x = batch(i);
        let y = norm.forward_mut(x.leaky_trace());
        keras.forward_mut(x.leaky_trace());
        assert_close(
            "dfdx's",
            &y.as_vec(),
            &dfdx.forward_mut(x.leaky_trace()).as_vec(),
            1e-5,
        );
        if i == 2 {
            assert_close("output", &y.as_vec(), &r.y, 1e-4);
            let gradients = (y * delta.clone()).sum::<Rank0, _>().backward();
            assert_close("x", &gradients.get(&x).as_vec(), &r.dx, 1e-4);
            assert_close("γ", &gradients.get(&norm.gamma).as_vec(), &r.dgamma, 1e-4);
            assert_close("β", &gradients.get(&norm.beta).as_vec(), &r.dbeta, 1e-4);
        }
    }
    assert_close("mean", &norm.running_mean.as_vec(), &r.running_mean, 1e-4);
    assert_close(
        "variance",
        &norm.running_variance.as_vec(),
        &r.running_variance,
        1e-4,
    );
    assert_close(
        "Keras's mean",
        &keras.running_mean.as_vec(),
        &r.keras_mean,
        1e-4,
    );
    assert_close(
        "Keras's variance",
        &keras.running_variance.as_vec(),
        &r.keras_variance,
        1e-4,
    );
    let DfdxBatchNorm {
        running_mean,
        running_var,
        ..
    } = &dfdx;
    assert_close(
        "dfdx's mean",
        &norm.running_mean.as_vec(),
        &running_mean.as_vec(),
        1e-5,
    );
    assert_close(
        "dfdx's variance",
        &norm.running_variance.as_vec(),
        &running_var.as_vec(),
        1e-5,
    );

    let one: Tensor<Rank2<1, 3>, f32, _> = dev.tensor(r.test.clone());
    assert_close("test", &norm.forward(one.clone()).as_vec(), &r.test_y, 1e-4);
    let running = norm.running_mean.array();
    assert!(
        norm.try_forward_mut(one.leaky_traced()).is_err(),
        "one example has no variance"
    );
    assert_eq!(norm.running_mean.array(), running);
    let bad = BatchNorm {
        keep: 1.0,
        ..BatchNorm::keras()
    };
    assert!(norm.follow(bad).is_err());
    assert_eq!(norm.convention(), BatchNorm::pytorch());
}

#[test]
fn penalties_are_on_the_weights_of_a_dfdx_model_and_on_nothing_else() {
    let net = dev().build_module::<(Linear<4, 3>, BatchNorm1D<3>, Linear<3, 2>), f32>();
    let (first, second) = (net.0.weight.as_vec(), net.2.weight.as_vec());
    let all = [first.clone(), second.clone()].concat();
    for rule in [
        l1(0.3),
        l2(0.2),
        Regularizer { l2: 0.1, ..l1(0.4) },
        l1(0.3).exact_zeros(),
    ] {
        let cost = rule.cost_of(&net).unwrap();
        assert!((f64::from(cost.array()) - rule.penalty(&all)).abs() < 1e-5);
        let mut gradients = cost.backward();
        let expected = |w: &[f32]| -> Vec<f32> {
            let on_tape = if rule.exact_zeros { 0.0 } else { 1.0 };
            w.iter().map(|w| on_tape * rule.gradient(*w)).collect()
        };
        let g = gradients.get_or_alloc_mut(&net.0.weight).unwrap().to_vec();
        assert_close("first", &g, &expected(&first), 1e-6);
        let g = gradients.get_or_alloc_mut(&net.2.weight).unwrap().to_vec();
        assert_close("second", &g, &expected(&second), 1e-6);
        assert_eq!(
            gradients.get_or_alloc_mut(&net.0.bias).unwrap().to_vec(),
            [0.0; 3]
        );
        assert_eq!(
            gradients.get_or_alloc_mut(&net.1.scale).unwrap().to_vec(),
            [0.0; 3]
        );
    }
    assert!(l2(-1.0).cost_of(&net).is_err());
}

#[test]
fn l1_with_exact_zeros_makes_a_dfdx_model_sparse() {
    let mut net = dev().build_module::<Linear<8, 1>, f32>();
    let x: Tensor<Rank2<32, 8>, f32, _> = dev().sample_normal();
    // Only the first input matters.
    let mut pick: Tensor<Rank2<8, 1>, f32, _> = dev().zeros();
    pick.copy_from(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let y = x.clone().matmul(pick);
    let rule = l1(0.1).exact_zeros();
    let mut sgd = ForDfdx::new(Sgd::new(0.05)).unwrap();
    for _ in 0..300 {
        let cost = (net.forward(x.leaky_trace()) - y.clone()).square().mean();
        let eta = sgd.learning_rate();
        let cost = cost + rule.cost_of(&net).unwrap();
        sgd.minimise(&mut net, cost).unwrap();
        rule.shrink(&mut net, eta).unwrap();
    }
    let weights = net.weight.as_vec();
    assert!(weights[0] > 0.8, "{weights:?}");
    assert!(
        weights[1..].iter().filter(|w| **w == 0.0).count() >= 6,
        "{weights:?}"
    );
}

#[test]
fn the_dropout_module_drops_in_training_only_and_by_its_seed() {
    let ones: Tensor<Rank2<100, 100>, f32, _> = dev().ones();
    let drop = |layer: &mut DropoutModule| layer.forward_mut(ones.leaky_trace());
    let mut layer = DropoutModule::new(0.25, 5).unwrap();
    let x = ones.leaky_trace();
    let a = layer.forward_mut(x);
    let (first, mean) = (a.as_vec(), a.as_vec().iter().sum::<f32>() / 1e4);
    let fallen = first.iter().filter(|a| **a == 0.0).count() as f32 / 1e4;
    assert!(
        (fallen - 0.25).abs() < 0.02 && (mean - 1.0).abs() < 0.02,
        "{fallen}, {mean}"
    );
    let gradient = a.sum::<Rank0, _>().backward().get(&ones).as_vec();
    assert_eq!(gradient, first);
    assert_ne!(
        drop(&mut layer).as_vec(),
        first,
        "another batch, other units"
    );
    let mut again = DropoutModule::new(0.25, 5).unwrap();
    assert_eq!(drop(&mut again).as_vec(), first);
    assert_eq!(layer.forward(ones.clone()).array(), ones.array());
    assert!(DropoutModule::new(1.0, 0).is_err() && DropoutModule::new(f32::NAN, 0).is_err());
}

#[test]
fn early_stopping_gives_the_best_dfdx_model_back() {
    let mut net = dev().build_module::<Linear<2, 1>, f32>();
    let mut rule = ForDfdx::new(Sgd::new(0.1)).unwrap();
    let mut best = EarlyStopping::patience(2).keeping();
    let x: Tensor<Rank2<4, 2>, f32, _> = dev().sample_normal();
    let mut weights = Vec::new();
    for (epoch, val_loss) in [(1, 0.9), (2, 0.5), (3, 0.6), (4, 0.7)] {
        let cost = net.forward(x.leaky_trace()).square().mean();
        rule.minimise(&mut net, cost).unwrap();
        weights.push(net.weight.array());
        let verdict = best.see(epoch, val_loss, &net);
        assert_eq!(verdict == Verdict::Stop, epoch == 4);
    }
    assert_eq!(best.watch().best(), Some((2, 0.5)));
    let net = best.restore(net);
    assert_eq!(net.weight.array(), weights[1]);
    assert_ne!(weights[1], weights[3]);

    let mut keeps_the_last = EarlyStopping::patience(2);
    keeps_the_last.restore_best = false;
    let mut best = keeps_the_last.keeping();
    best.see(1, 0.1, &1);
    assert_eq!(best.restore(2), 2);
}

#[test]
fn a_diverging_descent_is_told_with_its_step_and_learning_rate() {
    let mut w: Tensor<Rank1<2>, f32, _> = dev().ones();
    let mut rule = ForDfdx::new(Sgd::new(1e6)).unwrap();
    let error = gradus::descent::descend_model(&mut w, &mut rule, 1000, |w| {
        Ok(w.leaky_trace().square().sum())
    })
    .unwrap_err();
    let gradus::ErrorKind::Diverged {
        epoch: 1,
        step,
        learning_rate,
    } = *error.kind()
    else {
        panic!("{error}");
    };
    assert!(step > 1 && learning_rate == 1e6, "{step}, {learning_rate}");
}

#[test]
fn weights_go_into_a_dfdx_model_and_back_and_the_numbers_are_the_same() {
    type Net = (
        (Linear<5, 6>, BatchNormModule<6>, modules::Swish),
        (modules::Maxout<Linear<6, 4>>, modules::Prelu<4>),
        (
            Linear<4, 7>,
            BatchNorm1D<7>,
            modules::GeluTanh,
            Linear<7, 3>,
        ),
    );
    let build = || {
        Sequential::input(5)
            .dense(6)
            .batch_norm()
            .activation(Activation::Swish)
            .dropout(0.3)
            .maxout(4, 2)
            .prelu()
            .dense(7)
            .batch_norm_with(BatchNorm::pytorch())
            .activation(Activation::GeluTanh)
            .dense(3)
    };
    let mut net = build().seed(3);
    // Something to carry in the biases, slopes and running statistics, too.
    let names: Vec<_> = net
        .parameters()
        .into_iter()
        .chain(net.statistics())
        .collect();
    for (i, parameter) in names.into_iter().enumerate() {
        let (rows, columns) = *parameter.value.shape();
        let shift = |(j, w): (usize, f32)| w + 0.01 * ((i + j) % 7) as f32;
        let moved = parameter.value.as_vec().into_iter().enumerate().map(shift);
        let moved = matrix(moved.collect(), rows, columns).unwrap();
        net.set_parameter(&parameter.name, &moved).unwrap();
    }
    let x: Tensor<(usize, Const<5>), f32, _> = dev().sample_normal_like(&(20, Const));
    let data = gradus::data::Dataset::regression(x.as_vec(), 5, vec![0.0; 60], 3).unwrap();

    let mut model = dev().build_module::<Net, f32>();
    net.copy_into(&mut model).unwrap();
    let ours = net.predict(&data).unwrap().as_vec();
    assert_close("into dfdx", &model.forward(x.clone()).as_vec(), &ours, 1e-6);
    assert_eq!(model.2.1.epsilon, f64::from(1e-5_f32));
    assert!((model.2.1.momentum - 0.1).abs() < 1e-6);

    let mut back = build().seed(77);
    assert_ne!(back.predict(&data).unwrap().as_vec(), ours);
    back.copy_from(&model).unwrap();
    assert_eq!(
        back.predict(&data).unwrap().as_vec(),
        ours,
        "the very same weights"
    );
}

#[test]
fn a_model_of_other_layers_is_refused_by_name_and_left_as_it_is() {
    let net = Sequential::input(5).dense(6).batch_norm().dense(3);
    let mut narrow = dev().build_module::<(Linear<5, 6>, BatchNormModule<6>, Linear<6, 4>), f32>();
    let before = narrow.0.weight.array();
    let error = net.copy_into(&mut narrow).unwrap_err().to_string();
    assert_eq!(
        error,
        "2.weight of the dfdx model: expected 3 x 6, like dense_2.weight of the network, got 4 x 6"
    );
    assert_eq!(narrow.0.weight.array(), before);
    let mut short = dev().build_module::<(Linear<5, 6>, BatchNormModule<6>), f32>();
    let error = net.copy_into(&mut short).unwrap_err().to_string();
    assert!(
        error.contains("dense_2.weight has no counterpart"),
        "{error}"
    );
    let conv = Sequential::input([8, 8, 1]).conv2d(2, 3);
    assert!(
        conv.copy_into(&mut short)
            .unwrap_err()
            .to_string()
            .contains("conv2d_1")
    );

    let mut other = dev().build_module::<(Linear<5, 6>, BatchNormModule<6>, Linear<6, 3>), f32>();
    other.1.follow(BatchNorm::pytorch()).unwrap();
    let mut net = net;
    let before = net.parameters()[0].value.as_vec();
    let error = net.copy_from(&other).unwrap_err().to_string();
    assert!(error.contains("batch_norm_with"), "{error}");
    assert_eq!(net.parameters()[0].value.as_vec(), before);
}

/// Why `Activation::Gelu` does not call dfdx's: when this fails, dfdx has mended it, and it can.
#[test]
fn the_gelu_of_dfdx_has_another_gradient() {
    let z = dev().tensor([1.0_f32]);
    let theirs = z.leaky_trace().accurate_gelu().sum::<Rank0, _>();
    let theirs = theirs.backward().get(&z).array()[0];
    let right = Activation::Gelu.derivative(1.0);
    assert!((theirs - right).abs() > 0.05, "{theirs} and {right}");
}
