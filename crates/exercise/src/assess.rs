//! Trying a function: public inputs against the snapshot, then properties, then drawn inputs against the sealed answers.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

mod secret;

pub(crate) use secret::{Secret, inputs as secret_inputs};

use crate::{
    Asked, Exercise, Question, Text, Tolerance, Value, both,
    changes::changes,
    explain::{Case, Near, at_zero, explain, locate},
    panics,
    question::Property,
    quietly::{Stop, quietly},
    sealed::{RECOGNISED_BY, Sealed, WAYS, way_of},
    shapes,
    snapshot::Snapshot,
};

/// Longer than any right answer takes; a loop without end is stopped by it.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// The same where a network is trained, maybe a larger one than the reference.
const TRAINING_LIMIT: Duration = Duration::from_secs(120);

/// After a wrong answer, how long a function may have taken so far to be asked for more.
const PATIENCE: Duration = Duration::from_secs(2);

/// The seed of the inputs whose answers are sealed.
pub(crate) const DRAWN_FROM: u64 = 5;

/// What became of one question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// The function's name.
    pub question: String,
    /// What it is worth.
    pub points: u32,
    /// Whether it is right.
    pub state: State,
}

/// Whether an answer is right.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Right: it earns its points.
    Right,
    /// Still a `todo!`; the id is that of the exercise to solve first, which may be another one.
    NotDone(String),
    /// Wrong, and how.
    Wrong(Box<Complaint>),
}

/// What is wrong with an answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Complaint {
    /// The input on which it showed.
    pub input: Option<Text>,
    /// The same as it was given.
    #[serde(skip)]
    pub(crate) tried: Option<Value>,
    /// The property that does not hold, or what happened instead of an answer.
    pub says: Option<Text>,
    /// The part of the answer that is wrong, for answers of several numbers.
    pub place: Option<Text>,
    /// What was expected.
    pub expected: Option<Text>,
    /// What came.
    pub got: Option<Text>,
    /// The usual mistake that gives just these answers, or what explains all of them: its name and what it says.
    pub mistake: Option<(String, Text)>,
}

impl Verdict {
    /// The points earned.
    pub fn earned(&self) -> u32 {
        match self.state {
            State::Right => self.points,
            _ => 0,
        }
    }

    /// The name of the usual mistake that was recognised.
    pub fn mistake(&self) -> Option<&str> {
        match &self.state {
            State::Wrong(complaint) => complaint.mistake.as_ref().map(|(name, _)| name.as_str()),
            _ => None,
        }
    }
}

/// What is known of the answers to an exercise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Those to the public inputs.
    pub(crate) answers: Snapshot,
    /// Those to drawn inputs, and what mistakes answer.
    pub(crate) sealed: Sealed,
}

/// Tries `question` in a thread of its own, so that a loop without end cannot hold up the rest.
/// Also what it answered to the public inputs, where a panic reads as the word `panic`.
pub(crate) fn assess(
    exercise: &Exercise,
    question: Question,
    known: &Known,
) -> (Verdict, Vec<Value>) {
    assess_by(exercise, question, known, None)
}

