//! Figures with plotters: drawn as SVG without system fonts or C libraries, with a text that says the same.
//!
//! A [`Figure`] holds the data of its panels; it is drawn when it is shown or saved. Colours are those of M. Okabe and
//! K. Ito, which colour-blind readers tell apart, on a white ground that stays readable in dark mode.

mod chart;
mod contour;
mod draw;
mod graph;
mod images;

use std::fmt;
use std::path::Path;

use plotters::prelude::*;

use crate::error::{Error, ErrorKind, Result};
use crate::model::History;

pub use chart::{Chart, Histogram};
pub use contour::Contour;
pub use images::images;

pub(crate) use draw::number;

use images::Images;

/// The size of a panel in pixels.
const PANEL: (u32, u32) = (520, 340);
const TITLE_HEIGHT: u32 = 34;

/// One or several panels under a title.
#[derive(Clone, Debug)]
pub struct Figure {
    title: Option<String>,
    panels: Vec<Panel>,
    columns: usize,
}

#[derive(Clone, Debug)]
enum Panel {
    Chart(Chart),
    Histogram(Histogram),
    Contour(Contour),
    Diagram(graph::Diagram),
    Images(Images),
}

impl Figure {
    fn of(panel: Panel) -> Figure {
        Figure {
            title: None,
            panels: vec![panel],
            columns: 1,
        }
    }

    /// The panels of several figures beside each other, in rows of `columns`.
    pub fn grid(columns: usize, figures: impl IntoIterator<Item = impl Into<Figure>>) -> Figure {
        Figure {
            title: None,
            panels: figures
                .into_iter()
                .flat_map(|figure| figure.into().panels)
                .collect(),
            columns: columns.max(1),
        }
    }

    /// A title over all panels: what is to be seen.
    pub fn title(mut self, title: impl Into<String>) -> Figure {
        self.title = Some(title.into());
        self
    }

    fn size(&self) -> (u32, u32) {
        let columns = self.columns.min(self.panels.len()).max(1) as u32;
        let rows = (self.panels.len() as u32).div_ceil(columns);
        let (width, height) = match &self.panels[..] {
            [Panel::Images(images)] => images.size(),
            [Panel::Diagram(diagram)] => diagram.size(),
            _ => PANEL,
        };
        let title = if self.title.is_some() {
            TITLE_HEIGHT
        } else {
            0
        };
        (columns * width, rows * height + title)
    }

    /// The figure as an SVG document.
    ///
    /// # Errors
    /// When there is nothing to draw.
    pub fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, self.size()).into_drawing_area();
            self.draw(&area).map_err(|error| match error {
                draw::Failure::Ours(error) => error,
                draw::Failure::Backend(message) => ErrorKind::Plot { message }.into(),
            })?;
        }
        Ok(svg)
    }

    /// Write the figure to an `.svg` file.
    ///
    /// # Errors
    /// When there is nothing to draw or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let svg = self.svg()?;
        crate::files::write(path, svg.as_bytes())
    }

    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, plotters::coord::Shift>,
    ) -> Result<(), draw::Failure> {
        area.fill(&WHITE)?;
        if self.panels.is_empty() {
            return Err(Error::empty("the figure").into());
        }
        let area = match &self.title {
            Some(title) => area.titled(title, draw::text(18))?,
            None => area.clone(),
        };
        let columns = self.columns.min(self.panels.len()).max(1);
        let cells = area.split_evenly((self.panels.len().div_ceil(columns), columns));
        for (panel, cell) in self.panels.iter().zip(&cells) {
            match panel {
                Panel::Chart(chart) => chart.draw(cell)?,
                Panel::Histogram(histogram) => histogram.draw(cell)?,
                Panel::Contour(contour) => contour.draw(cell)?,
                Panel::Diagram(diagram) => diagram.draw(cell)?,
                Panel::Images(images) => images.draw(cell)?,
            }
        }
        area.present()?;
        Ok(())
    }
}

impl From<Chart> for Figure {
    fn from(chart: Chart) -> Figure {
        Figure::of(Panel::Chart(chart))
    }
}

impl From<Histogram> for Figure {
    fn from(histogram: Histogram) -> Figure {
        Figure::of(Panel::Histogram(histogram))
    }
}

impl From<Contour> for Figure {
    fn from(contour: Contour) -> Figure {
        Figure::of(Panel::Contour(contour))
    }
}

/// The text alternative: what each panel shows, and between which values.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<String> = self.title.iter().cloned().collect();
        for panel in &self.panels {
            lines.push(match panel {
                Panel::Chart(chart) => chart.to_string(),
                Panel::Histogram(histogram) => histogram.to_string(),
                Panel::Contour(contour) => contour.to_string(),
                Panel::Diagram(diagram) => diagram.to_string(),
                Panel::Images(images) => images.to_string(),
            });
        }
        f.write_str(&lines.join("\n"))
    }
}

/// Curves of the functions `f` over `from..to`.
///
/// ```
/// use gradus::prelude::*;
/// let figure = plot::functions("σ and its derivative", -6.0, 6.0, &[
///     ("σ(z)", &|z| Sigmoid.value(z)),
///     ("σ'(z)", &|z| Sigmoid.derivative(z)),
/// ]);
/// assert!(figure.svg()?.contains("σ(z)"));
/// # Ok::<(), gradus::Error>(())
/// ```
pub fn functions(
    title: impl Into<String>,
    from: f32,
    to: f32,
    functions: &[(&str, &dyn Fn(f32) -> f32)],
) -> Figure {
    const POINTS: usize = 240;
    let mut chart = Chart::new(title).x_label("z");
    for (name, f) in functions {
        let points = (0..=POINTS).map(|i| {
            let z = from + (to - from) * i as f32 / POINTS as f32;
            (f64::from(z), f64::from(f(z)))
        });
        chart = chart.line(*name, points);
    }
    chart.into()
}

