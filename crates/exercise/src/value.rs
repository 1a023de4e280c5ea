//! What goes into an exercise and what comes out, in one shape that can be written down, sent to another process
//! and compared with a tolerance.

use std::fmt;

use gradus_text::{Language, Text};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap as _, SerializeSeq as _},
};
use serde_json::{Map, Value as Json, json};

/// How fields and words are called for people.
pub(crate) type Words = [(&'static str, Text)];

/// An input or an answer: JSON, with the numbers that JSON has no word for (NaN and the infinities).
///
/// The accessors never panic: an answer of the wrong kind reads as NaN or as nothing, which no comparison accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number, NaN and infinities included. Counts are numbers too.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A name, such as that of a surface to descend.
    Word(String),
    /// Several values: a vector is a list of numbers, a matrix a list of rows.
    List(Vec<Value>),
    /// Named values, in order.
    Record(Vec<(String, Value)>),
}

impl Value {
    /// The number, or NaN.
    pub fn number(&self) -> f64 {
        match self {
            Self::Number(x) => *x,
            _ => f64::NAN,
        }
    }

    /// The number as a count, or 0.
    pub fn count(&self) -> usize {
        self.number() as usize
    }

    /// The flag, or `false`.
    pub fn flag(&self) -> bool {
        *self == Self::Flag(true)
    }

    /// The word, or nothing.
    pub fn word(&self) -> &str {
        match self {
            Self::Word(word) => word,
            _ => "",
        }
    }

    /// The items of a list, or none.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The numbers of a list: a vector.
    pub fn numbers(&self) -> Vec<f64> {
        self.items().iter().map(Self::number).collect()
    }

    /// The numbers of a list of lists: a matrix, row by row.
    pub fn rows(&self) -> Vec<Vec<f64>> {
        self.items().iter().map(Self::numbers).collect()
    }

    /// The numbers of a list as counts, for labels.
    pub fn counts(&self) -> Vec<usize> {
        self.items().iter().map(Self::count).collect()
    }

    /// The field `name` of a record, or an empty list.
    pub fn get(&self, name: &str) -> &Self {
        const NOTHING: &Value = &Value::List(Vec::new());
        match self {
            Self::Record(fields) => fields
                .iter()
                .find(|(field, _)| field == name)
                .map_or(NOTHING, |(_, value)| value),
            _ => NOTHING,
        }
    }

    /// As JSON; NaN and the infinities become the words `"NaN"`, `"inf"` and `"-inf"`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Number(x) if x.is_nan() => json!("NaN"),
            Self::Number(x) if x.is_infinite() => json!(if *x > 0.0 { "inf" } else { "-inf" }),
            // Whole numbers without a trailing `.0`: `3`, not `3.0`.
            Self::Number(x) if x.fract() == 0.0 && x.abs() < 1e15 => json!(*x as i64),
            Self::Number(x) => json!(x),
            Self::Flag(flag) => json!(flag),
            Self::Word(word) => json!(word),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Record(fields) => Json::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// The inverse of [`to_json`](Self::to_json). `null` reads as NaN.
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Number(f64::NAN),
            Json::Bool(flag) => Self::Flag(*flag),
            Json::Number(x) => Self::Number(x.as_f64().unwrap_or(f64::NAN)),
            Json::String(word) => match word.as_str() {
                "NaN" => Self::Number(f64::NAN),
                "inf" => Self::Number(f64::INFINITY),
                "-inf" => Self::Number(f64::NEG_INFINITY),
                _ => Self::Word(word.clone()),
            },
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(fields) => Self::Record(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// How many numbers, flags and words it holds.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Record(fields) => fields.iter().map(|(_, value)| value.size()).sum(),
            _ => 1,
        }
    }

    /// The same value with `change` done to each number.
    pub(crate) fn map(&self, change: &dyn Fn(f64) -> f64) -> Self {
        match self {
            Self::Number(x) => Self::Number(change(*x)),
            Self::List(items) => Self::List(items.iter().map(|v| v.map(change)).collect()),
            Self::Record(fields) => Self::Record(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), value.map(change)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The same record with another value in the field `name`.
    pub(crate) fn with(&self, name: &str, new: Self) -> Self {
        match self {
            Self::Record(fields) => Self::Record(
                fields
                    .iter()
                    .map(|(field, old)| {
                        let value = if field == name { &new } else { old };
                        (field.clone(), value.clone())
                    })
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// For people, in their language: five significant digits, long lists cut short.
    pub(crate) fn shown(&self, words: &Words, lang: Language) -> String {
        const SHOWN: usize = 8;
        let word = |word: &str| match words.iter().find(|(name, _)| *name == word) {
            Some((_, text)) => text.get(lang).to_owned(),
            None => word.to_owned(),
        };
        match self {
            Self::List(items) => {
                let mut shown: Vec<_> = (items.iter().take(SHOWN))
                    .map(|item| match item {
                        Self::Record(_) => format!("({})", item.shown(words, lang)),
                        _ => item.shown(words, lang),
                    })
                    .collect();
                let more = items.len().saturating_sub(SHOWN);
                if more > 0 {
                    shown.push(format!("… +{more}"));
                }
                format!("[{}]", shown.join(", "))
            }
            Self::Record(fields) => {
                let shown: Vec<_> = (fields.iter())
                    .map(|(name, value)| match value {
                        // The parts of a network are known by their own names.
                        Self::Record(_) => value.shown(words, lang),
                        _ => format!("{} = {}", word(name), value.shown(words, lang)),
                    })
                    .collect();
                shown.join(", ")
            }
            Self::Word(name) => word(name),
            Self::Flag(true) => lang.pick("sí", "yes").to_owned(),
            Self::Flag(false) => lang.pick("no", "no").to_owned(),
            other => match other.rounded(5).to_json() {
                Json::String(word) => word,
                json => json.to_string(),
            },
        }
    }

    /// The same value with every number rounded to `digits` significant digits.
    pub fn rounded(&self, digits: usize) -> Self {
        match self {
            Self::Number(x) if x.is_finite() => {
                let text = format!("{x:.*e}", digits.saturating_sub(1));
                // Adding 0.0 turns -0 into 0, so that both print alike.
                Self::Number(text.parse().unwrap_or(*x) + 0.0)
            }
            Self::List(items) => Self::List(items.iter().map(|v| v.rounded(digits)).collect()),
            Self::Record(fields) => Self::Record(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), value.rounded(digits)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The first place where `self` differs from `expected` by more than the tolerances, where |a-b| <= atol + rtol·|b|
    /// is near enough. NaN equals NaN: an answer that should be NaN is rare, and then it is meant.
    pub fn difference(&self, expected: &Self, rtol: f64, atol: f64) -> Option<Difference> {
        let differs = |place: &str| {
            Some(Difference {
                place: place.to_owned(),
                expected: expected.clone(),
                got: self.clone(),
            })
        };
        match (self, expected) {
            (Self::Number(a), Self::Number(b)) => {
                let same = a == b
                    || (a.is_nan() && b.is_nan())
                    || (b.is_finite() && (a - b).abs() <= atol + rtol * b.abs());
                if same { None } else { differs("") }
            }
            (Self::List(a), Self::List(b)) if a.len() == b.len() => {
                a.iter().zip(b).enumerate().find_map(|(i, (a, b))| {
                    Some(a.difference(b, rtol, atol)?.within(&format!("[{i}]")))
                })
            }
            (Self::Record(a), Self::Record(b)) if a.len() == b.len() => b
                .iter()
                .find_map(|(name, b)| Some(self.get(name).difference(b, rtol, atol)?.within(name))),
            (a, b) if a == b => None,
            _ => differs(""),
        }
    }
}

/// Where two values part.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The path to the place, such as `dw[0][2]`; empty for the value itself.
    pub place: String,
    /// What should stand there.
    pub expected: Value,
    /// What stands there.
    pub got: Value,
}

impl Difference {
    fn within(mut self, outer: &str) -> Self {
        let joint = if self.place.is_empty() || self.place.starts_with('[') {
            ""
        } else {
            "."
        };
        self.place = format!("{outer}{joint}{}", self.place);
        self
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(&[], Language::En))
    }
}

/// As [`Value::to_json`], but with the fields of records in their order.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Record(fields) => {
                let mut record = to.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    record.serialize_entry(name, value)?;
                }
                record.end()
            }
            other => other.to_json().serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(f64::NAN.into())
            }
            fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
                Ok(flag.into())
            }
            fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
                Ok((n as f64).into())
            }
            fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
                Ok((n as f64).into())
            }
            fn visit_f64<E>(self, x: f64) -> Result<Value, E> {
                Ok(x.into())
            }
            fn visit_str<E>(self, word: &str) -> Result<Value, E> {
                Ok(Value::from_json(&Json::String(word.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Value::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut record: A) -> Result<Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = record.next_entry()? {
                    fields.push(field);
                }
                Ok(Value::Record(fields))
            }
        }
        from.deserialize_any(Any)
    }
}

