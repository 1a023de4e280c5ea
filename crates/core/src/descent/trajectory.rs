//! The way a descent took.

use std::fmt;

use super::{Landscape, norm};
use crate::error::{Error, Result};
use crate::language::Text;
use crate::plot::{Chart, Contour, Figure, number};

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
            Outcome::Moving => write!(f, "still moving"),
            Outcome::Stationary { step } => write!(f, "stationary after {step} steps"),
            Outcome::Diverged { step } => {
                write!(f, "diverged at step {step}; try a smaller learning rate")
            }
            Outcome::Unbounded { step } => write!(f, "fell without end by step {step}"),
        }
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
        self.label = label.into().0;
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
            "{}: {} steps, cost {:.4} -> {:.4} at ({}), {}",
            self.label,
            self.steps(),
            self.costs[0],
            self.cost(),
            self.end()
                .iter()
                .map(|w| format!("{w:.4}"))
                .collect::<Vec<_>>()
                .join(", "),
            self.outcome
        )
    }
}

/// Several descents on the same function: their ways over it, and their cost by step.
///
/// # Errors
/// When there is none, or they are not on the same function.
pub fn race(trajectories: &[Trajectory]) -> Result<Figure> {
    let Some(first) = trajectories.first() else {
        return Err(Error::empty("the race"));
    };
    let landscape = &first.landscape;
    if let Some(other) = trajectories
        .iter()
        .find(|t| t.landscape.name() != landscape.name())
    {
        return Err(Error::misuse(format!(
            "a race needs one function for all, got {} and {}",
            landscape.name(),
            other.landscape.name()
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
            let mut chart = Chart::new(landscape.name())
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
                landscape.name(),
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
    let best = trajectories
        .iter()
        .min_by(|a, b| a.cost().total_cmp(&b.cost()))
        .expect("there is a first one");
    let title = format!("{} ends lowest, at C = {}", best.label, number(best.cost()));
    let mut costs = Chart::new(title).x_label("step").without_legend();
    // From the lowest known point on, a logarithmic axis shows how fast each comes close to it.
    let known = landscape.minima().iter();
    let lowest = known
        .filter_map(|w| landscape.value(w).ok())
        .min_by(f64::total_cmp);
    costs = match lowest {
        Some(_) => costs.y_label("C - lowest C").log_y(),
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
