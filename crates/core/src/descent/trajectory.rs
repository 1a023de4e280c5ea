//! The way a descent took.

use std::fmt;

use super::{Landscape, norm};
use crate::error::{Error, Result};
use crate::figure::pictured;
use crate::figure::{Chart, Contour, Figure};
use crate::format::number;
use gradus_text::display::Show;
use gradus_text::{Text, say};

/// How a descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It used up its steps and still had somewhere to go.
    Moving,
    /// The gradient is 0: a minimum, global or local, or a saddle. The gradient alone cannot tell which.
    Stationary {
        /// After how many steps.
        step: usize,
    },
    /// The cost grew without end: the learning rate is too large.
    Diverged {
        /// The step that was no longer taken.
        step: usize,
    },
    /// The cost fell without end: the function has no minimum there.
    Unbounded {
        /// The step that was no longer taken.
        step: usize,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Moving => f.write_str(say("aún en marcha", "still moving")),
            Outcome::Stationary { step } => {
                let words = say("parado (gradiente nulo) tras", "stationary after");
                write!(f, "{words} {}", steps_of(*step))
            }
            Outcome::Diverged { step } => f.write_str(&say(
                format!("diverge en el paso {step}; prueba con un η menor"),
                format!("diverged at step {step}; try a smaller learning rate"),
            )),
            Outcome::Unbounded { step } => f.write_str(&say(
                format!("cae sin fin en el paso {step}"),
                format!("fell without end by step {step}"),
            )),
        }
    }
}

fn steps_of(count: usize) -> String {
    match count {
        1 => say("1 paso", "1 step").to_owned(),
        _ => format!("{count} {}", say("pasos", "steps")),
    }
}

/// The points a descent went through, from its start. Every number in it is finite.
#[derive(Clone, Debug)]
pub struct Trajectory {
    landscape: Landscape,
    label: String,
    points: Vec<Vec<f64>>,
    costs: Vec<f64>,
    pub(super) outcome: Outcome,
}

impl Trajectory {
    pub(super) fn new(landscape: Landscape, label: String, start: Vec<f64>, cost: f64) -> Self {
        Trajectory {
            landscape,
            label,
            points: vec![start],
            costs: vec![cost],
            outcome: Outcome::Moving,
        }
    }

    pub(super) fn push(&mut self, point: Vec<f64>, cost: f64) {
        self.points.push(point);
        self.costs.push(cost);
    }

    /// The same under another name in figures.
    pub fn named(mut self, label: impl Into<Text>) -> Trajectory {
        self.label = label.into().into_current();
        self
    }

    /// The rule and its learning rate.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The function it goes down on.
    pub fn landscape(&self) -> &Landscape {
        &self.landscape
    }

    /// The parameters before the first step and after each.
    pub fn points(&self) -> &[Vec<f64>] {
        &self.points
    }

    /// The cost at each point.
    pub fn costs(&self) -> &[f64] {
        &self.costs
    }

    /// How many steps it took.
    pub fn steps(&self) -> usize {
        self.points.len() - 1
    }

    /// Where it ended.
    pub fn end(&self) -> &[f64] {
        self.points.last().expect("it has its start at least")
    }

    /// The cost where it ended.
    pub fn cost(&self) -> f64 {
        *self.costs.last().expect("it has its start at least")
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The first step after which the cost is below `cost`.
    pub fn first_below(&self, cost: f64) -> Option<usize> {
        self.costs.iter().position(|&c| c < cost)
    }

    /// How often it turned by more than a right angle from one step to the next: the zig-zags.
    pub fn turns(&self) -> usize {
        let steps: Vec<Vec<f64>> = self
            .points
            .windows(2)
            .map(|pair| pair[1].iter().zip(&pair[0]).map(|(b, a)| b - a).collect())
            .collect();
        steps
            .windows(2)
            .filter(|pair| {
                pair[0]
                    .iter()
                    .zip(&pair[1])
                    .map(|(a, b)| a * b)
                    .sum::<f64>()
                    < 0.0
            })
            .count()
    }

    /// The length of the way divided by the distance from its start to its end: 1 for a straight line. Infinite where it came
    /// back to its start.
    pub fn detour(&self) -> f64 {
        let distance =
            |a: &[f64], b: &[f64]| norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>());
        let length: f64 = self.points.windows(2).map(|p| distance(&p[0], &p[1])).sum();
        if length == 0.0 {
            1.0
        } else {
            length / distance(&self.points[0], self.end())
        }
    }

