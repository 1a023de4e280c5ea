//! Figures of trained networks: they show what is there, say so in words, and refuse what they cannot draw.

use gradus::prelude::*;

/// Every figure is an SVG and a PNG, and has a text.
fn draw(name: &str, figure: &Figure) -> String {
    let svg = figure.svg().unwrap();
    assert!(
        svg.starts_with("<svg") && svg.len() < 400_000,
        "{name}: {} bytes",
        svg.len()
    );
    assert!(figure.png().unwrap().starts_with(b"\x89PNG"), "{name}");
    assert!(!figure.to_string().is_empty());
    if let Some(folder) = std::env::var_os("GRADUS_FIGURES") {
        for ending in ["svg", "png"] {
            let path = std::path::Path::new(&folder).join(format!("{name}.{ending}"));
            figure.save(path).unwrap();
        }
    }
    svg
}

fn trained() -> (Sequential, Dataset) {
    let (train, test) = Dataset::digits().split(0.8, 0).unwrap();
    let mut net = Sequential::input([8, 8, 1])
        .flatten()
        .dense(20)
        .activation(Relu)
        .init(He)
        .dense(10);
    net.fit(
        &train,
        CrossEntropy,
        Adam::new(3e-3),
        Fit::epochs(6).quiet(),
    )
    .unwrap();
    (net, test)
}

#[test]
fn a_decision_boundary_separates_what_the_network_separates() {
    let data = Dataset::moons(300, 0.1, 0).unwrap();
    let mut net = Sequential::input(2).dense(24).activation(Tanh).dense(2);
    let before = plot::decision_boundary(&net, &data).unwrap().to_string();
    net.fit(
        &data,
        CrossEntropy,
        Adam::new(0.02),
        Fit::epochs(60).quiet(),
    )
    .unwrap();
    let figure = plot::decision_boundary(&net, &data).unwrap();
    draw("decision_boundary", &figure);
    let text = figure.to_string();
    let right = net.evaluate(&data, CrossEntropy).unwrap().accuracy.unwrap();
    assert!(
        right > 0.97 && text.starts_with(&format!("{:.1} %", 100.0 * right)),
        "{text}"
    );
    assert_ne!(before, text);
    let spirals = Dataset::spirals(300, 3, 0.05, 1).unwrap();
    let mut net = Sequential::input(2)
        .dense(48)
        .activation(Relu)
        .init(He)
        .dense(3);
    net.fit(
        &spirals,
        CrossEntropy,
        Adam::new(0.01),
        Fit::epochs(200).quiet(),
    )
    .unwrap();
    draw(
        "decision_boundary_3",
        &plot::decision_boundary(&net, &spirals).unwrap(),
    );
}

#[test]
fn the_confusion_matrix_counts_every_example_once() {
    let (net, test) = trained();
    let matrix = net.confusion(&test).unwrap();
    let answers = net.predict_classes(&test).unwrap();
    let pairs = || test.labels().iter().zip(&answers);
    assert_eq!(matrix.counts().iter().flatten().sum::<usize>(), test.len());
    assert_eq!(
        matrix.counts()[8][1],
        pairs().filter(|&(&l, &a)| (l, a) == (8, 1)).count()
    );
    let right = net.evaluate(&test, CrossEntropy).unwrap().accuracy.unwrap();
    assert!((matrix.accuracy() - right).abs() < 1e-12);
    let threes = pairs().filter(|p| *p.0 == 3).count() as f64;
    let found = pairs().filter(|p| (*p.0, *p.1) == (3, 3)).count() as f64;
    assert_eq!(matrix.recall(3), Some(found / threes));
    let said = pairs().filter(|p| *p.1 == 3).count() as f64;
    assert_eq!(matrix.precision(3), Some(found / said));
    assert_eq!((matrix.recall(10), matrix.precision(10)), (None, None));
    let (label, answer, count) = matrix.worst().unwrap();
    assert!(label != answer && count > 0 && count == matrix.counts()[label][answer]);
    draw("confusion", &matrix.plot());
    println!("{matrix}");
}

