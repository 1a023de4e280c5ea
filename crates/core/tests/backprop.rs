//! Block 5: graphs that show the chain rule, and gradients that are checked.

use gradus::backprop::Component;
use gradus::prelude::*;

fn neuron() -> (Expr, Graph) {
    let (w, x, b, y) = (
        Expr::input("w", 0.6),
        Expr::input("x", 1.5),
        Expr::input("b", -0.2),
        Expr::input("y", 1.0),
    );
    let z = (&w * &x + &b).named("z");
    let a = z.sigmoid().named("a");
    let c = ((&a - &y).powi(2) / 2.0).named("C");
    (w, c.backward())
}

#[test]
fn a_neuron_shows_its_values_and_gradients() {
    let (w, graph) = neuron();
    let a = 1.0 / (1.0 + f64::exp(-0.7));
    let expected = (a - 1.0) * a * (1.0 - a) * 1.5;
    assert!((graph.gradient(&w) - expected).abs() < 1e-12, "{graph}");
    let figure = graph.plot();
    let svg = figure.svg().unwrap();
    for shown in ["a = σ(z)", "C = ", "× 1.5"] {
        assert!(svg.contains(shown), "{shown}");
    }
    if let Some(folder) = std::env::var_os("GRADUS_FIGURES") {
        figure
            .save(std::path::Path::new(&folder).join("neuron.svg"))
            .unwrap();
    }
    println!("{graph}");
}

#[test]
fn a_saturated_sigmoid_kills_the_gradient_on_its_way_back() {
    let through = |z: f64| {
        let z = Expr::input("z", z);
        (z.sigmoid() * 5.0).backward().gradient(&z)
    };
    assert!(through(0.0) > 1.0 && through(12.0) < 1e-4 && through(-12.0) < 1e-4);
}

#[test]
fn the_check_finds_a_wrong_gradient_and_forgives_a_kink() {
    let f = |w: &[f64]| w[0].abs() * w[1].exp();
    let away = gradient_check(f, &[1.0_f64.exp(), 2.0 * 1.0_f64.exp()], &[2.0, 1.0]).unwrap();
    assert!(
        away.passes() && away.worst().relative_error < 1e-7,
        "{away}"
    );
    let wrong = gradient_check(f, &[1.0_f64.exp(), 1.9 * 1.0_f64.exp()], &[2.0, 1.0]).unwrap();
    assert!(!wrong.passes(), "{wrong}");
    assert_eq!(wrong.worst().name, "w[1]");
    assert_eq!(wrong.worst().agreement, Agreement::Wrong);
    // At the kink itself, and with the kink inside the step.
    for w in [0.0, 1e-6, 2.5e-6, 3.3e-6, 4e-6, -7e-6] {
        let check = gradient_check(f, &[0.3, 0.0], &[w, 1.0]).unwrap();
        assert_eq!(
            check.components[0].agreement,
            Agreement::Kink,
            "{w}: {check}"
        );
    }
    // A strong curvature is no kink.
    let check = gradient_check(|w| 1e4 * w[0] * w[0], &[1.0], &[0.0]).unwrap();
    assert_eq!(check.worst().agreement, Agreement::Wrong, "{check}");
}

#[test]
fn networks_of_every_kind_pass() {
    let data = Dataset::digits().take(6).unwrap();
    for activation in [Sigmoid, Tanh, Relu, LeakyRelu(0.1)] {
        for cost in [CrossEntropy, BinaryCrossEntropy, Quadratic] {
            let net = Sequential::input(64)
                .dense(12)
                .activation(activation)
                .dense(10)
                .seed(3);
            let check = net.check_gradients(&data, cost, 6, 1).unwrap();
            assert!(check.passes(), "{activation:?} {cost:?}: {check}");
            assert_eq!(check.components.len(), 4 * 6);
            let exact =
                |c: &Component| c.relative_error < 1e-2 || c.agreement == Agreement::Excellent;
            assert!(
                check.components.iter().filter(|c| exact(c)).count() >= 18,
                "{check}"
            );
        }
    }
}

#[test]
fn bad_input_is_an_error_with_the_value() {
    let f = |w: &[f64]| w[0];
    assert!(gradient_check(f, &[], &[]).is_err());
    assert!(gradient_check(f, &[1.0, 2.0], &[1.0]).is_err());
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(gradient_check(f, &[bad], &[1.0]).is_err());
        assert!(gradient_check(f, &[1.0], &[bad]).is_err());
        assert!(gradient_check(|_| bad, &[1.0], &[1.0]).is_err());
    }
    let net = Sequential::input(64).dense(10);
    let data = Dataset::digits().take(2).unwrap();
    assert!(net.check_gradients(&data, CrossEntropy, 0, 0).is_err());
    let large = (0..100)
        .fold(Expr::input("x", 1.0), |x, _| x + 1.0)
        .backward();
    assert!(large.plot().svg().unwrap_err().to_string().contains("60"));
}
