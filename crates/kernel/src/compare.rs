//! Whether a notebook still does what its committed outputs say.
//!
//! Compared is every output of each cell: streams, displays and results with all their forms (text, markup, pictures), errors.
//! Words and numbers must be the same to the digit, because the library gives the same numbers on every machine; where the
//! white space stands does not matter, and times are not compared. Two tags in the metadata of a cell allow more:
//!
//! | tag | compared |
//! |---|---|
//! | `gradus-platform` | words; numbers that another processor or system may round otherwise, within one in a hundred or two of the last digit shown |
//! | `nbval-ignore-output` | only the kinds of output: the cell measures something and says something else every time. The name is that of the plugin nbval |

use std::borrow::Cow;
use std::collections::BTreeMap;

use nbformat::v4::{self, Cell};
use serde_json::Value;

use crate::notebook::Notebook;

/// The tag of a cell whose numbers depend on the platform.
const PLATFORM: &str = "gradus-platform";
/// The tag of a cell whose outputs are other ones every time.
const MEASURES: &str = "nbval-ignore-output";

/// How far a number of a cell with [`PLATFORM`] may be from the committed one: this part of it, or so many units of the last
/// digit, the finer of the two.
const RELATIVE: f64 = 0.01;
const UNITS: f64 = 2.0;
/// Below this a number is what rounding left of 0.
const NOISE: f64 = 1e-6;

/// What follows a number that is a time.
const TIMES: [&str; 10] = [
    "s", "ms", "µs", "μs", "us", "ns", "min", "s/step", "ms/step", "us/step",
];

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
    let (committed, executed) = (code_cells(committed), code_cells(executed));
    let silent = |cells: &[CodeCell]| cells.iter().all(|cell| cell.outputs.is_empty());
    if silent(&committed) && !silent(&executed) {
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

/// How much of an output is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Strictness {
    Exact,
    Platform,
    Kinds,
}

/// A cell that has code.
struct CodeCell {
    outputs: Vec<Shown>,
    strictness: Strictness,
}

/// One output: what kind it is, and its text by form; that of a stream or an error has the empty form.
#[derive(Debug)]
struct Shown {
    kind: String,
    forms: BTreeMap<String, String>,
}

