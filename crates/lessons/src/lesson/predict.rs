//! Predictions: what a student expects goes in first, and only then does the result show, with what to make of the difference.
//!
//! ```
//! # unsafe { std::env::set_var("GRADUS_PREDICTIONS", "open") };
//! use gradus::prelude::*;
//! predict("02.A", "b").sure(70);            // before the experiment
//! let result = "what the experiment gave";
//! println!("{}", reveal("02.A", result));   // after it
//! println!("{}", predictions());            // all of one's own, right and wrong
//! ```
//!
//! What was predicted is kept in `.gradus/predictions.json`, in the folder of the course: nothing leaves the machine. `gradus run`,
//! which runs notebooks when nobody is there to predict, sets `GRADUS_PREDICTIONS=open`, and everything shows.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use gradus_text::Language;
use gradus_text::display::{Show, show};
use gradus_text::html::{escape, preformatted};
use serde::{Deserialize, Serialize};

use super::exercise::{Exercise, Given};
use super::{Answer, html};

/// Another file for the predictions, or `open`: nobody predicts, and everything shows.
const PLACE: &str = "GRADUS_PREDICTIONS";
const OPEN: &str = "open";
/// What stands in a notebook where the answer goes.
const BLANK: &str = "?";

/// What was predicted before an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    answer: Answer,
    /// In per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sure: Option<f64>,
    /// The result was shown: it stays as it is.
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    right: bool,
}

type Entries = BTreeMap<String, Entry>;

/// What became of a prediction: see [`predict`].
#[derive(Clone, Debug)]
pub struct Prediction {
    id: String,
    language: Language,
    /// Whether there is an answer to be sure of.
    counts: bool,
    message: String,
}

/// What was expected, beside what came out: see [`reveal`].
#[derive(Clone, Debug)]
pub struct Revealed<T> {
    /// Nothing before there is a prediction.
    result: Option<T>,
    id: String,
    said: Option<(bool, String)>,
}

/// All predictions of a student: see [`predictions`].
#[derive(Clone, Debug)]
pub struct Predictions {
    language: Language,
    rows: Vec<(String, Entry)>,
}

/// Write down what an experiment will show: the letter of an option, or a number. It can be changed until [`reveal`] has shown the
/// result; then it stays.
pub fn predict(id: &str, answer: impl Into<Answer>) -> Prediction {
    predict_in(&place(), Language::current(), id, answer.into())
}

/// Show the result of an experiment, once there is a prediction; and beside it how right that was.
pub fn reveal<T>(id: &str, result: T) -> Revealed<T> {
    reveal_in(&place(), Language::current(), id, result)
}

/// All of one's own predictions whose results have been shown: which were right, and how sure one was.
pub fn predictions() -> Predictions {
    let entries = place().map(|file| read(&file)).unwrap_or_default();
    let rows = entries.into_iter().filter(|(_, entry)| entry.locked);
    Predictions {
        language: Language::current(),
        rows: rows.collect(),
    }
}

fn predict_in(file: &Option<PathBuf>, language: Language, id: &str, answer: Answer) -> Prediction {
    let of = |counts, message: String| Prediction {
        id: id.to_owned(),
        language,
        counts,
        message,
    };
    let exercise = match find(id, language) {
        Ok(exercise) => exercise,
        Err(problem) => return of(false, problem),
    };
    let asked = exercise.asked(language);
    let is_blank =
        matches!(&answer, Answer::Text(text) if text.trim() == BLANK || text.trim().is_empty());
    let Some(file) = file else {
        return of(false, asked);
    };
    if is_blank {
        let words = language.pick(
            "Escribe tu respuesta en lugar de `?` y ejecuta la celda; el resultado se verá después.",
            "Write your answer in place of `?` and run the cell; the result shows after that.",
        );
        return of(false, format!("{words} {asked}"));
    }
    if let Err(problem) = exercise.accepts_kind(&Given::Value(answer.clone()), language) {
        return of(false, problem);
    }
    let mut entries = read(file);
    if let Some(before) = entries.get(id).filter(|before| before.locked) {
        let first = before.answer.written();
        let words = match before.answer == answer {
            true => language.pick(
                format!("Ya lo predijiste: {first}."),
                format!("You have predicted that: {first}."),
            ),
            false => language.pick(
                format!("Tu predicción fue {first}, y ya has visto el resultado: se queda así."),
                format!("Your prediction was {first}, and you have seen the result: it stays."),
            ),
        };
        return of(false, words);
    }
    let noted = language.pick(
        format!(
            "Anotado: {}. Ahora ejecuta la celda siguiente.",
            answer.written()
        ),
        format!("Noted: {}. Now run the next cell.", answer.written()),
    );
    let entry = Entry {
        answer,
        sure: None,
        locked: false,
        right: false,
    };
    entries.insert(id.to_owned(), entry);
    match write(file, &entries) {
        Ok(()) => of(true, noted),
        Err(problem) => of(false, not_written(file, &problem, language)),
    }
}

