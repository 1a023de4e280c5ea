//! The notebook's file, where the front end says which that is: it has the cells that were not run, and their order.

use std::path::Path;
use std::time::SystemTime;

use serde_json::Value;

use crate::cells::{parse, text};

#[derive(Debug)]
pub(super) struct Order {
    pub(super) cells: Vec<InFile>,
    /// What ran later may be others by now.
    pub(super) written: SystemTime,
}

#[derive(Debug)]
pub(super) struct InFile {
    pub(super) id: String,
    pub(super) source: String,
}

impl InFile {
    /// Whether there is something in it that can be out of date.
    pub(super) fn has_code(&self) -> bool {
        let cell = parse::parse(&self.source);
        let brings_libraries = |(_, line): &(usize, String)| line.starts_with(":dep");
        !cell.definitions.is_empty()
            || !cell.statements.is_empty()
            || cell.value.is_some()
            || cell.commands.iter().any(brings_libraries)
    }
}

impl Order {
    /// Its code cells; `None` when there is nothing sensible in it.
    pub(super) fn read(file: &Path) -> Option<Order> {
        let written = file.metadata().ok()?.modified().ok()?;
        let notebook: Value = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
        let cells = notebook["cells"].as_array()?.iter();
        let code = cells.filter(|cell| cell["cell_type"] == "code");
        let cells = code.map(|cell| {
            let source = match &cell["source"] {
                Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
                other => other.as_str().unwrap_or_default().to_owned(),
            };
            let id = cell["id"].as_str().unwrap_or_default().to_owned();
            let source = text::tidy(&source);
            InFile { id, source }
        });
        Some(Order {
            cells: cells.collect(),
            written,
        })
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    pub(super) fn find(&self, id: &str) -> Option<(usize, &InFile)> {
        self.cells
            .iter()
            .enumerate()
            .find(|(_, cell)| cell.id == id)
    }
}