/// One curve per series over 1, 2, 3, …: losses by epoch, gradients by layer.
pub fn curves(
    title: impl Into<String>,
    x_label: impl Into<String>,
    y_label: impl Into<String>,
    series: impl IntoIterator<Item = (impl Into<String>, impl AsRef<[f64]>)>,
) -> Chart {
    let mut chart = Chart::new(title).x_label(x_label).y_label(y_label);
    for (name, values) in series {
        let values = values.as_ref();
        let points = values.iter().enumerate().map(|(i, &y)| ((i + 1) as f64, y));
        // A line through a single point would not be seen.
        chart = match values.len() {
            1 => chart.points(name, points),
            _ => chart.line(name, points),
        };
    }
    chart
}

/// Several trainings beside each other: their cost and their accuracy by epoch, each on the validation data where there
/// are any, else on the training data. The titles name the best at the end.
///
/// ```
/// use gradus::prelude::*;
/// let data = Dataset::digits().take(200)?;
/// let mut runs = Vec::new();
/// for f in [Sigmoid, Relu] {
///     let mut net = Sequential::input(64).dense(16).activation(f).dense(10);
///     runs.push((f.name(), net.fit(&data, CrossEntropy, Sgd::new(0.5), Fit::epochs(5).quiet())?));
/// }
/// assert!(plot::compare(&runs).to_string().contains("accuracy: ReLU"));
/// # Ok::<(), gradus::Error>(())
/// ```
pub fn compare<'a>(runs: impl IntoIterator<Item = &'a (impl AsRef<str> + 'a, History)>) -> Figure {
    let (mut loss, mut accuracy) = (Vec::new(), Vec::new());
    for (name, history) in runs {
        let or = |validation: Vec<f64>, train: Vec<f64>| match validation.is_empty() {
            true => train,
            false => validation,
        };
        let name = name.as_ref();
        loss.push((name, or(history.val_loss(), history.loss())));
        accuracy.push((name, or(history.val_accuracy(), history.accuracy())));
    }
    accuracy.retain(|(_, values)| !values.is_empty());
    let best = |curves: &[(&str, Vec<f64>)], better: fn(&f64, &f64) -> bool| {
        let ends = curves
            .iter()
            .filter_map(|(name, v)| Some((*name, *v.last()?)));
        ends.reduce(|best, end| if better(&end.1, &best.1) { end } else { best })
            .map_or(String::new(), |(name, end)| format!("{name} {end:.4}"))
    };
    let mut panels = vec![curves(
        format!("loss: {} (min)", best(&loss, f64::lt)),
        "epoch",
        "loss",
        loss,
    )];
    if !accuracy.is_empty() {
        panels.push(curves(
            format!("accuracy: {} (max)", best(&accuracy, f64::gt)),
            "epoch",
            "accuracy",
            accuracy,
        ));
    }
    Figure::grid(2, panels)
}

impl History {
    /// Cost and accuracy by epoch, beside each other.
    pub fn plot(&self) -> Figure {
        let (loss, val_loss) = (self.loss(), self.val_loss());
        let (accuracy, val_accuracy) = (self.accuracy(), self.val_accuracy());
        let last = self.last();
        let panel = |name: &str, train: &[f64], validation: &[f64], last: String| {
            let mut series = vec![("train", train)];
            if !validation.is_empty() {
                series.push(("validation", validation));
            }
            curves(format!("{name}: {last} at the end"), "epoch", name, series)
        };
        let end = |value: Option<f64>, or: f64| format!("{:.4}", value.unwrap_or(or));
        let mut panels = vec![panel(
            "loss",
            &loss,
            &val_loss,
            end(last.val_loss, last.loss),
        )];
        if let Some(train) = last.accuracy {
            panels.push(panel(
                "accuracy",
                &accuracy,
                &val_accuracy,
                end(last.val_accuracy, train),
            ));
        }
        Figure::grid(2, panels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degenerate_data_draws_or_says_why() {
        let flat = Chart::new("flat").line("one", [(0.0, 1.0)]);
        assert!(Figure::from(flat).svg().unwrap().contains("flat"));
        let gaps =
            Chart::new("gaps").line("a", [(0.0, f64::NAN), (1.0, 2.0), (2.0, f64::INFINITY)]);
        assert!(Figure::from(gaps).svg().is_ok());
        let logarithmic = Chart::new("log")
            .log_y()
            .line("a", [(0.0, 0.0), (1.0, 1e-9), (2.0, 1.0)]);
        assert!(Figure::from(logarithmic).svg().is_ok());
        for nothing in [
            Figure::from(Chart::new("none")),
            Figure::from(Chart::new("nan").line("a", [(0.0, f64::NAN)])),
            Figure::from(Histogram::new("none", "x", 10, [])),
            Figure::grid(2, Vec::<Figure>::new()),
        ] {
            assert!(nothing.svg().is_err());
        }
    }
}