fn reveal_in<T>(file: &Option<PathBuf>, language: Language, id: &str, result: T) -> Revealed<T> {
    let mut revealed = Revealed {
        result: Some(result),
        id: id.to_owned(),
        said: None,
    };
    let (Some(file), Ok(exercise)) = (file, find(id, language)) else {
        return revealed;
    };
    let mut entries = read(file);
    let Some(entry) = entries.get_mut(id) else {
        revealed.result = None;
        let words = language.pick(
            "Antes, predice: escribe tu respuesta en la celda de arriba y ejecútala. Después ejecuta esta otra vez.",
            "First predict: write your answer in the cell above and run it. Then run this one again.",
        );
        revealed.said = Some((false, words.to_owned()));
        return revealed;
    };
    let (right, why) = exercise.foretold(&Given::Value(entry.answer.clone()), language);
    let answer = entry.answer.written();
    let sure = entry.sure.map(|sure| {
        let sure = sure.round();
        language.pick(
            format!(", con un {sure} % de seguridad"),
            format!(", {sure} % sure"),
        )
    });
    let sure = sure.unwrap_or_default();
    let mut said = language.pick(
        format!("Predijiste {answer}{sure}. {why}"),
        format!("You predicted {answer}{sure}. {why}"),
    );
    if (entry.locked, entry.right) != (true, right) {
        (entry.locked, entry.right) = (true, right);
        if let Err(problem) = write(file, &entries) {
            said = format!("{said} {}", not_written(file, &problem, language));
        }
    }
    revealed.said = Some((right, said));
    revealed
}

fn find(id: &str, language: Language) -> Result<Exercise, String> {
    super::find_in(super::predictions_of_all(), id, language)
}

/// The file of the predictions: none where everything shows.
fn place() -> Option<PathBuf> {
    match env::var_os(PLACE) {
        Some(open) if open == OPEN => None,
        Some(file) if !file.is_empty() => Some(file.into()),
        _ => Some(of_the_course(&env::current_dir().unwrap_or_default())),
    }
}

/// In the nearest folder above this one that is the course's or anybody's project; else here.
fn of_the_course(here: &Path) -> PathBuf {
    let marks = [".gradus", "Cargo.lock", ".git"];
    let mut above = here.ancestors();
    let root = above.find(|folder| marks.iter().any(|mark| folder.join(mark).exists()));
    root.unwrap_or(here).join(".gradus/predictions.json")
}

/// A file that cannot be read has nothing in it; it is put aside before another takes its place.
fn read(file: &Path) -> Entries {
    let text = fs::read(file).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn write(file: &Path, entries: &Entries) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let was_whole = match fs::read(file) {
        Ok(text) => serde_json::from_slice::<Entries>(&text).is_ok(),
        Err(_) => true,
    };
    if !was_whole {
        fs::rename(file, file.with_extension("damaged.json"))?;
    }
    let new = file.with_extension(format!("{}.new", std::process::id()));
    fs::write(&new, serde_json::to_vec_pretty(entries)?)?;
    fs::rename(new, file)
}

fn not_written(file: &Path, problem: &io::Error, language: Language) -> String {
    let file = file.display();
    language.pick(
        format!("La predicción no se ha podido guardar en {file}: {problem}."),
        format!("The prediction could not be kept in {file}: {problem}."),
    )
}

impl Prediction {
    /// How sure you are, in per cent: from 0 to 100.
    pub fn sure(self, percent: impl Into<f64>) -> Prediction {
        self.sure_in(&place(), percent.into())
    }

