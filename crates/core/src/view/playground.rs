//! The playground: networks that train in the page while their knobs are turned.

use serde_json::{Value, json};

use crate::activation::Activation;
use crate::batchnorm::BatchNorm;
use crate::cost::Cost;
use crate::data::Dataset;
use crate::error::{Error, ErrorKind, Result};
use crate::figure::draw::COLOURS;
use crate::figure::interactive::Page;
use crate::figure::{Chart, Figure};
use crate::format::number;
use crate::init::Init;
use crate::model::{Callback, Config, Epoch, Fit, Next, Sequential};
use crate::optim::{self, Optimizer};
use crate::regularization::Regularizer;
use crate::view::decision_boundary;
use gradus_text::{Text, say};

/// Examples of each data set in the page.
const POINTS: usize = 1000;
/// The page's batches and seeds.
const BATCH: usize = 32;

/// What a playground trains: data sets and networks to choose from. Made by [`playground`].
#[derive(Clone, Debug)]
pub struct Playground {
    title: String,
    sets: Vec<(String, Dataset)>,
    networks: Vec<(String, Sequential)>,
    validation: f64,
}

/// A figure to play with: a network that trains in the page, by the library's own rules and random numbers, to the last bit
/// (`tests/trainer.rs`), while one turns its knobs: data, layers, activation, initialisation, batch normalisation, optimiser,
/// learning rate, batch, penalties, dropout. It shows the cost, the decision boundary, each neuron's own picture, and layer by
/// layer the activations and gradients; two networks can run side by side, and any state becomes a cell in Rust.
///
/// It opens with the first data set and the first network; without any, with two spirals and a network 2-8-8-2 of `tanh` and
/// Xavier's weights. Spirals, moons, circles and `xor` are always there to choose.
///
/// ```
/// use gradus::prelude::*;
/// let net = |init| Sequential::input(2).dense(8).init(init).activation(Tanh).dense(2).init(init);
/// let page = plot::playground("Zeros never learn")
///     .data("my moons", Dataset::moons(100, 0.1, 0)?)
///     .network("zeros", net(Zeros))
///     .network("Xavier", net(Xavier))
///     .train(Sgd::new(0.5), 20)?;
/// assert!(page.to_string().contains("Xavier"));
/// # Ok::<(), gradus::Error>(())
/// ```
pub fn playground(title: impl Into<Text>) -> Playground {
    Playground {
        title: title.into().into_current(),
        sets: Vec::new(),
        networks: Vec::new(),
        validation: 0.0,
    }
}

impl Playground {
    /// One more data set: examples of two features, in at most eight classes.
    pub fn data(mut self, name: impl Into<Text>, data: Dataset) -> Playground {
        self.sets.push((name.into().into_current(), data));
        self
    }

    /// One more network to start from, as it is before the training: dense layers whose activation, initialiser, batch
    /// normalisation, penalty and dropout are the same in all hidden ones, since the page has one knob for each.
    pub fn network(mut self, name: impl Into<Text>, network: Sequential) -> Playground {
        self.networks.push((name.into().into_current(), network));
        self
    }

    /// Keep this fraction of the data for validation; none where nothing is said.
    pub fn validate(mut self, fraction: f64) -> Playground {
        self.validation = fraction;
        self
    }

    /// Open with this rule, in batches of 32, and train for so many epochs before it rests. Where pages are not shown, a picture
    /// of the networks after these epochs on the first data set stands for it.
    ///
    /// # Errors
    /// When a data set has not two features or more than a thousand examples, a network is none that the page can train, a
    /// hyperparameter is out of range, or the page would be larger than 1 MiB.
    pub fn train(
        &self,
        rule: impl Into<Box<dyn Optimizer>> + Clone,
        epochs: usize,
    ) -> Result<Page> {
        for (name, data) in &self.sets {
            check(name, data)?;
        }
        let spirals;
        let first = match self.sets.first() {
            Some((_, data)) => data,
            None => {
                spirals = Dataset::spirals(200, 2, 0.03, 0)?;
                &spirals
            }
        };
        let usual;
        let networks = match &self.networks[..] {
            [] => {
                let hidden = Sequential::input(2).dense(8).init(Init::Xavier);
                let hidden = hidden.activation(Activation::Tanh).dense(8);
                let hidden = hidden.init(Init::Xavier).activation(Activation::Tanh);
                let net = hidden.dense(first.classes()).init(Init::Xavier);
                usual = [("2-8-8-2".to_owned(), net)];
                &usual[..]
            }
            networks => networks,
        };
        let spoken = rule.clone().into();
        let mut presets = Vec::new();
        for (name, net) in networks {
            let settings = knobs(net, &*spoken)
                .map_err(|problem| Error::misuse(format!("plot::playground, {name}: {problem}")))?;
            presets.push(json!({ "name": name, "settings": settings }));
        }
        let sets = self.sets.iter().map(|(name, data)| {
            let rows = data.features().chunks_exact(2).zip(data.labels());
            let points = rows.flat_map(|(x, label)| [x[0], x[1], *label as f32]);
            json!({ "name": name, "classes": data.classes(), "points": points.collect::<Vec<_>>() })
        });
        let data = json!({
            "sets": sets.collect::<Vec<_>>(),
            "presets": presets,
            "validation": self.validation,
            "seed": networks[0].1.seed_number(),
            "until": epochs,
        });
        let still = self.still(first, networks, rule, epochs)?;
        let figure = include_str!("playground.js").trim_end();
        let text = still.to_string();
        Page::lab(&self.title, data, figure, still.svg()?, text)
    }

