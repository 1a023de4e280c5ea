//! The right answer times a number, and what that number is.

use super::{Case, Near, numbers, same_shape, text};
use crate::{Language, Text, Value, both, dimensions::dimensions};

/// got = c·expected with one c per case, and what that c is.
pub(super) fn factor(cases: &[Case], near: Near) -> Option<(String, Text)> {
    let mut factors = Vec::new();
    for case in cases {
        if !same_shape(&case.got, &case.expected) {
            return None;
        }
        let (got, expected) = (numbers(&case.got)?, numbers(&case.expected)?);
        let largest = (0..expected.len())
            .filter(|k| expected[*k].is_finite())
            .max_by(|a, b| expected[*a].abs().total_cmp(&expected[*b].abs()));
        let Some(k) = largest.filter(|k| expected[*k].abs() > near.atol) else {
            // Where 0 should come any factor gives it.
            if near.same(&case.got, &case.expected) {
                continue;
            }
            return None;
        };
        let c = got[k] / expected[k];
        if !c.is_finite() || !near.same(&case.got, &case.expected.map(&|x| c * x)) {
            return None;
        }
        factors.push((case, c, 2.0 * near.atol / expected[k].abs()));
    }
    if factors.len() < 2 {
        return None;
    }
    let is = |candidate: &dyn Fn(&Case) -> f64| {
        (factors.iter()).all(|(case, c, slack)| {
            let candidate = candidate(case);
            (c - candidate).abs() <= near.rtol * candidate.abs() + slack
        })
    };
    let ln = std::f64::consts::LN_2;
    let ln10 = std::f64::consts::LN_10;
    let constants = [
        (
            "sign",
            -1.0,
            "está bien salvo el signo",
            "it is right but for the sign",
        ),
        (
            "double",
            2.0,
            "es siempre el doble de lo esperado: sobra un 2 o falta un 1/2",
            "it is always twice what was expected: a 2 too many, or a 1/2 is missing",
        ),
        (
            "half",
            0.5,
            "es siempre la mitad de lo esperado: falta un 2 o sobra un 1/2",
            "it is always half of what was expected: a 2 is missing, or a 1/2 too many",
        ),
        (
            "log2",
            1.0 / ln,
            "es lo esperado dividido entre ln 2: has usado el logaritmo en base 2, y es el natural (`ln`)",
            "it is what was expected divided by ln 2: you used the logarithm to base 2, and it is the natural one (`ln`)",
        ),
        (
            "log10",
            1.0 / ln10,
            "es lo esperado dividido entre ln 10: has usado el logaritmo en base 10, y es el natural (`ln`)",
            "it is what was expected divided by ln 10: you used the logarithm to base 10, and it is the natural one (`ln`)",
        ),
        (
            "percent",
            100.0,
            "es siempre 100 veces lo esperado: ¿lo has dado en tanto por ciento?",
            "it is always 100 times what was expected: is it a percentage?",
        ),
    ];
    for (name, c, es, en) in constants {
        if is(&|_| c) {
            return Some((name.to_owned(), text(es, en)));
        }
    }
    type Of = fn(f64) -> f64;
    let powers: [(&str, Of, &str, &str); 8] = [
        (
            "times",
            |d| d,
            "falta dividir entre {d} (o sobra multiplicar)",
            "the division by {d} is missing (or it is multiplied by it once too often)",
        ),
        (
            "divided",
            |d| 1.0 / d,
            "sobra dividir entre {d} (o falta multiplicar)",
            "it is divided by {d} once too often (or the product is missing)",
        ),
        (
            "sign,times",
            |d| -d,
            "falta dividir entre {d}, y además el signo está cambiado",
            "the division by {d} is missing, and the sign is wrong, too",
        ),
        (
            "sign,divided",
            |d| -1.0 / d,
            "sobra dividir entre {d}, y además el signo está cambiado",
            "it is divided by {d} once too often, and the sign is wrong, too",
        ),
        (
            "n_minus_1",
            |d| d / (d - 1.0),
            "divides entre {d} menos 1, y es entre {d}",
            "you divide by {d} minus 1; it is {d}",
        ),
        (
            "n_not_n_minus_1",
            |d| (d - 1.0) / d,
            "divides entre {d}, y es entre {d} menos 1",
            "you divide by {d}; it is {d} minus 1",
        ),
        (
            "n_plus_1",
            |d| d / (d + 1.0),
            "divides entre {d} más 1, y es entre {d}",
            "you divide by {d} plus 1; it is {d}",
        ),
        (
            "double,times",
            |d| 2.0 * d,
            "falta dividir entre 2 y entre {d}",
            "the division by 2 and by {d} is missing",
        ),
    ];
    let mut found: Vec<(String, Text)> = Vec::new();
    for dimension in dimensions(&cases.iter().map(|c| &c.input).collect::<Vec<_>>()) {
        for (name, of, es, en) in powers {
            let value = |c: &Case| dimension.of(&c.input).map_or(f64::NAN, of);
            // A dimension that never changes is no cause.
            let first = value(factors[0].0);
            let varies = (factors.iter()).any(|(c, ..)| !near.same_number(value(c), first));
            if varies && is(&value) {
                let says = Text::new(
                    es.replace("{d}", &dimension.called.es),
                    en.replace("{d}", &dimension.called.en),
                );
                found.push((format!("{name}:{}", dimension.name), says));
            }
        }
    }
    match found.len() {
        1 => return found.pop(),
        0 => {}
        // Several explain it: none is named.
        _ => return None,
    }
    let c = factors[0].1;
    (is(&|_| c) && !near.same_number(c, 1.0)).then(|| {
        let says = both(|lang| {
            let c = Value::from(c).shown(&[], lang);
            match lang {
                Language::Es => format!("es siempre {c} veces lo esperado"),
                Language::En => format!("it is always {c} times what was expected"),
            }
        });
        ("factor".to_owned(), says)
    })
}
