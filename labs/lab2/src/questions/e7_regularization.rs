use gradus_exercise::{Question, Random, Value, draw, near, record};

use crate::{Decision, EarlyStopping};

fn weights(w: &[f64], lambda: f64, n: usize) -> Value {
    record! { w: w, lambda: lambda, n: n }
}

fn penalty(
    name: &'static str,
    f: impl Fn(&[f64], f64, usize) -> (f64, Vec<f64>) + Send + 'static,
) -> Question {
    Question::new(name, move |i| {
        let (w, lambda) = (i.get("w").numbers(), i.get("lambda").number());
        let (penalty, gradient) = f(&w, lambda, i.get("n").count());
        record! { penalty: penalty, gradient: gradient }
    })
    .case(weights(&[1.0, -2.0, 0.0], 0.1, 10))
    .case(weights(&[0.5], 3.0, 2))
    .case(weights(&[-0.3, 0.2, 4.0, -1.5], 0.01, 1))
    .word("lambda", "λ (lambda)", "λ (lambda)")
    .word("n", "número de ejemplos n", "number of examples n")
    .word("penalty", "penalización", "penalty")
    .word("gradient", "gradiente", "gradient")
    .axes("gradient", &[("peso", "weight")])
    .inputs(|rng| {
        let count = draw::whole(rng, 1, 9);
        let mut weight = || match draw::chance(rng, 0.15) {
            true => 0.0,
            false => draw::between(rng, -3.0, 3.0),
        };
        let w: Vec<f64> = (0..count).map(|_| weight()).collect();
        weights(&w, draw::magnitude(rng, 1e-3, 5.0), draw::whole(rng, 1, 60))
    })
    .property(
        "la penalización es la suma de las de cada peso por separado",
        "the penalty is the sum of those of each weight alone",
        |f, i| {
            let alone = |w: f64| f(&record! { w: [w], lambda: i.get("lambda"), n: i.get("n") });
            let each: Vec<Value> = i.get("w").numbers().into_iter().map(alone).collect();
            let sum: f64 = each.iter().map(|one| one.get("penalty").number()).sum();
            near(f(i).get("penalty"), sum)
        },
    )
    .property(
        "el gradiente es la pendiente de la penalización (diferencias centrales)",
        "the gradient is the slope of the penalty (central differences)",
        |f, i| {
            let w = i.get("w").numbers();
            let at = |k: usize, shift: f64| {
                let mut w = w.clone();
                w[k] += shift;
                let shifted = record! { w: w, lambda: i.get("lambda"), n: i.get("n") };
                f(&shifted).get("penalty").number()
            };
            // |w| has a corner at 0.
            let away = |k: &usize| w[*k].abs() > 1e-3;
            let slopes: Vec<f64> = (0..w.len())
                .filter(away)
                .map(|k| (at(k, 1e-4) - at(k, -1e-4)) / 2e-4)
                .collect();
            let gradient = f(i).get("gradient").numbers();
            let given: Vec<f64> = (0..w.len())
                .filter(away)
                .map(|k| gradient.get(k).copied().unwrap_or(f64::NAN))
                .collect();
            near(given, slopes)
        },
    )
}

/// `fn l2(w: &[f64], lambda: f64, n: usize) -> (f64, Vec<f64>)`
pub fn l2(f: impl Fn(&[f64], f64, usize) -> (f64, Vec<f64>) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&[f64], f64, usize) -> (f64, Vec<f64>) + Send>) -> Question {
        penalty("l2", f)
    }
    ask(Box::new(f))
}

/// `fn l1(w: &[f64], lambda: f64, n: usize) -> (f64, Vec<f64>)`
pub fn l1(f: impl Fn(&[f64], f64, usize) -> (f64, Vec<f64>) + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&[f64], f64, usize) -> (f64, Vec<f64>) + Send>) -> Question {
        penalty("l1", f)
    }
    ask(Box::new(f))
}

