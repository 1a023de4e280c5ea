//! Trainings to play with: choose a data set and a network, and watch it learn.

use std::fmt;

use serde_json::{Value, json};

use crate::cost::Cost;
use crate::data::Dataset;
use crate::error::{Error, ErrorKind, Result};
use crate::figure::draw::{COLOURS, range};
use crate::figure::interactive::Page;
use crate::figure::{Chart, Figure};
use crate::format::number;
use crate::model::{Callback, Epoch, Fit, Next, Sequential};
use crate::optim::Optimizer;
use gradus_text::display::Show;
use gradus_text::{Language, Text, say};

/// Cells of the map in each direction.
const SIDE: usize = 32;
/// Intervals of a histogram.
const BINS: usize = 24;
/// Examples drawn.
const POINTS: usize = 200;
/// Moments of a training that are kept, its start included.
const FRAMES: usize = 25;
/// Levels that one letter of the page can say.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a playground trains: data sets and networks to choose from. Made by [`playground`].
#[derive(Clone, Debug)]
pub struct Playground {
    title: String,
    /// What the networks differ in.
    choice: String,
    sets: Vec<(String, Dataset)>,
    networks: Vec<(String, Sequential)>,
}

/// The trained playground, to be shown.
#[derive(Clone)]
pub struct PlaygroundPage(Page);

/// A figure to play with: choose one of several data sets and one of several networks, and watch the training: cost,
/// decision boundary, the outputs of each hidden layer and the gradient of each layer's weights. Every combination is
/// trained here, in advance; the page shows what was computed.
///
/// ```
/// use gradus::prelude::*;
/// let net = |init| Sequential::input(2).dense(8).init(init).activation(Tanh).dense(2).init(init);
/// let page = plot::playground("Zeros never learn")
///     .data("moons", Dataset::moons(100, 0.1, 0)?)
///     .network("zeros", net(Zeros))
///     .network("Xavier", net(Xavier))
///     .train(Sgd::new(0.5), 20)?;
/// assert!(page.to_string().contains("Xavier"));
/// # Ok::<(), gradus::Error>(())
/// ```
pub fn playground(title: impl Into<Text>) -> Playground {
    Playground {
        title: title.into().into_current(),
        choice: say("Red", "Network").to_owned(),
        sets: Vec::new(),
        networks: Vec::new(),
    }
}

/// What is kept of a training.
#[derive(Default)]
struct Clip {
    epochs: Vec<usize>,
    costs: Vec<f64>,
    accuracies: Vec<f64>,
    maps: Vec<String>,
    gradients: Vec<Vec<f64>>,
    samples: Vec<Vec<Vec<f32>>>,
    diverged: bool,
}

/// Looks at a network after each epoch that is a frame.
struct Camera<'a> {
    data: &'a Dataset,
    grid: &'a Dataset,
    every: usize,
    clip: Clip,
}

impl Playground {
    /// One more data set: examples of two features, in at most eight classes.
    pub fn data(mut self, name: impl Into<Text>, data: Dataset) -> Playground {
        self.sets.push((name.into().into_current(), data));
        self
    }

    /// One more network, as it is before the training.
    pub fn network(mut self, name: impl Into<Text>, network: Sequential) -> Playground {
        self.networks.push((name.into().into_current(), network));
        self
    }

    /// What the networks differ in, over the list of them, such as `("Inicialización", "Initialisation")`; “Network” where
    /// nothing is said.
    pub fn choice(mut self, name: impl Into<Text>) -> Playground {
        self.choice = name.into().into_current();
        self
    }

