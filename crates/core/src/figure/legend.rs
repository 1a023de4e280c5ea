//! The names of what is drawn, where they hide nothing.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::draw::{Failure, text, width};

/// The space around the plot inside its panel: left, top, right, bottom.
const SPACE: (i32, i32, i32, i32) = (74, 10, 18, 52);
const SIZE: u32 = 14;
const LINE: i32 = 18;
const PAD: i32 = 7;
const MARK: i32 = 22;

/// A name with its colour.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) colour: RGBColor,
    /// A disc instead of a piece of a line.
    pub(super) disc: bool,
}

/// A panel divided into a plot and a legend: corners in pixels.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) plot: Corners,
    entries: Vec<Entry>,
    /// Where each name stands; empty without a legend.
    places: Vec<(i32, i32)>,
    pub(super) legend: Option<Corners>,
}

/// Left, top, right, bottom.
pub(super) type Corners = (i32, i32, i32, i32);

/// Is any part of the way in the box, or nearer than 3 pixels?
pub(super) fn hides((left, top, right, bottom): Corners, (x, y): (f64, f64)) -> bool {
    let within =
        |at: f64, from: i32, to: i32| (f64::from(from) - 3.0..=f64::from(to) + 3.0).contains(&at);
    within(x, left, right) && within(y, top, bottom)
}

impl Layout {
    /// A legend in the corner of the plot where nothing of `ways` is; where there is none, on the right of the plot, or
    /// under it when the names are long. The ways are in parts of the plot, from 0 to 1, upwards.
    pub(super) fn new(size: (u32, u32), entries: Vec<Entry>, ways: &[Vec<(f64, f64)>]) -> Layout {
        let (wide, high) = (size.0 as i32, size.1 as i32);
        let plot = (SPACE.0, SPACE.1, wide - SPACE.2, high - SPACE.3);
        let Some(widest) = widths(&entries).into_iter().max() else {
            return Layout::under(size, entries);
        };
        let column = |(left, top): (i32, i32)| -> Layout {
            let rows = 0..entries.len() as i32;
            let bottom = top + entries.len() as i32 * LINE + 2 * PAD;
            Layout {
                plot,
                places: rows.map(|i| (left + PAD, top + PAD + i * LINE)).collect(),
                entries: entries.clone(),
                legend: Some((left, top, left + widest, bottom)),
            }
        };
        let tall = entries.len() as i32 * LINE + 2 * PAD;
        let (left, right) = (plot.0 + 8, plot.2 - 8 - widest);
        let (top, middle, bottom) = (plot.1 + 6, (plot.1 + plot.3 - tall) / 2, plot.3 - 6 - tall);
        let corners = [
            (right, top),
            (left, top),
            (right, bottom),
            (left, bottom),
            (right, middle),
            (left, middle),
        ];
        let pixels = pixels(plot, ways);
        let free = corners.into_iter().map(column).find(|layout| {
            let inside = layout.legend.is_some_and(|(left, top, right, bottom)| {
                left > plot.0 && top > plot.1 && right < plot.2 && bottom < plot.3
            });
            let legend = layout.legend.unwrap_or_default();
            inside && !pixels.iter().any(|&p| hides(legend, p))
        });
        if let Some(free) = free {
            return free;
        }
        if widest <= wide * 2 / 5 && tall <= high - SPACE.1 {
            let mut beside = column((wide - widest - 4, SPACE.1));
            beside.plot.2 = wide - widest - 14;
            return beside;
        }
        Layout::under(size, entries)
    }

    /// A legend under the plot, from left to right, in as many lines as the names need; none without names.
    pub(super) fn under(size: (u32, u32), entries: Vec<Entry>) -> Layout {
        let (wide, high) = (size.0 as i32, size.1 as i32);
        let plot = (SPACE.0, SPACE.1, wide - SPACE.2, high - SPACE.3);
        if entries.is_empty() {
            return Layout {
                plot,
                entries,
                places: Vec::new(),
                legend: None,
            };
        }
        let (mut x, mut row) = (SPACE.0, 0);
        let mut places = Vec::new();
        for width in widths(&entries) {
            if x > SPACE.0 && x + width > wide {
                (x, row) = (SPACE.0, row + 1);
            }
            places.push((x, row * LINE));
            x += width;
        }
        let top = high - (row + 1) * LINE - PAD;
        Layout {
            plot: (plot.0, plot.1, plot.2, top - SPACE.3 + 4),
            entries,
            places: places.iter().map(|(x, y)| (*x, y + top)).collect(),
            legend: Some((SPACE.0 - PAD, top, wide, high)),
        }
    }

    /// The builder of a chart whose plot is where the layout says.
    pub(super) fn axes<'a, 'b, B: DrawingBackend>(
        &self,
        area: &'a DrawingArea<B, Shift>,
    ) -> ChartBuilder<'a, 'b, B> {
        let (wide, high) = area.dim_in_pixel();
        let mut builder = ChartBuilder::on(area);
        builder
            .margin_left(10)
            .margin_top(self.plot.1)
            .margin_right(wide as i32 - self.plot.2)
            .margin_bottom(high as i32 - self.plot.3 - 42)
            .x_label_area_size(42)
            .y_label_area_size(self.plot.0 - 10);
        builder
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let Some((left, top, right, bottom)) = self.legend else {
            return Ok(());
        };
        let (_, _, plot_right, plot_bottom) = self.plot;
        if left < plot_right && top < plot_bottom {
            let corners = [(left, top), (right, bottom)];
            area.draw(&Rectangle::new(corners, WHITE.mix(0.85).filled()))?;
            area.draw(&Rectangle::new(corners, RGBColor(200, 200, 200)))?;
        }
        let style = text(SIZE).pos(Pos::new(HPos::Left, VPos::Center));
        for (entry, (x, y)) in self.entries.iter().zip(&self.places) {
            let middle = y + LINE / 2;
            let ink = entry.colour.filled();
            if entry.disc {
                area.draw(&Circle::new((x + 7, middle), 4, ink))?;
            } else {
                let corners = [(*x, middle - 2), (x + 14, middle + 2)];
                area.draw(&Rectangle::new(corners, ink))?;
            }
            let at = (x + MARK, middle);
            area.draw(&Text::new(entry.name.clone(), at, style.clone()))?;
        }
        Ok(())
    }
}

/// How wide each name is in the legend, with its mark.
fn widths(entries: &[Entry]) -> Vec<i32> {
    let wide = |entry: &Entry| width(&entry.name, &text(SIZE)) as i32 + MARK + 2 * PAD;
    entries.iter().map(wide).collect()
}

/// The pixels along the ways, some of them between two points.
pub(super) fn pixels(
    (left, top, right, bottom): Corners,
    ways: &[Vec<(f64, f64)>],
) -> Vec<(f64, f64)> {
    let place = |(x, y): (f64, f64)| {
        (
            f64::from(left) + x * f64::from(right - left),
            f64::from(bottom) - y * f64::from(bottom - top),
        )
    };
    let mut all = Vec::new();
    for way in ways {
        all.extend(way.first().map(|&p| place(p)));
        for pair in way.windows(2) {
            let (from, to) = (place(pair[0]), place(pair[1]));
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let parts = (dx.abs().max(dy.abs()) / 4.0).clamp(1.0, 1000.0) as usize;
            all.extend((1..=parts).map(|i| {
                let t = i as f64 / parts as f64;
                (from.0 + t * dx, from.1 + t * dy)
            }));
        }
    }
    all
}
