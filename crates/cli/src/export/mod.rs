//! `gradus export`: the notebooks as a static site.

mod page;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::run::{absolute, search};
use gradus_text::html::escape;

#[derive(clap::Args)]
#[command(after_help = "\
Writes DIR/index.html, and for each notebook a page with its outputs as they are in the file: execute the notebooks \
first, with `gradus run --in-place` or `gradus run`. Folders called es and en become the site's two languages, and \
lessons whose names start with the same number link to each other. Pages are made by Jupyter's nbconvert where it is \
installed; its pages fetch MathJax for the formulas. The built-in pages need no network.")]
pub struct Args {
    /// Notebooks, or folders to search for them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder of the site
    #[arg(long, value_name = "DIR")]
    html: PathBuf,
    /// Make the pages here, even where nbconvert is installed
    #[arg(long)]
    built_in: bool,
}

/// A page of the site.
struct Lesson {
    notebook: PathBuf,
    language: String,
    /// What its file name starts with.
    number: String,
    title: String,
    /// From the root of the site.
    href: String,
    content: Value,
}

pub fn run(args: &Args) -> ExitCode {
    match export(args) {
        Ok(lessons) => {
            println!(
                "{} lessons: {}",
                lessons,
                args.html.join("index.html").display()
            );
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("gradus: {problem}");
            ExitCode::from(2)
        }
    }
}

fn export(args: &Args) -> Result<usize, String> {
    let lessons = lessons(args)?;
    let site = absolute(&args.html);
    let nbconvert = if args.built_in { None } else { nbconvert() };
    for lesson in &lessons {
        let nav = nav(lesson, &lessons);
        let page = nbconvert
            .as_deref()
            .and_then(|program| converted(program, lesson, &nav));
        let page = page.unwrap_or_else(|| {
            let main = format!(
                "<nav>{nav}</nav>\n<main>\n{}</main>\n<nav>{nav}</nav>",
                page::body(&lesson.content)
            );
            document(&lesson.language, &lesson.title, "../", &main)
        });
        write(&site.join(&lesson.href), &page)?;
    }
    write(&site.join("gradus.css"), include_str!("site.css"))?;
    write(
        &site.join("index.html"),
        &document("en", "Gradus", "", &index(&lessons)),
    )?;
    Ok(lessons.len())
}

fn lessons(args: &Args) -> Result<Vec<Lesson>, String> {
    let mut found = Vec::new();
    for path in &args.paths {
        let root = absolute(path);
        let kind =
            std::fs::metadata(&root).map_err(|error| format!("{}: {error}", path.display()))?;
        if kind.is_dir() {
            search(&root, &root, &mut found)?;
        } else {
            found.push((root, PathBuf::new()));
        }
    }
    if found.is_empty() {
        return Err("no notebooks (*.ipynb) in these folders".to_owned());
    }
    let mut lessons: BTreeMap<String, Lesson> = BTreeMap::new();
    for (notebook, _) in found {
        let lesson = lesson(notebook)?;
        if let Some(other) = lessons
            .get(&lesson.href)
            .filter(|other| other.notebook != lesson.notebook)
        {
            return Err(format!(
                "{} and {} would both become {}: export them apart",
                other.notebook.display(),
                lesson.notebook.display(),
                lesson.href
            ));
        }
        lessons.insert(lesson.href.clone(), lesson);
    }
    Ok(lessons.into_values().collect())
}

fn lesson(notebook: PathBuf) -> Result<Lesson, String> {
    let problem = |what: String| format!("{}: {what}", notebook.display());
    let text = std::fs::read_to_string(&notebook).map_err(|error| problem(error.to_string()))?;
    let content: Value =
        serde_json::from_str(&text).map_err(|error| problem(format!("not JSON: {error}")))?;
    if !content["cells"].is_array() {
        return Err(problem(
            "not a notebook of version 4: it has no list of cells".to_owned(),
        ));
    }
    let name = notebook
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let folder = notebook
        .parent()
        .and_then(Path::file_name)
        .unwrap_or_default()
        .to_string_lossy();
    let language = match &*folder {
        "es" => "es",
        _ => "en",
    };
    Ok(Lesson {
        title: page::title(&content).unwrap_or_else(|| name.clone()),
        number: name.split('-').next().unwrap_or_default().to_owned(),
        href: format!("{language}/{name}.html"),
        language: language.to_owned(),
        content,
        notebook,
    })
}

