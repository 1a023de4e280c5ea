//! What an exercise of a lesson is made of, and how an answer is judged.

use super::Answer;
use crate::chain_rule::{TOLERANCE, not_finite, number as written};
use gradus_text::Language;

/// How far a function's values may be from the right ones, relative to them where they are larger than 1.
const FUNCTION_TOLERANCE: f64 = 1e-4;

/// Spanish, English.
type Words = (&'static str, &'static str);

/// What is right, or what is a usual mistake.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// A number and how far from it an answer may be.
    Number(f64, f64),
    List(Vec<f64>),
    Choice(&'static str),
    Function(fn(&[f64]) -> Vec<f64>),
}

/// What the student gave.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Value(Answer),
    /// The values of a function, one per case.
    Values(Vec<Vec<f64>>),
    /// A function of another number of arguments.
    OtherArguments,
}

#[derive(Clone, Debug)]
pub(super) struct Exercise {
    pub id: &'static str,
    key: Key,
    mistakes: Vec<(Key, Words)>,
    hints: Vec<Words>,
    why: Words,
    pub cases: Vec<Vec<f64>>,
}

/// A number; three significant figures are enough.
pub(super) fn number(value: f64) -> Key {
    Key::Number(value, TOLERANCE * value.abs() + 1e-9)
}

/// A number within `± tolerance`: what is read off a figure, or measured.
pub(super) fn near(value: f64, tolerance: f64) -> Key {
    Key::Number(value, tolerance)
}

/// Exactly this whole number.
pub(super) fn count(value: u32) -> Key {
    Key::Number(f64::from(value), 1e-9)
}

/// Several numbers; three significant figures are enough.
pub(super) fn list(values: impl IntoIterator<Item = f64>) -> Key {
    Key::List(values.into_iter().collect())
}

/// One of several options: its letter or its name.
pub(super) fn choice(option: &'static str) -> Key {
    Key::Choice(option)
}

/// A function of numbers; one value in a list for a function of `check_fn`, `check_fn2` and `check_fn3`.
pub(super) fn function(f: fn(&[f64]) -> Vec<f64>) -> Key {
    Key::Function(f)
}

/// An exercise and what is right.
pub(super) fn exercise(id: &'static str, key: Key) -> Exercise {
    Exercise {
        id,
        key,
        mistakes: Vec::new(),
        hints: Vec::new(),
        why: ("", ""),
        cases: Vec::new(),
    }
}

impl Exercise {
    /// A usual mistake and what to say about it.
    pub(super) fn mistake(mut self, key: Key, es: &'static str, en: &'static str) -> Exercise {
        self.mistakes.push((key, (es, en)));
        self
    }

    /// One more hint.
    pub(super) fn hint(mut self, es: &'static str, en: &'static str) -> Exercise {
        self.hints.push((es, en));
        self
    }

    /// Why the right answer is right: said once it is given.
    pub(super) fn why(mut self, es: &'static str, en: &'static str) -> Exercise {
        self.why = (es, en);
        self
    }

    /// Arguments at which a function is compared.
    pub(super) fn case(mut self, arguments: &[f64]) -> Exercise {
        self.cases.push(arguments.to_vec());
        self
    }

    pub(super) fn hints(&self, language: Language) -> Vec<String> {
        let texts = self.hints.iter();
        texts
            .map(|&(es, en)| language.pick(es, en).to_owned())
            .collect()
    }

