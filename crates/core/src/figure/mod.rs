//! Figures with plotters: drawn as SVG or PNG without system fonts or C libraries, with a text that says the same.
//!
//! A [`Figure`] holds the data of its panels; it is drawn when it is shown or saved. Colours are those of M. Okabe and
//! K. Ito, which colour-blind readers tell apart, and charts turn dark where their page is.

mod chart;
mod contour;
mod correlations;
mod describe;
pub(crate) mod draw;
mod graph;
pub(crate) mod images;
pub(crate) mod interactive;
mod legend;
mod matrix;
mod neurons;
pub(crate) mod regions;

use std::fmt;
use std::path::Path;

use plotters::prelude::*;

use crate::error::{Error, ErrorKind, Result};
use gradus_text::Text;
use gradus_text::display::Show;
use gradus_text::html::escape;

pub use chart::{Chart, Histogram};
pub use contour::Contour;
pub use images::images;
pub use interactive::{Animation, Page, animation};
pub use neurons::Neurons;

use images::Images;

/// The size of a panel in pixels.
const PANEL: (u32, u32) = (520, 340);

/// One or several panels under a title.
#[derive(Clone)]
pub struct Figure {
    title: Option<String>,
    panels: Vec<Panel>,
    columns: usize,
}

#[derive(Clone)]
enum Panel {
    Chart(Chart),
    Histogram(Histogram),
    Contour(Contour),
    Diagram(graph::Diagram),
    Neurons(Neurons),
    Confusion(matrix::Confusion),
    Correlations(correlations::Correlations),
    Regions(regions::Regions),
    Images(Images),
}

