//! Notebook files: read any version, write version 4.5.

mod mend;
mod results;

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nbformat::v4::{self, Cell, LanguageInfo};
use serde::Serialize;
use serde_json::Value;

use self::mend::{Metadata, mend};
use self::results::Shown;
pub(crate) use self::results::{Results, overwrite};
use crate::Error;

/// A notebook whose language is Rust.
#[derive(Clone, Debug)]
pub struct Notebook {
    notebook: v4::Notebook,
    metadata: Option<Metadata>,
    shown: Shown,
}

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
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut value: Value =
            serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        if value.get("nbformat").is_none() || !value.is_object() {
            return Err("JSON, but not a notebook: it has no `nbformat`".to_owned());
        }
        let kept = (value["nbformat"] == 4).then(|| mend(&mut value));
        let text = value.to_string();
        let mut notebook =
            match nbformat::parse_notebook(&text).map_err(|error| error.to_string())? {
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
        Ok(Notebook {
            notebook,
            metadata: kept,
            shown: Shown::new(),
        })
    }

    /// Writes the notebook; a reader sees the old file or the whole new one.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let failed = |error| Error::io("cannot write", path, error);
        let text = self
            .text()
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

    /// As Jupyter writes it: keys in order, a blank of indentation, a line end.
    fn text(&self) -> serde_json::Result<String> {
        let mut value = serde_json::to_value(&self.notebook)?;
        if let Some(metadata) = &self.metadata {
            metadata.put_back(&mut value);
        }
        value.sort_all_objects();
        let mut text = Vec::new();
        let format = serde_json::ser::PrettyFormatter::with_indent(b" ");
        value.serialize(&mut serde_json::Serializer::with_formatter(
            &mut text, format,
        ))?;
        text.push(b'\n');
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The code of the code cells, in order; empty cells are left out.
    pub fn code_cells(&self) -> Vec<String> {
        self.notebook.cells.iter().filter_map(code).collect()
    }

    /// What must hold once the statements of each of these cells have run, where the notebook says it: the code in `gradus.check` of a cell's metadata,
    /// which readers do not see.
    pub fn checks(&self) -> Vec<Option<String>> {
        let cells = self.notebook.cells.iter().enumerate();
        let cells = cells.filter(|(_, cell)| code(cell).is_some());
        let metadata = self.metadata.as_ref();
        cells.map(|(at, _)| metadata?.check(at)).collect()
    }

    /// Whether the cell of this number, from 0, has this tag.
    pub(crate) fn has_tag(&self, cell: usize, tag: &str) -> bool {
        let metadata = self.metadata.as_ref();
        metadata.is_some_and(|metadata| metadata.has_tag(cell, tag))
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.notebook.cells
    }

    /// Removes what earlier runs left.
    pub(crate) fn clear_outputs(&mut self) {
        for cell in &mut self.notebook.cells {
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
        self.shown.clear();
    }

    /// Where the results of code cell `index`, as in [`code_cells`](Notebook::code_cells), go.
    pub(crate) fn results(&mut self, index: usize) -> Results<'_> {
        let mut cells = self.notebook.cells.iter_mut().enumerate();
        let cell = cells
            .by_ref()
            .filter(|(_, cell)| code(cell).is_some())
            .nth(index);
        let count = index + 1;
        let Some((
            cell,
            Cell::Code {
                execution_count, ..
            },
        )) = cell
        else {
            unreachable!("the caller counts the code cells");
        };
        *execution_count = i32::try_from(count).ok();
        Results {
            count,
            cell,
            cells: &mut self.notebook.cells,
            shown: &mut self.shown,
            clears: false,
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

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn an_odd_notebook_is_read_kept_and_mended() {
        let text = r#"{"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": {"name": "rust"}, "mine": [1]}, "cells": [
            {"cell_type": "code", "id": null, "source": ["let a = 1;\n", "a"], "metadata": {"scrolled": "auto", "tags": ["x", "x"], "collapsed": null, "own": {"k": null}}, "outputs": [{"output_type": "stream", "text": "t"}, {"odd": 1}]},
            {"cell_type": "code", "id": "a", "source": "1"},
            {"cell_type": "markdown", "id": "a", "source": null, "metadata": {"jupyter": 3}},
            {"cell_type": "heading", "id": "not good!", "source": "h"}]}"#;
        let notebook = Notebook::parse(&format!("\u{feff}{text}")).unwrap();
        assert_eq!(notebook.code_cells(), ["let a = 1;\na", "1"]);
        let written: Value = serde_json::from_str(&notebook.text().unwrap()).unwrap();
        assert_eq!(written["nbformat_minor"], 5);
        assert_eq!(written["metadata"]["mine"][0], 1);
        assert_eq!(written["metadata"]["kernelspec"]["display_name"], "rust");
        let cells = written["cells"].as_array().unwrap();
        let own = &cells[0]["metadata"];
        assert_eq!(own["scrolled"], "auto");
        assert_eq!(own["tags"], serde_json::json!(["x"]));
        assert!(own["own"]["k"].is_null() && own.get("collapsed").is_none());
        assert_eq!(cells[0]["outputs"].as_array().unwrap().len(), 1);
        let ids: std::collections::HashSet<&str> = cells
            .iter()
            .filter_map(|cell| cell["id"].as_str())
            .collect();
        assert_eq!(ids.len(), 4, "{written}");
        assert_eq!(cells[3]["cell_type"], "raw");
        // What it writes is read as the same.
        let again = Notebook::parse(&notebook.text().unwrap()).unwrap();
        assert_eq!(again.text().unwrap(), notebook.text().unwrap());
    }
}
