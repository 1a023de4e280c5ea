use gradus_exercise::{Question, Random, Value, draw, ensure, record};

use crate::given::{Matrix, matrix};

fn table(rng: &mut Random, low: f64) -> Vec<Vec<f64>> {
    let (n, units) = (draw::whole(rng, 1, 6), draw::whole(rng, 1, 5));
    (0..n)
        .map(|_| (0..units).map(|_| draw::between(rng, low, 1.0)).collect())
        .collect()
}

/// `fn saturated_share(a: &Matrix, margin: f64) -> f64`
pub fn saturated_share(f: impl Fn(&Matrix, f64) -> f64 + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&Matrix, f64) -> f64 + Send>) -> Question {
        let case = |a: Vec<Vec<f64>>, margin: f64| record! { a: a, margin: margin };
        Question::new("saturated_share", move |i| {
            f(&matrix(&i.get("a").rows()), i.get("margin").number()).into()
        })
        .case(case(vec![vec![0.5, 0.02], vec![0.97, 0.3]], 0.05))
        .case(case(vec![vec![0.5, 0.4, 0.6]], 0.1))
        .case(case(vec![vec![0.001], vec![0.999], vec![0.995]], 0.01))
        .case(case(
            vec![vec![0.01, 0.03, 0.9], vec![0.04, 0.97, 0.5]],
            0.05,
        ))
        .axes("a", &[("ejemplo", "example"), ("unidad", "unit")])
        .inputs(move |rng| {
            let mut a = table(rng, 0.0);
            let margin = match draw::chance(rng, 0.3) {
                true => 0.25,
                // Off every 1 − a, whose last bit depends on how the border is written.
                false => draw::between(rng, 0.01, 0.49) + 0.00005,
            };
            if margin == 0.25 {
                // Right on the border, where it does not count.
                a[0][0] = draw::one_of(rng, &[0.25, 0.75]);
            }
            case(a, margin)
        })
        .property(
            "es una proporción: está entre 0 y 1 y no depende de cambiar a por 1 − a",
            "it is a share: it lies between 0 and 1 and does not change when a becomes 1 − a",
            |f, i| {
                let mirrored: Vec<Vec<f64>> = (i.get("a").rows().iter())
                    .map(|row| row.iter().map(|a| 1.0 - a).collect())
                    .collect();
                let share = f(i).number();
                let other = f(&record! { a: mirrored, margin: i.get("margin") }).number();
                ensure(
                    (0.0..=1.0).contains(&share) && (share - other).abs() < 1e-9,
                    (
                        format!("la misma con a y con 1 − a: {share}"),
                        format!("the same with a and with 1 − a: {share}"),
                    ),
                    other,
                )
            },
        )
    }
    ask(Box::new(f))
}

/// `fn dead_units(a: &Matrix) -> Vec<usize>`
pub fn dead_units(f: impl Fn(&Matrix) -> Vec<usize> + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&Matrix) -> Vec<usize> + Send>) -> Question {
        let relu = |z: Vec<Vec<f64>>| -> Value {
            let row = |row: Vec<f64>| row.into_iter().map(|z| z.max(0.0)).collect::<Vec<_>>();
            record! { a: z.into_iter().map(row).collect::<Vec<_>>() }
        };
        Question::new("dead_units", move |i| f(&matrix(&i.get("a").rows())).into())
            .case(record! { a: vec![vec![0.0, 2.0, 0.0], vec![0.0, 0.0, 1.0]] })
            .case(record! { a: vec![vec![1.0, 2.0]] })
            .case(record! { a: vec![vec![0.0, 3.0, 0.0, 0.0], vec![0.0, 1.0, 0.5, 0.0], vec![0.0, 0.0, 0.0, 0.0]] })
            .inputs(move |rng| {
                let mut a = table(rng, -3.0);
                for unit in 0..a[0].len() {
                    if draw::chance(rng, 0.3) {
                        a.iter_mut().for_each(|row| row[unit] = -1.0);
                    }
                }
                relu(a)
            })
            .property(
                "una unidad muerta da 0 en todos los ejemplos",
                "a dead unit gives 0 for every example",
                |f, i| {
                    let a = i.get("a").rows();
                    let alive = |unit: &usize| a.iter().any(|row| row.get(*unit).is_none_or(|a| *a > 0.0));
                    let wrong = f(i).counts().into_iter().find(alive);
                    ensure(
                        wrong.is_none(),
                        ("solo unidades con a = 0 en todos", "only units with a = 0 for all"),
                        wrong.unwrap_or(0),
                    )
                },
            )
    }
    ask(Box::new(f))
}
