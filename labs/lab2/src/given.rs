//! es: De lo que parten los ejercicios: los tensores de dfdx con nombres cortos.
//! en: What the exercises are given: dfdx's tensors under short names.

use std::sync::OnceLock;

use dfdx::prelude::*;

/// es: Una matriz de dfdx, de forma (filas, columnas); un lote tiene un ejemplo por fila.
/// en: A matrix of dfdx, shape (rows, columns); a batch has one example per row.
pub type Matrix = Tensor<(usize, usize), f64, Cpu>;
/// es: Un vector de dfdx, de forma (n,).
/// en: A vector of dfdx, shape (n,).
pub type Vector = Tensor<(usize,), f64, Cpu>;

/// es: Una matriz a partir de sus filas, todas igual de largas.
/// en: A matrix from its rows, all of the same length.
pub fn matrix(rows: &[Vec<f64>]) -> Matrix {
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    device().tensor_from_vec(rows.concat(), shape)
}

/// es: Un vector a partir de sus números.
/// en: A vector from its numbers.
pub fn vector(numbers: &[f64]) -> Vector {
    device().tensor_from_vec(numbers.to_vec(), (numbers.len(),))
}

/// es: Las filas de una matriz.
/// en: The rows of a matrix.
pub fn rows(matrix: &Matrix) -> Vec<Vec<f64>> {
    let width = matrix.shape().1.max(1);
    let numbers = matrix.as_vec();
    numbers.chunks(width).map(<[f64]>::to_vec).collect()
}

/// es: El vector repetido en `n` filas, para sumarlo a una matriz o multiplicarlo por una.
/// en: The vector repeated in `n` rows, to add it to a matrix or to multiply it with one.
pub fn repeat(vector: &Vector, n: usize) -> Matrix {
    let width = vector.shape().0;
    vector.clone().broadcast_like::<_, Axis<0>>(&(n, width))
}

fn device() -> Cpu {
    static DEVICE: OnceLock<Cpu> = OnceLock::new();
    DEVICE.get_or_init(Cpu::default).clone()
}
