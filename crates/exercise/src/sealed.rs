//! Sealed answers: those to the inputs that are drawn, and what the usual mistakes answer. One line each: a label, a blank, base64.
//!
//! They keep a student who looks for a formula from finding a table instead. They are no secret: who can run this file can open
//! them, and a mark must come from inputs that nobody could know.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::Value;

/// Mistakes are told apart by the public inputs and this many drawn ones.
pub(crate) const RECOGNISED_BY: usize = 16;

/// As many ways as there may be to make one mistake.
pub(crate) const WAYS: usize = 8;

/// The label of the `way`th way to make a mistake, from 0.
pub(crate) fn way_of(mistake: &str, way: usize) -> String {
    match way {
        0 => mistake.to_owned(),
        _ => format!("{mistake}#{way}"),
    }
}

/// What one file keeps sealed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealed {
    entries: BTreeMap<String, Vec<u8>>,
}

impl Sealed {
    /// Reads the contents of a `.snap` file, with insta's header or without. Lines of another kind are skipped.
    pub(crate) fn parse(text: &str) -> Self {
        let body = match text.strip_prefix("---\n") {
            Some(rest) => rest.split_once("\n---\n").map_or("", |(_, body)| body),
            None => text,
        };
        let entries = body.lines().filter_map(|line| {
            let (label, bytes) = line.trim_end().split_once(' ')?;
            let bytes = BASE64.decode(bytes.as_bytes()).ok()?;
            Some((label.to_owned(), under_key(label, bytes)))
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// The lines that `parse` reads.
    #[cfg(any(test, feature = "insta"))]
    pub(crate) fn text(&self) -> String {
        let line = |(label, bytes): (&String, &Vec<u8>)| {
            format!(
                "{label} {}\n",
                BASE64.encode(&under_key(label, bytes.clone()))
            )
        };
        self.entries.iter().map(line).collect()
    }

    /// Keeps the answers to drawn inputs under the name of the function.
    #[cfg(any(test, feature = "insta"))]
    pub(crate) fn keep_answers(&mut self, name: &str, inputs: &[Value], answers: &[Value]) {
        let mut bytes = digest(inputs).to_le_bytes().to_vec();
        answers.iter().for_each(|answer| write(answer, &mut bytes));
        self.entries.insert(name.to_owned(), bytes);
    }

    /// The right answers to these inputs, if they are those that were drawn when the answers were sealed.
    pub(crate) fn answers(&self, name: &str, inputs: &[Value]) -> Option<Vec<Value>> {
        let bytes = self.entries.get(name)?;
        let (key, mut rest) = bytes.split_at_checked(8)?;
        if key != digest(inputs).to_le_bytes() {
            return None;
        }
        inputs.iter().map(|_| read(&mut rest)).collect()
    }

    /// Keeps what a mistake answers.
    #[cfg(any(test, feature = "insta"))]
    pub(crate) fn keep_mistake(&mut self, label: &str, answers: &[Value]) {
        let prints = answers.iter().map(|answer| print(answer) as f32);
        self.entries.insert(
            label.to_owned(),
            prints.flat_map(f32::to_le_bytes).collect(),
        );
    }

    /// Whether these are the answers of a mistake.
    pub(crate) fn is_mistake(&self, label: &str, answers: &[Value], rtol: f64, atol: f64) -> bool {
        let Some(bytes) = self.entries.get(label) else {
            return false;
        };
        let kept: Vec<f64> = (bytes.chunks_exact(4))
            .map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])))
            .collect();
        kept.len() == answers.len()
            && (kept.iter().zip(answers)).all(|(kept, answer)| {
                (print(answer) - kept).abs() <= reach(answer, rtol, atol) + 1e-6 * kept.abs()
            })
    }

    /// Whether both keep the same, up to what tolerances allow.
    #[cfg(any(test, feature = "insta"))]
    pub(crate) fn same(&self, other: &Self, tolerance: impl Fn(&str) -> (f64, f64)) -> bool {
        self.entries.len() == other.entries.len()
            && (self.entries.iter()).all(|(label, bytes)| {
                let Some(others) = other.entries.get(label) else {
                    return false;
                };
                let name = label.split(['=', '/', '~']).next().unwrap_or(label);
                let (rtol, atol) = tolerance(name);
                if name != label && !label.contains('=') {
                    // Prints of answers: near each other when the answers are.
                    let read = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
                    return bytes.len() == others.len()
                        && (bytes.chunks_exact(4).zip(others.chunks_exact(4))).all(|(a, b)| {
                            let (a, b) = (read(a), read(b));
                            f64::from((a - b).abs())
                                <= 10.0 * (rtol + 1e-4 + atol) * (1.0 + f64::from(a.abs()))
                        });
                }
                let (mut a, mut b) = (&bytes[8.min(bytes.len())..], &others[8.min(others.len())..]);
                if bytes.get(..8) != others.get(..8) {
                    return false;
                }
                while !a.is_empty() {
                    match (read(&mut a), read(&mut b)) {
                        (Some(a), Some(b)) if a.difference(&b, rtol, atol).is_none() => {}
                        _ => return false,
                    }
                }
                b.is_empty()
            })
    }
}

