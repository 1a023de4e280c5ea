//! Runs lists of cells on the engine of the stock kernel, for the table of libraries in `crates/kernel/README.md`.
//!
//! ```sh
//! cargo run --release -p gradus-stock -- LIST.cells...
//! ```
//!
//! For each list: the cells that did what they should, the seconds that passed, and those of processor time, the builds
//! of the crates among them. `--verbose` shows what each cell said.

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
    let (options, lists): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|one| one == "--verbose");
    for list in &lists {
        run(Path::new(list), !options.is_empty());
    }
}

fn run(list: &Path, is_verbose: bool) {
    let cells = read(list);
    let (begin, before) = (Instant::now(), processor_seconds());
    let (mut kernel, outputs) = CommandContext::new().expect("the stock kernel starts");
    // Read all the while: the engine waits for whoever reads.
    let (lines, shown) = mpsc::channel();
    for output in [outputs.stdout, outputs.stderr] {
        let lines = lines.clone();
        thread::spawn(move || {
            output
                .into_iter()
                .try_for_each(|line| lines.send(line + "\n"))
        });
    }
    let mut right = 0;
    for (number, (wanted, code)) in (1..).zip(&cells) {
        let outcome = kernel.execute(code);
        // The last lines may still be on their way.
        thread::sleep(Duration::from_millis(50));
        let mut shown: String = shown.try_iter().collect();
        let error = match outcome {
            Ok(value) => {
                shown.extend(value.content_by_mime_type.into_values());
                None
            }
            Err(Error::CompilationErrors(errors)) => {
                Some(errors.iter().map(|error| error.rendered()).collect())
            }
            Err(error) => Some(error.to_string()),
        };
        let error: Option<String> = error.map(|text: String| without_colours(&text));
        let is_right = is_right(wanted, &shown, error.as_deref());
        right += usize::from(is_right);
        if is_verbose || !is_right {
            let error = error.unwrap_or_default();
            eprintln!("  [{number}] {is_right}, wanted {wanted:?}, shows {shown:?} {error}");
        }
    }
    drop(kernel);
    println!(
        "{}: {right} of {} right, {:.1} s, {:.1} s of processor time",
        name(list),
        cells.len(),
        begin.elapsed().as_secs_f64(),
        processor_seconds() - before
    );
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
