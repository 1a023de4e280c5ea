//! The release of this very repository, and what goes wrong with a broken one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use gradus_exercise::Language;
use gradus_grader::{
    course::Course,
    lint, markers,
    release::{self, Options},
    renew::{self, Fate},
};

fn repository() -> PathBuf {
    Course::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the tests run in the repository")
}

fn options(out: &Path) -> Options {
    Options {
        out: out.to_owned(),
        langs: vec![Language::Es, Language::En],
        update: false,
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_exercises_are_complete() {
    let problems = lint::read_through(&repository());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_release_has_no_solution_no_hidden_check_and_no_instructors_file() {
    let root = repository();
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("release");
    release::write(&root, &options(&out)).unwrap_or_else(|p| panic!("{}", p.join("\n")));

    // Searched for here independently of the release's own search.
    let mut secrets = Vec::new();
    for path in files(&root.join("labs")) {
        if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            let marked = markers::parse("", &text).unwrap_or_else(|p| panic!("{}", p.join("\n")));
            for solution in marked.solutions {
                secrets.extend(solution.code.lines().map(|line| line.trim().to_owned()));
            }
            secrets.extend(
                marked
                    .hidden
                    .into_iter()
                    .map(|(_, line)| line.trim().to_owned()),
            );
        }
    }
    secrets.retain(|line| {
        line.len() >= 14
            && !line.starts_with('.')
            && !line.starts_with("#[")
            && line.contains(['(', '=', '*', '/', '['])
    });
    assert!(
        secrets.len() > 100,
        "only {} lines to look for",
        secrets.len()
    );
    let mut searched = 0;
    for path in files(&out) {
        let at = path
            .strip_prefix(&out)
            .expect("inside")
            .display()
            .to_string();
        assert!(
            !(at.contains("mutants.rs") || at.starts_with("labs/") && at.ends_with(".py")),
            "{at}"
        );
        assert!(
            !at.starts_with("tests/")
                && !at.contains("/grader/tests/")
                && !at.contains("/cli/tests/"),
            "{at}"
        );
        if at.starts_with("crates/") {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
        searched += 1;
        for secret in &secrets {
            assert!(
                !text.contains(secret) || is_open(&root, secret),
                "{at}: {secret}"
            );
        }
    }
    assert!(searched > 50, "only {searched} files searched");
    for lab in ["lab1", "lab2"] {
        let tests = files(&out.join(format!("labs/{lab}/tests")));
        let only = out.join(format!("labs/{lab}/tests/exercises.rs"));
        assert_eq!(tests, [only], "what judges, and nothing else");
    }
    // A student does not build what marks a class.
    for manifest in ["grader", "labs", "cli"].map(|name| format!("crates/{name}/Cargo.toml")) {
        let text = std::fs::read_to_string(out.join(&manifest)).expect("in the release");
        let text: toml::Table = text.parse().expect("a manifest");
        let features = &text["features"];
        let default = features.get("default").and_then(|its| its.as_array());
        let mut default = default.into_iter().flatten();
        assert!(
            features.get("class").is_some() && default.all(|one| one.as_str() != Some("class")),
            "{manifest}"
        );
    }
}

/// Whether the line also stands somewhere outside the marks, such as `let n = x.shape().0;` in a test.
fn is_open(root: &Path, line: &str) -> bool {
    files(&root.join("labs")).iter().any(|path| {
        path.extension().is_some_and(|e| e == "rs")
            && !path.ends_with("mutants.rs")
            && fs::read_to_string(path).is_ok_and(|text| {
                markers::parse("", &text)
                    .is_ok_and(|marked| marked.stubbed.lines().any(|open| open.trim() == line))
            })
    })
}

/// Results wait for a prediction, and what the course holds against a cell is the instructor's.
#[test]
fn the_notebooks_of_a_release_have_neither_outputs_nor_claims() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("release");
    release::write(&repository(), &options(&out)).unwrap_or_else(|p| panic!("{}", p.join("\n")));
    let all = files(&out.join("notebooks"));
    let notebooks: Vec<_> = all
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "ipynb"))
        .collect();
    assert!(notebooks.len() >= 30, "{}", notebooks.len());
    let mut predictions = 0;
    for path in notebooks {
        let text = fs::read_to_string(path).expect("a notebook");
        let shown = path.display();
        assert!(!text.contains("\"output_type\""), "{shown} has outputs");
        assert!(!text.contains("\"check\": ["), "{shown} has claims");
        predictions += text.matches("predict(\\\"").count();
    }
    assert!(predictions > 100, "{predictions} predictions");
}

