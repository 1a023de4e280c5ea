//! Snapshots: one line for each public input of an exercise, `question input => answer`, in JSON with six significant digits.
//!
//! The lab embeds its snapshots, so that a notebook can check against them too; insta keeps them up to date. They are
//! compared as numbers with the exercise's tolerance, never as text.

use crate::Value;
#[cfg(feature = "insta")]
use crate::sealed::Sealed;

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
                Some((question.to_owned(), serde_json::from_str(answer).ok()?))
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
            format!(
                "{label} {} => {}\n",
                json(input),
                json(&answer.rounded(DIGITS))
            )
        })
        .collect()
}

#[cfg(any(test, feature = "insta"))]
fn json(value: &Value) -> String {
    // A value has nothing that JSON cannot say.
    serde_json::to_string(value).unwrap_or_default()
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
                .all(|((name, expected), (other, got))| {
                    let asked = self.0.questions.iter().find(|q| q.name == *name);
                    name == other
                        && asked.is_some_and(|q| q.tolerance.difference(got, expected).is_none())
                })
    }

    fn dyn_clone(&self) -> Box<dyn insta::Comparator> {
        Box::new(self.clone())
    }
}

/// The same for what is sealed.
#[cfg(feature = "insta")]
#[derive(Clone)]
pub(crate) struct SealedNearEnough(pub(crate) crate::Exercise);

#[cfg(feature = "insta")]
impl insta::Comparator for SealedNearEnough {
    fn matches(&self, reference: &insta::Snapshot, test: &insta::Snapshot) -> bool {
        let (Some(reference), Some(test)) = (reference.as_text(), test.as_text()) else {
            return false;
        };
        let tolerance = |name: &str| {
            let asked = self.0.questions.iter().find(|q| q.name == name);
            asked.map_or((0.0, 0.0), |q| (q.tolerance.rtol, q.tolerance.atol))
        };
        let test = Sealed::parse(&test.to_string());
        Sealed::parse(&reference.to_string()).same(&test, tolerance)
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
