//! lab2.5

use dfdx::prelude::*;

use crate::given::{
    BatchNorm, BatchNormGradients, Matrix, Vector, column_means, column_sums, repeat,
};

/// es: y = γ·x̂ + β con la media y la varianza del batch, que además mueven las móviles. x y resultado: (n, k)
/// en: y = γ·x̂ + β with the mean and variance of the batch, which also move the running ones. x and result: (n, k)
pub fn batch_norm_train(bn: &mut BatchNorm, x: &Matrix) -> Matrix {
    // BEGIN SOLUTION lab2.5
    let n = x.shape().0;
    let (mean, var) = moments(x);
    let new = 1.0 - bn.rho;
    let unbiased = n as f64 / (n as f64 - 1.0);
    bn.running_mean = bn.running_mean.clone() * bn.rho + mean.clone() * new;
    bn.running_var = bn.running_var.clone() * bn.rho + var.clone() * (unbiased * new);
    let x_hat = normalised(x, &mean, &var, bn.epsilon);
    x_hat * repeat(&bn.gamma, n) + repeat(&bn.beta, n)
    // END SOLUTION
}

/// es: y = γ·x̂ + β con la media y la varianza móviles. x y resultado: (n, k)
/// en: y = γ·x̂ + β with the running mean and variance. x and result: (n, k)
pub fn batch_norm_test(bn: &BatchNorm, x: &Matrix) -> Matrix {
    // BEGIN SOLUTION lab2.5
    let n = x.shape().0;
    let x_hat = normalised(x, &bn.running_mean, &bn.running_var, bn.epsilon);
    x_hat * repeat(&bn.gamma, n) + repeat(&bn.beta, n)
    // END SOLUTION
}

/// es: A partir de ∂C/∂y en el entrenamiento, donde la media y la varianza también dependen de x. x y dy: (n, k)
/// en: From ∂C/∂y at training time, where mean and variance depend on x too. x and dy: (n, k)
pub fn batch_norm_backward(bn: &BatchNorm, x: &Matrix, dy: &Matrix) -> BatchNormGradients {
    // BEGIN SOLUTION lab2.5
    let n = x.shape().0;
    let (mean, var) = moments(x);
    let x_hat = normalised(x, &mean, &var, bn.epsilon);
    let dbeta = column_sums(dy);
    let dgamma = column_sums(&(dy.clone() * x_hat.clone()));
    let scale = bn.gamma.clone() / (var + bn.epsilon).sqrt();
    let towards = (repeat(&dbeta, n) + x_hat * repeat(&dgamma, n)) / n as f64;
    let dx = (dy.clone() - towards) * repeat(&scale, n);
    BatchNormGradients { dx, dgamma, dbeta }
    // END SOLUTION
}

// BEGIN SOLUTION lab2.5 stub:
/// Mean and variance (divided by n) of each column.
fn moments(x: &Matrix) -> (Vector, Vector) {
    let mean = column_means(x);
    let centred = x.clone() - repeat(&mean, x.shape().0);
    (mean, column_means(&centred.square()))
}

fn normalised(x: &Matrix, mean: &Vector, var: &Vector, epsilon: f64) -> Matrix {
    let n = x.shape().0;
    let std = (var.clone() + epsilon).sqrt();
    (x.clone() - repeat(mean, n)) / repeat(&std, n)
}
// END SOLUTION
