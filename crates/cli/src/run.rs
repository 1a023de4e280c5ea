//! `gradus run`: execute notebooks without Jupyter.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use comfy_table::{Cell, CellAlignment, Table, presets};
use gradus_kernel::compare;
use gradus_kernel::notebook::Notebook;
use gradus_kernel::runner::{self, Report, RunOptions, Step};
use gradus_kernel::{Failure, Stop};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

#[derive(clap::Args)]
#[command(after_help = "\
Each notebook runs in a fresh session, in its own folder, and several at the same time. A cell that fails ends its notebook, and the next \
notebook is run all the same; with --keep-going the rest of the failed notebook is run too. What was executed \
is written in every case. A command that was installed without its course builds the library in the first cell of its first run, which takes a while.

With --check the new outputs are compared with those in the notebook, to the digit; times are not looked at. A cell with the tag \
gradus-platform may round otherwise, and of one with nbval-ignore-output only the kinds of output are compared. \
With --in-place the outputs go into the notebook itself, unless a cell failed. Both also run what a notebook says must hold in \
a cell: the code in `gradus.check` of its metadata, which readers do not see.")]
pub struct Args {
    /// Notebooks, or folders to search for them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Where the executed notebooks go
    #[arg(long, value_name = "DIR", default_value = "target/notebooks")]
    out: PathBuf,
    /// Fail where the outputs are no longer those in the notebook
    #[arg(long)]
    check: bool,
    /// Write the outputs into the notebooks themselves
    #[arg(long, conflicts_with_all = ["out", "check"])]
    in_place: bool,
    /// The longest that a cell may take
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// After a failed cell run the rest of its notebook too
    #[arg(long)]
    keep_going: bool,
    /// How many notebooks run at the same time [default: as many as there are processors, at most 4]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// A notebook to run.
struct Task {
    path: PathBuf,
    out: PathBuf,
    notebook: Notebook,
}

pub fn run(args: &Args) -> ExitCode {
    // Everything is checked before anything is run or written.
    let mut tasks = match tasks(args) {
        Ok(tasks) => tasks,
        Err(problem) => {
            eprintln!("gradus: {problem}");
            return ExitCode::from(2);
        }
    };
    let stop = Stop::default();
    let handler = ctrlc::set_handler({
        let stop = stop.clone();
        move || stop.stop()
    });
    if let Err(error) = handler {
        eprintln!("gradus: Ctrl-C will not stop cleanly: {error}");
    }
    let options = RunOptions {
        timeout: Duration::from_secs(args.timeout),
        keep_going: args.keep_going,
        checks: args.check || args.in_place,
    };

    let jobs = args
        .jobs
        .map_or_else(default_jobs, usize::from)
        .clamp(1, tasks.len().max(1));
    let run = Run {
        args,
        options: &options,
        stop: &stop,
        count: tasks.len(),
        screen: Screen::new(),
    };
    let begin = Instant::now();
    let queue = Mutex::new(tasks.drain(..).enumerate());
    let ended: Mutex<Vec<(usize, Result<Row, String>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                // The queue is free again while a notebook runs.
                let next = || lock(&queue).next();
                while !stop.is_asked()
                    && let Some((index, task)) = next()
                {
                    let row = run.one(index, task);
                    // What cannot be written once will not be written next time.
                    let failed = row.is_err();
                    lock(&ended).push((index, row));
                    if failed {
                        stop.stop();
                    }
                }
            });
        }
    });
    let mut ended = std::mem::take(&mut *lock(&ended));
    ended.sort_by_key(|(index, _)| *index);
    let mut rows = Vec::new();
    for (_, row) in ended {
        match row {
            Ok(row) => rows.push(row),
            Err(problem) => {
                eprintln!("gradus: {problem}");
                return ExitCode::from(2);
            }
        }
    }
    let bad = |row: &Row| row.report.failed > 0 || row.changed > 0;
    let mut status = u8::from(rows.iter().any(bad));
    if !rows.is_empty() {
        println!("{}", summary(&rows, begin.elapsed(), args.check));
        if !args.in_place {
            println!("Executed notebooks: {}", args.out.display());
        }
    }
    if stop.is_asked() {
        eprintln!("gradus: interrupted");
        status = 130;
    }
    ExitCode::from(status)
}

/// Cells are compiled by one processor each, and trainings use several.
fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get().min(4))
}

/// A thread that panicked leaves what it held as it was.
fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all notebooks of a run share.
struct Run<'a> {
    args: &'a Args,
    options: &'a RunOptions,
    stop: &'a Stop,
    count: usize,
    screen: Screen,
}

