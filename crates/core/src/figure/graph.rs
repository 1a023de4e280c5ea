//! Computation graphs: boxes with values and gradients, local derivatives on the edges.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use serde_json::json;

use super::draw::{Failure, TITLE, colour, text, title_height, titled, width};
use super::interactive::Page;
use super::legend::Corners;
use super::pictured;
use super::{Figure, Panel};
use crate::backprop::{Edge, Graph, Op};
use crate::error::{Error, Result};
use crate::format::number;
use gradus_text::display::Show;
use gradus_text::{Text as Words, say};

/// The sizes of the text: names, values and edges, in the points of plotters.
const NAME: u32 = 17;
const VALUE: u32 = 16;
const LABEL: u32 = 15;
/// Boxes are as wide as the longest formula of their column, within these bounds.
const WIDTHS: (i32, i32) = (108, 230);
const HEIGHT: i32 = 54;
/// Room for the labels between columns, and between boxes of a column.
const GAP: (i32, i32) = (88, 42);
/// The same where the graph goes down instead of to the right.
const GAP_DOWN: (i32, i32) = (64, 72);
const MARGIN: i32 = 24;
const LEGEND: i32 = 32;
/// A graph that would be wider than this goes down.
const WIDEST: i32 = 1300;
/// A graph of more boxes is nothing to look at.
const MOST: usize = 60;

/// The graph with the place of everything that is drawn.
#[derive(Clone, Debug)]
pub(super) struct Diagram {
    pub(super) title: String,
    graph: Graph,
    /// The box of each node; `None` for constants, which their operation shows.
    boxes: Vec<Option<Corners>>,
    edges: Vec<Arrow>,
    size: (i32, i32),
}

/// One use of a value by an operation.
#[derive(Clone, Debug)]
struct Arrow {
    start: (i32, i32),
    end: (i32, i32),
    down: bool,
    /// The local derivative, and what is passed back.
    words: [String; 2],
    label: Corners,
}

impl Graph {
    /// The graph as a picture: in each box the value and the gradient of the output with respect to it, on each edge the local
    /// derivative and what is passed back. It goes from left to right, a graph of very many steps down; constants stand in the
    /// operations that use them. [`Graph::folded`] makes it smaller. Graphs of more than 60 operations are too large to draw. [`Figure::panel_titles`] changes
    /// the title, which says the value and the gradient.
    pub fn plot(&self) -> Figure {
        Figure::of(Panel::Diagram(Diagram::new(self.clone())))
    }

    /// The same graph to walk through in the page, operation by operation: values forward, gradients backward. Its inputs can be
    /// written over, and everything is computed anew.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let (x, y) = (Expr::input("x", 3.0), Expr::input("y", -4.0));
    /// let lab = (&x * &y + &x).named("f").backward().lab("x is used twice")?;
    /// assert!(lab.to_string().contains("∂f/∂x = -3"));
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the graph has more than 60 operations to draw.
    pub fn lab(&self, title: impl Into<Words>) -> Result<Page> {
        let title = title.into().into_current();
        let still = self.plot().title(&title);
        let picture = still.svg()?;
        let diagram = Diagram::new(self.clone());
        let (steps, places) = self.steps();
        let drawn: Vec<usize> = diagram.drawn().collect();
        let place = |i: usize| drawn.iter().position(|&other| other == i);
        let boxes = drawn.iter().map(|&i| {
            let node = &self.nodes[i];
            json!({
                "node": places[i],
                "name": node.name,
                "heading": diagram.heading(i),
                "corners": diagram.boxes[i],
                "input": node.op == Op::Input,
            })
        });
        let uses = drawn.iter().flat_map(|&i| {
            let edges = self.nodes[i].edges.iter().enumerate();
            edges.filter_map(move |(k, edge)| place(edge.from).map(|from| (from, i, k)))
        });
        let edges = uses.zip(&diagram.edges).map(|((from, to, k), arrow)| {
            json!({
                "from": from,
                "to": place(to),
                "input": (!self.is_folded()).then_some(k),
                "start": arrow.start,
                "end": arrow.end,
                "down": arrow.down,
                "label": arrow.label,
            })
        });
        let data = json!({
            "nodes": steps,
            "boxes": boxes.collect::<Vec<_>>(),
            "edges": edges.collect::<Vec<_>>(),
            "size": [diagram.size.0, diagram.size.1 - LEGEND],
        });
        let [graph, autograd] = [
            include_str!("graph.js"),
            include_str!("../backprop/autograd.js"),
        ]
        .map(str::trim_end);
        let figure = format!(
            "(host, data, trainer, controls) => ({graph})(host, data, trainer, controls, ({autograd})())"
        );
        Page::lab(&title, data, &figure, picture, still.to_string())
    }

