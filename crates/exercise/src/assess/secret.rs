//! Trying a function for a mark: what a student can try at home, and inputs that nobody could know.
//!
//! All inputs come in an order of their own, and some come again, to a process that has been asked nothing else: an answer that
//! depends on how often or when a function is called is wrong.

use std::time::Duration;

use super::{
    DRAWN_FROM, Known, Seen, Tried, first_broken, first_wrong, input_shown, plain, recognise,
    try_all, try_one, wrong,
};
use crate::{Asked, Complaint, Question, Random, State, Text, Value, both};

/// How many inputs come again.
const AGAIN: usize = 2;

/// What a mark asks more.
pub(crate) struct Secret {
    /// What the inputs come from, their order, and those of the properties.
    pub(crate) seed: u64,
    /// The inputs, with what the solution answers; nothing where the answer must reach bounds.
    pub(crate) cases: Vec<(Value, Option<Value>)>,
    /// The same question to another process of the same program.
    pub(crate) again: Question,
    /// How long it may take.
    pub(crate) limit: Duration,
}

/// The secret inputs that come of `seed`. Where a question has only public ones, whose result depends on the seed of a training,
/// that seed is another one.
pub(crate) fn inputs(asked: &Asked, question: &Question, seed: u64) -> Vec<Value> {
    let drawn = question.drawn(seed);
    if !drawn.is_empty() || !asked.tolerance.is_bounds() {
        return drawn;
    }
    let another = |input: &Value| match input {
        Value::Record(fields) if fields.iter().any(|(name, _)| name == "seed") => {
            let fields = fields.iter().map(|(name, value)| match name.as_str() {
                // Not among the small numbers that people try.
                "seed" => (
                    name.clone(),
                    Value::Number((1_000 + seed % 1_000_000) as f64),
                ),
                _ => (name.clone(), value.clone()),
            });
            Some(Value::Record(fields.collect()))
        }
        _ => None,
    };
    question
        .cases()
        .first()
        .and_then(another)
        .into_iter()
        .collect()
}

pub(super) fn examine(
    asked: &Asked,
    question: &Question,
    known: &Known,
    secret: Secret,
    trying: &Tried,
) -> State {
    let cases = question.cases();
    let expected = known.answers.answers(question.name);
    if expected.len() != cases.len() {
        return wrong(plain(format!(
            "`{}` has {} public inputs and {} answers in the snapshot",
            question.name,
            cases.len(),
            expected.len()
        )));
    }
    let public = cases.len();
    let all: Vec<(Value, Option<Value>)> = (cases.iter().cloned())
        .zip(expected.into_iter().cloned().map(Some))
        .chain(secret.cases)
        .collect();

    let mut rng = Random::new(secret.seed);
    let mut order: Vec<usize> = (0..all.len()).collect();
    rng.shuffle(&mut order);
    let mut got: Vec<Option<Result<Value, String>>> = vec![None; all.len()];
    for &k in &order {
        trying.set(&all[k].0);
        match try_one(question, &all[k].0) {
            Ok(answer) => got[k] = Some(answer),
            Err(state) => return state,
        }
    }
    let seen: Vec<Seen> = (all.into_iter().zip(got))
        .filter_map(|((input, expected), got)| {
            let got = got?;
            Some(Seen {
                input,
                expected,
                got,
            })
        })
        .collect();

    let complaint = first_wrong(asked, question, &seen[..public]).or_else(|| {
        // The smallest input is the easiest to follow.
        let mut by_size: Vec<&Seen> = seen[public..].iter().collect();
        by_size.sort_by_key(|seen| seen.input.size());
        first_wrong(&with_slack(asked), question, by_size)
    });
    let complaint = match complaint {
        Some(complaint) => Some(complaint),
        None => match first_broken(question, secret.seed.wrapping_add(1), trying) {
            Some(State::Wrong(complaint)) => Some(*complaint),
            Some(state) => return state,
            None => None,
        },
    };
    if let Some(complaint) = complaint {
        let mistake = usual(asked, question, known, seen, public, trying);
        return wrong(Complaint {
            mistake: mistake.or(complaint.mistake),
            ..complaint
        });
    }
    // A training takes long, and its result need not be the same to the last digit.
    if asked.tolerance.is_bounds() {
        return State::Right;
    }
    for seen in order.iter().rev().take(AGAIN).filter_map(|k| seen.get(*k)) {
        trying.set(&seen.input);
        let before = seen.answer();
        let after = match try_one(&secret.again, &seen.input) {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => "panic".into(),
            Err(state) => return state,
        };
        if let Some(difference) = asked.tolerance.difference(&after, &before) {
            let shown = |value: &Value| both(|lang| value.shown(question.asking.words(), lang));
            return wrong(Complaint {
                input: input_shown(question, &seen.input),
                tried: Some(seen.input.clone()),
                says: Some(Text::new(
                    "la misma entrada da otro resultado la segunda vez",
                    "the same input gives another result the second time",
                )),
                place: Some(question.asking.place(&difference.place))
                    .filter(|place| !place.es.is_empty()),
                expected: Some(shown(&difference.expected)),
                got: Some(shown(&difference.got)),
                ..Complaint::default()
            });
        }
    }
    State::Right
}

/// What explains the wrong answers. Usual mistakes are known by what they answer to the sealed inputs, which are asked only now.
fn usual(
    asked: &Asked,
    question: &Question,
    known: &Known,
    mut seen: Vec<Seen>,
    public: usize,
    trying: &Tried,
) -> Option<(String, Text)> {
    let secret = seen.split_off(public);
    let drawn = question.drawn(DRAWN_FROM);
    if let Some(expected) = known.sealed.answers(question.name, &drawn) {
        let drawn = drawn.into_iter().zip(expected.into_iter().map(Some));
        try_all(question, drawn, &mut seen, trying).ok()?;
    }
    seen.extend(secret);
    recognise(asked, question, known, &seen)
}

/// Bounds hold for the public seeds, where everybody can see that they do; another seed may be a little worse.
fn with_slack(asked: &Asked) -> Asked {
    let mut asked = asked.clone();
    let slack = asked.tolerance.atol;
    for bound in asked.tolerance.at_least.values_mut() {
        *bound -= slack;
    }
    for bound in asked.tolerance.at_most.values_mut() {
        *bound += slack;
    }
    asked
}
