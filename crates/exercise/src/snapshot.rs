//! Snapshots: one line for each public input of an exercise, `question input => answer`, in JSON with six significant digits.
//!
//! The lab embeds its snapshots, so that a notebook can check against them too; insta keeps them up to date. They are
//! compared as numbers with the exercise's tolerance, never as text.

use serde_json::Value as Json;

use crate::Value;

/// Digits kept in a snapshot. Tolerances may not be finer than the rounding: half of the last digit, 5·10⁻⁶ relative.
#[cfg(any(test, feature = "insta"))]
const DIGITS: usize = 6;

/// The answers of one snapshot, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    lines: Vec<(String, Value)>,
}

impl Snapshot {
    /// Reads the contents of a `.snap` file, with insta's header or without. Lines that are not answers are skipped.
    pub(crate) fn parse(text: &str) -> Self {
        let body = match text.strip_prefix("---\n") {
            Some(rest) => rest.split_once("\n---\n").map_or("", |(_, body)| body),
            None => text,
        };
        let lines = body
            .lines()
            .filter_map(|line| {
                let (question, rest) = line.split_once(' ')?;
                let (_, answer) = rest.rsplit_once(" => ")?;
                let answer: Json = serde_json::from_str(answer).ok()?;
                Some((question.to_owned(), Value::from_json(&answer)))
            })
            .collect();
        Self { lines }
    }

    /// The answers to the question `name`, in the order of its cases.
    pub(crate) fn answers(&self, name: &str) -> Vec<&Value> {
        self.lines
            .iter()
            .filter(|(question, _)| question == name)
            .map(|(_, answer)| answer)
            .collect()
    }
}

/// The lines of a snapshot: these answers to these inputs, under the name `label`.
#[cfg(any(test, feature = "insta"))]
pub(crate) fn lines(label: &str, inputs: &[Value], answers: &[Value]) -> String {
    inputs
        .iter()
        .zip(answers)
        .map(|(input, answer)| {
            let answer = answer.rounded(DIGITS).to_json();
            format!("{label} {} => {answer}\n", input.to_json())
        })
        .collect()
}

/// An insta comparator that reads both sides as numbers and compares them with the exercise's tolerances.
#[cfg(feature = "insta")]
#[derive(Clone)]
pub(crate) struct NearEnough(pub(crate) crate::Exercise);

#[cfg(feature = "insta")]
impl insta::Comparator for NearEnough {
    fn matches(&self, reference: &insta::Snapshot, test: &insta::Snapshot) -> bool {
        let (Some(reference), Some(test)) = (reference.as_text(), test.as_text()) else {
            return false;
        };
        let (reference, test) = (
            Snapshot::parse(&reference.to_string()),
            Snapshot::parse(&test.to_string()),
        );
        reference.lines.len() == test.lines.len()
            && reference
                .lines
                .iter()
                .zip(&test.lines)
                .all(|((label, expected), (other, got))| {
                    let (name, mistake) = match label.split_once('/') {
                        Some((name, mistake)) => (name, Some(mistake)),
                        None => (label.as_str(), None),
                    };
                    let asked = self.0.questions.iter().find(|q| q.name == name);
                    let near = |tolerance: &crate::Tolerance| match mistake {
                        Some(_) => got.difference(expected, tolerance.rtol, tolerance.atol),
                        None => tolerance.difference(got, expected),
                    };
                    label == other && asked.is_some_and(|q| near(&q.tolerance).is_none())
                })
    }

    fn dyn_clone(&self) -> Box<dyn insta::Comparator> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    #[test]
    fn what_is_written_is_read_back() {
        let inputs = [record! { x: 1.0 }, record! { x: f64::NAN }];
        let answers = [Value::from(0.5), Value::from(f64::NAN)];
        let text = lines("half", &inputs, &answers);
        assert_eq!(
            text,
            "half {\"x\":1} => 0.5\nhalf {\"x\":\"NaN\"} => \"NaN\"\n"
        );
        for text in [text.clone(), format!("---\nsource: x\n---\n{text}")] {
            let read = Snapshot::parse(&text);
            assert_eq!(*read.answers("half")[0], answers[0]);
            assert!(read.answers("half")[1].number().is_nan());
            assert!(read.answers("other").is_empty());
        }
    }
}
