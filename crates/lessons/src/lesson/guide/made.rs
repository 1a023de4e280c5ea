//! The parts of the guide that nobody writes: minutes, answers, slides.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gradus_text::Language;
use serde_json::Value;

use super::super::exercise::Exercise;
use super::super::{bank, predictions_of_all};
use super::{joined, read, slide_list};
use crate::chain_rule::{self, Level, number};

pub(super) const MADE: &str = "<!-- made: ";
const END: &str = "<!-- end -->";

/// How long things take: words of text and lines of code in a minute, minutes for the others.
const WORDS: f64 = 150.0;
const LINES: f64 = 12.0;
const PREDICTION: usize = 2;
const EXERCISE: usize = 4;
const BY_HAND: usize = 8;

pub(super) struct Cell {
    id: String,
    is_code: bool,
    pub text: String,
    pub outputs: String,
}

pub(super) struct Lesson {
    file: String,
    pub title: String,
    pub cells: Vec<Cell>,
}

/// The notebooks of a language, by their numbers.
pub(super) fn lessons(root: &Path, language: Language) -> BTreeMap<String, Lesson> {
    let folder = root.join("notebooks").join(language.pick("es", "en"));
    let entries = fs::read_dir(&folder).expect("a folder of notebooks");
    let paths = entries.flatten().map(|entry| entry.path());
    let notebooks = paths.filter(|path| path.extension().is_some_and(|e| e == "ipynb"));
    let lesson = |path: PathBuf| {
        let notebook: Value = serde_json::from_str(&read(&path)).expect("a notebook");
        let cells: Vec<Cell> = (notebook["cells"].as_array().expect("cells").iter())
            .map(|cell| Cell {
                id: joined(&cell["id"]),
                is_code: cell["cell_type"] == "code",
                text: joined(&cell["source"]),
                outputs: cell["outputs"].to_string(),
            })
            .collect();
        let file = path.file_name().expect("a name").to_string_lossy();
        let first = cells[0].text.lines().next().unwrap_or_default();
        let number = file.split('-').next().unwrap_or_default().to_owned();
        let title = first.trim_start_matches("# ").to_owned();
        let file = file.into_owned();
        (number, Lesson { file, title, cells })
    };
    let all: BTreeMap<String, Lesson> = notebooks.map(lesson).collect();
    assert!(all.len() >= 17, "{} lessons", all.len());
    all
}

/// The sentence of a paragraph that asks, with the one before it where it is short; or all of the paragraph.
fn question(paragraph: &str) -> String {
    let mut sentences = vec![String::new()];
    let mut rest = paragraph.chars().peekable();
    while let Some(c) = rest.next() {
        let last = sentences.last_mut().expect("one to begin with");
        last.push(c);
        if matches!(c, '.' | '?' | '!' | ')') && rest.peek() == Some(&' ') && ends(last) {
            sentences.push(String::new());
        }
    }
    let asks = |sentence: &String| {
        let prose: String = sentence.split('`').step_by(2).collect();
        prose.contains('?')
    };
    let Some(at) = sentences.iter().rposition(asks) else {
        return paragraph.trim().to_owned();
    };
    let follows = ["¿Y ", "Y ", "And "]
        .iter()
        .any(|and| sentences[at].trim().starts_with(and));
    let is_short = follows || sentences[at].chars().count() < 70;
    let from = at.saturating_sub(usize::from(is_short));
    sentences[from..=at].concat().trim().to_owned()
}

/// Whether this is a whole sentence: a bracket or three points may be in the middle of one.
fn ends(sentence: &str) -> bool {
    let [bracket, points] = [")", "..."].map(|end| sentence.ends_with(end));
    !points && (!bracket || sentence.ends_with(".)") || sentence.ends_with("?)"))
}

/// What is asked under this name, and the options by their letters.
fn asked(lesson: &Lesson, id: &str, language: Language) -> (String, BTreeMap<String, String>) {
    let call = format!("predict(\"{id}\"");
    let exercise = format!("**{id}**");
    let at = |holds: &dyn Fn(&Cell) -> bool| lesson.cells.iter().position(holds);
    let text = match at(&|cell| cell.is_code && cell.text.contains(&call)) {
        Some(at) => {
            let word = language.pick("**Predice.**", "**Predict.**");
            let above = lesson.cells[..at].iter().rev().find(|cell| !cell.is_code);
            let asking = above.and_then(|cell| cell.text.rsplit_once(word));
            asking
                .unwrap_or_else(|| panic!("{id} is not asked above"))
                .1
        }
        None => {
            let at = at(&|cell| !cell.is_code && cell.text.contains(&exercise));
            let cell = &lesson.cells[at.unwrap_or_else(|| panic!("{id} is not asked"))].text;
            cell.rsplit(&exercise).next().unwrap_or_default()
        }
    };
    let paragraphs: Vec<&str> = text.trim().split("\n\n").collect();
    let option = |line: &str| {
        let (letter, words) = line.strip_prefix("- `")?.split_once("`: ")?;
        Some((letter.to_owned(), words.trim().to_owned()))
    };
    let options = text.lines().filter_map(option).collect();
    (question(&paragraphs[0].replace('\n', " ")), options)
}

