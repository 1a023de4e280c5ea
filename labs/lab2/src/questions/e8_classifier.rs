use std::sync::atomic::{AtomicBool, Ordering};

use gradus_exercise::{Digits, Question, Random, ensure, first_seed, record};

use crate::{
    Classifier,
    given::{matrix, rows},
};

/// `fn classifier(train: &Digits, seed: u64) -> Classifier`
pub fn classifier(f: impl Fn(&Digits, u64) -> Classifier + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&Digits, u64) -> Classifier + Send>) -> Question {
        let draws = AtomicBool::new(true);
        Question::new("classifier", move |i| {
            let seed = i.get("seed").count() as u64;
            let (train, held_out) = Digits::all().split(0.8, &mut Random::new(seed));
            if i.get("first_seed").flag() {
                // A net that draws nothing would be trained for nothing.
                let (_, first) = match draws.load(Ordering::Relaxed) {
                    true => first_seed(true, || drop(f(&train, seed))),
                    false => (None, None),
                };
                return first.map_or("none".into(), |seed| seed.to_string().as_str().into());
            }
            let (net, first) = first_seed(false, || f(&train, seed));
            draws.store(first.is_some(), Ordering::Relaxed);
            let Some(net) = net else {
                return "none".into();
            };
            let scores = |digits: &Digits| rows(&net(&matrix(&digits.x)));
            let (scores, _) = first_seed(false, || (scores(&train), scores(&held_out)));
            let (known, new) = scores.unwrap_or_default();
            record! { train: known, held_out: new }
        })
        .view(|i, given| {
            let seed = i.get("seed").count() as u64;
            let (train, held_out) = Digits::all().split(0.8, &mut Random::new(seed));
            let of = |part: &str| given.get(part).rows();
            let shape = |scores: &[Vec<f64>]| [scores.len(), scores.first().map_or(0, Vec::len)];
            let accuracy =
                |digits: &Digits, scores: &[Vec<f64>]| match shape(scores) == [digits.len(), 10] {
                    true => digits.accuracy(scores),
                    false => 0.0,
                };
            let (seen, unseen) = (of("train"), of("held_out"));
            let not_numbers = unseen
                .concat()
                .iter()
                .filter(|score| !score.is_finite())
                .count();
            let (known, new) = (accuracy(&train, &seen), accuracy(&held_out, &unseen));
            record! {
                rows: unseen.len(), columns: shape(&unseen)[1], not_numbers: not_numbers,
                held_out_accuracy: new, train_accuracy: known, gap: known - new,
            }
        })
        .word("seed", "semilla", "seed")
        .word("rows", "filas de las puntuaciones", "rows of the scores")
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
            "gap",
            "diferencia con el acierto en el entrenamiento",
            "gap to the accuracy in training",
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
