//! Keras's table of a network.

use gradus_text::display::{Show, aligned};
use gradus_text::say;
use std::fmt;

use super::Sequential;
use super::layer::Layer;
use crate::activation::Activation;
use crate::engine::Param;

/// The table of a network: layers, output shapes, numbers of parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary(String);

impl Sequential {
    /// A table of the layers like Keras's.
    pub fn summary(&self) -> Summary {
        const RULE: &str = "────────────────────────────────────────────────────────────";
        let row = |layer: &str, shape: &str, params: &str| {
            format!("{layer:<30}{shape:<18}{params:>12}\n")
        };
        let mut text = row(
            say("Capa", "Layer"),
            say("Forma de salida", "Output shape"),
            say("Parámetros", "Parameters"),
        );
        text += &format!("{RULE}\n");
        text += &row(
            say("entrada", "input"),
            &format!("(n, {})", commas(&self.input)),
            "0",
        );
        for layer in &self.layers {
            let name = match layer.activation() {
                Activation::Linear => layer.name().to_owned(),
                f => format!("{} ({})", layer.name(), f.name()),
            };
            let count: usize = layer.params().iter().map(Param::len).sum();
            text += &row(
                &name,
                &format!("(n, {})", commas(Layer::output(layer))),
                &thousands(count),
            );
        }
        text += &format!("{RULE}\n");
        text += &format!(
            "{}: {}",
            say("Parámetros", "Parameters"),
            thousands(self.parameter_count())
        );
        if !self.classes.is_empty() {
            let names: Vec<&str> = self.classes.iter().take(20).map(String::as_str).collect();
            let more = if self.classes.len() > 20 { ", …" } else { "" };
            text += &format!("\n{}: {}{more}", say("Clases", "Classes"), names.join(", "));
        }
        if let Some(mistake) = self.wrong() {
            text += &say(
                format!("\nEsta red no se puede usar: {mistake}"),
                format!("\nThis network cannot be used: {mistake}"),
            );
        }
        Summary(text)
    }
}

fn commas(shape: &crate::data::Shape) -> String {
    shape.to_string().replace('x', ", ")
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Show for Summary {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn the_table_counts_like_keras() {
        let net = Sequential::input(784)
            .dense(1024)
            .activation(Relu)
            .dense(10);
        assert_eq!(net.parameter_count(), 784 * 1024 + 1024 + 1024 * 10 + 10);
        let text = net.summary().to_string();
        assert!(
            text.contains("dense_1 (ReLU)                (n, 1024)              803,840"),
            "{text}"
        );
        assert!(text.contains("Parameters: 814,090"), "{text}");
    }
}
