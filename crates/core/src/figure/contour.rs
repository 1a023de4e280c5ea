//! Surfaces seen from above: lines of equal height, with ways over them.

use std::collections::BTreeMap;
use std::fmt;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;

use super::chart::{MeshStyle, mesh, points_of};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{Failure, TITLE, colour, text, titled, width};
use super::legend::{Corners, Entry, Layout, hides, pixels};
use crate::error::Error;
use crate::format::number;
use gradus_text::{Text, say};

const COLUMNS: usize = 96;
const ROWS: usize = 72;
const LEVELS: usize = 16;
/// Every so many lines one has its height written on it.
const WRITTEN: usize = 3;

/// Lines of equal height of a function of two variables, and ways over it.
///
/// ```
/// use gradus::prelude::*;
/// let map = plot::Contour::new("A bowl", |x, y| x * x + y * y, (-2.0, 2.0), (-2.0, 2.0))
///     .path("down", [(1.5, 1.5), (0.5, 0.4), (0.0, 0.0)]);
/// assert!(Figure::from(map).svg()?.contains("down"));
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Contour {
    pub(super) title: String,
    labels: [String; 2],
    x: (f64, f64),
    y: (f64, f64),
    /// `ROWS + 1` rows of `COLUMNS + 1` heights, from the lowest `y` up.
    heights: Vec<f64>,
    paths: Vec<(String, Vec<(f64, f64)>)>,
    marks: Vec<(f64, f64)>,
    /// How many points of each way are drawn; all where nothing is said.
    pub(super) shown: Option<usize>,
}

impl Contour {
    /// The heights of `f` over a window; where `f` is not finite there are no lines.
    pub fn new(
        title: impl Into<Text>,
        f: impl Fn(f64, f64) -> f64,
        x: (f64, f64),
        y: (f64, f64),
    ) -> Contour {
        let at =
            |(from, to): (f64, f64), i: usize, n: usize| from + (to - from) * i as f64 / n as f64;
        let heights = (0..=ROWS)
            .flat_map(|row| (0..=COLUMNS).map(move |column| (row, column)))
            .map(|(row, column)| f(at(x, column, COLUMNS), at(y, row, ROWS)))
            .collect();
        Contour {
            title: title.into().into_current(),
            labels: ["x".to_owned(), "y".to_owned()],
            x,
            y,
            heights,
            paths: Vec::new(),
            marks: Vec::new(),
            shown: None,
        }
    }

    /// What the axes measure; `x` and `y` where nothing is said.
    pub fn labels(mut self, x: impl Into<Text>, y: impl Into<Text>) -> Contour {
        self.labels = [x.into().into_current(), y.into().into_current()];
        self
    }

