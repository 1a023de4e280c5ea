//! The part of an exercise that is data: one TOML file each, `labs/*/exercises/*.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{Text, Value, value::Difference};

/// One exercise, as its file declares it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// The name people type: `lab1.3`.
    pub id: String,
    /// The file that the student edits, relative to the lab: `src/exercises/gradients.rs`.
    pub file: String,
    /// The most that it is worth: the sum over its questions.
    pub points: u32,
    /// A few words.
    pub title: Text,
    /// What to do, with the formula, the shapes and an example (Markdown).
    pub statement: Text,
    /// Two or three, each giving away more than the one before.
    pub hints: Vec<Text>,
    /// When an answer counts as right, for the questions that do not say it themselves.
    pub tolerance: Tolerance,
    /// The functions to write.
    pub questions: Vec<Asked>,
}

/// One function that an exercise asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The function's name, unique in the lab.
    pub name: String,
    /// What it is worth.
    pub points: u32,
    /// When an answer counts as right; that of the exercise unless the file says it here.
    #[serde(default)]
    pub tolerance: Tolerance,
    /// What people usually get wrong.
    #[serde(default)]
    pub mistakes: Vec<Mistake>,
}

/// When an answer counts as right, and why so.
///
/// Either near the expected answer, |a-b| <= atol + rtol·|b|, or, for results of training, within bounds on the fields of a record;
/// `rtol` and `atol` then only serve to recognise usual mistakes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Relative tolerance.
    #[serde(default)]
    pub rtol: f64,
    /// Absolute tolerance.
    #[serde(default)]
    pub atol: f64,
    /// Fields that must reach at least this.
    #[serde(default)]
    pub at_least: BTreeMap<String, f64>,
    /// Fields that may reach at most this.
    #[serde(default)]
    pub at_most: BTreeMap<String, f64>,
    /// The reason for the figures.
    pub why: Text,
}

/// A usual mistake, recognised in a wrong answer. An instructor's mutant of the same name makes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// A short name: `no_bias_correction`.
    pub name: String,
    /// What went wrong and where to look.
    #[serde(flatten)]
    pub text: Text,
}

impl Tolerance {
    /// Whether the answer must lie within bounds, rather than near the expected one.
    pub fn is_bounds(&self) -> bool {
        !self.at_least.is_empty() || !self.at_most.is_empty()
    }

    /// Whether it is so wide, for what is random, that answers must be compared number by number.
    pub(crate) fn is_coarse(&self) -> bool {
        self.is_bounds() || self.rtol > 1e-3 || self.atol > 1e-6
    }

    /// Where `got` fails, or nothing when it is right.
    pub fn difference(&self, got: &Value, expected: &Value) -> Option<Difference> {
        if !self.is_bounds() {
            return got.difference(expected, self.rtol, self.atol);
        }
        let (field, bound) = self.missed(got)?;
        Some(Difference {
            place: field.to_owned(),
            expected: bound.en.as_str().into(),
            got: got.get(field).clone(),
        })
    }

    /// The first field that does not keep to its bounds, and what they are.
    pub(crate) fn missed(&self, got: &Value) -> Option<(&str, Text)> {
        let holds = |field: &str| {
            let x = got.get(field).number();
            self.at_least.get(field).is_none_or(|least| x >= *least)
                && self.at_most.get(field).is_none_or(|most| x <= *most)
        };
        let mut fields = self.at_least.keys().chain(self.at_most.keys());
        let field = fields.find(|field| !holds(field))?;
        let bounds = match (self.at_least.get(field), self.at_most.get(field)) {
            (Some(least), Some(most)) if least == most => Text::from(least.to_string()),
            (Some(least), Some(most)) => Text::new(
                format!("de {least} a {most}"),
                format!("from {least} to {most}"),
            ),
            (Some(least), None) => {
                Text::new(format!("al menos {least}"), format!("at least {least}"))
            }
            (None, most) => {
                let most = most.copied().unwrap_or(f64::NAN);
                Text::new(format!("{most} como mucho"), format!("{most} at most"))
            }
        };
        Some((field, bounds))
    }
}