/// A line of the key: what is asked, what is right, why.
fn line(lesson: &Lesson, exercise: &Exercise, language: Language) -> String {
    let (question, options) = asked(lesson, exercise.id, language);
    let right = exercise.right(&options);
    let stop = if right.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    let why = exercise.why_in(language);
    format!(
        "- **{}** {question} **→ {right}{stop}** {why}\n",
        exercise.id
    )
}

/// The exercises on the chain rule that lesson 06 leaves to the student.
fn by_hand(lesson: &Lesson) -> Vec<(String, u64)> {
    let code = lesson.cells.iter().filter(|cell| cell.is_code);
    code.filter_map(|cell| {
        let rest = cell.text.split_once("let mine = Exercise::new(Level::")?.1;
        let mut parts = rest.split(", ");
        let level = parts.next()?.to_owned();
        Some((level, parts.next()?.parse().ok()?))
    })
    .collect()
}

struct Minutes {
    reading: usize,
    predictions: usize,
    exercises: usize,
}

impl Minutes {
    fn of(lesson: &Lesson, number: &str) -> Minutes {
        let (mut words, mut lines) = (0, 0);
        for cell in &lesson.cells {
            if cell.is_code {
                lines += cell
                    .text
                    .lines()
                    .filter(|line| !line.trim().is_empty())
                    .count();
            } else {
                // A formula is read as a word.
                let parts = cell.text.split('$').enumerate();
                let prose = parts.map(|(i, part)| if i % 2 == 0 { part } else { "x" });
                words += prose.collect::<String>().split_whitespace().count();
            }
        }
        let of_lesson = |all: Vec<Exercise>| {
            let ids = all
                .into_iter()
                .filter(|one| one.id.split('.').next() == Some(number));
            ids.count()
        };
        let exercises = EXERCISE * of_lesson(bank()) + BY_HAND * by_hand(lesson).len();
        Minutes {
            reading: to_five(words as f64 / WORDS + lines as f64 / LINES),
            predictions: to_five((PREDICTION * of_lesson(predictions_of_all())) as f64),
            exercises: to_five(exercises as f64),
        }
    }

    fn all(&self) -> usize {
        self.reading + self.predictions + self.exercises
    }
}

fn to_five(minutes: f64) -> usize {
    5 * (minutes / 5.0).round() as usize
}

/// The minutes of a lesson and its key.
fn key(lesson: &Lesson, number: &str, language: Language) -> String {
    let minutes = Minutes::of(lesson, number);
    let (reading, predicting, solving) = (minutes.reading, minutes.predictions, minutes.exercises);
    let all = minutes.all();
    let mut text = language.pick(
        format!("Minutos: lectura, {reading}; predicciones, {predicting}; ejercicios, {solving}. En total, {all}.\n"),
        format!("Minutes: reading, {reading}; predictions, {predicting}; exercises, {solving}. In all, {all}.\n"),
    );
    let titles = [
        language.pick("Predicciones", "Predictions"),
        language.pick("Ejercicios", "Exercises"),
    ];
    for (title, exercises) in titles.into_iter().zip([predictions_of_all(), bank()]) {
        let of_lesson: Vec<_> = (exercises.iter())
            .filter(|exercise| exercise.id.split('.').next() == Some(number))
            .collect();
        if !of_lesson.is_empty() {
            text += &format!("\n{title}:\n\n");
        }
        for exercise in of_lesson {
            text += &line(lesson, exercise, language);
        }
    }
    let by_hand = by_hand(lesson);
    if !by_hand.is_empty() {
        text += language.pick(
            "\nLos ejercicios que salen de una semilla («para ti»):\n\n",
            "\nThe exercises that come from a seed (“for you”):\n\n",
        );
    }
    for (name, seed) in by_hand {
        let level = Level::ALL
            .into_iter()
            .find(|level| format!("{level:?}") == name);
        let level = level.unwrap_or_else(|| panic!("no level {name}"));
        let answer = number_of(&chain_rule::Exercise::new(level, seed, language));
        text += &format!("- `Level::{name}, {seed}`: **{answer}**\n");
    }
    text
}

