//! How each function is called, on which inputs, and what must hold of it. Nothing to edit here.
#![allow(clippy::type_complexity)] // of the functions that are asked for: their signatures, each written once

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

use gradus_exercise::{Random, Value, draw, record};

/// A number z up to `limit`, most of them where a sigmoid still moves.
fn any_z(rng: &mut Random, limit: f64) -> f64 {
    match draw::whole(rng, 0, 9) {
        0 => draw::one_of(rng, &[0.0, 0.5, -0.5]),
        1 | 2 => draw::between(rng, -limit, limit),
        _ => draw::between(rng, -limit.min(6.0), limit.min(6.0)),
    }
}

/// A number z for each class, up to `limit`. Some lie together, far from 0, where all exponentials are infinite or all are 0.
fn any_row(rng: &mut Random, classes: usize, limit: f64) -> Vec<f64> {
    if draw::chance(rng, 0.8) {
        return (0..classes).map(|_| any_z(rng, limit)).collect();
    }
    let centre = draw::between(rng, 6.0 - limit, limit - 6.0);
    let near = |rng: &mut Random| draw::between(rng, centre - 6.0, centre + 6.0);
    (0..classes).map(|_| near(rng)).collect()
}

/// One number z per example, and what each should give: 0, 1 or something between.
fn single_outputs(limit: f64) -> impl Fn(&mut Random) -> Value + Send + Sync + 'static {
    move |rng| {
        let n = draw::whole(rng, 1, 8);
        let z: Vec<f64> = (0..n).map(|_| any_z(rng, limit)).collect();
        let soft = draw::chance(rng, 0.5);
        let mut label = || match soft {
            true => draw::between(rng, 0.0, 1.0),
            false => draw::one_of(rng, &[0.0, 1.0]),
        };
        let y: Vec<f64> = (0..n).map(|_| label()).collect();
        record! { z: z, y: y }
    }
}

/// A number z per example and class, 2 to 6 classes, and the label of each example.
fn several_outputs(limit: f64) -> impl Fn(&mut Random) -> Value + Send + Sync + 'static {
    move |rng| {
        let (n, classes) = (draw::whole(rng, 1, 6), draw::whole(rng, 2, 6));
        let z: Vec<Vec<f64>> = (0..n).map(|_| any_row(rng, classes, limit)).collect();
        let labels: Vec<usize> = (0..n).map(|_| rng.below(classes)).collect();
        record! { z: z, labels: labels }
    }
}
