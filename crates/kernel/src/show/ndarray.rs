//! Arrays and views of one and two axes, of ndarray 0.15 and newer. Those of more are shown as text.

use std::fmt::Debug;

use gradus_cell::{Table, show_table, show_text};
use ndarray::{ArrayBase, Data, Dimension, Ix1, Ix2};

pub trait Show {
    fn evcxr_display(&self);
}

impl<S: Data, D: Dimension> Show for ArrayBase<S, D>
where
    S::Elem: Debug,
{
    fn evcxr_display(&self) {
        let text = format!("{self:?}");
        let (row, matrix) = (self.view().into_dimensionality::<Ix1>(), self.view().into_dimensionality::<Ix2>());
        let caption = format!("{:?} {}", self.shape(), std::any::type_name::<S::Elem>());
        let table = |rows, columns, value: &dyn Fn(usize, usize) -> String| {
            show_table(&Table { text: &text, heads: None, rows, columns, value, caption: &caption });
        };
        match (row, matrix) {
            (Ok(row), _) => table(1, row.len(), &|_, at| format!("{:?}", row[at])),
            (_, Ok(matrix)) => {
                table(matrix.nrows(), matrix.ncols(), &|row, column| format!("{:?}", matrix[[row, column]]));
            }
            _ => show_text(&text),
        }
    }
}
