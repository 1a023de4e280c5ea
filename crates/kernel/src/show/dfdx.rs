//! Tensors of dfdx 0.13 with up to two axes; of those with more, the first matrix.

use std::fmt::Debug;

use dfdx::shapes::{HasShape, Shape};
use dfdx::tensor::{Storage, Tensor};
use gradus_cell::{Table, show_table, show_text};

pub trait Show {
    fn evcxr_display(&self);
}

impl<S: Shape, E: Debug, D: Storage<E>, T> Show for Tensor<S, E, D, T> {
    fn evcxr_display(&self) {
        let sizes: Vec<usize> = self.shape().concrete().into_iter().collect();
        let values = self.as_vec();
        let shape = format!("{sizes:?}").replace(['[', ']'], "");
        let name = std::any::type_name::<E>();
        let text = format!("({shape}) {name}: {}", nested(&sizes, &values));
        let (rows, columns) = match sizes[..] {
            [] => return show_text(&text),
            [columns] => (1, columns),
            [.., rows, columns] => (rows, columns),
        };
        let first = "0, ".repeat(sizes.len().saturating_sub(2));
        let part = if first.is_empty() { String::new() } else { format!("[{first}.., ..] ") };
        show_table(&Table {
            text: &text,
            heads: None,
            rows: if values.is_empty() { 0 } else { rows },
            columns,
            value: &|row, column| values.get(row * columns + column).map_or(String::new(), |one| format!("{one:?}")),
            caption: &format!("{part}({shape}) {name}"),
        });
    }
}

/// The numbers in brackets by their axes, the first and last three of each where there are many.
fn nested<E: Debug>(sizes: &[usize], values: &[E]) -> String {
    const EDGE: usize = 3;
    let Some((count, inner)) = sizes.split_first() else {
        return values.first().map_or(String::new(), |value| format!("{value:?}"));
    };
    let step: usize = inner.iter().product();
    let is_long = values.len() > 200 && *count > 2 * EDGE;
    let parts = (0..*count).filter(|index| !is_long || *index < EDGE || index + EDGE >= *count).map(|index| {
        let gap = if is_long && index + EDGE == *count { "…, " } else { "" };
        format!("{gap}{}", nested(inner, values.get(index * step..(index + 1) * step).unwrap_or(&[])))
    });
    format!("[{}]", parts.collect::<Vec<_>>().join(", "))
}
