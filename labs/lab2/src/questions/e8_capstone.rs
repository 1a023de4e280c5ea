use std::sync::atomic::{AtomicBool, Ordering};

use gradus_exercise::{Digits, Gallery, Question, Random, Value, ensure, first_seed, record};

use crate::given::{Ablation, Block, Claim, Recipe, Task, Trained, matrix, rows, t95};

type Train = Box<dyn Fn(&Recipe, &Task, u64) -> Trained + Send>;

/// `fn train(recipe: &Recipe, task: &Task, seed: u64) -> Trained`, with the full recipe.
pub fn train(f: impl Fn(&Recipe, &Task, u64) -> Trained + Send + 'static) -> Question {
    fn ask(f: Train) -> Question {
        let draws = AtomicBool::new(true);
        Question::new("train", move |i| {
            let seed = i.get("seed").count() as u64;
            let (task, held_out) = Task::draw(seed);
            let recipe = Recipe::full();
            if i.get("first_seed").flag() {
                // A net that draws nothing would be trained for nothing.
                let (_, first) = match draws.load(Ordering::Relaxed) {
                    true => first_seed(true, || drop(f(&recipe, &task, seed))),
                    false => (None, None),
                };
                return first.map_or("none".into(), |seed| seed.to_string().as_str().into());
            }
            let (trained, first) = first_seed(false, || f(&recipe, &task, seed));
            draws.store(first.is_some(), Ordering::Relaxed);
            let Some(trained) = trained else {
                return "none".into();
            };
            record! {
                held_out: scores(&trained, &held_out),
                validation: scores(&trained, &task.validation),
                costs: trained.costs, validation_costs: trained.validation,
            }
        })
        .view(|i, given| {
            let (task, held_out) = Task::draw(i.get("seed").count() as u64);
            let scores = given.get("held_out").rows();
            let columns = scores.first().map_or(0, Vec::len);
            let not_numbers = scores.concat().iter().filter(|s| !s.is_finite()).count();
            let costs = given.get("validation_costs").numbers();
            let best = costs.iter().copied().fold(f64::INFINITY, f64::min);
            let own = cross_entropy(&given.get("validation").rows(), &task.validation.labels);
            record! {
                columns: columns, not_numbers: not_numbers,
                held_out_accuracy: accuracy(&held_out, &scores),
                not_the_best: (own - best).abs(),
            }
        })
        .gallery(|i, given| {
            let (_, held_out) = Task::draw(i.get("seed").count() as u64);
            Gallery::new(&held_out, &given.get("held_out").rows())
                .curve("entrenamiento", "training", &given.get("costs").numbers())
                .curve(
                    "validación",
                    "validation",
                    &given.get("validation_costs").numbers(),
                )
        })
        .word("seed", "semilla", "seed")
        .word(
            "columns",
            "columnas de las puntuaciones",
            "columns of the scores",
        )
        .word(
            "not_numbers",
            "puntuaciones que son NaN o infinitas",
            "scores that are NaN or infinite",
        )
        .word(
            "held_out_accuracy",
            "acierto en las imágenes que no ha visto",
            "accuracy on images that it has not seen",
        )
        .word(
            "not_the_best",
            "coste de validación de la red devuelta, menos el mejor de `validation`",
            "validation cost of the network that is returned, minus the best of `validation`",
        )
        .property(
            "con otra semilla, `Random::new` tiene que recibir otra: la semilla es `seed`",
            "with another seed `Random::new` must be given another one: the seed is `seed`",
            |f, _| {
                let first = |seed: usize| f(&record! { seed: seed, first_seed: true });
                let (one, other) = (first(0), first(1));
                let own = one == other && !["none", ""].contains(&one.word());
                let called = format!("Random::new({})", one.word());
                ensure(!own, "Random::new(seed)", called.as_str())
            },
        )
        .case(record! { seed: 0_usize })
        .case(record! { seed: 1_usize })
    }
    ask(Box::new(f))
}

