//! lab2.4

#[allow(unused_imports)]
// es: para quien trabaje con los tensores mismos: `a.shape()`, `a.sum()`
// en: for those who work on the tensors themselves: `a.shape()`, `a.sum()`
use dfdx::prelude::*;
use gradus_exercise::Random;

use crate::given::{Matrix, Vector, matrix, rows};

/// es: Todos los pesos a 0. Resultado: (n_out, n_in)
/// en: All weights 0. Result: (n_out, n_in)
pub fn zeros(n_out: usize, n_in: usize) -> Matrix {
    // BEGIN SOLUTION lab2.4
    matrix(&vec![vec![0.0; n_in]; n_out])
    // END SOLUTION
}

/// es: Pesos de N(0, std²). Resultado: (n_out, n_in)
/// en: Weights from N(0, std²). Result: (n_out, n_in)
pub fn normal(n_out: usize, n_in: usize, std: f64, rng: &mut Random) -> Matrix {
    // BEGIN SOLUTION lab2.4
    let mut row = || (0..n_in).map(|_| rng.normal() * std).collect();
    matrix(&(0..n_out).map(|_| row()).collect::<Vec<_>>())
    // END SOLUTION
}

/// es: Xavier (Glorot): varianza 2/(n_in + n_out). Resultado: (n_out, n_in)
/// en: Xavier (Glorot): variance 2/(n_in + n_out). Result: (n_out, n_in)
pub fn xavier(n_out: usize, n_in: usize, rng: &mut Random) -> Matrix {
    // BEGIN SOLUTION lab2.4
    normal(n_out, n_in, (2.0 / (n_in + n_out) as f64).sqrt(), rng)
    // END SOLUTION
}

/// es: He: varianza 2/n_in. Resultado: (n_out, n_in)
/// en: He: variance 2/n_in. Result: (n_out, n_in)
pub fn he(n_out: usize, n_in: usize, rng: &mut Random) -> Matrix {
    // BEGIN SOLUTION lab2.4
    normal(n_out, n_in, (2.0 / n_in as f64).sqrt(), rng)
    // END SOLUTION
}

/// es: Si dos neuronas de la capa tienen los mismos pesos y el mismo sesgo. w: (n_out, n_in), b: (n_out,)
/// en: Whether two neurons of the layer have the same weights and the same bias. w: (n_out, n_in), b: (n_out,)
pub fn has_twins(w: &Matrix, b: &Vector) -> bool {
    // BEGIN SOLUTION lab2.4
    let (w, b) = (rows(w), b.as_vec());
    (0..w.len()).any(|i| (0..i).any(|j| w[i] == w[j] && b[i] == b[j]))
    // END SOLUTION
}
