//! lab1.6

use dfdx::prelude::*;

use crate::given::{Matrix, Network, add_row, product, transpose};

/// es: a¹ = σ(x·W₁ᵀ + b₁), z² = a¹·W₂ᵀ + b₂. x: (n, entradas), resultado: z², (n, salidas)
/// en: a¹ = σ(x·W₁ᵀ + b₁), z² = a¹·W₂ᵀ + b₂. x: (n, inputs), result: z², (n, outputs)
pub fn forward<T: Tape<f64, Cpu>>(net: &Network, x: Matrix<T>) -> Matrix<T> {
    // BEGIN SOLUTION lab1.6
    let z1 = add_row(product(x, &transpose(&net.w1)), &net.b1);
    add_row(product(z1.sigmoid(), &transpose(&net.w2)), &net.b2)
    // END SOLUTION
}
