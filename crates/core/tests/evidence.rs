//! Intervals and tests against SciPy, pairing, and grids that end before the best.

use gradus::evidence::{self, Sample, Score};
use gradus::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    quantiles: Vec<(usize, f64, f64)>,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    one: Vec<f64>,
    other: Vec<f64>,
    p: f64,
    interval: (f64, f64),
    own: (f64, f64),
    std: f64,
}

fn close(got: f64, expected: f64) {
    let error = (got - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs().max(1e-3),
        "{got} for {expected}"
    );
}

#[test]
fn intervals_and_p_values_equal_scipy() {
    let reference: Reference =
        serde_json::from_str(include_str!("reference/evidence.json")).unwrap();
    for (freedom, confidence, t) in reference.quantiles {
        assert_eq!(confidence, 0.95);
        // One half at -1 and the other at 1, and a 0 where their number is odd: the standard deviation is known.
        let n = freedom + 1;
        let mut values: Vec<f64> = (0..n / 2).flat_map(|_| [-1.0, 1.0]).collect();
        values.extend((n % 2 == 1).then_some(0.0));
        let sample = Sample { values };
        let std = (2.0 * (n / 2) as f64 / freedom as f64).sqrt();
        close(sample.margin(), t * std / (n as f64).sqrt());
    }
    for pair in reference.pairs {
        let seeds = 0..pair.one.len() as u64;
        let compared = evidence::compare(["one", "other"], seeds, |way, seed| {
            let values = if *way == "one" {
                &pair.one
            } else {
                &pair.other
            };
            Ok(values[seed as usize])
        });
        let compared = compared.unwrap();
        let one = compared.of("one").unwrap();
        close(one.std(), pair.std);
        close(one.interval().0, pair.own.0);
        close(one.interval().1, pair.own.1);
        let difference = compared.difference("one", "other").unwrap();
        close(difference.interval().0, pair.interval.0);
        close(difference.interval().1, pair.interval.1);
        close(difference.p_value(), pair.p);
        let wins = pair.one.iter().zip(&pair.other).filter(|(a, b)| a > b);
        assert_eq!(difference.wins(), wins.count());
    }
}

#[test]
fn pairs_show_what_overlapping_samples_hide() {
    let luck = |seed: u64| (seed as f64 * 2.3).sin() / 10.0;
    let compared = evidence::compare(["a", "b"], 0..8, |way, seed| {
        Ok(0.8
            + luck(seed)
            + if *way == "b" {
                0.01 + luck(seed + 50) / 50.0
            } else {
                0.0
            })
    })
    .unwrap();
    let (a, b) = (
        compared.of("a").unwrap().interval(),
        compared.of("b").unwrap().interval(),
    );
    assert!(a.1 > b.0, "the samples overlap");
    let difference = compared.difference("b", "a").unwrap();
    assert!(
        difference.is_clear() && difference.wins() == 8,
        "{difference}"
    );
    assert_eq!(compared.highest(), "b");
    let text = compared.to_string();
    assert!(!text.contains("chance") && text.contains("n = 8"), "{text}");
    let same = compared.difference("a", "a").unwrap();
    assert!(!same.is_clear() && same.p_value() == 1.0, "{same}");
    assert!(
        compared
            .difference("a", "c")
            .unwrap_err()
            .to_string()
            .contains("a, b")
    );
    assert!(compared.plot().svg().unwrap().contains("each seed"));
}

/// A method whose best value is `peak`, and that loses 0.1 for each factor of ten.
fn peaked(peak: f32) -> impl Fn(f32, u64) -> Result<Score> + Sync {
    move |value, seed| {
        let away = f64::from((value / peak).log10().abs());
        let validation = 0.95 - 0.1 * away + seed as f64 / 1e4;
        Ok(Score {
            validation,
            test: validation - 0.01,
        })
    }
}

