//! es: De lo que parte el proyecto final: la tarea, las recetas y la tabla de ablación.
//! en: What the capstone starts from: the task, the recipes, and the ablation table.

use gradus_exercise::{Digits, Random};

use super::Classifier;

/// es: Dígitos repartidos en tres: para entrenar, para elegir y para informar.
/// en: Digits dealt into three parts: to train with, to choose by, and to report on.
#[derive(Clone, Debug)]
pub struct Task {
    /// es: 400 imágenes; tres de cada diez etiquetas están mal, y no se sabe cuáles.
    /// en: 400 images; three labels out of ten are wrong, and nobody knows which.
    pub train: Digits,
    /// es: 100 imágenes bien etiquetadas, para early stopping.
    /// en: 100 images with right labels, for early stopping.
    pub validation: Digits,
    /// es: 300 imágenes bien etiquetadas, para los aciertos de la tabla: con ellas no se elige nada.
    /// en: 300 images with right labels, for the accuracies of the table: nothing is chosen by them.
    pub test: Digits,
}

impl Task {
    /// es: La tarea que sale de una semilla, y las imágenes que quedan, que la red no verá.
    /// en: The task that comes of a seed, and the images that are left, which the network will not see.
    pub fn draw(seed: u64) -> (Self, Digits) {
        let mut rng = Random::new(seed);
        let all = Digits::all();
        let mut dealt: Vec<usize> = (0..all.len()).collect();
        rng.shuffle(&mut dealt);
        let (train, rest) = dealt.split_at(400);
        let (validation, rest) = rest.split_at(100);
        let (test, rest) = rest.split_at(300);
        let mut train = all.pick(train);
        for label in &mut train.labels[..120] {
            *label = (*label + 1 + rng.below(9)) % 10;
        }
        let task = Self {
            train,
            validation: all.pick(validation),
            test: all.pick(test),
        };
        (task, all.pick(rest))
    }
}

/// es: Con qué pesos se empieza.
/// en: The weights to start from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// es: Los de He (lab2.4).
    /// en: He's (lab2.4).
    He,
    /// es: N(0, σ²), con esta σ.
    /// en: N(0, σ²), with this σ.
    Normal(f64),
}

/// es: Con qué regla se actualizan los parámetros.
/// en: The rule by which parameters are updated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// es: Adam con esta η, β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
    /// en: Adam with this η, β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
    Adam(f64),
    /// es: w ← w − ηg, con esta η.
    /// en: w ← w − ηg, with this η.
    Sgd(f64),
}

/// es: Todo lo que hay que saber para entrenar una red.
/// en: All that must be known to train a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// es: Cuántas neuronas tiene cada capa oculta.
    /// en: How many neurons each hidden layer has.
    pub hidden: Vec<usize>,
    /// es: Los pesos iniciales; los sesgos empiezan en 0.
    /// en: The initial weights; biases start at 0.
    pub init: Init,
    /// es: Si cada capa oculta lleva batch normalization antes de ReLU.
    /// en: Whether each hidden layer has batch normalisation before ReLU.
    pub batch_norm: bool,
    /// es: La regla de actualización.
    /// en: The update rule.
    pub rule: Rule,
    /// es: λ de L2, sobre los pesos W de todas las capas.
    /// en: λ of L2, on the weights W of all layers.
    pub lambda: f64,
    /// es: La probabilidad p de que dropout apague una unidad oculta.
    /// en: The probability p that dropout switches a hidden unit off.
    pub dropout: f64,
    /// es: La paciencia de early stopping, si lo hay.
    /// en: The patience of early stopping, if there is any.
    pub patience: Option<usize>,
    /// es: Cuántas épocas, como mucho.
    /// en: How many epochs, at most.
    pub epochs: usize,
    /// es: Cuántos ejemplos tiene un batch.
    /// en: How many examples a batch has.
    pub batch: usize,
}

/// es: Los bloques de la unidad que la receta completa junta.
/// en: The blocks of the unit that the full recipe puts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// es: Bloque 8: sin él, los pesos iniciales son N(0, 0.01²).
    /// en: Block 8: without it the initial weights are N(0, 0.01²).
    Initialization,
    /// es: Bloque 9: batch normalization.
    /// en: Block 9: batch normalisation.
    BatchNorm,
    /// es: Bloque 10: sin él, SGD con la misma η.
    /// en: Block 10: without it SGD with the same η.
    Optimizer,
    /// es: Bloque 11: L2, dropout y early stopping, los tres.
    /// en: Block 11: L2, dropout and early stopping, all three.
    Regularization,
}

