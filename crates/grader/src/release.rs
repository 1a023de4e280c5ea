//! The student's workspace, written from the instructor's.
//!
//! Everything is read, stubbed and searched for solutions before the first file is written. A new folder is filled under a
//! temporary name and renamed; an existing release is renewed file by file, and what the student edited stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use gradus_exercise::{Exercise, Language};

use crate::{
    course::{Course, name_of, read, shown, sorted},
    handed::{HandedOut, LIST, RELEASED, is_students, says},
    markers::{self, Solution},
    notebook,
    renew::{Files, Renewed, renew},
};

/// What to release.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the student's workspace.
    pub out: PathBuf,
    /// Which languages: notebooks, README, and the statements at the top of the exercises.
    pub langs: Vec<Language>,
    /// Renew a release that is there already.
    pub update: bool,
}

/// Writes the release of the course at `root`.
///
/// # Errors
/// Everything that is wrong, each as `file:line: message` where a file is to blame; then nothing was written.
pub fn write(root: &Path, options: &Options) -> Result<Renewed, Vec<String>> {
    let out = &options.out;
    let one = |problem: String| vec![problem];
    if is_inside(root, out).map_err(one)? {
        return Err(one(format!(
            "{} is inside of the course, so the next release would contain it: choose a folder beside it, such as --out ../student",
            out.display()
        )));
    }
    let files = plan(root, &options.langs)?;
    let occupied = out.exists() && !sorted(out).map_err(one)?.is_empty();
    if !occupied {
        let parent = match out.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let problem = |e: std::io::Error| vec![format!("{}: {e}", out.display())];
        fs::create_dir_all(parent).map_err(problem)?;
        let draft = tempfile::Builder::new()
            .prefix(".gradus-release-")
            .tempdir_in(parent)
            .map_err(problem)?;
        let content = draft.path().join("content");
        for (path, bytes) in &files {
            put(&content.join(path), bytes).map_err(one)?;
        }
        if out.exists() {
            fs::remove_dir(out).map_err(problem)?;
        }
        fs::rename(&content, out).map_err(problem)?;
        return Ok(Renewed {
            files: files.len(),
            ..Renewed::default()
        });
    }
    if !out.join(RELEASED).is_dir() {
        return Err(one(format!(
            "{} is not empty and not a release of this course: choose another folder",
            out.display()
        )));
    }
    if !options.update {
        return Err(one(format!(
            "{} has a release in it, maybe with a student's work: --update renews it and keeps what was edited",
            out.display()
        )));
    }
    renew(out, &files).map_err(one)
}

/// Whether a folder that may not exist yet is the course's own or in it.
fn is_inside(root: &Path, out: &Path) -> Result<bool, String> {
    let problem = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let root = root.canonicalize().map_err(|e| problem(root, e))?;
    let out = std::path::absolute(out).map_err(|e| problem(out, e))?;
    // `..` behind a link leads elsewhere than its text says: the part that exists is asked of the system.
    let existing = out.ancestors().find_map(|path| path.canonicalize().ok());
    Ok(existing.is_some_and(|path| path.starts_with(&root)))
}

