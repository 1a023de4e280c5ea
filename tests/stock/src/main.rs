//! Runs notebooks and lists of cells on the engine of the stock kernel (`evcxr` 0.22, which `evcxr_jupyter` is a front of).
//!
//! ```sh
//! cargo run --release -p gradus-stock -- notebooks/en/{07,08,09,10}*.ipynb
//! cargo run --release -p gradus-stock -- LIST.cells...
//! ```
//!
//! Of a notebook, each cell whose outputs are others than those that the file has, ours, by the rules of `gradus run --check`.
//! For each list: the cells that did what they should, for the table of libraries in `crates/kernel/README.md`. For both the
//! seconds that passed, and those of processor time, the builds of the crates among them. `--verbose` shows what each cell of
//! a list said.

mod notebook;

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use evcxr::{CommandContext, Error};
use gradus_tests::lists::{is_right, name, read};
use gradus_tests::without_colours;

fn main() {
    // Cells run in this program, started again by the engine.
    evcxr::runtime_hook();
    let (options, files): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|one| one == "--verbose");
    for file in files.iter().map(Path::new) {
        let (begin, before) = (Instant::now(), processor_seconds());
        let said = if file.extension().is_some_and(|end| end == "ipynb") {
            notebook::run(file)
        } else {
            run(file, !options.is_empty())
        };
        println!(
            "{}: {said}, {:.1} s, {:.1} s of processor time",
            name(file),
            begin.elapsed().as_secs_f64(),
            processor_seconds() - before
        );
    }
}

/// A session of the stock kernel.
struct Stock {
    kernel: CommandContext,
    /// What was printed, and whether that was to stderr.
    printed: mpsc::Receiver<(bool, String)>,
}

/// What a cell did there.
struct Outcome {
    stdout: String,
    stderr: String,
    /// The value by its forms, or the words of the error.
    value: Result<Vec<(String, String)>, String>,
}

impl Stock {
    fn start() -> Stock {
        let (kernel, outputs) = CommandContext::new().expect("the stock kernel starts");
        // Read all the while: the engine waits for whoever reads.
        let (lines, printed) = mpsc::channel();
        for (is_error, output) in [(false, outputs.stdout), (true, outputs.stderr)] {
            let lines = lines.clone();
            thread::spawn(move || {
                output
                    .into_iter()
                    .try_for_each(|line| lines.send((is_error, line + "\n")))
            });
        }
        Stock { kernel, printed }
    }

    fn run(&mut self, code: &str) -> Outcome {
        let outcome = self.kernel.execute(code);
        // The last lines may still be on their way.
        thread::sleep(Duration::from_millis(50));
        let (mut stdout, mut stderr) = (String::new(), String::new());
        for (is_error, line) in self.printed.try_iter() {
            if is_error { &mut stderr } else { &mut stdout }.push_str(&line);
        }
        let value = match outcome {
            Ok(value) => Ok(value.content_by_mime_type.into_iter().collect()),
            Err(Error::CompilationErrors(errors)) => {
                Err(errors.iter().map(|error| error.rendered()).collect())
            }
            Err(error) => Err(error.to_string()),
        };
        Outcome {
            stdout,
            stderr,
            value: value.map_err(|text: String| without_colours(&text)),
        }
    }
}

fn run(list: &Path, is_verbose: bool) -> String {
    let cells = read(list);
    let mut stock = Stock::start();
    let mut right = 0;
    for (number, (wanted, code)) in (1..).zip(&cells) {
        let outcome = stock.run(code);
        let mut shown = outcome.stdout + &outcome.stderr;
        let error = match outcome.value {
            Ok(forms) => {
                shown.extend(forms.into_iter().map(|(_, text)| text));
                None
            }
            Err(error) => Some(error),
        };
        let is_right = is_right(wanted, &shown, error.as_deref());
        right += usize::from(is_right);
        if is_verbose || !is_right {
            let error = error.unwrap_or_default();
            eprintln!("  [{number}] {is_right}, wanted {wanted:?}, shows {shown:?} {error}");
        }
    }
    format!("{right} of {} right", cells.len())
}

/// The processor time of this program and of those that it has waited for, as Linux tells it
/// (`man 5 proc_pid_stat`: utime, stime, cutime, cstime, in hundredths of a second).
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let times = after_name.split_whitespace().skip(11).take(4);
    times
        .filter_map(|time| time.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}