/// The same for a mark, where there is more to ask.
pub(crate) fn assess_by(
    exercise: &Exercise,
    question: Question,
    known: &Known,
    secret: Option<Secret>,
) -> (Verdict, Vec<Value>) {
    let name = question.name;
    let Some(asked) = exercise.questions.iter().find(|q| q.name == name).cloned() else {
        let says = format!("{} has no question `{name}`", exercise.id);
        let verdict = Verdict {
            question: name.to_owned(),
            points: 0,
            state: wrong(plain(says)),
        };
        return (verdict, Vec::new());
    };
    let points = asked.points;
    let known = known.clone();
    let limit = match &secret {
        Some(secret) => secret.limit,
        None if asked.tolerance.is_bounds() => TRAINING_LIMIT,
        None => TIME_LIMIT,
    };
    let (send, receive) = mpsc::channel();
    let tried = Tried::default();
    let trying = tried.clone();
    let words = question.asking.words().to_vec();
    thread::spawn(move || {
        // The receiver is gone only after the time limit, and then nobody waits for the state.
        let _ = send.send(match secret {
            Some(secret) => {
                let state = secret::examine(&asked, &question, &known, secret, &trying);
                (state, Vec::new())
            }
            None => examine(&asked, &question, &known, &trying),
        });
    });
    let (state, answers) = receive.recv_timeout(limit).unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        let last = tried.last();
        let shown = |input: &Value| both(|lang| input.shown(&words, lang));
        let state = wrong(Complaint {
            input: last
                .as_ref()
                .map(shown)
                .filter(|shown| !shown.es.is_empty()),
            tried: last,
            says: Some(Text::new(
                format!("lleva más de {seconds} s sin terminar: ¿hay un bucle sin fin?"),
                format!("it has run for more than {seconds} s: is there a loop without end?"),
            )),
            ..Complaint::default()
        });
        (state, Vec::new())
    });
    let verdict = Verdict {
        question: name.to_owned(),
        points,
        state,
    };
    (verdict, answers)
}

/// One input, what should come and what came: an answer or the message of a panic.
struct Seen {
    input: Value,
    expected: Option<Value>,
    got: Result<Value, String>,
}

fn examine(
    asked: &Asked,
    question: &Question,
    known: &Known,
    trying: &Tried,
) -> (State, Vec<Value>) {
    let begun = Instant::now();
    let cases = &question.asking.cases;
    let mut seen = Vec::new();
    let expected: Vec<Option<Value>> = match known.answers.answers(question.name) {
        answers if answers.len() == cases.len() => answers.into_iter().cloned().map(Some).collect(),
        _ => vec![None; cases.len()],
    };
    let stale = expected.iter().any(Option::is_none);
    if let Err(state) = try_all(
        question,
        cases.iter().cloned().zip(expected),
        &mut seen,
        trying,
    ) {
        return (state, Vec::new());
    }
    let answers: Vec<Value> = seen.iter().map(Seen::answer).collect();
    if stale {
        let says = format!(
            "`{}` has {} public inputs and {} answers in the snapshot: INSTA_UPDATE=always cargo test",
            question.name,
            cases.len(),
            known.answers.answers(question.name).len()
        );
        return (wrong(plain(says)), answers);
    }
    let public = first_wrong(asked, question, &seen);
    let broken = match public {
        Some(_) => None,
        None => first_broken(question, DRAWN_FROM + 1, trying),
    };
    if let Some(State::NotDone(_)) = broken {
        return (broken.unwrap_or(State::Right), answers);
    }
    // After a wrong answer the drawn inputs only serve to explain it, and a slow function is not asked so often.
    let so_far = public.is_some() || broken.is_some();
    if !so_far || begun.elapsed() < PATIENCE {
        let drawn = question.drawn(DRAWN_FROM);
        match known.sealed.answers(question.name, &drawn) {
            Some(expected) => {
                let drawn = drawn.into_iter().zip(expected.into_iter().map(Some));
                if let Err(state) = try_all(question, drawn, &mut seen, trying)
                    && !so_far
                {
                    return (state, answers);
                }
            }
            None if drawn.is_empty() || so_far => {}
            None => {
                let says = format!(
                    "`{}` has no sealed answers to what is drawn: INSTA_UPDATE=always cargo test",
                    question.name
                );
                return (wrong(plain(says)), answers);
            }
        }
    }
    let complaint = match (public, broken) {
        (Some(complaint), _) => Some(complaint),
        (None, Some(State::Wrong(complaint))) => Some(*complaint),
        _ => {
            // The smallest input is the easiest to follow.
            let mut by_size: Vec<&Seen> = seen.iter().collect();
            by_size.sort_by_key(|seen| seen.input.size());
            first_wrong(asked, question, by_size)
        }
    };
    let state = match complaint {
        None => State::Right,
        Some(complaint) => wrong(Complaint {
            mistake: recognise(asked, question, known, &seen).or(complaint.mistake),
            ..complaint
        }),
    };
    (state, answers)
}

