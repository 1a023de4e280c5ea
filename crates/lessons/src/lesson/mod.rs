//! The exercises of the lessons, with instant checks: `check("02.1", answer)` says whether an answer is right, names the usual
//! mistake that leads to a wrong one, and `hint("02.1")` helps. Nothing here needs a kernel of our own.
//!
//! ```
//! use gradus::prelude::*;
//! println!("{}", check("08.1", 0.0));
//! println!("{}", hint("08.1"));
//! ```
//!
//! # To add an exercise
//! The notebook asks; the file `bNN.rs` of the lesson holds what is right, the usual mistakes, the hints and why it is so, each
//! text in Spanish and then in English:
//!
//! ```ignore
//! exercise("02.1", number(0.2 * 3.0))
//!     .mistake(number(-0.6), "Has cambiado el signo: …", "You changed the sign: …")
//!     .hint("La derivada de w² es …", "The derivative of w² is …")
//!     .why("Porque …", "Because …"),
//! exercise("02.2", choice("b"))          // check("02.2", "b"): every other option is a `mistake` with its own answer
//! exercise("02.3", count(938))           // exactly that many
//! exercise("02.4", near(0.35, 0.05))     // read off a figure: within ±0.05
//! exercise("02.5", list([0.1, 0.2]))     // check("02.5", [0.1, 0.2])
//! exercise("02.6", function(|x| vec![2.0 * x[0]]))          // check_fn("02.6", |x| 2.0 * x); check_fn2, check_fn3 for more arguments
//!     .case(&[0.0]).case(&[1.5]).case(&[-2.0])              // where it is compared, at least three
//!     .mistake(function(|x| vec![x[0]]), "…", "…")
//! ```
//!
//! # To add a prediction
//! It stands in the same file, among the `predictions`, with a letter: `exercise("02.A", choice("b"))`, a `mistake` for each other
//! option, which says what speaks against it, and a `why`. Its cell in the notebook is `predict("02.A", "?")`, and the experiment's
//! ends with `reveal("02.A", …)`.
//!
//! After either, `GRADUS_GUIDE=write cargo test --release -p gradus-lessons guide` brings the teacher's guide up to date.
//!
//! A `number` may be rounded to three significant figures. Texts are plain, with code between backquotes.

mod b00;
mod b01;
mod b02;
mod b03;
mod b04;
mod b05;
mod b06;
mod b07;
mod b08;
mod b09;
mod b10;
mod b11;
mod b12;
mod b13;
mod b14;
mod b15;
mod b16;
mod exercise;
#[cfg(test)]
mod guide;
mod predict;

use std::fmt;

use exercise::{Exercise, Given};
use gradus_text::Language;
use gradus_text::display::Show;
use gradus_text::html::escape;
pub use predict::{Prediction, Predictions, Revealed, predict, predictions, reveal};
use serde::{Deserialize, Serialize};

