//! Lines, points and histograms.

use std::fmt;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{Failure, GROUND, TITLE, colour, range, text, titled, width};
use super::legend::{Entry, Layout};
use crate::error::Error;
use crate::format::number;
use gradus_text::{Text, say};

/// Names under an axis that do not fit in so many rows overlap.
const NAME_ROWS: usize = 3;

/// Lines and points over two axes.
///
/// ```
/// use gradus::prelude::*;
/// let chart = plot::Chart::new("The loss halves each step")
///     .x_label("step")
///     .y_label("loss")
///     .line("training", (0..8).map(|i| (i as f64, 0.5_f64.powi(i))))
///     .log_y();
/// assert!(Figure::from(chart).svg()?.starts_with("<svg"));
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chart {
    pub(super) title: String,
    x_label: String,
    y_label: String,
    x_names: Vec<String>,
    series: Vec<Series>,
    log_x: bool,
    log_y: bool,
    legend: bool,
    /// How many points of each named series are drawn; all where nothing is said.
    pub(super) shown: Option<usize>,
}

#[derive(Clone, Debug)]
struct Series {
    name: String,
    points: Vec<(f64, f64)>,
    /// How far each point may be off, up and down; empty where nothing is said.
    spreads: Vec<f64>,
    style: Style,
}

/// From and to, of `x` and of `y`.
type Ranges = ((f64, f64), (f64, f64));

#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    Line,
    Points,
    /// Both: a way with its steps.
    Path,
    Bars,
}

impl Chart {
    /// An empty chart; the title says what is to be seen.
    pub fn new(title: impl Into<Text>) -> Chart {
        Chart {
            title: title.into().into_current(),
            x_label: String::new(),
            y_label: String::new(),
            x_names: Vec::new(),
            series: Vec::new(),
            log_x: false,
            log_y: false,
            legend: true,
            shown: None,
        }
    }

    /// What the horizontal axis measures, with its unit.
    pub fn x_label(mut self, label: impl Into<Text>) -> Chart {
        self.x_label = label.into().into_current();
        self
    }

    /// What is at 1, 2, 3, … of the horizontal axis, where it counts things instead of measuring.
    pub fn x_names(mut self, names: impl IntoIterator<Item = impl Into<Text>>) -> Chart {
        self.x_names = names
            .into_iter()
            .map(|name| name.into().into_current())
            .collect();
        self
    }

    /// What the vertical axis measures, with its unit.
    pub fn y_label(mut self, label: impl Into<Text>) -> Chart {
        self.y_label = label.into().into_current();
        self
    }