/// Not readable at a glance. The same again gives back what was there.
fn under_key(label: &str, mut bytes: Vec<u8>) -> Vec<u8> {
    let mut stream = vec![0; bytes.len()];
    ChaCha8Rng::seed_from_u64(hash(label.as_bytes())).fill_bytes(&mut stream);
    bytes.iter_mut().zip(stream).for_each(|(b, s)| *b ^= s);
    bytes
}

/// FNV-1a: the same on every machine and for ever.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn digest(inputs: &[Value]) -> u64 {
    let text: String = inputs.iter().map(|i| i.to_json().to_string()).collect();
    hash(text.as_bytes())
}

/// How many bytes, names and items have at most.
const LONG: usize = 1 << 20;

#[cfg(any(test, feature = "insta"))]
fn write(value: &Value, to: &mut Vec<u8>) {
    let count = |n: usize, to: &mut Vec<u8>| to.extend((n.min(LONG) as u32).to_le_bytes());
    match value {
        Value::Number(x) => {
            to.push(0);
            to.extend((*x as f32).to_le_bytes());
        }
        Value::Flag(flag) => to.push(1 + u8::from(*flag)),
        Value::Word(word) => {
            to.push(3);
            count(word.len(), to);
            to.extend(word.as_bytes());
        }
        Value::List(items) => {
            to.push(4);
            count(items.len(), to);
            items.iter().for_each(|item| write(item, to));
        }
        Value::Record(fields) => {
            to.push(5);
            count(fields.len(), to);
            for (name, value) in fields {
                write(&Value::Word(name.clone()), to);
                write(value, to);
            }
        }
    }
}

