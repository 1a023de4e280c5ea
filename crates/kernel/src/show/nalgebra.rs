//! Matrices and vectors of all sizes, of nalgebra 0.30 and newer.

use std::fmt::Debug;

use gradus_cell::{Table, show_table};
use nalgebra::{Dim, Matrix, RawStorage};

pub trait Show {
    fn evcxr_display(&self);
}

impl<T: Debug, R: Dim, C: Dim, S: RawStorage<T, R, C> + Debug> Show for Matrix<T, R, C, S> {
    fn evcxr_display(&self) {
        let (rows, columns) = self.shape();
        show_table(&Table {
            text: &format!("{self:?}"),
            heads: None,
            rows,
            columns,
            value: &|row, column| format!("{:?}", self[(row, column)]),
            caption: &format!("{rows} × {columns} {}", std::any::type_name::<T>()),
        });
    }
}