    /// Add a line through these points; points that are not finite are left out.
    pub fn line(
        self,
        name: impl Into<Text>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Chart {
        self.series(name, points, Style::Line)
    }

    /// Add points without a line.
    pub fn points(
        self,
        name: impl Into<Text>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Chart {
        self.series(name, points, Style::Points)
    }

    /// Add points with bars, each `(x, mean, std)` or another `± spread`: what several runs gave.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let chart = plot::Chart::new(("Dropout varía menos", "Dropout varies less"))
    ///     .x_names([("sin", "without"), ("con dropout", "with dropout")])
    ///     .y_label(("aciertos", "hits"))
    ///     .spread(("media ± σ de 5 redes", "mean ± σ of 5 networks"), [(1.0, 0.91, 0.02), (2.0, 0.93, 0.01)]);
    /// assert!(Figure::from(chart).svg()?.contains("dropout"));
    /// # Ok::<(), gradus::Error>(())
    /// ```
    pub fn spread(
        self,
        name: impl Into<Text>,
        points: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Chart {
        let points: Vec<_> = points.into_iter().collect();
        let means = points.iter().map(|&(x, mean, _)| (x, mean));
        let mut chart = self.series(name, means, Style::Points);
        if let Some(series) = chart.series.last_mut() {
            series.spreads = points.iter().map(|p| p.2).collect();
        }
        chart
    }

    /// Add bars, each `(x, from, to)`: one that begins where another ends stands on it.
    pub fn bars(
        self,
        name: impl Into<Text>,
        bars: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Chart {
        let middles = bars.into_iter();
        let middles = middles.map(|(x, from, to)| (x, 0.5 * (from + to), 0.5 * (to - from)));
        let mut chart = self.spread(name, middles);
        if let Some(series) = chart.series.last_mut() {
            series.style = Style::Bars;
        }
        chart
    }

    /// Add a line with a mark at each point: a way with its steps.
    pub fn path(
        self,
        name: impl Into<Text>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Chart {
        self.series(name, points, Style::Path)
    }

    fn series(
        mut self,
        name: impl Into<Text>,
        points: impl IntoIterator<Item = (f64, f64)>,
        style: Style,
    ) -> Chart {
        self.series.push(Series {
            name: name.into().into_current(),
            points: points.into_iter().collect(),
            spreads: Vec::new(),
            style,
        });
        self
    }

    /// A logarithmic vertical axis; values of 0 or less are left out.
    pub fn log_y(mut self) -> Chart {
        self.log_y = true;
        self
    }

    /// A logarithmic horizontal axis; values of 0 or less are left out.
    pub fn log_x(mut self) -> Chart {
        self.log_x = true;
        self
    }

    /// Show no legend: the panel beside it has the same names in the same colours.
    pub fn without_legend(mut self) -> Chart {
        self.legend = false;
        self
    }

    /// The points that can be drawn.
    fn visible<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = (f64, f64)> + 'a {
        let (log_x, log_y) = (self.log_x, self.log_y);
        series.points.iter().copied().filter(move |(x, y)| {
            x.is_finite() && y.is_finite() && (!log_x || *x > 0.0) && (!log_y || *y > 0.0)
        })
    }

    /// Where they lie on the axes. A logarithmic axis is a linear one of `log₁₀`, labelled with the values: the logarithmic
    /// axes of plotters leave small powers of ten without a label.
    fn placed<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = (f64, f64)> + 'a {
        let on = |value: f64, log: bool| if log { value.log10() } else { value };
        self.visible(series)
            .map(move |(x, y)| (on(x, self.log_x), on(y, self.log_y)))
    }

    /// Where the bars lie on the axes: `x`, from and to. On a logarithmic axis one that would reach 0 is left out.
    fn spans<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = (f64, f64, f64)> + 'a {
        let on = |value: f64, log: bool| if log { value.log10() } else { value };
        let bars = series.points.iter().zip(&series.spreads);
        bars.map(move |(&(x, y), spread)| {
            let x = on(x, self.log_x);
            (x, on(y - spread, self.log_y), on(y + spread, self.log_y))
        })
        .filter(|(x, low, high)| x.is_finite() && low.is_finite() && high.is_finite())
    }

    pub(super) fn longest(&self) -> usize {
        let named = self.series.iter().filter(|s| !s.name.is_empty());
        named.map(|s| self.visible(s).count()).max().unwrap_or(0)
    }

    pub(super) fn moment(&self) -> Option<String> {
        let shown = self.shown?;
        let named = self.series.iter().filter(|s| !s.name.is_empty());
        let places = named.filter_map(|series| {
            let (_, y) = self.visible(series).take(shown).last()?;
            Some(format!("{} {}", series.name, number(y)))
        });
        let places: Vec<String> = places.collect();
        Some(format!("{}: {}", self.y_label, places.join(", ")))
    }

    /// What the axes span: on a logarithmic one, `log₁₀` of it.
    fn ranges(&self) -> Result<Ranges, Failure> {
        let all = || self.series.iter().flat_map(|s| self.placed(s));
        let nothing = || {
            let title = &self.title;
            Error::empty(say(
                format!("el gráfico «{title}»"),
                format!("the chart “{title}”"),
            ))
        };
        // Room for half a step on both sides of things that are counted.
        let names = [0.5, self.x_names.len() as f64 + 0.5];
        let names = names.into_iter().filter(|_| !self.x_names.is_empty());
        let x = range(all().map(|p| p.0)).ok_or_else(nothing)?;
        let x = names.fold(x, |(from, to), at| (from.min(at), to.max(at)));
        let bars = self.series.iter().flat_map(|s| self.spans(s));
        let heights = all().map(|p| p.1).chain(bars.flat_map(|b| [b.1, b.2]));
        let (mut y0, mut y1) = range(heights).ok_or_else(nothing)?;
        if self.log_y && y1 - y0 < 1.0 {
            // Less than a power of ten is flat on this axis, and should look flat.
            let middle = 0.5 * (y0 + y1);
            (y0, y1) = (middle - 0.5, middle + 0.5);
        }
        Ok((x, (y0, y1)))
    }

    /// The name and the colour of each series. One without a name, such as the function under the steps, is the ground and
    /// has no place in the legend.
    fn coloured(&self) -> impl Iterator<Item = (&Series, RGBColor)> {
        let mut named = 0..;
        self.series.iter().map(move |series| {
            let next = match series.name.is_empty() {
                true => None,
                false => named.next(),
            };
            (series, next.map_or(GROUND, colour))
        })
    }

    /// Where the plot and the legend are in a panel of this size.
    pub(super) fn layout(&self, size: (u32, u32)) -> Result<Layout, Failure> {
        let ((x0, x1), (y0, y1)) = self.ranges()?;
        let part = |(x, y): (f64, f64)| ((x - x0) / (x1 - x0), (y - y0) / (y1 - y0));
        let mut ways: Vec<Vec<(f64, f64)>> = Vec::new();
        for series in &self.series {
            let points = self.placed(series).map(part);
            match series.style {
                Style::Points | Style::Bars => ways.extend(points.map(|p| vec![p])),
                _ => ways.push(points.collect()),
            }
            ways.extend(
                self.spans(series)
                    .map(|(x, low, high)| vec![part((x, low)), part((x, high))]),
            );
        }
        let entries = self.coloured().filter(|(s, _)| !s.name.is_empty());
        let entries = entries
            .filter(|_| self.legend)
            .map(|(series, colour)| Entry {
                name: series.name.clone(),
                colour,
                disc: matches!(series.style, Style::Points | Style::Bars),
            });
        let entries: Vec<Entry> = entries.collect();
        let layout = Layout::new(size, entries.clone(), &ways);
        // A legend beside the plot takes room that many names need.
        let under = Layout::under(size, entries);
        let rows = |layout: &Layout| self.name_rows(layout, x1 - x0);
        Ok(match rows(&under) < rows(&layout) {
            true => under,
            false => layout,
        })
    }

    /// In how many rows the names of the horizontal axis fit under it, at most [`NAME_ROWS`].
    fn name_rows(&self, layout: &Layout, span: f64) -> usize {
        let step = f64::from(layout.plot.2 - layout.plot.0) / span;
        let widths = self.x_names.iter().map(|name| width(name, &text(14)));
        let Some(widest) = widths.max() else {
            return 0;
        };
        let fits = |rows: &usize| f64::from(widest) + 6.0 <= *rows as f64 * step;
        (1..NAME_ROWS).find(fits).unwrap_or(NAME_ROWS)
    }

    /// Names that do not fit side by side stand in rows by turns.
    fn draw_names<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        layout: &Layout,
        (x0, x1): (f64, f64),
    ) -> Result<(), Failure> {
        let rows = self.name_rows(layout, x1 - x0);
        let (left, _, right, bottom) = layout.plot;
        let style = text(14).pos(Pos::new(HPos::Center, VPos::Top));
        for (i, name) in self.x_names.iter().enumerate().filter(|_| rows > 1) {
            let part = (i as f64 + 1.0 - x0) / (x1 - x0);
            let x = left + (part * f64::from(right - left)).round() as i32;
            let at = (x, bottom + 8 + (i % rows) as i32 * 14);
            area.draw(&plotters::element::Text::new(
                name.clone(),
                at,
                style.clone(),
            ))?;
        }
        Ok(())
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let ((x0, x1), (y0, y1)) = self.ranges()?;
        let mut all = self.series.iter().flat_map(|s| self.placed(s));
        let whole_x = !self.log_x && all.all(|(x, _)| x.fract() == 0.0);
        let x_ticks = match self.x_names.len() {
            0 => ticks(x0..x1, 9, self.log_x, whole_x),
            names => (1..=names).map(|at| at as f64).collect(),
        };
        let y_ticks = ticks(y0..y1, 7, self.log_y, false);
        let area = titled(area, &self.title, TITLE)?;
        let layout = self.layout(area.dim_in_pixel())?;
        let mut chart = layout
            .axes(&area)
            .build_cartesian_2d(Axis::new(x0..x1, x_ticks), Axis::new(y0..y1, y_ticks))?;
        let style = MeshStyle {
            log_x: self.log_x,
            whole_x,
            log_y: self.log_y,
            x_names: &self.x_names,
            own_names: self.name_rows(&layout, x1 - x0) > 1,
        };
        self.draw_names(&area, &layout, (x0, x1))?;
        mesh(&mut chart, &self.x_label, &self.y_label, style)?;
        for (series, colour) in self.coloured() {
            let shown = self.shown.filter(|_| !series.name.is_empty());
            let shown = shown.unwrap_or(usize::MAX);
            let drawn = || self.placed(series).take(shown);
            let bars = self.spans(series).take(shown);
            let line = colour.stroke_width(2);
            if series.style == Style::Bars {
                let corners = bars.map(|(x, low, high)| [(x - 0.3, low), (x + 0.3, high)]);
                chart.draw_series(corners.map(|c| Rectangle::new(c, colour.filled())))?;
                continue;
            }
            for (x, low, high) in bars {
                chart.draw_series([PathElement::new([(x, low), (x, high)], line)])?;
                let cap = |at| EmptyElement::at(at) + PathElement::new([(-5, 0), (5, 0)], line);
                chart.draw_series([cap((x, low)), cap((x, high))])?;
            }
            if series.style != Style::Points {
                chart.draw_series(LineSeries::new(drawn(), colour.stroke_width(2)))?;
            }
            if series.style != Style::Line {
                chart.draw_series(drawn().map(|p| Circle::new(p, 3, colour.filled())))?;
            }
        }
        layout.draw(&area)
    }
}

/// A linear axis that has its numbers at given places.
struct Axis {
    line: RangedCoordf64,
    ticks: Vec<f64>,
}

impl Axis {
    fn new(range: std::ops::Range<f64>, ticks: Vec<f64>) -> Axis {
        let line = range.into();
        Axis { line, ticks }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.line.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.line.range()
    }
}

/// Where an axis has its numbers, at most about `most` of them: round ones, and on an axis of `log₁₀` those that are round
/// before the logarithm.
fn ticks(axis: std::ops::Range<f64>, most: usize, log: bool, whole: bool) -> Vec<f64> {
    let span = axis.end - axis.start;
    let multiples = |start: f64, end: f64, step: f64| {
        let first = (start / step).ceil() as i64;
        let last = (end / step).floor() as i64;
        (first..=last).map(move |i| i as f64 * step)
    };
    if log && span >= 2.0 {
        let decades = (span / most as f64).ceil();
        return multiples(axis.start, axis.end, decades).collect();
    }
    if log && span >= 0.5 {
        let decades = multiples(axis.start - 1.0, axis.end, 1.0);
        let round = decades.flat_map(|decade| [1.0_f64, 2.0, 5.0].map(|d| decade + d.log10()));
        return round.filter(|at| axis.contains(at)).collect();
    }
    let (start, end) = match log {
        true => (10_f64.powf(axis.start), 10_f64.powf(axis.end)),
        false => (axis.start, axis.end),
    };
    let rough = (end - start) / most as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|r| r * power >= rough);
    let step = round.unwrap_or(10.0) * power;
    let step = if whole { step.max(1.0) } else { step };
    let places = multiples(start, end, step);
    match log {
        true => places.filter(|at| *at > 0.0).map(f64::log10).collect(),
        false => places.collect(),
    }
}