/// As many activations, of both signs, now and then one that is 0.
fn activations(i: &Value) -> Vec<f64> {
    let scale = i.get("scale").number();
    (0..i.get("units").count())
        .map(|k| match k % 11 {
            0 => 0.0,
            step => scale * (step as f64 - 5.5),
        })
        .collect()
}

/// `fn dropout(a: &[f64], p: f64, training: bool, rng: &mut Random) -> Vec<f64>`
pub fn dropout(
    f: impl Fn(&[f64], f64, bool, &mut Random) -> Vec<f64> + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(&[f64], f64, bool, &mut Random) -> Vec<f64> + Send>) -> Question {
        let case = |scale: f64, p: f64, training: bool, seed: usize| {
            record! { units: 11_000_usize, scale: scale, p: p, training: training, seed: seed }
        };
        Question::new("dropout", move |i| {
            let a = activations(i);
            let (p, training) = (i.get("p").number(), i.get("training").flag());
            let seed = i.get("seed").count() as u64;
            let mut rng = Random::new(seed);
            let first = f(&a, p, training, &mut rng);
            let next = f(&a, p, training, &mut rng);
            record! { first: first, next: next, same_seed: f(&a, p, training, &mut Random::new(seed)) }
        })
        .view(|i, given| {
            let a = activations(i);
            let (first, next) = (given.get("first").numbers(), given.get("next").numbers());
            let same_seed = given.get("same_seed") == given.get("first");
            look(&a, &first, &next, same_seed)
        })
        .word("units", "número de activaciones", "number of activations")
        .word(
            "scale",
            "activaciones: 0 y múltiplos, positivos y negativos, de",
            "activations: 0 and multiples, positive and negative, of",
        )
        .word("training", "entrenamiento (training)", "training")
        .word("seed", "semilla", "seed")
        .word("dropped", "proporción anulada", "share that became 0")
        .word(
            "kept_times",
            "las que quedan se multiplican por",
            "those kept are multiplied by",
        )
        .word(
            "all_kept_alike",
            "todas las que quedan, por lo mismo",
            "all of them by the same",
        )
        .word(
            "independent",
            "cada una se sortea por su cuenta",
            "each is drawn on its own",
        )
        .word(
            "next_batch_differs",
            "otra llamada, otro sorteo",
            "another call, another draw",
        )
        .word(
            "same_seed_same_units",
            "la misma semilla, el mismo sorteo",
            "the same seed, the same draw",
        )
        .case(case(2.0, 0.3, true, 1))
        .case(case(2.0, 0.5, true, 1))
        .case(case(2.0, 0.0, true, 1))
        .case(case(2.0, 0.3, false, 1))
        .draws(12)
        .inputs(move |rng| {
            let p = draw::one_of(rng, &[0.0, 0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 0.8]);
            case(
                draw::magnitude(rng, 0.1, 10.0),
                p,
                draw::chance(rng, 0.8),
                rng.below(1_000_000),
            )
        })
    }
    ask(Box::new(f))
}

