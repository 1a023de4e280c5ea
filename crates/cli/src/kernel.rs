//! `gradus kernel`: the kernel for JupyterLab, VS Code and other front ends.

use std::fmt::Display;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clap::Subcommand;
use gradus_kernel::jupyter::{self, spec};
use gradus_kernel::{Error, Stop, warm};
use indicatif::{ProgressBar, ProgressStyle};

#[derive(Subcommand)]
pub enum Command {
    /// Make the kernel known to Jupyter
    Install(Where),
    /// Remove it from Jupyter
    Uninstall(Where),
    /// Show where it is installed
    List,
    /// Build the course library for notebooks now, so that no cell has to wait for it
    Warm {
        /// The library's folder; by default crates/core of the repository you are in
        library: Option<PathBuf>,
    },
    /// Build the program that completes names with what the compiler knows, for all kernels of yours
    Analysis,
    /// Serve front ends; Jupyter calls this
    #[command(hide = true)]
    Start { connection_file: PathBuf },
}

#[derive(clap::Args)]
#[group(multiple = false)]
pub struct Where {
    /// For this user (the default)
    #[arg(long)]
    user: bool,
    /// For the active Python environment
    #[arg(long)]
    sys_prefix: bool,
    /// Below DIR/share/jupyter
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
}

impl Where {
    fn place(&self) -> Result<spec::Place, String> {
        if let Some(prefix) = &self.prefix {
            let prefix = std::path::absolute(prefix).map_err(|error| error.to_string())?;
            return Ok(spec::Place::Prefix(prefix));
        }
        if self.sys_prefix {
            let prefix = spec::python_prefix().map_err(|error| {
                format!("cannot ask python3 for its prefix: {error}; say --prefix DIR")
            })?;
            return Ok(spec::Place::Prefix(prefix));
        }
        Ok(spec::Place::User)
    }
}

/// So often a log hears how far the build is.
const LOGGED: Duration = Duration::from_secs(15);

/// Asked by Ctrl-C.
pub fn on_signal() -> Stop {
    // There is one handler in a process.
    static STOP: OnceLock<Stop> = OnceLock::new();
    let stop = STOP.get_or_init(|| {
        let stop = Stop::default();
        let on_signal = stop.clone();
        // Without it Ctrl-C ends this process, and the compilers with it.
        let _ = ctrlc::set_handler(move || on_signal.stop());
        stop
    });
    stop.clone()
}

/// Does what takes long and says how far it is: in a line that moves on a terminal, else in a line now and then. Gives what came of
/// it and how long that took.
pub fn build<T, E: Display>(
    what: &'static str,
    by: impl FnOnce(&Stop, &mut dyn FnMut(&str)) -> Result<T, E>,
) -> Result<(T, Duration), String> {
    let stop = on_signal();
    let begin = Instant::now();
    let bar = ProgressBar::new_spinner();
    bar.set_prefix(what);
    bar.set_style(
        ProgressStyle::with_template("{prefix} {elapsed}  {msg}")
            .expect("the template is well formed"),
    );
    bar.enable_steady_tick(Duration::from_millis(200));
    let is_terminal = std::io::stderr().is_terminal();
    let mut logged: Option<Instant> = None;
    let result = by(&stop, &mut |words| {
        bar.set_message(words.to_owned());
        if !is_terminal && logged.is_none_or(|logged| logged.elapsed() >= LOGGED) {
            logged = Some(Instant::now());
            eprintln!("{what}, {:.0} s: {words}", begin.elapsed().as_secs_f64());
        }
    });
    bar.finish_and_clear();
    let made = result.map_err(|error| error.to_string())?;
    Ok((made, begin.elapsed()))
}

fn warm_up(library: &Path) -> Result<(), String> {
    let (folder, time) = build("Building the library for notebooks", |stop, progress| {
        warm::warm(library, stop, progress)
    })?;
    println!(
        "The library is ready for notebooks ({:.1} s): {}",
        time.as_secs_f64(),
        folder.display()
    );
    Ok(())
}

fn build_analysis(root: &Path) -> Result<(), String> {
    let (file, time) = build(
        "Building what completes names (the kernel works without)",
        |stop, progress| warm::analysis(root, stop, progress),
    )?;
    println!(
        "Completion knows what the compiler knows ({:.1} s): {}",
        time.as_secs_f64(),
        file.display()
    );
    Ok(())
}

/// After an installation: what can be built now, if somebody sees what takes so long.
fn build_all() -> Result<(), String> {
    let here = std::env::current_dir().ok();
    let (library, root) = match &here {
        Some(here) if std::io::stderr().is_terminal() => {
            (warm::library(here), warm::analysis_source(here))
        }
        _ => (None, None),
    };
    match library {
        Some(library) => warm_up(&library)?,
        None => println!(
            "`gradus kernel warm` builds the library for notebooks now; else the first cell does."
        ),
    }
    match root {
        Some(root) => build_analysis(&root),
        None => {
            println!(
                "`gradus kernel analysis` builds what completes names with what the compiler knows; without it, completion has the\n\
                 names of the notebook and its libraries."
            );
            Ok(())
        }
    }
}

pub fn run(command: &Command) -> ExitCode {
    let outcome = match command {
        Command::Install(place) => place.place().and_then(|place| {
            let dir = spec::install(&place).map_err(|error| error.to_string())?;
            println!("Installed in {}", dir.display());
            println!("Choose \"Rust (Gradus)\" in JupyterLab or VS Code.");
            build_all()
        }),
        Command::Analysis => std::env::current_dir()
            .ok()
            .and_then(|folder| warm::analysis_source(&folder))
            .ok_or_else(|| {
                "this is not a clone of the course: go to one and say it again".to_owned()
            })
            .and_then(|root| build_analysis(&root)),
        Command::Warm { library } => {
            let here = std::env::current_dir().map_err(|error| error.to_string());
            let library = match library {
                Some(library) => std::fs::canonicalize(library).map_err(|error| format!("{}: {error}", library.display())),
                None => here.and_then(|folder| {
                    warm::library(&folder).ok_or_else(|| {
                        "this is not a clone of the course: say where the library is, gradus kernel warm FOLDER".to_owned()
                    })
                }),
            };
            library.and_then(|library| warm_up(&library))
        }
        Command::Uninstall(place) => place.place().and_then(|place| {
            match spec::uninstall(&place).map_err(|error| error.to_string())? {
                Some(dir) => println!("Removed {}", dir.display()),
                None => println!("Nothing to remove: the kernel is not installed there."),
            }
            Ok(())
        }),
        Command::List => {
            let found = spec::installed();
            for spec in &found {
                let folder = spec.folder.display();
                println!("{folder}  starts {}", spec.program);
                if !spec.works() {
                    println!(
                        "    which is gone: `gradus kernel install` puts this program in its place, or remove the folder"
                    );
                }
            }
            if found.is_empty() {
                println!("Not installed. `gradus kernel install` makes it known to Jupyter.");
            }
            Ok(())
        }
        Command::Start { connection_file } => {
            jupyter::serve(connection_file).map_err(|error: Error| error.to_string())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("gradus: {problem}");
            ExitCode::from(2)
        }
    }
}
