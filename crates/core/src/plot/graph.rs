//! Computation graphs: boxes with values and gradients, local derivatives on the edges.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{Failure, colour, number, text};
use super::{Figure, Panel};
use crate::backprop::Graph;
use crate::error::Error;

const BOX: (i32, i32) = (132, 52);
const PITCH: (f64, f64) = (244.0, 84.0);
const MARGIN: i32 = 24;
const LEGEND: i32 = 30;
/// A graph of more boxes is nothing to look at.
const MOST: usize = 60;

/// Where each node stands: the column of its depth, and a row near what uses it.
#[derive(Clone, Debug)]
pub(super) struct Diagram {
    pub(super) title: String,
    graph: Graph,
    places: Vec<(f64, f64)>,
    columns: f64,
    rows: f64,
}

impl Graph {
    /// The graph as a picture: in each box the value and the gradient of the output with respect to it, on each edge the local
    /// derivative and what is passed back. Graphs of more than 60 operations are too large to draw.
    pub fn plot(&self) -> Figure {
        Figure::of(Panel::Diagram(Diagram::new(self.clone())))
    }
}

impl Diagram {
    fn new(graph: Graph) -> Diagram {
        let nodes = &graph.nodes;
        // From the right: a node stands one column before the first that uses it.
        let mut back = vec![0_usize; nodes.len()];
        for i in (0..nodes.len()).rev() {
            for edge in &nodes[i].edges {
                back[edge.from] = back[edge.from].max(back[i] + 1);
            }
        }
        let depth = back.iter().copied().max().unwrap_or(0);
        let mut row = vec![0.0_f64; nodes.len()];
        if nodes.len() <= MOST {
            for column in 1..=depth {
                let here: Vec<usize> = (0..nodes.len()).filter(|&i| back[i] == column).collect();
                let mut wanted: Vec<(f64, usize)> = here
                    .iter()
                    .map(|&i| {
                        let mut uses = Vec::new();
                        for (j, node) in nodes.iter().enumerate() {
                            let side = (node.edges.len() as f64 - 1.0) / 2.0;
                            for (k, edge) in node.edges.iter().enumerate() {
                                if edge.from == i {
                                    uses.push(row[j] + (k as f64 - side) * 0.99);
                                }
                            }
                        }
                        (uses.iter().sum::<f64>() / uses.len().max(1) as f64, i)
                    })
                    .collect();
                wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
                let middle = wanted.iter().map(|w| w.0).sum::<f64>() / wanted.len() as f64;
                let mut last = f64::NEG_INFINITY;
                for (want, i) in &wanted {
                    last = want.max(last + 1.0);
                    row[*i] = last;
                }
                let placed = here.iter().map(|&i| row[i]).sum::<f64>() / here.len() as f64;
                for i in here {
                    row[i] += middle - placed;
                }
            }
        }
        let top = row.iter().copied().fold(f64::INFINITY, f64::min);
        let bottom = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let places = back
            .iter()
            .zip(&row)
            .map(|(&back, row)| ((depth - back) as f64, row - top))
            .collect();
        Diagram {
            title: String::new(),
            places,
            columns: depth as f64,
            rows: bottom - top,
            graph,
        }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        if self.graph.nodes.len() > MOST {
            return super::PANEL;
        }
        let width = (self.columns * PITCH.0) as i32 + BOX.0 + 2 * MARGIN;
        let height = (self.rows * PITCH.1) as i32 + BOX.1 + 2 * MARGIN + LEGEND;
        (width.max(460) as u32, height as u32)
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let count = self.graph.nodes.len();
        if count > MOST {
            return Err(Error::range(
                "the operations of a graph to draw",
                count as f64,
                format!("at most {MOST}; print the graph instead"),
            )
            .into());
        }
        let corner = |i: usize| {
            let (column, row) = self.places[i];
            (
                MARGIN + (column * PITCH.0) as i32,
                MARGIN + (row * PITCH.1) as i32,
            )
        };
        let (forward, backward) = (colour(0), colour(1));
        let grey = RGBColor(120, 120, 120);
        let styled = |size: u32, colour: RGBColor, side: HPos| {
            let mut style = text(size).pos(Pos::new(side, VPos::Center));
            style.color = colour.to_backend_color();
            style
        };
        let centred = |size, colour| styled(size, colour, HPos::Center);
        for (i, node) in self.graph.nodes.iter().enumerate() {
            let to = corner(i);
            for (k, edge) in node.edges.iter().enumerate() {
                let from = corner(edge.from);
                let start = (from.0 + BOX.0, from.1 + BOX.1 / 2);
                // Each input arrives at a height of its own, so that `x · x` shows two edges.
                let share = (k as i32 + 1) * BOX.1 / (node.edges.len() as i32 + 1);
                let end = (to.0, to.1 + share);
                area.draw(&PathElement::new(vec![start, end], grey.stroke_width(1)))?;
                area.draw(&Polygon::new(
                    vec![end, (end.0 - 8, end.1 - 4), (end.0 - 8, end.1 + 4)],
                    grey.filled(),
                ))?;
                let near = 0.52;
                let along = |a: i32, b: i32| a + (f64::from(b - a) * near) as i32;
                let (x, y) = (along(start.0, end.0), along(start.1, end.1));
                area.draw(&Text::new(
                    format!("× {}", short(edge.local)),
                    (x, y - 11),
                    centred(13, grey),
                ))?;
                area.draw(&Text::new(
                    format!("← {}", short(node.gradient * edge.local)),
                    (x, y + 11),
                    centred(13, backward),
                ))?;
            }
        }
        for (i, node) in self.graph.nodes.iter().enumerate() {
            let (x, y) = corner(i);
            let rectangle = [(x, y), (x + BOX.0, y + BOX.1)];
            area.draw(&Rectangle::new(rectangle, RGBColor(246, 247, 249).filled()))?;
            area.draw(&Rectangle::new(rectangle, grey.stroke_width(1)))?;
            let middle = x + BOX.0 / 2;
            let formula = self.graph.formula(node);
            let formula = if formula.chars().count() > 20 {
                node.name.clone()
            } else {
                formula
            };
            area.draw(&Text::new(
                formula,
                (middle, y + 15),
                centred(15, RGBColor(30, 30, 30)),
            ))?;
            area.draw(&Text::new(
                short(node.value),
                (x + BOX.0 / 4, y + 37),
                centred(14, forward),
            ))?;
            area.draw(&Text::new(
                short(node.gradient),
                (x + 3 * BOX.0 / 4, y + 37),
                centred(14, backward),
            ))?;
        }
        let bottom = self.size().1 as i32 - LEGEND / 2;
        let legend = [
            ("value", forward),
            ("gradient", backward),
            ("× local derivative", grey),
            ("← passed back", backward),
        ];
        let mut x = MARGIN;
        for (words, colour) in legend {
            let style = styled(13, colour, HPos::Left);
            area.draw(&Text::new(words, (x, bottom), style))?;
            x += 20 + 7 * words.chars().count() as i32;
        }
        Ok(())
    }
}

fn short(value: f64) -> String {
    if value.is_finite() {
        number(value)
    } else {
        value.to_string()
    }
}

impl fmt::Display for Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.graph.fmt(f)
    }
}
