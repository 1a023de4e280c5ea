//! lab2.1

use dfdx::prelude::*;

use crate::given::{Matrix, Vector};

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
