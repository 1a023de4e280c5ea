//! Networks of a few neurons, drawn as the slides draw them: circles with their values, edges with their weights.

use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{Failure, TITLE, colour, text, title_height, titled, width};
use super::legend::Corners;
use super::pictured;
use super::{Figure, Panel};
use crate::error::Error;
use crate::format::number;
use gradus_text::display::Show;
use gradus_text::{Text as Words, say};

const RADIUS: i32 = 34;
/// From one layer to the next, and from one neuron to the next.
const PITCH: (i32, i32) = (230, 118);
const MARGIN: (i32, i32) = (70, 24);
const LEGEND: i32 = 34;
const NAME: u32 = 17;
const VALUE: u32 = 16;
const LABEL: u32 = 15;
/// More neurons in a layer, or more layers, are nothing to look at.
const MOST: usize = 8;

/// A network as circles, layer by layer from left to right: in each neuron its value, under it the gradient with respect to its
/// `z`, on each edge its weight.
///
/// ```
/// use gradus::prelude::*;
/// let figure = plot::Neurons::new("One neuron")
///     .layer("x", [1.0, -2.0])
///     .layer("a", [0.73])
///     .weights([[0.5, -0.25]]) // one row for each neuron of this layer, one number for each of the layer before
///     .deltas([0.1])
///     .leaving(0, 1); // the edges that leave the second input stand out
/// # Figure::from(figure).svg()?;
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Neurons {
    pub(super) title: String,
    layers: Vec<Layer>,
    /// Layer and neuron: the edges that leave it stand out, or those that enter it.
    leaving: Vec<(usize, usize)>,
    entering: Vec<(usize, usize)>,
}

#[derive(Clone, Debug)]
struct Layer {
    name: String,
    values: Vec<f64>,
    deltas: Vec<f64>,
    /// `weights[j][k]` goes from neuron `k` of the layer before to neuron `j` of this one.
    weights: Vec<Vec<f64>>,
}

/// An edge with its weight.
struct Line {
    from: (i32, i32),
    to: (i32, i32),
    weight: f64,
    stands_out: bool,
    label: Corners,
}

impl Neurons {
    /// A network without layers.
    pub fn new(title: impl Into<Words>) -> Neurons {
        Neurons {
            title: title.into().into_current(),
            layers: Vec::new(),
            leaving: Vec::new(),
            entering: Vec::new(),
        }
    }

    /// One more layer, to the right. Its neurons are called `name₁`, `name₂`, …, or `name` where there is but one.
    pub fn layer(mut self, name: impl Into<Words>, values: impl AsRef<[f64]>) -> Neurons {
        self.layers.push(Layer {
            name: name.into().into_current(),
            values: values.as_ref().to_vec(),
            deltas: Vec::new(),
            weights: Vec::new(),
        });
        self
    }

    /// The weights of the last layer: a row for each of its neurons. Others than there are edges are not drawn.
    pub fn weights(mut self, rows: impl IntoIterator<Item = impl AsRef<[f64]>>) -> Neurons {
        if let Some(layer) = self.layers.last_mut() {
            layer.weights = rows.into_iter().map(|row| row.as_ref().to_vec()).collect();
        }
        self
    }

    /// The gradients `δ` of the last layer.
    pub fn deltas(mut self, deltas: impl AsRef<[f64]>) -> Neurons {
        if let Some(layer) = self.layers.last_mut() {
            layer.deltas = deltas.as_ref().to_vec();
        }
        self
    }

    /// Make the edges stand out that leave a neuron. Layers and neurons are counted from 0.
    pub fn leaving(mut self, layer: usize, neuron: usize) -> Neurons {
        self.leaving.push((layer, neuron));
        self
    }

    /// Make the edges stand out that enter a neuron.
    pub fn entering(mut self, layer: usize, neuron: usize) -> Neurons {
        self.entering.push((layer, neuron));
        self
    }

    fn name(&self, layer: usize, neuron: usize) -> String {
        let Layer { name, values, .. } = &self.layers[layer];
        match values.len() {
            1 => name.clone(),
            _ => format!("{name}{}", subscript(neuron + 1)),
        }
    }