/// It answers every prediction and every exercise.
#[test]
fn the_teachers_guide_is_not_handed_out() {
    let root = repository();
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("release");
    release::write(&root, &options(&out)).unwrap_or_else(|p| panic!("{}", p.join("\n")));
    let mut keys = Vec::new();
    for guide in ["es.md", "en.md"] {
        let text = fs::read_to_string(root.join("notebooks/guide").join(guide)).expect("a guide");
        // What stands behind the question: `**→ 938.** 937 full batches and one of 32.`
        let answers = text.lines().filter_map(|line| line.split_once(" **→ "));
        keys.extend(answers.map(|(_, answer)| answer.to_owned()));
    }
    assert!(keys.len() > 400, "only {} answers", keys.len());
    assert!(out.join("notebooks/glossary.md").is_file());
    assert!(!out.join("notebooks/guide").exists());
    for path in files(&out) {
        let text = String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned();
        let told = keys.iter().find(|key| text.contains(key.as_str()));
        assert!(told.is_none(), "{}: {told:?}", path.display());
    }
}

#[test]
fn a_release_speaks_the_language_asked_for() {
    let root = repository();
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("clase");
    let spanish = Options {
        langs: vec![Language::Es],
        ..options(&out)
    };
    release::write(&root, &spanish).unwrap_or_else(|p| panic!("{}", p.join("\n")));
    assert!(!out.join("notebooks/en").exists());
    let config = fs::read_to_string(out.join(".cargo/config.toml")).expect("the settings");
    let table: toml::Table = config.parse().unwrap_or_else(|e| panic!("{e}\n{config}"));
    assert_eq!(table["env"]["GRADUS_LANG"].as_str(), Some("es"), "{config}");
    assert!(table["alias"].get("labs").is_some(), "{config}");
    let exercise = fs::read_to_string(out.join("labs/lab1/src/exercises/e1_sigmoid.rs"))
        .expect("the exercise");
    assert!(
        exercise.starts_with("//! lab1.1: La sigmoide"),
        "{exercise}"
    );
    assert!(
        exercise.contains("/// σ'(z), donde el argumento es z"),
        "{exercise}"
    );
    assert!(!exercise.contains("where the argument"), "{exercise}");
    assert!(
        exercise.contains("pub fn sigmoid(z: f64) -> f64 {\n    todo!(\"lab1.1\")\n}"),
        "{exercise}"
    );
}

#[test]
fn a_students_work_is_never_overwritten() {
    let root = repository();
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("release");
    let first = options(&out);
    release::write(&root, &first).unwrap_or_else(|p| panic!("{}", p.join("\n")));
    let edited = out.join("labs/lab1/src/exercises/e1_sigmoid.rs");
    fs::write(&edited, "my work").expect("to edit");
    let other = out.join("labs/lab1/src/questions/e1_sigmoid.rs");
    fs::write(&other, "spoilt").expect("to edit");

    // An editor of Windows wrote this one: nothing in it was changed.
    let foreign = out.join("labs/lab1/src/exercises/e2_costs.rs");
    let text = fs::read_to_string(&foreign).expect("a file");
    let saved = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    fs::write(&foreign, saved).expect("to save");

    let refusal = release::write(&root, &first).expect_err("there is work in it");
    assert!(refusal[0].contains("--update"), "{refusal:?}");
    assert_eq!(fs::read_to_string(&other).expect("a file"), "spoilt");

    let again = Options {
        update: true,
        ..first
    };
    for first in [true, false] {
        let renewed = release::write(&root, &again).unwrap_or_else(|p| panic!("{}", p.join("\n")));
        let mut fates = vec![(
            "labs/lab1/src/exercises/e1_sigmoid.rs".to_owned(),
            Fate::Stays,
        )];
        if first {
            let path = "labs/lab1/src/questions/e1_sigmoid.rs".to_owned();
            let saved = format!("{path}.yours");
            fates.push((path, Fate::Saved(saved)));
        }
        let found: Vec<_> = (renewed.edited.into_iter())
            .map(|edited| (edited.path, edited.fate))
            .collect();
        assert_eq!(found, fates);
        assert_eq!(fs::read_to_string(&edited).expect("a file"), "my work");
    }
    let saved = out.join("labs/lab1/src/questions/e1_sigmoid.rs.yours");
    assert_eq!(fs::read_to_string(saved).expect("a file"), "spoilt");
    assert!(
        fs::read_to_string(&other)
            .expect("a file")
            .contains("Question")
    );
}