    /// Add a way; the parts outside the window are not drawn.
    pub fn path(
        mut self,
        name: impl Into<Text>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Contour {
        self.paths
            .push((name.into().into_current(), points.into_iter().collect()));
        self
    }

    /// Mark a place with a cross, such as a minimum.
    pub fn mark(mut self, x: f64, y: f64) -> Contour {
        self.marks.push((x, y));
        self
    }

    pub(super) fn longest(&self) -> usize {
        let ways = self.paths.iter().map(|(_, points)| points.len());
        ways.max().unwrap_or(0)
    }

    pub(super) fn moment(&self) -> Option<String> {
        let shown = self.shown?;
        let places = self.paths.iter().filter_map(|(name, points)| {
            let (x, y) = points[..points.len().min(shown)].last()?;
            Some(format!("{name} ({}, {})", number(*x), number(*y)))
        });
        let places: Vec<String> = places.collect();
        let [x, y] = &self.labels;
        Some(format!("({x}, {y}): {}", places.join(", ")))
    }

    /// Heights to draw lines at, denser near the lowest: there the descent ends.
    fn levels(&self) -> Vec<f64> {
        let mut heights: Vec<f64> = self
            .heights
            .iter()
            .copied()
            .filter(|h| h.is_finite())
            .collect();
        heights.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (heights.first(), heights.get(heights.len() * 49 / 50))
        else {
            return Vec::new();
        };
        (1..=LEVELS)
            .map(|k| low + (high - low) * (k as f64 / LEVELS as f64).powf(2.2))
            .collect()
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let levels = self.levels();
        let width = |(from, to): (f64, f64)| to - from;
        if levels.is_empty() || !(width(self.x) > 0.0 && width(self.y) > 0.0) {
            return Err(Error::empty(say(
                format!("el mapa «{}»", self.title),
                format!("the map “{}”", self.title),
            ))
            .into());
        }
        let area = titled(area, &self.title, TITLE)?;
        let layout = self.layout(area.dim_in_pixel());
        let mut chart = layout
            .axes(&area)
            .build_cartesian_2d(self.x.0..self.x.1, self.y.0..self.y.1)?;
        mesh(
            &mut chart,
            &self.labels[0],
            &self.labels[1],
            MeshStyle::default(),
        )?;
        for (k, &level) in levels.iter().enumerate() {
            let up = k as f64 / LEVELS as f64;
            let shade = |dark: f64, pale: f64| (dark + (pale - dark) * up) as u8;
            let line = RGBColor(shade(90.0, 205.0), shade(110.0, 212.0), shade(140.0, 220.0));
            for points in self.isolines(level) {
                chart.draw_series(LineSeries::new(points, line.stroke_width(1)))?;
            }
        }
        let ink = text(11).color(&RGBColor(90, 90, 90));
        let ink = ink.pos(Pos::new(HPos::Center, VPos::Center));
        for (height, (left, top, right, bottom)) in self.written(&levels, &layout) {
            area.draw(&Rectangle::new(
                [(left, top), (right, bottom)],
                WHITE.filled(),
            ))?;
            let middle = ((left + right) / 2, (top + bottom) / 2);
            area.draw(&plotters::element::Text::new(height, middle, ink.clone()))?;
        }
        for &(x, y) in self.marks.iter().filter(|p| self.inside(p)) {
            chart.draw_series([Cross::new((x, y), 5, BLACK.stroke_width(2))])?;
        }
        for (i, (_, points)) in self.paths.iter().enumerate() {
            let colour = colour(i);
            let points = &points[..points.len().min(self.shown.unwrap_or(usize::MAX))];
            let segments = points.windows(2).filter_map(|p| self.clip(p[0], p[1]));
            // Segments that meet are drawn as one line.
            let mut lines: Vec<Vec<(f64, f64)>> = Vec::new();
            for (from, to) in segments {
                match lines.last_mut() {
                    Some(line) if line.last() == Some(&from) => line.push(to),
                    _ => lines.push(vec![from, to]),
                }
            }
            for line in lines {
                chart.draw_series(LineSeries::new(line, colour.stroke_width(2)))?;
            }
            let steps = points.iter().filter(|p| self.inside(p)).take(60);
            let radius = |step: usize| if step == 0 { 5 } else { 2 };
            chart.draw_series(
                steps
                    .enumerate()
                    .map(|(step, &p)| Circle::new(p, radius(step), colour.filled())),
            )?;
        }
        layout.draw(&area)
    }

    /// The heights of some of the lines, and where they can be written: on the line, and on no way, legend or other height.
    fn written(&self, levels: &[f64], layout: &Layout) -> Vec<(String, Corners)> {
        let (left, top, right, bottom) = layout.plot;
        let ways = pixels(layout.plot, &self.ways());
        let mut taken: Vec<Corners> = layout.legend.into_iter().collect();
        let mut written = Vec::new();
        for &level in levels.iter().skip(WRITTEN - 1).step_by(WRITTEN) {
            let height = three_digits(level);
            let (w, h) = (width(&height, &text(11)) as i32 / 2 + 2, 7);
            let lines = self.isolines(level);
            let places = lines.iter().flat_map(|line| {
                // From the middle of the line on, so that neighbours do not all have theirs at the border.
                let (first, second) = line.split_at(line.len() / 2);
                second.iter().chain(first).map(|p| self.part(p))
            });
            let boxes = pixels(layout.plot, &places.map(|p| vec![p]).collect::<Vec<_>>());
            let boxes = boxes
                .into_iter()
                .map(|(x, y)| (x.round() as i32, y.round() as i32));
            let mut boxes = boxes.map(|(x, y)| (x - w, y - h, x + w, y + h));
            let free = boxes.find(|place| {
                let inside = place.0 > left && place.1 > top && place.2 < right && place.3 < bottom;
                inside
                    && !ways.iter().any(|&p| hides(*place, p))
                    && !taken.iter().any(|t| meet(t, place))
            });
            if let Some(place) = free {
                taken.push(place);
                written.push((height, place));
            }
        }
        written
    }

    /// Where a point is in the window, from 0 to 1.
    fn part(&self, &(x, y): &(f64, f64)) -> (f64, f64) {
        let part = |v: f64, (from, to): (f64, f64)| (v - from) / (to - from);
        (part(x, self.x), part(y, self.y))
    }

    /// The marks and the ways, in parts of the window.
    fn ways(&self) -> Vec<Vec<(f64, f64)>> {
        let part = |p: &(f64, f64)| self.part(p);
        let mut ways: Vec<Vec<(f64, f64)>> = vec![self.marks.iter().map(part).collect()];
        for (_, points) in &self.paths {
            let segments = points.windows(2).filter_map(|p| self.clip(p[0], p[1]));
            ways.extend(segments.map(|(from, to)| vec![part(&from), part(&to)]));
            let places = points.iter().filter(|p| self.inside(p));
            ways.extend(places.map(|p| vec![part(p)]));
        }
        ways
    }

    fn layout(&self, size: (u32, u32)) -> Layout {
        let entries = self.paths.iter().enumerate().map(|(i, (name, _))| Entry {
            name: name.clone(),
            colour: colour(i),
            disc: false,
        });
        let entries = entries.filter(|entry| !entry.name.is_empty()).collect();
        Layout::new(size, entries, &self.ways())
    }

    fn inside(&self, &(x, y): &(f64, f64)) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }

