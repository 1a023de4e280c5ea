//! What a wrong answer looks like: the right one with the sign changed, divided by n, transposed, with ρ for 1 − ρ.
//!
//! An explanation is named only when it gives what came in *every* case that was tried, and it says what is seen, not what somebody
//! may have thought. There are two kinds: something done to the right answer, looked for here; and the right function on a changed
//! input ([`changes`]), whose answers are sealed with those of the exercise.

use gradus_text::{Language, Text};

use crate::{Value, both, question::Asking};

mod done;
mod factor;
mod places;

use done::{done_to_each, offset, rearranged};
use factor::factor;
use places::{after_the_first, not_finite, only_where};

/// What was given, what should have come and what came.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) input: Value,
    pub(crate) expected: Value,
    pub(crate) got: Value,
}

/// When an answer counts as right: relative and absolute tolerance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    pub(crate) rtol: f64,
    pub(crate) atol: f64,
}

impl Near {
    fn same(self, got: &Value, expected: &Value) -> bool {
        got.difference(expected, self.rtol, self.atol).is_none()
    }

    fn same_number(self, got: f64, expected: f64) -> bool {
        self.same(&got.into(), &expected.into())
    }
}

/// The one thing that was done to every right answer: a short name and what is seen.
pub(crate) fn explain(cases: &[Case], near: Near, asking: &Asking) -> Option<(String, Text)> {
    let wrong = (cases.iter()).any(|c| !near.same(&c.got, &c.expected));
    // What is looked at in a view is no answer of the student's.
    if !wrong || cases.len() < 2 || asking.is_viewed() {
        return None;
    }
    whole(cases, near).or_else(|| one_field(cases, near, asking))
}

/// What is wrong only where an input is 0.
pub(crate) fn at_zero(cases: &[Case], near: Near) -> Option<(String, Text)> {
    only_where(cases, near).filter(|(name, _)| name.starts_with("at_zero"))
}

/// Less than that: what the wrong cases have in common, and no right one.
pub(crate) fn locate(cases: &[Case], near: Near, asking: &Asking) -> Option<(String, Text)> {
    if asking.is_viewed() {
        return None;
    }
    not_finite(cases, near)
        .or_else(|| after_the_first(cases, near, asking))
        .or_else(|| only_where(cases, near))
}

/// An explanation of the only field of a record that is wrong.
fn one_field(cases: &[Case], near: Near, asking: &Asking) -> Option<(String, Text)> {
    let Value::Record(fields) = &cases.first()?.expected else {
        return None;
    };
    let is_wrong =
        |field: &str| (cases.iter()).any(|c| !near.same(c.got.get(field), c.expected.get(field)));
    let mut wrong = (fields.iter())
        .map(|(name, _)| name)
        .filter(|name| is_wrong(name));
    let (field, others) = (wrong.next()?, wrong.next());
    if others.is_some() {
        return None;
    }
    let part = |value: &Value| value.get(field).clone();
    let parts: Vec<Case> = (cases.iter())
        // A descent that diverges may have fewer fields than another.
        .filter(
            |c| matches!(&c.expected, Value::Record(f) if f.iter().any(|(name, _)| name == field)),
        )
        .map(|c| Case {
            input: c.input.clone(),
            expected: part(&c.expected),
            got: part(&c.got),
        })
        .collect();
    let (name, says) = whole(&parts, near)?;
    let place = asking.place(field);
    Some((
        format!("{field}:{name}"),
        Text::new(
            format!("solo falla `{}`. {}", place.es, capital(&says.es)),
            format!("only `{}` is wrong. {}", place.en, capital(&says.en)),
        ),
    ))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn whole(cases: &[Case], near: Near) -> Option<(String, Text)> {
    constant(cases, near)
        .or_else(|| unchanged(cases, near))
        .or_else(|| factor(cases, near))
        .or_else(|| done_to_each(cases, near))
        .or_else(|| rearranged(cases, near))
        .or_else(|| offset(cases, near))
}

fn text(es: &str, en: &str) -> Text {
    Text::new(es, en)
}

/// The numbers of a value in a row, or nothing where it has words or flags.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Number(x) => Some(vec![*x]),
        Value::List(items) => (items.iter().map(numbers))
            .collect::<Option<Vec<_>>>()
            .map(|rows| rows.concat()),
        Value::Record(fields) => (fields.iter().map(|(_, value)| numbers(value)))
            .collect::<Option<Vec<_>>>()
            .map(|rows| rows.concat()),
        _ => None,
    }
}