    /// The value of the output and its derivatives.
    fn finding(&self) -> String {
        /// More inputs than this are not listed.
        const LISTED: usize = 4;
        let Some(output) = self.nodes.last() else {
            return String::new();
        };
        let root = &output.name;
        let value = format!("{root} = {}", short(output.value));
        let mut inputs = self.inputs();
        inputs.retain(|(name, ..)| name != root);
        let derivative = |(name, _, gradient): &(String, f64, f64)| {
            format!("∂{root}/∂{name} = {}", short(*gradient))
        };
        let largest = inputs.iter().max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()));
        match largest {
            None => value,
            Some(_) if inputs.len() <= LISTED => {
                let all: Vec<String> = inputs.iter().map(derivative).collect();
                format!("{value}; {}", all.join(", "))
            }
            Some(largest) => {
                let words = say("el gradiente mayor es", "the largest gradient is");
                format!("{value}; {words} {}", derivative(largest))
            }
        }
    }
}

impl Diagram {
    fn new(graph: Graph) -> Diagram {
        let mut diagram = Diagram {
            title: graph.finding(),
            boxes: Vec::new(),
            edges: Vec::new(),
            size: (super::PANEL.0 as i32, super::PANEL.1 as i32),
            graph,
        };
        if diagram.drawn().count() <= MOST {
            diagram.arrange();
        }
        diagram
    }

    /// The nodes that have a box.
    fn drawn(&self) -> impl Iterator<Item = usize> {
        let nodes = &self.graph.nodes;
        (0..nodes.len()).filter(|&i| nodes[i].op != Op::Constant || i + 1 == nodes.len())
    }

    /// The inputs of a node that have a box.
    fn inputs(&self, i: usize) -> impl Iterator<Item = &Edge> {
        let nodes = &self.graph.nodes;
        let edges = nodes[i].edges.iter();
        edges.filter(|edge| nodes[edge.from].op != Op::Constant)
    }

    /// What a box says above its numbers.
    fn heading(&self, i: usize) -> String {
        let node = &self.graph.nodes[i];
        let formula = self.graph.formula(node);
        match width(&formula, &text(NAME)) as i32 <= WIDTHS.1 - 12 {
            true => formula,
            false => node.name.clone(),
        }
    }

