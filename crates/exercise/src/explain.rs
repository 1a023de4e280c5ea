//! What a wrong answer looks like: the right one with the sign changed, divided by n, transposed, with ρ for 1 − ρ.
//!
//! An explanation is named only when it gives what came in *every* case that was tried, and it says what is seen, not what somebody
//! may have thought. There are two kinds: something done to the right answer, looked for here; and the right function on a changed
//! input ([`changes`]), whose answers are sealed with those of the exercise.

use gradus_text::{Language, Text};

use crate::{Value, both, changes::dimensions, question::Asking};

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

/// got = c·expected with one c per case, and what that c is.
fn factor(cases: &[Case], near: Near) -> Option<(String, Text)> {
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

/// The same done to each number of the right answer.
fn done_to_each(cases: &[Case], near: Near) -> Option<(String, Text)> {
    type Of = fn(f64) -> f64;
    let done: [(&str, Of, &str, &str); 14] = [
        (
            "absolute",
            f64::abs,
            "es el valor absoluto de lo esperado: se ha perdido el signo",
            "it is the absolute value of what was expected: the sign got lost",
        ),
        (
            "no_negatives",
            |x| x.max(0.0),
            "está bien salvo que lo negativo se ha quedado en 0",
            "it is right but that what is negative became 0",
        ),
        (
            "no_positives",
            |x| x.min(0.0),
            "está bien salvo que lo positivo se ha quedado en 0",
            "it is right but that what is positive became 0",
        ),
        (
            "clipped",
            |x| x.clamp(0.0, 1.0),
            "está bien salvo que lo has recortado al intervalo de 0 a 1",
            "it is right but that you cut it to the range from 0 to 1",
        ),
        (
            "clipped_to_1",
            |x| x.clamp(-1.0, 1.0),
            "está bien salvo que lo has recortado al intervalo de −1 a 1",
            "it is right but that you cut it to the range from −1 to 1",
        ),
        (
            "whole_numbers",
            f64::trunc,
            "solo sale la parte entera: ¿has dividido dos enteros? Convierte antes con `as f64`",
            "only the whole part comes out: did you divide two integers? Convert with `as f64` first",
        ),
        (
            "rounded",
            f64::round,
            "sale redondeado a un entero",
            "it comes out rounded to a whole number",
        ),
        (
            "one_minus",
            |x| 1.0 - x,
            "es 1 menos lo esperado",
            "it is 1 minus what was expected",
        ),
        (
            "minus_one_minus",
            |x| x - 1.0,
            "le falta 1 a cada número",
            "each number lacks 1",
        ),
        (
            "inverse",
            |x| 1.0 / x,
            "es el inverso de lo esperado: numerador y denominador están intercambiados",
            "it is the inverse of what was expected: numerator and denominator are swapped",
        ),
        (
            "squared",
            |x| x * x,
            "es el cuadrado de lo esperado: falta la raíz o sobra un cuadrado",
            "it is the square of what was expected: a root is missing, or there is a square too many",
        ),
        (
            "root",
            f64::sqrt,
            "es la raíz de lo esperado: sobra la raíz o falta un cuadrado",
            "it is the root of what was expected: a root too many, or a square is missing",
        ),
        (
            "exponential",
            f64::exp,
            "es la exponencial de lo esperado: falta un logaritmo",
            "it is the exponential of what was expected: a logarithm is missing",
        ),
        (
            "sign_only",
            |x| if x == 0.0 { 0.0 } else { x.signum() },
            "solo sale el signo de lo esperado: 1 o −1",
            "only the sign of what was expected comes out: 1 or −1",
        ),
    ];
    // A number that is both clipped and right says nothing: some must differ.
    done.into_iter().find_map(|(name, of, es, en)| {
        let all = (cases.iter())
            .all(|c| numbers(&c.expected).is_some() && near.same(&c.got, &c.expected.map(&of)));
        all.then(|| (name.to_owned(), text(es, en)))
    })
}

fn transposed(value: &Value) -> Option<Value> {
    let rows = value.rows();
    let width = rows.first()?.len();
    if rows.iter().any(|row| row.len() != width) || width == 0 {
        return None;
    }
    let column = |k: usize| rows.iter().map(|row| row[k]).collect::<Vec<f64>>();
    Some((0..width).map(column).collect::<Vec<_>>().into())
}

/// The right numbers in another place, or not all of them.
fn rearranged(cases: &[Case], near: Near) -> Option<(String, Text)> {
    type Of = fn(&Value) -> Option<Value>;
    fn list(value: &Value) -> Option<&[Value]> {
        match value {
            Value::List(items) if !items.is_empty() => Some(items),
            _ => None,
        }
    }
    /// Where a list is asked for, one number stands in a list, too.
    fn one(x: f64) -> Option<Value> {
        Some(vec![x].into())
    }
    fn numbers_of(value: &Value) -> Option<Vec<f64>> {
        list(value)?;
        numbers(value)
    }
    let ways: [(&str, Of, &str, &str); 13] = [
        (
            "transposed",
            transposed,
            "está traspuesta: filas y columnas están intercambiadas",
            "it is transposed: rows and columns are swapped",
        ),
        (
            "reversed",
            |v| Some(Value::List(list(v)?.iter().rev().cloned().collect())),
            "está en el orden inverso",
            "it is in reverse order",
        ),
        (
            "last_missing",
            |v| Some(Value::List(list(v)?.split_last()?.1.to_vec())),
            "falta el último elemento",
            "the last element is missing",
        ),
        (
            "first_missing",
            |v| Some(Value::List(list(v)?.split_first()?.1.to_vec())),
            "falta el primer elemento",
            "the first element is missing",
        ),
        (
            "first_only",
            |v| Some(Value::List(list(v)?[..1].to_vec())),
            "solo sale el primer elemento",
            "only the first element comes out",
        ),
        (
            "last_only",
            |v| Some(Value::List(vec![list(v)?.last()?.clone()])),
            "solo sale el último elemento",
            "only the last element comes out",
        ),
        (
            "sum",
            |v| one(numbers_of(v)?.iter().sum::<f64>()),
            "has sumado los números que había que devolver",
            "you added up the numbers that were to be returned",
        ),
        (
            "mean",
            |v| {
                let n = numbers_of(v)?;
                one(n.iter().sum::<f64>() / n.len() as f64)
            },
            "has devuelto la media de los números que se pedían",
            "you returned the mean of the numbers asked for",
        ),
        (
            "maximum",
            |v| one(numbers_of(v)?.into_iter().fold(f64::NEG_INFINITY, f64::max)),
            "has devuelto el mayor de los números que se pedían",
            "you returned the largest of the numbers asked for",
        ),
        (
            "normalised",
            |v| {
                let n = numbers_of(v)?;
                let sum: f64 = n.iter().sum();
                Some(v.map(&|x| x / sum))
            },
            "está dividido entre su suma, que no se pedía",
            "it is divided by its sum, which was not asked for",
        ),
        (
            "column_sums",
            |v| {
                let t = transposed(v)?.rows();
                Some(
                    t.iter()
                        .map(|c| c.iter().sum::<f64>())
                        .collect::<Vec<f64>>()
                        .into(),
                )
            },
            "has sumado cada columna: se pedía una fila por ejemplo",
            "you added up each column: a row per example was asked for",
        ),
        (
            "row_sums",
            |v| {
                list(v)?;
                transposed(v)?;
                Some(
                    v.rows()
                        .iter()
                        .map(|r| r.iter().sum::<f64>())
                        .collect::<Vec<f64>>()
                        .into(),
                )
            },
            "has sumado cada fila",
            "you added up each row",
        ),
        (
            "flat",
            |v| {
                transposed(v)?;
                Some(Value::List(vec![v.rows().concat().into()]))
            },
            "los números son esos, pero todos en una fila",
            "those are the numbers, but all in one row",
        ),
    ];
    ways.into_iter().find_map(|(name, of, es, en)| {
        let all = (cases.iter()).all(|c| match of(&c.expected) {
            Some(changed) => near.same(&c.got, &changed),
            // An empty list stays empty.
            None => {
                near.same(&c.got, &c.expected)
                    && c.expected.items().is_empty()
                    && c.expected.size() == 0
            }
        });
        all.then(|| (name.to_owned(), text(es, en)))
    })
}

/// got = expected + c.
fn offset(cases: &[Case], near: Near) -> Option<(String, Text)> {
    let mut all = Vec::new();
    for case in cases {
        if !same_shape(&case.got, &case.expected) {
            return None;
        }
        let (got, expected) = (numbers(&case.got)?, numbers(&case.expected)?);
        all.extend(got.iter().zip(&expected).map(|(a, b)| (*a, *b)));
    }
    let (a, b) = *all.first()?;
    let c = a - b;
    let fits = all.len() > 2
        && c.is_finite()
        && c != 0.0
        && (all.iter()).all(|(a, b)| near.same_number(*a, b + c));
    if !fits {
        return None;
    }
    let (name, says) = match c {
        1.0 => (
            "one_more",
            text(
                "cada número es uno más de lo esperado: ¿cuentas desde 1?",
                "each number is one more than expected: do you count from 1?",
            ),
        ),
        -1.0 => (
            "one_less",
            text(
                "cada número es uno menos de lo esperado",
                "each number is one less than expected",
            ),
        ),
        c => {
            let says = both(|lang| {
                let c = Value::from(c).shown(&[], lang);
                match lang {
                    Language::Es => format!("es siempre lo esperado más {c}"),
                    Language::En => format!("it is always what was expected plus {c}"),
                }
            });
            ("offset", says)
        }
    };
    Some((name.to_owned(), says))
}

/// NaN or infinite where a number should come, and right everywhere else.
fn not_finite(cases: &[Case], near: Near) -> Option<(String, Text)> {
    let mut broken = 0;
    for case in cases {
        if !same_shape(&case.got, &case.expected) {
            return None;
        }
        let (got, expected) = (numbers(&case.got)?, numbers(&case.expected)?);
        for (got, expected) in got.iter().zip(&expected) {
            if near.same_number(*got, *expected) {
                continue;
            }
            if got.is_finite() {
                return None;
            }
            broken += 1;
        }
    }
    (broken > 0).then(|| {
        let says = text(
            "está bien salvo donde sale NaN o infinito: algo se desborda (una exponencial, un cuadrado) o se divide entre 0",
            "it is right but where NaN or infinity comes out: something overflows (an exponential, a square), or it divides by 0",
        );
        ("not_finite".to_owned(), says)
    })
}

/// Of the answers at several moments, only the first is right.
fn after_the_first(cases: &[Case], near: Near, asking: &Asking) -> Option<(String, Text)> {
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
fn only_where(cases: &[Case], near: Near) -> Option<(String, Text)> {
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
