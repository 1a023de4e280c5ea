//! es: De lo que parten los ejercicios: tensores con nombres cortos, una red, datos y los gradientes del coste por la cinta de dfdx.
//! en: What the exercises are given: tensors under short names, a network, data, and the gradients of the cost by dfdx's tape.

use std::{cell::RefCell, sync::OnceLock};

use dfdx::prelude::*;

/// es: Una matriz de dfdx, de forma (filas, columnas); un lote tiene un ejemplo por fila. `T` es la cinta, si la hay.
/// en: A matrix of dfdx, shape (rows, columns); a batch has one example per row. `T` is the tape, if there is one.
pub type Matrix<T = NoneTape> = Tensor<(usize, usize), f64, Cpu, T>;
/// es: Un vector de dfdx, de forma (n,).
/// en: A vector of dfdx, shape (n,).
pub type Vector = Tensor<(usize,), f64, Cpu>;

/// es: La cinta de dfdx, que graba lo que se hace con una matriz.
/// en: dfdx's tape, which records what is done with a matrix.
pub type Recorded = OwnedTape<f64, Cpu>;

/// es: Una red de dos capas. La capa l calcula z = x·Wᵀ + b, donde la fila j de W son los pesos de la neurona j.
/// en: A network of two layers. Layer l computes z = x·Wᵀ + b, where row j of W holds the weights of neuron j.
#[derive(Clone, Debug)]
pub struct Network {
    /// es: (ocultas, entradas)
    /// en: (hidden, inputs)
    pub w1: Matrix,
    /// es: (ocultas,)
    /// en: (hidden,)
    pub b1: Vector,
    /// es: (salidas, ocultas)
    /// en: (outputs, hidden)
    pub w2: Matrix,
    /// es: (salidas,)
    /// en: (outputs,)
    pub b2: Vector,
}

impl Network {
    /// es: Todos los pesos y sesgos en fila: el punto del que parte tu `gradient_descent` (lab1.4).
    /// en: All weights and biases in a row: the point that your `gradient_descent` (lab1.4) starts from.
    pub fn numbers(&self) -> Vec<f64> {
        let parts = [
            &self.w1.as_vec(),
            &self.b1.as_vec(),
            &self.w2.as_vec(),
            &self.b2.as_vec(),
        ];
        parts.into_iter().flatten().copied().collect()
    }

    /// es: Una red de la misma forma con estos números, en el orden de `numbers`.
    /// en: A network of the same shape with these numbers, in the order of `numbers`.
    #[track_caller]
    pub fn with(&self, numbers: &[f64]) -> Self {
        let ((h, k), (m, _)) = (*self.w1.shape(), *self.w2.shape());
        let (wanted, got) = (h * k + h + m * h + m, numbers.len());
        assert!(
            wanted == got,
            "`with`: the network has {wanted} numbers, not {got}"
        );
        let (w1, rest) = numbers.split_at(h * k);
        let (b1, rest) = rest.split_at(h);
        let (w2, b2) = rest.split_at(m * h);
        Self {
            w1: device().tensor_from_vec(w1.to_vec(), (h, k)),
            b1: vector(b1),
            w2: device().tensor_from_vec(w2.to_vec(), (m, h)),
            b2: vector(b2),
        }
    }
}

/// es: Una red entrenada, y cómo le ha ido.
/// en: A trained network, and how it went.
#[derive(Clone, Debug)]
pub struct Training {
    /// es: La red después de la última época.
    /// en: The network after the last epoch.
    pub net: Network,
    /// es: El coste sobre todos los datos después de cada época: la curva de aprendizaje.
    /// en: The cost over all data after each epoch: the learning curve.
    pub costs: Vec<f64>,
}

/// es: Ejemplos: la fila i de `x` es de la clase `labels[i]`.
/// en: Examples: row i of `x` is of the class `labels[i]`.
#[derive(Clone, Debug)]
pub struct Data {
    /// es: Las entradas, un ejemplo por fila.
    /// en: The inputs, one example per row.
    pub x: Vec<Vec<f64>>,
    /// es: Las clases: 0, 1, 2...
    /// en: The classes: 0, 1, 2...
    pub labels: Vec<usize>,
    /// es: Los lotes que se han pedido, para poder mirar cómo se entrena.
    /// en: The batches that were asked for, so that a training can be looked at.
    asked: RefCell<Vec<Vec<usize>>>,
}

impl Data {
    /// es: Las entradas y la clase de cada una.
    /// en: The inputs and the class of each.
    pub fn new(x: Vec<Vec<f64>>, labels: Vec<usize>) -> Self {
        Self {
            x,
            labels,
            asked: RefCell::default(),
        }
    }

    /// es: Los lotes que se han pedido hasta ahora.
    /// en: The batches that were asked for so far.
    pub fn batches_asked_for(&self) -> Vec<Vec<usize>> {
        self.asked.borrow().clone()
    }

