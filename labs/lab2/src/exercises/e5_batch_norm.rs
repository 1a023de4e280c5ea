//! lab2.5

use dfdx::prelude::*;

use crate::given::{Matrix, Vector, repeat};

/// es: Batch normalization de k unidades.
/// en: Batch normalisation of k units.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    /// es: Escala γ: (k,)
    /// en: Scale γ: (k,)
    pub gamma: Vector,
    /// es: Desplazamiento β: (k,)
    /// en: Shift β: (k,)
    pub beta: Vector,
    /// es: Media móvil, para el test: (k,)
    /// en: Running mean, for test time: (k,)
    pub running_mean: Vector,
    /// es: Varianza móvil, para el test: (k,)
    /// en: Running variance, for test time: (k,)
    pub running_var: Vector,
    /// es: m en móvil ← (1 − m)·móvil + m·lote
    /// en: m in running ← (1 − m)·running + m·batch
    pub momentum: f64,
    /// es: ε, dentro de la raíz
    /// en: ε under the root
    pub epsilon: f64,
}

/// es: Las derivadas del coste respecto de lo que entra en batch normalization.
/// en: The derivatives of the cost with respect to what goes into batch normalisation.
#[derive(Clone, Debug)]
pub struct BatchNormGradients {
    /// ∂C/∂x: (n, k)
    pub dx: Matrix,
    /// ∂C/∂γ: (k,)
    pub dgamma: Vector,
    /// ∂C/∂β: (k,)
    pub dbeta: Vector,
}

/// es: y = γ·x̂ + β con la media y la varianza del lote, que además mueven las móviles. x y resultado: (n, k)
/// en: y = γ·x̂ + β with the mean and variance of the batch, which also move the running ones. x and result: (n, k)
pub fn batch_norm_train(bn: &mut BatchNorm, x: &Matrix) -> Matrix {
    // BEGIN SOLUTION lab2.5
    let n = x.shape().0;
    let (mean, var) = moments(x);
    let m = bn.momentum;
    let unbiased = n as f64 / (n as f64 - 1.0);
    bn.running_mean = bn.running_mean.clone() * (1.0 - m) + mean.clone() * m;
    bn.running_var = bn.running_var.clone() * (1.0 - m) + var.clone() * (unbiased * m);
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
    let dbeta: Vector = dy.clone().sum::<_, Axis<0>>();
    let dgamma: Vector = (dy.clone() * x_hat.clone()).sum::<_, Axis<0>>();
    let scale = bn.gamma.clone() / (var + bn.epsilon).sqrt();
    let towards = (repeat(&dbeta, n) + x_hat * repeat(&dgamma, n)) / n as f64;
    let dx = (dy.clone() - towards) * repeat(&scale, n);
    BatchNormGradients { dx, dgamma, dbeta }
    // END SOLUTION
}

// BEGIN SOLUTION lab2.5 stub:
/// Mean and variance (divided by n) of each column.
fn moments(x: &Matrix) -> (Vector, Vector) {
    let mean: Vector = x.clone().mean::<_, Axis<0>>();
    let centred = x.clone() - repeat(&mean, x.shape().0);
    (mean, centred.square().mean::<_, Axis<0>>())
}

fn normalised(x: &Matrix, mean: &Vector, var: &Vector, epsilon: f64) -> Matrix {
    let n = x.shape().0;
    let std = (var.clone() + epsilon).sqrt();
    (x.clone() - repeat(mean, n)) / repeat(&std, n)
}
// END SOLUTION