/// Asks for the answers to these inputs; an error when it is not done yet, or when the program has ended.
fn try_all(
    question: &Question,
    inputs: impl Iterator<Item = (Value, Option<Value>)>,
    seen: &mut Vec<Seen>,
    trying: &Tried,
) -> Result<(), State> {
    for (input, expected) in inputs {
        trying.set(&input);
        let got = try_one(question, &input)?;
        seen.push(Seen {
            input,
            expected,
            got,
        });
    }
    Ok(())
}

/// An answer or the message of a panic; an error as with [`try_all`].
fn try_one(question: &Question, input: &Value) -> Result<Result<Value, String>, State> {
    match quietly(|| question.ask(input)) {
        Ok(answer) => Ok(Ok(answer)),
        Err(Stop::NotDone(id)) => Err(State::NotDone(id)),
        Err(Stop::Ended(complaint)) => Err(ended(question, input, *complaint)),
        Err(Stop::Panic(message)) => Ok(Err(message)),
    }
}

impl Seen {
    fn answer(&self) -> Value {
        match &self.got {
            Ok(answer) => answer.clone(),
            Err(_) => "panic".into(),
        }
    }
}

fn first_wrong<'a>(
    asked: &Asked,
    question: &Question,
    seen: impl IntoIterator<Item = &'a Seen>,
) -> Option<Complaint> {
    let asking = &question.asking;
    let seen: Vec<&Seen> = seen.into_iter().collect();
    let panic = seen.iter().find_map(|seen| match &seen.got {
        Err(message) => Some(panicked(question, &seen.input, message)),
        Ok(_) => None,
    });
    panic.or_else(|| {
        seen.iter().find_map(|seen| {
            let (got, expected) = (seen.got.as_ref().ok()?, seen.expected.as_ref()?);
            let shown = |value: &Value| both(|lang| value.shown(asking.words(), lang));
            let complaint = Complaint {
                input: input_shown(question, &seen.input),
                tried: Some(seen.input.clone()),
                ..Complaint::default()
            };
            if asked.tolerance.is_bounds() {
                let (field, bound) = asked.tolerance.missed(got)?;
                let (called, came) = (asking.place(field), got.get(field).clone());
                return Some(Complaint {
                    expected: Some(both(|lang| {
                        format!("{}: {}", called.get(lang), bound.get(lang))
                    })),
                    got: Some(both(|lang| {
                        format!("{}: {}", called.get(lang), shown(&came).get(lang))
                    })),
                    ..complaint
                });
            }
            let difference = asked.tolerance.difference(got, expected)?;
            Some(Complaint {
                place: Some(asking.place(&difference.place)).filter(|place| !place.es.is_empty()),
                expected: Some(shown(&difference.expected)),
                got: Some(shown(&difference.got)),
                ..complaint
            })
        })
    })
}

fn input_shown(question: &Question, input: &Value) -> Option<Text> {
    let shown = both(|lang| input.shown(question.asking.words(), lang));
    Some(shown).filter(|shown| !shown.es.is_empty())
}

