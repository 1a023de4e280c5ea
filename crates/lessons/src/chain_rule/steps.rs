//! The steps that lead to an answer, each with its rule and the usual mistakes in it.

use super::formula::{factor, number};
use super::problem::Slip;

/// Numbers by name: those that are given, then the steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Vec<(&'static str, f64)>);

impl Known {
    pub(super) fn new(given: &[(&'static str, f64)]) -> Known {
        Known(given.to_vec())
    }

    /// The number of that name; NaN where there is none, which no answer equals.
    pub(super) fn get(&self, name: &str) -> f64 {
        let known = self.0.iter().rev().find(|(known, _)| *known == name);
        known.map_or(f64::NAN, |(_, value)| *value)
    }

    pub(super) fn set(&mut self, name: &'static str, value: f64) {
        self.0.push((name, value));
    }
}

/// How a step follows from what is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    Of(fn(&Known) -> f64),
    /// A number that no later mistake changes.
    Value(f64),
}

impl Rule {
    pub(super) fn value(self, known: &Known) -> f64 {
        match self {
            Rule::Of(rule) => rule(known),
            Rule::Value(value) => value,
        }
    }
}

/// What a step becomes when it is done wrong, and how.
pub(super) type Wrong = (fn(&Known) -> f64, Slip);

/// One step on the way to the answer.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// What a student calls it: `"delta1"`.
    pub(super) name: &'static str,
    pub(super) latex: &'static str,
    /// The right-hand side in LaTeX, with the names of what it uses between `<` and `>`.
    pub(super) formula: &'static str,
    pub(super) rule: Rule,
    pub(super) slips: Vec<Wrong>,
}

impl Step {
    pub(super) fn of(
        name: &'static str,
        latex: &'static str,
        formula: &'static str,
        rule: fn(&Known) -> f64,
    ) -> Step {
        Step {
            name,
            latex,
            formula,
            rule: Rule::Of(rule),
            slips: Vec::new(),
        }
    }

    pub(super) fn value(
        name: &'static str,
        latex: &'static str,
        formula: &'static str,
        value: f64,
    ) -> Step {
        let mut step = Step::of(name, latex, formula, |_| f64::NAN);
        step.rule = Rule::Value(value);
        step
    }

    pub(super) fn slip(mut self, rule: fn(&Known) -> f64, slip: Slip) -> Step {
        self.slips.push((rule, slip));
        self
    }
}

/// The formula of a step with something in the place of each name: `with` gets the name, and whether it stands at the start of a
/// formula or of brackets, where a negative number needs none of its own.
pub(super) fn filled(formula: &str, with: impl Fn(&str, bool) -> String) -> String {
    let mut parts = formula.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>') {
            Some((name, rest)) => {
                let first = text.is_empty() || text.ends_with(['(', '{']) || text.ends_with(", ");
                text.push_str(&with(name, first));
                text.push_str(rest);
            }
            None => text.push_str(part),
        }
    }
    text
}

/// All that the right steps lead to.
pub(super) fn walk(given: &Known, steps: &[Step]) -> Known {
    let mut known = given.clone();
    for step in steps {
        let value = step.rule.value(&known);
        known.set(step.name, value);
    }
    known
}

/// What the last step becomes when every step makes the same mistake where it can.
pub(super) fn answers_of_slips(given: &Known, steps: &[Step]) -> Vec<(f64, Slip)> {
    let mut kinds: Vec<Slip> = Vec::new();
    for (_, slip) in steps.iter().flat_map(|step| &step.slips) {
        if !kinds.contains(slip) {
            kinds.push(*slip);
        }
    }
    let answer = |kind: Slip| {
        let mut known = given.clone();
        let mut last = f64::NAN;
        for step in steps {
            let wrong = step.slips.iter().find(|(_, slip)| *slip == kind);
            last = match wrong {
                Some((rule, _)) => rule(&known),
                None => step.rule.value(&known),
            };
            known.set(step.name, last);
        }
        (last, kind)
    };
    kinds.into_iter().map(answer).collect()
}

/// A step as a line: its symbol, its formula, the numbers in it, its value.
pub(super) fn line(step: &Step, symbol: impl Fn(&str) -> String, known: &Known) -> String {
    let exact = known.get(step.name);
    let value = number(exact);
    let is_exact = value
        .parse()
        .is_ok_and(|shown: f64| (shown - exact).abs() < 1e-12);
    let is = if is_exact { "=" } else { r"\approx" };
    let symbols = filled(step.formula, |name, _| symbol(name));
    let numbers = filled(step.formula, |name, first| {
        let value = known.get(name);
        if first { number(value) } else { factor(value) }
    });
    format!("${} = {symbols} = {numbers} {is} {value}$", step.latex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_symbols_numbers_and_the_value() {
        let known = Known::new(&[("w", -0.5), ("x", -2.0), ("z", 1.0)]);
        let step = Step::of("z", "z_1", r"<w> \cdot <x> + \max(0, <w>)", |_| 0.0);
        let text = line(&step, |name| format!("{name}_1"), &known);
        assert_eq!(
            text,
            r"$z_1 = w_1 \cdot x_1 + \max(0, w_1) = -0.5 \cdot (-2) + \max(0, -0.5) = 1$"
        );
    }
}