#[test]
fn predictions_and_mistakes_are_captioned() {
    let (net, test) = trained();
    let figure = plot::predictions(&net, &test, 30).unwrap();
    draw("predictions", &figure);
    let answers = net.predict_classes(&test).unwrap();
    let right = (0..30).filter(|&i| answers[i] == test.labels()[i]).count();
    assert!(
        figure
            .to_string()
            .starts_with(&format!("{right} of 30 are right"))
    );
    let wrong = plot::mistakes(&net, &test, 10).unwrap();
    draw("mistakes", &wrong);
    let first = (0..test.len())
        .find(|&i| answers[i] != test.labels()[i])
        .unwrap();
    let caption = format!("{} ({})", answers[first], test.labels()[first]);
    assert!(wrong.to_string().contains(&caption), "{wrong}");
    // A network without mistakes on these data has none to show.
    let easy = (0..test.len())
        .find(|&i| answers[i] == test.labels()[i])
        .unwrap();
    assert!(plot::mistakes(&net, &test.select(&[easy]).unwrap(), 5).is_err());
}

#[test]
fn the_first_layer_is_shown_as_images() {
    let (net, _) = trained();
    let svg = draw(
        "weights_dense",
        &plot::first_layer_weights(&net, 20).unwrap(),
    );
    assert!(svg.contains("dense_1.weight"));
    let conv = Sequential::input([9, 9, 3]).conv2d(6, 5).flatten().dense(2);
    draw(
        "weights_conv",
        &plot::first_layer_weights(&conv, 6).unwrap(),
    );
    let zeros = Sequential::input([3, 3, 1]).flatten().dense(2).init(Zeros);
    draw(
        "weights_zero",
        &plot::first_layer_weights(&zeros, 2).unwrap(),
    );
}

#[test]
fn learning_rates_are_low_good_high_and_divergent() {
    let (train, _) = Dataset::digits().split(0.5, 0).unwrap();
    let net = Sequential::input(64).dense(24).activation(Tanh).dense(10);
    let fit = || Fit::epochs(12).batch(32).quiet();
    let rates = [1e-3, 0.2, 3.0];
    let compared = net
        .compare_learning_rates(&train, CrossEntropy, &rates, Sgd::new, fit)
        .unwrap();
    let [low, good, high] = &compared.runs[..] else {
        panic!("three rates")
    };
    assert_eq!(compared.best(), good);
    assert!(
        low.end() > 4.0 * good.end() && high.end() > 4.0 * good.end(),
        "{compared}"
    );
    // What is compared is what fit does.
    let history = net
        .clone()
        .fit(&train, CrossEntropy, Sgd::new(0.2), fit())
        .unwrap();
    assert_eq!(history.loss(), good.loss);
    draw("learning_rate_comparison", &compared.plot());
    let relu = Sequential::input(64).dense(24).activation(Relu).dense(10);
    let diverging = relu
        .compare_learning_rates(&train, Quadratic, &[0.01, 100.0], Sgd::new, fit)
        .unwrap();
    assert!(
        diverging.runs[1].diverged.is_some() && diverging.runs[1].end() == f64::INFINITY,
        "{diverging}"
    );
    assert!(
        diverging.to_string().contains("diverged in epoch"),
        "{diverging}"
    );
    draw("learning_rate_diverges", &diverging.plot());
    let all = relu
        .compare_learning_rates(&train, Quadratic, &[1e30], Sgd::new, fit)
        .unwrap();
    assert!(all.plot().svg().is_err(), "{all}");
}

