//! Trying a function: public inputs against the snapshot, then the properties on drawn inputs.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, Once, PoisonError, mpsc},
    thread,
    time::Duration,
};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde::{Deserialize, Serialize};

use crate::{
    Asked, Exercise, Question, Text, Tolerance, Value, question::Property, snapshot::Snapshot,
};

/// Longer than any right answer takes; a loop without end is stopped by it.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// The same where a network is trained, maybe a larger one than the reference.
const TRAINING_LIMIT: Duration = Duration::from_secs(120);

/// How often a property is tried.
const TRIES: u32 = 64;

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
    pub input: Option<String>,
    /// The property that does not hold, or what happened instead of an answer.
    pub says: Option<Text>,
    /// The part of the answer that is wrong, for answers of several numbers.
    pub place: Option<String>,
    /// What was expected.
    pub expected: Option<String>,
    /// What came.
    pub got: Option<String>,
    /// The usual mistake that gives just these answers: its name and what it says.
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

/// Tries `question` in a thread of its own, so that a loop without end cannot hold up the rest.
pub(crate) fn assess(
    exercise: &Exercise,
    question: Question,
    expected: &Snapshot,
    mistakes: &Snapshot,
) -> (Verdict, Vec<Value>) {
    let name = question.name;
    let Some(asked) = exercise.questions.iter().find(|q| q.name == name).cloned() else {
        let says = format!("{} has no question `{name}`", exercise.id);
        let verdict = Verdict {
            question: name.to_owned(),
            points: 0,
            state: wrong(Complaint {
                says: Some(Text::new(&says, &says)),
                ..Complaint::default()
            }),
        };
        return (verdict, Vec::new());
    };
    let points = asked.points;
    let (expected, mistakes) = (expected.clone(), mistakes.clone());
    let limit = if asked.tolerance.is_bounds() {
        TRAINING_LIMIT
    } else {
        TIME_LIMIT
    };
    let (send, receive) = mpsc::channel();
    let tried = Tried::default();
    let trying = tried.clone();
    thread::spawn(move || {
        // The receiver is gone only after the time limit, and then nobody waits for the state.
        let _ = send.send(examine(&asked, &question, &expected, &mistakes, &trying));
    });
    let (state, answers) = receive.recv_timeout(limit).unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        let state = wrong(Complaint {
            input: tried.last(),
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

/// The state of the question and its answers to the public inputs, where a panic reads as the word `panic`.
fn examine(
    asked: &Asked,
    question: &Question,
    expected: &Snapshot,
    mistakes: &Snapshot,
    trying: &Tried,
) -> (State, Vec<Value>) {
    let mut answers = Vec::new();
    let mut panic = None;
    for input in &question.cases {
        trying.set(input);
        match quietly(|| (question.call)(input)) {
            Ok(answer) => answers.push(answer),
            Err(Stop::NotDone(id)) => return (State::NotDone(id), answers),
            Err(Stop::Ended(complaint)) => return (State::Wrong(complaint), answers),
            Err(Stop::Panic(message)) => {
                panic.get_or_insert_with(|| panicked(input, &message));
                answers.push("panic".into());
            }
        }
    }
    let expected = expected.answers(question.name);
    let state = if expected.len() != question.cases.len() {
        let says = format!(
            "`{}` has {} public inputs and {} answers in the snapshot: INSTA_UPDATE=always cargo test",
            question.name,
            question.cases.len(),
            expected.len()
        );
        wrong(Complaint {
            says: Some(Text::new(&says, &says)),
            ..Complaint::default()
        })
    } else if let Some(complaint) =
        panic.or_else(|| first_difference(asked, question, &answers, &expected))
    {
        wrong(Complaint {
            mistake: recognise(asked, &answers, mistakes),
            ..complaint
        })
    } else {
        let broken = (question.properties.iter())
            .find_map(|property| try_property(asked, question, property, trying).err());
        broken.unwrap_or(State::Right)
    };
    (state, answers)
}

fn first_difference(
    asked: &Asked,
    question: &Question,
    answers: &[Value],
    expected: &[&Value],
) -> Option<Complaint> {
    (question.cases.iter().zip(answers).zip(expected)).find_map(|((input, answer), expected)| {
        let difference = asked.tolerance.difference(answer, expected)?;
        Some(Complaint {
            input: Some(input.to_string()).filter(|input| !input.is_empty()),
            place: Some(difference.place).filter(|place| !place.is_empty()),
            expected: Some(difference.expected.to_string()),
            got: Some(difference.got.to_string()),
            ..Complaint::default()
        })
    })
}

/// The input that is being tried, for the message when it never ends.
#[derive(Clone, Default)]
struct Tried(Arc<Mutex<Option<Value>>>);

impl Tried {
    fn set(&self, input: &Value) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(input.clone());
    }

    fn last(&self) -> Option<String> {
        let input = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        input
            .as_ref()
            .map(Value::to_string)
            .filter(|input| !input.is_empty())
    }
}

/// The usual mistake whose recorded answers are the given ones, on every public input.
pub(crate) fn recognise(
    asked: &Asked,
    given: &[Value],
    mistakes: &Snapshot,
) -> Option<(String, Text)> {
    let Tolerance { rtol, atol, .. } = asked.tolerance;
    asked.mistakes.iter().find_map(|mistake| {
        let recorded = mistakes.answers(&format!("{}/{}", asked.name, mistake.name));
        let same = recorded.len() == given.len()
            && given
                .iter()
                .zip(recorded)
                .all(|(got, recorded)| got.difference(recorded, rtol, atol).is_none());
        same.then(|| (mistake.name.clone(), mistake.text.clone()))
    })
}

fn try_property(
    asked: &Asked,
    question: &Question,
    property: &Property,
    trying: &Tried,
) -> Result<(), State> {
    let config = Config {
        cases: TRIES,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let judge = |input: &Value| {
        trying.set(input);
        quietly(|| (property.holds)(&*question.call, input))
    };
    let tried =
        TestRunner::new_with_rng(config, rng).run(&question.inputs, |input| match judge(&input) {
            Ok(Ok(())) => Ok(()),
            _ => Err(TestCaseError::fail("it does not hold")),
        });
    let Err(TestError::Fail(_, input)) = tried else {
        return Ok(());
    };
    let mistake = (property.mistake)
        .and_then(|name| asked.mistakes.iter().find(|m| m.name == name))
        .map(|m| (m.name.clone(), m.text.clone()));
    let complaint = Complaint {
        input: Some(input.to_string()).filter(|input| !input.is_empty()),
        says: Some(property.says.clone()),
        mistake,
        ..Complaint::default()
    };
    // Judged once more on the smallest input that proptest found, for the details.
    Err(match judge(&input) {
        Ok(Err(seen)) => wrong(Complaint {
            expected: Some(seen.expected),
            got: Some(seen.got),
            ..complaint
        }),
        Ok(Ok(())) => wrong(Complaint {
            says: Some(Text::new(
                "la misma entrada da unas veces una respuesta y otras veces otra",
                "the same input gives now one answer, now another",
            )),
            ..complaint
        }),
        Err(Stop::Panic(message)) => wrong(panicked(&input, &message)),
        Err(Stop::NotDone(id)) => State::NotDone(id),
        Err(Stop::Ended(complaint)) => State::Wrong(complaint),
    })
}

fn wrong(complaint: Complaint) -> State {
    State::Wrong(Box::new(complaint))
}

fn panicked(input: &Value, message: &str) -> Complaint {
    Complaint {
        input: Some(input.to_string()).filter(|input| !input.is_empty()),
        says: Some(Text::new(
            format!("el código se detuvo con un pánico: {message}"),
            format!("the code stopped with a panic: {message}"),
        )),
        ..Complaint::default()
    }
}

/// Why a call gave no answer.
pub(crate) enum Stop {
    /// It reached `todo!("<id>")`.
    NotDone(String),
    /// It panicked: message and place.
    Panic(String),
    /// Its process ended, and with it all other calls.
    Ended(Box<Complaint>),
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs student code without letting a panic reach the screen or the caller.
pub(crate) fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, Stop> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                let place = info
                    .location()
                    .map(|at| format!("{}:{}", at.file(), at.line()));
                PLACE.set(place);
            } else {
                others(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    QUIET.set(before);
    result.map_err(|payload| {
        let payload = match payload.downcast::<Complaint>() {
            Ok(complaint) => return Stop::Ended(complaint),
            Err(payload) => payload,
        };
        let message = payload
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        match message.strip_prefix("not yet implemented") {
            // `todo!("lab1.3")` panics with "not yet implemented: lab1.3".
            Some(rest) => Stop::NotDone(rest.trim_start_matches([':', ' ']).to_owned()),
            None => Stop::Panic(match PLACE.take() {
                Some(place) => format!("{message} ({place})"),
                None => message,
            }),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{near, record};
    use proptest::strategy::Strategy;

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

    fn double(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
        Question::new("double", move |i| f(i.get("x").number()).into())
            .case(record! { x: 1.0 })
            .case(record! { x: 3.0 })
            .inputs((-10.0..10.0).prop_map(|x| record! { x: x }))
            .property("impar", "odd", |f, i| {
                near(f(&record! { x: -i.get("x").number() }), -f(i).number())
            })
            .names_mistake("positive")
    }

    fn state(f: impl Fn(f64) -> f64 + Send + 'static) -> State {
        let exercise = Exercise::parse("1.toml", DECLARATION).expect("it is complete");
        let expected = Snapshot::parse("double {\"x\":1} => 2\ndouble {\"x\":3} => 6\n");
        let mistakes =
            Snapshot::parse("double/square {\"x\":1} => 1\ndouble/square {\"x\":3} => 9\n");
        assess(&exercise, double(f), &expected, &mistakes).0.state
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
        assert_eq!(squared.expected.as_deref(), Some("2"));
        assert_eq!(squared.got.as_deref(), Some("1"));
        assert_eq!(squared.mistake.expect("known").0, "square");
        assert!(complaint(|x| x + 5.0).mistake.is_none());
    }

    #[test]
    fn a_property_shows_a_small_input_and_its_mistake() {
        let complaint = complaint(|x| 2.0 * x.abs());
        assert_eq!(complaint.says.expect("said").es, "impar");
        assert_eq!(complaint.mistake.expect("known").0, "positive");
        assert!(complaint.input.expect("an input").starts_with("x = "));
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
        assert_eq!(complaint.input.as_deref(), Some("x = 3"));
    }
}