fn bank() -> Vec<Exercise> {
    [
        b00::exercises(),
        b01::exercises(),
        b02::exercises(),
        b03::exercises(),
        b04::exercises(),
        b05::exercises(),
        b06::exercises(),
        b07::exercises(),
        b08::exercises(),
        b09::exercises(),
        b10::exercises(),
        b11::exercises(),
        b12::exercises(),
        b13::exercises(),
        b14::exercises(),
        b15::exercises(),
        b16::exercises(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn predictions_of_all() -> Vec<Exercise> {
    [
        b00::predictions(),
        b01::predictions(),
        b02::predictions(),
        b03::predictions(),
        b04::predictions(),
        b05::predictions(),
        b06::predictions(),
        b07::predictions(),
        b08::predictions(),
        b09::predictions(),
        b10::predictions(),
        b11::predictions(),
        b12::predictions(),
        b13::predictions(),
        b14::predictions(),
        b15::predictions(),
        b16::predictions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The names of all exercises, in order.
pub fn ids() -> Vec<&'static str> {
    bank().iter().map(|exercise| exercise.id).collect()
}

/// The names of all predictions, in order.
pub fn prediction_ids() -> Vec<&'static str> {
    let all = predictions_of_all();
    all.iter().map(|prediction| prediction.id).collect()
}

/// An answer: a number, several numbers, or a text such as the letter of an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// One number.
    Number(f64),
    /// Several numbers, in order.
    List(Vec<f64>),
    /// A text; capitals do not matter.
    Text(String),
}

macro_rules! number_answers {
    ($($number:ty),*) => {$(
        impl From<$number> for Answer {
            fn from(value: $number) -> Answer {
                Answer::Number(value as f64)
            }
        }
        impl From<Vec<$number>> for Answer {
            fn from(values: Vec<$number>) -> Answer {
                values.as_slice().into()
            }
        }
        impl From<&Vec<$number>> for Answer {
            fn from(values: &Vec<$number>) -> Answer {
                values.as_slice().into()
            }
        }
        impl From<&[$number]> for Answer {
            fn from(values: &[$number]) -> Answer {
                Answer::List(values.iter().map(|&value| value as f64).collect())
            }
        }
        impl<const N: usize> From<[$number; N]> for Answer {
            fn from(values: [$number; N]) -> Answer {
                values.as_slice().into()
            }
        }
    )*};
}
number_answers!(f32, f64, i32, i64, u32, u64, usize);

impl From<&str> for Answer {
    fn from(text: &str) -> Answer {
        Answer::Text(text.to_owned())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Answer {
        Answer::Text(text)
    }
}

impl From<char> for Answer {
    fn from(letter: char) -> Answer {
        Answer::Text(letter.to_string())
    }
}

impl From<bool> for Answer {
    fn from(value: bool) -> Answer {
        Answer::Text(value.to_string())
    }
}

/// What an answer is worth. The last expression of a cell shows it; `println!` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    id: String,
    right: bool,
    message: String,
}

/// The hints of an exercise, each folded away until it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hints {
    id: String,
    language: Language,
    texts: Vec<String>,
}

/// Check an answer to the exercise `id`, such as `"02.1"`. A name that does not exist gives a verdict that lists those that do.
pub fn check(id: &str, answer: impl Into<Answer>) -> Verdict {
    verdict(id, Language::current(), |_| Given::Value(answer.into()))
}

/// Check a function of one number. It is compared with the right one at several points.
pub fn check_fn(id: &str, f: impl Fn(f64) -> f64) -> Verdict {
    check_function(id, Some(1), |x| vec![f(x[0])])
}

/// Check a function of two numbers.
pub fn check_fn2(id: &str, f: impl Fn(f64, f64) -> f64) -> Verdict {
    check_function(id, Some(2), |x| vec![f(x[0], x[1])])
}

/// Check a function of three numbers.
pub fn check_fn3(id: &str, f: impl Fn(f64, f64, f64) -> f64) -> Verdict {
    check_function(id, Some(3), |x| vec![f(x[0], x[1], x[2])])
}

/// Check a function of a list of numbers that gives a list.
pub fn check_list_fn(id: &str, f: impl Fn(&[f64]) -> Vec<f64>) -> Verdict {
    check_function(id, None, f)
}

/// Hints for the exercise `id`, one after another.
pub fn hint(id: &str) -> Hints {
    let language = Language::current();
    let texts = match find(id, language) {
        Ok(exercise) => exercise.hints(language),
        Err(problem) => vec![problem],
    };
    Hints {
        id: id.to_owned(),
        language,
        texts,
    }
}

fn check_function(id: &str, arguments: Option<usize>, f: impl Fn(&[f64]) -> Vec<f64>) -> Verdict {
    verdict(id, Language::current(), |exercise| {
        let expected = exercise.cases.first().map_or(0, Vec::len);
        match arguments {
            Some(arguments) if arguments != expected => Given::OtherArguments,
            _ => Given::Values(exercise.cases.iter().map(|case| f(case)).collect()),
        }
    })
}

fn verdict(id: &str, language: Language, given: impl FnOnce(&Exercise) -> Given) -> Verdict {
    let (right, message) = match find(id, language) {
        Ok(exercise) => exercise.judge(&given(&exercise), language),
        Err(problem) => (false, problem),
    };
    Verdict {
        id: id.to_owned(),
        right,
        message,
    }
}

fn find(id: &str, language: Language) -> Result<Exercise, String> {
    find_in(bank(), id, language)
}

fn find_in(mut bank: Vec<Exercise>, id: &str, language: Language) -> Result<Exercise, String> {
    if let Some(at) = bank.iter().position(|exercise| exercise.id == id) {
        return Ok(bank.swap_remove(at));
    }
    let lesson = id.split('.').next().unwrap_or_default();
    let all: Vec<&str> = bank.iter().map(|exercise| exercise.id).collect();
    let of_lesson = |id: &&&str| id.split('.').next() == Some(lesson);
    let mut near: Vec<&str> = all.iter().filter(of_lesson).copied().collect();
    if near.is_empty() {
        near = all;
    }
    let words = language.pick(
        "No hay nada con ese nombre. Lo que hay es:",
        "There is nothing of that name. There are:",
    );
    Err(format!("{words} {}", near.join(", ")))
}

impl Verdict {
    /// Whether the answer is right.
    pub fn is_right(&self) -> bool {
        self.right
    }

    fn sign(&self) -> char {
        if self.right { '✓' } else { '✗' }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.sign(), self.id, self.message)
    }
}

