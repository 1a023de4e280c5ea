//! What an input is made of: its fields, and the numbers that come with it, such as how many rows `x` has.

use crate::{Text, Value};

/// A number that comes with an input: how many rows `x` has, or a count that is given.
pub(crate) struct Dimension {
    /// A short name: `len(x)`.
    pub(crate) name: String,
    /// How people call it.
    pub(crate) called: Text,
    path: Vec<String>,
    of: fn(&Value) -> Option<f64>,
}

impl Dimension {
    /// Its value, where it is not 0.
    pub(crate) fn of(&self, input: &Value) -> Option<f64> {
        (self.of)(at(input, &self.path)).filter(|d| *d != 0.0)
    }
}

/// The dimensions of these inputs; of those that are always equal only the first.
pub(crate) fn dimensions(inputs: &[&Value]) -> Vec<Dimension> {
    let mut all: Vec<Dimension> = Vec::new();
    let mut seen: Vec<Vec<Option<f64>>> = Vec::new();
    let Some(first) = inputs.first() else {
        return all;
    };
    for path in paths(first) {
        let name = path.last().cloned().unwrap_or_default();
        let length = |called: Text, label: &str, of: fn(&Value) -> Option<f64>| Dimension {
            name: format!("{label}({name})"),
            called,
            path: path.clone(),
            of,
        };
        let found = match at(first, &path) {
            Value::Number(_) if name != "seed" => vec![Dimension {
                name: name.clone(),
                called: Text::new(format!("`{name}`"), format!("`{name}`")),
                path: path.clone(),
                of: |v| match v {
                    Value::Number(x) => Some(*x),
                    _ => None,
                },
            }],
            Value::List(items) => {
                let rows: fn(&Value) -> Option<f64> = |v| Some(v.items().len() as f64);
                let columns: fn(&Value) -> Option<f64> =
                    |v| Some(v.items().first()?.items().len() as f64);
                match items.first() {
                    Some(Value::List(_)) => vec![
                        length(
                            Text::new(
                                format!("el número de filas de `{name}`"),
                                format!("the number of rows of `{name}`"),
                            ),
                            "len",
                            rows,
                        ),
                        length(
                            Text::new(
                                format!("el número de columnas de `{name}`"),
                                format!("the number of columns of `{name}`"),
                            ),
                            "columns",
                            columns,
                        ),
                    ],
                    _ => vec![length(
                        Text::new(
                            format!("el número de elementos de `{name}`"),
                            format!("the number of elements of `{name}`"),
                        ),
                        "len",
                        rows,
                    )],
                }
            }
            _ => Vec::new(),
        };
        for dimension in found {
            let values: Vec<_> = inputs.iter().map(|i| dimension.of(i)).collect();
            if !seen.contains(&values) {
                seen.push(values);
                all.push(dimension);
            }
        }
    }
    all
}

/// The paths of the fields of a record and of the records in it.
pub(crate) fn paths(input: &Value) -> Vec<Vec<String>> {
    let Value::Record(fields) = input else {
        return Vec::new();
    };
    let of = |(name, value): &(String, Value)| match value {
        Value::Record(_) => (paths(value).into_iter())
            .map(|mut path| {
                path.insert(0, name.clone());
                path
            })
            .collect(),
        _ => vec![vec![name.clone()]],
    };
    fields.iter().flat_map(of).collect()
}

pub(crate) fn at<'a>(input: &'a Value, path: &[String]) -> &'a Value {
    path.iter().fold(input, |value, name| value.get(name))
}

pub(crate) fn put(input: &Value, path: &[String], new: Value) -> Value {
    match path {
        [] => new,
        [name, rest @ ..] => {
            let inner = put(input.get(name), rest, new);
            input.with(name, inner)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    #[test]
    fn equal_dimensions_are_one() {
        let input = |n: usize, k: usize| record! { x: vec![vec![1.0; k]; n], y: vec![0.5; n], net: record! { w: vec![0.0; 2 * k] } };
        let inputs = [input(2, 3), input(3, 5), input(1, 2)];
        let names: Vec<_> = dimensions(&inputs.iter().collect::<Vec<_>>())
            .into_iter()
            .map(|d| d.name)
            .collect();
        assert_eq!(names, ["len(x)", "columns(x)", "len(w)"]);
    }
}
