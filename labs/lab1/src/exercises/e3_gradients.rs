//! lab1.3

use super::{sigmoid, sigmoid_prime, softmax};

/// es: ∂C/∂zᵢ del coste cuadrático, con a = σ(z)
/// en: ∂C/∂zᵢ of the quadratic cost, with a = σ(z)
pub fn quadratic_gradient(z: &[f64], y: &[f64]) -> Vec<f64> {
    // BEGIN SOLUTION lab1.3
    let n = z.len() as f64;
    let one = |(z, y): (&f64, &f64)| (sigmoid(*z) - y) * sigmoid_prime(*z) / n;
    z.iter().zip(y).map(one).collect()
    // END SOLUTION
}

/// es: ∂C/∂zᵢ de la entropía cruzada binaria, con a = σ(z)
/// en: ∂C/∂zᵢ of the binary cross-entropy, with a = σ(z)
pub fn binary_cross_entropy_gradient(z: &[f64], y: &[f64]) -> Vec<f64> {
    // BEGIN SOLUTION lab1.3
    let n = z.len() as f64;
    let one = |(z, y): (&f64, &f64)| (sigmoid(*z) - y) / n;
    z.iter().zip(y).map(one).collect()
    // END SOLUTION
}

/// es: ∂C/∂zᵢₖ de la entropía cruzada, con a = softmax(z); una fila por ejemplo, como z
/// en: ∂C/∂zᵢₖ of the cross-entropy, with a = softmax(z); one row per example, like z
pub fn cross_entropy_gradient(z: &[Vec<f64>], labels: &[usize]) -> Vec<Vec<f64>> {
    // BEGIN SOLUTION lab1.3
    let n = z.len() as f64;
    let one = |(z, label): (&Vec<f64>, &usize)| {
        let mut a = softmax(z);
        a[*label] -= 1.0;
        a.iter().map(|delta| delta / n).collect()
    };
    z.iter().zip(labels).map(one).collect()
    // END SOLUTION
}