/// To the lesson before, to all, to the one after, and to the same in the other language; from a page in a folder.
fn nav(lesson: &Lesson, lessons: &[Lesson]) -> String {
    let mine: Vec<&Lesson> = lessons
        .iter()
        .filter(|other| other.language == lesson.language)
        .collect();
    let at = mine.iter().position(|other| other.href == lesson.href);
    let near = |step: isize| at.and_then(|at| mine.get(at.checked_add_signed(step)?));
    let other = lessons
        .iter()
        .find(|other| other.language != lesson.language && other.number == lesson.number);
    let link = |lesson: &Lesson, text: &str, more: &str| {
        format!(
            "<a href=\"../{}\"{more}>{}</a> ",
            escape(&lesson.href),
            escape(text)
        )
    };
    let spanish = lesson.language == "es";
    let mut out = format!(
        "<a href=\"../index.html\">{}</a> ",
        if spanish {
            "Todas las lecciones"
        } else {
            "All lessons"
        }
    );
    if let Some(before) = near(-1) {
        out += &link(before, &format!("← {}", before.title), " rel=\"prev\"");
    }
    if let Some(after) = near(1) {
        out += &link(after, &format!("{} →", after.title), " rel=\"next\"");
    }
    if let Some(other) = other {
        let (name, code) = if spanish {
            ("English", "en")
        } else {
            ("Español", "es")
        };
        out += &link(
            other,
            name,
            &format!(" lang=\"{code}\" hreflang=\"{code}\" class=\"language\""),
        );
    }
    out
}

fn index(lessons: &[Lesson]) -> String {
    let mut out = String::from("<main>\n<h1>Gradus</h1>\n<div class=\"languages\">\n");
    for (code, heading, intro) in [
        (
            "es",
            "Español",
            "Entrenamiento de redes neuronales, con Rust.",
        ),
        ("en", "English", "Training neural networks, with Rust."),
    ] {
        let mut mine = lessons
            .iter()
            .filter(|lesson| lesson.language == code)
            .peekable();
        if mine.peek().is_none() {
            continue;
        }
        let _ = writeln!(
            out,
            "<section lang=\"{code}\"><h2>{heading}</h2><p>{intro}</p>\n<ul>"
        );
        for lesson in mine {
            let _ = writeln!(
                out,
                "<li><a href=\"{}\">{}</a></li>",
                escape(&lesson.href),
                escape(&lesson.title)
            );
        }
        out.push_str("</ul></section>\n");
    }
    out + "</div>\n</main>"
}

fn document(language: &str, title: &str, root: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <link rel=\"stylesheet\" href=\"{root}gradus.css\">\n</head>\n<body>\n{content}\n</body>\n</html>\n",
        escape(title)
    )
}

/// The Python that has nbconvert.
fn nbconvert() -> Option<PathBuf> {
    let python = PathBuf::from("python3");
    let mut command = Command::new(&python);
    let output = command.args(["-c", "import nbconvert"]).output();
    output
        .is_ok_and(|output| output.status.success())
        .then_some(python)
}

/// The page by nbconvert with the site's links; `None`, said on stderr, where that fails.
fn converted(python: &Path, lesson: &Lesson, nav: &str) -> Option<String> {
    let output = Command::new(python)
        .args([
            "-m",
            "nbconvert",
            "--to",
            "html",
            "--stdout",
            "--log-level",
            "ERROR",
        ])
        .arg(&lesson.notebook)
        .output()
        .ok()?;
    let page = String::from_utf8(output.stdout).ok()?;
    let body = page
        .find("<body")
        .and_then(|at| Some(at + page[at..].find('>')? + 1));
    match body {
        Some(body) if output.status.success() => {
            let style = "max-width:60em;margin:auto;padding:1em;font-family:sans-serif";
            let bar = format!("\n<nav style=\"{style}\">{nav}</nav>");
            let lang = format!("<html lang=\"{}\">", lesson.language);
            let page = format!("{}{bar}{}", &page[..body], &page[body..]);
            Some(page.replacen("<html lang=\"en\">", &lang, 1))
        }
        _ => {
            let why = String::from_utf8_lossy(&output.stderr);
            let why = why.lines().last().unwrap_or("it wrote no page");
            eprintln!(
                "gradus: {}: nbconvert failed ({why}); a built-in page instead",
                lesson.notebook.display()
            );
            None
        }
    }
}

/// Whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let part = path.with_extension(format!("{}.part", std::process::id()));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&part, text))
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|error| {
            let _ = std::fs::remove_file(&part);
            format!("cannot write {}: {error}", path.display())
        })
}
