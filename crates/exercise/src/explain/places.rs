//! Where an answer is wrong, when it is right elsewhere.

use super::{Case, Near, numbers, same_shape, text};
use crate::{Language, Text, Value, both, question::Asking};

/// NaN or infinite where a number should come, and right everywhere else: at no fewer places.
pub(super) fn not_finite(cases: &[Case], near: Near) -> Option<(String, Text)> {
    let (mut right, mut broken) = (0, 0);
    for case in cases {
        if !same_shape(&case.got, &case.expected) {
            return None;
        }
        let (got, expected) = (numbers(&case.got)?, numbers(&case.expected)?);
        for (got, expected) in got.iter().zip(&expected) {
            match near.same_number(*got, *expected) {
                true => right += 1,
                false if got.is_finite() => return None,
                false => broken += 1,
            }
        }
    }
    (broken > 0 && right >= broken).then(|| {
        let says = text(
            "está bien salvo donde sale NaN o infinito: algo se desborda (una exponencial, un cuadrado) o se divide entre 0",
            "it is right but where NaN or infinity comes out: something overflows (an exponential, a square), or it divides by 0",
        );
        ("not_finite".to_owned(), says)
    })
}

/// Of the answers at several moments, only the first is right.
pub(super) fn after_the_first(
    cases: &[Case],
    near: Near,
    asking: &Asking,
) -> Option<(String, Text)> {
    let step = asking.axis("", 0)?;
    let mut later = 0;
    for case in cases {
        let (got, expected) = (case.got.items(), case.expected.items());
        if got.len() != expected.len() || !near.same(got.first()?, expected.first()?) {
            return None;
        }
        if let (Some(got), Some(expected)) = (got.get(1), expected.get(1)) {
            if near.same(got, expected) && expected != case.expected.items().first()? {
                return None;
            }
            later += 1;
        }
    }
    (later > 2 && matches!(step.en.as_str(), "step")).then(|| {
        let says = text(
            "el primer paso sale bien y el segundo ya no: mira qué se guarda de un paso al siguiente, y con qué valor",
            "the first step is right and the second no more: look at what is kept from one step to the next, and with which value",
        );
        ("after_the_first".to_owned(), says)
    })
}

/// Wrong for just those inputs that have something in common.
pub(super) fn only_where(cases: &[Case], near: Near) -> Option<(String, Text)> {
    type Is = fn(f64) -> bool;
    let Value::Record(fields) = &cases.first()?.input else {
        return None;
    };
    for (name, _) in fields {
        let mut seen = Vec::new();
        for case in cases {
            match (case.input.get(name), &case.got, &case.expected) {
                (Value::Number(x), got, expected) => seen.push((*x, !near.same(got, expected))),
                (Value::List(xs), Value::List(got), Value::List(expected))
                    if xs.len() == got.len() && got.len() == expected.len() =>
                {
                    for ((x, got), expected) in xs.iter().zip(got).zip(expected) {
                        let Value::Number(x) = x else {
                            seen.clear();
                            break;
                        };
                        seen.push((*x, !near.same(got, expected)));
                    }
                }
                _ => {
                    seen.clear();
                    break;
                }
            }
        }
        // A count that is large or 0 is hardly ever what is wrong.
        if seen.iter().all(|(x, _)| x.fract() == 0.0 && *x >= 0.0) {
            continue;
        }
        let wrong = seen.iter().filter(|(_, wrong)| *wrong).count();
        if wrong == 0 || wrong == seen.len() || seen.len() < 6 {
            continue;
        }
        let where_: [(&str, Is, &str); 5] = [
            ("at_zero", |x| x == 0.0, "= 0"),
            ("for_negatives", |x| x < 0.0, "< 0"),
            ("for_positives", |x| x > 0.0, "> 0"),
            ("up_to_zero", |x| x <= 0.0, "<= 0"),
            ("from_zero", |x| x >= 0.0, ">= 0"),
        ];
        for (label, is, sign) in where_ {
            if seen.iter().all(|(x, wrong)| is(*x) == *wrong) {
                let says = Text::new(
                    format!("solo falla donde {name} {sign}; en lo demás está bien"),
                    format!("it is wrong only where {name} {sign}; all else is right"),
                );
                return Some((format!("{label}:{name}"), says));
            }
        }
        let least = |is: bool| {
            (seen.iter())
                .filter(move |(_, wrong)| *wrong == is)
                .map(|(x, _)| x.abs())
        };
        let (low, high) = (
            least(false).fold(0.0, f64::max),
            least(true).fold(f64::INFINITY, f64::min),
        );
        let right = (seen.iter())
            .filter(|(x, wrong)| *x != 0.0 && !wrong)
            .count();
        if low < high && wrong > 2 && right > 4 {
            let says = both(|lang| {
                let high = Value::from(high).shown(&[], lang);
                match lang {
                    Language::Es => format!(
                        "solo falla cuando |{name}| es grande, al menos desde {high}; por debajo está bien"
                    ),
                    Language::En => format!(
                        "it is wrong only when |{name}| is large, at least from {high} on; below it is right"
                    ),
                }
            });
            return Some((format!("beyond:{name}"), says));
        }
    }
    None
}
