//! What a cell shows, put into the notebook.

use jupyter_protocol::ExecutionCount;
use jupyter_protocol::media::Media;
use nbformat::v4::{self, Cell};
use serde_json::{Map, Value};

use crate::{Bundle, Failure, Output};

/// Where the displays with a name are: the cell, and the output in it.
pub(super) type Shown = Vec<(String, usize, usize)>;

/// The outputs of one cell, as Jupyter holds them.
pub(crate) struct Results<'a> {
    pub(super) count: usize,
    /// Its place in the notebook.
    pub(super) cell: usize,
    pub(super) cells: &'a mut [Cell],
    pub(super) shown: &'a mut Shown,
    /// What is there goes when the next thing comes.
    pub(super) clears: bool,
}

impl Results<'_> {
    pub(crate) fn push(&mut self, output: Output) {
        match output {
            // In a file nothing can be moved: what follows is what the first values give.
            Output::Quiet | Output::Progress(_) | Output::Controls(_) => (),
            Output::Clear { wait: true } => self.clears = true,
            Output::Clear { wait: false } => self.clear(),
            Output::Stdout(text) => self.push_text("stdout", &text),
            Output::Stderr(text) => self.push_text("stderr", &text),
            // A file has no later: a change is what is shown in the end.
            Output::Shared { data, id, update } => match update {
                true => self.update(&data, &id),
                false => {
                    self.push_output(display(data));
                    let last = self.outputs().len() - 1;
                    self.shown.push((id, self.cell, last));
                }
            },
            Output::Display(data) => self.push_output(display(data)),
            Output::Result(data) => {
                let result = v4::ExecuteResult {
                    execution_count: ExecutionCount::new(self.count),
                    data: media(data),
                    metadata: Map::new(),
                };
                self.push_output(v4::Output::ExecuteResult(result));
            }
        }
    }

    pub(crate) fn push_failure(&mut self, failure: &Failure) {
        self.push_output(v4::Output::Error(v4::ErrorOutput {
            ename: failure.kind.name().to_owned(),
            evalue: failure.message.clone(),
            traceback: failure.traceback.clone(),
        }));
    }

    fn outputs(&mut self) -> &mut Vec<v4::Output> {
        outputs_of(self.cells, self.cell).expect("results are made for code cells only")
    }

    fn push_output(&mut self, output: v4::Output) {
        if self.clears {
            self.clear();
        }
        self.outputs().push(output);
    }

    fn clear(&mut self) {
        self.clears = false;
        self.outputs().clear();
        let cell = self.cell;
        self.shown.retain(|(_, its, _)| *its != cell);
    }

    /// Changes what is shown under a name, wherever that is.
    fn update(&mut self, data: &Bundle, id: &str) {
        for (_, cell, at) in self.shown.iter().filter(|(known, ..)| known == id) {
            let outputs = outputs_of(self.cells, *cell);
            if let Some(old) = outputs.and_then(|outputs| outputs.get_mut(*at)) {
                *old = display(data.clone());
            }
        }
    }

    fn push_text(&mut self, stream: &str, more: &str) {
        if !self.clears
            && let Some(v4::Output::Stream { name, text }) = self.outputs().last_mut()
            && name == stream
        {
            // Lines that have ended stay.
            let last = text.0.rfind('\n').map_or(0, |end| end + 1);
            let line = overwrite(&format!("{}{more}", &text.0[last..]));
            text.0.replace_range(last.., &line);
            return;
        }
        self.push_output(v4::Output::Stream {
            name: stream.to_owned(),
            text: v4::MultilineString(overwrite(more)),
        });
    }
}

fn outputs_of(cells: &mut [Cell], at: usize) -> Option<&mut Vec<v4::Output>> {
    match cells.get_mut(at) {
        Some(Cell::Code { outputs, .. }) => Some(outputs),
        _ => None,
    }
}

fn display(data: Bundle) -> v4::Output {
    v4::Output::DisplayData(v4::DisplayData {
        data: media(data),
        metadata: Map::new(),
    })
}

fn media(bundle: Bundle) -> Media {
    serde_json::from_value(Value::Object(bundle)).unwrap_or_default()
}

/// What remains visible of text in which `\r` starts the line again, as a terminal shows it. A `\r`
/// at the end waits: more text may overwrite the line.
pub(crate) fn overwrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (body, end) = match line.strip_suffix('\n') {
            Some(body) => (body.strip_suffix('\r').unwrap_or(body), "\n"),
            None => (line, ""),
        };
        let (body, waiting) = match body.strip_suffix('\r') {
            Some(body) if end.is_empty() => (body, "\r"),
            _ => (body, ""),
        };
        let mut shown = String::new();
        for part in body.split('\r') {
            let rest: String = shown.chars().skip(part.chars().count()).collect();
            shown = format!("{part}{rest}");
        }
        out.push_str(&shown);
        out.push_str(waiting);
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Notebook;
    use super::*;

    #[test]
    fn carriage_return_overwrites_the_line() {
        assert_eq!(
            overwrite("Epoch 1\nstep 10\rstep 9 \nend\r\n"),
            "Epoch 1\nstep 9 \nend\n"
        );
        assert_eq!(overwrite("12345\rab"), "ab345");
        assert_eq!(overwrite("12345\r"), "12345\r");
    }

    #[test]
    fn a_named_display_changes_wherever_it_is_and_a_late_clear_loses_nothing() {
        let cell = |id: &str| json!({"cell_type": "code", "id": id, "source": "x", "metadata": {}, "outputs": [], "execution_count": null});
        let text = json!({
            "cells": [cell("a"), cell("b")], "nbformat": 4, "nbformat_minor": 5,
            "metadata": {"language_info": {"name": "rust"}},
        });
        let mut notebook = Notebook::parse(&text.to_string()).unwrap();
        let shared = |text: &str, update| Output::Shared {
            data: Bundle::from_iter([("text/plain".to_owned(), Value::String(text.to_owned()))]),
            id: "d".to_owned(),
            update,
        };
        let mut first = notebook.results(0);
        first.push(shared("1", false));
        let mut second = notebook.results(1);
        second.push(Output::Stdout("gone".to_owned()));
        second.push(Output::Clear { wait: true });
        second.push(shared("2", false));
        second.push(shared("3", true));
        second.push(Output::Clear { wait: true });
        let shown: Vec<Value> = notebook
            .cells()
            .iter()
            .map(|cell| serde_json::to_value(cell).unwrap()["outputs"].clone())
            .collect();
        for outputs in &shown {
            assert_eq!(outputs.as_array().unwrap().len(), 1, "{shown:?}");
            assert_eq!(outputs[0]["data"]["text/plain"], json!(["3"]), "{shown:?}");
        }
    }
}