    fn sure_in(mut self, file: &Option<PathBuf>, percent: f64) -> Prediction {
        let (Some(file), true) = (file, self.counts) else {
            return self;
        };
        if !(0.0..=100.0).contains(&percent) {
            let words = self.language.pick(
                "La seguridad va de 0 a 100.",
                "How sure one is goes from 0 to 100.",
            );
            self.message = format!("{} {words}", self.message);
            return self;
        }
        let mut entries = read(file);
        if let Some(entry) = entries.get_mut(&self.id) {
            entry.sure = Some(percent);
            if let Err(problem) = write(file, &entries) {
                self.message = not_written(file, &problem, self.language);
            }
        }
        self
    }
}

impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.message)
    }
}

impl Show for Prediction {
    fn forms(&self) -> Vec<(&'static str, String)> {
        let boxed = framed("#0072b2", "🔒", &self.id, &self.message);
        vec![("text/html", boxed), ("text/plain", self.to_string())]
    }
}

/// A message beside a coloured line.
pub(super) fn framed(colour: &str, sign: impl fmt::Display, id: &str, message: &str) -> String {
    format!(
        "<div role=\"status\" style=\"border-left:4px solid {colour};padding:.3em .8em\"><strong>{sign} {}</strong> {}</div>",
        escape(id),
        html(message)
    )
}

impl<T> Revealed<T> {
    /// The result, where it is shown.
    pub fn result(&self) -> Option<&T> {
        self.result.as_ref()
    }

    fn sign(right: bool) -> &'static str {
        if right { "✓" } else { "✗" }
    }

    fn notes(&self) -> Option<Vec<(&'static str, String)>> {
        let (right, words) = self.said.as_ref()?;
        let (colour, sign) = match (&self.result, right) {
            (None, _) => ("#0072b2", "🔒"),
            (_, true) => ("#009e73", Self::sign(true)),
            (_, false) => ("#d55e00", Self::sign(false)),
        };
        let text = format!("{sign} {}: {words}", self.id);
        let boxed = framed(colour, sign, &self.id, words);
        Some(vec![("text/html", boxed), ("text/plain", text)])
    }
}

struct Forms(Vec<(&'static str, String)>);

impl Show for Forms {
    fn forms(&self) -> Vec<(&'static str, String)> {
        self.0.clone()
    }
}

impl<T: Show> Show for Revealed<T> {
    fn forms(&self) -> Vec<(&'static str, String)> {
        match (&self.result, self.notes()) {
            (Some(result), _) => result.forms(),
            (None, notes) => notes.unwrap_or_default(),
        }
    }

    fn evcxr_display(&self) {
        if let Some(result) = &self.result {
            result.evcxr_display();
        }
        if let Some(notes) = self.notes() {
            show(&Forms(notes));
        }
    }
}

impl<T: fmt::Display> fmt::Display for Revealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(result) = &self.result {
            writeln!(f, "{result}")?;
        }
        let text = self.notes().and_then(|mut notes| notes.pop());
        f.write_str(&text.map(|(_, text)| text).unwrap_or_default())
    }
}

impl fmt::Display for Predictions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let language = self.language;
        if self.rows.is_empty() {
            return f.write_str(language.pick(
                "Todavía no hay ninguna predicción con su resultado a la vista.",
                "There is no prediction yet whose result has been shown.",
            ));
        }
        for (id, entry) in &self.rows {
            let sign = Revealed::<()>::sign(entry.right);
            let sure = entry.sure.map(|sure| format!("{:.0} %", sure));
            let sure = sure.unwrap_or_default();
            writeln!(f, "{sign} {id:<6} {:<12} {sure:>6}", entry.answer.written())?;
        }
        let count = |rows: &mut dyn Iterator<Item = &(String, Entry)>| {
            let rights: Vec<bool> = rows.map(|(_, entry)| entry.right).collect();
            (rights.iter().filter(|right| **right).count(), rights.len())
        };
        let (right, all) = count(&mut self.rows.iter());
        let words = language.pick("aciertos", "right");
        write!(f, "{right}/{all} {words}")?;
        let bands = [(0.0, 60.0), (60.0, 80.0), (80.0, 101.0)];
        for (from, to) in bands {
            let within = |(_, entry): &&(String, Entry)| {
                entry.sure.is_some_and(|sure| (from..to).contains(&sure))
            };
            let (right, all) = count(&mut self.rows.iter().filter(within));
            if all > 0 {
                let to = f64::min(to, 100.0);
                write!(
                    f,
                    "\n{}",
                    language.pick(
                        format!("con una seguridad del {from} al {to} %: {right} de {all}"),
                        format!("when {from} to {to} % sure: {right} of {all}"),
                    )
                )?;
            }
        }
        Ok(())
    }
}

