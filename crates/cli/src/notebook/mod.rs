//! `gradus notebook`: JupyterLab with the course in it, by one command.
//!
//! What it needs lies below one folder of the cache: the kernelspec, Jupyter's settings and signatures, and an environment with
//! JupyterLab where the machine has none. Nothing of the user's own Jupyter is read or written.

mod lab;
mod server;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use gradus_kernel::jupyter::spec;
use gradus_kernel::warm;
use gradus_labs::LanguageArg;
use gradus_text::Language;

use crate::kernel::{build, on_signal};

const EXAMPLES: &str = "\
Examples:
  gradus notebook                      JupyterLab in the browser, at the index of the course
  gradus notebook --lang es            at the lessons in Spanish
  gradus notebook --no-browser         only say the address, such as on a machine without a screen
  gradus notebook --uninstall          remove all that it has installed

Ctrl-C ends JupyterLab and its kernels. Without JupyterLab on this machine, the first start installs one for the course alone, with
Python 3.10 or newer and pip, or uv.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The language of the lessons, when not that of GRADUS_LANG or the locale
    #[arg(long, value_enum)]
    lang: Option<LanguageArg>,
    /// Where JupyterLab listens, on this machine alone; by default the first free port from 8888 on
    #[arg(long)]
    port: Option<u16>,
    /// Do not open a browser
    #[arg(long)]
    no_browser: bool,
    /// Remove all that this command has installed, and do nothing else
    #[arg(long)]
    uninstall: bool,
}

pub fn run(args: &Args) -> ExitCode {
    let lang = gradus_labs::language(args.lang);
    let done = match args.uninstall {
        true => uninstall(lang),
        false => start(args, lang),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("gradus: {problem}");
            ExitCode::from(2)
        }
    }
}

/// Where everything of this command lies.
struct Room {
    base: PathBuf,
    lang: Language,
}

impl Room {
    /// The folder, which can be written.
    fn open(lang: Language) -> Result<Room, String> {
        let base = base(lang)?;
        let written = fs::create_dir_all(&base).and_then(|()| tempfile::tempfile_in(&base));
        match written {
            Ok(_) => Ok(Room { base, lang }),
            Err(error) => Err(format!(
                "{}: {error}; {}",
                base.display(),
                lang.pick(
                    "pon en GRADUS_CACHE una carpeta en la que puedas escribir",
                    "set GRADUS_CACHE to a folder that you can write"
                )
            )),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    /// Writes a file of this folder, whole or not at all.
    fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let file = self.at(name);
        let new = file.with_extension("new");
        fs::create_dir_all(file.parent().unwrap_or(&self.base))
            .and_then(|()| fs::write(&new, text))
            .and_then(|()| fs::rename(&new, &file))
            .map_err(|error| format!("{}: {error}", file.display()))
    }
}

fn base(lang: Language) -> Result<PathBuf, String> {
    gradus_kernel::wanted_cache()
        .and_then(|cache| std::path::absolute(cache.join("jupyter")).ok())
        .ok_or_else(|| {
            lang.pick(
                "no hay carpeta de usuario: pon una en GRADUS_CACHE",
                "there is no home folder: set GRADUS_CACHE to a folder",
            )
            .to_owned()
        })
}

fn uninstall(lang: Language) -> Result<(), String> {
    let base = base(lang)?;
    match fs::remove_dir_all(&base) {
        Ok(()) => println!("{} {}", lang.pick("Borrada", "Removed"), base.display()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => println!(
            "{} {}",
            lang.pick("No hay nada que borrar en", "Nothing to remove in"),
            base.display()
        ),
        Err(error) => return Err(format!("{}: {error}", base.display())),
    }
    Ok(())
}

fn start(args: &Args, lang: Language) -> Result<(), String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let course = course(&here, lang)?;
    let port = server::port(args.port, lang)?;
    let room = Room::open(lang)?;
    // Asked for before anything long begins, so that Ctrl-C always means the same.
    let stop = on_signal();

    // The library is built while JupyterLab is installed and starts; it is there at once when nothing has changed.
    let library = warm::library(&here);
    let warming = library.map(|library| {
        let stop = stop.clone();
        thread::spawn(move || warm::warm(&library, &stop, &mut |_| ()).map(|_| ()))
    });

    let lab = lab::find_or_make(&room)?;
    spec::install(&spec::Place::Prefix(room.base.clone())).map_err(|error| error.to_string())?;
    settings(&room)?;
    sign(&room, &lab, &course)?;
    let mut server = server::Server::start(&room, &lab, &course, port, !args.no_browser)?;
    println!("{}", server.address());
    if let Some(warming) = warming {
        let what = lang.pick(
            "Preparando la biblioteca para los cuadernos",
            "Building the library for notebooks",
        );
        let made = build(what, |stop, _| {
            while !warming.is_finished() && !stop.is_asked() && server.is_running() {
                thread::sleep(std::time::Duration::from_millis(100));
            }
            if warming.is_finished() {
                return warming.join().unwrap_or(Ok(())).map_err(|e| e.to_string());
            }
            Ok(())
        });
        // The first cell tries again and tells.
        if let Err(problem) = made {
            eprintln!("gradus: {problem}");
        }
    }
    if !stop.is_asked() && server.is_running() {
        println!("{}", lang.pick("Ctrl-C para terminar.", "Ctrl-C to end."));
    }
    server.wait(&stop)
}

/// A course: the folder that JupyterLab shows, and what it opens first in it.
struct Course {
    root: PathBuf,
    first: String,
}

/// The course that this folder lies in.
fn course(here: &Path, lang: Language) -> Result<Course, String> {
    let of = |lang: Language| lang.pick("notebooks/es", "notebooks/en");
    let other = match lang {
        Language::Es => Language::En,
        Language::En => Language::Es,
    };
    // A release may have one language only, and the lessons at the top of `notebooks`.
    for folder in [of(lang), of(other), "notebooks"] {
        let root = here.ancestors().find(|at| has_notebooks(&at.join(folder)));
        if let Some(root) = root {
            let index = format!("{folder}/README.md");
            return Ok(Course {
                first: if root.join(&index).is_file() {
                    index
                } else {
                    folder.to_owned()
                },
                root: root.to_owned(),
            });
        }
    }
    Err(lang
        .pick(
            "aquí no hay ningún curso: ve a la carpeta que tiene `notebooks` y repite la orden",
            "there is no course here: go to the folder that has `notebooks` and say it again",
        )
        .to_owned())
}

fn has_notebooks(folder: &Path) -> bool {
    !notebooks(folder).is_empty()
}

/// The notebooks of a folder, in order.
fn notebooks(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "ipynb"))
        .collect();
    found.sort();
    found
}

