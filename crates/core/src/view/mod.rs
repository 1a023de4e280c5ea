//! What a network has learned, seen: its answers, its mistakes, its first layer, the way there.

mod images;
mod playground;
mod regions;
mod small;

pub use images::{first_layer_weights, mistakes, predictions};
pub use playground::{Playground, playground};
pub use regions::{decision_boundary, regions};
pub use small::{batch_lab, batch_norm_lab, chain_lab, descent_lab, neuron_lab, softmax_lab};
