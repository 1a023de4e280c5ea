//! lab2.1

use dfdx::prelude::*;

use crate::given::{DenseGradients, Matrix};

/// es: A partir de ∂C/∂z, con z = x·Wᵀ + b. x: (n, entradas), w: (salidas, entradas), dz: (n, salidas)
/// en: From ∂C/∂z, with z = x·Wᵀ + b. x: (n, inputs), w: (outputs, inputs), dz: (n, outputs)
pub fn dense_backward(x: &Matrix, w: &Matrix, dz: &Matrix) -> DenseGradients {
    // BEGIN SOLUTION lab2.1
    DenseGradients {
        dx: dz.clone().matmul(w.clone()),
        dw: dz.clone().permute().matmul(x.clone()),
        db: dz.clone().sum::<_, Axis<0>>(),
    }
    // END SOLUTION
}
