use gradus_exercise::{Digits, Question, Random, record};

use crate::{
    Classifier,
    given::{matrix, rows},
};

/// `fn classifier(train: &Digits, seed: u64) -> Classifier`
pub fn classifier(f: impl Fn(&Digits, u64) -> Classifier + Send + 'static) -> Question {
    Question::new("classifier", move |i| {
        let seed = i.get("seed").count() as u64;
        let (train, held_out) = Digits::all().split(0.8, &mut Random::new(seed));
        let net = f(&train, seed);
        let accuracy = |digits: &Digits| digits.accuracy(&rows(&net(&matrix(&digits.x))));
        let (seen, unseen) = (accuracy(&train), accuracy(&held_out));
        record! { held_out_accuracy: unseen, train_accuracy: seen, gap: seen - unseen }
    })
    .case(record! { seed: 0_usize })
    .case(record! { seed: 1_usize })
}