/// The next value, taken off the front; `None` where the bytes are not those that `write` wrote.
fn read(from: &mut &[u8]) -> Option<Value> {
    fn bytes<'a>(n: usize, from: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (taken, rest) = from.split_at_checked(n)?;
        *from = rest;
        Some(taken)
    }
    fn four(from: &mut &[u8]) -> Option<[u8; 4]> {
        bytes(4, from)?.try_into().ok()
    }
    fn count(from: &mut &[u8]) -> Option<usize> {
        let n = u32::from_le_bytes(four(from)?) as usize;
        (n <= LONG).then_some(n)
    }
    Some(match bytes(1, from)?[0] {
        0 => Value::Number(f64::from(f32::from_le_bytes(four(from)?))),
        1 => Value::Flag(false),
        2 => Value::Flag(true),
        3 => {
            let n = count(from)?;
            Value::Word(String::from_utf8(bytes(n, from)?.to_vec()).ok()?)
        }
        4 => Value::List(
            (0..count(from)?)
                .map(|_| read(from))
                .collect::<Option<_>>()?,
        ),
        5 => Value::Record(
            (0..count(from)?)
                .map(|_| Some((read(from)?.word().to_owned(), read(from)?)))
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// One number that other answers do not have: a sum over the leaves, each with a weight of its place.
fn print(answer: &Value) -> f64 {
    let mut sum = 0.0;
    leaves(answer, 17, &mut |leaf, at| {
        sum += weight(at)
            * match leaf {
                Value::Number(x) if x.is_nan() => 101.3,
                Value::Number(x) if x.is_infinite() => 203.7 * x.signum(),
                Value::Number(x) => squeezed(*x),
                Value::Flag(flag) => 5.1 + f64::from(u8::from(*flag)),
                Value::Word(word) => 11.0 + (hash(word.as_bytes()) % 1009) as f64,
                _ => 7.3,
            };
    });
    sum
}

/// How far off the print of an answer may be when each number is off by as much as the tolerances allow.
fn reach(answer: &Value, rtol: f64, atol: f64) -> f64 {
    let mut sum = 1e-6;
    leaves(answer, 17, &mut |leaf, at| {
        if let Value::Number(x) = leaf
            && x.is_finite()
        {
            sum += weight(at) * (rtol * x.abs() + atol) / (SMALL + x.abs());
        }
    });
    sum
}

const SMALL: f64 = 1e-3;

/// Large and small numbers side by side, with the same relative error where they are large.
fn squeezed(x: f64) -> f64 {
    // At most as large as may be divided: what diverges comes up to the largest number.
    x.signum() * (x.abs().min(f64::MAX * SMALL) / SMALL).ln_1p()
}

fn weight(at: u64) -> f64 {
    0.5 + (at % 1_000_003) as f64 / 1_000_003.0
}

/// Each leaf with a hash of the way to it. The length of a list is a leaf, too.
fn leaves(value: &Value, at: u64, each: &mut dyn FnMut(&Value, u64)) {
    let deeper = |k: u64| {
        (at ^ (k + 1))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(23)
    };
    match value {
        Value::List(items) => {
            each(
                &Value::from(items.len().to_string().as_str()),
                deeper(1 << 40),
            );
            for (k, item) in items.iter().enumerate() {
                leaves(item, deeper(k as u64), each);
            }
        }
        Value::Record(fields) => {
            for (name, value) in fields {
                leaves(value, deeper(hash(name.as_bytes())), each);
            }
        }
        leaf => each(leaf, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    #[test]
    fn what_is_sealed_is_opened_by_its_inputs_only() {
        let inputs = [record! { x: 1.0 }, record! { x: 2.0 }];
        let answers = [
            record! { y: vec![vec![0.5, -3.0], vec![]], ok: true, end: "diverged" },
            record! { y: f64::NAN, ok: false, end: "" },
        ];
        let mut sealed = Sealed::default();
        sealed.keep_answers("f", &inputs, &answers);
        let text = sealed.text();
        assert!(text.starts_with("f ") && !text.contains("diverged"));
        let opened = Sealed::parse(&format!("---\nsource: x\n---\n{text}"));
        let got = opened.answers("f", &inputs).expect("the same inputs");
        assert!(got[0].difference(&answers[0], 0.0, 0.0).is_none());
        assert!(got[1].difference(&answers[1], 0.0, 0.0).is_none());
        assert_eq!(opened.answers("f", &inputs[..1]), None);
        assert_eq!(opened.answers("g", &inputs), None);
        assert!(opened.same(&sealed, |_| (0.0, 0.0)));
    }

    #[test]
    fn a_mistake_is_known_within_the_tolerance() {
        let answers = [
            Value::from([0.25, -1e6, 0.0]),
            record! { end: "out of steps" },
        ];
        let mut sealed = Sealed::default();
        sealed.keep_mistake("f/sum", &answers);
        let is = |answers: &[Value]| sealed.is_mistake("f/sum", answers, 1e-4, 1e-9);
        assert!(is(&answers));
        assert!(is(&[
            Value::from([0.25001, -1.00001e6, 0.0]),
            answers[1].clone()
        ]));
        assert!(!is(&[Value::from([0.2505, -1e6, 0.0]), answers[1].clone()]));
        assert!(!is(&[Value::from([-1e6, 0.25, 0.0]), answers[1].clone()]));
        assert!(!is(&[
            Value::from([0.25, f64::NAN, 0.0]),
            answers[1].clone()
        ]));
        assert!(!is(&[answers[0].clone(), record! { end: "diverged" }]));
        assert!(!is(&answers[..1]));
    }
}
