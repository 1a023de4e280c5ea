//! `gradus kernel`: the kernel for JupyterLab, VS Code and other front ends.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use gradus_kernel::Error;
use gradus_kernel::jupyter::{self, spec};

#[derive(Subcommand)]
pub enum Command {
    /// Make the kernel known to Jupyter
    Install(Where),
    /// Remove it from Jupyter
    Uninstall(Where),
    /// Show where it is installed
    List,
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
            let python = std::process::Command::new("python3")
                .args(["-c", "import sys; print(sys.prefix)"])
                .output()
                .map_err(|error| {
                    format!("cannot ask python3 for its prefix: {error}; say --prefix DIR")
                })?;
            let prefix = String::from_utf8_lossy(&python.stdout).trim().to_owned();
            return Ok(spec::Place::Prefix(PathBuf::from(prefix)));
        }
        Ok(spec::Place::User)
    }
}

pub fn run(command: &Command) -> ExitCode {
    let outcome = match command {
        Command::Install(place) => place.place().and_then(|place| {
            let dir = spec::install(&place).map_err(|error| error.to_string())?;
            println!("Installed in {}", dir.display());
            println!("Choose \"Rust (Gradus)\" in JupyterLab or VS Code.");
            Ok(())
        }),
        Command::Uninstall(place) => place.place().and_then(|place| {
            match spec::uninstall(&place).map_err(|error| error.to_string())? {
                Some(dir) => println!("Removed {}", dir.display()),
                None => println!("Nothing to remove: the kernel is not installed there."),
            }
            Ok(())
        }),
        Command::List => {
            let found = spec::installed();
            for (dir, program) in &found {
                println!("{}  starts {program}", dir.display());
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