/// A release in a folder, with a later one beside it, in which the course has changed.
fn two_releases() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let (folder, root) = broken("labs/lab1/Cargo.toml", "lab1", "lab1");
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    let notebook = "notebooks/en/04-lab-1.ipynb";
    fs::create_dir_all(root.join("notebooks/en")).expect("to make it");
    fs::copy(repository().join(notebook), root.join(notebook)).expect("to copy");
    let release = |out: &Path| {
        release::write(&root, &options(out)).unwrap_or_else(|p| panic!("{}", p.join("\n")));
    };
    release(&old);
    for (path, from, to) in [
        (
            "labs/lab1/exercises/lab1.1.toml",
            "[statement]\nes = \"\"\"\n",
            "[statement]\nes = \"\"\"\nnew words\n",
        ),
        (
            "labs/lab1/exercises/lab1.2.toml",
            "[statement]\nes = \"\"\"\n",
            "[statement]\nes = \"\"\"\nnew words\n",
        ),
        (notebook, "# 4. Lab 1", "# 4. Lab 1, again"),
    ] {
        let text = fs::read_to_string(root.join(path)).expect("a file");
        assert!(text.contains(from), "{path} has no `{from}`");
        fs::write(root.join(path), text.replacen(from, to, 1)).expect("to write");
    }
    release(&new);
    (folder, old, new)
}

#[test]
fn an_update_brings_what_is_new_and_loses_nothing() {
    let (folder, old, new) = two_releases();
    let write = |path: &str, text: &str| fs::write(old.join(path), text).expect("to write");
    let text = |path: &str| fs::read_to_string(old.join(path)).expect("a file");
    let exercise = "labs/lab1/src/exercises/e1_sigmoid.rs";
    write(
        exercise,
        &text(exercise).replacen("todo!(\"lab1.1\")", "0.5", 1),
    );
    let notebook = "notebooks/en/04-lab-1.ipynb";
    let cell = "z.exp() / (1.0 + z.exp())";
    assert!(text(notebook).contains(cell));
    write(notebook, &text(notebook).replacen(cell, "my_own(z)", 1));
    write("notebooks/en/mine.ipynb", "{}");

    // As an archive, all in a folder of its own.
    let archive = folder.path().join("course.tar.gz");
    let packed = std::process::Command::new("tar")
        .arg("-czf")
        .args([&archive, Path::new("-C"), folder.path(), Path::new("new")])
        .status();
    assert!(packed.expect("tar").success());
    let renewed = renew::from(&old, &archive).expect("it is a release");
    let fates: Vec<_> = (renewed.edited.iter())
        .map(|edited| (&*edited.path, &edited.fate))
        .collect();
    let beside = Fate::Beside {
        new: "labs/lab1/src/exercises/e1_sigmoid.new.rs".to_owned(),
        statement: true,
    };
    assert_eq!(fates, [(exercise, &beside), (notebook, &Fate::Merged)]);
    assert!(text(exercise).contains("0.5") && !text(exercise).contains("new words"));
    assert!(text("labs/lab1/src/exercises/e2_costs.rs").contains("new words"));
    assert!(text(notebook).contains("my_own(z)") && text(notebook).contains("Lab 1, again"));
    assert_eq!(text("notebooks/en/mine.ipynb"), "{}");
    let again = renew::from(&old, &new).expect("it is a release");
    assert!(
        again.edited.iter().all(|edited| edited.fate == Fate::Stays),
        "{again:?}"
    );
    let refused = renew::from(&new, &repository().join("labs")).expect_err("it is none");
    assert!(refused.contains("not a release"), "{refused}");
    assert!(renew::from(&repository(), &new).is_err());
}