    pub(super) fn size(&self) -> (u32, u32) {
        let tallest = self.layers.iter().map(|layer| layer.values.len()).max();
        let tallest = tallest.unwrap_or(1).clamp(1, MOST) as i32;
        let layers = self.layers.len().clamp(1, MOST) as i32;
        let wide = (2 * MARGIN.0 + (layers - 1) * PITCH.0).max(420) as u32;
        let high = 2 * MARGIN.1 + tallest * PITCH.1 + LEGEND;
        (wide, high as u32 + title_height(&self.title, TITLE, wide))
    }

    /// The middle of a neuron.
    fn place(&self, layer: usize, neuron: usize) -> (i32, i32) {
        let tallest = self.layers.iter().map(|layer| layer.values.len()).max();
        let rows = tallest.unwrap_or(1) as i32;
        let here = self.layers[layer].values.len() as i32;
        let y = MARGIN.1 + (rows - here) * PITCH.1 / 2 + neuron as i32 * PITCH.1 + RADIUS + 4;
        (MARGIN.0 + layer as i32 * PITCH.0, y)
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for (l, layer) in self.layers.iter().enumerate().skip(1) {
            for (j, row) in layer.weights.iter().enumerate().take(layer.values.len()) {
                let before = self.layers[l - 1].values.len();
                for (k, &weight) in row.iter().enumerate().take(before) {
                    let (from, to) = (self.place(l - 1, k), self.place(l, j));
                    let leaves = self.leaving.contains(&(l - 1, k));
                    lines.push(Line {
                        from,
                        to,
                        weight,
                        stands_out: leaves || self.entering.contains(&(l, j)),
                        label: (0, 0, 0, 0),
                    });
                }
            }
        }
        let style = text(LABEL);
        for i in 0..lines.len() {
            let wide = width(&number(lines[i].weight), &style) as i32 + 6;
            let at = |along: f64| {
                let part = |a: i32, b: i32| a + (f64::from(b - a) * along) as i32;
                let Line { from, to, .. } = lines[i];
                let (x, y) = (part(from.0, to.0), part(from.1, to.1));
                (x - wide / 2, y - 9, x + wide - wide / 2, y + 9)
            };
            let met = |corners: Corners| {
                let before = lines[..i].iter();
                before.filter(|line| meet(corners, line.label)).count() as f64
            };
            let places = [0.36, 0.3, 0.42, 0.26, 0.48, 0.54, 0.6, 0.66, 0.72];
            let cost = |along: f64| 10.0 * met(at(along)) + (along - 0.36).abs();
            let best = places.into_iter();
            let best = best.min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
            lines[i].label = at(best.unwrap_or(0.36));
        }
        lines
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let tallest = self.layers.iter().map(|layer| layer.values.len()).max();
        let count = tallest.unwrap_or(0).max(self.layers.len());
        if count == 0 {
            return Err(Error::empty(("la red", "the network")).into());
        }
        if count > MOST {
            return Err(Error::range(
                (
                    "el número de capas, o de neuronas por capa, de una red que se dibuja",
                    "the layers, or the neurons of a layer, of a network to draw",
                ),
                count as f64,
                (format!("como mucho {MOST}"), format!("at most {MOST}")),
            )
            .into());
        }
        let area = titled(area, &self.title, TITLE)?;
        let (forward, backward) = (colour(0), colour(1));
        let (grey, ink) = (RGBColor(150, 150, 150), RGBColor(30, 30, 30));
        let write = |words: &str, at: (i32, i32), size: u32, colour: RGBColor, side: HPos| {
            let mut style = text(size).pos(Pos::new(side, VPos::Center));
            style.color = colour.to_backend_color();
            area.draw(&Text::new(words.to_owned(), at, style))
        };
        let lines = self.lines();
        for line in &lines {
            let (colour, thick) = if line.stands_out {
                (backward, 3)
            } else {
                (grey, 1)
            };
            let ends = vec![line.from, line.to];
            area.draw(&PathElement::new(ends, colour.stroke_width(thick)))?;
        }
        for line in &lines {
            let (left, top, right, bottom) = line.label;
            let corners = [(left, top), (right, bottom)];
            area.draw(&Rectangle::new(corners, WHITE.mix(0.94).filled()))?;
            let middle = ((left + right) / 2, (top + bottom) / 2);
            write(&number(line.weight), middle, LABEL, ink, HPos::Center)?;
        }
        for (l, layer) in self.layers.iter().enumerate() {
            for (j, &value) in layer.values.iter().enumerate() {
                let (x, y) = self.place(l, j);
                let fill = RGBColor(246, 247, 249).filled();
                area.draw(&Circle::new((x, y), RADIUS, fill))?;
                area.draw(&Circle::new((x, y), RADIUS, ink))?;
                write(&self.name(l, j), (x, y - 10), NAME, ink, HPos::Center)?;
                write(&number(value), (x, y + 11), VALUE, forward, HPos::Center)?;
                if let Some(&delta) = layer.deltas.get(j) {
                    let words = format!("δ = {}", number(delta));
                    let under = (x, y + RADIUS + 12);
                    write(&words, under, VALUE, backward, HPos::Center)?;
                }
            }
        }
        let (_, high) = area.dim_in_pixel();
        let bottom = high as i32 - LEGEND / 2;
        let mut legend = vec![
            (say("valor", "value"), forward),
            (say("peso", "weight"), ink),
        ];
        if self.layers.iter().any(|layer| !layer.deltas.is_empty()) {
            legend.push(("δ = ∂C/∂z", backward));
        }
        let mut x = MARGIN.1;
        for (words, colour) in legend {
            write(words, (x, bottom), LABEL, colour, HPos::Left)?;
            x += 22 + width(words, &text(LABEL)) as i32;
        }
        Ok(())
    }
}

