//! What a network answers: probabilities, classes of one unit, and its score with the cost it was trained with.

use gradus::prelude::*;

/// Two classes on both sides of a line, as labels and as the values 0 and 1.
fn two_classes() -> (Dataset, Dataset) {
    let data = Dataset::moons(120, 0.15, 3).unwrap();
    let values = data.labels().iter().map(|&label| label as f32).collect();
    let features = data.features().to_vec();
    (data, Dataset::regression(features, 2, values, 1).unwrap())
}

fn trained(net: Sequential, data: &Dataset, cost: Cost) -> Sequential {
    let mut net = net;
    let fit = Fit::epochs(40).batch(20).quiet();
    net.fit(data, cost, Adam::new(0.02), fit).unwrap();
    net
}

fn bits(net: &Sequential) -> Vec<u32> {
    let values = net.parameters().into_iter().map(|p| p.value.as_vec());
    values.flatten().map(f32::to_bits).collect()
}

#[test]
fn one_unit_learns_from_labels_what_it_learns_from_zeros_and_ones() {
    let (labels, values) = two_classes();
    let body = || Sequential::input(2).dense(8).activation(Tanh).dense(1);
    for (net, cost) in [
        (body(), BinaryCrossEntropy),
        (body().activation(Sigmoid), Quadratic),
    ] {
        let of_labels = trained(net.clone(), &labels, cost);
        let of_values = trained(net, &values, cost);
        assert_eq!(bits(&of_labels), bits(&of_values), "{cost:?}");

        // The accuracy counts what `predict_classes` answers, which is what the probabilities say.
        let answers = of_labels.predict_classes(&labels).unwrap();
        let right = answers.iter().zip(labels.labels()).filter(|(a, l)| a == l);
        let accuracy = right.count() as f64 / labels.len() as f64;
        let score = of_labels.score(&labels).unwrap();
        assert_eq!(score.accuracy, Some(accuracy), "{cost:?}");
        assert!(accuracy > 0.8, "{cost:?}: {accuracy}");
        assert_eq!(
            of_labels.history().last().accuracy.map(|a| a > 0.8),
            Some(true)
        );
        let p = of_labels.probabilities(&labels).unwrap().as_vec();
        let likely: Vec<usize> = p.iter().map(|p| usize::from(*p > 0.5)).collect();
        assert_eq!(likely, answers, "{cost:?}");
        let matrix = of_labels.confusion(&labels).unwrap();
        assert_eq!(
            matrix.counts()[0][0] + matrix.counts()[1][1],
            (accuracy * 120.0).round() as usize
        );
        // The values have no classes, so no accuracy either.
        assert_eq!(of_values.score(&values).unwrap().accuracy, None);
    }
    let mut net = body();
    let error = net.fit(&labels, CrossEntropy, Sgd::new(0.1), Fit::epochs(1).quiet());
    assert!(error.unwrap_err().to_string().contains("2 units"));
}

#[test]
fn probabilities_are_those_that_the_cost_takes() {
    let data = Dataset::digits().take(150).unwrap();
    let net = Sequential::input(64).dense(12).activation(Relu).dense(10);
    let softmax = trained(net.clone(), &data, CrossEntropy);
    let p = softmax.probabilities(&data).unwrap().as_vec();
    // C = -1/n Σ ln p_y is the cost that evaluate reports.
    let costs = p
        .chunks_exact(10)
        .zip(data.labels())
        .map(|(p, &y)| -f64::from(p[y]).ln());
    let cost = costs.sum::<f64>() / data.len() as f64;
    assert!((cost - softmax.score(&data).unwrap().loss).abs() < 1e-5);
    for row in p.chunks_exact(10) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }

    let each = trained(net, &data, BinaryCrossEntropy);
    let (p, z) = (
        each.probabilities(&data).unwrap(),
        each.predict(&data).unwrap(),
    );
    for (p, z) in p.as_vec().into_iter().zip(z.as_vec()) {
        assert!((p - 1.0 / (1.0 + (-z).exp())).abs() < 1e-6);
    }
}

#[test]
fn the_cost_is_kept_in_a_file_and_asked_for_where_there_is_none() {
    let data = Dataset::digits().take(60).unwrap();
    let net = Sequential::input(64).dense(10);
    let refused = net.score(&data).unwrap_err().to_string();
    assert!(refused.contains("`fit`"), "{refused}");
    assert!(net.probabilities(&data).is_err());
    let net = trained(net, &data, CrossEntropy);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.safetensors");
    net.save(&file).unwrap();
    let again = Sequential::load(&file).unwrap();
    let (p, q) = (net.probabilities(&data), again.probabilities(&data));
    assert_eq!(p.unwrap().as_vec(), q.unwrap().as_vec());
    assert_eq!(net.score(&data).unwrap(), again.score(&data).unwrap());

    let regression = trained(Sequential::input(64).dense(10), &data, Quadratic);
    let refused = regression.probabilities(&data).unwrap_err().to_string();
    assert!(refused.contains("no probabilities"), "{refused}");
}
