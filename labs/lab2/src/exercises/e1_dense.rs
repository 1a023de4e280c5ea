//! lab2.1

use dfdx::prelude::*;

use crate::given::{Matrix, Vector};

/// The derivatives of the cost with respect to what goes into a dense layer.
#[derive(Clone, Debug)]
pub struct DenseGradients {
    /// ∂C/∂x: (n, inputs)
    pub dx: Matrix,
    /// ∂C/∂W: (outputs, inputs)
    pub dw: Matrix,
    /// ∂C/∂b: (outputs,)
    pub db: Vector,
}

/// From ∂C/∂z, with z = x·Wᵀ + b. x: (n, inputs), w: (outputs, inputs), dz: (n, outputs)
pub fn dense_backward(x: &Matrix, w: &Matrix, dz: &Matrix) -> DenseGradients {
    // BEGIN SOLUTION lab2.1
    DenseGradients {
        dx: dz.clone().matmul(w.clone()),
        dw: dz.clone().permute().matmul(x.clone()),
        db: dz.clone().sum::<_, Axis<0>>(),
    }
    // END SOLUTION
}