    /// Train every network on every data set with this rule, in batches of 32. A training that diverges stays where it was
    /// last finite, and the page says so.
    ///
    /// # Errors
    /// When there is no data set or no network, a data set has not two features, a network does not fit, a hyperparameter is
    /// out of range, or the page would be larger than 1 MiB.
    pub fn train(
        &self,
        rule: impl Into<Box<dyn Optimizer>> + Clone,
        epochs: usize,
    ) -> Result<PlaygroundPage> {
        if self.sets.is_empty() || self.networks.is_empty() {
            return Err(Error::empty((
                "la lista de conjuntos de datos y de redes",
                "the choice of data sets and networks of the playground",
            )));
        }
        let every = epochs.div_ceil(FRAMES - 1).max(1);
        let mut sets = Vec::new();
        let mut clips = Vec::new();
        for (name, data) in &self.sets {
            if data.shape().features() != 2 || !(1..=COLOURS.len()).contains(&data.classes()) {
                let got = format!("{data:?}");
                return Err(Error::shape(
                    "plot::playground",
                    (
                        "ejemplos de 2 características en 8 clases como mucho",
                        "examples of 2 features in at most 8 classes",
                    ),
                    got,
                ));
            }
            let plane = Plane::around(data)?;
            let grid = plane.grid()?;
            let mut here = Vec::new();
            for (_, network) in &self.networks {
                here.push(film(
                    network,
                    data,
                    &grid,
                    rule.clone().into(),
                    epochs,
                    every,
                )?);
            }
            sets.push((name, data, plane, here.len()));
            clips.extend(here);
        }
        self.page(&sets, &clips, epochs, every)
    }

    fn page(
        &self,
        sets: &[(&String, &Dataset, Plane, usize)],
        clips: &[Clip],
        epochs: usize,
        every: usize,
    ) -> Result<PlaygroundPage> {
        let language = Language::current();
        let log = |values: &mut dyn Iterator<Item = f64>| {
            let logs = values.filter(|v| *v > 0.0).map(f64::log10);
            range(logs).unwrap_or((-1.0, 1.0))
        };
        let of_set = |i: usize| {
            clips
                .iter()
                .skip(i * self.networks.len())
                .take(self.networks.len())
        };
        let set_pages = sets.iter().enumerate().map(|(i, (_, data, plane, _))| {
            let costs = log(&mut of_set(i).flat_map(|clip| clip.costs.iter().copied()));
            json!({ "classes": data.classes(), "points": plane.points(data), "cost": costs })
        });
        // Below a ten-thousand-millionth every gradient is drawn as nothing.
        let gradients = clips
            .iter()
            .flat_map(|clip| clip.gradients.iter().flatten().copied());
        let (low, high) = log(&mut gradients.filter(|g| *g > 1e-10));
        let clip_pages = clips
            .iter()
            .enumerate()
            .map(|(i, clip)| clip.page(i / self.networks.len(), low, language));
        let data = json!({
            "selects": [
                { "name": say("Datos", "Data"), "options": self.sets.iter().map(|s| &s.0).collect::<Vec<_>>() },
                { "name": &self.choice, "options": self.networks.iter().map(|n| &n.0).collect::<Vec<_>>() },
            ],
            "delay": 250,
            "side": SIDE,
            "colours": COLOURS.map(|c| format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2)),
            "epochs": (0..).step_by(every).take_while(|e| *e < epochs + every).map(|e| e.min(epochs)).collect::<Vec<_>>(),
            "gradient": [low.floor(), high.ceil()],
            "words_map": say("Frontera de decisión", "Decision boundary"),
            "words_cost": say("Coste", "Cost"),
            "words_epoch": say("época", "epoch"),
            "words_gradient": say("‖∂C/∂W‖ por capa", "‖∂C/∂W‖ by layer"),
            "words_layer": say("capa", "layer"),
            "words_activations": say("Activaciones de las capas ocultas", "Activations of the hidden layers"),
            "sets": set_pages.collect::<Vec<_>>(),
            "clips": clip_pages.collect::<Vec<_>>(),
        });
        let names = self.networks.iter().map(|(name, _)| name);
        let still = Figure::grid(
            sets.len().min(3),
            sets.iter().enumerate().map(|(i, (set, ..))| {
                let ends = names.clone().zip(of_set(i));
                let ends = ends.filter_map(|(name, clip)| Some((*clip.costs.last()?, name)));
                let mut ends: Vec<(f64, &String)> = ends.collect();
                ends.sort_by(|a, b| a.0.total_cmp(&b.0));
                let title = match &ends[..] {
                    [(from, low), .., (to, high)] => {
                        let (from, to) = (number(*from), number(*to));
                        language.pick(
                            format!("{set}: el coste acaba entre {from} ({low}) y {to} ({high})"),
                            format!(
                                "{set}: the cost ends between {from} ({low}) and {to} ({high})"
                            ),
                        )
                    }
                    [(end, _)] => language.pick(
                        format!("{set}: el coste acaba en {}", number(*end)),
                        format!("{set}: the cost ends at {}", number(*end)),
                    ),
                    [] => set.to_string(),
                };
                let chart = Chart::new(title)
                    .x_label(say("época", "epoch"))
                    .y_label(say("coste", "cost"))
                    .log_y();
                let clips = names.clone().zip(of_set(i));
                clips.fold(chart, |chart, (name, clip)| {
                    let epochs = clip.epochs.iter().map(|epoch| *epoch as f64);
                    chart.line(name, epochs.zip(clip.costs.iter().copied()))
                })
            }),
        )
        .title(&self.title);
        let text = still.to_string();
        let draw = include_str!("playground.js").trim_end();
        Page::new(&self.title, data, draw, still.svg()?, text).map(PlaygroundPage)
    }
}

