//! Whether a notebook still does what its committed outputs say.
//!
//! Compared are the kinds of output of each cell (streams, displays and results with their MIME types, errors) and their text.
//! Words must be the same; numbers may differ a little, because other processors round otherwise; times are not compared.
//! Pictures and pages stand for their text alternative. Of a cell with the tag `nbval-ignore-output`, which measures
//! something, only the kinds are compared; the name is that of the plugin nbval.

use nbformat::v4::{self, Cell};
use serde_json::Value;

use crate::notebook::Notebook;

/// How far a number may be from the committed one: a tenth of it, and this much where it is small.
const ABSOLUTE: f64 = 0.02;
const RELATIVE: f64 = 0.1;
/// Below this a number must have the same order of magnitude too, unless both are below [`NOISE`].
const SMALL: f64 = 0.01;
const NOISE: f64 = 1e-6;

/// What follows a number that is a time.
const TIMES: [&str; 10] = [
    "s", "ms", "µs", "μs", "us", "ns", "min", "s/step", "ms/step", "us/step",
];

/// The tag of a cell whose outputs are other ones every time.
const MEASURES: &str = "nbval-ignore-output";

/// What is no longer as it was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the code cell, from 1, as in the progress of a run.
    pub cell: usize,
    /// What differs, with both.
    pub what: String,
}

/// Compares a notebook that was just executed with the same notebook as it was committed. None means that they agree.
pub fn differences(committed: &Notebook, executed: &Notebook) -> Vec<Difference> {
    let (committed, executed) = (outputs(committed), outputs(executed));
    if committed.iter().all(Vec::is_empty) && !executed.iter().all(Vec::is_empty) {
        let what = "no cell has committed outputs".to_owned();
        return vec![Difference { cell: 1, what }];
    }
    let pairs = committed.iter().zip(&executed).enumerate();
    pairs
        .filter_map(|(index, (committed, executed))| {
            let what = difference(committed, executed)?;
            let cell = index + 1;
            Some(Difference { cell, what })
        })
        .collect()
}

/// One output: what kind it is, and its text.
#[derive(Debug)]
struct Shown {
    kind: String,
    text: String,
}

/// The outputs of the cells that have code.
fn outputs(notebook: &Notebook) -> Vec<Vec<Shown>> {
    let cells = notebook.cells().iter();
    cells
        .filter_map(|cell| match cell {
            Cell::Code {
                source,
                outputs,
                metadata,
                ..
            } if !source.concat().trim().is_empty() => {
                let mut shown: Vec<Shown> = outputs.iter().map(Shown::of).collect();
                let tags = metadata.tags.iter().flatten();
                if tags.into_iter().any(|tag| tag == MEASURES) {
                    shown.iter_mut().for_each(|shown| shown.text.clear());
                }
                Some(shown)
            }
            _ => None,
        })
        .collect()
}

impl Shown {
    fn of(output: &v4::Output) -> Shown {
        let data = |kind: &str, data: &jupyter_protocol::media::Media| {
            let forms = serde_json::to_value(data).unwrap_or_default();
            let forms = forms.as_object().cloned().unwrap_or_default();
            let mut types: Vec<&str> = forms.keys().map(String::as_str).collect();
            types.sort_unstable();
            let text = ["text/plain", "text/markdown", "text/html"]
                .iter()
                .find_map(|form| forms.get(*form));
            Shown {
                kind: format!("{kind} of {}", types.join(", ")),
                text: text.map_or(String::new(), joined),
            }
        };
        match output {
            v4::Output::Stream { name, text } => Shown {
                kind: name.clone(),
                text: text.0.clone(),
            },
            v4::Output::DisplayData(display) => data("display", &display.data),
            v4::Output::ExecuteResult(result) => data("result", &result.data),
            v4::Output::Error(error) => Shown {
                kind: format!("error {}", error.ename),
                text: error.evalue.clone(),
            },
        }
    }
}

fn joined(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

fn difference(committed: &[Shown], executed: &[Shown]) -> Option<String> {
    let kinds = |outputs: &[Shown]| {
        let kinds: Vec<&str> = outputs.iter().map(|shown| shown.kind.as_str()).collect();
        if kinds.is_empty() {
            "nothing".to_owned()
        } else {
            kinds.join("; ")
        }
    };
    let (before, now) = (kinds(committed), kinds(executed));
    if before != now {
        return Some(format!("committed: {before}; now: {now}"));
    }
    committed
        .iter()
        .zip(executed)
        .find_map(|(committed, executed)| text_difference(&committed.text, &executed.text))
}

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Number(f64),
    Time,
}

fn text_difference(committed: &str, executed: &str) -> Option<String> {
    let (before, now) = (tokens(committed), tokens(executed));
    let same = |pair: (&Token, &Token)| match pair {
        (Token::Number(a), Token::Number(b)) => close(*a, *b),
        (a, b) => a == b,
    };
    if let Some(at) = before.iter().zip(&now).position(|pair| !same(pair)) {
        return Some(format!(
            "committed: {}; now: {}",
            around(&before, at),
            around(&now, at)
        ));
    }
    (before.len() != now.len()).then(|| {
        let at = before.len().min(now.len());
        format!(
            "committed: {}; now: {}",
            around(&before, at),
            around(&now, at)
        )
    })
}