fn number_of(exercise: &chain_rule::Exercise) -> String {
    number(exercise.answer())
}

fn minutes(lessons: &BTreeMap<String, Lesson>, language: Language) -> String {
    let mut text = language.pick(
        "| lección | lectura | predicciones | ejercicios | en total |\n|---|---:|---:|---:|---:|\n",
        "| lesson | reading | predictions | exercises | in all |\n|---|---:|---:|---:|---:|\n",
    ).to_owned();
    for (number, lesson) in lessons {
        let minutes = Minutes::of(lesson, number);
        let of = [
            minutes.reading,
            minutes.predictions,
            minutes.exercises,
            minutes.all(),
        ];
        let row = of.map(|minutes| minutes.to_string()).join(" | ");
        text += &format!("| {} | {row} |\n", lesson.title);
    }
    text
}

/// Where a cell is, for whoever has the notebook open: the heading above it, and the number that a run gives to code.
fn place(lesson: &Lesson, id: &str) -> (String, Option<usize>) {
    let at = lesson.cells.iter().position(|cell| cell.id == id);
    let at = at.unwrap_or_else(|| panic!("no cell {id} in {}", lesson.file));
    let headings = |cell: &Cell| -> Vec<String> {
        let lines = cell
            .text
            .lines()
            .filter(|line| !cell.is_code && line.starts_with('#'));
        lines
            .map(|line| line.trim_start_matches(['#', ' ']).to_owned())
            .collect()
    };
    // A cell of text may begin with what belongs to the heading before: its own first heading is what is meant.
    let own = headings(&lesson.cells[at]).into_iter().next();
    let above = || {
        lesson.cells[..at]
            .iter()
            .rev()
            .find_map(|cell| headings(cell).pop())
    };
    let heading = own.or_else(above).unwrap_or_default();
    let code = lesson.cells[..=at]
        .iter()
        .filter(|cell| cell.is_code)
        .count();
    (heading, lesson.cells[at].is_code.then_some(code))
}

/// Slide by slide of the unit, where the lessons say and show it.
fn slides(lessons: &BTreeMap<String, Lesson>, language: Language) -> String {
    let code = language.pick("es", "en");
    let mut text = language
        .pick(
            "| diapositiva | qué dice | lección y celda |\n|---|---|---|\n",
            "| slide | what it says | lesson and cell |\n|---|---|---|\n",
        )
        .to_owned();
    for slide in slide_list() {
        let mut places = String::new();
        let (mut lesson_before, mut heading_before) = ("", String::new());
        for id in slide["cells"].as_array().expect("cells") {
            let (number, id) = id
                .as_str()
                .and_then(|id| id.split_once(' '))
                .expect("lesson id");
            let lesson = &lessons[number];
            let (heading, cell) = place(lesson, id);
            if lesson_before != number {
                let name: usize = number.parse().expect("a number");
                let mark = if places.is_empty() { "" } else { "<br>" };
                places += &format!("{mark}[{name}](../{code}/{}) › {heading}", lesson.file);
            } else if heading_before != heading {
                places += &format!("; {heading}");
            }
            places += &cell.map(|cell| format!(" [{cell}]")).unwrap_or_default();
            (lesson_before, heading_before) = (number, heading);
        }
        let says = joined(&slide[code]);
        text += &format!("| {} | {says} | {} |\n", joined(&slide["slide"]), places);
    }
    text
}

/// A guide with its made parts as they must be.
pub(super) fn filled(
    guide: &str,
    lessons: &BTreeMap<String, Lesson>,
    language: Language,
) -> String {
    let mut parts = guide.split(MADE);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->").expect("a name");
        let end = rest.split_once(END);
        let (_, after) = end.unwrap_or_else(|| panic!("{name} has no end"));
        let made = match name {
            "minutes" => minutes(lessons, language),
            "slides" => slides(lessons, language),
            number => {
                let lesson = lessons.get(number);
                key(
                    lesson.unwrap_or_else(|| panic!("no lesson {number}")),
                    number,
                    language,
                )
            }
        };
        text += &format!("{MADE}{name} -->\n{made}{END}{after}");
    }
    text
}