/// What the labels of the axes must know.
#[derive(Clone, Copy, Default)]
pub(super) struct MeshStyle<'a> {
    /// The horizontal axis counts: no halves.
    pub(super) whole_x: bool,
    /// The horizontal axis holds `log₁₀ x`.
    pub(super) log_x: bool,
    /// The vertical axis holds `log₁₀ y`.
    pub(super) log_y: bool,
    /// What the horizontal axis has at 1, 2, 3, … instead of numbers; empty where it has numbers.
    pub(super) x_names: &'a [String],
    /// Somebody else writes those names.
    pub(super) own_names: bool,
}

pub(super) fn mesh<B: DrawingBackend, X, Y>(
    chart: &mut ChartContext<'_, B, Cartesian2d<X, Y>>,
    x_label: &str,
    y_label: &str,
    style: MeshStyle<'_>,
) -> Result<(), Failure>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    // A tick at 0 of an axis through 0 may come out as -5e-17.
    let tick = |axis: std::ops::Range<f64>, log: bool| {
        let nothing = 1e-9 * (axis.end - axis.start);
        move |value: &f64| match log {
            true => number(10_f64.powf(*value)),
            false if value.abs() < nothing => number(0.0),
            false => number(*value),
        }
    };
    let x_range = chart.x_range();
    let x_ticks = match style.whole_x {
        true => (x_range.end - x_range.start).ceil().clamp(2.0, 9.0) as usize,
        false => 9,
    };
    let (x_number, y_tick) = (
        tick(x_range, style.log_x),
        tick(chart.y_range(), style.log_y),
    );
    let x_tick = |value: &f64| match style.x_names {
        [] => x_number(value),
        // Between the names, and where there is no other, is nothing.
        _ if style.own_names || value.fract() != 0.0 || *value < 1.0 => String::new(),
        names => names.get(*value as usize - 1).cloned().unwrap_or_default(),
    };
    chart
        .configure_mesh()
        .x_labels(x_ticks)
        .y_labels(7)
        .max_light_lines(0)
        .bold_line_style(RGBColor(225, 225, 225))
        .axis_style(RGBColor(120, 120, 120))
        .label_style(text(14))
        .axis_desc_style(text(15))
        .x_desc(x_label)
        .y_desc(y_label)
        .x_label_formatter(&x_tick)
        .y_label_formatter(&y_tick)
        .draw()?;
    Ok(())
}

impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        let shown = |series: &Series| match series.name.is_empty() {
            true => usize::MAX,
            false => self.shown.unwrap_or(usize::MAX),
        };
        for series in &self.series {
            let drawable: Vec<_> = self.visible(series).take(shown(series)).collect();
            let name = match &*series.name {
                "" => say("la función", "the function"),
                name => name,
            };
            if !self.x_names.is_empty() {
                write!(f, "\n  {name}:")?;
                for (i, (x, y)) in drawable.iter().enumerate() {
                    let place = self.x_names.get(*x as usize - 1).filter(|_| *x >= 1.0);
                    let place = place.map_or_else(|| number(*x), String::clone);
                    let separator = if i == 0 { "" } else { ";" };
                    write!(f, "{separator} {place} {}", number(*y))?;
                    if let Some(spread) = series.spreads.get(i) {
                        write!(f, " ± {}", number(*spread))?;
                    }
                }
                continue;
            }
            write!(f, "\n  {name}: {}", points_of(drawable.len()))?;
            if let (Some(first), Some(last)) = (drawable.first(), drawable.last()) {
                let (low, high) = drawable.iter().fold((first.1, first.1), |(low, high), p| {
                    (low.min(p.1), high.max(p.1))
                });
                let [first, last] = [first, last].map(|p| number(p.1));
                let [low, high] = [low, high].map(number);
                f.write_str(&say(
                    format!(", de {first} a {last}, entre {low} y {high}"),
                    format!(", from {first} to {last}, between {low} and {high}"),
                ))?;
            }
        }
        Ok(())
    }
}