/// All files of the release, with the list of them.
fn plan(root: &Path, langs: &[Language]) -> Result<Files, Vec<String>> {
    let course = Course::read(root)?;
    let exercises: BTreeMap<String, &Exercise> = course
        .labs
        .iter()
        .flat_map(|lab| {
            lab.exercises
                .iter()
                .map(|e| (shown(root, &course.file_of(lab, e)), e))
        })
        .collect();
    let mut problems = Vec::new();
    let mut files = Vec::new();
    let mut secrets: Vec<(String, Solution)> = Vec::new();
    let mut open = BTreeSet::new();
    let mut paths = Vec::new();
    for folder in ["crates", "labs", "notebooks"] {
        collect(root, &root.join(folder), langs, &mut paths).map_err(|e| vec![e])?;
    }
    for path in sorted(root).map_err(|e| vec![e])? {
        let name = name_of(&path);
        if path.is_file() && (name == "Cargo.lock" || name.starts_with("LICENSE")) {
            paths.push(name);
        }
    }
    for path in paths {
        let bytes = match fs::read(root.join(&path)) {
            Ok(bytes) => bytes,
            Err(e) => {
                problems.push(format!("{path}: {e}"));
                continue;
            }
        };
        if path.ends_with("/Cargo.toml") {
            // What only instructors need.
            let text = String::from_utf8_lossy(&bytes);
            files.push((path, without_hidden(&text).into_bytes()));
            continue;
        }
        if path.ends_with(".ipynb") {
            // Results wait for the student's predictions.
            let bare = notebook::without_outputs(&bytes).unwrap_or(bytes);
            files.push((path, bare));
            continue;
        }
        if !(path.starts_with("labs/") && path.ends_with(".rs")) {
            files.push((path, bytes));
            continue;
        }
        let Ok(text) = String::from_utf8(bytes) else {
            problems.push(format!("{path}:1: not UTF-8"));
            continue;
        };
        match markers::parse(&path, &text) {
            Err(wrong) => problems.extend(wrong),
            Ok(marked) => {
                let exercise = exercises.get(&path);
                open.extend(marked.stubbed.lines().map(|line| line.trim().to_owned()));
                for solution in &marked.solutions {
                    if exercise.is_none_or(|e| e.id != solution.id) {
                        let line = solution.line;
                        let id = &solution.id;
                        problems.push(format!(
                            "{path}:{line}: the solution is marked as {id}, which has another file or does not exist"
                        ));
                    }
                }
                if exercise.is_some() && marked.solutions.is_empty() {
                    problems.push(format!("{path}:1: the exercise has no marked solution"));
                }
                let spoken = in_languages(&marked.stubbed, langs);
                let bytes = match exercise {
                    None => spoken,
                    Some(exercise) => heading(exercise, langs) + &without_heading(&spoken),
                };
                secrets.extend(marked.solutions.into_iter().map(|s| (path.clone(), s)));
                files.push((path, bytes.into_bytes()));
            }
        }
    }
    match manifest(root) {
        Ok(manifest) => files.push(("Cargo.toml".to_owned(), manifest.into_bytes())),
        Err(problem) => problems.push(problem),
    }
    // The alias of the commands for labs, and the language, which goes to the other variables at its end.
    let mut config = fs::read_to_string(root.join(".cargo/config.toml")).unwrap_or_default();
    if let [lang] = langs {
        config += &format!("GRADUS_LANG = \"{}\"\n", lang.pick("es", "en"));
    }
    files.push((".cargo/config.toml".to_owned(), config.into_bytes()));
    files.extend(texts(langs));
    if problems.is_empty() {
        problems = leaks(&files, &secrets, &open);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut files: Files = files.into_iter().collect();
    let list = HandedOut {
        langs: langs
            .iter()
            .map(|lang| lang.pick("es", "en").to_owned())
            .collect(),
        files: (files.iter())
            .map(|(path, bytes)| (path.clone(), says(path, bytes)))
            .collect(),
    };
    let students: Vec<_> = (files.iter())
        .filter(|(path, _)| is_students(path))
        .map(|(path, bytes)| (format!("{RELEASED}/{path}"), bytes.clone()))
        .collect();
    files.extend(students);
    let list = serde_json::to_vec_pretty(&list).map_err(|e| vec![format!("{LIST}: {e}")])?;
    files.insert(LIST.to_owned(), list);
    Ok(files)
}

/// What of the workspace a student gets, as paths with `/`.
fn collect(
    root: &Path,
    folder: &Path,
    langs: &[Language],
    paths: &mut Vec<String>,
) -> Result<(), String> {
    for path in sorted(folder)? {
        let name = name_of(&path);
        let at = shown(root, &path);
        let parts: Vec<&str> = at.split('/').collect();
        let instructors = match parts.as_slice() {
            // What proves the tools and the labs, and the references.
            ["crates", "grader" | "cli", "tests", ..] => true,
            ["labs", file] => file.contains('.'),
            ["labs", _, "tests", name, ..] => *name != "exercises.rs",
            ["labs", .., file] => file.ends_with(".py") || file.ends_with(".new"),
            // The answers to everything.
            ["notebooks", "guide", ..] => true,
            ["notebooks", lang @ ("es" | "en")] => {
                !langs.iter().any(|l| l.pick("es", "en") == *lang)
            }
            _ => false,
        };
        let passing = name.starts_with('.') || matches!(&*name, "target" | "__pycache__");
        if instructors || passing {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, langs, paths)?;
        } else if path.is_file() {
            paths.push(at);
        }
    }
    Ok(())
}

/// The statement at the top of the exercise's file.
fn heading(exercise: &Exercise, langs: &[Language]) -> String {
    let mut lines = Vec::new();
    for (i, lang) in langs.iter().enumerate() {
        if i > 0 {
            lines.push(String::new());
        }
        let points = lang.pick("puntos", "points");
        lines.push(format!(
            "{}: {} ({} {points})",
            exercise.id,
            exercise.title.get(*lang),
            exercise.points
        ));
        lines.push(String::new());
        lines.extend(exercise.statement.get(*lang).lines().map(str::to_owned));
    }
    let comment: String = lines
        .iter()
        .map(|line| format!("//! {line}").trim_end().to_owned() + "\n")
        .collect();
    // Until it is solved, a stub uses neither its arguments nor its imports.
    format!("{comment}#![allow(unused)]\n")
}