/// Jupyter's settings for the course: the index is read, not edited; nothing is asked of the network.
fn settings(room: &Room) -> Result<(), String> {
    let fixed = [
        (
            "config/labconfig/page_config.json",
            r#"{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}"#,
        ),
        (
            "config/jupyter_lab_config.json",
            r#"{"LabApp": {"extension_manager": "readonly"}}"#,
        ),
    ];
    for (name, text) in fixed {
        room.write(name, text)?;
    }
    // This one belongs to the user from then on.
    let viewers =
        "config/lab/user-settings/@jupyterlab/docmanager-extension/plugin.jupyterlab-settings";
    if !room.at(viewers).exists() {
        room.write(
            viewers,
            r#"{"defaultViewers": {"markdown": "Markdown Preview"}}"#,
        )?;
    }
    Ok(())
}

/// Signs the lessons, so that their figures are shown as what they are and not as text. Only this Jupyter trusts them.
fn sign(room: &Room, lab: &lab::Lab, course: &Course) -> Result<(), String> {
    let mut files = Vec::new();
    for folder in ["notebooks", "notebooks/es", "notebooks/en"] {
        files.extend(notebooks(&course.root.join(folder)));
    }
    let stamp = files
        .iter()
        .map(|file| {
            let data = file.metadata();
            let changed = data.as_ref().ok().and_then(|data| data.modified().ok());
            format!(
                "{} {:?} {:?}\n",
                file.display(),
                data.map(|d| d.len()).ok(),
                changed
            )
        })
        .collect::<String>();
    if fs::read_to_string(room.at("signed")).is_ok_and(|signed| signed == stamp) {
        return Ok(());
    }
    lab.sign(room, &files)?;
    room.write("signed", &stamp)
}

/// Held while something is installed, so that two starts at once do not write into each other.
fn lock(room: &Room) -> Result<File, String> {
    let file = room.at("lock");
    File::options()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|lock| lock.lock().map(|()| lock))
        .map_err(|error| format!("{}: {error}", file.display()))
}
