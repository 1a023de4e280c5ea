//! The optimiser lab: descents that are computed in the page, from where one points.

use serde_json::{Value, json};

use super::{Landscape, descend_by, race};
use crate::error::{Error, Result};
use crate::figure::interactive::Page;
use crate::optim::{
    Adadelta, Adagrad, Adam, Momentum, Nag, Optimizer, RmsProp, Sgd, hyperparameters,
};
use gradus_text::Text;

/// A lab of optimisers in the making. Made by [`optimiser_lab`].
#[derive(Debug)]
pub struct OptimiserLab {
    title: String,
    landscape: Landscape,
    rules: Vec<Box<dyn Optimizer>>,
}

/// A figure to play with: seven optimisers go down a landscape at once, in the page, as [`descend`](super::descend) does it. One
/// chooses the landscape or writes a formula, clicks where to start, and drags `η`, `μ`, `β` and the noise of the gradient. A map
/// shows how many steps Momentum needs for each `η` and `μ`, and over it the border `η = 2 (1 + μ) / λ` that theory draws, with `λ` the
/// largest curvature at the minimum.
///
/// It opens on the bowl with condition number 20 and all seven rules, unless [`OptimiserLab::on`] and [`OptimiserLab::run`] say otherwise.
///
/// ```
/// use gradus::prelude::*;
/// let lab = plot::optimiser_lab("A long valley")
///     .on(Landscape::bowl(50.0)?)
///     .run(Sgd::new(0.038))
///     .run(Momentum::new(0.038))
///     .steps(150)?;
/// assert!(lab.to_string().contains("Momentum"));
/// # Ok::<(), gradus::Error>(())
/// ```
pub fn optimiser_lab(title: impl Into<Text>) -> OptimiserLab {
    OptimiserLab {
        title: title.into().into_current(),
        landscape: Landscape::valley(20.0),
        rules: Vec::new(),
    }
}

/// The rules of the page, with learning rates that suit the bowl.
fn usual() -> Vec<Box<dyn Optimizer>> {
    vec![
        Sgd::new(0.09).into(),
        Momentum::new(0.03).into(),
        Nag::new(0.03).into(),
        Adagrad::new(0.5).into(),
        RmsProp::new(0.05).into(),
        Adadelta::new(1.0).into(),
        Adam::new(0.2).into(),
    ]
}

/// Whether all hyperparameters of the rule that are not the usual ones have a knob.
fn has_knobs(rule: &dyn Optimizer) -> bool {
    let (kind, numbers) = hyperparameters(rule);
    let number = |name: &str| numbers.get(name).and_then(Value::as_f64).unwrap_or(0.0) as f32;
    let eta = rule.learning_rate();
    let known: Box<dyn Optimizer> = match kind.as_str() {
        "Sgd" => Sgd::new(eta).into(),
        "Momentum" => Momentum::new(eta).momentum(number("momentum")).into(),
        "Nag" => Nag::new(eta).momentum(number("momentum")).into(),
        "Adagrad" => Adagrad::new(eta).into(),
        "RmsProp" => RmsProp::new(eta).rho(number("rho")).into(),
        "Adadelta" => Adadelta::new(eta).into(),
        "Adam" => Adam::new(eta)
            .beta1(number("beta1"))
            .beta2(number("beta2"))
            .into(),
        _ => return false,
    };
    format!("{known:?}") == format!("{rule:?}")
}

impl OptimiserLab {
    /// Open on this landscape, from its start: one of [`Landscape::all`] with two parameters. Others are written in the page, as formulas.
    pub fn on(mut self, landscape: Landscape) -> OptimiserLab {
        self.landscape = landscape;
        self
    }

    /// Open with this rule; further ones add to it, and the page has the others to be ticked.
    pub fn run(mut self, rule: impl Into<Box<dyn Optimizer>>) -> OptimiserLab {
        self.rules.push(rule.into());
        self
    }

    /// The lab, with descents of so many steps. Where pages are not shown, a picture of these descents stands for it.
    ///
    /// # Errors
    /// When the landscape is none of [`Landscape::all`] or has one parameter, a rule is not among the page's seven or has a
    /// hyperparameter for which there is no knob, or one is out of range.
    pub fn steps(self, steps: usize) -> Result<Page> {
        let landscape = &self.landscape;
        if landscape.formula().is_none() {
            let name = landscape.name();
            return Err(Error::misuse((
                format!(
                    "plot::optimiser_lab no tiene la fórmula de «{name}»: ábrelo con una de las superficies de Landscape::all() y escribe la tuya en la página"
                ),
                format!(
                    "plot::optimiser_lab does not have the formula of “{name}”: open it with one of the surfaces of Landscape::all() and write yours in the page"
                ),
            )));
        }
        let all = usual();
        let rules = if self.rules.is_empty() {
            &all
        } else {
            &self.rules
        };
        let mut knobs = json!({ "mu": 0.9, "beta1": 0.9, "beta2": 0.999, "rho": 0.9 });
        let mut etas = serde_json::Map::new();
        let mut kinds = Vec::new();
        for rule in all.iter().chain(rules) {
            let (kind, numbers) = hyperparameters(&**rule);
            etas.insert(kind, numbers["learning_rate"].clone());
        }
        for rule in rules {
            rule.check()?;
            let (kind, numbers) = hyperparameters(&**rule);
            for (name, knob) in [
                ("momentum", "mu"),
                ("beta1", "beta1"),
                ("beta2", "beta2"),
                ("rho", "rho"),
            ] {
                // Adadelta's own ρ would move RMSProp's knob.
                if let Some(value) = numbers.get(name)
                    && kind != "Adadelta"
                {
                    knobs[knob] = value.clone();
                }
            }
            if !has_knobs(&**rule) {
                let spoken = format!("{rule:?}");
                return Err(Error::misuse((
                    format!(
                        "plot::optimiser_lab no tiene mandos para {spoken}: sus siete optimizadores tienen η, μ, ρ, β₁ y β₂"
                    ),
                    format!(
                        "plot::optimiser_lab has no knobs for {spoken}: its seven optimisers have η, μ, ρ, β₁ and β₂"
                    ),
                )));
            }
            kinds.push(json!({ "kind": kind }));
        }
        let others = Landscape::all().into_iter();
        let others =
            others.filter(|other| other.formula().is_some() && other.name() != landscape.name());
        let landscapes: Vec<Value> = std::iter::once(landscape.clone())
            .chain(others)
            .map(|land| {
                json!({
                    "name": land.name(),
                    "formula": land.formula(),
                    "window": land.window(),
                    "start": land.start(),
                    "minima": land.minima(),
                })
            })
            .collect();
        let mut data = knobs;
        data["landscapes"] = landscapes.into();
        data["rules"] = kinds.into();
        data["etas"] = etas.into();
        data["steps"] = steps.into();

        let mut runs = Vec::new();
        for rule in rules {
            runs.push(descend_by(landscape, &**rule, steps)?.named(rule.name()));
        }
        let still = race(&runs)?.title(&self.title);
        let figure = with_descents(include_str!("lab.js"));
        let text = still.to_string();
        Page::lab(&self.title, data, &figure, still.svg()?, text)
    }
}

/// A figure's function with costs, their gradients and the ways down on them, `formula.js`, as its last argument.
pub(crate) fn with_descents(figure: &str) -> String {
    let [figure, formula] = [figure, include_str!("formula.js")].map(str::trim_end);
    let words = "(es, en) => (data.language === \"es\" ? es : en)";
    format!(
        "(host, data, trainer, controls) => ({figure})(host, data, trainer, controls, ({formula})({words}))"
    )
}
