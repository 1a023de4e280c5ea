//! lab2.1

#[allow(unused_imports)]
// es: para quien trabaje con los tensores mismos: `a.shape()`, `a.sum()`
// en: for those who work on the tensors themselves: `a.shape()`, `a.sum()`
use dfdx::prelude::*;

use crate::given::{DenseGradients, Matrix, column_sums, product, transpose};

/// es: A partir de ∂C/∂z, con z = x·Wᵀ + b. x: (n, entradas), w: (salidas, entradas), dz: (n, salidas)
/// en: From ∂C/∂z, with z = x·Wᵀ + b. x: (n, inputs), w: (outputs, inputs), dz: (n, outputs)
pub fn dense_backward(x: &Matrix, w: &Matrix, dz: &Matrix) -> DenseGradients {
    // BEGIN SOLUTION lab2.1
    DenseGradients {
        dx: product(dz, w),
        dw: product(&transpose(dz), x),
        db: column_sums(dz),
    }
    // END SOLUTION
}