impl Block {
    /// es: Los cuatro, en el orden de la tabla.
    /// en: All four, in the order of the table.
    pub const ALL: [Self; 4] = [
        Self::Initialization,
        Self::BatchNorm,
        Self::Optimizer,
        Self::Regularization,
    ];
}

impl Recipe {
    /// es: La receta completa: cuatro capas ocultas de 32 ReLU, He, batch normalization, Adam, L2, dropout y early stopping.
    /// en: The full recipe: four hidden layers of 32 ReLU, He, batch normalisation, Adam, L2, dropout and early stopping.
    pub fn full() -> Self {
        Self {
            hidden: vec![32; 4],
            init: Init::He,
            batch_norm: true,
            rule: Rule::Adam(3e-3),
            lambda: 3.0,
            dropout: 0.2,
            patience: Some(8),
            epochs: 40,
            batch: 40,
        }
    }

    /// es: La misma receta sin un bloque.
    /// en: The same recipe without one block.
    pub fn without(&self, block: Block) -> Self {
        let mut recipe = self.clone();
        match block {
            Block::Initialization => recipe.init = Init::Normal(0.01),
            Block::BatchNorm => recipe.batch_norm = false,
            Block::Optimizer => {
                let (Rule::Adam(eta) | Rule::Sgd(eta)) = recipe.rule;
                recipe.rule = Rule::Sgd(eta);
            }
            Block::Regularization => {
                (recipe.lambda, recipe.dropout, recipe.patience) = (0.0, 0.0, None);
            }
        }
        recipe
    }
}

/// es: Lo que sale de un entrenamiento.
/// en: What comes of a training.
pub struct Trained {
    /// es: La red: con early stopping, la de la mejor época.
    /// en: The network: with early stopping that of the best epoch.
    pub classifier: Classifier,
    /// es: El coste en `task.train` después de cada época, sin penalización y en modo test.
    /// en: The cost on `task.train` after each epoch, without the penalty and in test mode.
    pub costs: Vec<f64>,
    /// es: Lo mismo en `task.validation`.
    /// en: The same on `task.validation`.
    pub validation: Vec<f64>,
}

/// es: Qué se puede decir de un bloque.
/// en: What can be said of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// es: Ayuda: todo el intervalo queda por encima de 0.
    /// en: It helps: the whole interval is above 0.
    Helps,
    /// es: Estorba: todo el intervalo queda por debajo de 0.
    /// en: It hurts: the whole interval is below 0.
    Hurts,
    /// es: Con estas semillas no se ve: el intervalo contiene el 0.
    /// en: These seeds do not show it: the interval contains 0.
    NotShown,
}

/// es: Una fila de la tabla: qué pasa al quitar un bloque.
/// en: A row of the table: what happens when a block is taken away.
#[derive(Clone, Debug)]
pub struct Row {
    /// es: El bloque que se quita.
    /// en: The block that is taken away.
    pub without: Block,
    /// es: El acierto en `task.test` sin él, con cada semilla.
    /// en: The accuracy on `task.test` without it, with each seed.
    pub accuracy: Vec<f64>,
    /// es: La media de las diferencias, con la receta completa menos sin el bloque, semilla a semilla.
    /// en: The mean of the differences, with the full recipe minus without the block, seed by seed.
    pub difference: f64,
    /// es: El extremo inferior del intervalo del 95 % de esa media.
    /// en: The lower end of the 95 % interval of that mean.
    pub low: f64,
    /// es: El extremo superior.
    /// en: The upper end.
    pub high: f64,
    /// es: Lo que se puede decir con ese intervalo.
    /// en: What can be said by that interval.
    pub claim: Claim,
}

/// es: La tabla de ablación.
/// en: The ablation table.
#[derive(Clone, Debug)]
pub struct Ablation {
    /// es: El acierto en `task.test` con la receta completa, con cada semilla.
    /// en: The accuracy on `task.test` with the full recipe, with each seed.
    pub full: Vec<f64>,
    /// es: Una fila por bloque, en el orden de `Block::ALL`.
    /// en: A row for each block, in the order of `Block::ALL`.
    pub rows: Vec<Row>,
}

/// es: El cuantil 97.5 % de la t de Student con n − 1 grados de libertad, para n diferencias: de 2 a 12.
/// en: The 97.5 % quantile of Student's t with n − 1 degrees of freedom, for n differences: 2 to 12.
pub fn t95(n: usize) -> f64 {
    const QUANTILES: [f64; 11] = [
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010,
    ];
    let at = n.checked_sub(2).and_then(|at| QUANTILES.get(at));
    at.copied().unwrap_or(f64::NAN)
}