/// What can be said of two draws of dropout, whatever the draws.
fn look(a: &[f64], first: &[f64], next: &[f64], same_seed: bool) -> Value {
    let units: Vec<usize> = (0..a.len().min(first.len()).min(next.len()))
        .filter(|k| a[*k] != 0.0)
        .collect();
    let gone = |b: &[f64]| -> Vec<bool> { units.iter().map(|k| b[*k] == 0.0).collect() };
    let (gone, gone_next) = (gone(first), gone(next));
    let n = units.len() as f64;
    let dropped = gone.iter().filter(|gone| **gone).count() as f64 / n;
    let times: Vec<f64> = (units.iter())
        .filter(|k| first[**k] != 0.0)
        .map(|k| first[*k] / a[*k])
        .collect();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let alike = times.iter().all(|t| (t - mean).abs() < 1e-6 * mean.abs());
    // Two units fare alike as often as two coins: p² + (1 − p)² of the times, ± a coin's spread.
    let p = dropped;
    let by_chance = p * p + (1.0 - p) * (1.0 - p);
    let spread = (by_chance * (1.0 - by_chance) / n).sqrt();
    let too_often = |a: &[bool], b: &[bool]| {
        let alike = a.iter().zip(b).filter(|(a, b)| a == b).count() as f64
            / a.len().min(b.len()).max(1) as f64;
        (alike - by_chance).abs() > 8.0 * spread + 1e-3
    };
    let neighbours =
        (1..=8).any(|lag| gone.len() > lag && too_often(&gone[lag..], &gone[..gone.len() - lag]));
    record! {
        units: first.len(),
        dropped: dropped,
        kept_times: mean,
        all_kept_alike: alike,
        independent: !neighbours && (first == next || !too_often(&gone, &gone_next)),
        next_batch_differs: first != next,
        same_seed_same_units: same_seed,
    }
}

/// `fn early_stopping(state: &mut EarlyStopping, epoch: usize, loss: f64) -> Decision`
pub fn early_stopping(
    f: impl Fn(&mut EarlyStopping, usize, f64) -> Decision + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(&mut EarlyStopping, usize, f64) -> Decision + Send>) -> Question {
        let case = |losses: &[f64], patience: usize, min_delta: f64| record! { losses: losses, patience: patience, min_delta: min_delta };
        Question::new("early_stopping", move |i| {
            let mut state = EarlyStopping {
                patience: i.get("patience").count(),
                min_delta: i.get("min_delta").number(),
                best: f64::INFINITY,
                best_epoch: 0,
                waited: 0,
            };
            let mut decisions = Vec::new();
            for (epoch, loss) in i.get("losses").numbers().into_iter().enumerate() {
                let decision = f(&mut state, epoch, loss);
                decisions.push(match decision {
                    Decision::Improved => "Improved",
                    Decision::Wait => "Wait",
                    Decision::Stop => "Stop",
                });
                if decision == Decision::Stop {
                    break;
                }
            }
            record! {
                decisions: decisions, best: state.best, best_epoch: state.best_epoch, waited: state.waited
            }
        })
        .word("losses", "coste de cada época", "loss of each epoch")
        .word("patience", "paciencia (patience)", "patience")
        .word("decisions", "decisiones", "decisions")
        .axes("decisions", &[("época", "epoch")])
        .case(case(&[1.0, 0.8, 0.9, 0.95, 0.7], 2, 0.0))
        .case(case(&[1.0, 0.8, 0.9, 0.7, 0.75, 0.72, 0.6], 2, 0.0))
        .case(case(&[1.0, 0.99, 0.98, 0.5, 0.51], 3, 0.1))
        .case(case(&[0.5, f64::NAN, 0.4, 0.6, 0.6, 0.6, 0.6], 3, 0.0))
        .case(case(&[4.0, 3.9, 3.7, 3.6, 3.5, 3.4], 3, 0.25))
        .inputs(move |rng| {
            let (epochs, patience) = (draw::whole(rng, 1, 14), draw::whole(rng, 1, 4));
            let min_delta = draw::one_of(rng, &[0.0, 0.0, 0.01, 0.1, 0.5]);
            let mut loss = draw::magnitude(rng, 0.3, 8.0);
            let losses: Vec<f64> = (0..epochs)
                .map(|_| match rng.below(12) {
                    0 => f64::NAN,
                    // The same once more is no improvement.
                    1 => loss,
                    _ => {
                        let fall = draw::one_of(rng, &[0.02, 0.08, 0.3, 0.7, -0.1, -0.4]);
                        loss = draw::round((loss - fall * draw::between(rng, 0.3, 1.2)).max(0.01));
                        loss
                    }
                })
                .collect();
            case(&losses, patience, min_delta)
        })
    }
    ask(Box::new(f))
}
