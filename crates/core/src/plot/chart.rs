//! Lines, points and histograms.

use std::fmt;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::RGBColor;

use super::draw::{Failure, GROUND, colour, number, range, text};
use crate::error::Error;
use crate::language::Text;

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
    style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    Line,
    Points,
    /// Both: a way with its steps.
    Path,
}

impl Chart {
    /// An empty chart; the title says what is to be seen.
    pub fn new(title: impl Into<Text>) -> Chart {
        Chart {
            title: title.into().0,
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
        self.x_label = label.into().0;
        self
    }

    /// What is at 1, 2, 3, … of the horizontal axis, where it counts things instead of measuring.
    pub fn x_names(mut self, names: impl IntoIterator<Item = impl Into<Text>>) -> Chart {
        self.x_names = names.into_iter().map(|name| name.into().0).collect();
        self
    }

    /// What the vertical axis measures, with its unit.
    pub fn y_label(mut self, label: impl Into<Text>) -> Chart {
        self.y_label = label.into().0;
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
            name: name.into().0,
            points: points.into_iter().collect(),
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

    pub(super) fn longest(&self) -> usize {
        let named = self.series.iter().filter(|s| !s.name.is_empty());
        named.map(|s| self.visible(s).count()).max().unwrap_or(0)
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let all = || self.series.iter().flat_map(|s| self.placed(s));
        let nothing = || Error::empty(format!("the chart “{}”", self.title));
        let (x0, x1) = range(all().map(|p| p.0)).ok_or_else(nothing)?;
        let (mut y0, mut y1) = range(all().map(|p| p.1)).ok_or_else(nothing)?;
        if self.log_y && y1 - y0 < 1.0 {
            // Less than a power of ten is flat on this axis, and should look flat.
            let middle = 0.5 * (y0 + y1);
            (y0, y1) = (middle - 0.5, middle + 0.5);
        }
        let whole_x = !self.log_x && all().all(|(x, _)| x.fract() == 0.0);
        let x_ticks = match self.x_names.len() {
            0 => ticks(x0..x1, 9, self.log_x, whole_x),
            names => (1..=names).map(|at| at as f64).collect(),
        };
        let y_ticks = ticks(y0..y1, 7, self.log_y, false);
        let mut chart = axes(area, &self.title, 64)
            .build_cartesian_2d(Axis::new(x0..x1, x_ticks), Axis::new(y0..y1, y_ticks))?;
        let style = MeshStyle {
            log_x: self.log_x,
            whole_x,
            log_y: self.log_y,
            x_names: &self.x_names,
        };
        mesh(&mut chart, &self.x_label, &self.y_label, style)?;
        let mut named = 0..;
        for series in &self.series {
            // A series without a name, such as the function under the steps, is the ground and has no place in the legend.
            let ground = series.name.is_empty();
            let colour = if ground {
                GROUND
            } else {
                named.next().map_or(GROUND, colour)
            };
            let shown = self.shown.filter(|_| !ground).unwrap_or(usize::MAX);
            let drawn = || self.placed(series).take(shown);
            let marks = || drawn().map(|p| Circle::new(p, 3, colour.filled()));
            let line = || LineSeries::new(drawn(), colour.stroke_width(2));
            let anno = match series.style {
                Style::Line => chart.draw_series(line())?,
                Style::Points => chart.draw_series(marks())?,
                Style::Path => {
                    chart.draw_series(line())?;
                    chart.draw_series(marks())?
                }
            };
            if ground {
                continue;
            }
            anno.label(series.name.clone()).legend(move |(x, y)| {
                Rectangle::new([(x, y - 2), (x + 14, y + 2)], colour.filled())
            });
        }
        if self.legend && self.series.iter().any(|s| !s.name.is_empty()) {
            // Lines hide behind a legend between their points too.
            let between = |a: (f64, f64), b: (f64, f64)| {
                (0..8).map(move |i| {
                    let t = f64::from(i) / 8.0;
                    (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
                })
            };
            let mut seen = Vec::new();
            for series in &self.series {
                let points: Vec<_> = self.placed(series).collect();
                if series.style != Style::Points {
                    seen.extend(points.windows(2).flat_map(|w| between(w[0], w[1])));
                }
                seen.extend(points);
            }
            legend(&mut chart, seen)?;
        }
        Ok(())
    }
}

/// The names of the series, in the place that hides the fewest of `points`.
pub(super) fn legend<'a, B: DrawingBackend + 'a, X, Y>(
    chart: &mut ChartContext<'a, B, Cartesian2d<X, Y>>,
    points: Vec<(f64, f64)>,
) -> Result<(), Failure>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    chart
        .configure_series_labels()
        .label_font(text(13))
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(200, 200, 200))
        .position(free_place(&points))
        .draw()?;
    Ok(())
}

/// The place at an edge with the fewest points.
fn free_place(points: &[(f64, f64)]) -> SeriesLabelPosition {
    let Some(((x0, x1), (y0, y1))) =
        range(points.iter().map(|p| p.0)).zip(range(points.iter().map(|p| p.1)))
    else {
        return SeriesLabelPosition::UpperRight;
    };
    // How many points lie behind a legend on this side whose middle is at this height.
    let behind = |left: bool, middle: f64| {
        points
            .iter()
            .filter(|(x, y)| {
                let x = (x - x0) / (x1 - x0);
                let y = (y - y0) / (y1 - y0);
                (if left { x < 0.4 } else { x > 0.6 }) && (y - middle).abs() < 0.2
            })
            .count()
    };
    [
        (behind(false, 0.85), SeriesLabelPosition::UpperRight),
        (behind(true, 0.85), SeriesLabelPosition::UpperLeft),
        (behind(false, 0.15), SeriesLabelPosition::LowerRight),
        (behind(true, 0.15), SeriesLabelPosition::LowerLeft),
        (behind(false, 0.5), SeriesLabelPosition::MiddleRight),
        (behind(true, 0.5), SeriesLabelPosition::MiddleLeft),
    ]
    .into_iter()
    .min_by_key(|(points, _)| *points)
    .map_or(SeriesLabelPosition::UpperRight, |(_, corner)| corner)
}

pub(super) fn axes<'a, 'b, B: DrawingBackend>(
    area: &'a DrawingArea<B, Shift>,
    title: &str,
    left: u32,
) -> ChartBuilder<'a, 'b, B> {
    let mut builder = ChartBuilder::on(area);
    builder
        .margin(10)
        .margin_right(18)
        .caption(title, text(16))
        .x_label_area_size(40)
        .y_label_area_size(left);
    builder
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
        _ if value.fract() != 0.0 || *value < 1.0 => String::new(),
        names => names.get(*value as usize - 1).cloned().unwrap_or_default(),
    };
    chart
        .configure_mesh()
        .x_labels(x_ticks)
        .y_labels(7)
        .max_light_lines(0)
        .bold_line_style(RGBColor(225, 225, 225))
        .axis_style(RGBColor(120, 120, 120))
        .label_style(text(12))
        .axis_desc_style(text(14))
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
        for series in &self.series {
            let drawable: Vec<_> = self.visible(series).collect();
            write!(f, "\n  {}: {} points", series.name, drawable.len())?;
            if let (Some(first), Some(last)) = (drawable.first(), drawable.last()) {
                let (low, high) = drawable.iter().fold((first.1, first.1), |(low, high), p| {
                    (low.min(p.1), high.max(p.1))
                });
                write!(
                    f,
                    ", from {} to {}, between {} and {}",
                    number(first.1),
                    number(last.1),
                    number(low),
                    number(high)
                )?;
            }
        }
        Ok(())
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
            title: title.into().0,
            x_label: x_label.into().0,
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
            return Err(Error::empty(format!("the histogram “{}”", self.title)).into());
        }
        let mut chart = axes(area, &self.title, 64)
            .build_cartesian_2d(self.from..self.to, 0.0..most as f64 * 1.05)?;
        mesh(&mut chart, &self.x_label, "count", MeshStyle::default())?;
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
        write!(
            f,
            "{}\n  {count} values between {} and {}, most between {} and {}",
            self.title,
            number(self.from),
            number(self.to),
            number(self.edge(peak)),
            number(self.edge(peak + 1))
        )
    }
}
