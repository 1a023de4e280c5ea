//! What a network has learned, seen: its answers, its mistakes, its first layer, the way there.

mod images;
mod playground;
mod regions;

pub use images::{first_layer_weights, mistakes, predictions};
pub use playground::{Playground, PlaygroundPage, playground};
pub use regions::{decision_boundary, regions};