fn code_cells(notebook: &Notebook) -> Vec<CodeCell> {
    let cells = notebook.cells().iter().enumerate();
    cells
        .filter_map(|(number, cell)| match cell {
            Cell::Code {
                source, outputs, ..
            } if !source.concat().trim().is_empty() => {
                let has = |tag: &str| notebook.has_tag(number, tag);
                Some(CodeCell {
                    outputs: outputs.iter().map(Shown::of).collect(),
                    strictness: match (has(MEASURES), has(PLATFORM)) {
                        (true, _) => Strictness::Kinds,
                        (false, true) => Strictness::Platform,
                        (false, false) => Strictness::Exact,
                    },
                })
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
            let forms: BTreeMap<String, String> = forms
                .iter()
                .map(|(form, content)| (form.clone(), joined(content)))
                .collect();
            let types: Vec<&str> = forms.keys().map(String::as_str).collect();
            Shown {
                kind: format!("{kind} of {}", types.join(", ")),
                forms,
            }
        };
        let text = |kind: String, text: &str| Shown {
            kind,
            forms: BTreeMap::from([(String::new(), text.to_owned())]),
        };
        match output {
            v4::Output::Stream { name, text: said } => text(name.clone(), &said.0),
            v4::Output::DisplayData(display) => data("display", &display.data),
            v4::Output::ExecuteResult(result) => data("result", &result.data),
            v4::Output::Error(error) => text(format!("error {}", error.ename), &error.evalue),
        }
    }
}

fn joined(value: &Value) -> String {
    match value {
        Value::Array(lines) if lines.iter().all(Value::is_string) => {
            lines.iter().filter_map(Value::as_str).collect()
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn difference(committed: &CodeCell, executed: &CodeCell) -> Option<String> {
    let kinds = |cell: &CodeCell| {
        let kinds: Vec<&str> = cell.outputs.iter().map(|o| o.kind.as_str()).collect();
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
    // Running keeps the tags, so those of the committed notebook decide.
    let strictness = committed.strictness;
    if strictness == Strictness::Kinds {
        return None;
    }
    let pairs = committed.outputs.iter().zip(&executed.outputs);
    pairs
        .flat_map(|(committed, executed)| committed.forms.iter().zip(executed.forms.values()))
        .find_map(|((form, committed), executed)| {
            let what = text_difference(committed, executed, strictness)?;
            Some(match form.as_str() {
                "" | "text/plain" => what,
                form => format!("{form}: {what}"),
            })
        })
}

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Time,
}

fn text_difference(committed: &str, executed: &str, strictness: Strictness) -> Option<String> {
    if committed == executed {
        return None;
    }
    let (before, now) = (tokens(committed), tokens(executed));
    let same = |pair: (&Token, &Token)| match pair {
        (Token::Number(a), Token::Number(b)) => {
            a == b || strictness == Strictness::Platform && close(a, b)
        }
        (a, b) => a == b,
    };
    let first = before.iter().zip(&now).position(|pair| !same(pair));
    let at = first.or((before.len() != now.len()).then(|| before.len().min(now.len())))?;
    Some(format!(
        "committed: {}; now: {}",
        around(&before, at),
        around(&now, at)
    ))
}

/// A few pieces up to the one at `at`, to show where it is.
fn around(tokens: &[Token], at: usize) -> String {
    const LONGEST: usize = 60;
    let shown = tokens.iter().take(at + 1).skip(at.saturating_sub(5));
    let words: Vec<Cow<str>> = shown
        .map(|token| match token {
            Token::Word(text) | Token::Number(text) if text.chars().nth(LONGEST).is_some() => {
                let start: String = text.chars().take(LONGEST).collect();
                format!("{start}…").into()
            }
            Token::Word(text) | Token::Number(text) => Cow::from(*text),
            Token::Time => "(time)".into(),
        })
        .collect();
    let end = if at < tokens.len() { "" } else { " (end)" };
    format!("“{}{end}”", words.join(" "))
}

/// Whether these may be the same number on two platforms.
fn close(a: &str, b: &str) -> bool {
    let (Ok(x), Ok(y)) = (a.parse::<f64>(), b.parse::<f64>()) else {
        return false;
    };
    let largest = x.abs().max(y.abs());
    let unit = last_digit(a).min(last_digit(b));
    let whole = unit >= 1.0;
    // What is counted does not depend on rounding.
    let allowed = if whole {
        0.0
    } else {
        (RELATIVE * largest).max(UNITS * unit)
    };
    largest < NOISE || (x - y).abs() <= allowed * (1.0 + 1e-9)
}

/// What the last digit of a number stands for: 0.001 in `1.250`, 1 in `12`, 1e-9 in `3e-9`.
fn last_digit(number: &str) -> f64 {
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let exponent: i32 = exponent.parse().unwrap_or(0);
    10.0_f64.powi(exponent - i32::try_from(decimals).unwrap_or(0))
}

/// Words and numbers; where the white space stands does not matter. The tags and strings of markup are words too.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let words = text.split_whitespace();
    for word in words.flat_map(|word| word.split_inclusive(['<', '>', '"'])) {
        let mut rest = word;
        while !rest.is_empty() {
            let length = if let Some(length) = number_at(rest) {
                tokens.push(Token::Number(&rest[..length]));
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
    let ends = [',', ';', '.', ')', ':', '<', '>', '"'];
    let unit = |token: &Token| matches!(token, Token::Word(word) if TIMES.contains(&word.trim_end_matches(ends)));
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if unit(&token) && matches!(joined.last(), Some(Token::Number(_))) {
            joined.pop();
            if let [.., Token::Number(_), Token::Word(":")] = joined[..] {
                joined.truncate(joined.len() - 2);
            }
            joined.push(Token::Time);
        } else {
            joined.push(token);
        }
    }
    joined
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
    fn only_times_and_white_space_may_differ() {
        let difference = |a, b| text_difference(a, b, Strictness::Exact);
        for (committed, executed) in [
            ("|  12 |", "| 12   |"),
            (
                "938/938 - 16s 15ms/step - loss: 2.186",
                "938/938 - 4s 5.5ms/step - loss: 2.186",
            ),
            ("σ  12.3 ns\n", "σ  9.0 ns\n"),
            ("took 1:05 min.", "took 59.2 s."),
            ("NaN inf", "NaN inf"),
            ("<td>5.2 ms</td>", "<td>17 ms</td>"),
        ] {
            assert_eq!(
                difference(committed, executed),
                None,
                "{committed} {executed}"
            );
        }
        for (committed, executed) in [
            ("accuracy = 0.957", "accuracy = 0.947"),
            ("accuracy = 0.957", "accuracy = 0.958"),
            ("w = -0.500, b", "w = -0.5, b"),
            ("3e-9", "3.1e-9"),
            ("dead 3", "dead 4"),
            ("Adam wins", "Sgd wins"),
            ("dense_1", "dense_2"),
            ("1 2 3", "1 2"),
            ("1 2", "1 2 3"),
            ("12 s", "12 m"),
            ("12 s", "twelve s"),
            ("", "a"),
            ("<b>1</b>", "<i>1</i>"),
            (r#"x="1" y="2""#, r#"x="2" y="1""#),
        ] {
            let what =
                difference(committed, executed).unwrap_or_else(|| panic!("{committed} {executed}"));
            assert!(what.contains("now"), "{what}");
        }
    }

    #[test]
    fn what_depends_on_the_platform_may_be_rounded_otherwise() {
        let difference = |a, b| text_difference(a, b, Strictness::Platform);
        for (committed, executed) in [
            ("error 2.34e-3", "error 2.35e-3"),
            ("error 3e-9", "error -8e-11"),
            ("loss = 0.4231", "loss = 0.4229"),
            ("accuracy = 0.957", "accuracy = 0.955"),
        ] {
            assert_eq!(
                difference(committed, executed),
                None,
                "{committed} {executed}"
            );
        }
        for (committed, executed) in [
            ("accuracy = 0.957", "accuracy = 0.947"),
            ("dead 3", "dead 4"),
            ("1437 examples", "1438 examples"),
            ("norm 3e-5", "norm 2e-3"),
            ("0.5 high", "0.5 low"),
        ] {
            assert!(
                difference(committed, executed).is_some(),
                "{committed} {executed}"
            );
        }
    }

    #[test]
    fn text_is_cut_into_words_and_numbers() {
        use Token::{Number, Time, Word};
        assert_eq!(
            tokens("loss:2.5e-3,x -7 w1=0 1:05 min"),
            [
                Word("loss:"),
                Number("2.5e-3"),
                Word(",x"),
                Number("-7"),
                Word("w1="),
                Number("0"),
                Time
            ]
        );
        assert_eq!(tokens("é9 3…"), [Word("é9"), Number("3"), Word("…")]);
        assert_eq!(last_digit("1.250"), 1e-3);
        assert_eq!(last_digit("-3e-9"), 1e-9);
        for odd in [
            "-", "+-1", "1e", "1e+", "1.", "--", "9-", "-é-9", "e9e9", "<\"<>",
        ] {
            let _ = tokens(odd);
        }
    }
}