/// Train a copy of the network and keep what is to be seen.
fn film(
    network: &Sequential,
    data: &Dataset,
    grid: &Dataset,
    rule: Box<dyn Optimizer>,
    epochs: usize,
    every: usize,
) -> Result<Clip> {
    let mut network = network.clone();
    let mut camera = Camera {
        data,
        grid,
        every,
        clip: Clip::default(),
    };
    camera.take(&network, 0)?;
    let fit = Fit::epochs(epochs).quiet().callback(&mut camera);
    match network.fit(data, Cost::CrossEntropy, rule, fit) {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::Diverged { .. }) => {
            camera.clip.diverged = true
        }
        Err(error) => return Err(error),
    }
    if !camera.clip.diverged && camera.clip.epochs.last() != Some(&epochs) {
        camera.take(&network, epochs)?;
    }
    Ok(camera.clip)
}

impl Callback for Camera<'_> {
    fn after_epoch(&mut self, net: &Sequential, epoch: &Epoch) -> Result<Next> {
        if epoch.epoch.is_multiple_of(self.every) {
            self.take(net, epoch.epoch)?;
        }
        Ok(Next::Continue)
    }
}

impl Camera<'_> {
    fn take(&mut self, net: &Sequential, epoch: usize) -> Result<()> {
        let seen = net.evaluate(self.data, Cost::CrossEntropy)?;
        let (_, gradients) = net.gradients(self.data, Cost::CrossEntropy)?;
        let weights = gradients.iter().filter(|g| g.name.ends_with("weight"));
        let report = net.activations(self.data)?;
        self.clip.epochs.push(epoch);
        self.clip.costs.push(seen.loss);
        self.clip.accuracies.push(seen.accuracy.unwrap_or(0.0));
        self.clip
            .gradients
            .push(weights.map(|g| g.norm()).collect());
        self.clip.samples.push(
            report
                .layers
                .into_iter()
                .map(|layer| layer.sample)
                .collect(),
        );
        self.clip
            .maps
            .push(map(&net.predict(self.grid)?.as_vec(), self.data.classes()));
        Ok(())
    }
}

/// One letter per cell: the class that the network answers, and how sure it is (its softmax, from `1/classes` to 1).
fn map(logits: &[f32], classes: usize) -> String {
    let levels = LETTERS.len() / classes;
    let cells = logits.chunks_exact(classes).map(|z| {
        let best = crate::engine::loss::argmax(z);
        let sum: f32 = z.iter().map(|other| libm::expf(other - z[best])).sum();
        let least = 1.0 / classes as f32;
        let sure = ((1.0 / sum - least) / (1.0 - least).max(f32::EPSILON)).clamp(0.0, 1.0);
        letter(best * levels + (sure * (levels - 1) as f32).round() as usize)
    });
    cells.collect()
}

fn letter(level: usize) -> char {
    char::from(LETTERS[level.min(LETTERS.len() - 1)])
}

impl Clip {
    fn page(&self, set: usize, low: f64, language: Language) -> Value {
        let layers = self.samples.first().map_or(0, Vec::len);
        let ranges: Vec<(f64, f64)> = (0..layers)
            .map(|l| {
                let all = self.samples.iter().flat_map(|frame| &frame[l]);
                range(all.map(|a| f64::from(*a))).unwrap_or((-1.0, 1.0))
            })
            .collect();
        let histograms: Vec<Vec<String>> = self
            .samples
            .iter()
            .map(|frame| {
                frame
                    .iter()
                    .zip(&ranges)
                    .map(|(sample, range)| histogram(sample, *range))
                    .collect()
            })
            .collect();
        let gradients: Vec<Vec<Option<f64>>> = self
            .gradients
            .iter()
            .map(|layers| {
                let logs = layers.iter().map(|g| (*g > 0.0).then(|| round(g.log10())));
                logs.map(|log| log.filter(|log| *log >= low.floor()))
                    .collect()
            })
            .collect();
        let texts: Vec<String> = (0..self.epochs.len())
            .map(|i| self.caption(i, language))
            .collect();
        let details: Vec<String> = (0..self.epochs.len())
            .map(|i| self.detail(i, language))
            .collect();
        json!({
            "set": set,
            "texts": texts,
            "details": details,
            "costs": self.costs.iter().map(|c| round(c.max(1e-12).log10())).collect::<Vec<_>>(),
            "maps": self.maps,
            "gradients": gradients,
            "layers": ranges,
            "histograms": histograms,
        })
    }