/// Do two boxes overlap or touch?
fn meet(a: Corners, b: Corners) -> bool {
    a.0 <= b.2 && b.0 <= a.2 && a.1 <= b.3 && b.1 <= a.3
}

/// A whole number as an index.
fn subscript(n: usize) -> String {
    let digits = n.to_string();
    let small = digits
        .bytes()
        .map(|digit| '₀' as u32 + u32::from(digit - b'0'));
    small.filter_map(char::from_u32).collect()
}

impl From<Neurons> for Figure {
    fn from(neurons: Neurons) -> Figure {
        Figure::of(Panel::Neurons(neurons))
    }
}

/// The text alternative: each layer with its values, gradients and weights.
impl fmt::Display for Neurons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        for (l, layer) in self.layers.iter().enumerate() {
            for (j, &value) in layer.values.iter().enumerate() {
                write!(f, "\n  {} = {}", self.name(l, j), number(value))?;
                if let Some(&delta) = layer.deltas.get(j) {
                    write!(f, ", δ = {}", number(delta))?;
                }
                if let Some(row) = layer.weights.get(j) {
                    let row: Vec<String> = row.iter().map(|&weight| number(weight)).collect();
                    write!(f, ", {} {}", say("pesos", "weights"), row.join(", "))?;
                }
            }
        }
        Ok(())
    }
}

impl Show for Neurons {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.clone().into()), self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Neurons {
        Neurons::new("2-3-2")
            .layer("x", [1.0, -2.0])
            .layer("a¹", [0.5, 0.25, 0.75])
            .weights([[1.0, 0.5], [-1.0, 0.25], [0.5, -0.5]])
            .deltas([0.01, -0.02, 0.03])
            .layer("a²", [0.1, 0.9])
            .weights([[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]])
            .leaving(1, 1)
    }

    #[test]
    fn it_shows_every_number_and_no_labels_meet() {
        let network = network();
        let lines = network.lines();
        assert_eq!(lines.len(), 12);
        assert_eq!(lines.iter().filter(|line| line.stands_out).count(), 2);
        for (i, line) in lines.iter().enumerate() {
            let met = lines[..i]
                .iter()
                .filter(|other| meet(line.label, other.label));
            assert_eq!(met.count(), 0, "{:?}", line.label);
        }
        let svg = Figure::from(network.clone()).svg().unwrap();
        assert!(svg.contains("a¹₃") && svg.contains("δ = -0.02"));
        assert!(network.to_string().contains("a²₂ = 0.9, "));
        // Layers and neurons that are not there change nothing.
        let odd = network.leaving(7, 7).weights([[1.0]]).deltas([0.0; 9]);
        assert!(Figure::from(odd).svg().is_ok());
        assert!(Figure::from(Neurons::new("")).svg().is_err());
    }
}
