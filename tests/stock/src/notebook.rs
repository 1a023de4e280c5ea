//! A notebook under the stock kernel, beside the outputs that it has from ours.

use std::path::Path;

use gradus_kernel::compare::differences;
use gradus_kernel::notebook::Notebook;
use serde_json::{Value, json};

use crate::{Outcome, Stock};

/// Runs the cells of a notebook, in its folder, and shows what came out otherwise; how many did is what it gives.
pub fn run(file: &Path) -> String {
    let ours = Notebook::read(file).expect("a notebook");
    let text = std::fs::read_to_string(file).expect("a notebook");
    let mut theirs: Value = serde_json::from_str(&text).expect("a notebook");
    let here = std::env::current_dir().expect("a current folder");
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::env::set_current_dir(folder).expect("the notebook's folder");
    }
    let mut stock = Stock::start();
    let mut cells = 0;
    for cell in theirs["cells"].as_array_mut().into_iter().flatten() {
        let code = joined(&cell["source"]);
        if cell["cell_type"] == "code" && !code.trim().is_empty() {
            cells += 1;
            cell["outputs"] = outputs(stock.run(&code), cells);
        }
    }
    std::env::set_current_dir(here).expect("the folder from before");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("theirs.ipynb");
    std::fs::write(&file, theirs.to_string()).expect("the folder can be written");
    let theirs = Notebook::read(&file).expect("the same notebook");
    let found = differences(&ours, &theirs);
    for difference in &found {
        println!("  [{}] {}", difference.cell, difference.what);
    }
    format!("{} of {cells} cells show the same", cells - found.len())
}

fn joined(source: &Value) -> String {
    match source {
        Value::String(text) => text.clone(),
        lines => lines
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect(),
    }
}

/// As a front end writes them down.
fn outputs(outcome: Outcome, number: usize) -> Value {
    let stream =
        |name: &str, text: &str| json!({"output_type": "stream", "name": name, "text": text});
    let mut outputs = Vec::new();
    for (name, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        if !text.is_empty() {
            outputs.push(stream(name, text));
        }
    }
    match outcome.value {
        Ok(forms) if forms.is_empty() => (),
        Ok(forms) => {
            let data: serde_json::Map<String, Value> = forms
                .into_iter()
                .map(|(form, text)| (form, json!(text)))
                .collect();
            outputs.push(json!({
                "output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data,
            }));
        }
        Err(error) => outputs.push(json!({
            "output_type": "error", "ename": "Error", "evalue": error, "traceback": [error],
        })),
    }
    json!(outputs)
}
