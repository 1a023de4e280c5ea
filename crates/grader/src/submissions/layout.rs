//! Where submissions are: a folder of folders and archives, the exports of Moodle and Gradescope, a list.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use unicode_normalization::UnicodeNormalization as _;

use super::{Student, Submission, archive::Kind};
use crate::{course::sorted, moment};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// By the students' ids.
    pub submissions: Vec<Submission>,
    /// The names of what belongs to nobody.
    pub ignored: Vec<String>,
}

/// The files that Gradescope puts beside submissions, and that settings stand in.
const BESIDE: [&str; 2] = ["submission_metadata.yml", "late.toml"];

/// Finds the submissions at `path`: a folder, or a CSV list with the columns `student`, `path` and, if wanted, `handed_in`,
/// `name`, `email`.
///
/// # Errors
/// When it cannot be read, or there is nothing.
pub fn find(path: &Path) -> Result<Found, String> {
    let is = fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut found = match is.is_dir() {
        true => folder(path)?,
        false
            if path
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case("csv")) =>
        {
            list(path)?
        }
        false => {
            return Err(format!(
                "{}: give a folder with a folder or an archive for each student, or a CSV list; unpack an archive of them all first",
                path.display()
            ));
        }
    };
    if found.submissions.is_empty() {
        return Err(format!(
            "{}: there are no submissions: a folder, a zip or a tar.gz for each student is looked for",
            path.display()
        ));
    }
    (found.submissions).sort_by(|a, b| a.student.id.cmp(&b.student.id));
    Ok(found)
}

fn folder(root: &Path) -> Result<Found, String> {
    let mut found = Found::default();
    let mut by_id: BTreeMap<String, Submission> = BTreeMap::new();
    let mut of_platform = gradescope(root)?;
    for path in sorted(root)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name: String = name.nfc().collect();
        if name.starts_with('.') || name == "__MACOSX" || BESIDE.contains(&name.as_str()) {
            continue;
        }
        if let Some(submitters) = of_platform.remove(&name) {
            for (student, handed_in) in submitters {
                let submission = Submission {
                    sources: vec![path.clone()],
                    handed_in,
                    student,
                };
                if let Some(twice) = by_id.insert(submission.student.id.clone(), submission) {
                    return Err(format!("{name}: {} is there twice", twice.student.id));
                }
            }
            continue;
        }
        // A link is somebody's, too, who is told that it is not followed.
        let is = fs::symlink_metadata(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let stem = match Kind::split(&name) {
            Some((stem, _)) if !is.is_dir() => Some(stem),
            _ => (!is.is_file()).then_some(name.as_str()),
        };
        let student = match (moodle_file(&name), stem) {
            (Some((student, _)), _) => student,
            (None, Some(stem)) => named(stem),
            (None, None) => {
                found.ignored.push(name);
                continue;
            }
        };
        let entry = by_id.entry(student.id.clone());
        let submission = entry.or_insert_with(|| Submission {
            student,
            sources: Vec::new(),
            handed_in: None,
        });
        submission.sources.push(path);
    }
    found.submissions = by_id.into_values().collect();
    Ok(found)
}

fn named(name: &str) -> Student {
    Student {
        id: name.to_owned(),
        name: name.to_owned(),
        ..Student::default()
    }
}

/// Moodle's names: `Ana García_1234567_assignsubmission_file` of a folder, with `_` and a file's name behind it of a file.
pub(super) fn moodle_file(name: &str) -> Option<(Student, &str)> {
    let (who, file) = name.split_once("_assignsubmission_file")?;
    let (name, number) = who.rsplit_once('_')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let student = Student {
        id: format!("{name}_{number}"),
        name: name.to_owned(),
        moodle: number.to_owned(),
        ..Student::default()
    };
    (is_number && !name.is_empty()).then(|| (student, file.trim_start_matches('_')))
}

/// Students, and when they handed in.
type Submitters = Vec<(Student, Option<i64>)>;

/// Who handed in which folder of an export of Gradescope, from the simple YAML that lies in it.
fn gradescope(root: &Path) -> Result<BTreeMap<String, Submitters>, String> {
    let path = root.join(BESIDE[0]);
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(BTreeMap::new());
    };
    let mut all: BTreeMap<String, Submitters> = BTreeMap::new();
    let mut folder = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        let begins = line.starts_with("- ");
        let Some((key, value)) = line
            .trim_start_matches("- ")
            .split_once(':')
            .and_then(|it| {
                // Keys are symbols of Ruby: `:name: Ada`.
                match it {
                    ("", rest) => rest.split_once(':'),
                    it => Some(it),
                }
            })
        else {
            continue;
        };
        let value = value.trim().trim_matches(['\'', '"']);
        if indent == 0 && value.is_empty() {
            folder = key.to_owned();
            all.insert(folder.clone(), Vec::new());
            continue;
        }
        let Some(here) = all.get_mut(&folder) else {
            continue;
        };
        if begins && key == "name" {
            here.push((named(value), None));
        } else if let Some((last, _)) = here.last_mut()
            && !value.is_empty()
            && key == "sid"
        {
            last.id = value.to_owned();
        } else if let Some((last, _)) = here.last_mut()
            && key == "email"
        {
            last.email = value.to_owned();
        } else if key == "created_at" && indent == 2 {
            let at = moment::parse(value, false).map_err(|e| format!("{}: {e}", path.display()))?;
            here.iter_mut()
                .for_each(|(_, handed_in)| *handed_in = Some(at));
        }
    }
    all.retain(|_, submitters| !submitters.is_empty());
    Ok(all)
}

fn list(path: &Path) -> Result<Found, String> {
    let shown = path.display();
    let base = path.parent().unwrap_or(Path::new(""));
    let text = fs::read(path).map_err(|e| format!("{shown}: {e}"))?;
    let text = String::from_utf8(text)
        .map_err(|_| format!("{shown}: not UTF-8: save the list as `CSV UTF-8`"))?;
    let text = text.trim_start_matches('\u{feff}');
    // Spreadsheets of some languages separate by `;`.
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|e| format!("{shown}: {e}"))?;
    let column = |name: &str| headers.iter().position(|it| it.eq_ignore_ascii_case(name));
    let needed = |name: &str| {
        column(name).ok_or_else(|| {
            format!("{shown}:1: no column `{name}`; the first line is `student,path` or `student,path,handed_in`")
        })
    };
    let (student, source) = (needed("student")?, needed("path")?);
    let (handed_in, name, email) = (column("handed_in"), column("name"), column("email"));
    let mut found = Found::default();
    let mut ids = BTreeSet::new();
    for row in reader.records() {
        let row = row.map_err(|e| format!("{shown}: {e}"))?;
        let line = row.position().map_or(0, csv::Position::line);
        let get = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
        let id: String = get(Some(student)).nfc().collect();
        let at = get(Some(source));
        if id.is_empty() || at.is_empty() {
            return Err(format!("{shown}:{line}: a student or a path is missing"));
        }
        if !ids.insert(id.clone()) {
            return Err(format!("{shown}:{line}: {id} is there twice"));
        }
        let handed_in = match get(handed_in) {
            "" => None,
            time => Some(moment::parse(time, false).map_err(|e| format!("{shown}:{line}: {e}"))?),
        };
        let name = match get(name) {
            "" => id.clone(),
            name => name.nfc().collect(),
        };
        found.submissions.push(Submission {
            student: Student {
                id,
                name,
                email: get(email).to_owned(),
                moodle: String::new(),
            },
            sources: vec![base.join(PathBuf::from(at))],
            handed_in,
        });
    }
    Ok(found)
}
