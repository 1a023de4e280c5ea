//! lab2.8

use dfdx::prelude::*;
use gradus_exercise::{Digits, Random};

use super::{
    adam, batch_norm_backward, batch_norm_test, batch_norm_train, dense_backward, dropout,
    early_stopping, he, l2, normal, relu_prime,
};
use crate::given::{
    Ablation, Adam, BatchNorm, Block, Claim, Decision, EarlyStopping, Init, Matrix, Recipe, Row,
    Rule, Task, Trained, add_row, matrix, product, reshape, rows, t95, transpose, vector,
};

/// es: Entrena la red de la receta con `task.train`; toda la aleatoriedad sale de la semilla
/// en: Trains the network of the recipe on `task.train`; all randomness comes from the seed
pub fn train(recipe: &Recipe, task: &Task, seed: u64) -> Trained {
    // BEGIN SOLUTION lab2.8
    let mut rng = Random::new(seed);
    let mut net = Net::new(recipe, &mut rng);
    let mut best = net.clone();
    let mut stopping = EarlyStopping {
        patience: recipe.patience.unwrap_or(usize::MAX),
        min_delta: 0.0,
        best: f64::INFINITY,
        best_epoch: 0,
        waited: 0,
    };
    let (mut costs, mut validation) = (Vec::new(), Vec::new());
    for epoch in 0..recipe.epochs {
        let mut order: Vec<usize> = (0..task.train.len()).collect();
        rng.shuffle(&mut order);
        for indices in order.chunks(recipe.batch) {
            net.step(
                recipe,
                &task.train.pick(indices),
                task.train.len(),
                &mut rng,
            );
        }
        costs.push(net.cost(&task.train));
        let loss = net.cost(&task.validation);
        validation.push(loss);
        let decision = early_stopping(&mut stopping, epoch, loss);
        if recipe.patience.is_none() || decision == Decision::Improved {
            best = net.clone();
        } else if decision == Decision::Stop {
            break;
        }
    }
    Trained {
        classifier: Box::new(move |x| best.scores(x)),
        costs,
        validation,
    }
    // END SOLUTION
}

/// es: La tabla: con cada semilla, la receta completa y la misma sin cada uno de los cuatro bloques
/// en: The table: with each seed the full recipe, and the same without each of the four blocks
pub fn ablation(task: &Task, seeds: &[u64]) -> Ablation {
    // BEGIN SOLUTION lab2.8
    table(train, task, seeds)
    // END SOLUTION
}

// BEGIN SOLUTION lab2.8 stub:
/// The ablation table of trainings by `run`.
pub fn table(run: impl Fn(&Recipe, &Task, u64) -> Trained, task: &Task, seeds: &[u64]) -> Ablation {
    let accuracies = |recipe: &Recipe| -> Vec<f64> {
        let accuracy = |seed: &u64| {
            let trained = run(recipe, task, *seed);
            let scores = rows(&(trained.classifier)(&matrix(&task.test.x)));
            task.test.accuracy(&scores)
        };
        seeds.iter().map(accuracy).collect()
    };
    let full = accuracies(&Recipe::full());
    let row = |without: Block| {
        let accuracy = accuracies(&Recipe::full().without(without));
        let n = seeds.len() as f64;
        let pairs = full.iter().zip(&accuracy);
        let differences: Vec<f64> = pairs.map(|(full, less)| full - less).collect();
        let mean = differences.iter().sum::<f64>() / n;
        let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
        let reach = t95(seeds.len()) * (squares / (n - 1.0) / n).sqrt();
        let (low, high) = (mean - reach, mean + reach);
        Row {
            without,
            accuracy,
            difference: mean,
            low,
            high,
            claim: match (low > 0.0, high < 0.0) {
                (true, _) => Claim::Helps,
                (_, true) => Claim::Hurts,
                _ => Claim::NotShown,
            },
        }
    };
    let rows = Block::ALL.into_iter().map(row).collect();
    Ablation { full, rows }
}

/// Numbers that are learnt, with what Adam remembers of them.
#[derive(Clone)]
struct Parameter {
    values: Vec<f64>,
    adam: Adam,
}

impl Parameter {
    fn new(values: Vec<f64>) -> Self {
        let zeros = vec![0.0; values.len()];
        Self {
            adam: Adam {
                eta: 0.0,
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                m: zeros.clone(),
                v: zeros,
                t: 0,
            },
            values,
        }
    }

    fn step(&mut self, rule: Rule, g: &[f64]) {
        match rule {
            Rule::Adam(eta) => {
                self.adam.eta = eta;
                adam(&mut self.adam, &mut self.values, g);
            }
            Rule::Sgd(eta) => {
                self.values
                    .iter_mut()
                    .zip(g)
                    .for_each(|(w, g)| *w -= eta * g);
            }
        }
    }
}

/// A dense layer, and the batch normalisation after it, if there is any.
#[derive(Clone)]
struct Layer {
    shape: (usize, usize),
    w: Parameter,
    b: Parameter,
    norm: Option<Norm>,
}

#[derive(Clone)]
struct Norm {
    gamma: Parameter,
    beta: Parameter,
    bn: BatchNorm,
}

/// What the backward pass needs of a hidden layer: its input, z, what went into ReLU, and dropout's mask.
struct Passed {
    x: Matrix,
    z: Matrix,
    y: Matrix,
    mask: Matrix,
}