impl Run<'_> {
    /// Runs a notebook and writes it; a problem only where that cannot be done at all.
    fn one(&self, index: usize, mut task: Task) -> Result<Row, String> {
        let name = shown(&task.path);
        let committed = self.args.check.then(|| task.notebook.clone());
        let cells = task.notebook.code_cells().len();
        let position = format!("[{}/{}]", index + 1, self.count);
        let mut view = View::new(&self.screen, &name, position, cells);
        let folder = task.path.parent().unwrap_or(Path::new("/")).to_owned();
        let ran = runner::run(
            &mut task.notebook,
            &folder,
            self.options,
            self.stop,
            &mut |step| view.step(&step),
        );
        view.clear();
        let report = ran.map_err(|error| error.to_string())?;
        let whole = report.failed == 0 && !report.interrupted;
        if whole || !self.args.in_place {
            let written = task.notebook.write(&task.out);
            written.map_err(|error| error.to_string())?;
        }
        let mut differences = Vec::new();
        if report.failed > 0 {
            if self.args.in_place {
                self.screen.tell(&format!(
                    "gradus: {name}: a cell failed, the notebook was left as it was"
                ));
            }
        } else if let Some(committed) = committed.filter(|_| !report.interrupted) {
            differences = compare::differences(&committed, &task.notebook);
        }
        for difference in &differences {
            self.screen.tell(&format!(
                "{name} cell {}: {}",
                difference.cell, difference.what
            ));
        }
        Ok(Row {
            name,
            report,
            changed: differences.len(),
        })
    }
}

fn tasks(args: &Args) -> Result<Vec<Task>, String> {
    let mut found = Vec::new();
    for path in &args.paths {
        let root = absolute(path);
        let kind =
            std::fs::metadata(&root).map_err(|error| format!("{}: {error}", path.display()))?;
        if kind.is_dir() {
            let before = found.len();
            search(&root, &root, &mut found)?;
            if found.len() == before {
                return Err(format!(
                    "{}: no notebooks (*.ipynb) in this folder",
                    path.display()
                ));
            }
        } else {
            let name = root.file_name().map(PathBuf::from).unwrap_or_default();
            found.push((root, name));
        }
    }
    let out = absolute(&args.out);
    let target = |path: &Path, below: &Path| match args.in_place {
        true => path.to_owned(),
        false => out.join(below),
    };
    let mut sources: HashMap<PathBuf, PathBuf> = HashMap::new();
    let mut tasks = Vec::new();
    for (path, below) in found {
        let out = target(&path, &below);
        if out == path && !args.in_place {
            return Err(format!(
                "{}: would be overwritten, choose another --out",
                shown(&path)
            ));
        }
        match sources.insert(out.clone(), path.clone()) {
            Some(other) if other == path => continue, // named twice
            Some(other) => {
                return Err(format!(
                    "{} and {} would both be written to {}: run them apart, with another --out",
                    shown(&other),
                    shown(&path),
                    shown(&out)
                ));
            }
            None => (),
        }
        let notebook = Notebook::read(&path).map_err(|error| error.to_string())?;
        tasks.push(Task {
            path,
            out,
            notebook,
        });
    }
    Ok(tasks)
}

/// All notebooks below `folder`, in order, with their path from `root`.
pub fn search(
    root: &Path,
    folder: &Path,
    found: &mut Vec<(PathBuf, PathBuf)>,
) -> Result<(), String> {
    let problem = |error| format!("{}: {error}", folder.display());
    let mut entries = std::fs::read_dir(folder)
        .map_err(problem)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(problem)?;
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let path = entry.path();
        // Links are not followed into folders: they may lead in circles.
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_dir && entry.file_name() != ".ipynb_checkpoints" {
            search(root, &path, found)?;
        } else if !is_dir
            && path
                .extension()
                .is_some_and(|extension| extension == "ipynb")
        {
            let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
            found.push((path, below));
        }
    }
    Ok(())
}

