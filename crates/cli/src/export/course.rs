//! The lessons of a site: which notebooks there are, in which language, and what each is about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gradus_text::Language;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use super::page::Page;
use crate::run::{absolute, search};

/// A page of the site.
pub struct Lesson {
    /// The file it is made of.
    pub notebook: PathBuf,
    pub language: Language,
    /// What its file name starts with.
    pub number: String,
    pub title: String,
    /// In the README.md beside the notebook, the last cell of the row that links to it.
    pub about: String,
    /// In the folder of its language.
    pub file: String,
    pub page: Page,
}

impl Lesson {
    fn read(notebook: PathBuf) -> Result<Lesson, String> {
        let problem = |what: String| format!("{}: {what}", notebook.display());
        let text =
            std::fs::read_to_string(&notebook).map_err(|error| problem(error.to_string()))?;
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
        let folder = notebook.parent().unwrap_or(Path::new(""));
        let language = match folder.file_name() {
            Some(name) if name == "es" => Language::Es,
            _ => Language::En,
        };
        let page = Page::new(&content, language);
        Ok(Lesson {
            title: page.title().unwrap_or(&name).to_owned(),
            number: name.split('-').next().unwrap_or_default().to_owned(),
            about: String::new(),
            file: format!("{name}.html"),
            language,
            page,
            notebook,
        })
    }

    /// From the root of the site.
    pub fn href(&self) -> String {
        format!("{}/{}", self.language.code(), self.file)
    }

    /// The same lesson in the other language.
    pub fn twin<'a>(&self, lessons: &'a [Lesson]) -> Option<&'a Lesson> {
        lessons
            .iter()
            .find(|other| other.language != self.language && other.number == self.number)
    }
}

/// All notebooks of these files and folders, by language and name.
pub fn lessons(paths: &[PathBuf]) -> Result<Vec<Lesson>, String> {
    let mut found = Vec::new();
    for path in paths {
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
        let lesson = Lesson::read(notebook)?;
        let href = lesson.href();
        if let Some(other) = lessons
            .get(&href)
            .filter(|other| other.notebook != lesson.notebook)
        {
            return Err(format!(
                "{} and {} would both become {href}: export them apart",
                other.notebook.display(),
                lesson.notebook.display(),
            ));
        }
        lessons.insert(href, lesson);
    }
    let mut lessons: Vec<Lesson> = lessons.into_values().collect();
    for lesson in &mut lessons {
        let index = lesson.notebook.with_file_name("README.md");
        // Without it the titles have to do.
        if let Ok(text) = std::fs::read_to_string(index) {
            let name = lesson.notebook.file_name().unwrap_or_default();
            lesson.about = about(&text, &name.to_string_lossy()).unwrap_or_default();
        }
    }
    lessons.extend(glossaries(&lessons)?);
    Ok(lessons)
}

/// The words of the course, `glossary.md` beside the folder of a language, as the last page of that language.
fn glossaries(lessons: &[Lesson]) -> Result<Vec<Lesson>, String> {
    let mut found = Vec::new();
    for language in [Language::Es, Language::En] {
        let mut mine = lessons.iter().filter(|it| it.language == language);
        let folder = mine.find_map(|it| it.notebook.parent()?.parent());
        let Some(file) = folder.map(|folder| folder.join("glossary.md")) else {
            continue;
        };
        if file.is_file() {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let cell = json!({ "cell_type": "markdown", "id": "glossary", "source": text });
            found.push(Lesson {
                page: Page::new(&json!({ "cells": [cell] }), language),
                title: language.pick("Glosario", "Glossary").to_owned(),
                number: "glossary".to_owned(),
                about: language
                    .pick("Las palabras del curso", "The words of the course")
                    .to_owned(),
                file: "glossary.html".to_owned(),
                language,
                notebook: file,
            });
        }
    }
    Ok(found)
}

/// The last cell of the table's row that links to this file.
fn about(index: &str, file: &str) -> Option<String> {
    let (mut found, mut cell) = (false, String::new());
    for event in Parser::new_ext(index, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableRow) => found = false,
            Event::Start(Tag::TableCell) => cell.clear(),
            Event::Start(Tag::Link { dest_url, .. }) => found |= *dest_url == *file,
            Event::Text(text) | Event::Code(text) => cell.push_str(&text),
            Event::End(TagEnd::TableRow) if found => return Some(cell),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lesson_is_about_stands_in_the_row_that_links_to_it() {
        let index = "| | lesson | about |\n|---|---|---|\n| 1 | [One](01.ipynb) | first |\n\
                     | 2 | [Two](02.ipynb) | **graded:** `second` |";
        assert_eq!(about(index, "01.ipynb").unwrap(), "first");
        assert_eq!(about(index, "02.ipynb").unwrap(), "graded: second");
        assert_eq!(about(index, "03.ipynb"), None);
    }
}
