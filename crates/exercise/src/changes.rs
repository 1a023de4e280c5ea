//! Mistakes that are the right function on a changed input: a hyperparameter that is not used, two that are swapped, an example left
//! out, rows for columns. Made from the inputs alone, for any question; what the right function answers to them is sealed.

use std::collections::BTreeMap;

use crate::{
    Text, Value,
    dimensions::{at, paths, put},
};

/// Makes another input of one; nothing where there is nothing to change.
pub(crate) type Changed = Box<dyn Fn(&Value) -> Option<Value>>;

type OfNumber = fn(f64) -> f64;
type OfList = fn(&Value) -> Option<Value>;
type OfItems = fn(&[Value]) -> Vec<Value>;

/// A change to the input.
pub(crate) struct Change {
    /// A short name: `frozen:eta`.
    pub(crate) name: String,
    /// What it means when the answers are those of the changed input.
    pub(crate) says: Text,
    change: Changed,
}

// Only who knows the right function asks it about a changed input.
#[cfg_attr(not(feature = "insta"), allow(dead_code))]
impl Change {
    /// The changed input; nothing where there is nothing to change.
    pub(crate) fn of(&self, input: &Value) -> Option<Value> {
        (self.change)(input)
    }
}

/// All changes that these inputs allow, the likelier ones first.
pub(crate) fn changes(cases: &[Value], drawn: &[Value]) -> Vec<Change> {
    let inputs: Vec<&Value> = cases.iter().chain(drawn).collect();
    let Some(first) = inputs.first() else {
        return Vec::new();
    };
    let everywhere = |path: &Vec<String>| {
        (inputs.iter())
            .all(|input| at(input, path) != &Value::List(Vec::new()) || is_list(first, path))
    };
    let paths: Vec<_> = (paths(first).into_iter())
        .filter(|path| path.last().is_some_and(|name| name != "seed"))
        .filter(everywhere)
        .collect();
    let mut all = Vec::new();
    flags(&inputs, &paths, &mut all);
    numbers(&inputs, &paths, cases, &mut all);
    lists(&inputs, &paths, &mut all);
    swaps(&inputs, &paths, &mut all);
    examples(&inputs, &paths, &mut all);
    all
}

fn is_list(first: &Value, path: &[String]) -> bool {
    matches!(at(first, path), Value::List(_))
}

fn change(
    name: String,
    es: String,
    en: String,
    change: impl Fn(&Value) -> Option<Value> + 'static,
) -> Change {
    Change {
        name,
        says: Text::new(es, en),
        change: Box::new(change),
    }
}

/// Another number in the place of the one at `path`.
fn number(
    path: &[String],
    name: &str,
    es: String,
    en: String,
    to: impl Fn(f64) -> Option<f64> + 'static,
) -> Change {
    let place = path.to_vec();
    let field = path.join(".");
    change(format!("{name}:{field}"), es, en, move |input| {
        match at(input, &place) {
            Value::Number(x) => Some(put(input, &place, to(*x)?.into())),
            _ => None,
        }
    })
}

/// A choice that is not looked at.
fn flags(inputs: &[&Value], paths: &[Vec<String>], all: &mut Vec<Change>) {
    for path in paths {
        let Some(Value::Flag(_)) = inputs.first().map(|input| at(input, path)) else {
            continue;
        };
        let field = path.last().cloned().unwrap_or_default();
        for flag in [true, false] {
            let place = path.clone();
            all.push(change(
                format!("always_{flag}:{field}"),
                format!("es lo que daría con `{field}` = {flag} en todos los casos: ¿lo tienes en cuenta?"),
                format!("it is what `{field}` = {flag} would give in every case: do you take it into account?"),
                move |input| Some(put(input, &place, Value::Flag(flag))),
            ));
        }
    }
}