/// The same function with recipes that lack something.
pub fn blocks(f: impl Fn(&Recipe, &Task, u64) -> Trained + Send + 'static) -> Question {
    fn ask(f: Train) -> Question {
        Question::new("blocks", move |i| {
            let seed = i.get("seed").count() as u64;
            let (task, held_out) = Task::draw(seed);
            let try_with = |recipe: Recipe| {
                let (trained, _) = first_seed(false, || f(&recipe, &task, seed));
                trained.map_or_else(Vec::new, |trained| scores(&trained, &held_out))
            };
            let full = Recipe::full();
            let small = full.without(Block::Initialization);
            let free = full.without(Block::Regularization);
            let (memory, _) = first_seed(false, || f(&free, &task, seed));
            let memory = memory.map_or_else(Default::default, |trained| {
                (scores(&trained, &task.train), scores(&trained, &held_out))
            });
            record! {
                small: try_with(small.without(Block::BatchNorm)),
                normalized: try_with(small),
                sgd: try_with(full.without(Block::Optimizer)),
                train: memory.0, unregularized: memory.1,
            }
        })
        .view(|i, given| {
            let (task, held_out) = Task::draw(i.get("seed").count() as u64);
            let on = |digits: &Digits, name: &str| accuracy(digits, &given.get(name).rows());
            record! {
                small_weights: on(&held_out, "small"),
                small_weights_and_batch_norm: on(&held_out, "normalized"),
                sgd: on(&held_out, "sgd"),
                unregularized: on(&held_out, "unregularized"),
                memorized: on(&task.train, "train"),
            }
        })
        .word("seed", "semilla", "seed")
        .word(
            "small_weights",
            "acierto con pesos iniciales N(0, 0.01²) y sin batch normalization",
            "accuracy with initial weights N(0, 0.01²) and without batch normalisation",
        )
        .word(
            "small_weights_and_batch_norm",
            "acierto con pesos iniciales N(0, 0.01²) y con batch normalization",
            "accuracy with initial weights N(0, 0.01²) and with batch normalisation",
        )
        .word(
            "sgd",
            "acierto con SGD y la misma η",
            "accuracy with SGD and the same η",
        )
        .word(
            "unregularized",
            "acierto sin regularización",
            "accuracy without regularisation",
        )
        .word(
            "memorized",
            "acierto sin regularización en el entrenamiento, con sus etiquetas equivocadas",
            "accuracy without regularisation in training, with its wrong labels",
        )
        .case(record! { seed: 0_usize })
    }
    ask(Box::new(f))
}

/// `fn ablation(task: &Task, seeds: &[u64]) -> Ablation`; one of its trainings is done again by `train`.
pub fn ablation(
    train: impl Fn(&Recipe, &Task, u64) -> Trained + Send + 'static,
    f: impl Fn(&Task, &[u64]) -> Ablation + Send + 'static,
) -> Question {
    fn ask(train: Train, f: Box<dyn Fn(&Task, &[u64]) -> Ablation + Send>) -> Question {
        Question::new("ablation", move |i| {
            let seed = i.get("seed").count() as u64;
            let (task, _) = Task::draw(seed);
            let seeds: Vec<u64> = (0..i.get("seeds").count() as u64).map(|k| seed + k).collect();
            let (row, at) = again(seed, seeds.len());
            let recipe = Recipe::full().without(Block::ALL[row]);
            let (table, _) = first_seed(false, || f(&task, &seeds));
            let (trained, _) = first_seed(false, || train(&recipe, &task, seeds[at]));
            let (Some(table), Some(trained)) = (table, trained) else {
                return "none".into();
            };
            let rows = table.rows.iter().map(|row| {
                record! {
                    block: Block::ALL.iter().position(|b| *b == row.without).unwrap_or(4),
                    accuracy: row.accuracy.clone(),
                    difference: row.difference, low: row.low, high: row.high,
                    claim: match row.claim {
                        Claim::Helps => "helps",
                        Claim::Hurts => "hurts",
                        Claim::NotShown => "not shown",
                    },
                }
            });
            record! {
                full: table.full,
                rows: Value::List(rows.collect()),
                again: task.test.accuracy(&scores(&trained, &task.test)),
            }
        })
        .view(|i, given| {
            let seeds = i.get("seeds").count();
            let (row, at) = again(i.get("seed").count() as u64, seeds);
            let rows = given.get("rows").items();
            let full = given.get("full").numbers();
            let mut worst = Worst::default();
            let complete = full.len() == seeds && rows.len() == Block::ALL.len();
            for (k, row) in rows.iter().enumerate().filter(|_| complete) {
                worst.look(&full, row);
                worst.rows += usize::from(row.get("block").count() == k);
            }
            let told = rows.get(row).map_or(&Value::Flag(false), |row| row.get("accuracy"));
            let told = told.numbers().get(at).copied().unwrap_or(f64::NAN);
            record! {
                rows: worst.rows,
                error_of_difference: worst.difference, error_of_interval: worst.interval,
                wrong_claims: worst.claims,
                not_reproduced: (told - given.get("again").number()).abs(),
            }
        })
        .word("seed", "primera semilla", "first seed")
        .word("seeds", "semillas", "seeds")
        .word(
            "rows",
            "filas en orden, con un acierto por semilla",
            "rows in order, with an accuracy for each seed",
        )
        .word(
            "error_of_difference",
            "error en `difference`",
            "error of `difference`",
        )
        .word(
            "error_of_interval",
            "error en `low` o `high`",
            "error of `low` or `high`",
        )
        .word(
            "wrong_claims",
            "filas cuyo `claim` no se sigue del intervalo",
            "rows whose `claim` does not follow from the interval",
        )
        .word(
            "not_reproduced",
            "diferencia entre un acierto de la tabla y el de `train` con esa receta y esa semilla",
            "difference between an accuracy of the table and that of `train` with that recipe and seed",
        )
        .case(record! { seed: 0_usize, seeds: 3_usize })
    }
    ask(Box::new(train), Box::new(f))
}