#[test]
fn a_folder_with_something_else_in_it_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("thesis.txt"), "dear").expect("to write");
    let refusal = release::write(&repository(), &options(folder.path())).expect_err("not ours");
    assert!(refusal[0].contains("not a release"), "{refusal:?}");
    assert_eq!(files(folder.path()).len(), 1);
}

/// A copy of the labs that a test can break.
fn broken(file: &str, from: &str, to: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("course");
    for path in files(&repository().join("labs")) {
        let at = root.join(path.strip_prefix(repository()).expect("inside"));
        fs::create_dir_all(at.parent().expect("a folder")).expect("to make it");
        fs::copy(&path, &at).expect("to copy");
    }
    fs::copy(repository().join("Cargo.toml"), root.join("Cargo.toml")).expect("to copy");
    let path = root.join(file);
    let text = fs::read_to_string(&path).expect("the file to break");
    assert!(text.contains(from), "{file} has no `{from}`");
    fs::write(&path, text.replacen(from, to, 1)).expect("to break it");
    (folder, root)
}

#[test]
fn a_mistake_of_the_instructor_is_named_with_file_and_line_and_nothing_is_written() {
    let source = "labs/lab1/src/exercises/e4_descent.rs";
    let declaration = "labs/lab1/exercises/lab1.4.toml";
    for (file, from, to, expected) in [
        (source, "    // END SOLUTION\n", "", "is not closed"),
        (source, "SOLUTION lab1.4", "SOLUTION lab1.5", "lab1.5"),
        (
            source,
            "// BEGIN SOLUTION lab1.4\n",
            "// BEGIN SOLUTION lab1.4\n// BEGIN HIDDEN\n",
            "BEGIN inside",
        ),
        (declaration, "points = 15", "points = 14", "add up to 15"),
        (declaration, "id = \"lab1.4\"", "id = \"lab1.3\"", "lab1.3"),
        (
            declaration,
            "[statement]\nes = ",
            "[statement]\nca = ",
            "unknown field `ca`",
        ),
    ] {
        let (_folder, root) = broken(file, from, to);
        let out = root.join("../release");
        let problems = release::write(&root, &options(&out)).expect_err("it is broken");
        let first = &problems[0];
        assert!(
            first.starts_with("labs/lab1/") && first.contains(expected),
            "{problems:?}"
        );
        let line = first
            .split(':')
            .nth(1)
            .and_then(|line| line.parse::<usize>().ok());
        assert!(line.is_some_and(|line| line >= 1), "{first}");
        assert!(!out.exists(), "something was written");
        assert!(!lint::read_through(&root).is_empty());
    }
}

#[test]
fn a_release_inside_of_the_course_is_refused() {
    let root = repository();
    for inside in ["student", "labs/../student", "target/student/deep"] {
        let out = root.join(inside);
        let problems = release::write(&root, &options(&out)).expect_err("it is inside");
        assert!(problems[0].contains("inside of the course"), "{problems:?}");
        assert!(!out.exists(), "something was written");
    }
}

#[test]
fn a_hint_that_gives_a_line_away_is_found() {
    let (_folder, root) = broken(
        "labs/lab1/exercises/lab1.5.toml",
        "es = \"La lista ordenada es",
        "es = \"rng.shuffle(&mut order); La lista ordenada es",
    );
    let problems = release::write(&root, &options(&root.join("../release"))).expect_err("it tells");
    assert!(
        problems
            .iter()
            .any(|p| p.contains("lab1.5.toml") && p.contains("gives away")),
        "{problems:?}"
    );
}