#[test]
fn a_grid_that_ends_before_the_best_is_widened_and_says_so() {
    let grid = evidence::decades(0.01, 1.0, 1).unwrap();
    assert_eq!(grid, [0.01, 0.1, 1.0]);
    assert_eq!(
        evidence::decades(0.01, 1.0, 2).unwrap(),
        [0.01, 0.032, 0.1, 0.32, 1.0]
    );
    let inside = evidence::sweep("inside", grid.clone(), 0..3, peaked(0.1)).unwrap();
    assert_eq!(
        (inside.best(), inside.grid().len(), inside.is_at_edge()),
        (0.1, 3, false)
    );
    assert!(!inside.to_string().contains("widened"), "{inside}");
    let above = evidence::sweep("above", grid.clone(), 0..3, peaked(10.0)).unwrap();
    assert_eq!((above.best(), above.is_at_edge()), (10.0, false));
    assert!(above.to_string().contains("widened"), "{above}");
    let below = evidence::sweep("below", grid.clone(), 0..3, peaked(1e-4)).unwrap();
    assert_eq!((below.best(), below.grid()[0]), (1e-4, 1e-5));
    let endless = evidence::sweep("endless", grid, 0..3, peaked(1e30)).unwrap();
    assert!(
        endless.is_at_edge() && endless.to_string().contains("beyond"),
        "{endless}"
    );
    // The test scores are those of the value that validation chose.
    close(inside.test().mean(), 0.94 + 1e-4);
    let reported = evidence::reported(&[inside, above]).unwrap();
    assert_eq!(reported.names(), ["inside", "above"]);
}

#[test]
fn what_a_method_forgives_is_measured_in_factors_of_ten() {
    let grid = evidence::decades(1e-3, 10.0, 2).unwrap();
    let sweep = evidence::sweep("m", grid, 0..2, peaked(0.1)).unwrap();
    // 0.1 for each factor of ten: half of one to each side for 0.05.
    assert!(
        (sweep.forgives(0.05) - 1.0).abs() < 0.01,
        "{}",
        sweep.forgives(0.05)
    );
    let diverges = |value: f32, seed: u64| {
        let mut score = peaked(0.1)(value, seed)?;
        if value > 0.5 {
            score.validation = f64::NAN;
        }
        Ok(score)
    };
    let text = sweep.clone().over("λ").to_string();
    assert!(text.contains(" of λ"), "{text}");
    let each = evidence::forgiven(&[sweep], 0.05).unwrap();
    assert_eq!(each.names(), ["m"]);
    assert!((each.of("m").unwrap().values[0] - 1.0).abs() < 0.01);
    let grid = evidence::decades(1e-3, 10.0, 2).unwrap();
    let sweep = evidence::sweep("m", grid, 0..2, diverges).unwrap();
    assert!((sweep.best() - 0.1).abs() < 1e-6 && sweep.forgives(0.05) < 1.02);
}

#[test]
fn odd_requests_are_errors_and_an_error_of_a_run_comes_through() {
    let one = |_: &&str, _| Ok(1.0);
    assert!(evidence::compare(["a"], 0..1, one).is_err());
    assert!(evidence::compare::<&str>([], 0..5, one).is_err());
    let fails = evidence::compare(["a"], 0..4, |_, seed| {
        Dataset::moons(if seed == 2 { 0 } else { 10 }, 0.1, seed)?;
        Ok(1.0)
    });
    assert!(fails.is_err());
    assert!(evidence::decades(0.0, 1.0, 2).is_err());
    assert!(evidence::decades(1.0, 0.1, 2).is_err());
    assert!(evidence::sweep("m", [0.1], 0..3, peaked(0.1)).is_err());
    assert!(evidence::sweep("m", [0.1, -1.0], 0..3, peaked(0.1)).is_err());
    assert!(evidence::reported(&[]).is_err() && evidence::forgiven(&[], 0.1).is_err());
}

#[test]
fn trainings_in_parallel_are_those_one_after_the_other() {
    let data = Dataset::moons(60, 0.1, 0).unwrap();
    let run = |units: &usize, seed: u64| {
        let mut net = Sequential::input(2)
            .dense(*units)
            .activation(Tanh)
            .dense(2)
            .seed(seed);
        net.fit(
            &data,
            CrossEntropy,
            Adam::new(0.02),
            Fit::epochs(3).batch(10).seed(seed).quiet(),
        )?;
        Ok(net.evaluate(&data, CrossEntropy)?.loss)
    };
    let compared = evidence::compare([2, 4], 0..5, run).unwrap();
    for (units, name) in [(2, "2"), (4, "4")] {
        let one: Vec<f64> = (0..5).map(|seed| run(&units, seed).unwrap()).collect();
        assert_eq!(compared.of(name).unwrap().values, one);
    }
}
