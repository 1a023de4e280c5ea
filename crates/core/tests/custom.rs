//! Parts of one's own train like the library's, are caught when their derivative is wrong, and come back from a file.

use gradus::prelude::*;

fn snake() -> Activation {
    Activation::custom("snake", |z| z + z.sin().powi(2), |z| 1.0 + (2.0 * z).sin())
}

fn moons() -> Dataset {
    Dataset::moons(60, 0.1, 3).unwrap()
}

fn trained(net: &Sequential, cost: Cost, schedule: Schedule) -> Vec<Vec<f32>> {
    let mut net = net.clone();
    let fit = Fit::epochs(5).batch(16).schedule(schedule).quiet();
    net.fit(&moons(), cost, Adam::new(0.01), fit).unwrap();
    let parameters = net.parameters().into_iter();
    parameters.map(|p| p.value.as_vec()).collect()
}

fn close(a: &[Vec<f32>], b: &[Vec<f32>]) {
    for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
        assert!((a - b).abs() < 1e-5, "{a} and {b}");
    }
}

#[test]
fn the_librarys_own_parts_made_again_train_to_the_same_weights() {
    let built_in = Sequential::input(2)
        .dense(8)
        .activation(Tanh)
        .init(Constant(0.3))
        .dense(2);
    let tanh = Activation::custom("my tanh", f32::tanh, |z| 1.0 - z.tanh().powi(2));
    let constant = Init::custom("0.3", |_, _, _| 0.3);
    let custom = Sequential::input(2)
        .dense(8)
        .activation(tanh)
        .init(constant)
        .dense(2);
    let entropy = Cost::custom("my entropy", |z, y| {
        cost::categorical_cross_entropy_with_logits(z, y)
    });
    let slower = Schedule::custom("1/t", |t| 1.0 / (1.0 + 0.1 * t as f64));
    close(
        &trained(&custom, entropy, slower),
        &trained(&built_in, CrossEntropy, Schedule::one_over_t(0.1)),
    );
}

/// `x W + b`, written as a student would.
fn linear(n_in: usize, n_out: usize) -> CustomLayer {
    CustomLayer::new("linear", |x, w| {
        let z = x.matmul(w[0].clone());
        let b = w[1].clone().reshape_like(&(w[1].shape().1,));
        let shape = *z.shape();
        Ok(z + b.broadcast_like::<_, Axis<0>>(&shape))
    })
    .output(n_out)
    .parameter("weight", n_in, n_out, Constant(0.2))
    .parameter("bias", 1, n_out, Zeros)
}

#[test]
fn a_layer_of_dfdx_operations_learns_as_dense_does() {
    let ends = |net: Sequential| net.activation(Tanh).dense(2).init(Constant(0.1));
    let dense = ends(Sequential::input(2).dense(4).init(Constant(0.2)));
    let custom = ends(Sequential::input(2).custom(linear(2, 4)));
    assert_eq!(
        custom.parameters()[0].name,
        "linear_1.weight",
        "a parameter is called after its layer"
    );
    close(
        &trained(&custom, CrossEntropy, Schedule::constant()),
        &trained(&dense, CrossEntropy, Schedule::constant()),
    );
    // Before it something learns: the gradient goes through.
    let deep = Sequential::input(2)
        .dense(3)
        .activation(snake())
        .custom(linear(3, 4))
        .dense(2);
    let check = deep
        .check_gradients(&moons().take(8).unwrap(), CrossEntropy, 20, 0)
        .unwrap();
    assert!(check.passes(), "{check}");
}

#[test]
fn a_wrong_derivative_is_found_with_its_parameter() {
    let wrong = Activation::custom("wrong snake", |z| z + z.sin().powi(2), |z| 1.0 + z.sin());
    let of = |f| Sequential::input(2).dense(6).activation(f).dense(2);
    let data = moons().take(8).unwrap();
    let check = |f| of(f).check_gradients(&data, CrossEntropy, 12, 0).unwrap();
    assert!(check(snake()).passes(), "{}", check(snake()));
    let found = check(wrong);
    assert!(!found.passes());
    assert!(found.to_string().contains("dense_1.weight"), "{found}");
}

