//! Every step of an answer, judged: the first that is wrong is the one to look at.

use std::fmt;

use super::formula::number;
use super::problem::Slip;
use super::steps::walk;
use super::{Exercise, Markdown, TOLERANCE};
use gradus_text::Language;
use gradus_text::display::Show;

/// What the steps of an answer are worth: see [`Exercise::check_steps`].
#[derive(Clone, Debug, PartialEq)]
pub struct StepsVerdict {
    language: Language,
    rows: Vec<Row>,
    /// The steps that there are.
    names: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    value: f64,
    mark: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mark {
    Right,
    Wrong(Option<Slip>),
    /// It follows from earlier values that are wrong.
    Follows,
    Unknown,
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * b.abs() + 1e-9
}

impl Exercise {
    /// The steps to the answer and what [`Exercise::check_steps`] calls them.
    pub fn steps(&self) -> Markdown {
        let (_, steps) = self.problem.path();
        let words = self.language.pick("Los pasos", "The steps");
        let names = steps.iter();
        let names = names.map(|step| format!("`{}`: ${}$", step.name, step.latex));
        Markdown(format!(
            "{words}: {}.",
            names.collect::<Vec<_>>().join(", ")
        ))
    }

    /// Check the steps, those that one has, by name. Each may be rounded to three significant figures. The first that is wrong is
    /// named, with the usual mistake where it is one; a later step that follows from it is no mistake of its own.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let exercise = Exercise::new(Level::Neuron, 2, En); // z₁ = 0.5, a₁ = 0.6225, z₂ = -0.1225, …
    /// let verdict = exercise.check_steps([("z1", 0.5), ("a1", 0.7), ("z2", -0.2)]);
    /// assert_eq!(verdict.first_wrong(), Some("a1"));
    /// assert!(verdict.to_string().contains("→ z2"));
    /// ```
    pub fn check_steps<'a>(&self, answers: impl AsRef<[(&'a str, f64)]>) -> StepsVerdict {
        let (given, steps) = self.problem.path();
        let right = walk(&given, &steps);
        let mut own = given;
        let mut rows = Vec::new();
        let answers = answers.as_ref();
        for step in &steps {
            let follows = step.rule.value(&own);
            let answer = answers.iter().find(|(name, _)| *name == step.name);
            let Some(&(_, value)) = answer else {
                own.set(step.name, follows);
                continue;
            };
            let erred = rows.iter().any(|row: &Row| row.mark != Mark::Right);
            let mark = if close(value, right.get(step.name)) {
                Mark::Right
            } else if close(value, follows) {
                // Rounding carries on, too.
                if erred { Mark::Follows } else { Mark::Right }
            } else {
                let usual = step.slips.iter().find(|(rule, _)| close(value, rule(&own)));
                let sign = close(-value, follows).then_some(Slip::Sign);
                let of_answer = || {
                    let is_last = steps.last().is_some_and(|last| last.name == step.name);
                    let mut known = self.slips.iter();
                    let found = known.find(|(answer, _)| close(value, *answer));
                    found.filter(|_| is_last && !erred).map(|(_, slip)| *slip)
                };
                let slip = usual.map(|(_, slip)| *slip);
                Mark::Wrong(slip.or(sign).or_else(of_answer))
            };
            own.set(step.name, value);
            rows.push(Row {
                name: step.name.to_owned(),
                value,
                mark,
            });
        }
        for (name, value) in answers {
            if steps.iter().all(|step| step.name != *name) {
                rows.push(Row {
                    name: (*name).to_owned(),
                    value: *value,
                    mark: Mark::Unknown,
                });
            }
        }
        StepsVerdict {
            language: self.language,
            rows,
            names: steps.iter().map(|step| step.name).collect(),
        }
    }
}

impl StepsVerdict {
    /// Whether every step is right, the last of them among those that were given.
    pub fn is_right(&self) -> bool {
        let last = self.names.last().copied().unwrap_or_default();
        self.rows.iter().all(|row| row.mark == Mark::Right)
            && self.rows.iter().any(|row| row.name == last)
    }

    /// The first step that is wrong.
    pub fn first_wrong(&self) -> Option<&str> {
        let mut rows = self.rows.iter();
        let wrong = rows.find(|row| matches!(row.mark, Mark::Wrong(_)));
        wrong.map(|row| row.name.as_str())
    }
}