/// A few pieces up to the one at `at`, to show where it is.
fn around(tokens: &[Token], at: usize) -> String {
    let shown = tokens.iter().take(at + 1).skip(at.saturating_sub(5));
    let words: Vec<String> = shown
        .map(|token| match token {
            Token::Word(word) => (*word).to_owned(),
            Token::Number(number) => number.to_string(),
            Token::Time => "(time)".to_owned(),
        })
        .collect();
    let end = if at < tokens.len() { "" } else { " (end)" };
    format!("“{}{end}”", words.join(" "))
}

fn close(a: f64, b: f64) -> bool {
    if a == b || (a - b).is_nan() {
        return true;
    }
    let (small, large) = (a.abs().min(b.abs()), a.abs().max(b.abs()));
    let small_number = (NOISE..SMALL).contains(&large);
    (a - b).abs() <= ABSOLUTE + RELATIVE * large && (!small_number || large <= 10.0 * small)
}

/// Words and numbers; where the white space stands does not matter.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while !rest.is_empty() {
            let length = if let Some(length) = number_at(rest) {
                let number = &rest[..length];
                tokens.push(number.parse().map_or(Token::Word(number), Token::Number));
                length
            } else {
                let length = word_at(rest);
                tokens.push(Token::Word(&rest[..length]));
                length
            };
            rest = &rest[length..];
        }
    }
    // A number with a unit of time after it, and the minutes and seconds of `1:05 min`.
    let mut at = 1;
    while at < tokens.len() {
        let unit = |token: &Token| matches!(token, Token::Word(word) if TIMES.contains(&word.trim_end_matches([',', ';', '.', ')', ':'])));
        if unit(&tokens[at]) && matches!(tokens[at - 1], Token::Number(_)) {
            let start = match tokens[..at - 1] {
                [.., Token::Number(_), Token::Word(":")] => at - 3,
                _ => at - 1,
            };
            tokens.splice(start..=at, [Token::Time]);
            at = start;
        }
        at += 1;
    }
    tokens
}

/// How long the word at the start of `text` is: up to the next number. A digit inside a name, such as dense_1, is part
/// of the word.
fn word_at(text: &str) -> usize {
    let mut name = false;
    let number = text.char_indices().find(|&(at, c)| {
        let starts = at > 0 && !name && (c.is_ascii_digit() || c == '-' || c == '+');
        name = c.is_alphabetic() || c == '_' || (name && c.is_ascii_digit());
        starts
    });
    number.map_or(text.len(), |(at, _)| at)
}

/// How long the number at the start of `text` is: sign, digits, a fraction, an exponent.
fn number_at(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let mut end = sign + digits(sign);
    if end == sign {
        return None;
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = bytes
            .get(end + 1 + sign..)
            .map_or(0, |_| digits(end + 1 + sign));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_differ_a_little_and_words_not_at_all() {
        for (committed, executed) in [
            ("accuracy = 0.957", "accuracy = 0.951"),
            ("loss: 1.234e-3 end", "loss: 1.5e-3 end"),
            ("|  12 |", "| 12   |"),
            (
                "938/938 - 16s 15ms/step - loss: 2.186",
                "938/938 - 4s 5.5ms/step - loss: 2.19",
            ),
            ("σ  12.3 ns\n", "σ  9.0 ns\n"),
            ("took 1:05 min.", "took 59.2 s."),
            ("w = -0.500, b", "w = -0.5, b"),
            ("NaN inf", "NaN inf"),
            ("3e-9", "-8e-11"),
            ("dense_1 97 %", "dense_1 96 %"),
        ] {
            assert_eq!(
                text_difference(committed, executed),
                None,
                "{committed} {executed}"
            );
        }
        for (committed, executed) in [
            ("accuracy = 0.957", "accuracy = 0.8"),
            ("dead 3", "dead 4"),
            ("norm 3e-5", "norm 2e-3"),
            ("Adam wins", "Sgd wins"),
            ("dense_1", "dense_2"),
            ("1 2 3", "1 2"),
            ("1 2", "1 2 3"),
            ("12 s", "12 m"),
            ("", "a"),
        ] {
            let what = text_difference(committed, executed)
                .unwrap_or_else(|| panic!("{committed} {executed}"));
            assert!(what.contains("now"), "{what}");
        }
    }

    #[test]
    fn text_is_cut_into_words_and_numbers() {
        use Token::{Number, Time, Word};
        assert_eq!(
            tokens("loss:2.5e-3,x -7 w1=0 1:05 min"),
            [
                Word("loss:"),
                Number(2.5e-3),
                Word(",x"),
                Number(-7.0),
                Word("w1="),
                Number(0.0),
                Time
            ]
        );
        assert_eq!(tokens("é9 3…"), [Word("é9"), Number(3.0), Word("…")]);
        for odd in ["-", "+-1", "1e", "1e+", "1.", "--", "9-", "-é-9", "e9e9"] {
            let _ = tokens(odd);
        }
    }
}