pub fn absolute(path: &Path) -> PathBuf {
    // The session changes the current folder, so nothing may depend on it later.
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A path as the user would type it. Depends on where `gradus` was started, not on where a session is.
fn shown(path: &Path) -> String {
    static START: std::sync::OnceLock<Option<PathBuf>> = std::sync::OnceLock::new();
    let start = START.get_or_init(|| std::env::current_dir().ok());
    let below = start
        .as_ref()
        .and_then(|start| path.strip_prefix(start).ok());
    below.unwrap_or(path).display().to_string()
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// A line of the summary.
struct Row {
    name: String,
    report: Report,
    changed: usize,
}

/// A line for each notebook, and what all of them took by the clock.
fn summary(rows: &[Row], passed: Duration, check: bool) -> Table {
    let mut table = Table::new();
    let mut header = vec!["notebook", "cells", "failed"];
    header.extend(check.then_some("changed"));
    header.push("time");
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_header(header);
    let mut add = |name: &str, report: &Report, changed: usize| {
        let run = if report.run < report.cells {
            format!("{} of {}", report.run, report.cells)
        } else {
            report.cells.to_string()
        };
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut row = vec![
            Cell::new(name),
            right(run),
            right(report.failed.to_string()),
        ];
        row.extend(check.then(|| right(changed.to_string())));
        row.push(right(seconds(report.elapsed)));
        table.add_row(row);
    };
    let mut total = Report {
        elapsed: passed,
        ..Report::default()
    };
    let mut all_changed = 0;
    for Row {
        name,
        report,
        changed,
    } in rows
    {
        add(name, report, *changed);
        all_changed += changed;
        total.cells += report.cells;
        total.run += report.run;
        total.failed += report.failed;
    }
    if rows.len() > 1 {
        add("total", &total, all_changed);
    }
    table
}

/// So often a log hears how far a build is.
const LOGGED: Duration = Duration::from_secs(15);

/// Where it is shown what is going on: moving lines on a terminal, plain lines elsewhere.
struct Screen {
    bars: Option<MultiProgress>,
    colours: bool,
}

impl Screen {
    fn new() -> Screen {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let terminal = std::io::stderr().is_terminal();
        Screen {
            bars: terminal.then(MultiProgress::new),
            colours: !plain && terminal,
        }
    }

    /// Says something that stays.
    fn tell(&self, text: &str) {
        match &self.bars {
            Some(bars) => bars.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

/// What is shown of one notebook.
struct View<'a> {
    screen: &'a Screen,
    bar: Option<ProgressBar>,
    name: &'a str,
    position: String,
    cells: usize,
    /// The cell whose libraries are built, and when that was said last.
    building: Option<(usize, Instant)>,
}

impl<'a> View<'a> {
    fn new(screen: &'a Screen, name: &'a str, position: String, cells: usize) -> View<'a> {
        let bar = screen.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new(cells as u64));
            let template = if screen.colours {
                "{prefix} {bar:24.cyan/blue} {pos}/{len}  {elapsed}  {msg}"
            } else {
                "{prefix} {bar:24} {pos}/{len}  {elapsed}  {msg}"
            };
            let style =
                ProgressStyle::with_template(template).expect("the template is well formed");
            bar.set_style(style);
            bar.set_prefix(format!("{position} {name}"));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        View {
            screen,
            bar,
            name,
            position,
            cells,
            building: None,
        }
    }

    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Start => self.now("starting a session"),
            Step::Builds { number, words } => match &self.bar {
                Some(bar) => bar.set_message(format!("cell {number}: building libraries, {words}")),
                None => match self.building {
                    Some((at, said)) if at == *number => {
                        if said.elapsed() >= LOGGED {
                            self.building = Some((*number, Instant::now()));
                            self.now(&format!("cell {number}: building libraries, {words}"));
                        }
                    }
                    _ => {
                        self.building = Some((*number, Instant::now()));
                        self.now(&format!(
                            "cell {number}: building libraries (only this time): {words}"
                        ));
                    }
                },
            },
            Step::Cell { number } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("cell {number}"));
                }
            }
            Step::Done {
                number,
                elapsed,
                failure,
            } => {
                let outcome = if failure.is_some() { "FAILED" } else { "ok" };
                let line = format!(
                    "{} {} cell {number}/{} {outcome} {}",
                    self.position,
                    self.name,
                    self.cells,
                    seconds(*elapsed)
                );
                match &self.bar {
                    Some(bar) => bar.inc(1),
                    None => say(&line),
                }
                if let Some(failure) = failure {
                    self.failure(&line, failure);
                }
            }
        }
    }

    fn now(&self, doing: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(doing.to_owned()),
            None => say(&format!("{} {} {doing}", self.position, self.name)),
        }
    }

    fn failure(&self, line: &str, failure: &Failure) {
        let text = if self.screen.colours {
            failure.traceback.join("\n")
        } else {
            failure.plain().trim_end().to_owned()
        };
        match &self.bar {
            Some(_) => self.screen.tell(&format!("{line}\n{text}\n")),
            None => self.screen.tell(&format!("{text}\n")),
        }
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// A closed pipe is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
