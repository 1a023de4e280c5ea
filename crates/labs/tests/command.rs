//! The light command, as a student types it.

use std::process::{Command, Output};

fn labs(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus-labs"));
    // In the course.
    command.args(args).env("GRADUS_LANG", "en");
    command.output().expect("it starts")
}

#[test]
fn it_knows_the_labs_and_their_exercises() {
    for (args, wanted) in [
        (&["check", "lab7"][..], "lab1, lab2"),
        (&["hint", "lab1.99"], "lab1.99"),
    ] {
        let output = labs(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(wanted), "{args:?}: {said}");
    }
}

#[test]
fn help_is_in_the_students_language_and_lists_what_they_can_do() {
    let help = |folder: &std::path::Path, lang: &str, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradus-labs"));
        command.args(args).arg("--help").current_dir(folder);
        let output = command.env("GRADUS_LANG", lang).output();
        let output = output.expect("it starts");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let course = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let instructors = help(course, "en", &[]);
    assert!(instructors.contains("release") && instructors.contains("lint"));

    // What makes a folder a release is its list of what was handed out.
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    std::fs::create_dir_all(root.join("labs/lab1/exercises")).expect("a folder");
    let repository = course.join("../..");
    for path in ["Cargo.toml", "labs/lab1/Cargo.toml"] {
        std::fs::copy(repository.join(path), root.join(path)).expect("to copy");
    }
    let list = r#"{"langs":["es"],"files":{}}"#;
    let at = root.join(".gradus/handed-out.json");
    std::fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
    std::fs::write(at, list).expect("to write");
    // In the language of the release.
    let students = help(root, "", &[]);
    for word in [
        "Uso:",
        "Órdenes:",
        "Opciones:",
        "check",
        "Prueba los ejercicios",
    ] {
        assert!(students.contains(word), "{word}: {students}");
    }
    for word in ["release", "lint", "Usage", "Options", "Print", "Try the"] {
        assert!(!students.contains(word), "{word}: {students}");
    }
    for name in ["check", "hint", "update"] {
        let said = help(root, "", &[name]);
        for word in [
            "Usage",
            "Options",
            "Arguments",
            "Print",
            "The language",
            "Exit",
            "What you",
        ] {
            assert!(!said.contains(word), "{name}: {word}: {said}");
        }
        assert!(said.contains("El idioma"), "{said}");
    }
}

#[test]
fn the_alias_of_the_repository_starts_it() {
    let alias = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.cargo/config.toml");
    let text = std::fs::read_to_string(alias).expect("the alias");
    assert!(text.contains("--package gradus-labs"), "{text}");
}