#[test]
fn what_cannot_be_drawn_is_an_error_with_the_reason() {
    let (net, test) = trained();
    let flat = Sequential::input(64).dense(10);
    let values = Dataset::regression(vec![0.0; 64], [8, 8, 1], vec![0.0; 10], 10).unwrap();
    let moons = Dataset::moons(10, 0.1, 0).unwrap();
    let errors = [
        plot::decision_boundary(&net, &test).unwrap_err(),
        plot::decision_boundary(&net, &moons).unwrap_err(),
        net.confusion(&values).unwrap_err(),
        net.confusion(&moons).unwrap_err(),
        plot::predictions(&net, &values, 5).unwrap_err(),
        plot::predictions(&net, &test, 0).unwrap_err(),
        plot::mistakes(&net, &values, 5).unwrap_err(),
        plot::mistakes(&net, &test, 0).unwrap_err(),
        plot::predictions(&Sequential::input(2).dense(2), &moons, 3).unwrap_err(),
        plot::first_layer_weights(&flat, 5).unwrap_err(),
        plot::first_layer_weights(&net, 0).unwrap_err(),
        plot::first_layer_weights(&Sequential::input([2, 2, 1]), 1).unwrap_err(),
        net.compare_learning_rates(&test, CrossEntropy, &[], Sgd::new, || {
            Fit::epochs(1).quiet()
        })
        .unwrap_err(),
        net.compare_learning_rates(&test, CrossEntropy, &[-1.0], Sgd::new, || {
            Fit::epochs(1).quiet()
        })
        .unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().len() > 20, "{error}");
    }
}

/// The texts of an SVG, with where they stand.
fn texts(svg: &str) -> Vec<(String, f64, f64)> {
    let texts = svg.split("<text ").skip(1).map(|text| {
        let (head, rest) = text.split_once('>').unwrap();
        let at = |name: &str| -> f64 {
            let (_, value) = head.split_once(&format!("{name}=\"")).unwrap();
            value.split('"').next().unwrap().parse().unwrap()
        };
        let words = rest.split('<').next().unwrap().trim().to_owned();
        (words, at("x"), at("y"))
    });
    texts.collect()
}

#[test]
fn the_heights_on_a_map_are_those_of_its_lines() {
    let map = plot::Contour::new("A slope", |x, _| 2.0 * x, (0.0, 10.0), (0.0, 1.0)).labels("", "");
    let svg = draw("heights", &Figure::from(map));
    // The numbers of the axes end at 10; in the window, 520 pixels wide, the heights go from 0 to 20.
    let numbers = texts(&svg);
    let axis = |value: &str| {
        numbers
            .iter()
            .find(|t| t.0 == value && t.2 > 290.0)
            .unwrap()
            .1
    };
    let (zero, ten) = (axis("0"), axis("10"));
    let inside = numbers
        .iter()
        .filter(|t| t.1 > zero && t.2 > 40.0 && t.2 < 280.0);
    let heights: Vec<(f64, f64)> = inside
        .filter_map(|t| Some((t.0.parse().ok()?, 20.0 * (t.1 - zero) / (ten - zero))))
        .collect();
    assert!(heights.len() >= 4, "{numbers:?}");
    for (written, there) in heights {
        assert!(
            (written - there).abs() < 0.01 * written + 0.1,
            "{written} at {there}"
        );
    }
}

#[test]
fn names_that_do_not_fit_side_by_side_stand_in_rows() {
    let names = [
        "sigmoid",
        "tanh",
        "ReLU",
        "leaky ReLU",
        "ELU",
        "SELU",
        "softplus",
        "swish",
        "mish",
        "GELU",
        "maxout",
    ];
    let compared = evidence::compare(names, 0..3, |_, seed| Ok(seed as f64)).unwrap();
    let svg = draw("names", &compared.plot());
    let all = texts(&svg);
    let written: Vec<_> = all.iter().filter(|t| names.contains(&&*t.0)).collect();
    assert_eq!(written.len(), names.len());
    let rows: std::collections::BTreeSet<u64> = written.iter().map(|t| t.2.to_bits()).collect();
    assert!(rows.len() > 1);
    // About 7 pixels a letter.
    let half = |name: &str| 3.5 * name.chars().count() as f64;
    for (i, one) in written.iter().enumerate() {
        for other in written[..i].iter().filter(|other| other.2 == one.2) {
            let apart = (one.1 - other.1).abs();
            assert!(
                apart >= half(&one.0) + half(&other.0),
                "{} {}",
                one.0,
                other.0
            );
        }
    }
}