    /// Its way over the function, and the cost by step.
    ///
    /// # Errors
    /// As [`race`].
    pub fn plot(&self) -> Result<Figure> {
        race(std::slice::from_ref(self))
    }
}

impl fmt::Display for Trajectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, {} {:.4} -> {:.4} {} ({}), {}",
            self.label,
            steps_of(self.steps()),
            say("coste", "cost"),
            self.costs[0],
            self.cost(),
            say("en", "at"),
            self.end()
                .iter()
                .map(|w| format!("{w:.4}"))
                .collect::<Vec<_>>()
                .join(", "),
            self.outcome
        )
    }
}

/// Several descents on the same function: their ways over it, and their cost by step. The titles say how many arrive and
/// how many steps each needs; [`Figure::panel_titles`] says something else.
///
/// # Errors
/// When there is none, or they are not on the same function.
pub fn race(trajectories: &[Trajectory]) -> Result<Figure> {
    let Some(first) = trajectories.first() else {
        return Err(Error::empty(("la carrera", "the race")));
    };
    let landscape = &first.landscape;
    if let Some(other) = trajectories
        .iter()
        .find(|t| t.landscape.name() != landscape.name())
    {
        return Err(Error::misuse((
            format!(
                "una carrera necesita la misma función para todos; hay {} y {}",
                landscape.name(),
                other.landscape.name()
            ),
            format!(
                "a race needs one function for all, got {} and {}",
                landscape.name(),
                other.landscape.name()
            ),
        )));
    }
    let inside = |point: &[f64]| {
        point
            .iter()
            .zip(landscape.window())
            .all(|(w, (from, to))| (*from..=*to).contains(w))
    };
    let way: Figure = match landscape.window() {
        &[(from, to)] => {
            const POINTS: usize = 200;
            let curve = (0..=POINTS)
                .map(|i| from + (to - from) * i as f64 / POINTS as f64)
                .map(|w| (w, landscape.value(&[w]).unwrap_or(f64::NAN)));
            let mut chart = Chart::new(arrivals(trajectories))
                .x_label("w")
                .y_label("C(w)")
                .line("", curve);
            for t in trajectories {
                let seen = t.points.iter().zip(&t.costs).filter(|(w, _)| inside(w));
                chart = chart.path(&t.label, seen.map(|(w, &c)| (w[0], c)));
            }
            chart.into()
        }
        window => {
            let mut contour = Contour::new(
                arrivals(trajectories),
                |x, y| landscape.value(&[x, y]).unwrap_or(f64::NAN),
                window[0],
                window[1],
            );
            for minimum in landscape.minima() {
                contour = contour.mark(minimum[0], minimum[1]);
            }
            for t in trajectories {
                contour = contour.path(&t.label, t.points.iter().map(|w| (w[0], w[1])));
            }
            contour.into()
        }
    };
    // From the lowest known point on, a logarithmic axis shows how fast each comes close to it.
    let lowest = lowest_minimum(landscape);
    let mut costs = Chart::new(steps_needed(trajectories))
        .x_label(("paso", "step"))
        .without_legend();
    costs = match lowest {
        Some(_) => costs.y_label(("C - C mínimo", "C - lowest C")).log_y(),
        None => costs.y_label("C"),
    };
    for t in trajectories {
        let points = t.costs.iter().enumerate();
        costs = costs.line(
            &t.label,
            points.map(|(i, c)| (i as f64, c - lowest.unwrap_or(0.0))),
        );
    }
    Ok(Figure::grid(2, [way, costs.into()]))
}

/// The cost of the lowest known minimum.
fn lowest_minimum(landscape: &Landscape) -> Option<f64> {
    let minima = landscape.minima().iter();
    minima
        .filter_map(|w| landscape.value(w).ok())
        .min_by(f64::total_cmp)
}

