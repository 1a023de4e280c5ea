//! lab1.6

use dfdx::prelude::*;

use crate::given::{Matrix, Network};

/// es: a¹ = σ(x·W₁ᵀ + b₁), a² = σ(a¹·W₂ᵀ + b₂). x: (n, entradas), resultado: (n, salidas)
/// en: a¹ = σ(x·W₁ᵀ + b₁), a² = σ(a¹·W₂ᵀ + b₂). x: (n, inputs), result: (n, outputs)
pub fn forward<T: Tape<f64, Cpu>>(net: &Network, x: Matrix<T>) -> Matrix<T> {
    // BEGIN SOLUTION lab1.6
    let n = x.shape().0;
    let z1 = x.matmul(net.w1.clone().permute());
    let b1 = net
        .b1
        .clone()
        .broadcast_like::<_, Axis<0>>(&(n, net.w1.shape().0));
    let a1 = (z1 + b1).sigmoid();
    let z2 = a1.matmul(net.w2.clone().permute());
    let b2 = net
        .b2
        .clone()
        .broadcast_like::<_, Axis<0>>(&(n, net.w2.shape().0));
    (z2 + b2).sigmoid()
    // END SOLUTION
}