fn numbers(inputs: &[&Value], paths: &[Vec<String>], cases: &[Value], all: &mut Vec<Change>) {
    for path in paths {
        let values: Vec<f64> = inputs.iter().map(|i| at(i, path).number()).collect();
        let field = path.last().cloned().unwrap_or_default();
        if values.iter().any(|x| x.is_nan()) || values.iter().all(|x| *x == values[0]) {
            continue;
        }
        let counts = values.iter().all(|x| x.fract() == 0.0 && *x >= 0.0);
        // The numbers that a student sees are those that are written into the code.
        let public: BTreeMap<u64, f64> = (cases.iter())
            .map(|i| at(i, path).number())
            .map(|x| (x.to_bits(), x))
            .collect();
        for frozen in public.into_values().take(6) {
            let shown = Value::from(frozen).to_string();
            all.push(number(
                path,
                &format!("frozen({shown})"),
                format!("es lo que daría con `{field}` = {shown} en todos los casos: usa el `{field}` que recibes"),
                format!("it is what `{field}` = {shown} would give in every case: use the `{field}` that you are given"),
                move |_| Some(frozen),
            ));
        }
        let missing = |what: &str| {
            (
                format!("es lo que daría con `{field}` = {what}: ¿lo usas?"),
                format!("it is what `{field}` = {what} would give: is it used?"),
            )
        };
        let (es, en) = missing("0");
        all.push(number(path, "zero", es, en, |_| Some(0.0)));
        let (es, en) = missing("1");
        all.push(number(path, "one", es, en, |_| Some(1.0)));
        if counts {
            all.push(number(
                path,
                "one_more",
                format!("es lo que daría con un `{field}` una unidad mayor: te pasas en uno"),
                format!("it is what a `{field}` larger by one would give: it is one too many"),
                |x| Some(x + 1.0),
            ));
            all.push(number(
                path,
                "one_less",
                format!(
                    "es lo que daría con un `{field}` una unidad menor: te quedas corto en uno"
                ),
                format!("it is what a `{field}` smaller by one would give: it is one too few"),
                |x| Some((x - 1.0).max(0.0)),
            ));
        }
        if values.iter().all(|x| (0.0..=1.0).contains(x)) {
            all.push(number(
                path,
                "complement",
                format!("es lo que daría con 1 − `{field}` en lugar de `{field}`"),
                format!("it is what 1 − `{field}` would give in the place of `{field}`"),
                |x| Some(1.0 - x),
            ));
        }
        let others: [(&str, OfNumber, &str, &str); 7] = [
            (
                "negated",
                |x| -x,
                "con el signo de `{f}` cambiado",
                "with the sign of `{f}` changed",
            ),
            (
                "squared",
                |x| x * x,
                "con `{f}` al cuadrado",
                "with `{f}` squared",
            ),
            (
                "root",
                f64::sqrt,
                "con la raíz de `{f}`",
                "with the root of `{f}`",
            ),
            ("inverse", |x| 1.0 / x, "con 1/`{f}`", "with 1/`{f}`"),
            ("doubled", |x| 2.0 * x, "con 2·`{f}`", "with 2·`{f}`"),
            ("halved", |x| x / 2.0, "con `{f}`/2", "with `{f}`/2"),
            ("absolute", f64::abs, "con |`{f}`|", "with |`{f}`|"),
        ];
        for (name, to, es, en) in others {
            if counts {
                continue;
            }
            all.push(number(
                path,
                name,
                format!(
                    "es lo que daría {} en lugar de `{field}`",
                    es.replace("{f}", &field)
                ),
                format!(
                    "it is what would come {} in the place of `{field}`",
                    en.replace("{f}", &field)
                ),
                move |x| Some(to(x)),
            ));
        }
    }
}

fn lists(inputs: &[&Value], paths: &[Vec<String>], all: &mut Vec<Change>) {
    for path in paths {
        if !inputs.iter().all(|i| is_list(i, path)) {
            continue;
        }
        let field = path.last().cloned().unwrap_or_default();
        let ways: [(&str, OfList, &str, &str); 6] = [
            (
                "zero",
                |v| Some(v.map(&|_| 0.0)),
                "es lo que daría con `{f}` a 0: ¿se usa?",
                "it is what `{f}` = 0 would give: is it used?",
            ),
            (
                "one",
                |v| Some(v.map(&|_| 1.0)),
                "es lo que daría con `{f}` a 1: ¿se usa?",
                "it is what `{f}` = 1 would give: is it used?",
            ),
            (
                "negated",
                |v| Some(v.map(&|x| -x)),
                "es lo que daría con el signo de `{f}` cambiado",
                "it is what the sign of `{f}` changed would give",
            ),
            (
                "absolute",
                |v| Some(v.map(&f64::abs)),
                "es lo que daría con el valor absoluto de `{f}`",
                "it is what the absolute value of `{f}` would give",
            ),
            (
                "one_minus",
                |v| Some(v.map(&|x| 1.0 - x)),
                "es lo que daría con 1 − `{f}` en lugar de `{f}`",
                "it is what 1 − `{f}` would give in the place of `{f}`",
            ),
            (
                "transposed",
                transposed,
                "es lo que daría con `{f}` traspuesta: filas y columnas están intercambiadas",
                "it is what `{f}` transposed would give: rows and columns are swapped",
            ),
        ];
        for (name, way, es, en) in ways {
            let place = path.clone();
            all.push(change(
                format!("{name}:{}", path.join(".")),
                es.replace("{f}", &field),
                en.replace("{f}", &field),
                move |input| Some(put(input, &place, way(at(input, &place))?)),
            ));
        }
    }
}

fn transposed(matrix: &Value) -> Option<Value> {
    let rows = matrix.rows();
    let width = rows.first()?.len();
    if width == 0 || !matches!(matrix.items().first()?, Value::List(_)) {
        return None;
    }
    let column = |k: usize| rows.iter().map(|row| row[k]).collect::<Vec<f64>>();
    Some((0..width).map(column).collect::<Vec<_>>().into())
}