impl Exercise {
    /// Reads the text of a file. An error says `file:line: what is wrong`.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let mut exercise: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |span| line_at(text, span.start));
            format!("{file}:{line}: {}", e.message())
        })?;
        for question in &mut exercise.questions {
            if question.tolerance.why == Text::default() {
                question.tolerance = exercise.tolerance.clone();
            }
        }
        let wrong = |needle: &str, message: String| {
            let start = text.find(needle).unwrap_or(0);
            Err(format!("{file}:{}: {message}", line_at(text, start)))
        };
        let id = &exercise.id;
        let number = id.split_once('.').map(|(_, number)| number);
        if !number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            return wrong("id", format!("`{id}` is not an id such as lab1.3"));
        }
        let sum: u32 = exercise.questions.iter().map(|q| q.points).sum();
        if sum != exercise.points {
            return wrong(
                "points",
                format!(
                    "{id} is worth {} points, but its questions add up to {sum}",
                    exercise.points
                ),
            );
        }
        if !(2..=3).contains(&exercise.hints.len()) {
            return wrong(
                "[[hints]]",
                format!(
                    "{id} has {} hints; two or three are wanted",
                    exercise.hints.len()
                ),
            );
        }
        let mut names = BTreeSet::new();
        for question in &exercise.questions {
            let here = format!("name = \"{}\"", question.name);
            if !names.insert(&question.name) {
                return wrong(&here, format!("{id} asks for `{}` twice", question.name));
            }
            let t = &question.tolerance;
            let sound = |x: f64| x.is_finite() && (0.0..1.0).contains(&x);
            if !sound(t.rtol) || !sound(t.atol) {
                return wrong(
                    &here,
                    format!("the tolerance of `{}` must lie in [0, 1)", question.name),
                );
            }
            let mut mistakes = BTreeSet::new();
            for mistake in &question.mistakes {
                if !mistakes.insert(&mistake.name) {
                    return wrong(
                        &format!("name = \"{}\"", mistake.name),
                        format!("the mistake `{}` is listed twice", mistake.name),
                    );
                }
            }
        }
        let texts = [&exercise.title, &exercise.statement]
            .into_iter()
            .chain(&exercise.hints)
            .chain(exercise.questions.iter().map(|q| &q.tolerance.why))
            .chain(
                exercise
                    .questions
                    .iter()
                    .flat_map(|q| q.mistakes.iter().map(|m| &m.text)),
            );
        for text in texts {
            for (lang, other, version) in [("es", &text.en, &text.es), ("en", &text.es, &text.en)] {
                if version.trim().is_empty() {
                    let near = other.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
                    return wrong(near, format!("{id}: the text has no `{lang}` version"));
                }
            }
        }
        Ok(exercise)
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    const GOOD: &str = r#"
id = "lab9.1"
file = "src/exercises/one.rs"
points = 3
title = { es = "Uno", en = "One" }
statement = { es = "Haz.", en = "Do." }
hints = [{ es = "a", en = "a" }, { es = "b", en = "b" }]
tolerance = { rtol = 1e-5, why = { es = "seis cifras", en = "six digits" } }

[[questions]]
name = "one"
points = 3
mistakes = [{ name = "two", es = "dos", en = "two" }]
"#;

    #[test]
    fn a_complete_file_is_read() {
        let exercise = Exercise::parse("1.toml", GOOD).expect("it is complete");
        assert_eq!(exercise.questions[0].mistakes[0].text.es, "dos");
    }

    #[test]
    fn errors_name_file_and_line() {
        let broken = |from: &str, to: &str| {
            Exercise::parse("1.toml", &GOOD.replace(from, to)).expect_err("it is broken")
        };
        assert_eq!(
            broken("points = 3\ntitle", "points = 4\ntitle"),
            "1.toml:4: lab9.1 is worth 4 points, but its questions add up to 3"
        );
        assert_eq!(
            broken(r#", en = "One" }"#, " }"),
            "1.toml:5: missing field `en`"
        );
        assert!(broken(r#"en = "Do.""#, r#"en = " ""#).starts_with("1.toml:6: "));
        assert!(broken("rtol = 1e-5", "rtol = 2.0").starts_with("1.toml:11: "));
        assert!(broken(r#", { es = "b", en = "b" }"#, "").contains("1 hints"));
        assert!(broken("lab9.1", "nine").contains("not an id"));
        assert!(broken("points = 3\nmistakes", "mistakes").contains("missing field `points`"));
    }

    #[test]
    fn bounds_are_met_by_fields() {
        let tolerance = Tolerance {
            at_least: [("accuracy".to_owned(), 0.9)].into(),
            at_most: [("gap".to_owned(), 0.05)].into(),
            ..Tolerance::default()
        };
        let fails = |a: f64, gap: f64| {
            tolerance
                .difference(&record! { accuracy: a, gap: gap }, &record! {})
                .map(|d| d.place)
        };
        assert_eq!(fails(0.95, 0.01), None);
        assert_eq!(fails(0.85, 0.01).as_deref(), Some("accuracy"));
        assert_eq!(fails(f64::NAN, 0.01).as_deref(), Some("accuracy"));
        assert_eq!(fails(0.95, 0.06).as_deref(), Some("gap"));
        let missed = |a: f64, gap: f64| {
            let got = record! { accuracy: a, gap: gap };
            tolerance.missed(&got).map(|(_, bound)| bound.en)
        };
        assert_eq!(missed(0.85, 0.0).as_deref(), Some("at least 0.9"));
        assert_eq!(missed(0.95, 0.1).as_deref(), Some("0.05 at most"));
    }
}
