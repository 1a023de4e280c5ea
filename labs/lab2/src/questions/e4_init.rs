use gradus_exercise::{Question, Random, Value, record};

use crate::given::{Matrix, Vector, matrix, rows, vector};

fn size(n_out: usize, n_in: usize) -> Value {
    record! { n_out: n_out, n_in: n_in }
}

/// What a layer of random weights looks like: enough to tell the distributions apart, whatever the order of the draws.
fn describe(w: &[Vec<f64>]) -> Value {
    let all = w.concat();
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let std = (all.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
    let within_one_std = all.iter().filter(|w| (*w - mean).abs() < std).count() as f64 / n;
    record! {
        shape: [w.len(), w.first().map_or(0, Vec::len)],
        centred_at_0: mean.abs() <= 5.0 * std / n.sqrt(),
        std: std,
        within_one_std: within_one_std,
    }
}

fn random(
    name: &'static str,
    f: impl Fn(usize, usize, f64, &mut Random) -> Matrix + Send + 'static,
) -> Question {
    Question::new(name, move |i| {
        let (n_out, n_in) = (i.get("n_out").count(), i.get("n_in").count());
        let std = i.get("std").number();
        let mut rng = Random::new(1);
        let first = rows(&f(n_out, n_in, std, &mut rng));
        let second = rows(&f(n_out, n_in, std, &mut rng));
        record! { weights: describe(&first), another_draw_differs: first != second }
    })
}

/// `fn zeros(n_out: usize, n_in: usize) -> Matrix`
pub fn zeros(f: impl Fn(usize, usize) -> Matrix + Send + 'static) -> Question {
    Question::new("zeros", move |i| {
        rows(&f(i.get("n_out").count(), i.get("n_in").count())).into()
    })
    .case(size(2, 3))
    .case(size(3, 1))
}

/// `fn normal(n_out: usize, n_in: usize, std: f64, rng: &mut Random) -> Matrix`
pub fn normal(f: impl Fn(usize, usize, f64, &mut Random) -> Matrix + Send + 'static) -> Question {
    random("normal", f)
        .case(record! { n_out: 200_usize, n_in: 300_usize, std: 0.01 })
        .case(record! { n_out: 300_usize, n_in: 200_usize, std: 2.0 })
}

/// `fn xavier(n_out: usize, n_in: usize, rng: &mut Random) -> Matrix`
pub fn xavier(f: impl Fn(usize, usize, &mut Random) -> Matrix + Send + 'static) -> Question {
    random("xavier", move |n_out, n_in, _, rng| f(n_out, n_in, rng))
        .case(size(200, 300))
        .case(size(100, 500))
}

/// `fn he(n_out: usize, n_in: usize, rng: &mut Random) -> Matrix`
pub fn he(f: impl Fn(usize, usize, &mut Random) -> Matrix + Send + 'static) -> Question {
    random("he", move |n_out, n_in, _, rng| f(n_out, n_in, rng))
        .case(size(200, 300))
        .case(size(100, 500))
}

/// `fn has_twins(w: &Matrix, b: &Vector) -> bool`
pub fn has_twins(f: impl Fn(&Matrix, &Vector) -> bool + Send + 'static) -> Question {
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
}