fn same_shape(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b))
        }
        (Value::Record(a), Value::Record(b)) => {
            a.len() == b.len() && a.iter().all(|(name, x)| same_shape(x, other(b, name)))
        }
        (Value::Number(_), Value::Number(_)) | (Value::Flag(_), Value::Flag(_)) => true,
        (Value::Word(_), Value::Word(_)) => true,
        _ => false,
    }
}

fn other<'a>(fields: &'a [(String, Value)], name: &str) -> &'a Value {
    const NOTHING: &Value = &Value::List(Vec::new());
    (fields.iter().find(|(field, _)| field == name)).map_or(NOTHING, |(_, value)| value)
}

/// The same answer whatever the input.
fn constant(cases: &[Case], near: Near) -> Option<(String, Text)> {
    let all_zero = (cases.iter()).all(|c| {
        same_shape(&c.got, &c.expected)
            && numbers(&c.got).is_some_and(|n| n.iter().all(|x| *x == 0.0))
    });
    if all_zero {
        let says = text("siempre devuelves ceros", "you always return zeros");
        return Some(("zeros".to_owned(), says));
    }
    let first = &cases.first()?.got;
    let differ = (cases.iter()).any(|c| !near.same(&c.expected, &cases[0].expected));
    let same = cases.iter().all(|c| near.same(&c.got, first));
    (same && differ && cases.len() > 4).then(|| {
        let says = both(|lang| {
            let shown = first.shown(&[], lang);
            match lang {
                Language::Es => format!("devuelves {shown} sea cual sea la entrada"),
                Language::En => format!("you return {shown} whatever the input"),
            }
        });
        ("constant".to_owned(), says)
    })
}

/// What was given comes back as it was.
fn unchanged(cases: &[Case], near: Near) -> Option<(String, Text)> {
    let Value::Record(fields) = &cases.first()?.input else {
        return None;
    };
    fields.iter().find_map(|(name, _)| {
        let same = |c: &Case| match (c.input.get(name), &c.got) {
            // The answer at several moments: the same every time.
            (Value::List(given), Value::List(moments))
                if matches!(given.first(), Some(Value::Number(_)))
                    && matches!(moments.first(), Some(Value::List(_))) =>
            {
                moments.iter().all(|m| near.same(m, c.input.get(name)))
            }
            // A network that is not trained.
            (Value::Record(given), Value::Record(got)) => {
                (given.iter()).all(|(name, value)| near.same(other(got, name), value))
            }
            (given, got) => near.same(got, given),
        };
        cases.iter().all(same).then(|| {
            let says = Text::new(
                format!("devuelves `{name}` tal cual: ¿falta algo por hacer, o has cambiado una copia?"),
                format!("you return `{name}` as it is: is something left to do, or did you change a copy?"),
            );
            ("unchanged".to_owned(), says)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Question, record};

    const NEAR: Near = Near {
        rtol: 1e-4,
        atol: 1e-9,
    };

    /// The name given to what `wrong` makes of the right answers.
    fn named(right: &[f64], wrong: impl Fn(usize, f64) -> f64) -> Option<String> {
        let cases: Vec<Case> = (right.iter().enumerate())
            .map(|(k, x)| Case {
                input: record! { z: vec![0.0; k + 2], x: k },
                expected: (*x).into(),
                got: wrong(k + 2, *x).into(),
            })
            .collect();
        let asking = Question::new("f", Value::clone).asking;
        explain(&cases, NEAR, &asking).map(|(name, _)| name)
    }

    #[test]
    fn what_explains_every_case_is_named() {
        let right = [0.3, -1.7, 2.9, 0.01, -40.0, 3.2];
        let is = |wrong: fn(usize, f64) -> f64| named(&right, wrong);
        assert_eq!(is(|_, x| x), None);
        assert_eq!(is(|_, x| -x).as_deref(), Some("sign"));
        assert_eq!(is(|_, x| 2.0 * x).as_deref(), Some("double"));
        assert_eq!(is(|n, x| n as f64 * x).as_deref(), Some("times:len(z)"));
        assert_eq!(is(|n, x| x / n as f64).as_deref(), Some("divided:len(z)"));
        assert_eq!(is(|_, x| x + 1.0).as_deref(), Some("one_more"));
        assert_eq!(is(|_, x| x.abs()).as_deref(), Some("absolute"));
        assert_eq!(is(|_, _| 0.0).as_deref(), Some("zeros"));
        assert_eq!(is(|_, x| 7.1 * x).as_deref(), Some("factor"));
    }

    #[test]
    fn what_leaves_one_case_open_is_not_named() {
        let right = [0.3, -1.7, 2.9, 0.01, -40.0, 3.2];
        assert_eq!(named(&right, |n, x| if n == 4 { 5.0 } else { -x }), None);
        assert_eq!(named(&right, |_, x| x.sin()), None);
    }
}