/// How many of the descents arrive: at a minimum that is known (the lowest ones, where they differ), or at rest.
fn arrivals(trajectories: &[Trajectory]) -> String {
    let landscape = &trajectories[0].landscape;
    let value = |w: &Vec<f64>| landscape.value(w).unwrap_or(f64::NAN);
    let lowest = lowest_minimum(landscape).unwrap_or(f64::NAN);
    let (global, local): (Vec<_>, Vec<_>) = landscape
        .minima()
        .iter()
        .partition(|w| value(w) - lowest < 1e-6);
    // On the cross of the map: within a hundredth of the window.
    let at = |t: &&Trajectory, minimum: &[f64]| {
        let place = t.end().iter().zip(minimum).zip(landscape.window());
        place
            .map(|((w, at), (from, to))| (w - at).abs() / (to - from))
            .all(|off| off < 0.01)
    };
    let goal = match (&global[..], &local[..]) {
        ([], _) => say("en reposo (gradiente nulo)", "at rest (zero gradient)"),
        ([_], []) => say("en el mínimo", "at the minimum"),
        (_, []) => say("en un mínimo", "at a minimum"),
        _ => say("en el mínimo global", "at the global minimum"),
    };
    let arrived = |t: &&Trajectory| match global.is_empty() {
        true => matches!(t.outcome, Outcome::Stationary { .. }),
        false => global.iter().any(|minimum| at(t, minimum)),
    };
    let of = |count: usize| match (count, trajectories.len()) {
        (0, _) => say("ninguno acaba", "none ends").to_owned(),
        (1, 1) => say("acaba", "ends").to_owned(),
        (2, 2) => say("los dos acaban", "both end").to_owned(),
        (count, all) if count == all => say(format!("los {all} acaban"), format!("all {all} end")),
        (1, all) => say(format!("1 de {all} acaba"), format!("1 of {all} ends")),
        (_, all) => say(
            format!("{count} de {all} acaban"),
            format!("{count} of {all} end"),
        ),
    };
    let count = trajectories.iter().filter(arrived).count();
    let lost = trajectories
        .iter()
        .filter(|t| matches!(t.outcome, Outcome::Diverged { .. }))
        .count();
    let also = match lost {
        0 => String::new(),
        1 => say(", 1 diverge", ", 1 diverges").to_owned(),
        _ => say(format!(", {lost} divergen"), format!(", {lost} diverge")),
    };
    match (trajectories, count) {
        ([single], 0) => format!("{}: {}", landscape.name(), single.outcome),
        _ => format!("{}: {} {goal}{also}", landscape.name(), of(count)),
    }
}

/// After how many steps each is within a hundredth of its way to the lowest known cost; where none is known, the cost at the
/// end. Nobody is called the winner: a descent that stops because its gradient is 0 could have gone on.
fn steps_needed(trajectories: &[Trajectory]) -> String {
    /// More descents than this are counted, not listed.
    const LISTED: usize = 4;
    let list = |value: &dyn Fn(&Trajectory) -> String| match trajectories {
        [single] => value(single),
        all => {
            let named = all.iter().map(|t| format!("{} ({})", value(t), t.label));
            named.collect::<Vec<_>>().join(", ")
        }
    };
    let Some(lowest) = lowest_minimum(&trajectories[0].landscape) else {
        let ends = trajectories.iter().map(Trajectory::cost);
        let (from, to) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| {
            (low.min(c), high.max(c))
        });
        return match trajectories.len() {
            ..=LISTED => format!(
                "{}: {}",
                say("C al final", "C at the end"),
                list(&|t| number(t.cost()))
            ),
            _ => say(
                format!("C acaba entre {} y {}", number(from), number(to)),
                format!("C ends between {} and {}", number(from), number(to)),
            ),
        };
    };
    let gap = trajectories.iter().map(|t| t.costs[0] - lowest);
    let gap = gap.fold(f64::MIN_POSITIVE, f64::max) / 100.0;
    // A round number: a power of ten.
    let gap = 10_f64.powf(gap.log10().floor());
    let needed = |t: &Trajectory| t.first_below(lowest + gap);
    let below = format!("{} < {}", say("C - C mínimo", "C - lowest C"), number(gap));
    if trajectories.len() <= LISTED {
        let steps = |t: &Trajectory| {
            needed(t).map_or_else(|| say("nunca", "never").to_owned(), |n| n.to_string())
        };
        let words = say("Pasos hasta", "Steps until");
        return format!("{words} {below}: {}", list(&steps));
    }
    let arrived: Vec<usize> = trajectories.iter().filter_map(needed).collect();
    let all = trajectories.len();
    match (arrived.iter().min(), arrived.iter().max()) {
        (Some(first), Some(last)) if arrived.len() > 1 => say(
            format!(
                "{below}: llegan {} de {all}, entre el paso {first} y el {last}",
                arrived.len()
            ),
            format!(
                "{below}: {} of {all} arrive, from step {first} to {last}",
                arrived.len()
            ),
        ),
        (Some(step), _) => say(
            format!("{below}: llega 1 de {all}, en el paso {step}"),
            format!("{below}: 1 of {all} arrives, at step {step}"),
        ),
        _ => say(
            format!("{below}: no llega ninguno de {all}"),
            format!("{below}: none of {all} arrives"),
        ),
    }
}

impl Show for Trajectory {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(self.plot().ok(), self.to_string())
    }
}