    /// Whether it is right, and what to say about it.
    pub(super) fn judge(&self, given: &Given, language: Language) -> (bool, String) {
        let say = |words: Words| language.pick(words.0, words.1);
        if self.accepts(&self.key, given) {
            let right = say(("Correcto.", "Right."));
            return (
                true,
                format!("{right} {}", say(self.why)).trim_end().to_owned(),
            );
        }
        let known = self
            .mistakes
            .iter()
            .find(|(key, _)| self.accepts(key, given));
        let problem = match known {
            Some((_, words)) => say(*words).to_owned(),
            None => self.difference(given, language),
        };
        let not_yet = say(("Todavía no.", "Not yet."));
        let help = match known {
            None if !self.hints.is_empty() => {
                let words = say(("Si te atascas:", "If you are stuck:"));
                format!(" {words} `hint(\"{}\")`.", self.id)
            }
            _ => String::new(),
        };
        (false, format!("{not_yet} {problem}{help}"))
    }

    /// What a prediction that was made before the result is worth, and what to make of it.
    pub(super) fn foretold(&self, given: &Given, language: Language) -> (bool, String) {
        let say = |words: Words| language.pick(words.0, words.1);
        if self.accepts(&self.key, given) {
            let right = say(("Acertaste.", "You were right."));
            return (true, format!("{right} {}", say(self.why)));
        }
        let known = (self.mistakes.iter()).find(|(key, _)| self.accepts(key, given));
        let problem = known.map_or_else(
            || match &self.key {
                Key::Number(value, _) => {
                    let was = say(("Fue", "It was"));
                    format!("{was} {}.", written(*value))
                }
                _ => self.difference(given, language),
            },
            |(_, words)| say(*words).to_owned(),
        );
        let no = say(("No fue así.", "It was not so."));
        (false, format!("{no} {problem} {}", say(self.why)))
    }

    /// What a prediction may be: the options, or a number.
    pub(super) fn asked(&self, language: Language) -> String {
        match &self.key {
            Key::Choice(_) => {
                let words = language.pick("Las opciones son", "The options are");
                format!("{words}: {}.", self.options().join(", "))
            }
            key => self.wrong_kind(key, language),
        }
    }

    /// An answer of another kind than asked for, or an option that there is not.
    ///
    /// # Errors
    /// What is asked for.
    pub(super) fn accepts_kind(&self, given: &Given, language: Language) -> Result<(), String> {
        let fits = match (&self.key, given) {
            (Key::Number(..), Given::Value(Answer::Number(number))) => number.is_finite(),
            (Key::Choice(_), Given::Value(Answer::Text(answer))) => {
                let mut options = self.options().into_iter();
                options.any(|option| same_text(answer, option))
            }
            _ => false,
        };
        fits.then_some(()).ok_or_else(|| self.asked(language))
    }

