//! Recipes by chance, each from a seed and its number alone.

use gradus::prelude::*;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Layer, RULES, Recipe, Rule, examples};

/// A step takes at most about 60 ms, and a peer's compiler sees at most so many weights.
const OPERATIONS: usize = 6_000_000_000;
const PARAMETERS: usize = 8_000_000;

/// Draw number `i`, from 0. That it was drawn among others changes nothing.
pub fn draw(seed: u64, i: u64) -> Recipe {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(i);
    let kind = if rng.gen_bool(0.3) { conv } else { dense };
    loop {
        let mut recipe = kind(&mut rng);
        let size = recipe.size();
        let fits = size.operations <= OPERATIONS && size.parameters <= PARAMETERS;
        if fits && size.smallest_side > 0 {
            recipe.name = (i + 1).to_string();
            recipe.seed = i;
            recipe.examples = examples(&recipe);
            return recipe;
        }
    }
}

/// Between both, each factor as likely as the other.
fn spread(rng: &mut ChaCha8Rng, from: usize, to: usize) -> usize {
    let (from, to) = ((from as f64).ln(), (to as f64 + 0.999).ln());
    rng.gen_range(from..to).exp() as usize
}

fn pick<T: Copy>(rng: &mut ChaCha8Rng, of: &[T]) -> T {
    *of.choose(rng).expect("lists to pick from are not empty")
}

fn activation(rng: &mut ChaCha8Rng) -> Activation {
    pick(rng, &Activation::ALL[1..])
}

fn dropout(rng: &mut ChaCha8Rng) -> Option<Layer> {
    let p = pick(rng, &[0.1, 0.25, 0.5]);
    rng.gen_bool(0.3).then_some(Layer::Dropout { p })
}

/// Everything but the layers.
fn around(rng: &mut ChaCha8Rng, input: Vec<usize>, batch: usize, layers: Vec<Layer>) -> Recipe {
    let (cost, outputs) = match rng.gen_range(0..20) {
        0..12 => (CrossEntropy, spread(rng, 2, 100)),
        12..15 => (BinaryCrossEntropy, spread(rng, 1, 16)),
        _ => (Quadratic, spread(rng, 1, 16)),
    };
    let mut rule = Rule::new(pick(rng, &RULES));
    if rng.gen_bool(0.15) && rule.name != "adamw" {
        rule.weight_decay = 1e-3;
    }
    if rng.gen_bool(0.1) {
        rule.clip = 1.0;
    }
    Recipe {
        name: String::new(),
        seed: 0,
        input,
        outputs,
        layers,
        cost,
        rule,
        batch,
        examples: batch,
    }
}

fn dense(rng: &mut ChaCha8Rng) -> Recipe {
    let batch = spread(rng, 1, 512);
    let input = spread(rng, 4, 784);
    let depth = spread(rng, 1, 10);
    // Of few examples the mean and the variance are mostly noise, and so would be the check of the losses.
    let norm = batch >= 8 && rng.gen_bool(0.3);
    let (f, dropout) = (activation(rng), dropout(rng));
    let maxout = !norm && rng.gen_bool(0.08);
    let mut units = spread(rng, 8, 1024);
    let same = rng.gen_bool(0.6);
    let mut layers = Vec::new();
    for _ in 0..depth {
        if !same {
            units = spread(rng, 8, 1024);
        }
        if maxout {
            layers.push(Layer::Maxout { units, pieces: 2 });
        } else {
            layers.push(Layer::Dense { units });
            layers.extend(norm.then_some(Layer::BatchNorm));
            layers.push(Layer::Activation { of: f });
        }
        layers.extend(dropout);
    }
    around(rng, vec![input], batch, layers)
}

fn conv(rng: &mut ChaCha8Rng) -> Recipe {
    let batch = spread(rng, 1, 512);
    let side = spread(rng, 8, 64);
    let channels = pick(rng, &[1, 1, 3, 3, 3, 8, 16]);
    let norm = batch >= 8 && rng.gen_bool(0.3);
    let (f, dropout) = (activation(rng), dropout(rng));
    let mut filters = spread(rng, 8, 64);
    let mut layers = Vec::new();
    for _ in 0..rng.gen_range(1..=4) {
        // Other frameworks pad a stride of 2 on other sides.
        let (stride, padding) = match rng.gen_range(0..5) {
            0 => (2, Padding::Valid),
            1 | 2 => (1, Padding::Valid),
            _ => (1, Padding::Same),
        };
        layers.push(Layer::Conv2d {
            filters,
            size: pick(rng, &[1, 3, 3, 3, 5]),
            stride,
            padding,
        });
        layers.extend(norm.then_some(Layer::BatchNorm));
        layers.push(Layer::Activation { of: f });
        if stride == 1 && rng.gen_bool(0.5) {
            let size = 2;
            layers.push(match rng.gen_bool(0.75) {
                true => Layer::MaxPool { size },
                false => Layer::AveragePool { size },
            });
        }
        if rng.gen_bool(0.5) {
            filters = (2 * filters).min(128);
        }
    }
    for _ in 0..rng.gen_range(0..=2) {
        layers.push(Layer::Dense {
            units: spread(rng, 16, 256),
        });
        layers.push(Layer::Activation { of: f });
        layers.extend(dropout);
    }
    around(rng, vec![side, side, channels], batch, layers)
}