#[test]
fn initialisers_draw_from_a_seed_and_know_their_spread() {
    let lecun = Init::custom("LeCun", |n_in, _, draw| {
        draw.normal() / (n_in as f32).sqrt()
    });
    assert!((lecun.std(100, 7) - 0.1).abs() < 0.003);
    let w = lecun.weights(100, 7, 5).unwrap().as_vec();
    assert_eq!(w, lecun.weights(100, 7, 5).unwrap().as_vec());
    assert_ne!(w, lecun.weights(100, 7, 6).unwrap().as_vec());
    let flat = Init::custom("flat", |_, _, draw| draw.uniform(-0.5, 0.5));
    let w = flat.weights(50, 50, 1).unwrap().as_vec();
    assert!(w.iter().all(|w| (-0.5..0.5).contains(w)) && w.iter().any(|w| *w > 0.49));
}

#[test]
fn a_file_keeps_the_names_and_says_what_has_to_be_made_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let data = moons();
    let net = Sequential::input(2)
        .dense(4)
        .activation(Activation::custom("bent", |z| z.abs(), f32::signum))
        .init(Init::custom("quarter", |_, _, _| 0.25))
        .custom(CustomLayer::new("negated", |x, _| Ok(-x)))
        .dense(2);
    net.save(&path).unwrap();
    let again = Sequential::load(&path).unwrap();
    assert_eq!(
        again.predict(&data).unwrap().as_vec(),
        net.predict(&data).unwrap().as_vec()
    );
    // As another program, which has made none of them, would meet it.
    for (name, how) in [
        ("bent", "Activation::custom"),
        ("quarter", "Init::custom"),
        ("negated", "CustomLayer::new"),
    ] {
        let other = folder.path().join("other.safetensors");
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes
            .windows(name.len())
            .position(|window| window == name.as_bytes())
            .unwrap();
        bytes[at] = b'?';
        std::fs::write(&other, bytes).unwrap();
        let error = Sequential::load(&other).unwrap_err().to_string();
        let renamed = format!("?{}", &name[1..]);
        assert!(error.contains(&renamed) && error.contains(how), "{error}");
    }
}

#[test]
fn what_does_not_fit_is_an_error_and_no_panic() {
    let data = moons();
    let build = |layer| Sequential::input(2).custom(layer).dense(2).predict(&data);
    let wide = CustomLayer::new("wide", |x, w| Ok(x.matmul(w[0].clone())))
        .parameter("weight", 2, 5, Xavier);
    let error = build(wide).unwrap_err().to_string();
    assert!(
        error.contains("wide") && error.contains(".output("),
        "{error}"
    );
    let torn = CustomLayer::new("torn", |x, w| Ok(x.matmul(w[0].clone())))
        .parameter("weight", 3, 2, Xavier);
    assert!(build(torn).unwrap_err().to_string().contains("torn"));
    let absent = CustomLayer::new("absent", |x, w| Ok(x.matmul(w[0].clone())));
    assert!(build(absent).unwrap_err().to_string().contains("absent"));
    let nothing = CustomLayer::new("nothing", |x, _| Ok(x)).parameter("weight", 0, 2, Xavier);
    assert!(build(nothing).unwrap_err().to_string().contains("weight"));
    let failing = Cost::custom("failing", |a, _| {
        cost::quadratic(a, &matrix(vec![0.0; 2], 2, 1)?)
    });
    let mut net = Sequential::input(2).dense(2);
    let fit = || Fit::epochs(1).quiet();
    assert!(net.fit(&data, failing, Sgd::new(0.1), fit()).is_err());
    let rising = Schedule::custom("rising", |t| 3.0 - t as f64);
    assert!(
        net.fit(&data, CrossEntropy, Sgd::new(0.1), fit().schedule(rising))
            .is_err()
    );
    let mine = Cost::custom("mine", cost::quadratic);
    let weighted = fit().class_weights([1.0, 2.0]);
    let error = net.fit(&data, mine, Sgd::new(0.1), weighted).unwrap_err();
    assert!(error.to_string().contains("mine"), "{error}");
}