/// The usual mistake that answers just this, on all inputs that tell mistakes apart; or else what explains all answers.
fn recognise(
    asked: &Asked,
    question: &Question,
    known: &Known,
    seen: &[Seen],
) -> Option<(String, Text)> {
    let Tolerance { rtol, atol, .. } = asked.tolerance;
    let (name, cases) = (&asked.name, &question.asking.cases);
    let drawn = question.drawn(DRAWN_FROM);
    // The public inputs and the first drawn ones tell mistakes apart.
    let telling = seen.get(..cases.len() + drawn.len().min(RECOGNISED_BY))?;
    let answers: Vec<Value> = telling.iter().map(Seen::answer).collect();
    let inputs: Vec<Value> = telling.iter().map(|seen| seen.input.clone()).collect();
    let is = |mark: char, mistake: &str| match asked.tolerance.is_coarse() {
        true => {
            let kept = known
                .sealed
                .answers(&format!("{name}={mark}{mistake}"), &inputs);
            kept.is_some_and(|kept| {
                (answers.iter().zip(&kept))
                    .all(|(got, kept)| got.difference(kept, rtol, atol).is_none())
            })
        }
        false => (known.sealed).is_mistake(&format!("{name}{mark}{mistake}"), &answers, rtol, atol),
    };
    let usual = (asked.mistakes.iter())
        .find(|mistake| (0..WAYS).any(|way| is('/', &way_of(&mistake.name, way))));
    if let Some(mistake) = usual {
        return Some((mistake.name.clone(), mistake.text.clone()));
    }
    if asked.tolerance.is_bounds() {
        return None;
    }
    let explained: Option<Vec<Case>> = (seen.iter())
        .map(|seen| {
            Some(Case {
                input: seen.input.clone(),
                expected: seen.expected.clone()?,
                got: seen.got.clone().ok()?,
            })
        })
        .collect();
    let near = Near { rtol, atol };
    let asking = &question.asking;
    let done = (explained.as_ref())
        .and_then(|cases| explain(cases, near, asking).or_else(|| at_zero(cases, near)));
    if done.is_some() {
        return done;
    }
    let mut changed = changes(cases, &drawn)
        .into_iter()
        .filter(|change| is('~', &change.name));
    match (changed.next(), changed.next()) {
        (Some(change), None) => Some((change.name, change.says)),
        // What two explain is not explained.
        (Some(_), Some(_)) => None,
        (None, _) => locate(&explained?, near, asking),
    }
}

/// The first property that does not hold, on other inputs than those whose answers are sealed.
fn first_broken(question: &Question, seed: u64, trying: &Tried) -> Option<State> {
    (question.asking.properties.iter())
        .find_map(|property| try_property(question, property, seed, trying).err())
}

fn try_property(
    question: &Question,
    property: &Property,
    seed: u64,
    trying: &Tried,
) -> Result<(), State> {
    // The smallest first, for the message.
    let mut inputs = question.drawn(seed);
    inputs.sort_by_key(Value::size);
    if inputs.is_empty() {
        inputs.push(Value::Record(Vec::new()));
    }
    for input in inputs {
        trying.set(&input);
        match quietly(|| (property.holds)(&*question.call, &input)) {
            Ok(Ok(())) => {}
            Ok(Err(seen)) => {
                return Err(wrong(Complaint {
                    input: input_shown(question, &input),
                    tried: Some(input.clone()),
                    says: Some(property.says.clone()),
                    expected: Some(seen.expected),
                    got: Some(seen.got),
                    ..Complaint::default()
                }));
            }
            Err(Stop::Panic(message)) => return Err(wrong(panicked(question, &input, &message))),
            Err(Stop::Ended(complaint)) => return Err(ended(question, &input, *complaint)),
            Err(Stop::NotDone(id)) => return Err(State::NotDone(id)),
        }
    }
    Ok(())
}

/// The program has ended, and with it all other calls.
fn ended(question: &Question, input: &Value, complaint: Complaint) -> State {
    wrong(Complaint {
        input: input_shown(question, input),
        tried: Some(input.clone()),
        ..complaint
    })
}

/// A message for instructors.
fn plain(says: String) -> Complaint {
    Complaint {
        says: Some(Text::new(&says, &says)),
        ..Complaint::default()
    }
}

/// The input that is being tried, for the message when it never ends.
#[derive(Clone, Default)]
struct Tried(Arc<Mutex<Option<Value>>>);

impl Tried {
    fn set(&self, input: &Value) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(input.clone());
    }

    fn last(&self) -> Option<Value> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn wrong(complaint: Complaint) -> State {
    State::Wrong(Box::new(complaint))
}

