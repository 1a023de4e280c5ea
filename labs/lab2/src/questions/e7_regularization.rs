use gradus_exercise::{
    Question, Random, Value, near,
    proptest::{collection::vec, strategy::Strategy},
    record,
};

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
    .inputs(
        (vec(-3.0..3.0, 1..6), 0.0..2.0, 1_usize..50)
            .prop_map(|(w, lambda, n): (Vec<f64>, f64, usize)| weights(&w, lambda, n)),
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
    penalty("l2", f)
}

/// `fn l1(w: &[f64], lambda: f64, n: usize) -> (f64, Vec<f64>)`
pub fn l1(f: impl Fn(&[f64], f64, usize) -> (f64, Vec<f64>) + Send + 'static) -> Question {
    penalty("l1", f)
}

/// `fn dropout(a: &[f64], p: f64, training: bool, rng: &mut Random) -> Vec<f64>`
pub fn dropout(
    f: impl Fn(&[f64], f64, bool, &mut Random) -> Vec<f64> + Send + 'static,
) -> Question {
    let case =
        |p: f64, training: bool| record! { units: 10_000_usize, a: 2.0, p: p, training: training };
    Question::new("dropout", move |i| {
        let a = vec![i.get("a").number(); i.get("units").count()];
        let (p, training) = (i.get("p").number(), i.get("training").flag());
        let mut rng = Random::new(1);
        let first = f(&a, p, training, &mut rng);
        let second = f(&a, p, training, &mut rng);
        let kept: Vec<f64> = first.iter().copied().filter(|a| *a != 0.0).collect();
        let dropped = 1.0 - kept.len() as f64 / first.len() as f64;
        let mean = kept.iter().sum::<f64>() / kept.len() as f64;
        record! { units: first.len(), dropped: dropped, kept_become: mean, next_batch_differs: first != second }
    })
    .case(case(0.3, true))
    .case(case(0.5, true))
    .case(case(0.0, true))
    .case(case(0.3, false))
}

/// `fn early_stopping(state: &mut EarlyStopping, epoch: usize, loss: f64) -> Decision`
pub fn early_stopping(
    f: impl Fn(&mut EarlyStopping, usize, f64) -> Decision + Send + 'static,
) -> Question {
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
                Decision::Improved => "improved",
                Decision::Wait => "wait",
                Decision::Stop => "stop",
            });
            if decision == Decision::Stop {
                break;
            }
        }
        record! { decisions: decisions, best_epoch: state.best_epoch }
    })
    .case(case(&[1.0, 0.8, 0.9, 0.95, 0.7], 2, 0.0))
    .case(case(&[1.0, 0.8, 0.9, 0.7, 0.75, 0.72, 0.6], 2, 0.0))
    .case(case(&[1.0, 0.99, 0.98, 0.5, 0.51], 3, 0.1))
    .case(case(&[0.5, f64::NAN, 0.4, 0.6, 0.6, 0.6, 0.6], 3, 0.0))
}
