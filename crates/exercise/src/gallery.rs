//! What a network that was trained in an exercise has to show: its learning curves, which digits it takes for which, and those that
//! it misreads.

use std::fmt::Write as _;

use gradus_text::{Language, Text, html::escape};
use serde::{Deserialize, Serialize};

use crate::Digits;

/// Images are squares of this side.
const SIDE: usize = 8;
/// So many misread images are shown.
const SHOWN: usize = 8;
/// The levels of a curve in a terminal.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The pictures at the end of a lab, drawn from what a student's network answers to images that it has not seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gallery {
    curves: Vec<Curve>,
    /// How often the digit of the row was answered by that of the column.
    confusion: Vec<Vec<usize>>,
    misread: Vec<Misread>,
}

/// A cost after each epoch, as far as it is a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Curve {
    name: Text,
    costs: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Misread {
    /// From 0 to 16, row by row.
    pixels: Vec<u8>,
    digit: usize,
    answer: usize,
}

impl Gallery {
    /// What became of these images; `scores` has a row for each, and the largest score is the answer. A row that has none is left out.
    pub fn new(digits: &Digits, scores: &[Vec<f64>]) -> Self {
        let mut gallery = Self {
            confusion: vec![vec![0; 10]; 10],
            ..Self::default()
        };
        for ((pixels, digit), row) in digits.x.iter().zip(&digits.labels).zip(scores) {
            let Some(answer) = Digits::answer(row) else {
                continue;
            };
            let cell = gallery.confusion.get_mut(*digit);
            let Some(count) = cell.and_then(|row| row.get_mut(answer)) else {
                continue;
            };
            *count += 1;
            if answer != *digit && gallery.misread.len() < SHOWN {
                gallery.misread.push(Misread {
                    pixels: pixels.iter().map(|p| (p * 16.0) as u8).collect(),
                    digit: *digit,
                    answer,
                });
            }
        }
        gallery
    }

    /// Adds a learning curve: a cost after each epoch.
    pub fn curve(mut self, es: &str, en: &str, costs: &[f64]) -> Self {
        let costs: Vec<f64> = (costs.iter().copied())
            .take_while(|cost| cost.is_finite())
            .collect();
        if !costs.is_empty() {
            self.curves.push(Curve {
                name: Text::new(es, en),
                costs,
            });
        }
        self
    }

    fn total(&self) -> usize {
        self.confusion.iter().flatten().sum()
    }

    fn right(&self) -> usize {
        let own = |(k, row): (usize, &Vec<usize>)| row.get(k).copied().unwrap_or(0);
        self.confusion.iter().enumerate().map(own).sum()
    }

    /// `352 of 360 images that it has not seen (97.8 %)`
    fn summary(&self, lang: Language) -> String {
        let (right, total) = (self.right(), self.total());
        let share = 100.0 * right as f64 / total.max(1) as f64;
        match lang {
            Language::Es => {
                format!("acierta {right} de {total} imágenes que no ha visto ({share:.1} %)")
            }
            Language::En => {
                format!("gets {right} of {total} images right that it has not seen ({share:.1} %)")
            }
        }
    }

    /// For a terminal: curves as bars, the confusion matrix, the images in blocks.
    pub fn text(&self, lang: Language) -> String {
        let mut out = String::new();
        for Curve { name, costs } in &self.curves {
            let (first, last) = (costs[0], costs[costs.len() - 1]);
            let epochs = lang.pick("épocas", "epochs");
            let _ = writeln!(
                out,
                "      {:<12} {first:.3} {} {last:.3}  ({} {epochs})",
                name.get(lang),
                bars(costs),
                costs.len()
            );
        }
        if self.total() == 0 {
            return out;
        }
        let _ = writeln!(out, "      {}", self.summary(lang));
        let heading = lang.pick(
            "filas: el dígito; columnas: la respuesta",
            "rows: the digit; columns: the answer",
        );
        let _ = writeln!(out, "\n      {heading}");
        let columns: String = (0..10).map(|k| format!("{k:>4}")).collect();
        let _ = writeln!(out, "       {columns}");
        for (digit, row) in self.confusion.iter().enumerate() {
            let cell = |count: &usize| match count {
                0 => "   ·".to_owned(),
                _ => format!("{count:>4}"),
            };
            let cells: String = row.iter().map(cell).collect();
            let _ = writeln!(out, "      {digit}{cells}");
        }
        if !self.misread.is_empty() {
            let words = lang.pick("lo que lee mal", "what it misreads");
            let _ = writeln!(out, "\n      {words}");
            for line in 0..SIDE / 2 {
                let images: Vec<String> = (self.misread.iter())
                    .map(|one| blocks(&one.pixels, line))
                    .collect();
                let _ = writeln!(out, "      {}", images.join("  ").trim_end());
            }
            let captions: Vec<String> = (self.misread.iter())
                .map(|one| format!("{:<8}", format!("{} → {}", one.digit, one.answer)))
                .collect();
            let _ = writeln!(out, "      {}", captions.join("  ").trim_end());
        }
        out
    }

