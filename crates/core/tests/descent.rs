//! Blocks 2 and 10 on functions of one and two parameters: learning rates, zig-zags, local minima, saddles.

use gradus::prelude::*;

fn draw(name: &str, figure: &Figure) {
    let svg = figure.svg().unwrap();
    assert!(svg.contains("<polyline"), "{name}");
    // Where to look at the figures: GRADUS_FIGURES=folder cargo test --test descent
    if let Some(folder) = std::env::var_os("GRADUS_FIGURES") {
        figure
            .save(std::path::Path::new(&folder).join(format!("{name}.svg")))
            .unwrap();
    }
}

#[test]
fn a_learning_rate_can_be_too_small_right_or_divergent() {
    let rates = [0.02, 0.8, 1.9, 2.1];
    let runs: Vec<Trajectory> = rates
        .iter()
        .map(|&eta| gradient_descent(&Landscape::parabola(), eta, 60).unwrap())
        .collect();
    let [small, right, jumping, divergent] = &runs[..] else {
        unreachable!("four rates")
    };
    // w_t = (1 - η)^t w_0 on this parabola.
    for (run, eta) in runs.iter().zip(rates) {
        let expected = -3.0 * (1.0_f64 - eta).powi(5);
        assert!((run.points()[5][0] - expected).abs() < 1e-12, "{run}");
    }
    assert_eq!(small.outcome(), Outcome::Moving);
    assert!(
        small.cost() > 0.05 * small.costs()[0] && small.turns() == 0,
        "{small}"
    );
    assert!(
        matches!(right.outcome(), Outcome::Stationary { step } if step < 10),
        "{right}"
    );
    assert_eq!(jumping.turns(), jumping.steps() - 1, "{jumping}");
    assert!(
        divergent.costs().windows(2).all(|c| c[1] > c[0]),
        "{divergent}"
    );
    let huge = gradient_descent(&Landscape::parabola(), 1e30, 60).unwrap();
    assert_eq!(huge.outcome(), Outcome::Diverged { step: 1 });
    assert!(huge.to_string().contains("smaller learning rate"), "{huge}");
    let lost = gradient_descent(&Landscape::parabola(), 3.5, 60).unwrap();
    assert!(
        matches!(lost.outcome(), Outcome::Diverged { step } if step > 2),
        "{lost}"
    );
    draw("learning_rates", &race(&runs).unwrap());
}

#[test]
fn sgd_zig_zags_in_a_long_valley_and_momentum_does_not_need_to() {
    // The steep direction allows η < 2/κ = 0.04.
    let bowl = Landscape::bowl(50.0).unwrap();
    let steps = 150;
    let sgd = descend(&bowl, Sgd::new(0.038), steps).unwrap();
    let momentum = descend(&bowl, Momentum::new(0.02).momentum(0.8), steps).unwrap();
    let nag = descend(&bowl, Nag::new(0.02).momentum(0.8), steps).unwrap();
    let steps_to = |run: &Trajectory| run.first_below(1e-3).unwrap_or(usize::MAX);
    assert!(sgd.turns() > 20, "{} turns: {sgd}", sgd.turns());
    for rule in [&momentum, &nag] {
        assert!(
            steps_to(rule) * 2 < steps_to(&sgd),
            "{} and {}: {rule}; {sgd}",
            steps_to(rule),
            steps_to(&sgd)
        );
        assert!(
            rule.turns() * 2 < sgd.turns(),
            "{} and {} turns",
            rule.turns(),
            sgd.turns()
        );
    }
    // Without κ there is no zig-zag: on a round bowl the same rule goes straight.
    let round = descend(&Landscape::bowl(1.0).unwrap(), Sgd::new(0.5), steps).unwrap();
    assert!(round.turns() == 0 && round.detour() < 1.0 + 1e-5, "{round}");
    draw("zig_zag", &race(&[sgd, momentum, nag]).unwrap());
}

#[test]
fn sgd_stays_in_the_local_minimum_that_momentum_leaves() {
    for landscape in [Landscape::two_valleys(), Landscape::double_well()] {
        let minima = landscape.minima();
        let is_at = |run: &Trajectory, w: &[f64]| {
            run.end().iter().zip(w).all(|(a, b)| (a - b).abs() < 1e-2)
        };
        let sgd = descend(&landscape, Sgd::new(0.02), 400).unwrap();
        let momentum = descend(&landscape, Momentum::new(0.02).momentum(0.9), 400).unwrap();
        assert!(is_at(&sgd, &minima[1]), "{sgd}");
        assert!(is_at(&momentum, &minima[0]), "{momentum}");
        assert!(momentum.cost() < sgd.cost() - 0.5);
        draw(
            &format!("local_minimum_{}d", landscape.dimensions()),
            &race(&[sgd, momentum]).unwrap(),
        );
    }
}

#[test]
fn adaptive_methods_leave_the_saddle_first() {
    let saddle = Landscape::saddle();
    let steps = 300;
    let run = |optimizer: Box<dyn Optimizer>| descend(&saddle, optimizer, steps).unwrap();
    // All with the same learning rate. The saddle has cost 0, the minima -1.
    let eta = 0.02;
    let plain = [run(Sgd::new(eta).into()), run(Momentum::new(eta).into())];
    let adaptive = [
        run(Adagrad::new(eta).into()),
        run(RmsProp::new(eta).into()),
        run(Adam::new(eta).into()),
    ];
    // How far along y, the direction that leads away.
    let leaves = |run: &Trajectory| {
        run.points()
            .iter()
            .position(|w| w[1].abs() > 0.2)
            .unwrap_or(usize::MAX)
    };
    for fast in &adaptive {
        for slow in &plain {
            let (fast_step, slow_step) = (leaves(fast), leaves(slow));
            assert!(
                fast_step < slow_step,
                "{fast_step} and {slow_step}: {fast}; {slow}"
            );
        }
    }
    // Exactly on the ridge, the gradient leads to the saddle and nowhere else.
    let ridge = saddle.clone().starting_at(&[-1.5, 0.0]).unwrap();
    let stuck = gradient_descent(&ridge, 0.1, 200).unwrap();
    assert!(
        matches!(stuck.outcome(), Outcome::Stationary { .. }) && stuck.cost().abs() < 1e-6,
        "{stuck}"
    );
    let all: Vec<Trajectory> = plain.into_iter().chain(adaptive).collect();
    draw("saddle", &race(&all).unwrap());
}

