//! The kernelspec: the folder that tells Jupyter how to start this kernel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::{Error, system, toolchain};

const NAME: &str = "gradus";

/// Where a kernelspec is put.
#[derive(Clone, Debug)]
pub enum Place {
    /// The user's own Jupyter folder.
    User,
    /// Below a prefix, such as that of a Python environment.
    Prefix(PathBuf),
}

impl Place {
    fn kernels(&self) -> Result<PathBuf, Error> {
        match self {
            Place::Prefix(prefix) => Ok(prefix.join("share/jupyter/kernels")),
            Place::User => user_data()
                .map(|data| data.join("kernels"))
                .ok_or_else(|| Error::new("there is no home folder: say --prefix DIR")),
        }
    }
}

/// Where Python has its things, in an environment or not.
///
/// # Errors
/// When there is no Python.
pub fn python_prefix() -> std::io::Result<PathBuf> {
    let python = Command::new("python3")
        .args(["-c", "import sys; print(sys.prefix)"])
        .output()?;
    let prefix = String::from_utf8_lossy(&python.stdout).trim().to_owned();
    Ok(PathBuf::from(prefix))
}

/// Jupyter's own rule for the user's data folder.
fn user_data() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("JUPYTER_DATA_DIR") {
        return Some(PathBuf::from(dir));
    }
    system::jupyter_data()
}

/// Installs the kernelspec for this program, and says where.
///
/// # Errors
/// When the folder cannot be written.
pub fn install(place: &Place) -> Result<PathBuf, Error> {
    let exe = std::env::current_exe()
        .map_err(|error| Error::new(format!("cannot find my own program: {error}")))?;
    let kernels = place.kernels()?;
    let dir = kernels.join(NAME);
    let failed = |error| Error::io("cannot write", &dir, error);
    fs::create_dir_all(&kernels).map_err(failed)?;
    // Complete first, then in its place: Jupyter never sees half a kernelspec.
    let new = tempfile::Builder::new()
        .prefix(".gradus-")
        .tempdir_in(&kernels)
        .map_err(failed)?;
    let spec = json!({
        "argv": [exe, "kernel", "start", "{connection_file}"],
        "display_name": "Rust (Gradus)",
        "language": "rust",
        "interrupt_mode": "message",
        "metadata": {"debugger": false},
    });
    let text = format!("{spec:#}\n");
    fs::write(new.path().join("kernel.json"), text).map_err(failed)?;
    for (name, logo) in LOGOS {
        fs::write(new.path().join(name), logo).map_err(failed)?;
    }
    if dir.exists() {
        fs::remove_dir_all(&dir).map_err(failed)?;
    }
    let new = new.keep();
    fs::rename(&new, &dir).map_err(failed)?;
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    Ok(dir)
}

/// Removes the kernelspec; `None` when there was none.
///
/// # Errors
/// When it cannot be removed.
pub fn uninstall(place: &Place) -> Result<Option<PathBuf>, Error> {
    let dir = place.kernels()?.join(NAME);
    match fs::remove_dir_all(&dir) {
        Ok(()) => Ok(Some(dir)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("cannot remove", &dir, error)),
    }
}

/// A kernelspec of this kernel.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its folder.
    pub folder: PathBuf,
    /// The program that it starts.
    pub program: String,
}

impl Installed {
    /// Whether that program is there.
    pub fn works(&self) -> bool {
        Path::new(&self.program).is_file()
    }
}

/// The kernelspecs of this kernel that Jupyter can find, under whatever name.
pub fn installed() -> Vec<Installed> {
    let path = std::env::var_os("JUPYTER_PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(user_data());
    let environment = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let search = toolchain::original_path();
    // The Jupyter on the search path need not be that of the Python there.
    let of_jupyter = toolchain::find("jupyter", search)
        .and_then(|program| Some(program.parent()?.parent()?.to_owned()));
    let prefixes = environment
        .into_iter()
        .chain(python_prefix().ok())
        .chain(of_jupyter);
    folders.extend(prefixes.map(|prefix| prefix.join("share/jupyter")));
    folders.extend(["/usr/local/share/jupyter", "/usr/share/jupyter"].map(PathBuf::from));
    let mut found: Vec<Installed> = Vec::new();
    for folder in folders {
        let kernels = fs::read_dir(folder.join("kernels"));
        let mut kernels: Vec<PathBuf> = kernels
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        kernels.sort();
        for folder in kernels {
            let Ok(text) = fs::read_to_string(folder.join("kernel.json")) else {
                continue;
            };
            let spec: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            let starts_us = spec["argv"][1] == "kernel" && spec["argv"][2] == "start";
            let is_ours = starts_us || folder.file_name().is_some_and(|name| name == NAME);
            if is_ours && !found.iter().any(|known| known.folder == folder) {
                let program = spec["argv"][0].as_str().unwrap_or("?").to_owned();
                found.push(Installed { folder, program });
            }
        }
    }
    found
}

/// Three steps down a curve: gradient descent, and *gradus*. Some front ends draw no SVG.
const LOGOS: [(&str, &[u8]); 3] = [
    ("logo-svg.svg", include_bytes!("logo.svg")),
    ("logo-32x32.png", include_bytes!("logo-32x32.png")),
    ("logo-64x64.png", include_bytes!("logo-64x64.png")),
];
