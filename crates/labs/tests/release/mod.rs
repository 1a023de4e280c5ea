//! A release made on the spot, for the tests that do what a student does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the workspace").to_owned()
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus-labs"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("GRADUS_LANG", "es")
        .env("CARGO_TARGET_DIR", target())
        .stdin(Stdio::null());
    command
}

#[allow(dead_code)] // the attacks ask in English
pub fn gradus(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("gradus runs")
}

pub fn text(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    both.concat()
}

/// The build folder of the tests' release, apart from the repository's: cargo tells packages apart by their path within the
/// workspace, so a release's lab would take the place of the instructor's.
pub fn target() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_gradus-labs"));
    let target = binary.ancestors().nth(2).expect("the build folder");
    target.join("trial")
}

/// A fresh release in Spanish, which the tests share as long as one needs it, so that each builds only what it changes; and the
/// right to be alone with it.
pub struct Release {
    pub out: PathBuf,
    _alone: MutexGuard<'static, ()>,
    _folder: Arc<tempfile::TempDir>,
}

pub fn release() -> Release {
    static SHARED: Mutex<Weak<tempfile::TempDir>> = Mutex::new(Weak::new());
    static ALONE: Mutex<()> = Mutex::new(());
    let folder = {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = shared.upgrade().unwrap_or_else(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let out = folder.path().join("labs/alumno");
            let arguments = ["release", "--lang", "es", "--out"];
            let made = command(&repository(), &arguments).arg(&out).output();
            let made = made.expect("gradus runs");
            assert!(made.status.success(), "{}", text(&made));
            Arc::new(folder)
        });
        *shared = Arc::downgrade(&folder);
        folder
    };
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let out = folder.path().join("labs/alumno");
    // As handed out, whatever the test before has written.
    for lab in ["lab1", "lab2"] {
        let exercises = format!("labs/{lab}/src/exercises");
        let kept = fs::read_dir(out.join(".gradus/released").join(&exercises));
        for file in kept.expect("what was handed out") {
            let file = file.expect("an entry");
            let to = out.join(&exercises).join(file.file_name());
            let stub = fs::read(file.path()).expect("a stub");
            if fs::read(&to).expect("an exercise") != stub {
                fs::write(to, stub).expect("to write");
            }
        }
    }
    Release {
        out,
        _alone: alone,
        _folder: folder,
    }
}