    fn caption(&self, i: usize, language: Language) -> String {
        let (epoch, cost) = (self.epochs[i], number(self.costs[i]));
        let right = 100.0 * self.accuracies[i];
        let text = language.pick(
            format!("Época {epoch}: coste {cost}, acierta el {right:.0} %"),
            format!("Epoch {epoch}: cost {cost}, {right:.0} % right"),
        );
        match self.diverged && i + 1 == self.epochs.len() {
            true => format!(
                "{text}. {}",
                language.pick(
                    "Después diverge: el coste deja de ser un número.",
                    "Then it diverges: the cost is no longer a number."
                )
            ),
            false => text,
        }
    }

    fn detail(&self, i: usize, language: Language) -> String {
        let gradients: Vec<String> = self.gradients[i]
            .iter()
            .map(|g| format!("{g:.0e}"))
            .collect();
        let words = language.pick("Gradiente por capa", "Gradient by layer");
        format!(
            "{}. {words}: {}",
            self.caption(i, language),
            gradients.join("; ")
        )
    }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// One letter per interval, the highest for the fullest.
fn histogram(sample: &[f32], (from, to): (f64, f64)) -> String {
    let mut counts = [0_usize; BINS];
    for value in sample
        .iter()
        .map(|v| f64::from(*v))
        .filter(|v| v.is_finite())
    {
        let bin = (value - from) / (to - from) * BINS as f64;
        counts[(bin as usize).min(BINS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    // What is there is seen: no count becomes level 0.
    counts
        .iter()
        .map(|&count| letter((count * (LETTERS.len() - 1)).div_ceil(most)))
        .collect()
}

/// The window around the examples.
#[derive(Clone, Copy)]
struct Plane {
    x: (f64, f64),
    y: (f64, f64),
}

impl Plane {
    fn around(data: &Dataset) -> Result<Plane> {
        let feature = |i: usize| {
            data.features()
                .chunks_exact(2)
                .map(move |x| f64::from(x[i]))
        };
        let nothing = || Error::empty(("el conjunto de datos", "the data set"));
        Ok(Plane {
            x: range(feature(0)).ok_or_else(nothing)?,
            y: range(feature(1)).ok_or_else(nothing)?,
        })
    }

    /// The middles of the cells, row by row from the lowest.
    fn grid(self) -> Result<Dataset> {
        let at = |(from, to): (f64, f64), i: usize| {
            (from + (to - from) * (i as f64 + 0.5) / SIDE as f64) as f32
        };
        let cells = (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| (row, column)));
        let middles = cells.flat_map(|(row, column)| [at(self.x, column), at(self.y, row)]);
        Dataset::classification(middles.collect(), 2, vec![0; SIDE * SIDE], 1)
    }

    /// Examples as numbers from 0 to 999 and their class.
    fn points(self, data: &Dataset) -> Vec<usize> {
        let at = |(from, to): (f64, f64), v: f32| {
            (999.0 * (f64::from(v) - from) / (to - from)).round() as usize
        };
        let examples = data
            .features()
            .chunks_exact(2)
            .zip(data.labels())
            .take(POINTS);
        examples
            .flat_map(|(x, &label)| [at(self.x, x[0]), at(self.y, x[1]), label])
            .collect()
    }
}

impl PlaygroundPage {}

impl Show for PlaygroundPage {
    fn forms(&self) -> Vec<(&'static str, String)> {
        self.0.forms()
    }
}

// Thousands of numbers help nobody: the text says what is to be seen.
impl fmt::Debug for PlaygroundPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What each network came to on each data set.
impl fmt::Display for PlaygroundPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}
