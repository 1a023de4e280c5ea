//! lab1.7

use gradus_exercise::Random;

use super::{forward, mini_batches};
use crate::given::{Data, Network, gradients};

/// es: SGD: en cada época y en cada uno de sus mini-lotes, W ← W − η ∂C/∂W y b ← b − η ∂C/∂b
/// en: SGD: for each epoch and each of its mini-batches, W ← W − η ∂C/∂W and b ← b − η ∂C/∂b
pub fn train(
    net: Network,
    data: &Data,
    epochs: usize,
    batch: usize,
    eta: f64,
    rng: &mut Random,
) -> Network {
    // BEGIN SOLUTION lab1.7
    let mut net = net;
    for _ in 0..epochs {
        for indices in mini_batches(data.len(), batch, rng) {
            let (x, y) = data.batch(&indices);
            let g = gradients(forward, &net, &x, &y);
            net.w1 = net.w1 - g.w1 * eta;
            net.b1 = net.b1 - g.b1 * eta;
            net.w2 = net.w2 - g.w2 * eta;
            net.b2 = net.b2 - g.b2 * eta;
        }
    }
    net
    // END SOLUTION
}
