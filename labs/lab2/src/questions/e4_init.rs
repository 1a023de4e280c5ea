use gradus_exercise::{Question, Random, Value, draw, record};

use crate::given::{Matrix, Vector, matrix, rows, vector};

fn size(n_out: usize, n_in: usize) -> Value {
    record! { n_out: n_out, n_in: n_in, seed: 1_usize }
}

/// A layer of 50 000 weights or more: fewer would not show their standard deviation well enough.
fn large(rng: &mut Random) -> (usize, usize, usize) {
    let n_out = draw::whole(rng, 80, 700);
    (
        n_out,
        52_000 / n_out + draw::whole(rng, 0, 40),
        rng.below(1_000_000),
    )
}

/// What a layer of random weights looks like: enough to tell the distributions apart, whatever the order of the draws.
fn describe(w: &[Vec<f64>]) -> Value {
    let all = w.concat();
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let std = (all.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
    let within_one_std = all.iter().filter(|w| (*w - mean).abs() < std).count() as f64 / n;
    // A weight says nothing about the next one, nor a row about another.
    let together = |a: &[f64], b: &[f64]| -> f64 {
        let sum: f64 = a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum();
        (sum / (std * std * a.len() as f64)).abs() * (a.len() as f64).sqrt()
    };
    let alike =
        |lag: usize| all.len() > lag && together(&all[lag..], &all[..all.len() - lag]) > 6.5;
    let width = w.first().map_or(0, Vec::len);
    record! {
        rows: w.len(),
        columns: width,
        centred_at_0: mean.abs() <= 6.0 * std / n.sqrt(),
        std: std,
        within_one_std: within_one_std,
        independent: ![1, 2, width, 2 * width].into_iter().any(alike),
    }
}

fn random(
    name: &'static str,
    f: impl Fn(usize, usize, f64, &mut Random) -> Matrix + Send + 'static,
) -> Question {
    Question::new(name, move |i| {
        let (n_out, n_in) = (i.get("n_out").count(), i.get("n_in").count());
        let (std, seed) = (i.get("std").number(), i.get("seed").count() as u64);
        let mut rng = Random::new(seed);
        let weights = rows(&f(n_out, n_in, std, &mut rng));
        // A row is enough to see whether it is the same.
        let row = |rng: &mut Random| {
            rows(&f(n_out, n_in, std, rng))
                .into_iter()
                .next()
                .unwrap_or_default()
        };
        let next = row(&mut rng);
        record! { next: next, same_seed: row(&mut Random::new(seed)), weights: weights }
    })
    .view(|_, given| {
        let weights = given.get("weights").rows();
        let first = weights.first().cloned().unwrap_or_default();
        record! {
            weights: describe(&weights),
            another_draw_differs: given.get("next").numbers() != first,
            same_seed_same_weights: given.get("same_seed").numbers() == first,
        }
    })
    .word("seed", "semilla", "seed")
    .word("weights", "pesos", "weights")
    .word("rows", "filas", "rows")
    .word("columns", "columnas", "columns")
    .word("centred_at_0", "media 0", "mean 0")
    .word("std", "desviación típica", "standard deviation")
    .word(
        "within_one_std",
        "proporción a menos de una desviación típica",
        "share within one standard deviation",
    )
    .word(
        "independent",
        "unos no dependen de otros",
        "independent of each other",
    )
    .word(
        "another_draw_differs",
        "otra llamada da otros pesos",
        "another call gives other weights",
    )
    .word(
        "same_seed_same_weights",
        "la misma semilla da los mismos pesos",
        "the same seed gives the same weights",
    )
    .draws(6)
}

/// `fn zeros(n_out: usize, n_in: usize) -> Matrix`
pub fn zeros(f: impl Fn(usize, usize) -> Matrix + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(usize, usize) -> Matrix + Send>) -> Question {
        Question::new("zeros", move |i| {
            rows(&f(i.get("n_out").count(), i.get("n_in").count())).into()
        })
        .case(record! { n_out: 2_usize, n_in: 3_usize })
        .case(record! { n_out: 3_usize, n_in: 1_usize })
        .inputs(|rng| record! { n_out: draw::whole(rng, 1, 9), n_in: draw::whole(rng, 1, 9) })
    }
    ask(Box::new(f))
}