#[test]
fn every_optimiser_goes_down_on_every_landscape() {
    for landscape in Landscape::all() {
        let run = |optimizer: Box<dyn Optimizer>| descend(&landscape, optimizer, 500).unwrap();
        let all = [
            run(Sgd::new(1e-3).into()),
            run(Momentum::new(1e-3).into()),
            run(Nag::new(1e-3).into()),
            run(Adagrad::new(0.1).into()),
            run(RmsProp::new(1e-2).into()),
            run(Adadelta::default().into()),
            run(Adam::new(1e-2).into()),
            run(AdamW::new(1e-2).into()),
        ];
        for run in &all {
            assert!(run.cost() < run.costs()[0], "{landscape:?}: {run}");
        }
        draw(
            &format!(
                "race_{}",
                landscape.name().split([' ', '(']).next().unwrap()
            ),
            &race(&all).unwrap(),
        );
    }
}

#[test]
fn where_a_descent_ends_depends_on_where_it_starts() {
    let landscape = Landscape::himmelblau();
    let starts = [[-0.5, -1.5], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]];
    let ends: Vec<usize> = starts
        .iter()
        .map(|start| {
            let from = landscape.clone().starting_at(start).unwrap();
            let run = gradient_descent(&from, 0.01, 300).unwrap();
            let close = |w: &Vec<f64>| w.iter().zip(run.end()).all(|(a, b)| (a - b).abs() < 1e-3);
            landscape
                .minima()
                .iter()
                .position(close)
                .unwrap_or_else(|| panic!("{run}"))
        })
        .collect();
    let mut different = ends.clone();
    different.sort_unstable();
    different.dedup();
    assert!(different.len() >= 3, "{ends:?}");
}

#[test]
fn bad_input_is_an_error_with_the_value() {
    let bowl = || Landscape::bowl(10.0).unwrap();
    for eta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let text = gradient_descent(&bowl(), eta, 5).unwrap_err().to_string();
        assert!(
            text.contains("the learning rate") && text.contains(&eta.to_string()),
            "{text}"
        );
        assert!(descend(&bowl(), Sgd::new(eta as f32), 5).is_err());
        assert!(Landscape::bowl(eta.min(0.5)).is_err());
    }
    let empty = Landscape::curve("C", |w| w, |_| 1.0, (1.0, 1.0));
    assert!(gradient_descent(&empty, 0.1, 5).is_err());
    let infinite = Landscape::curve("C", |w| 1.0 / w, |w| -1.0 / (w * w), (0.0, 1.0));
    assert!(gradient_descent(&infinite, 0.1, 5).is_err());
    assert!(race(&[]).is_err());
    let other = gradient_descent(&Landscape::beale(), 1e-3, 5).unwrap();
    let text = race(&[gradient_descent(&bowl(), 1e-3, 5).unwrap(), other])
        .unwrap_err()
        .to_string();
    assert!(text.contains("Beale"), "{text}");
}

#[test]
fn a_race_says_who_arrives_and_crowns_nobody_among_those_who_do() {
    let at = |start: [f64; 2], eta| {
        let landscape = Landscape::himmelblau().starting_at(&start).unwrap();
        gradient_descent(&landscape, eta, 40).unwrap()
    };
    let all = race(&[at([-0.5, -1.5], 0.01), at([4.0, 4.0], 0.01)]).unwrap();
    let text = all.to_string();
    assert!(
        text.starts_with("Himmelblau: both end at a minimum\n"),
        "{text}"
    );
    assert!(
        text.contains("Steps until C - lowest C < 1: 10 (η = 0.01), 3 (η = 0.01)"),
        "{text}"
    );
    assert!(!text.contains("ends lowest"), "{text}");

    let parabola = |eta| gradient_descent(&Landscape::parabola(), eta, 50).unwrap();
    let text = race(&[parabola(0.01), parabola(0.5), parabola(2.5)]).unwrap();
    let text = text.to_string();
    for finding in [
        "C(w) = w²/2: 1 of 3 ends at the minimum, 1 diverges",
        "C - lowest C < 0.01: never (η = 0.01), 5 (η = 0.5), never (η = 2.5)",
    ] {
        assert!(text.contains(finding), "{text}");
    }

    let valley = |start: f64| {
        let valleys = Landscape::two_valleys().starting_at(&[start]).unwrap();
        gradient_descent(&valleys, 0.05, 60).unwrap()
    };
    let text = race(&[valley(1.6), valley(-1.6)]).unwrap().to_string();
    assert!(text.contains("1 of 2 ends at the global minimum"), "{text}");

    let own = race(&[valley(1.6)]).unwrap();
    let own = own.panel_titles([("Se queda", "It stays"), ("El coste", "The cost")]);
    let text = own.to_string();
    assert!(
        text.starts_with("It stays\n") && text.contains("\nThe cost\n"),
        "{text}"
    );
}
