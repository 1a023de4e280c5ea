//! How values show themselves: rich in a notebook, text in a terminal.
//!
//! In a notebook the last expression of a cell is shown. evcxr calls its `evcxr_display` method, which prints one block per
//! MIME type between `EVCXR_BEGIN_CONTENT` and `EVCXR_END_CONTENT` lines; the front end takes the richest it can draw.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::data::Dataset;
use crate::model::{ActivationReport, History, Sequential};
use crate::plot::{self, Figure};

/// A value with a rich form for notebooks.
pub trait Show {
    /// Its forms as `(MIME type, content)`, the richest first. One of them is `text/plain`.
    fn forms(&self) -> Vec<(&'static str, String)>;

    /// Show it here: in a notebook under evcxr all forms, elsewhere the text.
    fn evcxr_display(&self) {
        show_forms(&self.forms());
    }
}

/// Show a value in the middle of a cell, or print its text where there is no notebook.
pub fn show(value: &impl Show) {
    value.evcxr_display();
}

/// Whether this process runs the cells of a notebook.
pub fn in_notebook() -> bool {
    std::env::var_os("EVCXR_IS_RUNTIME").is_some()
}

fn show_forms(forms: &[(&'static str, String)]) {
    let mut out = String::new();
    if in_notebook() {
        for (mime, content) in forms {
            let _ = writeln!(
                out,
                "EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT"
            );
        }
    } else if let Some((_, text)) = forms.iter().find(|(mime, _)| *mime == "text/plain") {
        let _ = writeln!(out, "{text}");
    }
    // A closed pipe is no reason to end a student's program.
    let _ = std::io::stdout().lock().write_all(out.as_bytes());
}

fn preformatted(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<pre>{escaped}</pre>")
}

/// A figure where there is one, with this text instead of the figure's own.
fn pictured(figure: Option<Figure>, text: String) -> Vec<(&'static str, String)> {
    let mut forms = figure.map_or(Vec::new(), |figure| figure.forms());
    forms.retain(|(mime, _)| *mime != "text/plain");
    forms.push(("text/plain", text));
    forms
}

fn table(text: String) -> Vec<(&'static str, String)> {
    vec![("text/html", preformatted(&text)), ("text/plain", text)]
}

impl Show for Figure {
    fn forms(&self) -> Vec<(&'static str, String)> {
        match self.svg() {
            Ok(svg) => vec![("image/svg+xml", svg), ("text/plain", self.to_string())],
            Err(error) => vec![("text/plain", format!("{self}\n{error}"))],
        }
    }
}

impl Show for plot::Chart {
    fn forms(&self) -> Vec<(&'static str, String)> {
        Figure::from(self.clone()).forms()
    }
}

impl Show for plot::Histogram {
    fn forms(&self) -> Vec<(&'static str, String)> {
        Figure::from(self.clone()).forms()
    }
}

impl Show for Sequential {
    fn forms(&self) -> Vec<(&'static str, String)> {
        table(self.summary().to_string())
    }
}

impl Show for crate::model::Summary {
    fn forms(&self) -> Vec<(&'static str, String)> {
        table(self.to_string())
    }
}

impl Show for ActivationReport {
    fn forms(&self) -> Vec<(&'static str, String)> {
        table(self.to_string())
    }
}

impl Show for crate::init::SymmetryReport {
    fn forms(&self) -> Vec<(&'static str, String)> {
        table(self.to_string())
    }
}

impl Show for crate::regularization::Sparsity {
    fn forms(&self) -> Vec<(&'static str, String)> {
        table(self.to_string())
    }
}

impl Show for crate::init::SignalFlow {
    fn forms(&self) -> Vec<(&'static str, String)> {
        let mut forms = self.plot().forms();
        forms.retain(|(mime, _)| *mime != "text/plain");
        forms.push(("text/plain", self.to_string()));
        forms
    }
}

impl Show for History {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}

impl Show for crate::descent::Trajectory {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(self.plot().ok(), self.to_string())
    }
}

impl Show for crate::backprop::Graph {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}

impl Show for crate::backprop::GradientCheck {
    fn forms(&self) -> Vec<(&'static str, String)> {
        table(self.to_string())
    }
}

impl Show for Dataset {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(plot::images(self, 20).ok(), format!("{self:?}"))
    }
}