/// Which training of the table is done again.
fn again(seed: u64, seeds: usize) -> (usize, usize) {
    let mut rng = Random::new(seed);
    (rng.below(Block::ALL.len()), rng.below(seeds.max(1)))
}

/// How far the rows of a table are from what follows from their accuracies.
#[derive(Default)]
struct Worst {
    rows: usize,
    difference: f64,
    interval: f64,
    claims: usize,
}

impl Worst {
    fn look(&mut self, full: &[f64], row: &Value) {
        let less = row.get("accuracy").numbers();
        if less.len() != full.len() {
            (self.difference, self.interval) = (f64::NAN, f64::NAN);
            return;
        }
        let n = full.len() as f64;
        let differences: Vec<f64> = full.iter().zip(&less).map(|(a, b)| a - b).collect();
        let mean = differences.iter().sum::<f64>() / n;
        let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
        let reach = t95(full.len()) * (squares / (n - 1.0) / n).sqrt();
        let off = |name: &str, right: f64| (row.get(name).number() - right).abs();
        // Where a number is missing it is far off.
        let more = |a: f64, b: f64| {
            if a.is_nan() || b.is_nan() {
                f64::NAN
            } else {
                a.max(b)
            }
        };
        self.difference = more(self.difference, off("difference", mean));
        self.interval = more(self.interval, off("low", mean - reach));
        self.interval = more(self.interval, off("high", mean + reach));
        let (low, high) = (row.get("low").number(), row.get("high").number());
        let claim = match (low > 0.0, high < 0.0) {
            (true, _) => "helps",
            (_, true) => "hurts",
            _ => "not shown",
        };
        self.claims += usize::from(row.get("claim").word() != claim);
    }
}

/// What a network answers to images, where its scores have the shape that they should.
fn scores(trained: &Trained, digits: &Digits) -> Vec<Vec<f64>> {
    let (scores, _) = first_seed(false, || rows(&(trained.classifier)(&matrix(&digits.x))));
    scores.unwrap_or_default()
}

fn accuracy(digits: &Digits, scores: &[Vec<f64>]) -> f64 {
    let fits = scores.len() == digits.len() && scores.iter().all(|row| row.len() == 10);
    if fits { digits.accuracy(scores) } else { 0.0 }
}

/// The mean of ln Σ e^z − z of the class.
fn cross_entropy(z: &[Vec<f64>], labels: &[usize]) -> f64 {
    let one = |(z, label): (&Vec<f64>, &usize)| {
        let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = z.iter().map(|z| (z - max).exp()).sum();
        max + sum.ln() - z.get(*label).copied().unwrap_or(f64::NAN)
    };
    z.iter().zip(labels).map(one).sum::<f64>() / z.len() as f64
}