    /// For a page, light or dark: it takes the colour of the text around it.
    pub fn html(&self, lang: Language) -> String {
        let mut out = String::from("<div style=\"margin:.5em 0\">");
        if !self.curves.is_empty() {
            out += &self.svg(lang);
        }
        if self.total() > 0 {
            let _ = write!(out, "<p>{}</p>", escape(&self.summary(lang)));
            out += &self.table(lang);
            let _ = write!(out, "<p>");
            for one in &self.misread {
                out += &one.svg(lang);
            }
            out += "</p>";
        }
        out + "</div>"
    }

    fn svg(&self, lang: Language) -> String {
        const WIDTH: f64 = 300.0;
        const HEIGHT: f64 = 120.0;
        let costs = || self.curves.iter().flat_map(|curve| curve.costs.iter());
        let top = costs().copied().fold(f64::MIN_POSITIVE, f64::max);
        let epochs = self.curves.iter().map(|curve| curve.costs.len()).max();
        let epochs = epochs.unwrap_or(0);
        let title = lang.pick("Curva de aprendizaje", "Learning curve");
        let mut out = format!(
            "<svg role=\"img\" viewBox=\"0 0 420 150\" style=\"max-width:420px;width:100%\" font-size=\"11\" fill=\"currentColor\"><title>{title}</title><path d=\"M40 10V130H340\" fill=\"none\" stroke=\"currentColor\" opacity=\".5\"/><text x=\"36\" y=\"14\" text-anchor=\"end\">{top:.2}</text><text x=\"36\" y=\"133\" text-anchor=\"end\">0</text><text x=\"340\" y=\"145\" text-anchor=\"end\">{epochs} {}</text>",
            lang.pick("épocas", "epochs")
        );
        for (k, Curve { name, costs }) in self.curves.iter().enumerate() {
            let step = WIDTH / epochs.saturating_sub(1).max(1) as f64;
            let place = |(i, cost): (usize, &f64)| {
                format!(
                    "{:.1},{:.1}",
                    40.0 + step * i as f64,
                    130.0 - HEIGHT * cost / top
                )
            };
            let points: Vec<String> = costs.iter().enumerate().map(place).collect();
            let colour = ["#2f81f7", "#d97706"][k % 2];
            let last = 130.0 - HEIGHT * costs[costs.len() - 1] / top;
            // Names of curves that end together stand one above the other.
            let _ = write!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"345\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
                points.join(" "),
                last.min(126.0) - 14.0 * k as f64,
                escape(name.get(lang))
            );
        }
        out + "</svg>"
    }

    fn table(&self, lang: Language) -> String {
        let mut out = format!(
            "<table style=\"border-collapse:collapse;text-align:right\"><caption style=\"text-align:left\">{}</caption><tr><th></th>",
            lang.pick(
                "Filas: el dígito; columnas: la respuesta",
                "Rows: the digit; columns: the answer"
            )
        );
        for digit in 0..10 {
            let _ = write!(
                out,
                "<th scope=\"col\" style=\"padding:1px 6px\">{digit}</th>"
            );
        }
        out += "</tr>";
        for (digit, row) in self.confusion.iter().enumerate() {
            let _ = write!(out, "<tr><th scope=\"row\">{digit}</th>");
            let most = row.iter().copied().max().unwrap_or(1).max(1) as f64;
            for (answer, count) in row.iter().enumerate() {
                let colour = if answer == digit {
                    "47,129,247"
                } else {
                    "217,119,6"
                };
                let shade = match count {
                    0 => 0.0,
                    _ => 0.15 + 0.45 * *count as f64 / most,
                };
                let count = if *count == 0 {
                    "·".to_owned()
                } else {
                    count.to_string()
                };
                let _ = write!(
                    out,
                    "<td style=\"padding:1px 6px;background:rgba({colour},{shade:.2})\">{count}</td>"
                );
            }
            out += "</tr>";
        }
        out + "</table>"
    }
}