    /// es: El número de ejemplos.
    /// en: The number of examples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// es: Si no hay ninguno.
    /// en: Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// es: Los ejemplos con estos números: una matriz x y las clases.
    /// en: The examples with these numbers: a matrix x and the classes.
    pub fn batch(&self, indices: &[usize]) -> (Matrix, Vec<usize>) {
        self.asked.borrow_mut().push(indices.to_vec());
        let x: Vec<_> = indices.iter().map(|i| self.x[*i].clone()).collect();
        let labels = indices.iter().map(|i| self.labels[*i]).collect();
        (matrix(&x), labels)
    }
}

/// es: Cómo terminó un descenso.
/// en: How a descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// es: La norma del gradiente bajó de la tolerancia.
    /// en: The norm of the gradient fell below the tolerance.
    Converged,
    /// es: Alguna coordenada llegó a ser NaN, infinita o mayor que 10¹² en valor absoluto.
    /// en: A coordinate became NaN, infinite, or larger than 10¹² in absolute value.
    Diverged,
    /// es: Se gastaron todos los pasos.
    /// en: All steps were used up.
    OutOfSteps,
}

/// es: Dónde terminó un descenso.
/// en: Where a descent ended.
#[derive(Clone, Debug)]
pub struct Descent {
    /// es: El último punto.
    /// en: The last point.
    pub x: Vec<f64>,
    /// es: Cuántos pasos se dieron.
    /// en: How many steps were taken.
    pub steps: usize,
    /// es: Por qué terminó.
    /// en: Why it ended.
    pub ending: Ending,
}

/// es: Las derivadas del coste respecto de cada peso y sesgo, con la forma de la red. Para empezar hace falta ∂C/∂z², que da `dz`
/// es: a partir de las puntuaciones z²: tu `cross_entropy_gradient` (lab1.3). La cinta de dfdx graba tu `forward` (lab1.6) y la
/// es: recorre hacia atrás; cómo lo hace es el bloque 5 de la unidad.
/// en: The derivatives of the cost with respect to each weight and bias, in the shape of the network. They begin with ∂C/∂z², which
/// en: `dz` makes of the scores z²: your `cross_entropy_gradient` (lab1.3). dfdx's tape records your `forward` (lab1.6) and walks
/// en: it backwards; how it does that is block 5 of the unit.
#[track_caller]
pub fn gradients(
    forward: impl Fn(&Network, Matrix<Recorded>) -> Matrix<Recorded>,
    net: &Network,
    x: &Matrix,
    dz: impl Fn(&[Vec<f64>]) -> Vec<Vec<f64>>,
) -> Network {
    let z = forward(net, x.leaky_trace());
    let dz = matrix(&dz(&rows(&z)));
    let ((n, k), (m, l)) = (*z.shape(), *dz.shape());
    assert!(
        (n, k) == (m, l),
        "`gradients`: the scores are ({n}, {k}), their derivatives ({m}, {l})"
    );
    // With ∂C/∂z held fixed, Σ z · ∂C/∂z has the derivatives of C.
    let by = (z * dz).sum().backward();
    Network {
        w1: by.get(&net.w1),
        b1: by.get(&net.b1),
        w2: by.get(&net.w2),
        b2: by.get(&net.b2),
    }
}

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
pub fn rows<T: Tape<f64, Cpu>>(matrix: &Matrix<T>) -> Vec<Vec<f64>> {
    let width = matrix.shape().1.max(1);
    let numbers = matrix.as_vec();
    numbers.chunks(width).map(<[f64]>::to_vec).collect()
}

/// es: La traspuesta: de (filas, columnas) a (columnas, filas).
/// en: The transpose: from (rows, columns) to (columns, rows).
pub fn transpose(matrix: &Matrix) -> Matrix {
    matrix.clone().permute()
}

/// es: El producto de matrices a·b: de (n, k) y (k, m) a (n, m).
/// en: The product of matrices a·b: from (n, k) and (k, m) to (n, m).
#[track_caller]
pub fn product<T: Tape<f64, Cpu>>(a: Matrix<T>, b: &Matrix) -> Matrix<T> {
    let ((n, k), (l, m)) = (*a.shape(), *b.shape());
    assert!(k == l, "`product`: ({n}, {k}) and ({l}, {m}) do not fit");
    a.matmul(b.clone())
}

/// es: La matriz con el vector sumado a cada fila: de (n, k) y (k,) a (n, k).
/// en: The matrix with the vector added to each row: from (n, k) and (k,) to (n, k).
#[track_caller]
pub fn add_row<T: Tape<f64, Cpu>>(matrix: Matrix<T>, row: &Vector) -> Matrix<T> {
    let ((n, k), (l,)) = (*matrix.shape(), *row.shape());
    assert!(k == l, "`add_row`: ({n}, {k}) and ({l},) do not fit");
    matrix + repeat(row, n)
}

/// es: El vector repetido en `n` filas.
/// en: The vector repeated in `n` rows.
pub fn repeat(vector: &Vector, n: usize) -> Matrix {
    let width = vector.shape().0;
    vector.clone().broadcast_like::<_, Axis<0>>(&(n, width))
}

fn device() -> Cpu {
    static DEVICE: OnceLock<Cpu> = OnceLock::new();
    DEVICE.get_or_init(Cpu::default).clone()
}