/// Two things of the same shape, each in the place of the other.
fn swaps(inputs: &[&Value], paths: &[Vec<String>], all: &mut Vec<Change>) {
    let shape = |value: &Value| match value {
        Value::Number(_) => Some((0, 0)),
        Value::List(items) => Some((
            items.len() + 1,
            items.first().map_or(0, |row| row.items().len()),
        )),
        _ => None,
    };
    for (k, one) in paths.iter().enumerate() {
        for other in &paths[..k] {
            let alike = (inputs.iter())
                .all(|i| shape(at(i, one)).is_some_and(|s| shape(at(i, other)) == Some(s)));
            if !alike {
                continue;
            }
            let (a, b) = (other.clone(), one.clone());
            let names = [&a, &b].map(|path| path.last().cloned().unwrap_or_default());
            all.push(change(
                format!("swapped:{},{}", a.join("."), b.join(".")),
                format!(
                    "es lo que daría con `{}` y `{}` intercambiadas",
                    names[0], names[1]
                ),
                format!(
                    "it is what `{}` and `{}` swapped would give",
                    names[0], names[1]
                ),
                move |input| {
                    let (x, y) = (at(input, &a).clone(), at(input, &b).clone());
                    Some(put(&put(input, &a, y), &b, x))
                },
            ));
        }
    }
}

/// Lists that go together, an example each: some of the examples left out.
fn examples(inputs: &[&Value], paths: &[Vec<String>], all: &mut Vec<Change>) {
    let lists: Vec<&Vec<String>> = (paths.iter())
        .filter(|path| inputs.iter().all(|i| is_list(i, path)))
        .collect();
    let mut done: Vec<Vec<usize>> = Vec::new();
    for path in &lists {
        let lengths: Vec<usize> = inputs.iter().map(|i| at(i, path).items().len()).collect();
        if done.contains(&lengths) || lengths.iter().all(|n| *n < 2) {
            continue;
        }
        let together: Vec<Vec<String>> = (lists.iter())
            .filter(|other| {
                (inputs.iter().zip(&lengths)).all(|(i, n)| at(i, other).items().len() == *n)
            })
            .map(|path| (*path).clone())
            .collect();
        done.push(lengths);
        let field = path.last().cloned().unwrap_or_default();
        let ways: [(&str, OfItems, &str, &str); 5] = [
            (
                "without_last",
                |v| v.split_last().map_or(vec![], |(_, rest)| rest.to_vec()),
                "es lo que daría sin el último elemento de `{f}`: el bucle acaba uno antes",
                "it is what would come without the last element of `{f}`: the loop ends one too early",
            ),
            (
                "without_first",
                |v| v.split_first().map_or(vec![], |(_, rest)| rest.to_vec()),
                "es lo que daría sin el primer elemento de `{f}`: el bucle empieza en 1",
                "it is what would come without the first element of `{f}`: the loop begins at 1",
            ),
            (
                "first_only",
                |v| v.iter().take(1).cloned().collect(),
                "es lo que daría con solo el primer elemento de `{f}`: faltan los demás",
                "it is what the first element of `{f}` alone would give: the others are missing",
            ),
            (
                "last_only",
                |v| v.last().cloned().into_iter().collect(),
                "es lo que daría con solo el último elemento de `{f}`: ¿se machaca el resultado en cada vuelta?",
                "it is what the last element of `{f}` alone would give: is the result overwritten in each round?",
            ),
            (
                "reversed",
                |v| v.iter().rev().cloned().collect(),
                "es lo que daría con `{f}` en el orden inverso",
                "it is what `{f}` in reverse order would give",
            ),
        ];
        for (name, way, es, en) in ways {
            let places = together.clone();
            all.push(change(
                format!("{name}:{field}"),
                es.replace("{f}", &field),
                en.replace("{f}", &field),
                move |input| {
                    Some(places.iter().fold(input.clone(), |input, place| {
                        let part = way(at(&input, place).items());
                        put(&input, place, Value::List(part))
                    }))
                },
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    #[test]
    fn changes_come_of_the_inputs_alone() {
        let input = |eta: f64, n: usize| record! { x: vec![1.0; n], y: vec![0.5; n], eta: eta, mu: 0.5 * eta };
        let inputs = [input(0.1, 2), input(0.1, 3), input(0.3, 4)];
        let all = changes(&inputs, &[]);
        let of = |name: &str| {
            let change = all.iter().find(|c| c.name == name);
            change
                .and_then(|c| c.of(&inputs[2]))
                .unwrap_or_else(|| panic!("{name}"))
        };
        assert_eq!(of("frozen(0.1):eta").get("eta").number(), 0.1);
        assert_eq!(of("complement:eta").get("eta").number(), 0.7);
        assert_eq!(of("swapped:eta,mu").get("mu").number(), 0.3);
        assert_eq!(of("swapped:x,y").get("x").numbers(), [0.5; 4]);
        assert_eq!(of("without_last:x").get("y").items().len(), 3);
        assert_eq!(of("zero:y").get("y").numbers(), [0.0; 4]);
    }
}
