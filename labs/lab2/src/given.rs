//! es: De lo que parten los ejercicios: los tensores de dfdx con nombres cortos.
//! en: What the exercises are given: dfdx's tensors under short names.

mod capstone;
mod optimizers;

use std::sync::OnceLock;

use dfdx::prelude::*;

pub use capstone::{Ablation, Block, Claim, Init, Recipe, Row, Rule, Task, Trained, t95};
pub use optimizers::{Adadelta, Adagrad, Adam, Momentum, RmsProp};

/// es: Una matriz de dfdx, de forma (filas, columnas); un lote tiene un ejemplo por fila.
/// en: A matrix of dfdx, shape (rows, columns); a batch has one example per row.
pub type Matrix = Tensor<(usize, usize), f64, Cpu>;
/// es: Un vector de dfdx, de forma (n,).
/// en: A vector of dfdx, shape (n,).
pub type Vector = Tensor<(usize,), f64, Cpu>;

/// es: Las derivadas del coste respecto de lo que entra en una capa densa.
/// en: The derivatives of the cost with respect to what goes into a dense layer.
#[derive(Clone, Debug)]
pub struct DenseGradients {
    /// es: ∂C/∂x: (n, entradas)
    /// en: ∂C/∂x: (n, inputs)
    pub dx: Matrix,
    /// es: ∂C/∂W: (salidas, entradas)
    /// en: ∂C/∂W: (outputs, inputs)
    pub dw: Matrix,
    /// es: ∂C/∂b: (salidas,)
    /// en: ∂C/∂b: (outputs,)
    pub db: Vector,
}

/// es: Batch normalization de k unidades.
/// en: Batch normalisation of k units.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    /// es: Escala γ: (k,)
    /// en: Scale γ: (k,)
    pub gamma: Vector,
    /// es: Desplazamiento β: (k,)
    /// en: Shift β: (k,)
    pub beta: Vector,
    /// es: Media móvil, para el test: (k,)
    /// en: Running mean, for test time: (k,)
    pub running_mean: Vector,
    /// es: Varianza móvil, para el test: (k,)
    /// en: Running variance, for test time: (k,)
    pub running_var: Vector,
    /// es: Cuánto se conserva de las móviles, ρ: móvil ← ρ·móvil + (1 − ρ)·lote
    /// en: How much of the running ones is kept, ρ: running ← ρ·running + (1 − ρ)·batch
    pub rho: f64,
    /// es: ε, dentro de la raíz
    /// en: ε under the root
    pub epsilon: f64,
}

/// es: Las derivadas del coste respecto de lo que entra en batch normalization.
/// en: The derivatives of the cost with respect to what goes into batch normalisation.
#[derive(Clone, Debug)]
pub struct BatchNormGradients {
    /// ∂C/∂x: (n, k)
    pub dx: Matrix,
    /// ∂C/∂γ: (k,)
    pub dgamma: Vector,
    /// ∂C/∂β: (k,)
    pub dbeta: Vector,
}

/// es: Lo que recuerda early stopping.
/// en: What early stopping remembers.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    /// es: Cuántas épocas seguidas sin mejora terminan el entrenamiento
    /// en: How many epochs in a row without improvement end the training
    pub patience: usize,
    /// es: Cuánto tiene que bajar el coste respecto del mejor para contar como mejora
    /// en: By how much the loss must fall below the best one to count as an improvement
    pub min_delta: f64,
    /// es: El mejor coste hasta ahora; infinito al principio
    /// en: The best loss so far; infinite at the start
    pub best: f64,
    /// es: La época del mejor coste, cuyos pesos son los que se guardan
    /// en: The epoch of the best loss, whose weights are the ones to keep
    pub best_epoch: usize,
    /// es: Épocas seguidas sin mejora
    /// en: Epochs in a row without improvement
    pub waited: usize,
}

/// es: Qué hacer después de una época.
/// en: What to do after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// es: El coste ha mejorado: guarda estos pesos y sigue.
    /// en: The loss improved: keep these weights and go on.
    Improved,
    /// es: No ha mejorado, pero queda paciencia.
    /// en: It did not, but there is patience left.
    Wait,
    /// es: Se acabó la paciencia: para y vuelve a los mejores pesos.
    /// en: Patience has run out: stop and go back to the best weights.
    Stop,
}

/// es: Una red entrenada: puntuaciones de imágenes, de (n, 64) a (n, 10). La puntuación mayor de cada fila es la respuesta.
/// en: A trained network: scores for images, (n, 64) to (n, 10). The largest score of a row is the answer.
pub type Classifier = Box<dyn Fn(&Matrix) -> Matrix>;

/// es: Una matriz a partir de sus filas, todas igual de largas.
/// en: A matrix from its rows, all of the same length.
pub fn matrix(rows: &[Vec<f64>]) -> Matrix {
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    device().tensor_from_vec(rows.concat(), shape)
}

/// es: La matriz de esta forma cuyos números, fila a fila, son estos.
/// en: The matrix of this shape whose numbers, row by row, are these.
#[track_caller]
pub fn reshape(numbers: &[f64], rows: usize, columns: usize) -> Matrix {
    let n = numbers.len();
    assert!(
        n == rows * columns,
        "`reshape`: {n} numbers do not make a matrix ({rows}, {columns})"
    );
    device().tensor_from_vec(numbers.to_vec(), (rows, columns))
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

/// es: La traspuesta: de (filas, columnas) a (columnas, filas).
/// en: The transpose: from (rows, columns) to (columns, rows).
pub fn transpose(matrix: &Matrix) -> Matrix {
    matrix.clone().permute()
}

/// es: El producto de matrices a·b: de (n, k) y (k, m) a (n, m).
/// en: The product of matrices a·b: from (n, k) and (k, m) to (n, m).
#[track_caller]
pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let ((n, k), (l, m)) = (*a.shape(), *b.shape());
    assert!(k == l, "`product`: ({n}, {k}) and ({l}, {m}) do not fit");
    a.clone().matmul(b.clone())
}

/// es: La matriz con el vector sumado a cada fila: de (n, k) y (k,) a (n, k).
/// en: The matrix with the vector added to each row: from (n, k) and (k,) to (n, k).
#[track_caller]
pub fn add_row(matrix: &Matrix, row: &Vector) -> Matrix {
    let ((n, k), (l,)) = (*matrix.shape(), *row.shape());
    assert!(k == l, "`add_row`: ({n}, {k}) and ({l},) do not fit");
    matrix.clone() + repeat(row, n)
}

/// es: La suma de cada columna: de (n, k) a (k,).
/// en: The sum of each column: from (n, k) to (k,).
pub fn column_sums(matrix: &Matrix) -> Vector {
    matrix.clone().sum::<_, Axis<0>>()
}

/// es: La media de cada columna: de (n, k) a (k,).
/// en: The mean of each column: from (n, k) to (k,).
pub fn column_means(matrix: &Matrix) -> Vector {
    matrix.clone().mean::<_, Axis<0>>()
}

fn device() -> Cpu {
    static DEVICE: OnceLock<Cpu> = OnceLock::new();
    DEVICE.get_or_init(Cpu::default).clone()
}