impl Misread {
    fn svg(&self, lang: Language) -> String {
        let (digit, answer) = (self.digit, self.answer);
        let title = match lang {
            Language::Es => format!("un {digit} leído como un {answer}"),
            Language::En => format!("a {digit} read as a {answer}"),
        };
        let mut out = format!(
            "<svg role=\"img\" viewBox=\"0 0 8 11\" width=\"56\" height=\"77\" style=\"margin-right:8px\" fill=\"currentColor\"><title>{title}</title>"
        );
        for (k, ink) in self.pixels.iter().enumerate().filter(|(_, ink)| **ink > 0) {
            let _ = write!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"1\" height=\"1\" opacity=\"{:.2}\"/>",
                k % SIDE,
                k / SIDE,
                f64::from(*ink) / 16.0
            );
        }
        let _ = write!(
            out,
            "<text x=\"4\" y=\"10.3\" font-size=\"2\" text-anchor=\"middle\">{digit} → {answer}</text></svg>"
        );
        out
    }
}

/// At most 40 bars, each the mean of its epochs, between 0 and the largest.
fn bars(costs: &[f64]) -> String {
    let bars = costs.len().min(40);
    let top = costs.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let bar = |k: usize| {
        let part = &costs[k * costs.len() / bars..(k + 1) * costs.len() / bars];
        let mean = part.iter().sum::<f64>() / part.len().max(1) as f64;
        let level = (mean / top * (LEVELS.len() - 1) as f64).round();
        LEVELS[(level.max(0.0) as usize).min(LEVELS.len() - 1)]
    };
    (0..bars).map(bar).collect()
}

/// Two rows of an image, in half blocks.
fn blocks(pixels: &[u8], line: usize) -> String {
    let inked = |row: usize, column: usize| {
        let ink = pixels.get(row * SIDE + column).copied().unwrap_or(0);
        ink >= 8
    };
    let block = |column: usize| match (inked(2 * line, column), inked(2 * line + 1, column)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    (0..SIDE).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gallery() -> Gallery {
        let digits = Digits::all().pick(&[0, 1, 2]);
        let mut scores = vec![vec![0.0; 10]; 3];
        scores[0][digits.labels[0]] = 1.0;
        scores[1][digits.labels[1]] = 1.0;
        scores[2][(digits.labels[2] + 1) % 10] = 1.0;
        Gallery::new(&digits, &scores).curve("coste", "cost", &[2.0, 1.0, 0.5, f64::NAN, 3.0])
    }

    #[test]
    fn a_terminal_shows_the_curve_the_matrix_and_what_was_misread() {
        let text = gallery().text(Language::En);
        assert!(text.contains("2.000 █▅▃ 0.500  (3 epochs)"), "{text}");
        assert!(text.contains("2 of 3 images"), "{text}");
        let label = Digits::all().labels[2];
        let caption = format!("{label} → {}", (label + 1) % 10);
        assert!(text.contains(&caption) && text.contains('▄'), "{text}");
    }

    #[test]
    fn a_page_shows_the_same_and_passes_through_json() {
        let gallery = gallery();
        let json = serde_json::to_string(&gallery).expect("it is plain data");
        let again: Gallery = serde_json::from_str(&json).expect("it was just written");
        assert_eq!(again, gallery);
        let html = gallery.html(Language::Es);
        for part in [
            "<polyline",
            "acierta 2 de 3",
            "leído como",
            "Filas: el dígito",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_network_that_answers_nothing_has_nothing_to_show() {
        let digits = Digits::all().pick(&[0, 1]);
        let none = Gallery::new(&digits, &[vec![], vec![f64::NAN; 10]]);
        assert_eq!(none.total(), 0);
        assert_eq!(none.text(Language::En), "");
    }
}