impl Layer {
    fn new(recipe: &Recipe, inputs: usize, outputs: usize, hidden: bool, rng: &mut Random) -> Self {
        let w = match recipe.init {
            Init::He => he(outputs, inputs, rng),
            Init::Normal(std) => normal(outputs, inputs, std, rng),
        };
        let all = |value: f64| vec![value; outputs];
        let norm = (hidden && recipe.batch_norm).then(|| Norm {
            gamma: Parameter::new(all(1.0)),
            beta: Parameter::new(all(0.0)),
            bn: BatchNorm {
                gamma: vector(&all(1.0)),
                beta: vector(&all(0.0)),
                running_mean: vector(&all(0.0)),
                running_var: vector(&all(1.0)),
                rho: 0.9,
                epsilon: 1e-5,
            },
        });
        Self {
            shape: (outputs, inputs),
            w: Parameter::new(w.as_vec()),
            b: Parameter::new(all(0.0)),
            norm,
        }
    }

    fn weights(&self) -> Matrix {
        reshape(&self.w.values, self.shape.0, self.shape.1)
    }

    fn dense(&self, x: &Matrix) -> Matrix {
        add_row(
            &product(x, &transpose(&self.weights())),
            &vector(&self.b.values),
        )
    }

    /// From ∂C/∂z to ∂C/∂x, with a step of this layer's parameters on the way.
    fn backward(&mut self, recipe: &Recipe, n: usize, x: &Matrix, dz: &Matrix) -> Matrix {
        let g = dense_backward(x, &self.weights(), dz);
        let (_, decay) = l2(&self.w.values, recipe.lambda, n);
        let dw: Vec<f64> = (g.dw.as_vec().iter().zip(&decay))
            .map(|(g, d)| g + d)
            .collect();
        self.w.step(recipe.rule, &dw);
        self.b.step(recipe.rule, &g.db.as_vec());
        g.dx
    }
}

#[derive(Clone)]
struct Net {
    hidden: Vec<Layer>,
    last: Layer,
}

impl Net {
    fn new(recipe: &Recipe, rng: &mut Random) -> Self {
        let mut inputs = 64;
        let mut hidden = Vec::new();
        for outputs in &recipe.hidden {
            hidden.push(Layer::new(recipe, inputs, *outputs, true, rng));
            inputs = *outputs;
        }
        let last = Layer::new(recipe, inputs, 10, false, rng);
        Self { hidden, last }
    }

    fn scores(&self, x: &Matrix) -> Matrix {
        let mut passed = x.clone();
        for layer in &self.hidden {
            let z = layer.dense(&passed);
            passed = match &layer.norm {
                Some(norm) => batch_norm_test(&norm.bn, &z),
                None => z,
            }
            .relu();
        }
        self.last.dense(&passed)
    }

    /// The cross-entropy in test mode.
    fn cost(&self, digits: &Digits) -> f64 {
        let scores = rows(&self.scores(&matrix(&digits.x)));
        let one = |(row, label): (&Vec<f64>, &usize)| {
            let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            max + row.iter().map(|z| (z - max).exp()).sum::<f64>().ln() - row[*label]
        };
        let sum: f64 = scores.iter().zip(&digits.labels).map(one).sum();
        sum / digits.len() as f64
    }

    fn step(&mut self, recipe: &Recipe, batch: &Digits, n_train: usize, rng: &mut Random) {
        let n = batch.len();
        let mut a = matrix(&batch.x);
        let mut passed = Vec::new();
        for layer in &mut self.hidden {
            let z = layer.dense(&a);
            let y = match &mut layer.norm {
                Some(norm) => batch_norm_train(&mut norm.bn, &z),
                None => z.clone(),
            };
            let units = vec![1.0; n * layer.shape.0];
            let mask = reshape(
                &dropout(&units, recipe.dropout, true, rng),
                n,
                layer.shape.0,
            );
            let next = y.clone().relu() * mask.clone();
            passed.push(Passed { x: a, z, y, mask });
            a = next;
        }
        let mut dz = rows(&self.last.dense(&a).softmax::<Axis<1>>());
        for (row, label) in dz.iter_mut().zip(&batch.labels) {
            row[*label] -= 1.0;
        }
        let dz = matrix(&dz) / n as f64;
        let mut da = self.last.backward(recipe, n_train, &a, &dz);
        for (layer, Passed { x, z, y, mask }) in self.hidden.iter_mut().zip(&passed).rev() {
            let slope: Vec<f64> = y.as_vec().iter().map(|y| relu_prime(*y)).collect();
            let dy = da * mask.clone() * reshape(&slope, n, layer.shape.0);
            let dz = match &mut layer.norm {
                Some(norm) => {
                    let g = batch_norm_backward(&norm.bn, z, &dy);
                    norm.gamma.step(recipe.rule, &g.dgamma.as_vec());
                    norm.beta.step(recipe.rule, &g.dbeta.as_vec());
                    norm.bn.gamma = vector(&norm.gamma.values);
                    norm.bn.beta = vector(&norm.beta.values);
                    g.dx
                }
                None => dy,
            };
            da = layer.backward(recipe, n_train, x, &dz);
        }
    }
}
// END SOLUTION