fn panicked(question: &Question, input: &Value, message: &str) -> Complaint {
    Complaint {
        input: input_shown(question, input),
        tried: Some(input.clone()),
        says: Some(shapes::in_words(message).unwrap_or_else(|| panics::in_words(message))),
        ..Complaint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::double;

    const DECLARATION: &str = r#"
id = "lab9.1"
file = "src/exercises/one.rs"
points = 3
title = { es = "Doble", en = "Double" }
statement = { es = "El doble.", en = "Twice." }
hints = [{ es = "a", en = "a" }, { es = "b", en = "b" }]
tolerance = { rtol = 1e-5, why = { es = "seis cifras", en = "six digits" } }

[[questions]]
name = "double"
points = 3
mistakes = [
    { name = "square", es = "cuadrado", en = "square" },
    { name = "positive", es = "positivo", en = "positive" },
]
"#;

    fn state(f: impl Fn(f64) -> f64 + Send + 'static) -> State {
        let exercise = Exercise::parse("1.toml", DECLARATION).expect("it is complete");
        let mut known = Known {
            answers: Snapshot::parse("double {\"x\":1} => 2\ndouble {\"x\":3} => 6\n"),
            ..Known::default()
        };
        let drawn = double(|x| x).drawn(DRAWN_FROM);
        let right: Vec<_> = drawn.iter().map(|i| double(|x| 2.0 * x).ask(i)).collect();
        known.sealed.keep_answers("double", &drawn, &right);
        for (label, mistake) in [
            ("double/square", (|x| x * x) as fn(f64) -> f64),
            ("double/positive", |x| 2.0 * x.abs()),
        ] {
            let mistake = double(mistake);
            let inputs = mistake
                .cases()
                .iter()
                .chain(drawn.iter().take(RECOGNISED_BY));
            let answers: Vec<_> = inputs.map(|i| mistake.ask(i)).collect();
            known.sealed.keep_mistake(label, &answers);
        }
        assess(&exercise, double(f), &known).0.state
    }

    fn complaint(f: impl Fn(f64) -> f64 + Send + 'static) -> Complaint {
        match state(f) {
            State::Wrong(complaint) => *complaint,
            other => panic!("not wrong but {other:?}"),
        }
    }

    #[test]
    fn right_is_right_and_a_stub_is_not_done() {
        assert!(matches!(state(|x| 2.0 * x), State::Right));
        assert!(matches!(state(|_| todo!("lab9.4")), State::NotDone(id) if id == "lab9.4"));
    }

    #[test]
    fn a_usual_mistake_is_known_by_its_numbers() {
        let squared = complaint(|x| x * x);
        assert_eq!(squared.expected.expect("shown").es, "2");
        assert_eq!(squared.got.expect("shown").es, "1");
        assert_eq!(squared.mistake.expect("known").0, "square");
        assert!(complaint(|x| x + x.sin()).mistake.is_none());
    }

    #[test]
    fn a_property_shows_a_small_input_and_its_mistake() {
        let complaint = complaint(|x| 2.0 * x.abs());
        assert_eq!(complaint.says.expect("said").es, "impar");
        assert_eq!(complaint.mistake.expect("known").0, "positive");
        assert!(complaint.input.expect("an input").en.starts_with("x = "));
    }

    #[test]
    fn what_nobody_foresaw_is_explained() {
        let complaint = complaint(|x| -2.0 * x);
        assert_eq!(complaint.mistake.expect("explained").0, "sign");
    }

    #[test]
    fn a_table_of_the_public_inputs_is_wrong() {
        let table = complaint(|x| {
            if x == 1.0 || x == 3.0 {
                2.0 * x
            } else {
                2.1 * x
            }
        });
        assert!(table.expected.is_some() && table.mistake.is_none());
    }

    #[test]
    fn a_panic_is_a_wrong_answer_with_its_place() {
        let complaint = complaint(|x| {
            let few = [0.0, 2.0];
            few[x as usize]
        });
        let says = complaint.says.expect("said").en;
        assert!(
            says.contains("out of bounds") && says.contains("assess.rs:"),
            "{says}"
        );
        assert_eq!(complaint.input.expect("an input").en, "x = 3");
    }
}