    /// The letters of the options, in order.
    fn options(&self) -> Vec<&'static str> {
        let keys = self.mistakes.iter().map(|(key, _)| key).chain([&self.key]);
        let options = keys.filter_map(|key| match key {
            Key::Choice(option) => Some(*option),
            _ => None,
        });
        let mut options: Vec<&str> = options.collect();
        options.sort_unstable();
        options
    }

    fn accepts(&self, key: &Key, given: &Given) -> bool {
        let close = |a: f64, b: f64, tolerance: f64| (a - b).abs() <= tolerance;
        match (key, given) {
            (Key::Number(right, tolerance), Given::Value(Answer::Number(answer))) => {
                close(*answer, *right, *tolerance)
            }
            (Key::List(right), Given::Value(Answer::List(answer))) => {
                answer.len() == right.len() && different(answer, right).is_none()
            }
            (Key::Choice(right), Given::Value(Answer::Text(answer))) => same_text(answer, right),
            (Key::Function(f), Given::Values(values)) => {
                let mut pairs = values.iter().zip(&self.cases);
                pairs.all(|(given, case)| same_values(given, &f(case)))
            }
            _ => false,
        }
    }

    /// What is wrong with an answer that is no usual mistake.
    fn difference(&self, given: &Given, language: Language) -> String {
        let numbers = |values: &[f64]| match values {
            [value] => written(*value),
            many => format!(
                "[{}]",
                many.iter()
                    .map(|v| written(*v))
                    .collect::<Vec<_>>()
                    .join("; ")
            ),
        };
        match (&self.key, given) {
            (_, Given::Value(answer)) if !answer.is_finite() => not_finite(language).to_owned(),
            (Key::Number(..), Given::Value(Answer::Number(answer))) => language.pick(
                format!("{} no es la respuesta.", written(*answer)),
                format!("{} is not the answer.", written(*answer)),
            ),
            (Key::List(right), Given::Value(Answer::List(answer))) => {
                match different(answer, right) {
                    Some(at) if answer.len() == right.len() => language.pick(
                        format!(
                            "El número de la posición {at} (se cuenta desde 0) no es {}.",
                            written(answer[at])
                        ),
                        format!(
                            "The number at position {at} (counted from 0) is not {}.",
                            written(answer[at])
                        ),
                    ),
                    _ => language.pick(
                        format!("Se piden {} números y hay {}.", right.len(), answer.len()),
                        format!(
                            "{} numbers are asked for, there are {}.",
                            right.len(),
                            answer.len()
                        ),
                    ),
                }
            }
            (Key::Choice(_), Given::Value(Answer::Text(_))) => self.asked(language),
            (Key::Function(f), Given::Values(values)) => {
                let mut all = values
                    .iter()
                    .zip(&self.cases)
                    .map(|(given, case)| (given, case, f(case)));
                match all.find(|(given, _, right)| !same_values(given, right)) {
                    Some((given, case, right)) => language.pick(
                        format!(
                            "En {} da {} y debería dar {}.",
                            numbers(case),
                            numbers(given),
                            numbers(&right)
                        ),
                        format!(
                            "At {} it gives {} and should give {}.",
                            numbers(case),
                            numbers(given),
                            numbers(&right)
                        ),
                    ),
                    None => String::new(),
                }
            }
            (key, _) => self.wrong_kind(key, language),
        }
    }

    fn wrong_kind(&self, key: &Key, language: Language) -> String {
        let by = |function: &str| format!("`{function}(\"{}\", …)`", self.id);
        match key {
            Key::Number(..) => language
                .pick("Se pide un número.", "A number is asked for.")
                .to_owned(),
            Key::List(values) => language.pick(
                format!("Se pide una lista de {} números.", values.len()),
                format!("A list of {} numbers is asked for.", values.len()),
            ),
            Key::Choice(_) => language
                .pick(
                    "Se pide una de las opciones, entre comillas, como \"a\".",
                    "One of the options is asked for, in quotes, such as \"a\".",
                )
                .to_owned(),
            Key::Function(f) => {
                let case = self.cases.first().map_or(&[][..], Vec::as_slice);
                let function = match (case.len(), f(case).len()) {
                    (1, 1) => "check_fn",
                    (2, 1) => "check_fn2",
                    (3, 1) => "check_fn3",
                    _ => "check_list_fn",
                };
                language.pick(
                    format!("Se pide una función, con {}.", by(function)),
                    format!("A function is asked for, with {}.", by(function)),
                )
            }
        }
    }

    /// What is right, for the teacher's guide: an option with its words, a number, or what a function gives.
    #[cfg(test)]
    pub(super) fn right(&self, options: &std::collections::BTreeMap<String, String>) -> String {
        match &self.key {
            Key::Choice(option) => {
                let words = options.get(*option);
                words.map_or((*option).to_owned(), |words| format!("`{option}`: {words}"))
            }
            Key::Number(value, tolerance) if *tolerance > TOLERANCE * value.abs() + 1e-9 => {
                format!("{} ± {}", written(*value), written(*tolerance))
            }
            Key::Number(value, _) => written(*value),
            Key::List(values) => Answer::List(values.clone()).written(),
            Key::Function(f) => {
                let shown = self.cases.iter().take(3).map(|case| {
                    let [from, to] = [case.clone(), f(case)].map(|values| match values[..] {
                        // Without the sign of a zero.
                        [one] => written(one + 0.0),
                        _ => {
                            Answer::List(values.iter().map(|value| value + 0.0).collect()).written()
                        }
                    });
                    format!("{from} ↦ {to}")
                });
                shown.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Why it is right.
    #[cfg(test)]
    pub(super) fn why_in(&self, language: Language) -> &'static str {
        language.pick(self.why.0, self.why.1)
    }

    /// What an exercise must have to be given to students.
    #[cfg(test)]
    pub(super) fn lint(&self) -> Result<(), String> {
        if self.hints.is_empty() {
            return Err("no hint".to_owned());
        }
        self.lint_prediction()
    }

    /// A prediction has no hints: the experiment tells.
    #[cfg(test)]
    pub(super) fn lint_prediction(&self) -> Result<(), String> {
        let given = |key: &Key| match key {
            Key::Number(value, _) => Given::Value(Answer::Number(*value)),
            Key::List(values) => Given::Value(Answer::List(values.clone())),
            Key::Choice(option) => Given::Value(Answer::Text((*option).to_owned())),
            Key::Function(f) => Given::Values(self.cases.iter().map(|case| f(case)).collect()),
        };
        if matches!(self.key, Key::Function(_)) && self.cases.len() < 3 {
            return Err("a function needs at least three cases".to_owned());
        }
        if matches!(self.key, Key::Choice(_)) && self.mistakes.is_empty() {
            return Err("the other options are mistakes with an answer of their own".to_owned());
        }
        if !self.judge(&given(&self.key), Language::En).0 {
            return Err("what is right is not accepted".to_owned());
        }
        for (i, (key, (_, english))) in self.mistakes.iter().enumerate() {
            let (right, message) = self.judge(&given(key), Language::En);
            if right || !message.contains(english) {
                return Err(format!(
                    "mistake {} is taken for something else: {message}",
                    i + 1
                ));
            }
        }
        let mistakes = self.mistakes.iter().map(|(_, words)| words);
        for (es, en) in self.hints.iter().chain(mistakes).chain([&self.why]) {
            if es.trim().is_empty() || en.trim().is_empty() || (es == en && has_words(es)) {
                return Err(format!(
                    "a text is missing or the same in both languages: {es:?} {en:?}"
                ));
            }
            if [es, en]
                .iter()
                .any(|text| text.matches('`').count() % 2 == 1 || text.contains('$'))
            {
                return Err(format!(
                    "plain text with code between backquotes, please: {en:?}"
                ));
            }
        }
        Ok(())
    }
}

impl Answer {
    /// As one reads it: `b`, `0.35`, `[1; 2]`.
    pub(super) fn written(&self) -> String {
        match self {
            Answer::Number(value) => written(*value),
            Answer::List(values) => {
                let all: Vec<String> = values.iter().map(|value| written(*value)).collect();
                format!("[{}]", all.join("; "))
            }
            Answer::Text(text) => text.trim().to_owned(),
        }
    }

    fn is_finite(&self) -> bool {
        match self {
            Answer::Number(value) => value.is_finite(),
            Answer::List(values) => values.iter().all(|value| value.is_finite()),
            Answer::Text(_) => true,
        }
    }
}

/// Whether there is something to translate: a formula is the same in both languages.
#[cfg(test)]
fn has_words(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() > 2)
}

fn same_text(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// The first position where two lists differ; the end of the shorter one counts.
fn different(answer: &[f64], right: &[f64]) -> Option<usize> {
    let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * b.abs() + 1e-9;
    let longest = answer.len().max(right.len());
    (0..longest).find(|&i| match (answer.get(i), right.get(i)) {
        (Some(&a), Some(&b)) => !close(a, b),
        _ => true,
    })
}

fn same_values(given: &[f64], right: &[f64]) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= FUNCTION_TOLERANCE * b.abs().max(1.0);
    given.len() == right.len() && given.iter().zip(right).all(|(&a, &b)| close(a, b))
}