/// `fn normal(n_out: usize, n_in: usize, std: f64, rng: &mut Random) -> Matrix`
pub fn normal(f: impl Fn(usize, usize, f64, &mut Random) -> Matrix + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(usize, usize, f64, &mut Random) -> Matrix + Send>) -> Question {
        random("normal", f)
            .case(record! { n_out: 200_usize, n_in: 300_usize, std: 0.01, seed: 1_usize })
            .case(record! { n_out: 300_usize, n_in: 200_usize, std: 2.0, seed: 1_usize })
            .inputs(|rng| {
                let std = draw::magnitude(rng, 0.001, 10.0);
                let (n_out, n_in, seed) = large(rng);
                record! { n_out: n_out, n_in: n_in, std: std, seed: seed }
            })
    }
    ask(Box::new(f))
}

/// `fn xavier(n_out: usize, n_in: usize, rng: &mut Random) -> Matrix`
pub fn xavier(f: impl Fn(usize, usize, &mut Random) -> Matrix + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(usize, usize, &mut Random) -> Matrix + Send>) -> Question {
        random("xavier", move |n_out, n_in, _, rng| f(n_out, n_in, rng))
            .case(size(200, 300))
            .case(size(100, 500))
            .inputs(|rng| {
                let (n_out, n_in, seed) = large(rng);
                record! { n_out: n_out, n_in: n_in, seed: seed }
            })
    }
    ask(Box::new(f))
}

/// `fn he(n_out: usize, n_in: usize, rng: &mut Random) -> Matrix`
pub fn he(f: impl Fn(usize, usize, &mut Random) -> Matrix + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(usize, usize, &mut Random) -> Matrix + Send>) -> Question {
        random("he", move |n_out, n_in, _, rng| f(n_out, n_in, rng))
            .case(size(200, 300))
            .case(size(100, 500))
            .inputs(|rng| {
                let (n_out, n_in, seed) = large(rng);
                record! { n_out: n_out, n_in: n_in, seed: seed }
            })
    }
    ask(Box::new(f))
}

/// `fn has_twins(w: &Matrix, b: &Vector) -> bool`
pub fn has_twins(f: impl Fn(&Matrix, &Vector) -> bool + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&Matrix, &Vector) -> bool + Send>) -> Question {
        let case = |w: [[f64; 2]; 3], b: [f64; 3]| {
            record! { w: w.iter().map(|row| row.to_vec()).collect::<Vec<_>>(), b: b }
        };
        Question::new("has_twins", move |i| {
            f(&matrix(&i.get("w").rows()), &vector(&i.get("b").numbers())).into()
        })
        .case(case([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], [0.0, 0.0, 0.0]))
        .case(case([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], [0.0, 0.0, 0.0]))
        .case(case([[0.1, 0.2], [0.3, 0.4], [0.1, 0.2]], [0.5, 0.0, 0.5]))
        .case(case([[0.1, 0.2], [0.3, 0.4], [0.1, 0.2]], [0.5, 0.0, 0.4]))
        .case(case([[0.1, 0.1], [0.3, 0.3], [0.5, 0.5]], [0.0, 0.1, 0.2]))
        .case(case([[0.1, 0.2], [0.2, 0.1], [0.1, 0.3]], [0.0, 0.0, 0.0]))
        .inputs(|rng| {
            let (n, width) = (draw::whole(rng, 1, 6), draw::whole(rng, 1, 4));
            // Few values, so that neurons have much in common without being twins.
            let row = |rng: &mut Random| -> Vec<f64> {
                (0..width)
                    .map(|_| draw::one_of(rng, &[0.1, 0.2, -0.1]))
                    .collect()
            };
            let mut w: Vec<Vec<f64>> = (0..n).map(|_| row(rng)).collect();
            let mut b: Vec<f64> = (0..n).map(|_| draw::one_of(rng, &[0.0, 0.5])).collect();
            let (i, j) = (rng.below(n), rng.below(n));
            if draw::chance(rng, 0.4) {
                w[i] = w[j].clone();
                if draw::chance(rng, 0.5) {
                    b[i] = b[j];
                }
            } else if draw::chance(rng, 0.5) {
                // The same numbers in another order.
                w[i] = w[j].iter().rev().copied().collect();
                b[i] = b[j];
            }
            record! { w: w, b: b }
        })
    }
    ask(Box::new(f))
}