pub(super) fn points_of(count: usize) -> String {
    match count {
        1 => say("1 punto", "1 point").to_owned(),
        _ => format!("{count} {}", say("puntos", "points")),
    }
}

/// How often values fall into each of equal intervals.
#[derive(Clone, Debug)]
pub struct Histogram {
    pub(super) title: String,
    x_label: String,
    bins: Vec<usize>,
    from: f64,
    to: f64,
}

impl Histogram {
    /// Count `values` in `bins` intervals between the smallest and the largest; values that are not finite are left out.
    pub fn new(
        title: impl Into<Text>,
        x_label: impl Into<Text>,
        bins: usize,
        values: impl IntoIterator<Item = f32>,
    ) -> Histogram {
        let values: Vec<f64> = values
            .into_iter()
            .map(f64::from)
            .filter(|v| v.is_finite())
            .collect();
        let (from, to) = range(values.iter().copied()).unwrap_or((0.0, 0.0));
        let mut counts = vec![0; bins.max(1)];
        for value in values {
            let bin = (value - from) / (to - from) * counts.len() as f64;
            let last = counts.len() - 1;
            counts[(bin as usize).min(last)] += 1;
        }
        Histogram {
            title: title.into().into_current(),
            x_label: x_label.into().into_current(),
            bins: counts,
            from,
            to,
        }
    }

