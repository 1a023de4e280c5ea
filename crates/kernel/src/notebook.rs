//! Notebook files: read any version, write version 4.5.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jupyter_protocol::ExecutionCount;
use jupyter_protocol::media::Media;
use nbformat::v4::{self, Cell, LanguageInfo};
use serde_json::{Map, Value};

use crate::{Bundle, Error, Failure, Output};

/// A notebook whose language is Rust.
#[derive(Clone, Debug)]
pub struct Notebook(v4::Notebook);

impl Notebook {
    /// Reads a notebook.
    ///
    /// # Errors
    /// When the file cannot be read, is no notebook, or is one for another language.
    pub fn read(path: &Path) -> Result<Notebook, Error> {
        let text =
            fs::read_to_string(path).map_err(|error| Error::io("cannot read", path, error))?;
        Notebook::parse(&text)
            .map_err(|problem| Error::new(format!("{}: {problem}", path.display())))
    }

    fn parse(text: &str) -> Result<Notebook, String> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        if value.get("nbformat").is_none() || !value.is_object() {
            return Err("JSON, but not a notebook: it has no `nbformat`".to_owned());
        }
        let mut notebook =
            match nbformat::parse_notebook(text).map_err(|error| error.to_string())? {
                nbformat::Notebook::V4(notebook) => notebook,
                nbformat::Notebook::V4QuirksMode(notebook) => notebook.repair(),
                nbformat::Notebook::Legacy(notebook) => nbformat::upgrade_legacy_notebook(notebook)
                    .map_err(|error| error.to_string())?,
                nbformat::Notebook::V3(notebook) => {
                    nbformat::upgrade_v3_notebook(notebook).map_err(|error| error.to_string())?
                }
                _ => return Err("a version of the notebook format that is not known".to_owned()),
            };
        let metadata = &notebook.metadata;
        let kernel = metadata.kernelspec.as_ref();
        let language = kernel
            .and_then(|kernel| kernel.language.as_deref())
            .or(metadata
                .language_info
                .as_ref()
                .map(|info| info.name.as_str()))
            .or(kernel.map(|kernel| kernel.name.as_str()));
        match language {
            Some(language) if language.eq_ignore_ascii_case("rust") || language == "gradus" => (),
            Some(language) => {
                return Err(format!("not a Rust notebook: its language is {language}"));
            }
            None => return Err("not a Rust notebook: it names no kernel".to_owned()),
        }
        notebook.metadata.language_info = Some(language_info());
        for cell in &mut notebook.cells {
            let (Cell::Markdown { source, .. }
            | Cell::Code { source, .. }
            | Cell::Raw { source, .. }) = cell;
            let text = source.concat();
            *source = text.split_inclusive('\n').map(str::to_owned).collect();
        }
        Ok(Notebook(notebook))
    }

    /// Writes the notebook; a reader sees the old file or the whole new one.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let failed = |error| Error::io("cannot write", path, error);
        let text = nbformat::serialize_notebook(&nbformat::Notebook::V4(self.0.clone()))
            .map_err(|error| Error::new(format!("cannot write {}: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)
            .map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// The code of the code cells, in order; empty cells are left out.
    pub fn code_cells(&self) -> Vec<String> {
        self.0.cells.iter().filter_map(code).collect()
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.0.cells
    }

    /// Removes what earlier runs left.
    pub(crate) fn clear_outputs(&mut self) {
        for cell in &mut self.0.cells {
            if let Cell::Code {
                execution_count,
                outputs,
                ..
            } = cell
            {
                *execution_count = None;
                outputs.clear();
            }
        }
    }

    /// Where the results of code cell `index`, as in [`code_cells`](Notebook::code_cells), go.
    pub(crate) fn results(&mut self, index: usize) -> Results<'_> {
        let cell = self
            .0
            .cells
            .iter_mut()
            .filter(|cell| code(cell).is_some())
            .nth(index);
        match cell {
            Some(Cell::Code {
                execution_count,
                outputs,
                ..
            }) => {
                let count = index + 1;
                *execution_count = i32::try_from(count).ok();
                Results {
                    count,
                    outputs,
                    shared: Vec::new(),
                }
            }
            _ => unreachable!("the caller counts the code cells"),
        }
    }
}

fn code(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Code { source, .. } => {
            let code = source.concat();
            (!code.trim().is_empty()).then_some(code)
        }
        _ => None,
    }
}

