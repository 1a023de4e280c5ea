//! Pages for people: one for each student, and one about the class. Each is one file that needs nothing else, runs no program, and
//! has both languages where both are wanted.

mod class;
mod page;
mod plot;
mod student;

use std::{fs, path::Path};

use gradus_exercise::Language;
use sha2::{Digest, Sha256};

use crate::{
    Course,
    gradebook::{Gradebook, Standing},
    grading,
    release::put,
};

pub use class::{Overview, class};
pub use student::student;

/// Writes the pages that changed: `feedback/lab2/….html` for each student, and `lab2.html` about the class.
///
/// # Errors
/// When the gradebook cannot be read or a page cannot be written.
pub fn write(
    out: &Path,
    course: &Course,
    lab: &str,
    gradebook: &Gradebook,
    langs: &[Language],
) -> Result<(), String> {
    let standings = gradebook.standings(lab, None)?;
    for standing in &standings {
        one(out, course, lab, standing, langs)?;
    }
    let given = grading::given(course, lab);
    let overview = Overview {
        lab,
        standings: &standings,
        given: &given,
        pages: &format!("feedback/{lab}"),
    };
    renew(&out.join(format!("{lab}.html")), &class(&overview, langs))
}

/// Writes the page of one student.
fn one(
    out: &Path,
    course: &Course,
    lab: &str,
    standing: &Standing,
    langs: &[Language],
) -> Result<(), String> {
    let exercises = course.labs.iter().find(|it| it.name == lab);
    let exercises = exercises.map_or(&[] as &[_], |lab| &lab.exercises);
    let path = out
        .join("feedback")
        .join(lab)
        .join(file_name(&standing.student.id));
    renew(&path, &student(lab, standing, exercises, langs))
}

fn renew(path: &Path, page: &str) -> Result<(), String> {
    match fs::read(path) {
        Ok(before) if before == page.as_bytes() => Ok(()),
        _ => put(path, page.as_bytes()),
    }
}

/// A name of a file for a student: what of the id can be in one, and something that tells it from others.
///
/// ```
/// let name = gradus_grader::feedback::file_name("José Núñez/../x");
/// assert!(name.starts_with("Jos-N-ez-x-") && name.ends_with(".html"));
/// ```
pub fn file_name(student: &str) -> String {
    let digest = Sha256::digest(student.as_bytes());
    let hash: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    let words: Vec<&str> = (student.split(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let words: String = words.join("-").chars().take(60).collect();
    match words.as_str() {
        "" => format!("{hash}.html"),
        words => format!("{words}-{hash}.html"),
    }
}

#[cfg(test)]
mod tests;