    /// For each node how many steps it is from the output, and its row among those of the same column, from 0.
    fn places(&self) -> Vec<(usize, f64)> {
        let nodes = &self.graph.nodes;
        // A node stands one column before the first that uses it.
        let mut back = vec![0_usize; nodes.len()];
        for i in (0..nodes.len()).rev() {
            for edge in &nodes[i].edges {
                back[edge.from] = back[edge.from].max(back[i] + 1);
            }
        }
        let mut row = vec![0.0_f64; nodes.len()];
        let drawn: Vec<usize> = self.drawn().collect();
        for column in 1..=back.iter().copied().max().unwrap_or(0) {
            let here: Vec<usize> = drawn
                .iter()
                .copied()
                .filter(|&i| back[i] == column)
                .collect();
            let mut wanted: Vec<(f64, usize)> = here
                .iter()
                .map(|&i| {
                    let mut uses = Vec::new();
                    for (j, row) in row.iter().enumerate() {
                        let side = (self.inputs(j).count() as f64 - 1.0) / 2.0;
                        for (k, edge) in self.inputs(j).enumerate() {
                            if edge.from == i {
                                uses.push(row + (k as f64 - side) * 0.99);
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
        let top = drawn.iter().map(|&i| row[i]).fold(f64::INFINITY, f64::min);
        let rows = row.iter().map(|row| row - top);
        back.into_iter().zip(rows).collect()
    }

    /// Find a place for the boxes, then for the arrows and their labels.
    fn arrange(&mut self) {
        let drawn: Vec<usize> = self.drawn().collect();
        let places = self.places();
        let depth = drawn.iter().map(|&i| places[i].0).max().unwrap_or(0);
        // How wide the boxes of each column are, from the first.
        let mut widths = vec![WIDTHS.0; depth + 1];
        for &i in &drawn {
            let long = width(&self.heading(i), &text(NAME)) as i32 + 16;
            let column = &mut widths[depth - places[i].0];
            *column = long.clamp(*column, WIDTHS.1);
        }
        let wide = widths.iter().copied().max().unwrap_or(WIDTHS.0);
        let rows = drawn.iter().map(|&i| places[i].1).fold(0.0, f64::max);
        let scaled = |rows: f64, pitch: i32| (rows * f64::from(pitch)).round() as i32;
        let across = depth as i32 * GAP.0 + widths.iter().sum::<i32>();
        let down = across + 2 * MARGIN > WIDEST && scaled(rows, wide + GAP_DOWN.0) + wide < across;
        let corner = |i: usize| {
            let (back, row) = places[i];
            let step = (depth - back) as i32;
            match down {
                true => (scaled(row, wide + GAP_DOWN.0), step * (HEIGHT + GAP_DOWN.1)),
                false => {
                    let before = &widths[..step as usize];
                    let left = before.iter().sum::<i32>() + step * GAP.0;
                    (left, scaled(row, HEIGHT + GAP.1))
                }
            }
        };
        let wide_of = |i: usize| match down {
            true => wide,
            false => widths[depth - places[i].0],
        };
        self.boxes = vec![None; self.graph.nodes.len()];
        let (mut right, mut bottom) = (460 - MARGIN, 0);
        for &i in &drawn {
            let (x, y) = corner(i);
            let (x, y) = (x + MARGIN, y + MARGIN);
            self.boxes[i] = Some((x, y, x + wide_of(i), y + HEIGHT));
            (right, bottom) = (right.max(x + wide_of(i)), bottom.max(y + HEIGHT));
        }
        self.size = (right + MARGIN, bottom + MARGIN + LEGEND);
        let mut arrows = Vec::new();
        for (i, node) in self.graph.nodes.iter().enumerate() {
            for (k, edge) in self.inputs(i).enumerate() {
                let (Some(from), Some(to)) = (self.boxes[edge.from], self.boxes[i]) else {
                    continue;
                };
                let inputs = self.inputs(i).count() as i32;
                // Each input arrives at a place of its own, so that `x · x` shows two edges.
                let share = |length: i32| (k as i32 + 1) * length / (inputs + 1);
                let (start, end) = match down {
                    true => (((from.0 + from.2) / 2, from.3), (to.0 + share(wide), to.1)),
                    false => (
                        (from.2, (from.1 + from.3) / 2),
                        (to.0, to.1 + share(HEIGHT)),
                    ),
                };
                arrows.push(Arrow {
                    start,
                    end,
                    down,
                    words: [
                        format!("× {}", short(edge.local)),
                        format!("← {}", short(node.gradient * edge.local)),
                    ],
                    label: (0, 0, 0, 0),
                });
            }
        }
        self.edges = arrows;
        self.place_labels();
    }

    /// Put each label on its edge, a third of the way from the value that is used, or as near to there as it meets no other
    /// label, no box and, if possible, no other edge.
    fn place_labels(&mut self) {
        let boxes: Vec<Corners> = self.boxes.iter().flatten().copied().collect();
        let mut taken: Vec<Corners> = Vec::new();
        for i in 0..self.edges.len() {
            let edge = &self.edges[i];
            let style = text(LABEL);
            let wide = edge.words.iter().map(|words| width(words, &style) as i32);
            let wide = wide.max().unwrap_or(0) + 6;
            let line = LABEL as i32 + 1;
            let at = |along: f64, aside: i32| {
                let x = edge.start.0 + (f64::from(edge.end.0 - edge.start.0) * along) as i32;
                let y = edge.start.1 + (f64::from(edge.end.1 - edge.start.1) * along) as i32;
                let (x, y) = if edge.down {
                    (x + aside, y)
                } else {
                    (x, y + aside)
                };
                (x - wide / 2, y - line, x + wide - wide / 2, y + line)
            };
            // The cost of a place: what it overlaps weighs most, then other edges, then its distance from the third.
            let cost = |along: f64, aside: i32| {
                let label = at(along, aside);
                let met = taken
                    .iter()
                    .chain(&boxes)
                    .filter(|other| meet(label, **other));
                let others = self.edges.iter().enumerate().filter(|(j, _)| *j != i);
                let crossed = others.filter(|(_, other)| other.crosses(label)).count();
                let far = 100.0 * (along - 1.0 / 3.0).abs() + 2.0 * f64::from(aside.abs());
                1e6 * met.count() as f64 + 40.0 * crossed as f64 + far
            };
            let asides = [0, -12, 12, -24, 24, -36, 36];
            let all = (3..=18).flat_map(|step| asides.map(|aside| (f64::from(step) / 21.0, aside)));
            let best = all.min_by(|a, b| cost(a.0, a.1).total_cmp(&cost(b.0, b.1)));
            let label = best.map_or_else(|| at(1.0 / 3.0, 0), |(along, aside)| at(along, aside));
            taken.push(label);
            self.edges[i].label = label;
        }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let (width, height) = (self.size.0 as u32, self.size.1 as u32);
        (width, height + title_height(&self.title, TITLE, width))
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let count = self.drawn().count();
        if count > MOST {
            return Err(Error::range(
                (
                    "el número de operaciones de un grafo que se dibuja",
                    "the operations of a graph to draw",
                ),
                count as f64,
                (
                    format!("como mucho {MOST}; imprime el grafo en su lugar"),
                    format!("at most {MOST}; print the graph instead"),
                ),
            )
            .into());
        }
        let area = titled(area, &self.title, TITLE)?;
        let (forward, backward) = (colour(0), colour(1));
        let grey = RGBColor(105, 105, 105);
        let write = |words: &str, at: (i32, i32), size: u32, colour: RGBColor, side: HPos| {
            let mut style = text(size).pos(Pos::new(side, VPos::Center));
            style.color = colour.to_backend_color();
            area.draw(&Text::new(words.to_owned(), at, style))
        };
        for edge in &self.edges {
            let (x, y) = edge.end;
            area.draw(&PathElement::new(vec![edge.start, edge.end], grey))?;
            let head = match edge.down {
                true => vec![edge.end, (x - 4, y - 8), (x + 4, y - 8)],
                false => vec![edge.end, (x - 8, y - 4), (x - 8, y + 4)],
            };
            area.draw(&Polygon::new(head, grey.filled()))?;
        }
        for edge in &self.edges {
            let (left, top, right, bottom) = edge.label;
            let corners = [(left, top), (right, bottom)];
            area.draw(&Rectangle::new(corners, WHITE.mix(0.92).filled()))?;
            let (x, quarter) = ((left + right) / 2, (bottom - top) / 4);
            let [local, passed] = &edge.words;
            write(local, (x, top + quarter), LABEL, grey, HPos::Center)?;
            write(passed, (x, bottom - quarter), LABEL, backward, HPos::Center)?;
        }
        for (i, node) in self.graph.nodes.iter().enumerate() {
            let Some((left, top, right, bottom)) = self.boxes[i] else {
                continue;
            };
            let corners = [(left, top), (right, bottom)];
            area.draw(&Rectangle::new(corners, RGBColor(246, 247, 249).filled()))?;
            area.draw(&Rectangle::new(corners, grey))?;
            let (middle, quarter) = ((left + right) / 2, (right - left) / 4);
            let ink = RGBColor(30, 30, 30);
            write(
                &self.heading(i),
                (middle, top + 16),
                NAME,
                ink,
                HPos::Center,
            )?;
            let numbers = bottom - 15;
            let (value, gradient) = (short(node.value), short(node.gradient));
            write(
                &value,
                (left + quarter, numbers),
                VALUE,
                forward,
                HPos::Center,
            )?;
            write(
                &gradient,
                (right - quarter, numbers),
                VALUE,
                backward,
                HPos::Center,
            )?;
        }
        let bottom = self.size.1 - LEGEND / 2;
        let legend = [
            (say("valor", "value"), forward),
            (say("gradiente", "gradient"), backward),
            (say("× derivada local", "× local derivative"), grey),
            (say("← lo que pasa hacia atrás", "← passed back"), backward),
        ];
        let mut x = MARGIN;
        for (words, colour) in legend {
            write(words, (x, bottom), LABEL, colour, HPos::Left)?;
            x += 18 + width(words, &text(LABEL)) as i32;
        }
        Ok(())
    }
}

impl Arrow {
    /// Does the edge pass through the box?
    fn crosses(&self, corners: Corners) -> bool {
        (0..=40).any(|i| {
            let t = f64::from(i) / 40.0;
            let at = |from: i32, to: i32| from + (f64::from(to - from) * t) as i32;
            let (x, y) = (at(self.start.0, self.end.0), at(self.start.1, self.end.1));
            meet(corners, (x, y, x, y))
        })
    }
}

/// Do two boxes overlap or touch?
fn meet(a: Corners, b: Corners) -> bool {
    a.0 <= b.2 && b.0 <= a.2 && a.1 <= b.3 && b.1 <= a.3
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
        write!(f, "{}\n{}", self.title, self.graph)
    }
}

impl Show for Graph {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backprop::Expr;

    /// Every value of a layer is used by every operation of the next: as many crossing edges as there can be.
    fn crossing(layers: usize) -> Graph {
        let mut a = [Expr::input("x", -2.0), Expr::input("y", 5.0)];
        for _ in 0..layers {
            a = [&a[0] * &a[1], &a[0] - &a[1]];
        }
        (&a[0] + &a[1]).named("C").backward()
    }

    fn chain(steps: usize) -> Graph {
        let mut x = Expr::input("x", 0.3);
        for i in 0..steps {
            x = if i % 2 == 0 { x.tanh() } else { 2.0 * x + 0.1 };
        }
        x.backward()
    }

    #[test]
    fn labels_stand_on_their_edges_without_meeting_each_other_or_a_box() {
        for graph in [crossing(1), crossing(2), crossing(4), chain(10)] {
            let diagram = Diagram::new(graph);
            let boxes = diagram.boxes.iter().flatten();
            let labels: Vec<Corners> = diagram.edges.iter().map(|e| e.label).collect();
            for (i, &label) in labels.iter().enumerate() {
                let others = labels[..i].iter().chain(boxes.clone());
                let met: Vec<_> = others.filter(|other| meet(label, **other)).collect();
                assert!(met.is_empty(), "{:?} meets {met:?}", diagram.edges[i]);
                assert!(diagram.edges[i].crosses((
                    label.0 - 24,
                    label.1 - 24,
                    label.2 + 24,
                    label.3 + 24
                )));
            }
        }
    }

    #[test]
    fn a_long_chain_goes_down_and_stays_as_wide_as_a_page() {
        let diagram = Diagram::new(chain(10));
        let (wide, high) = diagram.size();
        assert!(wide <= WIDEST as u32 && high > wide, "{wide} x {high}");
        // Constants stand in their operations.
        assert!(diagram.drawn().count() < diagram.graph.nodes.len());
        let short = Diagram::new(crossing(1));
        assert!(short.size().0 <= WIDEST as u32 && !short.edges[0].down);
    }

    #[test]
    fn the_title_says_the_value_and_the_gradient() {
        let (x, y) = (Expr::input("x", 2.0), Expr::input("y", 3.0));
        let graph = (&x * &y).named("f").backward();
        assert_eq!(graph.finding(), "f = 6; ∂f/∂x = 3, ∂f/∂y = 2");
    }
}