    fn edge(&self, i: usize) -> f64 {
        self.from + (self.to - self.from) * i as f64 / self.bins.len() as f64
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let most = self.bins.iter().copied().max().unwrap_or(0);
        if most == 0 {
            let title = &self.title;
            return Err(Error::empty(say(
                format!("el histograma «{title}»"),
                format!("the histogram “{title}”"),
            ))
            .into());
        }
        let area = titled(area, &self.title, TITLE)?;
        let layout = Layout::new(area.dim_in_pixel(), Vec::new(), &[]);
        let mut chart = layout
            .axes(&area)
            .build_cartesian_2d(self.from..self.to, 0.0..most as f64 * 1.05)?;
        mesh(
            &mut chart,
            &self.x_label,
            say("cantidad", "count"),
            MeshStyle::default(),
        )?;
        chart.draw_series(self.bins.iter().enumerate().map(|(i, &count)| {
            Rectangle::new(
                [(self.edge(i), 0.0), (self.edge(i + 1), count as f64)],
                colour(0).mix(0.85).filled(),
            )
        }))?;
        Ok(())
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: usize = self.bins.iter().sum();
        let peak = (0..self.bins.len())
            .max_by_key(|&i| self.bins[i])
            .unwrap_or(0);
        let [from, to] = [self.from, self.to].map(number);
        let [left, right] = [peak, peak + 1].map(|i| number(self.edge(i)));
        let text = say(
            format!("{count} valores entre {from} y {to}, la mayoría entre {left} y {right}"),
            format!("{count} values between {from} and {to}, most between {left} and {right}"),
        );
        write!(f, "{}\n  {text}", self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::super::PANEL;
    use super::super::legend::{hides, pixels};
    use super::*;

    fn grid(x: impl Fn(u32) -> bool) -> impl Iterator<Item = (f64, f64)> {
        let all = (0..400).map(|i| (i % 20, i / 20)).filter(move |p| x(p.0));
        all.map(|(x, y)| (f64::from(x), f64::from(y)))
    }

    #[test]
    fn the_legend_stands_in_a_free_corner_or_outside_and_hides_nothing() {
        let full = || Chart::new("full").points("everywhere", grid(|_| true));
        let long = "a name that is too long to stand beside the plot of a panel";
        let rise = (0..20).map(|i| (f64::from(i), f64::from(i)));
        let line = Chart::new("line").line("two points", [(0.0, 0.0), (1.0, 1.0)]);
        let bars = Chart::new("bars").spread("± σ", [(1.0, 0.0, 9.0), (2.0, 1.0, 9.0)]);
        for (name, chart, inside) in [
            ("rise", Chart::new("rise").line("up", rise), Some(true)),
            ("line", line, Some(true)),
            ("bars", bars, None),
            ("full", full(), Some(false)),
            ("under", full().points(long, [(0.0, 0.0)]), Some(false)),
        ] {
            let layout = chart.layout(PANEL).unwrap();
            let legend = layout.legend.expect("a series has a name");
            let plot = layout.plot;
            let (wide, high) = (PANEL.0 as i32, PANEL.1 as i32);
            assert!(legend.2 <= wide && legend.3 <= high, "{name}: {legend:?}");
            assert!(plot.2 - plot.0 > 150 && plot.3 - plot.1 > 150, "{name}");
            let within = legend.0 < plot.2 && legend.1 < plot.3;
            assert!(inside.is_none_or(|inside| inside == within), "{name}");
            let ((x0, x1), (y0, y1)) = chart.ranges().unwrap();
            for series in &chart.series {
                let points = chart.placed(series);
                let parts = points.map(|(x, y)| ((x - x0) / (x1 - x0), (y - y0) / (y1 - y0)));
                let hidden = pixels(plot, &[parts.collect()]);
                let drawn = series.style != Style::Points || name == "full";
                let hidden = hidden.into_iter().filter(|&p| hides(legend, p)).count();
                assert!(!drawn || hidden == 0, "{name}: {hidden} pixels hidden");
            }
        }
    }

    #[test]
    fn what_several_runs_gave_is_said_with_its_spread() {
        let chart = Chart::new("Less with L2")
            .x_names(["without", "with L2"])
            .spread("mean ± σ", [(1.0, 0.9, 0.02), (2.0, 0.95, 0.01)]);
        let text = chart.to_string();
        assert!(
            text.contains("mean ± σ: without 0.9 ± 0.02; with L2 0.95 ± 0.01"),
            "{text}"
        );
    }
}
