//! The tables of the lessons that list a lab's exercises say what the labs say.

use std::{fs, path::Path};

use serde_json::Value;

use crate::course::{Course, LabFolder, shown, sorted};

/// What is wrong with the tables in `notebooks`, each as `file:line: message`. A row is `| lab1.3 | … | 15 |`: the points last, and
/// the file's name where a column is one.
pub(crate) fn problems(root: &Path, course: &Course) -> Vec<String> {
    let mut problems = Vec::new();
    for folder in sorted(&root.join("notebooks")).unwrap_or_default() {
        for path in sorted(&folder).unwrap_or_default() {
            if path.extension().is_none_or(|e| e != "ipynb") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let line_of = |row: &str| {
                let begin: String = row.chars().take(12).collect();
                text.lines()
                    .position(|line| line.contains(&begin))
                    .map_or(1, |n| n + 1)
            };
            let at = |row: &str| format!("{}:{}", shown(root, &path), line_of(row));
            let rows = rows(&text);
            for lab in &course.labs {
                let of_lab: Vec<_> = (rows.iter())
                    .filter(|row| row.id().starts_with(&format!("{}.", lab.name)))
                    .collect();
                for row in &of_lab {
                    let problem = row.problem(lab);
                    problems.extend(problem.map(|problem| format!("{}: {problem}", at(&row.0))));
                }
                let listed = |id: &str| of_lab.iter().any(|row| row.id() == id);
                for exercise in lab.exercises.iter().filter(|_| !of_lab.is_empty()) {
                    if !listed(&exercise.id) {
                        let first = at(&of_lab[0].0);
                        problems.push(format!("{first}: {} is not in the table", exercise.id));
                    }
                }
            }
        }
    }
    problems
}

/// A row of a table.
struct Row(String);

impl Row {
    fn cells(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.trim().trim_matches('|').split('|').map(str::trim)
    }

    fn id(&self) -> &str {
        self.cells().next().unwrap_or_default()
    }

    fn problem(&self, lab: &LabFolder) -> Option<String> {
        let id = self.id();
        let Some(exercise) = lab.exercises.iter().find(|exercise| exercise.id == id) else {
            return Some(format!("there is no exercise {id}"));
        };
        let (points, said) = (exercise.points, self.cells().next_back()?);
        if said != points.to_string() {
            return Some(format!("{id} has {points} points, not {said}"));
        }
        let file = self
            .cells()
            .map(|cell| cell.trim_matches('`'))
            .find(|cell| cell.ends_with(".rs"))?;
        let is_its = exercise.file.ends_with(&format!("/{file}"));
        (!is_its).then(|| format!("{id} is in {}, not in {file}", exercise.file))
    }
}

/// The rows of a notebook that begin with the name of an exercise.
fn rows(notebook: &str) -> Vec<Row> {
    let notebook: Value = serde_json::from_str(notebook).unwrap_or_default();
    let cells = notebook["cells"].as_array().into_iter().flatten();
    cells
        .filter(|cell| cell["cell_type"] == "markdown")
        .flat_map(|cell| cell["source"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .filter(|line| line.starts_with("| lab"))
        .map(|line| Row(line.to_owned()))
        .collect()
}
