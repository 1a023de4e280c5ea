//! How each function is called, on which inputs, and what must hold of it. Nothing to edit here.

mod e1_sigmoid;
mod e2_costs;
mod e3_gradients;
mod e4_descent;
mod e5_batches;
mod e6_forward;
mod e7_training;

pub use e1_sigmoid::*;
pub use e2_costs::*;
pub use e3_gradients::*;
pub use e4_descent::*;
pub use e5_batches::*;
pub use e6_forward::*;
pub use e7_training::*;

use gradus_exercise::{
    Value,
    proptest::{collection::vec, strategy::Strategy},
    record,
};

/// One number z per example, and what each should give.
fn single_outputs(limit: f64) -> impl Strategy<Value = Value> + Send + Sync + 'static {
    vec((-limit..limit, 0_u8..2), 1..8).prop_map(|examples| {
        let (z, y): (Vec<_>, Vec<_>) = examples.into_iter().unzip();
        let y: Vec<f64> = y.into_iter().map(f64::from).collect();
        record! { z: z, y: y }
    })
}

/// Three numbers z per example, and the label of each example.
fn three_outputs(limit: f64) -> impl Strategy<Value = Value> + Send + Sync + 'static {
    vec((vec(-limit..limit, 3), 0_usize..3), 1..6).prop_map(|examples| {
        let (z, labels): (Vec<_>, Vec<_>) = examples.into_iter().unzip();
        record! { z: z, labels: labels }
    })
}