fn language_info() -> LanguageInfo {
    let text = |text: &str| Value::String(text.to_owned());
    LanguageInfo {
        name: "rust".to_owned(),
        version: None,
        codemirror_mode: Some(v4::CodemirrorMode::String("rust".to_owned())),
        additional: [
            ("file_extension".to_owned(), text(".rs")),
            ("mimetype".to_owned(), text("text/rust")),
            ("pygments_lexer".to_owned(), text("rust")),
        ]
        .into(),
    }
}

/// The outputs of one cell, as Jupyter holds them.
pub(crate) struct Results<'a> {
    count: usize,
    outputs: &'a mut Vec<v4::Output>,
    /// Where the displays with a name are.
    shared: Vec<(String, usize)>,
}

impl Results<'_> {
    pub(crate) fn push(&mut self, output: Output) {
        match output {
            Output::Stdout(text) => self.push_text("stdout", &text),
            Output::Stderr(text) => self.push_text("stderr", &text),
            Output::Quiet | Output::Progress(_) => (),
            // A file has no later: a change is what is shown in the end.
            Output::Shared { data, id, update } => self.push_shared(data, id, update),
            Output::Clear { .. } => {
                self.outputs.clear();
                self.shared.clear();
            }
            Output::Display(bundle) => {
                self.outputs.push(v4::Output::DisplayData(v4::DisplayData {
                    data: media(bundle),
                    metadata: Map::new(),
                }))
            }
            Output::Result(bundle) => {
                self.outputs
                    .push(v4::Output::ExecuteResult(v4::ExecuteResult {
                        execution_count: ExecutionCount::new(self.count),
                        data: media(bundle),
                        metadata: Map::new(),
                    }))
            }
        }
    }

    fn push_shared(&mut self, data: Bundle, id: String, update: bool) {
        let display = v4::Output::DisplayData(v4::DisplayData {
            data: media(data),
            metadata: Map::new(),
        });
        match self.shared.iter().find(|(known, _)| *known == id) {
            Some((_, at)) if update => {
                if let Some(old) = self.outputs.get_mut(*at) {
                    *old = display;
                }
            }
            _ => {
                self.shared.push((id, self.outputs.len()));
                self.outputs.push(display);
            }
        }
    }

    fn push_text(&mut self, stream: &str, more: &str) {
        if let Some(v4::Output::Stream { name, text }) = self.outputs.last_mut()
            && name == stream
        {
            text.0 = overwrite(&format!("{}{more}", text.0));
            return;
        }
        self.outputs.push(v4::Output::Stream {
            name: stream.to_owned(),
            text: v4::MultilineString(overwrite(more)),
        });
    }

    pub(crate) fn push_failure(&mut self, failure: &Failure) {
        self.outputs.push(v4::Output::Error(v4::ErrorOutput {
            ename: failure.kind.name().to_owned(),
            evalue: failure.message.clone(),
            traceback: failure.traceback.clone(),
        }));
    }
}

fn media(bundle: Bundle) -> Media {
    serde_json::from_value(Value::Object(bundle)).unwrap_or_default()
}

/// What remains visible of text in which `\r` starts the line again, as a terminal shows it. A `\r`
/// at the end waits: more text may overwrite the line.
fn overwrite(text: &str) -> String {
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
    fn only_rust_notebooks_are_read() {
        let notebook = |metadata: &str| {
            Notebook::parse(&format!(
                r#"{{"cells": [], "metadata": {metadata}, "nbformat": 4, "nbformat_minor": 5}}"#
            ))
        };
        assert!(notebook(r#"{"language_info": {"name": "rust"}}"#).is_ok());
        assert!(notebook(r#"{"kernelspec": {"name": "rust", "display_name": "Rust"}}"#).is_ok());
        let python = notebook(r#"{"language_info": {"name": "python"}}"#).unwrap_err();
        assert!(
            python.contains("not a Rust notebook: its language is python"),
            "{python}"
        );
        assert!(notebook("{}").unwrap_err().contains("names no kernel"));
        assert!(
            Notebook::parse("[1, 2]")
                .unwrap_err()
                .contains("not a notebook")
        );
        assert!(Notebook::parse("{").unwrap_err().contains("not JSON"));
    }
}