/// Of comments that stand in both languages, `/// es: ...` and `/// en: ...`, those asked for.
fn in_languages(text: &str, langs: &[Language]) -> String {
    let line = |line: &str| {
        let trimmed = line.trim_start();
        for lang in [Language::Es, Language::En] {
            for mark in ["///", "//!", "//"] {
                let tag = format!("{mark} {}: ", lang.pick("es", "en"));
                if let Some(said) = trimmed.strip_prefix(&tag) {
                    let indent = &line[..line.len() - trimmed.len()];
                    return langs
                        .contains(&lang)
                        .then(|| format!("{indent}{mark} {said}\n"));
                }
            }
        }
        Some(format!("{line}\n"))
    };
    text.lines().filter_map(line).collect()
}

/// The instructor's file begins with the exercise's id alone: `//! lab1.3`.
fn without_heading(text: &str) -> String {
    let body = text.lines().skip_while(|line| line.starts_with("//!"));
    body.map(|line| format!("{line}\n")).collect()
}

/// A manifest without the lines between `# BEGIN HIDDEN` and `# END HIDDEN`.
fn without_hidden(text: &str) -> String {
    let mut hidden = false;
    let mut seen = String::new();
    for line in text.lines() {
        match line.trim() {
            "# BEGIN HIDDEN" => hidden = true,
            "# END HIDDEN" => hidden = false,
            _ if hidden => (),
            _ => seen = seen + line + "\n",
        }
    }
    seen
}

/// The workspace's manifest without the instructor's end-to-end tests.
fn manifest(root: &Path) -> Result<String, String> {
    let text = read(&root.join("Cargo.toml"))?;
    let without = text.replace(", \"tests\", \"tests/stock\"", "");
    if without.contains("\"tests") {
        return Err("Cargo.toml:1: `members` lists \"tests\" in an unexpected place".to_owned());
    }
    Ok(without)
}

fn texts(langs: &[Language]) -> Vec<(String, Vec<u8>)> {
    let readme = |lang: &Language| {
        lang.pick(
            include_str!("release/README.es.md"),
            include_str!("release/README.en.md"),
        )
    };
    let readmes: Vec<_> = langs.iter().map(readme).collect();
    let files = vec![
        (
            "README.md".to_owned(),
            readmes.join("\n---\n\n").into_bytes(),
        ),
        (".gitignore".to_owned(), b"/target\n".to_vec()),
        // The editor checks the whole workspace: in a folder of its own, so that nobody waits for it.
        (
            ".vscode/settings.json".to_owned(),
            b"{\n  \"rust-analyzer.cargo.targetDir\": true\n}\n".to_vec(),
        ),
    ];
    files
}

/// Lines of solutions that are still in the labs, notebooks or texts of the release. The library is not searched: it
/// explains the same techniques on purpose.
///
/// A line that also stands outside the marks, such as `let mut rng = Random::new(seed);`, is no secret.
fn leaks(
    files: &[(String, Vec<u8>)],
    solutions: &[(String, Solution)],
    open: &BTreeSet<String>,
) -> Vec<String> {
    let secrets: BTreeMap<&str, (&str, &str)> = (solutions.iter())
        .flat_map(|(path, solution)| {
            telling_lines(&solution.code).map(|line| (line, (solution.id.as_str(), path.as_str())))
        })
        .filter(|(line, _)| !open.contains(*line))
        .collect();
    let mut problems = Vec::new();
    for (path, bytes) in files {
        if path.starts_with("crates/") || path == "Cargo.lock" {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        for (number, line) in text.lines().enumerate() {
            let number = number + 1;
            for mark in [
                "BEGIN SOLUTION",
                "BEGIN HIDDEN",
                "END SOLUTION",
                "END HIDDEN",
            ] {
                if line.contains(mark) {
                    problems.push(format!("{path}:{number}: a mark is left: {mark}"));
                }
            }
            for (secret, (id, from)) in &secrets {
                if line.contains(secret) {
                    problems.push(format!(
                        "{path}:{number}: gives away a line of {id} ({from}): {secret}"
                    ));
                }
            }
        }
    }
    problems
}

/// The lines of a solution that say something: not braces, not a bare name or number, not a link of a chain, not an attribute.
fn telling_lines(code: &str) -> impl Iterator<Item = &str> {
    code.lines().map(str::trim).filter(|line| {
        line.len() >= 14
            && !line.starts_with('.')
            && !line.starts_with("#[")
            && line.contains(['(', '=', '*', '/', '['])
    })
}

/// Writes a file whole or not at all, with the folders that it needs.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let problem = |e: std::io::Error| format!("{}: {e}", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(problem)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder).map_err(problem)?;
    // For everybody to read; a temporary file is for its owner alone.
    #[cfg(unix)]
    {
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        draft.as_file().set_permissions(readable).map_err(problem)?;
    }
    std::io::Write::write_all(&mut draft, bytes).map_err(problem)?;
    draft.persist(path).map_err(|e| problem(e.error))?;
    Ok(())
}