impl fmt::Display for StepsVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let say = |es: &'static str, en: &'static str| self.language.pick(es, en);
        for Row { name, value, mark } in &self.rows {
            let value = match value.is_finite() {
                true => number(*value),
                false => value.to_string(),
            };
            match mark {
                Mark::Right => writeln!(f, "✓ {name} = {value}")?,
                Mark::Follows => {
                    let words = say(
                        "sale bien de tus valores anteriores; el error viene de antes",
                        "follows from your earlier values; the error came before",
                    );
                    writeln!(f, "→ {name} = {value}: {words}")?;
                }
                Mark::Wrong(slip) => {
                    let words = slip.map_or(say("no es correcto", "it is not right"), |slip| {
                        slip.hint(self.language)
                    });
                    writeln!(f, "✗ {name} = {value}: {words}")?;
                }
                Mark::Unknown => {
                    let words = say(
                        "no hay ningún paso con ese nombre; hay",
                        "there is no step of that name; there are",
                    );
                    writeln!(f, "? {name}: {words} {}", self.names.join(", "))?;
                }
            }
        }
        let last = match (self.first_wrong(), self.is_right()) {
            (Some(name), _) => {
                let words = say("El primer error está en", "The first error is in");
                return write!(f, "{words} {name}.");
            }
            (None, true) => say(
                "Todo correcto, hasta la respuesta.",
                "All right, up to the answer.",
            ),
            (None, false) => say("Hasta aquí, bien.", "So far so good."),
        };
        if self.rows.is_empty() {
            let words = say("Los pasos son", "The steps are");
            return write!(f, "{words}: {}.", self.names.join(", "));
        }
        f.write_str(last)
    }
}

impl Show for StepsVerdict {
    fn forms(&self) -> Vec<(&'static str, String)> {
        vec![("text/plain", self.to_string())]
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;
    use proptest::prelude::*;

    /// All steps with their right values.
    fn right(exercise: &Exercise) -> Vec<(&'static str, f64)> {
        let (given, steps) = exercise.problem.path();
        let known = walk(&given, &steps);
        let pairs = steps.iter().map(|step| (step.name, known.get(step.name)));
        pairs.collect()
    }

    proptest! {
        #[test]
        fn right_steps_are_right_and_a_wrong_one_is_found_alone(seed: u64, which: prop::sample::Index) {
            for level in Level::ALL {
                let exercise = Exercise::new(level, seed, Language::En);
                let mut steps = right(&exercise);
                prop_assert!(exercise.check_steps(&steps).is_right(), "{}", exercise.check_steps(&steps));
                let last = steps.last().map_or(f64::NAN, |step| step.1);
                prop_assert!(close(last, exercise.answer()), "{level:?} {seed}: {last}");
                // One wrong step, and all that follows computed rightly from it.
                let at = which.index(steps.len());
                let (given, rules) = exercise.problem.path();
                let mut own = given;
                for (i, rule) in rules.iter().enumerate() {
                    let value = rule.rule.value(&own);
                    // Farther from zero than the right value, whatever its sign.
                    let value = if i == at { 7.5 * value + 1f64.copysign(value) } else { value };
                    own.set(rule.name, value);
                    steps[i].1 = value;
                }
                let verdict = exercise.check_steps(&steps);
                prop_assert_eq!(verdict.first_wrong(), Some(rules[at].name));
                let crosses = verdict.to_string().lines().filter(|line| line.starts_with('✗')).count();
                prop_assert_eq!(crosses, 1, "{}", verdict);
            }
        }
    }

    #[test]
    fn the_usual_mistake_of_a_step_is_named_and_an_odd_name_lists_the_steps() {
        let exercise = Exercise::new(Level::Softmax, 1, Language::Es);
        let steps = right(&exercise);
        let at = |name: &str| {
            steps
                .iter()
                .find(|step| step.0 == name)
                .map_or(0.0, |s| s.1)
        };
        let unnormalised = at("z1").exp();
        let text = exercise.check_steps([("p1", unnormalised)]).to_string();
        assert!(text.contains("exponenciales"), "{text}");
        let text = exercise.check_steps([("q", 1.0)]).to_string();
        assert!(text.contains("z1, z2, z3"), "{text}");
        assert!(exercise.check_steps([]).to_string().contains("pasos"));
        assert!(!exercise.check_steps([("z1", f64::NAN)]).is_right());
        assert!(exercise.steps().to_string().contains("`z1`: $z_1$"));
    }
}
