//! `gradus export`: the notebooks as a static site.

mod code;
mod course;
mod markdown;
mod page;
mod search;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gradus_text::Language;
use minijinja::{Environment, State, Value, context};

use self::course::{Lesson, lessons};
use crate::run::absolute;

#[derive(clap::Args)]
#[command(after_help = "\
Writes DIR/index.html, and for each notebook a page with its outputs as they are in the file: execute the notebooks \
first, with `gradus run --in-place` or `gradus run`. Folders called es and en become the site's two languages, and \
lessons whose names start with the same number link to each other. What a lesson is about comes from the README.md \
beside it; `glossary.md` beside those folders becomes a page, too. The site needs no network and no server.

Examples:
  gradus export --html site notebooks        the whole course
  gradus export --html site notebooks/en     in one language")]
pub struct Args {
    /// Notebooks, or folders to search for them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder of the site
    #[arg(long, value_name = "DIR")]
    html: PathBuf,
}

pub fn run(args: &Args) -> ExitCode {
    match export(args) {
        Ok(lessons) => {
            let index = args.html.join("index.html");
            println!("{lessons} pages: {}", index.display());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("gradus: {problem}");
            ExitCode::from(2)
        }
    }
}

fn export(args: &Args) -> Result<usize, String> {
    let lessons = lessons(&args.paths)?;
    let mut files = pages(&lessons).map_err(|error| error.to_string())?;
    for (name, text) in [
        ("assets/site.css", include_str!("site/site.css")),
        ("assets/site.js", include_str!("site/site.js")),
        ("assets/icon.svg", include_str!("site/icon.svg")),
    ] {
        files.push((name.to_owned(), text.to_owned()));
    }
    let site = absolute(&args.html);
    for (name, text) in files {
        write(&site.join(name), &text)?;
    }
    Ok(lessons.len())
}

/// Every page and what the search of each language needs, as a path from the root of the site and a text.
fn pages(lessons: &[Lesson]) -> Result<Vec<(String, String)>, minijinja::Error> {
    let templates = templates()?;
    let render = |name: &str, context: Value| templates.get_template(name)?.render(context);
    let mut files = Vec::new();
    let mut covers = Vec::new();
    for language in [Language::Es, Language::En] {
        let mine: Vec<&Lesson> = lessons
            .iter()
            .filter(|it| it.language == language)
            .collect();
        if mine.is_empty() {
            continue;
        }
        let code = language.code();
        let contents: Vec<Value> = mine.iter().map(|lesson| entry(lesson)).collect();
        let twins = lessons.iter().any(|it| it.language != language);
        covers.push(code);
        let cover = context! {
            language => code, contents => contents.clone(), twin => twins.then_some("index.html"),
        };
        files.push((format!("{code}/index.html"), render("cover.html", cover)?));
        for (at, lesson) in mine.iter().enumerate() {
            let near = |at: Option<usize>| at.and_then(|at| contents.get(at)).cloned();
            let headings = lesson.page.headings().filter(|it| it.level > 1);
            let headings: Vec<Value> = headings
                .map(|it| context! { level => it.level, id => &it.id, html => &it.html })
                .collect();
            let page = context! {
                language => code,
                contents => contents.clone(),
                this => contents[at].clone(),
                headings => headings,
                body => &lesson.page.html,
                before => near(at.checked_sub(1)),
                after => near(at.checked_add(1)),
                twin => lesson.twin(lessons).map(|twin| twin.file.as_str()),
            };
            files.push((lesson.href(), render("lesson.html", page)?));
        }
        files.push((
            format!("{code}/search.js"),
            search::index(lessons, language),
        ));
    }
    let index = context! { language => covers.first().copied(), covers => covers };
    files.push(("index.html".to_owned(), render("index.html", index)?));
    Ok(files)
}

/// A lesson in the table of contents.
fn entry(lesson: &Lesson) -> Value {
    context! { file => &lesson.file, title => &lesson.title, about => &lesson.about }
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    templates.add_template("base.html", include_str!("site/base.html"))?;
    templates.add_template("lesson.html", include_str!("site/lesson.html"))?;
    templates.add_template("cover.html", include_str!("site/cover.html"))?;
    templates.add_template("index.html", include_str!("site/index.html"))?;
    // Both texts stand beside each other, as in the lessons.
    templates.add_function(
        "say",
        |state: &State, spanish: String, english: String| match state.lookup("language") {
            Some(language) if language.as_str() == Some("es") => spanish,
            _ => english,
        },
    );
    Ok(templates)
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
