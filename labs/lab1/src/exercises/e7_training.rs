//! lab1.7

use gradus_exercise::Random;

use super::{cross_entropy, cross_entropy_gradient, forward, gradient_descent, mini_batches};
use crate::given::{Data, Network, Training, gradients, matrix, rows};

/// es: SGD con la entropía cruzada: en cada mini-lote de cada época, un paso de `gradient_descent` con el gradiente de ese lote
/// en: SGD on the cross-entropy: for each mini-batch of each epoch one step of `gradient_descent` with the gradient of that batch
pub fn train(
    net: Network,
    data: &Data,
    epochs: usize,
    batch: usize,
    eta: f64,
    rng: &mut Random,
) -> Training {
    // BEGIN SOLUTION lab1.7
    let (mut net, mut costs) = (net, Vec::new());
    for _ in 0..epochs {
        for indices in mini_batches(data.len(), batch, rng) {
            let (x, labels) = data.batch(&indices);
            let dz = |z: &[Vec<f64>]| cross_entropy_gradient(z, &labels);
            let gradient = |w: &[f64]| gradients(forward, &net.with(w), &x, dz).numbers();
            net = net.with(&gradient_descent(&gradient, &net.numbers(), eta, 0.0, 1).x);
        }
        let z = rows(&forward(&net, matrix(&data.x)));
        costs.push(cross_entropy(&z, &data.labels));
    }
    Training { net, costs }
    // END SOLUTION
}
