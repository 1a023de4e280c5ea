//! The controls that a cell depends on, as the library's `interact` describes them.

use serde::Deserialize;
use serde_json::{Value, json};

/// A control with its value.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// A number between two.
    Slider {
        /// What stands beside it.
        name: String,
        /// The smallest value.
        min: f64,
        /// The largest value.
        max: f64,
        /// The distance between two values.
        step: f64,
        /// Where it is.
        value: f64,
        /// Equal distances are equal factors.
        is_log: bool,
        /// It has whole numbers only.
        is_whole: bool,
    },
    /// One of several things.
    Select {
        /// What stands beside it.
        name: String,
        /// What they are called.
        options: Vec<String>,
        /// The chosen one.
        index: usize,
    },
    /// Yes or no.
    Checkbox {
        /// What stands beside it.
        name: String,
        /// Yes.
        value: bool,
    },
    /// Something to press.
    Button {
        /// What stands on it.
        name: String,
        /// How often it was pressed.
        clicks: u64,
    },
}

impl Control {
    /// Its value, as `interact` reads it.
    pub(crate) fn value(&self) -> Value {
        match self {
            Control::Slider { value, .. } => json!(value),
            Control::Select { index, .. } => json!(index),
            Control::Checkbox { value, .. } => json!(value),
            Control::Button { clicks, .. } => json!(clicks),
        }
    }
}