    /// What the networks come to on a data set, and the first one's answers.
    fn still(
        &self,
        data: &Dataset,
        networks: &[(String, Sequential)],
        rule: impl Into<Box<dyn Optimizer>> + Clone,
        epochs: usize,
    ) -> Result<Figure> {
        let (data, validation) = match self.validation {
            0.0 => (data.clone(), None),
            part => data
                .split(1.0 - part, 0)
                .map(|(train, rest)| (train, Some(rest)))?,
        };
        let mut chart = Chart::new(say("Coste de cada red", "Cost of each network"))
            .x_label(say("época", "epoch"))
            .y_label(say("coste", "cost"))
            .log_y();
        let mut boundary = None;
        for (name, net) in networks {
            let mut net = net.clone();
            let cost = cost_of(&net);
            let mut points = vec![(0.0, net.evaluate(&data, cost)?.loss)];
            let noting = Noting {
                data: &data,
                cost,
                points: &mut points,
            };
            let fit = Fit::epochs(epochs).batch(BATCH).seed(net.seed_number());
            match net.fit(&data, cost, rule.clone(), fit.quiet().callback(noting)) {
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::Diverged { .. }) => {}
                Err(error) => return Err(error),
            }
            let end = points.last().map_or(f64::NAN, |point| point.1);
            chart = chart.line(format!("{name}: {}", number(end)), points);
            if boundary.is_none() {
                boundary = Some(decision_boundary(
                    &net,
                    validation.as_ref().unwrap_or(&data),
                )?);
            }
        }
        Ok(Figure::grid(2, boundary.into_iter().chain([chart.into()])).title(&self.title))
    }
}

/// Notes the cost after each epoch.
struct Noting<'a> {
    data: &'a Dataset,
    cost: Cost,
    points: &'a mut Vec<(f64, f64)>,
}

impl Callback for Noting<'_> {
    fn after_epoch(&mut self, net: &Sequential, epoch: &Epoch) -> Result<Next> {
        let seen = net.evaluate(self.data, self.cost)?;
        self.points.push((epoch.epoch as f64, seen.loss));
        Ok(Next::Continue)
    }
}

fn check(name: &str, data: &Dataset) -> Result<()> {
    let classes = (1..=COLOURS.len()).contains(&data.classes());
    if data.shape().features() == 2 && classes && data.len() <= POINTS {
        return Ok(());
    }
    Err(Error::shape(
        format!("plot::playground, {name}"),
        (
            "hasta 1000 ejemplos de 2 características en 8 clases como mucho",
            "up to 1000 examples of 2 features in at most 8 classes",
        ),
        format!("{data:?}"),
    ))
}

/// The cost whose outputs the last layer gives: a sigmoid for the quadratic one, a logit, or one number for each class.
fn cost_of(net: &Sequential) -> Cost {
    match net.configs().last() {
        Some(Config::Dense(dense)) if dense.activation == Activation::Sigmoid => Cost::Quadratic,
        Some(Config::Dense(dense)) if dense.units == 1 => Cost::BinaryCrossEntropy,
        _ => Cost::CrossEntropy,
    }
}

/// What a layer of the page can be told.
type Block = (Activation, Init, bool, f32, Regularizer);

