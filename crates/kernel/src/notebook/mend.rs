//! Odd notebook files, read as Jupyter reads them: what it fills in is filled in, what it does not look at stays as it was,
//! and what its schema forbids is mended.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// The metadata of a notebook and of its cells, for when it is written: whatever stands there stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    notebook: Map<String, Value>,
    cells: Vec<Map<String, Value>>,
}

impl Metadata {
    /// Whether a cell has this tag.
    pub(super) fn has_tag(&self, cell: usize, tag: &str) -> bool {
        let tags = self.cells.get(cell).and_then(|cell| cell.get("tags"));
        let tags = tags.and_then(Value::as_array).into_iter().flatten();
        tags.into_iter().any(|own| own == tag)
    }

    /// The code that must run without a panic after this cell.
    pub(super) fn check(&self, cell: usize) -> Option<String> {
        let check = self.cells.get(cell)?.get("gradus")?.get("check")?;
        let lines = check.as_array().into_iter().flatten();
        let lines: String = lines.filter_map(Value::as_str).collect();
        let code = check.as_str().map_or(lines, str::to_owned);
        (!code.trim().is_empty()).then_some(code)
    }

    /// Puts it back, but for what the program said in the meantime about the language.
    pub(super) fn put_back(&self, notebook: &mut Value) {
        let language = notebook["metadata"]["language_info"].take();
        let mut metadata = self.notebook.clone();
        if !language.is_null() {
            metadata.insert("language_info".to_owned(), language);
        }
        notebook["metadata"] = Value::Object(metadata);
        let cells = notebook["cells"].as_array_mut().into_iter().flatten();
        for (cell, metadata) in cells.zip(&self.cells) {
            cell["metadata"] = Value::Object(metadata.clone());
        }
    }
}

/// Makes a notebook of version 4 one of version 4.5, and takes the metadata of its cells out.
pub(super) fn mend(notebook: &mut Value) -> Metadata {
    notebook["nbformat_minor"] = json!(5);
    let mut metadata = Metadata {
        notebook: object(notebook["metadata"].take()),
        cells: Vec::new(),
    };
    if let Some(kernel) = metadata.notebook.get_mut("kernelspec") {
        let name = kernel["name"].as_str().unwrap_or("rust").to_owned();
        if kernel.is_object() {
            let kernel_name = kernel["display_name"].as_str().unwrap_or(&name).to_owned();
            kernel["display_name"] = json!(kernel_name);
            kernel["name"] = json!(name);
        }
    }
    metadata.notebook.retain(|key, value| match key.as_str() {
        "kernelspec" => value.is_object(),
        "language_info" => value["name"].is_string(),
        "title" => value.is_string(),
        "authors" => value.is_array(),
        _ => true,
    });
    // What the reader looks at; the whole of it comes back when the notebook is written.
    let seen = ["kernelspec", "language_info"].into_iter();
    let seen = seen.filter_map(|key| Some((key.to_owned(), pick(metadata.notebook.get(key)?))));
    notebook["metadata"] = Value::Object(seen.collect());
    if !notebook["cells"].is_array() {
        notebook["cells"] = json!([]);
    }
    let cells = notebook["cells"].as_array_mut().into_iter().flatten();
    let mut ids = HashSet::new();
    for (index, cell) in cells.filter(|cell| cell.is_object()).enumerate() {
        let mut own = object(cell["metadata"].take());
        own.retain(|key, value| is_allowed(key, value));
        metadata.cells.push(own);
        mend_cell(cell, index, &mut ids);
    }
    if let Some(cells) = notebook["cells"].as_array_mut() {
        cells.retain(Value::is_object);
    }
    metadata
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The parts that say which language it is.
fn pick(value: &Value) -> Value {
    let names = ["name", "display_name", "language"].into_iter();
    let names = names.filter(|name| value[*name].is_string());
    names
        .map(|name| (name.to_owned(), value[name].clone()))
        .collect::<Map<_, _>>()
        .into()
}

fn mend_cell(cell: &mut Value, index: usize, ids: &mut HashSet<String>) {
    cell["metadata"] = json!({});
    let is_good = |id: &str| {
        (1..=64).contains(&id.len())
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let id = cell["id"].as_str().filter(|id| is_good(id));
    let id = id.filter(|id| !ids.contains(*id)).map(str::to_owned);
    let id = id.unwrap_or_else(|| {
        let mut made = (index..).map(|number| format!("cell-{number}"));
        made.find(|id| !ids.contains(id)).unwrap_or_default()
    });
    cell["id"] = json!(id);
    ids.insert(id);
    cell["source"] = text(cell["source"].take());
    if !matches!(
        cell["cell_type"].as_str(),
        Some("code" | "markdown" | "raw")
    ) {
        cell["cell_type"] = json!("raw");
    }
    if cell["cell_type"] == "code" {
        if !cell["execution_count"].is_i64() {
            cell["execution_count"] = Value::Null;
        }
        let mut outputs = match cell["outputs"].take() {
            Value::Array(outputs) => outputs,
            _ => Vec::new(),
        };
        outputs.retain_mut(mend_output);
        cell["outputs"] = Value::Array(outputs);
    } else if let Some(parts) = cell.as_object_mut() {
        parts.remove("outputs");
        parts.remove("execution_count");
        if !parts.get("attachments").is_none_or(Value::is_object) {
            parts.remove("attachments");
        }
    }
}

/// A text as one, or as a list of lines.
fn text(value: Value) -> Value {
    match value {
        Value::String(_) => value,
        Value::Array(lines) => lines.into_iter().filter(Value::is_string).collect(),
        _ => json!(""),
    }
}

/// Whether there is an output, then with all that it must have.
fn mend_output(output: &mut Value) -> bool {
    if !output.is_object() {
        return false;
    }
    match output["output_type"].as_str() {
        Some("stream") => {
            if !output["name"].is_string() {
                output["name"] = json!("stdout");
            }
            output["text"] = text(output["text"].take());
        }
        Some(kind @ ("display_data" | "execute_result")) => {
            let is_result = kind == "execute_result";
            if is_result && !output["execution_count"].is_i64() {
                output["execution_count"] = Value::Null;
            }
            for part in ["data", "metadata"] {
                output[part] = Value::Object(object(output[part].take()));
            }
        }
        Some("error") => {
            for part in ["ename", "evalue"] {
                if !output[part].is_string() {
                    output[part] = json!("");
                }
            }
            if !output["traceback"].is_array() {
                output["traceback"] = json!([]);
            }
            output["traceback"] = text(output["traceback"].take());
        }
        _ => return false,
    }
    true
}

/// What the schema says about the metadata of a cell.
fn is_allowed(key: &str, value: &mut Value) -> bool {
    match key {
        "collapsed" | "deletable" | "editable" => value.is_boolean(),
        "scrolled" => value.is_boolean() || value == "auto",
        "name" | "format" => value.is_string(),
        "jupyter" | "execution" => value.is_object(),
        "tags" => {
            let mut seen = HashSet::new();
            if let Some(tags) = value.as_array_mut() {
                tags.retain(|tag| tag.as_str().is_some_and(|tag| seen.insert(tag.to_owned())));
            }
            value.is_array()
        }
        _ => true,
    }
}
