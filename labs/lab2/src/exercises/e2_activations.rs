//! lab2.2

/// (e^z − e^(−z)) / (e^z + e^(−z))
pub fn tanh(z: f64) -> f64 {
    // BEGIN SOLUTION lab2.2
    z.tanh()
    // END SOLUTION
}

/// tanh'(z)
pub fn tanh_prime(z: f64) -> f64 {
    // BEGIN SOLUTION lab2.2
    1.0 - tanh(z).powi(2)
    // END SOLUTION
}

/// max(0, z)
pub fn relu(z: f64) -> f64 {
    // BEGIN SOLUTION lab2.2
    z.max(0.0)
    // END SOLUTION
}

/// es: relu'(z), con relu'(0) = 0
/// en: relu'(z), with relu'(0) = 0
pub fn relu_prime(z: f64) -> f64 {
    // BEGIN SOLUTION lab2.2
    if z > 0.0 { 1.0 } else { 0.0 }
    // END SOLUTION
}

/// es: z si z > 0; si no, slope · z
/// en: z for z > 0, slope · z otherwise
pub fn leaky_relu(z: f64, slope: f64) -> f64 {
    // BEGIN SOLUTION lab2.2
    if z > 0.0 { z } else { slope * z }
    // END SOLUTION
}

/// es: La derivada de Leaky ReLU respecto de z; en 0 vale slope
/// en: The derivative of the leaky ReLU with respect to z; at 0 it is the slope
pub fn leaky_relu_prime(z: f64, slope: f64) -> f64 {
    // BEGIN SOLUTION lab2.2
    if z > 0.0 { 1.0 } else { slope }
    // END SOLUTION
}

/// es: max(z1, z2), donde z1 = w1ᵀx + b1 y z2 = w2ᵀx + b2
/// en: max(z1, z2), where z1 = w1ᵀx + b1 and z2 = w2ᵀx + b2
pub fn maxout(z1: f64, z2: f64) -> f64 {
    // BEGIN SOLUTION lab2.2
    z1.max(z2)
    // END SOLUTION
}

/// es: (∂/∂z1, ∂/∂z2) de maxout; si z1 = z2, se lo queda todo la primera
/// en: (∂/∂z1, ∂/∂z2) of maxout; when z1 = z2, the first takes it all
pub fn maxout_prime(z1: f64, z2: f64) -> (f64, f64) {
    // BEGIN SOLUTION lab2.2
    if z1 >= z2 { (1.0, 0.0) } else { (0.0, 1.0) }
    // END SOLUTION
}