/// What changes where a page is dark: the ground, the ink, and what would not be seen beside them. Data keep their colours, but for
/// the darkest.
const DARK: &str = "\
<style>@media (prefers-color-scheme: dark) {
[fill='#FFFFFF'] { fill: #16181c }
[fill='#F6F7F9'] { fill: #25292f }
[fill='#1E1E1E'], [fill='#000000'] { fill: #e4e4e4 }
[stroke='#1E1E1E'], [stroke='#000000'] { stroke: #e4e4e4 }
[fill='#5A5A5A'], [fill='#696969'] { fill: #a8a8a8 }
[stroke='#5A5A5A'], [stroke='#696969'] { stroke: #a8a8a8 }
[stroke='#E1E1E1'], [stroke='#C8C8C8'] { stroke: #3a3e45 }
[fill='#0072B2'] { fill: #3f9fd8 }
[stroke='#0072B2'] { stroke: #3f9fd8 }
}</style>
";

impl Panel {
    /// Pictures and tables of shades say something else with other shades: they keep their white ground.
    fn has_a_dark_form(&self) -> bool {
        match self {
            Panel::Chart(_)
            | Panel::Histogram(_)
            | Panel::Contour(_)
            | Panel::Diagram(_)
            | Panel::Neurons(_) => true,
            Panel::Confusion(_) | Panel::Correlations(_) | Panel::Regions(_) | Panel::Images(_) => {
                false
            }
        }
    }

    fn title(&mut self) -> &mut String {
        match self {
            Panel::Chart(chart) => &mut chart.title,
            Panel::Histogram(histogram) => &mut histogram.title,
            Panel::Contour(contour) => &mut contour.title,
            Panel::Diagram(diagram) => &mut diagram.title,
            Panel::Neurons(neurons) => &mut neurons.title,
            Panel::Confusion(matrix) => &mut matrix.title,
            Panel::Correlations(matrix) => &mut matrix.title,
            Panel::Regions(regions) => &mut regions.title,
            Panel::Images(images) => &mut images.title,
        }
    }
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
    pub fn title(mut self, title: impl Into<Text>) -> Figure {
        self.title = Some(title.into().into_current());
        self
    }

    /// Other titles for the panels, from the first on: what the reader finds in each. Panels for which there is none keep
    /// theirs.
    pub fn panel_titles(mut self, titles: impl IntoIterator<Item = impl Into<Text>>) -> Figure {
        for (panel, title) in self.panels.iter_mut().zip(titles) {
            *panel.title() = title.into().into_current();
        }
        self
    }

    /// The figure when only the first `points` points of its named lines and ways are there; axes and legends stay.
    fn up_to(&self, points: usize) -> Figure {
        let mut figure = self.clone();
        for panel in &mut figure.panels {
            match panel {
                Panel::Chart(chart) => chart.shown = Some(points),
                Panel::Contour(contour) => contour.shown = Some(points),
                _ => {}
            }
        }
        figure
    }

    /// Where the named lines and ways of a figure that grows have come to.
    fn moment(&self) -> Option<String> {
        let panels = self.panels.iter().filter_map(|panel| match panel {
            Panel::Chart(chart) => chart.moment(),
            Panel::Contour(contour) => contour.moment(),
            _ => None,
        });
        let panels: Vec<String> = panels.collect();
        (!panels.is_empty()).then(|| panels.join(". "))
    }

    /// How many points the longest named line or way has.
    fn longest_series(&self) -> usize {
        let lengths = self.panels.iter().map(|panel| match panel {
            Panel::Chart(chart) => chart.longest(),
            Panel::Contour(contour) => contour.longest(),
            _ => 0,
        });
        lengths.max().unwrap_or(0)
    }

    fn size(&self) -> (u32, u32) {
        let columns = self.columns.min(self.panels.len()).max(1) as u32;
        let rows = (self.panels.len() as u32).div_ceil(columns);
        let (width, height) = match &self.panels[..] {
            [Panel::Images(images)] => images.size(),
            [Panel::Diagram(diagram)] => diagram.size(),
            [Panel::Neurons(neurons)] => neurons.size(),
            [Panel::Confusion(matrix)] => matrix.size(),
            _ => PANEL,
        };
        let width = columns * width;
        let title = self.title.as_ref();
        let title = title.map_or(0, |title| draw::title_height(title, 18, width));
        (width, rows * height + title)
    }

    /// The figure as an SVG document.
    ///
    /// # Errors
    /// When there is nothing to draw.
    pub fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        self.draw_on(SVGBackend::with_string(&mut svg, self.size()))?;
        Ok(self.dressed(&svg))
    }

    /// A document that says what it is, and that turns dark where its page is.
    fn dressed(&self, svg: &str) -> String {
        let Some((head, rest)) = svg.split_once('>') else {
            return svg.to_owned();
        };
        let words = self.to_string();
        let title = escape(words.lines().next().unwrap_or_default());
        let dark = match self.panels.iter().all(Panel::has_a_dark_form) {
            true => DARK,
            false => "",
        };
        format!(
            "{head} role=\"img\">\n<title>{title}</title>\n{dark}{}",
            rest.trim_start()
        )
    }

    /// The figure as the bytes of a PNG image, drawn with a font of the library's own.
    ///
    /// # Errors
    /// When there is nothing to draw.
    pub fn png(&self) -> Result<Vec<u8>> {
        let (width, height) = self.size();
        let mut pixels = vec![0; width as usize * height as usize * 3];
        self.draw_on(BitMapBackend::with_buffer(&mut pixels, (width, height)))?;
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&pixels))
            .map_err(|error| ErrorKind::Plot {
                message: error.to_string(),
            })?;
        Ok(bytes)
    }

    /// Write the figure to an `.svg` or `.png` file.
    ///
    /// # Errors
    /// When the name ends otherwise, there is nothing to draw, or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let extension = path.extension().map(|e| e.to_ascii_lowercase());
        let bytes = match extension.as_ref().and_then(|e| e.to_str()) {
            Some("svg") => self.svg()?.into_bytes(),
            Some("png") => self.png()?,
            _ => {
                return Err(Error::misuse((
                    format!(
                        "una figura se guarda como .svg o .png, no como {}",
                        path.display()
                    ),
                    format!(
                        "a figure is saved as .svg or .png, not as {}",
                        path.display()
                    ),
                )));
            }
        };
        // Under another name first, so that a reader never sees half a figure.
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        std::fs::write(&part, bytes)
            .and_then(|()| std::fs::rename(&part, path))
            .map_err(|error| Error::io(path, error))
    }

    fn draw_on(&self, backend: impl DrawingBackend) -> Result<()> {
        draw::register_font()?;
        self.draw(&backend.into_drawing_area())
            .map_err(|error| match error {
                draw::Failure::Ours(error) => error,
                draw::Failure::Backend(message) => ErrorKind::Plot { message }.into(),
            })
    }

    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, plotters::coord::Shift>,
    ) -> Result<(), draw::Failure> {
        area.fill(&WHITE)?;
        if self.panels.is_empty() {
            return Err(Error::empty(("la figura", "the figure")).into());
        }
        let area = match &self.title {
            Some(title) => draw::titled(area, title, 18)?,
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
                Panel::Neurons(neurons) => neurons.draw(cell)?,
                Panel::Confusion(matrix) => matrix.draw(cell)?,
                Panel::Correlations(matrix) => matrix.draw(cell)?,
                Panel::Regions(regions) => regions.draw(cell)?,
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
                Panel::Neurons(neurons) => neurons.to_string(),
                Panel::Confusion(matrix) => matrix.to_string(),
                Panel::Correlations(matrix) => matrix.to_string(),
                Panel::Regions(regions) => regions.to_string(),
                Panel::Images(images) => images.to_string(),
            });
        }
        f.write_str(&lines.join("\n"))
    }
}

// Thousands of numbers help nobody: the text says what is to be seen.
impl fmt::Debug for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
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
    title: impl Into<Text>,
    from: f32,
    to: f32,
    functions: &[(impl Into<Text> + Clone, &dyn Fn(f32) -> f32)],
) -> Figure {
    const POINTS: usize = 240;
    let mut chart = Chart::new(title).x_label("z");
    for (name, f) in functions {
        let points = (0..=POINTS).map(|i| {
            let z = from + (to - from) * i as f32 / POINTS as f32;
            (f64::from(z), f64::from(f(z)))
        });
        chart = chart.line(name.clone(), points);
    }
    chart.into()
}