/// The network and the rule as the page's knobs, or why they are none.
fn knobs(net: &Sequential, rule: &dyn Optimizer) -> std::result::Result<Value, String> {
    let mut hidden: Vec<(usize, Block)> = Vec::new();
    for config in net.configs() {
        match (config, hidden.last_mut()) {
            (Config::Dense(d), _) => {
                let block = (d.activation, d.init, false, 0.0, d.regularizer);
                hidden.push((d.units, block));
            }
            (Config::BatchNorm(norm), Some((_, block)))
                if !block.2 && block.3 == 0.0 && norm.convention == BatchNorm::default() =>
            {
                (block.0, block.2) = (norm.activation, true);
            }
            (Config::Dropout(dropout), Some((_, block))) if block.3 == 0.0 => block.3 = dropout.0,
            _ => {
                return Err(say(
                    "la página entrena capas densas, cada una con su batch_norm, su activación y su dropout, en este orden",
                    "the page trains dense layers, each with its batch_norm, its activation and its dropout, in this order",
                )
                .to_owned());
            }
        }
    }
    let Some((_, output)) = hidden.pop() else {
        return Err(say("no tiene capas", "it has no layers").to_owned());
    };
    let block = hidden.first().map_or(
        (Activation::Tanh, output.1, false, 0.0, output.4),
        |(_, block)| *block,
    );
    let single = |what: (&str, &str)| {
        say(
            format!(
                "{} en todas las capas, porque la página tiene un solo mando",
                what.0
            ),
            format!("{} in all layers, since the page has a single knob", what.1),
        )
    };
    if hidden.iter().any(|(_, other)| *other != block) {
        return Err(single((
            "las capas ocultas han de tener la misma activación, el mismo init, la misma batch_norm y el mismo dropout",
            "the hidden layers must have the same activation, init, batch_norm and dropout",
        )));
    }
    if output.1 != block.1 || output.4 != block.4 {
        return Err(single((
            "init y regularizer han de ser los mismos",
            "init and regularizer must be the same",
        )));
    }
    if !matches!(output.0, Activation::Linear | Activation::Sigmoid) || output.2 || output.3 > 0.0 {
        return Err(say(
            "la última capa es lineal, o una sigmoide para el coste cuadrático",
            "the last layer is linear, or a sigmoid for the quadratic cost",
        )
        .to_owned());
    }
    let activation = match block.0 {
        Activation::Linear => "linear",
        Activation::Sigmoid => "sigmoid",
        Activation::Tanh => "tanh",
        Activation::Relu => "relu",
        Activation::LeakyRelu(0.01) => "leaky",
        other => {
            return Err(say(
                format!("la página no tiene la activación {other:?}"),
                format!("the page does not have the activation {other:?}"),
            ));
        }
    };
    let (init, sigma) = match block.1 {
        Init::Normal(std) => ("Normal".to_owned(), std),
        init @ (Init::Zeros | Init::Xavier | Init::XavierUniform | Init::He | Init::HeUniform) => {
            (format!("{init:?}"), 1.0)
        }
        other => {
            return Err(say(
                format!("la página no tiene el inicializador {other:?}"),
                format!("the page does not have the initialiser {other:?}"),
            ));
        }
    };
    Ok(json!({
        "hidden": hidden.iter().map(|(units, _)| units).collect::<Vec<_>>(),
        "activation": activation,
        "init": init,
        "sigma": plain(sigma),
        "batchNorm": block.2,
        "dropout": plain(block.3),
        "l1": plain(block.4.l1),
        "l2": plain(block.4.l2),
        "cost": format!("{:?}", cost_of(net)),
        "rule": rule_name(rule)?,
        "eta": plain(rule.learning_rate()),
        "batch": BATCH,
    }))
}

/// The shortest number that is the same in 32 bits.
fn plain(value: f32) -> Value {
    let shortest = value.to_string().parse::<f64>();
    shortest.unwrap_or(f64::from(value)).into()
}

/// The rule's name in the page, which has those of the library with their usual hyperparameters.
fn rule_name(rule: &dyn Optimizer) -> std::result::Result<String, String> {
    let eta = rule.learning_rate();
    let usual: [Box<dyn Optimizer>; 8] = [
        optim::Sgd::new(eta).into(),
        optim::Momentum::new(eta).into(),
        optim::Nag::new(eta).into(),
        optim::Adagrad::new(eta).into(),
        optim::RmsProp::new(eta).into(),
        optim::Adadelta::new(eta).into(),
        optim::Adam::new(eta).into(),
        optim::AdamW::new(eta).into(),
    ];
    let spoken = format!("{rule:?}");
    match usual.iter().any(|usual| format!("{usual:?}") == spoken) {
        true => Ok(spoken
            .split([' ', '{'])
            .next()
            .unwrap_or_default()
            .to_owned()),
        false => Err(say(
            format!(
                "la página entrena con los optimizadores de la biblioteca y sus hiperparámetros de siempre; {spoken} tiene otros"
            ),
            format!(
                "the page trains with the library's optimisers and their usual hyperparameters; {spoken} has others"
            ),
        )),
    }
}