    /// The part of a segment inside the window (the Liang-Barsky rule: each side cuts the interval of the parameter).
    fn clip(&self, p: (f64, f64), q: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
        let (dx, dy) = (q.0 - p.0, q.1 - p.1);
        if !(dx.is_finite() && dy.is_finite()) {
            return None;
        }
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let sides = [
            (-dx, p.0 - self.x.0),
            (dx, self.x.1 - p.0),
            (-dy, p.1 - self.y.0),
            (dy, self.y.1 - p.1),
        ];
        for (towards, room) in sides {
            if towards > 0.0 {
                leave = leave.min(room / towards);
            } else if towards < 0.0 {
                enter = enter.max(room / towards);
            } else if room < 0.0 {
                return None;
            }
        }
        let at = |t: f64| {
            // The ends are kept exactly, so that the next segment is seen to start there.
            if t == 0.0 {
                p
            } else if t == 1.0 {
                q
            } else {
                (p.0 + t * dx, p.1 + t * dy)
            }
        };
        (enter <= leave).then(|| (at(enter), at(leave)))
    }

    /// The lines of one height by marching squares: each cell of the grid is crossed between the edges whose ends lie on
    /// different sides, and crossings that share an edge are joined.
    fn isolines(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let height = |column: usize, row: usize| self.heights[row * (COLUMNS + 1) + column];
        // An edge is named by its lower left end and whether it goes up.
        type Edge = (usize, usize, bool);
        let crossing = |(column, row, up): Edge| {
            let (a, b) = (
                height(column, row),
                height(column + usize::from(!up), row + usize::from(up)),
            );
            if !(a.is_finite() && b.is_finite()) || (a < level) == (b < level) {
                return None;
            }
            let t = (level - a) / (b - a);
            let (dx, dy) = if up { (0.0, t) } else { (t, 0.0) };
            Some((
                self.x.0 + (self.x.1 - self.x.0) * (column as f64 + dx) / COLUMNS as f64,
                self.y.0 + (self.y.1 - self.y.0) * (row as f64 + dy) / ROWS as f64,
            ))
        };
        let mut next: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let around = [
                    (column, row, false),
                    (column + 1, row, true),
                    (column, row + 1, false),
                    (column, row, true),
                ];
                let crossed: Vec<Edge> = around
                    .into_iter()
                    .filter(|&edge| crossing(edge).is_some())
                    .collect();
                // Four crossings are a saddle: two lines, told apart well enough by their order around the cell.
                for pair in crossed.chunks_exact(2) {
                    next.entry(pair[0]).or_default().push(pair[1]);
                    next.entry(pair[1]).or_default().push(pair[0]);
                }
            }
        }
        let mut lines = Vec::new();
        // Open lines start at an edge with one neighbour; what is left after them are closed ones.
        let ends = next
            .iter()
            .filter(|(_, to)| to.len() == 1)
            .map(|(&edge, _)| edge);
        let starts: Vec<Edge> = ends.chain(next.keys().copied()).collect();
        for start in starts {
            let mut line = Vec::new();
            let mut here = start;
            loop {
                line.extend(crossing(here));
                let Some(to) = next.get_mut(&here).and_then(Vec::pop) else {
                    break;
                };
                if let Some(back) = next.get_mut(&to)
                    && let Some(i) = back.iter().position(|&edge| edge == here)
                {
                    back.swap_remove(i);
                }
                here = to;
            }
            if line.len() > 1 {
                lines.push(line);
            }
        }
        lines
    }
}

fn meet(one: &Corners, other: &Corners) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

/// A height in three significant digits.
fn three_digits(height: f64) -> String {
    let size = 10_f64.powf(height.abs().log10().floor() - 2.0);
    match size.is_normal() {
        true => number((height / size).round() * size),
        false => number(height),
    }
}

impl fmt::Display for Contour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y] = &self.labels;
        let [x0, x1, y0, y1] = [self.x.0, self.x.1, self.y.0, self.y.1].map(number);
        let map = say(
            format!("un mapa de {x} de {x0} a {x1}, {y} de {y0} a {y1}"),
            format!("a map of {x} from {x0} to {x1}, {y} from {y0} to {y1}"),
        );
        write!(f, "{}\n  {map}", self.title)?;
        for (name, points) in &self.paths {
            let points = &points[..points.len().min(self.shown.unwrap_or(usize::MAX))];
            if let (Some(first), Some(last)) = (points.first(), points.last()) {
                let [x0, y0, x1, y1] = [first.0, first.1, last.0, last.1].map(number);
                let points = points_of(points.len());
                let way = say(
                    format!("{points}, de ({x0}, {y0}) a ({x1}, {y1})"),
                    format!("{points}, from ({x0}, {y0}) to ({x1}, {y1})"),
                );
                write!(f, "\n  {name}: {way}")?;
            }
        }
        Ok(())
    }
}
