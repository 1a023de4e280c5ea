//! The first look at a data set, drawn.

use super::correlations::Correlations;
use super::pictured;
use super::{Chart, Figure, Histogram, Panel};
use crate::data::describe::Description;
use crate::error::Result;
use gradus_text::display::Show;
use gradus_text::say;

/// So many features are drawn.
const MOST: usize = 9;

impl Description {
    /// Images: the first of each class. Other data: how many examples each class has, what is missing, a histogram of each
    /// feature, the correlations, and the pair of features that go together most; of many features the first nine.
    ///
    /// # Errors
    /// When there is nothing to draw.
    pub fn plot(&self) -> Result<Figure> {
        let data = &self.data;
        if matches!(data.shape().image(), Some((.., 1 | 3))) {
            let mut rows = Vec::new();
            for class in 0..data.classes() {
                let of_class = data
                    .labels()
                    .iter()
                    .enumerate()
                    .filter(|(_, label)| **label == class);
                rows.extend(of_class.map(|(row, _)| row).take(if data.classes() > 10 {
                    1
                } else {
                    2
                }));
            }
            if rows.is_empty() {
                return super::images(data, 20);
            }
            return super::images(&data.select(&rows)?, 40);
        }
        let mut panels: Vec<Figure> = Vec::new();
        let counts = self.counts();
        if (1..=20).contains(&counts.len()) {
            let title = say("Ejemplos de cada clase", "Examples of each class");
            let bars = counts.iter().enumerate();
            let bars = bars.map(|(i, (_, n))| ((i + 1) as f64, 0.0, *n as f64));
            let chart = Chart::new(title)
                .x_names(counts.iter().map(|(name, _)| name.clone()))
                .y_label(("cantidad", "count"))
                .bars(("ejemplos", "examples"), bars);
            panels.push(chart.without_legend().into());
        }
        let width = data.shape().features();
        let missing: Vec<(usize, usize)> = data.missing().into_iter().enumerate().collect();
        let missing: Vec<_> = missing
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .take(MOST)
            .collect();
        if !missing.is_empty() {
            let title = say("Valores que faltan", "Missing values");
            let bars = missing.iter().enumerate();
            let bars = bars.map(|(i, (_, n))| ((i + 1) as f64, 0.0, *n as f64));
            let chart = Chart::new(title)
                .x_names(missing.iter().map(|(j, _)| data.feature_name(*j)))
                .y_label(("cantidad", "count"))
                .bars(("faltan", "missing"), bars);
            panels.push(chart.without_legend().into());
        }
        for j in 0..width.min(MOST) {
            let values: Vec<f32> = data.column(j).filter(|x| !x.is_nan()).collect();
            if !values.is_empty() {
                let name = data.feature_name(j);
                panels.push(Histogram::new(name.clone(), name, 20, values).into());
            }
        }
        panels.extend(
            self.correlations()
                .map(|all| Figure::of(Panel::Correlations(all))),
        );
        if let Some((a, b, r)) = self.strongest() {
            let (x, y) = (data.feature_name(a), data.feature_name(b));
            let title = say(
                format!("{x} y {y} van juntas: correlación {r:.2}"),
                format!("{x} and {y} go together: correlation {r:.2}"),
            );
            let mut chart = Chart::new(title).x_label(x).y_label(y);
            let pairs: Vec<(f64, f64)> = data
                .column(a)
                .zip(data.column(b))
                .map(|(x, y)| (f64::from(x), f64::from(y)))
                .take(2000)
                .collect();
            if (1..=8).contains(&counts.len()) {
                for (class, (name, _)) in counts.iter().enumerate() {
                    let of_class = pairs
                        .iter()
                        .zip(data.labels())
                        .filter(|(_, label)| **label == class);
                    chart = chart.points(name.clone(), of_class.map(|(pair, _)| *pair));
                }
            } else {
                chart = chart
                    .points(("ejemplos", "examples"), pairs)
                    .without_legend();
            }
            panels.push(chart.into());
        }
        Ok(Figure::grid(3, panels).title(format!("{data:?}")))
    }

    /// The first features that are more than yes or no.
    fn quantities(&self) -> Vec<usize> {
        let flags = |j: &usize| self.data.column(*j).all(|x| x == 0.0 || x == 1.0);
        let all = 0..self.data.shape().features().min(MOST);
        all.filter(|j| !flags(j)).collect()
    }

    /// The correlations between three features or more: of two, the picture of the pair says it.
    fn correlations(&self) -> Option<Correlations> {
        let all = self.quantities();
        if all.len() < 3 {
            return None;
        }
        let pairs = all.iter().flat_map(|&a| all.iter().map(move |&b| (a, b)));
        Some(Correlations {
            title: say("Correlaciones", "Correlations").to_owned(),
            names: all.iter().map(|&j| self.data.feature_name(j)).collect(),
            values: pairs.map(|(a, b)| self.correlation_of(a, b)).collect(),
        })
    }

    /// The pair of features with the strongest correlation that is not that of a feature with its complement.
    fn strongest(&self) -> Option<(usize, usize, f64)> {
        let quantities = self.quantities();
        let pairs = quantities.iter().enumerate();
        let pairs = pairs.flat_map(|(i, &a)| quantities[i + 1..].iter().map(move |&b| (a, b)));
        pairs
            .filter_map(|(a, b)| Some((a, b, self.correlation_of(a, b)?)))
            .max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()))
    }
}

impl Show for Description {
    fn forms(&self) -> Vec<(&'static str, String)> {
        // The figure, and the numbers under it.
        pictured(self.plot().ok(), self.to_string())
    }
}
