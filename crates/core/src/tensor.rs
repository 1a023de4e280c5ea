//! dfdx's tensors under short names: shapes known at run time, `f32`, on the CPU.
//!
//! A variable of these types can be kept between notebook cells and named without a page of generics.
//! For shapes checked by the compiler, use [`crate::dfdx`] directly.

use std::sync::OnceLock;

use dfdx::prelude::*;

use crate::error::{Error, Result};

/// A vector, shape `(n,)`, with or without a tape.
pub type Vector<T = NoneTape> = Tensor<(usize,), f32, Cpu, T>;
/// A matrix, shape `(rows, columns)`; a batch has one example per row.
pub type Matrix<T = NoneTape> = Tensor<(usize, usize), f32, Cpu, T>;
/// A matrix whose sizes the compiler may know, such as those of `Batch<usize, Const<10>>`: of a [`Matrix`] it knows none.
pub type Batch<B, C, T = NoneTape> = Tensor<(B, C), f32, Cpu, T>;
/// A single number, such as a cost, with or without a tape.
pub type Scalar<T = NoneTape> = Tensor<Rank0, f32, Cpu, T>;
/// dfdx's tape of backward operations.
pub type Tape = OwnedTape<f32, Cpu>;
/// The gradients that dfdx's `backward` returns.
pub type Grads = Gradients<f32, Cpu>;

/// The most numbers that a tensor made from sizes alone may have: 1 GB. A size mistyped is then an error instead of a machine
/// without memory.
pub(crate) const LARGEST: usize = 1 << 28;

/// The device every tensor of this crate lives on.
pub fn device() -> Cpu {
    static DEVICE: OnceLock<Cpu> = OnceLock::new();
    DEVICE.get_or_init(Cpu::default).clone()
}

/// A matrix from its elements, row after row.
///
/// # Errors
/// When `values` is not `rows * columns` long or either is 0 (dfdx has no empty tensors).
pub fn matrix(values: Vec<f32>, rows: usize, columns: usize) -> Result<Matrix> {
    if rows == 0 || columns == 0 {
        return Err(Error::empty(("una matriz", "a matrix")));
    }
    if rows.checked_mul(columns) != Some(values.len()) {
        return Err(Error::shape(
            "matrix",
            (
                format!("{rows} x {columns} valores"),
                format!("{rows} x {columns} values"),
            ),
            values.len(),
        ));
    }
    Ok(device().tensor_from_vec(values, (rows, columns)))
}

/// A vector from its elements.
///
/// # Errors
/// When `values` is empty.
pub fn vector(values: Vec<f32>) -> Result<Vector> {
    if values.is_empty() {
        return Err(Error::empty(("un vector", "a vector")));
    }
    let n = values.len();
    Ok(device().tensor_from_vec(values, (n,)))
}

/// The transpose: from `(rows, columns)` to `(columns, rows)`.
pub fn transpose(m: &Matrix) -> Matrix {
    m.clone().permute::<_, Axes2<1, 0>>()
}

/// The matrix product `a·b`: from `(n, k)` and `(k, m)` to `(n, m)`.
///
/// # Errors
/// When `a` has not as many columns as `b` has rows.
pub fn product(a: &Matrix, b: &Matrix) -> Result<Matrix> {
    let ((n, k), (rows, m)) = (*a.shape(), *b.shape());
    if k != rows {
        return Err(Error::shape(
            "product",
            (
                format!("({n}, {k}) por ({k}, …)"),
                format!("({n}, {k}) times ({k}, …)"),
            ),
            format!("({n}, {k}) · ({rows}, {m})"),
        ));
    }
    Ok(a.clone().matmul(b.clone()))
}

/// The matrix with a row added to each of its rows: from `(n, k)` and `(1, k)` to `(n, k)`.
///
/// # Errors
/// When `row` is not one row as long as those of `m`.
pub fn add_row(m: &Matrix, row: &Matrix) -> Result<Matrix> {
    let (n, k) = *m.shape();
    if *row.shape() != (1, k) {
        return Err(Error::shape(
            "add_row",
            (format!("una fila, (1, {k})"), format!("one row, (1, {k})")),
            format!("{:?}", row.shape()),
        ));
    }
    let vector: Vector = row.clone().reshape_like(&(k,));
    Ok(m.clone() + vector.broadcast_like::<_, Axis<0>>(&(n, k)))
}

/// The sum of each column, as one row: from `(n, k)` to `(1, k)`.
pub fn column_sums(m: &Matrix) -> Matrix {
    let (_, k) = *m.shape();
    let sums: Vector = m.clone().sum::<_, Axis<0>>();
    sums.reshape_like(&(1, k))
}

/// The gradient of one tensor; zeros where nothing depends on it.
pub(crate) fn gradient_of(grads: &mut Grads, x: &Matrix) -> Vec<f32> {
    match grads.get_or_alloc_mut(x) {
        Ok(gradient) => gradient.to_vec(),
        Err(_) => vec![0.0; x.as_vec().len()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_exchanged_multiplied_and_added() {
        let a = matrix(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3).unwrap();
        let b = transpose(&a);
        assert_eq!((*b.shape(), b.as_vec()[1]), ((3, 2), 4.0));
        assert_eq!(product(&a, &b).unwrap().as_vec(), [14.0, 32.0, 32.0, 77.0]);
        let row = matrix(vec![10.0, 20.0, 30.0], 1, 3).unwrap();
        assert_eq!(add_row(&a, &row).unwrap().as_vec()[3..], [14.0, 25.0, 36.0]);
        let sums = column_sums(&a);
        assert_eq!(
            (*sums.shape(), sums.as_vec()),
            ((1, 3), vec![5.0, 7.0, 9.0])
        );
        assert!(product(&a, &a).is_err() && add_row(&a, &a).is_err());
    }
}
