//! `gradus notebook` where it cannot do what was asked: one line with what to do, and nothing left behind. What it does when it can
//! is seen in a browser, by `tests/frontends.sh`.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a lesson, and room for what the command writes.
struct Course(TempDir);

impl Course {
    fn new() -> Course {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("notebooks/en")).unwrap();
        fs::write(dir.path().join("notebooks/en/00-a.ipynb"), "{}").unwrap();
        Course(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// With no program on the search path.
    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradus"));
        command
            .arg("notebook")
            .args(args)
            .current_dir(self.path())
            .env("PATH", "")
            .env("GRADUS_LANG", "en")
            .env("GRADUS_CACHE", self.path().join("cache"));
        command
    }
}

/// The one line of an error.
fn line(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn without_jupyterlab_and_python_it_says_what_to_install() {
    let said = line(&Course::new().run(&[]));
    assert!(said.contains("install Python 3.10"), "{said}");
    let course = Course::new();
    let said = line(&course.run(&["--lang", "es"]));
    assert!(said.contains("instala Python 3.10"), "{said}");
    assert!(!course.path().join("cache/jupyter/env").exists());
}

#[test]
fn outside_of_a_course_it_says_where_to_go() {
    let course = Course::new();
    fs::remove_dir_all(course.path().join("notebooks")).unwrap();
    let said = line(&course.run(&[]));
    assert!(said.contains("the folder that has `notebooks`"), "{said}");
    assert!(!course.path().join("cache").exists());
}

#[test]
fn a_busy_port_is_named() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = line(&Course::new().run(&["--port", &port]));
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let course = Course::new();
    let file = course.path().join("file");
    fs::write(&file, "").unwrap();
    let said = line(
        &course
            .command(&[])
            .env("GRADUS_CACHE", &file)
            .output()
            .unwrap(),
    );
    assert!(said.contains("set GRADUS_CACHE"), "{said}");
}

#[test]
fn all_of_it_is_removed() {
    let course = Course::new();
    let jupyter = course.path().join("cache/jupyter");
    fs::create_dir_all(jupyter.join("env/bin")).unwrap();
    for removed in [true, false] {
        let output = course.run(&["--uninstall"]);
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said.contains("Removed"), removed, "{said}");
        assert!(!jupyter.exists() && course.path().join("notebooks/en/00-a.ipynb").exists());
    }
}