/// One curve per series over 1, 2, 3, …: losses by epoch, gradients by layer.
pub fn curves(
    title: impl Into<Text>,
    x_label: impl Into<Text>,
    y_label: impl Into<Text>,
    series: impl IntoIterator<Item = (impl Into<Text>, impl AsRef<[f64]>)>,
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

/// A figure where there is one, with this text instead of the figure's own.
pub(crate) fn pictured(figure: Option<Figure>, text: String) -> Vec<(&'static str, String)> {
    let mut forms = figure.map_or(Vec::new(), |figure| figure.forms());
    forms.retain(|(mime, _)| *mime != "text/plain");
    forms.push(("text/plain", text));
    forms
}

impl Show for Figure {
    fn forms(&self) -> Vec<(&'static str, String)> {
        match self.svg() {
            Ok(svg) => vec![("image/svg+xml", svg), ("text/plain", self.to_string())],
            Err(error) => vec![("text/plain", format!("{self}\n{error}"))],
        }
    }
}

/// A panel shows itself as a figure.
macro_rules! shown_as_figure {
    ($($panel:ty),*) => {
        $(impl Show for $panel {
            fn forms(&self) -> Vec<(&'static str, String)> {
                Figure::from(self.clone()).forms()
            }
        })*
    };
}

shown_as_figure!(Chart, Histogram, Contour);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_png_has_the_size_of_the_figure_and_ink_where_the_text_is() {
        let chart = Chart::new("η, σ(z), ∂C/∂w, año").line("a", [(0.0, 1.0), (1.0, 2.0)]);
        let figure = Figure::from(chart);
        let decoder = png::Decoder::new(std::io::Cursor::new(figure.png().unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), PANEL);
        // The title stands in the first 30 rows, where nothing else is drawn.
        let title = &pixels[..30 * PANEL.0 as usize * 3];
        let dark = title.chunks(3).filter(|p| p[0] < 100).count();
        assert!((100..4000).contains(&dark), "{dark} dark pixels");
    }

    #[test]
    fn the_embedded_font_has_every_sign_that_figures_use() {
        let missing = |text: &str| -> Vec<char> {
            let font = ab_glyph::FontRef::try_from_slice(draw::FONT).unwrap();
            use ab_glyph::Font as _;
            text.chars().filter(|&c| font.glyph_id(c).0 == 0).collect()
        };
        assert_eq!(
            missing("«»“”áéíóúüñÉ¿¡çABCxyz0189 ηλσδεβγρμκ ∂∇Σ√∞≤≥≈≠·×←→²³₁₂‖½±✓"),
            []
        );
    }

    #[test]
    fn figures_are_saved_by_the_ending_of_their_name() {
        let folder = tempfile::tempdir().unwrap();
        let figure = Figure::from(Chart::new("one").line("a", [(0.0, 1.0), (1.0, 2.0)]));
        for (name, start) in [
            ("a.svg", &b"<svg"[..]),
            ("b.png", b"\x89PNG"),
            ("c.PNG", b"\x89PNG"),
        ] {
            let path = folder.path().join(name);
            figure.save(&path).unwrap();
            assert!(std::fs::read(path).unwrap().starts_with(start), "{name}");
        }
        for name in ["d.jpg", "e"] {
            let text = figure
                .save(folder.path().join(name))
                .unwrap_err()
                .to_string();
            assert!(text.contains(".svg or .png"), "{text}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }

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

    use proptest::prelude::*;

    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            -1e3..1e3_f64,
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(0.0)
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_numbers_are_drawn_or_refused_without_a_panic(
            points in proptest::collection::vec((any_number(), any_number()), 0..6),
            (from, to) in (any_number(), any_number()),
            (log_x, log_y) in (any::<bool>(), any::<bool>()),
        ) {
            let mut chart = Chart::new("any").path("a", points.clone()).line("", points.clone());
            if log_x {
                chart = chart.log_x();
            }
            if log_y {
                chart = chart.log_y();
            }
            let map = Contour::new("any", |x, y| x * y, (from, to), (to, from)).path("a", points.clone());
            let flat = Contour::new("any", |_, _| to, (0.0, 1.0), (0.0, 1.0)).path("a", points.clone()).mark(from, to);
            let histogram = Histogram::new("any", "x", 5, points.iter().map(|p| p.0 as f32));
            for figure in [chart.into(), map.into(), flat.into(), Figure::from(histogram)] {
                let _ = (figure.svg(), figure.png(), figure.to_string());
            }
        }
    }

    #[test]
    fn a_document_says_what_it_is_and_charts_turn_dark_with_their_page() {
        let chart = Chart::new("a < b").line("a", [(0.0, 1.0), (1.0, 2.0)]);
        let svg = Figure::from(chart).svg().unwrap();
        let head =
            "role=\"img\">\n<title>a &lt; b</title>\n<style>@media (prefers-color-scheme: dark)";
        assert!(svg.starts_with("<svg ") && svg.contains(head), "{svg:.300}");
        assert_eq!(svg.matches("<style>").count(), 1);
        // Every colour that the rule changes is one that a chart is drawn with.
        assert!(svg.contains("fill=\"#FFFFFF\"") && svg.contains("fill=\"#1E1E1E\""));
        let pixels = images(&crate::data::Dataset::digits(), 2).unwrap();
        let svg = pixels.svg().unwrap();
        assert!(svg.contains("<title>") && !svg.contains("<style>"));
    }
}
