//! A sheet of exercises to print, with its key.

use std::path::Path;
use std::{fmt, fs, io};

use gradus_text::Language;
use gradus_text::display::Show;
use gradus_text::html::escape;
use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};

use super::{Exercise, Level, Markdown};

/// What stands between the blanks.
const BETWEEN: &str = " &nbsp; ";

/// An exercise of each level: see [`worksheet`].
#[derive(Clone, Debug)]
pub struct Worksheet {
    seed: u64,
    language: Language,
    exercises: Vec<Exercise>,
}

/// A sheet with one exercise of each [`Level`], made from a seed, with its key. A notebook shows the sheet;
/// [`Worksheet::save`] writes a page to print, the key on pages of its own.
///
/// ```
/// use gradus::prelude::*;
/// let sheet = worksheet(7);
/// assert_eq!(sheet.exercises().len(), Level::ALL.len());
/// assert!(sheet.html().contains("<math"));
/// assert!(!sheet.key().to_string().is_empty());
/// ```
pub fn worksheet(seed: u64) -> Worksheet {
    worksheet_in(seed, Language::current())
}

fn worksheet_in(seed: u64, language: Language) -> Worksheet {
    let levels = Level::ALL.into_iter();
    Worksheet {
        seed,
        language,
        exercises: levels
            .map(|level| Exercise::new(level, seed, language))
            .collect(),
    }
}

impl Worksheet {
    /// The exercises, the easiest first.
    pub fn exercises(&self) -> &[Exercise] {
        &self.exercises
    }

    /// What is asked, with room for each step.
    pub fn sheet(&self) -> Markdown {
        let title = self
            .language
            .pick("Regla de la cadena, hoja", "The chain rule, sheet");
        let mut text = format!("## {title} {}", self.seed);
        for (i, exercise) in self.exercises.iter().enumerate() {
            let (_, steps) = exercise.problem.path();
            let blanks = steps
                .iter()
                .map(|step| format!("${}$ = ________", step.latex));
            let blanks: Vec<String> = blanks.collect();
            text += &format!(
                "\n\n### {}\n\n{}\n\n{}",
                i + 1,
                exercise.statement(),
                blanks.join(BETWEEN)
            );
        }
        Markdown(text)
    }

    /// The solutions, step by step.
    pub fn key(&self) -> Markdown {
        let title = self.language.pick("Soluciones de la hoja", "Key to sheet");
        let mut text = format!("## {title} {}", self.seed);
        for (i, exercise) in self.exercises.iter().enumerate() {
            text += &format!("\n\n### {}\n\n{}", i + 1, exercise.solution());
        }
        Markdown(text)
    }

    /// A page of its own, for a browser to show and print: the sheet, then the key from a new page on. It needs no network.
    pub fn html(&self) -> String {
        let language = self.language.pick("es", "en");
        let title = self.language.pick("Regla de la cadena", "The chain rule");
        format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title} {}</title><style>\
             body{{font:12pt/1.5 serif;max-width:46em;margin:2em auto;padding:0 1em}}\
             h3{{margin:1.6em 0 .2em}}section,li{{break-inside:avoid}}.steps{{line-height:2.4}}.steps span{{white-space:nowrap;margin-right:.8em}}\
             .key{{break-before:page}}math[display=block]{{margin:.6em 0}}\
             @media print{{body{{margin:0;max-width:none}}}}@page{{margin:2cm}}\
             </style></head><body>{}<div class=\"key\">{}</div></body></html>\n",
            self.seed,
            page(&self.sheet().0),
            page(&self.key().0)
        )
    }

    /// Write [`Worksheet::html`] to a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        fs::write(path, self.html())
    }
}

/// The sheets' own Markdown as HTML: headings, paragraphs, numbered lists, formulas.
fn page(text: &str) -> String {
    let mut html = String::new();
    let mut open = false;
    for block in text.split("\n\n") {
        if let Some(title) = block.strip_prefix("### ") {
            html += if open { "</section>" } else { "" };
            html += &format!("<section><h3>{}</h3>", escape(title));
            open = true;
        } else if let Some(title) = block.strip_prefix("## ") {
            html += &format!("<h1>{}</h1>", escape(title));
        } else if block.starts_with("1. ") {
            let items = block.lines().map(|line| {
                let item = line.split_once(". ").map_or(line, |(_, item)| item);
                format!("<li>{}</li>", formulas(item))
            });
            html += &format!("<ol>{}</ol>", items.collect::<String>());
        } else if block.contains("____") {
            // A step and its blank stay together.
            let steps = block.split(BETWEEN);
            let steps = steps.map(|step| format!("<span>{}</span> ", formulas(step)));
            html += &format!("<p class=\"steps\">{}</p>", steps.collect::<String>());
        } else {
            html += &format!("<p>{}</p>", formulas(block));
        }
    }
    html + if open { "</section>" } else { "" }
}

/// Text with formulas between `$` or `$$`.
fn formulas(text: &str) -> String {
    let blocks = text.split("$$").enumerate();
    let html = blocks.map(|(i, block)| match i % 2 {
        1 => mathml(block, DisplayMode::Block),
        _ => {
            let parts = block.split('$').enumerate();
            let parts = parts.map(|(i, part)| match i % 2 {
                1 => mathml(part, DisplayMode::Inline),
                _ => escape(part),
            });
            parts.collect::<String>()
        }
    });
    html.collect()
}

/// A formula that browsers typeset themselves; its source where it cannot be read.
fn mathml(formula: &str, display_mode: DisplayMode) -> String {
    let storage = Storage::new();
    let read = || Parser::new(formula, &storage);
    let config = RenderConfig {
        display_mode,
        ..RenderConfig::default()
    };
    let mut html = String::new();
    let is_whole = read().all(|event| event.is_ok());
    match push_mathml(&mut html, read(), config) {
        Ok(()) if is_whole => html,
        _ => format!("<code>{}</code>", escape(formula)),
    }
}

/// The sheet.
impl fmt::Display for Worksheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt(f)
    }
}

impl Show for Worksheet {
    fn forms(&self) -> Vec<(&'static str, String)> {
        self.sheet().forms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_exercise_and_every_formula_typeset() {
        for language in [Language::Es, Language::En] {
            for seed in 0..40 {
                let sheet = worksheet_in(seed, language);
                let html = sheet.html();
                assert_eq!(html.matches("<section>").count(), 2 * Level::ALL.len());
                assert_eq!(html.matches("</section>").count(), 2 * Level::ALL.len());
                // No formula was left as its source.
                assert!(!html.contains("<code>") && !html.contains('$'), "{seed}");
                let (before, key) = html.split_once("class=\"key\"").expect("a key");
                assert!(!before.contains('≈') && key.contains('≈'), "{seed}");
            }
        }
        assert_eq!(
            worksheet_in(3, Language::Es).html(),
            worksheet_in(3, Language::Es).html()
        );
    }
}
