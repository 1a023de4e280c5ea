//! Recipes with a name: those that say how one thing alone fares.

use gradus::prelude::*;

use super::{Layer, Recipe, Rule, examples};

/// All of them.
pub fn all() -> Vec<Recipe> {
    let mut all = Vec::new();
    // One step of each activation: beside ReLU's it should cost what it adds to the traffic.
    for f in Activation::ALL {
        let name = format!("{f:?}").to_lowercase();
        let name = name.split('(').next().unwrap_or_default().to_owned();
        all.push(dense(&name, &[256, 512, 512, 10], f, "adam", 64));
    }
    let maxout = Layer::Maxout {
        units: 256,
        pieces: 2,
    };
    let mut recipe = dense("maxout", &[256, 10], Relu, "adam", 64);
    recipe.layers = vec![maxout, maxout];
    all.push(recipe);
    let mut recipe = dense("prelu", &[256, 512, 512, 10], Relu, "adam", 64);
    for layer in &mut recipe.layers {
        if matches!(layer, Layer::Activation { .. }) {
            *layer = Layer::Prelu;
        }
    }
    all.push(recipe);
    // One step of each rule: few examples, so that the weights count.
    for rule in super::RULES {
        all.push(dense(
            &format!("16-{rule}"),
            &[256, 512, 512, 10],
            Relu,
            rule,
            16,
        ));
    }
    let mut recipe = dense("16-adam-decay", &[256, 512, 512, 10], Relu, "adam", 16);
    recipe.rule.weight_decay = 1e-3;
    all.push(recipe);
    let mut recipe = dense("16-adam-clip", &[256, 512, 512, 10], Relu, "adam", 16);
    recipe.rule.clip = 1.0;
    all.push(recipe);
    // Few examples, small layers.
    for batch in [1, 4, 32] {
        for units in [8, 64, 256] {
            let sizes = [64, units, units, 10];
            all.push(dense(
                &format!("{batch}x{units}"),
                &sizes,
                Relu,
                "sgd",
                batch,
            ));
        }
    }
    all.extend(trainings());
    for recipe in &mut all {
        recipe.examples = examples(recipe);
    }
    all
}

/// Eight of different kinds.
fn trainings() -> Vec<Recipe> {
    let mut tiny = dense("tiny", &[8, 16, 16, 3], Tanh, "sgd", 32);
    tiny.rule.learning_rate = 0.05;
    let mut regression = dense("regression", &[32, 128, 128, 1], Relu, "rmsprop", 64);
    regression.cost = Quadratic;
    let mut deep = dense("ten-norms", &[128; 11], Relu, "adam", 128);
    deep.outputs = 10;
    deep.layers = (0..10)
        .flat_map(|_| {
            [
                Layer::Dense { units: 128 },
                Layer::BatchNorm,
                Layer::Activation { of: Relu },
            ]
        })
        .collect();
    let mut wide = dense("wide-dropout", &[784, 2048, 2048, 10], Relu, "adam", 128);
    wide.layers.insert(2, Layer::Dropout { p: 0.5 });
    wide.layers.push(Layer::Dropout { p: 0.5 });
    let mut convs = dense("small-convs", &[64, 10], Relu, "adam", 32);
    convs.input = vec![16, 16, 3];
    let conv = |filters| {
        [
            Layer::Conv2d {
                filters,
                size: 3,
                stride: 1,
                padding: Padding::Same,
            },
            Layer::Activation { of: Relu },
            Layer::MaxPool { size: 2 },
        ]
    };
    convs.layers = [conv(16), conv(32)].concat();
    vec![
        tiny,
        convs,
        regression,
        deep,
        wide,
        dense("gelu-net", &[128, 512, 512, 512, 10], Gelu, "adamw", 128),
        dense("elu-nag-16", &[64, 256, 256, 10], Elu(1.0), "nag", 16),
        dense("one-example", &[64, 128, 128, 10], Relu, "sgd", 1),
    ]
}

/// Dense layers of these sizes.
fn dense(name: &str, sizes: &[usize], f: Activation, rule: &str, batch: usize) -> Recipe {
    let hidden = &sizes[1..sizes.len() - 1];
    Recipe {
        name: name.to_owned(),
        seed: 1,
        input: vec![sizes[0]],
        outputs: sizes[sizes.len() - 1],
        layers: hidden
            .iter()
            .flat_map(|&units| [Layer::Dense { units }, Layer::Activation { of: f }])
            .collect(),
        cost: CrossEntropy,
        rule: Rule::new(rule),
        batch,
        examples: batch,
    }
}
