//! Executes whole notebooks without Jupyter.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::cells::parse;
use crate::notebook::Notebook;
use crate::{Error, Failure, FailureKind, Options, Output, Session, Stop};

/// How notebooks are run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The longest that a cell may take, its compilation included.
    pub timeout: Duration,
    /// Run the cells after a failed one too.
    pub keep_going: bool,
    /// Run what the notebook says must hold in each cell ([`Notebook::checks`]), too; where it does not, the cell has failed.
    pub checks: bool,
}

/// What a run is doing.
#[derive(Debug)]
pub enum Step<'a> {
    /// A new session starts.
    Start,
    /// A cell starts.
    Cell {
        /// From 1.
        number: usize,
    },
    /// A cell waits for the libraries that it names to be built.
    Builds {
        /// From 1.
        number: usize,
        /// How far that is.
        words: &'a str,
    },
    /// A cell has ended.
    Done {
        /// From 1.
        number: usize,
        /// Compiling and running.
        elapsed: Duration,
        /// Why it failed, if it did.
        failure: Option<&'a Failure>,
    },
}

/// What came of a notebook.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Code cells in the notebook.
    pub cells: usize,
    /// How many of them were run.
    pub run: usize,
    /// How many of those failed.
    pub failed: usize,
    /// The user stopped the run.
    pub interrupted: bool,
    /// From the start of the session to its end.
    pub elapsed: Duration,
}

/// The cell with another piece of code after its statements: its value may take what the code is about.
fn before_the_value(cell: &str, code: &str) -> String {
    let parsed = parse::parse(cell);
    let value = parsed.value.and_then(|value| parsed.code.get(value));
    // A loop at the end is a statement, whatever its grammar says.
    let loops = ["for ", "while ", "loop ", "{", "println!"];
    let value = value.filter(|value| !loops.iter().any(|word| value.starts_with(word)));
    let at = value
        .and_then(|value| cell.rfind(value))
        .unwrap_or(cell.len());
    let (statements, value) = cell.split_at(at);
    format!("{statements}\n{code}\n{value}")
}

/// Runs the code cells in order, in a fresh session whose current folder is `folder`, and puts the
/// outputs into the notebook.
///
/// # Errors
/// When no session can be started. A cell that fails is part of the report.
pub fn run(
    notebook: &mut Notebook,
    folder: &Path,
    options: &RunOptions,
    stop: &Stop,
    progress: &mut dyn FnMut(Step<'_>),
) -> Result<Report, Error> {
    let begin = Instant::now();
    let cells = notebook.code_cells();
    notebook.clear_outputs();
    let mut report = Report {
        cells: cells.len(),
        ..Report::default()
    };
    progress(Step::Start);
    let session_options = Options {
        folder: Some(folder.to_owned()),
        ..Options::default()
    };
    let mut session = match Session::start(session_options, stop.clone()) {
        Err(_) if stop.is_asked() => {
            report.interrupted = true;
            report.elapsed = begin.elapsed();
            return Ok(report);
        }
        result => result?,
    };
    // Nobody is there to predict: every result shows.
    session.set_environment(("GRADUS_PREDICTIONS".to_owned(), "open".to_owned()));
    let checks = match options.checks {
        true => notebook.checks(),
        false => vec![None; cells.len()],
    };
    for (index, (code, check)) in cells.iter().zip(checks).enumerate() {
        let number = index + 1;
        let checked = check.map(|check| before_the_value(code, &check));
        let code = checked.as_ref().unwrap_or(code);
        progress(Step::Cell { number });
        let cell_begin = Instant::now();
        let mut results = notebook.results(index);
        session.expect_cell(Some(number.to_string()), Vec::new());
        let outcome =
            session.execute(
                code,
                Some(number),
                Some(options.timeout),
                &mut |output| match output {
                    Output::Progress(words) => progress(Step::Builds {
                        number,
                        words: &words,
                    }),
                    output => results.push(output),
                },
            );
        let failure = outcome.err();
        report.run += 1;
        if let Some(failure) = &failure {
            results.push_failure(failure);
            report.failed += 1;
            report.interrupted = failure.kind == FailureKind::Interrupted;
        }
        progress(Step::Done {
            number,
            elapsed: cell_begin.elapsed(),
            failure: failure.as_ref(),
        });
        report.interrupted |= stop.is_asked();
        if report.interrupted || (failure.is_some() && !options.keep_going) {
            break;
        }
    }
    drop(session);
    report.elapsed = begin.elapsed();
    Ok(report)
}
