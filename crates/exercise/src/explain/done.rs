//! Something else done to the right answer: to each of its numbers, to their order, or a number added.

use super::{Case, Near, numbers, same_shape, text};
use crate::{Language, Text, Value, both};

/// The same done to each number of the right answer.
pub(super) fn done_to_each(cases: &[Case], near: Near) -> Option<(String, Text)> {
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
pub(super) fn rearranged(cases: &[Case], near: Near) -> Option<(String, Text)> {
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
pub(super) fn offset(cases: &[Case], near: Near) -> Option<(String, Text)> {
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
