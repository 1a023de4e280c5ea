//! lab1.1

/// σ(z) = 1 / (1 + e^(-z))
pub fn sigmoid(z: f64) -> f64 {
    // BEGIN SOLUTION lab1.1
    // The exponential never gets a positive argument, so it never overflows.
    let e = (-z.abs()).exp();
    if z >= 0.0 {
        1.0 / (1.0 + e)
    } else {
        e / (1.0 + e)
    }
    // END SOLUTION
}

/// es: σ'(z), donde el argumento es z, no a = σ(z)
/// en: σ'(z), where the argument is z, not a = σ(z)
pub fn sigmoid_prime(z: f64) -> f64 {
    // BEGIN SOLUTION lab1.1
    let a = sigmoid(z);
    // 1 - σ(z) = σ(-z) keeps its digits when σ(z) is close to 1.
    a * sigmoid(-z)
    // END SOLUTION
}