impl Show for Verdict {
    fn forms(&self) -> Vec<(&'static str, String)> {
        let colour = if self.right { "#009e73" } else { "#d55e00" };
        let html = predict::framed(colour, self.sign(), &self.id, &self.message);
        vec![("text/html", html), ("text/plain", self.to_string())]
    }
}

impl fmt::Display for Hints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![format!("{}:", self.id)];
        let numbered = self.texts.iter().enumerate();
        lines.extend(numbered.map(|(i, text)| format!("{}. {text}", i + 1)));
        f.write_str(&lines.join("\n"))
    }
}

impl Show for Hints {
    fn forms(&self) -> Vec<(&'static str, String)> {
        let word = self.language.pick("Pista", "Hint");
        let folded = self.texts.iter().enumerate().map(|(i, text)| {
            format!(
                "<details><summary>{word} {} · {}</summary><p>{}</p></details>",
                i + 1,
                escape(&self.id),
                html(text)
            )
        });
        vec![
            ("text/html", folded.collect()),
            ("text/plain", self.to_string()),
        ]
    }
}

/// Plain text with code between backquotes, as HTML.
fn html(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let shown = parts.map(|(i, part)| match i % 2 {
        0 => escape(part),
        _ => format!("<code>{}</code>", escape(part)),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exercise::Key;

    #[test]
    fn every_exercise_is_complete_and_its_key_is_right() {
        let ids = ids();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted, "names are in order, each once");
        for exercise in bank() {
            exercise
                .lint()
                .unwrap_or_else(|problem| panic!("{}: {problem}", exercise.id));
        }
    }

    #[test]
    fn answers_of_every_kind_are_judged() {
        let is = |key: Key, given: Given| {
            let exercise = exercise::exercise("99.1", key)
                .case(&[0.5])
                .case(&[1.0])
                .case(&[-2.0]);
            exercise.judge(&given, Language::En)
        };
        let value = |answer: Answer| Given::Value(answer);
        use exercise::{choice, count, function, list, near, number};
        for (key, right, wrong) in [
            (number(0.03125), 0.0313.into(), 0.03.into()),
            (number(0.0), 0.0.into(), 0.01.into()),
            (count(2410), 2410.into(), 2409.into()),
            (near(0.35, 0.05), 0.31_f32.into(), 0.41.into()),
            (
                list([0.1, -0.2]),
                vec![0.1, -0.2].into(),
                [-0.2, 0.1].into(),
            ),
            (choice("b"), 'B'.into(), "a".into()),
        ] as [(Key, Answer, Answer); 6]
        {
            assert!(is(key.clone(), value(right.clone())).0, "{right:?}");
            assert!(!is(key.clone(), value(wrong)).0);
            for odd in ["x".into(), f64::NAN.into(), Vec::<f64>::new().into()] as [Answer; 3] {
                let (right, message) = is(key.clone(), value(odd.clone()));
                assert!(!right && !message.is_empty(), "{odd:?}");
            }
        }
        let square = || function(|x| vec![x[0] * x[0]]);
        let of = |f: fn(f64) -> f64| Given::Values([0.5, 1.0, -2.0].map(|x| vec![f(x)]).to_vec());
        assert!(is(square(), of(|x| x.powi(2))).0);
        let (right, message) = is(square(), of(|x| x + x));
        assert!(
            !right && message.contains("0.5") && message.contains("0.25"),
            "{message}"
        );
        assert!(!is(square(), of(|_| f64::NAN)).0);
        assert!(is(square(), Given::OtherArguments).1.contains("`check_fn("));
        assert!(is(square(), value(1.0.into())).1.contains("function"));
    }

    #[test]
    fn a_usual_mistake_is_named_in_the_language_of_the_reader() {
        let exercise = exercise::exercise("99.1", exercise::number(0.6))
            .mistake(
                exercise::number(-0.6),
                "Has cambiado el signo.",
                "You changed the sign.",
            )
            .hint("¿Y el signo?", "What about the sign?")
            .why("El gradiente es 0,6.", "The gradient is 0.6.");
        let judge = |x: f64, language| exercise.judge(&Given::Value(x.into()), language).1;
        assert!(judge(-0.6, Language::Es).contains("Has cambiado el signo."));
        assert!(judge(-0.6, Language::En).contains("You changed the sign."));
        assert!(judge(0.6, Language::Es).contains("El gradiente es 0,6."));
        assert!(judge(9.0, Language::En).contains("`hint(\"99.1\")`"));
    }

    #[test]
    fn a_name_that_does_not_exist_lists_those_that_do() {
        let verdict = check("08.99", 1.0);
        assert!(!verdict.is_right());
        let text = verdict.to_string();
        assert!(text.contains("08.1") && !text.contains("10.1"), "{text}");
        assert!(hint("<b>").to_string().contains("08.1"));
        assert!(!hint("<b>").forms()[0].1.contains("<b>"));
    }
}