impl From<f64> for Value {
    fn from(x: f64) -> Self {
        Self::Number(x)
    }
}

impl From<usize> for Value {
    fn from(n: usize) -> Self {
        Self::Number(n as f64)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Self {
        Self::Word(word.to_owned())
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value> + Clone> From<&[T]> for Value {
    fn from(items: &[T]) -> Self {
        items.to_vec().into()
    }
}

impl<T: Into<Value> + Clone, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        items.to_vec().into()
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

/// A [`Value::Record`] from names and values: `record! { z: 0.5, labels: vec![1_usize, 2] }`.
/// The inputs of an exercise and its composite answers are written with it.
#[macro_export]
macro_rules! record {
    ($($name:ident: $value:expr),* $(,)?) => {
        $crate::Value::Record(vec![
            $((stringify!($name).to_owned(), $crate::Value::from($value))),*
        ])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_every_number() {
        let value = record! { a: [f64::NAN, f64::INFINITY, -1e-300], b: true, c: "bowl" };
        let back = Value::from_json(&value.to_json());
        assert!(back.difference(&value, 0.0, 0.0).is_none(), "{back}");
        assert_eq!(
            value.to_json().to_string(),
            r#"{"a":["NaN","inf",-1e-300],"b":true,"c":"bowl"}"#
        );
        // As text the fields keep their order.
        let value = record! { z: 1.0, a: [f64::NEG_INFINITY], in_between: false };
        let text = serde_json::to_string(&value).expect("a value is text");
        assert_eq!(text, r#"{"z":1,"a":["-inf"],"in_between":false}"#);
        let back: Value = serde_json::from_str(&text).expect("text is a value");
        assert_eq!(back, value);
    }

    #[test]
    fn a_difference_names_its_place() {
        let expected = record! { dw: vec![vec![1.0, 2.0], vec![3.0, 4.0]] };
        let got = record! { dw: vec![vec![1.0, 2.0], vec![3.0, 4.1]] };
        let difference = got.difference(&expected, 1e-3, 0.0).expect("they differ");
        assert_eq!(difference.place, "dw[1][1]");
        assert!(got.difference(&expected, 0.1, 0.0).is_none());
    }

    #[test]
    fn near_is_relative_to_what_is_expected() {
        let near = |a: f64, b: f64| {
            Value::from(a)
                .difference(&Value::from(b), 1e-3, 1e-9)
                .is_none()
        };
        assert!(near(1000.5, 1000.0) && !near(1001.5, 1000.0));
        assert!(near(0.0, 0.0) && near(1e-10, 0.0) && !near(1e-8, 0.0));
        assert!(!near(f64::NAN, 1.0) && !near(f64::INFINITY, 1.0) && !near(1.0, f64::INFINITY));
        assert!(near(f64::INFINITY, f64::INFINITY) && near(f64::NAN, f64::NAN));
    }

    #[test]
    fn values_of_another_shape_differ() {
        assert!(
            Value::from([1.0])
                .difference(&Value::from([1.0, 2.0]), 1.0, 1.0)
                .is_some()
        );
        assert!(
            Value::from(1.0)
                .difference(&Value::from([1.0]), 1.0, 1.0)
                .is_some()
        );
        assert!(
            record! {a: 1.0}
                .difference(&record! {b: 1.0}, 1.0, 1.0)
                .is_some()
        );
    }

    #[test]
    fn rounding_keeps_significant_digits() {
        assert_eq!(
            Value::from(1234567.0).rounded(3).to_json().to_string(),
            "1230000"
        );
        assert_eq!(
            Value::from(-1.23456e-9).rounded(3).to_json().to_string(),
            "-1.23e-9"
        );
        assert_eq!(Value::from(-0.0).rounded(3).to_json().to_string(), "0");
    }
}
