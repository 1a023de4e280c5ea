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

/// The gradient of one tensor; zeros where nothing depends on it.
pub(crate) fn gradient_of(grads: &mut Grads, x: &Matrix) -> Vec<f32> {
    match grads.get_or_alloc_mut(x) {
        Ok(gradient) => gradient.to_vec(),
        Err(_) => vec![0.0; x.as_vec().len()],
    }
}