impl Show for Predictions {
    fn forms(&self) -> Vec<(&'static str, String)> {
        let text = self.to_string();
        vec![("text/html", preformatted(&text)), ("text/plain", text)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, Option<PathBuf>) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("course/predictions.json");
        (folder, Some(file))
    }

    fn shown(revealed: &Revealed<&str>) -> (bool, String) {
        (revealed.result().is_some(), revealed.to_string())
    }

    #[test]
    fn every_prediction_is_complete() {
        let all = crate::lesson::predictions_of_all();
        assert!(!all.is_empty());
        for prediction in all {
            let id = prediction.id;
            let letter = id.split_once('.').map(|(_, letter)| letter);
            assert!(
                letter.is_some_and(
                    |letter| letter.len() == 1 && letter.as_bytes()[0].is_ascii_uppercase()
                ),
                "{id} is not like 02.A"
            );
            prediction
                .lint_prediction()
                .unwrap_or_else(|problem| panic!("{id}: {problem}"));
        }
    }

    #[test]
    fn a_result_shows_after_a_prediction_which_then_stays() {
        let (_folder, file) = file();
        let en = Language::En;
        let (visible, text) = shown(&reveal_in(&file, en, "02.A", "the result"));
        assert!(
            !visible && !text.contains("the result") && text.contains("First predict"),
            "{text}"
        );
        let blank = predict_in(&file, en, "02.A", "?".into());
        assert!(blank.to_string().contains("in place of"), "{blank}");
        let (visible, _) = shown(&reveal_in(&file, en, "02.A", "the result"));
        assert!(!visible, "a blank is no prediction");
        let odd = predict_in(&file, en, "02.A", "z".into());
        assert!(odd.to_string().contains("options are"), "{odd}");
        predict_in(&file, en, "02.A", "a".into());
        let noted = predict_in(&file, en, "02.A", "B".into()).sure_in(&file, 70.0);
        assert!(noted.to_string().contains("Noted: B"), "{noted}");
        let (visible, text) = shown(&reveal_in(&file, en, "02.A", "the result"));
        assert!(visible && text.contains("the result"), "{text}");
        assert!(text.contains("You predicted B, 70 % sure."), "{text}");
        let late = predict_in(&file, en, "02.A", "c".into());
        assert!(late.to_string().contains("it stays"), "{late}");
        assert_eq!(
            read(file.as_deref().expect("a file"))["02.A"].answer,
            "B".into()
        );
    }

    #[test]
    fn where_nobody_predicts_everything_shows_and_nothing_is_written() {
        let en = Language::En;
        let said = predict_in(&None, en, "02.A", "?".into()).sure_in(&None, 5.0);
        assert!(said.to_string().contains("02.A"), "{said}");
        let (visible, text) = shown(&reveal_in(&None, en, "02.A", "the result"));
        assert_eq!((visible, text.trim()), (true, "the result"));
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_an_unknown_name_lists_those_there_are() {
        let (_folder, file) = file();
        let path = file.as_deref().expect("a file");
        fs::create_dir_all(path.parent().expect("a folder")).expect("to make it");
        fs::write(path, "{ not json").expect("to write");
        predict_in(&file, Language::Es, "02.A", "a".into());
        assert_eq!(read(path).len(), 1);
        let aside = path.with_extension("damaged.json");
        assert_eq!(fs::read_to_string(aside).expect("kept"), "{ not json");
        let unknown = predict_in(&file, Language::Es, "02.Z", "a".into());
        assert!(unknown.to_string().contains("02.A"), "{unknown}");
        let hints = crate::lesson::hint("02.1");
        assert!(!hints.to_string().contains("02.A"));
    }

    #[test]
    fn the_record_says_how_sure_and_how_right_one_was() {
        let row = |id: &str, sure, right| {
            let entry = Entry {
                answer: "a".into(),
                sure,
                locked: true,
                right,
            };
            (id.to_owned(), entry)
        };
        let rows = vec![
            row("02.A", Some(90.0), true),
            row("02.B", Some(95.0), false),
            row("02.C", None, true),
        ];
        let record = Predictions {
            language: Language::En,
            rows,
        };
        let text = record.to_string();
        assert!(text.contains("2/3 right"), "{text}");
        assert!(text.contains("80 to 100 % sure: 1 of 2"), "{text}");
    }
}
